/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VPNGW_PORT_H
#define _VPNGW_PORT_H

/*
 * The ports of a global address that several inside hosts share.
 */

#include "natrule.h"
#include "pkt.h"

bool vpngw_port_usable(const struct vpngw_pkt *pkt, const struct vpngw_rule *rule,
		       const struct vpngw_tuple *in);
bool vpngw_port_rewritable(u8 proto);
void vpngw_port_class(u8 proto, u16 port, u16 *lo, u16 *hi);

#endif /* _VPNGW_PORT_H */
