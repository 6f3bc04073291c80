// SPDX-License-Identifier: GPL-2.0
/* Messages: what is written is read back, what is malformed is refused. */
#include <errno.h>

#include "msg.h"
#include "test_vpnd.h"

static const struct msg_id inside_net = {
	.type = ID_IPV4_SUBNET, .lo = 0x0a020200, .hi = 0xffffff00,
};

static const struct msg_hdr hdr = {
	.cky_i = { 1, 2, 3, 4, 5, 6, 7, 8 }, .exch = EXCH_MAIN,
};

/* One DES/MD5/group 1/pre-shared transform, as the deployment's client sends it. */
static const uint8_t transform[] = {
	0, 0, 0, 24, 1, 1, 0, 0, 0x80, 1, 0, 1, 0x80, 2, 0, 1, 0x80, 3, 0, 1, 0x80, 4, 0, 1,
};

static void write_mm1(struct mbuf *b)
{
	static const struct blob none, t = { transform, sizeof(transform) };

	mbuf_start(b, &hdr);
	mbuf_sa(b, 1, PROTO_ISAKMP, &none, &t);
	mbuf_payload(b, PLD_VID, "vendor", 6);
	assert_true(mbuf_finish(b));
}

static void round_trip(void **state)
{
	struct mbuf b;
	struct msg m;
	struct msg_sa sa;
	const char *why = NULL;

	write_mm1(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.end, b.len);
	msg_read_sa(msg_find(&m, PLD_SA, 0), &sa);
	assert_int_equal(sa.n_proposals, 1);
	assert_int_equal(sa.proposal[0].protocol, PROTO_ISAKMP);
	assert_int_equal(sa.proposal[0].n, 1);
	assert_int_equal(sa.transform[0].n, 4);
	assert_int_equal(sa.transform[0].attr[1].type, IKE_ATTR_HASH);
	assert_int_equal(sa.transform[0].attr[1].value, IKE_MD5);
	assert_int_equal(sa.transform[0].raw.len, sizeof(transform));
	assert_memory_equal(sa.transform[0].raw.p, transform, sizeof(transform));
	assert_null(msg_find(&m, PLD_SA, 1));
	assert_null(msg_find(&m, PLD_KE, 0));
}

/* Every message cut short, in place, is refused or has lost a whole payload. */
static void truncated(void **state)
{
	const char *why;
	struct mbuf b;
	struct msg m;

	write_mm1(&b);
	for (size_t len = 0; len < b.len; len++) {
		uint8_t *copy = malloc(len + 1);

		memcpy(copy, b.data, len);
		assert_int_equal(msg_payloads(&m, copy, len, MSG_MM1, &why), -EBADMSG);
		if (len >= ISAKMP_HDR_LEN) {	/* with a length that agrees */
			copy[26] = len >> 8;
			copy[27] = len;
			assert_int_equal(msg_payloads(&m, copy, len, MSG_MM1, &why), -EBADMSG);
		}
		free(copy);
	}
}

/* Each octet set to each of some values: no crash, and never more than was there. */
static void mutated(void **state)
{
	static const uint8_t values[] = { 0, 1, 3, 4, 7, 8, 0x7f, 0x80, 0xfe, 0xff };
	const char *why;
	struct mbuf b;
	struct msg m;

	write_mm1(&b);
	for (size_t at = 0; at < b.len; at++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			uint8_t *copy = malloc(b.len);

			memcpy(copy, b.data, b.len);
			copy[at] = values[v];
			if (!msg_payloads(&m, copy, b.len, MSG_MM1, &why)) {
				const struct payload *p = msg_find(&m, PLD_SA, 0);
				struct msg_sa sa;

				assert_non_null(p);
				msg_read_sa(p, &sa);
				assert_in_range(sa.n_transforms, 1, MSG_TRANSFORMS_MAX);
				assert_true(m.end <= b.len);
			}
			free(copy);
		}
	}
}

static void header(void **state)
{
	struct msg_hdr h;
	const char *why;
	struct mbuf b;

	write_mm1(&b);
	assert_int_equal(msg_header(b.data, b.len, &h, &why), 0);
	assert_int_equal(h.exch, EXCH_MAIN);
	assert_int_equal(h.len, b.len);
	b.data[17] = 0x20;		/* IKEv2 */
	assert_int_equal(msg_header(b.data, b.len, &h, &why), -EBADMSG);
	b.data[17] = 0x10;
	b.data[19] = 8;			/* a flag of IKEv2 */
	assert_int_equal(msg_header(b.data, b.len, &h, &why), -EBADMSG);
	b.data[19] = 0;
	memset(b.data, 0, 8);
	assert_int_equal(msg_header(b.data, b.len, &h, &why), -EBADMSG);
}

/* The table of payloads: unknown, repeated, of another version, missing, misplaced. */
static void allowed_payloads(void **state)
{
	static const uint8_t foreign[] = { 2, 3, 9, 15, 16, 21, 33, 43, 53, 127, 130, 132, 255 };
	const char *why = NULL;
	struct mbuf b;
	struct msg m;

	for (size_t i = 0; i < sizeof(foreign); i++) {
		write_mm1(&b);
		b.data[16 + 12] = PLD_VID;
		mbuf_payload(&b, foreign[i], "12345678", 8);
		mbuf_finish(&b);
		assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), -EBADMSG);
	}
	write_mm1(&b);
	mbuf_sa(&b, 1, PROTO_ISAKMP, &(struct blob){ 0 },
		&(struct blob){ transform, sizeof(transform) });
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), -EBADMSG);

	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_VID, "x", 1);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), -EBADMSG);
	assert_string_equal(why, "a payload is missing");

	/* quick mode: HASH has to come first, IDs in pairs */
	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_NONCE, "0123456789abcdef", 16);
	mbuf_payload(&b, PLD_HASH, "0123456789abcdef", 16);
	mbuf_sa(&b, 1, PROTO_ESP, &(struct blob){ transform, 4 },
		&(struct blob){ transform, sizeof(transform) });
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_QM1, &why), -EBADMSG);
	assert_string_equal(why, "HASH is not the first payload");

	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_HASH, "0123456789abcdef", 16);
	mbuf_sa(&b, 1, PROTO_ESP, &(struct blob){ transform, 4 },
		&(struct blob){ transform, sizeof(transform) });
	mbuf_payload(&b, PLD_NONCE, "0123456789abcdef", 16);
	mbuf_id(&b, &(struct msg_id){ .type = ID_IPV4_ADDR, .lo = 0x0a020101 });
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_QM1, &why), -EBADMSG);
	assert_string_equal(why, "one ID payload without the other");
}

/* A chain of the smallest payloads ends at the cap, not in a full array (L20). */
static void many_payloads(void **state)
{
	const char *why = NULL;
	struct mbuf b;
	struct msg m;

	write_mm1(&b);
	for (int i = 0; i < 300; i++)
		mbuf_payload(&b, PLD_VID, "", 0);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), -EBADMSG);
}

/* libreswan fills up to four octets with zeros, in clear too; more is something else. */
static void alignment(void **state)
{
	const char *why = NULL;
	struct mbuf b;
	struct msg m;

	write_mm1(&b);
	assert_int_equal(b.len % 4, 2);
	for (int zeros = 1; zeros <= 6; zeros++) {
		mbuf_u8(&b, 0);
		mbuf_finish(&b);
		assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why),
				 zeros == 2 ? 0 : -EBADMSG);
	}
	write_mm1(&b);
	mbuf_u16(&b, 1);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM1, &why), -EBADMSG);
}

static void other_payloads(void **state)
{
	static const uint8_t spis[] = { 0x0d, 0x5a, 0x1b, 0x10, 0xbf, 0x58, 0xde, 0x36 };
	struct blob none = { spis, 0 }, spi = { spis, 4 }, data = { spis, 8 };
	const char *why = NULL;
	struct msg_notify n;
	struct msg_delete d;
	struct msg_id id;
	struct msg_cfg cfg;
	struct mbuf b;
	struct msg m;
	size_t at;

	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_HASH, "0123456789abcdef", 16);
	mbuf_notify(&b, PROTO_ESP, N_RESPONDER_LIFETIME, &spi, &data);
	at = mbuf_begin(&b, PLD_DELETE);
	mbuf_u32(&b, IPSEC_DOI);
	mbuf_u8(&b, PROTO_ESP);
	mbuf_u8(&b, 4);
	mbuf_u16(&b, 2);
	mbuf_put(&b, spis, 8);
	mbuf_end(&b, at);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_INFO, &why), 0);
	msg_read_notify(msg_find(&m, PLD_NOTIFY, 0), &n);
	assert_int_equal(n.type, N_RESPONDER_LIFETIME);
	assert_int_equal(n.spi.len, 4);
	assert_int_equal(n.data.len, 8);
	msg_read_delete(msg_find(&m, PLD_DELETE, 0), &d);
	assert_int_equal(d.n, 2);
	assert_int_equal(msg_delete_spi(&d, 0), 0xd5a1b10);
	assert_int_equal(msg_delete_spi(&d, 1), 0xbf58de36);
	b.data[at + 11] = 3;		/* more SPIs than there are */
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_INFO, &why), -EBADMSG);
	b.data[at + 11] = 1;
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_INFO, &why), -EBADMSG);

	mbuf_start(&b, &hdr);
	mbuf_id(&b, &inside_net);
	mbuf_payload(&b, PLD_HASH, "0123456789abcdef", 16);
	mbuf_notify(&b, PROTO_ISAKMP, N_INITIAL_CONTACT, &none, &none);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM5, &why), 0);
	msg_read_id(msg_find(&m, PLD_ID, 0), &id);
	assert_int_equal(id.lo, 0x0a020200);
	assert_int_equal(id.hi, 0xffffff00);
	b.data[ISAKMP_HDR_LEN + 4] = ID_IPV4_ADDR;	/* with eight octets */
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM5, &why), -EBADMSG);
	b.data[ISAKMP_HDR_LEN + 4] = ID_IPV4_RANGE;
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM5, &why), 0);
	b.data[ISAKMP_HDR_LEN + 12] = 0;		/* ends before it begins */
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_MM5, &why), -EBADMSG);

	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_HASH, "0123456789abcdef", 16);
	at = mbuf_begin(&b, PLD_ATTR);
	mbuf_u8(&b, CFG_SET);
	mbuf_u8(&b, 0);
	mbuf_u16(&b, 7);
	mbuf_attr_long(&b, CFG_IP4_ADDRESS, spis, 4);
	mbuf_attr_long(&b, CFG_IP4_DNS, spis, 0);
	mbuf_end(&b, at);
	mbuf_finish(&b);
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_TRANSACTION, &why), 0);
	msg_read_cfg(msg_find(&m, PLD_ATTR, 0), &cfg);
	assert_int_equal(cfg.type, CFG_SET);
	assert_int_equal(cfg.id, 7);
	assert_int_equal(cfg.n, 2);
	assert_int_equal(cfg.attr[0].value, 0xd5a1b10);
	assert_int_equal(cfg.attr[1].body.len, 0);
	b.data[at + 4] = 9;
	assert_int_equal(msg_payloads(&m, b.data, b.len, MSG_TRANSACTION, &why), -EBADMSG);
}

static void overflow(void **state)
{
	static uint8_t big[MSG_MAX];
	struct mbuf b;

	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_VID, big, sizeof(big) - 40);
	assert_true(mbuf_finish(&b));
	mbuf_payload(&b, PLD_VID, big, 64);
	mbuf_payload(&b, PLD_VID, big, 1);
	mbuf_id(&b, &(struct msg_id){ .type = ID_IPV4_ADDR });
	assert_false(mbuf_pad(&b, 16));
	assert_false(mbuf_finish(&b));
	assert_int_equal(mbuf_behind(&b, 32, 16).len, 0);
}

int group_msg(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(truncated),
		cmocka_unit_test(mutated), cmocka_unit_test(header),
		cmocka_unit_test(allowed_payloads), cmocka_unit_test(many_payloads),
		cmocka_unit_test(alignment), cmocka_unit_test(other_payloads),
		cmocka_unit_test(overflow),
	};

	return RUN_GROUP(tests);
}
