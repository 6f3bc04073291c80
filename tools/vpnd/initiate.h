/* SPDX-License-Identifier: GPL-2.0 */
/* Beginning: who wants a pair of IPsec SAs, and what becomes of it. */
#ifndef VPND_INITIATE_H
#define VPND_INITIATE_H

#include "ike.h"

#define WANTS_MAX	1024
#define WANT_MS		60000	/* then it is forgotten, and may be wanted again */

/**
 * struct want - a pair that somebody wants with the peer of a static entry
 * @map: crypto map
 * @seq: number of its entry
 * @sel: traffic
 * @try: which peer of the entry is being tried
 * @ex: quick mode for it, NULL while there is none
 */
struct want {
	LIST_ENTRY(want) link;
	struct ike *ike;
	char map[CONF_NAME_LEN];
	uint32_t seq;
	struct kernel_sel sel;
	struct endpoint peer;
	uint8_t try;
	struct exchange *ex;
	struct timer timer;
};

void initiate(struct ike *ike, const char *map, uint32_t seq, const struct kernel_sel *sel);
bool initiate_peer(struct ike *ike, uint32_t peer);
void initiate_acquire(struct ike *ike, const struct kernel_event *event);
void initiate_renew(struct ike_sa *sa);
void initiate_established(struct ike_sa *sa);
void initiate_sa_gone(struct ike_sa *sa);
void initiate_exchange_gone(struct exchange *ex);
void initiate_free(struct ike *ike);

#endif
