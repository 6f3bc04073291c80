/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's tracepoints as events, through an instance of the kernel's trace
 * buffer that nobody else uses.
 */
#ifndef VG_TRACEFS_H
#define VG_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_TRACE_FIELDS	32

/**
 * struct vg_trace_event - one event
 * @name: of the tracepoint, "lost" for events that the buffer had no room for
 * @usec: when, on CLOCK_MONOTONIC
 * @lost: how many, with "lost"
 * @field: what it says; addresses and ports are src, sport, dst and dport
 * @n: fields
 *
 * Strings are within the line that was parsed.
 */
struct vg_trace_event {
	const char *name;
	uint64_t usec;
	unsigned long lost;
	struct vg_trace_field {
		const char *key, *value;
	} field[VG_TRACE_FIELDS];
	size_t n;
};

struct vg_trace;
typedef int (*vg_trace_fn)(const struct vg_trace_event *ev, void *arg);

int vg_trace_open(struct vg_trace **out, const char *const *events, size_t n, char *why,
		  size_t size);
int vg_trace_wait(struct vg_trace *t, int timeout_ms, vg_trace_fn fn, void *arg);
void vg_trace_close(struct vg_trace *t);

bool vg_trace_parse(char *line, struct vg_trace_event *ev);
const char *vg_trace_str(const struct vg_trace_event *ev, const char *key);
unsigned long vg_trace_num(const struct vg_trace_event *ev, const char *key);

#endif
