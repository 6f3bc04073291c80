// SPDX-License-Identifier: GPL-2.0
/* Netlink: translations. */

#include <linux/jiffies.h>
#include <net/sock.h>

#include "netlink.h"
#include "vpngw.h"
#include "xlate.h"

#define FILTER_INPUT	(BIT_ULL(VPNGW_A_XLATE_PROTO) |			\
			 BIT_ULL(VPNGW_A_XLATE_INSIDE_LOCAL) |		\
			 BIT_ULL(VPNGW_A_XLATE_INSIDE_LOCAL_PORT) |	\
			 BIT_ULL(VPNGW_A_XLATE_INSIDE_GLOBAL) |		\
			 BIT_ULL(VPNGW_A_XLATE_INSIDE_GLOBAL_PORT) |	\
			 BIT_ULL(VPNGW_A_XLATE_OUTSIDE_GLOBAL) |	\
			 BIT_ULL(VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT))

static int get_addr(const struct nlattr *attr, bool *has, union nf_inet_addr *addr,
		    struct netlink_ext_ack *extack)
{
	*has = attr;
	return attr ? vpngw_nl_get_addr(attr, addr, extack) : 0;
}

static void get_port(const struct nlattr *attr, bool *has, __be16 *port)
{
	*has = attr;
	if (attr)
		*port = htons(nla_get_u16(attr));
}

static int get_filter(const struct nlattr *attr, struct vpngw_xlate_filter *filter,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_XLATE_MAX + 1];
	const struct nlattr *other;
	int err;

	memset(filter, 0, sizeof(*filter));
	filter->proto = -1;
	if (!attr)
		return 0;

	err = nla_parse_nested(tb, VPNGW_A_XLATE_MAX, attr, vpngw_xlate_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_XLATE_MAX, FILTER_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other,
				    "translations are selected by protocol, inside and outside global ends only");
		return -EINVAL;
	}

	if (tb[VPNGW_A_XLATE_PROTO])
		filter->proto = nla_get_u8(tb[VPNGW_A_XLATE_PROTO]);
	get_port(tb[VPNGW_A_XLATE_INSIDE_LOCAL_PORT], &filter->has_il_port, &filter->il_port);
	get_port(tb[VPNGW_A_XLATE_INSIDE_GLOBAL_PORT], &filter->has_ig_port, &filter->ig_port);
	get_port(tb[VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT], &filter->has_og_port, &filter->og_port);
	err = get_addr(tb[VPNGW_A_XLATE_INSIDE_LOCAL], &filter->has_il, &filter->il, extack);
	if (!err)
		err = get_addr(tb[VPNGW_A_XLATE_INSIDE_GLOBAL], &filter->has_ig, &filter->ig,
			       extack);
	if (!err)
		err = get_addr(tb[VPNGW_A_XLATE_OUTSIDE_GLOBAL], &filter->has_og, &filter->og,
			       extack);
	return err;
}

static bool filter_empty(const struct vpngw_xlate_filter *filter)
{
	return filter->proto < 0 && !filter->has_il && !filter->has_ig && !filter->has_og &&
	       !filter->has_il_port && !filter->has_ig_port && !filter->has_og_port;
}

static u8 xlate_proto(const struct vpngw_xlate *x)
{
	return x->flags & VPNGW_XLATE_FLAG_EXTENDED ? x->n[VPNGW_XLATE_OUT].tuple.proto : 0;
}

/**
 * vpngw_nl_xlate_size() - room that a translation needs in a message
 *
 * Return: octets at most
 */
size_t vpngw_nl_xlate_size(void)
{
	return nla_total_size(nla_total_size(sizeof(u8)) +		/* proto */
			      4 * nla_total_size(sizeof(__be32)) +	/* addresses */
			      4 * nla_total_size(sizeof(u16)) +		/* ports */
			      6 * nla_total_size(sizeof(u32)) +		/* flags to id */
			      nla_total_size(VPNGW_NAME_MAX + 1));	/* pool */
}

/* A simple translation is between two addresses; it has no outside. */
static int put_ends(struct sk_buff *skb, const struct vpngw_xlate *x)
{
	const struct vpngw_tuple *out = &x->n[VPNGW_XLATE_OUT].tuple;
	const struct vpngw_tuple *in = &x->n[VPNGW_XLATE_IN].tuple;

	if (nla_put_u8(skb, VPNGW_A_XLATE_PROTO, xlate_proto(x)) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_XLATE_INSIDE_LOCAL, &out->src) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_XLATE_INSIDE_GLOBAL, &in->dst))
		return -EMSGSIZE;
	if (!(x->flags & VPNGW_XLATE_FLAG_EXTENDED))
		return 0;

	if (nla_put_u16(skb, VPNGW_A_XLATE_INSIDE_LOCAL_PORT, ntohs(out->sport)) ||
	    nla_put_u16(skb, VPNGW_A_XLATE_INSIDE_GLOBAL_PORT, ntohs(in->dport)) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_XLATE_OUTSIDE_LOCAL, &out->dst) ||
	    nla_put_u16(skb, VPNGW_A_XLATE_OUTSIDE_LOCAL_PORT, ntohs(out->dport)) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_XLATE_OUTSIDE_GLOBAL, &in->src) ||
	    nla_put_u16(skb, VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT, ntohs(in->sport)))
		return -EMSGSIZE;
	return 0;
}

static int put_pool(struct sk_buff *skb, const struct vpngw_xlate *x)
{
	const char *name;
	int err = 0;

	rcu_read_lock();
	name = vpngw_xlate_pool_name(x);
	if (name)
		err = nla_put_string(skb, VPNGW_A_XLATE_POOL, name);
	rcu_read_unlock();
	return err;
}

static u32 seconds_between(unsigned long from, unsigned long to)
{
	return time_after(to, from) ? (to - from) / HZ : 0;
}

/**
 * vpngw_nl_put_xlate() - write a translation
 * @skb: message
 * @x: the translation
 *
 * Context: any; @x must not go away meanwhile.
 * Return: 0, or -EMSGSIZE; the caller cancels the message
 */
int vpngw_nl_put_xlate(struct sk_buff *skb, const struct vpngw_xlate *x)
{
	unsigned long expires = READ_ONCE(x->expires);
	unsigned long used = READ_ONCE(x->used);
	u32 flags = READ_ONCE(x->flags);
	unsigned long now = jiffies;
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_XLATE);
	if (!nest ||
	    put_ends(skb, x) ||
	    nla_put_u32(skb, VPNGW_A_XLATE_FLAGS, flags) ||
	    nla_put_u32(skb, VPNGW_A_XLATE_RULE, x->rule) ||
	    put_pool(skb, x) ||
	    nla_put_u32(skb, VPNGW_A_XLATE_AGE, seconds_between(x->created, now)) ||
	    nla_put_u32(skb, VPNGW_A_XLATE_IDLE, seconds_between(used, now)) ||
	    (!(flags & VPNGW_XLATE_FLAG_STATIC) &&
	     nla_put_u32(skb, VPNGW_A_XLATE_LEFT, seconds_between(now, expires))) ||
	    nla_put_u32(skb, VPNGW_A_XLATE_ID, x->id))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * struct xlate_dump - a dump of translations under way
 * @skb: buffer to fill
 * @cb: the dump
 * @filter: which translations are asked for
 * @x: the one being written
 */
struct xlate_dump {
	struct sk_buff			*skb;
	struct netlink_callback		*cb;
	struct vpngw_xlate_filter	filter;
	const struct vpngw_xlate	*x;
};

static int put_xlate(struct sk_buff *skb, const void *object)
{
	const struct xlate_dump *dump = object;

	return vpngw_nl_put_xlate(skb, dump->x);
}

static int dump_xlate(const struct vpngw_xlate *x, void *arg)
{
	struct xlate_dump *dump = arg;
	int err;

	if (vpngw_xlate_filter_match(&dump->filter, x)) {
		dump->x = x;
		err = vpngw_nl_dump_one(dump->skb, dump->cb, VPNGW_CMD_XLATE_GET, put_xlate, dump);
		if (err)
			return err;
	}
	/* identities ascend and are not used again, whatever comes and goes */
	dump->cb->args[0] = x->id;
	return 0;
}

int vpngw_nl_xlate_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_net *vn = vpngw_net(sock_net(cb->skb->sk));
	struct xlate_dump dump = { .skb = skb, .cb = cb };
	int err;

	err = get_filter(genl_info_dump(cb)->attrs[VPNGW_A_XLATE], &dump.filter, cb->extack);
	if (err)
		return err;

	mutex_lock(&vn->lock);
	cb->seq = vn->generation;
	if (vn->xlates)
		err = vpngw_xlate_walk(vn, cb->args[0], dump_xlate, &dump);
	mutex_unlock(&vn->lock);
	return skb->len ?: err;
}

int vpngw_nl_xlate_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	const struct nlattr *attr = info->attrs[VPNGW_A_XLATE];
	struct vpngw_xlate_filter filter;
	u32 n = 0;
	int err;

	err = get_filter(attr, &filter, info->extack);
	if (err)
		return err;
	if (filter_empty(&filter) == !info->attrs[VPNGW_A_ALL]) {
		NL_SET_ERR_MSG(info->extack,
			       "say which translations to delete, or all of them with the flag all");
		return -EINVAL;
	}

	mutex_lock(&vn->lock);
	if (vn->xlates)
		n = vpngw_xlate_flush(vn, &filter, "deleted");
	mutex_unlock(&vn->lock);

	if (n || info->attrs[VPNGW_A_ALL])
		return 0;
	NL_SET_ERR_MSG(info->extack, "there is no such translation");
	return -ENOENT;
}
