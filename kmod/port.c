// SPDX-License-Identifier: GPL-2.0
/*
 * The ports of a global address that several inside hosts share.
 */
#include <linux/jhash.h>
#include <net/inet_hashtables.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>

#include "config.h"
#include "port.h"
#include "static.h"
#include "vpngw.h"

/* Would an answer to this port go to a socket of the gateway? */
static bool socket_listens(const struct vpngw_pkt *pkt, const struct vpngw_tuple *in)
{
	struct net *net = pkt->vn->net;
	int dif = pkt->out->ifindex;
	struct sock *sk = NULL;

	if (in->proto == IPPROTO_UDP)
		sk = udp4_lib_lookup(net, in->src.ip, in->sport, in->dst.ip, in->dport, dif);
	else if (in->proto == IPPROTO_TCP)
		sk = inet_lookup(net, NULL, 0, in->src.ip, in->sport, in->dst.ip, in->dport, dif);
	if (!sk)
		return false;
	sock_gen_put(sk);
	return true;
}

/*
 * Ports that a host behind the gateway must not take from it, where the global
 * address is its own: those of key negotiation always, and those of open sockets,
 * which are asked for if a rule is there to share the address.
 */
static bool port_reserved(const struct vpngw_pkt *pkt, const struct vpngw_rule *rule,
			  const struct vpngw_tuple *in)
{
	u16 port = ntohs(in->dport);

	if (in->proto == IPPROTO_ICMP)
		return false;
	if ((port == 500 || port == 4500) &&
	    inet_addr_type(pkt->vn->net, in->dst.ip) == RTN_LOCAL)
		return true;
	return rule->flags & VPNGW_RULE_FLAG_INTERFACE && socket_listens(pkt, in);
}

/*
 * What the gateway itself sends from its own address has its port already: a service
 * that answers, or a client whose port the socket has reserved.
 */
static bool port_is_own(const struct vpngw_pkt *pkt, const struct vpngw_tuple *in)
{
	return !pkt->skb->skb_iif && pkt->f.t.src.ip == in->dst.ip &&
	       pkt->f.t.sport == in->dport;
}

/* Would a static rule take inbound packets of this tuple? Then the port is its. */
static bool port_fixed(const struct vpngw_pkt *pkt, const struct vpngw_tuple *in)
{
	struct vpngw_fields f = { .t = *in, .ports = true };
	struct vpngw_rule_verdict v;

	return pkt->config->statics.n &&
	       vpngw_statics_judge_in(pkt->vn->net, pkt->config, &f, 0, &v);
}

/**
 * vpngw_port_usable() - may a translation take this global address and port?
 * @pkt: first packet of the flow
 * @rule: rule that wants it
 * @in: inbound tuple with the address and the port as destination
 *
 * Whether another translation has it is for the table to say.
 *
 * Context: softirq, RCU read side.
 * Return: false if the port is that of a static rule, or the gateway's and the packet
 *	is not
 */
bool vpngw_port_usable(const struct vpngw_pkt *pkt, const struct vpngw_rule *rule,
		       const struct vpngw_tuple *in)
{
	return (port_is_own(pkt, in) || !port_reserved(pkt, rule, in)) && !port_fixed(pkt, in);
}

/**
 * vpngw_port_rewritable() - can the port of a flow be changed?
 * @proto: its protocol
 *
 * SCTP has a CRC over its ports; rewriting that is left to SCTP-aware NATs.
 *
 * Return: true if so, counting the identifier of an ICMP query as a port
 */
bool vpngw_port_rewritable(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
	case IPPROTO_ICMP:
		return true;
	}
	return false;
}

/**
 * vpngw_port_class() - the ports that may stand for a port
 * @proto: protocol
 * @port: port that the inside host uses
 * @lo: lowest
 * @hi: highest
 *
 * IOS keeps a port within its class; an ICMP identifier has no classes.
 */
void vpngw_port_class(u8 proto, u16 port, u16 *lo, u16 *hi)
{
	if (proto == IPPROTO_ICMP) {
		*lo = 0;
		*hi = U16_MAX;
	} else if (port < 512) {
		*lo = 1;
		*hi = 511;
	} else if (port < 1024) {
		*lo = 512;
		*hi = 1023;
	} else {
		*lo = 1024;
		*hi = U16_MAX;
	}
}

static __be16 sweep_outside_port(const struct vpngw_tuple *in)
{
	/* of ICMP it is the identifier, which is what is looked for */
	return in->proto == IPPROTO_ICMP ? 0 : in->sport;
}

/**
 * vpngw_sweep_place() - where a sweep is remembered
 * @sweeps: those of the namespace
 * @in: inbound tuple, of which the destination port is being looked for
 *
 * Context: caller holds the translation table's lock, as for all below.
 * Return: the place, which may have another one
 */
struct vpngw_sweep *vpngw_sweep_place(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in)
{
	u32 rest = (__force u32)sweep_outside_port(in) << 16 | in->proto;

	return &sweeps->at[jhash_3words((__force u32)in->dst.ip, (__force u32)in->src.ip, rest,
					0) % VPNGW_SWEEPS];
}

/**
 * vpngw_sweep_busy() - is what is remembered at a place still believed?
 * @sweep: place
 *
 * Return: true if so
 */
bool vpngw_sweep_busy(const struct vpngw_sweep *sweep)
{
	return sweep->global && time_before(jiffies, sweep->until);
}

/**
 * vpngw_sweep_known() - is it known what a sweep would find?
 * @sweep: place of @in
 * @in: inbound tuple
 *
 * Return: true if so
 */
bool vpngw_sweep_known(const struct vpngw_sweep *sweep, const struct vpngw_tuple *in)
{
	return vpngw_sweep_busy(sweep) && sweep->global == in->dst.ip &&
	       sweep->outside == in->src.ip && sweep->proto == in->proto &&
	       sweep->outside_port == sweep_outside_port(in);
}

/**
 * vpngw_sweep_set() - remember a sweep
 * @sweeps: those of the namespace
 * @in: inbound tuple
 * @more: it found a port, and there may be others
 */
void vpngw_sweep_set(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in, bool more)
{
	struct vpngw_sweep *sweep = vpngw_sweep_place(sweeps, in);

	*sweep = (struct vpngw_sweep){
		.until		= jiffies + HZ,
		.global		= in->dst.ip,
		.outside	= in->src.ip,
		.outside_port	= sweep_outside_port(in),
		.proto		= in->proto,
		.more		= more,
	};
	sweeps->until = sweep->until;
}

/**
 * vpngw_sweep_freed() - a translation has ended
 * @sweeps: those of the namespace
 * @in: its inbound tuple
 */
void vpngw_sweep_freed(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in)
{
	struct vpngw_sweep *sweep;

	if (likely(!time_before(jiffies, sweeps->until)))
		return;
	sweep = vpngw_sweep_place(sweeps, in);
	if (!vpngw_sweep_known(sweep, in))
		return;
	if (sweep->n_freed < VPNGW_SWEEP_FREED)
		sweep->freed[sweep->n_freed++] = ntohs(in->dport);
	else
		sweep->more = true;
}
