// SPDX-License-Identifier: GPL-2.0
/* A NAT that finds another place for a peer (RFC 3947 4, RFC 3948 4). */
#include "natt.h"
#include "test_vpnd_peer.h"

#define NAT_ADDR	0xc946205a	/* 201.70.32.90 */
#define OTHER_ADDR	0xc946205b
#define SITE_ADDR	0xc946205c
#define KEY_ADDR	0xc946205d

static const char more_conf[] =
	"crypto isakmp key another address 201.70.32.93\n"
	"crypto map intmap 5 ipsec-isakmp\n set peer 201.70.32.92\n match address 150\n"
	" set transform-set trans1\n"
	"access-list 150 permit ip 10.2.2.0 0.0.0.255 10.9.0.0 0.0.0.255\n";

/* A client behind NAT, with its address and a pair. */
static void connected(struct world *w, struct peer *p)
{
	struct iv req = { 0 };
	struct received r;
	char conf[2000];
	uint32_t addr;

	snprintf(conf, sizeof(conf), "%s%s", deployment_conf, more_conf);
	world_make(w, conf);
	peer_init(p, w, NAT_ADDR);
	p->natt = NATT_RFC;
	assert_true(peer_connect(p));
	assert_true(peer_sa(p)->nat_peer);
	peer_cfg(p, CFG_REQUEST, 5, &req);
	assert_int_equal(peer_set(p, &req, &addr), 5);
	assert_int_equal(addr, LEASE_ADDR);
	peer_quick_1(p, 6, LEASE_ADDR);
	if (!peer_quick_2(p, &r))
		fail_msg("no quick mode: %s", world_told(w));
	peer_quick_3(p);
	assert_int_equal(kernel_fake_sas(&w->ike->kernel), 2);
	assert_int_equal(kernel_fake_last(&w->ike->kernel)->peer_port, 1024);
}

static void done(struct world *w, struct peer *p)
{
	peer_free(p);
	world_free(w);
}

/* The kernel, the SAs and the lease agree that the client is at @p->at now. */
static void assert_at(struct peer *p, bool moved)
{
	struct kernel *k = &p->w->ike->kernel;
	const struct kernel_place *in = kernel_fake_place(k, GW_ADDR, p->out_spi);
	const struct kernel_place *out = kernel_fake_place(k, p->at.addr, p->in_spi);
	struct ike_sa *sa = peer_sa(p);

	if (!moved) {
		assert_null(in);
		assert_int_equal(sa->peer.port, 1024);
		assert_int_equal(sa->peer.addr, NAT_ADDR);
		assert_int_equal(LIST_FIRST(&p->w->ike->children)->peer.port, 1024);
		return;
	}
	assert_int_equal(sa->peer.port, p->at.port);
	assert_int_equal(sa->peer.addr, p->at.addr);
	assert_non_null(in);
	assert_int_equal(in->peer, p->at.addr);
	assert_int_equal(in->sport, p->at.port);
	assert_int_equal(in->dport, NATT_PORT);
	assert_non_null(out);
	assert_int_equal(out->sport, NATT_PORT);
	assert_int_equal(out->dport, p->at.port);
	assert_int_equal(child_count(sa), 1);
	assert_int_equal(sa->lease->owner.port, p->at.port);
	assert_int_equal(sa->lease->owner.peer, p->at.addr);
	assert_int_equal(kernel_fake_routes(k), 1);
}

/* A keepalive from another port: answered there, and everything follows. */
static void other_port(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	connected(&w, &p);
	p.at.port = 2048;
	peer_notify(&p, N_R_U_THERE, 1, 100);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_at(&p, true);
	assert_non_null(strstr(world_told(&w), "peer has moved from 201.70.32.90 port 1024 to "
			       "201.70.32.90 port 2048"));
	/* it is one client still: its delete is obeyed, its address comes back */
	peer_delete(&p, p.in_spi, false, 101);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 0);
	peer_delete(&p, p.in_spi, true, 102);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 0);
	done(&w, &p);
}

static void other_address(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	connected(&w, &p);
	p.at = (struct endpoint){ OTHER_ADDR, 1024 };
	peer_notify(&p, N_R_U_THERE, 1, 100);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_at(&p, true);
	/* what comes next is made for the new place */
	peer_quick_1(&p, 7, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->peer, OTHER_ADDR);
	peer_delete(&p, p.in_spi, true, 102);
	done(&w, &p);
}

/* What nobody with the keys has sent moves nothing, nor does what was sent before. */
static void not_authentic(void **state)
{
	struct endpoint gw = { GW_ADDR, NATT_PORT }, there = { NAT_ADDR, 4096 };
	struct received r;
	struct world w;
	struct peer p;
	struct mbuf b;
	uint8_t copy[MSG_MAX];
	size_t len;

	connected(&w, &p);
	for (uint32_t msgid = 200; msgid < 400; msgid++) {
		peer_header(&p, &b, msgid & 1 ? EXCH_INFO : EXCH_QUICK, msgid);
		crypto_random(b.data + b.len, 48);
		b.len += 48;
		mbuf_finish(&b);
		b.data[19] = ISAKMP_FLAG_ENC;
		ike_input(w.ike, &gw, &there, b.data, b.len);
		assert_at(&p, false);
	}
	assert_int_equal(w.n_wire, 0);
	/* a message of its own, which somebody repeats from elsewhere */
	peer_header(&p, &b, EXCH_INFO, 500);
	{
		struct blob spi = { p.cky_i, 8 };
		size_t at = mbuf_begin_hash(&b, p.keys.len);

		mbuf_notify(&b, PROTO_ISAKMP, N_REPLAY_STATUS, &spi, &spi);
		peer_seal(&p, &b, &(struct iv){ 0 }, 500, at);
	}
	memcpy(copy, b.data, b.len);
	len = b.len;
	peer_put(&p, &b);
	ike_input(w.ike, &gw, &there, copy, len);
	world_run(&w, IKE_PURGE_MS + 1000);
	ike_input(w.ike, &gw, &there, copy, len);
	assert_at(&p, false);
	assert_false(peer_take(&p, &r, MSG_INFO, NULL));
	done(&w, &p);
}

/* Nobody moves without NAT, to a site's place, or to where another key would do. */
static void not_believed(void **state)
{
	static const struct endpoint places[] = {
		{ SITE_ADDR, 1024 }, { KEY_ADDR, 1024 }, { NAT_ADDR, 0 },
	};
	struct world w;
	struct peer p;

	connected(&w, &p);
	for (size_t i = 0; i < VG_ARRAY_SIZE(places); i++) {
		p.at = places[i];
		peer_notify(&p, N_R_U_THERE, i, 100 + i);
		p.at = (struct endpoint){ NAT_ADDR, 1024 };
		assert_at(&p, false);
	}
	/* NAT in front of nobody, or of us alone */
	peer_sa(&p)->nat_peer = false;
	for (uint32_t i = 0; i < 2; i++) {
		peer_sa(&p)->nat_here = i;
		p.at.port = 2048;
		peer_notify(&p, N_R_U_THERE, 9, 109 + i);
		p.at.port = 1024;
		assert_at(&p, false);
	}
	assert_int_equal(w.n_wire, 0);
	done(&w, &p);
}

/* ESP says so first, while no message comes. */
static void by_packet(void **state)
{
	struct kernel_event e = {
		.kind = KERNEL_PEER, .daddr = GW_ADDR, .src = NAT_ADDR, .sport = 3000,
	};
	struct world w;
	struct peer p;

	connected(&w, &p);
	e.spi = p.out_spi + 1;
	child_event(w.ike, &e);
	assert_at(&p, false);
	e.spi = p.out_spi;
	child_event(w.ike, &e);
	p.at.port = 3000;
	assert_at(&p, true);
	done(&w, &p);
}

/* In the middle of a quick mode, whose first half the kernel has. */
static void under_way(void **state)
{
	const struct kernel_place *place;
	struct received r;
	struct world w;
	struct peer p;
	uint32_t before;

	connected(&w, &p);
	before = p.out_spi;
	peer_quick_1(&p, 7, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 1);
	p.at.port = 2048;
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->peer_port, 2048);
	assert_int_equal(child_count(peer_sa(&p)), 2);
	place = kernel_fake_place(&w.ike->kernel, GW_ADDR, p.out_spi);
	assert_non_null(place);
	assert_int_equal(place->sport, 2048);
	place = kernel_fake_place(&w.ike->kernel, GW_ADDR, before);
	assert_non_null(place);
	assert_int_equal(place->sport, 2048);
	done(&w, &p);
}

int group_moved(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_port), cmocka_unit_test(other_address),
		cmocka_unit_test(not_authentic), cmocka_unit_test(not_believed),
		cmocka_unit_test(by_packet), cmocka_unit_test(under_way),
	};

	return RUN_GROUP(tests);
}
