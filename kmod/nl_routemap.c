// SPDX-License-Identifier: GPL-2.0
/* Netlink: route-maps. */

#include <linux/netdevice.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "vpngw.h"

#define RM_ENTRY_INPUT	(~(BIT_ULL(VPNGW_A_RM_ENTRY_HITS) | BIT_ULL(VPNGW_A_RM_ENTRY_PAD)))

static int get_match_acl(const struct nlattr *attr, struct vpngw_rm_entry *entry,
			 struct netlink_ext_ack *extack)
{
	if (entry->n_acl == VPNGW_RM_MATCH_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a sequence matches at most eight access lists");
		return -E2BIG;
	}
	return vpngw_nl_get_name(attr, entry->acl_name[entry->n_acl++], extack);
}

static int get_match_ifindex(struct vpngw_net *vn, const struct nlattr *attr,
			     struct vpngw_rm_entry *entry, struct netlink_ext_ack *extack)
{
	u32 ifindex = nla_get_u32(attr);
	bool exists;

	if (entry->n_ifindex == VPNGW_RM_MATCH_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a sequence matches at most eight interfaces");
		return -E2BIG;
	}

	rcu_read_lock();
	exists = dev_get_by_index_rcu(vn->net, ifindex);
	rcu_read_unlock();
	if (!exists) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no network device has this index");
		return -ENODEV;
	}
	entry->ifindex[entry->n_ifindex++] = ifindex;
	return 0;
}

/* Match clauses occur several times, which a table of attributes cannot hold. */
static int get_matches(struct vpngw_net *vn, const struct nlattr *nest,
		       struct vpngw_rm_entry *entry, struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err = 0;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) == VPNGW_A_RM_ENTRY_MATCH_ACL)
			err = get_match_acl(attr, entry, extack);
		else if (nla_type(attr) == VPNGW_A_RM_ENTRY_MATCH_IFINDEX)
			err = get_match_ifindex(vn, attr, entry, extack);
		if (err)
			return err;
	}
	return 0;
}

static int get_entry(struct vpngw_net *vn, const struct nlattr *nest, u32 above,
		     struct vpngw_rm_entry *entry, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_RM_ENTRY_MAX + 1];
	const struct nlattr *other;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_RM_ENTRY_PAD, nest, vpngw_rm_entry_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_RM_ENTRY_PAD, RM_ENTRY_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "counters cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, nest, tb, VPNGW_A_RM_ENTRY_SEQ,
			     "a route-map sequence needs a sequence number") ||
	    vpngw_nl_missing(extack, nest, tb, VPNGW_A_RM_ENTRY_ACTION,
			     "a route-map sequence must permit or deny"))
		return -EINVAL;

	entry->seq = nla_get_u32(tb[VPNGW_A_RM_ENTRY_SEQ]);
	entry->action = nla_get_u8(tb[VPNGW_A_RM_ENTRY_ACTION]);
	entry->line = vpngw_nl_get_u32(tb[VPNGW_A_RM_ENTRY_LINE], 0);
	if (entry->seq == above) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_RM_ENTRY_SEQ],
				    "the route-map has a sequence of this number");
		return -EEXIST;
	}
	if (entry->seq < above) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_RM_ENTRY_SEQ],
				    "the sequence number is below that of the sequence before it");
		return -EINVAL;
	}
	return get_matches(vn, nest, entry, extack);
}

static int get_entries(struct vpngw_net *vn, const struct nlattr *attr,
		       struct vpngw_route_map *rm, struct netlink_ext_ack *extack)
{
	const struct nlattr *nest;
	u32 above = 0, i = 0;
	int rem, err;

	nla_for_each_nested(nest, attr, rem) {
		if (nla_type(nest) != VPNGW_A_ROUTE_MAP_ENTRY)
			continue;
		err = get_entry(vn, nest, above, &rm->entry[i], extack);
		if (err)
			return err;
		above = rm->entry[i++].seq;
	}
	return 0;
}

static int add_route_map(struct vpngw_net *vn, struct vpngw_txn *txn,
			 const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_ROUTE_MAP_MAX + 1];
	struct vpngw_config *config = txn->config;
	char name[VPNGW_NAME_MAX + 1];
	struct vpngw_route_map *rm;
	const struct nlattr *nest;
	int rem, err;
	u32 n = 0;

	err = nla_parse_nested(tb, VPNGW_A_ROUTE_MAP_MAX, attr, vpngw_route_map_nl_policy,
			       extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_ROUTE_MAP_NAME, "a route-map needs a name"))
		return -EINVAL;
	err = vpngw_nl_get_name(tb[VPNGW_A_ROUTE_MAP_NAME], name, extack);
	if (err)
		return err;
	if (vpngw_config_route_map(config, name)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_ROUTE_MAP_NAME],
				    "this transaction has a route-map of this name");
		return -EEXIST;
	}

	nla_for_each_nested(nest, attr, rem)
		n += nla_type(nest) == VPNGW_A_ROUTE_MAP_ENTRY;
	if (n > VPNGW_RM_ENTRIES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a route-map takes at most 1,024 sequences");
		return -E2BIG;
	}
	if (config->n_route_map >= VPNGW_ROUTE_MAPS_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 4,096 route-maps");
		return -ENOSPC;
	}

	rm = vpngw_route_map_alloc(name, n);
	if (!rm)
		return -ENOMEM;
	rm->line = vpngw_nl_get_u32(tb[VPNGW_A_ROUTE_MAP_LINE], 0);
	err = get_entries(vn, attr, rm, extack);
	if (err) {
		vpngw_route_map_free(rm);
		return err;
	}
	list_add_tail(&rm->node, &config->route_maps);
	config->n_route_map++;
	return 0;
}

int vpngw_nl_route_map_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_ROUTE_MAP, add_route_map);
}

static int put_entry(struct sk_buff *skb, const struct vpngw_route_map *rm, u32 i)
{
	const struct vpngw_rm_entry *entry = &rm->entry[i];
	struct nlattr *nest;
	u8 k;

	nest = nla_nest_start(skb, VPNGW_A_ROUTE_MAP_ENTRY);
	if (!nest)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VPNGW_A_RM_ENTRY_SEQ, entry->seq) ||
	    nla_put_u8(skb, VPNGW_A_RM_ENTRY_ACTION, entry->action) ||
	    (entry->line && nla_put_u32(skb, VPNGW_A_RM_ENTRY_LINE, entry->line)) ||
	    nla_put_u64_64bit(skb, VPNGW_A_RM_ENTRY_HITS, vpngw_hits_sum(rm->hits, i),
			      VPNGW_A_RM_ENTRY_PAD))
		goto cancel;
	for (k = 0; k < entry->n_acl; k++)
		if (nla_put_string(skb, VPNGW_A_RM_ENTRY_MATCH_ACL, entry->acl_name[k]))
			goto cancel;
	for (k = 0; k < entry->n_ifindex; k++)
		if (nla_put_u32(skb, VPNGW_A_RM_ENTRY_MATCH_IFINDEX,
				vpngw_rm_entry_ifindex(entry, k)))
			goto cancel;
	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

/**
 * struct rm_part - a piece of a route-map that goes into one message
 * @rm: the route-map
 * @next: its first sequence that is not written yet; moves on
 */
struct rm_part {
	const struct vpngw_route_map	*rm;
	u32				*next;
};

/* Writes as many sequences as fit, or fails if not even one does. */
static int put_route_map(struct sk_buff *skb, const void *object)
{
	const struct rm_part *part = object;
	const struct vpngw_route_map *rm = part->rm;
	u32 next = *part->next;
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_ROUTE_MAP);
	if (!nest ||
	    nla_put_string(skb, VPNGW_A_ROUTE_MAP_NAME, rm->name) ||
	    (rm->line && nla_put_u32(skb, VPNGW_A_ROUTE_MAP_LINE, rm->line)))
		return -EMSGSIZE;

	while (next < rm->n && !put_entry(skb, rm, next))
		next++;
	if (next == *part->next && rm->n)
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	*part->next = next;
	return 0;
}

/* All that fits of one route-map; -EMSGSIZE if there is more. */
static int dump_route_map(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct vpngw_route_map *rm)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	struct rm_part part = { .rm = rm, .next = &cursor->part };
	int err;

	do {
		err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_ROUTE_MAP_GET, put_route_map, &part);
		if (err)
			return err;
	} while (cursor->part < rm->n);

	cursor->part = 0;
	return 0;
}

int vpngw_nl_route_map_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_route_map *rm;
	const struct vpngw_config *config;
	char name[VPNGW_NAME_MAX + 1];
	u32 i = 0;
	int err;

	err = vpngw_nl_dump_name(cb, VPNGW_A_ROUTE_MAP, VPNGW_A_ROUTE_MAP_NAME,
				 VPNGW_A_ROUTE_MAP_MAX, vpngw_route_map_nl_policy, name);
	if (err)
		return err;

	rcu_read_lock();
	config = vpngw_nl_dump_config(cb);
	if (!config)
		goto out;
	list_for_each_entry(rm, &config->route_maps, node) {
		if (i++ < cursor->object)
			continue;
		if (!name[0] || !strcmp(name, rm->name)) {
			err = dump_route_map(skb, cb, rm);
			if (err)
				break;
		}
		cursor->object = i;
	}
out:
	rcu_read_unlock();
	return skb->len ?: err;
}
