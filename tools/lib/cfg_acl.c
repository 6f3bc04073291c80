// SPDX-License-Identifier: GPL-2.0
/* access-list, ip access-list and the entries of both. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "parser.h"
#include "text.h"

#define SEQ_STEP 10

static bool add_ports(struct vg_parser *p, struct vg_port_range *v, uint8_t *n,
		      const struct vg_capture *cap, uint32_t lo, uint32_t hi)
{
	if (*n == VPNGW_PORT_RANGE_MAX) {
		vg_error(p, cap, "more than %d ports", VPNGW_PORT_RANGE_MAX);
		return false;
	}
	v[*n].lo = lo;
	v[*n].hi = hi;
	(*n)++;
	return true;
}

static bool one_port_op(struct vg_parser *p, const struct vg_match *m, size_t i, char side,
			struct vg_ace *ace)
{
	struct vg_port_range *v = side == 's' ? ace->sport : ace->dport;
	uint8_t *n = side == 's' ? &ace->n_sport : &ace->n_dport;
	const struct vg_capture *arg = &m->cap[i + 1];
	const char *op = strchr(m->cap[i].label, '-') + 1;

	if (!strcmp(op, "lt")) {
		if (arg->value)
			return add_ports(p, v, n, arg, 0, arg->value - 1);
		vg_error(p, arg, "no port is less than 0");
		return false;
	}
	if (!strcmp(op, "gt")) {
		if (arg->value < 65535)
			return add_ports(p, v, n, arg, arg->value + 1, 65535);
		vg_error(p, arg, "no port is greater than 65535");
		return false;
	}
	if (!strcmp(op, "range")) {
		if (arg[0].value <= arg[1].value)
			return add_ports(p, v, n, arg, arg[0].value, arg[1].value);
		vg_error(p, &arg[1], "range ends before it begins");
		return false;
	}
	if (!strcmp(op, "neq"))
		ace->flags |= side == 's' ? VPNGW_ACE_FLAG_SRC_PORT_NEQ :
					    VPNGW_ACE_FLAG_DST_PORT_NEQ;
	for (; arg < m->cap + m->n_cap && !strcmp(arg->label, side == 's' ? "sport" : "dport");
	     arg++) {
		if (!add_ports(p, v, n, arg, arg->value, arg->value))
			return false;
	}
	return true;
}

static bool set_ports(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	for (size_t i = 0; i < m->n_cap; i++) {
		const char *label = m->cap[i].label;

		if ((!strncmp(label, "sport-", 6) || !strncmp(label, "dport-", 6)) &&
		    !one_port_op(p, m, i, *label, ace))
			return false;
	}
	return true;
}

static bool set_tos(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	const struct vg_capture *prec = NULL, *tos = NULL, *dscp = NULL;

	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i], **slot;

		if (!strcmp(cap->label, "prec"))
			slot = &prec;
		else if (!strcmp(cap->label, "tosval"))
			slot = &tos;
		else if (!strcmp(cap->label, "dscpval"))
			slot = &dscp;
		else
			continue;
		if (*slot) {
			vg_error(p, cap, "given twice");
			return false;
		}
		*slot = cap;
	}
	if (dscp && (prec || tos)) {
		vg_error(p, dscp, "dscp excludes precedence and tos");
		return false;
	}
	if (prec) {
		ace->tos |= prec->value << 5;
		ace->tos_mask |= 0xe0;
	}
	if (tos) {
		ace->tos |= tos->value << 1;
		ace->tos_mask |= 0x1e;
	}
	if (dscp) {
		ace->tos = dscp->value << 2;
		ace->tos_mask = 0xfc;
	}
	return true;
}

/* "ack rst": one of them, as with match-any; of one flag alone both say the same. */
static bool set_plain_flags(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	uint8_t plain = 0;

	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];

		if (strncmp(cap->label, "flag-", 5))
			continue;
		if (ace->tcp_mask) {
			vg_error(p, cap, "flags without a sign exclude match-any and match-all");
			return false;
		}
		for (const struct vg_name *f = vg_tcp_flags; f->name; f++) {
			if (!strcmp(cap->label + 5, f->name))
				plain |= f->value;
		}
	}
	if (!plain)
		return true;
	ace->tcp_mask = plain;
	ace->tcp_value = plain;
	ace->flags |= VPNGW_ACE_FLAG_TCP_MATCH_ANY;
	return true;
}

static bool set_tcp_flags(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];
		uint8_t bit = cap->value, value = cap->value >> 8;

		if (strcmp(cap->label, "tcpflag"))
			continue;
		if (ace->tcp_mask & bit) {
			vg_error(p, cap, "flag given twice");
			return false;
		}
		ace->tcp_mask |= bit;
		ace->tcp_value |= value;
	}
	if (!set_plain_flags(p, m, ace))
		return false;
	if (vg_has(m, "match-any"))
		ace->flags |= VPNGW_ACE_FLAG_TCP_MATCH_ANY;
	if (vg_has(m, "match-any") && vg_has(m, "match-all")) {
		vg_error(p, vg_cap(m, "match-all"), "match-any and match-all exclude each other");
		return false;
	}
	if (vg_has(m, "established"))
		ace->flags |= VPNGW_ACE_FLAG_ESTABLISHED;
	return true;
}

static bool set_icmp(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	const struct vg_capture *icmp = vg_cap(m, "icmptype"), *code = vg_cap(m, "icmpcode");

	if (!icmp)
		return true;
	ace->icmp_type = icmp->value >> 8 & 255;
	if ((icmp->value & VG_ICMP_ANY_CODE) != VG_ICMP_ANY_CODE)
		ace->icmp_code = icmp->value & 255;
	if (!code)
		return true;
	if (icmp->token->text[0] < '0' || icmp->token->text[0] > '9') {
		vg_error(p, code, "a message given by name has no code");
		return false;
	}
	ace->icmp_code = code->value;
	return true;
}

/* IGMP is not routed, so that an entry which matches all of it does no harm. */
static void set_igmp(struct vg_parser *p, const struct vg_match *m, struct vg_ace *ace)
{
	const struct vg_capture *igmp = vg_cap(m, "igmptype");

	if (!igmp)
		return;
	ace->igmp = igmp->value + 1;
	vg_warn(p, igmp, "types of IGMP are not looked at: the entry matches all of it");
}

static void set_addr(const struct vg_match *m, const char *any, const char *addr,
		     const char *wild, uint32_t *value, uint32_t *bits)
{
	*value = vg_value(m, addr);
	*bits = vg_value(m, wild);
	if (vg_has(m, any))
		*bits = UINT32_MAX;
	/* As IOS shows it: ignored bits are zero. */
	*value &= ~*bits;
}

static bool set_protocol(const struct vg_match *m, struct vg_ace *ace)
{
	ace->proto = -1;
	if (vg_has(m, "tcp"))
		ace->proto = 6;
	else if (vg_has(m, "udp"))
		ace->proto = 17;
	else if (vg_has(m, "icmp"))
		ace->proto = 1;
	else if (vg_has(m, "igmp"))
		ace->proto = 2;
	else if (vg_has(m, "proto") && vg_value(m, "proto"))
		ace->proto = vg_value(m, "proto");
	return true;
}

static bool ace_build(struct vg_parser *p, const struct vg_match *m, bool standard,
		      struct vg_ace *ace)
{
	const struct vg_capture *bad = vg_cap(m, "unsupported");

	ace->at = p->at;
	ace->action = vg_has(m, "permit") ? VPNGW_ACTION_PERMIT : VPNGW_ACTION_DENY;
	ace->proto = -1;
	ace->icmp_type = -1;
	ace->icmp_code = -1;
	if (bad) {
		vg_error(p, bad, "'%s' is not supported: the entry would match at other times "
			 "than it says", bad->token->text);
		return false;
	}
	if (vg_has(m, "log") || vg_has(m, "log-input"))
		ace->flags |= VPNGW_ACE_FLAG_LOG;
	set_addr(m, "srcany", "src", "srcwild", &ace->src, &ace->src_wild);
	if (standard) {
		ace->dst_wild = UINT32_MAX;
		return true;
	}
	set_addr(m, "dstany", "dst", "dstwild", &ace->dst, &ace->dst_wild);
	set_protocol(m, ace);
	if (!set_ports(p, m, ace) || !set_tos(p, m, ace) || !set_tcp_flags(p, m, ace) ||
	    !set_icmp(p, m, ace))
		return false;
	set_igmp(p, m, ace);
	if (vg_has(m, "fragments")) {
		ace->flags |= VPNGW_ACE_FLAG_FRAGMENTS;
		if (ace->n_sport || ace->n_dport || ace->tcp_mask || ace->icmp_type >= 0 ||
		    ace->flags & VPNGW_ACE_FLAG_ESTABLISHED) {
			vg_error(p, vg_cap(m, "fragments"), "later fragments have no ports, "
				 "flags or message types: the entry could never match");
			return false;
		}
	}
	return true;
}

static int ace_add(struct vg_parser *p, struct vg_acl *acl, const struct vg_ace *ace, uint32_t seq)
{
	uint32_t last = acl->n ? acl->ace[acl->n - 1].seq : 0;
	struct vg_ace *slot = vg_push(&acl->ace, &acl->n, &acl->cap);

	if (!slot)
		return -ENOMEM;
	*slot = *ace;
	if (seq) {
		slot->seq = seq;
		acl->unsorted |= seq <= last;
		return 0;
	}
	/* The next one comes after the highest, which is the last if sorted. */
	for (size_t i = 0; acl->unsorted && i + 1 < acl->n; i++) {
		if (acl->ace[i].seq > last)
			last = acl->ace[i].seq;
	}
	slot->seq = last + SEQ_STEP;
	return 0;
}

static struct vg_acl *acl_open(struct vg_parser *p, const struct vg_match *m, const char *name,
			       bool standard, int *err)
{
	struct vg_acl *acl = vg_acl_get(p->cfg, name, p->at);

	*err = acl ? 0 : -ENOMEM;
	if (!acl)
		return NULL;
	if (acl->at.line == p->at.line && !acl->n)
		acl->standard = standard;
	if (acl->standard == standard)
		return acl;
	vg_error(p, vg_cap(m, "acl"), "access list %s is %s, see line %u", name,
		 acl->standard ? "a standard one" : "an extended one", acl->at.line);
	return NULL;
}

static const char *acl_number(const struct vg_match *m, char buf[16])
{
	/* By value, so that 0101 is 101. */
	snprintf(buf, 16, "%u", vg_value(m, "acl"));
	return buf;
}

static bool number_is_standard(uint32_t n)
{
	return n < 100 || (n >= 1300 && n < 2000);
}

/* access-list N, which only "no" makes sense of */
int vg_cmd_acl_no(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_acl *acl;
	char name[16];

	if (!p->no) {
		vg_incomplete(p, m, "permit, deny, remark");
		return 0;
	}
	acl = vg_acl_find(p->cfg, acl_number(m, name));
	if (acl)
		vg_acl_clear(acl);
	return 0;
}

/* access-list N permit ... */
int vg_cmd_acl_numbered(struct vg_parser *p, const struct vg_match *m)
{
	bool standard = number_is_standard(vg_value(m, "acl"));
	struct vg_ace ace = { 0 };
	struct vg_acl *acl;
	char name[16];
	int err;

	if (p->no)			/* as in IOS, all of the list */
		return vg_cmd_acl_no(p, m);
	if (!ace_build(p, m, standard, &ace))
		return 0;
	acl = acl_open(p, m, acl_number(m, name), standard, &err);
	return acl ? ace_add(p, acl, &ace, 0) : err;
}

/* ip access-list extended NAME */
int vg_cmd_acl_named(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *cap = vg_cap(m, "acl");
	const char *name = vg_acl_name(cap->token->text);
	bool standard = vg_has(m, "standard");
	struct vg_acl *acl;
	char *end;
	unsigned long n = strtoul(name, &end, 10);
	int err;

	p->mode = VG_MODE_SKIP;
	if (p->no) {
		acl = vg_acl_find(p->cfg, name);
		if (acl)
			vg_acl_clear(acl);
		return 0;
	}
	if (!*end && (n < 1 || n > 2699 || (n >= 200 && n < 1300) ||
		      number_is_standard(n) != standard)) {
		vg_diag_expect(vg_error(p, cap, "number is not one of %s list",
					standard ? "a standard" : "an extended"),
			       standard ? "<1-99>, <1300-1999>, NAME" :
					  "<100-199>, <2000-2699>, NAME");
		return 0;
	}
	acl = acl_open(p, m, name, standard, &err);
	if (!acl)
		return err;
	p->mode = standard ? VG_MODE_ACL_STANDARD : VG_MODE_ACL_EXTENDED;
	p->cur = acl - p->cfg->acl.v;
	return 0;
}

static bool same_ace(const struct vg_ace *a, const struct vg_ace *b, bool standard)
{
	char x[VG_ACE_TEXT], y[VG_ACE_TEXT];

	return !strcmp(vg_ace_text(a, standard, x), vg_ace_text(b, standard, y));
}

/* "no" with a whole entry; with its number, too, both must agree. */
static void ace_remove(struct vg_parser *p, const struct vg_match *m, struct vg_acl *acl,
		       const struct vg_ace *ace)
{
	for (size_t i = 0; i < acl->n; i++) {
		if (!same_ace(&acl->ace[i], ace, acl->standard) ||
		    (vg_has(m, "seq") && acl->ace[i].seq != vg_value(m, "seq")))
			continue;
		memmove(&acl->ace[i], &acl->ace[i + 1], (acl->n - i - 1) * sizeof(*acl->ace));
		acl->n--;
		return;
	}
	vg_error(p, NULL, "no such entry");
}

/* [SEQ] permit ... */
int vg_cmd_acl_entry(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_acl *acl = &p->cfg->acl.v[p->cur];
	struct vg_ace ace = { 0 };

	if (!ace_build(p, m, acl->standard, &ace))
		return 0;
	if (p->no) {
		ace_remove(p, m, acl, &ace);
		return 0;
	}
	return ace_add(p, acl, &ace, vg_value(m, "seq"));
}

/* no SEQ */
int vg_cmd_acl_no_seq(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_acl *acl = &p->cfg->acl.v[p->cur];
	uint32_t seq = vg_value(m, "seq");

	if (!p->no) {
		vg_incomplete(p, m, "permit, deny, remark");
		return 0;
	}
	for (size_t i = 0; i < acl->n; i++) {
		if (acl->ace[i].seq != seq)
			continue;
		memmove(&acl->ace[i], &acl->ace[i + 1], (acl->n - i - 1) * sizeof(*acl->ace));
		acl->n--;
		return 0;
	}
	vg_error(p, vg_cap(m, "seq"), "no such entry");
	return 0;
}

/* The text from one word to the end of its line, blanks as they were. */
static char *rest_of_line(const struct vg_parser *p, const struct vg_capture *cap)
{
	const char *line = p->cfg->lines[p->at.line - 1];
	char *text = strdup(cap ? line + cap->token->col - 1 : "");
	size_t len = text ? strlen(text) : 0;

	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int remark_add(struct vg_parser *p, struct vg_acl *acl, const struct vg_match *m)
{
	uint32_t after = acl->n ? acl->ace[acl->n - 1].seq : 0;
	char *text = rest_of_line(p, vg_cap(m, "text"));
	struct vg_remark *remark;

	if (!text)
		return -ENOMEM;
	if (p->no) {
		for (size_t i = 0; i < acl->n_remark; i++) {
			if (strcmp(acl->remark[i].text, text))
				continue;
			free(acl->remark[i].text);
			memmove(&acl->remark[i], &acl->remark[i + 1],
				(--acl->n_remark - i) * sizeof(*remark));
			break;
		}
		free(text);
		return 0;
	}
	remark = vg_push(&acl->remark, &acl->n_remark, &acl->cap_remark);
	if (!remark) {
		free(text);
		return -ENOMEM;
	}
	/* With a number it stands where an entry of that number would. */
	remark->after = vg_has(m, "seq") ? vg_value(m, "seq") - 1 : after;
	remark->text = text;
	return 0;
}

/* [SEQ] remark TEXT */
int vg_cmd_acl_remark(struct vg_parser *p, const struct vg_match *m)
{
	return remark_add(p, &p->cfg->acl.v[p->cur], m);
}

/* access-list N remark TEXT */
int vg_cmd_acl_numbered_remark(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t n = vg_value(m, "acl");
	struct vg_acl *acl;
	char name[16];
	int err = 0;

	if (n >= 200 && n < 1300)	/* of another protocol than IP */
		return vg_cmd_inert(p, m);
	acl = p->no ? vg_acl_find(p->cfg, acl_number(m, name)) :
		acl_open(p, m, acl_number(m, name), number_is_standard(n), &err);
	return acl ? remark_add(p, acl, m) : err;
}

/* ip access-list resequence NAME START STEP */
int vg_cmd_acl_resequence(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_acl *acl = vg_acl_find(p->cfg, vg_acl_name(vg_text(m, "acl")));
	uint64_t seq = vg_value(m, "start"), step = vg_value(m, "step");
	int ret;

	if (!acl) {
		vg_error(p, vg_cap(m, "acl"), "no such access list above this line");
		return 0;
	}
	ret = vg_acls_finish(p->cfg, p->diags);
	if (ret)
		return ret;
	if (seq + step * acl->n > INT32_MAX) {
		vg_error(p, vg_cap(m, "step"), "sequence numbers would pass 2147483647");
		return 0;
	}
	/* Remarks first: they go by the old numbers. */
	for (size_t i = 0; i < acl->n_remark; i++) {
		size_t before = 0;

		while (before < acl->n && acl->ace[before].seq <= acl->remark[i].after)
			before++;
		acl->remark[i].after = before ? seq + step * (before - 1) : 0;
	}
	for (size_t i = 0; i < acl->n; i++, seq += step)
		acl->ace[i].seq = seq;
	return 0;
}

static int ace_cmp(const void *pa, const void *pb)
{
	const struct vg_ace *a = pa, *b = pb;

	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return a->at.line < b->at.line ? -1 : a->at.line > b->at.line;
}

/**
 * vg_acls_finish - put entries into the order of their sequence numbers
 * @cfg: configuration
 * @diags: numbers given twice are reported here
 *
 * Return: 0.
 */
int vg_acls_finish(struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->acl.n; i++) {
		struct vg_acl *acl = &cfg->acl.v[i];

		if (!acl->unsorted || !acl->n)
			continue;
		qsort(acl->ace, acl->n, sizeof(*acl->ace), ace_cmp);
		acl->unsorted = false;
		for (size_t j = 1; j < acl->n; j++) {
			const struct vg_ace *a = &acl->ace[j - 1], *b = &acl->ace[j];
			struct vg_diag *d;

			if (a->seq != b->seq)
				continue;
			d = vg_diag_add(diags, VG_ERROR, b->at,
					"sequence number %u is taken by line %u", b->seq,
					a->at.line);
			if (d)
				d->related = a->at.line;
		}
	}
	return 0;
}
