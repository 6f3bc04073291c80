// SPDX-License-Identifier: GPL-2.0
/* Pairs of IPsec SAs. They outlive the ISAKMP SA that made them. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "ike.h"
#include "initiate.h"
#include "natt.h"
#include "proposal.h"

static bool same_peer(const struct child *c, const struct ike_id *id,
		      const struct endpoint *peer)
{
	return c->peer.addr == peer->addr && c->peer.port == peer->port &&
		ike_id_equal(&c->id, id);
}

/**
 * child_is_of - is a pair one with the peer of an SA
 * @c: pair
 * @sa: ISAKMP SA
 *
 * Return: true if identity and place are the same.
 */
bool child_is_of(const struct child *c, const struct ike_sa *sa)
{
	return same_peer(c, &sa->id, &sa->peer);
}

/* An ISAKMP SA with the peer of a pair, NULL if there is none. */
static struct ike_sa *sa_of(const struct child *c)
{
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		LIST_FOREACH(sa, &c->ike->bucket[i], link) {
			if (sa->state == QM_IDLE && same_peer(c, &sa->id, &sa->peer))
				return sa;
		}
	}
	return NULL;
}

/* Tells the peer that a pair has gone, if there is an ISAKMP SA to say it in. */
static void tell_peer(struct child *c)
{
	struct ike_sa *sa = sa_of(c);

	if (sa)
		task_info_delete_esp(sa, c->in_spi);
}

static void child_timer(void *arg)
{
	child_end(arg, "lifetime");
}

/* A successor, unless there is one. */
static void rekey(struct child *c)
{
	if (child_find(c->ike, &c->sel, &c->peer) == c)
		initiate(c->ike, c->map, c->seq, &c->sel);
}

static void soft_timer(void *arg)
{
	rekey(arg);
}

/*
 * Who began a pair renews it, before the other one would. The time varies, so that
 * many pairs of one moment do not come back in one moment.
 */
static uint64_t soft_ms(const struct child *c)
{
	uint16_t r;

	if (crypto_random(&r, sizeof(r)))
		r = 0;
	return (uint64_t)c->life * ((c->initiator ? 850 : 930) + r % 40);
}

/**
 * child_new - note a pair that is in the kernel
 * @sa: ISAKMP SA that made it
 * @qm: quick mode that made it; the pair takes over its lease
 *
 * Return: pair, or NULL without memory.
 */
struct child *child_new(struct ike_sa *sa, const struct qm *qm)
{
	struct ike *ike = sa->ike;
	struct child *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->ike = ike;
	c->conn = ike->next_child;
	c->local = sa->local;
	c->peer = sa->peer;
	c->id = sa->id;
	c->in_spi = qm->pair.in_spi;
	c->out_spi = qm->pair.out_spi;
	c->sel = qm->pair.sel;
	c->life = qm->pair.life;
	memcpy(c->map, qm->pair.map, sizeof(c->map));
	c->seq = qm->pair.seq;
	c->initiator = qm->initiator;
	c->created = ike->now;
	timer_init(&c->timer, child_timer, c);
	if (timer_start(&ike->timers, &c->timer, ike->now + c->life * 1000ULL)) {
		free(c);
		return NULL;
	}
	timer_init(&c->soft, soft_timer, c);
	if (qm->site)
		timer_start(&ike->timers, &c->soft, ike->now + soft_ms(c));
	if (ike->conf->wireshark)
		export_keep(c, &qm->pair);
	c->lease = lease_hold(qm->lease);
	ike->next_child += 2;
	ike->n_children++;
	ike->changed = true;
	LIST_INSERT_HEAD(&ike->children, c, link);
	return c;
}

static bool is_site(const struct child *c)
{
	const struct vpnd_conf *conf = c->ike->conf;

	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];

		if (e->n_peers && e->seq == c->seq && !strcmp(e->map, c->map))
			return true;
	}
	return false;
}

/**
 * child_adopt - take over a pair of another daemon, if the kernel still has it
 * @ike: state
 * @c: what is known of it; is @ike's if this succeeds
 * @lease: address of the client, 0 for none
 * @after: the pair before it, NULL for the first
 *
 * Return: false if it cannot go on.
 */
bool child_adopt(struct ike *ike, struct child *c, uint32_t lease, struct child *after)
{
	const struct kernel_ops *k = ike->kernel.ops;
	uint64_t end = c->created + c->life * 1000ULL;
	struct lease_owner owner;

	if (end <= ike->now || c->created > ike->now ||
	    !k->sa_state(ike->kernel.priv, c->local.addr, c->in_spi) ||
	    !k->sa_state(ike->kernel.priv, c->peer.addr, c->out_spi))
		return false;
	ike_lease_owner(&c->id, &c->peer, &owner);
	if (lease) {
		c->lease = ike_lease_adopt(ike, &owner, lease);
		if (!c->lease)
			return false;
	}
	c->ike = ike;
	timer_init(&c->timer, child_timer, c);
	timer_init(&c->soft, soft_timer, c);
	if (timer_start(&ike->timers, &c->timer, end)) {
		ike_put_lease(ike, c->lease);
		return false;
	}
	if (is_site(c))
		timer_start(&ike->timers, &c->soft, c->created + soft_ms(c));
	if (c->conn >= ike->next_child)
		ike->next_child = c->conn + 2;
	ike->n_children++;
	if (after)
		LIST_INSERT_AFTER(after, c, link);
	else
		LIST_INSERT_HEAD(&ike->children, c, link);
	return true;
}

/**
 * child_free - remove a pair, from the kernel too
 * @c: pair
 * @why: for the log
 */
void child_free(struct child *c, const char *why)
{
	struct ike *ike = c->ike;
	char a[VG_ADDR_LEN];

	log_line(&ike->log, LOG_IPSEC, "IPSEC(delete_sa): deleting SA, reason: %s, (sa) "
		 "sa_dest= %s, sa_prot= 50, sa_spi= 0x%X(%u), sa_conn_id= %u", why,
		 vg_addr_str(c->local.addr, a), c->in_spi, c->in_spi, c->conn);
	log_line(&ike->log, LOG_IPSEC, "IPSEC(delete_sa): deleting SA, reason: %s, (sa) "
		 "sa_dest= %s, sa_prot= 50, sa_spi= 0x%X(%u), sa_conn_id= %u", why,
		 vg_addr_str(c->peer.addr, a), c->out_spi, c->out_spi, c->conn + 1);
	ike->kernel.ops->del_sa(ike->kernel.priv, c->local.addr, c->in_spi);
	ike->kernel.ops->del_sa(ike->kernel.priv, c->peer.addr, c->out_spi);
	timer_stop(&ike->timers, &c->timer);
	timer_stop(&ike->timers, &c->soft);
	LIST_REMOVE(c, link);
	ike->n_children--;
	ike->changed = true;
	ike_put_lease(ike, c->lease);
	export_forget(c);
	free(c);
}

/**
 * child_end - remove a pair, and tell the peer
 * @c: pair
 * @why: for the log
 */
void child_end(struct child *c, const char *why)
{
	tell_peer(c);
	child_free(c, why);
}

/* Events were lost: what they would have said, by what is left. */
static void resync(struct ike *ike)
{
	const struct kernel_ops *k = ike->kernel.ops;
	struct child *c = LIST_FIRST(&ike->children), *next;

	for (; c; c = next) {
		enum kernel_sa in = k->sa_state(ike->kernel.priv, c->local.addr, c->in_spi);
		enum kernel_sa out = k->sa_state(ike->kernel.priv, c->peer.addr, c->out_spi);

		next = LIST_NEXT(c, link);
		if (in == KERNEL_SA_NONE || out == KERNEL_SA_NONE)
			child_end(c, "gone");
		else if (in == KERNEL_SA_SOFT || out == KERNEL_SA_SOFT)
			rekey(c);
	}
}

/* ESP tells where a peer behind NAT is, as messages do. */
static void peer_seen(struct ike *ike, const struct kernel_event *event)
{
	struct endpoint to = { event->src, event->sport };
	const struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		struct ike_sa *sa;

		if (event->spi != c->in_spi || event->daddr != c->local.addr)
			continue;
		sa = sa_of(c);
		if (sa)
			natt_follow(sa, &to);
		return;
	}
}

/**
 * child_event - the data plane has told something about an SA
 * @ike: state
 * @event: what; about SAs of others too, and about those that we have removed
 */
void child_event(struct ike *ike, const struct kernel_event *event)
{
	struct child *c;

	if (event->kind == KERNEL_ACQUIRE) {
		initiate_acquire(ike, event);
		return;
	}
	if (event->kind == KERNEL_LOST) {
		resync(ike);
		return;
	}
	if (event->kind == KERNEL_PEER) {
		peer_seen(ike, event);
		return;
	}
	LIST_FOREACH(c, &ike->children, link) {
		if ((event->spi != c->in_spi || event->daddr != c->local.addr) &&
		    (event->spi != c->out_spi || event->daddr != c->peer.addr))
			continue;
		if (event->kind == KERNEL_SOFT)
			rekey(c);
		else
			child_end(c, event->cause);
		return;
	}
}

/**
 * child_find - the newest pair for some traffic
 * @ike: state
 * @sel: traffic
 * @peer: with whom
 *
 * Return: pair or NULL.
 */
struct child *child_find(struct ike *ike, const struct kernel_sel *sel,
			 const struct endpoint *peer)
{
	struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		if (c->peer.addr == peer->addr && kernel_sel_equal(&c->sel, sel))
			return c;
	}
	return NULL;
}

/**
 * child_by_out - pair by the SPI that the peer receives with
 * @ike: state
 * @peer: its address
 * @out_spi: SPI
 *
 * Return: pair or NULL.
 */
struct child *child_by_out(struct ike *ike, uint32_t peer, uint32_t out_spi)
{
	struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		if (c->out_spi == out_spi && c->peer.addr == peer)
			return c;
	}
	return NULL;
}

/**
 * child_count - pairs of a peer
 * @sa: ISAKMP SA of that peer
 *
 * Return: number.
 */
unsigned int child_count(const struct ike_sa *sa)
{
	const struct child *c;
	unsigned int n = 0;

	LIST_FOREACH(c, &sa->ike->children, link)
		n += same_peer(c, &sa->id, &sa->peer);
	return n;
}

/**
 * child_free_of - remove all pairs of a peer
 * @ike: state
 * @id: its identity
 * @peer: its place
 * @why: for the log
 */
void child_free_of(struct ike *ike, const struct ike_id *id, const struct endpoint *peer,
		   const char *why)
{
	struct child *c = LIST_FIRST(&ike->children);

	while (c) {
		struct child *next = LIST_NEXT(c, link);

		if (same_peer(c, id, peer))
			child_free(c, why);
		c = next;
	}
}

/**
 * child_move_of - all pairs of a peer go on at another place
 * @ike: state
 * @id: its identity
 * @from: its place so far
 * @to: where it is now
 */
void child_move_of(struct ike *ike, const struct ike_id *id, const struct endpoint *from,
		   const struct endpoint *to)
{
	struct kernel *k = &ike->kernel;
	struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		if (!same_peer(c, id, from))
			continue;
		k->ops->move_sa(k->priv, &(struct kernel_place){
			c->local.addr, c->in_spi, to->addr, to->port, c->local.port });
		k->ops->move_sa(k->priv, &(struct kernel_place){
			c->peer.addr, c->out_spi, to->addr, c->local.port, to->port });
		c->peer = *to;
		if (!c->lease)
			continue;
		c->lease->owner.peer = to->addr;
		c->lease->owner.port = to->port;
	}
}

/**
 * child_overlaps - would a selector take packets of another peer
 * @sa: ISAKMP SA of the peer that asks
 * @sel: selector
 *
 * Return: true if a pair of somebody else has a remote address in common.
 */
bool child_overlaps(const struct ike_sa *sa, const struct kernel_sel *sel)
{
	const struct child *c;

	LIST_FOREACH(c, &sa->ike->children, link) {
		uint32_t mask = c->sel.remote_mask & sel->remote_mask;

		if ((c->sel.remote & mask) == (sel->remote & mask) &&
		    !same_peer(c, &sa->id, &sa->peer))
			return true;
	}
	return false;
}
