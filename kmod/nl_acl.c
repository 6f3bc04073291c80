// SPDX-License-Identifier: GPL-2.0
/* Netlink: access lists. */

#include <linux/in.h>
#include <linux/netdevice.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "vpngw.h"

#define ACE_INPUT	(~(BIT_ULL(VPNGW_A_ACE_HITS) | BIT_ULL(VPNGW_A_ACE_PAD)))

/* An address and its wildcard become an address and its mask. */
static int get_ace_addr(const struct nlattr *addr, const struct nlattr *wild,
			union nf_inet_addr *ip, union nf_inet_addr *mask,
			struct netlink_ext_ack *extack)
{
	union nf_inet_addr w = {};
	int err;

	if (!addr) {
		if (!wild)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, wild, "a wildcard needs an address");
		return -EINVAL;
	}

	err = vpngw_nl_get_addr(addr, ip, extack);
	if (!err && wild)
		err = vpngw_nl_get_addr(wild, &w, extack);
	if (err)
		return err;
	mask->ip = ~w.ip;
	return 0;
}

static int get_port_range(const struct nlattr *attr, struct vpngw_port_range *range,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_PORT_RANGE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, VPNGW_A_PORT_RANGE_MAX, attr, vpngw_port_range_nl_policy,
			       extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_PORT_RANGE_LO,
			     "a port range needs its lowest port"))
		return -EINVAL;

	range->lo = nla_get_u16(tb[VPNGW_A_PORT_RANGE_LO]);
	range->hi = tb[VPNGW_A_PORT_RANGE_HI] ? nla_get_u16(tb[VPNGW_A_PORT_RANGE_HI]) :
						range->lo;
	if (range->lo > range->hi) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the lowest port of a range is above its highest");
		return -EINVAL;
	}
	return 0;
}

/* Port ranges occur several times, which a table of attributes cannot hold. */
static int get_ports(const struct nlattr *entry, int type, struct vpngw_port_range *range,
		     u8 *n, struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, entry, rem) {
		if (nla_type(attr) != type)
			continue;
		if (*n == VPNGW_PORT_RANGE_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "an entry takes at most ten ranges of ports on a side");
			return -E2BIG;
		}
		err = get_port_range(attr, &range[*n], extack);
		if (err)
			return err;
		(*n)++;
	}
	return 0;
}

static bool has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_UDPLITE;
}

/* What an entry says of ports must make sense with the rest of it. */
static int check_ace_ports(const struct vpngw_ace *ace, const struct nlattr *entry,
			   struct netlink_ext_ack *extack)
{
	if ((ace->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ && !ace->n_sport) ||
	    (ace->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ && !ace->n_dport)) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "neq needs a port");
		return -EINVAL;
	}
	if (!ace->n_sport && !ace->n_dport)
		return 0;
	if (!ace->has_proto || !has_ports(ace->proto)) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "ports need a protocol that has them, such as tcp or udp");
		return -EINVAL;
	}
	if (ace->flags & VPNGW_ACE_FLAG_FRAGMENTS) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "fragments and ports exclude each other: later fragments carry no ports");
		return -EINVAL;
	}
	return 0;
}

static int check_ace(const struct vpngw_ace *ace, const struct nlattr *entry,
		     struct netlink_ext_ack *extack)
{
	bool tcp = ace->has_proto && ace->proto == IPPROTO_TCP;
	bool icmp = ace->has_proto && ace->proto == IPPROTO_ICMP;

	if ((ace->has_icmp_type || ace->has_icmp_code) && !icmp) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "an ICMP type or code needs protocol icmp");
		return -EINVAL;
	}
	if (ace->has_icmp_code && !ace->has_icmp_type) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "an ICMP code needs an ICMP type");
		return -EINVAL;
	}
	if ((ace->tcp_mask || ace->flags & VPNGW_ACE_FLAG_ESTABLISHED) && !tcp) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "established and TCP flags need protocol tcp");
		return -EINVAL;
	}
	if (ace->tcp_value & ~ace->tcp_mask) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "a TCP flag has a value but is not in the mask");
		return -EINVAL;
	}
	if (ace->flags & VPNGW_ACE_FLAG_TCP_MATCH_ANY && !ace->tcp_mask) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "match-any needs TCP flags to match");
		return -EINVAL;
	}
	if (ace->tos & ~ace->tos_mask) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "a bit of the type of service has a value but is not in the mask");
		return -EINVAL;
	}
	return check_ace_ports(ace, entry, extack);
}

static void get_ace_scalars(struct nlattr *const *tb, struct vpngw_ace *ace)
{
	ace->seq = nla_get_u32(tb[VPNGW_A_ACE_SEQ]);
	ace->action = nla_get_u8(tb[VPNGW_A_ACE_ACTION]);
	ace->line = vpngw_nl_get_u32(tb[VPNGW_A_ACE_LINE], 0);
	ace->flags = vpngw_nl_get_u32(tb[VPNGW_A_ACE_FLAGS], 0);
	ace->has_proto = tb[VPNGW_A_ACE_PROTO];
	ace->proto = vpngw_nl_get_u8(tb[VPNGW_A_ACE_PROTO], 0);
	ace->has_icmp_type = tb[VPNGW_A_ACE_ICMP_TYPE];
	ace->icmp_type = vpngw_nl_get_u8(tb[VPNGW_A_ACE_ICMP_TYPE], 0);
	ace->has_icmp_code = tb[VPNGW_A_ACE_ICMP_CODE];
	ace->icmp_code = vpngw_nl_get_u8(tb[VPNGW_A_ACE_ICMP_CODE], 0);
	ace->tcp_mask = vpngw_nl_get_u8(tb[VPNGW_A_ACE_TCP_MASK], 0);
	ace->tcp_value = vpngw_nl_get_u8(tb[VPNGW_A_ACE_TCP_VALUE], 0);
	ace->tos = vpngw_nl_get_u8(tb[VPNGW_A_ACE_TOS], 0);
	ace->tos_mask = vpngw_nl_get_u8(tb[VPNGW_A_ACE_TOS_MASK], 0);
}

static int get_ace(const struct nlattr *entry, struct vpngw_ace *ace,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_ACE_MAX + 1];
	const struct nlattr *other;
	int err;

	memset(ace, 0, sizeof(*ace));
	err = nla_parse_nested(tb, VPNGW_A_ACE_PAD, entry, vpngw_ace_nl_policy, extack);
	if (err)
		return err;

	other = vpngw_nl_other(tb, VPNGW_A_ACE_PAD, ACE_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "counters cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, entry, tb, VPNGW_A_ACE_SEQ,
			     "an access list entry needs a sequence number") ||
	    vpngw_nl_missing(extack, entry, tb, VPNGW_A_ACE_ACTION,
			     "an access list entry must permit or deny"))
		return -EINVAL;

	get_ace_scalars(tb, ace);
	err = get_ace_addr(tb[VPNGW_A_ACE_SRC], tb[VPNGW_A_ACE_SRC_WILD],
			   &ace->src, &ace->src_mask, extack);
	if (!err)
		err = get_ace_addr(tb[VPNGW_A_ACE_DST], tb[VPNGW_A_ACE_DST_WILD],
				   &ace->dst, &ace->dst_mask, extack);
	if (!err)
		err = get_ports(entry, VPNGW_A_ACE_SRC_PORT, ace->sport, &ace->n_sport, extack);
	if (!err)
		err = get_ports(entry, VPNGW_A_ACE_DST_PORT, ace->dport, &ace->n_dport, extack);
	if (!err)
		err = check_ace(ace, entry, extack);
	return err;
}

static int add_ace(struct vpngw_config *config, struct vpngw_acl *acl,
		   const struct nlattr *entry, struct netlink_ext_ack *extack)
{
	struct vpngw_ace ace;
	int err;

	err = get_ace(entry, &ace, extack);
	if (err)
		return err;

	if (acl->standard && (ace.has_proto || ace.dst_mask.ip || ace.tos_mask)) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "a standard access list looks at the source only");
		return -EINVAL;
	}
	if (config->n_ace >= VPNGW_ACES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "a configuration takes at most 1,000,000 access list entries");
		return -ENOSPC;
	}

	err = vpngw_acl_append(acl, &ace);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(extack, entry, "the list has an entry of this sequence number");
	else if (err == -EINVAL)
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "the sequence number is below that of the entry before it");
	else if (!err)
		config->n_ace++;
	return err;
}

/* The list that a request is about: the one it goes on with, or a new one. */
static struct vpngw_acl *get_acl(struct vpngw_config *config, struct nlattr *const *tb,
				 struct netlink_ext_ack *extack)
{
	char name[VPNGW_NAME_MAX + 1];
	struct vpngw_acl *acl;
	int err;

	err = vpngw_nl_get_name(tb[VPNGW_A_ACL_NAME], name, extack);
	if (err)
		return ERR_PTR(err);

	acl = vpngw_config_acl(config, name);
	if (acl) {
		if (!tb[VPNGW_A_ACL_STANDARD] == !acl->standard)
			return acl;
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_ACL_NAME],
				    "an access list is either standard or extended, in all its parts");
		return ERR_PTR(-EINVAL);
	}

	if (config->n_acl >= VPNGW_ACLS_MAX) {
		NL_SET_ERR_MSG(extack, "a configuration takes at most 65,536 access lists");
		return ERR_PTR(-ENOSPC);
	}
	acl = vpngw_acl_alloc(name);
	if (!acl)
		return ERR_PTR(-ENOMEM);
	acl->line = vpngw_nl_get_u32(tb[VPNGW_A_ACL_LINE], 0);
	acl->standard = tb[VPNGW_A_ACL_STANDARD];
	vpngw_config_add_acl(config, acl);
	return acl;
}

/* What was added before an entry is refused stays: the transaction is broken. */
static int add_acl(struct vpngw_net *vn, struct vpngw_txn *txn,
		   const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_ACL_MAX + 1];
	const struct nlattr *entry;
	struct vpngw_acl *acl;
	int rem, err;

	err = nla_parse_nested(tb, VPNGW_A_ACL_MAX, attr, vpngw_acl_nl_policy, extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_ACL_NAME,
			     "an access list needs a number or name"))
		return -EINVAL;

	acl = get_acl(txn->config, tb, extack);
	if (IS_ERR(acl))
		return PTR_ERR(acl);

	nla_for_each_nested(entry, attr, rem) {
		if (nla_type(entry) != VPNGW_A_ACL_ACE)
			continue;
		err = add_ace(txn->config, acl, entry, extack);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int vpngw_nl_acl_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vpngw_nl_add(info, VPNGW_A_ACL, add_acl);
}

static int put_ports(struct sk_buff *skb, int type, const struct vpngw_port_range *range, u8 n)
{
	struct nlattr *nest;
	u8 i;

	for (i = 0; i < n; i++) {
		nest = nla_nest_start(skb, type);
		if (!nest ||
		    nla_put_u16(skb, VPNGW_A_PORT_RANGE_LO, range[i].lo) ||
		    nla_put_u16(skb, VPNGW_A_PORT_RANGE_HI, range[i].hi))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_ace_addr(struct sk_buff *skb, int type, int wild_type,
			const union nf_inet_addr *addr, const union nf_inet_addr *mask)
{
	union nf_inet_addr wild = { .ip = ~mask->ip };

	if (!mask->ip)
		return 0;
	if (vpngw_nl_put_addr(skb, type, addr))
		return -EMSGSIZE;
	return wild.ip ? vpngw_nl_put_addr(skb, wild_type, &wild) : 0;
}

static int put_ace_l4(struct sk_buff *skb, const struct vpngw_ace *ace)
{
	if ((ace->has_proto && nla_put_u8(skb, VPNGW_A_ACE_PROTO, ace->proto)) ||
	    (ace->has_icmp_type && nla_put_u8(skb, VPNGW_A_ACE_ICMP_TYPE, ace->icmp_type)) ||
	    (ace->has_icmp_code && nla_put_u8(skb, VPNGW_A_ACE_ICMP_CODE, ace->icmp_code)) ||
	    (ace->tcp_mask && (nla_put_u8(skb, VPNGW_A_ACE_TCP_MASK, ace->tcp_mask) ||
			       nla_put_u8(skb, VPNGW_A_ACE_TCP_VALUE, ace->tcp_value))))
		return -EMSGSIZE;
	if (put_ports(skb, VPNGW_A_ACE_SRC_PORT, ace->sport, ace->n_sport))
		return -EMSGSIZE;
	return put_ports(skb, VPNGW_A_ACE_DST_PORT, ace->dport, ace->n_dport);
}

static int put_ace(struct sk_buff *skb, const struct vpngw_acl *acl, u32 i)
{
	const struct vpngw_ace *ace = &acl->ace[i];
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_ACL_ACE);
	if (!nest)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VPNGW_A_ACE_SEQ, ace->seq) ||
	    nla_put_u8(skb, VPNGW_A_ACE_ACTION, ace->action) ||
	    put_ace_addr(skb, VPNGW_A_ACE_SRC, VPNGW_A_ACE_SRC_WILD,
			 &ace->src, &ace->src_mask) ||
	    put_ace_addr(skb, VPNGW_A_ACE_DST, VPNGW_A_ACE_DST_WILD,
			 &ace->dst, &ace->dst_mask) ||
	    put_ace_l4(skb, ace) ||
	    (ace->tos_mask && (nla_put_u8(skb, VPNGW_A_ACE_TOS, ace->tos) ||
			       nla_put_u8(skb, VPNGW_A_ACE_TOS_MASK, ace->tos_mask))) ||
	    (ace->flags && nla_put_u32(skb, VPNGW_A_ACE_FLAGS, ace->flags)) ||
	    (ace->line && nla_put_u32(skb, VPNGW_A_ACE_LINE, ace->line)) ||
	    nla_put_u64_64bit(skb, VPNGW_A_ACE_HITS, vpngw_hits_sum(acl->hits, i),
			      VPNGW_A_ACE_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * struct acl_part - a piece of an access list that goes into one message
 * @acl: the list
 * @next: its first entry that is not written yet; moves on
 */
struct acl_part {
	const struct vpngw_acl	*acl;
	u32			*next;
};

/* Writes as many entries as fit, or fails if not even one does. */
static int put_acl(struct sk_buff *skb, const void *object)
{
	const struct acl_part *part = object;
	const struct vpngw_acl *acl = part->acl;
	u32 next = *part->next;
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_ACL);
	if (!nest ||
	    nla_put_string(skb, VPNGW_A_ACL_NAME, acl->name) ||
	    (acl->line && nla_put_u32(skb, VPNGW_A_ACL_LINE, acl->line)) ||
	    (acl->standard && nla_put_flag(skb, VPNGW_A_ACL_STANDARD)))
		return -EMSGSIZE;

	while (next < acl->n && !put_ace(skb, acl, next))
		next++;
	if (next == *part->next && acl->n)
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	*part->next = next;
	return 0;
}

/* All that fits of one list; -EMSGSIZE if there is more. */
static int dump_acl(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct vpngw_acl *acl)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	struct acl_part part = { .acl = acl, .next = &cursor->part };
	int err;

	do {
		err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_ACL_GET, put_acl, &part);
		if (err)
			return err;
	} while (cursor->part < acl->n);

	cursor->part = 0;
	return 0;
}

int vpngw_nl_acl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_nl_cursor *cursor = vpngw_nl_cursor(cb);
	const struct vpngw_config *config;
	char name[VPNGW_NAME_MAX + 1];
	const struct vpngw_acl *acl;
	u32 i = 0;
	int err;

	err = vpngw_nl_dump_name(cb, VPNGW_A_ACL, VPNGW_A_ACL_NAME, VPNGW_A_ACL_MAX,
				 vpngw_acl_nl_policy, name);
	if (err)
		return err;

	rcu_read_lock();
	config = vpngw_nl_dump_config(cb);
	if (!config)
		goto out;
	list_for_each_entry(acl, &config->acls, node) {
		if (i++ < cursor->object)
			continue;
		if (!name[0] || !strcmp(name, acl->name)) {
			err = dump_acl(skb, cb, acl);
			if (err)
				break;
		}
		cursor->object = i;
	}
out:
	rcu_read_unlock();
	return skb->len ?: err;
}

static int clear_one_acl(struct vpngw_config *config, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_ACL_MAX + 1];
	char name[VPNGW_NAME_MAX + 1];
	const struct nlattr *other;
	struct vpngw_acl *acl;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_ACL_MAX, attr, vpngw_acl_nl_policy, extack);
	if (err)
		return err;
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_ACL_NAME,
			     "name the access list whose counters to clear"))
		return -EINVAL;
	other = vpngw_nl_other(tb, VPNGW_A_ACL_MAX, BIT_ULL(VPNGW_A_ACL_NAME));
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other,
				    "counters are cleared for a whole list, by its name");
		return -EINVAL;
	}
	err = vpngw_nl_get_name(tb[VPNGW_A_ACL_NAME], name, extack);
	if (err)
		return err;

	acl = config ? vpngw_config_acl(config, name) : NULL;
	if (!acl) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_ACL_NAME], "there is no such access list");
		return -ENOENT;
	}
	vpngw_hits_clear(acl->hits);
	return 0;
}

int vpngw_nl_acl_clear_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct nlattr *one = info->attrs[VPNGW_A_ACL];
	struct vpngw_config *config;
	struct vpngw_acl *acl;
	int err = 0;

	if (!one == !info->attrs[VPNGW_A_ALL]) {
		NL_SET_ERR_MSG(info->extack,
			       "name an access list, or all of them with the flag all");
		return -EINVAL;
	}

	mutex_lock(&vn->lock);
	config = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	if (one)
		err = clear_one_acl(config, one, info->extack);
	else if (config)
		list_for_each_entry(acl, &config->acls, node)
			vpngw_hits_clear(acl->hits);
	mutex_unlock(&vn->lock);
	return err;
}
