/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_LOOP_H
#define VPND_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_FDS_MAX 8

/**
 * struct loop - waits for descriptors and timers
 * @fd: what is waited for, and what is done then
 * @stop: leave
 */
struct loop {
	struct {
		int fd;
		void (*fn)(void *arg);
		void *arg;
	} fd[LOOP_FDS_MAX];
	unsigned int n;
	bool stop;
};

int loop_add(struct loop *loop, int fd, void (*fn)(void *arg), void *arg);
int loop_wait(struct loop *loop, uint64_t until, uint64_t *now);
uint64_t loop_now(void);

#endif
