// SPDX-License-Identifier: GPL-2.0
/*
 * Writing messages. A buffer that is too small only sets a flag, which
 * mbuf_finish() reports, so that tasks write payloads without checks of their own.
 */
#include <string.h>

#include "msg.h"

/**
 * mbuf_put - append octets
 * @b: message
 * @p: octets
 * @len: how many
 */
void mbuf_put(struct mbuf *b, const void *p, size_t len)
{
	if (len > sizeof(b->data) - b->len) {
		b->overflow = true;
		return;
	}
	if (len)
		memcpy(b->data + b->len, p, len);
	b->len += len;
}

/**
 * mbuf_u8 - append a number of 8 bits
 * @b: message
 * @v: number
 */
void mbuf_u8(struct mbuf *b, uint8_t v)
{
	mbuf_put(b, &v, 1);
}

/**
 * mbuf_u16 - append a number of 16 bits
 * @b: message
 * @v: number
 */
void mbuf_u16(struct mbuf *b, uint16_t v)
{
	uint8_t o[2] = { v >> 8, v };

	mbuf_put(b, o, 2);
}

/**
 * mbuf_u32 - append a number of 32 bits
 * @b: message
 * @v: number
 */
void mbuf_u32(struct mbuf *b, uint32_t v)
{
	uint8_t o[4] = { v >> 24, v >> 16, v >> 8, v };

	mbuf_put(b, o, 4);
}

/**
 * mbuf_start - begin a message (RFC 2408 3.1)
 * @b: message
 * @hdr: cookies, exchange, flags and message ID of it
 */
void mbuf_start(struct mbuf *b, const struct msg_hdr *hdr)
{
	b->len = 0;
	b->overflow = false;
	mbuf_put(b, hdr->cky_i, ISAKMP_COOKIE_LEN);
	mbuf_put(b, hdr->cky_r, ISAKMP_COOKIE_LEN);
	b->next_at = b->len;
	mbuf_u8(b, PLD_NONE);
	mbuf_u8(b, ISAKMP_VERSION);
	mbuf_u8(b, hdr->exch);
	mbuf_u8(b, hdr->flags);
	mbuf_u32(b, hdr->msgid);
	mbuf_u32(b, 0);
}

/**
 * mbuf_begin - begin a payload (RFC 2408 3.2)
 * @b: message
 * @type: enum isakmp_payload
 *
 * Return: what mbuf_end() wants to know.
 */
size_t mbuf_begin(struct mbuf *b, uint8_t type)
{
	size_t start = b->len;

	b->data[b->next_at] = type;
	b->next_at = start;
	mbuf_u32(b, 0);
	if (b->overflow)
		b->next_at = 16;
	return start;
}

static void set_len(struct mbuf *b, size_t start)
{
	size_t len = b->len - start;

	if (b->overflow)
		return;
	b->data[start + 2] = len >> 8;
	b->data[start + 3] = len;
}

/**
 * mbuf_end - end a payload
 * @b: message
 * @start: what mbuf_begin() returned
 */
void mbuf_end(struct mbuf *b, size_t start)
{
	set_len(b, start);
}

/**
 * mbuf_payload - append a payload whose body is at hand
 * @b: message
 * @type: enum isakmp_payload
 * @p: body
 * @len: its length
 */
void mbuf_payload(struct mbuf *b, uint8_t type, const void *p, size_t len)
{
	size_t start = mbuf_begin(b, type);

	mbuf_put(b, p, len);
	mbuf_end(b, start);
}

/**
 * mbuf_attr - append an attribute in short form (RFC 2408 3.3)
 * @b: message
 * @type: its type
 * @value: its value
 */
void mbuf_attr(struct mbuf *b, uint16_t type, uint16_t value)
{
	mbuf_u16(b, type | ATTR_TV);
	mbuf_u16(b, value);
}

/**
 * mbuf_attr_long - append an attribute in long form (RFC 2408 3.3)
 * @b: message
 * @type: its type
 * @p: its value
 * @len: length of that
 */
void mbuf_attr_long(struct mbuf *b, uint16_t type, const void *p, size_t len)
{
	mbuf_u16(b, type);
	mbuf_u16(b, len);
	mbuf_put(b, p, len);
}

/**
 * mbuf_begin_hash - leave room for a HASH payload that covers what follows
 * @b: message
 * @len: octets of the hash
 *
 * Return: where the hash will go, for mbuf_set_hash() and mbuf_behind().
 */
size_t mbuf_begin_hash(struct mbuf *b, size_t len)
{
	static const uint8_t zero[HASH_MAX];
	size_t start = mbuf_begin(b, PLD_HASH);

	mbuf_put(b, zero, len);
	mbuf_end(b, start);
	return start + 4;
}

/**
 * mbuf_set_hash - fill in a HASH payload
 * @b: message
 * @at: what mbuf_begin_hash() returned
 * @hash: hash
 * @len: its length
 */
void mbuf_set_hash(struct mbuf *b, size_t at, const uint8_t *hash, size_t len)
{
	if (!b->overflow)
		memcpy(b->data + at, hash, len);
}

/**
 * mbuf_behind - what a HASH payload covers
 * @b: message, complete but for padding
 * @hash_at: what mbuf_begin_hash() returned
 * @hash_len: octets of the hash
 *
 * Return: everything behind the HASH payload.
 */
struct blob mbuf_behind(const struct mbuf *b, size_t hash_at, size_t hash_len)
{
	size_t at = hash_at + hash_len;

	if (b->overflow || at > b->len)
		return (struct blob){ b->data, 0 };
	return (struct blob){ b->data + at, b->len - at };
}

/**
 * mbuf_id - append an ID payload (RFC 2407 4.6.2)
 * @b: message
 * @id: of type address, subnet or range: @lo and @hi; else @data
 */
void mbuf_id(struct mbuf *b, const struct msg_id *id)
{
	size_t start = mbuf_begin(b, PLD_ID);

	mbuf_u8(b, id->type);
	mbuf_u8(b, id->proto);
	mbuf_u16(b, id->port);
	switch (id->type) {
	case ID_IPV4_SUBNET:
	case ID_IPV4_RANGE:
		mbuf_u32(b, id->lo);
		mbuf_u32(b, id->hi);
		break;
	case ID_IPV4_ADDR:
		mbuf_u32(b, id->lo);
		break;
	default:
		mbuf_put(b, id->data.p, id->data.len);
	}
	mbuf_end(b, start);
}

/**
 * mbuf_notify - append a notify payload (RFC 2408 3.14)
 * @b: message
 * @protocol: enum isakmp_protocol
 * @type: enum isakmp_notify
 * @spi: SPI that it is about, may be empty
 * @data: what goes with it, may be empty
 */
void mbuf_notify(struct mbuf *b, uint8_t protocol, uint16_t type, const struct blob *spi,
		 const struct blob *data)
{
	size_t start = mbuf_begin(b, PLD_NOTIFY);

	mbuf_u32(b, IPSEC_DOI);
	mbuf_u8(b, protocol);
	mbuf_u8(b, spi->len);
	mbuf_u16(b, type);
	mbuf_put(b, spi->p, spi->len);
	mbuf_put(b, data->p, data->len);
	mbuf_end(b, start);
}

/**
 * mbuf_sa - append the SA payload of a choice: one proposal, one transform
 *	(RFC 2408 4.2: attributes of the chosen transform come back unchanged)
 * @b: message
 * @number: number of the proposal chosen
 * @protocol: enum isakmp_protocol
 * @spi: our SPI, may be empty
 * @transform: the transform payload chosen, as it was offered
 */
void mbuf_sa(struct mbuf *b, uint8_t number, uint8_t protocol, const struct blob *spi,
	     const struct blob *transform)
{
	size_t start = mbuf_begin(b, PLD_SA), proposal;

	mbuf_u32(b, IPSEC_DOI);
	mbuf_u32(b, SIT_IDENTITY_ONLY);
	proposal = b->len;
	mbuf_u32(b, 0);		/* no further proposal; length below */
	mbuf_u8(b, number);
	mbuf_u8(b, protocol);
	mbuf_u8(b, spi->len);
	mbuf_u8(b, 1);
	mbuf_put(b, spi->p, spi->len);
	mbuf_u8(b, PLD_NONE);	/* no further transform */
	mbuf_put(b, transform->p + 1, transform->len - 1);
	set_len(b, proposal);
	mbuf_end(b, start);
}

/**
 * mbuf_pad - pad with zeros for encryption (RFC 2409 appendix B)
 * @b: message
 * @block: octets of a block
 *
 * Return: true if it fitted.
 */
bool mbuf_pad(struct mbuf *b, size_t block)
{
	while (!b->overflow && (b->len - ISAKMP_HDR_LEN) % block)
		mbuf_u8(b, 0);
	return !b->overflow;
}

/**
 * mbuf_finish - write the length into the header
 * @b: message
 *
 * Return: true if everything fitted and it may be sent.
 */
bool mbuf_finish(struct mbuf *b)
{
	uint8_t len[4] = { b->len >> 24, b->len >> 16, b->len >> 8, b->len };

	if (b->overflow)
		return false;
	memcpy(b->data + 24, len, 4);
	return true;
}
