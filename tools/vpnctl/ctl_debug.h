/* SPDX-License-Identifier: GPL-2.0 */
/* What the debug commands are made of, for their tests. */
#ifndef CTL_DEBUG_H
#define CTL_DEBUG_H

#include "ctl.h"
#include "tracefs.h"

/* Events a second, so that a terminal is not drowned. */
#define DEBUG_RATE	200

enum debug_kind {
	DEBUG_NAT,
	DEBUG_NAT_DETAILED,
	DEBUG_PACKET,
	DEBUG_ENGINE,
};

/**
 * struct debug - how events become lines
 * @kind: which command
 * @out: where to
 * @prefix: begins each line
 * @list: list or route-map of the only dynamic rule, or ""
 */
struct debug {
	enum debug_kind kind;
	FILE *out;
	char prefix[48];
	char list[VG_NAME_LEN];
};

/**
 * struct debug_rate - so many events a second, and no more
 * @limit: how many
 * @begin: of the second under way, if @begun
 * @n: events in it
 * @suppressed: those that nobody was told of yet
 */
struct debug_rate {
	unsigned long limit, n, suppressed;
	uint64_t begin;
	bool begun;
};

bool view_debug(const struct debug *d, const struct vg_trace_event *ev);
struct json_object *json_debug(const struct debug *d, const struct vg_trace_event *ev);
bool debug_allowed(struct debug_rate *r, uint64_t now, unsigned long *suppressed);

#endif
