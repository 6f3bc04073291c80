/* SPDX-License-Identifier: GPL-2.0 */
/* The outer headers of tunnel mode, IPv4 and perhaps UDP, on and off. */
#ifndef _VPNGW_ENCAP_H
#define _VPNGW_ENCAP_H

#include <linux/skbuff.h>
#include <linux/udp.h>

#include "stats.h"

struct iphdr;
struct rtable;
struct vpngw_sa;

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
void vpngw_encap_push(const struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
		      const struct vpngw_inner *inner);
int vpngw_encap_send(struct vpngw_sa *sa, struct sk_buff *skb);
bool vpngw_encap_is_sending(const struct sk_buff *skb);
enum vpngw_reason vpngw_encap_uncover(const struct vpngw_sa *sa, struct sk_buff *skb,
				      u8 outer_tos);

#endif /* _VPNGW_ENCAP_H */
