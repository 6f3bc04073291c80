/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_HOST_H
#define VG_HOST_H

#include "model.h"

int vg_host_compare(const struct vg_config *cfg, struct vg_diags *diags);

#endif
