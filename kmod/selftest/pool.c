// SPDX-License-Identifier: GPL-2.0
/* Which addresses a pool hands out, in which order, and when it has none. */

#include <linux/kernel.h>
#include <linux/rcupdate.h>

#include "../pool.h"
#include "../selftest.h"

#define IP(a, b, c, d)	((u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

struct pool_case {
	u8	type;
	u8	prefix_len;
	u32	n_range;
	u32	range[2][2];
	int	err;
	u32	total;
};

static const struct pool_case cases[] = {
	{ VPNGW_POOL_TYPE_GENERIC, 24, 1, { { IP(201, 70, 32, 150), IP(201, 70, 32, 160) } },
	  0, 11 },
	/* .0 and .255 of both subnets are left out */
	{ VPNGW_POOL_TYPE_GENERIC, 24, 1, { { IP(10, 0, 0, 254), IP(10, 0, 2, 1) } }, 0, 256 },
	{ VPNGW_POOL_TYPE_GENERIC, 30, 1, { { IP(10, 0, 0, 0), IP(10, 0, 0, 7) } }, 0, 4 },
	{ VPNGW_POOL_TYPE_GENERIC, 32, 1, { { IP(10, 0, 0, 0), IP(10, 0, 0, 3) } }, 0, 4 },
	{ VPNGW_POOL_TYPE_GENERIC, 24, 1, { { IP(10, 0, 0, 0), IP(10, 0, 0, 0) } }, 0, 0 },
	{ VPNGW_POOL_TYPE_GENERIC, 24, 1, { { IP(10, 0, 0, 9), IP(10, 0, 0, 8) } }, -EINVAL },
	{ VPNGW_POOL_TYPE_GENERIC, 24, 2, { { IP(10, 0, 0, 1), IP(10, 0, 0, 8) },
					    { IP(10, 0, 0, 8), IP(10, 0, 0, 9) } }, -EINVAL },
	{ VPNGW_POOL_TYPE_GENERIC, 8, 1, { { IP(10, 0, 0, 0), IP(10, 0, 255, 255) } },
	  0, 65535 },
	{ VPNGW_POOL_TYPE_GENERIC, 8, 1, { { IP(10, 0, 0, 0), IP(10, 1, 0, 0) } }, -E2BIG },
	{ VPNGW_POOL_TYPE_GENERIC, 0, 1, { { 0, U32_MAX } }, -E2BIG },
	{ VPNGW_POOL_TYPE_ROTARY, 24, 1, { { IP(10, 0, 0, 1), IP(10, 0, 0, 8) } },
	  -EOPNOTSUPP },
	{ VPNGW_POOL_TYPE_MATCH_HOST, 24, 2, { { IP(10, 1, 1, 1), IP(10, 1, 1, 20) },
					       { IP(10, 1, 2, 1), IP(10, 1, 2, 30) } }, 0, 50 },
};

static struct vpngw_pool *make(const struct pool_case *c, int *err)
{
	struct vpngw_pool *pool = vpngw_pool_alloc("test");
	u32 i;

	*err = -ENOMEM;
	if (!pool)
		return NULL;
	pool->type = c->type;
	pool->prefix_len = c->prefix_len;
	pool->n_range = c->n_range;
	for (i = 0; i < c->n_range; i++) {
		pool->range[i].start = c->range[i][0];
		pool->range[i].end = c->range[i][1];
	}
	*err = vpngw_pool_compile(pool);
	return pool;
}

static bool takes(struct vpngw_pool *pool, u32 inside, u32 want)
{
	union nf_inet_addr in = { .ip = htonl(inside) }, addr;

	return !vpngw_pool_take(pool, &in, &addr) && addr.ip == htonl(want);
}

/* Take all, each once and ascending; give one back and get it again. */
static int drain(struct vpngw_pool *pool)
{
	union nf_inet_addr in = {}, addr, middle = {};
	u32 last = 0, i;

	for (i = 0; i < pool->total; i++) {
		if (vpngw_pool_take(pool, &in, &addr) || !vpngw_pool_contains(pool, &addr) ||
		    (i && ntohl(addr.ip) <= last))
			return -EINVAL;
		last = ntohl(addr.ip);
		if (i == pool->total / 2)
			middle = addr;
	}
	if (!vpngw_pool_take(pool, &in, &addr) || pool->allocated != pool->total)
		return -EINVAL;
	if (!pool->total)
		return 0;
	vpngw_pool_give(pool, &middle);
	vpngw_pool_give(pool, &middle);
	if (pool->allocated != pool->total - 1 || !takes(pool, 0, ntohl(middle.ip)))
		return -EINVAL;
	return vpngw_pool_take_addr(pool, &middle) == -EBUSY ? 0 : -EINVAL;
}

static int match_host(struct vpngw_pool *pool)
{
	union nf_inet_addr in = { .ip = htonl(IP(192, 168, 0, 40)) }, addr;

	if (!takes(pool, IP(192, 168, 0, 7), IP(10, 1, 1, 7)) ||
	    !takes(pool, IP(192, 168, 9, 7), IP(10, 1, 2, 7)) ||
	    !takes(pool, IP(192, 168, 0, 25), IP(10, 1, 2, 25)))
		return -EINVAL;
	return vpngw_pool_take(pool, &in, &addr) == -ENOSPC ? 0 : -EINVAL;
}

/**
 * vpngw_selftest_pool() - test pool.c
 *
 * Context: module init.
 * Return: 0 or a negative error
 */
int vpngw_selftest_pool(void)
{
	struct vpngw_pool *pool;
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pool = make(&cases[i], &err);
		if (!pool)
			break;
		if (err != cases[i].err || (!err && pool->total != cases[i].total))
			err = -EINVAL;
		else if (err)
			err = 0;
		else if (pool->type == VPNGW_POOL_TYPE_MATCH_HOST)
			err = match_host(pool);
		else
			err = drain(pool);
		vpngw_pool_put(pool);
		if (err) {
			pr_err("selftest pool: case %u\n", i);
			break;
		}
	}
	/* the module may not stay */
	rcu_barrier();
	return err;
}
