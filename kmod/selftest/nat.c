// SPDX-License-Identifier: GPL-2.0
/*
 * Rewritten packets against checksums made from scratch: every transport, both
 * directions, with and without a new port; and ICMP errors whose quote must
 * come out as the packet that its receiver sent.
 */

#include <linux/icmp.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "../nat.h"
#include "../selftest.h"

#define LOCAL		htonl(0x0a020205)	/* inside local */
#define GLOBAL		htonl(0xc9462096)	/* inside global */
#define OUTSIDE		htonl(0xc6336407)
#define ROUTER		htonl(0xc0000201)
#define PAYLOAD		37	/* odd, for the last octet of the sums */

struct nat_case {
	u8	proto;
	u16	local_port;
	u16	global_port;
	u16	outside_port;
	bool	no_check;
	bool	partial;
};

static const struct nat_case cases[] = {
	{ IPPROTO_TCP, 11000, 11000, 80 },
	{ IPPROTO_TCP, 11000, 40961, 80 },
	{ IPPROTO_UDP, 5353, 5353, 53 },
	{ IPPROTO_UDP, 5353, 61000, 53 },
	{ IPPROTO_UDP, 5353, 61000, 53, true },
	{ IPPROTO_TCP, 11000, 40961, 80, false, true },
	{ IPPROTO_UDP, 5353, 61000, 53, false, true },
	{ IPPROTO_ICMP, 7720, 7720, 7720 },
	{ IPPROTO_ICMP, 7720, 1, 1 },
	{ IPPROTO_GRE, 0, 0, 0 },
};

static unsigned int l4_len(u8 proto)
{
	return proto == IPPROTO_TCP ? sizeof(struct tcphdr) : 8;
}

static __sum16 *l4_check(u8 proto, u8 *l4)
{
	switch (proto) {
	case IPPROTO_TCP:
		return &((struct tcphdr *)l4)->check;
	case IPPROTO_UDP:
		return &((struct udphdr *)l4)->check;
	case IPPROTO_ICMP:
		return &((struct icmphdr *)l4)->checksum;
	}
	return NULL;
}

static __sum16 l4_sum(const struct iphdr *iph, u8 *l4, unsigned int len)
{
	if (iph->protocol == IPPROTO_ICMP)
		return csum_fold(csum_partial(l4, len, 0));
	return csum_tcpudp_magic(iph->saddr, iph->daddr, len, iph->protocol,
				 csum_partial(l4, len, 0));
}

/* What the stack leaves in the field for a device that completes the sum. */
static __sum16 pseudo_sum(const struct iphdr *iph, unsigned int len)
{
	return ~csum_tcpudp_magic(iph->saddr, iph->daddr, len, iph->protocol, 0);
}

static void fill_ip(struct iphdr *iph, u8 proto, __be32 saddr, __be32 daddr, unsigned int len)
{
	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = saddr;
	iph->daddr = daddr;
	iph->tot_len = htons(len);
	iph->check = ip_fast_csum(iph, iph->ihl);
}

/* A packet between a host, under either of its addresses, and the outside. */
static unsigned int build(u8 *p, const struct nat_case *c, enum vpngw_xlate_dir dir, bool global)
{
	unsigned int len = sizeof(struct iphdr) + l4_len(c->proto) + PAYLOAD, i;
	__be16 host_port = htons(global ? c->global_port : c->local_port);
	__be16 ports[2] = { host_port, htons(c->outside_port) };
	bool out = dir == VPNGW_XLATE_OUT;
	__be32 host = global ? GLOBAL : LOCAL;
	u8 *l4 = p + sizeof(struct iphdr);
	__sum16 *check;

	fill_ip((struct iphdr *)p, c->proto, out ? host : OUTSIDE, out ? OUTSIDE : host, len);
	for (i = 0; i < len - sizeof(struct iphdr); i++)
		l4[i] = i * 7;
	if (c->proto == IPPROTO_ICMP) {
		((struct icmphdr *)l4)->type = out ? ICMP_ECHO : ICMP_ECHOREPLY;
		((struct icmphdr *)l4)->un.echo.id = host_port;
	} else if (c->proto != IPPROTO_GRE) {
		if (!out)
			swap(ports[0], ports[1]);
		memcpy(l4, ports, sizeof(ports));
	}
	check = l4_check(c->proto, l4);
	if (check) {
		*check = 0;
		if (c->partial)
			*check = pseudo_sum((struct iphdr *)p, len - sizeof(struct iphdr));
		else if (!c->no_check)
			*check = l4_sum((struct iphdr *)p, l4, len - sizeof(struct iphdr));
	}
	return len;
}

static void make_xlate(struct vpngw_xlate *x, const struct nat_case *c)
{
	struct vpngw_tuple *out = &x->n[VPNGW_XLATE_OUT].tuple;
	struct vpngw_tuple *in = &x->n[VPNGW_XLATE_IN].tuple;

	memset(x, 0, sizeof(*x));
	x->flags = VPNGW_XLATE_FLAG_EXTENDED;
	out->src.ip = LOCAL;
	out->dst.ip = OUTSIDE;
	out->sport = htons(c->local_port);
	out->dport = htons(c->proto == IPPROTO_ICMP ? c->local_port : c->outside_port);
	out->proto = c->proto;
	out->family = NFPROTO_IPV4;
	vpngw_tuple_reverse(in, out);
	in->dst.ip = GLOBAL;
	in->dport = htons(c->global_port);
	if (c->proto == IPPROTO_ICMP)
		in->sport = in->dport;
}

static struct sk_buff *make_skb(const u8 *data, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(len + 64, GFP_KERNEL);

	if (!skb)
		return NULL;
	/* some octets of headroom, as from a device */
	skb_reserve(skb, 32);
	skb_reset_network_header(skb);
	skb_put_data(skb, data, len);
	skb->protocol = htons(ETH_P_IP);
	/* not made here */
	skb->skb_iif = 1;
	return skb;
}

static __sum16 sum_from(const struct vpngw_pkt *pkt, unsigned int off)
{
	return csum_fold(csum_partial(pkt->skb->data + off, pkt->skb->len - off, 0));
}

/* The sum of a device over everything must still be the sum over everything. */
static bool summed(const struct vpngw_pkt *pkt, const struct nat_case *c)
{
	const struct sk_buff *skb = pkt->skb;

	if (c->partial)
		return skb->ip_summed == CHECKSUM_PARTIAL;
	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return c->no_check;
	return csum_fold(skb->csum) == sum_from(pkt, pkt->thoff);
}

static int check_packet(const struct nat_case *c, enum vpngw_xlate_dir dir)
{
	bool out = dir == VPNGW_XLATE_OUT;
	u8 before[128], after[128];
	struct vpngw_pkt pkt = {};
	struct vpngw_tuple t;
	struct vpngw_xlate x;
	unsigned int len;
	int err = -EINVAL;

	make_xlate(&x, c);
	len = build(before, c, dir, !out);
	build(after, c, dir, out);
	pkt.skb = make_skb(before, len);
	if (!pkt.skb)
		return -ENOMEM;
	if (vpngw_pkt_parse(&pkt) || memcmp(&pkt.f.t, &x.n[dir].tuple, sizeof(pkt.f.t)))
		goto out;
	pkt.skb->ip_summed = c->partial ? CHECKSUM_PARTIAL : CHECKSUM_COMPLETE;
	if (!c->partial)
		pkt.skb->csum = csum_partial(before + pkt.thoff, len - pkt.thoff, 0);
	if (vpngw_nat_rewrite(&pkt, &x, dir) || memcmp(pkt.skb->data, after, len) ||
	    !summed(&pkt, c))
		goto out;
	vpngw_tuple_reverse(&t, &x.n[!dir].tuple);
	if (!memcmp(&pkt.f.t, &t, sizeof(t)))
		err = 0;
out:
	kfree_skb(pkt.skb);
	return err;
}

/* An ICMP error of @dir about a packet that went the other way. */
static unsigned int build_error(u8 *p, const struct nat_case *c, enum vpngw_xlate_dir dir,
				bool global, unsigned int quote)
{
	bool out = dir == VPNGW_XLATE_OUT;
	struct icmphdr *icmph = (struct icmphdr *)(p + sizeof(struct iphdr));
	__be32 host = global ? GLOBAL : LOCAL;
	u8 inner[128];

	build(inner, c, !dir, global);
	fill_ip((struct iphdr *)p, IPPROTO_ICMP, out ? host : ROUTER, out ? OUTSIDE : host,
		sizeof(struct iphdr) + sizeof(*icmph) + quote);
	memset(icmph, 0, sizeof(*icmph));
	icmph->type = ICMP_DEST_UNREACH;
	icmph->code = ICMP_FRAG_NEEDED;
	icmph->un.frag.mtu = htons(1300);
	memcpy(icmph + 1, inner, quote);
	icmph->checksum = csum_fold(csum_partial(icmph, sizeof(*icmph) + quote, 0));
	return sizeof(struct iphdr) + sizeof(*icmph) + quote;
}

static int check_error(const struct nat_case *c, enum vpngw_xlate_dir dir, unsigned int quote)
{
	bool out = dir == VPNGW_XLATE_OUT;
	struct vpngw_fields quoted;
	struct vpngw_tuple reverse;
	struct vpngw_pkt pkt = {};
	u8 before[192], after[192];
	struct vpngw_xlate x;
	unsigned int len;
	int err = -EINVAL;

	make_xlate(&x, c);
	len = build_error(before, c, dir, !out, quote);
	build_error(after, c, dir, out, quote);
	pkt.skb = make_skb(before, len);
	if (!pkt.skb)
		return -ENOMEM;
	if (vpngw_pkt_parse(&pkt) || !pkt.icmp_error || vpngw_nat_quoted(&pkt, &quoted))
		goto out;
	vpngw_tuple_reverse(&reverse, &quoted.t);
	if (memcmp(&reverse, &x.n[dir].tuple, sizeof(reverse)) ||
	    vpngw_nat_rewrite_error(&pkt, &x, dir) || memcmp(pkt.skb->data, after, len))
		goto out;
	err = 0;
out:
	kfree_skb(pkt.skb);
	return err;
}

/* Every quote that is cut short is refused, and nothing is read behind it. */
static int check_cut(const struct nat_case *c)
{
	struct vpngw_fields quoted;
	struct vpngw_pkt pkt = {};
	enum vpngw_reason reason;
	unsigned int quote, len;
	u8 packet[192];

	for (quote = 0; quote < sizeof(struct iphdr) + 4; quote++) {
		len = build_error(packet, c, VPNGW_XLATE_IN, true, quote);
		pkt.skb = make_skb(packet, len);
		if (!pkt.skb)
			return -ENOMEM;
		reason = vpngw_pkt_parse(&pkt) ?: vpngw_nat_quoted(&pkt, &quoted);
		kfree_skb(pkt.skb);
		if (reason != VPNGW_REASON_BAD_HEADER)
			return -EINVAL;
	}
	return 0;
}

/**
 * vpngw_selftest_nat() - test nat.c
 *
 * Context: module init.
 * Return: 0 or a negative error
 */
int vpngw_selftest_nat(void)
{
	static const unsigned int quotes[] = { 28, 40, 28 + PAYLOAD };
	unsigned int i, dir, q;
	int err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (dir = 0; dir < VPNGW_XLATE_DIRS; dir++) {
			err = check_packet(&cases[i], dir);
			/* no quote has come from a wire with half a checksum */
			for (q = 0; q < ARRAY_SIZE(quotes) && !err && !cases[i].partial; q++)
				err = check_error(&cases[i], dir, quotes[q]);
			if (err) {
				pr_err("selftest nat: case %u, direction %u\n", i, dir);
				return err;
			}
		}
	}
	return check_cut(&cases[0]);
}
