// SPDX-License-Identifier: GPL-2.0
/*
 * NAT traversal (RFC 3947 and the drafts 02 and 03 that came before it): is there
 * somebody between us who rewrites addresses, and if so, everything goes by UDP
 * port 4500.
 */
#include <string.h>

#include "natt.h"

/* In our order of preference; the drafts differ in numbers only. */
static const struct {
	enum natt_version version;
	uint8_t vid[16];
} versions[] = {
	{ NATT_RFC, { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45,
		      0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f } },
	{ NATT_DRAFT_03, { 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f,
			   0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56 } },
	{ NATT_DRAFT_02N, { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e,
			    0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f } },
	{ NATT_DRAFT_02, { 0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8,
			   0x7c, 0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48 } },
};

/**
 * natt_offered - the version to use with a peer (RFC 3947 3.1)
 * @m: its first message
 *
 * Return: version, NATT_NONE if it offers none.
 */
enum natt_version natt_offered(const struct msg *m)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(versions); i++) {
		const struct payload *p;

		for (size_t j = 0; (p = msg_find(m, PLD_VID, j)); j++) {
			if (p->body.len == sizeof(versions[i].vid) &&
			    !memcmp(p->body.p, versions[i].vid, sizeof(versions[i].vid)))
				return versions[i].version;
		}
	}
	return NATT_NONE;
}

/**
 * natt_put_vid - tell the peer which version we use
 * @b: our first message
 * @version: it, or NATT_NONE
 */
void natt_put_vid(struct mbuf *b, enum natt_version version)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(versions); i++) {
		if (versions[i].version == version)
			mbuf_payload(b, PLD_VID, versions[i].vid, sizeof(versions[i].vid));
	}
}

/**
 * natt_put_vids - tell the peer which versions we know
 * @b: our first message, as initiator
 */
void natt_put_vids(struct mbuf *b)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(versions); i++)
		mbuf_payload(b, PLD_VID, versions[i].vid, sizeof(versions[i].vid));
}

/**
 * natt_float - as initiator, go on at port 4500 if NAT was found (RFC 3947 4)
 * @sa: SA after message 4
 */
void natt_float(struct ike_sa *sa)
{
	if (!sa->nat_here && !sa->nat_peer)
		return;
	sa->local.port = NATT_PORT;
	if (sa->peer.port == 500)
		sa->peer.port = NATT_PORT;
}

/* HASH = hash(CKY-I | CKY-R | IP | Port), RFC 3947 3.2 */
static int hash_of(const struct ike_sa *sa, const struct endpoint *at, uint8_t *out)
{
	uint8_t place[6] = { at->addr >> 24, at->addr >> 16, at->addr >> 8, at->addr,
			     at->port >> 8, at->port };
	struct blob parts[] = {
		{ sa->cky_i, ISAKMP_COOKIE_LEN }, { sa->cky_r, ISAKMP_COOKIE_LEN },
		{ place, sizeof(place) },
	};

	return crypto_hash(sa->policy.hash, parts, VG_ARRAY_SIZE(parts), out);
}

/* Is this hash that of one of two places? */
static bool is_hash_of(const struct ike_sa *sa, const struct blob *got,
		       const struct endpoint *a, const struct endpoint *b)
{
	size_t len = crypto_hash_len(sa->policy.hash);
	uint8_t h[HASH_MAX];

	if (got->len != len)
		return false;
	return (!hash_of(sa, a, h) && !memcmp(got->p, h, len)) ||
		(!hash_of(sa, b, h) && !memcmp(got->p, h, len));
}

/**
 * natt_detect - look for NAT by what the peer says of our addresses
 * @sa: SA with a version agreed on; is told the result
 * @m: message with NAT-D payloads: first the destination that the peer knows, then
 *	the sources that it may have
 *
 * With the last message of aggressive mode the peer may have changed to port 4500
 * already, and some speak of the ports before that.
 */
void natt_detect(struct ike_sa *sa, const struct msg *m)
{
	bool same_here = false, same_there = false;
	const struct payload *p;
	size_t i;

	if (!sa->natt)
		return;
	for (i = 0; (p = msg_find(m, PLD_NATD, i)); i++) {
		if (!i)
			same_here = is_hash_of(sa, &p->body, &sa->local, &sa->first_local);
		else
			same_there |= is_hash_of(sa, &p->body, &sa->peer, &sa->first_peer);
	}
	if (i < 2) {
		sa->natt = NATT_NONE;	/* it cannot have meant it */
		return;
	}
	sa->nat_here = !same_here;
	sa->nat_peer = !same_there;
	sa_log(sa, "NAT found: %s", sa->nat_here && sa->nat_peer ? "both nodes are behind NAT" :
	       sa->nat_here ? "this node is behind NAT" :
	       sa->nat_peer ? "the remote node is behind NAT" : "none");
}

/**
 * natt_put - NAT-D payloads of ours
 * @b: message
 * @sa: SA
 */
void natt_put(struct mbuf *b, const struct ike_sa *sa)
{
	uint8_t type = sa->natt == NATT_RFC ? PLD_NATD : PLD_NATD_DRAFT;
	size_t len = crypto_hash_len(sa->policy.hash);
	uint8_t there[HASH_MAX], here[HASH_MAX];

	if (!sa->natt || hash_of(sa, &sa->peer, there) || hash_of(sa, &sa->local, here))
		return;
	mbuf_payload(b, type, there, len);
	mbuf_payload(b, type, here, len);
}

/**
 * natt_active - does ESP of this SA have to travel in UDP
 * @sa: SA
 *
 * Return: true if NAT was found and the peer has come to port 4500.
 */
bool natt_active(const struct ike_sa *sa)
{
	return (sa->nat_here || sa->nat_peer) && sa->local.port == NATT_PORT;
}

/**
 * natt_may_float - may a peer that does not come from where it did be heard
 * @sa: SA of its cookies
 * @local: where the message came to
 * @peer: where from
 *
 * With message 5, or with message 3 of aggressive mode, which also says whether
 * there is NAT, the peer changes to port 4500, and the NAT may find another port
 * for it. Whether it is the peer shows when the message is verified.
 *
 * Return: true if the message is to be tried.
 */
bool natt_may_float(const struct ike_sa *sa, const struct endpoint *local,
		    const struct endpoint *peer)
{
	bool awaited = sa->state == AG_INIT_EXCH ? sa->natt != NATT_NONE :
		sa->state == MM_KEY_EXCH && (sa->nat_here || sa->nat_peer);

	return !sa->initiator && awaited && local->port == NATT_PORT &&
		local->addr == sa->local.addr && peer->addr == sa->peer.addr;
}

/**
 * natt_may_follow - may the peer be somewhere else all of a sudden
 * @sa: SA
 * @to: where a message or a packet has come from
 *
 * Only a peer behind NAT, as the NAT forgot it or was started anew, and not where we
 * are behind one and it may be the other that moves (RFC 3947 4). Another
 * address must not be worth more than the one before: no site's, and no other key's.
 *
 * Return: true if @to is to be believed once it is authentic.
 */
bool natt_may_follow(const struct ike_sa *sa, const struct endpoint *to)
{
	const struct vpnd_conf *conf = sa->ike->conf;

	if (sa->state != QM_IDLE || !sa->nat_peer || !natt_active(sa) ||
	    (sa->nat_here && sa->initiator) || !to->port)
		return false;
	return to->addr == sa->peer.addr ||
		(!conf_static_peer(conf, sa->peer.addr) && !conf_static_peer(conf, to->addr) &&
		 conf_key_for(conf, sa->peer.addr) == conf_key_for(conf, to->addr));
}

/* A quick mode under way has told the kernel of the place before. */
static void move_exchanges(struct ike_sa *sa, const struct endpoint *to)
{
	struct kernel *k = &sa->ike->kernel;
	struct exchange *ex;

	LIST_FOREACH(ex, &sa->exchanges, link) {
		struct kernel_pair *pair = ex->qm ? &ex->qm->pair : NULL;

		if (!pair || !pair->peer_port)
			continue;
		pair->peer = to->addr;
		pair->peer_port = to->port;
		if (ex->qm->installed)
			k->ops->move_sa(k->priv, &(struct kernel_place){
				pair->local, pair->in_spi, to->addr, to->port, pair->local_port });
	}
}

static void move_lease(struct ike_sa *sa, const struct endpoint *from)
{
	struct kernel *k = &sa->ike->kernel;

	if (!sa->lease)
		return;
	sa->lease->owner.peer = sa->peer.addr;
	sa->lease->owner.port = sa->peer.port;
	if (from->addr != sa->peer.addr)
		k->ops->route(k->priv, true, sa->lease->addr, sa->peer.addr);
}

/**
 * natt_follow - everything with a peer goes on at another place
 * @sa: SA that says so
 * @to: where something authentic has come from; not believed unless
 *	natt_may_follow() says so
 */
void natt_follow(struct ike_sa *sa, const struct endpoint *to)
{
	struct endpoint from = sa->peer;
	struct ike *ike = sa->ike;
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

	if ((from.addr == to->addr && from.port == to->port) || !natt_may_follow(sa, to))
		return;
	sa_log(sa, "peer has moved from %s port %u to %s port %u", vg_addr_str(from.addr, a),
	       from.port, vg_addr_str(to->addr, b), to->port);
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *other;

		LIST_FOREACH(other, &ike->bucket[i], link) {
			if (other->state != QM_IDLE || other->peer.addr != from.addr ||
			    other->peer.port != from.port || !ike_id_equal(&other->id, &sa->id))
				continue;
			other->peer = *to;
			move_exchanges(other, to);
			move_lease(other, &from);
		}
	}
	child_move_of(ike, &sa->id, &from, to);
	ike->changed = true;
	if (ike->save)
		ike->save(ike->save_arg);
}

static void keepalive(void *arg)
{
	static const uint8_t octet = 0xff;
	struct ike_sa *sa = arg;
	struct ike *ike = sa->ike;

	if (sa->state != QM_IDLE)
		return;
	ike->send(ike->send_arg, &sa->local, &sa->peer, &octet, 1);
	timer_start(&ike->timers, &sa->nat_timer, ike->now + NATT_KEEPALIVE_MS);
}

/**
 * natt_begin - keep the NAT in front of us from forgetting (RFC 3948 4)
 * @sa: SA, authenticated
 */
void natt_begin(struct ike_sa *sa)
{
	timer_init(&sa->nat_timer, keepalive, sa);
	if (sa->nat_here && natt_active(sa))
		timer_start(&sa->ike->timers, &sa->nat_timer,
			    sa->ike->now + NATT_KEEPALIVE_MS);
}
