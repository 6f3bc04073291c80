/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses lent to clients. */
#ifndef VPND_LEASE_H
#define VPND_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEASE_OWNER_MAX 176

/**
 * struct lease_owner - who leases
 * @v: identity, as octets that can be compared
 * @peer: outer address; two places that claim one identity are two clients
 * @port: the same
 */
struct lease_owner {
	uint8_t v[LEASE_OWNER_MAX];
	uint8_t len;
	uint16_t port;
	uint32_t peer;
};

struct lease_pool;

/**
 * struct lease - one address
 * @pool: pool that it belongs to
 * @refs: ISAKMP SAs and pairs of IPsec SAs that hold it
 * @owner: who has it or, while it is free, who had it last
 * @prev: in the queue of free addresses
 * @next: the same
 */
struct lease {
	struct lease_pool *pool;
	uint32_t addr;
	unsigned int refs;
	struct lease_owner owner;
	struct lease *prev, *next;
};

/* Addresses from @start to @end. */
struct lease_range {
	uint32_t start, end;
};

#define LEASE_RANGES_MAX 8		/* of one pool; the data plane has as many */

/**
 * struct lease_pool - a pool
 * @name: its name
 * @range: its ranges, @n_ranges of them
 * @v: its addresses, range by range
 * @free: head of the queue of free ones; taken from the front, returned at the back
 */
struct lease_pool {
	char name[64];
	struct lease_range range[LEASE_RANGES_MAX];
	size_t n_ranges;
	struct lease *v, free;
	size_t n, n_free;
};

int lease_pool_init(struct lease_pool *pool, const char *name, const struct lease_range *range,
		    size_t n);
void lease_pool_free(struct lease_pool *pool);
struct lease *lease_take(struct lease_pool *pool, const struct lease_owner *owner);
struct lease *lease_retake(struct lease_pool *pool, const struct lease_owner *owner,
			   uint32_t addr);
struct lease *lease_adopt(struct lease_pool *pool, const struct lease_owner *owner,
			  uint32_t addr);
struct lease *lease_hold(struct lease *lease);
bool lease_put(struct lease *lease);

#endif
