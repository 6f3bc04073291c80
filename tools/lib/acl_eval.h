/* SPDX-License-Identifier: GPL-2.0 */
/* What an access list says about a packet, by the book: used by the lint. */
#ifndef VG_ACL_EVAL_H
#define VG_ACL_EVAL_H

#include "model.h"

/**
 * struct vg_packet - what access lists look at
 * @fragment: a later fragment, which has no ports
 */
struct vg_packet {
	uint32_t src, dst;
	uint8_t proto, tos;
	bool fragment;
	uint16_t sport, dport;
	uint8_t tcp_flags, icmp_type, icmp_code;
};

bool vg_ace_match(const struct vg_ace *ace, const struct vg_packet *pkt);
const struct vg_ace *vg_acl_eval(const struct vg_acl *acl, const struct vg_packet *pkt);
bool vg_ace_covers(const struct vg_ace *wide, const struct vg_ace *narrow);
bool vg_ace_meet(const struct vg_ace *a, const struct vg_ace *b);
const struct vg_rm_entry *vg_route_map_eval(const struct vg_config *cfg,
					    const struct vg_route_map *rm,
					    const struct vg_packet *pkt, const char *egress,
					    const struct vg_ace **ace);

#endif
