// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the automaton of a command table. Matching keeps the set of nodes that
 * the words so far may have reached; at each word the best kind of match wins for
 * all of them (keyword over name over abbreviation over free word), which is what
 * makes abbreviations unique or ambiguous.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "grammar_int.h"
#include "util.h"

/* Iterates along alt, since that is the long way through a table. */
static void add_thread(struct vg_grammar *g, int node, int cap)
{
	while (node != NO_NODE && g->node[node].mark != g->step) {
		struct node *n = &g->node[node];

		n->mark = g->step;
		if (n->kind != NODE_EMPTY) {
			g->next[g->n_next++] = (struct thread){ .node = node, .cap = cap };
			return;
		}
		add_thread(g, n->out, cap);
		node = n->alt;
	}
}

/* Every line begins in the same places. */
static void first_threads(struct vg_grammar *g)
{
	if (!g->n_first) {
		g->step++;
		add_thread(g, g->start, -1);
		memcpy(g->first, g->next, g->n_next * sizeof(*g->first));
		g->n_first = g->n_next;
	}
	memcpy(g->now, g->first, g->n_first * sizeof(*g->now));
	g->n_now = g->n_first;
	g->n_next = 0;
	g->step++;
}

static void swap_threads(struct vg_grammar *g)
{
	struct thread *t = g->now;

	g->now = g->next;
	g->next = t;
	g->n_now = g->n_next;
	g->n_next = 0;
	g->step++;
}

static enum vg_word_score score(const struct node *n, const struct vg_token *t, uint32_t *value,
				const char **why)
{
	switch (n->kind) {
	case NODE_KEYWORD:
		/* Most of the hundreds of words a line may begin with differ here. */
		if (t->len > n->len || (t->len && tolower((unsigned char)*t->text) != n->initial))
			return VG_WORD_NO;
		if (strncasecmp(t->text, n->text, t->len))
			return VG_WORD_NO;
		return t->len == n->len ? VG_WORD_KEYWORD : VG_WORD_ABBREV;
	case NODE_NUMBER:
		if (!t->len || t->len > 10 || strspn(t->text, "0123456789") != t->len)
			return VG_WORD_NO;
		if (strtoull(t->text, NULL, 10) < n->lo || strtoull(t->text, NULL, 10) > n->hi)
			return VG_WORD_NO;
		*value = strtoul(t->text, NULL, 10);
		return VG_WORD_PARAM;
	case NODE_WORD:
		return n->type->match(t, value, why);
	default:
		return VG_WORD_NO;
	}
}

static void expect(struct vg_match *m, const char *what)
{
	size_t len = strlen(m->expected), room = sizeof(m->expected) - len;
	const char *seen;

	/* A line of nothing that is known would have been held against all that is. */
	if (len >= 3 && !strcmp(m->expected + len - 3, "..."))
		return;

	/* Once is enough; "list" must not hide behind "access-list". */
	for (seen = strstr(m->expected, what); seen; seen = strstr(seen + 1, what)) {
		size_t end = strlen(what);

		if ((seen == m->expected || seen[-1] == ' ') && (!seen[end] || seen[end] == ','))
			return;
	}
	if (strlen(what) + 8 > room) {
		if (room > 6)
			strcat(m->expected, ", ...");
		return;
	}
	if (len)
		strcat(m->expected, ", ");
	strcat(m->expected, what);
}

static enum vg_match_result fail(struct vg_grammar *g, struct vg_match *m, size_t where,
				 enum vg_match_result result)
{
	m->where = where;
	m->ambiguous = result == VG_AMBIGUOUS;
	for (size_t i = 0; i < g->n_now; i++) {
		const struct node *n = &g->node[g->now[i].node];

		if (where && where >= g->cmds[n->cmd].root)
			m->consumed_root = true;
		expect(m, n->kind == NODE_ACCEPT ? "end of line" : n->text);
	}
	return m->consumed_root ? result : VG_UNKNOWN;
}

/* The kind of match that wins at this word; ambiguous is VG_WORD_NO with .ambiguous set. */
static enum vg_word_score best_score(struct vg_grammar *g, const struct vg_token *t,
				     const char **why, bool *ambiguous)
{
	enum vg_word_score best = VG_WORD_NO, best_free = VG_WORD_NO;
	const char *abbrev = NULL;

	*ambiguous = false;
	for (size_t i = 0; i < g->n_now; i++) {
		struct thread *thread = &g->now[i];
		const struct node *n = &g->node[thread->node];
		enum vg_word_score s = score(n, t, &thread->value, why);

		thread->score = s;
		if (s > best)
			best = s;
		if (s == VG_WORD_ABBREV) {
			if (abbrev && strcmp(abbrev, n->text))
				*ambiguous = true;
			abbrev = n->text;
		} else if (s > best_free) {
			best_free = s;
		}
	}
	if (best != VG_WORD_ABBREV)
		*ambiguous = false;
	else if (*ambiguous && best_free)
		best = best_free;
	else if (*ambiguous)
		return VG_WORD_NO;
	*ambiguous = false;
	return best;
}

static void narrow_to_ambiguous(struct vg_grammar *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_now; i++) {
		if (g->now[i].score == VG_WORD_ABBREV)
			g->now[n++] = g->now[i];
	}
	g->n_now = n;
}

static bool step(struct vg_grammar *g, size_t index, enum vg_word_score best)
{
	for (size_t i = 0; i < g->n_now; i++) {
		const struct thread *t = &g->now[i];
		struct link *link;

		if (t->score != best)
			continue;
		link = vg_push(&g->link, &g->n_link, &g->cap_link);
		if (!link)
			return false;
		*link = (struct link){ t->cap, t->node, index, t->value };
		add_thread(g, g->node[t->node].out, g->n_link - 1);
	}
	swap_threads(g);
	return true;
}

static bool collect(struct vg_grammar *g, const struct vg_token *tok, size_t n_tok, int cap,
		    struct vg_match *m)
{
	if (n_tok > m->cap_size) {
		struct vg_capture *grown = reallocarray(m->cap, n_tok, sizeof(*grown));

		if (!grown)
			return false;
		m->cap = grown;
		m->cap_size = n_tok;
	}
	m->n_cap = n_tok;
	for (; cap >= 0; cap = g->link[cap].prev) {
		const struct link *l = &g->link[cap];

		m->cap[l->token] = (struct vg_capture){
			g->node[l->node].label, &tok[l->token], l->value,
		};
	}
	return true;
}

/**
 * vg_grammar_match - find the command of a line
 * @g: grammar
 * @tok: words of the line
 * @n_tok: how many
 * @m: result; zeroed before its first use, then used again and again
 *
 * Return: what became of it.
 */
enum vg_match_result vg_grammar_match(struct vg_grammar *g, const struct vg_token *tok,
				      size_t n_tok, struct vg_match *m)
{
	m->cmd = NULL;
	m->n_cap = 0;
	m->where = 0;
	m->consumed_root = false;
	m->ambiguous = false;
	m->why = NULL;
	m->expected[0] = '\0';

	g->n_link = 0;
	first_threads(g);
	for (size_t i = 0; i < n_tok; i++) {
		bool ambiguous;
		enum vg_word_score best = best_score(g, &tok[i], &m->why, &ambiguous);

		if (ambiguous) {
			narrow_to_ambiguous(g);
			return fail(g, m, i, VG_AMBIGUOUS);
		}
		if (best == VG_WORD_NO)
			return fail(g, m, i, VG_MALFORMED);
		m->why = NULL;
		if (!step(g, i, best))
			return VG_NOMEM;
	}
	for (size_t i = 0; i < g->n_now; i++) {
		const struct node *n = &g->node[g->now[i].node];

		if (n->kind != NODE_ACCEPT)
			continue;
		m->cmd = &g->cmds[n->cmd];
		return collect(g, tok, n_tok, g->now[i].cap, m) ? VG_MATCH : VG_NOMEM;
	}
	return fail(g, m, n_tok, VG_INCOMPLETE);
}

/**
 * vg_grammar_next - what may come next
 * @g: grammar
 * @tok: words so far
 * @n_tok: how many
 * @fn: called with each word that may follow: how it is shown, the command it
 *	belongs to, and whether it stands for itself (a keyword); NULL for the end
 *	of the line. The same word may come for several commands
 * @arg: for @fn
 *
 * Return: how the words so far match; after other than VG_MATCH and VG_INCOMPLETE
 * @fn was not called.
 */
enum vg_match_result vg_grammar_next(struct vg_grammar *g, const struct vg_token *tok,
				     size_t n_tok, vg_next_fn fn, void *arg)
{
	struct vg_match m = { 0 };
	enum vg_match_result result = vg_grammar_match(g, tok, n_tok, &m);
	bool read_all = m.where == n_tok || result == VG_MATCH, ambiguous = m.ambiguous;

	vg_match_free(&m);
	if (ambiguous)
		return VG_AMBIGUOUS;
	if (!read_all)
		return result == VG_UNKNOWN ? VG_MALFORMED : result;
	for (size_t i = 0; i < g->n_now; i++) {
		const struct node *n = &g->node[g->now[i].node];

		fn(arg, n->kind == NODE_ACCEPT ? NULL : n->text, &g->cmds[n->cmd],
		   n->kind == NODE_KEYWORD);
	}
	return result == VG_MATCH ? VG_MATCH : VG_INCOMPLETE;
}

/**
 * vg_match_free - free the memory of a match
 * @m: match
 */
void vg_match_free(struct vg_match *m)
{
	free(m->cap);
	memset(m, 0, sizeof(*m));
}

/**
 * vg_cap - word of a match by label
 * @m: match
 * @label: label or keyword
 *
 * Return: the first such word or NULL.
 */
const struct vg_capture *vg_cap(const struct vg_match *m, const char *label)
{
	for (size_t i = 0; i < m->n_cap; i++) {
		if (!strcmp(m->cap[i].label, label))
			return &m->cap[i];
	}
	return NULL;
}

/**
 * vg_has - does the line hold this word
 * @m: match
 * @label: label or keyword
 *
 * Return: true if so.
 */
bool vg_has(const struct vg_match *m, const char *label)
{
	return vg_cap(m, label);
}

/**
 * vg_text - text of a word by label
 * @m: match
 * @label: label
 *
 * Return: the text or NULL.
 */
const char *vg_text(const struct vg_match *m, const char *label)
{
	const struct vg_capture *c = vg_cap(m, label);

	return c ? c->token->text : NULL;
}

/**
 * vg_value - value of a word by label
 * @m: match
 * @label: label
 *
 * Return: the value or 0.
 */
uint32_t vg_value(const struct vg_match *m, const char *label)
{
	const struct vg_capture *c = vg_cap(m, label);

	return c ? c->value : 0;
}

/**
 * vg_lex - split a line into words
 * @line: text, cut apart in place
 * @tok: where the words go
 * @max: room in @tok
 *
 * Return: number of words; more than @max if there are more.
 */
size_t vg_lex(char *line, struct vg_token *tok, size_t max)
{
	const char *start = line;
	size_t n = 0;

	for (;;) {
		size_t len;
		char end;

		line += strspn(line, " \t\r");
		len = strcspn(line, " \t\r");
		if (!len)
			return n;
		end = line[len];
		if (n < max)
			tok[n] = (struct vg_token){ line, len, line - start + 1 };
		if (n++ == max)
			return n;
		line[len] = '\0';
		if (!end)
			return n;
		line += len + 1;
	}
}
