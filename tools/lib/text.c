// SPDX-License-Identifier: GPL-2.0
/* The model as IOS text. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "text.h"

struct text {
	char *buf;
	size_t len, size;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < t->size - t->len ? (size_t)n : t->size - t->len - 1;
}

/**
 * vg_proto_name - name of an IP protocol as IOS writes it
 * @proto: number, -1 for every one
 * @buf: used for numbers without a name
 *
 * Return: the name.
 */
const char *vg_proto_name(int proto, char buf[12])
{
	const char *name = proto < 0 ? "ip" : vg_name_of(vg_protocols, proto);

	if (name)
		return name;
	snprintf(buf, 12, "%d", proto);
	return buf;
}

/**
 * vg_ike_encr_name - cipher of a negotiation as IOS writes it
 * @encr: cipher
 *
 * Return: the keyword.
 */
const char *vg_ike_encr_name(enum vg_ike_encr encr)
{
	return encr == VG_IKE_DES ? "des" : encr == VG_IKE_3DES ? "3des" : "aes";
}

/**
 * vg_ike_hash_name - hash of a negotiation as IOS writes it
 * @hash: hash
 *
 * Return: the keyword.
 */
const char *vg_ike_hash_name(enum vg_ike_hash hash)
{
	switch (hash) {
	case VG_IKE_MD5:
		return "md5";
	case VG_IKE_SHA1:
		return "sha";
	case VG_IKE_SHA256:
		return "sha256";
	case VG_IKE_SHA384:
		return "sha384";
	default:
		return "sha512";
	}
}

/**
 * vg_ike_auth_name - authentication of a negotiation as IOS writes it
 * @auth: method
 *
 * Return: the keyword.
 */
const char *vg_ike_auth_name(enum vg_ike_auth auth)
{
	return auth == VG_IKE_PRE_SHARE ? "pre-share" :
	       auth == VG_IKE_RSA_SIG ? "rsa-sig" : "rsa-encr";
}

static void add_addr(struct text *t, uint32_t addr, uint32_t wild)
{
	char a[VG_ADDR_LEN], w[VG_ADDR_LEN];

	if (wild == UINT32_MAX)
		add(t, " any");
	else if (!wild)
		add(t, " host %s", vg_addr_str(addr, a));
	else
		add(t, " %s %s", vg_addr_str(addr, a), vg_addr_str(wild, w));
}

static void add_port(struct text *t, int proto, uint16_t port)
{
	const char *name = proto == 6 ? vg_name_of(vg_tcp_ports, port) :
					vg_name_of(vg_udp_ports, port);

	if (name)
		add(t, " %s", name);
	else
		add(t, " %u", port);
}

static void add_ports(struct text *t, int proto, const struct vg_port_range *v, size_t n, bool neq)
{
	if (!n)
		return;
	if (n > 1 || neq || v->lo == v->hi) {
		add(t, neq ? " neq" : " eq");
		for (size_t i = 0; i < n; i++)
			add_port(t, proto, v[i].lo);
	} else if (!v->lo && v->hi < 65535) {
		add(t, " lt");
		add_port(t, proto, v->hi + 1);
	} else if (v->lo && v->hi == 65535) {
		add(t, " gt");
		add_port(t, proto, v->lo - 1);
	} else {
		add(t, " range");
		add_port(t, proto, v->lo);
		add_port(t, proto, v->hi);
	}
}

static void add_icmp(struct text *t, const struct vg_ace *ace)
{
	const char *name;

	if (ace->icmp_type < 0)
		return;
	name = vg_name_of(vg_icmp_messages, ace->icmp_code < 0 ? VG_ICMP_TYPE(ace->icmp_type) :
			  (uint32_t)VG_ICMP(ace->icmp_type, ace->icmp_code));
	if (name)
		add(t, " %s", name);
	else if (ace->icmp_code < 0)
		add(t, " %d", ace->icmp_type);
	else
		add(t, " %d %d", ace->icmp_type, ace->icmp_code);
}

static void add_igmp(struct text *t, const struct vg_ace *ace)
{
	const char *name;

	if (!ace->igmp)
		return;
	name = vg_name_of(vg_igmp_types, ace->igmp - 1);
	if (name)
		add(t, " %s", name);
	else
		add(t, " %u", ace->igmp - 1);
}

static void add_tos(struct text *t, const struct vg_ace *ace)
{
	const char *name;

	if (ace->tos_mask == 0xfc) {
		name = vg_name_of(vg_dscp_names, ace->tos >> 2);
		if (name)
			add(t, " dscp %s", name);
		else
			add(t, " dscp %u", ace->tos >> 2);
		return;
	}
	if (ace->tos_mask & 0xe0)
		add(t, " precedence %s", vg_name_of(vg_precedences, ace->tos >> 5));
	if (ace->tos_mask & 0x1e) {
		name = vg_name_of(vg_tos_names, ace->tos >> 1 & 15);
		if (name)
			add(t, " tos %s", name);
		else
			add(t, " tos %u", ace->tos >> 1 & 15);
	}
}

static void add_tcp(struct text *t, const struct vg_ace *ace)
{
	if (ace->flags & VPNGW_ACE_FLAG_ESTABLISHED)
		add(t, " established");
	if (!ace->tcp_mask)
		return;
	add(t, ace->flags & VPNGW_ACE_FLAG_TCP_MATCH_ANY ? " match-any" : " match-all");
	for (const struct vg_name *f = vg_tcp_flags; f->name; f++) {
		if (ace->tcp_mask & f->value)
			add(t, " %c%s", ace->tcp_value & f->value ? '+' : '-', f->name);
	}
}

static void add_extended(struct text *t, const struct vg_ace *ace)
{
	char proto[12];

	add(t, " %s", vg_proto_name(ace->proto, proto));
	add_addr(t, ace->src, ace->src_wild);
	add_ports(t, ace->proto, ace->sport, ace->n_sport,
		  ace->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ);
	add_addr(t, ace->dst, ace->dst_wild);
	add_ports(t, ace->proto, ace->dport, ace->n_dport,
		  ace->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ);
	add_icmp(t, ace);
	add_igmp(t, ace);
	add_tcp(t, ace);
	add_tos(t, ace);
	if (ace->flags & VPNGW_ACE_FLAG_FRAGMENTS)
		add(t, " fragments");
}

/**
 * vg_ace_text - an entry as IOS writes it
 * @ace: entry
 * @standard: its list is a standard one
 * @buf: where to write
 *
 * Return: @buf, such as "permit ip 10.2.2.0 0.0.0.255 any".
 */
const char *vg_ace_text(const struct vg_ace *ace, bool standard, char buf[VG_ACE_TEXT])
{
	struct text t = { buf, 0, VG_ACE_TEXT };
	char a[VG_ADDR_LEN];

	buf[0] = '\0';
	add(&t, ace->action == VPNGW_ACTION_PERMIT ? "permit" : "deny");
	if (!standard)
		add_extended(&t, ace);
	else if (!ace->src_wild)
		add(&t, " %s", vg_addr_str(ace->src, a));
	else
		add_addr(&t, ace->src, ace->src_wild);
	if (ace->flags & VPNGW_ACE_FLAG_LOG)
		add(&t, " log");
	return buf;
}
