// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer ("make fuzz-vpnd"), each target of the table below by its name in
 * FUZZ_VPND. Without a name the first octet says where the rest goes:
 *  - below MSG_KINDS: to the reader of payloads as a message of that kind, and an
 *    SA payload further to the choice of a proposal;
 *  - 250 to 253: first messages of aggressive mode, its last one, answers to a login,
 *    all at a gateway with a group and a user; a configuration;
 *  - 254 and 255: a state file, a command on the control socket;
 *  - else: as a datagram to a gateway, or behind a right HASH, encrypted, into an
 *    authenticated SA, where quick mode, transactions and informational messages
 *    are read by a gateway that believes them.
 */
#include "ctl.h"
#include "natt.h"
#include "proposal.h"
#include "state.h"
#include "test_vpnd_fuzz.h"
#include "test_vpnd_peer.h"

static struct world world, group_world;
static struct peer peer;
static bool ready;

static void on_line(void *arg, enum log_topic topic, const char *line)
{
}

/* A world that lasts, with a daemon that does not: its configuration is read once. */
static void renew(struct world *w, const char *conf)
{
	if (!w->conf) {
		world_make(w, conf);
	} else {
		struct ike *before = w->ike;

		w->ike = ike_new(w->conf);
		assert_non_null(w->ike);
		assert_int_equal(kernel_fake_open(&w->ike->kernel), 0);
		w->ike->send = before->send;
		w->ike->send_arg = w;
		w->ike->now = before->now;
		ike_free(before);
	}
	w->ike->log = (struct log){ on_line, NULL, 0 };
	w->n_wire = 0;
}

static void begin(void)
{
	static uint32_t addr = PEER_ADDR;

	renew(&world, deployment_conf);
	peer_init(&peer, &world, addr++);
	assert_true(peer_connect(&peer));
	ready = true;
}

static void end(void)
{
	peer_free(&peer);
	ready = false;
}

static void read_message(enum msg_kind kind, const uint8_t *data, size_t size)
{
	const struct payload *p;
	const char *why = NULL;
	struct msg m;

	if (msg_payloads(&m, data, size, kind, &why))
		return;
	natt_offered(&m);
	p = msg_find(&m, PLD_SA, 0);
	if (p) {
		struct ike_choice ike;
		struct esp_wish wish = { 0 };
		struct esp_choice esp;
		struct msg_sa sa;

		msg_read_sa(p, &sa);
		proposal_match_ike(&sa, world.conf, IKE_AUTH_PSK, &ike, &world.ike->log, 1);
		proposal_match_esp(&sa, world.conf, &wish, &esp, &world.ike->log, 1);
	}
	for (size_t i = 0; i < m.n; i++) {
		struct msg_id id;
		struct msg_notify n;
		struct msg_delete d;
		struct msg_cfg cfg;

		if (m.p[i].type == PLD_ID)
			msg_read_id(&m.p[i], &id);
		else if (m.p[i].type == PLD_NOTIFY)
			msg_read_notify(&m.p[i], &n);
		else if (m.p[i].type == PLD_DELETE)
			msg_read_delete(&m.p[i], &d);
		else if (m.p[i].type == PLD_ATTR)
			msg_read_cfg(&m.p[i], &cfg);
	}
}

/* A message of any kind whose header is right: the chain of its payloads. */
static void read_chain(const uint8_t *data, size_t size)
{
	const struct msg_hdr hdr = { .cky_i = "initiat", .cky_r = "respond" };
	const char *why = NULL;
	struct msg_hdr h;
	struct mbuf b;

	msg_header(data, size, &h, &why);
	mbuf_start(&b, &hdr);
	if (size < 2 || b.len + size > MSG_MAX)
		return;
	b.data[16] = data[1];
	mbuf_put(&b, data + 2, size - 2);
	if (mbuf_finish(&b))
		read_message(data[0] % MSG_KINDS, b.data, b.len);
}

/* Payloads of one type, any content, in a message that is right but for them. */
static void read_payload(uint8_t type, enum msg_kind kind, const uint8_t *data, size_t size)
{
	static const uint8_t id[8] = { ID_IPV4_ADDR, 0, 0, 0, 10, 2, 2, 1 };
	static const uint8_t sa[8] = { 0, 0, 0, 1, 0, 0, 0, 1 };
	const struct msg_hdr hdr = { .cky_i = "initiat", .cky_r = "respond" };
	struct mbuf b;

	mbuf_start(&b, &hdr);
	if (kind == MSG_MM5 || kind >= MSG_QM1)
		mbuf_payload(&b, PLD_HASH, data, 16);
	if (kind == MSG_QM1 && type != PLD_SA)
		mbuf_payload(&b, PLD_SA, sa, sizeof(sa));
	if (kind == MSG_MM3)
		mbuf_payload(&b, PLD_KE, data, 16);
	if (kind == MSG_MM3 || kind == MSG_QM1)
		mbuf_payload(&b, PLD_NONCE, data, 16);
	if (kind == MSG_MM5 && type != PLD_ID)
		mbuf_payload(&b, PLD_ID, id, sizeof(id));
	while (size) {
		size_t len = size > 1 ? data[0] : 0;

		/* the octet before it says how long it is; 255: all that is left */
		len = len == 255 || len > size - 1 ? size - 1 : len;
		mbuf_payload(&b, type, data + 1, len);
		data += 1 + len;
		size -= 1 + len;
	}
	if (mbuf_finish(&b))
		read_message(kind, b.data, b.len);
}

static void fuzz_sa(const uint8_t *data, size_t size)
{
	if (size > 16)
		read_payload(PLD_SA, data[0] & 1 ? MSG_MM1 : MSG_MM2, data + 1, size - 1);
}

static void fuzz_id(const uint8_t *data, size_t size)
{
	if (size > 16)
		read_payload(PLD_ID, MSG_MM5, data, size);
}

static void fuzz_notify(const uint8_t *data, size_t size)
{
	if (size > 16)
		read_payload(data[0] & 1 ? PLD_NOTIFY : PLD_DELETE, MSG_INFO, data + 1, size - 1);
}

static void fuzz_attributes(const uint8_t *data, size_t size)
{
	if (size > 16)
		read_payload(PLD_ATTR, MSG_TRANSACTION, data, size);
}

/* Hashes of addresses, as one who negotiates a key is told them; one may be right. */
static void fuzz_natd(const uint8_t *data, size_t size)
{
	const struct msg_hdr hdr = { .cky_i = "initiat", .cky_r = "respond" };
	static struct ike_sa sa;
	const char *why = NULL;
	struct mbuf b;
	struct msg m;

	if (size < 16)
		return;
	sa = (struct ike_sa){
		.ike = world.ike, .natt = 1 + data[0] % NATT_DRAFT_02, .local = { GW_ADDR, 500 },
		.peer = { PEER_ADDR, 500 }, .first_local = { GW_ADDR, 500 },
		.first_peer = { PEER_ADDR, 500 }, .policy.hash = IKE_MD5 + (data[0] >> 4 & 1),
	};
	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_KE, data, 16);
	mbuf_payload(&b, PLD_NONCE, data, 16);
	if (data[0] & 0x80)
		natt_put(&b, &sa);
	for (data++, size--; size;) {
		size_t len = data[0] < size ? data[0] : size - 1;

		mbuf_payload(&b, data[0] & 1 ? PLD_NATD : PLD_NATD_DRAFT, data + 1, len);
		data += 1 + len;
		size -= 1 + len;
	}
	if (mbuf_finish(&b) && !msg_payloads(&m, b.data, b.len, MSG_MM3, &why))
		natt_detect(&sa, &m);
}

/* A message of the peer's own: right HASH, right encryption, any content. */
static void send_sealed(uint8_t exch, const uint8_t *data, size_t size)
{
	static uint32_t msgid = 1;
	struct iv iv = { 0 };
	struct mbuf b;
	size_t at;

	if (!size || size > MSG_MAX - 256)
		return;
	peer_header(&peer, &b, exch, ++msgid);
	at = mbuf_begin_hash(&b, peer.keys.len);
	b.data[ISAKMP_HDR_LEN] = data[0];	/* what follows the HASH */
	mbuf_put(&b, data + 1, size - 1);
	peer_seal(&peer, &b, &iv, msgid, at);
	peer_put(&peer, &b);
}

/* A state file with the right digest. */
static void read_state(const uint8_t *data, size_t size)
{
	static const char head[] = "vpnd-state 2\n";
	size_t len = strlen(head) + size;
	char *text = malloc(len + 70), hex[65];
	struct blob all = { (uint8_t *)text, len };
	struct ike *ike = ike_new(world.conf);
	uint8_t digest[HASH_MAX];

	memcpy(text, head, strlen(head));
	memcpy(text + strlen(head), data, size);
	crypto_hash(IKE_SHA256, &all, 1, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	len += sprintf(text + len, "end %s\n", hex);
	kernel_fake_open(&ike->kernel);
	ike->now = world.ike->now;
	ike->send = world.ike->send;
	ike->send_arg = &world;
	state_adopt(ike, text, len);
	ike_free(ike);
	free(text);
}

static const char group_conf[] =
	"crypto isakmp policy 1\n hash md5\n authentication pre-share\n"
	"aaa new-model\n"
	"aaa authentication login u local\naaa authorization network g local\n"
	"username alice password 0 wonderland\n"
	"crypto isakmp client configuration group staff\n key group-key\n pool p\n"
	"crypto map m client configuration address respond\n"
	"crypto map m client authentication list u\n"
	"crypto map m isakmp authorization list g\n"
	"ip local pool p 10.2.1.1 10.2.1.9\n";

static void staff(struct peer *p)
{
	renew(&group_world, group_conf);
	peer_init(p, &group_world, PEER_ADDR);
	p->psk = "group-key";
	p->name = "staff";
	p->auth = IKE_AUTH_XAUTH_PSK;
}

/* Any payloads behind a header, as first and as last message of aggressive mode. */
static void aggressive(const uint8_t *data, size_t size, bool last)
{
	struct peer p;
	struct mbuf b;

	staff(&p);
	if (last) {
		peer_aggressive_1(&p);
		peer_aggressive_2(&p);
	}
	peer_header(&p, &b, EXCH_AGGRESSIVE, 0);
	b.data[16] = data[0];
	mbuf_put(&b, data + 1, size - 1);
	if (mbuf_finish(&b))
		peer_put(&p, &b);
	world_run(&group_world, 100);
	peer_free(&p);
}

/* Any attributes as the answer to the gateway's question for name and password. */
static void login(const uint8_t *data, size_t size)
{
	struct iv iv = { 0 };
	struct received r;
	struct peer p;
	struct mbuf b;
	size_t at, start;

	staff(&p);
	peer_aggressive_1(&p);
	if (size < MSG_MAX / 2 && peer_aggressive_2(&p)) {
		peer_aggressive_3(&p, true);
		peer_take(&p, &r, MSG_TRANSACTION, &iv);
		peer_header(&p, &b, EXCH_TRANSACTION, r.m.hdr.msgid);
		at = mbuf_begin_hash(&b, p.keys.len);
		start = mbuf_begin(&b, PLD_ATTR);
		mbuf_u8(&b, data[0] & 7);
		mbuf_put(&b, "", 1);
		mbuf_u16(&b, 1);
		mbuf_put(&b, data + 1, size - 1);
		mbuf_end(&b, start);
		peer_seal(&p, &b, &iv, r.m.hdr.msgid, at);
		peer_put(&p, &b);
		world_run(&group_world, IKE_LOGIN_DELAY_MS);
	}
	peer_free(&p);
}

static void configure(const uint8_t *data, size_t size)
{
	struct vpnd_conf *conf = conf_new();
	struct vg_diags diags = { 0 };

	conf_parse(conf, (const char *)data, size, &diags);
	vg_diags_free(&diags);
	conf_free(conf);
}

static void ask(const uint8_t *data, size_t size)
{
	struct ctl_request r = { .ike = world.ike };
	char *line = strndup((const char *)data, size), *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ctl_answer(&r, line, f);
	fclose(f);
	free(text);
	free(line);
}

static void fuzz_datagram(const uint8_t *data, size_t size)
{
	struct mbuf b;

	memcpy(b.data, data, size);
	b.len = size;
	peer_put(&peer, &b);
}

static void fuzz_quick(const uint8_t *data, size_t size)
{
	send_sealed(EXCH_QUICK, data, size);
}

static void fuzz_transaction(const uint8_t *data, size_t size)
{
	send_sealed(EXCH_TRANSACTION, data, size);
}

static void fuzz_info(const uint8_t *data, size_t size)
{
	send_sealed(EXCH_INFO, data, size);
}

static void fuzz_aggressive(const uint8_t *data, size_t size)
{
	if (size > 1)
		aggressive(data + 1, size - 1, data[0] & 1);
}

static const struct target {
	const char *name;
	void (*fn)(const uint8_t *data, size_t size);
} targets[] = {
	{ "chain", read_chain },
	{ "sa", fuzz_sa },
	{ "id", fuzz_id },
	{ "notify", fuzz_notify },
	{ "attributes", fuzz_attributes },
	{ "natd", fuzz_natd },
	{ "datagram", fuzz_datagram },
	{ "quick", fuzz_quick },
	{ "transaction", fuzz_transaction },
	{ "info", fuzz_info },
	{ "aggressive", fuzz_aggressive },
	{ "login", login },
	{ "state", read_state },
	{ "control", ask },
	{ "configuration", configure },
};

static const struct target *target;

/* The first octet says where the rest goes. */
static void by_first_octet(const uint8_t *data, size_t size)
{
	static const uint8_t exchanges[] = { EXCH_QUICK, EXCH_TRANSACTION, EXCH_INFO };

	if (data[0] == 255)
		ask(data + 1, size - 1);
	else if (data[0] == 254)
		read_state(data + 1, size - 1);
	else if (data[0] == 253)
		configure(data + 1, size - 1);
	else if (data[0] >= 251 && size > 1)
		aggressive(data + 1, size - 1, data[0] == 252);
	else if (data[0] == 250 && size > 1)
		login(data + 1, size - 1);
	else if (data[0] < MSG_KINDS)
		read_message(data[0], data + 1, size - 1);
	else if (data[0] % 4 == 3)
		fuzz_datagram(data + 1, size - 1);
	else
		send_sealed(exchanges[data[0] % 4], data + 1, size - 1);
}

/* For who looks for leaks afterwards. */
void fuzz_end(void)
{
	if (ready)
		end();
	if (world.conf)
		world_free(&world);
	if (group_world.conf)
		world_free(&group_world);
	world.conf = NULL;
	group_world.conf = NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_VPND");

	for (size_t i = 0; name && i < VG_ARRAY_SIZE(targets); i++) {
		if (!strcmp(targets[i].name, name))
			target = &targets[i];
	}
	if (name && !target) {
		fprintf(stderr, "FUZZ_VPND=%s: no such target\n", name);
		return -1;
	}
	return crypto_init();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ike_sa *sa;

	if (!size || size > MSG_MAX - 256)
		return 0;
	if (!ready)
		begin();
	/* what would be told is made, at times */
	world.ike->log.topics = size % 4 ? 0 : ~0U;
	if (target)
		target->fn(data, size);
	else
		by_first_octet(data, size);
	world.n_wire = 0;
	world_run(&world, data[0]);
	sa = peer_sa(&peer);
	if (!sa || sa->state != QM_IDLE || sa->n_seen > 2000)
		end();
	return 0;
}
