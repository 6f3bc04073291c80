// SPDX-License-Identifier: GPL-2.0
/*
 * A library to be preloaded: of all the allocations and copies that the kernel makes
 * while it handles the netlink messages of this program, the one whose number the
 * environment gives fails (/proc/thread-self/fail-nth, of CONFIG_FAULT_INJECTION).
 *
 *	FAIL_NTH	which, from 1
 *	FAIL_NTH_DONE	a file that is made when one has failed; "lost" is in it if that
 *			was the copy of an answer
 *
 * Only inside sendmsg() and recvmsg(): starting a program, too, allocates.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long left;	/* allocations up to the one that fails, 0 is none */
static int fd = -1;

static void set(unsigned long n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%lu", n);
	int try;

	/* the copy to the kernel counts, too, and so may be what fails; once */
	for (try = 0; try < 2; try++)
		if (pwrite(fd, text, len, 0) == len)
			return;
	perror("fail-nth");
	_exit(120);
}

static unsigned long get(void)
{
	char text[32] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		return strtoul(text, NULL, 10);
	/* this copy was the next to fail: nothing has before */
	if (errno == EFAULT)
		return 1;
	perror("fail-nth");
	_exit(120);
}

static void arm(void)
{
	if (left)
		set(left);
}

/* An answer that could not be copied leaves its reader in the dark. */
static void disarm(bool lost)
{
	int error = errno;
	const char *done;
	int made;

	if (!left)
		return;
	left = get();
	set(0);
	if (!left) {
		done = getenv("FAIL_NTH_DONE");
		made = open(done ? done : "/dev/null", O_WRONLY | O_CREAT, 0600);
		if (made >= 0) {
			if (lost && write(made, "lost", 4) != 4)
				perror(done);
			close(made);
		}
	}
	errno = error;
}

__attribute__((constructor))
static void begin(void)
{
	const char *nth = getenv("FAIL_NTH");

	fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fd < 0 || !nth) {
		perror("fail-nth");
		_exit(120);
	}
	left = strtoul(nth, NULL, 10);
}

ssize_t sendmsg(int sock, const struct msghdr *msg, int flags)
{
	static ssize_t (*next)(int sock, const struct msghdr *msg, int flags);
	ssize_t ret;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "sendmsg");
	arm();
	ret = next(sock, msg, flags);
	disarm(false);
	return ret;
}

ssize_t recvmsg(int sock, struct msghdr *msg, int flags)
{
	static ssize_t (*next)(int sock, struct msghdr *msg, int flags);
	ssize_t ret;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "recvmsg");
	arm();
	ret = next(sock, msg, flags);
	disarm(ret < 0 && errno == EFAULT);
	return ret;
}
