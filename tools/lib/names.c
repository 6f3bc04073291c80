// SPDX-License-Identifier: GPL-2.0
/* Names that IOS gives to numbers of protocols, ports, ICMP and DSCP. */
#include "names.h"

const struct vg_name vg_protocols[] = {
	{ "ahp", 51 }, { "eigrp", 88 }, { "esp", 50 }, { "gre", 47 }, { "icmp", 1 },
	{ "igmp", 2 }, { "ipinip", 4 }, { "nos", 94 }, { "ospf", 89 }, { "pcp", 108 },
	{ "pim", 103 }, { "sctp", 132 }, { "tcp", 6 }, { "udp", 17 }, { }
};

const struct vg_name vg_tcp_ports[] = {
	{ "bgp", 179 }, { "chargen", 19 }, { "cmd", 514 }, { "daytime", 13 }, { "discard", 9 },
	{ "domain", 53 }, { "drip", 3949 }, { "echo", 7 }, { "exec", 512 }, { "finger", 79 },
	{ "ftp", 21 }, { "ftp-data", 20 }, { "gopher", 70 }, { "hostname", 101 },
	{ "ident", 113 }, { "irc", 194 }, { "klogin", 543 }, { "kshell", 544 }, { "login", 513 },
	{ "lpd", 515 }, { "msrpc", 135 }, { "nntp", 119 }, { "pim-auto-rp", 496 },
	{ "pop2", 109 }, { "pop3", 110 }, { "smtp", 25 }, { "sunrpc", 111 }, { "syslog", 514 },
	{ "tacacs", 49 }, { "talk", 517 }, { "telnet", 23 }, { "time", 37 }, { "uucp", 540 },
	{ "whois", 43 }, { "www", 80 }, { }
};

const struct vg_name vg_udp_ports[] = {
	{ "biff", 512 }, { "bootpc", 68 }, { "bootps", 67 }, { "discard", 9 }, { "dnsix", 195 },
	{ "domain", 53 }, { "echo", 7 }, { "isakmp", 500 }, { "mobile-ip", 434 },
	{ "nameserver", 42 }, { "netbios-dgm", 138 }, { "netbios-ns", 137 },
	{ "netbios-ss", 139 }, { "non500-isakmp", 4500 }, { "ntp", 123 }, { "pim-auto-rp", 496 },
	{ "rip", 520 }, { "ripv6", 521 }, { "snmp", 161 }, { "snmptrap", 162 },
	{ "sunrpc", 111 }, { "syslog", 514 }, { "tacacs", 49 }, { "talk", 517 }, { "tftp", 69 },
	{ "time", 37 }, { "who", 513 }, { "xdmcp", 177 }, { }
};

const struct vg_name vg_icmp_messages[] = {
	{ "administratively-prohibited", VG_ICMP(3, 13) },
	{ "alternate-address", VG_ICMP_TYPE(6) },
	{ "conversion-error", VG_ICMP_TYPE(31) },
	{ "dod-host-prohibited", VG_ICMP(3, 10) },
	{ "dod-net-prohibited", VG_ICMP(3, 9) },
	{ "echo", VG_ICMP_TYPE(8) },
	{ "echo-reply", VG_ICMP_TYPE(0) },
	{ "general-parameter-problem", VG_ICMP(12, 0) },
	{ "host-isolated", VG_ICMP(3, 8) },
	{ "host-precedence-unreachable", VG_ICMP(3, 14) },
	{ "host-redirect", VG_ICMP(5, 1) },
	{ "host-tos-redirect", VG_ICMP(5, 3) },
	{ "host-tos-unreachable", VG_ICMP(3, 12) },
	{ "host-unknown", VG_ICMP(3, 7) },
	{ "host-unreachable", VG_ICMP(3, 1) },
	{ "information-reply", VG_ICMP_TYPE(16) },
	{ "information-request", VG_ICMP_TYPE(15) },
	{ "mask-reply", VG_ICMP_TYPE(18) },
	{ "mask-request", VG_ICMP_TYPE(17) },
	{ "mobile-redirect", VG_ICMP_TYPE(32) },
	{ "net-redirect", VG_ICMP(5, 0) },
	{ "net-tos-redirect", VG_ICMP(5, 2) },
	{ "net-tos-unreachable", VG_ICMP(3, 11) },
	{ "net-unreachable", VG_ICMP(3, 0) },
	{ "network-unknown", VG_ICMP(3, 6) },
	{ "no-room-for-option", VG_ICMP(12, 2) },
	{ "option-missing", VG_ICMP(12, 1) },
	{ "packet-too-big", VG_ICMP(3, 4) },
	{ "parameter-problem", VG_ICMP_TYPE(12) },
	{ "port-unreachable", VG_ICMP(3, 3) },
	{ "precedence-unreachable", VG_ICMP(3, 15) },
	{ "protocol-unreachable", VG_ICMP(3, 2) },
	{ "reassembly-timeout", VG_ICMP(11, 1) },
	{ "redirect", VG_ICMP_TYPE(5) },
	{ "router-advertisement", VG_ICMP_TYPE(9) },
	{ "router-solicitation", VG_ICMP_TYPE(10) },
	{ "source-quench", VG_ICMP_TYPE(4) },
	{ "source-route-failed", VG_ICMP(3, 5) },
	{ "time-exceeded", VG_ICMP_TYPE(11) },
	{ "timestamp-reply", VG_ICMP_TYPE(14) },
	{ "timestamp-request", VG_ICMP_TYPE(13) },
	{ "traceroute", VG_ICMP_TYPE(30) },
	{ "ttl-exceeded", VG_ICMP(11, 0) },
	{ "unreachable", VG_ICMP_TYPE(3) },
	{ }
};

const struct vg_name vg_igmp_types[] = {
	{ "host-query", 1 }, { "host-report", 2 }, { "dvmrp", 3 }, { "pim", 4 }, { "trace", 15 },
	{ }
};

const struct vg_name vg_precedences[] = {
	{ "routine", 0 }, { "priority", 1 }, { "immediate", 2 }, { "flash", 3 },
	{ "flash-override", 4 }, { "critical", 5 }, { "internet", 6 }, { "network", 7 }, { }
};

const struct vg_name vg_tos_names[] = {
	{ "normal", 0 }, { "min-monetary-cost", 1 }, { "max-reliability", 2 },
	{ "max-throughput", 4 }, { "min-delay", 8 }, { }
};

const struct vg_name vg_dscp_names[] = {
	{ "default", 0 }, { "cs1", 8 }, { "af11", 10 }, { "af12", 12 }, { "af13", 14 },
	{ "cs2", 16 }, { "af21", 18 }, { "af22", 20 }, { "af23", 22 }, { "cs3", 24 },
	{ "af31", 26 }, { "af32", 28 }, { "af33", 30 }, { "cs4", 32 }, { "af41", 34 },
	{ "af42", 36 }, { "af43", 38 }, { "cs5", 40 }, { "ef", 46 }, { "cs6", 48 },
	{ "cs7", 56 }, { }
};

/* The bit of the flag; a sign before the name says which value it must have. */
const struct vg_name vg_tcp_flags[] = {
	{ "fin", 0x01 }, { "syn", 0x02 }, { "rst", 0x04 }, { "psh", 0x08 }, { "ack", 0x10 },
	{ "urg", 0x20 }, { }
};

/**
 * vg_name_of - name of a number
 * @names: table
 * @value: number
 *
 * Return: the first name with that value, or NULL.
 */
const char *vg_name_of(const struct vg_name *names, uint32_t value)
{
	for (; names->name; names++) {
		if (names->value == value)
			return names->name;
	}
	return NULL;
}
