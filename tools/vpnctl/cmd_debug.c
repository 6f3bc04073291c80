// SPDX-License-Identifier: GPL-2.0
/* debug ip nat, debug ip packet, debug crypto engine: what happens to packets, as lines. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "daemon.h"
#include "ctl_debug.h"
#include "text.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

static const char *proto_of(const struct vg_trace_event *ev, char buf[12])
{
	return vg_proto_name(vg_trace_num(ev, "proto"), buf);
}

static const char *device_of(const struct vg_trace_event *ev, const char *key, char buf[IFNAMSIZ])
{
	unsigned int ifindex = vg_trace_num(ev, key);

	if (ifindex && !if_indextoname(ifindex, buf))
		snprintf(buf, IFNAMSIZ, "if%u", ifindex);
	return ifindex ? buf : "";
}

/* The address, and what becomes of it if it is the one that is translated. */
static void print_end(FILE *out, const struct vg_trace_event *ev, bool changes, const char *key)
{
	bool in = !strcmp(vg_trace_str(ev, "dir"), "in");

	fprintf(out, "%s", vg_trace_str(ev, key));
	if (changes)
		fprintf(out, "->%s", vg_trace_str(ev, in ? "local" : "global"));
}

static void print_nat_detail(FILE *out, const struct vg_trace_event *ev)
{
	char proto[12];

	fprintf(out, "NAT: %c: %s (%s, %s) -> (%s, %s) [%s]\n",
		strcmp(vg_trace_str(ev, "dir"), "in") ? 'i' : 'o', proto_of(ev, proto),
		vg_trace_str(ev, "src"), vg_trace_str(ev, "sport"), vg_trace_str(ev, "dst"),
		vg_trace_str(ev, "dport"), vg_trace_str(ev, "ip_id"));
}

static unsigned int print_nat_verdict(const struct debug *d, const struct vg_trace_event *ev)
{
	bool in = !strcmp(vg_trace_str(ev, "dir"), "in");
	bool exempt = !strcmp(vg_trace_str(ev, "verdict"), "exempt");

	if (d->kind == DEBUG_NAT_DETAILED)
		print_nat_detail(d->out, ev);
	if (exempt && d->kind == DEBUG_NAT_DETAILED)
		fprintf(d->out, "NAT: not translated: s=%s, d=%s [%s], rule of line %s, access list entry of line %s\n",
			vg_trace_str(ev, "src"), vg_trace_str(ev, "dst"),
			vg_trace_str(ev, "ip_id"), vg_trace_str(ev, "rule_line"),
			vg_trace_str(ev, "ace_line"));
	if (exempt)
		return d->kind == DEBUG_NAT_DETAILED ? 2 : 0;
	fputs("NAT: s=", d->out);
	print_end(d->out, ev, !in, "src");
	fputs(", d=", d->out);
	print_end(d->out, ev, in, "dst");
	fprintf(d->out, " [%s]\n", vg_trace_str(ev, "ip_id"));
	return d->kind == DEBUG_NAT_DETAILED ? 2 : 1;
}

static unsigned int print_translation(const struct debug *d, const struct vg_trace_event *ev)
{
	bool end = !strcmp(ev->name, "translation_end");
	char proto[12];

	if (end)
		fprintf(d->out, "NAT: expiring %s (%s) %s %s (%s): %s\n",
			vg_trace_str(ev, "global"), vg_trace_str(ev, "local"),
			proto_of(ev, proto), vg_trace_str(ev, "global_port"),
			vg_trace_str(ev, "local_port"), vg_trace_str(ev, "cause"));
	else if (d->kind != DEBUG_NAT_DETAILED)
		return 0;
	else if (vg_trace_num(ev, "local_port"))
		fprintf(d->out, "NAT: Allocated Port for %s -> %s: wanted %s got %s\n",
			vg_trace_str(ev, "local"), vg_trace_str(ev, "global"),
			vg_trace_str(ev, "local_port"), vg_trace_str(ev, "global_port"));
	else
		fprintf(d->out, "NAT: Allocated address for %s -> %s\n",
			vg_trace_str(ev, "local"), vg_trace_str(ev, "global"));
	return 1;
}

static unsigned int print_nat_drop(const struct debug *d, const struct vg_trace_event *ev)
{
	const char *reason = vg_trace_str(ev, "reason");

	if (strncmp(reason, "nat-", 4))
		return 0;
	if (!strcmp(reason, "nat-pool-exhausted"))
		fprintf(d->out, "NAT: failed to allocate address for %s%s%s\n",
			vg_trace_str(ev, "src"), d->list[0] ? ", list/map " : "", d->list);
	fprintf(d->out, "NAT: translation failed (%s), dropping packet s=%s d=%s\n", reason,
		vg_trace_str(ev, "src"), vg_trace_str(ev, "dst"));
	return 1;
}

static unsigned int print_packet(const struct debug *d, const struct vg_trace_event *ev)
{
	bool out = !strcmp(vg_trace_str(ev, "dir"), "out");
	char name[IFNAMSIZ] = "", proto[12];
	const char *in = device_of(ev, "iif", name);

	fprintf(d->out, "IP: s=%s (%s), d=%s", vg_trace_str(ev, "src"), *in ? in : "local",
		vg_trace_str(ev, "dst"));
	if (out)
		fprintf(d->out, " (%s)", device_of(ev, "ifindex", name));
	fprintf(d->out, ", len %s, proto %s", vg_trace_str(ev, "len"), proto_of(ev, proto));
	if (vg_trace_num(ev, "sport") | vg_trace_num(ev, "dport"))
		fprintf(d->out, " %s %s", vg_trace_str(ev, "sport"), vg_trace_str(ev, "dport"));
	fprintf(d->out, ", dropped: %s\n", vg_trace_str(ev, "reason"));
	return 1;
}

static unsigned int print_engine(const struct debug *d, const struct vg_trace_event *ev)
{
	unsigned long spi = vg_trace_num(ev, "spi");
	bool sent = !strcmp(ev->name, "esp_output");

	if (!strcmp(ev->name, "sa_state")) {
		fprintf(d->out, "CRYPTO_ENGINE: conn id %s, spi 0x%lX, %s -> %s: %s\n",
			vg_trace_str(ev, "conn_id"), spi, vg_trace_str(ev, "src"),
			vg_trace_str(ev, "dst"), vg_trace_str(ev, "state"));
		return 1;
	}
	fprintf(d->out, "CRYPTO_ENGINE: %s packet, conn id %s, spi 0x%lX, seq %s: s=%s, d=%s, len %s",
		sent ? "encrypted" : "decrypted", vg_trace_str(ev, "conn_id"), spi,
		vg_trace_str(ev, "seq"), vg_trace_str(ev, "src"), vg_trace_str(ev, "dst"),
		vg_trace_str(ev, "len"));
	if (sent)
		fprintf(d->out, ", peer %s", vg_trace_str(ev, "peer"));
	fputc('\n', d->out);
	return 1;
}

/**
 * view_debug - an event as lines
 * @d: of which kind, and where to; .prefix begins each line
 * @ev: event
 *
 * Return: whether there was anything to print.
 */
bool view_debug(const struct debug *d, const struct vg_trace_event *ev)
{
	struct debug lines = *d;
	char *text = NULL, *line, *save = NULL;
	unsigned int n = 0;
	size_t size;

	lines.out = open_memstream(&text, &size);
	if (!lines.out)
		return false;
	if (d->kind == DEBUG_ENGINE)
		n = print_engine(&lines, ev);
	else if (d->kind == DEBUG_PACKET)
		n = print_packet(&lines, ev);
	else if (!strcmp(ev->name, "nat_verdict"))
		n = print_nat_verdict(&lines, ev);
	else if (!strcmp(ev->name, "drop"))
		n = print_nat_drop(&lines, ev);
	else
		n = print_translation(&lines, ev);
	fclose(lines.out);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		fprintf(d->out, "%s%s\n", d->prefix, line);
	free(text);
	return n;
}

/**
 * json_debug - the same as JSON
 * @d: of which kind
 * @ev: event
 *
 * Return: the object, or NULL if this kind does not tell of the event.
 */
struct json_object *json_debug(const struct debug *d, const struct vg_trace_event *ev)
{
	struct json_object *obj;
	char name[IFNAMSIZ];

	if (d->kind == DEBUG_NAT && !strcmp(ev->name, "translation_new"))
		return NULL;
	if (d->kind <= DEBUG_NAT_DETAILED && !strcmp(ev->name, "drop") &&
	    strncmp(vg_trace_str(ev, "reason"), "nat-", 4))
		return NULL;
	if (d->kind == DEBUG_NAT && !strcmp(vg_trace_str(ev, "verdict"), "exempt"))
		return NULL;
	obj = json_object_new_object();
	json_str(obj, "event", ev->name);
	for (size_t i = 0; i < ev->n; i++) {
		const char *key = ev->field[i].key, *value = ev->field[i].value;
		char *end;
		unsigned long number = strtoul(value, &end, 0);

		if (!strcmp(key, "netns"))
			continue;
		if (!strcmp(key, "iif") || !strcmp(key, "ifindex"))
			json_str(obj, *key == 'i' && key[1] == 'i' ? "in" : "device",
				 device_of(ev, key, name));
		else if (*value && !*end)
			json_num(obj, key, number);
		else
			json_str(obj, key, value);
	}
	return obj;
}

struct session {
	struct ctl *c;
	struct debug d;
	struct debug_rate rate;
	unsigned long seen;
	bool uptime;
	int64_t offset;			/* from CLOCK_MONOTONIC to CLOCK_REALTIME, usec */
};

/**
 * debug_allowed - is there room for one more?
 * @r: state of the limit
 * @now: microseconds on any clock that goes on evenly
 * @suppressed: how many were suppressed since the last one that was allowed
 *
 * Return: false if it has to be suppressed.
 */
bool debug_allowed(struct debug_rate *r, uint64_t now, unsigned long *suppressed)
{
	*suppressed = 0;
	if (!r->begun || now - r->begin >= 1000000) {
		r->begun = true;
		r->begin = now;
		r->n = 0;
	}
	if (r->n >= r->limit) {
		r->suppressed++;
		return false;
	}
	r->n++;
	*suppressed = r->suppressed;
	r->suppressed = 0;
	return true;
}

static int64_t clock_usec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static void wall_text(int64_t usec, const char *format, int digits, char buf[40])
{
	time_t sec = usec / 1000000;
	long fraction = usec % 1000000;
	struct tm tm;
	size_t len;

	localtime_r(&sec, &tm);
	len = strftime(buf, 40, format, &tm);
	if (digits == 3)
		snprintf(buf + len, 40 - len, ".%03ld", fraction / 1000);
	else
		snprintf(buf + len, 40 - len, ".%06ld", fraction);
}

static void uptime_text(uint64_t usec, char buf[40])
{
	unsigned long s = usec / 1000000;

	if (s < 86400)
		snprintf(buf, 40, "%02lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, 40, "%lud%02luh", s / 86400, s / 3600 % 24);
}

static void print_json_line(FILE *out, struct json_object *obj)
{
	fprintf(out, "%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
	fflush(out);
}

static void say_missing(struct session *s, const char *what, unsigned long n)
{
	struct json_object *obj;

	if (!n)
		return;
	if (s->c->json) {
		obj = json_object_new_object();
		json_str(obj, "event", what);
		json_num(obj, "events", n);
		print_json_line(s->c->out, obj);
		return;
	}
	fprintf(s->c->out, "%% %lu event%s %s%s\n", n, n == 1 ? "" : "s", what,
		strcmp(what, "lost") ? ": more than the limit of a second (--rate)" :
		": they came faster than they could be read");
	fflush(s->c->out);
}

static void print_one(struct session *s, const struct vg_trace_event *ev, struct json_object *obj)
{
	char time[40];

	if (obj) {
		wall_text(ev->usec + s->offset, "%Y-%m-%dT%H:%M:%S", 6, time);
		json_str(obj, "time", time);
		print_json_line(s->c->out, obj);
		return;
	}
	if (s->uptime)
		uptime_text(ev->usec, time);
	else
		wall_text(ev->usec + s->offset, "%b %e %H:%M:%S", 3, time);
	snprintf(s->d.prefix, sizeof(s->d.prefix), "%s: ", time);
	view_debug(&s->d, ev);
	fflush(s->c->out);
}

static int on_event(const struct vg_trace_event *ev, void *arg)
{
	struct json_object *obj;
	struct session *s = arg;
	unsigned long suppressed;

	if (stop || ferror(s->c->out))
		return 1;
	if (!strcmp(ev->name, "lost")) {
		say_missing(s, "lost", ev->lost);
		return 0;
	}
	obj = json_debug(&s->d, ev);
	if (!obj)
		return 0;
	if (!s->c->json) {
		json_object_put(obj);
		obj = NULL;
	}
	if (!debug_allowed(&s->rate, clock_usec(CLOCK_MONOTONIC), &suppressed)) {
		json_object_put(obj);
		return 0;
	}
	say_missing(s, "suppressed", suppressed);
	print_one(s, ev, obj);
	return s->c->count && ++s->seen >= s->c->count;
}

/* The only dynamic rule's list or route-map; of several the event does not say which. */
static void name_list(struct session *s)
{
	struct vg_config *rules;
	size_t n = 0;

	if (ctl_fetch(s->c, VPNGW_CMD_NAT_RULE_GET, &rules))
		return;
	for (size_t i = 0; i < rules->rule.n; i++) {
		const struct vg_nat_rule *r = &rules->rule.v[i];

		if (r->flags & VPNGW_RULE_FLAG_STATIC)
			continue;
		snprintf(s->d.list, sizeof(s->d.list), "%s",
			 r->route_map.name[0] ? r->route_map.name : r->acl.name);
		n++;
	}
	if (n != 1)
		s->d.list[0] = '\0';
	vg_config_free(rules);
}

/* "service timestamps debug uptime" of the running configuration. */
static bool wants_uptime(const struct ctl *c)
{
	static const char line[] = "service timestamps debug uptime";
	char *text = NULL, *at;
	size_t len = 0;
	bool found;

	if (vg_running_read(c->run_dir, &text, &len))
		return false;
	at = strcasestr(text, line);
	found = at && (at == text || at[-1] == '\n');
	explicit_bzero(text, len);
	free(text);
	return found;
}

static int follow(struct session *s, const char *const *events, size_t n, const char *title)
{
	struct sigaction sa = { .sa_handler = on_signal };
	unsigned long suppressed;
	struct vg_trace *t;
	char why[160] = "";
	int ret;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	ret = vg_trace_open(&t, events, n, why, sizeof(why));
	if (ret) {
		fprintf(stderr, "vpnctl: debug: %s\n", why[0] ? why : strerror(-ret));
		return EXIT_REFUSED;
	}
	if (s->c->json)
		fputs("{\"event\":\"listening\"}\n", s->c->out);
	else
		fprintf(s->c->out, "%s debugging is on\n", title);
	fflush(s->c->out);
	do {
		ret = vg_trace_wait(t, 250, on_event, s);
		/* not only when the next one comes, which may be never */
		if (s->rate.suppressed &&
		    clock_usec(CLOCK_MONOTONIC) - s->rate.begin >= 1000000) {
			suppressed = s->rate.suppressed;
			s->rate.suppressed = 0;
			say_missing(s, "suppressed", suppressed);
		}
	} while (!stop && (!ret || ret == -EINTR));
	vg_trace_close(t);
	if (ret >= 0 || ret == -EINTR)
		return ferror(s->c->out) ? EXIT_REFUSED : EXIT_OK;
	fprintf(stderr, "vpnctl: debug: %s\n", strerror(-ret));
	return EXIT_REFUSED;
}

static void begin(struct session *s, struct ctl *c, enum debug_kind kind)
{
	memset(s, 0, sizeof(*s));
	s->c = c;
	s->d.kind = kind;
	s->d.out = c->out;
	s->rate.limit = c->rate ? c->rate : DEBUG_RATE;
	s->uptime = wants_uptime(c);
	s->offset = clock_usec(CLOCK_REALTIME) - clock_usec(CLOCK_MONOTONIC);
	stop = 0;
}

/* debug ip nat [detailed] */
int cmd_debug_nat(struct ctl *c, const struct vg_match *m)
{
	static const char * const events[] = { "nat_verdict", "translation_new", "translation_end",
					       "drop" };
	struct session s;

	begin(&s, c, vg_has(m, "detailed") ? DEBUG_NAT_DETAILED : DEBUG_NAT);
	name_list(&s);
	return follow(&s, events, VG_ARRAY_SIZE(events), "IP NAT");
}

/* debug ip packet: only those that are dropped, and why */
int cmd_debug_packet(struct ctl *c, const struct vg_match *m)
{
	static const char * const events[] = { "drop" };
	struct session s;

	begin(&s, c, DEBUG_PACKET);
	return follow(&s, events, VG_ARRAY_SIZE(events), "IP packet");
}

/* debug crypto engine */
int cmd_debug_engine(struct ctl *c, const struct vg_match *m)
{
	static const char * const events[] = { "esp_input", "esp_output", "sa_state" };
	struct session s;

	begin(&s, c, DEBUG_ENGINE);
	return follow(&s, events, VG_ARRAY_SIZE(events), "Crypto Engine");
}
