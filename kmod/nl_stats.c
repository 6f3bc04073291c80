// SPDX-License-Identifier: GPL-2.0
/* Netlink: drop counters. */

#include "netlink.h"
#include "stats.h"
#include "vpngw.h"

static size_t drop_size(unsigned int reason)
{
	return nla_total_size(nla_total_size(sizeof(u32)) +
			      nla_total_size(strlen(vpngw_reason_name(reason)) + 1) +
			      nla_total_size(strlen(vpngw_reason_text(reason)) + 1) +
			      nla_total_size_64bit(sizeof(u64)));
}

/**
 * vpngw_nl_drops_size() - room that all reasons together need in a message
 *
 * Return: octets
 */
size_t vpngw_nl_drops_size(void)
{
	unsigned int reason;
	size_t size = 0;

	for (reason = VPNGW_OK + 1; reason < VPNGW_REASON_COUNT; reason++)
		size += drop_size(reason);
	return size;
}

/**
 * vpngw_nl_put_drop() - write the counter of one reason
 * @skb: message
 * @reason: enum vpngw_reason
 * @packets: packets dropped for it
 *
 * Return: 0, or -EMSGSIZE; the caller cancels the message
 */
int vpngw_nl_put_drop(struct sk_buff *skb, unsigned int reason, u64 packets)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, VPNGW_A_DROP);
	if (!nest ||
	    nla_put_u32(skb, VPNGW_A_DROP_REASON, reason) ||
	    nla_put_string(skb, VPNGW_A_DROP_NAME, vpngw_reason_name(reason)) ||
	    nla_put_string(skb, VPNGW_A_DROP_TEXT, vpngw_reason_text(reason)) ||
	    nla_put_u64_64bit(skb, VPNGW_A_DROP_PACKETS, packets, VPNGW_A_DROP_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int vpngw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	u64 sum[VPNGW_REASON_COUNT];
	struct sk_buff *reply;
	unsigned int reason;
	void *hdr;
	int err;

	mutex_lock(&vn->lock);
	err = vpngw_nl_check_generation(vn, info);
	mutex_unlock(&vn->lock);
	if (err)
		return err;

	reply = vpngw_nl_reply_new(info, vpngw_nl_drops_size(), &hdr);
	if (!reply)
		return -ENOMEM;

	vpngw_stats_sum(vn, sum);
	for (reason = VPNGW_OK + 1; reason < VPNGW_REASON_COUNT; reason++) {
		err = vpngw_nl_put_drop(reply, reason, sum[reason]);
		if (err) {
			nlmsg_free(reply);
			return err;
		}
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

int vpngw_nl_stats_clear_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));

	mutex_lock(&vn->lock);
	vpngw_stats_clear(vn);
	mutex_unlock(&vn->lock);
	return 0;
}
