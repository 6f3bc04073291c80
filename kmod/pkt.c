// SPDX-License-Identifier: GPL-2.0
/* Bounds-checked parsing of the packet in hand. */

#include <linux/icmp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "pkt.h"

/* octet 13 of the TCP header holds the flags (RFC 9293 section 3.1) */
#define TCP_FLAGS_OFFSET	13

static bool parse_ports(struct vpngw_pkt *pkt)
{
	__be16 buf[2], *ports;

	ports = skb_header_pointer(pkt->skb, skb_network_offset(pkt->skb) + pkt->thoff,
				   sizeof(buf), buf);
	if (!ports)
		return false;

	pkt->f.t.sport = ports[0];
	pkt->f.t.dport = ports[1];
	pkt->f.ports = true;
	return true;
}

static bool parse_tcp(struct vpngw_pkt *pkt)
{
	u8 buf, *flags;

	flags = skb_header_pointer(pkt->skb,
				   skb_network_offset(pkt->skb) + pkt->thoff + TCP_FLAGS_OFFSET,
				   sizeof(buf), &buf);
	if (!flags)
		return false;

	pkt->f.tcp_flags = *flags;
	return parse_ports(pkt);
}

static bool parse_icmp(struct vpngw_pkt *pkt)
{
	struct icmphdr buf, *icmph;

	icmph = skb_header_pointer(pkt->skb, skb_network_offset(pkt->skb) + pkt->thoff,
				   sizeof(buf), &buf);
	if (!icmph)
		return false;

	pkt->f.icmp_type = icmph->type;
	pkt->f.icmp_code = icmph->code;
	switch (icmph->type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		pkt->icmp_error = true;
		break;
	case ICMP_ECHO:
	case ICMP_ECHOREPLY:
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		pkt->f.t.sport = icmph->un.echo.id;
		pkt->f.t.dport = icmph->un.echo.id;
		break;
	}
	return true;
}

/**
 * vpngw_pkt_parse() - fill in what classifiers look at
 * @pkt: packet with @skb set; the IP stack has checked the IP header
 *
 * Reads only; pulls nothing. To be called again when the packet has become
 * another one, such as after decapsulation.
 *
 * Context: any.
 * Return: VPNGW_OK, or VPNGW_REASON_BAD_HEADER if a transport header that must
 *	be there is cut short
 */
enum vpngw_reason vpngw_pkt_parse(struct vpngw_pkt *pkt)
{
	const struct iphdr *iph = ip_hdr(pkt->skb);
	bool ok = true;

	memset(&pkt->f, 0, sizeof(pkt->f));
	pkt->f.t.family = NFPROTO_IPV4;
	pkt->f.t.proto = iph->protocol;
	pkt->f.t.src.ip = iph->saddr;
	pkt->f.t.dst.ip = iph->daddr;
	pkt->f.tos = iph->tos;
	pkt->thoff = iph->ihl * 4;
	pkt->len = pkt->skb->len - skb_network_offset(pkt->skb);
	pkt->icmp_error = false;

	if (iph->frag_off & htons(IP_OFFSET)) {
		pkt->f.later_fragment = true;
		return VPNGW_OK;
	}

	switch (iph->protocol) {
	case IPPROTO_TCP:
		ok = parse_tcp(pkt);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		ok = parse_ports(pkt);
		break;
	case IPPROTO_ICMP:
		ok = parse_icmp(pkt);
		break;
	}
	/* a first fragment may be short; what it is a part of is looked at again */
	return ok || ip_is_fragment(iph) ? VPNGW_OK : VPNGW_REASON_BAD_HEADER;
}

/**
 * vpngw_tuple_reverse() - the tuple of the opposite direction
 * @out: result; not @t
 * @t: tuple
 */
void vpngw_tuple_reverse(struct vpngw_tuple *out, const struct vpngw_tuple *t)
{
	out->src = t->dst;
	out->dst = t->src;
	out->sport = t->dport;
	out->dport = t->sport;
	out->proto = t->proto;
	out->family = t->family;
	out->pad = 0;
}

/**
 * vpngw_fields_reverse() - the fields as a packet of the opposite direction
 * @out: result; not @f
 * @f: fields
 *
 * Only addresses and ports swap places. A crypto access list describes
 * outbound traffic; inbound traffic is held against it in this form.
 */
void vpngw_fields_reverse(struct vpngw_fields *out, const struct vpngw_fields *f)
{
	*out = *f;
	vpngw_tuple_reverse(&out->t, &f->t);
}
