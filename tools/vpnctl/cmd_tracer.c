// SPDX-License-Identifier: GPL-2.0
/* packet-tracer: what would become of a packet, and which line says so. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"

static const char *text_of(struct nlattr *a)
{
	static char ring[4][80];
	static unsigned int at;
	char *buf = ring[at++ % VG_ARRAY_SIZE(ring)];

	vg_get_str(a, buf, sizeof(ring[0]));
	return buf;
}

static const char *quad(struct nlattr *a)
{
	static char ring[4][VG_ADDR_LEN];
	static unsigned int at;

	return vg_addr_str(vg_get_addr(a), ring[at++ % VG_ARRAY_SIZE(ring)]);
}

/* The device of an interface, by its name in the configuration or of its own. */
static uint32_t find_device(struct ctl *c, const char *name, struct vg_config **ifaces)
{
	if (ctl_fetch(c, VPNGW_CMD_IFACE_GET, ifaces))
		return 0;
	for (size_t i = 0; i < (*ifaces)->iface.n; i++) {
		if (!strcmp((*ifaces)->iface.v[i].name, name))
			return (*ifaces)->iface.v[i].ifindex;
	}
	if (!if_nametoindex(name))
		fprintf(stderr, "vpnctl: there is no interface %s\n", name);
	return if_nametoindex(name);
}

static int put_packet(struct nl_msg *msg, const struct vg_match *m, uint32_t ifindex)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_TRACE);
	uint8_t proto = vg_has(m, "tcp") ? IPPROTO_TCP : vg_has(m, "udp") ? IPPROTO_UDP :
			vg_has(m, "icmp") ? IPPROTO_ICMP : vg_value(m, "proto");
	int ret = nest ? 0 : -EMSGSIZE;

	ret |= nla_put_u32(msg, VPNGW_A_TRACE_IFINDEX, ifindex);
	ret |= nla_put_u8(msg, VPNGW_A_TRACE_PROTO, proto);
	ret |= vg_put_addr(msg, VPNGW_A_TRACE_SRC, vg_value(m, "src"));
	ret |= vg_put_addr(msg, VPNGW_A_TRACE_DST, vg_value(m, "dst"));
	if (vg_has(m, "sport"))
		ret |= nla_put_u16(msg, VPNGW_A_TRACE_SPORT, vg_value(m, "sport"));
	if (vg_has(m, "dport"))
		ret |= nla_put_u16(msg, VPNGW_A_TRACE_DPORT, vg_value(m, "dport"));
	if (vg_has(m, "icmptype")) {
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_ICMP_TYPE, vg_value(m, "icmptype"));
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_ICMP_CODE, vg_value(m, "icmpcode"));
	}
	if (vg_has(m, "id"))
		ret |= nla_put_u16(msg, VPNGW_A_TRACE_SPORT, vg_value(m, "idval"));
	if (vg_has(m, "flags"))
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_TCP_FLAGS, vg_value(m, "tcpflags"));
	if (vg_has(m, "tos"))
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_TOS, vg_value(m, "tosval"));
	if (vg_has(m, "length"))
		ret |= nla_put_u32(msg, VPNGW_A_TRACE_LENGTH, vg_value(m, "octets"));
	if (vg_has(m, "df"))
		ret |= nla_put_flag(msg, VPNGW_A_TRACE_DF);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

struct journey {
	FILE *out;
	const struct vg_config *ifaces, *cfg;	/* cfg: NULL if none is kept */
	struct nlattr *tb[VPNGW_A_TRACE_MAX + 1];
	unsigned int phase;
};

static void begin(struct journey *j, const char *name)
{
	fprintf(j->out, "%u. %-12s ", ++j->phase, name);
}

/* A line of the configuration that decided something, with its number. */
static void cite(struct journey *j, int type)
{
	uint32_t line = vg_get_u32(j->tb[type]);
	char *text = j->cfg ? vg_config_line(j->cfg, line) : NULL;

	if (!line)
		return;
	fprintf(j->out, "\n                   line %u%s%s", line, text ? ": " : "",
		text ? text + strspn(text, " \t") : "");
	free(text);
}

static void print_route(struct journey *j)
{
	uint32_t out = vg_get_u32(j->tb[VPNGW_A_TRACE_OUT_IFINDEX]);
	char name[32];

	if (j->tb[VPNGW_A_TRACE_LOCAL]) {
		begin(j, "NAT inbound");
		fprintf(j->out, "destination becomes %s", quad(j->tb[VPNGW_A_TRACE_LOCAL]));
		if (j->tb[VPNGW_A_TRACE_XLATE])
			fprintf(j->out, ", translation %u",
				vg_get_u32(j->tb[VPNGW_A_TRACE_XLATE]));
		else
			cite(j, VPNGW_A_TRACE_RULE_LINE);
		fputc('\n', j->out);
	}
	begin(j, "Route");
	switch (vg_get_u8(j->tb[VPNGW_A_TRACE_ROUTE])) {
	case VPNGW_TRACE_ROUTE_FORWARD:
		fprintf(j->out, "by %s", view_iface_name(j->ifaces, out, name));
		if (j->tb[VPNGW_A_TRACE_GATEWAY])
			fprintf(j->out, " to %s", quad(j->tb[VPNGW_A_TRACE_GATEWAY]));
		break;
	case VPNGW_TRACE_ROUTE_LOCAL:
		fputs("to this host", j->out);
		break;
	default:
		fputs("none", j->out);
	}
	fputc('\n', j->out);
}

static void print_nat(struct journey *j)
{
	uint8_t nat = vg_get_u8(j->tb[VPNGW_A_TRACE_NAT]);

	begin(j, "NAT");
	switch (nat) {
	case VPNGW_TRACE_NAT_NOT_CANDIDATE:
		fputs("not from an inside to an outside interface\n", j->out);
		return;
	case VPNGW_TRACE_NAT_EXEMPT:
		fputs("exempt: no rule wants it", j->out);
		break;
	case VPNGW_TRACE_NAT_FOUND:
		fprintf(j->out, "source becomes %s", quad(j->tb[VPNGW_A_TRACE_GLOBAL]));
		if (j->tb[VPNGW_A_TRACE_GLOBAL_PORT])
			fprintf(j->out, ":%u", vg_get_u16(j->tb[VPNGW_A_TRACE_GLOBAL_PORT]));
		fprintf(j->out, ", translation %u", vg_get_u32(j->tb[VPNGW_A_TRACE_XLATE]));
		break;
	default:
		if (j->tb[VPNGW_A_TRACE_GLOBAL])
			fprintf(j->out, "source becomes %s", quad(j->tb[VPNGW_A_TRACE_GLOBAL]));
		else
			fputs("source becomes an address", j->out);
		if (j->tb[VPNGW_A_TRACE_POOL])
			fprintf(j->out, " of pool %s (%u free)",
				text_of(j->tb[VPNGW_A_TRACE_POOL]),
				vg_get_u32(j->tb[VPNGW_A_TRACE_POOL_FREE]));
		fputs(", a new translation", j->out);
	}
	cite(j, VPNGW_A_TRACE_RULE_LINE);
	cite(j, VPNGW_A_TRACE_RM_LINE);
	cite(j, VPNGW_A_TRACE_ACE_LINE);
	if (j->tb[VPNGW_A_TRACE_ACL] && !j->tb[VPNGW_A_TRACE_ACE_LINE])
		fprintf(j->out, "\n                   end of access list %s: deny",
			text_of(j->tb[VPNGW_A_TRACE_ACL]));
	fputc('\n', j->out);
}

static void print_crypto(struct journey *j)
{
	begin(j, "Crypto map");
	switch (vg_get_u8(j->tb[VPNGW_A_TRACE_CRYPTO])) {
	case VPNGW_TRACE_CRYPTO_NO_MAP:
		fputs("none on the interface\n", j->out);
		return;
	case VPNGW_TRACE_CRYPTO_BYPASS:
		fputs("no entry matches: leaves in clear\n", j->out);
		return;
	case VPNGW_TRACE_CRYPTO_PROTECT:
		fprintf(j->out, "protected: spi 0x%X, conn id %u, to %s",
			vg_get_u32(j->tb[VPNGW_A_TRACE_SPI]),
			vg_get_u32(j->tb[VPNGW_A_TRACE_CONN_ID]),
			quad(j->tb[VPNGW_A_TRACE_PEER]));
		break;
	default:
		fputs("to be protected, and there is no association", j->out);
	}
	cite(j, VPNGW_A_TRACE_MAP_LINE);
	cite(j, VPNGW_A_TRACE_MAP_ACE_LINE);
	if (j->tb[VPNGW_A_TRACE_MTU])
		fprintf(j->out, "\n                   up to %u octets in one piece",
			vg_get_u32(j->tb[VPNGW_A_TRACE_MTU]));
	fputc('\n', j->out);
}

/* The phases that were reached; what ends the journey is the result. */
static void print_journey(struct journey *j)
{
	bool dropped = j->tb[VPNGW_A_TRACE_REASON];
	bool clear = dropped && !strcmp(text_of(j->tb[VPNGW_A_TRACE_REASON]), "clear-protected");
	uint8_t route = vg_get_u8(j->tb[VPNGW_A_TRACE_ROUTE]);

	if (clear) {
		begin(j, "Clear text");
		fputs("the crypto map of the interface wants it protected", j->out);
		cite(j, VPNGW_A_TRACE_MAP_LINE);
		cite(j, VPNGW_A_TRACE_MAP_ACE_LINE);
		fputc('\n', j->out);
	} else {
		print_route(j);
		if (route == VPNGW_TRACE_ROUTE_FORWARD) {
			print_nat(j);
			print_crypto(j);
		}
	}
	if (dropped)
		fprintf(j->out, "Result: dropped, %s: %s\n",
			text_of(j->tb[VPNGW_A_TRACE_REASON]),
			text_of(j->tb[VPNGW_A_TRACE_REASON_TEXT]));
	else
		fprintf(j->out, "Result: %s\n", route == VPNGW_TRACE_ROUTE_LOCAL ?
			"delivered here" : j->tb[VPNGW_A_TRACE_SPI] ? "forwarded, encrypted" :
			"forwarded, in clear");
}

static const struct {
	const char *key;
	int type;
	enum { NUMBER, ADDRESS, TEXT } kind;
} members[] = {
	{ "local", VPNGW_A_TRACE_LOCAL, ADDRESS },
	{ "out_ifindex", VPNGW_A_TRACE_OUT_IFINDEX, NUMBER },
	{ "gateway", VPNGW_A_TRACE_GATEWAY, ADDRESS },
	{ "rule", VPNGW_A_TRACE_RULE, NUMBER },
	{ "rule_line", VPNGW_A_TRACE_RULE_LINE, NUMBER },
	{ "route_map_seq", VPNGW_A_TRACE_RM_SEQ, NUMBER },
	{ "route_map_line", VPNGW_A_TRACE_RM_LINE, NUMBER },
	{ "acl", VPNGW_A_TRACE_ACL, TEXT },
	{ "ace_seq", VPNGW_A_TRACE_ACE_SEQ, NUMBER },
	{ "ace_line", VPNGW_A_TRACE_ACE_LINE, NUMBER },
	{ "translation", VPNGW_A_TRACE_XLATE, NUMBER },
	{ "global", VPNGW_A_TRACE_GLOBAL, ADDRESS },
	{ "pool", VPNGW_A_TRACE_POOL, TEXT },
	{ "pool_free", VPNGW_A_TRACE_POOL_FREE, NUMBER },
	{ "map", VPNGW_A_TRACE_MAP, TEXT },
	{ "map_seq", VPNGW_A_TRACE_MAP_SEQ, NUMBER },
	{ "map_line", VPNGW_A_TRACE_MAP_LINE, NUMBER },
	{ "map_ace_line", VPNGW_A_TRACE_MAP_ACE_LINE, NUMBER },
	{ "spi", VPNGW_A_TRACE_SPI, NUMBER },
	{ "conn_id", VPNGW_A_TRACE_CONN_ID, NUMBER },
	{ "peer", VPNGW_A_TRACE_PEER, ADDRESS },
	{ "mtu", VPNGW_A_TRACE_MTU, NUMBER },
	{ "reason", VPNGW_A_TRACE_REASON, TEXT },
};

static struct json_object *json_journey(struct journey *j)
{
	static const char * const routes[] = { "none", "forward", "local" };
	static const char * const nats[] = { "not-candidate", "found", "new", "exempt" };
	static const char * const cryptos[] = { "no-map", "bypass", "protect", "no-sa" };
	struct json_object *obj = json_object_new_object();

	json_str(obj, "result", j->tb[VPNGW_A_TRACE_REASON] ? "drop" :
		 vg_get_u8(j->tb[VPNGW_A_TRACE_ROUTE]) == VPNGW_TRACE_ROUTE_LOCAL ? "local" :
		 j->tb[VPNGW_A_TRACE_SPI] ? "encrypt" : "clear");
	json_str(obj, "route", routes[vg_get_u8(j->tb[VPNGW_A_TRACE_ROUTE]) % 3]);
	json_str(obj, "nat", nats[vg_get_u8(j->tb[VPNGW_A_TRACE_NAT]) % 4]);
	json_str(obj, "crypto", cryptos[vg_get_u8(j->tb[VPNGW_A_TRACE_CRYPTO]) % 4]);
	if (j->tb[VPNGW_A_TRACE_GLOBAL_PORT])
		json_num(obj, "global_port", vg_get_u16(j->tb[VPNGW_A_TRACE_GLOBAL_PORT]));
	for (size_t i = 0; i < VG_ARRAY_SIZE(members); i++) {
		struct nlattr *a = j->tb[members[i].type];

		if (!a)
			continue;
		if (members[i].kind == NUMBER)
			json_num(obj, members[i].key, vg_get_u32(a));
		else
			json_str(obj, members[i].key, members[i].kind == TEXT ? text_of(a) :
				 quad(a));
	}
	return obj;
}

static int on_journey(const struct vg_reply *r, void *arg)
{
	struct journey *j = arg;

	if (!r->top[VPNGW_A_TRACE] ||
	    vg_parse_nest(j->tb, VPNGW_A_TRACE_MAX, r->top[VPNGW_A_TRACE]))
		return -EBADMSG;
	if (!j->out)
		return 0;
	print_journey(j);
	return 0;
}

static int on_json(const struct vg_reply *r, void *arg)
{
	struct ctl *c = arg;
	struct journey j = { 0 };
	int ret = on_journey(r, &j);

	if (!ret)
		ctl_print_json(c, json_journey(&j));
	return ret;
}

/* packet-tracer input IFACE PROTO SRC [SPORT] DST [DPORT] */
int cmd_packet_tracer(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *ifaces = NULL, *cfg = NULL;
	struct journey j = { .out = c->out };
	struct vg_nl_error err = { 0 };
	uint32_t ifindex = find_device(c, vg_text(m, "if"), &ifaces);
	struct nl_msg *msg;
	int ret = EXIT_REFUSED;

	if (!ifindex)
		goto out;
	/* Its lines are those that the kernel's numbers mean. */
	if (vg_running_exists(c->run_dir))
		ctl_running(c, &cfg);
	j.ifaces = ifaces;
	j.cfg = cfg;
	msg = vg_nl_msg(c->nl, VPNGW_CMD_TRACE_GET, 0);
	if (!msg || put_packet(msg, m, ifindex)) {
		vg_nl_msg_free(msg);
		fprintf(stderr, "vpnctl: %s\n", strerror(ENOMEM));
		goto out;
	}
	ret = c->json ? vg_nl_request(c->nl, msg, on_json, c, &err) :
		vg_nl_request(c->nl, msg, on_journey, &j, &err);
	snprintf(err.doing, sizeof(err.doing), "packet-tracer");
	ret = ret ? ctl_error(&err) : EXIT_OK;
out:
	vg_config_free(cfg);
	vg_config_free(ifaces);
	return ret;
}
