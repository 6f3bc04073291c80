// SPDX-License-Identifier: GPL-2.0
/* Groups, users and lists of aaa: is there all that a crypto map asks for. */
#include <string.h>

#include "check.h"

static void check_list(const struct vg_config *cfg, const struct vg_ref *ref, bool network,
		       struct vg_diags *diags)
{
	const struct vg_aaa_list *l = vg_aaa_list_find(cfg, ref->name, network);
	const char *what = network ? "aaa authorization network" : "aaa authentication login";

	if (!ref->name[0])
		return;
	if (!cfg->aaa)
		vg_diag_add(diags, VG_ERROR, ref->at, "lists of aaa need 'aaa new-model'");
	if (!l)
		vg_diag_add(diags, VG_ERROR, ref->at, "there is no '%s %s'", what, ref->name);
	else if (!l->local)
		vg_diag_add(diags, VG_ERROR, ref->at, "'%s %s' in line %u has other methods than "
			    "'local', which alone is supported", what, ref->name, l->at.line);
}

static bool any_user(const struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->user.n; i++) {
		if (!cfg->user.v[i].type || cfg->user.v[i].type == 5)
			return true;
	}
	return false;
}

static void check_group_acl(const struct vg_config *cfg, const struct vg_group *g,
			    struct vg_diags *diags)
{
	const struct vg_acl *acl = vg_acl_find(cfg, g->acl.name);
	bool permit = false;

	if (!acl) {
		vg_diag_add(diags, VG_ERROR, g->acl.at, "access list %s is not defined",
			    g->acl.name);
		return;
	}
	for (size_t i = 0; i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];

		if (ace->action != VPNGW_ACTION_PERMIT)
			continue;
		permit = true;
		if (!vg_mask_contiguous(~ace->src_wild))
			vg_diag_add(diags, VG_ERROR, ace->at, "clients of group %s cannot be told "
				    "an entry whose wildcard is not that of a network", g->name);
	}
	if (!permit)
		vg_diag_add(diags, VG_ERROR, g->acl.at, "access list %s permits nothing, so clients "
			    "of group %s would send nothing through the tunnel", acl->name,
			    g->name);
}

static void check_group(const struct vg_config *cfg, const struct vg_group *g, bool used,
			struct vg_diags *diags)
{
	if (!g->secret[0])
		vg_diag_add(diags, VG_ERROR, g->at, "group %s has no key", g->name);
	if (g->pool.name[0] && !vg_local_pool_find(cfg, g->pool.name))
		vg_diag_add(diags, VG_ERROR, g->pool.at, "local pool %s is not defined",
			    g->pool.name);
	else if (!g->pool.name[0] && !cfg->isakmp.pool.name[0] && used)
		vg_diag_add(diags, VG_ERROR, g->at, "group %s has no pool, and there is no "
			    "'crypto isakmp client configuration address-pool local'", g->name);
	if (g->acl.name[0])
		check_group_acl(cfg, g, diags);
	if (!used)
		vg_diag_add(diags, VG_WARNING, g->at, "group %s is not used: no crypto map has "
			    "'isakmp authorization list'", g->name);
}

/**
 * vg_check_clients - resolve the names of groups, and those of lists of aaa
 * @cfg: configuration as read by vg_parse()
 * @diags: findings are added here
 */
void vg_check_clients(const struct vg_config *cfg, struct vg_diags *diags)
{
	bool used = false;

	for (size_t i = 0; i < cfg->map.n; i++) {
		const struct vg_map *map = &cfg->map.v[i];

		check_list(cfg, &map->authentication, false, diags);
		check_list(cfg, &map->authorization, true, diags);
		used |= map->authorization.name[0];
		if (map->authentication.name[0] && !any_user(cfg))
			vg_diag_add(diags, VG_WARNING, map->authentication.at, "there is no "
				    "'username' with a password in clear or of type 5: nobody can "
				    "log in");
		if (map->authorization.name[0] && cfg->isakmp.no_aggressive)
			vg_diag_add(diags, VG_WARNING, map->authorization.at, "groups are "
				    "negotiated with in aggressive mode, which is disabled");
		if (map->authorization.name[0] && !cfg->group.n)
			vg_diag_add(diags, VG_WARNING, map->authorization.at, "there is no 'crypto "
				    "isakmp client configuration group'");
	}
	for (size_t i = 0; i < cfg->group.n; i++)
		check_group(cfg, &cfg->group.v[i], used, diags);
}
