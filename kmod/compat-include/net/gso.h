/* SPDX-License-Identifier: GPL-2.0 */
/* Segmentation has a header of its own from 6.5 on. */
#ifndef _VPNGW_COMPAT_NET_GSO_H
#define _VPNGW_COMPAT_NET_GSO_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif

#endif /* _VPNGW_COMPAT_NET_GSO_H */
