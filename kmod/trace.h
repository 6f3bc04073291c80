/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events/vpngw/: what operators follow packets with,
 * "trace-cmd record -e vpngw". Each verdict names the line of the configuration
 * that decided it. No key material, ever.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vpngw

#if !defined(_VPNGW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VPNGW_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "natrule.h"
#include "pkt.h"
#include "sa.h"
#include "spd.h"
#include "stats.h"
#include "vpngw.h"
#include "xlate.h"

#define VPNGW_TP_PKT_FIELDS						\
	__field(u32, netns)						\
	__field(int, ifindex)						\
	__array(u8, saddr, 4)						\
	__array(u8, daddr, 4)						\
	__field(u16, sport)						\
	__field(u16, dport)						\
	__field(u8, proto)

#define VPNGW_TP_PKT_ASSIGN(_net, _dev, _t)				\
	do {								\
		const struct net_device *__dev = (_dev);		\
		const struct vpngw_tuple *__t = (_t);			\
									\
		__entry->netns = (_net)->ns.inum;			\
		__entry->ifindex = __dev ? __dev->ifindex : 0;		\
		memcpy(__entry->saddr, &__t->src.ip, 4);				\
		memcpy(__entry->daddr, &__t->dst.ip, 4);				\
		__entry->sport = ntohs(__t->sport);			\
		__entry->dport = ntohs(__t->dport);			\
		__entry->proto = __t->proto;				\
	} while (0)

#define VPNGW_TP_PKT_FMT						\
	"netns=%u ifindex=%d proto=%u %pI4:%u -> %pI4:%u"

#define VPNGW_TP_PKT_ARGS						\
	__entry->netns, __entry->ifindex, __entry->proto,		\
	__entry->saddr, __entry->sport, __entry->daddr, __entry->dport

TRACE_EVENT(esp_input,

	TP_PROTO(const struct vpngw_pkt *pkt, const struct vpngw_sa *sa, u64 seq),

	TP_ARGS(pkt, sa, seq),

	TP_STRUCT__entry(
		VPNGW_TP_PKT_FIELDS
		__field(u32, spi)
		__field(u32, conn_id)
		__field(u64, seq)
		__field(u32, len)
	),

	TP_fast_assign(
		VPNGW_TP_PKT_ASSIGN(pkt->vn->net, pkt->in, &pkt->f.t);
		__entry->spi = ntohl(sa->spi);
		__entry->conn_id = sa->conn_id;
		__entry->seq = seq;
		__entry->len = pkt->len;
	),

	TP_printk(VPNGW_TP_PKT_FMT " spi=0x%08x conn_id=%u seq=%llu len=%u",
		  VPNGW_TP_PKT_ARGS, __entry->spi, __entry->conn_id, __entry->seq,
		  __entry->len)
);

TRACE_EVENT(esp_output,

	TP_PROTO(const struct vpngw_sa *sa, const struct sk_buff *skb, u64 seq),

	TP_ARGS(sa, skb, seq),

	TP_STRUCT__entry(
		__field(u32, netns)
		__array(u8, saddr, 4)
		__array(u8, daddr, 4)
		__field(u8, proto)
		__array(u8, peer, 4)
		__field(u32, spi)
		__field(u32, conn_id)
		__field(u64, seq)
		__field(u32, len)
	),

	TP_fast_assign(
		__entry->netns = sa->vn->net->ns.inum;
		memcpy(__entry->saddr, &ip_hdr(skb)->saddr, 4);
		memcpy(__entry->daddr, &ip_hdr(skb)->daddr, 4);
		__entry->proto = ip_hdr(skb)->protocol;
		memcpy(__entry->peer, &sa->daddr.ip, 4);
		__entry->spi = ntohl(sa->spi);
		__entry->conn_id = sa->conn_id;
		__entry->seq = seq;
		__entry->len = skb->len;
	),

	TP_printk("netns=%u proto=%u %pI4 -> %pI4 peer=%pI4 spi=0x%08x conn_id=%u seq=%llu len=%u",
		  __entry->netns, __entry->proto, __entry->saddr, __entry->daddr,
		  __entry->peer, __entry->spi, __entry->conn_id, __entry->seq, __entry->len)
);

TRACE_EVENT(nat_verdict,

	/* one of @x (translated) and @v (judged now) is set, or both; the packet
	 * still has the addresses that it came with
	 */
	TP_PROTO(const struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
		 const struct vpngw_rule_verdict *v),

	TP_ARGS(pkt, x, v),

	TP_STRUCT__entry(
		VPNGW_TP_PKT_FIELDS
		__field(u32, id)
		__field(u32, rule_line)
		__field(u32, rm_seq)
		__field(u32, ace_line)
		__array(u8, global, 4)
		__array(u8, local, 4)
		__field(u16, global_port)
		__field(u16, local_port)
		__field(u16, ip_id)
		__field(u8, dir)
	),

	TP_fast_assign(
		const struct vpngw_rule *rule = v ? v->rule ?: v->tried : NULL;
		const struct vpngw_ace *ace = !rule ? NULL :
					      rule->rm ? v->rm.ace : v->acl.ace;
		const struct vpngw_tuple *in = x ? &x->n[VPNGW_XLATE_IN].tuple : &pkt->f.t;
		const struct vpngw_tuple *out = x ? &x->n[VPNGW_XLATE_OUT].tuple : &pkt->f.t;

		VPNGW_TP_PKT_ASSIGN(pkt->vn->net, pkt->out ?: pkt->in, &pkt->f.t);
		__entry->id = x ? x->id : 0;
		memset(__entry->global, 0, 4);
		if (x)
			memcpy(__entry->global, &in->dst.ip, 4);
		memcpy(__entry->local, &out->src.ip, 4);
		__entry->global_port = x ? ntohs(in->dport) : 0;
		__entry->local_port = ntohs(out->sport);
		__entry->rule_line = rule ? rule->line : 0;
		__entry->rm_seq = rule && rule->rm && v->rm.entry ? v->rm.entry->seq : 0;
		__entry->ace_line = ace ? ace->line : 0;
		__entry->ip_id = ntohs(ip_hdr(pkt->skb)->id);
		__entry->dir = pkt->out ? VPNGW_DIRECTION_OUT : VPNGW_DIRECTION_IN;
	),

	TP_printk(VPNGW_TP_PKT_FMT " verdict=%s id=%u global=%pI4 rule_line=%u rm_seq=%u ace_line=%u dir=%s local=%pI4 local_port=%u global_port=%u ip_id=%u",
		  VPNGW_TP_PKT_ARGS, __entry->id ? "translate" : "exempt", __entry->id,
		  __entry->global, __entry->rule_line, __entry->rm_seq, __entry->ace_line,
		  __entry->dir == VPNGW_DIRECTION_OUT ? "out" : "in", __entry->local,
		  __entry->local_port, __entry->global_port, __entry->ip_id)
);

TRACE_EVENT(spd_verdict,

	TP_PROTO(const struct vpngw_pkt *pkt, const struct vpngw_spd_verdict *v, u8 dir),

	TP_ARGS(pkt, v, dir),

	TP_STRUCT__entry(
		VPNGW_TP_PKT_FIELDS
		__field(u8, dir)
		__field(bool, protect)
		__field(u32, map_seq)
		__field(u32, ace_line)
		__field(u32, spi)
	),

	TP_fast_assign(
		VPNGW_TP_PKT_ASSIGN(pkt->vn->net,
				    dir == VPNGW_DIRECTION_OUT ? pkt->out : pkt->in,
				    &pkt->f.t);
		__entry->dir = dir;
		__entry->protect = v->action == VPNGW_SPD_PROTECT;
		__entry->map_seq = v->policy ? v->policy->seq : 0;
		__entry->ace_line = v->ace ? v->ace->line : 0;
		__entry->spi = v->sa ? ntohl(v->sa->spi) : 0;
	),

	TP_printk(VPNGW_TP_PKT_FMT " dir=%s verdict=%s map_seq=%u ace_line=%u spi=0x%08x",
		  VPNGW_TP_PKT_ARGS, __entry->dir == VPNGW_DIRECTION_OUT ? "out" : "in",
		  __entry->protect ? "protect" : "bypass", __entry->map_seq,
		  __entry->ace_line, __entry->spi)
);

#define R(_name, _str, _text) TRACE_DEFINE_ENUM(VPNGW_REASON_##_name);
VPNGW_REASONS(R)
#undef R

#define R(_name, _str, _text) { VPNGW_REASON_##_name, _str },
TRACE_EVENT(drop,

	TP_PROTO(const struct vpngw_pkt *pkt, int reason),

	TP_ARGS(pkt, reason),

	TP_STRUCT__entry(
		VPNGW_TP_PKT_FIELDS
		__field(int, reason)
		__field(int, iif)
		__field(u32, len)
		__field(u8, dir)
	),

	TP_fast_assign(
		VPNGW_TP_PKT_ASSIGN(pkt->vn->net, pkt->out ?: pkt->in, &pkt->f.t);
		__entry->reason = reason;
		__entry->iif = pkt->in ? pkt->in->ifindex : pkt->skb ? pkt->skb->skb_iif : 0;
		__entry->len = pkt->len;
		__entry->dir = pkt->out ? VPNGW_DIRECTION_OUT : VPNGW_DIRECTION_IN;
	),

	TP_printk(VPNGW_TP_PKT_FMT " reason=%s dir=%s iif=%d len=%u", VPNGW_TP_PKT_ARGS,
		  __print_symbolic(__entry->reason, VPNGW_REASONS(R) { 0, "none" }),
		  __entry->dir == VPNGW_DIRECTION_OUT ? "out" : "in", __entry->iif,
		  __entry->len)
);
#undef R

TRACE_EVENT(sa_state,

	TP_PROTO(const struct net *net, const struct vpngw_sa *sa, const char *state),

	TP_ARGS(net, sa, state),

	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, spi)
		__field(u32, conn_id)
		__array(u8, saddr, 4)
		__array(u8, daddr, 4)
		__array(char, state, 20)
	),

	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->spi = ntohl(sa->spi);
		__entry->conn_id = sa->conn_id;
		memcpy(__entry->saddr, &sa->saddr.ip, 4);
		memcpy(__entry->daddr, &sa->daddr.ip, 4);
		strscpy(__entry->state, state, sizeof(__entry->state));
	),

	TP_printk("netns=%u spi=0x%08x conn_id=%u %pI4 -> %pI4 state=%s", __entry->netns,
		  __entry->spi, __entry->conn_id, __entry->saddr, __entry->daddr,
		  __entry->state)
);

DECLARE_EVENT_CLASS(translation,

	TP_PROTO(const struct net *net, const struct vpngw_xlate *x, const char *cause),

	TP_ARGS(net, x, cause),

	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, id)
		__field(u8, proto)
		__array(u8, local, 4)
		__field(u16, local_port)
		__array(u8, global, 4)
		__field(u16, global_port)
		__array(u8, outside, 4)
		__field(u16, outside_port)
		__array(char, cause, 20)
	),

	TP_fast_assign(
		const struct vpngw_tuple *out = &x->n[VPNGW_XLATE_OUT].tuple;
		const struct vpngw_tuple *in = &x->n[VPNGW_XLATE_IN].tuple;

		__entry->netns = net->ns.inum;
		__entry->id = x->id;
		__entry->proto = out->proto;
		memcpy(__entry->local, &out->src.ip, 4);
		__entry->local_port = ntohs(out->sport);
		memcpy(__entry->global, &in->dst.ip, 4);
		__entry->global_port = ntohs(in->dport);
		memcpy(__entry->outside, &out->dst.ip, 4);
		__entry->outside_port = ntohs(out->dport);
		strscpy(__entry->cause, cause, sizeof(__entry->cause));
	),

	TP_printk("netns=%u id=%u proto=%u local=%pI4:%u global=%pI4:%u outside=%pI4:%u cause=%s",
		  __entry->netns, __entry->id, __entry->proto, __entry->local,
		  __entry->local_port, __entry->global, __entry->global_port,
		  __entry->outside, __entry->outside_port, __entry->cause)
);

DEFINE_EVENT_PRINT(translation, translation_new,
	TP_PROTO(const struct net *net, const struct vpngw_xlate *x, const char *cause),
	TP_ARGS(net, x, cause),
	TP_printk("netns=%u id=%u proto=%u local=%pI4:%u global=%pI4:%u outside=%pI4:%u",
		  __entry->netns, __entry->id, __entry->proto, __entry->local,
		  __entry->local_port, __entry->global, __entry->global_port,
		  __entry->outside, __entry->outside_port)
);

DEFINE_EVENT(translation, translation_end,
	TP_PROTO(const struct net *net, const struct vpngw_xlate *x, const char *cause),
	TP_ARGS(net, x, cause)
);

#endif /* _VPNGW_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
