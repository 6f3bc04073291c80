// SPDX-License-Identifier: GPL-2.0
/*
 * The lines of a configuration that say how keys are negotiated. The language is
 * that of libvpngw's grammar, the tables are ours until its own parser takes
 * these commands; every other line is vpnctl's business and passed over here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf.h"
#include "crypto.h"
#include "grammar.h"
#include "util.h"

#define MAX_WORDS 64

enum mode { M_GLOBAL, M_POLICY, M_ENTRY, M_DYNAMIC, M_IFACE, M_MODES, M_SKIP = M_MODES };

/* An interface, until it is known whether a crypto map lies on it. */
struct iface {
	char map[CONF_NAME_LEN];
	uint32_t addr;
};

/**
 * struct conf_parser - state of reading
 * @dyn: entries of dynamic maps; copied to where a crypto map names them
 * @ref: "crypto map M N ipsec-isakmp dynamic D", in @entry.dynamic
 */
struct conf_parser {
	struct vpnd_conf *conf;
	struct vg_diags *diags;
	struct vg_grammar *grammar[M_MODES];
	struct vg_match match;
	enum mode mode;
	unsigned int line;

	CONF_LIST(struct conf_entry, dyn);
	CONF_LIST(struct conf_entry, ref);
	CONF_LIST(struct iface, iface);
};

typedef int (*handler)(struct conf_parser *p, const struct vg_match *m);

static void complain(struct conf_parser *p, enum vg_severity severity, const char *text)
{
	vg_diag_add(p->diags, severity, (struct vg_src){ p->line, 1 }, "%s", text);
}

static void copy_name(char *to, const char *from)
{
	snprintf(to, CONF_NAME_LEN, "%s", from);
}

static int cmd_policy(struct conf_parser *p, const struct vg_match *m)
{
	uint32_t priority = vg_value(m, "prio");
	struct conf_policy *pol = NULL;

	for (size_t i = 0; i < p->conf->policy.n; i++) {
		if (p->conf->policy.v[i].priority == priority)
			pol = &p->conf->policy.v[i];
	}
	if (pol) {		/* entered again: goes to the end, where cur_policy() looks */
		struct conf_policy again = *pol;

		*pol = p->conf->policy.v[p->conf->policy.n - 1];
		p->conf->policy.v[p->conf->policy.n - 1] = again;
	} else {
		pol = vg_push(&p->conf->policy.v, &p->conf->policy.n, &p->conf->policy.cap);
		if (!pol)
			return -ENOMEM;
		*pol = (struct conf_policy){
			.priority = priority, .encr = IKE_DES, .hash = IKE_SHA1, .group = 1,
			.lifetime = CONF_LIFE_IKE, .line = p->line,
		};
	}
	p->mode = M_POLICY;
	return 0;
}

static struct conf_policy *cur_policy(struct conf_parser *p)
{
	return &p->conf->policy.v[p->conf->policy.n - 1];
}

static int cmd_encr(struct conf_parser *p, const struct vg_match *m)
{
	struct conf_policy *pol = cur_policy(p);

	pol->key_bits = 0;
	if (vg_has(m, "aes")) {
		pol->encr = IKE_AES;
		pol->key_bits = vg_has(m, "bits") ? vg_value(m, "bits") : 128;
		if (pol->key_bits % 64)
			complain(p, VG_ERROR, "AES comes with 128, 192 or 256 bits");
	} else {
		pol->encr = vg_has(m, "3des") ? IKE_3DES : IKE_DES;
	}
	return 0;
}

static int cmd_hash(struct conf_parser *p, const struct vg_match *m)
{
	static const struct {
		const char *word;
		enum ike_hash hash;
	} hashes[] = {
		{ "md5", IKE_MD5 }, { "sha", IKE_SHA1 }, { "sha256", IKE_SHA256 },
		{ "sha384", IKE_SHA384 }, { "sha512", IKE_SHA512 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(hashes); i++) {
		if (vg_has(m, hashes[i].word))
			cur_policy(p)->hash = hashes[i].hash;
	}
	return 0;
}

static int cmd_auth(struct conf_parser *p, const struct vg_match *m)
{
	cur_policy(p)->psk = vg_has(m, "pre-share");
	return 0;
}

static int cmd_group(struct conf_parser *p, const struct vg_match *m)
{
	cur_policy(p)->group = vg_value(m, "number");
	if (!crypto_dh_len(cur_policy(p)->group))
		complain(p, VG_ERROR, "group is not supported: 1, 2, 5, 14-16, 19-21 are");
	return 0;
}

static int cmd_lifetime(struct conf_parser *p, const struct vg_match *m)
{
	cur_policy(p)->lifetime = vg_value(m, "seconds");
	return 0;
}

static int cmd_key(struct conf_parser *p, const struct vg_match *m)
{
	const char *secret = vg_text(m, "secret");
	struct conf_key *key;

	if (strlen(secret) > CONF_KEY_MAX) {
		complain(p, VG_ERROR, "key is longer than 128 characters");
		return 0;
	}
	key = vg_push(&p->conf->key.v, &p->conf->key.n, &p->conf->key.cap);
	if (!key)
		return -ENOMEM;
	key->len = strlen(secret);
	memcpy(key->secret, secret, key->len);
	key->addr = vg_value(m, "addr");
	/* IOS: without a mask 0.0.0.0 is every peer, anything else one host */
	key->mask = vg_has(m, "mask") ? vg_value(m, "mask") : key->addr ? 0xffffffff : 0;
	key->addr &= key->mask;
	key->line = p->line;
	if (key->len < 8)
		complain(p, VG_WARNING, "pre-shared key has fewer than 8 characters");
	return 0;
}

static int cmd_client_pool(struct conf_parser *p, const struct vg_match *m)
{
	copy_name(p->conf->pool_name, vg_text(m, "pool"));
	return 0;
}

static int cmd_keepalive(struct conf_parser *p, const struct vg_match *m)
{
	p->conf->keepalive = vg_value(m, "seconds");
	p->conf->keepalive_retry = vg_has(m, "retry") ? vg_value(m, "retry") : 2;
	return 0;
}

static int cmd_lives(struct conf_parser *p, const struct vg_match *m)
{
	if (vg_has(m, "seconds"))
		p->conf->life = vg_value(m, "s");
	else
		p->conf->kilobytes = vg_value(m, "k");
	return 0;
}

static int cmd_set(struct conf_parser *p, const struct vg_match *m)
{
	static const struct {
		const char *word;
		uint8_t encr, auth;
	} words[] = {
		{ "esp-null", ESP_NULL, 0 }, { "esp-des", ESP_DES, 0 },
		{ "esp-3des", ESP_3DES, 0 }, { "esp-aes", ESP_AES_CBC, 0 },
		{ "esp-md5-hmac", 0, ESP_AUTH_MD5 }, { "esp-sha-hmac", 0, ESP_AUTH_SHA1 },
		{ "esp-sha256-hmac", 0, ESP_AUTH_SHA256 },
		{ "esp-sha384-hmac", 0, ESP_AUTH_SHA384 },
		{ "esp-sha512-hmac", 0, ESP_AUTH_SHA512 },
	};
	struct conf_set *set = vg_push(&p->conf->set.v, &p->conf->set.n, &p->conf->set.cap);

	if (!set)
		return -ENOMEM;
	copy_name(set->name, vg_text(m, "name"));
	set->line = p->line;
	for (size_t i = 0; i < VG_ARRAY_SIZE(words); i++) {
		if (!vg_has(m, words[i].word))
			continue;
		if (words[i].encr)
			set->encr = words[i].encr;
		else
			set->auth = words[i].auth;
	}
	if (set->encr == ESP_AES_CBC)
		set->key_bits = vg_has(m, "bits") ? vg_value(m, "bits") : 128;
	if (!set->encr || !set->auth || vg_has(m, "other")) {
		p->conf->set.n--;
		complain(p, VG_WARNING, "keys are negotiated only for esp-null, esp-des, esp-3des "
			 "or esp-aes with an hmac; this transform set is left out");
	}
	return 0;
}

static int cmd_set_mode(struct conf_parser *p, const struct vg_match *m)
{
	if (p->conf->set.n)
		p->conf->set.v[p->conf->set.n - 1].transport = vg_has(m, "transport");
	return 0;
}

static int cmd_dynamic(struct conf_parser *p, const struct vg_match *m)
{
	struct conf_entry *e = vg_push(&p->dyn.v, &p->dyn.n, &p->dyn.cap);

	if (!e)
		return -ENOMEM;
	copy_name(e->dynamic, vg_text(m, "mapname"));
	e->dynamic_seq = vg_value(m, "seq");
	e->line = p->line;
	p->mode = M_DYNAMIC;
	return 0;
}

static int cmd_map_client(struct conf_parser *p, const struct vg_match *m)
{
	p->conf->initiate |= vg_has(m, "initiate");
	p->conf->respond |= vg_has(m, "respond");
	return 0;
}

static int cmd_map(struct conf_parser *p, const struct vg_match *m)
{
	struct conf_entry *e;

	if (!vg_has(m, "dynamic")) {
		p->mode = M_ENTRY;
		complain(p, VG_WARNING, "entries with \"set peer\" are not negotiated by this "
			 "version of vpnd, only dynamic ones are");
		return 0;
	}
	e = vg_push(&p->ref.v, &p->ref.n, &p->ref.cap);
	if (!e)
		return -ENOMEM;
	copy_name(e->map, vg_text(m, "mapname"));
	copy_name(e->dynamic, vg_text(m, "dyn"));
	e->seq = vg_value(m, "seq");
	e->line = p->line;
	return 0;
}

static struct conf_entry *cur_dynamic(struct conf_parser *p)
{
	return &p->dyn.v[p->dyn.n - 1];
}

static int cmd_use_sets(struct conf_parser *p, const struct vg_match *m)
{
	struct conf_entry *e = cur_dynamic(p);

	e->n_sets = 0;
	for (size_t i = 0; i < m->n_cap; i++) {
		if (strcmp(m->cap[i].label, "name"))
			continue;
		if (e->n_sets == CONF_SETS_MAX) {
			complain(p, VG_ERROR, "more than six transform sets");
			break;
		}
		copy_name(e->set[e->n_sets++], m->cap[i].token->text);
	}
	return 0;
}

static int cmd_pfs(struct conf_parser *p, const struct vg_match *m)
{
	static const uint8_t groups[] = { 1, 2, 5, 14, 15, 16, 19, 20, 21 };

	cur_dynamic(p)->pfs = 1;
	for (size_t i = 0; i < VG_ARRAY_SIZE(groups); i++) {
		char word[12];

		snprintf(word, sizeof(word), "group%u", groups[i]);
		if (vg_has(m, word))
			cur_dynamic(p)->pfs = groups[i];
	}
	return 0;
}

static int cmd_entry_lives(struct conf_parser *p, const struct vg_match *m)
{
	if (vg_has(m, "seconds"))
		cur_dynamic(p)->life = vg_value(m, "s");
	else
		cur_dynamic(p)->kilobytes = vg_value(m, "k");
	return 0;
}

static int cmd_match(struct conf_parser *p, const struct vg_match *m)
{
	complain(p, VG_ERROR, "\"match address\" in a dynamic map is not supported by this "
		 "version of vpnd");
	return 0;
}

static int cmd_pool(struct conf_parser *p, const struct vg_match *m)
{
	struct conf_pool *pool = vg_push(&p->conf->pool.v, &p->conf->pool.n, &p->conf->pool.cap);

	if (!pool)
		return -ENOMEM;
	copy_name(pool->name, vg_text(m, "name"));
	pool->start = vg_value(m, "lo");
	pool->end = vg_has(m, "hi") ? vg_value(m, "hi") : pool->start;
	pool->line = p->line;
	if (pool->end < pool->start || pool->end - pool->start > 0xffff)
		complain(p, VG_ERROR, "a pool has one to 65536 addresses, in ascending order");
	return 0;
}

static int cmd_iface(struct conf_parser *p, const struct vg_match *m)
{
	if (!vg_push(&p->iface.v, &p->iface.n, &p->iface.cap))
		return -ENOMEM;
	p->mode = M_IFACE;
	return 0;
}

static int cmd_if_addr(struct conf_parser *p, const struct vg_match *m)
{
	p->iface.v[p->iface.n - 1].addr = vg_value(m, "addr");
	return 0;
}

static int cmd_if_map(struct conf_parser *p, const struct vg_match *m)
{
	copy_name(p->iface.v[p->iface.n - 1].map, vg_text(m, "mapname"));
	return 0;
}

static int cmd_none(struct conf_parser *p, const struct vg_match *m)
{
	return 0;
}

#define TRANSFORM								\
	"{esp-null|esp-des|esp-3des|esp-aes [<bits:128-256>]|esp-md5-hmac|esp-sha-hmac|"	\
	"esp-sha256-hmac|esp-sha384-hmac|esp-sha512-hmac|<other:any>}"
#define LIVES	"{seconds <s:120-86400>|kilobytes <k:2560-536870912>}"
#define C(pattern, fn, root) { pattern, VG_FN(fn), root, 0, NULL }

static const struct vg_cmd global_cmds[] = {
	C("crypto isakmp policy <prio:1-10000>", cmd_policy, 3),
	C("crypto isakmp key <secret:word> address <addr:addr> [<mask:mask>] [no-xauth]", cmd_key,
	  3),
	C("crypto isakmp client configuration address-pool local <pool:name>", cmd_client_pool,
	  3),
	C("crypto isakmp keepalive <seconds:10-3600> [<retry:2-60>] [{periodic|on-demand}]",
	  cmd_keepalive, 3),
	C("crypto ipsec transform-set <name:name> " TRANSFORM "+", cmd_set, 3),
	C("crypto ipsec security-association lifetime " LIVES, cmd_lives, 4),
	C("mode {tunnel|transport} [require]", cmd_set_mode, 1),
	C("crypto dynamic-map <mapname:name> <seq:1-65535>", cmd_dynamic, 2),
	C("crypto map <mapname:name> client configuration address {initiate|respond}",
	  cmd_map_client, 4),
	C("crypto map <mapname:name> <seq:1-65535> ipsec-isakmp [dynamic <dyn:name>]", cmd_map, 4),
	C("ip local pool <name:name> <lo:addr> [<hi:addr>]", cmd_pool, 3),
	C("interface <name:any>+", cmd_iface, 1),
};

static const struct vg_cmd policy_cmds[] = {
	C("encryption {des|3des|aes [<bits:128-256>]}", cmd_encr, 1),
	C("hash {md5|sha|sha256|sha384|sha512}", cmd_hash, 1),
	C("authentication {pre-share|rsa-sig|rsa-encr}", cmd_auth, 1),
	C("group <number:1-24>", cmd_group, 1),
	C("lifetime <seconds:60-86400>", cmd_lifetime, 1),
};

static const struct vg_cmd dynamic_cmds[] = {
	C("set transform-set <name:name>+", cmd_use_sets, 2),
	C("set pfs [{group1|group2|group5|group14|group15|group16|group19|group20|group21}]",
	  cmd_pfs, 2),
	C("set security-association lifetime " LIVES, cmd_entry_lives, 3),
	C("match address <list:name>", cmd_match, 1),
	C("description <text:any>+", cmd_none, 1),
};

static const struct vg_cmd entry_cmds[] = {
	C("{set|match|description} <text:any>+", cmd_none, 1),
};

static const struct vg_cmd iface_cmds[] = {
	C("ip address <addr:addr> <mask:mask>", cmd_if_addr, 2),
	C("crypto map <mapname:name>", cmd_if_map, 2),
};

static const struct {
	const struct vg_cmd *cmds;
	size_t n;
} tables[M_MODES] = {
	[M_GLOBAL] = { global_cmds, VG_ARRAY_SIZE(global_cmds) },
	[M_POLICY] = { policy_cmds, VG_ARRAY_SIZE(policy_cmds) },
	[M_ENTRY] = { entry_cmds, VG_ARRAY_SIZE(entry_cmds) },
	[M_DYNAMIC] = { dynamic_cmds, VG_ARRAY_SIZE(dynamic_cmds) },
	[M_IFACE] = { iface_cmds, VG_ARRAY_SIZE(iface_cmds) },
};

/* A line that only begins like one of ours is wrong; any other is not ours. */
static int parse_line(struct conf_parser *p, char *line)
{
	struct vg_token tok[MAX_WORDS];
	size_t n = vg_lex(line, tok, MAX_WORDS);
	enum vg_match_result result;

	if (!n || n > MAX_WORDS || *tok[0].text == '!')
		return 0;
	if (!strcasecmp(tok[0].text, "no") || !strcasecmp(tok[0].text, "default"))
		return 0;
	if (p->mode != M_GLOBAL && p->mode != M_SKIP) {
		result = vg_grammar_match(p->grammar[p->mode], tok, n, &p->match);
		if (result == VG_MATCH)
			return ((handler)p->match.cmd->fn)(p, &p->match);
		if (result != VG_UNKNOWN && p->match.consumed_root)
			goto wrong;
	}
	result = vg_grammar_match(p->grammar[M_GLOBAL], tok, n, &p->match);
	if (result == VG_NOMEM)
		return -ENOMEM;
	if (result == VG_MATCH) {
		p->mode = M_SKIP;
		return ((handler)p->match.cmd->fn)(p, &p->match);
	}
	if (result == VG_UNKNOWN || !p->match.consumed_root) {
		if (p->mode != M_IFACE)
			p->mode = M_SKIP;
		return 0;
	}
	p->mode = M_SKIP;
wrong:
	complain(p, VG_ERROR, p->match.why ? p->match.why : "malformed command");
	if (p->diags->n)
		vg_diag_expect(&p->diags->v[p->diags->n - 1], p->match.expected);
	return 0;
}

static int by_priority(const void *a, const void *b)
{
	const struct conf_policy *x = a, *y = b;

	return x->priority < y->priority ? -1 : x->priority > y->priority;
}

/* Puts the entries of dynamic maps where crypto maps name them. */
static int resolve(struct conf_parser *p)
{
	struct vpnd_conf *conf = p->conf;

	for (size_t i = 0; i < p->ref.n; i++) {
		for (size_t j = 0; j < p->dyn.n; j++) {
			struct conf_entry *e;

			if (strcmp(p->ref.v[i].dynamic, p->dyn.v[j].dynamic))
				continue;
			e = vg_push(&conf->entry.v, &conf->entry.n, &conf->entry.cap);
			if (!e)
				return -ENOMEM;
			*e = p->dyn.v[j];
			copy_name(e->map, p->ref.v[i].map);
			e->seq = p->ref.v[i].seq;
		}
	}
	for (size_t i = 0; i < p->iface.n; i++) {
		if (p->iface.v[i].map[0] && p->iface.v[i].addr &&
		    conf->n_local < VG_ARRAY_SIZE(conf->local))
			conf->local[conf->n_local++] = p->iface.v[i].addr;
	}
	p->line = 0;
	if (conf->pool_name[0] && !conf_pool_find(conf, conf->pool_name))
		complain(p, VG_ERROR, "the address pool for clients is not defined");
	if ((conf->initiate || conf->respond) && !conf->pool_name[0])
		complain(p, VG_ERROR, "client configuration without \"crypto isakmp client "
			 "configuration address-pool local\"");
	if (conf->policy.n)
		qsort(conf->policy.v, conf->policy.n, sizeof(*conf->policy.v), by_priority);
	return 0;
}

/**
 * conf_parse - read a configuration
 * @conf: empty
 * @text: text
 * @len: its length
 * @diags: where errors and warnings go; with errors @conf is not to be used
 *
 * Return: 0 or -ENOMEM.
 */
int conf_parse(struct vpnd_conf *conf, const char *text, size_t len, struct vg_diags *diags)
{
	struct conf_parser p = { .conf = conf, .diags = diags, .mode = M_GLOBAL };
	char *copy = malloc(len + 1), *line, *next;
	int ret = copy ? 0 : -ENOMEM;

	for (int i = 0; !ret && i < M_MODES; i++) {
		p.grammar[i] = vg_grammar_new(tables[i].cmds, tables[i].n);
		if (!p.grammar[i])
			ret = -ENOMEM;
	}
	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	for (line = copy; !ret && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		p.line++;
		ret = parse_line(&p, line);
	}
	if (!ret)
		ret = resolve(&p);
	if (copy)
		crypto_wipe(copy, len);
	free(copy);
	for (int i = 0; i < M_MODES; i++)
		vg_grammar_free(p.grammar[i]);
	vg_match_free(&p.match);
	free(p.dyn.v);
	free(p.ref.v);
	free(p.iface.v);
	return ret;
}
