// SPDX-License-Identifier: GPL-2.0
/* The data plane over libvpngw, and host routes over rtnetlink. */
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

/* Seconds by which the kernel's hard limit is behind child.c's clock: it ends what
 * a daemon that is gone would have ended.
 */
#define GRACE 10

struct kernel_nl {
	struct vg_nl *nl, *events;
	struct nl_sock *rt;
	struct vg_config *sas;
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

static int nl_get_spi(void *priv, uint32_t local, uint32_t *spi)
{
	do {
		if (crypto_random(spi, sizeof(*spi)))
			return -EIO;
	} while (*spi < 256);
	return 0;
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

static int nl_move_sa(void *priv, const struct kernel_place *place)
{
	struct kernel_nl *k = priv;
	struct nl_msg *msg = vg_nl_msg(k->nl, VPNGW_CMD_SA_MOVE, 0);
	struct nlattr *nest;

	if (!msg)
		return -ENOMEM;
	nest = nla_nest_start(msg, VPNGW_A_SA);
	if (!nest || nla_put_u32(msg, VPNGW_A_SA_SPI, place->spi) ||
	    vg_put_addr(msg, VPNGW_A_SA_DADDR, place->daddr) ||
	    vg_put_addr(msg, VPNGW_A_SA_PEER, place->peer) ||
	    nla_put_u16(msg, VPNGW_A_SA_ENCAP_SPORT, place->sport) ||
	    nla_put_u16(msg, VPNGW_A_SA_ENCAP_DPORT, place->dport)) {
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
		.encap_sport = in ? p->peer_port : p->local_port,
		.encap_dport = in ? p->local_port : p->peer_port,
		.map_seq = p->seq,
		.mode = p->transport ? VPNGW_MODE_TRANSPORT : VPNGW_MODE_TUNNEL,
		.encr = encr_of(p->encr),
		.auth = auth_of(p->auth),
		.sel = { p->sel.local, p->sel.local_mask, p->sel.remote, p->sel.remote_mask,
			 p->sel.proto, p->sel.local_port, p->sel.remote_port },
		.replay_window = 64,
		.flags = VPNGW_SA_FLAG_DF_COPY,
		.hard_seconds = p->life + GRACE,
		.hard_kilobytes = p->kilobytes,
		.soft_kilobytes = p->soft_kilobytes,
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

static int nl_add_in(void *priv, const struct kernel_pair *pair)
{
	return add_one(priv, pair, true);
}

static int nl_add_out(void *priv, const struct kernel_pair *pair)
{
	return add_one(priv, pair, false);
}

/* Who is told, while libvpngw reads. */
struct listener {
	kernel_event_fn fn;
	void *arg;
};

static void on_acquire(const struct vg_reply *r, struct nlattr **event, const struct listener *l)
{
	struct kernel_event e = {
		.kind = KERNEL_ACQUIRE, .src = vg_get_addr(event[VPNGW_A_EVENT_SRC]),
		.dst = vg_get_addr(event[VPNGW_A_EVENT_DST]),
		.proto = vg_get_u8(event[VPNGW_A_EVENT_PROTO]),
	};
	struct nlattr *tb[VPNGW_A_POLICY_MAX + 1], *policy = r->top[VPNGW_A_POLICY];

	if (!policy || vg_parse_nest(tb, VPNGW_A_POLICY_MAX, policy))
		return;
	vg_get_str(tb[VPNGW_A_POLICY_MAP], e.map, sizeof(e.map));
	e.seq = vg_get_u32(tb[VPNGW_A_POLICY_SEQ]);
	l->fn(l->arg, &e);
}

static int on_event(const struct vg_reply *r, void *arg)
{
	struct nlattr *tb[VPNGW_A_EVENT_MAX + 1];
	const struct listener *l = arg;
	struct kernel_event e = { 0 };
	struct vg_sa sa;

	if (!r->top[VPNGW_A_EVENT] || vg_parse_nest(tb, VPNGW_A_EVENT_MAX, r->top[VPNGW_A_EVENT]))
		return 0;
	if (r->cmd == VPNGW_CMD_ACQUIRE_NTF)
		on_acquire(r, tb, l);
	if (r->cmd != VPNGW_CMD_SA_NTF || vg_get_sa(r->top[VPNGW_A_SA], &sa))
		return 0;
	vg_get_str(tb[VPNGW_A_EVENT_CAUSE], e.cause, sizeof(e.cause));
	if (!strcmp(e.cause, "new") || !strcmp(e.cause, "moved"))
		return 0;
	/* a sequence number that has run out is as good as a limit */
	e.kind = !strcmp(e.cause, "soft-lifetime") || !strcmp(e.cause, "sequence-overflow") ?
		KERNEL_SOFT : !strcmp(e.cause, "peer-moved") ? KERNEL_PEER : KERNEL_GONE;
	if (e.kind == KERNEL_PEER) {
		e.src = vg_get_addr(tb[VPNGW_A_EVENT_SRC]);
		e.sport = vg_get_u16(tb[VPNGW_A_EVENT_SPORT]);
	}
	e.daddr = sa.daddr;
	e.spi = sa.spi;
	l->fn(l->arg, &e);
	return 0;
}

static int nl_fd(void *priv)
{
	struct kernel_nl *k = priv;

	return vg_nl_fd(k->events);
}

static int by_spi(const void *a, const void *b)
{
	const struct vg_sa *x = a, *y = b;

	if (x->spi != y->spi)
		return x->spi < y->spi ? -1 : 1;
	return x->daddr < y->daddr ? -1 : x->daddr > y->daddr;
}

static void forget_sas(struct kernel_nl *k)
{
	vg_config_free(k->sas);
	k->sas = NULL;
}

/*
 * All associations by SPI, read once: asked for each of many in turn after a
 * restart. NULL if they cannot be read; some of them are as good as none.
 */
static struct vg_config *all_sas(struct kernel_nl *k)
{
	struct vg_nl_error err = { 0 };

	for (int i = 0; i < 3 && !k->sas; i++) {
		k->sas = vg_config_new();
		if (k->sas && !vg_fetch(k->nl, VPNGW_CMD_SA_GET, k->sas, &err))
			break;
		forget_sas(k);
	}
	if (!k->sas)
		log_line(k->log, LOG_NOTICE, "kernel: associations cannot be read: %s", err.text);
	else if (k->sas->sa.n)
		qsort(k->sas->sa.v, k->sas->sa.n, sizeof(*k->sas->sa.v), by_spi);
	return k->sas;
}

static void nl_events(void *priv, kernel_event_fn fn, void *arg)
{
	struct listener l = { fn, arg };
	struct kernel_nl *k = priv;
	struct vg_nl_error err = { 0 };
	int ret = vg_nl_listen(k->events, on_event, &l, &err);

	if (ret == -ENOBUFS) {
		log_line(k->log, LOG_NOTICE, "kernel: events were lost, associations are read again");
		forget_sas(k);
		if (all_sas(k))
			fn(arg, &(struct kernel_event){ .kind = KERNEL_LOST });
		forget_sas(k);
	} else if (ret && ret != -EINTR) {
		log_line(k->log, LOG_NOTICE, "kernel: %s", err.text);
	}
}

static const struct vg_sa *find_sa(struct kernel_nl *k, uint32_t daddr, uint32_t spi)
{
	const struct vg_config *sas = all_sas(k);
	const struct vg_sa key = { .spi = spi, .daddr = daddr };

	return sas && sas->sa.n ? bsearch(&key, sas->sa.v, sas->sa.n, sizeof(key), by_spi) : NULL;
}

static int nl_traffic(void *priv, uint32_t daddr, uint32_t spi, struct kernel_traffic *t)
{
	const struct vg_sa *sa;

	if (!spi) {
		forget_sas(priv);
		return 0;
	}
	sa = find_sa(priv, daddr, spi);
	if (!sa)
		return -ENOENT;
	t->packets = sa->packets;
	t->bytes = sa->bytes;
	return 0;
}

static enum kernel_sa nl_sa_state(void *priv, uint32_t daddr, uint32_t spi)
{
	const struct vg_sa *sa = find_sa(priv, daddr, spi);

	if (!sa)
		return KERNEL_SA_NONE;
	if ((sa->soft_kilobytes && sa->bytes / 1024 >= sa->soft_kilobytes) ||
	    (sa->soft_seconds && sa->age >= sa->soft_seconds) || sa->seq >= UINT32_MAX)
		return KERNEL_SA_SOFT;
	return KERNEL_SA_LIVES;
}

static int nl_keep(void *priv, const struct kernel_owner *owner, void *arg)
{
	struct kernel_nl *k = priv;
	const struct vg_config *sas = all_sas(k);

	for (size_t i = 0; sas && i < sas->sa.n; i++) {
		const struct vg_sa *sa = &sas->sa.v[i];

		if (sa->flags & VPNGW_SA_FLAG_MANUAL || owner->known(arg, sa->daddr, sa->spi))
			continue;
		if (sa->dir == VPNGW_DIRECTION_OUT || !owner->orphan ||
		    owner->orphan(arg, sa->saddr, sa->spi))
			nl_del_sa(k, sa->daddr, sa->spi);
	}
	forget_sas(k);
	return sas ? 0 : -EIO;
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

	vg_config_free(k->sas);
	vg_nl_close(k->events);
	vg_nl_close(k->nl);
	nl_socket_free(k->rt);
	free(k);
}

static const struct kernel_ops nl_ops = {
	.get_spi = nl_get_spi,
	.add_in = nl_add_in,
	.add_out = nl_add_out,
	.del_sa = nl_del_sa,
	.move_sa = nl_move_sa,
	.traffic = nl_traffic,
	.sa_state = nl_sa_state,
	.keep = nl_keep,
	.route = nl_route,
	.fd = nl_fd,
	.events = nl_events,
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
	static const char *const groups[] = { VPNGW_MCGRP_SA, VPNGW_MCGRP_ACQUIRE };
	struct kernel_nl *priv = calloc(1, sizeof(*priv));
	struct vg_nl_error err = { 0 };

	if (!priv)
		return -ENOMEM;
	priv->log = log;
	priv->rt = nl_socket_alloc();
	if (!priv->rt || nl_connect(priv->rt, NETLINK_ROUTE) || vg_nl_open(&priv->nl, &err) ||
	    vg_nl_open(&priv->events, &err) ||
	    vg_nl_subscribe(priv->events, groups, VG_ARRAY_SIZE(groups), &err)) {
		log_line(log, LOG_NOTICE, "kernel: %s", err.text[0] ? err.text : "no netlink");
		vg_nl_close(priv->events);
		vg_nl_close(priv->nl);
		nl_socket_free(priv->rt);
		free(priv);
		return -ENODEV;
	}
	k->ops = &nl_ops;
	k->priv = priv;
	return 0;
}
