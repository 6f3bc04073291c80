// SPDX-License-Identifier: GPL-2.0
/* What vpnd knows, and what the running configuration says about it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "daemon.h"

#define COLUMNS_MAX 8

/**
 * ctl_ask - ask vpnd
 * @c: this run
 * @line: command
 * @answer: where its text goes, to be freed
 *
 * Return: 0, or exit status after a message.
 */
int ctl_ask(struct ctl *c, const char *line, char **answer)
{
	int ret = vg_daemon_ask(c->run_dir, line, answer);

	if (ret == -ENOENT || ret == -ECONNREFUSED)
		fprintf(stderr, "vpnctl: vpnd does not run (no one listens at %s/" VG_SOCKET
			"); start it for '%s'\n", c->run_dir, line);
	else if (ret)
		fprintf(stderr, "vpnctl: vpnd: %s\n", strerror(-ret));
	if (ret)
		return EXIT_REFUSED;
	if (**answer != '%')
		return EXIT_OK;
	fprintf(stderr, "vpnctl: vpnd: %s", *answer + 1);
	free(*answer);
	*answer = NULL;
	return EXIT_REFUSED;
}

static int words_of(char *line, char *word[COLUMNS_MAX])
{
	char *save;
	int n = 0;

	for (char *w = strtok_r(line, " \t", &save); w && n < COLUMNS_MAX;
	     w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

struct json_object *json_isakmp_sas(char *text)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	char *save, *word[COLUMNS_MAX];

	strtok_r(text, "\n", &save);		/* headings */
	for (char *line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int n = words_of(line, word);
		struct json_object *sa;

		if (n < 4)
			continue;
		sa = json_object_new_object();
		json_str(sa, "dst", word[0]);
		json_str(sa, "src", word[1]);
		json_str(sa, "state", word[2]);
		json_num(sa, "conn_id", strtoul(word[3], NULL, 10));
		json_object_object_add(sa, "deleted",
				       json_object_new_boolean(n > 4 && *word[n - 1] == '('));
		json_object_array_add(list, sa);
	}
	json_object_object_add(obj, "isakmp_sas", list);
	return obj;
}

struct json_object *json_local_pools(char *text)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	char *save, *word[COLUMNS_MAX];

	strtok_r(text, "\n", &save);
	for (char *line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct json_object *pool;

		if (words_of(line, word) < 5)
			continue;
		pool = json_object_new_object();
		json_str(pool, "name", word[0]);
		json_str(pool, "begin", word[1]);
		json_str(pool, "end", word[2]);
		json_num(pool, "free", strtoul(word[3], NULL, 10));
		json_num(pool, "in_use", strtoul(word[4], NULL, 10));
		json_object_array_add(list, pool);
	}
	json_object_object_add(obj, "local_pools", list);
	return obj;
}

/* "  Label: value" lines; every "Peer:" begins another session. */
struct json_object *json_sessions(char *text)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();
	struct json_object *session = NULL;
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *at = line + strspn(line, " \t"), *value = strstr(at, ": ");

		if (!strncmp(at, "Peer:", 5)) {
			session = json_object_new_object();
			json_object_array_add(list, session);
		}
		if (!session || !value)
			continue;
		*value = '\0';
		for (char *p = at; *p; p++)
			*p = *p == ' ' ? '_' : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;
		json_str(session, at, value + 2);
	}
	json_object_object_add(obj, "sessions", list);
	return obj;
}

static int show_daemon(struct ctl *c, const char *line, struct json_object *(*to_json)(char *))
{
	char *answer;

	if (ctl_ask(c, line, &answer))
		return EXIT_REFUSED;
	if (c->json)
		ctl_print_json(c, to_json(answer));
	else
		fputs(answer, c->out);
	free(answer);
	return EXIT_OK;
}

/* show crypto isakmp sa */
int cmd_show_isakmp_sa(struct ctl *c, const struct vg_match *m)
{
	return show_daemon(c, "show crypto isakmp sa", json_isakmp_sas);
}

/* Lines of a name and a number. */
static struct json_object *json_statistics(char *text)
{
	struct json_object *obj = json_object_new_object();
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strrchr(line, ' '), *end = value;

		if (!value)
			continue;
		while (end > line && end[-1] == ' ')
			end--;
		*end = '\0';
		for (char *p = line; *p; p++)
			*p = *p == ' ' ? '_' : *p;
		json_object_object_add(obj, line,
				       json_object_new_int64(strtoll(value + 1, NULL, 10)));
	}
	return obj;
}

/* show crypto isakmp statistics */
int cmd_show_isakmp_statistics(struct ctl *c, const struct vg_match *m)
{
	return show_daemon(c, "show crypto isakmp statistics", json_statistics);
}

/* show crypto session */
int cmd_show_session(struct ctl *c, const struct vg_match *m)
{
	return show_daemon(c, "show crypto session", json_sessions);
}

/* show ip local pool */
int cmd_show_local_pool(struct ctl *c, const struct vg_match *m)
{
	return show_daemon(c, "show ip local pool", json_local_pools);
}

/* clear crypto isakmp [CONN] */
int cmd_clear_isakmp(struct ctl *c, const struct vg_match *m)
{
	char line[64] = "clear crypto isakmp", *answer;

	if (vg_has(m, "conn"))
		snprintf(line, sizeof(line), "clear crypto isakmp %u", vg_value(m, "conn"));
	if (ctl_ask(c, line, &answer))
		return EXIT_REFUSED;
	fputs(answer, c->out);
	free(answer);
	return EXIT_OK;
}

/* Has vpnd do something with a session, whose peer may be named. */
static int do_session(struct ctl *c, const struct vg_match *m, const char *what)
{
	char line[96], addr[VG_ADDR_LEN], *answer;

	if (vg_has(m, "peer"))
		snprintf(line, sizeof(line), "%s crypto session remote %s", what,
			 vg_addr_str(vg_value(m, "peer"), addr));
	else
		snprintf(line, sizeof(line), "%s crypto session", what);
	if (ctl_ask(c, line, &answer))
		return EXIT_REFUSED;
	fputs(answer, c->out);
	free(answer);
	return EXIT_OK;
}

/* clear crypto session [remote ADDR] */
int cmd_clear_session(struct ctl *c, const struct vg_match *m)
{
	return do_session(c, m, "clear");
}

/* connect crypto session remote ADDR */
int cmd_connect_session(struct ctl *c, const struct vg_match *m)
{
	return do_session(c, m, "connect");
}

static const char *encr_text(const struct vg_isakmp_policy *p, char buf[80])
{
	switch (p->encr) {
	case VG_IKE_3DES:
		return "Three key triple DES";
	case VG_IKE_AES:
		snprintf(buf, 80, "AES - Advanced Encryption Standard (%u bit keys).",
			 p->key_bits);
		return buf;
	default:
		return "DES - Data Encryption Standard (56 bit keys).";
	}
}

static const char *hash_text(enum vg_ike_hash hash)
{
	switch (hash) {
	case VG_IKE_MD5:
		return "Message Digest 5";
	case VG_IKE_SHA1:
		return "Secure Hash Standard";
	case VG_IKE_SHA256:
		return "Secure Hash Standard 2 (256 bit)";
	case VG_IKE_SHA384:
		return "Secure Hash Standard 2 (384 bit)";
	default:
		return "Secure Hash Standard 2 (512 bit)";
	}
}

static const char *auth_text(enum vg_ike_auth auth)
{
	return auth == VG_IKE_PRE_SHARE ? "Pre-Shared Key" :
	       auth == VG_IKE_RSA_SIG ? "Rivest-Shamir-Adleman Signature" :
	       "Rivest-Shamir-Adleman Encryption";
}

static unsigned int group_bits(uint8_t group)
{
	static const struct {
		uint8_t group;
		uint16_t bits;
	} groups[] = {
		{ 1, 768 }, { 2, 1024 }, { 5, 1536 }, { 14, 2048 }, { 15, 3072 }, { 16, 4096 },
		{ 19, 256 }, { 20, 384 }, { 21, 521 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(groups); i++) {
		if (groups[i].group == group)
			return groups[i].bits;
	}
	return 0;
}

static void print_policy(FILE *out, const struct vg_isakmp_policy *p)
{
	char buf[80];

	fprintf(out, "        encryption algorithm:   %s\n", encr_text(p, buf));
	fprintf(out, "        hash algorithm:         %s\n", hash_text(p->hash));
	fprintf(out, "        authentication method:  %s\n", auth_text(p->auth));
	fprintf(out, "        Diffie-Hellman group:   #%u (%u bit)\n", p->group,
		group_bits(p->group));
	fprintf(out, "        lifetime:               %u seconds, no volume limit\n", p->lifetime);
}

void view_isakmp_policies(FILE *out, const struct vg_config *cfg)
{
	for (size_t i = 0; i < cfg->policy.n; i++) {
		fprintf(out, "Protection suite of priority %u\n", cfg->policy.v[i].priority);
		print_policy(out, &cfg->policy.v[i]);
	}
	/* The suite that IOS tries last is not for us: it wants RSA signatures. */
	if (!cfg->policy.n)
		fputs("No protection suite: keys are not negotiated\n", out);
}

void view_isakmp_keys(FILE *out, const struct vg_config *cfg, bool secrets)
{
	char a[VG_ADDR_LEN], m[VG_ADDR_LEN], who[40];

	fprintf(out, "%-20s %-36s %s\n", "Keyring", "Hostname/Address", "Preshared Key");
	for (size_t i = 0; i < cfg->key.n; i++) {
		const struct vg_isakmp_key *key = &cfg->key.v[i];

		snprintf(who, sizeof(who), "%s [%s]", vg_addr_str(key->addr, a),
			 vg_addr_str(key->mask, m));
		if (key->mask == UINT32_MAX)
			vg_addr_str(key->addr, who);
		fprintf(out, "%-20s %-36s %s\n", key->keyring[0] ? key->keyring : "default", who,
			secrets ? key->secret : "<masked>");
	}
}

struct json_object *json_policies(const struct vg_config *cfg)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < cfg->policy.n; i++) {
		const struct vg_isakmp_policy *p = &cfg->policy.v[i];
		struct json_object *o = json_object_new_object();

		json_num(o, "priority", p->priority);
		json_str(o, "encryption", vg_ike_encr_name(p->encr));
		json_num(o, "key_bits", p->encr == VG_IKE_DES ? 56 :
			 p->encr == VG_IKE_3DES ? 168 : p->key_bits);
		json_str(o, "hash", vg_ike_hash_name(p->hash));
		json_str(o, "authentication", vg_ike_auth_name(p->auth));
		json_num(o, "group", p->group);
		json_num(o, "lifetime", p->lifetime);
		json_num(o, "line", p->at.line);
		json_object_array_add(list, o);
	}
	json_object_object_add(obj, "policies", list);
	return obj;
}

struct json_object *json_shared_keys(const struct vg_config *cfg, bool secrets)
{
	struct json_object *obj = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < cfg->key.n; i++) {
		const struct vg_isakmp_key *key = &cfg->key.v[i];
		struct json_object *o = json_object_new_object();

		json_addr(o, "address", key->addr);
		json_addr(o, "mask", key->mask);
		json_str(o, "keyring", key->keyring);
		json_num(o, "length", strlen(key->secret));
		if (secrets)
			json_str(o, "key", key->secret);
		json_num(o, "line", key->at.line);
		json_object_array_add(list, o);
	}
	json_object_object_add(obj, "keys", list);
	return obj;
}

/* show crypto isakmp policy */
int cmd_show_isakmp_policy(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *cfg;

	if (ctl_running(c, &cfg))
		return EXIT_REFUSED;
	if (c->json)
		ctl_print_json(c, json_policies(cfg));
	else
		view_isakmp_policies(c->out, cfg);
	vg_config_free(cfg);
	return EXIT_OK;
}

/* show crypto isakmp key */
int cmd_show_isakmp_key(struct ctl *c, const struct vg_match *m)
{
	struct vg_config *cfg;

	if (ctl_running(c, &cfg))
		return EXIT_REFUSED;
	if (c->json)
		ctl_print_json(c, json_shared_keys(cfg, c->secrets));
	else
		view_isakmp_keys(c->out, cfg, c->secrets);
	vg_config_free(cfg);
	return EXIT_OK;
}
