/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_NAMES_H
#define VG_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct vg_name {
	const char *name;
	uint32_t value;
};

/* Terminated by an entry without name. */
extern const struct vg_name vg_protocols[];
extern const struct vg_name vg_tcp_ports[];
extern const struct vg_name vg_udp_ports[];
extern const struct vg_name vg_icmp_messages[];
extern const struct vg_name vg_igmp_types[];
extern const struct vg_name vg_precedences[];
extern const struct vg_name vg_tos_names[];
extern const struct vg_name vg_dscp_names[];
extern const struct vg_name vg_tcp_flags[];

#define VG_ICMP(type, code)	((type) << 8 | (code))
#define VG_ICMP_ANY_CODE	0xffff0000U
#define VG_ICMP_TYPE(type)	(VG_ICMP_ANY_CODE | (type) << 8)

const char *vg_name_of(const struct vg_name *names, uint32_t value);

#endif
