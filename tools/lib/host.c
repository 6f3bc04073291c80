// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the addresses and routes of a configuration with those of this host, which
 * is to forward packets as well, and gives it what it lacks if it is asked to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "host.h"
#include "util.h"

#define FORWARDING	"/proc/sys/net/ipv4/ip_forward"

/**
 * struct comparison - a configuration and what is found of it
 * @cfg: configuration
 * @addrs: addresses of the host
 * @routes: IPv4 routes of the host
 * @changes: receives what would mend a difference; NULL to say it in @diags
 * @diags: receives what cannot be mended from here, or all of it
 * @failed: out of memory
 */
struct comparison {
	const struct vg_config *cfg;
	struct nl_cache *addrs, *routes;
	struct vg_host_changes *changes;
	struct vg_diags *diags;
	bool failed;
};

/**
 * struct question - something looked for among what the host has
 * @addr: address, or destination of a route
 * @len: its prefix length; that of the address found
 * @ifindex: device with the address, 0 if there is none
 * @gateway: next hop wanted, 0 for none
 * @device: device wanted, 0 for any
 * @blackhole: the route discards
 * @any: there is a route to the destination
 * @same: and it is the one that is wanted
 */
struct question {
	uint32_t addr;
	int len, ifindex;
	uint32_t gateway;
	int device;
	bool blackhole, any, same;
};

static bool is_ipv4(const struct nl_addr *a, uint32_t *addr)
{
	*addr = 0;
	if (!a || nl_addr_get_family(a) != AF_INET)
		return false;
	if (nl_addr_get_len(a) == sizeof(*addr))
		memcpy(addr, nl_addr_get_binary_addr(a), sizeof(*addr));
	*addr = ntohl(*addr);
	return true;
}

static void match_addr(struct nl_object *obj, void *arg)
{
	struct rtnl_addr *a = (struct rtnl_addr *)obj;
	struct question *q = arg;
	uint32_t addr;

	if (q->ifindex || !is_ipv4(rtnl_addr_get_local(a), &addr) || addr != q->addr)
		return;
	q->ifindex = rtnl_addr_get_ifindex(a);
	q->len = rtnl_addr_get_prefixlen(a);
}

/* Into the list of changes, if there is one. */
static bool noted(struct comparison *c, const struct vg_host_change *change)
{
	struct vg_host_change *v;

	if (!c->changes)
		return false;
	v = vg_push(&c->changes->v, &c->changes->n, &c->changes->cap);
	if (v)
		*v = *change;
	else
		c->failed = true;
	return true;
}

/**
 * struct neighbour - an address that another one depends on
 * @ifindex: of both
 * @addr: the other one, which was there first
 * @len: prefix length of both
 * @found: there is such an address
 */
struct neighbour {
	int ifindex, len;
	uint32_t addr;
	bool found;
};

static void match_neighbour(struct nl_object *obj, void *arg)
{
	struct rtnl_addr *a = (struct rtnl_addr *)obj;
	struct neighbour *n = arg;
	uint32_t addr;

	if (rtnl_addr_get_ifindex(a) != n->ifindex || rtnl_addr_get_prefixlen(a) != n->len ||
	    !is_ipv4(rtnl_addr_get_local(a), &addr) || addr == n->addr)
		return;
	n->found |= !((addr ^ n->addr) & vg_len_mask(n->len));
}

/* Would others of its subnet go with the address? The kernel takes them along. */
static bool has_neighbours(struct comparison *c, const struct vg_iface *iface, int len)
{
	struct neighbour n = { .ifindex = iface->ifindex, .addr = iface->addr, .len = len };

	nl_cache_foreach(c->addrs, match_neighbour, &n);
	return n.found;
}

static void compare_length(struct comparison *c, const struct vg_iface *iface, int old_len)
{
	struct vg_host_change change = { .iface = iface, .old_len = old_len };
	unsigned int len = vg_mask_len(iface->mask);
	char want[VG_ADDR_LEN];

	vg_addr_str(iface->addr, want);
	snprintf(change.command, sizeof(change.command),
		 "ip address add %s/%u dev %s; ip address del %s/%d dev %s", want, len,
		 iface->device, want, old_len, iface->device);
	if (has_neighbours(c, iface, old_len))
		vg_diag_add(c->diags, VG_WARNING, iface->addr_at,
			    "device %s has %s/%d, not /%u, and other addresses of that subnet",
			    iface->device, want, old_len, len);
	else if (!noted(c, &change))
		vg_diag_add(c->diags, VG_WARNING, iface->addr_at,
			    "device %s has %s/%d, not /%u; change it with: %s",
			    iface->device, want, old_len, len, change.command);
}

static void compare_address(struct comparison *c, const struct vg_iface *iface)
{
	struct vg_host_change change = { .iface = iface };
	struct question q = { .addr = iface->addr };
	char want[VG_ADDR_LEN];

	vg_addr_str(iface->addr, want);
	nl_cache_foreach(c->addrs, match_addr, &q);
	snprintf(change.command, sizeof(change.command), "ip address add %s/%u dev %s", want,
		 vg_mask_len(iface->mask), iface->device);
	if (!q.ifindex) {
		if (!noted(c, &change))
			vg_diag_add(c->diags, VG_WARNING, iface->addr_at,
				    "device %s does not have the address %s; add it with: %s",
				    iface->device, want, change.command);
	} else if (q.ifindex != (int)iface->ifindex) {
		/* to take it from there might cut off who asks for it */
		vg_diag_add(c->diags, VG_WARNING, iface->addr_at,
			    "address %s is on another device than %s", want, iface->device);
	} else if (q.len != (int)vg_mask_len(iface->mask)) {
		compare_length(c, iface, q.len);
	}
}

static void match_route(struct nl_object *obj, void *arg)
{
	struct rtnl_route *route = (struct rtnl_route *)obj;
	struct nl_addr *dst = rtnl_route_get_dst(route);
	struct question *q = arg;
	uint32_t addr;

	if (rtnl_route_get_table(route) != RT_TABLE_MAIN || !is_ipv4(dst, &addr) ||
	    addr != q->addr || (int)nl_addr_get_prefixlen(dst) != q->len)
		return;
	q->any = true;
	if (q->blackhole) {
		q->same |= rtnl_route_get_type(route) == RTN_BLACKHOLE;
		return;
	}
	for (int i = 0; i < rtnl_route_get_nnexthops(route); i++) {
		struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, i);
		uint32_t via;

		is_ipv4(rtnl_route_nh_get_gateway(hop), &via);
		q->same |= (!q->gateway || via == q->gateway) &&
			   (!q->device || rtnl_route_nh_get_ifindex(hop) == q->device);
	}
}

static void compare_route(struct comparison *c, const struct vg_route *r)
{
	const struct vg_iface *iface = vg_iface_find(c->cfg, r->iface.name);
	struct question q = {
		.addr = r->dst, .len = vg_mask_len(r->mask), .gateway = r->gateway,
		.device = iface ? (int)iface->ifindex : 0,
		.blackhole = !strcasecmp(r->iface.name, "Null0"),
	};
	struct vg_host_change change = { .route = r, .device = q.device, .blackhole = q.blackhole };
	char dst[VG_ADDR_LEN], via[VG_ADDR_LEN] = "";

	nl_cache_foreach(c->routes, match_route, &q);
	if (q.same || (!q.gateway && !q.device && !q.blackhole))
		return;
	vg_addr_str(r->dst, dst);
	if (r->gateway)
		vg_addr_str(r->gateway, via);
	snprintf(change.command, sizeof(change.command), "ip route %s %s%s/%d%s%s%s%s",
		 q.any ? "replace" : "add", q.blackhole ? "blackhole " : "", dst, q.len,
		 r->gateway ? " via " : "", via, q.device ? " dev " : "",
		 q.device ? iface->device : "");
	if (!noted(c, &change))
		vg_diag_add(c->diags, VG_WARNING, r->at,
			    "this host has %s route to %s/%d; %s it with: %s",
			    q.any ? "another" : "no", dst, q.len, q.any ? "replace" : "add",
			    change.command);
}

/* Without it a gateway is a host: packets for others end here, and nothing says so. */
static void compare_forwarding(struct comparison *c)
{
	struct vg_host_change change = { .command = "sysctl -w net.ipv4.ip_forward=1" };
	FILE *file = fopen(FORWARDING, "re");
	int on = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	if (on == '0' && !noted(c, &change))
		vg_diag_add(c->diags, VG_WARNING, (struct vg_src){ 0 },
			    "this host does not forward packets; let it with: %s",
			    change.command);
}

static void compare(struct comparison *c, bool ours)
{
	if (ours)
		compare_forwarding(c);
	for (size_t i = 0; i < c->cfg->iface.n; i++) {
		const struct vg_iface *iface = &c->cfg->iface.v[i];

		if (iface->ifindex && iface->mask)
			compare_address(c, iface);
	}
	for (size_t i = 0; ours && i < c->cfg->route.n; i++)
		compare_route(c, &c->cfg->route.v[i]);
}

/**
 * vg_host_compare - find what this host has otherwise than a configuration says
 * @cfg: configuration, its interfaces bound as far as there are devices for them
 * @changes: receives what vg_host_apply() can mend, zeroed by the caller and freed by
 *	vg_host_changes_free(); it refers to @cfg. NULL to have it in @diags, too
 * @diags: where the differences go, with what would mend them
 *
 * A host with none of the devices is not the one that the configuration is for,
 * and is not compared.
 *
 * Return: 0, or -errno if the host could not be asked.
 */
int vg_host_compare(const struct vg_config *cfg, struct vg_host_changes *changes,
		    struct vg_diags *diags)
{
	struct comparison c = { .cfg = cfg, .changes = changes, .diags = diags };
	struct nl_sock *sock = nl_socket_alloc();
	bool ours = false;
	int ret = -EIO;

	if (!sock)
		return -ENOMEM;
	if (nl_connect(sock, NETLINK_ROUTE) < 0 || rtnl_addr_alloc_cache(sock, &c.addrs) < 0)
		goto out;
	for (size_t i = 0; i < cfg->iface.n; i++)
		ours |= cfg->iface.v[i].ifindex != 0;
	if (ours && cfg->route.n && rtnl_route_alloc_cache(sock, AF_INET, 0, &c.routes) < 0)
		goto out;
	compare(&c, ours);
	ret = c.failed ? -ENOMEM : 0;
out:
	nl_cache_free(c.routes);
	nl_cache_free(c.addrs);
	nl_socket_free(sock);
	return ret;
}

static struct nl_addr *addr_of(uint32_t addr, int len)
{
	uint32_t be = htonl(addr);
	struct nl_addr *a = nl_addr_build(AF_INET, &be, sizeof(be));

	if (a)
		nl_addr_set_prefixlen(a, len);
	return a;
}

static struct rtnl_addr *iface_addr(const struct vg_iface *iface, int len)
{
	struct nl_addr *local = addr_of(iface->addr, len);
	struct rtnl_addr *a = rtnl_addr_alloc();

	if (a && local && !rtnl_addr_set_local(a, local)) {
		rtnl_addr_set_ifindex(a, iface->ifindex);
	} else {
		rtnl_addr_put(a);
		a = NULL;
	}
	nl_addr_put(local);
	return a;
}

/* The new one first, so that the device always has the address. */
static int apply_address(struct nl_sock *sock, const struct vg_host_change *change)
{
	struct rtnl_addr *a = iface_addr(change->iface, vg_mask_len(change->iface->mask));
	int ret = a ? rtnl_addr_add(sock, a, NLM_F_CREATE | NLM_F_EXCL) : -NLE_NOMEM;

	rtnl_addr_put(a);
	if (ret || !change->old_len)
		return ret;
	a = iface_addr(change->iface, change->old_len);
	ret = a ? rtnl_addr_delete(sock, a, 0) : -NLE_NOMEM;
	rtnl_addr_put(a);
	return ret;
}

static int set_hop(struct rtnl_route *route, const struct vg_host_change *change)
{
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *via;

	if (!hop)
		return -NLE_NOMEM;
	if (change->device)
		rtnl_route_nh_set_ifindex(hop, change->device);
	if (change->route->gateway) {
		via = addr_of(change->route->gateway, 32);
		if (!via) {
			rtnl_route_nh_free(hop);
			return -NLE_NOMEM;
		}
		rtnl_route_nh_set_gateway(hop, via);
		nl_addr_put(via);
	}
	rtnl_route_add_nexthop(route, hop);
	return 0;
}

static int apply_route(struct nl_sock *sock, const struct vg_host_change *change)
{
	const struct vg_route *r = change->route;
	struct nl_addr *dst = addr_of(r->dst, vg_mask_len(r->mask));
	struct rtnl_route *route = rtnl_route_alloc();
	int ret = -NLE_NOMEM;

	if (!dst || !route)
		goto out;
	rtnl_route_set_family(route, AF_INET);
	rtnl_route_set_dst(route, dst);
	rtnl_route_set_table(route, RT_TABLE_MAIN);
	rtnl_route_set_protocol(route, RTPROT_STATIC);
	rtnl_route_set_scope(route, r->gateway || change->blackhole ? RT_SCOPE_UNIVERSE :
			     RT_SCOPE_LINK);
	if (change->blackhole)
		ret = rtnl_route_set_type(route, RTN_BLACKHOLE);
	else
		ret = set_hop(route, change);
	if (!ret)
		ret = rtnl_route_add(sock, route, NLM_F_CREATE | NLM_F_REPLACE);
out:
	rtnl_route_put(route);
	nl_addr_put(dst);
	return ret;
}

static int apply_forwarding(void)
{
	FILE *file = fopen(FORWARDING, "we");
	int ret = -NLE_PERM;

	if (!file)
		return ret;
	if (fputs("1\n", file) != EOF)
		ret = 0;
	if (fclose(file))
		ret = -NLE_PERM;
	return ret;
}

static int apply(struct nl_sock *sock, const struct vg_host_change *change)
{
	if (change->iface)
		return apply_address(sock, change);
	return change->route ? apply_route(sock, change) : apply_forwarding();
}

static struct vg_src where(const struct vg_host_change *change)
{
	if (change->iface)
		return change->iface->addr_at;
	return change->route ? change->route->at : (struct vg_src){ 0 };
}

/**
 * vg_host_apply - give this host what a configuration says
 * @changes: from vg_host_compare(), in its order: addresses ahead of the routes that
 *	go by them
 * @diags: receives an error for each that fails; the others are made all the same
 *
 * Return: 0, or -errno if the host could not be asked.
 */
int vg_host_apply(const struct vg_host_changes *changes, struct vg_diags *diags)
{
	struct nl_sock *sock = nl_socket_alloc();
	int ret = 0;

	if (!sock)
		return -ENOMEM;
	if (nl_connect(sock, NETLINK_ROUTE) < 0)
		ret = -EIO;
	for (size_t i = 0; !ret && i < changes->n; i++) {
		const struct vg_host_change *change = &changes->v[i];
		int err = apply(sock, change);

		if (err)
			vg_diag_add(diags, VG_ERROR, where(change), "%s: %s", change->command,
				    nl_geterror(err));
	}
	nl_socket_free(sock);
	return ret;
}

/**
 * vg_host_changes_free - free what vg_host_compare() has found
 * @changes: may be used again afterwards
 */
void vg_host_changes_free(struct vg_host_changes *changes)
{
	free(changes->v);
	memset(changes, 0, sizeof(*changes));
}
