/* SPDX-License-Identifier: GPL-2.0 */
/* What a configuration says about key management. */
#ifndef VPND_CONF_H
#define VPND_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "isakmp.h"
#include "lease.h"

#define CONF_NAME_LEN		64
#define CONF_KEY_MAX		128	/* octets of a pre-shared key */
#define CONF_SETS_MAX		6	/* transform sets of one entry, as in IOS */
#define CONF_PEERS_MAX		8
#define CONF_PROXIES_MAX	64U	/* permit entries of one access list */

#define CONF_LIFE_IKE		86400	/* seconds, IOS's defaults */
#define CONF_LIFE_IPSEC		3600
#define CONF_LIFE_KILOBYTES	4608000

/**
 * struct conf_policy - crypto isakmp policy PRIORITY
 * @psk: "authentication pre-share"; IOS's default is rsa-sig, which we lack
 */
struct conf_policy {
	uint32_t priority;
	enum ike_encr encr;
	uint16_t key_bits;
	enum ike_hash hash;
	uint8_t group;
	bool psk;
	uint32_t lifetime;
	unsigned int line;
};

/* crypto isakmp key KEY address ADDR [MASK] */
struct conf_key {
	uint8_t secret[CONF_KEY_MAX];
	uint8_t len;
	uint32_t addr, mask;
	bool no_xauth;
	unsigned int line;
};

/* crypto ipsec transform-set */
struct conf_set {
	char name[CONF_NAME_LEN];
	enum esp_transform encr;
	uint16_t key_bits;
	enum esp_auth auth;
	bool transport;
	unsigned int line;
};

/* Traffic that a crypto access list permits, seen from us. */
struct conf_proxy {
	uint32_t local, local_mask, remote, remote_mask;
	int16_t proto;			/* -1: every protocol */
};

/**
 * struct conf_entry - an entry of a crypto map that keys are negotiated for
 * @map: crypto map
 * @seq: sequence number in it
 * @dynamic: name of the dynamic map it comes from, empty for "set peer" entries
 * @dynamic_seq: sequence number in that
 * @set: names of transform sets, in order of preference
 * @pfs: least group of "set pfs", 0: the client may choose
 * @local: address of the interface that the crypto map is on, 0 without one
 * @peer: "set peer", in order of preference
 * @listed: it has an access list, and @proxy says what that permits
 * @life: seconds, 0 for the default
 * @kilobytes: the same
 */
struct conf_entry {
	char map[CONF_NAME_LEN], dynamic[CONF_NAME_LEN];
	uint32_t seq, dynamic_seq;
	char set[CONF_SETS_MAX][CONF_NAME_LEN];
	uint8_t n_sets, pfs, n_peers, n_proxies;
	uint32_t local, peer[CONF_PEERS_MAX];
	struct conf_proxy proxy[CONF_PROXIES_MAX];
	bool listed;
	uint32_t life, kilobytes;
	unsigned int line;
};

/* ip local pool, all lines of one name */
struct conf_pool {
	char name[CONF_NAME_LEN];
	struct lease_range range[LEASE_RANGES_MAX];
	uint8_t n_ranges;
	unsigned int line;
};

#define CONF_DOMAIN_MAX		256
#define CONF_BANNER_MAX		1024

/**
 * struct conf_group - crypto isakmp client configuration group
 * @pool: name of its pool, empty for that of all clients
 * @split: what clients are to send through the tunnel: @local networks of it
 * @split_dns: domains, by commas
 */
struct conf_group {
	char name[CONF_NAME_LEN], pool[CONF_NAME_LEN];
	uint8_t secret[CONF_KEY_MAX];
	uint8_t len, n_split;
	uint32_t dns[2], wins[2], netmask;
	char domain[CONF_DOMAIN_MAX], split_dns[CONF_DOMAIN_MAX], banner[CONF_BANNER_MAX];
	struct conf_proxy split[CONF_PROXIES_MAX];
	bool save_password, pfs;
	unsigned int line;
};

/**
 * struct conf_user - username
 * @hashed: @secret is what crypt(3) makes of the password
 */
struct conf_user {
	char name[CONF_NAME_LEN];
	char secret[CONF_KEY_MAX + 1];
	bool hashed;
	unsigned int line;
};

#define CONF_LIST(type, name) struct { __typeof__(type) *v; size_t n, cap; } name

/**
 * struct vpnd_conf - all of it
 * @policy: by priority
 * @pool_name: crypto isakmp client configuration address-pool local
 * @initiate: crypto map M client configuration address initiate
 * @respond: the same with respond
 * @login: crypto map M client authentication list L
 * @group: those that aggressive mode is answered for
 * @no_natt: no crypto ipsec nat-transparency udp-encapsulation
 * @wireshark: crypto isakmp wireshark
 * @keepalive: seconds of silence after which a peer is asked, 0: never
 * @keepalive_retry: seconds between such questions
 * @local: addresses of the interfaces that carry a crypto map, host byte order
 * @n_local: how many
 */
struct vpnd_conf {
	CONF_LIST(struct conf_policy, policy);
	CONF_LIST(struct conf_key, key);
	CONF_LIST(struct conf_set, set);
	CONF_LIST(struct conf_entry, entry);
	CONF_LIST(struct conf_pool, pool);
	CONF_LIST(struct conf_group, group);
	CONF_LIST(struct conf_user, user);
	char pool_name[CONF_NAME_LEN];
	bool initiate, respond, no_natt, wireshark, login;
	uint32_t life, kilobytes;
	uint32_t keepalive, keepalive_retry;
	uint32_t local[8];
	size_t n_local;
};

struct vpnd_conf *conf_new(void);
void conf_free(struct vpnd_conf *conf);
int conf_parse(struct vpnd_conf *conf, const char *text, size_t len, struct vg_diags *diags);
int conf_load(struct vpnd_conf *conf, const char *path, struct vg_diags *diags);

const struct conf_key *conf_key_for(const struct vpnd_conf *conf, uint32_t peer);
bool conf_static_peer(const struct vpnd_conf *conf, uint32_t peer);
const struct conf_set *conf_set_find(const struct vpnd_conf *conf, const char *name);
const struct conf_pool *conf_pool_find(const struct vpnd_conf *conf, const char *name);
const struct conf_group *conf_group_find(const struct vpnd_conf *conf, const char *name);
const struct conf_user *conf_user_find(const struct vpnd_conf *conf, const char *name);
bool conf_must_login(const struct vpnd_conf *conf, uint32_t peer);

#endif
