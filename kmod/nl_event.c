// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications. They are best effort: one that finds no memory is lost, and the
 * packet or the change that it tells of goes on regardless.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>

#include "netlink.h"
#include "nl_event.h"
#include "nl_sa.h"
#include "sa.h"
#include "spd.h"
#include "stats.h"
#include "vpngw.h"
#include "xlate.h"

/* The longest cause that fits; they are one or two words. */
#define CAUSE_MAX	32

static bool has_listeners(const struct vpngw_net *vn, unsigned int group)
{
	return genl_has_listeners(&vpngw_nl_family, vn->net, group);
}

static struct sk_buff *event_new(size_t size, u8 cmd, gfp_t gfp, void **hdr)
{
	struct sk_buff *skb;

	skb = genlmsg_new(size, gfp);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &vpngw_nl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void event_send(struct vpngw_net *vn, struct sk_buff *skb, void *hdr,
		       unsigned int group, gfp_t gfp)
{
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&vpngw_nl_family, vn->net, skb, 0, group, gfp);
}

static size_t cause_size(void)
{
	return nla_total_size(nla_total_size(CAUSE_MAX));
}

static int put_cause(struct sk_buff *skb, const char *cause)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_EVENT);
	if (!nest || nla_put_string(skb, VPNGW_A_EVENT_CAUSE, cause))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * vpngw_event_config() - tell that a configuration was committed
 * @vn: namespace
 * @generation: its generation
 *
 * Context: any.
 */
void vpngw_event_config(struct vpngw_net *vn, u32 generation)
{
	struct sk_buff *skb;
	void *hdr;

	if (!has_listeners(vn, VPNGW_NLGRP_CONFIG))
		return;
	skb = event_new(nla_total_size(sizeof(u32)), VPNGW_CMD_CONFIG_NTF, GFP_ATOMIC, &hdr);
	if (!skb)
		return;
	if (nla_put_u32(skb, VPNGW_A_GENERATION, generation)) {
		nlmsg_free(skb);
		return;
	}
	event_send(vn, skb, hdr, VPNGW_NLGRP_CONFIG, GFP_ATOMIC);
}

/**
 * vpngw_event_sa() - tell what happened to an association
 * @vn: namespace
 * @sa: association; must not go away meanwhile
 * @cause: one or two words, such as new or hard-lifetime
 *
 * Context: any.
 */
void vpngw_event_sa(struct vpngw_net *vn, const struct vpngw_sa *sa, const char *cause)
{
	struct sk_buff *skb;
	void *hdr;

	if (!has_listeners(vn, VPNGW_NLGRP_SA))
		return;
	skb = event_new(vpngw_nl_sa_size() + cause_size(), VPNGW_CMD_SA_NTF, GFP_ATOMIC, &hdr);
	if (!skb)
		return;
	if (vpngw_nl_put_sa(skb, sa) || put_cause(skb, cause)) {
		nlmsg_free(skb);
		return;
	}
	event_send(vn, skb, hdr, VPNGW_NLGRP_SA, GFP_ATOMIC);
}

static int put_place(struct sk_buff *skb, __be32 addr, __be16 port)
{
	union nf_inet_addr src = { .ip = addr };
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_EVENT);
	if (!nest || nla_put_string(skb, VPNGW_A_EVENT_CAUSE, "peer-moved") ||
	    vpngw_nl_put_addr(skb, VPNGW_A_EVENT_SRC, &src) ||
	    nla_put_u16(skb, VPNGW_A_EVENT_SPORT, ntohs(port)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * vpngw_event_peer() - tell that ESP in UDP comes from somewhere else than before
 * @sa: inbound association, of an authentic packet that no other one has overtaken
 * @addr: its outer source address
 * @port: its UDP source port
 *
 * At most once a second for each association. Whoever negotiated it decides.
 *
 * Context: softirqs off.
 */
void vpngw_event_peer(struct vpngw_sa *sa, __be32 addr, __be16 port)
{
	unsigned long last = READ_ONCE(sa->peer_told);
	struct sk_buff *skb;
	void *hdr;

	if (!has_listeners(sa->vn, VPNGW_NLGRP_SA) || (last && time_before(jiffies, last + HZ)))
		return;
	/* of those who come here at the same time, one goes on */
	if (cmpxchg(&sa->peer_told, last, jiffies | 1) != last)
		return;
	skb = event_new(vpngw_nl_sa_size() + cause_size() + nla_total_size(sizeof(__be32)) +
			nla_total_size(sizeof(u16)), VPNGW_CMD_SA_NTF, GFP_ATOMIC, &hdr);
	if (!skb)
		return;
	if (vpngw_nl_put_sa(skb, sa) || put_place(skb, addr, port)) {
		nlmsg_free(skb);
		return;
	}
	event_send(sa->vn, skb, hdr, VPNGW_NLGRP_SA, GFP_ATOMIC);
}

static size_t flow_size(void)
{
	return nla_total_size(2 * nla_total_size(sizeof(__be32)) +
			      nla_total_size(sizeof(u8)) +
			      2 * nla_total_size(sizeof(u16)) +
			      nla_total_size(sizeof(u32)));
}

static int put_flow(struct sk_buff *skb, const struct vpngw_pkt *pkt)
{
	const struct vpngw_tuple *t = &pkt->f.t;
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_EVENT);
	if (!nest ||
	    vpngw_nl_put_addr(skb, VPNGW_A_EVENT_SRC, &t->src) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_EVENT_DST, &t->dst) ||
	    nla_put_u8(skb, VPNGW_A_EVENT_PROTO, t->proto) ||
	    (pkt->f.ports && (nla_put_u16(skb, VPNGW_A_EVENT_SPORT, ntohs(t->sport)) ||
			      nla_put_u16(skb, VPNGW_A_EVENT_DPORT, ntohs(t->dport)))) ||
	    (pkt->out && nla_put_u32(skb, VPNGW_A_EVENT_IFINDEX, pkt->out->ifindex)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * vpngw_event_acquire() - ask for an association that a packet needs
 * @pkt: the packet, which is dropped
 * @policy: crypto map entry that has none
 *
 * At most once a second for each entry.
 *
 * Context: any, RCU read side.
 */
void vpngw_event_acquire(const struct vpngw_pkt *pkt, const struct vpngw_policy *policy)
{
	struct vpngw_slot *slot = policy->slot;
	unsigned long last = READ_ONCE(slot->last_acquire);
	unsigned long now = jiffies;
	struct sk_buff *skb;
	void *hdr;

	if (!has_listeners(pkt->vn, VPNGW_NLGRP_ACQUIRE))
		return;
	if (time_before(now, last + HZ))
		return;
	/* of those who come here at the same time, one goes on */
	if (cmpxchg(&slot->last_acquire, last, now) != last)
		return;

	skb = event_new(vpngw_nl_policy_size() + flow_size(), VPNGW_CMD_ACQUIRE_NTF, GFP_ATOMIC,
			&hdr);
	if (!skb)
		return;
	if (vpngw_nl_put_policy(skb, policy) || put_flow(skb, pkt)) {
		nlmsg_free(skb);
		return;
	}
	event_send(pkt->vn, skb, hdr, VPNGW_NLGRP_ACQUIRE, GFP_ATOMIC);
}

/**
 * vpngw_event_xlate() - tell that a translation was made or has ended
 * @vn: namespace
 * @x: translation; must not go away meanwhile
 * @cause: one or two words, such as new or timeout
 *
 * Context: any.
 */
void vpngw_event_xlate(struct vpngw_net *vn, const struct vpngw_xlate *x, const char *cause)
{
	struct sk_buff *skb;
	void *hdr;

	if (!has_listeners(vn, VPNGW_NLGRP_XLATE))
		return;
	skb = event_new(vpngw_nl_xlate_size() + cause_size(), VPNGW_CMD_XLATE_NTF, GFP_ATOMIC,
			&hdr);
	if (!skb)
		return;
	if (vpngw_nl_put_xlate(skb, x) || put_cause(skb, cause)) {
		nlmsg_free(skb);
		return;
	}
	event_send(vn, skb, hdr, VPNGW_NLGRP_XLATE, GFP_ATOMIC);
}

/* Reports the reasons that counted since the last report; false if none did. */
static bool put_drops(struct vpngw_net *vn, struct sk_buff *skb)
{
	u64 sum[VPNGW_REASON_COUNT];
	unsigned int reason;
	bool any = false;

	vpngw_stats_sum(vn, sum);
	for (reason = VPNGW_OK + 1; reason < VPNGW_REASON_COUNT; reason++) {
		/* less than before means that the counters were cleared */
		if (sum[reason] == vn->drops_reported[reason])
			continue;
		vn->drops_reported[reason] = sum[reason];
		if (!sum[reason])
			continue;
		if (vpngw_nl_put_drop(skb, reason, sum[reason]))
			break;
		any = true;
	}
	return any;
}

static void drop_report_work(struct work_struct *work)
{
	struct vpngw_net *vn = container_of(to_delayed_work(work), struct vpngw_net, drop_report);
	struct sk_buff *skb;
	void *hdr;

	skb = event_new(vpngw_nl_drops_size(), VPNGW_CMD_DROP_NTF, GFP_KERNEL, &hdr);
	if (!skb)
		return;
	if (!put_drops(vn, skb)) {
		nlmsg_free(skb);
		return;
	}
	event_send(vn, skb, hdr, VPNGW_NLGRP_DROP, GFP_KERNEL);
}

/**
 * vpngw_event_drops() - a packet was dropped
 * @vn: namespace
 *
 * The first drop starts a report that goes out a second later; those until then
 * find it under way.
 *
 * Context: any.
 */
void vpngw_event_drops(struct vpngw_net *vn)
{
	if (!has_listeners(vn, VPNGW_NLGRP_DROP) || delayed_work_pending(&vn->drop_report))
		return;
	queue_delayed_work(vpngw_wq, &vn->drop_report, HZ);
}

/**
 * vpngw_event_init() - get ready to report drops
 * @vn: namespace
 */
void vpngw_event_init(struct vpngw_net *vn)
{
	INIT_DELAYED_WORK(&vn->drop_report, drop_report_work);
}

/**
 * vpngw_event_exit() - report no more drops
 * @vn: namespace in which nothing drops packets any more
 *
 * Context: process; sleeps.
 */
void vpngw_event_exit(struct vpngw_net *vn)
{
	cancel_delayed_work_sync(&vn->drop_report);
}
