// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer entry: messages as a kernel might send them, through all that takes
 * them apart, into the state that the views print, and out of those; also lines of
 * the trace buffer, and captures.
 *
 * An input is a list of messages. Each begins with a kind and a command. Attributes
 * are either built from the octets that follow, so that their lengths are right and
 * what is inside gets looked at, or are the octets themselves.
 */
#include <stdint.h>
#include <stdlib.h>

/* Their handlers are nobody else's business. */
#include "nl.c"
#include "nl_config.c"

#include "ctl.h"
#include "ctl_debug.h"
#include "fuzz.h"
#include "pcap.h"

enum kind { BUILT, RAW, ERROR, FINISH, EVENT, TRACE_LINE, CAPTURE, KINDS };

struct input {
	const uint8_t *p, *end;
};

/* Where views print to. */
static FILE *nowhere(void)
{
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "w");
	if (!out)
		abort();
	return out;
}

static uint8_t take(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

/* type, then what: the end of a nest, the beginning of one, or so many octets */
static void build(struct nl_msg *msg, struct input *in)
{
	struct nlattr *open[8];
	unsigned int depth = 0;
	uint8_t type, what;

	while (in->p < in->end) {
		type = take(in);
		what = take(in);
		if (what == 0xff) {
			if (!depth)
				break;
			nla_nest_end(msg, open[--depth]);
		} else if (what == 0xfe && depth < VG_ARRAY_SIZE(open)) {
			open[depth] = nla_nest_start(msg, type);
			if (!open[depth++])
				abort();
		} else {
			size_t len = what & 63, left = in->end - in->p;

			len = len < left ? len : left;
			nla_put(msg, type, len, in->p);
			in->p += len;
		}
	}
	while (depth)
		nla_nest_end(msg, open[--depth]);
}

/* The views want one state for each noun; this one has all of them. */
static void print(struct vg_config *state)
{
	struct view v = { state, state, state, state, state, state, state, state, state };
	struct vg_diags diags = { 0 };
	struct json_object *obj[] = {
		json_nat_statistics(&v), json_engine(&v), json_weak(&diags, state),
	};
	FILE *out = nowhere();

	view_crypto_sa(out, &v, true);
	view_crypto_map(out, &v);
	view_engine(out, &v, NULL, NULL);
	view_weak(out, &diags, state);
	view_translations(out, state, state, true);
	view_nat_statistics(out, &v);
	view_access_lists(out, state, NULL);
	view_route_maps(out, state, state, NULL);
	view_drops(out, state, true);
	view_interfaces(out, state);
	for (size_t i = 0; i < VG_ARRAY_SIZE(obj); i++)
		json_object_put(obj[i]);
	for (size_t i = 0; i < state->acl.n; i++)
		json_object_put(json_acl(&state->acl.v[i]));
	for (size_t i = 0; i < state->xlate.n; i++)
		json_object_put(json_xlate(&state->xlate.v[i]));
	for (size_t i = 0; i < state->map_entry.n; i++)
		json_object_put(json_policy(&state->map_entry.v[i]));
}

static void event(struct nl_msg *msg)
{
	struct vg_reply r;

	if (vg_reply_parse(nlmsg_hdr(msg), &r))
		return;
	view_event(nowhere(), "now", &r);
	json_object_put(json_event("now", &r));
}

/* What a refusal says of a request of ours. */
static void refusal(struct input *in, enum kind kind, uint8_t at)
{
	struct nl_msg *request = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0), *msg = nlmsg_alloc();
	struct vg_nl_error err = { 0 };
	struct exchange x = { .err = &err };
	struct nlmsgerr e = { .error = -22 };
	struct nlmsghdr *hdr;

	if (!request || !msg)
		abort();
	build(request, in);
	x.request = nlmsg_hdr(request);
	hdr = nlmsg_put(msg, 0, 0, kind == ERROR ? NLMSG_ERROR : NLMSG_DONE, 0,
			NLM_F_ACK_TLVS | NLM_F_CAPPED);
	if (kind == ERROR)
		nlmsg_append(msg, &e, sizeof(e), NLMSG_ALIGNTO);
	else
		nlmsg_append(msg, &e.error, sizeof(e.error), NLMSG_ALIGNTO);
	hdr = nlmsg_hdr(msg);
	build(msg, in);
	if (kind == ERROR)
		on_error(NULL, nlmsg_data(hdr), &x);
	else
		on_finish(msg, &x);
	/* wherever it points to; each time is a walk through all of it */
	for (unsigned int offset = at % 16; offset < x.request->nlmsg_len + 8; offset += 16)
		vg_nl_locate(x.request, offset, &err);
	nlmsg_free(request);
	nlmsg_free(msg);
}

static void trace_line(const struct input *in)
{
	char *line = strndup((const char *)in->p, in->end - in->p);
	struct debug d = { .out = nowhere() };
	struct vg_trace_event ev;

	if (!line)
		abort();
	if (vg_trace_parse(line, &ev)) {
		for (int kind = DEBUG_NAT; kind <= DEBUG_ENGINE; kind++) {
			d.kind = kind;
			view_debug(&d, &ev);
			json_object_put(json_debug(&d, &ev));
		}
	}
	free(line);
}

static void capture(const struct input *in)
{
	FILE *file = in->p < in->end ? fmemopen((void *)in->p, in->end - in->p, "r") : NULL;
	struct vg_traced packet;
	static struct vg_pcap p;
	const char *why;

	if (!file)
		return;
	if (!vg_pcap_begin(&p, file, &why)) {
		while (vg_pcap_next(&p, &packet, &why) > 0)
			;
	}
	fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	struct vg_config *state = vg_config_new();
	struct vg_nl_error err = { 0 };
	struct exchange x = { .fn = on_object, .arg = state, .err = &err };

	if (!state)
		abort();
	while (in.p < in.end) {
		enum kind kind = take(&in) % KINDS;
		uint8_t cmd = take(&in), len = take(&in);
		size_t left = in.end - in.p;
		struct input body = { in.p, in.p + (len && len < left ? len : left) };
		struct nl_msg *msg = vg_nl_msg(NULL, cmd, 0);

		if (!msg)
			abort();
		in.p = body.end;
		if (kind == TRACE_LINE || kind == CAPTURE) {
			nlmsg_free(msg);
			if (kind == CAPTURE)
				capture(&body);
			else
				trace_line(&body);
			continue;
		}
		if (kind == RAW)
			nlmsg_append(msg, (void *)body.p, body.end - body.p, 0);
		else if (kind == BUILT || kind == EVENT)
			build(msg, &body);
		else
			refusal(&body, kind, cmd);
		if (kind == EVENT)
			event(msg);
		else
			on_valid(msg, &x);
		nlmsg_free(msg);
	}
	print(state);
	vg_config_free(state);
	return 0;
}
