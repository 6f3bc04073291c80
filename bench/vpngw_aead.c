// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's crypto costs alone: seal or open one ESP packet again and
 * again. Loading the module measures, "ns" in its parameters is the time of one,
 * with a request that is made once: the least that anyone who uses the crypto API
 * can do. Each packet lies where pktgen's do, in an skb of its own as drivers allocate
 * them: those of long frames are pieces of larger memory, and of some the crypto API
 * makes two, because they reach into another page.
 */

#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#define IV_MAX		16
#define KEY_MAX		128
#define ESP_HEADER	8
/* what pktgen adds to a frame: for its own sake, and for the device's header */
#define FRAME_EXTRA	(64 + 16)
/* where it has the IP header begin */
#define IP_AT		16
#define WARM_UP		16

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

static uint frame = 60;
module_param(frame, uint, 0444);
MODULE_PARM_DESC(frame, "octets of the frame that it is about, as pktgen makes it");

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

/* Where the ESP header of a packet comes: its IP header stays where it is. */
static u8 *packet_of(const struct sk_buff *skb)
{
	return skb->data + IP_AT - ESP_HEADER - iv;
}

static int make_packets(struct sk_buff_head *packets)
{
	struct sk_buff *skb;
	uint i;

	for (i = 0; i < count; i++) {
		/* who can wait is given memory of another kind */
		skb = __netdev_alloc_skb(NULL, frame + FRAME_EXTRA, GFP_NOWAIT);
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(packets, skb);
		if (packet_of(skb) < skb->head ||
		    packet_of(skb) + ESP_HEADER + iv + len + icv > skb_end_pointer(skb))
			return -EINVAL;
	}
	return 0;
}

/* Opening destroys what it opens, so it starts from a copy, which seal pays, too. */
static int run(struct aead_request *req, const struct sk_buff_head *packets, const u8 *sealed,
	       unsigned int size, uint times)
{
	struct scatterlist sg;
	u8 iv_copy[IV_MAX];
	struct sk_buff *skb;
	u8 *packet;
	int err = 0;

	sg_init_table(&sg, 1);
	skb_queue_walk(packets, skb) {
		if (err || !times--)
			break;
		packet = packet_of(skb);
		memcpy(packet, sealed, size);
		memcpy(iv_copy, packet + ESP_HEADER, iv);
		sg_set_buf(&sg, packet, size);
		aead_request_set_crypt(req, &sg, &sg, open ? len + icv : len, iv_copy);
		err = open ? crypto_aead_decrypt(req) : crypto_aead_encrypt(req);
	}
	return err;
}

/* The same without the crypto. */
static void run_copies(const struct sk_buff_head *packets, const u8 *sealed, unsigned int size)
{
	struct sk_buff *skb;

	skb_queue_walk(packets, skb) {
		memcpy(packet_of(skb), sealed, size);
		barrier_data(packet_of(skb));
	}
}

static int measure(struct aead_request *req, const struct sk_buff_head *packets, u8 *sealed)
{
	unsigned int size = ESP_HEADER + iv + len + icv;
	struct scatterlist sg;
	u64 begin, copies;
	u8 iv_copy[IV_MAX];
	int err;

	sg_init_one(&sg, sealed, size);
	aead_request_set_ad(req, ESP_HEADER + iv);
	aead_request_set_callback(req, 0, NULL, NULL);

	local_bh_disable();
	memset(sealed, 0x5a, size);
	if (open) {
		memcpy(iv_copy, sealed + ESP_HEADER, iv);
		aead_request_set_crypt(req, &sg, &sg, len, iv_copy);
		err = crypto_aead_encrypt(req);
		if (err)
			goto out;
	}
	/* the first few fill caches */
	err = run(req, packets, sealed, size, WARM_UP);
	if (err)
		goto out;

	begin = ktime_get_ns();
	run_copies(packets, sealed, size);
	copies = ktime_get_ns() - begin;
	begin = ktime_get_ns();
	err = run(req, packets, sealed, size, count);
	ns = div_u64(ktime_get_ns() - begin - copies, count);
out:
	local_bh_enable();
	return err;
}

static int __init aead_init(void)
{
	unsigned int size = ESP_HEADER + iv + len + icv;
	struct aead_request *req = NULL;
	struct sk_buff_head packets;
	struct crypto_aead *tfm;
	u8 *sealed;
	int err;

	if (!count || iv > IV_MAX || size > PAGE_SIZE)
		return -EINVAL;
	__skb_queue_head_init(&packets);
	tfm = crypto_alloc_aead(alg, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	sealed = kmalloc(size, GFP_KERNEL);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	err = -ENOMEM;
	if (!sealed || !req)
		goto out;

	err = make_packets(&packets);
	if (!err)
		err = set_key(tfm);
	if (!err)
		err = crypto_aead_setauthsize(tfm, icv);
	if (!err)
		err = measure(req, &packets, sealed);
	/* the request is gone before anyone could complete it */
	if (err == -EINPROGRESS)
		panic("bench: %s is not finished at once\n", alg);
out:
	aead_request_free(req);
	kfree(sealed);
	__skb_queue_purge(&packets);
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
