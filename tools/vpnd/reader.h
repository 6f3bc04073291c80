/* SPDX-License-Identifier: GPL-2.0 */
/* Reading octets. Lengths are subtracted from what is left, never compared as sums. */
#ifndef VPND_READER_H
#define VPND_READER_H

#include "msg.h"

/* Unread octets of something. */
struct reader {
	const uint8_t *p;
	size_t left;
};

static inline bool take(struct reader *r, size_t n, const uint8_t **p)
{
	if (n > r->left)
		return false;
	*p = r->p;
	r->p += n;
	r->left -= n;
	return true;
}

static inline uint16_t be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Takes the next payload: its body, and what it says follows. */
static inline bool take_payload(struct reader *r, uint8_t *next, struct blob *body)
{
	const uint8_t *h, *p;
	size_t len;

	if (!take(r, 4, &h))
		return false;
	*next = h[0];
	len = be16(h + 2);
	if (len < 4 || !take(r, len - 4, &p))
		return false;
	*body = (struct blob){ p, len - 4 };
	return true;
}

/* payload.c */
const char *payload_check(uint8_t type, const struct blob *body);

#endif
