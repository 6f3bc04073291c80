// SPDX-License-Identifier: GPL-2.0
/* Diagnostics: collected while a configuration is read, never printed here. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "util.h"

/**
 * vg_severity_name - word for a severity
 * @severity: the severity
 *
 * Return: "note", "warning" or "error".
 */
const char *vg_severity_name(enum vg_severity severity)
{
	static const char * const names[] = { "note", "warning", "error" };

	return names[severity];
}

/**
 * vg_diag_add - record a finding
 * @d: list of findings
 * @severity: how bad it is
 * @src: where
 * @fmt: what, as for printf
 *
 * Return: the new entry, valid until the next call, or NULL without memory;
 * an error is counted even then, so that nothing is loaded.
 */
struct vg_diag *vg_diag_add(struct vg_diags *d, enum vg_severity severity, struct vg_src src,
			    const char *fmt, ...)
{
	struct vg_diag *diag;
	va_list ap;

	if (severity == VG_ERROR)
		d->errors++;
	else if (severity == VG_WARNING)
		d->warnings++;

	diag = vg_push(&d->v, &d->n, &d->cap);
	if (!diag)
		return NULL;
	diag->severity = severity;
	diag->src = src;
	va_start(ap, fmt);
	if (vasprintf(&diag->message, fmt, ap) < 0)
		diag->message = NULL;
	va_end(ap);
	return diag;
}

/**
 * vg_diag_expect - say what would have been right
 * @diag: entry, or NULL
 * @expected: text, copied
 */
void vg_diag_expect(struct vg_diag *diag, const char *expected)
{
	if (!diag || !expected || !*expected)
		return;
	free(diag->expected);
	diag->expected = strdup(expected);
}

/* Stable by construction: the address decides between equal positions. */
static int diag_cmp(const void *pa, const void *pb)
{
	const struct vg_diag *a = pa, *b = pb;

	if (a->src.line != b->src.line)
		return a->src.line < b->src.line ? -1 : 1;
	if (a->src.col != b->src.col)
		return a->src.col < b->src.col ? -1 : 1;
	return (int)b->severity - (int)a->severity;
}

/**
 * vg_diags_sort - put findings into the order of the text
 * @d: list of findings
 */
void vg_diags_sort(struct vg_diags *d)
{
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), diag_cmp);
}

/**
 * vg_diags_free - forget all findings
 * @d: list of findings
 */
void vg_diags_free(struct vg_diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].message);
		free(d->v[i].expected);
	}
	free(d->v);
	memset(d, 0, sizeof(*d));
}
