// SPDX-License-Identifier: GPL-2.0
/* load, check, unload */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"
#include "host.h"
#include "lint.h"
#include "manual.h"

#define CONFIG_MAX (64 << 20)

struct load {
	struct ctl *c;
	const char *path;
	char *text;
	size_t len;
	struct vg_config *cfg;
	struct vg_diags diags;
	struct vg_host_changes changes;	/* those of --system */
	const char *difference;
};

static int read_file(const char *path, char **text, size_t *len)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	int ret;

	*text = NULL;
	if (fd < 0)
		return -errno;
	ret = vg_file_read(fd, CONFIG_MAX, text, len);
	close(fd);
	return ret;
}

static void print_excerpt(const struct load *l, struct vg_src at)
{
	char *line = vg_config_line(l->cfg, at.line);

	if (!line)
		return;
	fprintf(stderr, "  %s\n", line);
	if (at.col && at.col <= strlen(line) + 1) {
		fputs("  ", stderr);
		for (unsigned int i = 0; i + 1 < at.col; i++)
			fputc(line[i] == '\t' ? '\t' : ' ', stderr);
		fputs("^\n", stderr);
	}
	free(line);
}

static void print_where(const struct load *l, struct vg_src at)
{
	fprintf(stderr, "%s:", l->path);
	if (at.line)
		fprintf(stderr, "%u:", at.line);
	if (at.line && at.col)
		fprintf(stderr, "%u:", at.col);
}

static void print_diags(struct load *l)
{
	vg_diags_sort(&l->diags);
	if (l->c->json)
		return;
	for (size_t i = 0; i < l->diags.n; i++) {
		const struct vg_diag *d = &l->diags.v[i];

		print_where(l, d->src);
		fprintf(stderr, " %s: %s\n", vg_severity_name(d->severity),
			d->message ? d->message : "out of memory");
		if (d->expected)
			fprintf(stderr, "  expected: %s\n", d->expected);
		print_excerpt(l, d->src);
		if (d->related && d->related != d->src.line) {
			fprintf(stderr, "%s:%u: see also\n", l->path, d->related);
			print_excerpt(l, (struct vg_src){ d->related, 0 });
		}
	}
}

static struct json_object *json_changes(const struct vg_host_changes *changes)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < changes->n; i++)
		json_object_array_add(list, json_object_new_string(changes->v[i].command));
	return list;
}

/* What --system does to this host, or would do. */
static void print_changes(const struct load *l)
{
	for (size_t i = 0; !l->c->json && i < l->changes.n; i++)
		fprintf(l->c->out, "%s: %s\n", l->c->dry_run ? "this host would get" : "this host",
			l->changes.v[i].command);
}

static void print_result(struct load *l, const char *result, uint32_t generation)
{
	struct json_object *obj;

	if (!l->c->json)
		return;
	obj = json_diags(&l->diags);
	json_str(obj, "file", l->path);
	json_str(obj, "result", result);
	if (generation)
		json_num(obj, "generation", generation);
	if (l->difference)
		json_str(obj, "difference", l->difference);
	if (l->c->system)
		json_object_object_add(obj, "system", json_changes(&l->changes));
	ctl_print_json(l->c, obj);
}

static int load_open(struct load *l, struct ctl *c, const char *path)
{
	static const struct vg_src nowhere;
	int ret;

	memset(l, 0, sizeof(*l));
	l->c = c;
	l->path = strcmp(path, "-") ? path : "<stdin>";
	ret = read_file(path, &l->text, &l->len);
	if (ret) {
		fprintf(stderr, "vpnctl: %s: %s\n", l->path, strerror(-ret));
		return EXIT_REFUSED;
	}
	l->cfg = vg_config_new();
	ret = l->cfg ? vg_parse(l->cfg, l->text, l->len, &c->parse, &l->diags) : -ENOMEM;
	if (!ret)
		ret = vg_check(l->cfg, &c->parse, &l->diags);
	/* The wrong file would take away what protects packets now. */
	if (!ret && !l->diags.errors && vg_config_is_empty(l->cfg))
		vg_diag_add(&l->diags, VG_ERROR, nowhere, "nothing in here is about VPN or NAT; "
			    "'vpnctl unload' takes the running configuration away");
	if (!ret)
		return 0;
	fprintf(stderr, "vpnctl: %s: %s\n", l->path, strerror(-ret));
	return EXIT_REFUSED;
}

static void load_close(struct load *l)
{
	if (l->text)
		explicit_bzero(l->text, l->len);
	free(l->text);
	vg_host_changes_free(&l->changes);
	vg_config_free(l->cfg);
	vg_diags_free(&l->diags);
}

static int refuse(struct load *l, const char *what)
{
	print_diags(l);
	print_result(l, "refused", 0);
	if (!l->c->json)
		fprintf(stderr, "%s: %zu error%s, %s\n", l->path, l->diags.errors,
			l->diags.errors == 1 ? "" : "s", what);
	return EXIT_REFUSED;
}

/* What this host has otherwise; one without the devices is not the one that is meant. */
static int compare_host(struct load *l)
{
	struct vg_diags unbound = { 0 };
	int ret = vg_bind(l->cfg, l->c->bindings, l->c->n_bindings, &unbound);

	vg_diags_free(&unbound);
	return ret ? ret : vg_host_compare(l->cfg, NULL, &l->diags);
}

/* check FILE: needs neither kernel module nor devices */
int cmd_check(struct ctl *c, const struct vg_match *m)
{
	struct load l;
	int ret = load_open(&l, c, vg_text(m, "file"));

	if (!ret && !l.diags.errors)
		ret = vg_manual_sas(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret && !l.diags.errors)
		ret = vg_lint(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret && !l.diags.errors)
		ret = compare_host(&l) ? EXIT_REFUSED : 0;
	if (!ret && l.diags.errors) {
		ret = refuse(&l, "would not be loaded");
	} else if (!ret) {
		print_diags(&l);
		print_result(&l, "ok", 0);
	}
	load_close(&l);
	return ret;
}

static bool is_negotiated(const struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		if (cfg->map_entry.v[i].type != VPNGW_POLICY_TYPE_MANUAL)
			return true;
	}
	return false;
}

static int kernel_refused(struct load *l, const struct vg_nl_error *err)
{
	struct vg_src at = { err->line, 0 };

	if (!err->line && !err->attr[0]) {
		print_diags(l);
		return ctl_error(err);
	}
	vg_diag_add(&l->diags, VG_ERROR, at, "%s: %s%s%s%s", err->doing, err->text,
		    err->attr[0] ? " (attribute " : "", err->attr, err->attr[0] ? ")" : "");
	return refuse(l, "the kernel refused it, nothing has changed");
}

/* --dry-run: all but the commit, and what the commit would change. */
static int try_commit(struct load *l)
{
	struct vg_nl_error err;
	uint32_t generation;
	char *text = NULL;
	size_t size;
	FILE *out;
	int ret;

	if (vg_commit(l->c->nl, l->cfg, VG_COMMIT_TRY, &generation, &err))
		return kernel_refused(l, &err);
	out = open_memstream(&text, &size);
	if (!out)
		return EXIT_REFUSED;
	ret = ctl_difference(l->c, l->cfg, out);
	fclose(out);
	if (!ret) {
		print_diags(l);
		if (!l->c->json)
			fputs(*text ? text : "No difference.\n", l->c->out);
		print_changes(l);
		l->difference = text;
		print_result(l, "not loaded (--dry-run)", 0);
	}
	free(text);
	return ret;
}

/* --system: the configuration is in force whatever becomes of this. */
static int apply_changes(struct load *l)
{
	int ret;

	if (!l->c->system)
		return 0;
	print_changes(l);
	ret = vg_host_apply(&l->changes, &l->diags);
	if (ret)
		vg_diag_add(&l->diags, VG_ERROR, (struct vg_src){ 0 },
			    "this host cannot be changed: %s", strerror(-ret));
	return l->diags.errors ? EXIT_REFUSED : 0;
}

static int commit(struct load *l)
{
	struct vg_nl_error err;
	uint32_t generation;
	int ret;

	if (ctl_open(l->c))
		return EXIT_REFUSED;
	if (l->c->dry_run)
		return try_commit(l);
	if (l->c->rollback) {
		ret = rollback_prepare(l->c);
		if (ret)
			return ret;
	}
	ret = vg_commit(l->c->nl, l->cfg, VG_COMMIT_LOAD, &generation, &err);
	if (ret) {
		rollback_drop(l->c);
		return kernel_refused(l, &err);
	}
	rollback_arm(l->c);
	ret = apply_changes(l);
	print_diags(l);
	ctl_hand_over(l->c, l->text, l->len, is_negotiated(l->cfg));
	print_result(l, ret ? "loaded, but not all of this host is as it says" : "loaded",
		     generation);
	return ret;
}

static int load_opened(struct load *l)
{
	struct ctl *c = l->c;
	int ret = 0;

	if (!l->diags.errors) {
		ret = vg_bind(l->cfg, c->bindings, c->n_bindings, &l->diags);
		if (!ret)
			ret = vg_host_compare(l->cfg, c->system ? &l->changes : NULL,
					      &l->diags);
		if (ret) {
			fprintf(stderr, "vpnctl: cannot read the devices of this host: %s\n",
				strerror(-ret));
			return EXIT_REFUSED;
		}
	}
	if (!l->diags.errors)
		ret = vg_manual_sas(l->cfg, &l->diags);
	if (!ret && !l->diags.errors)
		ret = vg_lint(l->cfg, &l->diags);
	if (ret)
		return EXIT_REFUSED;
	return l->diags.errors ? refuse(l, "nothing was loaded") : commit(l);
}

/* load FILE */
int cmd_load(struct ctl *c, const struct vg_match *m)
{
	struct load l;
	int ret;

	if (c->system && c->rollback) {
		fputs("vpnctl: --rollback does not take back what --system does to this host; use one of them\n",
		      stderr);
		return EXIT_USAGE;
	}
	ret = load_open(&l, c, vg_text(m, "file"));
	if (!ret)
		ret = load_opened(&l);
	load_close(&l);
	return ret;
}

/* unload */
int cmd_unload(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *empty = vg_config_new();
	struct vg_nl_error err;
	uint32_t generation;
	int ret = empty ? ctl_open(c) : EXIT_REFUSED;

	if (!ret && vg_commit(c->nl, empty, VG_COMMIT_UNLOAD, &generation, &err))
		ret = ctl_error(&err);
	if (!ret)
		ctl_hand_over(c, "", 0, false);
	if (!ret && c->json) {
		struct json_object *obj = json_object_new_object();

		json_str(obj, "result", "unloaded");
		json_num(obj, "generation", generation);
		ctl_print_json(c, obj);
	}
	vg_config_free(empty);
	return ret;
}
