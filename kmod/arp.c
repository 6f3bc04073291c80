// SPDX-License-Identifier: GPL-2.0
/*
 * ARP for the addresses of NAT pools. Nobody has them, so the gateway answers
 * for those that lie in a subnet of an outside interface.
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/arp.h>
#include <net/route.h>

#include "arp.h"
#include "config.h"
#include "pkt.h"
#include "stats.h"
#include "vpngw.h"

/**
 * struct arp_request - a request in hand
 * @sha: hardware address of who asks, in the packet
 * @sip: address of who asks; zero in a probe for duplicates (RFC 5227)
 * @tip: address asked for
 */
struct arp_request {
	const u8	*sha;
	__be32		sip;
	__be32		tip;
};

/* arp_rcv() has checked the address lengths and that all octets are there. */
static bool arp_parse(struct sk_buff *skb, const struct net_device *dev,
		      struct arp_request *req)
{
	const struct arphdr *arp;
	const u8 *p;

	if (!pskb_may_pull(skb, arp_hdr_len(dev)))
		return false;
	arp = arp_hdr(skb);
	if (arp->ar_op != htons(ARPOP_REQUEST) || arp->ar_pro != htons(ETH_P_IP) ||
	    arp->ar_hln != dev->addr_len || arp->ar_pln != sizeof(req->sip))
		return false;
	/* other media have other layouts */
	if (dev->type != ARPHRD_ETHER || arp->ar_hrd != htons(ARPHRD_ETHER))
		return false;
	p = (const u8 *)(arp + 1);
	req->sha = p;
	p += dev->addr_len;
	memcpy(&req->sip, p, sizeof(req->sip));
	p += sizeof(req->sip) + dev->addr_len;
	memcpy(&req->tip, p, sizeof(req->tip));
	return true;
}

static bool in_some_pool(const struct vpngw_config *config, __be32 ip)
{
	union nf_inet_addr addr = { .ip = ip };
	const struct vpngw_rule *rule;

	list_for_each_entry(rule, &config->rules, node)
		if (rule->pool && vpngw_pool_contains(rule->pool, &addr))
			return true;
	return false;
}

static bool is_connected(const struct net_device *dev, __be32 ip)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(ip, ifa))
			return true;
	return false;
}

/**
 * vpngw_arp_in() - answer ARP requests for pool and static addresses
 * @priv: namespace
 * @skb: ARP packet
 * @state: hook
 *
 * An address that is the gateway's own is left to the stack, which answers
 * as well.
 *
 * Context: NF_ARP_IN, under RCU.
 * Return: NF_STOLEN if the request was answered, NF_DROP without memory for an
 *	answer, NF_ACCEPT for all else.
 */
unsigned int vpngw_arp_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct vpngw_net *vn = priv;
	struct net_device *dev = state->in;
	struct vpngw_pkt pkt = { .vn = vn, .in = dev };
	const struct vpngw_config *config;
	const struct vpngw_iface *iface;
	struct arp_request req;
	struct sk_buff *reply;

	config = rcu_dereference(vn->config);
	if (!config)
		return NF_ACCEPT;
	iface = vpngw_config_iface(config, dev->ifindex);
	if (!iface || !(iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE))
		return NF_ACCEPT;
	/* a gratuitous request asks nothing */
	if (!arp_parse(skb, dev, &req) || req.sip == req.tip)
		return NF_ACCEPT;
	if (!in_some_pool(config, req.tip) && !vpngw_statics_own(config, req.tip, true))
		return NF_ACCEPT;
	if (!is_connected(dev, req.tip) || inet_addr_type(state->net, req.tip) == RTN_LOCAL)
		return NF_ACCEPT;

	reply = arp_create(ARPOP_REPLY, ETH_P_ARP, req.sip, dev, req.tip, req.sha, dev->dev_addr,
			   req.sha);
	if (!reply) {
		/* not by its skb, which is no IP packet */
		pkt.f.t.src.ip = req.sip;
		pkt.f.t.dst.ip = req.tip;
		return vpngw_drop(&pkt, VPNGW_REASON_NO_MEMORY);
	}
	arp_xmit(reply);
	consume_skb(skb);
	return NF_STOLEN;
}
