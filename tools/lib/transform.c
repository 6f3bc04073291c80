// SPDX-License-Identifier: GPL-2.0
/* Transforms: IOS names, key lengths, and which of them are weak. */
#include <stdio.h>
#include <string.h>

#include "transform.h"

static const struct vg_transform_info transforms[] = {
	{ "esp-null", VG_CIPHER, VPNGW_ENCR_NULL, 0, 0, 0, "it does not encrypt" },
	{ "esp-des", VG_CIPHER, VPNGW_ENCR_DES, 8, 0, 8, "its key has 56 bits" },
	{ "esp-3des", VG_CIPHER, VPNGW_ENCR_3DES, 24, 0, 8, "its block has 64 bits" },
	{ "esp-aes", VG_CIPHER, VPNGW_ENCR_AES_CBC, 0, 0, 16, NULL },
	{ "esp-gcm", VG_AEAD, VPNGW_ENCR_AES_GCM, 0, 4, 8, NULL },
	{ "esp-gmac", VG_AEAD, VPNGW_ENCR_AES_GMAC, 0, 4, 8, "it does not encrypt" },
	{ "esp-chacha20-poly1305", VG_AEAD, VPNGW_ENCR_CHACHA20_POLY1305, 32, 4, 8, NULL },
	{ "esp-md5-hmac", VG_AUTHENTICATOR, VPNGW_AUTH_HMAC_MD5, 16, 0, 0, "it rests on MD5" },
	{ "esp-sha-hmac", VG_AUTHENTICATOR, VPNGW_AUTH_HMAC_SHA1, 20, 0, 0, NULL },
	{ "esp-sha256-hmac", VG_AUTHENTICATOR, VPNGW_AUTH_HMAC_SHA256, 32, 0, 0, NULL },
	{ "esp-sha384-hmac", VG_AUTHENTICATOR, VPNGW_AUTH_HMAC_SHA384, 48, 0, 0, NULL },
	{ "esp-sha512-hmac", VG_AUTHENTICATOR, VPNGW_AUTH_HMAC_SHA512, 64, 0, 0, NULL },
	{ .name = "esp-seal", .kind = VG_UNSUPPORTED },
	{ .name = "esp-rfc1829", .kind = VG_UNSUPPORTED },
	{ .name = "ah-md5-hmac", .kind = VG_UNSUPPORTED },
	{ .name = "ah-sha-hmac", .kind = VG_UNSUPPORTED },
	{ .name = "ah-sha256-hmac", .kind = VG_UNSUPPORTED },
	{ .name = "ah-sha384-hmac", .kind = VG_UNSUPPORTED },
	{ .name = "ah-sha512-hmac", .kind = VG_UNSUPPORTED },
	{ .name = "ah-rfc1828", .kind = VG_UNSUPPORTED },
	{ .name = "comp-lzs", .kind = VG_UNSUPPORTED },
};

/**
 * vg_transform_by_name - look a transform up
 * @name: full IOS name
 *
 * Return: the transform or NULL.
 */
const struct vg_transform_info *vg_transform_by_name(const char *name)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(transforms); i++) {
		if (!strcmp(transforms[i].name, name))
			return &transforms[i];
	}
	return NULL;
}

static const struct vg_transform_info *by_id(bool auth, int id)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(transforms); i++) {
		const struct vg_transform_info *t = &transforms[i];
		bool is_auth = t->kind == VG_AUTHENTICATOR;

		if (t->kind == VG_UNSUPPORTED || t->id != id)
			continue;
		if (auth == is_auth)
			return t;
	}
	return NULL;
}

/**
 * vg_encr_info - transform of a cipher
 * @encr: the cipher
 *
 * Return: the transform, NULL for a number this version does not know.
 */
const struct vg_transform_info *vg_encr_info(enum vpngw_encr encr)
{
	return by_id(false, encr);
}

/**
 * vg_auth_info - transform of an authenticator
 * @auth: the authenticator
 *
 * Return: the transform, NULL for none or an unknown one.
 */
const struct vg_transform_info *vg_auth_info(enum vpngw_auth auth)
{
	return auth == VPNGW_AUTH_NONE ? NULL : by_id(true, auth);
}

/**
 * vg_cipher_key_len - octets of key that a cipher wants, with salt
 * @encr: the cipher
 * @key_bits: bits the configuration names, for ciphers with a choice
 *
 * Return: number of octets.
 */
unsigned int vg_cipher_key_len(enum vpngw_encr encr, unsigned int key_bits)
{
	const struct vg_transform_info *t = vg_encr_info(encr);

	if (!t || t->id == VPNGW_ENCR_NULL)
		return 0;
	return (t->key ? t->key : key_bits / 8) + t->salt;
}

/**
 * vg_transform_text - transforms of an association as IOS shows them
 * @encr: cipher
 * @auth: authenticator
 * @key_bits: bits of the cipher key
 * @buf: where to write
 *
 * Return: @buf, such as "esp-aes 256 esp-sha-hmac".
 */
const char *vg_transform_text(enum vpngw_encr encr, enum vpngw_auth auth, unsigned int key_bits,
			      char buf[80])
{
	const struct vg_transform_info *e = vg_encr_info(encr), *a = vg_auth_info(auth);
	char bits[16] = "";

	/* 128 is what IOS means when it names none. */
	if (e && !e->key && e->id != VPNGW_ENCR_NULL && key_bits && key_bits != 128)
		snprintf(bits, sizeof(bits), " %u", key_bits);
	snprintf(buf, 80, "%s%s%s%s", e ? e->name : "unknown", bits, a ? " " : "",
		 a ? a->name : "");
	return buf;
}

/**
 * vg_des_key_weak - is this one of the 4 weak or 12 semi-weak keys of DES
 * @key: 8 octets, parity ignored
 *
 * Return: true if so.
 */
bool vg_des_key_weak(const uint8_t *key)
{
	static const uint8_t weak[][8] = {
		{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
		{ 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
		{ 0xe0, 0xe0, 0xe0, 0xe0, 0xf0, 0xf0, 0xf0, 0xf0 },
		{ 0x1e, 0x1e, 0x1e, 0x1e, 0x0e, 0x0e, 0x0e, 0x0e },
		{ 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe },
		{ 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00 },
		{ 0x1e, 0xe0, 0x1e, 0xe0, 0x0e, 0xf0, 0x0e, 0xf0 },
		{ 0xe0, 0x1e, 0xe0, 0x1e, 0xf0, 0x0e, 0xf0, 0x0e },
		{ 0x00, 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0 },
		{ 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0, 0x00 },
		{ 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe },
		{ 0xfe, 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e },
		{ 0x00, 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e },
		{ 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e, 0x00 },
		{ 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0, 0xfe },
		{ 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(weak); i++) {
		size_t same = 0;

		while (same < 8 && (key[same] & 0xfe) == weak[i][same])
			same++;
		if (same == 8)
			return true;
	}
	return false;
}
