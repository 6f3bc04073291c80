// SPDX-License-Identifier: GPL-2.0
/* Life of the model: look-up by name, creation on first mention, wiping. */
#include <stdlib.h>
#include <string.h>

#include "ifname.h"
#include "model.h"
#include "secrets.h"

/**
 * vg_config_new - an empty configuration
 *
 * Return: the configuration with IOS defaults, or NULL without memory.
 */
struct vg_config *vg_config_new(void)
{
	struct vg_config *cfg = calloc(1, sizeof(*cfg));

	if (!cfg)
		return NULL;
	cfg->life = VG_LIFE_IPSEC;
	cfg->kilobytes = VG_LIFE_VOLUME;
	cfg->replay_window = 64;
	cfg->df_flags = VPNGW_SA_FLAG_DF_COPY;
	return cfg;
}

/*
 * A name may be taken away and come back ("no access-list 101"), so hash keys
 * are copies and live until the end. KEY makes that of a name.
 */
#define DEFINE_NOUN(noun, member, make_key)						\
struct vg_##noun *vg_##noun##_find(const struct vg_config *cfg, const char *name)	\
{											\
	char buf[VG_NAME_LEN];								\
	size_t i;									\
											\
	if (!vg_hash_get(&cfg->member##_names, make_key(name, buf), &i) ||		\
	    cfg->member.v[i].gone)							\
		return NULL;								\
	return &cfg->member.v[i];							\
}											\
											\
struct vg_##noun *vg_##noun##_get(struct vg_config *cfg, const char *name,		\
				  struct vg_src at)					\
{											\
	struct vg_##noun *obj = vg_##noun##_find(cfg, name);				\
	char *key, buf[VG_NAME_LEN];							\
	size_t i;									\
											\
	if (obj)									\
		return obj;								\
	if (vg_hash_get(&cfg->member##_names, make_key(name, buf), &i)) {		\
		obj = &cfg->member.v[i];	/* gone, and comes back */		\
		obj->gone = false;							\
		obj->at = at;								\
		return obj;								\
	}										\
	key = strdup(make_key(name, buf));						\
	if (!key)									\
		return NULL;								\
	if (vg_hash_put(&cfg->member##_names, key, cfg->member.n)) {			\
		free(key);								\
		return NULL;								\
	}										\
	obj = vg_push(&cfg->member.v, &cfg->member.n, &cfg->member.cap);		\
	if (!obj)									\
		return NULL;								\
	strncpy(obj->name, name, sizeof(obj->name) - 1);				\
	obj->at = at;									\
	return obj;									\
}

static const char *as_it_is(const char *name, char buf[VG_NAME_LEN])
{
	return name;
}

static const char *iface_key(const char *name, char buf[VG_NAME_LEN])
{
	vg_ifname_key(name, buf);
	return buf;
}

DEFINE_NOUN(acl, acl, as_it_is)
DEFINE_NOUN(route_map, route_map, as_it_is)
DEFINE_NOUN(pool, pool, as_it_is)
DEFINE_NOUN(transform, transform, as_it_is)
DEFINE_NOUN(map, map, as_it_is)
DEFINE_NOUN(iface, iface, iface_key)

/**
 * vg_isakmp_key_for - pre-shared key for a peer; the most specific one wins
 * @cfg: configuration
 * @peer: address
 *
 * Main mode chooses before it knows any identity (RFC 2409 5.4), hence by
 * address alone.
 *
 * Return: the key or NULL.
 */
const struct vg_isakmp_key *vg_isakmp_key_for(const struct vg_config *cfg, uint32_t peer)
{
	const struct vg_isakmp_key *best = NULL;

	for (size_t i = 0; i < cfg->key.n; i++) {
		const struct vg_isakmp_key *key = &cfg->key.v[i];

		if ((peer & key->mask) == key->addr && (!best || key->mask > best->mask))
			best = key;
	}
	return best;
}

/**
 * vg_acl_name - the name of an access list, of which a number is one
 * @name: as it was written, or NULL
 *
 * Return: part of @name: 07 is 7
 */
const char *vg_acl_name(const char *name)
{
	if (!name || name[strspn(name, "0123456789")])
		return name;
	while (name[0] == '0' && name[1])
		name++;
	return name;
}

/**
 * vg_local_pool_find - first range of a pool of client addresses
 * @cfg: configuration
 * @name: name
 *
 * Return: the range or NULL.
 */
const struct vg_local_pool *vg_local_pool_find(const struct vg_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		if (!strcmp(cfg->local_pool.v[i].name, name))
			return &cfg->local_pool.v[i];
	}
	return NULL;
}

/**
 * vg_aaa_list_find - list of aaa by name
 * @cfg: configuration
 * @name: name
 * @network: of "authorization network", else of "authentication login"
 *
 * Return: the list or NULL.
 */
const struct vg_aaa_list *vg_aaa_list_find(const struct vg_config *cfg, const char *name,
					   bool network)
{
	for (size_t i = 0; i < cfg->aaa_list.n; i++) {
		const struct vg_aaa_list *l = &cfg->aaa_list.v[i];

		if (l->network == network && !strcmp(l->name, name))
			return l;
	}
	return NULL;
}

/**
 * vg_is_client_pool - may clients of a crypto map get addresses of a pool
 * @cfg: configuration
 * @map: crypto map
 * @name: name of the pool
 *
 * Return: true if it is the one of all clients, or that of a group.
 */
bool vg_is_client_pool(const struct vg_config *cfg, const struct vg_map *map, const char *name)
{
	if (!map->initiate && !map->respond)
		return false;
	if (!strcmp(cfg->isakmp.pool.name, name))
		return true;
	for (size_t i = 0; map->authorization.name[0] && i < cfg->group.n; i++) {
		if (!strcmp(cfg->group.v[i].pool.name, name))
			return true;
	}
	return false;
}

/**
 * vg_route_map_foreign - is this route-map for something else than translation
 * @rm: route-map
 *
 * Return: true if a sequence has clauses that only routing understands.
 */
bool vg_route_map_foreign(const struct vg_route_map *rm)
{
	for (size_t i = 0; i < rm->n; i++) {
		if (rm->entry[i].foreign.line)
			return true;
	}
	return false;
}

/**
 * vg_iface_has_role - must this interface be bound to a device
 * @iface: interface
 *
 * Return: true if packets are treated differently there.
 */
bool vg_iface_has_role(const struct vg_iface *iface)
{
	return iface->crypto_map.name[0] ||
	       iface->flags & (VPNGW_IFACE_FLAG_NAT_INSIDE | VPNGW_IFACE_FLAG_NAT_OUTSIDE);
}

/**
 * vg_config_is_empty - does it say nothing about VPN and NAT
 * @cfg: configuration as it was read
 *
 * Return: true if loading it would only take away what is there.
 */
bool vg_config_is_empty(const struct vg_config *cfg)
{
	static const struct vg_isakmp no_isakmp;
	static const struct vg_nat no_nat;
	size_t n = cfg->acl.n + cfg->route_map.n + cfg->pool.n + cfg->rule.n + cfg->transform.n +
		   cfg->map.n + cfg->map_entry.n + cfg->dynamic.n + cfg->policy.n + cfg->key.n +
		   cfg->group.n + cfg->user.n + cfg->aaa_list.n + cfg->iface.n + cfg->route.n +
		   cfg->local_pool.n;

	return !n && !cfg->aaa && !cfg->no_nat_t && cfg->life == VG_LIFE_IPSEC &&
	       cfg->kilobytes == VG_LIFE_VOLUME && cfg->replay_window == 64 &&
	       cfg->df_flags == VPNGW_SA_FLAG_DF_COPY &&
	       !memcmp(&cfg->isakmp, &no_isakmp, sizeof(no_isakmp)) &&
	       !memcmp(&cfg->nat, &no_nat, sizeof(no_nat));
}

/**
 * vg_config_line - copy of one line of the text, without keys
 * @cfg: configuration
 * @line: number, from 1
 *
 * Return: a string to free, or NULL.
 */
char *vg_config_line(const struct vg_config *cfg, unsigned int line)
{
	char *copy;

	if (!line || line > cfg->n_lines)
		return NULL;
	copy = strdup(cfg->lines[line - 1]);
	if (copy)
		vg_mask_secrets(copy);
	return copy;
}

static void wipe_session_key(struct vg_session_key *key)
{
	explicit_bzero(&key->cipher, sizeof(key->cipher));
	explicit_bzero(&key->authenticator, sizeof(key->authenticator));
}

/**
 * vg_config_wipe_keys - overwrite all keys of a configuration
 * @cfg: configuration; its text is overwritten only by vg_config_free()
 */
void vg_config_wipe_keys(struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		wipe_session_key(&cfg->map_entry.v[i].in);
		wipe_session_key(&cfg->map_entry.v[i].out);
	}
	for (size_t i = 0; i < cfg->key.n; i++)
		explicit_bzero(cfg->key.v[i].secret, sizeof(cfg->key.v[i].secret));
	for (size_t i = 0; i < cfg->group.n; i++)
		explicit_bzero(cfg->group.v[i].secret, sizeof(cfg->group.v[i].secret));
	for (size_t i = 0; i < cfg->user.n; i++)
		explicit_bzero(cfg->user.v[i].secret, sizeof(cfg->user.v[i].secret));
	for (size_t i = 0; i < cfg->sa.n; i++) {
		explicit_bzero(&cfg->sa.v[i].enc_key, sizeof(cfg->sa.v[i].enc_key));
		explicit_bzero(&cfg->sa.v[i].auth_key, sizeof(cfg->sa.v[i].auth_key));
	}
}

static void free_names(struct vg_hash *h)
{
	for (size_t i = 0; i < h->size; i++)
		free((char *)h->v[i].key);
	vg_hash_free(h);
}

/**
 * vg_config_reset - wipe a configuration and make it empty again
 * @cfg: configuration
 */
void vg_config_reset(struct vg_config *cfg)
{
	vg_config_wipe_keys(cfg);
	for (size_t i = 0; i < cfg->acl.n; i++)
		vg_acl_clear(&cfg->acl.v[i]);
	for (size_t i = 0; i < cfg->route_map.n; i++)
		vg_route_map_clear(&cfg->route_map.v[i]);
	for (size_t i = 0; i < cfg->pool.n; i++)
		vg_pool_clear(&cfg->pool.v[i]);
	for (size_t i = 0; i < cfg->kept.n; i++) {
		explicit_bzero(cfg->kept.v[i].text, strlen(cfg->kept.v[i].text));
		free(cfg->kept.v[i].text);
		free(cfg->kept.v[i].owner);
	}
	free(cfg->acl.v);
	free(cfg->route_map.v);
	free(cfg->pool.v);
	free(cfg->rule.v);
	free(cfg->transform.v);
	free(cfg->map.v);
	free(cfg->map_entry.v);
	free(cfg->dynamic.v);
	free(cfg->policy.v);
	free(cfg->key.v);
	free(cfg->group.v);
	free(cfg->user.v);
	free(cfg->aaa_list.v);
	free(cfg->iface.v);
	free(cfg->route.v);
	free(cfg->local_pool.v);
	free(cfg->kept.v);
	free(cfg->sa.v);
	free(cfg->xlate.v);
	free(cfg->drop.v);
	free_names(&cfg->acl_names);
	free_names(&cfg->route_map_names);
	free_names(&cfg->pool_names);
	free_names(&cfg->transform_names);
	free_names(&cfg->map_names);
	free_names(&cfg->iface_names);
	free_names(&cfg->map_entry_names);
	free_names(&cfg->dynamic_names);
	if (cfg->text)
		explicit_bzero(cfg->text, cfg->text_len);
	free(cfg->text);
	free(cfg->lines);
	memset(cfg, 0, sizeof(*cfg));
}

/**
 * vg_config_free - wipe and free a configuration
 * @cfg: configuration or NULL
 */
void vg_config_free(struct vg_config *cfg)
{
	if (!cfg)
		return;
	vg_config_reset(cfg);
	free(cfg);
}
