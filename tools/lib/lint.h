/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_LINT_H
#define VG_LINT_H

#include "model.h"

void vg_lint_acl(const struct vg_config *cfg, struct vg_diags *diags);
void vg_lint_nat(const struct vg_config *cfg, struct vg_diags *diags);
void vg_lint_weak(const struct vg_config *cfg, struct vg_diags *diags);
int vg_lint(const struct vg_config *cfg, struct vg_diags *diags);

#endif
