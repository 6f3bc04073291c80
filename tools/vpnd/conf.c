// SPDX-License-Identifier: GPL-2.0
/* The configuration as it is used: files, keys, names. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "crypto.h"

#define CONF_TEXT_MAX (4 << 20)

/**
 * conf_new - an empty configuration
 *
 * Return: it, or NULL without memory.
 */
struct vpnd_conf *conf_new(void)
{
	struct vpnd_conf *conf = calloc(1, sizeof(*conf));

	if (conf) {
		conf->life = CONF_LIFE_IPSEC;
		conf->kilobytes = CONF_LIFE_KILOBYTES;
	}
	return conf;
}

/**
 * conf_free - free a configuration and wipe its keys
 * @conf: it, or NULL
 */
void conf_free(struct vpnd_conf *conf)
{
	if (!conf)
		return;
	if (conf->key.v)
		crypto_wipe(conf->key.v, conf->key.cap * sizeof(*conf->key.v));
	if (conf->group.v)
		crypto_wipe(conf->group.v, conf->group.cap * sizeof(*conf->group.v));
	if (conf->user.v)
		crypto_wipe(conf->user.v, conf->user.cap * sizeof(*conf->user.v));
	free(conf->policy.v);
	free(conf->key.v);
	free(conf->set.v);
	free(conf->entry.v);
	free(conf->pool.v);
	free(conf->group.v);
	free(conf->user.v);
	free(conf);
}

/**
 * conf_load - read a configuration from a file
 * @conf: empty
 * @path: file
 * @diags: where errors and warnings go
 *
 * Return: 0 or -errno.
 */
int conf_load(struct vpnd_conf *conf, const char *path, struct vg_diags *diags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	struct stat st;
	size_t len = 0;
	char *text;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > CONF_TEXT_MAX) {
		close(fd);
		return -EINVAL;
	}
	text = malloc(st.st_size + 1);
	while (text && len < (size_t)st.st_size) {
		ssize_t n = read(fd, text + len, st.st_size - len);

		if (n <= 0)
			break;
		len += n;
	}
	close(fd);
	ret = text ? conf_parse(conf, text, len, diags) : -ENOMEM;
	if (text)
		crypto_wipe(text, len);
	free(text);
	return ret;
}

/**
 * conf_key_for - pre-shared key for a peer; the most specific one wins
 * @conf: configuration
 * @peer: address, host byte order
 *
 * Main mode has to choose before it knows any identity (RFC 2409 5.4), hence by
 * address alone.
 *
 * Return: key or NULL.
 */
const struct conf_key *conf_key_for(const struct vpnd_conf *conf, uint32_t peer)
{
	const struct conf_key *best = NULL;

	for (size_t i = 0; i < conf->key.n; i++) {
		const struct conf_key *key = &conf->key.v[i];

		if ((peer & key->mask) == key->addr && (!best || key->mask > best->mask))
			best = key;
	}
	return best;
}

/**
 * conf_static_peer - is somebody named by "set peer"
 * @conf: configuration
 * @peer: address
 *
 * Return: true if so: then it is a site and gets no address from us.
 */
bool conf_static_peer(const struct vpnd_conf *conf, uint32_t peer)
{
	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];

		for (uint8_t j = 0; j < e->n_peers; j++) {
			if (e->peer[j] == peer)
				return true;
		}
	}
	return false;
}

/**
 * conf_set_find - transform set by name
 * @conf: configuration
 * @name: name
 *
 * Return: it or NULL.
 */
const struct conf_set *conf_set_find(const struct vpnd_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->set.n; i++) {
		if (!strcmp(conf->set.v[i].name, name))
			return &conf->set.v[i];
	}
	return NULL;
}

/**
 * conf_pool_find - address pool by name
 * @conf: configuration
 * @name: name
 *
 * Return: it or NULL.
 */
const struct conf_pool *conf_pool_find(const struct vpnd_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->pool.n; i++) {
		if (!strcmp(conf->pool.v[i].name, name))
			return &conf->pool.v[i];
	}
	return NULL;
}

/**
 * conf_group_find - group of clients by name
 * @conf: configuration
 * @name: name
 *
 * Return: it or NULL.
 */
const struct conf_group *conf_group_find(const struct vpnd_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->group.n; i++) {
		if (!strcmp(conf->group.v[i].name, name))
			return &conf->group.v[i];
	}
	return NULL;
}

/**
 * conf_user_find - user by name
 * @conf: configuration
 * @name: name
 *
 * Return: it or NULL.
 */
const struct conf_user *conf_user_find(const struct vpnd_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->user.n; i++) {
		if (!strcmp(conf->user.v[i].name, name))
			return &conf->user.v[i];
	}
	return NULL;
}

/**
 * conf_must_login - must a peer log in as a user
 * @conf: configuration
 * @peer: address
 *
 * Return: true if users are authenticated and this is no site.
 */
bool conf_must_login(const struct vpnd_conf *conf, uint32_t peer)
{
	return conf->login && !conf_static_peer(conf, peer);
}
