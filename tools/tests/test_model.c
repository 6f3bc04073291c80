// SPDX-License-Identifier: GPL-2.0
/* The reference deployment, its associations, and what lint says. */
#include <stdio.h>

#include "lint.h"
#include "manual.h"
#include "tests.h"

#define EXAMPLE "../../Documentation/examples/gateway-manual.conf"
#define REFERENCE "../../Documentation/examples/gateway.conf"

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
	assert_int_equal(e->peer[0], 0xc9462052);
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

/* The example for clients of groups says nothing that lint would not. */
static void groups(void **state)
{
	struct parsed p = parse_file("../../Documentation/examples/gateway-groups.conf");
	char *text;

	assert_int_equal(p.diags.errors + p.diags.warnings, 0);
	vg_diags_free(&p.diags);
	vg_lint(p.cfg, &p.diags);
	text = diags_text(&p.diags, VG_NOTE);
	assert_string_equal(text, "25:1 group staff is negotiated with in aggressive mode: whoever "
			    "asks gets a hash that its key can be guessed by\n");
	assert_int_equal(p.cfg->group.n, 1);
	assert_int_equal(p.cfg->user.n, 2);
	assert_string_equal(p.cfg->group.v[0].banner, "For staff only.");
	free(text);
	parsed_free(&p);
}

/* The deployment itself, where the daemon negotiates keys. */
static void reference(void **state)
{
	struct parsed p = parse_file(REFERENCE);
	const struct vg_config *cfg = p.cfg;
	const struct vg_isakmp_policy *pol;
	const struct vg_map_entry *e;
	const struct vg_map *map;

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(p.diags.warnings, 0);
	assert_int_equal(cfg->policy.n, 1);
	pol = &cfg->policy.v[0];
	assert_int_equal(pol->priority, 1);
	assert_int_equal(pol->encr, VG_IKE_DES);
	assert_int_equal(pol->hash, VG_IKE_MD5);
	assert_int_equal(pol->auth, VG_IKE_PRE_SHARE);
	assert_int_equal(pol->group, 1);
	assert_int_equal(pol->lifetime, 86400);

	assert_int_equal(cfg->key.n, 1);
	assert_string_equal(cfg->key.v[0].secret, "cisco123");
	assert_int_equal(cfg->key.v[0].addr | cfg->key.v[0].mask, 0);
	assert_ptr_equal(vg_isakmp_key_for(cfg, 0xc9462052), &cfg->key.v[0]);

	assert_int_equal(cfg->map_entry.n, 1);
	e = &cfg->map_entry.v[0];
	assert_string_equal(e->map, "intmap");
	assert_int_equal(e->seq, 10);
	assert_int_equal(e->type, VPNGW_POLICY_TYPE_DYNAMIC);
	assert_string_equal(e->dynamic.name, "dynmap");
	assert_string_equal(e->acl.name, "");
	assert_int_equal(cfg->dynamic.n, 1);
	e = &cfg->dynamic.v[0];
	assert_string_equal(e->map, "dynmap");
	assert_int_equal(e->seq, 10);
	assert_int_equal(e->n_transform, 1);
	assert_string_equal(e->transform[0].name, "trans1");
	map = vg_map_find(cfg, "intmap");
	assert_true(map->initiate);
	assert_true(map->respond);

	assert_string_equal(cfg->isakmp.pool.name, "ourpool");
	assert_int_equal(cfg->local_pool.n, 1);
	assert_int_equal(cfg->local_pool.v[0].start, 0x0a020101);
	assert_int_equal(cfg->local_pool.v[0].end, 0x0a0201fe);
	assert_int_equal(cfg->life, 3600);
	assert_int_equal(cfg->kilobytes, 4608000);

	/* No keys by hand, so no associations are made here. */
	assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
	assert_int_equal(cfg->sa.n, 0);
	assert_int_equal(p.diags.warnings, 0);
	parsed_free(&p);
}

/* Values that are not the defaults, and how "no" takes them back. */
static void negotiation(void **state)
{
	static const char text[] =
		"crypto isakmp policy 20\n encr aes 256\n hash sha512\n group 16\n"
		" authentication pre-share\n lifetime 600\n"
		"crypto isakmp policy 5\n encryption 3des\n authentication rsa-encr\n"
		"crypto isakmp policy 30\nno crypto isakmp policy 30\n"
		"crypto isakmp key a address 10.0.0.0 255.0.0.0 no-xauth\n"
		"crypto isakmp key 0 b address 10.1.1.1\n"
		"crypto keyring r\n pre-shared-key address 10.1.0.0 255.255.0.0 key c\n"
		"crypto isakmp key d address 10.9.9.9\nno crypto isakmp key d address 10.9.9.9\n"
		"crypto isakmp keepalive 30 5 periodic\ncrypto isakmp nat keepalive 40\n"
		"crypto ipsec security-association lifetime seconds 1200\n"
		"crypto ipsec security-association lifetime kilobytes 5000\n"
		"no crypto ipsec security-association lifetime kilobytes\n"
		"no crypto ipsec nat-transparency udp-encapsulation\n"
		"crypto ipsec transform-set t esp-aes esp-sha-hmac\n"
		"crypto ipsec transform-set u esp-3des esp-sha-hmac\n"
		"crypto map m 10 ipsec-isakmp\n set peer 192.0.2.2\n set peer 192.0.2.3\n"
		" no set peer 192.0.2.2\n set peer 192.0.2.4 default\n"
		" set transform-set t u\n set pfs group14\n match address 102\n"
		" set security-association lifetime seconds 900\n reverse-route\n"
		"access-list 102 permit ip 10.0.0.0 0.0.0.255 any\n"
		"access-list 102 permit ip 10.0.1.0 0.0.0.255 any\n"
		"ip local pool p 10.0.0.1 10.0.0.9\nip local pool p 10.0.0.11 10.0.0.19\n"
		"ip local pool q 10.0.0.20\nno ip local pool q\n";
	struct parsed p = parse_text(text, NULL);
	const struct vg_config *cfg = p.cfg;
	const struct vg_map_entry *e = &cfg->map_entry.v[0];

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(cfg->policy.n, 2);
	assert_int_equal(cfg->policy.v[0].priority, 5);
	assert_int_equal(cfg->policy.v[0].encr, VG_IKE_3DES);
	assert_int_equal(cfg->policy.v[0].auth, VG_IKE_RSA_ENCR);
	assert_int_equal(cfg->policy.v[1].encr, VG_IKE_AES);
	assert_int_equal(cfg->policy.v[1].key_bits, 256);
	assert_int_equal(cfg->policy.v[1].hash, VG_IKE_SHA512);
	assert_int_equal(cfg->policy.v[1].group, 16);
	assert_int_equal(cfg->policy.v[1].lifetime, 600);
	assert_int_equal(cfg->key.n, 3);
	assert_string_equal(vg_isakmp_key_for(cfg, 0x0a020202)->secret, "a");
	assert_string_equal(vg_isakmp_key_for(cfg, 0x0a010101)->secret, "b");
	assert_string_equal(vg_isakmp_key_for(cfg, 0x0a010102)->secret, "c");
	assert_null(vg_isakmp_key_for(cfg, 0x0b000000));
	assert_int_equal(cfg->isakmp.keepalive, 30);
	assert_int_equal(cfg->isakmp.retry, 5);
	assert_true(cfg->isakmp.periodic);
	assert_int_equal(cfg->isakmp.nat_keepalive, 40);
	assert_int_equal(cfg->life, 1200);
	assert_int_equal(cfg->kilobytes, 4608000);
	assert_true(cfg->no_nat_t);
	assert_int_equal(e->type, VPNGW_POLICY_TYPE_ISAKMP);
	assert_int_equal(e->n_peer, 2);
	assert_int_equal(e->peer[0], 0xc0000203);
	assert_int_equal(e->peer[1], 0xc0000204);
	assert_int_equal(e->n_transform, 2);
	assert_string_equal(e->transform[1].name, "u");
	assert_int_equal(e->pfs, 14);
	assert_int_equal(e->life, 900);
	assert_true(e->reverse_route);
	assert_int_equal(cfg->local_pool.n, 2);
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
		  "14:13 crypto map m is on Ethernet0 too, and manual keys know one local address: add "
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
		  "9:1 interface Ethernet0 has no address for crypto map m\n", 0 },
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
		  "7:15 pool p holds the address of Ethernet0 itself\n" },
		{ NAT_IF "ip nat pool p 10.0.0.250 10.0.1.9 netmask 255.255.255.0\n",
		  "7:15 pool p overlaps the inside network of Ethernet1\n"
		  "7:15 pool p is not within the network of an outside interface: others need a "
		  "route to it\n" },
		{ "access-list 101 permit ip any any\naccess-list 101 deny tcp any any eq 80\n",
		  "2:1 this entry of access list 101 never decides: line 1 permits everything "
		  "that it matches\n" },
		{ "access-list 101 deny tcp any any eq 80\naccess-list 101 permit ip any any\n",
		  "" },
		/* redundant: the same becomes of the packets without it */
		{ "access-list 101 deny ip any 10.0.0.0 0.0.255.255\n"
		  "access-list 101 permit ip any any\n"
		  "access-list 101 deny udp any 10.0.9.0 0.0.0.255\n",
		  "3:1 this entry of access list 101 never decides: line 1 denies everything "
		  "that it matches\n" },
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

/* The deployment without its exemption, and what is weak about it. */
static void lint_negotiated(void **state)
{
	static const char text[] =
		"crypto isakmp policy 1\n authentication pre-share\n encr 3des\n hash md5\n"
		" group 5\n"
		"crypto isakmp key short address 0.0.0.0\n"
		"crypto isakmp client configuration address-pool local p\n"
		"crypto ipsec transform-set t esp-aes esp-sha-hmac\n"
		"crypto dynamic-map d 1\n set transform-set t\n set pfs group2\n"
		"crypto map m client configuration address respond\n"
		"crypto map m 10 ipsec-isakmp dynamic d\n" NAT_IF
		"ip local pool p 10.0.9.1 10.0.9.100\n"
		"ip nat pool q 192.0.2.10 192.0.2.20 netmask 255.255.255.0\n"
		"ip nat inside source list 5 pool q\n"
		"access-list 5 permit 10.0.0.0 0.0.0.255\n"
		"access-list 6 permit any\naccess-list 7 permit any\n"
		"line vty 0 4\n access-class 7 in\n";
	static const char want[] =
		"0:0 2 lines kept without effect here: 26-27\n"
		"1:1 encryption 3des of policy 1 is weak: its block has 64 bits\n"
		"1:1 hash md5 of policy 1 is weak: it rests on MD5\n"
		"1:1 group 5 of policy 1 is weak: it has 1536 bits, and whoever records the "
		"traffic may read it later\n"
		"6:1 wildcard key: every peer has it, and each of them can pose as the gateway "
		"to the others\n"
		"6:1 pre-shared key has fewer than 16 characters and can be guessed\n"
		"9:1 group 2 of 'set pfs' is weak\n"
		"20:1 traffic from Ethernet1 to clients of local pool p is translated by the rule in "
		"line 22 and would not reach them; exempt it with an extended list in place of 5, "
		"which begins: deny ip 10.0.0.0 0.0.0.255 10.0.9.0 0.0.0.127\n"
		"24:1 nothing uses access list 6\n";
	struct parsed p = parse_text(text, NULL);
	char *found;

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(vg_lint(p.cfg, &p.diags), 0);
	vg_diags_sort(&p.diags);
	found = diags_text(&p.diags, VG_NOTE);
	assert_string_equal(found, want);
	free(found);
	parsed_free(&p);
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
	assert_false(p.cfg->sa.v[0].flags & VPNGW_SA_FLAG_ESN);
	parsed_free(&p);
}

static void extended_numbers(void **state)
{
	static const struct vg_parse_options force = { .force_static_aead = true };
	static const char text[] =
		"crypto ipsec transform-set t esp-gcm 128\n esn\n"
		"crypto map m 10 ipsec-manual\n set peer 192.0.2.2\n match address 102\n"
		" set transform-set t\n"
		" set session-key inbound esp 300 cipher " KEY_AND_SALT "\n"
		" set session-key outbound esp 301 cipher " KEY_AND_SALT "\n"
		ACL IF("E0", "192.0.2.1");
	struct parsed p = parse_text(text, &force);

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
	assert_int_equal(p.cfg->sa.n, 2);
	assert_true(p.cfg->sa.v[0].flags & VPNGW_SA_FLAG_ESN);
	assert_true(p.cfg->sa.v[1].flags & VPNGW_SA_FLAG_ESN);
	parsed_free(&p);
}

int group_model(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deployment), cmocka_unit_test(reference), cmocka_unit_test(groups),
		cmocka_unit_test(negotiation), cmocka_unit_test(associations),
		cmocka_unit_test(association_problems), cmocka_unit_test(lint),
		cmocka_unit_test(lint_negotiated), cmocka_unit_test(warnings),
		cmocka_unit_test(weak_des_key_warned),
		cmocka_unit_test(forced_aead), cmocka_unit_test(extended_numbers),
	};

	return RUN_GROUP(tests);
}
