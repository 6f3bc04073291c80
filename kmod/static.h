/* SPDX-License-Identifier: GPL-2.0 */
/* Static translations: ip nat inside source static. */
#ifndef _VPNGW_STATIC_H
#define _VPNGW_STATIC_H

#include <linux/list.h>
#include <linux/netfilter.h>

struct net;
struct vpngw_config;
struct vpngw_fields;
struct vpngw_rule;
struct vpngw_rule_verdict;
struct vpngw_tuple;

/* Hash buckets in each direction; a configuration has at most 1,024 rules */
#define VPNGW_STATIC_BUCKETS	256

/**
 * struct vpngw_static - what a static rule maps
 * @local: inside local address, or the first one of a network
 * @global: inside global address; unused if the rule has an interface's
 * @mask: network part of both
 * @proto: IP protocol, 0 for all of an address
 * @local_port: port of the inside host, with @proto
 * @global_port: port outside, with @proto
 * @by_local: in &struct vpngw_statics.by_local
 * @by_global: in &struct vpngw_statics.by_global
 */
struct vpngw_static {
	union nf_inet_addr	local;
	union nf_inet_addr	global;
	__be32			mask;
	u8			proto;
	__be16			local_port;
	__be16			global_port;
	struct hlist_node	by_local;
	struct hlist_node	by_global;
};

/**
 * struct vpngw_statics - the static rules of a configuration
 * @n: how many there are
 * @by_local: by inside local address; ports stand before whole addresses
 * @by_global: by inside global address; ports stand before whole addresses
 * @wide_local: networks, which have no one address to be found by
 * @wide_global: networks, and interfaces, whose address may change
 */
struct vpngw_statics {
	u32			n;
	struct hlist_head	by_local[VPNGW_STATIC_BUCKETS];
	struct hlist_head	by_global[VPNGW_STATIC_BUCKETS];
	struct hlist_head	wide_local;
	struct hlist_head	wide_global;
};

int vpngw_statics_compile(struct vpngw_config *config, char *error, size_t size);
bool vpngw_statics_judge(const struct vpngw_config *config, const struct vpngw_fields *f,
			 int out_ifindex, struct vpngw_rule_verdict *v);
bool vpngw_statics_judge_in(const struct net *net, const struct vpngw_config *config,
			    const struct vpngw_fields *f, int in_ifindex,
			    struct vpngw_rule_verdict *v);
bool vpngw_statics_own(const struct vpngw_config *config, __be32 addr, bool answer_arp);
bool vpngw_static_to_global(const struct net *net, const struct vpngw_rule *rule,
			    struct vpngw_tuple *in);
void vpngw_static_to_local(const struct vpngw_rule *rule, struct vpngw_tuple *out);

#endif /* _VPNGW_STATIC_H */
