/* SPDX-License-Identifier: GPL-2.0 */
/* Which transforms there are, and what they need. */
#ifndef _VPNGW_ALGO_H
#define _VPNGW_ALGO_H

#include <linux/netlink.h>
#include <linux/types.h>

struct crypto_aead;

/**
 * enum vpngw_iv - what becomes the IV of a packet
 * @VPNGW_IV_NONE: there is none
 * @VPNGW_IV_COUNTER: must never repeat under a key: the sequence number
 * @VPNGW_IV_SEALED: must be unpredictable: a secret number that does not repeat, sent
 *	through the cipher as the first block of what is encrypted
 * @VPNGW_IV_HASHED: must be unpredictable, and the cipher is slow: a keyed hash
 */
enum vpngw_iv {
	VPNGW_IV_NONE,
	VPNGW_IV_COUNTER,
	VPNGW_IV_SEALED,
	VPNGW_IV_HASHED,
};

/**
 * struct vpngw_algo - a transform: cipher and authenticator together
 * @encr: enum vpngw_encr
 * @auth: enum vpngw_auth
 * @name: name in the kernel's crypto API
 * @iv: enum vpngw_iv
 * @iv_size: octets of IV in each packet
 * @block_size: payload and trailer are padded to a multiple of this
 * @icv_size: octets of integrity check value
 * @salt_size: octets at the end of the cipher key that are a nonce (RFC 4106)
 * @key_min: shortest cipher key, without salt
 * @key_max: longest cipher key
 * @key_step: lengths between are multiples of this
 * @auth_key_size: octets of authenticator key
 * @weak: not considered secure any more
 */
struct vpngw_algo {
	u8		encr;
	u8		auth;
	const char	*name;
	u8		iv;
	u8		iv_size;
	u8		block_size;
	u8		icv_size;
	u8		salt_size;
	u8		key_min;
	u8		key_max;
	u8		key_step;
	u8		auth_key_size;
	bool		weak;
};

const struct vpngw_algo *vpngw_algo_find(u8 encr, u8 auth);
struct crypto_aead *vpngw_algo_instantiate(const struct vpngw_algo *algo,
					   const u8 *enc_key, u32 enc_key_len,
					   const u8 *auth_key, u32 auth_key_len, bool esn,
					   struct netlink_ext_ack *extack);

#endif /* _VPNGW_ALGO_H */
