// SPDX-License-Identifier: GPL-2.0
/*
 * Where vpngw meets packets. The order mirrors IOS: decrypt before NAT on the
 * way in, NAT before the crypto map on the way out.
 */

#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>

#include "arp.h"
#include "config.h"
#include "encap.h"
#include "input.h"
#include "output.h"
#include "pkt.h"
#include "vpngw.h"

/* Counters and route caches are per CPU. Forwarded packets come with softirqs off,
 * but one that nfqueue gives back or that is made here arrives in process context.
 */
static unsigned int with_bh_off(unsigned int (*page)(struct vpngw_pkt *pkt),
				struct vpngw_pkt *pkt)
{
	unsigned int verdict;

	if (likely(softirq_count()))
		return page(pkt);
	local_bh_disable();
	verdict = page(pkt);
	local_bh_enable();
	return verdict;
}

/* A packet that is none of our business is told so before there is a struct
 * vpngw_pkt, which takes its time to fill in.
 */
static unsigned int pre_routing(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct vpngw_net *vn = priv;
	const struct vpngw_config *config = rcu_dereference(vn->config);
	const struct vpngw_iface *iface;

	if (!config)
		return NF_ACCEPT;
	iface = vpngw_config_iface(config, state->in->ifindex);
	if (!vpngw_input_asks(skb, iface))
		return NF_ACCEPT;

	return with_bh_off(vpngw_input, &(struct vpngw_pkt){
		.skb	= skb,
		.vn	= vn,
		.config	= config,
		.in	= state->in,
		.iface	= iface,
	});
}

static unsigned int post_routing(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct vpngw_net *vn = priv;
	const struct vpngw_config *config;
	const struct vpngw_iface *iface;

	if (vpngw_encap_is_sending(skb))
		return NF_ACCEPT;
	config = rcu_dereference(vn->config);
	if (!config)
		return NF_ACCEPT;
	iface = vpngw_config_iface(config, state->out->ifindex);
	if (!iface)
		return NF_ACCEPT;

	return with_bh_off(vpngw_output, &(struct vpngw_pkt){
		.skb	= skb,
		.vn	= vn,
		.config	= config,
		.in	= state->in,
		.out	= state->out,
		.iface	= iface,
	});
}

static const struct nf_hook_ops hooks[VPNGW_HOOKS] = {
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
 * @vn: the namespace
 *
 * Context: process.
 * Return: 0 or what netfilter says
 */
int vpngw_hooks_register(struct vpngw_net *vn)
{
	int i;

	for (i = 0; i < VPNGW_HOOKS; i++) {
		vn->hooks[i] = hooks[i];
		vn->hooks[i].priv = vn;
	}
	return nf_register_net_hooks(vn->net, vn->hooks, VPNGW_HOOKS);
}

/**
 * vpngw_hooks_unregister() - stop seeing packets of a namespace
 * @vn: the namespace
 *
 * A packet may still be in a hook when this returns; wait for a grace period
 * before freeing anything a hook uses.
 *
 * Context: process.
 */
void vpngw_hooks_unregister(struct vpngw_net *vn)
{
	nf_unregister_net_hooks(vn->net, vn->hooks, VPNGW_HOOKS);
}
