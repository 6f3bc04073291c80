/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_MANUAL_H
#define VG_MANUAL_H

#include "model.h"

int vg_manual_sas(struct vg_config *cfg, struct vg_diags *diags);

#endif
