// SPDX-License-Identifier: GPL-2.0
/*
 * Security associations: what one is made of, who holds it, what it counts. Where
 * they are found is in sad.c.
 */

#include <crypto/aead.h>
#include <linux/bits.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/wait_bit.h>

#include "encap.h"
#include "esp.h"
#include "sa.h"
#include "spd.h"
#include "vpngw.h"

/* beyond every limit, and far from wrapping however long packets keep coming */
#define SEQ_NONE	BIT_ULL(62)

static void sa_free(struct work_struct *work)
{
	struct vpngw_sa *sa = container_of(to_rcu_work(work), struct vpngw_sa, free_work);

	vpngw_esp_exit(sa);
	crypto_free_aead(sa->tfm);
	dst_cache_destroy(&sa->dst_cache);
	free_percpu(sa->stats);
	kfree(sa->replay);
	/* the last look at the namespace: it may be gone after this */
	if (atomic_dec_and_test(&sa->vn->live_sas))
		wake_up_var(&sa->vn->live_sas);
	kfree_sensitive(sa);
}

/**
 * vpngw_sa_hold() - take a reference to an association found under RCU
 * @sa: association
 *
 * Return: false if it is going away
 */
bool vpngw_sa_hold(struct vpngw_sa *sa)
{
	return refcount_inc_not_zero(&sa->ref);
}

/**
 * vpngw_sa_put() - give a reference to an association back
 * @sa: association
 *
 * Context: any.
 */
void vpngw_sa_put(struct vpngw_sa *sa)
{
	if (refcount_dec_and_test(&sa->ref))
		queue_rcu_work(vpngw_wq, &sa->free_work);
}

/* Says whether two keys are the same; tells nothing to who lacks the secret. */
static u64 fingerprint(const struct vpngw_sa_params *p)
{
	static siphash_key_t secret __read_mostly;
	u64 cipher, authenticator;

	net_get_random_once(&secret, sizeof(secret));
	cipher = siphash(p->enc_key, p->enc_key_len, &secret);
	authenticator = siphash(p->auth_key, p->auth_key_len, &secret);
	return siphash_2u64(cipher, authenticator, &secret);
}

/* Is the traffic that between the two ends (RFC 4301 section 4.1)? */
static bool joins_ends(const struct vpngw_sa_params *p)
{
	bool in = p->dir == VPNGW_DIRECTION_IN;
	__be32 local = in ? p->daddr.ip : p->saddr.ip;
	__be32 remote = in ? p->saddr.ip : p->daddr.ip;

	return p->sel.local.ip == local && p->sel.local_mask.ip == htonl(INADDR_BROADCAST) &&
	       p->sel.remote.ip == remote && p->sel.remote_mask.ip == htonl(INADDR_BROADCAST);
}

/* the last sequence number that there is */
static u64 seq_max(const struct vpngw_sa_params *p)
{
	return p->flags & VPNGW_SA_FLAG_ESN ? SEQ_NONE - 1 : U32_MAX;
}

/* the last that may be used; the limit is that of one key, so it counts all of them */
static u64 seq_last(const struct vpngw_sa_params *p)
{
	u64 max = seq_max(p);
	u64 packets = p->limits.hard_packets ?: max;

	return min(packets, max - p->seq) + p->seq;
}

/* netdev_alloc_pcpu_stats(), but on the account of who asks for the association. */
static struct vpngw_sa_stats __percpu *alloc_stats(void)
{
	struct vpngw_sa_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct vpngw_sa_stats, GFP_KERNEL_ACCOUNT);
	if (stats)
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

static int check_params(const struct vpngw_sa_params *p, struct netlink_ext_ack *extack)
{
	if (p->mode == VPNGW_MODE_TRANSPORT && !joins_ends(p)) {
		NL_SET_ERR_MSG(extack,
			       "the selectors of transport mode are the addresses of its two ends");
		return -EINVAL;
	}
	if (p->replay_window &&
	    (p->replay_window < VPNGW_REPLAY_MIN || p->replay_window > VPNGW_REPLAY_MAX)) {
		NL_SET_ERR_MSG(extack, "the replay window must be 0 or 32 to 8192 packets");
		return -ERANGE;
	}
	/* what a number without its high half means is told by the window */
	if (p->flags & VPNGW_SA_FLAG_ESN && p->dir == VPNGW_DIRECTION_IN && !p->replay_window) {
		NL_SET_ERR_MSG(extack, "extended sequence numbers need a replay window");
		return -EINVAL;
	}
	if (!(p->flags & VPNGW_SA_FLAG_ESN) && p->limits.hard_packets > U32_MAX) {
		NL_SET_ERR_MSG(extack, "a packet limit beyond 2^32-1 needs extended sequence numbers");
		return -ERANGE;
	}
	if (p->seq > seq_max(p)) {
		NL_SET_ERR_MSG(extack,
			       "the sequence number is beyond what the association can have");
		return -ERANGE;
	}
	return 0;
}

/**
 * vpngw_sa_create() - make an association that no packet can find yet
 * @vn: namespace
 * @p: what it is to be; nothing of it is kept by reference
 * @extack: receives the reason of a refusal
 *
 * Everything that insertion needs is allocated here.
 *
 * Context: process, vn->lock held; may load crypto modules.
 * Return: the association with one reference, or an error pointer
 */
struct vpngw_sa *vpngw_sa_create(struct vpngw_net *vn, const struct vpngw_sa_params *p,
				 struct netlink_ext_ack *extack)
{
	const struct vpngw_algo *algo;
	struct vpngw_sa *sa;
	int err;

	lockdep_assert_held(&vn->lock);

	err = check_params(p, extack);
	if (err)
		return ERR_PTR(err);

	algo = vpngw_algo_find(p->encr, p->auth);
	if (!algo) {
		NL_SET_ERR_MSG(extack, "there is no such transform; ESP needs an authenticator unless the cipher has its own");
		return ERR_PTR(-EOPNOTSUPP);
	}

	sa = kzalloc(sizeof(*sa), GFP_KERNEL_ACCOUNT);
	if (!sa)
		return ERR_PTR(-ENOMEM);

	sa->spi = cpu_to_be32(p->spi);
	sa->family = p->family;
	sa->dir = p->dir;
	sa->mode = p->mode;
	sa->flags = p->flags | (algo->weak ? VPNGW_SA_FLAG_WEAK : 0);
	sa->saddr = p->saddr;
	sa->daddr = p->daddr;
	sa->algo = algo;
	sa->key_bits = (p->enc_key_len - algo->salt_size) * 8;
	sa->fingerprint = fingerprint(p);
	sa->sel = p->sel;
	sa->limits = p->limits;
	atomic64_set(&sa->seq, p->seq);
	sa->seq_last = seq_last(p);
	sa->encap_sport = p->encap_sport;
	sa->encap_dport = p->encap_dport;
	sa->vn = vn;
	sa->ident = vpngw_encap_ident(sa);
	spin_lock_init(&sa->lock);
	refcount_set(&sa->ref, 1);
	INIT_LIST_HEAD(&sa->list);
	INIT_RCU_WORK(&sa->free_work, sa_free);

	err = -ENOMEM;
	sa->replay = vpngw_replay_alloc(p->replay_window);
	if (!sa->replay)
		goto err_sa;
	if (p->seq)
		vpngw_replay_begin(sa->replay, p->seq);
	sa->stats = alloc_stats();
	if (!sa->stats)
		goto err_replay;
	err = dst_cache_init(&sa->dst_cache, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_stats;

	sa->tfm = vpngw_algo_instantiate(algo, p->enc_key, p->enc_key_len,
					 p->auth_key, p->auth_key_len,
					 p->flags & VPNGW_SA_FLAG_ESN, extack);
	if (IS_ERR(sa->tfm)) {
		err = PTR_ERR(sa->tfm);
		goto err_dst;
	}

	err = vpngw_esp_init(sa);
	if (err)
		goto err_tfm;

	err = -ENOMEM;
	sa->slot = vpngw_slot_get(vn, p->map, p->map_seq);
	if (!sa->slot)
		goto err_esp;

	atomic_inc(&vn->live_sas);
	return sa;

err_esp:
	vpngw_esp_exit(sa);
err_tfm:
	crypto_free_aead(sa->tfm);
err_dst:
	dst_cache_destroy(&sa->dst_cache);
err_stats:
	free_percpu(sa->stats);
err_replay:
	kfree(sa->replay);
err_sa:
	kfree_sensitive(sa);
	return ERR_PTR(err);
}

/**
 * vpngw_sa_discard() - forget an association that was never inserted
 * @vn: namespace
 * @sa: association from vpngw_sa_create(), or one that was taken out of the SAD
 *
 * Context: process, vn->lock held.
 */
void vpngw_sa_discard(struct vpngw_net *vn, struct vpngw_sa *sa)
{
	lockdep_assert_held(&vn->lock);
	/* a packet that found the association earlier may look at the slot until
	 * the end of the grace period, and so long it stays
	 */
	vpngw_slot_put(vn, sa->slot);
	vpngw_sa_put(sa);
}

/**
 * vpngw_sa_same() - would replacing one association by the other change nothing?
 * @a: association
 * @b: association
 *
 * Return: true if everything that the administrator set is the same, keys
 *	included
 */
bool vpngw_sa_same(const struct vpngw_sa *a, const struct vpngw_sa *b)
{
	return a->spi == b->spi && a->family == b->family && a->dir == b->dir &&
	       a->mode == b->mode && a->flags == b->flags && a->algo == b->algo &&
	       a->saddr.ip == b->saddr.ip && a->daddr.ip == b->daddr.ip &&
	       a->encap_sport == b->encap_sport && a->encap_dport == b->encap_dport &&
	       a->slot == b->slot && a->key_bits == b->key_bits &&
	       a->fingerprint == b->fingerprint &&
	       a->replay->window == b->replay->window &&
	       !memcmp(&a->sel, &b->sel, sizeof(a->sel)) &&
	       !memcmp(&a->limits, &b->limits, sizeof(a->limits));
}

/**
 * vpngw_sa_continue() - let an association go on where another one ends
 * @sa: association from vpngw_sa_create(), not inserted yet
 * @old: the one that it replaces; it carries no packet from now on
 *
 * Does nothing to @sa if the two have different keys.
 *
 * Context: process, vn->lock held.
 */
void vpngw_sa_continue(struct vpngw_sa *sa, struct vpngw_sa *old)
{
	lockdep_assert_held(&old->vn->lock);

	if (sa->algo != old->algo || sa->fingerprint != old->fingerprint)
		return;

	/* an inbound packet looks at .dead under the lock before it is noted, an
	 * outbound one takes its number by this variable
	 */
	spin_lock_bh(&old->lock);
	WRITE_ONCE(old->dead, true);
	vpngw_replay_continue(sa->replay, old->replay);
	spin_unlock_bh(&old->lock);
	atomic64_set(&sa->seq, min_t(u64, atomic64_xchg(&old->seq, SEQ_NONE), sa->seq_last + 1));
}

/* The line stays clean but once a second. */
static void note_used(struct vpngw_sa *sa)
{
	time64_t now = ktime_get_boottime_seconds();

	if (READ_ONCE(sa->last_used) != now)
		WRITE_ONCE(sa->last_used, now);
}

/**
 * vpngw_sa_count_packet() - count a packet that an association carried
 * @sa: association
 * @bytes: length of the inner packet
 *
 * Context: softirqs off.
 */
void vpngw_sa_count_packet(struct vpngw_sa *sa, unsigned int bytes)
{
	struct vpngw_sa_stats *stats = this_cpu_ptr(sa->stats);
	unsigned long tick = jiffies;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, bytes);
	u64_stats_update_end(&stats->syncp);
	if (stats->tick != tick) {
		stats->tick = tick;
		note_used(sa);
	}
}

/**
 * vpngw_sa_count_error() - count a packet that an association lost
 * @sa: association
 * @which: counter
 *
 * Context: softirqs off.
 */
void vpngw_sa_count_error(struct vpngw_sa *sa, enum vpngw_sa_counter which)
{
	struct vpngw_sa_stats *stats = this_cpu_ptr(sa->stats);

	u64_stats_update_begin(&stats->syncp);
	switch (which) {
	case VPNGW_SA_AUTH_ERRORS:
		u64_stats_inc(&stats->auth_errors);
		break;
	case VPNGW_SA_REPLAY_ERRORS:
		u64_stats_inc(&stats->replay_errors);
		break;
	case VPNGW_SA_ERRORS:
		u64_stats_inc(&stats->errors);
		break;
	}
	u64_stats_update_end(&stats->syncp);
}

/**
 * vpngw_sa_totals() - read the counters of an association
 * @sa: association
 * @t: sums over the CPUs
 *
 * Context: any.
 */
void vpngw_sa_totals(const struct vpngw_sa *sa, struct vpngw_sa_totals *t)
{
	int cpu;

	memset(t, 0, sizeof(*t));
	for_each_possible_cpu(cpu) {
		const struct vpngw_sa_stats *stats = per_cpu_ptr(sa->stats, cpu);
		struct vpngw_sa_totals one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			one.packets = u64_stats_read(&stats->packets);
			one.bytes = u64_stats_read(&stats->bytes);
			one.auth_errors = u64_stats_read(&stats->auth_errors);
			one.replay_errors = u64_stats_read(&stats->replay_errors);
			one.errors = u64_stats_read(&stats->errors);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		t->packets += one.packets;
		t->bytes += one.bytes;
		t->auth_errors += one.auth_errors;
		t->replay_errors += one.replay_errors;
		t->errors += one.errors;
	}
}
