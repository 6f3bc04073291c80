// SPDX-License-Identifier: GPL-2.0
/* monitor: events of the kernel as lines */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "transform.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

struct monitor {
	struct ctl *c;
	unsigned long seen;
};

struct event {
	char cause[64], device[IFNAMSIZ];
	uint32_t src, dst;
	uint8_t proto;
	uint16_t sport, dport;
	bool given;
};

static void read_event(struct nlattr *nest, struct event *e)
{
	struct nlattr *tb[VPNGW_A_EVENT_MAX + 1];
	uint32_t ifindex;

	memset(e, 0, sizeof(*e));
	if (!nest || vg_parse_nest(tb, VPNGW_A_EVENT_MAX, nest))
		return;
	e->given = true;
	vg_get_str(tb[VPNGW_A_EVENT_CAUSE], e->cause, sizeof(e->cause));
	e->src = vg_get_addr(tb[VPNGW_A_EVENT_SRC]);
	e->dst = vg_get_addr(tb[VPNGW_A_EVENT_DST]);
	e->proto = vg_get_u8(tb[VPNGW_A_EVENT_PROTO]);
	e->sport = vg_get_u16(tb[VPNGW_A_EVENT_SPORT]);
	e->dport = vg_get_u16(tb[VPNGW_A_EVENT_DPORT]);
	ifindex = vg_get_u32(tb[VPNGW_A_EVENT_IFINDEX]);
	if (ifindex && !if_indextoname(ifindex, e->device))
		snprintf(e->device, sizeof(e->device), "if%u", ifindex);
}

static const char *event_name(uint8_t cmd)
{
	switch (cmd) {
	case VPNGW_CMD_SA_NTF:
		return "sa";
	case VPNGW_CMD_ACQUIRE_NTF:
		return "acquire";
	case VPNGW_CMD_XLATE_NTF:
		return "xlate";
	case VPNGW_CMD_DROP_NTF:
		return "drop";
	case VPNGW_CMD_CONFIG_NTF:
		return "config";
	default:
		return "unknown";
	}
}

static int get_policy(struct nlattr *nest, struct vg_map_entry *e)
{
	struct vg_config *cfg = vg_config_new();
	int ret = cfg && nest ? vg_get_policy(nest, cfg) : -EBADMSG;

	memset(e, 0, sizeof(*e));
	if (!ret)
		*e = cfg->map_entry.v[0];
	vg_config_free(cfg);
	return ret;
}

static void print_sa(FILE *out, const struct vg_sa *sa, const struct event *e)
{
	char src[VG_ADDR_LEN], dst[VG_ADDR_LEN];

	fprintf(out, " %s spi 0x%X(%u) %s -> %s map %s %u packets %llu",
		sa->dir == VPNGW_DIRECTION_IN ? "inbound" : "outbound", sa->spi, sa->spi,
		vg_addr_str(sa->saddr, src), vg_addr_str(sa->daddr, dst), sa->map, sa->map_seq,
		(unsigned long long)sa->packets);
	if (e->cause[0])
		fprintf(out, ": %s", e->cause);
}

static void print_acquire(FILE *out, const struct vg_map_entry *p, const struct event *e)
{
	char src[VG_ADDR_LEN], dst[VG_ADDR_LEN], proto[12];

	fprintf(out, " map %s %u", p->map, p->seq);
	if (e->given)
		fprintf(out, " for %s %s:%u -> %s:%u", vg_proto_name(e->proto, proto),
			vg_addr_str(e->src, src), e->sport, vg_addr_str(e->dst, dst), e->dport);
	if (e->device[0])
		fprintf(out, " on %s", e->device);
	if (e->cause[0])
		fprintf(out, ": %s", e->cause);
}

static void print_xlate(FILE *out, const struct vg_xlate *x, const struct event *e)
{
	char il[VG_ADDR_LEN], ig[VG_ADDR_LEN], og[VG_ADDR_LEN], proto[12];

	if (x->flags & VPNGW_XLATE_FLAG_EXTENDED)
		fprintf(out, " %s %s:%u -> %s:%u to %s:%u", vg_proto_name(x->proto, proto),
			vg_addr_str(x->inside_local, il), x->inside_local_port,
			vg_addr_str(x->inside_global, ig), x->inside_global_port,
			vg_addr_str(x->outside_global, og), x->outside_global_port);
	else
		fprintf(out, " %s -> %s", vg_addr_str(x->inside_local, il),
			vg_addr_str(x->inside_global, ig));
	if (e->cause[0])
		fprintf(out, ": %s", e->cause);
}

static void print_drops(FILE *out, const struct vg_reply *r)
{
	struct vg_config *cfg = vg_config_new();

	if (cfg && !vg_get_drops(r, cfg)) {
		for (size_t i = 0; i < cfg->drop.n; i++)
			fprintf(out, "%s %s %llu", i ? "," : "", cfg->drop.v[i].name,
				(unsigned long long)cfg->drop.v[i].packets);
	}
	vg_config_free(cfg);
}

void view_event(FILE *out, const char *time, const struct vg_reply *r)
{
	struct vg_map_entry policy;
	struct vg_xlate xlate;
	struct event e;
	struct vg_sa sa;

	read_event(r->top[VPNGW_A_EVENT], &e);
	fprintf(out, "%s %s", time, event_name(r->cmd));
	if (r->cmd == VPNGW_CMD_SA_NTF && !vg_get_sa(r->top[VPNGW_A_SA], &sa))
		print_sa(out, &sa, &e);
	else if (r->cmd == VPNGW_CMD_ACQUIRE_NTF && !get_policy(r->top[VPNGW_A_POLICY], &policy))
		print_acquire(out, &policy, &e);
	else if (r->cmd == VPNGW_CMD_XLATE_NTF && !vg_get_xlate(r->top[VPNGW_A_XLATE], &xlate))
		print_xlate(out, &xlate, &e);
	else if (r->cmd == VPNGW_CMD_DROP_NTF)
		print_drops(out, r);
	else if (r->cmd == VPNGW_CMD_CONFIG_NTF)
		fprintf(out, " generation %u committed", vg_get_u32(r->top[VPNGW_A_GENERATION]));
	fputc('\n', out);
}

static void json_packet(struct json_object *obj, const struct event *e)
{
	struct json_object *pkt;

	if (e->cause[0])
		json_str(obj, "cause", e->cause);
	if (!e->given || !(e->src | e->dst))
		return;
	pkt = json_object_new_object();
	json_addr(pkt, "src", e->src);
	json_addr(pkt, "dst", e->dst);
	json_num(pkt, "proto", e->proto);
	json_num(pkt, "sport", e->sport);
	json_num(pkt, "dport", e->dport);
	if (e->device[0])
		json_str(pkt, "device", e->device);
	json_object_object_add(obj, "packet", pkt);
}

static struct json_object *json_drops(const struct vg_reply *r)
{
	struct json_object *list = json_object_new_array();
	struct vg_config *cfg = vg_config_new();

	if (cfg && !vg_get_drops(r, cfg)) {
		for (size_t i = 0; i < cfg->drop.n; i++)
			json_object_array_add(list, json_drop(&cfg->drop.v[i]));
	}
	vg_config_free(cfg);
	return list;
}

struct json_object *json_event(const char *time, const struct vg_reply *r)
{
	struct json_object *obj = json_object_new_object();
	struct vg_map_entry policy;
	struct vg_xlate xlate;
	struct event e;
	struct vg_sa sa;

	read_event(r->top[VPNGW_A_EVENT], &e);
	json_str(obj, "time", time);
	json_str(obj, "event", event_name(r->cmd));
	json_packet(obj, &e);
	if (r->cmd == VPNGW_CMD_SA_NTF && !vg_get_sa(r->top[VPNGW_A_SA], &sa))
		json_object_object_add(obj, "sa", json_sa(&sa));
	else if (r->cmd == VPNGW_CMD_ACQUIRE_NTF && !get_policy(r->top[VPNGW_A_POLICY], &policy))
		json_object_object_add(obj, "policy", json_policy(&policy));
	else if (r->cmd == VPNGW_CMD_XLATE_NTF && !vg_get_xlate(r->top[VPNGW_A_XLATE], &xlate))
		json_object_object_add(obj, "translation", json_xlate(&xlate));
	else if (r->cmd == VPNGW_CMD_DROP_NTF)
		json_object_object_add(obj, "drops", json_drops(r));
	else if (r->cmd == VPNGW_CMD_CONFIG_NTF)
		json_num(obj, "generation", vg_get_u32(r->top[VPNGW_A_GENERATION]));
	return obj;
}

static void now_text(char buf[40])
{
	struct timespec ts;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	len = strftime(buf, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, 40 - len, ".%06ld", ts.tv_nsec / 1000);
}

static int on_notification(const struct vg_reply *r, void *arg)
{
	const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	struct monitor *mon = arg;
	struct json_object *obj;
	char time[40];

	if (mon->c->count && mon->seen >= mon->c->count)
		return 0;
	now_text(time);
	if (mon->c->json) {
		obj = json_event(time, r);
		fprintf(mon->c->out, "%s\n", json_object_to_json_string_ext(obj, flags));
		json_object_put(obj);
	} else {
		view_event(mon->c->out, time, r);
	}
	fflush(mon->c->out);
	mon->seen++;
	return 0;
}

static void say(struct ctl *c, const char *word)
{
	if (c->json)
		fprintf(c->out, "{\"event\":\"%s\"}\n", word);
	else
		fprintf(c->out, "%s\n", word);
	fflush(c->out);
}

/* monitor */
int cmd_monitor(struct ctl *c, const struct vg_match *m)
{
	static const char * const groups[] = {
		VPNGW_MCGRP_CONFIG, VPNGW_MCGRP_SA, VPNGW_MCGRP_ACQUIRE, VPNGW_MCGRP_XLATE,
		VPNGW_MCGRP_DROP,
	};
	struct sigaction sa = { .sa_handler = on_signal };
	struct monitor mon = { .c = c };
	struct vg_nl_error err = { 0 };
	sigset_t ends, mask;
	int ret;

	if (ctl_open(c))
		return EXIT_REFUSED;
	/* They come while an event is waited for, and at no other time. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (vg_nl_subscribe(c->nl, groups, VG_ARRAY_SIZE(groups), &err))
		return ctl_error(&err);
	say(c, "listening");
	while (!stop && (!c->count || mon.seen < c->count)) {
		ret = vg_nl_wait(c->nl, &mask);
		if (!ret)
			ret = vg_nl_listen(c->nl, on_notification, &mon, &err);
		if (ret == -ENOBUFS)
			say(c, "lost");
		else if (ret && ret != -EINTR)
			return ctl_error(&err);
		if (ferror(c->out))
			return EXIT_REFUSED;
	}
	return EXIT_OK;
}
