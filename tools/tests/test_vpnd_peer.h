/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An initiator for tests, message by message, so that each can be left out,
 * repeated or spoiled. It shares keymat.c and msg.c with vpnd; that those agree
 * with the rest of the world is what selftests/ike_*.sh is for.
 */
#ifndef TEST_VPND_PEER_H
#define TEST_VPND_PEER_H

#include "ike.h"
#include "test_vpnd.h"

#define GW_ADDR		0xc9462065	/* 201.70.32.101 */
#define PEER_ADDR	0xc9462052	/* 201.70.32.82 */
#define LEASE_ADDR	0x0a020101	/* 10.2.1.1 */

struct peer;

/* @put: where a peer's messages go, instead of into @ike */
struct world {
	struct vpnd_conf *conf;
	struct ike *ike;
	struct {
		struct endpoint to;
		uint8_t data[MSG_MAX];
		size_t len;
	} wire[32];
	size_t n_wire, bytes_out;
	char *told;
	size_t told_size;
	FILE *log;
	void (*put)(struct peer *p, const struct mbuf *b);
};

struct peer {
	struct world *w;
	struct endpoint at;
	uint16_t gw_port;	/* 0: 500; else ESP is in UDP */
	enum natt_version natt;	/* it is behind NAT, and knows that version */
	bool commit;		/* it sets that bit */
	const char *psk;
	uint32_t id_addr;
	bool initial_contact;
	unsigned int group;
	enum ike_encr encr;
	uint16_t key_bits;
	enum ike_hash hash;
	uint16_t auth;
	const char *name;	/* of a group */
	bool hash_r;
	uint8_t cky_i[8], cky_r[8];
	struct ike_keys keys;
	struct iv iv;
	struct dh *dh;
	uint8_t ke_i[DH_MAX], ke_r[DH_MAX], ni[20], nr[256], sai[256];
	size_t nr_len, sai_len;
	/* quick mode */
	uint8_t qni[20], qnr[256];
	size_t qnr_len;
	uint32_t msgid, in_spi, out_spi;
	struct iv qiv;
};

struct peer_attr {
	uint16_t type;
	const char *text;	/* NULL: @value, in short form */
	uint16_t value;
};

/* Received and decrypted; valid until the next one. */
struct received {
	uint8_t data[MSG_MAX];
	struct msg m;
};

extern const char deployment_conf[];

void world_make(struct world *w, const char *conf);
void world_free(struct world *w);
void world_run(struct world *w, uint64_t ms);
const char *world_told(struct world *w);

void peer_init(struct peer *p, struct world *w, uint32_t addr);
void peer_free(struct peer *p);
void peer_put(struct peer *p, const struct mbuf *b);
void peer_main_1(struct peer *p);
bool peer_main_3(struct peer *p);
bool peer_main_5(struct peer *p);
bool peer_main_6(struct peer *p);
bool peer_connect(struct peer *p);
void peer_aggressive_1(struct peer *p);
bool peer_aggressive_2(struct peer *p);
void peer_aggressive_3(struct peer *p, bool encrypted);
struct ike_sa *peer_sa(struct peer *p);

bool peer_take(struct peer *p, struct received *r, enum msg_kind kind, struct iv *iv);
void peer_header(struct peer *p, struct mbuf *b, uint8_t exch, uint32_t msgid);
void peer_seal(struct peer *p, struct mbuf *b, struct iv *iv, uint32_t msgid, size_t at);
void peer_encrypt(struct peer *p, struct mbuf *b, struct iv *iv);

void peer_quick_1(struct peer *p, uint32_t msgid, uint32_t client);
bool peer_quick_2(struct peer *p, struct received *r);
void peer_quick_3(struct peer *p);
void peer_attrs(struct peer *p, uint8_t type, uint32_t msgid, struct iv *iv,
		const struct peer_attr *attrs);
void peer_cfg(struct peer *p, uint8_t type, uint32_t msgid, struct iv *iv);
void peer_notify(struct peer *p, uint16_t type, uint32_t seq, uint32_t msgid);
void peer_delete(struct peer *p, uint32_t spi, bool ike_first, uint32_t msgid);
uint32_t peer_set(struct peer *p, struct iv *iv, uint32_t *addr);

#endif
