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
 * @pool: pool; stays where it is
 * @name: its name
 * @range: its addresses, host byte order
 * @n: number of ranges
 *
 * Return: 0 or -errno.
 */
int lease_pool_init(struct lease_pool *pool, const char *name, const struct lease_range *range,
		    size_t n)
{
	size_t at = 0;

	memset(pool, 0, sizeof(*pool));
	pool->free.prev = &pool->free;
	pool->free.next = &pool->free;
	if (n > LEASE_RANGES_MAX)
		return -EINVAL;
	strncpy(pool->name, name, sizeof(pool->name) - 1);
	for (size_t i = 0; i < n; i++) {
		if (range[i].end < range[i].start || range[i].end - range[i].start > 0xffff)
			return -EINVAL;
		pool->range[i] = range[i];
		pool->n += range[i].end - range[i].start + 1;
	}
	pool->n_ranges = n;
	pool->v = calloc(pool->n + 1, sizeof(*pool->v));
	if (!pool->v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k <= range[i].end - range[i].start; k++, at++) {
			pool->v[at].pool = pool;
			pool->v[at].addr = range[i].start + k;
			link_free(pool, &pool->v[at]);
		}
	}
	return 0;
}

static struct lease *find(const struct lease_pool *pool, uint32_t addr)
{
	size_t at = 0;

	for (size_t i = 0; i < pool->n_ranges; i++) {
		const struct lease_range *r = &pool->range[i];

		if (addr >= r->start && addr <= r->end)
			return &pool->v[at + addr - r->start];
		at += r->end - r->start + 1;
	}
	return NULL;
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
	struct lease *l = find(pool, addr);

	return l && owned_by(l, owner) ? lend(pool, l, owner) : NULL;
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
	struct lease *l = find(pool, addr);

	if (!l)
		return NULL;
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
 * @lease: lease
 *
 * Return: true if it was the last one and the address is free now.
 */
bool lease_put(struct lease *lease)
{
	if (--lease->refs)
		return false;
	link_free(lease->pool, lease);
	return true;
}
