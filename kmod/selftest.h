/* SPDX-License-Identifier: GPL-2.0 */
/* Tests of pure functions, run when a module built with VPNGW_DEBUG=1 loads. */
#ifndef _VPNGW_SELFTEST_H
#define _VPNGW_SELFTEST_H

#ifdef VPNGW_DEBUG
int vpngw_selftest(void);
int vpngw_selftest_acl(void);
int vpngw_selftest_acl_index(void);
int vpngw_selftest_esp(void);
int vpngw_selftest_nat(void);
int vpngw_selftest_pool(void);
int vpngw_selftest_replay(void);
#else
static inline int vpngw_selftest(void)
{
	return 0;
}
#endif

#endif /* _VPNGW_SELFTEST_H */
