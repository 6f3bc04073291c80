// SPDX-License-Identifier: GPL-2.0
/* The model as attributes, and back, without a kernel. */
#include <arpa/inet.h>
#include <stdio.h>

#include <netlink/genl/genl.h>

#include "manual.h"
#include "nl.h"
#include "tests.h"

#define EXAMPLE "../../Documentation/examples/gateway-manual.conf"

static struct vg_reply reply_of(struct nl_msg *msg)
{
	struct vg_reply r;

	assert_int_equal(vg_reply_parse(nlmsg_hdr(msg), &r), 0);
	return r;
}

static void header(void **state)
{
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_CONFIG_BEGIN, 0);
	struct genlmsghdr *gh = genlmsg_hdr(nlmsg_hdr(msg));

	assert_int_equal(gh->cmd, VPNGW_CMD_CONFIG_BEGIN);
	assert_int_equal(gh->version, VPNGW_FAMILY_VERSION);
	assert_true(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_REQUEST);
	vg_nl_msg_free(msg);
}

/* Octet for octet: what the kernel's policy of an entry expects. */
static void ace_attributes(void **state)
{
	struct parsed p = parse_text("access-list 101 permit tcp 10.2.2.0 0.0.0.255 eq 80 81 "
				     "host 10.2.1.1 match-any +syn -ack log\n", NULL);
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);
	struct nlattr *acl[VPNGW_A_ACL_MAX + 1], *ace[VPNGW_A_ACE_MAX + 1];
	struct vg_reply r;
	size_t from = 0;
	uint32_t addr;

	assert_int_equal(vg_put_acl(msg, &p.cfg->acl.v[0], &from), 0);
	assert_int_equal(from, 1);
	r = reply_of(msg);
	assert_int_equal(vg_parse_nest(acl, VPNGW_A_ACL_MAX, r.top[VPNGW_A_ACL]), 0);
	assert_string_equal(nla_get_string(acl[VPNGW_A_ACL_NAME]), "101");
	assert_null(acl[VPNGW_A_ACL_STANDARD]);
	assert_int_equal(vg_parse_nest(ace, VPNGW_A_ACE_MAX, acl[VPNGW_A_ACL_ACE]), 0);
	assert_int_equal(nla_get_u32(ace[VPNGW_A_ACE_SEQ]), 10);
	assert_int_equal(nla_len(ace[VPNGW_A_ACE_ACTION]), 1);
	assert_int_equal(nla_get_u8(ace[VPNGW_A_ACE_ACTION]), VPNGW_ACTION_PERMIT);
	assert_int_equal(nla_get_u8(ace[VPNGW_A_ACE_PROTO]), 6);
	assert_int_equal(nla_len(ace[VPNGW_A_ACE_SRC]), 4);
	memcpy(&addr, nla_data(ace[VPNGW_A_ACE_SRC]), 4);
	assert_int_equal(addr, htonl(0x0a020200));
	memcpy(&addr, nla_data(ace[VPNGW_A_ACE_SRC_WILD]), 4);
	assert_int_equal(addr, htonl(0xff));
	/* A host has no wildcard. */
	assert_non_null(ace[VPNGW_A_ACE_DST]);
	assert_null(ace[VPNGW_A_ACE_DST_WILD]);
	assert_null(ace[VPNGW_A_ACE_DST_PORT]);
	assert_null(ace[VPNGW_A_ACE_ICMP_TYPE]);
	assert_null(ace[VPNGW_A_ACE_TOS]);
	assert_int_equal(nla_get_u8(ace[VPNGW_A_ACE_TCP_MASK]), 0x12);
	assert_int_equal(nla_get_u8(ace[VPNGW_A_ACE_TCP_VALUE]), 0x02);
	assert_int_equal(nla_get_u32(ace[VPNGW_A_ACE_FLAGS]),
			 VPNGW_ACE_FLAG_LOG | VPNGW_ACE_FLAG_TCP_MATCH_ANY);
	assert_int_equal(nla_get_u32(ace[VPNGW_A_ACE_LINE]), 1);
	vg_nl_msg_free(msg);
	parsed_free(&p);
}

static void any_is_absent(void **state)
{
	struct parsed p = parse_text("access-list 101 permit ip any any\n", NULL);
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);
	struct nlattr *acl[VPNGW_A_ACL_MAX + 1], *ace[VPNGW_A_ACE_MAX + 1];
	struct vg_reply r;
	size_t from = 0;

	vg_put_acl(msg, &p.cfg->acl.v[0], &from);
	r = reply_of(msg);
	vg_parse_nest(acl, VPNGW_A_ACL_MAX, r.top[VPNGW_A_ACL]);
	vg_parse_nest(ace, VPNGW_A_ACE_MAX, acl[VPNGW_A_ACL_ACE]);
	assert_null(ace[VPNGW_A_ACE_SRC]);
	assert_null(ace[VPNGW_A_ACE_SRC_WILD]);
	assert_null(ace[VPNGW_A_ACE_PROTO]);
	assert_null(ace[VPNGW_A_ACE_FLAGS]);
	vg_nl_msg_free(msg);
	parsed_free(&p);
}

/* Long lists span messages, none of them long enough to overflow a nest. */
static void long_list(void **state)
{
	struct vg_config *back = vg_config_new();
	struct vg_acl *acl;
	struct parsed p;
	size_t from = 0, messages = 0, size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	for (int i = 0; i < 3000; i++)
		fprintf(f, "access-list 101 permit tcp host 10.0.%d.%d eq 1 2 3 4 5 6 7 8 9 10 "
			"any eq 1 2 3 4 5 6 7 8 9 %d\n", i / 256, i % 256, i);
	fclose(f);
	p = parse_text(text, NULL);
	while (from < p.cfg->acl.v[0].n) {
		struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);
		size_t before = from;
		struct vg_reply r;

		assert_int_equal(vg_put_acl(msg, &p.cfg->acl.v[0], &from), 0);
		assert_true(from > before);
		assert_true(nlmsg_hdr(msg)->nlmsg_len < VG_NL_MSG_SIZE);
		r = reply_of(msg);
		assert_int_equal(vg_get_acl(r.top[VPNGW_A_ACL], back), 0);
		vg_nl_msg_free(msg);
		messages++;
	}
	assert_true(messages > 10);
	acl = vg_acl_find(back, "101");
	assert_int_equal(acl->n, 3000);
	for (size_t i = 0; i < acl->n; i++) {
		assert_int_equal(acl->ace[i].dport[9].lo, i);
		assert_int_equal(acl->ace[i].at.line, i + 1);
	}
	vg_config_free(back);
	parsed_free(&p);
	free(text);
}

/* Everything the deployment has survives the way to attributes and back. */
static void round_trip(void **state)
{
	struct parsed p = parse_file(EXAMPLE);
	struct vg_config *back = vg_config_new();
	const struct vg_map_entry *e;
	struct nl_msg *msg;
	struct vg_reply r;

#define BACK(put, get, attr) do {					\
	msg = vg_nl_msg(NULL, 1, 0);					\
	assert_int_equal(put, 0);					\
	r = reply_of(msg);						\
	assert_int_equal(get(r.top[attr], back), 0);			\
	vg_nl_msg_free(msg);						\
} while (0)
	BACK(vg_put_route_map(msg, &p.cfg->route_map.v[0]), vg_get_route_map, VPNGW_A_ROUTE_MAP);
	BACK(vg_put_pool(msg, &p.cfg->pool.v[0]), vg_get_pool, VPNGW_A_POOL);
	BACK(vg_put_nat_rule(msg, &p.cfg->rule.v[0]), vg_get_nat_rule, VPNGW_A_NAT_RULE);
	BACK(vg_put_policy(msg, p.cfg, &p.cfg->map_entry.v[0]), vg_get_policy, VPNGW_A_POLICY);
	p.cfg->iface.v[0].ifindex = 7;
	BACK(vg_put_iface(msg, &p.cfg->iface.v[0]), vg_get_iface, VPNGW_A_IFACE);
#undef BACK
	assert_string_equal(back->route_map.v[0].name, "nonat");
	assert_string_equal(back->route_map.v[0].entry[0].acl[0].name, "101");
	assert_int_equal(back->pool.v[0].range[0].start, 0xc9462096);
	assert_int_equal(back->pool.v[0].range[0].end, 0xc94620a0);
	assert_int_equal(back->pool.v[0].prefix_len, 24);
	assert_string_equal(back->rule.v[0].route_map.name, "nonat");
	assert_string_equal(back->rule.v[0].acl.name, "");
	assert_int_equal(back->rule.v[0].index, 1);
	e = &back->map_entry.v[0];
	assert_string_equal(e->map, "intmap");
	assert_int_equal(e->peer[0], 0xc9462052);
	assert_int_equal(e->type, VPNGW_POLICY_TYPE_MANUAL);
	assert_int_equal(back->iface.v[0].ifindex, 7);
	assert_string_equal(back->iface.v[0].crypto_map.name, "intmap");
	vg_config_free(back);
	parsed_free(&p);
}

static void sa_attributes(void **state)
{
	struct parsed p = parse_file(EXAMPLE);
	struct nlattr *tb[VPNGW_A_SA_MAX + 1], *sel[VPNGW_A_SELECTOR_MAX + 1];
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_SA_NEW, 0);
	struct vg_reply r;
	struct vg_sa sa;

	assert_int_equal(vg_manual_sas(p.cfg, &p.diags), 0);
	assert_int_equal(vg_put_sa(msg, &p.cfg->sa.v[0]), 0);
	r = reply_of(msg);
	vg_parse_nest(tb, VPNGW_A_SA_MAX, r.top[VPNGW_A_SA]);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_SA_SPI]), 224008976);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_SA_DADDR]), htonl(0xc9462065));
	assert_int_equal(nla_get_u8(tb[VPNGW_A_SA_DIR]), VPNGW_DIRECTION_IN);
	assert_int_equal(nla_len(tb[VPNGW_A_SA_ENC_KEY]), 8);
	assert_int_equal(nla_len(tb[VPNGW_A_SA_AUTH_KEY]), 16);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_SA_REPLAY_WINDOW]), 64);
	assert_null(tb[VPNGW_A_SA_HARD_SECONDS]);
	assert_null(tb[VPNGW_A_SA_CONN_ID]);
	vg_parse_nest(sel, VPNGW_A_SELECTOR_MAX, tb[VPNGW_A_SA_SELECTOR]);
	assert_int_equal(nla_get_u32(sel[VPNGW_A_SELECTOR_REMOTE_MASK]), 0xffffffff);
	assert_null(sel[VPNGW_A_SELECTOR_PROTO]);
	assert_null(sel[VPNGW_A_SELECTOR_LOCAL_PORT]);

	assert_int_equal(vg_get_sa(r.top[VPNGW_A_SA], &sa), 0);
	assert_int_equal(sa.sel.local, 0x0a020200);
	assert_int_equal(sa.sel.proto, -1);
	assert_string_equal(sa.map, "intmap");
	vg_nl_msg_free(msg);
	parsed_free(&p);
}

static void nat_timers(void **state)
{
	struct parsed p = parse_text("ip nat translation udp-timeout 10\n"
				     "ip nat translation tcp-timeout never\n"
				     "ip nat translation max-entries 99\n"
				     "ip nat translation max-entries all-host 9\n"
				     "ip nat translation max-entries host 10.2.2.5 8\n", NULL);
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_NAT_NEW, 0);
	struct nlattr *tb[VPNGW_A_NAT_MAX + 1];
	struct vg_nat again = { 0 };
	struct vg_reply r;

	assert_int_equal(vg_put_nat(msg, &p.cfg->nat), 0);
	r = reply_of(msg);
	vg_parse_nest(tb, VPNGW_A_NAT_MAX, r.top[VPNGW_A_NAT]);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_NAT_UDP_TIMEOUT]), 10);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_NAT_TCP_TIMEOUT]), 0xffffffff);
	assert_int_equal(nla_get_u32(tb[VPNGW_A_NAT_MAX_ENTRIES]), 99);
	assert_null(tb[VPNGW_A_NAT_ICMP_TIMEOUT]);
	assert_int_equal(vg_get_nat(r.top[VPNGW_A_NAT], &again), 0);
	assert_int_equal(again.n_host_limit, 2);
	assert_int_equal(again.host_limit[0].addr, 0);
	assert_int_equal(again.host_limit[0].entries, 9);
	assert_int_equal(again.host_limit[1].addr, 0x0a020205);
	assert_int_equal(again.host_limit[1].entries, 8);
	vg_nl_msg_free(msg);
	parsed_free(&p);
}

/* A complaint about an octet of the request becomes a name and a line. */
static void locate(void **state)
{
	struct parsed p = parse_text("access-list 101 permit ip any any\n"
				     "access-list 101 permit ip host 1.2.3.4 any\n", NULL);
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_ACL_NEW, 0);
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct vg_nl_error err = { 0 };
	struct nlattr *a, *nest, *src = NULL;
	struct vg_reply r;
	size_t from = 0;
	int rem, rem2;

	vg_put_acl(msg, &p.cfg->acl.v[0], &from);
	r = reply_of(msg);
	nla_for_each_nested(nest, r.top[VPNGW_A_ACL], rem) {
		if (nla_type(nest) != VPNGW_A_ACL_ACE)
			continue;
		nla_for_each_nested(a, nest, rem2) {
			if (nla_type(a) == VPNGW_A_ACE_SRC)
				src = a;
		}
	}
	assert_non_null(src);
	vg_nl_locate(hdr, (char *)src - (char *)hdr, &err);
	assert_string_equal(err.attr, "acl.ace[1].src");
	assert_int_equal(err.line, 2);

	memset(&err, 0, sizeof(err));
	vg_nl_locate(hdr, (char *)r.top[VPNGW_A_ACL] - (char *)hdr, &err);
	assert_string_equal(err.attr, "acl");
	assert_int_equal(err.line, 1);

	memset(&err, 0, sizeof(err));
	vg_nl_locate(hdr, hdr->nlmsg_len + 100, &err);
	assert_string_equal(err.attr, "");
	vg_nl_msg_free(msg);
	parsed_free(&p);
}

/* Attributes of a wrong width or shape are not believed. */
static void hostile_replies(void **state)
{
	struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_SA_GET, 0);
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_SA);
	char name[200];
	struct vg_reply r;
	struct vg_sa sa;

	memset(name, 'x', sizeof(name));
	nla_put_u16(msg, VPNGW_A_SA_SPI, 7);
	nla_put(msg, VPNGW_A_SA_DADDR, 16, name);
	nla_put(msg, VPNGW_A_SA_MAP, sizeof(name), name);
	nla_put_u8(msg, VPNGW_A_SA_ENCR, 250);
	nla_put_u32(msg, VPNGW_A_SA_PACKETS, 7);
	nla_nest_end(msg, nest);
	r = reply_of(msg);
	assert_int_equal(vg_get_sa(r.top[VPNGW_A_SA], &sa), 0);
	assert_int_equal(sa.spi, 0);
	assert_int_equal(sa.daddr, 0);
	assert_int_equal(strlen(sa.map), VPNGW_NAME_MAX);
	assert_int_equal(sa.packets, 0);
	assert_true(vg_get_sa(NULL, &sa) < 0);
	vg_nl_msg_free(msg);
}

/* A dynamic entry brings the addresses that its clients get. */
static void client_pool(void **state)
{
	static const char * const texts[] = {
		"crypto isakmp client configuration address-pool local p\n",
		"crypto map m client configuration address respond\n"
		"crypto isakmp client configuration address-pool local p\n",
	};
	static const char common[] =
		"ip local pool p 10.9.0.1 10.9.0.9\nip local pool q 10.8.0.1\n"
		"ip local pool p 10.9.1.1\n"
		"crypto ipsec transform-set t esp-aes esp-sha-hmac\n"
		"crypto dynamic-map d 1\n set transform-set t\n"
		"crypto map m 10 ipsec-isakmp dynamic d\n";
	static const uint32_t want[] = { 0x0a090001, 0x0a090009, 0x0a090101, 0x0a090101 };

	for (size_t i = 0; i < VG_ARRAY_SIZE(texts); i++) {
		struct nl_msg *msg = vg_nl_msg(NULL, VPNGW_CMD_POLICY_NEW, 0);
		struct nlattr *tb[VPNGW_A_CLIENT_POOL_MAX + 1], *a;
		struct vg_reply r;
		struct parsed p;
		char text[600];
		size_t n = 0;
		int rem;

		snprintf(text, sizeof(text), "%s%s", common, texts[i]);
		p = parse_text(text, NULL);
		assert_int_equal(p.diags.errors, 0);
		assert_int_equal(vg_put_policy(msg, p.cfg, &p.cfg->map_entry.v[0]), 0);
		assert_int_equal(vg_reply_parse(nlmsg_hdr(msg), &r), 0);
		nla_for_each_nested(a, r.top[VPNGW_A_POLICY], rem) {
			if (nla_type(a) != VPNGW_A_POLICY_CLIENT_POOL)
				continue;
			assert_int_equal(vg_parse_nest(tb, VPNGW_A_CLIENT_POOL_MAX, a), 0);
			assert_true(n < VG_ARRAY_SIZE(want));
			assert_int_equal(vg_get_addr(tb[VPNGW_A_CLIENT_POOL_START]), want[n++]);
			assert_int_equal(vg_get_addr(tb[VPNGW_A_CLIENT_POOL_END]), want[n++]);
		}
		assert_int_equal(n, i ? 4 : 0);
		vg_nl_msg_free(msg);
		parsed_free(&p);
	}
}

int group_nl(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(header), cmocka_unit_test(ace_attributes),
		cmocka_unit_test(any_is_absent), cmocka_unit_test(long_list),
		cmocka_unit_test(round_trip), cmocka_unit_test(sa_attributes),
		cmocka_unit_test(nat_timers), cmocka_unit_test(locate),
		cmocka_unit_test(hostile_replies),
		cmocka_unit_test(client_pool),
	};

	return RUN_GROUP(tests);
}
