/* SPDX-License-Identifier: GPL-2.0 */
/* Types of the words in a pattern. Internal to the grammar. */
#ifndef VG_WORDS_H
#define VG_WORDS_H

#include <stdint.h>

#include "grammar.h"

enum vg_word_score {
	VG_WORD_NO,
	VG_WORD_REST,		/* takes what nothing else wants */
	VG_WORD_PARAM,
	VG_WORD_ABBREV,		/* used for keywords only */
	VG_WORD_NAME,		/* exact name out of a list */
	VG_WORD_KEYWORD,
};

struct vg_word_type {
	const char *name;	/* as in <label:name> */
	const char *show;	/* as in "expected A.B.C.D" */
	enum vg_word_score (*match)(const struct vg_token *t, uint32_t *value, const char **why);
};

const struct vg_word_type *vg_word_type(const char *name, unsigned int len);

#endif
