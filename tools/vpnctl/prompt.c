// SPDX-License-Identifier: GPL-2.0
/*
 * vpnctl without a command, on a terminal: a prompt that takes the same commands.
 * With libedit there are a history, completion, and "?" that need no Enter.
 */
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBEDIT
#include <histedit.h>
#endif

#include "ctl.h"

#define WORDS_MAX	64
#define PROMPT		"vpngw#"

static bool is_exit(const char *word)
{
	return !strcasecmp(word, "exit") || !strcasecmp(word, "quit") ||
	       !strcasecmp(word, "logout");
}

/* False when it was the last one. */
static bool run_line(struct ctl *c, char *line)
{
	struct vg_token tok[WORDS_MAX];
	size_t n;

	line[strcspn(line, "\r\n")] = '\0';
	n = vg_lex(line, tok, WORDS_MAX);
	if (!n || *tok[0].text == '!')
		return true;
	if (n == 1 && is_exit(tok[0].text))
		return false;
	if (n > WORDS_MAX)
		fprintf(stderr, "vpnctl: more than %d words\n", WORDS_MAX);
	else
		ctl_run(c, tok, n);
	fflush(c->out);
	return true;
}

#ifdef HAVE_LIBEDIT
static char *prompt(EditLine *el)
{
	return PROMPT " ";
}

/* The words up to the cursor; the last one, perhaps empty, is cut off. */
static char *words_before(EditLine *el, struct vg_token *tok, size_t *n, char **prefix)
{
	const LineInfo *info = el_line(el);
	char *copy = strndup(info->buffer, info->cursor - info->buffer), *last;

	if (!copy)
		return NULL;
	last = strrchr(copy, ' ');
	last = last ? last + 1 : copy;
	*prefix = strdup(last);
	*last = '\0';
	*n = vg_lex(copy, tok, WORDS_MAX);
	if (*prefix && *n <= WORDS_MAX)
		return copy;
	free(*prefix);
	free(copy);
	return NULL;
}

static unsigned char on_help(EditLine *el, int ch)
{
	struct vg_token tok[WORDS_MAX];
	char *prefix, *copy;
	size_t n;

	copy = words_before(el, tok, &n, &prefix);
	if (!copy)
		return CC_ERROR;
	fputs("?\n", stdout);
	help_next(stdout, tok, n, prefix);
	fflush(stdout);
	free(prefix);
	free(copy);
	return CC_REDISPLAY;
}

struct candidates {
	char common[80];
	size_t n;
};

static void on_candidate(void *arg, const char *word)
{
	struct candidates *c = arg;
	size_t same = 0;

	if (!c->n++) {
		snprintf(c->common, sizeof(c->common), "%s", word);
		return;
	}
	while (c->common[same] && c->common[same] == word[same])
		same++;
	c->common[same] = '\0';
}

static unsigned char on_tab(EditLine *el, int ch)
{
	struct vg_token tok[WORDS_MAX];
	struct candidates c = { 0 };
	char *prefix, *copy, rest[84];
	size_t n;

	copy = words_before(el, tok, &n, &prefix);
	if (!copy)
		return CC_ERROR;
	help_complete(tok, n, prefix, on_candidate, &c);
	snprintf(rest, sizeof(rest), "%s%s", c.n && strlen(c.common) >= strlen(prefix) ?
		 c.common + strlen(prefix) : "", c.n == 1 ? " " : "");
	free(prefix);
	free(copy);
	if (!*rest || el_insertstr(el, rest))
		return CC_ERROR;
	return CC_REFRESH;
}

/**
 * ctl_prompt - read commands and run them
 * @c: this run
 *
 * Return: exit status.
 */
int ctl_prompt(struct ctl *c)
{
	EditLine *el = el_init("vpnctl", stdin, stdout, stderr);
	History *hist = history_init();
	const char *line;
	HistEvent ev;
	bool more = el && hist;
	int n;

	if (more) {
		history(hist, &ev, H_SETSIZE, 500);
		el_set(el, EL_PROMPT, prompt);
		el_set(el, EL_EDITOR, "emacs");
		el_set(el, EL_SIGNAL, 1);
		el_set(el, EL_HIST, history, hist);
		el_set(el, EL_ADDFN, "ios-help", "words that may come next", on_help);
		el_set(el, EL_ADDFN, "ios-complete", "complete this word", on_tab);
		el_set(el, EL_BIND, "?", "ios-help", NULL);
		el_set(el, EL_BIND, "\t", "ios-complete", NULL);
	}
	while (more) {
		char *copy;

		line = el_gets(el, &n);
		if (!line || n <= 0)
			break;
		copy = strdup(line);
		if (!copy)
			break;
		if (n > 1)
			history(hist, &ev, H_ENTER, line);
		more = run_line(c, copy);
		free(copy);
	}
	if (hist)
		history_end(hist);
	if (el)
		el_end(el);
	return EXIT_OK;
}
#else
/**
 * ctl_prompt - read commands and run them
 * @c: this run
 *
 * Return: exit status.
 */
int ctl_prompt(struct ctl *c)
{
	char *line = NULL;
	size_t size = 0;

	do {
		fputs(PROMPT " ", c->out);
		fflush(c->out);
	} while (getline(&line, &size, stdin) > 0 && run_line(c, line));
	free(line);
	return EXIT_OK;
}
#endif
