// SPDX-License-Identifier: GPL-2.0
/*
 * The data plane over libvpngw, as far as the netlink family goes today:
 *  - no larval SPIs: get_spi draws one and trusts that nobody else makes SAs; a
 *    clash is refused by the kernel when the pair is added;
 *  - a pair is two requests: inbound first, so that we can receive before we send;
 *  - a crypto map entry has one current outbound SA, so that one client at a time
 *    can use an entry; the one before it is superseded;
 *  - limits are not set in the kernel: child.c ends a pair by its own clock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/route/rtnl.h>

#include "crypto.h"
#include "kernel.h"
#include "nl.h"

/* "proto" of our routes, to tell them from the operator's; unassigned in Linux. */
#define ROUTE_PROTO 96

struct kernel_nl {
	struct vg_nl *nl;
	struct nl_sock *rt;
	const struct log *log;
};

static enum vpngw_encr encr_of(enum esp_transform t)
{
	switch (t) {
	case ESP_DES:
		return VPNGW_ENCR_DES;
	case ESP_3DES:
		return VPNGW_ENCR_3DES;
	case ESP_AES_CBC:
		return VPNGW_ENCR_AES_CBC;
	default:
		return VPNGW_ENCR_NULL;
	}
}

static enum vpngw_auth auth_of(enum esp_auth a)
{
	switch (a) {
	case ESP_AUTH_MD5:
		return VPNGW_AUTH_HMAC_MD5;
	case ESP_AUTH_SHA1:
		return VPNGW_AUTH_HMAC_SHA1;
	case ESP_AUTH_SHA256:
		return VPNGW_AUTH_HMAC_SHA256;
	case ESP_AUTH_SHA384:
		return VPNGW_AUTH_HMAC_SHA384;
	default:
		return VPNGW_AUTH_HMAC_SHA512;
	}
}

static int nl_get_spi(void *priv, uint32_t local, uint32_t peer, uint32_t *spi)
{
	do {
		if (crypto_random(spi, sizeof(*spi)))
			return -EIO;
	} while (*spi < 256);
	return 0;
}

static void nl_put_spi(void *priv, uint32_t local, uint32_t spi)
{
}

static int request(struct kernel_nl *k, struct nl_msg *msg)
{
	struct vg_nl_error err = { 0 };
	int ret = vg_nl_request(k->nl, msg, NULL, NULL, &err);

	if (ret)
		log_line(k->log, LOG_NOTICE, "kernel: %s%s%s", err.text,
			 err.attr[0] ? ", attribute " : "", err.attr);
	return ret > 0 ? -ret : ret;
}

static int nl_del_sa(void *priv, uint32_t daddr, uint32_t spi)
{
	struct kernel_nl *k = priv;
	struct nl_msg *msg = vg_nl_msg(k->nl, VPNGW_CMD_SA_DEL, 0);
	struct nlattr *nest;

	if (!msg)
		return -ENOMEM;
	nest = nla_nest_start(msg, VPNGW_A_SA);
	if (!nest || nla_put_u32(msg, VPNGW_A_SA_SPI, spi) ||
	    vg_put_addr(msg, VPNGW_A_SA_DADDR, daddr)) {
		vg_nl_msg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, nest);
	return request(k, msg);
}

static int add_one(struct kernel_nl *k, const struct kernel_pair *p, bool in)
{
	const struct kernel_keys *keys = in ? &p->in : &p->out;
	struct vg_sa sa = {
		.spi = in ? p->in_spi : p->out_spi,
		.daddr = in ? p->local : p->peer,
		.saddr = in ? p->peer : p->local,
		.dir = in ? VPNGW_DIRECTION_IN : VPNGW_DIRECTION_OUT,
		.map_seq = p->seq,
		.mode = p->transport ? VPNGW_MODE_TRANSPORT : VPNGW_MODE_TUNNEL,
		.encr = encr_of(p->encr),
		.auth = auth_of(p->auth),
		.sel = { p->sel.local, p->sel.local_mask, p->sel.remote, p->sel.remote_mask,
			 p->sel.proto, p->sel.local_port, p->sel.remote_port },
		.replay_window = 64,
	};
	struct nl_msg *msg = vg_nl_msg(k->nl, VPNGW_CMD_SA_NEW, 0);
	int ret = -ENOMEM;

	snprintf(sa.map, sizeof(sa.map), "%s", p->map);
	sa.enc_key.len = p->enc_len;
	memcpy(sa.enc_key.v, keys->enc, p->enc_len);
	sa.auth_key.len = p->auth_len;
	memcpy(sa.auth_key.v, keys->auth, p->auth_len);
	if (msg && !vg_put_sa(msg, &sa))
		ret = request(k, msg);
	else
		vg_nl_msg_free(msg);
	crypto_wipe(&sa, sizeof(sa));
	return ret;
}

static int nl_add_pair(void *priv, const struct kernel_pair *pair)
{
	struct kernel_nl *k = priv;
	int ret = add_one(k, pair, true);

	if (ret)
		return ret;
	ret = add_one(k, pair, false);
	if (ret)
		nl_del_sa(k, pair->local, pair->in_spi);
	return ret;
}

static struct nl_addr *host_addr(uint32_t addr)
{
	struct in_addr in = { htonl(addr) };
	struct nl_addr *a = nl_addr_build(AF_INET, &in, sizeof(in));

	if (a)
		nl_addr_set_prefixlen(a, 32);
	return a;
}

/* The way to the peer: its device, and the next hop or the peer itself. */
static int next_hop(struct kernel_nl *k, uint32_t peer, int *ifindex, struct nl_addr **via)
{
	struct nl_addr *dst = host_addr(peer);
	struct rtnl_route *route = NULL;
	struct rtnl_nexthop *nh;
	int ret;

	if (!dst)
		return -ENOMEM;
	ret = rtnl_route_lookup(k->rt, dst, &route);
	if (ret) {
		nl_addr_put(dst);
		return -EHOSTUNREACH;
	}
	nh = rtnl_route_nexthop_n(route, 0);
	*ifindex = nh ? rtnl_route_nh_get_ifindex(nh) : 0;
	*via = nh ? rtnl_route_nh_get_gateway(nh) : NULL;
	*via = *via ? nl_addr_clone(*via) : nl_addr_clone(dst);
	rtnl_route_put(route);
	nl_addr_put(dst);
	return *ifindex && *via ? 0 : -EHOSTUNREACH;
}

static int nl_route(void *priv, bool add, uint32_t client, uint32_t peer)
{
	struct rtnl_nexthop *nh = rtnl_route_nh_alloc();
	struct rtnl_route *route = rtnl_route_alloc();
	struct nl_addr *dst = host_addr(client), *via = NULL;
	struct kernel_nl *k = priv;
	int ret = -ENOMEM, ifindex = 0;

	if (!nh || !route || !dst)
		goto out;
	rtnl_route_set_family(route, AF_INET);
	rtnl_route_set_dst(route, dst);
	rtnl_route_set_table(route, RT_TABLE_MAIN);
	rtnl_route_set_protocol(route, ROUTE_PROTO);
	rtnl_route_set_type(route, RTN_UNICAST);
	/* not guessed from the next hops, of which a deletion names none */
	rtnl_route_set_scope(route, RT_SCOPE_UNIVERSE);
	if (add) {
		ret = next_hop(k, peer, &ifindex, &via);
		if (ret)
			goto out;
		rtnl_route_nh_set_ifindex(nh, ifindex);
		rtnl_route_nh_set_gateway(nh, via);
		rtnl_route_add_nexthop(route, nh);
		nh = NULL;		/* the route's now */
		ret = rtnl_route_add(k->rt, route, NLM_F_REPLACE);
	} else {
		ret = rtnl_route_delete(k->rt, route, 0);
		if (ret == -NLE_OBJ_NOTFOUND)
			ret = 0;
	}
	if (ret) {
		log_line(k->log, LOG_NOTICE, "host route: %s", nl_geterror(ret));
		ret = -EIO;
	}
out:
	nl_addr_put(via);
	nl_addr_put(dst);
	rtnl_route_put(route);
	if (nh)
		rtnl_route_nh_free(nh);
	return ret;
}

static void nl_done(void *priv)
{
	struct kernel_nl *k = priv;

	vg_nl_close(k->nl);
	nl_socket_free(k->rt);
	free(k);
}

static const struct kernel_ops nl_ops = {
	.get_spi = nl_get_spi,
	.put_spi = nl_put_spi,
	.add_pair = nl_add_pair,
	.del_sa = nl_del_sa,
	.route = nl_route,
	.close = nl_done,
};

/**
 * kernel_nl_open - the module
 * @k: where it goes
 * @log: for the kernel's own words when it refuses
 *
 * Return: 0 or -errno.
 */
int kernel_nl_open(struct kernel *k, const struct log *log)
{
	struct kernel_nl *priv = calloc(1, sizeof(*priv));
	struct vg_nl_error err = { 0 };

	if (!priv)
		return -ENOMEM;
	priv->log = log;
	priv->rt = nl_socket_alloc();
	if (!priv->rt || nl_connect(priv->rt, NETLINK_ROUTE) || vg_nl_open(&priv->nl, &err)) {
		log_line(log, LOG_NOTICE, "kernel: %s", err.text[0] ? err.text : "no netlink");
		nl_socket_free(priv->rt);
		free(priv);
		return -ENODEV;
	}
	k->ops = &nl_ops;
	k->priv = priv;
	return 0;
}
