// SPDX-License-Identifier: GPL-2.0
/*
 * What peers do differently: the versions of NAT traversal, with their numbers, and
 * the commit bit. What the operator does with a session, too.
 */
#include "ctl.h"
#include "natt.h"
#include "test_vpnd_peer.h"

#define NAT_ADDR	0xc946205a	/* 201.70.32.90 */
#define SITE_ADDR	0xc946205c	/* 201.70.32.92 */

/* Type on the wire of the payload behind the n-th one. */
static uint8_t next_type(const struct received *r, size_t n)
{
	return r->data[r->m.p[n].start];
}

/* Behind NAT by RFC 3947 or a draft, which answers in the same numbers. */
static void versions(void **state)
{
	static const enum natt_version known[] = {
		NATT_RFC, NATT_DRAFT_03, NATT_DRAFT_02N, NATT_DRAFT_02,
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(known); i++) {
		uint8_t natd = known[i] == NATT_RFC ? PLD_NATD : PLD_NATD_DRAFT;
		const struct kernel_pair *pair;
		const char *why = NULL;
		struct iv req = { 0 };
		struct received r;
		struct mbuf vid;
		struct world w;
		struct peer p;
		uint32_t addr;
		size_t len;

		world_make(&w, deployment_conf);
		peer_init(&p, &w, NAT_ADDR);
		p.natt = known[i];
		peer_main_1(&p);
		/* it is told which of its versions was taken */
		vid.len = 0;
		vid.next_at = 0;
		vid.overflow = false;
		natt_put_vid(&vid, known[i]);
		assert_int_equal(vid.len, 20);
		assert_non_null(memmem(w.wire[0].data, w.wire[0].len, vid.data + 4, 16));
		assert_true(peer_main_3(&p));
		/* message 4, which is left on the wire */
		assert_int_equal(w.n_wire, 1);
		len = w.wire[0].len;
		memcpy(r.data, w.wire[0].data, len);
		assert_int_equal(msg_payloads(&r.m, r.data, len, MSG_MM4, &why), 0);
		assert_non_null(msg_find(&r.m, PLD_NATD, 1));
		assert_int_equal(next_type(&r, r.m.n - 2), natd);
		assert_int_equal(next_type(&r, r.m.n - 3), natd);
		assert_true(peer_main_5(&p));
		assert_true(peer_main_6(&p));
		assert_true(peer_sa(&p)->nat_peer);
		assert_false(peer_sa(&p)->nat_here);
		assert_int_equal(peer_sa(&p)->natt, known[i]);
		peer_cfg(&p, CFG_REQUEST, 5, &req);
		assert_int_equal(peer_set(&p, &req, &addr), 5);
		peer_quick_1(&p, 6, LEASE_ADDR);
		assert_true(peer_quick_2(&p, &r));
		peer_quick_3(&p);
		pair = kernel_fake_last(&w.ike->kernel);
		assert_int_equal(pair->local_port, NATT_PORT);
		assert_int_equal(pair->peer_port, 1024);
		peer_free(&p);
		world_free(&w);
	}
}

/* Without NAT nobody floats, and "no crypto ipsec nat-transparency" finds none. */
static void no_nat(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	w.conf->no_natt = true;
	peer_init(&p, &w, NAT_ADDR);
	p.natt = NATT_RFC;
	peer_main_1(&p);
	assert_true(peer_main_3(&p));
	assert_true(peer_take(&p, &r, MSG_MM4, NULL));
	assert_null(msg_find(&r.m, PLD_NATD, 0));
	assert_false(peer_sa(&p)->nat_peer);
	peer_free(&p);
	world_free(&w);
}

/* Whoever sets the commit bit is understood; we never do (RFC 2408 3.1). */
static void commit(void **state)
{
	struct iv req = { 0 };
	struct received r;
	struct world w;
	struct peer p;
	uint32_t addr;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	p.commit = true;
	assert_true(peer_connect(&p));
	peer_cfg(&p, CFG_REQUEST, 5, &req);
	assert_int_equal(w.wire[0].data[19], ISAKMP_FLAG_ENC);
	assert_int_equal(peer_set(&p, &req, &addr), 5);
	peer_quick_1(&p, 6, LEASE_ADDR);
	assert_int_equal(w.n_wire, 1);
	assert_int_equal(w.wire[0].data[19], ISAKMP_FLAG_ENC);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	peer_free(&p);
	world_free(&w);
}

static void ask(struct world *w, const char *command, const char *answer)
{
	struct ctl_request req = { .ike = w->ike };
	char line[100], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	snprintf(line, sizeof(line), "%s", command);
	ctl_answer(&req, line, out);
	fclose(out);
	if (*answer ? !strstr(text, answer) : *text)
		fail_msg("'%s' answered '%s', wanted '%s'", command, text, answer);
	free(text);
}

/* All that there is with one peer ends, and it is told; nobody else notices. */
static void cleared(void **state)
{
	struct peer p[2];
	struct received r;
	char packets[60];
	struct world w;

	world_make(&w, deployment_conf);
	for (int i = 0; i < 2; i++) {
		struct iv req = { 0 };
		uint32_t addr;

		peer_init(&p[i], &w, PEER_ADDR + i);
		assert_true(peer_connect(&p[i]));
		peer_cfg(&p[i], CFG_REQUEST, 5, &req);
		assert_int_equal(peer_set(&p[i], &req, &addr), 5);
		peer_quick_1(&p[i], 6, LEASE_ADDR + i);
		assert_true(peer_quick_2(&p[i], &r));
		peer_quick_3(&p[i]);
	}
	snprintf(packets, sizeof(packets), "Inbound: %u packets, %u bytes", p[0].out_spi % 1000,
		 p[0].out_spi);
	ask(&w, "show crypto session", packets);
	ask(&w, "clear crypto session remote 1.2.3.4", "% no session with that peer");
	assert_int_equal(w.n_wire, 0);
	ask(&w, "clear crypto session remote 201.70.32.82", "");
	assert_int_equal(peer_sa(&p[0])->state, MM_DEAD);
	assert_int_equal(peer_sa(&p[1])->state, QM_IDLE);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(w.ike->pool[0].n_free, 253);
	assert_true(peer_take(&p[0], &r, MSG_INFO, &(struct iv){ 0 }));
	assert_non_null(msg_find(&r.m, PLD_DELETE, 0));
	assert_true(peer_take(&p[0], &r, MSG_INFO, &(struct iv){ 0 }));
	assert_int_equal(w.n_wire, 0);
	ask(&w, "clear crypto session", "");
	assert_int_equal(peer_sa(&p[1])->state, MM_DEAD);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 0);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	peer_free(&p[0]);
	peer_free(&p[1]);
	world_free(&w);
}

/* The operator begins, where an entry names the peer; a dynamic entry never does. */
static void connected(void **state)
{
	static const char site[] =
		"crypto map intmap 5 ipsec-isakmp\n set peer 201.70.32.92\n"
		" match address 150\n set transform-set trans1\n"
		"access-list 150 permit ip 10.2.2.0 0.0.0.255 10.9.0.0 0.0.0.255\n";
	char conf[2000];
	struct world w;

	snprintf(conf, sizeof(conf), "%s%s", deployment_conf, site);
	world_make(&w, conf);
	ask(&w, "connect crypto session remote 201.70.32.82", "% no entry of a crypto map");
	assert_int_equal(w.n_wire, 0);
	ask(&w, "connect crypto session remote 201.70.32.92", "");
	assert_int_equal(w.n_wire, 1);
	assert_int_equal(w.wire[0].to.addr, SITE_ADDR);
	assert_int_equal(w.wire[0].data[18], EXCH_MAIN);
	/* once is enough */
	ask(&w, "connect crypto session remote 201.70.32.92", "");
	assert_int_equal(w.n_wire, 1);
	world_free(&w);
}

int group_natt(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions), cmocka_unit_test(no_nat), cmocka_unit_test(commit),
		cmocka_unit_test(cleared), cmocka_unit_test(connected),
	};

	return RUN_GROUP(tests);
}
