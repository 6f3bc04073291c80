// SPDX-License-Identifier: GPL-2.0
/* Copies, forgeries, floods, and every message in every state. */
#include "test_vpnd_peer.h"

/* A second copy of each message gets the same answer and starts nothing. */
static void duplicates(void **state)
{
	struct received r;
	struct world w;
	struct peer p;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	peer_header(&p, &b, EXCH_MAIN, 0);	/* the same octets again */
	mbuf_payload(&b, PLD_SA, p.sai, p.sai_len);
	mbuf_finish(&b);
	peer_put(&p, &b);
	assert_int_equal(w.ike->n_sas, 1);
	assert_int_equal(w.n_wire, 2);
	assert_memory_equal(w.wire[0].data, w.wire[1].data, w.wire[0].len);
	for (int i = 0; i < 100; i++)
		peer_put(&p, &b);
	assert_in_range(w.bytes_out, 1, (IKE_REPLIES_MAX + 1) * w.wire[0].len);
	/* the same cookie with another offer is not a second try */
	b.data[b.len - 1] ^= 1;
	w.n_wire = 1;
	peer_put(&p, &b);
	assert_int_equal(w.ike->n_sas, 1);
	assert_int_equal(w.n_wire, 1);
	assert_true(peer_main_3(&p));
	assert_true(peer_main_5(&p));
	assert_true(peer_main_6(&p));
	peer_notify(&p, N_R_U_THERE, 1, 50);
	peer_notify(&p, N_R_U_THERE, 1, 50);
	peer_notify(&p, N_R_U_THERE, 2, 50);	/* another message, the same ID */
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);
}

/* What is wrong leaves no trace: the right message is accepted after it. */
static void wrong_then_right(void **state)
{
	struct received r;
	struct world w;
	struct peer p, bad;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	/* message 3 with a public value of 1, and one that is too short */
	bad = p;
	assert_true(peer_take(&bad, &r, MSG_MM2, NULL));
	memcpy(bad.cky_r, r.m.hdr.cky_r, 8);
	memset(bad.ke_i, 0, sizeof(bad.ke_i));
	bad.ke_i[95] = 1;
	for (size_t len = 96; len >= 95; len--) {
		peer_header(&bad, &b, EXCH_MAIN, 0);
		mbuf_payload(&b, PLD_KE, bad.ke_i, len);
		mbuf_payload(&b, PLD_NONCE, bad.ni, sizeof(bad.ni));
		mbuf_finish(&b);
		peer_put(&bad, &b);
	}
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(peer_sa(&bad)->state, MM_SA_SETUP);
	world_free(&w);

	/* another key, another identity, then the right ones */
	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	assert_true(peer_main_3(&p));
	bad = p;
	bad.psk = "another key";
	assert_int_equal(w.n_wire, 1);
	assert_true(peer_main_5(&bad));
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(peer_sa(&p)->state, MM_KEY_EXCH);
	world_free(&w);
	peer_free(&p);

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	p.id_addr = 0x01020304;
	peer_main_1(&p);
	assert_true(peer_main_3(&p));
	assert_true(peer_main_5(&p));
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(peer_sa(&p)->state, MM_KEY_EXCH);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	peer_free(&p);
	world_free(&w);
}

/* Sends HASH with one bit wrong, then nothing; state must not move. */
static void forged(void **state)
{
	struct blob none = { NULL, 0 };
	struct iv iv = { 0 }, req = { 0 };
	struct received r;
	struct world w;
	struct peer p, outsider;
	uint8_t spi[16];
	struct mbuf b;
	uint32_t addr;
	size_t at;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	peer_cfg(&p, CFG_REQUEST, 4, &req);
	assert_int_equal(peer_set(&p, &req, &addr), 4);
	peer_quick_1(&p, 5, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);

	/* in clear */
	memcpy(spi, p.cky_i, 8);
	memcpy(spi + 8, p.cky_r, 8);
	none.p = spi;
	peer_header(&p, &b, EXCH_INFO, 60);
	mbuf_notify(&b, PROTO_ISAKMP, N_INITIAL_CONTACT, &none, &none);
	at = mbuf_begin(&b, PLD_DELETE);
	mbuf_u32(&b, IPSEC_DOI);
	mbuf_u32(&b, PROTO_ISAKMP << 24 | 16 << 16 | 1);
	mbuf_put(&b, spi, 16);
	mbuf_end(&b, at);
	mbuf_finish(&b);
	peer_put(&p, &b);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);

	/* encrypted by somebody without SKEYID_a */
	outsider = p;
	outsider.keys.a[0] ^= 1;
	peer_delete(&outsider, p.in_spi, true, 61);
	peer_delete(&outsider, p.in_spi, false, 62);
	peer_notify(&outsider, N_R_U_THERE, 7, 63);
	peer_cfg(&outsider, CFG_REQUEST, 64, &iv);
	peer_quick_1(&outsider, 65, LEASE_ADDR);
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	/* such message IDs are not used up */
	peer_notify(&p, N_R_U_THERE, 7, 63);
	assert_int_equal(w.n_wire, 1);
	w.n_wire = 0;

	/* from another address */
	outsider = p;
	outsider.at.addr++;
	peer_delete(&outsider, p.in_spi, true, 66);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);

	/* a delete of everything: what follows it in the message finds a dead SA */
	peer_delete(&p, p.in_spi, true, 67);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	peer_notify(&p, N_R_U_THERE, 7, 68);
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);
}

/* A message recorded and sent again after its exchange is forgotten. */
static void replayed(void **state)
{
	struct iv iv = { 0 };
	struct world w;
	struct peer p;
	uint32_t addr;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	peer_cfg(&p, CFG_REQUEST, 4, &iv);
	assert_int_equal(peer_set(&p, &iv, &addr), 4);
	world_run(&w, IKE_PURGE_MS + 1);
	assert_int_equal(peer_sa(&p)->n_exchanges, 0);
	peer_cfg(&p, CFG_REQUEST, 4, &(struct iv){ 0 });
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(peer_sa(&p)->n_exchanges, 0);
	peer_free(&p);
	world_free(&w);
}

static void everything_at(struct peer *p)
{
	static const uint8_t exchanges[] = { 0, 1, 2, 3, 4, 5, 6, 7, 31, 32, 33, 34, 240, 255 };
	struct ike_sa *sa = peer_sa(p), before;
	struct world *w = p->w;

	for (size_t e = 0; e < sizeof(exchanges); e++) {
		for (unsigned int i = 0; i < 16 * 256; i++) {
			uint8_t flags = i & 7, body[72];
			struct mbuf b;

			peer_header(p, &b, exchanges[e], i & 8 ? 12345 : 0);
			crypto_random(body, sizeof(body));
			mbuf_put(&b, body, i >> 4 & 1 ? 72 : 64);
			b.data[16] = i >> 5;
			b.data[19] = flags;
			if (i & 1 << 11) {	/* a chain that holds together */
				b.len = ISAKMP_HDR_LEN;
				b.next_at = 16;
				mbuf_payload(&b, i >> 5 & 31, body, 16);
				mbuf_payload(&b, PLD_NONCE, body, 16);
				mbuf_pad(&b, 8);
			}
			mbuf_finish(&b);
			memcpy(&before, sa, sizeof(before));
			peer_put(p, &b);
			assert_memory_equal(&before, sa, sizeof(before));
		}
	}
	assert_int_equal(w->ike->n_sas, 1);
}

/* (state x message): what is not listed leaves the SA as it was, octet for octet. */
static void state_table(void **state)
{
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	w.ike->log.topics = 0;
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	memcpy(p.cky_r, TAILQ_FIRST(&w.ike->half)->cky_r, 8);
	assert_int_equal(peer_sa(&p)->state, MM_SA_SETUP);
	everything_at(&p);
	w.n_wire = 1;
	assert_true(peer_main_3(&p));
	assert_int_equal(peer_sa(&p)->state, MM_KEY_EXCH);
	everything_at(&p);
	assert_int_equal(w.n_wire, 1);
	assert_true(peer_main_5(&p));
	assert_true(peer_main_6(&p));
	everything_at(&p);
	assert_int_equal(w.n_wire, 0);
	peer_delete(&p, 1, true, 4);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	everything_at(&p);
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);
}

/* 10,000 first messages from invented sources, then a client (L25, A16). */
static void flood(void **state)
{
	size_t in = 0;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	w.ike->log.topics = 0;
	for (uint32_t i = 0; i < 10000; i++) {
		peer_init(&p, &w, 0x0b000000 + i);
		if (i & 1)	/* half of them offer what we refuse */
			p.group = 2;
		peer_main_1(&p);
		in += 28 + 4 + p.sai_len;
	}
	assert_true(w.bytes_out <= in + in / 2);
	assert_int_equal(w.ike->n_half, IKE_HALF_OPEN_MAX);
	assert_int_equal(w.ike->n_sas, IKE_HALF_OPEN_MAX);
	w.n_wire = 0;
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	peer_free(&p);
	/* one address alone cannot fill the table */
	world_run(&w, IKE_HALF_OPEN_MS + 1);
	for (uint32_t i = 0; i < 1000; i++) {
		peer_init(&p, &w, 0x0b000000);
		peer_main_1(&p);
	}
	assert_int_equal(w.ike->n_half, IKE_HALF_OPEN_PER_PEER);
	world_free(&w);
}

/* No answer tells a probe for aggressive mode or another version anything. */
static void probes(void **state)
{
	static const uint8_t exchanges[] = { 1, 3, 4, 5, 6, 32, 33, 34, 35, 36, 37 };
	struct world w;
	struct peer p;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	for (size_t i = 0; i < sizeof(exchanges); i++) {
		peer_header(&p, &b, exchanges[i], 0);
		mbuf_payload(&b, PLD_VID, "probe", 5);
		mbuf_finish(&b);
		peer_put(&p, &b);
		b.data[17] = 0x20;
		peer_put(&p, &b);
	}
	assert_int_equal(w.bytes_out, 0);
	assert_int_equal(w.ike->n_sas, 0);
	world_free(&w);
}

static void timers(void **state)
{
	struct timers heap = { 0 };
	struct timer t[200];
	uint64_t last = 0;

	for (size_t i = 0; i < 200; i++) {
		timer_init(&t[i], NULL, NULL);
		timer_start(&heap, &t[i], i * 7919 % 1009);
	}
	for (size_t i = 0; i < 200; i += 3)
		timer_stop(&heap, &t[i]);
	for (size_t i = 1; i < 200; i += 3)
		timer_start(&heap, &t[i], i * 104729 % 997);
	while (heap.n) {
		assert_true(timers_next(&heap) >= last);
		last = timers_next(&heap);
		timer_stop(&heap, heap.v[0]);
	}
	assert_true(timers_next(&heap) == UINT64_MAX);
	timers_free(&heap);
}

int group_hostile(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates), cmocka_unit_test(wrong_then_right),
		cmocka_unit_test(forged), cmocka_unit_test(replayed),
		cmocka_unit_test(state_table), cmocka_unit_test(flood),
		cmocka_unit_test(probes), cmocka_unit_test(timers),
	};

	return RUN_GROUP(tests);
}
