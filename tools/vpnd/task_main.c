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
#include "proposal.h"

static void main_header(const struct ike_sa *sa, struct msg_hdr *hdr, uint8_t flags)
{
	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr->cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(hdr->cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	hdr->exch = EXCH_MAIN;
	hdr->flags = flags;
}

/* The only answer that is not kept: no more octets out than came in (L25). */
static void refuse_offer(struct ike *ike, const struct endpoint *local,
			 const struct endpoint *peer, const struct msg *m)
{
	static const struct blob none;
	struct msg_hdr hdr = { .exch = EXCH_INFO };
	struct mbuf b;

	memcpy(hdr.cky_i, m->hdr.cky_i, ISAKMP_COOKIE_LEN);
	if (crypto_random(hdr.cky_r, ISAKMP_COOKIE_LEN) ||
	    crypto_random(&hdr.msgid, sizeof(hdr.msgid)))
		return;
	mbuf_start(&b, &hdr);
	mbuf_notify(&b, PROTO_ISAKMP, N_NO_PROPOSAL, &none, &none);
	if (mbuf_finish(&b) && b.len <= m->len)
		ike->send(ike->send_arg, local, peer, b.data, b.len);
}

static int send_main_2(struct ike_sa *sa, const struct ike_choice *choice, bool dpd)
{
	static const struct blob none;
	struct msg_hdr hdr;
	struct mbuf b;

	main_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	mbuf_sa(&b, choice->proposal->number, PROTO_ISAKMP, &none, &choice->transform->raw);
	if (dpd)
		dpd_put_vid(&b);
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
	unsigned int conn = ike->next_conn;
	struct ike_choice choice;
	char a[VG_ADDR_LEN];
	struct ike_sa *sa;
	struct msg_sa offer;

	vg_addr_str(peer->addr, a);
	if (!ike_sa_may_begin(ike, peer->addr)) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): too many negotiations with %s", a);
		return;
	}
	if (!conf_key_for(ike->conf, peer->addr)) {
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): No pre-shared key with %s!", a);
		return;
	}
	log_line(&ike->log, LOG_ISAKMP,
		 "ISAKMP (0:%u): processing SA payload. message ID = 0", conn);
	msg_read_sa(p, &offer);
	if (proposal_match_ike(&offer, ike->conf, &choice, &ike->log, conn)) {
		refuse_offer(ike, local, peer, m);
		return;
	}
	sa = ike_sa_new(ike, local, peer, m->hdr.cky_i);
	if (!sa)
		return;
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
 * struct main_3 - what message 3 leads to, until all of it has worked
 */
struct main_3 {
	struct ike_keys keys;
	struct iv iv;
	uint8_t pub[DH_MAX], gxy[DH_MAX], nonce[IKE_NONCE_LEN];
	struct blob ke_r;
};

/* Our half of Diffie-Hellman, and the keys. */
static int derive(struct ike_sa *sa, const struct msg *m, struct main_3 *x)
{
	const struct conf_key *key = conf_key_for(sa->ike->conf, sa->peer.addr);
	const struct payload *ke = msg_find(m, PLD_KE, 0), *ni = msg_find(m, PLD_NONCE, 0);
	struct blob psk, nr = { x->nonce, sizeof(x->nonce) }, gxy;
	struct dh *dh;
	int ret;

	if (!key)
		return -ENOENT;		/* the configuration has changed */
	dh = crypto_dh_new(sa->policy.group);
	if (!dh)
		return -EIO;
	psk = (struct blob){ key->secret, key->len };
	gxy = (struct blob){ x->gxy, crypto_dh_secret_len(sa->policy.group) };
	x->ke_r = (struct blob){ x->pub, crypto_dh_len(sa->policy.group) };
	x->keys = (struct ike_keys){ .hash = sa->policy.hash, .encr = sa->policy.encr };
	ret = crypto_dh_shared(dh, ke->body.p, ke->body.len, x->gxy);
	if (ret)
		log_line(&sa->ike->log, LOG_ENGINE, "CRYPTO_ENGINE: Dh phase 1 status: 1");
	else
		ret = crypto_dh_public(dh, x->pub);
	crypto_dh_free(dh);
	if (!ret)
		ret = crypto_random(x->nonce, sizeof(x->nonce));
	if (!ret)
		ret = keymat_skeyid_psk(&x->keys, &psk, &ni->body, &nr);
	if (!ret)
		ret = keymat_phase1(&x->keys, &gxy, sa->cky_i, sa->cky_r,
				    crypto_key_len(sa->policy.encr, sa->policy.key_bits));
	if (!ret)
		ret = iv_phase1(&x->iv, sa->policy.hash, sa->policy.encr, &ke->body, &x->ke_r);
	return ret;
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
	const struct payload *ke = msg_find(m, PLD_KE, 0);
	struct main_3 x;
	struct msg_hdr hdr;
	struct mbuf b;
	bool ok = false;

	memset(&x, 0, sizeof(x));
	sa_log(sa, "processing KE payload. message ID = 0");
	sa_log(sa, "processing NONCE payload. message ID = 0");
	log_line(&sa->ike->log, LOG_ENGINE, "CryptoEngine0: create ISAKMP SKEYID for conn id %u",
		 sa->conn);
	if (derive(sa, m, &x)) {
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
	main_header(sa, &hdr, 0);
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

/**
 * task_main_identity - who is the peer
 * @sa: SA
 * @p: its ID payload
 * @id: where it goes
 *
 * An address has to be the one that the packets come from, unless NAT is known to
 * change it: nobody else's address is an identity. A wildcard key proves
 * no name, so names only tell clients apart.
 *
 * Return: false if that is no identity for it.
 */
bool task_main_identity(struct ike_sa *sa, const struct payload *p, struct ike_id *id)
{
	struct msg_id got;

	msg_read_id(p, &got);
	sa_log(sa, "processing ID payload. message ID = 0");
	if (p->body.len > sizeof(id->body)) {
		sa_log(sa, "ID is too long");
		return false;
	}
	if ((got.proto || got.port) &&
	    (got.proto != 17 || (got.port && got.port != 500 && got.port != NATT_PORT))) {
		sa_log(sa, "ID with protocol %u and port %u", got.proto, got.port);
		return false;
	}
	switch (got.type) {
	case ID_IPV4_ADDR:
		if (got.lo != sa->peer.addr && !sa->nat_peer) {
			sa_log(sa, "ID is not the peer's address");
			return false;
		}
		break;
	case ID_FQDN:
	case ID_USER_FQDN:
	case ID_KEY_ID:
		break;
	default:
		sa_log(sa, "ID type %u is no identity", got.type);
		return false;
	}
	memset(id, 0, sizeof(*id));
	id->type = got.type;
	id->addr = got.lo;
	id->len = p->body.len;
	memcpy(id->body, p->body.p, p->body.len);
	return true;
}

static bool check_hash_i(struct ike_sa *sa, const struct msg *m, const struct ike_half *i,
			 const struct ike_half *r)
{
	const struct payload *p = msg_find(m, PLD_HASH, 0);
	struct blob sai = chunk_blob(&sa->sai);
	uint8_t hash[HASH_MAX];

	sa_log(sa, "processing HASH payload. message ID = 0");
	return p->body.len == sa->keys.len && !keymat_auth(&sa->keys, i, r, &sai, hash) &&
		crypto_equal(hash, p->body.p, sa->keys.len);
}

static bool process_notifies(struct ike_sa *sa, const struct msg *m)
{
	const struct payload *p;
	bool initial = false;
	struct msg_notify n;

	for (size_t i = 0; (p = msg_find(m, PLD_NOTIFY, i)); i++) {
		msg_read_notify(p, &n);
		sa_log(sa, "processing NOTIFY payload %u protocol %u spi %u, message ID = 0",
		       n.type, n.protocol, n.spi.len == 4 ? msg_u32(&n.spi) : 0);
		initial |= n.type == N_INITIAL_CONTACT;
	}
	return initial;
}

static int send_main_6(struct ike_sa *sa, const struct ike_half *i, struct ike_half *r)
{
	struct msg_id id = { .type = ID_IPV4_ADDR, .proto = 17, .port = 500,
			     .lo = sa->local.addr };
	struct blob sai = chunk_blob(&sa->sai);
	uint8_t hash[HASH_MAX];
	struct msg_hdr hdr;
	struct mbuf b;
	int ret;

	main_header(sa, &hdr, ISAKMP_FLAG_ENC);
	mbuf_start(&b, &hdr);
	mbuf_id(&b, &id);
	r->id = (struct blob){ b.data + ISAKMP_HDR_LEN + 4, 8 };
	ret = keymat_auth(&sa->keys, r, i, &sai, hash);
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
	struct ike_half i = { sa->cky_i, chunk_blob(&sa->ke_i), p->body };
	struct ike_half r = { sa->cky_r, chunk_blob(&sa->ke_r), { NULL, 0 } };
	char a[VG_ADDR_LEN];
	struct ike_id id;
	bool initial;

	if (!task_main_identity(sa, p, &id))
		return false;
	if (!check_hash_i(sa, m, &i, &r)) {
		sa_log(sa, "HASH_I is wrong: another pre-shared key?");
		return false;
	}
	iv_confirm(&sa->iv);
	sa->id = id;
	initial = process_notifies(sa, m);
	sa_log(sa, "SA has been authenticated with %s", vg_addr_str(sa->peer.addr, a));
	sa->state = QM_IDLE;
	if (send_main_6(sa, &i, &r)) {
		ike_sa_kill(sa, "message 6 cannot be sent");
		return false;
	}
	ike_sa_established(sa);
	if (initial)
		ike_sa_initial_contact(sa);
	task_modecfg_begin(sa);
	task_dpd_begin(sa);
	natt_begin(sa);
	return true;
}
