// SPDX-License-Identifier: GPL-2.0
/*
 * What was negotiated at crypto map entries. Each selector has a slot of its
 * own, which is made with its first association and goes with the last one.
 */

#include <linux/inetdevice.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "client.h"
#include "flow.h"
#include "sa.h"
#include "vpngw.h"

static const struct rhashtable_params params = {
	.key_len		= sizeof(struct vpngw_prefix),
	.key_offset		= offsetof(struct vpngw_slot, remote),
	.head_offset		= offsetof(struct vpngw_slot, client_node),
	.automatic_shrinking	= true,
};

static void free_clients(struct work_struct *work)
{
	struct vpngw_clients *clients = container_of(to_rcu_work(work), struct vpngw_clients,
						     free_work);

	rhltable_destroy(&clients->table);
	kfree(clients);
}

/**
 * vpngw_clients_alloc() - make the table of an entry
 * @vn: namespace
 *
 * Context: process.
 * Return: the table or NULL
 */
struct vpngw_clients *vpngw_clients_alloc(struct vpngw_net *vn)
{
	struct vpngw_clients *clients;

	clients = kzalloc(sizeof(*clients), GFP_KERNEL_ACCOUNT);
	if (!clients)
		return NULL;
	if (rhltable_init(&clients->table, &params)) {
		kfree(clients);
		return NULL;
	}
	clients->vn = vn;
	INIT_RCU_WORK(&clients->free_work, free_clients);
	return clients;
}

/**
 * vpngw_clients_free() - free a table once no packet looks at it
 * @clients: table without clients, or NULL
 *
 * Context: any.
 */
void vpngw_clients_free(struct vpngw_clients *clients)
{
	if (clients)
		queue_rcu_work(vpngw_wq, &clients->free_work);
}

/* A fragment does not show its ports: it may belong to a selector with ports. */
static bool may_match(const struct vpngw_selector *sel, const struct vpngw_fields *f)
{
	return !f->ports && (sel->local_port >= 0 || sel->remote_port >= 0) &&
	       sel->proto == f->t.proto &&
	       vpngw_selector_match_addr(sel, f, VPNGW_DIRECTION_OUT);
}

/**
 * vpngw_clients_find() - is a packet traffic of a client?
 * @clients: table of an entry
 * @f: packet towards the client
 * @slot: receives the slot of its selector; NULL if there is none, or if it
 *	cannot be told whether the packet fits
 *
 * Context: RCU read side.
 * Return: true if it is, or if it cannot be told
 */
bool vpngw_clients_find(const struct vpngw_clients *clients, const struct vpngw_fields *f,
			struct vpngw_slot **slot)
{
	struct rhltable *table = (struct rhltable *)&clients->table;
	struct vpngw_slot *candidate;
	struct rhlist_head *list, *pos;
	struct vpngw_prefix key;
	bool unsure = false;
	unsigned int host;

	*slot = NULL;
	for_each_set_bit(host, clients->prefixes, VPNGW_PREFIX_LENS) {
		key.len = 32 - host;
		key.addr = f->t.dst.ip & inet_make_mask(key.len);
		list = rhltable_lookup(table, &key, params);
		rhl_for_each_entry_rcu(candidate, pos, list, client_node) {
			if (vpngw_selector_match(&candidate->sel, f, VPNGW_DIRECTION_OUT)) {
				*slot = candidate;
				return true;
			}
			unsure |= may_match(&candidate->sel, f);
		}
	}
	return unsure;
}

/**
 * vpngw_selector_has_prefix() - can a selector be that of a client?
 * @sel: selector
 *
 * Return: true if the mask on the client's side is contiguous
 */
bool vpngw_selector_has_prefix(const struct vpngw_selector *sel)
{
	return inet_make_mask(inet_mask_len(sel->remote_mask.ip)) == sel->remote_mask.ip;
}

static struct vpngw_slot *find_exact(struct vpngw_clients *clients,
				     const struct vpngw_prefix *key,
				     const struct vpngw_selector *sel)
{
	struct rhlist_head *list, *pos;
	struct vpngw_slot *slot;

	rcu_read_lock();
	list = rhltable_lookup(&clients->table, key, params);
	rhl_for_each_entry_rcu(slot, pos, list, client_node) {
		if (!memcmp(&slot->sel, sel, sizeof(*sel))) {
			rcu_read_unlock();
			return slot;
		}
	}
	rcu_read_unlock();
	return NULL;
}

/**
 * vpngw_client_get() - find or make the slot of a selector
 * @entry: slot of a crypto map entry, with a table
 * @sel: selector with a prefix on the client's side
 *
 * From here on traffic that @sel describes is dropped at the entry if it has
 * no association.
 *
 * Context: process, vn->lock held.
 * Return: the slot with a reference for the caller, or NULL without memory
 */
struct vpngw_slot *vpngw_client_get(struct vpngw_slot *entry, const struct vpngw_selector *sel)
{
	struct vpngw_clients *clients = entry->clients;
	struct vpngw_prefix key = {
		.addr	= sel->remote.ip,
		.len	= inet_mask_len(sel->remote_mask.ip),
	};
	struct vpngw_slot *slot;

	slot = find_exact(clients, &key, sel);
	if (slot) {
		kref_get(&slot->ref);
		return slot;
	}

	slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot)
		return NULL;
	kref_init(&slot->ref);
	strscpy(slot->map, entry->map, sizeof(slot->map));
	slot->seq = entry->seq;
	slot->sel = *sel;
	slot->remote = key;
	if (rhltable_insert(&clients->table, &slot->client_node, params)) {
		kfree(slot);
		return NULL;
	}

	kref_get(&entry->ref);
	slot->entry = entry;
	if (!clients->n_prefix[32 - key.len]++)
		set_bit(32 - key.len, clients->prefixes);
	WRITE_ONCE(clients->n, clients->n + 1);
	vpngw_flows_forget(clients->vn);
	return slot;
}

/**
 * vpngw_client_unlink() - no packet shall find the slot of a selector any more
 * @slot: slot without associations; its memory stays for a grace period
 *
 * Context: process, vn->lock held.
 */
void vpngw_client_unlink(struct vpngw_slot *slot)
{
	struct vpngw_clients *clients = slot->entry->clients;
	unsigned int host = 32 - slot->remote.len;

	rhltable_remove(&clients->table, &slot->client_node, params);
	if (!--clients->n_prefix[host])
		clear_bit(host, clients->prefixes);
	WRITE_ONCE(clients->n, clients->n - 1);
	vpngw_flows_forget(clients->vn);
}
