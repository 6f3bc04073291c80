// SPDX-License-Identifier: GPL-2.0
/*
 * Route-maps: ordered sequences of match clauses over access lists.
 *
 * An access list that denies does not deny here: it says that the clause does
 * not match, and the next sequence is asked.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config.h"
#include "routemap.h"

/**
 * vpngw_route_map_alloc() - make a route-map
 * @name: name, at most VPNGW_NAME_MAX characters
 * @n: number of sequences, which the caller fills in, ascending
 *
 * Context: process context, may sleep.
 * Return: the route-map, or NULL if memory is short.
 */
struct vpngw_route_map *vpngw_route_map_alloc(const char *name, u32 n)
{
	struct vpngw_route_map *rm;

	rm = kvzalloc(struct_size(rm, entry, n), GFP_KERNEL_ACCOUNT);
	if (!rm)
		return NULL;
	INIT_LIST_HEAD(&rm->node);
	strscpy(rm->name, name, sizeof(rm->name));
	rm->n = n;
	return rm;
}

/**
 * vpngw_route_map_free() - free a route-map
 * @rm: route-map that no packet and no configuration refers to, or NULL
 *
 * Context: process context.
 */
void vpngw_route_map_free(struct vpngw_route_map *rm)
{
	if (!rm)
		return;
	vpngw_hits_put(rm->hits);
	kvfree(rm);
}

/* The access lists behind the names have counters of their own. */
static bool entry_same(const struct vpngw_rm_entry *a, const struct vpngw_rm_entry *b)
{
	u8 i;

	if (a->seq != b->seq || a->action != b->action || a->n_acl != b->n_acl ||
	    a->n_ifindex != b->n_ifindex)
		return false;
	for (i = 0; i < a->n_acl; i++)
		if (strcmp(a->acl_name[i], b->acl_name[i]))
			return false;
	return !memcmp(a->ifindex, b->ifindex, a->n_ifindex * sizeof(a->ifindex[0]));
}

static bool route_map_same(const struct vpngw_route_map *a, const struct vpngw_route_map *b)
{
	u32 i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!entry_same(&a->entry[i], &b->entry[i]))
			return false;
	return true;
}

static int route_map_check(const struct vpngw_route_map *rm)
{
	u32 i;

	for (i = 0; i < rm->n; i++) {
		const struct vpngw_rm_entry *e = &rm->entry[i];

		if (e->n_acl > VPNGW_RM_MATCH_MAX || e->n_ifindex > VPNGW_RM_MATCH_MAX)
			return -EINVAL;
		if (i && e->seq <= rm->entry[i - 1].seq)
			return -EINVAL;
	}
	return 0;
}

/**
 * vpngw_route_map_compile() - make a route-map ready for packets
 * @rm: route-map, complete
 * @old: route-map of the same name in the configuration in force, or NULL. If
 *	it says the same, @rm goes on counting where @old is
 *
 * Context: process context, may sleep. Caller holds &struct vpngw_net.lock, so
 * that @old stays.
 * Return: 0; -EINVAL if sequences do not ascend or have too many clauses;
 * -ENOMEM.
 */
int vpngw_route_map_compile(struct vpngw_route_map *rm, const struct vpngw_route_map *old)
{
	int err;

	if (rm->hits)
		return 0;
	err = route_map_check(rm);
	if (err)
		return err;
	if (old && old->hits && route_map_same(rm, old)) {
		vpngw_hits_get(old->hits);
		rm->hits = old->hits;
		return 0;
	}
	rm->hits = vpngw_hits_alloc(rm->n);
	return rm->hits ? 0 : -ENOMEM;
}

/*
 * Fills in @v which access list permitted, and in @denied which was the first
 * to deny with a written line.
 */
static bool acls_match(const struct vpngw_rm_entry *e, const struct vpngw_fields *f,
		       struct vpngw_rm_verdict *v, struct vpngw_rm_verdict *denied)
{
	struct vpngw_acl_verdict av;
	bool asked = false;
	u8 i;

	for (i = 0; i < e->n_acl; i++) {
		if (!e->acl[i])
			continue;
		asked = true;
		vpngw_acl_match(e->acl[i], f, &av);
		if (av.permit) {
			v->acl = e->acl[i];
			v->ace = av.ace;
			return true;
		}
		if (!denied->ace) {
			denied->acl = e->acl[i];
			denied->ace = av.ace;
		}
	}
	return !asked;
}

/**
 * vpngw_rm_entry_ifindex() - an egress interface that a sequence names
 * @e: sequence
 * @i: which of them
 *
 * Context: RCU read side or &struct vpngw_net.lock.
 * Return: its index, 0 while the device does not exist
 */
u32 vpngw_rm_entry_ifindex(const struct vpngw_rm_entry *e, u8 i)
{
	return e->iface[i] ? READ_ONCE(e->iface[i]->ifindex) : e->ifindex[i];
}

static bool ifindex_match(const struct vpngw_rm_entry *e, int out_ifindex)
{
	u8 i;

	if (!e->n_ifindex)
		return true;
	for (i = 0; i < e->n_ifindex; i++)
		if (out_ifindex && vpngw_rm_entry_ifindex(e, i) == out_ifindex)
			return true;
	return false;
}

/**
 * vpngw_route_map_match() - ask a route-map about a packet
 * @rm: compiled route-map
 * @f: what is known of the packet
 * @out_ifindex: device by which the packet leaves
 * @v: the verdict
 *
 * Context: any; the caller holds RCU or &struct vpngw_net.lock. Changes nothing.
 */
void vpngw_route_map_match(const struct vpngw_route_map *rm,
			   const struct vpngw_fields *f, int out_ifindex,
			   struct vpngw_rm_verdict *v)
{
	struct vpngw_rm_verdict denied = {};
	u32 i;

	*v = denied;
	for (i = 0; i < rm->n; i++) {
		const struct vpngw_rm_entry *e = &rm->entry[i];

		if (!ifindex_match(e, out_ifindex) || !acls_match(e, f, v, &denied))
			continue;
		v->entry = e;
		v->permit = e->action == VPNGW_ACTION_PERMIT;
		return;
	}
	*v = denied;
}

/**
 * vpngw_route_map_hits() - where packets are counted
 * @rm: compiled route-map
 * @v: its verdict
 * @hits: the counters of vpngw_route_map_count(), NULL for those it does not touch
 */
void vpngw_route_map_hits(const struct vpngw_route_map *rm, const struct vpngw_rm_verdict *v,
			  u64 __percpu *hits[2])
{
	hits[0] = v->entry ? vpngw_hits_of(rm->hits, v->entry - rm->entry) : NULL;
	hits[1] = v->acl ? vpngw_acl_hits(v->acl, v->ace) : NULL;
}

/**
 * vpngw_route_map_count() - count a packet where it was decided
 * @rm: route-map
 * @v: its verdict
 *
 * Counts the sequence that matched and the access list entry that decided,
 * also when that is the deny by which the packet was exempted.
 *
 * Context: any; the caller holds RCU.
 */
void vpngw_route_map_count(const struct vpngw_route_map *rm,
			   const struct vpngw_rm_verdict *v)
{
	if (v->entry)
		vpngw_hits_add(rm->hits, v->entry - rm->entry);
	if (v->acl)
		vpngw_acl_count(v->acl, v->ace);
}
