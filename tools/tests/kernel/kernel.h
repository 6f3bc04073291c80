/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as its access lists need, for programs: they are compiled
 * here from the same sources. Included ahead of each; the headers that those name
 * are made empty by the Makefile.
 */
#ifndef _VPNGW_TEST_KERNEL_H
#define _VPNGW_TEST_KERNEL_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/types.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef struct { u64 v; } u64_stats_t;

#define __force
#define __percpu
#define fallthrough	__attribute__((fallthrough))
#define likely(_x)	(_x)
#define unlikely(_x)	(_x)

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define BIT(_n)		(1UL << (_n))
#define ARRAY_SIZE(_a)	(sizeof(_a) / sizeof((_a)[0]))
#define min(_a, _b)	((_a) < (_b) ? (_a) : (_b))
#define max(_a, _b)	((_a) > (_b) ? (_a) : (_b))
#define min_t(_type, _a, _b)	min((_type)(_a), (_type)(_b))
#define max_t(_type, _a, _b)	max((_type)(_a), (_type)(_b))
#define cpu_to_be16	htons
#define cpu_to_be32	htonl

#define TCPHDR_SYN	0x02
#define TCPHDR_RST	0x04
#define TCPHDR_ACK	0x10

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

struct kref {
	int n;
};

struct u64_stats_sync {
	int n;
};

#define this_cpu_inc(_x)	((_x)++)

/* no packets here: only what the headers of the module say of them */
struct sk_buff;
struct iphdr *ip_hdr(const struct sk_buff *skb);

/* memory */
enum gfp { GFP_KERNEL, GFP_KERNEL_ACCOUNT };

static inline void *kvcalloc(size_t n, size_t size, enum gfp gfp)
{
	return calloc(n, size);
}

static inline void *kvmalloc_array(size_t n, size_t size, enum gfp gfp)
{
	return n && size > SIZE_MAX / n ? NULL : malloc(n * size);
}

#define kzalloc(_size, _gfp)	kvcalloc(1, _size, _gfp)
#define kvfree			free
#define kfree			free

#define strscpy(_to, _from, _size)	snprintf(_to, _size, "%s", _from)
#define pr_err(...)		fprintf(stderr, __VA_ARGS__)
#define cond_resched()		do { } while (0)

/* bits of a word, from 0 */
#define __fls(_x)		(31 - __builtin_clz(_x))

static inline u32 order_base_2(size_t n)
{
	return n > 1 ? 64 - __builtin_clzll(n - 1) : 0;
}

#define GOLDEN_RATIO_64	0x61C8864680B583EBull

/* In place and without recursion, as the kernel's, so that times compare. */
static inline void sort(void *base, size_t n, size_t size,
			int (*compare)(const void *, const void *), void *swap)
{
	size_t root, child, start = n / 2, end = n;
	char *a = base, *x = malloc(size);

	while (end > 1) {
		if (start) {
			memcpy(x, a + --start * size, size);
		} else {
			end--;
			memcpy(x, a + end * size, size);
			memcpy(a + end * size, a, size);
		}
		for (root = start; (child = 2 * root + 1) < end; root = child) {
			if (child + 1 < end &&
			    compare(a + child * size, a + (child + 1) * size) < 0)
				child++;
			if (compare(x, a + child * size) >= 0)
				break;
			memcpy(a + root * size, a + child * size, size);
		}
		memcpy(a + root * size, x, size);
	}
	free(x);
}

struct rnd_state {
	u64 v;
};

static inline void prandom_seed_state(struct rnd_state *state, u64 seed)
{
	state->v = seed;
}

/* splitmix64 */
static inline u32 prandom_u32_state(struct rnd_state *state)
{
	u64 z = state->v += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z >> 32;
}

#define module_param(_name, _type, _mode)	_Static_assert(sizeof(_name), "")
#define MODULE_PARM_DESC(_name, _text)		_Static_assert(sizeof(_text), "")

#endif /* _VPNGW_TEST_KERNEL_H */
