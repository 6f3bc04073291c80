// SPDX-License-Identifier: GPL-2.0
/* ip nat inside source rules: which packets are translated, and from where. */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "config.h"
#include "natrule.h"

/* A rule whose list is undefined names no packets. */
static bool rule_permits(const struct vpngw_rule *rule, const struct vpngw_fields *f,
			 int out_ifindex, struct vpngw_rule_verdict *v)
{
	memset(&v->rm, 0, sizeof(v->rm));
	memset(&v->acl, 0, sizeof(v->acl));
	if (rule->rm) {
		vpngw_route_map_match(rule->rm, f, out_ifindex, &v->rm);
		return v->rm.permit;
	}
	if (rule->acl) {
		vpngw_acl_match(rule->acl, f, &v->acl);
		return v->acl.permit;
	}
	return false;
}

/**
 * vpngw_rule_shares() - do inside hosts share the addresses of a rule's pool by port?
 * @rule: rule with a pool
 *
 * With match-host, every inside host has a global address of its own.
 *
 * Context: any.
 * Return: true if so
 */
bool vpngw_rule_shares(const struct vpngw_rule *rule)
{
	return rule->flags & VPNGW_RULE_FLAG_OVERLOAD &&
	       rule->pool->type != VPNGW_POOL_TYPE_MATCH_HOST;
}

/**
 * vpngw_rule_ifindex() - interface whose address a rule uses
 * @rule: rule
 *
 * Context: RCU read side or &struct vpngw_net.lock.
 * Return: its index, 0 while the device does not exist
 */
u32 vpngw_rule_ifindex(const struct vpngw_rule *rule)
{
	return rule->iface ? READ_ONCE(rule->iface->ifindex) : rule->ifindex;
}

/**
 * vpngw_rule_iface_address() - address of the interface that a rule uses
 * @net: namespace
 * @rule: rule
 * @addr: the address
 *
 * Context: RCU read side.
 * Return: false if the interface does not exist or has none
 */
bool vpngw_rule_iface_address(const struct net *net, const struct vpngw_rule *rule,
			      union nf_inet_addr *addr)
{
	const struct in_ifaddr *ifa;
	struct in_device *in_dev;
	struct net_device *dev;

	dev = dev_get_by_index_rcu((struct net *)net, vpngw_rule_ifindex(rule));
	in_dev = dev ? __in_dev_get_rcu(dev) : NULL;
	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ifa->ifa_flags & IFA_F_SECONDARY)
			continue;
		memset(addr, 0, sizeof(*addr));
		addr->ip = ifa->ifa_local;
		return true;
	}
	return false;
}

/**
 * vpngw_rules_judge() - find the rule that wants to translate a packet
 * @config: compiled configuration
 * @f: what is known of the packet, source still inside local
 * @out_ifindex: device by which it leaves
 * @v: the verdict; exempt if no rule permits
 *
 * Static rules come before all others.
 *
 * Context: any; the caller holds RCU or &struct vpngw_net.lock. Changes nothing.
 */
void vpngw_rules_judge(const struct vpngw_config *config,
		       const struct vpngw_fields *f, int out_ifindex,
		       struct vpngw_rule_verdict *v)
{
	const struct vpngw_rule *rule;

	memset(v, 0, sizeof(*v));
	if (config->statics.n && vpngw_statics_judge(config, f, out_ifindex, v))
		return;
	list_for_each_entry(rule, &config->rules, node) {
		if (rule->flags & VPNGW_RULE_FLAG_STATIC)
			continue;
		v->tried = rule;
		if (!rule_permits(rule, f, out_ifindex, v))
			continue;
		v->rule = rule;
		v->tried = NULL;
		v->permit = true;
		return;
	}
}

/**
 * vpngw_rules_hits() - where packets are counted
 * @v: verdict
 * @hits: the counters of vpngw_rules_count(), NULL for those it does not touch
 *
 * Context: any; the caller holds RCU.
 */
void vpngw_rules_hits(const struct vpngw_rule_verdict *v, u64 __percpu *hits[2])
{
	const struct vpngw_rule *rule = v->rule ?: v->tried;

	hits[0] = NULL;
	hits[1] = NULL;
	if (rule && rule->rm)
		vpngw_route_map_hits(rule->rm, &v->rm, hits);
	else if (rule && rule->acl)
		hits[0] = vpngw_acl_hits(rule->acl, v->acl.ace);
}

/**
 * vpngw_rules_count() - count a packet at the entries that decided
 * @v: verdict on the packet, translated or exempt
 *
 * Context: any; the caller holds RCU.
 */
void vpngw_rules_count(const struct vpngw_rule_verdict *v)
{
	const struct vpngw_rule *rule = v->rule ?: v->tried;

	if (!rule)
		return;
	if (rule->rm)
		vpngw_route_map_count(rule->rm, &v->rm);
	else if (rule->acl)
		vpngw_acl_count(rule->acl, v->acl.ace);
}
