// SPDX-License-Identifier: GPL-2.0
/* The typed words of a pattern: addresses, masks, names, ports, keys. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model.h"
#include "names.h"
#include "util.h"
#include "words.h"

static enum vg_word_score match_any(const struct vg_token *t, uint32_t *value, const char **why)
{
	return VG_WORD_REST;
}

static enum vg_word_score match_word(const struct vg_token *t, uint32_t *value, const char **why)
{
	return VG_WORD_PARAM;
}

static enum vg_word_score match_name(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (t->len > VPNGW_NAME_MAX) {
		*why = "name is longer than 63 characters";
		return VG_WORD_NO;
	}
	return VG_WORD_PARAM;
}

static enum vg_word_score match_addr(const struct vg_token *t, uint32_t *value, const char **why)
{
	return vg_addr_parse(t->text, t->len, value) ? VG_WORD_PARAM : VG_WORD_NO;
}

static enum vg_word_score match_mask(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (!vg_addr_parse(t->text, t->len, value))
		return VG_WORD_NO;
	if (!vg_mask_contiguous(*value)) {
		*why = "not a netmask: its one bits must all be on the left";
		return VG_WORD_NO;
	}
	return VG_WORD_PARAM;
}

static bool is_number(const struct vg_token *t, uint32_t *value)
{
	uint64_t v = 0;

	if (!t->len || t->len > 10)
		return false;
	for (unsigned int i = 0; i < t->len; i++) {
		if (!isdigit((unsigned char)t->text[i]))
			return false;
		v = v * 10 + (t->text[i] - '0');
	}
	*value = v;
	return v <= UINT32_MAX;
}

static enum vg_word_score match_list(const struct vg_token *t, uint32_t *value,
				     const struct vg_name *names, uint32_t max)
{
	if (is_number(t, value))
		return *value <= max ? VG_WORD_PARAM : VG_WORD_NO;
	for (; names->name; names++) {
		if (!strcasecmp(t->text, names->name)) {
			*value = names->value;
			return VG_WORD_NAME;
		}
	}
	return VG_WORD_NO;
}

static enum vg_word_score match_proto(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_protocols, 255);
}

static enum vg_word_score match_tport(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_tcp_ports, 65535);
}

static enum vg_word_score match_uport(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_udp_ports, 65535);
}

static const struct vg_name no_names[] = { { } };

static enum vg_word_score match_icmp(const struct vg_token *t, uint32_t *value, const char **why)
{
	enum vg_word_score score = match_list(t, value, vg_icmp_messages, 255);

	if (score == VG_WORD_PARAM)
		*value = VG_ICMP_TYPE(*value);
	return score;
}

static enum vg_word_score match_igmp(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_igmp_types, 15);
}

/* An association's number, as one sees it: decimal or, with 0x, hexadecimal. */
static enum vg_word_score match_spi(const struct vg_token *t, uint32_t *value, const char **why)
{
	unsigned long long v;
	char *end;

	if (t->len < 3 || t->text[0] != '0' || (t->text[1] | 0x20) != 'x') {
		if (!is_number(t, value))
			return VG_WORD_NO;
		return *value >= 256 ? VG_WORD_PARAM : VG_WORD_NO;
	}
	v = strtoull(t->text + 2, &end, 16);
	if (*end || !isxdigit((unsigned char)t->text[2]) || v < 256 || v > UINT32_MAX)
		return VG_WORD_NO;
	*value = v;
	return VG_WORD_PARAM;
}

static enum vg_word_score match_octet(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, no_names, 255);
}

static enum vg_word_score match_prec(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_precedences, 7);
}

static enum vg_word_score match_tos(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_tos_names, 15);
}

static enum vg_word_score match_dscp(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_list(t, value, vg_dscp_names, 63);
}

/* The flag's bit, and the same bit eight places up when it must be set. */
static enum vg_word_score match_tcpflag(const struct vg_token *t, uint32_t *value,
					const char **why)
{
	for (const struct vg_name *f = vg_tcp_flags; f->name; f++) {
		if (t->len != 4 || strcasecmp(t->text + 1, f->name))
			continue;
		if (t->text[0] != '+' && t->text[0] != '-')
			return VG_WORD_NO;
		*value = f->value | (t->text[0] == '+' ? f->value << 8 : 0);
		return VG_WORD_NAME;
	}
	return VG_WORD_NO;
}

static enum vg_word_score match_hex(const struct vg_token *t, uint32_t *value, const char **why)
{
	for (unsigned int i = 0; i < t->len; i++) {
		if (!isxdigit((unsigned char)t->text[i])) {
			*why = "key is not hexadecimal";
			return VG_WORD_NO;
		}
	}
	if (t->len % 2) {
		*why = "key has an odd number of hexadecimal digits";
		return VG_WORD_NO;
	}
	if (t->len / 2 > VPNGW_KEY_MAX) {
		*why = "key is longer than 64 octets";
		return VG_WORD_NO;
	}
	*value = t->len / 2;
	return VG_WORD_PARAM;
}

static enum vg_word_score match_group(const char *text, unsigned int len, uint32_t *value,
				      const char **why)
{
	const struct vg_token number = { text, len, 0 };

	if (!is_number(&number, value))
		return VG_WORD_NO;
	switch (*value) {
	case 1: case 2: case 5: case 14: case 15: case 16: case 19: case 20: case 21:
		return VG_WORD_PARAM;
	}
	*why = "group is not supported: 1, 2, 5, 14, 15, 16, 19, 20 and 21 are";
	return VG_WORD_NO;
}

static enum vg_word_score match_dh(const struct vg_token *t, uint32_t *value, const char **why)
{
	return match_group(t->text, t->len, value, why);
}

static enum vg_word_score match_pfs(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (strncasecmp(t->text, "group", 5))
		return VG_WORD_NO;
	return match_group(t->text + 5, t->len - 5, value, why);
}

static enum vg_word_score match_ifname(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (!isalpha((unsigned char)t->text[0]))
		return VG_WORD_NO;
	return match_name(t, value, why);
}

/* The first of two words; with a digit at its end it would be a whole name. */
static enum vg_word_score match_iftype(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (isdigit((unsigned char)t->text[t->len - 1]))
		return VG_WORD_NO;
	return match_ifname(t, value, why);
}

static enum vg_word_score match_ifnum(const struct vg_token *t, uint32_t *value, const char **why)
{
	if (!isdigit((unsigned char)t->text[0]) || t->len > 16)
		return VG_WORD_NO;
	return strspn(t->text, "0123456789/.:") == t->len ? VG_WORD_PARAM : VG_WORD_NO;
}

static const struct vg_word_type types[] = {
	{ "any", "LINE", match_any },
	{ "word", "WORD", match_word },
	{ "name", "NAME", match_name },
	{ "addr", "A.B.C.D", match_addr },
	{ "mask", "A.B.C.D (netmask)", match_mask },
	{ "wild", "A.B.C.D (wildcard bits)", match_addr },
	{ "proto", "<0-255> or protocol name", match_proto },
	{ "tport", "<0-65535> or TCP port name", match_tport },
	{ "uport", "<0-65535> or UDP port name", match_uport },
	{ "icmp", "<0-255> or ICMP message name", match_icmp },
	{ "igmp", "<0-15> or IGMP type name", match_igmp },
	{ "octet", "<0-255>", match_octet },
	{ "prec", "<0-7> or precedence name", match_prec },
	{ "tos", "<0-15> or type of service name", match_tos },
	{ "dscp", "<0-63> or DSCP name", match_dscp },
	{ "tcpflag", "+FLAG or -FLAG", match_tcpflag },
	{ "hex", "KEY (hexadecimal)", match_hex },
	{ "spi", "<256-4294967295> or 0x100-0xFFFFFFFF", match_spi },
	{ "dh", "<1-21>", match_dh },
	{ "pfs", "group1, group2, group5, group14-16, group19-21", match_pfs },
	{ "ifname", "INTERFACE", match_ifname },
	{ "iftype", "INTERFACE", match_iftype },
	{ "ifnum", "interface number", match_ifnum },
};

/**
 * vg_word_type - look a type up
 * @name: as in <label:name>
 * @len: its length
 *
 * Return: the type or NULL.
 */
const struct vg_word_type *vg_word_type(const char *name, unsigned int len)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(types); i++) {
		if (strlen(types[i].name) == len && !memcmp(types[i].name, name, len))
			return &types[i];
	}
	return NULL;
}
