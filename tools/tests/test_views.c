// SPDX-License-Identifier: GPL-2.0
/* What the show commands print, from models made by hand. */
#include <stdio.h>

#include "ctl.h"
#include "lint.h"
#include "tests.h"

#define PRINTED(call) ({					\
	char *text_;						\
	size_t size_;						\
	FILE *out = open_memstream(&text_, &size_);		\
								\
	call;							\
	fclose(out);						\
	text_;							\
})

static void expect(char *text, const char *want)
{
	assert_string_equal(text, want);
	free(text);
}

static void fill_sas(struct vg_config *cfg)
{
	struct vg_sa in = {
		.spi = 224008976, .saddr = 0xc9462052, .daddr = 0xc9462065,
		.dir = VPNGW_DIRECTION_IN, .map = "intmap", .map_seq = 10,
		.encr = VPNGW_ENCR_DES, .auth = VPNGW_AUTH_HMAC_MD5, .replay_window = 64,
		.sel = { 0x0a020200, 0xffffff00, 0x0a020101, 0xffffffff, -1, -1, -1 },
		.conn_id = 2000, .packets = 7, .bytes = 588, .key_bits = 64, .mtu = 1500,
		.hard_seconds = 3600, .hard_kilobytes = 4608000, .age = 100,
	};
	struct vg_sa out = in;

	out.spi = 3210272310;
	out.saddr = in.daddr;
	out.daddr = in.saddr;
	out.dir = VPNGW_DIRECTION_OUT;
	out.conn_id = 2001;
	*vg_push(&cfg->sa.v, &cfg->sa.n, &cfg->sa.cap) = in;
	*vg_push(&cfg->sa.v, &cfg->sa.n, &cfg->sa.cap) = out;
}

static struct view make_view(void)
{
	struct view v;
	struct vg_config **all = (struct vg_config **)&v;
	struct vg_src at = { 1, 0 };
	struct vg_iface *iface;
	struct vg_map_entry *e;
	struct vg_pool *pool;
	struct vg_nat_rule *rule;
	struct vg_pool_range *range;

	for (size_t i = 0; i < sizeof(v) / sizeof(*all); i++)
		all[i] = vg_config_new();
	iface = vg_iface_get(v.iface, "Ethernet0", at);
	iface->ifindex = 7;
	iface->flags = VPNGW_IFACE_FLAG_NAT_OUTSIDE | VPNGW_IFACE_FLAG_NO_ROUTE_CACHE;
	strcpy(iface->crypto_map.name, "intmap");
	strcpy(iface->device, "nodevice0");
	iface = vg_iface_get(v.iface, "Serial1", at);
	iface->ifindex = 8;
	iface->flags = VPNGW_IFACE_FLAG_NAT_INSIDE;
	strcpy(iface->device, "nodevice1");

	e = vg_push(&v.policy->map_entry.v, &v.policy->map_entry.n, &v.policy->map_entry.cap);
	strcpy(e->map, "intmap");
	e->seq = 10;
	e->peer[0] = 0xc9462052;
	e->n_peer = 1;
	e->out_spi = 3210272310;
	strcpy(e->acl.name, "102");
	fill_sas(v.sa);

	pool = vg_pool_get(v.pool, "outsidepool", at);
	range = vg_push(&pool->range, &pool->n, &pool->cap);
	range->start = 0xc9462096;
	range->end = 0xc94620a0;
	pool->prefix_len = 24;
	pool->total = 11;
	pool->allocated = 1;
	rule = vg_push(&v.rule->rule.v, &v.rule->rule.n, &v.rule->rule.cap);
	rule->index = 1;
	strcpy(rule->route_map.name, "nonat");
	strcpy(rule->pool.name, "outsidepool");
	rule->translations = 2;
	v.nat->nat.dynamic = 2;
	v.nat->nat.extended = 2;
	v.nat->nat.hits = 10;
	v.nat->nat.misses = 2;
	v.nat->nat.exempt = 7;
	return v;
}

#define SA(spi_text, id, flow, timing)							\
	"      spi: " spi_text "\n"							\
	"        transform: esp-des esp-md5-hmac ,\n"					\
	"        in use settings ={Tunnel, }\n"						\
	"        slot: 0, conn id: " id ", flow_id: " flow ", crypto map: intmap\n"	\
	"        " timing "\n"								\
	"        IV size: 8 bytes\n"							\
	"        replay detection support: Y\n"
#define LIFETIME "sa timing: remaining key lifetime (k/sec): (4607999/3500)"

#define CRYPTO_SA(counters, in, out, timing)						\
	"\ninterface: Ethernet0\n"							\
	"    Crypto map tag: intmap, local addr. 201.70.32.101\n\n"			\
	"   local  ident (addr/mask/prot/port): (10.2.2.0/255.255.255.0/0/0)\n"		\
	"   remote ident (addr/mask/prot/port): (10.2.1.1/255.255.255.255/0/0)\n"	\
	"   current_peer: 201.70.32.82\n"						\
	"     PERMIT, flags={origin_is_acl,}\n"						\
	counters									\
	"     local crypto endpt.: 201.70.32.101, remote crypto endpt.: 201.70.32.82\n"	\
	"     path mtu 1500, media mtu 1500\n"						\
	"     current outbound spi: BF58DE36\n"						\
	"     inbound esp sas:\n" in							\
	"     inbound ah sas:\n     inbound pcp sas:\n"					\
	"     outbound esp sas:\n" out							\
	"     outbound ah sas:\n     outbound pcp sas:\n"

static void crypto_sa(void **state)
{
	struct view v = make_view();

	expect(PRINTED(view_crypto_sa(out, &v, false)),
	       CRYPTO_SA("    #pkts encaps: 7, #pkts encrypt: 7, #pkts digest 7\n"
			 "    #pkts decaps: 7, #pkts decrypt: 7, #pkts verify 7\n"
			 "    #pkts compressed: 0, #pkts decompressed: 0\n"
			 "    #pkts not compressed: 0, #pkts compr. failed: 0, #pkts decompress "
			 "failed: 0\n"
			 "    #send errors 0, #recv errors 0\n",
			 SA("0xD5A1B10(224008976)", "2000", "1", LIFETIME),
			 SA("0xBF58DE36(3210272310)", "2001", "2", LIFETIME), LIFETIME));
	view_free(&v);
}

/* Two clients of a dynamic entry, both renewed; the entry knows an old SPI. */
static void crypto_sa_clients(void **state)
{
	static const struct {
		uint32_t client, spi, conn_id;
	} v[] = {
		{ 0x0a020101, 0x1001, 2001 }, { 0x0a020102, 0x2001, 2003 },
		{ 0x0a020102, 0x2002, 2007 }, { 0x0a020101, 0x1002, 2005 },
	};
	struct view view = make_view();
	struct vg_map_entry *e = &view.policy->map_entry.v[0];
	char *text;

	e->type = VPNGW_POLICY_TYPE_DYNAMIC;
	e->out_spi = 0x2001;
	view.sa->sa.n = 0;
	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct vg_sa *sa = vg_push(&view.sa->sa.v, &view.sa->sa.n, &view.sa->sa.cap);

		*sa = (struct vg_sa){
			.spi = v[i].spi, .conn_id = v[i].conn_id, .dir = VPNGW_DIRECTION_OUT,
			.saddr = 0xc9462065, .daddr = 0xc9462052, .map = "intmap", .map_seq = 10,
			.sel = { 0x0a020200, 0xffffff00, v[i].client, 0xffffffff, -1, -1, -1 },
		};
	}
	text = PRINTED(view_crypto_sa(out, &view, false));
	assert_non_null(strstr(text, "current outbound spi: 1002\n"));
	assert_non_null(strstr(text, "current outbound spi: 2002\n"));
	assert_null(strstr(text, "current outbound spi: 2001\n"));
	assert_null(strstr(text, "current outbound spi: 1001\n"));
	free(text);
	view_free(&view);
}

static char *schema;

/* Every key, at any depth, stands in the document between backquotes. */
static void check_keys(struct json_object *obj)
{
	if (json_object_is_type(obj, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(obj); i++)
			check_keys(json_object_array_get_idx(obj, i));
	}
	if (!json_object_is_type(obj, json_type_object))
		return;
	json_object_object_foreach(obj, key, value) {
		char plain[80], quoted[80];

		snprintf(plain, sizeof(plain), "`%s`", key);
		snprintf(quoted, sizeof(quoted), "\"%s\"", key);
		if (!strstr(schema, plain) && !strstr(schema, quoted))
			fail_msg("json-schema.md does not know the key %s", key);
		check_keys(value);
	}
}

static void check_and_free(struct json_object *obj)
{
	assert_non_null(obj);
	check_keys(obj);
	json_object_put(obj);
}

static void json_is_documented(void **state)
{
	static const char text[] =
		"ip access-list extended x\n permit tcp any range 1 5 any eq 80 established log\n"
		" permit icmp any any 3 4\n permit ip any any dscp ef\n"
		" permit tcp any any match-any +syn -ack\n permit udp any neq 5 any neq 6\n"
		"route-map r permit 10\n match ip address x\n match interface Ethernet0\n"
		"crypto isakmp policy 1\n authentication pre-share\n encr aes 256\n"
		"crypto isakmp key k address 192.0.2.1\n"
		"crypto ipsec transform-set t esp-aes esp-sha-hmac\n"
		"crypto dynamic-map d 1\n set transform-set t\n";
	struct parsed p = parse_text(text, NULL);
	char sas[] = "dst src state conn-id slot\n1.2.3.4 1.2.3.5 QM_IDLE 5 0\n";
	char pools[] = "Pool Begin End Free In use\np 1.2.3.4 1.2.3.5 1 1\n";
	char sessions[] = "Peer: x port 5\n Phase1_id: y\n Assigned address: z\n IPSEC SA: w\n";
	struct view v = make_view();
	struct vg_xlate x = { .flags = VPNGW_XLATE_FLAG_EXTENDED, .proto = 6, .pool = "p" };
	struct vg_nat_rule fixed = { .fixed = { .proto = 6, .prefix_len = 32 } };
	struct vg_drop drop = { 1, "name", "text", 5 };
	FILE *f = fopen("../../Documentation/json-schema.md", "r");
	size_t size = 0;

	assert_non_null(f);
	assert_true(getdelim(&schema, &size, '\0', f) > 1000);
	fclose(f);
	v.sa->sa.v[0].sel.proto = 6;
	v.sa->sa.v[0].sel.local_port = 5;
	v.sa->sa.v[0].sel.remote_port = 6;
	for (size_t i = 0; i < v.sa->sa.n; i++)
		check_and_free(json_sa(&v.sa->sa.v[i]));
	check_and_free(json_policy(&v.policy->map_entry.v[0]));
	check_and_free(json_xlate(&x));
	check_and_free(json_fixed(&fixed));
	check_and_free(json_acl(&p.cfg->acl.v[0]));
	check_and_free(json_route_map(&p.cfg->route_map.v[0], v.iface));
	check_and_free(json_nat_statistics(&v));
	check_and_free(json_iface(&v.iface->iface.v[0]));
	check_and_free(json_drop(&drop));
	check_and_free(json_diags(&p.diags));
	check_and_free(json_engine(&v));
	check_and_free(json_weak(&p.diags, v.sa));
	check_and_free(json_policies(p.cfg));
	check_and_free(json_transform_sets(p.cfg, NULL));
	check_and_free(json_dynamic_maps(p.cfg, NULL));
	check_and_free(json_shared_keys(p.cfg, true));
	check_and_free(json_isakmp_sas(sas));
	check_and_free(json_local_pools(pools));
	check_and_free(json_sessions(sessions));
	free(schema);
	view_free(&v);
	parsed_free(&p);
}

static void engine(void **state)
{
	struct parsed p = parse_file("../../Documentation/examples/gateway.conf");
	char ike[] = "dst src state conn-id slot\n"
		"201.70.32.101 201.70.32.82 QM_IDLE 5 0\n";
	struct view v = make_view();

	v.sa->sa.v[1].packets = 9;
	expect(PRINTED(view_engine(out, &v, p.cfg, ike)),
	       "  ID Interface       IP-Address      State  Algorithm           Encrypt  Decrypt\n"
	       "   5                                 set    HMAC_MD5+DES_56_CB        0        0\n"
	       "2000 Ethernet0       201.70.32.101   set    HMAC_MD5+DES_56_CB        0        7\n"
	       "2001 Ethernet0       201.70.32.101   set    HMAC_MD5+DES_56_CB        9        0\n"
	       "\nCrypto adjacency count : Lock: 0, Unlock: 0\n");
	view_free(&v);
	parsed_free(&p);
}

static void weak(void **state)
{
	struct parsed p = parse_text("crypto isakmp policy 3\n authentication pre-share\n"
				     " group 14\ncrypto isakmp key 0123456789abcdef address "
				     "192.0.2.1\n", NULL);
	struct view v = make_view();

	vg_lint_weak(p.cfg, &p.diags);
	v.sa->sa.v[1].flags |= VPNGW_SA_FLAG_WEAK;
	expect(PRINTED(view_weak(out, &p.diags, v.sa)),
	       "Configured:\n"
	       "  line 1: encryption des of policy 3 is weak: its key has 56 bits\n"
	       "In use:\n"
	       "  conn id 2001: HMAC_MD5+DES_56_CBC, 201.70.32.101 -> 201.70.32.82, crypto map "
	       "intmap 10\n");
	view_free(&v);
	parsed_free(&p);
}

static void isakmp_views(void **state)
{
	struct parsed p = parse_file("../../Documentation/examples/gateway.conf");

	expect(PRINTED(view_isakmp_policies(out, p.cfg)),
	       "Protection suite of priority 1\n"
	       "        encryption algorithm:   DES - Data Encryption Standard (56 bit keys).\n"
	       "        hash algorithm:         Message Digest 5\n"
	       "        authentication method:  Pre-Shared Key\n"
	       "        Diffie-Hellman group:   #1 (768 bit)\n"
	       "        lifetime:               86400 seconds, no volume limit\n");
	expect(PRINTED(view_isakmp_keys(out, p.cfg, false)),
	       "Keyring              Hostname/Address                     Preshared Key\n"
	       "default              0.0.0.0 [0.0.0.0]                    <masked>\n");
	expect(PRINTED(view_isakmp_keys(out, p.cfg, true)),
	       "Keyring              Hostname/Address                     Preshared Key\n"
	       "default              0.0.0.0 [0.0.0.0]                    cisco123\n");
	parsed_free(&p);
}

static void crypto_sa_manual(void **state)
{
	struct view v = make_view();

	for (int i = 0; i < 2; i++) {
		v.sa->sa.v[i].hard_seconds = 0;
		v.sa->sa.v[i].hard_kilobytes = 0;
	}
	v.sa->sa.v[0].packets = 3;
	v.sa->sa.v[0].auth_errors = 2;
	v.sa->sa.v[0].replay_errors = 4;
	v.policy->map_entry.v[0].no_sa_drops = 5;
	v.sa->sa.v[1].errors = 1;
	expect(PRINTED(view_crypto_sa(out, &v, false)),
	       CRYPTO_SA("    #pkts encaps: 7, #pkts encrypt: 7, #pkts digest 7\n"
			 "    #pkts decaps: 3, #pkts decrypt: 3, #pkts verify 3\n"
			 "    #pkts compressed: 0, #pkts decompressed: 0\n"
			 "    #pkts not compressed: 0, #pkts compr. failed: 0, #pkts decompress "
			 "failed: 0\n"
			 "    #send errors 6, #recv errors 6\n",
			 SA("0xD5A1B10(224008976)", "2000", "1", "no sa timing"),
			 SA("0xBF58DE36(3210272310)", "2001", "2", "no sa timing"), ""));
	view_free(&v);
}

/* A second peer of the same entry is a group of its own. */
static void crypto_sa_groups(void **state)
{
	struct view v = make_view();
	char *text, *second;

	fill_sas(v.sa);
	v.sa->sa.v[2].sel.remote = 0x0a020102;
	v.sa->sa.v[3].sel.remote = 0x0a020102;
	v.sa->sa.v[2].saddr = 0xc9462053;
	v.sa->sa.v[3].daddr = 0xc9462053;
	text = PRINTED(view_crypto_sa(out, &v, false));
	second = strstr(text, "(10.2.1.2/255.255.255.255/0/0)");
	assert_non_null(second);
	assert_non_null(strstr(second, "current_peer: 201.70.32.83"));
	assert_null(strstr(second, "201.70.32.82"));
	assert_null(strstr(second + 1, "(10.2.1.2/"));
	free(text);
	view_free(&v);
}

static void nat_statistics(void **state)
{
	struct view v = make_view();

	expect(PRINTED(view_nat_statistics(out, &v)),
	       "Total active translations: 2 (0 static, 2 dynamic; 2 extended)\n"
	       "Outside interfaces:\n  Ethernet0\nInside interfaces:\n  Serial1\n"
	       "Hits: 10  Misses: 2\nExempt packets: 7\nExpired translations: 0\n"
	       "Dynamic mappings:\n-- Inside Source\n"
	       "route-map nonat pool outsidepool refcount 2\n"
	       " pool outsidepool: netmask 255.255.255.0\n"
	       "\tstart 201.70.32.150 end 201.70.32.160\n"
	       "\ttype generic, total addresses 11, allocated 1 (9%), misses 0\n");
	view_free(&v);
}

static void has_keys(struct json_object *obj, const char *keys)
{
	char copy[1024], *save, *key;

	snprintf(copy, sizeof(copy), "%s", keys);
	for (key = strtok_r(copy, " ", &save); key; key = strtok_r(NULL, " ", &save))
		assert_true(json_object_object_get_ex(obj, key, NULL));
}

static void translations(void **state)
{
	struct vg_config *cfg = vg_config_new();
	struct vg_xlate *x = vg_push(&cfg->xlate.v, &cfg->xlate.n, &cfg->xlate.cap);
	struct vg_nat_rule *r;
	struct json_object *obj;

	*x = (struct vg_xlate){
		.proto = 1, .inside_local = 0x0a020205, .inside_global = 0xc9462096,
		.outside_local = 0xcb007105, .outside_global = 0xcb007105,
		.inside_local_port = 7720, .inside_global_port = 7720,
		.outside_local_port = 7720, .outside_global_port = 7720,
		.flags = VPNGW_XLATE_FLAG_EXTENDED | VPNGW_XLATE_FLAG_TIMING_OUT,
		.rule = 1, .age = 3725, .idle = 3, .left = 57, .pool = "p",
	};
	x = vg_push(&cfg->xlate.v, &cfg->xlate.n, &cfg->xlate.cap);
	*x = (struct vg_xlate){ .inside_local = 0x0a020205, .inside_global = 0xc9462097 };
	expect(PRINTED(view_translations(out, cfg, cfg, false)),
	       "Pro Inside global      Inside local       Outside local      Outside global\n"
	       "icmp 201.70.32.150:7720 10.2.2.5:7720      203.0.113.5:7720   203.0.113.5:7720\n"
	       "--- 201.70.32.151      10.2.2.5           ---                ---\n");
	cfg->xlate.n = 1;
	expect(PRINTED(view_translations(out, cfg, cfg, true)),
	       "Pro Inside global      Inside local       Outside local      Outside global\n"
	       "icmp 201.70.32.150:7720 10.2.2.5:7720      203.0.113.5:7720   203.0.113.5:7720\n"
	       "    create 01:02:05, use 00:00:03, left 00:00:57,\n"
	       "    flags: extended, timing-out, pool p, rule 1\n");

	/* Static rules come first, whatever lives. */
	cfg->xlate.n = 0;
	r = vg_push(&cfg->rule.v, &cfg->rule.n, &cfg->rule.cap);
	*r = (struct vg_nat_rule){ .flags = VPNGW_RULE_FLAG_STATIC, .index = 1,
		.fixed = { 0x0a020200, 0xc9462000, 24, 0, 0, 0 } };
	r = vg_push(&cfg->rule.v, &cfg->rule.n, &cfg->rule.cap);
	*r = (struct vg_nat_rule){ .flags = VPNGW_RULE_FLAG_STATIC, .index = 2,
		.fixed = { 0x0a020205, 0xc9462096, 32, 6, 25, 2525 } };
	expect(PRINTED(view_translations(out, cfg, cfg, false)),
	       "Pro Inside global      Inside local       Outside local      Outside global\n"
	       "--- 201.70.32.0/24     10.2.2.0/24        ---                ---\n"
	       "tcp 201.70.32.150:2525 10.2.2.5:25        ---                ---\n");
	obj = json_fixed(&cfg->rule.v[0]);
	has_keys(obj, "proto inside_global inside_local prefix_len extended static configured rule "
		 "line");
	json_object_put(obj);
	vg_config_free(cfg);
}

static void access_lists(void **state)
{
	struct parsed p = parse_text("access-list 101 deny ip 10.2.2.0 0.0.0.255 "
				     "10.2.1.0 0.0.0.255\n"
				     "access-list 101 permit ip 10.2.2.0 0.0.0.255 any\n"
				     "access-list 5 permit 10.1.1.1\n"
				     "access-list 5 deny 10.1.0.0 0.0.255.255 log\n"
				     "access-list 5 permit any\n", NULL);

	p.cfg->acl.v[0].ace[0].hits = 7;
	p.cfg->acl.v[0].ace[1].hits = 1;
	expect(PRINTED(view_access_lists(out, p.cfg, NULL)),
	       "Extended IP access list 101\n"
	       "    10 deny ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255 (7 matches)\n"
	       "    20 permit ip 10.2.2.0 0.0.0.255 any (1 match)\n"
	       "Standard IP access list 5\n    10 permit 10.1.1.1\n"
	       "    20 deny 10.1.0.0, wildcard bits 0.0.255.255 log\n    30 permit any\n");
	expect(PRINTED(view_access_lists(out, p.cfg, "101")),
	       "Extended IP access list 101\n"
	       "    10 deny ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255 (7 matches)\n"
	       "    20 permit ip 10.2.2.0 0.0.0.255 any (1 match)\n");
	parsed_free(&p);
}

static void route_maps(void **state)
{
	struct parsed p = parse_text("access-list 101 permit ip any any\n"
				     "route-map nonat permit 10\n"
				     " match ip address 101\n", NULL);

	p.cfg->route_map.v[0].entry[0].hits = 3;
	expect(PRINTED(view_route_maps(out, p.cfg, NULL, NULL)),
	       "route-map nonat, permit, sequence 10\n  Match clauses:\n"
	       "    ip address (access-lists): 101\n  Set clauses:\n"
	       "  Policy routing matches: 0 packets, 0 bytes\n"
	       "  Translation matches: 3 packets\n");
	parsed_free(&p);
}

static void drops(void **state)
{
	struct vg_config *cfg = vg_config_new();
	struct vg_drop *d = vg_push(&cfg->drop.v, &cfg->drop.n, &cfg->drop.cap);

	strcpy(d->name, "esp_auth");
	strcpy(d->text, "Integrity check failed.");
	d->packets = 12;
	d = vg_push(&cfg->drop.v, &cfg->drop.n, &cfg->drop.cap);
	strcpy(d->name, "esp_replay");
	expect(PRINTED(view_drops(out, cfg, false)),
	       "          12  esp_auth                 Integrity check failed.\n");
	expect(PRINTED(view_drops(out, cfg, true)),
	       "          12  esp_auth                 Integrity check failed.\n"
	       "           0  esp_replay               \n");
	vg_config_free(cfg);
}

static void interfaces(void **state)
{
	struct view v = make_view();

	expect(PRINTED(view_interfaces(out, v.iface)),
	       "Ethernet0, device nodevice0\n  ip nat outside\n  no ip route-cache\n"
	       "  crypto map intmap\nSerial1, device nodevice1\n  ip nat inside\n");
	view_free(&v);
}

/* Scripts rely on these; see Documentation/json-schema.md. */
static void json_keys(void **state)
{
	struct view v = make_view();
	struct json_object *obj = json_sa(&v.sa->sa.v[0]);

	has_keys(obj, "spi direction src dst map map_seq conn_id mode cipher authenticator "
		 "key_bits selector manual esn weak replay_window hard_seconds age idle mtu seq "
		 "packets bytes auth_errors replay_errors errors");
	assert_null(strstr(json_object_to_json_string(obj), "key\""));
	json_object_put(obj);
	obj = json_nat_statistics(&v);
	has_keys(obj, "static dynamic extended hits misses expired exempt timers rules pools");
	json_object_put(obj);
	obj = json_policy(&v.policy->map_entry.v[0]);
	has_keys(obj, "map seq type acl peer out_spi no_sa_drops line");
	json_object_put(obj);
	view_free(&v);
}

static int run(const char *a, const char *b, const char *c)
{
	char *argv[] = { (char *)"vpnctl", (char *)a, (char *)b, (char *)c, NULL };
	int argc = 1 + !!a + !!b + !!c, ret;
	FILE *sink = fopen("/dev/null", "w");

	ret = ctl_main(argc, argv, sink);
	fclose(sink);
	return ret;
}

static void exit_status(void **state)
{
	assert_int_equal(run("check", "../../Documentation/examples/gateway-manual.conf", NULL),
			 EXIT_OK);
	assert_int_equal(run("che", "../../Documentation/examples/gateway-manual.conf", "--json"),
			 EXIT_OK);
	assert_int_equal(run("check", "--strict",
			     "../../Documentation/examples/gateway-manual.conf"), EXIT_REFUSED);
	assert_int_equal(run("check", "/nonexistent", NULL), EXIT_REFUSED);
	/* Nothing in them is a configuration. */
	assert_int_equal(run("check", "/dev/null", NULL), EXIT_REFUSED);
	assert_int_equal(run("check", "/etc/passwd", NULL), EXIT_REFUSED);
	assert_int_equal(run("frobnicate", NULL, NULL), EXIT_USAGE);
	assert_int_equal(run("show", NULL, NULL), EXIT_USAGE);
	assert_int_equal(run(NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(run("--bogus", NULL, NULL), EXIT_USAGE);
	assert_int_equal(run("--interface", "x", "unload"), EXIT_USAGE);
	assert_int_equal(run("version", NULL, NULL), EXIT_OK);
}

int group_views(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(crypto_sa), cmocka_unit_test(crypto_sa_clients),
		cmocka_unit_test(crypto_sa_manual),
		cmocka_unit_test(crypto_sa_groups), cmocka_unit_test(nat_statistics),
		cmocka_unit_test(translations), cmocka_unit_test(access_lists),
		cmocka_unit_test(route_maps), cmocka_unit_test(drops),
		cmocka_unit_test(interfaces), cmocka_unit_test(json_keys),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(json_is_documented),
		cmocka_unit_test(engine), cmocka_unit_test(weak),
		cmocka_unit_test(isakmp_views),
	};

	return RUN_GROUP(tests);
}
