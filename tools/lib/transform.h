/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_TRANSFORM_H
#define VG_TRANSFORM_H

#include "model.h"

enum vg_transform_kind {
	VG_CIPHER,
	VG_AEAD,		/* cipher and authenticator in one */
	VG_AUTHENTICATOR,
	VG_UNSUPPORTED,
};

/**
 * struct vg_transform_info - one transform by its IOS name
 * @id: enum vpngw_encr or enum vpngw_auth, by @kind
 * @key: octets of key, 0 where the configuration names the bits
 * @salt: octets of salt that follow the key of a counter mode cipher
 * @iv: octets of initialisation vector in each packet
 * @weak: why it should not be used any more, NULL if it may
 */
struct vg_transform_info {
	const char *name;
	enum vg_transform_kind kind;
	int id;
	uint8_t key, salt, iv;
	const char *weak;
};

const struct vg_transform_info *vg_transform_by_name(const char *name);
const struct vg_transform_info *vg_encr_info(enum vpngw_encr encr);
const struct vg_transform_info *vg_auth_info(enum vpngw_auth auth);
unsigned int vg_cipher_key_len(enum vpngw_encr encr, unsigned int key_bits);
const char *vg_transform_text(enum vpngw_encr encr, enum vpngw_auth auth, unsigned int key_bits,
			      char buf[80]);
bool vg_des_key_weak(const uint8_t *key);

#endif
