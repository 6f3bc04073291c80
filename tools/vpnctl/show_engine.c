// SPDX-License-Identifier: GPL-2.0
/* show crypto engine connections active, show crypto weak */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"
#include "lint.h"

/* As IOS writes them, which cuts the column at 18 characters. */
static const char *sa_algorithm(enum vpngw_encr encr, enum vpngw_auth auth)
{
	static const char * const encrs[] = {
		"NULL", "DES_56_CBC", "3DES_168_CBC", "AES_CBC", "AES_GCM", "AES_GMAC",
		"CHACHA20_POLY1305",
	};
	static const char * const auths[] = {
		"", "HMAC_MD5", "HMAC_SHA", "HMAC_SHA256", "HMAC_SHA384", "HMAC_SHA512",
	};
	static char text[40];

	if (encr >= VG_ARRAY_SIZE(encrs) || auth >= VG_ARRAY_SIZE(auths))
		return "unknown";
	snprintf(text, sizeof(text), "%s%s%s", auths[auth], *auths[auth] ? "+" : "", encrs[encr]);
	return text;
}

static const char *ike_algorithm(const struct vg_isakmp_policy *p)
{
	return sa_algorithm(p->encr == VG_IKE_DES ? VPNGW_ENCR_DES : p->encr == VG_IKE_3DES ?
			    VPNGW_ENCR_3DES : VPNGW_ENCR_AES_CBC,
			    p->hash == VG_IKE_MD5 ? VPNGW_AUTH_HMAC_MD5 :
			    p->hash == VG_IKE_SHA1 ? VPNGW_AUTH_HMAC_SHA1 :
			    p->hash == VG_IKE_SHA256 ? VPNGW_AUTH_HMAC_SHA256 :
			    p->hash == VG_IKE_SHA384 ? VPNGW_AUTH_HMAC_SHA384 :
			    VPNGW_AUTH_HMAC_SHA512);
}

static const char *map_iface(const struct vg_config *iface, const char *map)
{
	for (size_t i = 0; i < iface->iface.n; i++) {
		if (!strcmp(iface->iface.v[i].crypto_map.name, map))
			return iface->iface.v[i].name;
	}
	return "";
}

static int by_conn(const void *pa, const void *pb)
{
	const struct vg_sa *a = pa, *b = pb;

	return a->conn_id < b->conn_id ? -1 : a->conn_id > b->conn_id;
}

/* @ike: vpnd's answer to "show crypto isakmp sa", NULL if it does not run */
void view_engine(FILE *out, const struct view *v, const struct vg_config *cfg, char *ike)
{
	/* Which policy a negotiation came to is known only if there is one. */
	const char *algorithm = cfg && cfg->policy.n == 1 ? ike_algorithm(&cfg->policy.v[0]) : "";
	struct json_object *obj = ike ? json_isakmp_sas(ike) : NULL, *list = NULL;
	char addr[VG_ADDR_LEN];

	fprintf(out, "%4s %-15s %-15s %-6s %-18s %8s %8s\n", "ID", "Interface", "IP-Address",
		"State", "Algorithm", "Encrypt", "Decrypt");
	if (obj)
		json_object_object_get_ex(obj, "isakmp_sas", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *sa = json_object_array_get_idx(list, i), *id = NULL;

		json_object_object_get_ex(sa, "conn_id", &id);
		fprintf(out, "%4d %-15s %-15s %-6s %-18.18s %8d %8d\n", json_object_get_int(id),
			"", "", "set", algorithm, 0, 0);
	}
	json_object_put(obj);
	if (v->sa->sa.n)
		qsort(v->sa->sa.v, v->sa->sa.n, sizeof(*v->sa->sa.v), by_conn);
	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];
		bool in = sa->dir == VPNGW_DIRECTION_IN;

		fprintf(out, "%4u %-15s %-15s %-6s %-18.18s %8llu %8llu\n", sa->conn_id,
			map_iface(v->iface, sa->map),
			vg_addr_str(in ? sa->daddr : sa->saddr, addr), "set",
			sa_algorithm(sa->encr, sa->auth),
			in ? 0ULL : (unsigned long long)sa->packets,
			in ? (unsigned long long)sa->packets : 0ULL);
	}
	fputs("\nCrypto adjacency count : Lock: 0, Unlock: 0\n", out);
}

struct json_object *json_engine(const struct view *v)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];
		struct json_object *c = json_object_new_object();
		bool in = sa->dir == VPNGW_DIRECTION_IN;

		json_num(c, "id", sa->conn_id);
		json_str(c, "interface", map_iface(v->iface, sa->map));
		json_addr(c, "address", in ? sa->daddr : sa->saddr);
		json_str(c, "algorithm", sa_algorithm(sa->encr, sa->auth));
		json_num(c, "encrypt", in ? 0 : sa->packets);
		json_num(c, "decrypt", in ? sa->packets : 0);
		json_object_array_add(list, c);
	}
	json_object_object_add(obj, "connections", list);
	return obj;
}

/* show crypto engine connections active */
int cmd_show_engine(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *cfg = NULL;
	struct view v = { 0 };
	char *ike = NULL;

	if (ctl_fetch(c, VPNGW_CMD_IFACE_GET, &v.iface) || ctl_fetch(c, VPNGW_CMD_SA_GET, &v.sa)) {
		view_free(&v);
		return EXIT_REFUSED;
	}
	/* Without vpnd there are no negotiations to show. */
	if (vg_daemon_ask(c->run_dir, "show crypto isakmp sa", &ike) || *ike == '%') {
		free(ike);
		ike = NULL;
	}
	if (vg_running_exists(c->run_dir))
		ctl_running(c, &cfg);
	if (c->json)
		ctl_print_json(c, json_engine(&v));
	else
		view_engine(c->out, &v, cfg, ike);
	free(ike);
	vg_config_free(cfg);
	view_free(&v);
	return EXIT_OK;
}

static bool is_weak(const struct vg_sa *sa)
{
	return sa->flags & VPNGW_SA_FLAG_WEAK;
}

void view_weak(FILE *out, const struct vg_diags *diags, const struct vg_config *sas)
{
	char src[VG_ADDR_LEN], dst[VG_ADDR_LEN];
	size_t n = 0;

	fputs("Configured:\n", out);
	for (size_t i = 0; i < diags->n; i++)
		fprintf(out, "  line %u: %s\n", diags->v[i].src.line, diags->v[i].message);
	fprintf(out, "%sIn use:\n", diags->n ? "" : "  nothing\n");
	for (size_t i = 0; i < sas->sa.n; i++) {
		const struct vg_sa *sa = &sas->sa.v[i];

		if (!is_weak(sa))
			continue;
		n++;
		fprintf(out, "  conn id %u: %s, %s -> %s, crypto map %s %u\n", sa->conn_id,
			sa_algorithm(sa->encr, sa->auth), vg_addr_str(sa->saddr, src),
			vg_addr_str(sa->daddr, dst), sa->map, sa->map_seq);
	}
	if (!n)
		fputs("  nothing\n", out);
}

struct json_object *json_weak(const struct vg_diags *diags, const struct vg_config *sas)
{
	struct json_object *obj = json_object_new_object(), *conf = json_object_new_array();
	struct json_object *use = json_object_new_array();

	for (size_t i = 0; i < diags->n; i++) {
		struct json_object *o = json_object_new_object();

		json_num(o, "line", diags->v[i].src.line);
		json_str(o, "message", diags->v[i].message);
		json_object_array_add(conf, o);
	}
	for (size_t i = 0; i < sas->sa.n; i++) {
		if (is_weak(&sas->sa.v[i]))
			json_object_array_add(use, json_sa(&sas->sa.v[i]));
	}
	json_object_object_add(obj, "configured", conf);
	json_object_object_add(obj, "in_use", use);
	return obj;
}

/* show crypto weak */
int cmd_show_weak(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *cfg, *sas;
	struct vg_diags diags = { 0 };

	if (ctl_running(c, &cfg))
		return EXIT_REFUSED;
	if (ctl_fetch(c, VPNGW_CMD_SA_GET, &sas)) {
		vg_config_free(cfg);
		return EXIT_REFUSED;
	}
	vg_lint_weak(cfg, &diags);
	vg_diags_sort(&diags);
	if (c->json)
		ctl_print_json(c, json_weak(&diags, sas));
	else
		view_weak(c->out, &diags, sas);
	vg_diags_free(&diags);
	vg_config_free(sas);
	vg_config_free(cfg);
	return EXIT_OK;
}
