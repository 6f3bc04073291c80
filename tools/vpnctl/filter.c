// SPDX-License-Identifier: GPL-2.0
/* show ... | {include|exclude|begin} REGEX */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* The words behind it with one blank between them, as one expression. */
static char *expression(const struct vg_match *m)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *blank = "";

	for (size_t i = 0; out && i < m->n_cap; i++) {
		if (strcmp(m->cap[i].label, "filter"))
			continue;
		fprintf(out, "%s%s", blank, m->cap[i].token->text);
		blank = " ";
	}
	if (!out || fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int compile(regex_t *re, const struct vg_match *m)
{
	char *text = expression(m), why[100];
	int ret = text ? regcomp(re, text, REG_EXTENDED | REG_NOSUB) : REG_ESPACE;

	free(text);
	if (!ret)
		return EXIT_OK;
	regerror(ret, re, why, sizeof(why));
	fprintf(stderr, "vpnctl: no regular expression: %s\n", why);
	return EXIT_USAGE;
}

static void print_lines(FILE *out, char *text, const regex_t *re, const struct vg_match *m)
{
	bool exclude = vg_has(m, "exclude"), begun = false;

	for (char *line = text, *end; *line; line = end) {
		bool hit;

		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		hit = !regexec(re, line, 0, NULL, 0);
		begun |= hit && vg_has(m, "begin");
		if (begun || (!vg_has(m, "begin") && hit != exclude))
			fprintf(out, "%s\n", line);
	}
}

/**
 * ctl_filtered - run a command, and print those of its lines that are wanted
 * @c: this run
 * @fn: command
 * @m: its words
 *
 * Return: exit status of the command.
 */
int ctl_filtered(struct ctl *c, ctl_fn fn, const struct vg_match *m)
{
	FILE *out = c->out;
	char *text = NULL;
	size_t size;
	regex_t re;
	int ret;

	if (!vg_has(m, "filter"))
		return fn(c, m);
	ret = compile(&re, m);
	if (ret)
		return ret;
	c->out = open_memstream(&text, &size);
	ret = c->out ? fn(c, m) : EXIT_REFUSED;
	if (c->out && !fclose(c->out))
		print_lines(out, text, &re, m);
	else
		ret = EXIT_REFUSED;
	c->out = out;
	if (text)
		explicit_bzero(text, size);
	free(text);
	regfree(&re);
	return ret;
}
