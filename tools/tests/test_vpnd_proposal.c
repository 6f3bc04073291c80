// SPDX-License-Identifier: GPL-2.0
/* Configuration, offers, and the explanation of why one does not fit. */
#include <errno.h>

#include "conf.h"
#include "proposal.h"
#include "test_vpnd.h"

#define match_ike(sa, conf, choice, log, conn) \
	proposal_match_ike(sa, conf, IKE_AUTH_PSK, choice, log, conn)

static const struct esp_wish any;

static char told[16384];

static void sink(void *arg, enum log_topic topic, const char *line)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static const struct log all = { sink, NULL, ~0U };

/* A configuration that must be right. */
static struct vpnd_conf *conf_of(const char *text)
{
	struct vpnd_conf *conf = conf_new();
	struct vg_diags diags = { 0 };

	assert_int_equal(conf_parse(conf, text, strlen(text), &diags), 0);
	for (size_t i = 0; i < diags.n; i++) {
		if (diags.v[i].severity == VG_ERROR)
			fail_msg("line %u: %s", diags.v[i].src.line, diags.v[i].message);
	}
	vg_diags_free(&diags);
	return conf;
}

static const char deployment[] =
	"service timestamps debug uptime\n"
	"crypto isakmp policy 1\n"
	" hash md5\n"
	" authentication pre-share\n"
	"crypto isakmp key cisco123 address 0.0.0.0\n"
	"crypto isakmp client configuration address-pool local ourpool\n"
	"crypto ipsec transform-set trans1 esp-des esp-md5-hmac\n"
	"crypto dynamic-map dynmap 10\n"
	" set transform-set trans1\n"
	"crypto map intmap client configuration address initiate\n"
	"crypto map intmap client configuration address respond\n"
	"crypto map intmap 10 ipsec-isakmp dynamic dynmap\n"
	"interface Ethernet0\n"
	" ip address 201.70.32.101 255.255.255.0\n"
	" no ip directed-broadcast\n"
	" crypto map intmap\n"
	"interface Serial1\n"
	" ip address 10.2.2.1 255.255.255.0\n"
	"ip local pool ourpool 10.2.1.1 10.2.1.254\n"
	"access-list 101 deny   ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255\n"
	"line vty 0 4\n"
	" password ww\n"
	"end\n";

static void conf_deployment(void **state)
{
	struct vpnd_conf *c = conf_of(deployment);

	assert_int_equal(c->policy.n, 1);
	assert_int_equal(c->policy.v[0].encr, IKE_DES);
	assert_int_equal(c->policy.v[0].hash, IKE_MD5);
	assert_int_equal(c->policy.v[0].group, 1);
	assert_true(c->policy.v[0].psk);
	assert_int_equal(c->policy.v[0].lifetime, 86400);
	assert_int_equal(c->key.n, 1);
	assert_int_equal(c->key.v[0].mask, 0);
	assert_memory_equal(c->key.v[0].secret, "cisco123", 8);
	assert_int_equal(c->set.n, 1);
	assert_int_equal(c->set.v[0].encr, ESP_DES);
	assert_int_equal(c->set.v[0].auth, ESP_AUTH_MD5);
	assert_int_equal(c->entry.n, 1);
	assert_string_equal(c->entry.v[0].map, "intmap");
	assert_int_equal(c->entry.v[0].seq, 10);
	assert_string_equal(c->entry.v[0].set[0], "trans1");
	assert_string_equal(c->pool_name, "ourpool");
	assert_int_equal(conf_pool_find(c, "ourpool")->range[0].start, 0x0a020101);
	assert_true(c->initiate && c->respond);
	assert_int_equal(c->n_local, 1);
	assert_int_equal(c->local[0], 0xc9462065);
	conf_free(c);
}

static void conf_more(void **state)
{
	static const char text[] =
		"crypto isakmp policy 20\n encr aes 256\n hash sha256\n group 14\n"
		" authentication pre-share\n lifetime 3600\n"
		"crypto isakmp policy 10\n encryption 3des\n"
		"crypto isakmp policy 20\n group 16\n"
		"crypto isakmp key anyone-at-all address 0.0.0.0 0.0.0.0\n"
		"crypto isakmp key net-key-12345 address 192.0.2.0 255.255.255.0\n"
		"crypto isakmp key host-key-12345 address 192.0.2.7\n"
		"crypto isakmp keepalive 20 3\n"
		"crypto ipsec transform-set aes esp-aes 256 esp-sha256-hmac\n"
		" mode transport\n"
		"crypto ipsec security-association lifetime seconds 600\n"
		"crypto dynamic-map d 1\n set transform-set aes\n set pfs group5\n"
		" set security-association lifetime kilobytes 5000\n"
		"crypto dynamic-map d 2\n set transform-set aes\n"
		"crypto map m 65535 ipsec-isakmp dynamic d\n";
	struct vpnd_conf *c = conf_of(text);

	assert_int_equal(c->policy.n, 2);
	assert_int_equal(c->policy.v[0].priority, 10);
	assert_false(c->policy.v[0].psk);
	assert_int_equal(c->policy.v[1].encr, IKE_AES);
	assert_int_equal(c->policy.v[1].key_bits, 256);
	assert_int_equal(c->policy.v[1].hash, IKE_SHA256);
	assert_int_equal(c->policy.v[1].group, 16);
	assert_int_equal(c->policy.v[1].lifetime, 3600);
	assert_memory_equal(conf_key_for(c, 0xc0000207)->secret, "host", 4);
	assert_memory_equal(conf_key_for(c, 0xc0000208)->secret, "net-", 4);
	assert_memory_equal(conf_key_for(c, 0xc0000308)->secret, "anyo", 4);
	assert_int_equal(c->keepalive, 20);
	assert_int_equal(c->keepalive_retry, 3);
	assert_true(c->set.v[0].transport);
	assert_int_equal(c->set.v[0].key_bits, 256);
	assert_int_equal(c->life, 600);
	assert_int_equal(c->entry.n, 2);
	assert_int_equal(c->entry.v[0].pfs, 5);
	assert_int_equal(c->entry.v[0].kilobytes, 5000);
	assert_int_equal(c->entry.v[1].pfs, 0);
	conf_free(c);
}

static void conf_errors(void **state)
{
	static const char *const cases[] = {
		"crypto isakmp policy 0\n", "crypto isakmp policy\n",
		"crypto isakmp policy 1\n encryption blowfish\n",
		"crypto isakmp policy 1\n encryption aes 130\n",
		"crypto isakmp policy 1\n group 22\n",
		"crypto isakmp key k address 1.2.3\n",
		"crypto isakmp client configuration address-pool local nowhere\n",
		"ip local pool p 10.0.0.9 10.0.0.1\n",
		"crypto map m client configuration address initiate\n",
		"crypto dynamic-map d 1\n match address 101\n",
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct vpnd_conf *c = conf_new();
		struct vg_diags diags = { 0 };

		assert_int_equal(conf_parse(c, cases[i], strlen(cases[i]), &diags), 0);
		if (!diags.errors)
			fail_msg("accepted: %s", cases[i]);
		vg_diags_free(&diags);
		conf_free(c);
	}
}

/**
 * struct offer - one transform written as "type value type value ..."
 */
struct offer {
	uint8_t id;
	uint16_t attr[16];
};

/* Builds an offer of one proposal; parsed, pointing into a static message. */
static struct msg_sa *offer_of(uint8_t protocol, const struct offer *t, size_t n)
{
	static const struct msg_hdr hdr = { .cky_i = { 1 }, .exch = EXCH_MAIN };
	static struct mbuf b;
	static struct msg m;
	static struct msg_sa sa;
	const char *why = NULL;
	size_t at, prop;

	mbuf_start(&b, &hdr);
	at = mbuf_begin(&b, PLD_SA);
	mbuf_u32(&b, IPSEC_DOI);
	mbuf_u32(&b, SIT_IDENTITY_ONLY);
	prop = b.len;
	mbuf_u32(&b, 0);
	mbuf_u8(&b, 1);
	mbuf_u8(&b, protocol);
	mbuf_u8(&b, protocol == PROTO_ESP ? 4 : 0);
	mbuf_u8(&b, n);
	if (protocol == PROTO_ESP)
		mbuf_u32(&b, 0xbf58de36);
	for (size_t i = 0; i < n; i++) {
		size_t start = b.len;

		mbuf_u32(&b, i + 1 < n ? 3U << 24 : 0);
		mbuf_u8(&b, i + 1);
		mbuf_u8(&b, t[i].id);
		mbuf_u16(&b, 0);
		for (size_t a = 0; a < 16 && t[i].attr[a]; a += 2)
			mbuf_attr(&b, t[i].attr[a], t[i].attr[a + 1]);
		mbuf_end(&b, start);
	}
	mbuf_end(&b, prop);
	mbuf_end(&b, at);
	assert_true(mbuf_finish(&b));
	if (msg_payloads(&m, b.data, b.len, MSG_MM1, &why))
		fail_msg("offer: %s", why);
	msg_read_sa(msg_find(&m, PLD_SA, 0), &sa);
	return &sa;
}

/* The lines of the deployment, in their order. */
static void ike_accepted(void **state)
{
	static const struct offer o[] = { { KEY_IKE, { 1, 1, 2, 1, 4, 1, 3, 1 } } };
	struct vpnd_conf *c = conf_of(deployment);
	struct ike_choice choice;

	told[0] = '\0';
	assert_int_equal(match_ike(offer_of(PROTO_ISAKMP, o, 1), c, &choice, &all, 5),
			 0);
	assert_string_equal(told,
			    "ISAKMP (0:5): Checking ISAKMP transform 1 against priority 1 policy\n"
			    "ISAKMP:      encryption DES-CBC\n"
			    "ISAKMP:      hash MD5\n"
			    "ISAKMP:      default group 1\n"
			    "ISAKMP:      auth pre-share\n"
			    "ISAKMP (0:5): atts are acceptable. Next payload is 0\n");
	assert_int_equal(choice.life, 86400);
	assert_int_equal(choice.transform->number, 1);
	conf_free(c);
}

static void ike_refused(void **state)
{
	static const struct offer o[] = {
		{ KEY_IKE, { 1, 7, 14, 256, 2, 2, 4, 14, 3, 65001 } },
		{ KEY_IKE, { 1, 1, 2, 1, 4, 2, 3, 1 } },
		{ KEY_IKE, { 1, 1, 2, 1, 4, 1, 3, 1, 1, 1 } },	/* cipher twice */
		{ KEY_IKE, { 1, 1, 2, 1, 4, 1, 3, 1, 99, 1 } },	/* unknown attribute */
		{ 2, { 1, 1, 2, 1, 4, 1, 3, 1 } },		/* not KEY_IKE */
		{ KEY_IKE, { 0 } },
	};
	struct vpnd_conf *c = conf_of(deployment);
	struct ike_choice choice;

	told[0] = '\0';
	assert_int_equal(match_ike(offer_of(PROTO_ISAKMP, o, 6), c, &choice, &all, 5),
			 -ENOENT);
	assert_non_null(strstr(told, "Encryption algorithm offered does not match policy! "
			       "offered AES-CBC (7), policy 1 has DES-CBC"));
	assert_non_null(strstr(told, "Hash algorithm offered does not match policy! offered SHA"));
	assert_non_null(strstr(told, "Diffie-Hellman group offered does not match policy! "
			       "offered 14, policy 1 has 1"));
	assert_non_null(strstr(told, "Authentication method offered does not match policy! "
			       "offered XAUTHInitPreShared (65001)"));
	assert_non_null(strstr(told, "atts are not acceptable. Next payload is 3"));
	assert_non_null(strstr(told, "no offers accepted!"));
	assert_int_equal(match_ike(offer_of(PROTO_ESP, o + 1, 1), c, &choice, NULL, 5),
			 -ENOENT);
	conf_free(c);
}

/* The policy of the lowest number that fits anything wins, whatever is offered first. */
static void ike_priority(void **state)
{
	static const struct offer o[] = {
		{ KEY_IKE, { 1, 1, 2, 1, 4, 1, 3, 1, 11, 1, 12, 600 } },
		{ KEY_IKE, { 1, 7, 14, 256, 2, 4, 4, 14, 3, 1, 11, 1, 12, 9000 } },
	};
	static const char text[] =
		"crypto isakmp policy 5\n encr aes 256\n hash sha256\n group 14\n auth pre\n"
		" lifetime 1000\ncrypto isakmp policy 9\n hash md5\n authentication pre-share\n";
	struct vpnd_conf *c = conf_of(text);
	struct ike_choice choice;

	assert_int_equal(match_ike(offer_of(PROTO_ISAKMP, o, 2), c, &choice, NULL, 1),
			 0);
	assert_int_equal(choice.policy->priority, 5);
	assert_int_equal(choice.transform->number, 2);
	assert_int_equal(choice.life, 1000);
	assert_int_equal(match_ike(offer_of(PROTO_ISAKMP, o, 1), c, &choice, NULL, 1),
			 0);
	assert_int_equal(choice.policy->priority, 9);
	assert_int_equal(choice.life, 600);
	conf_free(c);
}

static void esp_accepted(void **state)
{
	static const struct offer none[] = { { ESP_DES, { 5, 1, 4, 1 } } };
	static const struct offer lives[] = {
		{ ESP_DES, { 1, 1, 2, 60, 1, 2, 2, 100, 5, 1, 4, 1 } },
	};
	struct vpnd_conf *c = conf_of(deployment);
	struct esp_choice choice;

	told[0] = '\0';
	assert_int_equal(proposal_match_esp(offer_of(PROTO_ESP, none, 1), c,
					    &any, &choice, &all, 5), 0);
	assert_true(choice.tell_life);
	assert_int_equal(choice.life, 3600);
	assert_int_equal(choice.kilobytes, 4608000);
	assert_int_equal(choice.group, 0);
	assert_non_null(strstr(told, "Checking IPSec proposal 1\nISAKMP: transform 1, ESP_DES\n"
			       "ISAKMP:   attributes in transform:\n"));
	assert_non_null(strstr(told, "authenticator is HMAC-MD5\n"));
	assert_int_equal(proposal_match_esp(offer_of(PROTO_ESP, lives, 1), c,
					    &any, &choice, NULL, 5), 0);
	assert_false(choice.tell_life);
	assert_int_equal(choice.life, 60);
	assert_int_equal(choice.kilobytes, 100);
	conf_free(c);
}

static void esp_refused(void **state)
{
	static const struct offer o[] = {
		{ ESP_3DES, { 5, 1, 4, 1 } },
		{ ESP_DES, { 5, 2, 4, 1 } },
		{ ESP_DES, { 4, 1 } },			/* no integrity, L30 */
		{ ESP_DES, { 5, 1, 4, 2 } },		/* transport */
		{ ESP_DES, { 5, 1, 4, 1, 3, 22 } },	/* group we lack */
		{ ESP_DES, { 5, 1, 4, 1, 77, 1 } },
		{ ESP_DES, { 5, 1, 4, 1, 6, 64 } },	/* DES has no key length */
	};
	struct vpnd_conf *c = conf_of(deployment);
	struct esp_choice choice;

	for (size_t i = 0; i < VG_ARRAY_SIZE(o); i++) {
		told[0] = '\0';
		assert_int_equal(proposal_match_esp(offer_of(PROTO_ESP, o + i, 1), c,
						    &any, &choice, &all, 5), -ENOENT);
		assert_non_null(strstr(told, "phase 2 SA not acceptable!"));
	}
	conf_free(c);
}

/* "mode transport" is for the traffic between the two ends, and not in UDP. */
static void esp_transport(void **state)
{
	static const struct {
		bool configured, ends, udp;
		uint16_t encaps;
		bool ok, transport;
	} v[] = {
		{ true, true, false, ENCAPS_TRANSPORT, true, true },
		{ true, true, false, ENCAPS_TUNNEL, false, false },
		{ true, false, false, ENCAPS_TUNNEL, true, false },
		{ true, false, false, ENCAPS_TRANSPORT, false, false },
		{ true, true, true, ENCAPS_UDP_TUNNEL, true, false },
		{ true, true, true, 4, false, false },
		{ true, true, true, ENCAPS_TRANSPORT, false, false },
		{ false, true, false, ENCAPS_TRANSPORT, false, false },
		{ false, true, false, ENCAPS_TUNNEL, true, false },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct offer o = { ESP_DES, { 5, 1, 4, v[i].encaps } };
		struct esp_wish wish = { .udp = v[i].udp, .ends = v[i].ends };
		struct vpnd_conf *c = conf_of(deployment);
		struct esp_choice choice = { 0 };

		c->set.v[0].transport = v[i].configured;
		assert_int_equal(proposal_match_esp(offer_of(PROTO_ESP, &o, 1), c, &wish, &choice,
						    &all, 5), v[i].ok ? 0 : -ENOENT);
		assert_int_equal(choice.transport, v[i].transport);
		conf_free(c);
	}
}

static void esp_pfs(void **state)
{
	static const struct offer o[] = {
		{ ESP_DES, { 5, 1, 4, 1 } }, { ESP_DES, { 5, 1, 4, 1, 3, 1 } },
		{ ESP_DES, { 5, 1, 4, 1, 3, 2 } }, { ESP_DES, { 5, 1, 4, 1, 3, 14 } },
	};
	static const char text[] =
		"crypto ipsec transform-set t esp-des esp-md5-hmac\n"
		"crypto dynamic-map d 1\n set transform-set t\n set pfs group2\n"
		"crypto map m 1 ipsec-isakmp dynamic d\n";
	struct vpnd_conf *c = conf_of(text);
	struct esp_choice choice;

	for (size_t i = 0; i < 4; i++) {
		int want = i < 2 ? -ENOENT : 0;

		assert_int_equal(proposal_match_esp(offer_of(PROTO_ESP, o + i, 1), c,
						    &any, &choice, NULL, 1), want);
	}
	assert_int_equal(choice.group, 14);
	conf_free(c);
}

int group_proposal(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(conf_deployment), cmocka_unit_test(conf_more),
		cmocka_unit_test(conf_errors), cmocka_unit_test(ike_accepted),
		cmocka_unit_test(ike_refused), cmocka_unit_test(ike_priority),
		cmocka_unit_test(esp_accepted), cmocka_unit_test(esp_refused),
		cmocka_unit_test(esp_pfs), cmocka_unit_test(esp_transport),
	};

	return RUN_GROUP(tests);
}
