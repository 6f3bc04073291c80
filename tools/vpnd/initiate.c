// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs that we begin: for the first packet of an entry with "set peer", and in
 * place of a pair whose life draws to its end. A want waits for an ISAKMP SA with
 * the peer, then for a quick mode, and goes whatever comes of it: the next packet,
 * or the hard limit, brings another one.
 */
#include <stdlib.h>
#include <string.h>

#include "initiate.h"

static void want_free(struct want *w)
{
	timer_stop(&w->ike->timers, &w->timer);
	LIST_REMOVE(w, link);
	w->ike->n_wants--;
	free(w);
}

static void want_timer(void *arg)
{
	want_free(arg);
}

static const struct conf_entry *entry_of(const struct want *w)
{
	const struct vpnd_conf *conf = w->ike->conf;

	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];

		if (e->n_peers && e->seq == w->seq && !strcmp(e->map, w->map))
			return e;
	}
	return NULL;
}

static bool better(const struct ike_sa *sa, const struct ike_sa *best)
{
	bool ready = sa->state == QM_IDLE;

	if (!best)
		return true;
	if (best->state == QM_IDLE)
		return ready && sa->conn > best->conn;
	return ready || sa->conn > best->conn;
}

/* The newest authenticated SA with a peer, or one that is on its way there. */
static struct ike_sa *sa_with(struct ike *ike, uint32_t peer)
{
	struct ike_sa *best = NULL;

	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		LIST_FOREACH(sa, &ike->bucket[i], link) {
			if (sa->peer.addr != peer || sa->state == MM_DEAD)
				continue;
			if (sa->state != QM_IDLE && !sa->initiator)
				continue;
			if (better(sa, best))
				best = sa;
		}
	}
	return best;
}

static void begin_quick(struct want *w, struct ike_sa *sa)
{
	const struct conf_entry *e = entry_of(w);

	w->ex = e ? task_quick_begin(sa, e, &w->sel) : NULL;
	if (!w->ex)
		want_free(w);
}

static void pursue(struct want *w)
{
	const struct conf_entry *e = entry_of(w);
	struct endpoint local = { .port = 500 };
	struct ike_sa *sa;

	if (!e || !e->local || w->try >= e->n_peers) {
		want_free(w);
		return;
	}
	local.addr = e->local;
	w->peer = (struct endpoint){ e->peer[w->try], 500 };
	sa = sa_with(w->ike, w->peer.addr);
	if (!sa)
		sa = task_main_begin(w->ike, &local, &w->peer);
	if (!sa)
		want_free(w);
	else if (sa->state == QM_IDLE)
		begin_quick(w, sa);
}

/**
 * initiate - have a pair negotiated, unless that is under way
 * @ike: state
 * @map: crypto map
 * @seq: number of an entry with "set peer"
 * @sel: traffic
 */
void initiate(struct ike *ike, const char *map, uint32_t seq, const struct kernel_sel *sel)
{
	struct want *w;

	LIST_FOREACH(w, &ike->wants, link) {
		if (w->seq == seq && !strcmp(w->map, map) && kernel_sel_equal(&w->sel, sel))
			return;
	}
	if (ike->n_wants >= WANTS_MAX)
		return;
	w = calloc(1, sizeof(*w));
	if (!w)
		return;
	w->ike = ike;
	strncpy(w->map, map, sizeof(w->map) - 1);
	w->seq = seq;
	w->sel = *sel;
	timer_init(&w->timer, want_timer, w);
	if (timer_start(&ike->timers, &w->timer, ike->now + WANT_MS)) {
		free(w);
		return;
	}
	LIST_INSERT_HEAD(&ike->wants, w, link);
	ike->n_wants++;
	pursue(w);
}

/**
 * initiate_acquire - a packet needs a pair
 * @ike: state
 * @event: the packet, and the entry that it met
 *
 * A dynamic entry never begins: nobody knows who would have to be asked.
 */
void initiate_acquire(struct ike *ike, const struct kernel_event *event)
{
	const struct vpnd_conf *conf = ike->conf;

	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];

		if (!e->n_peers || e->seq != event->seq || strcmp(e->map, event->map))
			continue;
		for (uint8_t j = 0; j < e->n_proxies; j++) {
			const struct conf_proxy *p = &e->proxy[j];
			struct kernel_sel sel = { p->local, p->local_mask, p->remote,
						  p->remote_mask, p->proto, -1, -1 };

			if ((event->src & p->local_mask) != p->local ||
			    (event->dst & p->remote_mask) != p->remote ||
			    (p->proto >= 0 && p->proto != event->proto))
				continue;
			initiate(ike, e->map, e->seq, &sel);
			return;
		}
	}
}

/**
 * initiate_peer - have pairs negotiated with a peer, one for each kind of traffic
 * @ike: state
 * @peer: address
 *
 * Return: false if no entry names it.
 */
bool initiate_peer(struct ike *ike, uint32_t peer)
{
	const struct vpnd_conf *conf = ike->conf;
	bool named = false;

	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];
		bool is_its = false;

		for (uint8_t j = 0; j < e->n_peers; j++)
			is_its |= e->peer[j] == peer;
		for (uint8_t j = 0; is_its && j < e->n_proxies; j++) {
			const struct conf_proxy *p = &e->proxy[j];
			struct kernel_sel sel = { p->local, p->local_mask, p->remote,
						  p->remote_mask, p->proto, -1, -1 };

			initiate(ike, e->map, e->seq, &sel);
		}
		named |= is_its;
	}
	return named;
}

/* Somebody has to be there to talk to about the pairs, before the SA's life is over. */
static void renew_timer(void *arg)
{
	struct ike_sa *sa = arg;
	struct endpoint local = { sa->local.addr, 500 }, peer = { sa->peer.addr, 500 };

	if (sa->state == QM_IDLE && sa_with(sa->ike, sa->peer.addr) == sa && child_count(sa))
		task_main_begin(sa->ike, &local, &peer);
}

/**
 * initiate_renew - have a successor made for an SA that we began
 * @sa: SA, authenticated
 *
 * Who began it begins the next one; the responder of a client cannot.
 */
void initiate_renew(struct ike_sa *sa)
{
	uint16_t r;

	timer_init(&sa->renew, renew_timer, sa);
	if (!sa->initiator)
		return;
	if (crypto_random(&r, sizeof(r)))
		r = 0;
	timer_start(&sa->ike->timers, &sa->renew,
		    sa->established + (uint64_t)sa->life * (900 + r % 40));
}

/**
 * initiate_established - a peer is authenticated: go on with what waited for it
 * @sa: SA
 */
void initiate_established(struct ike_sa *sa)
{
	struct want *w = LIST_FIRST(&sa->ike->wants), *next;

	for (; w && sa->state == QM_IDLE; w = next) {
		next = LIST_NEXT(w, link);
		if (!w->ex && w->peer.addr == sa->peer.addr)
			begin_quick(w, sa);
	}
}

/**
 * initiate_sa_gone - an SA has ended: what waited for it tries the next peer
 * @sa: SA
 */
void initiate_sa_gone(struct ike_sa *sa)
{
	struct want *w = LIST_FIRST(&sa->ike->wants), *next;

	if (!sa->initiator)
		return;
	for (; w; w = next) {
		next = LIST_NEXT(w, link);
		if (w->ex || w->peer.addr != sa->peer.addr)
			continue;
		w->try++;
		pursue(w);
	}
}

/**
 * initiate_exchange_gone - a quick mode of ours is over, in whatever way
 * @ex: it
 */
void initiate_exchange_gone(struct exchange *ex)
{
	struct want *w;

	LIST_FOREACH(w, &ex->sa->ike->wants, link) {
		if (w->ex == ex) {
			want_free(w);
			return;
		}
	}
}

/**
 * initiate_free - forget all wants
 * @ike: state
 */
void initiate_free(struct ike *ike)
{
	while (!LIST_EMPTY(&ike->wants))
		want_free(LIST_FIRST(&ike->wants));
}
