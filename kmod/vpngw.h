/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of one network namespace.
 *
 * Locks, outermost first:
 *   vn->lock (mutex)   configuration, transaction, security associations;
 *                      taken by netlink handlers, by the life time worker and
 *                      by namespace exit. Never taken under RTNL's back: code
 *                      that holds it takes no RTNL.
 *   xlate table lock   making and ending translations (softirq safe spinlock)
 *   sa->lock           replay window and sequence state (softirq safe)
 * The packet path takes none of the first and reads everything else under
 * RCU, which every netfilter hook holds.
 */
#ifndef _VPNGW_H
#define _VPNGW_H

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <uapi/linux/vpngw.h>

#include "stats.h"

struct vpngw_config;
struct vpngw_flows;
struct vpngw_sad;
struct vpngw_stats;
struct vpngw_txn;
struct vpngw_xlate_table;

/* hooks in each namespace that has a configuration, see hooks.c */
#define VPNGW_HOOKS	3

/**
 * struct vpngw_net - vpngw in one network namespace
 * @net: the namespace
 * @lock: serialises changes of everything here but counters
 * @config: configuration in force; NULL before the first commit and after the
 *	last object is gone. Written under @lock, read under RCU
 * @generation: generation of @config, one more at each commit. Under @lock
 * @txn: the open transaction, or NULL. Under @lock
 * @refusals: &struct vpngw_refusal, texts of refused commits. Under @lock
 * @slots: every &struct vpngw_slot of an entry, by its map and number. Under @lock
 * @sad: security associations; allocated with the first configuration
 * @xlates: translations; allocated with the first configuration
 * @flows: what was decided lately; as @xlates
 * @addr_work: ends translations by an address that an interface had
 * @stats: drop counters, per CPU, for the life of the namespace
 * @drop_report: sends drop-ntf, at most once a second
 * @drops_reported: what the last drop-ntf was based on; only @drop_report
 *	touches it
 * @hooks: as registered; they name the namespace, so that a packet need not look
 *	it up. Under @lock
 * @hooked: @hooks are registered, and @sad, @xlates and @flows exist. Under @lock
 * @offload_wanted: the hook of offload.c is to be registered. Under its lock
 * @offload_hooked: the hook of offload.c is registered. Under its lock
 * @dying: the namespace is on its way out; nothing may be added. Under @lock
 * @live_sas: associations not freed yet. A packet in the hands of an asynchronous
 *	crypto driver holds its association, so at zero no such packet is left
 */
struct vpngw_net {
	struct net			*net;
	struct mutex			lock;		/* see above */
	struct vpngw_config __rcu	*config;
	u32				generation;
	struct vpngw_txn		*txn;
	struct hlist_head		refusals;
	DECLARE_HASHTABLE(slots, 8);
	struct vpngw_sad		*sad;
	struct vpngw_xlate_table	*xlates;
	struct vpngw_flows		*flows;
	struct work_struct		addr_work;
	struct vpngw_stats __percpu	*stats;
	struct delayed_work		drop_report;
	u64				drops_reported[VPNGW_REASON_COUNT];
	struct nf_hook_ops		hooks[VPNGW_HOOKS];
	bool				hooked;
	bool				offload_wanted;
	bool				offload_hooked;
	bool				dying;
	atomic_t			live_sas;
};

/* net.c */
extern struct workqueue_struct *vpngw_wq;

struct vpngw_net *vpngw_net(const struct net *net);
int vpngw_net_activate(struct vpngw_net *vn);
void vpngw_net_deactivate(struct vpngw_net *vn);
int vpngw_net_init(void);
void vpngw_net_exit(void);

/* hooks.c */
int vpngw_hooks_register(struct vpngw_net *vn);
void vpngw_hooks_unregister(struct vpngw_net *vn);

#endif /* _VPNGW_H */
