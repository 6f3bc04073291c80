// SPDX-License-Identifier: GPL-2.0
/* Captures, octet by octet. */
#include <errno.h>
#include <stdio.h>

#include "pcap.h"
#include "tests.h"

/* TCP 10.2.2.5:1024 -> 198.51.100.7:80, SYN, don't fragment, tos 0x20 */
#define SYN	"\x45\x20\x00\x28\x00\x01\x40\x00\x40\x06\x00\x00\x0a\x02\x02\x05"	\
		"\xc6\x33\x64\x07\x04\x00\x00\x50\x00\x00\x00\x01\x00\x00\x00\x00"	\
		"\x50\x02\x00\x64\x00\x00\x00\x00"
/* ICMP echo request, identifier 700 */
#define ECHO	"\x45\x00\x00\x1c\x00\x02\x00\x00\x40\x01\x00\x00\x0a\x02\x02\x05"	\
		"\xc6\x33\x64\x07\x08\x00\x00\x00\x02\xbc\x00\x01"
#define ETHER	"\0\0\0\0\0\0\0\0\0\0\0\0\x08\x00"
#define VLAN	"\0\0\0\0\0\0\0\0\0\0\0\0\x81\x00\x00\x05\x08\x00"

struct bytes {
	uint8_t data[1024];
	size_t len;
};

static void put(struct bytes *b, const void *data, size_t len)
{
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void put32(struct bytes *b, uint32_t v, bool swapped)
{
	v = swapped ? __builtin_bswap32(v) : v;
	put(b, &v, 4);
}

static void begin(struct bytes *b, uint32_t magic, uint32_t link, bool swapped)
{
	b->len = 0;
	put32(b, magic, swapped);
	put32(b, 0x00040002, false);
	put32(b, 0, false);
	put32(b, 0, false);
	put32(b, 65535, swapped);
	put32(b, link, swapped);
}

static void add(struct bytes *b, const void *data, size_t len, bool swapped)
{
	put32(b, 0, false);
	put32(b, 0, false);
	put32(b, len, swapped);
	put32(b, len, swapped);
	put(b, data, len);
}

#define ADD(b, text, swapped) add(b, text, sizeof(text) - 1, swapped)

static int first(struct bytes *b, struct vg_traced *packet, const char **why)
{
	FILE *f = fmemopen(b->data, b->len, "r");
	struct vg_pcap p;
	int ret = vg_pcap_begin(&p, f, why);

	if (!ret)
		ret = vg_pcap_next(&p, packet, why);
	fclose(f);
	return ret;
}

static void packets(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };

	for (int i = 0; i < 4; i++) {
		struct vg_traced packet;
		struct bytes b;
		const char *why;

		begin(&b, magics[i / 2], 1, i % 2);
		ADD(&b, ETHER SYN, i % 2);
		assert_int_equal(first(&b, &packet, &why), 1);
		assert_null(packet.skip);
		assert_int_equal(packet.src, 0x0a020205);
		assert_int_equal(packet.dst, 0xc6336407);
		assert_int_equal(packet.proto, 6);
		assert_true(packet.has_ports && packet.has_flags && packet.df);
		assert_int_equal(packet.sport, 1024);
		assert_int_equal(packet.dport, 80);
		assert_int_equal(packet.tcp_flags, 2);
		assert_int_equal(packet.tos, 0x20);
		assert_int_equal(packet.length, 40);
	}
}

static void links(void **state)
{
	struct vg_traced packet;
	struct bytes b;
	const char *why;

	begin(&b, 0xa1b2c3d4, 101, false);
	ADD(&b, ECHO, false);
	assert_int_equal(first(&b, &packet, &why), 1);
	assert_true(packet.has_icmp && !packet.has_ports && !packet.skip);
	assert_int_equal(packet.icmp_type, 8);
	assert_int_equal(packet.sport, 700);
	begin(&b, 0xa1b2c3d4, 1, false);
	ADD(&b, VLAN ECHO, false);
	assert_int_equal(first(&b, &packet, &why), 1);
	assert_null(packet.skip);
	assert_int_equal(packet.sport, 700);
	begin(&b, 0xa1b2c3d4, 113, false);
	ADD(&b, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\x08\x00" ECHO, false);
	assert_int_equal(first(&b, &packet, &why), 1);
	assert_null(packet.skip);
	begin(&b, 0xa1b2c3d4, 113, false);
	ADD(&b, "\0\4\0\1\0\6\0\0\0\0\0\0\0\0\x08\x00" ECHO, false);
	assert_int_equal(first(&b, &packet, &why), 1);
	assert_string_equal(packet.skip, "it went out");
	begin(&b, 0xa1b2c3d4, 276, false);
	ADD(&b, "\x08\x00\0\0\0\0\0\1\0\1\0\6\0\0\0\0\0\0\0\0" ECHO, false);
	assert_int_equal(first(&b, &packet, &why), 1);
	assert_null(packet.skip);
	assert_int_equal(packet.dst, 0xc6336407);
}

static void skipped(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *skip;
	} cases[] = {
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\x08\x06\0\1", 16, "not IPv4" },
		{ "\0\0\0", 3, "cut short" },
		{ ETHER SYN, sizeof(ETHER SYN) - 8, "cut short" },
		{ ETHER "\x45", 15, "cut short" },
		{ ETHER "\x65" SYN, 50, "not IPv4" },
		{ ETHER "\x45\0\0\x1c\0\2\0\1\x40\x11\0\0\x0a\2\2\5\xc6\x33\x64\7\0\0\0\0\0\0\0\0",
		  42, "a later fragment is judged with its first one" },
		{ ETHER "\x45\0\0\x1c\0\2\0\0\x40\x32\0\0\x0a\2\2\5\xc6\x33\x64\7\0\0\0\0\0\0\0\0",
		  42, "ESP is judged by what is inside" },
		{ ETHER "\x45\0\0\x1c\0\2\0\0\x40\x01\0\0\x0a\2\2\5\xc6\x33\x64\7\x03\1\0\0\0\0\0\0",
		  42, "an ICMP error is judged by the packet that it quotes" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct vg_traced packet;
		struct bytes b;
		const char *why;

		begin(&b, 0xa1b2c3d4, 1, false);
		add(&b, cases[i].text, cases[i].len, false);
		assert_int_equal(first(&b, &packet, &why), 1);
		assert_non_null(packet.skip);
		assert_string_equal(packet.skip, cases[i].skip);
	}
}

/* Any beginning of a good file ends well or is refused. */
static void broken(void **state)
{
	struct vg_traced packet;
	struct bytes b;
	const char *why;

	begin(&b, 0xa1b2c3d4, 1, false);
	ADD(&b, ETHER SYN, false);
	for (size_t len = b.len - 1; len; len--) {
		struct bytes cut = b;

		cut.len = len;
		assert_int_equal(first(&cut, &packet, &why), len == 24 ? 0 : -EINVAL);
	}
	begin(&b, 0x0a0d0d0a, 1, false);
	assert_int_equal(first(&b, &packet, &why), -EINVAL);
	assert_non_null(strstr(why, "pcapng"));
	begin(&b, 0xa1b2c3d4, 105, false);
	assert_int_equal(first(&b, &packet, &why), -EOPNOTSUPP);
	begin(&b, 0xa1b2c3d4, 1, false);
	put32(&b, 0, false);
	put32(&b, 0, false);
	put32(&b, 1 << 30, false);
	put32(&b, 1 << 30, false);
	assert_int_equal(first(&b, &packet, &why), -EINVAL);
}

int group_pcap(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets),
		cmocka_unit_test(links),
		cmocka_unit_test(skipped),
		cmocka_unit_test(broken),
	};

	return RUN_GROUP(tests);
}
