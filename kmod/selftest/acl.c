// SPDX-License-Identifier: GPL-2.0
/* Access lists and route-maps: one packet, one entry, the answer IOS gives. */

#include <linux/icmp.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "../acl.h"
#include "../routemap.h"
#include "../selftest.h"

#define PERMIT	VPNGW_ACTION_PERMIT
#define DENY	VPNGW_ACTION_DENY

struct ace_case {
	struct vpngw_ace	ace;
	struct vpngw_fields	f;
	bool			match;
};

#define TCP(_sport, _dport, _flags) {						\
	.t = { .src.ip = cpu_to_be32(0x0a020205), .dst.ip = cpu_to_be32(0x0a020101),\
	       .sport = cpu_to_be16(_sport), .dport = cpu_to_be16(_dport),	\
	       .proto = IPPROTO_TCP, .family = NFPROTO_IPV4 },			\
	.ports = true, .tcp_flags = (_flags), .tos = 0x10,			\
}

#define ICMP(_type, _code) {							\
	.t = { .proto = IPPROTO_ICMP, .family = NFPROTO_IPV4 },			\
	.icmp_type = (_type), .icmp_code = (_code),				\
}

#define FRAGMENT(_proto) {							\
	.t = { .proto = (_proto), .family = NFPROTO_IPV4 },			\
	.later_fragment = true,							\
}

static const struct ace_case cases[] = {
	{ { }, TCP(1, 2, 0), true },
	{ { .has_proto = true, .proto = IPPROTO_TCP }, TCP(1, 2, 0), true },
	{ { .has_proto = true, .proto = IPPROTO_UDP }, TCP(1, 2, 0), false },
	{ { .src = { .ip = cpu_to_be32(0x0a020200) },
	    .src_mask = { .ip = cpu_to_be32(0xffffff00) } }, TCP(1, 2, 0), true },
	{ { .dst = { .ip = cpu_to_be32(0x0a020200) },
	    .dst_mask = { .ip = cpu_to_be32(0xffffff00) } }, TCP(1, 2, 0), false },
	/* wildcard bits need not be contiguous, nor the address under them zero */
	{ { .src = { .ip = cpu_to_be32(0xff02ff05) },
	    .src_mask = { .ip = cpu_to_be32(0x00ff00ff) } }, TCP(1, 2, 0), true },
	{ { .n_dport = 2, .dport = { { 80, 80 }, { 100, 200 } } }, TCP(1, 100, 0), true },
	{ { .n_dport = 2, .dport = { { 80, 80 }, { 100, 200 } } }, TCP(1, 201, 0), false },
	{ { .n_dport = 1, .dport = { { 80, 80 } }, .flags = VPNGW_ACE_FLAG_DST_PORT_NEQ },
	  TCP(1, 80, 0), false },
	{ { .n_sport = 1, .sport = { { 80, 80 } }, .flags = VPNGW_ACE_FLAG_SRC_PORT_NEQ },
	  TCP(1, 80, 0), true },
	{ { .n_sport = 1, .sport = { { 0, 65535 } } }, ICMP(ICMP_ECHO, 0), false },
	{ { .flags = VPNGW_ACE_FLAG_ESTABLISHED }, TCP(1, 2, TCPHDR_SYN), false },
	{ { .flags = VPNGW_ACE_FLAG_ESTABLISHED }, TCP(1, 2, TCPHDR_ACK), true },
	{ { .flags = VPNGW_ACE_FLAG_ESTABLISHED }, TCP(1, 2, TCPHDR_RST), true },
	/* match-all +syn -ack, match-any +syn -ack */
	{ { .tcp_mask = TCPHDR_SYN | TCPHDR_ACK, .tcp_value = TCPHDR_SYN },
	  TCP(1, 2, TCPHDR_SYN), true },
	{ { .tcp_mask = TCPHDR_SYN | TCPHDR_ACK, .tcp_value = TCPHDR_SYN },
	  TCP(1, 2, TCPHDR_SYN | TCPHDR_ACK), false },
	{ { .tcp_mask = TCPHDR_SYN | TCPHDR_ACK, .tcp_value = TCPHDR_SYN,
	    .flags = VPNGW_ACE_FLAG_TCP_MATCH_ANY }, TCP(1, 2, 0), true },
	{ { .tcp_mask = TCPHDR_SYN | TCPHDR_ACK, .tcp_value = TCPHDR_SYN,
	    .flags = VPNGW_ACE_FLAG_TCP_MATCH_ANY }, TCP(1, 2, TCPHDR_ACK), false },
	{ { .tos = 0x10, .tos_mask = 0x1e }, TCP(1, 2, 0), true },
	{ { .tos = 0x08, .tos_mask = 0x1e }, TCP(1, 2, 0), false },
	{ { .has_icmp_type = true, .icmp_type = ICMP_ECHO }, ICMP(ICMP_ECHO, 0), true },
	{ { .has_icmp_type = true, .icmp_type = ICMP_ECHO }, ICMP(ICMP_ECHOREPLY, 0), false },
	{ { .has_icmp_type = true, .icmp_type = ICMP_DEST_UNREACH, .has_icmp_code = true,
	    .icmp_code = ICMP_FRAG_NEEDED }, ICMP(ICMP_DEST_UNREACH, 1), false },
	{ { .flags = VPNGW_ACE_FLAG_FRAGMENTS }, TCP(1, 2, 0), false },
	{ { .flags = VPNGW_ACE_FLAG_FRAGMENTS }, FRAGMENT(IPPROTO_TCP), true },
	/* a later fragment: permit by the IP header alone, deny not at all */
	{ { .action = PERMIT, .n_dport = 1, .dport = { { 80, 80 } } },
	  FRAGMENT(IPPROTO_TCP), true },
	{ { .action = DENY, .n_dport = 1, .dport = { { 80, 80 } } },
	  FRAGMENT(IPPROTO_TCP), false },
	{ { .action = DENY }, FRAGMENT(IPPROTO_TCP), true },
};

static struct vpngw_acl *make_acl(const struct vpngw_ace *ace, u32 n)
{
	struct vpngw_acl *acl = vpngw_acl_alloc("test");
	u32 i;

	if (!acl)
		return NULL;
	for (i = 0; i < n; i++)
		if (vpngw_acl_append(acl, &ace[i]))
			goto err;
	if (!vpngw_acl_compile(acl, NULL))
		return acl;
err:
	vpngw_acl_free(acl);
	return NULL;
}

static int check_aces(void)
{
	struct vpngw_acl_verdict v;
	struct vpngw_acl *acl;
	unsigned int i;
	bool ok;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		acl = make_acl(&cases[i].ace, 1);
		if (!acl)
			return -ENOMEM;
		vpngw_acl_match(acl, &cases[i].f, &v);
		ok = !!v.ace == cases[i].match &&
		     v.permit == (cases[i].match && cases[i].ace.action == PERMIT);
		vpngw_acl_free(acl);
		if (!ok) {
			pr_err("selftest acl: case %u\n", i);
			return -EINVAL;
		}
	}
	return 0;
}

/* Order, growth, refusals, and counters that outlive a reload. */
static int check_list(void)
{
	struct vpngw_acl *a = vpngw_acl_alloc("test"), *b = vpngw_acl_alloc("test");
	struct vpngw_ace ace = {};
	int err = -EINVAL;
	u32 i;

	if (!a || !b)
		goto out;
	for (i = 1; i <= 1500; i++) {
		ace.seq = i * 10;
		ace.line = i;
		if (vpngw_acl_append(a, &ace))
			goto out;
		ace.line = i + 1;
		if (vpngw_acl_append(b, &ace))
			goto out;
	}
	if (vpngw_acl_append(a, &ace) != -EEXIST)
		goto out;
	ace.seq--;
	if (vpngw_acl_append(a, &ace) != -EINVAL || vpngw_acl_compile(a, NULL))
		goto out;
	vpngw_acl_count(a, &a->ace[1200]);
	vpngw_acl_count(a, NULL);
	if (vpngw_acl_compile(b, a) || vpngw_hits_sum(b->hits, 1200) != 1)
		goto out;
	vpngw_hits_clear(b->hits);
	if (!vpngw_hits_sum(a->hits, 1200) && !vpngw_hits_sum(a->hits, 1199))
		err = 0;
out:
	vpngw_acl_free(a);
	vpngw_acl_free(b);
	return err;
}

static int check_route_map(struct vpngw_route_map *rm, const struct vpngw_acl *denies,
			   const struct vpngw_acl *permits)
{
	struct vpngw_rm_entry *first = &rm->entry[0], *second = &rm->entry[1];
	static const struct vpngw_fields f = TCP(1, 2, 0);
	struct vpngw_rm_verdict v;

	first->seq = 10;
	first->action = PERMIT;
	second->seq = 20;
	second->action = DENY;

	/* a list that denies sends the packet on, to a sequence without clauses */
	first->n_acl = 1;
	first->acl[0] = denies;
	vpngw_route_map_match(rm, &f, 3, &v);
	if (v.permit || v.entry != second || v.acl)
		return -EINVAL;
	/* or to the end, where it is the line that exempted */
	second->n_ifindex = 1;
	second->ifindex[0] = 4;
	vpngw_route_map_match(rm, &f, 3, &v);
	if (v.permit || v.entry || v.acl != denies || v.ace != &denies->ace[0])
		return -EINVAL;
	/* values of one clause: any of them */
	first->n_acl = 2;
	first->acl[1] = permits;
	vpngw_route_map_match(rm, &f, 3, &v);
	if (!v.permit || v.entry != first || v.acl != permits)
		return -EINVAL;
	/* clauses of different kinds: all of them */
	first->n_ifindex = 1;
	first->ifindex[0] = 5;
	vpngw_route_map_match(rm, &f, 3, &v);
	if (v.permit || v.entry)
		return -EINVAL;
	vpngw_route_map_match(rm, &f, 5, &v);
	if (!v.permit)
		return -EINVAL;
	/* undefined lists are ignored, and match if there is nothing else */
	first->acl[1] = NULL;
	vpngw_route_map_match(rm, &f, 5, &v);
	if (v.permit)
		return -EINVAL;
	first->acl[0] = NULL;
	vpngw_route_map_match(rm, &f, 5, &v);
	return v.permit && !v.acl ? 0 : -EINVAL;
}

static int check_route_maps(void)
{
	static const struct vpngw_ace deny = { .action = DENY }, permit = { .action = PERMIT };
	struct vpngw_acl *denies = make_acl(&deny, 1), *permits = make_acl(&permit, 1);
	struct vpngw_route_map *rm = vpngw_route_map_alloc("test", 2);
	int err = -ENOMEM;

	if (denies && permits && rm)
		err = check_route_map(rm, denies, permits);
	vpngw_route_map_free(rm);
	vpngw_acl_free(permits);
	vpngw_acl_free(denies);
	return err;
}

/**
 * vpngw_selftest_acl() - test acl.c, hits.c and routemap.c
 *
 * Context: module init.
 * Return: 0 or a negative error
 */
int vpngw_selftest_acl(void)
{
	return check_aces() ?: check_list() ?: check_route_maps();
}
