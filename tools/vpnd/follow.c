// SPDX-License-Identifier: GPL-2.0
/*
 * Lines for those who follow. Nobody is waited for: who does not read misses
 * lines, and is told how many when it reads again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "follow.h"

/* Sends what goes at once and keeps what is left of it; false if nobody is there. */
static bool put(struct follower *f, const char *text, size_t len)
{
	ssize_t n = send(f->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return false;
		n = 0;
	}
	f->n_rest = len - n;
	memmove(f->rest, text + n, f->n_rest);
	return true;
}

/* What was begun, then how many are missing; false if nobody is there. */
static bool catch_up(struct follower *f)
{
	char text[80];
	int len;

	if (f->n_rest && !put(f, f->rest, f->n_rest))
		return false;
	if (f->n_rest || !f->lost)
		return true;
	len = snprintf(text, sizeof(text), "%% %lu line%s lost\n", f->lost,
		       f->lost == 1 ? " was" : "s were");
	f->lost = 0;
	return put(f, text, len);
}

static void end(struct followers *f, unsigned int i)
{
	close(f->v[i].fd);
	f->v[i] = f->v[--f->n];
}

/* Nobody sends anything but the command: what can be read is the end. */
static bool gone(const struct follower *f)
{
	char c;
	ssize_t n = recv(f->fd, &c, 1, MSG_DONTWAIT);

	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/**
 * follow_add - one more connection that is told
 * @f: all of them
 * @fd: connection; is @f's if this succeeds
 * @topics: what it is told of, a bit for each topic
 *
 * Return: 0, or -ENOSPC if there are too many.
 */
int follow_add(struct followers *f, int fd, unsigned int topics)
{
	const int room = 2 << 20;

	for (unsigned int i = f->n; i-- > 0;) {
		if (gone(&f->v[i]))
			end(f, i);
	}
	if (f->n == FOLLOWERS_MAX)
		return -ENOSPC;
	/* a burst of some thousand lines; each costs far more than its octets */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	f->v[f->n++] = (struct follower){ .fd = fd, .topics = topics };
	return 0;
}

/**
 * follow_drop - nobody is told of some topics any more
 * @f: all of them
 * @topics: a bit for each topic; connections without any other one end
 */
void follow_drop(struct followers *f, unsigned int topics)
{
	for (unsigned int i = f->n; i-- > 0;) {
		f->v[i].topics &= ~topics;
		if (!f->v[i].topics)
			end(f, i);
	}
}

/**
 * follow_tell - a line
 * @f: all of them
 * @topic: what it is about
 * @line: with its end, less than FOLLOW_LINE_MAX
 * @len: its length
 *
 * Return: false if somebody has gone: follow_topics() has to be asked again.
 */
bool follow_tell(struct followers *f, enum log_topic topic, const char *line, size_t len)
{
	bool all = true;

	for (unsigned int i = f->n; i-- > 0;) {
		struct follower *to = &f->v[i];
		bool there;

		if (!(to->topics & 1U << topic))
			continue;
		there = catch_up(to);
		if (there && !to->n_rest && len <= sizeof(to->rest)) {
			there = put(to, line, len);
			/* none of it went out */
			if (to->n_rest == len) {
				to->n_rest = 0;
				to->lost++;
			}
		} else {
			to->lost++;
		}
		if (there)
			continue;
		end(f, i);
		all = false;
	}
	return all;
}

/**
 * follow_flush - pass on what could not be passed on before
 * @f: all of them
 */
void follow_flush(struct followers *f)
{
	for (unsigned int i = f->n; i-- > 0;) {
		if (!catch_up(&f->v[i]))
			end(f, i);
	}
}

/**
 * follow_topics - what anybody is told of
 * @f: all of them
 *
 * Return: a bit for each topic.
 */
unsigned int follow_topics(const struct followers *f)
{
	unsigned int topics = 0;

	for (unsigned int i = 0; i < f->n; i++)
		topics |= f->v[i].topics;
	return topics;
}

/**
 * follow_waiting - is there anything to pass on
 * @f: all of them
 *
 * Return: true if follow_flush() has something to do.
 */
bool follow_waiting(const struct followers *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		if (f->v[i].n_rest || f->v[i].lost)
			return true;
	}
	return false;
}
