// SPDX-License-Identifier: GPL-2.0
/*
 * The CBC chain (RFC 2409 appendix B). A message that was received moves the
 * chain only after it has been verified: otherwise one forged datagram would
 * leave both sides with different vectors for good.
 */
#include <errno.h>
#include <string.h>

#include "iv.h"

/**
 * iv_phase1 - first vector of phase 1: hash(g^xi | g^xr)
 * @iv: chain
 * @hash: negotiated hash
 * @encr: negotiated cipher
 * @ke_i: initiator's public value
 * @ke_r: responder's
 *
 * Return: 0 or -errno.
 */
int iv_phase1(struct iv *iv, enum ike_hash hash, enum ike_encr encr, const struct blob *ke_i,
	      const struct blob *ke_r)
{
	struct blob parts[] = { *ke_i, *ke_r };
	uint8_t digest[HASH_MAX];
	int ret = crypto_hash(hash, parts, 2, digest);

	if (ret)
		return ret;
	memset(iv, 0, sizeof(*iv));
	iv->block = crypto_block_len(encr);
	memcpy(iv->cur, digest, iv->block);
	return 0;
}

/**
 * iv_phase2 - first vector of any later exchange: hash(last block | M-ID)
 * @iv: chain of the new exchange
 * @hash: negotiated hash
 * @phase1: chain of phase 1, which has ended: it holds the last ciphertext block
 *	of its last message, sent or received, and no later exchange moves it
 * @msgid: message ID
 *
 * Return: 0 or -errno.
 */
int iv_phase2(struct iv *iv, enum ike_hash hash, const struct iv *phase1, uint32_t msgid)
{
	uint8_t id[4] = { msgid >> 24, msgid >> 16, msgid >> 8, msgid };
	struct blob parts[] = { { phase1->cur, phase1->block }, { id, 4 } };
	uint8_t digest[HASH_MAX];
	int ret = crypto_hash(hash, parts, 2, digest);

	if (ret)
		return ret;
	memset(iv, 0, sizeof(*iv));
	iv->block = phase1->block;
	memcpy(iv->cur, digest, iv->block);
	return 0;
}

/**
 * iv_sent - move the chain over a message of ours
 * @iv: chain
 * @cipher: ciphertext
 * @len: its length, at least one block
 */
void iv_sent(struct iv *iv, const uint8_t *cipher, size_t len)
{
	memcpy(iv->cur, cipher + len - iv->block, iv->block);
	iv_forget(iv);
}

/**
 * iv_received - note where a message that is yet to be verified would lead
 * @iv: chain
 * @cipher: ciphertext
 * @len: its length, at least one block
 */
void iv_received(struct iv *iv, const uint8_t *cipher, size_t len)
{
	memcpy(iv->next, cipher + len - iv->block, iv->block);
	iv->pending = true;
}

/**
 * iv_confirm - the message has been verified: move the chain
 * @iv: chain
 */
void iv_confirm(struct iv *iv)
{
	if (iv->pending)
		memcpy(iv->cur, iv->next, iv->block);
	iv_forget(iv);
}

/**
 * iv_forget - the message was not for us: the chain stays
 * @iv: chain
 */
void iv_forget(struct iv *iv)
{
	memset(iv->next, 0, sizeof(iv->next));
	iv->pending = false;
}
