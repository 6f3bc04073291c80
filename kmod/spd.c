// SPDX-License-Identifier: GPL-2.0
/* Judging packets by crypto maps, and the slots that hold associations. */

#include <linux/hashtable.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "client.h"
#include "sa.h"
#include "spd.h"
#include "vpngw.h"

/* The scan of so few entries is cheaper than anything else. */
#define SCAN_MAX	16
/* More would take too much memory: each list is held once more for each entry. */
#define INDEX_MAX	262144

/**
 * struct vpngw_spd_index - the access lists of many entries as if they were one
 * @acl: index of @ace
 * @ace: entries of all access lists, in the order of the crypto map entries
 * @owner: of each in @ace, the crypto map entry
 * @rest: the first crypto map entry that has none in @ace, since it is dynamic; the
 *	head of the list if there is none
 *
 * No entry ahead of the owner of what is found has an opinion of the packet, and the
 * owner's list says what it is.
 */
struct vpngw_spd_index {
	struct vpngw_acl_index		*acl;
	struct vpngw_ace		*ace;
	const struct vpngw_policy	**owner;
	const struct vpngw_policy	*rest;
};

static bool in_pool(const struct vpngw_policy *policy, const struct vpngw_fields *f)
{
	u32 addr = ntohl(f->t.dst.ip);
	u8 i;

	for (i = 0; i < policy->n_pool; i++)
		if (addr >= policy->pool[i].start && addr <= policy->pool[i].end)
			return true;
	return false;
}

static const struct vpngw_policy *first_policy(const struct vpngw_crypto_map *map,
					       const struct vpngw_fields *f)
{
	const struct vpngw_spd_index *index = map->index;
	u32 i;

	if (!index)
		return list_first_entry(&map->policies, struct vpngw_policy, node);
	i = vpngw_acl_index_find(index->acl, index->ace, f);
	return i == VPNGW_ACE_NONE ? index->rest : index->owner[i];
}

/* The slot that has the association for a packet; NULL with true means that
 * there is none and the packet must not pass.
 */
static bool judge_policy(const struct vpngw_policy *policy, const struct vpngw_fields *f,
			 struct vpngw_slot **slot, const struct vpngw_ace **ace)
{
	struct vpngw_acl_verdict acl = {};

	if (policy->acl)
		vpngw_acl_match(policy->acl, f, &acl);
	*ace = acl.permit ? acl.ace : NULL;

	switch (policy->type) {
	case VPNGW_POLICY_TYPE_DYNAMIC:
		return vpngw_clients_find(policy->slot->clients, f, slot) || acl.permit ||
		       in_pool(policy, f);
	case VPNGW_POLICY_TYPE_ISAKMP:
		if (acl.permit)
			vpngw_clients_find(policy->slot->clients, f, slot);
		return acl.permit;
	default:
		*slot = policy->slot;
		return acl.permit;
	}
}

static struct vpngw_slot *judge(const struct vpngw_crypto_map *map,
				const struct vpngw_fields *f, struct vpngw_spd_verdict *v)
{
	const struct vpngw_policy *policy = first_policy(map, f);
	struct vpngw_slot *slot;

	memset(v, 0, sizeof(*v));
	list_for_each_entry_from(policy, &map->policies, node) {
		if (!judge_policy(policy, f, &slot, &v->ace))
			continue;

		v->action = VPNGW_SPD_PROTECT;
		v->policy = policy;
		return slot;
	}
	return NULL;
}

/* How many entries of access lists an index would have; @rest as in the index. */
static u32 count_aces(const struct vpngw_crypto_map *map, const struct vpngw_policy **rest)
{
	const struct vpngw_policy *policy;
	u32 n = 0, scanned = 0;

	list_for_each_entry(policy, &map->policies, node) {
		if (policy->type == VPNGW_POLICY_TYPE_DYNAMIC)
			break;
		if (policy->acl->n > INDEX_MAX - n)
			return 0;
		n += policy->acl->n;
		scanned++;
	}
	*rest = policy;
	return scanned > SCAN_MAX ? n : 0;
}

/**
 * vpngw_spd_compile() - make a crypto map ready for packets
 * @map: crypto map whose entries know their access lists
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int vpngw_spd_compile(struct vpngw_crypto_map *map)
{
	const struct vpngw_policy *policy, *rest;
	struct vpngw_spd_index *index;
	u32 n = count_aces(map, &rest), i = 0, k;

	if (!n || map->index)
		return 0;

	index = kzalloc(sizeof(*index), GFP_KERNEL_ACCOUNT);
	if (!index)
		return -ENOMEM;
	index->rest = rest;
	index->ace = kvmalloc_array(n, sizeof(*index->ace), GFP_KERNEL_ACCOUNT);
	index->owner = kvmalloc_array(n, sizeof(*index->owner), GFP_KERNEL_ACCOUNT);
	if (!index->ace || !index->owner)
		goto no_memory;
	list_for_each_entry(policy, &map->policies, node) {
		if (policy == rest)
			break;
		for (k = 0; k < policy->acl->n; k++, i++) {
			index->ace[i] = policy->acl->ace[k];
			index->owner[i] = policy;
		}
	}
	index->acl = vpngw_acl_index_make(index->ace, n);
	if (!index->acl)
		goto no_memory;
	map->index = index;
	return 0;

no_memory:
	vpngw_spd_index_free(index);
	return -ENOMEM;
}

/**
 * vpngw_spd_index_free() - free the index of a crypto map
 * @index: index, or NULL
 *
 * Context: process; no packet looks at it any more.
 */
void vpngw_spd_index_free(struct vpngw_spd_index *index)
{
	if (!index)
		return;
	vpngw_acl_index_free(index->acl);
	kvfree(index->owner);
	kvfree(index->ace);
	kfree(index);
}

/**
 * vpngw_slot_sa() - the association that protects a packet
 * @slot: slot of what must protect it
 * @f: the packet, after NAT
 *
 * Context: RCU read side.
 * Return: the association, under RCU, or NULL if there is none
 */
struct vpngw_sa *vpngw_slot_sa(const struct vpngw_slot *slot, const struct vpngw_fields *f)
{
	struct vpngw_sa *sa = rcu_dereference(slot->out_sa);

	/* an association that was made for other traffic is none: while a
	 * configuration is replaced the slot may still hold the one before
	 */
	return sa && vpngw_selector_match(&sa->sel, f, VPNGW_DIRECTION_OUT) ? sa : NULL;
}

/**
 * vpngw_spd_judge_out() - must a packet that leaves be protected?
 * @map: crypto map of the interface it leaves by
 * @f: the packet, after NAT
 * @v: result
 *
 * Changes nothing. PROTECT without an association means drop.
 *
 * Context: RCU read side.
 */
void vpngw_spd_judge_out(const struct vpngw_crypto_map *map, const struct vpngw_fields *f,
			 struct vpngw_spd_verdict *v)
{
	v->slot = judge(map, f, v);
	if (v->slot)
		v->sa = vpngw_slot_sa(v->slot, f);
}

/**
 * vpngw_spd_judge_in() - should a clear packet that arrives have been protected?
 * @map: crypto map of the interface it came in by
 * @f: the packet, before NAT
 * @v: result; @slot and @sa are not filled in
 *
 * Crypto access lists describe outbound traffic, so the packet is looked at
 * with its ends swapped. Changes nothing.
 *
 * Context: RCU read side.
 */
void vpngw_spd_judge_in(const struct vpngw_crypto_map *map, const struct vpngw_fields *f,
			struct vpngw_spd_verdict *v)
{
	struct vpngw_fields mirrored;

	vpngw_fields_reverse(&mirrored, f);
	judge(map, &mirrored, v);
}

/**
 * vpngw_spd_is_peer() - is this who keys are negotiated with for a packet?
 * @v: verdict of vpngw_spd_judge_out(), PROTECT
 * @addr: address the packet is for
 *
 * A dynamic entry without an association has any peer in what its access list
 * permits, and none among the addresses it lends.
 *
 * Context: RCU read side.
 * Return: true if so
 */
bool vpngw_spd_is_peer(const struct vpngw_spd_verdict *v, const union nf_inet_addr *addr)
{
	const struct vpngw_policy *policy = v->policy;
	u8 i;

	for (i = 0; i < policy->n_peer; i++)
		if (policy->peer[i].ip == addr->ip)
			return true;
	if (v->sa)
		return READ_ONCE(v->sa->daddr.ip) == addr->ip;
	return policy->type == VPNGW_POLICY_TYPE_DYNAMIC && v->ace;
}

/**
 * vpngw_spd_count() - count the access list entry that decided
 * @v: verdict that is being carried out
 *
 * Context: softirqs off.
 */
void vpngw_spd_count(const struct vpngw_spd_verdict *v)
{
	if (v->ace)
		vpngw_acl_count(v->policy->acl, v->ace);
}

static u32 slot_hash(const char *map, u32 seq)
{
	return full_name_hash(NULL, map, strlen(map)) + seq;
}

/**
 * vpngw_slot_get() - find or make the slot of a crypto map entry
 * @vn: namespace
 * @map: name of the crypto map
 * @seq: sequence number of the entry
 *
 * Context: process, vn->lock held.
 * Return: the slot with a reference for the caller, or NULL without memory
 */
struct vpngw_slot *vpngw_slot_get(struct vpngw_net *vn, const char *map, u32 seq)
{
	struct vpngw_slot *slot;

	lockdep_assert_held(&vn->lock);

	hash_for_each_possible(vn->slots, slot, node, slot_hash(map, seq)) {
		if (slot->seq == seq && !strcmp(slot->map, map)) {
			kref_get(&slot->ref);
			return slot;
		}
	}

	slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot)
		return NULL;

	kref_init(&slot->ref);
	strscpy(slot->map, map, sizeof(slot->map));
	slot->seq = seq;
	slot->last_acquire = jiffies - HZ;
	hash_add(vn->slots, &slot->node, slot_hash(map, seq));
	return slot;
}

static void slot_release(struct kref *ref)
{
	struct vpngw_slot *slot = container_of(ref, struct vpngw_slot, ref);

	struct vpngw_slot *entry = slot->entry;

	WARN_ON_ONCE(rcu_access_pointer(slot->out_sa));
	if (entry)
		vpngw_client_unlink(slot);
	hash_del(&slot->node);
	vpngw_clients_free(slot->clients);
	kfree_rcu(slot, rcu);
	if (entry)
		kref_put(&entry->ref, slot_release);
}

/**
 * vpngw_slot_wanted() - may associations of a slot stay after a commit?
 * @slot: slot of an entry or of a client
 *
 * Context: process, vn->lock held, within a commit.
 * Return: true if the new configuration has the entry, and of the same kind
 */
bool vpngw_slot_wanted(const struct vpngw_slot *slot)
{
	if (slot->entry)
		return slot->entry->wanted && slot->entry->negotiated;
	return slot->wanted && !slot->negotiated;
}

/**
 * vpngw_slot_put() - give a reference to a slot back
 * @vn: namespace
 * @slot: slot; freed a grace period after the last reference is gone
 *
 * Context: process, vn->lock held.
 */
void vpngw_slot_put(struct vpngw_net *vn, struct vpngw_slot *slot)
{
	lockdep_assert_held(&vn->lock);
	kref_put(&slot->ref, slot_release);
}
