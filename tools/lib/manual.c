// SPDX-License-Identifier: GPL-2.0
/* Makes the security associations that ipsec-manual entries describe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manual.h"

/* The gateway's own outer address for a crypto map. */
static uint32_t local_addr(const struct vg_config *cfg, const struct vg_map *map,
			   struct vg_diags *diags)
{
	const struct vg_iface *found = NULL;

	if (map->local_iface.name[0]) {
		const struct vg_iface *iface = vg_iface_find(cfg, map->local_iface.name);

		if (iface && (iface->addr || iface->device_addr))
			return iface->addr ? iface->addr : iface->device_addr;
		vg_diag_add(diags, VG_ERROR, map->local_iface.at,
			    "interface %s has no address for crypto map %s", map->local_iface.name,
			    map->name);
		return 0;
	}
	for (size_t i = 0; i < cfg->iface.n; i++) {
		const struct vg_iface *iface = &cfg->iface.v[i];

		if (strcmp(iface->crypto_map.name, map->name))
			continue;
		if (found) {
			struct vg_diag *d = vg_diag_add(diags, VG_ERROR, iface->crypto_map.at,
					"crypto map %s is on %s too, and manual keys know one "
					"local address: add 'crypto map %s local-address "
					"INTERFACE'", map->name, found->name, map->name);

			if (d)
				d->related = found->crypto_map.at.line;
			return 0;
		}
		found = iface;
	}
	if (!found) {
		vg_diag_add(diags, VG_WARNING, map->at,
			    "crypto map %s is on no interface and protects nothing", map->name);
		return 0;
	}
	if (found->addr || found->device_addr)
		return found->addr ? found->addr : found->device_addr;
	vg_diag_add(diags, VG_ERROR, found->at,
		    "interface %s has no address for crypto map %s", found->name, map->name);
	return 0;
}

static void fill_selector(struct vg_selector *sel, const struct vg_acl *acl)
{
	for (size_t i = 0; i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];

		if (ace->action != VPNGW_ACTION_PERMIT)
			continue;
		sel->local = ace->src;
		sel->local_mask = ~ace->src_wild;
		sel->remote = ace->dst;
		sel->remote_mask = ~ace->dst_wild;
		sel->proto = ace->proto;
		sel->local_port = ace->n_sport ? ace->sport[0].lo : -1;
		sel->remote_port = ace->n_dport ? ace->dport[0].lo : -1;
		return;
	}
}

/* As in IOS, mode transport is for traffic between the two ends; what else the
 * entry protects goes through a tunnel.
 */
static bool joins_ends(const struct vg_selector *sel, uint32_t local, uint32_t peer)
{
	return sel->local == local && sel->local_mask == UINT32_MAX &&
	       sel->remote == peer && sel->remote_mask == UINT32_MAX;
}

static bool has_manual_entry(const struct vg_config *cfg, const char *map)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		const struct vg_map_entry *e = &cfg->map_entry.v[i];

		if (e->type == VPNGW_POLICY_TYPE_MANUAL && !strcmp(e->map, map))
			return true;
	}
	return false;
}

static int add_sa(struct vg_config *cfg, const struct vg_map_entry *e, uint32_t local,
		  enum vpngw_direction dir)
{
	const struct vg_session_key *key = dir == VPNGW_DIRECTION_IN ? &e->in : &e->out;
	const struct vg_transform *ts = vg_transform_find(cfg, e->transform[0].name);
	struct vg_sa *sa;

	/* Room was made beforehand: growing would leave keys in freed memory. */
	sa = vg_push(&cfg->sa.v, &cfg->sa.n, &cfg->sa.cap);
	if (!sa)
		return -ENOMEM;
	sa->spi = key->spi;
	sa->dir = dir;
	sa->saddr = dir == VPNGW_DIRECTION_IN ? e->peer[0] : local;
	sa->daddr = dir == VPNGW_DIRECTION_IN ? local : e->peer[0];
	memcpy(sa->map, e->map, sizeof(sa->map));
	sa->map_seq = e->seq;
	sa->encr = ts->encr;
	sa->auth = ts->auth;
	sa->key_bits = ts->key_bits;
	sa->enc_key = key->cipher;
	sa->auth_key = key->authenticator;
	sa->flags = VPNGW_SA_FLAG_MANUAL | cfg->df_flags | (ts->esn ? VPNGW_SA_FLAG_ESN : 0);
	sa->replay_window = cfg->replay_window;
	sa->at = key->at;
	fill_selector(&sa->sel, vg_acl_find(cfg, e->acl.name));
	sa->mode = joins_ends(&sa->sel, local, e->peer[0]) ? ts->mode : VPNGW_MODE_TUNNEL;
	return 0;
}

static int refuse_duplicates(const struct vg_config *cfg, struct vg_diags *diags)
{
	struct vg_hash seen = { 0 };
	char (*keys)[24] = calloc(cfg->sa.n + 1, sizeof(*keys));
	int ret = keys ? 0 : -ENOMEM;

	for (size_t i = 0; i < cfg->sa.n && !ret; i++) {
		const struct vg_sa *sa = &cfg->sa.v[i];
		size_t other;

		snprintf(keys[i], sizeof(keys[i]), "%x %x", sa->spi, sa->daddr);
		if (vg_hash_get(&seen, keys[i], &other)) {
			struct vg_diag *d = vg_diag_add(diags, VG_ERROR, sa->at,
					"SPI %u to the same address is taken by line %u", sa->spi,
					cfg->sa.v[other].at.line);

			if (d)
				d->related = cfg->sa.v[other].at.line;
		}
		ret = vg_hash_put(&seen, keys[i], i);
	}
	vg_hash_free(&seen);
	free(keys);
	return ret;
}

/**
 * vg_manual_sas - make the associations of all ipsec-manual entries
 * @cfg: checked configuration without errors, bound to devices if there are any
 * @diags: findings are added here
 *
 * Return: 0 or -ENOMEM.
 */
int vg_manual_sas(struct vg_config *cfg, struct vg_diags *diags)
{
	uint32_t *local = calloc(cfg->map.n + 1, sizeof(*local));
	int ret = -ENOMEM;

	cfg->sa.v = calloc(2 * cfg->map_entry.n + 1, sizeof(*cfg->sa.v));
	cfg->sa.cap = 2 * cfg->map_entry.n + 1;
	if (!local || !cfg->sa.v)
		goto out;
	for (size_t i = 0; i < cfg->map.n; i++) {
		if (has_manual_entry(cfg, cfg->map.v[i].name))
			local[i] = local_addr(cfg, &cfg->map.v[i], diags);
	}

	ret = 0;
	for (size_t i = 0; i < cfg->map_entry.n && !ret; i++) {
		const struct vg_map_entry *e = &cfg->map_entry.v[i];
		uint32_t addr = local[vg_map_find(cfg, e->map) - cfg->map.v];

		if (!addr || e->type != VPNGW_POLICY_TYPE_MANUAL)
			continue;
		ret = add_sa(cfg, e, addr, VPNGW_DIRECTION_IN);
		if (!ret)
			ret = add_sa(cfg, e, addr, VPNGW_DIRECTION_OUT);
	}
	if (!ret)
		ret = refuse_duplicates(cfg, diags);
out:
	free(local);
	return ret;
}
