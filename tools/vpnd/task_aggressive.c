// SPDX-License-Identifier: GPL-2.0
/*
 * Aggressive mode with the key of a group, as responder (RFC 2409 5.4). The
 * initiator has shown nothing when we compute and prove that we know the key, so
 * this is for those groups only that the configuration has, and so many times in a
 * second.
 */
#include <errno.h>
#include <string.h>

#include "natt.h"
#include "phase1.h"

/* Clients ask for what is Unity's, as the networks behind us, of its like only. */
static const uint8_t vid_unity[] = {
	0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc, 0x01,
	0x00,
};

/* The group that an identity names; NULL if there is none. */
static const struct conf_group *group_of(const struct vpnd_conf *conf, const struct msg_id *id)
{
	for (size_t i = 0; id->type == ID_KEY_ID && i < conf->group.n; i++) {
		const struct conf_group *g = &conf->group.v[i];

		if (strlen(g->name) == id->data.len && !memcmp(g->name, id->data.p, id->data.len))
			return g;
	}
	return NULL;
}

/* A Diffie-Hellman for whoever asks, but not for a flood. */
static bool may_compute(struct ike *ike)
{
	if (ike->now - ike->second >= 1000) {
		ike->second = ike->now;
		ike->n_second = 0;
	}
	return ike->n_second++ < IKE_AGGRESSIVE_RATE;
}

static int send_aggressive_2(struct ike_sa *sa, const struct ike_choice *choice,
			     const struct phase1 *x)
{
	struct msg_id id = { .type = ID_IPV4_ADDR, .proto = 17, .port = 500,
			     .lo = sa->local.addr };
	static const struct blob none;
	uint8_t hash[HASH_MAX];
	struct msg_hdr hdr;
	struct blob body;
	struct mbuf b;
	size_t at;
	int ret;

	phase1_header(sa, &hdr, 0);
	mbuf_start(&b, &hdr);
	mbuf_sa(&b, choice->proposal->number, PROTO_ISAKMP, &none, &choice->transform->raw);
	mbuf_payload(&b, PLD_KE, x->pub, x->ke_r.len);
	mbuf_payload(&b, PLD_NONCE, x->nonce, sizeof(x->nonce));
	at = b.len + 4;
	mbuf_id(&b, &id);
	body = (struct blob){ b.data + at, 8 };
	ret = b.overflow ? -EMSGSIZE : phase1_hash_r(sa, &body, hash);
	if (ret)
		return ret;
	mbuf_payload(&b, PLD_HASH, hash, sa->keys.len);
	if (sa->login)
		task_xauth_put_vid(&b);
	mbuf_payload(&b, PLD_VID, vid_unity, sizeof(vid_unity));
	dpd_put_vid(&b);
	natt_put_vid(&b, sa->natt);
	natt_put(&b, sa);
	sa->state = AG_INIT_EXCH;
	return sa_send_clear(sa, &b);
}

/* All of message 1 has been read: keys, and the answer. */
static int answer(struct ike_sa *sa, const struct msg *m, const struct conf_group *group,
		  const struct ike_choice *choice)
{
	const struct payload *ke = msg_find(m, PLD_KE, 0), *p = msg_find(m, PLD_SA, 0);
	struct blob psk = { group->secret, group->len };
	struct phase1 x;
	int ret;

	memset(&x, 0, sizeof(x));
	log_line(&sa->ike->log, LOG_ENGINE, "CryptoEngine0: generate alg parameter");
	sa_log(sa, "processing KE payload. message ID = 0");
	sa_log(sa, "processing NONCE payload. message ID = 0");
	ret = phase1_derive(sa, m, &psk, &x);
	if (!ret)
		ret = chunk_set(&sa->sai, p->body.p, p->body.len);
	if (!ret)
		ret = chunk_set(&sa->ke_i, ke->body.p, ke->body.len);
	if (!ret)
		ret = chunk_set(&sa->ke_r, x.pub, x.ke_r.len);
	if (!ret) {
		sa_log(sa, "SKEYID state generated");
		sa->keys = x.keys;
		sa->iv = x.iv;
		ret = send_aggressive_2(sa, choice, &x);
	}
	crypto_wipe(&x, sizeof(x));
	return ret;
}

static void begin(struct ike *ike, const struct endpoint *local, const struct endpoint *peer,
		  const struct msg *m, const struct conf_group *group,
		  const struct ike_choice *choice, const uint8_t *digest)
{
	const struct payload *id = msg_find(m, PLD_ID, 0);
	struct ike_sa *sa = ike_sa_new(ike, local, peer, m->hdr.cky_i);

	if (!sa)
		return;
	sa->exch = EXCH_AGGRESSIVE;
	sa->login = conf_must_login(ike->conf, peer->addr);
	memcpy(sa->group, group->name, sizeof(sa->group));
	sa->policy = *choice->policy;
	sa->life = choice->life;
	sa->peer_dpd = dpd_offered(m);
	sa->natt = ike->conf->no_natt ? NATT_NONE : natt_offered(m);
	sa->id = (struct ike_id){ .type = ID_KEY_ID, .len = id->body.len };
	memcpy(sa->id.body, id->body.p, id->body.len);
	for (size_t i = 0; msg_find(m, PLD_VID, i); i++)
		sa_log(sa, "processing vendor id payload");
	sa_log(sa, "SA is doing pre-shared key authentication %susing id type ID_KEY_ID",
	       sa->login ? "plus XAUTH " : "");
	if (answer(sa, m, group, choice)) {
		sa_log(sa, "public value is not acceptable");
		return;		/* half-open: its timer removes it */
	}
	memcpy(sa->last.digest, digest, sizeof(sa->last.digest));
	sa->last.have = true;
}

/**
 * task_aggressive_1 - message 1: offer, public value, nonce, name of a group
 * @ike: state with groups
 * @local: where it came to
 * @peer: where it came from
 * @m: message
 * @digest: its digest, to know copies of it by
 *
 * Whoever names no group of ours gets no answer.
 */
void task_aggressive_1(struct ike *ike, const struct endpoint *local,
		       const struct endpoint *peer, const struct msg *m, const uint8_t *digest)
{
	bool login = conf_must_login(ike->conf, peer->addr);
	const struct payload *p = msg_find(m, PLD_ID, 0);
	unsigned int conn = ike->next_conn;
	const struct conf_group *group;
	struct ike_choice choice;
	char a[VG_ADDR_LEN];
	struct msg_sa offer;
	struct msg_id id;

	vg_addr_str(peer->addr, a);
	msg_read_id(p, &id);
	/* a site has a key of its own, and what it may reach is not what a client may */
	group = conf_static_peer(ike->conf, peer->addr) ? NULL : group_of(ike->conf, &id);
	if (!group || p->body.len > IKE_ID_MAX) {
		ike->count.group_unknown++;
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): %s names no group that there is", a);
		return;
	}
	if (!ike_sa_may_begin(ike, peer->addr) || !may_compute(ike)) {
		ike->count.aggressive_limited++;
		log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:0): too many negotiations with %s", a);
		return;
	}
	log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:%u): processing SA payload. message ID = 0",
		 conn);
	log_line(&ike->log, LOG_ISAKMP, "ISAKMP (0:%u): processing ID payload. message ID = 0",
		 conn);
	msg_read_sa(msg_find(m, PLD_SA, 0), &offer);
	if (proposal_match_ike(&offer, ike->conf, login ? IKE_AUTH_XAUTH_PSK : IKE_AUTH_PSK,
			       &choice, &ike->log, conn)) {
		phase1_refuse_offer(ike, local, peer, m);
		return;
	}
	begin(ike, local, peer, m, group, &choice, digest);
}

/**
 * task_aggressive_3 - message 3: HASH_I (RFC 2409 5.4)
 * @sa: SA that waits for it; its chain of IVs knows where the message leads
 * @m: message, decrypted if it came encrypted
 *
 * HASH_I does not cover the rest, so what came in clear besides it is not obeyed.
 *
 * Return: true if the peer knows the key; else nothing has changed.
 */
bool task_aggressive_3(struct ike_sa *sa, const struct msg *m)
{
	struct blob id = { sa->id.body, sa->id.len };
	bool encrypted = m->hdr.flags & ISAKMP_FLAG_ENC;
	char a[VG_ADDR_LEN];

	if (!phase1_check_hash_i(sa, m, &id)) {
		sa->ike->count.group_key_wrong++;
		sa_log(sa, "HASH_I is wrong: another key of group %s?", sa->group);
		return false;
	}
	if (encrypted)
		iv_confirm(&sa->iv);
	natt_detect(sa, m);
	sa->initial = encrypted && phase1_notifies(sa, m);
	sa_log(sa, "SA has been authenticated with %s", vg_addr_str(sa->peer.addr, a));
	/* nothing answers this message, and nobody waits for the second any more */
	chunk_free(&sa->last.reply);
	phase1_done(sa);
	return true;
}
