// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions. A configuration is built object by object on behalf of one
 * netlink socket and is put in force as a whole: up to a point everything that
 * can fail is done, from there on nothing fails.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "config.h"
#include "nl_event.h"
#include "nl_sa.h"
#include "resume.h"
#include "sad.h"
#include "vpngw.h"

/* Texts that one socket can have; then it has to be content with a general one. */
#define REFUSALS_MAX	64

/**
 * struct vpngw_refusal - why a commit was refused
 * @node: in &struct vpngw_net.refusals
 * @portid: netlink socket that asked for the commit
 * @text: the reason
 *
 * Netlink reads the text of an extended ACK after the handler has
 * returned and let go of every lock, when another thread that shares the socket
 * may already be busy with the next transaction. So a text lives until its
 * socket is closed: then no request of it can be under way.
 */
struct vpngw_refusal {
	struct hlist_node	node;
	u32			portid;
	char			text[160];
};

static const char general_refusal[] =
	"the configuration was refused; for the reason, try again on a new socket";

/**
 * vpngw_txn_of() - the open transaction of a socket
 * @vn: namespace
 * @portid: the socket
 *
 * Context: process, vn->lock held.
 * Return: the transaction or NULL
 */
struct vpngw_txn *vpngw_txn_of(struct vpngw_net *vn, u32 portid)
{
	lockdep_assert_held(&vn->lock);
	return vn->txn && vn->txn->portid == portid ? vn->txn : NULL;
}

/**
 * vpngw_txn_begin() - open a transaction
 * @vn: namespace
 * @portid: socket that it is to belong to
 * @extack: receives the reason of a refusal
 *
 * Context: process, vn->lock held.
 * Return: 0, -EBUSY if there is an open transaction, -ENODEV, -ENOMEM
 */
int vpngw_txn_begin(struct vpngw_net *vn, u32 portid, struct netlink_ext_ack *extack)
{
	struct vpngw_txn *txn;

	lockdep_assert_held(&vn->lock);

	if (vn->dying) {
		NL_SET_ERR_MSG(extack, "the namespace is going away");
		return -ENODEV;
	}
	if (vpngw_txn_of(vn, portid)) {
		NL_SET_ERR_MSG(extack,
			       "this socket has an open transaction: commit or abort it first");
		return -EBUSY;
	}
	if (vn->txn) {
		NL_SET_ERR_MSG(extack,
			       "another program is changing the configuration: try again later");
		return -EBUSY;
	}

	txn = kzalloc(sizeof(*txn), GFP_KERNEL_ACCOUNT);
	if (!txn)
		return -ENOMEM;

	txn->config = vpngw_config_alloc();
	if (!txn->config) {
		kfree(txn);
		return -ENOMEM;
	}

	txn->portid = portid;
	INIT_LIST_HEAD(&txn->add_sas);
	INIT_LIST_HEAD(&txn->del_sas);
	hash_init(txn->keys);
	/* vpngw_txn_release() looks at it without the lock */
	WRITE_ONCE(vn->txn, txn);
	return 0;
}

static void free_txn(struct vpngw_net *vn)
{
	struct vpngw_txn *txn = vn->txn;
	struct vpngw_sa_del *del, *next_del;
	struct vpngw_sa *sa, *next_sa;

	if (!txn)
		return;

	WRITE_ONCE(vn->txn, NULL);
	list_for_each_entry_safe(sa, next_sa, &txn->add_sas, list) {
		cond_resched();
		list_del_init(&sa->list);
		hash_del(&sa->hash);
		vpngw_sa_discard(vn, sa);
	}
	list_for_each_entry_safe(del, next_del, &txn->del_sas, node)
		kfree(del);
	vpngw_config_free(vn, txn->config);
	kfree(txn);
}

/**
 * vpngw_txn_abort() - forget the transaction of a socket
 * @vn: namespace
 * @portid: the socket
 *
 * Context: process, vn->lock held.
 */
void vpngw_txn_abort(struct vpngw_net *vn, u32 portid)
{
	if (vpngw_txn_of(vn, portid))
		free_txn(vn);
}

/**
 * vpngw_txn_release() - a socket was closed
 * @vn: namespace
 * @portid: the socket
 *
 * Context: process; takes vn->lock if there is anything to do.
 */
void vpngw_txn_release(struct vpngw_net *vn, u32 portid)
{
	struct vpngw_refusal *refusal;
	struct hlist_node *next;

	/* the socket's own requests are over, so what it left is seen; the
	 * sockets of others need not wait behind a long commit
	 */
	if (!READ_ONCE(vn->txn) && hlist_empty(&vn->refusals))
		return;

	mutex_lock(&vn->lock);
	vpngw_txn_abort(vn, portid);
	hlist_for_each_entry_safe(refusal, next, &vn->refusals, node) {
		if (refusal->portid != portid)
			continue;
		hlist_del(&refusal->node);
		kfree(refusal);
	}
	mutex_unlock(&vn->lock);
}

/**
 * vpngw_txn_drop() - forget every transaction, for the exit of a namespace
 * @vn: namespace; no request can be under way any more
 *
 * Context: process, vn->lock held.
 */
void vpngw_txn_drop(struct vpngw_net *vn)
{
	struct vpngw_refusal *refusal;
	struct hlist_node *next;

	lockdep_assert_held(&vn->lock);

	free_txn(vn);
	hlist_for_each_entry_safe(refusal, next, &vn->refusals, node) {
		hlist_del(&refusal->node);
		kfree(refusal);
	}
}

static struct vpngw_refusal *alloc_refusal(struct vpngw_net *vn, u32 portid)
{
	struct vpngw_refusal *refusal;
	u32 n = 0;

	hlist_for_each_entry(refusal, &vn->refusals, node)
		n += refusal->portid == portid;
	if (n >= REFUSALS_MAX)
		return NULL;

	refusal = kzalloc(sizeof(*refusal), GFP_KERNEL_ACCOUNT);
	if (refusal)
		refusal->portid = portid;
	return refusal;
}

static int check_sas(struct vpngw_net *vn, struct vpngw_txn *txn, char *error, size_t size)
{
	struct list_head *list = vpngw_sad_list(vn);
	struct vpngw_sa *sa;
	u32 n = txn->n_sas;

	if (list)
		list_for_each_entry(sa, list, list)
			n++;
	if (n > VPNGW_SAS_MAX) {
		snprintf(error, size, "the namespace would have more than %u security associations",
			 VPNGW_SAS_MAX);
		return -ENOSPC;
	}

	/* the slot of a refused association may belong to nobody else */
	list_for_each_entry(sa, &txn->add_sas, list) {
		if (vpngw_resume_refuses(sa)) {
			snprintf(error, size,
				 "the machine is being suspended, which security association 0x%08x may not outlive",
				 be32_to_cpu(sa->spi));
			return -EBUSY;
		}
		if (vpngw_slot_wanted(sa->slot))
			continue;
		if (sa->slot->wanted) {
			snprintf(error, size,
				 "crypto map %s %u negotiates keys, security association 0x%08x cannot be configured",
				 sa->slot->map, sa->slot->seq, be32_to_cpu(sa->spi));
			return -EINVAL;
		}
		snprintf(error, size,
			 "security association 0x%08x is for crypto map %s %u, which is not defined",
			 be32_to_cpu(sa->spi), sa->slot->map, sa->slot->seq);
		return -ENOENT;
	}
	return 0;
}

/* Everything that can fail. */
static int prepare(struct vpngw_net *vn, struct vpngw_txn *txn, char *error, size_t size)
{
	int err;

	if (txn->broken) {
		snprintf(error, size,
			 "an object of this transaction was refused, so it cannot be committed");
		return -ECANCELED;
	}

	err = vpngw_config_compile(vn, txn->config, error, size);
	if (err)
		return err;

	err = check_sas(vn, txn, error, size);
	if (err)
		return err;

	if (vpngw_config_empty(txn->config))
		return 0;

	err = vpngw_net_activate(vn);
	if (err)
		snprintf(error, size, "the packet hooks could not be registered (%d)", err);
	return err;
}

static void delete_sas(struct vpngw_net *vn, struct vpngw_txn *txn)
{
	struct vpngw_sa_del *del;

	list_for_each_entry(del, &txn->del_sas, node) {
		cond_resched();
		vpngw_sa_filter_delete(vn, &del->filter);
	}
}

/*
 * An association that is already there stays. One that was changed, but for its
 * keys, goes on with their sequence numbers and replay window: to start over
 * under the same key would repeat both.
 */
static void insert_sas(struct vpngw_net *vn, struct vpngw_txn *txn)
{
	struct vpngw_sa *sa, *next, *old;

	list_for_each_entry_safe(sa, next, &txn->add_sas, list) {
		cond_resched();
		list_del_init(&sa->list);
		hash_del(&sa->hash);

		old = vpngw_sad_find(vn, sa->spi, &sa->daddr, sa->family);
		if (old && vpngw_sa_same(old, sa)) {
			old->brought = true;
			vpngw_sa_discard(vn, sa);
			continue;
		}
		if (old) {
			vpngw_sa_continue(sa, old);
			vpngw_sad_remove(vn, old, "replaced");
		}

		sa->brought = true;
		/* the key is free and there is room: check_sas() */
		if (WARN_ON_ONCE(vpngw_sad_insert(vn, sa, NULL)))
			vpngw_sa_discard(vn, sa);
	}
}

/* Remove what the configuration does not justify any more. */
static void sweep_sas(struct vpngw_net *vn)
{
	struct list_head *list = vpngw_sad_list(vn);
	struct vpngw_sa *sa, *next;
	bool brought;

	if (!list)
		return;
	list_for_each_entry_safe(sa, next, list, list) {
		cond_resched();
		brought = sa->brought;
		sa->brought = false;
		if (!vpngw_slot_wanted(sa->slot) || (sa->flags & VPNGW_SA_FLAG_MANUAL && !brought))
			vpngw_sad_remove(vn, sa, "configuration");
	}
}

/*
 * Nothing here fails. The crypto maps go into force first: an entry without an
 * association drops, so there is no moment in which a packet passes in clear.
 * New associations come before the old ones go, so that none is lost either.
 */
static void carry_out(struct vpngw_net *vn, struct vpngw_txn *txn)
{
	bool empty = vpngw_config_empty(txn->config);

	if (empty) {
		vpngw_config_unpublish(vn);
	} else {
		vpngw_config_publish(vn, txn->config);
		txn->config = NULL;
	}

	delete_sas(vn, txn);
	insert_sas(vn, txn);
	sweep_sas(vn);

	if (empty)
		vpngw_net_deactivate(vn);
}

/**
 * vpngw_txn_commit() - put the configuration of a transaction in force
 * @vn: namespace
 * @portid: socket of the transaction
 * @extack: receives the reason of a refusal
 *
 * The transaction is over afterwards, whatever the outcome. A refusal changes
 * nothing.
 *
 * Context: process, vn->lock held.
 * Return: 0, -EPERM without a transaction, -ECANCELED if an object was refused,
 *	-ENOENT if a name is not defined, -EBUSY if the machine is being suspended and
 *	an association has a counter mode cipher, -ENOSPC, -ENOMEM
 */
int vpngw_txn_commit(struct vpngw_net *vn, u32 portid, struct netlink_ext_ack *extack)
{
	struct vpngw_txn *txn = vpngw_txn_of(vn, portid);
	struct vpngw_refusal *refusal;
	char general[160];
	int err;

	if (!txn) {
		NL_SET_ERR_MSG(extack, "no transaction is open on this socket: begin one first");
		return -EPERM;
	}

	txn->portid = 0;
	refusal = alloc_refusal(vn, portid);
	if (refusal)
		err = prepare(vn, txn, refusal->text, sizeof(refusal->text));
	else
		err = prepare(vn, txn, general, sizeof(general));
	if (err) {
		free_txn(vn);
		if (extack)
			extack->_msg = refusal ? refusal->text : general_refusal;
		if (refusal)
			hlist_add_head(&refusal->node, &vn->refusals);
		return err;
	}

	kfree(refusal);
	carry_out(vn, txn);
	free_txn(vn);
	vpngw_event_config(vn, vn->generation);
	return 0;
}
