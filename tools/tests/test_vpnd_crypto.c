// SPDX-License-Identifier: GPL-2.0
/* Algorithms, key derivation and the chain of IVs against published figures. */
#include <errno.h>

#include <openssl/bn.h>

#include "crypto.h"
#include "iv.h"
#include "keymat.h"
#include "test_vpnd.h"

#define TEXT(s) { (const uint8_t *)(s), sizeof(s) - 1 }

/* RFC 2202 and RFC 4231, test case 2 of each */
static void hmac_vectors(void **state)
{
	static const struct {
		enum ike_hash hash;
		const char *mac;
	} v[] = {
		{ IKE_MD5, "750c783e6ab0b503eaa86e310a5db738" },
		{ IKE_SHA1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ IKE_SHA256,
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ IKE_SHA384, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		  "8e2240ca5e69e2c78b3239ecfab21649" },
		{ IKE_SHA512, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	};
	struct blob parts[] = { TEXT("what do ya "), TEXT(""), TEXT("want for nothing?") };
	uint8_t out[HASH_MAX];

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		assert_int_equal(crypto_prf(v[i].hash, (const uint8_t *)"Jefe", 4, parts, 3, out),
				 0);
		assert_hex(out, v[i].mac);
		assert_int_equal(crypto_hash_len(v[i].hash), strlen(v[i].mac) / 2);
	}
	assert_int_equal(crypto_prf(3, (const uint8_t *)"Jefe", 4, parts, 3, out), -EINVAL);
	assert_int_equal(crypto_prf(IKE_MD5, (const uint8_t *)"", 0, parts, 3, out), -EINVAL);
}

/* RFC 1321 A.5, FIPS 180-2 B.1 */
static void hash_vectors(void **state)
{
	struct blob abc = TEXT("abc");
	uint8_t out[HASH_MAX];

	assert_int_equal(crypto_hash(IKE_MD5, &abc, 1, out), 0);
	assert_hex(out, "900150983cd24fb0d6963f7d28e17f72");
	assert_int_equal(crypto_hash(IKE_SHA256, &abc, 1, out), 0);
	assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(crypto_hash(0, &abc, 1, out), -EINVAL);
}

/* FIPS 81 table C1 (DES, and 3DES with one key thrice), RFC 3602 4 case 1 (AES) */
static void cbc_vectors(void **state)
{
	static const struct {
		enum ike_encr encr;
		const char *key, *iv, *plain, *cipher;
	} v[] = {
		{ IKE_DES, "0123456789abcdef", "1234567890abcdef", "Now is the time for all ",
		  "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
		{ IKE_3DES, "0123456789abcdef0123456789abcdef0123456789abcdef",
		  "1234567890abcdef", "Now is the time for all ",
		  "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
		{ IKE_AES, "06a9214036b8a15b512e03d534120006",
		  "3dafba429d9eb430b422da802c9fac41", "Single block msg",
		  "e353779c1079aeb82708942dbe77181a" },
	};
	uint8_t key[32], iv[16], out[32], back[32];

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		int key_len = vg_hex_parse(v[i].key, key, sizeof(key));
		size_t len = strlen(v[i].plain);

		vg_hex_parse(v[i].iv, iv, sizeof(iv));
		assert_int_equal(crypto_cbc(v[i].encr, key, key_len, iv, true,
					    (const uint8_t *)v[i].plain, out, len), 0);
		assert_hex(out, v[i].cipher);
		assert_int_equal(crypto_cbc(v[i].encr, key, key_len, iv, false, out, back, len),
				 0);
		assert_memory_equal(back, v[i].plain, len);
		/* no whole block, wrong key length */
		assert_int_equal(crypto_cbc(v[i].encr, key, key_len, iv, true, out, out, len - 1),
				 -EINVAL);
		assert_int_equal(crypto_cbc(v[i].encr, key, 5, iv, true, out, out, len),
				 -EINVAL);
	}
}

static void cipher_sizes(void **state)
{
	assert_int_equal(crypto_key_len(IKE_DES, 0), 8);
	assert_int_equal(crypto_key_len(IKE_DES, 64), 0);
	assert_int_equal(crypto_key_len(IKE_3DES, 0), 24);
	assert_int_equal(crypto_key_len(IKE_AES, 0), 0);
	assert_int_equal(crypto_key_len(IKE_AES, 128), 16);
	assert_int_equal(crypto_key_len(IKE_AES, 192), 24);
	assert_int_equal(crypto_key_len(IKE_AES, 256), 32);
	assert_int_equal(crypto_key_len(IKE_AES, 129), 0);
	assert_int_equal(crypto_key_len(IKE_AES, 65535), 0);
	assert_int_equal(crypto_key_len(2, 0), 0);
	assert_int_equal(crypto_block_len(IKE_DES), 8);
	assert_int_equal(crypto_block_len(IKE_AES), 16);
	assert_int_equal(crypto_block_len(99), 0);
}

static const uint8_t groups[] = { 1, 2, 5, 14, 15, 16, 19, 20, 21 };
static const uint16_t public_len[] = { 96, 128, 192, 256, 384, 512, 64, 96, 132 };

static void dh_agrees(void **state)
{
	for (size_t i = 0; i < sizeof(groups); i++) {
		struct dh *a = crypto_dh_new(groups[i]), *b = crypto_dh_new(groups[i]);
		uint8_t pa[DH_MAX], pb[DH_MAX], za[DH_MAX], zb[DH_MAX];
		size_t len = crypto_dh_len(groups[i]);

		assert_int_equal(len, public_len[i]);
		assert_non_null(a);
		assert_non_null(b);
		assert_int_equal(crypto_dh_public(a, pa), 0);
		assert_int_equal(crypto_dh_public(b, pb), 0);
		assert_memory_not_equal(pa, pb, len);
		assert_int_equal(crypto_dh_shared(a, pb, len, za), 0);
		assert_int_equal(crypto_dh_shared(b, pa, len, zb), 0);
		assert_memory_equal(za, zb, crypto_dh_secret_len(groups[i]));
		/* any other length, and what is no member of the group */
		assert_int_equal(crypto_dh_shared(a, pb, len - 1, za), -ERANGE);
		assert_int_equal(crypto_dh_shared(a, pb, 0, za), -ERANGE);
		memset(pb, 0xff, len);
		assert_int_equal(crypto_dh_shared(a, pb, len, za), -ERANGE);
		memset(pb, 0, len);
		assert_int_equal(crypto_dh_shared(a, pb, len, za), -ERANGE);
		pb[len - 1] = 1;
		assert_int_equal(crypto_dh_shared(a, pb, len, za), -ERANGE);
		crypto_dh_free(a);
		crypto_dh_free(b);
	}
	assert_null(crypto_dh_new(0));
	assert_null(crypto_dh_new(3));
	assert_null(crypto_dh_new(22));
	assert_int_equal(crypto_dh_len(7), 0);
}

/* RFC 2409 6.1, and 6.2 and RFC 3526 2 by their first and last octets */
static void dh_modulus(void **state)
{
	static const char prime[] =
		"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
		"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
		"4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff";
	struct dh *dh = crypto_dh_new(1);
	uint8_t p[96], z[96];

	assert_int_equal(vg_hex_parse(prime, p, sizeof(p)), 96);
	assert_int_equal(crypto_dh_shared(dh, p, 96, z), -ERANGE);
	p[95]--;		/* p - 1: order 2 */
	assert_int_equal(crypto_dh_shared(dh, p, 96, z), -ERANGE);
	p[95]--;		/* p - 2 is an honest value */
	assert_int_equal(crypto_dh_shared(dh, p, 96, z), 0);
	crypto_dh_free(dh);
}

/* atan(1/x) in units of 2^-bits, by its series. */
static void arctan(BIGNUM *sum, unsigned int x, int bits)
{
	BIGNUM *power = BN_new(), *term = BN_new();

	BN_zero(sum);
	BN_one(power);
	BN_lshift(power, power, bits);
	BN_div_word(power, x);
	for (unsigned int n = 1; !BN_is_zero(power); n += 2) {
		BN_copy(term, power);
		BN_div_word(term, n);
		if (n & 2)
			BN_sub(sum, sum, term);
		else
			BN_add(sum, sum, term);
		BN_div_word(power, x * x);
	}
	BN_free(power);
	BN_free(term);
}

/* The primes as RFC 2409 6.1, 6.2 and RFC 3526 say in a formula, and that with pi. */
static void dh_primes(void **state)
{
	static const struct {
		uint8_t group;
		int bits;
		unsigned int k;
	} v[] = {
		{ 1, 768, 149686 }, { 2, 1024, 129093 }, { 5, 1536, 741804 },
		{ 14, 2048, 124476 }, { 15, 3072, 1690314 }, { 16, 4096, 240904 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		int n = v[i].bits, spare = 64, len = n / 8;
		BIGNUM *p = BN_new(), *pi = BN_new(), *t = BN_new();
		struct dh *dh = crypto_dh_new(v[i].group);
		uint8_t o[512], z[512];

		/* pi = 16 atan(1/5) - 4 atan(1/239) */
		arctan(pi, 5, n - 130 + spare);
		BN_lshift(pi, pi, 4);
		arctan(t, 239, n - 130 + spare);
		BN_lshift(t, t, 2);
		BN_sub(pi, pi, t);
		BN_rshift(pi, pi, spare);
		/* 2^n - 2^(n - 64) - 1 + 2^64 (floor(2^(n - 130) pi) + k) */
		BN_add_word(pi, v[i].k);
		BN_lshift(pi, pi, 64);
		BN_one(p);
		BN_lshift(p, p, n);
		BN_one(t);
		BN_lshift(t, t, n - 64);
		BN_sub(p, p, t);
		BN_sub_word(p, 1);
		BN_add(p, p, pi);
		/* p and p - 1 are no public values, p - 2 is the greatest that is one */
		assert_int_equal(BN_bn2binpad(p, o, len), len);
		assert_int_equal(crypto_dh_shared(dh, o, len, z), -ERANGE);
		o[len - 1]--;
		assert_int_equal(crypto_dh_shared(dh, o, len, z), -ERANGE);
		o[len - 1]--;
		assert_int_equal(crypto_dh_shared(dh, o, len, z), 0);
		crypto_dh_free(dh);
		BN_free(p);
		BN_free(pi);
		BN_free(t);
	}
}

/* Samples of NIST (CAVS, IKEv1 with a pre-shared key, and the keys after SKEYID). */
static void nist(void **state)
{
	static const struct {
		enum ike_hash hash;
		uint8_t psk;
		const char *ni, *nr, *skeyid;
	} first[] = {
		{ IKE_SHA1, 0xc0, "03a6f25a83c8c2a3", "9d958a6618f77e7f",
		  "ab3be41bc62f2ef0c41a3076d58768be77fadd2e" },
		{ IKE_SHA256, 0xa0, "ead9ced494868f41", "f1aff4f425a94f18",
		  "558a99b299773d267cf7c8ef073bf3b7af362c206c75a538403c5ef884d4cace" },
	};
	static const struct {
		enum ike_hash hash;
		const char *skeyid, *gxy, *cky_i, *cky_r, *d, *a, *e;
	} then[] = {
		{ IKE_SHA1, "707197817fb2d90cf54d1842606bdea59b9f4823",
		  "8ba4cbc73c0187301dc19a975823854dbd641c597f637f8d053a83b9514673eb",
		  "8c3bcd3a69831d7f", "d2d9a7ff4fbe95a7",
		  "384be709a8a5e63c3ed160cfe3921c4b37d5b32d",
		  "48b327575abe3adba0f279849e289022a13e2b47",
		  "a4a415c8e0c38c0da847c356cc61c24df8025560" },
		{ IKE_SHA256, "750c5c94b9c2ec20b68033e024dadf0fa87e8b48c6561b21c72478451a06583d",
		  "a1ff3dc6cf9b4c04709943cb4ca1f1789bcf360b03f1d027de3ae8ee039e9155",
		  "6c6beb72631ddc3d", "b84e24b22cffbd14",
		  "a4f7ca7de913814813e3312099e7c943bd293483f387532330237f1b20957310",
		  "1d4b705746c43b0a6fcbb8db33983c0f24ff6f8b6543e3779fed227c6067f004",
		  "03e6f16cd9ce9f64b5cdc5b34cca7163483ba5389a30afebef3d14640b0a815e" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(first); i++) {
		struct ike_keys k = { .hash = first[i].hash, .encr = IKE_DES };
		struct blob psk = { &first[i].psk, 1 }, bi, br;
		uint8_t ni[8], nr[8];

		bi = (struct blob){ ni, vg_hex_parse(first[i].ni, ni, sizeof(ni)) };
		br = (struct blob){ nr, vg_hex_parse(first[i].nr, nr, sizeof(nr)) };
		assert_int_equal(keymat_skeyid_psk(&k, &psk, &bi, &br), 0);
		assert_hex(k.skeyid, first[i].skeyid);
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(then); i++) {
		struct ike_keys k = { .hash = then[i].hash, .encr = IKE_DES };
		uint8_t gxy[32], cky_i[8], cky_r[8];
		struct blob z;

		k.len = vg_hex_parse(then[i].skeyid, k.skeyid, sizeof(k.skeyid));
		z = (struct blob){ gxy, vg_hex_parse(then[i].gxy, gxy, sizeof(gxy)) };
		assert_int_equal(vg_hex_parse(then[i].cky_i, cky_i, 8), 8);
		assert_int_equal(vg_hex_parse(then[i].cky_r, cky_r, 8), 8);
		assert_int_equal(keymat_phase1(&k, &z, cky_i, cky_r, 8), 0);
		assert_hex(k.d, then[i].d);
		assert_hex(k.a, then[i].a);
		assert_hex(k.e, then[i].e);
	}
}

/* Figures of an independent implementation (hmac of Python's standard library). */
static void skeyid(void **state)
{
	static const struct {
		enum ike_hash hash;
		enum ike_encr encr;
		uint8_t key_len;
		const char *skeyid, *d, *a, *e, *enc, *keymat, *hash3;
	} v[] = {
		{ IKE_MD5, IKE_3DES, 24, "c419a039751bdf0706a31757f6d7732e",
		  "3730f3a3c7830462d00defdccfa05e91", "f68e82061e37825c6ceddb0324f93ac6",
		  "b43c8aa1de6d2cde0a211f23f1126416",
		  "880f557c0a236b6d6b52ad06869793f94325919c626c729a",
		  "444f91f72cff0bfc1ddf612d6a7a3052857ad999c9dd56c0e6e6d224bfd4035b"
		  "14670e9f0a242fcb", "647c57cb2b194c69be0a40e63f8851eb" },
		{ IKE_SHA1, IKE_AES, 32, "475c41c2d33bef9dd43d614802eac3cd3fd29f3e",
		  "d52c87991ddf5d95c3aa193e68cca40a0cf26c31",
		  "ad198b7a999446fcbb162bc0b357018229bbf844",
		  "9f2c5260f4c3e7770eabeaa16a2cb5a3833a0d5d",
		  "5e8942199b799b49ca4de52c380197d77af8277ca5df16def07ec300599c462a",
		  "2c61572ccbfbfd058c27abf49b3ffcd9381bf8dba109930257271f7ae3f5aa4a"
		  "130a5f3f9779141b", "0643a80507bb4f6dbbfc762827119312151123c4" },
		{ IKE_SHA256, IKE_AES, 32,
		  "13ed6b173e7e138ef7e522710adf3b2447f4d322f5b61624ee4d0cad98903f56",
		  "755cec265abd584e3bc9446f9d935f0fac1839844c5ef4eb06a0c444739b5ea5",
		  "440f25e623c7cad8c5e891d0e0ce812d2fe0e6ecd8bfb5eb39dff66310ce42b3",
		  "2006bb853caf225d94e44f17edc31ecc139f2c39e28b4fbb59f7b6ae52c219d4",
		  "2006bb853caf225d94e44f17edc31ecc139f2c39e28b4fbb59f7b6ae52c219d4",
		  "7401ab5b6f4bf3ce22524d0d49f15af32fdd9fa94ef716f76401c26d4e13b57f"
		  "f60abb02f5a2bb80",
		  "c3eaa7f76dd581b6d3e0df3f6d7bb6f1b5c996d18049b74e1c6c400fe01c4944" },
	};
	static const uint8_t cky_i[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t cky_r[] = { 9, 10, 11, 12, 13, 14, 15, 16 };
	uint8_t ni[16], nr[20], gxy[96], out[KEYMAT_MAX];
	struct blob psk = TEXT("cisco123"), none = { ni, 0 };
	struct blob bi = { ni, 16 }, br = { nr, 20 }, z = { gxy, 96 };

	for (size_t i = 0; i < sizeof(gxy); i++) {
		gxy[i] = i * 7;
		if (i < sizeof(ni))
			ni[i] = i;
		if (i < sizeof(nr))
			nr[i] = 32 + i;
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		struct ike_keys k = { .hash = v[i].hash, .encr = v[i].encr };

		assert_int_equal(keymat_skeyid_psk(&k, &psk, &bi, &br), 0);
		assert_hex(k.skeyid, v[i].skeyid);
		assert_int_equal(keymat_phase1(&k, &z, cky_i, cky_r, v[i].key_len), 0);
		assert_hex(k.d, v[i].d);
		assert_hex(k.a, v[i].a);
		assert_hex(k.e, v[i].e);
		assert_hex(k.enc, v[i].enc);
		assert_int_equal(keymat_ipsec(&k, &none, 3, 0xd5a1b10, &bi, &br, out, 40), 0);
		assert_hex(out, v[i].keymat);
		assert_int_equal(keymat_hash3(&k, 0xdb2eeb80, &bi, &br, out), 0);
		assert_hex(out, v[i].hash3);
		assert_int_equal(keymat_ipsec(&k, &none, 3, 1, &bi, &br, out, KEYMAT_MAX + 1),
				 -EINVAL);
		keymat_wipe(&k);
		assert_int_equal(k.enc[0] | k.skeyid[0] | k.d[0] | k.len, 0);
	}
	assert_int_equal(keymat_skeyid_psk(&(struct ike_keys){ .hash = IKE_MD5 }, &none, &bi,
					   &br), -EINVAL);
}

/* A message that is not verified leaves no trace; phase 2 starts from phase 1's end. */
static void iv_chain(void **state)
{
	struct blob ke = TEXT("initiator's public value"), kr = TEXT("responder's public value");
	static const uint8_t block_a[16] = { 0xaa, 8, 7, 6, 5, 4, 3, 2, 1, 10, 11, 12, 13 };
	static const uint8_t block_b[16] = { 0xbb };
	struct iv p1, q, again;
	uint8_t digest[HASH_MAX], start[BLOCK_MAX];
	struct blob both[] = { ke, kr };

	assert_int_equal(iv_phase1(&p1, IKE_MD5, IKE_DES, &ke, &kr), 0);
	assert_int_equal(crypto_hash(IKE_MD5, both, 2, digest), 0);
	assert_memory_equal(p1.cur, digest, 8);
	memcpy(start, p1.cur, 8);

	iv_received(&p1, block_b, 8);
	assert_memory_equal(p1.cur, start, 8);
	iv_forget(&p1);
	iv_confirm(&p1);
	assert_memory_equal(p1.cur, start, 8);

	iv_received(&p1, block_a, 16);
	iv_confirm(&p1);
	assert_memory_equal(p1.cur, block_a + 8, 8);
	iv_sent(&p1, block_b, 8);
	assert_memory_equal(p1.cur, block_b, 8);

	assert_int_equal(iv_phase2(&q, IKE_MD5, &p1, 0x491f6230), 0);
	assert_int_equal(iv_phase2(&again, IKE_MD5, &p1, 0x491f6231), 0);
	assert_memory_not_equal(q.cur, again.cur, 8);
	both[0] = (struct blob){ block_b, 8 };
	both[1] = (struct blob){ (const uint8_t *)"\x49\x1f\x62\x30", 4 };
	assert_int_equal(crypto_hash(IKE_MD5, both, 2, digest), 0);
	assert_memory_equal(q.cur, digest, 8);
	iv_sent(&q, block_a, 16);
	assert_memory_equal(p1.cur, block_b, 8);
}

int group_crypto(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_vectors), cmocka_unit_test(hash_vectors),
		cmocka_unit_test(cbc_vectors), cmocka_unit_test(cipher_sizes),
		cmocka_unit_test(dh_agrees), cmocka_unit_test(dh_modulus),
		cmocka_unit_test(dh_primes), cmocka_unit_test(nist),
		cmocka_unit_test(skeyid), cmocka_unit_test(iv_chain),
	};

	return RUN_GROUP(tests);
}
