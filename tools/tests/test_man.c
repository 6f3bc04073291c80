// SPDX-License-Identifier: GPL-2.0
/*
 * The manual pages know every word of the command tables: of the configuration's
 * commands that have a help text, and of vpnctl's own, with its options.
 */
#include <ctype.h>
#include <stdio.h>

#include "ctl.h"
#include "parser.h"
#include "tests.h"

#define PAGES "../../Documentation/man/"

/* The words of a page, each with a space before and behind it. */
static char *read_words(const char *path)
{
	char *text = NULL, *words, *to;
	FILE *f = fopen(path, "r");
	size_t size = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	words = malloc(2 * strlen(text) + 2);
	assert_non_null(words);
	to = words;
	*to++ = ' ';
	for (const char *p = text; *p; p++) {
		/* \fB and \f(CW change the font, \- is a hyphen */
		if (p[0] == '\\' && p[1] == 'f') {
			p += p[2] == '(' ? 4 : 2;
			*to++ = ' ';
		} else if (p[0] == '\\' && p[1] == '-') {
			p++;
			*to++ = '-';
		} else if (isalnum((unsigned char)*p) || *p == '-') {
			*to++ = *p;
		} else {
			*to++ = ' ';
		}
	}
	strcpy(to, " ");
	free(text);
	return words;
}

/* Keywords of a pattern that the page does not have. */
static size_t missing(const char *page, const char *pattern, const char *whose)
{
	const char *p = pattern;
	size_t n = 0;

	for (p += strspn(p, " []{}|+*\\"); *p; p += strspn(p, " []{}|+*\\")) {
		size_t len = strcspn(p, " []{}|<>=");
		char word[80];

		if (*p == '<') {
			p = strchr(p, '>') + 1;
			continue;
		}
		snprintf(word, sizeof(word), " %.*s ", (int)len, p);
		p += len;
		if (*p == '=')
			p += strcspn(p, " []{}|<>");
		if (!strstr(page, word)) {
			print_message("'%s' of %s is not in the page: %.70s\n", word, whose,
				      pattern);
			n++;
		}
	}
	return n;
}

static void configuration(void **state)
{
	char *page = read_words(PAGES "gateway.conf.5");
	size_t n = 0, total = 0;

	for (size_t mode = 0; mode < VG_MODES; mode++) {
		for (size_t i = 0; i < vg_modes[mode].n; i++) {
			const struct vg_cmd *cmd = &vg_modes[mode].cmds[i];

			if (!cmd->help)
				continue;
			total++;
			n += missing(page, cmd->pattern, vg_modes[mode].name);
		}
	}
	assert_true(total > 60);
	assert_int_equal(n, 0);
	free(page);
}

static void program(void **state)
{
	char *page = read_words(PAGES "vpnctl.8"), text[80];
	size_t n = 0;

	for (size_t i = 0; i < ctl_n_commands; i++)
		n += missing(page, ctl_commands[i].pattern, "vpnctl");
	for (const struct option *opt = ctl_options; opt->name; opt++) {
		snprintf(text, sizeof(text), "--%s", opt->name);
		/* the shell's completion asks for the one, the other is refused */
		if (strcmp(opt->name, "complete") && strcmp(opt->name, "system"))
			n += missing(page, text, "options");
	}
	assert_int_equal(n, 0);
	free(page);
}

int group_man(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration), cmocka_unit_test(program),
	};

	return RUN_GROUP(tests);
}
