// SPDX-License-Identifier: GPL-2.0
/* Access lists: entries that never decide or that nobody would miss, lists without use. */
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

static bool is_all(const struct vg_ace *ace)
{
	static const struct vg_ace all = {
		.proto = -1, .icmp_type = -1, .icmp_code = -1,
		.src_wild = UINT32_MAX, .dst_wild = UINT32_MAX,
	};

	return vg_ace_covers(ace, &all);
}

/* A later entry that decides the same about all that this one matches. */
static const struct vg_ace *repeats(const struct vg_acl *acl, size_t j)
{
	const struct vg_ace *ace = &acl->ace[j];

	for (size_t k = j + 1; k < acl->n; k++) {
		const struct vg_ace *late = &acl->ace[k];

		if (late->action == ace->action && vg_ace_covers(late, ace))
			return late;
		if (late->action != ace->action && vg_ace_meet(late, ace))
			return NULL;
	}
	return NULL;
}

static void lint_redundant(const struct vg_acl *acl, size_t j, struct vg_diags *diags)
{
	const struct vg_ace *ace = &acl->ace[j], *late;
	struct vg_diag *d;

	if (ace->flags & VPNGW_ACE_FLAG_LOG)	/* it is there to be told of */
		return;
	if (j + 1 == acl->n && ace->action == VPNGW_ACTION_DENY && is_all(ace)) {
		vg_diag_add(diags, VG_NOTE, ace->at, "access list %s denies all that is left "
			    "without this entry", acl->name);
		return;
	}
	late = repeats(acl, j);
	if (!late)
		return;
	d = vg_diag_add(diags, VG_NOTE, ace->at, "access list %s would do the same without this "
			"entry: line %u %s all that it matches", acl->name, late->at.line,
			late->action == VPNGW_ACTION_PERMIT ? "permits" : "denies");
	if (d)
		d->related = late->at.line;
}

/* Each entry makes associations of its own there, or tells a client of a network. */
static bool has_meaning_by_entry(const struct vg_config *cfg, const char *name)
{
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
	return false;
}

static void lint_list(const struct vg_config *cfg, const struct vg_acl *acl,
		      struct vg_diags *diags)
{
	bool by_entry = has_meaning_by_entry(cfg, acl->name);

	for (size_t j = 0; j < acl->n && acl->n <= SHADOW_MAX; j++) {
		const struct vg_ace *early = shadow_of(acl, j);

		if (early)
			lint_shadowed(acl, j, early, diags);
		else if (!by_entry)
			lint_redundant(acl, j, diags);
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
		lint_list(cfg, &cfg->acl.v[i], diags);
	lint_unused(cfg, diags);
}
