// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "grammar.h"
#include "tests.h"

static const struct vg_cmd cmds[] = {
	{ "show ip route [<dst:addr>]", NULL, 2, 0, NULL },
	{ "show ip nat {translations [verbose]|statistics}", NULL, 2, 0, NULL },
	{ "show interfaces", NULL, 1, 0, NULL },
	{ "set <n:1-10>", NULL, 1, 0, NULL },
	{ "set <n:100-200> [{fast|slow <delay:1-9>}]*", NULL, 1, 0, NULL },
	{ "name <who:name> is <what:any>+", NULL, 1, 0, NULL },
	{ "port {eq <p:tport>+|any} [time-range <r:name>] [log]", NULL, 1, 0, NULL },
};

struct result {
	enum vg_match_result result;
	char text[320];		/* "cmd label=token..." or "where: expected" */
};

static struct result match(const char *line)
{
	struct vg_grammar *g = vg_grammar_new(cmds, VG_ARRAY_SIZE(cmds));
	struct vg_token tok[32];
	struct vg_match m = { 0 };
	struct result r = { 0 };
	char buf[256];
	size_t n, len = 0;

	assert_non_null(g);
	snprintf(buf, sizeof(buf), "%s", line);
	n = vg_lex(buf, tok, 32);
	r.result = vg_grammar_match(g, tok, n, &m);
	if (r.result == VG_MATCH) {
		len += snprintf(r.text, sizeof(r.text), "%zu", (size_t)(m.cmd - cmds));
		for (size_t i = 0; i < m.n_cap; i++)
			len += snprintf(r.text + len, sizeof(r.text) - len, " %s=%s",
					m.cap[i].label, m.cap[i].token->text);
	} else {
		snprintf(r.text, sizeof(r.text), "%zu: %s", m.where, m.expected);
	}
	vg_match_free(&m);
	vg_grammar_free(g);
	return r;
}

static void matches(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "show ip route", "0 show=show ip=ip route=route" },
		{ "sh ip ro 1.2.3.4", "0 show=sh ip=ip route=ro dst=1.2.3.4" },
		{ "SHOW IP NAT T V", "1 show=SHOW ip=IP nat=NAT translations=T verbose=V" },
		{ "show int", "2 show=show interfaces=int" },
		{ "set 7", "3 set=set n=7" },
		{ "set 150 slow 3 fast", "4 set=set n=150 slow=slow delay=3 fast=fast" },
		{ "name x is a b c", "5 name=name who=x is=is what=a what=b what=c" },
		{ "port eq www 99 log", "6 port=port eq=eq p=www p=99 log=log" },
		/* An exact name in a list beats an abbreviated keyword. */
		{ "port eq time", "6 port=port eq=eq p=time" },
		{ "port eq 1 time-r x", "6 port=port eq=eq p=1 time-range=time-r r=x" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct result r = match(cases[i].line);

		assert_string_equal(r.text, cases[i].text);
		assert_int_equal(r.result, VG_MATCH);
	}
}

static void failures(void **state)
{
	static const struct {
		const char *line;
		enum vg_match_result result;
		const char *text;
	} cases[] = {
		{ "show", VG_INCOMPLETE, "1: ip, interfaces" },
		{ "show i", VG_AMBIGUOUS, "1: ip, interfaces" },
		{ "show ip", VG_INCOMPLETE, "2: route, nat" },
		{ "show ip nat foo", VG_MALFORMED, "3: translations, statistics" },
		{ "show ip route 1.2.3.4 5", VG_MALFORMED, "4: end of line" },
		{ "show ip route 1.2.3", VG_MALFORMED, "3: A.B.C.D, end of line" },
		{ "set 11", VG_MALFORMED, "1: <1-10>, <100-200>" },
		{ "set 99999999999999999999", VG_MALFORMED, "1: <1-10>, <100-200>" },
		{ "set 150 slow", VG_INCOMPLETE, "3: <1-9>" },
		{ "router ospf 1", VG_UNKNOWN, "0: show, set, name, port" },
		{ "s", VG_UNKNOWN, "0: show, set" },
		{ "", VG_UNKNOWN, "0: show, set, name, port" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct result r = match(cases[i].line);

		assert_string_equal(r.text, cases[i].text);
		assert_int_equal(r.result, cases[i].result);
	}
}

static void lexer(void **state)
{
	/* a return within the line is a blank like others, and no word */
	char line[] = "  ip \t nat pool \r ";
	char many[] = "a b c d";
	struct vg_token tok[3];

	assert_int_equal(vg_lex(line, tok, 3), 3);
	assert_string_equal(tok[0].text, "ip");
	assert_int_equal(tok[0].col, 3);
	assert_string_equal(tok[2].text, "pool");
	assert_int_equal(tok[2].col, 12);
	assert_int_equal(tok[2].len, 4);
	assert_int_equal(vg_lex(many, tok, 3), 4);
}

/* Every pattern of the language compiles, and begins with as many words as it says. */
static void language(void **state)
{
	size_t modes = 0, total = 0;
	const char *name;

	for (size_t mode = 0; vg_language_pattern(mode, 0, &name) || name; mode++, modes++) {
		for (size_t i = 0; vg_language_pattern(mode, i, &name); i++)
			total++;
	}
	assert_int_equal(modes, 12);
	assert_true(total > 60);
}

int group_grammar(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches), cmocka_unit_test(failures), cmocka_unit_test(lexer),
		cmocka_unit_test(language),
	};

	return RUN_GROUP(tests);
}
