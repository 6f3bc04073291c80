// SPDX-License-Identifier: GPL-2.0
/* The gateways of test_vpnd_net.h, at A and at B. */
#include "test_vpnd_net.h"

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

int net_on_send(void *arg, const struct endpoint *local, const struct endpoint *peer,
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
void net_pump(struct net *net)
{
	while (net->n) {
		struct datagram d = net->wire[0];

		memmove(net->wire, net->wire + 1, --net->n * sizeof(d));
		ike_input((d.to.addr == A_ADDR ? &net->a : &net->b)->ike, &d.to, &d.from, d.data,
			  d.len);
	}
}

/* Lets time pass for both, timer by timer. */
void net_pass(struct net *net, uint64_t ms)
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
		net_pump(net);
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
	g->ike->send = net_on_send;
	g->ike->send_arg = g;
	g->ike->now = 1000000;
}

void net_make(struct net *net, const char *key_b, const char *pfs, bool nat)
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

void net_free(struct net *net)
{
	gateway_free(&net->a);
	gateway_free(&net->b);
}

/* A packet from one site to the other, at A or at B. */
void net_packet(struct gateway *g)
{
	bool a = g == &g->net->a;
	struct kernel_event e = {
		.kind = KERNEL_ACQUIRE, .map = "m", .seq = 7, .proto = 1,
		.src = a ? 0x0a020205 : 0x0a030301, .dst = a ? 0x0a030301 : 0x0a020205,
	};

	child_event(g->ike, &e);
}

/* Who began uses a pair a moment after the other one. */
void net_settle(struct net *net)
{
	if (net->a.ike->n_children != net->b.ike->n_children)
		net_pass(net, 2 * IKE_SWITCH_MS);
}

/* Every pair of one has its mirror at the other; returns how many there are. */
size_t net_pairs(struct net *net)
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

void net_same_keys(struct net *net)
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

/* How often its peer has said INITIAL-CONTACT. */
unsigned int net_contacts(struct gateway *g)
{
	unsigned int n = 0;

	fflush(g->log);
	for (const char *at = g->told; (at = strstr(at, "NOTIFY payload 24578")); at++)
		n++;
	return n;
}
