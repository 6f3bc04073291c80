// SPDX-License-Identifier: GPL-2.0
/*
 * wg_set DEVICE KEY PORT PEER_KEY ENDPOINT NETWORK PREFIX: give a WireGuard device its
 * key, its port and its one peer, who is asked on the same port. Keys are 64
 * hexadecimal digits. As little of wg(8) as the bench needs.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/wireguard.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

static int put_key(struct nl_msg *msg, int type, const char *text)
{
	uint8_t key[WG_KEY_LEN];
	unsigned int octet, i;

	for (i = 0; i < sizeof(key); i++, text += 2) {
		if (sscanf(text, "%2x", &octet) != 1)
			return -1;
		key[i] = octet;
	}
	return nla_put(msg, type, sizeof(key), key);
}

static int put_peer(struct nl_msg *msg, char **argv)
{
	struct sockaddr_in endpoint = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[3])) };
	struct nlattr *peers, *peer, *ips, *ip;
	struct in_addr net;
	int err;

	if (!inet_aton(argv[5], &endpoint.sin_addr) || !inet_aton(argv[6], &net))
		return -1;
	peers = nla_nest_start(msg, WGDEVICE_A_PEERS);
	peer = nla_nest_start(msg, 0);
	err = put_key(msg, WGPEER_A_PUBLIC_KEY, argv[4]) ?:
	      nla_put(msg, WGPEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
	ips = nla_nest_start(msg, WGPEER_A_ALLOWEDIPS);
	ip = nla_nest_start(msg, 0);
	err = err ?: nla_put_u16(msg, WGALLOWEDIP_A_FAMILY, AF_INET) ?:
	      nla_put(msg, WGALLOWEDIP_A_IPADDR, sizeof(net), &net) ?:
	      nla_put_u8(msg, WGALLOWEDIP_A_CIDR_MASK, atoi(argv[7]));
	nla_nest_end(msg, ip);
	nla_nest_end(msg, ips);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, peers);
	return err;
}

int main(int argc, char **argv)
{
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc();
	int family, err;

	if (argc != 8 || !sk || !msg) {
		fprintf(stderr, "usage: wg_set DEVICE KEY PORT PEER_KEY ENDPOINT NETWORK PREFIX\n");
		return 2;
	}
	err = genl_connect(sk);
	family = err ? err : genl_ctrl_resolve(sk, WG_GENL_NAME);
	if (family < 0) {
		fprintf(stderr, "wg_set: no WireGuard: %s\n", nl_geterror(family));
		return 1;
	}
	genlmsg_put(msg, 0, 0, family, 0, 0, WG_CMD_SET_DEVICE, WG_GENL_VERSION);
	if (nla_put_string(msg, WGDEVICE_A_IFNAME, argv[1]) ||
	    put_key(msg, WGDEVICE_A_PRIVATE_KEY, argv[2]) ||
	    nla_put_u16(msg, WGDEVICE_A_LISTEN_PORT, atoi(argv[3])) || put_peer(msg, argv)) {
		fprintf(stderr, "wg_set: bad arguments\n");
		return 2;
	}
	err = nl_send_sync(sk, msg);
	if (err)
		fprintf(stderr, "wg_set: %s\n", nl_geterror(err));
	nl_socket_free(sk);
	return err != 0;
}
