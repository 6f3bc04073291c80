// SPDX-License-Identifier: GPL-2.0
/* Reads pcap files, the format that tcpdump -w writes. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "pcap.h"

#define MAGIC_USEC	0xa1b2c3d4
#define MAGIC_NSEC	0xa1b23c4d
#define MAGIC_NG	0x0a0d0d0a
#define RECORD_MAX	1048576	/* longer records are a broken file */

/* https://www.tcpdump.org/linktypes.html */
#define LINK_ETHERNET	1
#define LINK_RAW	101
#define LINK_SLL	113
#define LINK_IPV4	228
#define LINK_SLL2	276

#define TYPE_IPV4	0x0800
#define TYPE_VLAN	0x8100

static uint32_t get32(const struct vg_pcap *p, const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return p->swapped ? __builtin_bswap32(v) : v;
}

static uint16_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

/**
 * vg_pcap_begin - begin to read a capture
 * @p: reader
 * @file: capture
 * @why: why not
 *
 * Return: 0 or -errno.
 */
int vg_pcap_begin(struct vg_pcap *p, FILE *file, const char **why)
{
	uint8_t header[24];
	uint32_t magic;

	memset(p, 0, sizeof(*p));
	p->file = file;
	*why = "not a capture as tcpdump -w writes it";
	if (fread(header, 1, sizeof(header), file) != sizeof(header))
		return ferror(file) ? -errno : -EINVAL;
	magic = get32(p, header);
	if (magic == MAGIC_NG) {
		*why = "a pcapng file; convert it: editcap -F pcap OLD NEW";
		return -EINVAL;
	}
	if (magic != MAGIC_USEC && magic != MAGIC_NSEC) {
		p->swapped = true;
		magic = get32(p, header);
	}
	if (magic != MAGIC_USEC && magic != MAGIC_NSEC)
		return -EINVAL;
	p->link = get32(p, header + 20) & 0xffff;
	switch (p->link) {
	case LINK_ETHERNET:
	case LINK_RAW:
	case LINK_SLL:
	case LINK_IPV4:
	case LINK_SLL2:
		return 0;
	}
	*why = "a capture of a kind of link other than Ethernet, raw IP or cooked";
	return -EOPNOTSUPP;
}

/* Where the IP packet begins, or 0 with a reason; raw packets begin at 0, too. */
static size_t skip_link(const struct vg_pcap *p, size_t len, const char **why)
{
	size_t at = p->link == LINK_ETHERNET ? 14 : p->link == LINK_SLL ? 16 :
		    p->link == LINK_SLL2 ? 20 : 0;
	uint16_t type = TYPE_IPV4;

	if (len < at) {
		*why = "cut short";
		return 0;
	}
	if (p->link == LINK_SLL2)
		type = be16(p->data);
	else if (at)
		type = be16(p->data + at - 2);
	if (type == TYPE_VLAN && len >= at + 4) {
		type = be16(p->data + at + 2);
		at += 4;
	}
	if (type != TYPE_IPV4)
		*why = "not IPv4";
	/* 4: it has left by the device of the capture */
	else if ((p->link == LINK_SLL && be16(p->data) == 4) ||
		 (p->link == LINK_SLL2 && p->data[10] == 4))
		*why = "it went out";
	return at;
}

static void parse_l4(const uint8_t *l4, size_t len, struct vg_traced *packet)
{
	size_t need = packet->proto == IPPROTO_TCP ? 14 : packet->proto == IPPROTO_ICMP ? 8 : 4;

	switch (packet->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_ICMP:
		break;
	default:
		return;
	}
	if (len < need) {
		packet->skip = "cut short";
		return;
	}
	if (packet->proto == IPPROTO_ICMP) {
		packet->has_icmp = true;
		packet->icmp_type = l4[0];
		packet->icmp_code = l4[1];
		packet->sport = be16(l4 + 4);
		if (l4[0] == 3 || l4[0] == 4 || l4[0] == 5 || l4[0] == 11 || l4[0] == 12)
			packet->skip = "an ICMP error is judged by the packet that it quotes";
		return;
	}
	packet->has_ports = true;
	packet->sport = be16(l4);
	packet->dport = be16(l4 + 2);
	packet->has_flags = packet->proto == IPPROTO_TCP;
	if (packet->has_flags)
		packet->tcp_flags = l4[13];
}

/**
 * vg_traced_parse - say what there is of an IPv4 packet
 * @data: from the IP header on
 * @len: octets that there are, fewer than the packet has if it was cut
 * @packet: result; .skip if it cannot be traced
 */
void vg_traced_parse(const uint8_t *data, size_t len, struct vg_traced *packet)
{
	size_t header;

	memset(packet, 0, sizeof(*packet));
	if (len < 20 || data[0] >> 4 != 4 || (data[0] & 15) < 5) {
		packet->skip = len < 20 ? "cut short" : "not IPv4";
		return;
	}
	header = (data[0] & 15) * 4;
	packet->tos = data[1];
	packet->length = be16(data + 2);
	packet->df = data[6] & 0x40;
	packet->proto = data[9];
	packet->src = be32(data + 12);
	packet->dst = be32(data + 16);
	if (packet->length < header)
		packet->length = 0;	/* segments are cut by the device later on */
	if (packet->length && packet->length < len)
		len = packet->length;
	if (be16(data + 6) & 0x1fff)
		packet->skip = "a later fragment is judged with its first one";
	else if (packet->proto == IPPROTO_ESP)
		packet->skip = "ESP is judged by what is inside";
	else if (len < header)
		packet->skip = "cut short";
	else
		parse_l4(data + header, len - header, packet);
}

/**
 * vg_pcap_next - read the next packet
 * @p: reader
 * @packet: result
 * @why: why not
 *
 * Return: 1, 0 at the end, or -errno.
 */
int vg_pcap_next(struct vg_pcap *p, struct vg_traced *packet, const char **why)
{
	const char *skip = NULL;
	uint8_t header[16];
	size_t len, kept, at;

	at = fread(header, 1, sizeof(header), p->file);
	if (!at && !ferror(p->file))
		return 0;
	*why = "the capture is cut short";
	if (at != sizeof(header))
		return ferror(p->file) ? -errno : -EINVAL;
	len = get32(p, header + 8);
	*why = "the capture is broken";
	if (len > RECORD_MAX)
		return -EINVAL;
	kept = len < sizeof(p->data) ? len : sizeof(p->data);
	*why = "the capture is cut short";
	if (fread(p->data, 1, kept, p->file) != kept)
		return ferror(p->file) ? -errno : -EINVAL;
	for (; len > kept; len--) {
		if (getc(p->file) == EOF)
			return -EINVAL;
	}
	at = skip_link(p, kept, &skip);
	vg_traced_parse(p->data + at, kept - at, packet);
	if (skip)
		packet->skip = skip;
	return 1;
}
