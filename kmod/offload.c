// SPDX-License-Identifier: GPL-2.0
/*
 * A flowtable carries packets from device to device and past our hooks. Flows
 * that these would have touched are marked before nftables can add them to one.
 *
 * The mark is IPS_NAT_CLASH: a flowtable refuses it. Its only other effect is that
 * a flow that lasts is not assured its place in a full connection tracking table;
 * assure() gives it that.
 *
 * The hook for that exists only once nf_flow_table does.
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <linux/rwsem.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

#include "config.h"
#include "offload.h"
#include "pkt.h"
#include "spd.h"
#include "vpngw.h"

/* nf_flow_table is here, or about to be; never goes back to false. */
static bool present;

/*
 * Protects the registration of the hook. Not &struct vpngw_net.lock: that one is
 * held while crypto modules are loaded, and we are called while a module is.
 */
static DEFINE_MUTEX(offload_lock);

static bool is_translated(const struct vpngw_iface *in, const struct vpngw_iface *out)
{
	const u32 both = VPNGW_IFACE_FLAG_NAT_INSIDE | VPNGW_IFACE_FLAG_NAT_OUTSIDE;

	return in && out && ((in->flags | out->flags) & both) == both;
}

static bool is_protected(const struct vpngw_iface *in, const struct vpngw_iface *out,
			 const struct vpngw_fields *f)
{
	struct vpngw_spd_verdict v;

	if (in && in->map) {
		vpngw_spd_judge_in(in->map, f, &v);
		if (v.action == VPNGW_SPD_PROTECT)
			return true;
	}
	if (!out || !out->map)
		return false;
	vpngw_spd_judge_out(out->map, f, &v);
	return v.action == VPNGW_SPD_PROTECT;
}

/* Connection tracking does this for flows without the mark: UDP after two seconds,
 * the others with the first answer.
 */
static void assure(struct nf_conn *ct)
{
	const unsigned long wrong = IPS_ASSURED | IPS_FIXED_TIMEOUT;

	if ((ct->status & wrong) || !test_bit(IPS_SEEN_REPLY_BIT, &ct->status))
		return;
	switch (nf_ct_protonum(ct)) {
	case IPPROTO_UDP:
		if (!time_after(jiffies, ct->proto.udp.stream_ts))
			return;
		break;
	case IPPROTO_UDPLITE:
	case IPPROTO_GRE:
		break;
	default:
		return;
	}
	set_bit(IPS_ASSURED_BIT, &ct->status);
}

/* Ahead of everything else at FORWARD, so ahead of "flow add". */
static unsigned int forward(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct vpngw_iface *in, *out;
	struct vpngw_pkt pkt = {
		.skb	= skb,
	};
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct)
		return NF_ACCEPT;
	if (test_bit(IPS_NAT_CLASH_BIT, &ct->status)) {
		assure(ct);
		return NF_ACCEPT;
	}

	pkt.config = rcu_dereference(vpngw_net(state->net)->config);
	if (!pkt.config)
		return NF_ACCEPT;

	in = vpngw_config_iface(pkt.config, state->in->ifindex);
	out = vpngw_config_iface(pkt.config, state->out->ifindex);
	if (!in && !out)
		return NF_ACCEPT;
	if (is_translated(in, out) || vpngw_pkt_parse(&pkt) || is_protected(in, out, &pkt.f))
		set_bit(IPS_NAT_CLASH_BIT, &ct->status);
	return NF_ACCEPT;
}

static const struct nf_hook_ops forward_hook = {
	.hook		= forward,
	.pf		= NFPROTO_IPV4,
	.hooknum	= NF_INET_FORWARD,
	.priority	= NF_IP_PRI_FIRST,
};

static int hook(struct vpngw_net *vn)
{
	int err;

	lockdep_assert_held(&offload_lock);

	if (!present || !vn->offload_wanted || vn->offload_hooked)
		return 0;
	err = nf_register_net_hook(vn->net, &forward_hook);
	vn->offload_hooked = !err;
	return err;
}

/**
 * vpngw_offload_register() - watch over flowtables, as soon as there can be any
 * @vn: namespace; its hooks are being registered
 *
 * Context: process.
 * Return: 0 or what netfilter says
 */
int vpngw_offload_register(struct vpngw_net *vn)
{
	int err;

	mutex_lock(&offload_lock);
	vn->offload_wanted = true;
	err = hook(vn);
	if (err)
		vn->offload_wanted = false;
	mutex_unlock(&offload_lock);
	return err;
}

/**
 * vpngw_offload_unregister() - undo vpngw_offload_register()
 * @vn: namespace
 *
 * Context: process.
 */
void vpngw_offload_unregister(struct vpngw_net *vn)
{
	mutex_lock(&offload_lock);
	vn->offload_wanted = false;
	if (vn->offload_hooked)
		nf_unregister_net_hook(vn->net, &forward_hook);
	vn->offload_hooked = false;
	mutex_unlock(&offload_lock);
}

/**
 * vpngw_offload_reconsider() - let every flow come by the hooks once more
 * @vn: namespace, in which more has become protected or translated
 *
 * A flowtable gives up a flow whose route is out of date, and its next packet is
 * forwarded in the ordinary way.
 *
 * Context: any.
 */
void vpngw_offload_reconsider(const struct vpngw_net *vn)
{
	if (READ_ONCE(present))
		rt_genid_bump_ipv4(vn->net);
}

static int hook_everywhere(void)
{
	struct net *net;
	int err = 0;

	mutex_lock(&offload_lock);
	WRITE_ONCE(present, true);
	down_read(&net_rwsem);
	for_each_net(net) {
		err = hook(vpngw_net(net));
		if (err)
			break;
	}
	up_read(&net_rwsem);
	mutex_unlock(&offload_lock);
	return err;
}

/* Before the module can make its first flowtable; without us it does not load. */
static int module_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct module *module = ptr;

	if (event != MODULE_STATE_COMING || strcmp(module->name, "nf_flow_table"))
		return NOTIFY_DONE;
	return notifier_from_errno(hook_everywhere());
}

static struct notifier_block module_notifier = {
	.notifier_call	= module_event,
};

/**
 * vpngw_offload_init() - watch for nf_flow_table
 *
 * Context: module init, after namespaces were set up and before there can be a
 * configuration.
 * Return: 0 or a negative error
 */
int __init vpngw_offload_init(void)
{
	int err = register_module_notifier(&module_notifier);

	if (err)
		return err;
	if (IS_BUILTIN(CONFIG_NF_FLOW_TABLE)) {
		WRITE_ONCE(present, true);
	} else if (__symbol_get("nf_flow_table_init")) {
		__symbol_put("nf_flow_table_init");
		WRITE_ONCE(present, true);
	}
	return 0;
}

/**
 * vpngw_offload_exit() - stop watching for nf_flow_table
 *
 * Context: module exit, with the namespaces still set up.
 */
void vpngw_offload_exit(void)
{
	unregister_module_notifier(&module_notifier);
}
