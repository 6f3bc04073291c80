/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_CHECK_H
#define VG_CHECK_H

#include "model.h"

void vg_check_nat(const struct vg_config *cfg, struct vg_diags *diags);
void vg_check_clients(const struct vg_config *cfg, struct vg_diags *diags);

#endif
