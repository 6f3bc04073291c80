/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model between parser, printer and netlink: plain structs, which know
 * neither the text they came from (except its line) nor the wire.
 *
 * Addresses and masks are IPv4 in host byte order. The same structs hold what
 * a configuration says and what the kernel reports; members under "reported"
 * are zero in a configuration.
 */
#ifndef VG_MODEL_H
#define VG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>

#include <linux/vpngw.h>

#include "diag.h"
#include "util.h"

#define VG_NAME_LEN (VPNGW_NAME_MAX + 1)

struct vg_port_range {
	uint16_t lo, hi;
};

/**
 * struct vg_ace - one entry of an access list
 * @proto: IP protocol, -1 for every one
 * @icmp_type: -1 for every one
 * @icmp_code: -1 for every one
 * @igmp: type of IGMP and 1, 0 for every one; written back, and not looked at
 * @n_sport: number of source port ranges, 0 for every port
 * @n_dport: number of destination port ranges
 * @flags: VPNGW_ACE_FLAG_*
 */
struct vg_ace {
	uint32_t seq;
	enum vpngw_action action;
	int16_t proto, icmp_type, icmp_code;
	uint32_t src, src_wild, dst, dst_wild;
	uint8_t n_sport, n_dport;
	uint8_t igmp;
	uint8_t tcp_mask, tcp_value, tos, tos_mask;
	struct vg_port_range sport[VPNGW_PORT_RANGE_MAX], dport[VPNGW_PORT_RANGE_MAX];
	uint32_t flags;
	struct vg_src at;
	/* reported */
	uint64_t hits;
};

/* A remark, and the sequence number that it stands behind. */
struct vg_remark {
	uint32_t after;
	char *text;
};

/* Nouns that "no" took away are marked as gone until the text is read. */
struct vg_acl {
	char name[VG_NAME_LEN];
	bool standard, unsorted, gone;
	struct vg_ace *ace;
	size_t n, cap;
	struct vg_remark *remark;
	size_t n_remark, cap_remark;
	struct vg_src at;
};

/* A name and the place that mentions it. */
struct vg_ref {
	char name[VG_NAME_LEN];
	struct vg_src at;
	uint32_t ifindex;		/* of an interface, once bound */
	bool undefined;			/* an access list that IOS would ignore */
};

struct vg_rm_entry {
	uint32_t seq;
	enum vpngw_action action;
	struct vg_ref *acl;
	size_t n_acl, cap_acl;
	struct vg_ref *iface;
	size_t n_iface, cap_iface;
	struct vg_src foreign;		/* a match that is not for translation */
	struct vg_src at;
	/* reported */
	uint64_t hits;
};

struct vg_route_map {
	char name[VG_NAME_LEN];
	bool gone;
	struct vg_rm_entry *entry;
	size_t n, cap;
	struct vg_src at;
};

struct vg_pool_range {
	uint32_t start, end;
	struct vg_src at;
};

struct vg_pool {
	char name[VG_NAME_LEN];
	bool gone;
	struct vg_pool_range *range;
	size_t n, cap;
	uint8_t prefix_len;
	enum vpngw_pool_type type;
	struct vg_src at;
	/* reported */
	uint32_t total, allocated;
	uint64_t misses;
};

/* What a static rule maps; addresses of a network if prefix_len is below 32. */
struct vg_static {
	uint32_t local, global;
	uint8_t prefix_len, proto;
	uint16_t local_port, global_port;
};

/*
 * Exactly one of acl and route_map, exactly one of pool and iface is named. With
 * VPNGW_RULE_FLAG_STATIC, fixed is valid instead, and route_map or iface may be
 * named besides.
 */
struct vg_nat_rule {
	uint32_t index;
	struct vg_ref acl, route_map, pool, iface;
	struct vg_static fixed;
	bool extendable;		/* written back; makes no difference */
	uint32_t flags;
	struct vg_src at;
	/* reported */
	uint32_t translations;
};

#define VG_TIMEOUT_NEVER 0xffffffffU

#define VG_HOST_LIMITS 32

/* With neither address nor list, for each host. */
struct vg_host_limit {
	uint32_t addr;
	struct vg_ref acl;
	uint32_t entries;
	struct vg_src at;
	/* reported */
	uint32_t count;
};

/* Timers in seconds, 0 where the configuration says nothing. */
struct vg_nat {
	struct vg_host_limit host_limit[VG_HOST_LIMITS];
	size_t n_host_limit;
	uint32_t timeout, udp_timeout, dns_timeout, tcp_timeout, finrst_timeout, syn_timeout;
	uint32_t icmp_timeout, max_entries;
	struct vg_src at;
	/* reported */
	uint32_t n_static, dynamic, extended;
	uint64_t hits, misses, expired, exempt;
};

struct vg_transform {
	char name[VG_NAME_LEN];
	bool gone;
	enum vpngw_encr encr;
	enum vpngw_auth auth;
	enum vpngw_mode mode;
	uint16_t key_bits;
	bool esn;
	struct vg_src at;
};

struct vg_key {
	uint8_t v[VPNGW_KEY_MAX];
	uint8_t len;
	struct vg_src at;
};

struct vg_session_key {
	uint32_t spi;			/* 0: not configured */
	struct vg_key cipher, authenticator;
	struct vg_src at;
};

#define VG_SETS_MAX	6	/* transform sets of one entry, as in IOS */
#define VG_PEERS_MAX	8

/**
 * struct vg_map_entry - an entry of a crypto map or of a dynamic map
 * @map: the map
 * @peer: the first is in use, the others are for when it fails
 * @transform: transform sets in order of preference; manual keys take the first
 * @dynamic: dynamic map that a crypto map entry of that type takes its lines from
 * @pfs: group of "set pfs", 0 for none
 * @life: seconds, 0 where the default of the configuration holds
 * @kilobytes: the same
 * @in: session key of a manual entry
 */
struct vg_map_entry {
	char map[VG_NAME_LEN];
	uint32_t seq;
	enum vpngw_policy_type type;
	uint32_t peer[VG_PEERS_MAX];
	uint8_t n_peer, n_transform, pfs;
	bool reverse_route, gone;
	uint32_t life, kilobytes;
	struct vg_ref acl, dynamic, transform[VG_SETS_MAX];
	struct vg_session_key in, out;
	struct vg_src at;
	/* reported */
	uint32_t out_spi, clients;
	uint64_t no_sa_drops;
};

/**
 * struct vg_map - what holds for all entries of a crypto map
 * @local_iface: crypto map M local-address IF
 * @initiate: crypto map M client configuration address initiate
 * @respond: the same with respond
 * @authentication: crypto map M client authentication list LIST: users log in
 * @authorization: crypto map M isakmp authorization list LIST: groups are known
 */
struct vg_map {
	char name[VG_NAME_LEN];
	bool gone;
	struct vg_ref local_iface;
	bool initiate, respond;
	struct vg_ref authentication, authorization;
	struct vg_src at;
};

/* Key negotiation, with the numbers of RFC 2409 appendix A and its registry. */
enum vg_ike_encr {
	VG_IKE_DES = 1,
	VG_IKE_3DES = 5,
	VG_IKE_AES = 7,
};

enum vg_ike_hash {
	VG_IKE_MD5 = 1,
	VG_IKE_SHA1 = 2,
	VG_IKE_SHA256 = 4,
	VG_IKE_SHA384 = 5,
	VG_IKE_SHA512 = 6,
};

enum vg_ike_auth {
	VG_IKE_PRE_SHARE = 1,
	VG_IKE_RSA_SIG = 3,
	VG_IKE_RSA_ENCR = 4,
};

/* Defaults of IOS. */
#define VG_LIFE_IKE	86400U		/* seconds */
#define VG_LIFE_IPSEC	3600U		/* seconds */
#define VG_LIFE_VOLUME	4608000U	/* kilobytes */

/* "lifetime kilobytes disable": more than comes together with one key. */
#define VG_NO_VOLUME	UINT32_MAX

/* crypto isakmp policy PRIORITY */
struct vg_isakmp_policy {
	uint32_t priority;
	enum vg_ike_encr encr;
	enum vg_ike_hash hash;
	enum vg_ike_auth auth;
	uint16_t key_bits;
	uint8_t group;
	uint32_t lifetime;
	struct vg_src at;
};

#define VG_PSK_MAX 128

/**
 * struct vg_isakmp_key - a pre-shared key and who has it
 * @addr: peers, under @mask
 * @keyring: where it was written, empty for "crypto isakmp key"; peers are
 *	looked up in all of them
 */
struct vg_isakmp_key {
	char secret[VG_PSK_MAX + 1];
	uint32_t addr, mask;
	bool no_xauth;
	char keyring[VG_NAME_LEN];
	struct vg_src at;
};

#define VG_DOMAIN_MAX	255
#define VG_BANNER_MAX	1000

/**
 * struct vg_group - crypto isakmp client configuration group NAME
 * @secret: key that its members share
 * @netmask: 0 for a host's
 * @split_dns: domains, by commas
 * @acl: what clients are to send through the tunnel; empty: everything
 * @pfs: tell clients to want perfect forward secrecy
 */
struct vg_group {
	char name[VG_NAME_LEN];
	char secret[VG_PSK_MAX + 1];
	uint32_t dns[2], wins[2], netmask;
	char domain[VG_DOMAIN_MAX + 1], split_dns[VG_DOMAIN_MAX + 1];
	char banner[VG_BANNER_MAX + 1];
	struct vg_ref pool, acl;
	bool save_password, pfs;
	struct vg_src at;
};

#define VG_PASSWORD_MAX	128

/**
 * struct vg_user - username NAME {password|secret} ...
 * @hashed: "secret"
 * @privilege: -1 where none is written
 * @type: 0 in clear, 5 hashed with MD5; others are kept and no client can use them
 */
struct vg_user {
	char name[VG_NAME_LEN];
	char secret[VG_PASSWORD_MAX + 1];
	bool hashed;
	int8_t privilege;
	uint8_t type;
	struct vg_src at;
};

#define VG_METHODS_MAX 200

/**
 * struct vg_aaa_list - aaa {authentication login|authorization network} NAME ...
 * @methods: as they are written
 * @local: "local" is the only one
 */
struct vg_aaa_list {
	char name[VG_NAME_LEN], methods[VG_METHODS_MAX + 1];
	bool network, local;
	struct vg_src at;
};

/**
 * struct vg_isakmp - what holds for all negotiations
 * @disabled: no crypto isakmp enable
 * @no_aggressive: crypto isakmp aggressive-mode disable
 * @pool: local pool that mode configuration takes addresses from
 * @keepalive: seconds of silence after which a peer is asked, 0 for never
 * @retry: seconds between such questions
 * @periodic: ask even peers that are heard of
 * @nat_keepalive: seconds, 0 for never
 * @wireshark: keys may be handed out for reading captures
 */
struct vg_isakmp {
	bool disabled, no_aggressive, wireshark;
	struct vg_ref pool;
	uint32_t keepalive, retry;
	bool periodic;
	uint32_t nat_keepalive;
};

/**
 * struct vg_iface - an interface
 * @name: as IOS shows it
 * @gone: taken away while the text is read
 * @written: the name as it was written where it came up first
 * @suffix: what follows the name in its line, with a blank in front
 */
struct vg_iface {
	char name[VG_NAME_LEN];
	bool gone;
	char written[VG_NAME_LEN];
	char suffix[24];
	uint32_t addr, mask;		/* mask 0: no address */
	struct vg_src addr_at;
	uint32_t flags;
	struct vg_ref crypto_map;
	struct vg_src at;
	/* bound or reported */
	uint32_t ifindex;
	char device[IFNAMSIZ];
	uint32_t device_addr;
};

struct vg_route {
	uint32_t dst, mask, gateway;
	struct vg_ref iface;
	char options[120];		/* distance, name, tag and the like, as written */
	struct vg_src at;
};

/* Addresses for clients; several of one name are one pool. */
struct vg_local_pool {
	char name[VG_NAME_LEN];
	uint32_t start, end;
	struct vg_src at;
};

struct vg_selector {
	uint32_t local, local_mask, remote, remote_mask;
	int16_t proto;			/* -1: every protocol */
	int32_t local_port, remote_port;	/* -1: every port */
};

struct vg_sa {
	uint32_t spi, daddr, saddr;
	enum vpngw_direction dir;
	char map[VG_NAME_LEN];
	uint32_t map_seq;
	enum vpngw_mode mode;
	enum vpngw_encr encr;
	enum vpngw_auth auth;
	struct vg_key enc_key, auth_key;
	struct vg_selector sel;
	uint32_t flags, replay_window;
	uint16_t encap_sport, encap_dport;	/* UDP ports; 0: ESP is not in UDP */
	struct vg_src at;
	/* reported */
	uint32_t key_bits, soft_seconds, hard_seconds, soft_kilobytes, hard_kilobytes;
	uint64_t soft_packets, hard_packets;
	uint32_t conn_id, age, idle, mtu;
	uint64_t seq, packets, bytes, auth_errors, replay_errors, errors;
};

struct vg_xlate {
	uint8_t proto;			/* 0: simple entry */
	uint32_t inside_local, inside_global, outside_local, outside_global;
	uint16_t inside_local_port, inside_global_port, outside_local_port, outside_global_port;
	uint32_t flags, rule, age, idle, left, id;
	char pool[VG_NAME_LEN];
};

struct vg_drop {
	uint32_t reason;
	char name[64];
	char text[200];
	uint64_t packets;
};

/**
 * struct vg_line - a line without effect here, kept for writing the text back
 * @owner: line that opens what it belongs to, NULL outside of all that is ours
 * @depth: blanks by which it is indented more than other lines of an interface: it
 *	belongs to one of those that are kept above it, such as "pvc 8/35"
 */
struct vg_line {
	unsigned int line, depth;
	char *text, *owner;
};

/* A growing array of one noun. */
#define VG_LIST(type, name) struct { __typeof__(type) *v; size_t n, cap; } name

/**
 * struct vg_config - everything a configuration says, or the kernel reports
 * @text: the text itself, wiped when freed since it holds keys
 */
struct vg_config {
	VG_LIST(struct vg_acl, acl);
	VG_LIST(struct vg_route_map, route_map);
	VG_LIST(struct vg_pool, pool);
	VG_LIST(struct vg_nat_rule, rule);
	VG_LIST(struct vg_transform, transform);
	VG_LIST(struct vg_map, map);
	VG_LIST(struct vg_map_entry, map_entry);
	VG_LIST(struct vg_map_entry, dynamic);	/* by map and sequence after parsing */
	VG_LIST(struct vg_isakmp_policy, policy);	/* by priority after parsing */
	VG_LIST(struct vg_isakmp_key, key);
	VG_LIST(struct vg_group, group);
	VG_LIST(struct vg_user, user);
	VG_LIST(struct vg_aaa_list, aaa_list);
	VG_LIST(struct vg_iface, iface);
	VG_LIST(struct vg_route, route);
	VG_LIST(struct vg_local_pool, local_pool);
	VG_LIST(struct vg_line, kept);
	VG_LIST(struct vg_sa, sa);
	VG_LIST(struct vg_xlate, xlate);	/* reported */
	VG_LIST(struct vg_drop, drop);		/* reported */
	struct vg_hash acl_names, route_map_names, pool_names, transform_names, map_names;
	struct vg_hash iface_names;
	struct vg_hash map_entry_names, dynamic_names;	/* by "MAP SEQ" */
	struct vg_nat nat;
	struct vg_isakmp isakmp;
	uint32_t life, kilobytes;	/* of IPsec associations */
	bool no_nat_t, aaa;		/* aaa: "aaa new-model" */
	uint32_t replay_window;
	uint32_t df_flags;
	char *text;
	size_t text_len;
	/* start of each line of text; line N is lines[N - 1] */
	const char **lines;
	size_t n_lines;
};

struct vg_config *vg_config_new(void);
void vg_config_free(struct vg_config *cfg);
void vg_config_reset(struct vg_config *cfg);
void vg_config_wipe_keys(struct vg_config *cfg);

const char *vg_acl_name(const char *name);
struct vg_acl *vg_acl_find(const struct vg_config *cfg, const char *name);
struct vg_acl *vg_acl_get(struct vg_config *cfg, const char *name, struct vg_src at);
struct vg_route_map *vg_route_map_find(const struct vg_config *cfg, const char *name);
struct vg_route_map *vg_route_map_get(struct vg_config *cfg, const char *name, struct vg_src at);
struct vg_pool *vg_pool_find(const struct vg_config *cfg, const char *name);
struct vg_pool *vg_pool_get(struct vg_config *cfg, const char *name, struct vg_src at);
struct vg_transform *vg_transform_find(const struct vg_config *cfg, const char *name);
struct vg_transform *vg_transform_get(struct vg_config *cfg, const char *name, struct vg_src at);
struct vg_map *vg_map_find(const struct vg_config *cfg, const char *name);
struct vg_map *vg_map_get(struct vg_config *cfg, const char *name, struct vg_src at);
struct vg_iface *vg_iface_find(const struct vg_config *cfg, const char *name);
struct vg_iface *vg_iface_get(struct vg_config *cfg, const char *name, struct vg_src at);

const struct vg_isakmp_key *vg_isakmp_key_for(const struct vg_config *cfg, uint32_t peer);
const struct vg_local_pool *vg_local_pool_find(const struct vg_config *cfg, const char *name);
const struct vg_aaa_list *vg_aaa_list_find(const struct vg_config *cfg, const char *name,
					   bool network);
bool vg_is_client_pool(const struct vg_config *cfg, const struct vg_map *map, const char *name);

/* "no": taken away now, and out of the lists with vg_config_compact(). */
void vg_acl_clear(struct vg_acl *acl);
void vg_rm_entry_clear(struct vg_rm_entry *e);
void vg_route_map_clear(struct vg_route_map *rm);
void vg_pool_clear(struct vg_pool *pool);
void vg_iface_clear(struct vg_iface *iface);
void vg_transform_clear(struct vg_transform *ts);
void vg_map_clear(struct vg_map *map);
int vg_config_compact(struct vg_config *cfg);

bool vg_route_map_foreign(const struct vg_route_map *rm);
bool vg_config_is_empty(const struct vg_config *cfg);
bool vg_iface_has_role(const struct vg_iface *iface);
char *vg_config_line(const struct vg_config *cfg, unsigned int line);

#endif
