// SPDX-License-Identifier: GPL-2.0
/*
 * NAT pools: which global addresses may be handed out, and which are.
 *
 * Every address of the ranges has a bit, in order; the addresses that the
 * netmask excludes have theirs set from the beginning.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pool.h"

/**
 * vpngw_pool_alloc() - make a pool
 * @name: name, at most VPNGW_NAME_MAX characters
 *
 * Context: process context, may sleep.
 * Return: the pool with one reference, or NULL if memory is short. The caller
 * fills in the definition and compiles it.
 */
struct vpngw_pool *vpngw_pool_alloc(const char *name)
{
	struct vpngw_pool *pool;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return NULL;
	kref_init(&pool->ref);
	strscpy(pool->name, name, sizeof(pool->name));
	return pool;
}

static u32 host_mask(u8 prefix_len)
{
	return prefix_len >= 32 ? 0 : U32_MAX >> prefix_len;
}

/*
 * The network and the broadcast address of each subnet. Subnets of one or two
 * addresses have neither (RFC 3021).
 */
static bool addr_skipped(const struct vpngw_pool *pool, u32 addr)
{
	u32 mask = host_mask(pool->prefix_len);

	if (pool->prefix_len > 30)
		return false;
	return !(addr & mask) || (addr & mask) == mask;
}

static bool ranges_overlap(const struct vpngw_pool *pool)
{
	u32 i, j;

	for (i = 0; i < pool->n_range; i++)
		for (j = 0; j < i; j++)
			if (pool->range[i].start <= pool->range[j].end &&
			    pool->range[j].start <= pool->range[i].end)
				return true;
	return false;
}

static u32 range_span(const struct vpngw_pool_range *range)
{
	return range->end - range->start + 1;
}

static int pool_check(const struct vpngw_pool *pool, u32 *bits)
{
	u32 i;

	if (pool->type != VPNGW_POOL_TYPE_GENERIC && pool->type != VPNGW_POOL_TYPE_MATCH_HOST)
		return -EOPNOTSUPP;
	if (pool->n_range > VPNGW_POOL_RANGE_MAX || pool->prefix_len > 32)
		return -EINVAL;
	*bits = 0;
	for (i = 0; i < pool->n_range; i++) {
		const struct vpngw_pool_range *range = &pool->range[i];

		if (range->end < range->start)
			return -EINVAL;
		if (range->end - range->start >= VPNGW_POOL_ADDR_MAX)
			return -E2BIG;
		*bits += range_span(range);
		if (*bits > VPNGW_POOL_ADDR_MAX)
			return -E2BIG;
	}
	return ranges_overlap(pool) ? -EINVAL : 0;
}

/**
 * vpngw_pool_compile() - make a pool ready for packets
 * @pool: pool with its definition complete
 *
 * A pool in which the netmask leaves no address is valid and always exhausted.
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL if a range is upside down or two of them overlap; -E2BIG
 * if they span more than VPNGW_POOL_ADDR_MAX addresses; -EOPNOTSUPP for a type
 * that is not for source addresses; -ENOMEM.
 */
int vpngw_pool_compile(struct vpngw_pool *pool)
{
	u32 bits, bit = 0, i, k;
	int err;

	if (pool->used)
		return 0;
	err = pool_check(pool, &bits);
	if (err)
		return err;
	/* at most 8 KiB */
	pool->used = bitmap_zalloc(bits, GFP_KERNEL_ACCOUNT);
	if (!pool->used)
		return -ENOMEM;
	pool->total = bits;
	for (i = 0; i < pool->n_range; i++) {
		for (k = 0; k < range_span(&pool->range[i]); k++, bit++) {
			if (!addr_skipped(pool, pool->range[i].start + k))
				continue;
			__set_bit(bit, pool->used);
			pool->total--;
		}
	}
	return 0;
}

static u32 pool_bits(const struct vpngw_pool *pool)
{
	u32 bits = 0, i;

	for (i = 0; i < pool->n_range; i++)
		bits += range_span(&pool->range[i]);
	return bits;
}

static bool same_fixed(const struct vpngw_pool *a, const struct vpngw_pool *b)
{
	if (!a->fixed || !b->fixed)
		return a->fixed == b->fixed;
	return bitmap_equal(a->fixed, b->fixed, pool_bits(a));
}

/**
 * vpngw_pool_same() - do two pools say the same?
 * @a: pool
 * @b: pool
 *
 * Return: true if the definitions differ at most in their line numbers.
 */
bool vpngw_pool_same(const struct vpngw_pool *a, const struct vpngw_pool *b)
{
	return !strcmp(a->name, b->name) && a->type == b->type &&
	       a->prefix_len == b->prefix_len && a->n_range == b->n_range &&
	       !memcmp(a->range, b->range, a->n_range * sizeof(a->range[0])) &&
	       same_fixed(a, b);
}

/**
 * vpngw_pool_overlaps() - does a pool have an address of a network?
 * @pool: pool
 * @addr: network
 * @mask: its mask
 *
 * Return: true if a range reaches into it
 */
bool vpngw_pool_overlaps(const struct vpngw_pool *pool, __be32 addr, __be32 mask)
{
	u32 first = ntohl(addr & mask), last = first | ~ntohl(mask), i;

	for (i = 0; i < pool->n_range; i++)
		if (pool->range[i].start <= last && first <= pool->range[i].end)
			return true;
	return false;
}

/**
 * vpngw_pool_get() - take a reference
 * @pool: pool
 */
void vpngw_pool_get(struct vpngw_pool *pool)
{
	kref_get(&pool->ref);
}

static void pool_free_rcu(struct rcu_head *rcu)
{
	struct vpngw_pool *pool = container_of(rcu, struct vpngw_pool, rcu);

	bitmap_free(pool->used);
	bitmap_free(pool->fixed);
	kfree(pool);
}

static void pool_release(struct kref *ref)
{
	struct vpngw_pool *pool = container_of(ref, struct vpngw_pool, ref);

	call_rcu(&pool->rcu, pool_free_rcu);
}

/**
 * vpngw_pool_put() - give a reference back
 * @pool: pool, or NULL
 *
 * Context: any. The pool lives on until the end of the grace period, for those
 * who reached it through a translation.
 */
void vpngw_pool_put(struct vpngw_pool *pool)
{
	if (pool)
		kref_put(&pool->ref, pool_release);
}

static bool pool_bit(const struct vpngw_pool *pool, u32 addr, u32 *bit)
{
	u32 base = 0, i;

	for (i = 0; i < pool->n_range; i++) {
		const struct vpngw_pool_range *range = &pool->range[i];

		if (addr >= range->start && addr <= range->end) {
			*bit = base + addr - range->start;
			return !addr_skipped(pool, addr);
		}
		base += range_span(range);
	}
	return false;
}

static u32 bit_addr(const struct vpngw_pool *pool, u32 bit)
{
	u32 i;

	for (i = 0; i < pool->n_range - 1 && bit >= range_span(&pool->range[i]); i++)
		bit -= range_span(&pool->range[i]);
	return pool->range[i].start + bit;
}

/**
 * vpngw_pool_contains() - can an address be handed out by a pool?
 * @pool: compiled pool
 * @addr: IPv4 address
 *
 * Context: any; looks at the definition only.
 * Return: true if it lies in a range, and neither the netmask excludes it nor a static
 * rule, whether it is in use or not.
 */
bool vpngw_pool_contains(const struct vpngw_pool *pool, const union nf_inet_addr *addr)
{
	u32 bit;

	return pool_bit(pool, ntohl(addr->ip), &bit) &&
	       !(pool->fixed && test_bit(bit, pool->fixed));
}

/**
 * vpngw_pool_fix() - never hand out an address, which a static rule has
 * @pool: compiled pool of a configuration that is not published yet
 * @addr: address; it need not be of the pool
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM
 */
int vpngw_pool_fix(struct vpngw_pool *pool, const union nf_inet_addr *addr)
{
	u32 bit;

	if (!pool_bit(pool, ntohl(addr->ip), &bit))
		return 0;
	if (!pool->fixed)
		pool->fixed = bitmap_zalloc(pool_bits(pool), GFP_KERNEL_ACCOUNT);
	if (!pool->fixed)
		return -ENOMEM;
	if (__test_and_set_bit(bit, pool->fixed))
		return 0;
	__set_bit(bit, pool->used);
	pool->total--;
	return 0;
}

static int take_bit(struct vpngw_pool *pool, u32 bit)
{
	if (__test_and_set_bit(bit, pool->used))
		return -EBUSY;
	pool->allocated++;
	return 0;
}

static int take_first(struct vpngw_pool *pool, union nf_inet_addr *addr)
{
	u32 bits = pool_bits(pool), bit;

	if (pool->allocated >= pool->total)
		return -ENOSPC;
	bit = find_next_zero_bit(pool->used, bits, pool->first);
	if (bit >= bits)
		return -ENOSPC;
	pool->first = bit + 1;
	addr->ip = htonl(bit_addr(pool, bit));
	return take_bit(pool, bit);
}

static int take_match_host(struct vpngw_pool *pool, const union nf_inet_addr *inside,
			   union nf_inet_addr *addr)
{
	u32 mask = host_mask(pool->prefix_len);
	u32 i, bit, candidate;

	for (i = 0; i < pool->n_range; i++) {
		candidate = (pool->range[i].start & ~mask) | (ntohl(inside->ip) & mask);
		if (!pool_bit(pool, candidate, &bit) || take_bit(pool, bit))
			continue;
		addr->ip = htonl(candidate);
		return 0;
	}
	return -ENOSPC;
}

/**
 * vpngw_pool_take() - hand out an address
 * @pool: compiled pool
 * @inside: inside local address of the host that gets it
 * @addr: the address, zero but for it
 *
 * A generic pool hands out the lowest free address, a match-host pool the one
 * with the host part of @inside.
 *
 * Context: any; caller holds the translation table's lock.
 * Return: 0, or -ENOSPC if there is none.
 */
int vpngw_pool_take(struct vpngw_pool *pool, const union nf_inet_addr *inside,
		    union nf_inet_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (pool->type == VPNGW_POOL_TYPE_MATCH_HOST)
		return take_match_host(pool, inside, addr);
	return take_first(pool, addr);
}

/**
 * vpngw_pool_take_addr() - hand out one particular address
 * @pool: compiled pool
 * @addr: the address
 *
 * Context: any; caller holds the translation table's lock.
 * Return: 0; -ENOENT if it is not of this pool; -EBUSY if it is in use.
 */
int vpngw_pool_take_addr(struct vpngw_pool *pool, const union nf_inet_addr *addr)
{
	u32 bit;

	if (!pool_bit(pool, ntohl(addr->ip), &bit))
		return -ENOENT;
	return take_bit(pool, bit);
}

/**
 * vpngw_pool_give() - give an address back
 * @pool: compiled pool
 * @addr: address that was taken from it
 *
 * Context: any; caller holds the translation table's lock.
 */
void vpngw_pool_give(struct vpngw_pool *pool, const union nf_inet_addr *addr)
{
	u32 bit;

	if (!pool_bit(pool, ntohl(addr->ip), &bit) || !__test_and_clear_bit(bit, pool->used))
		return;
	pool->allocated--;
	if (bit < pool->first)
		pool->first = bit;
}
