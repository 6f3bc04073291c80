// SPDX-License-Identifier: GPL-2.0
/* What the lint finds in access lists, and in what NAT takes from crypto maps. */
#include <stdio.h>

#include "lint.h"
#include "tests.h"

/* Traffic of a crypto map, 10.1.0.0/16 to 10.2.0.0/16, against lists of NAT. */
#define MANUAL										\
	"crypto ipsec transform-set t esp-aes 256 esp-sha256-hmac\n"			\
	"crypto map m 10 ipsec-manual\n set peer 192.0.2.2\n"				\
	" match address 102\n set transform-set t\n"					\
	" set session-key inbound esp 300 cipher " KEY_32 " authenticator " KEY_32 "\n"	\
	" set session-key outbound esp 301 cipher " KEY_32 " authenticator " KEY_32 "\n"	\
	"ip nat pool p 192.0.2.10 192.0.2.20 netmask 255.255.255.0\n"		\
	"interface E0\n ip address 192.0.2.1 255.255.255.0\n ip nat outside\n"		\
	"interface E1\n ip address 10.0.0.254 255.255.255.0\n ip nat inside\n"
#define KEY_32	"0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210"
#define TO_SITE	"access-list 102 permit ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\n"
#define BY_LIST	"ip nat inside source list 101 pool p\n"
#define DENIED	" deny ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\n"
#define TAKEN(sel, rule, how)								\
	sel ":1 traffic of crypto map m 10 is translated by the rule in line " rule	\
	" first and would then leave unprotected; " how DENIED

static void lint_translated(void **state)
{
	static const struct {
		const char *text, *warnings;
	} cases[] = {
		/* A part of it, before the exemption. */
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 permit ip 10.1.1.0 0.0.0.255 10.2.77.0 0.0.0.255\n"
		  "access-list 101 deny ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\n"
		  "access-list 101 permit ip any any\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 deny ip 10.1.0.0 0.0.255.255 10.2.0.0 0.0.255.255\n"
		  "access-list 101 permit ip 10.1.1.0 0.0.0.255 10.2.77.0 0.0.0.255\n"
		  "access-list 101 permit ip any any\n",
		  "18:1 this entry of access list 101 never decides: line 17 denies everything "
		  "that it matches\n" },
		/* What is exempt before it, an inner part of it excepted. */
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 deny ip 10.1.1.0 0.0.0.255 10.2.0.0 0.0.255.255\n"
		  "access-list 101 permit ip 10.1.1.0 0.0.0.255 10.2.77.0 0.0.0.255\n",
		  "18:1 this entry of access list 101 never decides: line 17 denies everything "
		  "that it matches\n" },
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 deny ip host 10.1.1.1 any\n"
		  "access-list 101 deny ip any 10.2.77.128 0.0.0.127\n"
		  "access-list 101 permit ip 10.1.1.0 0.0.0.255 10.2.77.0 0.0.0.255\n",
		  TAKEN("15", "16", "exempt it before line 19 with: access-list 101") },
		/* Wildcard bits that do not stand together. */
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 permit ip 10.0.7.0 0.255.0.255 0.2.0.9 255.0.255.0\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 permit ip 10.2.7.0 0.0.0.255 0.2.0.9 255.0.255.0\n", "" },
		/* One port of many, and only that. */
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 permit udp any gt 1000 any range 5000 5001\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		{ MANUAL TO_SITE BY_LIST
		  "access-list 101 permit tcp any any established\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		{ MANUAL TO_SITE BY_LIST "access-list 101 permit icmp any any 3 4\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		{ MANUAL "access-list 102 permit tcp 10.1.0.0 0.0.255.255 eq 25 10.2.0.0 "
		  "0.0.255.255\n" BY_LIST
		  "access-list 101 permit tcp any neq 25 any\n"
		  "access-list 101 permit udp any any\n", "" },
		{ MANUAL "access-list 102 permit tcp 10.1.0.0 0.0.255.255 eq 25 10.2.0.0 "
		  "0.0.255.255\n" BY_LIST
		  "access-list 101 permit tcp any range 20 30 any neq 80\n",
		  TAKEN("15", "16", "exempt it before line 17 with: access-list 101") },
		/* What the crypto map itself lets by in clear. */
		{ MANUAL "access-list 102 deny ip any host 10.2.0.9\n" TO_SITE BY_LIST
		  "access-list 101 permit ip any host 10.2.0.9\n", "" },
		/* By a route-map, a named list with and without numbers, a static rule. */
		{ MANUAL TO_SITE "ip nat inside source route-map r pool p\n"
		  "ip access-list extended nat\n deny tcp any any\n"
		  " permit ip any 10.2.77.0 0.0.0.255\n"
		  "route-map r permit 10\n match ip address nat\n",
		  TAKEN("15", "16", "exempt it before line 19 with, in ip access-list extended "
			"nat: 19") },
		{ MANUAL TO_SITE "ip nat inside source list nat pool p\n"
		  "ip access-list extended nat\n 1 permit ip any 10.2.77.0 0.0.0.255\n",
		  TAKEN("15", "16", "exempt it before line 18 with, in ip access-list extended "
			"nat:") },
		{ MANUAL TO_SITE "ip nat inside source route-map r pool p\nroute-map r permit 10\n",
		  TAKEN("15", "16", "exempt it before line 16 with: access-list LIST") },
		{ MANUAL TO_SITE "ip nat inside source static 10.1.3.4 192.0.2.7\n",
		  TAKEN("15", "16", "give that rule a route-map, with a list that begins:") },
		{ MANUAL TO_SITE "ip nat inside source static tcp 10.1.3.4 25 192.0.2.7 25\n",
		  TAKEN("15", "16", "give that rule a route-map, with a list that begins:") },
		{ MANUAL TO_SITE "ip nat inside source static 10.3.3.4 192.0.2.7\n", "" },
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

/* Entries that nobody would miss. */
static void lint_redundant(void **state)
{
	static const char used[] = "line vty 0 4\n access-class 101 in\n";
	static const struct {
		const char *text, *notes;
	} cases[] = {
		{ "access-list 101 permit tcp any any eq 80\naccess-list 101 permit ip any any\n",
		  "1:1 access list 101 would do the same without this entry: line 2 permits all "
		  "that it matches\n" },
		/* Logged, or with one between that decides otherwise. */
		{ "access-list 101 permit tcp any any eq 80 log\n"
		  "access-list 101 permit ip any any\n", "" },
		{ "access-list 101 permit tcp any any eq 80\n"
		  "access-list 101 deny tcp any host 10.0.0.1\n"
		  "access-list 101 permit ip any any\n", "" },
		{ "access-list 101 permit tcp any any eq 80\n"
		  "access-list 101 deny udp any host 10.0.0.1\n"
		  "access-list 101 permit ip any any\n",
		  "1:1 access list 101 would do the same without this entry: line 3 permits all "
		  "that it matches\n" },
		{ "access-list 101 permit ip host 10.0.0.1 any\naccess-list 101 deny ip any any\n",
		  "2:1 access list 101 denies all that is left without this entry\n" },
		{ "access-list 101 permit ip host 10.0.0.1 any\n"
		  "access-list 101 deny ip any any log\n", "" },
		{ "ip access-list standard 5\n permit 10.0.0.1\n deny any\nline vty 0 4\n"
		  " access-class 5 in\n",
		  "3:2 access list 5 denies all that is left without this entry\n" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p;
		char *text, *all;

		assert_true(asprintf(&all, "%s%s", cases[i].text, used) > 0);
		p = parse_text(all, NULL);
		assert_int_equal(p.diags.errors, 0);
		vg_diags_free(&p.diags);
		assert_int_equal(vg_lint(p.cfg, &p.diags), 0);
		vg_diags_sort(&p.diags);
		text = diags_text(&p.diags, VG_NOTE);
		assert_string_equal(text, cases[i].notes);
		free(text);
		free(all);
		parsed_free(&p);
	}
}

int group_lint(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lint_translated), cmocka_unit_test(lint_redundant),
	};

	return RUN_GROUP(tests);
}
