/* SPDX-License-Identifier: GPL-2.0 */
/* What was negotiated at crypto map entries: which association goes to whom. */
#ifndef _VPNGW_CLIENT_H
#define _VPNGW_CLIENT_H

#include <linux/bitmap.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>

#include "spd.h"

/* Lengths that a prefix can have, from 0 to 32 bits */
#define VPNGW_PREFIX_LENS	33

/**
 * struct vpngw_clients - the selectors that have associations at one entry,
 *	clients of a dynamic one or lines of the access list of another
 * @table: &struct vpngw_slot, by the prefix on the client's side
 * @prefixes: bit N is set while there are prefixes with N bits of host part,
 *	so that the first one found is the most specific
 * @n_prefix: how many of each, under &struct vpngw_net.lock
 * @n: selectors in all
 * @vn: namespace
 * @free_work: frees it a grace period after its entry
 *
 * Clients mostly differ in one address, so that a packet costs one lookup
 * however many there are.
 */
struct vpngw_clients {
	struct rhltable		table;
	DECLARE_BITMAP(prefixes, VPNGW_PREFIX_LENS);
	u32			n_prefix[VPNGW_PREFIX_LENS];
	u32			n;
	struct vpngw_net	*vn;
	struct rcu_work		free_work;
};

struct vpngw_clients *vpngw_clients_alloc(struct vpngw_net *vn);
void vpngw_clients_free(struct vpngw_clients *clients);
bool vpngw_clients_find(const struct vpngw_clients *clients, const struct vpngw_fields *f,
			struct vpngw_slot **slot);

bool vpngw_selector_has_prefix(const struct vpngw_selector *sel);
struct vpngw_slot *vpngw_client_get(struct vpngw_slot *entry, const struct vpngw_selector *sel);
void vpngw_client_unlink(struct vpngw_slot *slot);

#endif /* _VPNGW_CLIENT_H */
