// SPDX-License-Identifier: GPL-2.0
/*
 * Reading messages. Nothing that a peer wrote is looked at before it has been
 * checked: msg_payloads() walks the chain, knows for each kind of message which
 * payloads may stand in it and how often, and has payload.c check each of them.
 */
#include <errno.h>
#include <string.h>

#include "reader.h"

static int bad(const char **why, const char *text)
{
	*why = text;
	return -EBADMSG;
}

/**
 * msg_header - check and read the header (RFC 2408 3.1)
 * @data: datagram
 * @len: its length
 * @hdr: where it goes
 * @why: what is wrong, on error
 *
 * Return: 0 or -EBADMSG.
 */
int msg_header(const void *data, size_t len, struct msg_hdr *hdr, const char **why)
{
	static const uint8_t none[ISAKMP_COOKIE_LEN];
	const uint8_t *p = data;

	if (len < ISAKMP_HDR_LEN)
		return bad(why, "shorter than a header");
	if (len > MSG_MAX)
		return bad(why, "too long");
	memcpy(hdr->cky_i, p, ISAKMP_COOKIE_LEN);
	memcpy(hdr->cky_r, p + 8, ISAKMP_COOKIE_LEN);
	hdr->next = p[16];
	hdr->exch = p[18];
	hdr->flags = p[19];
	hdr->msgid = be32(p + 20);
	hdr->len = be32(p + 24);
	if (p[17] != ISAKMP_VERSION)
		return bad(why, "version is not 1.0");
	if (hdr->len != len)
		return bad(why, "length is not that of the datagram");
	if (hdr->flags & ~(ISAKMP_FLAG_ENC | ISAKMP_FLAG_COMMIT | ISAKMP_FLAG_AUTH))
		return bad(why, "unknown flags");
	if (!memcmp(hdr->cky_i, none, sizeof(none)))
		return bad(why, "no initiator cookie");
	return 0;
}

#define MANY 20

/*
 * How often a payload must and may stand in a message of each kind. What is not
 * listed must not be there at all: a payload that no handler expects is how other
 * daemons came to act on it (kernel-rules L22).
 */
static const struct {
	uint8_t type, min, max;
} allowed[MSG_KINDS][8] = {
	[MSG_MM1] = { { PLD_SA, 1, 1 }, { PLD_VID, 0, MANY } },
	[MSG_MM2] = { { PLD_SA, 1, 1 }, { PLD_VID, 0, MANY } },
	[MSG_MM3] = { { PLD_KE, 1, 1 }, { PLD_NONCE, 1, 1 }, { PLD_VID, 0, MANY },
		      { PLD_CR, 0, 8 }, { PLD_NATD, 0, 8 } },
	[MSG_MM4] = { { PLD_KE, 1, 1 }, { PLD_NONCE, 1, 1 }, { PLD_VID, 0, MANY },
		      { PLD_CR, 0, 8 }, { PLD_NATD, 0, 8 } },
	[MSG_MM5] = { { PLD_ID, 1, 1 }, { PLD_HASH, 1, 1 }, { PLD_NOTIFY, 0, 4 },
		      { PLD_VID, 0, MANY }, { PLD_CR, 0, 8 } },
	[MSG_MM6] = { { PLD_ID, 1, 1 }, { PLD_HASH, 1, 1 }, { PLD_NOTIFY, 0, 4 },
		      { PLD_VID, 0, MANY }, { PLD_CR, 0, 8 } },
	[MSG_AM1] = { { PLD_SA, 1, 1 }, { PLD_KE, 1, 1 }, { PLD_NONCE, 1, 1 }, { PLD_ID, 1, 1 },
		      { PLD_VID, 0, MANY }, { PLD_CR, 0, 8 } },
	[MSG_AM2] = { { PLD_SA, 1, 1 }, { PLD_KE, 1, 1 }, { PLD_NONCE, 1, 1 }, { PLD_ID, 1, 1 },
		      { PLD_HASH, 1, 1 }, { PLD_VID, 0, MANY }, { PLD_NATD, 0, 8 } },
	[MSG_AM3] = { { PLD_HASH, 1, 1 }, { PLD_NOTIFY, 0, 4 }, { PLD_VID, 0, MANY },
		      { PLD_NATD, 0, 8 } },
	[MSG_QM1] = { { PLD_HASH, 1, 1 }, { PLD_SA, 1, 1 }, { PLD_NONCE, 1, 1 },
		      { PLD_KE, 0, 1 }, { PLD_ID, 0, 2 }, { PLD_NOTIFY, 0, 4 },
		      { PLD_VID, 0, MANY }, { PLD_NATOA, 0, 2 } },
	[MSG_QM2] = { { PLD_HASH, 1, 1 }, { PLD_SA, 1, 1 }, { PLD_NONCE, 1, 1 },
		      { PLD_KE, 0, 1 }, { PLD_ID, 0, 2 }, { PLD_NOTIFY, 0, 4 },
		      { PLD_VID, 0, MANY }, { PLD_NATOA, 0, 2 } },
	[MSG_QM3] = { { PLD_HASH, 1, 1 }, { PLD_NOTIFY, 0, 4 } },
	[MSG_TRANSACTION] = { { PLD_HASH, 1, 1 }, { PLD_ATTR, 1, 1 }, { PLD_VID, 0, 4 } },
	[MSG_INFO] = { { PLD_HASH, 1, 1 }, { PLD_NOTIFY, 0, 8 }, { PLD_DELETE, 0, 8 },
		       { PLD_VID, 0, 4 } },
	[MSG_INFO_CLEAR] = { { PLD_NOTIFY, 0, 8 }, { PLD_DELETE, 0, 8 }, { PLD_VID, 0, 4 } },
};

static unsigned int limit_of(enum msg_kind kind, uint8_t type)
{
	for (size_t i = 0; i < 8 && allowed[kind][i].max; i++) {
		if (allowed[kind][i].type == type)
			return allowed[kind][i].max;
	}
	return 0;
}

/* The counts, and that a HASH payload comes first where it covers the rest. */
static const char *check_set(const struct msg *m, enum msg_kind kind)
{
	bool hashed = kind >= MSG_QM1 && kind <= MSG_INFO;

	for (size_t i = 0; i < 8 && allowed[kind][i].max; i++) {
		if (allowed[kind][i].min && !msg_find(m, allowed[kind][i].type, 0))
			return "a payload is missing";
	}
	if (hashed && m->p[0].type != PLD_HASH)
		return "HASH is not the first payload";
	if ((kind == MSG_QM1 || kind == MSG_QM2) && m->p[1].type != PLD_SA)
		return "SA is not the second payload";
	if ((kind == MSG_QM1 || kind == MSG_QM2) && msg_find(m, PLD_ID, 0) &&
	    !msg_find(m, PLD_ID, 1))
		return "one ID payload without the other";
	return NULL;
}

/* The drafts of NAT traversal had numbers of their own for the same payloads. */
static uint8_t of_rfc(uint8_t type)
{
	switch (type) {
	case PLD_NATD_DRAFT:
		return PLD_NATD;
	case PLD_NATOA_DRAFT:
		return PLD_NATOA;
	default:
		return type;
	}
}

/* Some fill a message up to a multiple of four octets, encrypted or not. */
static bool is_alignment(const struct reader *r, size_t len)
{
	static const uint8_t zero[3];

	return !r->left || (r->left <= sizeof(zero) && len % 4 == 0 &&
			    !memcmp(r->p, zero, r->left));
}

/**
 * msg_payloads - check the payloads of a message (RFC 2408 3.2 and following)
 * @m: where they go; points into @data
 * @data: message, decrypted if it came encrypted
 * @len: its length
 * @kind: what it has to be
 * @why: what is wrong, on error
 *
 * Return: 0 or -EBADMSG.
 */
int msg_payloads(struct msg *m, const void *data, size_t len, enum msg_kind kind,
		 const char **why)
{
	uint8_t seen[PLD_TYPES] = { 0 }, next;
	struct reader r;

	if (msg_header(data, len, &m->hdr, why))
		return -EBADMSG;
	m->data = data;
	m->len = len;
	m->n = 0;
	r = (struct reader){ m->data + ISAKMP_HDR_LEN, len - ISAKMP_HDR_LEN };
	for (next = m->hdr.next; next != PLD_NONE;) {
		struct payload *p = &m->p[m->n];

		if (m->n == MSG_PAYLOADS_MAX)
			return bad(why, "too many payloads");
		next = of_rfc(next);
		if (next >= PLD_TYPES || ++seen[next] > limit_of(kind, next))
			return bad(why, "a payload that has no place in this message");
		p->type = next;
		p->start = r.p - m->data;
		if (!take_payload(&r, &next, &p->body))
			return bad(why, "a payload is cut short");
		*why = payload_check(p->type, &p->body);
		if (*why)
			return -EBADMSG;
		m->n++;
	}
	m->end = r.p - m->data;
	if (!(m->hdr.flags & ISAKMP_FLAG_ENC) && !is_alignment(&r, len))
		return bad(why, "octets behind the last payload");
	if (r.left >= 256)		/* padding is at most a block, some add more */
		return bad(why, "too much padding");
	*why = check_set(m, kind);
	return *why ? -EBADMSG : 0;
}

/**
 * msg_find - find a payload
 * @m: message
 * @type: its type
 * @nth: how many of that type to pass over
 *
 * Return: the payload or NULL.
 */
const struct payload *msg_find(const struct msg *m, uint8_t type, size_t nth)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->p[i].type == type && !nth--)
			return &m->p[i];
	}
	return NULL;
}

/**
 * msg_behind - the octets that a HASH payload covers (RFC 2409 5.5)
 * @m: message
 * @p: its HASH payload
 *
 * Return: everything between that payload and the padding.
 */
struct blob msg_behind(const struct msg *m, const struct payload *p)
{
	size_t at = p->body.p + p->body.len - m->data;

	return (struct blob){ m->data + at, m->end - at };
}
