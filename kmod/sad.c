// SPDX-License-Identifier: GPL-2.0
/*
 * The SAD: where packets find associations, and what takes them out of it.
 * Removal has three phases: unlink and mark dead under vn->lock, wait for a grace
 * period, free in process context; packets and crypto requests that still hold
 * the association find it dead.
 */

#include <linux/jhash.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/wait_bit.h>

#include "config.h"
#include "esp.h"
#include "nl_event.h"
#include "offload.h"
#include "sad.h"
#include "spd.h"
#include "trace.h"
#include "vpngw.h"

#define FIRST_CONN_ID	2000

static unsigned int sa_buckets = 65536;
module_param(sa_buckets, uint, 0444);
MODULE_PARM_DESC(sa_buckets, "Hash buckets for security associations in each namespace");

/**
 * struct vpngw_sad - the associations of a namespace
 * @list: all of them, ascending by conn_id. Under vn->lock
 * @passed: where the last dump was in @list, or NULL, see vpngw_sad_next(). Under
 *	vn->lock
 * @n: entries of @list. Under vn->lock
 * @next_conn_id: for the next association. Under vn->lock
 * @seed: of the hash
 * @mask: buckets less one
 * @limits: looks for associations past a limit, each second while there is
 *	any with a limit
 * @vn: the namespace
 * @bucket: hash buckets, written under vn->lock, read under RCU
 */
struct vpngw_sad {
	struct list_head	list;
	struct vpngw_sa		*passed;
	u32			n;
	u32			next_conn_id;
	u32			seed;
	u32			mask;
	struct delayed_work	limits;
	struct vpngw_net	*vn;
	struct hlist_head	bucket[];
};

static struct hlist_head *bucket_of(struct vpngw_sad *sad, __be32 spi,
				    const union nf_inet_addr *daddr)
{
	u32 hash = jhash_2words((__force u32)spi, (__force u32)daddr->ip, sad->seed);

	return &sad->bucket[hash & sad->mask];
}

/**
 * vpngw_sad_lookup() - find an association for a packet
 * @vn: namespace
 * @spi: security parameters index
 * @daddr: outer destination
 * @family: of @daddr
 *
 * Context: RCU read side.
 * Return: the association, without a reference and possibly dead, or NULL
 */
struct vpngw_sa *vpngw_sad_lookup(const struct vpngw_net *vn, __be32 spi,
				  const union nf_inet_addr *daddr, u8 family)
{
	struct vpngw_sa *sa;

	hlist_for_each_entry_rcu(sa, bucket_of(vn->sad, spi, daddr), hash,
				 lockdep_is_held(&vn->lock))
		if (sa->spi == spi && sa->daddr.ip == daddr->ip && sa->family == family)
			return sa;
	return NULL;
}

/**
 * vpngw_sad_find() - find an association for the administrator
 * @vn: namespace
 * @spi: security parameters index
 * @daddr: outer destination
 * @family: of @daddr
 *
 * Context: process, vn->lock held.
 * Return: the association, valid as long as the lock is held, or NULL
 */
struct vpngw_sa *vpngw_sad_find(const struct vpngw_net *vn, __be32 spi,
				const union nf_inet_addr *daddr, u8 family)
{
	lockdep_assert_held(&vn->lock);
	return vn->sad ? vpngw_sad_lookup(vn, spi, daddr, family) : NULL;
}

/**
 * vpngw_sad_list() - all associations of a namespace, ascending by conn_id
 * @vn: namespace
 *
 * Context: process, vn->lock held.
 * Return: list of &struct vpngw_sa.list, or NULL in an idle namespace
 */
struct list_head *vpngw_sad_list(struct vpngw_net *vn)
{
	lockdep_assert_held(&vn->lock);
	return vn->sad ? &vn->sad->list : NULL;
}

/**
 * vpngw_sad_next() - the first association behind an identity
 * @vn: namespace
 * @conn_id: the identity, whether or not there is such an association; 0 for the
 *	beginning
 *
 * To go on where one was takes no time, unless somebody else has been elsewhere in the
 * list meanwhile.
 *
 * Context: process, vn->lock held.
 * Return: the association or NULL
 */
struct vpngw_sa *vpngw_sad_next(struct vpngw_net *vn, u32 conn_id)
{
	struct vpngw_sad *sad = vn->sad;
	struct vpngw_sa *sa;

	lockdep_assert_held(&vn->lock);

	if (!sad)
		return NULL;
	if (sad->passed && sad->passed->conn_id > conn_id)
		sad->passed = NULL;
	sa = list_prepare_entry(sad->passed, &sad->list, list);
	list_for_each_entry_continue(sa, &sad->list, list) {
		if (sa->conn_id > conn_id)
			return sa;
		sad->passed = sa;
	}
	return NULL;
}

static bool has_limits(const struct vpngw_sa *sa)
{
	static const struct vpngw_limits none;

	return memcmp(&sa->limits, &none, sizeof(none));
}

/**
 * vpngw_sad_insert() - let packets find an association
 * @vn: namespace, active
 * @sa: association from vpngw_sa_create(); the SAD takes the reference over
 * @extack: receives the reason of a refusal
 *
 * An outbound association becomes the current one of its slot; the one before
 * stays until it is removed.
 *
 * Context: process, vn->lock held. Allocates nothing.
 * Return: 0, -EEXIST if SPI and destination are taken, -ENOSPC if the SAD is
 *	full; on failure the caller keeps the reference
 */
int vpngw_sad_insert(struct vpngw_net *vn, struct vpngw_sa *sa, struct netlink_ext_ack *extack)
{
	struct vpngw_sad *sad = vn->sad;

	lockdep_assert_held(&vn->lock);

	if (vpngw_sad_find(vn, sa->spi, &sa->daddr, sa->family)) {
		NL_SET_ERR_MSG(extack, "an association with this SPI and destination exists");
		return -EEXIST;
	}
	if (sad->n >= VPNGW_SAS_MAX) {
		NL_SET_ERR_MSG(extack, "the namespace has as many associations as it may");
		return -ENOSPC;
	}

	sa->conn_id = sad->next_conn_id++;
	sa->created = ktime_get_boottime_seconds();
	sa->last_used = sa->created;
	list_add_tail(&sa->list, &sad->list);
	sad->n++;
	hlist_add_head_rcu(&sa->hash, bucket_of(sad, sa->spi, &sa->daddr));
	if (sa->dir == VPNGW_DIRECTION_OUT) {
		rcu_assign_pointer(sa->slot->out_sa, sa);
		/* a client that was none before is protected from now on */
		vpngw_offload_reconsider(vn);
	}
	if (has_limits(sa))
		queue_delayed_work(vpngw_wq, &sad->limits, HZ);

	trace_sa_state(vn->net, sa, "new");
	vpngw_event_sa(vn, sa, "new");
	return 0;
}

/**
 * vpngw_sad_remove() - take an association out of the SAD
 * @vn: namespace
 * @sa: association that was inserted
 * @cause: one word for the notification
 *
 * If it was the current outbound one of its slot, packets of that crypto map
 * entry are dropped from now on.
 *
 * Context: process, vn->lock held; does not wait.
 */
void vpngw_sad_remove(struct vpngw_net *vn, struct vpngw_sa *sa, const char *cause)
{
	lockdep_assert_held(&vn->lock);

	WRITE_ONCE(sa->dead, true);
	if (rcu_access_pointer(sa->slot->out_sa) == sa)
		RCU_INIT_POINTER(sa->slot->out_sa, NULL);
	hlist_del_init_rcu(&sa->hash);
	if (vn->sad->passed == sa)
		vn->sad->passed = list_is_first(&sa->list, &vn->sad->list) ?
				  NULL : list_prev_entry(sa, list);
	list_del_init(&sa->list);
	vn->sad->n--;

	trace_sa_state(vn->net, sa, cause);
	vpngw_event_sa(vn, sa, cause);
	vpngw_sa_discard(vn, sa);
}

/**
 * vpngw_sad_move() - the peer of an association is somewhere else
 * @vn: namespace
 * @sa: association that was inserted
 * @peer: outer address of the peer; free in the SAD with the SPI of an outbound one
 * @sport: UDP port of the source
 * @dport: UDP port of the destination
 *
 * A packet on its way may still go to where the peer was.
 *
 * Context: process, vn->lock held; waits for a grace period if the address is new.
 */
void vpngw_sad_move(struct vpngw_net *vn, struct vpngw_sa *sa, const union nf_inet_addr *peer,
		    __be16 sport, __be16 dport)
{
	lockdep_assert_held(&vn->lock);

	WRITE_ONCE(sa->encap_sport, sport);
	WRITE_ONCE(sa->encap_dport, dport);
	if (sa->dir == VPNGW_DIRECTION_IN) {
		WRITE_ONCE(sa->saddr.ip, peer->ip);
	} else if (sa->daddr.ip != peer->ip) {
		hlist_del_rcu(&sa->hash);
		WRITE_ONCE(sa->daddr.ip, peer->ip);
		/* whoever stands on it shall not go on in another bucket, and whoever
		 * has the old address shall not bring its route back
		 */
		synchronize_rcu();
		hlist_add_head_rcu(&sa->hash, bucket_of(vn->sad, sa->spi, &sa->daddr));
		dst_cache_reset(&sa->dst_cache);
	}
	trace_sa_state(vn->net, sa, "moved");
	vpngw_event_sa(vn, sa, "moved");
}

static bool reached(u64 value, u64 limit)
{
	return limit && value >= limit;
}

/* Counters are summed over the CPUs, which is not cheap, and most associations of many
 * have carried nothing since this was last asked.
 */
static void totals_since(struct vpngw_sa *sa, time64_t now, struct vpngw_sa_totals *t)
{
	memset(t, 0, sizeof(*t));
	if (READ_ONCE(sa->last_used) < sa->checked)
		return;
	sa->checked = now;
	vpngw_sa_totals(sa, t);
}

static void check_limits(struct vpngw_net *vn, struct vpngw_sa *sa, time64_t now)
{
	const struct vpngw_limits *l = &sa->limits;
	u64 age = now - sa->created;
	struct vpngw_sa_totals t;

	totals_since(sa, now, &t);
	if (reached(age, l->hard_seconds) || reached(t.bytes, l->hard_bytes) ||
	    reached(t.packets, l->hard_packets)) {
		vpngw_sad_remove(vn, sa, "hard-lifetime");
		return;
	}
	if (sa->soft_sent)
		return;
	if (reached(age, l->soft_seconds) || reached(t.bytes, l->soft_bytes) ||
	    reached(t.packets, l->soft_packets)) {
		sa->soft_sent = true;
		trace_sa_state(vn->net, sa, "soft-lifetime");
		vpngw_event_sa(vn, sa, "soft-lifetime");
	}
}

static void limits_work(struct work_struct *work)
{
	struct vpngw_sad *sad = container_of(to_delayed_work(work), struct vpngw_sad, limits);
	time64_t now = ktime_get_boottime_seconds();
	struct vpngw_net *vn = sad->vn;
	struct vpngw_sa *sa, *next;
	bool again = false;

	/* vpngw_sad_exit() waits for us with the lock held */
	if (!mutex_trylock(&vn->lock)) {
		queue_delayed_work(vpngw_wq, &sad->limits, HZ / 10);
		return;
	}
	list_for_each_entry_safe(sa, next, &sad->list, list) {
		if (!has_limits(sa))
			continue;
		check_limits(vn, sa, now);
		again = true;
		cond_resched();
	}
	if (again)
		queue_delayed_work(vpngw_wq, &sad->limits, HZ);
	mutex_unlock(&vn->lock);
}

/**
 * vpngw_sad_init() - make the SAD of a namespace
 * @vn: namespace
 *
 * Context: process, vn->lock held.
 * Return: 0 or -ENOMEM
 */
int vpngw_sad_init(struct vpngw_net *vn)
{
	u32 n = roundup_pow_of_two(clamp(sa_buckets, 16u, 1u << 20));
	struct vpngw_sad *sad;

	sad = kvzalloc(struct_size(sad, bucket, n), GFP_KERNEL_ACCOUNT);
	if (!sad)
		return -ENOMEM;

	INIT_LIST_HEAD(&sad->list);
	sad->next_conn_id = FIRST_CONN_ID;
	sad->seed = get_random_u32();
	sad->mask = n - 1;
	sad->vn = vn;
	INIT_DELAYED_WORK(&sad->limits, limits_work);
	vn->sad = sad;
	return 0;
}

/**
 * vpngw_sad_wait() - wait until every association is freed
 * @vn: namespace; none is in the SAD or in a transaction any more
 *
 * Afterwards no asynchronous crypto request refers to the namespace.
 *
 * Context: process; vn->lock may be held.
 */
void vpngw_sad_wait(struct vpngw_net *vn)
{
	wait_var_event(&vn->live_sas, !atomic_read(&vn->live_sas));
}

/**
 * vpngw_sad_free() - free an empty SAD
 * @vn: namespace
 *
 * Context: process, vn->lock held.
 */
void vpngw_sad_free(struct vpngw_net *vn)
{
	struct vpngw_sad *sad = vn->sad;

	cancel_delayed_work_sync(&sad->limits);
	vn->sad = NULL;
	kvfree(sad);
}

/**
 * vpngw_sad_empty() - remove all associations
 * @vn: namespace
 *
 * Context: process, vn->lock held.
 */
void vpngw_sad_empty(struct vpngw_net *vn)
{
	struct vpngw_sa *sa, *next;

	lockdep_assert_held(&vn->lock);

	list_for_each_entry_safe(sa, next, &vn->sad->list, list) {
		vpngw_sad_remove(vn, sa, "shutdown");
		cond_resched();
	}
}

/**
 * vpngw_sad_forget() - let no number be used that another copy of the machine uses
 * @vn: namespace
 * @cause: one word for the notification
 *
 * Associations of counter mode ciphers are removed. Those that packets need are then
 * wanted by a notification, as if there had never been any. Others get new IVs.
 *
 * Context: process, vn->lock held.
 */
void vpngw_sad_forget(struct vpngw_net *vn, const char *cause)
{
	struct vpngw_sa *sa, *next;

	lockdep_assert_held(&vn->lock);

	if (!vn->sad)
		return;
	list_for_each_entry_safe(sa, next, &vn->sad->list, list) {
		if (sa->algo->iv == VPNGW_IV_COUNTER)
			vpngw_sad_remove(vn, sa, cause);
		else
			vpngw_esp_draw_iv_key(sa);
		cond_resched();
	}
}

/**
 * vpngw_sad_exit() - remove all associations, wait for them and free the SAD
 * @vn: namespace; no hook runs any more
 *
 * Context: process, vn->lock held.
 */
void vpngw_sad_exit(struct vpngw_net *vn)
{
	vpngw_sad_empty(vn);
	vpngw_sad_wait(vn);
	vpngw_sad_free(vn);
}
