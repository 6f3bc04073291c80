// SPDX-License-Identifier: GPL-2.0
/* Drop reasons and their counters. */

#include <linux/ip.h>
#include <linux/skbuff.h>

#include "nl_event.h"
#include "pkt.h"
#include "stats.h"
#include "trace.h"
#include "vpngw.h"

static const char * const reason_name[VPNGW_REASON_COUNT] = {
	[VPNGW_OK] = "none",
#define VPNGW_REASON_NAME(_name, _str, _text)	\
	[VPNGW_REASON_##_name] = (_str),
	VPNGW_REASONS(VPNGW_REASON_NAME)
#undef VPNGW_REASON_NAME
};

static const char * const reason_text[VPNGW_REASON_COUNT] = {
	[VPNGW_OK] = "",
#define VPNGW_REASON_TEXT(_name, _str, _text)	\
	[VPNGW_REASON_##_name] = (_text),
	VPNGW_REASONS(VPNGW_REASON_TEXT)
#undef VPNGW_REASON_TEXT
};

/**
 * vpngw_reason_name() - name of a drop reason, as users see it
 * @reason: below VPNGW_REASON_COUNT
 *
 * Return: a constant string
 */
const char *vpngw_reason_name(enum vpngw_reason reason)
{
	return reason_name[reason];
}

/**
 * vpngw_reason_text() - what a drop reason means, in a sentence
 * @reason: below VPNGW_REASON_COUNT
 *
 * Return: a constant string
 */
const char *vpngw_reason_text(enum vpngw_reason reason)
{
	return reason_text[reason];
}

/**
 * vpngw_stats_alloc() - make the drop counters of a namespace
 *
 * Context: process.
 * Return: zeroed counters, to be freed with free_percpu(), or NULL
 */
struct vpngw_stats __percpu *vpngw_stats_alloc(void)
{
	return netdev_alloc_pcpu_stats(struct vpngw_stats);
}

/**
 * vpngw_stats_sum() - read the drop counters of a namespace
 * @vn: the namespace
 * @sum: one total for each reason
 *
 * Context: any.
 */
void vpngw_stats_sum(const struct vpngw_net *vn, u64 sum[VPNGW_REASON_COUNT])
{
	const struct vpngw_stats *stats;
	unsigned int start, i;
	int cpu;

	memset(sum, 0, sizeof(*sum) * VPNGW_REASON_COUNT);
	for_each_possible_cpu(cpu) {
		u64 one[VPNGW_REASON_COUNT];

		stats = per_cpu_ptr(vn->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			for (i = 0; i < VPNGW_REASON_COUNT; i++)
				one[i] = u64_stats_read(&stats->drops[i]);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		for (i = 0; i < VPNGW_REASON_COUNT; i++)
			sum[i] += one[i];
	}
}

/**
 * vpngw_stats_clear() - set the drop counters of a namespace to zero
 * @vn: the namespace
 *
 * A packet dropped at the same moment on another CPU may be counted before or
 * after.
 *
 * Context: process.
 */
void vpngw_stats_clear(struct vpngw_net *vn)
{
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu)
		for (i = 0; i < VPNGW_REASON_COUNT; i++)
			u64_stats_set(&per_cpu_ptr(vn->stats, cpu)->drops[i], 0);
}

/**
 * vpngw_count_drop() - count a dropped packet
 * @vn: the namespace
 * @reason: why
 *
 * Context: softirqs off.
 */
void vpngw_count_drop(const struct vpngw_net *vn, enum vpngw_reason reason)
{
	struct vpngw_stats *stats = this_cpu_ptr(vn->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->drops[reason]);
	u64_stats_update_end(&stats->syncp);
}

/**
 * vpngw_drop() - count and trace a packet that its hook drops
 * @pkt: the packet
 * @reason: why
 *
 * Context: softirqs off.
 * Return: NF_DROP; the caller returns it and netfilter frees the packet
 */
unsigned int vpngw_drop(struct vpngw_pkt *pkt, enum vpngw_reason reason)
{
	/* ESP is not parsed on its way in */
	if (!pkt->thoff && pkt->skb)
		vpngw_pkt_parse(pkt);
	vpngw_count_drop(pkt->vn, reason);
	trace_drop(pkt, reason);
	vpngw_event_drops(pkt->vn);
	return NF_DROP;
}

/**
 * vpngw_drop_skb() - count, trace and free a packet that was stolen
 * @vn: its namespace
 * @skb: the packet, or NULL if it is gone already
 * @reason: why
 *
 * Context: softirqs off.
 */
void vpngw_drop_skb(struct vpngw_net *vn, struct sk_buff *skb, enum vpngw_reason reason)
{
	struct vpngw_pkt pkt = {
		.skb	= skb,
		.vn	= vn,
	};

	if (skb && skb->dev)
		pkt.in = skb->dev;
	if (skb && skb_network_header_len(skb) >= sizeof(struct iphdr))
		vpngw_pkt_parse(&pkt);
	vpngw_drop(&pkt, reason);
	kfree_skb(skb);
}
