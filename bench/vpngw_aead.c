// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's crypto costs alone: seal or open one ESP packet again and
 * again. Loading the module measures, "ns" in its parameters is the time of one,
 * with a request that is made once: the least that anyone who uses the crypto API
 * can do.
 */

#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define IV_MAX		16
#define KEY_MAX		128
#define ESP_HEADER	8

static char *alg = "rfc4106(gcm(aes))";
module_param(alg, charp, 0444);
MODULE_PARM_DESC(alg, "name of the transform");

static uint enc_key = 20;
module_param(enc_key, uint, 0444);
MODULE_PARM_DESC(enc_key, "octets of cipher key");

static uint auth_key;
module_param(auth_key, uint, 0444);
MODULE_PARM_DESC(auth_key, "octets of authenticator key; 0 for a cipher that does both");

static uint iv = 8;
module_param(iv, uint, 0444);
MODULE_PARM_DESC(iv, "octets of IV in the packet");

static uint icv = 16;
module_param(icv, uint, 0444);
MODULE_PARM_DESC(icv, "octets of integrity check value");

static uint len = 64;
module_param(len, uint, 0444);
MODULE_PARM_DESC(len, "octets to be encrypted, a whole number of blocks");

static uint count = 2000;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "packets");

static bool open;
module_param(open, bool, 0444);
MODULE_PARM_DESC(open, "open instead of seal");

static uint ns;
module_param(ns, uint, 0444);
MODULE_PARM_DESC(ns, "result: nanoseconds for each packet");

static int set_key(struct crypto_aead *tfm)
{
	struct crypto_authenc_key_param *param;
	u8 key[KEY_MAX] __aligned(4);
	unsigned int head = 0, i;
	struct rtattr *rta;

	if (auth_key) {
		head = RTA_SPACE(sizeof(*param));
		rta = (struct rtattr *)key;
		rta->rta_type = CRYPTO_AUTHENC_KEYA_PARAM;
		rta->rta_len = RTA_LENGTH(sizeof(*param));
		param = RTA_DATA(rta);
		param->enckeylen = cpu_to_be32(enc_key);
	}
	if (head + auth_key + enc_key > sizeof(key))
		return -EINVAL;
	for (i = head; i < head + auth_key + enc_key; i++)
		key[i] = 17 * i + 1;
	return crypto_aead_setkey(tfm, key, head + auth_key + enc_key);
}

/* Opening destroys what it opens, so it starts from a copy, which seal pays, too. */
static int run(struct aead_request *req, struct scatterlist *sg, u8 *packet, const u8 *sealed,
	       unsigned int size, uint times)
{
	u8 iv_copy[IV_MAX];
	int err = 0;

	while (times-- && !err) {
		memcpy(packet, sealed, size);
		memcpy(iv_copy, packet + ESP_HEADER, iv);
		aead_request_set_crypt(req, sg, sg, open ? len + icv : len, iv_copy);
		err = open ? crypto_aead_decrypt(req) : crypto_aead_encrypt(req);
	}
	return err;
}

/* The same without the crypto. */
static void run_copies(u8 *packet, const u8 *sealed, unsigned int size, uint times)
{
	while (times--) {
		memcpy(packet, sealed, size);
		barrier_data(packet);
	}
}

static int measure(struct crypto_aead *tfm, struct aead_request *req, u8 *packet, u8 *sealed)
{
	unsigned int size = ESP_HEADER + iv + len + icv;
	struct scatterlist sg;
	u64 begin, copies;
	u8 iv_copy[IV_MAX];
	int err;

	sg_init_one(&sg, packet, size);
	aead_request_set_ad(req, ESP_HEADER + iv);
	aead_request_set_callback(req, 0, NULL, NULL);

	local_bh_disable();
	memset(packet, 0x5a, size);
	memcpy(sealed, packet, size);
	if (open) {
		memcpy(iv_copy, packet + ESP_HEADER, iv);
		aead_request_set_crypt(req, &sg, &sg, len, iv_copy);
		err = crypto_aead_encrypt(req);
		if (err)
			goto out;
		memcpy(sealed, packet, size);
	}
	/* the first few fill caches */
	err = run(req, &sg, packet, sealed, size, 16);
	if (err)
		goto out;

	begin = ktime_get_ns();
	run_copies(packet, sealed, size, count);
	copies = ktime_get_ns() - begin;
	begin = ktime_get_ns();
	err = run(req, &sg, packet, sealed, size, count);
	ns = div_u64(ktime_get_ns() - begin - copies, count);
out:
	local_bh_enable();
	return err;
}

static int __init aead_init(void)
{
	unsigned int size = ESP_HEADER + iv + len + icv;
	struct aead_request *req = NULL;
	struct crypto_aead *tfm;
	u8 *packet, *sealed;
	int err;

	if (!count || iv > IV_MAX || size > PAGE_SIZE)
		return -EINVAL;
	tfm = crypto_alloc_aead(alg, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	packet = kmalloc(2 * size, GFP_KERNEL);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	err = -ENOMEM;
	if (!packet || !req)
		goto out;
	sealed = packet + size;

	err = set_key(tfm);
	if (!err)
		err = crypto_aead_setauthsize(tfm, icv);
	if (!err)
		err = measure(tfm, req, packet, sealed);
	/* the request is gone before anyone could complete it */
	if (err == -EINPROGRESS)
		panic("bench: %s is not finished at once\n", alg);
out:
	aead_request_free(req);
	kfree(packet);
	crypto_free_aead(tfm);
	return err;
}

static void __exit aead_exit(void)
{
}

module_init(aead_init);
module_exit(aead_exit);
MODULE_DESCRIPTION("what crypto_aead costs alone, for vpngw's bench");
MODULE_LICENSE("GPL");
