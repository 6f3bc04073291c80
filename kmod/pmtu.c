// SPDX-License-Identifier: GPL-2.0
/* Effective MTU of an association, and telling senders about it. */

#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>

#include "encap.h"
#include "esp.h"
#include "pmtu.h"
#include "sa.h"

/**
 * vpngw_pmtu_inner() - longest inner packet that needs no outer fragments
 * @sa: outbound association
 * @rt: route to the peer
 *
 * Remembers the path MTU for show commands.
 *
 * Context: softirqs off.
 * Return: octets, at least the 68 that RFC 791 lets every link carry
 */
unsigned int vpngw_pmtu_inner(struct vpngw_sa *sa, const struct rtable *rt)
{
	unsigned int mtu = dst_mtu(&rt->dst);
	unsigned int inner;

	if (READ_ONCE(sa->pmtu) != mtu)
		WRITE_ONCE(sa->pmtu, mtu);

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
