// SPDX-License-Identifier: GPL-2.0
/*
 * Known packets through our own code, in both directions: what it seals from their
 * payload, number and IV is the packet, and what it opens is the payload; with one
 * bit wrong it opens nothing.
 */

#include <crypto/aead.h>
#include <crypto/skcipher.h>
#include <linux/completion.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/esp.h>
#include <uapi/linux/vpngw.h>

#include "../algo.h"
#include "../esp.h"
#include "../sa.h"
#include "../selftest.h"

#define PACKET_MAX	256
#define HEADROOM	64

/**
 * struct vector - a known packet; octets in hexadecimal
 * @name: where it is from
 * @encr: enum vpngw_encr
 * @auth: enum vpngw_auth
 * @esn: its number is extended
 * @seq: its number
 * @next_header: protocol of @payload
 * @enc_key: cipher key with salt
 * @auth_key: authenticator key, or NULL
 * @payload: what is in it
 * @packet: from the ESP header to the integrity check value
 */
struct vector {
	const char	*name;
	u8		encr;
	u8		auth;
	bool		esn;
	u64		seq;
	u8		next_header;
	const char	*enc_key;
	const char	*auth_key;
	const char	*payload;
	const char	*packet;
};

#include "esp_vectors.h"

/* Where crypto does not finish at once, one packet after the other waits here. */
static struct {
	struct completion	done;
	int			err;
} crypt;

static void crypt_done(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, int err)
{
	crypt.err = err;
	complete(&crypt.done);
}

static int crypt_wait(int err)
{
	if (err != -EINPROGRESS)
		return err;
	wait_for_completion(&crypt.done);
	return crypt.err;
}

static unsigned int unhex(u8 *to, const char *hex)
{
	unsigned int len = hex ? strlen(hex) / 2 : 0, i;

	for (i = 0; i < 2 * len; i++)
		to[i / 2] = to[i / 2] << 4 | (hex[i] > '9' ? hex[i] - 'a' + 10 : hex[i] - '0');
	return len;
}

static struct sk_buff *make_skb(const u8 *data, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(HEADROOM + 2 * PACKET_MAX, GFP_KERNEL);

	if (skb) {
		skb_reserve(skb, HEADROOM);
		skb_put_data(skb, data, len);
	}
	return skb;
}

/* What the cipher makes this IV of, if it goes through it. */
static int unseal_iv(const struct vpngw_sa *sa, const struct vector *v, u8 *iv)
{
	struct crypto_sync_skcipher *ecb;
	u8 key[VPNGW_KEY_MAX];
	struct scatterlist sg;
	int err;

	if (sa->algo->iv != VPNGW_IV_SEALED)
		return 0;
	ecb = crypto_alloc_sync_skcipher("ecb(aes)", 0, 0);
	if (IS_ERR(ecb))
		return PTR_ERR(ecb);

	err = crypto_sync_skcipher_setkey(ecb, key, unhex(key, v->enc_key));
	if (!err) {
		SYNC_SKCIPHER_REQUEST_ON_STACK(req, ecb);

		sg_init_one(&sg, iv, sa->algo->iv_size);
		skcipher_request_set_sync_tfm(req, ecb);
		skcipher_request_set_callback(req, 0, NULL, NULL);
		skcipher_request_set_crypt(req, &sg, &sg, sa->algo->iv_size, NULL);
		err = crypto_skcipher_decrypt(req);
	}
	crypto_free_sync_skcipher(ecb);
	return err;
}

static int seal(struct vpngw_sa *sa, const struct vector *v, const u8 *payload, unsigned int len,
		const u8 *packet, unsigned int packet_len)
{
	struct sk_buff *skb = make_skb(payload, len);
	int err;

	if (!skb)
		return -ENOMEM;

	local_bh_disable();
	err = vpngw_esp_prepare(sa, skb, v->seq, v->next_header, 0);
	local_bh_enable();
	if (!err) {
		memcpy(skb->data + sizeof(struct ip_esp_hdr), packet + sizeof(struct ip_esp_hdr),
		       sa->algo->iv_size);
		err = unseal_iv(sa, v, skb->data + sizeof(struct ip_esp_hdr));
	}
	if (!err) {
		local_bh_disable();
		err = vpngw_esp_seal(sa, skb, v->seq, crypt_done);
		local_bh_enable();
		err = crypt_wait(err);
	}
	if (!err && (skb->len != packet_len || memcmp(skb->data, packet, packet_len)))
		err = -EINVAL;
	kfree_skb(skb);
	return err;
}

static int open(struct vpngw_sa *sa, const struct vector *v, const u8 *payload, unsigned int len,
		const u8 *packet, unsigned int packet_len)
{
	struct sk_buff *skb = make_skb(packet, packet_len);
	u8 next_header = 0;
	int err;

	if (!skb)
		return -ENOMEM;

	local_bh_disable();
	err = vpngw_esp_length_ok(sa, skb->len) ?
	      vpngw_esp_open(sa, skb, v->seq, crypt_done) : -EMSGSIZE;
	local_bh_enable();
	err = crypt_wait(err);
	if (!err && (vpngw_esp_strip(sa, skb, &next_header) || next_header != v->next_header ||
		     skb->len != len || memcmp(skb->data, payload, len)))
		err = -EINVAL;
	kfree_skb(skb);
	return err;
}

/* A number with another high half is another packet. */
static int open_spoilt(struct vpngw_sa *sa, const struct vector *v, u8 *packet,
		       unsigned int packet_len)
{
	struct vector other = *v;
	unsigned int i;
	int err = -EBADMSG;

	for (i = sizeof(struct ip_esp_hdr); i < packet_len && err == -EBADMSG; i++) {
		packet[i] ^= 1 << i % 8;
		err = open(sa, v, NULL, 0, packet, packet_len);
		packet[i] ^= 1 << i % 8;
	}
	if (err == -EBADMSG && v->esn) {
		other.seq ^= BIT_ULL(32);
		err = open(sa, &other, NULL, 0, packet, packet_len);
	}
	return err == -EBADMSG ? 0 : err ?: -EINVAL;
}

static int run_packets(struct vpngw_sa *sa, const struct vector *v)
{
	unsigned int len, packet_len;
	u8 *payload, *packet;
	int err = -ENOMEM;

	payload = kmalloc(2 * PACKET_MAX, GFP_KERNEL);
	if (!payload)
		return -ENOMEM;
	packet = payload + PACKET_MAX;

	len = unhex(payload, v->payload);
	packet_len = unhex(packet, v->packet);
	memcpy(&sa->spi, packet, sizeof(sa->spi));
	err = seal(sa, v, payload, len, packet, packet_len);
	if (!err)
		err = open(sa, v, payload, len, packet, packet_len);
	if (!err)
		err = open_spoilt(sa, v, packet, packet_len);
	kfree(payload);
	return err;
}

static int run(const struct vector *v)
{
	u8 enc_key[VPNGW_KEY_MAX], auth_key[VPNGW_KEY_MAX];
	unsigned int enc_key_len = unhex(enc_key, v->enc_key);
	unsigned int auth_key_len = unhex(auth_key, v->auth_key);
	struct vpngw_sa *sa;
	int err;

	sa = kzalloc(sizeof(*sa), GFP_KERNEL);
	if (!sa)
		return -ENOMEM;

	refcount_set(&sa->ref, 1);
	sa->flags = v->esn ? VPNGW_SA_FLAG_ESN : 0;
	sa->algo = vpngw_algo_find(v->encr, v->auth);
	sa->tfm = vpngw_algo_instantiate(sa->algo, enc_key, enc_key_len, auth_key, auth_key_len,
					 v->esn, NULL);
	err = PTR_ERR_OR_ZERO(sa->tfm);
	if (err)
		goto out_sa;
	err = vpngw_esp_init(sa);
	if (err)
		goto out_tfm;
	err = run_packets(sa, v);
	/* crypt_done() wakes us before the request and its reference are given back,
	 * which is within the same RCU read side section
	 */
	synchronize_rcu();
	if (WARN_ON_ONCE(refcount_read(&sa->ref) != 1))
		return -EBUSY;
	vpngw_esp_exit(sa);
out_tfm:
	crypto_free_aead(sa->tfm);
out_sa:
	kfree(sa);
	return err;
}

/**
 * vpngw_selftest_esp() - known packets
 *
 * A transform that the kernel does not have is left out.
 *
 * Context: process.
 * Return: 0 or a negative error
 */
int vpngw_selftest_esp(void)
{
	unsigned int i, n = 0;
	int err;

	init_completion(&crypt.done);
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		err = run(&vectors[i]);
		if (err == -ENOENT)
			continue;
		if (err) {
			pr_err("selftest esp: %s: %d\n", vectors[i].name, err);
			return err;
		}
		n++;
	}
	pr_info("selftest esp: %u of %zu known packets\n", n, ARRAY_SIZE(vectors));
	return 0;
}
