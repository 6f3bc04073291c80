// SPDX-License-Identifier: GPL-2.0
/*
 * Quick mode as responder (RFC 2409 5.5). One that comes before the client knows
 * its address is held until it does, as IOS does: then it goes on as if it had
 * just come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "model.h"
#include "natt.h"
#include "proposal.h"
#include "quick.h"
#include "transform.h"

/**
 * struct quick - a first message being processed
 * @ci: traffic of the initiator; its outer address where it sent no ID
 * @cr: ours
 * @ids: it sent IDs, so the answer has them too
 */
struct quick {
	struct exchange *ex;
	struct ike_sa *sa;
	const struct msg *m;
	struct msg_id ci, cr;
	bool ids;
	struct esp_choice choice;
	struct qm *qm;
};

/**
 * task_quick_free - forget a quick mode, give back what it reserved
 * @ike: state
 * @qm: quick mode or NULL
 */
void task_quick_free(struct ike *ike, struct qm *qm)
{
	if (!qm)
		return;
	if (qm->installed)
		ike->kernel.ops->del_sa(ike->kernel.priv, qm->pair.local, qm->pair.in_spi);
	ike_put_lease(ike, qm->lease);
	crypto_dh_free(qm->dh);
	crypto_wipe(qm, sizeof(*qm));
	free(qm);
}

/**
 * qm_ni - the initiator's nonce
 * @qm: quick mode
 *
 * Return: octets in @qm.
 */
struct blob qm_ni(const struct qm *qm)
{
	return qm->initiator ? (struct blob){ qm->mine, sizeof(qm->mine) } :
		(struct blob){ qm->theirs, qm->theirs_len };
}

/**
 * qm_nr - the responder's nonce
 * @qm: quick mode
 *
 * Return: octets in @qm.
 */
struct blob qm_nr(const struct qm *qm)
{
	return qm->initiator ? (struct blob){ qm->theirs, qm->theirs_len } :
		(struct blob){ qm->mine, sizeof(qm->mine) };
}

static void read_ids(struct quick *q)
{
	const struct payload *ci = msg_find(q->m, PLD_ID, 0), *cr = msg_find(q->m, PLD_ID, 1);

	q->ids = ci;
	q->ci = (struct msg_id){ .type = ID_IPV4_ADDR, .lo = q->sa->peer.addr,
				 .hi = 0xffffffff };
	q->cr = (struct msg_id){ .type = ID_IPV4_ADDR, .lo = q->sa->local.addr,
				 .hi = 0xffffffff };
	if (q->ids) {
		msg_read_id(ci, &q->ci);
		msg_read_id(cr, &q->cr);
	}
}

static bool is_host(const struct msg_id *id)
{
	return (id->type == ID_IPV4_ADDR || id->type == ID_IPV4_SUBNET) && id->hi == 0xffffffff;
}

/*
 * A client that skipped mode configuration and knows its address from before: it
 * is welcome to it if nobody else had it since (deployment: restart).
 */
static bool resume_lease(struct ike_sa *sa, const struct msg_id *ci)
{
	struct lease_owner owner;

	if (sa->lease || sa->cfg != CFG_WAITING || !is_host(ci))
		return false;
	ike_lease_owner(&sa->id, &sa->peer, &owner);
	sa->lease = lease_retake(sa->pool, &owner, ci->lo);
	if (!sa->lease)
		return false;
	timer_stop(&sa->ike->timers, &sa->cfg_timer);
	sa->cfg = CFG_DONE;
	ike_sa_route(sa);
	return true;
}

/* Does the quick mode have to wait until the client has its address? */
static bool must_wait(struct quick *q)
{
	struct ike_sa *sa = q->sa;

	if (sa->cfg != CFG_WAITING && sa->cfg != CFG_PUSHED)
		return false;
	if (sa->lease && is_host(&q->ci) && q->ci.lo == sa->lease->addr)
		return false;		/* as good as an acknowledgement */
	return !resume_lease(sa, &q->ci) && sa->ike->conf->initiate;
}

static void refuse(struct quick *q, uint16_t notify, const char *why)
{
	static const struct blob none;

	sa_log(q->sa, "quick mode refused: %s", why);
	task_info_notify(q->sa, PROTO_ESP, notify, &none, &none);
	sa_log(q->sa, "deleting node %d error TRUE reason \"quick mode refused\"",
	       (int32_t)q->ex->msgid);
	task_quick_free(q->sa->ike, q->qm);
	q->qm = NULL;
	exchange_done(q->ex);
}

/* The client's own idea of its outer address, which a NAT may not share. */
static bool is_outer(const struct ike_sa *sa, uint32_t addr)
{
	return addr == sa->peer.addr ||
		(sa->nat_peer && sa->id.type == ID_IPV4_ADDR && addr == sa->id.addr);
}

/*
 * The client's side must be what we lent it, and where nothing is lent its own
 * address: a wildcard key says nothing about who may use which network. Its outer
 * address in a held quick mode stands for the lease, as in IOS.
 */
static bool is_clients(struct quick *q)
{
	struct ike_sa *sa = q->sa;
	uint32_t own = sa->lease ? sa->lease->addr : sa->peer.addr;

	if (!is_host(&q->ci))
		return false;
	if (sa->lease && is_outer(sa, q->ci.lo) && q->ex->state == EX_HELD) {
		q->ci.type = ID_IPV4_ADDR;
		q->ci.lo = own;
	}
	return q->ci.lo == own && (sa->lease || !sa->ike->n_pools);
}

static bool is_network(const struct msg_id *id)
{
	return (id->type == ID_IPV4_ADDR || id->type == ID_IPV4_SUBNET) &&
		vg_mask_contiguous(id->hi) && !(id->lo & ~id->hi);
}

/* What a site may name depends on the access list of its entry, see esp_wish. */
static bool set_selector(struct quick *q, struct kernel_sel *sel)
{
	struct ike_sa *sa = q->sa;

	if (!conf_static_peer(sa->ike->conf, sa->peer.addr) && !is_clients(q))
		return false;
	if (!is_network(&q->ci) || !is_network(&q->cr) || q->ci.proto != q->cr.proto)
		return false;
	sel->remote = q->ci.lo;
	sel->remote_mask = q->ci.hi;
	sel->local = q->cr.lo;
	sel->local_mask = q->cr.hi;
	sel->proto = q->cr.proto ? q->cr.proto : -1;
	sel->local_port = q->cr.port ? q->cr.port : -1;
	sel->remote_port = q->ci.port ? q->ci.port : -1;
	return !child_overlaps(sa, sel);
}

/**
 * quick_derive - keys of one direction (RFC 2409 5.5)
 * @sa: SA
 * @qm: quick mode with both nonces
 * @keys: where they go
 * @spi: of that direction
 *
 * Return: 0 or -errno.
 */
int quick_derive(const struct ike_sa *sa, const struct qm *qm, struct kernel_keys *keys,
		 uint32_t spi)
{
	struct blob ni = qm_ni(qm), nr = qm_nr(qm);
	struct blob gxy = { qm->gxy, qm->gxy_len };
	size_t enc = qm->pair.enc_len, auth = qm->pair.auth_len;
	uint8_t mat[KEYMAT_MAX];
	int ret = keymat_ipsec(&sa->keys, &gxy, PROTO_ESP, spi, &ni, &nr, mat, enc + auth);

	if (!ret) {
		memcpy(keys->enc, mat, enc);
		memcpy(keys->auth, mat + enc, auth);
		/* the kernel would refuse it; one in 2^50 */
		if (qm->pair.encr == ESP_DES && vg_des_key_weak(keys->enc))
			ret = -EKEYREJECTED;
	}
	crypto_wipe(mat, sizeof(mat));
	return ret;
}

/* Perfect forward secrecy: a Diffie-Hellman of its own. */
static int exchange_secret(struct quick *q, uint8_t *pub)
{
	const struct payload *ke = msg_find(q->m, PLD_KE, 0);
	struct dh *dh;
	int ret;

	if (!q->choice.group)
		return ke ? -EINVAL : 0;
	if (!ke)
		return -EINVAL;
	dh = crypto_dh_new(q->choice.group);
	if (!dh)
		return -EIO;
	ret = crypto_dh_shared(dh, ke->body.p, ke->body.len, q->qm->gxy);
	if (!ret)
		ret = crypto_dh_public(dh, pub);
	crypto_dh_free(dh);
	log_line(&q->sa->ike->log, LOG_ENGINE, "CRYPTO_ENGINE: Dh phase 2 status: %d",
		 ret ? 1 : 0);
	q->qm->gxy_len = crypto_dh_secret_len(q->choice.group);
	return ret;
}

/* RFC 2407 4.6.3.1; the initiator finds its way by the SPI. */
static void put_lifetime(struct quick *q, struct mbuf *b, const struct blob *spi)
{
	struct mbuf attrs = { .len = 0 };
	uint32_t v[2] = { q->choice.life, q->choice.kilobytes };
	struct blob data;

	for (uint16_t i = 0; i < 2; i++) {
		uint8_t o[4] = { v[i] >> 24, v[i] >> 16, v[i] >> 8, v[i] };

		if (i && v[i] == VG_NO_VOLUME)
			continue;
		mbuf_attr(&attrs, IPSEC_ATTR_LIFE_TYPE, i ? LIFE_KILOBYTES : LIFE_SECONDS);
		mbuf_attr_long(&attrs, IPSEC_ATTR_LIFE, o, 4);
	}
	data = (struct blob){ attrs.data, attrs.len };
	mbuf_notify(b, PROTO_ESP, N_RESPONDER_LIFETIME, spi, &data);
}

static int send_quick_2(struct quick *q, const uint8_t *pub)
{
	struct ike_sa *sa = q->sa;
	struct qm *qm = q->qm;
	struct blob ni = qm_ni(qm), rest;
	uint32_t s = qm->pair.in_spi;
	uint8_t spi[4] = { s >> 24, s >> 16, s >> 8, s }, hash[HASH_MAX];
	struct blob spi_blob = { spi, 4 };
	struct msg_hdr hdr;
	struct mbuf b;
	size_t at;
	int ret;

	exchange_header(q->ex, &hdr);
	mbuf_start(&b, &hdr);
	at = mbuf_begin_hash(&b, sa->keys.len);
	mbuf_sa(&b, q->choice.proposal->number, PROTO_ESP, &spi_blob,
		&q->choice.transform->raw);
	mbuf_payload(&b, PLD_NONCE, qm->mine, sizeof(qm->mine));
	if (q->choice.group)
		mbuf_payload(&b, PLD_KE, pub, crypto_dh_len(q->choice.group));
	if (q->ids) {
		mbuf_id(&b, &q->ci);
		mbuf_id(&b, &q->cr);
	}
	if (q->choice.tell_life)
		put_lifetime(q, &b, &spi_blob);
	rest = mbuf_behind(&b, at, sa->keys.len);
	ret = keymat_hash2(&sa->keys, hdr.msgid, &ni, &rest, hash);
	if (ret)
		return ret;
	mbuf_set_hash(&b, at, hash, sa->keys.len);
	return exchange_send(q->ex, &b);
}

/**
 * quick_fill_pair - what was agreed on, for the kernel
 * @sa: SA
 * @choice: what was agreed on
 * @qm: quick mode whose pair it is
 */
void quick_fill_pair(const struct ike_sa *sa, const struct esp_choice *choice, struct qm *qm)
{
	struct kernel_pair *pair = &qm->pair;

	pair->local = sa->local.addr;
	pair->peer = sa->peer.addr;
	if (natt_active(sa)) {
		pair->local_port = sa->local.port;
		pair->peer_port = sa->peer.port;
	}
	pair->out_spi = msg_u32(&choice->proposal->spi);
	memcpy(pair->map, choice->entry->map, sizeof(pair->map));
	pair->seq = choice->entry->seq;
	pair->encr = choice->set->encr;
	pair->key_bits = choice->set->key_bits;
	pair->auth = choice->set->auth;
	pair->transport = choice->transport;
	pair->enc_len = proposal_esp_key_len(pair->encr, pair->key_bits);
	pair->auth_len = proposal_auth_key_len(pair->auth);
	pair->life = choice->life;
	pair->kilobytes = choice->kilobytes;
	qm->site = choice->entry->n_peers;
	if (qm->site)
		pair->soft_kilobytes = pair->kilobytes / 10 * 9;
}

static int prepare(struct quick *q)
{
	const struct payload *ni = msg_find(q->m, PLD_NONCE, 0);

	q->qm->theirs_len = ni->body.len;
	memcpy(q->qm->theirs, ni->body.p, ni->body.len);
	if (crypto_random(q->qm->mine, sizeof(q->qm->mine)))
		return -EIO;
	quick_fill_pair(q->sa, &q->choice, q->qm);
	if (child_by_out(q->sa->ike, q->qm->pair.peer, q->qm->pair.out_spi))
		return -EEXIST;
	q->qm->lease = lease_hold(q->sa->lease);
	return 0;
}

/*
 * The inbound SA: the peer may send under it as soon as it has our answer. Another
 * program that makes SAs may have the same idea of an SPI.
 */
static int install_in(struct quick *q)
{
	struct kernel *k = &q->sa->ike->kernel;
	struct kernel_pair *pair = &q->qm->pair;
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];
	int ret = -EEXIST;

	for (int i = 0; i < 3 && ret == -EEXIST; i++) {
		ret = k->ops->get_spi(k->priv, pair->local, &pair->in_spi);
		if (!ret)
			ret = quick_derive(q->sa, q->qm, &pair->in, pair->in_spi);
		if (!ret)
			ret = k->ops->add_in(k->priv, pair);
	}
	if (ret)
		return ret;
	q->qm->installed = true;
	log_line(&q->sa->ike->log, LOG_IPSEC, "IPSEC(spi_response): getting spi %u for SA from "
		 "%s to %s for prot 3", pair->in_spi, vg_addr_str(pair->peer, a),
		 vg_addr_str(pair->local, b));
	return 0;
}

/* Everything after the hash; whatever fails is answered and ends the exchange. */
static void process(struct quick *q)
{
	struct ike_sa *sa = q->sa;
	struct kernel_sel sel = { 0 };
	struct esp_wish wish = {
		.udp = natt_active(sa), .peer = sa->peer.addr,
		.site = conf_static_peer(sa->ike->conf, sa->peer.addr),
	};
	uint8_t pub[DH_MAX];
	struct msg_sa offer;
	int32_t msgid = q->ex->msgid;

	sa_log(sa, "processing SA payload. message ID = %d", msgid);
	msg_read_sa(msg_find(q->m, PLD_SA, 0), &offer);
	wish.sel = set_selector(q, &sel) ? &sel : NULL;
	wish.ends = wish.sel && kernel_sel_joins(&sel, sa->local.addr, sa->peer.addr);
	if (proposal_match_esp(&offer, sa->ike->conf, &wish, &q->choice, &sa->ike->log,
			       sa->conn)) {
		refuse(q, N_NO_PROPOSAL, "no transform set fits");
		return;
	}
	q->qm = calloc(1, sizeof(*q->qm));
	if (!q->qm || !wish.sel) {
		quick_show_request(sa, &q->choice, &q->ci, &q->cr);
		refuse(q, N_INVALID_ID, "proxy identities are not the ones this peer may use");
		return;
	}
	q->qm->pair.sel = sel;
	quick_show_request(sa, &q->choice, &q->ci, &q->cr);
	sa_log(sa, "processing NONCE payload. message ID = %d", msgid);
	sa_log(sa, "processing ID payload. message ID = %d", msgid);
	sa_log(sa, "processing ID payload. message ID = %d", msgid);
	if (child_count(sa) >= IKE_CHILDREN_MAX) {
		refuse(q, N_NO_PROPOSAL, "the peer has too many IPsec SAs");
		return;
	}
	if (prepare(q) || exchange_secret(q, pub) ||
	    quick_derive(sa, q->qm, &q->qm->pair.out, q->qm->pair.out_spi) || install_in(q)) {
		refuse(q, N_NO_PROPOSAL, "no keys, no SA, or the public value is wrong");
		return;
	}
	if (send_quick_2(q, pub)) {
		refuse(q, N_NO_PROPOSAL, "message 2 cannot be sent");
		return;
	}
	q->ex->qm = q->qm;
	q->ex->state = EX_WAIT_QM3;
	timer_start(&sa->ike->timers, &q->ex->retry, sa->ike->now + IKE_QM_RETRY_MS);
}

static bool quick_1(struct exchange *ex, const struct msg *m)
{
	struct quick q = { .ex = ex, .sa = ex->sa, .m = m };
	struct ike_sa *sa = ex->sa;

	if (!sa_check_hash1(sa, m)) {
		sa_log(sa, "HASH(1) of quick mode is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	read_ids(&q);
	if (!must_wait(&q)) {
		process(&q);
		return true;
	}
	if (chunk_set(&ex->held, m->data, m->len)) {
		exchange_done(ex);
		return true;
	}
	ex->state = EX_HELD;
	timer_start(&sa->ike->timers, &ex->retry, sa->ike->now + IKE_PURGE_MS);
	if (sa->cfg == CFG_WAITING)
		task_modecfg_push(sa);	/* the SA may be dead now, and @ex gone */
	return true;
}

/**
 * task_quick_release - the client has its address, or will never have one: go on
 *	with the quick modes that waited for it
 * @sa: SA
 */
void task_quick_release(struct ike_sa *sa)
{
	struct exchange *ex = LIST_FIRST(&sa->exchanges);

	while (ex && sa->state == QM_IDLE) {
		struct quick q = { .ex = ex, .sa = sa };
		struct chunk held = ex->held;
		const char *why = NULL;
		struct msg m;

		if (ex->state != EX_HELD) {
			ex = LIST_NEXT(ex, link);
			continue;
		}
		ex->held = (struct chunk){ 0 };
		q.m = &m;
		/* it has been checked when it came */
		if (!msg_payloads(&m, held.p, held.len, MSG_QM1, &why)) {
			read_ids(&q);
			process(&q);
		}
		if (ex->state == EX_HELD)
			exchange_done(ex);
		chunk_free(&held);
		/* notifies of ours have changed the list */
		ex = LIST_FIRST(&sa->exchanges);
	}
}

/**
 * quick_finish - the outbound SA: from here on the pair is in use
 * @ex: quick mode whose inbound SA is installed; it is over afterwards
 */
void quick_finish(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;
	struct ike *ike = sa->ike;
	struct qm *qm = ex->qm;
	struct conf_set set = { .encr = qm->pair.encr, .key_bits = qm->pair.key_bits,
				.auth = qm->pair.auth };
	struct child *c = child_new(sa, qm);
	int ret = -ENOMEM;

	if (c) {
		qm->installed = false;		/* the pair's now */
		proposal_set_text(&set, c->transform);
		/* known to whoever comes after us before packets depend on it */
		if (ike->save)
			ike->save(ike->save_arg);
		ret = ike->kernel.ops->add_out(ike->kernel.priv, &qm->pair);
	}
	if (ret) {
		log_line(&ike->log, LOG_NOTICE, "the kernel refuses an outbound SA: %s",
			 strerror(-ret));
		task_info_delete_esp(sa, qm->pair.in_spi);
		if (c)
			child_free(c, "refused");
	} else {
		quick_show_created(sa, qm, c->conn);
	}
	sa_log(sa, "deleting node %d error %s reason \"quick mode done (await())\"",
	       (int32_t)ex->msgid, ret ? "TRUE" : "FALSE");
	exchange_done(ex);
}

static bool quick_3(struct exchange *ex, const struct msg *m)
{
	const struct payload *p = msg_find(m, PLD_HASH, 0);
	struct blob ni = qm_ni(ex->qm), nr = qm_nr(ex->qm);
	struct ike_sa *sa = ex->sa;
	uint8_t hash[HASH_MAX];

	if (p->body.len != sa->keys.len || keymat_hash3(&sa->keys, ex->msgid, &ni, &nr, hash) ||
	    !crypto_equal(hash, p->body.p, sa->keys.len)) {
		sa_log(sa, "HASH(3) of quick mode is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	quick_finish(ex);
	return true;
}

/**
 * task_quick - a message of quick mode (RFC 2409 5.5)
 * @ex: exchange, new or waiting for the third message
 * @m: message, decrypted
 *
 * Return: true if the peer wrote it; else nothing has changed.
 */
bool task_quick(struct exchange *ex, const struct msg *m)
{
	return ex->state == EX_NEW ? quick_1(ex, m) : quick_3(ex, m);
}
