// SPDX-License-Identifier: GPL-2.0
/*
 * The window is a ring of words (RFC 6479): moving it clears whole words, at
 * most the ring, and never shifts.
 */

#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "replay.h"

#define WORD_BITS	64

/**
 * vpngw_replay_alloc() - make an empty window
 * @window: size in packets, VPNGW_REPLAY_MIN to VPNGW_REPLAY_MAX, or 0 for off
 *
 * Context: process.
 * Return: the window, to be freed with kfree(), or NULL
 */
struct vpngw_replay *vpngw_replay_alloc(u32 window)
{
	u32 words = roundup_pow_of_two(DIV_ROUND_UP(window, WORD_BITS) + 1);
	struct vpngw_replay *r;

	r = kzalloc(struct_size(r, ring, words), GFP_KERNEL_ACCOUNT);
	if (!r)
		return NULL;

	r->window = window;
	r->mask = words - 1;
	return r;
}

/**
 * vpngw_replay_begin() - refuse every number up to one
 * @r: window that nothing was noted in yet
 * @top: the number; 0 is where a window begins by itself
 *
 * Context: the caller serialises.
 */
void vpngw_replay_begin(struct vpngw_replay *r, u64 top)
{
	r->top = top;
	/* all seen, but for what is above in the same word */
	memset(r->ring, 0xff, (r->mask + 1) * sizeof(r->ring[0]));
	r->ring[(top / WORD_BITS) & r->mask] = GENMASK_ULL(top % WORD_BITS, 0);
}

/**
 * vpngw_replay_continue() - begin where another window stands
 * @r: window that nothing was noted in yet
 * @old: the other window
 *
 * What @old would refuse is refused. With rings of different sizes, so is what
 * is still under way and not yet seen.
 *
 * Context: the caller serialises with those who use @old.
 */
void vpngw_replay_continue(struct vpngw_replay *r, const struct vpngw_replay *old)
{
	if (r->mask != old->mask) {
		vpngw_replay_begin(r, old->top);
		return;
	}
	r->top = old->top;
	memcpy(r->ring, old->ring, (r->mask + 1) * sizeof(r->ring[0]));
}

/**
 * vpngw_replay_number() - the extended sequence number that a packet means
 * @r: window, not off
 * @low: half of the number, which is all that the packet carries
 *
 * The one number with that half among the 2^32 that begin with the oldest of the
 * window: it may be in the window, or ahead of it by less than 2^32 less the
 * window (RFC 4303 appendix A2). Whether it was right, the integrity check says.
 *
 * Context: the caller serialises with vpngw_replay_advance().
 * Return: the number, or 0, which is none, if it would be below the first
 */
u64 vpngw_replay_number(const struct vpngw_replay *r, u32 low)
{
	s64 oldest = r->top - r->window + 1;
	s64 number = oldest + (u32)(low - (u32)oldest);

	return max_t(s64, number, 0);
}

/**
 * vpngw_replay_check() - may a packet with this sequence number be new?
 * @r: window
 * @seq: sequence number; 0 is never sent (RFC 4303 section 3.3.3)
 *
 * Cheap test before decryption; changes nothing.
 *
 * Context: the caller serialises with vpngw_replay_advance().
 * Return: false if the number was seen or lies below the window
 */
bool vpngw_replay_check(const struct vpngw_replay *r, u64 seq)
{
	if (!r->window)
		return true;
	if (!seq)
		return false;
	if (seq > r->top)
		return true;
	if (r->top - seq >= r->window)
		return false;
	return !(r->ring[(seq / WORD_BITS) & r->mask] & BIT_ULL(seq % WORD_BITS));
}

/**
 * vpngw_replay_advance() - take note of an authentic packet
 * @r: window
 * @seq: its sequence number
 *
 * Checks again, because another packet with the same number may have been
 * decrypted at the same time.
 *
 * Context: the caller serialises.
 * Return: false if the packet is a repetition after all
 */
bool vpngw_replay_advance(struct vpngw_replay *r, u64 seq)
{
	u64 word, top_word, steps;

	if (!vpngw_replay_check(r, seq))
		return false;

	if (seq > r->top) {
		word = seq / WORD_BITS;
		top_word = r->top / WORD_BITS;
		steps = min_t(u64, word - top_word, (u64)r->mask + 1);
		while (steps--)
			r->ring[++top_word & r->mask] = 0;
		r->top = seq;
	}
	if (r->window)
		r->ring[(seq / WORD_BITS) & r->mask] |= BIT_ULL(seq % WORD_BITS);
	return true;
}
