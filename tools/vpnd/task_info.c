// SPDX-License-Identifier: GPL-2.0
/*
 * Informational exchanges: notifies, deletes, dead peer detection. Only what
 * carries a right HASH under an unused message ID changes anything; a delete of
 * the ISAKMP SA ends the message (kernel-rules L20, L24).
 */
#include <string.h>

#include "ike.h"

/* Starts a message; returns where its hash goes. */
static struct exchange *begin(struct ike_sa *sa, struct mbuf *b, size_t *at)
{
	struct exchange *ex = exchange_start(sa, EXCH_INFO);
	struct msg_hdr hdr;

	if (!ex)
		return NULL;
	exchange_header(ex, &hdr);
	mbuf_start(b, &hdr);
	*at = mbuf_begin_hash(b, sa->keys.len);
	return ex;
}

static void finish(struct exchange *ex, struct mbuf *b, size_t at)
{
	if (!sa_hash1(ex->sa, b, ex->msgid, at))
		exchange_send(ex, b);
	exchange_free(ex);
}

/**
 * task_info_notify - send a notify (RFC 2408 3.14)
 * @sa: SA, authenticated
 * @protocol: enum isakmp_protocol
 * @type: enum isakmp_notify
 * @spi: SPI that it is about
 * @data: what goes with it
 */
void task_info_notify(struct ike_sa *sa, uint8_t protocol, uint16_t type,
		      const struct blob *spi, const struct blob *data)
{
	struct exchange *ex;
	struct mbuf b;
	size_t at;

	ex = begin(sa, &b, &at);
	if (!ex)
		return;
	mbuf_notify(&b, protocol, type, spi, data);
	finish(ex, &b, at);
}

static void send_delete(struct ike_sa *sa, uint8_t protocol, const uint8_t *spi, uint8_t len)
{
	struct exchange *ex;
	struct mbuf b;
	size_t at, start;

	ex = begin(sa, &b, &at);
	if (!ex)
		return;
	start = mbuf_begin(&b, PLD_DELETE);
	mbuf_u32(&b, IPSEC_DOI);
	mbuf_u8(&b, protocol);
	mbuf_u8(&b, len);
	mbuf_u16(&b, 1);
	mbuf_put(&b, spi, len);
	mbuf_end(&b, start);
	finish(ex, &b, at);
}

/**
 * task_info_delete_ike - tell the peer that an ISAKMP SA ends (RFC 2408 3.15)
 * @sa: SA, authenticated
 */
void task_info_delete_ike(struct ike_sa *sa)
{
	uint8_t spi[2 * ISAKMP_COOKIE_LEN];

	memcpy(spi, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
	send_delete(sa, PROTO_ISAKMP, spi, sizeof(spi));
}

/**
 * task_info_delete_esp - tell the peer that an IPsec SA ends (RFC 2408 3.15)
 * @sa: ISAKMP SA, authenticated
 * @spi: the one that we receive with
 */
void task_info_delete_esp(struct ike_sa *sa, uint32_t spi)
{
	uint8_t o[4] = { spi >> 24, spi >> 16, spi >> 8, spi };

	send_delete(sa, PROTO_ESP, o, 4);
}

static bool names_this_sa(const struct ike_sa *sa, const uint8_t *spi, size_t len)
{
	return len == 2 * ISAKMP_COOKIE_LEN && !memcmp(spi, sa->cky_i, ISAKMP_COOKIE_LEN) &&
		!memcmp(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
}

/* Dead peer detection, RFC 3706 5.3 and 5.4 */
static void dpd_notify(struct ike_sa *sa, const struct msg_notify *n)
{
	if (n->data.len != 4 || !names_this_sa(sa, n->spi.p, n->spi.len))
		return;
	if (n->type == N_R_U_THERE)
		task_info_notify(sa, PROTO_ISAKMP, N_R_U_THERE_ACK, &n->spi, &n->data);
	else if (msg_u32(&n->data) != sa->dpd_seq)
		sa_log(sa, "R-U-THERE-ACK with another number");
}

static void notify(struct ike_sa *sa, const struct payload *p, uint32_t msgid)
{
	struct msg_notify n;

	msg_read_notify(p, &n);
	sa_log(sa, "processing NOTIFY payload %u protocol %u spi %u, message ID = %d", n.type,
	       n.protocol, n.spi.len == 4 ? msg_u32(&n.spi) : 0, (int32_t)msgid);
	if (n.type == N_R_U_THERE || n.type == N_R_U_THERE_ACK)
		dpd_notify(sa, &n);
}

static void delete(struct ike_sa *sa, const struct payload *p)
{
	struct msg_delete d;

	msg_read_delete(p, &d);
	sa_log(sa, "processing DELETE payload protocol %u", d.protocol);
	for (unsigned int i = 0; i < d.n; i++) {
		if (d.protocol == PROTO_ESP) {
			struct child *c = child_by_out(sa->ike, sa->peer.addr,
						       msg_delete_spi(&d, i));

			if (c && c->peer.port == sa->peer.port && ike_id_equal(&c->id, &sa->id))
				child_free(c, "peer sent a delete");
		} else if (d.protocol == PROTO_ISAKMP &&
			   names_this_sa(sa, d.spi + i * d.spi_len, d.spi_len)) {
			ike_sa_kill(sa, "peer sent a delete");
			return;
		}
	}
}

/**
 * task_info - an informational message (RFC 2409 5.7)
 * @ex: exchange, new
 * @m: message, decrypted
 *
 * Return: true if the peer wrote it; else nothing has changed. The SA may be dead.
 */
bool task_info(struct exchange *ex, const struct msg *m)
{
	struct ike_sa *sa = ex->sa;

	if (!sa_check_hash1(sa, m)) {
		sa_log(sa, "HASH(1) of an informational message is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		if (m->p[i].type == PLD_NOTIFY)
			notify(sa, &m->p[i], m->hdr.msgid);
		else if (m->p[i].type == PLD_DELETE)
			delete(sa, &m->p[i]);
		if (sa->state == MM_DEAD)
			return true;
	}
	exchange_done(ex);
	return true;
}

/* RFC 3706 5.1, version 1.0 */
static const uint8_t vid_dpd[] = {
	0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01,
	0x00,
};

/**
 * dpd_offered - does a peer announce dead peer detection
 * @m: one of its first messages
 *
 * Return: true if so.
 */
bool dpd_offered(const struct msg *m)
{
	const struct payload *p;

	for (size_t i = 0; (p = msg_find(m, PLD_VID, i)); i++) {
		if (p->body.len == sizeof(vid_dpd) && !memcmp(p->body.p, vid_dpd, sizeof(vid_dpd)))
			return true;
	}
	return false;
}

/**
 * dpd_put_vid - announce it
 * @b: message
 */
void dpd_put_vid(struct mbuf *b)
{
	mbuf_payload(b, PLD_VID, vid_dpd, sizeof(vid_dpd));
}

static void dpd_timer(void *arg)
{
	struct ike_sa *sa = arg;
	struct ike *ike = sa->ike;
	uint64_t every = ike->conf->keepalive * 1000ULL, quiet = ike->now - sa->heard;
	uint8_t spi[2 * ISAKMP_COOKIE_LEN], seq[4];
	struct blob s = { spi, sizeof(spi) }, d = { seq, sizeof(seq) };

	if (sa->state != QM_IDLE)
		return;
	if (quiet < every) {
		timer_start(&ike->timers, &sa->dpd_timer, sa->heard + every);
		return;
	}
	if (sa->dpd_tries++ >= IKE_DPD_RETRIES) {
		sa_log(sa, "peer does not answer keepalives");
		child_free_of(ike, &sa->id, &sa->peer, "dead peer");
		ike_sa_kill(sa, "dead peer");
		return;
	}
	if (sa->dpd_tries == 1)
		sa->dpd_seq++;
	for (int i = 0; i < 4; i++)
		seq[i] = sa->dpd_seq >> (24 - 8 * i);
	memcpy(spi, sa->cky_i, ISAKMP_COOKIE_LEN);
	memcpy(spi + ISAKMP_COOKIE_LEN, sa->cky_r, ISAKMP_COOKIE_LEN);
	task_info_notify(sa, PROTO_ISAKMP, N_R_U_THERE, &s, &d);
	timer_start(&ike->timers, &sa->dpd_timer,
		    ike->now + ike->conf->keepalive_retry * 1000ULL);
}

/**
 * task_dpd_begin - watch a peer that announced dead peer detection (RFC 3706 5.5)
 * @sa: SA, authenticated
 */
void task_dpd_begin(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	timer_init(&sa->dpd_timer, dpd_timer, sa);
	if (!ike->conf->keepalive || !sa->peer_dpd)
		return;
	if (crypto_random(&sa->dpd_seq, sizeof(sa->dpd_seq)))
		return;
	sa->dpd_seq &= 0x7fffffff;
	timer_start(&ike->timers, &sa->dpd_timer, ike->now + ike->conf->keepalive * 1000ULL);
}
