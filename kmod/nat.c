// SPDX-License-Identifier: GPL-2.0
/*
 * Rewriting one packet by a translation. No state, no look-ups.
 *
 * Outbound the source becomes inside global, inbound the destination becomes
 * inside local. An ICMP error has the address rewritten in its own header and,
 * the other way round, in the packet that it quotes.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "nat.h"

/**
 * struct l4 - where a transport header has what NAT changes
 * @len: octets that must be there; 0 if nothing in it changes
 * @check: offset of the checksum
 * @sport: offset of the source port or ICMP identifier
 * @dport: offset of the destination port or ICMP identifier
 * @pseudo: the checksum covers the addresses as well
 */
struct l4 {
	u8	len;
	u8	check;
	u8	sport;
	u8	dport;
	bool	pseudo;
};

static const struct l4 l4_none = {};
static const struct l4 l4_tcp = { 20, 16, 0, 2, true };
static const struct l4 l4_udp = { 8, 6, 0, 2, true };	/* UDP-Lite and DCCP, too */
static const struct l4 l4_icmp = { 8, 2, 4, 4, false };

static const struct l4 *l4_of(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return &l4_tcp;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return &l4_udp;
	case IPPROTO_ICMP:
		return &l4_icmp;
	}
	return &l4_none;
}

/**
 * struct change - what a translation changes in a packet, or in a quoted one
 * @src: it is the source; else the destination
 * @port: the port or identifier changes
 * @old_addr: address before
 * @new_addr: address after
 * @old_port: port before, if @port
 * @new_port: port after, if @port
 */
struct change {
	bool	src;
	bool	port;
	__be32	old_addr;
	__be32	new_addr;
	__be16	old_port;
	__be16	new_port;
};

static __always_inline void change_of(struct change *c, const struct vpngw_xlate *x,
				      enum vpngw_xlate_dir dir)
{
	const struct vpngw_tuple *out = &x->n[VPNGW_XLATE_OUT].tuple;
	const struct vpngw_tuple *in = &x->n[VPNGW_XLATE_IN].tuple;
	bool outbound = dir == VPNGW_XLATE_OUT;

	c->src = outbound;
	c->old_addr = outbound ? out->src.ip : in->dst.ip;
	c->new_addr = outbound ? in->dst.ip : out->src.ip;
	c->old_port = outbound ? out->sport : in->dport;
	c->new_port = outbound ? in->dport : out->sport;
	/* in a simple entry both are zero */
	c->port = c->old_port != c->new_port;
}

static void iph_change(struct iphdr *iph, const struct change *c)
{
	csum_replace4(&iph->check, c->old_addr, c->new_addr);
	if (c->src)
		iph->saddr = c->new_addr;
	else
		iph->daddr = c->new_addr;
}

/* A zero UDP checksum means that there is none, and stays. */
static bool udp_without_check(const struct sk_buff *skb, u8 proto, __sum16 check)
{
	return proto == IPPROTO_UDP && !check && skb->ip_summed != CHECKSUM_PARTIAL;
}

static __always_inline void l4_change(struct sk_buff *skb, u8 proto, u8 *hdr,
				      const struct change *c)
{
	const struct l4 *l4 = l4_of(proto);
	__sum16 *check = (__sum16 *)(hdr + l4->check);
	__be16 *port = (__be16 *)(hdr + (c->src ? l4->sport : l4->dport));

	if (udp_without_check(skb, proto, *check)) {
		/* with nothing to make up for it, the sum over all changes */
		if (c->port && skb->ip_summed == CHECKSUM_COMPLETE)
			skb->ip_summed = CHECKSUM_NONE;
	} else {
		if (l4->pseudo)
			inet_proto_csum_replace4(check, skb, c->old_addr, c->new_addr, true);
		if (c->port)
			inet_proto_csum_replace2(check, skb, c->old_port, c->new_port, false);
		if (proto == IPPROTO_UDP && !*check)
			*check = CSUM_MANGLED_0;
	}
	if (c->port)
		*port = c->new_port;
}

static void fields_change(struct vpngw_fields *f, const struct change *c)
{
	struct vpngw_tuple *t = &f->t;

	if (c->src)
		t->src.ip = c->new_addr;
	else
		t->dst.ip = c->new_addr;
	if (!c->port)
		return;
	if (c->src || t->proto == IPPROTO_ICMP)
		t->sport = c->new_port;
	if (!c->src || t->proto == IPPROTO_ICMP)
		t->dport = c->new_port;
}

/* Made once for each direction, so that which fields change is known ahead. */
static __always_inline enum vpngw_reason rewrite(struct vpngw_pkt *pkt,
						 const struct vpngw_xlate *x,
						 enum vpngw_xlate_dir dir)
{
	const struct l4 *l4 = l4_of(pkt->f.t.proto);
	struct sk_buff *skb = pkt->skb;
	unsigned int need = pkt->thoff;
	struct change c;

	change_of(&c, x, dir);
	if (pkt->f.later_fragment)
		l4 = &l4_none;
	/* a port that nobody can find, or under a checksum that is not made here */
	if (c.port && !l4->len)
		return VPNGW_REASON_NAT_UNTRANSLATABLE;
	need += l4->len;
	if (need > pkt->len)
		return VPNGW_REASON_BAD_HEADER;
	/* mostly it is */
	if ((skb_headlen(skb) < need || skb_cloned(skb)) && skb_ensure_writable(skb, need))
		return VPNGW_REASON_NO_MEMORY;

	if (l4->len)
		l4_change(skb, pkt->f.t.proto, skb->data + pkt->thoff, &c);
	iph_change(ip_hdr(skb), &c);
	fields_change(&pkt->f, &c);
	skb_clear_hash(skb);
	return VPNGW_OK;
}

/**
 * vpngw_nat_rewrite() - translate a packet
 * @pkt: packet that is not an ICMP error; @pkt->f follows the change
 * @x: its translation
 * @dir: its direction
 *
 * Context: packet path, under RCU. Header pointers are void afterwards.
 * Return: VPNGW_OK; or a reason to drop, with the packet as it was:
 * VPNGW_REASON_BAD_HEADER, VPNGW_REASON_NO_MEMORY, or
 * VPNGW_REASON_NAT_UNTRANSLATABLE if a port cannot be rewritten.
 */
enum vpngw_reason vpngw_nat_rewrite(struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
				    enum vpngw_xlate_dir dir)
{
	return dir == VPNGW_XLATE_OUT ? rewrite(pkt, x, VPNGW_XLATE_OUT) :
					rewrite(pkt, x, VPNGW_XLATE_IN);
}

/**
 * vpngw_nat_restore() - give a packet the source back that it came with
 * @pkt: packet that was translated on its way out
 *
 * For an error to its sender, who knows nothing of the translation.
 *
 * Context: packet path, under RCU.
 */
void vpngw_nat_restore(struct vpngw_pkt *pkt)
{
	const struct l4 *l4 = pkt->f.later_fragment ? &l4_none : l4_of(pkt->f.t.proto);
	struct change c;

	if (!pkt->xlate)
		return;
	change_of(&c, pkt->xlate, VPNGW_XLATE_OUT);
	swap(c.old_addr, c.new_addr);
	swap(c.old_port, c.new_port);
	if (l4->len)
		l4_change(pkt->skb, pkt->f.t.proto, pkt->skb->data + pkt->thoff, &c);
	iph_change(ip_hdr(pkt->skb), &c);
	fields_change(&pkt->f, &c);
	pkt->xlate = NULL;
}

static unsigned int quote_offset(const struct vpngw_pkt *pkt)
{
	return pkt->thoff + sizeof(struct icmphdr);
}

/**
 * vpngw_nat_quoted() - which packet does an ICMP error quote?
 * @pkt: ICMP error
 * @quoted: what is known of that packet as it travelled where the error comes from
 *
 * An error from outside quotes an outbound packet after its translation, one
 * from inside an inbound packet after its own. In either case the reverse of
 * the tuple finds the translation, in the direction of the error.
 *
 * Context: packet path. Changes nothing.
 * Return: VPNGW_OK; VPNGW_REASON_BAD_HEADER if the quote is malformed or cut
 * short; VPNGW_REASON_NAT_UNTRANSLATABLE for a later fragment or a quoted error.
 */
enum vpngw_reason vpngw_nat_quoted(struct vpngw_pkt *pkt, struct vpngw_fields *quoted)
{
	if (!vpngw_pkt_quoted(pkt, quoted))
		return VPNGW_REASON_BAD_HEADER;
	if (quoted->later_fragment)
		return VPNGW_REASON_NAT_UNTRANSLATABLE;
	switch (quoted->t.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return quoted->ports ? VPNGW_OK : VPNGW_REASON_BAD_HEADER;
	case IPPROTO_ICMP:
		/* an error about an error is never sent (RFC 1122 section 3.2.2) */
		return vpngw_fields_icmp_error(quoted) ? VPNGW_REASON_NAT_UNTRANSLATABLE :
							 VPNGW_OK;
	}
	return VPNGW_OK;
}

/*
 * In a quote every octet counts towards the checksum of the error, those of the
 * inner checksums included. The header checksum makes up for the address
 * exactly, so the two cancel out; what follows is what is left to account for.
 */
static void quoted_l4_change(struct icmphdr *icmph, u8 proto, u8 *hdr, unsigned int avail,
			     const struct change *c)
{
	const struct l4 *l4 = l4_of(proto);
	__be16 *port = (__be16 *)(hdr + (c->src ? l4->sport : l4->dport));
	__sum16 *check = (__sum16 *)(hdr + l4->check);
	__sum16 old;

	if (!l4->len)
		return;
	if (avail >= l4->check + sizeof(*check) && (*check || proto != IPPROTO_UDP)) {
		old = *check;
		if (l4->pseudo)
			csum_replace4(check, c->old_addr, c->new_addr);
		if (c->port)
			csum_replace2(check, c->old_port, c->new_port);
		if (proto == IPPROTO_UDP && !*check)
			*check = CSUM_MANGLED_0;
		csum_replace2(&icmph->checksum, (__force __be16)old, (__force __be16)*check);
	}
	if (c->port) {
		csum_replace2(&icmph->checksum, *port, c->new_port);
		*port = c->new_port;
	}
}

/**
 * vpngw_nat_rewrite_error() - translate an ICMP error
 * @pkt: ICMP error; vpngw_nat_quoted() returned VPNGW_OK for it. @pkt->f
 *	follows the change
 * @x: translation of the packet that it quotes
 * @dir: direction of the error
 *
 * The quote becomes the packet as the receiver of the error sent it. The source
 * of an outbound error becomes inside global even if it is not the inside host
 * of the translation but a router before it, whose address nobody outside is to
 * see. The gateway itself speaks with its own address, as a router does.
 *
 * Context: packet path, under RCU. Header pointers are void afterwards.
 * Return: VPNGW_OK; or a reason to drop, with the packet as it was:
 * VPNGW_REASON_BAD_HEADER, VPNGW_REASON_NO_MEMORY, or
 * VPNGW_REASON_NAT_UNTRANSLATABLE if an error from outside is not for the
 * global address, or a port cannot be rewritten.
 */
enum vpngw_reason vpngw_nat_rewrite_error(struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
					  enum vpngw_xlate_dir dir)
{
	unsigned int off = quote_offset(pkt), l4_off, avail;
	struct change outer, inner;
	struct sk_buff *skb = pkt->skb;
	struct iphdr buf, *iph;
	struct icmphdr *icmph;

	iph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!iph)
		return VPNGW_REASON_BAD_HEADER;
	l4_off = off + iph->ihl * 4;
	if (l4_off > pkt->len)
		return VPNGW_REASON_BAD_HEADER;
	avail = min_t(unsigned int, pkt->len - l4_off, l4_of(iph->protocol)->len);

	change_of(&outer, x, dir);
	inner = outer;
	inner.src = !outer.src;
	if (!outer.src && ip_hdr(skb)->daddr != outer.old_addr)
		return VPNGW_REASON_NAT_UNTRANSLATABLE;
	if (outer.src)
		outer.old_addr = ip_hdr(skb)->saddr;
	/* made here */
	if (outer.src && !skb->skb_iif)
		outer.new_addr = outer.old_addr;
	outer.port = false;
	if (inner.port && !avail)
		return VPNGW_REASON_NAT_UNTRANSLATABLE;

	if (skb_ensure_writable(skb, l4_off + avail))
		return VPNGW_REASON_NO_MEMORY;
	icmph = (struct icmphdr *)(skb->data + pkt->thoff);
	iph = (struct iphdr *)(skb->data + off);
	quoted_l4_change(icmph, iph->protocol, skb->data + l4_off, avail, &inner);
	iph_change(iph, &inner);
	iph_change(ip_hdr(skb), &outer);
	fields_change(&pkt->f, &outer);
	skb_clear_hash(skb);
	return VPNGW_OK;
}
