// SPDX-License-Identifier: GPL-2.0
/* show ip nat translations, show ip nat statistics */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "ctl.h"

/**
 * view_free - free what a view was fetched into
 * @v: view
 */
void view_free(struct view *v)
{
	struct vg_config **all = (struct vg_config **)v;

	for (size_t i = 0; i < sizeof(*v) / sizeof(*all); i++)
		vg_config_free(all[i]);
	memset(v, 0, sizeof(*v));
}

/**
 * view_iface_name - name of an interface in the configuration
 * @iface: interfaces
 * @ifindex: device
 * @buf: used where there is none
 *
 * Return: the name.
 */
const char *view_iface_name(const struct vg_config *iface, uint32_t ifindex, char buf[32])
{
	for (size_t i = 0; iface && i < iface->iface.n; i++) {
		if (iface->iface.v[i].ifindex == ifindex)
			return iface->iface.v[i].name;
	}
	snprintf(buf, 32, "ifindex %u", ifindex);
	return buf;
}

static void print_end(FILE *out, int width, bool given, uint32_t addr, bool port_given,
		      uint16_t port)
{
	char a[VG_ADDR_LEN], text[VG_ADDR_LEN + 8];

	if (!given)
		snprintf(text, sizeof(text), "---");
	else if (port_given)
		snprintf(text, sizeof(text), "%s:%u", vg_addr_str(addr, a), port);
	else
		snprintf(text, sizeof(text), "%s", vg_addr_str(addr, a));
	/* A column that is full still needs its blank. */
	fprintf(out, width ? "%-*s" : "%*s", width, text);
	if (width && (int)strlen(text) >= width)
		fputc(' ', out);
}

static void print_net(FILE *out, uint32_t addr, uint8_t prefix_len)
{
	char a[VG_ADDR_LEN], text[VG_ADDR_LEN + 4];

	snprintf(text, sizeof(text), "%s/%u", vg_addr_str(addr, a), prefix_len);
	fprintf(out, "%-18s ", text);
}

static const char *hms(uint32_t seconds, char buf[16])
{
	snprintf(buf, 16, "%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
	return buf;
}

static void print_verbose(FILE *out, const struct vg_xlate *x)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} flags[] = {
		{ VPNGW_XLATE_FLAG_EXTENDED, "extended" },
		{ VPNGW_XLATE_FLAG_STATIC, "static" },
		{ VPNGW_XLATE_FLAG_TIMING_OUT, "timing-out" },
		{ VPNGW_XLATE_FLAG_SEEN_REPLY, "seen-reply" },
	};
	const char *comma = "";
	char a[16], b[16], d[16];

	fprintf(out, "    create %s, use %s, left %s,\n    flags: ", hms(x->age, a),
		hms(x->idle, b), hms(x->left, d));
	for (size_t i = 0; i < VG_ARRAY_SIZE(flags); i++) {
		if (!(x->flags & flags[i].bit))
			continue;
		fprintf(out, "%s%s", comma, flags[i].name);
		comma = ", ";
	}
	fprintf(out, "%s", *comma ? "" : "none");
	if (x->pool[0])
		fprintf(out, ", pool %s", x->pool);
	fprintf(out, ", rule %u\n", x->rule);
}

/* IOS lists what is fixed among the translations, without an outside. */
static void print_fixed(FILE *out, const struct vg_nat_rule *r)
{
	const struct vg_static *s = &r->fixed;
	char proto[12];

	fprintf(out, "%-3s ", s->proto ? vg_proto_name(s->proto, proto) : "---");
	if (s->prefix_len < 32) {
		print_net(out, s->global, s->prefix_len);
		print_net(out, s->local, s->prefix_len);
	} else {
		print_end(out, 19, true, s->global, s->proto, s->global_port);
		print_end(out, 19, true, s->local, s->proto, s->local_port);
	}
	print_end(out, 19, false, 0, false, 0);
	print_end(out, 0, false, 0, false, 0);
	fputc('\n', out);
}

/* The address that a static rule has from its interface now. */
static void resolve_global(struct vg_nat_rule *r)
{
	char device[IF_NAMESIZE];
	struct ifaddrs *list, *a;

	if (!r->iface.ifindex || !if_indextoname(r->iface.ifindex, device) || getifaddrs(&list))
		return;
	for (a = list; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET ||
		    strcmp(a->ifa_name, device))
			continue;
		r->fixed.global = ntohl(((struct sockaddr_in *)a->ifa_addr)->sin_addr.s_addr);
		break;
	}
	freeifaddrs(list);
}

static void view_static(FILE *out, const struct vg_config *rules)
{
	for (size_t i = 0; i < rules->rule.n; i++) {
		struct vg_nat_rule r = rules->rule.v[i];

		if (!(r.flags & VPNGW_RULE_FLAG_STATIC))
			continue;
		resolve_global(&r);
		print_fixed(out, &r);
	}
}

void view_translations(FILE *out, const struct vg_config *state, const struct vg_config *rules,
		       bool verbose)
{
	char proto[12];

	fprintf(out, "%-4s%-19s%-19s%-19s%s\n", "Pro", "Inside global", "Inside local",
		"Outside local", "Outside global");
	view_static(out, rules);
	for (size_t i = 0; i < state->xlate.n; i++) {
		const struct vg_xlate *x = &state->xlate.v[i];
		bool extended = x->flags & VPNGW_XLATE_FLAG_EXTENDED;

		/* "icmp" fills its column, and IOS still leaves a blank after it. */
		fprintf(out, "%-3s ", x->proto ? vg_proto_name(x->proto, proto) : "---");
		print_end(out, 19, true, x->inside_global, extended, x->inside_global_port);
		print_end(out, 19, true, x->inside_local, extended, x->inside_local_port);
		print_end(out, 19, extended, x->outside_local, true, x->outside_local_port);
		print_end(out, 0, extended, x->outside_global, true, x->outside_global_port);
		fputc('\n', out);
		if (verbose)
			print_verbose(out, x);
	}
}

static void print_side(FILE *out, const struct vg_config *iface, const char *title, uint32_t flag)
{
	const char *comma = "";

	fprintf(out, "%s interfaces:\n  ", title);
	for (size_t i = 0; i < iface->iface.n; i++) {
		if (!(iface->iface.v[i].flags & flag))
			continue;
		fprintf(out, "%s%s", comma, iface->iface.v[i].name);
		comma = ", ";
	}
	fputc('\n', out);
}

static void print_pool(FILE *out, const struct vg_pool *pool)
{
	static const char * const types[] = { "generic", "match-host", "rotary" };
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

	fprintf(out, " pool %s: netmask %s\n", pool->name,
		vg_addr_str(vg_len_mask(pool->prefix_len), a));
	for (size_t i = 0; i < pool->n; i++)
		fprintf(out, "\tstart %s end %s\n", vg_addr_str(pool->range[i].start, a),
			vg_addr_str(pool->range[i].end, b));
	fprintf(out, "\ttype %s, total addresses %u, allocated %u (%u%%), misses %llu\n",
		pool->type < VG_ARRAY_SIZE(types) ? types[pool->type] : "unknown", pool->total,
		pool->allocated,
		pool->total ? (unsigned int)(100ULL * pool->allocated / pool->total) : 0,
		(unsigned long long)pool->misses);
}

static void print_limits(FILE *out, const struct vg_nat *nat)
{
	char addr[VG_ADDR_LEN];

	for (size_t i = 0; i < nat->n_host_limit; i++) {
		const struct vg_host_limit *limit = &nat->host_limit[i];

		fputs("max-entries ", out);
		if (limit->acl.name[0])
			fprintf(out, "list %s: max allowed %u, used %u\n", limit->acl.name,
				limit->entries, limit->count);
		else if (limit->addr)
			fprintf(out, "host %s: max allowed %u\n", vg_addr_str(limit->addr, addr),
				limit->entries);
		else
			fprintf(out, "all-host: max allowed %u\n", limit->entries);
	}
}

void view_nat_statistics(FILE *out, const struct view *v)
{
	const struct vg_nat *nat = &v->nat->nat;
	char name[32];

	fprintf(out, "Total active translations: %u (%u static, %u dynamic; %u extended)\n",
		nat->n_static + nat->dynamic, nat->n_static, nat->dynamic, nat->extended);
	print_side(out, v->iface, "Outside", VPNGW_IFACE_FLAG_NAT_OUTSIDE);
	print_side(out, v->iface, "Inside", VPNGW_IFACE_FLAG_NAT_INSIDE);
	fprintf(out, "Hits: %llu  Misses: %llu\n", (unsigned long long)nat->hits,
		(unsigned long long)nat->misses);
	fprintf(out, "Exempt packets: %llu\n", (unsigned long long)nat->exempt);
	fprintf(out, "Expired translations: %llu\n", (unsigned long long)nat->expired);
	print_limits(out, nat);
	fputs("Dynamic mappings:\n-- Inside Source\n", out);
	for (size_t i = 0; i < v->rule->rule.n; i++) {
		const struct vg_nat_rule *r = &v->rule->rule.v[i];
		const struct vg_pool *pool = vg_pool_find(v->pool, r->pool.name);

		if (r->flags & VPNGW_RULE_FLAG_STATIC)
			continue;
		if (r->acl.name[0])
			fprintf(out, "access-list %s", r->acl.name);
		else
			fprintf(out, "route-map %s", r->route_map.name);
		if (r->pool.name[0])
			fprintf(out, " pool %s", r->pool.name);
		else
			fprintf(out, " interface %s",
				view_iface_name(v->iface, r->iface.ifindex, name));
		fprintf(out, " refcount %u\n", r->translations);
		if (pool)
			print_pool(out, pool);
	}
}

/* show ip nat translations [verbose] */
int cmd_show_translations(struct ctl *c, const struct vg_match *m)
{
	struct json_object *obj, *list;
	struct vg_config *state, *rules;

	if (ctl_fetch(c, VPNGW_CMD_NAT_RULE_GET, &rules))
		return EXIT_REFUSED;
	if (ctl_fetch(c, VPNGW_CMD_XLATE_GET, &state)) {
		vg_config_free(rules);
		return EXIT_REFUSED;
	}
	if (c->json) {
		obj = json_object_new_object();
		list = json_object_new_array();
		for (size_t i = 0; i < rules->rule.n; i++) {
			struct vg_nat_rule *r = &rules->rule.v[i];

			if (!(r->flags & VPNGW_RULE_FLAG_STATIC))
				continue;
			resolve_global(r);
			json_object_array_add(list, json_fixed(r));
		}
		for (size_t i = 0; i < state->xlate.n; i++)
			json_object_array_add(list, json_xlate(&state->xlate.v[i]));
		json_object_object_add(obj, "translations", list);
		ctl_print_json(c, obj);
	} else {
		view_translations(c->out, state, rules, vg_has(m, "verbose"));
	}
	vg_config_free(state);
	vg_config_free(rules);
	return EXIT_OK;
}

/* show ip nat statistics */
int cmd_show_nat_statistics(struct ctl *c, const struct vg_match *m)
{
	struct view v = { 0 };
	int ret = EXIT_REFUSED;

	if (!ctl_fetch(c, VPNGW_CMD_IFACE_GET, &v.iface) &&
	    !ctl_fetch(c, VPNGW_CMD_POOL_GET, &v.pool) &&
	    !ctl_fetch(c, VPNGW_CMD_NAT_RULE_GET, &v.rule) &&
	    !ctl_fetch(c, VPNGW_CMD_NAT_GET, &v.nat)) {
		if (c->json)
			ctl_print_json(c, json_nat_statistics(&v));
		else
			view_nat_statistics(c->out, &v);
		ret = EXIT_OK;
	}
	view_free(&v);
	return ret;
}
