/* SPDX-License-Identifier: GPL-2.0 */
/* What is in front of ESP: the outer headers of tunnel mode, IPv4 and perhaps UDP,
 * on and off; in transport mode the packet's own header, moved over ESP and back.
 */
#ifndef _VPNGW_ENCAP_H
#define _VPNGW_ENCAP_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "pkt.h"
#include "sa.h"
#include "stats.h"

struct rtable;

/**
 * struct vpngw_inner - what the outer header takes from the inner one
 * @tos: DSCP and ECN
 * @df: don't-fragment is set
 */
struct vpngw_inner {
	u8	tos;
	bool	df;
};

/* RFC 3947: where key negotiation goes when there is NAT, and ESP in UDP with it */
#define VPNGW_PORT_NATT	4500

unsigned int vpngw_encap_overhead(const struct vpngw_sa *sa);
struct rtable *vpngw_encap_route(struct vpngw_sa *sa);
atomic_t *vpngw_encap_ident(const struct vpngw_sa *sa);
void vpngw_encap_push(const struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
		      const struct vpngw_inner *inner);
int vpngw_encap_send(struct vpngw_sa *sa, struct sk_buff *skb);
enum vpngw_reason vpngw_encap_uncover(const struct vpngw_sa *sa, struct sk_buff *skb,
				      u8 outer_tos);

/* the packet that vpngw_encap_send() hands to the stack on this CPU */
DECLARE_PER_CPU(const struct sk_buff *, vpngw_encap_sending);

/**
 * vpngw_encap_is_sending() - is this a packet of vpngw_encap_send()?
 * @skb: packet at POST_ROUTING
 *
 * Says so once: should a tunnel device send the packet again inside another one,
 * it is one like any other there. A packet that some hook has parked meanwhile
 * is not known any more.
 *
 * Context: any; a packet is only ever sending with softirqs off.
 * Return: true if so
 */
static inline bool vpngw_encap_is_sending(const struct sk_buff *skb)
{
	if (this_cpu_read(vpngw_encap_sending) != skb)
		return false;
	this_cpu_write(vpngw_encap_sending, NULL);
	return true;
}

/* transport mode */
int vpngw_encap_insert(struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
		       u64 seq);
bool vpngw_encap_has_room(const struct vpngw_sa *sa, const struct sk_buff *skb);
enum vpngw_reason vpngw_encap_remove(const struct vpngw_sa *sa, struct sk_buff *skb,
				     u8 next_header);

/**
 * vpngw_encap_carries() - can an association carry a packet in its mode?
 * @sa: outbound association
 * @pkt: packet, with the addresses that it will have in @pkt->f
 *
 * Return: false for a fragment, a packet that is not between the two ends, or one that
 *	would be longer than an IP packet can be, in transport mode (RFC 4303 section
 *	3.1.1)
 */
static inline bool vpngw_encap_carries(const struct vpngw_sa *sa, const struct vpngw_pkt *pkt)
{
	if (likely(sa->mode == VPNGW_MODE_TUNNEL))
		return true;
	return pkt->f.t.src.ip == sa->saddr.ip && pkt->f.t.dst.ip == sa->daddr.ip &&
	       !ip_is_fragment(ip_hdr(pkt->skb)) && vpngw_encap_has_room(sa, pkt->skb);
}

#endif /* _VPNGW_ENCAP_H */
