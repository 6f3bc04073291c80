// SPDX-License-Identifier: GPL-2.0
/* What is legal and probably not meant. Warnings only, with the line to change. */
#include "lint.h"

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
	vg_lint_acl(cfg, diags);
	vg_lint_nat(cfg, diags);
	return 0;
}
