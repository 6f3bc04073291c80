// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration text as key management wants it. libvpngw reads it, the same
 * way for vpnctl and for us; what it says about other things is passed over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "crypto.h"
#include "parse.h"
#include "util.h"

/**
 * struct reading - what is being made of what
 * @cfg: read and checked
 */
struct reading {
	struct vpnd_conf *conf;
	const struct vg_config *cfg;
	struct vg_diags *diags;
};

static void copy_name(char *to, const char *from)
{
	snprintf(to, CONF_NAME_LEN, "%s", from);
}

static int take_policies(struct reading *r)
{
	for (size_t i = 0; i < r->cfg->policy.n; i++) {
		const struct vg_isakmp_policy *from = &r->cfg->policy.v[i];
		struct conf_policy *p = vg_push(&r->conf->policy.v, &r->conf->policy.n,
						&r->conf->policy.cap);

		if (!p)
			return -ENOMEM;
		*p = (struct conf_policy){
			.priority = from->priority, .encr = (enum ike_encr)from->encr,
			.key_bits = from->key_bits, .hash = (enum ike_hash)from->hash,
			.group = from->group, .psk = from->auth == VG_IKE_PRE_SHARE,
			.lifetime = from->lifetime, .line = from->at.line,
		};
		if (!crypto_dh_len(p->group))
			vg_diag_add(r->diags, VG_ERROR, from->at, "group %u is not supported: 1, 2, "
				    "5, 14-16 and 19-21 are", p->group);
	}
	return 0;
}

static int take_keys(struct reading *r)
{
	for (size_t i = 0; i < r->cfg->key.n; i++) {
		const struct vg_isakmp_key *from = &r->cfg->key.v[i];
		struct conf_key *key = vg_push(&r->conf->key.v, &r->conf->key.n,
					       &r->conf->key.cap);

		if (!key)
			return -ENOMEM;
		key->len = strlen(from->secret);
		memcpy(key->secret, from->secret, key->len);
		key->addr = from->addr & from->mask;
		key->mask = from->mask;
		key->no_xauth = from->no_xauth;
		key->line = from->at.line;
	}
	return 0;
}

static enum esp_transform esp_of(enum vpngw_encr encr)
{
	switch (encr) {
	case VPNGW_ENCR_NULL:
		return ESP_NULL;
	case VPNGW_ENCR_DES:
		return ESP_DES;
	case VPNGW_ENCR_3DES:
		return ESP_3DES;
	case VPNGW_ENCR_AES_CBC:
		return ESP_AES_CBC;
	default:
		return 0;
	}
}

static enum esp_auth auth_of(enum vpngw_auth auth)
{
	switch (auth) {
	case VPNGW_AUTH_HMAC_MD5:
		return ESP_AUTH_MD5;
	case VPNGW_AUTH_HMAC_SHA1:
		return ESP_AUTH_SHA1;
	case VPNGW_AUTH_HMAC_SHA256:
		return ESP_AUTH_SHA256;
	case VPNGW_AUTH_HMAC_SHA384:
		return ESP_AUTH_SHA384;
	case VPNGW_AUTH_HMAC_SHA512:
		return ESP_AUTH_SHA512;
	default:
		return 0;
	}
}

static int take_sets(struct reading *r)
{
	for (size_t i = 0; i < r->cfg->transform.n; i++) {
		const struct vg_transform *from = &r->cfg->transform.v[i];
		enum esp_transform encr = esp_of(from->encr);
		enum esp_auth auth = auth_of(from->auth);
		struct conf_set *set;

		if (!encr || !auth) {
			vg_diag_add(r->diags, VG_WARNING, from->at, "keys are negotiated only for "
				    "esp-null, esp-des, esp-3des or esp-aes with an hmac; transform "
				    "set %s is left out", from->name);
			continue;
		}
		set = vg_push(&r->conf->set.v, &r->conf->set.n, &r->conf->set.cap);
		if (!set)
			return -ENOMEM;
		copy_name(set->name, from->name);
		set->encr = encr;
		set->auth = auth;
		set->key_bits = encr == ESP_AES_CBC ? from->key_bits : 0;
		set->transport = from->mode == VPNGW_MODE_TRANSPORT;
		set->line = from->at.line;
	}
	return 0;
}

/*
 * The permit entries of an access list as proxies, at most CONF_PROXIES_MAX; what
 * cannot be one is told. Returns how many there are.
 */
static uint8_t take_proxies(struct reading *r, const struct vg_acl *acl, struct conf_proxy *to)
{
	uint8_t n = 0;

	for (size_t i = 0; acl && i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];

		if (ace->action != VPNGW_ACTION_PERMIT)
			continue;
		if (!vg_mask_contiguous(~ace->src_wild) || !vg_mask_contiguous(~ace->dst_wild)) {
			vg_diag_add(r->diags, VG_WARNING, ace->at, "keys are not negotiated for an "
				    "entry whose wildcard is not that of a network");
			continue;
		}
		if (n == CONF_PROXIES_MAX) {
			vg_diag_add(r->diags, VG_WARNING, ace->at, "keys are negotiated for the "
				    "first %u permit entries of an access list only",
				    CONF_PROXIES_MAX);
			break;
		}
		to[n++] = (struct conf_proxy){
			.local = ace->src & ~ace->src_wild, .local_mask = ~ace->src_wild,
			.remote = ace->dst & ~ace->dst_wild, .remote_mask = ~ace->dst_wild,
			.proto = ace->proto,
		};
	}
	return n;
}

/* One entry: @lines are those of the crypto map or of the dynamic map it names. */
static int take_entry(struct reading *r, const struct vg_map_entry *at,
		      const struct vg_map_entry *lines)
{
	struct conf_entry *e = vg_push(&r->conf->entry.v, &r->conf->entry.n,
				       &r->conf->entry.cap);
	const struct vg_acl *acl = NULL;

	if (!e)
		return -ENOMEM;
	copy_name(e->map, at->map);
	e->seq = at->seq;
	e->line = lines->at.line;
	if (lines != at) {
		copy_name(e->dynamic, lines->map);
		e->dynamic_seq = lines->seq;
	}
	for (size_t i = 0; i < r->cfg->iface.n && !e->local; i++) {
		if (!strcmp(r->cfg->iface.v[i].crypto_map.name, at->map))
			e->local = r->cfg->iface.v[i].addr;
	}
	e->pfs = lines->pfs;
	e->life = lines->life;
	e->kilobytes = lines->kilobytes;
	for (size_t i = 0; i < lines->n_transform && i < CONF_SETS_MAX; i++)
		copy_name(e->set[e->n_sets++], lines->transform[i].name);
	for (size_t i = 0; i < lines->n_peer && i < CONF_PEERS_MAX; i++)
		e->peer[e->n_peers++] = lines->peer[i];
	if (lines->acl.name[0])
		acl = vg_acl_find(r->cfg, lines->acl.name);
	e->n_proxies = take_proxies(r, acl, e->proxy);
	e->listed = acl;
	return 0;
}

static int take_entries(struct reading *r)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < r->cfg->map_entry.n; i++) {
		const struct vg_map_entry *at = &r->cfg->map_entry.v[i];

		if (at->type == VPNGW_POLICY_TYPE_ISAKMP)
			ret = take_entry(r, at, at);
		if (at->type != VPNGW_POLICY_TYPE_DYNAMIC)
			continue;
		for (size_t j = 0; !ret && j < r->cfg->dynamic.n; j++) {
			if (!strcmp(r->cfg->dynamic.v[j].map, at->dynamic.name))
				ret = take_entry(r, at, &r->cfg->dynamic.v[j]);
		}
	}
	return ret;
}

static int take_pools(struct reading *r)
{
	for (size_t i = 0; i < r->cfg->local_pool.n; i++) {
		const struct vg_local_pool *from = &r->cfg->local_pool.v[i];
		struct conf_pool *pool = (struct conf_pool *)conf_pool_find(r->conf, from->name);

		if (!pool) {
			pool = vg_push(&r->conf->pool.v, &r->conf->pool.n, &r->conf->pool.cap);
			if (!pool)
				return -ENOMEM;
			copy_name(pool->name, from->name);
			pool->line = from->at.line;
		}
		if (pool->n_ranges == LEASE_RANGES_MAX) {
			vg_diag_add(r->diags, VG_ERROR, from->at, "pool %s has more than %u ranges",
				    from->name, LEASE_RANGES_MAX);
			continue;
		}
		pool->range[pool->n_ranges++] = (struct lease_range){ from->start, from->end };
		if (from->end < from->start || from->end - from->start > 0xffff)
			vg_diag_add(r->diags, VG_ERROR, from->at,
				    "a pool has one to 65536 addresses, in ascending order");
	}
	return 0;
}

static int take_group(struct reading *r, const struct vg_group *from)
{
	struct conf_group *g = vg_push_secret(&r->conf->group.v, &r->conf->group.n,
					      &r->conf->group.cap);

	if (!g)
		return -ENOMEM;
	copy_name(g->name, from->name);
	copy_name(g->pool, from->pool.name);
	g->len = strlen(from->secret);
	memcpy(g->secret, from->secret, g->len);
	memcpy(g->dns, from->dns, sizeof(g->dns));
	memcpy(g->wins, from->wins, sizeof(g->wins));
	g->netmask = from->netmask;
	memcpy(g->domain, from->domain, sizeof(from->domain));
	memcpy(g->split_dns, from->split_dns, sizeof(from->split_dns));
	memcpy(g->banner, from->banner, sizeof(from->banner));
	if (from->acl.name[0])
		g->n_split = take_proxies(r, vg_acl_find(r->cfg, from->acl.name), g->split);
	g->save_password = from->save_password;
	g->pfs = from->pfs;
	g->line = from->at.line;
	return 0;
}

/* Groups are asked for by a crypto map; users whose password we cannot compare are none. */
static int take_clients(struct reading *r)
{
	const struct vg_config *cfg = r->cfg;
	bool groups = false;
	int ret = 0;

	for (size_t i = 0; i < cfg->map.n; i++) {
		r->conf->login |= cfg->map.v[i].authentication.name[0] != '\0';
		groups |= cfg->map.v[i].authorization.name[0] != '\0';
	}
	groups = groups && !cfg->isakmp.no_aggressive;
	for (size_t i = 0; groups && !ret && i < cfg->group.n; i++)
		ret = take_group(r, &cfg->group.v[i]);
	for (size_t i = 0; r->conf->login && !ret && i < cfg->user.n; i++) {
		const struct vg_user *from = &cfg->user.v[i];
		struct conf_user *u;

		if (from->type && from->type != 5)
			continue;
		u = vg_push_secret(&r->conf->user.v, &r->conf->user.n, &r->conf->user.cap);
		if (!u)
			return -ENOMEM;
		copy_name(u->name, from->name);
		memcpy(u->secret, from->secret, sizeof(u->secret));
		u->hashed = from->type == 5;
		u->line = from->at.line;
	}
	return ret;
}

static void take_rest(struct reading *r)
{
	const struct vg_config *cfg = r->cfg;
	struct vpnd_conf *conf = r->conf;

	copy_name(conf->pool_name, cfg->isakmp.pool.name);
	conf->keepalive = cfg->isakmp.keepalive;
	conf->keepalive_retry = cfg->isakmp.retry ? cfg->isakmp.retry : 2;
	conf->wireshark = cfg->isakmp.wireshark;
	conf->life = cfg->life;
	conf->kilobytes = cfg->kilobytes;
	conf->no_natt = cfg->no_nat_t;
	for (size_t i = 0; i < cfg->map.n; i++) {
		conf->initiate |= cfg->map.v[i].initiate;
		conf->respond |= cfg->map.v[i].respond;
	}
	for (size_t i = 0; i < cfg->iface.n; i++) {
		const struct vg_iface *iface = &cfg->iface.v[i];

		if (iface->crypto_map.name[0] && iface->mask &&
		    conf->n_local < VG_ARRAY_SIZE(conf->local))
			conf->local[conf->n_local++] = iface->addr;
	}
}

/**
 * conf_parse - read a configuration
 * @conf: empty
 * @text: text
 * @len: its length
 * @diags: where errors and warnings go; with errors @conf is not to be used
 *
 * Return: 0 or -ENOMEM.
 */
int conf_parse(struct vpnd_conf *conf, const char *text, size_t len, struct vg_diags *diags)
{
	const struct vg_parse_options opt = { 0 };
	struct vg_config *cfg = vg_config_new();
	struct reading r = { conf, cfg, diags };
	int ret = cfg ? vg_parse(cfg, text, len, &opt, diags) : -ENOMEM;

	if (!ret)
		ret = vg_check(cfg, &opt, diags);
	if (!ret)
		ret = take_policies(&r);
	if (!ret)
		ret = take_keys(&r);
	if (!ret)
		ret = take_sets(&r);
	if (!ret)
		ret = take_entries(&r);
	if (!ret)
		ret = take_pools(&r);
	if (!ret)
		ret = take_clients(&r);
	if (!ret)
		take_rest(&r);
	if (cfg)
		vg_config_wipe_keys(cfg);
	vg_config_free(cfg);
	return ret;
}
