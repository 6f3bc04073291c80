// SPDX-License-Identifier: GPL-2.0
/*
 * Looking up long access lists, by tuple space search as in TupleMerge (Daly et
 * al., 2019): entries are hashed under the masks of their addresses, in few
 * tables, which are searched in the order of their first entries; the search ends
 * when no table can have an earlier entry than the one that was found. Entries
 * that differ in nothing but ports make one group, with ranges to search in, so
 * that a list about the ports of one host is not a scan in disguise. How it is
 * made: acl_build.c. What it must find: what the scan in acl.c finds.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "acl.h"
#include "acl_index_table.h"

/**
 * vpngw_acl_index_free() - free an index
 * @index: index that no packet uses, or NULL
 *
 * Context: process.
 */
void vpngw_acl_index_free(struct vpngw_acl_index *index)
{
	if (!index)
		return;
	kvfree(index->range);
	kvfree(index->group);
	kvfree(index->slot);
	kfree(index);
}

/**
 * vpngw_acl_index_size() - memory that an index takes
 * @index: index
 *
 * Return: octets
 */
size_t vpngw_acl_index_size(const struct vpngw_acl_index *index)
{
	return index->size;
}

static const struct vpngw_acl_slot *find_slot(const struct vpngw_acl_table *table, u64 key)
{
	const struct vpngw_acl_slot *slot = table->slot + vpngw_acl_hash(key, table->shift);

	while (slot->n) {
		if (slot->key == key)
			return slot;
		if (++slot == table->end)
			slot = table->slot;
	}
	return NULL;
}

/* The last range that does not begin above the port; the first begins at 0. */
static u32 find_range(const struct vpngw_acl_range *range, u32 n, u32 port)
{
	u32 half;

	while (n > 1) {
		half = n / 2;
		if (range[half].lo <= port) {
			range += half;
			n -= half;
		} else {
			n = half;
		}
	}
	return range->ace;
}

static u32 match_ports(const struct vpngw_acl_index *index, const struct vpngw_ace *ace,
		       const struct vpngw_acl_group *g, const struct vpngw_fields *f)
{
	const struct vpngw_acl_range *range = &index->range[g->range];

	/* a later fragment matches what permits by its addresses alone */
	if (f->later_fragment)
		return g->permit;
	if (!f->ports)
		return VPNGW_ACE_NONE;
	if (g->kind == VPNGW_ACL_SPORT)
		return find_range(range, g->n_range, ntohs(f->t.sport));
	if (!vpngw_ace_match_sport(&ace[g->best], f))
		return VPNGW_ACE_NONE;
	return find_range(range, g->n_range, ntohs(f->t.dport));
}

static u32 match_group(const struct vpngw_acl_index *index, const struct vpngw_ace *ace,
		       const struct vpngw_acl_group *g, const struct vpngw_fields *f)
{
	if (((f->t.src.ip ^ g->src) & g->src_mask) || ((f->t.dst.ip ^ g->dst) & g->dst_mask))
		return VPNGW_ACE_NONE;
	if (g->has_proto && g->proto != f->t.proto)
		return VPNGW_ACE_NONE;
	if (g->kind != VPNGW_ACL_ALONE)
		return match_ports(index, ace, g, f);
	return vpngw_ace_match(&ace[g->best], f) ? g->best : VPNGW_ACE_NONE;
}

/**
 * vpngw_acl_index_find() - find the first entry that matches
 * @index: index of the list
 * @ace: entries of the list
 * @f: what is known of the packet
 *
 * Context: any.
 * Return: number of the entry in @ace, or VPNGW_ACE_NONE
 */
u32 vpngw_acl_index_find(const struct vpngw_acl_index *index, const struct vpngw_ace *ace,
			 const struct vpngw_fields *f)
{
	const struct vpngw_acl_table *table = index->table, *end = table + index->n_table;
	const struct vpngw_acl_group *g, *end_group;
	u64 key = vpngw_acl_key(f->t.src.ip, f->t.dst.ip);
	const struct vpngw_acl_slot *slot;
	u32 found = VPNGW_ACE_NONE;

	for (; table < end && table->best < found; table++) {
		slot = find_slot(table, key & table->mask);
		if (!slot)
			continue;
		g = &index->group[slot->group];
		end_group = g + slot->n;
		for (; g < end_group && g->best < found; g++)
			found = min(found, match_group(index, ace, g, f));
	}
	return found;
}
