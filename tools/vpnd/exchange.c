// SPDX-License-Identifier: GPL-2.0
/*
 * From datagram to task: which SA, which exchange, is it a copy of the last
 * message, may this kind of message come now. What no table lists leaves all
 * state as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "initiate.h"
#include "natt.h"

/**
 * exchange_new - an exchange that the peer begins, nothing of it verified yet
 * @sa: SA
 * @type: enum isakmp_exchange
 * @msgid: message ID
 *
 * Return: exchange, or NULL.
 */
struct exchange *exchange_new(struct ike_sa *sa, uint8_t type, uint32_t msgid)
{
	struct exchange *ex;

	if (sa->n_exchanges >= IKE_EXCHANGES_MAX)
		return NULL;
	ex = calloc(1, sizeof(*ex));
	if (!ex)
		return NULL;
	if (iv_phase2(&ex->iv, sa->keys.hash, &sa->iv, msgid)) {
		free(ex);
		return NULL;
	}
	ex->sa = sa;
	ex->type = type;
	ex->msgid = msgid;
	timer_init(&ex->retry, exchange_timer, ex);
	LIST_INSERT_HEAD(&sa->exchanges, ex, link);
	sa->n_exchanges++;
	return ex;
}

/**
 * exchange_start - an exchange that we begin
 * @sa: SA
 * @type: enum isakmp_exchange
 *
 * Return: exchange with a message ID never used in @sa, or NULL.
 */
struct exchange *exchange_start(struct ike_sa *sa, uint8_t type)
{
	uint32_t msgid = 0;

	for (int i = 0; i < 8 && (!msgid || ike_sa_msgid_used(sa, msgid)); i++) {
		if (crypto_random(&msgid, sizeof(msgid)))
			return NULL;
	}
	if (!msgid || !ike_sa_use_msgid(sa, msgid))
		return NULL;
	return exchange_new(sa, type, msgid);
}

/**
 * exchange_find - exchange by message ID
 * @sa: SA
 * @msgid: message ID
 *
 * Return: exchange or NULL.
 */
struct exchange *exchange_find(struct ike_sa *sa, uint32_t msgid)
{
	struct exchange *ex;

	LIST_FOREACH(ex, &sa->exchanges, link) {
		if (ex->msgid == msgid)
			return ex;
	}
	return NULL;
}

/**
 * exchange_free - forget an exchange and what it reserved
 * @ex: exchange
 */
void exchange_free(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	initiate_exchange_gone(ex);
	timer_stop(&sa->ike->timers, &ex->retry);
	task_quick_free(sa->ike, ex->qm);
	chunk_free(&ex->last.reply);
	chunk_free(&ex->held);
	LIST_REMOVE(ex, link);
	sa->n_exchanges--;
	crypto_wipe(ex, sizeof(*ex));
	free(ex);
}

/**
 * exchange_done - nothing more is expected; stays for copies of the last message
 * @ex: exchange
 */
void exchange_done(struct exchange *ex)
{
	struct ike *ike = ex->sa->ike;

	initiate_exchange_gone(ex);
	task_quick_free(ike, ex->qm);
	ex->qm = NULL;
	ex->state = EX_DONE;
	timer_start(&ike->timers, &ex->retry, ike->now + IKE_PURGE_MS);
}

/**
 * exchange_verified - a message of the exchange has proved to be the peer's
 * @ex: exchange; its chain of IVs moves, its message ID is used up
 *
 * Return: false if the message ID cannot be noted; the message is not to be obeyed.
 */
bool exchange_verified(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	if (ex->state == EX_NEW && !ike_sa_use_msgid(sa, ex->msgid)) {
		ike_sa_kill(sa, "message IDs are used up");
		return false;
	}
	iv_confirm(&ex->iv);
	natt_follow(sa, &sa->ike->from);
	sa->heard = sa->ike->now;
	sa->dpd_tries = 0;
	return true;
}

/**
 * exchange_header - header of an answer in an exchange
 * @ex: exchange
 * @hdr: where it goes
 */
void exchange_header(const struct exchange *ex, struct msg_hdr *hdr)
{
	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr->cky_i, ex->sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(hdr->cky_r, ex->sa->cky_r, ISAKMP_COOKIE_LEN);
	hdr->exch = ex->type;
	hdr->flags = ISAKMP_FLAG_ENC;
	hdr->msgid = ex->msgid;
}

static void sa_sent(struct ike_sa *sa, const void *data, size_t len)
{
	char a[VG_ADDR_LEN];

	sa_log(sa, "sending packet to %s (%c) %s", vg_addr_str(sa->peer.addr, a),
	       sa->initiator ? 'I' : 'R', ike_state_name(sa->state));
	sa->ike->send(sa->ike->send_arg, &sa->local, &sa->peer, data, len);
}

/**
 * sa_resend - send the last message of main mode again
 * @sa: SA
 */
void sa_resend(struct ike_sa *sa)
{
	if (sa->last.reply.len)
		sa_sent(sa, sa->last.reply.p, sa->last.reply.len);
}

/**
 * sa_send_clear - send a message of main mode, and keep it for copies
 * @sa: SA
 * @b: message
 *
 * Return: 0 or -errno.
 */
int sa_send_clear(struct ike_sa *sa, struct mbuf *b)
{
	if (!mbuf_finish(b))
		return -EMSGSIZE;
	if (chunk_set(&sa->last.reply, b->data, b->len))
		return -ENOMEM;
	sa_sent(sa, b->data, b->len);
	return 0;
}

/**
 * sa_send_encrypted - encrypt and send a message
 * @sa: SA
 * @iv: chain of its exchange
 * @b: message, complete but for padding
 * @last: where it is kept for copies of what it answers, or NULL
 *
 * Return: 0 or -errno, then nothing was sent and the chain has not moved.
 */
int sa_send_encrypted(struct ike_sa *sa, struct iv *iv, struct mbuf *b, struct cached *last)
{
	uint8_t *body = b->data + ISAKMP_HDR_LEN;
	size_t len;
	int ret;

	if (!mbuf_pad(b, iv->block) || !mbuf_finish(b))
		return -EMSGSIZE;
	len = b->len - ISAKMP_HDR_LEN;
	ret = crypto_cbc(sa->keys.encr, sa->keys.enc, sa->keys.enc_len, iv->cur, true, body,
			 body, len);
	if (ret)
		return ret;
	if (last && chunk_set(&last->reply, b->data, b->len))
		return -ENOMEM;
	iv_sent(iv, body, len);
	sa_sent(sa, b->data, b->len);
	return 0;
}

/**
 * exchange_send - send a message of an exchange, and keep it for copies
 * @ex: exchange
 * @b: message
 *
 * Return: 0 or -errno.
 */
int exchange_send(struct exchange *ex, struct mbuf *b)
{
	return sa_send_encrypted(ex->sa, &ex->iv, b, &ex->last);
}

/**
 * exchange_resend - send the last message of an exchange again
 * @ex: exchange
 */
void exchange_resend(struct exchange *ex)
{
	if (ex->last.reply.len)
		sa_sent(ex->sa, ex->last.reply.p, ex->last.reply.len);
}

/**
 * sa_hash1 - fill in HASH(1) of a message of ours (RFC 2409 5.7)
 * @sa: SA
 * @b: message
 * @msgid: its message ID
 * @hash_at: what mbuf_begin_hash() returned
 *
 * Return: 0 or -errno.
 */
int sa_hash1(struct ike_sa *sa, struct mbuf *b, uint32_t msgid, size_t hash_at)
{
	struct blob rest = mbuf_behind(b, hash_at, sa->keys.len);
	uint8_t hash[HASH_MAX];
	int ret = keymat_hash1(&sa->keys, msgid, &rest, hash);

	if (!ret)
		mbuf_set_hash(b, hash_at, hash, sa->keys.len);
	return ret;
}

/**
 * sa_check_hash1 - check HASH(1) of a message (RFC 2409 5.7)
 * @sa: SA
 * @m: message
 *
 * Return: true if the peer wrote it.
 */
bool sa_check_hash1(struct ike_sa *sa, const struct msg *m)
{
	const struct payload *p = msg_find(m, PLD_HASH, 0);
	struct blob rest = msg_behind(m, p);
	uint8_t hash[HASH_MAX];

	return p->body.len == sa->keys.len &&
		!keymat_hash1(&sa->keys, m->hdr.msgid, &rest, hash) &&
		crypto_equal(hash, p->body.p, sa->keys.len);
}

/* A copy of the last message of something gets the same answer, some times. */
static bool answer_copy(struct ike_sa *sa, struct cached *c, const uint8_t *digest)
{
	if (!c->have || memcmp(c->digest, digest, sizeof(c->digest)))
		return false;
	if (c->reply.len && c->replies < IKE_REPLIES_MAX) {
		c->replies++;
		sa_log(sa, "phase %u packet is a duplicate of a previous packet; "
		       "retransmitting", c == &sa->last ? 1 : 2);
		sa_sent(sa, c->reply.p, c->reply.len);
	}
	return true;
}

static void remember(struct cached *c, const uint8_t *digest)
{
	memcpy(c->digest, digest, sizeof(c->digest));
	c->have = true;
	c->replies = 0;
}

/* Decrypts a message; the chain is told where it would lead. */
static bool decrypt(struct ike_sa *sa, struct iv *iv, const uint8_t *data, size_t len,
		    uint8_t *plain)
{
	size_t body = len - ISAKMP_HDR_LEN;

	if (!body || body % iv->block)
		return false;
	memcpy(plain, data, ISAKMP_HDR_LEN);
	if (crypto_cbc(sa->keys.encr, sa->keys.enc, sa->keys.enc_len, iv->cur, false,
		       data + ISAKMP_HDR_LEN, plain + ISAKMP_HDR_LEN, body))
		return false;
	iv_received(iv, data + ISAKMP_HDR_LEN, body);
	return true;
}

static void malformed(struct ike_sa *sa, const char *why)
{
	char a[VG_ADDR_LEN];

	log_line(&sa->ike->log, LOG_ISAKMP, "%%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from %s "
		 "failed its sanity check or is malformed (%s)", vg_addr_str(sa->peer.addr, a),
		 why);
}

/* What may come in phase 1, by role and state. */
static const struct {
	bool initiator, encrypted;
	enum ike_state state;
	enum msg_kind kind;
	bool (*task)(struct ike_sa *sa, const struct msg *m);
} phase1_edges[] = {
	{ false, false, MM_SA_SETUP, MSG_MM3, task_main_3 },
	{ false, true, MM_KEY_EXCH, MSG_MM5, task_main_5 },
	{ true, false, MM_NO_STATE, MSG_MM2, task_main_2 },
	{ true, false, MM_SA_SETUP, MSG_MM4, task_main_4 },
	{ true, true, MM_KEY_EXCH, MSG_MM6, task_main_6 },
	/* some encrypt it, RFC 2409 5.4 does not */
	{ false, false, AG_INIT_EXCH, MSG_AM3, task_aggressive_3 },
	{ false, true, AG_INIT_EXCH, MSG_AM3, task_aggressive_3 },
};

/* Messages of main and of aggressive mode, where the state waits for them. */
static void phase1_input(struct ike_sa *sa, const struct msg_hdr *hdr, const uint8_t *data,
			 size_t len, const uint8_t *digest)
{
	bool encrypted = hdr->flags & ISAKMP_FLAG_ENC, ok = false;
	const void *sent = sa->last.reply.p;
	uint8_t plain[MSG_MAX];
	const char *why = NULL;
	struct msg m;
	size_t i = 0;

	if (answer_copy(sa, &sa->last, digest))
		return;
	if (hdr->msgid) {
		malformed(sa, "message ID in phase 1");
		return;
	}
	while (i < VG_ARRAY_SIZE(phase1_edges) &&
	       (phase1_edges[i].initiator != sa->initiator ||
		phase1_edges[i].state != sa->state || phase1_edges[i].encrypted != encrypted))
		i++;
	if (i == VG_ARRAY_SIZE(phase1_edges))
		return;
	if (encrypted && !decrypt(sa, &sa->iv, data, len, plain))
		malformed(sa, "no whole blocks");
	else if (msg_payloads(&m, encrypted ? plain : data, len, phase1_edges[i].kind, &why))
		malformed(sa, why);		/* most often another pre-shared key */
	else
		ok = phase1_edges[i].task(sa, &m);
	if (encrypted) {
		iv_forget(&sa->iv);
		crypto_wipe(plain, len);
	}
	if (!ok)
		return;
	remember(&sa->last, digest);
	/* a last message has no answer, and what we sent before it is none: two that
	 * repeat themselves would never end
	 */
	if (sa->last.reply.p == sent)
		chunk_free(&sa->last.reply);
}

/* What may come in an exchange, by its type and state; @early: before a login too. */
static const struct {
	uint8_t type;
	enum ex_state state;
	enum msg_kind kind;
	bool early;
	bool (*task)(struct exchange *ex, const struct msg *m);
} edges[] = {
	{ EXCH_QUICK, EX_NEW, MSG_QM1, false, task_quick },
	{ EXCH_QUICK, EX_WAIT_QM2, MSG_QM2, false, task_quick_2 },
	{ EXCH_QUICK, EX_WAIT_QM3, MSG_QM3, false, task_quick },
	{ EXCH_TRANSACTION, EX_NEW, MSG_TRANSACTION, false, task_modecfg },
	{ EXCH_TRANSACTION, EX_WAIT_ACK, MSG_TRANSACTION, false, task_modecfg },
	{ EXCH_TRANSACTION, EX_WAIT_LOGIN, MSG_TRANSACTION, true, task_xauth },
	{ EXCH_TRANSACTION, EX_WAIT_STATUS, MSG_TRANSACTION, true, task_xauth },
	{ EXCH_INFO, EX_NEW, MSG_INFO, true, task_info },
};

static bool run_edge(struct exchange *ex, const uint8_t *data, size_t len)
{
	struct ike_sa *sa = ex->sa;
	uint8_t plain[MSG_MAX];
	const char *why = NULL;
	bool ok = false;
	struct msg m;

	for (size_t i = 0; i < VG_ARRAY_SIZE(edges); i++) {
		if (edges[i].type != ex->type || edges[i].state != ex->state ||
		    (sa->state == CONF_XAUTH && !edges[i].early))
			continue;
		if (!decrypt(sa, &ex->iv, data, len, plain))
			malformed(sa, "no whole blocks");
		else if (msg_payloads(&m, plain, len, edges[i].kind, &why))
			malformed(sa, why);
		else
			ok = edges[i].task(ex, &m);
		crypto_wipe(plain, len);
		break;
	}
	return ok;
}

static void phase2_input(struct ike_sa *sa, const struct msg_hdr *hdr, const uint8_t *data,
			 size_t len, const uint8_t *digest)
{
	struct exchange *ex = exchange_find(sa, hdr->msgid);
	const void *sent = ex ? ex->last.reply.p : NULL;
	bool fresh = !ex, ok;

	if (ex && answer_copy(sa, &ex->last, digest))
		return;
	if (ex && ex->type != hdr->exch)
		return;
	if (fresh) {
		if (ike_sa_msgid_used(sa, hdr->msgid)) {
			sa_log(sa, "message ID %d was used before", (int32_t)hdr->msgid);
			return;
		}
		ex = exchange_new(sa, hdr->exch, hdr->msgid);
		if (!ex)
			return;
	}
	ok = run_edge(ex, data, len);
	if (sa->state == MM_DEAD)
		return;		/* and all its exchanges are gone */
	if (ok) {
		remember(&ex->last, digest);
		if (ex->state == EX_DONE && ex->last.reply.p == sent)
			chunk_free(&ex->last.reply);
	} else {
		iv_forget(&ex->iv);
		if (fresh)
			exchange_free(ex);
	}
}

static bool is_phase1(uint8_t exch)
{
	return exch == EXCH_MAIN || exch == EXCH_AGGRESSIVE;
}

static void first_message(struct ike *ike, const struct endpoint *local,
			  const struct endpoint *peer, const uint8_t *data, size_t len,
			  const struct msg_hdr *hdr, const uint8_t *digest)
{
	struct ike_sa *sa;
	const char *why = NULL;
	char a[VG_ADDR_LEN];
	struct msg m;

	if (!is_phase1(hdr->exch) || hdr->flags || hdr->msgid)
		return;
	/* Nothing tells a probe that somebody is here. */
	if (hdr->exch == EXCH_AGGRESSIVE && !ike->conf->group.n) {
		ike->count.aggressive_off++;
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): aggressive mode is not configured: "
			 "no answer to %s", vg_addr_str(peer->addr, a));
		return;
	}
	sa = ike_sa_find_half(ike, hdr->cky_i, peer);
	if (sa) {
		if (sa->state == MM_SA_SETUP || sa->state == AG_INIT_EXCH)
			answer_copy(sa, &sa->last, digest);
		return;
	}
	log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0): received packet from %s (N) NEW SA",
		 vg_addr_str(peer->addr, a));
	if (msg_payloads(&m, data, len, hdr->exch == EXCH_MAIN ? MSG_MM1 : MSG_AM1, &why)) {
		log_line(&ike->log, LOG_ISAKMP, "%%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from "
			 "%s failed its sanity check or is malformed (%s)", a, why);
		return;
	}
	if (hdr->exch == EXCH_MAIN)
		task_main_1(ike, local, peer, &m, digest);
	else
		task_aggressive_1(ike, local, peer, &m, digest);
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->addr == b->addr && a->port == b->port;
}

/* Its last message from somewhere else: only if it is verified that is where the peer is. */
static void floated_input(struct ike_sa *sa, const struct endpoint *local,
			  const struct endpoint *peer, const struct msg_hdr *hdr,
			  const uint8_t *data, size_t len, const uint8_t *digest)
{
	struct endpoint old_local = sa->local, old_peer = sa->peer;
	enum ike_state state = sa->state;

	sa->local = *local;
	sa->peer = *peer;
	phase1_input(sa, hdr, data, len, digest);
	if (sa->state == state) {
		sa->local = old_local;
		sa->peer = old_peer;
	}
}

/**
 * ike_input - a datagram has come
 * @ike: state
 * @local: where to
 * @peer: where from
 * @data: datagram
 * @len: its length
 */
void ike_input(struct ike *ike, const struct endpoint *local, const struct endpoint *peer,
	       const void *data, size_t len)
{
	static const uint8_t none[ISAKMP_COOKIE_LEN];
	struct blob all = { data, len };
	const char *why = NULL;
	uint8_t digest[HASH_MAX];
	char a[VG_ADDR_LEN];
	struct msg_hdr hdr;
	struct ike_sa *sa;

	ike->from = *peer;
	vg_addr_str(peer->addr, a);
	if (msg_header(data, len, &hdr, &why)) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): packet from %s is no message: %s",
			 a, why);
		return;
	}
	if (crypto_hash(IKE_SHA256, &all, 1, digest))
		return;
	if (!memcmp(hdr.cky_r, none, sizeof(none))) {
		first_message(ike, local, peer, data, len, &hdr, digest);
		return;
	}
	sa = ike_sa_find(ike, hdr.cky_i, hdr.cky_r);
	if (!sa && hdr.exch == EXCH_MAIN)
		sa = ike_sa_find_begun(ike, hdr.cky_i);
	if (sa && hdr.exch == sa->exch && natt_may_float(sa, local, peer)) {
		floated_input(sa, local, peer, &hdr, data, len, digest);
		return;
	}
	if (!sa || !same_endpoint(&sa->local, local) ||
	    (!same_endpoint(&sa->peer, peer) &&
	     (hdr.exch == sa->exch || !natt_may_follow(sa, peer)))) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): no SA for packet from %s", a);
		return;
	}
	if (sa->state == MM_DEAD) {
		/* it has left its engine, and IOS its number */
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (%u): received packet from %s (%c) %s",
			 sa->conn, a, sa->initiator ? 'I' : 'R', ike_state_name(sa->state));
		return;
	}
	sa_log(sa, "received packet from %s (%c) %s", a, sa->initiator ? 'I' : 'R',
	       ike_state_name(sa->state));
	if (hdr.exch == sa->exch)
		phase1_input(sa, &hdr, data, len, digest);
	else if ((sa->state == QM_IDLE || sa->state == CONF_XAUTH) &&
		 hdr.flags & ISAKMP_FLAG_ENC && hdr.msgid)
		phase2_input(sa, &hdr, data, len, digest);
}
