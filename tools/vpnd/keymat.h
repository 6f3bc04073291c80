/* SPDX-License-Identifier: GPL-2.0 */
/* Derivation of keys and authenticators; no input or output. */
#ifndef VPND_KEYMAT_H
#define VPND_KEYMAT_H

#include "crypto.h"

#define KEYMAT_MAX	(32 + 64)	/* AES-256 and HMAC-SHA-512 */

/**
 * struct ike_keys - the keys of one ISAKMP SA (RFC 2409 5)
 * @hash: hash of the prf
 * @encr: cipher
 * @len: octets of the SKEYIDs
 * @enc_len: octets of @enc
 * @skeyid: authenticates both sides
 * @d: keys of IPsec SAs come from it
 * @a: authenticates messages
 * @e: @enc comes from it
 * @enc: key of the cipher
 */
struct ike_keys {
	enum ike_hash hash;
	enum ike_encr encr;
	uint8_t len, enc_len;
	uint8_t skeyid[HASH_MAX], d[HASH_MAX], a[HASH_MAX], e[HASH_MAX];
	uint8_t enc[CIPHER_KEY_MAX];
};

/**
 * struct ike_half - what one side contributes to phase 1
 * @cookie: its cookie
 * @ke: body of its KE payload
 * @id: body of its ID payload
 */
struct ike_half {
	const uint8_t *cookie;
	struct blob ke, id;
};

int keymat_skeyid_psk(struct ike_keys *keys, const struct blob *psk, const struct blob *ni,
		      const struct blob *nr);
int keymat_phase1(struct ike_keys *keys, const struct blob *gxy, const uint8_t *cky_i,
		  const uint8_t *cky_r, size_t enc_len);
int keymat_auth(const struct ike_keys *keys, const struct ike_half *mine,
		const struct ike_half *other, const struct blob *sai, uint8_t *out);
int keymat_hash1(const struct ike_keys *keys, uint32_t msgid, const struct blob *rest,
		 uint8_t *out);
int keymat_hash2(const struct ike_keys *keys, uint32_t msgid, const struct blob *ni,
		 const struct blob *rest, uint8_t *out);
int keymat_hash3(const struct ike_keys *keys, uint32_t msgid, const struct blob *ni,
		 const struct blob *nr, uint8_t *out);
int keymat_ipsec(const struct ike_keys *keys, const struct blob *gxy, uint8_t proto,
		 uint32_t spi, const struct blob *ni, const struct blob *nr, uint8_t *out,
		 size_t len);
void keymat_wipe(struct ike_keys *keys);

#endif
