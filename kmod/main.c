// SPDX-License-Identifier: GPL-2.0
/* vpngw: IPsec remote-access gateway with NAT. Module init and exit. */

#include <linux/module.h>

#include "config.h"
#include "netlink.h"
#include "offload.h"
#include "resume.h"
#include "selftest.h"
#include "vpngw.h"
#include "xlate.h"

static int __init vpngw_init(void)
{
	int err;

	err = vpngw_selftest();
	if (err)
		return err;

	err = vpngw_xlate_module_init();
	if (err)
		return err;

	err = vpngw_net_init();
	if (err)
		goto err_xlate;

	err = vpngw_offload_init();
	if (err)
		goto err_net;

	err = vpngw_resume_init();
	if (err)
		goto err_offload;

	err = vpngw_nl_init();
	if (err)
		goto err_resume;

	return 0;

err_resume:
	vpngw_resume_exit();
err_offload:
	vpngw_offload_exit();
err_net:
	vpngw_net_exit();
err_xlate:
	vpngw_xlate_module_exit();
	return err;
}

static void __exit vpngw_exit(void)
{
	vpngw_nl_exit();
	vpngw_resume_exit();
	vpngw_offload_exit();
	vpngw_net_exit();
	vpngw_xlate_module_exit();
}

module_init(vpngw_init);
module_exit(vpngw_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("IPsec remote-access gateway with NAT, configured in IOS terms");
MODULE_AUTHOR("The vpngw authors");
MODULE_VERSION("0.1");
MODULE_ALIAS("net-pf-16-proto-16-family-vpngw");
