// SPDX-License-Identifier: GPL-2.0
/* The index of a long list finds what a scan of it finds: random lists of kinds
 * that are hard on an index, random packets near to what they name.
 */

#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../acl.h"
#include "../selftest.h"

#define LISTS		32
#define LIST_MIN	17
#define LIST_MAX	400

static unsigned int selftest_packets = 32000;
module_param(selftest_packets, uint, 0444);
MODULE_PARM_DESC(selftest_packets, "packets with which indexes of access lists are tested");

static struct rnd_state rnd;

static u32 below(u32 n)
{
	return prandom_u32_state(&rnd) % n;
}

static bool one_in(u32 n)
{
	return !below(n);
}

/* Few addresses, so that entries overlap and packets hit. */
static __be32 random_addr(void)
{
	return cpu_to_be32(0x0a000000 | below(4) << 16 | below(3) << 8 | below(8));
}

static __be32 random_mask(u32 kinds)
{
	static const u32 odd[] = { 0xff00ff00, 0x00ffffff, 0xfffffffe, 0xff0000ff, 0xfffefeff };

	if (kinds > 33 && one_in(4))
		return cpu_to_be32(odd[below(ARRAY_SIZE(odd))]);
	switch (kinds) {
	case 1:
		return cpu_to_be32(~0);
	case 3:
		return cpu_to_be32((u32)(~0ULL << below(3) * 12));
	default:
		return cpu_to_be32((u32)(~0ULL << below(33)));
	}
}

static void random_addresses(struct vpngw_ace *a, u32 kinds)
{
	a->src.ip = random_addr();
	a->src_mask.ip = random_mask(kinds);
	a->dst.ip = random_addr();
	a->dst_mask.ip = random_mask(kinds);
}

/* Sorted or not, overlapping or not. */
static u8 random_ports(struct vpngw_port_range *r)
{
	u8 i, n = one_in(4) ? 1 + below(VPNGW_PORT_RANGE_MAX) : 1;

	for (i = 0; i < n; i++) {
		r[i].lo = one_in(8) ? below(65536) : below(64);
		r[i].hi = one_in(3) ? r[i].lo : r[i].lo + below(min(40, 65536 - r[i].lo));
		if (one_in(32))
			r[i].hi = 65535;
	}
	return n;
}

/* One thing more that an entry asks for. */
static void random_extra(struct vpngw_ace *a)
{
	a->has_proto = true;
	switch (below(8)) {
	case 0:
		a->proto = IPPROTO_TCP;
		a->flags |= VPNGW_ACE_FLAG_ESTABLISHED;
		break;
	case 1:
		a->proto = IPPROTO_TCP;
		a->tcp_mask = below(64);
		a->tcp_value = below(64);
		a->flags |= one_in(2) ? VPNGW_ACE_FLAG_TCP_MATCH_ANY : 0;
		break;
	case 2:
		a->proto = IPPROTO_ICMP;
		a->has_icmp_type = true;
		a->icmp_type = below(4);
		a->has_icmp_code = one_in(2);
		break;
	case 3:
		a->has_proto = false;
		a->tos_mask = 0x1c;
		a->tos = below(8) << 2;
		break;
	case 4:
		a->has_proto = one_in(2);
		a->proto = IPPROTO_UDP;
		a->flags |= VPNGW_ACE_FLAG_FRAGMENTS;
		break;
	case 5:
		a->proto = one_in(2) ? IPPROTO_UDP : IPPROTO_ESP;
		break;
	default:
		a->has_proto = false;
	}
}

static void random_ace(struct vpngw_ace *a, u32 style)
{
	a->action = one_in(2) ? VPNGW_ACTION_PERMIT : VPNGW_ACTION_DENY;
	switch (style) {
	case 0:	/* hosts */
		random_addresses(a, 1);
		break;
	case 1:	/* ranges of ports of one pair of hosts */
		a->src.ip = cpu_to_be32(0x0a000001);
		a->src_mask.ip = cpu_to_be32(~0);
		break;
	case 2:	/* few masks */
		random_addresses(a, 3);
		break;
	case 3:	/* all prefixes */
		random_addresses(a, 33);
		break;
	default:	/* and others */
		random_addresses(a, 40);
	}
	if (style != 1 && one_in(2)) {
		random_extra(a);
		if (!one_in(8))
			return;
	}
	if (style != 1 && one_in(2))
		return;
	/* the language has no ports without a protocol, but the kernel cannot know */
	if (!one_in(8) &&
	    (!a->has_proto || (a->proto != IPPROTO_TCP && a->proto != IPPROTO_UDP))) {
		a->has_proto = true;
		a->proto = one_in(2) ? IPPROTO_TCP : IPPROTO_UDP;
	}
	if (!one_in(3)) {
		a->n_dport = random_ports(a->dport);
		a->flags |= one_in(8) ? VPNGW_ACE_FLAG_DST_PORT_NEQ : 0;
	}
	if (one_in(3)) {
		a->n_sport = style == 1 ? 1 : random_ports(a->sport);
		if (style == 1)
			a->sport[0] = (struct vpngw_port_range){ .lo = 20, .hi = 40 };
		a->flags |= one_in(8) ? VPNGW_ACE_FLAG_SRC_PORT_NEQ : 0;
	}
}

static void random_packet(struct vpngw_fields *f)
{
	static const u8 protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ESP };

	memset(f, 0, sizeof(*f));
	f->t.family = NFPROTO_IPV4;
	f->t.src.ip = random_addr();
	f->t.dst.ip = random_addr();
	f->t.proto = protos[below(ARRAY_SIZE(protos))];
	f->tos = below(8) << 2;
	if (one_in(8)) {
		f->later_fragment = true;
		return;
	}
	switch (f->t.proto) {
	case IPPROTO_TCP:
		f->tcp_flags = below(64);
		fallthrough;
	case IPPROTO_UDP:
		f->ports = true;
		f->t.sport = cpu_to_be16(one_in(4) ? below(65536) : below(80));
		f->t.dport = cpu_to_be16(one_in(4) ? below(65536) : below(80));
		break;
	case IPPROTO_ICMP:
		f->icmp_type = below(4);
		f->icmp_code = below(2);
		break;
	}
}

static struct vpngw_acl *random_acl(u32 style)
{
	struct vpngw_acl *acl = vpngw_acl_alloc("test");
	u32 n = LIST_MIN + below(LIST_MAX - LIST_MIN), i;

	if (!acl)
		return NULL;
	for (i = 1; i <= n; i++) {
		struct vpngw_ace ace = { .seq = i };

		random_ace(&ace, style);
		if (vpngw_acl_append(acl, &ace))
			goto err;
	}
	if (!vpngw_acl_compile(acl, NULL) && acl->index)
		return acl;
err:
	vpngw_acl_free(acl);
	return NULL;
}

static int compare(const struct vpngw_acl *acl, u32 packets, u32 *hits)
{
	struct vpngw_fields f;
	u32 scan, find;

	while (packets--) {
		random_packet(&f);
		scan = vpngw_acl_scan(acl, &f);
		find = vpngw_acl_index_find(acl->index, acl->ace, &f);
		if (scan != find) {
			pr_err("selftest acl_index: scan %u, index %u, of %u\n", scan, find,
			       acl->n);
			return -EINVAL;
		}
		*hits += scan != VPNGW_ACE_NONE;
	}
	return 0;
}

/**
 * vpngw_selftest_acl_index() - test acl_index.c and acl_build.c
 *
 * Context: module init.
 * Return: 0 or a negative error
 */
int vpngw_selftest_acl_index(void)
{
	u32 packets = selftest_packets / LISTS, hits = 0, i;
	struct vpngw_acl *acl;
	int err = 0;

	prandom_seed_state(&rnd, 6);
	for (i = 0; i < LISTS && !err; i++) {
		acl = random_acl(i % 5);
		if (!acl)
			return -ENOMEM;
		err = compare(acl, packets, &hits);
		vpngw_acl_free(acl);
		cond_resched();
	}
	/* packets that hit nothing would prove little */
	if (!err && hits < selftest_packets / 4)
		err = -EINVAL;
	return err;
}
