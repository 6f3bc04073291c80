/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_BIND_H
#define VG_BIND_H

#include "model.h"

/* --interface Ethernet0=eth0 */
struct vg_binding {
	const char *name;	/* in the configuration, as given */
	size_t name_len;
	const char *device;
	bool used;
};

int vg_bind(struct vg_config *cfg, struct vg_binding *given, size_t n_given,
	    struct vg_diags *diags);

#endif
