// SPDX-License-Identifier: GPL-2.0
/* What is weak: transforms, policies, groups, shared keys. */
#include <string.h>

#include "lint.h"
#include "transform.h"

#define KEY_SHORT 16		/* characters; about 80 bits if they are random letters */

static void lint_transforms(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->transform.n; i++) {
		const struct vg_transform *ts = &cfg->transform.v[i];
		const struct vg_transform_info *encr = vg_encr_info(ts->encr);
		const struct vg_transform_info *auth = vg_auth_info(ts->auth);

		if (encr->weak)
			vg_diag_add(diags, VG_WARNING, ts->at, "%s is weak: %s", encr->name,
				    encr->weak);
		if (auth && auth->weak)
			vg_diag_add(diags, VG_WARNING, ts->at, "%s is weak: %s", auth->name,
				    auth->weak);
	}
}

static void lint_policies(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->policy.n; i++) {
		const struct vg_isakmp_policy *p = &cfg->policy.v[i];

		if (p->encr == VG_IKE_DES)
			vg_diag_add(diags, VG_WARNING, p->at, "encryption des of policy %u is "
				    "weak: its key has 56 bits", p->priority);
		else if (p->encr == VG_IKE_3DES)
			vg_diag_add(diags, VG_WARNING, p->at, "encryption 3des of policy %u is "
				    "weak: its block has 64 bits", p->priority);
		if (p->hash == VG_IKE_MD5)
			vg_diag_add(diags, VG_WARNING, p->at, "hash md5 of policy %u is weak: it "
				    "rests on MD5", p->priority);
		if (p->group < 14)
			vg_diag_add(diags, VG_WARNING, p->at, "group %u of policy %u is weak: it "
				    "has %u bits, and whoever records the traffic may read it "
				    "later", p->group, p->priority, p->group == 1 ? 768 :
				    p->group == 2 ? 1024 : 1536);
	}
}

static void lint_keys(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->key.n; i++) {
		const struct vg_isakmp_key *key = &cfg->key.v[i];

		if (!key->mask)
			vg_diag_add(diags, VG_WARNING, key->at, "wildcard key: every peer has it, "
				    "and each of them can pose as the gateway to the others");
		if (strlen(key->secret) < KEY_SHORT)
			vg_diag_add(diags, VG_WARNING, key->at, "pre-shared key has fewer than "
				    "%d characters and can be guessed", KEY_SHORT);
	}
}

static void lint_groups(const struct vg_config *cfg, struct vg_diags *diags)
{
	bool used = false;

	for (size_t i = 0; i < cfg->map.n; i++)
		used |= cfg->map.v[i].authorization.name[0];
	for (size_t i = 0; used && i < cfg->group.n; i++) {
		const struct vg_group *g = &cfg->group.v[i];

		vg_diag_add(diags, VG_WARNING, g->at, "group %s is negotiated with in aggressive "
			    "mode: whoever asks gets a hash that its key can be guessed by",
			    g->name);
		if (strlen(g->secret) < KEY_SHORT)
			vg_diag_add(diags, VG_WARNING, g->at, "key of group %s has fewer than %d "
				    "characters and can be guessed", g->name, KEY_SHORT);
	}
}

static void lint_pfs(const struct vg_map_entry *e, struct vg_diags *diags)
{
	if (e->pfs && e->pfs < 14)
		vg_diag_add(diags, VG_WARNING, e->at, "group %u of 'set pfs' is weak", e->pfs);
}

/**
 * vg_lint_weak - look for what should not protect anything any more
 * @cfg: checked configuration without errors
 * @diags: findings are added here
 */
void vg_lint_weak(const struct vg_config *cfg, struct vg_diags *diags)
{
	lint_transforms(cfg, diags);
	lint_policies(cfg, diags);
	lint_keys(cfg, diags);
	lint_groups(cfg, diags);
	for (size_t i = 0; i < cfg->map_entry.n; i++)
		lint_pfs(&cfg->map_entry.v[i], diags);
	for (size_t i = 0; i < cfg->dynamic.n; i++)
		lint_pfs(&cfg->dynamic.v[i], diags);
}
