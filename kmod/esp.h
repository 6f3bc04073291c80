/* SPDX-License-Identifier: GPL-2.0 */
/* The ESP packet format (RFC 4303): no look-ups, no policy. */
#ifndef _VPNGW_ESP_H
#define _VPNGW_ESP_H

#include <linux/skbuff.h>

#include "stats.h"

struct vpngw_sa;

/**
 * typedef vpngw_esp_done_t - what happens to a packet after the crypto
 * @sa: association
 * @skb: packet
 * @seq: its sequence number
 * @err: 0, -EBADMSG if the integrity check failed, or another error
 *
 * Called for an asynchronous request only, softirqs off, in an RCU read side
 * section; owns @skb. The association and its namespace stay until it returns.
 */
typedef void (*vpngw_esp_done_t)(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, int err);

int vpngw_esp_init(struct vpngw_sa *sa);
void vpngw_esp_exit(struct vpngw_sa *sa);
void vpngw_esp_draw_iv_key(struct vpngw_sa *sa);

unsigned int vpngw_esp_overhead(const struct vpngw_sa *sa);
unsigned int vpngw_esp_payload_max(const struct vpngw_sa *sa, unsigned int room);
bool vpngw_esp_length_ok(const struct vpngw_sa *sa, unsigned int len);

int vpngw_esp_own(struct sk_buff *skb, unsigned int headroom, unsigned int tailroom);
int vpngw_esp_prepare(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, u8 next_header,
		      unsigned int headroom);
int vpngw_esp_seal(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, vpngw_esp_done_t done);
int vpngw_esp_open(struct vpngw_sa *sa, struct sk_buff *skb, u64 seq, vpngw_esp_done_t done);
enum vpngw_reason vpngw_esp_strip(const struct vpngw_sa *sa, struct sk_buff *skb,
				  u8 *next_header);

#endif /* _VPNGW_ESP_H */
