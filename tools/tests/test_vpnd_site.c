// SPDX-License-Identifier: GPL-2.0
/*
 * Two gateways that begin with each other. They are the same program, so this
 * says that both roles fit together, on good networks and bad ones; that they fit
 * the rest of the world is what selftests/ike_site.sh is for.
 */
#include "model.h"
#include "test_vpnd_net.h"

static void begun(void **state)
{
	static const char *const pfs[] = { "", " set pfs group2\n" };

	for (size_t i = 0; i < VG_ARRAY_SIZE(pfs); i++) {
		struct net net;

		net_make(&net, "cisco123", pfs[i], false);
		net_packet(&net.a);
		net_packet(&net.a);			/* no second one for the same */
		net_pump(&net);
		assert_int_equal(net_pairs(&net), 1);
		net_same_keys(&net);
		assert_int_equal(net.a.ike->n_wants, 0);
		net_packet(&net.b);			/* there is an ISAKMP SA: quick mode only */
		net_pump(&net);
		net_pass(&net, 1000);
		assert_int_equal(net_pairs(&net), 2);
		assert_int_equal(net.a.ike->n_sas, 1);
		net_same_keys(&net);
		net_free(&net);
	}
}

/* Pairs are renewed by who began them, before they end, and then end. */
static void renewed(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	for (int i = 0; i < 20; i++) {
		net_pass(&net, LIFE_MS / 2);
		net_settle(&net);
		assert_in_range(net_pairs(&net), 1, 2);
		net_same_keys(&net);
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
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	child_event(net.a.ike, &lost);
	net_pump(&net);
	net_pass(&net, 1000);
	assert_int_equal(net_pairs(&net), 1);
	/* a soft limit: a successor, once */
	c = LIST_FIRST(&net.a.ike->children);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_SOFT);
	child_event(net.a.ike, &lost);
	net_pump(&net);
	net_pass(&net, 1000);
	assert_int_equal(net_pairs(&net), 2);
	child_event(net.a.ike, &lost);
	net_pump(&net);
	net_pass(&net, 1000);
	assert_int_equal(net_pairs(&net), 2);
	net_same_keys(&net);
	c = LIST_NEXT(LIST_FIRST(&net.a.ike->children), link);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_LIVES);
	/* one that has gone, either half: the peer is told, the other pair stays */
	for (int i = 0; i < 2; i++) {
		c = LIST_FIRST(&net.a.ike->children);
		spi = i ? c->in_spi : c->out_spi;
		kernel_fake_set(&net.a.ike->kernel, i ? A_ADDR : B_ADDR, spi, KERNEL_SA_NONE);
		child_event(net.a.ike, &lost);
		net_pump(&net);
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
	net_packet(&net.a);
	net_packet(&net.b);
	net_pump(&net);
	net_pass(&net, 1000);
	assert_in_range(net_pairs(&net), 1, 2);
	for (int i = 0; i < 10; i++) {
		struct child *a = LIST_FIRST(&net.a.ike->children);
		struct kernel_event ea = { .kind = KERNEL_SOFT, .spi = a->in_spi, .daddr = A_ADDR };
		struct child *b = LIST_FIRST(&net.b.ike->children);
		struct kernel_event eb = { .kind = KERNEL_SOFT, .spi = b->in_spi, .daddr = B_ADDR };

		child_event(net.a.ike, &ea);
		child_event(net.b.ike, &eb);
		net_pump(&net);
		net_pass(&net, LIFE_MS / 2);
		net_settle(&net);
		assert_in_range(net_pairs(&net), 1, 6);
	}
	net_free(&net);
}

static void behind_nat(void **state)
{
	const struct kernel_pair *a, *b;
	struct net net;

	net_make(&net, "cisco123", "", true);
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	net_same_keys(&net);
	a = kernel_fake_last(&net.a.ike->kernel);
	b = kernel_fake_last(&net.b.ike->kernel);
	assert_int_equal(a->local_port, NATT_PORT);
	assert_int_equal(a->peer_port, NATT_PORT);
	assert_int_equal(b->local_port, NATT_PORT);
	assert_int_equal(b->peer_port, NAT_PORT + NATT_PORT);
	assert_int_equal(b->peer, NAT_ADDR);
	net_pass(&net, 65000);
	assert_int_equal(net.keepalives, 3);
	net_free(&net);
}

/* The responder wants to be waited for: the initiator uses the pair a moment later. */
static void committed(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net.commit = true;
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net.b.ike->n_children, 1);
	assert_int_equal(net.a.ike->n_children, 0);
	assert_int_equal(kernel_fake_halves(&net.a.ike->kernel), 1);
	net_pass(&net, IKE_SWITCH_MS + 1);
	assert_int_equal(net_pairs(&net), 1);
	net_same_keys(&net);
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
			net_packet(&net.a);
		}
		net_pump(&net);
		assert_int_equal(net_pairs(&net), v[i].pair);
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
	net_packet(&net.a);
	net_pass(&net, 60000);
	assert_int_equal(net_pairs(&net), 1);
	net_same_keys(&net);
	net_free(&net);
}

/* Nothing comes of another key, and what was begun is forgotten. */
static void wrong_key(void **state)
{
	struct net net;

	net_make(&net, "another-key", "", false);
	net_packet(&net.a);
	net_pump(&net);
	net_pass(&net, 200000);
	assert_int_equal(net.a.ike->n_children + net.b.ike->n_children, 0);
	assert_int_equal(kernel_fake_halves(&net.a.ike->kernel), 0);
	assert_int_equal(net.a.ike->n_wants, 0);
	assert_int_equal(net.a.ike->n_sas + net.b.ike->n_sas, 0);
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
	net_pump(&net);
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
		net_packet(&net.a);
		net_pump(&net);
		assert_int_equal(LIST_FIRST(&net.a.ike->children)->life, v[i].result);
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->life, v[i].result);
		/* volume is told together with time */
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->kilobytes, 5000);
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->soft_kilobytes, 4500);
		net_free(&net);
	}
}

/* "lifetime kilobytes disable": nothing is said of volume. */
static void no_volume(void **state)
{
	for (int wanted = 0; wanted < 2; wanted++) {
		struct net net;
		uint32_t want = wanted ? 5000 : VG_NO_VOLUME;

		net_make(&net, "cisco123", "", false);
		for (size_t j = 0; j < net.a.conf->entry.n; j++) {
			net.a.conf->entry.v[j].kilobytes = VG_NO_VOLUME;
			net.b.conf->entry.v[j].kilobytes = want;
		}
		net_packet(&net.a);
		net_pump(&net);
		assert_int_equal(kernel_fake_last(&net.b.ike->kernel)->kilobytes, want);
		/* a limit is told only to who has offered another one */
		assert_int_equal(kernel_fake_last(&net.a.ike->kernel)->kilobytes, VG_NO_VOLUME);
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
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(authenticated(&net.a), 1);
	assert_int_equal(net_contacts(&net.b), 1);
	net_pass(&net, 600 * 899);
	assert_int_equal(authenticated(&net.a), 1);
	net_pass(&net, 600 * 50);
	assert_int_equal(authenticated(&net.a), 2);
	assert_int_equal(authenticated(&net.b), 2);
	/* that would have ended the pairs that it is for */
	assert_int_equal(net_contacts(&net.b), 1);
	net_pass(&net, 600 * 60);
	assert_int_equal(authenticated(&net.a), 1);
	assert_int_equal(authenticated(&net.b), 1);
	assert_true(kernel_fake_sas(&net.a.ike->kernel) >= 2);
	/* nobody needs one without a pair */
	while (!LIST_EMPTY(&net.a.ike->children))
		child_free(LIST_FIRST(&net.a.ike->children), "test");
	while (!LIST_EMPTY(&net.b.ike->children))
		child_free(LIST_FIRST(&net.b.ike->children), "test");
	net_pass(&net, 700 * 1000);
	assert_int_equal(authenticated(&net.a), 0);
	net_free(&net);
}

static void goodbye(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	ike_goodbye(net.a.ike);
	net_pump(&net);
	assert_int_equal(net.b.ike->n_children, 0);
	assert_int_equal(kernel_fake_sas(&net.b.ike->kernel), 0);
	net_pass(&net, 61000);
	assert_int_equal(net.b.ike->n_sas, 0);
	net_free(&net);
}

/* Nobody is there; then somebody is. */
static void silence(void **state)
{
	struct net net;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net.n = 0;
	for (int i = 0; i < 200; i++) {
		net.a.ike->now += 1000;
		timers_run(&net.a.ike->timers, net.a.ike->now);
		net.n = 0;
	}
	assert_int_equal(net.a.ike->n_wants, 0);
	assert_int_equal(net.a.ike->n_sas, 0);
	net.b.ike->now = net.a.ike->now;
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	net_free(&net);
}

GROUP(group_site)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(begun), cmocka_unit_test(renewed),
		cmocka_unit_test(lost_events), cmocka_unit_test(collision),
		cmocka_unit_test(behind_nat), cmocka_unit_test(committed),
		cmocka_unit_test(transport), cmocka_unit_test(lossy), cmocka_unit_test(wrong_key),
		cmocka_unit_test(silence), cmocka_unit_test(other_network),
		cmocka_unit_test(isakmp_renewed), cmocka_unit_test(shorter_life),
		cmocka_unit_test(no_volume),
		cmocka_unit_test(goodbye),
	};

	return RUN_GROUP(tests);
}
