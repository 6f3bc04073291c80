// SPDX-License-Identifier: GPL-2.0
/* What may come next: for "?", for completion, and for people. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl.h"

struct word {
	const char *text;
	const struct vg_cmd *cmd;	/* NULL if there are several */
};

struct words {
	const char *prefix;
	struct word *v;
	size_t n, cap;
	bool end;			/* the line may end here */
	const struct vg_cmd *end_cmd;
};

static void on_word(void *arg, const char *text, const struct vg_cmd *cmd, bool keyword)
{
	struct words *w = arg;
	struct word *slot;

	if (!text) {
		w->end = true;
		w->end_cmd = cmd;
		return;
	}
	if (w->prefix && (!keyword || strncasecmp(text, w->prefix, strlen(w->prefix))))
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i].text, text))
			continue;
		if (w->v[i].cmd != cmd)
			w->v[i].cmd = NULL;
		return;
	}
	slot = vg_push(&w->v, &w->n, &w->cap);
	if (slot)
		*slot = (struct word){ text, cmd };
}

/* Words that are the same behind every view. */
static const char *help_of(const struct word *w)
{
	static const struct {
		const char *word, *help;
	} modifiers[] = {
		{ "|", "print some of the lines only" },
		{ "include", "those that match" },
		{ "exclude", "those that do not match" },
		{ "begin", "from the first that matches" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(modifiers); i++) {
		if (!strcmp(w->text, modifiers[i].word))
			return modifiers[i].help;
	}
	return w->cmd && w->cmd->help ? w->cmd->help : "";
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

/**
 * help_next - print what may come next, as "?" in IOS
 * @out: where to
 * @tok: words before it
 * @n: how many
 * @prefix: what there is of the word itself
 *
 * Return: exit status.
 */
int help_next(FILE *out, const struct vg_token *tok, size_t n, const char *prefix)
{
	struct vg_grammar *g = vg_grammar_new(ctl_commands, ctl_n_commands);
	struct words w = { .prefix = *prefix ? prefix : NULL };
	enum vg_match_result result = VG_NOMEM;

	if (g)
		result = vg_grammar_next(g, tok, n, on_word, &w);
	if (result == VG_MALFORMED || result == VG_AMBIGUOUS || (!w.n && !w.end))
		fputs(result == VG_AMBIGUOUS ? "% Ambiguous command\n" :
		      "% Unrecognized command\n", out);
	if (w.n)
		qsort(w.v, w.n, sizeof(*w.v), by_text);
	for (size_t i = 0; i < w.n; i++)
		fprintf(out, "  %-20s %s\n", w.v[i].text, help_of(&w.v[i]));
	if (w.end && !w.prefix)
		fprintf(out, "  %-20s %s\n", "<cr>", w.end_cmd->help ? w.end_cmd->help : "");
	free(w.v);
	vg_grammar_free(g);
	return result == VG_MATCH || result == VG_INCOMPLETE ? EXIT_OK : EXIT_USAGE;
}

/**
 * help_complete - words that a line may go on with
 * @tok: words before the one to complete
 * @n: how many
 * @prefix: what there is of it
 * @fn: called with each
 * @arg: for @fn
 */
void help_complete(const struct vg_token *tok, size_t n, const char *prefix,
		   void (*fn)(void *arg, const char *word), void *arg)
{
	struct vg_grammar *g = vg_grammar_new(ctl_commands, ctl_n_commands);
	struct words w = { .prefix = prefix };

	if (g)
		vg_grammar_next(g, tok, n, on_word, &w);
	if (w.n)
		qsort(w.v, w.n, sizeof(*w.v), by_text);
	for (size_t i = 0; i < w.n; i++)
		fn(arg, w.v[i].text);
	free(w.v);
	vg_grammar_free(g);
}

/* "<list:word>" is for the parser, "LIST" is for people. */
static void print_syntax(FILE *out, const struct vg_cmd *cmd)
{
	char syntax[128];
	size_t n = 0;

	for (const char *p = cmd->pattern; *p && n + 1 < sizeof(syntax); p++) {
		if (!strncmp(p, " [\\|", 4))		/* all views have these */
			break;
		if (*p == '<') {
			for (p++; *p != ':'; p++)
				syntax[n++] = *p >= 'a' && *p <= 'z' ? *p - 32 : *p;
			p = strchr(p, '>');
		} else if (*p == '=') {
			while (p[1] && !strchr("|}] ", p[1]))
				p++;
		} else {
			syntax[n++] = *p;
		}
	}
	syntax[n] = '\0';
	fprintf(out, "  %-44s  %s\n", syntax, cmd->help);
}

/**
 * help_commands - print all commands
 * @out: where to
 */
void help_commands(FILE *out)
{
	for (size_t i = 0; i < ctl_n_commands; i++) {
		if (ctl_commands[i].help)
			print_syntax(out, &ctl_commands[i]);
	}
}
