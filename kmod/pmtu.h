/* SPDX-License-Identifier: GPL-2.0 */
/* How large a packet may be that goes through an association. */
#ifndef _VPNGW_PMTU_H
#define _VPNGW_PMTU_H

#include "pkt.h"

struct rtable;
struct vpngw_sa;

unsigned int vpngw_pmtu_inner(struct vpngw_sa *sa, const struct rtable *rt);
bool vpngw_pmtu_fits(const struct sk_buff *skb, unsigned int mtu);
bool vpngw_pmtu_asked(const struct vpngw_pkt *pkt);
bool vpngw_pmtu_proven(const struct vpngw_pkt *pkt);
void vpngw_pmtu_learn(struct vpngw_pkt *pkt);
void vpngw_pmtu_tell(struct vpngw_pkt *pkt, unsigned int mtu);

#endif /* _VPNGW_PMTU_H */
