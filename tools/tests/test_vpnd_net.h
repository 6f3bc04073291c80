/* SPDX-License-Identifier: GPL-2.0 */
/* Two gateways that are the same program, and a network between them, for tests. */
#ifndef TEST_VPND_NET_H
#define TEST_VPND_NET_H

#include "ike.h"
#include "natt.h"
#include "test_vpnd.h"

#define A_ADDR		0xc9462065	/* 201.70.32.101 */
#define B_ADDR		0xc9462052	/* 201.70.32.82 */
#define NAT_ADDR	0xc946205a	/* 201.70.32.90 */
#define NAT_PORT	31000
#define LIFE_MS		120000

struct datagram {
	struct endpoint from, to;
	uint8_t data[MSG_MAX];
	size_t len;
};

struct gateway {
	struct vpnd_conf *conf;
	struct ike *ike;
	struct net *net;
	char *told;
	size_t told_size;
	FILE *log;
};

/**
 * struct net - what is between them
 * @nat: A is behind a NAT
 * @lose: of each message the first copy is lost
 * @commit: somebody sets the commit bit of quick mode
 */
struct net {
	struct gateway a, b;
	struct datagram wire[64];
	size_t n;
	bool nat, lose, commit;
	struct { uint8_t digest[32]; } seen[64];
	size_t n_seen, keepalives;
};

int net_on_send(void *arg, const struct endpoint *local, const struct endpoint *peer,
		const void *data, size_t len);
void net_pump(struct net *net);
void net_pass(struct net *net, uint64_t ms);
void net_make(struct net *net, const char *key_b, const char *pfs, bool nat);
void net_free(struct net *net);
void net_packet(struct gateway *g);
void net_settle(struct net *net);
size_t net_pairs(struct net *net);
void net_same_keys(struct net *net);
unsigned int net_contacts(struct gateway *g);

#endif
