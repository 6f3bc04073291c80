// SPDX-License-Identifier: GPL-2.0
/* Netlink: crypto map entries, and the interfaces that have them and other roles. */

#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "client.h"
#include "config.h"
#include "netlink.h"
#include "sa.h"
#include "vpngw.h"

#define POLICY_INPUT	(BIT_ULL(VPNGW_A_POLICY_MAP) | BIT_ULL(VPNGW_A_POLICY_SEQ) |	\
			 BIT_ULL(VPNGW_A_POLICY_TYPE) | BIT_ULL(VPNGW_A_POLICY_ACL) |	\
			 BIT_ULL(VPNGW_A_POLICY_PEER) | BIT_ULL(VPNGW_A_POLICY_LINE) |	\
			 BIT_ULL(VPNGW_A_POLICY_CLIENT_POOL))
#define IFACE_INPUT	(~BIT_ULL(VPNGW_A_IFACE_DEVICE))

static int get_peers(const struct nlattr *nest, struct vpngw_policy *policy,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != VPNGW_A_POLICY_PEER)
			continue;
		if (policy->n_peer == VPNGW_PEER_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a crypto map entry takes at most eight peers");
			return -E2BIG;
		}
		err = vpngw_nl_get_addr(attr, &policy->peer[policy->n_peer], extack);
		if (err)
			return err;
		policy->n_peer++;
	}
	return 0;
}

static int get_pool(const struct nlattr *attr, struct vpngw_client_pool *pool,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_CLIENT_POOL_END + 1];
	union nf_inet_addr addr;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_CLIENT_POOL_END, attr, vpngw_client_pool_nl_policy,
			       extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_CLIENT_POOL_START,
			     "addresses of clients need a first one") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_CLIENT_POOL_END,
			     "addresses of clients need a last one"))
		return -EINVAL;
	err = vpngw_nl_get_addr(tb[VPNGW_A_CLIENT_POOL_START], &addr, extack);
	if (err)
		return err;
	pool->start = ntohl(addr.ip);
	err = vpngw_nl_get_addr(tb[VPNGW_A_CLIENT_POOL_END], &addr, extack);
	if (err)
		return err;
	pool->end = ntohl(addr.ip);
	if (pool->start <= pool->end)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "the last address of clients is before the first one");
	return -EINVAL;
}

static int get_pools(const struct nlattr *nest, struct vpngw_policy *policy,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != VPNGW_A_POLICY_CLIENT_POOL)
			continue;
		if (policy->type != VPNGW_POLICY_TYPE_DYNAMIC) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "only a dynamic crypto map entry has addresses of clients");
			return -EINVAL;
		}
		if (policy->n_pool == VPNGW_CLIENT_POOLS_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a crypto map entry takes at most eight ranges of clients");
			return -E2BIG;
		}
		err = get_pool(attr, &policy->pool[policy->n_pool], extack);
		if (err)
			return err;
		policy->n_pool++;
	}
	return 0;
}

static int get_policy(const struct nlattr *nest, struct nlattr *const *tb,
		      struct vpngw_policy *policy, struct netlink_ext_ack *extack)
{
	int err;

	policy->seq = nla_get_u32(tb[VPNGW_A_POLICY_SEQ]);
	policy->type = nla_get_u8(tb[VPNGW_A_POLICY_TYPE]);
	policy->line = vpngw_nl_get_u32(tb[VPNGW_A_POLICY_LINE], 0);

	if (policy->type != VPNGW_POLICY_TYPE_DYNAMIC &&
	    vpngw_nl_missing(extack, nest, tb, VPNGW_A_POLICY_ACL,
			     "a crypto map entry must match an access list"))
		return -EINVAL;
	if (tb[VPNGW_A_POLICY_ACL]) {
		err = vpngw_nl_get_name(tb[VPNGW_A_POLICY_ACL], policy->acl_name, extack);
		if (err)
			return err;
	}
	err = get_pools(nest, policy, extack);
	if (err)
		return err;
	return get_peers(nest, policy, extack);
}

/* The crypto map of an entry, made if this is its first one. */
static struct vpngw_crypto_map *get_map(struct vpngw_config *config, const char *name,
					struct netlink_ext_ack *extack)
{
	struct vpngw_crypto_map *map;

	map = vpngw_config_map(config, name);
	if (map)
		return map;
	if (config->n_map >= VPNGW_MAPS_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 256 crypto maps");
		return ERR_PTR(-ENOSPC);
	}

	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	strscpy(map->name, name, sizeof(map->name));
	INIT_LIST_HEAD(&map->policies);
	list_add_tail(&map->node, &config->maps);
	config->n_map++;
	return map;
}

/* Entries mostly come in order, so the place is looked for from the end. */
static int insert_policy(struct vpngw_config *config, const char *name,
			 struct vpngw_policy *policy, const struct nlattr *seq,
			 struct netlink_ext_ack *extack)
{
	struct vpngw_crypto_map *map = get_map(config, name, extack);
	struct vpngw_policy *before;

	if (IS_ERR(map))
		return PTR_ERR(map);

	list_for_each_entry_reverse(before, &map->policies, node) {
		if (before->seq == policy->seq) {
			NL_SET_ERR_MSG_ATTR(extack, seq,
					    "the crypto map has an entry of this sequence number");
			return -EEXIST;
		}
		if (before->seq < policy->seq)
			break;
	}
	/* at the head of the list, too, if none comes before it */
	list_add(&policy->node, &before->node);
	config->n_policy++;
	return 0;
}

static int add_policy(struct vpngw_net *vn, struct vpngw_txn *txn,
		      const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_POLICY_MAX + 1];
	char name[VPNGW_NAME_MAX + 1];
	struct vpngw_policy *policy;
	const struct nlattr *other;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_POLICY_PAD, attr, vpngw_policy_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_POLICY_PAD, POLICY_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "the state of a crypto map entry cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_POLICY_MAP,
			     "a crypto map entry needs the name of its crypto map") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_POLICY_SEQ,
			     "a crypto map entry needs a sequence number") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_POLICY_TYPE,
			     "a crypto map entry needs a type"))
		return -EINVAL;
	err = vpngw_nl_get_name(tb[VPNGW_A_POLICY_MAP], name, extack);
	if (err)
		return err;
	if (txn->config->n_policy >= VPNGW_POLICIES_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 65,536 crypto map entries");
		return -ENOSPC;
	}

	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	err = get_policy(attr, tb, policy, extack);
	if (!err)
		err = insert_policy(txn->config, name, policy, tb[VPNGW_A_POLICY_SEQ], extack);
	if (err)
		kfree(policy);
	return err;
}

int vpngw_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_POLICY, add_policy);
}

/**
 * vpngw_nl_policy_size() - room that a crypto map entry needs in a message
 *
 * Return: octets at most
 */
size_t vpngw_nl_policy_size(void)
{
	return nla_total_size(2 * nla_total_size(VPNGW_NAME_MAX + 1) +	/* map, acl */
			      4 * nla_total_size(sizeof(u32)) + /* seq, line, out-spi, clients */
			      VPNGW_CLIENT_POOLS_MAX *
			      nla_total_size(2 * nla_total_size(sizeof(__be32))) +
			      nla_total_size(sizeof(u8)) +		/* type */
			      VPNGW_PEER_MAX * nla_total_size(sizeof(__be32)) +
			      nla_total_size_64bit(sizeof(u64)));	/* no-sa-drops */
}

static int put_pool(struct sk_buff *skb, const struct vpngw_client_pool *pool)
{
	union nf_inet_addr start = { .ip = htonl(pool->start) };
	union nf_inet_addr end = { .ip = htonl(pool->end) };
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_POLICY_CLIENT_POOL);
	if (!nest ||
	    vpngw_nl_put_addr(skb, VPNGW_A_CLIENT_POOL_START, &start) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_CLIENT_POOL_END, &end))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_clients(struct sk_buff *skb, const struct vpngw_policy *policy)
{
	u8 i;

	for (i = 0; i < policy->n_pool; i++)
		if (put_pool(skb, &policy->pool[i]))
			return -EMSGSIZE;
	return nla_put_u32(skb, VPNGW_A_POLICY_CLIENTS, READ_ONCE(policy->slot->clients->n));
}

/**
 * vpngw_nl_put_policy() - write a crypto map entry
 * @skb: message
 * @policy: entry of a published configuration
 *
 * Context: RCU read side.
 * Return: 0, or -EMSGSIZE; the caller cancels the message
 */
int vpngw_nl_put_policy(struct sk_buff *skb, const struct vpngw_policy *policy)
{
	const struct vpngw_slot *slot = policy->slot;
	const struct vpngw_sa *sa;
	struct nlattr *nest;
	u8 i;

	nest = nla_nest_start(skb, VPNGW_A_POLICY);
	if (!nest ||
	    nla_put_string(skb, VPNGW_A_POLICY_MAP, slot->map) ||
	    nla_put_u32(skb, VPNGW_A_POLICY_SEQ, policy->seq) ||
	    nla_put_u8(skb, VPNGW_A_POLICY_TYPE, policy->type) ||
	    (policy->acl && nla_put_string(skb, VPNGW_A_POLICY_ACL, policy->acl_name)) ||
	    nla_put_u32(skb, VPNGW_A_POLICY_LINE, policy->line) ||
	    nla_put_u64_64bit(skb, VPNGW_A_POLICY_NO_SA_DROPS, atomic64_read(&slot->no_sa),
			      VPNGW_A_POLICY_PAD))
		return -EMSGSIZE;

	for (i = 0; i < policy->n_peer; i++)
		if (vpngw_nl_put_addr(skb, VPNGW_A_POLICY_PEER, &policy->peer[i]))
			return -EMSGSIZE;

	if (policy->type != VPNGW_POLICY_TYPE_MANUAL && put_clients(skb, policy))
		return -EMSGSIZE;

	sa = rcu_dereference(slot->out_sa);
	if (sa && nla_put_u32(skb, VPNGW_A_POLICY_OUT_SPI, be32_to_cpu(sa->spi)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_policy(struct sk_buff *skb, const void *object)
{
	return vpngw_nl_put_policy(skb, object);
}

static int dump_map(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct vpngw_crypto_map *map)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_policy *policy;
	int err;

	/* sequence numbers begin at 1, so 0 means none was written yet */
	list_for_each_entry(policy, &map->policies, node) {
		if (policy->seq <= cursor->part)
			continue;
		err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_POLICY_GET, put_policy, policy);
		if (err)
			return err;
		cursor->part = policy->seq;
	}
	cursor->part = 0;
	return 0;
}

int vpngw_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_crypto_map *map;
	const struct vpngw_config *config;
	char name[VPNGW_NAME_MAX + 1];
	u32 i = 0;
	int err;

	err = vpngw_nl_dump_name(cb, VPNGW_A_POLICY, VPNGW_A_POLICY_MAP, VPNGW_A_POLICY_MAX,
				 vpngw_policy_nl_policy, name);
	if (err)
		return err;

	rcu_read_lock();
	config = vpngw_nl_dump_config(cb);
	if (!config)
		goto out;
	list_for_each_entry(map, &config->maps, node) {
		if (i++ < cursor->object)
			continue;
		if (!name[0] || !strcmp(name, map->name)) {
			err = dump_map(skb, cb, map);
			if (err)
				break;
		}
		cursor->object = i;
	}
out:
	rcu_read_unlock();
	return skb->len ?: err;
}

/* The name is kept, not the device: it can go away and come back. */
static int get_netdev(struct vpngw_net *vn, const struct nlattr *attr,
		      struct vpngw_iface *iface, struct netlink_ext_ack *extack)
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(vn->net, nla_get_u32(attr));
	if (dev) {
		iface->ifindex = dev->ifindex;
		strscpy(iface->device, dev->name, sizeof(iface->device));
	}
	rcu_read_unlock();
	if (dev)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no network device has this index");
	return -ENODEV;
}

static int get_iface(struct vpngw_net *vn, struct nlattr *const *tb,
		     struct vpngw_iface *iface, struct netlink_ext_ack *extack)
{
	const u32 both = VPNGW_IFACE_FLAG_NAT_INSIDE | VPNGW_IFACE_FLAG_NAT_OUTSIDE;
	int err;

	iface->line = vpngw_nl_get_u32(tb[VPNGW_A_IFACE_LINE], 0);
	iface->flags = vpngw_nl_get_u32(tb[VPNGW_A_IFACE_FLAGS], 0);
	if ((iface->flags & both) == both) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_IFACE_FLAGS],
				    "an interface is either ip nat inside or ip nat outside");
		return -EINVAL;
	}

	err = get_netdev(vn, tb[VPNGW_A_IFACE_IFINDEX], iface, extack);
	if (!err)
		err = vpngw_nl_get_name(tb[VPNGW_A_IFACE_NAME], iface->name, extack);
	if (!err && tb[VPNGW_A_IFACE_CRYPTO_MAP])
		err = vpngw_nl_get_name(tb[VPNGW_A_IFACE_CRYPTO_MAP], iface->map_name, extack);
	return err;
}

static int insert_iface(struct vpngw_config *config, struct vpngw_iface *iface,
			struct nlattr *const *tb, struct netlink_ext_ack *extack)
{
	const struct vpngw_iface *other;

	list_for_each_entry(other, &config->ifaces, node) {
		/* by the name of the device as well: an index that is unused
		 * now can be that of a device which was deleted meanwhile
		 */
		if (other->ifindex == iface->ifindex || !strcmp(other->device, iface->device)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_IFACE_IFINDEX],
					    "this transaction has given roles to the network device already");
			return -EEXIST;
		}
		if (!strcmp(other->name, iface->name)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_IFACE_NAME],
					    "this transaction has an interface of this name");
			return -EEXIST;
		}
	}
	list_add_tail(&iface->node, &config->ifaces);
	config->n_iface++;
	return 0;
}

static int add_iface(struct vpngw_net *vn, struct vpngw_txn *txn,
		     const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_IFACE_MAX + 1];
	const struct nlattr *other;
	struct vpngw_iface *iface;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_IFACE_MAX, attr, vpngw_iface_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_IFACE_MAX, IFACE_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other,
				    "name the network device by its index, not by its name");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_IFACE_IFINDEX,
			     "an interface needs the index of its network device") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_IFACE_NAME, "an interface needs a name"))
		return -EINVAL;
	if (txn->config->n_iface >= VPNGW_IFACES_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 256 interfaces");
		return -ENOSPC;
	}

	iface = kzalloc(sizeof(*iface), GFP_KERNEL_ACCOUNT);
	if (!iface)
		return -ENOMEM;
	err = get_iface(vn, tb, iface, extack);
	if (!err)
		err = insert_iface(txn->config, iface, tb, extack);
	if (err)
		kfree(iface);
	return err;
}

int vpngw_nl_iface_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_IFACE, add_iface);
}

static int put_iface(struct sk_buff *skb, const void *object)
{
	const struct vpngw_iface *iface = object;
	int ifindex = READ_ONCE(iface->ifindex);
	char device[IFNAMSIZ];
	struct nlattr *nest;

	vpngw_config_iface_device(iface, device);
	nest = nla_nest_start(skb, VPNGW_A_IFACE);
	if (!nest ||
	    nla_put_string(skb, VPNGW_A_IFACE_NAME, iface->name) ||
	    (ifindex && nla_put_u32(skb, VPNGW_A_IFACE_IFINDEX, ifindex)) ||
	    nla_put_string(skb, VPNGW_A_IFACE_DEVICE, device) ||
	    nla_put_u32(skb, VPNGW_A_IFACE_FLAGS, iface->flags) ||
	    (iface->map_name[0] &&
	     nla_put_string(skb, VPNGW_A_IFACE_CRYPTO_MAP, iface->map_name)) ||
	    nla_put_u32(skb, VPNGW_A_IFACE_LINE, iface->line))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int vpngw_nl_iface_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_config *config;
	const struct vpngw_iface *iface;
	char name[VPNGW_NAME_MAX + 1];
	u32 i = 0;
	int err;

	err = vpngw_nl_dump_name(cb, VPNGW_A_IFACE, VPNGW_A_IFACE_NAME, VPNGW_A_IFACE_MAX,
				 vpngw_iface_nl_policy, name);
	if (err)
		return err;

	rcu_read_lock();
	config = vpngw_nl_dump_config(cb);
	if (!config)
		goto out;
	list_for_each_entry(iface, &config->ifaces, node) {
		if (i++ < cursor->object)
			continue;
		if (!name[0] || !strcmp(name, iface->name)) {
			err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_IFACE_GET, put_iface, iface);
			if (err)
				break;
		}
		cursor->object = i;
	}
out:
	rcu_read_unlock();
	return skb->len ?: err;
}
