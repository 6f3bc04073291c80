// SPDX-License-Identifier: GPL-2.0
/*
 * The outer headers are written before the packet is sealed, because ESP does
 * not cover them and the inner header cannot be read afterwards.
 */

#include <linux/ip.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "encap.h"
#include "sa.h"
#include "vpngw.h"

/* the packet that vpngw_encap_send() hands to the stack on this CPU */
static DEFINE_PER_CPU(struct sk_buff *, sending);

/**
 * vpngw_encap_overhead() - octets in front of the ESP header
 * @sa: association
 *
 * Return: length of the outer headers
 */
unsigned int vpngw_encap_overhead(const struct vpngw_sa *sa)
{
	return sizeof(struct iphdr) + (sa->encap_dport ? sizeof(struct udphdr) : 0);
}

/**
 * vpngw_encap_route() - route to the peer
 * @sa: outbound association
 *
 * Looked up once and kept until the routing tables change.
 *
 * Context: softirqs off.
 * Return: route with a reference, or NULL if there is none
 */
struct rtable *vpngw_encap_route(struct vpngw_sa *sa)
{
	struct flowi4 fl4 = {};
	struct rtable *rt;
	__be32 saddr;

	rt = dst_cache_get_ip4(&sa->dst_cache, &saddr);
	if (rt)
		return rt;

	fl4.flowi4_proto = sa->encap_dport ? IPPROTO_UDP : IPPROTO_ESP;
	fl4.fl4_sport = sa->encap_sport;
	fl4.fl4_dport = sa->encap_dport;
	fl4.saddr = sa->saddr.ip;
	fl4.daddr = sa->daddr.ip;
	rt = ip_route_output_key(sa->vn->net, &fl4);
	if (IS_ERR(rt))
		return NULL;

	dst_cache_set_ip4(&sa->dst_cache, &rt->dst, fl4.saddr);
	return rt;
}

/* RFC 3948 section 2.1: no checksum; the length comes with sealing. */
static void push_udp(const struct vpngw_sa *sa, struct sk_buff *skb)
{
	struct udphdr *uh = skb_push(skb, sizeof(*uh));

	uh->source = sa->encap_sport;
	uh->dest = sa->encap_dport;
	uh->len = 0;
	uh->check = 0;
}

/**
 * vpngw_encap_push() - put the outer headers in front of an ESP packet
 * @sa: outbound association
 * @skb: packet with room; skb->data is at the ESP header, on return as well
 * @rt: route to the peer
 * @inner: what is taken from the inner header: DSCP copied, ECN by the normal
 *	mode of RFC 6040, don't-fragment as the association says
 *
 * Lengths and checksum are filled in by vpngw_encap_send().
 */
void vpngw_encap_push(const struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
		      const struct vpngw_inner *inner)
{
	bool df = sa->flags & VPNGW_SA_FLAG_DF_SET ||
		  (sa->flags & VPNGW_SA_FLAG_DF_COPY && inner->df);
	struct iphdr *iph;

	if (sa->encap_dport)
		push_udp(sa, skb);
	skb_reset_transport_header(skb);
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = sizeof(*iph) >> 2;
	iph->tos = inner->tos;
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = ip4_dst_hoplimit(&rt->dst);
	iph->protocol = sa->encap_dport ? IPPROTO_UDP : IPPROTO_ESP;
	iph->saddr = sa->saddr.ip;
	iph->daddr = sa->daddr.ip;
	/* never a fragment, never put together: needs no identity (RFC 6864) */
	if (!df)
		__ip_select_ident(sa->vn->net, iph, 1);
	__skb_pull(skb, vpngw_encap_overhead(sa));
}

/**
 * vpngw_encap_send() - send a sealed packet to the peer
 * @sa: outbound association
 * @skb: packet; skb->data is at the ESP header, the outer header in front of
 *	it, and its dst is the route to the peer
 *
 * The packet is a new one of this host for the stack: it passes LOCAL_OUT and
 * POST_ROUTING once more. Connection tracking leaves it alone, since its
 * opposite direction is never tracked either.
 *
 * Context: softirqs off. Consumes @skb.
 * Return: 0 or a negative error
 */
int vpngw_encap_send(struct vpngw_sa *sa, struct sk_buff *skb)
{
	int err;

	__skb_push(skb, -skb_network_offset(skb));
	if (sa->encap_dport)
		udp_hdr(skb)->len = htons(skb->len - skb_transport_offset(skb));
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb->ignore_df = 0;
	skb->pkt_type = PACKET_HOST;
	skb->skb_iif = 0;
	skb->mark = 0;
	secpath_reset(skb);
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	nf_reset_trace(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));

	this_cpu_write(sending, skb);
	err = ip_local_out(sa->vn->net, NULL, skb);
	/* it may have ended before it got to POST_ROUTING; then another packet may
	 * be where it was
	 */
	this_cpu_write(sending, NULL);
	return net_xmit_eval(err);
}

/**
 * vpngw_encap_is_sending() - is this a packet of vpngw_encap_send()?
 * @skb: packet at POST_ROUTING
 *
 * Says so once: should a tunnel device send the packet again inside another one,
 * it is one like any other there. A packet that some hook has parked meanwhile
 * is not known any more.
 *
 * Context: softirqs off.
 * Return: true if so
 */
bool vpngw_encap_is_sending(const struct sk_buff *skb)
{
	if (this_cpu_read(sending) != skb)
		return false;
	this_cpu_write(sending, NULL);
	return true;
}

/**
 * vpngw_encap_uncover() - make the inner packet of a verified one the packet
 * @sa: inbound association
 * @skb: packet, private and linear; skb->data is at the inner header
 * @outer_tos: type of service of the outer header
 *
 * Checks the inner header as the IP stack checks one from the wire, cuts off
 * what lies behind the packet (RFC 4303 section 2.7), and forgets all that was
 * known of the outer packet but the device it came in by.
 *
 * Return: VPNGW_OK, VPNGW_REASON_ESP_INNER_HEADER or VPNGW_REASON_ESP_ECN
 */
enum vpngw_reason vpngw_encap_uncover(const struct vpngw_sa *sa, struct sk_buff *skb,
				      u8 outer_tos)
{
	struct iphdr *iph = (struct iphdr *)skb->data;
	unsigned int len;
	int iif;

	if (skb->len < sizeof(*iph) || iph->version != 4 || iph->ihl < 5 ||
	    skb->len < iph->ihl * 4 || ip_fast_csum((u8 *)iph, iph->ihl))
		return VPNGW_REASON_ESP_INNER_HEADER;

	len = ntohs(iph->tot_len);
	if (skb->len < len || len < iph->ihl * 4)
		return VPNGW_REASON_ESP_INNER_HEADER;
	__skb_trim(skb, len);

	/* link layer header back in front, for whoever looks at it later */
	skb_mac_header_rebuild(skb);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	skb_set_transport_header(skb, iph->ihl * 4);
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_level = 0;
	skb->encapsulation = 0;
	skb_clear_hash(skb);
	skb_dst_drop(skb);
	secpath_reset(skb);
	nf_reset_ct(skb);
	iif = IPCB(skb)->iif;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->iif = iif;

	/* 2: the combination must be dropped (RFC 6040 section 4.2) */
	if (INET_ECN_decapsulate(skb, outer_tos, iph->tos) > 1)
		return VPNGW_REASON_ESP_ECN;
	return VPNGW_OK;
}
