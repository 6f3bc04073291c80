// SPDX-License-Identifier: GPL-2.0
/* Attributes: typed access, and their names for error messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "nl.h"

uint8_t vg_get_u8(struct nlattr *a)
{
	return a && nla_len(a) == 1 ? nla_get_u8(a) : 0;
}

uint16_t vg_get_u16(struct nlattr *a)
{
	return a && nla_len(a) == 2 ? nla_get_u16(a) : 0;
}

uint32_t vg_get_u32(struct nlattr *a)
{
	return a && nla_len(a) == 4 ? nla_get_u32(a) : 0;
}

uint64_t vg_get_u64(struct nlattr *a)
{
	uint64_t v = 0;

	if (a && nla_len(a) == 8)
		memcpy(&v, nla_data(a), sizeof(v));
	return v;
}

uint32_t vg_get_addr(struct nlattr *a)
{
	return ntohl(vg_get_u32(a));
}

void vg_get_str(struct nlattr *a, char *buf, size_t size)
{
	size_t len;

	if (!a)
		return;
	len = strnlen(nla_data(a), nla_len(a));
	if (len >= size)
		len = size - 1;
	memcpy(buf, nla_data(a), len);
	buf[len] = '\0';
}

int vg_put_addr(struct nl_msg *msg, int type, uint32_t addr)
{
	return nla_put_u32(msg, type, htonl(addr));
}

int vg_parse_nest(struct nlattr **tb, int max, struct nlattr *nest)
{
	return nla_parse(tb, max, nla_data(nest), nla_len(nest), NULL) < 0 ? -EBADMSG : 0;
}

struct attr_set {
	const struct attr_name {
		const char *name;
		const struct attr_set *nest;
		bool many;
	} *attr;
	int max, line;
};

#define SET(attrs, line_attr) { attrs, VG_ARRAY_SIZE(attrs) - 1, line_attr }

static const struct attr_name port_range_attr[] = {
	[VPNGW_A_PORT_RANGE_LO] = { .name = "lo" }, [VPNGW_A_PORT_RANGE_HI] = { .name = "hi" },
};

static const struct attr_set port_range_set = SET(port_range_attr, 0);

static const struct attr_name ace_attr[] = {
	[VPNGW_A_ACE_SEQ] = { .name = "seq" }, [VPNGW_A_ACE_ACTION] = { .name = "action" },
	[VPNGW_A_ACE_PROTO] = { .name = "proto" }, [VPNGW_A_ACE_SRC] = { .name = "src" },
	[VPNGW_A_ACE_SRC_WILD] = { .name = "src-wild" }, [VPNGW_A_ACE_DST] = { .name = "dst" },
	[VPNGW_A_ACE_DST_WILD] = { .name = "dst-wild" },
	[VPNGW_A_ACE_SRC_PORT] = { "src-port", &port_range_set, true },
	[VPNGW_A_ACE_DST_PORT] = { "dst-port", &port_range_set, true },
	[VPNGW_A_ACE_ICMP_TYPE] = { .name = "icmp-type" },
	[VPNGW_A_ACE_ICMP_CODE] = { .name = "icmp-code" },
	[VPNGW_A_ACE_TCP_MASK] = { .name = "tcp-mask" },
	[VPNGW_A_ACE_TCP_VALUE] = { .name = "tcp-value" }, [VPNGW_A_ACE_TOS] = { .name = "tos" },
	[VPNGW_A_ACE_TOS_MASK] = { .name = "tos-mask" }, [VPNGW_A_ACE_FLAGS] = { .name = "flags" },
	[VPNGW_A_ACE_LINE] = { .name = "line" },
};

static const struct attr_set ace_set = SET(ace_attr, VPNGW_A_ACE_LINE);

static const struct attr_name acl_attr[] = {
	[VPNGW_A_ACL_NAME] = { .name = "name" }, [VPNGW_A_ACL_ACE] = { "ace", &ace_set, true },
	[VPNGW_A_ACL_LINE] = { .name = "line" }, [VPNGW_A_ACL_STANDARD] = { .name = "standard" },
};

static const struct attr_set acl_set = SET(acl_attr, VPNGW_A_ACL_LINE);

static const struct attr_name rm_entry_attr[] = {
	[VPNGW_A_RM_ENTRY_SEQ] = { .name = "seq" },
	[VPNGW_A_RM_ENTRY_ACTION] = { .name = "action" },
	[VPNGW_A_RM_ENTRY_MATCH_ACL] = { .name = "match-acl", .many = true },
	[VPNGW_A_RM_ENTRY_MATCH_IFINDEX] = { .name = "match-ifindex", .many = true },
	[VPNGW_A_RM_ENTRY_LINE] = { .name = "line" },
};

static const struct attr_set rm_entry_set = SET(rm_entry_attr, VPNGW_A_RM_ENTRY_LINE);

static const struct attr_name route_map_attr[] = {
	[VPNGW_A_ROUTE_MAP_NAME] = { .name = "name" },
	[VPNGW_A_ROUTE_MAP_ENTRY] = { "entry", &rm_entry_set, true },
	[VPNGW_A_ROUTE_MAP_LINE] = { .name = "line" },
};

static const struct attr_set route_map_set = SET(route_map_attr, VPNGW_A_ROUTE_MAP_LINE);

static const struct attr_name pool_range_attr[] = {
	[VPNGW_A_POOL_RANGE_START] = { .name = "start" },
	[VPNGW_A_POOL_RANGE_END] = { .name = "end" },
};

static const struct attr_set pool_range_set = SET(pool_range_attr, 0);

static const struct attr_name pool_attr[] = {
	[VPNGW_A_POOL_NAME] = { .name = "name" },
	[VPNGW_A_POOL_RANGE] = { "range", &pool_range_set, true },
	[VPNGW_A_POOL_PREFIX_LEN] = { .name = "prefix-len" },
	[VPNGW_A_POOL_TYPE] = { .name = "type" }, [VPNGW_A_POOL_LINE] = { .name = "line" },
};

static const struct attr_set pool_set = SET(pool_attr, VPNGW_A_POOL_LINE);

static const struct attr_name nat_rule_attr[] = {
	[VPNGW_A_NAT_RULE_INDEX] = { .name = "index" }, [VPNGW_A_NAT_RULE_ACL] = { .name = "acl" },
	[VPNGW_A_NAT_RULE_ROUTE_MAP] = { .name = "route-map" },
	[VPNGW_A_NAT_RULE_POOL] = { .name = "pool" },
	[VPNGW_A_NAT_RULE_IFINDEX] = { .name = "ifindex" },
	[VPNGW_A_NAT_RULE_FLAGS] = { .name = "flags" },
	[VPNGW_A_NAT_RULE_LINE] = { .name = "line" },
	[VPNGW_A_NAT_RULE_INSIDE_LOCAL] = { .name = "inside-local" },
	[VPNGW_A_NAT_RULE_INSIDE_GLOBAL] = { .name = "inside-global" },
	[VPNGW_A_NAT_RULE_PREFIX_LEN] = { .name = "prefix-len" },
	[VPNGW_A_NAT_RULE_PROTO] = { .name = "proto" },
	[VPNGW_A_NAT_RULE_INSIDE_LOCAL_PORT] = { .name = "inside-local-port" },
	[VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT] = { .name = "inside-global-port" },
};

static const struct attr_set nat_rule_set =
	SET(nat_rule_attr, VPNGW_A_NAT_RULE_INSIDE_GLOBAL_PORT);

static const struct attr_name host_limit_attr[] = {
	[VPNGW_A_HOST_LIMIT_ADDRESS] = { .name = "address" },
	[VPNGW_A_HOST_LIMIT_ACL] = { .name = "acl" },
	[VPNGW_A_HOST_LIMIT_ENTRIES] = { .name = "entries" },
};

static const struct attr_set host_limit_set = SET(host_limit_attr, 0);

static const struct attr_name nat_attr[] = {
	[VPNGW_A_NAT_TIMEOUT] = { .name = "timeout" },
	[VPNGW_A_NAT_UDP_TIMEOUT] = { .name = "udp-timeout" },
	[VPNGW_A_NAT_DNS_TIMEOUT] = { .name = "dns-timeout" },
	[VPNGW_A_NAT_TCP_TIMEOUT] = { .name = "tcp-timeout" },
	[VPNGW_A_NAT_FINRST_TIMEOUT] = { .name = "finrst-timeout" },
	[VPNGW_A_NAT_SYN_TIMEOUT] = { .name = "syn-timeout" },
	[VPNGW_A_NAT_ICMP_TIMEOUT] = { .name = "icmp-timeout" },
	[VPNGW_A_NAT_MAX_ENTRIES] = { .name = "max-entries" },
	[VPNGW_A_NAT_HOST_LIMIT] = { "host-limit", &host_limit_set, true },
};

static const struct attr_set nat_set = SET(nat_attr, 0);

static const struct attr_name policy_attr[] = {
	[VPNGW_A_POLICY_MAP] = { .name = "map" }, [VPNGW_A_POLICY_SEQ] = { .name = "seq" },
	[VPNGW_A_POLICY_TYPE] = { .name = "type" }, [VPNGW_A_POLICY_ACL] = { .name = "acl" },
	[VPNGW_A_POLICY_PEER] = { .name = "peer", .many = true },
	[VPNGW_A_POLICY_LINE] = { .name = "line" },
};

static const struct attr_set policy_set = SET(policy_attr, VPNGW_A_POLICY_LINE);

static const struct attr_name iface_attr[] = {
	[VPNGW_A_IFACE_IFINDEX] = { .name = "ifindex" }, [VPNGW_A_IFACE_NAME] = { .name = "name" },
	[VPNGW_A_IFACE_DEVICE] = { .name = "device" }, [VPNGW_A_IFACE_FLAGS] = { .name = "flags" },
	[VPNGW_A_IFACE_CRYPTO_MAP] = { .name = "crypto-map" },
	[VPNGW_A_IFACE_LINE] = { .name = "line" },
};

static const struct attr_set iface_set = SET(iface_attr, VPNGW_A_IFACE_LINE);

static const struct attr_name selector_attr[] = {
	[VPNGW_A_SELECTOR_LOCAL] = { .name = "local" },
	[VPNGW_A_SELECTOR_LOCAL_MASK] = { .name = "local-mask" },
	[VPNGW_A_SELECTOR_REMOTE] = { .name = "remote" },
	[VPNGW_A_SELECTOR_REMOTE_MASK] = { .name = "remote-mask" },
	[VPNGW_A_SELECTOR_PROTO] = { .name = "proto" },
	[VPNGW_A_SELECTOR_LOCAL_PORT] = { .name = "local-port" },
	[VPNGW_A_SELECTOR_REMOTE_PORT] = { .name = "remote-port" },
};

static const struct attr_set selector_set = SET(selector_attr, 0);

static const struct attr_name sa_attr[] = {
	[VPNGW_A_SA_SPI] = { .name = "spi" }, [VPNGW_A_SA_DADDR] = { .name = "daddr" },
	[VPNGW_A_SA_SADDR] = { .name = "saddr" }, [VPNGW_A_SA_DIR] = { .name = "dir" },
	[VPNGW_A_SA_MAP] = { .name = "map" }, [VPNGW_A_SA_MAP_SEQ] = { .name = "map-seq" },
	[VPNGW_A_SA_MODE] = { .name = "mode" }, [VPNGW_A_SA_ENCR] = { .name = "encr" },
	[VPNGW_A_SA_AUTH] = { .name = "auth" }, [VPNGW_A_SA_ENC_KEY] = { .name = "enc-key" },
	[VPNGW_A_SA_AUTH_KEY] = { .name = "auth-key" },
	[VPNGW_A_SA_SELECTOR] = { "selector", &selector_set, false },
	[VPNGW_A_SA_FLAGS] = { .name = "flags" },
	[VPNGW_A_SA_REPLAY_WINDOW] = { .name = "replay-window" },
};

static const struct attr_set sa_set = SET(sa_attr, 0);

static const struct attr_name xlate_attr[] = {
	[VPNGW_A_XLATE_PROTO] = { .name = "proto" },
	[VPNGW_A_XLATE_INSIDE_LOCAL] = { .name = "inside-local" },
	[VPNGW_A_XLATE_INSIDE_GLOBAL] = { .name = "inside-global" },
};

static const struct attr_set xlate_set = SET(xlate_attr, 0);

static const struct attr_name top_attr[] = {
	[VPNGW_A_ACL] = { "acl", &acl_set, false },
	[VPNGW_A_ROUTE_MAP] = { "route-map", &route_map_set, false },
	[VPNGW_A_POOL] = { "pool", &pool_set, false },
	[VPNGW_A_NAT_RULE] = { "nat-rule", &nat_rule_set, false },
	[VPNGW_A_NAT] = { "nat", &nat_set, false },
	[VPNGW_A_POLICY] = { "policy", &policy_set, false },
	[VPNGW_A_IFACE] = { "iface", &iface_set, false },
	[VPNGW_A_SA] = { "sa", &sa_set, false },
	[VPNGW_A_XLATE] = { "xlate", &xlate_set, false },
	[VPNGW_A_GENERATION] = { .name = "generation" },
	[VPNGW_A_ALL] = { .name = "all" },
};

static const struct attr_set top_set = SET(top_attr, 0);

/* Goes down to the attribute that begins at @target. */
static void locate(const struct attr_set *set, struct nlattr *head, int len,
		   const void *target, struct vg_nl_error *err)
{
	int rem, seen[32] = { 0 };
	struct nlattr *a;

	nla_for_each_attr(a, head, len, rem) {
		if (set->line && nla_type(a) == set->line)
			err->line = vg_get_u32(a);
	}
	nla_for_each_attr(a, head, len, rem) {
		size_t used = strlen(err->attr), room = sizeof(err->attr) - used;
		int type = nla_type(a), index = type < 32 ? seen[type]++ : 0;
		const struct attr_name *n = type <= set->max ? &set->attr[type] : NULL;

		if ((const char *)target < (const char *)a ||
		    (const char *)target >= (const char *)a + nla_total_size(nla_len(a)))
			continue;
		if (!n || !n->name)
			return;
		snprintf(err->attr + used, room, n->many ? "%s%s[%d]" : "%s%s", used ? "." : "",
			 n->name, index);
		if (n->nest && target != a)
			locate(n->nest, nla_data(a), nla_len(a), target, err);
		else if (n->nest)
			/* The nest as a whole: its line is inside. */
			locate(n->nest, nla_data(a), nla_len(a), NULL, err);
		return;
	}
}

/**
 * vg_nl_locate - name the attribute that the kernel complains about
 * @request: the request
 * @offset: where in it, from the start of its header
 * @err: .attr and .line are filled
 */
void vg_nl_locate(const struct nlmsghdr *request, unsigned int offset, struct vg_nl_error *err)
{
	const char *target = (const char *)request + offset;

	if (offset >= request->nlmsg_len)
		return;
	err->attr[0] = '\0';
	locate(&top_set, genlmsg_attrdata(genlmsg_hdr((struct nlmsghdr *)request), 0),
	       genlmsg_attrlen(genlmsg_hdr((struct nlmsghdr *)request), 0), target, err);
}
