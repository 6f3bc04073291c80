// SPDX-License-Identifier: GPL-2.0
/*
 * What is in payloads. Each has a check, which a message has passed before anything
 * in it is read; checking and reading are the same function.
 */
#include <string.h>

#include "reader.h"

/* Takes the next attribute (RFC 2408 3.3). */
static bool take_attr(struct reader *r, struct msg_attr *a)
{
	const uint8_t *h, *v;
	size_t len;

	if (!take(r, 4, &h))
		return false;
	a->type = be16(h) & ~ATTR_TV;
	a->wide = false;
	a->value = 0;
	if (be16(h) & ATTR_TV) {
		a->value = be16(h + 2);
		a->body = (struct blob){ h + 2, 2 };
		return true;
	}
	len = be16(h + 2);
	if (!take(r, len, &v))
		return false;
	a->body = (struct blob){ v, len };
	for (size_t i = 0; i < len; i++) {
		a->wide |= a->value >> 24 != 0;
		a->value = a->value << 8 | v[i];
	}
	return true;
}

static const char *parse_transform(const struct blob *body, struct msg_transform *t)
{
	struct reader r = { body->p, body->len };
	const uint8_t *h;

	if (!take(&r, 4, &h))
		return "transform is too short";
	t->number = h[0];
	t->id = h[1];
	t->n = 0;
	t->raw = (struct blob){ body->p - 4, body->len + 4 };
	t->next = t->raw.p[0];
	while (r.left) {
		if (t->n == MSG_ATTRS_MAX)
			return "transform has too many attributes";
		if (!take_attr(&r, &t->attr[t->n++]))
			return "attribute of a transform is cut short";
	}
	return NULL;
}

static const char *parse_proposal(const struct blob *body, struct msg_sa *sa)
{
	struct msg_proposal *prop = &sa->proposal[sa->n_proposals++];
	struct reader r = { body->p, body->len };
	const uint8_t *h, *spi;
	uint8_t count;

	if (!take(&r, 4, &h) || !take(&r, h[2], &spi))
		return "proposal is too short";
	prop->number = h[0];
	prop->protocol = h[1];
	prop->spi = (struct blob){ spi, h[2] };
	count = h[3];
	prop->first = sa->n_transforms;
	prop->n = 0;
	if (!count)
		return "proposal without transforms";
	while (r.left) {
		bool last = prop->n + 1 == count;
		struct blob t;
		uint8_t next;

		if (sa->n_transforms == MSG_TRANSFORMS_MAX)
			return "too many transforms";
		if (!take_payload(&r, &next, &t))
			return "transform is cut short";
		if (next != (last ? PLD_NONE : PLD_TRANSFORM))
			return "chain of transforms disagrees with their number";
		if (parse_transform(&t, &sa->transform[sa->n_transforms++]))
			return "malformed transform";
		prop->n++;
		if (last && r.left)
			return "octets behind the last transform";
	}
	return prop->n == count ? NULL : "fewer transforms than announced";
}

static const char *parse_sa(const struct blob *body, struct msg_sa *sa)
{
	struct reader r = { body->p, body->len };
	uint8_t next = PLD_PROPOSAL;
	const uint8_t *h;

	sa->n_proposals = 0;
	sa->n_transforms = 0;
	if (!take(&r, 8, &h))
		return "SA payload is too short";
	if (be32(h) != IPSEC_DOI || be32(h + 4) != SIT_IDENTITY_ONLY)
		return "DOI or situation is not that of IPsec";
	while (next == PLD_PROPOSAL) {
		const char *why;
		struct blob p;

		if (sa->n_proposals == MSG_PROPOSALS_MAX)
			return "too many proposals";
		if (!take_payload(&r, &next, &p))
			return "proposal is cut short";
		why = parse_proposal(&p, sa);
		if (why)
			return why;
	}
	if (next != PLD_NONE || r.left)
		return "octets behind the last proposal";
	return NULL;
}

static const char *parse_id(const struct blob *body, struct msg_id *id)
{
	const uint8_t *h = body->p;

	if (body->len < 4)
		return "ID payload is too short";
	id->type = h[0];
	id->proto = h[1];
	id->port = be16(h + 2);
	id->data = (struct blob){ h + 4, body->len - 4 };
	id->lo = 0;
	id->hi = 0;
	switch (id->type) {
	case ID_IPV4_ADDR:
		if (id->data.len != 4)
			return "address in an ID payload has not 4 octets";
		id->lo = be32(id->data.p);
		id->hi = 0xffffffff;
		break;
	case ID_IPV4_SUBNET:
	case ID_IPV4_RANGE:
		if (id->data.len != 8)
			return "subnet or range in an ID payload has not 8 octets";
		id->lo = be32(id->data.p);
		id->hi = be32(id->data.p + 4);
		if (id->type == ID_IPV4_RANGE && id->hi < id->lo)
			return "range in an ID payload ends before it begins";
		break;
	default:
		if (!id->data.len)
			return "empty ID payload";
	}
	return NULL;
}

static const char *parse_notify(const struct blob *body, struct msg_notify *n)
{
	struct reader r = { body->p, body->len };
	const uint8_t *h, *spi;

	if (!take(&r, 8, &h) || !take(&r, h[5], &spi))
		return "notify payload is too short";
	if (be32(h) > IPSEC_DOI)	/* 0 is ISAKMP itself, RFC 2408 3.14 */
		return "DOI of a notify payload is not that of IPsec";
	n->protocol = h[4];
	n->type = be16(h + 6);
	n->spi = (struct blob){ spi, h[5] };
	n->data = (struct blob){ r.p, r.left };
	return NULL;
}

static const char *parse_delete(const struct blob *body, struct msg_delete *d)
{
	const uint8_t *h = body->p;

	if (body->len < 8)
		return "delete payload is too short";
	if (be32(h) > IPSEC_DOI)
		return "DOI of a delete payload is not that of IPsec";
	d->protocol = h[4];
	d->spi_len = h[5];
	d->n = be16(h + 6);
	d->spi = h + 8;
	if (d->spi_len != (d->protocol == PROTO_ISAKMP ? 2 * ISAKMP_COOKIE_LEN : 4))
		return "SPI size of a delete payload does not fit its protocol";
	if (!d->n || d->n > MSG_SPIS_MAX || body->len - 8 != (size_t)d->n * d->spi_len)
		return "delete payload disagrees with its number of SPIs";
	return NULL;
}

static const char *parse_cfg(const struct blob *body, struct msg_cfg *cfg)
{
	struct reader r = { body->p, body->len };
	const uint8_t *h;

	if (!take(&r, 4, &h))
		return "attribute payload is too short";
	cfg->type = h[0];
	cfg->id = be16(h + 2);
	cfg->n = 0;
	if (cfg->type < CFG_REQUEST || cfg->type > CFG_ACK)
		return "unknown type of an attribute payload";
	while (r.left) {
		if (cfg->n == MSG_CFG_ATTRS_MAX)
			return "too many attributes";
		if (!take_attr(&r, &cfg->attr[cfg->n++]))
			return "attribute is cut short";
	}
	return NULL;
}

static const char *check_sa(const struct blob *body)
{
	struct msg_sa sa;

	return parse_sa(body, &sa);
}

static const char *check_id(const struct blob *body)
{
	struct msg_id id;

	return parse_id(body, &id);
}

static const char *check_notify(const struct blob *body)
{
	struct msg_notify n;

	return parse_notify(body, &n);
}

static const char *check_delete(const struct blob *body)
{
	struct msg_delete d;

	return parse_delete(body, &d);
}

static const char *check_cfg(const struct blob *body)
{
	struct msg_cfg cfg;

	return parse_cfg(body, &cfg);
}

static const char *check_nonce(const struct blob *body)
{
	return body->len < 8 || body->len > 256 ? "nonce has not 8 to 256 octets" : NULL;
}

static const char *check_ke(const struct blob *body)
{
	return !body->len || body->len > DH_MAX ? "public value is empty or too long" : NULL;
}

static const char *check_hash(const struct blob *body)
{
	return !body->len || body->len > HASH_MAX ? "hash is empty or too long" : NULL;
}

static const char *check_any(const struct blob *body)
{
	return NULL;
}

static const struct {
	const char *name;
	const char *(*check)(const struct blob *body);
} payload_types[PLD_TYPES] = {
	[PLD_SA] = { "SA", check_sa },
	[PLD_KE] = { "KE", check_ke },
	[PLD_ID] = { "ID", check_id },
	[PLD_CERT] = { "CERT", check_any },
	[PLD_CR] = { "CERT-REQ", check_any },
	[PLD_HASH] = { "HASH", check_hash },
	[PLD_NONCE] = { "NONCE", check_nonce },
	[PLD_NOTIFY] = { "NOTIFY", check_notify },
	[PLD_DELETE] = { "DELETE", check_delete },
	[PLD_VID] = { "vendor id", check_any },
	[PLD_ATTR] = { "transaction", check_cfg },
	[PLD_NATD] = { "NAT-D", check_any },
	[PLD_NATOA] = { "NAT-OA", check_any },
};

/**
 * payload_check - is a payload well-formed
 * @type: enum isakmp_payload, below PLD_TYPES, of those that any message may have
 * @body: what is in it
 *
 * Return: NULL, or what is wrong.
 */
const char *payload_check(uint8_t type, const struct blob *body)
{
	return payload_types[type].check(body);
}

/**
 * msg_payload_name - name of a payload in messages for people
 * @type: enum isakmp_payload
 *
 * Return: name.
 */
const char *msg_payload_name(uint8_t type)
{
	return type < PLD_TYPES && payload_types[type].name ? payload_types[type].name :
		"unknown";
}

/**
 * msg_read_sa - read an SA payload of a checked message (RFC 2408 3.4)
 * @p: payload
 * @sa: where it goes; points into the message
 */
void msg_read_sa(const struct payload *p, struct msg_sa *sa)
{
	parse_sa(&p->body, sa);
}

/**
 * msg_read_id - read an ID payload of a checked message (RFC 2407 4.6.2)
 * @p: payload
 * @id: where it goes; points into the message
 */
void msg_read_id(const struct payload *p, struct msg_id *id)
{
	parse_id(&p->body, id);
}

/**
 * msg_read_notify - read a notify payload of a checked message (RFC 2408 3.14)
 * @p: payload
 * @n: where it goes; points into the message
 */
void msg_read_notify(const struct payload *p, struct msg_notify *n)
{
	parse_notify(&p->body, n);
}

/**
 * msg_read_delete - read a delete payload of a checked message (RFC 2408 3.15)
 * @p: payload
 * @d: where it goes; points into the message
 */
void msg_read_delete(const struct payload *p, struct msg_delete *d)
{
	parse_delete(&p->body, d);
}

/**
 * msg_delete_spi - one SPI of four octets
 * @d: delete payload of another protocol than ISAKMP
 * @i: which, below @d->n
 *
 * Return: SPI.
 */
uint32_t msg_delete_spi(const struct msg_delete *d, unsigned int i)
{
	return be32(d->spi + i * 4);
}

/**
 * msg_read_cfg - read an attribute payload of a checked message
 *	(draft-dukes-ike-mode-cfg-02 3.2)
 * @p: payload
 * @cfg: where it goes; points into the message
 */
void msg_read_cfg(const struct payload *p, struct msg_cfg *cfg)
{
	parse_cfg(&p->body, cfg);
}

/**
 * msg_read_life - read the lives of a RESPONDER-LIFETIME (RFC 2407 4.6.3.1)
 * @data: data of the notify payload; what is malformed ends it
 * @seconds: shortest life, left alone if there is none
 * @kilobytes: the same
 */
void msg_read_life(const struct blob *data, uint32_t *seconds, uint32_t *kilobytes)
{
	struct reader r = { data->p, data->len };
	struct msg_attr type, life;

	while (take_attr(&r, &type) && take_attr(&r, &life)) {
		uint32_t *to = type.value == LIFE_SECONDS ? seconds : kilobytes;

		if (type.type != IPSEC_ATTR_LIFE_TYPE || life.type != IPSEC_ATTR_LIFE)
			return;
		if (life.wide || !life.value ||
		    (type.value != LIFE_SECONDS && type.value != LIFE_KILOBYTES))
			continue;
		if (life.value < *to)
			*to = life.value;
	}
}

/**
 * msg_u32 - a number of four octets
 * @b: at least that many
 *
 * Return: number, 0 if there are fewer.
 */
uint32_t msg_u32(const struct blob *b)
{
	return b->len >= 4 ? be32(b->p) : 0;
}
