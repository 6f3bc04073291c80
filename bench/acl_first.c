// SPDX-License-Identifier: GPL-2.0
/*
 * acl_first N: what it costs to ask a list of N entries about a packet whose flow is
 * not known yet. The module's own code as a program; in the bench's guest the counter
 * of the CPU counts instructions. Prints, for each kind of list, median and worst, and
 * how many packets an entry decided.
 */
#include <stdio.h>
#include <x86intrin.h>

#include "acl.h"

#define PACKETS	20001

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

/* as rows.sh makes them */
static void hosts(struct vpngw_ace *a, u32 i)
{
	a->src.ip = htonl(0x0a030000 | i / 250 % 250 << 8 | i % 250);
	a->src_mask.ip = ~0;
	a->dst.ip = htonl(0xac100000 | i / 997 % 250 << 8);
	a->dst_mask.ip = htonl(0xffffff00);
}

static void masks(struct vpngw_ace *a, u32 i)
{
	a->src.ip = htonl(0x0a000000 | (2 + (i & 1)) << 16 | i / 24 % 256 << 8);
	a->src_mask.ip = htonl(~0xffu | (0xff & ~(255 >> i % 6)));
	a->dst.ip = htonl(0x0a000000 | i % 7 << 16 | i / 7 % 256 << 8);
	a->dst_mask.ip = htonl(~0xffu | (0xff & ~(255 >> i % 4)));
}

static struct vpngw_acl *list_of(u32 n, void (*fill)(struct vpngw_ace *a, u32 i))
{
	struct vpngw_acl *acl = vpngw_acl_alloc("bench");
	u32 i;

	for (i = 0; i < n; i++) {
		struct vpngw_ace ace = {
			.seq = i + 1, .action = VPNGW_ACTION_DENY,
			.has_proto = true, .proto = IPPROTO_UDP, .n_dport = 1,
			.dport[0] = { .lo = i % 5000 + 1, .hi = i % 5000 + 1 },
		};

		fill(&ace, i);
		if (vpngw_acl_append(acl, &ace))
			exit(1);
	}
	if (vpngw_acl_compile(acl, NULL))
		exit(1);
	return acl;
}

static u32 below(u32 n)
{
	static u32 state = 2463534242;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/* Half of the packets belong to an entry, the others differ from one in the port. */
static void packet_of(const struct vpngw_acl *acl, struct vpngw_fields *f)
{
	const struct vpngw_ace *a = &acl->ace[below(acl->n)];

	memset(f, 0, sizeof(*f));
	f->t.family = NFPROTO_IPV4;
	f->t.proto = IPPROTO_UDP;
	f->t.src.ip = a->src.ip | (~a->src_mask.ip & htonl(below(256)));
	f->t.dst.ip = a->dst.ip | (~a->dst_mask.ip & htonl(below(256)));
	f->t.sport = htons(5000);
	f->t.dport = htons(below(2) ? a->dport[0].lo : 6000);
	f->ports = true;
}

static int by_size(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *kind, const struct vpngw_acl *acl)
{
	static u32 cost[PACKETS];
	struct vpngw_acl_verdict v;
	struct vpngw_fields f;
	u32 i, again, denied = 0;
	u64 begin, empty;

	for (i = 0; i < 3; i++) {
		begin = __rdtsc();
		empty = __rdtsc() - begin;
	}
	for (i = 0; i < PACKETS; i++) {
		packet_of(acl, &f);
		cost[i] = ~0;
		/* an interrupt may fall into one, hardly into each */
		for (again = 0; again < 3; again++) {
			begin = __rdtsc();
			vpngw_acl_match(acl, &f, &v);
			cost[i] = min(cost[i], (u32)(__rdtsc() - begin - empty));
		}
		denied += !!v.ace;
	}
	qsort(cost, PACKETS, sizeof(cost[0]), by_size);
	printf("%s %u %u %u\n", kind, cost[PACKETS / 2], cost[PACKETS - 1], denied);
}

int main(int argc, char **argv)
{
	u32 n = argc > 1 ? atoi(argv[1]) : 10000;

	measure("hosts", list_of(n, hosts));
	measure("masks", list_of(n, masks));
	return 0;
}
