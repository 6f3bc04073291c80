// SPDX-License-Identifier: GPL-2.0
/*
 * acl_ask FILE LIST: what an access list of a configuration says of the packets on
 * standard input, for selftests/acl_model.py. Prints the number of the entry that
 * decides, 0 for none.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "acl_eval.h"
#include "daemon.h"
#include "parse.h"

static struct vg_config *read_config(const char *path)
{
	static const struct vg_parse_options opt;
	struct vg_config *cfg = vg_config_new();
	struct vg_diags diags = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len;

	if (!cfg || fd < 0 || vg_file_read(fd, 1 << 20, &text, &len) ||
	    vg_parse(cfg, text, len, &opt, &diags) || vg_check(cfg, &opt, &diags) ||
	    diags.errors) {
		fprintf(stderr, "acl_ask: %s is not to be read\n", path);
		exit(1);
	}
	close(fd);
	free(text);
	vg_diags_free(&diags);
	return cfg;
}

int main(int argc, char **argv)
{
	unsigned int proto, tos, fragment, sport, dport, flags, type, code;
	struct vg_config *cfg;
	const struct vg_acl *acl;
	struct vg_packet p;

	if (argc != 3)
		return 2;
	cfg = read_config(argv[1]);
	acl = vg_acl_find(cfg, argv[2]);
	while (acl && scanf("%u %u %u %u %u %u %u %u %u %u", &p.src, &p.dst, &proto, &tos,
			    &fragment, &sport, &dport, &flags, &type, &code) == 10) {
		const struct vg_ace *ace;

		p.proto = proto;
		p.tos = tos;
		p.fragment = fragment;
		p.sport = sport;
		p.dport = dport;
		p.tcp_flags = flags;
		p.icmp_type = type;
		p.icmp_code = code;
		ace = vg_acl_eval(acl, &p);
		printf("%u\n", ace ? ace->seq : 0);
	}
	vg_config_free(cfg);
	return !acl;
}
