// SPDX-License-Identifier: GPL-2.0
/* Pools and static rules: what the kernel would refuse, found where it is written. */
#include <string.h>

#include "check.h"
#include "ifname.h"

/* Limits of the kernel. */
#define RANGES_MAX	16
#define ADDRS_MAX	65536

/* The network and the broadcast address of each subnet are not handed out. */
static bool is_usable(const struct vg_pool *pool, uint32_t addr)
{
	uint32_t mask = vg_len_mask(pool->prefix_len), host = addr & ~mask;

	return pool->prefix_len > 30 || (host && host != ~mask);
}

/* Is there an address among these that is handed out? */
static bool any_usable(const struct vg_pool *pool, uint32_t first, uint32_t last)
{
	if (last - first > 1)
		return true;
	return is_usable(pool, first) || is_usable(pool, last);
}

static const char *first_usable(const struct vg_pool *pool, uint32_t addr, char buf[VG_ADDR_LEN])
{
	while (!is_usable(pool, addr))
		addr++;
	return vg_addr_str(addr, buf);
}

/* What two ranges have in common, if it is of use. */
static bool common(const struct vg_pool *pool, const struct vg_pool_range *r, uint32_t first,
		   uint32_t last, uint32_t *from)
{
	*from = first > r->start ? first : r->start;
	last = last < r->end ? last : r->end;
	return *from <= last && any_usable(pool, *from, last);
}

static void related(struct vg_diag *d, unsigned int line)
{
	if (d)
		d->related = line;
}

static void check_range(const struct vg_pool *pool, size_t j, struct vg_diags *diags)
{
	const struct vg_pool_range *r = &pool->range[j];

	if (!any_usable(pool, r->start, r->end))
		vg_diag_add(diags, VG_ERROR, r->at, "pool %s: all host parts in this range are "
			    "zeros or ones, no address is left", pool->name);
	for (size_t i = 0; i < j; i++) {
		const struct vg_pool_range *other = &pool->range[i];

		if (r->start > other->end || other->start > r->end)
			continue;
		related(vg_diag_add(diags, VG_ERROR, r->at, "pool %s: range overlaps that of "
				    "line %u", pool->name, other->at.line), other->at.line);
	}
}

static void check_pool(const struct vg_pool *pool, struct vg_diags *diags)
{
	uint64_t total = 0;

	if (!pool->n)
		vg_diag_add(diags, VG_ERROR, pool->at, "pool %s has no addresses", pool->name);
	if (pool->n > RANGES_MAX) {
		vg_diag_add(diags, VG_ERROR, pool->range[RANGES_MAX].at, "pool %s has more than "
			    "%d ranges", pool->name, RANGES_MAX);
		return;
	}
	for (size_t j = 0; j < pool->n; j++) {
		check_range(pool, j, diags);
		total += (uint64_t)pool->range[j].end - pool->range[j].start + 1;
	}
	if (total > ADDRS_MAX)
		vg_diag_add(diags, VG_ERROR, pool->at, "pool %s has more than %d addresses",
			    pool->name, ADDRS_MAX);
}

/* Two hosts would be given the same address. */
static void check_two_pools(const struct vg_pool *pool, const struct vg_pool *other,
			    struct vg_diags *diags)
{
	uint32_t from;
	char addr[VG_ADDR_LEN];

	for (size_t i = 0; i < pool->n; i++) {
		const struct vg_pool_range *r = &pool->range[i];

		for (size_t j = 0; j < other->n; j++) {
			const struct vg_pool_range *o = &other->range[j];

			if (!common(pool, r, o->start, o->end, &from))
				continue;
			related(vg_diag_add(diags, VG_WARNING, r->at, "pool %s overlaps pool %s: "
					    "both hand out %s", pool->name, other->name,
					    first_usable(pool, from, addr)),
				o->at.line);
			return;
		}
	}
}

/* An address of a pool that a static rule has is handed out to nobody; of a network, any
 * could be.
 */
static void check_static_pools(const struct vg_config *cfg, const struct vg_nat_rule *rule,
			       struct vg_diags *diags)
{
	uint32_t host = ~vg_len_mask(rule->fixed.prefix_len);
	char addr[VG_ADDR_LEN];
	uint32_t from;

	for (size_t i = 0; host && i < cfg->pool.n; i++) {
		const struct vg_pool *pool = &cfg->pool.v[i];

		for (size_t j = 0; j < pool->n; j++) {
			if (!common(pool, &pool->range[j], rule->fixed.global & ~host,
				    rule->fixed.global | host, &from))
				continue;
			related(vg_diag_add(diags, VG_ERROR, rule->at, "the static inside global "
					    "network has %s of pool %s, which would give it to "
					    "somebody else", first_usable(pool, from, addr),
					    pool->name), pool->range[j].at.line);
			return;
		}
	}
}

static bool is_clash(const struct vg_nat_rule *a, const struct vg_nat_rule *b)
{
	const struct vg_static *x = &a->fixed, *y = &b->fixed;

	return x->proto == y->proto && x->global_port == y->global_port &&
	       (x->prefix_len < 32) == (y->prefix_len < 32) &&
	       !((x->global ^ y->global) & vg_len_mask(x->prefix_len) &
		 vg_len_mask(y->prefix_len)) &&
	       !strcmp(a->route_map.name, b->route_map.name) &&
	       vg_ifname_same(a->iface.name, b->iface.name);
}

static void check_static(const struct vg_config *cfg, size_t n, struct vg_diags *diags)
{
	const struct vg_nat_rule *rule = &cfg->rule.v[n];

	if (!rule->iface.name[0])
		check_static_pools(cfg, rule, diags);
	for (size_t i = 0; i < n; i++) {
		const struct vg_nat_rule *other = &cfg->rule.v[i];

		if (!(other->flags & VPNGW_RULE_FLAG_STATIC) || !is_clash(rule, other))
			continue;
		related(vg_diag_add(diags, VG_ERROR, rule->at, "line %u has a static rule of the "
				    "same inside global address%s", other->at.line,
				    rule->fixed.proto ? " and port" : ""), other->at.line);
		return;
	}
}

/**
 * vg_check_nat - check pools and static rules
 * @cfg: configuration as read by vg_parse()
 * @diags: findings are added here
 */
void vg_check_nat(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->pool.n; i++) {
		check_pool(&cfg->pool.v[i], diags);
		for (size_t j = 0; j < i; j++)
			check_two_pools(&cfg->pool.v[i], &cfg->pool.v[j], diags);
	}
	for (size_t i = 0; i < cfg->rule.n; i++) {
		if (cfg->rule.v[i].flags & VPNGW_RULE_FLAG_STATIC)
			check_static(cfg, i, diags);
	}
}
