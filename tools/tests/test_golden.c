// SPDX-License-Identifier: GPL-2.0
/*
 * Configurations in files, and what becomes of them. A file in golden/ holds
 * cases:
 *
 *	=== name of the case
 *	text of a configuration
 *	--- warnings		(only if there are any)
 *	--- running		(*.good) what show running-config prints, with keys
 *	--- errors		(*.bad) the findings, and what was expected instead
 *
 * VG_GOLDEN=update writes what was found into the files, to be read over.
 */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "manual.h"
#include "nl.h"
#include "running.h"
#include "tests.h"

#define DIR_NAME "golden"

struct golden {
	char *name, *text, *want, *got;
};

struct file {
	char path[300];
	bool good;
	struct golden *v;
	size_t n, cap;
};

static size_t n_good, n_bad, n_failed;

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	assert_non_null(f);
	n = getdelim(&text, &size, '\0', f);
	fclose(f);
	assert_true(n > 0);
	return text;
}

/* Cuts a file into its cases. */
static void split(struct file *f, char *text)
{
	char *at = text;

	assert_memory_equal(at, "=== ", 4);
	while (at) {
		char *next = strstr(at + 1, "\n=== "), *body = strchr(at, '\n'), *want;
		struct golden *g = vg_push(&f->v, &f->n, &f->cap);

		assert_non_null(g);
		if (next)
			*next++ = '\0';
		*body++ = '\0';
		want = strncmp(body, "--- ", 4) ? strstr(body, "\n--- ") : body - 1;
		g->name = strdup(at + 4);
		g->want = strdup(want ? want + 1 : "");
		if (want)
			want[1] = '\0';
		g->text = strdup(body);
		/* The line feed before "===" belongs to the case. */
		if (next) {
			char **last = want ? &g->want : &g->text;

			*last = realloc(*last, strlen(*last) + 2);
			strcat(*last, "\n");
		}
		at = next;
	}
}

static struct file load_file(const char *name)
{
	struct file f = { .good = strstr(name, ".good") };
	char *text;

	snprintf(f.path, sizeof(f.path), DIR_NAME "/%s", name);
	text = read_all(f.path);
	split(&f, text);
	free(text);
	return f;
}

static char *findings(const struct vg_diags *diags, enum vg_severity severity)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < diags->n; i++) {
		const struct vg_diag *d = &diags->v[i];

		if (d->severity != severity)
			continue;
		fprintf(out, "%u:%u %s\n", d->src.line, d->src.col, d->message);
		if (d->expected)
			fprintf(out, "    expected: %s\n", d->expected);
	}
	fclose(out);
	return text;
}

static char *running(const struct vg_config *cfg)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(vg_running_print(out, cfg, true), 0);
	fclose(out);
	return text;
}

static void add_message(FILE *out, struct nl_msg *msg, int put)
{
	assert_non_null(msg);
	assert_int_equal(put, 0);
	for (uint32_t i = 0; i < nlmsg_hdr(msg)->nlmsg_len; i++)
		fputc(((const char *)nlmsg_hdr(msg))[i], out);
	vg_nl_msg_free(msg);
}

#define MESSAGE(out, cmd, put) do {						\
	struct nl_msg *msg = vg_nl_msg(NULL, cmd, 0);				\
										\
	add_message(out, msg, put);						\
} while (0)

/* Lines are the only thing in which two texts of one configuration may differ. */
static void forget_lines(struct vg_config *cfg)
{
	static const struct vg_src none;

	for (size_t i = 0; i < cfg->acl.n; i++) {
		cfg->acl.v[i].at = none;
		for (size_t j = 0; j < cfg->acl.v[i].n; j++)
			cfg->acl.v[i].ace[j].at = none;
	}
	for (size_t i = 0; i < cfg->route_map.n; i++) {
		cfg->route_map.v[i].at = none;
		for (size_t j = 0; j < cfg->route_map.v[i].n; j++)
			cfg->route_map.v[i].entry[j].at = none;
	}
	for (size_t i = 0; i < cfg->pool.n; i++)
		cfg->pool.v[i].at = none;
	for (size_t i = 0; i < cfg->rule.n; i++)
		cfg->rule.v[i].at = none;
	for (size_t i = 0; i < cfg->map_entry.n; i++)
		cfg->map_entry.v[i].at = none;
	for (size_t i = 0; i < cfg->iface.n; i++)
		cfg->iface.v[i].at = none;
	for (size_t i = 0; i < cfg->policy.n; i++)
		cfg->policy.v[i].at = none;
	for (size_t i = 0; i < cfg->key.n; i++)
		cfg->key.v[i].at = none;
	for (size_t i = 0; i < cfg->local_pool.n; i++)
		cfg->local_pool.v[i].at = none;
	for (size_t i = 0; i < cfg->group.n; i++) {
		cfg->group.v[i].at = none;
		cfg->group.v[i].pool.at = none;
		cfg->group.v[i].acl.at = none;
	}
	for (size_t i = 0; i < cfg->user.n; i++)
		cfg->user.v[i].at = none;
	for (size_t i = 0; i < cfg->aaa_list.n; i++)
		cfg->aaa_list.v[i].at = none;
}

static void add_refs(FILE *out, const struct vg_ref *ref, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", ref[i].name);
}

static void add_entry(FILE *out, const struct vg_map_entry *e)
{
	fprintf(out, "%s %u %u %s %s %u %u %u %d\n", e->map, e->seq, e->type, e->acl.name,
		e->dynamic.name, e->pfs, e->life, e->kilobytes, e->reverse_route);
	add_refs(out, e->transform, e->n_transform);
	for (size_t i = 0; i < e->n_peer; i++)
		fprintf(out, "%x\n", e->peer[i]);
	fwrite(&e->in.cipher.v, sizeof(e->in.cipher.v), 1, out);
	fwrite(&e->in.authenticator.v, sizeof(e->in.authenticator.v), 1, out);
	fwrite(&e->out.cipher.v, sizeof(e->out.cipher.v), 1, out);
	fprintf(out, "%u %u\n", e->in.spi, e->out.spi);
}

static int key_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct vg_isakmp_key));
}

static int list_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct vg_aaa_list));
}

static void add_negotiation(FILE *out, struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->policy.n; i++)
		fwrite(&cfg->policy.v[i], sizeof(cfg->policy.v[i]), 1, out);
	if (cfg->key.n)		/* in which order they stand means nothing */
		qsort(cfg->key.v, cfg->key.n, sizeof(*cfg->key.v), key_cmp);
	for (size_t i = 0; i < cfg->key.n; i++)
		fwrite(&cfg->key.v[i], sizeof(cfg->key.v[i]), 1, out);
	for (size_t i = 0; i < cfg->local_pool.n; i++)
		fwrite(&cfg->local_pool.v[i], sizeof(cfg->local_pool.v[i]), 1, out);
	for (size_t i = 0; i < cfg->map.n; i++)
		fprintf(out, "%s %s %d %d %s %s\n", cfg->map.v[i].name,
			cfg->map.v[i].local_iface.name, cfg->map.v[i].initiate,
			cfg->map.v[i].respond, cfg->map.v[i].authentication.name,
			cfg->map.v[i].authorization.name);
	if (cfg->aaa_list.n)
		qsort(cfg->aaa_list.v, cfg->aaa_list.n, sizeof(*cfg->aaa_list.v), list_cmp);
	for (size_t i = 0; i < cfg->group.n; i++)
		fwrite(&cfg->group.v[i], sizeof(cfg->group.v[i]), 1, out);
	for (size_t i = 0; i < cfg->user.n; i++)
		fwrite(&cfg->user.v[i], sizeof(cfg->user.v[i]), 1, out);
	for (size_t i = 0; i < cfg->aaa_list.n; i++)
		fwrite(&cfg->aaa_list.v[i], sizeof(cfg->aaa_list.v[i]), 1, out);
	fprintf(out, "%d %d\n", cfg->aaa, cfg->isakmp.no_aggressive);
	for (size_t i = 0; i < cfg->dynamic.n; i++)
		add_entry(out, &cfg->dynamic.v[i]);
	for (size_t i = 0; i < cfg->map_entry.n; i++)
		add_entry(out, &cfg->map_entry.v[i]);
	for (size_t i = 0; i < cfg->transform.n; i++)
		fprintf(out, "%s %u %u %u %u\n", cfg->transform.v[i].name,
			cfg->transform.v[i].encr, cfg->transform.v[i].auth,
			cfg->transform.v[i].key_bits, cfg->transform.v[i].mode);
	fprintf(out, "%u %u %d %u %x %d %s %u %u %d %u\n", cfg->life, cfg->kilobytes,
		cfg->no_nat_t, cfg->replay_window, cfg->df_flags, cfg->isakmp.disabled,
		cfg->isakmp.pool.name, cfg->isakmp.keepalive, cfg->isakmp.retry,
		cfg->isakmp.periodic, cfg->isakmp.nat_keepalive);
}

/*
 * Everything a configuration means, as octets: what goes to the kernel, and what
 * vpnd goes by. It does not pass through the printer, which it is to judge.
 */
static char *meaning(struct vg_config *cfg, size_t *len)
{
	char *octets = NULL;
	FILE *out = open_memstream(&octets, len);

	forget_lines(cfg);
	for (size_t i = 0; i < cfg->acl.n; i++) {
		size_t from = 0;

		do
			MESSAGE(out, VPNGW_CMD_ACL_NEW,
				vg_put_acl(msg, &cfg->acl.v[i], &from));
		while (from < cfg->acl.v[i].n);
	}
	for (size_t i = 0; i < cfg->route_map.n; i++)
		MESSAGE(out, VPNGW_CMD_ROUTE_MAP_NEW,
			vg_put_route_map(msg, &cfg->route_map.v[i]));
	for (size_t i = 0; i < cfg->pool.n; i++)
		MESSAGE(out, VPNGW_CMD_POOL_NEW, vg_put_pool(msg, &cfg->pool.v[i]));
	for (size_t i = 0; i < cfg->rule.n; i++)
		MESSAGE(out, VPNGW_CMD_NAT_RULE_NEW, vg_put_nat_rule(msg, &cfg->rule.v[i]));
	MESSAGE(out, VPNGW_CMD_NAT_NEW, vg_put_nat(msg, &cfg->nat));
	for (size_t i = 0; i < cfg->map_entry.n; i++)
		MESSAGE(out, VPNGW_CMD_POLICY_NEW,
			vg_put_policy(msg, cfg, &cfg->map_entry.v[i]));
	for (size_t i = 0; i < cfg->iface.n; i++)
		MESSAGE(out, VPNGW_CMD_IFACE_NEW, vg_put_iface(msg, &cfg->iface.v[i]));
	for (size_t i = 0; i < cfg->route.n; i++)
		fprintf(out, "%x %x %x %s%s\n", cfg->route.v[i].dst, cfg->route.v[i].mask,
			cfg->route.v[i].gateway, cfg->route.v[i].iface.name,
			cfg->route.v[i].options);
	add_negotiation(out, cfg);
	fclose(out);
	return octets;
}

/* Goes on, so that all that is wrong is seen at once. */
static void wrong(const struct golden *g, const char *what, const char *text)
{
	print_error("%s: %s:\n%s", g->name, what, text);
	n_failed++;
}

/* load(show(load(x))) = load(x), and show says the same again. */
static void round_trip(const struct golden *g, struct vg_config *cfg, const char *shown)
{
	struct parsed again = parse_text(shown, NULL);
	char *text = running(again.cfg), *a, *b;
	size_t len_a, len_b;

	if (again.diags.errors)
		wrong(g, "what was printed is refused", shown);
	if (strcmp(text, shown))
		wrong(g, "printed again it looks different", text);
	a = meaning(cfg, &len_a);
	b = meaning(again.cfg, &len_b);
	if (len_a != len_b || memcmp(a, b, len_a))
		wrong(g, "what was printed means something else", shown);
	free(a);
	free(b);
	free(text);
	parsed_free(&again);
}

static void run_case(const struct file *f, struct golden *g)
{
	struct parsed p = parse_text(g->text, NULL);
	char *warnings = findings(&p.diags, VG_WARNING), *errors = findings(&p.diags, VG_ERROR);
	char *shown = running(p.cfg);
	size_t size;
	FILE *out = open_memstream(&g->got, &size);

	if (*warnings && f->good)
		fprintf(out, "--- warnings\n%s", warnings);
	fprintf(out, f->good ? "--- running\n%s" : "--- errors\n%s", f->good ? shown : errors);
	fclose(out);
	if (!p.diags.errors == !f->good)
		wrong(g, f->good ? "refused" : "not refused", f->good ? errors : shown);
	if (f->good)
		round_trip(g, p.cfg, shown);
	if (f->good)
		n_good++;
	else
		n_bad++;
	free(warnings);
	free(errors);
	free(shown);
	parsed_free(&p);
}

static void update(const struct file *f)
{
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	for (size_t i = 0; i < f->n; i++)
		fprintf(out, "=== %s\n%s%s", f->v[i].name, f->v[i].text, f->v[i].got);
	fclose(out);
}

static void run_file(const char *name)
{
	const char *mode = getenv("VG_GOLDEN");
	struct file f = load_file(name);

	for (size_t i = 0; i < f.n; i++) {
		struct golden *g = &f.v[i];

		run_case(&f, g);
		if (mode)
			continue;
		if (strcmp(g->got, g->want))
			wrong(g, "not what is expected, but", g->got);
	}
	if (mode)
		update(&f);
	for (size_t i = 0; i < f.n; i++) {
		free(f.v[i].name);
		free(f.v[i].text);
		free(f.v[i].want);
		free(f.v[i].got);
	}
	free(f.v);
}

static void all_files(void **state)
{
	DIR *dir = opendir(DIR_NAME);

	assert_non_null(dir);
	for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
		if (d->d_name[0] != '.')
			run_file(d->d_name);
	}
	closedir(dir);
	/* Both kinds were found and run. */
	print_message("%zu good and %zu malformed configurations\n", n_good, n_bad);
	assert_int_equal(n_failed, 0);
	assert_true(n_good >= 150);
	assert_true(n_bad >= 150);
}

int group_golden(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_files),
	};

	return RUN_GROUP(tests);
}
