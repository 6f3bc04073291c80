// SPDX-License-Identifier: GPL-2.0
/* Netlink: new security associations. Keys come in here, and are wiped. */

#include <linux/hashtable.h>
#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/string.h>

#include "client.h"
#include "config.h"
#include "netlink.h"
#include "nl_sa.h"
#include "resume.h"
#include "sad.h"
#include "vpngw.h"

#define DEFAULT_REPLAY_WINDOW	64

#define SA_INPUT	(GENMASK_ULL(VPNGW_A_SA_AUTH_KEY, VPNGW_A_SA_SPI) |		\
			 GENMASK_ULL(VPNGW_A_SA_ENCAP_DPORT, VPNGW_A_SA_SELECTOR) |	\
			 BIT_ULL(VPNGW_A_SA_SEQ))

/* An absent address means any, an absent mask one host. */
static int get_selector_addr(const struct nlattr *addr, const struct nlattr *mask,
			     union nf_inet_addr *ip, union nf_inet_addr *m,
			     struct netlink_ext_ack *extack)
{
	int err;

	if (!addr) {
		if (!mask)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, mask, "the mask of a selector needs an address");
		return -EINVAL;
	}
	err = vpngw_nl_get_addr(addr, ip, extack);
	if (err)
		return err;
	m->ip = htonl(INADDR_BROADCAST);
	if (mask)
		err = vpngw_nl_get_addr(mask, m, extack);
	ip->ip &= m->ip;
	return err;
}

static int get_selector(const struct nlattr *attr, struct vpngw_selector *sel,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_SELECTOR_MAX + 1];
	int err;

	memset(sel, 0, sizeof(*sel));
	sel->proto = -1;
	sel->local_port = -1;
	sel->remote_port = -1;
	if (!attr)
		return 0;

	err = nla_parse_nested(tb, VPNGW_A_SELECTOR_MAX, attr, vpngw_selector_nl_policy, extack);
	if (!err)
		err = get_selector_addr(tb[VPNGW_A_SELECTOR_LOCAL],
					tb[VPNGW_A_SELECTOR_LOCAL_MASK],
					&sel->local, &sel->local_mask, extack);
	if (!err)
		err = get_selector_addr(tb[VPNGW_A_SELECTOR_REMOTE],
					tb[VPNGW_A_SELECTOR_REMOTE_MASK],
					&sel->remote, &sel->remote_mask, extack);
	if (err)
		return err;

	if (tb[VPNGW_A_SELECTOR_PROTO])
		sel->proto = nla_get_u8(tb[VPNGW_A_SELECTOR_PROTO]);
	if (tb[VPNGW_A_SELECTOR_LOCAL_PORT])
		sel->local_port = nla_get_u16(tb[VPNGW_A_SELECTOR_LOCAL_PORT]);
	if (tb[VPNGW_A_SELECTOR_REMOTE_PORT])
		sel->remote_port = nla_get_u16(tb[VPNGW_A_SELECTOR_REMOTE_PORT]);
	if (sel->proto < 0 && (sel->local_port >= 0 || sel->remote_port >= 0)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the ports of a selector need a protocol");
		return -EINVAL;
	}
	return 0;
}

static bool above(u64 soft, u64 hard)
{
	return hard && soft > hard;
}

static int get_limits(const struct nlattr *attr, struct nlattr *const *tb,
		      struct vpngw_limits *l, struct netlink_ext_ack *extack)
{
	const struct nlattr *soft = tb[VPNGW_A_SA_SOFT_PACKETS];
	const struct nlattr *hard = tb[VPNGW_A_SA_HARD_PACKETS];

	l->soft_seconds = vpngw_nl_get_u32(tb[VPNGW_A_SA_SOFT_SECONDS], 0);
	l->hard_seconds = vpngw_nl_get_u32(tb[VPNGW_A_SA_HARD_SECONDS], 0);
	l->soft_bytes = (u64)vpngw_nl_get_u32(tb[VPNGW_A_SA_SOFT_KILOBYTES], 0) << 10;
	l->hard_bytes = (u64)vpngw_nl_get_u32(tb[VPNGW_A_SA_HARD_KILOBYTES], 0) << 10;
	l->soft_packets = soft ? nla_get_u64(soft) : 0;
	l->hard_packets = hard ? nla_get_u64(hard) : 0;

	if (above(l->soft_seconds, l->hard_seconds) || above(l->soft_bytes, l->hard_bytes) ||
	    above(l->soft_packets, l->hard_packets)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a soft limit is above its hard limit");
		return -EINVAL;
	}
	return 0;
}

static int get_key(const struct nlattr *attr, const u8 **key, u32 *len,
		   struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	if (nla_len(attr) > VPNGW_KEY_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a key has at most 64 octets");
		return -EINVAL;
	}
	*key = nla_data(attr);
	*len = nla_len(attr);
	return 0;
}

static int check_required(const struct nlattr *attr, struct nlattr *const *tb,
			  struct netlink_ext_ack *extack)
{
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_SPI, "an association needs an SPI") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_DADDR,
			     "an association needs its outer destination address") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_SADDR,
			     "an association needs its outer source address") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_DIR,
			     "an association needs a direction") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_ENCR, "an association needs a cipher") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_AUTH,
			     "an association needs an authenticator, or none as such") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_MAP,
			     "an association needs the crypto map that it serves") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_MAP_SEQ,
			     "an association needs the crypto map entry that it serves"))
		return -EINVAL;
	return 0;
}

static int get_flags(const struct nlattr *attr, u32 *flags, struct netlink_ext_ack *extack)
{
	const u32 df = VPNGW_SA_FLAG_DF_COPY | VPNGW_SA_FLAG_DF_SET;

	*flags = vpngw_nl_get_u32(attr, 0);
	if (*flags & VPNGW_SA_FLAG_WEAK) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "whether a transform is weak cannot be set");
		return -EINVAL;
	}
	if ((*flags & df) == df) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the don't-fragment bit is either copied or set, not both");
		return -EINVAL;
	}
	return 0;
}

static int get_window(const struct nlattr *attr, u32 *window, struct netlink_ext_ack *extack)
{
	*window = vpngw_nl_get_u32(attr, DEFAULT_REPLAY_WINDOW);
	if (!*window || (*window >= VPNGW_REPLAY_MIN && *window <= VPNGW_REPLAY_MAX))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "the replay window is 32 to 8192 packets, or 0 to accept every number");
	return -EINVAL;
}

static int get_encap(const struct nlattr *attr, struct nlattr *const *tb,
		     struct vpngw_sa_params *p, struct netlink_ext_ack *extack)
{
	const struct nlattr *sport = tb[VPNGW_A_SA_ENCAP_SPORT];
	const struct nlattr *dport = tb[VPNGW_A_SA_ENCAP_DPORT];

	if (!sport != !dport) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "ESP in UDP needs the ports of both ends");
		return -EINVAL;
	}
	if (!sport)
		return 0;
	p->encap_sport = htons(nla_get_u16(sport));
	p->encap_dport = htons(nla_get_u16(dport));
	return 0;
}

static int get_params(const struct nlattr *attr, struct nlattr *const *tb,
		      struct vpngw_sa_params *p, struct netlink_ext_ack *extack)
{
	int err;

	err = check_required(attr, tb, extack);
	if (err)
		return err;

	p->spi = nla_get_u32(tb[VPNGW_A_SA_SPI]);
	p->family = NFPROTO_IPV4;
	p->dir = nla_get_u8(tb[VPNGW_A_SA_DIR]);
	p->mode = vpngw_nl_get_u8(tb[VPNGW_A_SA_MODE], VPNGW_MODE_TUNNEL);
	p->encr = nla_get_u8(tb[VPNGW_A_SA_ENCR]);
	p->auth = nla_get_u8(tb[VPNGW_A_SA_AUTH]);
	p->map_seq = nla_get_u32(tb[VPNGW_A_SA_MAP_SEQ]);
	p->seq = tb[VPNGW_A_SA_SEQ] ? nla_get_u64(tb[VPNGW_A_SA_SEQ]) : 0;

	err = vpngw_nl_get_addr(tb[VPNGW_A_SA_SADDR], &p->saddr, extack);
	if (!err)
		err = vpngw_nl_get_addr(tb[VPNGW_A_SA_DADDR], &p->daddr, extack);
	if (!err)
		err = vpngw_nl_get_name(tb[VPNGW_A_SA_MAP], p->map, extack);
	if (!err)
		err = get_flags(tb[VPNGW_A_SA_FLAGS], &p->flags, extack);
	if (!err)
		err = get_window(tb[VPNGW_A_SA_REPLAY_WINDOW], &p->replay_window, extack);
	if (!err)
		err = get_selector(tb[VPNGW_A_SA_SELECTOR], &p->sel, extack);
	if (!err)
		err = get_limits(attr, tb, &p->limits, extack);
	if (!err)
		err = get_encap(attr, tb, p, extack);
	if (!err)
		err = get_key(tb[VPNGW_A_SA_ENC_KEY], &p->enc_key, &p->enc_key_len, extack);
	if (!err)
		err = get_key(tb[VPNGW_A_SA_AUTH_KEY], &p->auth_key, &p->auth_key_len, extack);
	return err;
}

/* At the commit it is checked that the crypto map entry exists. */
static int stage_sa(struct vpngw_txn *txn, struct vpngw_sa *sa, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	u32 key = jhash_2words((__force u32)sa->spi, (__force u32)sa->daddr.ip, 0);
	const struct vpngw_sa *other;

	if (txn->n_sas >= VPNGW_TXN_SAS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a transaction takes at most 65,536 associations and deletions");
		return -ENOSPC;
	}
	hash_for_each_possible(txn->keys, other, hash, key) {
		if (other->spi != sa->spi || other->daddr.ip != sa->daddr.ip ||
		    other->family != sa->family)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this transaction has an association of this SPI and destination");
		return -EEXIST;
	}
	hash_add(txn->keys, &sa->hash, key);
	list_add_tail(&sa->list, &txn->add_sas);
	txn->n_sas++;
	return 0;
}

/* An association that was negotiated serves its selector, not the entry. */
static int assign_client(struct vpngw_net *vn, struct vpngw_sa *sa, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	struct vpngw_slot *entry = sa->slot, *slot;

	if (!vpngw_selector_has_prefix(&sa->sel)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the mask on the side of a client must be that of a prefix");
		return -EINVAL;
	}
	slot = vpngw_client_get(entry, &sa->sel);
	if (!slot)
		return -ENOMEM;
	sa->slot = slot;
	vpngw_slot_put(vn, entry);
	return 0;
}

static int insert_now(struct vpngw_net *vn, struct vpngw_sa *sa, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	const struct vpngw_policy *policy = NULL;
	const struct vpngw_config *config;
	int err;

	config = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	if (config)
		policy = vpngw_config_policy(config, sa->slot->map, sa->slot->seq);
	if (!policy) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the association is for a crypto map entry that does not exist");
		return -ENOENT;
	}
	if (vpngw_resume_refuses(sa)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the machine is being suspended, which an association of a counter mode cipher may not outlive");
		return -EBUSY;
	}
	if (policy->type != VPNGW_POLICY_TYPE_MANUAL) {
		err = assign_client(vn, sa, attr, extack);
		if (err)
			return err;
	}
	err = vpngw_sad_insert(vn, sa, extack);
	if (err)
		NL_SET_BAD_ATTR(extack, attr);
	return err;
}

static int add_sa(struct vpngw_net *vn, struct vpngw_txn *txn, const struct nlattr *attr,
		  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_SA_MAX + 1];
	struct vpngw_sa_params p = {};
	const struct nlattr *other;
	struct vpngw_sa *sa;
	int err;

	if (vn->dying) {
		NL_SET_ERR_MSG(extack, "the namespace is going away");
		return -ENODEV;
	}
	err = nla_parse_nested(tb, VPNGW_A_SA_PAD, attr, vpngw_sa_nl_policy, extack);
	if (err)
		return err;
	other = vpngw_nl_other(tb, VPNGW_A_SA_PAD, SA_INPUT);
	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "the state of an association cannot be set");
		return -EINVAL;
	}
	err = get_params(attr, tb, &p, extack);
	if (err)
		return err;

	sa = vpngw_sa_create(vn, &p, extack);
	if (IS_ERR(sa)) {
		/* a better one may have been named by who knows transforms */
		if (extack && !extack->bad_attr)
			NL_SET_BAD_ATTR(extack, attr);
		return PTR_ERR(sa);
	}

	err = txn ? stage_sa(txn, sa, attr, extack) : insert_now(vn, sa, attr, extack);
	if (err)
		vpngw_sa_discard(vn, sa);
	return err;
}

static void wipe_keys(struct nlattr *sa)
{
	struct nlattr *key;
	int rem;

	nla_for_each_nested(key, sa, rem)
		if (nla_type(key) == VPNGW_A_SA_ENC_KEY || nla_type(key) == VPNGW_A_SA_AUTH_KEY)
			memzero_explicit(nla_data(key), nla_len(key));
}

/**
 * vpngw_nl_wipe_keys() - forget the keys in a request
 * @nlh: the request
 *
 * The request lies in the memory of the sender's message, which is freed without
 * being cleared, and a refusal sends it back. All keys go, those of an association
 * that another one in the same request has overridden, too.
 *
 * That is every request that a handler of ours sees. What generic netlink refuses
 * itself we are never told of: a request of who may not ask, one whose attributes are
 * cut short, out of range or unknown, an association with a command that takes none.
 */
void vpngw_nl_wipe_keys(const struct nlmsghdr *nlh)
{
	struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem)
		if (nla_type(attr) == VPNGW_A_SA)
			wipe_keys(attr);
}

int vpngw_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_txn *txn;
	int err;

	mutex_lock(&vn->lock);
	txn = vpngw_txn_of(vn, info->snd_portid);
	if (vpngw_nl_missing(info->extack, NULL, info->attrs, VPNGW_A_SA,
			     "the request carries no association"))
		err = -EINVAL;
	else
		err = add_sa(vn, txn, info->attrs[VPNGW_A_SA], info->extack);
	if (err && txn)
		txn->broken = true;
	mutex_unlock(&vn->lock);

	vpngw_nl_wipe_keys(info->nlhdr);
	return err;
}
