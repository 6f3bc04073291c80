/* SPDX-License-Identifier: GPL-2.0 */
/* Security associations in netlink messages, and which of them a request means. */
#ifndef _VPNGW_NL_SA_H
#define _VPNGW_NL_SA_H

#include "sa.h"

struct nlmsghdr;
struct sk_buff;

/**
 * struct vpngw_sa_filter - which associations a deletion or dump means
 * @has_spi: @spi must be the association's
 * @has_saddr: @saddr must be its source
 * @has_daddr: @daddr must be its destination
 * @has_peer: @peer must be its peer's address
 * @has_map: @map must be its crypto map
 * @has_map_seq: @map_seq must be its crypto map entry
 * @family: of the addresses
 * @spi: security parameters index
 * @saddr: outer source address
 * @daddr: outer destination address
 * @peer: outer address of the peer, whatever the direction
 * @map: name of a crypto map
 * @map_seq: sequence number of a crypto map entry
 *
 * Without any condition it means every association.
 */
struct vpngw_sa_filter {
	bool			has_spi;
	bool			has_saddr;
	bool			has_daddr;
	bool			has_peer;
	bool			has_map;
	bool			has_map_seq;
	u8			family;
	__be32			spi;
	union nf_inet_addr	saddr;
	union nf_inet_addr	daddr;
	union nf_inet_addr	peer;
	char			map[VPNGW_NAME_MAX + 1];
	u32			map_seq;
};

/**
 * struct vpngw_sa_del - a deletion that waits for the commit
 * @node: in &struct vpngw_txn.del_sas, which owns it
 * @filter: what to delete
 */
struct vpngw_sa_del {
	struct list_head	node;
	struct vpngw_sa_filter	filter;
};

bool vpngw_sa_filter_match(const struct vpngw_sa_filter *filter, const struct vpngw_sa *sa);
bool vpngw_sa_filter_delete(struct vpngw_net *vn, const struct vpngw_sa_filter *filter);

size_t vpngw_nl_sa_size(void);
void vpngw_nl_wipe_keys(const struct nlmsghdr *nlh);
int vpngw_nl_put_sa(struct sk_buff *skb, const struct vpngw_sa *sa);

#endif /* _VPNGW_NL_SA_H */
