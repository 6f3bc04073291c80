// SPDX-License-Identifier: GPL-2.0
/* show access-lists, show route-map */
#include <string.h>

#include "ctl.h"

/* IOS shows entries of standard lists otherwise than it writes them. */
static const char *entry_text(const struct vg_ace *ace, bool standard, char text[VG_ACE_TEXT])
{
	char addr[VG_ADDR_LEN], wild[VG_ADDR_LEN];

	if (!standard || !ace->src_wild || ace->src_wild == UINT32_MAX)
		return vg_ace_text(ace, standard, text);
	snprintf(text, VG_ACE_TEXT, "%s %s, wildcard bits %s%s",
		 ace->action == VPNGW_ACTION_PERMIT ? "permit" : "deny",
		 vg_addr_str(ace->src, addr), vg_addr_str(ace->src_wild, wild),
		 ace->flags & VPNGW_ACE_FLAG_LOG ? " log" : "");
	return text;
}

void view_access_lists(FILE *out, const struct vg_config *state, const char *name)
{
	char text[VG_ACE_TEXT];

	for (size_t i = 0; i < state->acl.n; i++) {
		const struct vg_acl *acl = &state->acl.v[i];

		if (name && strcmp(name, acl->name))
			continue;
		fprintf(out, "%s IP access list %s\n", acl->standard ? "Standard" : "Extended",
			acl->name);
		for (size_t j = 0; j < acl->n; j++) {
			const struct vg_ace *ace = &acl->ace[j];

			fprintf(out, "    %u %s", ace->seq,
				entry_text(ace, acl->standard, text));
			if (ace->hits)
				fprintf(out, " (%llu match%s)", (unsigned long long)ace->hits,
					ace->hits == 1 ? "" : "es");
			fputc('\n', out);
		}
	}
}

void view_route_maps(FILE *out, const struct vg_config *state, const struct vg_config *iface,
		     const char *name)
{
	char buf[32];

	for (size_t i = 0; i < state->route_map.n; i++) {
		const struct vg_route_map *rm = &state->route_map.v[i];

		if (name && strcmp(name, rm->name))
			continue;
		for (size_t j = 0; j < rm->n; j++) {
			const struct vg_rm_entry *e = &rm->entry[j];

			fprintf(out, "route-map %s, %s, sequence %u\n  Match clauses:\n", rm->name,
				e->action == VPNGW_ACTION_PERMIT ? "permit" : "deny", e->seq);
			if (e->n_acl)
				fputs("    ip address (access-lists):", out);
			for (size_t k = 0; k < e->n_acl; k++)
				fprintf(out, " %s", e->acl[k].name);
			if (e->n_acl)
				fputc('\n', out);
			if (e->n_iface)
				fputs("    interface", out);
			for (size_t k = 0; k < e->n_iface; k++)
				fprintf(out, " %s",
					view_iface_name(iface, e->iface[k].ifindex, buf));
			if (e->n_iface)
				fputc('\n', out);
			fprintf(out, "  Set clauses:\n"
				"  Policy routing matches: 0 packets, 0 bytes\n"
				"  Translation matches: %llu packets\n",
				(unsigned long long)e->hits);
		}
	}
}

static int missing(const char *noun, const char *name)
{
	fprintf(stderr, "vpnctl: there is no %s %s\n", noun, name);
	return EXIT_REFUSED;
}

/* show access-lists [NAME] */
int cmd_show_access_lists(struct ctl *c, const struct vg_match *m)
{
	const char *name = vg_acl_name(vg_text(m, "list"));
	struct json_object *obj, *list;
	struct vg_config *state;
	int ret = EXIT_OK;

	if (ctl_fetch(c, VPNGW_CMD_ACL_GET, &state))
		return EXIT_REFUSED;
	if (name && !vg_acl_find(state, name)) {
		ret = missing("access list", name);
	} else if (c->json) {
		obj = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < state->acl.n; i++) {
			if (!name || !strcmp(name, state->acl.v[i].name))
				json_object_array_add(list, json_acl(&state->acl.v[i]));
		}
		json_object_object_add(obj, "access_lists", list);
		ctl_print_json(c, obj);
	} else {
		view_access_lists(c->out, state, name);
	}
	vg_config_free(state);
	return ret;
}

/* show route-map [NAME] */
int cmd_show_route_map(struct ctl *c, const struct vg_match *m)
{
	const char *name = vg_text(m, "list");
	struct json_object *obj, *list;
	struct view v = { 0 };
	int ret = EXIT_REFUSED;

	if (ctl_fetch(c, VPNGW_CMD_ROUTE_MAP_GET, &v.route_map) ||
	    ctl_fetch(c, VPNGW_CMD_IFACE_GET, &v.iface))
		goto out;
	ret = EXIT_OK;
	if (name && !vg_route_map_find(v.route_map, name)) {
		ret = missing("route-map", name);
	} else if (c->json) {
		obj = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < v.route_map->route_map.n; i++) {
			const struct vg_route_map *rm = &v.route_map->route_map.v[i];

			if (!name || !strcmp(name, rm->name))
				json_object_array_add(list, json_route_map(rm, v.iface));
		}
		json_object_object_add(obj, "route_maps", list);
		ctl_print_json(c, obj);
	} else {
		view_route_maps(c->out, v.route_map, v.iface, name);
	}
out:
	view_free(&v);
	return ret;
}
