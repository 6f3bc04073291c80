/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of the entries of one list, per CPU. They are an object of their
 * own so that a list that a reload leaves unchanged keeps counting where it was.
 */
#ifndef _VPNGW_HITS_H
#define _VPNGW_HITS_H

#include <linux/kref.h>
#include <linux/percpu.h>
#include <linux/types.h>

/* The per-CPU allocator refuses single areas over 32 KiB; this one is a page. */
#define VPNGW_HITS_CHUNK	512

/**
 * struct vpngw_hits - counters
 * @ref: one for each list that counts here
 * @n: number of counters
 * @chunk: the counters of each CPU, VPNGW_HITS_CHUNK in each but the last
 */
struct vpngw_hits {
	struct kref	ref;
	u32		n;
	u64 __percpu	*chunk[];
};

struct vpngw_hits *vpngw_hits_alloc(u32 n);
void vpngw_hits_get(struct vpngw_hits *hits);
void vpngw_hits_put(struct vpngw_hits *hits);
u64 vpngw_hits_sum(const struct vpngw_hits *hits, u32 index);
void vpngw_hits_clear(struct vpngw_hits *hits);

/* Where a packet is counted. */
static inline u64 __percpu *vpngw_hits_of(const struct vpngw_hits *hits, u32 index)
{
	return &hits->chunk[index / VPNGW_HITS_CHUNK][index % VPNGW_HITS_CHUNK];
}

/* Count a packet. Any context; the increment is safe against preemption. */
static inline void vpngw_hits_add(const struct vpngw_hits *hits, u32 index)
{
	this_cpu_inc(*vpngw_hits_of(hits, index));
}

#endif /* _VPNGW_HITS_H */
