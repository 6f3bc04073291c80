/* SPDX-License-Identifier: GPL-2.0 */
/* Access lists: ordered entries, first match decides, implicit deny. */
#ifndef _VPNGW_ACL_H
#define _VPNGW_ACL_H

#include <linux/list.h>
#include <uapi/linux/vpngw.h>

#include "acl_index.h"
#include "hits.h"
#include "pkt.h"

/**
 * struct vpngw_port_range - inclusive range of ports, host byte order
 * @lo: lowest
 * @hi: highest
 */
struct vpngw_port_range {
	u16	lo;
	u16	hi;
};

/**
 * struct vpngw_ace - access list entry; immutable once committed
 * @seq: sequence number
 * @line: line of the configuration
 * @action: enum vpngw_action
 * @has_proto: @proto must match
 * @has_icmp_type: @icmp_type must match
 * @has_icmp_code: @icmp_code must match
 * @proto: IP protocol
 * @icmp_type: ICMP type
 * @icmp_code: ICMP code
 * @tcp_mask: TCP flags that are looked at
 * @tcp_value: values they must have
 * @tos: type of service under @tos_mask
 * @tos_mask: bits of the type of service that are compared
 * @flags: enum vpngw_ace_flag
 * @src: source address, already under the mask
 * @src_mask: one bits are compared (the inverse of the wildcard)
 * @dst: destination address, already under the mask
 * @dst_mask: one bits are compared
 * @n_sport: entries of @sport; 0 means any
 * @n_dport: entries of @dport; 0 means any
 * @sport: source port ranges
 * @dport: destination port ranges
 */
struct vpngw_ace {
	u32			seq;
	u32			line;
	u8			action;
	bool			has_proto;
	bool			has_icmp_type;
	bool			has_icmp_code;
	u8			proto;
	u8			icmp_type;
	u8			icmp_code;
	u8			tcp_mask;
	u8			tcp_value;
	u8			tos;
	u8			tos_mask;
	u8			n_sport;
	u8			n_dport;
	u32			flags;
	union nf_inet_addr	src;
	union nf_inet_addr	src_mask;
	union nf_inet_addr	dst;
	union nf_inet_addr	dst_mask;
	struct vpngw_port_range	sport[VPNGW_PORT_RANGE_MAX];
	struct vpngw_port_range	dport[VPNGW_PORT_RANGE_MAX];
};

/**
 * struct vpngw_acl - access list; immutable once committed, but for counters
 * @node: in &struct vpngw_config.acls, which owns it
 * @name_node: in &struct vpngw_config.acl_names
 * @name: number or name
 * @line: line of the configuration of its first entry
 * @standard: written as a standard list
 * @by_tuple: no entry looks at more of a packet with ports than its tuple
 * @by_source: no entry looks at anything but the source address
 * @n: entries
 * @room: entries allocated, while the list is being built
 * @ace: entries, ascending by sequence number
 * @hits: one counter for each entry, made or taken over at commit
 * @index: how packets find their entry in a long list, made at commit; or NULL
 */
struct vpngw_acl {
	struct list_head	node;
	struct hlist_node	name_node;
	char			name[VPNGW_NAME_MAX + 1];
	u32			line;
	bool			standard;
	bool			by_tuple;
	bool			by_source;
	u32			n;
	u32			room;
	struct vpngw_ace	*ace;
	struct vpngw_hits	*hits;
	struct vpngw_acl_index	*index;
};

/**
 * struct vpngw_acl_verdict - what an access list says of a packet
 * @permit: the deciding entry permits
 * @ace: the deciding entry; NULL for the implicit deny at the end
 */
struct vpngw_acl_verdict {
	bool			permit;
	const struct vpngw_ace	*ace;
};

struct vpngw_acl *vpngw_acl_alloc(const char *name);
void vpngw_acl_free(struct vpngw_acl *acl);
int vpngw_acl_append(struct vpngw_acl *acl, const struct vpngw_ace *ace);
int vpngw_acl_compile(struct vpngw_acl *acl, const struct vpngw_acl *old);

bool vpngw_ace_match_sport(const struct vpngw_ace *a, const struct vpngw_fields *f);
bool vpngw_ace_match(const struct vpngw_ace *a, const struct vpngw_fields *f);
u32 vpngw_acl_scan(const struct vpngw_acl *acl, const struct vpngw_fields *f);
void vpngw_acl_match(const struct vpngw_acl *acl, const struct vpngw_fields *f,
		     struct vpngw_acl_verdict *v);
u64 __percpu *vpngw_acl_hits(const struct vpngw_acl *acl, const struct vpngw_ace *ace);
void vpngw_acl_count(const struct vpngw_acl *acl, const struct vpngw_ace *ace);

#endif /* _VPNGW_ACL_H */
