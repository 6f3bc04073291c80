// SPDX-License-Identifier: GPL-2.0
/*
 * Where vpngw meets packets. The order mirrors IOS: decrypt before NAT on the
 * way in, NAT before the crypto map on the way out.
 */

#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>

#include "arp.h"
#include "input.h"
#include "output.h"
#include "pkt.h"
#include "vpngw.h"

static bool pkt_init(struct vpngw_pkt *pkt, struct sk_buff *skb,
		     const struct nf_hook_state *state)
{
	pkt->skb = skb;
	pkt->vn = vpngw_net(state->net);
	pkt->config = rcu_dereference(pkt->vn->config);
	pkt->in = state->in;
	pkt->out = state->out;
	pkt->thoff = 0;
	pkt->xlate = NULL;
	return pkt->config;
}

/* Counters and route caches are per CPU. Forwarded packets come with softirqs off,
 * but one that nfqueue gives back or that is made here arrives in process context.
 */
static unsigned int with_bh_off(unsigned int (*page)(struct vpngw_pkt *pkt),
				struct vpngw_pkt *pkt)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = page(pkt);
	local_bh_enable();
	return verdict;
}

static unsigned int pre_routing(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct vpngw_pkt pkt;

	if (!pkt_init(&pkt, skb, state))
		return NF_ACCEPT;
	if (likely(softirq_count()))
		return vpngw_input(&pkt);
	return with_bh_off(vpngw_input, &pkt);
}

static unsigned int post_routing(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct vpngw_pkt pkt;

	if (!pkt_init(&pkt, skb, state))
		return NF_ACCEPT;
	if (likely(softirq_count()))
		return vpngw_output(&pkt);
	return with_bh_off(vpngw_output, &pkt);
}

static const struct nf_hook_ops hooks[] = {
	{
		/* after defragmentation (-400), before raw tables (-300) and
		 * connection tracking (-200): they see the decrypted packet
		 * with its inside local address
		 */
		.hook		= pre_routing,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_CONNTRACK_DEFRAG + 50,
	},
	{
		/* after the operator's own source NAT (100), before connection
		 * tracking confirms (INT_MAX)
		 */
		.hook		= post_routing,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC + 50,
	},
	{
		.hook		= vpngw_arp_in,
		.pf		= NFPROTO_ARP,
		.hooknum	= NF_ARP_IN,
		.priority	= 0,
	},
};

/**
 * vpngw_hooks_register() - start seeing packets of a namespace
 * @net: the namespace
 *
 * Context: process.
 * Return: 0 or what netfilter says
 */
int vpngw_hooks_register(struct net *net)
{
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

/**
 * vpngw_hooks_unregister() - stop seeing packets of a namespace
 * @net: the namespace
 *
 * A packet may still be in a hook when this returns; wait for a grace period
 * before freeing anything a hook uses.
 *
 * Context: process.
 */
void vpngw_hooks_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}
