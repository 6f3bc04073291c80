// SPDX-License-Identifier: GPL-2.0
/* Options, privileges, and the wiring of loop, network, kernel and configuration. */
#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"
#include "follow.h"
#include "ike.h"
#include "loop.h"
#include "natt.h"
#include "net.h"
#include "state.h"

#define IKE_PORT 500
#define FLUSH_MS 200		/* until somebody who did not read is tried again */

/**
 * struct daemon - what is outside of struct ike
 * @own_dir: directory of the socket if nobody has said another, or ""
 * @path: configuration
 * @save_at: not before then is the state file written again
 * @unsaved: it has been said that the state file cannot be written
 * @topics: of the debug option
 * @followers: connections that asked to be told what happens
 */
struct daemon {
	struct ike *ike;
	struct vpnd_conf *conf;
	struct loop loop;
	const char *ctl_path;
	char own_dir[VG_RUN_DIR_LEN];
	char *path;
	char state_path[200];
	int udp, natt, signals, ctl;
	bool unsaved;
	uint64_t save_at;
	unsigned int topics;
	struct followers followers;
};

static void usage(FILE *to)
{
	fputs("usage: vpnd [--no-kernel] [-f FILE] [-s PATH] [-d TOPIC[,TOPIC...]]\n"
	      "  -f, --file FILE    configuration, default /etc/vpngw/gateway.conf\n"
	      "  -d, --debug TOPIC  isakmp, ipsec, engine or all: as IOS debug crypto\n"
	      "  -s, --socket PATH  control socket, default " VG_RUN_DIR "/" VG_SOCKET "\n"
	      "      --no-kernel    negotiate only; IPsec SAs carry no packets\n"
	      "  -h, --help\n"
	      "      --version\n", to);
}

static void set_topics(struct daemon *d)
{
	d->ike->log.topics = d->topics | follow_topics(&d->followers);
}

/*
 * A line as IOS logs it, with the time since start in front, unless it goes on
 * with what the one before has begun.
 */
static void print_line(void *arg, enum log_topic topic, const char *line)
{
	static uint64_t start;
	uint64_t now = loop_now(), s;
	struct daemon *d = arg;
	char text[600];
	int len = 0;

	if (!start)
		start = now;
	s = (now - start) / 1000;
	if (*line != ' ')
		len = snprintf(text, sizeof(text), "%02u:%02u:%02u: ", (unsigned int)(s / 3600),
			       (unsigned int)(s / 60 % 60), (unsigned int)(s % 60));
	len += snprintf(text + len, sizeof(text) - len, "%s\n", line);
	if (d->topics & 1U << topic) {
		fputs(text, stdout);
		fflush(stdout);
	}
	if (!follow_tell(&d->followers, topic, text, len))
		set_topics(d);
}

static int parse_topics(const char *text, unsigned int *topics)
{
	static const char *const names[] = { "isakmp", "ipsec", "engine" };
	char *copy = strdup(text), *save = NULL;
	int ret = copy ? 0 : -ENOMEM;

	for (char *w = strtok_r(copy, ",", &save); !ret && w; w = strtok_r(NULL, ",", &save)) {
		bool known = !strcmp(w, "all");

		if (known)
			*topics = ~0U;
		for (unsigned int i = 0; i < VG_ARRAY_SIZE(names); i++) {
			if (strcmp(w, names[i]))
				continue;
			*topics |= 1U << i;
			known = true;
		}
		if (!known)
			ret = -EINVAL;
	}
	free(copy);
	return ret;
}

/* Reads the configuration; says what is wrong with it. */
static struct vpnd_conf *read_conf(const char *path)
{
	struct vpnd_conf *conf = conf_new();
	struct vg_diags diags = { 0 };
	int ret = conf ? conf_load(conf, path, &diags) : -ENOMEM;

	for (size_t i = 0; i < diags.n; i++) {
		const struct vg_diag *d = &diags.v[i];

		fprintf(stderr, "%s:%u: %s: %s%s%s\n", path, d->src.line,
			vg_severity_name(d->severity), d->message,
			d->expected ? "; expected " : "", d->expected ? d->expected : "");
	}
	if (ret)
		fprintf(stderr, "vpnd: %s: %s\n", path, strerror(-ret));
	if (ret || diags.errors) {
		conf_free(conf);
		conf = NULL;
	}
	vg_diags_free(&diags);
	return conf;
}

static int send_datagram(void *arg, const struct endpoint *local, const struct endpoint *peer,
			 const void *data, size_t len)
{
	uint8_t marked[4 + MSG_MAX] = { 0 };
	struct daemon *d = arg;

	if (local->port != NATT_PORT)
		return net_send(d->udp, local, peer, data, len);
	/* a keepalive is no message */
	if (len == 1)
		return net_send(d->natt, local, peer, data, len);
	/* the marker tells it from ESP (RFC 3948 2.2) */
	memcpy(marked + 4, data, len);
	return net_send(d->natt, local, peer, marked, 4 + len);
}

/* Bounded, so that timers and signals get their turn in a flood. */
static void receive(struct daemon *d, int fd, uint16_t port)
{
	static const uint8_t marker[4];
	uint8_t data[4 + MSG_MAX + 1];

	for (int i = 0; i < 64; i++) {
		struct endpoint local = { .port = port }, peer;
		int n = net_receive(fd, &local, &peer, data, sizeof(data));

		if (n == -EAGAIN)
			return;
		if (n <= 0)
			continue;
		if (port != NATT_PORT)
			ike_input(d->ike, &local, &peer, data, n);
		else if (n > 4 && !memcmp(data, marker, 4))
			ike_input(d->ike, &local, &peer, data + 4, n - 4);
	}
}

static void on_datagram(void *arg)
{
	struct daemon *d = arg;

	receive(d, d->udp, IKE_PORT);
}

static void on_natt(void *arg)
{
	struct daemon *d = arg;

	receive(d, d->natt, NATT_PORT);
}

/* NULL, or why the configuration stays as it was. */
static const char *reload(void *arg, const char *path)
{
	struct daemon *d = arg;
	struct vpnd_conf *conf = read_conf(path);
	char *copy = strdup(path);
	const char *why = !conf || !copy ? "the configuration has errors, see the daemon's log" :
		ike_reload(d->ike, conf) ? "another address pool needs a restart of vpnd" : NULL;

	if (why) {
		log_line(&d->ike->log, LOG_NOTICE, "the configuration stays as it was: %s", why);
		conf_free(conf);
		free(copy);
		return why;
	}
	conf_free(d->conf);
	d->conf = conf;
	free(d->path);
	d->path = copy;
	log_line(&d->ike->log, LOG_NOTICE, "configuration read again");
	return NULL;
}

static void undebug(void *arg, unsigned int topics)
{
	struct daemon *d = arg;

	follow_drop(&d->followers, topics);
}

static void on_signal(void *arg)
{
	struct daemon *d = arg;
	struct signalfd_siginfo si;

	if (read(d->signals, &si, sizeof(si)) != sizeof(si))
		return;
	if (si.ssi_signo == SIGHUP)
		reload(d, d->path);
	else
		d->loop.stop = true;
}

static void on_control(void *arg)
{
	struct daemon *d = arg;

	const struct ctl_hooks hooks = { reload, undebug, d };
	struct ctl_request r = { .ike = d->ike, .hooks = &hooks };
	int fd = ctl_accept(&r, d->ctl);

	if (fd >= 0 && follow_add(&d->followers, fd, r.topics))
		close(fd);
	set_topics(d);
}

static void tell_child(void *arg, const struct kernel_event *event)
{
	child_event(arg, event);
}

static void on_kernel(void *arg)
{
	struct daemon *d = arg;

	d->ike->kernel.ops->events(d->ike->kernel.priv, tell_child, d->ike);
}

/* All that is needed from here on is to administer the network. */
static int drop_privileges(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = 1U << CAP_NET_ADMIN;
	data[0].permitted = data[0].effective;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int open_all(struct daemon *d)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (d->signals < 0)
		return -errno;
	d->udp = net_open(IKE_PORT);
	d->natt = d->udp < 0 ? d->udp : net_open(NATT_PORT);
	if (d->natt < 0) {
		fprintf(stderr, "vpnd: UDP port %u: %s\n", d->udp < 0 ? IKE_PORT : NATT_PORT,
			strerror(-d->natt));
		return d->natt;
	}
	/* a service manager may have made it */
	if (d->own_dir[0] && vg_run_dir_make(d->own_dir))
		fprintf(stderr, "vpnd: %s cannot be made\n", d->own_dir);
	d->ctl = ctl_open(d->ctl_path);
	if (d->ctl < 0) {
		fprintf(stderr, "vpnd: %s: %s\n", d->ctl_path, strerror(-d->ctl));
		return d->ctl;
	}
	loop_add(&d->loop, d->ctl, on_control, d);
	loop_add(&d->loop, d->signals, on_signal, d);
	loop_add(&d->loop, d->udp, on_datagram, d);
	loop_add(&d->loop, d->natt, on_natt, d);
	fd = d->ike->kernel.ops->fd(d->ike->kernel.priv);
	if (fd >= 0)
		loop_add(&d->loop, fd, on_kernel, d);
	return drop_privileges();
}

/* The state file lies beside the control socket. */
static void adopt(struct daemon *d)
{
	int n;

	snprintf(d->state_path, sizeof(d->state_path), "%.190s.state", d->ctl_path);
	n = state_load(d->ike, d->state_path);
	if (n >= 0)
		log_line(&d->ike->log, LOG_NOTICE, "%d pairs of SAs of an earlier vpnd go on", n);
	else if (n != -ENOENT)
		log_line(&d->ike->log, LOG_NOTICE, "%s is of no use: %s", d->state_path,
			 strerror(-n));
}

/* At once while that costs little; of many peers, some changes at a time. */
static void save(struct daemon *d)
{
	if (!d->ike->changed || d->ike->now < d->save_at)
		return;
	if (state_save(d->ike, d->state_path) && !d->unsaved) {
		log_line(&d->ike->log, LOG_NOTICE, "%s cannot be written: after a crash all peers "
			 "have to connect again", d->state_path);
		d->unsaved = true;
	}
	d->ike->changed = false;
	d->save_at = d->ike->now + d->ike->n_sas;
}

static void save_now(void *arg)
{
	save(arg);
}

static int run(struct daemon *d, unsigned int topics, bool no_kernel)
{
	int ret = -ENOMEM;

	d->ike = ike_new(d->conf);
	if (!d->ike)
		goto out;
	d->topics = topics;
	d->ike->log = (struct log){ print_line, d, topics };
	d->ike->send = send_datagram;
	d->ike->send_arg = d;
	d->ike->now = loop_now();
	ret = no_kernel ? kernel_fake_open(&d->ike->kernel) :
		kernel_nl_open(&d->ike->kernel, &d->ike->log);
	if (!ret)
		ret = open_all(d);
	if (ret)
		goto out;
	adopt(d);
	d->ike->save = save_now;
	d->ike->save_arg = d;
	log_line(&d->ike->log, LOG_NOTICE, "vpnd %s waits for peers", VPNGW_VERSION);
	while (!ret && !d->loop.stop) {
		uint64_t until = timers_next(&d->ike->timers);

		if (d->ike->changed && d->save_at < until)
			until = d->save_at;
		if (follow_waiting(&d->followers) && d->ike->now + FLUSH_MS < until)
			until = d->ike->now + FLUSH_MS;
		ret = loop_wait(&d->loop, until, &d->ike->now);
		timers_run(&d->ike->timers, d->ike->now);
		follow_flush(&d->followers);
		save(d);
	}
	ike_goodbye(d->ike);
	d->ike->save = NULL;
	state_end(d->ike);
	unlink(d->state_path);
out:
	if (ret)
		fprintf(stderr, "vpnd: %s\n", strerror(-ret));
	if (d->ike)
		ike_free(d->ike);
	if (d->ctl >= 0)
		unlink(d->ctl_path);
	return ret;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' }, { "debug", required_argument, NULL, 'd' },
		{ "socket", required_argument, NULL, 's' },
		{ "no-kernel", no_argument, NULL, 'n' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 },
	};
	struct daemon d = {
		.udp = -1, .signals = -1, .ctl = -1,
	};
	char ctl_path[VG_RUN_DIR_LEN + sizeof(VG_SOCKET)];
	const char *path = "/etc/vpngw/gateway.conf";
	unsigned int topics = 1U << LOG_NOTICE;
	bool no_kernel = false;
	int c, ret;

	while ((c = getopt_long(argc, argv, "f:d:s:h", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			path = optarg;
			break;
		case 's':
			d.ctl_path = optarg;
			break;
		case 'd':
			if (!parse_topics(optarg, &topics))
				break;
			fprintf(stderr, "vpnd: no such topic: %s\n", optarg);
			return 2;
		case 'n':
			no_kernel = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'v':
			puts("vpnd " VPNGW_VERSION);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc) {
		usage(stderr);
		return 2;
	}
	if (!d.ctl_path) {
		snprintf(ctl_path, sizeof(ctl_path), "%s/" VG_SOCKET, vg_run_dir(d.own_dir));
		d.ctl_path = ctl_path;
	}
	if (crypto_init()) {
		fputs("vpnd: libcrypto lacks an algorithm (its legacy provider has DES)\n", stderr);
		return 1;
	}
	d.path = strdup(path);
	d.conf = d.path ? read_conf(path) : NULL;
	ret = d.conf ? run(&d, topics, no_kernel) : -EINVAL;
	conf_free(d.conf);
	free(d.path);
	crypto_exit();
	return ret ? 1 : 0;
}
