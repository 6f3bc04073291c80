// SPDX-License-Identifier: GPL-2.0
/*
 * The shortest way from one text to another, by lines: E. W. Myers, "An O(ND)
 * difference algorithm and its variations", 1986. Texts are mostly alike, and then
 * it is linear.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "util.h"

/* More differences than this are not searched for: everything goes, all comes anew. */
#define DIFF_MAX 2000

struct lines {
	char *text;
	const char **v;
	size_t n, cap;
};

/* How far each diagonal had come when d differences had been spent. */
struct trace {
	int **v;
	size_t n, cap;
};

static int split(struct lines *l, const char *text)
{
	char *at;

	l->text = strdup(text);
	if (!l->text)
		return -ENOMEM;
	for (at = l->text; *at;) {
		const char **slot = vg_push(&l->v, &l->n, &l->cap);
		char *eol = strchr(at, '\n');

		if (!slot)
			return -ENOMEM;
		*slot = at;
		if (!eol)
			break;
		*eol = '\0';
		at = eol + 1;
	}
	return 0;
}

static void lines_free(struct lines *l)
{
	if (l->text)		/* it may hold keys */
		for (size_t i = 0; i < l->n; i++)
			explicit_bzero((char *)l->v[i], strlen(l->v[i]));
	free(l->text);
	free(l->v);
}

static bool goes_down(const int *v, int d, int k)
{
	return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* Number of differences, -1 when there are too many, -2 without memory. */
static int search(const struct lines *a, const struct lines *b, struct trace *t)
{
	int max = a->n + b->n < DIFF_MAX ? a->n + b->n : DIFF_MAX;
	int *row = calloc(2 * max + 3, sizeof(*row)), *v = row + max + 1;
	int ret = row ? -1 : -2;

	for (int d = 0; row && d <= max && ret == -1; d++) {
		int **slot = vg_push(&t->v, &t->n, &t->cap);

		if (slot)	/* the diagonals that walk() will ask for */
			*slot = malloc((2 * d + 3) * sizeof(**slot));
		if (!slot || !*slot) {
			ret = -2;
			break;
		}
		memcpy(*slot, v - d - 1, (2 * d + 3) * sizeof(*v));
		for (int k = -d; k <= d; k += 2) {
			int x = goes_down(v, d, k) ? v[k + 1] : v[k - 1] + 1, y = x - k;

			while (x < (int)a->n && y < (int)b->n && !strcmp(a->v[x], b->v[y])) {
				x++;
				y++;
			}
			v[k] = x;
			if (x >= (int)a->n && y >= (int)b->n) {
				ret = d;
				break;
			}
		}
	}
	free(row);
	return ret;
}

/* Walks back from the end; signs come out backwards. */
static void walk(const struct lines *a, const struct lines *b, const struct trace *t, int d,
		 char *sign, size_t *n)
{
	int x = a->n, y = b->n;

	for (; d >= 0; d--) {
		const int *v = t->v[d] + d + 1;
		int k = x - y, from_k = goes_down(v, d, k) ? k + 1 : k - 1;
		int from_x = d ? v[from_k] : 0, from_y = d ? from_x - from_k : 0;

		while (x > from_x && y > from_y) {
			sign[(*n)++] = ' ';
			x--;
			y--;
		}
		if (!d)
			break;
		sign[(*n)++] = from_k == k + 1 ? '+' : '-';
		x = from_x;
		y = from_y;
	}
}

static void report(const struct lines *a, const struct lines *b, const char *sign, size_t n,
		   vg_diff_fn fn, void *arg)
{
	size_t x = 0, y = 0;

	while (n-- > 0) {
		fn(arg, sign[n], sign[n] == '+' ? b->v[y] : a->v[x]);
		x += sign[n] != '+';
		y += sign[n] != '-';
	}
}

/**
 * vg_diff - compare two texts
 * @old: text
 * @new: text
 * @fn: called with each line of both, in order
 * @arg: for @fn
 *
 * Return: number of lines that differ, or -ENOMEM.
 */
int vg_diff(const char *old, const char *new, vg_diff_fn fn, void *arg)
{
	struct lines a = { 0 }, b = { 0 };
	struct trace t = { 0 };
	char *sign = NULL;
	size_t n = 0;
	int d = -2;

	if (!split(&a, old) && !split(&b, new)) {
		sign = malloc(a.n + b.n + 1);
		d = sign ? search(&a, &b, &t) : -2;
	}
	if (d >= 0) {
		walk(&a, &b, &t, d, sign, &n);
		report(&a, &b, sign, n, fn, arg);
	} else if (d == -1) {
		memset(sign, '+', b.n);
		memset(sign + b.n, '-', a.n);
		report(&a, &b, sign, a.n + b.n, fn, arg);
		d = a.n + b.n;
	}
	for (size_t i = 0; i < t.n; i++)
		free(t.v[i]);
	free(t.v);
	free(sign);
	lines_free(&a);
	lines_free(&b);
	return d < 0 ? -ENOMEM : d;
}
