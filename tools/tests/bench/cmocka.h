/* SPDX-License-Identifier: GPL-2.0 */
/* What bench_ike.c needs of cmocka, which is not everywhere where it runs. */
#ifndef BENCH_CMOCKA_H
#define BENCH_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define fail_msg(fmt, ...) do { \
	fprintf(stderr, "%s:%d: " fmt "\n", __FILE__, __LINE__, ##__VA_ARGS__); \
	exit(1); \
} while (0)

#define assert_true(c) do { \
	if (!(c)) \
		fail_msg("not true: %s", #c); \
} while (0)

#define assert_non_null(p)		assert_true(p)
#define assert_int_equal(a, b)		assert_true((a) == (b))
#define assert_memory_equal(a, b, n)	assert_true(!memcmp(a, b, n))

#endif
