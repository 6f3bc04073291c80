// SPDX-License-Identifier: GPL-2.0
/* crypto ipsec, crypto map and its lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "transform.h"

static bool add_transform(struct vg_parser *p, const struct vg_match *m, size_t i,
			  struct vg_transform *ts, const struct vg_transform_info **encr,
			  const struct vg_transform_info **auth)
{
	const struct vg_capture *cap = &m->cap[i];
	const struct vg_transform_info *t = vg_transform_by_name(cap->label);
	const struct vg_transform_info **slot;
	uint32_t bits = 0;

	if (t->kind == VG_UNSUPPORTED) {
		vg_error(p, cap, "transform %s is not supported; ESP transforms only", t->name);
		return false;
	}
	slot = t->kind == VG_AUTHENTICATOR ? auth : encr;
	if (*slot) {
		vg_error(p, cap, "a second %s, after %s",
			 slot == auth ? "authenticator" : "cipher", (*slot)->name);
		return false;
	}
	*slot = t;
	if (t->kind == VG_AUTHENTICATOR) {
		ts->auth = t->id;
		return true;
	}
	ts->encr = t->id;
	if (i + 1 < m->n_cap && !strcmp(m->cap[i + 1].label, "bits"))
		bits = m->cap[i + 1].value;
	if (bits && bits != 128 && bits != 192 && bits != 256) {
		vg_diag_expect(vg_error(p, &m->cap[i + 1], "no such key length"),
			       "128, 192, 256");
		return false;
	}
	ts->key_bits = bits ? bits : t->key ? t->key * 8 : 128;
	if (t->id == VPNGW_ENCR_NULL)
		ts->key_bits = 0;
	return true;
}

/* crypto ipsec transform-set NAME T... */
int vg_cmd_transform_set(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_transform_info *encr = NULL, *auth = NULL;
	const char *name = vg_text(m, "name");
	struct vg_transform ts = { .mode = VPNGW_MODE_TUNNEL };
	struct vg_transform *slot;

	p->mode = VG_MODE_SKIP;
	for (size_t i = 4; i < m->n_cap; i++) {
		if (strcmp(m->cap[i].label, "bits") && !add_transform(p, m, i, &ts, &encr, &auth))
			return 0;
	}
	if (!encr) {
		vg_error(p, NULL, "no cipher in transform set %s; esp-null says that none is "
			 "wanted", name);
		return 0;
	}
	if (encr->kind == VG_AEAD && auth) {
		vg_error(p, NULL, "%s authenticates by itself; take %s away", encr->name,
			 auth->name);
		return 0;
	}
	if (encr->kind == VG_CIPHER && !auth) {
		vg_diag_expect(vg_error(p, NULL, "%s without an authenticator: ESP without "
					"integrity is never accepted", encr->name),
			       "an authenticator such as esp-sha256-hmac");
		return 0;
	}
	slot = vg_transform_find(p->cfg, name);
	if (slot) {
		vg_error(p, vg_cap(m, "name"), "transform set %s is defined in line %u", name,
			 slot->at.line);
		return 0;
	}
	slot = vg_transform_get(p->cfg, name, p->at);
	if (!slot)
		return -ENOMEM;
	slot->encr = ts.encr;
	slot->auth = ts.auth;
	slot->mode = ts.mode;
	slot->key_bits = ts.key_bits;
	p->mode = VG_MODE_TRANSFORM;
	p->cur = slot - p->cfg->transform.v;
	return 0;
}

/* mode {tunnel|transport} */
int vg_cmd_transform_mode(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->transform.v[p->cur].mode = vg_has(m, "transport") && !p->no ?
					   VPNGW_MODE_TRANSPORT : VPNGW_MODE_TUNNEL;
	return 0;
}

/* Like vg_push(), but leaves no keys behind when the array moves. */
static struct vg_map_entry *entry_new(struct vg_config *cfg)
{
	size_t cap = cfg->map_entry.cap ? 2 * cfg->map_entry.cap : 8;
	struct vg_map_entry *v;

	if (cfg->map_entry.n == cfg->map_entry.cap) {
		v = calloc(cap, sizeof(*v));
		if (!v)
			return NULL;
		if (cfg->map_entry.n) {
			memcpy(v, cfg->map_entry.v, cfg->map_entry.n * sizeof(*v));
			explicit_bzero(cfg->map_entry.v, cfg->map_entry.n * sizeof(*v));
		}
		free(cfg->map_entry.v);
		cfg->map_entry.v = v;
		cfg->map_entry.cap = cap;
	}
	return &cfg->map_entry.v[cfg->map_entry.n++];
}

/* crypto map M N [ipsec-manual] */
int vg_cmd_crypto_map(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t seq = vg_value(m, "seq");
	struct vg_config *cfg = p->cfg;
	struct vg_map_entry *e;
	char key[VG_NAME_LEN + 16];
	struct vg_map *map;
	bool known;
	size_t i;

	p->mode = VG_MODE_SKIP;
	snprintf(key, sizeof(key), "%s %u", vg_text(m, "mapname"), seq);
	known = vg_hash_get(&cfg->map_entry_names, key, &i);
	if (!known && !vg_has(m, "ipsec-manual")) {
		vg_diag_expect(vg_error(p, NULL, "crypto map %s is not defined above", key),
			       "ipsec-manual");
		return 0;
	}
	map = vg_map_get(cfg, vg_text(m, "mapname"), p->at);
	if (!map)
		return -ENOMEM;
	if (!known) {
		char *copy = strdup(key);

		i = cfg->map_entry.n;
		if (!copy || vg_hash_put(&cfg->map_entry_names, copy, i)) {
			free(copy);
			return -ENOMEM;
		}
		e = entry_new(cfg);
		if (!e)
			return -ENOMEM;
		memcpy(e->map, map->name, sizeof(e->map));
		e->seq = seq;
		e->type = VPNGW_POLICY_TYPE_MANUAL;
		e->at = p->at;
	}
	p->mode = VG_MODE_MAP;
	p->cur = i;
	return 0;
}

/* crypto map M local-address IF */
int vg_cmd_map_local(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map *map = vg_map_get(p->cfg, vg_text(m, "mapname"), p->at);

	if (!map)
		return -ENOMEM;
	vg_iface_name(m, map->local_iface.name);
	map->local_iface.at = vg_cap_at(p, vg_cap(m, "if"));
	return 0;
}

static struct vg_map_entry *cur_entry(struct vg_parser *p)
{
	return &p->cfg->map_entry.v[p->cur];
}

/* set peer A */
int vg_cmd_map_peer(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_map_entry *e = cur_entry(p);
	const struct vg_capture *addr = vg_cap(m, "addr");

	if (e->peer && e->peer != addr->value) {
		vg_error(p, addr, "a second peer, after line %u: manual keys serve one peer",
			 e->peer_at.line);
		return 0;
	}
	if (!addr->value || addr->value == UINT32_MAX || addr->value >> 28 == 14) {
		vg_error(p, addr, "not the address of a host");
		return 0;
	}
	e->peer = addr->value;
	e->peer_at = vg_cap_at(p, addr);
	return 0;
}

/* match address LIST */
int vg_cmd_map_acl(struct vg_parser *p, const struct vg_match *m)
{
	vg_ref_set(p, &cur_entry(p)->acl, m, "list");
	return 0;
}

/* set transform-set NAME */
int vg_cmd_map_transform(struct vg_parser *p, const struct vg_match *m)
{
	vg_ref_set(p, &cur_entry(p)->transform, m, "name");
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

/* crypto ipsec security-association replay {window-size N|disable} */
int vg_cmd_replay(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *window = vg_cap(m, "window");

	if (p->no) {
		p->cfg->replay_window = 64;
	} else if (vg_has(m, "disable")) {
		p->cfg->replay_window = 0;
	} else if (!window) {
		vg_diag_expect(vg_error(p, NULL, "incomplete command"), "<32-8192>");
	} else if (window->value & (window->value - 1)) {
		vg_diag_expect(vg_error(p, window, "window is not a power of two"),
			       "64, 128, 256, 512, 1024, ...");
	} else {
		p->cfg->replay_window = window->value;
	}
	return 0;
}

/* crypto ipsec df-bit {clear|set|copy} */
int vg_cmd_df_bit(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->df_flags = vg_has(m, "copy") ? VPNGW_SA_FLAG_DF_COPY :
			   vg_has(m, "set") ? VPNGW_SA_FLAG_DF_SET : 0;
	return 0;
}
