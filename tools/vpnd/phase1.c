// SPDX-License-Identifier: GPL-2.0
/* What main mode and aggressive mode share, as responder (RFC 2409 5). */
#include <errno.h>
#include <string.h>

#include "natt.h"
#include "phase1.h"

/**
 * phase1_header - header of a message of phase 1
 * @sa: SA
 * @hdr: where it goes
 * @flags: its flags
 */
void phase1_header(const struct ike_sa *sa, struct msg_hdr *hdr, uint8_t flags)
{
	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr->cky_i, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(hdr->cky_r, sa->cky_r, ISAKMP_COOKIE_LEN);
	hdr->exch = sa->exch;
	hdr->flags = flags;
}

/**
 * phase1_refuse_offer - say that nothing of an offer fits
 * @ike: state
 * @local: where it came to
 * @peer: where it came from
 * @m: first message
 *
 * The only answer that is not kept: no more octets out than came in (L25).
 */
void phase1_refuse_offer(struct ike *ike, const struct endpoint *local,
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

/**
 * phase1_derive - our half of Diffie-Hellman, and the keys (RFC 2409 5)
 * @sa: SA
 * @m: message with public value and nonce of the initiator
 * @psk: pre-shared key
 * @x: where all that goes
 *
 * Return: 0 or -errno.
 */
int phase1_derive(struct ike_sa *sa, const struct msg *m, const struct blob *psk,
		  struct phase1 *x)
{
	const struct payload *ke = msg_find(m, PLD_KE, 0), *ni = msg_find(m, PLD_NONCE, 0);
	struct blob nr = { x->nonce, sizeof(x->nonce) }, gxy;
	struct dh *dh;
	int ret;

	dh = crypto_dh_new(sa->policy.group);
	if (!dh)
		return -EIO;
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
		ret = keymat_skeyid_psk(&x->keys, psk, &ni->body, &nr);
	if (!ret)
		ret = keymat_phase1(&x->keys, &gxy, sa->cky_i, sa->cky_r,
				    crypto_key_len(sa->policy.encr, sa->policy.key_bits));
	if (!ret)
		ret = iv_phase1(&x->iv, sa->policy.hash, sa->policy.encr, &ke->body, &x->ke_r);
	return ret;
}

/**
 * phase1_identity - who is the peer
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
bool phase1_identity(struct ike_sa *sa, const struct payload *p, struct ike_id *id)
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

/**
 * phase1_check_hash_i - does the initiator know the key (RFC 2409 5)
 * @sa: SA with keys
 * @m: message with HASH_I
 * @id: body of the initiator's ID payload
 *
 * Return: true if so.
 */
bool phase1_check_hash_i(struct ike_sa *sa, const struct msg *m, const struct blob *id)
{
	struct ike_half i = { sa->cky_i, chunk_blob(&sa->ke_i), *id };
	struct ike_half r = { sa->cky_r, chunk_blob(&sa->ke_r), { NULL, 0 } };
	const struct payload *p = msg_find(m, PLD_HASH, 0);
	struct blob sai = chunk_blob(&sa->sai);
	uint8_t hash[HASH_MAX];

	sa_log(sa, "processing HASH payload. message ID = 0");
	return p->body.len == sa->keys.len && !keymat_auth(&sa->keys, &i, &r, &sai, hash) &&
		crypto_equal(hash, p->body.p, sa->keys.len);
}

/**
 * phase1_hash_r - our proof that we know the key (RFC 2409 5)
 * @sa: SA with keys
 * @id: body of our ID payload
 * @hash: where it goes
 *
 * Return: 0 or -errno.
 */
int phase1_hash_r(struct ike_sa *sa, const struct blob *id, uint8_t *hash)
{
	struct ike_half i = { sa->cky_i, chunk_blob(&sa->ke_i), { NULL, 0 } };
	struct ike_half r = { sa->cky_r, chunk_blob(&sa->ke_r), *id };
	struct blob sai = chunk_blob(&sa->sai);

	return keymat_auth(&sa->keys, &r, &i, &sai, hash);
}

/**
 * phase1_notifies - notifies of the initiator's last message
 * @sa: SA
 * @m: message
 *
 * Return: true if one is INITIAL-CONTACT.
 */
bool phase1_notifies(struct ike_sa *sa, const struct msg *m)
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

/**
 * phase1_connected - the peer is who it says: give it what it needs
 * @sa: SA
 */
void phase1_connected(struct ike_sa *sa)
{
	ike_sa_established(sa);
	if (sa->initial)
		ike_sa_initial_contact(sa);
	task_modecfg_begin(sa);
	task_dpd_begin(sa);
	natt_begin(sa);
}

/**
 * phase1_done - the peer has shown that it knows the key
 * @sa: SA
 */
void phase1_done(struct ike_sa *sa)
{
	if (sa->login)
		task_xauth_begin(sa);
	else
		phase1_connected(sa);
}
