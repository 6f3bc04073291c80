// SPDX-License-Identifier: GPL-2.0
/* packet-tracer: what would become of a packet, and which line says so. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"
#include "ifname.h"
#include "pcap.h"

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
		if (vg_ifname_same((*ifaces)->iface.v[i].name, name))
			return (*ifaces)->iface.v[i].ifindex;
	}
	if (!if_nametoindex(name))
		fprintf(stderr, "vpnctl: there is no interface %s\n", name);
	return if_nametoindex(name);
}

/* The packet that the words of the command describe. */
static void packet_of(const struct vg_match *m, struct vg_traced *p)
{
	*p = (struct vg_traced){
		.src = vg_value(m, "src"), .dst = vg_value(m, "dst"),
		.proto = vg_has(m, "tcp") ? IPPROTO_TCP : vg_has(m, "udp") ? IPPROTO_UDP :
			 vg_has(m, "icmp") ? IPPROTO_ICMP : vg_value(m, "proto"),
		.sport = vg_value(m, "sport"), .dport = vg_value(m, "dport"),
		.has_ports = vg_has(m, "sport"),
		.icmp_type = vg_value(m, "icmptype"), .icmp_code = vg_value(m, "icmpcode"),
		.has_icmp = vg_has(m, "icmptype"),
		.tcp_flags = vg_value(m, "tcpflags"), .has_flags = vg_has(m, "flags"),
		.tos = vg_value(m, "tosval"), .length = vg_value(m, "octets"),
		.df = vg_has(m, "df"),
	};
	if (vg_has(m, "id"))
		p->sport = vg_value(m, "idval");
}

static int put_packet(struct nl_msg *msg, const struct vg_traced *p, uint32_t ifindex)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_TRACE);
	int ret = nest ? 0 : -EMSGSIZE;

	ret |= nla_put_u32(msg, VPNGW_A_TRACE_IFINDEX, ifindex);
	ret |= nla_put_u8(msg, VPNGW_A_TRACE_PROTO, p->proto);
	ret |= vg_put_addr(msg, VPNGW_A_TRACE_SRC, p->src);
	ret |= vg_put_addr(msg, VPNGW_A_TRACE_DST, p->dst);
	if (p->has_ports || p->sport)
		ret |= nla_put_u16(msg, VPNGW_A_TRACE_SPORT, p->sport);
	if (p->has_ports)
		ret |= nla_put_u16(msg, VPNGW_A_TRACE_DPORT, p->dport);
	if (p->has_icmp) {
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_ICMP_TYPE, p->icmp_type);
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_ICMP_CODE, p->icmp_code);
	}
	if (p->has_flags)
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_TCP_FLAGS, p->tcp_flags);
	if (p->tos)
		ret |= nla_put_u8(msg, VPNGW_A_TRACE_TOS, p->tos);
	if (p->length)
		ret |= nla_put_u32(msg, VPNGW_A_TRACE_LENGTH, p->length);
	if (p->df)
		ret |= nla_put_flag(msg, VPNGW_A_TRACE_DF);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

struct journey {
	FILE *out;
	const struct vg_config *ifaces, *cfg;	/* cfg: NULL if none is kept */
	struct nlattr *tb[VPNGW_A_TRACE_MAX + 1];
	unsigned int phase;
	struct json_object *json;	/* where it goes, NULL for text */
	enum result { CLEAR, ENCRYPT, LOCAL, DROP } result;
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
		if (!strcmp(text_of(j->tb[VPNGW_A_TRACE_REASON]), "nat-pool-exhausted")) {
			fprintf(j->out, "no address left in pool %s",
				text_of(j->tb[VPNGW_A_TRACE_POOL]));
			break;
		}
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

static void json_journey(struct journey *j)
{
	static const char * const routes[] = { "none", "forward", "local" };
	static const char * const nats[] = { "not-candidate", "found", "new", "exempt" };
	static const char * const cryptos[] = { "no-map", "bypass", "protect", "no-sa" };
	static const char * const results[] = { "clear", "encrypt", "local", "drop" };
	struct json_object *obj = j->json;

	json_str(obj, "result", results[j->result]);
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
}

static int on_journey(const struct vg_reply *r, void *arg)
{
	struct journey *j = arg;

	if (!r->top[VPNGW_A_TRACE] ||
	    vg_parse_nest(j->tb, VPNGW_A_TRACE_MAX, r->top[VPNGW_A_TRACE]))
		return -EBADMSG;
	j->result = j->tb[VPNGW_A_TRACE_REASON] ? DROP :
		    vg_get_u8(j->tb[VPNGW_A_TRACE_ROUTE]) == VPNGW_TRACE_ROUTE_LOCAL ? LOCAL :
		    j->tb[VPNGW_A_TRACE_SPI] ? ENCRYPT : CLEAR;
	if (j->json)
		json_journey(j);
	else
		print_journey(j);
	return 0;
}

/* Asks the kernel, and prints what it says. */
static int trace(struct ctl *c, const struct vg_traced *p, uint32_t ifindex, struct journey *j)
{
	struct nl_msg *msg = vg_nl_msg(c->nl, VPNGW_CMD_TRACE_GET, 0);
	struct vg_nl_error err = { 0 };

	if (!msg || put_packet(msg, p, ifindex)) {
		vg_nl_msg_free(msg);
		fprintf(stderr, "vpnctl: %s\n", strerror(ENOMEM));
		return EXIT_REFUSED;
	}
	j->phase = 0;
	if (!vg_nl_request(c->nl, msg, on_journey, j, &err))
		return EXIT_OK;
	snprintf(err.doing, sizeof(err.doing), "packet-tracer");
	return ctl_error(&err);
}

static int trace_one(struct ctl *c, const struct vg_match *m, uint32_t ifindex, struct journey *j)
{
	struct vg_traced packet;
	int ret;

	packet_of(m, &packet);
	j->json = c->json ? json_object_new_object() : NULL;
	ret = trace(c, &packet, ifindex, j);
	if (!ret && c->json)
		ctl_print_json(c, j->json);
	else
		json_object_put(j->json);
	return ret;
}

/* Which packet it is that the following is about. */
static void print_packet(struct journey *j, unsigned long number, const struct vg_traced *p)
{
	char src[VG_ADDR_LEN], dst[VG_ADDR_LEN], proto[12];

	if (j->json) {
		json_num(j->json, "number", number);
		if (p->src | p->dst) {
			json_num(j->json, "proto", p->proto);
			json_addr(j->json, "src", p->src);
			json_addr(j->json, "dst", p->dst);
		}
		if (p->has_ports) {
			json_num(j->json, "sport", p->sport);
			json_num(j->json, "dport", p->dport);
		}
		if (p->has_icmp)
			json_num(j->json, "id", p->sport);
		if (p->skip)
			json_str(j->json, "skipped", p->skip);
		return;
	}
	fprintf(j->out, "Packet %lu", number);
	if (p->src | p->dst)
		fprintf(j->out, ": %s %s", vg_proto_name(p->proto, proto),
			vg_addr_str(p->src, src));
	if (p->has_ports)
		fprintf(j->out, " %u", p->sport);
	if (p->src | p->dst)
		fprintf(j->out, " %s", vg_addr_str(p->dst, dst));
	if (p->has_ports)
		fprintf(j->out, " %u", p->dport);
	if (p->has_icmp)
		fprintf(j->out, " id %u", p->sport);
	if (p->skip)
		fprintf(j->out, "\nResult: not traced: %s", p->skip);
	fputc('\n', j->out);
}

static int trace_all(struct ctl *c, struct vg_pcap *pcap, uint32_t ifindex, struct journey *j)
{
	unsigned long number = 0, results[DROP + 1] = { 0 }, skipped = 0;
	struct json_object *list = c->json ? json_object_new_array() : NULL;
	struct vg_traced packet;
	const char *why = "";
	int more, ret = EXIT_OK;

	while (!ret && (more = vg_pcap_next(pcap, &packet, &why)) > 0) {
		j->json = list ? json_object_new_object() : NULL;
		if (list)
			json_object_array_add(list, j->json);
		print_packet(j, ++number, &packet);
		if (packet.skip)
			skipped++;
		else
			ret = trace(c, &packet, ifindex, j);
		if (!packet.skip && !ret)
			results[j->result]++;
		if (!list)
			fputc('\n', c->out);
	}
	if (!ret && more < 0) {
		fprintf(stderr, "vpnctl: %s: packet %lu: %s\n", c->pcap, number + 1, why);
		ret = EXIT_REFUSED;
	}
	if (list) {
		struct json_object *obj = json_object_new_object();

		json_object_object_add(obj, "packets", list);
		ctl_print_json(c, obj);
	} else {
		fprintf(c->out, "%lu packet%s: %lu in clear, %lu encrypted, %lu delivered here, %lu dropped, %lu not traced\n",
			number, number == 1 ? "" : "s", results[CLEAR], results[ENCRYPT],
			results[LOCAL], results[DROP], skipped);
	}
	return ret;
}

static int trace_file(struct ctl *c, uint32_t ifindex, struct journey *j)
{
	FILE *file = strcmp(c->pcap, "-") ? fopen(c->pcap, "re") : stdin;
	struct vg_pcap *pcap = malloc(sizeof(*pcap));
	const char *why = "";
	int ret = EXIT_REFUSED;

	if (!file || !pcap)
		fprintf(stderr, "vpnctl: %s: %s\n", c->pcap, strerror(errno));
	else if (vg_pcap_begin(pcap, file, &why))
		fprintf(stderr, "vpnctl: %s: %s\n", c->pcap, why);
	else
		ret = trace_all(c, pcap, ifindex, j);
	if (file && file != stdin)
		fclose(file);
	free(pcap);
	return ret;
}

/* packet-tracer input IFACE {PROTO SRC [SPORT] DST [DPORT] | --pcap FILE} */
int cmd_packet_tracer(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *ifaces = NULL, *cfg = NULL;
	struct journey j = { .out = c->out };
	bool whole = vg_has(m, "src");
	int ret = EXIT_REFUSED;
	uint32_t ifindex;

	if (whole == !!c->pcap) {
		fputs("vpnctl: packet-tracer wants a packet or --pcap FILE, one of them\n", stderr);
		return EXIT_USAGE;
	}
	ifindex = find_device(c, vg_text(m, "if"), &ifaces);
	if (!ifindex)
		goto out;
	/* Its lines are those that the kernel's numbers mean. */
	if (vg_running_exists(c->run_dir))
		ctl_running(c, &cfg);
	j.ifaces = ifaces;
	j.cfg = cfg;
	ret = whole ? trace_one(c, m, ifindex, &j) : trace_file(c, ifindex, &j);
out:
	vg_config_free(cfg);
	vg_config_free(ifaces);
	return ret;
}
