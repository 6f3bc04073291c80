/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_DIAG_H
#define VG_DIAG_H

#include <stdbool.h>
#include <stddef.h>

/* Position in the configuration text; both count from 1, 0 is "unknown". */
struct vg_src {
	unsigned int line;
	unsigned int col;
};

enum vg_severity {
	VG_NOTE,
	VG_WARNING,
	VG_ERROR,
};

/**
 * struct vg_diag - one finding about a configuration
 * @severity: an error keeps the whole configuration from being loaded
 * @src: where it was found
 * @related: a second line that belongs to it, 0 if none
 * @message: what is wrong
 * @expected: what would have been right, NULL if @message says it all
 */
struct vg_diag {
	enum vg_severity severity;
	struct vg_src src;
	unsigned int related;
	char *message;
	char *expected;
};

struct vg_diags {
	struct vg_diag *v;
	size_t n, cap;
	size_t errors, warnings;
};

struct vg_diag *vg_diag_add(struct vg_diags *d, enum vg_severity severity, struct vg_src src,
			    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void vg_diag_expect(struct vg_diag *diag, const char *expected);
void vg_diags_sort(struct vg_diags *d);
void vg_diags_free(struct vg_diags *d);
const char *vg_severity_name(enum vg_severity severity);

#endif
