// SPDX-License-Identifier: GPL-2.0
/*
 * Who may be a client and what it is given: groups of clients, users, and the lists
 * of aaa that a crypto map names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parser.h"

/* The line from a word on, without the blanks at its end: a password may hold some. */
static const char *rest_of_line(const struct vg_parser *p, const struct vg_capture *from,
				size_t *len)
{
	const char *text = p->cfg->lines[p->at.line - 1] + from->token->col - 1;

	*len = strlen(text);
	while (*len && strchr(" \t\r", text[*len - 1]))
		(*len)--;
	return text;
}

static bool is_masked(const struct vg_parser *p, const struct vg_capture *secret)
{
	if (strspn(secret->token->text, "*") != secret->token->len)
		return false;
	vg_diag_add(p->diags, VG_ERROR, vg_cap_at(p, secret), "this was masked by show "
		    "running-config; write it out, or use --secrets there");
	return true;
}

/* aaa new-model */
int vg_cmd_aaa(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->aaa = !p->no;
	return 0;
}

/* aaa {authentication login|authorization network} LIST METHOD... */
int vg_cmd_aaa_list(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "list");
	bool network = vg_has(m, "network"), local = !vg_has(m, "method");
	const struct vg_capture *methods = m->n_cap > 4 ? &m->cap[4] : NULL;
	struct vg_config *cfg = p->cfg;
	struct vg_aaa_list *l;
	const char *text;
	size_t i, len;

	for (i = 0; i < cfg->aaa_list.n; i++) {
		l = &cfg->aaa_list.v[i];
		if (l->network == network && !strcmp(l->name, name))
			break;
	}
	if (p->no) {
		if (i < cfg->aaa_list.n)
			cfg->aaa_list.v[i] = cfg->aaa_list.v[--cfg->aaa_list.n];
		return 0;
	}
	if (!methods) {
		vg_incomplete(p, m, "local");
		return 0;
	}
	text = rest_of_line(p, methods, &len);
	if (len > VG_METHODS_MAX) {
		vg_error(p, methods, "more than %d characters", VG_METHODS_MAX);
		return 0;
	}
	if (i == cfg->aaa_list.n &&
	    !vg_push(&cfg->aaa_list.v, &cfg->aaa_list.n, &cfg->aaa_list.cap))
		return -ENOMEM;
	l = &cfg->aaa_list.v[i];
	*l = (struct vg_aaa_list){ .network = network, .local = local, .at = p->at };
	strncpy(l->name, name, sizeof(l->name) - 1);
	memcpy(l->methods, text, len);
	return 0;
}

static struct vg_user *find_user(struct vg_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->user.n; i++) {
		if (!strcmp(cfg->user.v[i].name, name))
			return &cfg->user.v[i];
	}
	return NULL;
}

/* username NAME [privilege N] {password|secret} [TYPE] TEXT */
int vg_cmd_username(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *secret = vg_cap(m, "text");
	struct vg_config *cfg = p->cfg;
	struct vg_user *u = find_user(cfg, vg_text(m, "user"));
	const char *text;
	size_t len;

	if (p->no) {
		if (u) {
			*u = cfg->user.v[--cfg->user.n];
			explicit_bzero(&cfg->user.v[cfg->user.n], sizeof(*u));
		}
		return 0;
	}
	if (!secret) {
		p->noop = true;
		return 0;
	}
	text = rest_of_line(p, secret, &len);
	if (is_masked(p, secret))
		return 0;
	if (len > VG_PASSWORD_MAX) {
		vg_error(p, secret, "password is longer than %d characters", VG_PASSWORD_MAX);
		return 0;
	}
	if (!u)
		u = vg_push_secret(&cfg->user.v, &cfg->user.n, &cfg->user.cap);
	if (!u)
		return -ENOMEM;
	explicit_bzero(u, sizeof(*u));
	strncpy(u->name, vg_text(m, "user"), sizeof(u->name) - 1);
	memcpy(u->secret, text, len);
	u->hashed = vg_has(m, "secret");
	u->privilege = vg_has(m, "priv") ? (int8_t)vg_value(m, "priv") : -1;
	for (const char *t = "56789"; *t; t++) {
		char type[2] = { *t };

		if (vg_has(m, type))
			u->type = *t - '0';
	}
	u->at = p->at;
	return 0;
}

/* crypto map M {client authentication|isakmp authorization} list LIST */
int vg_cmd_map_list(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "mapname");
	struct vg_map *map = p->no ? vg_map_find(p->cfg, name) : vg_map_get(p->cfg, name, p->at);
	struct vg_ref *ref;

	if (!map)
		return p->no ? 0 : -ENOMEM;
	ref = vg_has(m, "client") ? &map->authentication : &map->authorization;
	if (p->no)
		memset(ref, 0, sizeof(*ref));
	else if (!vg_has(m, "listname"))
		vg_incomplete(p, m, "NAME");
	else
		vg_ref_set(p, ref, m, "listname");
	return 0;
}

/* crypto isakmp client configuration group NAME */
int vg_cmd_group(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "name");
	struct vg_config *cfg = p->cfg;
	size_t i;

	p->mode = VG_MODE_SKIP;
	for (i = 0; i < cfg->group.n && strcmp(cfg->group.v[i].name, name); i++)
		;
	if (p->no) {
		if (i < cfg->group.n) {
			cfg->group.n--;
			memmove(&cfg->group.v[i], &cfg->group.v[i + 1],
				(cfg->group.n - i) * sizeof(*cfg->group.v));
			explicit_bzero(&cfg->group.v[cfg->group.n], sizeof(*cfg->group.v));
		}
		return 0;
	}
	if (i == cfg->group.n) {
		if (!vg_push_secret(&cfg->group.v, &cfg->group.n, &cfg->group.cap))
			return -ENOMEM;
		strncpy(cfg->group.v[i].name, name, sizeof(cfg->group.v[i].name) - 1);
		cfg->group.v[i].at = p->at;
	}
	p->mode = VG_MODE_GROUP;
	p->cur = i;
	return 0;
}

static struct vg_group *cur_group(struct vg_parser *p)
{
	return &p->cfg->group.v[p->cur];
}

/* key [0|6] SECRET */
int vg_cmd_group_key(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *secret = vg_cap(m, "secret");
	struct vg_group *g = cur_group(p);

	if (p->no) {
		explicit_bzero(g->secret, sizeof(g->secret));
		return 0;
	}
	if (!secret) {
		vg_incomplete(p, m, "WORD");
		return 0;
	}
	if (vg_has(m, "encrypted")) {
		vg_error(p, vg_cap(m, "encrypted"), "an encrypted key cannot be read; write it in "
			 "clear and keep the file to yourself");
		return 0;
	}
	if (secret->token->len > VG_PSK_MAX) {
		vg_error(p, secret, "key is longer than %d characters", VG_PSK_MAX);
		return 0;
	}
	if (is_masked(p, secret))
		return 0;
	explicit_bzero(g->secret, sizeof(g->secret));
	memcpy(g->secret, secret->token->text, secret->token->len);
	return 0;
}

/* {dns|wins} A [B] */
int vg_cmd_group_servers(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t *v = vg_has(m, "dns") ? cur_group(p)->dns : cur_group(p)->wins;

	if (!p->no && !vg_has(m, "first")) {
		vg_incomplete(p, m, "A.B.C.D");
		return 0;
	}
	for (size_t i = 1; !p->no && i < m->n_cap; i++) {
		if (m->cap[i].value)
			continue;
		vg_error(p, &m->cap[i], "no server has this address");
		return 0;
	}
	v[0] = p->no ? 0 : vg_value(m, "first");
	v[1] = p->no ? 0 : vg_value(m, "second");
	return 0;
}

/* domain NAME; split-dns NAME, again for each */
int vg_cmd_group_domain(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *name = vg_cap(m, "name");
	struct vg_group *g = cur_group(p);
	bool split = vg_has(m, "split-dns");
	char *to = split ? g->split_dns : g->domain;
	size_t len = split ? strlen(to) : 0;

	if (p->no) {
		memset(to, 0, VG_DOMAIN_MAX + 1);
		return 0;
	}
	if (!name) {
		vg_incomplete(p, m, "WORD");
		return 0;
	}
	if (strchr(name->token->text, ',')) {
		vg_error(p, name, "one domain to a line, and no commas");
		return 0;
	}
	if (len + name->token->len + 1 > VG_DOMAIN_MAX) {
		vg_error(p, name, "more than %d characters", VG_DOMAIN_MAX);
		return 0;
	}
	if (len)
		to[len++] = ',';
	memcpy(to + len, name->token->text, name->token->len + 1);
	return 0;
}

/* pool NAME */
int vg_cmd_group_pool(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "name"))
		vg_incomplete(p, m, "NAME");
	else if (p->no)
		memset(&cur_group(p)->pool, 0, sizeof(cur_group(p)->pool));
	else
		vg_ref_set(p, &cur_group(p)->pool, m, "name");
	return 0;
}

/* acl NAME */
int vg_cmd_group_acl(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "list"))
		vg_incomplete(p, m, "NAME");
	else if (p->no)
		memset(&cur_group(p)->acl, 0, sizeof(cur_group(p)->acl));
	else
		vg_ref_set_acl(p, &cur_group(p)->acl, m, "list");
	return 0;
}

/* netmask MASK */
int vg_cmd_group_netmask(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "mask"))
		vg_incomplete(p, m, "A.B.C.D (netmask)");
	else
		cur_group(p)->netmask = p->no ? 0 : vg_value(m, "mask");
	return 0;
}

/* save-password, pfs */
int vg_cmd_group_flag(struct vg_parser *p, const struct vg_match *m)
{
	if (vg_has(m, "pfs"))
		cur_group(p)->pfs = !p->no;
	else
		cur_group(p)->save_password = !p->no;
	return 0;
}

/* Takes text up to the delimiter, if that is in it; false if it is not. */
static bool take_banner(struct vg_parser *p, const char *text)
{
	struct vg_group *g = cur_group(p);
	const char *end = strchr(text, p->quote), *caret;
	size_t len, have = strlen(g->banner);

	caret = p->quote == '\003' ? strstr(text, "^C") : NULL;
	if (caret && (!end || caret < end))
		end = caret;
	len = end ? (size_t)(end - text) : strlen(text);
	if (have + len + 1 > VG_BANNER_MAX) {
		if (!p->full)
			vg_diag_add(p->diags, VG_ERROR, p->open_at, "banner is longer than %d "
				    "characters", VG_BANNER_MAX);
		p->full = true;
		return end;
	}
	if (p->more && (len || !end))
		g->banner[have++] = '\n';
	memcpy(g->banner + have, text, len);
	p->more = p->more || len;
	/* Empty lines around it are not part of it. */
	for (have += len; end && have && g->banner[have - 1] == '\n'; have--)
		g->banner[have - 1] = '\0';
	return end;
}

/**
 * vg_group_banner_line - the next line of a banner
 * @p: parser
 * @line: line
 */
void vg_group_banner_line(struct vg_parser *p, const char *line)
{
	if (take_banner(p, line))
		p->quote = 0;
}

/* "banner motd" and its like are the router's, and end the group. */
static bool is_global_banner(const struct vg_match *m)
{
	static const char * const words[] = {
		"exec", "incoming", "login", "motd", "prompt-timeout", "slip-ppp",
	};

	for (size_t i = 0; m->n_cap > 1 && i < VG_ARRAY_SIZE(words); i++) {
		if (!strcasecmp(m->cap[1].token->text, words[i]))
			return true;
	}
	return false;
}

/* banner ^C text ^C, over any number of lines */
int vg_cmd_group_banner(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_group *g = cur_group(p);
	const char *text;
	size_t len;

	if (is_global_banner(m)) {
		p->mode = VG_MODE_SKIP;
		return vg_cmd_banner(p, m);
	}

	memset(g->banner, 0, sizeof(g->banner));
	if (p->no)
		return 0;
	if (m->n_cap < 2) {
		vg_incomplete(p, m, "^C TEXT ^C");
		return 0;
	}
	text = rest_of_line(p, &m->cap[1], &len);
	p->quote = *text;
	if (text[0] == '^' && text[1] == 'C') {
		p->quote = '\003';
		text++;
	}
	p->more = false;
	p->full = false;
	p->open_at = p->at;
	vg_group_banner_line(p, text + 1);
	return 0;
}
