/* SPDX-License-Identifier: GPL-2.0 */
/* What <net/netlink.h> of older kernels lacks. */
#ifndef _VPNGW_COMPAT_NET_NETLINK_H
#define _VPNGW_COMPAT_NET_NETLINK_H

#include <linux/version.h>
#include_next <net/netlink.h>

/* Before 6.8 a policy points to its range as if it could write there. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#undef NLA_POLICY_FULL_RANGE
#define NLA_POLICY_FULL_RANGE(tp, _range) {				\
	.type = NLA_ENSURE_UINT_OR_BINARY_TYPE(tp),			\
	.validation_type = NLA_VALIDATE_RANGE_PTR,			\
	.range = (struct netlink_range_validation *)(_range),		\
}
#endif

#endif /* _VPNGW_COMPAT_NET_NETLINK_H */
