// SPDX-License-Identifier: GPL-2.0
/* Semantics of access lists and route-maps, written for clarity, not speed. */
#include <string.h>

#include "acl_eval.h"
#include "ifname.h"

static bool addr_match(uint32_t addr, uint32_t value, uint32_t wild)
{
	return !((addr ^ value) & ~wild);
}

static bool port_match(uint16_t port, const struct vg_port_range *v, size_t n, bool neq)
{
	for (size_t i = 0; i < n; i++) {
		if (port >= v[i].lo && port <= v[i].hi)
			return !neq;
	}
	return !n || neq;
}

static bool has_l4(const struct vg_ace *ace)
{
	return ace->n_sport || ace->n_dport || ace->tcp_mask || ace->icmp_type >= 0 ||
	       ace->flags & VPNGW_ACE_FLAG_ESTABLISHED;
}

static bool tcp_match(const struct vg_ace *ace, uint8_t flags)
{
	if (ace->flags & VPNGW_ACE_FLAG_ESTABLISHED && !(flags & 0x14))
		return false;
	if (!ace->tcp_mask)
		return true;
	if (ace->flags & VPNGW_ACE_FLAG_TCP_MATCH_ANY)
		return ~(flags ^ ace->tcp_value) & ace->tcp_mask;
	return (flags & ace->tcp_mask) == ace->tcp_value;
}

/**
 * vg_ace_match - does an entry match a packet
 * @ace: entry
 * @pkt: packet
 *
 * Return: true if so.
 */
bool vg_ace_match(const struct vg_ace *ace, const struct vg_packet *pkt)
{
	if (ace->proto >= 0 && ace->proto != pkt->proto)
		return false;
	if (!addr_match(pkt->src, ace->src, ace->src_wild) ||
	    !addr_match(pkt->dst, ace->dst, ace->dst_wild) ||
	    (pkt->tos ^ ace->tos) & ace->tos_mask)
		return false;
	if (ace->flags & VPNGW_ACE_FLAG_FRAGMENTS)
		return pkt->fragment;
	/* A later fragment: permit goes by addresses alone, deny keeps out of it. */
	if (pkt->fragment && has_l4(ace))
		return ace->action == VPNGW_ACTION_PERMIT;
	if (pkt->fragment)
		return true;
	if (ace->icmp_type >= 0 && ace->icmp_type != pkt->icmp_type)
		return false;
	if (ace->icmp_code >= 0 && ace->icmp_code != pkt->icmp_code)
		return false;
	return port_match(pkt->sport, ace->sport, ace->n_sport,
			  ace->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ) &&
	       port_match(pkt->dport, ace->dport, ace->n_dport,
			  ace->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ) &&
	       tcp_match(ace, pkt->tcp_flags);
}

/**
 * vg_acl_eval - first entry that matches a packet
 * @acl: access list
 * @pkt: packet
 *
 * Return: the entry, NULL for the implicit deny at the end.
 */
const struct vg_ace *vg_acl_eval(const struct vg_acl *acl, const struct vg_packet *pkt)
{
	for (size_t i = 0; i < acl->n; i++) {
		if (vg_ace_match(&acl->ace[i], pkt))
			return &acl->ace[i];
	}
	return NULL;
}

static bool addr_covers(uint32_t v1, uint32_t w1, uint32_t v2, uint32_t w2)
{
	return !(w2 & ~w1) && !((v1 ^ v2) & ~w1);
}

/* Every port of the narrow side is let in by the wide side. */
static bool ports_cover(const struct vg_port_range *wide, size_t n_wide, bool wide_neq,
			const struct vg_port_range *narrow, size_t n_narrow, bool narrow_neq)
{
	if (!n_wide)
		return true;
	if (!n_narrow)
		return false;
	if (wide_neq || narrow_neq)
		return wide_neq == narrow_neq && n_wide == n_narrow &&
		       !memcmp(wide, narrow, n_wide * sizeof(*wide));
	for (size_t i = 0; i < n_narrow; i++) {
		size_t j = 0;

		while (j < n_wide && (wide[j].lo > narrow[i].lo || wide[j].hi < narrow[i].hi))
			j++;
		if (j == n_wide)
			return false;
	}
	return true;
}

/**
 * vg_ace_covers - does one entry match everything that another one does
 * @wide: the earlier entry
 * @narrow: the later entry
 *
 * Return: true only if it is certain.
 */
bool vg_ace_covers(const struct vg_ace *wide, const struct vg_ace *narrow)
{
	const uint32_t same = VPNGW_ACE_FLAG_FRAGMENTS;

	if (wide->proto >= 0 && wide->proto != narrow->proto)
		return false;
	if (!addr_covers(wide->src, wide->src_wild, narrow->src, narrow->src_wild) ||
	    !addr_covers(wide->dst, wide->dst_wild, narrow->dst, narrow->dst_wild))
		return false;
	if (wide->tos_mask & ~narrow->tos_mask || (wide->tos ^ narrow->tos) & wide->tos_mask)
		return false;
	if ((wide->flags & ~narrow->flags) & same)
		return false;
	/* A deny with ports lets later fragments by, which a narrower entry may want. */
	if (has_l4(wide) && wide->action == VPNGW_ACTION_DENY &&
	    !(has_l4(narrow) && narrow->action == VPNGW_ACTION_DENY))
		return false;
	if (wide->flags & VPNGW_ACE_FLAG_ESTABLISHED &&
	    !(narrow->flags & VPNGW_ACE_FLAG_ESTABLISHED))
		return false;
	if (wide->tcp_mask && (wide->tcp_mask != narrow->tcp_mask ||
			       wide->tcp_value != narrow->tcp_value ||
			       (wide->flags ^ narrow->flags) & VPNGW_ACE_FLAG_TCP_MATCH_ANY))
		return false;
	if (wide->icmp_type >= 0 && wide->icmp_type != narrow->icmp_type)
		return false;
	if (wide->icmp_code >= 0 && wide->icmp_code != narrow->icmp_code)
		return false;
	return ports_cover(wide->sport, wide->n_sport, wide->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ,
			   narrow->sport, narrow->n_sport,
			   narrow->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ) &&
	       ports_cover(wide->dport, wide->n_dport, wide->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ,
			   narrow->dport, narrow->n_dport,
			   narrow->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ);
}

/**
 * vg_ace_meet - may two entries match the same packet
 * @a: entry
 * @b: entry
 *
 * Return: false only if it is certain that they do not.
 */
bool vg_ace_meet(const struct vg_ace *a, const struct vg_ace *b)
{
	return (a->proto < 0 || b->proto < 0 || a->proto == b->proto) &&
	       !((a->src ^ b->src) & ~a->src_wild & ~b->src_wild) &&
	       !((a->dst ^ b->dst) & ~a->dst_wild & ~b->dst_wild) &&
	       !((a->tos ^ b->tos) & a->tos_mask & b->tos_mask);
}

/* Values of one match are alternatives; undefined lists do not count. */
static bool entry_match(const struct vg_config *cfg, const struct vg_rm_entry *e,
			const struct vg_packet *pkt, const char *egress,
			const struct vg_ace **ace)
{
	bool defined = false, hit = false;

	for (size_t i = 0; i < e->n_iface; i++)
		hit |= !egress || vg_ifname_same(e->iface[i].name, egress);
	if (e->n_iface && !hit)
		return false;
	for (size_t i = 0; i < e->n_acl; i++) {
		const struct vg_acl *acl = vg_acl_find(cfg, e->acl[i].name);
		const struct vg_ace *found;

		if (!acl)
			continue;
		defined = true;
		found = vg_acl_eval(acl, pkt);
		if (found && found->action == VPNGW_ACTION_PERMIT) {
			*ace = found;
			return true;
		}
	}
	return !defined;
}

/**
 * vg_route_map_eval - what a route-map says about a packet
 * @cfg: configuration, for the lists
 * @rm: route-map
 * @pkt: packet
 * @egress: interface it leaves by, NULL if any
 * @ace: the entry that decided is left here, NULL if none did
 *
 * Return: the sequence that matched, NULL for the implicit deny at the end.
 */
const struct vg_rm_entry *vg_route_map_eval(const struct vg_config *cfg,
					    const struct vg_route_map *rm,
					    const struct vg_packet *pkt, const char *egress,
					    const struct vg_ace **ace)
{
	*ace = NULL;
	for (size_t i = 0; i < rm->n; i++) {
		if (entry_match(cfg, &rm->entry[i], pkt, egress, ace))
			return &rm->entry[i];
	}
	return NULL;
}
