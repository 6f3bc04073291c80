// SPDX-License-Identifier: GPL-2.0
/* The reference deployment, its associations, and what lint says. */
#include <stdio.h>

#include "lint.h"
#include "manual.h"
#include "tests.h"

#define EXAMPLE "../../Documentation/examples/gateway-manual.conf"

static void deployment(void **state)
{
	struct parsed p = parse_file(EXAMPLE);
	const struct vg_config *cfg = p.cfg;
	const struct vg_iface *e0 = vg_iface_find(cfg, "Ethernet0");
	const struct vg_iface *s1 = vg_iface_find(cfg, "Serial1");
	const struct vg_acl *acl = vg_acl_find(cfg, "101");
	const struct vg_route_map *rm = vg_route_map_find(cfg, "nonat");
	const struct vg_pool *pool = vg_pool_find(cfg, "outsidepool");
	const struct vg_transform *ts = vg_transform_find(cfg, "trans1");
	const struct vg_map_entry *e;

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(p.diags.warnings, 0);

	assert_int_equal(cfg->iface.n, 2);
	assert_int_equal(e0->addr, 0xc9462065);
	assert_int_equal(e0->mask, 0xffffff00);
	assert_int_equal(e0->flags, VPNGW_IFACE_FLAG_NAT_OUTSIDE |
			 VPNGW_IFACE_FLAG_NO_ROUTE_CACHE);
	assert_string_equal(e0->crypto_map.name, "intmap");
	assert_int_equal(s1->flags, VPNGW_IFACE_FLAG_NAT_INSIDE);
	assert_string_equal(s1->crypto_map.name, "");

	assert_int_equal(acl->n, 2);
	assert_false(acl->standard);
	assert_int_equal(acl->ace[0].seq, 10);
	assert_int_equal(acl->ace[0].action, VPNGW_ACTION_DENY);
	assert_int_equal(acl->ace[0].proto, -1);
	assert_int_equal(acl->ace[0].src, 0x0a020200);
	assert_int_equal(acl->ace[0].src_wild, 0xff);
	assert_int_equal(acl->ace[0].dst, 0x0a020100);
	assert_int_equal(acl->ace[1].seq, 20);
	assert_int_equal(acl->ace[1].action, VPNGW_ACTION_PERMIT);
	assert_int_equal(acl->ace[1].dst_wild, 0xffffffff);

	assert_int_equal(rm->n, 1);
	assert_int_equal(rm->entry[0].seq, 10);
	assert_int_equal(rm->entry[0].n_acl, 1);
	assert_string_equal(rm->entry[0].acl[0].name, "101");

	assert_int_equal(pool->n, 1);
	assert_int_equal(pool->range[0].start, 0xc9462096);
	assert_int_equal(pool->range[0].end, 0xc94620a0);
	assert_int_equal(pool->prefix_len, 24);
	assert_int_equal(pool->type, VPNGW_POOL_TYPE_GENERIC);

	assert_int_equal(cfg->rule.n, 1);
	assert_int_equal(cfg->rule.v[0].index, 1);
	assert_string_equal(cfg->rule.v[0].route_map.name, "nonat");
	assert_string_equal(cfg->rule.v[0].pool.name, "outsidepool");
	assert_string_equal(cfg->rule.v[0].acl.name, "");
	assert_int_equal(cfg->rule.v[0].flags, 0);

	assert_int_equal(ts->encr, VPNGW_ENCR_DES);
	assert_int_equal(ts->auth, VPNGW_AUTH_HMAC_MD5);
	assert_int_equal(ts->mode, VPNGW_MODE_TUNNEL);

	assert_int_equal(cfg->map_entry.n, 1);
	e = &cfg->map_entry.v[0];
	assert_string_equal(e->map, "intmap");
	assert_int_equal(e->seq, 10);
	assert_int_equal(e->peer, 0xc9462052);
	assert_string_equal(e->acl.name, "102");
	assert_int_equal(e->in.spi, 224008976);
	assert_int_equal(e->out.spi, 3210272310);
	assert_int_equal(e->in.cipher.len, 8);
	assert_int_equal(e->in.cipher.v[0], 0x01);
	assert_int_equal(e->out.authenticator.len, 16);
	assert_int_equal(e->out.authenticator.v[15], 0x00);

	assert_int_equal(cfg->route.n, 1);
	assert_int_equal(cfg->route.v[0].gateway, 0xc9462001);
	parsed_free(&p);
}

static void associations(void **state)
{
	struct parsed p = parse_file(EXAMPLE);
	const struct vg_sa *in, *out;

	assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(p.cfg->sa.n, 2);
	in = &p.cfg->sa.v[0];
	out = &p.cfg->sa.v[1];
	assert_int_equal(in->dir, VPNGW_DIRECTION_IN);
	assert_int_equal(in->spi, 224008976);
	assert_int_equal(in->saddr, 0xc9462052);
	assert_int_equal(in->daddr, 0xc9462065);
	assert_int_equal(out->dir, VPNGW_DIRECTION_OUT);
	assert_int_equal(out->spi, 3210272310);
	assert_int_equal(out->saddr, 0xc9462065);
	assert_int_equal(out->daddr, 0xc9462052);
	/* Selectors are the same, and seen from the gateway, in both directions. */
	for (const struct vg_sa *sa = in; sa <= out; sa++) {
		assert_int_equal(sa->sel.local, 0x0a020200);
		assert_int_equal(sa->sel.local_mask, 0xffffff00);
		assert_int_equal(sa->sel.remote, 0x0a020101);
		assert_int_equal(sa->sel.remote_mask, 0xffffffff);
		assert_int_equal(sa->sel.proto, -1);
		assert_int_equal(sa->sel.local_port, -1);
		assert_int_equal(sa->replay_window, 64);
		assert_int_equal(sa->flags, VPNGW_SA_FLAG_MANUAL | VPNGW_SA_FLAG_DF_COPY);
	}
	assert_memory_equal(in->enc_key.v, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
	assert_memory_equal(out->enc_key.v, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8);

	vg_config_wipe_keys(p.cfg);
	for (size_t i = 0; i < sizeof(in->enc_key.v); i++)
		assert_int_equal(in->enc_key.v[i] | out->auth_key.v[i] |
				 p.cfg->map_entry.v[0].in.cipher.v[i], 0);
	parsed_free(&p);
}

#define ENTRY(map, seq, spi_in, spi_out, acl)						\
	"crypto map " map " " seq " ipsec-manual\n set peer 192.0.2.2\n match address " acl	\
	"\n set transform-set t\n set session-key inbound esp " spi_in			\
	" cipher 0123456789abcdef authenticator 00112233445566778899aabbccddeeff\n"		\
	" set session-key outbound esp " spi_out						\
	" cipher 0123456789abcdef authenticator 00112233445566778899aabbccddeeff\n"
#define TS "crypto ipsec transform-set t esp-des esp-md5-hmac\n"
#define ACL "access-list 102 permit tcp host 10.0.0.1 eq 80 host 10.0.0.2\n"
#define IF(name, addr) \
	"interface " name "\n ip address " addr " 255.255.255.0\n crypto map m\n"

static void association_problems(void **state)
{
	static const struct {
		const char *text, *diags;
		size_t n;
	} cases[] = {
		{ TS ENTRY("m", "10", "300", "301", "102") ACL IF("E0", "192.0.2.1"), "", 2 },
		{ TS ENTRY("m", "10", "300", "301", "102") ACL,
		  "2:1 crypto map m is on no interface and protects nothing\n", 0 },
		{ TS ENTRY("m", "10", "300", "301", "102") ACL IF("E0", "192.0.2.1")
		  IF("E1", "198.51.100.1"),
		  "14:13 crypto map m is on E0 too, and manual keys know one local address: add "
		  "'crypto map m local-address INTERFACE'\n", 0 },
		{ TS ENTRY("m", "10", "300", "301", "102") ACL IF("E0", "192.0.2.1")
		  IF("E1", "198.51.100.1") "crypto map m local-address E1\n", "", 2 },
		{ TS ENTRY("m", "10", "300", "301", "102") ENTRY("m", "20", "300", "302", "102")
		  ACL IF("E0", "192.0.2.1"),
		  "12:2 SPI 300 to the same address is taken by line 6\n", 4 },
		/* The same SPI in both directions goes to different addresses. */
		{ TS ENTRY("m", "10", "300", "300", "102") ACL IF("E0", "192.0.2.1"), "", 2 },
		{ TS ENTRY("m", "10", "300", "301", "102") ACL
		  "interface E0\n crypto map m\n",
		  "9:1 interface E0 has no address for crypto map m\n", 0 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p = parse_text(cases[i].text, NULL);
		char *text;

		assert_int_equal(p.diags.errors, 0);
		assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
		text = diags_text(&p.diags, VG_WARNING);
		assert_string_equal(text, cases[i].diags);
		assert_int_equal(p.cfg->sa.n, cases[i].n);
		if (cases[i].n) {
			assert_int_equal(p.cfg->sa.v[0].sel.local_port, 80);
			assert_int_equal(p.cfg->sa.v[0].sel.remote_port, -1);
			assert_int_equal(p.cfg->sa.v[0].sel.proto, 6);
		}
		free(text);
		parsed_free(&p);
	}
}

#define NAT_IF										\
	"interface E0\n ip address 192.0.2.1 255.255.255.0\n ip nat outside\n"		\
	"interface E1\n ip address 10.0.0.254 255.255.255.0\n ip nat inside\n"

static void lint(void **state)
{
	static const struct {
		const char *text, *warnings;
	} cases[] = {
		{ NAT_IF "ip nat pool p 192.0.2.10 192.0.2.20 netmask 255.255.255.0\n", "" },
		{ NAT_IF "ip nat pool p 198.51.100.1 198.51.100.9 netmask 255.255.255.0\n",
		  "7:15 pool p is not within the network of an outside interface: others need a "
		  "route to it\n" },
		{ NAT_IF "ip nat pool p 192.0.2.1 192.0.2.9 netmask 255.255.255.0\n",
		  "7:15 pool p holds the address of E0 itself\n" },
		{ NAT_IF "ip nat pool p 10.0.0.250 10.0.1.9 netmask 255.255.255.0\n",
		  "7:15 pool p overlaps the inside network of E1\n"
		  "7:15 pool p is not within the network of an outside interface: others need a "
		  "route to it\n" },
		{ "access-list 101 permit ip any any\naccess-list 101 deny tcp any any eq 80\n",
		  "2:1 this entry of access list 101 never decides: line 1 permits everything "
		  "that it matches\n" },
		{ "access-list 101 deny tcp any any eq 80\naccess-list 101 permit ip any any\n",
		  "" },
		{ "crypto ipsec transform-set t esp-des esp-md5-hmac\n",
		  "1:1 esp-des is weak: its key has 56 bits\n"
		  "1:1 esp-md5-hmac is weak: it rests on MD5\n" },
		{ "crypto ipsec transform-set t esp-aes 256 esp-sha256-hmac\n", "" },
		/* Protected traffic that NAT takes first, by list and by route-map. */
		{ "crypto ipsec transform-set t esp-des esp-md5-hmac\n"
		  ENTRY("m", "10", "300", "301", "102")
		  "access-list 102 permit ip 10.0.0.0 0.0.0.255 10.9.0.0 0.0.0.255\n"
		  "access-list 101 permit ip 10.0.0.0 0.0.0.255 any\n"
		  "ip nat pool p 192.0.2.10 192.0.2.20 netmask 255.255.255.0\n"
		  "ip nat inside source list 101 pool p\n" NAT_IF,
		  "1:1 esp-des is weak: its key has 56 bits\n"
		  "1:1 esp-md5-hmac is weak: it rests on MD5\n"
		  "8:1 traffic of crypto map m 10 is translated by the rule in line 11 first and "
		  "would then leave unprotected; exempt it before line 9 with: access-list 101 "
		  "deny ip 10.0.0.0 0.0.0.255 10.9.0.0 0.0.0.255\n" },
		{ "crypto ipsec transform-set t esp-des esp-md5-hmac\n"
		  ENTRY("m", "10", "300", "301", "102")
		  "access-list 102 permit ip 10.0.0.0 0.0.0.255 10.9.0.0 0.0.0.255\n"
		  "access-list 101 deny ip 10.0.0.0 0.0.0.255 10.9.0.0 0.0.0.127\n"
		  "access-list 101 permit ip 10.0.0.0 0.0.0.255 any\n"
		  "route-map r permit 10\n match ip address 101\n"
		  "ip nat pool p 192.0.2.10 192.0.2.20 netmask 255.255.255.0\n"
		  "ip nat inside source route-map r pool p\n" NAT_IF,
		  "1:1 esp-des is weak: its key has 56 bits\n"
		  "1:1 esp-md5-hmac is weak: it rests on MD5\n"
		  "8:1 traffic of crypto map m 10 is translated by the rule in line 14 first and "
		  "would then leave unprotected; exempt it before line 10 with: access-list 101 "
		  "deny ip 10.0.0.0 0.0.0.255 10.9.0.0 0.0.0.255\n" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p = parse_text(cases[i].text, NULL);
		char *text;

		assert_int_equal(p.diags.errors, 0);
		assert_int_equal(vg_lint(p.cfg, &p.diags), 0);
		vg_diags_sort(&p.diags);
		text = diags_text(&p.diags, VG_WARNING);
		assert_string_equal(text, cases[i].warnings);
		free(text);
		parsed_free(&p);
	}
}

static void warnings(void **state)
{
	static const struct {
		const char *text, *warnings;
	} cases[] = {
		{ "route-map r permit 10\n match ip address 7 8\naccess-list 7 permit any\n",
		  "2:21 access list 8 is not defined and is ignored\n" },
		{ "route-map r permit 10\n match ip address 7 8\n",
		  "2:19 access list 7 is not defined and is ignored\n"
		  "2:19 route-map r sequence 10 HAS NO DEFINED ACCESS LIST AND MATCHES EVERYTHING\n"
		  "2:21 access list 8 is not defined and is ignored\n" },
		{ "interface E0\n ip access-group 101 in\n",
		  "2:2 packet filters of an interface are not enforced here; write the same rules "
		  "for nft\n" },
		{ "route-map r permit 10\nmatch ip address 7\nfoo bar\naccess-list 7 permit any\n",
		  "3:1 not a command of route-map; taken as one outside VPN and NAT\n" },
		{ TS ENTRY("m", "10", "300", "301", "102") ACL,
		  "" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p = parse_text(cases[i].text, NULL);
		char *text = diags_text(&p.diags, VG_WARNING);

		assert_string_equal(text, cases[i].warnings);
		free(text);
		parsed_free(&p);
	}
}

static void weak_des_key_warned(void **state)
{
	static const char text[] = TS
		"crypto map m 10 ipsec-manual\n set peer 192.0.2.2\n match address 102\n"
		" set transform-set t\n"
		" set session-key inbound esp 300 cipher 0101010101010101 authenticator "
		"00112233445566778899aabbccddeeff\n"
		" set session-key outbound esp 301 cipher 0123456789abcdef authenticator "
		"00112233445566778899aabbccddeeff\n" ACL;
	struct parsed p = parse_text(text, NULL);

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(p.diags.warnings, 1);
	assert_int_equal(p.diags.v[0].src.line, 6);
	parsed_free(&p);
}

#define KEY_AND_SALT "000102030405060708090a0b0c0d0e0f10111213"

static void forced_aead(void **state)
{
	static const struct vg_parse_options force = { .force_static_aead = true };
	static const char text[] =
		"crypto ipsec transform-set t esp-gcm 128\n"
		"crypto map m 10 ipsec-manual\n set peer 192.0.2.2\n match address 102\n"
		" set transform-set t\n"
		" set session-key inbound esp 300 cipher " KEY_AND_SALT "\n"
		" set session-key outbound esp 301 cipher " KEY_AND_SALT "\n"
		ACL IF("E0", "192.0.2.1");
	struct parsed p = parse_text(text, NULL);

	assert_int_equal(p.diags.errors, 1);
	parsed_free(&p);
	p = parse_text(text, &force);
	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
	assert_int_equal(p.cfg->sa.v[0].enc_key.len, 20);
	assert_int_equal(p.cfg->sa.v[0].auth, VPNGW_AUTH_NONE);
	parsed_free(&p);
}

int group_model(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deployment), cmocka_unit_test(associations),
		cmocka_unit_test(association_problems), cmocka_unit_test(lint),
		cmocka_unit_test(warnings), cmocka_unit_test(weak_des_key_warned),
		cmocka_unit_test(forced_aead),
	};

	return RUN_GROUP(tests);
}
