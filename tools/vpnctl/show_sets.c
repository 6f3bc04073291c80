// SPDX-License-Identifier: GPL-2.0
/* show crypto ipsec transform-set, show crypto dynamic-map */
#include <string.h>

#include "ctl.h"
#include "transform.h"

static bool wanted(const char *name, const char *asked)
{
	return !asked || !strcmp(name, asked);
}

void view_transform_sets(FILE *out, const struct vg_config *cfg, const char *name)
{
	char text[80];

	for (size_t i = 0; i < cfg->transform.n; i++) {
		const struct vg_transform *ts = &cfg->transform.v[i];

		if (!wanted(ts->name, name))
			continue;
		fprintf(out, "Transform set %s: { %s  }\n   will negotiate = { %s,  },\n", ts->name,
			vg_transform_text(ts->encr, ts->auth, ts->key_bits, text),
			ts->mode == VPNGW_MODE_TUNNEL ? "Tunnel" : "Transport");
	}
}

void view_dynamic_maps(FILE *out, const struct vg_config *cfg, const char *name)
{
	char text[VG_ACE_TEXT];

	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		const struct vg_map_entry *e = &cfg->dynamic.v[i];
		const struct vg_acl *acl = vg_acl_find(cfg, e->acl.name);
		uint32_t kilobytes = e->kilobytes ? e->kilobytes : cfg->kilobytes;

		if (!wanted(e->map, name))
			continue;
		fprintf(out, "Crypto Map Template \"%s\" %u\n", e->map, e->seq);
		if (e->acl.name[0])
			fprintf(out, "\tExtended IP access list %s\n", e->acl.name);
		else
			fputs("\tNo matching address list set.\n", out);
		for (size_t j = 0; acl && j < acl->n; j++)
			fprintf(out, "\t    access-list %s %s\n", acl->name,
				vg_ace_text(&acl->ace[j], false, text));
		if (kilobytes == VG_NO_VOLUME)
			fputs("\tSecurity association lifetime: disabled", out);
		else
			fprintf(out, "\tSecurity association lifetime: %u kilobytes", kilobytes);
		fprintf(out, "/%u seconds\n\tPFS (Y/N): %s\n", e->life ? e->life : cfg->life,
			e->pfs ? "Y" : "N");
		if (e->pfs)
			fprintf(out, "\tDH group:  group%u\n", e->pfs);
		fputs("\tTransform sets={ ", out);
		for (uint8_t j = 0; j < e->n_transform; j++)
			fprintf(out, "%s, ", e->transform[j].name);
		fputs("}\n", out);
		if (e->reverse_route)
			fputs("\tReverse Route Injection Enabled\n", out);
	}
}

struct json_object *json_transform_sets(const struct vg_config *cfg, const char *name)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < cfg->transform.n; i++) {
		const struct vg_transform *ts = &cfg->transform.v[i];
		const struct vg_transform_info *auth = vg_auth_info(ts->auth);
		struct json_object *j;

		if (!wanted(ts->name, name))
			continue;
		j = json_object_new_object();
		json_str(j, "name", ts->name);
		json_str(j, "cipher", vg_encr_info(ts->encr)->name);
		json_str(j, "authenticator", auth ? auth->name : "none");
		json_num(j, "key_bits", ts->key_bits);
		json_str(j, "mode", ts->mode == VPNGW_MODE_TUNNEL ? "tunnel" : "transport");
		json_object_object_add(j, "esn", json_object_new_boolean(ts->esn));
		json_num(j, "line", ts->at.line);
		json_object_array_add(list, j);
	}
	json_object_object_add(obj, "transform_sets", list);
	return obj;
}

struct json_object *json_dynamic_maps(const struct vg_config *cfg, const char *name)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		const struct vg_map_entry *e = &cfg->dynamic.v[i];
		struct json_object *j, *sets;

		if (!wanted(e->map, name))
			continue;
		j = json_object_new_object();
		sets = json_object_new_array();
		json_str(j, "map", e->map);
		json_num(j, "seq", e->seq);
		json_str(j, "acl", e->acl.name);
		for (uint8_t k = 0; k < e->n_transform; k++)
			json_object_array_add(sets, json_object_new_string(e->transform[k].name));
		json_object_object_add(j, "transform_sets", sets);
		json_num(j, "pfs_group", e->pfs);
		json_num(j, "seconds", e->life ? e->life : cfg->life);
		json_num(j, "kilobytes", e->kilobytes ? e->kilobytes : cfg->kilobytes);
		json_object_object_add(j, "reverse_route",
				       json_object_new_boolean(e->reverse_route));
		json_num(j, "line", e->at.line);
		json_object_array_add(list, j);
	}
	json_object_object_add(obj, "entries", list);
	return obj;
}

static bool is_there(const struct vg_config *cfg, const char *name, bool maps)
{
	for (size_t i = 0; maps && i < cfg->dynamic.n; i++) {
		if (!strcmp(cfg->dynamic.v[i].map, name))
			return true;
	}
	return !maps && vg_transform_find(cfg, name);
}

static int show(struct ctl *c, const char *name, bool maps)
{
	struct vg_config *cfg;

	if (ctl_running(c, &cfg))
		return EXIT_REFUSED;
	if (name && !is_there(cfg, name, maps)) {
		fprintf(stderr, "vpnctl: there is no %s %s\n",
			maps ? "crypto dynamic-map" : "transform set", name);
		vg_config_free(cfg);
		return EXIT_REFUSED;
	}
	if (c->json)
		ctl_print_json(c, maps ? json_dynamic_maps(cfg, name) :
					 json_transform_sets(cfg, name));
	else if (maps)
		view_dynamic_maps(c->out, cfg, name);
	else
		view_transform_sets(c->out, cfg, name);
	vg_config_free(cfg);
	return EXIT_OK;
}

/* show crypto ipsec transform-set [NAME] */
int cmd_show_transform_sets(struct ctl *c, const struct vg_match *m)
{
	return show(c, vg_text(m, "name"), false);
}

/* show crypto dynamic-map [NAME] */
int cmd_show_dynamic_maps(struct ctl *c, const struct vg_match *m)
{
	return show(c, vg_text(m, "name"), true);
}
