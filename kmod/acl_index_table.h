/* SPDX-License-Identifier: GPL-2.0 */
/* An index of an access list inside; for acl_index.c and acl_build.c only. */
#ifndef _VPNGW_ACL_INDEX_TABLE_H
#define _VPNGW_ACL_INDEX_TABLE_H

#include <linux/hash.h>
#include <linux/types.h>

#include "acl_index.h"

#define VPNGW_ACL_TABLES_MAX	24

enum vpngw_acl_kind {
	VPNGW_ACL_ALONE,	/* one entry, or several that say the same */
	VPNGW_ACL_DPORT,	/* entries that differ in their destination ports only */
	VPNGW_ACL_SPORT,	/* entries that differ in their source ports only */
};

/**
 * struct vpngw_acl_range - ports from here up to the next range's
 * @lo: lowest
 * @ace: first entry that matches, or VPNGW_ACE_NONE
 */
struct vpngw_acl_range {
	u32	lo;
	u32	ace;
};

/**
 * struct vpngw_acl_group - entries with the same addresses and protocol
 * @src: source address, under its mask
 * @src_mask: one bits are compared
 * @dst: destination address, under its mask
 * @dst_mask: one bits are compared
 * @best: the first of them
 * @permit: the first of them that permits, or VPNGW_ACE_NONE
 * @range: the first of its ranges, if they differ in ports
 * @n_range: how many
 * @kind: enum vpngw_acl_kind
 * @has_proto: @proto must match
 * @proto: IP protocol
 */
struct vpngw_acl_group {
	__be32	src;
	__be32	src_mask;
	__be32	dst;
	__be32	dst_mask;
	u32	best;
	u32	permit;
	u32	range;
	u32	n_range;
	u8	kind;
	bool	has_proto;
	u8	proto;
};

/**
 * struct vpngw_acl_slot - groups whose addresses are the same under a table's masks
 * @key: vpngw_acl_key() of both addresses, under the table's mask
 * @group: the first of them, which is the one with the lowest @best
 * @n: how many; 0 if the slot is free
 */
struct vpngw_acl_slot {
	u64	key;
	u32	group;
	u32	n;
};

/**
 * struct vpngw_acl_table - a hash table of groups whose masks include its own
 * @mask: vpngw_acl_key() of the masks of both addresses
 * @best: lowest entry in it
 * @shift: how vpngw_acl_hash() finds a slot
 * @slot: its slots, a power of two, of which at least half are free
 * @end: behind the last one
 */
struct vpngw_acl_table {
	u64			mask;
	u32			best;
	u32			shift;
	struct vpngw_acl_slot	*slot;
	struct vpngw_acl_slot	*end;
};

/**
 * struct vpngw_acl_index - index of an access list; immutable
 * @n_table: entries of @table
 * @table: ascending by their lowest entry, so that the search may end early
 * @slot: slots of all tables
 * @group: groups, those of a slot side by side
 * @range: ranges, those of a group side by side
 * @size: octets of all this
 */
struct vpngw_acl_index {
	u32			n_table;
	struct vpngw_acl_table	table[VPNGW_ACL_TABLES_MAX];
	struct vpngw_acl_slot	*slot;
	struct vpngw_acl_group	*group;
	struct vpngw_acl_range	*range;
	size_t			size;
};

/* Both addresses in one piece, so that a table is asked with one mask and one hash. */
static inline u64 vpngw_acl_key(__be32 src, __be32 dst)
{
	return (u64)(__force u32)src << 32 | (__force u32)dst;
}

/* Where in a table of 1 << (64 - shift) places a key belongs. Only the administrator
 * chooses what is in a table, so no secret is needed.
 */
static inline u64 vpngw_acl_hash(u64 key, u32 shift)
{
	return key * GOLDEN_RATIO_64 >> shift;
}

#endif /* _VPNGW_ACL_INDEX_TABLE_H */
