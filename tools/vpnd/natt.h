/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_NATT_H
#define VPND_NATT_H

#include "ike.h"

#define NATT_PORT		4500
#define NATT_KEEPALIVE_MS	20000

enum natt_version natt_offered(const struct msg *m);
void natt_put_vid(struct mbuf *b, enum natt_version version);
void natt_put_vids(struct mbuf *b);
void natt_float(struct ike_sa *sa);
void natt_detect(struct ike_sa *sa, const struct msg *m);
void natt_put(struct mbuf *b, const struct ike_sa *sa);
bool natt_active(const struct ike_sa *sa);
bool natt_may_float(const struct ike_sa *sa, const struct endpoint *local,
		    const struct endpoint *peer);
void natt_begin(struct ike_sa *sa);
bool natt_may_follow(const struct ike_sa *sa, const struct endpoint *to);
void natt_follow(struct ike_sa *sa, const struct endpoint *to);

#endif
