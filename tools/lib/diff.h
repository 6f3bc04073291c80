/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_DIFF_H
#define VG_DIFF_H

#include <stddef.h>

/* @sign: '-' only in the old text, '+' only in the new one, ' ' in both */
typedef void (*vg_diff_fn)(void *arg, char sign, const char *line);

int vg_diff(const char *old, const char *new, vg_diff_fn fn, void *arg);

#endif
