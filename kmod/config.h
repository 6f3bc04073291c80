/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration of a namespace: built by a transaction, compiled and
 * checked at commit, published as a whole, immutable from then on.
 */
#ifndef _VPNGW_CONFIG_H
#define _VPNGW_CONFIG_H

#include <linux/hashtable.h>
#include <linux/if.h>
#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include "acl.h"
#include "host.h"
#include "natrule.h"
#include "pool.h"
#include "routemap.h"
#include "spd.h"
#include "static.h"

struct net_device;
struct vpngw_net;
struct vpngw_sa;

/* Most objects of a kind in one configuration */
#define VPNGW_ACLS_MAX		65536
#define VPNGW_ACES_MAX		1000000
#define VPNGW_ROUTE_MAPS_MAX	4096
#define VPNGW_RM_ENTRIES_MAX	1024
#define VPNGW_POOLS_MAX		256
#define VPNGW_RULES_MAX		1024
#define VPNGW_MAPS_MAX		256
#define VPNGW_POLICIES_MAX	65536
#define VPNGW_IFACES_MAX	256
/* Most associations, and deletions of such, that one transaction can bring */
#define VPNGW_TXN_SAS_MAX	65536
#define VPNGW_TXN_KEY_BITS	10
/* Most associations in a namespace */
#define VPNGW_SAS_MAX		200000

/**
 * struct vpngw_iface - roles of one interface
 * @node: in &struct vpngw_config.ifaces, which owns it
 * @ifindex: the device; 0 while it does not exist. A device that comes back
 *	under its name is bound again, so that it never runs without its roles.
 *	Written from device notifications, so read it with READ_ONCE()
 * @device: name of the Linux device; read it with vpngw_config_iface_device()
 * @name: name in the configuration
 * @line: line of the configuration
 * @flags: enum vpngw_iface_flag
 * @map_name: name of @map, or empty
 * @map: crypto map, or NULL
 */
struct vpngw_iface {
	struct list_head		node;
	int				ifindex;
	char				device[IFNAMSIZ];
	char				name[VPNGW_NAME_MAX + 1];
	u32				line;
	u32				flags;
	char				map_name[VPNGW_NAME_MAX + 1];
	const struct vpngw_crypto_map	*map;
};

/**
 * struct vpngw_nat_timers - ip nat translation timers, in seconds
 * @timeout: simple entries, and protocols without a timer of their own
 * @udp: UDP
 * @dns: UDP with port 53 on the outside
 * @tcp: established TCP
 * @finrst: TCP after a reset or both FINs
 * @syn: TCP before its handshake is complete
 * @icmp: ICMP
 * @max_entries: most translations, 0 for as many as memory suggests
 */
struct vpngw_nat_timers {
	u32	timeout;
	u32	udp;
	u32	dns;
	u32	tcp;
	u32	finrst;
	u32	syn;
	u32	icmp;
	u32	max_entries;
};

/**
 * struct vpngw_config - a whole configuration
 * @generation: number of the commit
 * @acls: &struct vpngw_acl
 * @acl_names: the same by their names
 * @route_maps: &struct vpngw_route_map
 * @rules: &struct vpngw_rule, ascending by index
 * @statics: those of @rules that are static, by their addresses
 * @maps: &struct vpngw_crypto_map
 * @ifaces: &struct vpngw_iface
 * @pool: pools, each with a reference
 * @n_pool: entries of @pool
 * @n_acl: entries of @acls
 * @n_ace: access list entries in all of @acls
 * @n_route_map: entries of @route_maps
 * @n_rule: entries of @rules
 * @n_map: entries of @maps
 * @n_policy: crypto map entries in all of @maps
 * @n_iface: entries of @ifaces
 * @by_tuple: no access list looks at more of a packet with ports than its tuple
 * @by_host: NAT rules ask for nothing of a packet but who the inside host is
 * @by_iface: some NAT rule uses the address of an interface
 * @host_limit: how many translations inside hosts may have
 * @n_host_limit: entries of @host_limit
 * @has_timers: @timers were set, not left at their defaults
 * @timers: NAT timers
 * @rcu: defers freeing, in process context
 */
struct vpngw_config {
	u32			generation;
	struct list_head	acls;
	DECLARE_HASHTABLE(acl_names, 8);
	struct list_head	route_maps;
	struct list_head	rules;
	struct vpngw_statics	statics;
	struct list_head	maps;
	struct list_head	ifaces;
	struct vpngw_pool	*pool[VPNGW_POOLS_MAX];
	u32			n_pool;
	u32			n_acl;
	u32			n_ace;
	u32			n_route_map;
	u32			n_rule;
	u32			n_map;
	u32			n_policy;
	u32			n_iface;
	bool			by_tuple;
	bool			by_host;
	bool			by_iface;
	bool			has_timers;
	struct vpngw_nat_timers	timers;
	u32			n_host_limit;
	struct vpngw_host_limit	host_limit[VPNGW_HOST_LIMITS_MAX];
	struct rcu_work		rcu;
};

/**
 * struct vpngw_txn - an open transaction
 * @config: the configuration being built
 * @portid: netlink socket that it belongs to; 0 while it is being committed
 * @broken: an object was refused, so commit will be, too
 * @n_sas: entries of @add_sas and @del_sas
 * @add_sas: &struct vpngw_sa.list of associations to insert at commit
 * @del_sas: &struct vpngw_sa_del, associations to remove at commit
 * @keys: those of @add_sas by SPI and destination, on &struct vpngw_sa.hash, which
 *	nothing else uses before they are inserted
 */
struct vpngw_txn {
	struct vpngw_config	*config;
	u32			portid;
	bool			broken;
	u32			n_sas;
	struct list_head	add_sas;
	struct list_head	del_sas;
	DECLARE_HASHTABLE(keys, VPNGW_TXN_KEY_BITS);
};

extern const struct vpngw_nat_timers vpngw_nat_timers_default;

struct vpngw_config *vpngw_config_alloc(void);
void vpngw_config_free(struct vpngw_net *vn, struct vpngw_config *config);
int vpngw_config_compile(struct vpngw_net *vn, struct vpngw_config *config,
			 char *error, size_t size);
void vpngw_config_publish(struct vpngw_net *vn, struct vpngw_config *config);
void vpngw_config_unpublish(struct vpngw_net *vn);
bool vpngw_config_empty(const struct vpngw_config *config);

void vpngw_config_add_acl(struct vpngw_config *config, struct vpngw_acl *acl);
struct vpngw_acl *vpngw_config_acl(const struct vpngw_config *config, const char *name);
struct vpngw_route_map *vpngw_config_route_map(const struct vpngw_config *config,
					       const char *name);
struct vpngw_pool *vpngw_config_pool(const struct vpngw_config *config, const char *name);
struct vpngw_crypto_map *vpngw_config_map(const struct vpngw_config *config, const char *name);
struct vpngw_policy *vpngw_config_policy(const struct vpngw_config *config,
					 const char *map, u32 seq);
const struct vpngw_rule *vpngw_config_rule(const struct vpngw_config *config, u32 index);

void vpngw_config_iface_device(const struct vpngw_iface *iface, char device[IFNAMSIZ]);
void vpngw_config_netdev_event(struct vpngw_net *vn, unsigned long event,
			       const struct net_device *dev);

/**
 * vpngw_config_iface() - roles of a device
 * @config: configuration
 * @ifindex: the device, not 0
 *
 * Context: RCU read side.
 * Return: the roles, or NULL if the device has none
 */
static inline const struct vpngw_iface *vpngw_config_iface(const struct vpngw_config *config,
							   int ifindex)
{
	const struct vpngw_iface *iface;

	list_for_each_entry(iface, &config->ifaces, node)
		if (READ_ONCE(iface->ifindex) == ifindex)
			return iface;
	return NULL;
}

/* txn.c */
int vpngw_txn_begin(struct vpngw_net *vn, u32 portid, struct netlink_ext_ack *extack);
struct vpngw_txn *vpngw_txn_of(struct vpngw_net *vn, u32 portid);
int vpngw_txn_commit(struct vpngw_net *vn, u32 portid, struct netlink_ext_ack *extack);
void vpngw_txn_abort(struct vpngw_net *vn, u32 portid);
void vpngw_txn_release(struct vpngw_net *vn, u32 portid);
void vpngw_txn_drop(struct vpngw_net *vn);

#endif /* _VPNGW_CONFIG_H */
