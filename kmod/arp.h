/* SPDX-License-Identifier: GPL-2.0 */
/* ARP for the addresses of NAT pools. */
#ifndef _VPNGW_ARP_H
#define _VPNGW_ARP_H

#include <linux/netfilter.h>

unsigned int vpngw_arp_in(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

#endif /* _VPNGW_ARP_H */
