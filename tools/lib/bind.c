// SPDX-License-Identifier: GPL-2.0
/* Binds the interfaces of a configuration to devices of this host. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "bind.h"
#include "ifname.h"

struct host {
	struct nl_sock *sock;
	struct nl_cache *addrs;
};

struct lookup {
	const struct vg_iface *iface;
	uint32_t addr;			/* address wanted, or address found */
	int ifindex;
};

static void match_addr(struct nl_object *obj, void *arg)
{
	struct rtnl_addr *a = (struct rtnl_addr *)obj;
	struct nl_addr *local = rtnl_addr_get_local(a);
	struct lookup *l = arg;
	uint32_t addr;

	if (!local || nl_addr_get_family(local) != AF_INET || l->ifindex)
		return;
	memcpy(&addr, nl_addr_get_binary_addr(local), sizeof(addr));
	if (ntohl(addr) != l->addr)
		return;
	l->ifindex = rtnl_addr_get_ifindex(a);
}

/* The first, primary address of a device. */
static void first_addr(struct nl_object *obj, void *arg)
{
	struct rtnl_addr *a = (struct rtnl_addr *)obj;
	struct nl_addr *local = rtnl_addr_get_local(a);
	struct lookup *l = arg;
	uint32_t addr;

	if (!local || nl_addr_get_family(local) != AF_INET || l->addr ||
	    rtnl_addr_get_ifindex(a) != l->ifindex)
		return;
	memcpy(&addr, nl_addr_get_binary_addr(local), sizeof(addr));
	l->addr = ntohl(addr);
}

static int on_link(struct nl_msg *msg, void *arg)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlmsg_hdr(msg));

	if (nlmsg_hdr(msg)->nlmsg_type == RTM_NEWLINK &&
	    nlmsg_datalen(nlmsg_hdr(msg)) >= (int)sizeof(*ifi))
		*(int *)arg = ifi->ifi_index;
	return NL_OK;
}

/*
 * Alternative names may be longer than what if_nametoindex() takes, and libnl
 * does not look devices up by them: ask by hand.
 */
static int altname_index(struct host *h, const char *name)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int index = 0;

	if (!msg || !cb || nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) ||
	    nla_put_string(msg, IFLA_ALT_IFNAME, name)) {
		index = -ENOMEM;
		goto out;
	}
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_link, &index);
	if (nl_send_auto(h->sock, msg) >= 0) {
		/* The link and its ack, or an error in place of both. */
		if (nl_recvmsgs(h->sock, cb) >= 0 && index)
			nl_recvmsgs(h->sock, cb);
	}
out:
	if (cb)
		nl_cb_put(cb);
	nlmsg_free(msg);
	return index;
}

static int device_index(struct host *h, const char *name, char device[IFNAMSIZ])
{
	int index = strlen(name) < IFNAMSIZ ? (int)if_nametoindex(name) : 0;

	if (!index)
		index = altname_index(h, name);
	if (index > 0 && !if_indextoname(index, device))
		return 0;
	return index;
}

static struct vg_binding *given_for(struct vg_binding *given, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		char written[VG_NAME_LEN];

		snprintf(written, sizeof(written), "%.*s", (int)given[i].name_len,
			 given[i].name);
		if (given[i].name_len < sizeof(written) && vg_ifname_same(name, written))
			return &given[i];
	}
	return NULL;
}

static int bind_iface(struct host *h, struct vg_iface *iface, struct vg_binding *given,
		      struct vg_diags *diags)
{
	struct lookup l = { .iface = iface, .addr = iface->addr };
	char quad[VG_ADDR_LEN];
	int index = 0;

	if (given) {
		given->used = true;
		index = device_index(h, given->device, iface->device);
		if (index <= 0) {
			vg_diag_add(diags, VG_ERROR, iface->at,
				    "--interface %.*s=%s: there is no such device",
				    (int)given->name_len, given->name, given->device);
			return index;
		}
	} else {
		if (iface->written[0])
			index = device_index(h, iface->written, iface->device);
		if (!index)
			index = device_index(h, iface->name, iface->device);
	}
	if (!index && iface->mask) {
		nl_cache_foreach(h->addrs, match_addr, &l);
		if (l.ifindex && if_indextoname(l.ifindex, iface->device))
			index = l.ifindex;
	}
	if (index < 0)
		return index;
	if (!index) {
		if (vg_iface_has_role(iface))
			vg_diag_add(diags, VG_ERROR, iface->at,
				    "no device is named %s or has the address %s; name one with "
				    "--interface %s=DEVICE", iface->name, iface->mask ?
				    vg_addr_str(iface->addr, quad) : "(none configured)",
				    iface->name);
		return 0;
	}
	iface->ifindex = index;
	l = (struct lookup){ .ifindex = index };
	nl_cache_foreach(h->addrs, first_addr, &l);
	iface->device_addr = l.addr;
	return 0;
}

/* Two names for one device would give it two sets of roles. */
static void refuse_doubles(const struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->iface.n; i++) {
		const struct vg_iface *a = &cfg->iface.v[i];

		for (size_t j = 0; a->ifindex && j < i; j++) {
			const struct vg_iface *b = &cfg->iface.v[j];
			struct vg_diag *d;

			if (a->ifindex != b->ifindex)
				continue;
			d = vg_diag_add(diags, VG_ERROR, a->at,
					"interfaces %s and %s are both device %s", b->name,
					a->name, a->device);
			if (d)
				d->related = b->at.line;
		}
	}
}

static void bind_ref(struct vg_config *cfg, struct vg_ref *ref, struct vg_diags *diags)
{
	const struct vg_iface *iface;

	if (!ref->name[0])
		return;
	iface = vg_iface_find(cfg, ref->name);
	if (iface && iface->ifindex)
		ref->ifindex = iface->ifindex;
	else if (!iface || !vg_iface_has_role(iface))	/* else it was reported */
		vg_diag_add(diags, VG_ERROR, ref->at, "interface %s is bound to no device; "
			    "define it with its 'ip address', or use --interface %s=DEVICE",
			    ref->name, ref->name);
}

static void bind_refs(struct vg_config *cfg, struct vg_diags *diags)
{
	for (size_t i = 0; i < cfg->rule.n; i++)
		bind_ref(cfg, &cfg->rule.v[i].iface, diags);
	for (size_t i = 0; i < cfg->route_map.n; i++) {
		struct vg_route_map *rm = &cfg->route_map.v[i];

		for (size_t j = 0; j < rm->n; j++) {
			for (size_t k = 0; k < rm->entry[j].n_iface; k++)
				bind_ref(cfg, &rm->entry[j].iface[k], diags);
		}
	}
}

/**
 * vg_bind - find the device of each interface
 * @cfg: checked configuration
 * @given: what the operator said
 * @n_given: how many
 * @diags: findings are added here
 *
 * Return: 0 or -errno if the host could not be asked.
 */
int vg_bind(struct vg_config *cfg, struct vg_binding *given, size_t n_given,
	    struct vg_diags *diags)
{
	struct host h = { .sock = nl_socket_alloc() };
	static const struct vg_src nowhere;
	int ret = -ENOMEM;

	if (!h.sock)
		return ret;
	if (nl_connect(h.sock, NETLINK_ROUTE) < 0 ||
	    rtnl_addr_alloc_cache(h.sock, &h.addrs) < 0) {
		ret = -EIO;
		goto out;
	}
	ret = 0;
	for (size_t i = 0; i < cfg->iface.n && !ret; i++) {
		struct vg_iface *iface = &cfg->iface.v[i];

		ret = bind_iface(&h, iface, given_for(given, n_given, iface->name), diags);
	}
	for (size_t i = 0; i < n_given; i++) {
		if (!given[i].used)
			vg_diag_add(diags, VG_ERROR, nowhere, "--interface %.*s=%s: the "
				    "configuration has no such interface", (int)given[i].name_len,
				    given[i].name, given[i].device);
	}
	refuse_doubles(cfg, diags);
	bind_refs(cfg, diags);
	nl_cache_free(h.addrs);
out:
	nl_socket_free(h.sock);
	return ret;
}
