/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers of all nouns share. Each noun has a put function that
 * dumps and notifications use, so that both have the same shape.
 */
#ifndef _VPNGW_NETLINK_H
#define _VPNGW_NETLINK_H

#include <linux/netfilter.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "netlink-gen.h"

struct vpngw_config;
struct vpngw_net;
struct vpngw_policy;
struct vpngw_txn;
struct vpngw_xlate;

/* Is an attribute missing? Says so with a text of our own. */
#define vpngw_nl_missing(_extack, _nest, _tb, _type, _msg) ({		\
	struct netlink_ext_ack *__ea = (_extack);			\
	u32 __type = (_type);						\
	bool __missing = !(_tb)[__type];				\
									\
	if (__missing) {						\
		NL_SET_ERR_ATTR_MISS(__ea, _nest, __type);		\
		NL_SET_ERR_MSG(__ea, _msg);				\
	}								\
	__missing;							\
})

int vpngw_nl_init(void);
void vpngw_nl_exit(void);

/* parsing */
int vpngw_nl_get_addr(const struct nlattr *attr, union nf_inet_addr *addr,
		      struct netlink_ext_ack *extack);
int vpngw_nl_get_name(const struct nlattr *attr, char name[VPNGW_NAME_MAX + 1],
		      struct netlink_ext_ack *extack);
const struct nlattr *vpngw_nl_other(struct nlattr *const *tb, int max, u64 known);
int vpngw_nl_check_generation(const struct vpngw_net *vn, const struct genl_info *info);

static inline u32 vpngw_nl_get_u32(const struct nlattr *attr, u32 absent)
{
	return attr ? nla_get_u32(attr) : absent;
}

static inline u8 vpngw_nl_get_u8(const struct nlattr *attr, u8 absent)
{
	return attr ? nla_get_u8(attr) : absent;
}

/* the frame of a handler that adds an object to a transaction */
typedef int (*vpngw_nl_add_fn)(struct vpngw_net *vn, struct vpngw_txn *txn,
			       const struct nlattr *attr, struct netlink_ext_ack *extack);
int vpngw_nl_add(struct genl_info *info, int type, vpngw_nl_add_fn add);

/* replies and dumps */
int vpngw_nl_put_addr(struct sk_buff *skb, int type, const union nf_inet_addr *addr);
struct sk_buff *vpngw_nl_reply_new(struct genl_info *info, size_t size, void **hdr);
int vpngw_nl_reply_generation(struct genl_info *info, u32 generation);

typedef int (*vpngw_nl_put_fn)(struct sk_buff *skb, const void *object);
int vpngw_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		      vpngw_nl_put_fn put, const void *object);
int vpngw_nl_dump_name(struct netlink_callback *cb, int type, int name_type, int max,
		       const struct nla_policy *policy, char name[VPNGW_NAME_MAX + 1]);

/*
 * Where a dump of configuration objects goes on. A configuration does not
 * change while it is in force, so a position in it is as good as a key; when
 * another one takes its place the dump ends, and netlink tells the reader that
 * it was interrupted.
 */
struct vpngw_nl_cursor {
	u32	generation;
	u32	object;
	u32	part;
	u32	started;
};

struct vpngw_nl_cursor *vpngw_nl_cursor(struct netlink_callback *cb);
const struct vpngw_config *vpngw_nl_dump_config(struct netlink_callback *cb);

/* nouns that notifications carry, too */
size_t vpngw_nl_policy_size(void);
int vpngw_nl_put_policy(struct sk_buff *skb, const struct vpngw_policy *policy);
size_t vpngw_nl_xlate_size(void);
int vpngw_nl_put_xlate(struct sk_buff *skb, const struct vpngw_xlate *x);
int vpngw_nl_put_drop(struct sk_buff *skb, unsigned int reason, u64 packets);
size_t vpngw_nl_drops_size(void);

#endif /* _VPNGW_NETLINK_H */
