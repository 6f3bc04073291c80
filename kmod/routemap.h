/* SPDX-License-Identifier: GPL-2.0 */
/* Route-maps: ordered sequences of match clauses over access lists. */
#ifndef _VPNGW_ROUTEMAP_H
#define _VPNGW_ROUTEMAP_H

#include <linux/list.h>

#include "acl.h"

#define VPNGW_RM_MATCH_MAX	8

struct vpngw_iface;

/**
 * struct vpngw_rm_entry - one sequence of a route-map
 * @seq: sequence number
 * @line: line of the configuration
 * @action: enum vpngw_action
 * @n_acl: access lists named by match ip address
 * @n_ifindex: interfaces named by match interface
 * @acl_name: names as configured
 * @acl: the lists, resolved at commit; NULL where undefined, which is ignored
 * @ifindex: egress interfaces, as they were when the sequence was added
 * @iface: where their indices stand now, for those that have a role; resolved at
 *	commit, so that a device that comes back under its name matches again
 */
struct vpngw_rm_entry {
	u32			seq;
	u32			line;
	u8			action;
	u8			n_acl;
	u8			n_ifindex;
	char			acl_name[VPNGW_RM_MATCH_MAX][VPNGW_NAME_MAX + 1];
	const struct vpngw_acl	*acl[VPNGW_RM_MATCH_MAX];
	u32			ifindex[VPNGW_RM_MATCH_MAX];
	const struct vpngw_iface *iface[VPNGW_RM_MATCH_MAX];
};

/**
 * struct vpngw_route_map - route-map; immutable once committed, but for counters
 * @node: in &struct vpngw_config.route_maps, which owns it
 * @name: name
 * @line: line of the configuration of its first sequence
 * @n: sequences
 * @hits: one counter for each sequence, made or taken over at commit
 * @entry: sequences, ascending
 */
struct vpngw_route_map {
	struct list_head	node;
	char			name[VPNGW_NAME_MAX + 1];
	u32			line;
	u32			n;
	struct vpngw_hits	*hits;
	struct vpngw_rm_entry	entry[];
};

/**
 * struct vpngw_rm_verdict - what a route-map says of a packet
 * @permit: the deciding sequence permits
 * @entry: the deciding sequence; NULL for the implicit deny at the end
 * @acl: access list that decided last, NULL if none was asked
 * @ace: its deciding entry, NULL for the implicit deny. When no sequence
 *	matched, the first access list entry that denied: that is the line an
 *	operator wrote to exempt the packet
 */
struct vpngw_rm_verdict {
	bool				permit;
	const struct vpngw_rm_entry	*entry;
	const struct vpngw_acl		*acl;
	const struct vpngw_ace		*ace;
};

u32 vpngw_rm_entry_ifindex(const struct vpngw_rm_entry *e, u8 i);
struct vpngw_route_map *vpngw_route_map_alloc(const char *name, u32 n);
void vpngw_route_map_free(struct vpngw_route_map *rm);
int vpngw_route_map_compile(struct vpngw_route_map *rm, const struct vpngw_route_map *old);
void vpngw_route_map_match(const struct vpngw_route_map *rm,
			   const struct vpngw_fields *f, int out_ifindex,
			   struct vpngw_rm_verdict *v);
void vpngw_route_map_hits(const struct vpngw_route_map *rm, const struct vpngw_rm_verdict *v,
			  u64 __percpu *hits[2]);
void vpngw_route_map_count(const struct vpngw_route_map *rm,
			   const struct vpngw_rm_verdict *v);

#endif /* _VPNGW_ROUTEMAP_H */
