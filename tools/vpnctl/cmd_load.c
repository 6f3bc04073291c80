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
#include "lint.h"
#include "manual.h"
#include "running.h"

#define CONFIG_MAX (64 << 20)

struct load {
	struct ctl *c;
	const char *path;
	char *text;
	size_t len;
	struct vg_config *cfg;
	struct vg_diags diags;
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
	ctl_print_json(l->c, obj);
}

static int load_open(struct load *l, struct ctl *c, const char *path)
{
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

/* check FILE: needs neither kernel module nor devices */
int cmd_check(struct ctl *c, const struct vg_match *m)
{
	struct load l;
	int ret = load_open(&l, c, vg_text(m, "file"));

	if (!ret && !l.diags.errors)
		ret = vg_manual_sas(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret && !l.diags.errors)
		ret = vg_lint(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret && l.diags.errors) {
		ret = refuse(&l, "would not be loaded");
	} else if (!ret) {
		print_diags(&l);
		print_result(&l, "ok", 0);
	}
	load_close(&l);
	return ret;
}

/*
 * The kernel has the configuration by now; what goes wrong here is said, and
 * leaves vpnd with the one before.
 */
static void hand_over(struct ctl *c, const char *text, size_t len, bool negotiated)
{
	char line[512], *answer;
	int ret = vg_running_save(c->run_dir, text, len);

	if (ret) {
		fprintf(stderr, "vpnctl: %s/" VG_RUNNING ": %s; show running-config and vpnd do not "
			"know this configuration\n", c->run_dir, strerror(-ret));
		return;
	}
	snprintf(line, sizeof(line), "reload %s/" VG_RUNNING, c->run_dir);
	ret = vg_daemon_ask(c->run_dir, line, &answer);
	if (!ret && *answer == '%')
		fprintf(stderr, "vpnctl: vpnd did not take the configuration: %s", answer + 1);
	else if (ret && (negotiated || (ret != -ENOENT && ret != -ECONNREFUSED)))
		fprintf(stderr, "vpnctl: vpnd was not told: %s; keys are negotiated when it is "
			"started with -f %s/" VG_RUNNING "\n", ret == -ENOENT ||
			ret == -ECONNREFUSED ? "it does not run" : strerror(-ret), c->run_dir);
	free(answer);
}

static bool is_negotiated(const struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		if (cfg->map_entry.v[i].type != VPNGW_POLICY_TYPE_MANUAL)
			return true;
	}
	return false;
}

static int commit(struct load *l)
{
	struct vg_nl_error err;
	uint32_t generation;
	int ret;

	if (ctl_open(l->c))
		return EXIT_REFUSED;
	ret = vg_commit(l->c->nl, l->cfg, false, &generation, &err);
	if (!ret) {
		print_diags(l);
		hand_over(l->c, l->text, l->len, is_negotiated(l->cfg));
		print_result(l, "loaded", generation);
		return 0;
	}
	if (err.line || err.attr[0]) {
		struct vg_src at = { err.line, 0 };
		struct vg_diag *d = vg_diag_add(&l->diags, VG_ERROR, at, "%s: %s%s%s%s",
						err.doing, err.text,
						err.attr[0] ? " (attribute " : "", err.attr,
						err.attr[0] ? ")" : "");
		(void)d;
		return refuse(l, "the kernel refused it, nothing has changed");
	}
	print_diags(l);
	return ctl_error(&err);
}

/* load FILE */
int cmd_load(struct ctl *c, const struct vg_match *m)
{
	struct load l;
	int ret = load_open(&l, c, vg_text(m, "file"));

	if (!ret && !l.diags.errors) {
		ret = vg_bind(l.cfg, c->bindings, c->n_bindings, &l.diags);
		if (ret) {
			fprintf(stderr, "vpnctl: cannot read the devices of this host: %s\n",
				strerror(-ret));
			ret = EXIT_REFUSED;
		}
	}
	if (!ret && !l.diags.errors)
		ret = vg_manual_sas(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret && !l.diags.errors)
		ret = vg_lint(l.cfg, &l.diags) ? EXIT_REFUSED : 0;
	if (!ret)
		ret = l.diags.errors ? refuse(&l, "nothing was loaded") : commit(&l);
	load_close(&l);
	return ret;
}

/**
 * ctl_running - the running configuration
 * @c: this run
 * @cfg: where it goes, to be freed
 *
 * Return: 0, or exit status after a message.
 */
int ctl_running(struct ctl *c, struct vg_config **cfg)
{
	static const struct vg_parse_options any = { .force_static_aead = true };
	struct vg_diags diags = { 0 };
	char *text;
	size_t len;
	int ret = vg_running_read(c->run_dir, &text, &len);

	*cfg = NULL;
	if (ret == -ENOENT) {
		fprintf(stderr, "vpnctl: no configuration was loaded (there is no %s/" VG_RUNNING
			")\n", c->run_dir);
		return EXIT_REFUSED;
	}
	if (!ret) {
		*cfg = vg_config_new();
		ret = *cfg ? vg_parse(*cfg, text, len, &any, &diags) : -ENOMEM;
		if (!ret)
			ret = vg_check(*cfg, &any, &diags);
		explicit_bzero(text, len);
		free(text);
	}
	vg_diags_free(&diags);
	if (!ret)
		return 0;
	vg_config_free(*cfg);
	*cfg = NULL;
	fprintf(stderr, "vpnctl: %s/" VG_RUNNING ": %s\n", c->run_dir, strerror(-ret));
	return EXIT_REFUSED;
}

/* show running-config */
int cmd_show_running(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *cfg;
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int ret;

	if (ctl_running(c, &cfg))
		return EXIT_REFUSED;
	out = open_memstream(&text, &len);
	ret = out ? vg_running_print(out, cfg, c->secrets) : -ENOMEM;
	if (out && fclose(out))
		ret = -ENOMEM;
	if (!ret && c->json) {
		struct json_object *obj = json_object_new_object();

		json_str(obj, "running_config", text);
		ctl_print_json(c, obj);
	} else if (!ret) {
		fputs(text, c->out);
	}
	if (text)
		explicit_bzero(text, len);
	free(text);
	vg_config_free(cfg);
	return ret ? EXIT_REFUSED : EXIT_OK;
}

/* unload */
int cmd_unload(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *empty = vg_config_new();
	struct vg_nl_error err;
	uint32_t generation;
	int ret = empty ? ctl_open(c) : EXIT_REFUSED;

	if (!ret && vg_commit(c->nl, empty, true, &generation, &err))
		ret = ctl_error(&err);
	if (!ret)
		hand_over(c, "", 0, false);
	if (!ret && c->json) {
		struct json_object *obj = json_object_new_object();

		json_str(obj, "result", "unloaded");
		json_num(obj, "generation", generation);
		ctl_print_json(c, obj);
	}
	vg_config_free(empty);
	return ret;
}
