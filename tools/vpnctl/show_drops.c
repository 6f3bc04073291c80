// SPDX-License-Identifier: GPL-2.0
/* show drops, show interfaces */
#include "ctl.h"

void view_drops(FILE *out, const struct vg_config *state, bool all)
{
	for (size_t i = 0; i < state->drop.n; i++) {
		const struct vg_drop *d = &state->drop.v[i];

		if (d->packets || all)
			fprintf(out, "%12llu  %-24s %s\n", (unsigned long long)d->packets, d->name,
				d->text);
	}
}

void view_interfaces(FILE *out, const struct vg_config *state)
{
	for (size_t i = 0; i < state->iface.n; i++) {
		const struct vg_iface *iface = &state->iface.v[i];

		fprintf(out, "%s, device %s\n", iface->name, iface->device);
		if (iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE)
			fputs("  ip nat inside\n", out);
		if (iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE)
			fputs("  ip nat outside\n", out);
		if (iface->flags & VPNGW_IFACE_FLAG_NO_ROUTE_CACHE)
			fputs("  no ip route-cache\n", out);
		if (iface->crypto_map.name[0])
			fprintf(out, "  crypto map %s\n", iface->crypto_map.name);
	}
}

/* show drops [all] */
int cmd_show_drops(struct ctl *c, const struct vg_match *m)
{
	struct json_object *obj, *list;
	struct vg_config *state;

	if (ctl_fetch(c, VPNGW_CMD_STATS_GET, &state))
		return EXIT_REFUSED;
	if (c->json) {
		obj = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < state->drop.n; i++)
			json_object_array_add(list, json_drop(&state->drop.v[i]));
		json_object_object_add(obj, "drops", list);
		ctl_print_json(c, obj);
	} else {
		view_drops(c->out, state, vg_has(m, "all"));
	}
	vg_config_free(state);
	return EXIT_OK;
}

/* show interfaces */
int cmd_show_interfaces(struct ctl *c, const struct vg_match *m)
{
	struct json_object *obj, *list;
	struct vg_config *state;

	if (ctl_fetch(c, VPNGW_CMD_IFACE_GET, &state))
		return EXIT_REFUSED;
	if (c->json) {
		obj = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < state->iface.n; i++)
			json_object_array_add(list, json_iface(&state->iface.v[i]));
		json_object_object_add(obj, "interfaces", list);
		ctl_print_json(c, obj);
	} else {
		view_interfaces(c->out, state);
	}
	vg_config_free(state);
	return EXIT_OK;
}
