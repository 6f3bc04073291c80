/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_TESTS_H
#define VG_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"
#include "parse.h"

struct parsed {
	struct vg_config *cfg;
	struct vg_diags diags;
};

/* A configuration through parser and checks. */
struct parsed parse_text(const char *text, const struct vg_parse_options *opt);
struct parsed parse_file(const char *path);
void parsed_free(struct parsed *p);

/* The findings of one severity and worse as "line:col message" lines. */
char *diags_text(const struct vg_diags *diags, enum vg_severity least);

#define GROUP(name) int name(size_t *total)
GROUP(group_util);
GROUP(group_grammar);
GROUP(group_golden);
GROUP(group_productions);
GROUP(group_man);
GROUP(group_daemon);
GROUP(group_keys);
GROUP(group_parse);
GROUP(group_model);
GROUP(group_lint);
GROUP(group_acl);
GROUP(group_nl);
GROUP(group_views);
GROUP(group_shows);
GROUP(group_debug);
GROUP(group_pcap);

#define RUN_GROUP(tests) \
	(*total += sizeof(tests) / sizeof((tests)[0]), \
	 cmocka_run_group_tests_name(__func__, tests, NULL, NULL))

#endif
