/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was decided of flows that had a packet lately: whether to translate, and
 * whether to protect. The next packet of such a flow asks no table and no list.
 *
 * Each CPU has a few flows of its own, so that nothing is shared when one is found.
 * A decision holds for one configuration, and until something else that it was
 * taken by changes: then an epoch moves on, that of all flows or that of the place
 * of one, and whatever was decided before is decided anew.
 */
#ifndef _VPNGW_FLOW_H
#define _VPNGW_FLOW_H

#include <linux/atomic.h>
#include <linux/percpu.h>

#include "config.h"
#include "pkt.h"
#include "vpngw.h"

/* Flows that each CPU remembers; those that fall on one place take turns. */
#define VPNGW_FLOW_BITS	10
#define VPNGW_FLOWS	BIT(VPNGW_FLOW_BITS)

/* Entries of lists at which a packet is counted: route-map, its list, crypto map */
#define VPNGW_FLOW_HITS	3

/**
 * struct vpngw_flow - what was decided of a flow, on one CPU
 * @saddr: source of its packets, before translation
 * @daddr: destination
 * @ports: source and destination port
 * @proto: IP protocol
 * @nat: enum vpngw_flow_nat
 * @iif: device they come in by, 0 if they are made here
 * @oif: device they leave by
 * @generation: configuration that decided; 0 if nothing is remembered here
 * @epoch: that of all flows when it was decided
 * @place_epoch: that of this place then
 * @xlate: their translation, if @nat says so
 * @slot: where their association is found; NULL if they leave as they are
 * @hits: counters of the entries that decided
 */
struct vpngw_flow {
	__be32			saddr;
	__be32			daddr;
	u32			ports;
	u8			proto;
	u8			nat;
	int			iif;
	int			oif;
	u32			generation;
	u32			epoch;
	u32			place_epoch;
	struct vpngw_xlate	*xlate;
	struct vpngw_slot	*slot;
	u64 __percpu		*hits[VPNGW_FLOW_HITS];
};

/**
 * struct vpngw_flows - the flows of a namespace
 * @rcu: defers freeing
 * @epoch: moves on when any flow may have to be decided anew
 * @cpu: VPNGW_FLOWS for each CPU, which only packets on it touch
 * @place_epoch: moves on when a translation of a flow at that place comes or goes.
 *	Written under the lock of the translations
 */
struct vpngw_flows {
	struct rcu_head			rcu;
	atomic_t			epoch;
	struct vpngw_flow * __percpu	*cpu;
	u32				place_epoch[VPNGW_FLOWS];
};

int vpngw_flows_init(struct vpngw_net *vn);
void vpngw_flows_exit(struct vpngw_net *vn);
void vpngw_flows_forget(struct vpngw_net *vn);
void vpngw_flows_forget_tuple(struct vpngw_net *vn, const struct vpngw_tuple *t);

const struct vpngw_flow *vpngw_flow_find(struct vpngw_pkt *pkt);
void vpngw_flow_keep(const struct vpngw_pkt *pkt, struct vpngw_slot *slot,
		     u64 __percpu *hits);

/**
 * vpngw_flow_count() - count a packet where its flow was decided
 * @flow: the flow
 *
 * Context: any.
 */
static inline void vpngw_flow_count(const struct vpngw_flow *flow)
{
	int i;

	for (i = 0; i < VPNGW_FLOW_HITS; i++)
		if (flow->hits[i])
			this_cpu_inc(*flow->hits[i]);
}

#endif /* _VPNGW_FLOW_H */
