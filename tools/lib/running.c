// SPDX-License-Identifier: GPL-2.0
/*
 * show running-config: a configuration as IOS text again, in the order of IOS,
 * one spelling for each thing. What is printed reads as what was read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "diag.h"
#include "parser.h"
#include "running_int.h"
#include "secrets.h"
#include "text.h"
#include "transform.h"

/**
 * vg_quad - an address as text, good for the next three calls
 * @addr: address
 *
 * Return: text.
 */
const char *vg_quad(uint32_t addr)
{
	static char ring[4][VG_ADDR_LEN];
	static unsigned int at;

	return vg_addr_str(addr, ring[at++ % VG_ARRAY_SIZE(ring)]);
}

static void print_kept(struct vg_printer *p, const struct vg_line *kept)
{
	char *copy = p->secrets ? NULL : strdup(kept->text);

	if (copy)
		vg_mask_kept(copy);
	fprintf(p->out, "%s\n", copy ? copy : p->secrets ? kept->text : "!");
	if (copy)
		explicit_bzero(copy, strlen(copy));
	free(copy);
}

/**
 * vg_print_owned - lines without effect that stand below one of ours
 * @p: printer
 * @owner: line that they stand below
 */
void vg_print_owned(struct vg_printer *p, const char *owner)
{
	size_t i;

	if (!vg_hash_get(&p->owned, owner, &i))
		return;
	for (; i; i = p->next[i - 1]) {
		const char *text = p->cfg->kept.v[i - 1].text;
		struct vg_line line = { .text = (char *)text + strspn(text, " \t\r") };

		fprintf(p->out, " %*s", (int)p->cfg->kept.v[i - 1].depth, "");
		print_kept(p, &line);
	}
}

/* Is @word, of a line, an abbreviation of the first word of a pattern, or of one of several? */
static bool may_be(const char *word, size_t len, const char *pattern)
{
	size_t n;

	if (*pattern == '<')		/* a number */
		return strspn(word, "0123456789") == len;
	do {
		pattern += *pattern == '{' || *pattern == '|';
		n = strcspn(pattern, " |{}[]");
		if (len <= n && !strncasecmp(word, pattern, len))
			return true;
		pattern += n;
	} while (*pattern == '|');
	return false;
}

/* Might this line be one of a command: the words which say that it is ours are there. */
static bool begins_like(const char *line, const struct vg_cmd *cmd)
{
	const char *pattern = cmd->pattern;

	if (*pattern == '[' && strspn(line, "0123456789") == 0)
		pattern = strchr(pattern, ']') + 2;
	pattern += *pattern == '[';
	for (unsigned int i = 0; i < cmd->root; i++) {
		size_t len = strcspn(line, " \t\r");

		if (!may_be(line, len, pattern))
			return false;
		line += len + strspn(line + len, " \t\r");
		pattern += *pattern == '{' ? strcspn(pattern, "}") + 1 : strcspn(pattern, " ");
		pattern += strspn(pattern, " ");
	}
	return true;
}

/* Would this line be taken for one of what is printed above it? */
static bool needs_exit(const struct vg_config *cfg, const char *line)
{
	size_t len = strcspn(line, " \t\r");

	if (!len || may_be(line, len, "{no|default}"))
		return true;
	for (size_t mode = VG_MODE_GLOBAL + 1; mode < VG_MODE_SKIP; mode++) {
		if (mode == VG_MODE_IFACE && !cfg->iface.n)
			continue;
		for (size_t i = 0; i < vg_modes[mode].n; i++) {
			if (begins_like(line, &vg_modes[mode].cmds[i]))
				return true;
		}
	}
	return false;
}

static void print_global(struct vg_printer *p, bool end)
{
	bool any = false;

	for (size_t i = 0; i < p->cfg->kept.n; i++) {
		const struct vg_line *kept = &p->cfg->kept.v[i];

		bool below = kept->line > p->last_own;

		if (kept->owner || below != end)
			continue;
		if (!any && end && needs_exit(p->cfg, kept->text))
			fputs("exit\n", p->out);
		print_kept(p, kept);
		any = true;
	}
	if (any)
		fputs("!\n", p->out);
}

static void print_volume(struct vg_printer *p, const char *what, uint32_t kilobytes)
{
	fprintf(p->out, "%s security-association lifetime kilobytes ", what);
	if (kilobytes == VG_NO_VOLUME)
		fputs("disable\n", p->out);
	else
		fprintf(p->out, "%u\n", kilobytes);
}

static void print_ipsec(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;
	char text[80];

	if (cfg->life != VG_LIFE_IPSEC)
		fprintf(p->out, "crypto ipsec security-association lifetime seconds %u\n",
			cfg->life);
	if (cfg->kilobytes != VG_LIFE_VOLUME)
		print_volume(p, "crypto ipsec", cfg->kilobytes);
	if (!cfg->replay_window)
		fputs("crypto ipsec security-association replay disable\n", p->out);
	else if (cfg->replay_window != 64)
		fprintf(p->out, "crypto ipsec security-association replay window-size %u\n",
			cfg->replay_window);
	if (cfg->df_flags != VPNGW_SA_FLAG_DF_COPY)
		fprintf(p->out, "crypto ipsec df-bit %s\n", cfg->df_flags ? "set" : "clear");
	if (cfg->no_nat_t)
		fputs("no crypto ipsec nat-transparency udp-encapsulation\n", p->out);
	for (size_t i = 0; i < cfg->transform.n; i++) {
		const struct vg_transform *ts = &cfg->transform.v[i];

		fprintf(p->out, "crypto ipsec transform-set %s %s\n", ts->name,
			vg_transform_text(ts->encr, ts->auth, ts->key_bits, text));
		if (ts->mode == VPNGW_MODE_TRANSPORT)
			fputs(" mode transport\n", p->out);
		if (ts->esn)
			fputs(" esn\n", p->out);
	}
}

static void print_hex(struct vg_printer *p, const char *what, const struct vg_key *key)
{
	if (!key->len)
		return;
	fprintf(p->out, " %s ", what);
	if (!p->secrets)
		fputs(VG_MASKED, p->out);
	for (uint8_t i = 0; p->secrets && i < key->len; i++)
		fprintf(p->out, "%02x", key->v[i]);
}

static void print_session_key(struct vg_printer *p, const char *dir,
			      const struct vg_session_key *key)
{
	if (!key->spi)
		return;
	fprintf(p->out, " set session-key %s esp %u", dir, key->spi);
	print_hex(p, "cipher", &key->cipher);
	print_hex(p, "authenticator", &key->authenticator);
	fputc('\n', p->out);
}

/* @list: not for an entry that has it from its dynamic map */
static void print_entry(struct vg_printer *p, const struct vg_map_entry *e, bool list)
{
	for (uint8_t i = 0; i < e->n_peer; i++)
		fprintf(p->out, " set peer %s\n", vg_quad(e->peer[i]));
	print_session_key(p, "inbound", &e->in);
	print_session_key(p, "outbound", &e->out);
	if (e->life)
		fprintf(p->out, " set security-association lifetime seconds %u\n", e->life);
	if (e->kilobytes)
		print_volume(p, " set", e->kilobytes);
	if (e->n_transform)
		fputs(" set transform-set", p->out);
	for (uint8_t i = 0; i < e->n_transform; i++)
		fprintf(p->out, " %s", e->transform[i].name);
	if (e->n_transform)
		fputc('\n', p->out);
	if (e->pfs)
		fprintf(p->out, " set pfs group%u\n", e->pfs);
	if (list && e->acl.name[0])
		fprintf(p->out, " match address %s\n", e->acl.name);
	if (e->reverse_route)
		fputs(" reverse-route\n", p->out);
}

static void print_maps(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;
	char owner[VG_NAME_LEN + 40];

	for (size_t i = 0; i < cfg->dynamic.n; i++) {
		const struct vg_map_entry *e = &cfg->dynamic.v[i];

		snprintf(owner, sizeof(owner), "crypto dynamic-map %s %u", e->map, e->seq);
		fprintf(p->out, "!\n%s\n", owner);
		vg_print_owned(p, owner);
		print_entry(p, e, true);
	}
	for (size_t i = 0; i < cfg->map.n; i++) {
		const struct vg_map *map = &cfg->map.v[i];

		if (map->local_iface.name[0])
			fprintf(p->out, "crypto map %s local-address %s\n", map->name,
				map->local_iface.name);
		if (map->authentication.name[0])
			fprintf(p->out, "crypto map %s client authentication list %s\n",
				map->name, map->authentication.name);
		if (map->authorization.name[0])
			fprintf(p->out, "crypto map %s isakmp authorization list %s\n",
				map->name, map->authorization.name);
		if (map->initiate)
			fprintf(p->out, "crypto map %s client configuration address initiate\n",
				map->name);
		if (map->respond)
			fprintf(p->out, "crypto map %s client configuration address respond\n",
				map->name);
	}
	for (size_t i = 0; i < cfg->map_entry.n; i++) {
		const struct vg_map_entry *e = &cfg->map_entry.v[i];

		snprintf(owner, sizeof(owner), "crypto map %s %u", e->map, e->seq);
		fprintf(p->out, "!\n%s %s", owner, e->type == VPNGW_POLICY_TYPE_MANUAL ?
			"ipsec-manual" : "ipsec-isakmp");
		if (e->dynamic.name[0])
			fprintf(p->out, " dynamic %s", e->dynamic.name);
		fputc('\n', p->out);
		vg_print_owned(p, owner);
		print_entry(p, e, !e->dynamic.name[0]);
	}
}

static void print_ifaces(struct vg_printer *p)
{
	char owner[VG_NAME_LEN + 20];

	for (size_t i = 0; i < p->cfg->iface.n; i++) {
		const struct vg_iface *iface = &p->cfg->iface.v[i];

		snprintf(owner, sizeof(owner), "interface %s", iface->name);
		fprintf(p->out, "!\n%s%s\n", owner, iface->suffix);
		if (iface->mask)
			fprintf(p->out, " ip address %s %s\n", vg_quad(iface->addr),
				vg_quad(iface->mask));
		else
			fputs(" no ip address\n", p->out);
		vg_print_owned(p, owner);
		if (iface->flags & VPNGW_IFACE_FLAG_NAT_INSIDE)
			fputs(" ip nat inside\n", p->out);
		if (iface->flags & VPNGW_IFACE_FLAG_NAT_OUTSIDE)
			fputs(" ip nat outside\n", p->out);
		if (iface->flags & VPNGW_IFACE_FLAG_NO_ROUTE_CACHE)
			fputs(" no ip route-cache\n", p->out);
		if (iface->crypto_map.name[0])
			fprintf(p->out, " crypto map %s\n", iface->crypto_map.name);
	}
	fputs("!\n", p->out);
}

static void print_pool(struct vg_printer *p, const struct vg_pool *pool)
{
	static const char * const types[] = { "", " type match-host", " type rotary" };

	fprintf(p->out, "ip nat pool %s", pool->name);
	if (pool->n == 1)
		fprintf(p->out, " %s %s", vg_quad(pool->range[0].start),
			vg_quad(pool->range[0].end));
	fprintf(p->out, " netmask %s%s\n", vg_quad(vg_len_mask(pool->prefix_len)),
		types[pool->type]);
	for (size_t i = 0; i < pool->n && pool->n > 1; i++)
		fprintf(p->out, " address %s %s\n", vg_quad(pool->range[i].start),
			vg_quad(pool->range[i].end));
}

static void print_timers(struct vg_printer *p)
{
	const struct vg_nat *nat = &p->cfg->nat;
	const struct {
		const char *keyword;
		uint32_t value;
	} timers[] = {
		{ "timeout", nat->timeout }, { "udp-timeout", nat->udp_timeout },
		{ "dns-timeout", nat->dns_timeout }, { "tcp-timeout", nat->tcp_timeout },
		{ "finrst-timeout", nat->finrst_timeout }, { "syn-timeout", nat->syn_timeout },
		{ "icmp-timeout", nat->icmp_timeout }, { "max-entries", nat->max_entries },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(timers); i++) {
		if (timers[i].value == VG_TIMEOUT_NEVER)
			fprintf(p->out, "ip nat translation %s never\n", timers[i].keyword);
		else if (timers[i].value)
			fprintf(p->out, "ip nat translation %s %u\n", timers[i].keyword,
				timers[i].value);
	}
	for (size_t i = 0; i < nat->n_host_limit; i++) {
		const struct vg_host_limit *limit = &nat->host_limit[i];

		fputs("ip nat translation max-entries ", p->out);
		if (limit->acl.name[0])
			fprintf(p->out, "list %s", limit->acl.name);
		else if (limit->addr)
			fprintf(p->out, "host %s", vg_quad(limit->addr));
		else
			fputs("all-host", p->out);
		fprintf(p->out, " %u\n", limit->entries);
	}
}

/* ip nat inside source static ... */
static void print_static(struct vg_printer *p, const struct vg_nat_rule *r)
{
	const struct vg_static *s = &r->fixed;

	fputs("ip nat inside source static ", p->out);
	if (s->prefix_len < 32)
		fputs("network ", p->out);
	if (s->proto)
		fputs(s->proto == 6 ? "tcp " : "udp ", p->out);
	fprintf(p->out, "%s ", vg_quad(s->local));
	if (s->proto)
		fprintf(p->out, "%u ", s->local_port);
	if (r->iface.name[0])
		fprintf(p->out, "interface %s", r->iface.name);
	else
		fprintf(p->out, "%s", vg_quad(s->global));
	if (s->proto)
		fprintf(p->out, " %u", s->global_port);
	if (s->prefix_len < 32)
		fprintf(p->out, " /%u", s->prefix_len);
	if (r->route_map.name[0])
		fprintf(p->out, " route-map %s", r->route_map.name);
	fprintf(p->out, "%s%s\n", r->extendable ? " extendable" : "",
		r->flags & VPNGW_RULE_FLAG_NO_ALIAS ? " no-alias" : "");
}

static void print_nat(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;

	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		const struct vg_local_pool *pool = &cfg->local_pool.v[i];

		fprintf(p->out, "ip local pool %s %s", pool->name, vg_quad(pool->start));
		if (pool->end != pool->start)
			fprintf(p->out, " %s", vg_quad(pool->end));
		fputc('\n', p->out);
	}
	for (size_t i = 0; i < cfg->pool.n; i++)
		print_pool(p, &cfg->pool.v[i]);
	for (size_t i = 0; i < cfg->rule.n; i++) {
		const struct vg_nat_rule *r = &cfg->rule.v[i];

		if (r->flags & VPNGW_RULE_FLAG_STATIC) {
			print_static(p, r);
			continue;
		}
		fprintf(p->out, "ip nat inside source %s %s %s %s%s\n",
			r->acl.name[0] ? "list" : "route-map",
			r->acl.name[0] ? r->acl.name : r->route_map.name,
			r->pool.name[0] ? "pool" : "interface",
			r->pool.name[0] ? r->pool.name : r->iface.name,
			r->flags & VPNGW_RULE_FLAG_OVERLOAD ? " overload" : "");
	}
	print_timers(p);
	for (size_t i = 0; i < cfg->route.n; i++) {
		const struct vg_route *r = &cfg->route.v[i];

		fprintf(p->out, "ip route %s %s", vg_quad(r->dst), vg_quad(r->mask));
		if (r->iface.name[0])
			fprintf(p->out, " %s", r->iface.name);
		if (r->gateway || !r->iface.name[0])
			fprintf(p->out, " %s", vg_quad(r->gateway));
		fprintf(p->out, "%s\n", r->options);
	}
}

/* Numbers that nobody chose go 10, 20, 30, and are not written. */
static bool numbers_are_plain(const struct vg_acl *acl)
{
	for (size_t i = 0; i < acl->n; i++) {
		if (acl->ace[i].seq != 10 * (i + 1))
			return false;
	}
	return true;
}

/* Remarks up to the entry with this number. */
static void print_remarks(struct vg_printer *p, const struct vg_acl *acl, const char *head,
			  uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < acl->n_remark; i++) {
		if (acl->remark[i].after >= from && acl->remark[i].after < to)
			fprintf(p->out, "%s remark%s%s\n", head,
				*acl->remark[i].text ? " " : "", acl->remark[i].text);
	}
}

static void print_acl(struct vg_printer *p, const struct vg_acl *acl)
{
	bool plain = numbers_are_plain(acl);
	bool numbered = acl->name[strspn(acl->name, "0123456789")] == '\0' && plain && acl->n;
	char head[VG_NAME_LEN + 20] = "", text[VG_ACE_TEXT];
	uint64_t from = 0;

	if (numbered)
		snprintf(head, sizeof(head), "access-list %s", acl->name);
	else
		fprintf(p->out, "ip access-list %s %s\n", acl->standard ? "standard" : "extended",
			acl->name);
	for (size_t i = 0; i < acl->n; i++) {
		const struct vg_ace *ace = &acl->ace[i];

		print_remarks(p, acl, head, from, ace->seq);
		from = ace->seq;
		vg_ace_text(ace, acl->standard, text);
		if (plain)
			fprintf(p->out, "%s %s\n", head, text);
		else
			fprintf(p->out, " %u %s\n", ace->seq, text);
	}
	print_remarks(p, acl, head, from, UINT64_MAX);
	if (!numbered)
		fputs("!\n", p->out);
}

static void print_route_maps(struct vg_printer *p)
{
	char owner[VG_NAME_LEN + 20];

	for (size_t i = 0; i < p->cfg->route_map.n; i++) {
		const struct vg_route_map *rm = &p->cfg->route_map.v[i];

		for (size_t j = 0; j < rm->n; j++) {
			const struct vg_rm_entry *e = &rm->entry[j];

			fprintf(p->out, "!\nroute-map %s %s %u\n", rm->name,
				e->action == VPNGW_ACTION_PERMIT ? "permit" : "deny", e->seq);
			for (size_t k = 0; k < e->n_acl; k++)
				fprintf(p->out, "%s %s%s", k ? "" : " match ip address",
					e->acl[k].name, k + 1 == e->n_acl ? "\n" : "");
			for (size_t k = 0; k < e->n_iface; k++)
				fprintf(p->out, "%s %s%s", k ? "" : " match interface",
					e->iface[k].name, k + 1 == e->n_iface ? "\n" : "");
			snprintf(owner, sizeof(owner), "route-map %s %u", rm->name, e->seq);
			vg_print_owned(p, owner);
		}
	}
	fputs("!\n", p->out);
}

#define LAST(p, list) do {								\
	if ((p)->cfg->list.n && (p)->cfg->list.v[(p)->cfg->list.n - 1].at.line >		\
	    (p)->last_own)								\
		(p)->last_own = (p)->cfg->list.v[(p)->cfg->list.n - 1].at.line;		\
} while (0)

static int prepare(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;

	LAST(p, acl);
	LAST(p, route_map);
	LAST(p, rule);
	LAST(p, iface);
	LAST(p, map_entry);
	p->next = calloc(cfg->kept.n + 1, sizeof(*p->next));
	if (!p->next)
		return -ENOMEM;
	for (size_t i = cfg->kept.n; i-- > 0;) {
		const char *owner = cfg->kept.v[i].owner;

		if (!owner)
			continue;
		if (!vg_hash_get(&p->owned, owner, &p->next[i]))
			p->next[i] = 0;
		if (vg_hash_put(&p->owned, owner, i + 1))
			return -ENOMEM;
	}
	return 0;
}

/**
 * vg_running_print - print a configuration
 * @out: where to
 * @cfg: configuration as vg_parse() has read it
 * @secrets: keys and passwords, too; without them the text cannot be loaded
 *
 * Return: 0 or -ENOMEM.
 */
int vg_running_print(FILE *out, const struct vg_config *cfg, bool secrets)
{
	struct vg_printer p = { .out = out, .cfg = cfg, .secrets = secrets };
	int ret = prepare(&p);

	if (!ret) {
		print_global(&p, false);
		vg_print_aaa(&p);
		vg_print_isakmp(&p);
		print_ipsec(&p);
		print_maps(&p);
		print_ifaces(&p);
		print_nat(&p);
		for (size_t i = 0; i < cfg->acl.n; i++)
			print_acl(&p, &cfg->acl.v[i]);
		print_route_maps(&p);
		print_global(&p, true);
		fputs("end\n", out);
	}
	free(p.next);
	vg_hash_free(&p.owned);
	return ret;
}
