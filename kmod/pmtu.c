// SPDX-License-Identifier: GPL-2.0
/* Effective MTU of an association, and telling senders about it. */

#include <linux/in.h>
#include <linux/udp.h>
#include <net/esp.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>

#include "encap.h"
#include "esp.h"
#include "pmtu.h"
#include "sad.h"
#include "trace.h"
#include "vpngw.h"

/* How far behind the last packet sent the one may be that an error is about. */
#define QUOTE_AGE_MAX	65536

/**
 * vpngw_pmtu_inner() - longest inner packet that needs no outer fragments
 * @sa: outbound association
 * @rt: route to the peer
 *
 * Remembers the path MTU for show commands.
 *
 * Context: softirqs off.
 * Return: octets, at least the 68 that RFC 791 lets every link carry; any length
 *	in transport mode, which is fragmented after ESP
 */
unsigned int vpngw_pmtu_inner(struct vpngw_sa *sa, const struct rtable *rt)
{
	unsigned int mtu = dst_mtu(&rt->dst);
	unsigned int inner;

	if (READ_ONCE(sa->pmtu) != mtu)
		WRITE_ONCE(sa->pmtu, mtu);
	if (sa->mode == VPNGW_MODE_TRANSPORT)
		return IP_MAX_MTU;

	inner = vpngw_esp_payload_max(sa, mtu - min(mtu, vpngw_encap_overhead(sa)));
	return max_t(unsigned int, inner, IPV4_MIN_MTU);
}

/**
 * vpngw_pmtu_fits() - does a packet, or each segment of it, fit?
 * @skb: packet
 * @mtu: longest IP packet
 *
 * Return: true if so
 */
bool vpngw_pmtu_fits(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len - skb_network_offset(skb) <= mtu;
}

/* The association whose packet is quoted at an offset, if it can be ours. */
static struct vpngw_sa *quoted_sa(const struct vpngw_pkt *pkt, int off)
{
	struct iphdr buf, *iph;
	struct ip_esp_hdr esp_buf, *esph;
	struct vpngw_sa *sa;
	bool in_udp;
	u64 last;

	iph = skb_header_pointer(pkt->skb, off, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 || iph->frag_off & htons(IP_OFFSET))
		return NULL;
	off += iph->ihl * 4;
	in_udp = iph->protocol == IPPROTO_UDP;
	if (in_udp)
		off += sizeof(struct udphdr);
	else if (iph->protocol != IPPROTO_ESP)
		return NULL;
	esph = skb_header_pointer(pkt->skb, off, sizeof(esp_buf), &esp_buf);
	if (!esph)
		return NULL;

	sa = vpngw_sad_lookup(pkt->vn, esph->spi, &(union nf_inet_addr){ .ip = iph->daddr },
			      NFPROTO_IPV4);
	if (!sa || sa->dir != VPNGW_DIRECTION_OUT || sa->saddr.ip != iph->saddr ||
	    !!sa->encap_sport != in_udp)
		return NULL;
	/* nobody who did not see a packet lately knows where the numbers are */
	last = atomic64_read(&sa->seq);
	if (lower_32_bits(last) - ntohl(esph->seq_no) >= min_t(u64, last, QUOTE_AGE_MAX))
		return NULL;
	return sa;
}

/* Where an ICMP error quotes the packet it is about. */
static unsigned int quote_offset(const struct vpngw_pkt *pkt)
{
	return pkt->thoff + sizeof(struct icmphdr);
}

/**
 * vpngw_pmtu_asked() - does a router ask for smaller packets?
 * @pkt: ICMP error
 *
 * Return: true for "fragmentation needed"
 */
bool vpngw_pmtu_asked(const struct vpngw_pkt *pkt)
{
	return pkt->f.icmp_type == ICMP_DEST_UNREACH && pkt->f.icmp_code == ICMP_FRAG_NEEDED;
}

/**
 * vpngw_pmtu_proven() - is an ICMP error about a packet of ours?
 * @pkt: ICMP error from outside
 *
 * Context: PRE_ROUTING, under RCU, softirqs off.
 * Return: true if it quotes ESP that was sent lately
 */
bool vpngw_pmtu_proven(const struct vpngw_pkt *pkt)
{
	return quoted_sa(pkt, quote_offset(pkt));
}

/**
 * vpngw_pmtu_learn() - take note that a router could not forward a packet of ours
 * @pkt: ICMP error from outside
 *
 * Believed is only "fragmentation needed" with a quote of a packet that was sent
 * lately. The figure is the routing table's from then on, which has a floor
 * (net.ipv4.route.min_pmtu) and forgets it (mtu_expires).
 *
 * Context: PRE_ROUTING, under RCU, softirqs off. Header pointers may be void
 * afterwards.
 */
void vpngw_pmtu_learn(struct vpngw_pkt *pkt)
{
	unsigned int off = quote_offset(pkt);
	struct sk_buff *skb = pkt->skb;
	struct vpngw_sa *sa;
	u16 mtu;

	if (!vpngw_pmtu_asked(pkt))
		return;
	sa = quoted_sa(pkt, off);
	if (!sa || !pskb_may_pull(skb, off + sizeof(struct iphdr)))
		return;
	mtu = ntohs(((struct icmphdr *)(skb->data + pkt->thoff))->un.frag.mtu);
	if (!mtu)
		return;

	trace_sa_state(pkt->vn->net, sa, "path-mtu");
	__skb_pull(skb, off);
	ipv4_update_pmtu(skb, pkt->vn->net, mtu, 0, ((struct iphdr *)skb->data)->protocol);
	__skb_push(skb, off);
}

/**
 * vpngw_pmtu_tell() - tell the sender of a packet what would have fitted
 * @pkt: packet with don't-fragment set
 * @mtu: longest IP packet
 *
 * Context: softirqs off.
 */
void vpngw_pmtu_tell(struct vpngw_pkt *pkt, unsigned int mtu)
{
	icmp_send(pkt->skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
}
