// SPDX-License-Identifier: GPL-2.0
/* NAT pools, rules, timers, translations and drop counters as attributes. */
#include <errno.h>
#include <string.h>

#include "nl.h"

/**
 * vg_put_pool - write a NAT pool
 * @msg: request
 * @pool: pool
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_pool(struct nl_msg *msg, const struct vg_pool *pool)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_POOL);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_string(msg, VPNGW_A_POOL_NAME, pool->name);
	for (size_t i = 0; i < pool->n; i++) {
		struct nlattr *range = nla_nest_start(msg, VPNGW_A_POOL_RANGE);

		if (!range)
			return -EMSGSIZE;
		ret |= vg_put_addr(msg, VPNGW_A_POOL_RANGE_START, pool->range[i].start);
		ret |= vg_put_addr(msg, VPNGW_A_POOL_RANGE_END, pool->range[i].end);
		nla_nest_end(msg, range);
	}
	ret |= nla_put_u8(msg, VPNGW_A_POOL_PREFIX_LEN, pool->prefix_len);
	ret |= nla_put_u8(msg, VPNGW_A_POOL_TYPE, pool->type);
	ret |= nla_put_u32(msg, VPNGW_A_POOL_LINE, pool->at.line);
	return nla_nest_end(msg, nest) || ret ? -EMSGSIZE : 0;
}

/**
 * vg_get_pool - read a NAT pool
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_pool(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_POOL_MAX + 1], *r[VPNGW_A_POOL_RANGE_MAX + 1], *a;
	struct vg_src at = { 1, 0 };
	char name[VG_NAME_LEN] = "";
	struct vg_pool *pool;
	int rem;

	if (!nest || vg_parse_nest(tb, VPNGW_A_POOL_MAX, nest))
		return -EBADMSG;
	vg_get_str(tb[VPNGW_A_POOL_NAME], name, sizeof(name));
	pool = vg_pool_get(cfg, name, at);
	if (!pool)
		return -ENOMEM;
	pool->prefix_len = vg_get_u8(tb[VPNGW_A_POOL_PREFIX_LEN]);
	pool->type = vg_get_u8(tb[VPNGW_A_POOL_TYPE]);
	pool->at.line = vg_get_u32(tb[VPNGW_A_POOL_LINE]);
	pool->total = vg_get_u32(tb[VPNGW_A_POOL_TOTAL]);
	pool->allocated = vg_get_u32(tb[VPNGW_A_POOL_ALLOCATED]);
	pool->misses = vg_get_u64(tb[VPNGW_A_POOL_MISSES]);
	nla_for_each_nested(a, nest, rem) {
		struct vg_pool_range *range;

		if (nla_type(a) != VPNGW_A_POOL_RANGE)
			continue;
		range = vg_push(&pool->range, &pool->n, &pool->cap);
		if (!range)
			return -ENOMEM;
		if (vg_parse_nest(r, VPNGW_A_POOL_RANGE_MAX, a))
			return -EBADMSG;
		range->start = vg_get_addr(r[VPNGW_A_POOL_RANGE_START]);
		range->end = vg_get_addr(r[VPNGW_A_POOL_RANGE_END]);
	}
	return 0;
}

static int put_static(struct nl_msg *msg, const struct vg_nat_rule *rule)
{
	const struct vg_static *s = &rule->fixed;
	int ret = 0;

	ret |= vg_put_addr(msg, VPNGW_A_NAT_RULE_INSIDE_LOCAL, s->local);
	if (!(rule->flags & VPNGW_RULE_FLAG_INTERFACE))
		ret |= vg_put_addr(msg, VPNGW_A_NAT_RULE_INSIDE_GLOBAL, s->global);
	ret |= nla_put_u8(msg, VPNGW_A_NAT_RULE_PREFIX_LEN, s->prefix_len);
	if (!s->proto)
		return ret;
	ret |= nla_put_u8(msg, VPNGW_A_NAT_RULE_PROTO, s->proto);
	ret |= nla_put_u16(msg, VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT, s->local_port);
	ret |= nla_put_u16(msg, VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT, s->global_port);
	return ret;
}

static void get_static(struct nlattr **tb, struct vg_static *s)
{
	s->local = vg_get_addr(tb[VPNGW_A_NAT_RULE_INSIDE_LOCAL]);
	s->global = vg_get_addr(tb[VPNGW_A_NAT_RULE_INSIDE_GLOBAL]);
	s->prefix_len = vg_get_u8(tb[VPNGW_A_NAT_RULE_PREFIX_LEN]);
	s->proto = vg_get_u8(tb[VPNGW_A_NAT_RULE_PROTO]);
	s->local_port = vg_get_u16(tb[VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT]);
	s->global_port = vg_get_u16(tb[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT]);
}

/**
 * vg_put_nat_rule - write a NAT rule
 * @msg: request
 * @rule: rule, its interface bound
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_nat_rule(struct nl_msg *msg, const struct vg_nat_rule *rule)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_NAT_RULE);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_u32(msg, VPNGW_A_NAT_RULE_INDEX, rule->index);
	if (rule->acl.name[0])
		ret |= nla_put_string(msg, VPNGW_A_NAT_RULE_ACL, rule->acl.name);
	if (rule->route_map.name[0])
		ret |= nla_put_string(msg, VPNGW_A_NAT_RULE_ROUTE_MAP, rule->route_map.name);
	if (rule->pool.name[0])
		ret |= nla_put_string(msg, VPNGW_A_NAT_RULE_POOL, rule->pool.name);
	if (rule->iface.ifindex)
		ret |= nla_put_u32(msg, VPNGW_A_NAT_RULE_IFINDEX, rule->iface.ifindex);
	if (rule->flags)
		ret |= nla_put_u32(msg, VPNGW_A_NAT_RULE_FLAGS, rule->flags);
	if (rule->flags & VPNGW_RULE_FLAG_STATIC)
		ret |= put_static(msg, rule);
	ret |= nla_put_u32(msg, VPNGW_A_NAT_RULE_LINE, rule->at.line);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_get_nat_rule - read a NAT rule
 * @nest: attribute
 * @cfg: where it is added
 *
 * Return: 0 or -errno.
 */
int vg_get_nat_rule(struct nlattr *nest, struct vg_config *cfg)
{
	struct nlattr *tb[VPNGW_A_NAT_RULE_MAX + 1];
	struct vg_nat_rule *rule;

	if (!nest || vg_parse_nest(tb, VPNGW_A_NAT_RULE_MAX, nest))
		return -EBADMSG;
	rule = vg_push(&cfg->rule.v, &cfg->rule.n, &cfg->rule.cap);
	if (!rule)
		return -ENOMEM;
	rule->index = vg_get_u32(tb[VPNGW_A_NAT_RULE_INDEX]);
	vg_get_str(tb[VPNGW_A_NAT_RULE_ACL], rule->acl.name, sizeof(rule->acl.name));
	vg_get_str(tb[VPNGW_A_NAT_RULE_ROUTE_MAP], rule->route_map.name,
		   sizeof(rule->route_map.name));
	vg_get_str(tb[VPNGW_A_NAT_RULE_POOL], rule->pool.name, sizeof(rule->pool.name));
	rule->iface.ifindex = vg_get_u32(tb[VPNGW_A_NAT_RULE_IFINDEX]);
	rule->flags = vg_get_u32(tb[VPNGW_A_NAT_RULE_FLAGS]);
	rule->at.line = vg_get_u32(tb[VPNGW_A_NAT_RULE_LINE]);
	rule->translations = vg_get_u32(tb[VPNGW_A_NAT_RULE_TRANSLATIONS]);
	if (rule->flags & VPNGW_RULE_FLAG_STATIC)
		get_static(tb, &rule->fixed);
	return 0;
}

static int put_host_limit(struct nl_msg *msg, const struct vg_host_limit *limit)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_NAT_HOST_LIMIT);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	if (limit->addr)
		ret |= vg_put_addr(msg, VPNGW_A_HOST_LIMIT_ADDRESS, limit->addr);
	if (limit->acl.name[0])
		ret |= nla_put_string(msg, VPNGW_A_HOST_LIMIT_ACL, limit->acl.name);
	ret |= nla_put_u32(msg, VPNGW_A_HOST_LIMIT_ENTRIES, limit->entries);
	nla_nest_end(msg, nest);
	return ret;
}

static int get_host_limits(struct nlattr *nest, struct vg_nat *nat)
{
	struct nlattr *tb[VPNGW_A_HOST_LIMIT_MAX + 1], *a;
	int rem;

	nat->n_host_limit = 0;
	nla_for_each_nested(a, nest, rem) {
		struct vg_host_limit *limit = &nat->host_limit[nat->n_host_limit];

		if (nla_type(a) != VPNGW_A_NAT_HOST_LIMIT)
			continue;
		if (nat->n_host_limit == VG_HOST_LIMITS ||
		    vg_parse_nest(tb, VPNGW_A_HOST_LIMIT_MAX, a))
			return -EBADMSG;
		nat->n_host_limit++;
		memset(limit, 0, sizeof(*limit));
		if (tb[VPNGW_A_HOST_LIMIT_ADDRESS])
			limit->addr = vg_get_addr(tb[VPNGW_A_HOST_LIMIT_ADDRESS]);
		vg_get_str(tb[VPNGW_A_HOST_LIMIT_ACL], limit->acl.name, sizeof(limit->acl.name));
		limit->entries = vg_get_u32(tb[VPNGW_A_HOST_LIMIT_ENTRIES]);
		limit->count = vg_get_u32(tb[VPNGW_A_HOST_LIMIT_COUNT]);
	}
	return 0;
}

/**
 * vg_put_nat - write the NAT timers that the configuration names
 * @msg: request
 * @nat: timers
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_nat(struct nl_msg *msg, const struct vg_nat *nat)
{
	const struct {
		int type;
		uint32_t value;
	} timers[] = {
		{ VPNGW_A_NAT_TIMEOUT, nat->timeout },
		{ VPNGW_A_NAT_UDP_TIMEOUT, nat->udp_timeout },
		{ VPNGW_A_NAT_DNS_TIMEOUT, nat->dns_timeout },
		{ VPNGW_A_NAT_TCP_TIMEOUT, nat->tcp_timeout },
		{ VPNGW_A_NAT_FINRST_TIMEOUT, nat->finrst_timeout },
		{ VPNGW_A_NAT_SYN_TIMEOUT, nat->syn_timeout },
		{ VPNGW_A_NAT_ICMP_TIMEOUT, nat->icmp_timeout },
		{ VPNGW_A_NAT_MAX_ENTRIES, nat->max_entries },
	};
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_NAT);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	for (size_t i = 0; i < VG_ARRAY_SIZE(timers); i++) {
		if (timers[i].value)
			ret |= nla_put_u32(msg, timers[i].type, timers[i].value);
	}
	for (size_t i = 0; i < nat->n_host_limit; i++)
		ret |= put_host_limit(msg, &nat->host_limit[i]);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

/**
 * vg_get_nat - read NAT timers and statistics
 * @nest: attribute
 * @nat: where they go
 *
 * Return: 0 or -errno.
 */
int vg_get_nat(struct nlattr *nest, struct vg_nat *nat)
{
	struct nlattr *tb[VPNGW_A_NAT_MAX + 1];

	if (!nest || vg_parse_nest(tb, VPNGW_A_NAT_MAX, nest))
		return -EBADMSG;
	nat->timeout = vg_get_u32(tb[VPNGW_A_NAT_TIMEOUT]);
	nat->udp_timeout = vg_get_u32(tb[VPNGW_A_NAT_UDP_TIMEOUT]);
	nat->dns_timeout = vg_get_u32(tb[VPNGW_A_NAT_DNS_TIMEOUT]);
	nat->tcp_timeout = vg_get_u32(tb[VPNGW_A_NAT_TCP_TIMEOUT]);
	nat->finrst_timeout = vg_get_u32(tb[VPNGW_A_NAT_FINRST_TIMEOUT]);
	nat->syn_timeout = vg_get_u32(tb[VPNGW_A_NAT_SYN_TIMEOUT]);
	nat->icmp_timeout = vg_get_u32(tb[VPNGW_A_NAT_ICMP_TIMEOUT]);
	nat->max_entries = vg_get_u32(tb[VPNGW_A_NAT_MAX_ENTRIES]);
	nat->n_static = vg_get_u32(tb[VPNGW_A_NAT_STATIC]);
	nat->dynamic = vg_get_u32(tb[VPNGW_A_NAT_DYNAMIC]);
	nat->extended = vg_get_u32(tb[VPNGW_A_NAT_EXTENDED]);
	nat->hits = vg_get_u64(tb[VPNGW_A_NAT_HITS]);
	nat->misses = vg_get_u64(tb[VPNGW_A_NAT_MISSES]);
	nat->expired = vg_get_u64(tb[VPNGW_A_NAT_EXPIRED]);
	nat->exempt = vg_get_u64(tb[VPNGW_A_NAT_EXEMPT]);
	return get_host_limits(nest, nat);
}

/**
 * vg_get_xlate - read a translation
 * @nest: attribute
 * @x: where it goes
 *
 * Return: 0 or -errno.
 */
int vg_get_xlate(struct nlattr *nest, struct vg_xlate *x)
{
	struct nlattr *tb[VPNGW_A_XLATE_MAX + 1];

	if (!nest || vg_parse_nest(tb, VPNGW_A_XLATE_MAX, nest))
		return -EBADMSG;
	memset(x, 0, sizeof(*x));
	x->proto = vg_get_u8(tb[VPNGW_A_XLATE_PROTO]);
	x->inside_local = vg_get_addr(tb[VPNGW_A_XLATE_INSIDE_LOCAL]);
	x->inside_global = vg_get_addr(tb[VPNGW_A_XLATE_INSIDE_GLOBAL]);
	x->outside_local = vg_get_addr(tb[VPNGW_A_XLATE_OUTSIDE_LOCAL]);
	x->outside_global = vg_get_addr(tb[VPNGW_A_XLATE_OUTSIDE_GLOBAL]);
	x->inside_local_port = vg_get_u16(tb[VPNGW_A_XLATE_INSIDE_LOCAL_PORT]);
	x->inside_global_port = vg_get_u16(tb[VPNGW_A_XLATE_INSIDE_GLOBAL_PORT]);
	x->outside_local_port = vg_get_u16(tb[VPNGW_A_XLATE_OUTSIDE_LOCAL_PORT]);
	x->outside_global_port = vg_get_u16(tb[VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT]);
	x->flags = vg_get_u32(tb[VPNGW_A_XLATE_FLAGS]);
	x->rule = vg_get_u32(tb[VPNGW_A_XLATE_RULE]);
	vg_get_str(tb[VPNGW_A_XLATE_POOL], x->pool, sizeof(x->pool));
	x->age = vg_get_u32(tb[VPNGW_A_XLATE_AGE]);
	x->idle = vg_get_u32(tb[VPNGW_A_XLATE_IDLE]);
	x->left = vg_get_u32(tb[VPNGW_A_XLATE_LEFT]);
	x->id = vg_get_u32(tb[VPNGW_A_XLATE_ID]);
	return 0;
}

/**
 * vg_get_drop - read the counter of one drop reason
 * @nest: attribute
 * @drop: where it goes
 *
 * Return: 0 or -errno.
 */
int vg_get_drop(struct nlattr *nest, struct vg_drop *drop)
{
	struct nlattr *tb[VPNGW_A_DROP_MAX + 1];

	if (!nest || vg_parse_nest(tb, VPNGW_A_DROP_MAX, nest))
		return -EBADMSG;
	memset(drop, 0, sizeof(*drop));
	drop->reason = vg_get_u32(tb[VPNGW_A_DROP_REASON]);
	vg_get_str(tb[VPNGW_A_DROP_NAME], drop->name, sizeof(drop->name));
	vg_get_str(tb[VPNGW_A_DROP_TEXT], drop->text, sizeof(drop->text));
	drop->packets = vg_get_u64(tb[VPNGW_A_DROP_PACKETS]);
	return 0;
}

/**
 * vg_get_drops - read the counters of all drop reasons in a message
 * @r: message
 * @cfg: where they are added
 *
 * Return: 0 or -errno.
 */
int vg_get_drops(const struct vg_reply *r, struct vg_config *cfg)
{
	struct nlattr *a;
	int rem, ret;

	nla_for_each_attr(a, r->head, r->len, rem) {
		struct vg_drop *drop;

		if (nla_type(a) != VPNGW_A_DROP)
			continue;
		drop = vg_push(&cfg->drop.v, &cfg->drop.n, &cfg->drop.cap);
		if (!drop)
			return -ENOMEM;
		ret = vg_get_drop(a, drop);
		if (ret)
			return ret;
	}
	return 0;
}
