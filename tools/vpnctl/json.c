// SPDX-License-Identifier: GPL-2.0
/* The model as JSON. Documentation/json-schema.md says what the keys mean. */
#include <string.h>

#include "ctl.h"
#include "names.h"
#include "transform.h"

void json_str(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

void json_num(struct json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

void json_addr(struct json_object *obj, const char *key, uint32_t addr)
{
	char buf[VG_ADDR_LEN];

	json_str(obj, key, vg_addr_str(addr, buf));
}

static void put_bool(struct json_object *obj, const char *key, bool value)
{
	json_object_object_add(obj, key, json_object_new_boolean(value));
}

static const char *action_name(enum vpngw_action action)
{
	return action == VPNGW_ACTION_PERMIT ? "permit" : "deny";
}

static void json_selector(struct json_object *obj, const struct vg_selector *sel)
{
	json_addr(obj, "local", sel->local);
	json_addr(obj, "local_mask", sel->local_mask);
	json_addr(obj, "remote", sel->remote);
	json_addr(obj, "remote_mask", sel->remote_mask);
	if (sel->proto >= 0)
		json_num(obj, "proto", sel->proto);
	if (sel->local_port >= 0)
		json_num(obj, "local_port", sel->local_port);
	if (sel->remote_port >= 0)
		json_num(obj, "remote_port", sel->remote_port);
}

struct json_object *json_sa(const struct vg_sa *sa)
{
	struct json_object *obj = json_object_new_object(), *sel = json_object_new_object();
	const struct vg_transform_info *encr = vg_encr_info(sa->encr);
	const struct vg_transform_info *auth = vg_auth_info(sa->auth);

	json_num(obj, "spi", sa->spi);
	json_str(obj, "direction", sa->dir == VPNGW_DIRECTION_IN ? "in" : "out");
	json_addr(obj, "src", sa->saddr);
	json_addr(obj, "dst", sa->daddr);
	json_str(obj, "map", sa->map);
	json_num(obj, "map_seq", sa->map_seq);
	json_num(obj, "conn_id", sa->conn_id);
	json_str(obj, "mode", sa->mode == VPNGW_MODE_TUNNEL ? "tunnel" : "transport");
	json_str(obj, "cipher", encr ? encr->name : "unknown");
	json_str(obj, "authenticator", auth ? auth->name : "none");
	json_num(obj, "key_bits", sa->key_bits);
	json_selector(sel, &sa->sel);
	json_object_object_add(obj, "selector", sel);
	put_bool(obj, "manual", sa->flags & VPNGW_SA_FLAG_MANUAL);
	put_bool(obj, "esn", sa->flags & VPNGW_SA_FLAG_ESN);
	put_bool(obj, "weak", sa->flags & VPNGW_SA_FLAG_WEAK);
	json_num(obj, "replay_window", sa->replay_window);
	json_num(obj, "hard_seconds", sa->hard_seconds);
	json_num(obj, "hard_kilobytes", sa->hard_kilobytes);
	json_num(obj, "hard_packets", sa->hard_packets);
	json_num(obj, "age", sa->age);
	json_num(obj, "idle", sa->idle);
	json_num(obj, "mtu", sa->mtu);
	json_num(obj, "seq", sa->seq);
	json_num(obj, "packets", sa->packets);
	json_num(obj, "bytes", sa->bytes);
	json_num(obj, "auth_errors", sa->auth_errors);
	json_num(obj, "replay_errors", sa->replay_errors);
	json_num(obj, "errors", sa->errors);
	return obj;
}

struct json_object *json_policy(const struct vg_map_entry *e)
{
	static const char * const types[] = { "ipsec-manual", "ipsec-isakmp", "dynamic" };
	struct json_object *obj = json_object_new_object();

	json_str(obj, "map", e->map);
	json_num(obj, "seq", e->seq);
	json_str(obj, "type", e->type < VG_ARRAY_SIZE(types) ? types[e->type] : "unknown");
	json_str(obj, "acl", e->acl.name);
	json_addr(obj, "peer", e->peer[0]);
	json_num(obj, "out_spi", e->out_spi);
	json_num(obj, "clients", e->clients);
	json_num(obj, "no_sa_drops", e->no_sa_drops);
	json_num(obj, "line", e->at.line);
	return obj;
}

struct json_object *json_xlate(const struct vg_xlate *x)
{
	struct json_object *obj = json_object_new_object();

	json_num(obj, "id", x->id);
	json_num(obj, "proto", x->proto);
	json_addr(obj, "inside_global", x->inside_global);
	json_addr(obj, "inside_local", x->inside_local);
	if (x->flags & VPNGW_XLATE_FLAG_EXTENDED) {
		json_num(obj, "inside_global_port", x->inside_global_port);
		json_num(obj, "inside_local_port", x->inside_local_port);
		json_addr(obj, "outside_local", x->outside_local);
		json_num(obj, "outside_local_port", x->outside_local_port);
		json_addr(obj, "outside_global", x->outside_global);
		json_num(obj, "outside_global_port", x->outside_global_port);
	}
	put_bool(obj, "extended", x->flags & VPNGW_XLATE_FLAG_EXTENDED);
	put_bool(obj, "static", x->flags & VPNGW_XLATE_FLAG_STATIC);
	put_bool(obj, "configured", false);
	put_bool(obj, "timing_out", x->flags & VPNGW_XLATE_FLAG_TIMING_OUT);
	put_bool(obj, "seen_reply", x->flags & VPNGW_XLATE_FLAG_SEEN_REPLY);
	json_num(obj, "rule", x->rule);
	json_str(obj, "pool", x->pool);
	json_num(obj, "age", x->age);
	json_num(obj, "idle", x->idle);
	json_num(obj, "left", x->left);
	return obj;
}

struct json_object *json_acl(const struct vg_acl *acl)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	char text[VG_ACE_TEXT];

	json_str(obj, "name", acl->name);
	json_str(obj, "type", acl->standard ? "standard" : "extended");
	for (size_t i = 0; i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];
		struct json_object *e = json_object_new_object();

		json_num(e, "seq", ace->seq);
		json_str(e, "action", action_name(ace->action));
		json_str(e, "text", vg_ace_text(ace, acl->standard, text));
		json_num(e, "hits", ace->hits);
		json_num(e, "line", ace->at.line);
		json_object_array_add(list, e);
	}
	json_object_object_add(obj, "entries", list);
	return obj;
}

struct json_object *json_route_map(const struct vg_route_map *rm, const struct vg_config *iface)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	char name[32];

	json_str(obj, "name", rm->name);
	for (size_t i = 0; i < rm->n; i++) {
		const struct vg_rm_entry *e = &rm->entry[i];
		struct json_object *j = json_object_new_object();
		struct json_object *acls = json_object_new_array(), *ifs = json_object_new_array();

		json_num(j, "seq", e->seq);
		json_str(j, "action", action_name(e->action));
		for (size_t k = 0; k < e->n_acl; k++)
			json_object_array_add(acls, json_object_new_string(e->acl[k].name));
		for (size_t k = 0; k < e->n_iface; k++) {
			const char *dev = view_iface_name(iface, e->iface[k].ifindex, name);

			json_object_array_add(ifs, json_object_new_string(dev));
		}
		json_object_object_add(j, "match_access_lists", acls);
		json_object_object_add(j, "match_interfaces", ifs);
		json_num(j, "hits", e->hits);
		json_num(j, "line", e->at.line);
		json_object_array_add(list, j);
	}
	json_object_object_add(obj, "entries", list);
	return obj;
}

static struct json_object *json_pool(const struct vg_pool *pool)
{
	static const char * const types[] = { "generic", "match-host", "rotary" };
	struct json_object *obj = json_object_new_object(), *ranges = json_object_new_array();

	json_str(obj, "name", pool->name);
	json_addr(obj, "netmask", vg_len_mask(pool->prefix_len));
	json_str(obj, "type", pool->type < VG_ARRAY_SIZE(types) ? types[pool->type] : "unknown");
	for (size_t i = 0; i < pool->n; i++) {
		struct json_object *r = json_object_new_object();

		json_addr(r, "start", pool->range[i].start);
		json_addr(r, "end", pool->range[i].end);
		json_object_array_add(ranges, r);
	}
	json_object_object_add(obj, "ranges", ranges);
	json_num(obj, "total", pool->total);
	json_num(obj, "allocated", pool->allocated);
	json_num(obj, "misses", pool->misses);
	return obj;
}

static void put_static(struct json_object *obj, const struct vg_nat_rule *r)
{
	const struct vg_static *s = &r->fixed;

	json_addr(obj, "inside_local", s->local);
	if (!r->iface.ifindex)
		json_addr(obj, "inside_global", s->global);
	json_num(obj, "prefix_len", s->prefix_len);
	if (!s->proto)
		return;
	json_num(obj, "proto", s->proto);
	json_num(obj, "inside_local_port", s->local_port);
	json_num(obj, "inside_global_port", s->global_port);
}

/* A static rule among the translations, with the address that it has now. */
struct json_object *json_fixed(const struct vg_nat_rule *r)
{
	struct json_object *obj = json_object_new_object();
	const struct vg_static *s = &r->fixed;

	json_num(obj, "proto", s->proto);
	json_addr(obj, "inside_global", s->global);
	json_addr(obj, "inside_local", s->local);
	json_num(obj, "prefix_len", s->prefix_len);
	if (s->proto) {
		json_num(obj, "inside_global_port", s->global_port);
		json_num(obj, "inside_local_port", s->local_port);
	}
	put_bool(obj, "extended", false);
	put_bool(obj, "static", true);
	put_bool(obj, "configured", true);
	json_num(obj, "rule", r->index);
	json_num(obj, "line", r->at.line);
	return obj;
}

static struct json_object *json_rule(const struct vg_nat_rule *r, const struct vg_config *iface)
{
	struct json_object *obj = json_object_new_object();
	char name[32];

	json_num(obj, "index", r->index);
	if (r->acl.name[0])
		json_str(obj, "list", r->acl.name);
	if (r->route_map.name[0])
		json_str(obj, "route_map", r->route_map.name);
	if (r->pool.name[0])
		json_str(obj, "pool", r->pool.name);
	if (r->iface.ifindex)
		json_str(obj, "interface", view_iface_name(iface, r->iface.ifindex, name));
	put_bool(obj, "overload", r->flags & VPNGW_RULE_FLAG_OVERLOAD);
	put_bool(obj, "static", r->flags & VPNGW_RULE_FLAG_STATIC);
	if (r->flags & VPNGW_RULE_FLAG_STATIC)
		put_static(obj, r);
	json_num(obj, "translations", r->translations);
	json_num(obj, "line", r->at.line);
	return obj;
}

static struct json_object *json_timers(const struct vg_nat *nat)
{
	struct json_object *obj = json_object_new_object();

	json_num(obj, "timeout", nat->timeout);
	json_num(obj, "udp_timeout", nat->udp_timeout);
	json_num(obj, "dns_timeout", nat->dns_timeout);
	json_num(obj, "tcp_timeout", nat->tcp_timeout);
	json_num(obj, "finrst_timeout", nat->finrst_timeout);
	json_num(obj, "syn_timeout", nat->syn_timeout);
	json_num(obj, "icmp_timeout", nat->icmp_timeout);
	json_num(obj, "max_entries", nat->max_entries);
	return obj;
}

static struct json_object *json_host_limits(const struct vg_nat *nat)
{
	struct json_object *array = json_object_new_array();
	char addr[VG_ADDR_LEN];

	for (size_t i = 0; i < nat->n_host_limit; i++) {
		const struct vg_host_limit *limit = &nat->host_limit[i];
		struct json_object *obj = json_object_new_object();

		if (limit->addr)
			json_str(obj, "host", vg_addr_str(limit->addr, addr));
		if (limit->acl.name[0]) {
			json_str(obj, "list", limit->acl.name);
			json_num(obj, "translations", limit->count);
		}
		json_num(obj, "max_entries", limit->entries);
		json_object_array_add(array, obj);
	}
	return array;
}

struct json_object *json_nat_statistics(const struct view *v)
{
	struct json_object *obj = json_object_new_object(), *rules = json_object_new_array();
	struct json_object *pools = json_object_new_array();
	const struct vg_nat *nat = &v->nat->nat;

	json_num(obj, "static", nat->n_static);
	json_num(obj, "dynamic", nat->dynamic);
	json_num(obj, "extended", nat->extended);
	json_num(obj, "hits", nat->hits);
	json_num(obj, "misses", nat->misses);
	json_num(obj, "expired", nat->expired);
	json_num(obj, "exempt", nat->exempt);
	json_object_object_add(obj, "timers", json_timers(nat));
	json_object_object_add(obj, "host_limits", json_host_limits(nat));
	for (size_t i = 0; i < v->rule->rule.n; i++)
		json_object_array_add(rules, json_rule(&v->rule->rule.v[i], v->iface));
	for (size_t i = 0; i < v->pool->pool.n; i++)
		json_object_array_add(pools, json_pool(&v->pool->pool.v[i]));
	json_object_object_add(obj, "rules", rules);
	json_object_object_add(obj, "pools", pools);
	return obj;
}

struct json_object *json_iface(const struct vg_iface *iface)
{
	struct json_object *obj = json_object_new_object();

	json_str(obj, "name", iface->name);
	json_str(obj, "device", iface->device);
	json_num(obj, "ifindex", iface->ifindex);
	json_str(obj, "nat", iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE ? "inside" :
		 iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE ? "outside" : "none");
	json_str(obj, "crypto_map", iface->crypto_map.name);
	put_bool(obj, "route_cache", !(iface->flags & VPNGW_IFACE_FLAG_NO_ROUTE_CACHE));
	json_num(obj, "line", iface->at.line);
	return obj;
}

struct json_object *json_drop(const struct vg_drop *drop)
{
	struct json_object *obj = json_object_new_object();

	json_str(obj, "name", drop->name);
	json_num(obj, "packets", drop->packets);
	json_str(obj, "text", drop->text);
	return obj;
}

struct json_object *json_diags(const struct vg_diags *diags)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < diags->n; i++) {
		const struct vg_diag *d = &diags->v[i];
		struct json_object *e = json_object_new_object();

		json_str(e, "severity", vg_severity_name(d->severity));
		json_num(e, "line", d->src.line);
		json_num(e, "column", d->src.col);
		json_str(e, "message", d->message ? d->message : "");
		if (d->expected)
			json_str(e, "expected", d->expected);
		if (d->related)
			json_num(e, "related_line", d->related);
		json_object_array_add(list, e);
	}
	json_object_object_add(obj, "diagnostics", list);
	json_num(obj, "errors", diags->errors);
	json_num(obj, "warnings", diags->warnings);
	return obj;
}
