// SPDX-License-Identifier: GPL-2.0
/*
 * Main mode with a pre-shared key, as responder (RFC 2409 5 and 5.4). No DH before
 * message 3: whoever makes us compute has shown that it receives our packets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "natt.h"
#include "phase1.h"

static int send_main_2(struct ike_sa *sa, const struct ike_choice *choice, bool dpd)
{
	static const struct blob none;
	struct msg_hdr hdr;
	struct mbuf b;

	phase1_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	mbuf_sa(&b, choice->proposal->number, PROTO_ISAKMP, &none, &choice->transform->raw);
	if (dpd)
		dpd_put_vid(&b);
	if (sa->login)
		task_xauth_put_vid(&b);
	natt_put_vid(&b, sa->natt);
	sa->state = MM_SA_SETUP;
	return sa_send_clear(sa, &b);
}

/**
 * task_main_1 - message 1: an offer (RFC 2409 5)
 * @ike: state
 * @local: where it came to
 * @peer: where it came from
 * @m: message
 * @digest: its digest, to know copies of it by
 */
void task_main_1(struct ike *ike, const struct endpoint *local, const struct endpoint *peer,
		 const struct msg *m, const uint8_t *digest)
{
	const struct payload *p = msg_find(m, PLD_SA, 0);
	bool login = conf_must_login(ike->conf, peer->addr);
	unsigned int conn = ike->next_conn;
	const struct conf_key *key;
	struct ike_choice choice;
	char a[VG_ADDR_LEN];
	struct ike_sa *sa;
	struct msg_sa offer;

	vg_addr_str(peer->addr, a);
	if (!ike_sa_may_begin(ike, peer->addr)) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): too many negotiations with %s", a);
		return;
	}
	key = conf_key_for(ike->conf, peer->addr);
	if (!key) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): No pre-shared key with %s!", a);
		return;
	}
	log_line(&ike->log, LOG_ISAKMP,
		 "ISAKMP (0:%u): processing SA payload. message ID = 0", conn);
	msg_read_sa(p, &offer);
	login = login && !key->no_xauth;
	if (proposal_match_ike(&offer, ike->conf, login ? IKE_AUTH_XAUTH_PSK : IKE_AUTH_PSK,
			       &choice, &ike->log, conn)) {
		phase1_refuse_offer(ike, local, peer, m);
		return;
	}
	sa = ike_sa_new(ike, local, peer, m->hdr.cky_i);
	if (!sa)
		return;
	sa->login = login;
	sa->policy = *choice.policy;
	sa->life = choice.life;
	sa->peer_dpd = dpd_offered(m);
	sa->natt = ike->conf->no_natt ? NATT_NONE : natt_offered(m);
	/* IOS makes its half now; we when the peer has shown that it hears us */
	log_line(&ike->log, LOG_ENGINE, "CryptoEngine0: generate alg parameter");
	log_line(&ike->log, LOG_ENGINE, "CRYPTO_ENGINE: Dh phase 1 status: %d",
		 !crypto_dh_len(sa->policy.group));
	sa_log(sa, "SA is doing pre-shared key authentication using id type ID_IPV4_ADDR");
	if (chunk_set(&sa->sai, p->body.p, p->body.len) ||
	    send_main_2(sa, &choice, sa->peer_dpd))
		return;		/* half-open: its timer removes it */
	memcpy(sa->last.digest, digest, sizeof(sa->last.digest));
	sa->last.have = true;
}

/**
 * task_main_3 - message 3: public value and nonce (RFC 2409 5)
 * @sa: SA that waits for it
 * @m: message
 *
 * Return: true if it was obeyed; else nothing has changed.
 */
bool task_main_3(struct ike_sa *sa, const struct msg *m)
{
	const struct conf_key *key = conf_key_for(sa->ike->conf, sa->peer.addr);
	const struct payload *ke = msg_find(m, PLD_KE, 0);
	struct phase1 x;
	struct msg_hdr hdr;
	struct blob psk;
	struct mbuf b;
	bool ok = false;

	memset(&x, 0, sizeof(x));
	sa_log(sa, "processing KE payload. message ID = 0");
	sa_log(sa, "processing NONCE payload. message ID = 0");
	log_line(&sa->ike->log, LOG_ENGINE, "CryptoEngine0: create ISAKMP SKEYID for conn id %u",
		 sa->conn);
	psk = (struct blob){ key ? key->secret : NULL, key ? key->len : 0 };
	/* without a key the configuration has changed */
	if (!key || phase1_derive(sa, m, &psk, &x)) {
		sa_log(sa, "public value is not acceptable, or no key");
		goto out;
	}
	if (chunk_set(&sa->ke_i, ke->body.p, ke->body.len) ||
	    chunk_set(&sa->ke_r, x.pub, x.ke_r.len))
		goto out;
	sa_log(sa, "SKEYID state generated");
	for (size_t i = 0; msg_find(m, PLD_VID, i); i++)
		sa_log(sa, "processing vendor id payload");
	sa->peer_dpd |= dpd_offered(m);
	natt_detect(sa, m);
	sa->keys = x.keys;
	sa->iv = x.iv;
	sa->state = MM_KEY_EXCH;
	/* it has come so far over a bad network: as much time again */
	timer_start(&sa->ike->timers, &sa->timer, sa->ike->now + IKE_HALF_OPEN_MS);
	phase1_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_KE, x.pub, x.ke_r.len);
	mbuf_payload(&b, PLD_NONCE, x.nonce, sizeof(x.nonce));
	dpd_put_vid(&b);
	natt_put(&b, sa);
	sa_send_clear(sa, &b);
	ok = true;
out:
	crypto_wipe(&x, sizeof(x));
	return ok;
}

static int send_main_6(struct ike_sa *sa)
{
	struct msg_id id = { .type = ID_IPV4_ADDR, .proto = 17, .port = 500,
			     .lo = sa->local.addr };
	uint8_t hash[HASH_MAX];
	struct msg_hdr hdr;
	struct blob body;
	struct mbuf b;
	int ret;

	phase1_header(sa, &hdr, ISAKMP_FLAG_ENC);
	mbuf_start(&b, &hdr);
	mbuf_id(&b, &id);
	body = (struct blob){ b.data + ISAKMP_HDR_LEN + 4, 8 };
	ret = phase1_hash_r(sa, &body, hash);
	if (ret)
		return ret;
	mbuf_payload(&b, PLD_HASH, hash, sa->keys.len);
	log_line(&sa->ike->log, LOG_ISAKMP, "ISAKMP (%u): ID payload", sa->conn);
	log_line(&sa->ike->log, LOG_ISAKMP, "        next-payload : %u", PLD_HASH);
	log_line(&sa->ike->log, LOG_ISAKMP, "        type         : %u", id.type);
	log_line(&sa->ike->log, LOG_ISAKMP, "        protocol     : %u", id.proto);
	log_line(&sa->ike->log, LOG_ISAKMP, "        port         : %u", id.port);
	log_line(&sa->ike->log, LOG_ISAKMP, "        length       : %u", 8);
	log_line(&sa->ike->log, LOG_ISAKMP, "ISAKMP (%u): Total payload length: %u", sa->conn,
		 12);
	log_line(&sa->ike->log, LOG_ENGINE, "CryptoEngine0: clear dh number for conn id %u", 1);
	return sa_send_encrypted(sa, &sa->iv, &b, &sa->last);
}

/**
 * task_main_5 - message 5: identity and HASH_I (RFC 2409 5.4)
 * @sa: SA that waits for it; its chain of IVs knows where the message leads
 * @m: message, decrypted
 *
 * Return: true if the peer is authenticated; else nothing has changed.
 */
bool task_main_5(struct ike_sa *sa, const struct msg *m)
{
	const struct payload *p = msg_find(m, PLD_ID, 0);
	char a[VG_ADDR_LEN];
	struct ike_id id;

	if (!phase1_identity(sa, p, &id))
		return false;
	if (!phase1_check_hash_i(sa, m, &p->body)) {
		sa_log(sa, "HASH_I is wrong: another pre-shared key?");
		return false;
	}
	iv_confirm(&sa->iv);
	sa->id = id;
	sa->initial = phase1_notifies(sa, m);
	sa_log(sa, "SA has been authenticated with %s", vg_addr_str(sa->peer.addr, a));
	if (!sa->login)
		sa->state = QM_IDLE;
	if (send_main_6(sa)) {
		ike_sa_kill(sa, "message 6 cannot be sent");
		return false;
	}
	phase1_done(sa);
	return true;
}
