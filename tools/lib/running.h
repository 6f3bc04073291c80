/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_RUNNING_H
#define VG_RUNNING_H

#include <stdio.h>

#include "model.h"

int vg_running_print(FILE *out, const struct vg_config *cfg, bool secrets);

#endif
