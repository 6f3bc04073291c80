/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data plane as key management sees it. Two backends: kernel_nl.c drives the
 * module; kernel_fake.c only remembers what it was told, for unit tests and for
 * vpnd --no-kernel.
 *
 * What is wanted of the netlink family, where it has no such operation yet:
 *  - get_spi: reserve a larval SPI for (local address, peer) that nobody else can
 *    take and that goes away by itself after some 90 s;
 *  - add_pair: both directions in one request, so that no moment exists in which
 *    one side only is there; the inbound one turns the larval SPI into an SA, the
 *    outbound one becomes current in the slot of its selector while the one before
 *    it stays until it is deleted or its hard limit ends it;
 *  - a policy per client, made with the pair of a dynamic entry and gone with the
 *    last pair of that selector;
 *  - events: soft and hard limits reached, an SA deleted by vpnctl, acquire.
 */
#ifndef VPND_KERNEL_H
#define VPND_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "isakmp.h"
#include "log.h"

/**
 * struct kernel_sel - traffic of a pair, seen from the gateway (RFC 4301 4.4.1.1)
 * @proto: -1: every protocol
 * @local_port: -1: every port
 * @remote_port: the same
 */
struct kernel_sel {
	uint32_t local, local_mask, remote, remote_mask;
	int16_t proto;
	int32_t local_port, remote_port;
};

struct kernel_keys {
	uint8_t enc[32], auth[64];
};

/**
 * struct kernel_pair - two IPsec SAs, one for each direction
 * @local: our outer address
 * @peer: the peer's
 * @map: crypto map and @seq its entry that the pair serves
 * @life: hard limit in seconds
 */
struct kernel_pair {
	uint32_t local, peer;
	uint32_t in_spi, out_spi;
	char map[64];
	uint32_t seq;
	enum esp_transform encr;
	uint16_t key_bits;
	enum esp_auth auth;
	bool transport;
	uint8_t enc_len, auth_len;
	struct kernel_keys in, out;
	struct kernel_sel sel;
	uint32_t life, kilobytes;
};

/**
 * struct kernel_ops - what a backend can do; all return 0 or -errno
 * @get_spi: reserve an SPI for packets from @peer to @local
 * @put_spi: give one back that no SA came to use
 * @add_pair: install both SAs and, for a dynamic entry, the client's policy
 * @del_sa: remove the SA with that SPI towards that destination
 * @route: install or remove the host route to a client
 */
struct kernel_ops {
	int (*get_spi)(void *priv, uint32_t local, uint32_t peer, uint32_t *spi);
	void (*put_spi)(void *priv, uint32_t local, uint32_t spi);
	int (*add_pair)(void *priv, const struct kernel_pair *pair);
	int (*del_sa)(void *priv, uint32_t daddr, uint32_t spi);
	int (*route)(void *priv, bool add, uint32_t client, uint32_t peer);
	void (*close)(void *priv);
};

struct kernel {
	const struct kernel_ops *ops;
	void *priv;
};

int kernel_nl_open(struct kernel *k, const struct log *log);
int kernel_fake_open(struct kernel *k);
/* What the fake remembers, for tests. */
unsigned int kernel_fake_larval(const struct kernel *k);
unsigned int kernel_fake_sas(const struct kernel *k);
unsigned int kernel_fake_routes(const struct kernel *k);
const struct kernel_pair *kernel_fake_last(const struct kernel *k);

#endif
