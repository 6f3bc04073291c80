/* SPDX-License-Identifier: GPL-2.0 */
/* Selectors: which packets an association is for (RFC 4301 section 4.4.1.1). */
#ifndef _VPNGW_SELECTOR_H
#define _VPNGW_SELECTOR_H

#include <linux/netfilter.h>

#include "pkt.h"

/**
 * struct vpngw_selector - traffic of an association, seen from the gateway
 * @local: address on our side, already under the mask
 * @local_mask: one bits are compared
 * @remote: address on the peer's side, already under the mask
 * @remote_mask: one bits are compared
 * @proto: IP protocol, -1 for any
 * @local_port: host byte order, -1 for any
 * @remote_port: host byte order, -1 for any
 */
struct vpngw_selector {
	union nf_inet_addr	local;
	union nf_inet_addr	local_mask;
	union nf_inet_addr	remote;
	union nf_inet_addr	remote_mask;
	int			proto;
	int			local_port;
	int			remote_port;
};

bool vpngw_selector_match_addr(const struct vpngw_selector *sel, const struct vpngw_fields *f,
			       enum vpngw_direction dir);
bool vpngw_selector_match(const struct vpngw_selector *sel, const struct vpngw_fields *f,
			  enum vpngw_direction dir);

#endif /* _VPNGW_SELECTOR_H */
