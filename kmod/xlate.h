/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Translations: one object a flow, found by the tuple of either direction.
 *
 * Two nodes are inserted or none; inserting the reverse tuple if it is absent
 * *is* the allocation of a global address and port. Lookups are under RCU and
 * take no reference: an object lives at least until the end of the grace
 * period after it was unlinked.
 */
#ifndef _VPNGW_XLATE_H
#define _VPNGW_XLATE_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rcupdate.h>

#include "natrule.h"
#include "pkt.h"

struct vpngw_binding;
struct vpngw_host;
struct vpngw_net;

/* direction in which a packet travels through a translation */
enum vpngw_xlate_dir {
	VPNGW_XLATE_OUT,	/* inside to outside: source is rewritten */
	VPNGW_XLATE_IN,		/* outside to inside: destination is rewritten */
	VPNGW_XLATE_DIRS
};

/**
 * struct vpngw_xlate_node - one direction of a translation in the hash table
 * @node: in a bucket
 * @tuple: packet as it arrives in this direction
 * @dir: which direction; tells where in &struct vpngw_xlate the node lies
 * @hash: of @tuple and @dir, between looking for a clash and linking
 */
struct vpngw_xlate_node {
	struct hlist_node	node;
	struct vpngw_tuple	tuple;
	u8			dir;
	u32			hash;
};

/**
 * struct vpngw_xlate - one translation
 * @n: tuples of both directions. n[OUT].tuple is inside local to outside,
 *	n[IN].tuple is outside to inside global
 * @expires: jiffies at which it times out; written when it moves by over HZ
 * @used: jiffies of the last packet, at a grain of HZ
 * @created: jiffies
 * @timeout: jiffies that a packet prolongs it by in its present state
 * @generation: configuration under which it was last judged
 * @out_ifindex: device by which outbound packets leave
 * @flags: enum vpngw_xlate_flag
 * @tcp_state: progress of the TCP connection, private to xlate.c
 * @fixed: made by a static rule
 * @tos: type of service of the packet for which it was made
 * @tcp_flags: TCP flags of that packet
 * @icmp_type: ICMP type of that packet
 * @icmp_code: ICMP code of that packet
 * @dead: unlinked or about to be; set once, under the table's lock
 * @id: identity
 * @rule: index of the rule that made it
 * @binding: the inside host's hold on a global address
 * @host: the inside host, which counts it; under the table's lock
 * @all: in the table's list of all translations, ascending by @id
 * @cause: why it ended, with @dead
 * @next_gone: next of those that ended under the same hold of the table's lock
 * @rcu: defers freeing
 */
struct vpngw_xlate {
	struct vpngw_xlate_node	n[VPNGW_XLATE_DIRS];
	unsigned long		expires;
	unsigned long		used;
	unsigned long		created;
	unsigned long		timeout;
	u32			generation;
	int			out_ifindex;
	u32			flags;
	u8			tcp_state;
	bool			fixed;
	u8			tos;
	u8			tcp_flags;
	u8			icmp_type;
	u8			icmp_code;
	bool			dead;
	u32			id;
	u32			rule;
	struct vpngw_binding	*binding;
	struct vpngw_host	*host;
	struct list_head	all;
	const char		*cause;
	struct vpngw_xlate	*next_gone;
	struct rcu_head		rcu;
};

/**
 * struct vpngw_xlate_filter - which translations a deletion or dump means
 * @proto: IP protocol, -1 for any
 * @has_il: @il must match
 * @has_ig: @ig must match
 * @has_og: @og must match
 * @has_il_port: @il_port must match
 * @has_ig_port: @ig_port must match
 * @has_og_port: @og_port must match
 * @il_port: inside local port
 * @ig_port: inside global port
 * @og_port: outside global port
 * @il: inside local address
 * @ig: inside global address
 * @og: outside global address
 */
struct vpngw_xlate_filter {
	int			proto;
	bool			has_il;
	bool			has_ig;
	bool			has_og;
	bool			has_il_port;
	bool			has_ig_port;
	bool			has_og_port;
	__be16			il_port;
	__be16			ig_port;
	__be16			og_port;
	union nf_inet_addr	il;
	union nf_inet_addr	ig;
	union nf_inet_addr	og;
};

/**
 * struct vpngw_xlate_stats - figures of show ip nat statistics
 * @n_static: static rules
 * @n_dynamic: dynamic translations
 * @n_extended: dynamic translations that are extended
 * @hits: packets that found a translation
 * @misses: packets for which one had to be made
 * @expired: translations ended by their timer
 * @exempt: packets that no rule wanted to translate
 */
struct vpngw_xlate_stats {
	u32	n_static;
	u32	n_dynamic;
	u32	n_extended;
	u64	hits;
	u64	misses;
	u64	expired;
	u64	exempt;
};

/**
 * struct vpngw_xlate_preview - what a translation would be that is not made yet
 * @addr: inside global address; any of the pool's unless @sure
 * @port: inside global port of a static rule, else 0
 * @sure: @addr is the one that the host would get
 * @free: addresses of the pool that nobody has
 * @exhausted: there is none for this host
 */
struct vpngw_xlate_preview {
	union nf_inet_addr	addr;
	__be16			port;
	bool			sure;
	u32			free;
	bool			exhausted;
};

/* Is its time up? */
static inline bool vpngw_xlate_expired(const struct vpngw_xlate *x)
{
	return time_after_eq(jiffies, READ_ONCE(x->expires));
}

int vpngw_xlate_module_init(void);
void vpngw_xlate_module_exit(void);
int vpngw_xlate_init(struct vpngw_net *vn);
void vpngw_xlate_exit(struct vpngw_net *vn);

/* packet path, under RCU */
struct vpngw_xlate *vpngw_xlate_find(const struct vpngw_net *vn,
				     const struct vpngw_tuple *t,
				     enum vpngw_xlate_dir dir);
bool vpngw_xlate_justified(const struct vpngw_net *vn, const struct vpngw_config *config,
			   const struct vpngw_xlate *x, const struct vpngw_fields *f,
			   enum vpngw_xlate_dir dir);
void vpngw_xlate_preview(struct vpngw_net *vn, const struct vpngw_rule_verdict *v,
			 const struct vpngw_tuple *t, struct vpngw_xlate_preview *p);
bool vpngw_xlate_revalidate(struct vpngw_net *vn, const struct vpngw_config *config,
			    struct vpngw_xlate *x, const struct vpngw_fields *f,
			    enum vpngw_xlate_dir dir);
bool vpngw_xlate_wanted(const struct vpngw_config *config, const struct vpngw_xlate *x,
			const struct vpngw_fields *f);
struct vpngw_xlate *vpngw_xlate_create(struct vpngw_pkt *pkt,
				       const struct vpngw_rule_verdict *v,
				       enum vpngw_xlate_dir dir,
				       enum vpngw_reason *reason);
void vpngw_xlate_touch(struct vpngw_pkt *pkt, struct vpngw_xlate *x,
		       enum vpngw_xlate_dir dir);
void vpngw_xlate_count_exempt(const struct vpngw_net *vn);

/* process context */
bool vpngw_xlate_filter_match(const struct vpngw_xlate_filter *filter,
			      const struct vpngw_xlate *x);
u32 vpngw_xlate_flush(struct vpngw_net *vn, const struct vpngw_xlate_filter *filter,
		      const char *cause);
void vpngw_xlate_addresses_changed(struct vpngw_net *vn);
void vpngw_xlate_switch_config(struct vpngw_net *vn, struct vpngw_config *config);
void vpngw_xlate_stats(const struct vpngw_net *vn, struct vpngw_xlate_stats *stats);
void vpngw_xlate_stats_clear(struct vpngw_net *vn);
int vpngw_xlate_walk(struct vpngw_net *vn, u32 after_id,
		     int (*fn)(const struct vpngw_xlate *x, void *arg), void *arg);
const char *vpngw_xlate_pool_name(const struct vpngw_xlate *x);

#endif /* _VPNGW_XLATE_H */
