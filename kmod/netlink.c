// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: registration, the transaction commands, and what
 * the handlers of all nouns share. Tables and policies are generated from
 * Documentation/netlink/specs/vpngw.yaml.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "vpngw.h"

/**
 * vpngw_nl_get_addr() - read an address
 * @attr: attribute
 * @addr: the address, zero but for it
 * @extack: receives the reason of a refusal
 *
 * Return: 0, -EAFNOSUPPORT for IPv6, -EINVAL for any other length
 */
int vpngw_nl_get_addr(const struct nlattr *attr, union nf_inet_addr *addr,
		      struct netlink_ext_ack *extack)
{
	memset(addr, 0, sizeof(*addr));
	switch (nla_len(attr)) {
	case sizeof(addr->ip):
		addr->ip = nla_get_in_addr(attr);
		return 0;
	case sizeof(addr->in6):
		NL_SET_ERR_MSG_ATTR(extack, attr, "IPv6 is not supported yet");
		return -EAFNOSUPPORT;
	default:
		NL_SET_ERR_MSG_ATTR(extack, attr, "an address must have four octets");
		return -EINVAL;
	}
}

/**
 * vpngw_nl_get_name() - read the name of an object
 * @attr: attribute; the policy has limited its length
 * @name: receives the name
 * @extack: receives the reason of a refusal
 *
 * Return: 0, or -EINVAL if it is empty or would not survive being printed
 */
int vpngw_nl_get_name(const struct nlattr *attr, char name[VPNGW_NAME_MAX + 1],
		      struct netlink_ext_ack *extack)
{
	const u8 *c;

	/* zeroes the rest, so that a name can be compared and copied as memory */
	nla_strscpy(name, attr, VPNGW_NAME_MAX + 1);
	if (!name[0]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a name must not be empty");
		return -EINVAL;
	}
	for (c = (const u8 *)name; *c; c++) {
		if (*c > ' ' && *c < 0x7f)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a name must not contain blanks, control characters or octets above 127");
		return -EINVAL;
	}
	return 0;
}

/**
 * vpngw_nl_other() - find an attribute that has no business in a request
 * @tb: parsed attributes
 * @max: highest type in @tb, below 64
 * @known: bit mask of the types that may be there
 *
 * Return: an attribute that is there though it may not, or NULL
 */
const struct nlattr *vpngw_nl_other(struct nlattr *const *tb, int max, u64 known)
{
	int type;

	for (type = 1; type <= max; type++)
		if (tb[type] && !(known & BIT_ULL(type)))
			return tb[type];
	return NULL;
}

/**
 * vpngw_nl_check_generation() - is the configuration the one the caller knows?
 * @vn: namespace
 * @info: request; without a generation it does not care
 *
 * Context: process, vn->lock held.
 * Return: 0 or -ESTALE
 */
int vpngw_nl_check_generation(const struct vpngw_net *vn, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VPNGW_A_GENERATION];

	lockdep_assert_held(&vn->lock);

	if (!attr || nla_get_u32(attr) == vn->generation)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "the configuration is of another generation by now: read it again");
	return -ESTALE;
}

/**
 * vpngw_nl_add() - add an object to the transaction of a socket
 * @info: request
 * @type: top level attribute that holds the object
 * @add: parses the object and adds it; called with vn->lock held
 *
 * If the object is refused the whole transaction cannot be committed any more.
 *
 * Context: process; takes vn->lock.
 * Return: 0, -EPERM without a transaction, or what @add says
 */
int vpngw_nl_add(struct genl_info *info, int type, vpngw_nl_add_fn add)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_txn *txn;
	int err;

	mutex_lock(&vn->lock);
	txn = vpngw_txn_of(vn, info->snd_portid);
	if (!txn) {
		NL_SET_ERR_MSG(info->extack,
			       "no transaction is open on this socket: begin one first");
		err = -EPERM;
		goto unlock;
	}

	if (vpngw_nl_missing(info->extack, NULL, info->attrs, type,
			     "the request carries no object"))
		err = -EINVAL;
	else
		err = add(vn, txn, info->attrs[type], info->extack);
	if (err)
		txn->broken = true;
unlock:
	mutex_unlock(&vn->lock);
	return err;
}

/**
 * vpngw_nl_put_addr() - write an IPv4 address
 * @skb: message
 * @type: attribute
 * @addr: address
 *
 * Return: 0 or -EMSGSIZE
 */
int vpngw_nl_put_addr(struct sk_buff *skb, int type, const union nf_inet_addr *addr)
{
	return nla_put_in_addr(skb, type, addr->ip);
}

/**
 * vpngw_nl_reply_new() - begin a reply
 * @info: request
 * @size: room for attributes
 * @hdr: receives the message, for genlmsg_end() or genlmsg_cancel()
 *
 * Context: process.
 * Return: the buffer or NULL without memory
 */
struct sk_buff *vpngw_nl_reply_new(struct genl_info *info, size_t size, void **hdr)
{
	struct sk_buff *skb;

	skb = genlmsg_new(size, GFP_KERNEL);
	if (!skb)
		return NULL;

	*hdr = genlmsg_put_reply(skb, info, &vpngw_nl_family, 0, info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/**
 * vpngw_nl_reply_generation() - answer with the generation of the configuration
 * @info: request
 * @generation: the generation
 *
 * Context: process.
 * Return: 0 or a negative error
 */
int vpngw_nl_reply_generation(struct genl_info *info, u32 generation)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vpngw_nl_reply_new(info, nla_total_size(sizeof(u32)), &hdr);
	if (!skb)
		return -ENOMEM;

	if (nla_put_u32(skb, VPNGW_A_GENERATION, generation)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/**
 * vpngw_nl_dump_one() - write one message of a dump
 * @skb: dump buffer
 * @cb: dump, with its sequence set
 * @cmd: command
 * @put: writes the object with its nest
 * @object: for @put
 *
 * Return: 0, or -EMSGSIZE with nothing written if the buffer is full
 */
int vpngw_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		      vpngw_nl_put_fn put, const void *object)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &vpngw_nl_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;

	genl_dump_check_consistent(cb, hdr);
	err = put(skb, object);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * vpngw_nl_dump_name() - which objects does a dump ask for?
 * @cb: dump
 * @type: top level attribute of the noun
 * @name_type: the attribute in it that is the name
 * @max: highest attribute in it
 * @policy: of the noun
 * @name: receives the name, empty for all objects
 *
 * Return: 0, or -EINVAL if it asks by anything but the name
 */
int vpngw_nl_dump_name(struct netlink_callback *cb, int type, int name_type, int max,
		       const struct nla_policy *policy, char name[VPNGW_NAME_MAX + 1])
{
	const struct nlattr *attr = genl_info_dump(cb)->attrs[type];
	struct nlattr *tb[64];
	const struct nlattr *other;
	int err;

	name[0] = '\0';
	if (!attr)
		return 0;
	if (WARN_ON_ONCE(max >= ARRAY_SIZE(tb)))
		return -EINVAL;

	err = nla_parse_nested(tb, max, attr, policy, cb->extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, max, BIT_ULL(name_type));
	if (other) {
		NL_SET_ERR_MSG_ATTR(cb->extack, other, "a dump selects by name only");
		return -EINVAL;
	}
	return tb[name_type] ? vpngw_nl_get_name(tb[name_type], name, cb->extack) : 0;
}

/**
 * vpngw_nl_cursor() - where a dump goes on
 * @cb: dump
 *
 * Return: the position, all zero at first
 */
struct vpngw_nl_cursor *vpngw_nl_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct vpngw_nl_cursor) > sizeof(cb->ctx));
	return (struct vpngw_nl_cursor *)cb->ctx;
}

/**
 * vpngw_nl_dump_config() - the configuration that a dump goes on with
 * @cb: dump
 *
 * Context: RCU read side, or vn->lock held.
 * Return: the configuration, or NULL if there is none, or not the one the dump
 *	began with
 */
const struct vpngw_config *vpngw_nl_dump_config(struct netlink_callback *cb)
{
	struct vpngw_net *vn = vpngw_net(sock_net(cb->skb->sk));
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_config *config;

	config = rcu_dereference_check(vn->config, lockdep_is_held(&vn->lock));
	cb->seq = config ? config->generation : READ_ONCE(vn->generation);
	if (!cursor->started) {
		cursor->started = 1;
		cursor->generation = cb->seq;
	}
	return cursor->generation == cb->seq ? config : NULL;
}

int vpngw_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	u32 generation;
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	generation = vn->generation;
	mutex_unlock(&vn->lock);

	return err ?: vpngw_nl_reply_generation(info, generation);
}

int vpngw_nl_config_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	if (!err)
		err = vpngw_txn_begin(vn, info->snd_portid, info->extack);
	mutex_unlock(&vn->lock);
	return err;
}

int vpngw_nl_config_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	u32 generation;
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	if (err)
		vpngw_txn_abort(vn, info->snd_portid);
	else
		err = vpngw_txn_commit(vn, info->snd_portid, info->extack);
	generation = vn->generation;
	mutex_unlock(&vn->lock);
	if (err)
		return err;

	/* it is in force: a reply that is lost must not look like a refusal */
	vpngw_nl_reply_generation(info, generation);
	return 0;
}

int vpngw_nl_config_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	if (!err && !vpngw_txn_of(vn, info->snd_portid)) {
		NL_SET_ERR_MSG(info->extack, "no transaction is open on this socket");
		err = -EPERM;
	}
	if (!err)
		vpngw_txn_abort(vn, info->snd_portid);
	mutex_unlock(&vn->lock);
	return err;
}

static int netlink_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *notify = ptr;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		vpngw_txn_release(vpngw_net(notify->net), notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block netlink_notifier = {
	.notifier_call	= netlink_event,
};

/* Events tell about traffic: they are for who may ask for it, too. */
static struct genl_multicast_group groups[VPNGW_NLGRP_DROP + 1] __ro_after_init;

/**
 * vpngw_nl_init() - offer the family to user space
 *
 * Context: module init; the namespaces must be ready.
 * Return: 0 or a negative error, with nothing left behind
 */
int __init vpngw_nl_init(void)
{
	int err, i;

	if (WARN_ON_ONCE(vpngw_nl_family.n_mcgrps != ARRAY_SIZE(groups)))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		groups[i] = vpngw_nl_family.mcgrps[i];
		groups[i].flags |= GENL_MCAST_CAP_NET_ADMIN;
	}
	vpngw_nl_family.mcgrps = groups;

	err = netlink_register_notifier(&netlink_notifier);
	if (err)
		return err;

	err = genl_register_family(&vpngw_nl_family);
	if (err)
		netlink_unregister_notifier(&netlink_notifier);
	return err;
}

/**
 * vpngw_nl_exit() - withdraw the family
 *
 * Context: module exit; waits for the requests under way.
 */
void vpngw_nl_exit(void)
{
	genl_unregister_family(&vpngw_nl_family);
	netlink_unregister_notifier(&netlink_notifier);
}
