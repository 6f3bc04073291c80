// SPDX-License-Identifier: GPL-2.0
/* Does a packet belong to an association? */

#include "selector.h"

/**
 * vpngw_selector_match_addr() - do the ends of a packet belong to an association?
 * @sel: its selectors
 * @f: the inner packet, possibly a fragment
 * @dir: VPNGW_DIRECTION_IN if the packet came from the peer
 *
 * Return: true if they do
 */
bool vpngw_selector_match_addr(const struct vpngw_selector *sel, const struct vpngw_fields *f,
			       enum vpngw_direction dir)
{
	bool in = dir == VPNGW_DIRECTION_IN;
	__be32 local = in ? f->t.dst.ip : f->t.src.ip;
	__be32 remote = in ? f->t.src.ip : f->t.dst.ip;

	return !((local ^ sel->local.ip) & sel->local_mask.ip) &&
	       !((remote ^ sel->remote.ip) & sel->remote_mask.ip);
}

/**
 * vpngw_selector_match() - does a packet belong to an association?
 * @sel: its selectors
 * @f: the inner packet, whole
 * @dir: VPNGW_DIRECTION_IN if the packet came from the peer
 *
 * Return: true if it does
 */
bool vpngw_selector_match(const struct vpngw_selector *sel, const struct vpngw_fields *f,
			  enum vpngw_direction dir)
{
	bool in = dir == VPNGW_DIRECTION_IN;

	if (!vpngw_selector_match_addr(sel, f, dir))
		return false;
	if (sel->proto >= 0 && sel->proto != f->t.proto)
		return false;
	if (sel->local_port < 0 && sel->remote_port < 0)
		return true;
	if (!f->ports)
		return false;
	if (sel->local_port >= 0 &&
	    sel->local_port != ntohs(in ? f->t.dport : f->t.sport))
		return false;
	return sel->remote_port < 0 ||
	       sel->remote_port == ntohs(in ? f->t.sport : f->t.dport);
}
