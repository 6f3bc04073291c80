// SPDX-License-Identifier: GPL-2.0
/* The pools that clients get addresses from: that of all, those of groups. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"

/* Is this pool lent from? */
static bool is_used(const struct vpnd_conf *conf, const struct conf_pool *pool)
{
	if (!strcmp(pool->name, conf->pool_name))
		return true;
	for (size_t i = 0; i < conf->group.n; i++) {
		if (!strcmp(pool->name, conf->group.v[i].pool))
			return true;
	}
	return false;
}

/**
 * ike_pools_make - make the pools of a configuration
 * @ike: state without any
 *
 * Return: 0 or -errno.
 */
int ike_pools_make(struct ike *ike)
{
	const struct vpnd_conf *conf = ike->conf;

	ike->pool = calloc(conf->pool.n + 1, sizeof(*ike->pool));
	if (!ike->pool)
		return -ENOMEM;
	for (size_t i = 0; i < conf->pool.n; i++) {
		const struct conf_pool *from = &conf->pool.v[i];
		int ret;

		if (!is_used(conf, from))
			continue;
		ret = lease_pool_init(&ike->pool[ike->n_pools++], from->name, from->range,
				      from->n_ranges);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * ike_pools_free - forget all pools
 * @ike: state; nothing is lent any more
 */
void ike_pools_free(struct ike *ike)
{
	for (size_t i = 0; i < ike->n_pools; i++)
		lease_pool_free(&ike->pool[i]);
	free(ike->pool);
	ike->pool = NULL;
	ike->n_pools = 0;
}

/**
 * ike_pools_are_of - does a configuration have the same pools
 * @ike: state
 * @conf: configuration
 *
 * Return: true if so.
 */
bool ike_pools_are_of(const struct ike *ike, const struct vpnd_conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->pool.n; i++) {
		const struct conf_pool *p = &conf->pool.v[i];
		const struct lease_pool *have = &ike->pool[n];

		if (!is_used(conf, p))
			continue;
		if (n++ == ike->n_pools || strcmp(have->name, p->name) ||
		    have->n_ranges != p->n_ranges ||
		    memcmp(have->range, p->range, p->n_ranges * sizeof(*p->range)))
			return false;
	}
	return n == ike->n_pools;
}

/**
 * ike_pool_for - pool of a client
 * @ike: state
 * @group: its group, NULL without one
 *
 * Return: pool or NULL.
 */
struct lease_pool *ike_pool_for(const struct ike *ike, const struct conf_group *group)
{
	const char *name = group && group->pool[0] ? group->pool : ike->conf->pool_name;

	for (size_t i = 0; i < ike->n_pools; i++) {
		if (!strcmp(ike->pool[i].name, name))
			return &ike->pool[i];
	}
	return NULL;
}

/**
 * ike_lease_adopt - lend an address as another daemon did
 * @ike: state
 * @owner: to whom
 * @addr: which
 *
 * Return: lease with a reference for the caller, or NULL.
 */
struct lease *ike_lease_adopt(struct ike *ike, const struct lease_owner *owner, uint32_t addr)
{
	struct lease *l = NULL;

	for (size_t i = 0; i < ike->n_pools && !l; i++)
		l = lease_adopt(&ike->pool[i], owner, addr);
	return l;
}

/**
 * ike_put_lease - drop a reference to a lease, and its route with the last one
 * @ike: state
 * @lease: lease or NULL
 */
void ike_put_lease(struct ike *ike, struct lease *lease)
{
	char a[VG_ADDR_LEN];

	if (!lease || !lease_put(lease))
		return;
	ike->kernel.ops->route(ike->kernel.priv, false, lease->addr, lease->owner.peer);
	log_line(&ike->log, LOG_ISAKMP, "ISAKMP: returning address %s to pool",
		 vg_addr_str(lease->addr, a));
}
