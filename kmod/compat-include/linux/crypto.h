/* SPDX-License-Identifier: GPL-2.0 */
/* Completion callbacks got their data pointer directly from 6.3 on. */
#ifndef _VPNGW_COMPAT_LINUX_CRYPTO_H
#define _VPNGW_COMPAT_LINUX_CRYPTO_H

#include_next <linux/crypto.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
typedef struct crypto_async_request *crypto_done_arg;

static inline void *crypto_done_data(crypto_done_arg arg)
{
	return arg->data;
}
#else
typedef void *crypto_done_arg;

static inline void *crypto_done_data(crypto_done_arg arg)
{
	return arg;
}
#endif

#endif /* _VPNGW_COMPAT_LINUX_CRYPTO_H */
