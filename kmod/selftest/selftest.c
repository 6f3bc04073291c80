// SPDX-License-Identifier: GPL-2.0
/* A module whose functions are wrong does not load. */

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "../selftest.h"

/**
 * vpngw_selftest() - run every test
 *
 * Context: module init.
 * Return: 0, or the error of the first test that failed
 */
int vpngw_selftest(void)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} tests[] = {
		{ "acl", vpngw_selftest_acl },
		{ "acl_index", vpngw_selftest_acl_index },
		{ "esp", vpngw_selftest_esp },
		{ "nat", vpngw_selftest_nat },
		{ "pool", vpngw_selftest_pool },
		{ "replay", vpngw_selftest_replay },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		err = tests[i].run();
		pr_info("selftest %s: %s\n", tests[i].name, err ? "FAILED" : "passed");
		if (err)
			return err;
	}
	return 0;
}
