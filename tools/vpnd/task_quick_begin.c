// SPDX-License-Identifier: GPL-2.0
/*
 * Quick mode as initiator (RFC 2409 5.5). Our inbound SA is installed before the
 * third message; the outbound one at once where nothing flows yet, else after a
 * moment, so that the peer has its end of it when the first packet comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "initiate.h"
#include "natt.h"
#include "offer.h"
#include "proposal.h"
#include "quick.h"

static void id_of(struct msg_id *id, uint32_t addr, uint32_t mask, int16_t proto)
{
	memset(id, 0, sizeof(*id));
	id->type = mask == 0xffffffff ? ID_IPV4_ADDR : ID_IPV4_SUBNET;
	id->lo = addr;
	id->hi = mask;
	id->proto = proto > 0 ? proto : 0;
}

static uint16_t natt_encaps(const struct ike_sa *sa)
{
	if (!natt_active(sa))
		return 0;
	return sa->natt == NATT_RFC ? ENCAPS_UDP_TUNNEL : ENCAPS_UDP_TUNNEL_DRAFT;
}

static int send_quick_1(struct exchange *ex, const struct conf_entry *e)
{
	struct ike_sa *sa = ex->sa;
	struct qm *qm = ex->qm;
	uint8_t pub[DH_MAX];
	struct msg_id ci, cr;
	struct msg_hdr hdr;
	struct mbuf b;
	size_t at;

	exchange_header(ex, &hdr);
	mbuf_start(&b, &hdr);
	at = mbuf_begin_hash(&b, sa->keys.len);
	if (!offer_esp(&b, sa->ike->conf, e, qm->pair.in_spi, natt_encaps(sa),
		       kernel_sel_joins(&qm->pair.sel, sa->local.addr, sa->peer.addr)))
		return -ENOENT;
	mbuf_payload(&b, PLD_NONCE, qm->mine, sizeof(qm->mine));
	if (e->pfs) {
		qm->dh = crypto_dh_new(e->pfs);
		if (!qm->dh || crypto_dh_public(qm->dh, pub))
			return -EIO;
		qm->group = e->pfs;
		mbuf_payload(&b, PLD_KE, pub, crypto_dh_len(e->pfs));
	}
	id_of(&ci, qm->pair.sel.local, qm->pair.sel.local_mask, qm->pair.sel.proto);
	id_of(&cr, qm->pair.sel.remote, qm->pair.sel.remote_mask, qm->pair.sel.proto);
	mbuf_id(&b, &ci);
	mbuf_id(&b, &cr);
	if (sa_hash1(sa, &b, ex->msgid, at))
		return -EIO;
	return exchange_send(ex, &b);
}

/**
 * task_quick_begin - message 1 of a quick mode of ours
 * @sa: SA, authenticated
 * @e: entry that wants a pair
 * @sel: traffic
 *
 * Return: exchange that waits for message 2, or NULL.
 */
struct exchange *task_quick_begin(struct ike_sa *sa, const struct conf_entry *e,
				  const struct kernel_sel *sel)
{
	struct kernel *k = &sa->ike->kernel;
	struct exchange *ex = exchange_start(sa, EXCH_QUICK);
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];
	struct qm *qm;

	if (!ex)
		return NULL;
	qm = calloc(1, sizeof(*qm));
	ex->qm = qm;
	if (!qm)
		goto fail;
	qm->initiator = true;
	qm->pair.sel = *sel;
	memcpy(qm->pair.map, e->map, sizeof(qm->pair.map));
	qm->pair.seq = e->seq;
	qm->pair.local = sa->local.addr;
	qm->pair.peer = sa->peer.addr;
	if (crypto_random(qm->mine, sizeof(qm->mine)) ||
	    k->ops->get_spi(k->priv, sa->local.addr, &qm->pair.in_spi))
		goto fail;
	log_line(&sa->ike->log, LOG_IPSEC, "IPSEC(spi_response): getting spi %u for SA from %s to "
		 "%s for prot 3", qm->pair.in_spi, vg_addr_str(sa->peer.addr, a),
		 vg_addr_str(sa->local.addr, b));
	sa_log(sa, "beginning Quick Mode exchange, M-ID of %d", (int32_t)ex->msgid);
	if (send_quick_1(ex, e))
		goto fail;
	ex->state = EX_WAIT_QM2;
	timer_start(&sa->ike->timers, &ex->retry, sa->ike->now + IKE_MM_RETRY_MS);
	return ex;
fail:
	exchange_free(ex);
	return NULL;
}

static bool same_id(const struct payload *p, uint32_t addr, uint32_t mask, int16_t proto)
{
	struct msg_id id;

	msg_read_id(p, &id);
	return (id.type == ID_IPV4_ADDR || id.type == ID_IPV4_SUBNET) && id.lo == addr &&
		id.hi == mask && id.proto == (proto > 0 ? proto : 0) && !id.port;
}

/* Its choice has to be among what we offered, for the traffic that we named. */
static bool check_answer(struct exchange *ex, const struct msg *m, struct esp_choice *choice)
{
	const struct payload *ci = msg_find(m, PLD_ID, 0), *cr = msg_find(m, PLD_ID, 1);
	const struct kernel_sel *sel = &ex->qm->pair.sel;
	struct ike_sa *sa = ex->sa;
	struct esp_wish wish = {
		.udp = natt_active(sa), .peer = sa->peer.addr, .map = ex->qm->pair.map,
		.seq = ex->qm->pair.seq,
		.ends = kernel_sel_joins(sel, sa->local.addr, sa->peer.addr),
	};
	struct msg_sa offer;

	msg_read_sa(msg_find(m, PLD_SA, 0), &offer);
	if (offer.n_transforms != 1 ||
	    proposal_match_esp(&offer, sa->ike->conf, &wish, choice, &sa->ike->log, sa->conn)) {
		sa_log(sa, "the peer has chosen what was not offered");
		return false;
	}
	if (choice->group != ex->qm->group || !msg_find(m, PLD_KE, 0) != !choice->group) {
		sa_log(sa, "the peer has chosen another group");
		return false;
	}
	if (!ci || !same_id(ci, sel->local, sel->local_mask, sel->proto) ||
	    !same_id(cr, sel->remote, sel->remote_mask, sel->proto)) {
		sa_log(sa, "proxy identities are not those that were asked for");
		return false;
	}
	return true;
}

static int send_quick_3(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;
	struct blob ni = qm_ni(ex->qm), nr = qm_nr(ex->qm);
	uint8_t hash[HASH_MAX];
	struct msg_hdr hdr;
	struct mbuf b;

	if (keymat_hash3(&sa->keys, ex->msgid, &ni, &nr, hash))
		return -EIO;
	exchange_header(ex, &hdr);
	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_HASH, hash, sa->keys.len);
	return exchange_send(ex, &b);
}

/*
 * The responder may let the pair live for less than we offered (RFC 2407 4.6.3.1).
 * More is not for it to say, and much less would only keep both sides busy.
 */
static void shorten(struct exchange *ex, const struct msg *m)
{
	struct kernel_pair *pair = &ex->qm->pair;
	uint32_t life = pair->life, kilobytes = pair->kilobytes ? pair->kilobytes : UINT32_MAX;
	const struct payload *p;
	struct msg_notify n;

	for (size_t i = 0; (p = msg_find(m, PLD_NOTIFY, i)); i++) {
		msg_read_notify(p, &n);
		if (n.type == N_RESPONDER_LIFETIME && n.protocol == PROTO_ESP)
			msg_read_life(&n.data, &life, &kilobytes);
	}
	if (life < IKE_LIFE_MIN)
		life = IKE_LIFE_MIN;
	if (life < pair->life) {
		sa_log(ex->sa, "the peer wants a life of %u seconds", life);
		pair->life = life;
	}
	if (kilobytes < IKE_KILOBYTES_MIN)
		kilobytes = IKE_KILOBYTES_MIN;
	if (kilobytes != UINT32_MAX && (!pair->kilobytes || kilobytes < pair->kilobytes)) {
		pair->kilobytes = kilobytes;
		pair->soft_kilobytes = kilobytes / 10 * 9;
	}
}

/* All that message 2 leads to; false if it ends the exchange. */
static bool accept(struct exchange *ex, const struct msg *m)
{
	const struct payload *nr = msg_find(m, PLD_NONCE, 0), *ke = msg_find(m, PLD_KE, 0);
	struct kernel *k = &ex->sa->ike->kernel;
	struct qm *qm = ex->qm;
	struct esp_choice choice;

	sa_log(ex->sa, "processing SA payload. message ID = %d", (int32_t)ex->msgid);
	if (!check_answer(ex, m, &choice))
		return false;
	qm->theirs_len = nr->body.len;
	memcpy(qm->theirs, nr->body.p, nr->body.len);
	quick_fill_pair(ex->sa, &choice, qm);
	shorten(ex, m);
	if (child_by_out(ex->sa->ike, qm->pair.peer, qm->pair.out_spi))
		return false;
	if (qm->group) {
		if (crypto_dh_shared(qm->dh, ke->body.p, ke->body.len, qm->gxy))
			return false;
		qm->gxy_len = crypto_dh_secret_len(qm->group);
	}
	if (quick_derive(ex->sa, qm, &qm->pair.in, qm->pair.in_spi) ||
	    quick_derive(ex->sa, qm, &qm->pair.out, qm->pair.out_spi) ||
	    k->ops->add_in(k->priv, &qm->pair))
		return false;
	qm->installed = true;
	return !send_quick_3(ex);
}

/**
 * task_quick_2 - message 2 of a quick mode of ours
 * @ex: exchange that waits for it
 * @m: message, decrypted
 *
 * Return: true if the peer wrote it; else nothing has changed.
 */
bool task_quick_2(struct exchange *ex, const struct msg *m)
{
	const struct payload *h = msg_find(m, PLD_HASH, 0);
	struct blob ni = qm_ni(ex->qm), rest = msg_behind(m, h);
	struct ike_sa *sa = ex->sa;
	uint8_t hash[HASH_MAX];

	if (h->body.len != sa->keys.len || keymat_hash2(&sa->keys, ex->msgid, &ni, &rest, hash) ||
	    !crypto_equal(hash, h->body.p, sa->keys.len)) {
		sa_log(sa, "HASH(2) of quick mode is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	if (!accept(ex, m)) {
		sa_log(sa, "deleting node %d error TRUE reason \"quick mode failed\"",
		       (int32_t)ex->msgid);
		exchange_done(ex);
		return true;
	}
	/* one that sets the commit bit wants to be waited for (RFC 2408 3.1) */
	if (!child_find(sa->ike, &ex->qm->pair.sel, &sa->peer) &&
	    !(m->hdr.flags & ISAKMP_FLAG_COMMIT)) {
		quick_finish(ex);
		return true;
	}
	ex->state = EX_SWITCH;
	timer_start(&sa->ike->timers, &ex->retry, sa->ike->now + IKE_SWITCH_MS);
	return true;
}
