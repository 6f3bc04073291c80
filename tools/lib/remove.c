// SPDX-License-Identifier: GPL-2.0
/*
 * Taking nouns away. Indices into the lists of a configuration are kept while a
 * text is read, so that a noun is only emptied and marked at first; the lists are
 * closed up when all is read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ifname.h"
#include "model.h"

/**
 * vg_acl_clear - take an access list away
 * @acl: list
 */
void vg_acl_clear(struct vg_acl *acl)
{
	for (size_t i = 0; i < acl->n_remark; i++)
		free(acl->remark[i].text);
	free(acl->remark);
	free(acl->ace);
	memset(&acl->standard, 0, sizeof(*acl) - offsetof(struct vg_acl, standard));
	acl->gone = true;
}

/**
 * vg_rm_entry_clear - free what a sequence of a route-map holds
 * @e: sequence
 */
void vg_rm_entry_clear(struct vg_rm_entry *e)
{
	free(e->acl);
	free(e->iface);
	memset(e, 0, sizeof(*e));
}

/**
 * vg_route_map_clear - take a route-map away
 * @rm: route-map
 */
void vg_route_map_clear(struct vg_route_map *rm)
{
	for (size_t i = 0; i < rm->n; i++)
		vg_rm_entry_clear(&rm->entry[i]);
	free(rm->entry);
	memset(&rm->gone, 0, sizeof(*rm) - offsetof(struct vg_route_map, gone));
	rm->gone = true;
}

/**
 * vg_pool_clear - take a pool away
 * @pool: pool
 */
void vg_pool_clear(struct vg_pool *pool)
{
	free(pool->range);
	memset(&pool->gone, 0, sizeof(*pool) - offsetof(struct vg_pool, gone));
	pool->gone = true;
}

/**
 * vg_iface_clear - take the roles of an interface away
 * @iface: interface
 */
void vg_iface_clear(struct vg_iface *iface)
{
	memset(&iface->gone, 0, sizeof(*iface) - offsetof(struct vg_iface, gone));
	iface->gone = true;
}

/**
 * vg_transform_clear - take a transform set away
 * @ts: transform set
 */
void vg_transform_clear(struct vg_transform *ts)
{
	memset(&ts->gone, 0, sizeof(*ts) - offsetof(struct vg_transform, gone));
	ts->gone = true;
}

/**
 * vg_map_clear - take what holds for a whole crypto map away
 * @map: crypto map
 */
void vg_map_clear(struct vg_map *map)
{
	memset(&map->gone, 0, sizeof(*map) - offsetof(struct vg_map, gone));
	map->gone = true;
}

static void forget_names(struct vg_hash *h)
{
	for (size_t i = 0; i < h->size; i++)
		free((char *)h->v[i].key);
	vg_hash_free(h);
}

static int name_again(struct vg_hash *h, const char *name, size_t index)
{
	char *key = strdup(name);

	if (key && !vg_hash_put(h, key, index))
		return 0;
	free(key);
	return -ENOMEM;
}

#define COMPACT(list) do {								\
	size_t n_ = 0;									\
											\
	for (size_t i_ = 0; i_ < (list)->n; i_++) {					\
		if (!(list)->v[i_].gone)						\
			(list)->v[n_++] = (list)->v[i_];				\
	}										\
	if (n_ < (list)->n)								\
		explicit_bzero(&(list)->v[n_], ((list)->n - n_) * sizeof(*(list)->v));	\
	(list)->n = n_;									\
} while (0)

static int name_iface_again(struct vg_hash *h, const char *name, size_t index)
{
	char key[VG_NAME_LEN];

	vg_ifname_key(name, key);
	return name_again(h, key, index);
}

#define COMPACT_NAMED(list, names, again) ({						\
	size_t was_ = (list)->n;							\
	int ret_ = 0;									\
											\
	COMPACT(list);									\
	if ((list)->n < was_) {								\
		forget_names(names);							\
		for (size_t i_ = 0; i_ < (list)->n && !ret_; i_++)			\
			ret_ = again(names, (list)->v[i_].name, i_);			\
	}										\
	ret_;										\
})

/* Entries of crypto maps are not looked up any more once the text is read. */
static void compact_entries(struct vg_config *cfg)
{
	COMPACT(&cfg->map_entry);
	COMPACT(&cfg->dynamic);
	forget_names(&cfg->map_entry_names);
	forget_names(&cfg->dynamic_names);
}

/**
 * vg_config_compact - close the lists up where something was taken away
 * @cfg: configuration; indices into its lists are not valid any more
 *
 * Return: 0 or -ENOMEM.
 */
int vg_config_compact(struct vg_config *cfg)
{
	int ret = 0;

	ret |= COMPACT_NAMED(&cfg->acl, &cfg->acl_names, name_again);
	ret |= COMPACT_NAMED(&cfg->route_map, &cfg->route_map_names, name_again);
	ret |= COMPACT_NAMED(&cfg->pool, &cfg->pool_names, name_again);
	ret |= COMPACT_NAMED(&cfg->transform, &cfg->transform_names, name_again);
	ret |= COMPACT_NAMED(&cfg->map, &cfg->map_names, name_again);
	ret |= COMPACT_NAMED(&cfg->iface, &cfg->iface_names, name_iface_again);
	compact_entries(cfg);
	for (size_t i = 0; i < cfg->rule.n; i++)
		cfg->rule.v[i].index = i + 1;
	return ret ? -ENOMEM : 0;
}
