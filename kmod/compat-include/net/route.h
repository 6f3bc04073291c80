/* SPDX-License-Identifier: GPL-2.0 */
/* Input routing takes a DSCP instead of a type of service from 6.13 on. */
#ifndef _VPNGW_COMPAT_NET_ROUTE_H
#define _VPNGW_COMPAT_NET_ROUTE_H

#include_next <net/route.h>
#include <linux/version.h>

/* Macros, because <net/ip.h> includes this before it declares ip4h_dscp(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define vpngw_route_input(skb, iph) \
	ip_route_input_noref(skb, (iph)->daddr, (iph)->saddr, (iph)->tos, (skb)->dev)
#else
#define vpngw_route_input(skb, iph) \
	ip_route_input_noref(skb, (iph)->daddr, (iph)->saddr, ip4h_dscp(iph), (skb)->dev)
#endif

#endif /* _VPNGW_COMPAT_NET_ROUTE_H */
