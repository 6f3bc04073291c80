// SPDX-License-Identifier: GPL-2.0
/* Groups and users: aggressive mode, login, what clients are given. */
#include <errno.h>

#include "ctl.h"
#include "state.h"
#include "test_vpnd_peer.h"

#define BASE									\
	"crypto isakmp policy 1\n hash md5\n authentication pre-share\n"	\
	"crypto isakmp client configuration address-pool local ourpool\n"	\
	"crypto ipsec transform-set trans1 esp-des esp-md5-hmac\n"		\
	"crypto dynamic-map dynmap 10\n set transform-set trans1\n"		\
	"crypto map intmap client configuration address respond\n"		\
	"crypto map intmap 10 ipsec-isakmp dynamic dynmap\n"			\
	"interface Ethernet0\n ip address 201.70.32.101 255.255.255.0\n crypto map intmap\n" \
	"ip local pool ourpool 10.2.1.1 10.2.1.3\n"				\
	"aaa new-model\n"
#define STAFF									\
	"aaa authorization network groups local\n"				\
	"crypto map intmap isakmp authorization list groups\n"			\
	"crypto isakmp client configuration group staff\n"			\
	" key group-key\n dns 10.2.2.5 10.2.2.6\n wins 10.2.2.7\n domain example.org\n"	\
	" split-dns a.example\n split-dns b.example\n pool staffpool\n acl 120\n"	\
	" netmask 255.255.255.0\n save-password\n banner #Hello#\n"			\
	"ip local pool staffpool 10.3.0.1 10.3.0.2\n"				\
	"ip local pool staffpool 10.3.0.9\n"					\
	"access-list 120 permit ip 10.2.2.0 0.0.0.255 any\n"			\
	"access-list 120 permit tcp host 10.9.0.1 any\n"			\
	"access-list 120 deny ip any any\n"
/* bob's password is "hashed" */
#define USERS									\
	"aaa authentication login users local\n"				\
	"crypto map intmap client authentication list users\n"			\
	"username alice password 0 look through it\n"				\
	"username bob secret 5 $1$vpngw$xZtlaHekxPKhhgcDjWtHJ1\n"

/* the peer's address is that of a site */
#define SITE									\
	"crypto map intmap 5 ipsec-isakmp\n set peer 201.70.32.82\n"		\
	" set transform-set trans1\n match address 130\n"			\
	"access-list 130 permit ip 10.2.2.0 0.0.0.255 10.4.0.0 0.0.255.255\n"

#define STAFF_ADDR 0x0a030001

static void staff(struct peer *p, struct world *w, uint32_t addr)
{
	peer_init(p, w, addr);
	p->psk = "group-key";
	p->name = "staff";
	p->auth = IKE_AUTH_XAUTH_PSK;
}

static bool aggressive(struct peer *p)
{
	peer_aggressive_1(p);
	if (!peer_aggressive_2(p))
		return false;
	assert_true(p->hash_r);
	peer_aggressive_3(p, true);
	return true;
}

/* Takes a REQUEST for a login; its message ID, or 0. */
static uint32_t asked(struct peer *p, struct iv *iv)
{
	struct received r;
	struct msg_cfg cfg;

	memset(iv, 0, sizeof(*iv));
	if (!peer_take(p, &r, MSG_TRANSACTION, iv))
		return 0;
	msg_read_cfg(msg_find(&r.m, PLD_ATTR, 0), &cfg);
	if (cfg.type != CFG_REQUEST)
		return 0;
	assert_int_equal(cfg.n, 3);
	assert_int_equal(cfg.attr[0].type, CFG_XAUTH_TYPE);
	assert_int_equal(cfg.attr[0].value, XAUTH_GENERIC);
	assert_int_equal(cfg.attr[1].type, CFG_XAUTH_USER_NAME);
	assert_int_equal(cfg.attr[1].body.len, 0);
	assert_int_equal(cfg.attr[2].type, CFG_XAUTH_USER_PASSWORD);
	return r.m.hdr.msgid;
}

static void answer(struct peer *p, uint32_t msgid, struct iv *iv, const char *name,
		   const char *password)
{
	const struct peer_attr attrs[] = {
		{ CFG_XAUTH_TYPE, NULL, 0 }, { CFG_XAUTH_USER_NAME, name, 0 },
		{ CFG_XAUTH_USER_PASSWORD, password, 0 }, { 0 },
	};

	peer_attrs(p, CFG_REPLY, msgid, iv, attrs);
}

/* Takes SET(STATUS) and acknowledges it; -1 if there is none. */
static int status(struct peer *p)
{
	static const struct peer_attr ack[] = { { CFG_XAUTH_STATUS, "", 0 }, { 0 } };
	struct iv iv = { 0 };
	struct received r;
	struct msg_cfg cfg;

	if (!peer_take(p, &r, MSG_TRANSACTION, &iv))
		return -1;
	msg_read_cfg(msg_find(&r.m, PLD_ATTR, 0), &cfg);
	assert_int_equal(cfg.type, CFG_SET);
	assert_int_equal(cfg.n, 1);
	assert_int_equal(cfg.attr[0].type, CFG_XAUTH_STATUS);
	peer_attrs(p, CFG_ACK, r.m.hdr.msgid, &iv, ack);
	return cfg.attr[0].value;
}

static bool login(struct peer *p, const char *name, const char *password)
{
	struct iv iv;
	uint32_t msgid = asked(p, &iv);

	if (!msgid)
		return false;
	answer(p, msgid, &iv, name, password);
	return status(p) == XAUTH_OK;
}

/* What a client that asks for everything is given, as octets. */
static void attributes(struct peer *p, struct received *r, struct msg_cfg *cfg)
{
	static const struct peer_attr all[] = {
		{ CFG_IP4_ADDRESS, "", 0 }, { CFG_IP4_NETMASK, "", 0 }, { CFG_IP4_DNS, "", 0 },
		{ CFG_IP4_NBNS, "", 0 }, { CFG_UNITY_DOMAIN, "", 0 }, { CFG_UNITY_PFS, "", 0 },
		{ CFG_UNITY_BANNER, "", 0 }, { CFG_UNITY_SAVE_PASSWORD, "", 0 },
		{ CFG_UNITY_SPLIT_INCLUDE, "", 0 }, { CFG_UNITY_SPLIT_DNS, "", 0 },
		{ CFG_APP_VERSION, "a client", 0 }, { 0 },
	};
	struct iv iv = { 0 };

	peer_attrs(p, CFG_REQUEST, 0xc0ffee, &iv, all);
	assert_true(peer_take(p, r, MSG_TRANSACTION, &iv));
	msg_read_cfg(msg_find(&r->m, PLD_ATTR, 0), cfg);
	assert_int_equal(cfg->type, CFG_REPLY);
}

static const struct msg_attr *attr(const struct msg_cfg *cfg, uint16_t type, unsigned int nth)
{
	for (uint8_t i = 0; i < cfg->n; i++) {
		if (cfg->attr[i].type == type && !nth--)
			return &cfg->attr[i];
	}
	return NULL;
}

static void assert_attr(const struct msg_cfg *cfg, uint16_t type, unsigned int nth,
			const void *want, size_t len)
{
	const struct msg_attr *a = attr(cfg, type, nth);

	assert_non_null(a);
	assert_int_equal(a->body.len, len);
	assert_memory_equal(a->body.p, want, len);
}

static void whole_way(void **state)
{
	static const char split[] =
		"\x0a\x02\x02\x00\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00"
		"\x0a\x09\x00\x01\xff\xff\xff\xff\x00\x06\x00\x00\x00\x00";
	struct received r;
	struct msg_cfg cfg;
	struct iv early = { 0 };
	struct world w;
	struct peer p;
	uint32_t msgid;
	struct iv iv;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_int_equal(peer_sa(&p)->state, CONF_XAUTH);
	assert_non_null(strstr(world_told(&w), "plus XAUTH"));
	msgid = asked(&p, &iv);
	assert_int_not_equal(msgid, 0);

	/* nothing but a login now */
	peer_quick_1(&p, 4711, PEER_ADDR);
	peer_cfg(&p, CFG_REQUEST, 4712, &early);
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 0);
	peer_notify(&p, N_R_U_THERE, 1, 4713);
	early = (struct iv){ 0 };
	assert_true(peer_take(&p, &r, MSG_INFO, &early));

	answer(&p, msgid, &iv, "alice", "look through it");
	assert_int_equal(status(&p), XAUTH_OK);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_int_equal(w.ike->count.login_ok, 1);
	attributes(&p, &r, &cfg);
	assert_attr(&cfg, CFG_IP4_ADDRESS, 0, "\x0a\x03\x00\x01", 4);
	assert_attr(&cfg, CFG_IP4_NETMASK, 0, "\xff\xff\xff\x00", 4);
	assert_attr(&cfg, CFG_IP4_DNS, 0, "\x0a\x02\x02\x05", 4);
	assert_attr(&cfg, CFG_IP4_DNS, 1, "\x0a\x02\x02\x06", 4);
	assert_attr(&cfg, CFG_IP4_NBNS, 0, "\x0a\x02\x02\x07", 4);
	assert_null(attr(&cfg, CFG_IP4_NBNS, 1));
	assert_attr(&cfg, CFG_UNITY_DOMAIN, 0, "example.org", 11);
	assert_attr(&cfg, CFG_UNITY_SPLIT_DNS, 0, "a.example,b.example", 19);
	assert_attr(&cfg, CFG_UNITY_BANNER, 0, "Hello", 5);
	assert_attr(&cfg, CFG_UNITY_SPLIT_INCLUDE, 0, split, 28);
	assert_int_equal(attr(&cfg, CFG_UNITY_SAVE_PASSWORD, 0)->value, 1);
	assert_int_equal(attr(&cfg, CFG_UNITY_PFS, 0)->value, 0);
	assert_non_null(attr(&cfg, CFG_APP_VERSION, 0));

	peer_quick_1(&p, 4714, STAFF_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->sel.remote, STAFF_ADDR);
	assert_null(strstr(world_told(&w), "look through it"));
	assert_null(strstr(world_told(&w), "group-key"));
	peer_free(&p);
	world_free(&w);
}

/* Only what was asked for, and nothing of a group's to others. */
static void asked_for(void **state)
{
	static const struct peer_attr few[] = {
		{ CFG_IP4_ADDRESS, "", 0 }, { CFG_UNITY_DOMAIN, "", 0 }, { 0 },
	};
	struct iv iv = { 0 };
	struct received r;
	struct msg_cfg cfg;
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_true(login(&p, "bob", "hashed"));
	peer_attrs(&p, CFG_REQUEST, 0xc0ffee, &iv, few);
	assert_true(peer_take(&p, &r, MSG_TRANSACTION, &iv));
	msg_read_cfg(msg_find(&r.m, PLD_ATTR, 0), &cfg);
	assert_int_equal(cfg.n, 2);
	peer_free(&p);
	world_free(&w);

	world_make(&w, BASE "crypto isakmp key cisco123 address 0.0.0.0\n");
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	attributes(&p, &r, &cfg);
	assert_int_equal(cfg.n, 3);
	assert_attr(&cfg, CFG_IP4_ADDRESS, 0, "\x0a\x02\x01\x01", 4);
	assert_attr(&cfg, CFG_IP4_NETMASK, 0, "\xff\xff\xff\xff", 4);
	assert_non_null(attr(&cfg, CFG_APP_VERSION, 0));
	peer_free(&p);
	world_free(&w);
}

/* Where the gateway pushes, it pushes all of it. */
static void pushed(void **state)
{
	struct iv iv = { 0 };
	struct received r;
	struct msg_cfg cfg;
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF USERS
		   "crypto map intmap client configuration address initiate\n");
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_true(login(&p, "alice", "look through it"));
	world_run(&w, IKE_CFG_WAIT_MS);
	assert_true(peer_take(&p, &r, MSG_TRANSACTION, &iv));
	msg_read_cfg(msg_find(&r.m, PLD_ATTR, 0), &cfg);
	assert_int_equal(cfg.type, CFG_SET);
	assert_attr(&cfg, CFG_IP4_ADDRESS, 0, "\x0a\x03\x00\x01", 4);
	assert_attr(&cfg, CFG_IP4_DNS, 1, "\x0a\x02\x02\x06", 4);
	assert_null(attr(&cfg, CFG_APP_VERSION, 0));
	peer_free(&p);
	world_free(&w);
}

/* A group without users: the key is all. */
static void without_login(void **state)
{
	struct received r;
	struct msg_cfg cfg;
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF);
	staff(&p, &w, PEER_ADDR);
	peer_aggressive_1(&p);
	assert_int_equal(w.wire[0].data[18], EXCH_INFO);	/* nobody asks for a login here */
	assert_int_equal(w.ike->n_sas, 0);
	w.n_wire = 0;
	peer_free(&p);

	staff(&p, &w, PEER_ADDR);
	p.auth = IKE_AUTH_PSK;
	assert_true(aggressive(&p));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	attributes(&p, &r, &cfg);
	assert_attr(&cfg, CFG_IP4_ADDRESS, 0, "\x0a\x03\x00\x01", 4);
	peer_free(&p);
	world_free(&w);
}

/* Three wrong passwords, each answered late; then the SA ends. */
static void wrong_password(void **state)
{
	static const char *const names[] = { "alice", "nobody", "bob" };
	char line[] = "show crypto isakmp statistics", *text = NULL;
	struct ctl_request c = { 0 };
	size_t size;
	FILE *f;
	struct received r;
	struct world w;
	struct peer p;
	struct iv iv;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	for (int i = 0; i < IKE_LOGIN_TRIES; i++) {
		uint32_t msgid = asked(&p, &iv);
		struct iv copy = iv;

		assert_int_not_equal(msgid, 0);
		answer(&p, msgid, &iv, names[i], "wrong");
		answer(&p, msgid, &copy, names[i], "wrong");
		assert_int_equal(w.n_wire, 0);
		world_run(&w, IKE_LOGIN_DELAY_MS - 1);
		assert_int_equal(w.n_wire, 0);
		assert_int_equal(peer_sa(&p)->state, CONF_XAUTH);
		world_run(&w, 1);
	}
	assert_int_equal(status(&p), XAUTH_FAIL);
	iv = (struct iv){ 0 };
	assert_true(peer_take(&p, &r, MSG_INFO, &iv));
	assert_non_null(msg_find(&r.m, PLD_DELETE, 0));
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_int_equal(w.ike->count.login_failed, 3);
	assert_int_equal(w.ike->count.login_ok, 0);
	c.ike = w.ike;
	f = open_memstream(&text, &size);
	ctl_answer(&c, line, f);
	fclose(f);
	assert_non_null(strstr(text, "\nlogin failed                                3\n"));
	free(text);
	assert_int_equal(w.ike->pool[1].n_free, 3);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 0);
	assert_null(strstr(world_told(&w), "nobody"));
	peer_free(&p);
	world_free(&w);
}

/* Odd answers: no name, no password, NUL octets, too long, another type, a refusal. */
static void odd_answers(void **state)
{
	static char huge[3000];
	const struct peer_attr cases[][5] = {
		{ { 0 } },
		{ { CFG_XAUTH_USER_NAME, "alice", 0 }, { 0 } },
		{ { CFG_XAUTH_USER_PASSWORD, "look through it", 0 }, { 0 } },
		{ { CFG_XAUTH_USER_NAME, "alice", 0 }, { CFG_XAUTH_USER_PASSWORD, huge, 0 },
		  { 0 } },
		{ { CFG_XAUTH_USER_NAME, huge, 0 }, { CFG_XAUTH_USER_PASSWORD, "x", 0 }, { 0 } },
		{ { CFG_XAUTH_TYPE, NULL, 2 }, { CFG_XAUTH_USER_NAME, "alice", 0 },
		  { CFG_XAUTH_USER_PASSWORD, "look through it", 0 }, { 0 } },
		{ { CFG_XAUTH_STATUS, NULL, 1 }, { CFG_XAUTH_USER_NAME, "alice", 0 },
		  { CFG_XAUTH_USER_PASSWORD, "look through it", 0 }, { 0 } },
		{ { CFG_XAUTH_USER_NAME, "", 0 }, { CFG_XAUTH_USER_PASSWORD, "", 0 }, { 0 } },
	};

	memset(huge, 'x', sizeof(huge) - 1);
	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct world w;
		struct peer p;
		struct iv iv;
		uint32_t msgid;

		world_make(&w, BASE STAFF USERS);
		staff(&p, &w, PEER_ADDR);
		assert_true(aggressive(&p));
		msgid = asked(&p, &iv);
		peer_attrs(&p, CFG_REPLY, msgid, &iv, cases[i]);
		assert_int_equal(peer_sa(&p)->state, CONF_XAUTH);
		assert_int_equal(w.ike->count.login_failed, 1);
		peer_free(&p);
		world_free(&w);
	}
}

/* Whoever guesses from one address has to wait, right or not; others do not. */
static void guard(void **state)
{
	struct world w;
	struct peer p;
	struct iv iv;

	world_make(&w, BASE STAFF USERS);
	for (unsigned int i = 0; i < IKE_LOGIN_FAILS; i++) {
		uint32_t msgid;

		staff(&p, &w, PEER_ADDR);
		assert_true(aggressive(&p));
		msgid = asked(&p, &iv);
		answer(&p, msgid, &iv, "alice", "wrong");
		peer_free(&p);
		w.n_wire = 0;
		w.ike->now += 100;
	}
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_false(login(&p, "alice", "look through it"));
	assert_int_equal(w.ike->count.login_limited, 1);
	peer_free(&p);
	w.n_wire = 0;
	staff(&p, &w, PEER_ADDR + 1);
	assert_true(aggressive(&p));
	assert_true(login(&p, "alice", "look through it"));
	peer_free(&p);

	world_run(&w, IKE_LOGIN_FAILS_MS);
	w.n_wire = 0;
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_true(login(&p, "alice", "look through it"));
	peer_free(&p);
	world_free(&w);
}

/* Nobody answers: asked some times, then it is over. */
static void nobody_types(void **state)
{
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_int_equal(w.ike->n_half, 0);
	world_run(&w, IKE_LOGIN_MS - 1);
	assert_int_equal(peer_sa(&p)->state, CONF_XAUTH);
	assert_in_range(w.n_wire, 3, 1 + IKE_CFG_RETRIES);
	world_run(&w, 1);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	world_run(&w, IKE_PURGE_MS);
	assert_int_equal(w.ike->n_sas, 0);
	peer_free(&p);
	world_free(&w);
}

/* No answer to whoever is no group's, and none at all without groups. */
static void no_answer(void **state)
{
	static const struct {
		const char *conf, *name;
	} v[] = {
		{ BASE STAFF USERS, "stuff" }, { BASE STAFF USERS, "staf" },
		{ BASE STAFF USERS, "staff2" },
		{ BASE STAFF USERS SITE, "staff" },
		{ BASE STAFF USERS "crypto isakmp aggressive-mode disable\n", "staff" },
		{ BASE "crypto isakmp key group-key address 0.0.0.0\n", "staff" },
		{ BASE USERS "crypto isakmp key group-key address 0.0.0.0\n", "staff" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct world w;
		struct peer p;

		world_make(&w, v[i].conf);
		staff(&p, &w, PEER_ADDR);
		p.name = v[i].name;
		peer_aggressive_1(&p);
		assert_int_equal(w.n_wire, 0);
		assert_int_equal(w.ike->n_sas, 0);
		assert_int_equal(w.ike->count.group_unknown, i < 4);
		assert_int_equal(w.ike->count.aggressive_off, i >= 4);
		peer_free(&p);
		world_free(&w);
	}
}

static void wrong_key(void **state)
{
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	p.psk = "group-kez";
	peer_aggressive_1(&p);
	assert_true(peer_aggressive_2(&p));
	assert_false(p.hash_r);
	peer_aggressive_3(&p, false);
	assert_int_equal(peer_sa(&p)->state, AG_INIT_EXCH);
	assert_int_equal(w.ike->count.group_key_wrong, 1);
	peer_aggressive_3(&p, true);		/* no payload chain comes of it */
	assert_int_equal(peer_sa(&p)->state, AG_INIT_EXCH);
	assert_int_equal(w.n_wire, 0);
	world_run(&w, IKE_HALF_OPEN_MS);
	assert_int_equal(w.ike->n_sas, 0);
	peer_free(&p);
	world_free(&w);
}

/* A copy gets the same answer, until the peer has shown the key. */
static void copies(void **state)
{
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF);
	staff(&p, &w, PEER_ADDR);
	p.auth = IKE_AUTH_PSK;
	peer_aggressive_1(&p);
	peer_aggressive_1(&p);
	assert_int_equal(w.n_wire, 2);
	assert_int_equal(w.wire[0].len, w.wire[1].len);
	assert_memory_equal(w.wire[0].data, w.wire[1].data, w.wire[0].len);
	assert_int_equal(w.ike->n_sas, 1);
	assert_true(peer_aggressive_2(&p));
	w.n_wire = 0;
	peer_aggressive_3(&p, false);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	peer_aggressive_3(&p, false);
	peer_aggressive_1(&p);
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);
}

/* What came in clear besides HASH_I could be anybody's. */
static void clear_notify(void **state)
{
	struct world w;
	struct peer p, q;
	struct received r;
	struct msg_cfg cfg;

	world_make(&w, BASE STAFF);
	staff(&p, &w, PEER_ADDR);
	p.auth = IKE_AUTH_PSK;
	assert_true(aggressive(&p));
	attributes(&p, &r, &cfg);
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		staff(&q, &w, PEER_ADDR);
		q.auth = IKE_AUTH_PSK;
		q.initial_contact = true;
		peer_aggressive_1(&q);
		assert_true(peer_aggressive_2(&q));
		peer_aggressive_3(&q, encrypted);
		assert_int_equal(peer_sa(&q)->state, QM_IDLE);
		assert_int_equal(peer_sa(&p)->state, encrypted ? MM_DEAD : QM_IDLE);
		peer_free(&q);
	}
	peer_free(&p);
	world_free(&w);
}

/* Diffie-Hellman for strangers is limited. */
static void rate(void **state)
{
	struct world w;
	struct peer p;

	world_make(&w, BASE STAFF USERS);
	for (unsigned int i = 0; i < 2 * IKE_AGGRESSIVE_RATE; i++) {
		staff(&p, &w, 0x0b000000 + i);
		peer_aggressive_1(&p);
		peer_free(&p);
	}
	assert_int_equal(w.ike->n_sas, IKE_AGGRESSIVE_RATE);
	assert_int_equal(w.ike->count.aggressive_limited, IKE_AGGRESSIVE_RATE);
	world_run(&w, 1000);
	staff(&p, &w, PEER_ADDR);
	peer_aggressive_1(&p);
	assert_true(peer_aggressive_2(&p));
	peer_free(&p);
	world_free(&w);
}

/* A login in main mode, and who is spared it. */
static void main_mode(void **state)
{
	static const char conf[] = BASE USERS
		"crypto isakmp key cisco123 address 0.0.0.0\n"
		"crypto isakmp key cisco123 address 192.0.2.1 no-xauth\n";
	struct world w;
	struct peer p;

	world_make(&w, conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	assert_int_equal(w.ike->n_sas, 0);	/* it does not offer to log in */
	w.n_wire = 0;
	peer_free(&p);

	peer_init(&p, &w, PEER_ADDR);
	p.auth = IKE_AUTH_XAUTH_PSK;
	assert_true(peer_connect(&p));
	assert_int_equal(peer_sa(&p)->state, CONF_XAUTH);
	assert_true(login(&p, "alice", "look through it"));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_int_equal(peer_sa(&p)->id.len, 4 + 5);
	peer_free(&p);

	peer_init(&p, &w, 0xc0000201);
	assert_true(peer_connect(&p));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	peer_free(&p);
	world_free(&w);
}

/* All ranges of a pool are lent, and it refuses when they are. */
static void ranges(void **state)
{
	static const uint32_t want[] = { 0x0a030001, 0x0a030002, 0x0a030009 };
	static const char *const rows[] = {
		"ourpool                  10.2.1.1        10.2.1.3            3       0",
		"staffpool                10.3.0.1        10.3.0.2            0       2",
		"staffpool                10.3.0.9        10.3.0.9            0       1",
	};
	char line[] = "show ip local pool";
	struct ctl_request c = { 0 };
	struct world w;
	struct peer p;
	char *text = NULL;
	size_t size;
	FILE *f;

	world_make(&w, BASE STAFF);
	for (size_t i = 0; i < 4; i++) {
		struct iv iv = { 0 };
		uint32_t addr;

		staff(&p, &w, PEER_ADDR + i);
		p.auth = IKE_AUTH_PSK;
		assert_true(aggressive(&p));
		peer_cfg(&p, CFG_REQUEST, 99, &iv);
		if (i < 3) {
			assert_int_not_equal(peer_set(&p, &iv, &addr), 0);
			assert_int_equal(addr, want[i]);
		} else {
			assert_int_equal(peer_sa(&p)->state, MM_DEAD);
		}
		peer_free(&p);
	}
	c.ike = w.ike;
	f = open_memstream(&text, &size);
	ctl_answer(&c, line, f);
	fclose(f);
	for (size_t i = 0; i < VG_ARRAY_SIZE(rows); i++)
		assert_non_null(strstr(text, rows[i]));
	free(text);
	world_free(&w);
}

/* Another daemon goes on with a user's SA, and knows the group. */
static void adopted(void **state)
{
	struct world w, v;
	struct received r;
	struct msg_cfg cfg;
	struct peer p;
	size_t len;
	char *text;

	world_make(&w, BASE STAFF USERS);
	staff(&p, &w, PEER_ADDR);
	assert_true(aggressive(&p));
	assert_true(login(&p, "alice", "look through it"));
	attributes(&p, &r, &cfg);
	text = state_text(w.ike, &len);
	world_make(&v, BASE STAFF USERS);
	v.ike->now = w.ike->now;
	assert_int_equal(state_adopt(v.ike, text, len), 0);
	free(text);
	p.w = &v;
	assert_non_null(peer_sa(&p));
	assert_string_equal(peer_sa(&p)->group, "staff");
	assert_int_equal(peer_sa(&p)->lease->addr, STAFF_ADDR);
	assert_ptr_equal(peer_sa(&p)->pool, &v.ike->pool[1]);
	assert_int_equal(v.ike->pool[1].n_free, 2);
	peer_free(&p);
	world_free(&v);
	world_free(&w);
}

/* Pools of a group are the same before and after a reload, or it needs a restart. */
static void reloaded(void **state)
{
	struct vpnd_conf *same = conf_new(), *other = conf_new();
	struct vg_diags diags = { 0 };
	struct world w;

	world_make(&w, BASE STAFF USERS);
	assert_int_equal(conf_parse(same, BASE STAFF, strlen(BASE STAFF), &diags), 0);
	assert_int_equal(conf_parse(other, BASE STAFF "ip local pool staffpool 10.3.0.20\n",
				    strlen(BASE STAFF "ip local pool staffpool 10.3.0.20\n"),
				    &diags), 0);
	assert_int_equal(diags.errors, 0);
	assert_int_equal(ike_reload(w.ike, other), -EBUSY);
	assert_int_equal(ike_reload(w.ike, same), 0);
	vg_diags_free(&diags);
	w.ike->conf = w.conf;
	world_free(&w);
	conf_free(same);
	conf_free(other);
}

int group_clients(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_way), cmocka_unit_test(asked_for),
		cmocka_unit_test(pushed), cmocka_unit_test(without_login),
		cmocka_unit_test(wrong_password), cmocka_unit_test(odd_answers),
		cmocka_unit_test(guard), cmocka_unit_test(nobody_types),
		cmocka_unit_test(no_answer), cmocka_unit_test(wrong_key),
		cmocka_unit_test(copies), cmocka_unit_test(clear_notify),
		cmocka_unit_test(rate), cmocka_unit_test(main_mode),
		cmocka_unit_test(ranges), cmocka_unit_test(adopted),
		cmocka_unit_test(reloaded),
	};

	return RUN_GROUP(tests);
}
