// SPDX-License-Identifier: GPL-2.0
/* What access lists and route-maps say about packets. */
#include <stdio.h>

#include "acl_eval.h"
#include "tests.h"

static struct vg_packet tcp(uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
			    uint8_t flags)
{
	return (struct vg_packet){ .src = src, .dst = dst, .proto = 6, .sport = sport,
				   .dport = dport, .tcp_flags = flags };
}

static bool ace_says(const char *ace, const struct vg_packet *pkt)
{
	struct parsed p;
	char text[200];
	bool match;

	snprintf(text, sizeof(text), "access-list 101 %s", ace);
	p = parse_text(text, NULL);
	assert_int_equal(p.diags.errors, 0);
	match = vg_ace_match(&vg_acl_find(p.cfg, "101")->ace[0], pkt);
	parsed_free(&p);
	return match;
}

static void entries(void **state)
{
	struct vg_packet syn = tcp(0x0a000001, 1000, 0x0a000002, 80, 0x02);
	struct vg_packet ack = tcp(0x0a000001, 1000, 0x0a000002, 80, 0x10);
	struct vg_packet rst = tcp(0x0a000001, 1000, 0x0a000002, 80, 0x04);
	struct vg_packet frag = tcp(0x0a000001, 0, 0x0a000002, 0, 0);
	struct vg_packet ping = { .src = 0x0a000001, .dst = 0x0a000002, .proto = 1,
				  .icmp_type = 8, .tos = 0xb8 };

	frag.fragment = true;
	assert_true(ace_says("permit ip any any", &syn));
	assert_true(ace_says("permit tcp host 10.0.0.1 any", &syn));
	assert_false(ace_says("permit tcp host 10.0.0.2 any", &syn));
	assert_false(ace_says("permit udp any any", &syn));
	assert_true(ace_says("permit ip 10.0.0.0 0.255.255.255 any", &syn));
	/* Odd last octet only: wildcard bits that are not contiguous. */
	assert_true(ace_says("permit ip 10.0.0.1 0.255.255.254 any", &syn));
	assert_false(ace_says("permit ip any 10.0.0.1 0.255.255.254", &syn));

	assert_true(ace_says("permit tcp any any eq 80", &syn));
	assert_true(ace_says("permit tcp any any eq 22 80", &syn));
	assert_false(ace_says("permit tcp any any neq 22 80", &syn));
	assert_true(ace_says("permit tcp any any neq 22", &syn));
	assert_true(ace_says("permit tcp any any range 79 80", &syn));
	assert_false(ace_says("permit tcp any any lt 80", &syn));
	assert_true(ace_says("permit tcp any any lt 81", &syn));
	assert_false(ace_says("permit tcp any any gt 80", &syn));
	assert_true(ace_says("permit tcp any gt 999 any", &syn));

	assert_false(ace_says("permit tcp any any established", &syn));
	assert_true(ace_says("permit tcp any any established", &ack));
	assert_true(ace_says("permit tcp any any established", &rst));
	assert_true(ace_says("permit tcp any any match-all +syn -ack", &syn));
	assert_false(ace_says("permit tcp any any match-all +syn +ack", &syn));
	assert_true(ace_says("permit tcp any any match-any +syn +ack", &syn));
	assert_false(ace_says("permit tcp any any match-any +rst +ack", &syn));
	assert_true(ace_says("permit tcp any any match-any +rst -ack", &syn));

	/* Later fragments: permit by addresses, deny not at all. */
	assert_true(ace_says("permit tcp any any eq 80", &frag));
	assert_false(ace_says("deny tcp any any eq 80", &frag));
	assert_true(ace_says("deny tcp any any", &frag));
	assert_true(ace_says("deny ip any any fragments", &frag));
	assert_false(ace_says("deny ip any any fragments", &syn));

	assert_true(ace_says("permit icmp any any echo", &ping));
	assert_false(ace_says("permit icmp any any echo-reply", &ping));
	assert_false(ace_says("permit icmp any any 8 1", &ping));
	assert_true(ace_says("permit ip any any dscp ef", &ping));
	assert_true(ace_says("permit ip any any precedence critical", &ping));
	assert_false(ace_says("permit ip any any precedence flash", &ping));
}

static void lists(void **state)
{
	struct parsed p = parse_text("access-list 101 deny ip host 10.0.0.1 any\n"
				     "access-list 101 permit ip 10.0.0.0 0.0.0.255 any\n", NULL);
	const struct vg_acl *acl = vg_acl_find(p.cfg, "101");
	struct vg_packet pkt = { .src = 0x0a000001 };

	assert_ptr_equal(vg_acl_eval(acl, &pkt), &acl->ace[0]);
	pkt.src = 0x0a000002;
	assert_ptr_equal(vg_acl_eval(acl, &pkt), &acl->ace[1]);
	pkt.src = 0x0a000102;
	assert_null(vg_acl_eval(acl, &pkt));
	parsed_free(&p);
}

static void covers(void **state)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} cases[] = {
		{ "permit ip any any", "deny tcp any any eq 80", true },
		{ "permit tcp any any", "permit ip any any", false },
		{ "permit ip 10.0.0.0 0.255.255.255 any", "permit ip 10.1.0.0 0.0.255.255 any",
		  true },
		{ "permit ip 10.1.0.0 0.0.255.255 any", "permit ip 10.0.0.0 0.255.255.255 any",
		  false },
		{ "permit ip 10.0.0.0 0.0.0.254 any", "permit ip host 10.0.0.1 any", false },
		{ "permit tcp any any range 1 100", "permit tcp any any eq 5 80", true },
		{ "permit tcp any any range 1 100", "permit tcp any any eq 5 180", false },
		{ "permit tcp any any neq 5", "permit tcp any any eq 6", false },
		{ "permit tcp any any established", "permit tcp any any", false },
		{ "permit ip any any fragments", "permit ip any any", false },
		{ "permit ip any any", "permit ip any any fragments", true },
		{ "permit ip any any dscp ef", "permit ip any any", false },
		/* The fragments that the deny lets by are decided by the second entry. */
		{ "deny tcp any any eq 80", "permit tcp any any eq 80", false },
		{ "deny tcp any any eq 80", "deny tcp any any eq 80", true },
		{ "permit icmp any any echo", "permit icmp any any", false },
		{ "permit icmp any any", "permit icmp any any echo", true },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p;
		char text[300];

		snprintf(text, sizeof(text), "access-list 101 %s\naccess-list 101 %s\n",
			 cases[i].wide, cases[i].narrow);
		p = parse_text(text, NULL);
		assert_int_equal(p.diags.errors, 0);
		assert_int_equal(vg_ace_covers(&p.cfg->acl.v[0].ace[0], &p.cfg->acl.v[0].ace[1]),
				 cases[i].covers);
		parsed_free(&p);
	}
}

/* vg_ace_covers() against the definition, over random entries and packets. */
static void covers_is_sound(void **state)
{
	uint32_t seed = 1, checked = 0;

#define RND(n) ((seed = seed * 1103515245 + 12345) >> 16 & 0x7fff) % (n)
	for (int round = 0; round < 20000; round++) {
		struct vg_ace ace[2] = { 0 };

		for (int i = 0; i < 2; i++) {
			struct vg_ace *a = &ace[i];

			a->action = RND(2);
			a->proto = RND(3) ? 6 : -1;
			a->icmp_type = -1;
			a->icmp_code = -1;
			a->src_wild = RND(4);
			a->src = RND(4) & ~a->src_wild;
			a->dst_wild = UINT32_MAX;
			a->tos_mask = RND(3) ? 0 : 0xe0;
			a->tos = RND(2) ? a->tos_mask : 0;
			if (a->proto == 6 && RND(2)) {
				a->n_dport = 1;
				a->dport[0].lo = RND(3);
				a->dport[0].hi = a->dport[0].lo + RND(2);
				a->flags |= RND(3) ? 0 : VPNGW_ACE_FLAG_DST_PORT_NEQ;
			} else if (!RND(3)) {
				a->flags |= VPNGW_ACE_FLAG_FRAGMENTS;
			}
			if (a->proto == 6 && !(a->flags & VPNGW_ACE_FLAG_FRAGMENTS) && !RND(4))
				a->flags |= VPNGW_ACE_FLAG_ESTABLISHED;
		}
		if (!vg_ace_covers(&ace[0], &ace[1]))
			continue;
		for (int n = 0; n < 60; n++) {
			struct vg_packet pkt = {
				.src = RND(4), .proto = RND(4) ? 6 : 17, .dport = RND(4),
				.fragment = !RND(3), .tcp_flags = RND(2) ? 0x10 : 2,
				.tos = RND(2) ? 0xe0 : 0,
			};

			if (vg_ace_match(&ace[1], &pkt))
				assert_true(vg_ace_match(&ace[0], &pkt));
			checked++;
		}
	}
	assert_true(checked > 10000);
#undef RND
}

static void route_maps(void **state)
{
	static const char text[] =
		"access-list 1 permit host 10.0.0.1\naccess-list 2 deny host 10.0.0.2\n"
		"access-list 2 permit host 10.0.0.3\naccess-list 4 permit host 10.0.0.4\n"
		"route-map r deny 5\n match ip address 4\n"
		"route-map r permit 10\n match ip address 1 2 99\n"
		"route-map r permit 20\n match interface E1\n"
		"route-map u permit 10\n match ip address 99\n"
		"interface E1\n";
	struct parsed p = parse_text(text, NULL);
	const struct vg_route_map *r = vg_route_map_find(p.cfg, "r");
	const struct vg_route_map *u = vg_route_map_find(p.cfg, "u");
	struct vg_packet pkt = { .src = 0x0a000001 };
	const struct vg_ace *ace;

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(vg_route_map_eval(p.cfg, r, &pkt, "E0", &ace)->seq, 10);
	assert_int_equal(ace->at.line, 1);
	pkt.src = 0x0a000003;
	assert_int_equal(vg_route_map_eval(p.cfg, r, &pkt, "E0", &ace)->seq, 10);
	assert_int_equal(ace->at.line, 3);
	/* A deny in the list means "go on", not "no". */
	pkt.src = 0x0a000002;
	assert_null(vg_route_map_eval(p.cfg, r, &pkt, "E0", &ace));
	assert_int_equal(vg_route_map_eval(p.cfg, r, &pkt, "E1", &ace)->seq, 20);
	pkt.src = 0x0a000004;
	assert_int_equal(vg_route_map_eval(p.cfg, r, &pkt, "E1", &ace)->action,
			 VPNGW_ACTION_DENY);
	/* Only undefined lists: matches everything. */
	assert_int_equal(vg_route_map_eval(p.cfg, u, &pkt, "E0", &ace)->seq, 10);
	assert_null(ace);
	parsed_free(&p);
}

int group_acl(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries), cmocka_unit_test(lists), cmocka_unit_test(covers),
		cmocka_unit_test(covers_is_sound), cmocka_unit_test(route_maps),
	};

	return RUN_GROUP(tests);
}
