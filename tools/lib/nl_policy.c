// SPDX-License-Identifier: GPL-2.0
/* Crypto map entries and interface roles as attributes. */
#include <errno.h>
#include <string.h>

#include "nl.h"

/* Addresses that clients of an entry may get: theirs, or nobody's. */
static int put_client_pool(struct nl_msg *msg, const struct vg_config *cfg,
			   const struct vg_map_entry *e)
{
	const struct vg_map *map = vg_map_find(cfg, e->map);
	int ret = 0;

	if (e->type != VPNGW_POLICY_TYPE_DYNAMIC || !map)
		return 0;
	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		const struct vg_local_pool *pool = &cfg->local_pool.v[i];
		struct nlattr *nest;

		if (!vg_is_client_pool(cfg, map, pool->name))
			continue;
		nest = nla_nest_start(msg, VPNGW_A_POLICY_CLIENT_POOL);
		if (!nest)
			return -EMSGSIZE;
		ret |= vg_put_addr(msg, VPNGW_A_CLIENT_POOL_START, pool->start);
		ret |= vg_put_addr(msg, VPNGW_A_CLIENT_POOL_END, pool->end);
		nla_nest_end(msg, nest);
	}
	return ret;
}

/**
 * vg_put_policy - write a crypto map entry
 * @msg: request
 * @cfg: configuration that it is part of
 * @e: entry
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_policy(struct nl_msg *msg, const struct vg_config *cfg, const struct vg_map_entry *e)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_POLICY);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_string(msg, VPNGW_A_POLICY_MAP, e->map);
	ret |= nla_put_u32(msg, VPNGW_A_POLICY_SEQ, e->seq);
	ret |= nla_put_u8(msg, VPNGW_A_POLICY_TYPE, e->type);
	if (e->acl.name[0])
		ret |= nla_put_string(msg, VPNGW_A_POLICY_ACL, e->acl.name);
	for (size_t i = 0; i < e->n_peer; i++)
		ret |= vg_put_addr(msg, VPNGW_A_POLICY_PEER, e->peer[i]);
	ret |= put_client_pool(msg, cfg, e);
	ret |= nla_put_u32(msg, VPNGW_A_POLICY_LINE, e->at.line);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_get_policy - read a crypto map entry
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_policy(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_POLICY_MAX + 1], *a;
	struct vg_map_entry *e;
	int rem;

	if (!nest || vg_parse_nest(tb, VPNGW_A_POLICY_MAX, nest))
		return -EBADMSG;
	e = vg_push(&cfg->map_entry.v, &cfg->map_entry.n, &cfg->map_entry.cap);
	if (!e)
		return -ENOMEM;
	vg_get_str(tb[VPNGW_A_POLICY_MAP], e->map, sizeof(e->map));
	e->seq = vg_get_u32(tb[VPNGW_A_POLICY_SEQ]);
	e->type = vg_get_u8(tb[VPNGW_A_POLICY_TYPE]);
	vg_get_str(tb[VPNGW_A_POLICY_ACL], e->acl.name, sizeof(e->acl.name));
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) == VPNGW_A_POLICY_PEER && e->n_peer < VG_PEERS_MAX)
			e->peer[e->n_peer++] = vg_get_addr(a);
	}
	e->at.line = vg_get_u32(tb[VPNGW_A_POLICY_LINE]);
	e->out_spi = vg_get_u32(tb[VPNGW_A_POLICY_OUT_SPI]);
	e->clients = vg_get_u32(tb[VPNGW_A_POLICY_CLIENTS]);
	e->no_sa_drops = vg_get_u64(tb[VPNGW_A_POLICY_NO_SA_DROPS]);
	return 0;
}

/**
 * vg_put_iface - write the roles of an interface
 * @msg: request
 * @iface: interface, bound
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_iface(struct nl_msg *msg, const struct vg_iface *iface)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_IFACE);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_u32(msg, VPNGW_A_IFACE_IFINDEX, iface->ifindex);
	ret |= nla_put_string(msg, VPNGW_A_IFACE_NAME, iface->name);
	ret |= nla_put_u32(msg, VPNGW_A_IFACE_FLAGS, iface->flags);
	if (iface->crypto_map.name[0])
		ret |= nla_put_string(msg, VPNGW_A_IFACE_CRYPTO_MAP, iface->crypto_map.name);
	ret |= nla_put_u32(msg, VPNGW_A_IFACE_LINE, iface->at.line);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_get_iface - read the roles of an interface
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_iface(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_IFACE_MAX + 1];
	struct vg_src at = { 1, 0 };
	char name[VG_NAME_LEN] = "";
	struct vg_iface *iface;

	if (!nest || vg_parse_nest(tb, VPNGW_A_IFACE_MAX, nest))
		return -EBADMSG;
	vg_get_str(tb[VPNGW_A_IFACE_NAME], name, sizeof(name));
	iface = vg_iface_get(cfg, name, at);
	if (!iface)
		return -ENOMEM;
	iface->ifindex = vg_get_u32(tb[VPNGW_A_IFACE_IFINDEX]);
	vg_get_str(tb[VPNGW_A_IFACE_DEVICE], iface->device, sizeof(iface->device));
	iface->flags = vg_get_u32(tb[VPNGW_A_IFACE_FLAGS]);
	vg_get_str(tb[VPNGW_A_IFACE_CRYPTO_MAP], iface->crypto_map.name,
		   sizeof(iface->crypto_map.name));
	iface->at.line = vg_get_u32(tb[VPNGW_A_IFACE_LINE]);
	return 0;
}
