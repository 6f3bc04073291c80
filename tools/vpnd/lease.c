// SPDX-License-Identifier: GPL-2.0
/*
 * A queue: the address that has been free for longest is lent next, so that a
 * client that comes back finds the one it had. An address is never taken from
 * somebody: an exhausted pool refuses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lease.h"

static void unlink_free(struct lease_pool *pool, struct lease *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->prev = NULL;
	l->next = NULL;
	pool->n_free--;
}

static void link_free(struct lease_pool *pool, struct lease *l)
{
	l->prev = pool->free.prev;
	l->next = &pool->free;
	l->prev->next = l;
	l->next->prev = l;
	pool->n_free++;
}

/* A free address waits for its identity; one in use is shared by one place only. */
static bool owned_by(const struct lease *l, const struct lease_owner *owner)
{
	if (l->refs && (l->owner.peer != owner->peer || l->owner.port != owner->port))
		return false;
	return l->owner.len && l->owner.len == owner->len &&
		!memcmp(l->owner.v, owner->v, owner->len);
}

/**
 * lease_pool_init - make a pool
 * @pool: pool
 * @start: first address, host byte order
 * @end: last address
 *
 * Return: 0 or -errno.
 */
int lease_pool_init(struct lease_pool *pool, uint32_t start, uint32_t end)
{
	memset(pool, 0, sizeof(*pool));
	pool->free.prev = &pool->free;
	pool->free.next = &pool->free;
	if (end < start || end - start > 0xffff)
		return -EINVAL;
	pool->n = end - start + 1;
	pool->v = calloc(pool->n, sizeof(*pool->v));
	if (!pool->v)
		return -ENOMEM;
	for (size_t i = 0; i < pool->n; i++) {
		pool->v[i].addr = start + i;
		link_free(pool, &pool->v[i]);
	}
	return 0;
}

/**
 * lease_pool_free - forget a pool
 * @pool: pool, nothing of which is lent any more
 */
void lease_pool_free(struct lease_pool *pool)
{
	free(pool->v);
	memset(pool, 0, sizeof(*pool));
}

static struct lease *lend(struct lease_pool *pool, struct lease *l,
			  const struct lease_owner *owner)
{
	if (!l->refs)
		unlink_free(pool, l);
	l->owner = *owner;
	l->refs++;
	return l;
}

/**
 * lease_take - lend an address
 * @pool: pool
 * @owner: who asks; gets the address it has or had, else the one that has been
 *	free for longest
 *
 * Return: lease with a reference for the caller, or NULL if none is free.
 */
struct lease *lease_take(struct lease_pool *pool, const struct lease_owner *owner)
{
	for (size_t i = 0; i < pool->n; i++) {
		if (owned_by(&pool->v[i], owner))
			return lend(pool, &pool->v[i], owner);
	}
	if (!pool->n_free)
		return NULL;
	return lend(pool, pool->free.next, owner);
}

/**
 * lease_retake - lend an address again to the client that had it
 * @pool: pool
 * @owner: who asks
 * @addr: for which
 *
 * Return: lease with a reference for the caller, or NULL if that address was last
 * lent to somebody else, or is no address of the pool.
 */
struct lease *lease_retake(struct lease_pool *pool, const struct lease_owner *owner,
			   uint32_t addr)
{
	struct lease *l;

	if (!pool->n || addr < pool->v[0].addr || addr - pool->v[0].addr >= pool->n)
		return NULL;
	l = &pool->v[addr - pool->v[0].addr];
	return owned_by(l, owner) ? lend(pool, l, owner) : NULL;
}

/**
 * lease_adopt - lend an address as another daemon did
 * @pool: pool
 * @owner: to whom
 * @addr: which
 *
 * Return: lease with a reference for the caller, or NULL if the pool does not have
 * that address, or somebody else has it.
 */
struct lease *lease_adopt(struct lease_pool *pool, const struct lease_owner *owner,
			  uint32_t addr)
{
	struct lease *l;

	if (!pool->n || addr < pool->v[0].addr || addr - pool->v[0].addr >= pool->n)
		return NULL;
	l = &pool->v[addr - pool->v[0].addr];
	return !l->refs || owned_by(l, owner) ? lend(pool, l, owner) : NULL;
}

/**
 * lease_hold - another reference
 * @lease: lease or NULL
 *
 * Return: @lease.
 */
struct lease *lease_hold(struct lease *lease)
{
	if (lease)
		lease->refs++;
	return lease;
}

/**
 * lease_put - drop a reference
 * @pool: pool
 * @lease: lease
 *
 * Return: true if it was the last one and the address is free now.
 */
bool lease_put(struct lease_pool *pool, struct lease *lease)
{
	if (--lease->refs)
		return false;
	link_free(pool, lease);
	return true;
}
