// SPDX-License-Identifier: GPL-2.0
/* route-map, ip nat pool, ip nat inside source, ip nat translation. */
#include <errno.h>
#include <string.h>

#include "parser.h"

/* route-map NAME [permit|deny] [SEQ] */
int vg_cmd_route_map(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t seq = vg_has(m, "seq") ? vg_value(m, "seq") : 10;
	const char *name = vg_text(m, "name");
	struct vg_rm_entry *e;
	struct vg_route_map *rm;
	size_t i;

	if (p->no) {
		vg_error(p, NULL, "a route-map cannot be taken back here; remove its lines");
		return 0;
	}
	rm = vg_route_map_get(p->cfg, name, p->at);
	if (!rm)
		return -ENOMEM;
	p->mode = VG_MODE_ROUTE_MAP;
	p->cur = rm - p->cfg->route_map.v;

	/* Sequences usually come in order; keep them so in any case. */
	for (i = rm->n; i > 0 && rm->entry[i - 1].seq > seq; i--)
		;
	p->cur_sub = i;
	if (i > 0 && rm->entry[i - 1].seq == seq) {
		p->cur_sub = i - 1;
		e = &rm->entry[i - 1];
	} else {
		if (!vg_push(&rm->entry, &rm->n, &rm->cap))
			return -ENOMEM;
		memmove(&rm->entry[i + 1], &rm->entry[i], (rm->n - 1 - i) * sizeof(*e));
		e = &rm->entry[i];
		memset(e, 0, sizeof(*e));
		e->seq = seq;
		e->at = p->at;
	}
	e->action = vg_has(m, "deny") ? VPNGW_ACTION_DENY : VPNGW_ACTION_PERMIT;
	return 0;
}

static struct vg_rm_entry *cur_entry(struct vg_parser *p)
{
	return &p->cfg->route_map.v[p->cur].entry[p->cur_sub];
}

/* match ip address LIST... */
int vg_cmd_rm_match_acl(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_rm_entry *e = cur_entry(p);

	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];
		struct vg_ref *ref;

		if (strcmp(cap->label, "list"))
			continue;
		ref = vg_push(&e->acl, &e->n_acl, &e->cap_acl);
		if (!ref)
			return -ENOMEM;
		strncpy(ref->name, cap->token->text, sizeof(ref->name) - 1);
		ref->at = vg_cap_at(p, cap);
	}
	return 0;
}

/* match interface IF... */
int vg_cmd_rm_match_iface(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_rm_entry *e = cur_entry(p);

	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];
		struct vg_ref *ref;

		if (!strcmp(cap->label, "if")) {
			ref = vg_push(&e->iface, &e->n_iface, &e->cap_iface);
			if (!ref)
				return -ENOMEM;
			ref->at = vg_cap_at(p, cap);
			strncpy(ref->name, cap->token->text, sizeof(ref->name) - 1);
		} else if (!strcmp(cap->label, "ifnum") && e->n_iface) {
			ref = &e->iface[e->n_iface - 1];
			strncat(ref->name, cap->token->text,
				sizeof(ref->name) - 1 - strlen(ref->name));
		}
	}
	return 0;
}

static int add_range(struct vg_parser *p, const struct vg_match *m, struct vg_pool *pool)
{
	const struct vg_capture *lo = vg_cap(m, "lo"), *hi = vg_cap(m, "hi");
	struct vg_pool_range *r;

	if (hi->value < lo->value) {
		vg_error(p, hi, "pool ends before it begins");
		return 0;
	}
	r = vg_push(&pool->range, &pool->n, &pool->cap);
	if (!r)
		return -ENOMEM;
	r->start = lo->value;
	r->end = hi->value;
	r->at = vg_cap_at(p, lo);
	return 0;
}

/* ip nat pool NAME [LO HI] netmask M type T */
int vg_cmd_nat_pool(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "name");
	struct vg_pool *pool = vg_pool_find(p->cfg, name);

	if (vg_has(m, "unsupported")) {
		vg_error(p, vg_cap(m, "unsupported"), "'add-route' is not supported yet");
		return 0;
	}
	if (vg_has(m, "rotary")) {
		vg_error(p, vg_cap(m, "rotary"), "pools of type rotary serve inside destination "
			 "translation, which is not supported yet");
		return 0;
	}
	if (pool) {
		vg_error(p, vg_cap(m, "name"), "pool %s is defined in line %u", name,
			 pool->at.line);
		return 0;
	}
	pool = vg_pool_get(p->cfg, name, p->at);
	if (!pool)
		return -ENOMEM;
	pool->prefix_len = vg_has(m, "len") ? vg_value(m, "len") :
					      vg_mask_len(vg_value(m, "mask"));
	pool->type = vg_has(m, "match-host") ? VPNGW_POOL_TYPE_MATCH_HOST :
					       VPNGW_POOL_TYPE_GENERIC;
	if (vg_has(m, "lo"))
		return add_range(p, m, pool);
	p->mode = VG_MODE_POOL;
	p->cur = pool - p->cfg->pool.v;
	return 0;
}

/* address LO HI */
int vg_cmd_pool_address(struct vg_parser *p, const struct vg_match *m)
{
	return add_range(p, m, &p->cfg->pool.v[p->cur]);
}

/* ip nat inside source {list|route-map} NAME {pool P|interface I} [overload] */
int vg_cmd_nat_source(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_nat_rule *rule = vg_push(&p->cfg->rule.v, &p->cfg->rule.n, &p->cfg->rule.cap);

	if (!rule)
		return -ENOMEM;
	rule->index = p->cfg->rule.n;
	rule->at = p->at;
	vg_ref_set(p, &rule->acl, m, "aclname");
	vg_ref_set(p, &rule->route_map, m, "rmname");
	vg_ref_set(p, &rule->pool, m, "poolname");
	if (vg_has(m, "if")) {
		vg_iface_name(m, rule->iface.name);
		rule->iface.at = vg_cap_at(p, vg_cap(m, "if"));
		rule->flags |= VPNGW_RULE_FLAG_INTERFACE;
	}
	if (vg_has(m, "overload"))
		rule->flags |= VPNGW_RULE_FLAG_OVERLOAD;
	return 0;
}

/* ip nat translation udp-timeout 300 */
int vg_cmd_nat_timer(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_nat *nat = &p->cfg->nat;
	const struct {
		const char *keyword;
		uint32_t *value;
	} timers[] = {
		{ "timeout", &nat->timeout },
		{ "udp-timeout", &nat->udp_timeout },
		{ "dns-timeout", &nat->dns_timeout },
		{ "tcp-timeout", &nat->tcp_timeout },
		{ "finrst-timeout", &nat->finrst_timeout },
		{ "syn-timeout", &nat->syn_timeout },
		{ "icmp-timeout", &nat->icmp_timeout },
		{ "max-entries", &nat->max_entries },
	};
	uint32_t value = vg_value(m, "seconds") + vg_value(m, "entries");

	if (vg_has(m, "never"))
		value = VG_TIMEOUT_NEVER;
	if (!p->no && !value) {
		vg_incomplete(p, m, "<1-536870>, never");
		return 0;
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(timers); i++) {
		if (vg_has(m, timers[i].keyword))
			*timers[i].value = p->no ? 0 : value;
	}
	nat->at = p->at;
	return 0;
}
