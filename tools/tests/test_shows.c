// SPDX-License-Identifier: GPL-2.0
/* What a router's operator types at vpnctl: parts of views, filters, other spellings. */
#include <stdio.h>

#include "ctl.h"
#include "ifname.h"
#include "tests.h"

/* What a view prints; freed by whoever calls. */
#define PRINTED(call) ({								\
	char *text_ = NULL;								\
	size_t size_;									\
	FILE *out = open_memstream(&text_, &size_);					\
											\
	call;										\
	fclose(out);									\
	text_;										\
})

static void expect(char *text, const char *want)
{
	assert_string_equal(text, want);
	free(text);
}

static const char sets[] =
	"crypto ipsec transform-set a esp-aes 256 esp-sha-hmac\n mode transport\n"
	"crypto ipsec transform-set b esp-3des esp-md5-hmac\n"
	"crypto dynamic-map d 10\n set transform-set b a\n set pfs group2\n"
	" match address 101\n reverse-route\n"
	"crypto dynamic-map e 20\n set transform-set a\n"
	" set security-association lifetime kilobytes disable\n"
	"access-list 101 permit ip any host 10.0.0.1\n";

static void transform_sets(void **state)
{
	struct parsed p = parse_text(sets, NULL);
	struct json_object *obj;

	expect(PRINTED(view_transform_sets(out, p.cfg, NULL)),
	       "Transform set a: { esp-aes 256 esp-sha-hmac  }\n"
	       "   will negotiate = { Transport,  },\n"
	       "Transform set b: { esp-3des esp-md5-hmac  }\n"
	       "   will negotiate = { Tunnel,  },\n");
	expect(PRINTED(view_transform_sets(out, p.cfg, "b")),
	       "Transform set b: { esp-3des esp-md5-hmac  }\n"
	       "   will negotiate = { Tunnel,  },\n");
	obj = json_transform_sets(p.cfg, "a");
	assert_string_equal(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN),
			    "{\"transform_sets\":[{\"name\":\"a\",\"cipher\":\"esp-aes\","
			    "\"authenticator\":\"esp-sha-hmac\",\"key_bits\":256,"
			    "\"mode\":\"transport\",\"esn\":false,\"line\":1}]}");
	json_object_put(obj);
	parsed_free(&p);
}

static void dynamic_maps(void **state)
{
	struct parsed p = parse_text(sets, NULL);
	struct json_object *obj;

	expect(PRINTED(view_dynamic_maps(out, p.cfg, NULL)),
	       "Crypto Map Template \"d\" 10\n\tExtended IP access list 101\n"
	       "\t    access-list 101 permit ip any host 10.0.0.1\n"
	       "\tSecurity association lifetime: 4608000 kilobytes/3600 seconds\n"
	       "\tPFS (Y/N): Y\n\tDH group:  group2\n\tTransform sets={ b, a, }\n"
	       "\tReverse Route Injection Enabled\n"
	       "Crypto Map Template \"e\" 20\n\tNo matching address list set.\n"
	       "\tSecurity association lifetime: disabled/3600 seconds\n"
	       "\tPFS (Y/N): N\n\tTransform sets={ a, }\n");
	obj = json_dynamic_maps(p.cfg, "d");
	assert_string_equal(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN),
			    "{\"entries\":[{\"map\":\"d\",\"seq\":10,\"acl\":\"101\","
			    "\"transform_sets\":[\"b\",\"a\"],\"pfs_group\":2,"
			    "\"seconds\":3600,\"kilobytes\":4608000,\"reverse_route\":true,"
			    "\"line\":4}]}");
	json_object_put(obj);
	parsed_free(&p);
}

static void add_iface(struct view *v, const char *name, const char *map)
{
	struct vg_iface *iface = vg_iface_get(v->iface, name, (struct vg_src){ 1, 0 });

	snprintf(iface->crypto_map.name, VG_NAME_LEN, "%s", map);
}

static void add_entry(struct view *v, const char *map, uint32_t seq, uint32_t peer)
{
	struct vg_map_entry *e = vg_push(&v->policy->map_entry.v, &v->policy->map_entry.n,
					 &v->policy->map_entry.cap);
	struct vg_sa *sa = vg_push(&v->sa->sa.v, &v->sa->sa.n, &v->sa->sa.cap);

	*e = (struct vg_map_entry){ .seq = seq, .peer = { peer }, .n_peer = 1, .no_sa_drops = 3 };
	snprintf(e->map, sizeof(e->map), "%s", map);
	*sa = (struct vg_sa){ .dir = VPNGW_DIRECTION_IN, .saddr = peer, .map_seq = seq,
		.spi = 1000 + seq, .errors = 1, .auth_errors = 2, .replay_errors = 4 };
	snprintf(sa->map, sizeof(sa->map), "%s", map);
}

static struct view two_maps(void)
{
	struct view v;
	struct vg_config **all = (struct vg_config **)&v;

	for (size_t i = 0; i < sizeof(v) / sizeof(*all); i++)
		all[i] = vg_config_new();
	add_iface(&v, "Ethernet0", "m");
	add_iface(&v, "Ethernet1", "n");
	add_entry(&v, "m", 10, 0xc0000201);
	add_entry(&v, "m", 20, 0xc0000202);
	add_entry(&v, "n", 10, 0xc0000201);
	return v;
}

/* show crypto ipsec sa peer A, map M, interface I */
static void parts(void **state)
{
	static const struct {
		uint32_t peer;
		const char *map, *iface;
		size_t n_iface, n_entry, n_sa;
	} cases[] = {
		{ 0, NULL, NULL, 2, 3, 3 },
		{ 0xc0000201, NULL, NULL, 2, 2, 2 },
		{ 0xc0000202, NULL, NULL, 1, 1, 1 },
		{ 0xc0000203, NULL, NULL, 0, 0, 0 },
		{ 0, "m", NULL, 1, 2, 2 },
		{ 0, "x", NULL, 0, 0, 0 },
		{ 0, NULL, "e1", 1, 1, 1 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct view v = two_maps();

		view_narrow(&v, cases[i].peer, cases[i].map, cases[i].iface);
		assert_int_equal(v.iface->iface.n, cases[i].n_iface);
		assert_int_equal(v.policy->map_entry.n, cases[i].n_entry);
		assert_int_equal(v.sa->sa.n, cases[i].n_sa);
		view_free(&v);
	}
}

static void details(void **state)
{
	struct view v = two_maps();
	char *text;

	view_narrow(&v, 0xc0000202, NULL, NULL);
	text = PRINTED(view_crypto_sa(out, &v, false));
	assert_non_null(strstr(text, "    #send errors 3, #recv errors 7\n"));
	free(text);
	text = PRINTED(view_crypto_sa(out, &v, true));
	assert_null(strstr(text, "#send errors"));
	assert_non_null(strstr(text, "    #pkts no sa (send) 3, #pkts invalid sa (rcv) 0\n"
			       "    #pkts encaps failed (send) 0, #pkts decaps failed (rcv) 1\n"
			       "    #pkts invalid prot (recv) 0, #pkts verify failed: 2\n"));
	assert_non_null(strstr(text, "    ##pkts replay failed (rcv): 4\n"));
	free(text);
	view_free(&v);
}

static int run_line(const char *line, char **answer)
{
	struct vg_token tok[32];
	size_t size, n;
	char buf[200];
	struct ctl c = { .out = open_memstream(answer, &size) };
	int ret;

	snprintf(buf, sizeof(buf), "%s", line);
	n = vg_lex(buf, tok, 32);
	ret = ctl_run(&c, tok, n);
	fclose(c.out);
	return ret;
}

static int three_lines(struct ctl *c, const struct vg_match *m)
{
	fputs("one line\nanother one\nthe last\n", c->out);
	return EXIT_OK;
}

/* The words of a line against the table, and what is left of three lines. */
static int filter_line(const char *line, char **answer)
{
	struct vg_grammar *g = vg_grammar_new(ctl_commands, ctl_n_commands);
	struct vg_token tok[32];
	struct vg_match m = { 0 };
	size_t size, n;
	char buf[200];
	struct ctl c = { .out = open_memstream(answer, &size) };
	int ret = EXIT_USAGE;

	snprintf(buf, sizeof(buf), "%s", line);
	n = vg_lex(buf, tok, 32);
	if (vg_grammar_match(g, tok, n, &m) == VG_MATCH)
		ret = ctl_filtered(&c, three_lines, &m);
	fclose(c.out);
	vg_match_free(&m);
	vg_grammar_free(g);
	return ret;
}

static void filters(void **state)
{
	static const struct {
		const char *line, *answer;
		int ret;
	} cases[] = {
		{ "show drops", "one line\nanother one\nthe last\n", EXIT_OK },
		{ "show drops | include one", "one line\nanother one\n", EXIT_OK },
		{ "sh dr all | inc ^one|last$", "one line\nthe last\n", EXIT_OK },
		{ "show access-lists | exclude line", "another one\nthe last\n", EXIT_OK },
		{ "show access-lists 101 | begin another   one", "another one\nthe last\n",
		  EXIT_OK },
		{ "show ip nat translations verbose | i The", "", EXIT_OK },
		{ "show drops | include (", "", EXIT_USAGE },
		{ "show drops | include", "", EXIT_USAGE },
		{ "clear drops | include x", "", EXIT_USAGE },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		char *answer;

		assert_int_equal(filter_line(cases[i].line, &answer), cases[i].ret);
		expect(answer, cases[i].answer);
	}
}

/* Lines that have to be understood; what they do needs a kernel. */
static void spellings(void **state)
{
	static const struct {
		const char *line, *label;
		uint32_t value;
	} cases[] = {
		{ "clear crypto sa entry 10.0.0.1 esp 0xD5A1B10", "spi", 224008976 },
		{ "clear crypto sa entry 10.0.0.1 esp 224008976", "spi", 224008976 },
		{ "clear crypto sa entry 10.0.0.1 esp 0XFFFFFFFF", "spi", 0xffffffff },
		{ "clear ip nat translation icmp inside 10.0.0.1 10.0.0.2", "il", 0x0a000002 },
		{ "clear ip nat translation icmp inside 10.0.0.1 7 10.0.0.2 8", "ilport", 8 },
		{ "packet-tracer input e0 tcp 10.0.0.1 1024 10.0.0.2 www", "dport", 80 },
		{ "packet-tracer input e0 udp 10.0.0.1 isakmp 10.0.0.2 500", "sport", 500 },
		{ "sh ip access-l 101", "list", 0 },
		{ "show crypto ipsec sa peer 10.0.0.1 detail", "addr", 0x0a000001 },
		{ "show crypto ipsec sa detail", "detail", 0 },
		{ "sh cry ips tr", "transform-set", 0 },
		{ "sh cry dyn d", "name", 0 },
	};
	static const char * const bad[] = {
		"clear crypto sa entry 10.0.0.1 esp 0xff", "clear crypto sa entry 10.0.0.1 esp 255",
		"clear crypto sa entry 10.0.0.1 esp 0x", "clear crypto sa entry 10.0.0.1 esp 0x10g",
		"clear crypto sa entry 10.0.0.1 esp 0x100000000",
		"packet-tracer input e0 tcp 10.0.0.1 1024 10.0.0.2 isakmp",
	};
	struct vg_grammar *g = vg_grammar_new(ctl_commands, ctl_n_commands);
	struct vg_match m = { 0 };
	struct vg_token tok[32];
	char buf[100], *answer;

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		snprintf(buf, sizeof(buf), "%s", cases[i].line);
		assert_int_equal(vg_grammar_match(g, tok, vg_lex(buf, tok, 32), &m), VG_MATCH);
		assert_true(vg_has(&m, cases[i].label));
		assert_int_equal(vg_value(&m, cases[i].label), cases[i].value);
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(bad); i++) {
		snprintf(buf, sizeof(buf), "%s", bad[i]);
		assert_int_not_equal(vg_grammar_match(g, tok, vg_lex(buf, tok, 32), &m), VG_MATCH);
	}
	vg_match_free(&m);
	vg_grammar_free(g);
	assert_int_equal(run_line("show drops | ?", &answer), EXIT_OK);
	expect(answer, "  begin                from the first that matches\n"
	       "  exclude              those that do not match\n"
	       "  include              those that match\n");
}

int group_shows(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(transform_sets), cmocka_unit_test(dynamic_maps),
		cmocka_unit_test(parts), cmocka_unit_test(details), cmocka_unit_test(filters),
		cmocka_unit_test(spellings),
	};

	return RUN_GROUP(tests);
}
