// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/vpngw.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/vpngw.h>

/* Integer value ranges */
static const struct netlink_range_validation vpngw_a_policy_seq_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

/* Common nested types */
const struct nla_policy vpngw_ace_nl_policy[VPNGW_A_ACE_PAD + 1] = {
	[VPNGW_A_ACE_SEQ] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_ACE_ACTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[VPNGW_A_ACE_PROTO] = { .type = NLA_U8, },
	[VPNGW_A_ACE_SRC] = { .type = NLA_BINARY, },
	[VPNGW_A_ACE_SRC_WILD] = { .type = NLA_BINARY, },
	[VPNGW_A_ACE_DST] = { .type = NLA_BINARY, },
	[VPNGW_A_ACE_DST_WILD] = { .type = NLA_BINARY, },
	[VPNGW_A_ACE_SRC_PORT] = NLA_POLICY_NESTED(vpngw_port_range_nl_policy),
	[VPNGW_A_ACE_DST_PORT] = NLA_POLICY_NESTED(vpngw_port_range_nl_policy),
	[VPNGW_A_ACE_ICMP_TYPE] = { .type = NLA_U8, },
	[VPNGW_A_ACE_ICMP_CODE] = { .type = NLA_U8, },
	[VPNGW_A_ACE_TCP_MASK] = { .type = NLA_U8, },
	[VPNGW_A_ACE_TCP_VALUE] = { .type = NLA_U8, },
	[VPNGW_A_ACE_TOS] = { .type = NLA_U8, },
	[VPNGW_A_ACE_TOS_MASK] = { .type = NLA_U8, },
	[VPNGW_A_ACE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VPNGW_A_ACE_LINE] = { .type = NLA_U32, },
	[VPNGW_A_ACE_HITS] = { .type = NLA_U64, },
};

const struct nla_policy vpngw_acl_nl_policy[VPNGW_A_ACL_STANDARD + 1] = {
	[VPNGW_A_ACL_NAME] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_ACL_ACE] = NLA_POLICY_NESTED(vpngw_ace_nl_policy),
	[VPNGW_A_ACL_LINE] = { .type = NLA_U32, },
	[VPNGW_A_ACL_STANDARD] = { .type = NLA_FLAG, },
};

const struct nla_policy vpngw_client_pool_nl_policy[VPNGW_A_CLIENT_POOL_END + 1] = {
	[VPNGW_A_CLIENT_POOL_START] = { .type = NLA_BINARY, },
	[VPNGW_A_CLIENT_POOL_END] = { .type = NLA_BINARY, },
};

const struct nla_policy vpngw_host_limit_nl_policy[VPNGW_A_HOST_LIMIT_COUNT + 1] = {
	[VPNGW_A_HOST_LIMIT_ADDRESS] = { .type = NLA_BINARY, },
	[VPNGW_A_HOST_LIMIT_ACL] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_HOST_LIMIT_ENTRIES] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_HOST_LIMIT_COUNT] = { .type = NLA_U32, },
};

const struct nla_policy vpngw_iface_nl_policy[VPNGW_A_IFACE_LINE + 1] = {
	[VPNGW_A_IFACE_IFINDEX] = { .type = NLA_U32, },
	[VPNGW_A_IFACE_NAME] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_IFACE_DEVICE] = { .type = NLA_NUL_STRING, .len = 15, },
	[VPNGW_A_IFACE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x7),
	[VPNGW_A_IFACE_CRYPTO_MAP] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_IFACE_LINE] = { .type = NLA_U32, },
};

const struct nla_policy vpngw_nat_nl_policy[VPNGW_A_NAT_HOST_LIMIT + 1] = {
	[VPNGW_A_NAT_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_UDP_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_DNS_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_TCP_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_FINRST_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_SYN_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_ICMP_TIMEOUT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VPNGW_A_NAT_MAX_ENTRIES] = { .type = NLA_U32, },
	[VPNGW_A_NAT_STATIC] = { .type = NLA_U32, },
	[VPNGW_A_NAT_DYNAMIC] = { .type = NLA_U32, },
	[VPNGW_A_NAT_EXTENDED] = { .type = NLA_U32, },
	[VPNGW_A_NAT_HITS] = { .type = NLA_U64, },
	[VPNGW_A_NAT_MISSES] = { .type = NLA_U64, },
	[VPNGW_A_NAT_EXPIRED] = { .type = NLA_U64, },
	[VPNGW_A_NAT_EXEMPT] = { .type = NLA_U64, },
	[VPNGW_A_NAT_HOST_LIMIT] = NLA_POLICY_NESTED(vpngw_host_limit_nl_policy),
};

const struct nla_policy vpngw_nat_rule_nl_policy[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT + 1] = {
	[VPNGW_A_NAT_RULE_INDEX] = { .type = NLA_U32, },
	[VPNGW_A_NAT_RULE_ACL] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_NAT_RULE_ROUTE_MAP] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_NAT_RULE_POOL] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_NAT_RULE_IFINDEX] = { .type = NLA_U32, },
	[VPNGW_A_NAT_RULE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
	[VPNGW_A_NAT_RULE_LINE] = { .type = NLA_U32, },
	[VPNGW_A_NAT_RULE_TRANSLATIONS] = { .type = NLA_U32, },
	[VPNGW_A_NAT_RULE_INSIDE_LOCAL] = { .type = NLA_BINARY, },
	[VPNGW_A_NAT_RULE_INSIDE_GLOBAL] = { .type = NLA_BINARY, },
	[VPNGW_A_NAT_RULE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
	[VPNGW_A_NAT_RULE_PROTO] = { .type = NLA_U8, },
	[VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

const struct nla_policy vpngw_policy_nl_policy[VPNGW_A_POLICY_PAD + 1] = {
	[VPNGW_A_POLICY_MAP] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_POLICY_SEQ] = NLA_POLICY_FULL_RANGE(NLA_U32, &vpngw_a_policy_seq_range),
	[VPNGW_A_POLICY_TYPE] = NLA_POLICY_MAX(NLA_U8, 2),
	[VPNGW_A_POLICY_ACL] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_POLICY_PEER] = { .type = NLA_BINARY, },
	[VPNGW_A_POLICY_LINE] = { .type = NLA_U32, },
	[VPNGW_A_POLICY_OUT_SPI] = { .type = NLA_U32, },
	[VPNGW_A_POLICY_NO_SA_DROPS] = { .type = NLA_U64, },
	[VPNGW_A_POLICY_CLIENT_POOL] = NLA_POLICY_NESTED(vpngw_client_pool_nl_policy),
	[VPNGW_A_POLICY_CLIENTS] = { .type = NLA_U32, },
};

const struct nla_policy vpngw_pool_nl_policy[VPNGW_A_POOL_PAD + 1] = {
	[VPNGW_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_POOL_RANGE] = NLA_POLICY_NESTED(vpngw_pool_range_nl_policy),
	[VPNGW_A_POOL_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[VPNGW_A_POOL_TYPE] = NLA_POLICY_MAX(NLA_U8, 2),
	[VPNGW_A_POOL_LINE] = { .type = NLA_U32, },
	[VPNGW_A_POOL_TOTAL] = { .type = NLA_U32, },
	[VPNGW_A_POOL_ALLOCATED] = { .type = NLA_U32, },
	[VPNGW_A_POOL_MISSES] = { .type = NLA_U64, },
};

const struct nla_policy vpngw_pool_range_nl_policy[VPNGW_A_POOL_RANGE_END + 1] = {
	[VPNGW_A_POOL_RANGE_START] = { .type = NLA_BINARY, },
	[VPNGW_A_POOL_RANGE_END] = { .type = NLA_BINARY, },
};

const struct nla_policy vpngw_port_range_nl_policy[VPNGW_A_PORT_RANGE_HI + 1] = {
	[VPNGW_A_PORT_RANGE_LO] = { .type = NLA_U16, },
	[VPNGW_A_PORT_RANGE_HI] = { .type = NLA_U16, },
};

const struct nla_policy vpngw_rm_entry_nl_policy[VPNGW_A_RM_ENTRY_PAD + 1] = {
	[VPNGW_A_RM_ENTRY_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_RM_ENTRY_ACTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[VPNGW_A_RM_ENTRY_MATCH_ACL] = { .type = NLA_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_RM_ENTRY_MATCH_IFINDEX] = { .type = NLA_U32, },
	[VPNGW_A_RM_ENTRY_LINE] = { .type = NLA_U32, },
	[VPNGW_A_RM_ENTRY_HITS] = { .type = NLA_U64, },
};

const struct nla_policy vpngw_route_map_nl_policy[VPNGW_A_ROUTE_MAP_LINE + 1] = {
	[VPNGW_A_ROUTE_MAP_NAME] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_ROUTE_MAP_ENTRY] = NLA_POLICY_NESTED(vpngw_rm_entry_nl_policy),
	[VPNGW_A_ROUTE_MAP_LINE] = { .type = NLA_U32, },
};

const struct nla_policy vpngw_sa_nl_policy[VPNGW_A_SA_PAD + 1] = {
	[VPNGW_A_SA_SPI] = NLA_POLICY_MIN(NLA_U32, 256),
	[VPNGW_A_SA_DADDR] = { .type = NLA_BINARY, },
	[VPNGW_A_SA_SADDR] = { .type = NLA_BINARY, },
	[VPNGW_A_SA_DIR] = NLA_POLICY_MAX(NLA_U8, 1),
	[VPNGW_A_SA_MAP] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_SA_MAP_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_SA_MODE] = NLA_POLICY_MAX(NLA_U8, 1),
	[VPNGW_A_SA_ENCR] = NLA_POLICY_MAX(NLA_U8, 6),
	[VPNGW_A_SA_AUTH] = NLA_POLICY_MAX(NLA_U8, 5),
	[VPNGW_A_SA_ENC_KEY] = { .type = NLA_BINARY, },
	[VPNGW_A_SA_AUTH_KEY] = { .type = NLA_BINARY, },
	[VPNGW_A_SA_KEY_BITS] = { .type = NLA_U32, },
	[VPNGW_A_SA_SELECTOR] = NLA_POLICY_NESTED(vpngw_selector_nl_policy),
	[VPNGW_A_SA_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[VPNGW_A_SA_REPLAY_WINDOW] = NLA_POLICY_MAX(NLA_U32, 8192),
	[VPNGW_A_SA_SOFT_SECONDS] = { .type = NLA_U32, },
	[VPNGW_A_SA_HARD_SECONDS] = { .type = NLA_U32, },
	[VPNGW_A_SA_SOFT_KILOBYTES] = { .type = NLA_U32, },
	[VPNGW_A_SA_HARD_KILOBYTES] = { .type = NLA_U32, },
	[VPNGW_A_SA_SOFT_PACKETS] = { .type = NLA_U64, },
	[VPNGW_A_SA_HARD_PACKETS] = { .type = NLA_U64, },
	[VPNGW_A_SA_ENCAP_SPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VPNGW_A_SA_ENCAP_DPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VPNGW_A_SA_CONN_ID] = { .type = NLA_U32, },
	[VPNGW_A_SA_AGE] = { .type = NLA_U32, },
	[VPNGW_A_SA_IDLE] = { .type = NLA_U32, },
	[VPNGW_A_SA_MTU] = { .type = NLA_U32, },
	[VPNGW_A_SA_SEQ] = { .type = NLA_U64, },
	[VPNGW_A_SA_PACKETS] = { .type = NLA_U64, },
	[VPNGW_A_SA_BYTES] = { .type = NLA_U64, },
	[VPNGW_A_SA_AUTH_ERRORS] = { .type = NLA_U64, },
	[VPNGW_A_SA_REPLAY_ERRORS] = { .type = NLA_U64, },
	[VPNGW_A_SA_ERRORS] = { .type = NLA_U64, },
	[VPNGW_A_SA_PEER] = { .type = NLA_BINARY, },
};

const struct nla_policy vpngw_selector_nl_policy[VPNGW_A_SELECTOR_REMOTE_PORT + 1] = {
	[VPNGW_A_SELECTOR_LOCAL] = { .type = NLA_BINARY, },
	[VPNGW_A_SELECTOR_LOCAL_MASK] = { .type = NLA_BINARY, },
	[VPNGW_A_SELECTOR_REMOTE] = { .type = NLA_BINARY, },
	[VPNGW_A_SELECTOR_REMOTE_MASK] = { .type = NLA_BINARY, },
	[VPNGW_A_SELECTOR_PROTO] = { .type = NLA_U8, },
	[VPNGW_A_SELECTOR_LOCAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_SELECTOR_REMOTE_PORT] = { .type = NLA_U16, },
};

const struct nla_policy vpngw_trace_nl_policy[VPNGW_A_TRACE_REASON_TEXT + 1] = {
	[VPNGW_A_TRACE_IFINDEX] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_PROTO] = { .type = NLA_U8, },
	[VPNGW_A_TRACE_SRC] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_DST] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_SPORT] = { .type = NLA_U16, },
	[VPNGW_A_TRACE_DPORT] = { .type = NLA_U16, },
	[VPNGW_A_TRACE_ICMP_TYPE] = { .type = NLA_U8, },
	[VPNGW_A_TRACE_ICMP_CODE] = { .type = NLA_U8, },
	[VPNGW_A_TRACE_TCP_FLAGS] = { .type = NLA_U8, },
	[VPNGW_A_TRACE_TOS] = { .type = NLA_U8, },
	[VPNGW_A_TRACE_LENGTH] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_DF] = { .type = NLA_FLAG, },
	[VPNGW_A_TRACE_LOCAL] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_ROUTE] = NLA_POLICY_MAX(NLA_U8, 2),
	[VPNGW_A_TRACE_OUT_IFINDEX] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_GATEWAY] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_NAT] = NLA_POLICY_MAX(NLA_U8, 3),
	[VPNGW_A_TRACE_RULE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_RULE_LINE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_RM_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_RM_LINE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_ACL] = { .type = NLA_NUL_STRING, },
	[VPNGW_A_TRACE_ACE_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_ACE_LINE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_XLATE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_GLOBAL] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_GLOBAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_TRACE_POOL] = { .type = NLA_NUL_STRING, },
	[VPNGW_A_TRACE_POOL_FREE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_CRYPTO] = NLA_POLICY_MAX(NLA_U8, 3),
	[VPNGW_A_TRACE_MAP] = { .type = NLA_NUL_STRING, },
	[VPNGW_A_TRACE_MAP_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_MAP_LINE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_MAP_ACE_SEQ] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_MAP_ACE_LINE] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_SPI] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_CONN_ID] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_PEER] = { .type = NLA_BINARY, },
	[VPNGW_A_TRACE_MTU] = { .type = NLA_U32, },
	[VPNGW_A_TRACE_REASON] = { .type = NLA_NUL_STRING, },
	[VPNGW_A_TRACE_REASON_TEXT] = { .type = NLA_NUL_STRING, },
};

const struct nla_policy vpngw_xlate_nl_policy[VPNGW_A_XLATE_ID + 1] = {
	[VPNGW_A_XLATE_PROTO] = { .type = NLA_U8, },
	[VPNGW_A_XLATE_INSIDE_LOCAL] = { .type = NLA_BINARY, },
	[VPNGW_A_XLATE_INSIDE_LOCAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_XLATE_INSIDE_GLOBAL] = { .type = NLA_BINARY, },
	[VPNGW_A_XLATE_INSIDE_GLOBAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_XLATE_OUTSIDE_LOCAL] = { .type = NLA_BINARY, },
	[VPNGW_A_XLATE_OUTSIDE_LOCAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_XLATE_OUTSIDE_GLOBAL] = { .type = NLA_BINARY, },
	[VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT] = { .type = NLA_U16, },
	[VPNGW_A_XLATE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0xf),
	[VPNGW_A_XLATE_RULE] = { .type = NLA_U32, },
	[VPNGW_A_XLATE_POOL] = { .type = NLA_NUL_STRING, .len = VPNGW_NAME_MAX, },
	[VPNGW_A_XLATE_AGE] = { .type = NLA_U32, },
	[VPNGW_A_XLATE_IDLE] = { .type = NLA_U32, },
	[VPNGW_A_XLATE_LEFT] = { .type = NLA_U32, },
	[VPNGW_A_XLATE_ID] = { .type = NLA_U32, },
};

/* VPNGW_CMD_CONFIG_GET - do */
static const struct nla_policy vpngw_config_get_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_CONFIG_BEGIN - do */
static const struct nla_policy vpngw_config_begin_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_CONFIG_COMMIT - do */
static const struct nla_policy vpngw_config_commit_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_CONFIG_ABORT - do */
static const struct nla_policy vpngw_config_abort_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_ACL_NEW - do */
static const struct nla_policy vpngw_acl_new_nl_policy[VPNGW_A_ACL + 1] = {
	[VPNGW_A_ACL] = NLA_POLICY_NESTED(vpngw_acl_nl_policy),
};

/* VPNGW_CMD_ACL_GET - dump */
static const struct nla_policy vpngw_acl_get_nl_policy[VPNGW_A_ACL + 1] = {
	[VPNGW_A_ACL] = NLA_POLICY_NESTED(vpngw_acl_nl_policy),
};

/* VPNGW_CMD_ACL_CLEAR - do */
static const struct nla_policy vpngw_acl_clear_nl_policy[VPNGW_A_ALL + 1] = {
	[VPNGW_A_ACL] = NLA_POLICY_NESTED(vpngw_acl_nl_policy),
	[VPNGW_A_ALL] = { .type = NLA_FLAG, },
};

/* VPNGW_CMD_ROUTE_MAP_NEW - do */
static const struct nla_policy vpngw_route_map_new_nl_policy[VPNGW_A_ROUTE_MAP + 1] = {
	[VPNGW_A_ROUTE_MAP] = NLA_POLICY_NESTED(vpngw_route_map_nl_policy),
};

/* VPNGW_CMD_ROUTE_MAP_GET - dump */
static const struct nla_policy vpngw_route_map_get_nl_policy[VPNGW_A_ROUTE_MAP + 1] = {
	[VPNGW_A_ROUTE_MAP] = NLA_POLICY_NESTED(vpngw_route_map_nl_policy),
};

/* VPNGW_CMD_POOL_NEW - do */
static const struct nla_policy vpngw_pool_new_nl_policy[VPNGW_A_POOL + 1] = {
	[VPNGW_A_POOL] = NLA_POLICY_NESTED(vpngw_pool_nl_policy),
};

/* VPNGW_CMD_POOL_GET - dump */
static const struct nla_policy vpngw_pool_get_nl_policy[VPNGW_A_POOL + 1] = {
	[VPNGW_A_POOL] = NLA_POLICY_NESTED(vpngw_pool_nl_policy),
};

/* VPNGW_CMD_NAT_RULE_NEW - do */
static const struct nla_policy vpngw_nat_rule_new_nl_policy[VPNGW_A_NAT_RULE + 1] = {
	[VPNGW_A_NAT_RULE] = NLA_POLICY_NESTED(vpngw_nat_rule_nl_policy),
};

/* VPNGW_CMD_NAT_RULE_GET - dump */
static const struct nla_policy vpngw_nat_rule_get_nl_policy[VPNGW_A_NAT_RULE + 1] = {
	[VPNGW_A_NAT_RULE] = NLA_POLICY_NESTED(vpngw_nat_rule_nl_policy),
};

/* VPNGW_CMD_NAT_NEW - do */
static const struct nla_policy vpngw_nat_new_nl_policy[VPNGW_A_NAT + 1] = {
	[VPNGW_A_NAT] = NLA_POLICY_NESTED(vpngw_nat_nl_policy),
};

/* VPNGW_CMD_NAT_GET - do */
static const struct nla_policy vpngw_nat_get_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_NAT_CLEAR - do */
static const struct nla_policy vpngw_nat_clear_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_POLICY_NEW - do */
static const struct nla_policy vpngw_policy_new_nl_policy[VPNGW_A_POLICY + 1] = {
	[VPNGW_A_POLICY] = NLA_POLICY_NESTED(vpngw_policy_nl_policy),
};

/* VPNGW_CMD_POLICY_GET - dump */
static const struct nla_policy vpngw_policy_get_nl_policy[VPNGW_A_POLICY + 1] = {
	[VPNGW_A_POLICY] = NLA_POLICY_NESTED(vpngw_policy_nl_policy),
};

/* VPNGW_CMD_IFACE_NEW - do */
static const struct nla_policy vpngw_iface_new_nl_policy[VPNGW_A_IFACE + 1] = {
	[VPNGW_A_IFACE] = NLA_POLICY_NESTED(vpngw_iface_nl_policy),
};

/* VPNGW_CMD_IFACE_GET - dump */
static const struct nla_policy vpngw_iface_get_nl_policy[VPNGW_A_IFACE + 1] = {
	[VPNGW_A_IFACE] = NLA_POLICY_NESTED(vpngw_iface_nl_policy),
};

/* VPNGW_CMD_SA_NEW - do */
static const struct nla_policy vpngw_sa_new_nl_policy[VPNGW_A_SA + 1] = {
	[VPNGW_A_SA] = NLA_POLICY_NESTED(vpngw_sa_nl_policy),
};

/* VPNGW_CMD_SA_DEL - do */
static const struct nla_policy vpngw_sa_del_nl_policy[VPNGW_A_ALL + 1] = {
	[VPNGW_A_SA] = NLA_POLICY_NESTED(vpngw_sa_nl_policy),
	[VPNGW_A_ALL] = { .type = NLA_FLAG, },
};

/* VPNGW_CMD_SA_GET - dump */
static const struct nla_policy vpngw_sa_get_nl_policy[VPNGW_A_SA + 1] = {
	[VPNGW_A_SA] = NLA_POLICY_NESTED(vpngw_sa_nl_policy),
};

/* VPNGW_CMD_XLATE_GET - dump */
static const struct nla_policy vpngw_xlate_get_nl_policy[VPNGW_A_XLATE + 1] = {
	[VPNGW_A_XLATE] = NLA_POLICY_NESTED(vpngw_xlate_nl_policy),
};

/* VPNGW_CMD_XLATE_DEL - do */
static const struct nla_policy vpngw_xlate_del_nl_policy[VPNGW_A_ALL + 1] = {
	[VPNGW_A_XLATE] = NLA_POLICY_NESTED(vpngw_xlate_nl_policy),
	[VPNGW_A_ALL] = { .type = NLA_FLAG, },
};

/* VPNGW_CMD_STATS_GET - do */
static const struct nla_policy vpngw_stats_get_nl_policy[VPNGW_A_GENERATION + 1] = {
	[VPNGW_A_GENERATION] = { .type = NLA_U32, },
};

/* VPNGW_CMD_STATS_CLEAR - do */
static const struct nla_policy vpngw_stats_clear_nl_policy[VPNGW_A_ALL + 1] = {
	[VPNGW_A_ALL] = { .type = NLA_FLAG, },
};

/* VPNGW_CMD_TRACE_GET - do */
static const struct nla_policy vpngw_trace_get_nl_policy[VPNGW_A_TRACE + 1] = {
	[VPNGW_A_TRACE] = NLA_POLICY_NESTED(vpngw_trace_nl_policy),
};

/* VPNGW_CMD_SA_MOVE - do */
static const struct nla_policy vpngw_sa_move_nl_policy[VPNGW_A_SA + 1] = {
	[VPNGW_A_SA] = NLA_POLICY_NESTED(vpngw_sa_nl_policy),
};

/* VPNGW_CMD_SA_CLEAR - do */
static const struct nla_policy vpngw_sa_clear_nl_policy[VPNGW_A_ALL + 1] = {
	[VPNGW_A_SA] = NLA_POLICY_NESTED(vpngw_sa_nl_policy),
	[VPNGW_A_ALL] = { .type = NLA_FLAG, },
};

/* Ops table for vpngw */
static const struct genl_split_ops vpngw_nl_ops[] = {
	{
		.cmd		= VPNGW_CMD_CONFIG_GET,
		.doit		= vpngw_nl_config_get_doit,
		.policy		= vpngw_config_get_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_CONFIG_BEGIN,
		.doit		= vpngw_nl_config_begin_doit,
		.policy		= vpngw_config_begin_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_CONFIG_COMMIT,
		.doit		= vpngw_nl_config_commit_doit,
		.policy		= vpngw_config_commit_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_CONFIG_ABORT,
		.doit		= vpngw_nl_config_abort_doit,
		.policy		= vpngw_config_abort_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_ACL_NEW,
		.doit		= vpngw_nl_acl_new_doit,
		.policy		= vpngw_acl_new_nl_policy,
		.maxattr	= VPNGW_A_ACL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_ACL_GET,
		.dumpit		= vpngw_nl_acl_get_dumpit,
		.policy		= vpngw_acl_get_nl_policy,
		.maxattr	= VPNGW_A_ACL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_ACL_CLEAR,
		.doit		= vpngw_nl_acl_clear_doit,
		.policy		= vpngw_acl_clear_nl_policy,
		.maxattr	= VPNGW_A_ALL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_ROUTE_MAP_NEW,
		.doit		= vpngw_nl_route_map_new_doit,
		.policy		= vpngw_route_map_new_nl_policy,
		.maxattr	= VPNGW_A_ROUTE_MAP,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_ROUTE_MAP_GET,
		.dumpit		= vpngw_nl_route_map_get_dumpit,
		.policy		= vpngw_route_map_get_nl_policy,
		.maxattr	= VPNGW_A_ROUTE_MAP,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_POOL_NEW,
		.doit		= vpngw_nl_pool_new_doit,
		.policy		= vpngw_pool_new_nl_policy,
		.maxattr	= VPNGW_A_POOL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_POOL_GET,
		.dumpit		= vpngw_nl_pool_get_dumpit,
		.policy		= vpngw_pool_get_nl_policy,
		.maxattr	= VPNGW_A_POOL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_NAT_RULE_NEW,
		.doit		= vpngw_nl_nat_rule_new_doit,
		.policy		= vpngw_nat_rule_new_nl_policy,
		.maxattr	= VPNGW_A_NAT_RULE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_NAT_RULE_GET,
		.dumpit		= vpngw_nl_nat_rule_get_dumpit,
		.policy		= vpngw_nat_rule_get_nl_policy,
		.maxattr	= VPNGW_A_NAT_RULE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_NAT_NEW,
		.doit		= vpngw_nl_nat_new_doit,
		.policy		= vpngw_nat_new_nl_policy,
		.maxattr	= VPNGW_A_NAT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_NAT_GET,
		.doit		= vpngw_nl_nat_get_doit,
		.policy		= vpngw_nat_get_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_NAT_CLEAR,
		.doit		= vpngw_nl_nat_clear_doit,
		.policy		= vpngw_nat_clear_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_POLICY_NEW,
		.doit		= vpngw_nl_policy_new_doit,
		.policy		= vpngw_policy_new_nl_policy,
		.maxattr	= VPNGW_A_POLICY,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_POLICY_GET,
		.dumpit		= vpngw_nl_policy_get_dumpit,
		.policy		= vpngw_policy_get_nl_policy,
		.maxattr	= VPNGW_A_POLICY,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_IFACE_NEW,
		.doit		= vpngw_nl_iface_new_doit,
		.policy		= vpngw_iface_new_nl_policy,
		.maxattr	= VPNGW_A_IFACE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_IFACE_GET,
		.dumpit		= vpngw_nl_iface_get_dumpit,
		.policy		= vpngw_iface_get_nl_policy,
		.maxattr	= VPNGW_A_IFACE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_SA_NEW,
		.doit		= vpngw_nl_sa_new_doit,
		.policy		= vpngw_sa_new_nl_policy,
		.maxattr	= VPNGW_A_SA,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_SA_DEL,
		.doit		= vpngw_nl_sa_del_doit,
		.policy		= vpngw_sa_del_nl_policy,
		.maxattr	= VPNGW_A_ALL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_SA_GET,
		.dumpit		= vpngw_nl_sa_get_dumpit,
		.policy		= vpngw_sa_get_nl_policy,
		.maxattr	= VPNGW_A_SA,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_XLATE_GET,
		.dumpit		= vpngw_nl_xlate_get_dumpit,
		.policy		= vpngw_xlate_get_nl_policy,
		.maxattr	= VPNGW_A_XLATE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VPNGW_CMD_XLATE_DEL,
		.doit		= vpngw_nl_xlate_del_doit,
		.policy		= vpngw_xlate_del_nl_policy,
		.maxattr	= VPNGW_A_ALL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_STATS_GET,
		.doit		= vpngw_nl_stats_get_doit,
		.policy		= vpngw_stats_get_nl_policy,
		.maxattr	= VPNGW_A_GENERATION,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_STATS_CLEAR,
		.doit		= vpngw_nl_stats_clear_doit,
		.policy		= vpngw_stats_clear_nl_policy,
		.maxattr	= VPNGW_A_ALL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_TRACE_GET,
		.doit		= vpngw_nl_trace_get_doit,
		.policy		= vpngw_trace_get_nl_policy,
		.maxattr	= VPNGW_A_TRACE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_SA_MOVE,
		.doit		= vpngw_nl_sa_move_doit,
		.policy		= vpngw_sa_move_nl_policy,
		.maxattr	= VPNGW_A_SA,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VPNGW_CMD_SA_CLEAR,
		.doit		= vpngw_nl_sa_clear_doit,
		.policy		= vpngw_sa_clear_nl_policy,
		.maxattr	= VPNGW_A_ALL,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group vpngw_nl_mcgrps[] = {
	[VPNGW_NLGRP_CONFIG] = { "config", },
	[VPNGW_NLGRP_SA] = { "sa", },
	[VPNGW_NLGRP_ACQUIRE] = { "acquire", },
	[VPNGW_NLGRP_XLATE] = { "xlate", },
	[VPNGW_NLGRP_DROP] = { "drop", },
};

struct genl_family vpngw_nl_family __ro_after_init = {
	.name		= VPNGW_FAMILY_NAME,
	.version	= VPNGW_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= vpngw_nl_ops,
	.n_split_ops	= ARRAY_SIZE(vpngw_nl_ops),
	.mcgrps		= vpngw_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(vpngw_nl_mcgrps),
};
