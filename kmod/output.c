// SPDX-License-Identifier: GPL-2.0
/*
 * The way out. vpngw_output() at the end of this page is the journey: the
 * source of an inside host is translated, or exempted; then the crypto map of
 * the interface protects the packet, leaves it alone, or ends it for want of an
 * association. A protected packet is stolen and leaves as another one.
 */

#include <linux/netfilter.h>
#include <net/dst.h>
#include <net/esp.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "config.h"
#include "encap.h"
#include "esp.h"
#include "flow.h"
#include "nat.h"
#include "nl_event.h"
#include "output.h"
#include "pmtu.h"
#include "sad.h"
#include "spd.h"
#include "stats.h"
#include "trace.h"
#include "vpngw.h"
#include "xlate.h"

#define PORT_IKE	500

/**
 * struct output_cb - in skb->cb while a packet is being sealed
 * @len: length of the inner packet
 */
struct output_cb {
	unsigned int	len;
};

static struct output_cb *output_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct output_cb) > sizeof(skb->cb));
	return (struct output_cb *)skb->cb;
}

/* A sealed packet, or one that could not be; owns it. */
static void output_done(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, int err)
{
	enum vpngw_reason reason;

	if (READ_ONCE(sa->dead)) {
		reason = VPNGW_REASON_SA_EXPIRED;
	} else if (err) {
		reason = err == -ENOMEM ? VPNGW_REASON_NO_MEMORY : VPNGW_REASON_ESP_CRYPTO;
	} else {
		vpngw_sa_count_packet(sa, output_cb(skb)->len);
		/* what happens from here on is counted by the stack */
		vpngw_encap_send(sa, skb);
		return;
	}

	vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
	vpngw_drop_skb(sa->vn, skb, reason);
}

/* The next sequence number; 0 if there is none left. The number is the hard
 * guard of the packet limit: it cannot be overrun, however many CPUs send.
 */
static u64 output_seq(struct vpngw_sa *sa)
{
	u64 last = sa->seq_last;
	u64 seq = atomic64_inc_return(&sa->seq);

	if (seq <= last)
		return seq;
	if (seq == last + 1)
		vpngw_event_sa(sa->vn, sa, "sequence-overflow");
	/* far from wrapping, however long packets keep coming */
	atomic64_set(&sa->seq, last + 1);
	return 0;
}

/* Headers and trailer in tunnel mode. */
static int output_cover(struct vpngw_sa *sa, struct sk_buff *skb, const struct rtable *rt,
			u64 seq)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct vpngw_inner inner = {
		.tos	= iph->tos,
		.df	= iph->frag_off & htons(IP_DF),
	};
	int err;

	err = vpngw_esp_prepare(sa, skb, seq, IPPROTO_IPIP,
				LL_RESERVED_SPACE(rt->dst.dev) + vpngw_encap_overhead(sa));
	if (!err)
		vpngw_encap_push(sa, skb, rt, &inner);
	return err;
}

/* One packet that fits; owns it, and a reference to the route. */
static void output_one(struct vpngw_sa *sa, struct sk_buff *skb, struct rtable *rt)
{
	struct net_device *dev = rt->dst.dev;
	unsigned int len = skb->len;
	u64 seq;
	int err;

	seq = output_seq(sa);
	if (!seq) {
		ip_rt_put(rt);
		vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
		vpngw_drop_skb(sa->vn, skb, VPNGW_REASON_SEQ_OVERFLOW);
		return;
	}

	trace_esp_output(sa, skb, seq);
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	skb->dev = dev;
	if (likely(sa->mode == VPNGW_MODE_TUNNEL))
		err = output_cover(sa, skb, rt, seq);
	else
		err = vpngw_encap_insert(sa, skb, rt, seq);
	if (!err) {
		output_cb(skb)->len = len;
		err = vpngw_esp_seal(sa, skb, seq, output_done);
	}
	if (err != -EINPROGRESS)
		output_done(sa, skb, seq, err);
}

/* One packet that does not fit and may be fragmented: each fragment is a packet
 * of its own in the tunnel (RFC 4301 section 7 asks for this in tunnel mode),
 * so that no fragment travels outside it. Owns the packet, and a reference to the
 * route.
 */
static void output_fragments(struct vpngw_sa *sa, struct sk_buff *skb, struct rtable *rt,
			     unsigned int mtu)
{
	unsigned int headroom = LL_RESERVED_SPACE(rt->dst.dev) + vpngw_encap_overhead(sa) +
				vpngw_esp_overhead(sa);
	unsigned int hlen = ip_hdrlen(skb);
	struct ip_frag_state state;
	struct sk_buff *fragment;

	ip_frag_init(skb, hlen, headroom, mtu - hlen, false, &state);
	while (state.left > 0) {
		fragment = ip_frag_next(skb, &state);
		if (IS_ERR(fragment)) {
			ip_rt_put(rt);
			vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
			vpngw_drop_skb(sa->vn, skb, VPNGW_REASON_NO_MEMORY);
			return;
		}
		dst_hold(&rt->dst);
		output_one(sa, fragment, rt);
	}
	ip_rt_put(rt);
	consume_skb(skb);
}

/* A packet with its checksum still to be made; owns it, and a reference to the
 * route.
 */
static void output_segment(struct vpngw_sa *sa, struct sk_buff *skb, struct rtable *rt,
			   unsigned int mtu)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0)) {
		ip_rt_put(rt);
		vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
		vpngw_drop_skb(sa->vn, skb, VPNGW_REASON_NO_MEMORY);
		return;
	}

	if (skb->len <= mtu)
		output_one(sa, skb, rt);
	else
		output_fragments(sa, skb, rt, mtu);
}

/* Segments of a large packet; owns it, and a reference to the route. */
static void output_gso(struct vpngw_sa *sa, struct sk_buff *skb, struct rtable *rt,
		       unsigned int mtu)
{
	struct sk_buff *segs, *seg, *next;

	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		ip_rt_put(rt);
		vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
		vpngw_drop_skb(sa->vn, skb, VPNGW_REASON_GSO);
		return;
	}

	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		seg->next = NULL;
		dst_hold(&rt->dst);
		output_segment(sa, seg, rt, mtu);
	}
	ip_rt_put(rt);
}

/* Connection tracking confirms at the end of POST_ROUTING, where a stolen
 * packet never gets. Without this, replies would belong to no connection.
 */
static bool output_confirm(struct sk_buff *skb)
{
	const struct nf_ct_hook *hook;
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || nf_ct_is_confirmed(ct))
		return true;

	hook = rcu_dereference(nf_ct_hook);
	return !hook || hook->confirm(skb) == NF_ACCEPT;
}

static unsigned int output_protect(struct vpngw_pkt *pkt, struct vpngw_sa *sa)
{
	enum vpngw_reason reason = VPNGW_OK;
	struct sk_buff *skb = pkt->skb;
	unsigned int mtu;
	struct rtable *rt;

	if (!vpngw_encap_carries(sa, pkt))
		return vpngw_drop(pkt, VPNGW_REASON_ESP_TRANSPORT);
	rt = vpngw_encap_route(sa);
	if (!rt)
		return vpngw_drop(pkt, VPNGW_REASON_NO_ROUTE);

	mtu = vpngw_pmtu_inner(sa, rt);
	if (!vpngw_pmtu_fits(skb, mtu) && ip_hdr(skb)->frag_off & htons(IP_DF) &&
	    !skb->ignore_df) {
		vpngw_nat_restore(pkt);
		vpngw_pmtu_tell(pkt, mtu);
		reason = VPNGW_REASON_TOO_BIG;
	} else if (!output_confirm(skb)) {
		reason = VPNGW_REASON_CONNTRACK;
	}
	if (reason) {
		ip_rt_put(rt);
		return vpngw_drop(pkt, reason);
	}

	if (skb_is_gso(skb))
		output_gso(sa, skb, rt, mtu);
	else
		output_segment(sa, skb, rt, mtu);
	return NF_STOLEN;
}

/* Packets that came in keep the interface they came in by. */
static bool made_here(const struct vpngw_pkt *pkt)
{
	return !pkt->skb->skb_iif;
}

/* Key negotiation of this host protects itself, and is never translated. Whoever
 * can bind the port can make such a packet.
 */
static bool is_ike(const struct vpngw_pkt *pkt)
{
	u16 sport = ntohs(pkt->f.t.sport);

	return made_here(pkt) && pkt->f.t.proto == IPPROTO_UDP &&
	       (sport == PORT_IKE || sport == VPNGW_PORT_NATT);
}

/* An ICMP error quotes the packet it is about: one about a packet out of a tunnel
 * would show its content in clear, whoever sends the error.
 */
static bool quotes_protected(const struct vpngw_pkt *pkt, const struct vpngw_crypto_map *map)
{
	struct vpngw_spd_verdict v;
	struct vpngw_fields f;

	if (!vpngw_pkt_quoted(pkt, &f))
		return true;
	vpngw_spd_judge_in(map, &f, &v);
	return v.action == VPNGW_SPD_PROTECT;
}

/* The next packet of the flow will be known, unless it has to wait for its
 * association, or is both translated and protected, which is rare.
 */
static void output_remember(const struct vpngw_pkt *pkt, const struct vpngw_spd_verdict *v)
{
	u64 __percpu *hits = NULL;

	if (!pkt->flow.keep)
		return;
	if (v->action == VPNGW_SPD_PROTECT) {
		if (!v->sa || pkt->xlate)
			return;
		if (v->ace)
			hits = vpngw_acl_hits(v->policy->acl, v->ace);
	}
	vpngw_flow_keep(pkt, v->slot, hits);
}

/* A packet that the crypto map wants protected. */
static unsigned int output_protected(struct vpngw_pkt *pkt, const struct vpngw_spd_verdict *v)
{
	vpngw_spd_count(v);
	if (!v->sa) {
		atomic64_inc(&v->policy->slot->no_sa);
		vpngw_event_acquire(pkt, v->policy);
		return vpngw_drop(pkt, VPNGW_REASON_NO_SA);
	}
	return output_protect(pkt, v->sa);
}

/* An error that this host makes about a packet out of a tunnel has the address of the
 * interface that the tunnel ends at, which is not behind it. The one that this host has
 * towards whom the packet was for may be, and then the error finds its way back.
 */
static bool output_inside_source(struct vpngw_pkt *pkt)
{
	struct vpngw_fields quoted;
	struct flowi4 fl4 = {};
	struct rtable *rt;
	struct iphdr *iph;

	if (!made_here(pkt) || !vpngw_pkt_quoted(pkt, &quoted))
		return false;
	fl4.daddr = quoted.t.dst.ip;
	rt = ip_route_output_key(pkt->vn->net, &fl4);
	if (IS_ERR(rt))
		return false;
	ip_rt_put(rt);
	if (!fl4.saddr || skb_ensure_writable(pkt->skb, sizeof(*iph)))
		return false;

	iph = ip_hdr(pkt->skb);
	csum_replace4(&iph->check, iph->saddr, fl4.saddr);
	iph->saddr = fl4.saddr;
	pkt->f.t.src.ip = fl4.saddr;
	return true;
}

/* An ICMP error that the crypto map does not protect. */
static unsigned int output_error(struct vpngw_pkt *pkt, const struct vpngw_crypto_map *map)
{
	struct vpngw_spd_verdict v;

	if (!quotes_protected(pkt, map))
		return NF_ACCEPT;
	if (output_inside_source(pkt)) {
		vpngw_spd_judge_out(map, &pkt->f, &v);
		trace_spd_verdict(pkt, &v, VPNGW_DIRECTION_OUT);
		if (v.action == VPNGW_SPD_PROTECT)
			return output_protected(pkt, &v);
	}
	return vpngw_drop(pkt, VPNGW_REASON_ICMP_PROTECTED);
}

/* What the crypto map of the egress interface says. */
static unsigned int output_crypto(struct vpngw_pkt *pkt, const struct vpngw_iface *iface)
{
	struct vpngw_spd_verdict v = {};

	if (!iface->map) {
		output_remember(pkt, &v);
		return NF_ACCEPT;
	}

	vpngw_spd_judge_out(iface->map, &pkt->f, &v);
	trace_spd_verdict(pkt, &v, VPNGW_DIRECTION_OUT);
	output_remember(pkt, &v);
	if (v.action == VPNGW_SPD_PROTECT)
		return output_protected(pkt, &v);
	return pkt->icmp_error ? output_error(pkt, iface->map) : NF_ACCEPT;
}

/* Key negotiation with a peer goes past the entry it is for, but not past that of
 * another peer, behind whose tunnel this one may be.
 */
static unsigned int output_ike(struct vpngw_pkt *pkt, const struct vpngw_iface *iface)
{
	struct vpngw_spd_verdict v;

	if (!iface->map)
		return NF_ACCEPT;
	vpngw_spd_judge_out(iface->map, &pkt->f, &v);
	if (v.action == VPNGW_SPD_BYPASS || vpngw_spd_is_peer(&v, &pkt->f.t.dst))
		return NF_ACCEPT;
	trace_spd_verdict(pkt, &v, VPNGW_DIRECTION_OUT);
	return output_protected(pkt, &v);
}

/* A new flow: the rules decide, and the first that wants it makes its entry.
 * NULL with @reason VPNGW_OK means exempt.
 */
static struct vpngw_xlate *output_new_flow(struct vpngw_pkt *pkt, enum vpngw_reason *reason)
{
	struct vpngw_rule_verdict v;
	struct vpngw_xlate *x;

	*reason = VPNGW_OK;
	vpngw_rules_judge(pkt->config, &pkt->f, pkt->out->ifindex, &v);
	vpngw_rules_count(&v);
	if (v.rule) {
		/* remembered with its second packet */
		pkt->flow.keep = false;
		x = vpngw_xlate_create(pkt, &v, VPNGW_XLATE_OUT, reason);
	} else {
		pkt->flow.nat = VPNGW_FLOW_NAT_EXEMPT;
		vpngw_rules_hits(&v, pkt->flow.hits);
		x = NULL;
	}
	if (!*reason)
		trace_nat_verdict(pkt, x, &v);
	if (!x && !*reason)
		vpngw_xlate_count_exempt(pkt->vn);
	return x;
}

/* @f: the packet, or the answer to the one that an error quotes */
static struct vpngw_xlate *find_live(const struct vpngw_pkt *pkt, const struct vpngw_fields *f)
{
	struct vpngw_xlate *x = vpngw_xlate_find(pkt->vn, &f->t, VPNGW_XLATE_OUT);

	return x && vpngw_xlate_revalidate(pkt->vn, pkt->config, x, f, VPNGW_XLATE_OUT) ? x : NULL;
}

/* An ICMP error about a packet that we translated on its way in. */
static enum vpngw_reason output_nat_error(struct vpngw_pkt *pkt)
{
	struct vpngw_fields quoted, forward;
	struct vpngw_rule_verdict v;
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	reason = vpngw_nat_quoted(pkt, &quoted);
	if (reason)
		return reason;

	vpngw_fields_answer(&forward, &quoted);
	x = find_live(pkt, &forward);
	if (x) {
		trace_nat_verdict(pkt, x, NULL);
		return vpngw_nat_rewrite_error(pkt, x, VPNGW_XLATE_OUT);
	}

	/* about nothing we know: it must not show an inside address outside */
	vpngw_rules_judge(pkt->config, &pkt->f, pkt->out->ifindex, &v);
	return v.rule ? VPNGW_REASON_NAT_UNTRANSLATABLE : VPNGW_OK;
}

/* An address-to-address entry serves flows that never made it. IOS translates
 * them whatever the rules say of their destination; here a flow that the rules
 * exempt stays exempt, or it would leave a tunnel that was made for it.
 */
static bool output_exempt(struct vpngw_pkt *pkt)
{
	struct vpngw_rule_verdict v;

	/* many flows have this one entry */
	pkt->flow.keep = false;
	if (pkt->config->by_host)
		return false;
	vpngw_rules_judge(pkt->config, &pkt->f, pkt->out->ifindex, &v);
	if (v.rule)
		return false;
	vpngw_rules_count(&v);
	trace_nat_verdict(pkt, NULL, &v);
	vpngw_xlate_count_exempt(pkt->vn);
	return true;
}

/* Inside to outside: local source becomes global, unless the rules exempt it. */
static enum vpngw_reason output_nat(struct vpngw_pkt *pkt, const struct vpngw_iface *iface)
{
	const struct vpngw_iface *in;
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	if (!(iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE))
		return VPNGW_OK;
	/* packets of this host are candidates as well, as in IOS */
	if (!made_here(pkt)) {
		in = vpngw_config_iface(pkt->config, pkt->skb->skb_iif);
		if (!in || !(in->flags & VPNGW_IFACE_FLAG_NAT_INSIDE))
			return VPNGW_OK;
	}
	if (pkt->icmp_error)
		return output_nat_error(pkt);

	x = find_live(pkt, &pkt->f);
	if (x) {
		if (!(x->flags & VPNGW_XLATE_FLAG_EXTENDED) && output_exempt(pkt))
			return VPNGW_OK;
		pkt->flow.nat = VPNGW_FLOW_NAT_TRANSLATE;
		trace_nat_verdict(pkt, x, NULL);
		vpngw_xlate_touch(pkt, x, VPNGW_XLATE_OUT);
	} else {
		x = output_new_flow(pkt, &reason);
		if (!x)
			return reason;
	}
	reason = vpngw_nat_rewrite(pkt, x, VPNGW_XLATE_OUT);
	if (!reason)
		pkt->xlate = x;
	return reason;
}

/* A packet of a flow that is remembered. False if it has to be decided anew, and
 * nothing was done.
 */
static bool output_known(struct vpngw_pkt *pkt, const struct vpngw_flow *flow,
			 unsigned int *verdict)
{
	enum vpngw_reason reason;
	struct vpngw_sa *sa;

	*verdict = NF_ACCEPT;
	if (flow->nat == VPNGW_FLOW_NAT_TRANSLATE) {
		if (vpngw_xlate_expired(flow->xlate))
			return false;
		vpngw_xlate_touch(pkt, flow->xlate, VPNGW_XLATE_OUT);
		reason = vpngw_nat_rewrite(pkt, flow->xlate, VPNGW_XLATE_OUT);
		if (reason)
			*verdict = vpngw_drop(pkt, reason);
		return true;
	}

	sa = flow->slot ? vpngw_slot_sa(flow->slot, &pkt->f) : NULL;
	if (flow->slot && !sa)
		return false;
	if (flow->nat == VPNGW_FLOW_NAT_EXEMPT)
		vpngw_xlate_count_exempt(pkt->vn);
	vpngw_flow_count(flow);
	if (sa)
		*verdict = output_protect(pkt, sa);
	return true;
}

/* ESP that we made passes POST_ROUTING as well, and is done. */
static bool is_own_esp(const struct vpngw_pkt *pkt)
{
	const struct iphdr *iph = ip_hdr(pkt->skb);
	const struct vpngw_sa *sa;
	__be32 buf, *spi;

	if (iph->protocol != IPPROTO_ESP || !made_here(pkt))
		return false;

	spi = skb_header_pointer(pkt->skb, skb_network_offset(pkt->skb) + ip_hdrlen(pkt->skb),
				 sizeof(buf), &buf);
	if (!spi)
		return false;

	sa = vpngw_sad_lookup(pkt->vn, *spi, &(union nf_inet_addr){ .ip = iph->daddr },
			      NFPROTO_IPV4);
	return sa && sa->dir == VPNGW_DIRECTION_OUT && sa->saddr.ip == iph->saddr;
}

/**
 * vpngw_output() - a packet at POST_ROUTING
 * @pkt: with packet, namespace, configuration, device and its roles filled in; not
 *	one of vpngw_encap_send()
 *
 * Context: RCU read side, softirqs off.
 * Return: netfilter verdict; on NF_ACCEPT the source may have been translated,
 *	on NF_STOLEN the packet left, or was lost and counted, as another one
 */
unsigned int vpngw_output(struct vpngw_pkt *pkt)
{
	const struct vpngw_config *config = pkt->config;
	const struct vpngw_flow *flow;
	enum vpngw_reason reason;
	unsigned int verdict;

	if (is_own_esp(pkt))
		return NF_ACCEPT;

	reason = vpngw_pkt_parse(pkt);
	if (reason)
		return vpngw_drop(pkt, reason);
	if (is_ike(pkt))
		return output_ike(pkt, pkt->iface);
	flow = vpngw_flow_find(pkt);
	if (flow && output_known(pkt, flow, &verdict))
		return verdict;

	reason = output_nat(pkt, pkt->iface);
	if (reason)
		return vpngw_drop(pkt, reason);

	/* a new configuration may have been published while NAT made an entry;
	 * the packet is carried on under the one that the entry belongs to
	 */
	if (unlikely(pkt->config != config))
		pkt->iface = vpngw_config_iface(pkt->config, pkt->out->ifindex);
	return pkt->iface ? output_crypto(pkt, pkt->iface) : NF_ACCEPT;
}
