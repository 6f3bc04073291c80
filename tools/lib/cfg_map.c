// SPDX-License-Identifier: GPL-2.0
/* crypto map, crypto dynamic-map, and the lines of their entries. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/* The entries of crypto maps, or those of dynamic maps. */
static struct vg_map_entry *entry_at(struct vg_parser *p, bool dynamic, size_t i)
{
	return dynamic ? &p->cfg->dynamic.v[i] : &p->cfg->map_entry.v[i];
}

/* Finds or makes an entry; -ENOENT where there is none and it may not be made. */
static int open_entry(struct vg_parser *p, const struct vg_match *m, bool dynamic, bool make,
		      size_t *index)
{
	struct vg_config *cfg = p->cfg;
	struct vg_hash *names = dynamic ? &cfg->dynamic_names : &cfg->map_entry_names;
	uint32_t seq = vg_value(m, "seq");
	char key[VG_NAME_LEN + 16], *copy;
	struct vg_map_entry *e;

	snprintf(key, sizeof(key), "%s %u", vg_text(m, "mapname"), seq);
	if (vg_hash_get(names, key, index)) {
		e = entry_at(p, dynamic, *index);
		if (!e->gone)
			return 0;
		if (!make)
			return -ENOENT;
		explicit_bzero(e, sizeof(*e));		/* it was taken away, and comes back */
		goto fresh;
	}
	if (!make)
		return -ENOENT;
	e = dynamic ? vg_push_secret(&cfg->dynamic.v, &cfg->dynamic.n, &cfg->dynamic.cap) :
		vg_push_secret(&cfg->map_entry.v, &cfg->map_entry.n, &cfg->map_entry.cap);
	if (!e)
		return -ENOMEM;
	*index = (dynamic ? cfg->dynamic.n : cfg->map_entry.n) - 1;
	copy = strdup(key);
	if (!copy || vg_hash_put(names, copy, *index)) {
		free(copy);
		return -ENOMEM;
	}
fresh:
	strncpy(e->map, vg_text(m, "mapname"), sizeof(e->map) - 1);
	e->seq = seq;
	e->at = p->at;
	return 1;
}

/* no crypto map M [N], no crypto dynamic-map D [N] */
static void remove_entries(struct vg_parser *p, const struct vg_match *m, bool dynamic)
{
	size_t n = dynamic ? p->cfg->dynamic.n : p->cfg->map_entry.n;
	struct vg_map *map = vg_map_find(p->cfg, vg_text(m, "mapname"));

	p->mode = VG_MODE_SKIP;
	for (size_t i = 0; i < n; i++) {
		struct vg_map_entry *e = entry_at(p, dynamic, i);

		if (!strcmp(e->map, vg_text(m, "mapname")) &&
		    (!vg_has(m, "seq") || e->seq == vg_value(m, "seq")))
			e->gone = true;
	}
	if (!dynamic && map && !vg_has(m, "seq"))
		vg_map_clear(map);
}

/* no crypto map M */
int vg_cmd_crypto_map_no(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_incomplete(p, m, "<1-65535>, client, local-address");
	else
		remove_entries(p, m, false);
	return 0;
}

/* no crypto dynamic-map D */
int vg_cmd_dynamic_map_no(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_incomplete(p, m, "<1-65535>");
	else
		remove_entries(p, m, true);
	return 0;
}

/* crypto map M N [ipsec-manual | ipsec-isakmp [dynamic D]] */
int vg_cmd_crypto_map(struct vg_parser *p, const struct vg_match *m)
{
	enum vpngw_policy_type type = vg_has(m, "dyn") ? VPNGW_POLICY_TYPE_DYNAMIC :
		vg_has(m, "ipsec-isakmp") ? VPNGW_POLICY_TYPE_ISAKMP : VPNGW_POLICY_TYPE_MANUAL;
	bool typed = vg_has(m, "ipsec-manual") || vg_has(m, "ipsec-isakmp");
	struct vg_map_entry *e;
	size_t i;
	int ret;

	if (p->no) {
		remove_entries(p, m, false);
		return 0;
	}
	p->mode = VG_MODE_SKIP;
	ret = open_entry(p, m, false, typed, &i);
	if (ret == -ENOENT) {
		vg_diag_expect(vg_error(p, NULL, "crypto map %s %u is not defined above",
					vg_text(m, "mapname"), vg_value(m, "seq")),
			       "ipsec-isakmp, ipsec-manual");
		return 0;
	}
	if (ret < 0 || !vg_map_get(p->cfg, vg_text(m, "mapname"), p->at))
		return -ENOMEM;
	e = entry_at(p, false, i);
	if (ret) {
		e->type = type;
		vg_ref_set(p, &e->dynamic, m, "dyn");
	} else if (typed && (e->type != type || (e->dynamic.name[0] &&
						 strcmp(e->dynamic.name, vg_text(m, "dyn"))))) {
		struct vg_diag *d = vg_error(p, NULL, "crypto map %s %u is of another type, see "
					     "line %u", e->map, e->seq, e->at.line);

		if (d)
			d->related = e->at.line;
		return 0;
	}
	p->mode = VG_MODE_MAP;
	p->cur = i;
	return 0;
}

/* crypto dynamic-map D N */
int vg_cmd_dynamic_map(struct vg_parser *p, const struct vg_match *m)
{
	size_t i;
	int ret;

	if (p->no) {
		remove_entries(p, m, true);
		return 0;
	}
	ret = open_entry(p, m, true, true, &i);
	if (ret < 0)
		return ret;
	if (ret)
		entry_at(p, true, i)->type = VPNGW_POLICY_TYPE_DYNAMIC;
	p->mode = VG_MODE_DYNAMIC;
	p->cur = i;
	return 0;
}

/* crypto map M local-address IF */
int vg_cmd_map_local(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "mapname");
	struct vg_map *map = p->no ? vg_map_find(p->cfg, name) : vg_map_get(p->cfg, name, p->at);

	if (!map)
		return p->no ? 0 : -ENOMEM;
	memset(&map->local_iface, 0, sizeof(map->local_iface));
	if (p->no)
		return 0;
	vg_iface_name(m, map->local_iface.name);
	map->local_iface.at = vg_cap_at(p, vg_cap(m, "if"));
	return 0;
}

/* crypto map M client configuration address {initiate|respond} */
int vg_cmd_map_client(struct vg_parser *p, const struct vg_match *m)
{
	const char *name = vg_text(m, "mapname");
	struct vg_map *map = p->no ? vg_map_find(p->cfg, name) : vg_map_get(p->cfg, name, p->at);

	if (!map)
		return p->no ? 0 : -ENOMEM;
	if (vg_has(m, "initiate"))
		map->initiate = !p->no;
	else
		map->respond = !p->no;
	return 0;
}

static struct vg_map_entry *cur_entry(struct vg_parser *p)
{
	return entry_at(p, p->mode == VG_MODE_DYNAMIC, p->cur);
}

/* An entry that takes its lines from a dynamic map has none of its own. */
static bool has_lines(struct vg_parser *p)
{
	const struct vg_map_entry *e = cur_entry(p);

	if (!e->dynamic.name[0])
		return true;
	vg_error(p, NULL, "crypto map %s %u takes its lines from crypto dynamic-map %s", e->map,
		 e->seq, e->dynamic.name);
	return false;
}

static void remove_peer(struct vg_map_entry *e, uint32_t addr)
{
	uint8_t n = 0;

	for (uint8_t i = 0; i < e->n_peer; i++) {
		if (e->peer[i] != addr)
			e->peer[n++] = e->peer[i];
	}
	memset(e->peer + n, 0, (VG_PEERS_MAX - n) * sizeof(*e->peer));
	e->n_peer = n;
}

/* set peer A */
int vg_cmd_map_peer(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);
	const struct vg_capture *addr = vg_cap(m, "addr");

	if (!has_lines(p))
		return 0;
	remove_peer(e, addr->value);
	if (p->no)
		return 0;
	if (!addr->value || addr->value == UINT32_MAX || addr->value >> 28 == 14) {
		vg_error(p, addr, "not the address of a host");
		return 0;
	}
	if (e->type == VPNGW_POLICY_TYPE_MANUAL && e->n_peer) {
		vg_error(p, addr, "a second peer: manual keys serve one peer");
		return 0;
	}
	if (e->n_peer == VG_PEERS_MAX) {
		vg_error(p, addr, "more than %d peers", VG_PEERS_MAX);
		return 0;
	}
	e->peer[e->n_peer++] = addr->value;
	return 0;
}

/* Who has the key may come from anywhere, in IOS as well unless this is written. */
int vg_cmd_dynamic_peer(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_warn(p, NULL, "'set peer' is without effect in a dynamic map: it serves every "
			"peer that has a key");
	return vg_cmd_inert(p, m);
}

/* match address LIST */
int vg_cmd_map_acl(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);

	if (!has_lines(p))
		return 0;
	if (p->no)
		memset(&e->acl, 0, sizeof(e->acl));
	else if (vg_has(m, "list"))
		vg_ref_set_acl(p, &e->acl, m, "list");
	else
		vg_incomplete(p, m, "NAME");
	return 0;
}

/* set transform-set NAME... */
int vg_cmd_map_transform(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);

	if (!has_lines(p))
		return 0;
	e->n_transform = 0;
	memset(e->transform, 0, sizeof(e->transform));
	for (size_t i = 0; i < m->n_cap && !p->no; i++) {
		const struct vg_capture *cap = &m->cap[i];
		struct vg_ref *ref;

		if (strcmp(cap->label, "name"))
			continue;
		if (e->n_transform == (e->type == VPNGW_POLICY_TYPE_MANUAL ? 1 : VG_SETS_MAX)) {
			vg_error(p, cap, e->type == VPNGW_POLICY_TYPE_MANUAL ?
				 "a second transform set: manual keys know one" :
				 "more than six transform sets");
			break;
		}
		ref = &e->transform[e->n_transform++];
		strncpy(ref->name, cap->token->text, sizeof(ref->name) - 1);
		ref->at = vg_cap_at(p, cap);
	}
	if (!p->no && !e->n_transform)
		vg_incomplete(p, m, "NAME");
	return 0;
}

/* What is negotiated has no place where keys are by hand. */
static bool is_negotiated(struct vg_parser *p)
{
	if (!has_lines(p))
		return false;
	if (cur_entry(p)->type != VPNGW_POLICY_TYPE_MANUAL)
		return true;
	if (!p->no)
		vg_error(p, NULL, "nothing is negotiated for an entry of type ipsec-manual");
	return false;
}

/* set pfs [groupN] */
int vg_cmd_map_pfs(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *cap = vg_cap(m, "group");

	if (is_negotiated(p))
		cur_entry(p)->pfs = p->no ? 0 : cap ? cap->value : 1;
	return 0;
}

/* set security-association lifetime {seconds N|kilobytes N} */
int vg_cmd_map_lifetime(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);

	if (!is_negotiated(p))
		return 0;
	if (vg_has(m, "seconds"))
		e->life = p->no ? 0 : vg_value(m, "s");
	else
		e->kilobytes = p->no ? 0 : vg_has(m, "disable") ? VG_NO_VOLUME :
			       vg_value(m, "k");
	if (!p->no && !vg_has(m, "s") && !vg_has(m, "k") && !vg_has(m, "disable"))
		vg_incomplete(p, m, "a number");
	return 0;
}

/* reverse-route [static] */
int vg_cmd_map_reverse_route(struct vg_parser *p, const struct vg_match *m)
{
	if (is_negotiated(p))
		cur_entry(p)->reverse_route = !p->no;
	return 0;
}

static void read_key(struct vg_parser *p, const struct vg_match *m, const char *label,
		     struct vg_key *key)
{
	const struct vg_capture *cap = vg_cap(m, label);

	explicit_bzero(key, sizeof(*key));
	if (!cap)
		return;
	/* Digits and length were checked by the grammar. */
	key->len = vg_hex_parse(cap->token->text, key->v, sizeof(key->v));
	key->at = vg_cap_at(p, cap);
}

/* set session-key {inbound|outbound} esp SPI cipher K authenticator K */
int vg_cmd_map_key(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);
	struct vg_session_key *key = vg_has(m, "inbound") ? &e->in : &e->out;

	if (!has_lines(p))
		return 0;
	if (p->no) {
		explicit_bzero(key, sizeof(*key));
		return 0;
	}
	if (e->type != VPNGW_POLICY_TYPE_MANUAL) {
		vg_error(p, NULL, "session keys belong to an entry of type ipsec-manual");
		return 0;
	}
	if (key->spi) {
		vg_error(p, NULL, "session key for this direction is in line %u",
			 key->at.line);
		return 0;
	}
	key->spi = vg_value(m, "spi");
	key->at = p->at;
	read_key(p, m, "cipherkey", &key->cipher);
	read_key(p, m, "authkey", &key->authenticator);
	return 0;
}

static int entry_cmp(const void *pa, const void *pb)
{
	const struct vg_map_entry *a = pa, *b = pb;
	int order = strcmp(a->map, b->map);

	return order ? order : a->seq < b->seq ? -1 : a->seq > b->seq;
}

/**
 * vg_maps_finish - put the entries of dynamic maps into order
 * @cfg: configuration, read
 */
void vg_maps_finish(struct vg_config *cfg)
{
	if (cfg->dynamic.n)
		qsort(cfg->dynamic.v, cfg->dynamic.n, sizeof(*cfg->dynamic.v), entry_cmp);
}
