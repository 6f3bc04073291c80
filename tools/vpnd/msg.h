/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ISAKMP messages. Reading: msg_header(), after decryption msg_payloads(), which
 * checks every payload in its kind of message once; then the read functions,
 * which cannot fail on what has passed. Writing: struct mbuf.
 * All that knows how octets lie on the wire is in msg.c and write.c.
 */
#ifndef VPND_MSG_H
#define VPND_MSG_H

#include "crypto.h"
#include "isakmp.h"

#define MSG_MAX			8192	/* octets of a message that we look at */
#define MSG_PAYLOADS_MAX	32
#define MSG_PROPOSALS_MAX	20
#define MSG_TRANSFORMS_MAX	80	/* of all proposals together */
#define MSG_ATTRS_MAX		16	/* of one transform */
#define MSG_CFG_ATTRS_MAX	32
#define MSG_SPIS_MAX		32

/**
 * struct msg_hdr - ISAKMP header (RFC 2408 3.1)
 */
struct msg_hdr {
	uint8_t cky_i[ISAKMP_COOKIE_LEN], cky_r[ISAKMP_COOKIE_LEN];
	uint8_t next, exch, flags;
	uint32_t msgid, len;
};

/* What kind of message it has to be; rows of the table of allowed payloads. */
enum msg_kind {
	MSG_MM1, MSG_MM2, MSG_MM3, MSG_MM4, MSG_MM5, MSG_MM6,
	MSG_AM1, MSG_AM2, MSG_AM3,
	MSG_QM1, MSG_QM2, MSG_QM3,
	MSG_TRANSACTION,
	MSG_INFO,		/* encrypted */
	MSG_INFO_CLEAR,
	MSG_KINDS,
};

/**
 * struct payload - one payload
 * @type: enum isakmp_payload
 * @body: behind the generic header
 * @start: offset of the generic header in the message
 */
struct payload {
	uint8_t type;
	struct blob body;
	size_t start;
};

/**
 * struct msg - a message whose payloads have been checked
 * @hdr: header
 * @data: the whole message, decrypted
 * @len: its length
 * @end: where the last payload ends, padding follows
 * @p: payloads in order
 * @n: number of payloads
 */
struct msg {
	struct msg_hdr hdr;
	const uint8_t *data;
	size_t len, end;
	struct payload p[MSG_PAYLOADS_MAX];
	size_t n;
};

/**
 * struct msg_attr - one attribute (RFC 2408 3.3)
 * @value: value, if it has at most 32 bits
 * @wide: it has more
 * @body: its octets
 */
struct msg_attr {
	uint16_t type;
	bool wide;
	uint32_t value;
	struct blob body;
};

/**
 * struct msg_transform - one transform of an offer (RFC 2408 3.6)
 * @next: what it says follows: 3 or 0
 * @raw: the whole payload, to be returned as it is when it is chosen
 */
struct msg_transform {
	uint8_t number, id, next;
	struct msg_attr attr[MSG_ATTRS_MAX];
	uint8_t n;
	struct blob raw;
};

/**
 * struct msg_proposal - one proposal of an offer (RFC 2408 3.5)
 * @first: its first transform in msg_sa.transform
 * @n: number of its transforms
 */
struct msg_proposal {
	uint8_t number, protocol, n;
	uint8_t first;
	struct blob spi;
};

/**
 * struct msg_sa - an SA payload (RFC 2408 3.4)
 */
struct msg_sa {
	struct msg_proposal proposal[MSG_PROPOSALS_MAX];
	struct msg_transform transform[MSG_TRANSFORMS_MAX];
	uint8_t n_proposals, n_transforms;
};

/**
 * struct msg_id - an ID payload (RFC 2407 4.6.2)
 * @lo: address, first address of a range; host byte order
 * @hi: mask of a subnet, last address of a range
 */
struct msg_id {
	uint8_t type, proto;
	uint16_t port;
	uint32_t lo, hi;
	struct blob data;
};

struct msg_notify {
	uint8_t protocol;
	uint16_t type;
	struct blob spi, data;
};

struct msg_delete {
	uint8_t protocol, spi_len;
	uint16_t n;
	const uint8_t *spi;
};

struct msg_cfg {
	uint8_t type;
	uint16_t id;
	struct msg_attr attr[MSG_CFG_ATTRS_MAX];
	uint8_t n;
};

int msg_header(const void *data, size_t len, struct msg_hdr *hdr, const char **why);
int msg_payloads(struct msg *m, const void *data, size_t len, enum msg_kind kind,
		 const char **why);
const struct payload *msg_find(const struct msg *m, uint8_t type, size_t nth);
struct blob msg_behind(const struct msg *m, const struct payload *p);
const char *msg_payload_name(uint8_t type);

void msg_read_sa(const struct payload *p, struct msg_sa *sa);
void msg_read_id(const struct payload *p, struct msg_id *id);
void msg_read_notify(const struct payload *p, struct msg_notify *n);
void msg_read_delete(const struct payload *p, struct msg_delete *d);
uint32_t msg_delete_spi(const struct msg_delete *d, unsigned int i);
void msg_read_cfg(const struct payload *p, struct msg_cfg *cfg);
void msg_read_life(const struct blob *data, uint32_t *seconds, uint32_t *kilobytes);
uint32_t msg_u32(const struct blob *b);

/**
 * struct mbuf - a message being written
 * @next_at: offset of the "next payload" octet to fill in
 * @overflow: something did not fit; the message is not to be sent
 */
struct mbuf {
	uint8_t data[MSG_MAX];
	size_t len, next_at;
	bool overflow;
};

void mbuf_start(struct mbuf *b, const struct msg_hdr *hdr);
size_t mbuf_begin(struct mbuf *b, uint8_t type);
void mbuf_end(struct mbuf *b, size_t start);
void mbuf_u8(struct mbuf *b, uint8_t v);
void mbuf_u16(struct mbuf *b, uint16_t v);
void mbuf_u32(struct mbuf *b, uint32_t v);
void mbuf_put(struct mbuf *b, const void *p, size_t len);
void mbuf_payload(struct mbuf *b, uint8_t type, const void *p, size_t len);
void mbuf_attr(struct mbuf *b, uint16_t type, uint16_t value);
void mbuf_attr_long(struct mbuf *b, uint16_t type, const void *p, size_t len);
size_t mbuf_begin_hash(struct mbuf *b, size_t len);
void mbuf_set_hash(struct mbuf *b, size_t at, const uint8_t *hash, size_t len);
void mbuf_id(struct mbuf *b, const struct msg_id *id);
void mbuf_notify(struct mbuf *b, uint8_t protocol, uint16_t type, const struct blob *spi,
		 const struct blob *data);
void mbuf_sa(struct mbuf *b, uint8_t number, uint8_t protocol, const struct blob *spi,
	     const struct blob *transform);
struct blob mbuf_behind(const struct mbuf *b, size_t hash_at, size_t hash_len);
bool mbuf_pad(struct mbuf *b, size_t block);
bool mbuf_finish(struct mbuf *b);

#endif
