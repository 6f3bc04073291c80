// SPDX-License-Identifier: GPL-2.0
/*
 * All calls of libcrypto. Nothing here knows a protocol, and no argument that a
 * peer controls can make it do more than return an error.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "crypto.h"

static const struct hash_alg {
	enum ike_hash id;
	const char *name;
	uint8_t len;
} hash_algs[] = {
	{ IKE_MD5, "MD5", 16 },
	{ IKE_SHA1, "SHA1", 20 },
	{ IKE_SHA256, "SHA2-256", 32 },
	{ IKE_SHA384, "SHA2-384", 48 },
	{ IKE_SHA512, "SHA2-512", 64 },
};

static const struct cipher_alg {
	enum ike_encr id;
	uint8_t key_len, block;
	const char *name;
} cipher_algs[] = {
	{ IKE_DES, 8, 8, "DES-CBC" },		/* legacy provider */
	{ IKE_3DES, 24, 8, "DES-EDE3-CBC" },
	{ IKE_AES, 16, 16, "AES-128-CBC" },
	{ IKE_AES, 24, 16, "AES-192-CBC" },
	{ IKE_AES, 32, 16, "AES-256-CBC" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct {
	OSSL_PROVIDER *def, *legacy;
	EVP_MD *md[COUNT(hash_algs)];
	EVP_CIPHER *cipher[COUNT(cipher_algs)];
	EVP_MAC *hmac;
} lib;

/*
 * The groups, by the number of the attribute (RFC 2409 6, RFC 3526, RFC 5903). An
 * exponent has twice the bits of the higher estimate of the group's strength (RFC
 * 3526 8), which is as good as one of the group's width and takes a sixth of the
 * time; of the small groups it has the width, so that it is not what breaks them.
 */
static const struct dh_group {
	uint8_t id;
	uint16_t bits, exponent;
	BIGNUM *(*prime)(BIGNUM *bn);	/* MODP, with generator 2 */
	const char *curve;
} dh_groups[] = {
	{ 1, 768, 767, BN_get_rfc2409_prime_768, NULL },
	{ 2, 1024, 1023, BN_get_rfc2409_prime_1024, NULL },
	{ 5, 1536, 1535, BN_get_rfc3526_prime_1536, NULL },
	{ 14, 2048, 320, BN_get_rfc3526_prime_2048, NULL },
	{ 15, 3072, 420, BN_get_rfc3526_prime_3072, NULL },
	{ 16, 4096, 480, BN_get_rfc3526_prime_4096, NULL },
	{ 19, 256, 0, NULL, "P-256" },
	{ 20, 384, 0, NULL, "P-384" },
	{ 21, 521, 0, NULL, "P-521" },
};

/**
 * struct dh - our half of one Diffie-Hellman exchange
 * @group: which
 * @p: modulus of a MODP group
 * @priv: our exponent, of a MODP group
 * @pub: our public value, of a MODP group
 * @ec: our key, of a curve
 */
struct dh {
	const struct dh_group *group;
	BIGNUM *p, *priv, *pub;
	EVP_PKEY *ec;
};

/**
 * crypto_init - load providers and fetch every algorithm once
 *
 * DES-CBC, which the deployment speaks, lives in the legacy provider; naming one
 * provider turns off the automatic default, so that is named too.
 *
 * Return: 0, or -ENOTSUP if libcrypto lacks something.
 */
int crypto_init(void)
{
	lib.def = OSSL_PROVIDER_load(NULL, "default");
	lib.legacy = OSSL_PROVIDER_load(NULL, "legacy");
	if (!lib.def || !lib.legacy)
		goto err;
	for (size_t i = 0; i < COUNT(hash_algs); i++) {
		lib.md[i] = EVP_MD_fetch(NULL, hash_algs[i].name, NULL);
		if (!lib.md[i])
			goto err;
	}
	for (size_t i = 0; i < COUNT(cipher_algs); i++) {
		lib.cipher[i] = EVP_CIPHER_fetch(NULL, cipher_algs[i].name, NULL);
		if (!lib.cipher[i])
			goto err;
	}
	lib.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (lib.hmac)
		return 0;
err:
	ERR_clear_error();
	crypto_exit();
	return -ENOTSUP;
}

/**
 * crypto_exit - release what crypto_init() took
 */
void crypto_exit(void)
{
	for (size_t i = 0; i < COUNT(hash_algs); i++)
		EVP_MD_free(lib.md[i]);
	for (size_t i = 0; i < COUNT(cipher_algs); i++)
		EVP_CIPHER_free(lib.cipher[i]);
	EVP_MAC_free(lib.hmac);
	if (lib.legacy)
		OSSL_PROVIDER_unload(lib.legacy);
	if (lib.def)
		OSSL_PROVIDER_unload(lib.def);
	memset(&lib, 0, sizeof(lib));
}

static int hash_index(enum ike_hash hash)
{
	for (size_t i = 0; i < COUNT(hash_algs); i++) {
		if (hash_algs[i].id == hash)
			return i;
	}
	return -1;
}

/**
 * crypto_hash_len - octets of a hash and of the prf made of it
 * @hash: value of the phase 1 attribute (RFC 2409 appendix A)
 *
 * Return: length, 0 for one that is not supported.
 */
size_t crypto_hash_len(enum ike_hash hash)
{
	int i = hash_index(hash);

	return i < 0 ? 0 : hash_algs[i].len;
}

/**
 * crypto_hash - hash the concatenation of several parts
 * @hash: which
 * @parts: what, in order
 * @n: number of parts
 * @out: room for crypto_hash_len() octets
 *
 * Return: 0 or -errno.
 */
int crypto_hash(enum ike_hash hash, const struct blob *parts, size_t n, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int i = hash_index(hash), ret = -EINVAL;

	if (!ctx)
		return -ENOMEM;
	if (i < 0 || EVP_DigestInit_ex2(ctx, lib.md[i], NULL) != 1)
		goto out;
	for (size_t j = 0; j < n; j++) {
		if (EVP_DigestUpdate(ctx, parts[j].p, parts[j].len) != 1)
			goto out;
	}
	if (EVP_DigestFinal_ex(ctx, out, NULL) == 1)
		ret = 0;
out:
	EVP_MD_CTX_free(ctx);
	return ret;
}

/**
 * crypto_prf - HMAC of the concatenation of several parts (RFC 2409 4)
 * @hash: hash of the HMAC
 * @key: key
 * @key_len: its length; an empty key is refused, since it would come from a bug
 * @parts: what, in order
 * @n: number of parts
 * @out: room for crypto_hash_len() octets
 *
 * Return: 0 or -errno.
 */
int crypto_prf(enum ike_hash hash, const uint8_t *key, size_t key_len, const struct blob *parts,
	       size_t n, uint8_t *out)
{
	int i = hash_index(hash), ret = -EINVAL;
	OSSL_PARAM params[2];
	EVP_MAC_CTX *ctx;
	size_t len;

	if (i < 0 || !key_len)
		return -EINVAL;
	ctx = EVP_MAC_CTX_new(lib.hmac);
	if (!ctx)
		return -ENOMEM;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						     (char *)hash_algs[i].name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(ctx, key, key_len, params) != 1)
		goto out;
	for (size_t j = 0; j < n; j++) {
		if (EVP_MAC_update(ctx, parts[j].p, parts[j].len) != 1)
			goto out;
	}
	if (EVP_MAC_final(ctx, out, &len, hash_algs[i].len) == 1)
		ret = 0;
out:
	EVP_MAC_CTX_free(ctx);
	return ret;
}

static int cipher_index(enum ike_encr encr, size_t key_len)
{
	for (size_t i = 0; i < COUNT(cipher_algs); i++) {
		if (cipher_algs[i].id == encr && (!key_len || cipher_algs[i].key_len == key_len))
			return i;
	}
	return -1;
}

/**
 * crypto_block_len - octets of a cipher's block, and of its IV
 * @encr: value of the phase 1 attribute
 *
 * Return: length, 0 for one that is not supported.
 */
size_t crypto_block_len(enum ike_encr encr)
{
	int i = cipher_index(encr, 0);

	return i < 0 ? 0 : cipher_algs[i].block;
}

/**
 * crypto_key_len - octets of a cipher's key
 * @encr: value of the phase 1 attribute
 * @key_bits: key length attribute, 0 where there was none
 *
 * Return: length, 0 if the cipher does not come in that size. Ciphers of fixed
 * size take no key length (RFC 2409 appendix A), AES wants one (RFC 3602 5.2).
 */
size_t crypto_key_len(enum ike_encr encr, unsigned int key_bits)
{
	if (encr == IKE_AES)
		return key_bits && cipher_index(encr, key_bits / 8) >= 0 && !(key_bits % 8) ?
			key_bits / 8 : 0;
	if (key_bits || cipher_index(encr, 0) < 0)
		return 0;
	return cipher_algs[cipher_index(encr, 0)].key_len;
}

/**
 * crypto_cbc - encrypt or decrypt whole blocks
 * @encr: cipher
 * @key: key
 * @key_len: its length
 * @iv: initialisation vector, crypto_block_len() octets
 * @encrypt: direction
 * @in: blocks
 * @out: room for as many; may be @in
 * @len: length, a multiple of the block
 *
 * Return: 0 or -errno.
 */
int crypto_cbc(enum ike_encr encr, const uint8_t *key, size_t key_len, const uint8_t *iv,
	       bool encrypt, const uint8_t *in, uint8_t *out, size_t len)
{
	int i = cipher_index(encr, key_len), n = 0, ret = -EIO;
	EVP_CIPHER_CTX *ctx;

	if (i < 0 || !key_len || len % cipher_algs[i].block || len > 0x10000)
		return -EINVAL;
	ctx = EVP_CIPHER_CTX_new();
	if (!ctx)
		return -ENOMEM;
	if (EVP_CipherInit_ex2(ctx, lib.cipher[i], key, iv, encrypt, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_CipherUpdate(ctx, out, &n, in, len) == 1 && (size_t)n == len)
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

static const struct dh_group *group_find(unsigned int id)
{
	for (size_t i = 0; i < COUNT(dh_groups); i++) {
		if (dh_groups[i].id == id)
			return &dh_groups[i];
	}
	return NULL;
}

/**
 * crypto_dh_len - octets of a public value
 * @group: value of the group attribute
 *
 * Return: length as it stands in a KE payload: the modulus (RFC 2409 5), or both
 * coordinates of a point (RFC 5903 7); 0 for a group that is not supported.
 */
size_t crypto_dh_len(unsigned int group)
{
	const struct dh_group *g = group_find(group);

	return g ? (g->bits + 7) / 8 * (g->curve ? 2 : 1) : 0;
}

/**
 * crypto_dh_secret_len - octets of a shared secret
 * @group: value of the group attribute
 *
 * Return: length; of a point only the x coordinate counts (RFC 5903 7).
 */
size_t crypto_dh_secret_len(unsigned int group)
{
	const struct dh_group *g = group_find(group);

	return g ? (g->bits + 7) / 8 : 0;
}

static int modp_generate(struct dh *dh)
{
	BIGNUM *g = BN_new();
	BN_CTX *ctx = BN_CTX_secure_new();
	int ret = -ENOMEM;

	dh->p = dh->group->prime(NULL);
	dh->priv = BN_secure_new();
	dh->pub = BN_new();
	if (!g || !ctx || !dh->p || !dh->priv || !dh->pub)
		goto out;
	BN_set_flags(dh->priv, BN_FLG_CONSTTIME);
	if (BN_set_word(g, 2) && BN_priv_rand(dh->priv, dh->group->exponent, BN_RAND_TOP_ONE,
					      BN_RAND_BOTTOM_ANY) &&
	    BN_mod_exp_mont_consttime(dh->pub, g, dh->priv, dh->p, ctx, NULL))
		ret = 0;
out:
	BN_free(g);
	BN_CTX_free(ctx);
	return ret;
}

/**
 * crypto_dh_new - generate a key pair
 * @group: value of the group attribute
 *
 * Return: our half of the exchange, or NULL.
 */
struct dh *crypto_dh_new(unsigned int group)
{
	const struct dh_group *g = group_find(group);
	struct dh *dh = g ? calloc(1, sizeof(*dh)) : NULL;

	if (!dh)
		return NULL;
	dh->group = g;
	if (g->curve) {
		dh->ec = EVP_EC_gen(g->curve);
		if (dh->ec)
			return dh;
	} else if (!modp_generate(dh)) {
		return dh;
	}
	ERR_clear_error();
	crypto_dh_free(dh);
	return NULL;
}

/**
 * crypto_dh_free - forget a key pair
 * @dh: it, or NULL
 */
void crypto_dh_free(struct dh *dh)
{
	if (!dh)
		return;
	BN_clear_free(dh->priv);
	BN_free(dh->pub);
	BN_free(dh->p);
	EVP_PKEY_free(dh->ec);
	free(dh);
}

/**
 * crypto_dh_public - our public value as a KE payload carries it
 * @dh: our half
 * @out: room for crypto_dh_len() octets
 *
 * Return: 0 or -errno.
 */
int crypto_dh_public(const struct dh *dh, uint8_t *out)
{
	size_t len = crypto_dh_len(dh->group->id), got = 0;
	uint8_t point[1 + 2 * 66];

	if (dh->pub)
		return BN_bn2binpad(dh->pub, out, len) < 0 ? -EIO : 0;
	if (EVP_PKEY_get_octet_string_param(dh->ec, OSSL_PKEY_PARAM_PUB_KEY, point,
					    sizeof(point), &got) != 1 ||
	    got != len + 1 || point[0] != 4 /* uncompressed */)
		return -EIO;
	memcpy(out, point + 1, len);
	return 0;
}

static int modp_shared(const struct dh *dh, const uint8_t *peer, size_t len, uint8_t *out)
{
	BIGNUM *y = BN_bin2bn(peer, len, NULL), *limit = BN_dup(dh->p), *z = BN_secure_new();
	BN_CTX *ctx = BN_CTX_secure_new();
	int ret = -ENOMEM;

	if (!y || !limit || !z || !ctx || !BN_sub_word(limit, 1))
		goto out;
	/*
	 * 0, 1 and p - 1 make the secret known to everybody; p and beyond are
	 * those again. The primes are safe ones, there are no other small subgroups.
	 */
	ret = -ERANGE;
	if (BN_is_zero(y) || BN_is_one(y) || BN_cmp(y, limit) >= 0)
		goto out;
	if (BN_mod_exp_mont_consttime(z, y, dh->priv, dh->p, ctx, NULL) &&
	    BN_bn2binpad(z, out, crypto_dh_secret_len(dh->group->id)) >= 0)
		ret = 0;
out:
	BN_free(y);
	BN_free(limit);
	BN_clear_free(z);
	BN_CTX_free(ctx);
	return ret;
}

static EVP_PKEY *ec_peer(const struct dh_group *g, const uint8_t *peer, size_t len)
{
	OSSL_PARAM params[3];
	uint8_t point[1 + 2 * 66] = { 4 };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	memcpy(point + 1, peer, len);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						     (char *)g->curve, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, len + 1);
	params[2] = OSSL_PARAM_construct_end();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static int ec_shared(const struct dh *dh, const uint8_t *peer, size_t len, uint8_t *out)
{
	EVP_PKEY *key = ec_peer(dh->group, peer, len);
	EVP_PKEY_CTX *check = NULL, *derive = NULL;
	size_t want = crypto_dh_secret_len(dh->group->id), got = want;
	int ret = -ERANGE;

	if (!key)
		return -ERANGE;		/* not a point of the curve */
	check = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!check || EVP_PKEY_public_check(check) != 1)
		goto out;
	ret = -EIO;
	derive = EVP_PKEY_CTX_new_from_pkey(NULL, dh->ec, NULL);
	if (derive && EVP_PKEY_derive_init(derive) == 1 &&
	    EVP_PKEY_derive_set_peer(derive, key) == 1 &&
	    EVP_PKEY_derive(derive, out, &got) == 1 && got == want)
		ret = 0;
out:
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_CTX_free(derive);
	EVP_PKEY_free(key);
	return ret;
}

/**
 * crypto_dh_shared - the shared secret
 * @dh: our half
 * @peer: the peer's public value, as received
 * @len: its length; any other than the group's is refused (RFC 2409 5)
 * @out: room for crypto_dh_secret_len() octets
 *
 * Return: 0, -ERANGE for a value that is no member of the group or a trivial
 * one, or another -errno.
 */
int crypto_dh_shared(const struct dh *dh, const uint8_t *peer, size_t len, uint8_t *out)
{
	int ret;

	if (len != crypto_dh_len(dh->group->id))
		return -ERANGE;
	ret = dh->ec ? ec_shared(dh, peer, len, out) : modp_shared(dh, peer, len, out);
	ERR_clear_error();
	return ret;
}

/**
 * crypto_random - octets that nobody can guess
 * @out: where they go
 * @len: how many
 *
 * Return: 0 or -EIO.
 */
int crypto_random(void *out, size_t len)
{
	return RAND_bytes(out, len) == 1 ? 0 : -EIO;
}

/**
 * crypto_equal - compare in constant time
 * @a: one
 * @b: other
 * @len: length of both
 *
 * Return: true if equal.
 */
bool crypto_equal(const void *a, const void *b, size_t len)
{
	return !CRYPTO_memcmp(a, b, len);
}

/**
 * crypto_wipe - erase a secret
 * @p: it
 * @len: its length
 */
void crypto_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}
