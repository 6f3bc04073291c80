/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many translations inside hosts have, and how many they may:
 * ip nat translation max-entries {host|all-host|list}.
 */
#ifndef _VPNGW_HOST_H
#define _VPNGW_HOST_H

#include <linux/list.h>
#include <linux/netfilter.h>

#include "stats.h"

struct vpngw_acl;
struct vpngw_config;
struct vpngw_xlate_table;

/* Most of them in one configuration */
#define VPNGW_HOST_LIMITS_MAX	32

/**
 * struct vpngw_host_limit - one limit of a configuration
 * @addr: the host that it is for; zero if it is for each, or for those of a list
 * @acl_name: name of @acl, or empty
 * @acl: whose hosts together it is for; NULL if it is for one, or each by itself
 * @entries: translations they may have
 * @n: translations that the hosts of @acl have. Under the translation table's lock
 */
struct vpngw_host_limit {
	union nf_inet_addr	addr;
	char			acl_name[VPNGW_NAME_MAX + 1];
	const struct vpngw_acl	*acl;
	u32			entries;
	u32			n;
};

/**
 * struct vpngw_host - an inside host with translations; under the table's lock
 * @node: in a bucket of &struct vpngw_hosts
 * @list: in the list of all hosts
 * @addr: inside local address
 * @n: translations that it has
 * @max: that it may have by itself; U32_MAX for no limit
 * @shared: limit of the list that it is on, in the configuration in force, or NULL
 */
struct vpngw_host {
	struct hlist_node	node;
	struct list_head	list;
	union nf_inet_addr	addr;
	u32			n;
	u32			max;
	struct vpngw_host_limit	*shared;
};

/**
 * struct vpngw_hosts - the inside hosts of a namespace; under the table's lock
 * @bucket: hash buckets
 * @mask: number of buckets less one
 * @seed: secret of the hash function
 * @list: all of them
 */
struct vpngw_hosts {
	struct hlist_head	*bucket;
	u32			mask;
	u32			seed;
	struct list_head	list;
};

int vpngw_hosts_init(struct vpngw_hosts *hosts, u32 buckets);
void vpngw_hosts_exit(struct vpngw_hosts *hosts);
void vpngw_hosts_switch(struct vpngw_xlate_table *table, struct vpngw_config *config);

enum vpngw_reason vpngw_host_take(struct vpngw_xlate_table *table, struct vpngw_config *config,
				  const union nf_inet_addr *addr, struct vpngw_host **host);
void vpngw_host_give(struct vpngw_xlate_table *table, struct vpngw_host *host);

#endif /* _VPNGW_HOST_H */
