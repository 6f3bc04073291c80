/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_IV_H
#define VPND_IV_H

#include "crypto.h"

/**
 * struct iv - the chain of initialisation vectors of one exchange
 * @cur: what the next message is encrypted or decrypted with
 * @next: what takes its place once the message just decrypted has been verified
 * @block: octets of both
 * @pending: there is a @next
 */
struct iv {
	uint8_t cur[BLOCK_MAX], next[BLOCK_MAX];
	uint8_t block;
	bool pending;
};

int iv_phase1(struct iv *iv, enum ike_hash hash, enum ike_encr encr, const struct blob *ke_i,
	      const struct blob *ke_r);
int iv_phase2(struct iv *iv, enum ike_hash hash, const struct iv *phase1, uint32_t msgid);
void iv_sent(struct iv *iv, const uint8_t *cipher, size_t len);
void iv_received(struct iv *iv, const uint8_t *cipher, size_t len);
void iv_confirm(struct iv *iv);
void iv_forget(struct iv *iv);

#endif
