/* SPDX-License-Identifier: GPL-2.0 */
/* ip nat inside source rules: which packets are translated, and from where. */
#ifndef _VPNGW_NATRULE_H
#define _VPNGW_NATRULE_H

#include <linux/list.h>

#include "acl.h"
#include "routemap.h"
#include "static.h"

struct vpngw_config;
struct vpngw_pool;

struct vpngw_iface;

/**
 * struct vpngw_rule - one ip nat inside source rule; immutable once committed
 * @node: in &struct vpngw_config.rules, which owns it, ascending by @index
 * @index: position
 * @line: line of the configuration
 * @flags: enum vpngw_rule_flag
 * @ifindex: interface whose address is used, with VPNGW_RULE_FLAG_INTERFACE, as
 *	it was when the rule was added; see vpngw_rule_ifindex()
 * @iface: where its index stands now, if it has a role; resolved at commit
 * @acl_name: name of @acl, or empty
 * @rm_name: name of @rm, or empty
 * @pool_name: name of @pool, or empty
 * @acl: says which packets are translated; NULL if @rm does
 * @rm: says which packets are translated; NULL if @acl does
 * @pool: where addresses come from; NULL with VPNGW_RULE_FLAG_INTERFACE
 * @fixed: what is mapped, with VPNGW_RULE_FLAG_STATIC
 */
struct vpngw_rule {
	struct list_head		node;
	u32				index;
	u32				line;
	u32				flags;
	u32				ifindex;
	const struct vpngw_iface	*iface;
	char				acl_name[VPNGW_NAME_MAX + 1];
	char				rm_name[VPNGW_NAME_MAX + 1];
	char				pool_name[VPNGW_NAME_MAX + 1];
	const struct vpngw_acl		*acl;
	const struct vpngw_route_map	*rm;
	struct vpngw_pool		*pool;
	struct vpngw_static		fixed;
};

/**
 * struct vpngw_rule_verdict - what the rules say of a packet; changes nothing
 * @rule: the rule that wants to translate; NULL means exempt
 * @tried: when exempt, the last rule that was asked, or NULL
 * @permit: @rule is set
 * @rm: verdict of the route-map of @rule or @tried, if it has one
 * @acl: verdict of the access list of @rule or @tried, if it has one
 */
struct vpngw_rule_verdict {
	const struct vpngw_rule		*rule;
	const struct vpngw_rule		*tried;
	bool				permit;
	struct vpngw_rm_verdict		rm;
	struct vpngw_acl_verdict	acl;
};

bool vpngw_rule_shares(const struct vpngw_rule *rule);
u32 vpngw_rule_ifindex(const struct vpngw_rule *rule);
bool vpngw_rule_iface_address(const struct net *net, const struct vpngw_rule *rule,
			      union nf_inet_addr *addr);
void vpngw_rules_judge(const struct vpngw_config *config,
		       const struct vpngw_fields *f, int out_ifindex,
		       struct vpngw_rule_verdict *v);
void vpngw_rules_hits(const struct vpngw_rule_verdict *v, u64 __percpu *hits[2]);
void vpngw_rules_count(const struct vpngw_rule_verdict *v);

#endif /* _VPNGW_NATRULE_H */
