// SPDX-License-Identifier: GPL-2.0
/* Those who follow: none is waited for, and none is left in doubt about what it has. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "follow.h"
#include "test_vpnd.h"

static int pair_up(struct followers *f, unsigned int topics)
{
	int fd[2], size = 4096;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(follow_add(f, fd[0], topics), 0);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd[1];
}

static void tell(struct followers *f, enum log_topic topic, unsigned int number)
{
	char line[FOLLOW_LINE_MAX];
	int len = snprintf(line, sizeof(line), "line %u %0*u\n", number, 20 + number % 300, 0);

	follow_tell(f, topic, line, len);
}

/* Everything that can be read, as text. */
static size_t read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, text + len, size - len - 1, MSG_DONTWAIT)) > 0)
		len += n;
	text[len] = '\0';
	return len;
}

/* Every line is whole and either there or counted, whatever the reader does. */
static void lost_lines(void **state)
{
	static char text[1 << 20];
	struct followers f = { 0 };
	unsigned int expected = 0, lost = 0, number, count, sent = 0;
	int fd = pair_up(&f, 1U << LOG_ISAKMP);
	char *save, *line;
	size_t len = 0;

	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < 100; i++) {
			tell(&f, LOG_ISAKMP, sent++);
			tell(&f, LOG_IPSEC, 12345);	/* not asked for */
		}
		/* some of it, in pieces that end anywhere */
		if (round % 3)
			len += read_all(fd, text + len, round % 3 == 1 ? 1001 : 100000);
	}
	assert_true(follow_waiting(&f));
	for (int i = 0; i < 3; i++) {
		len += read_all(fd, text + len, sizeof(text) - len);
		follow_flush(&f);
	}
	assert_false(follow_waiting(&f));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%% %u line", &count) == 1) {
			lost += count;
			expected += count;
			continue;
		}
		assert_int_equal(sscanf(line, "line %u ", &number), 1);
		assert_int_equal(number, expected);
		assert_int_equal(strlen(strrchr(line, ' ')), 21 + number % 300);
		expected++;
	}
	assert_int_equal(expected, sent);
	assert_in_range(lost, 1, sent - 1);
	follow_drop(&f, ~0U);
	assert_int_equal(f.n, 0);
	close(fd);
}

static void come_and_go(void **state)
{
	struct followers f = { 0 };
	int fd[FOLLOWERS_MAX], more[2];
	char c;

	for (unsigned int i = 0; i < FOLLOWERS_MAX; i++)
		fd[i] = pair_up(&f, 1U << LOG_ISAKMP | (i & 1 ? 1U << LOG_IPSEC : 0));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, more), 0);
	assert_int_equal(follow_add(&f, more[0], 1), -ENOSPC);
	/* one that has gone makes room, without a line that would tell */
	close(fd[3]);
	assert_int_equal(follow_add(&f, more[0], 1U << LOG_ENGINE), 0);
	close(fd[0]);
	tell(&f, LOG_ISAKMP, 1);
	assert_int_equal(f.n, FOLLOWERS_MAX - 1);
	assert_int_equal(follow_topics(&f), 7);
	follow_drop(&f, 1U << LOG_ISAKMP);
	assert_int_equal(f.n, 4);	/* three for IPSEC, one for the engine */
	assert_int_equal(follow_topics(&f), 6);
	follow_drop(&f, ~0U);
	assert_int_equal(recv(more[1], &c, 1, 0), 0);
	assert_int_equal(follow_topics(&f), 0);
	for (unsigned int i = 1; i < FOLLOWERS_MAX; i++) {
		if (i != 3)
			close(fd[i]);
	}
	close(more[1]);
}

int group_follow(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_lines), cmocka_unit_test(come_and_go),
	};

	return RUN_GROUP(tests);
}
