// SPDX-License-Identifier: GPL-2.0
/* A binary heap of timers: starting, stopping and running one cost log(n). */
#include <errno.h>
#include <stdlib.h>

#include "timer.h"

static void place(struct timers *heap, size_t i, struct timer *t)
{
	heap->v[i] = t;
	t->pos = i + 1;
}

static void sift(struct timers *heap, size_t i)
{
	struct timer *t = heap->v[i];

	while (i && heap->v[(i - 1) / 2]->at > t->at) {
		place(heap, i, heap->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= heap->n)
			break;
		if (child + 1 < heap->n && heap->v[child + 1]->at < heap->v[child]->at)
			child++;
		if (heap->v[child]->at >= t->at)
			break;
		place(heap, i, heap->v[child]);
		i = child;
	}
	place(heap, i, t);
}

/**
 * timer_init - prepare a timer
 * @t: timer
 * @fn: what to do
 * @arg: for it
 */
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg };
}

/**
 * timer_start - start a timer, or move one that runs
 * @heap: all timers
 * @t: timer
 * @at: when
 *
 * Return: 0 or -ENOMEM.
 */
int timer_start(struct timers *heap, struct timer *t, uint64_t at)
{
	if (!t->pos) {
		if (heap->n == heap->cap) {
			size_t cap = heap->cap ? heap->cap * 2 : 64;
			struct timer **v = reallocarray(heap->v, cap, sizeof(*v));

			if (!v)
				return -ENOMEM;
			heap->v = v;
			heap->cap = cap;
		}
		place(heap, heap->n++, t);
	}
	t->at = at;
	sift(heap, t->pos - 1);
	return 0;
}

/**
 * timer_stop - stop a timer
 * @heap: all timers
 * @t: timer, running or not
 */
void timer_stop(struct timers *heap, struct timer *t)
{
	size_t i = t->pos;

	if (!i--)
		return;
	t->pos = 0;
	if (i == --heap->n)
		return;
	place(heap, i, heap->v[heap->n]);
	sift(heap, i);
}

/**
 * timers_next - when the next timer is due
 * @heap: all timers
 *
 * Return: time, UINT64_MAX if none runs.
 */
uint64_t timers_next(const struct timers *heap)
{
	return heap->n ? heap->v[0]->at : UINT64_MAX;
}

/**
 * timers_run - do everything that is due
 * @heap: all timers
 * @now: time
 */
void timers_run(struct timers *heap, uint64_t now)
{
	while (heap->n && heap->v[0]->at <= now) {
		struct timer *t = heap->v[0];

		timer_stop(heap, t);
		t->fn(t->arg);
	}
}

/**
 * timers_free - forget all timers
 * @heap: all timers
 */
void timers_free(struct timers *heap)
{
	free(heap->v);
	*heap = (struct timers){ 0 };
}
