// SPDX-License-Identifier: GPL-2.0
/* events/vpngw/ of the kernel's trace buffer, in an instance of our own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracefs.h"
#include "util.h"

#define INSTANCE	"instances/vpnctl-"

/* <linux/mount.h> and <sys/mount.h> exclude each other, and older C libraries lack these. */
#define FSOPEN_CLOEXEC_		1
#define FSCONFIG_CMD_CREATE_	6
#define FSMOUNT_CLOEXEC_	1

struct vg_trace {
	int root, pipe;			/* tracefs; its lines */
	char instance[64];
	size_t used;			/* of a line that is not whole yet */
	char line[1 << 16];
};

/* Where it is mounted, or else a mount that only we see. */
static int open_tracefs(void)
{
	static const char * const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int fd, fs;

	for (size_t i = 0; i < VG_ARRAY_SIZE(usual); i++) {
		fd = open(usual[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !faccessat(fd, "events", F_OK, 0))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	/* "ip netns exec" hides the former */
	fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC_);
	if (fs < 0)
		return -errno;
	fd = syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE_, NULL, NULL, 0);
	if (!fd)
		fd = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC_, 0);
	if (fd < 0)
		fd = -errno;
	close(fs);
	return fd;
}

static int write_file(const struct vg_trace *t, const char *text, const char *fmt, ...)
{
	char path[256];
	int len, fd, ret = 0;
	va_list args;

	len = snprintf(path, sizeof(path), "%s/", t->instance);
	va_start(args, fmt);
	vsnprintf(path + len, sizeof(path) - len, fmt, args);
	va_end(args);
	fd = openat(t->root, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Instances of those that were killed. */
static void sweep(int root)
{
	int fd = openat(root, "instances", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	int pid;

	while (dir && (d = readdir(dir))) {
		if (sscanf(d->d_name, "vpnctl-%d", &pid) == 1 && kill(pid, 0) && errno == ESRCH)
			unlinkat(fd, d->d_name, AT_REMOVEDIR);
	}
	if (dir)
		closedir(dir);
}

static int set_up(struct vg_trace *t, const char *const *events, size_t n)
{
	char filter[64], path[96];
	struct stat ns;
	int ret;

	if (stat("/proc/self/ns/net", &ns))
		return -errno;
	snprintf(filter, sizeof(filter), "netns == %lu", (unsigned long)ns.st_ino);
	/* Both are best effort: other clocks and later lines do, too. */
	write_file(t, "mono", "trace_clock");
	write_file(t, "0", "buffer_percent");
	for (size_t i = 0; i < n; i++) {
		ret = write_file(t, filter, "events/vpngw/%s/filter", events[i]);
		if (ret)
			return ret;
	}
	snprintf(path, sizeof(path), "%s/trace_pipe", t->instance);
	t->pipe = openat(t->root, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (t->pipe < 0)
		return -errno;
	for (size_t i = 0; i < n; i++) {
		ret = write_file(t, "1", "events/vpngw/%s/enable", events[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * vg_trace_open - begin to listen to tracepoints, in this network namespace
 * @out: where the listener goes
 * @events: names of tracepoints of the module
 * @n: how many
 * @why: why not, for people
 * @size: of @why
 *
 * What the module does from the return on is seen.
 *
 * Return: 0 or -errno.
 */
int vg_trace_open(struct vg_trace **out, const char *const *events, size_t n, char *why,
		  size_t size)
{
	struct vg_trace *t = calloc(1, sizeof(*t));
	int ret;

	*out = NULL;
	if (!t)
		return -ENOMEM;
	t->pipe = -1;
	t->root = open_tracefs();
	ret = t->root < 0 ? t->root : 0;
	if (ret) {
		snprintf(why, size, "no tracefs (mount -t tracefs tracefs /sys/kernel/tracing): %s",
			 strerror(-ret));
		goto err_free;
	}
	if (faccessat(t->root, "events/vpngw", F_OK, 0)) {
		ret = -errno;
		snprintf(why, size, ret == -ENOENT ?
			 "kernel module is not loaded (modprobe vpngw), or has no tracepoints" :
			 "events/vpngw of tracefs: not permitted (run as root)");
		goto err_root;
	}
	sweep(t->root);
	snprintf(t->instance, sizeof(t->instance), INSTANCE "%d", getpid());
	if (mkdirat(t->root, t->instance, 0700) && errno != EEXIST) {
		ret = -errno;
		snprintf(why, size, "%s of tracefs: %s", t->instance, strerror(-ret));
		goto err_root;
	}
	ret = set_up(t, events, n);
	if (!ret) {
		*out = t;
		return 0;
	}
	snprintf(why, size, "events/vpngw of tracefs: %s", strerror(-ret));
	vg_trace_close(t);
	return ret;

err_root:
	close(t->root);
err_free:
	free(t);
	return ret;
}

/**
 * vg_trace_close - listen no more
 * @t: listener or NULL
 */
void vg_trace_close(struct vg_trace *t)
{
	if (!t)
		return;
	write_file(t, "0", "events/vpngw/enable");
	if (t->pipe >= 0)
		close(t->pipe);
	unlinkat(t->root, t->instance, AT_REMOVEDIR);
	close(t->root);
	free(t);
}

/**
 * vg_trace_str - a field of an event
 * @ev: event
 * @key: name of the field
 *
 * Return: its text, "" if there is none of that name.
 */
const char *vg_trace_str(const struct vg_trace_event *ev, const char *key)
{
	for (size_t i = 0; i < ev->n; i++) {
		if (!strcmp(ev->field[i].key, key))
			return ev->field[i].value;
	}
	return "";
}

/**
 * vg_trace_num - a field of an event as a number
 * @ev: event
 * @key: name of the field
 *
 * Return: the number, 0 if there is none.
 */
unsigned long vg_trace_num(const struct vg_trace_event *ev, const char *key)
{
	return strtoul(vg_trace_str(ev, key), NULL, 0);
}

static void add_field(struct vg_trace_event *ev, const char *key, const char *value)
{
	if (ev->n < VG_TRACE_FIELDS)
		ev->field[ev->n++] = (struct vg_trace_field){ key, value };
}

/* "10.2.2.5:700", or without port. */
static void add_end(struct vg_trace_event *ev, char *text, const char *addr, const char *port)
{
	char *colon = strchr(text, ':');

	if (colon) {
		*colon = '\0';
		add_field(ev, port, colon + 1);
	}
	add_field(ev, addr, text);
}

/* "key=value"; of a translation "local=10.2.2.5:1024". */
static void add_pair(struct vg_trace_event *ev, const char *key, char *value)
{
	static const char * const ends[][2] = {
		{ "local", "local_port" }, { "global", "global_port" },
		{ "outside", "outside_port" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(ends); i++) {
		if (!strcmp(key, ends[i][0])) {
			add_end(ev, value, ends[i][0], ends[i][1]);
			return;
		}
	}
	add_field(ev, key, value);
}

/* "some:name-1 [000] ..... 12.345678: name: fields" */
static char *find_name(char *line, struct vg_trace_event *ev)
{
	static const char * const names[] = {
		"esp_input", "esp_output", "nat_verdict", "spd_verdict", "drop", "sa_state",
		"translation_new", "translation_end",
	};
	char mark[40], *at, *stamp;

	for (size_t i = 0; i < VG_ARRAY_SIZE(names); i++) {
		unsigned long sec, usec;

		snprintf(mark, sizeof(mark), ": %s: ", names[i]);
		at = strstr(line, mark);
		if (!at)
			continue;
		for (stamp = at; stamp > line && stamp[-1] != ' '; stamp--)
			;
		if (sscanf(stamp, "%lu.%lu", &sec, &usec) != 2)
			continue;
		ev->name = names[i];
		ev->usec = sec * 1000000ULL + usec;
		return at + strlen(mark);
	}
	return NULL;
}

/**
 * vg_trace_parse - take a line of the trace buffer apart
 * @line: one line without its end; is cut into strings
 * @ev: event
 *
 * Return: false if it is no event of the module.
 */
bool vg_trace_parse(char *line, struct vg_trace_event *ev)
{
	char *lost = strstr(line, "[LOST "), *word, *save = NULL, *text;
	bool arrow = false;

	memset(ev, 0, sizeof(*ev));
	if (!strncmp(line, "CPU:", 4) && lost) {
		ev->name = "lost";
		ev->lost = strtoul(lost + 6, NULL, 10);
		return true;
	}
	text = find_name(line, ev);
	if (!text)
		return false;
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *eq = strchr(word, '=');

		if (eq) {
			*eq = '\0';
			add_pair(ev, word, eq + 1);
		} else if (!strcmp(word, "->")) {
			arrow = true;
		} else {
			add_end(ev, word, arrow ? "dst" : "src", arrow ? "dport" : "sport");
		}
	}
	return true;
}

static int take_lines(struct vg_trace *t, vg_trace_fn fn, void *arg)
{
	char *begin = t->line, *end;
	int ret = 0;

	while (!ret && (end = memchr(begin, '\n', t->line + t->used - begin))) {
		struct vg_trace_event ev;

		*end = '\0';
		if (vg_trace_parse(begin, &ev))
			ret = fn(&ev, arg);
		begin = end + 1;
	}
	t->used -= begin - t->line;
	memmove(t->line, begin, t->used);
	return ret;
}

/**
 * vg_trace_wait - handle the events that have happened, wait for some
 * @t: listener
 * @timeout_ms: for how long
 * @fn: called for each; what it returns, if not 0, ends the wait
 * @arg: for @fn
 *
 * Return: 0, what @fn returned, or -errno; -EINTR after a signal.
 */
int vg_trace_wait(struct vg_trace *t, int timeout_ms, vg_trace_fn fn, void *arg)
{
	struct pollfd p = { .fd = t->pipe, .events = POLLIN };
	ssize_t n;
	int ret;

	if (poll(&p, 1, timeout_ms) < 0)
		return -errno;
	for (;;) {
		if (t->used == sizeof(t->line))
			t->used = 0;		/* no line is that long */
		n = read(t->pipe, t->line + t->used, sizeof(t->line) - t->used);
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (!n)
			return 0;
		t->used += n;
		ret = take_lines(t, fn, arg);
		if (ret)
			return ret;
	}
}
