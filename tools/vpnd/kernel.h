/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data plane as key management sees it. Two backends: kernel_nl.c drives the
 * module; kernel_fake.c only remembers what it was told, for unit tests and for
 * vpnd --no-kernel.
 *
 * The inbound SA of a pair is installed before the peer hears of its SPI, so that
 * whatever the peer sends under it finds it, and no SPI needs to be reserved; the
 * outbound one when the peer is known to have its inbound one. The outbound one
 * becomes current for its selector, while the one before it stays until it is
 * deleted or its hard limit ends it.
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

bool kernel_sel_equal(const struct kernel_sel *a, const struct kernel_sel *b);
bool kernel_sel_joins(const struct kernel_sel *sel, uint32_t local, uint32_t peer);

struct kernel_keys {
	uint8_t enc[32], auth[64];
};

/**
 * struct kernel_pair - two IPsec SAs, one for each direction
 * @local: our outer address
 * @peer: the peer's
 * @local_port: our UDP port if ESP is in UDP (RFC 3948), else 0
 * @peer_port: the peer's
 * @map: crypto map and @seq its entry that the pair serves
 * @soft_kilobytes: when to tell that a successor is wanted, 0 for never
 * @life: hard limit in seconds
 * @kilobytes: hard limit of each direction, 0 for none
 */
struct kernel_pair {
	uint32_t local, peer;
	uint16_t local_port, peer_port;
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
	uint32_t life, kilobytes, soft_kilobytes;
};

/**
 * enum kernel_event_kind - what the data plane tells
 * @KERNEL_SOFT: an SA reached its soft limit: make another one
 * @KERNEL_GONE: an SA has gone, by its hard limit or by the administrator's hand
 * @KERNEL_ACQUIRE: a packet was dropped for want of an SA
 * @KERNEL_PEER: ESP in UDP has come from somewhere else than before, authentic
 * @KERNEL_LOST: some of the above were not told; sa_state() knows what became of
 *	SAs, and a packet that comes again asks again
 */
enum kernel_event_kind {
	KERNEL_SOFT,
	KERNEL_GONE,
	KERNEL_ACQUIRE,
	KERNEL_PEER,
	KERNEL_LOST,
};

/**
 * enum kernel_sa - an SA as the data plane has it
 * @KERNEL_SA_NONE: there is no such SA
 * @KERNEL_SA_LIVES: there is
 * @KERNEL_SA_SOFT: it is past its soft limit
 */
enum kernel_sa {
	KERNEL_SA_NONE,
	KERNEL_SA_LIVES,
	KERNEL_SA_SOFT,
};

/**
 * struct kernel_event - something that the data plane tells
 * @kind: what
 * @daddr: destination of the SA
 * @spi: its SPI
 * @cause: one or two words
 * @map: crypto map and @seq the entry that the packet met
 * @src: the packet's addresses and protocol
 * @sport: UDP port of its source, for KERNEL_PEER
 */
struct kernel_event {
	enum kernel_event_kind kind;
	uint32_t daddr, spi;
	char cause[32];
	char map[64];
	uint32_t seq, src, dst;
	uint8_t proto;
	uint16_t sport;
};

/**
 * struct kernel_place - where the peer of an SA in UDP is now
 * @daddr: destination of the SA
 * @spi: its SPI
 * @peer: address of the peer
 * @sport: UDP port of the SA's source
 * @dport: of its destination
 */
struct kernel_place {
	uint32_t daddr, spi, peer;
	uint16_t sport, dport;
};

typedef void (*kernel_event_fn)(void *arg, const struct kernel_event *event);

/**
 * struct kernel_owner - who knows what SAs are for
 * @known: is this one of ours
 * @orphan: an inbound one from @saddr is not: may it go; NULL: it may
 */
struct kernel_owner {
	bool (*known)(void *arg, uint32_t daddr, uint32_t spi);
	bool (*orphan)(void *arg, uint32_t saddr, uint32_t spi);
};

struct kernel_traffic {
	uint64_t packets, bytes;
};

/**
 * struct kernel_ops - what a backend can do; all return 0 or -errno
 * @get_spi: an SPI for packets to @local that is not in use as far as we know
 * @add_in: install the inbound SA of a pair; -EEXIST if its SPI is taken
 * @add_out: install the outbound one
 * @del_sa: remove the SA with that SPI towards that destination
 * @move_sa: the peer of an SA is somewhere else
 * @traffic: what an SA has carried; asked for each of many in turn, then with SPI 0
 * @sa_state: is there such an SA
 * @keep: remove every SA that was negotiated and is not @known; inbound ones only if
 *	@orphan says so, which is told who sends to them
 * @route: install or remove the host route to a client
 * @fd: readable when @events has something to tell; -1 for never
 * @events: call @fn for each event that waits
 */
struct kernel_ops {
	int (*get_spi)(void *priv, uint32_t local, uint32_t *spi);
	int (*add_in)(void *priv, const struct kernel_pair *pair);
	int (*add_out)(void *priv, const struct kernel_pair *pair);
	int (*del_sa)(void *priv, uint32_t daddr, uint32_t spi);
	int (*traffic)(void *priv, uint32_t daddr, uint32_t spi, struct kernel_traffic *t);
	int (*move_sa)(void *priv, const struct kernel_place *place);
	enum kernel_sa (*sa_state)(void *priv, uint32_t daddr, uint32_t spi);
	int (*keep)(void *priv, const struct kernel_owner *owner, void *arg);
	int (*route)(void *priv, bool add, uint32_t client, uint32_t peer);
	int (*fd)(void *priv);
	void (*events)(void *priv, kernel_event_fn fn, void *arg);
	void (*close)(void *priv);
};

struct kernel {
	const struct kernel_ops *ops;
	void *priv;
};

int kernel_nl_open(struct kernel *k, const struct log *log);
int kernel_fake_open(struct kernel *k);
/* What the fake remembers, for tests. */
const struct kernel_place *kernel_fake_place(const struct kernel *k, uint32_t daddr,
					     uint32_t spi);
unsigned int kernel_fake_halves(const struct kernel *k);
unsigned int kernel_fake_sas(const struct kernel *k);
void kernel_fake_set(const struct kernel *k, uint32_t daddr, uint32_t spi, enum kernel_sa state);
unsigned int kernel_fake_routes(const struct kernel *k);
const struct kernel_pair *kernel_fake_last(const struct kernel *k);

#endif
