/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_TIMER_H
#define VPND_TIMER_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct timer - something to do later
 * @at: when, in milliseconds of the monotonic clock
 * @pos: place in the heap, counted from 1; 0 while it does not run
 * @fn: what; may free the object that the timer is part of
 * @arg: for it
 */
struct timer {
	uint64_t at;
	size_t pos;
	void (*fn)(void *arg);
	void *arg;
};

/* All running timers, the next one on top. */
struct timers {
	struct timer **v;
	size_t n, cap;
};

void timer_init(struct timer *t, void (*fn)(void *arg), void *arg);
int timer_start(struct timers *heap, struct timer *t, uint64_t at);
void timer_stop(struct timers *heap, struct timer *t);
uint64_t timers_next(const struct timers *heap);
void timers_run(struct timers *heap, uint64_t now);
void timers_free(struct timers *heap);

#endif
