// SPDX-License-Identifier: GPL-2.0
/* What ends translations: their timers, the operator, and walks over all. */
#include <linux/rculist.h>
#include <linux/sched.h>

#include "xlate_table.h"

/* Translations looked at in one run: a second for up to these, longer for more. */
#define GC_BATCH	65536
/* So few are looked at one by one, however large the table is. */
#define GC_FEW		4096
#define GC_INTERVAL	HZ

/* Buckets between two offers to let somebody else run. */
#define BUCKET_BATCH	256

static struct vpngw_xlate *node_xlate(struct vpngw_xlate_node *node)
{
	return container_of(node, struct vpngw_xlate, n[VPNGW_XLATE_OUT]);
}

static void end_stale(struct vpngw_xlate_table *table, struct vpngw_xlate *x)
{
	struct vpngw_xlate *gone = NULL;

	spin_lock_bh(&table->lock);
	/* a packet may have come in between */
	if (vpngw_xlate_stale(x))
		vpngw_xlate_unlink_stale(table, x, &gone);
	spin_unlock_bh(&table->lock);
	vpngw_xlate_bury(table->vn, gone);
}

static u32 gc_bucket(struct vpngw_xlate_table *table, u32 index)
{
	struct vpngw_xlate_node *node;
	struct vpngw_xlate *x;
	u32 seen = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(node, &table->bucket[index], node) {
		if (node->dir != VPNGW_XLATE_OUT)
			continue;
		seen++;
		x = node_xlate(node);
		if (vpngw_xlate_stale(x))
			end_stale(table, x);
	}
	rcu_read_unlock();
	return seen;
}

static void gc_few(struct vpngw_xlate_table *table)
{
	struct vpngw_xlate *x;

	rcu_read_lock();
	list_for_each_entry_rcu(x, &table->all, all)
		if (vpngw_xlate_stale(x))
			end_stale(table, x);
	rcu_read_unlock();
}

static void gc_many(struct vpngw_xlate_table *table)
{
	u32 seen = 0, i;

	for (i = 0; i <= table->mask && seen < GC_BATCH; i++) {
		seen += gc_bucket(table, table->gc_next);
		table->gc_next = (table->gc_next + 1) & table->mask;
		if (i % BUCKET_BATCH == 0)
			cond_resched();
	}
}

/**
 * vpngw_xlate_gc() - end the translations whose time is up
 * @work: &struct vpngw_xlate_table.gc
 *
 * Goes over the buckets if there are many, since a place among buckets is easily
 * kept. Runs again only while there are translations.
 *
 * Context: work queue.
 */
void vpngw_xlate_gc(struct work_struct *work)
{
	struct vpngw_xlate_table *table =
		container_of(to_delayed_work(work), struct vpngw_xlate_table, gc);

	if (READ_ONCE(table->n) <= GC_FEW)
		gc_few(table);
	else
		gc_many(table);

	/* whoever makes the first translation starts us again */
	spin_lock_bh(&table->lock);
	if (table->n)
		queue_delayed_work(system_power_efficient_wq, &table->gc, GC_INTERVAL);
	spin_unlock_bh(&table->lock);
}

/* Is it by the address that an interface had? Others end when their turn to be judged
 * comes: those of a former configuration.
 */
static bool address_gone(const struct vpngw_net *vn, const struct vpngw_config *config,
			 const struct vpngw_xlate *x, const struct vpngw_rule **rule)
{
	union nf_inet_addr addr;

	if (x->binding || READ_ONCE(x->generation) != config->generation)
		return false;
	/* mostly that of the one before */
	if (!*rule || (*rule)->index != READ_ONCE(x->rule))
		*rule = vpngw_config_rule(config, READ_ONCE(x->rule));
	return *rule && (*rule)->flags & VPNGW_RULE_FLAG_INTERFACE &&
	       (!vpngw_rule_iface_address(vn->net, *rule, &addr) ||
		addr.ip != x->n[VPNGW_XLATE_IN].tuple.dst.ip);
}

static void end_gone(struct vpngw_xlate_table *table, const struct vpngw_config *config,
		     u32 index, const struct vpngw_rule **rule)
{
	struct vpngw_xlate_node *node;
	struct vpngw_xlate *x, *gone;

	rcu_read_lock();
	hlist_for_each_entry_rcu(node, &table->bucket[index], node) {
		x = node_xlate(node);
		if (node->dir != VPNGW_XLATE_OUT ||
		    !address_gone(table->vn, config, x, rule))
			continue;
		gone = NULL;
		spin_lock_bh(&table->lock);
		vpngw_xlate_unlink(table, x, "address", &gone);
		spin_unlock_bh(&table->lock);
		vpngw_xlate_bury(table->vn, gone);
	}
	rcu_read_unlock();
}

/**
 * vpngw_xlate_addresses_changed() - end translations by addresses that are gone
 * @vn: namespace
 *
 * Context: process context, may sleep; caller holds &struct vpngw_net.lock. No packet is
 * under way any more that saw the addresses of before.
 */
void vpngw_xlate_addresses_changed(struct vpngw_net *vn)
{
	struct vpngw_xlate_table *table = vn->xlates;
	const struct vpngw_config *config;
	const struct vpngw_rule *rule = NULL;
	u32 i;

	lockdep_assert_held(&vn->lock);

	config = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	if (!table || !config)
		return;
	for (i = 0; i <= table->mask; i++) {
		end_gone(table, config, i, &rule);
		if (i % BUCKET_BATCH == 0)
			cond_resched();
	}
}

/**
 * vpngw_xlate_filter_match() - does a filter mean a translation?
 * @filter: filter
 * @x: translation
 *
 * Context: any.
 * Return: true if so; one between two addresses has no protocol, ports and outside
 */
bool vpngw_xlate_filter_match(const struct vpngw_xlate_filter *filter,
			      const struct vpngw_xlate *x)
{
	const struct vpngw_tuple *out = &x->n[VPNGW_XLATE_OUT].tuple;
	const struct vpngw_tuple *in = &x->n[VPNGW_XLATE_IN].tuple;

	if (filter->proto >= 0 && filter->proto != out->proto)
		return false;
	if (filter->has_il && filter->il.ip != out->src.ip)
		return false;
	if (filter->has_il_port && filter->il_port != out->sport)
		return false;
	if (filter->has_ig && filter->ig.ip != in->dst.ip)
		return false;
	if (filter->has_ig_port && filter->ig_port != in->dport)
		return false;
	if (filter->has_og && filter->og.ip != in->src.ip)
		return false;
	return !filter->has_og_port || filter->og_port == in->sport;
}

static u32 flush_bucket(struct vpngw_xlate_table *table, u32 index,
			const struct vpngw_xlate_filter *filter, const char *cause)
{
	struct vpngw_xlate_node *node;
	struct vpngw_xlate *x, *gone;
	u32 ended = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(node, &table->bucket[index], node) {
		if (node->dir != VPNGW_XLATE_OUT)
			continue;
		x = node_xlate(node);
		if (!vpngw_xlate_filter_match(filter, x))
			continue;
		gone = NULL;
		spin_lock_bh(&table->lock);
		vpngw_xlate_unlink(table, x, cause, &gone);
		spin_unlock_bh(&table->lock);
		ended += !!gone;
		vpngw_xlate_bury(table->vn, gone);
	}
	rcu_read_unlock();
	return ended;
}

/**
 * vpngw_xlate_flush() - end translations
 * @vn: namespace
 * @filter: which
 * @cause: why, for the notifications; a literal
 *
 * Context: process context, may sleep; caller holds &struct vpngw_net.lock.
 * Return: how many ended.
 */
u32 vpngw_xlate_flush(struct vpngw_net *vn, const struct vpngw_xlate_filter *filter,
		      const char *cause)
{
	struct vpngw_xlate_table *table = vn->xlates;
	u32 ended = 0, i;

	lockdep_assert_held(&vn->lock);

	if (!table)
		return 0;
	for (i = 0; i <= table->mask; i++) {
		ended += flush_bucket(table, i, filter, cause);
		if (i % BUCKET_BATCH == 0)
			cond_resched();
	}
	return ended;
}

/*
 * The place nearest to where a walk has to go on: behind the last translation that was
 * not past @after_id when a walk stopped there. NULL for the beginning.
 */
static struct vpngw_xlate *walk_begin(struct vpngw_xlate_table *table, u32 after_id, int *slot)
{
	struct vpngw_xlate *best = NULL, *x;
	int i;

	spin_lock_bh(&table->lock);
	*slot = table->walk_next;
	for (i = 0; after_id && i < VPNGW_XLATE_WALKS; i++) {
		x = table->walked[i];
		if (x && x->id <= after_id && (!best || x->id > best->id)) {
			best = x;
			*slot = i;
		}
	}
	if (!best)
		table->walk_next = (table->walk_next + 1) % VPNGW_XLATE_WALKS;
	spin_unlock_bh(&table->lock);
	return best;
}

static void walk_stop(struct vpngw_xlate_table *table, struct vpngw_xlate *last, int slot)
{
	spin_lock_bh(&table->lock);
	/* one that has ended meanwhile has no place; then it is looked for */
	if (!last->dead)
		table->walked[slot] = last;
	spin_unlock_bh(&table->lock);
}

/**
 * vpngw_xlate_walk() - call a function for each translation, ascending by id
 * @vn: namespace
 * @after_id: begin behind this identity; 0 for the beginning
 * @fn: function; must not sleep; anything but 0 stops the walk
 * @arg: for @fn
 *
 * Leaves out what is past its time. A walk that was stopped goes on with the identity of
 * the last one for which @fn returned 0; it need not be there any more.
 *
 * Context: process context; caller holds &struct vpngw_net.lock. Packets go on
 * making and ending translations meanwhile.
 * Return: 0, or what @fn returned.
 */
int vpngw_xlate_walk(struct vpngw_net *vn, u32 after_id,
		     int (*fn)(const struct vpngw_xlate *x, void *arg), void *arg)
{
	struct vpngw_xlate_table *table = vn->xlates;
	struct vpngw_xlate *x, *last;
	int err = 0, slot;

	lockdep_assert_held(&vn->lock);

	if (!table)
		return 0;
	rcu_read_lock();
	last = walk_begin(table, after_id, &slot);
	/* the head of the list stands for the translation before the first */
	x = last ?: list_entry(&table->all, struct vpngw_xlate, all);
	list_for_each_entry_continue_rcu(x, &table->all, all) {
		if (READ_ONCE(x->id) <= after_id || vpngw_xlate_expired(x))
			continue;
		err = fn(x, arg);
		if (err)
			break;
		last = x;
	}
	if (err && last)
		walk_stop(table, last, slot);
	rcu_read_unlock();
	return err;
}

/**
 * vpngw_xlate_pool_name() - the pool that the global address is of
 * @x: translation
 *
 * Context: under RCU, which keeps the result.
 * Return: its name; NULL if the address is that of an interface.
 */
const char *vpngw_xlate_pool_name(const struct vpngw_xlate *x)
{
	return x->binding ? rcu_dereference(x->binding->pool)->name : NULL;
}
