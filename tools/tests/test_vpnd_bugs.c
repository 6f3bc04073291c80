// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs that other daemons have had, one packet each, kept for ever. The numbers are
 * CVEs of libreswan, strongSwan, racoon and IOS. By class:
 *
 *	messages without a state	without_state() here, smoke() and the fuzzer
 *	cookies, numbers, lengths	refused_cookie(), short_values(), many_payloads(),
 *					mixed_identities(); forged() for what follows a delete
 *	fragments			many_payloads(): they are not taken
 *	other versions, other states	probes(); noise() and others of test_vpnd_states.c
 *	memory that leaks into answers	no_echo()
 *	what is not authentic		forged(), forgeries(), test_vpnd_moved.c
 *	amplification			flood(), duplicates()
 *	aggressive mode			probes(); guard() and rate() of test_vpnd_clients.c
 *	wildcard keys			impersonation() here, wrong_proxies()
 *	arithmetic, authentication	off_curve(), other_authentication() here
 *	races of renewal		test_vpnd_races.c
 *	no integrity			no_integrity() here
 */
#include <errno.h>

#include "test_vpnd_peer.h"

/* 2023-30570: the cookie of a refusal is nobody's, and never comes twice. */
static void refused_cookie(void **state)
{
	uint8_t cookie[8] = { 0 };
	struct received r;
	struct world w;
	struct peer p;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	p.group = 2;
	for (int i = 0; i < 3; i++) {
		memset(p.cky_r, 0, 8);
		peer_main_1(&p);
		assert_true(peer_take(&p, &r, MSG_INFO_CLEAR, NULL));
		assert_memory_not_equal(cookie, r.m.hdr.cky_r, 8);
		memcpy(cookie, r.m.hdr.cky_r, 8);
		assert_int_equal(w.ike->n_sas, 0);
		/* going on with it, as if the offer had been accepted */
		memcpy(p.cky_r, cookie, 8);
		peer_header(&p, &b, EXCH_MAIN, 0);
		crypto_random(p.ke_i, 128);
		mbuf_payload(&b, PLD_KE, p.ke_i, 128);
		mbuf_payload(&b, PLD_NONCE, p.ni, sizeof(p.ni));
		mbuf_finish(&b);
		peer_put(&p, &b);
		b.data[19] = ISAKMP_FLAG_ENC;
		peer_put(&p, &b);
		assert_int_equal(w.n_wire, 0);
	}
	peer_free(&p);
	world_free(&w);
}

/*
 * 2019-12312, 2020-1763, 2022-23094: handlers and their messages for people, where
 * there is no SA, or half of one that belongs to somebody else.
 */
static void without_state(void **state)
{
	static const uint8_t exchanges[] = { EXCH_MAIN, EXCH_AGGRESSIVE, EXCH_INFO,
					     EXCH_TRANSACTION, EXCH_QUICK };
	static const uint16_t types[] = { 1, 14, 16, 18, 24, N_RESPONDER_LIFETIME,
					  N_INITIAL_CONTACT, N_R_U_THERE, N_R_U_THERE_ACK, 65535 };
	struct world w;
	struct peer p, half;

	world_make(&w, deployment_conf);
	peer_init(&half, &w, PEER_ADDR);
	peer_main_1(&half);
	w.n_wire = 0;
	w.bytes_out = 0;
	peer_init(&p, &w, PEER_ADDR);
	for (size_t i = 0; i < 4 * VG_ARRAY_SIZE(types) * sizeof(exchanges); i++) {
		struct blob spi = { p.cky_i, 8 };
		struct mbuf b;

		if (i & 1)
			crypto_random(p.cky_r, 8);
		if (i & 2)
			memcpy(p.cky_i, half.cky_i, 8);
		peer_header(&p, &b, exchanges[i % sizeof(exchanges)], i & 4 ? i : 0);
		mbuf_notify(&b, i % 4, types[i % VG_ARRAY_SIZE(types)], &spi, &spi);
		mbuf_payload(&b, PLD_DELETE, "\0\0\0\1\1\x10\0\1aaaaaaaabbbbbbbb", 24);
		mbuf_finish(&b);
		peer_put(&p, &b);
		b.data[19] = ISAKMP_FLAG_ENC;
		peer_put(&p, &b);
	}
	assert_int_equal(w.bytes_out, 0);
	assert_int_equal(w.ike->n_sas, 1);
	assert_int_equal(TAILQ_FIRST(&w.ike->half)->state, MM_SA_SETUP);
	peer_free(&p);
	peer_free(&half);
	world_free(&w);
}

/* Sends message 3 with such a public value and nonce; was there an answer? */
static bool answers_3(struct peer *p, const uint8_t *ke, size_t ke_len, size_t nonce_len)
{
	uint8_t nonce[300];
	struct mbuf b;

	crypto_random(nonce, sizeof(nonce));
	peer_header(p, &b, EXCH_MAIN, 0);
	mbuf_payload(&b, PLD_KE, ke, ke_len);
	mbuf_payload(&b, PLD_NONCE, nonce, nonce_len);
	mbuf_finish(&b);
	peer_put(p, &b);
	return p->w->n_wire;
}

/* 2015-3240, 2024-3652: public values and nonces that nobody sends by accident. */
static void short_values(void **state)
{
	static const size_t nonces[] = { 0, 1, 7, 257, 300 };
	uint8_t ke[128], good[DH_MAX];
	struct received r;
	struct dh *dh;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	assert_true(peer_take(&p, &r, MSG_MM2, NULL));
	memcpy(p.cky_r, r.m.hdr.cky_r, 8);
	dh = crypto_dh_new(1);
	assert_int_equal(crypto_dh_public(dh, good), 0);
	crypto_dh_free(dh);
	memset(ke, 0, sizeof(ke));
	assert_false(answers_3(&p, ke, 96, 20));	/* 0 */
	ke[95] = 1;
	assert_false(answers_3(&p, ke, 96, 20));
	memset(ke, 0xff, sizeof(ke));
	assert_false(answers_3(&p, ke, 96, 20));	/* beyond p */
	/* p - 1: of order 2 */
	assert_int_equal(vg_hex_parse("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1"
				      "29024E088A67CC74020BBEA63B139B22514A08798E3404DD"
				      "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245"
				      "E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFE",
				      ke, sizeof(ke)), 96);
	assert_false(answers_3(&p, ke, 96, 20));
	for (size_t len = 0; len <= 128; len++) {
		if (len != 96)
			assert_false(answers_3(&p, good, len, 20));
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(nonces); i++)
		assert_false(answers_3(&p, good, 96, nonces[i]));
	assert_int_equal(peer_sa(&p)->state, MM_SA_SETUP);
	assert_true(answers_3(&p, good, 96, 8));
	peer_free(&p);
	world_free(&w);
}

/* 2026-12413, 2016-10396: as many payloads as fit, and fragments, which we do not take. */
static void many_payloads(void **state)
{
	struct world w;
	struct peer p;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	for (unsigned int n = 20; n < 1500; n += n < 40 ? 1 : 100) {
		peer_header(&p, &b, EXCH_MAIN, 0);
		for (unsigned int i = 0; i < n; i++)
			mbuf_payload(&b, PLD_VID, "x", 1);
		mbuf_finish(&b);
		peer_put(&p, &b);
		/* the same with the offer as the last one */
		b.len = ISAKMP_HDR_LEN;
		b.overflow = false;
		b.next_at = 16;
		for (unsigned int i = 0; i < n; i++)
			mbuf_payload(&b, PLD_VID, "", 0);
		mbuf_payload(&b, PLD_SA, "\0\0\0\1\0\0\0\1", 8);
		mbuf_finish(&b);
		peer_put(&p, &b);
	}
	for (unsigned int type = 0; type < 256; type++) {
		peer_header(&p, &b, EXCH_MAIN, 0);
		mbuf_payload(&b, type, "\0\1\0\1fragment", 12);
		mbuf_finish(&b);
		peer_put(&p, &b);
	}
	assert_int_equal(w.n_wire, 0);
	assert_int_equal(w.ike->n_sas, 0);
	world_free(&w);
}

/* Quick mode with those identities; was it answered with anything but a refusal? */
static bool accepts_ids(struct peer *p, uint32_t msgid, const uint8_t *ci, size_t ci_len,
			const uint8_t *cr, size_t cr_len)
{
	static const uint8_t t[] = { 0, 0, 0, 16, 1, ESP_DES, 0, 0, 0x80, 5, 0, 1, 0x80, 4, 0, 1 };
	struct blob transform = { t, sizeof(t) };
	unsigned int before = kernel_fake_halves(&p->w->ike->kernel);
	struct iv iv = { 0 };
	struct mbuf b;
	size_t at;

	peer_header(p, &b, EXCH_QUICK, msgid);
	at = mbuf_begin_hash(&b, p->keys.len);
	mbuf_sa(&b, 1, PROTO_ESP, &(struct blob){ (const uint8_t *)"\1\2\3\4", 4 }, &transform);
	mbuf_payload(&b, PLD_NONCE, p->ni, sizeof(p->ni));
	if (ci)
		mbuf_payload(&b, PLD_ID, ci, ci_len);
	if (cr)
		mbuf_payload(&b, PLD_ID, cr, cr_len);
	peer_seal(p, &b, &iv, msgid, at);
	peer_put(p, &b);
	p->w->n_wire = 0;
	return kernel_fake_halves(&p->w->ike->kernel) != before;
}

/* 2023-38711: two identities whose types do not go together, or that are none. */
static void mixed_identities(void **state)
{
	static const uint8_t lease[] = { ID_IPV4_ADDR, 0, 0, 0, 10, 2, 1, 1 };
	static const uint8_t net[] = { ID_IPV4_SUBNET, 0, 0, 0, 10, 2, 2, 0, 255, 255, 255, 0 };
	static const struct {
		uint8_t v[13], len;
	} bad[] = {
		{ { 0 }, 0 }, { { ID_IPV4_ADDR, 0, 0 }, 3 }, { { ID_IPV4_ADDR }, 4 },
		{ { ID_IPV4_ADDR, 0, 0, 0, 10, 2, 1 }, 7 },
		{ { ID_IPV4_ADDR, 0, 0, 0, 10, 2, 1, 1, 0 }, 9 },
		{ { ID_IPV4_SUBNET, 0, 0, 0, 10, 2, 2, 0 }, 8 },
		{ { ID_IPV4_SUBNET, 0, 0, 0, 10, 2, 2, 0, 255, 0, 255, 0 }, 12 },
		{ { ID_IPV4_SUBNET, 0, 0, 0, 10, 2, 2, 9, 255, 255, 255, 0 }, 12 },
		{ { ID_FQDN, 0, 0, 0, 'a', '.', 'b' }, 7 }, { { ID_KEY_ID, 0, 0, 0, 1 }, 5 },
		{ { ID_IPV4_RANGE, 0, 0, 0, 10, 2, 2, 9, 10, 2, 2, 1 }, 12 },
		{ { 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 13 }, { { 255, 255, 255, 255 }, 8 },
		{ { ID_IPV4_SUBNET, 6, 0, 80, 10, 2, 2, 0, 255, 255, 255, 0 }, 12 },
	};
	struct iv set = { 0 };
	struct world w;
	struct peer p;
	uint32_t addr, msgid = 1000;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	peer_cfg(&p, CFG_REQUEST, 4, &set);
	assert_int_equal(peer_set(&p, &set, &addr), 4);
	for (size_t i = 0; i < VG_ARRAY_SIZE(bad); i++) {
		assert_false(accepts_ids(&p, ++msgid, bad[i].v, bad[i].len, net, sizeof(net)));
		assert_false(accepts_ids(&p, ++msgid, lease, sizeof(lease), bad[i].v,
					 bad[i].len));
		assert_false(accepts_ids(&p, ++msgid, bad[i].v, bad[i].len, bad[i].v,
					 bad[i].len));
	}
	assert_false(accepts_ids(&p, ++msgid, lease, sizeof(lease), NULL, 0));
	assert_false(accepts_ids(&p, ++msgid, NULL, 0, net, sizeof(net)));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_true(accepts_ids(&p, ++msgid, lease, sizeof(lease), net, sizeof(net)));
	peer_free(&p);
	world_free(&w);
}

/*
 * A wildcard key says that somebody is a client, not which one: nobody takes the
 * name, the address, the network or the associations of another.
 */
static void impersonation(void **state)
{
	struct iv req = { 0 };
	struct peer a, b, c;
	struct received r;
	struct world w;
	uint32_t addr;

	world_make(&w, deployment_conf);
	peer_init(&a, &w, PEER_ADDR);
	assert_true(peer_connect(&a));
	peer_cfg(&a, CFG_REQUEST, 4, &req);
	assert_int_equal(peer_set(&a, &req, &addr), 4);
	assert_int_equal(addr, LEASE_ADDR);
	peer_quick_1(&a, 5, LEASE_ADDR);
	assert_true(peer_quick_2(&a, &r));
	peer_quick_3(&a);

	/* its name, from another address */
	peer_init(&b, &w, PEER_ADDR + 1);
	b.id_addr = PEER_ADDR;
	b.initial_contact = true;
	assert_false(peer_connect(&b));
	assert_int_equal(w.n_wire, 0);

	/* its address, its SPIs, itself as the only one */
	peer_init(&c, &w, PEER_ADDR + 1);
	c.initial_contact = true;
	assert_true(peer_connect(&c));
	req = (struct iv){ 0 };
	peer_cfg(&c, CFG_REQUEST, 4, &req);
	assert_int_equal(peer_set(&c, &req, &addr), 4);
	assert_int_equal(addr, LEASE_ADDR + 1);
	peer_quick_1(&c, 5, LEASE_ADDR);
	assert_true(peer_take(&c, &r, MSG_INFO, &(struct iv){ 0 }));
	peer_delete(&c, a.in_spi, false, 6);
	peer_delete(&c, a.out_spi, false, 7);
	assert_int_equal(peer_sa(&a)->state, QM_IDLE);
	assert_int_equal(child_count(peer_sa(&a)), 1);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 2);
	peer_free(&a);
	peer_free(&b);
	peer_free(&c);
	world_free(&w);
}

/* 2016-6415: an answer holds what was chosen, and nothing else of what came. */
static void no_echo(void **state)
{
	static const char secret[] = "SECRETSECRET";
	static const uint8_t fits[] = {
		0x80, 1, 0, 1, 0x80, 2, 0, 1, 0x80, 4, 0, 1, 0x80, 3, 0, 1,
	};
	uint8_t sa[200] = { 0, 0, 0, 1, 0, 0, 0, 1 };
	size_t at = 8, len;
	struct world w;
	struct peer p;
	struct mbuf b;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	/* a proposal with an SPI, a transform that fits not, one that does */
	memcpy(sa + at, (uint8_t[]){ 0, 0, 0, 0, 1, PROTO_ISAKMP, 12, 2 }, 8);
	memcpy(sa + at + 8, secret, 12);
	len = at + 20;
	memcpy(sa + len, (uint8_t[]){ 3, 0, 0, 24, 1, KEY_IKE, 0, 0, 0, 99, 0, 12 }, 12);
	memcpy(sa + len + 12, secret, 12);
	len += 24;
	memcpy(sa + len, (uint8_t[]){ 0, 0, 0, 24, 2, KEY_IKE, 0, 0 }, 8);
	memcpy(sa + len + 8, fits, 16);
	len += 24;
	sa[at + 3] = len - at;
	peer_header(&p, &b, EXCH_MAIN, 0);
	mbuf_payload(&b, PLD_SA, sa, len);
	mbuf_payload(&b, PLD_VID, secret, 12);
	mbuf_finish(&b);
	peer_put(&p, &b);
	if (w.n_wire) {
		assert_null(memmem(w.wire[0].data, w.wire[0].len, secret, 6));
		assert_true(w.wire[0].len <= b.len);
		assert_non_null(memmem(w.wire[0].data, w.wire[0].len, fits, sizeof(fits)));
	} else {
		fail_msg("an offer that fits was refused: %s", world_told(&w));
	}
	peer_free(&p);
	world_free(&w);
}

/* Points that satisfy another curve than the one agreed on give secrets away. */
static void off_curve(void **state)
{
	static const uint8_t groups[] = { 19, 20, 21 };

	for (size_t i = 0; i < sizeof(groups); i++) {
		struct dh *a = crypto_dh_new(groups[i]), *b = crypto_dh_new(groups[i]);
		size_t len = crypto_dh_len(groups[i]);
		uint8_t pub[DH_MAX], z[DH_MAX];

		assert_int_equal(crypto_dh_public(b, pub), 0);
		assert_int_equal(crypto_dh_shared(a, pub, len, z), 0);
		pub[len - 1] ^= 1;
		assert_int_equal(crypto_dh_shared(a, pub, len, z), -ERANGE);
		pub[len - 1] ^= 1;
		pub[len / 2 - 1] ^= 1;
		assert_int_equal(crypto_dh_shared(a, pub, len, z), -ERANGE);
		crypto_dh_free(a);
		crypto_dh_free(b);
	}
}

/* Everything but pre-shared keys, and XAUTH where it is configured, is refused. */
static void other_authentication(void **state)
{
	static const uint16_t methods[] = { 0, 2, 3, 4, 5, 6, 8, 64221, 65001, 65005, 65535 };

	for (size_t i = 0; i < VG_ARRAY_SIZE(methods); i++) {
		struct world w;
		struct peer p;

		world_make(&w, deployment_conf);
		peer_init(&p, &w, PEER_ADDR);
		p.auth = methods[i];
		peer_main_1(&p);
		assert_int_equal(w.ike->n_sas, 0);
		peer_free(&p);
		world_free(&w);
	}
}

/* Lengths of keys that a cipher does not have, life attributes without a type. */
static void odd_attributes(void **state)
{
	static const uint16_t offers[][10] = {
		{ 1, IKE_AES, 14, 0, 2, 1, 4, 1, 3, 1 },
		{ 1, IKE_AES, 14, 65535, 2, 1, 4, 1, 3, 1 },
		{ 1, IKE_DES, 14, 56, 2, 1, 4, 1, 3, 1 }, { 1, IKE_DES, 2, 1, 4, 1, 3, 1, 12, 10 },
		{ 1, IKE_DES, 2, 1, 4, 1, 3, 1, 11, 9 }, { 1, IKE_DES, 2, 1, 4, 1, 3, 1, 3, 1 },
		{ 1, IKE_DES, 2, 1, 4, 0, 3, 1, 13, 1 }, { 1, 0, 2, 0, 4, 0, 3, 0, 0, 0 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(offers); i++) {
		uint8_t sa[80] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 36, 1, PROTO_ISAKMP, 0, 1,
				   0, 0, 0, 28, 1, KEY_IKE, 0, 0 };
		struct world w;
		struct peer p;
		struct mbuf b;

		for (size_t j = 0; j < 10; j += 2) {
			uint8_t *a = sa + 24 + 2 * j;

			a[0] = 0x80;
			a[1] = offers[i][j];
			a[2] = offers[i][j + 1] >> 8;
			a[3] = offers[i][j + 1];
		}
		world_make(&w, deployment_conf);
		peer_init(&p, &w, PEER_ADDR);
		peer_header(&p, &b, EXCH_MAIN, 0);
		mbuf_payload(&b, PLD_SA, sa, 44);
		mbuf_finish(&b);
		peer_put(&p, &b);
		/* a life type alone says nothing and harms nobody */
		assert_int_equal(w.ike->n_sas, i == 4);
		peer_free(&p);
		world_free(&w);
	}
}

/* Paterson and Yau: ESP without integrity is not negotiated, whatever is configured. */
static void no_integrity(void **state)
{
	static const char *const sets[] = { "esp-des", "esp-null", "esp-aes 256" };

	for (size_t i = 0; i < VG_ARRAY_SIZE(sets); i++) {
		struct vpnd_conf *conf = conf_new();
		struct vg_diags diags = { 0 };
		char text[300];

		snprintf(text, sizeof(text), "crypto isakmp policy 1\n authentication pre-share\n"
			 "crypto isakmp key k address 0.0.0.0\n"
			 "crypto ipsec transform-set t %s\ncrypto dynamic-map d 1\n"
			 " set transform-set t\ncrypto map m 1 ipsec-isakmp dynamic d\n", sets[i]);
		conf_parse(conf, text, strlen(text), &diags);
		assert_int_not_equal(diags.errors, 0);
		vg_diags_free(&diags);
		conf_free(conf);
	}
}

int group_bugs(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_cookie), cmocka_unit_test(short_values),
		cmocka_unit_test(many_payloads), cmocka_unit_test(mixed_identities),
		cmocka_unit_test(no_echo), cmocka_unit_test(odd_attributes),
		cmocka_unit_test(no_integrity), cmocka_unit_test(without_state),
		cmocka_unit_test(impersonation), cmocka_unit_test(off_curve),
		cmocka_unit_test(other_authentication),
	};

	return RUN_GROUP(tests);
}
