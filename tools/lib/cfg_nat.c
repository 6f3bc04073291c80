// SPDX-License-Identifier: GPL-2.0
/* route-map, ip nat pool, ip nat inside source, ip nat translation. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ifname.h"
#include "parser.h"

/* no route-map NAME [permit|deny [SEQ]]: one sequence, or all of them */
static void route_map_remove(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_route_map *rm = vg_route_map_find(p->cfg, vg_text(m, "name"));

	p->mode = VG_MODE_SKIP;
	for (size_t i = 0; rm && vg_has(m, "seq") && i < rm->n; i++) {
		if (rm->entry[i].seq != vg_value(m, "seq"))
			continue;
		vg_rm_entry_clear(&rm->entry[i]);
		memmove(&rm->entry[i], &rm->entry[i + 1],
			(--rm->n - i) * sizeof(*rm->entry));
		break;
	}
	if (rm && (!vg_has(m, "seq") || !rm->n))
		vg_route_map_clear(rm);
}

/* route-map NAME [permit|deny] [SEQ] */
int vg_cmd_route_map(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t seq = vg_has(m, "seq") ? vg_value(m, "seq") : 10;
	const char *name = vg_text(m, "name");
	struct vg_rm_entry *e;
	struct vg_route_map *rm;
	size_t i;

	if (p->no) {
		route_map_remove(p, m);
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

static void ref_remove(struct vg_ref *v, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(v[i].name, name))
			continue;
		memmove(&v[i], &v[i + 1], (--*n - i) * sizeof(*v));
		return;
	}
}

/* As the first of its line, such a name would be the beginning of another command. */
static bool is_prefix_list(const struct vg_token *t)
{
	return t->len <= strlen("prefix-list") && !strncasecmp(t->text, "prefix-list", t->len);
}

/* match ip address LIST... */
int vg_cmd_rm_match_acl(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_rm_entry *e = cur_entry(p);

	if (p->no && !vg_has(m, "list"))
		e->n_acl = 0;
	else if (!vg_has(m, "list"))
		vg_incomplete(p, m, "NAME");
	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];
		const char *name = vg_acl_name(cap->token->text);
		struct vg_ref *ref;

		if (strcmp(cap->label, "list"))
			continue;
		if (is_prefix_list(cap->token)) {
			vg_error(p, cap, "'%s' is short for prefix-list here, and cannot name an access list",
				 cap->token->text);
			continue;
		}
		if (p->no) {
			ref_remove(e->acl, &e->n_acl, name);
			continue;
		}
		ref = vg_push(&e->acl, &e->n_acl, &e->cap_acl);
		if (!ref)
			return -ENOMEM;
		strncpy(ref->name, name, sizeof(ref->name) - 1);
		ref->at = vg_cap_at(p, cap);
	}
	return 0;
}

/* match interface IF... */
int vg_cmd_rm_match_iface(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_rm_entry *e = cur_entry(p);

	if (p->no) {
		e->n_iface = 0;
		return 0;
	}
	if (!vg_has(m, "if"))
		vg_incomplete(p, m, "INTERFACE");
	for (size_t i = 0; i < m->n_cap; i++) {
		const struct vg_capture *cap = &m->cap[i];
		char written[VG_NAME_LEN];
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
		} else {
			continue;
		}
		memcpy(written, ref->name, sizeof(written));
		vg_ifname(written, ref->name);
	}
	return 0;
}

/*
 * A match that sorts routes or tags. A route-map for those is none of our
 * business; one that a NAT rule uses would match other packets than it says.
 */
int vg_cmd_rm_foreign(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		cur_entry(p)->foreign = p->at;
	return vg_cmd_inert(p, m);
}

static int add_range(struct vg_parser *p, const struct vg_match *m, struct vg_pool *pool)
{
	const struct vg_capture *lo = vg_cap(m, "lo"), *hi = vg_cap(m, "hi");
	struct vg_pool_range *r;

	if (hi->value < lo->value) {
		vg_error(p, hi, "pool ends before it begins");
		return 0;
	}
	for (size_t i = 0; i < pool->n; i++) {
		if (pool->range[i].start == lo->value && pool->range[i].end == hi->value)
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

/* A second line of the same words is none; another one must not change the first. */
static bool same_pool(struct vg_parser *p, const struct vg_match *m, const struct vg_pool *pool,
		      const struct vg_pool *made)
{
	struct vg_diag *d;

	if (pool->prefix_len == made->prefix_len && pool->type == made->type &&
	    (!vg_has(m, "lo") || (pool->n == 1 && pool->range[0].start == vg_value(m, "lo") &&
				  pool->range[0].end == vg_value(m, "hi"))))
		return true;
	d = vg_error(p, vg_cap(m, "name"), "pool %s is defined in line %u", pool->name,
		     pool->at.line);
	if (d)
		d->related = pool->at.line;
	return false;
}

/* ip nat pool NAME [LO HI] netmask M type T */
int vg_cmd_nat_pool(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "name");
	struct vg_pool *pool = vg_pool_find(p->cfg, name), made = { 0 };

	if (p->no) {
		if (pool)
			vg_pool_clear(pool);
		return 0;
	}
	if (vg_has(m, "add-route")) {
		vg_error(p, vg_cap(m, "add-route"), "'add-route' serves outside source "
			 "translation, which is not supported yet");
		return 0;
	}
	if (vg_has(m, "rotary")) {
		vg_error(p, vg_cap(m, "rotary"), "pools of type rotary serve inside destination "
			 "translation, which is not supported yet");
		return 0;
	}
	made.prefix_len = vg_has(m, "len") ? vg_value(m, "len") :
					     vg_mask_len(vg_value(m, "mask"));
	made.type = vg_has(m, "match-host") ? VPNGW_POOL_TYPE_MATCH_HOST :
					      VPNGW_POOL_TYPE_GENERIC;
	if (pool && !same_pool(p, m, pool, &made))
		return 0;
	if (pool && vg_has(m, "lo"))		/* said again */
		return 0;
	if (!pool)
		pool = vg_pool_get(p->cfg, name, p->at);
	if (!pool)
		return -ENOMEM;
	pool->prefix_len = made.prefix_len;
	pool->type = made.type;
	if (vg_has(m, "lo"))
		return add_range(p, m, pool);
	p->mode = VG_MODE_POOL;
	p->cur = pool - p->cfg->pool.v;
	return 0;
}

/* no ip nat pool NAME */
int vg_cmd_nat_pool_no(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no) {
		vg_incomplete(p, m, "A.B.C.D, netmask, prefix-length");
		return 0;
	}
	return vg_cmd_nat_pool(p, m);
}

/* address LO HI */
int vg_cmd_pool_address(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_pool *pool = &p->cfg->pool.v[p->cur];

	if (!p->no)
		return add_range(p, m, pool);
	for (size_t i = 0; i < pool->n; i++) {
		if (pool->range[i].start != vg_value(m, "lo") ||
		    pool->range[i].end != vg_value(m, "hi"))
			continue;
		memmove(&pool->range[i], &pool->range[i + 1],
			(--pool->n - i) * sizeof(*pool->range));
		break;
	}
	return 0;
}

static bool same_rule(const struct vg_nat_rule *a, const struct vg_nat_rule *b)
{
	return !strcmp(a->acl.name, b->acl.name) &&
	       !strcmp(a->route_map.name, b->route_map.name) &&
	       !strcmp(a->pool.name, b->pool.name) &&
	       vg_ifname_same(a->iface.name, b->iface.name) &&
	       !memcmp(&a->fixed, &b->fixed, sizeof(a->fixed));
}

/* Adds a rule, or with "no" takes the same one away. */
static int put_rule(struct vg_parser *p, const struct vg_nat_rule *rule)
{
	struct vg_config *cfg = p->cfg;
	struct vg_nat_rule *slot;
	size_t i;

	for (i = 0; i < cfg->rule.n && !same_rule(&cfg->rule.v[i], rule); i++)
		;
	if (p->no) {
		if (i < cfg->rule.n)
			memmove(&cfg->rule.v[i], &cfg->rule.v[i + 1],
				(--cfg->rule.n - i) * sizeof(*slot));
		return 0;
	}
	if (i < cfg->rule.n) {		/* said again, perhaps with overload now */
		cfg->rule.v[i].flags = rule->flags;
		return 0;
	}
	slot = vg_push(&cfg->rule.v, &cfg->rule.n, &cfg->rule.cap);
	if (!slot)
		return -ENOMEM;
	*slot = *rule;
	slot->index = cfg->rule.n;
	return 0;
}

static void set_iface(struct vg_parser *p, const struct vg_match *m, struct vg_nat_rule *rule)
{
	if (!vg_has(m, "if"))
		return;
	vg_iface_name(m, rule->iface.name);
	rule->iface.at = vg_cap_at(p, vg_cap(m, "if"));
	rule->flags |= VPNGW_RULE_FLAG_INTERFACE;
}

/* ip nat inside source {list|route-map} NAME {pool P|interface I} [overload] */
int vg_cmd_nat_source(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_nat_rule rule = { .at = p->at };

	vg_ref_set_acl(p, &rule.acl, m, "aclname");
	vg_ref_set(p, &rule.route_map, m, "rmname");
	vg_ref_set(p, &rule.pool, m, "poolname");
	set_iface(p, m, &rule);
	if (vg_has(m, "overload"))
		rule.flags |= VPNGW_RULE_FLAG_OVERLOAD;
	return put_rule(p, &rule);
}

/* "/24" of ip nat inside source static network A B /24 */
static int static_prefix(struct vg_parser *p, const struct vg_match *m, uint8_t *len)
{
	const struct vg_capture *cap = vg_cap(m, "prefix");
	char *end;
	unsigned long n;

	if (!cap) {
		*len = vg_mask_len(vg_value(m, "mask"));
		return 0;
	}
	n = strtoul(cap->token->text + 1, &end, 10);
	if (cap->token->text[0] != '/' || *end || end == cap->token->text + 1 || n > 32) {
		vg_error(p, cap, "a network takes a netmask or a prefix such as /24");
		return -EINVAL;
	}
	*len = n;
	return 0;
}

/*
 * ip nat inside source static {[tcp|udp] LOCAL [PORT] {GLOBAL|interface I} [PORT]|
 * network LOCAL GLOBAL MASK} [extendable] [no-alias] [route-map R]
 */
int vg_cmd_nat_static(struct vg_parser *p, const struct vg_match *m)
{
	static const char * const refused[] = { "esp", "redundancy", "reversible", "vrf" };
	struct vg_nat_rule rule = { .at = p->at, .flags = VPNGW_RULE_FLAG_STATIC };
	struct vg_static *s = &rule.fixed;

	for (size_t i = 0; i < VG_ARRAY_SIZE(refused); i++) {
		if (!vg_cap(m, refused[i]))
			continue;
		vg_error(p, vg_cap(m, refused[i]), "'%s' is not supported in a static translation",
			 refused[i]);
		return 0;
	}
	s->local = vg_value(m, "il");
	s->global = vg_value(m, "ig");
	s->prefix_len = 32;
	if (vg_has(m, "network")) {
		if (static_prefix(p, m, &s->prefix_len))
			return 0;
		if ((s->local | s->global) & ~vg_len_mask(s->prefix_len)) {
			vg_error(p, vg_cap(m, "il"), "address has bits outside its mask");
			return 0;
		}
	}
	if (vg_has(m, "tcp") || vg_has(m, "udp")) {
		s->proto = vg_has(m, "tcp") ? 6 : 17;
		s->local_port = vg_value(m, "ilport");
		s->global_port = vg_value(m, "igport");
	}
	set_iface(p, m, &rule);
	vg_ref_set(p, &rule.route_map, m, "rmname");
	rule.extendable = vg_has(m, "extendable");
	if (vg_has(m, "no-alias"))
		rule.flags |= VPNGW_RULE_FLAG_NO_ALIAS;
	return put_rule(p, &rule);
}

/* What the data plane does not do is refused with the word that asks for it. */
int vg_cmd_nat_unsupported(struct vg_parser *p, const struct vg_match *m)
{
	static const struct {
		const char *word, *why;
	} reasons[] = {
		{ "destination", "inside destination translation (sharing load among servers) is "
				 "not supported yet" },
		{ "outside", "outside source translation (for overlapping networks) is not "
			     "supported yet" },
		{ "reversible", "'reversible' is not supported yet: entries of a route-map are "
				"for the flow that made them" },
		{ "virtual", "the NAT virtual interface is not supported; use 'ip nat inside "
			     "source', 'ip nat inside' and 'ip nat outside'" },
		{ "enable", "the NAT virtual interface is not supported; use 'ip nat inside' and "
			    "'ip nat outside'" },
		{ "port-timeout", "timers for single ports are not supported yet" },
		{ "vrf", "one routing table only: VRFs are not supported" },
		{ "all-vrf", "one routing table only: VRFs are not supported" },
	};

	if (p->no)
		return vg_cmd_inert(p, m);
	for (size_t i = 0; i < VG_ARRAY_SIZE(reasons); i++) {
		const struct vg_capture *cap = vg_cap(m, reasons[i].word);

		if (!cap)
			continue;
		vg_error(p, cap, "%s", reasons[i].why);
		return 0;
	}
	return vg_cmd_refuse(p, m);
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
		vg_incomplete(p, m, vg_has(m, "max-entries") ? "<1-2147483647>" :
			      "<1-536870>, never");
		return 0;
	}
	for (size_t i = 0; i < VG_ARRAY_SIZE(timers); i++) {
		if (vg_has(m, timers[i].keyword))
			*timers[i].value = p->no ? 0 : value;
	}
	nat->at = p->at;
	return 0;
}

/* ip nat translation max-entries {all-host|host A|list L} N */
int vg_cmd_nat_host_limit(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_host_limit limit = { .at = p->at }, *v = p->cfg->nat.host_limit;
	size_t *n = &p->cfg->nat.n_host_limit, i;

	limit.addr = vg_value(m, "haddr");
	limit.entries = vg_value(m, "entries");
	vg_ref_set_acl(p, &limit.acl, m, "aclname");
	if (!p->no && !limit.entries) {
		vg_incomplete(p, m, "<1-2147483647>");
		return 0;
	}
	if (vg_has(m, "haddr") && !limit.addr) {
		vg_error(p, vg_cap(m, "haddr"), "no host has this address");
		return 0;
	}
	for (i = 0; i < *n; i++)
		if (v[i].addr == limit.addr && !strcmp(v[i].acl.name, limit.acl.name))
			break;
	p->cfg->nat.at = p->at;
	if (p->no) {
		if (i < *n)
			memmove(&v[i], &v[i + 1], (--*n - i) * sizeof(*v));
		return 0;
	}
	if (i == VG_HOST_LIMITS) {
		vg_error(p, NULL, "at most %u hosts and lists have a limit", VG_HOST_LIMITS);
		return 0;
	}
	v[i] = limit;
	*n += i == *n;
	return 0;
}
