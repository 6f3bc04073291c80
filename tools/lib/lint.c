// SPDX-License-Identifier: GPL-2.0
/* What is legal and probably not meant. Warnings only, with the line to change. */
#include <errno.h>
#include <string.h>

#include "acl_eval.h"
#include "lint.h"

/* Entries of lists that may be looked at to find what NAT takes from crypto maps. */
#define TRANSLATED_MAX 5000000

/* Beyond this many entries a list is taken to be generated, and the check is quadratic. */
#define SHADOW_MAX 2000

static void lint_shadowed(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->acl.n; i++) {
		const struct vg_acl *acl = &cfg->acl.v[i];

		for (size_t j = 1; j < acl->n && acl->n <= SHADOW_MAX; j++) {
			for (size_t k = 0; k < j; k++) {
				const struct vg_ace *early = &acl->ace[k], *late = &acl->ace[j];
				struct vg_diag *d;

				if (!vg_ace_covers(early, late))
					continue;
				d = vg_diag_add(diags, VG_WARNING, late->at,
						"this entry of access list %s never decides: line "
						"%u %s everything that it matches", acl->name,
						early->at.line,
						early->action == VPNGW_ACTION_PERMIT ?
						"permits" : "denies");
				if (d)
					d->related = early->at.line;
				break;
			}
		}
	}
}

static bool is_inside(const struct vg_iface *iface)
{
	return iface->mask && iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE;
}

static bool is_outside(const struct vg_iface *iface)
{
	return iface->mask && iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE;
}

static void lint_range(const struct vg_config *cfg, const struct vg_pool *pool,
		       const struct vg_pool_range *r, struct vg_diags *diags)
{
	bool outside = false, connected = false;

	for (size_t i = 0; i < cfg->iface.n; i++) {
		const struct vg_iface *iface = &cfg->iface.v[i];
		uint32_t net = iface->addr & iface->mask, last = net | ~iface->mask;

		if (is_inside(iface) && r->start <= last && r->end >= net) {
			struct vg_diag *d = vg_diag_add(diags, VG_WARNING, r->at,
					"pool %s overlaps the inside network of %s", pool->name,
					iface->name);

			if (d)
				d->related = iface->addr_at.line;
		}
		if (!is_outside(iface))
			continue;
		outside = true;
		connected |= r->start >= net && r->end <= last;
		if (r->start <= iface->addr && r->end >= iface->addr)
			vg_diag_add(diags, VG_WARNING, r->at,
				    "pool %s holds the address of %s itself", pool->name,
				    iface->name);
	}
	if (outside && !connected)
		vg_diag_add(diags, VG_WARNING, r->at, "pool %s is not within the network of an "
			    "outside interface: others need a route to it", pool->name);
}

static void lint_pools(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->pool.n; i++) {
		const struct vg_pool *pool = &cfg->pool.v[i];

		for (size_t j = 0; j < pool->n; j++)
			lint_range(cfg, pool, &pool->range[j], diags);
	}
}

/* Does the rule want this packet? Leaves the entry that says so in @ace. */
static bool rule_wants(const struct vg_config *cfg, const struct vg_nat_rule *rule,
		       const struct vg_packet *pkt, const struct vg_ace **ace)
{
	const struct vg_rm_entry *e;

	*ace = NULL;
	if (rule->flags & VPNGW_RULE_FLAG_STATIC) {
		const struct vg_static *s = &rule->fixed;

		if ((s->local ^ pkt->src) & vg_len_mask(s->prefix_len) ||
		    (s->proto && (s->proto != pkt->proto || s->local_port != pkt->sport)))
			return false;
		if (!rule->route_map.name[0])
			return true;
	}
	if (rule->acl.name[0]) {
		*ace = vg_acl_eval(vg_acl_find(cfg, rule->acl.name), pkt);
		return *ace && (*ace)->action == VPNGW_ACTION_PERMIT;
	}
	e = vg_route_map_eval(cfg, vg_route_map_find(cfg, rule->route_map.name), pkt, NULL, ace);
	return e && e->action == VPNGW_ACTION_PERMIT;
}

static const struct vg_nat_rule *translated_by(const struct vg_config *cfg,
					       const struct vg_packet *pkt,
					       const struct vg_ace **ace)
{
	for (size_t i = 0; i < cfg->rule.n; i++) {
		if (rule_wants(cfg, &cfg->rule.v[i], pkt, ace))
			return &cfg->rule.v[i];
	}
	return NULL;
}

/* An address in the middle of a selector, and those at its ends. */
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

static const char *list_of(const struct vg_config *cfg, const struct vg_nat_rule *rule,
			   const struct vg_ace *ace)
{
	for (size_t i = 0; ace && i < cfg->acl.n; i++) {
		const struct vg_acl *acl = &cfg->acl.v[i];

		if (acl->n && ace >= acl->ace && ace < acl->ace + acl->n)
			return acl->name;
	}
	return rule->acl.name[0] ? rule->acl.name : "LIST";
}

static void warn_translated(const struct vg_config *cfg, const struct vg_map_entry *e,
			    const struct vg_nat_rule *rule, const struct vg_ace *sel,
			    const struct vg_ace *ace, struct vg_diags *diags)
{
	char src[VG_ADDR_LEN], sw[VG_ADDR_LEN], dst[VG_ADDR_LEN], dw[VG_ADDR_LEN];
	struct vg_diag *d;

	d = vg_diag_add(diags, VG_WARNING, sel->at, "traffic of crypto map %s %u is translated by "
			"the rule in line %u first and would then leave unprotected; exempt it "
			"before line %u with: access-list %s deny ip %s %s %s %s", e->map, e->seq,
			rule->at.line, ace ? ace->at.line : rule->at.line, list_of(cfg, rule, ace),
			vg_addr_str(sel->src, src), vg_addr_str(sel->src_wild, sw),
			vg_addr_str(sel->dst, dst), vg_addr_str(sel->dst_wild, dw));
	if (d)
		d->related = ace ? ace->at.line : rule->at.line;
}

static void lint_entry(const struct vg_config *cfg, const struct vg_map_entry *e,
		       struct vg_diags *diags)
{
	static const uint8_t protos[] = { 6, 17, 1, 50 };
	const struct vg_acl *acl = vg_acl_find(cfg, e->acl.name);

	for (size_t i = 0; acl && i < acl->n; i++) {
		const struct vg_ace *sel = &acl->ace[i], *ace = NULL;

		if (sel->action != VPNGW_ACTION_PERMIT)
			continue;
		for (int n = 0; n < 36; n++) {
			struct vg_packet pkt = {
				.src = pick(sel->src, sel->src_wild, n % 3),
				.dst = pick(sel->dst, sel->dst_wild, n / 3 % 3),
				.proto = sel->proto >= 0 ? sel->proto : protos[n / 9],
				.sport = sel->n_sport ? sel->sport[0].lo : 40000,
				.dport = sel->n_dport ? sel->dport[0].lo : 40001,
				.icmp_type = 8,
			};
			const struct vg_nat_rule *rule = translated_by(cfg, &pkt, &ace);

			if (!rule)
				continue;
			warn_translated(cfg, e, rule, sel, ace, diags);
			return;
		}
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
			 const struct vg_local_pool *pool, struct vg_diags *diags)
{
	char src[VG_ADDR_LEN], sw[VG_ADDR_LEN], dst[VG_ADDR_LEN], dw[VG_ADDR_LEN];
	uint32_t wild = around(pool->start, pool->end), first = pool->start & ~wild;
	const struct vg_ace *ace = NULL;

	for (int n = 0; n < 6; n++) {
		struct vg_packet pkt = {
			.src = pick(iface->addr & iface->mask, ~iface->mask, n % 3),
			.dst = n < 3 ? pool->start : pool->end,
			.proto = 6, .sport = 40000, .dport = 40001,
		};
		const struct vg_nat_rule *rule = translated_by(cfg, &pkt, &ace);
		struct vg_diag *d;

		if (!rule)
			continue;
		d = vg_diag_add(diags, VG_WARNING, pool->at, "traffic from %s to clients of local "
				"pool %s is translated by the rule in line %u and would not reach "
				"them; exempt it before line %u with: access-list %s deny ip %s %s "
				"%s %s", iface->name, pool->name, rule->at.line,
				ace ? ace->at.line : rule->at.line, list_of(cfg, rule, ace),
				vg_addr_str(iface->addr & iface->mask, src),
				vg_addr_str(~iface->mask, sw), vg_addr_str(first, dst),
				vg_addr_str(wild, dw));
		if (d)
			d->related = ace ? ace->at.line : rule->at.line;
		return;
	}
}

static void lint_client_pools(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		const struct vg_local_pool *pool = &cfg->local_pool.v[i];
		bool given = false;

		for (size_t j = 0; j < cfg->map.n; j++)
			given |= vg_is_client_pool(cfg, &cfg->map.v[j], pool->name);
		if (!given)
			continue;
		for (size_t j = 0; j < cfg->iface.n; j++) {
			if (is_inside(&cfg->iface.v[j]))
				lint_clients(cfg, &cfg->iface.v[j], pool, diags);
		}
	}
}

static bool acl_is_used(const struct vg_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->rule.n; i++) {
		if (!strcmp(cfg->rule.v[i].acl.name, name))
			return true;
	}
	for (size_t i = 0; i < cfg->nat.n_host_limit; i++) {
		if (!strcmp(cfg->nat.host_limit[i].acl.name, name))
			return true;
	}
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		if (!strcmp(cfg->map_entry.v[i].acl.name, name))
			return true;
	}
	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		if (!strcmp(cfg->dynamic.v[i].acl.name, name))
			return true;
	}
	for (size_t i = 0; i < cfg->group.n; i++) {
		if (!strcmp(cfg->group.v[i].acl.name, name))
			return true;
	}
	for (size_t i = 0; i < cfg->route_map.n; i++) {
		const struct vg_route_map *rm = &cfg->route_map.v[i];

		for (size_t j = 0; j < rm->n; j++) {
			for (size_t k = 0; k < rm->entry[j].n_acl; k++) {
				if (!strcmp(rm->entry[j].acl[k].name, name))
					return true;
			}
		}
	}
	/* Others may use it: a filter of an interface, a terminal line. */
	for (size_t i = 0; i < cfg->kept.n; i++) {
		const char *at = strstr(cfg->kept.v[i].text, name);
		size_t len = strlen(name);

		for (; at; at = strstr(at + 1, name)) {
			if (at > cfg->kept.v[i].text && at[-1] == ' ' && strchr(" ", at[len]))
				return true;
		}
	}
	return false;
}

static void lint_unused(const struct vg_config *cfg, struct vg_diags *diags)
{
	/* Generated configurations have thousands, and this is quadratic. */
	for (size_t i = 0; i < cfg->acl.n && cfg->acl.n <= SHADOW_MAX; i++) {
		if (!acl_is_used(cfg, cfg->acl.v[i].name))
			vg_diag_add(diags, VG_NOTE, cfg->acl.v[i].at,
				    "nothing uses access list %s", cfg->acl.v[i].name);
	}
}

/* Every entry is held against every rule, and that against a list. */
static void lint_entries(const struct vg_config *cfg, struct vg_diags *diags)
{
	static const struct vg_src nowhere;
	uint64_t work = 0;

	for (size_t i = 0; i < cfg->acl.n; i++)
		work = cfg->acl.v[i].n > work ? cfg->acl.v[i].n : work;
	if (work * cfg->map_entry.n * cfg->rule.n > TRANSLATED_MAX) {
		vg_diag_add(diags, VG_NOTE, nowhere, "too large to look for traffic of crypto maps "
			    "that is translated first");
		return;
	}
	for (size_t i = 0; i < cfg->map_entry.n; i++)
		lint_entry(cfg, &cfg->map_entry.v[i], diags);
}

/**
 * vg_lint - look for what is legal and probably not meant
 * @cfg: checked configuration without errors
 * @diags: findings are added here
 *
 * Return: 0.
 */
int vg_lint(const struct vg_config *cfg, struct vg_diags *diags)
{
	vg_lint_weak(cfg, diags);
	lint_pools(cfg, diags);
	lint_shadowed(cfg, diags);
	lint_client_pools(cfg, diags);
	lint_unused(cfg, diags);
	lint_entries(cfg, diags);
	return 0;
}
