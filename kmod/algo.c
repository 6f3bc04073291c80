// SPDX-License-Identifier: GPL-2.0
/* The transforms, and how the kernel's crypto API spells them. */

#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/vpngw.h>

#include "algo.h"

/* cipher: VPNGW_ENCR_ suffix, API name, IV and its octets, block, key minimum, maximum
 * and step, weak
 */
#define CIPHERS(C, ...)								\
	C(NULL, "ecb(cipher_null)", NONE, 0, 4, 0, 0, 0, false, __VA_ARGS__)	\
	C(DES, "cbc(des)", HASHED, 8, 8, 8, 8, 8, true, __VA_ARGS__)		\
	C(3DES, "cbc(des3_ede)", HASHED, 8, 8, 24, 24, 24, true, __VA_ARGS__)	\
	C(AES_CBC, "cbc(aes)", SEALED, 16, 16, 16, 32, 8, false, __VA_ARGS__)

/* truncation: RFC 2403, RFC 2404, RFC 4868 */
#define AUTHENC(_encr, _cipher, _iv, _iv_size, _block, _min, _max, _step, _weak,	\
		_auth, _hash, _icv, _keylen, _auth_weak)			\
	{									\
		.encr		= VPNGW_ENCR_##_encr,				\
		.auth		= VPNGW_AUTH_##_auth,				\
		.name		= "authenc(" _hash "," _cipher ")",		\
		.iv		= VPNGW_IV_##_iv,				\
		.iv_size	= _iv_size,					\
		.block_size	= _block,					\
		.icv_size	= _icv,						\
		.key_min	= _min,						\
		.key_max	= _max,						\
		.key_step	= _step,					\
		.auth_key_size	= _keylen,					\
		.weak		= (_weak) || (_auth_weak),			\
	},

static const struct vpngw_algo algos[] = {
	CIPHERS(AUTHENC, HMAC_MD5, "hmac(md5)", 12, 16, true)
	CIPHERS(AUTHENC, HMAC_SHA1, "hmac(sha1)", 12, 20, false)
	CIPHERS(AUTHENC, HMAC_SHA256, "hmac(sha256)", 16, 32, false)
	CIPHERS(AUTHENC, HMAC_SHA384, "hmac(sha384)", 24, 48, false)
	CIPHERS(AUTHENC, HMAC_SHA512, "hmac(sha512)", 32, 64, false)
	{
		.encr		= VPNGW_ENCR_AES_GCM,		/* RFC 4106 */
		.auth		= VPNGW_AUTH_NONE,
		.name		= "rfc4106(gcm(aes))",
		.iv		= VPNGW_IV_COUNTER,
		.iv_size	= 8,
		.block_size	= 4,
		.icv_size	= 16,
		.salt_size	= 4,
		.key_min	= 16,
		.key_max	= 32,
		.key_step	= 8,
	},
	{
		.encr		= VPNGW_ENCR_AES_GMAC,		/* RFC 4543 */
		.auth		= VPNGW_AUTH_NONE,
		.name		= "rfc4543(gcm(aes))",
		.iv		= VPNGW_IV_COUNTER,
		.iv_size	= 8,
		.block_size	= 4,
		.icv_size	= 16,
		.salt_size	= 4,
		.key_min	= 16,
		.key_max	= 32,
		.key_step	= 8,
	},
	{
		.encr		= VPNGW_ENCR_CHACHA20_POLY1305,	/* RFC 7634 */
		.auth		= VPNGW_AUTH_NONE,
		.name		= "rfc7539esp(chacha20,poly1305)",
		.iv		= VPNGW_IV_COUNTER,
		.iv_size	= 8,
		.block_size	= 4,
		.icv_size	= 16,
		.salt_size	= 4,
		.key_min	= 32,
		.key_max	= 32,
	},
};

/**
 * vpngw_algo_find() - look a transform up
 * @encr: enum vpngw_encr
 * @auth: enum vpngw_auth
 *
 * Return: the transform, or NULL if there is none; ESP without integrity is
 *	not in the table on purpose
 */
const struct vpngw_algo *vpngw_algo_find(u8 encr, u8 auth)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algos); i++)
		if (algos[i].encr == encr && algos[i].auth == auth)
			return &algos[i];
	return NULL;
}

static bool key_length_ok(const struct vpngw_algo *algo, u32 len)
{
	if (len < algo->salt_size)
		return false;

	len -= algo->salt_size;
	if (len < algo->key_min || len > algo->key_max)
		return false;
	return !algo->key_step || len % algo->key_step == 0;
}

/* authenc wants both keys behind a header that tells them apart */
static int set_authenc_key(struct crypto_aead *tfm, const u8 *enc_key, u32 enc_key_len,
			   const u8 *auth_key, u32 auth_key_len)
{
	struct crypto_authenc_key_param *param;
	struct rtattr *rta;
	u32 len;
	u8 *key;
	int err;

	len = RTA_SPACE(sizeof(*param)) + auth_key_len + enc_key_len;
	key = kmalloc(len, GFP_KERNEL);
	if (!key)
		return -ENOMEM;

	rta = (struct rtattr *)key;
	rta->rta_type = CRYPTO_AUTHENC_KEYA_PARAM;
	rta->rta_len = RTA_LENGTH(sizeof(*param));
	param = RTA_DATA(rta);
	param->enckeylen = cpu_to_be32(enc_key_len);
	memcpy(key + RTA_SPACE(sizeof(*param)), auth_key, auth_key_len);
	memcpy(key + RTA_SPACE(sizeof(*param)) + auth_key_len, enc_key, enc_key_len);

	err = crypto_aead_setkey(tfm, key, len);
	kfree_sensitive(key);
	return err;
}

/* A cipher with an authenticator beside it needs help with extended sequence
 * numbers, one that has its own only needs to be given them.
 */
static struct crypto_aead *alloc_tfm(const struct vpngw_algo *algo, bool esn)
{
	static const char plain[] = "authenc(";
	char name[CRYPTO_MAX_ALG_NAME];

	if (!esn || algo->auth == VPNGW_AUTH_NONE)
		return crypto_alloc_aead(algo->name, 0, 0);
	snprintf(name, sizeof(name), "authencesn(%s", algo->name + strlen(plain));
	return crypto_alloc_aead(name, 0, 0);
}

/**
 * vpngw_algo_instantiate() - make a keyed transform
 * @algo: transform
 * @enc_key: cipher key, with salt where the transform has one
 * @enc_key_len: octets
 * @auth_key: authenticator key
 * @auth_key_len: octets
 * @esn: for extended sequence numbers
 * @extack: receives the reason of a refusal
 *
 * An asynchronous implementation is welcome: on x86 before 6.16 the fast ones
 * are all flagged so.
 *
 * Context: process; may load crypto modules.
 * Return: the transform, to be freed with crypto_free_aead(), or an error
 *	pointer
 */
struct crypto_aead *vpngw_algo_instantiate(const struct vpngw_algo *algo,
					   const u8 *enc_key, u32 enc_key_len,
					   const u8 *auth_key, u32 auth_key_len, bool esn,
					   struct netlink_ext_ack *extack)
{
	struct crypto_aead *tfm;
	int err;

	if (!key_length_ok(algo, enc_key_len)) {
		NL_SET_ERR_MSG(extack, "the cipher key does not have the length this cipher needs");
		return ERR_PTR(-EINVAL);
	}
	if (auth_key_len != algo->auth_key_size) {
		NL_SET_ERR_MSG(extack, "the authenticator key does not have the length this authenticator needs");
		return ERR_PTR(-EINVAL);
	}

	tfm = alloc_tfm(algo, esn);
	if (IS_ERR(tfm)) {
		NL_SET_ERR_MSG(extack, "this kernel does not have the transform");
		return tfm;
	}

	if (algo->auth == VPNGW_AUTH_NONE)
		err = crypto_aead_setkey(tfm, enc_key, enc_key_len);
	else
		err = set_authenc_key(tfm, enc_key, enc_key_len, auth_key, auth_key_len);
	if (err) {
		NL_SET_ERR_MSG(extack, "the kernel's crypto refuses the key");
		goto err_free;
	}

	err = crypto_aead_setauthsize(tfm, algo->icv_size);
	if (err) {
		NL_SET_ERR_MSG(extack, "the kernel's crypto refuses the length of the integrity check value");
		goto err_free;
	}

	return tfm;

err_free:
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}
