// SPDX-License-Identifier: GPL-2.0
/*
 * load --rollback SECONDS: whoever administers over the tunnel that the new
 * configuration breaks cannot take it back. A process waits in the background,
 * with the text of before in the file "rollback"; who removes that file confirms.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"

#define FILE_NAME "rollback"

static void path_of(const struct ctl *c, char path[512])
{
	snprintf(path, 512, "%s/" FILE_NAME, c->run_dir);
}

/* The devices of now, since the configuration of before does not say them. */
static void write_devices(struct ctl *c, FILE *out)
{
	struct vg_config *state;

	if (ctl_fetch(c, VPNGW_CMD_IFACE_GET, &state))
		return;
	for (size_t i = 0; i < state->iface.n; i++)
		fprintf(out, "!interface %s=%s\n", state->iface.v[i].name,
			state->iface.v[i].device);
	vg_config_free(state);
}

/**
 * rollback_prepare - keep what there is to go back to
 * @c: this run
 *
 * Return: 0, or exit status after a message.
 */
int rollback_prepare(struct ctl *c)
{
	char path[512], *text = NULL;
	size_t len = 0;
	FILE *out;
	int fd, ret = vg_running_read(c->run_dir, &text, &len);

	path_of(c, path);
	if (ret && ret != -ENOENT) {
		fprintf(stderr, "vpnctl: %s/" VG_RUNNING ": %s\n", c->run_dir, strerror(-ret));
		return EXIT_REFUSED;
	}
	ret = vg_run_dir_make(c->run_dir);
	if (ret)
		fprintf(stderr, "vpnctl: %s: %s\n", c->run_dir, strerror(-ret));
	ret = 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		fprintf(stderr, errno == EEXIST ? "vpnctl: a load waits for 'vpnctl confirm' "
			"already (%s)\n" : "vpnctl: %s: cannot be written\n", path);
		ret = EXIT_REFUSED;
	} else {
		write_devices(c, out);
		fwrite(text ? text : "", 1, len, out);
		ret = fclose(out) ? EXIT_REFUSED : 0;
	}
	if (text)
		explicit_bzero(text, len);
	free(text);
	return ret;
}

/**
 * rollback_drop - nothing was loaded, so there is nothing to go back from
 * @c: this run
 */
void rollback_drop(const struct ctl *c)
{
	char path[512];

	path_of(c, path);
	if (c->rollback)
		unlink(path);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Until the time is over, or the file is gone. */
static bool wait_for_confirmation(const char *path, unsigned int seconds)
{
	int64_t end = now_ms() + seconds * 1000LL, left;
	struct pollfd p = { .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .events = POLLIN };
	char events[4096];

	if (p.fd >= 0)
		inotify_add_watch(p.fd, path, IN_DELETE_SELF | IN_ATTRIB | IN_MOVE_SELF);
	for (left = end - now_ms(); left > 0; left = end - now_ms()) {
		if (access(path, F_OK))
			return true;
		/* At least once a minute, for a clock that stood still in sleep. */
		if (poll(&p, 1, left < 60000 ? left : 60000) > 0 &&
		    read(p.fd, events, sizeof(events)) < 0 && errno != EAGAIN)
			break;
	}
	return access(path, F_OK);
}

/* Did the configuration of before say anything? One that did not cannot be loaded. */
static bool says_something(const char *path)
{
	static const struct vg_parse_options any = { .force_static_aead = true };
	struct vg_config *cfg = vg_config_new();
	struct vg_diags diags = { 0 };
	char *text = NULL;
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ret = fd < 0 || !cfg || vg_file_read(fd, SIZE_MAX, &text, &len) ||
		   vg_parse(cfg, text, len, &any, &diags) || diags.errors ||
		   !vg_config_is_empty(cfg);

	if (fd >= 0)
		close(fd);
	if (text)
		explicit_bzero(text, len);
	free(text);
	vg_diags_free(&diags);
	vg_config_free(cfg);
	return ret;
}

struct words {
	char **v;
	size_t n, cap;
};

static bool add_word(struct words *w, const char *word)
{
	char **slot = vg_push(&w->v, &w->n, &w->cap);

	return slot && (*slot = strdup(word));
}

static void words_free(struct words *w)
{
	while (w->n)
		free(w->v[--w->n]);
	free(w->v);
}

/* The devices of before; the file begins with them. */
static bool add_devices(struct words *w, const char *path)
{
	static const char mark[] = "!interface ";
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool ok = in;

	while (ok && getline(&line, &size, in) > 0 && !strncmp(line, mark, strlen(mark))) {
		line[strcspn(line, "\n")] = '\0';
		ok = add_word(w, "--interface") && add_word(w, line + strlen(mark));
	}
	if (line)
		explicit_bzero(line, size);	/* perhaps one with a key came next */
	free(line);
	if (in)
		fclose(in);
	return ok;
}

/* What was in force needs nobody's consent to be so again. */
static int load_again(struct ctl *c, const char *path, bool load)
{
	struct words w = { 0 };
	bool ok = add_word(&w, "vpnctl") && add_word(&w, "--run-dir") && add_word(&w, c->run_dir);
	int ret = EXIT_REFUSED;

	if (load)
		ok = ok && add_word(&w, "--force-static-aead") && add_devices(&w, path) &&
		     add_word(&w, "load") && add_word(&w, path);
	else
		ok = ok && add_word(&w, "unload");
	if (ok && vg_push(&w.v, &w.n, &w.cap)) {	/* argv[argc] is NULL */
		w.n--;
		ret = ctl_main(w.n, w.v, c->out);
	}
	words_free(&w);
	return ret;
}

static void go_back(struct ctl *c, const char *path)
{
	int status = load_again(c, path, says_something(path));
	char failed[600];

	syslog(status ? LOG_ERR : LOG_WARNING, status ? "going back to the configuration before "
	       "failed; it is in %s.failed" : "not confirmed: the configuration of before is "
	       "in force again", path);
	if (status) {
		snprintf(failed, sizeof(failed), "%s.failed", path);
		rename(path, failed);
	} else {
		unlink(path);
	}
}

/**
 * rollback_arm - the new configuration is in force: go back later, or never
 * @c: this run
 *
 * Without --rollback a load confirms the one before.
 */
void rollback_arm(struct ctl *c)
{
	unsigned int seconds = c->rollback;
	char path[512];
	int null;

	path_of(c, path);
	if (!seconds) {
		unlink(path);
		return;
	}
	fflush(NULL);
	switch (fork()) {
	case 0:
		break;
	case -1:
		fprintf(stderr, "vpnctl: no process to go back with: %s; see %s\n",
			strerror(errno), path);
		return;
	default:
		if (!c->json)
			fprintf(stderr, "vpnctl: going back in %u seconds unless 'vpnctl confirm'\n",
				seconds);
		return;
	}
	setsid();
	signal(SIGHUP, SIG_IGN);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	vg_nl_close(c->nl);
	c->nl = NULL;
	openlog("vpnctl", LOG_PID, LOG_DAEMON);
	if (!wait_for_confirmation(path, seconds))
		go_back(c, path);
	_exit(0);
}

/* confirm */
int cmd_confirm(struct ctl *c, const struct vg_match *m)
{
	char path[512];

	path_of(c, path);
	if (!unlink(path))
		return EXIT_OK;
	fprintf(stderr, errno == ENOENT ? "vpnctl: nothing waits to be confirmed\n" :
		"vpnctl: %s: cannot be removed\n", path);
	return EXIT_REFUSED;
}
