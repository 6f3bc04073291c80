/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VPNGW_INPUT_H
#define _VPNGW_INPUT_H

#include "pkt.h"

bool vpngw_input_is_ike(const struct vpngw_pkt *pkt);
enum vpngw_reason vpngw_input_untranslated(const struct vpngw_pkt *pkt);
bool vpngw_input_answered(const struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
			  const struct vpngw_fields *f);
bool vpngw_input_asks(const struct sk_buff *skb, const struct vpngw_iface *iface);
unsigned int vpngw_input(struct vpngw_pkt *pkt);

#endif /* _VPNGW_INPUT_H */
