// SPDX-License-Identifier: GPL-2.0
/* Access lists: entries that never decide, lists without use. */
#include <string.h>

#include "acl_eval.h"
#include "lint.h"

/* Beyond this many entries a list is taken to be generated, and the check is quadratic. */
#define SHADOW_MAX 2000

/* The earlier entry because of which one never decides. */
static const struct vg_ace *shadow_of(const struct vg_acl *acl, size_t j)
{
	for (size_t k = 0; k < j; k++) {
		if (vg_ace_covers(&acl->ace[k], &acl->ace[j]))
			return &acl->ace[k];
	}
	return NULL;
}

static void lint_shadowed(const struct vg_acl *acl, size_t j, const struct vg_ace *early,
			  struct vg_diags *diags)
{
	struct vg_diag *d = vg_diag_add(diags, VG_WARNING, acl->ace[j].at,
					"this entry of access list %s never decides: line %u %s "
					"everything that it matches", acl->name, early->at.line,
					early->action == VPNGW_ACTION_PERMIT ? "permits" :
					"denies");

	if (d)
		d->related = early->at.line;
}

static void lint_list(const struct vg_acl *acl, struct vg_diags *diags)
{
	for (size_t j = 0; j < acl->n && acl->n <= SHADOW_MAX; j++) {
		const struct vg_ace *early = shadow_of(acl, j);

		if (early)
			lint_shadowed(acl, j, early, diags);
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

/**
 * vg_lint_acl - look through the access lists
 * @cfg: checked configuration without errors
 * @diags: findings are added here
 */
void vg_lint_acl(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->acl.n; i++)
		lint_list(&cfg->acl.v[i], diags);
	lint_unused(cfg, diags);
}
