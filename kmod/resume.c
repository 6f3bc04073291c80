// SPDX-License-Identifier: GPL-2.0
/*
 * A machine whose memory was saved may go on from it more than once, and each time
 * with the sequence numbers of that moment. A counter mode cipher must not see one of
 * them twice under a key (RFC 4106 section 3.1), so such associations do not outlive
 * the moment: who negotiated them negotiates anew. From the moment that they go until
 * the machine is in use again there cannot be new ones either: processes run for a
 * while after the one, and the kernel while it writes its own image.
 */

#include <linux/random.h>
#include <linux/suspend.h>
#include <net/net_namespace.h>

#include "resume.h"
#include "sad.h"
#include "vpngw.h"

/* The machine is about to be saved, is being saved, or has just come back. */
static bool saving;

/**
 * vpngw_resume_refuses() - may an association not be inserted now?
 * @sa: association
 *
 * Context: process, &struct vpngw_net.lock held: what is inserted before the answer
 * changes is found by who removes.
 * Return: true from when such associations are removed until the machine is back
 */
bool vpngw_resume_refuses(const struct vpngw_sa *sa)
{
	return sa->algo->iv == VPNGW_IV_COUNTER && READ_ONCE(saving);
}

/*
 * The namespace behind one in their list, with a reference in exchange for that one's,
 * which has kept it in the list. One without references is left out: no process is in
 * it, and its associations are about to go with it.
 */
static struct net *next_net(struct net *last)
{
	struct net *net, *next = NULL;

	down_read(&net_rwsem);
	net = list_prepare_entry(last, &net_namespace_list, list);
	list_for_each_entry_continue(net, &net_namespace_list, list) {
		next = maybe_get_net(net);
		if (next)
			break;
	}
	up_read(&net_rwsem);
	if (last)
		put_net(last);
	return next;
}

/* Not under net_rwsem, which comes after vn->lock, see locking.rst. */
static void forget(const char *cause)
{
	struct net *net = NULL;
	struct vpngw_net *vn;

	while ((net = next_net(net))) {
		vn = vpngw_net(net);
		mutex_lock(&vn->lock);
		vpngw_sad_forget(vn, cause);
		mutex_unlock(&vn->lock);
	}
}

/* Before the memory is saved: what it does not hold cannot come back. */
static int pm_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
		WRITE_ONCE(saving, true);
		forget("suspend");
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
		WRITE_ONCE(saving, false);
		break;
	}
	return NOTIFY_DONE;
}

/* The hypervisor says that this is a copy of a machine, or an older state of it. */
static int vmfork_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	forget("copied-machine");
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = {
	.notifier_call	= pm_event,
};

static struct notifier_block vmfork_notifier = {
	.notifier_call	= vmfork_event,
};

/**
 * vpngw_resume_init() - be told when the machine is saved, or was copied
 *
 * Context: module init.
 * Return: 0 or a negative error, with nothing left behind
 */
int __init vpngw_resume_init(void)
{
	int err;

	err = register_pm_notifier(&pm_notifier);
	if (err)
		return err;
	err = register_random_vmfork_notifier(&vmfork_notifier);
	if (err)
		unregister_pm_notifier(&pm_notifier);
	return err;
}

/**
 * vpngw_resume_exit() - not any more
 *
 * Context: module exit.
 */
void vpngw_resume_exit(void)
{
	unregister_random_vmfork_notifier(&vmfork_notifier);
	unregister_pm_notifier(&pm_notifier);
}
