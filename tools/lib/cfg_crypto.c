// SPDX-License-Identifier: GPL-2.0
/* crypto ipsec: transform sets and what holds for all associations. */
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
	slot = vg_transform_find(p->cfg, name);
	if (p->no) {
		if (slot)
			vg_transform_clear(slot);
		return 0;
	}
	if (m->n_cap == 4) {
		vg_incomplete(p, m, "transforms, such as esp-aes esp-sha-hmac");
		return 0;
	}
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

/* esn: extended sequence numbers; a word that IOS got with later releases */
int vg_cmd_transform_esn(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->transform.v[p->cur].esn = !p->no;
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
		vg_incomplete(p, m, "<32-8192>");
	} else if (window->value & (window->value - 1)) {
		vg_diag_expect(vg_error(p, window, "window is not a power of two"),
			       "64, 128, 256, 512, 1024, ...");
	} else {
		p->cfg->replay_window = window->value;
	}
	return 0;
}

/* crypto ipsec security-association lifetime {seconds N|kilobytes {N|disable}} */
int vg_cmd_lifetime(struct vg_parser *p, const struct vg_match *m)
{
	if (vg_has(m, "seconds"))
		p->cfg->life = p->no ? VG_LIFE_IPSEC : vg_value(m, "s");
	else
		p->cfg->kilobytes = p->no ? VG_LIFE_VOLUME : vg_has(m, "disable") ? VG_NO_VOLUME :
				    vg_value(m, "k");
	if (!p->no && !vg_has(m, "s") && !vg_has(m, "k") && !vg_has(m, "disable"))
		vg_incomplete(p, m, "a number");
	return 0;
}

/* crypto ipsec nat-transparency udp-encapsulation */
int vg_cmd_nat_transparency(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->no_nat_t = p->no && !p->is_default;
	return 0;
}

/* crypto ipsec df-bit {clear|set|copy} */
int vg_cmd_df_bit(struct vg_parser *p, const struct vg_match *m)
{
	if (p->no) {
		p->cfg->df_flags = VPNGW_SA_FLAG_DF_COPY;
		return 0;
	}
	if (m->n_cap == 3) {
		vg_incomplete(p, m, "clear, set, copy");
		return 0;
	}
	p->cfg->df_flags = vg_has(m, "copy") ? VPNGW_SA_FLAG_DF_COPY :
			   vg_has(m, "set") ? VPNGW_SA_FLAG_DF_SET : 0;
	return 0;
}
