/* SPDX-License-Identifier: GPL-2.0 */
/* A security association (RFC 4301 section 4.4.2.1). */
#ifndef _VPNGW_SA_H
#define _VPNGW_SA_H

#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <net/dst_cache.h>

#include "algo.h"
#include "pkt.h"
#include "replay.h"
#include "selector.h"

struct crypto_aead;
struct vpngw_esp_request;
struct vpngw_net;
struct vpngw_slot;

/**
 * struct vpngw_limits - life time of an association; 0 means no limit
 * @soft_seconds: notify
 * @hard_seconds: delete
 * @soft_bytes: notify
 * @hard_bytes: delete
 * @soft_packets: notify
 * @hard_packets: delete
 */
struct vpngw_limits {
	u32	soft_seconds;
	u32	hard_seconds;
	u64	soft_bytes;
	u64	hard_bytes;
	u64	soft_packets;
	u64	hard_packets;
};

/**
 * struct vpngw_sa_params - everything that makes an association
 * @spi: security parameters index, host byte order
 * @family: of the outer addresses
 * @dir: enum vpngw_direction
 * @mode: enum vpngw_mode
 * @encr: enum vpngw_encr
 * @auth: enum vpngw_auth
 * @flags: enum vpngw_sa_flag
 * @saddr: outer source address
 * @daddr: outer destination address
 * @map: crypto map of the entry it serves
 * @map_seq: sequence number of that entry
 * @replay_window: in packets, 0 for off
 * @sel: traffic
 * @limits: life time
 * @seq: last sequence number that is taken for used
 * @encap_sport: UDP port of the source, network byte order; 0 if ESP is not in UDP
 * @encap_dport: UDP port of the destination
 * @enc_key: cipher key with salt; the caller wipes it
 * @enc_key_len: octets
 * @auth_key: authenticator key; the caller wipes it
 * @auth_key_len: octets
 */
struct vpngw_sa_params {
	u32			spi;
	u8			family;
	u8			dir;
	u8			mode;
	u8			encr;
	u8			auth;
	u32			flags;
	union nf_inet_addr	saddr;
	union nf_inet_addr	daddr;
	char			map[VPNGW_NAME_MAX + 1];
	u32			map_seq;
	u32			replay_window;
	struct vpngw_selector	sel;
	struct vpngw_limits	limits;
	u64			seq;
	__be16			encap_sport;
	__be16			encap_dport;
	const u8		*enc_key;
	u32			enc_key_len;
	const u8		*auth_key;
	u32			auth_key_len;
};

/**
 * struct vpngw_sa_stats - counters of an association on one CPU
 * @packets: inner packets carried
 * @bytes: octets of those
 * @auth_errors: integrity check failed
 * @replay_errors: repeated or too old
 * @errors: lost for any other reason
 * @syncp: makes 64 bit counters readable on 32 bit machines
 * @tick: jiffies when a packet last looked at the clock
 */
struct vpngw_sa_stats {
	u64_stats_t		packets;
	u64_stats_t		bytes;
	u64_stats_t		auth_errors;
	u64_stats_t		replay_errors;
	u64_stats_t		errors;
	struct u64_stats_sync	syncp;
	unsigned long		tick;
};

/* The same, summed over the CPUs. */
struct vpngw_sa_totals {
	u64	packets;
	u64	bytes;
	u64	auth_errors;
	u64	replay_errors;
	u64	errors;
};

enum vpngw_sa_counter {
	VPNGW_SA_AUTH_ERRORS,
	VPNGW_SA_REPLAY_ERRORS,
	VPNGW_SA_ERRORS,
};

/**
 * struct vpngw_sa - a security association
 * @hash: in the SAD, by SPI and destination; under RCU
 * @spi: security parameters index, network byte order
 * @family: of the outer addresses
 * @dir: enum vpngw_direction
 * @mode: enum vpngw_mode
 * @dead: no packet may use it any more; set once
 * @soft_sent: the soft limit was reported
 * @brought: the transaction being committed brings it. Under
 *	&struct vpngw_net.lock, false outside a commit
 * @flags: enum vpngw_sa_flag
 * @saddr: outer source address
 * @daddr: outer destination address
 * @algo: transform
 * @tfm: keyed transform; freed with the last reference
 * @key_bits: length of the cipher key
 * @iv_key: secret that makes IVs unpredictable, see esp.c
 * @fingerprint: of the keys, under a secret of this boot; says whether a reload
 *	brings the same keys, and nothing else
 * @sel: traffic
 * @limits: life time
 * @encap_sport: UDP port of the source; 0 if ESP is not in UDP. It, @encap_dport and
 *	the address of the peer change when the peer moves, see vpngw_sad_move()
 * @encap_dport: UDP port of the destination
 * @slot: the crypto map entry it serves; holds a reference until it is removed.
 *	Under &struct vpngw_net.lock
 * @lock: protects @replay
 * @replay: anti-replay window of an inbound association
 * @seq: last sequence number used by an outbound association
 * @seq_last: the last one that it may use
 * @requests: one for each CPU that had a packet, for its next one; see esp.c
 * @stats: counters
 * @dst_cache: route to the peer
 * @cleared: what was in @stats when the administrator cleared them last: they
 *	themselves go on, since limits are measured by them. Written under
 *	&struct vpngw_net.lock
 * @conn_id: connection identity, from 2000, never reused
 * @created: ktime_get_boottime_seconds() of insertion
 * @last_used: ktime_get_boottime_seconds() of the last packet
 * @checked: ktime_get_boottime_seconds() when its counters were last held against
 *	@limits. Under &struct vpngw_net.lock
 * @peer_told: jiffies when it was last told that the peer is somewhere else, 0 for
 *	never
 * @ident: where the identities of its outer packets come from
 * @pmtu: path MTU towards the peer as last seen
 * @list: in the SAD's list ascending by @conn_id, or in a transaction's; under
 *	&struct vpngw_net.lock
 * @vn: namespace, which waits for the association before it goes
 * @ref: the SAD and each crypto request hold one
 * @free_work: frees it in process context after a grace period
 */
struct vpngw_sa {
	struct hlist_node		hash;
	__be32				spi;
	u8				family;
	u8				dir;
	u8				mode;
	bool				dead;
	bool				soft_sent;
	bool				brought;
	u32				flags;
	union nf_inet_addr		saddr;
	union nf_inet_addr		daddr;
	const struct vpngw_algo		*algo;
	struct crypto_aead		*tfm;
	u32				key_bits;
	siphash_key_t			iv_key;
	u64				fingerprint;
	struct vpngw_selector		sel;
	struct vpngw_limits		limits;
	__be16				encap_sport;
	__be16				encap_dport;
	struct vpngw_slot		*slot;
	spinlock_t			lock;		/* see above */
	struct vpngw_replay		*replay;
	atomic64_t			seq;
	u64				seq_last;
	struct vpngw_esp_request * __percpu *requests;
	struct vpngw_sa_stats __percpu	*stats;
	struct dst_cache		dst_cache;
	struct vpngw_sa_totals		cleared;
	u32				conn_id;
	time64_t			created;
	time64_t			last_used;
	time64_t			checked;
	unsigned long			peer_told;
	atomic_t			*ident;
	u32				pmtu;
	struct list_head		list;
	struct vpngw_net		*vn;
	refcount_t			ref;
	struct rcu_work			free_work;
};

/* life cycle; process context, vn->lock held where vn is passed */
struct vpngw_sa *vpngw_sa_create(struct vpngw_net *vn, const struct vpngw_sa_params *p,
				 struct netlink_ext_ack *extack);
void vpngw_sa_discard(struct vpngw_net *vn, struct vpngw_sa *sa);
void vpngw_sa_continue(struct vpngw_sa *sa, struct vpngw_sa *old);
bool vpngw_sa_same(const struct vpngw_sa *a, const struct vpngw_sa *b);

/* references; an object found under RCU is taken with vpngw_sa_hold */
bool vpngw_sa_hold(struct vpngw_sa *sa);
void vpngw_sa_put(struct vpngw_sa *sa);

/* packet path */
void vpngw_sa_count_packet(struct vpngw_sa *sa, unsigned int bytes);
void vpngw_sa_count_error(struct vpngw_sa *sa, enum vpngw_sa_counter which);

void vpngw_sa_totals(const struct vpngw_sa *sa, struct vpngw_sa_totals *t);

#endif /* _VPNGW_SA_H */
