// SPDX-License-Identifier: GPL-2.0
/* Netlink: NAT pools, NAT rules, NAT timers and statistics. */

#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "vpngw.h"
#include "xlate.h"

#define POOL_INPUT	(BIT_ULL(VPNGW_A_POOL_NAME) | BIT_ULL(VPNGW_A_POOL_RANGE) |	\
			 BIT_ULL(VPNGW_A_POOL_PREFIX_LEN) | BIT_ULL(VPNGW_A_POOL_TYPE) |	\
			 BIT_ULL(VPNGW_A_POOL_LINE))
#define RULE_INPUT	(~BIT_ULL(VPNGW_A_NAT_RULE_TRANSLATIONS))
#define NAT_INPUT	(GENMASK_ULL(VPNGW_A_NAT_MAX_ENTRIES, VPNGW_A_NAT_TIMEOUT) |	\
			 BIT_ULL(VPNGW_A_NAT_HOST_LIMIT))

#define HOST_LIMIT_INPUT	GENMASK_ULL(VPNGW_A_HOST_LIMIT_ENTRIES, VPNGW_A_HOST_LIMIT_ADDRESS)

static int get_range(const struct nlattr *attr, struct vpngw_pool_range *range,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_POOL_RANGE_MAX + 1];
	union nf_inet_addr start, end;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_POOL_RANGE_MAX, attr, vpngw_pool_range_nl_policy,
			       extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_POOL_RANGE_START,
			     "a range of a pool needs its first address") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_POOL_RANGE_END,
			     "a range of a pool needs its last address"))
		return -EINVAL;

	err = vpngw_nl_get_addr(tb[VPNGW_A_POOL_RANGE_START], &start, extack);
	if (!err)
		err = vpngw_nl_get_addr(tb[VPNGW_A_POOL_RANGE_END], &end, extack);
	if (err)
		return err;

	range->start = ntohl(start.ip);
	range->end = ntohl(end.ip);
	if (range->start > range->end) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the first address of a range is above its last");
		return -EINVAL;
	}
	return 0;
}

static int get_ranges(const struct nlattr *nest, struct vpngw_pool *pool,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != VPNGW_A_POOL_RANGE)
			continue;
		if (pool->n_range == VPNGW_POOL_RANGE_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "a pool takes at most 16 ranges");
			return -E2BIG;
		}
		err = get_range(attr, &pool->range[pool->n_range], extack);
		if (err)
			return err;
		pool->n_range++;
	}
	if (!pool->n_range) {
		NL_SET_ERR_ATTR_MISS(extack, nest, VPNGW_A_POOL_RANGE);
		NL_SET_ERR_MSG(extack, "a pool needs a range of addresses");
		return -EINVAL;
	}
	return 0;
}

static int compile_pool(struct vpngw_pool *pool, const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	int err = vpngw_pool_compile(pool);

	switch (err) {
	case 0:
		if (pool->total)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the netmask leaves no address of this pool to hand out");
		return -EINVAL;
	case -EINVAL:
		NL_SET_ERR_MSG_ATTR(extack, attr, "ranges of this pool overlap");
		return err;
	case -E2BIG:
		NL_SET_ERR_MSG_ATTR(extack, attr, "a pool holds at most 65,536 addresses");
		return err;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG_ATTR(extack, attr, "pools of type rotary are not supported yet");
		return err;
	default:
		return err;
	}
}

static int fill_pool(struct vpngw_pool *pool, const struct nlattr *attr,
		     struct nlattr *const *tb, struct netlink_ext_ack *extack)
{
	int err;

	pool->line = vpngw_nl_get_u32(tb[VPNGW_A_POOL_LINE], 0);
	pool->type = vpngw_nl_get_u8(tb[VPNGW_A_POOL_TYPE], VPNGW_POOL_TYPE_GENERIC);
	pool->prefix_len = nla_get_u8(tb[VPNGW_A_POOL_PREFIX_LEN]);
	if (pool->prefix_len > 32) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_POOL_PREFIX_LEN],
				    "the prefix of an IPv4 pool has at most 32 bits");
		return -ERANGE;
	}
	err = get_ranges(attr, pool, extack);
	if (err)
		return err;
	return compile_pool(pool, attr, extack);
}

static int add_pool(struct vpngw_net *vn, struct vpngw_txn *txn,
		    const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_POOL_MAX + 1];
	struct vpngw_config *config = txn->config;
	char name[VPNGW_NAME_MAX + 1];
	const struct nlattr *other;
	struct vpngw_pool *pool;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_POOL_PAD, attr, vpngw_pool_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_POOL_PAD, POOL_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "counters of a pool cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_POOL_NAME, "a pool needs a name") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_POOL_PREFIX_LEN,
			     "a pool needs a netmask or prefix length"))
		return -EINVAL;
	err = vpngw_nl_get_name(tb[VPNGW_A_POOL_NAME], name, extack);
	if (err)
		return err;
	if (vpngw_config_pool(config, name)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_POOL_NAME],
				    "this transaction has a pool of this name");
		return -EEXIST;
	}
	if (config->n_pool >= VPNGW_POOLS_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 256 pools");
		return -ENOSPC;
	}

	pool = vpngw_pool_alloc(name);
	if (!pool)
		return -ENOMEM;
	err = fill_pool(pool, attr, tb, extack);
	if (err) {
		vpngw_pool_put(pool);
		return err;
	}
	config->pool[config->n_pool++] = pool;
	return 0;
}

int vpngw_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_POOL, add_pool);
}

static int put_pool(struct sk_buff *skb, const void *object)
{
	const struct vpngw_pool *pool = object;
	struct nlattr *nest, *range;
	u32 i;

	nest = nla_nest_start(skb, VPNGW_A_POOL);
	if (!nest ||
	    nla_put_string(skb, VPNGW_A_POOL_NAME, pool->name) ||
	    nla_put_u8(skb, VPNGW_A_POOL_PREFIX_LEN, pool->prefix_len) ||
	    nla_put_u8(skb, VPNGW_A_POOL_TYPE, pool->type) ||
	    nla_put_u32(skb, VPNGW_A_POOL_LINE, READ_ONCE(pool->line)) ||
	    nla_put_u32(skb, VPNGW_A_POOL_TOTAL, pool->total) ||
	    nla_put_u32(skb, VPNGW_A_POOL_ALLOCATED, READ_ONCE(pool->allocated)) ||
	    nla_put_u64_64bit(skb, VPNGW_A_POOL_MISSES, READ_ONCE(pool->misses),
			      VPNGW_A_POOL_PAD))
		return -EMSGSIZE;

	for (i = 0; i < pool->n_range; i++) {
		range = nla_nest_start(skb, VPNGW_A_POOL_RANGE);
		if (!range ||
		    nla_put_in_addr(skb, VPNGW_A_POOL_RANGE_START,
				    htonl(pool->range[i].start)) ||
		    nla_put_in_addr(skb, VPNGW_A_POOL_RANGE_END, htonl(pool->range[i].end)))
			return -EMSGSIZE;
		nla_nest_end(skb, range);
	}
	nla_nest_end(skb, nest);
	return 0;
}

int vpngw_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_config *config;
	char name[VPNGW_NAME_MAX + 1];
	int err;

	err = vpngw_nl_dump_name(cb, VPNGW_A_POOL, VPNGW_A_POOL_NAME, VPNGW_A_POOL_MAX,
				 vpngw_pool_nl_policy, name);
	if (err)
		return err;

	rcu_read_lock();
	config = vpngw_nl_dump_config(cb);
	for (; config && cursor->object < config->n_pool; cursor->object++) {
		const struct vpngw_pool *pool = config->pool[cursor->object];

		if (name[0] && strcmp(name, pool->name))
			continue;
		err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_POOL_GET, put_pool, pool);
		if (err)
			break;
	}
	rcu_read_unlock();
	return skb->len ?: err;
}

static int get_rule_names(struct vpngw_rule *rule, struct nlattr *const *tb,
			  struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[VPNGW_A_NAT_RULE_ACL])
		err = vpngw_nl_get_name(tb[VPNGW_A_NAT_RULE_ACL], rule->acl_name, extack);
	if (!err && tb[VPNGW_A_NAT_RULE_ROUTE_MAP])
		err = vpngw_nl_get_name(tb[VPNGW_A_NAT_RULE_ROUTE_MAP], rule->rm_name, extack);
	if (!err && tb[VPNGW_A_NAT_RULE_POOL])
		err = vpngw_nl_get_name(tb[VPNGW_A_NAT_RULE_POOL], rule->pool_name, extack);
	return err;
}

static int get_static(struct vpngw_rule *rule, const struct nlattr *attr,
		      struct nlattr *const *tb, struct netlink_ext_ack *extack)
{
	const struct nlattr *local = tb[VPNGW_A_NAT_RULE_INSIDE_LOCAL];
	const struct nlattr *global = tb[VPNGW_A_NAT_RULE_INSIDE_GLOBAL];
	u8 prefix_len = vpngw_nl_get_u8(tb[VPNGW_A_NAT_RULE_PREFIX_LEN], 32);
	struct vpngw_static *s = &rule->fixed;
	int err;

	if (!local || !global == !(rule->flags & VPNGW_RULE_FLAG_INTERFACE)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a static rule takes an inside local address, and either an inside global one or an interface");
		return -EINVAL;
	}
	err = vpngw_nl_get_addr(local, &s->local, extack);
	if (!err && global)
		err = vpngw_nl_get_addr(global, &s->global, extack);
	if (err)
		return err;

	s->mask = inet_make_mask(prefix_len);
	s->proto = vpngw_nl_get_u8(tb[VPNGW_A_NAT_RULE_PROTO], 0);
	if (!s->proto != !tb[VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT] ||
	    !s->proto != !tb[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT] ||
	    (s->proto && s->proto != IPPROTO_TCP && s->proto != IPPROTO_UDP)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a static rule of a port takes TCP or UDP, a local and a global port");
		return -EINVAL;
	}
	if (prefix_len < 32 && (s->proto || !global)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a static rule of a network has no ports and no interface");
		return -EINVAL;
	}
	if (s->proto) {
		s->local_port = htons(nla_get_u16(tb[VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT]));
		s->global_port = htons(nla_get_u16(tb[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT]));
	}
	return 0;
}

/* What chooses packets and addresses, of which a static rule has neither. */
static int check_dynamic(const struct vpngw_rule *rule, const struct nlattr *attr,
			 struct nlattr *const *tb, struct netlink_ext_ack *extack)
{
	if (!tb[VPNGW_A_NAT_RULE_ACL] == !tb[VPNGW_A_NAT_RULE_ROUTE_MAP]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an ip nat rule takes either an access list or a route-map");
		return -EINVAL;
	}
	if (!tb[VPNGW_A_NAT_RULE_POOL] == !(rule->flags & VPNGW_RULE_FLAG_INTERFACE)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an ip nat rule takes either a pool or the address of an interface");
		return -EINVAL;
	}
	return 0;
}

static int check_rule(struct vpngw_net *vn, struct vpngw_rule *rule,
		      const struct nlattr *attr, struct nlattr *const *tb,
		      struct netlink_ext_ack *extack)
{
	bool by_interface = rule->flags & VPNGW_RULE_FLAG_INTERFACE;
	bool exists;
	int err;

	if (!(rule->flags & VPNGW_RULE_FLAG_STATIC)) {
		err = check_dynamic(rule, attr, tb, extack);
	} else if (tb[VPNGW_A_NAT_RULE_ACL] || tb[VPNGW_A_NAT_RULE_POOL]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a static rule takes neither an access list nor a pool");
		err = -EINVAL;
	} else {
		err = get_static(rule, attr, tb, extack);
	}
	if (err)
		return err;
	if (by_interface != !!tb[VPNGW_A_NAT_RULE_IFINDEX]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the index of an interface goes with the flag interface, and only with it");
		return -EINVAL;
	}
	if (!by_interface)
		return 0;

	rcu_read_lock();
	exists = dev_get_by_index_rcu(vn->net, rule->ifindex);
	rcu_read_unlock();
	if (!exists) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_NAT_RULE_IFINDEX],
				    "no network device has this index");
		return -ENODEV;
	}
	return 0;
}

/* Rules mostly come in order, so the place is looked for from the end. */
static int insert_rule(struct vpngw_config *config, struct vpngw_rule *rule,
		       const struct nlattr *index, struct netlink_ext_ack *extack)
{
	struct vpngw_rule *before;

	list_for_each_entry_reverse(before, &config->rules, node) {
		if (before->index == rule->index) {
			NL_SET_ERR_MSG_ATTR(extack, index,
					    "this transaction has an ip nat rule of this index");
			return -EEXIST;
		}
		if (before->index < rule->index)
			break;
	}
	/* at the head of the list, too, if none comes before it */
	list_add(&rule->node, &before->node);
	config->n_rule++;
	return 0;
}

static int add_rule(struct vpngw_net *vn, struct vpngw_txn *txn,
		    const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_NAT_RULE_MAX + 1];
	const struct nlattr *other;
	struct vpngw_rule *rule;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_NAT_RULE_MAX, attr, vpngw_nat_rule_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_NAT_RULE_MAX, RULE_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "the number of translations cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_NAT_RULE_INDEX,
			     "an ip nat rule needs an index"))
		return -EINVAL;
	if (txn->config->n_rule >= VPNGW_RULES_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 1,024 ip nat rules");
		return -ENOSPC;
	}

	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return -ENOMEM;
	rule->index = nla_get_u32(tb[VPNGW_A_NAT_RULE_INDEX]);
	rule->line = vpngw_nl_get_u32(tb[VPNGW_A_NAT_RULE_LINE], 0);
	rule->flags = vpngw_nl_get_u32(tb[VPNGW_A_NAT_RULE_FLAGS], 0);
	rule->ifindex = vpngw_nl_get_u32(tb[VPNGW_A_NAT_RULE_IFINDEX], 0);
	err = get_rule_names(rule, tb, extack);
	if (!err)
		err = check_rule(vn, rule, attr, tb, extack);
	if (!err)
		err = insert_rule(txn->config, rule, tb[VPNGW_A_NAT_RULE_INDEX], extack);
	if (err)
		kfree(rule);
	return err;
}

int vpngw_nl_nat_rule_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_NAT_RULE, add_rule);
}

/**
 * struct rule_count - live translations of one rule
 * @rule: the rule
 * @n: its translations
 */
struct rule_count {
	const struct vpngw_rule	*rule;
	u32			n;
};

/* All rules, ascending by index, with room to count. */
struct rule_counts {
	u32			n;
	struct rule_count	count[];
};

static int count_xlate(const struct vpngw_xlate *x, void *arg)
{
	struct rule_counts *counts = arg;
	u32 lo = 0, hi = counts->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (counts->count[mid].rule->index < x->rule)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < counts->n && counts->count[lo].rule->index == x->rule)
		counts->count[lo].n++;
	return 0;
}

static int put_static(struct sk_buff *skb, const struct vpngw_rule *rule)
{
	const struct vpngw_static *s = &rule->fixed;

	if (!(rule->flags & VPNGW_RULE_FLAG_STATIC))
		return 0;
	if (vpngw_nl_put_addr(skb, VPNGW_A_NAT_RULE_INSIDE_LOCAL, &s->local) ||
	    (!(rule->flags & VPNGW_RULE_FLAG_INTERFACE) &&
	     vpngw_nl_put_addr(skb, VPNGW_A_NAT_RULE_INSIDE_GLOBAL, &s->global)) ||
	    nla_put_u8(skb, VPNGW_A_NAT_RULE_PREFIX_LEN, inet_mask_len(s->mask)))
		return -EMSGSIZE;
	if (!s->proto)
		return 0;
	if (nla_put_u8(skb, VPNGW_A_NAT_RULE_PROTO, s->proto) ||
	    nla_put_u16(skb, VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT, ntohs(s->local_port)) ||
	    nla_put_u16(skb, VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT, ntohs(s->global_port)))
		return -EMSGSIZE;
	return 0;
}

static int put_rule(struct sk_buff *skb, const void *object)
{
	const struct rule_count *count = object;
	const struct vpngw_rule *rule = count->rule;
	u32 ifindex = vpngw_rule_ifindex(rule);
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_NAT_RULE);
	if (!nest ||
	    nla_put_u32(skb, VPNGW_A_NAT_RULE_INDEX, rule->index) ||
	    (rule->acl_name[0] &&
	     nla_put_string(skb, VPNGW_A_NAT_RULE_ACL, rule->acl_name)) ||
	    (rule->rm_name[0] &&
	     nla_put_string(skb, VPNGW_A_NAT_RULE_ROUTE_MAP, rule->rm_name)) ||
	    (rule->pool_name[0] &&
	     nla_put_string(skb, VPNGW_A_NAT_RULE_POOL, rule->pool_name)) ||
	    (ifindex && nla_put_u32(skb, VPNGW_A_NAT_RULE_IFINDEX, ifindex)) ||
	    nla_put_u32(skb, VPNGW_A_NAT_RULE_FLAGS, rule->flags) ||
	    nla_put_u32(skb, VPNGW_A_NAT_RULE_LINE, rule->line) ||
	    nla_put_u32(skb, VPNGW_A_NAT_RULE_TRANSLATIONS, count->n) ||
	    put_static(skb, rule))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static struct rule_counts *count_rules(struct vpngw_net *vn, const struct vpngw_config *config)
{
	const struct vpngw_rule *rule;
	struct rule_counts *counts;

	counts = kvzalloc(struct_size(counts, count, config->n_rule), GFP_KERNEL_ACCOUNT);
	if (!counts)
		return NULL;
	list_for_each_entry(rule, &config->rules, node)
		counts->count[counts->n++].rule = rule;
	if (vn->xlates)
		vpngw_xlate_walk(vn, 0, count_xlate, counts);
	return counts;
}

int vpngw_nl_nat_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_net *vn = vpngw_net(sock_net(cb->skb->sk));
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	struct rule_counts *counts = NULL;
	const struct vpngw_config *config;
	int err = 0;

	if (genl_info_dump(cb)->attrs[VPNGW_A_NAT_RULE]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, genl_info_dump(cb)->attrs[VPNGW_A_NAT_RULE],
				    "ip nat rules are dumped all together");
		return -EINVAL;
	}

	mutex_lock(&vn->lock);
	config = vpngw_nl_dump_config(cb);
	/* translations are counted only if there is a message to fill */
	if (!config || cursor->object >= config->n_rule)
		goto unlock;

	counts = count_rules(vn, config);
	if (!counts) {
		err = -ENOMEM;
		goto unlock;
	}
	for (; cursor->object < counts->n; cursor->object++) {
		err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_NAT_RULE_GET, put_rule,
					&counts->count[cursor->object]);
		if (err)
			break;
	}
unlock:
	mutex_unlock(&vn->lock);
	kvfree(counts);
	return skb->len ?: err;
}

static bool same_host_limit(const struct vpngw_host_limit *a, const struct vpngw_host_limit *b)
{
	return a->addr.ip == b->addr.ip && !strcmp(a->acl_name, b->acl_name);
}

static int get_host_limit(struct vpngw_host_limit *limit, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_HOST_LIMIT_MAX + 1];
	const struct nlattr *other;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_HOST_LIMIT_MAX, attr, vpngw_host_limit_nl_policy,
			       extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_HOST_LIMIT_MAX, HOST_LIMIT_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "how many translations there are cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_HOST_LIMIT_ENTRIES,
			     "a limit needs the number of translations"))
		return -EINVAL;
	if (tb[VPNGW_A_HOST_LIMIT_ADDRESS] && tb[VPNGW_A_HOST_LIMIT_ACL]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a limit is for a host or for an access list");
		return -EINVAL;
	}
	limit->entries = nla_get_u32(tb[VPNGW_A_HOST_LIMIT_ENTRIES]);
	if (tb[VPNGW_A_HOST_LIMIT_ACL])
		return vpngw_nl_get_name(tb[VPNGW_A_HOST_LIMIT_ACL], limit->acl_name, extack);
	if (!tb[VPNGW_A_HOST_LIMIT_ADDRESS])
		return 0;
	err = vpngw_nl_get_addr(tb[VPNGW_A_HOST_LIMIT_ADDRESS], &limit->addr, extack);
	if (!err && !limit->addr.ip) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no host has the address 0.0.0.0");
		return -EINVAL;
	}
	return err;
}

static int get_host_limits(struct vpngw_config *config, const struct nlattr *nat,
			   struct netlink_ext_ack *extack)
{
	struct vpngw_host_limit *limit;
	const struct nlattr *attr;
	int rem, err;
	u32 i;

	nla_for_each_nested(attr, nat, rem) {
		if (nla_type(attr) != VPNGW_A_NAT_HOST_LIMIT)
			continue;
		if (config->n_host_limit == VPNGW_HOST_LIMITS_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a configuration limits the translations of at most 32 hosts and lists");
			return -ENOSPC;
		}
		limit = &config->host_limit[config->n_host_limit];
		memset(limit, 0, sizeof(*limit));
		err = get_host_limit(limit, attr, extack);
		if (err)
			return err;
		for (i = 0; i < config->n_host_limit; i++) {
			if (!same_host_limit(limit, &config->host_limit[i]))
				continue;
			NL_SET_ERR_MSG_ATTR(extack, attr, "there is a limit for the same hosts");
			return -EEXIST;
		}
		config->n_host_limit++;
	}
	return 0;
}

static int set_timers(struct vpngw_net *vn, struct vpngw_txn *txn,
		      const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const struct vpngw_nat_timers *d = &vpngw_nat_timers_default;
	struct vpngw_nat_timers *t = &txn->config->timers;
	struct nlattr *tb[VPNGW_A_NAT_MAX + 1];
	const struct nlattr *other;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_NAT_MAX, attr, vpngw_nat_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_NAT_MAX, NAT_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "statistics cannot be set");
		return -EINVAL;
	}
	if (txn->config->has_timers) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this transaction has set the NAT timers already");
		return -EEXIST;
	}

	t->timeout = vpngw_nl_get_u32(tb[VPNGW_A_NAT_TIMEOUT], d->timeout);
	t->udp = vpngw_nl_get_u32(tb[VPNGW_A_NAT_UDP_TIMEOUT], d->udp);
	t->dns = vpngw_nl_get_u32(tb[VPNGW_A_NAT_DNS_TIMEOUT], d->dns);
	t->tcp = vpngw_nl_get_u32(tb[VPNGW_A_NAT_TCP_TIMEOUT], d->tcp);
	t->finrst = vpngw_nl_get_u32(tb[VPNGW_A_NAT_FINRST_TIMEOUT], d->finrst);
	t->syn = vpngw_nl_get_u32(tb[VPNGW_A_NAT_SYN_TIMEOUT], d->syn);
	t->icmp = vpngw_nl_get_u32(tb[VPNGW_A_NAT_ICMP_TIMEOUT], d->icmp);
	t->max_entries = vpngw_nl_get_u32(tb[VPNGW_A_NAT_MAX_ENTRIES], d->max_entries);
	err = get_host_limits(txn->config, attr, extack);
	if (err)
		return err;
	txn->config->has_timers = true;
	return 0;
}

int vpngw_nl_nat_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_NAT, set_timers);
}

static int put_host_limit(struct sk_buff *skb, const struct vpngw_host_limit *limit)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_NAT_HOST_LIMIT);
	if (!nest ||
	    (limit->addr.ip &&
	     vpngw_nl_put_addr(skb, VPNGW_A_HOST_LIMIT_ADDRESS, &limit->addr)) ||
	    (limit->acl_name[0] &&
	     (nla_put_string(skb, VPNGW_A_HOST_LIMIT_ACL, limit->acl_name) ||
	      nla_put_u32(skb, VPNGW_A_HOST_LIMIT_COUNT, READ_ONCE(limit->n)))) ||
	    nla_put_u32(skb, VPNGW_A_HOST_LIMIT_ENTRIES, limit->entries))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_host_limits(struct sk_buff *skb, const struct vpngw_config *config)
{
	u32 i;

	for (i = 0; config && i < config->n_host_limit; i++)
		if (put_host_limit(skb, &config->host_limit[i]))
			return -EMSGSIZE;
	return 0;
}

/* @config: may be NULL */
static int put_nat(struct sk_buff *skb, const struct vpngw_config *config,
		   const struct vpngw_xlate_stats *st)
{
	const struct vpngw_nat_timers *t = config ? &config->timers : &vpngw_nat_timers_default;
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_NAT);
	if (!nest ||
	    nla_put_u32(skb, VPNGW_A_NAT_TIMEOUT, t->timeout) ||
	    nla_put_u32(skb, VPNGW_A_NAT_UDP_TIMEOUT, t->udp) ||
	    nla_put_u32(skb, VPNGW_A_NAT_DNS_TIMEOUT, t->dns) ||
	    nla_put_u32(skb, VPNGW_A_NAT_TCP_TIMEOUT, t->tcp) ||
	    nla_put_u32(skb, VPNGW_A_NAT_FINRST_TIMEOUT, t->finrst) ||
	    nla_put_u32(skb, VPNGW_A_NAT_SYN_TIMEOUT, t->syn) ||
	    nla_put_u32(skb, VPNGW_A_NAT_ICMP_TIMEOUT, t->icmp) ||
	    nla_put_u32(skb, VPNGW_A_NAT_MAX_ENTRIES, t->max_entries) ||
	    nla_put_u32(skb, VPNGW_A_NAT_STATIC, st->n_static) ||
	    nla_put_u32(skb, VPNGW_A_NAT_DYNAMIC, st->n_dynamic) ||
	    nla_put_u32(skb, VPNGW_A_NAT_EXTENDED, st->n_extended) ||
	    nla_put_u64_64bit(skb, VPNGW_A_NAT_HITS, st->hits, VPNGW_A_NAT_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_NAT_MISSES, st->misses, VPNGW_A_NAT_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_NAT_EXPIRED, st->expired, VPNGW_A_NAT_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_NAT_EXEMPT, st->exempt, VPNGW_A_NAT_PAD) ||
	    put_host_limits(skb, config))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static size_t nat_size(const struct vpngw_config *config)
{
	size_t limit = nla_total_size(2 * nla_total_size(sizeof(u32)) +
				      nla_total_size(VPNGW_NAME_MAX + 1));

	return nla_total_size(11 * nla_total_size(sizeof(u32)) +
			      4 * nla_total_size_64bit(sizeof(u64)) +
			      (config ? config->n_host_limit : 0) * limit);
}

int vpngw_nl_nat_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	const struct vpngw_config *config;
	struct vpngw_xlate_stats st = {};
	struct sk_buff *reply = NULL;
	void *hdr;
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	if (err)
		goto unlock;
	config = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	if (vn->xlates)
		vpngw_xlate_stats(vn, &st);
	if (config)
		st.n_static = config->statics.n;
	reply = vpngw_nl_reply_new(info, nat_size(config), &hdr);
	err = reply ? put_nat(reply, config, &st) : -ENOMEM;
unlock:
	mutex_unlock(&vn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

int vpngw_nl_nat_clear_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	if (!err && vn->xlates)
		vpngw_xlate_stats_clear(vn);
	mutex_unlock(&vn->lock);
	return err;
}
