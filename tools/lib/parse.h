/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_PARSE_H
#define VG_PARSE_H

#include "model.h"

struct vg_language;

/**
 * struct vg_parse_options - how strictly to read a configuration
 * @strict: lines outside VPN and NAT are errors
 * @force_static_aead: accept counter mode ciphers with manual keys
 * @language: made by vg_language_new(), for one thread at a time; NULL makes
 *	one for this text only
 */
struct vg_parse_options {
	bool strict;
	bool force_static_aead;
	struct vg_language *language;
};

struct vg_language *vg_language_new(void);
void vg_language_free(struct vg_language *lang);

int vg_parse(struct vg_config *cfg, const char *text, size_t len,
	     const struct vg_parse_options *opt, struct vg_diags *diags);
int vg_check(struct vg_config *cfg, const struct vg_parse_options *opt, struct vg_diags *diags);

/* One command out of the language, for help and documentation. */
const char *vg_language_pattern(size_t mode, size_t index, const char **mode_name);

#endif
