// SPDX-License-Identifier: GPL-2.0
/*
 * Two gateways that begin with each other. They are the same program, so this
 * says that both roles fit together, on good networks and bad ones; that they fit
 * the rest of the world is what selftests/ike_site.sh is for.
 */
#include <errno.h>

#include "ike.h"
#include "natt.h"
#include "state.h"
#include "test_vpnd.h"

#define A_ADDR		0xc9462065	/* 201.70.32.101 */
#define B_ADDR		0xc9462052	/* 201.70.32.82 */
#define NAT_ADDR	0xc946205a	/* 201.70.32.90 */
#define NAT_PORT	31000
#define LIFE_MS		120000

static const char conf_text[] =
	"crypto isakmp policy 1\n encryption aes\n hash sha256\n group 14\n"
	" authentication pre-share\n"
	"crypto isakmp policy 2\n hash md5\n authentication pre-share\n"
	"crypto isakmp key %s address 0.0.0.0\n"
	"crypto ipsec transform-set t1 esp-aes esp-sha-hmac\n"
	"crypto ipsec transform-set t2 esp-des esp-md5-hmac\n"
	"crypto dynamic-map any 1\n set transform-set t1\n"
	"crypto map m 9 ipsec-isakmp dynamic any\n"
	"crypto map m 7 ipsec-isakmp\n set peer %s\n set transform-set t1 t2\n%s"
	" set security-association lifetime seconds 120\n match address 103\n"
	"interface Ethernet0\n ip address %s 255.255.255.0\n crypto map m\n"
	"access-list 103 permit ip %s 0.0.0.255 %s 0.0.0.255\n";

struct datagram {
	struct endpoint from, to;
	uint8_t data[MSG_MAX];
	size_t len;
};

struct gateway {
	struct vpnd_conf *conf;
	struct ike *ike;
	struct net *net;
	char *told;
	size_t told_size;
	FILE *log;
};

/**
 * struct net - what is between them
 * @nat: A is behind a NAT
 * @lose: of each message the first copy is lost
 * @commit: somebody sets the commit bit of quick mode
 */
struct net {
	struct gateway a, b;
	struct datagram wire[64];
	size_t n;
	bool nat, lose, commit;
	struct { uint8_t digest[32]; } seen[64];
	size_t n_seen, keepalives;
};

static bool lost(struct net *net, const void *data, size_t len)
{
	struct blob all = { data, len };
	uint8_t digest[HASH_MAX];

	if (!net->lose)
		return false;
	assert_int_equal(crypto_hash(IKE_SHA256, &all, 1, digest), 0);
	for (size_t i = 0; i < net->n_seen; i++) {
		if (!memcmp(net->seen[i].digest, digest, 32))
			return false;
	}
	assert_true(net->n_seen < VG_ARRAY_SIZE(net->seen));
	memcpy(net->seen[net->n_seen++].digest, digest, 32);
	return true;
}

static int on_send(void *arg, const struct endpoint *local, const struct endpoint *peer,
		   const void *data, size_t len)
{
	struct gateway *g = arg;
	struct net *net = g->net;
	struct datagram *d = &net->wire[net->n];

	if (len == 1) {
		net->keepalives++;
		return 0;
	}
	if (lost(net, data, len))
		return 0;
	assert_true(net->n < VG_ARRAY_SIZE(net->wire));
	d->from = *local;
	d->to = *peer;
	if (net->nat && local->addr == A_ADDR) {
		d->from = (struct endpoint){ NAT_ADDR, NAT_PORT + local->port };
	} else if (net->nat) {
		assert_int_equal(peer->addr, NAT_ADDR);
		d->to = (struct endpoint){ A_ADDR, peer->port - NAT_PORT };
	}
	memcpy(d->data, data, len);
	if (net->commit && d->data[18] == EXCH_QUICK)
		d->data[19] |= ISAKMP_FLAG_COMMIT;
	d->len = len;
	net->n++;
	return 0;
}

static void on_line(void *arg, enum log_topic topic, const char *line)
{
	fprintf(((struct gateway *)arg)->log, "%s\n", line);
}

/* Delivers until the wire is empty. */
static void pump(struct net *net)
{
	while (net->n) {
		struct datagram d = net->wire[0];

		memmove(net->wire, net->wire + 1, --net->n * sizeof(d));
		ike_input((d.to.addr == A_ADDR ? &net->a : &net->b)->ike, &d.to, &d.from, d.data,
			  d.len);
	}
}

/* Lets time pass for both, timer by timer. */
static void pass(struct net *net, uint64_t ms)
{
	uint64_t end = net->a.ike->now + ms;

	for (;;) {
		uint64_t a = timers_next(&net->a.ike->timers), b = timers_next(&net->b.ike->timers);
		uint64_t next = a < b ? a : b;

		if (next > end)
			break;
		net->a.ike->now = next;
		net->b.ike->now = next;
		timers_run(&net->a.ike->timers, next);
		timers_run(&net->b.ike->timers, next);
		pump(net);
	}
	net->a.ike->now = end;
	net->b.ike->now = end;
}

static void gateway_make(struct gateway *g, struct net *net, const char *key, const char *peer,
			 const char *pfs, const char *own, const char *here, const char *there)
{
	struct vg_diags diags = { 0 };
	char text[2000];
	int len = snprintf(text, sizeof(text), conf_text, key, peer, pfs, own, here, there);

	g->net = net;
	g->conf = conf_new();
	assert_int_equal(conf_parse(g->conf, text, len, &diags), 0);
	assert_int_equal(diags.errors, 0);
	vg_diags_free(&diags);
	g->log = open_memstream(&g->told, &g->told_size);
	g->ike = ike_new(g->conf);
	assert_non_null(g->ike);
	assert_int_equal(kernel_fake_open(&g->ike->kernel), 0);
	g->ike->log = (struct log){ on_line, g, ~0U };
	g->ike->send = on_send;
	g->ike->send_arg = g;
	g->ike->now = 1000000;
}

static void net_make(struct net *net, const char *key_b, const char *pfs, bool nat)
{
	memset(net, 0, sizeof(*net));
	net->nat = nat;
	gateway_make(&net->a, net, "cisco123", "201.70.32.82", pfs, "201.70.32.101", "10.2.2.0",
		     "10.3.3.0");
	gateway_make(&net->b, net, key_b, nat ? "201.70.32.90" : "201.70.32.101", pfs,
		     "201.70.32.82", "10.3.3.0", "10.2.2.0");
}

static void gateway_free(struct gateway *g)
{
	ike_free(g->ike);
	conf_free(g->conf);
	fclose(g->log);
	free(g->told);
}

static void net_free(struct net *net)
{
	gateway_free(&net->a);
	gateway_free(&net->b);
}

/* A packet from one site to the other, at A or at B. */
static void packet(struct gateway *g)
{
	bool a = g == &g->net->a;
	struct kernel_event e = {
		.kind = KERNEL_ACQUIRE, .map = "m", .seq = 7, .proto = 1,
		.src = a ? 0x0a020205 : 0x0a030301, .dst = a ? 0x0a030301 : 0x0a020205,
	};

	child_event(g->ike, &e);
}

/* Who began uses a pair a moment after the other one. */
static void settle(struct net *net)
{
	if (net->a.ike->n_children != net->b.ike->n_children)
		pass(net, 2 * IKE_SWITCH_MS);
}

/* Every pair of one has its mirror at the other; returns how many there are. */
static size_t pairs(struct net *net)
{
	const struct child *a, *b;

	assert_int_equal(net->a.ike->n_children, net->b.ike->n_children);
	assert_int_equal(kernel_fake_sas(&net->a.ike->kernel), 2 * net->a.ike->n_children);
	assert_int_equal(kernel_fake_sas(&net->b.ike->kernel), 2 * net->b.ike->n_children);
	assert_int_equal(kernel_fake_halves(&net->a.ike->kernel), 0);
	assert_int_equal(kernel_fake_halves(&net->b.ike->kernel), 0);
	LIST_FOREACH(a, &net->a.ike->children, link) {
		LIST_FOREACH(b, &net->b.ike->children, link) {
			if (a->in_spi == b->out_spi && a->out_spi == b->in_spi)
				break;
		}
		assert_non_null(b);
	}
	return net->a.ike->n_children;
}

static void same_keys(struct net *net)
{
	const struct kernel_pair *a = kernel_fake_last(&net->a.ike->kernel);
	const struct kernel_pair *b = kernel_fake_last(&net->b.ike->kernel);

	assert_int_equal(a->in_spi, b->out_spi);
	assert_memory_equal(&a->in, &b->out, sizeof(a->in));
	assert_memory_equal(&a->out, &b->in, sizeof(a->out));
	assert_memory_not_equal(&a->in, &a->out, sizeof(a->in));
	assert_int_equal(a->encr, ESP_AES_CBC);
	assert_int_equal(a->sel.local, 0x0a020200);
	assert_int_equal(a->sel.remote, 0x0a030300);
	assert_int_equal(b->sel.local, 0x0a030300);
	assert_int_equal(a->sel.local_mask, 0xffffff00);
}

static void begun(void **state)
{
	static const char *const pfs[] = { "", " set pfs group2\n" };

	for (size_t i = 0; i < VG_ARRAY_SIZE(pfs); i++) {
		struct net net;

		net_make(&net, "cisco123", pfs[i], false);
		packet(&net.a);
		packet(&net.a);			/* no second one for the same */
		pump(&net);
		assert_int_equal(pairs(&net), 1);
		same_keys(&net);
		assert_int_equal(net.a.ike->n_wants, 0);
		packet(&net.b);			/* there is an ISAKMP SA: quick mode only */
		pump(&net);
		pass(&net, 1000);
		assert_int_equal(pairs(&net), 2);
		assert_int_equal(net.a.ike->n_sas, 1);
		same_keys(&net);
		net_free(&net);
	}
}

/* Pairs are renewed by who began them, before they end, and then end. */
static void renewed(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	for (int i = 0; i < 20; i++) {
		pass(&net, LIFE_MS / 2);
		settle(&net);
		assert_in_range(pairs(&net), 1, 2);
		same_keys(&net);
	}
	assert_int_equal(net.a.ike->n_sas, 1);
	net_free(&net);
}

/* Events that were lost: what they would have led to comes about all the same. */
static void lost_events(void **state)
{
	const struct kernel_event lost = { .kind = KERNEL_LOST };
	struct child *c;
	struct net net;
	uint32_t spi;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	child_event(net.a.ike, &lost);
	pump(&net);
	pass(&net, 1000);
	assert_int_equal(pairs(&net), 1);
	/* a soft limit: a successor, once */
	c = LIST_FIRST(&net.a.ike->children);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_SOFT);
	child_event(net.a.ike, &lost);
	pump(&net);
	pass(&net, 1000);
	assert_int_equal(pairs(&net), 2);
	child_event(net.a.ike, &lost);
	pump(&net);
	pass(&net, 1000);
	assert_int_equal(pairs(&net), 2);
	same_keys(&net);
	c = LIST_NEXT(LIST_FIRST(&net.a.ike->children), link);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_LIVES);
	/* one that has gone, either half: the peer is told, the other pair stays */
	for (int i = 0; i < 2; i++) {
		c = LIST_FIRST(&net.a.ike->children);
		spi = i ? c->in_spi : c->out_spi;
		kernel_fake_set(&net.a.ike->kernel, i ? A_ADDR : B_ADDR, spi, KERNEL_SA_NONE);
		child_event(net.a.ike, &lost);
		pump(&net);
		assert_int_equal(kernel_fake_sas(&net.a.ike->kernel), 2 - 2 * i);
		assert_int_equal(kernel_fake_sas(&net.b.ike->kernel), 2 - 2 * i);
	}
	assert_int_equal(net.a.ike->n_children, 0);
	net_free(&net);
}

/* Both begin at the same time: whatever comes of it, both have the same. */
static void collision(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	packet(&net.b);
	pump(&net);
	pass(&net, 1000);
	assert_in_range(pairs(&net), 1, 2);
	for (int i = 0; i < 10; i++) {
		struct child *a = LIST_FIRST(&net.a.ike->children);
		struct kernel_event ea = { .kind = KERNEL_SOFT, .spi = a->in_spi, .daddr = A_ADDR };
		struct child *b = LIST_FIRST(&net.b.ike->children);
		struct kernel_event eb = { .kind = KERNEL_SOFT, .spi = b->in_spi, .daddr = B_ADDR };

		child_event(net.a.ike, &ea);
		child_event(net.b.ike, &eb);
		pump(&net);
		pass(&net, LIFE_MS / 2);
		settle(&net);
		assert_in_range(pairs(&net), 1, 6);
	}
	net_free(&net);
}

static void behind_nat(void **state)
{
	const struct kernel_pair *a, *b;
	struct net net;

	net_make(&net, "cisco123", "", true);
	packet(&net.a);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	same_keys(&net);
	a = kernel_fake_last(&net.a.ike->kernel);
	b = kernel_fake_last(&net.b.ike->kernel);
	assert_int_equal(a->local_port, NATT_PORT);
	assert_int_equal(a->peer_port, NATT_PORT);
	assert_int_equal(b->local_port, NATT_PORT);
	assert_int_equal(b->peer_port, NAT_PORT + NATT_PORT);
	assert_int_equal(b->peer, NAT_ADDR);
	pass(&net, 65000);
	assert_int_equal(net.keepalives, 3);
	net_free(&net);
}

/* The responder wants to be waited for: the initiator uses the pair a moment later. */
static void committed(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net.commit = true;
	packet(&net.a);
	pump(&net);
	assert_int_equal(net.b.ike->n_children, 1);
	assert_int_equal(net.a.ike->n_children, 0);
	assert_int_equal(kernel_fake_halves(&net.a.ike->kernel), 1);
	pass(&net, IKE_SWITCH_MS + 1);
	assert_int_equal(pairs(&net), 1);
	same_keys(&net);
	net_free(&net);
}

/* What @g protects is the traffic between the two gateways. */
static void between_ends(struct gateway *g, uint32_t own, uint32_t other)
{
	for (size_t i = 0; i < g->conf->entry.n; i++) {
		if (g->conf->entry.v[i].n_proxies)
			g->conf->entry.v[i].proxy[0] =
				(struct conf_proxy){ own, UINT32_MAX, other, UINT32_MAX, -1 };
	}
}

static void want_transport(struct gateway *g)
{
	for (size_t i = 0; i < g->conf->set.n; i++)
		g->conf->set.v[i].transport = true;
}

/* Transport mode where it is configured at both and the ends talk to each other. */
static void transport(void **state)
{
	static const struct {
		bool a, b, ends, from_a, pair, transport;
	} v[] = {
		{ true, true, true, true, true, true }, { true, true, true, false, true, true },
		{ true, false, true, true, false, false },
		{ false, true, true, true, false, false },
		{ true, true, false, true, true, false },
		{ true, false, false, true, true, false },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct kernel_event e = {
			.kind = KERNEL_ACQUIRE, .map = "m", .seq = 7, .proto = 1,
		};
		struct net net;

		net_make(&net, "cisco123", "", false);
		if (v[i].a)
			want_transport(&net.a);
		if (v[i].b)
			want_transport(&net.b);
		if (v[i].ends) {
			between_ends(&net.a, A_ADDR, B_ADDR);
			between_ends(&net.b, B_ADDR, A_ADDR);
			e.src = v[i].from_a ? A_ADDR : B_ADDR;
			e.dst = v[i].from_a ? B_ADDR : A_ADDR;
			child_event((v[i].from_a ? &net.a : &net.b)->ike, &e);
		} else {
			packet(&net.a);
		}
		pump(&net);
		assert_int_equal(pairs(&net), v[i].pair);
		if (v[i].pair) {
			assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->transport,
					 v[i].transport);
			assert_int_equal(kernel_fake_last(&net.b.ike->kernel)->transport,
					 v[i].transport);
		}
		net_free(&net);
	}
}

/* The first copy of every message is lost, in both directions. */
static void lossy(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net.lose = true;
	packet(&net.a);
	pass(&net, 60000);
	assert_int_equal(pairs(&net), 1);
	same_keys(&net);
	net_free(&net);
}

/* Nothing comes of another key, and what was begun is forgotten. */
static void wrong_key(void **state)
{
	struct net net;

	net_make(&net, "another-key", "", false);
	packet(&net.a);
	pump(&net);
	pass(&net, 200000);
	assert_int_equal(net.a.ike->n_children + net.b.ike->n_children, 0);
	assert_int_equal(kernel_fake_halves(&net.a.ike->kernel), 0);
	assert_int_equal(net.a.ike->n_wants, 0);
	assert_int_equal(net.a.ike->n_sas + net.b.ike->n_sas, 0);
	net_free(&net);
}

/* The daemon at A is killed and started again, the kernel keeps its SAs. */
/* The daemon of one side is another one, which has what was left: @text, freed. */
static int reborn(struct net *net, char *text, size_t len)
{
	struct ike *old = net->a.ike;
	struct kernel kernel = old->kernel;
	uint64_t now = old->now;
	int ret;

	/* what is left behind of it is its kernel */
	assert_int_equal(kernel_fake_open(&old->kernel), 0);
	net->a.ike = ike_new(net->a.conf);
	net->a.ike->log = old->log;
	net->a.ike->send = on_send;
	net->a.ike->send_arg = &net->a;
	net->a.ike->kernel = kernel;
	net->a.ike->now = now;
	old->send = NULL;
	while (!LIST_EMPTY(&old->children)) {
		struct child *c = LIST_FIRST(&old->children);

		timer_stop(&old->timers, &c->timer);
		timer_stop(&old->timers, &c->soft);
		LIST_REMOVE(c, link);
		free(c);
	}
	ike_free(old);
	ret = state_adopt(net->a.ike, text, len);
	free(text);
	return ret;
}

static void killed(void **state)
{
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	for (int i = 0; i < 5; i++) {
		text = state_text(net.a.ike, &len);
		assert_non_null(text);
		assert_in_range(reborn(&net, text, len), 1, 2);
		assert_int_equal(net.a.ike->n_sas, 1);
		settle(&net);
		pairs(&net);
		/* phase 1 goes on: dead peers are seen, pairs are renewed in it */
		pass(&net, LIFE_MS);
		settle(&net);
		assert_in_range(pairs(&net), 1, 2);
		assert_int_equal(net.b.ike->n_sas, 1);
		same_keys(&net);
	}
	net_free(&net);
}

/* How often its peer has said INITIAL-CONTACT. */
static unsigned int contacts(struct gateway *g)
{
	unsigned int n = 0;

	fflush(g->log);
	for (const char *at = g->told; (at = strstr(at, "NOTIFY payload 24578")); at++)
		n++;
	return n;
}

/* A daemon that knows of pairs of an earlier one is in no initial contact. */
static void adopted_contact(void **state)
{
	struct kernel_event e = { .kind = KERNEL_SOFT, .daddr = A_ADDR };
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	assert_int_equal(contacts(&net.b), 1);
	text = state_text(net.a.ike, &len);
	assert_in_range(reborn(&net, text, len), 1, 2);
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		if (!LIST_EMPTY(&net.a.ike->bucket[i]))
			ike_sa_kill(LIST_FIRST(&net.a.ike->bucket[i]), "test");
	}
	e.spi = LIST_FIRST(&net.a.ike->children)->in_spi;
	child_event(net.a.ike, &e);
	pump(&net);
	pass(&net, 2 * IKE_SWITCH_MS);
	assert_int_equal(pairs(&net), 2);
	assert_int_equal(contacts(&net.b), 1);
	net_free(&net);
}

static char *saved;
static size_t saved_len;

static void save(void *arg)
{
	free(saved);
	saved = state_text(arg, &saved_len);
}

/* What is in the state file is there before packets depend on it. */
static void killed_between(void **state)
{
	struct child *c;
	struct net net;
	uint32_t in;

	/* after writing the file, before or after the outbound SA: a pair that is whole */
	net_make(&net, "cisco123", "", false);
	net.a.ike->save = save;
	net.a.ike->save_arg = net.a.ike;
	packet(&net.a);
	pump(&net);
	pass(&net, 1000);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	assert_non_null(saved);
	assert_int_equal(reborn(&net, saved, saved_len), 1);
	saved = NULL;
	/*
	 * The inbound one only, since the last message came when nobody was there: the
	 * peer is told, and until it has heard that, its packets are taken.
	 */
	c = LIST_FIRST(&net.a.ike->children);
	in = c->in_spi;
	save(net.a.ike);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_NONE);
	assert_int_equal(reborn(&net, saved, saved_len), 0);
	saved = NULL;
	assert_int_equal(net.a.ike->n_orphans, 1);
	assert_int_equal(net.a.ike->kernel.ops->sa_state(net.a.ike->kernel.priv, A_ADDR, in),
			 KERNEL_SA_LIVES);
	pump(&net);
	assert_int_equal(net.b.ike->n_children, 0);
	state_end(net.a.ike);
	assert_int_equal(kernel_fake_sas(&net.a.ike->kernel), 0);
	net_free(&net);
}

/* Nothing in a damaged file is believed; a digest that is right proves little. */
static void damaged_state(void **state)
{
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	text = state_text(net.a.ike, &len);
	for (size_t i = 0; i < len; i += 7) {
		char *copy = malloc(len);

		memcpy(copy, text, len);
		copy[i] ^= 1;
		assert_int_equal(state_adopt(net.b.ike, copy, len), -EBADMSG);
		memcpy(copy, text, len);
		assert_int_equal(state_adopt(net.b.ike, copy, i), -EBADMSG);
		free(copy);
	}
	for (size_t i = 0; i < len - 69; i++) {
		static const char put[] = "0 9f\n-x";
		char *copy = malloc(len + 1), hex[65];
		struct blob all = { (uint8_t *)copy, len - 69 };
		uint8_t digest[HASH_MAX];
		struct ike *ike = ike_new(net.a.conf);

		memcpy(copy, text, len);
		copy[i] = put[i % (sizeof(put) - 1)];
		assert_int_equal(crypto_hash(IKE_SHA256, &all, 1, digest), 0);
		for (int j = 0; j < 32; j++)
			snprintf(hex + 2 * j, 3, "%02x", digest[j]);
		memcpy(copy + len - 65, hex, 64);
		assert_int_equal(kernel_fake_open(&ike->kernel), 0);
		ike->now = net.a.ike->now;
		state_adopt(ike, copy, len);
		ike->send = on_send;
		ike->send_arg = &net.a;
		ike_free(ike);
		free(copy);
	}
	free(text);
	net_free(&net);
}

/* B asks for a network that A's access list does not permit: no pair is made. */
static void other_network(void **state)
{
	struct conf_proxy *p;
	struct net net;

	net_make(&net, "cisco123", "", false);
	p = &net.b.conf->entry.v[0].proxy[0];
	p->local = 0x0a090900;
	{
		struct kernel_event e = {
			.kind = KERNEL_ACQUIRE, .map = "m", .seq = 7, .proto = 1,
			.src = 0x0a090901, .dst = 0x0a020205,
		};

		child_event(net.b.ike, &e);
	}
	pump(&net);
	assert_int_equal(net.a.ike->n_children, 0);
	assert_int_equal(kernel_fake_halves(&net.a.ike->kernel), 0);
	net_free(&net);
}

/* A ends: B hears of it and has nothing left. */
/* The responder says how long a pair lives, if that is less than was offered. */
static void shorter_life(void **state)
{
	static const struct {
		uint32_t offered, wanted, result;
	} v[] = {
		{ 3600, 600, 600 }, { 600, 3600, 600 }, { 3600, 20, IKE_LIFE_MIN },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct net net;

		net_make(&net, "cisco123", "", false);
		for (size_t j = 0; j < net.a.conf->entry.n; j++) {
			net.a.conf->entry.v[j].life = v[i].offered;
			net.b.conf->entry.v[j].life = v[i].wanted;
			net.b.conf->entry.v[j].kilobytes = 5000;
		}
		packet(&net.a);
		pump(&net);
		assert_int_equal(LIST_FIRST(&net.a.ike->children)->life, v[i].result);
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->life, v[i].result);
		/* volume is told together with time */
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->kilobytes, 5000);
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->soft_kilobytes, 4500);
		net_free(&net);
	}
}

static unsigned int authenticated(struct gateway *g)
{
	unsigned int n = 0;

	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		const struct ike_sa *sa;

		LIST_FOREACH(sa, &g->ike->bucket[i], link)
			n += sa->state == QM_IDLE;
	}
	return n;
}

/* The ISAKMP SA has a successor before it ends, once, begun by the same side. */
static void isakmp_renewed(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	for (size_t i = 0; i < net.a.conf->policy.n; i++) {
		net.a.conf->policy.v[i].lifetime = 600;
		net.b.conf->policy.v[i].lifetime = 600;
	}
	packet(&net.a);
	pump(&net);
	assert_int_equal(authenticated(&net.a), 1);
	assert_int_equal(contacts(&net.b), 1);
	pass(&net, 600 * 899);
	assert_int_equal(authenticated(&net.a), 1);
	pass(&net, 600 * 50);
	assert_int_equal(authenticated(&net.a), 2);
	assert_int_equal(authenticated(&net.b), 2);
	/* that would have ended the pairs that it is for */
	assert_int_equal(contacts(&net.b), 1);
	pass(&net, 600 * 60);
	assert_int_equal(authenticated(&net.a), 1);
	assert_int_equal(authenticated(&net.b), 1);
	assert_true(kernel_fake_sas(&net.a.ike->kernel) >= 2);
	/* nobody needs one without a pair */
	while (!LIST_EMPTY(&net.a.ike->children))
		child_free(LIST_FIRST(&net.a.ike->children), "test");
	while (!LIST_EMPTY(&net.b.ike->children))
		child_free(LIST_FIRST(&net.b.ike->children), "test");
	pass(&net, 700 * 1000);
	assert_int_equal(authenticated(&net.a), 0);
	net_free(&net);
}

static void goodbye(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	ike_goodbye(net.a.ike);
	pump(&net);
	assert_int_equal(net.b.ike->n_children, 0);
	assert_int_equal(kernel_fake_sas(&net.b.ike->kernel), 0);
	pass(&net, 61000);
	assert_int_equal(net.b.ike->n_sas, 0);
	net_free(&net);
}

/* Nobody is there; then somebody is. */
static void silence(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	packet(&net.a);
	net.n = 0;
	for (int i = 0; i < 200; i++) {
		net.a.ike->now += 1000;
		timers_run(&net.a.ike->timers, net.a.ike->now);
		net.n = 0;
	}
	assert_int_equal(net.a.ike->n_wants, 0);
	assert_int_equal(net.a.ike->n_sas, 0);
	net.b.ike->now = net.a.ike->now;
	packet(&net.a);
	pump(&net);
	assert_int_equal(pairs(&net), 1);
	net_free(&net);
}

GROUP(group_site)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(begun), cmocka_unit_test(renewed),
		cmocka_unit_test(lost_events), cmocka_unit_test(collision),
		cmocka_unit_test(behind_nat), cmocka_unit_test(transport), cmocka_unit_test(committed),
		cmocka_unit_test(lossy), cmocka_unit_test(wrong_key),
		cmocka_unit_test(silence), cmocka_unit_test(other_network),
		cmocka_unit_test(isakmp_renewed), cmocka_unit_test(shorter_life),
		cmocka_unit_test(goodbye), cmocka_unit_test(killed),
		cmocka_unit_test(adopted_contact),
		cmocka_unit_test(killed_between),
		cmocka_unit_test(damaged_state),
	};

	return RUN_GROUP(tests);
}
