// SPDX-License-Identifier: GPL-2.0
/*
 * Making translations, and judging them again.
 *
 * Inserting the reverse tuple if it is absent is the allocation: there is no
 * second record of which ports of an address are taken.
 */
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/random.h>

#include "nl_event.h"
#include "pool.h"
#include "port.h"
#include "trace.h"
#include "xlate_table.h"

#define PORT_PROBES	512	/* covers the two lower port classes entirely */
/* Addresses that a flow looks at, and those among them where it looks for a port */
#define SHARED_VISITS	1024
#define SHARED_PROBES	16

/**
 * struct making - a translation on its way into the table
 * @table: the table, whose lock is held
 * @pkt: packet that needs it
 * @rule: rule that wants it
 * @x: translation being filled in
 * @dir: direction of @pkt
 * @probed: ports have been looked for
 * @gone: translations that were in the way and have ended
 */
struct making {
	struct vpngw_xlate_table	*table;
	struct vpngw_pkt		*pkt;
	const struct vpngw_rule		*rule;
	struct vpngw_xlate		*x;
	enum vpngw_xlate_dir		dir;
	bool				probed;
	struct vpngw_xlate		*gone;
};

static bool rule_is_static(const struct vpngw_rule *rule)
{
	return rule->flags & VPNGW_RULE_FLAG_STATIC;
}

/* The address of an interface is shared, whether the rule says so or not. */
static bool rule_overloads(const struct vpngw_rule *rule)
{
	return !rule_is_static(rule) &&
	       rule->flags & (VPNGW_RULE_FLAG_OVERLOAD | VPNGW_RULE_FLAG_INTERFACE);
}

static bool rule_extends(const struct vpngw_rule *rule)
{
	return rule->rm || rule_overloads(rule) || rule_is_static(rule);
}

/* Is the tuple free in this direction? What is past its time gives way. */
static bool tuple_free(struct making *m, enum vpngw_xlate_dir dir)
{
	struct vpngw_xlate *x = vpngw_xlate_clash(m->table, m->x, dir);

	if (!x)
		return true;
	if (!vpngw_xlate_stale(x))
		return false;
	vpngw_xlate_unlink_stale(m->table, x, &m->gone);
	return true;
}

static void set_global_port(struct vpngw_tuple *in, u16 port)
{
	in->dport = htons(port);
	if (in->proto == IPPROTO_ICMP)
		in->sport = in->dport;
}

static bool port_free(struct making *m, const struct vpngw_tuple *in)
{
	/* the cheaper question first; what is past its time may end for another's sake */
	return tuple_free(m, VPNGW_XLATE_IN) && vpngw_port_usable(m->pkt, m->rule, in);
}

/* Each port of a class, one after the other, beginning anywhere. */
static bool sweep_class(struct making *m, struct vpngw_tuple *in, u16 lo, u32 span)
{
	u32 offset = reciprocal_scale(get_random_u32(), span);
	u32 i;

	for (i = 0; i < span; i++) {
		set_global_port(in, lo + offset);
		if (port_free(m, in))
			return true;
		offset = (offset + 1) % span;
	}
	return false;
}

/* Taken ports stand in long rows: with one port free in twenty, twenty are tried. */
static bool try_random(struct making *m, struct vpngw_tuple *in, u16 lo, u32 span)
{
	u32 i;

	for (i = 0; i < PORT_PROBES; i++) {
		set_global_port(in, lo + reciprocal_scale(get_random_u32(), span));
		if (port_free(m, in))
			return true;
	}
	return false;
}

/* Those that ended since all ports were taken. */
static bool try_freed(struct making *m, struct vpngw_tuple *in, struct vpngw_sweep *sweep,
		      u16 lo)
{
	u16 port;

	while (sweep->n_freed) {
		port = sweep->freed[--sweep->n_freed];
		set_global_port(in, port);
		if (port >= lo && port_free(m, in))
			return true;
	}
	return false;
}

/* Another port of the class, if one is free. The few ports of the lower classes are all
 * tried, those of the large class only if no luck helps, see &struct vpngw_sweeps.
 */
static enum vpngw_reason search_port(struct making *m, struct vpngw_tuple *in, u16 lo, u16 hi)
{
	struct vpngw_sweeps *sweeps = &m->table->sweeps;
	u32 span = hi - lo + 1;
	struct vpngw_sweep *sweep;
	bool known, found;

	m->probed = true;
	if (span <= PORT_PROBES)
		return sweep_class(m, in, lo, span) ? VPNGW_OK : VPNGW_REASON_NAT_CLASH;

	sweep = vpngw_sweep_place(sweeps, in);
	known = vpngw_sweep_known(sweep, in);
	if (known && try_freed(m, in, sweep, lo))
		return VPNGW_OK;
	if (known && !sweep->more) {
		m->probed = false;
		return VPNGW_REASON_NAT_CLASH;
	}
	if (try_random(m, in, lo, span))
		return VPNGW_OK;
	/* another one is remembered at this place: its second has to pass */
	if (!known && vpngw_sweep_busy(sweep))
		return VPNGW_REASON_NAT_CLASH;
	found = sweep_class(m, in, lo, span);
	vpngw_sweep_set(sweeps, in, found);
	return found ? VPNGW_OK : VPNGW_REASON_NAT_CLASH;
}

static enum vpngw_reason choose_port(struct making *m, struct vpngw_tuple *in)
{
	u16 want = ntohs(m->x->n[VPNGW_XLATE_OUT].tuple.sport);
	u16 lo, hi;

	if (port_free(m, in))
		return VPNGW_OK;
	if (!vpngw_port_rewritable(in->proto))
		return VPNGW_REASON_NAT_CLASH;
	vpngw_port_class(in->proto, want, &lo, &hi);
	return search_port(m, in, lo, hi);
}

/* Fill in the inbound tuple with this global address, if that is possible. */
static enum vpngw_reason try_address(struct making *m, const union nf_inet_addr *global)
{
	struct vpngw_tuple *in = &m->x->n[VPNGW_XLATE_IN].tuple;

	vpngw_tuple_reverse(in, &m->x->n[VPNGW_XLATE_OUT].tuple);
	in->dst = *global;
	if (rule_overloads(m->rule))
		return choose_port(m, in);
	return tuple_free(m, VPNGW_XLATE_IN) ? VPNGW_OK : VPNGW_REASON_NAT_CLASH;
}

/* Nothing is chosen here: the rule says what becomes of the one half. */
static enum vpngw_reason take_static(struct making *m)
{
	struct vpngw_tuple *out = &m->x->n[VPNGW_XLATE_OUT].tuple;
	struct vpngw_tuple *in = &m->x->n[VPNGW_XLATE_IN].tuple;

	if (m->dir == VPNGW_XLATE_IN)
		return tuple_free(m, VPNGW_XLATE_OUT) ? VPNGW_OK : VPNGW_REASON_NAT_CLASH;
	vpngw_tuple_reverse(in, out);
	if (!vpngw_static_to_global(m->pkt->vn->net, m->rule, in))
		return VPNGW_REASON_NAT_NO_ADDRESS;
	return tuple_free(m, VPNGW_XLATE_IN) ? VPNGW_OK : VPNGW_REASON_NAT_CLASH;
}

static enum vpngw_reason take_from_iface(struct making *m)
{
	union nf_inet_addr global;

	if (!vpngw_rule_iface_address(m->pkt->vn->net, m->rule, &global))
		return VPNGW_REASON_NAT_NO_ADDRESS;
	return try_address(m, &global);
}

/* Try an address that is held already. */
static enum vpngw_reason try_held(struct making *m, struct vpngw_binding *b)
{
	enum vpngw_reason reason;

	/* an obstacle that ends may be the last to hold the address */
	vpngw_binding_get(m->table, b);
	reason = try_address(m, &b->addr);
	if (reason == VPNGW_OK)
		m->x->binding = b;
	else
		vpngw_binding_put(m->table, b);
	return reason;
}

/* The address of this host; there may be none. */
static enum vpngw_reason take_own(struct making *m, const union nf_inet_addr *inside)
{
	struct vpngw_binding *b;

	b = vpngw_binding_next(m->table, m->rule->pool, inside, NULL);
	return b ? try_held(m, b) : VPNGW_REASON_NAT_POOL_EXHAUSTED;
}

/*
 * One of the addresses that hosts share, beginning with the one that served last. Who
 * finds no port at as many as it may look at leaves the others to the next packet.
 */
static enum vpngw_reason take_shared(struct making *m)
{
	struct vpngw_pool *pool = m->rule->pool;
	const union nf_inet_addr nobody = {};
	struct vpngw_binding *b, *next, *first;
	int visits, probes = 0;

	first = pool->shared ?: vpngw_binding_next(m->table, pool, &nobody, NULL);
	b = first;
	for (visits = 0; b && visits < SHARED_VISITS && probes < SHARED_PROBES; visits++) {
		next = vpngw_binding_next(m->table, pool, &nobody, b) ?:
		       vpngw_binding_next(m->table, pool, &nobody, NULL);
		m->probed = false;
		pool->shared = next;
		if (try_held(m, b) == VPNGW_OK) {
			pool->shared = b;
			return VPNGW_OK;
		}
		probes += m->probed;
		if (next == first)
			break;
		b = next;
	}
	return VPNGW_REASON_NAT_POOL_EXHAUSTED;
}

static enum vpngw_reason take_from_pool(struct making *m)
{
	const union nf_inet_addr *inside = &m->x->n[VPNGW_XLATE_OUT].tuple.src;
	bool shared = vpngw_rule_shares(m->rule);
	enum vpngw_reason reason;
	struct vpngw_binding *b;

	reason = shared ? take_shared(m) : take_own(m, inside);
	if (reason == VPNGW_OK)
		return VPNGW_OK;
	/* a host has one address, so a clash there is the end of it */
	if (!shared && reason != VPNGW_REASON_NAT_POOL_EXHAUSTED)
		return reason;

	b = vpngw_binding_make(m->table, m->rule->pool, shared, inside, &reason);
	if (!b) {
		if (reason == VPNGW_REASON_NAT_POOL_EXHAUSTED)
			m->rule->pool->misses++;
		return reason;
	}
	if (shared)
		m->rule->pool->shared = b;
	reason = try_address(m, &b->addr);
	if (reason == VPNGW_OK)
		m->x->binding = b;
	else
		vpngw_binding_put(m->table, b);
	return reason;
}

/* The tuple by which the packet in hand finds the translation. */
static void set_tuple(struct making *m)
{
	struct vpngw_tuple *out = &m->x->n[VPNGW_XLATE_OUT].tuple;
	const struct vpngw_tuple *t = &m->pkt->f.t;

	if (m->dir == VPNGW_XLATE_IN) {
		m->x->n[VPNGW_XLATE_IN].tuple = *t;
		vpngw_tuple_reverse(out, t);
		vpngw_static_to_local(m->rule, out);
		m->x->flags = VPNGW_XLATE_FLAG_EXTENDED;
		return;
	}
	if (rule_extends(m->rule)) {
		*out = *t;
		m->x->flags = VPNGW_XLATE_FLAG_EXTENDED;
	} else {
		memset(out, 0, sizeof(*out));
		out->src = t->src;
		out->family = t->family;
	}
}

/* The device on the outside of a packet. */
static int outside_ifindex(const struct vpngw_pkt *pkt, enum vpngw_xlate_dir dir)
{
	const struct net_device *dev = dir == VPNGW_XLATE_OUT ? pkt->out : pkt->in;

	return dev ? dev->ifindex : 0;
}

static enum vpngw_reason take_place(struct making *m)
{
	if (rule_is_static(m->rule))
		return take_static(m);
	if (m->rule->flags & VPNGW_RULE_FLAG_INTERFACE)
		return take_from_iface(m);
	if (m->rule->pool)
		return take_from_pool(m);
	return VPNGW_REASON_UNSUPPORTED;
}

static enum vpngw_reason make_new(struct making *m)
{
	const struct vpngw_config *config = m->pkt->config;
	struct vpngw_xlate_table *table = m->table;
	struct vpngw_xlate *x = m->x;
	enum vpngw_reason reason;

	/* neither tells which flow it belongs to */
	if ((x->flags & VPNGW_XLATE_FLAG_EXTENDED) &&
	    (m->pkt->icmp_error || m->pkt->f.later_fragment))
		return VPNGW_REASON_NAT_UNTRANSLATABLE;
	if (table->n >= (config->timers.max_entries ?: table->max))
		return VPNGW_REASON_NAT_TABLE_FULL;
	reason = vpngw_host_take(table, rcu_dereference_protected(m->pkt->vn->config,
								  lockdep_is_held(&table->lock)),
				 &x->n[VPNGW_XLATE_OUT].tuple.src, &x->host);
	if (reason != VPNGW_OK)
		return reason;
	reason = take_place(m);
	if (reason != VPNGW_OK) {
		vpngw_host_give(table, x->host);
		return reason;
	}

	x->generation = config->generation;
	x->out_ifindex = outside_ifindex(m->pkt, m->dir);
	x->rule = m->rule->index;
	x->fixed = rule_is_static(m->rule);
	x->tos = m->pkt->f.tos;
	x->tcp_flags = m->pkt->f.tcp_flags;
	x->icmp_type = m->pkt->f.icmp_type;
	x->icmp_code = m->pkt->f.icmp_code;
	vpngw_xlate_time_start(x, &config->timers, m->pkt->f.tcp_flags, m->dir);
	vpngw_xlate_link(table, x);
	return VPNGW_OK;
}

/*
 * Find the rule in the configuration that is in force now. Until the lock is
 * dropped it stays in force, and so no address is taken from a pool of the past.
 */
static enum vpngw_reason judge_locked(struct making *m, const struct vpngw_rule_verdict *v)
{
	struct vpngw_pkt *pkt = m->pkt;
	const struct vpngw_config *config;
	struct vpngw_rule_verdict again;

	config = rcu_dereference_protected(pkt->vn->config, lockdep_is_held(&m->table->lock));
	if (likely(config == pkt->config)) {
		m->rule = v->rule;
		return VPNGW_OK;
	}
	/* work is being stopped in this namespace */
	if (!config)
		return VPNGW_REASON_NAT_UNTRANSLATABLE;
	/* the packet's interface may have lost its roles: the next one is judged anew */
	if (m->dir == VPNGW_XLATE_IN)
		return VPNGW_REASON_NAT_NO_TRANSLATION;
	vpngw_rules_judge(config, &pkt->f, outside_ifindex(pkt, m->dir), &again);
	pkt->config = config;
	m->rule = again.rule;
	return VPNGW_OK;
}

/* VPNGW_OK with @found NULL means exempt. */
static enum vpngw_reason make_locked(struct making *m, const struct vpngw_rule_verdict *v,
				     struct vpngw_xlate **found)
{
	enum vpngw_reason reason;
	struct vpngw_xlate *x;

	*found = NULL;
	reason = judge_locked(m, v);
	if (reason != VPNGW_OK || !m->rule)
		return reason;

	set_tuple(m);
	x = vpngw_xlate_clash(m->table, m->x, m->dir);
	if (x && !vpngw_xlate_stale(x) &&
	    READ_ONCE(x->generation) == m->pkt->config->generation) {
		*found = x;
		return VPNGW_OK;
	}
	if (x && vpngw_xlate_stale(x))
		vpngw_xlate_unlink_stale(m->table, x, &m->gone);
	else if (x)
		vpngw_xlate_unlink(m->table, x, "configuration", &m->gone);

	reason = make_new(m);
	if (reason == VPNGW_OK)
		*found = m->x;
	return reason;
}

/**
 * vpngw_xlate_create() - make the translation that a packet needs
 * @pkt: packet without a translation; outbound with its source still inside
 *	local, inbound with its destination still inside global
 * @v: what the rules of @pkt->config say of it: translate
 * @dir: its direction; inbound only by a static rule
 * @reason: VPNGW_OK or why there is no translation
 *
 * If another configuration has been published since an outbound packet arrived,
 * its rules are asked again and @pkt->config becomes that configuration: then
 * everything the caller derived from the old one is void, and the crypto map
 * must be the new one's. It may exempt the packet: NULL with VPNGW_OK.
 *
 * The packet is accounted here; the caller does not vpngw_xlate_touch() it.
 *
 * Context: packet path, under RCU. Takes the table's lock.
 * Return: the translation, which another CPU may have made meanwhile, or NULL.
 * NULL with another reason than VPNGW_OK is never to be sent untranslated.
 */
struct vpngw_xlate *vpngw_xlate_create(struct vpngw_pkt *pkt,
				       const struct vpngw_rule_verdict *v,
				       enum vpngw_xlate_dir dir,
				       enum vpngw_reason *reason)
{
	struct vpngw_xlate_table *table = pkt->vn->xlates;
	struct making m = { .table = table, .pkt = pkt, .dir = dir };
	struct vpngw_xlate *x;

	this_cpu_inc(table->count->misses);
	m.x = vpngw_xlate_new();
	if (!m.x) {
		*reason = VPNGW_REASON_NO_MEMORY;
		return NULL;
	}

	spin_lock_bh(&table->lock);
	*reason = make_locked(&m, v, &x);
	spin_unlock_bh(&table->lock);

	vpngw_xlate_bury(pkt->vn, m.gone);
	if (x != m.x) {
		vpngw_xlate_discard(m.x);
		if (x)
			vpngw_xlate_touch(pkt, x, dir);
		return x;
	}
	trace_translation_new(pkt->vn->net, x, "new");
	vpngw_event_xlate(pkt->vn, x, "new");
	return x;
}

/* The packet for which an extended translation was made, as one of that direction. */
static void fields_of(const struct vpngw_xlate *x, enum vpngw_xlate_dir dir,
		      struct vpngw_fields *f)
{
	memset(f, 0, sizeof(*f));
	f->t = x->n[dir].tuple;
	f->tos = x->tos;
	f->tcp_flags = x->tcp_flags;
	f->icmp_type = x->icmp_type;
	f->icmp_code = x->icmp_code;
	switch (f->t.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		f->ports = true;
		break;
	}
}

/* The packet as an outbound one, its source inside local. */
static void fields_outbound(const struct vpngw_xlate *x, const struct vpngw_fields *f,
			    enum vpngw_xlate_dir dir, struct vpngw_fields *out)
{
	if (dir == VPNGW_XLATE_OUT)
		*out = *f;
	else
		vpngw_fields_answer(out, f);
	out->t.src = x->n[VPNGW_XLATE_OUT].tuple.src;
}

/* Would this rule give the flow the global address that it has? */
static bool still_justified(const struct vpngw_net *vn, const struct vpngw_rule *rule,
			    const struct vpngw_xlate *x)
{
	const union nf_inet_addr *global = &x->n[VPNGW_XLATE_IN].tuple.dst;
	const struct vpngw_binding *b = x->binding;
	union nf_inet_addr addr;
	struct vpngw_tuple in;

	if (rule_extends(rule) != !!(READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED))
		return false;
	if (rule_is_static(rule)) {
		vpngw_tuple_reverse(&in, &x->n[VPNGW_XLATE_OUT].tuple);
		return !b && vpngw_static_to_global(vn->net, rule, &in) &&
		       in.dst.ip == global->ip && in.dport == x->n[VPNGW_XLATE_IN].tuple.dport;
	}
	if (rule->flags & VPNGW_RULE_FLAG_INTERFACE)
		return !b && vpngw_rule_iface_address(vn->net, rule, &addr) &&
		       addr.ip == global->ip;
	if (!b || !rule->pool || READ_ONCE(b->orphan) || vpngw_rule_shares(rule) != !b->inside.ip)
		return false;
	return !strcmp(rcu_dereference(b->pool)->name, rule->pool->name) &&
	       vpngw_pool_contains(rule->pool, global);
}

/* Under this configuration, or under one that came after it. */
static bool judged_already(const struct vpngw_config *config, const struct vpngw_xlate *x)
{
	return (s32)(READ_ONCE(x->generation) - config->generation) >= 0;
}

/*
 * Does a static rule let the flow in by the place outside that it has? An inside host
 * can have several of these (extendable), of which a look from inside finds the first.
 */
static bool still_fixed(const struct vpngw_net *vn, const struct vpngw_config *config,
			const struct vpngw_xlate *x, struct vpngw_rule_verdict *v)
{
	const struct vpngw_tuple *local = &x->n[VPNGW_XLATE_OUT].tuple;
	struct vpngw_tuple out;
	struct vpngw_fields f;

	if (!config->statics.n)
		return false;
	fields_of(x, VPNGW_XLATE_IN, &f);
	if (!vpngw_statics_judge_in(vn->net, config, &f, x->out_ifindex, v))
		return false;
	vpngw_tuple_reverse(&out, &f.t);
	vpngw_static_to_local(v->rule, &out);
	return out.src.ip == local->src.ip && out.sport == local->sport;
}

/*
 * Is there a rule in a configuration that would make the same translation? What its
 * list asks beside the flow's tuple, such as TCP flags, an extended one answers as when
 * it was made. One from address to address has no flow: the packet in hand is judged.
 */
static bool rule_for(const struct vpngw_net *vn, const struct vpngw_config *config,
		     const struct vpngw_xlate *x, const struct vpngw_fields *f,
		     enum vpngw_xlate_dir dir, struct vpngw_rule_verdict *v)
{
	struct vpngw_fields out;

	if (READ_ONCE(x->fixed) && still_fixed(vn, config, x, v))
		return true;
	if (READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED)
		fields_of(x, VPNGW_XLATE_OUT, &out);
	else
		fields_outbound(x, f, dir, &out);
	vpngw_rules_judge(config, &out, x->out_ifindex, v);
	return v->rule && still_justified(vn, v->rule, x);
}

/*
 * Is an entry from address to address still wanted, although the packet in hand is
 * exempt? That says nothing of the host's other packets, but where the rules ask for
 * nothing but who the host is.
 */
static bool spared(const struct vpngw_config *config, const struct vpngw_xlate *x,
		   const struct vpngw_rule_verdict *v)
{
	const union nf_inet_addr *global = &x->n[VPNGW_XLATE_IN].tuple.dst;
	const struct vpngw_binding *b = x->binding;
	const struct vpngw_rule *rule;
	const char *name;

	if (v->rule || config->by_host || !b || READ_ONCE(b->orphan) ||
	    READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED)
		return false;
	name = rcu_dereference(b->pool)->name;
	list_for_each_entry(rule, &config->rules, node)
		if (!rule_extends(rule) && rule->pool && !strcmp(rule->pool->name, name) &&
		    vpngw_pool_contains(rule->pool, global))
			return true;
	return false;
}

/**
 * vpngw_xlate_preview() - what would a new translation be?
 * @vn: namespace
 * @v: what the rules say of the packet: translate
 * @t: tuple of the packet, source still inside local
 * @p: receives what is known beforehand
 *
 * Changes nothing.
 *
 * Context: RCU read side. Takes the table's lock.
 */
void vpngw_xlate_preview(struct vpngw_net *vn, const struct vpngw_rule_verdict *v,
			 const struct vpngw_tuple *t, struct vpngw_xlate_preview *p)
{
	const struct vpngw_rule *rule = v->rule;
	const union nf_inet_addr shared = {};
	const struct vpngw_binding *b;
	struct vpngw_tuple in;

	memset(p, 0, sizeof(*p));
	if (rule_is_static(rule)) {
		vpngw_tuple_reverse(&in, t);
		p->sure = vpngw_static_to_global(vn->net, rule, &in);
		p->addr = in.dst;
		p->port = in.dport;
	} else if (rule->flags & VPNGW_RULE_FLAG_INTERFACE) {
		p->sure = vpngw_rule_iface_address(vn->net, rule, &p->addr);
	}
	if (!rule->pool) {
		p->exhausted = !p->sure;
		return;
	}

	spin_lock_bh(&vn->xlates->lock);
	b = vpngw_binding_next(vn->xlates, rule->pool,
			       vpngw_rule_shares(rule) ? &shared : &t->src, NULL);
	p->free = rule->pool->total - min(rule->pool->total, rule->pool->allocated);
	p->exhausted = !b && !p->free;
	p->addr.ip = b ? b->addr.ip : htonl(rule->pool->range[0].start);
	p->sure = b && !vpngw_rule_shares(rule);
	spin_unlock_bh(&vn->xlates->lock);
}

/**
 * vpngw_xlate_justified() - would a packet be translated by this still?
 * @vn: namespace
 * @config: configuration in force for the packet in hand
 * @x: translation that the packet found
 * @f: as for vpngw_xlate_revalidate()
 * @dir: as for vpngw_xlate_revalidate()
 *
 * Context: packet path, under RCU. Changes nothing.
 * Return: true if so
 */
bool vpngw_xlate_justified(const struct vpngw_net *vn, const struct vpngw_config *config,
			   const struct vpngw_xlate *x, const struct vpngw_fields *f,
			   enum vpngw_xlate_dir dir)
{
	struct vpngw_rule_verdict v;

	return judged_already(config, x) || rule_for(vn, config, x, f, dir, &v) ||
	       spared(config, x, &v);
}

/**
 * vpngw_xlate_revalidate() - may a translation still be used?
 * @vn: namespace
 * @config: configuration in force for the packet in hand
 * @x: translation that the packet found
 * @f: what is known of the packet, or of one that an ICMP error is about, as it is
 *	before translation in direction @dir
 * @dir: direction
 *
 * A flow keeps its translation over a reload only if the new configuration
 * would give it the same again. So a flow that has become exempt, because a
 * tunnel to its destination was configured, does not go on leaving in clear
 * under its global address.
 *
 * An entry from address to address that is not for the packet in hand, which is exempt,
 * goes on for the others of its host, and has to be judged by them.
 *
 * A translation judged under a later configuration than the packet's own is
 * left alone.
 *
 * Context: packet path, under RCU. Costs one comparison but after a reload.
 * Return: true if it may; false if it has ended now, and the packet has none.
 */
bool vpngw_xlate_revalidate(struct vpngw_net *vn, const struct vpngw_config *config,
			    struct vpngw_xlate *x, const struct vpngw_fields *f,
			    enum vpngw_xlate_dir dir)
{
	struct vpngw_rule_verdict v;
	struct vpngw_xlate *gone = NULL;

	if (judged_already(config, x))
		return true;
	if (rule_for(vn, config, x, f, dir, &v)) {
		vpngw_xlate_time_reload(x, &config->timers);
		WRITE_ONCE(x->fixed, rule_is_static(v.rule));
		WRITE_ONCE(x->rule, v.rule->index);
		WRITE_ONCE(x->generation, config->generation);
		return true;
	}
	if (spared(config, x, &v))
		return true;

	spin_lock_bh(&vn->xlates->lock);
	vpngw_xlate_unlink(vn->xlates, x, "configuration", &gone);
	spin_unlock_bh(&vn->xlates->lock);
	vpngw_xlate_bury(vn, gone);
	return false;
}

/**
 * vpngw_xlate_wanted() - would the answer to an inbound packet be translated?
 * @config: configuration in force for the packet
 * @x: translation from address to address that the packet found
 * @f: what is known of the packet, destination still inside global
 *
 * Such an entry lets in who never was called. The rules may exempt what the inside host
 * says to them, which then would leave with its inside address.
 *
 * Context: packet path, under RCU. Changes nothing.
 * Return: true if so
 */
bool vpngw_xlate_wanted(const struct vpngw_config *config, const struct vpngw_xlate *x,
			const struct vpngw_fields *f)
{
	struct vpngw_rule_verdict v;
	struct vpngw_fields out;

	if (config->by_host)
		return true;
	fields_outbound(x, f, VPNGW_XLATE_IN, &out);
	vpngw_rules_judge(config, &out, x->out_ifindex, &v);
	return v.rule;
}

/**
 * vpngw_xlate_switch_config() - publish a configuration
 * @vn: namespace
 * @config: compiled configuration, or NULL
 *
 * Bindings move to the new pools and @config is published under one hold of the
 * table's lock, so that nobody takes an address from an old pool after its
 * bindings have left it. Translations whose address is in no pool any more end:
 * at their next packet, or by the worker, which is woken.
 *
 * The old configuration is the caller's to free after a grace period.
 *
 * Context: process context; caller holds &struct vpngw_net.lock.
 */
void vpngw_xlate_switch_config(struct vpngw_net *vn, struct vpngw_config *config)
{
	struct vpngw_xlate_table *table = vn->xlates;
	bool orphans;

	lockdep_assert_held(&vn->lock);

	if (!table) {
		rcu_assign_pointer(vn->config, config);
		return;
	}
	spin_lock_bh(&table->lock);
	orphans = vpngw_bindings_switch(table, config);
	vpngw_hosts_switch(table, config);
	rcu_assign_pointer(vn->config, config);
	spin_unlock_bh(&table->lock);
	if (orphans)
		mod_delayed_work(system_power_efficient_wq, &table->gc, 0);
}
