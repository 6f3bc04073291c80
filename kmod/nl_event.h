/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications to user space: a sink. Callable from any context, the packet
 * path included; without listeners they cost one test.
 */
#ifndef _VPNGW_NL_EVENT_H
#define _VPNGW_NL_EVENT_H

#include "pkt.h"

struct vpngw_policy;
struct vpngw_sa;
struct vpngw_xlate;

void vpngw_event_init(struct vpngw_net *vn);
void vpngw_event_exit(struct vpngw_net *vn);

void vpngw_event_config(struct vpngw_net *vn, u32 generation);
void vpngw_event_sa(struct vpngw_net *vn, const struct vpngw_sa *sa, const char *cause);
void vpngw_event_peer(struct vpngw_sa *sa, __be32 addr, __be16 port);
void vpngw_event_acquire(const struct vpngw_pkt *pkt, const struct vpngw_policy *policy);
void vpngw_event_xlate(struct vpngw_net *vn, const struct vpngw_xlate *x, const char *cause);
void vpngw_event_drops(struct vpngw_net *vn);

#endif /* _VPNGW_NL_EVENT_H */
