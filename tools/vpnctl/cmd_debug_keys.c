// SPDX-License-Identifier: GPL-2.0
/* debug crypto isakmp and ipsec: what vpnd says while it negotiates. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

struct follow {
	struct ctl *c;
	unsigned long seen;
	bool refused;
};

static void print_line(struct ctl *c, const char *line)
{
	struct json_object *obj;

	if (!c->json) {
		fprintf(c->out, "%s\n", line);
	} else {
		obj = json_object_new_object();
		json_str(obj, "line", line);
		fprintf(c->out, "%s\n",
			json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(obj);
	}
	fflush(c->out);
}

static int on_line(void *arg, const char *line)
{
	struct follow *f = arg;

	/* first of all; later it is how many lines were lost */
	if (!f->seen && *line == '%') {
		fprintf(stderr, "vpnctl: vpnd:%s\n", line + 1);
		f->refused = true;
		return 1;
	}
	print_line(f->c, line);
	f->seen++;
	return stop || ferror(f->c->out) || (f->c->count && f->seen >= f->c->count);
}

/**
 * ctl_follow - print what vpnd says until interrupted
 * @c: this run
 * @line: command
 *
 * Return: exit status.
 */
int ctl_follow(struct ctl *c, const char *line)
{
	struct sigaction sa = { .sa_handler = on_signal }, old_int, old_term;
	struct follow f = { .c = c };
	int ret;

	stop = 0;
	/* Without SA_RESTART, so that a wait for lines ends. */
	sigaction(SIGINT, &sa, &old_int);
	sigaction(SIGTERM, &sa, &old_term);
	ret = vg_daemon_follow(c->run_dir, line, on_line, &f);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	if (stop || (ret > 0 && !f.refused))
		return ferror(c->out) ? EXIT_REFUSED : EXIT_OK;
	if (ret == -ENOENT || ret == -ECONNREFUSED)
		fprintf(stderr, "vpnctl: vpnd does not run (no one listens at %s/" VG_SOCKET
			"); start it for '%s'\n", c->run_dir, line);
	else if (ret < 0)
		fprintf(stderr, "vpnctl: vpnd: %s\n", strerror(-ret));
	else if (!ret)
		fprintf(stderr, "vpnctl: vpnd has ended, or 'undebug' was said\n");
	return EXIT_REFUSED;
}

static const char *topic_of(const struct vg_match *m)
{
	return vg_has(m, "isakmp") ? "isakmp" : vg_has(m, "ipsec") ? "ipsec" :
	       vg_has(m, "engine") ? "engine" : "all";
}

/* debug crypto {isakmp|ipsec|all} */
int cmd_debug_keys(struct ctl *c, const struct vg_match *m)
{
	char line[40];

	snprintf(line, sizeof(line), "debug crypto %s", topic_of(m));
	return ctl_follow(c, line);
}

/* undebug all, undebug crypto {isakmp|ipsec|engine|all}, and with "no debug" */
int cmd_undebug_keys(struct ctl *c, const struct vg_match *m)
{
	char line[40], *answer;

	snprintf(line, sizeof(line), "undebug crypto %s", topic_of(m));
	if (ctl_ask(c, line, &answer))
		return EXIT_REFUSED;
	fputs(answer, c->out);
	free(answer);
	return EXIT_OK;
}
