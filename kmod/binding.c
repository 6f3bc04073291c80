// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: which inside host holds which global address of a pool.
 *
 * They stand between translations and pools so that a reload has few objects
 * to carry over: a changed pool takes the bindings of its predecessor whose
 * addresses it has, and what is left over ends.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "binding.h"
#include "config.h"
#include "pool.h"
#include "xlate_table.h"

static struct hlist_head *binding_bucket(const struct vpngw_bindings *bindings,
					 const union nf_inet_addr *inside)
{
	u32 hash = jhash_1word((__force u32)inside->ip, bindings->seed);

	return &bindings->bucket[hash & bindings->mask];
}

static struct vpngw_pool *binding_pool(const struct vpngw_xlate_table *table,
				       const struct vpngw_binding *b)
{
	return rcu_dereference_protected(b->pool, lockdep_is_held(&table->lock));
}

/**
 * vpngw_bindings_init() - prepare the bindings of a namespace
 * @bindings: storage, zero
 * @buckets: size of the hash, a power of two
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int vpngw_bindings_init(struct vpngw_bindings *bindings, u32 buckets)
{
	bindings->bucket = kvcalloc(buckets, sizeof(*bindings->bucket), GFP_KERNEL_ACCOUNT);
	if (!bindings->bucket)
		return -ENOMEM;
	bindings->mask = buckets - 1;
	bindings->seed = get_random_u32();
	INIT_LIST_HEAD(&bindings->list);
	return 0;
}

/**
 * vpngw_bindings_exit() - free what vpngw_bindings_init() made
 * @bindings: without any binding
 *
 * Context: process context.
 */
void vpngw_bindings_exit(struct vpngw_bindings *bindings)
{
	WARN_ON_ONCE(!list_empty(&bindings->list));
	kvfree(bindings->bucket);
}

/**
 * vpngw_binding_next() - find the hold of a host on an address of a pool
 * @table: translation table
 * @pool: pool
 * @inside: inside local address; zero for addresses shared by port
 * @after: binding found before, of which the next one is wanted, or NULL. An
 *	inside host has one; shared ones can be several
 *
 * Context: caller holds the table's lock.
 * Return: the binding, without a reference, or NULL.
 */
struct vpngw_binding *vpngw_binding_next(struct vpngw_xlate_table *table,
					 const struct vpngw_pool *pool,
					 const union nf_inet_addr *inside,
					 struct vpngw_binding *after)
{
	struct vpngw_binding *b;

	lockdep_assert_held(&table->lock);

	if (after)
		b = hlist_entry_safe(after->node.next, struct vpngw_binding, node);
	else
		b = hlist_entry_safe(binding_bucket(&table->bindings, inside)->first,
				     struct vpngw_binding, node);
	hlist_for_each_entry_from(b, node)
		if (b->inside.ip == inside->ip && !b->orphan && binding_pool(table, b) == pool)
			return b;
	return NULL;
}

/**
 * vpngw_binding_make() - give a host an address of a pool
 * @table: translation table
 * @pool: pool
 * @shared: hosts may share the address by port
 * @inside: inside local address of the host
 * @reason: why not, if it fails
 *
 * Context: any; caller holds the table's lock.
 * Return: the binding with one reference, or NULL.
 */
struct vpngw_binding *vpngw_binding_make(struct vpngw_xlate_table *table,
					 struct vpngw_pool *pool, bool shared,
					 const union nf_inet_addr *inside,
					 enum vpngw_reason *reason)
{
	struct vpngw_binding *b;

	lockdep_assert_held(&table->lock);

	b = kzalloc(sizeof(*b), GFP_ATOMIC | __GFP_NOWARN);
	if (!b) {
		*reason = VPNGW_REASON_NO_MEMORY;
		return NULL;
	}
	if (vpngw_pool_take(pool, inside, &b->addr)) {
		kfree(b);
		*reason = VPNGW_REASON_NAT_POOL_EXHAUSTED;
		return NULL;
	}
	if (!shared)
		b->inside = *inside;
	b->refs = 1;
	vpngw_pool_get(pool);
	rcu_assign_pointer(b->pool, pool);
	hlist_add_head(&b->node, binding_bucket(&table->bindings, &b->inside));
	list_add_tail(&b->list, &table->bindings.list);
	return b;
}

/**
 * vpngw_binding_get() - take a reference
 * @table: translation table
 * @b: binding
 *
 * Context: caller holds the table's lock.
 */
void vpngw_binding_get(struct vpngw_xlate_table *table, struct vpngw_binding *b)
{
	lockdep_assert_held(&table->lock);

	b->refs++;
}

/**
 * vpngw_binding_put() - give a reference back, and with the last one the address
 * @table: translation table
 * @b: binding, or NULL
 *
 * Context: caller holds the table's lock. Packets that reached the binding
 * through a translation may look at it until the end of the grace period.
 */
void vpngw_binding_put(struct vpngw_xlate_table *table, struct vpngw_binding *b)
{
	struct vpngw_pool *pool;

	lockdep_assert_held(&table->lock);

	if (!b || --b->refs)
		return;
	pool = binding_pool(table, b);
	if (pool->shared == b)
		pool->shared = NULL;
	hlist_del(&b->node);
	list_del(&b->list);
	vpngw_pool_give(pool, &b->addr);
	vpngw_pool_put(pool);
	kfree_rcu(b, rcu);
}

static struct vpngw_pool *pool_successor(const struct vpngw_config *config,
					 struct vpngw_pool *pool)
{
	u32 i;

	if (!config)
		return NULL;
	for (i = 0; i < config->n_pool; i++)
		if (config->pool[i] == pool)
			return pool;
	return vpngw_config_pool(config, pool->name);
}

/* Does a rule hand out addresses of a pool so, to one host each or to many by port? */
static bool pool_handed_out(const struct vpngw_config *config, const struct vpngw_pool *pool,
			    bool shared)
{
	const struct vpngw_rule *rule;

	list_for_each_entry(rule, &config->rules, node)
		if (rule->pool == pool && vpngw_rule_shares(rule) == shared)
			return true;
	return false;
}

/**
 * vpngw_bindings_switch() - carry the bindings over to another configuration
 * @table: translation table
 * @config: configuration that is about to be published, or NULL
 *
 * Left over are those whose address no pool has, or one whose rules hand addresses out
 * otherwise: to hosts and not by port, or by port and not to hosts. They would be in the
 * way of those until the last of their translations ends.
 *
 * Context: caller holds &struct vpngw_net.lock and the table's lock, and
 * publishes @config before it drops the latter.
 * Return: true if bindings were left over; their translations must end.
 */
bool vpngw_bindings_switch(struct vpngw_xlate_table *table, const struct vpngw_config *config)
{
	struct vpngw_pool *pool, *last = NULL, *next = NULL;
	bool orphans = false, kept[2] = {};
	struct vpngw_binding *b;

	lockdep_assert_held(&table->lock);

	list_for_each_entry(b, &table->bindings.list, list) {
		if (b->orphan)
			continue;
		pool = binding_pool(table, b);
		if (pool != last) {
			last = pool;
			next = pool_successor(config, pool);
			kept[false] = next && pool_handed_out(config, next, false);
			kept[true] = next && pool_handed_out(config, next, true);
		}
		if (next == pool && kept[!b->inside.ip])
			continue;
		if (pool->shared == b)
			pool->shared = NULL;
		if (!kept[!b->inside.ip] || vpngw_pool_take_addr(next, &b->addr)) {
			WRITE_ONCE(b->orphan, true);
			orphans = true;
			continue;
		}
		vpngw_pool_get(next);
		rcu_assign_pointer(b->pool, next);
		vpngw_pool_give(pool, &b->addr);
		vpngw_pool_put(pool);
	}
	return orphans;
}
