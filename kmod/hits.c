// SPDX-License-Identifier: GPL-2.0
/* Counters of the entries of one list, per CPU. */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "hits.h"

static u32 hits_chunks(u32 n)
{
	return DIV_ROUND_UP(n, VPNGW_HITS_CHUNK);
}

static void hits_free(struct vpngw_hits *hits)
{
	u32 i;

	for (i = 0; i < hits_chunks(hits->n); i++)
		free_percpu(hits->chunk[i]);
	kvfree(hits);
}

static void hits_release(struct kref *ref)
{
	hits_free(container_of(ref, struct vpngw_hits, ref));
}

/**
 * vpngw_hits_alloc() - make counters, all zero
 * @n: how many; 0 is fine
 *
 * Context: process context, may sleep.
 * Return: the counters with one reference, or NULL if memory is short.
 */
struct vpngw_hits *vpngw_hits_alloc(u32 n)
{
	struct vpngw_hits *hits;
	u32 i;

	hits = kvzalloc(struct_size(hits, chunk, hits_chunks(n)), GFP_KERNEL_ACCOUNT);
	if (!hits)
		return NULL;
	kref_init(&hits->ref);
	hits->n = n;
	for (i = 0; i < hits_chunks(n); i++) {
		size_t in_chunk = min_t(u32, n - i * VPNGW_HITS_CHUNK, VPNGW_HITS_CHUNK);

		hits->chunk[i] = __alloc_percpu_gfp(in_chunk * sizeof(u64), __alignof__(u64),
						    GFP_KERNEL_ACCOUNT);
		if (!hits->chunk[i]) {
			hits_free(hits);
			return NULL;
		}
	}
	return hits;
}

/**
 * vpngw_hits_get() - take a reference
 * @hits: counters
 */
void vpngw_hits_get(struct vpngw_hits *hits)
{
	kref_get(&hits->ref);
}

/**
 * vpngw_hits_put() - give a reference back
 * @hits: counters, or NULL
 *
 * Context: process context; the last reference frees, so no packet may count
 * here any more.
 */
void vpngw_hits_put(struct vpngw_hits *hits)
{
	if (hits)
		kref_put(&hits->ref, hits_release);
}

/**
 * vpngw_hits_sum() - read one counter
 * @hits: counters
 * @index: which
 *
 * Return: sum over all CPUs, those that are gone included.
 */
u64 vpngw_hits_sum(const struct vpngw_hits *hits, u32 index)
{
	u64 __percpu *chunk = hits->chunk[index / VPNGW_HITS_CHUNK];
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(chunk, cpu)[index % VPNGW_HITS_CHUNK]);
	return sum;
}

/**
 * vpngw_hits_clear() - set all counters to zero
 * @hits: counters
 *
 * Packets that are counted at the same moment may or may not survive.
 */
void vpngw_hits_clear(struct vpngw_hits *hits)
{
	int cpu;
	u32 i;

	for_each_possible_cpu(cpu)
		for (i = 0; i < hits->n; i++)
			WRITE_ONCE(per_cpu_ptr(hits->chunk[i / VPNGW_HITS_CHUNK],
					       cpu)[i % VPNGW_HITS_CHUNK], 0);
}
