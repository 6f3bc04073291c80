// SPDX-License-Identifier: GPL-2.0
/* SKEYID and everything derived from it (RFC 2409 5 and appendix B). */
#include <errno.h>
#include <string.h>

#include "keymat.h"

static struct blob octets(const void *p, size_t len)
{
	return (struct blob){ p, len };
}

static void be32(uint8_t *p, uint32_t v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

/**
 * keymat_skeyid_psk - SKEYID of a pre-shared key (RFC 2409 5.4)
 * @keys: @hash is set; SKEYID goes here
 * @psk: pre-shared key
 * @ni: initiator's nonce
 * @nr: responder's nonce
 *
 * Return: 0 or -errno.
 */
int keymat_skeyid_psk(struct ike_keys *keys, const struct blob *psk, const struct blob *ni,
		      const struct blob *nr)
{
	struct blob parts[] = { *ni, *nr };

	keys->len = crypto_hash_len(keys->hash);
	return crypto_prf(keys->hash, psk->p, psk->len, parts, 2, keys->skeyid);
}

/* Key of the cipher: the first octets of SKEYID_e, or of K1 | K2 | ... (appendix B). */
static int expand_enc(struct ike_keys *keys, size_t enc_len)
{
	uint8_t k[HASH_MAX];
	uint8_t zero = 0;
	struct blob in = octets(&zero, 1);
	size_t done = 0;
	int ret = 0;

	if (enc_len > sizeof(keys->enc))
		return -EINVAL;
	keys->enc_len = enc_len;
	if (enc_len <= keys->len) {
		memcpy(keys->enc, keys->e, enc_len);
		return 0;
	}
	while (done < enc_len) {
		uint8_t next[HASH_MAX];
		size_t n = enc_len - done < keys->len ? enc_len - done : keys->len;

		ret = crypto_prf(keys->hash, keys->e, keys->len, &in, 1, next);
		if (ret)
			break;
		memcpy(k, next, sizeof(k));
		crypto_wipe(next, sizeof(next));
		memcpy(keys->enc + done, k, n);
		done += n;
		in = octets(k, keys->len);
	}
	crypto_wipe(k, sizeof(k));
	return ret;
}

/**
 * keymat_phase1 - SKEYID_d, _a, _e and the key of the cipher (RFC 2409 5)
 * @keys: with SKEYID; the rest goes here
 * @gxy: shared secret
 * @cky_i: initiator's cookie
 * @cky_r: responder's cookie
 * @enc_len: octets of key that the cipher wants
 *
 * Return: 0 or -errno.
 */
int keymat_phase1(struct ike_keys *keys, const struct blob *gxy, const uint8_t *cky_i,
		  const uint8_t *cky_r, size_t enc_len)
{
	uint8_t *out[] = { keys->d, keys->a, keys->e };
	const uint8_t *previous = NULL;

	for (uint8_t i = 0; i < 3; i++) {
		struct blob parts[] = {
			octets(previous, previous ? keys->len : 0), *gxy,
			octets(cky_i, ISAKMP_COOKIE_LEN), octets(cky_r, ISAKMP_COOKIE_LEN),
			octets(&i, 1),
		};
		int ret = crypto_prf(keys->hash, keys->skeyid, keys->len, parts, 5, out[i]);

		if (ret)
			return ret;
		previous = out[i];
	}
	return expand_enc(keys, enc_len);
}

/**
 * keymat_auth - HASH_I or HASH_R (RFC 2409 5)
 * @keys: keys
 * @mine: the side whose hash it is
 * @other: the other side
 * @sai: body of the initiator's SA payload, all of it as it was sent
 * @out: room for a hash
 *
 * Return: 0 or -errno.
 */
int keymat_auth(const struct ike_keys *keys, const struct ike_half *mine,
		const struct ike_half *other, const struct blob *sai, uint8_t *out)
{
	struct blob parts[] = {
		mine->ke, other->ke, octets(mine->cookie, ISAKMP_COOKIE_LEN),
		octets(other->cookie, ISAKMP_COOKIE_LEN), *sai, mine->id,
	};

	return crypto_prf(keys->hash, keys->skeyid, keys->len, parts, 6, out);
}

/**
 * keymat_hash1 - HASH(1) of quick mode, of an informational exchange and of a
 *	transaction (RFC 2409 5.5 and 5.7, draft-dukes-ike-mode-cfg-02 3.1)
 * @keys: keys
 * @msgid: message ID
 * @rest: all octets of the message behind the HASH payload, padding excluded
 * @out: room for a hash
 *
 * Return: 0 or -errno.
 */
int keymat_hash1(const struct ike_keys *keys, uint32_t msgid, const struct blob *rest,
		 uint8_t *out)
{
	uint8_t id[4];
	struct blob parts[] = { octets(id, 4), *rest };

	be32(id, msgid);
	return crypto_prf(keys->hash, keys->a, keys->len, parts, 2, out);
}

/**
 * keymat_hash2 - HASH(2) of quick mode (RFC 2409 5.5)
 * @keys: keys
 * @msgid: message ID
 * @ni: initiator's nonce of this quick mode
 * @rest: all octets of the message behind the HASH payload, padding excluded
 * @out: room for a hash
 *
 * Return: 0 or -errno.
 */
int keymat_hash2(const struct ike_keys *keys, uint32_t msgid, const struct blob *ni,
		 const struct blob *rest, uint8_t *out)
{
	uint8_t id[4];
	struct blob parts[] = { octets(id, 4), *ni, *rest };

	be32(id, msgid);
	return crypto_prf(keys->hash, keys->a, keys->len, parts, 3, out);
}

/**
 * keymat_hash3 - HASH(3) of quick mode (RFC 2409 5.5)
 * @keys: keys
 * @msgid: message ID
 * @ni: initiator's nonce of this quick mode
 * @nr: responder's
 * @out: room for a hash
 *
 * Return: 0 or -errno.
 */
int keymat_hash3(const struct ike_keys *keys, uint32_t msgid, const struct blob *ni,
		 const struct blob *nr, uint8_t *out)
{
	uint8_t id[5] = { 0 };
	struct blob parts[] = { octets(id, 5), *ni, *nr };

	be32(id + 1, msgid);
	return crypto_prf(keys->hash, keys->a, keys->len, parts, 3, out);
}

/**
 * keymat_ipsec - keys of one IPsec SA (RFC 2409 5.5)
 * @keys: keys
 * @gxy: shared secret of quick mode, empty without PFS
 * @proto: protocol
 * @spi: SPI, chosen by the side that receives with this SA
 * @ni: initiator's nonce of quick mode
 * @nr: responder's
 * @out: key of the cipher, then that of the authenticator
 * @len: octets wanted, at most KEYMAT_MAX
 *
 * Return: 0 or -errno.
 */
int keymat_ipsec(const struct ike_keys *keys, const struct blob *gxy, uint8_t proto,
		 uint32_t spi, const struct blob *ni, const struct blob *nr, uint8_t *out,
		 size_t len)
{
	uint8_t k[HASH_MAX], next[HASH_MAX], spi_octets[4];
	struct blob parts[] = {
		octets(k, 0), *gxy, octets(&proto, 1), octets(spi_octets, 4), *ni, *nr,
	};
	size_t done = 0;
	int ret = 0;

	if (len > KEYMAT_MAX)
		return -EINVAL;
	be32(spi_octets, spi);
	while (done < len) {
		size_t n = len - done < keys->len ? len - done : keys->len;

		ret = crypto_prf(keys->hash, keys->d, keys->len, parts, 6, next);
		if (ret)
			break;
		memcpy(k, next, keys->len);
		parts[0].len = keys->len;
		memcpy(out + done, k, n);
		done += n;
	}
	crypto_wipe(k, sizeof(k));
	crypto_wipe(next, sizeof(next));
	return ret;
}

/**
 * keymat_wipe - forget all keys
 * @keys: keys
 */
void keymat_wipe(struct ike_keys *keys)
{
	crypto_wipe(keys, sizeof(*keys));
}
