// SPDX-License-Identifier: GPL-2.0
/* Runs all groups of unit tests of vpnd. */
#include "crypto.h"
#include "test_vpnd.h"

int main(void)
{
	size_t total = 0;
	int failed = 0;

	if (crypto_init()) {
		fputs("libcrypto lacks an algorithm\n", stderr);
		return 1;
	}
	failed += group_crypto(&total);
	failed += group_msg(&total);
	failed += group_proposal(&total);
	failed += group_ike(&total);
	failed += group_hostile(&total);
	failed += group_site(&total);
	failed += group_follow(&total);
	failed += group_states(&total);
	failed += group_bugs(&total);
	failed += group_smoke(&total);
	failed += group_clients(&total);
	failed += group_moved(&total);
	failed += group_races(&total);
	failed += group_natt(&total);
	failed += group_restart(&total);
	crypto_exit();
	fflush(stderr);
	printf("%zu passed, %d failed\n", total - failed, failed);
	return failed != 0;
}
