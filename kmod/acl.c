// SPDX-License-Identifier: GPL-2.0
/*
 * Access lists: ordered entries, first match decides, implicit deny.
 *
 * vpngw_acl_match() is the one way in. It scans short lists from the top; long
 * ones have an index, which the module's own test holds against the scan.
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "acl.h"
#include "acl_index.h"

#define ACE_ROOM_MIN	8
/* A scan of so few is cheaper than anything else. */
#define SCAN_MAX	16

/**
 * vpngw_acl_alloc() - make an empty access list
 * @name: number or name, at most VPNGW_NAME_MAX characters
 *
 * Context: process context, may sleep.
 * Return: the list, or NULL if memory is short.
 */
struct vpngw_acl *vpngw_acl_alloc(const char *name)
{
	struct vpngw_acl *acl;

	acl = kzalloc(sizeof(*acl), GFP_KERNEL_ACCOUNT);
	if (!acl)
		return NULL;
	INIT_LIST_HEAD(&acl->node);
	strscpy(acl->name, name, sizeof(acl->name));
	return acl;
}

/**
 * vpngw_acl_free() - free an access list
 * @acl: list that no packet and no configuration refers to, or NULL
 *
 * Context: process context.
 */
void vpngw_acl_free(struct vpngw_acl *acl)
{
	if (!acl)
		return;
	vpngw_hits_put(acl->hits);
	vpngw_acl_index_free(acl->index);
	kvfree(acl->ace);
	kfree(acl);
}

static int acl_grow(struct vpngw_acl *acl)
{
	struct vpngw_ace *ace;
	u32 room;

	if (acl->room > U32_MAX / 2)
		return -E2BIG;
	room = max_t(u32, acl->room * 2, ACE_ROOM_MIN);
	ace = kvmalloc_array(room, sizeof(*ace), GFP_KERNEL_ACCOUNT);
	if (!ace)
		return -ENOMEM;
	if (acl->n)
		memcpy(ace, acl->ace, acl->n * sizeof(*ace));
	kvfree(acl->ace);
	acl->ace = ace;
	acl->room = room;
	return 0;
}

static void addr_mask(union nf_inet_addr *addr, const union nf_inet_addr *mask)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(addr->all); i++)
		addr->all[i] &= mask->all[i];
}

/**
 * vpngw_acl_append() - add an entry at the end of a list that is being built
 * @acl: list, not yet compiled
 * @ace: entry; copied, addresses need not be under their masks yet
 *
 * Context: process context, may sleep.
 * Return: 0; -EEXIST if the sequence number is taken by the last entry;
 * -EINVAL if it is lower than that or there are too many port ranges; -ENOMEM;
 * -E2BIG.
 */
int vpngw_acl_append(struct vpngw_acl *acl, const struct vpngw_ace *ace)
{
	struct vpngw_ace *new;
	int err;

	if (ace->n_sport > VPNGW_PORT_RANGE_MAX || ace->n_dport > VPNGW_PORT_RANGE_MAX)
		return -EINVAL;
	if (acl->n && ace->seq == acl->ace[acl->n - 1].seq)
		return -EEXIST;
	if (acl->n && ace->seq < acl->ace[acl->n - 1].seq)
		return -EINVAL;
	if (acl->n == acl->room) {
		err = acl_grow(acl);
		if (err)
			return err;
	}
	new = &acl->ace[acl->n];
	*new = *ace;
	addr_mask(&new->src, &new->src_mask);
	addr_mask(&new->dst, &new->dst_mask);
	new->tcp_value &= new->tcp_mask;
	new->tos &= new->tos_mask;
	acl->n++;
	return 0;
}

static bool addr_same(const union nf_inet_addr *a, const union nf_inet_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Everything but the line number; field by field because of the padding. */
static bool ace_same(const struct vpngw_ace *a, const struct vpngw_ace *b)
{
	return a->seq == b->seq && a->action == b->action &&
	       a->has_proto == b->has_proto && a->proto == b->proto &&
	       a->has_icmp_type == b->has_icmp_type && a->icmp_type == b->icmp_type &&
	       a->has_icmp_code == b->has_icmp_code && a->icmp_code == b->icmp_code &&
	       a->tcp_mask == b->tcp_mask && a->tcp_value == b->tcp_value &&
	       a->tos_mask == b->tos_mask && a->tos == b->tos && a->flags == b->flags &&
	       addr_same(&a->src, &b->src) && addr_same(&a->src_mask, &b->src_mask) &&
	       addr_same(&a->dst, &b->dst) && addr_same(&a->dst_mask, &b->dst_mask) &&
	       a->n_sport == b->n_sport && a->n_dport == b->n_dport &&
	       !memcmp(a->sport, b->sport, a->n_sport * sizeof(a->sport[0])) &&
	       !memcmp(a->dport, b->dport, a->n_dport * sizeof(a->dport[0]));
}

static bool acl_same(const struct vpngw_acl *a, const struct vpngw_acl *b)
{
	u32 i;

	if (a->n != b->n || a->standard != b->standard)
		return false;
	for (i = 0; i < a->n; i++)
		if (!ace_same(&a->ace[i], &b->ace[i]))
			return false;
	return true;
}

/* What an entry asks of ICMP and of later fragments has no ports. */
static bool acl_by_tuple(const struct vpngw_acl *acl)
{
	const struct vpngw_ace *a;

	for (a = acl->ace; a < acl->ace + acl->n; a++)
		if (a->tos_mask || a->tcp_mask || a->flags & VPNGW_ACE_FLAG_ESTABLISHED)
			return false;
	return true;
}

static bool acl_by_source(const struct vpngw_acl *acl)
{
	const struct vpngw_ace *a;

	for (a = acl->ace; a < acl->ace + acl->n; a++)
		if (a->dst_mask.ip || a->has_proto || a->has_icmp_type || a->has_icmp_code ||
		    a->n_sport || a->n_dport || a->tos_mask || a->tcp_mask ||
		    a->flags & ~VPNGW_ACE_FLAG_LOG)
			return false;
	return true;
}

/**
 * vpngw_acl_compile() - make a list ready for packets
 * @acl: list, complete
 * @old: list of the same name in the configuration in force, or NULL. If it
 *	says the same, @acl goes on counting where @old is
 *
 * Context: process context, may sleep. Caller holds &struct vpngw_net.lock, so
 * that @old stays.
 * Return: 0 or -ENOMEM.
 */
int vpngw_acl_compile(struct vpngw_acl *acl, const struct vpngw_acl *old)
{
	acl->by_tuple = acl_by_tuple(acl);
	acl->by_source = acl_by_source(acl);
	if (acl->n > SCAN_MAX && !acl->index) {
		acl->index = vpngw_acl_index_make(acl->ace, acl->n);
		if (!acl->index)
			return -ENOMEM;
	}
	if (acl->hits)
		return 0;
	if (old && old->hits && acl_same(acl, old)) {
		vpngw_hits_get(old->hits);
		acl->hits = old->hits;
		return 0;
	}
	acl->hits = vpngw_hits_alloc(acl->n);
	return acl->hits ? 0 : -ENOMEM;
}

static bool ports_match(const struct vpngw_port_range *range, u8 n, bool neq, __be16 port)
{
	u16 p = ntohs(port);
	bool in = false;
	u8 i;

	for (i = 0; i < n && !in; i++)
		in = p >= range[i].lo && p <= range[i].hi;
	return in != neq;
}

/* Does the entry look at anything behind the IP header? */
static bool ace_is_l4(const struct vpngw_ace *a)
{
	return a->n_sport || a->n_dport || a->has_icmp_type || a->has_icmp_code ||
	       a->tcp_mask || (a->flags & VPNGW_ACE_FLAG_ESTABLISHED);
}

static bool tcp_match(const struct vpngw_ace *a, u8 flags)
{
	if ((a->flags & VPNGW_ACE_FLAG_ESTABLISHED) && !(flags & (TCPHDR_ACK | TCPHDR_RST)))
		return false;
	if (!a->tcp_mask)
		return true;
	if (a->flags & VPNGW_ACE_FLAG_TCP_MATCH_ANY)
		return (~(flags ^ a->tcp_value) & a->tcp_mask) != 0;
	return (flags & a->tcp_mask) == a->tcp_value;
}

static bool l4_match(const struct vpngw_ace *a, const struct vpngw_fields *f)
{
	if ((a->n_sport || a->n_dport) && !f->ports)
		return false;
	if (a->n_sport && !ports_match(a->sport, a->n_sport,
				       a->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ, f->t.sport))
		return false;
	if (a->n_dport && !ports_match(a->dport, a->n_dport,
				       a->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ, f->t.dport))
		return false;
	if (a->has_icmp_type || a->has_icmp_code) {
		if (f->t.proto != IPPROTO_ICMP)
			return false;
		if (a->has_icmp_type && f->icmp_type != a->icmp_type)
			return false;
		if (a->has_icmp_code && f->icmp_code != a->icmp_code)
			return false;
	}
	if (a->tcp_mask || (a->flags & VPNGW_ACE_FLAG_ESTABLISHED))
		return f->t.proto == IPPROTO_TCP && tcp_match(a, f->tcp_flags);
	return true;
}

/**
 * vpngw_ace_match_sport() - does a packet with ports come from those of an entry?
 * @a: entry
 * @f: what is known of the packet, which has ports
 *
 * Return: true if so, or if the entry does not ask
 */
bool vpngw_ace_match_sport(const struct vpngw_ace *a, const struct vpngw_fields *f)
{
	return !a->n_sport || ports_match(a->sport, a->n_sport,
					  a->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ, f->t.sport);
}

/**
 * vpngw_ace_match() - does an entry match a packet?
 * @a: entry
 * @f: what is known of the packet
 *
 * Context: any.
 * Return: true if so
 */
bool vpngw_ace_match(const struct vpngw_ace *a, const struct vpngw_fields *f)
{
	if ((f->t.src.ip ^ a->src.ip) & a->src_mask.ip)
		return false;
	if ((f->t.dst.ip ^ a->dst.ip) & a->dst_mask.ip)
		return false;
	if (a->has_proto && f->t.proto != a->proto)
		return false;
	if ((f->tos ^ a->tos) & a->tos_mask)
		return false;
	if ((a->flags & VPNGW_ACE_FLAG_FRAGMENTS) && !f->later_fragment)
		return false;
	if (!ace_is_l4(a))
		return true;
	/*
	 * A later fragment carries nothing to compare. IOS lets it through a
	 * permit, since without its first fragment it is of no use, and lets
	 * it pass by a deny.
	 */
	if (f->later_fragment)
		return a->action == VPNGW_ACTION_PERMIT;
	return l4_match(a, f);
}

/**
 * vpngw_acl_scan() - find the first entry that matches, from the top
 * @acl: list
 * @f: what is known of the packet
 *
 * Context: any.
 * Return: number of the entry in @acl->ace, or VPNGW_ACE_NONE
 */
u32 vpngw_acl_scan(const struct vpngw_acl *acl, const struct vpngw_fields *f)
{
	u32 i;

	for (i = 0; i < acl->n; i++)
		if (vpngw_ace_match(&acl->ace[i], f))
			return i;
	return VPNGW_ACE_NONE;
}

/**
 * vpngw_acl_match() - ask a list about a packet
 * @acl: compiled list
 * @f: what is known of the packet
 * @v: the verdict
 *
 * Context: any; the caller holds RCU or &struct vpngw_net.lock. Changes nothing.
 */
void vpngw_acl_match(const struct vpngw_acl *acl, const struct vpngw_fields *f,
		     struct vpngw_acl_verdict *v)
{
	u32 i = acl->index ? vpngw_acl_index_find(acl->index, acl->ace, f) :
			     vpngw_acl_scan(acl, f);

	v->ace = i == VPNGW_ACE_NONE ? NULL : &acl->ace[i];
	v->permit = v->ace && v->ace->action == VPNGW_ACTION_PERMIT;
}

/**
 * vpngw_acl_hits() - where packets are counted at an entry
 * @acl: compiled list
 * @ace: entry of this very list, or NULL
 *
 * Return: the counter, which lives as long as the list; NULL for the implicit deny
 */
u64 __percpu *vpngw_acl_hits(const struct vpngw_acl *acl, const struct vpngw_ace *ace)
{
	return ace ? vpngw_hits_of(acl->hits, ace - acl->ace) : NULL;
}

/**
 * vpngw_acl_count() - count a packet at the entry that decided
 * @acl: compiled list
 * @ace: deciding entry of this very list; NULL, the implicit deny, has no
 *	counter
 *
 * Context: any.
 */
void vpngw_acl_count(const struct vpngw_acl *acl, const struct vpngw_ace *ace)
{
	if (ace)
		vpngw_hits_add(acl->hits, ace - acl->ace);
}
