/* SPDX-License-Identifier: GPL-2.0 */
/* Anti-replay window (RFC 4303 section 3.4.3). Pure: no locks, no clocks. */
#ifndef _VPNGW_REPLAY_H
#define _VPNGW_REPLAY_H

#include <linux/types.h>

#define VPNGW_REPLAY_MIN	32
#define VPNGW_REPLAY_MAX	8192

/**
 * struct vpngw_replay - window of an inbound association
 * @top: highest sequence number accepted
 * @window: size in packets; 0 accepts everything
 * @mask: words of @ring less one; the ring is one word larger than the window,
 *	so that the word being cleared never holds numbers still in the window
 * @ring: one bit for each sequence number, by number modulo the ring's size
 */
struct vpngw_replay {
	u64	top;
	u32	window;
	u32	mask;
	u64	ring[];
};

struct vpngw_replay *vpngw_replay_alloc(u32 window);
void vpngw_replay_begin(struct vpngw_replay *r, u64 top);
void vpngw_replay_continue(struct vpngw_replay *r, const struct vpngw_replay *old);
u64 vpngw_replay_number(const struct vpngw_replay *r, u32 low);
bool vpngw_replay_check(const struct vpngw_replay *r, u64 seq);
bool vpngw_replay_advance(struct vpngw_replay *r, u64 seq);

#endif /* _VPNGW_REPLAY_H */
