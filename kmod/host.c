// SPDX-License-Identifier: GPL-2.0
/*
 * How many translations inside hosts have, and how many they may.
 *
 * All hosts are counted, whether there is a limit or not, so that one holds from the
 * moment at which it is configured.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "acl.h"
#include "config.h"
#include "host.h"
#include "xlate_table.h"

static struct hlist_head *host_bucket(const struct vpngw_hosts *hosts,
				      const union nf_inet_addr *addr)
{
	return &hosts->bucket[jhash_1word((__force u32)addr->ip, hosts->seed) & hosts->mask];
}

/**
 * vpngw_hosts_init() - prepare the counts of a namespace
 * @hosts: storage, zero
 * @buckets: size of the hash, a power of two
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int vpngw_hosts_init(struct vpngw_hosts *hosts, u32 buckets)
{
	hosts->bucket = kvcalloc(buckets, sizeof(*hosts->bucket), GFP_KERNEL_ACCOUNT);
	if (!hosts->bucket)
		return -ENOMEM;
	hosts->mask = buckets - 1;
	hosts->seed = get_random_u32();
	INIT_LIST_HEAD(&hosts->list);
	return 0;
}

/**
 * vpngw_hosts_exit() - free what vpngw_hosts_init() made
 * @hosts: without any host
 *
 * Context: process context.
 */
void vpngw_hosts_exit(struct vpngw_hosts *hosts)
{
	WARN_ON_ONCE(!list_empty(&hosts->list));
	kvfree(hosts->bucket);
}

/* A list is asked about the address alone; the first that permits it counts. */
static bool on_list(const struct vpngw_host_limit *limit, const struct vpngw_host *host)
{
	struct vpngw_fields f = { .t.family = NFPROTO_IPV4, .t.src = host->addr };
	struct vpngw_acl_verdict v;

	if (!limit->acl)
		return false;
	vpngw_acl_match(limit->acl, &f, &v);
	return v.permit;
}

/* What a configuration says of a host; its translations are not counted yet. */
static void host_limits(struct vpngw_host *host, struct vpngw_config *config)
{
	struct vpngw_host_limit *limit;
	bool own = false;

	host->max = U32_MAX;
	host->shared = NULL;
	if (!config)
		return;
	for (limit = config->host_limit; limit < config->host_limit + config->n_host_limit;
	     limit++) {
		if (limit->acl_name[0]) {
			if (!host->shared && on_list(limit, host))
				host->shared = limit;
		} else if (limit->addr.ip == host->addr.ip || (!limit->addr.ip && !own)) {
			own = !!limit->addr.ip;
			host->max = limit->entries;
		}
	}
}

/**
 * vpngw_hosts_switch() - let the limits of another configuration apply
 * @table: translation table
 * @config: configuration that is about to be published, or NULL
 *
 * Context: caller holds the table's lock, and publishes @config before it drops it.
 */
void vpngw_hosts_switch(struct vpngw_xlate_table *table, struct vpngw_config *config)
{
	struct vpngw_host *host;

	lockdep_assert_held(&table->lock);

	list_for_each_entry(host, &table->hosts.list, list) {
		host_limits(host, config);
		if (host->shared)
			host->shared->n += host->n;
	}
}

static struct vpngw_host *host_find(const struct vpngw_hosts *hosts,
				    const union nf_inet_addr *addr)
{
	struct vpngw_host *host;

	hlist_for_each_entry(host, host_bucket(hosts, addr), node)
		if (host->addr.ip == addr->ip)
			return host;
	return NULL;
}

static struct vpngw_host *host_new(struct vpngw_hosts *hosts, struct vpngw_config *config,
				   const union nf_inet_addr *addr)
{
	struct vpngw_host *host;

	host = kzalloc(sizeof(*host), GFP_ATOMIC | __GFP_NOWARN);
	if (!host)
		return NULL;
	host->addr = *addr;
	host_limits(host, config);
	hlist_add_head(&host->node, host_bucket(hosts, addr));
	list_add_tail(&host->list, &hosts->list);
	return host;
}

static void host_free_unused(struct vpngw_host *host)
{
	if (host->n)
		return;
	hlist_del(&host->node);
	list_del(&host->list);
	kfree(host);
}

/**
 * vpngw_host_take() - count a translation that is being made
 * @table: translation table
 * @config: configuration in force
 * @addr: inside local address
 * @host: receives what vpngw_host_give() takes back
 *
 * Context: any; caller holds the table's lock.
 * Return: VPNGW_OK, VPNGW_REASON_NAT_HOST_LIMIT or VPNGW_REASON_NO_MEMORY
 */
enum vpngw_reason vpngw_host_take(struct vpngw_xlate_table *table, struct vpngw_config *config,
				  const union nf_inet_addr *addr, struct vpngw_host **host)
{
	struct vpngw_host *h;

	lockdep_assert_held(&table->lock);

	h = host_find(&table->hosts, addr) ?: host_new(&table->hosts, config, addr);
	if (!h)
		return VPNGW_REASON_NO_MEMORY;
	if (h->n >= h->max || (h->shared && h->shared->n >= h->shared->entries)) {
		host_free_unused(h);
		return VPNGW_REASON_NAT_HOST_LIMIT;
	}
	h->n++;
	if (h->shared)
		h->shared->n++;
	*host = h;
	return VPNGW_OK;
}

/**
 * vpngw_host_give() - a translation has ended, or was not made after all
 * @table: translation table
 * @host: as vpngw_host_take() gave it
 *
 * Context: any; caller holds the table's lock.
 */
void vpngw_host_give(struct vpngw_xlate_table *table, struct vpngw_host *host)
{
	lockdep_assert_held(&table->lock);

	host->n--;
	if (host->shared)
		host->shared->n--;
	host_free_unused(host);
}
