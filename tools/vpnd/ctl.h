/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_CTL_H
#define VPND_CTL_H

#include <stdio.h>

#include "ike.h"

#define CTL_LINE_MAX 256

/**
 * struct ctl_hooks - what the daemon does for the control socket
 * @reload: read a configuration; returns NULL, or why that is not possible
 * @undebug: end what "debug" has begun, for a set of topics
 * @arg: for both
 */
struct ctl_hooks {
	const char *(*reload)(void *arg, const char *path);
	void (*undebug)(void *arg, unsigned int topics);
	void *arg;
};

/**
 * struct ctl_request - a command and what it is about
 * @hooks: may be NULL
 * @topics: of "debug": what whoever asked wants to be told
 * @pid: who asks
 */
struct ctl_request {
	struct ike *ike;
	const struct ctl_hooks *hooks;
	unsigned int topics;
	int pid;
};

int ctl_open(const char *path);
int ctl_accept(struct ctl_request *r, int fd);
void ctl_answer(struct ctl_request *r, char *line, FILE *out);

#endif
