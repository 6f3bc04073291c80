// SPDX-License-Identifier: GPL-2.0
/*
 * fill_sas FIRST PAIRS LOCAL PEER INNER KEY: give the dynamic entry 10 of crypto map
 * "intmap" as many pairs of AES-GCM associations, one for each client: SPIs ascend
 * from FIRST, inbound first; the peers from PEER and their inner addresses from INNER.
 * As the key daemon does it, only faster than it could.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "nl.h"

static uint32_t address(const char *text)
{
	struct in_addr in;

	if (!inet_aton(text, &in)) {
		fprintf(stderr, "fill_sas: %s is no address\n", text);
		exit(2);
	}
	return ntohl(in.s_addr);
}

static void read_key(struct vg_sa *sa, const char *text)
{
	unsigned int octet;

	while (sa->enc_key.len < sizeof(sa->enc_key.v) && sscanf(text, "%2x", &octet) == 1) {
		sa->enc_key.v[sa->enc_key.len++] = octet;
		text += 2;
	}
}

static int add(struct vg_nl *nl, struct vg_sa *sa)
{
	struct nl_msg *msg = vg_nl_msg(nl, VPNGW_CMD_SA_NEW, 0);
	struct vg_nl_error err = { 0 };

	if (!msg || vg_put_sa(msg, sa))
		return -1;
	if (!vg_nl_request(nl, msg, NULL, NULL, &err))
		return 0;
	fprintf(stderr, "fill_sas: SPI %u: %s %s\n", sa->spi, err.text, err.attr);
	return -1;
}

int main(int argc, char **argv)
{
	struct vg_sa sa = {
		.map = "intmap", .map_seq = 10, .mode = VPNGW_MODE_TUNNEL,
		.encr = VPNGW_ENCR_AES_GCM, .auth = VPNGW_AUTH_NONE,
		.flags = VPNGW_SA_FLAG_DF_COPY, .replay_window = 64,
	};
	uint32_t spi, local, peer, inner, i, pairs;
	struct vg_nl_error err = { 0 };
	struct vg_nl *nl;

	if (argc != 7) {
		fprintf(stderr, "usage: fill_sas FIRST PAIRS LOCAL PEER INNER KEY\n");
		return 2;
	}
	spi = strtoul(argv[1], NULL, 0);
	pairs = strtoul(argv[2], NULL, 0);
	local = address(argv[3]);
	peer = address(argv[4]);
	inner = address(argv[5]);
	read_key(&sa, argv[6]);
	if (vg_nl_open(&nl, &err)) {
		fprintf(stderr, "fill_sas: %s\n", err.text);
		return 1;
	}
	for (i = 0; i < pairs; i++) {
		/* inside network on our side, one host on the other */
		sa.sel = (struct vg_selector){
			.local = 0x0a020200, .local_mask = 0xffffff00,
			.remote = inner + i, .remote_mask = 0xffffffff,
			.proto = -1, .local_port = -1, .remote_port = -1,
		};
		sa.spi = spi++;
		sa.dir = VPNGW_DIRECTION_IN;
		sa.saddr = peer + i;
		sa.daddr = local;
		if (add(nl, &sa))
			return 1;
		sa.spi = spi++;
		sa.dir = VPNGW_DIRECTION_OUT;
		sa.saddr = local;
		sa.daddr = peer + i;
		if (add(nl, &sa))
			return 1;
	}
	vg_nl_close(nl);
	return 0;
}
