/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_HOST_H
#define VG_HOST_H

#include "model.h"

/**
 * struct vg_host_change - something that would make this host what a configuration says
 * @iface: interface that is to have its address, or NULL
 * @old_len: prefix length that it has with that address, 0 if it has not the address
 * @route: route that is to be there, or NULL; neither of them to forward packets
 * @device: of @route, 0 for the one that its gateway is found by
 * @blackhole: @route discards
 * @command: what an operator would type for it
 */
struct vg_host_change {
	const struct vg_iface *iface;
	int old_len;
	const struct vg_route *route;
	int device;
	bool blackhole;
	char command[128];
};

struct vg_host_changes {
	struct vg_host_change *v;
	size_t n, cap;
};

int vg_host_compare(const struct vg_config *cfg, struct vg_host_changes *changes,
		    struct vg_diags *diags);
int vg_host_apply(const struct vg_host_changes *changes, struct vg_diags *diags);
void vg_host_changes_free(struct vg_host_changes *changes);

#endif
