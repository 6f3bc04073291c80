/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Crypto maps: which packets of an interface must be protected, and by which
 * security association. A crypto map entry is rebuilt with every
 * configuration; its slot, which holds the associations, outlives reloads.
 */
#ifndef _VPNGW_SPD_H
#define _VPNGW_SPD_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>

#include "acl.h"
#include "pkt.h"
#include "selector.h"

#define VPNGW_PEER_MAX		8
#define VPNGW_CLIENT_POOLS_MAX	8

struct vpngw_clients;
struct vpngw_sa;

/**
 * struct vpngw_prefix - key of a client's selector
 * @addr: address, already under the mask
 * @len: bits of the mask
 */
struct vpngw_prefix {
	__be32	addr;
	u32	len;
};

/**
 * struct vpngw_slot - where the associations of a crypto map entry are found
 * @ref: one for each entry, each association and each client that refers to it
 * @node: in &struct vpngw_net.slots, under &struct vpngw_net.lock; a client's
 *	slot is not there
 * @map: name of the crypto map
 * @seq: sequence number of the entry
 * @out_sa: current outbound association; NULL means drop. Written under
 *	&struct vpngw_net.lock, read under RCU. Rekeying replaces the pointer
 * @wanted: an entry of the configuration being committed refers to it. Under
 *	&struct vpngw_net.lock, of no meaning outside a commit
 * @negotiated: keys of that entry are negotiated; as @wanted
 * @no_sa: packets dropped for want of an association
 * @last_acquire: jiffies of the last acquire notification, which is limited
 *	to one a second
 * @clients: slots of what was negotiated at this entry. Made before the first
 *	configuration in which its keys are negotiated is published, then never
 *	changed
 * @entry: slot of the entry, if this is one of its clients'; else NULL
 * @sel: traffic of the client
 * @remote: the client's side of @sel
 * @client_node: in @entry's clients, by @remote
 * @rcu: defers freeing
 */
struct vpngw_slot {
	struct kref		ref;
	struct hlist_node	node;
	char			map[VPNGW_NAME_MAX + 1];
	u32			seq;
	struct vpngw_sa __rcu	*out_sa;
	bool			wanted;
	bool			negotiated;
	atomic64_t		no_sa;
	unsigned long		last_acquire;
	struct vpngw_clients	*clients;
	struct vpngw_slot	*entry;
	struct vpngw_selector	sel;
	struct vpngw_prefix	remote;
	struct rhlist_head	client_node;
	struct rcu_head		rcu;
};

/**
 * struct vpngw_client_pool - addresses that are lent to clients
 * @start: first one, host byte order
 * @end: last one
 */
struct vpngw_client_pool {
	u32	start;
	u32	end;
};

/**
 * struct vpngw_policy - one crypto map entry; immutable once committed
 * @node: in &struct vpngw_crypto_map.policies, ascending by @seq
 * @seq: sequence number
 * @line: line of the configuration
 * @type: enum vpngw_policy_type
 * @n_pool: entries of @pool
 * @acl_name: name of @acl
 * @acl: says what must be protected; NULL if the entry is dynamic and has none
 * @n_peer: entries of @peer
 * @peer: addresses of the peers
 * @pool: addresses of clients: theirs is protected or dropped
 * @slot: the associations; the entry holds a reference
 */
struct vpngw_policy {
	struct list_head	node;
	u32			seq;
	u32			line;
	u8			type;
	u8			n_peer;
	u8			n_pool;
	char			acl_name[VPNGW_NAME_MAX + 1];
	const struct vpngw_acl	*acl;
	union nf_inet_addr	peer[VPNGW_PEER_MAX];
	struct vpngw_client_pool pool[VPNGW_CLIENT_POOLS_MAX];
	struct vpngw_slot	*slot;
};

struct vpngw_spd_index;

/**
 * struct vpngw_crypto_map - a crypto map; immutable once committed
 * @node: in &struct vpngw_config.maps, which owns it
 * @name: name
 * @policies: entries, which it owns, ascending by sequence number
 * @index: where to begin among many entries, made at commit; or NULL
 */
struct vpngw_crypto_map {
	struct list_head	node;
	char			name[VPNGW_NAME_MAX + 1];
	struct list_head	policies;
	struct vpngw_spd_index	*index;
};

enum vpngw_spd_action {
	VPNGW_SPD_BYPASS,	/* no entry matches */
	VPNGW_SPD_PROTECT,	/* an entry matches; sa may be NULL */
};

/**
 * struct vpngw_spd_verdict - what the crypto map says of a packet
 * @action: protect or leave alone
 * @policy: deciding entry, NULL if none matched
 * @ace: entry of its access list that permitted, if it has one
 * @slot: where its association is found; NULL if there is none
 * @sa: outbound association to use, NULL if there is none. Under RCU
 */
struct vpngw_spd_verdict {
	enum vpngw_spd_action		action;
	const struct vpngw_policy	*policy;
	const struct vpngw_ace		*ace;
	struct vpngw_slot		*slot;
	struct vpngw_sa			*sa;
};

int vpngw_spd_compile(struct vpngw_crypto_map *map);
void vpngw_spd_index_free(struct vpngw_spd_index *index);
void vpngw_spd_judge_out(const struct vpngw_crypto_map *map, const struct vpngw_fields *f,
			 struct vpngw_spd_verdict *v);
void vpngw_spd_judge_in(const struct vpngw_crypto_map *map, const struct vpngw_fields *f,
			struct vpngw_spd_verdict *v);
bool vpngw_spd_is_peer(const struct vpngw_spd_verdict *v, const union nf_inet_addr *addr);
void vpngw_spd_count(const struct vpngw_spd_verdict *v);
struct vpngw_sa *vpngw_slot_sa(const struct vpngw_slot *slot, const struct vpngw_fields *f);

struct vpngw_slot *vpngw_slot_get(struct vpngw_net *vn, const char *map, u32 seq);
bool vpngw_slot_wanted(const struct vpngw_slot *slot);
void vpngw_slot_put(struct vpngw_net *vn, struct vpngw_slot *slot);

#endif /* _VPNGW_SPD_H */
