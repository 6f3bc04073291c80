/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/vpngw.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_VPNGW_GEN_H
#define _LINUX_VPNGW_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/vpngw.h>

/* Common nested types */
extern const struct nla_policy vpngw_ace_nl_policy[VPNGW_A_ACE_PAD + 1];
extern const struct nla_policy vpngw_acl_nl_policy[VPNGW_A_ACL_STANDARD + 1];
extern const struct nla_policy vpngw_client_pool_nl_policy[VPNGW_A_CLIENT_POOL_END + 1];
extern const struct nla_policy vpngw_host_limit_nl_policy[VPNGW_A_HOST_LIMIT_COUNT + 1];
extern const struct nla_policy vpngw_iface_nl_policy[VPNGW_A_IFACE_LINE + 1];
extern const struct nla_policy vpngw_nat_nl_policy[VPNGW_A_NAT_HOST_LIMIT + 1];
extern const struct nla_policy vpngw_nat_rule_nl_policy[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT + 1];
extern const struct nla_policy vpngw_policy_nl_policy[VPNGW_A_POLICY_PAD + 1];
extern const struct nla_policy vpngw_pool_nl_policy[VPNGW_A_POOL_PAD + 1];
extern const struct nla_policy vpngw_pool_range_nl_policy[VPNGW_A_POOL_RANGE_END + 1];
extern const struct nla_policy vpngw_port_range_nl_policy[VPNGW_A_PORT_RANGE_HI + 1];
extern const struct nla_policy vpngw_rm_entry_nl_policy[VPNGW_A_RM_ENTRY_PAD + 1];
extern const struct nla_policy vpngw_route_map_nl_policy[VPNGW_A_ROUTE_MAP_LINE + 1];
extern const struct nla_policy vpngw_sa_nl_policy[VPNGW_A_SA_PAD + 1];
extern const struct nla_policy vpngw_selector_nl_policy[VPNGW_A_SELECTOR_REMOTE_PORT + 1];
extern const struct nla_policy vpngw_trace_nl_policy[VPNGW_A_TRACE_REASON_TEXT + 1];
extern const struct nla_policy vpngw_xlate_nl_policy[VPNGW_A_XLATE_ID + 1];

int vpngw_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_config_begin_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_config_commit_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_config_abort_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_acl_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_acl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vpngw_nl_acl_clear_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_route_map_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_route_map_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int vpngw_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vpngw_nl_nat_rule_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_nat_rule_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int vpngw_nl_nat_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_nat_get_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_nat_clear_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_policy_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int vpngw_nl_iface_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_iface_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vpngw_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vpngw_nl_xlate_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vpngw_nl_xlate_del_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_stats_clear_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_trace_get_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_sa_move_doit(struct sk_buff *skb, struct genl_info *info);
int vpngw_nl_sa_clear_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	VPNGW_NLGRP_CONFIG,
	VPNGW_NLGRP_SA,
	VPNGW_NLGRP_ACQUIRE,
	VPNGW_NLGRP_XLATE,
	VPNGW_NLGRP_DROP,
};

extern struct genl_family vpngw_nl_family;

#endif /* _LINUX_VPNGW_GEN_H */
