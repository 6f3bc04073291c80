// SPDX-License-Identifier: GPL-2.0
/*
 * keys_in_memory KEY...: how often does each key, in hexadecimal, stand in the memory of
 * this machine? Reads /proc/kcore, and prints a number for each key. The keys never
 * stand in the memory of this program, but for their digits.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MAX	32
#define CHUNK		(1024 * 1024)
#define PAGE		4096
#define STEP		4	/* netlink and structures align keys to at least this */
#define MASK		0x6b6b6b6b

struct key {
	uint32_t	masked[4];	/* 16 octets of it */
	unsigned int	found;
};

static struct key keys[KEYS_MAX];
static int n_keys;
static unsigned char buffer[CHUNK];

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse(struct key *key, const char *hex)
{
	unsigned char *octets = (unsigned char *)key->masked;
	int high, low;
	size_t i;

	if (strlen(hex) < 2 * sizeof(key->masked))
		return -1;
	for (i = 0; i < sizeof(key->masked); i++) {
		high = digit(hex[2 * i]);
		low = digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		octets[i] = (high << 4 | low) ^ (MASK & 0xff);
	}
	return 0;
}

static void look(const unsigned char *p)
{
	uint32_t word;
	int i, k;

	memcpy(&word, p, sizeof(word));
	word ^= MASK;
	for (k = 0; k < n_keys; k++) {
		if (word != keys[k].masked[0])
			continue;
		for (i = 1; i < 4; i++) {
			memcpy(&word, p + 4 * i, sizeof(word));
			if ((word ^ MASK) != keys[k].masked[i])
				break;
		}
		keys[k].found += i == 4;
		memcpy(&word, p, sizeof(word));
		word ^= MASK;
	}
}

/* A key does not cross a page but by chance. */
static void scan(int fd, off_t offset, size_t size)
{
	size_t done, i, want;
	ssize_t got;

	for (done = 0; done < size; done += want) {
		want = size - done < CHUNK ? size - done : CHUNK;
		got = pread(fd, buffer, want, offset + done);
		if (got <= 0) {
			/* a hole somewhere in it */
			want = PAGE;
			got = pread(fd, buffer, want, offset + done);
		}
		for (i = 0; got >= 16 && i <= (size_t)got - 16; i += STEP)
			look(buffer + i);
		memset(buffer, 0, sizeof(buffer));
	}
}

int main(int argc, char **argv)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	size_t total = 0;
	int fd, i;

	for (i = 1; i < argc && n_keys < KEYS_MAX; i++)
		if (parse(&keys[n_keys++], argv[i])) {
			fprintf(stderr, "16 octets or more in hexadecimal are wanted\n");
			return 2;
		}
	fd = open("/proc/kcore", O_RDONLY);
	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header)) {
		perror("/proc/kcore");
		return 4;
	}
	for (i = 0; i < header.e_phnum; i++) {
		if (pread(fd, &segment, sizeof(segment),
			  header.e_phoff + i * sizeof(segment)) != sizeof(segment))
			return 4;
		/* what has a physical address is memory; other segments show it again */
		if (segment.p_type != PT_LOAD || segment.p_paddr == ~0ULL ||
		    segment.p_filesz > (1ULL << 36))
			continue;
		total += segment.p_filesz;
		scan(fd, segment.p_offset, segment.p_filesz);
	}
	fprintf(stderr, "%zu MiB\n", total >> 20);
	for (i = 0; i < n_keys; i++)
		printf("%u\n", keys[i].found);
	return 0;
}
