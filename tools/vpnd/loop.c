// SPDX-License-Identifier: GPL-2.0
/* The event loop: a handful of descriptors, and one deadline handed in. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "loop.h"

/**
 * loop_now - the clock that all timers go by; suspended time counts
 *
 * Return: milliseconds.
 */
uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/**
 * loop_add - wait for one more descriptor
 * @loop: loop
 * @fd: descriptor
 * @fn: called when it can be read
 * @arg: for @fn
 *
 * Return: 0 or -ENOSPC.
 */
int loop_add(struct loop *loop, int fd, void (*fn)(void *arg), void *arg)
{
	if (loop->n == LOOP_FDS_MAX)
		return -ENOSPC;
	loop->fd[loop->n].fd = fd;
	loop->fd[loop->n].fn = fn;
	loop->fd[loop->n++].arg = arg;
	return 0;
}

/**
 * loop_wait - wait until something can be read or a time has come
 * @loop: loop
 * @until: time, UINT64_MAX for none
 * @now: kept up to date for the functions called
 *
 * Return: 0 or -errno.
 */
int loop_wait(struct loop *loop, uint64_t until, uint64_t *now)
{
	struct pollfd p[LOOP_FDS_MAX];
	int timeout = -1;

	*now = loop_now();
	if (until <= *now)
		timeout = 0;
	else if (until != UINT64_MAX)
		timeout = until - *now < 60000 ? (int)(until - *now) : 60000;
	for (unsigned int i = 0; i < loop->n; i++)
		p[i] = (struct pollfd){ .fd = loop->fd[i].fd, .events = POLLIN };
	if (poll(p, loop->n, timeout) < 0 && errno != EINTR)
		return -errno;
	*now = loop_now();
	for (unsigned int i = 0; i < loop->n && !loop->stop; i++) {
		if (p[i].revents)
			loop->fd[i].fn(loop->fd[i].arg);
	}
	return 0;
}
