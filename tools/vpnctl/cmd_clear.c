// SPDX-License-Identifier: GPL-2.0
/* clear ... */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "ctl.h"

static int request(struct ctl *c, struct nl_msg *msg, const char *doing)
{
	struct vg_nl_error err = { 0 };

	if (!vg_nl_request(c->nl, msg, NULL, NULL, &err))
		return EXIT_OK;
	snprintf(err.doing, sizeof(err.doing), "%s", doing);
	return ctl_error(&err);
}

static int request_all(struct ctl *c, uint8_t cmd, const char *doing)
{
	struct nl_msg *msg;

	if (ctl_open(c))
		return EXIT_REFUSED;
	msg = vg_nl_msg(c->nl, cmd, 0);
	if (msg)
		nla_put_flag(msg, VPNGW_A_ALL);
	return request(c, msg, doing);
}

/* clear crypto sa [peer A | map M [SEQ] | entry A esp SPI] */
int cmd_clear_sa(struct ctl *c, const struct vg_match *m)
{
	struct nlattr *nest;
	struct nl_msg *msg;

	if (m->n_cap == 3)
		return request_all(c, VPNGW_CMD_SA_DEL, "clear crypto sa");
	if (vg_has(m, "name") && strlen(vg_text(m, "name")) > VPNGW_NAME_MAX) {
		fprintf(stderr, "vpnctl: name is longer than %d characters\n", VPNGW_NAME_MAX);
		return EXIT_USAGE;
	}
	if (ctl_open(c))
		return EXIT_REFUSED;
	msg = vg_nl_msg(c->nl, VPNGW_CMD_SA_DEL, 0);
	if (msg) {
		nest = nla_nest_start(msg, VPNGW_A_SA);
		if (vg_has(m, "addr"))
			vg_put_addr(msg, VPNGW_A_SA_DADDR, vg_value(m, "addr"));
		if (vg_has(m, "spi")) {
			vg_put_addr(msg, VPNGW_A_SA_DADDR, vg_value(m, "dst"));
			nla_put_u32(msg, VPNGW_A_SA_SPI, vg_value(m, "spi"));
		}
		if (vg_has(m, "name"))
			nla_put_string(msg, VPNGW_A_SA_MAP, vg_text(m, "name"));
		if (vg_has(m, "seq"))
			nla_put_u32(msg, VPNGW_A_SA_MAP_SEQ, vg_value(m, "seq"));
		nla_nest_end(msg, nest);
	}
	return request(c, msg, "clear crypto sa");
}

/* clear crypto sa counters */
int cmd_clear_sa_counters(struct ctl *c, const struct vg_match *m)
{
	return request_all(c, VPNGW_CMD_SA_CLEAR, "clear crypto sa counters");
}

static void put_end(struct nl_msg *msg, const struct vg_match *m, const char *addr, int addr_type,
		    const char *port, int port_type)
{
	if (vg_has(m, addr))
		vg_put_addr(msg, addr_type, vg_value(m, addr));
	if (vg_has(m, port))
		nla_put_u16(msg, port_type, vg_value(m, port));
}

/* Outside local is outside global here, so it is not asked for. */
static void put_translation(struct nl_msg *msg, const struct vg_match *m)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_XLATE);

	if (vg_has(m, "tcp") || vg_has(m, "udp") || vg_has(m, "icmp"))
		nla_put_u8(msg, VPNGW_A_XLATE_PROTO, vg_has(m, "tcp") ? IPPROTO_TCP :
			   vg_has(m, "udp") ? IPPROTO_UDP : IPPROTO_ICMP);
	put_end(msg, m, "ig", VPNGW_A_XLATE_INSIDE_GLOBAL, "igport",
		VPNGW_A_XLATE_INSIDE_GLOBAL_PORT);
	put_end(msg, m, "il", VPNGW_A_XLATE_INSIDE_LOCAL, "ilport",
		VPNGW_A_XLATE_INSIDE_LOCAL_PORT);
	put_end(msg, m, "og", VPNGW_A_XLATE_OUTSIDE_GLOBAL, "ogport",
		VPNGW_A_XLATE_OUTSIDE_GLOBAL_PORT);
	nla_nest_end(msg, nest);
}

/* clear ip nat translation {* | [PROTO] inside ... [outside ...] | outside ...} [forced] */
int cmd_clear_translation(struct ctl *c, const struct vg_match *m)
{
	struct nl_msg *msg;

	if (vg_has(m, "all"))
		return request_all(c, VPNGW_CMD_XLATE_DEL, "clear ip nat translation");
	if (vg_has(m, "og") && vg_value(m, "og") != vg_value(m, "ol")) {
		fputs("vpnctl: outside addresses are not translated: local and global are the same\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (ctl_open(c))
		return EXIT_REFUSED;
	msg = vg_nl_msg(c->nl, VPNGW_CMD_XLATE_DEL, 0);
	if (msg)
		put_translation(msg, m);
	return request(c, msg, "clear ip nat translation");
}

/* clear access-list counters [NAME] */
int cmd_clear_access_list(struct ctl *c, const struct vg_match *m)
{
	const char *name = vg_acl_name(vg_text(m, "list"));
	struct nlattr *nest;
	struct nl_msg *msg;

	if (!name)
		return request_all(c, VPNGW_CMD_ACL_CLEAR, "clear access-list counters");
	if (ctl_open(c))
		return EXIT_REFUSED;
	msg = vg_nl_msg(c->nl, VPNGW_CMD_ACL_CLEAR, 0);
	if (msg) {
		nest = nla_nest_start(msg, VPNGW_A_ACL);
		nla_put_string(msg, VPNGW_A_ACL_NAME, name);
		nla_nest_end(msg, nest);
	}
	return request(c, msg, "clear access-list counters");
}

/* clear ip nat statistics */
int cmd_clear_nat_statistics(struct ctl *c, const struct vg_match *m)
{
	if (ctl_open(c))
		return EXIT_REFUSED;
	return request(c, vg_nl_msg(c->nl, VPNGW_CMD_NAT_CLEAR, 0), "clear ip nat statistics");
}

/* clear drops */
int cmd_clear_drops(struct ctl *c, const struct vg_match *m)
{
	return request_all(c, VPNGW_CMD_STATS_CLEAR, "clear drops");
}
