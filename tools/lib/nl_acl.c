// SPDX-License-Identifier: GPL-2.0
/* Access lists and route-maps as attributes. */
#include <errno.h>
#include <string.h>

#include "nl.h"

/* Room kept in a message for one more entry with all its ports. */
#define ACE_ROOM 640

static int put_ports(struct nl_msg *msg, int type, const struct vg_port_range *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct nlattr *nest = nla_nest_start(msg, type);

		if (!nest || nla_put_u16(msg, VPNGW_A_PORT_RANGE_LO, v[i].lo) ||
		    nla_put_u16(msg, VPNGW_A_PORT_RANGE_HI, v[i].hi))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_side(struct nl_msg *msg, int addr, int wild, uint32_t value, uint32_t bits)
{
	if (bits == UINT32_MAX)		/* any: absent */
		return 0;
	if (vg_put_addr(msg, addr, value))
		return -EMSGSIZE;
	return bits ? vg_put_addr(msg, wild, bits) : 0;
}

static int put_ace(struct nl_msg *msg, const struct vg_ace *ace)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_ACL_ACE);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_u32(msg, VPNGW_A_ACE_SEQ, ace->seq);
	ret |= nla_put_u8(msg, VPNGW_A_ACE_ACTION, ace->action);
	if (ace->proto >= 0)
		ret |= nla_put_u8(msg, VPNGW_A_ACE_PROTO, ace->proto);
	ret |= put_side(msg, VPNGW_A_ACE_SRC, VPNGW_A_ACE_SRC_WILD, ace->src, ace->src_wild);
	ret |= put_side(msg, VPNGW_A_ACE_DST, VPNGW_A_ACE_DST_WILD, ace->dst, ace->dst_wild);
	ret |= put_ports(msg, VPNGW_A_ACE_SRC_PORT, ace->sport, ace->n_sport);
	ret |= put_ports(msg, VPNGW_A_ACE_DST_PORT, ace->dport, ace->n_dport);
	if (ace->icmp_type >= 0)
		ret |= nla_put_u8(msg, VPNGW_A_ACE_ICMP_TYPE, ace->icmp_type);
	if (ace->icmp_code >= 0)
		ret |= nla_put_u8(msg, VPNGW_A_ACE_ICMP_CODE, ace->icmp_code);
	if (ace->tcp_mask) {
		ret |= nla_put_u8(msg, VPNGW_A_ACE_TCP_MASK, ace->tcp_mask);
		ret |= nla_put_u8(msg, VPNGW_A_ACE_TCP_VALUE, ace->tcp_value);
	}
	if (ace->tos_mask) {
		ret |= nla_put_u8(msg, VPNGW_A_ACE_TOS, ace->tos);
		ret |= nla_put_u8(msg, VPNGW_A_ACE_TOS_MASK, ace->tos_mask);
	}
	if (ace->flags)
		ret |= nla_put_u32(msg, VPNGW_A_ACE_FLAGS, ace->flags);
	ret |= nla_put_u32(msg, VPNGW_A_ACE_LINE, ace->at.line);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_put_acl - write as much of an access list as fits
 * @msg: request
 * @acl: list
 * @from: first entry to write; moved behind the last one written
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_acl(struct nl_msg *msg, const struct vg_acl *acl, size_t *from)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_ACL);

	if (!nest || nla_put_string(msg, VPNGW_A_ACL_NAME, acl->name) ||
	    nla_put_u32(msg, VPNGW_A_ACL_LINE, acl->at.line) ||
	    (acl->standard && nla_put_flag(msg, VPNGW_A_ACL_STANDARD)))
		return -EMSGSIZE;
	while (*from < acl->n && nlmsg_hdr(msg)->nlmsg_len + ACE_ROOM < VG_NL_MSG_SIZE) {
		if (put_ace(msg, &acl->ace[*from]))
			return -EMSGSIZE;
		(*from)++;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static void get_side(struct nlattr *addr, struct nlattr *wild, uint32_t *value, uint32_t *bits)
{
	*value = vg_get_addr(addr);
	*bits = addr ? vg_get_addr(wild) : UINT32_MAX;
}

static int get_port(struct nlattr *nest, struct vg_port_range *v, uint8_t *n)
{
	struct nlattr *tb[VPNGW_A_PORT_RANGE_MAX + 1];

	if (*n == VPNGW_PORT_RANGE_MAX || vg_parse_nest(tb, VPNGW_A_PORT_RANGE_MAX, nest))
		return -EBADMSG;
	v[*n].lo = vg_get_u16(tb[VPNGW_A_PORT_RANGE_LO]);
	v[*n].hi = vg_get_u16(tb[VPNGW_A_PORT_RANGE_HI]);
	(*n)++;
	return 0;
}

static int get_ace(struct nlattr *nest, struct vg_ace *ace)
{
	struct nlattr *tb[VPNGW_A_ACE_MAX + 1], *a;
	int rem, ret = vg_parse_nest(tb, VPNGW_A_ACE_MAX, nest);

	if (ret)
		return ret;
	ace->seq = vg_get_u32(tb[VPNGW_A_ACE_SEQ]);
	ace->action = vg_get_u8(tb[VPNGW_A_ACE_ACTION]);
	ace->proto = tb[VPNGW_A_ACE_PROTO] ? vg_get_u8(tb[VPNGW_A_ACE_PROTO]) : -1;
	get_side(tb[VPNGW_A_ACE_SRC], tb[VPNGW_A_ACE_SRC_WILD], &ace->src, &ace->src_wild);
	get_side(tb[VPNGW_A_ACE_DST], tb[VPNGW_A_ACE_DST_WILD], &ace->dst, &ace->dst_wild);
	ace->icmp_type = tb[VPNGW_A_ACE_ICMP_TYPE] ? vg_get_u8(tb[VPNGW_A_ACE_ICMP_TYPE]) : -1;
	ace->icmp_code = tb[VPNGW_A_ACE_ICMP_CODE] ? vg_get_u8(tb[VPNGW_A_ACE_ICMP_CODE]) : -1;
	ace->tcp_mask = vg_get_u8(tb[VPNGW_A_ACE_TCP_MASK]);
	ace->tcp_value = vg_get_u8(tb[VPNGW_A_ACE_TCP_VALUE]);
	ace->tos = vg_get_u8(tb[VPNGW_A_ACE_TOS]);
	ace->tos_mask = vg_get_u8(tb[VPNGW_A_ACE_TOS_MASK]);
	ace->flags = vg_get_u32(tb[VPNGW_A_ACE_FLAGS]);
	ace->at.line = vg_get_u32(tb[VPNGW_A_ACE_LINE]);
	ace->hits = vg_get_u64(tb[VPNGW_A_ACE_HITS]);
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) == VPNGW_A_ACE_SRC_PORT)
			ret = get_port(a, ace->sport, &ace->n_sport);
		else if (nla_type(a) == VPNGW_A_ACE_DST_PORT)
			ret = get_port(a, ace->dport, &ace->n_dport);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * vg_get_acl - read an access list, or the next part of one
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_acl(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_ACL_MAX + 1], *a;
	struct vg_src at = { 1, 0 };
	char name[VG_NAME_LEN] = "";
	struct vg_acl *acl;
	int rem, ret;

	if (!nest || vg_parse_nest(tb, VPNGW_A_ACL_MAX, nest))
		return -EBADMSG;
	vg_get_str(tb[VPNGW_A_ACL_NAME], name, sizeof(name));
	acl = vg_acl_get(cfg, name, at);
	if (!acl)
		return -ENOMEM;
	if (tb[VPNGW_A_ACL_LINE])
		acl->at.line = vg_get_u32(tb[VPNGW_A_ACL_LINE]);
	acl->standard |= !!tb[VPNGW_A_ACL_STANDARD];
	nla_for_each_nested(a, nest, rem) {
		struct vg_ace *ace;

		if (nla_type(a) != VPNGW_A_ACL_ACE)
			continue;
		ace = vg_push(&acl->ace, &acl->n, &acl->cap);
		if (!ace)
			return -ENOMEM;
		ret = get_ace(a, ace);
		if (ret)
			return ret;
	}
	return 0;
}

static int put_rm_entry(struct nl_msg *msg, const struct vg_rm_entry *e)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_ROUTE_MAP_ENTRY);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_u32(msg, VPNGW_A_RM_ENTRY_SEQ, e->seq);
	ret |= nla_put_u8(msg, VPNGW_A_RM_ENTRY_ACTION, e->action);
	for (size_t i = 0; i < e->n_acl; i++) {
		if (!e->acl[i].undefined)
			ret |= nla_put_string(msg, VPNGW_A_RM_ENTRY_MATCH_ACL, e->acl[i].name);
	}
	for (size_t i = 0; i < e->n_iface; i++)
		ret |= nla_put_u32(msg, VPNGW_A_RM_ENTRY_MATCH_IFINDEX, e->iface[i].ifindex);
	ret |= nla_put_u32(msg, VPNGW_A_RM_ENTRY_LINE, e->at.line);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_put_route_map - write a route-map
 * @msg: request
 * @rm: route-map
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_route_map(struct nl_msg *msg, const struct vg_route_map *rm)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_ROUTE_MAP);

	if (!nest || nla_put_string(msg, VPNGW_A_ROUTE_MAP_NAME, rm->name) ||
	    nla_put_u32(msg, VPNGW_A_ROUTE_MAP_LINE, rm->at.line))
		return -EMSGSIZE;
	for (size_t i = 0; i < rm->n; i++) {
		if (put_rm_entry(msg, &rm->entry[i]))
			return -EMSGSIZE;
	}
	return nla_nest_end(msg, nest) ? -EMSGSIZE : 0;
}

static int get_rm_entry(struct nlattr *nest, struct vg_rm_entry *e)
{
	struct nlattr *tb[VPNGW_A_RM_ENTRY_MAX + 1], *a;
	struct vg_ref *ref;
	int rem;

	if (vg_parse_nest(tb, VPNGW_A_RM_ENTRY_MAX, nest))
		return -EBADMSG;
	e->seq = vg_get_u32(tb[VPNGW_A_RM_ENTRY_SEQ]);
	e->action = vg_get_u8(tb[VPNGW_A_RM_ENTRY_ACTION]);
	e->at.line = vg_get_u32(tb[VPNGW_A_RM_ENTRY_LINE]);
	e->hits = vg_get_u64(tb[VPNGW_A_RM_ENTRY_HITS]);
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) == VPNGW_A_RM_ENTRY_MATCH_ACL) {
			ref = vg_push(&e->acl, &e->n_acl, &e->cap_acl);
			if (!ref)
				return -ENOMEM;
			vg_get_str(a, ref->name, sizeof(ref->name));
			ref->at = e->at;
		} else if (nla_type(a) == VPNGW_A_RM_ENTRY_MATCH_IFINDEX) {
			ref = vg_push(&e->iface, &e->n_iface, &e->cap_iface);
			if (!ref)
				return -ENOMEM;
			ref->ifindex = vg_get_u32(a);
		}
	}
	return 0;
}

/**
 * vg_get_route_map - read a route-map, or the next part of one
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_route_map(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_ROUTE_MAP_MAX + 1], *a;
	struct vg_src at = { 1, 0 };
	char name[VG_NAME_LEN] = "";
	struct vg_route_map *rm;
	int rem, ret;

	if (!nest || vg_parse_nest(tb, VPNGW_A_ROUTE_MAP_MAX, nest))
		return -EBADMSG;
	vg_get_str(tb[VPNGW_A_ROUTE_MAP_NAME], name, sizeof(name));
	rm = vg_route_map_get(cfg, name, at);
	if (!rm)
		return -ENOMEM;
	if (tb[VPNGW_A_ROUTE_MAP_LINE])
		rm->at.line = vg_get_u32(tb[VPNGW_A_ROUTE_MAP_LINE]);
	nla_for_each_nested(a, nest, rem) {
		struct vg_rm_entry *e;

		if (nla_type(a) != VPNGW_A_ROUTE_MAP_ENTRY)
			continue;
		e = vg_push(&rm->entry, &rm->n, &rm->cap);
		if (!e)
			return -ENOMEM;
		ret = get_rm_entry(a, e);
		if (ret)
			return ret;
	}
	return 0;
}
