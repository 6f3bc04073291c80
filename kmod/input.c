// SPDX-License-Identifier: GPL-2.0
/*
 * The way in. vpngw_input() at the end of this page is the journey: ESP becomes
 * its inner packet, clear packets that should have been ESP end here, replies
 * to translated flows get their inside address back. The same traversal of the
 * stack then goes on with what we leave in the packet's place.
 */

#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/netfilter_ipv4.h>
#include <net/esp.h>
#include <net/inet_frag.h>
#include <net/ip.h>
#include <net/route.h>

#include "config.h"
#include "encap.h"
#include "esp.h"
#include "input.h"
#include "nat.h"
#include "nl_event.h"
#include "pmtu.h"
#include "sad.h"
#include "spd.h"
#include "stats.h"
#include "trace.h"
#include "vpngw.h"
#include "xlate.h"

/* Fragments from inside a tunnel never meet fragments that came in clear: their queues
 * are those of bridged packets in the last of all conntrack zones. As in all zones, who
 * forwards packets tells nobody that a fragment has not come.
 */
#define DEFRAG_USER	(IP_DEFRAG_CONNTRACK_BRIDGE_IN + USHRT_MAX)

#define PORT_IKE	500

/* The decrypted packet that is passing PRE_ROUTING once more, see reinject(). */
static DEFINE_PER_CPU(const struct sk_buff *, reinjected);

/* From here to input_esp(): what becomes of a packet after decryption. */

static enum vpngw_reason opened_error(struct vpngw_sa *sa, int err)
{
	if (err == -EBADMSG) {
		vpngw_sa_count_error(sa, VPNGW_SA_AUTH_ERRORS);
		return VPNGW_REASON_ESP_AUTH;
	}

	vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
	return err == -ENOMEM ? VPNGW_REASON_NO_MEMORY : VPNGW_REASON_ESP_CRYPTO;
}

/* An authentic packet in UDP: a NAT may have found another place for its sender. Not
 * if it has been overtaken: then it may come from the place before.
 */
static void check_peer(struct vpngw_sa *sa, const struct sk_buff *skb, u64 seq)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data - sizeof(*uh));
	__be32 saddr = ip_hdr(skb)->saddr;

	if (likely(saddr == READ_ONCE(sa->saddr.ip) && uh->source == READ_ONCE(sa->encap_sport)))
		return;
	if (seq == READ_ONCE(sa->replay->top))
		vpngw_event_peer(sa, saddr, uh->source);
}

/* An authentic packet: advance the window, uncover the inner packet. */
static enum vpngw_reason input_opened(struct vpngw_pkt *pkt, struct vpngw_sa *sa, u64 seq)
{
	struct sk_buff *skb = pkt->skb;
	u8 outer_tos = ip_hdr(skb)->tos;
	enum vpngw_reason reason;
	bool dead, fresh;
	u8 next_header;

	spin_lock(&sa->lock);
	/* under the lock, because a successor may have taken the window over */
	dead = READ_ONCE(sa->dead);
	fresh = !dead && vpngw_replay_advance(sa->replay, seq);
	spin_unlock(&sa->lock);
	if (dead)
		return VPNGW_REASON_ESP_SA_EXPIRED;
	if (!fresh) {
		vpngw_sa_count_error(sa, VPNGW_SA_REPLAY_ERRORS);
		return VPNGW_REASON_ESP_REPLAY;
	}
	if (sa->encap_dport)
		check_peer(sa, skb, seq);

	reason = vpngw_esp_strip(sa, skb, &next_header);
	if (!reason && sa->mode == VPNGW_MODE_TRANSPORT)
		reason = vpngw_encap_remove(sa, skb, next_header);
	else if (!reason && next_header != IPPROTO_IPIP)
		reason = VPNGW_REASON_ESP_NEXT_HEADER;
	else if (!reason)
		reason = vpngw_encap_uncover(sa, skb, outer_tos);
	if (!reason)
		reason = vpngw_pkt_parse(pkt);
	/* also before reassembly: a peer's fragment must not get into another
	 * peer's queue
	 */
	if (!reason && !vpngw_selector_match_addr(&sa->sel, &pkt->f, VPNGW_DIRECTION_IN))
		reason = VPNGW_REASON_ESP_SELECTOR;
	if (reason) {
		vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
		return reason;
	}

	vpngw_sa_count_packet(sa, skb->len);
	trace_esp_input(pkt, sa, seq);
	return VPNGW_OK;
}

/* Defragmentation (-400) saw the outer packet only, so it is made up for here.
 * False if the packet waits for its other fragments, or was one too many.
 */
static bool input_defrag(struct vpngw_pkt *pkt, enum vpngw_reason *reason)
{
	int err;

	if (!ip_is_fragment(ip_hdr(pkt->skb)))
		return true;
	err = ip_defrag(pkt->vn->net, pkt->skb, DEFRAG_USER);
	if (err) {
		/* it is gone in any case */
		if (err != -EINPROGRESS)
			vpngw_drop_skb(pkt->vn, NULL, VPNGW_REASON_FRAGMENT);
		return false;
	}

	/* as after the stack's own: don't-fragment is for the fragments' sender */
	pkt->skb->ignore_df = 1;
	*reason = vpngw_pkt_parse(pkt);
	return true;
}

static enum vpngw_reason input_whole(struct vpngw_pkt *pkt, struct vpngw_sa *sa)
{
	if (vpngw_selector_match(&sa->sel, &pkt->f, VPNGW_DIRECTION_IN))
		return VPNGW_OK;

	vpngw_sa_count_error(sa, VPNGW_SA_ERRORS);
	return VPNGW_REASON_ESP_SELECTOR;
}

/* What ip_rcv_finish() does about options, which has not seen these. */
static bool options_ok(struct net *net, struct sk_buff *skb)
{
	struct ip_options *opt = &IPCB(skb)->opt;
	struct in_device *in_dev;

	if (likely(ip_hdr(skb)->ihl == 5))
		return true;
	if (skb_cow(skb, skb_headroom(skb)))
		return false;

	opt->optlen = ip_hdrlen(skb) - sizeof(struct iphdr);
	if (ip_options_compile(net, opt, skb))
		return false;
	if (likely(!opt->srr))
		return true;
	in_dev = __in_dev_get_rcu(skb->dev);
	return in_dev && IN_DEV_SOURCE_ROUTE(in_dev) && !ip_options_rcv_srr(skb, skb->dev);
}

/* Routes and delivers a packet that came back from asynchronous crypto. */
static int reinject_finish(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	if (!skb_dst(skb) && vpngw_route_input(skb, ip_hdr(skb))) {
		vpngw_drop_skb(vpngw_net(net), skb, VPNGW_REASON_NO_ROUTE);
		return 0;
	}
	if (!options_ok(net, skb)) {
		vpngw_drop_skb(vpngw_net(net), skb, VPNGW_REASON_ESP_INNER_HEADER);
		return 0;
	}
	return dst_input(skb);
}

/* The stack forgot the packet when it was stolen, so it passes PRE_ROUTING as
 * if it had just come in. The marker tells our own hook that it was encrypted;
 * should another hook park the packet before it gets there, it is taken for
 * a clear one and dropped, which is the safe side.
 */
static void reinject(struct vpngw_pkt *pkt)
{
	this_cpu_write(reinjected, pkt->skb);
	NF_HOOK(NFPROTO_IPV4, NF_INET_PRE_ROUTING, pkt->vn->net, NULL, pkt->skb,
		pkt->skb->dev, NULL, reinject_finish);
	this_cpu_write(reinjected, NULL);
}

/* Completion of asynchronous decryption; owns the packet. */
static void input_done(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, int err)
{
	struct vpngw_pkt pkt = {
		.skb	= skb,
		.vn	= sa->vn,
		.in	= skb->dev,
	};
	enum vpngw_reason reason;

	reason = err ? opened_error(sa, err) : input_opened(&pkt, sa, seq);
	/* the device went to another namespace in the meantime */
	if (!reason && !net_eq(dev_net(skb->dev), sa->vn->net))
		reason = VPNGW_REASON_NO_ROUTE;
	if (!reason && !input_defrag(&pkt, &reason))
		return;
	if (!reason)
		reason = input_whole(&pkt, sa);
	if (reason) {
		vpngw_drop_skb(sa->vn, skb, reason);
		return;
	}
	reinject(&pkt);
}

/* ESP for one of our associations. On NF_ACCEPT the packet is the inner one. */
static unsigned int input_esp(struct vpngw_pkt *pkt, struct vpngw_sa *sa)
{
	unsigned int hlen = ip_hdrlen(pkt->skb) + (sa->encap_dport ? sizeof(struct udphdr) : 0);
	enum vpngw_reason reason;
	struct sk_buff *skb = pkt->skb;
	bool fresh;
	u64 seq;
	int err;

	if (READ_ONCE(sa->dead))
		return vpngw_drop(pkt, VPNGW_REASON_ESP_SA_EXPIRED);
	if (!vpngw_esp_length_ok(sa, skb->len - hlen))
		return vpngw_drop(pkt, VPNGW_REASON_ESP_TRUNCATED);
	if (vpngw_esp_own(skb, 0, 0))
		return vpngw_drop(pkt, VPNGW_REASON_NO_MEMORY);

	__skb_pull(skb, hlen);
	seq = ntohl(((struct ip_esp_hdr *)skb->data)->seq_no);
	spin_lock(&sa->lock);
	if (unlikely(sa->flags & VPNGW_SA_FLAG_ESN))
		seq = vpngw_replay_number(sa->replay, seq);
	fresh = vpngw_replay_check(sa->replay, seq);
	spin_unlock(&sa->lock);
	if (!fresh) {
		vpngw_sa_count_error(sa, VPNGW_SA_REPLAY_ERRORS);
		return vpngw_drop(pkt, VPNGW_REASON_ESP_REPLAY);
	}

	err = vpngw_esp_open(sa, skb, seq, input_done);
	if (err == -EINPROGRESS)
		return NF_STOLEN;

	reason = err ? opened_error(sa, err) : input_opened(pkt, sa, seq);
	if (!reason && !input_defrag(pkt, &reason))
		return NF_STOLEN;
	if (!reason)
		reason = input_whole(pkt, sa);
	return reason ? vpngw_drop(pkt, reason) : NF_ACCEPT;
}

static bool is_local(const struct vpngw_pkt *pkt, __be32 addr)
{
	return inet_addr_type(pkt->vn->net, addr) == RTN_LOCAL;
}

/* Is it ESP in UDP, and not key negotiation, which begins with four zero octets,
 * or a keepalive of one octet (RFC 3948 section 2)?
 */
static bool is_esp_in_udp(const struct vpngw_pkt *pkt)
{
	unsigned int hlen = ip_hdrlen(pkt->skb);
	struct {
		struct udphdr	uh;
		__be32		spi;
	} buf, *h;

	if (ip_hdr(pkt->skb)->protocol != IPPROTO_UDP)
		return false;
	h = skb_header_pointer(pkt->skb, hlen, sizeof(buf), &buf);
	return h && h->uh.dest == htons(VPNGW_PORT_NATT) && h->spi &&
	       ntohs(h->uh.len) == pkt->skb->len - hlen;
}

/* The association of an ESP packet, NULL if the packet is none of ours. */
static struct vpngw_sa *input_sa(const struct vpngw_pkt *pkt, bool in_udp, bool *malformed)
{
	const struct iphdr *iph = ip_hdr(pkt->skb);
	unsigned int offset = ip_hdrlen(pkt->skb) + (in_udp ? sizeof(struct udphdr) : 0);
	struct vpngw_sa *sa;
	__be32 buf, *spi;

	spi = skb_header_pointer(pkt->skb, offset, sizeof(buf), &buf);
	*malformed = !spi;
	if (!spi)
		return NULL;

	sa = vpngw_sad_lookup(pkt->vn, *spi, &(union nf_inet_addr){ .ip = iph->daddr },
			      NFPROTO_IPV4);
	/* in the other form it was not sent by who negotiated this one */
	return sa && sa->dir == VPNGW_DIRECTION_IN && in_udp == !!sa->encap_dport ? sa : NULL;
}

/**
 * vpngw_input_is_ike() - key negotiation with this host?
 * @pkt: packet that came in, parsed
 *
 * It protects itself and has to work before there is an SA.
 *
 * Return: true if so
 */
bool vpngw_input_is_ike(const struct vpngw_pkt *pkt)
{
	u16 dport = ntohs(pkt->f.t.dport);

	return pkt->f.t.proto == IPPROTO_UDP &&
	       (dport == PORT_IKE || dport == VPNGW_PORT_NATT) &&
	       is_local(pkt, pkt->f.t.dst.ip);
}

/* A packet that came in clear: may it? */
static enum vpngw_reason input_clear(struct vpngw_pkt *pkt, const struct vpngw_iface *iface)
{
	struct vpngw_spd_verdict v;
	struct vpngw_fields quoted;

	if (!iface->map || vpngw_input_is_ike(pkt))
		return VPNGW_OK;
	if (pkt->icmp_error)
		vpngw_pmtu_learn(pkt);

	vpngw_spd_judge_in(iface->map, &pkt->f, &v);
	trace_spd_verdict(pkt, &v, VPNGW_DIRECTION_IN);
	if (v.action == VPNGW_SPD_PROTECT)
		return VPNGW_REASON_CLEAR_PROTECTED;
	if (!pkt->icmp_error)
		return VPNGW_OK;

	/* an error about a packet that went into a tunnel has no way of knowing
	 * of it, but from inside the tunnel
	 */
	if (!vpngw_pkt_quoted(pkt, &quoted))
		return VPNGW_REASON_BAD_HEADER;
	vpngw_spd_judge_out(iface->map, &quoted, &v);
	return v.action == VPNGW_SPD_PROTECT ? VPNGW_REASON_ICMP_PROTECTED : VPNGW_OK;
}

/**
 * vpngw_input_untranslated() - may a packet from outside pass untranslated?
 * @pkt: packet that no translation is for
 *
 * Pool and static addresses are ours but belong to no interface: without a
 * translation a packet for one would be routed back to the network it came from.
 *
 * Context: RCU read side.
 * Return: VPNGW_OK or VPNGW_REASON_NAT_NO_TRANSLATION
 */
enum vpngw_reason vpngw_input_untranslated(const struct vpngw_pkt *pkt)
{
	u32 i;

	if (vpngw_statics_own(pkt->config, pkt->f.t.dst.ip, false) &&
	    !is_local(pkt, pkt->f.t.dst.ip))
		return VPNGW_REASON_NAT_NO_TRANSLATION;
	for (i = 0; i < pkt->config->n_pool; i++)
		if (vpngw_pool_contains(pkt->config->pool[i], &pkt->f.t.dst) &&
		    !is_local(pkt, pkt->f.t.dst.ip))
			return VPNGW_REASON_NAT_NO_TRANSLATION;
	return VPNGW_OK;
}

/* @f: the packet, or the answer to the one that an error quotes */
static struct vpngw_xlate *find_live(const struct vpngw_pkt *pkt, const struct vpngw_fields *f)
{
	struct vpngw_xlate *x = vpngw_xlate_find(pkt->vn, &f->t, VPNGW_XLATE_IN);

	return x && vpngw_xlate_revalidate(pkt->vn, pkt->config, x, f, VPNGW_XLATE_IN) ? x : NULL;
}

/**
 * vpngw_input_answered() - will what answers a packet find its translation, too?
 * @pkt: packet
 * @x: its translation
 * @f: the packet, or the answer to the one that it quotes
 *
 * Context: RCU read side.
 * Return: false if the answer is exempt
 */
bool vpngw_input_answered(const struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
			  const struct vpngw_fields *f)
{
	return likely(READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED) ||
	       vpngw_xlate_wanted(pkt->config, x, f);
}

/* An ICMP error about a packet that we translated on its way out. */
static enum vpngw_reason input_nat_error(struct vpngw_pkt *pkt)
{
	struct vpngw_fields quoted, reply;
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	reason = vpngw_nat_quoted(pkt, &quoted);
	if (reason)
		return reason;

	vpngw_fields_answer(&reply, &quoted);
	x = find_live(pkt, &reply);
	if (!x)
		return vpngw_input_untranslated(pkt);
	if (!vpngw_input_answered(pkt, x, &reply))
		return VPNGW_REASON_NAT_NO_TRANSLATION;

	trace_nat_verdict(pkt, x, NULL);
	return vpngw_nat_rewrite_error(pkt, x, VPNGW_XLATE_IN);
}

/* A router asks for smaller packets from this host. TCP looks whether it has sent what is
 * quoted; the rest of the stack believes anybody, and the path of a tunnel would be as
 * short as an attacker likes.
 */
static enum vpngw_reason input_path_mtu(const struct vpngw_pkt *pkt)
{
	struct vpngw_fields quoted;

	if (!vpngw_pmtu_asked(pkt) || !is_local(pkt, ip_hdr(pkt->skb)->daddr))
		return VPNGW_OK;
	if (vpngw_pkt_quoted(pkt, &quoted) && quoted.t.proto == IPPROTO_TCP)
		return VPNGW_OK;
	return vpngw_pmtu_proven(pkt) ? VPNGW_OK : VPNGW_REASON_ICMP_PATH_MTU;
}

/* A new flow from outside: a static rule may want it, nothing else does. */
static struct vpngw_xlate *input_new_flow(struct vpngw_pkt *pkt, enum vpngw_reason *reason)
{
	struct vpngw_rule_verdict v;

	*reason = VPNGW_OK;
	if (!pkt->config->statics.n ||
	    !vpngw_statics_judge_in(pkt->vn->net, pkt->config, &pkt->f, pkt->in->ifindex, &v)) {
		*reason = vpngw_input_untranslated(pkt);
		return NULL;
	}
	vpngw_rules_count(&v);
	return vpngw_xlate_create(pkt, &v, VPNGW_XLATE_IN, reason);
}

/* Outside to inside: global destination becomes local. */
static enum vpngw_reason input_nat(struct vpngw_pkt *pkt, const struct vpngw_iface *iface)
{
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	if (!(iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE))
		return VPNGW_OK;
	if (pkt->icmp_error)
		return input_nat_error(pkt);

	x = find_live(pkt, &pkt->f);
	if (x) {
		if (!vpngw_input_answered(pkt, x, &pkt->f))
			return VPNGW_REASON_NAT_NO_TRANSLATION;
		vpngw_xlate_touch(pkt, x, VPNGW_XLATE_IN);
	} else {
		x = input_new_flow(pkt, &reason);
		if (!x)
			return reason;
	}
	trace_nat_verdict(pkt, x, NULL);
	return vpngw_nat_rewrite(pkt, x, VPNGW_XLATE_IN);
}

/* An inside interface asks nothing of what comes in. */
static bool iface_asks(const struct vpngw_iface *iface)
{
	return iface && (iface->map || iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE);
}

/**
 * vpngw_input_asks() - is a packet at PRE_ROUTING any of our business?
 * @skb: the packet
 * @iface: roles of the device it came in by, NULL if there are none
 *
 * Context: any.
 * Return: false if vpngw_input() would accept it without having changed anything
 */
bool vpngw_input_asks(const struct sk_buff *skb, const struct vpngw_iface *iface)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be16 buf, *dport;

	if (iface_asks(iface) || iph->protocol == IPPROTO_ESP ||
	    this_cpu_read(reinjected) == skb)
		return true;
	if (iph->protocol != IPPROTO_UDP)
		return false;

	/* ESP may come in UDP, by any interface */
	dport = skb_header_pointer(skb, skb_network_offset(skb) + ip_hdrlen(skb) +
				   offsetof(struct udphdr, dest), sizeof(buf), &buf);
	return dport && *dport == htons(VPNGW_PORT_NATT);
}

/**
 * vpngw_input() - a packet at PRE_ROUTING
 * @pkt: with packet, namespace, configuration, device and its roles filled in
 *
 * Context: RCU read side, softirqs off.
 * Return: netfilter verdict; on NF_ACCEPT the packet may be another one: the
 *	inner packet of ESP, or one with its destination translated
 */
unsigned int vpngw_input(struct vpngw_pkt *pkt)
{
	const struct vpngw_iface *iface = pkt->iface;
	bool clear = true, parsed = false, malformed = false, in_udp;
	enum vpngw_reason reason = VPNGW_OK;
	struct vpngw_sa *sa;
	unsigned int verdict;

	if (this_cpu_read(reinjected) == pkt->skb) {
		this_cpu_write(reinjected, NULL);
		clear = false;
	}

	in_udp = clear && is_esp_in_udp(pkt);
	if (in_udp || (clear && ip_hdr(pkt->skb)->protocol == IPPROTO_ESP)) {
		sa = input_sa(pkt, in_udp, &malformed);
		if (malformed)
			return vpngw_drop(pkt, VPNGW_REASON_ESP_TRUNCATED);
		if (sa) {
			verdict = input_esp(pkt, sa);
			if (verdict != NF_ACCEPT)
				return verdict;
			clear = false;
			/* what it uncovered has been looked at */
			parsed = true;
		} else if (iface && iface->map && is_local(pkt, ip_hdr(pkt->skb)->daddr)) {
			return vpngw_drop(pkt, VPNGW_REASON_ESP_NO_SA);
		}
	}

	if (!iface_asks(iface))
		return NF_ACCEPT;

	if (!parsed)
		reason = vpngw_pkt_parse(pkt);
	if (!reason && clear)
		reason = input_clear(pkt, iface);
	if (!reason)
		reason = input_nat(pkt, iface);
	if (!reason && pkt->icmp_error && clear && iface->map)
		reason = input_path_mtu(pkt);
	return reason ? vpngw_drop(pkt, reason) : NF_ACCEPT;
}
