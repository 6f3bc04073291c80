// SPDX-License-Identifier: GPL-2.0
/*
 * Flows that had a packet lately; see flow.h.
 *
 * Who changes what a decision was taken by makes the change first and then moves
 * the epoch on; who takes one reads the epoch first. So a decision that may have
 * missed a change is never found. What a flow points to lives as long as a packet
 * can find it: translations and slots are freed a grace period after the epoch
 * moved on, everything else with the configuration.
 */

#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "flow.h"
#include "trace.h"

static u32 ports_of(const struct vpngw_tuple *t)
{
	return (__force u32)t->sport << 16 | (__force u32)t->dport;
}

/* Not secret: who makes flows meet at one place only makes them slower. */
static u32 place_of(const struct vpngw_tuple *t)
{
	u64 addrs = (u64)(__force u32)t->src.ip << 32 | (__force u32)t->dst.ip;

	return hash_64(addrs ^ ports_of(t) * GOLDEN_RATIO_64, VPNGW_FLOW_BITS);
}

/**
 * vpngw_flows_init() - make room for the flows of a namespace
 * @vn: namespace, without hooks yet
 *
 * Context: process, vn->lock held.
 * Return: 0 or -ENOMEM
 */
int vpngw_flows_init(struct vpngw_net *vn)
{
	struct vpngw_flow *flow;
	int cpu;

	vn->flows = kzalloc(sizeof(*vn->flows), GFP_KERNEL_ACCOUNT);
	if (!vn->flows)
		return -ENOMEM;
	vn->flows->cpu = alloc_percpu_gfp(struct vpngw_flow *, GFP_KERNEL_ACCOUNT);
	if (!vn->flows->cpu)
		goto err;
	for_each_possible_cpu(cpu) {
		flow = kvzalloc_node(array_size(VPNGW_FLOWS, sizeof(*flow)),
				     GFP_KERNEL_ACCOUNT, cpu_to_node(cpu));
		if (!flow)
			goto err;
		*per_cpu_ptr(vn->flows->cpu, cpu) = flow;
	}
	return 0;

err:
	vpngw_flows_exit(vn);
	return -ENOMEM;
}

/**
 * vpngw_flows_exit() - undo vpngw_flows_init()
 * @vn: namespace, whose hooks have been off for a grace period
 *
 * Context: process, vn->lock held.
 */
void vpngw_flows_exit(struct vpngw_net *vn)
{
	struct vpngw_flows *flows = vn->flows;
	int cpu;

	WRITE_ONCE(vn->flows, NULL);
	if (flows->cpu)
		for_each_possible_cpu(cpu)
			kvfree(*per_cpu_ptr(flows->cpu, cpu));
	free_percpu(flows->cpu);
	/* a device may be moving the epoch on at this moment */
	kfree_rcu(flows, rcu);
}

/**
 * vpngw_flows_forget() - let every flow be decided anew
 * @vn: namespace, in which something has changed that decisions were taken by
 *
 * A new configuration need not say so.
 *
 * Context: any; under RCU or vn->lock.
 */
void vpngw_flows_forget(struct vpngw_net *vn)
{
	struct vpngw_flows *flows = READ_ONCE(vn->flows);

	if (!flows)
		return;
	/* after the change; pairs with vpngw_flow_find() */
	smp_mb__before_atomic();
	atomic_inc(&flows->epoch);
}

/**
 * vpngw_flows_forget_tuple() - let a flow be decided anew
 * @vn: namespace, in which its translation has come or gone
 * @t: tuple of its packets before translation
 *
 * Context: any; the lock of the translations is held.
 */
void vpngw_flows_forget_tuple(struct vpngw_net *vn, const struct vpngw_tuple *t)
{
	u32 *epoch = &vn->flows->place_epoch[place_of(t)];

	/* after the change; pairs with vpngw_flow_find() */
	smp_store_release(epoch, *epoch + 1);
}

static struct vpngw_flow *flow_at(const struct vpngw_flows *flows, u32 place)
{
	return &(*this_cpu_ptr(flows->cpu))[place];
}

/**
 * vpngw_flow_find() - is it known what to do with a packet that leaves?
 * @pkt: packet, parsed, not translated yet. If the answer is no, what is decided
 *	now may be remembered by vpngw_flow_keep(), unless .flow.keep is false
 *
 * Only flows with ports are remembered, while no list looks at more than their
 * tuple and nobody follows verdicts.
 *
 * Context: packet path, under RCU, softirqs off.
 * Return: the flow, valid until the packet has left, or NULL
 */
const struct vpngw_flow *vpngw_flow_find(struct vpngw_pkt *pkt)
{
	const struct vpngw_flows *flows = pkt->vn->flows;
	const struct vpngw_tuple *t = &pkt->f.t;
	struct vpngw_flow *flow;
	u32 place, epoch, place_epoch;

	if (!pkt->f.ports || !pkt->config->by_tuple || trace_nat_verdict_enabled() ||
	    trace_spd_verdict_enabled())
		return NULL;

	place = place_of(t);
	epoch = atomic_read_acquire(&flows->epoch);
	/* both before anything that they vouch for is looked at */
	place_epoch = smp_load_acquire(&flows->place_epoch[place]);
	flow = flow_at(flows, place);
	if (flow->saddr == t->src.ip && flow->daddr == t->dst.ip &&
	    flow->ports == ports_of(t) && flow->proto == t->proto &&
	    flow->generation == pkt->config->generation && flow->epoch == epoch &&
	    flow->place_epoch == place_epoch && flow->iif == pkt->skb->skb_iif &&
	    flow->oif == pkt->out->ifindex)
		return flow;

	pkt->flow.keep = true;
	pkt->flow.place = place;
	pkt->flow.epoch = epoch;
	pkt->flow.place_epoch = place_epoch;
	return NULL;
}

/**
 * vpngw_flow_keep() - remember what was decided of a packet
 * @pkt: packet for which vpngw_flow_find() had no answer, with .flow filled in as
 *	far as its translation goes
 * @slot: where the association is found that protects it, or NULL
 * @hits: counter of the entry that says so, or NULL
 *
 * Context: packet path, under RCU, softirqs off.
 */
void vpngw_flow_keep(const struct vpngw_pkt *pkt, struct vpngw_slot *slot,
		     u64 __percpu *hits)
{
	const struct vpngw_flow_draft *draft = &pkt->flow;
	struct vpngw_flow *flow = flow_at(pkt->vn->flows, draft->place);
	/* as it was before the translation */
	const struct vpngw_tuple *t = pkt->xlate ? &pkt->xlate->n[VPNGW_XLATE_OUT].tuple :
						   &pkt->f.t;

	*flow = (struct vpngw_flow){
		.saddr		= t->src.ip,
		.daddr		= t->dst.ip,
		.ports		= ports_of(t),
		.proto		= t->proto,
		.nat		= draft->nat,
		.iif		= pkt->skb->skb_iif,
		.oif		= pkt->out->ifindex,
		.generation	= pkt->config->generation,
		.epoch		= draft->epoch,
		.place_epoch	= draft->place_epoch,
		.xlate		= pkt->xlate,
		.slot		= slot,
		.hits		= { draft->hits[0], draft->hits[1], hits },
	};
}
