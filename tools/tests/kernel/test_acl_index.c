// SPDX-License-Identifier: GPL-2.0
/*
 * The access lists of the kernel module, as a program: what its index finds must be
 * what a scan from the top finds, over a million random packets and over lists that
 * are made to be hard on it; and what it costs to make one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

/* the module's own test, with its lists and packets */
#include "../../../kmod/selftest/acl_index.c"

#define PACKETS		1000000
#define LARGE		100000

/* counters are another object */
struct vpngw_hits *vpngw_hits_alloc(u32 n)
{
	return calloc(1, sizeof(struct vpngw_hits));
}

void vpngw_hits_get(struct vpngw_hits *hits)
{
}

void vpngw_hits_put(struct vpngw_hits *hits)
{
	free(hits);
}

static struct vpngw_acl *list_of(u32 n, void (*ace_of)(struct vpngw_ace *ace, u32 i))
{
	struct vpngw_acl *acl = vpngw_acl_alloc("test");
	u32 i;

	assert_non_null(acl);
	for (i = 0; i < n; i++) {
		struct vpngw_ace ace = {
			.seq = i + 1,
			.action = i % 3 ? VPNGW_ACTION_DENY : VPNGW_ACTION_PERMIT,
		};

		ace_of(&ace, i);
		assert_int_equal(vpngw_acl_append(acl, &ace), 0);
	}
	return acl;
}

static void check_packet(const struct vpngw_acl *acl, const struct vpngw_fields *f)
{
	struct vpngw_acl_verdict v;
	u32 scan = vpngw_acl_scan(acl, f);

	assert_int_equal(vpngw_acl_index_find(acl->index, acl->ace, f), scan);
	/* what the tracer and the counters are told */
	vpngw_acl_match(acl, f, &v);
	assert_ptr_equal(v.ace, scan == VPNGW_ACE_NONE ? NULL : &acl->ace[scan]);
	assert_int_equal(v.permit, v.ace && v.ace->action == VPNGW_ACTION_PERMIT);
}

static void random_lists(void **state)
{
	selftest_packets = PACKETS;
	assert_int_equal(vpngw_selftest_acl_index(), 0);
}

/* A list that is a scan again shows here: entries looked at are what costs. */
static void check_list(u32 n, void (*ace_of)(struct vpngw_ace *ace, u32 i),
		       void (*packet_of)(struct vpngw_fields *f), u32 packets)
{
	struct vpngw_acl *acl = list_of(n, ace_of);
	struct vpngw_fields f;
	u32 hits = 0;

	assert_int_equal(vpngw_acl_compile(acl, NULL), 0);
	assert_non_null(acl->index);
	while (packets--) {
		memset(&f, 0, sizeof(f));
		packet_of(&f);
		check_packet(acl, &f);
		hits += vpngw_acl_scan(acl, &f) != VPNGW_ACE_NONE;
	}
	assert_true(hits > 0);
	vpngw_acl_free(acl);
}

static void udp_to(struct vpngw_fields *f, u32 src, u32 dst, u16 sport, u16 dport)
{
	f->t.family = NFPROTO_IPV4;
	f->t.proto = IPPROTO_UDP;
	f->t.src.ip = htonl(src);
	f->t.dst.ip = htonl(dst);
	f->t.sport = htons(sport);
	f->t.dport = htons(dport);
	f->ports = true;
	if (!below(16)) {
		f->later_fragment = true;
		f->ports = false;
		f->t.sport = 0;
		f->t.dport = 0;
	}
}

static void udp_ace(struct vpngw_ace *a, u32 src, u32 src_mask, u32 dst, u32 dst_mask)
{
	a->has_proto = true;
	a->proto = IPPROTO_UDP;
	a->src.ip = htonl(src);
	a->src_mask.ip = htonl(src_mask);
	a->dst.ip = htonl(dst);
	a->dst_mask.ip = htonl(dst_mask);
}

static void dport_is(struct vpngw_ace *a, u32 lo, u32 hi)
{
	a->n_dport = 1;
	a->dport[0] = (struct vpngw_port_range){ .lo = lo, .hi = hi };
}

/* 24 pairs of masks, each of which overlaps every other */
static void masks_ace(struct vpngw_ace *a, u32 i)
{
	u32 len = 8 + i % 24;

	udp_ace(a, 0x0a000000 | below(1 << 20), ~0u << (32 - len), 0x0a000000 | below(1 << 20),
		~0u << (i % 24 + 1));
	if (i % 5 == 0)
		dport_is(a, below(60000), 65535);
}

static void near_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a000000 | below(1 << 20), 0x0a000000 | below(1 << 20), below(65536),
	       below(65536));
}

static void many_masks(void **state)
{
	check_list(2400, masks_ace, near_packet, 30000);
}

/* masks with holes, more of them than there are tables */
static void holes_ace(struct vpngw_ace *a, u32 i)
{
	udp_ace(a, 0x0a000000 | below(256), 0xff000000 | i * 2654435761u >> 8,
		0x0a000000 | below(256), 0xffffff00 | i % 256);
}

static void hosts_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a000000 | below(256), 0x0a000000 | below(256), below(64), below(64));
}

static void holes_in_masks(void **state)
{
	check_list(1000, holes_ace, hosts_packet, 30000);
}

/* ranges of ports of one pair of hosts, each of which overlaps every other */
static void ranges_ace(struct vpngw_ace *a, u32 i)
{
	udp_ace(a, 0x0a000001, ~0u, 0x0a000002, ~0u);
	dport_is(a, 30000 - min(i, 29999u) / 2, 30000 + min(i, 30000u) / 2);
}

static void one_pair_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a000001, 0x0a000002, below(65536), below(65536));
}

static void overlapping_ranges(void **state)
{
	check_list(3000, ranges_ace, one_pair_packet, 30000);
}

/* the widest first: what comes later never decides */
static void shadowed_ace(struct vpngw_ace *a, u32 i)
{
	udp_ace(a, 0x0a000000, ~0u << (24 - min(i, 24u)), 0x0a000000, 0xff000000);
	dport_is(a, i, 65535 - i);
}

static void shadowed(void **state)
{
	check_list(3000, shadowed_ace, near_packet, 30000);
}

/* the edges of what a port can be */
static void edges_ace(struct vpngw_ace *a, u32 i)
{
	static const u16 edge[] = { 0, 1, 2, 32767, 32768, 65533, 65534, 65535 };
	u16 x = edge[below(8)], y = edge[below(8)];

	udp_ace(a, 0x0a000000 | below(4), ~0u, 0x0a000000 | below(4), ~0u);
	a->has_proto = below(2);
	a->n_sport = below(2);
	a->sport[0] = (struct vpngw_port_range){ .lo = min(x, y), .hi = max(x, y) };
	x = edge[below(8)];
	a->n_dport = below(3);
	a->dport[0] = (struct vpngw_port_range){ .lo = x, .hi = x };
	a->dport[1] = (struct vpngw_port_range){ .lo = 0, .hi = y };
	a->flags = (below(2) ? VPNGW_ACE_FLAG_SRC_PORT_NEQ : 0) |
		   (below(2) ? VPNGW_ACE_FLAG_DST_PORT_NEQ : 0);
}

static void edges_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a000000 | below(4), 0x0a000000 | below(4), below(6) - 3, below(6) - 3);
}

static void edges_of_ports(void **state)
{
	check_list(17, edges_ace, edges_packet, 30000);
	check_list(200, edges_ace, edges_packet, 30000);
}

/* one entry more than is scanned, and lists of nothing but "any" */
static void any_ace(struct vpngw_ace *a, u32 i)
{
	a->has_proto = i < 16;
	a->proto = IPPROTO_TCP;
}

static void anything(void **state)
{
	check_list(17, any_ace, near_packet, 1000);
	check_list(5000, any_ace, near_packet, 1000);
}

/* Short lists have no index, and one more entry makes one. */
static void short_lists(void **state)
{
	struct vpngw_acl *acl = list_of(16, any_ace);

	assert_int_equal(vpngw_acl_compile(acl, NULL), 0);
	assert_null(acl->index);
	vpngw_acl_free(acl);
}

/* one local network and clients, as crypto access lists are */
static void clients_ace(struct vpngw_ace *a, u32 i)
{
	udp_ace(a, 0x0a020200, 0xffffff00, 0x0b000000 + i, ~0u);
	a->has_proto = false;
}

static void clients_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a020205, 0x0b000000 + below(2 * LARGE), 5, 6);
}

/* addresses, prefixes, ports: such as an operator's, only more */
static void firewall_ace(struct vpngw_ace *a, u32 i)
{
	static const u32 len[] = { 32, 32, 32, 24, 24, 16, 28, 29 };

	udp_ace(a, 0x0a000000 | below(1 << 22), ~0u << (32 - len[below(8)]),
		0xac100000 | below(1 << 18), ~0u << (32 - len[below(8)]));
	a->proto = below(2) ? IPPROTO_TCP : IPPROTO_UDP;
	if (below(4))
		dport_is(a, below(1024), 1024 + below(30000));
}

static void firewall_packet(struct vpngw_fields *f)
{
	udp_to(f, 0x0a000000 | below(1 << 22), 0xac100000 | below(1 << 18), 5, below(4096));
}

static void large_masks_ace(struct vpngw_ace *a, u32 i)
{
	masks_ace(a, i);
}

static void large_ranges_ace(struct vpngw_ace *a, u32 i)
{
	udp_ace(a, 0x0a000001, ~0u, 0x0a000002, ~0u);
	dport_is(a, below(65536), 65535);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* What it takes to commit a long list. Natively the bound is the budget; what
 * sanitizers add is theirs.
 */
static void large_lists(void **state)
{
#ifdef NATIVE
	const double bound = 0.5;
#else
	const double bound = 10;
#endif
	static const struct {
		const char *name;
		void (*ace_of)(struct vpngw_ace *ace, u32 i);
		void (*packet_of)(struct vpngw_fields *f);
	} kinds[] = {
		{ "one client each", clients_ace, clients_packet },
		{ "hosts, prefixes, ports", firewall_ace, firewall_packet },
		{ "24 overlapping masks", large_masks_ace, near_packet },
		{ "ranges of one pair", large_ranges_ace, one_pair_packet },
	};
	struct vpngw_fields f;
	struct vpngw_acl *acl;
	double begin, took;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		acl = list_of(LARGE, kinds[i].ace_of);
		begin = seconds();
		assert_int_equal(vpngw_acl_compile(acl, NULL), 0);
		took = seconds() - begin;
		printf("%-24s %d entries: made in %.0f ms, %.0f + %.0f octets for each\n",
		       kinds[i].name, LARGE, took * 1e3, (double)sizeof(struct vpngw_ace),
		       (double)vpngw_acl_index_size(acl->index) / LARGE);
		assert_true(took < bound);
		for (k = 0; k < 300; k++) {
			memset(&f, 0, sizeof(f));
			kinds[i].packet_of(&f);
			check_packet(acl, &f);
		}
		vpngw_acl_free(acl);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lists),
		cmocka_unit_test(many_masks),
		cmocka_unit_test(holes_in_masks),
		cmocka_unit_test(overlapping_ranges),
		cmocka_unit_test(shadowed),
		cmocka_unit_test(edges_of_ports),
		cmocka_unit_test(anything),
		cmocka_unit_test(short_lists),
		cmocka_unit_test(large_lists),
	};
	int failed;

	prandom_seed_state(&rnd, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fflush(stderr);
	printf("%zu passed, %d failed\n", ARRAY_SIZE(tests) - failed, failed);
	return failed != 0;
}
