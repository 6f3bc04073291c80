// SPDX-License-Identifier: GPL-2.0
/* interface and its lines, ip route. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ifname.h"
#include "parser.h"

/* In one word or in two. */
static void written_name(const struct vg_match *m, char name[VG_NAME_LEN])
{
	const char *number = vg_text(m, "ifnum");

	memset(name, 0, VG_NAME_LEN);
	strncpy(name, vg_text(m, "if"), VG_NAME_LEN - 1);
	if (number)
		strncat(name, number, VG_NAME_LEN - 1 - strlen(name));
}

/**
 * vg_iface_name - name of an interface, however it is written
 * @m: match with the labels "if" and "ifnum"
 * @name: where the name goes
 */
void vg_iface_name(const struct vg_match *m, char name[VG_NAME_LEN])
{
	char written[VG_NAME_LEN];

	written_name(m, written);
	vg_ifname(written, name);
}

/* "point-to-point" and the like, as it is to be written back */
static void keep_suffix(const struct vg_match *m, struct vg_iface *iface)
{
	size_t len = 0;

	for (size_t i = 2; i < m->n_cap; i++) {
		const char *word = m->cap[i].label;

		if (strcmp(word, "if") && strcmp(word, "ifnum") &&
		    len < sizeof(iface->suffix))
			len += snprintf(iface->suffix + len, sizeof(iface->suffix) - len, " %s",
					word);
	}
}

/* interface Ethernet0 */
int vg_cmd_interface(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface;
	char name[VG_NAME_LEN];

	p->mode = VG_MODE_SKIP;
	vg_iface_name(m, name);
	if (p->no) {
		iface = vg_iface_find(p->cfg, name);
		if (iface && !p->is_default) {
			vg_iface_clear(iface);
			memcpy(iface->name, name, sizeof(iface->name));
		} else if (iface) {
			struct vg_iface was = *iface;

			*iface = (struct vg_iface){ .at = was.at };
			memcpy(iface->name, was.name, sizeof(iface->name));
			memcpy(iface->written, was.written, sizeof(iface->written));
		}
		return 0;
	}
	iface = vg_iface_get(p->cfg, name, p->at);
	if (!iface)
		return -ENOMEM;
	if (!iface->written[0]) {
		memcpy(iface->name, name, sizeof(iface->name));
		written_name(m, iface->written);
	}
	keep_suffix(m, iface);
	p->mode = VG_MODE_IFACE;
	p->cur = iface - p->cfg->iface.v;
	return 0;
}

static struct vg_iface *cur_iface(struct vg_parser *p)
{
	return &p->cfg->iface.v[p->cur];
}

/* ip address A M [secondary] */
int vg_cmd_if_address(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface = cur_iface(p);
	const struct vg_capture *addr = vg_cap(m, "addr");

	if (p->no) {
		if (!vg_has(m, "secondary")) {
			iface->addr = 0;
			iface->mask = 0;
		}
		return 0;
	}
	if (!addr) {
		vg_incomplete(p, m, "A.B.C.D");
		return 0;
	}
	if (vg_has(m, "secondary")) {
		p->noop = true;
		return 0;
	}
	if (!vg_value(m, "mask") || !addr->value || addr->value >> 28 == 14) {
		vg_error(p, addr, "not an address for an interface");
		return 0;
	}
	iface->addr = addr->value;
	iface->mask = vg_value(m, "mask");
	iface->addr_at = p->at;
	return 0;
}

int vg_cmd_if_dynamic_address(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface = cur_iface(p);

	iface->addr = 0;
	iface->mask = 0;
	return vg_cmd_inert(p, m);
}

/* ip nat {inside|outside} */
int vg_cmd_if_nat(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface = cur_iface(p);
	uint32_t flag = vg_has(m, "inside") ? VPNGW_IFACE_FLAG_NAT_INSIDE :
					      VPNGW_IFACE_FLAG_NAT_OUTSIDE;

	if (p->no)
		iface->flags &= ~flag;
	else if (iface->flags & (VPNGW_IFACE_FLAG_NAT_INSIDE | VPNGW_IFACE_FLAG_NAT_OUTSIDE) &
		 ~flag)
		vg_error(p, NULL, "interface %s is already on the other side of translation",
			 iface->name);
	else
		iface->flags |= flag;
	return 0;
}

/* crypto map M */
int vg_cmd_if_crypto_map(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface = cur_iface(p);

	if (p->no) {
		memset(&iface->crypto_map, 0, sizeof(iface->crypto_map));
		return 0;
	}
	if (!vg_has(m, "mapname")) {
		vg_incomplete(p, m, "NAME");
		return 0;
	}
	vg_ref_set(p, &iface->crypto_map, m, "mapname");
	return 0;
}

/* [no] ip route-cache [cef|flow|...] */
int vg_cmd_if_route_cache(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_iface *iface = cur_iface(p);

	if (vg_has(m, "text")) {
		p->noop = true;
		return 0;
	}
	/* On unless turned off, so "default" is not "no" here. */
	if (p->no && !p->is_default)
		iface->flags |= VPNGW_IFACE_FLAG_NO_ROUTE_CACHE;
	else
		iface->flags &= ~VPNGW_IFACE_FLAG_NO_ROUTE_CACHE;
	return 0;
}

/* Somebody relies on this filter; it must not vanish in silence. */
int vg_cmd_if_access_group(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_warn(p, NULL, "packet filters of an interface are not enforced here; "
			"write the same rules for nft");
	return vg_cmd_inert(p, m);
}

/* Not clamping could break what works on the router that is being replaced. */
int vg_cmd_if_adjust_mss(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_warn(p, NULL, "segment sizes are not adjusted here; do it with: nft add rule "
			"... tcp flags syn tcp option maxseg size set %s", vg_has(m, "mss") ?
			vg_text(m, "mss") : "rt mtu");
	return vg_cmd_inert(p, m);
}

static bool same_route(const struct vg_route *a, const struct vg_route *b)
{
	return a->dst == b->dst && a->mask == b->mask && a->gateway == b->gateway &&
	       vg_ifname_same(a->iface.name, b->iface.name);
}

/* ip route D M {G|IF} */
int vg_cmd_route(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_route route = {
		.dst = vg_value(m, "dst"), .mask = vg_value(m, "mask"),
		.gateway = vg_value(m, "gateway"), .at = p->at,
	}, *slot;
	size_t i, len = 0;

	if (route.dst & ~route.mask) {
		vg_error(p, vg_cap(m, "dst"), "destination has bits outside its mask");
		return 0;
	}
	if (vg_has(m, "if")) {
		vg_iface_name(m, route.iface.name);
		route.iface.at = vg_cap_at(p, vg_cap(m, "if"));
	}
	for (i = 0; i < p->cfg->route.n && !same_route(&p->cfg->route.v[i], &route); i++)
		;
	slot = i < p->cfg->route.n ? &p->cfg->route.v[i] : NULL;
	if (p->no) {
		if (slot)
			memmove(slot, slot + 1, (--p->cfg->route.n - i) * sizeof(*slot));
		return 0;
	}
	for (i = 4; i < m->n_cap && len < sizeof(route.options); i++) {
		const char *label = m->cap[i].label;

		if (strcmp(label, "gateway") && strcmp(label, "if") && strcmp(label, "ifnum"))
			len += snprintf(route.options + len, sizeof(route.options) - len, " %s",
					m->cap[i].token->text);
	}
	if (!slot)
		slot = vg_push(&p->cfg->route.v, &p->cfg->route.n, &p->cfg->route.cap);
	if (!slot)
		return -ENOMEM;
	*slot = route;
	return 0;
}
