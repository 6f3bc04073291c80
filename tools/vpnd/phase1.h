/* SPDX-License-Identifier: GPL-2.0 */
/* What main mode and aggressive mode share. */
#ifndef VPND_PHASE1_H
#define VPND_PHASE1_H

#include "ike.h"
#include "proposal.h"

/**
 * struct phase1 - what the peer's public value leads to, until all of it has worked
 */
struct phase1 {
	struct ike_keys keys;
	struct iv iv;
	uint8_t pub[DH_MAX], gxy[DH_MAX], nonce[IKE_NONCE_LEN];
	struct blob ke_r;
};

void phase1_header(const struct ike_sa *sa, struct msg_hdr *hdr, uint8_t flags);
void phase1_refuse_offer(struct ike *ike, const struct endpoint *local,
			 const struct endpoint *peer, const struct msg *m);
int phase1_derive(struct ike_sa *sa, const struct msg *m, const struct blob *psk,
		  struct phase1 *x);
bool phase1_check_hash_i(struct ike_sa *sa, const struct msg *m, const struct blob *id);
int phase1_hash_r(struct ike_sa *sa, const struct blob *id, uint8_t *hash);
bool phase1_identity(struct ike_sa *sa, const struct payload *p, struct ike_id *id);
bool phase1_notifies(struct ike_sa *sa, const struct msg *m);
void phase1_done(struct ike_sa *sa);
void phase1_connected(struct ike_sa *sa);

#endif
