// SPDX-License-Identifier: GPL-2.0
/* vpnd's control socket, and the text of the running configuration. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

#define ANSWER_MAX	(64 << 20)
#define CONFIG_MAX	(64 << 20)

/* Never used for another namespace until the host starts again; 1 is the first one. */
static uint64_t netns_cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 1;
	socklen_t len = sizeof(cookie);

	/* a kernel that does not know has one directory for all, as there was before */
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
		cookie = 1;
	if (fd >= 0)
		close(fd);
	return cookie;
}

/**
 * vg_run_dir - the directory of this network namespace
 * @buf: where its path goes
 *
 * That of the host, and of the first process of a container, is VG_RUN_DIR itself.
 *
 * Return: @buf.
 */
const char *vg_run_dir(char buf[VG_RUN_DIR_LEN])
{
	uint64_t cookie = netns_cookie();
	struct stat own, first;

	snprintf(buf, VG_RUN_DIR_LEN, "%s", VG_RUN_DIR);
	if (cookie == 1 || (!stat("/proc/self/ns/net", &own) && !stat("/proc/1/ns/net", &first) &&
			    own.st_ino == first.st_ino && own.st_dev == first.st_dev))
		return buf;
	snprintf(buf, VG_RUN_DIR_LEN, VG_RUN_DIR "/netns-%llu", (unsigned long long)cookie);
	return buf;
}

/**
 * vg_run_dir_make - make the directory, and the one that it is in
 * @dir: directory
 *
 * Return: 0, also if it is there, or -errno.
 */
int vg_run_dir_make(const char *dir)
{
	char parent[512], *slash;
	size_t size = sizeof(parent);

	if (!mkdir(dir, 0700) || errno == EEXIST)
		return 0;
	if (errno != ENOENT || (size_t)snprintf(parent, size, "%s", dir) >= size)
		return -errno;
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return -ENOENT;
	*slash = '\0';
	if (mkdir(parent, 0700) && errno != EEXIST)
		return -errno;
	return mkdir(dir, 0700) && errno != EEXIST ? -errno : 0;
}

static int path_in(char *path, size_t size, const char *dir, const char *name)
{
	return (size_t)snprintf(path, size, "%s/%s", dir, name) < size ? 0 : -ENAMETOOLONG;
}

/**
 * vg_file_read - read all there is, leaving no copies behind
 * @fd: open file
 * @max: more octets than that are an error
 * @text: where the text goes, to be freed; NULL on failure
 * @len: its length; a NUL follows
 *
 * Return: 0 or -errno.
 */
int vg_file_read(int fd, size_t max, char **text, size_t *len)
{
	size_t size = 1 << 16;
	ssize_t n = 1;
	int ret = 0;

	*len = 0;
	*text = malloc(size);
	while (*text && n > 0 && *len < max) {
		if (*len + 1 == size) {
			/* Not realloc(): it would leave keys behind. */
			char *grown = malloc(2 * size);

			if (grown)
				memcpy(grown, *text, size);
			explicit_bzero(*text, size);
			free(*text);
			*text = grown;
			size *= 2;
			continue;
		}
		n = read(fd, *text + *len, size - 1 - *len);
		*len += n > 0 ? n : 0;
	}
	if (!*text)
		return -ENOMEM;
	if (n < 0 || *len >= max)
		ret = n < 0 ? -errno : -EFBIG;
	if (ret) {
		explicit_bzero(*text, *len);
		free(*text);
		*text = NULL;
	} else {
		(*text)[*len] = '\0';
	}
	return ret;
}

static int send_line(int fd, const char *line)
{
	size_t len = strlen(line);
	char *copy = malloc(len + 1);
	ssize_t n;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, line, len);
	copy[len] = '\n';
	/* In one piece, which is what vpnd waits for. */
	n = send(fd, copy, len + 1, MSG_NOSIGNAL);
	free(copy);
	if (n < 0)
		return -errno;
	return (size_t)n == len + 1 ? 0 : -EPIPE;
}

/* A connection over which @line was sent, or -errno. */
static int call(const char *dir, const char *line)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, ret = path_in(addr.sun_path, sizeof(addr.sun_path), dir, VG_SOCKET);

	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		ret = -errno;
	if (!ret)
		ret = send_line(fd, line);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

/**
 * vg_daemon_ask - ask vpnd
 * @dir: directory of its socket
 * @line: command
 * @answer: text, to be freed; NULL on failure
 *
 * Return: 0, -ENOENT or -ECONNREFUSED if no vpnd runs, or another -errno.
 */
int vg_daemon_ask(const char *dir, const char *line, char **answer)
{
	struct timeval patience = { .tv_sec = 10 };
	size_t len;
	int fd, ret;

	*answer = NULL;
	fd = call(dir, line);
	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ret = vg_file_read(fd, ANSWER_MAX, answer, &len);
	close(fd);
	return ret;
}

/**
 * vg_daemon_follow - be told by vpnd, for as long as it goes on
 * @dir: directory of its socket
 * @line: command
 * @fn: called with each line, without its end; other than 0 ends it
 * @arg: for @fn
 *
 * Return: what @fn returned, 0 if vpnd ended it, -EINTR after a signal, or
 * another -errno as vg_daemon_ask() has them.
 */
int vg_daemon_follow(const char *dir, const char *line,
		     int (*fn)(void *arg, const char *line), void *arg)
{
	int fd = call(dir, line), ret = 0;
	char *text = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	if (fd < 0)
		return fd;
	f = fdopen(fd, "r");
	if (!f) {
		ret = -errno;
		close(fd);
		return ret;
	}
	errno = 0;
	while (!ret && (n = getline(&text, &size, f)) > 0) {
		text[n - (text[n - 1] == '\n')] = '\0';
		ret = fn(arg, text);
	}
	if (!ret && ferror(f))
		ret = -errno;
	free(text);
	fclose(f);
	return ret;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return 0;
}

/**
 * vg_running_save - keep the text of the running configuration
 * @dir: directory, made if it is not there
 * @text: text
 * @len: its length
 *
 * Whoever reads finds the old text or the new one, never half of it.
 *
 * Return: 0 or -errno.
 */
int vg_running_save(const char *dir, const char *text, size_t len)
{
	char path[512], temp[512];
	int fd, ret;

	ret = path_in(path, sizeof(path), dir, VG_RUNNING);
	if (!ret)
		ret = path_in(temp, sizeof(temp), dir, VG_RUNNING ".XXXXXX");
	if (ret)
		return ret;
	ret = vg_run_dir_make(dir);
	if (ret)
		return ret;
	fd = mkostemp(temp, O_CLOEXEC);		/* mode 0600 */
	if (fd < 0)
		return -errno;
	ret = write_all(fd, text, len);
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret)
		unlink(temp);
	close(fd);
	return ret;
}

/**
 * vg_running_exists - was a configuration loaded
 * @dir: directory
 *
 * Return: true if so.
 */
bool vg_running_exists(const char *dir)
{
	char path[512];

	return !path_in(path, sizeof(path), dir, VG_RUNNING) && !access(path, F_OK);
}

/**
 * vg_running_read - read the text of the running configuration
 * @dir: directory
 * @text: where it goes, to be wiped and freed; NULL on failure
 * @len: its length
 *
 * Return: 0, -ENOENT if none was loaded, or another -errno.
 */
int vg_running_read(const char *dir, char **text, size_t *len)
{
	char path[512];
	int fd, ret = path_in(path, sizeof(path), dir, VG_RUNNING);

	*text = NULL;
	if (ret)
		return ret;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = vg_file_read(fd, CONFIG_MAX, text, len);
	close(fd);
	return ret;
}
