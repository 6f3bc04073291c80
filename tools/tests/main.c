// SPDX-License-Identifier: GPL-2.0
/* Runs all groups of unit tests; help for them. */
#include <stdio.h>

#include "tests.h"

static const struct vg_parse_options lenient;

struct parsed parse_text(const char *text, const struct vg_parse_options *opt)
{
	struct parsed p = { .cfg = vg_config_new() };

	if (!opt)
		opt = &lenient;
	assert_non_null(p.cfg);
	assert_int_equal(vg_parse(p.cfg, text, strlen(text), opt, &p.diags), 0);
	assert_int_equal(vg_check(p.cfg, opt, &p.diags), 0);
	vg_diags_sort(&p.diags);
	return p;
}

struct parsed parse_file(const char *path)
{
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return parse_text(text, NULL);
}

void parsed_free(struct parsed *p)
{
	vg_config_free(p->cfg);
	vg_diags_free(&p->diags);
}

char *diags_text(const struct vg_diags *diags, enum vg_severity least)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; i < diags->n; i++) {
		const struct vg_diag *d = &diags->v[i];

		if (d->severity >= least)
			fprintf(f, "%u:%u %s\n", d->src.line, d->src.col, d->message);
	}
	fclose(f);
	return text;
}

int main(void)
{
	size_t total = 0;
	int failed = 0;

	failed += group_util(&total);
	failed += group_grammar(&total);
	failed += group_parse(&total);
	failed += group_golden(&total);
	failed += group_productions(&total);
	failed += group_man(&total);
	failed += group_daemon(&total);
	failed += group_keys(&total);
	failed += group_model(&total);
	failed += group_lint(&total);
	failed += group_acl(&total);
	failed += group_nl(&total);
	failed += group_views(&total);
	failed += group_shows(&total);
	failed += group_debug(&total);
	failed += group_pcap(&total);
	fflush(stderr);
	printf("%zu passed, %d failed\n", total - failed, failed);
	return failed != 0;
}
