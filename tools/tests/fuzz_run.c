// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer entry without libFuzzer: fuzz_run COUNT FILE... runs each file, and COUNT
 * changed ones, the same every time. For where there is no clang.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define MAX	(64 << 10)

/* what is often a limit */
static const uint8_t limits[] = { 0, 1, 4, 0x7f, 0x80, 0xfe, 0xff };

static uint64_t state = 0x9e3779b97f4a7c15;

static uint32_t number(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % below;
}

/* Some octets are others, some are gone, some come twice. */
static size_t change(uint8_t *data, size_t size)
{
	for (uint32_t n = 1 + number(6); n; n--) {
		size_t at = size ? number(size) : 0, len = 1 + number(12);

		if (at + len > size)
			len = size - at;
		switch (number(5)) {
		case 0:
			if (size)
				data[at] ^= 1 << number(8);
			break;
		case 1:
			if (size)
				data[at] = number(256);
			break;
		case 2:
			memmove(data + at, data + at + len, size - at - len);
			size -= len;
			break;
		case 3:
			if (size + len > MAX)
				break;
			memmove(data + at + len, data + at, size - at);
			size += len;
			break;
		default:
			if (size)
				data[at] = limits[number(sizeof(limits))];
		}
	}
	return size;
}

/* In memory of its own, so that a look behind its end is seen. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int argc, char **argv)
{
	static uint8_t data[MAX], changed[MAX];
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, runs = 0;

	for (int i = 2; i < argc; i++) {
		FILE *in = fopen(argv[i], "rb");
		size_t size = in ? fread(data, 1, sizeof(data), in) : 0;

		if (!in || fclose(in)) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 1;
		}
		run(data, size);
		for (unsigned long n = 0; n < count / (argc - 2); n++) {
			memcpy(changed, data, size);
			run(changed, change(changed, size));
			runs++;
		}
	}
	printf("%d files, %lu changed ones\n", argc - 2, runs);
	return argc < 3;
}
