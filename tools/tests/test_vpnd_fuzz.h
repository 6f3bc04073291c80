/* SPDX-License-Identifier: GPL-2.0 */
/* What libFuzzer calls, or test_vpnd_smoke.c. */
#ifndef TEST_VPND_FUZZ_H
#define TEST_VPND_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void fuzz_end(void);

#endif
