// SPDX-License-Identifier: GPL-2.0
/* Resolves the names of a configuration and refuses what would protect nothing. */
#include <string.h>

#include "check.h"
#include "parse.h"
#include "transform.h"

static void undefined(struct vg_diags *diags, const char *noun, const struct vg_ref *ref,
		      unsigned int user)
{
	struct vg_diag *d = vg_diag_add(diags, VG_ERROR, ref->at,
					"%s %s, used in line %u, is not defined", noun,
					ref->name, user);

	if (d)
		d->related = user;
}

/* As good as undefined, as far as IOS goes by it. */
static bool is_empty(const struct vg_config *cfg, const char *name)
{
	const struct vg_acl *acl = vg_acl_find(cfg, name);

	return acl && !acl->n;
}

static void check_route_maps(struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->route_map.n; i++) {
		const struct vg_route_map *rm = &cfg->route_map.v[i];

		for (size_t j = 0; j < rm->n; j++) {
			struct vg_rm_entry *e = &rm->entry[j];
			size_t missing = 0;

			for (size_t k = 0; k < e->n_acl; k++) {
				bool empty = is_empty(cfg, e->acl[k].name);

				if (vg_acl_find(cfg, e->acl[k].name) && !empty)
					continue;
				missing++;
				e->acl[k].undefined = true;
				vg_diag_add(diags, VG_WARNING, e->acl[k].at,
					    "access list %s %s and is ignored",
					    e->acl[k].name, empty ? "has no entries" :
					    "is not defined");
			}
			for (size_t k = 0; k < e->n_iface; k++) {
				if (!vg_iface_find(cfg, e->iface[k].name))
					undefined(diags, "interface", &e->iface[k],
						  e->iface[k].at.line);
			}
			if (missing && missing == e->n_acl)
				vg_diag_add(diags, VG_WARNING, e->acl[0].at,
					    "route-map %s sequence %u HAS NO DEFINED ACCESS LIST "
					    "AND MATCHES EVERYTHING", rm->name, e->seq);
		}
	}
}

/* IOS would translate by what the clause says; we could only pass it over. */
static void check_foreign(const struct vg_config *cfg, const struct vg_nat_rule *r,
			  struct vg_diags *diags)
{
	const struct vg_route_map *rm = vg_route_map_find(cfg, r->route_map.name);

	for (size_t i = 0; rm && i < rm->n; i++) {
		struct vg_diag *d;

		if (!rm->entry[i].foreign.line)
			continue;
		d = vg_diag_add(diags, VG_ERROR, rm->entry[i].foreign, "not supported in a "
				"route-map for translation: only 'match ip address' with access "
				"lists and 'match interface' are");
		if (d)
			d->related = r->at.line;
	}
}

static void check_rules(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->rule.n; i++) {
		const struct vg_nat_rule *r = &cfg->rule.v[i];

		if (r->acl.name[0] && !vg_acl_find(cfg, r->acl.name))
			undefined(diags, "access list", &r->acl, r->at.line);
		if (is_empty(cfg, r->acl.name))
			vg_diag_add(diags, VG_WARNING, r->acl.at, "access list %s has no entries: "
				    "nothing will be translated by this rule", r->acl.name);
		if (r->route_map.name[0] && !vg_route_map_find(cfg, r->route_map.name))
			undefined(diags, "route-map", &r->route_map, r->at.line);
		check_foreign(cfg, r, diags);
		if (r->pool.name[0] && !vg_pool_find(cfg, r->pool.name))
			undefined(diags, "pool", &r->pool, r->at.line);
		if (r->iface.name[0] && !vg_iface_find(cfg, r->iface.name))
			undefined(diags, "interface", &r->iface, r->at.line);
	}
	for (size_t i = 0; i < cfg->nat.n_host_limit; i++) {
		const struct vg_host_limit *limit = &cfg->nat.host_limit[i];

		if (limit->acl.name[0] && !vg_acl_find(cfg, limit->acl.name))
			undefined(diags, "access list", &limit->acl, limit->at.line);
	}
}

static void check_key_len(struct vg_diags *diags, const struct vg_key *key, struct vg_src at,
			  const char *what, const char *transform, unsigned int want)
{
	if (key->len == want)
		return;
	if (!key->len)
		vg_diag_add(diags, VG_ERROR, at, "no %s key, and %s needs one of %u octets", what,
			    transform, want);
	else if (!want)
		vg_diag_add(diags, VG_ERROR, key->at, "%s key, but %s takes none", what,
			    transform);
	else
		vg_diag_add(diags, VG_ERROR, key->at, "%s key has %u octets, %s needs %u "
			    "(%u hexadecimal digits)", what, key->len, transform, want, 2 * want);
}

static void check_des_keys(struct vg_diags *diags, const struct vg_key *key,
			   enum vpngw_encr encr)
{
	unsigned int n = encr == VPNGW_ENCR_DES ? 1 : encr == VPNGW_ENCR_3DES ? 3 : 0;

	if (key->len != n * 8)
		return;
	for (unsigned int i = 0; i < n; i++) {
		if (vg_des_key_weak(key->v + 8 * i))
			vg_diag_add(diags, VG_WARNING, key->at, "this is one of the weak keys of "
				    "DES: encrypting twice may give the clear text back");
	}
	if (n == 3 && (!memcmp(key->v, key->v + 8, 8) || !memcmp(key->v + 8, key->v + 16, 8)))
		vg_diag_add(diags, VG_WARNING, key->at,
			    "two of the three keys are equal: this is single DES");
}

static void check_session_key(const struct vg_map_entry *e, const struct vg_session_key *key,
			      const char *dir, const struct vg_transform *ts,
			      struct vg_diags *diags)
{
	const struct vg_transform_info *encr = vg_encr_info(ts->encr);
	const struct vg_transform_info *auth = vg_auth_info(ts->auth);

	if (!key->spi) {
		vg_diag_add(diags, VG_ERROR, e->at,
			    "crypto map %s %u has no 'set session-key %s'", e->map, e->seq, dir);
		return;
	}
	check_key_len(diags, &key->cipher, key->at, "cipher", encr->name,
		      vg_cipher_key_len(ts->encr, ts->key_bits));
	check_key_len(diags, &key->authenticator, key->at, "authenticator",
		      auth ? auth->name : encr->name, auth ? auth->key : 0);
	check_des_keys(diags, &key->cipher, ts->encr);
}

static const char *entry_noun(const struct vg_map_entry *e)
{
	return e->type == VPNGW_POLICY_TYPE_DYNAMIC ? "crypto dynamic-map" : "crypto map";
}

static void check_static_aead(const struct vg_ref *ref, const struct vg_transform *ts,
			      struct vg_diags *diags)
{
	struct vg_diag *d;

	d = vg_diag_add(diags, VG_ERROR, ref->at, "%s with manual keys is refused: after a "
			"restart the same key meets the same nonces again, which gives the "
			"traffic and the authentication away; use esp-aes with an "
			"authenticator, or --force-static-aead for a test",
			vg_encr_info(ts->encr)->name);
	if (d)
		d->related = ts->at.line;
}

static void check_esn(const struct vg_config *cfg, const struct vg_map_entry *e,
		      const struct vg_transform *ts, struct vg_diags *diags)
{
	if (e->type != VPNGW_POLICY_TYPE_MANUAL)
		vg_diag_add(diags, VG_WARNING, ts->at, "transform set %s: esn is for keys by "
			    "hand, vpnd does not negotiate it", ts->name);
	else if (!cfg->replay_window)
		vg_diag_add(diags, VG_ERROR, ts->at, "transform set %s: esn needs a replay "
			    "window, and 'replay disable' takes it away", ts->name);
}

static void check_transforms(const struct vg_config *cfg, const struct vg_map_entry *e,
			     const struct vg_parse_options *opt, struct vg_diags *diags)
{
	const struct vg_transform *ts;

	if (!e->n_transform)
		vg_diag_add(diags, VG_ERROR, e->at, "%s %s %u has no 'set transform-set'",
			    entry_noun(e), e->map, e->seq);
	for (uint8_t i = 0; i < e->n_transform; i++) {
		ts = vg_transform_find(cfg, e->transform[i].name);
		if (!ts) {
			undefined(diags, "transform set", &e->transform[i],
				  e->transform[i].at.line);
			continue;
		}
		if (ts->esn)
			check_esn(cfg, e, ts, diags);
		if (e->type != VPNGW_POLICY_TYPE_MANUAL)
			continue;
		if (vg_encr_info(ts->encr)->salt && !opt->force_static_aead)
			check_static_aead(&e->transform[i], ts, diags);
		check_session_key(e, &e->in, "inbound", ts, diags);
		check_session_key(e, &e->out, "outbound", ts, diags);
	}
}

static bool one_port(const struct vg_port_range *v, size_t n, bool neq)
{
	return !n || (n == 1 && !neq && v->lo == v->hi);
}

/* The selectors of a manual association are what its one permit entry says. */
static void check_selector(const struct vg_ace *ace, struct vg_diags *diags)
{
	if (one_port(ace->sport, ace->n_sport, ace->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ) &&
	    one_port(ace->dport, ace->n_dport, ace->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ) &&
	    !ace->tcp_mask && !ace->tos_mask && ace->icmp_type < 0 &&
	    !(ace->flags & (VPNGW_ACE_FLAG_ESTABLISHED | VPNGW_ACE_FLAG_FRAGMENTS)))
		return;
	vg_diag_add(diags, VG_ERROR, ace->at, "an entry for a crypto map may name addresses, "
		    "a protocol and single ports (eq), nothing else");
}

static void check_map_acl(const struct vg_config *cfg, const struct vg_map_entry *e,
			  struct vg_diags *diags)
{
	const struct vg_acl *acl = vg_acl_find(cfg, e->acl.name);
	bool manual = e->type == VPNGW_POLICY_TYPE_MANUAL;
	const struct vg_ace *permit = NULL;

	if (!e->acl.name[0]) {
		vg_diag_add(diags, VG_ERROR, e->at, "crypto map %s %u has no 'match address'",
			    e->map, e->seq);
		return;
	}
	if (!acl) {
		undefined(diags, "access list", &e->acl, e->acl.at.line);
		return;
	}
	if (acl->standard) {
		vg_diag_add(diags, VG_ERROR, e->acl.at, "access list %s is a standard one, a "
			    "crypto map needs an extended one", acl->name);
		return;
	}
	for (size_t i = 0; i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];
		struct vg_diag *d;

		if (ace->action != VPNGW_ACTION_PERMIT)
			continue;
		if (!permit || !manual) {
			permit = ace;
			continue;
		}
		d = vg_diag_add(diags, VG_ERROR, ace->at, "access list %s has a second permit "
				"entry after line %u, but ipsec-manual protects the first one "
				"only and the rest would leave in clear; write one crypto map "
				"entry for each", acl->name, permit->at.line);
		if (d)
			d->related = e->acl.at.line;
		return;
	}
	if (!permit)
		vg_diag_add(diags, VG_ERROR, e->acl.at, "access list %s permits nothing, so "
			    "nothing would be protected", acl->name);
	else if (manual)
		check_selector(permit, diags);
}

static void check_maps(const struct vg_config *cfg, const struct vg_parse_options *opt,
		       struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		const struct vg_map_entry *e = &cfg->map_entry.v[i];

		if (e->type == VPNGW_POLICY_TYPE_DYNAMIC)
			continue;
		if (!e->n_peer)
			vg_diag_add(diags, VG_ERROR, e->at, "crypto map %s %u has no 'set peer'",
				    e->map, e->seq);
		check_map_acl(cfg, e, diags);
		check_transforms(cfg, e, opt, diags);
	}
	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		const struct vg_map_entry *e = &cfg->dynamic.v[i];

		if (e->acl.name[0])
			check_map_acl(cfg, e, diags);
		check_transforms(cfg, e, opt, diags);
	}
	for (size_t i = 0; i < cfg->map.n; i++) {
		const struct vg_ref *ref = &cfg->map.v[i].local_iface;

		if (ref->name[0] && !vg_iface_find(cfg, ref->name))
			undefined(diags, "interface", ref, ref->at.line);
	}
}

/*
 * The data plane knows one list for an entry of a crypto map, so a dynamic map
 * with lists has one entry only.
 */
static void resolve_dynamic(struct vg_config *cfg, struct vg_map_entry *e,
			    struct vg_diags *diags)
{
	const struct vg_map_entry *listed = NULL;
	size_t n = 0;

	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		const struct vg_map_entry *d = &cfg->dynamic.v[i];

		if (strcmp(d->map, e->dynamic.name))
			continue;
		n++;
		if (d->acl.name[0])
			listed = d;
	}
	if (!n)
		undefined(diags, "crypto dynamic-map", &e->dynamic, e->dynamic.at.line);
	if (listed && n > 1)
		vg_diag_add(diags, VG_ERROR, listed->acl.at, "'match address' in a dynamic map of "
			    "several entries is not supported yet");
	else if (listed)
		e->acl = listed->acl;
}

static void check_isakmp(struct vg_config *cfg, struct vg_diags *diags)
{
	const struct vg_ref *pool = &cfg->isakmp.pool;
	const struct vg_map_entry *first = NULL;

	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		struct vg_map_entry *e = &cfg->map_entry.v[i];

		if (e->type == VPNGW_POLICY_TYPE_MANUAL)
			continue;
		first = first ? first : e;
		if (e->type == VPNGW_POLICY_TYPE_DYNAMIC)
			resolve_dynamic(cfg, e, diags);
	}
	for (size_t i = 0; i < cfg->policy.n; i++) {
		const struct vg_isakmp_policy *p = &cfg->policy.v[i];

		if (p->auth != VG_IKE_PRE_SHARE)
			vg_diag_add(diags, VG_WARNING, p->at, "policy %u authenticates with RSA, "
				    "which is not supported: no peer can use it; write "
				    "'authentication pre-share'", p->priority);
	}
	for (size_t i = 0; i < cfg->map.n; i++) {
		const struct vg_map *map = &cfg->map.v[i];

		if ((map->initiate || map->respond) && !pool->name[0] &&
		    !map->authorization.name[0])
			vg_diag_add(diags, VG_ERROR, map->at, "crypto map %s gives addresses to "
				    "clients, and there is no 'crypto isakmp client configuration "
				    "address-pool local'", map->name);
	}
	if (pool->name[0] && !vg_local_pool_find(cfg, pool->name))
		undefined(diags, "local pool", pool, pool->at.line);
	if (first && !cfg->policy.n)
		vg_diag_add(diags, VG_WARNING, first->at, "there is no 'crypto isakmp policy': no "
			    "keys can be negotiated for crypto map %s", first->map);
	if (first && !cfg->key.n && !cfg->group.n)
		vg_diag_add(diags, VG_WARNING, first->at, "there is no 'crypto isakmp key': no "
			    "keys can be negotiated for crypto map %s", first->map);
}

static bool map_has_entries(const struct vg_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		if (!strcmp(cfg->map_entry.v[i].map, name))
			return true;
	}
	return false;
}

static void check_ifaces(const struct vg_config *cfg, struct vg_diags *diags)
{
	bool inside = false, outside = false;

	for (size_t i = 0; i < cfg->iface.n; i++) {
		const struct vg_iface *iface = &cfg->iface.v[i];

		inside |= iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE;
		outside |= iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE;
		if (iface->crypto_map.name[0] && !map_has_entries(cfg, iface->crypto_map.name))
			undefined(diags, "crypto map", &iface->crypto_map,
				  iface->crypto_map.at.line);
	}
	if (cfg->rule.n && !(inside && outside))
		vg_diag_add(diags, VG_WARNING, cfg->rule.v[0].at, "no interface is 'ip nat %s': "
			    "nothing will be translated", inside ? "outside" : "inside");
}

/**
 * vg_check - resolve the names of a configuration
 * @cfg: configuration as read by vg_parse()
 * @opt: how strictly to read
 * @diags: findings are added here
 *
 * Return: 0.
 */
int vg_check(struct vg_config *cfg, const struct vg_parse_options *opt, struct vg_diags *diags)
{
	check_route_maps(cfg, diags);
	check_rules(cfg, diags);
	vg_check_nat(cfg, diags);
	check_maps(cfg, opt, diags);
	check_isakmp(cfg, diags);
	vg_check_clients(cfg, diags);
	check_ifaces(cfg, diags);
	return 0;
}
