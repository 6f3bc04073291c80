// SPDX-License-Identifier: GPL-2.0
/* Security associations as attributes. Keys go one way only. */
#include <errno.h>
#include <string.h>

#include "nl.h"

static int put_selector(struct nl_msg *msg, const struct vg_selector *sel)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_SA_SELECTOR);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= vg_put_addr(msg, VPNGW_A_SELECTOR_LOCAL, sel->local);
	ret |= vg_put_addr(msg, VPNGW_A_SELECTOR_LOCAL_MASK, sel->local_mask);
	ret |= vg_put_addr(msg, VPNGW_A_SELECTOR_REMOTE, sel->remote);
	ret |= vg_put_addr(msg, VPNGW_A_SELECTOR_REMOTE_MASK, sel->remote_mask);
	if (sel->proto >= 0)
		ret |= nla_put_u8(msg, VPNGW_A_SELECTOR_PROTO, sel->proto);
	if (sel->local_port >= 0)
		ret |= nla_put_u16(msg, VPNGW_A_SELECTOR_LOCAL_PORT, sel->local_port);
	if (sel->remote_port >= 0)
		ret |= nla_put_u16(msg, VPNGW_A_SELECTOR_REMOTE_PORT, sel->remote_port);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

static int put_limits(struct nl_msg *msg, const struct vg_sa *sa)
{
	int ret = 0;

	if (sa->soft_seconds)
		ret |= nla_put_u32(msg, VPNGW_A_SA_SOFT_SECONDS, sa->soft_seconds);
	if (sa->hard_seconds)
		ret |= nla_put_u32(msg, VPNGW_A_SA_HARD_SECONDS, sa->hard_seconds);
	if (sa->soft_kilobytes)
		ret |= nla_put_u32(msg, VPNGW_A_SA_SOFT_KILOBYTES, sa->soft_kilobytes);
	if (sa->hard_kilobytes)
		ret |= nla_put_u32(msg, VPNGW_A_SA_HARD_KILOBYTES, sa->hard_kilobytes);
	if (sa->soft_packets)
		ret |= nla_put_u64(msg, VPNGW_A_SA_SOFT_PACKETS, sa->soft_packets);
	if (sa->hard_packets)
		ret |= nla_put_u64(msg, VPNGW_A_SA_HARD_PACKETS, sa->hard_packets);
	return ret;
}

/**
 * vg_put_sa - write a security association with its keys
 * @msg: request; wipe it
 * @sa: association
 *
 * Return: 0 or -EMSGSIZE.
 */
int vg_put_sa(struct nl_msg *msg, const struct vg_sa *sa)
{
	struct nlattr *nest = nla_nest_start(msg, VPNGW_A_SA);
	int ret = 0;

	if (!nest)
		return -EMSGSIZE;
	ret |= nla_put_u32(msg, VPNGW_A_SA_SPI, sa->spi);
	ret |= vg_put_addr(msg, VPNGW_A_SA_DADDR, sa->daddr);
	ret |= vg_put_addr(msg, VPNGW_A_SA_SADDR, sa->saddr);
	ret |= nla_put_u8(msg, VPNGW_A_SA_DIR, sa->dir);
	ret |= nla_put_string(msg, VPNGW_A_SA_MAP, sa->map);
	ret |= nla_put_u32(msg, VPNGW_A_SA_MAP_SEQ, sa->map_seq);
	ret |= nla_put_u8(msg, VPNGW_A_SA_MODE, sa->mode);
	ret |= nla_put_u8(msg, VPNGW_A_SA_ENCR, sa->encr);
	ret |= nla_put_u8(msg, VPNGW_A_SA_AUTH, sa->auth);
	if (sa->enc_key.len)
		ret |= nla_put(msg, VPNGW_A_SA_ENC_KEY, sa->enc_key.len, sa->enc_key.v);
	if (sa->auth_key.len)
		ret |= nla_put(msg, VPNGW_A_SA_AUTH_KEY, sa->auth_key.len, sa->auth_key.v);
	ret |= put_selector(msg, &sa->sel);
	ret |= put_limits(msg, sa);
	if (sa->encap_sport) {
		ret |= nla_put_u16(msg, VPNGW_A_SA_ENCAP_SPORT, sa->encap_sport);
		ret |= nla_put_u16(msg, VPNGW_A_SA_ENCAP_DPORT, sa->encap_dport);
	}
	ret |= nla_put_u32(msg, VPNGW_A_SA_FLAGS, sa->flags);
	ret |= nla_put_u32(msg, VPNGW_A_SA_REPLAY_WINDOW, sa->replay_window);
	nla_nest_end(msg, nest);
	return ret ? -EMSGSIZE : 0;
}

static int get_selector(struct nlattr *nest, struct vg_selector *sel)
{
	struct nlattr *tb[VPNGW_A_SELECTOR_MAX + 1] = { 0 };
	struct nlattr *a;

	if (nest && vg_parse_nest(tb, VPNGW_A_SELECTOR_MAX, nest))
		return -EBADMSG;
	sel->local = vg_get_addr(tb[VPNGW_A_SELECTOR_LOCAL]);
	sel->local_mask = vg_get_addr(tb[VPNGW_A_SELECTOR_LOCAL_MASK]);
	sel->remote = vg_get_addr(tb[VPNGW_A_SELECTOR_REMOTE]);
	sel->remote_mask = vg_get_addr(tb[VPNGW_A_SELECTOR_REMOTE_MASK]);
	a = tb[VPNGW_A_SELECTOR_PROTO];
	sel->proto = a ? vg_get_u8(a) : -1;
	a = tb[VPNGW_A_SELECTOR_LOCAL_PORT];
	sel->local_port = a ? vg_get_u16(a) : -1;
	a = tb[VPNGW_A_SELECTOR_REMOTE_PORT];
	sel->remote_port = a ? vg_get_u16(a) : -1;
	return 0;
}

/**
 * vg_get_sa - read a security association
 * @nest: attribute
 * @sa: where it goes
 *
 * Return: 0 or -errno.
 */
int vg_get_sa(struct nlattr *nest, struct vg_sa *sa)
{
	struct nlattr *tb[VPNGW_A_SA_MAX + 1];

	if (!nest || vg_parse_nest(tb, VPNGW_A_SA_MAX, nest))
		return -EBADMSG;
	memset(sa, 0, sizeof(*sa));
	sa->spi = vg_get_u32(tb[VPNGW_A_SA_SPI]);
	sa->daddr = vg_get_addr(tb[VPNGW_A_SA_DADDR]);
	sa->saddr = vg_get_addr(tb[VPNGW_A_SA_SADDR]);
	sa->dir = vg_get_u8(tb[VPNGW_A_SA_DIR]);
	vg_get_str(tb[VPNGW_A_SA_MAP], sa->map, sizeof(sa->map));
	sa->map_seq = vg_get_u32(tb[VPNGW_A_SA_MAP_SEQ]);
	sa->mode = vg_get_u8(tb[VPNGW_A_SA_MODE]);
	sa->encr = vg_get_u8(tb[VPNGW_A_SA_ENCR]);
	sa->auth = vg_get_u8(tb[VPNGW_A_SA_AUTH]);
	sa->key_bits = vg_get_u32(tb[VPNGW_A_SA_KEY_BITS]);
	sa->flags = vg_get_u32(tb[VPNGW_A_SA_FLAGS]);
	sa->replay_window = vg_get_u32(tb[VPNGW_A_SA_REPLAY_WINDOW]);
	sa->soft_seconds = vg_get_u32(tb[VPNGW_A_SA_SOFT_SECONDS]);
	sa->hard_seconds = vg_get_u32(tb[VPNGW_A_SA_HARD_SECONDS]);
	sa->soft_kilobytes = vg_get_u32(tb[VPNGW_A_SA_SOFT_KILOBYTES]);
	sa->hard_kilobytes = vg_get_u32(tb[VPNGW_A_SA_HARD_KILOBYTES]);
	sa->soft_packets = vg_get_u64(tb[VPNGW_A_SA_SOFT_PACKETS]);
	sa->hard_packets = vg_get_u64(tb[VPNGW_A_SA_HARD_PACKETS]);
	sa->encap_sport = vg_get_u16(tb[VPNGW_A_SA_ENCAP_SPORT]);
	sa->encap_dport = vg_get_u16(tb[VPNGW_A_SA_ENCAP_DPORT]);
	sa->conn_id = vg_get_u32(tb[VPNGW_A_SA_CONN_ID]);
	sa->age = vg_get_u32(tb[VPNGW_A_SA_AGE]);
	sa->idle = vg_get_u32(tb[VPNGW_A_SA_IDLE]);
	sa->mtu = vg_get_u32(tb[VPNGW_A_SA_MTU]);
	sa->seq = vg_get_u64(tb[VPNGW_A_SA_SEQ]);
	sa->packets = vg_get_u64(tb[VPNGW_A_SA_PACKETS]);
	sa->bytes = vg_get_u64(tb[VPNGW_A_SA_BYTES]);
	sa->auth_errors = vg_get_u64(tb[VPNGW_A_SA_AUTH_ERRORS]);
	sa->replay_errors = vg_get_u64(tb[VPNGW_A_SA_REPLAY_ERRORS]);
	sa->errors = vg_get_u64(tb[VPNGW_A_SA_ERRORS]);
	return get_selector(tb[VPNGW_A_SA_SELECTOR], &sa->sel);
}
