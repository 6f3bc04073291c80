// SPDX-License-Identifier: GPL-2.0
/* The life of vpngw in a network namespace. */

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netns/generic.h>

#include "config.h"
#include "flow.h"
#include "nl_event.h"
#include "offload.h"
#include "sad.h"
#include "stats.h"
#include "vpngw.h"
#include "xlate.h"

static unsigned int vpngw_net_id __read_mostly;

struct workqueue_struct *vpngw_wq;

/**
 * vpngw_net() - state of vpngw in a network namespace
 * @net: the namespace
 *
 * Context: any; the namespace must be alive or in its exit handlers.
 * Return: the state; never NULL while the module is loaded
 */
struct vpngw_net *vpngw_net(const struct net *net)
{
	return net_generic(net, vpngw_net_id);
}

/**
 * vpngw_net_activate() - start work in a namespace that gets a configuration
 * @vn: the namespace
 *
 * Tables first, hooks last: a packet never meets a hook without tables. Does
 * nothing if the namespace is active already.
 *
 * Context: process, vn->lock held.
 * Return: 0, -ENOMEM, -ENODEV in a dying namespace, or what netfilter says;
 *	nothing is left behind on failure
 */
int vpngw_net_activate(struct vpngw_net *vn)
{
	int err;

	lockdep_assert_held(&vn->lock);

	if (vn->dying)
		return -ENODEV;
	if (vn->hooked)
		return 0;

	err = vpngw_sad_init(vn);
	if (err)
		return err;

	err = vpngw_xlate_init(vn);
	if (err)
		goto err_sad;

	err = vpngw_flows_init(vn);
	if (err)
		goto err_xlate;

	/* classification needs whole packets: fragments are put together at
	 * PRE_ROUTING -400, ahead of us
	 */
	err = nf_defrag_ipv4_enable(vn->net);
	if (err)
		goto err_flows;

	err = vpngw_offload_register(vn);
	if (err)
		goto err_defrag;

	err = vpngw_hooks_register(vn);
	if (err)
		goto err_offload;

	vn->hooked = true;
	return 0;

err_offload:
	vpngw_offload_unregister(vn);
err_defrag:
	nf_defrag_ipv4_disable(vn->net);
err_flows:
	vpngw_flows_exit(vn);
err_xlate:
	vpngw_xlate_exit(vn);
err_sad:
	/* does not wait: the transaction holds associations not inserted yet */
	vpngw_sad_free(vn);
	return err;
}

/* No packet is in a hook any more when this begins. */
static void free_tables(struct vpngw_net *vn)
{
	/* waits for packets in asynchronous crypto, which look at the rest */
	vpngw_sad_exit(vn);
	vpngw_xlate_exit(vn);
	vpngw_flows_exit(vn);
	nf_defrag_ipv4_disable(vn->net);
	vn->hooked = false;
}

/**
 * vpngw_net_deactivate() - stop work in a namespace whose configuration is gone
 * @vn: the namespace
 *
 * The caller has unpublished the configuration and removed every association.
 *
 * Context: process, vn->lock held; sleeps for a grace period.
 */
void vpngw_net_deactivate(struct vpngw_net *vn)
{
	lockdep_assert_held(&vn->lock);

	if (!vn->hooked)
		return;

	vpngw_sad_wait(vn);
	vpngw_hooks_unregister(vn);
	vpngw_offload_unregister(vn);
	synchronize_net();
	free_tables(vn);
}

/* The addresses of interfaces have changed, which translations have for their own. */
static void addr_work(struct work_struct *work)
{
	struct vpngw_net *vn = container_of(work, struct vpngw_net, addr_work);

	/* packets that saw the addresses of before have made their entries */
	synchronize_rcu();
	mutex_lock(&vn->lock);
	vpngw_xlate_addresses_changed(vn);
	mutex_unlock(&vn->lock);
}

static int __net_init init_one(struct net *net)
{
	struct vpngw_net *vn = vpngw_net(net);

	vn->net = net;
	mutex_init(&vn->lock);
	hash_init(vn->slots);
	INIT_WORK(&vn->addr_work, addr_work);
	vn->stats = vpngw_stats_alloc();
	if (!vn->stats)
		return -ENOMEM;

	vpngw_event_init(vn);
	return 0;
}

static void __net_exit pre_exit_one(struct net *net)
{
	struct vpngw_net *vn = vpngw_net(net);

	mutex_lock(&vn->lock);
	vn->dying = true;
	vpngw_txn_drop(vn);
	if (vn->hooked) {
		/* what the crypto engine gives back must not go on without us */
		vpngw_sad_empty(vn);
		vpngw_sad_wait(vn);
		vpngw_hooks_unregister(vn);
		vpngw_offload_unregister(vn);
	}
	mutex_unlock(&vn->lock);
}

/* The core waited for a grace period since pre_exit_one(). */
static void __net_exit exit_one(struct net *net)
{
	struct vpngw_net *vn = vpngw_net(net);

	/* the devices of the namespace are gone, or the notifier is: none is queued anew */
	cancel_work_sync(&vn->addr_work);
	mutex_lock(&vn->lock);
	vpngw_config_unpublish(vn);
	if (vn->hooked)
		free_tables(vn);
	/* a transaction may have left some without a configuration */
	vpngw_sad_wait(vn);
	mutex_unlock(&vn->lock);

	vpngw_event_exit(vn);
	WARN_ON_ONCE(!hash_empty(vn->slots));
	free_percpu(vn->stats);
}

static struct pernet_operations vpngw_net_ops = {
	.init		= init_one,
	.pre_exit	= pre_exit_one,
	.exit		= exit_one,
	.id		= &vpngw_net_id,
	.size		= sizeof(struct vpngw_net),
};

/* The module is being unloaded. */
static bool leaving;

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	/* to unregister the notifier is to be told that every device goes: to
	 * believe that would let packets out in clear while hooks still run
	 */
	if (READ_ONCE(leaving))
		return NOTIFY_DONE;
	vpngw_config_netdev_event(vpngw_net(dev_net(dev)), event, dev);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call	= netdev_event,
};

/* Under RTNL, so it leaves the work to one who can take vn->lock. */
static int inetaddr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct vpngw_net *vn = vpngw_net(dev_net(ifa->ifa_dev->dev));
	const struct vpngw_config *config;

	rcu_read_lock();
	config = rcu_dereference(vn->config);
	if (config && config->by_iface)
		queue_work(vpngw_wq, &vn->addr_work);
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block inetaddr_notifier = {
	.notifier_call	= inetaddr_event,
};

/**
 * vpngw_net_init() - be present in every namespace, idle until configured
 *
 * Context: module init.
 * Return: 0 or a negative error, with nothing left behind
 */
int __init vpngw_net_init(void)
{
	int err;

	vpngw_wq = alloc_workqueue("vpngw", WQ_UNBOUND, 0);
	if (!vpngw_wq)
		return -ENOMEM;

	err = register_pernet_subsys(&vpngw_net_ops);
	if (err)
		goto err_wq;

	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		goto err_pernet;

	err = register_inetaddr_notifier(&inetaddr_notifier);
	if (err)
		goto err_netdev;

	return 0;

err_netdev:
	WRITE_ONCE(leaving, true);
	unregister_netdevice_notifier(&netdev_notifier);
err_pernet:
	unregister_pernet_subsys(&vpngw_net_ops);
err_wq:
	destroy_workqueue(vpngw_wq);
	return err;
}

/**
 * vpngw_net_exit() - leave every namespace and wait for all deferred freeing
 *
 * Context: module exit; sleeps.
 */
void vpngw_net_exit(void)
{
	WRITE_ONCE(leaving, true);
	unregister_inetaddr_notifier(&inetaddr_notifier);
	unregister_netdevice_notifier(&netdev_notifier);
	unregister_pernet_subsys(&vpngw_net_ops);
	/* queue_rcu_work() reaches the work queue after a grace period, and
	 * freeing a configuration may queue the freeing of what it held
	 */
	rcu_barrier();
	flush_workqueue(vpngw_wq);
	rcu_barrier();
	destroy_workqueue(vpngw_wq);
}
