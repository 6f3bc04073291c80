/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands as data. A table of patterns is compiled into one automaton; a line
 * is matched word by word, so abbreviations are judged against everything that
 * could stand at that place, and "what was expected" falls out of it.
 *
 * Pattern syntax:
 *   word            keyword, may be abbreviated
 *   word=label      keyword that the handler knows under another name
 *   \x              keyword of one character that would mean something here
 *   <label:type>    typed word, see vg_types in grammar.c
 *   [ ... ]         optional		{ a | b }	choice
 *   +  *            after > ] }: one or more, any number
 */
#ifndef VG_GRAMMAR_H
#define VG_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_token {
	const char *text;	/* NUL-terminated */
	unsigned int len, col;
};

struct vg_capture {
	const char *label;
	const struct vg_token *token;
	uint32_t value;
};

/**
 * struct vg_cmd - one command
 * @pattern: its syntax
 * @fn: handler; its type is the business of the table's owner
 * @root: leading words that say that the command is ours: a line which agrees
 *	with those but with nothing more is malformed, not foreign
 * @flags: VG_CMD_*
 * @help: one line for people, NULL for none
 */
struct vg_cmd {
	const char *pattern;
	void (*fn)(void);
	uint8_t root;
	uint8_t flags;
	const char *help;
};

#define VG_CMD_NO	1	/* handler understands the "no" and "default" forms */
#define VG_FN(f)	((void (*)(void))(f))

struct vg_grammar;

enum vg_match_result {
	VG_MATCH,
	VG_UNKNOWN,		/* no command begins like this */
	VG_MALFORMED,		/* one of ours, but wrong at .where */
	VG_INCOMPLETE,		/* one of ours, more words needed */
	VG_AMBIGUOUS,		/* abbreviation at .where fits several keywords */
	VG_NOMEM,
};

#define VG_EXPECT_LEN 256

/**
 * struct vg_match - outcome of matching a line
 * @cmd: command matched
 * @cap: words of the line in order, with their labels
 * @where: index of the word that was wrong
 * @ambiguous: it is an abbreviation of several, also if none of them is known to be ours
 * @consumed_root: words agreed with one of our commands up to its root
 * @why: more precise reason than "not expected", or NULL
 * @expected: what could have stood there
 */
struct vg_match {
	const struct vg_cmd *cmd;
	struct vg_capture *cap;
	size_t n_cap, cap_size;
	size_t where;
	bool ambiguous, consumed_root;
	const char *why;
	char expected[VG_EXPECT_LEN];
};

struct vg_grammar *vg_grammar_new(const struct vg_cmd *cmds, size_t n);
void vg_grammar_free(struct vg_grammar *g);
typedef void (*vg_next_fn)(void *arg, const char *word, const struct vg_cmd *cmd, bool keyword);

enum vg_match_result vg_grammar_next(struct vg_grammar *g, const struct vg_token *tok,
				     size_t n_tok, vg_next_fn fn, void *arg);
enum vg_match_result vg_grammar_match(struct vg_grammar *g, const struct vg_token *tok,
				      size_t n_tok, struct vg_match *m);
void vg_match_free(struct vg_match *m);

const struct vg_capture *vg_cap(const struct vg_match *m, const char *label);
bool vg_has(const struct vg_match *m, const char *label);
const char *vg_text(const struct vg_match *m, const char *label);
uint32_t vg_value(const struct vg_match *m, const char *label);

size_t vg_lex(char *line, struct vg_token *tok, size_t max);

#endif
