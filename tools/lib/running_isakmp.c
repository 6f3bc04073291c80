// SPDX-License-Identifier: GPL-2.0
/* show running-config: policies, keys, groups of clients, users. */
#include <stdio.h>
#include <string.h>

#include "running_int.h"
#include "text.h"

static void print_policies(struct vg_printer *p)
{
	for (size_t i = 0; i < p->cfg->policy.n; i++) {
		const struct vg_isakmp_policy *pol = &p->cfg->policy.v[i];

		fprintf(p->out, "crypto isakmp policy %u\n", pol->priority);
		if (pol->encr == VG_IKE_AES && pol->key_bits != 128)
			fprintf(p->out, " encryption aes %u\n", pol->key_bits);
		else if (pol->encr != VG_IKE_DES)
			fprintf(p->out, " encryption %s\n", vg_ike_encr_name(pol->encr));
		if (pol->hash != VG_IKE_SHA1)
			fprintf(p->out, " hash %s\n", vg_ike_hash_name(pol->hash));
		if (pol->auth != VG_IKE_RSA_SIG)
			fprintf(p->out, " authentication %s\n", vg_ike_auth_name(pol->auth));
		if (pol->group != 1)
			fprintf(p->out, " group %u\n", pol->group);
		if (pol->lifetime != VG_LIFE_IKE)
			fprintf(p->out, " lifetime %u\n", pol->lifetime);
		fputs("!\n", p->out);
	}
}

static void print_peers(struct vg_printer *p, const struct vg_isakmp_key *key)
{
	fprintf(p->out, " address %s", vg_quad(key->addr));
	/* Without a mask 0.0.0.0 is everybody, anything else one host. */
	if (key->mask != (key->addr ? UINT32_MAX : 0))
		fprintf(p->out, " %s", vg_quad(key->mask));
}

/* "0" and "6" before the key have a meaning; a key that looks like that needs one. */
static void print_secret(struct vg_printer *p, const char *secret)
{
	const char *type = !strcmp(secret, "0") || !strcmp(secret, "6") ? "0 " : "";

	fprintf(p->out, "%s%s", type, p->secrets ? secret : VG_MASKED);
}

static void print_keys(struct vg_printer *p)
{
	for (size_t i = 0; i < p->cfg->key.n; i++) {
		const struct vg_isakmp_key *key = &p->cfg->key.v[i];

		if (key->keyring[0])
			continue;
		fputs("crypto isakmp key ", p->out);
		print_secret(p, key->secret);
		print_peers(p, key);
		fputs(key->no_xauth ? " no-xauth\n" : "\n", p->out);
	}
}

static void print_keyrings(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;

	for (size_t i = 0; i < cfg->key.n; i++) {
		const char *ring = cfg->key.v[i].keyring;
		char owner[VG_NAME_LEN + 20];
		size_t j = 0;

		/* All keys of a ring where its first one stands. */
		while (strcmp(cfg->key.v[j].keyring, ring))
			j++;
		if (!ring[0] || j < i)
			continue;
		snprintf(owner, sizeof(owner), "crypto keyring %s", ring);
		fprintf(p->out, "%s\n", owner);
		vg_print_owned(p, owner);
		for (; j < cfg->key.n; j++) {
			if (strcmp(cfg->key.v[j].keyring, ring))
				continue;
			fputs(" pre-shared-key", p->out);
			print_peers(p, &cfg->key.v[j]);
			fputs(" key ", p->out);
			print_secret(p, cfg->key.v[j].secret);
			fputc('\n', p->out);
		}
		fputs("!\n", p->out);
	}
}

static void print_servers(struct vg_printer *p, const char *what, const uint32_t *v)
{
	if (v[0])
		fprintf(p->out, " %s %s", what, vg_quad(v[0]));
	if (v[1])
		fprintf(p->out, " %s", vg_quad(v[1]));
	if (v[0])
		fputc('\n', p->out);
}

/* Between characters that are not in it; those of IOS if they are not. */
static void print_banner(struct vg_printer *p, const char *text)
{
	char own[2] = "#";

	if (!strstr(text, "^C") && !strchr(text, '\003')) {
		fprintf(p->out, " banner ^C%s^C\n", text);
		return;
	}
	/* "^C" has a meaning of its own */
	while (own[0] < '~' && (own[0] == '^' || strchr(text, own[0])))
		own[0]++;
	fprintf(p->out, " banner %s%s%s\n", own, text, own);
}

static void print_group(struct vg_printer *p, const struct vg_group *g)
{
	char owner[VG_NAME_LEN + 50];
	const char *at = g->split_dns;

	snprintf(owner, sizeof(owner), "crypto isakmp client configuration group %s", g->name);
	fprintf(p->out, "%s\n", owner);
	if (g->secret[0]) {
		fputs(" key ", p->out);
		print_secret(p, g->secret);
		fputc('\n', p->out);
	}
	print_servers(p, "dns", g->dns);
	print_servers(p, "wins", g->wins);
	if (g->domain[0])
		fprintf(p->out, " domain %s\n", g->domain);
	while (*at) {
		size_t len = strcspn(at, ",");

		fprintf(p->out, " split-dns %.*s\n", (int)len, at);
		at += len + (at[len] == ',');
	}
	if (g->pool.name[0])
		fprintf(p->out, " pool %s\n", g->pool.name);
	if (g->acl.name[0])
		fprintf(p->out, " acl %s\n", g->acl.name);
	if (g->save_password)
		fputs(" save-password\n", p->out);
	if (g->pfs)
		fputs(" pfs\n", p->out);
	if (g->netmask)
		fprintf(p->out, " netmask %s\n", vg_quad(g->netmask));
	if (g->banner[0])
		print_banner(p, g->banner);
	vg_print_owned(p, owner);
	fputs("!\n", p->out);
}

/**
 * vg_print_aaa - lists of aaa, and users
 * @p: printer
 */
void vg_print_aaa(struct vg_printer *p)
{
	const struct vg_config *cfg = p->cfg;

	if (cfg->aaa)
		fputs("aaa new-model\n", p->out);
	for (size_t i = 0; i < cfg->aaa_list.n; i++) {
		const struct vg_aaa_list *l = &cfg->aaa_list.v[i];

		fprintf(p->out, "aaa %s %s %s\n", l->network ? "authorization network" :
			"authentication login", l->name, l->methods);
	}
	for (size_t i = 0; i < cfg->user.n; i++) {
		const struct vg_user *u = &cfg->user.v[i];

		fprintf(p->out, "username %s", u->name);
		if (u->privilege >= 0)
			fprintf(p->out, " privilege %d", u->privilege);
		fprintf(p->out, " %s %u %s\n", u->hashed ? "secret" : "password", u->type,
			p->secrets ? u->secret : VG_MASKED);
	}
}

/**
 * vg_print_isakmp - all that is for the negotiation of keys
 * @p: printer
 */
void vg_print_isakmp(struct vg_printer *p)
{
	const struct vg_isakmp *isakmp = &p->cfg->isakmp;

	print_policies(p);
	print_keys(p);
	if (isakmp->disabled)
		fputs("no crypto isakmp enable\n", p->out);
	if (isakmp->no_aggressive)
		fputs("crypto isakmp aggressive-mode disable\n", p->out);
	if (isakmp->keepalive && isakmp->retry != 2)
		fprintf(p->out, "crypto isakmp keepalive %u %u", isakmp->keepalive, isakmp->retry);
	else if (isakmp->keepalive)
		fprintf(p->out, "crypto isakmp keepalive %u", isakmp->keepalive);
	if (isakmp->keepalive)
		fputs(isakmp->periodic ? " periodic\n" : "\n", p->out);
	if (isakmp->nat_keepalive)
		fprintf(p->out, "crypto isakmp nat keepalive %u\n", isakmp->nat_keepalive);
	if (isakmp->wireshark)
		fputs("crypto isakmp wireshark\n", p->out);
	if (isakmp->pool.name[0])
		fprintf(p->out, "crypto isakmp client configuration address-pool local %s\n",
			isakmp->pool.name);
	for (size_t i = 0; i < p->cfg->group.n; i++)
		print_group(p, &p->cfg->group.v[i]);
	print_keyrings(p);
}
