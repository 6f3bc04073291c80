/* SPDX-License-Identifier: GPL-2.0 */
/* Everything asked of libcrypto. */
#ifndef VPND_CRYPTO_H
#define VPND_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isakmp.h"

#define HASH_MAX	64		/* octets, SHA-512 */
#define BLOCK_MAX	16		/* octets, AES */
#define CIPHER_KEY_MAX	32
#define DH_MAX		512		/* octets, group 16 */

/* Octets that belong to somebody else. */
struct blob {
	const uint8_t *p;
	size_t len;
};

struct dh;

int crypto_init(void);
void crypto_exit(void);

size_t crypto_hash_len(enum ike_hash hash);
int crypto_hash(enum ike_hash hash, const struct blob *parts, size_t n, uint8_t *out);
int crypto_prf(enum ike_hash hash, const uint8_t *key, size_t key_len, const struct blob *parts,
	       size_t n, uint8_t *out);

size_t crypto_block_len(enum ike_encr encr);
size_t crypto_key_len(enum ike_encr encr, unsigned int key_bits);
int crypto_cbc(enum ike_encr encr, const uint8_t *key, size_t key_len, const uint8_t *iv,
	       bool encrypt, const uint8_t *in, uint8_t *out, size_t len);

size_t crypto_dh_len(unsigned int group);
size_t crypto_dh_secret_len(unsigned int group);
struct dh *crypto_dh_new(unsigned int group);
void crypto_dh_free(struct dh *dh);
int crypto_dh_public(const struct dh *dh, uint8_t *out);
int crypto_dh_shared(const struct dh *dh, const uint8_t *peer, size_t len, uint8_t *out);

int crypto_random(void *out, size_t len);
bool crypto_equal(const void *a, const void *b, size_t len);
void crypto_wipe(void *p, size_t len);

#endif
