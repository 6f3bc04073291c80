/* SPDX-License-Identifier: GPL-2.0 */
/* What a terminal adds to the text of a configuration. */
#ifndef VG_PASTE_H
#define VG_PASTE_H

#include <stdbool.h>
#include <stddef.h>

size_t vg_paste_pager(char *line);
size_t vg_paste_prompt(char *line);
bool vg_paste_header(const char *line);

#endif
