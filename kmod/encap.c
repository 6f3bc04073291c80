// SPDX-License-Identifier: GPL-2.0
/*
 * The outer headers are written before the packet is sealed, because ESP does
 * not cover them and the inner header cannot be read afterwards.
 */

#include <linux/ip.h>
#include <linux/jhash.h>
#include <linux/net.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "encap.h"
#include "esp.h"
#include "sa.h"
#include "vpngw.h"

/* counters of identities; more than a few only spare CPUs each other's cache lines */
#define IDENTS	1024

DEFINE_PER_CPU(const struct sk_buff *, vpngw_encap_sending);

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

/**
 * vpngw_encap_ident() - the counter that numbers ESP between two ends
 * @sa: association, with its addresses filled in
 *
 * The identity of a packet that may be fragmented must not repeat, as long as its
 * fragments may be on their way, between the same two ends with the same protocol
 * (RFC 6864): so all associations between the two have one counter, and sharing it
 * with others does no harm. The stack has such counters as well, but computes for
 * each packet which; ESP in UDP takes its identities there, because key negotiation
 * does.
 *
 * Context: process.
 * Return: the counter
 */
atomic_t *vpngw_encap_ident(const struct vpngw_sa *sa)
{
	static atomic_t idents[IDENTS];
	static u32 seed;

	net_get_random_once(&seed, sizeof(seed));
	/* a boot must not repeat what the last one sent */
	net_get_random_once(idents, sizeof(idents));
	return &idents[jhash_2words((__force u32)sa->saddr.ip, (__force u32)sa->daddr.ip,
				    seed) % IDENTS];
}

static void select_ident(const struct vpngw_sa *sa, struct iphdr *iph)
{
	if (sa->encap_dport)
		__ip_select_ident(sa->vn->net, iph, 1);
	else
		iph->id = htons(atomic_inc_return(sa->ident));
}

/* RFC 3948 section 2.1: no checksum; the length comes with sealing. */
static void push_udp(const struct vpngw_sa *sa, struct sk_buff *skb)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	uh->source = sa->encap_sport;
	uh->dest = sa->encap_dport;
	uh->len = 0;
	uh->check = 0;
}

/* Is don't-fragment set on the outside, for a packet that has it so? */
static bool outer_df(const struct vpngw_sa *sa, bool df)
{
	return sa->flags & VPNGW_SA_FLAG_DF_SET || (sa->flags & VPNGW_SA_FLAG_DF_COPY && df);
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
	bool df = outer_df(sa, inner->df);
	struct iphdr *iph;

	if (sa->encap_dport)
		push_udp(sa, skb);
	skb_reset_transport_header(skb);
	iph = __skb_push(skb, sizeof(*iph));
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
		select_ident(sa, iph);
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

	this_cpu_write(vpngw_encap_sending, skb);
	err = ip_local_out(sa->vn->net, NULL, skb);
	/* it may have ended before it got to POST_ROUTING; then another packet may
	 * be where it was
	 */
	this_cpu_write(vpngw_encap_sending, NULL);
	return net_xmit_eval(err);
}

/* What was known of the outer packet, but the device it came in by. The network
 * header is at skb->data.
 */
static void forget_outer(struct sk_buff *skb, unsigned int hlen)
{
	int iif;

	/* link layer header back in front, for whoever looks at it later */
	skb_mac_header_rebuild(skb);
	skb_reset_mac_len(skb);
	skb_set_transport_header(skb, hlen);
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_level = 0;
	skb->encapsulation = 0;
	/* set if the outer packet came in fragments */
	skb->ignore_df = 0;
	skb_clear_hash(skb);
	skb_dst_drop(skb);
	secpath_reset(skb);
	nf_reset_ct(skb);
	iif = IPCB(skb)->iif;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->iif = iif;
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

	if (skb->len < sizeof(*iph) || iph->version != 4 || iph->ihl < 5 ||
	    skb->len < iph->ihl * 4 || ip_fast_csum((u8 *)iph, iph->ihl))
		return VPNGW_REASON_ESP_INNER_HEADER;

	len = ntohs(iph->tot_len);
	if (skb->len < len || len < iph->ihl * 4)
		return VPNGW_REASON_ESP_INNER_HEADER;
	__skb_trim(skb, len);

	skb_reset_network_header(skb);
	forget_outer(skb, iph->ihl * 4);

	/* 2: the combination must be dropped (RFC 6040 section 4.2) */
	if (INET_ECN_decapsulate(skb, outer_tos, iph->tos) > 1)
		return VPNGW_REASON_ESP_ECN;
	return VPNGW_OK;
}

/**
 * vpngw_encap_has_room() - is a packet still an IP packet with ESP in transport mode?
 * @sa: outbound association
 * @skb: packet, before it is fragmented
 *
 * Return: false if its length would not fit into the header's field. Each segment of a
 *	large packet does
 */
bool vpngw_encap_has_room(const struct vpngw_sa *sa, const struct sk_buff *skb)
{
	unsigned int hlen = ip_hdrlen(skb) + vpngw_encap_overhead(sa);
	unsigned int len = skb->len - ip_hdrlen(skb);

	return skb_is_gso(skb) || len <= vpngw_esp_payload_max(sa, IP_MAX_MTU - hlen);
}

/**
 * vpngw_encap_insert() - put an ESP header behind the header of a packet
 * @sa: outbound association in transport mode
 * @skb: whole packet between its two ends, skb->data at the IP header; on return
 *	at the ESP header, as from vpngw_esp_prepare() and vpngw_encap_push()
 * @rt: route to the peer
 * @seq: sequence number
 *
 * A packet that has become too long for the path is sent in fragments, its
 * don't-fragment bit notwithstanding: the sender would have to be told a figure
 * for the very destination that ESP itself has, and ESP would then fit even less.
 *
 * Context: softirqs off.
 * Return: 0 or -ENOMEM
 */
int vpngw_encap_insert(struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
		       u64 seq)
{
	unsigned int hlen = ip_hdrlen(skb);
	unsigned int outer = hlen + (sa->encap_dport ? sizeof(struct udphdr) : 0);
	union {
		struct iphdr	iph;
		u8		octets[60];	/* the longest */
	} head;
	struct iphdr *iph = &head.iph;
	bool df;
	int err;

	memcpy(&head, skb->data, hlen);
	__skb_pull(skb, hlen);
	err = vpngw_esp_prepare(sa, skb, seq, iph->protocol,
				LL_RESERVED_SPACE(rt->dst.dev) + outer);
	if (err)
		return err;

	df = outer_df(sa, iph->frag_off & htons(IP_DF)) &&
	     skb->len + outer <= dst_mtu(&rt->dst);
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->protocol = sa->encap_dport ? IPPROTO_UDP : IPPROTO_ESP;

	if (sa->encap_dport)
		push_udp(sa, skb);
	skb_reset_transport_header(skb);
	memcpy(skb_push(skb, hlen), &head, hlen);
	skb_reset_network_header(skb);
	/* one that was not to be fragmented may have none */
	if (!df && !iph->id)
		select_ident(sa, ip_hdr(skb));
	__skb_pull(skb, outer);
	return 0;
}

/**
 * vpngw_encap_remove() - close the gap that an ESP header leaves
 * @sa: inbound association in transport mode
 * @skb: packet, private and linear; skb->data is at the payload of ESP, on return
 *	at the IP header in front of it
 * @next_header: protocol of the payload
 *
 * Return: VPNGW_OK, or VPNGW_REASON_ESP_NEXT_HEADER for a packet that is only
 *	there to hide when there is none (RFC 4303 section 2.6)
 */
enum vpngw_reason vpngw_encap_remove(const struct vpngw_sa *sa, struct sk_buff *skb,
				     u8 next_header)
{
	unsigned int hlen = ip_hdrlen(skb);
	struct iphdr *iph = ip_hdr(skb);

	if (next_header == IPPROTO_NONE)
		return VPNGW_REASON_ESP_NEXT_HEADER;

	memmove(__skb_push(skb, hlen), iph, hlen);
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->protocol = next_header;
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	forget_outer(skb, hlen);
	/* NAT between has changed what the checksum of TCP or UDP covers (RFC 3948
	 * section 3.1.2), which the integrity check vouches for in its stead
	 */
	if (sa->encap_dport)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return VPNGW_OK;
}
