/* SPDX-License-Identifier: GPL-2.0 */
/* Until 6.18 whoever looks up a socket of TCP names the table. */
#ifndef _VPNGW_COMPAT_NET_INET_HASHTABLES_H
#define _VPNGW_COMPAT_NET_INET_HASHTABLES_H

#include <linux/version.h>

#include_next <net/inet_hashtables.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
static inline struct sock *vpngw_compat_inet_lookup(struct net *net, struct sk_buff *skb,
						    int doff, __be32 saddr, __be16 sport,
						    __be32 daddr, __be16 dport, int dif)
{
	return inet_lookup(net, net->ipv4.tcp_death_row.hashinfo, skb, doff, saddr, sport,
			   daddr, dport, dif);
}

#define inet_lookup	vpngw_compat_inet_lookup
#endif

#endif /* _VPNGW_COMPAT_NET_INET_HASHTABLES_H */
