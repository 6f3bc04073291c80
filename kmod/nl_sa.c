// SPDX-License-Identifier: GPL-2.0
/* Netlink: showing, clearing and deleting security associations. Keys never go out. */

#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "nl_sa.h"
#include "sad.h"
#include "spd.h"
#include "vpngw.h"

#define SA_FILTER	(BIT_ULL(VPNGW_A_SA_SPI) | BIT_ULL(VPNGW_A_SA_DADDR) |		\
			 BIT_ULL(VPNGW_A_SA_SADDR) | BIT_ULL(VPNGW_A_SA_MAP) |		\
			 BIT_ULL(VPNGW_A_SA_MAP_SEQ))

/**
 * vpngw_sa_filter_match() - does a request mean an association?
 * @filter: what the request says
 * @sa: association
 *
 * Return: true if every condition of @filter holds
 */
bool vpngw_sa_filter_match(const struct vpngw_sa_filter *filter, const struct vpngw_sa *sa)
{
	const union nf_inet_addr *peer;

	if (filter->has_spi && filter->spi != sa->spi)
		return false;
	if (filter->has_saddr && filter->saddr.ip != sa->saddr.ip)
		return false;
	if (filter->has_daddr && filter->daddr.ip != sa->daddr.ip)
		return false;
	peer = sa->dir == VPNGW_DIRECTION_OUT ? &sa->daddr : &sa->saddr;
	if (filter->has_peer && filter->peer.ip != peer->ip)
		return false;
	if (filter->has_map && strcmp(filter->map, sa->slot->map))
		return false;
	return !filter->has_map_seq || filter->map_seq == sa->slot->seq;
}

/* The only one that can match, if the filter says so much. */
static struct vpngw_sa *find_one(const struct vpngw_net *vn, const struct vpngw_sa_filter *filter)
{
	struct vpngw_sa *sa = vpngw_sad_find(vn, filter->spi, &filter->daddr, filter->family);

	return sa && vpngw_sa_filter_match(filter, sa) ? sa : NULL;
}

static bool means_one(const struct vpngw_sa_filter *filter)
{
	return filter->has_spi && filter->has_daddr;
}

/**
 * vpngw_sa_filter_delete() - remove the associations that a request means
 * @vn: namespace
 * @filter: what the request says
 *
 * Context: process, vn->lock held.
 * Return: whether there was any
 */
bool vpngw_sa_filter_delete(struct vpngw_net *vn, const struct vpngw_sa_filter *filter)
{
	struct list_head *list = vpngw_sad_list(vn);
	struct vpngw_sa *sa, *next;
	bool found = false;

	if (!list)
		return false;
	if (means_one(filter)) {
		sa = find_one(vn, filter);
		if (sa)
			vpngw_sad_remove(vn, sa, "deleted");
		return sa;
	}
	list_for_each_entry_safe(sa, next, list, list) {
		cond_resched();
		if (!vpngw_sa_filter_match(filter, sa))
			continue;
		found = true;
		vpngw_sad_remove(vn, sa, "deleted");
	}
	return found;
}

static bool filter_finds(struct vpngw_net *vn, const struct vpngw_sa_filter *filter)
{
	struct list_head *list = vpngw_sad_list(vn);
	const struct vpngw_sa *sa;

	if (!list)
		return false;
	if (means_one(filter))
		return find_one(vn, filter);
	list_for_each_entry(sa, list, list)
		if (vpngw_sa_filter_match(filter, sa))
			return true;
	return false;
}

static int get_filter_addrs(struct nlattr *const *tb, struct vpngw_sa_filter *filter,
			    struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[VPNGW_A_SA_SADDR]) {
		filter->has_saddr = true;
		err = vpngw_nl_get_addr(tb[VPNGW_A_SA_SADDR], &filter->saddr, extack);
	}
	if (!err && tb[VPNGW_A_SA_DADDR]) {
		filter->has_daddr = true;
		err = vpngw_nl_get_addr(tb[VPNGW_A_SA_DADDR], &filter->daddr, extack);
	}
	if (err || filter->has_spi || filter->has_saddr == filter->has_daddr)
		return err;

	/* one address alone is that of a peer, in both directions */
	filter->has_peer = true;
	filter->peer = filter->has_saddr ? filter->saddr : filter->daddr;
	filter->has_saddr = false;
	filter->has_daddr = false;
	return 0;
}

static int get_filter(const struct nlattr *attr, struct vpngw_sa_filter *filter,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_SA_MAX + 1];
	const struct nlattr *other;
	int err;

	memset(filter, 0, sizeof(*filter));
	filter->family = NFPROTO_IPV4;
	if (!attr)
		return 0;

	err = nla_parse_nested(tb, VPNGW_A_SA_PAD, attr, vpngw_sa_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_SA_PAD, SA_FILTER);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other,
				    "associations are selected by SPI, addresses and crypto map only");
		return -EINVAL;
	}

	if (tb[VPNGW_A_SA_SPI]) {
		if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_DADDR,
				     "an SPI means nothing without the destination address"))
			return -EINVAL;
		filter->has_spi = true;
		filter->spi = cpu_to_be32(nla_get_u32(tb[VPNGW_A_SA_SPI]));
	}
	err = get_filter_addrs(tb, filter, extack);
	if (err)
		return err;

	if (tb[VPNGW_A_SA_MAP_SEQ]) {
		if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_MAP,
				     "a sequence number means nothing without the crypto map"))
			return -EINVAL;
		filter->has_map_seq = true;
		filter->map_seq = nla_get_u32(tb[VPNGW_A_SA_MAP_SEQ]);
	}
	if (!tb[VPNGW_A_SA_MAP])
		return 0;
	filter->has_map = true;
	return vpngw_nl_get_name(tb[VPNGW_A_SA_MAP], filter->map, extack);
}

/* A request names some associations, or says that it means all. */
static int get_some_or_all(const struct genl_info *info, struct vpngw_sa_filter *filter)
{
	bool all = info->attrs[VPNGW_A_ALL], some;
	int err;

	err = get_filter(info->attrs[VPNGW_A_SA], filter, info->extack);
	if (err)
		return err;

	some = filter->has_spi || filter->has_saddr || filter->has_daddr || filter->has_peer ||
	       filter->has_map;
	if (some != all)
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "say which associations are meant, or all of them with the flag all");
	return -EINVAL;
}

static int stage_deletion(struct vpngw_txn *txn, const struct vpngw_sa_filter *filter,
			  struct netlink_ext_ack *extack)
{
	struct vpngw_sa_del *del;

	if (txn->n_sas >= VPNGW_TXN_SAS_MAX) {
		NL_SET_ERR_MSG(extack,
			       "a transaction takes at most 65,536 associations and deletions");
		return -ENOSPC;
	}
	del = kzalloc(sizeof(*del), GFP_KERNEL_ACCOUNT);
	if (!del)
		return -ENOMEM;
	del->filter = *filter;
	list_add_tail(&del->node, &txn->del_sas);
	txn->n_sas++;
	return 0;
}

static int del_sas(struct vpngw_net *vn, struct vpngw_txn *txn,
		   const struct vpngw_sa_filter *filter, bool all,
		   struct netlink_ext_ack *extack)
{
	bool found = txn ? filter_finds(vn, filter) : vpngw_sa_filter_delete(vn, filter);

	if (!found && !all) {
		NL_SET_ERR_MSG(extack, "there is no such association");
		return -ENOENT;
	}
	return txn ? stage_deletion(txn, filter, extack) : 0;
}

int vpngw_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_sa_filter filter;
	struct vpngw_txn *txn;
	int err;

	mutex_lock(&vn->lock);
	txn = vpngw_txn_of(vn, info->snd_portid);
	err = get_some_or_all(info, &filter);
	if (!err)
		err = del_sas(vn, txn, &filter, info->attrs[VPNGW_A_ALL], info->extack);
	if (err && txn)
		txn->broken = true;
	mutex_unlock(&vn->lock);

	/* a key is out of place here, but who sends one shall not lose it */
	vpngw_nl_wipe_keys(info->nlhdr);
	return err;
}

/* Octets stay: what is left of a key's life is told by them. */
static void clear_counters(struct vpngw_sa *sa)
{
	vpngw_sa_totals(sa, &sa->cleared);
	sa->cleared.bytes = 0;
}

int vpngw_nl_sa_clear_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_sa_filter filter;
	struct list_head *list;
	struct vpngw_sa *sa;
	bool found;
	int err;

	mutex_lock(&vn->lock);
	list = vpngw_sad_list(vn);
	found = info->attrs[VPNGW_A_ALL];
	err = get_some_or_all(info, &filter);
	if (err || !list)
		goto unlock;
	list_for_each_entry(sa, list, list) {
		cond_resched();
		if (!vpngw_sa_filter_match(&filter, sa))
			continue;
		found = true;
		clear_counters(sa);
	}
unlock:
	mutex_unlock(&vn->lock);
	if (!err && !found) {
		NL_SET_ERR_MSG(info->extack, "there is no such association");
		err = -ENOENT;
	}
	vpngw_nl_wipe_keys(info->nlhdr);
	return err;
}

/**
 * vpngw_nl_sa_size() - room that an association needs in a message
 *
 * Return: octets at most
 */
size_t vpngw_nl_sa_size(void)
{
	size_t selector = nla_total_size(4 * nla_total_size(sizeof(__be32)) +
					 nla_total_size(sizeof(u8)) +
					 2 * nla_total_size(sizeof(u16)));

	return nla_total_size(2 * nla_total_size(sizeof(__be32)) +	/* addresses */
			      nla_total_size(VPNGW_NAME_MAX + 1) +	/* map */
			      4 * nla_total_size(sizeof(u8)) +		/* dir, mode, encr, auth */
			      2 * nla_total_size(sizeof(u16)) +		/* UDP ports */
			      13 * nla_total_size(sizeof(u32)) +
			      8 * nla_total_size_64bit(sizeof(u64)) +
			      selector);
}

static int put_selector(struct sk_buff *skb, const struct vpngw_selector *sel)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_SA_SELECTOR);
	if (!nest ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SELECTOR_LOCAL, &sel->local) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SELECTOR_LOCAL_MASK, &sel->local_mask) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SELECTOR_REMOTE, &sel->remote) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SELECTOR_REMOTE_MASK, &sel->remote_mask) ||
	    (sel->proto >= 0 && nla_put_u8(skb, VPNGW_A_SELECTOR_PROTO, sel->proto)) ||
	    (sel->local_port >= 0 &&
	     nla_put_u16(skb, VPNGW_A_SELECTOR_LOCAL_PORT, sel->local_port)) ||
	    (sel->remote_port >= 0 &&
	     nla_put_u16(skb, VPNGW_A_SELECTOR_REMOTE_PORT, sel->remote_port)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_identity(struct sk_buff *skb, const struct vpngw_sa *sa)
{
	if (nla_put_u32(skb, VPNGW_A_SA_SPI, be32_to_cpu(sa->spi)) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SA_DADDR, &sa->daddr) ||
	    vpngw_nl_put_addr(skb, VPNGW_A_SA_SADDR, &sa->saddr) ||
	    nla_put_u8(skb, VPNGW_A_SA_DIR, sa->dir) ||
	    nla_put_string(skb, VPNGW_A_SA_MAP, sa->slot->map) ||
	    nla_put_u32(skb, VPNGW_A_SA_MAP_SEQ, sa->slot->seq) ||
	    nla_put_u8(skb, VPNGW_A_SA_MODE, sa->mode) ||
	    nla_put_u8(skb, VPNGW_A_SA_ENCR, sa->algo->encr) ||
	    nla_put_u8(skb, VPNGW_A_SA_AUTH, sa->algo->auth) ||
	    nla_put_u32(skb, VPNGW_A_SA_KEY_BITS, sa->key_bits) ||
	    nla_put_u32(skb, VPNGW_A_SA_FLAGS, sa->flags) ||
	    nla_put_u32(skb, VPNGW_A_SA_REPLAY_WINDOW, sa->replay->window))
		return -EMSGSIZE;
	if (sa->encap_sport &&
	    (nla_put_u16(skb, VPNGW_A_SA_ENCAP_SPORT, ntohs(sa->encap_sport)) ||
	     nla_put_u16(skb, VPNGW_A_SA_ENCAP_DPORT, ntohs(sa->encap_dport))))
		return -EMSGSIZE;
	return put_selector(skb, &sa->sel);
}

static int put_limits(struct sk_buff *skb, const struct vpngw_limits *l)
{
	if ((l->soft_seconds && nla_put_u32(skb, VPNGW_A_SA_SOFT_SECONDS, l->soft_seconds)) ||
	    (l->hard_seconds && nla_put_u32(skb, VPNGW_A_SA_HARD_SECONDS, l->hard_seconds)) ||
	    (l->soft_bytes && nla_put_u32(skb, VPNGW_A_SA_SOFT_KILOBYTES, l->soft_bytes >> 10)) ||
	    (l->hard_bytes && nla_put_u32(skb, VPNGW_A_SA_HARD_KILOBYTES, l->hard_bytes >> 10)) ||
	    (l->soft_packets && nla_put_u64_64bit(skb, VPNGW_A_SA_SOFT_PACKETS, l->soft_packets,
						  VPNGW_A_SA_PAD)) ||
	    (l->hard_packets && nla_put_u64_64bit(skb, VPNGW_A_SA_HARD_PACKETS, l->hard_packets,
						  VPNGW_A_SA_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* Since the administrator cleared them. */
static void count(const struct vpngw_sa *sa, struct vpngw_sa_totals *t)
{
	const struct vpngw_sa_totals *cleared = &sa->cleared;

	vpngw_sa_totals(sa, t);
	t->packets -= cleared->packets;
	t->bytes -= cleared->bytes;
	t->auth_errors -= cleared->auth_errors;
	t->replay_errors -= cleared->replay_errors;
	t->errors -= cleared->errors;
}

static int put_state(struct sk_buff *skb, const struct vpngw_sa *sa)
{
	time64_t now = ktime_get_boottime_seconds();
	struct vpngw_sa_totals t;
	u64 seq;

	/* the window is not locked: this runs where its lock may be held, and
	 * one number is read whole but on 32 bit machines
	 */
	seq = sa->dir == VPNGW_DIRECTION_OUT ? atomic64_read(&sa->seq) : READ_ONCE(sa->replay->top);
	count(sa, &t);

	if (nla_put_u32(skb, VPNGW_A_SA_CONN_ID, sa->conn_id) ||
	    nla_put_u32(skb, VPNGW_A_SA_AGE, now - sa->created) ||
	    nla_put_u32(skb, VPNGW_A_SA_IDLE, now - READ_ONCE(sa->last_used)) ||
	    nla_put_u32(skb, VPNGW_A_SA_MTU, READ_ONCE(sa->pmtu)) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_SEQ, seq, VPNGW_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_PACKETS, t.packets, VPNGW_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_BYTES, t.bytes, VPNGW_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_AUTH_ERRORS, t.auth_errors, VPNGW_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_REPLAY_ERRORS, t.replay_errors, VPNGW_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, VPNGW_A_SA_ERRORS, t.errors, VPNGW_A_SA_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * vpngw_nl_put_sa() - write an association, without its keys
 * @skb: message
 * @sa: association
 *
 * Context: any; @sa must not go away meanwhile.
 * Return: 0, or -EMSGSIZE; the caller cancels the message
 */
int vpngw_nl_put_sa(struct sk_buff *skb, const struct vpngw_sa *sa)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_SA);
	if (!nest || put_identity(skb, sa) || put_limits(skb, &sa->limits) || put_state(skb, sa))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_sa(struct sk_buff *skb, const void *object)
{
	return vpngw_nl_put_sa(skb, object);
}

int vpngw_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vpngw_net *vn = vpngw_net(sock_net(cb->skb->sk));
	struct vpngw_sa_filter filter;
	const struct vpngw_sa *sa;
	int err;

	err = get_filter(genl_info_dump(cb)->attrs[VPNGW_A_SA], &filter, cb->extack);
	vpngw_nl_wipe_keys(cb->nlh);
	if (err)
		return err;

	mutex_lock(&vn->lock);
	cb->seq = vn->generation;
	/* identities ascend and are not used again, whatever comes and goes */
	for (sa = vpngw_sad_next(vn, cb->args[0]); sa; sa = vpngw_sad_next(vn, sa->conn_id)) {
		cond_resched();
		if (vpngw_sa_filter_match(&filter, sa))
			err = vpngw_nl_dump_one(skb, cb, VPNGW_CMD_SA_GET, put_sa, sa);
		if (err)
			break;
		cb->args[0] = sa->conn_id;
	}
	mutex_unlock(&vn->lock);
	return skb->len ?: err;
}
