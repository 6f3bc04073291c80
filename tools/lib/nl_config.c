// SPDX-License-Identifier: GPL-2.0
/* A whole configuration to the kernel in one transaction, and state back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"

struct commit {
	struct vg_nl *nl;
	const struct vg_config *cfg;
	struct vg_nl_error *err;
};

/* Says what is being sent, for the case that it is refused. */
#define DOING(c, at_line, ...) do {							\
	snprintf((c)->err->doing, sizeof((c)->err->doing), __VA_ARGS__);		\
	(c)->err->line = (at_line);							\
} while (0)

static int send_one(struct commit *c, struct nl_msg *msg, int put)
{
	if (!msg || put) {
		vg_nl_msg_free(msg);
		c->err->code = msg ? EMSGSIZE : ENOMEM;
		snprintf(c->err->text, sizeof(c->err->text), "%s", msg ?
			 "too large for one netlink message" : strerror(ENOMEM));
		return -c->err->code;
	}
	return vg_nl_request(c->nl, msg, NULL, NULL, c->err);
}

#define SEND(c, cmd, put, obj) ({							\
	struct nl_msg *msg_ = vg_nl_msg((c)->nl, cmd, 0);				\
											\
	send_one(c, msg_, msg_ ? put(msg_, obj) : 0);					\
})

static int send_acls(struct commit *c)
{
	for (size_t i = 0; i < c->cfg->acl.n; i++) {
		const struct vg_acl *acl = &c->cfg->acl.v[i];
		size_t from = 0;

		do {
			struct nl_msg *msg = vg_nl_msg(c->nl, VPNGW_CMD_ACL_NEW, 0);
			int ret = msg ? vg_put_acl(msg, acl, &from) : 0;

			DOING(c, acl->at.line, "access list %s", acl->name);
			ret = send_one(c, msg, ret);
			if (ret)
				return ret;
		} while (from < acl->n);
	}
	return 0;
}

static int send_nat(struct commit *c)
{
	const struct vg_config *cfg = c->cfg;
	int ret = 0;

	for (size_t i = 0; i < cfg->route_map.n && !ret; i++) {
		if (vg_route_map_foreign(&cfg->route_map.v[i]))
			continue;
		DOING(c, cfg->route_map.v[i].at.line, "route-map %s", cfg->route_map.v[i].name);
		ret = SEND(c, VPNGW_CMD_ROUTE_MAP_NEW, vg_put_route_map, &cfg->route_map.v[i]);
	}
	for (size_t i = 0; i < cfg->pool.n && !ret; i++) {
		DOING(c, cfg->pool.v[i].at.line, "NAT pool %s", cfg->pool.v[i].name);
		ret = SEND(c, VPNGW_CMD_POOL_NEW, vg_put_pool, &cfg->pool.v[i]);
	}
	for (size_t i = 0; i < cfg->rule.n && !ret; i++) {
		DOING(c, cfg->rule.v[i].at.line, "NAT rule %u", cfg->rule.v[i].index);
		ret = SEND(c, VPNGW_CMD_NAT_RULE_NEW, vg_put_nat_rule, &cfg->rule.v[i]);
	}
	if (cfg->nat.at.line && !ret) {
		DOING(c, cfg->nat.at.line, "NAT timers");
		ret = SEND(c, VPNGW_CMD_NAT_NEW, vg_put_nat, &cfg->nat);
	}
	return ret;
}

static int send_crypto(struct commit *c)
{
	const struct vg_config *cfg = c->cfg;
	int ret = 0;

	/* Entries before the interfaces that name their map. */
	for (size_t i = 0; i < cfg->map_entry.n && !ret; i++) {
		const struct vg_map_entry *e = &cfg->map_entry.v[i];

		struct nl_msg *msg = vg_nl_msg(c->nl, VPNGW_CMD_POLICY_NEW, 0);

		DOING(c, e->at.line, "crypto map %s %u", e->map, e->seq);
		ret = send_one(c, msg, msg ? vg_put_policy(msg, cfg, e) : 0);
	}
	for (size_t i = 0; i < cfg->iface.n && !ret; i++) {
		const struct vg_iface *iface = &cfg->iface.v[i];

		if (!iface->ifindex || (!vg_iface_has_role(iface) && !iface->flags))
			continue;
		DOING(c, iface->at.line, "interface %s (%s)", iface->name, iface->device);
		ret = SEND(c, VPNGW_CMD_IFACE_NEW, vg_put_iface, iface);
	}
	return ret;
}

static int put_all(struct nl_msg *msg, const void *unused)
{
	(void)unused;
	return nla_put_flag(msg, VPNGW_A_ALL);
}

/* The commit itself removes manual associations that are not brought again. */
static int send_sas(struct commit *c, bool delete_all)
{
	const struct vg_config *cfg = c->cfg;
	int ret = 0;

	if (delete_all) {
		DOING(c, 0, "deleting all associations");
		return SEND(c, VPNGW_CMD_SA_DEL, put_all, NULL);
	}
	for (size_t i = 0; i < cfg->sa.n && !ret; i++) {
		DOING(c, cfg->sa.v[i].at.line, "session key with SPI %u", cfg->sa.v[i].spi);
		ret = SEND(c, VPNGW_CMD_SA_NEW, vg_put_sa, &cfg->sa.v[i]);
	}
	return ret;
}

static int on_generation(const struct vg_reply *r, void *arg)
{
	*(uint32_t *)arg = vg_get_u32(r->top[VPNGW_A_GENERATION]);
	return 0;
}

/**
 * vg_commit - make a configuration the running one
 * @nl: connection
 * @cfg: configuration, checked and bound, with its associations made
 * @kind: what for
 * @generation: where the new generation goes
 * @err: what was refused, and why
 *
 * Return: 0 or -errno; then nothing has changed.
 */
int vg_commit(struct vg_nl *nl, const struct vg_config *cfg, enum vg_commit_kind kind,
	      uint32_t *generation, struct vg_nl_error *err)
{
	struct commit c = { .nl = nl, .cfg = cfg, .err = err };
	struct vg_nl_error ignored = { 0 };
	int ret;

	memset(err, 0, sizeof(*err));
	*generation = 0;
	DOING(&c, 0, "opening a transaction");
	ret = vg_nl_simple(nl, VPNGW_CMD_CONFIG_BEGIN, NULL, NULL, err);
	if (ret)
		return ret;
	ret = send_acls(&c);
	if (!ret)
		ret = send_nat(&c);
	if (!ret)
		ret = send_crypto(&c);
	if (!ret)
		ret = send_sas(&c, kind == VG_COMMIT_UNLOAD);
	if (ret || kind == VG_COMMIT_TRY) {
		/* The first refusal is the one to report. */
		vg_nl_simple(nl, VPNGW_CMD_CONFIG_ABORT, NULL, NULL, &ignored);
		return ret;
	}
	DOING(&c, 0, "committing");
	return vg_nl_simple(nl, VPNGW_CMD_CONFIG_COMMIT, on_generation, generation, err);
}

static int on_object(const struct vg_reply *r, void *arg)
{
	struct nlattr * const *top = r->top;
	struct vg_config *s = arg;

	if (top[VPNGW_A_ACL])
		return vg_get_acl(top[VPNGW_A_ACL], s);
	if (top[VPNGW_A_ROUTE_MAP])
		return vg_get_route_map(top[VPNGW_A_ROUTE_MAP], s);
	if (top[VPNGW_A_POOL])
		return vg_get_pool(top[VPNGW_A_POOL], s);
	if (top[VPNGW_A_NAT_RULE])
		return vg_get_nat_rule(top[VPNGW_A_NAT_RULE], s);
	if (top[VPNGW_A_NAT])
		return vg_get_nat(top[VPNGW_A_NAT], &s->nat);
	if (top[VPNGW_A_POLICY])
		return vg_get_policy(top[VPNGW_A_POLICY], s);
	if (top[VPNGW_A_IFACE])
		return vg_get_iface(top[VPNGW_A_IFACE], s);
	if (top[VPNGW_A_SA]) {
		struct vg_sa *sa = vg_push(&s->sa.v, &s->sa.n, &s->sa.cap);

		return sa ? vg_get_sa(top[VPNGW_A_SA], sa) : -ENOMEM;
	}
	if (top[VPNGW_A_DROP])
		return vg_get_drops(r, s);
	if (top[VPNGW_A_XLATE]) {
		struct vg_xlate *x = vg_push(&s->xlate.v, &s->xlate.n, &s->xlate.cap);

		return x ? vg_get_xlate(top[VPNGW_A_XLATE], x) : -ENOMEM;
	}
	return 0;
}

static void restart(void *arg)
{
	vg_config_reset(arg);
}

/**
 * vg_fetch - read all objects of one noun
 * @nl: connection
 * @cmd: the dump, or VPNGW_CMD_NAT_GET, or VPNGW_CMD_STATS_GET
 * @state: where they go; a dump that is started again resets it, so use one
 *	for each noun
 * @err: why not
 *
 * Return: 0 or -errno.
 */
int vg_fetch(struct vg_nl *nl, uint8_t cmd, struct vg_config *state, struct vg_nl_error *err)
{
	if (cmd == VPNGW_CMD_NAT_GET || cmd == VPNGW_CMD_STATS_GET)
		return vg_nl_simple(nl, cmd, on_object, state, err);
	return vg_nl_dump(nl, cmd, on_object, restart, state, err);
}
