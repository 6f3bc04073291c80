// SPDX-License-Identifier: GPL-2.0
/*
 * Static translations: an inside address, network or port that always has the
 * same place outside, and can be reached there.
 *
 * These are rules, not entries of the translation table: the first packet of a
 * flow, from whichever side, makes an extended entry by them, and everything
 * behind is as for any other flow.
 */
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "config.h"
#include "static.h"

static struct hlist_head *bucket(struct hlist_head *table, __be32 addr)
{
	return &table[jhash_1word((__force u32)addr, 0) % VPNGW_STATIC_BUCKETS];
}

static const struct vpngw_rule *rule_of(const struct vpngw_static *s)
{
	return container_of(s, struct vpngw_rule, fixed);
}

static bool is_wide(const struct vpngw_static *s)
{
	return s->mask != htonl(INADDR_BROADCAST);
}

static bool by_interface(const struct vpngw_static *s)
{
	return rule_of(s)->flags & VPNGW_RULE_FLAG_INTERFACE;
}

/* What is more specific is asked first. */
static void insert(struct hlist_head *head, struct hlist_node *node, bool port)
{
	struct hlist_node *last = head->first;

	if (port || !last) {
		hlist_add_head(node, head);
		return;
	}
	while (last->next)
		last = last->next;
	hlist_add_behind(node, last);
}

/* Do hosts share the addresses of a pool by port? Then a static port is just taken. */
static bool is_shared(const struct vpngw_config *config, const struct vpngw_pool *pool)
{
	const struct vpngw_rule *rule;
	bool shared = false;

	list_for_each_entry(rule, &config->rules, node) {
		if (strcmp(rule->pool_name, pool->name))
			continue;
		if (!(rule->flags & VPNGW_RULE_FLAG_OVERLOAD))
			return false;
		shared = true;
	}
	return shared && pool->type != VPNGW_POOL_TYPE_MATCH_HOST;
}

/* As in IOS, an address of a pool that a static rule has is handed out to nobody. */
static int fix_in_pool(const struct vpngw_config *config, const struct vpngw_rule *rule,
		       struct vpngw_pool *pool, char *error, size_t size)
{
	const struct vpngw_static *s = &rule->fixed;

	if (!vpngw_pool_overlaps(pool, s->global.ip, s->mask))
		return 0;
	if (is_wide(s)) {
		snprintf(error, size,
			 "line %u: the static inside global network %pI4 has addresses of pool %s, which would give them to others",
			 rule->line, &s->global.ip, pool->name);
		return -EEXIST;
	}
	if (!vpngw_pool_contains(pool, &s->global) || (s->proto && is_shared(config, pool)))
		return 0;
	if (vpngw_pool_fix(pool, &s->global)) {
		snprintf(error, size, "line %u: no memory", rule->line);
		return -ENOMEM;
	}
	if (pool->total)
		return 0;
	snprintf(error, size,
		 "line %u: the static inside global address %pI4 leaves no address in pool %s",
		 rule->line, &s->global.ip, pool->name);
	return -EEXIST;
}

static int check_pools(const struct vpngw_config *config, const struct vpngw_rule *rule,
		       char *error, size_t size)
{
	int err;
	u32 i;

	for (i = 0; !by_interface(&rule->fixed) && i < config->n_pool; i++) {
		err = fix_in_pool(config, rule, config->pool[i], error, size);
		if (err)
			return err;
	}
	return 0;
}

static int check_clash(const struct vpngw_config *config, const struct vpngw_rule *rule,
		       char *error, size_t size)
{
	const struct vpngw_static *a = &rule->fixed, *b;
	const struct vpngw_rule *other;

	list_for_each_entry(other, &config->rules, node) {
		if (other == rule)
			break;
		b = &other->fixed;
		if (!(other->flags & VPNGW_RULE_FLAG_STATIC) ||
		    by_interface(a) != by_interface(b) ||
		    vpngw_rule_ifindex(rule) != vpngw_rule_ifindex(other) ||
		    (a->global.ip ^ b->global.ip) & a->mask & b->mask ||
		    a->proto != b->proto || a->global_port != b->global_port ||
		    is_wide(a) != is_wide(b) || rule->rm != other->rm)
			continue;
		snprintf(error, size,
			 "line %u: line %u has a static rule of the same inside global address%s",
			 rule->line, other->line, a->proto ? " and port" : "");
		return -EEXIST;
	}
	return 0;
}

/**
 * vpngw_statics_compile() - make the static rules of a configuration ready
 * @config: configuration, its other rules and lists resolved
 * @error: receives a sentence if the configuration is refused
 * @size: octets of @error
 *
 * Context: process, vn->lock held.
 * Return: 0, or -EEXIST if two rules, or a rule and a pool, want the same address
 */
int vpngw_statics_compile(struct vpngw_config *config, char *error, size_t size)
{
	struct vpngw_statics *statics = &config->statics;
	struct vpngw_rule *rule;
	struct vpngw_static *s;
	int err;

	list_for_each_entry(rule, &config->rules, node) {
		if (!(rule->flags & VPNGW_RULE_FLAG_STATIC))
			continue;
		err = check_pools(config, rule, error, size);
		if (!err)
			err = check_clash(config, rule, error, size);
		if (err)
			return err;

		s = &rule->fixed;
		statics->n++;
		insert(is_wide(s) ? &statics->wide_local : bucket(statics->by_local, s->local.ip),
		       &s->by_local, s->proto);
		insert(is_wide(s) || by_interface(s) ? &statics->wide_global :
						       bucket(statics->by_global, s->global.ip),
		       &s->by_global, s->proto);
	}
	return 0;
}

/* Half of what a rule maps, against half of a packet. */
static bool half_match(const struct vpngw_static *s, __be32 own, __be16 own_port,
		       const struct vpngw_fields *f, __be32 addr, __be16 port)
{
	if ((own ^ addr) & s->mask)
		return false;
	return !s->proto || (f->ports && f->t.proto == s->proto && own_port == port);
}

static bool permits(const struct vpngw_rule *rule, const struct vpngw_fields *f, int ifindex,
		    struct vpngw_rule_verdict *v)
{
	if (rule->rm) {
		vpngw_route_map_match(rule->rm, f, ifindex, &v->rm);
		if (!v->rm.permit)
			return false;
	}
	v->rule = rule;
	v->permit = true;
	return true;
}

/**
 * vpngw_statics_judge() - does a static rule want to translate an outbound packet?
 * @config: compiled configuration
 * @f: what is known of the packet, source still inside local
 * @out_ifindex: device by which it leaves
 * @v: the verdict; filled in if so
 *
 * Context: any; the caller holds RCU or &struct vpngw_net.lock. Changes nothing.
 * Return: true if so
 */
bool vpngw_statics_judge(const struct vpngw_config *config, const struct vpngw_fields *f,
			 int out_ifindex, struct vpngw_rule_verdict *v)
{
	struct vpngw_statics *statics = (struct vpngw_statics *)&config->statics;
	const struct vpngw_static *s;

	hlist_for_each_entry(s, bucket(statics->by_local, f->t.src.ip), by_local)
		if (half_match(s, s->local.ip, s->local_port, f, f->t.src.ip, f->t.sport) &&
		    permits(rule_of(s), f, out_ifindex, v))
			return true;
	hlist_for_each_entry(s, &statics->wide_local, by_local)
		if (half_match(s, s->local.ip, s->local_port, f, f->t.src.ip, f->t.sport) &&
		    permits(rule_of(s), f, out_ifindex, v))
			return true;
	return false;
}

static bool global_of(const struct net *net, const struct vpngw_rule *rule, __be32 *addr)
{
	union nf_inet_addr global;

	if (!(rule->flags & VPNGW_RULE_FLAG_INTERFACE)) {
		*addr = rule->fixed.global.ip;
		return true;
	}
	if (!vpngw_rule_iface_address(net, rule, &global))
		return false;
	*addr = global.ip;
	return true;
}

/* A route-map is written for outbound packets, so it is asked about the reply. */
static bool permits_in(const struct vpngw_rule *rule, const struct vpngw_fields *f, int ifindex,
		       struct vpngw_rule_verdict *v)
{
	struct vpngw_fields reply;

	vpngw_fields_reverse(&reply, f);
	vpngw_static_to_local(rule, &reply.t);
	return permits(rule, &reply, ifindex, v);
}

/**
 * vpngw_statics_judge_in() - does a static rule want to translate an inbound packet?
 * @net: namespace
 * @config: compiled configuration
 * @f: what is known of the packet, destination still inside global
 * @in_ifindex: device by which it came
 * @v: the verdict; filled in if so
 *
 * Context: the caller holds RCU. Changes nothing.
 * Return: true if so
 */
bool vpngw_statics_judge_in(const struct net *net, const struct vpngw_config *config,
			    const struct vpngw_fields *f, int in_ifindex,
			    struct vpngw_rule_verdict *v)
{
	struct vpngw_statics *statics = (struct vpngw_statics *)&config->statics;
	const struct vpngw_static *s;
	__be32 global;

	memset(v, 0, sizeof(*v));
	hlist_for_each_entry(s, bucket(statics->by_global, f->t.dst.ip), by_global)
		if (half_match(s, s->global.ip, s->global_port, f, f->t.dst.ip, f->t.dport) &&
		    permits_in(rule_of(s), f, in_ifindex, v))
			return true;
	hlist_for_each_entry(s, &statics->wide_global, by_global)
		if (global_of(net, rule_of(s), &global) &&
		    half_match(s, global, s->global_port, f, f->t.dst.ip, f->t.dport) &&
		    permits_in(rule_of(s), f, in_ifindex, v))
			return true;
	return false;
}

/**
 * vpngw_statics_own() - is an address the inside global one of a static rule?
 * @config: compiled configuration
 * @addr: address
 * @answer_arp: only if ARP requests for it are to be answered
 *
 * The addresses of interfaces do not count, they are the gateway's anyway.
 *
 * Context: the caller holds RCU.
 * Return: true if so
 */
bool vpngw_statics_own(const struct vpngw_config *config, __be32 addr, bool answer_arp)
{
	struct vpngw_statics *statics = (struct vpngw_statics *)&config->statics;
	const struct vpngw_static *s;

	if (!statics->n)
		return false;
	hlist_for_each_entry(s, bucket(statics->by_global, addr), by_global)
		if (s->global.ip == addr &&
		    !(answer_arp && rule_of(s)->flags & VPNGW_RULE_FLAG_NO_ALIAS))
			return true;
	hlist_for_each_entry(s, &statics->wide_global, by_global)
		if (!by_interface(s) && !((s->global.ip ^ addr) & s->mask) &&
		    !(answer_arp && rule_of(s)->flags & VPNGW_RULE_FLAG_NO_ALIAS))
			return true;
	return false;
}

/**
 * vpngw_static_to_global() - what a reply is addressed to
 * @net: namespace
 * @rule: static rule that matches the outbound packet
 * @in: tuple of the reply, destination still inside local
 *
 * Context: the caller holds RCU.
 * Return: false if the rule uses an interface that has no address
 */
bool vpngw_static_to_global(const struct net *net, const struct vpngw_rule *rule,
			    struct vpngw_tuple *in)
{
	const struct vpngw_static *s = &rule->fixed;
	__be32 global;

	if (!global_of(net, rule, &global))
		return false;
	in->dst.ip = (global & s->mask) | (in->dst.ip & ~s->mask);
	if (s->proto)
		in->dport = s->global_port;
	return true;
}

/**
 * vpngw_static_to_local() - whom an inbound packet is for
 * @rule: static rule that matches the inbound packet
 * @out: tuple of the reply, source still inside global
 */
void vpngw_static_to_local(const struct vpngw_rule *rule, struct vpngw_tuple *out)
{
	const struct vpngw_static *s = &rule->fixed;

	out->src.ip = (s->local.ip & s->mask) | (out->src.ip & ~s->mask);
	if (s->proto)
		out->sport = s->local_port;
}
