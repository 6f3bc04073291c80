// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic that is to be protected, or goes to clients, and that NAT would take first.
 *
 * For each entry that permits what a rule translates, packets are made up which both
 * it and what is to be protected match; what becomes of them is then looked up in the
 * whole of all lists, as the data plane would.
 */
#include <stdio.h>
#include <string.h>

#include "acl_eval.h"
#include "lint.h"

/* Entries of lists that may be looked at: a blink of an eye, for what is generated. */
#define WORK_MAX	5000000

#define PORTS_MAX	(8 * VPNGW_PORT_RANGE_MAX + 1)

/**
 * struct search - for a packet that is translated first
 * @sel: what is to be protected
 * @list: access list that @sel is of and that decides, or NULL
 * @first: bounds of the destination besides @sel
 * @last: the same
 * @work: entries looked at
 * @rule: found: who translates
 * @ace: found: the entry that lets it, or NULL
 */
struct search {
	const struct vg_config *cfg;
	const struct vg_ace *sel;
	const struct vg_acl *list;
	uint32_t first, last;
	uint64_t *work;
	const struct vg_nat_rule *rule;
	const struct vg_ace *ace;
};

static const struct vg_ace *eval(struct search *s, const struct vg_acl *acl,
				 const struct vg_packet *pkt)
{
	const struct vg_ace *ace = vg_acl_eval(acl, pkt);

	*s->work += ace ? (size_t)(ace - acl->ace) + 1 : acl->n;
	return ace;
}

/* How many entries a route-map was held against, up to the one that decided. */
static uint64_t route_map_work(const struct vg_config *cfg, const struct vg_route_map *rm,
			       const struct vg_rm_entry *e, const struct vg_ace *ace)
{
	uint64_t work = 0;

	for (size_t i = 0; i < rm->n; i++) {
		work++;
		for (size_t j = 0; j < rm->entry[i].n_acl; j++) {
			const struct vg_acl *acl = vg_acl_find(cfg, rm->entry[i].acl[j].name);

			if (!acl || !acl->n)
				continue;
			if (ace >= acl->ace && ace < acl->ace + acl->n)
				return work + (ace - acl->ace) + 1;
			work += acl->n;
		}
		if (&rm->entry[i] == e)
			break;
	}
	return work;
}

/* Does the rule want this packet? Leaves the entry that says so in @ace. */
static bool rule_wants(struct search *s, const struct vg_nat_rule *rule,
		       const struct vg_packet *pkt, const struct vg_ace **ace)
{
	const struct vg_route_map *rm;
	const struct vg_rm_entry *e;

	*ace = NULL;
	if (rule->flags & VPNGW_RULE_FLAG_STATIC) {
		const struct vg_static *fixed = &rule->fixed;

		++*s->work;
		if ((fixed->local ^ pkt->src) & vg_len_mask(fixed->prefix_len) ||
		    (fixed->proto && (fixed->proto != pkt->proto ||
				      fixed->local_port != pkt->sport)))
			return false;
		if (!rule->route_map.name[0])
			return true;
	}
	if (rule->acl.name[0]) {
		*ace = eval(s, vg_acl_find(s->cfg, rule->acl.name), pkt);
		return *ace && (*ace)->action == VPNGW_ACTION_PERMIT;
	}
	rm = vg_route_map_find(s->cfg, rule->route_map.name);
	e = vg_route_map_eval(s->cfg, rm, pkt, NULL, ace);
	*s->work += route_map_work(s->cfg, rm, e, *ace);
	return e && e->action == VPNGW_ACTION_PERMIT;
}

/* Static rules are asked before all others. */
static const struct vg_nat_rule *translated_by(struct search *s, const struct vg_packet *pkt)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->cfg->rule.n; i++) {
			const struct vg_nat_rule *rule = &s->cfg->rule.v[i];

			if (!(rule->flags & VPNGW_RULE_FLAG_STATIC) == !pass)
				continue;
			if (rule_wants(s, rule, pkt, &s->ace))
				return rule;
		}
	}
	return NULL;
}

static bool is_taken(struct search *s, const struct vg_packet *pkt)
{
	const struct vg_ace *ace;

	if (pkt->dst < s->first || pkt->dst > s->last || !vg_ace_match(s->sel, pkt))
		return false;
	ace = s->list ? eval(s, s->list, pkt) : s->sel;
	if (!ace || ace->action != VPNGW_ACTION_PERMIT)
		return false;
	s->rule = translated_by(s, pkt);
	return s->rule;
}

/* What two address patterns have in common; false if nothing. */
static bool common(uint32_t v1, uint32_t w1, uint32_t v2, uint32_t w2, uint32_t *value,
		   uint32_t *wild)
{
	*value = (v1 & ~w1) | (v2 & ~w2);
	*wild = w1 & w2;
	return !((v1 ^ v2) & ~w1 & ~w2);
}

/* Addresses at the ends of a pattern and in its middle. */
static uint32_t pick(uint32_t addr, uint32_t wild, int which)
{
	switch (which) {
	case 0:
		return addr | (wild & 1);
	case 1:
		return addr | (wild & 0x55555555);
	default:
		return addr | (wild & ~1U);
	}
}

static size_t add_ports(uint16_t *port, size_t n, const struct vg_port_range *v, size_t n_v)
{
	for (size_t i = 0; i < n_v; i++) {
		port[n++] = v[i].lo;
		port[n++] = v[i].hi;
		port[n++] = v[i].lo - 1;	/* around 0 there is another port as well */
		port[n++] = v[i].hi + 1;
	}
	return n;
}

static bool in_ports(uint16_t port, const struct vg_port_range *v, size_t n, bool neq)
{
	for (size_t i = 0; i < n; i++) {
		if (port >= v[i].lo && port <= v[i].hi)
			return !neq;
	}
	return !n || neq;
}

/* A port that both want; false if there is none, or none was found. */
static bool common_port(const struct vg_port_range *a, size_t n_a, bool neq_a,
			const struct vg_port_range *b, size_t n_b, bool neq_b, uint16_t some,
			uint16_t *port)
{
	uint16_t maybe[PORTS_MAX] = { some };
	size_t n = add_ports(maybe, add_ports(maybe, 1, a, n_a), b, n_b);

	for (size_t i = 0; i < n; i++) {
		if (!in_ports(maybe[i], a, n_a, neq_a) || !in_ports(maybe[i], b, n_b, neq_b))
			continue;
		*port = maybe[i];
		return true;
	}
	return false;
}

#define PORT_OF(side, flag, a, b, some, to)						\
	common_port((a)->side, (a)->n_##side, (a)->flags & (flag), (b)->side,		\
		    (b)->n_##side, (b)->flags & (flag), some, to)

static uint8_t tcp_flags_of(const struct vg_ace *ace)
{
	uint8_t flags = ace->tcp_value;

	return ace->flags & VPNGW_ACE_FLAG_ESTABLISHED ? flags | 0x10 : flags;
}

/* Packets that both entries match; true if one of them is translated. */
static bool search_both(struct search *s, const struct vg_ace *a, const struct vg_ace *b)
{
	static const uint8_t protos[] = { 6, 17, 1, 50 };
	uint32_t src, src_wild, dst, dst_wild;
	struct vg_packet pkt = {
		.tos = a->tos | b->tos, .tcp_flags = tcp_flags_of(a) | tcp_flags_of(b),
		.icmp_type = a->icmp_type >= 0 ? a->icmp_type : b->icmp_type >= 0 ?
			     b->icmp_type : 8,
		.icmp_code = a->icmp_code >= 0 ? a->icmp_code : b->icmp_code >= 0 ?
			     b->icmp_code : 0,
	};
	int proto = a->proto >= 0 ? a->proto : b->proto;

	++*s->work;
	/* Datagrams are whole when they come to this. */
	if ((a->flags | b->flags) & VPNGW_ACE_FLAG_FRAGMENTS || !vg_ace_meet(a, b) ||
	    !common(a->src, a->src_wild, b->src, b->src_wild, &src, &src_wild) ||
	    !common(a->dst, a->dst_wild, b->dst, b->dst_wild, &dst, &dst_wild) ||
	    !PORT_OF(sport, VPNGW_ACE_FLAG_SRC_PORT_NEQ, a, b, 40000, &pkt.sport) ||
	    !PORT_OF(dport, VPNGW_ACE_FLAG_DST_PORT_NEQ, a, b, 40001, &pkt.dport))
		return false;
	for (int n = 0; n < 36 && *s->work < WORK_MAX; n++) {
		if (proto >= 0 && n == 9)
			break;
		pkt.src = pick(src, src_wild, n % 3);
		pkt.dst = pick(dst, dst_wild, n / 3 % 3);
		if (pkt.dst < s->first)
			pkt.dst = s->first;
		if (pkt.dst > s->last)
			pkt.dst = s->last;
		pkt.proto = proto >= 0 ? proto : protos[n / 9];
		if (is_taken(s, &pkt))
			return true;
	}
	return false;
}

static bool search_list(struct search *s, const struct vg_acl *acl)
{
	for (size_t i = 0; acl && i < acl->n && *s->work < WORK_MAX; i++) {
		if (acl->ace[i].action == VPNGW_ACTION_PERMIT &&
		    search_both(s, s->sel, &acl->ace[i]))
			return true;
	}
	return false;
}

static bool search_rule(struct search *s, const struct vg_nat_rule *rule)
{
	const struct vg_static *fixed = &rule->fixed;
	const struct vg_route_map *rm;
	struct vg_ace all = {
		.proto = -1, .icmp_type = -1, .icmp_code = -1, .src_wild = UINT32_MAX,
		.dst_wild = UINT32_MAX,
	};

	if (rule->acl.name[0])
		return search_list(s, vg_acl_find(s->cfg, rule->acl.name));
	if (rule->flags & VPNGW_RULE_FLAG_STATIC) {
		all.src = fixed->local;
		all.src_wild = ~vg_len_mask(fixed->prefix_len);
		all.proto = fixed->proto ? fixed->proto : -1;
		all.n_sport = !!fixed->proto;
		all.sport[0] = (struct vg_port_range){ fixed->local_port, fixed->local_port };
	}
	rm = vg_route_map_find(s->cfg, rule->route_map.name);
	for (size_t i = 0; rm && i < rm->n; i++) {
		for (size_t j = 0; j < rm->entry[i].n_acl; j++) {
			if (!rm->entry[i].acl[j].undefined &&
			    search_list(s, vg_acl_find(s->cfg, rm->entry[i].acl[j].name)))
				return true;
		}
	}
	return search_both(s, s->sel, &all);
}

static bool search_rules(struct search *s)
{
	for (size_t i = 0; i < s->cfg->rule.n && *s->work < WORK_MAX; i++) {
		if (search_rule(s, &s->cfg->rule.v[i]))
			return true;
	}
	return false;
}

static const struct vg_acl *list_of(const struct vg_config *cfg, const struct vg_ace *ace)
{
	for (size_t i = 0; ace && i < cfg->acl.n; i++) {
		const struct vg_acl *acl = &cfg->acl.v[i];

		if (acl->n && ace >= acl->ace && ace < acl->ace + acl->n)
			return acl;
	}
	return NULL;
}

/* A number for an entry in front of this one, 0 if there is none. */
static uint32_t free_number(const struct vg_acl *acl, const struct vg_ace *ace)
{
	uint32_t last = ace > acl->ace ? ace[-1].seq : 0;

	return ace->seq - 1 > last ? ace->seq - 1 : 0;
}

/* Where "deny ip ..." is to be written so that what was found is let by. */
static void print_place(const struct search *s, char *buf, size_t size)
{
	const struct vg_acl *acl = list_of(s->cfg, s->ace);
	uint32_t number;

	if (!acl && s->rule->flags & VPNGW_RULE_FLAG_STATIC) {
		snprintf(buf, size, "give that rule a route-map, with a list that begins:");
		return;
	}
	if (!acl) {
		snprintf(buf, size, "exempt it before line %u with: access-list LIST",
			 s->rule->at.line);
		return;
	}
	if (acl->standard) {
		snprintf(buf, size, "exempt it with an extended list in place of %s, which "
			 "begins:", acl->name);
		return;
	}
	number = free_number(acl, s->ace);
	if (!acl->name[strspn(acl->name, "0123456789")])
		snprintf(buf, size, "exempt it before line %u with: access-list %s",
			 s->ace->at.line, acl->name);
	else if (number)
		snprintf(buf, size, "exempt it before line %u with, in ip access-list extended "
			 "%s: %u", s->ace->at.line, acl->name, number);
	else
		snprintf(buf, size, "exempt it before line %u with, in ip access-list extended "
			 "%s:", s->ace->at.line, acl->name);
}

static void report(const struct search *s, struct vg_src at, const char *what,
		   const char *consequence, struct vg_diags *diags)
{
	char src[VG_ADDR_LEN], sw[VG_ADDR_LEN], dst[VG_ADDR_LEN], dw[VG_ADDR_LEN];
	char place[VG_NAME_LEN + 100];
	struct vg_diag *d;

	print_place(s, place, sizeof(place));
	d = vg_diag_add(diags, VG_WARNING, at, "%s is translated by the rule in line %u%s; %s deny "
			"ip %s %s %s %s", what, s->rule->at.line, consequence, place,
			vg_addr_str(s->sel->src, src), vg_addr_str(s->sel->src_wild, sw),
			vg_addr_str(s->sel->dst, dst), vg_addr_str(s->sel->dst_wild, dw));
	if (d)
		d->related = s->ace ? s->ace->at.line : s->rule->at.line;
}

static void lint_entry(const struct vg_config *cfg, const struct vg_map_entry *e, uint64_t *work,
		       struct vg_diags *diags)
{
	const struct vg_acl *acl = vg_acl_find(cfg, e->acl.name);
	char what[VG_NAME_LEN + 40];

	for (size_t i = 0; acl && i < acl->n; i++) {
		struct search s = {
			.cfg = cfg, .sel = &acl->ace[i], .list = acl, .last = UINT32_MAX,
			.work = work,
		};

		if (s.sel->action != VPNGW_ACTION_PERMIT || !search_rules(&s))
			continue;
		snprintf(what, sizeof(what), "traffic of crypto map %s %u", e->map, e->seq);
		report(&s, s.sel->at, what, " first and would then leave unprotected", diags);
		return;
	}
}

/* Wildcard bits of the smallest network around a range. */
static uint32_t around(uint32_t start, uint32_t end)
{
	uint32_t wild = 0;

	while ((start & ~wild) != (end & ~wild))
		wild = wild << 1 | 1;
	return wild;
}

/* Answers to clients come from inside, and must not be translated. */
static void lint_clients(const struct vg_config *cfg, const struct vg_iface *iface,
			 const struct vg_local_pool *pool, uint64_t *work,
			 struct vg_diags *diags)
{
	char what[2 * VG_NAME_LEN + 50];
	uint32_t wild = around(pool->start, pool->end);
	struct vg_ace sel = {
		.action = VPNGW_ACTION_PERMIT, .proto = -1, .icmp_type = -1, .icmp_code = -1,
		.src = iface->addr & iface->mask, .src_wild = ~iface->mask,
		.dst = pool->start & ~wild, .dst_wild = wild,
	};
	struct search s = {
		.cfg = cfg, .sel = &sel, .first = pool->start, .last = pool->end, .work = work,
	};

	if (!search_rules(&s))
		return;
	snprintf(what, sizeof(what), "traffic from %s to clients of local pool %s", iface->name,
		 pool->name);
	report(&s, pool->at, what, " and would not reach them", diags);
}

static void lint_client_pools(const struct vg_config *cfg, uint64_t *work,
			      struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		const struct vg_local_pool *pool = &cfg->local_pool.v[i];
		bool given = false;

		for (size_t j = 0; j < cfg->map.n; j++)
			given |= vg_is_client_pool(cfg, &cfg->map.v[j], pool->name);
		for (size_t j = 0; given && j < cfg->iface.n; j++) {
			const struct vg_iface *iface = &cfg->iface.v[j];

			if (iface->mask && iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE)
				lint_clients(cfg, iface, pool, work, diags);
		}
	}
}

/**
 * vg_lint_nat - look for what NAT takes away from crypto maps and clients
 * @cfg: checked configuration without errors
 * @diags: findings are added here
 */
void vg_lint_nat(const struct vg_config *cfg, struct vg_diags *diags)
{
	static const struct vg_src nowhere;
	uint64_t work = 0;

	lint_client_pools(cfg, &work, diags);
	for (size_t i = 0; i < cfg->map_entry.n && work < WORK_MAX; i++)
		lint_entry(cfg, &cfg->map_entry.v[i], &work, diags);
	if (work >= WORK_MAX)
		vg_diag_add(diags, VG_NOTE, nowhere, "too large to look for all traffic of crypto "
			    "maps that is translated first");
}
