// SPDX-License-Identifier: GPL-2.0
/*
 * Is there a golden configuration for each command of the language, with each of its
 * keywords and parameters? What the tables say is compared with what the lines of
 * golden/ are matched with.
 */
#include <dirent.h>
#include <stdio.h>
#include <strings.h>

#include "parser.h"
#include "tests.h"
#include "util.h"

#define DIR_NAME	"golden"
#define WORDS_MAX	64

struct seen {
	struct vg_hash by_name;
	char **name;
	size_t n, cap;
};

static void name_of(char *out, size_t size, size_t mode, size_t cmd, const char *label, size_t len)
{
	snprintf(out, size, "%zu %zu %.*s", mode, cmd, (int)len, label);
}

static void note(struct seen *seen, size_t mode, const struct vg_match *m)
{
	size_t cmd = m->cmd - vg_modes[mode].cmds, value;
	char name[100], **kept;

	for (size_t i = 0; i < m->n_cap; i++) {
		const char *label = m->cap[i].label;

		name_of(name, sizeof(name), mode, cmd, label, strlen(label));
		if (vg_hash_get(&seen->by_name, name, &value))
			continue;
		kept = vg_push(&seen->name, &seen->n, &seen->cap);
		assert_non_null(kept);
		*kept = strdup(name);
		assert_int_equal(vg_hash_put(&seen->by_name, *kept, 1), 0);
	}
}

static void match_line(struct vg_language *lang, struct seen *seen, char *line)
{
	struct vg_token words[WORDS_MAX], *tok = words;
	size_t n = vg_lex(line, words, WORDS_MAX);
	struct vg_match m = { 0 };

	if (!n || n > WORDS_MAX)
		return;
	if (!strcasecmp(tok->text, "no") || !strcasecmp(tok->text, "default")) {
		tok++;
		n--;
	}
	for (size_t mode = 0; n && mode < VG_MODES; mode++) {
		if (lang->mode[mode] && vg_grammar_match(lang->mode[mode], tok, n, &m) == VG_MATCH)
			note(seen, mode, &m);
	}
	vg_match_free(&m);
}

static void match_file(struct vg_language *lang, struct seen *seen, const char *name)
{
	char path[300], *line = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), DIR_NAME "/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		match_line(lang, seen, line);
	}
	free(line);
	fclose(f);
}

/* Each word of a pattern that there is nothing for. */
static size_t missing(const struct seen *seen, size_t mode, size_t cmd, size_t *total)
{
	const char *p = vg_modes[mode].cmds[cmd].pattern;
	size_t n = 0, len, value;
	char name[100];

	for (p += strspn(p, " []{}|+*"); *p; p += strspn(p, " []{}|+*")) {
		const char *label = p + (*p == '<');

		len = strcspn(label, " []{}|<>=:");
		p = *p == '<' ? strchr(p, '>') + 1 : label + len;
		if (*p == '=') {
			label = p + 1;
			len = strcspn(label, " []{}|<>");
			p = label + len;
		}
		name_of(name, sizeof(name), mode, cmd, label, len);
		(*total)++;
		if (vg_hash_get(&seen->by_name, name, &value))
			continue;
		print_message("no golden configuration has '%.*s' of %s: %.60s\n", (int)len, label,
			      vg_modes[mode].name, vg_modes[mode].cmds[cmd].pattern);
		n++;
	}
	return n;
}

static void every_word(void **state)
{
	struct vg_language *lang = vg_language_new();
	DIR *dir = opendir(DIR_NAME);
	struct seen seen = { 0 };
	size_t total = 0, n = 0;

	assert_non_null(lang);
	assert_non_null(dir);
	for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
		if (d->d_name[0] != '.')
			match_file(lang, &seen, d->d_name);
	}
	closedir(dir);
	for (size_t mode = 0; mode < VG_MODES; mode++) {
		for (size_t cmd = 0; cmd < vg_modes[mode].n; cmd++)
			n += missing(&seen, mode, cmd, &total);
	}
	print_message("%zu words of the language, %zu without a golden configuration\n", total, n);
	assert_true(total > 500);
	assert_int_equal(n, 0);
	vg_hash_free(&seen.by_name);
	while (seen.n)
		free(seen.name[--seen.n]);
	free(seen.name);
	vg_language_free(lang);
}

int group_productions(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word),
	};

	return RUN_GROUP(tests);
}
