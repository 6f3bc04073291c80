// SPDX-License-Identifier: GPL-2.0
/*
 * Translations: the table, the look-up, the ways in and out.
 *
 * A translation stands in the hash table twice, under the tuple with which
 * packets of either direction arrive. Packets read under RCU; whoever makes or
 * ends a translation holds the table's lock. Who makes them: xlate_make.c; what
 * keeps them alive: xlate_time.c; what ends them: xlate_gc.c.
 */
#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "flow.h"
#include "nl_event.h"
#include "trace.h"
#include "xlate_table.h"

#define BUCKETS_MIN	64
#define BUCKETS_MAX	BIT(24)
/* One bucket for so much memory: a table that never grows has to be large enough
 * for as many as memory suggests, and buckets are little of it.
 */
#define MEMORY_PER_BUCKET	4096
#define BUCKETS_AUTO_MAX	BIT(20)
/* Translations are made while packets are at work, so no memory cgroup pays for them:
 * without a limit in the configuration they stop at this part of the memory.
 */
#define MEMORY_PART		4

static unsigned int nat_buckets;
module_param(nat_buckets, uint, 0444);
MODULE_PARM_DESC(nat_buckets, "hash buckets for translations in each namespace; default by memory");

static struct kmem_cache *xlate_cache;

/**
 * vpngw_xlate_module_init() - prepare what all namespaces share
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int vpngw_xlate_module_init(void)
{
	/* a packet's look-up touches one node, which is one cache line */
	BUILD_BUG_ON(sizeof(struct vpngw_xlate_node) > 64);

	xlate_cache = kmem_cache_create("vpngw_xlate", sizeof(struct vpngw_xlate), 0,
					SLAB_HWCACHE_ALIGN, NULL);
	return xlate_cache ? 0 : -ENOMEM;
}

/**
 * vpngw_xlate_module_exit() - free what all namespaces shared
 *
 * Context: module exit, after the last namespace; waits for translations,
 * bindings and pools whose freeing was deferred.
 */
void vpngw_xlate_module_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(xlate_cache);
}

/**
 * vpngw_xlate_new() - memory for a translation
 *
 * Context: packet path.
 * Return: a translation, all zero, or NULL.
 */
struct vpngw_xlate *vpngw_xlate_new(void)
{
	return kmem_cache_zalloc(xlate_cache, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * vpngw_xlate_discard() - free a translation that was never in the table
 * @x: translation
 */
void vpngw_xlate_discard(struct vpngw_xlate *x)
{
	kmem_cache_free(xlate_cache, x);
}

static u32 tuple_hash(const struct vpngw_xlate_table *table, const struct vpngw_tuple *t, u8 dir)
{
	u32 ports = (__force u32)t->sport << 16 | (__force u32)t->dport;

	return hsiphash_4u32((__force u32)t->src.ip, (__force u32)t->dst.ip, ports,
			     t->proto << 8 | dir, &table->key);
}

static bool tuple_equal(const struct vpngw_tuple *a, const struct vpngw_tuple *b)
{
	return a->src.ip == b->src.ip && a->dst.ip == b->dst.ip && a->sport == b->sport &&
	       a->dport == b->dport && a->proto == b->proto;
}

/* The translation with exactly this tuple, which may be past its time. */
static struct vpngw_xlate *probe(const struct vpngw_xlate_table *table,
				 const struct vpngw_tuple *t, enum vpngw_xlate_dir dir, u32 hash)
{
	struct vpngw_xlate_node *node;

	hlist_for_each_entry_rcu(node, &table->bucket[hash & table->mask], node,
				 lockdep_is_held(&table->lock))
		if (node->dir == dir && tuple_equal(&node->tuple, t))
			return container_of(node - dir, struct vpngw_xlate, n[0]);
	return NULL;
}

/**
 * vpngw_xlate_clash() - find the translation that has a tuple of a new one
 * @table: translation table
 * @x: translation that is being made
 * @dir: which of its tuples
 *
 * To be called again for a tuple that has changed, since it is here that the place
 * of @x in the table is found.
 *
 * Context: packet path; caller holds the table's lock.
 * Return: the translation, which may be past its time, or NULL.
 */
struct vpngw_xlate *vpngw_xlate_clash(const struct vpngw_xlate_table *table,
				      struct vpngw_xlate *x, enum vpngw_xlate_dir dir)
{
	struct vpngw_xlate_node *node = &x->n[dir];

	lockdep_assert_held(&table->lock);

	node->dir = dir;
	node->hash = tuple_hash(table, &node->tuple, dir);
	return probe(table, &node->tuple, dir, node->hash);
}

static struct vpngw_xlate *find_simple(const struct vpngw_xlate_table *table,
				       const struct vpngw_tuple *t, enum vpngw_xlate_dir dir)
{
	struct vpngw_tuple key = { .family = t->family };

	if (dir == VPNGW_XLATE_OUT)
		key.src = t->src;
	else
		key.dst = t->dst;
	return probe(table, &key, dir, tuple_hash(table, &key, dir));
}

/**
 * vpngw_xlate_find() - find the translation of a packet
 * @vn: namespace
 * @t: tuple of the packet as it arrives
 * @dir: its direction
 *
 * An extended entry goes before a simple one.
 *
 * Context: packet path, under RCU, which keeps the result alive.
 * Return: the translation, or NULL if there is none or its time is up.
 */
struct vpngw_xlate *vpngw_xlate_find(const struct vpngw_net *vn,
				     const struct vpngw_tuple *t,
				     enum vpngw_xlate_dir dir)
{
	const struct vpngw_xlate_table *table = vn->xlates;
	struct vpngw_xlate *x;

	x = probe(table, t, dir, tuple_hash(table, t, dir));
	if (likely(x && !vpngw_xlate_expired(x)))
		return x;
	if (!READ_ONCE(table->n_simple))
		return NULL;
	x = find_simple(table, t, dir);
	return x && !vpngw_xlate_expired(x) ? x : NULL;
}

/* Once in four thousand million translations, so that ids go on ascending. */
static void renumber(struct vpngw_xlate_table *table)
{
	struct vpngw_xlate *x;

	table->last_id = 0;
	list_for_each_entry(x, &table->all, all)
		WRITE_ONCE(x->id, ++table->last_id);
}

/* Flows that this translation is for were decided without it, or by it. */
static void forget_flows(const struct vpngw_xlate_table *table, const struct vpngw_xlate *x)
{
	if (x->flags & VPNGW_XLATE_FLAG_EXTENDED)
		vpngw_flows_forget_tuple(table->vn, &x->n[VPNGW_XLATE_OUT].tuple);
	else
		vpngw_flows_forget(table->vn);
}

/**
 * vpngw_xlate_link() - put a translation into the table
 * @table: translation table
 * @x: complete translation, of which neither tuple has a vpngw_xlate_clash(); gets
 *	its identity
 *
 * Context: packet path; caller holds the table's lock.
 */
void vpngw_xlate_link(struct vpngw_xlate_table *table, struct vpngw_xlate *x)
{
	int dir;

	lockdep_assert_held(&table->lock);

	if (table->last_id == U32_MAX)
		renumber(table);
	x->id = ++table->last_id;
	if (x->flags & VPNGW_XLATE_FLAG_EXTENDED)
		WRITE_ONCE(table->n_extended, table->n_extended + 1);
	else
		WRITE_ONCE(table->n_simple, table->n_simple + 1);
	for (dir = 0; dir < VPNGW_XLATE_DIRS; dir++) {
		struct vpngw_xlate_node *node = &x->n[dir];

		hlist_add_head_rcu(&node->node, &table->bucket[node->hash & table->mask]);
	}
	list_add_tail_rcu(&x->all, &table->all);
	forget_flows(table, x);
	WRITE_ONCE(table->n, table->n + 1);
	if (table->n == 1)
		queue_delayed_work(system_power_efficient_wq, &table->gc, HZ);
}

/* Walks that have stopped at this translation go on behind the one before it. */
static void walks_step_back(struct vpngw_xlate_table *table, struct vpngw_xlate *x)
{
	int i;

	for (i = 0; i < VPNGW_XLATE_WALKS; i++)
		if (unlikely(table->walked[i] == x))
			table->walked[i] = list_is_first(&x->all, &table->all) ? NULL :
					   list_prev_entry(x, all);
}

/**
 * vpngw_xlate_unlink() - take a translation out of the table
 * @table: translation table
 * @x: translation
 * @cause: why, for the notification
 * @gone: list to which @x is added, for vpngw_xlate_bury(). Untouched if @x had
 *	ended already
 *
 * Context: any; caller holds the table's lock.
 */
void vpngw_xlate_unlink(struct vpngw_xlate_table *table, struct vpngw_xlate *x,
			const char *cause, struct vpngw_xlate **gone)
{
	int dir;

	lockdep_assert_held(&table->lock);

	if (x->dead)
		return;
	x->dead = true;
	x->cause = cause;
	for (dir = 0; dir < VPNGW_XLATE_DIRS; dir++)
		hlist_del_rcu(&x->n[dir].node);
	walks_step_back(table, x);
	list_del_rcu(&x->all);
	forget_flows(table, x);
	vpngw_sweep_freed(&table->sweeps, &x->n[VPNGW_XLATE_IN].tuple);
	WRITE_ONCE(table->n, table->n - 1);
	if (x->flags & VPNGW_XLATE_FLAG_EXTENDED)
		WRITE_ONCE(table->n_extended, table->n_extended - 1);
	else
		WRITE_ONCE(table->n_simple, table->n_simple - 1);
	vpngw_binding_put(table, x->binding);
	vpngw_host_give(table, x->host);
	x->next_gone = *gone;
	*gone = x;
}

/**
 * vpngw_xlate_unlink_stale() - take out a translation that packets may not use
 * @table: translation table
 * @x: translation that vpngw_xlate_stale() says is
 * @gone: as for vpngw_xlate_unlink()
 *
 * Context: any; caller holds the table's lock.
 */
void vpngw_xlate_unlink_stale(struct vpngw_xlate_table *table, struct vpngw_xlate *x,
			      struct vpngw_xlate **gone)
{
	lockdep_assert_held(&table->lock);

	if (!vpngw_xlate_expired(x)) {
		vpngw_xlate_unlink(table, x, "configuration", gone);
		return;
	}
	if (!x->dead)
		this_cpu_inc(table->count->expired);
	vpngw_xlate_unlink(table, x, "timeout", gone);
}

static void xlate_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(xlate_cache, container_of(rcu, struct vpngw_xlate, rcu));
}

/**
 * vpngw_xlate_bury() - tell of translations that ended, and free them
 * @vn: namespace
 * @gone: list that vpngw_xlate_unlink() made, or NULL
 *
 * Context: under RCU since before the first of them was unlinked, because the
 * notification names the pool; without the table's lock.
 */
void vpngw_xlate_bury(struct vpngw_net *vn, struct vpngw_xlate *gone)
{
	struct vpngw_xlate *x;

	while (gone) {
		x = gone;
		gone = x->next_gone;
		trace_translation_end(vn->net, x, x->cause);
		vpngw_event_xlate(vn, x, x->cause);
		call_rcu(&x->rcu, xlate_free_rcu);
	}
}

/**
 * vpngw_xlate_count_exempt() - count a packet that no rule wanted to translate
 * @vn: namespace
 *
 * Context: packet path.
 */
void vpngw_xlate_count_exempt(const struct vpngw_net *vn)
{
	this_cpu_inc(vn->xlates->count->exempt);
}

/**
 * vpngw_xlate_stats() - read the figures of a namespace
 * @vn: namespace
 * @stats: the figures; all zero while nothing is configured
 *
 * Context: process context; caller holds &struct vpngw_net.lock.
 */
void vpngw_xlate_stats(const struct vpngw_net *vn, struct vpngw_xlate_stats *stats)
{
	const struct vpngw_xlate_table *table = vn->xlates;
	const struct vpngw_xlate_counters *count;
	int cpu;

	lockdep_assert_held(&vn->lock);

	memset(stats, 0, sizeof(*stats));
	if (!table)
		return;
	stats->n_dynamic = READ_ONCE(table->n);
	stats->n_extended = READ_ONCE(table->n_extended);
	for_each_possible_cpu(cpu) {
		count = per_cpu_ptr(table->count, cpu);
		stats->hits += READ_ONCE(count->hits);
		stats->misses += READ_ONCE(count->misses);
		stats->expired += READ_ONCE(count->expired);
		stats->exempt += READ_ONCE(count->exempt);
	}
}

/**
 * vpngw_xlate_stats_clear() - set the counting figures to zero
 * @vn: namespace
 *
 * Context: process context; caller holds &struct vpngw_net.lock.
 */
void vpngw_xlate_stats_clear(struct vpngw_net *vn)
{
	struct vpngw_xlate_counters *count;
	int cpu;

	lockdep_assert_held(&vn->lock);

	if (!vn->xlates)
		return;
	for_each_possible_cpu(cpu) {
		count = per_cpu_ptr(vn->xlates->count, cpu);
		WRITE_ONCE(count->hits, 0);
		WRITE_ONCE(count->misses, 0);
		WRITE_ONCE(count->expired, 0);
		WRITE_ONCE(count->exempt, 0);
	}
}

static u32 default_buckets(void)
{
	u64 memory = (u64)totalram_pages() << PAGE_SHIFT;

	return min_t(u64, memory / MEMORY_PER_BUCKET, BUCKETS_AUTO_MAX);
}

static u32 default_max(void)
{
	u64 memory = (u64)totalram_pages() << PAGE_SHIFT;

	return min_t(u64, memory / MEMORY_PART / sizeof(struct vpngw_xlate), U32_MAX);
}

/**
 * vpngw_xlate_init() - make the translation table of a namespace
 * @vn: namespace, without hooks yet
 *
 * Context: process context, may sleep; caller holds &struct vpngw_net.lock.
 * Return: 0 or -ENOMEM.
 */
int vpngw_xlate_init(struct vpngw_net *vn)
{
	struct vpngw_xlate_table *table;
	u32 buckets;

	lockdep_assert_held(&vn->lock);

	buckets = roundup_pow_of_two(clamp_t(u32, nat_buckets ?: default_buckets(),
					     BUCKETS_MIN, BUCKETS_MAX));
	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	table->bucket = kvcalloc(buckets, sizeof(*table->bucket), GFP_KERNEL_ACCOUNT);
	if (!table->bucket)
		goto err_table;
	table->mask = buckets - 1;
	table->count = alloc_percpu_gfp(struct vpngw_xlate_counters, GFP_KERNEL_ACCOUNT);
	if (!table->count)
		goto err_bucket;
	if (vpngw_bindings_init(&table->bindings, buckets / 4))
		goto err_count;
	if (vpngw_hosts_init(&table->hosts, buckets / 4))
		goto err_bindings;
	table->max = default_max();
	get_random_bytes(&table->key, sizeof(table->key));
	table->vn = vn;
	table->sweeps.until = jiffies;
	spin_lock_init(&table->lock);
	INIT_LIST_HEAD(&table->all);
	INIT_DELAYED_WORK(&table->gc, vpngw_xlate_gc);
	vn->xlates = table;
	return 0;

err_bindings:
	vpngw_bindings_exit(&table->bindings);
err_count:
	free_percpu(table->count);
err_bucket:
	kvfree(table->bucket);
err_table:
	kfree(table);
	return -ENOMEM;
}

/**
 * vpngw_xlate_exit() - end all translations and free the table
 * @vn: namespace, whose hooks have been off for a grace period
 *
 * Nobody is told of the translations that end here.
 *
 * Context: process context, may sleep; caller holds &struct vpngw_net.lock.
 */
void vpngw_xlate_exit(struct vpngw_net *vn)
{
	struct vpngw_xlate_table *table = vn->xlates;
	struct vpngw_xlate *x, *next, *gone = NULL;

	lockdep_assert_held(&vn->lock);

	if (!table)
		return;
	cancel_delayed_work_sync(&table->gc);
	list_for_each_entry_safe(x, next, &table->all, all) {
		spin_lock_bh(&table->lock);
		vpngw_xlate_unlink(table, x, "configuration", &gone);
		spin_unlock_bh(&table->lock);
		cond_resched();
	}
	while (gone) {
		x = gone;
		gone = x->next_gone;
		call_rcu(&x->rcu, xlate_free_rcu);
	}
	vn->xlates = NULL;
	vpngw_hosts_exit(&table->hosts);
	vpngw_bindings_exit(&table->bindings);
	free_percpu(table->count);
	kvfree(table->bucket);
	kfree(table);
}
