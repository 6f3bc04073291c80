/* SPDX-License-Identifier: GPL-2.0 */
/* The translation table inside; for xlate*.c and binding.c only. */
#ifndef _VPNGW_XLATE_TABLE_H
#define _VPNGW_XLATE_TABLE_H

#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "binding.h"
#include "config.h"
#include "host.h"
#include "port.h"
#include "vpngw.h"
#include "xlate.h"

/* Walks over all translations, a message at a time, that are under way at once without
 * looking for their places anew
 */
#define VPNGW_XLATE_WALKS	4

/**
 * struct vpngw_xlate_counters - figures of one CPU
 * @hits: packets that found a translation
 * @misses: packets for which one had to be made
 * @expired: translations ended by their timer
 * @exempt: packets that no rule wanted to translate
 */
struct vpngw_xlate_counters {
	u64	hits;
	u64	misses;
	u64	expired;
	u64	exempt;
};

/**
 * struct vpngw_xlate_table - the translations of a namespace
 * @bucket: hash buckets of &struct vpngw_xlate_node, both directions together
 * @mask: number of buckets less one
 * @key: secret of the hash function
 * @n_simple: address-to-address entries, which need a second look-up. Written
 *	under @lock, read by packets
 * @count: figures, per CPU
 * @vn: the namespace
 * @lock: serialises making and ending translations, bindings and pool bitmaps,
 *	and the publication of a configuration against all three
 * @all: every translation, ascending by id; read under RCU. Under @lock
 * @n: entries of @all. Under @lock
 * @n_extended: those that are extended. Under @lock
 * @walked: places in @all where walks have stopped; NULL is the beginning. Under @lock
 * @walk_next: which of them is given up next. Under @lock
 * @last_id: identity given last. Under @lock
 * @bindings: who holds which global address. Under @lock
 * @hosts: how many translations each inside host has. Under @lock
 * @max: most translations, where the configuration does not say
 * @sweeps: which global addresses have no ports left. Under @lock
 * @gc: ends translations whose time is up
 * @gc_next: bucket with which @gc goes on
 */
struct vpngw_xlate_table {
	struct hlist_head			*bucket;
	u32					mask;
	u32					n_simple;
	hsiphash_key_t				key;
	struct vpngw_xlate_counters __percpu	*count;
	struct vpngw_net			*vn;

	spinlock_t				lock ____cacheline_aligned_in_smp;
	struct list_head			all;
	u32					n;
	u32					n_extended;
	struct vpngw_xlate			*walked[VPNGW_XLATE_WALKS];
	u32					walk_next;
	u32					last_id;
	struct vpngw_bindings			bindings;
	struct vpngw_hosts			hosts;
	u32					max;
	struct vpngw_sweeps			sweeps;
	struct delayed_work			gc;
	u32					gc_next;
};

/* No packet may use it any more, although it is in the table still. */
static inline bool vpngw_xlate_stale(const struct vpngw_xlate *x)
{
	return vpngw_xlate_expired(x) || (x->binding && READ_ONCE(x->binding->orphan));
}

/* xlate.c */
struct vpngw_xlate *vpngw_xlate_new(void);
void vpngw_xlate_discard(struct vpngw_xlate *x);
struct vpngw_xlate *vpngw_xlate_clash(const struct vpngw_xlate_table *table,
				      struct vpngw_xlate *x, enum vpngw_xlate_dir dir);
void vpngw_xlate_link(struct vpngw_xlate_table *table, struct vpngw_xlate *x);
void vpngw_xlate_unlink(struct vpngw_xlate_table *table, struct vpngw_xlate *x,
			const char *cause, struct vpngw_xlate **gone);
void vpngw_xlate_unlink_stale(struct vpngw_xlate_table *table, struct vpngw_xlate *x,
			      struct vpngw_xlate **gone);
void vpngw_xlate_bury(struct vpngw_net *vn, struct vpngw_xlate *gone);

/* xlate_gc.c */
void vpngw_xlate_gc(struct work_struct *work);

/* xlate_time.c */
void vpngw_xlate_time_start(struct vpngw_xlate *x, const struct vpngw_nat_timers *timers,
			    u8 tcp_flags, enum vpngw_xlate_dir dir);
void vpngw_xlate_time_reload(struct vpngw_xlate *x, const struct vpngw_nat_timers *timers);

#endif /* _VPNGW_XLATE_TABLE_H */
