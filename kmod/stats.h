/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every reason for which vpngw drops a packet, once: the list makes the enum,
 * the counters, the netlink names, the tracepoint strings and the table in
 * Documentation/counters.rst.
 */
#ifndef _VPNGW_STATS_H
#define _VPNGW_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

struct sk_buff;
struct vpngw_net;
struct vpngw_pkt;

/* R(NAME, "name", "what happened and what to look at") */
#define VPNGW_REASONS(R)						\
	R(BAD_HEADER, "bad-header",					\
	  "The IP or transport header is malformed or truncated.")	\
	R(ESP_TRUNCATED, "esp-truncated",				\
	  "An ESP packet is too short or not a whole number of blocks.")\
	R(ESP_NO_SA, "esp-no-sa",					\
	  "An ESP packet for this gateway names an unknown SPI.")	\
	R(ESP_SA_EXPIRED, "esp-sa-expired",				\
	  "The association of an ESP packet has reached its hard limit.")\
	R(ESP_REPLAY, "esp-replay",					\
	  "An ESP packet repeats a sequence number or is too old.")	\
	R(ESP_AUTH, "esp-auth",						\
	  "The integrity check of an ESP packet failed: wrong key or altered.")\
	R(ESP_PADDING, "esp-padding",					\
	  "The padding of an authentic ESP packet is wrong.")		\
	R(ESP_NEXT_HEADER, "esp-next-header",				\
	  "An authentic ESP packet carries no IPv4 packet in tunnel mode.")\
	R(ESP_INNER_HEADER, "esp-inner-header",				\
	  "The packet inside an authentic ESP packet is malformed.")	\
	R(ESP_ECN, "esp-ecn",						\
	  "Congestion was marked on a packet whose inner packet cannot say so.")\
	R(ESP_SELECTOR, "esp-selector",					\
	  "A decrypted packet lies outside the selectors of its association.")\
	R(ESP_CRYPTO, "esp-crypto",					\
	  "The crypto engine failed for another reason than the integrity check.")\
	R(FRAGMENT, "esp-fragment",					\
	  "Fragments out of a tunnel could not be put together.")	\
	R(CLEAR_PROTECTED, "clear-protected",				\
	  "A packet came in clear although the crypto map protects it.")\
	R(ICMP_PROTECTED, "icmp-protected",				\
	  "An ICMP error in clear quotes a packet that the crypto map protects.")\
	R(ICMP_PATH_MTU, "icmp-path-mtu",				\
	  "An ICMP error asks this host for smaller packets and quotes none that it sent.")\
	R(NO_SA, "no-sa",						\
	  "The crypto map protects a packet but no association exists.")\
	R(SA_EXPIRED, "sa-expired",					\
	  "The outbound association has reached its hard limit.")	\
	R(SEQ_OVERFLOW, "seq-overflow",					\
	  "The outbound association has used its last sequence number.")\
	R(ESP_TRANSPORT, "esp-transport",				\
	  "Transport mode carries whole packets between its ends; this is none, or too long.")\
	R(TOO_BIG, "too-big",						\
	  "Don't-fragment is set and the packet does not fit the tunnel; the sender was told.")\
	R(NO_ROUTE, "no-route",						\
	  "No route leads to the peer of the association.")		\
	R(GSO, "gso",							\
	  "A large packet could not be cut into segments.")		\
	R(CONNTRACK, "conntrack",					\
	  "Connection tracking refused to confirm the packet's connection.")\
	R(NO_MEMORY, "no-memory",					\
	  "Memory for the packet could not be allocated.")		\
	R(NAT_POOL_EXHAUSTED, "nat-pool-exhausted",			\
	  "A flow needs translation and its pool has no free address.")\
	R(NAT_NO_TRANSLATION, "nat-no-translation",			\
	  "A packet from outside is addressed to a NAT pool but to no translation.")\
	R(NAT_TABLE_FULL, "nat-table-full",				\
	  "A flow needs translation, and as many as may be are there already.")\
	R(NAT_HOST_LIMIT, "nat-host-limit",				\
	  "An inside host has as many translations as max-entries host, all-host or list allow.")\
	R(NAT_CLASH, "nat-clash",					\
	  "Another translation already uses the same global address and ports.")\
	R(NAT_UNTRANSLATABLE, "nat-untranslatable",			\
	  "The packet must be translated but cannot be, such as a fragment.")\
	R(NAT_NO_ADDRESS, "nat-no-address",				\
	  "The interface of an ip nat rule has no address.")		\
	R(UNSUPPORTED, "unsupported",					\
	  "The configuration asks for something this module does not carry yet.")

enum vpngw_reason {
	VPNGW_OK,
#define VPNGW_REASON_ENUM(_name, _str, _text) VPNGW_REASON_##_name,
	VPNGW_REASONS(VPNGW_REASON_ENUM)
#undef VPNGW_REASON_ENUM
	VPNGW_REASON_COUNT
};

/**
 * struct vpngw_stats - drop counters of one CPU in one namespace
 * @drops: packets by reason
 * @syncp: makes 64 bit counters readable on 32 bit machines
 */
struct vpngw_stats {
	u64_stats_t		drops[VPNGW_REASON_COUNT];
	struct u64_stats_sync	syncp;
};

struct vpngw_stats __percpu *vpngw_stats_alloc(void);
void vpngw_stats_sum(const struct vpngw_net *vn, u64 sum[VPNGW_REASON_COUNT]);
void vpngw_stats_clear(struct vpngw_net *vn);
void vpngw_count_drop(const struct vpngw_net *vn, enum vpngw_reason reason);
const char *vpngw_reason_name(enum vpngw_reason reason);
const char *vpngw_reason_text(enum vpngw_reason reason);

unsigned int vpngw_drop(struct vpngw_pkt *pkt, enum vpngw_reason reason);
void vpngw_drop_skb(struct vpngw_net *vn, struct sk_buff *skb, enum vpngw_reason reason);

#endif /* _VPNGW_STATS_H */
