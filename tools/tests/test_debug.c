// SPDX-License-Identifier: GPL-2.0
/* Lines of the trace buffer, what debug makes of them, and its limit. */
#include <stdio.h>

#include "ctl_debug.h"
#include "tests.h"

#define AT	"            ping-1234    [000] b.s2.  123.456789: "
#define NAT(rest) AT "nat_verdict: netns=4026531840 ifindex=7 proto=1 " rest

static char *lines_of(enum debug_kind kind, const char *list, const char *text)
{
	struct debug d = { .kind = kind, .prefix = "T: " };
	struct vg_trace_event ev;
	char *line = strdup(text), *out;
	size_t size;

	if (list)
		strcpy(d.list, list);
	assert_true(vg_trace_parse(line, &ev));
	d.out = open_memstream(&out, &size);
	view_debug(&d, &ev);
	fclose(d.out);
	free(line);
	return out;
}

static void expect(enum debug_kind kind, const char *list, const char *text, const char *want)
{
	char *got = lines_of(kind, list, text);

	assert_string_equal(got, want);
	free(got);
}

#define OUT NAT("10.2.2.5:700 -> 198.51.100.7:700 verdict=translate id=3 global=201.70.32.150 "	\
		"rule_line=30 rm_seq=10 ace_line=35 dir=out local=10.2.2.5 local_port=700 "	\
		"global_port=700 ip_id=103")
#define IN NAT("198.51.100.7:700 -> 201.70.32.150:700 verdict=translate id=3 "			\
	       "global=201.70.32.150 rule_line=0 rm_seq=0 ace_line=0 dir=in local=10.2.2.5 "	\
	       "local_port=700 global_port=700 ip_id=9")
#define EXEMPT NAT("10.2.2.5:700 -> 10.2.1.1:700 verdict=exempt id=0 global=0.0.0.0 "		\
		   "rule_line=30 rm_seq=0 ace_line=34 dir=out local=10.2.2.5 local_port=700 "	\
		   "global_port=0 ip_id=104")

static void nat(void **state)
{
	expect(DEBUG_NAT, NULL, OUT, "T: NAT: s=10.2.2.5->201.70.32.150, d=198.51.100.7 [103]\n");
	expect(DEBUG_NAT, NULL, IN, "T: NAT: s=198.51.100.7, d=201.70.32.150->10.2.2.5 [9]\n");
	expect(DEBUG_NAT, NULL, EXEMPT, "");
	expect(DEBUG_NAT_DETAILED, NULL, OUT,
	       "T: NAT: i: icmp (10.2.2.5, 700) -> (198.51.100.7, 700) [103]\n"
	       "T: NAT: s=10.2.2.5->201.70.32.150, d=198.51.100.7 [103]\n");
	expect(DEBUG_NAT_DETAILED, NULL, IN,
	       "T: NAT: o: icmp (198.51.100.7, 700) -> (201.70.32.150, 700) [9]\n"
	       "T: NAT: s=198.51.100.7, d=201.70.32.150->10.2.2.5 [9]\n");
	expect(DEBUG_NAT_DETAILED, NULL, EXEMPT,
	       "T: NAT: i: icmp (10.2.2.5, 700) -> (10.2.1.1, 700) [104]\n"
	       "T: NAT: not translated: s=10.2.2.5, d=10.2.1.1 [104], rule of line 30, access list entry of line 34\n");
}

#define XLATE(name, rest) AT name ": netns=1 id=3 proto=6 local=10.2.2.5:1024 "			\
			  "global=201.70.32.150:1025 outside=198.51.100.7:80" rest

static void translations(void **state)
{
	expect(DEBUG_NAT, NULL, XLATE("translation_new", ""), "");
	expect(DEBUG_NAT_DETAILED, NULL, XLATE("translation_new", ""),
	       "T: NAT: Allocated Port for 10.2.2.5 -> 201.70.32.150: wanted 1024 got 1025\n");
	expect(DEBUG_NAT, NULL, XLATE("translation_end", " cause=timeout"),
	       "T: NAT: expiring 201.70.32.150 (10.2.2.5) tcp 1025 (1024): timeout\n");
}

#define DROP(rest) AT "drop: netns=1 ifindex=0 proto=17 10.2.2.6:1024 -> 198.51.100.7:53 " rest

static void drops(void **state)
{
	expect(DEBUG_NAT, "nonat", DROP("reason=nat-pool-exhausted dir=out iif=0 len=60"),
	       "T: NAT: failed to allocate address for 10.2.2.6, list/map nonat\n"
	       "T: NAT: translation failed (nat-pool-exhausted), dropping packet s=10.2.2.6 d=198.51.100.7\n");
	expect(DEBUG_NAT, NULL, DROP("reason=no-sa dir=out iif=0 len=60"), "");
	expect(DEBUG_PACKET, NULL, DROP("reason=no-sa dir=in iif=0 len=60"),
	       "T: IP: s=10.2.2.6 (local), d=198.51.100.7, len 60, proto udp 1024 53, dropped: no-sa\n");
	expect(DEBUG_PACKET, NULL, DROP("reason=no-sa dir=out iif=9999999 len=60"),
	       "T: IP: s=10.2.2.6 (if9999999), d=198.51.100.7 (), len 60, proto udp 1024 53, dropped: no-sa\n");
}

static void engine(void **state)
{
	expect(DEBUG_ENGINE, NULL, AT "esp_output: netns=1 proto=1 10.2.2.5 -> 10.2.1.1 "
	       "peer=201.70.32.82 spi=0xbf58de36 conn_id=2001 seq=7 len=84",
	       "T: CRYPTO_ENGINE: encrypted packet, conn id 2001, spi 0xBF58DE36, seq 7: s=10.2.2.5, d=10.2.1.1, len 84, peer 201.70.32.82\n");
	expect(DEBUG_ENGINE, NULL, AT "esp_input: netns=1 ifindex=7 proto=1 10.2.1.1:700 -> "
	       "10.2.2.5:700 spi=0x0d5a1b10 conn_id=2000 seq=1 len=84",
	       "T: CRYPTO_ENGINE: decrypted packet, conn id 2000, spi 0xD5A1B10, seq 1: s=10.2.1.1, d=10.2.2.5, len 84\n");
	expect(DEBUG_ENGINE, NULL, AT "sa_state: netns=1 spi=0x0d5a1b10 conn_id=2000 "
	       "201.70.32.82 -> 201.70.32.101 state=deleted",
	       "T: CRYPTO_ENGINE: conn id 2000, spi 0xD5A1B10, 201.70.32.82 -> 201.70.32.101: deleted\n");
}

static void json(void **state)
{
	struct debug d = { .kind = DEBUG_NAT };
	char *line = strdup(OUT);
	struct vg_trace_event ev;
	struct json_object *obj;

	assert_true(vg_trace_parse(line, &ev));
	obj = json_debug(&d, &ev);
	assert_string_equal(json_object_get_string(json_object_object_get(obj, "event")),
			    "nat_verdict");
	assert_string_equal(json_object_get_string(json_object_object_get(obj, "global")),
			    "201.70.32.150");
	assert_int_equal(json_object_get_int(json_object_object_get(obj, "ip_id")), 103);
	assert_null(json_object_object_get(obj, "netns"));
	json_object_put(obj);
	free(line);
	line = strdup(EXEMPT);
	assert_true(vg_trace_parse(line, &ev));
	assert_null(json_debug(&d, &ev));
	d.kind = DEBUG_NAT_DETAILED;
	obj = json_debug(&d, &ev);
	assert_non_null(obj);
	json_object_put(obj);
	free(line);
}

static void other_lines(void **state)
{
	/* a process may call itself anything */
	char odd[] = " x: drop: y-12    [001] ..s1.    1.000002: drop: netns=1 reason=no-sa";
	char lost[] = "CPU:1 [LOST 4711 EVENTS]", none[] = "# tracer: nop", empty[] = "";
	struct vg_trace_event ev;

	assert_true(vg_trace_parse(lost, &ev));
	assert_string_equal(ev.name, "lost");
	assert_int_equal(ev.lost, 4711);
	assert_false(vg_trace_parse(none, &ev));
	assert_false(vg_trace_parse(empty, &ev));
	assert_false(vg_trace_parse(odd, &ev) && strcmp(ev.name, "drop"));
}

static void rate(void **state)
{
	struct debug_rate r = { .limit = 3 };
	unsigned long suppressed;

	for (int i = 0; i < 3; i++) {
		assert_true(debug_allowed(&r, 1000, &suppressed));
		assert_int_equal(suppressed, 0);
	}
	for (int i = 0; i < 5; i++)
		assert_false(debug_allowed(&r, 500000, &suppressed));
	assert_true(debug_allowed(&r, 1001000, &suppressed));
	assert_int_equal(suppressed, 5);
	assert_true(debug_allowed(&r, 1001000, &suppressed));
	assert_int_equal(suppressed, 0);
}

int group_debug(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nat),
		cmocka_unit_test(translations),
		cmocka_unit_test(drops),
		cmocka_unit_test(engine),
		cmocka_unit_test(json),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(rate),
	};

	return RUN_GROUP(tests);
}
