/* SPDX-License-Identifier: GPL-2.0 */
/* What <net/genetlink.h> of older kernels lacks. */
#ifndef _VPNGW_COMPAT_NET_GENETLINK_H
#define _VPNGW_COMPAT_NET_GENETLINK_H

#include <linux/version.h>
#include_next <net/genetlink.h>

/*
 * Before 6.2 an operation has one entry for do and dump, and the generated table
 * has one for each. The entries have the same members, so the table is written
 * in the old type and entries of the same command are merged at registration.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)

#include <linux/slab.h>

#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops

static inline int vpngw_compat_register_family(struct genl_family *family)
{
	const struct genl_ops *split = family->ops;
	struct genl_ops *ops;
	int i, n = 0, err;

	ops = kcalloc(family->n_ops, sizeof(*ops), GFP_KERNEL);
	if (!ops)
		return -ENOMEM;

	for (i = 0; i < family->n_ops; i++) {
		if (n && ops[n - 1].cmd == split[i].cmd) {
			/* one policy has to serve both here */
			if (ops[n - 1].policy != split[i].policy) {
				kfree(ops);
				return -EINVAL;
			}
			ops[n - 1].dumpit = split[i].dumpit;
			ops[n - 1].start = split[i].start;
			ops[n - 1].done = split[i].done;
			continue;
		}
		ops[n] = split[i];
		/* which of both there is, the old core sees for itself */
		ops[n].flags &= ~(GENL_CMD_CAP_DO | GENL_CMD_CAP_DUMP);
		n++;
	}

	family->ops = ops;
	family->n_ops = n;
	err = genl_register_family(family);
	if (err)
		kfree(ops);
	return err;
}

static inline int vpngw_compat_unregister_family(const struct genl_family *family)
{
	int err = genl_unregister_family(family);

	kfree(family->ops);
	return err;
}

#define genl_register_family	vpngw_compat_register_family
#define genl_unregister_family	vpngw_compat_unregister_family

#endif

/* Before 6.6 a dump has its attributes, but no struct genl_info. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define genl_info_dump(cb)	genl_dumpit_info(cb)
#endif

#endif /* _VPNGW_COMPAT_NET_GENETLINK_H */
