// SPDX-License-Identifier: GPL-2.0
/*
 * Configurations. One is built by a transaction under vn->lock, compiled,
 * published as a whole, and from then on only read, under RCU; all that moves
 * in it are counters, the slots of crypto map entries, and which device an
 * interface is bound to.
 */
#include <linux/hashtable.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "client.h"
#include "config.h"
#include "flow.h"
#include "offload.h"
#include "vpngw.h"
#include "xlate.h"

/* The names of devices in a published configuration; taken inside RTNL. */
static DEFINE_SPINLOCK(device_name_lock);

/* IOS: ip nat translation ...-timeout */
const struct vpngw_nat_timers vpngw_nat_timers_default = {
	.timeout	= 86400,
	.udp		= 300,
	.dns		= 60,
	.tcp		= 86400,
	.finrst		= 60,
	.syn		= 60,
	.icmp		= 60,
};

/**
 * vpngw_config_alloc() - make an empty configuration
 *
 * Context: process.
 * Return: the configuration, or NULL without memory
 */
struct vpngw_config *vpngw_config_alloc(void)
{
	struct vpngw_config *config;

	config = kzalloc(sizeof(*config), GFP_KERNEL_ACCOUNT);
	if (!config)
		return NULL;

	INIT_LIST_HEAD(&config->acls);
	INIT_LIST_HEAD(&config->route_maps);
	INIT_LIST_HEAD(&config->rules);
	INIT_LIST_HEAD(&config->maps);
	INIT_LIST_HEAD(&config->ifaces);
	config->timers = vpngw_nat_timers_default;
	return config;
}

static void free_map(struct vpngw_crypto_map *map)
{
	struct vpngw_policy *policy, *next;

	list_for_each_entry_safe(policy, next, &map->policies, node)
		kfree(policy);
	vpngw_spd_index_free(map->index);
	kfree(map);
}

/* Everything but the slots, which need vn->lock. */
static void free_objects(struct vpngw_config *config)
{
	struct vpngw_route_map *rm, *next_rm;
	struct vpngw_crypto_map *map, *next_map;
	struct vpngw_iface *iface, *next_iface;
	struct vpngw_rule *rule, *next_rule;
	struct vpngw_acl *acl, *next_acl;
	u32 i;

	list_for_each_entry_safe(iface, next_iface, &config->ifaces, node)
		kfree(iface);
	list_for_each_entry_safe(map, next_map, &config->maps, node)
		free_map(map);
	list_for_each_entry_safe(rule, next_rule, &config->rules, node)
		kfree(rule);
	for (i = 0; i < config->n_pool; i++)
		vpngw_pool_put(config->pool[i]);
	list_for_each_entry_safe(rm, next_rm, &config->route_maps, node)
		vpngw_route_map_free(rm);
	list_for_each_entry_safe(acl, next_acl, &config->acls, node)
		vpngw_acl_free(acl);
	kfree(config);
}

/*
 * Packets may go on looking at a slot by way of a configuration that was just
 * replaced: its last reference is given up here, its memory a grace period later.
 */
static void put_slots(struct vpngw_net *vn, struct vpngw_config *config)
{
	struct vpngw_crypto_map *map;
	struct vpngw_policy *policy;

	list_for_each_entry(map, &config->maps, node)
		list_for_each_entry(policy, &map->policies, node)
			if (policy->slot)
				vpngw_slot_put(vn, policy->slot);
}

/**
 * vpngw_config_free() - free a configuration that was never published
 * @vn: namespace
 * @config: configuration, or NULL
 *
 * Context: process, vn->lock held.
 */
void vpngw_config_free(struct vpngw_net *vn, struct vpngw_config *config)
{
	lockdep_assert_held(&vn->lock);

	if (!config)
		return;
	put_slots(vn, config);
	free_objects(config);
}

static void free_work(struct work_struct *work)
{
	free_objects(container_of(to_rcu_work(work), struct vpngw_config, rcu));
}

/* For a configuration that packets may still be looking at. */
static void retire(struct vpngw_net *vn, struct vpngw_config *config)
{
	if (!config)
		return;
	put_slots(vn, config);
	INIT_RCU_WORK(&config->rcu, free_work);
	queue_rcu_work(vpngw_wq, &config->rcu);
}

/**
 * vpngw_config_empty() - does a configuration leave nothing to do for us?
 * @config: configuration
 *
 * Return: true if it has no object; timers alone are not one
 */
bool vpngw_config_empty(const struct vpngw_config *config)
{
	return !config->n_acl && !config->n_route_map && !config->n_pool &&
	       !config->n_rule && !config->n_map && !config->n_iface;
}

static u32 name_hash(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/**
 * vpngw_config_acl() - find an access list
 * @config: configuration
 * @name: number or name
 *
 * Return: the list or NULL
 */
struct vpngw_acl *vpngw_config_acl(const struct vpngw_config *config, const char *name)
{
	struct vpngw_acl *acl;

	hash_for_each_possible(config->acl_names, acl, name_node, name_hash(name))
		if (!strcmp(acl->name, name))
			return acl;
	return NULL;
}

/**
 * vpngw_config_add_acl() - add an access list
 * @config: configuration that is being built
 * @acl: list of a name that @config has not; @config owns it from now on
 *
 * Context: process, &struct vpngw_net.lock held.
 */
void vpngw_config_add_acl(struct vpngw_config *config, struct vpngw_acl *acl)
{
	list_add_tail(&acl->node, &config->acls);
	hash_add(config->acl_names, &acl->name_node, name_hash(acl->name));
	config->n_acl++;
}

/**
 * vpngw_config_route_map() - find a route-map
 * @config: configuration
 * @name: name
 *
 * Return: the route-map or NULL
 */
struct vpngw_route_map *vpngw_config_route_map(const struct vpngw_config *config,
					       const char *name)
{
	struct vpngw_route_map *rm;

	list_for_each_entry(rm, &config->route_maps, node)
		if (!strcmp(rm->name, name))
			return rm;
	return NULL;
}

/**
 * vpngw_config_pool() - find a pool
 * @config: configuration
 * @name: name
 *
 * Return: the pool, without a reference for the caller, or NULL
 */
struct vpngw_pool *vpngw_config_pool(const struct vpngw_config *config, const char *name)
{
	u32 i;

	for (i = 0; i < config->n_pool; i++)
		if (!strcmp(config->pool[i]->name, name))
			return config->pool[i];
	return NULL;
}

/**
 * vpngw_config_map() - find a crypto map
 * @config: configuration
 * @name: name
 *
 * Return: the crypto map or NULL
 */
struct vpngw_crypto_map *vpngw_config_map(const struct vpngw_config *config, const char *name)
{
	struct vpngw_crypto_map *map;

	list_for_each_entry(map, &config->maps, node)
		if (!strcmp(map->name, name))
			return map;
	return NULL;
}

/**
 * vpngw_config_policy() - find a crypto map entry
 * @config: configuration
 * @map: name of the crypto map
 * @seq: sequence number of the entry
 *
 * Return: the entry or NULL
 */
struct vpngw_policy *vpngw_config_policy(const struct vpngw_config *config,
					 const char *map, u32 seq)
{
	const struct vpngw_crypto_map *m = vpngw_config_map(config, map);
	struct vpngw_policy *policy;

	if (!m)
		return NULL;
	list_for_each_entry(policy, &m->policies, node)
		if (policy->seq == seq)
			return policy;
	return NULL;
}

/**
 * vpngw_config_rule() - find a NAT rule
 * @config: configuration
 * @index: its position
 *
 * Return: the rule or NULL
 */
const struct vpngw_rule *vpngw_config_rule(const struct vpngw_config *config, u32 index)
{
	const struct vpngw_rule *rule;

	list_for_each_entry(rule, &config->rules, node)
		if (rule->index == index)
			return rule;
	return NULL;
}

/* An index that was given by number, as the interface that follows its device. */
static const struct vpngw_iface *iface_behind(const struct vpngw_config *config, u32 ifindex)
{
	return ifindex ? vpngw_config_iface(config, ifindex) : NULL;
}

static int compile_lists(struct vpngw_config *config, const struct vpngw_config *old,
			 char *error, size_t size)
{
	struct vpngw_route_map *rm;
	struct vpngw_acl *acl;
	u32 i, k;
	int err;

	config->by_tuple = true;
	list_for_each_entry(acl, &config->acls, node) {
		err = vpngw_acl_compile(acl, old ? vpngw_config_acl(old, acl->name) : NULL);
		if (err) {
			snprintf(error, size, "line %u: no memory to compile access list %s",
				 acl->line, acl->name);
			return err;
		}
		config->by_tuple &= acl->by_tuple;
	}

	list_for_each_entry(rm, &config->route_maps, node) {
		/* a name without a list is no error: IOS ignores it */
		for (i = 0; i < rm->n; i++)
			for (k = 0; k < rm->entry[i].n_acl; k++)
				rm->entry[i].acl[k] =
					vpngw_config_acl(config, rm->entry[i].acl_name[k]);
		for (i = 0; i < rm->n; i++)
			for (k = 0; k < rm->entry[i].n_ifindex; k++)
				rm->entry[i].iface[k] =
					iface_behind(config, rm->entry[i].ifindex[k]);
		err = vpngw_route_map_compile(rm, old ? vpngw_config_route_map(old, rm->name) :
							NULL);
		if (err) {
			snprintf(error, size, "line %u: cannot compile route-map %s (%d)",
				 rm->line, rm->name, err);
			return err;
		}
	}
	return 0;
}

static int compile_host_limits(struct vpngw_config *config, char *error, size_t size)
{
	struct vpngw_host_limit *limit;

	for (limit = config->host_limit; limit < config->host_limit + config->n_host_limit;
	     limit++) {
		if (!limit->acl_name[0])
			continue;
		limit->acl = vpngw_config_acl(config, limit->acl_name);
		if (limit->acl)
			continue;
		snprintf(error, size,
			 "ip nat translation max-entries uses access list %s, which is not defined",
			 limit->acl_name);
		return -ENOENT;
	}
	return 0;
}

static int compile_rules(struct vpngw_config *config, char *error, size_t size)
{
	struct vpngw_rule *rule;

	config->by_host = true;
	config->by_iface = false;
	list_for_each_entry(rule, &config->rules, node) {
		rule->iface = iface_behind(config, rule->ifindex);
		config->by_iface |= !!(rule->flags & VPNGW_RULE_FLAG_INTERFACE);
		if (rule->acl_name[0]) {
			rule->acl = vpngw_config_acl(config, rule->acl_name);
			if (!rule->acl) {
				snprintf(error, size,
					 "line %u: ip nat rule uses access list %s, which is not defined",
					 rule->line, rule->acl_name);
				return -ENOENT;
			}
		}
		if (rule->rm_name[0]) {
			rule->rm = vpngw_config_route_map(config, rule->rm_name);
			if (!rule->rm) {
				snprintf(error, size,
					 "line %u: ip nat rule uses route-map %s, which is not defined",
					 rule->line, rule->rm_name);
				return -ENOENT;
			}
		}
		if (rule->pool_name[0] && !vpngw_config_pool(config, rule->pool_name)) {
			snprintf(error, size,
				 "line %u: ip nat rule uses pool %s, which is not defined",
				 rule->line, rule->pool_name);
			return -ENOENT;
		}
		config->by_host &= rule->acl && rule->acl->by_source;
	}
	return vpngw_statics_compile(config, error, size);
}

static int compile_policy(struct vpngw_net *vn, struct vpngw_config *config,
			  const struct vpngw_crypto_map *map, struct vpngw_policy *policy,
			  char *error, size_t size)
{
	bool negotiated = policy->type != VPNGW_POLICY_TYPE_MANUAL;
	struct vpngw_slot *slot;

	if (policy->acl_name[0]) {
		policy->acl = vpngw_config_acl(config, policy->acl_name);
		if (!policy->acl) {
			snprintf(error, size,
				 "line %u: crypto map %s %u matches access list %s, which is not defined",
				 policy->line, map->name, policy->seq, policy->acl_name);
			return -ENOENT;
		}
	}

	slot = vpngw_slot_get(vn, map->name, policy->seq);
	policy->slot = slot;
	if (slot && negotiated && !slot->clients)
		slot->clients = vpngw_clients_alloc(vn);
	if (!slot || (negotiated && !slot->clients)) {
		snprintf(error, size, "line %u: no memory for crypto map %s %u",
			 policy->line, map->name, policy->seq);
		return -ENOMEM;
	}
	slot->wanted = true;
	slot->negotiated = negotiated;
	return 0;
}

static int compile_policies(struct vpngw_net *vn, struct vpngw_config *config,
			    char *error, size_t size)
{
	struct vpngw_crypto_map *map;
	struct vpngw_policy *policy;
	struct vpngw_slot *slot;
	u32 bucket;
	int err;

	hash_for_each(vn->slots, bucket, slot, node)
		slot->wanted = false;

	list_for_each_entry(map, &config->maps, node) {
		list_for_each_entry(policy, &map->policies, node) {
			err = compile_policy(vn, config, map, policy, error, size);
			if (err)
				return err;
		}
		err = vpngw_spd_compile(map);
		if (err) {
			snprintf(error, size, "no memory for the index of crypto map %s",
				 map->name);
			return err;
		}
	}
	return 0;
}

static int compile_ifaces(struct vpngw_config *config, char *error, size_t size)
{
	struct vpngw_iface *iface;

	list_for_each_entry(iface, &config->ifaces, node) {
		if (!iface->map_name[0])
			continue;
		iface->map = vpngw_config_map(config, iface->map_name);
		if (!iface->map) {
			snprintf(error, size,
				 "line %u: interface %s has crypto map %s, which is not defined",
				 iface->line, iface->name, iface->map_name);
			return -ENOENT;
		}
	}
	return 0;
}

/**
 * vpngw_config_compile() - resolve all names and make all objects ready
 * @vn: namespace
 * @config: configuration, complete
 * @error: receives a sentence if the configuration is refused
 * @size: octets of @error
 *
 * The slots of all crypto map entries are marked as wanted, all others not.
 * Pools are left to vpngw_config_publish(), which cannot fail. Whether @config
 * is published or not, the one in force is not changed here.
 *
 * Context: process, vn->lock held.
 * Return: 0, -ENOENT if a name is not defined, -ENOMEM
 */
int vpngw_config_compile(struct vpngw_net *vn, struct vpngw_config *config,
			 char *error, size_t size)
{
	const struct vpngw_config *old;
	int err;

	lockdep_assert_held(&vn->lock);

	old = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	err = compile_lists(config, old, error, size);
	if (err)
		return err;
	err = compile_rules(config, error, size);
	if (err)
		return err;
	err = compile_host_limits(config, error, size);
	if (err)
		return err;
	err = compile_policies(vn, config, error, size);
	if (err)
		return err;
	return compile_ifaces(config, error, size);
}

/* A pool that stays as it is stays the same object, and keeps what it gave out. */
static void adopt_pools(struct vpngw_config *config, const struct vpngw_config *old)
{
	struct vpngw_pool *same;
	struct vpngw_rule *rule;
	u32 i;

	for (i = 0; old && i < config->n_pool; i++) {
		same = vpngw_config_pool(old, config->pool[i]->name);
		if (!same || !vpngw_pool_same(same, config->pool[i]))
			continue;
		vpngw_pool_get(same);
		WRITE_ONCE(same->line, config->pool[i]->line);
		vpngw_pool_put(config->pool[i]);
		config->pool[i] = same;
	}

	list_for_each_entry(rule, &config->rules, node)
		if (rule->pool_name[0])
			rule->pool = vpngw_config_pool(config, rule->pool_name);
}

/*
 * Bind the interfaces of a configuration that is being published. A device can
 * have gone or come since its interface was added, and the notifications of
 * that were not for this configuration.
 */
static void bind_ifaces(struct vpngw_net *vn, struct vpngw_config *config)
{
	const struct net_device *dev;
	struct vpngw_iface *iface;
	char name[IFNAMSIZ];
	int was;

	/* pairs with the barriers of RTNL: either this sees a device that is
	 * being registered, or its notification sees this configuration
	 */
	smp_mb();

	rcu_read_lock();
	list_for_each_entry(iface, &config->ifaces, node) {
		was = READ_ONCE(iface->ifindex);
		if (was && dev_get_by_index_rcu(vn->net, was))
			continue;
		vpngw_config_iface_device(iface, name);
		dev = dev_get_by_name_rcu(vn->net, name);
		/* loses against a notification, which is newer */
		cmpxchg(&iface->ifindex, was, dev ? dev->ifindex : 0);
	}
	rcu_read_unlock();
}

/**
 * vpngw_config_publish() - put a compiled configuration in force
 * @vn: namespace, active
 * @config: configuration; owned by @vn from now on
 *
 * The one before it is freed when no packet looks at it any more.
 *
 * Context: process, vn->lock held. Cannot fail.
 */
void vpngw_config_publish(struct vpngw_net *vn, struct vpngw_config *config)
{
	struct vpngw_config *old;

	lockdep_assert_held(&vn->lock);

	old = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	adopt_pools(config, old);
	config->generation = ++vn->generation;
	/* twice: before packets see it, so that none passes an interface whose
	 * device came back without its roles, and after devices' notifications do
	 */
	bind_ifaces(vn, config);
	vpngw_xlate_switch_config(vn, config);
	bind_ifaces(vn, config);
	/* what was decided between the two */
	vpngw_flows_forget(vn);
	vpngw_offload_reconsider(vn);
	retire(vn, old);
}

/**
 * vpngw_config_unpublish() - leave a namespace without a configuration
 * @vn: namespace
 *
 * Packets that come to a hook from now on are none of our business.
 *
 * Context: process, vn->lock held. Cannot fail.
 */
void vpngw_config_unpublish(struct vpngw_net *vn)
{
	struct vpngw_config *old;

	lockdep_assert_held(&vn->lock);

	old = rcu_dereference_protected(vn->config, lockdep_is_held(&vn->lock));
	vpngw_xlate_switch_config(vn, NULL);
	vn->generation++;
	retire(vn, old);
}

/**
 * vpngw_config_iface_device() - name of the device of an interface
 * @iface: interface
 * @device: receives the name
 *
 * Context: any but hard interrupts; RCU read side or vn->lock.
 */
void vpngw_config_iface_device(const struct vpngw_iface *iface, char device[IFNAMSIZ])
{
	spin_lock_bh(&device_name_lock);
	memcpy(device, iface->device, IFNAMSIZ);
	spin_unlock_bh(&device_name_lock);
}

static void iface_event(struct vpngw_iface *iface, unsigned long event,
			const struct net_device *dev)
{
	bool bound = READ_ONCE(iface->ifindex) == dev->ifindex;

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		/* a device that is renamed keeps its roles under the new name:
		 * to lose its crypto map would let packets out in clear
		 */
		if (bound)
			memcpy(iface->device, dev->name, IFNAMSIZ);
		else if (!READ_ONCE(iface->ifindex) &&
			 !strncmp(iface->device, dev->name, IFNAMSIZ))
			WRITE_ONCE(iface->ifindex, dev->ifindex);
		break;
	case NETDEV_UNREGISTER:
		if (bound)
			WRITE_ONCE(iface->ifindex, 0);
		break;
	}
}

/**
 * vpngw_config_netdev_event() - follow devices as they come, go and are renamed
 * @vn: namespace of @dev
 * @event: NETDEV_...
 * @dev: the device
 *
 * Context: process, under RTNL, so it must not take vn->lock.
 */
void vpngw_config_netdev_event(struct vpngw_net *vn, unsigned long event,
			       const struct net_device *dev)
{
	const struct vpngw_config *config;
	struct vpngw_iface *iface;

	rcu_read_lock();
	config = rcu_dereference(vn->config);
	if (config) {
		spin_lock_bh(&device_name_lock);
		list_for_each_entry(iface, &config->ifaces, node)
			iface_event(iface, event, dev);
		spin_unlock_bh(&device_name_lock);
		vpngw_flows_forget(vn);
	}
	rcu_read_unlock();
}
