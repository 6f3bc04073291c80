// SPDX-License-Identifier: GPL-2.0
/*
 * A machine whose memory was saved may go on from it more than once, and each time
 * with the sequence numbers of that moment. A counter mode cipher must not see one of
 * them twice under a key (RFC 4106 section 3.1), so such associations do not outlive
 * the moment: who negotiated them negotiates anew.
 */

#include <linux/random.h>
#include <linux/suspend.h>
#include <net/net_namespace.h>

#include "resume.h"
#include "sad.h"
#include "vpngw.h"

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
	if (event == PM_HIBERNATION_PREPARE || event == PM_SUSPEND_PREPARE)
		forget("suspend");
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
