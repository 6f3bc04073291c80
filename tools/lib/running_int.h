/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files that print a configuration. */
#ifndef VG_RUNNING_INT_H
#define VG_RUNNING_INT_H

#include "running.h"

#define VG_MASKED "********"

/**
 * struct vg_printer - state of printing
 * @owned: kept lines by their owner: index of the first, plus 1
 * @next: the next of the same owner, plus 1, or 0
 * @last_own: last line that is ours; what was kept below comes at the end
 */
struct vg_printer {
	FILE *out;
	const struct vg_config *cfg;
	bool secrets;
	struct vg_hash owned;
	size_t *next;
	unsigned int last_own;
};

const char *vg_quad(uint32_t addr);
void vg_print_owned(struct vg_printer *p, const char *owner);
void vg_print_aaa(struct vg_printer *p);
void vg_print_isakmp(struct vg_printer *p);

#endif
