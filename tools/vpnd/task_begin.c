// SPDX-License-Identifier: GPL-2.0
/* Main mode with a pre-shared key, as initiator (RFC 2409 5 and 5.4). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"
#include "initiate.h"
#include "natt.h"
#include "offer.h"
#include "phase1.h"

static void retry_timer(void *arg)
{
	struct ike_sa *sa = arg;
	struct ike *ike = sa->ike;

	if (sa->state == QM_IDLE || sa->state == MM_DEAD)
		return;
	if (sa->tries++ == IKE_MM_RETRIES) {
		sa_log(sa, "peer does not answer");
		ike_sa_kill(sa, "retransmission limit");
		return;
	}
	if (sa->tries > 1) {
		sa_log(sa, "retransmitting phase 1 ...");
		sa_resend(sa);
	}
	timer_start(&ike->timers, &sa->retry,
		    ike->now + ike_retry_ms(IKE_MM_RETRY_MS, sa->tries - 1));
}

/* A message of ours is out: from now on an answer is due. */
static void sent(struct ike_sa *sa, enum ike_state state)
{
	sa->state = state;
	sa->tries = 0;
	retry_timer(sa);
}

/* It never was on its way, so nobody waits for it. */
static struct ike_sa *not_begun(struct ike_sa *sa, const char *why)
{
	sa->initiator = false;
	ike_sa_kill(sa, why);
	return NULL;
}

/**
 * task_main_begin - message 1: what we offer (RFC 2409 5)
 * @ike: state
 * @local: where from
 * @peer: where to
 *
 * Return: SA that waits for message 2, or NULL.
 */
struct ike_sa *task_main_begin(struct ike *ike, const struct endpoint *local,
			       const struct endpoint *peer)
{
	char a[VG_ADDR_LEN];
	struct msg_hdr hdr;
	struct ike_sa *sa;
	struct mbuf b;

	vg_addr_str(peer->addr, a);
	if (!conf_key_for(ike->conf, peer->addr)) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): No pre-shared key with %s!", a);
		return NULL;
	}
	sa = ike_sa_new_initiator(ike, local, peer);
	if (!sa)
		return NULL;
	timer_init(&sa->retry, retry_timer, sa);
	sa_log(sa, "beginning Main Mode exchange");
	phase1_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	if (!offer_ike(&b, ike->conf))
		return not_begun(sa, "no policy has a pre-shared key");
	if (chunk_set(&sa->sai, b.data + ISAKMP_HDR_LEN + 4, b.len - ISAKMP_HDR_LEN - 4))
		return not_begun(sa, "no memory");
	dpd_put_vid(&b);
	if (!ike->conf->no_natt)
		natt_put_vids(&b);
	if (sa_send_clear(sa, &b))
		return not_begun(sa, "message 1 cannot be sent");
	sent(sa, MM_NO_STATE);
	return sa;
}

static bool send_main_3(struct ike_sa *sa)
{
	size_t len = crypto_dh_len(sa->policy.group);
	struct msg_hdr hdr;
	struct mbuf b;

	phase1_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	mbuf_payload(&b, PLD_KE, sa->ke_i.p, len);
	mbuf_payload(&b, PLD_NONCE, sa->nonce, sizeof(sa->nonce));
	natt_put(&b, sa);
	return !sa_send_clear(sa, &b);
}

/**
 * task_main_2 - message 2: what the peer has chosen
 * @sa: SA that waits for it
 * @m: message
 *
 * Return: true if it was obeyed; else nothing has changed.
 */
bool task_main_2(struct ike_sa *sa, const struct msg *m)
{
	struct ike_choice choice;
	uint8_t pub[DH_MAX];
	struct msg_sa offer;

	sa_log(sa, "processing SA payload. message ID = 0");
	msg_read_sa(msg_find(m, PLD_SA, 0), &offer);
	if (offer.n_transforms != 1 ||
	    proposal_match_ike(&offer, sa->ike->conf, IKE_AUTH_PSK, &choice, &sa->ike->log,
			       sa->conn)) {
		sa_log(sa, "the peer has chosen what was not offered");
		return false;
	}
	crypto_dh_free(sa->dh);
	sa->dh = crypto_dh_new(choice.policy->group);
	if (!sa->dh || crypto_dh_public(sa->dh, pub) ||
	    crypto_random(sa->nonce, sizeof(sa->nonce)) ||
	    chunk_set(&sa->ke_i, pub, crypto_dh_len(choice.policy->group)))
		return false;
	memcpy(sa->cky_r, m->hdr.cky_r, ISAKMP_COOKIE_LEN);
	sa->policy = *choice.policy;
	sa->life = choice.life;
	sa->natt = sa->ike->conf->no_natt ? NATT_NONE : natt_offered(m);
	sa->peer_dpd = dpd_offered(m);
	if (send_main_3(sa))
		sent(sa, MM_SA_SETUP);
	return true;
}

static int derive(struct ike_sa *sa, const struct msg *m, struct ike_keys *keys, struct iv *iv)
{
	const struct conf_key *key = conf_key_for(sa->ike->conf, sa->peer.addr);
	const struct payload *ke = msg_find(m, PLD_KE, 0), *nr = msg_find(m, PLD_NONCE, 0);
	struct blob psk, ni = { sa->nonce, sizeof(sa->nonce) }, gxy, ke_i = chunk_blob(&sa->ke_i);
	uint8_t secret[DH_MAX];
	int ret;

	if (!key)
		return -ENOENT;
	psk = (struct blob){ key->secret, key->len };
	gxy = (struct blob){ secret, crypto_dh_secret_len(sa->policy.group) };
	*keys = (struct ike_keys){ .hash = sa->policy.hash, .encr = sa->policy.encr };
	ret = crypto_dh_shared(sa->dh, ke->body.p, ke->body.len, secret);
	log_line(&sa->ike->log, LOG_ENGINE, "CRYPTO_ENGINE: Dh phase 1 status: %d", ret ? 1 : 0);
	if (!ret)
		ret = keymat_skeyid_psk(keys, &psk, &ni, &nr->body);
	if (!ret)
		ret = keymat_phase1(keys, &gxy, sa->cky_i, sa->cky_r,
				    crypto_key_len(sa->policy.encr, sa->policy.key_bits));
	if (!ret)
		ret = iv_phase1(iv, sa->policy.hash, sa->policy.encr, &ke_i, &ke->body);
	crypto_wipe(secret, sizeof(secret));
	return ret;
}

static bool send_main_5(struct ike_sa *sa)
{
	struct msg_id id = { .type = ID_IPV4_ADDR, .proto = 17, .port = 500,
			     .lo = sa->local.addr };
	struct ike_half i = { sa->cky_i, chunk_blob(&sa->ke_i), { NULL, 0 } };
	struct ike_half r = { sa->cky_r, chunk_blob(&sa->ke_r), { NULL, 0 } };
	struct blob sai = chunk_blob(&sa->sai), spi, none = { NULL, 0 };
	uint8_t hash[HASH_MAX], cookies[2 * ISAKMP_COOKIE_LEN];
	struct msg_hdr hdr;
	struct mbuf b;

	/* with NAT the port says nothing (RFC 3947 4) */
	if (natt_active(sa))
		id.port = 0;
	phase1_header(sa, &hdr, ISAKMP_FLAG_ENC);
	mbuf_start(&b, &hdr);
	mbuf_id(&b, &id);
	i.id = (struct blob){ b.data + ISAKMP_HDR_LEN + 4, 8 };
	if (keymat_auth(&sa->keys, &i, &r, &sai, hash))
		return false;
	mbuf_payload(&b, PLD_HASH, hash, sa->keys.len);
	if (!ike_has_peer(sa->ike, sa)) {
		memcpy(cookies, sa->cky_i, ISAKMP_COOKIE_LEN);
		memcpy(cookies + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
		spi = (struct blob){ cookies, sizeof(cookies) };
		mbuf_notify(&b, PROTO_ISAKMP, N_INITIAL_CONTACT, &spi, &none);
	}
	return !sa_send_encrypted(sa, &sa->iv, &b, &sa->last);
}

/**
 * task_main_4 - message 4: the peer's public value and nonce
 * @sa: SA that waits for it
 * @m: message
 *
 * Return: true if it was obeyed; else nothing has changed.
 */
bool task_main_4(struct ike_sa *sa, const struct msg *m)
{
	const struct payload *ke = msg_find(m, PLD_KE, 0);
	struct ike_keys keys;
	bool ok = false;
	struct iv iv;

	sa_log(sa, "processing KE payload. message ID = 0");
	sa_log(sa, "processing NONCE payload. message ID = 0");
	if (derive(sa, m, &keys, &iv)) {
		sa_log(sa, "public value is not acceptable, or no key");
		goto out;
	}
	if (chunk_set(&sa->ke_r, ke->body.p, ke->body.len))
		goto out;
	sa_log(sa, "SKEYID state generated");
	sa->peer_dpd |= dpd_offered(m);
	sa->keys = keys;
	sa->iv = iv;
	natt_detect(sa, m);
	natt_float(sa);
	if (send_main_5(sa))
		sent(sa, MM_KEY_EXCH);
	ok = true;
out:
	crypto_wipe(&keys, sizeof(keys));
	return ok;
}

/**
 * task_main_6 - message 6: the peer's identity and HASH_R
 * @sa: SA that waits for it; its chain of IVs knows where the message leads
 * @m: message, decrypted
 *
 * Return: true if the peer is authenticated; else nothing has changed.
 */
bool task_main_6(struct ike_sa *sa, const struct msg *m)
{
	const struct payload *p = msg_find(m, PLD_ID, 0), *h = msg_find(m, PLD_HASH, 0);
	struct ike_half i = { sa->cky_i, chunk_blob(&sa->ke_i), { NULL, 0 } };
	struct ike_half r = { sa->cky_r, chunk_blob(&sa->ke_r), p->body };
	struct blob sai = chunk_blob(&sa->sai);
	uint8_t hash[HASH_MAX];
	char a[VG_ADDR_LEN];
	struct ike_id id;

	if (!phase1_identity(sa, p, &id))
		return false;
	sa_log(sa, "processing HASH payload. message ID = 0");
	if (h->body.len != sa->keys.len || keymat_auth(&sa->keys, &r, &i, &sai, hash) ||
	    !crypto_equal(hash, h->body.p, sa->keys.len)) {
		sa_log(sa, "HASH_R is wrong: another pre-shared key?");
		return false;
	}
	iv_confirm(&sa->iv);
	sa->id = id;
	sa_log(sa, "SA has been authenticated with %s", vg_addr_str(sa->peer.addr, a));
	timer_stop(&sa->ike->timers, &sa->retry);
	ike_sa_established(sa);
	task_dpd_begin(sa);
	natt_begin(sa);
	initiate_established(sa);
	return true;
}
