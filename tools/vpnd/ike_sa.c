// SPDX-License-Identifier: GPL-2.0
/* ISAKMP SAs: found by cookies, ended by lifetimes, limited while half-open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "ike.h"
#include "initiate.h"
#include "natt.h"

/**
 * ike_state_name - name of a state in the debug output of IOS
 * @state: state
 *
 * Return: name.
 */
const char *ike_state_name(enum ike_state state)
{
	static const char *const names[] = {
		[MM_NO_STATE] = "MM_NO_STATE", [MM_SA_SETUP] = "MM_SA_SETUP",
		[MM_KEY_EXCH] = "MM_KEY_EXCH", [AG_INIT_EXCH] = "AG_INIT_EXCH",
		[CONF_XAUTH] = "CONF_XAUTH", [QM_IDLE] = "QM_IDLE", [MM_DEAD] = "MM_NO_STATE",
	};

	return names[state];
}

/**
 * ike_id_equal - are these one identity
 * @a: one
 * @b: other
 *
 * Return: true if type and data agree; protocol and port say nothing about who.
 */
bool ike_id_equal(const struct ike_id *a, const struct ike_id *b)
{
	return a->len == b->len && a->len > 4 && a->type == b->type &&
		!memcmp(a->body + 4, b->body + 4, a->len - 4);
}

/**
 * ike_new - begin
 * @conf: configuration; must outlive the result
 *
 * Return: state, whose kernel, sender and log are to be filled in; or NULL.
 */
struct ike *ike_new(const struct vpnd_conf *conf)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	if (!ike)
		return NULL;
	TAILQ_INIT(&ike->half);
	ike->conf = conf;
	ike->next_conn = 1;
	ike->next_child = 2000;
	if (ike_pools_make(ike)) {
		ike_pools_free(ike);
		free(ike);
		return NULL;
	}
	return ike;
}

/**
 * ike_reload - use another configuration; SAs stay as they are
 * @ike: state
 * @conf: configuration; must outlive @ike
 *
 * Return: 0, or -EBUSY if the address pool is another one: then nothing changes,
 * since addresses of the old one are lent.
 */
int ike_reload(struct ike *ike, const struct vpnd_conf *conf)
{
	struct child *c;

	if (!ike_pools_are_of(ike, conf))
		return -EBUSY;
	ike->conf = conf;
	LIST_FOREACH(c, &ike->children, link) {
		if (!conf->wireshark)
			export_forget(c);
	}
	return 0;
}

static size_t bucket_of(const uint8_t *cky_i)
{
	size_t h = 0;

	for (int i = 0; i < ISAKMP_COOKIE_LEN; i++)
		h = h * 31 + cky_i[i];
	return h % IKE_BUCKETS;
}

static void leave_half(struct ike_sa *sa)
{
	if (!sa->on_half)
		return;
	TAILQ_REMOVE(&sa->ike->half, sa, half);
	sa->on_half = false;
	sa->ike->n_half--;
}

static void cached_free(struct cached *c)
{
	chunk_free(&c->reply);
	*c = (struct cached){ 0 };
}

/* Everything but what is needed to recognise late packets. */
static void sa_empty(struct ike_sa *sa)
{
	struct timers *timers = &sa->ike->timers;

	timer_stop(timers, &sa->cfg_timer);
	timer_stop(timers, &sa->dpd_timer);
	timer_stop(timers, &sa->nat_timer);
	timer_stop(timers, &sa->retry);
	timer_stop(timers, &sa->renew);
	crypto_dh_free(sa->dh);
	sa->dh = NULL;
	while (!LIST_EMPTY(&sa->exchanges))
		exchange_free(LIST_FIRST(&sa->exchanges));
	ike_sa_drop_lease(sa);
	cached_free(&sa->last);
	chunk_free(&sa->sai);
	chunk_free(&sa->ke_i);
	chunk_free(&sa->ke_r);
	keymat_wipe(&sa->keys);
	crypto_wipe(&sa->iv, sizeof(sa->iv));
	free(sa->seen);
	sa->seen = NULL;
	sa->n_seen = 0;
	sa->cap_seen = 0;
}

static void sa_free(struct ike_sa *sa)
{
	leave_half(sa);
	sa_empty(sa);
	timer_stop(&sa->ike->timers, &sa->timer);
	LIST_REMOVE(sa, link);
	sa->ike->n_sas--;
	free(sa);
}

/* Half-open too long, lifetime over, or dead for long enough. */
static void sa_timer(void *arg)
{
	struct ike_sa *sa = arg;

	switch (sa->state) {
	case QM_IDLE:
		sa_log(sa, "lifetime is over");
		task_info_delete_ike(sa);
		ike_sa_kill(sa, "lifetime");
		break;
	case MM_DEAD:
		sa_log(sa, "purging SA.");
		if (sa->node)
			sa_log(sa, "purging node %d", (int32_t)sa->node);
		log_line(&sa->ike->log, LOG_ENGINE, "CryptoEngine0: delete connection %u",
			 sa->conn);
		sa_free(sa);
		break;
	case CONF_XAUTH:
		sa_log(sa, "nobody has logged in");
		task_info_delete_ike(sa);
		ike_sa_kill(sa, "XAUTH");
		break;
	default:
		sa_log(sa, "negotiation was not finished in time");
		if (sa->initiator)
			ike_sa_kill(sa, "retransmission limit");
		else
			sa_free(sa);
	}
}

/**
 * ike_sa_new - a new half-open SA
 * @ike: state
 * @local: our address and port
 * @peer: the peer's
 * @cky_i: initiator's cookie
 *
 * A flood of first messages has invented sources and never gets further: the
 * oldest half-open SA goes, so that somebody who answers within the time that
 * the limit buys still gets in (kernel-rules L25).
 *
 * Return: SA with a cookie of ours that was never used before, or NULL.
 */
struct ike_sa *ike_sa_new(struct ike *ike, const struct endpoint *local,
			  const struct endpoint *peer, const uint8_t *cky_i)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));

	if (!sa || crypto_random(sa->cky_r, sizeof(sa->cky_r))) {
		free(sa);
		return NULL;
	}
	if (ike->n_half >= IKE_HALF_OPEN_MAX)
		sa_free(TAILQ_FIRST(&ike->half));
	sa->ike = ike;
	sa->conn = ike->next_conn++;
	sa->local = *local;
	sa->peer = *peer;
	sa->first_local = *local;
	sa->first_peer = *peer;
	sa->exch = EXCH_MAIN;
	memcpy(sa->cky_i, cky_i, ISAKMP_COOKIE_LEN);
	timer_init(&sa->timer, sa_timer, sa);
	if (timer_start(&ike->timers, &sa->timer, ike->now + IKE_HALF_OPEN_MS)) {
		free(sa);
		return NULL;
	}
	LIST_INSERT_HEAD(&ike->bucket[bucket_of(cky_i)], sa, link);
	TAILQ_INSERT_TAIL(&ike->half, sa, half);
	sa->on_half = true;
	ike->n_half++;
	ike->n_sas++;
	return sa;
}

/**
 * ike_sa_new_initiator - a new SA that we begin
 * @ike: state
 * @local: our address and port
 * @peer: the peer's
 *
 * Return: SA without the responder's cookie, or NULL.
 */
struct ike_sa *ike_sa_new_initiator(struct ike *ike, const struct endpoint *local,
				    const struct endpoint *peer)
{
	uint8_t cookie[ISAKMP_COOKIE_LEN];
	struct ike_sa *sa;

	if (ike->n_sas - ike->n_half >= IKE_SAS_MAX || crypto_random(cookie, sizeof(cookie)))
		return NULL;
	sa = ike_sa_new(ike, local, peer, cookie);
	if (!sa)
		return NULL;
	/* nobody's flood of first messages ends what we began */
	leave_half(sa);
	sa->initiator = true;
	memset(sa->cky_r, 0, sizeof(sa->cky_r));
	return sa;
}

/**
 * ike_sa_adopt - take over an SA of another daemon
 * @ike: state
 * @sa: what is known of it; is @ike's if this succeeds
 * @lease: address lent to its peer, 0 for none
 *
 * Return: false if it cannot go on.
 */
bool ike_sa_adopt(struct ike *ike, struct ike_sa *sa, uint32_t lease)
{
	uint64_t end = sa->established + sa->life * 1000ULL;
	struct lease_owner owner;

	if (end <= ike->now || sa->established > ike->now ||
	    ike_sa_find(ike, sa->cky_i, sa->cky_r))
		return false;
	sa->ike = ike;
	sa->state = QM_IDLE;
	sa->exch = EXCH_MAIN;
	sa->first_local = sa->local;
	sa->first_peer = sa->peer;
	sa->heard = ike->now;
	ike_lease_owner(&sa->id, &sa->peer, &owner);
	if (lease) {
		sa->lease = ike_lease_adopt(ike, &owner, lease);
		if (!sa->lease)
			return false;
		sa->pool = sa->lease->pool;
	}
	timer_init(&sa->timer, sa_timer, sa);
	timer_init(&sa->cfg_timer, sa_timer, sa);
	timer_init(&sa->retry, sa_timer, sa);
	if (timer_start(&ike->timers, &sa->timer, end)) {
		ike_put_lease(ike, sa->lease);
		return false;
	}
	LIST_INSERT_HEAD(&ike->bucket[bucket_of(sa->cky_i)], sa, link);
	ike->n_sas++;
	if (sa->conn >= ike->next_conn)
		ike->next_conn = sa->conn + 1;
	initiate_renew(sa);
	task_dpd_begin(sa);
	natt_begin(sa);
	if (sa->lease)
		ike_sa_route(sa);
	return true;
}

/**
 * ike_sa_find_begun - SA that waits for its second message
 * @ike: state
 * @cky_i: our cookie
 *
 * Return: SA or NULL.
 */
struct ike_sa *ike_sa_find_begun(struct ike *ike, const uint8_t *cky_i)
{
	static const uint8_t none[ISAKMP_COOKIE_LEN];
	struct ike_sa *sa = ike_sa_find(ike, cky_i, none);

	return sa && sa->initiator && sa->state == MM_NO_STATE ? sa : NULL;
}

/**
 * ike_has_peer - is there anything else with the peer of an SA
 * @ike: state
 * @sa: SA
 *
 * Return: true if another SA with that address is authenticated, or a pair exists:
 * then we are not in initial contact.
 */
bool ike_has_peer(struct ike *ike, const struct ike_sa *sa)
{
	const struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		if (c->peer.addr == sa->peer.addr)
			return true;
	}
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		const struct ike_sa *other;

		LIST_FOREACH(other, &ike->bucket[i], link) {
			if (other != sa && other->state == QM_IDLE &&
			    other->peer.addr == sa->peer.addr)
				return true;
		}
	}
	return false;
}

/**
 * ike_sa_find - SA of a message
 * @ike: state
 * @cky_i: initiator's cookie
 * @cky_r: responder's cookie
 *
 * Return: SA or NULL.
 */
struct ike_sa *ike_sa_find(struct ike *ike, const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct ike_sa *sa;

	LIST_FOREACH(sa, &ike->bucket[bucket_of(cky_i)], link) {
		if (!memcmp(sa->cky_i, cky_i, ISAKMP_COOKIE_LEN) &&
		    !memcmp(sa->cky_r, cky_r, ISAKMP_COOKIE_LEN))
			return sa;
	}
	return NULL;
}

/**
 * ike_sa_find_half - SA of a first message
 * @ike: state
 * @cky_i: initiator's cookie
 * @peer: where it comes from
 *
 * Return: any SA of that initiator's cookie, NULL if there is none.
 */
struct ike_sa *ike_sa_find_half(struct ike *ike, const uint8_t *cky_i,
				const struct endpoint *peer)
{
	struct ike_sa *sa;

	LIST_FOREACH(sa, &ike->bucket[bucket_of(cky_i)], link) {
		if (!memcmp(sa->cky_i, cky_i, ISAKMP_COOKIE_LEN) &&
		    sa->peer.addr == peer->addr && sa->peer.port == peer->port)
			return sa;
	}
	return NULL;
}

/**
 * ike_sa_may_begin - may one more half-open SA be made
 * @ike: state
 * @peer: address that asks
 *
 * Return: true if it may.
 */
bool ike_sa_may_begin(struct ike *ike, uint32_t peer)
{
	unsigned int same = 0;
	struct ike_sa *sa;

	if (ike->n_sas - ike->n_half >= IKE_SAS_MAX)
		return false;
	TAILQ_FOREACH(sa, &ike->half, half)
		same += sa->peer.addr == peer;
	if (same >= IKE_HALF_OPEN_PER_PEER)
		return false;
	return true;
}

/**
 * ike_sa_must_login - the peer has the key, and now somebody has to log in
 * @sa: SA
 */
void ike_sa_must_login(struct ike_sa *sa)
{
	leave_half(sa);
	sa->state = CONF_XAUTH;
	sa->heard = sa->ike->now;
	chunk_free(&sa->sai);
	chunk_free(&sa->ke_i);
	chunk_free(&sa->ke_r);
	timer_start(&sa->ike->timers, &sa->timer, sa->ike->now + IKE_LOGIN_MS);
}

/**
 * ike_sa_established - the peer is authenticated
 * @sa: SA
 */
void ike_sa_established(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	leave_half(sa);
	ike->changed = true;
	sa->state = QM_IDLE;
	sa->established = ike->now;
	sa->heard = ike->now;
	chunk_free(&sa->sai);
	chunk_free(&sa->ke_i);
	chunk_free(&sa->ke_r);
	timer_start(&ike->timers, &sa->timer, ike->now + sa->life * 1000ULL);
	initiate_renew(sa);
}

/**
 * ike_sa_kill - end an SA; its keys are wiped, IPsec SAs live on
 * @sa: SA
 * @why: for the log
 */
void ike_sa_kill(struct ike_sa *sa, const char *why)
{
	if (sa->state == MM_DEAD)
		return;
	sa_log(sa, "deleting SA, reason: %s", why);
	sa->ike->changed = true;
	leave_half(sa);
	sa->state = MM_DEAD;
	sa->node = LIST_EMPTY(&sa->exchanges) ? 0 : LIST_FIRST(&sa->exchanges)->msgid;
	sa_empty(sa);
	timer_start(&sa->ike->timers, &sa->timer, sa->ike->now + IKE_PURGE_MS);
	initiate_sa_gone(sa);
}

/**
 * ike_sa_initial_contact - the peer has no other SAs with us (RFC 2407 4.6.3.3)
 * @sa: SA in which it said so, authenticated
 *
 * By identity and place: with a wildcard key neither says enough alone, and
 * several clients may be behind one address.
 */
void ike_sa_initial_contact(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *old;

		LIST_FOREACH(old, &ike->bucket[i], link) {
			if (old != sa && old->state == QM_IDLE &&
			    ike_id_equal(&old->id, &sa->id) &&
			    old->peer.addr == sa->peer.addr && old->peer.port == sa->peer.port)
				ike_sa_kill(old, "INITIAL-CONTACT");
		}
	}
	child_free_of(ike, &sa->id, &sa->peer, "INITIAL-CONTACT");
}

/**
 * ike_sa_drop_lease - an SA gives up its lease
 * @sa: SA
 */
void ike_sa_drop_lease(struct ike_sa *sa)
{
	ike_put_lease(sa->ike, sa->lease);
	sa->lease = NULL;
}

/**
 * ike_goodbye - tell all peers that we end
 * @ike: state
 */
void ike_goodbye(struct ike *ike)
{
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		LIST_FOREACH(sa, &ike->bucket[i], link) {
			struct child *c;

			if (sa->state != QM_IDLE)
				continue;
			LIST_FOREACH(c, &ike->children, link) {
				if (child_is_of(c, sa))
					task_info_delete_esp(sa, c->in_spi);
			}
			task_info_delete_ike(sa);
		}
	}
}

/**
 * ike_free - end; removes every SA from the kernel
 * @ike: state
 */
void ike_free(struct ike *ike)
{
	initiate_free(ike);
	while (!LIST_EMPTY(&ike->children))
		child_free(LIST_FIRST(&ike->children), "shutdown");
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		while (!LIST_EMPTY(&ike->bucket[i]))
			sa_free(LIST_FIRST(&ike->bucket[i]));
	}
	if (ike->kernel.ops)
		ike->kernel.ops->close(ike->kernel.priv);
	ike_pools_free(ike);
	timers_free(&ike->timers);
	free(ike);
}
