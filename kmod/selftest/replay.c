// SPDX-License-Identifier: GPL-2.0
/*
 * The window against a model that is too simple to be wrong: a list of every
 * number accepted, one bit each, and the highest one.
 */

#include <linux/bitmap.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../replay.h"
#include "../selftest.h"

/* the largest window, and as far as its front comes */
#define SPAN	16384
/* with all windows and bases together, a million and a half */
#define STEPS	24000

static bool model(unsigned long *seen, u64 *top, u32 window, u64 base, u64 seq)
{
	if (seq + window <= *top || test_bit(seq - base, seen))
		return false;
	set_bit(seq - base, seen);
	*top = max(*top, seq);
	return true;
}

/* RFC 4303 appendix A2.2, in its words: T is the highest number received, S the one
 * that the packet means, l and h their halves; 0 where there would be none.
 */
static u64 rfc_number(u64 t, u32 w, u32 sl)
{
	u32 tl = lower_32_bits(t), th = upper_32_bits(t), sh;

	if (tl >= w - 1) {
		sh = sl >= tl - w + 1 ? th : th + 1;
	} else {
		if (sl >= tl - w + 1 && !th)
			return 0;
		sh = sl >= tl - w + 1 ? th - 1 : th;
	}
	return (u64)sh << 32 | sl;
}

static int numbers(struct rnd_state *rnd, u32 window)
{
	struct vpngw_replay *r = vpngw_replay_alloc(window);
	int i, err = 0;
	u32 low;

	if (!r)
		return -ENOMEM;
	for (i = 0; i < STEPS && !err; i++) {
		/* near the wrap and anywhere, early and late */
		r->top = (u64)(prandom_u32_state(rnd) % 3) << 32;
		r->top += i % 2 ? prandom_u32_state(rnd) : prandom_u32_state(rnd) % (3 * window);
		low = prandom_u32_state(rnd);
		if (i % 3)
			low = lower_32_bits(r->top) - window + low % (2 * window + 2);
		if (vpngw_replay_number(r, low) != rfc_number(r->top, window, low))
			err = -EINVAL;
	}
	kfree(r);
	return err;
}

/* A window of the same size goes on exactly, any other refuses what was before. */
static int replace(struct vpngw_replay **r, u32 window)
{
	struct vpngw_replay *same = vpngw_replay_alloc(window);
	struct vpngw_replay *other = vpngw_replay_alloc(window * 3);
	int err = -ENOMEM;
	u64 top, i;

	if (!same || !other)
		goto out;

	top = (*r)->top;
	vpngw_replay_continue(other, *r);
	vpngw_replay_continue(same, *r);
	swap(*r, same);
	err = -EINVAL;
	for (i = 0; i < min_t(u64, 200, top); i++)
		if (vpngw_replay_check(other, top - i))
			goto out;
	/* backwards, so that each is looked at in a window that knows later ones */
	for (i = 70; i > 0; i--)
		if (!vpngw_replay_advance(other, top + i) || vpngw_replay_check(other, top + i))
			goto out;
	err = 0;
out:
	kfree(same);
	kfree(other);
	return err;
}

static int run(struct rnd_state *rnd, u32 window, u64 base)
{
	struct vpngw_replay *r = vpngw_replay_alloc(window);
	unsigned long *seen = bitmap_zalloc(SPAN, GFP_KERNEL);
	u64 top = 0, near = base, seq;
	u64 first = max_t(u64, base, window) - window;
	int i, err = -ENOMEM;
	bool want;

	if (!r || !seen)
		goto out;
	/* where numbers are extended, a window knows where it stands */
	vpngw_replay_begin(r, first);
	top = first;

	err = -EINVAL;
	for (i = 0; i < STEPS; i++) {
		/* mostly near the front, which wanders towards the end */
		seq = near + prandom_u32_state(rnd) % (window + 70);
		seq = min(seq, base + SPAN - 1);
		if (i % 4096 == 1000 && replace(&r, window))
			goto out;
		if (i % 16 == 0 && near + window + 70 < base + SPAN)
			near++;

		if (seq + window > top && vpngw_replay_number(r, lower_32_bits(seq)) != seq)
			goto out;
		want = model(seen, &top, window, base, seq);
		if (vpngw_replay_check(r, seq) != want ||
		    vpngw_replay_advance(r, seq) != want || r->top != top)
			goto out;
	}
	/* a jump over the whole ring forgets everything but the new number */
	seq = top + 100000;
	if (!vpngw_replay_advance(r, seq) || vpngw_replay_advance(r, seq) ||
	    !vpngw_replay_check(r, seq - window + 1) || vpngw_replay_check(r, seq - window))
		goto out;
	err = vpngw_replay_check(r, 0) ? -EINVAL : 0;
out:
	bitmap_free(seen);
	kfree(r);
	return err;
}

/**
 * vpngw_selftest_replay() - anti-replay window
 *
 * Return: 0 or a negative error
 */
int vpngw_selftest_replay(void)
{
	static const u32 windows[] = { 32, 63, 64, 65, 128, 1000, 1024, 4096, 8192 };
	static const u64 bases[] = { 1, 1ULL << 31, (1ULL << 32) - SPAN };
	/* which every window comes to: its front moves by STEPS / 16 and its size */
	static const u64 edges[] = { 1ULL << 31, 1ULL << 32, 7ULL << 32 };
	struct rnd_state rnd;
	unsigned int w, b;
	int err;

	prandom_seed_state(&rnd, 20);
	for (w = 0; w < ARRAY_SIZE(windows); w++) {
		err = numbers(&rnd, windows[w]);
		if (err)
			return err;
		for (b = 0; b < ARRAY_SIZE(bases); b++) {
			err = run(&rnd, windows[w], bases[b]);
			if (err)
				return err;
		}
		for (b = 0; b < ARRAY_SIZE(edges); b++) {
			err = run(&rnd, windows[w], edges[b] - (STEPS / 16 + windows[w]) / 2);
			if (err)
				return err;
		}
	}
	return 0;
}
