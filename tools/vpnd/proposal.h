/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_PROPOSAL_H
#define VPND_PROPOSAL_H

#include "conf.h"
#include "kernel.h"
#include "log.h"
#include "msg.h"

/**
 * struct ike_choice - what was agreed on for phase 1
 * @policy: policy that it satisfies
 * @proposal: proposal chosen, in the offer
 * @transform: transform chosen, in the offer
 * @life: seconds to live, the shorter of both sides' wishes
 */
struct ike_choice {
	const struct conf_policy *policy;
	const struct msg_proposal *proposal;
	const struct msg_transform *transform;
	uint32_t life;
};

/**
 * struct esp_choice - what was agreed on for a pair of IPsec SAs
 * @life: seconds to live, the shorter of both sides' wishes
 * @tell_life: the initiator does not know it and must be told
 * @group: group for PFS, 0 for none
 */
struct esp_choice {
	const struct conf_entry *entry;
	const struct conf_set *set;
	const struct msg_proposal *proposal;
	const struct msg_transform *transform;
	uint32_t life, kilobytes;
	bool tell_life, transport;
	uint8_t group;
};

/**
 * struct esp_wish - what an entry has to fit besides the offer
 * @udp: ESP has to travel in UDP
 * @ends: the traffic is that between the two ends, so transport mode will do
 * @peer: address of the peer
 * @site: some entry names it with "set peer", so that others are not for it
 * @map: crypto map of the only entry that will do, NULL: any
 * @seq: its number
 * @sel: traffic, NULL: not known
 */
struct esp_wish {
	bool udp, ends, site;
	uint32_t peer;
	const char *map;
	uint32_t seq;
	const struct kernel_sel *sel;
};

int proposal_match_ike(const struct msg_sa *sa, const struct vpnd_conf *conf,
		       uint16_t auth, struct ike_choice *choice, const struct log *log,
		       unsigned int conn);
int proposal_match_esp(const struct msg_sa *sa, const struct vpnd_conf *conf,
		       const struct esp_wish *wish, struct esp_choice *choice,
		       const struct log *log, unsigned int conn);
size_t proposal_esp_key_len(enum esp_transform encr, unsigned int key_bits);
size_t proposal_auth_key_len(enum esp_auth auth);
const char *proposal_set_text(const struct conf_set *set, char buf[64]);

#endif
