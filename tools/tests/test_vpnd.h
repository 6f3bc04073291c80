/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_VPND_H
#define TEST_VPND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util.h"

#define GROUP(name) int name(size_t *total)
GROUP(group_crypto);
GROUP(group_msg);
GROUP(group_proposal);
GROUP(group_ike);
GROUP(group_hostile);
GROUP(group_site);
GROUP(group_follow);
GROUP(group_states);
GROUP(group_bugs);
GROUP(group_smoke);
GROUP(group_clients);
GROUP(group_moved);
GROUP(group_races);
GROUP(group_natt);
GROUP(group_restart);

#define RUN_GROUP(tests) \
	(*total += sizeof(tests) / sizeof((tests)[0]), \
	 cmocka_run_group_tests_name(__func__, tests, NULL, NULL))

/* Compare octets with hexadecimal digits. */
#define assert_hex(p, hex) do { \
	uint8_t want_[600]; \
	int n_ = vg_hex_parse(hex, want_, sizeof(want_)); \
	assert_true(n_ > 0); \
	assert_memory_equal(p, want_, n_); \
} while (0)

#endif
