/* SPDX-License-Identifier: GPL-2.0 */
/* Bindings: which inside host holds which global address of a pool. */
#ifndef _VPNGW_BINDING_H
#define _VPNGW_BINDING_H

#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>

#include "stats.h"

struct vpngw_config;
struct vpngw_pool;
struct vpngw_xlate_table;

/**
 * struct vpngw_binding - an inside host's hold on a global address
 * @node: in a bucket of &struct vpngw_bindings, by @inside
 * @list: in the list of all bindings
 * @pool: pool that @addr is of; a reference is held. Replaced when a reload
 *	changes the pool but keeps the address. Written under the table's lock
 * @inside: inside local address; zero if hosts share @addr by port (overload)
 * @addr: inside global address
 * @refs: translations that use it. Under the table's lock
 * @orphan: no configured pool has the address any more: the translations must
 *	end. Set once, under the table's lock, together with the publication of
 *	the configuration
 * @rcu: defers freeing
 *
 * As long as one translation lives, further ones of the same host get the same
 * address. With the last one the address goes back to the pool.
 */
struct vpngw_binding {
	struct hlist_node		node;
	struct list_head		list;
	struct vpngw_pool __rcu		*pool;
	union nf_inet_addr		inside;
	union nf_inet_addr		addr;
	u32				refs;
	bool				orphan;
	struct rcu_head			rcu;
};

/**
 * struct vpngw_bindings - the bindings of a namespace; under the table's lock
 * @bucket: hash buckets
 * @mask: number of buckets less one
 * @seed: secret of the hash function
 * @list: all of them
 */
struct vpngw_bindings {
	struct hlist_head	*bucket;
	u32			mask;
	u32			seed;
	struct list_head	list;
};

int vpngw_bindings_init(struct vpngw_bindings *bindings, u32 buckets);
void vpngw_bindings_exit(struct vpngw_bindings *bindings);
bool vpngw_bindings_switch(struct vpngw_xlate_table *table, const struct vpngw_config *config);

struct vpngw_binding *vpngw_binding_next(struct vpngw_xlate_table *table,
					 const struct vpngw_pool *pool,
					 const union nf_inet_addr *inside,
					 struct vpngw_binding *after);
struct vpngw_binding *vpngw_binding_make(struct vpngw_xlate_table *table,
					 struct vpngw_pool *pool, bool shared,
					 const union nf_inet_addr *inside,
					 enum vpngw_reason *reason);
void vpngw_binding_get(struct vpngw_xlate_table *table, struct vpngw_binding *b);
void vpngw_binding_put(struct vpngw_xlate_table *table, struct vpngw_binding *b);

#endif /* _VPNGW_BINDING_H */
