/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that asked to be told what happens ("debug crypto"). */
#ifndef VPND_FOLLOW_H
#define VPND_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"

#define FOLLOWERS_MAX	8
#define FOLLOW_LINE_MAX	700

/**
 * struct follower - somebody who is told
 * @topics: of which topics, a bit each
 * @lost: lines that were not passed on, since it did not read
 * @rest: what is left of a line that went out in part
 */
struct follower {
	int fd;
	unsigned int topics;
	unsigned long lost;
	char rest[FOLLOW_LINE_MAX];
	size_t n_rest;
};

struct followers {
	struct follower v[FOLLOWERS_MAX];
	unsigned int n;
};

int follow_add(struct followers *f, int fd, unsigned int topics);
void follow_drop(struct followers *f, unsigned int topics);
bool follow_tell(struct followers *f, enum log_topic topic, const char *line, size_t len);
void follow_flush(struct followers *f);
unsigned int follow_topics(const struct followers *f);
bool follow_waiting(const struct followers *f);

#endif
