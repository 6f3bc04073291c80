// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the automaton behind a command table. It follows Thompson: every pattern
 * becomes nodes joined by empty ones.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grammar_int.h"
#include "util.h"

struct compiler {
	struct vg_grammar *g;
	const char *p;
	unsigned int cmd;
};

struct frag {
	int start, end;			/* end is empty and its out is free */
};

static int node_new(struct compiler *c, enum node_kind kind)
{
	struct node *n = vg_push(&c->g->node, &c->g->n, &c->g->cap);

	if (!n) {
		c->g->nomem = true;
		return 0;
	}
	n->kind = kind;
	n->out = NO_NODE;
	n->alt = NO_NODE;
	n->cmd = c->cmd;
	return c->g->n - 1;
}

static const char *string_new(struct compiler *c, const char *s, size_t len)
{
	char **slot = vg_push(&c->g->string, &c->g->n_string, &c->g->cap_string);

	if (slot)
		*slot = strndup(s, len);
	if (!slot || !*slot) {
		c->g->nomem = true;
		return "";
	}
	return *slot;
}

static void skip_blank(struct compiler *c)
{
	c->p += strspn(c->p, " \t");
}

static struct frag parse_seq(struct compiler *c);

/* <label:type> or <label:lo-hi> */
static struct frag parse_param(struct compiler *c)
{
	const char *colon = strchr(c->p, ':'), *end = strchr(c->p, '>');
	const char *label = string_new(c, c->p, colon - c->p);
	struct frag f = { node_new(c, NODE_WORD), node_new(c, NODE_EMPTY) };
	struct node *n = &c->g->node[f.start];
	unsigned long long lo, hi;
	char show[40];

	n->type = vg_word_type(colon + 1, end - colon - 1);
	if (!n->type && sscanf(colon + 1, "%llu-%llu", &lo, &hi) == 2) {
		snprintf(show, sizeof(show), "<%llu-%llu>", lo, hi);
		n->kind = NODE_NUMBER;
		n->lo = lo;
		n->hi = hi;
		n->text = string_new(c, show, strlen(show));
	} else {
		assert(n->type);
		n->text = n->type->show;
	}
	n->label = label;
	n->out = f.end;
	c->p = end + 1;
	return f;
}

static struct frag parse_keyword(struct compiler *c)
{
	bool quoted = *c->p == '\\';
	size_t len = quoted ? 1 : strcspn(c->p, " \t[]{}|<>=");
	struct frag f = { node_new(c, NODE_KEYWORD), node_new(c, NODE_EMPTY) };
	struct node *n = &c->g->node[f.start];

	assert(len);
	c->p += quoted;
	n->text = string_new(c, c->p, len);
	n->len = len;
	n->initial = tolower((unsigned char)*c->p);
	n->label = n->text;
	c->p += len;
	if (*c->p == '=') {
		len = strcspn(++c->p, " \t[]{}|<>");
		n->label = string_new(c, c->p, len);
		c->p += len;
	}
	n->out = f.end;
	return f;
}

static struct frag parse_choice(struct compiler *c)
{
	struct frag f = { node_new(c, NODE_EMPTY), node_new(c, NODE_EMPTY) };
	int split = f.start, more;

	for (;;) {
		struct frag branch = parse_seq(c);

		c->g->node[split].out = branch.start;
		c->g->node[branch.end].out = f.end;
		if (*c->p != '|')
			break;
		c->p++;
		more = node_new(c, NODE_EMPTY);	/* first: the array may move */
		c->g->node[split].alt = more;
		split = more;
	}
	return f;
}

static struct frag make_optional(struct compiler *c, struct frag inner)
{
	struct frag f = { node_new(c, NODE_EMPTY), node_new(c, NODE_EMPTY) };

	c->g->node[f.start].out = inner.start;
	c->g->node[f.start].alt = f.end;
	c->g->node[inner.end].out = f.end;
	return f;
}

static struct frag parse_item(struct compiler *c)
{
	struct frag f, again;
	char open = *c->p;

	if (open == '<') {
		c->p++;
		f = parse_param(c);
	} else if (open == '[' || open == '{') {
		c->p++;
		f = parse_choice(c);
		assert(*c->p == (open == '[' ? ']' : '}'));
		c->p++;
	} else {
		return parse_keyword(c);
	}

	if (*c->p == '+' || *c->p == '*') {
		/* The way back must go through the end, for what follows. */
		again.start = f.start;
		again.end = node_new(c, NODE_EMPTY);
		c->g->node[f.end].alt = f.start;
		c->g->node[f.end].out = again.end;
		f = again;
	}
	if (open == '[' || *c->p == '*')
		f = make_optional(c, f);
	if (*c->p == '+' || *c->p == '*')
		c->p++;
	return f;
}

static struct frag parse_seq(struct compiler *c)
{
	struct frag f = { NO_NODE, NO_NODE };

	for (;;) {
		struct frag item;

		skip_blank(c);
		if (!*c->p || *c->p == '|' || *c->p == ']' || *c->p == '}')
			break;
		item = parse_item(c);
		if (f.start == NO_NODE)
			f.start = item.start;
		else
			c->g->node[f.end].out = item.start;
		f.end = item.end;
	}
	assert(f.start != NO_NODE);
	return f;
}

/**
 * vg_grammar_new - compile a table of commands
 * @cmds: the table; must outlive the grammar
 * @n: number of commands
 *
 * A mistake in a pattern is a mistake in this program and asserts.
 *
 * Return: the grammar or NULL without memory.
 */
struct vg_grammar *vg_grammar_new(const struct vg_cmd *cmds, size_t n)
{
	struct vg_grammar *g = calloc(1, sizeof(*g));
	struct compiler c = { .g = g };
	int split;

	if (!g)
		return NULL;
	g->cmds = cmds;
	g->n_cmds = n;
	g->start = node_new(&c, NODE_EMPTY);
	split = g->start;
	for (c.cmd = 0; c.cmd < n && !g->nomem; c.cmd++) {
		struct frag f;
		int accept;

		c.p = cmds[c.cmd].pattern;
		f = parse_seq(&c);
		accept = node_new(&c, NODE_ACCEPT);
		g->node[f.end].out = accept;
		g->node[split].out = f.start;
		if (c.cmd + 1 < n) {
			int more = node_new(&c, NODE_EMPTY);

			g->node[split].alt = more;
			split = more;
		}
	}
	g->now = calloc(g->n, sizeof(*g->now));
	g->next = calloc(g->n, sizeof(*g->next));
	g->first = calloc(g->n, sizeof(*g->first));
	if (g->nomem || !g->now || !g->next || !g->first) {
		vg_grammar_free(g);
		return NULL;
	}
	return g;
}

/**
 * vg_grammar_free - free a grammar
 * @g: grammar or NULL
 */
void vg_grammar_free(struct vg_grammar *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n_string; i++)
		free(g->string[i]);
	free(g->string);
	free(g->node);
	free(g->now);
	free(g->next);
	free(g->first);
	free(g->link);
	free(g);
}
