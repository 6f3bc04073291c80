/* SPDX-License-Identifier: GPL-2.0 */
/* Rewriting one packet by a translation. No state, no look-ups. */
#ifndef _VPNGW_NAT_H
#define _VPNGW_NAT_H

#include "pkt.h"
#include "xlate.h"

enum vpngw_reason vpngw_nat_rewrite(struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
				    enum vpngw_xlate_dir dir);
void vpngw_nat_restore(struct vpngw_pkt *pkt);
enum vpngw_reason vpngw_nat_quoted(struct vpngw_pkt *pkt, struct vpngw_fields *quoted);
enum vpngw_reason vpngw_nat_rewrite_error(struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
					  enum vpngw_xlate_dir dir);

#endif /* _VPNGW_NAT_H */
