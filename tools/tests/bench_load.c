// SPDX-License-Identifier: GPL-2.0
/*
 * How long our share of a load takes: bench_load FILE MILLISECONDS. All that load does
 * before the kernel has its say, in processor time, which other programs do not
 * lengthen; fails if it is more than that.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "lint.h"
#include "manual.h"
#include "nl.h"
#include "parse.h"

static double begin;
static size_t octets, messages;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void step(const char *what, bool ok)
{
	static double last;
	double t = now();

	if (!ok) {
		fprintf(stderr, "bench_load: %s failed\n", what);
		exit(1);
	}
	printf("  %-10s %8.1f ms\n", what, t - (last ? last : begin));
	last = t;
}

static void done(struct nl_msg *msg, int ret)
{
	if (!msg || ret) {
		fprintf(stderr, "bench_load: an object does not fit a message\n");
		exit(1);
	}
	octets += nlmsg_hdr(msg)->nlmsg_len;
	messages++;
	vg_nl_msg_free(msg);
}

#define ENCODE(array, cmd, put) do {						\
	for (size_t i_ = 0; i_ < (array).n; i_++) {				\
		struct nl_msg *msg_ = vg_nl_msg(NULL, cmd, 0);			\
										\
		done(msg_, msg_ ? put(msg_, &(array).v[i_]) : 0);		\
	}									\
} while (0)

static void encode(const struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->acl.n; i++) {
		size_t from = 0;

		do {
			struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);

			done(msg, msg ? vg_put_acl(msg, &cfg->acl.v[i], &from) : 0);
		} while (from < cfg->acl.v[i].n);
	}
	ENCODE(cfg->route_map, VPNGW_CMD_ROUTE_MAP_NEW, vg_put_route_map);
	ENCODE(cfg->pool, VPNGW_CMD_POOL_NEW, vg_put_pool);
	ENCODE(cfg->rule, VPNGW_CMD_NAT_RULE_NEW, vg_put_nat_rule);
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_POLICY_NEW, 0);

		done(msg, msg ? vg_put_policy(msg, cfg, &cfg->map_entry.v[i]) : 0);
	}
	ENCODE(cfg->sa, VPNGW_CMD_SA_NEW, vg_put_sa);
}

int main(int argc, char **argv)
{
	static struct vg_parse_options opt;
	struct vg_config *cfg = vg_config_new();
	struct vg_diags diags = { 0 };
	char *text;
	size_t len;
	double all;
	int fd;

	fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || !cfg || vg_file_read(fd, 64 << 20, &text, &len)) {
		fprintf(stderr, "bench_load FILE MILLISECONDS\n");
		return 2;
	}
	begin = now();
	step("parse", !vg_parse(cfg, text, len, &opt, &diags));
	step("check", !vg_check(cfg, &opt, &diags) && !diags.errors);
	step("keys", !vg_manual_sas(cfg, &diags) && !diags.errors);
	step("lint", !vg_lint(cfg, &diags) && !diags.errors);
	encode(cfg);
	step("encode", true);
	all = now() - begin;
	printf("%zu associations, %zu lists, %zu octets in %zu messages: %.0f ms of %s\n",
	       cfg->sa.n, cfg->acl.n, octets, messages, all, argv[2]);
	vg_config_free(cfg);
	vg_diags_free(&diags);
	free(text);
	close(fd);
	if (all <= atof(argv[2]))
		return 0;
	fprintf(stderr, "bench_load: too slow\n");
	return 1;
}
