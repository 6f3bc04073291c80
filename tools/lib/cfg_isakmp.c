// SPDX-License-Identifier: GPL-2.0
/* crypto isakmp, crypto keyring, ip local pool: what the key daemon goes by. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

static const struct vg_isakmp_policy default_policy = {
	.encr = VG_IKE_DES, .hash = VG_IKE_SHA1, .auth = VG_IKE_RSA_SIG, .group = 1,
	.lifetime = VG_LIFE_IKE,
};

/* crypto isakmp policy PRIORITY */
int vg_cmd_isakmp_policy(struct vg_parser *p, const struct vg_match *m)
{
	uint32_t priority = vg_value(m, "prio");
	struct vg_config *cfg = p->cfg;
	size_t i;

	p->mode = VG_MODE_SKIP;
	for (i = 0; i < cfg->policy.n && cfg->policy.v[i].priority != priority; i++)
		;
	if (p->no) {
		if (i < cfg->policy.n)
			cfg->policy.v[i] = cfg->policy.v[--cfg->policy.n];
		return 0;
	}
	if (i == cfg->policy.n) {
		if (!vg_push(&cfg->policy.v, &cfg->policy.n, &cfg->policy.cap))
			return -ENOMEM;
		cfg->policy.v[i] = default_policy;
		cfg->policy.v[i].priority = priority;
		cfg->policy.v[i].at = p->at;
	}
	p->mode = VG_MODE_POLICY;
	p->cur = i;
	return 0;
}

static struct vg_isakmp_policy *cur_policy(struct vg_parser *p)
{
	return &p->cfg->policy.v[p->cur];
}

/* encryption {des|3des|aes [BITS]} */
int vg_cmd_policy_encr(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *bits = vg_cap(m, "bits");
	struct vg_isakmp_policy *pol = cur_policy(p);

	pol->key_bits = 0;
	pol->encr = VG_IKE_DES;
	if (p->no)
		return 0;
	if (m->n_cap == 1) {
		vg_incomplete(p, m, "des, 3des, aes");
		return 0;
	}
	if (bits && bits->value % 64) {
		vg_diag_expect(vg_error(p, bits, "no such key length"), "128, 192, 256");
		return 0;
	}
	if (vg_has(m, "aes")) {
		pol->encr = VG_IKE_AES;
		pol->key_bits = bits ? bits->value : 128;
	} else if (vg_has(m, "3des")) {
		pol->encr = VG_IKE_3DES;
	}
	return 0;
}

/* hash {md5|sha|...} */
int vg_cmd_policy_hash(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && m->n_cap == 1) {
		vg_incomplete(p, m, "md5, sha, sha256, sha384, sha512");
		return 0;
	}
	cur_policy(p)->hash = p->no || vg_has(m, "sha") ? VG_IKE_SHA1 :
		vg_has(m, "md5") ? VG_IKE_MD5 : vg_has(m, "sha256") ? VG_IKE_SHA256 :
		vg_has(m, "sha384") ? VG_IKE_SHA384 : VG_IKE_SHA512;
	return 0;
}

/* authentication {pre-share|rsa-sig|rsa-encr} */
int vg_cmd_policy_auth(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && m->n_cap == 1) {
		vg_incomplete(p, m, "pre-share, rsa-sig, rsa-encr");
		return 0;
	}
	cur_policy(p)->auth = p->no || vg_has(m, "rsa-sig") ? VG_IKE_RSA_SIG :
		vg_has(m, "pre-share") ? VG_IKE_PRE_SHARE : VG_IKE_RSA_ENCR;
	return 0;
}

/* group N */
int vg_cmd_policy_group(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *number = m->n_cap > 1 ? &m->cap[1] : NULL;

	if (!p->no && !number)
		vg_incomplete(p, m, "<1-21>");
	else
		cur_policy(p)->group = p->no ? 1 : number->value;
	return 0;
}

/* lifetime SECONDS */
int vg_cmd_policy_lifetime(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "seconds"))
		vg_incomplete(p, m, "<60-86400>");
	else
		cur_policy(p)->lifetime = p->no ? VG_LIFE_IKE :
					  vg_value(m, "seconds");
	return 0;
}

static int add_key(struct vg_parser *p, const struct vg_match *m, const char *keyring)
{
	const struct vg_capture *secret = vg_cap(m, "secret"), *addr = vg_cap(m, "addr");
	struct vg_config *cfg = p->cfg;
	struct vg_isakmp_key *key;
	uint32_t mask;
	size_t i;

	/* IOS: without a mask 0.0.0.0 is every peer, anything else one host. */
	mask = vg_has(m, "mask") ? vg_value(m, "mask") : addr->value ? UINT32_MAX : 0;
	for (i = 0; i < cfg->key.n; i++) {
		key = &cfg->key.v[i];
		if (key->addr == (addr->value & mask) && key->mask == mask &&
		    !strcmp(key->keyring, keyring))
			break;
	}
	if (p->no) {
		if (i < cfg->key.n) {
			cfg->key.n--;
			memmove(&cfg->key.v[i], &cfg->key.v[i + 1],
				(cfg->key.n - i) * sizeof(*key));
			explicit_bzero(&cfg->key.v[cfg->key.n], sizeof(*key));
		}
		return 0;
	}
	if (vg_has(m, "encrypted")) {
		vg_error(p, vg_cap(m, "encrypted"), "an encrypted key cannot be read; write it in "
			 "clear and keep the file to yourself");
		return 0;
	}
	if (secret->token->len > VG_PSK_MAX) {
		vg_error(p, secret, "key is longer than %d characters", VG_PSK_MAX);
		return 0;
	}
	if (strspn(secret->token->text, "*") == secret->token->len) {
		vg_error(p, secret, "this key was masked by show running-config; write the key, or "
			 "use --secrets there");
		return 0;
	}
	if (i == cfg->key.n && !vg_push_secret(&cfg->key.v, &cfg->key.n, &cfg->key.cap))
		return -ENOMEM;
	key = &cfg->key.v[i];		/* the last one given holds, as in IOS */
	explicit_bzero(key, sizeof(*key));
	memcpy(key->secret, secret->token->text, secret->token->len);
	key->addr = addr->value & mask;
	key->mask = mask;
	key->no_xauth = vg_has(m, "no-xauth");
	strncpy(key->keyring, keyring, sizeof(key->keyring) - 1);
	key->at = p->at;
	return 0;
}

/* crypto isakmp key SECRET address A [MASK] [no-xauth] */
int vg_cmd_isakmp_key(struct vg_parser *p, const struct vg_match *m)
{
	return add_key(p, m, "");
}

/* crypto keyring NAME */
int vg_cmd_keyring(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_config *cfg = p->cfg;
	size_t n = 0;

	if (!p->no) {
		p->mode = VG_MODE_KEYRING;
		strncpy(p->keyring, vg_text(m, "name"), sizeof(p->keyring) - 1);
		return 0;
	}
	for (size_t i = 0; i < cfg->key.n; i++) {
		if (strcmp(cfg->key.v[i].keyring, vg_text(m, "name")))
			cfg->key.v[n++] = cfg->key.v[i];
	}
	if (n < cfg->key.n)
		explicit_bzero(&cfg->key.v[n], (cfg->key.n - n) * sizeof(*cfg->key.v));
	cfg->key.n = n;
	return 0;
}

/* pre-shared-key address A [MASK] key SECRET */
int vg_cmd_keyring_key(struct vg_parser *p, const struct vg_match *m)
{
	return add_key(p, m, p->keyring);
}

/* A peer is known by its address when its key is needed. */
int vg_cmd_key_hostname(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_error(p, NULL, "keys are chosen by the address of a peer, not by its name; "
			 "write 'address'");
	return 0;
}

/* local-address {A|IF} */
int vg_cmd_key_local(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no)
		vg_error(p, NULL, "'local-address' in a keyring is not supported: keys are "
			 "chosen by the address of the peer alone");
	return 0;
}

/* crypto isakmp client configuration address-pool local NAME */
int vg_cmd_client_pool(struct vg_parser *p, const struct vg_match *m)
{
	if (p->no)
		memset(&p->cfg->isakmp.pool, 0, sizeof(p->cfg->isakmp.pool));
	else
		vg_ref_set(p, &p->cfg->isakmp.pool, m, "pool");
	return 0;
}

/* crypto isakmp keepalive SECONDS [RETRY] [periodic|on-demand] */
int vg_cmd_keepalive(struct vg_parser *p, const struct vg_match *m)
{
	struct vg_isakmp *isakmp = &p->cfg->isakmp;

	if (!p->no && !vg_has(m, "seconds")) {
		vg_incomplete(p, m, "<10-3600>");
		return 0;
	}
	isakmp->keepalive = p->no ? 0 : vg_value(m, "seconds");
	isakmp->retry = p->no ? 0 : vg_has(m, "retry") ? vg_value(m, "retry") : 2;
	isakmp->periodic = !p->no && vg_has(m, "periodic");
	return 0;
}

/* crypto isakmp nat keepalive SECONDS */
int vg_cmd_nat_keepalive(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "seconds")) {
		vg_incomplete(p, m, "<5-3600>");
		return 0;
	}
	p->cfg->isakmp.nat_keepalive = p->no ? 0 : vg_value(m, "seconds");
	return 0;
}

/* crypto isakmp enable */
int vg_cmd_isakmp_enable(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->isakmp.disabled = p->no && !p->is_default;
	return 0;
}

/* crypto isakmp wireshark */
int vg_cmd_wireshark(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->isakmp.wireshark = !p->no;
	return 0;
}

/* crypto isakmp aggressive-mode disable */
int vg_cmd_no_aggressive(struct vg_parser *p, const struct vg_match *m)
{
	p->cfg->isakmp.no_aggressive = !p->no;
	return 0;
}

/* crypto isakmp identity {address|...} */
int vg_cmd_isakmp_identity(struct vg_parser *p, const struct vg_match *m)
{
	if (!p->no && !vg_has(m, "address"))
		vg_error(p, &m->cap[m->n_cap - 1], "the gateway identifies itself by its address");
	return 0;
}

/* ip local pool NAME LO [HI] */
int vg_cmd_local_pool(struct vg_parser *p, const struct vg_match *m)
{
	const struct vg_capture *lo = vg_cap(m, "lo"), *hi = vg_cap(m, "hi");
	uint32_t start = lo ? lo->value : 0, end = hi ? hi->value : start;
	const char *name = vg_text(m, "name");
	struct vg_config *cfg = p->cfg;
	struct vg_local_pool *pool;

	if (p->no) {
		size_t n = 0;

		for (size_t i = 0; i < cfg->local_pool.n; i++) {
			pool = &cfg->local_pool.v[i];
			if (strcmp(pool->name, name) || (lo && pool->start != start))
				cfg->local_pool.v[n++] = *pool;
		}
		cfg->local_pool.n = n;
		return 0;
	}
	if (!lo) {
		vg_incomplete(p, m, "A.B.C.D");
		return 0;
	}
	if (end < start || end - start > 0xffff) {
		vg_error(p, hi, end < start ? "pool ends before it begins" :
			 "more than 65536 addresses");
		return 0;
	}
	for (size_t i = 0; i < cfg->local_pool.n; i++) {
		struct vg_diag *d;

		pool = &cfg->local_pool.v[i];
		if (pool->start == start && pool->end == end && !strcmp(pool->name, name))
			return 0;
		if (end < pool->start || start > pool->end)
			continue;
		d = vg_error(p, lo, "range overlaps that of line %u", pool->at.line);
		if (d)
			d->related = pool->at.line;
		return 0;
	}
	pool = vg_push(&cfg->local_pool.v, &cfg->local_pool.n, &cfg->local_pool.cap);
	if (!pool)
		return -ENOMEM;
	strncpy(pool->name, name, sizeof(pool->name) - 1);
	pool->start = start;
	pool->end = end;
	pool->at = p->at;
	return 0;
}

static int policy_cmp(const void *pa, const void *pb)
{
	const struct vg_isakmp_policy *a = pa, *b = pb;

	return a->priority < b->priority ? -1 : a->priority > b->priority;
}

/**
 * vg_isakmp_finish - put policies into the order in which they are tried
 * @cfg: configuration, read
 */
void vg_isakmp_finish(struct vg_config *cfg)
{
	if (cfg->policy.n)
		qsort(cfg->policy.v, cfg->policy.n, sizeof(*cfg->policy.v), policy_cmp);
}
