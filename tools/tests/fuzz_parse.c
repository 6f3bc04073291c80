// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer entry: any text through parser, checks, associations, lint, encoding,
 * and the printer, whose text must be read as the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lint.h"
#include "manual.h"
#include "nl.h"
#include "parse.h"
#include "running.h"
#include "text.h"

static void encode(const struct vg_config *cfg)
{
	char text[VG_ACE_TEXT];

	for (size_t i = 0; i < cfg->acl.n; i++) {
		size_t from = 0;

		while (from < cfg->acl.v[i].n) {
			struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);

			vg_ace_text(&cfg->acl.v[i].ace[from], cfg->acl.v[i].standard, text);
			if (!msg || vg_put_acl(msg, &cfg->acl.v[i], &from))
				abort();
			vg_nl_msg_free(msg);
		}
	}
	for (size_t i = 0; i < cfg->sa.n; i++) {
		struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_SA_NEW, 0);

		if (!msg || vg_put_sa(msg, &cfg->sa.v[i]))
			abort();
		vg_nl_msg_free(msg);
	}
}

static char *print(const struct vg_config *cfg, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out || vg_running_print(out, cfg, true) || fclose(out))
		abort();
	return text;
}

static void print_again(const struct vg_config *cfg, const struct vg_parse_options *opt)
{
	struct vg_config *again = vg_config_new();
	struct vg_diags diags = { 0 };
	size_t len, len2;
	char *text = print(cfg, &len), *text2;

	if (!again || vg_parse(again, text, len, opt, &diags))
		abort();
	vg_check(again, opt, &diags);
	text2 = print(again, &len2);
	if (diags.errors || strcmp(text, text2)) {
		fprintf(stderr, "printed:\n%s\nand again:\n%s\n", text, text2);
		abort();
	}
	free(text);
	free(text2);
	vg_config_free(again);
	vg_diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vg_parse_options opt;
	struct vg_config *cfg = vg_config_new();
	struct vg_diags diags = { 0 };

	if (!opt.language)
		opt.language = vg_language_new();
	if (!cfg || vg_parse(cfg, (const char *)data, size, &opt, &diags))
		abort();
	vg_check(cfg, &opt, &diags);
	if (!diags.errors) {
		print_again(cfg, &opt);
		vg_manual_sas(cfg, &diags);
		vg_lint(cfg, &diags);
		encode(cfg);
	}
	for (size_t i = 0; i < diags.n; i++)
		free(vg_config_line(cfg, diags.v[i].src.line));
	vg_config_free(cfg);
	vg_diags_free(&diags);
	return 0;
}
