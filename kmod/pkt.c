// SPDX-License-Identifier: GPL-2.0
/* Bounds-checked parsing of the packet in hand. */

#include <linux/icmp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "pkt.h"

/* octet 13 of the TCP header holds the flags (RFC 9293 section 3.1) */
#define TCP_FLAGS_OFFSET	13

/* Each parser reads at an offset from skb->data; false if the header is cut short. */

static bool parse_ports(const struct sk_buff *skb, int off, struct vpngw_fields *f)
{
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, off, sizeof(buf), buf);
	if (!ports)
		return false;

	f->t.sport = ports[0];
	f->t.dport = ports[1];
	f->ports = true;
	return true;
}

static bool parse_tcp(const struct sk_buff *skb, int off, struct vpngw_fields *f)
{
	u8 buf, *flags;

	if (!parse_ports(skb, off, f))
		return false;

	flags = skb_header_pointer(skb, off + TCP_FLAGS_OFFSET, sizeof(buf), &buf);
	if (!flags)
		return false;

	f->tcp_flags = *flags;
	return true;
}

static bool parse_icmp(const struct sk_buff *skb, int off, struct vpngw_fields *f)
{
	struct icmphdr buf, *icmph;

	icmph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!icmph)
		return false;

	f->icmp_type = icmph->type;
	f->icmp_code = icmph->code;
	switch (icmph->type) {
	case ICMP_ECHO:
	case ICMP_ECHOREPLY:
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		f->t.sport = icmph->un.echo.id;
		f->t.dport = icmph->un.echo.id;
		break;
	}
	return true;
}

static bool parse(const struct sk_buff *skb, int off, const struct iphdr *iph,
		  struct vpngw_fields *f)
{
	memset(f, 0, sizeof(*f));
	f->t.family = NFPROTO_IPV4;
	f->t.proto = iph->protocol;
	f->t.src.ip = iph->saddr;
	f->t.dst.ip = iph->daddr;
	f->tos = iph->tos;
	if (iph->frag_off & htons(IP_OFFSET)) {
		f->later_fragment = true;
		return true;
	}

	off += iph->ihl * 4;
	switch (iph->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(skb, off, f);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return parse_ports(skb, off, f);
	case IPPROTO_ICMP:
		return parse_icmp(skb, off, f);
	}
	return true;
}

/**
 * vpngw_fields_icmp_error() - is it an ICMP error?
 * @f: fields of a packet, or of one that is quoted
 *
 * Return: true if it is one of the messages that quote another packet
 */
bool vpngw_fields_icmp_error(const struct vpngw_fields *f)
{
	if (f->t.proto != IPPROTO_ICMP || f->later_fragment)
		return false;

	switch (f->icmp_type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return true;
	}
	return false;
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
	int off = skb_network_offset(pkt->skb);
	bool ok;

	ok = parse(pkt->skb, off, iph, &pkt->f);
	pkt->thoff = iph->ihl * 4;
	pkt->len = pkt->skb->len - off;
	pkt->icmp_error = ok && vpngw_fields_icmp_error(&pkt->f);
	/* a first fragment may be short; what it is a part of is looked at again */
	return ok || ip_is_fragment(iph) ? VPNGW_OK : VPNGW_REASON_BAD_HEADER;
}

/**
 * vpngw_pkt_quoted() - the packet that an ICMP error quotes
 * @pkt: ICMP error
 * @f: receives what there is of it; a transport header may be cut short
 *
 * Return: false if not even the addresses can be read
 */
bool vpngw_pkt_quoted(const struct vpngw_pkt *pkt, struct vpngw_fields *f)
{
	int off = skb_network_offset(pkt->skb) + pkt->thoff + sizeof(struct icmphdr);
	struct iphdr buf, *iph;

	iph = skb_header_pointer(pkt->skb, off, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return false;

	parse(pkt->skb, off, iph, f);
	return true;
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

static u8 icmp_counterpart(u8 type)
{
	switch (type) {
	case ICMP_ECHO:
		return ICMP_ECHOREPLY;
	case ICMP_ECHOREPLY:
		return ICMP_ECHO;
	case ICMP_TIMESTAMP:
	case ICMP_INFO_REQUEST:
	case ICMP_ADDRESS:
		return type + 1;
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESSREPLY:
		return type - 1;
	}
	return type;
}

/**
 * vpngw_fields_answer() - the fields of a packet that answers another, or is answered by it
 * @out: result; not @f
 * @f: fields
 *
 * As far as they can be told: an echo request goes with its reply, and whatever goes
 * with a segment of TCP acknowledges it.
 */
void vpngw_fields_answer(struct vpngw_fields *out, const struct vpngw_fields *f)
{
	vpngw_fields_reverse(out, f);
	if (f->t.proto == IPPROTO_TCP)
		out->tcp_flags |= TCPHDR_ACK;
	else if (f->t.proto == IPPROTO_ICMP)
		out->icmp_type = icmp_counterpart(f->icmp_type);
}
