// SPDX-License-Identifier: GPL-2.0
/*
 * What would become of a packet that is not there. To be read next to input.c
 * and output.c: the same questions in the same order, without the deeds.
 */
#include <net/ip.h>
#include <net/route.h>

#include "config.h"
#include "encap.h"
#include "input.h"
#include "nat.h"
#include "pmtu.h"
#include "sa.h"
#include "static.h"
#include "tracer.h"
#include "vpngw.h"

/* As find_live() of input.c and output.c, but a translation lives on. */
static struct vpngw_xlate *find_live(const struct vpngw_pkt *pkt, enum vpngw_xlate_dir dir)
{
	struct vpngw_xlate *x = vpngw_xlate_find(pkt->vn, &pkt->f.t, dir);

	return x && vpngw_xlate_justified(pkt->vn, pkt->config, x, &pkt->f, dir) ? x : NULL;
}

static enum vpngw_reason trace_clear(const struct vpngw_pkt *pkt,
				     const struct vpngw_iface *iface, struct vpngw_tracer *t)
{
	if (!iface->map || vpngw_input_is_ike(pkt))
		return VPNGW_OK;
	vpngw_spd_judge_in(iface->map, &pkt->f, &t->spd);
	return t->spd.action == VPNGW_SPD_PROTECT ? VPNGW_REASON_CLEAR_PROTECTED : VPNGW_OK;
}

/* A static rule would let a new flow in. */
static enum vpngw_reason trace_new_in(struct vpngw_pkt *pkt, struct vpngw_tracer *t)
{
	struct vpngw_tuple out;

	vpngw_tuple_reverse(&out, &pkt->f.t);
	vpngw_static_to_local(t->rules.rule, &out);
	vpngw_tuple_reverse(&pkt->f.t, &out);
	t->local = out.src.ip;
	ip_hdr(pkt->skb)->daddr = out.src.ip;
	ip_send_check(ip_hdr(pkt->skb));
	return VPNGW_OK;
}

static enum vpngw_reason trace_input(struct vpngw_pkt *pkt, struct vpngw_tracer *t)
{
	const struct vpngw_iface *iface = vpngw_config_iface(pkt->config, pkt->in->ifindex);
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	if (!iface)
		return VPNGW_OK;
	reason = trace_clear(pkt, iface, t);
	if (reason || !(iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE))
		return reason;

	x = find_live(pkt, VPNGW_XLATE_IN);
	if (!x && pkt->config->statics.n &&
	    vpngw_statics_judge_in(pkt->vn->net, pkt->config, &pkt->f, pkt->in->ifindex, &t->rules))
		return trace_new_in(pkt, t);
	if (!x)
		return vpngw_input_untranslated(pkt);
	if (!vpngw_input_answered(pkt, x, &pkt->f))
		return VPNGW_REASON_NAT_NO_TRANSLATION;
	t->xlate = x->id;
	t->local = x->n[VPNGW_XLATE_OUT].tuple.src.ip;
	return vpngw_nat_rewrite(pkt, x, VPNGW_XLATE_IN);
}

/* By the routing code itself, so that its filters have their say. */
static enum vpngw_reason trace_route(struct vpngw_pkt *pkt, struct vpngw_tracer *t)
{
	const struct rtable *rt;

	if (vpngw_route_input(pkt->skb, ip_hdr(pkt->skb)))
		return VPNGW_REASON_NO_ROUTE;
	rt = skb_rtable(pkt->skb);
	if (rt->rt_type == RTN_LOCAL) {
		t->route = VPNGW_TRACE_ROUTE_LOCAL;
		return VPNGW_OK;
	}
	if (rt->rt_type != RTN_UNICAST)
		return VPNGW_REASON_NO_ROUTE;
	t->route = VPNGW_TRACE_ROUTE_FORWARD;
	pkt->out = rt->dst.dev;
	t->out_ifindex = pkt->out->ifindex;
	if (rt->rt_gw_family == AF_INET)
		t->gateway = rt->rt_gw4;
	return VPNGW_OK;
}

static enum vpngw_reason trace_found(struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
				     struct vpngw_tracer *t)
{
	t->nat = VPNGW_TRACE_NAT_FOUND;
	t->xlate = x->id;
	t->global = x->n[VPNGW_XLATE_IN].tuple.dst.ip;
	t->global_port = x->n[VPNGW_XLATE_IN].tuple.dport;
	return vpngw_nat_rewrite(pkt, x, VPNGW_XLATE_OUT);
}

/* The crypto map sees the address that the packet would have then. */
static enum vpngw_reason trace_new(struct vpngw_pkt *pkt, struct vpngw_tracer *t)
{
	t->nat = VPNGW_TRACE_NAT_NEW;
	vpngw_xlate_preview(pkt->vn, &t->rules, &pkt->f.t, &t->preview);
	if (t->preview.exhausted)
		return t->rules.rule->pool ? VPNGW_REASON_NAT_POOL_EXHAUSTED :
					     VPNGW_REASON_NAT_NO_ADDRESS;
	if (t->preview.sure) {
		t->global = t->preview.addr.ip;
		t->global_port = t->preview.port;
	}
	pkt->f.t.src = t->preview.addr;
	if (t->preview.port)
		pkt->f.t.sport = t->preview.port;
	return VPNGW_OK;
}

static enum vpngw_reason trace_nat(struct vpngw_pkt *pkt, const struct vpngw_iface *iface,
				   struct vpngw_tracer *t)
{
	const struct vpngw_iface *in = vpngw_config_iface(pkt->config, pkt->in->ifindex);
	struct vpngw_xlate *x;

	if (!(iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE) || !in ||
	    !(in->flags & VPNGW_IFACE_FLAG_NAT_INSIDE))
		return VPNGW_OK;

	x = find_live(pkt, VPNGW_XLATE_OUT);
	vpngw_rules_judge(pkt->config, &pkt->f, pkt->out->ifindex, &t->rules);
	if (x && (t->rules.rule || x->flags & VPNGW_XLATE_FLAG_EXTENDED))
		return trace_found(pkt, x, t);
	if (t->rules.rule)
		return trace_new(pkt, t);
	t->nat = VPNGW_TRACE_NAT_EXEMPT;
	return VPNGW_OK;
}

static enum vpngw_reason trace_crypto(const struct vpngw_pkt *pkt,
				      const struct vpngw_iface *iface, struct vpngw_tracer *t)
{
	struct vpngw_sa *sa;
	struct rtable *rt;

	if (!iface->map)
		return VPNGW_OK;
	vpngw_spd_judge_out(iface->map, &pkt->f, &t->spd);
	t->crypto = VPNGW_TRACE_CRYPTO_BYPASS;
	if (t->spd.action == VPNGW_SPD_BYPASS)
		return VPNGW_OK;

	sa = t->spd.sa;
	t->crypto = sa ? VPNGW_TRACE_CRYPTO_PROTECT : VPNGW_TRACE_CRYPTO_NO_SA;
	if (!sa)
		return VPNGW_REASON_NO_SA;
	if (!vpngw_encap_carries(sa, pkt))
		return VPNGW_REASON_ESP_TRANSPORT;
	rt = vpngw_encap_route(sa);
	if (!rt)
		return VPNGW_REASON_NO_ROUTE;
	t->mtu = vpngw_pmtu_inner(sa, rt);
	ip_rt_put(rt);
	return !vpngw_pmtu_fits(pkt->skb, t->mtu) && ip_hdr(pkt->skb)->frag_off & htons(IP_DF) ?
	       VPNGW_REASON_TOO_BIG : VPNGW_OK;
}

/**
 * vpngw_tracer_run() - follow a packet without sending it
 * @pkt: packet of our own making, as for vpngw_input(); it is rewritten like a
 *	real one, and its fields are those of the last question asked
 * @t: its journey
 *
 * Context: RCU read side, softirqs off.
 */
void vpngw_tracer_run(struct vpngw_pkt *pkt, struct vpngw_tracer *t)
{
	const struct vpngw_iface *iface;

	memset(t, 0, sizeof(*t));
	t->reason = vpngw_pkt_parse(pkt);
	if (!t->reason)
		t->reason = trace_input(pkt, t);
	if (!t->reason)
		t->reason = trace_route(pkt, t);
	if (t->reason || t->route != VPNGW_TRACE_ROUTE_FORWARD)
		return;

	iface = vpngw_config_iface(pkt->config, pkt->out->ifindex);
	if (!iface)
		return;
	t->reason = trace_nat(pkt, iface, t);
	if (!t->reason)
		t->reason = trace_crypto(pkt, iface, t);
}
