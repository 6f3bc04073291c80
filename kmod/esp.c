// SPDX-License-Identifier: GPL-2.0
/*
 * Building, sealing, opening and stripping one ESP packet.
 *
 * Crypto only ever runs in place over a private, linear buffer: whatever is
 * cloned, paged or chained is copied first, so that a transform can never write
 * into memory that someone else can see, and one scatterlist entry describes
 * the packet.
 */

#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <net/esp.h>

#include "esp.h"
#include "sa.h"
#include "vpngw.h"

#define IV_MAX		16
/* pad length and next header (RFC 4303 section 2) */
#define TRAILER_LEN	2

/**
 * struct vpngw_esp_request - a packet in the hands of the crypto engine
 * @sa: association; with a reference while there is a packet
 * @skb: packet
 * @dev: device of @skb, held while the request is asynchronous
 * @done: what to do afterwards
 * @seq: sequence number of the packet
 * @header: with extended sequence numbers, what is authenticated in the place of
 *	the header on the wire: SPI and the whole number
 * @sg: the ESP packet, in one piece; @header and what comes after the header
 * @iv: copy, because ciphers write into theirs
 * @aead: request; the transform's own context follows
 *
 * All of @aead is set for each packet: engines write into it.
 */
struct vpngw_esp_request {
	struct vpngw_sa		*sa;
	struct sk_buff		*skb;
	struct net_device	*dev;
	vpngw_esp_done_t	done;
	u64			seq;
	__be32			header[3];
	struct scatterlist	sg[2];
	u8			iv[IV_MAX] __aligned(8);
	struct aead_request	aead;
};

/**
 * vpngw_esp_overhead() - octets that ESP adds in front of and behind a payload
 * @sa: association
 *
 * Return: header, IV and integrity check value; padding and trailer come on top
 */
unsigned int vpngw_esp_overhead(const struct vpngw_sa *sa)
{
	return sizeof(struct ip_esp_hdr) + sa->algo->iv_size + sa->algo->icv_size;
}

/**
 * vpngw_esp_payload_max() - longest payload that fits
 * @sa: association
 * @room: octets available for the ESP packet
 *
 * Return: octets of payload, 0 if none fits
 */
unsigned int vpngw_esp_payload_max(const struct vpngw_sa *sa, unsigned int room)
{
	unsigned int overhead = vpngw_esp_overhead(sa);

	if (room < overhead + sa->algo->block_size)
		return 0;
	return round_down(room - overhead, sa->algo->block_size) - TRAILER_LEN;
}

/**
 * vpngw_esp_length_ok() - can this be an ESP packet of the association?
 * @sa: association
 * @len: octets from the ESP header to the end
 *
 * Return: true if there is room for a trailer and the cipher text is a whole
 *	number of blocks
 */
bool vpngw_esp_length_ok(const struct vpngw_sa *sa, unsigned int len)
{
	unsigned int overhead = vpngw_esp_overhead(sa);

	return len >= overhead + max_t(unsigned int, sa->algo->block_size, TRAILER_LEN) &&
	       (len - overhead) % sa->algo->block_size == 0;
}

/**
 * vpngw_esp_own() - make a packet linear, private and roomy
 * @skb: packet, not shared
 * @headroom: octets needed in front of skb->data
 * @tailroom: octets needed behind the data
 *
 * Pointers into the packet are stale afterwards.
 *
 * Context: any; allocates only if the packet is not already as wanted.
 * Return: 0 or -ENOMEM, with the packet unchanged to its owner
 */
int vpngw_esp_own(struct sk_buff *skb, unsigned int headroom, unsigned int tailroom)
{
	int nhead = 0, ntail = 0;
	int err;

	err = skb_linearize(skb);
	if (err)
		return err;

	if (skb_headroom(skb) < headroom)
		nhead = SKB_DATA_ALIGN(headroom - skb_headroom(skb));
	if (skb_tailroom(skb) < tailroom)
		ntail = tailroom - skb_tailroom(skb);
	if (!nhead && !ntail && !skb_cloned(skb))
		return 0;
	return pskb_expand_head(skb, nhead, ntail, GFP_ATOMIC | __GFP_NOWARN);
}

/* The IV of a block cipher in CBC mode need not be random, but nobody without the key
 * may know it before the packet is sealed (RFC 3602 section 3, RFC 2405 section 3).
 *
 * Sealed: a number that does not come twice under the key goes through the cipher as
 * the first block of what is encrypted, under an IV of zero (NIST SP 800-38A, appendix
 * C; echainiv() of the kernel's own ESP does the same). The cipher maps different
 * numbers to different IVs. Nobody else can have the number itself encrypted, and so
 * learn the IV beforehand, because a secret is added that only this association has,
 * drawn when it is made. The same secret sees to it that two associations with one
 * key, of which each begins with the number 1, do not have the same IVs.
 *
 * Hashed: SipHash-2-4, a pseudo-random function, of the number under that secret, for
 * a quarter of what a block of DES costs. An IV comes again as rarely as a random one.
 *
 * The clock goes in as well. It need not be good: it tells copies of a machine apart
 * that have the same secret and go on with the same numbers.
 */
static void write_iv(const struct vpngw_sa *sa, u8 *iv, u64 seq)
{
	const u64 *secret = sa->iv_key.key;
	u64 block[IV_MAX / sizeof(u64)];

	switch (sa->algo->iv) {
	case VPNGW_IV_COUNTER:
		/* must never repeat under a key (RFC 4106 section 3.1) */
		block[0] = (__force u64)cpu_to_be64(seq);
		memcpy(iv, block, 8);
		break;
	case VPNGW_IV_SEALED:
		block[0] = secret[0] ^ seq;
		block[1] = secret[1] ^ random_get_entropy();
		memcpy(iv, block, 16);
		break;
	case VPNGW_IV_HASHED:
		block[0] = siphash_2u64(seq, random_get_entropy(), &sa->iv_key);
		memcpy(iv, block, 8);
		break;
	}
}

/**
 * vpngw_esp_prepare() - put ESP header, IV, padding and trailer around a payload
 * @sa: outbound association
 * @skb: packet; skb->data is at the payload. On return it is at the ESP header
 *	and there is room for the integrity check value behind the data
 * @seq: sequence number
 * @next_header: protocol of the payload
 * @headroom: octets the caller needs in front of the ESP header
 *
 * Context: softirqs off.
 * Return: 0 or -ENOMEM
 */
int vpngw_esp_prepare(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, u8 next_header,
		      unsigned int headroom)
{
	const struct vpngw_algo *algo = sa->algo;
	unsigned int trailer, padding, i;
	struct ip_esp_hdr *esph;
	u8 *tail;
	int err;

	trailer = ALIGN(skb->len + TRAILER_LEN, algo->block_size) - skb->len;
	padding = trailer - TRAILER_LEN;
	err = vpngw_esp_own(skb, headroom + sizeof(*esph) + algo->iv_size,
			    trailer + algo->icv_size);
	if (err)
		return err;

	/* room is sure, so the calls that look once more are not needed */
	tail = __skb_put(skb, trailer + algo->icv_size);
	for (i = 0; i < padding; i++)
		tail[i] = i + 1;
	tail[padding] = padding;
	tail[padding + 1] = next_header;

	esph = __skb_push(skb, sizeof(*esph) + algo->iv_size);
	esph->spi = sa->spi;
	esph->seq_no = htonl(lower_32_bits(seq));
	write_iv(sa, esph->enc_data, seq);
	return 0;
}

/**
 * vpngw_esp_draw_iv_key() - let the IVs of an association be others from now on
 * @sa: association
 *
 * A packet that is being sealed may take half of the old secret, which nobody knows
 * either.
 *
 * Context: process.
 */
void vpngw_esp_draw_iv_key(struct vpngw_sa *sa)
{
	get_random_bytes(&sa->iv_key, sizeof(sa->iv_key));
}

/**
 * vpngw_esp_init() - get an association ready for packets
 * @sa: association that is being made
 *
 * Each CPU keeps a request, made with its first packet: packets that are
 * finished at once need no memory of their own.
 *
 * Context: process.
 * Return: 0 or -ENOMEM
 */
int vpngw_esp_init(struct vpngw_sa *sa)
{
	vpngw_esp_draw_iv_key(sa);
	sa->requests = alloc_percpu_gfp(struct vpngw_esp_request *, GFP_KERNEL_ACCOUNT);
	return sa->requests ? 0 : -ENOMEM;
}

/**
 * vpngw_esp_exit() - free what packets of an association left behind
 * @sa: association that no packet uses any more
 *
 * Context: process.
 */
void vpngw_esp_exit(struct vpngw_sa *sa)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree_sensitive(*per_cpu_ptr(sa->requests, cpu));
	free_percpu(sa->requests);
}

static void request_keep(struct vpngw_sa *sa, struct vpngw_esp_request *req)
{
	if (unlikely(this_cpu_read(*sa->requests)))
		kfree_sensitive(req);
	else
		this_cpu_write(*sa->requests, req);
}

/* The reference is the last thing to go: what is kept goes with the association. */
static void request_end(struct vpngw_esp_request *req)
{
	struct vpngw_sa *sa = req->sa;

	request_keep(sa, req);
	vpngw_sa_put(sa);
}

/* Runs when the engine did not finish at once. Softirqs are off. */
static void request_done(crypto_done_arg arg, int err)
{
	struct vpngw_esp_request *req = crypto_done_data(arg);

	/* a request left the backlog; its own completion follows */
	if (err == -EINPROGRESS)
		return;

	rcu_read_lock();
	req->done(req->sa, req->skb, req->seq, err);
	dev_put(req->dev);
	request_end(req);
	rcu_read_unlock();
}

static struct vpngw_esp_request *request_alloc(struct vpngw_sa *sa)
{
	struct vpngw_esp_request *req;

	req = kmalloc(sizeof(*req) + crypto_aead_reqsize(sa->tfm), GFP_ATOMIC | __GFP_NOWARN);
	if (!req)
		return NULL;

	req->sa = sa;
	sg_init_table(req->sg, sa->flags & VPNGW_SA_FLAG_ESN ? ARRAY_SIZE(req->sg) : 1);
	return req;
}

/* Softirqs are off, so nothing comes between looking and taking. */
static struct vpngw_esp_request *request_take(struct vpngw_sa *sa)
{
	struct vpngw_esp_request *req = this_cpu_read(*sa->requests);

	if (unlikely(!req))
		return request_alloc(sa);
	this_cpu_write(*sa->requests, NULL);
	return req;
}

static void copy_iv(u8 *to, const u8 *from, unsigned int size)
{
	/* those there are, so that no call is needed */
	if (size == 8)
		memcpy(to, from, 8);
	else if (size == 16)
		memcpy(to, from, 16);
	else
		memcpy(to, from, size);
}

/* The high half of the number is not sent, but authenticated: in front of the low
 * one (RFC 4106 section 5), or behind the packet (RFC 4303 section 2.2.1), where
 * authencesn() moves it.
 */
static void request_extend(struct vpngw_esp_request *req, const struct sk_buff *skb, u64 seq)
{
	const struct ip_esp_hdr *esph = (const struct ip_esp_hdr *)skb->data;

	req->header[0] = esph->spi;
	req->header[1] = htonl(upper_32_bits(seq));
	req->header[2] = esph->seq_no;
	sg_set_buf(&req->sg[0], req->header, sizeof(req->header));
	sg_set_buf(&req->sg[1], esph->enc_data, skb->len - sizeof(*esph));
}

/* @clear: octets of IV that are not encrypted themselves; with fewer than there are,
 * the IV in the packet is what becomes of the first block, see write_iv().
 */
static struct vpngw_esp_request *request_make(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq,
					      unsigned int clear, vpngw_esp_done_t done)
{
	unsigned int assoc = sizeof(struct ip_esp_hdr) + clear;
	struct vpngw_esp_request *req;

	req = request_take(sa);
	if (!req)
		return NULL;
	if (!vpngw_sa_hold(sa)) {
		request_keep(sa, req);
		return NULL;
	}

	req->skb = skb;
	req->dev = skb->dev;
	req->done = done;
	req->seq = seq;
	if (clear == sa->algo->iv_size)
		copy_iv(req->iv, skb->data + sizeof(struct ip_esp_hdr), clear);
	else
		memset(req->iv, 0, sizeof(req->iv));
	if (likely(!(sa->flags & VPNGW_SA_FLAG_ESN))) {
		sg_set_buf(req->sg, skb->data, skb->len);
	} else {
		request_extend(req, skb, seq);
		assoc += sizeof(req->header) - sizeof(struct ip_esp_hdr);
	}
	aead_request_set_tfm(&req->aead, sa->tfm);
	aead_request_set_callback(&req->aead, 0, request_done, req);
	/* what is authenticated, but not encrypted */
	aead_request_set_ad(&req->aead, assoc);
	return req;
}

static int request_run(struct vpngw_esp_request *req, unsigned int crypt_len,
		       int (*crypt)(struct aead_request *aead))
{
	struct net_device *dev = req->dev;
	int err;

	aead_request_set_crypt(&req->aead, req->sg, req->sg, crypt_len, req->iv);

	/* the completion may run before we are back */
	dev_hold(dev);
	err = crypt(&req->aead);
	if (err == -EINPROGRESS)
		return err;

	/* finished at once, or not taken: -EBUSY and -ENOSPC are losses, since
	 * the request did not ask for a place in a backlog
	 */
	dev_put(dev);
	request_end(req);
	return err;
}

/**
 * vpngw_esp_seal() - encrypt a packet and fill in its integrity check value
 * @sa: outbound association
 * @skb: packet from vpngw_esp_prepare(); skb->data is at the ESP header
 * @seq: its sequence number
 * @done: called afterwards if the result is -EINPROGRESS, and only then
 *
 * Context: softirqs off.
 * Return: 0, -EINPROGRESS if @done now owns the packet, -ENOMEM, or what the
 *	crypto engine says
 */
int vpngw_esp_seal(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, vpngw_esp_done_t done)
{
	unsigned int clear = sa->algo->iv == VPNGW_IV_SEALED ? 0 : sa->algo->iv_size;
	unsigned int assoc = sizeof(struct ip_esp_hdr) + clear;
	struct vpngw_esp_request *req;

	req = request_make(sa, skb, seq, clear, done);
	if (!req)
		return -ENOMEM;
	return request_run(req, skb->len - assoc - sa->algo->icv_size, crypto_aead_encrypt);
}

/**
 * vpngw_esp_open() - verify and decrypt a packet in place
 * @sa: inbound association
 * @skb: packet, private and linear, of a length that vpngw_esp_length_ok()
 *	accepts; skb->data is at the ESP header
 * @seq: its sequence number
 * @done: called afterwards if the result is -EINPROGRESS, and only then
 *
 * Context: softirqs off.
 * Return: 0, -EINPROGRESS if @done now owns the packet, -EBADMSG if the
 *	integrity check failed, -ENOMEM, or what the crypto engine says
 */
int vpngw_esp_open(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, vpngw_esp_done_t done)
{
	unsigned int assoc = sizeof(struct ip_esp_hdr) + sa->algo->iv_size;
	struct vpngw_esp_request *req;

	req = request_make(sa, skb, seq, sa->algo->iv_size, done);
	if (!req)
		return -ENOMEM;
	return request_run(req, skb->len - assoc, crypto_aead_decrypt);
}

/**
 * vpngw_esp_strip() - uncover the payload of a verified packet
 * @sa: inbound association
 * @skb: packet that vpngw_esp_open() has decrypted; on success skb->data is at
 *	the payload and padding, trailer and integrity check value are cut off
 * @next_header: protocol of the payload
 *
 * Return: VPNGW_OK, or VPNGW_REASON_ESP_PADDING if the padding is not 1, 2,
 *	3, ... (RFC 4303 section 2.4) or longer than the packet
 */
enum vpngw_reason vpngw_esp_strip(const struct vpngw_sa *sa, struct sk_buff *skb,
				  u8 *next_header)
{
	unsigned int len, padding, i;
	const u8 *tail;

	__skb_pull(skb, sizeof(struct ip_esp_hdr) + sa->algo->iv_size);
	len = skb->len - sa->algo->icv_size - TRAILER_LEN;
	tail = skb->data + len;
	padding = tail[0];
	*next_header = tail[1];
	if (padding > len)
		return VPNGW_REASON_ESP_PADDING;

	tail -= padding;
	for (i = 0; i < padding; i++)
		if (tail[i] != i + 1)
			return VPNGW_REASON_ESP_PADDING;

	__skb_trim(skb, len - padding);
	return VPNGW_OK;
}
