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

/**
 * struct vpngw_hits - counters
 * @ref: one for each list that counts here
 * @n: number of counters
 * @count: the counters of each CPU
 */
struct vpngw_hits {
	struct kref	ref;
	u32		n;
	u64 __percpu	*count;
};

struct vpngw_hits *vpngw_hits_alloc(u32 n);
void vpngw_hits_get(struct vpngw_hits *hits);
void vpngw_hits_put(struct vpngw_hits *hits);
u64 vpngw_hits_sum(const struct vpngw_hits *hits, u32 index);
void vpngw_hits_clear(struct vpngw_hits *hits);

/* Count a packet. Softirqs are off or the caller is a hook. */
static inline void vpngw_hits_add(const struct vpngw_hits *hits, u32 index)
{
	this_cpu_inc(hits->count[index]);
}

#endif /* _VPNGW_HITS_H */
