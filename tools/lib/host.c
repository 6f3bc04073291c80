// SPDX-License-Identifier: GPL-2.0
/* Compares the addresses and routes of a configuration with those of this host. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>

#include "host.h"

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

static void compare_address(struct nl_cache *addrs, const struct vg_iface *iface,
			    struct vg_diags *diags)
{
	struct question q = { .addr = iface->addr };
	char want[VG_ADDR_LEN];

	vg_addr_str(iface->addr, want);
	nl_cache_foreach(addrs, match_addr, &q);
	if (!q.ifindex)
		vg_diag_add(diags, VG_WARNING, iface->addr_at,
			    "device %s does not have the address %s; add it with: "
			    "ip address add %s/%u dev %s", iface->device, want, want,
			    vg_mask_len(iface->mask), iface->device);
	else if (q.ifindex != (int)iface->ifindex)
		vg_diag_add(diags, VG_WARNING, iface->addr_at,
			    "address %s is on another device than %s", want, iface->device);
	else if (q.len != (int)vg_mask_len(iface->mask))
		vg_diag_add(diags, VG_WARNING, iface->addr_at,
			    "device %s has %s/%d, not /%u", iface->device, want, q.len,
			    vg_mask_len(iface->mask));
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

static void compare_route(const struct vg_config *cfg, struct nl_cache *routes,
			  const struct vg_route *r, struct vg_diags *diags)
{
	const struct vg_iface *iface = vg_iface_find(cfg, r->iface.name);
	struct question q = {
		.addr = r->dst, .len = vg_mask_len(r->mask), .gateway = r->gateway,
		.device = iface ? (int)iface->ifindex : 0,
		.blackhole = !strcasecmp(r->iface.name, "Null0"),
	};
	char dst[VG_ADDR_LEN], via[VG_ADDR_LEN] = "";

	nl_cache_foreach(routes, match_route, &q);
	if (q.same || (!q.gateway && !q.device && !q.blackhole))
		return;
	vg_addr_str(r->dst, dst);
	if (r->gateway)
		vg_addr_str(r->gateway, via);
	vg_diag_add(diags, VG_WARNING, r->at,
		    "this host has %s route to %s/%d; %s it with: ip route %s %s%s/%d%s%s%s%s",
		    q.any ? "another" : "no", dst, q.len, q.any ? "replace" : "add",
		    q.any ? "replace" : "add", q.blackhole ? "blackhole " : "", dst, q.len,
		    r->gateway ? " via " : "", via, q.device ? " dev " : "",
		    q.device ? iface->device : "");
}

/**
 * vg_host_compare - find what this host has otherwise than a configuration says
 * @cfg: configuration, its interfaces bound as far as there are devices for them
 * @diags: where the differences go, with what would mend them
 *
 * A host with none of the devices is not the one that the configuration is for,
 * and is not compared.
 *
 * Return: 0, or -errno if the host could not be asked.
 */
int vg_host_compare(const struct vg_config *cfg, struct vg_diags *diags)
{
	struct nl_cache *addrs = NULL, *routes = NULL;
	struct nl_sock *sock = nl_socket_alloc();
	bool ours = false;
	int ret = -EIO;

	if (!sock)
		return -ENOMEM;
	if (nl_connect(sock, NETLINK_ROUTE) < 0 || rtnl_addr_alloc_cache(sock, &addrs) < 0)
		goto out;
	for (size_t i = 0; i < cfg->iface.n; i++) {
		ours |= cfg->iface.v[i].ifindex != 0;
		if (cfg->iface.v[i].ifindex && cfg->iface.v[i].mask)
			compare_address(addrs, &cfg->iface.v[i], diags);
	}
	if (ours && cfg->route.n && rtnl_route_alloc_cache(sock, AF_INET, 0, &routes) < 0)
		goto out;
	for (size_t i = 0; ours && i < cfg->route.n; i++)
		compare_route(cfg, routes, &cfg->route.v[i], diags);
	ret = 0;
out:
	nl_cache_free(routes);
	nl_cache_free(addrs);
	nl_socket_free(sock);
	return ret;
}
