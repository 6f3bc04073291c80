/* SPDX-License-Identifier: GPL-2.0 */
/* The automaton, between grammar.c that makes it and match.c that runs it. */
#ifndef VG_GRAMMAR_INT_H
#define VG_GRAMMAR_INT_H

#include "grammar.h"
#include "words.h"

enum node_kind {
	NODE_EMPTY,
	NODE_KEYWORD,
	NODE_WORD,
	NODE_NUMBER,
	NODE_ACCEPT,
};

#define NO_NODE (-1)

struct node {
	enum node_kind kind;
	const char *text;		/* keyword, or what to show */
	unsigned int len;		/* of a keyword */
	int initial;			/* its first letter, small */
	const char *label;
	const struct vg_word_type *type;
	uint32_t lo, hi;
	int out, alt;			/* alt: second way out of an empty node */
	unsigned int cmd;
	unsigned int mark;		/* step in which it was reached last */
};

/*
 * One way of reading the words so far; captures are a list that ways share. How the
 * next word suits it, and the value which that has there, are kept while it is judged.
 */
struct thread {
	int node, cap;
	enum vg_word_score score;
	uint32_t value;
};

struct link {
	int prev, node;
	size_t token;
	uint32_t value;
};

struct vg_grammar {
	const struct vg_cmd *cmds;
	size_t n_cmds;
	struct node *node;
	size_t n, cap;
	char **string;			/* what nodes point into */
	size_t n_string, cap_string;
	int start;
	unsigned int step;
	struct thread *now, *next, *first;
	size_t n_now, n_next, n_first;
	struct link *link;
	size_t n_link, cap_link;
	bool nomem;
};

#endif
