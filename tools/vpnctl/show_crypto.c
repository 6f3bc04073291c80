// SPDX-License-Identifier: GPL-2.0
/* show crypto ipsec sa, show crypto map */
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"
#include "ifname.h"
#include "transform.h"

/* One flow of a crypto map entry: what has a peer and selectors of its own. */
struct flow {
	const struct vg_map_entry *entry;
	const struct vg_sa *first;		/* NULL if there is no association */
	struct vg_selector sel;
	uint32_t peer, local;
};

static uint32_t sa_peer(const struct vg_sa *sa)
{
	return sa->dir == VPNGW_DIRECTION_IN ? sa->saddr : sa->daddr;
}

static uint32_t sa_local(const struct vg_sa *sa)
{
	return sa->dir == VPNGW_DIRECTION_IN ? sa->daddr : sa->saddr;
}

static bool same_flow(const struct vg_sa *sa, const struct flow *f)
{
	const struct vg_selector *a = &sa->sel, *b = &f->sel;

	return sa->map_seq == f->entry->seq && !strcmp(sa->map, f->entry->map) &&
	       sa_peer(sa) == f->peer && a->local == b->local &&
	       a->local_mask == b->local_mask && a->remote == b->remote &&
	       a->remote_mask == b->remote_mask && a->proto == b->proto &&
	       a->local_port == b->local_port && a->remote_port == b->remote_port;
}

static uint32_t device_addr(const char *device)
{
	struct ifaddrs *list, *a;
	uint32_t addr = 0;

	if (getifaddrs(&list))
		return 0;
	for (a = list; a && !addr; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
		    !strcmp(a->ifa_name, device))
			addr = ntohl(((struct sockaddr_in *)a->ifa_addr)->sin_addr.s_addr);
	}
	freeifaddrs(list);
	return addr;
}

static unsigned int device_mtu(const char *device)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { 0 };
	int mtu = 0;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", device);
	if (fd >= 0 && !ioctl(fd, SIOCGIFMTU, &req))
		mtu = req.ifr_mtu;
	if (fd >= 0)
		close(fd);
	return mtu > 0 ? mtu : 1500;
}

static void print_ident(FILE *out, const char *side, uint32_t addr, uint32_t mask, int proto,
			int port)
{
	char a[VG_ADDR_LEN], m[VG_ADDR_LEN];

	fprintf(out, "   %-6s ident (addr/mask/prot/port): (%s/%s/%d/%d)\n", side,
		vg_addr_str(addr, a), vg_addr_str(mask, m), proto < 0 ? 0 : proto,
		port < 0 ? 0 : port);
}

static void print_sa(FILE *out, const struct vg_sa *sa)
{
	const struct vg_transform_info *encr = vg_encr_info(sa->encr);
	char text[80];

	fprintf(out, "      spi: 0x%X(%u)\n", sa->spi, sa->spi);
	fprintf(out, "        transform: %s ,\n",
		vg_transform_text(sa->encr, sa->auth, sa->key_bits, text));
	fprintf(out, "        in use settings ={%s, }\n",
		sa->mode == VPNGW_MODE_TUNNEL ? "Tunnel" : "Transport");
	fprintf(out, "        slot: 0, conn id: %u, flow_id: %u, crypto map: %s\n", sa->conn_id,
		sa->conn_id >= 2000 ? sa->conn_id - 1999 : sa->conn_id, sa->map);
	if (sa->hard_seconds || sa->hard_kilobytes) {
		/* IOS rounds the volume used up: seven pings cost one kilobyte. */
		uint64_t used = (sa->bytes + 1023) / 1024;

		fprintf(out, "        sa timing: remaining key lifetime (k/sec): (%llu/%u)\n",
			(unsigned long long)(sa->hard_kilobytes > used ?
					     sa->hard_kilobytes - used : 0),
			sa->hard_seconds > sa->age ? sa->hard_seconds - sa->age : 0);
	} else {
		fprintf(out, "        no sa timing\n");
	}
	fprintf(out, "        IV size: %u bytes\n", encr ? encr->iv : 0);
	fprintf(out, "        replay detection support: %s\n", sa->replay_window ? "Y" : "N");
}

static void print_sas(FILE *out, const struct view *v, const struct flow *f,
		      enum vpngw_direction dir)
{
	const char *name = dir == VPNGW_DIRECTION_IN ? "inbound" : "outbound";

	fprintf(out, "     %s esp sas:\n", name);
	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];

		if (sa->dir == dir && same_flow(sa, f))
			print_sa(out, sa);
	}
	fprintf(out, "     %s ah sas:\n     %s pcp sas:\n", name, name);
}

/* What "recv errors" adds up, as "show crypto ipsec sa detail" tells it apart. */
static void print_errors(FILE *out, const struct view *v, const struct flow *f)
{
	unsigned long long send = 0, recv = 0, auth = 0, replay = 0;

	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];

		if (!same_flow(sa, f))
			continue;
		*(sa->dir == VPNGW_DIRECTION_OUT ? &send : &recv) += sa->errors;
		auth += sa->auth_errors;
		replay += sa->replay_errors;
	}
	fprintf(out, "    #pkts no sa (send) %llu, #pkts invalid sa (rcv) 0\n"
		"    #pkts encaps failed (send) %llu, #pkts decaps failed (rcv) %llu\n"
		"    #pkts invalid prot (recv) 0, #pkts verify failed: %llu\n"
		"    #pkts invalid identity (recv) 0, #pkts invalid len (rcv) 0\n"
		"    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0\n"
		"    ##pkts replay failed (rcv): %llu\n"
		"    #pkts internal err (send): 0, #pkts internal err (recv) 0\n",
		(unsigned long long)f->entry->no_sa_drops, send, recv, auth, replay);
}

static void print_counters(FILE *out, const struct view *v, const struct flow *f, bool detail)
{
	unsigned long long sent = 0, received = 0, verified = 0, send_errors = 0, recv_errors = 0;

	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];

		if (!same_flow(sa, f))
			continue;
		if (sa->dir == VPNGW_DIRECTION_OUT) {
			sent += sa->packets;
			send_errors += sa->errors;
		} else {
			received += sa->packets;
			verified += sa->packets;
			recv_errors += sa->errors + sa->auth_errors + sa->replay_errors;
		}
	}
	send_errors += f->entry->no_sa_drops;
	fprintf(out, "    #pkts encaps: %llu, #pkts encrypt: %llu, #pkts digest %llu\n", sent, sent,
		sent);
	fprintf(out, "    #pkts decaps: %llu, #pkts decrypt: %llu, #pkts verify %llu\n", received,
		received, verified);
	fputs("    #pkts compressed: 0, #pkts decompressed: 0\n"
	      "    #pkts not compressed: 0, #pkts compr. failed: 0, #pkts decompress failed: 0\n",
	      out);
	if (detail)
		print_errors(out, v, f);
	else
		fprintf(out, "    #send errors %llu, #recv errors %llu\n", send_errors,
			recv_errors);
}

/*
 * The last one made is the one in use, unless the entry says which; that of a
 * dynamic one can say so for one of its clients at best.
 */
static bool is_current(const struct vg_sa *sa, const struct vg_sa *than,
		       const struct vg_map_entry *e)
{
	uint32_t told = e->type == VPNGW_POLICY_TYPE_DYNAMIC ? 0 : e->out_spi;

	if (told && (sa->spi == told || than->spi == told))
		return sa->spi == told;
	return sa->conn_id > than->conn_id;
}

static void print_flow(FILE *out, const struct view *v, const struct vg_iface *iface,
		       const struct flow *f, bool detail)
{
	const struct vg_sa *outbound = NULL;
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];
	unsigned int media = device_mtu(iface->device);

	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];

		if (sa->dir == VPNGW_DIRECTION_OUT && same_flow(sa, f) &&
		    (!outbound || is_current(sa, outbound, f->entry)))
			outbound = sa;
	}
	print_ident(out, "local", f->sel.local, f->sel.local_mask, f->sel.proto,
		    f->sel.local_port);
	print_ident(out, "remote", f->sel.remote, f->sel.remote_mask, f->sel.proto,
		    f->sel.remote_port);
	fprintf(out, "   current_peer: %s\n", vg_addr_str(f->peer, a));
	fprintf(out, "     PERMIT, flags={%s}\n",
		f->entry->type == VPNGW_POLICY_TYPE_DYNAMIC ? "" : "origin_is_acl,");
	print_counters(out, v, f, detail);
	fprintf(out, "     local crypto endpt.: %s, remote crypto endpt.: %s\n",
		vg_addr_str(f->local, a), vg_addr_str(f->peer, b));
	fprintf(out, "     path mtu %u, media mtu %u\n",
		outbound && outbound->mtu ? outbound->mtu : media, media);
	fprintf(out, "     current outbound spi: %X\n", outbound ? outbound->spi : 0);
	print_sas(out, v, f, VPNGW_DIRECTION_IN);
	print_sas(out, v, f, VPNGW_DIRECTION_OUT);
}

/* An entry that has no association yet is shown with what its list permits. */
static void print_entry_without_sa(FILE *out, const struct view *v, const struct vg_iface *iface,
				   const struct vg_map_entry *e, bool detail)
{
	const struct vg_acl *acl = vg_acl_find(v->acl, e->acl.name);

	for (size_t i = 0; acl && i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];
		struct flow f = {
			.entry = e,
			.peer = e->peer[0],
			.local = device_addr(iface->device),
			.sel = {
				ace->src, ~ace->src_wild, ace->dst, ~ace->dst_wild, ace->proto,
				ace->n_sport ? ace->sport[0].lo : -1,
				ace->n_dport ? ace->dport[0].lo : -1,
			},
		};

		if (ace->action == VPNGW_ACTION_PERMIT)
			print_flow(out, v, iface, &f, detail);
	}
}

static void print_entry(FILE *out, const struct view *v, const struct vg_iface *iface,
			const struct vg_map_entry *e, bool detail)
{
	bool any = false;

	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];
		struct flow f = { e, sa, sa->sel, sa_peer(sa), sa_local(sa) };
		size_t j = 0;

		if (!same_flow(sa, &f))		/* of another entry */
			continue;
		while (!same_flow(&v->sa->sa.v[j], &f))
			j++;
		if (j == i)
			print_flow(out, v, iface, &f, detail);
		any = true;
	}
	if (!any)
		print_entry_without_sa(out, v, iface, e, detail);
}

static uint32_t map_local_addr(const struct view *v, const struct vg_iface *iface)
{
	for (size_t i = 0; i < v->sa->sa.n; i++) {
		if (!strcmp(v->sa->sa.v[i].map, iface->crypto_map.name))
			return sa_local(&v->sa->sa.v[i]);
	}
	return device_addr(iface->device);
}

void view_crypto_sa(FILE *out, const struct view *v, bool detail)
{
	char addr[VG_ADDR_LEN];

	for (size_t i = 0; i < v->iface->iface.n; i++) {
		const struct vg_iface *iface = &v->iface->iface.v[i];

		if (!iface->crypto_map.name[0])
			continue;
		fprintf(out, "\ninterface: %s\n    Crypto map tag: %s, local addr. %s\n",
			iface->name, iface->crypto_map.name,
			vg_addr_str(map_local_addr(v, iface), addr));
		for (size_t j = 0; j < v->policy->map_entry.n; j++) {
			const struct vg_map_entry *e = &v->policy->map_entry.v[j];

			if (strcmp(e->map, iface->crypto_map.name))
				continue;
			fputc('\n', out);
			print_entry(out, v, iface, e, detail);
		}
	}
}

void view_crypto_map(FILE *out, const struct view *v)
{
	static const char * const types[] = {
		"ipsec-manual", "ipsec-isakmp", "ipsec-isakmp dynamic",
	};
	char addr[VG_ADDR_LEN], text[VG_ACE_TEXT];

	for (size_t i = 0; i < v->policy->map_entry.n; i++) {
		const struct vg_map_entry *e = &v->policy->map_entry.v[i];
		const struct vg_acl *acl = vg_acl_find(v->acl, e->acl.name);

		fprintf(out, "Crypto Map \"%s\" %u %s\n", e->map, e->seq,
			e->type < VG_ARRAY_SIZE(types) ? types[e->type] : "unknown");
		for (uint8_t j = 0; j < e->n_peer; j++)
			fprintf(out, "\tPeer = %s\n", vg_addr_str(e->peer[j], addr));
		if (e->acl.name[0])
			fprintf(out, "\tExtended IP access list %s\n", e->acl.name);
		for (size_t j = 0; acl && j < acl->n; j++)
			fprintf(out, "\t    access-list %s %s\n", acl->name,
				vg_ace_text(&acl->ace[j], false, text));
		fprintf(out, "\tCurrent peer: %s\n", vg_addr_str(e->peer[0], addr));
		for (size_t j = 0; j < v->sa->sa.n; j++) {
			const struct vg_sa *sa = &v->sa->sa.v[j];

			if (sa->map_seq != e->seq || strcmp(sa->map, e->map))
				continue;
			vg_transform_text(sa->encr, sa->auth, sa->key_bits, text);
			fprintf(out, "\t%s esp spi: %u, transforms={ %s, }\n",
				sa->dir == VPNGW_DIRECTION_IN ? "Inbound" : "Outbound", sa->spi,
				text);
		}
		fprintf(out, "\tInterfaces using crypto map %s:\n", e->map);
		for (size_t j = 0; j < v->iface->iface.n; j++) {
			if (!strcmp(v->iface->iface.v[j].crypto_map.name, e->map))
				fprintf(out, "\t\t%s\n", v->iface->iface.v[j].name);
		}
	}
}

static int fetch_crypto(struct ctl *c, struct view *v)
{
	return ctl_fetch(c, VPNGW_CMD_IFACE_GET, &v->iface) ||
	       ctl_fetch(c, VPNGW_CMD_POLICY_GET, &v->policy) ||
	       ctl_fetch(c, VPNGW_CMD_SA_GET, &v->sa) ||
	       ctl_fetch(c, VPNGW_CMD_ACL_GET, &v->acl);
}

static void show_json(struct ctl *c, const struct view *v, bool maps)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	if (maps) {
		struct json_object *ifs = json_object_new_array();

		for (size_t i = 0; i < v->policy->map_entry.n; i++)
			json_object_array_add(list, json_policy(&v->policy->map_entry.v[i]));
		json_object_object_add(obj, "entries", list);
		for (size_t i = 0; i < v->iface->iface.n; i++) {
			if (v->iface->iface.v[i].crypto_map.name[0])
				json_object_array_add(ifs, json_iface(&v->iface->iface.v[i]));
		}
		json_object_object_add(obj, "interfaces", ifs);
	} else {
		for (size_t i = 0; i < v->sa->sa.n; i++)
			json_object_array_add(list, json_sa(&v->sa->sa.v[i]));
		json_object_object_add(obj, "sas", list);
	}
	ctl_print_json(c, obj);
}

static bool has_peer(const struct vg_map_entry *e, const struct view *v, uint32_t peer)
{
	for (uint8_t i = 0; i < e->n_peer; i++) {
		if (e->peer[i] == peer)
			return true;
	}
	for (size_t i = 0; i < v->sa->sa.n; i++) {
		const struct vg_sa *sa = &v->sa->sa.v[i];

		if (sa->map_seq == e->seq && !strcmp(sa->map, e->map) && sa_peer(sa) == peer)
			return true;
	}
	return false;
}

static bool has_entries(const struct view *v, const char *map)
{
	for (size_t i = 0; i < v->policy->map_entry.n; i++) {
		if (!strcmp(v->policy->map_entry.v[i].map, map))
			return true;
	}
	return false;
}

static bool is_on(const struct view *v, const char *map)
{
	for (size_t i = 0; i < v->iface->iface.n; i++) {
		if (!strcmp(v->iface->iface.v[i].crypto_map.name, map))
			return true;
	}
	return false;
}

#define KEEP(list, it, condition) do {							\
	size_t n_ = 0;									\
											\
	for (size_t i_ = 0; i_ < (list).n; i_++) {					\
		__auto_type it = &(list).v[i_];						\
											\
		if (condition)								\
			(list).v[n_++] = *it;						\
	}										\
	(list).n = n_;									\
} while (0)

/**
 * view_narrow - leave only what was asked for in a view
 * @v: view of associations
 * @peer: those with a peer, 0 for all
 * @map: those of a crypto map, or NULL
 * @iface: those of an interface, or NULL
 */
void view_narrow(struct view *v, uint32_t peer, const char *map, const char *iface)
{
	if (iface)
		KEEP(v->iface->iface, i, vg_ifname_same(i->name, iface));
	if (map)
		KEEP(v->policy->map_entry, e, !strcmp(e->map, map));
	if (peer) {
		KEEP(v->sa->sa, sa, sa_peer(sa) == peer);
		KEEP(v->policy->map_entry, e, has_peer(e, v, peer));
	}
	if (!iface && !map && !peer)
		return;
	KEEP(v->iface->iface, i, has_entries(v, i->crypto_map.name));
	KEEP(v->policy->map_entry, e, is_on(v, e->map));
	KEEP(v->sa->sa, sa, has_entries(v, sa->map));
}

/* show crypto ipsec sa [peer A | map M | interface I] [detail] */
int cmd_show_crypto_sa(struct ctl *c, const struct vg_match *m)
{
	struct view v = { 0 };
	int ret = fetch_crypto(c, &v) ? EXIT_REFUSED : EXIT_OK;

	if (!ret)
		view_narrow(&v, vg_value(m, "addr"), vg_text(m, "name"), vg_text(m, "if"));
	if (!ret && c->json)
		show_json(c, &v, false);
	else if (!ret)
		view_crypto_sa(c->out, &v, vg_has(m, "detail"));
	view_free(&v);
	return ret;
}

/* show crypto map */
int cmd_show_crypto_map(struct ctl *c, const struct vg_match *m)
{
	struct view v = { 0 };
	int ret = fetch_crypto(c, &v) ? EXIT_REFUSED : EXIT_OK;

	if (!ret && c->json)
		show_json(c, &v, true);
	else if (!ret)
		view_crypto_map(c->out, &v);
	view_free(&v);
	return ret;
}
