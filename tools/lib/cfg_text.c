// SPDX-License-Identifier: GPL-2.0
/* Texts that go over several lines and are none of ours: banners and certificates. */
#include <string.h>

#include "parser.h"

/* What follows are certificates. */
int vg_cmd_certificate(struct vg_parser *p, const struct vg_match *m)
{
	int ret = vg_cmd_inert(p, m);

	if (!p->no && vg_has(m, "chain"))
		p->chain = CHAIN;
	return ret;
}

static bool ends_banner(struct vg_parser *p, const char *text)
{
	if (!strchr(text, p->quote) && !(p->quote == '\003' && strstr(text, "^C")))
		return false;
	p->quote = 0;
	return true;
}

/* banner motd ^C text ^C, over any number of lines */
int vg_cmd_banner(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *open = &m->cap[m->n_cap > 2 ? 2 : 1];
	const char *text = open->token->text;
	bool control_c = text[0] == '^' && text[1] == 'C';

	if (p->no)
		return vg_cmd_inert(p, m);
	/* A terminal shows control-C as the two characters ^C. */
	p->quote = control_c ? '\003' : *text;
	text += control_c;
	p->open_at = p->at;
	for (size_t i = open - m->cap; i < m->n_cap; i++) {
		if (i > (size_t)(open - m->cap))
			text = m->cap[i].token->text - 1;
		if (ends_banner(p, text + 1))
			break;
	}
	return vg_cmd_inert(p, m);
}

/**
 * vg_in_banner - is this line part of a banner
 * @p: parser
 * @line: line
 *
 * Return: true if so, also if the banner ends with it.
 */
bool vg_in_banner(struct vg_parser *p, const char *line)
{
	if (!p->quote)
		return false;
	ends_banner(p, line);
	return true;
}

static bool is_certificate(const char *line)
{
	return !strncmp(line, "certificate ", 12);
}

/**
 * vg_leave_chain - a line is kept next to a chain of certificates that was left
 * @p: parser
 * @line: line
 *
 * It must not become a part of the chain when both are printed.
 */
void vg_leave_chain(struct vg_parser *p, const char *line)
{
	if (p->chain == CHAIN_LEFT && is_certificate(line + strspn(line, " \t\r")))
		vg_diag_add(p->diags, VG_ERROR, p->at,
			    "a certificate has to be right below its chain");
	if (p->chain == CHAIN_LEFT)
		p->chain = NO_CHAIN;
}

/**
 * vg_in_certificate - is this line part of a certificate
 * @p: parser
 * @line: line, without the blanks in front
 *
 * Hexadecimal text up to "quit" must not be read, unless it is in a file.
 *
 * Return: true if so, also if the certificate ends with it.
 */
bool vg_in_certificate(struct vg_parser *p, const char *line)
{
	if (p->certificate) {
		p->certificate = strncmp(line, "quit", 4) != 0;
		return true;
	}
	if (!is_certificate(line) || p->chain != CHAIN) {
		p->chain = p->chain == CHAIN ? CHAIN_LEFT : p->chain;
		return false;
	}
	p->certificate = !strstr(line, "nvram:");
	p->open_at = p->at;
	return true;
}
