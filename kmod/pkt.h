/* SPDX-License-Identifier: GPL-2.0 */
/* What vpngw knows about the packet in hand; parsed once per hook. */
#ifndef _VPNGW_PKT_H
#define _VPNGW_PKT_H

#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <uapi/linux/vpngw.h>

#include "stats.h"

struct net_device;
struct vpngw_config;
struct vpngw_iface;
struct vpngw_net;
struct vpngw_xlate;

/**
 * struct vpngw_tuple - identity of a flow in one direction
 * @src: source address
 * @dst: destination address
 * @sport: source port; for ICMP queries the identifier, 0 where there is none
 * @dport: destination port; for ICMP queries the identifier as well
 * @proto: IP protocol
 * @family: NFPROTO_IPV4
 * @pad: always zero, so that a tuple can be hashed and compared as memory
 *
 * With the identifier in both ports, the reverse of an echo request is the
 * tuple of its reply, like that of any other protocol.
 */
struct vpngw_tuple {
	union nf_inet_addr	src;
	union nf_inet_addr	dst;
	__be16			sport;
	__be16			dport;
	u8			proto;
	u8			family;
	u16			pad;
};

/**
 * struct vpngw_fields - all that an access list entry can look at
 * @t: addresses, protocol and ports
 * @ports: the ports of @t are valid (TCP, UDP, SCTP, DCCP, UDP-Lite)
 * @later_fragment: not the first fragment, so there is no transport header
 * @tos: type of service octet
 * @tcp_flags: octet 13 of the TCP header
 * @icmp_type: valid if @t.proto is ICMP and not @later_fragment
 * @icmp_code: as @icmp_type
 */
struct vpngw_fields {
	struct vpngw_tuple	t;
	bool			ports;
	bool			later_fragment;
	u8			tos;
	u8			tcp_flags;
	u8			icmp_type;
	u8			icmp_code;
};

/* what a flow is remembered with, see flow.h */
enum vpngw_flow_nat {
	VPNGW_FLOW_NAT_NONE,		/* its interfaces ask for no translation */
	VPNGW_FLOW_NAT_EXEMPT,		/* no rule wants to translate it */
	VPNGW_FLOW_NAT_TRANSLATE,
};

/**
 * struct vpngw_flow_draft - what is being decided of the flow of a packet
 * @keep: it may be remembered
 * @nat: enum vpngw_flow_nat
 * @place: where
 * @epoch: that of all flows before anything was decided
 * @place_epoch: that of @place then
 * @hits: counters of the entries that exempt it from translation
 */
struct vpngw_flow_draft {
	bool		keep;
	u8		nat;
	u32		place;
	u32		epoch;
	u32		place_epoch;
	u64 __percpu	*hits[2];
};

/**
 * struct vpngw_pkt - a packet on its way through a hook, on the stack
 * @skb: the packet; skb->data is at the IP header
 * @vn: its namespace
 * @config: configuration in force when the packet arrived, under RCU
 * @in: device it came in by, NULL if it was made here
 * @out: device it leaves by, NULL at PRE_ROUTING
 * @iface: roles of @out, or at PRE_ROUTING of @in, as the packet arrived; NULL if
 *	it has none
 * @f: what classifiers look at
 * @thoff: offset of the transport header from the IP header; 0 until @f is filled in
 * @len: length of the IP packet, from its header
 * @icmp_error: an ICMP error, whose payload quotes another packet
 * @xlate: by which the source was translated, NULL if it was not; under RCU
 * @flow: on its way out, what becomes of its flow
 */
struct vpngw_pkt {
	struct sk_buff			*skb;
	struct vpngw_net		*vn;
	const struct vpngw_config	*config;
	const struct net_device		*in;
	const struct net_device		*out;
	const struct vpngw_iface	*iface;
	struct vpngw_fields		f;
	unsigned int			thoff;
	unsigned int			len;
	bool				icmp_error;
	struct vpngw_xlate		*xlate;
	struct vpngw_flow_draft		flow;
};

static inline struct iphdr *vpngw_iph(const struct vpngw_pkt *pkt)
{
	return ip_hdr(pkt->skb);
}

enum vpngw_reason vpngw_pkt_parse(struct vpngw_pkt *pkt);
bool vpngw_fields_icmp_error(const struct vpngw_fields *f);
bool vpngw_pkt_quoted(const struct vpngw_pkt *pkt, struct vpngw_fields *f);
void vpngw_tuple_reverse(struct vpngw_tuple *out, const struct vpngw_tuple *t);
void vpngw_fields_reverse(struct vpngw_fields *out, const struct vpngw_fields *f);
void vpngw_fields_answer(struct vpngw_fields *out, const struct vpngw_fields *f);

#endif /* _VPNGW_PKT_H */
