// SPDX-License-Identifier: GPL-2.0
/* The running configuration: kept, shown, compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"
#include "diff.h"
#include "running.h"
#include "secrets.h"

/*
 * The kernel has the configuration by now; what goes wrong here is said, and
 * leaves vpnd with the one before.
 */
void ctl_hand_over(struct ctl *c, const char *text, size_t len, bool negotiated)
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

struct difference {
	FILE *out;
	char *section;		/* the unindented line above, if it was not printed yet */
};

static void print_line(FILE *out, char sign, const char *line)
{
	char *copy = strdup(line);

	if (!copy)
		return;
	vg_mask_secrets(copy);
	fprintf(out, "%c%s\n", sign, copy);
	free(copy);
}

static void on_line(void *arg, char sign, const char *line)
{
	struct difference *d = arg;

	if (sign == ' ') {
		if (*line == ' ')
			return;
		free(d->section);
		d->section = strdup(line);
		return;
	}
	if (!strcmp(line, "!"))
		return;
	if (*line == ' ' && d->section)
		print_line(d->out, ' ', d->section);
	free(d->section);
	d->section = NULL;
	print_line(d->out, sign, line);
}

static int printed(const struct vg_config *cfg, char **text)
{
	size_t len;
	FILE *out = open_memstream(text, &len);
	int ret = out ? vg_running_print(out, cfg, true) : -ENOMEM;

	if (out && fclose(out))
		ret = -ENOMEM;
	return ret;
}

/**
 * ctl_difference - what loading a configuration would change
 * @c: this run
 * @cfg: configuration
 * @out: where lines that come (+) and go (-) are printed, below their sections
 *
 * Return: 0, or exit status after a message.
 */
int ctl_difference(struct ctl *c, const struct vg_config *cfg, FILE *out)
{
	struct difference d = { .out = out };
	char *old_text = NULL, *new_text = NULL;
	struct vg_config *old = NULL;
	int ret = 0;

	if (!vg_running_exists(c->run_dir))
		old = vg_config_new();
	else
		ret = ctl_running(c, &old);
	if (!ret && (!old || printed(old, &old_text) || printed(cfg, &new_text) ||
		     vg_diff(old_text, new_text, on_line, &d) < 0)) {
		fprintf(stderr, "vpnctl: %s\n", strerror(ENOMEM));
		ret = EXIT_REFUSED;
	}
	if (old_text)
		explicit_bzero(old_text, strlen(old_text));
	if (new_text)
		explicit_bzero(new_text, strlen(new_text));
	free(old_text);
	free(new_text);
	free(d.section);
	vg_config_free(old);
	return ret;
}
