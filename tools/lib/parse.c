// SPDX-License-Identifier: GPL-2.0
/* Reads IOS text: lines, modes, comments, and what to do with foreign lines. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "paste.h"
#include "parser.h"
#include "secrets.h"

#define MAX_WORDS 512

/**
 * vg_cap_at - position of a word
 * @p: parser
 * @cap: word, NULL for the line as such
 *
 * Return: line and column.
 */
struct vg_src vg_cap_at(const struct vg_parser *p, const struct vg_capture *cap)
{
	struct vg_src at = p->at;

	if (cap)
		at.col = cap->token->col;
	return at;
}

/**
 * vg_ref_set - note that a line mentions a name
 * @p: parser
 * @ref: where to note it
 * @m: match of the line
 * @label: label of the name
 */
void vg_ref_set(struct vg_parser *p, struct vg_ref *ref, const struct vg_match *m,
		const char *label)
{
	const struct vg_capture *cap = vg_cap(m, label);

	memset(ref, 0, sizeof(*ref));
	if (!cap)
		return;
	strncpy(ref->name, cap->token->text, sizeof(ref->name) - 1);
	ref->at = vg_cap_at(p, cap);
}

/**
 * vg_ref_set_acl - note that a line mentions an access list
 * @p: parser
 * @ref: where to note it
 * @m: match of the line
 * @label: label of the name
 */
void vg_ref_set_acl(struct vg_parser *p, struct vg_ref *ref, const struct vg_match *m,
		    const char *label)
{
	vg_ref_set(p, ref, m, label);
	if (ref->name[0])
		strncpy(ref->name, vg_acl_name(vg_text(m, label)), sizeof(ref->name) - 1);
}

/**
 * vg_incomplete - report that words are missing which only "no" does without
 * @p: parser
 * @m: match of the line
 * @expected: what they would be
 */
void vg_incomplete(struct vg_parser *p, const struct vg_match *m, const char *expected)
{
	const struct vg_capture *last = &m->cap[m->n_cap - 1];
	struct vg_src at = vg_cap_at(p, last);

	at.col += last->token->len;
	vg_diag_expect(vg_diag_add(p->diags, VG_ERROR, at, "incomplete command"), expected);
}

/* A line that is accepted, kept, and has no effect here. */
int vg_cmd_inert(struct vg_parser *p, const struct vg_match *m)
{
	p->noop = true;
	return 0;
}

static void quote_command(const struct vg_match *m, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < m->n_cap && len < size; i++) {
		/* Keywords only: the rest may hold keys. */
		if (!strcmp(m->cap[i].label, "text"))
			break;
		len += snprintf(buf + len, size - len, "%s%s", i ? " " : "",
				m->cap[i].token->text);
	}
}

/* Commands of ours that change what happens to packets, and are not there yet. */
int vg_cmd_refuse(struct vg_parser *p, const struct vg_match *m)
{
	char cmd[120];

	if (p->no)
		return vg_cmd_inert(p, m);
	quote_command(m, cmd, sizeof(cmd));
	vg_error(p, NULL, "'%s' is not supported yet", cmd);
	if (p->mode == VG_MODE_GLOBAL)
		p->mode = VG_MODE_SKIP;
	return 0;
}

int vg_cmd_end(struct vg_parser *p, const struct vg_match *m)
{
	p->mode = VG_MODE_GLOBAL;
	return 0;
}

/* Modes whose lines without effect are written back where they stood. */
static bool has_owner(enum vg_mode mode)
{
	switch (mode) {
	case VG_MODE_IFACE:
	case VG_MODE_ROUTE_MAP:
	case VG_MODE_MAP:
	case VG_MODE_DYNAMIC:
	case VG_MODE_KEYRING:
	case VG_MODE_GROUP:
		return true;
	default:
		return false;
	}
}

/* The line that opens what the current one belongs to; *err without memory. */
static char *owner_line(const struct vg_parser *p, int *err)
{
	const struct vg_config *cfg = p->cfg;
	const struct vg_rm_entry *e;
	char *line = NULL;
	int n = 0;

	switch (p->mode) {
	case VG_MODE_IFACE:
		n = asprintf(&line, "interface %s", cfg->iface.v[p->cur].name);
		break;
	case VG_MODE_ROUTE_MAP:
		e = &cfg->route_map.v[p->cur].entry[p->cur_sub];
		n = asprintf(&line, "route-map %s %u", cfg->route_map.v[p->cur].name, e->seq);
		break;
	case VG_MODE_MAP:
		n = asprintf(&line, "crypto map %s %u", cfg->map_entry.v[p->cur].map,
			     cfg->map_entry.v[p->cur].seq);
		break;
	case VG_MODE_DYNAMIC:
		n = asprintf(&line, "crypto dynamic-map %s %u", cfg->dynamic.v[p->cur].map,
			     cfg->dynamic.v[p->cur].seq);
		break;
	case VG_MODE_KEYRING:
		n = asprintf(&line, "crypto keyring %s", p->keyring);
		break;
	case VG_MODE_GROUP:
		n = asprintf(&line, "crypto isakmp client configuration group %s",
			     cfg->group.v[p->cur].name);
		break;
	default:
		break;
	}
	*err = n < 0 ? -ENOMEM : 0;
	return n < 0 ? NULL : line;
}

static int keep_line(struct vg_parser *p)
{
	struct vg_config *cfg = p->cfg;
	const char *line = cfg->lines[p->at.line - 1] + p->noise;
	struct vg_line *kept;
	size_t indent;
	int err;
	char *owner = owner_line(p, &err);

	kept = err ? NULL : vg_push(&cfg->kept.v, &cfg->kept.n, &cfg->kept.cap);
	if (!kept) {
		free(owner);
		return -ENOMEM;
	}
	kept->line = p->at.line;
	kept->owner = owner;
	indent = strspn(line, " \t\r");
	if (p->mode == VG_MODE_IFACE && p->base && indent > p->base)
		kept->depth = indent - p->base;
	kept->text = strdup(line);
	if (!owner)
		vg_leave_chain(p, line);
	if (kept->text)
		return 0;
	free(owner);
	cfg->kept.n--;
	return -ENOMEM;
}

/* "no" or "default" in front of what we never heard of takes nothing away. */
static bool takes_nothing(const struct vg_parser *p, enum vg_match_result result,
			  const struct vg_match *m)
{
	/* A keyword is unknown among the first, which name the thing. */
	return p->no && result == VG_MALFORMED && m->where <= 3 && !m->why &&
	       !strpbrk(m->expected, "<ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static int keep_no(struct vg_parser *p)
{
	if (p->opt->strict)
		vg_diag_add(p->diags, VG_ERROR, p->at, "command has no effect here (--strict)");
	return keep_line(p);
}

/* @expected: what our sub-mode would have liked; NULL outside of those */
static int foreign_line(struct vg_parser *p, unsigned int indent, const char *expected)
{
	if (expected && indent > p->indent) {
		struct vg_diag *d = vg_diag_add(p->diags, VG_ERROR, p->at, "unknown command in %s",
						vg_modes[p->mode].name);

		vg_diag_expect(d, expected);
		return 0;
	}
	if (expected && !p->indented)
		vg_diag_add(p->diags, VG_WARNING, p->at,
			    "not a command of %s; taken as one outside VPN and NAT",
			    vg_modes[p->mode].name);
	/* Interfaces have many lines that are not ours; indentation tells them apart. */
	p->indented |= p->mode == VG_MODE_IFACE && indent > p->indent;
	if (p->mode != VG_MODE_IFACE || (p->indented && indent <= p->indent))
		p->mode = VG_MODE_SKIP;
	if (p->opt->strict && !vg_paste_header(p->cfg->lines[p->at.line - 1] + p->at.col - 1))
		vg_diag_add(p->diags, VG_ERROR, p->at, "command has no effect here (--strict)");
	return keep_line(p);
}

/* The message names the word, unless that is a key. */
static struct vg_diag *unexpected(struct vg_parser *p, struct vg_src at,
				  const struct vg_token *tok, size_t where)
{
	struct vg_diag *d = NULL;
	size_t len = 0, size;
	char *line;

	for (size_t i = 0; i <= where; i++)
		len += tok[i].len + 1;
	size = len;
	line = malloc(size);
	if (!line)
		return vg_diag_add(p->diags, VG_ERROR, at, "unexpected word");
	len = 0;
	for (size_t i = 0; i <= where; i++)
		len += snprintf(line + len, size - len, i ? " %s" : "%s", tok[i].text);
	vg_mask_secrets(line);
	d = vg_diag_add(p->diags, VG_ERROR, at, "unexpected word '%s'",
			line + len - tok[where].len);
	explicit_bzero(line, size);
	free(line);
	return d;
}

static void report(struct vg_parser *p, enum vg_match_result result, const struct vg_match *m,
		   const struct vg_token *tok, size_t n_tok)
{
	struct vg_src at = p->at;
	struct vg_diag *d;

	if (m->where < n_tok)
		at.col = tok[m->where].col;
	else if (n_tok)
		at.col = tok[n_tok - 1].col + tok[n_tok - 1].len;

	if (result == VG_INCOMPLETE)
		d = vg_diag_add(p->diags, VG_ERROR, at, "incomplete command");
	else if (result == VG_AMBIGUOUS)
		d = vg_diag_add(p->diags, VG_ERROR, at, "ambiguous abbreviation");
	else if (m->why)
		d = vg_diag_add(p->diags, VG_ERROR, at, "%s", m->why);
	else if (m->where < n_tok)
		d = unexpected(p, at, tok, m->where);
	else
		d = vg_diag_add(p->diags, VG_ERROR, at, "unexpected end of line");
	vg_diag_expect(d, m->expected);
}

static int run(struct vg_parser *p)
{
	const struct vg_cmd *cmd = p->match.cmd;
	int ret;

	if (p->no && !(cmd->flags & VG_CMD_NO)) {
		vg_diag_add(p->diags, VG_ERROR, p->at, "this command has no \"no\" form here");
		return 0;
	}
	p->noop = false;
	ret = ((vg_handler)cmd->fn)(p, &p->match);
	if (ret || !p->noop)
		return ret;
	if (p->opt->strict)
		vg_diag_add(p->diags, VG_ERROR, p->at, "command has no effect here (--strict)");
	return keep_line(p);
}

/*
 * "pvc 8/35" of an interface opens a mode of its own. Where indentation does not tell,
 * its "exit" must not be taken for that of the interface, whose lines go on below.
 */
static bool ends_nested(struct vg_parser *p, const struct vg_token *tok, size_t n_tok,
			unsigned int indent)
{
	if (!p->no && (!strcasecmp(tok[0].text, "pvc") || !strcasecmp(tok[0].text, "svc"))) {
		p->nested = true;
		return false;
	}
	if (!p->nested || indent < p->base || n_tok != 1 || strcasecmp(tok[0].text, "exit"))
		return false;
	p->nested = false;
	return true;
}

static int parse_words(struct vg_parser *p, const struct vg_token *tok, size_t n_tok,
		       unsigned int indent)
{
	bool ours = p->mode != VG_MODE_GLOBAL && p->mode != VG_MODE_IFACE &&
		    p->mode != VG_MODE_SKIP;
	enum vg_match_result result, sub_result = VG_UNKNOWN;
	enum vg_mode mode = p->mode;
	struct vg_match sub;

	p->is_default = !strcasecmp(tok[0].text, "default");
	p->no = p->is_default || !strcasecmp(tok[0].text, "no");
	p->at.col = tok[0].col;
	if (p->no && --n_tok == 0)
		return foreign_line(p, indent, ours ? "" : NULL);
	tok += p->no;

	if (mode == VG_MODE_IFACE) {
		if (!p->base && indent > p->indent)
			p->base = indent;
		if (ends_nested(p, tok, n_tok, indent))
			return 0;
	}
	if (mode != VG_MODE_GLOBAL && mode != VG_MODE_SKIP) {
		sub_result = vg_grammar_match(p->lang->mode[mode], tok, n_tok, &p->match);
		if (sub_result == VG_NOMEM)
			return -ENOMEM;
		if (sub_result == VG_MATCH) {
			p->indented |= indent > p->indent;
			p->nested = false;
			return run(p);
		}
	}

	/* Indentation decides nothing: any mode ends where a global command begins. */
	sub = p->match;
	result = vg_grammar_match(p->lang->mode[VG_MODE_GLOBAL], tok, n_tok, &p->match);
	if (result == VG_NOMEM)
		return -ENOMEM;
	if (sub_result != VG_UNKNOWN && result != VG_MATCH &&
	    (result == VG_UNKNOWN || sub.where >= p->match.where)) {
		if (has_owner(mode) && takes_nothing(p, sub_result, &sub))
			return keep_no(p);
		report(p, sub_result, &sub, tok, n_tok);
		return 0;
	}
	if (result == VG_UNKNOWN)
		return foreign_line(p, indent, ours ? sub.expected : NULL);
	p->mode = VG_MODE_GLOBAL;
	p->indent = indent;
	p->base = 0;
	p->nested = false;
	if (result == VG_MATCH)
		return run(p);
	if (takes_nothing(p, result, &p->match))
		return keep_no(p);
	report(p, result, &p->match, tok, n_tok);
	/* The lines below it must not be taken for somebody else's. */
	p->mode = VG_MODE_SKIP;
	return 0;
}

/* Both the line and its copy get blanks, and what is shown of it is fit for a terminal. */
static size_t take_noise(struct vg_parser *p, char *line, size_t (*fn)(char *line))
{
	size_t len = fn(line + p->noise);

	memset((char *)p->cfg->lines[p->at.line - 1] + p->noise, ' ', len);
	p->noise += len;
	return len;
}

/* Takes the prompt of a terminal off. */
static bool take_prompt(struct vg_parser *p, char *line)
{
	bool any = false;

	while (take_noise(p, line, vg_paste_prompt)) {
		any = true;
		take_noise(p, line, vg_paste_pager);
	}
	p->at.col = p->noise + 1;
	if (!any || line[p->noise] != '$')
		return true;
	vg_diag_add(p->diags, VG_ERROR, p->at, "the terminal has cut this line, its beginning is "
		    "not here");
	return false;
}

/* @line: a copy of the line, to be cut into words */
static int parse_line(struct vg_parser *p, char *line, unsigned int number)
{
	unsigned int indent;
	size_t n_tok;

	p->at = (struct vg_src){ number, 0 };
	p->noise = 0;
	take_noise(p, line, vg_paste_pager);
	indent = strspn(line + p->noise, " \t\r");
	p->at.col = p->noise + indent + 1;
	if (p->quote && p->mode == VG_MODE_GROUP) {
		vg_group_banner_line(p, line + p->noise);
		return 0;
	}
	if (vg_in_banner(p, line + p->noise))
		return keep_line(p);
	if (!p->certificate && !indent) {
		if (!take_prompt(p, line))
			return 0;
		indent = strspn(line + p->noise, " \t\r");
		p->at.col += indent;
	}
	line += p->noise;
	if (!line[indent] || line[indent] == '!')
		return 0;
	if (vg_in_certificate(p, line + indent))
		return keep_line(p);
	n_tok = vg_lex(line, p->tok, MAX_WORDS);
	for (size_t i = 0; i < n_tok && i < MAX_WORDS; i++)
		p->tok[i].col += p->noise;
	if (n_tok > MAX_WORDS) {
		vg_diag_add(p->diags, VG_ERROR, p->at, "more than %d words", MAX_WORDS);
		return 0;
	}
	return parse_words(p, p->tok, n_tok, indent);
}

/* Cuts the text at its line ends, in place. */
static int split_lines(struct vg_config *cfg, struct vg_diags *diags)
{
	size_t cap = 0;
	char *at = cfg->text, *end = cfg->text + cfg->text_len;

	if (!strncmp(at, "\xef\xbb\xbf", 3))		/* a byte order mark */
		at += 3;
	while (at < end) {
		char *eol = memchr(at, '\n', end - at);
		const char **slot = vg_push(&cfg->lines, &cfg->n_lines, &cap);
		struct vg_src src = { cfg->n_lines, 0 };
		size_t len;

		if (!slot)
			return -ENOMEM;
		if (!eol)
			eol = end;
		*slot = at;
		len = eol - at;
		while (len && at[len - 1] == '\r')
			len--;
		if (memchr(at, '\0', len)) {
			src.col = strlen(at) + 1;
			vg_diag_add(diags, VG_ERROR, src, "NUL octet in the text");
		}
		at[len] = '\0';
		at = eol + 1;
	}
	return 0;
}

static void summarise_kept(struct vg_parser *p)
{
	const struct vg_config *cfg = p->cfg;
	struct vg_src at = { 0 };
	char list[160] = "";
	size_t len = 0;

	if (!cfg->kept.n || p->opt->strict)
		return;
	for (size_t i = 0, j; i < cfg->kept.n; i = j + 1) {
		unsigned int first = cfg->kept.v[i].line;

		for (j = i; j + 1 < cfg->kept.n; j++) {
			if (cfg->kept.v[j + 1].line != cfg->kept.v[j].line + 1)
				break;
		}
		if (len > sizeof(list) - 40) {
			len += snprintf(list + len, sizeof(list) - len, ", ...");
			break;
		}
		len += snprintf(list + len, sizeof(list) - len, first == cfg->kept.v[j].line ?
				"%s%u" : "%s%u-%u", len ? ", " : "", first, cfg->kept.v[j].line);
	}
	vg_diag_add(p->diags, VG_NOTE, at, "%zu line%s kept without effect here: %s", cfg->kept.n,
		    cfg->kept.n == 1 ? "" : "s", list);
}

static int parse_all(struct vg_parser *p)
{
	const struct vg_config *cfg = p->cfg;
	char *scratch = NULL;
	size_t size = 0;
	int ret = 0;

	for (size_t i = 0; i < cfg->n_lines && !ret; i++) {
		size_t len = strlen(cfg->lines[i]) + 1;

		if (len > size) {
			if (scratch)
				explicit_bzero(scratch, size);
			free(scratch);
			size = len + 256;
			scratch = malloc(size);
			if (!scratch)
				return -ENOMEM;
		}
		memcpy(scratch, cfg->lines[i], len);
		ret = parse_line(p, scratch, i + 1);
	}
	if (scratch)
		explicit_bzero(scratch, size);
	free(scratch);
	return ret;
}

/**
 * vg_parse - read a configuration
 * @cfg: empty configuration, filled as far as the text can be understood
 * @text: IOS text
 * @len: its length
 * @opt: how strictly to read
 * @diags: findings are added here; with an error @cfg must not be loaded
 *
 * Names are resolved by vg_check(), not here.
 *
 * Return: 0, or -ENOMEM.
 */
int vg_parse(struct vg_config *cfg, const char *text, size_t len,
	     const struct vg_parse_options *opt, struct vg_diags *diags)
{
	struct vg_parser p = { .cfg = cfg, .diags = diags, .opt = opt, .lang = opt->language };
	int ret = -ENOMEM;

	cfg->text = malloc(len + 1);
	p.tok = calloc(MAX_WORDS, sizeof(*p.tok));
	if (!p.lang)
		p.lang = vg_language_new();
	if (!cfg->text || !p.tok || !p.lang)
		goto out;
	memcpy(cfg->text, text, len);
	cfg->text[len] = '\0';
	cfg->text_len = len;
	ret = split_lines(cfg, diags);
	if (!ret)
		ret = parse_all(&p);
	if (p.quote || p.certificate)
		vg_diag_add(diags, VG_ERROR, p.open_at, "%s has no end: all below is taken for "
			    "its text", p.quote ? "banner" : "certificate");
	if (!ret)
		ret = vg_acls_finish(cfg, diags);
	if (!ret)
		ret = vg_config_compact(cfg);
	vg_maps_finish(cfg);
	vg_isakmp_finish(cfg);
	if (!ret)
		summarise_kept(&p);
out:
	if (p.lang != opt->language)
		vg_language_free(p.lang);
	vg_match_free(&p.match);
	free(p.tok);
	return ret;
}
