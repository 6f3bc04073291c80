/* SPDX-License-Identifier: GPL-2.0 */
/* NAT pools: which global addresses may be handed out, and which are. */
#ifndef _VPNGW_POOL_H
#define _VPNGW_POOL_H

#include <linux/kref.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <uapi/linux/vpngw.h>

struct vpngw_binding;

#define VPNGW_POOL_RANGE_MAX	16
#define VPNGW_POOL_ADDR_MAX	65536

/**
 * struct vpngw_pool_range - inclusive range of IPv4 addresses
 * @start: first, host byte order
 * @end: last, host byte order
 */
struct vpngw_pool_range {
	u32	start;
	u32	end;
};

/**
 * struct vpngw_pool - a pool; the definition is immutable once committed
 * @ref: one for each configuration and each binding that holds it; a reload
 *	that leaves the definition as it is keeps the object
 * @name: name
 * @line: line of the configuration
 * @type: enum vpngw_pool_type
 * @prefix_len: network part, for skipping network and broadcast addresses
 * @n_range: ranges
 * @range: ranges, disjoint
 * @total: addresses that can be handed out
 * @allocated: addresses in use. Under the translation table's lock
 * @first: no bit of @used below this one is free. Under the same lock
 * @misses: flows refused for want of an address. Under the same lock
 * @shared: with which of the addresses that hosts share a new flow begins, or NULL;
 *	without a reference. Under the same lock
 * @used: one bit for each address of the ranges, in order; addresses that are
 *	never handed out are set. Under the same lock
 * @fixed: of those set, the ones that are addresses of static rules; NULL if none is.
 *	Part of the definition
 * @rcu: defers freeing
 */
struct vpngw_pool {
	struct kref			ref;
	char				name[VPNGW_NAME_MAX + 1];
	u32				line;
	u8				type;
	u8				prefix_len;
	u32				n_range;
	struct vpngw_pool_range		range[VPNGW_POOL_RANGE_MAX];
	u32				total;
	u32				allocated;
	u32				first;
	u64				misses;
	struct vpngw_binding		*shared;
	unsigned long			*used;
	unsigned long			*fixed;
	struct rcu_head			rcu;
};

struct vpngw_pool *vpngw_pool_alloc(const char *name);
int vpngw_pool_compile(struct vpngw_pool *pool);
int vpngw_pool_fix(struct vpngw_pool *pool, const union nf_inet_addr *addr);
bool vpngw_pool_overlaps(const struct vpngw_pool *pool, __be32 addr, __be32 mask);
bool vpngw_pool_same(const struct vpngw_pool *a, const struct vpngw_pool *b);
void vpngw_pool_get(struct vpngw_pool *pool);
void vpngw_pool_put(struct vpngw_pool *pool);
bool vpngw_pool_contains(const struct vpngw_pool *pool, const union nf_inet_addr *addr);
int vpngw_pool_take(struct vpngw_pool *pool, const union nf_inet_addr *inside,
		    union nf_inet_addr *addr);
int vpngw_pool_take_addr(struct vpngw_pool *pool, const union nf_inet_addr *addr);
void vpngw_pool_give(struct vpngw_pool *pool, const union nf_inet_addr *addr);

#endif /* _VPNGW_POOL_H */
