/* SPDX-License-Identifier: GPL-2.0 */
/* Captures as tcpdump writes them, and what there is to say of an IPv4 packet. */
#ifndef VG_PCAP_H
#define VG_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct vg_traced - what a traced packet has
 * @skip: why it cannot be traced, or NULL
 * @src: source, host order, as the rest
 * @dst: destination
 * @length: octets of the IP packet, 0 if they do not matter
 * @sport: source port, or identifier of an ICMP query, with @has_ports
 * @dport: destination port, with @has_ports
 * @proto: IP protocol
 * @tos: type of service
 * @tcp_flags: octet 13 of the TCP header, with @has_flags
 * @icmp_type: with @has_icmp
 * @icmp_code: with @has_icmp
 * @df: don't fragment
 */
struct vg_traced {
	const char *skip;
	uint32_t src, dst, length;
	uint16_t sport, dport;
	uint8_t proto, tos, tcp_flags, icmp_type, icmp_code;
	bool has_ports, has_flags, has_icmp, df;
};

struct vg_pcap {
	FILE *file;
	bool swapped;
	uint32_t link;
	uint8_t data[4096];
};

int vg_pcap_begin(struct vg_pcap *p, FILE *file, const char **why);
int vg_pcap_next(struct vg_pcap *p, struct vg_traced *packet, const char **why);
void vg_traced_parse(const uint8_t *data, size_t len, struct vg_traced *packet);

#endif
