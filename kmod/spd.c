// SPDX-License-Identifier: GPL-2.0
/* Judging packets by crypto maps, and the slots that hold associations. */

#include <linux/lockdep.h>
#include <linux/slab.h>

#include "sa.h"
#include "spd.h"
#include "vpngw.h"

static void judge(const struct vpngw_crypto_map *map, const struct vpngw_fields *f,
		  struct vpngw_spd_verdict *v)
{
	const struct vpngw_policy *policy;
	struct vpngw_acl_verdict acl;

	memset(v, 0, sizeof(*v));
	list_for_each_entry(policy, &map->policies, node) {
		vpngw_acl_match(policy->acl, f, &acl);
		if (!acl.permit)
			continue;

		v->action = VPNGW_SPD_PROTECT;
		v->policy = policy;
		v->ace = acl.ace;
		return;
	}
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
	struct vpngw_sa *sa;

	judge(map, f, v);
	if (!v->policy)
		return;

	/* an association that was made for other traffic is none: while a
	 * configuration is replaced the slot may still hold the one before
	 */
	sa = rcu_dereference(v->policy->slot->out_sa);
	if (sa && vpngw_selector_match(&sa->sel, f, VPNGW_DIRECTION_OUT))
		v->sa = sa;
}

/**
 * vpngw_spd_judge_in() - should a clear packet that arrives have been protected?
 * @map: crypto map of the interface it came in by
 * @f: the packet, before NAT
 * @v: result; @sa is not filled in
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

	list_for_each_entry(slot, &vn->slots, node) {
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
	list_add(&slot->node, &vn->slots);
	return slot;
}

static void slot_release(struct kref *ref)
{
	struct vpngw_slot *slot = container_of(ref, struct vpngw_slot, ref);

	WARN_ON_ONCE(rcu_access_pointer(slot->out_sa));
	list_del(&slot->node);
	kfree_rcu(slot, rcu);
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
