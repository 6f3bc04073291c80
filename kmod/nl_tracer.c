// SPDX-License-Identifier: GPL-2.0
/* Netlink: what would become of a packet. */

#include <linux/icmp.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "config.h"
#include "netlink.h"
#include "sa.h"
#include "tracer.h"
#include "vpngw.h"

/* the longest header that a traced packet has behind that of IP */
#define L4_MAX		sizeof(struct tcphdr)

#define TRACE_INPUT	(BIT_ULL(VPNGW_A_TRACE_IFINDEX) | BIT_ULL(VPNGW_A_TRACE_PROTO) |	\
			 BIT_ULL(VPNGW_A_TRACE_SRC) | BIT_ULL(VPNGW_A_TRACE_DST) |		\
			 BIT_ULL(VPNGW_A_TRACE_SPORT) | BIT_ULL(VPNGW_A_TRACE_DPORT) |		\
			 BIT_ULL(VPNGW_A_TRACE_ICMP_TYPE) | BIT_ULL(VPNGW_A_TRACE_ICMP_CODE) |	\
			 BIT_ULL(VPNGW_A_TRACE_TCP_FLAGS) | BIT_ULL(VPNGW_A_TRACE_TOS) |	\
			 BIT_ULL(VPNGW_A_TRACE_LENGTH) | BIT_ULL(VPNGW_A_TRACE_DF))

static __be16 get_port(const struct nlattr *attr)
{
	return htons(attr ? nla_get_u16(attr) : 0);
}

static void put_l4(struct sk_buff *skb, u8 proto, struct nlattr *const *tb)
{
	struct tcphdr *th = skb_put_zero(skb, L4_MAX);
	struct icmphdr *icmph = (struct icmphdr *)th;

	if (proto == IPPROTO_ICMP) {
		icmph->type = vpngw_nl_get_u8(tb[VPNGW_A_TRACE_ICMP_TYPE], ICMP_ECHO);
		icmph->code = vpngw_nl_get_u8(tb[VPNGW_A_TRACE_ICMP_CODE], 0);
		icmph->un.echo.id = get_port(tb[VPNGW_A_TRACE_SPORT]);
		return;
	}
	/* the ports of all other protocols that have some are there, too */
	th->source = get_port(tb[VPNGW_A_TRACE_SPORT]);
	th->dest = get_port(tb[VPNGW_A_TRACE_DPORT]);
	if (proto == IPPROTO_TCP)
		((u8 *)th)[13] = vpngw_nl_get_u8(tb[VPNGW_A_TRACE_TCP_FLAGS], 2);
}

/* The packet that is asked about. */
static struct sk_buff *make_packet(struct nlattr *const *tb, const union nf_inet_addr *src,
				   const union nf_inet_addr *dst)
{
	u32 len = vpngw_nl_get_u32(tb[VPNGW_A_TRACE_LENGTH], 0);
	struct sk_buff *skb;
	struct iphdr *iph;

	len = max_t(u32, len, sizeof(*iph) + L4_MAX);
	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->tos = vpngw_nl_get_u8(tb[VPNGW_A_TRACE_TOS], 0);
	iph->tot_len = htons(len);
	iph->frag_off = tb[VPNGW_A_TRACE_DF] ? htons(IP_DF) : 0;
	iph->ttl = 64;
	iph->protocol = nla_get_u8(tb[VPNGW_A_TRACE_PROTO]);
	iph->saddr = src->ip;
	iph->daddr = dst->ip;
	ip_send_check(iph);
	skb_set_transport_header(skb, sizeof(*iph));
	put_l4(skb, iph->protocol, tb);
	skb_put_zero(skb, len - skb->len);
	skb->protocol = htons(ETH_P_IP);
	return skb;
}

static int put_acl(struct sk_buff *skb, const char *acl, const struct vpngw_ace *ace)
{
	if (nla_put_string(skb, VPNGW_A_TRACE_ACL, acl) ||
	    (ace && (nla_put_u32(skb, VPNGW_A_TRACE_ACE_SEQ, ace->seq) ||
		     nla_put_u32(skb, VPNGW_A_TRACE_ACE_LINE, ace->line))))
		return -EMSGSIZE;
	return 0;
}

static int put_rules(struct sk_buff *skb, const struct vpngw_rule_verdict *v)
{
	const struct vpngw_rule *rule = v->rule ?: v->tried;

	if (!rule)
		return 0;
	if (nla_put_u32(skb, VPNGW_A_TRACE_RULE, rule->index) ||
	    nla_put_u32(skb, VPNGW_A_TRACE_RULE_LINE, rule->line))
		return -EMSGSIZE;
	if (rule->acl)
		return put_acl(skb, rule->acl_name, v->acl.ace);
	if (v->rm.entry && (nla_put_u32(skb, VPNGW_A_TRACE_RM_SEQ, v->rm.entry->seq) ||
			    nla_put_u32(skb, VPNGW_A_TRACE_RM_LINE, v->rm.entry->line)))
		return -EMSGSIZE;
	return v->rm.acl ? put_acl(skb, v->rm.acl->name, v->rm.ace) : 0;
}

static int put_nat(struct sk_buff *skb, const struct vpngw_tracer *t)
{
	const struct vpngw_rule *rule = t->rules.rule;
	union nf_inet_addr global = { .ip = t->global };

	if (nla_put_u8(skb, VPNGW_A_TRACE_NAT, t->nat) || put_rules(skb, &t->rules) ||
	    (t->xlate && nla_put_u32(skb, VPNGW_A_TRACE_XLATE, t->xlate)) ||
	    (t->global && vpngw_nl_put_addr(skb, VPNGW_A_TRACE_GLOBAL, &global)) ||
	    (t->global_port &&
	     nla_put_u16(skb, VPNGW_A_TRACE_GLOBAL_PORT, ntohs(t->global_port))))
		return -EMSGSIZE;
	if (!rule || !rule->pool)
		return 0;
	if (nla_put_string(skb, VPNGW_A_TRACE_POOL, rule->pool_name) ||
	    nla_put_u32(skb, VPNGW_A_TRACE_POOL_FREE, t->preview.free))
		return -EMSGSIZE;
	return 0;
}

static int put_crypto(struct sk_buff *skb, const struct vpngw_tracer *t)
{
	const struct vpngw_policy *policy = t->spd.policy;
	const struct vpngw_sa *sa = t->spd.sa;

	if (nla_put_u8(skb, VPNGW_A_TRACE_CRYPTO, t->crypto))
		return -EMSGSIZE;
	if (policy && (nla_put_string(skb, VPNGW_A_TRACE_MAP, policy->slot->map) ||
		       nla_put_u32(skb, VPNGW_A_TRACE_MAP_SEQ, policy->seq) ||
		       nla_put_u32(skb, VPNGW_A_TRACE_MAP_LINE, policy->line)))
		return -EMSGSIZE;
	if (t->spd.ace && (nla_put_u32(skb, VPNGW_A_TRACE_MAP_ACE_SEQ, t->spd.ace->seq) ||
			   nla_put_u32(skb, VPNGW_A_TRACE_MAP_ACE_LINE, t->spd.ace->line)))
		return -EMSGSIZE;
	if (sa && (nla_put_u32(skb, VPNGW_A_TRACE_SPI, be32_to_cpu(sa->spi)) ||
		   nla_put_u32(skb, VPNGW_A_TRACE_CONN_ID, sa->conn_id) ||
		   vpngw_nl_put_addr(skb, VPNGW_A_TRACE_PEER, &sa->daddr) ||
		   nla_put_u32(skb, VPNGW_A_TRACE_MTU, t->mtu)))
		return -EMSGSIZE;
	return 0;
}

static int put_tracer(struct sk_buff *skb, const struct vpngw_tracer *t)
{
	union nf_inet_addr local = { .ip = t->local }, gateway = { .ip = t->gateway };
	struct nlattr *nest = nla_nest_start(skb, VPNGW_A_TRACE);

	if (!nest || nla_put_u8(skb, VPNGW_A_TRACE_ROUTE, t->route) ||
	    (t->local && vpngw_nl_put_addr(skb, VPNGW_A_TRACE_LOCAL, &local)) ||
	    (t->out_ifindex && nla_put_u32(skb, VPNGW_A_TRACE_OUT_IFINDEX, t->out_ifindex)) ||
	    (t->gateway && vpngw_nl_put_addr(skb, VPNGW_A_TRACE_GATEWAY, &gateway)) ||
	    put_nat(skb, t) || put_crypto(skb, t) ||
	    (t->reason &&
	     (nla_put_string(skb, VPNGW_A_TRACE_REASON, vpngw_reason_name(t->reason)) ||
	      nla_put_string(skb, VPNGW_A_TRACE_REASON_TEXT, vpngw_reason_text(t->reason)))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Owns the packet. */
static int trace(struct genl_info *info, struct sk_buff *packet, u32 ifindex)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_pkt pkt = { .skb = packet, .vn = vn };
	struct sk_buff *reply;
	struct vpngw_tracer t;
	void *hdr;
	int err;

	reply = vpngw_nl_reply_new(info, NLMSG_GOODSIZE, &hdr);
	if (!reply) {
		kfree_skb(packet);
		return -ENOMEM;
	}

	rcu_read_lock();
	local_bh_disable();
	pkt.config = rcu_dereference(vn->config);
	pkt.in = dev_get_by_index_rcu(vn->net, ifindex);
	err = pkt.config && pkt.in ? 0 : -ENODEV;
	if (!err) {
		packet->dev = (struct net_device *)pkt.in;
		packet->skb_iif = ifindex;
		vpngw_tracer_run(&pkt, &t);
		err = put_tracer(reply, &t);
	}
	/* its route is that of a device under RCU */
	skb_dst_drop(packet);
	local_bh_enable();
	rcu_read_unlock();

	kfree_skb(packet);
	if (err) {
		if (err == -ENODEV)
			NL_SET_ERR_MSG(info->extack,
				       "no configuration is in force, or no such device");
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

static int check_input(struct nlattr *const *tb, const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *other = vpngw_nl_other(tb, VPNGW_A_TRACE_MAX, TRACE_INPUT);
	struct vpngw_fields f = {};

	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other, "what becomes of a packet cannot be set");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, nest, tb, VPNGW_A_TRACE_IFINDEX,
			     "a packet needs the device that it comes in by") ||
	    vpngw_nl_missing(extack, nest, tb, VPNGW_A_TRACE_PROTO, "a packet needs a protocol") ||
	    vpngw_nl_missing(extack, nest, tb, VPNGW_A_TRACE_SRC, "a packet needs a source") ||
	    vpngw_nl_missing(extack, nest, tb, VPNGW_A_TRACE_DST, "a packet needs a destination"))
		return -EINVAL;
	if (vpngw_nl_get_u32(tb[VPNGW_A_TRACE_LENGTH], 0) > IP_MAX_MTU) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_TRACE_LENGTH],
				    "a packet has at most 65,535 octets");
		return -ERANGE;
	}

	f.t.proto = nla_get_u8(tb[VPNGW_A_TRACE_PROTO]);
	f.icmp_type = vpngw_nl_get_u8(tb[VPNGW_A_TRACE_ICMP_TYPE], ICMP_ECHO);
	if (!vpngw_fields_icmp_error(&f))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, tb[VPNGW_A_TRACE_ICMP_TYPE],
			    "an ICMP error is judged by the packet that it quotes; trace that one");
	return -EOPNOTSUPP;
}

int vpngw_nl_trace_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[VPNGW_A_TRACE];
	struct nlattr *tb[VPNGW_A_TRACE_MAX + 1];
	union nf_inet_addr src, dst;
	struct sk_buff *packet;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, VPNGW_A_TRACE)) {
		NL_SET_ERR_MSG(info->extack, "a packet is needed");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VPNGW_A_TRACE_MAX, nest, vpngw_trace_nl_policy, info->extack);
	if (!err)
		err = check_input(tb, nest, info->extack);
	if (!err)
		err = vpngw_nl_get_addr(tb[VPNGW_A_TRACE_SRC], &src, info->extack);
	if (!err)
		err = vpngw_nl_get_addr(tb[VPNGW_A_TRACE_DST], &dst, info->extack);
	if (err)
		return err;

	packet = make_packet(tb, &src, &dst);
	if (!packet)
		return -ENOMEM;
	return trace(info, packet, nla_get_u32(tb[VPNGW_A_TRACE_IFINDEX]));
}
