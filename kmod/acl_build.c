// SPDX-License-Identifier: GPL-2.0
/*
 * Making the index of a long access list, at commit: entries are sorted into
 * groups, groups into tables, and what is left over of each is laid out for
 * acl_index.c. Works on memory of its own, frees all but the result.
 */
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "acl.h"
#include "acl_index_table.h"

/* So many pairs of masks get a table each; of more, the rarer ones share. */
#define PAIRS_MAX	16
#define PAIRS_OWN	12
/* Where masks are shared, a slot with so many groups is full. */
#define CROWD		4
#define PORTS		65536

/* What makes a group; sorted, so that those of a group stand side by side. */
struct ace_key {
	u32	src_mask;
	u32	dst_mask;
	u32	src;
	u32	dst;
	u8	kind;
	bool	has_proto;
	u8	proto;
	/* entries that look at more than ports are alone, by their number */
	u32	alone;
	u32	ace;
	const struct vpngw_ace *a;
};

/* A group that is being made: entries key to key + n_key, to be put in a table. */
struct draft {
	struct vpngw_acl_group	g;
	u32			key;
	u32			n_key;
	u32			table;
	u32			bucket;
};

/* Groups with the same masks: drafts first to first + n. */
struct pair {
	u32	first;
	u32	n;
};

/* A slot that is being made. */
struct bucket {
	u64	key;
	u32	table;
	u32	n;
};

struct builder {
	const struct vpngw_ace	*ace;
	u32			n;
	struct ace_key		*key;
	struct draft		*draft;
	u32			n_draft;
	struct pair		*pair;
	u32			n_pair;
	struct bucket		*bucket;
	u32			bucket_bits;
	u32			n_bucket[VPNGW_ACL_TABLES_MAX];
	u32			n_range;
	struct vpngw_acl_index	*index;
};

static int order(u32 a, u32 b)
{
	return a < b ? -1 : a > b;
}

static bool ports_plain(u8 n, bool neq)
{
	return !neq || n == 1;
}

static u8 kind_of(const struct vpngw_ace *a, bool *alone)
{
	*alone = a->has_icmp_type || a->has_icmp_code || a->tcp_mask || a->tos_mask ||
		 a->flags & (VPNGW_ACE_FLAG_ESTABLISHED | VPNGW_ACE_FLAG_FRAGMENTS);
	if (*alone || (!a->n_dport && !a->n_sport))
		return VPNGW_ACL_ALONE;
	if (a->n_dport && ports_plain(a->n_dport, a->flags & VPNGW_ACE_FLAG_DST_PORT_NEQ))
		return VPNGW_ACL_DPORT;
	if (!a->n_dport && ports_plain(a->n_sport, a->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ))
		return VPNGW_ACL_SPORT;
	*alone = true;
	return VPNGW_ACL_ALONE;
}

static int compare_sport(const struct vpngw_ace *a, const struct vpngw_ace *b)
{
	bool a_neq = a->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ;
	bool b_neq = b->flags & VPNGW_ACE_FLAG_SRC_PORT_NEQ;

	return order(a->n_sport, b->n_sport) ?:
	       memcmp(a->sport, b->sport, a->n_sport * sizeof(a->sport[0])) ?:
	       order(a_neq, b_neq);
}

/* 0 if both belong to one group */
static int compare_group(const struct ace_key *a, const struct ace_key *b)
{
	return order(a->src_mask, b->src_mask) ?: order(a->dst_mask, b->dst_mask) ?:
	       order(a->src, b->src) ?: order(a->dst, b->dst) ?:
	       order(a->kind, b->kind) ?: order(a->has_proto, b->has_proto) ?:
	       order(a->proto, b->proto) ?: order(a->alone, b->alone) ?:
	       (a->kind == VPNGW_ACL_DPORT ? compare_sport(a->a, b->a) : 0);
}

static int compare_key(const void *a, const void *b)
{
	const struct ace_key *x = a, *y = b;

	return compare_group(x, y) ?: order(x->ace, y->ace);
}

static int compare_pair(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return order(y->n, x->n) ?: order(x->first, y->first);
}

static int compare_draft(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return order(x->table, y->table) ?: order(x->bucket, y->bucket) ?:
	       order(x->g.best, y->g.best);
}

static int compare_table(const void *a, const void *b)
{
	const struct vpngw_acl_table *x = a, *y = b;

	return order(x->best, y->best);
}

static void make_keys(struct builder *b)
{
	u32 i;

	for (i = 0; i < b->n; i++) {
		const struct vpngw_ace *a = &b->ace[i];
		struct ace_key *key = &b->key[i];
		bool alone;

		key->src_mask = (__force u32)a->src_mask.ip;
		key->dst_mask = (__force u32)a->dst_mask.ip;
		key->src = (__force u32)a->src.ip;
		key->dst = (__force u32)a->dst.ip;
		key->kind = kind_of(a, &alone);
		key->has_proto = a->has_proto;
		key->proto = a->has_proto ? a->proto : 0;
		key->alone = alone ? i + 1 : 0;
		key->ace = i;
		key->a = a;
	}
	sort(b->key, b->n, sizeof(*b->key), compare_key, NULL);
}

static void make_drafts(struct builder *b)
{
	struct draft *d = NULL;
	struct pair *p = NULL;
	u32 i;

	for (i = 0; i < b->n; i++) {
		const struct ace_key *key = &b->key[i];
		const struct vpngw_ace *a = key->a;

		if (d && !compare_group(key, &b->key[d->key])) {
			d->n_key++;
		} else {
			d = &b->draft[b->n_draft++];
			*d = (struct draft) {
				.key	= i,
				.n_key	= 1,
				.g = {
					.src		= a->src.ip,
					.src_mask	= a->src_mask.ip,
					.dst		= a->dst.ip,
					.dst_mask	= a->dst_mask.ip,
					.best		= key->ace,
					.permit		= VPNGW_ACE_NONE,
					.kind		= key->kind,
					.has_proto	= key->has_proto,
					.proto		= key->proto,
				},
			};
			if (!p || b->key[i - 1].src_mask != key->src_mask ||
			    b->key[i - 1].dst_mask != key->dst_mask) {
				p = &b->pair[b->n_pair++];
				p->first = b->n_draft - 1;
				p->n = 0;
			}
			p->n++;
		}
		if (a->action == VPNGW_ACTION_PERMIT && d->g.permit == VPNGW_ACE_NONE)
			d->g.permit = key->ace;
	}
}

/* The key of a group in a table. */
static u64 key_in(const struct builder *b, const struct draft *d, u32 t)
{
	return vpngw_acl_key(d->g.src, d->g.dst) & b->index->table[t].mask;
}

static struct bucket *find_bucket(struct builder *b, u32 table, u64 key)
{
	u32 mask = BIT(b->bucket_bits) - 1, i;
	struct bucket *bucket;

	for (i = vpngw_acl_hash(key, 64 - b->bucket_bits) + table * 7;; i++) {
		bucket = &b->bucket[i & mask];
		if (!bucket->n || (bucket->table == table && bucket->key == key))
			return bucket;
	}
}

static void put_in_table(struct builder *b, struct draft *d, u32 t)
{
	u64 key = key_in(b, d, t);
	struct bucket *bucket = find_bucket(b, t, key);

	if (!bucket->n) {
		bucket->key = key;
		bucket->table = t;
		b->n_bucket[t]++;
	}
	bucket->n++;
	d->table = t;
	d->bucket = bucket - b->bucket;
}

static u32 new_table(struct builder *b, u64 mask)
{
	b->index->table[b->index->n_table].mask = mask;
	return b->index->n_table++;
}

/* A prefix cut to whole octets; of another mask, what leads it. */
static __be32 relax(__be32 mask)
{
	u32 zeros = ~ntohl(mask);
	u32 len = (zeros ? 31 - __fls(zeros) : 32) & ~7;

	return len ? htonl(~0U << (32 - len)) : 0;
}

static bool has_table(const struct builder *b, u64 mask)
{
	u32 t;

	for (t = 0; t < b->index->n_table; t++)
		if (b->index->table[t].mask == mask)
			return true;
	return false;
}

/* Put a group into some table whose masks are among its own, preferably one where
 * it is not in a crowd. The last table there can be takes everything.
 */
static void share_table(struct builder *b, struct draft *d)
{
	u32 t, n, best = VPNGW_ACL_TABLES_MAX, best_n = U32_MAX;
	u64 own = vpngw_acl_key(d->g.src_mask, d->g.dst_mask), mask;

	for (t = 0; t < b->index->n_table && best_n >= CROWD; t++) {
		if (b->index->table[t].mask & ~own)
			continue;
		n = find_bucket(b, t, key_in(b, d, t))->n;
		if (n < best_n) {
			best = t;
			best_n = n;
		}
	}
	if (best_n >= CROWD && b->index->n_table < VPNGW_ACL_TABLES_MAX) {
		mask = vpngw_acl_key(relax(d->g.src_mask), relax(d->g.dst_mask));
		if (b->index->n_table == VPNGW_ACL_TABLES_MAX - 1)
			mask = 0;
		else if (has_table(b, mask))
			mask = own;
		if (!has_table(b, mask))
			best = new_table(b, mask);
	}
	put_in_table(b, d, best);
}

static void assign_tables(struct builder *b)
{
	u32 own = b->n_pair, i, j;

	if (b->n_pair > PAIRS_MAX) {
		sort(b->pair, b->n_pair, sizeof(*b->pair), compare_pair, NULL);
		own = PAIRS_OWN;
	}
	for (i = 0; i < b->n_pair; i++) {
		struct draft *d = &b->draft[b->pair[i].first];
		u64 mask = vpngw_acl_key(d->g.src_mask, d->g.dst_mask);
		u32 t = i < own ? new_table(b, mask) : 0;

		for (j = 0; j < b->pair[i].n; j++) {
			if (i < own)
				put_in_table(b, d + j, t);
			else
				share_table(b, d + j);
		}
		cond_resched();
	}
}

/* Ranges of ports that an entry matches; the complement of one range is two. */
static u32 effective_ranges(const struct vpngw_ace *a, u8 kind, struct vpngw_port_range r[])
{
	bool dport = kind == VPNGW_ACL_DPORT;
	const struct vpngw_port_range *from = dport ? a->dport : a->sport;
	u32 flag = dport ? VPNGW_ACE_FLAG_DST_PORT_NEQ : VPNGW_ACE_FLAG_SRC_PORT_NEQ;
	u32 n = dport ? a->n_dport : a->n_sport, n_out = 0;

	if (!(a->flags & flag)) {
		memcpy(r, from, n * sizeof(*r));
		return n;
	}
	if (from->lo > 0)
		r[n_out++] = (struct vpngw_port_range){ .lo = 0, .hi = from->lo - 1 };
	if (from->hi < PORTS - 1)
		r[n_out++] = (struct vpngw_port_range){ .lo = from->hi + 1, .hi = PORTS - 1 };
	return n_out;
}

static int compare_u32(const void *a, const void *b)
{
	return order(*(const u32 *)a, *(const u32 *)b);
}

/* Work space for the ranges of one group. */
struct paint {
	u32	*lo;	/* where a range begins, ascending */
	u32	*ace;	/* first entry that matches there */
	u32	*next;	/* the next range without an entry, at or after this one */
	u32	n;
};

static u32 next_unpainted(struct paint *p, u32 i)
{
	while (p->next[i] != i) {
		p->next[i] = p->next[p->next[i]];
		i = p->next[i];
	}
	return i;
}

static u32 find_lo(const struct paint *p, u32 lo)
{
	u32 from = 0, to = p->n, mid;

	while (from < to) {
		mid = (from + to) / 2;
		if (p->lo[mid] < lo)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static void paint_bounds(const struct builder *b, const struct draft *d, struct paint *p)
{
	struct vpngw_port_range r[VPNGW_PORT_RANGE_MAX];
	u32 i, j, n, k = 0;

	p->lo[k++] = 0;
	for (i = 0; i < d->n_key; i++) {
		n = effective_ranges(b->key[d->key + i].a, d->g.kind, r);
		for (j = 0; j < n; j++) {
			p->lo[k++] = r[j].lo;
			if (r[j].hi + 1 < PORTS)
				p->lo[k++] = r[j].hi + 1;
		}
	}
	sort(p->lo, k, sizeof(*p->lo), compare_u32, NULL);
	p->n = 1;
	for (i = 1; i < k; i++)
		if (p->lo[i] != p->lo[p->n - 1])
			p->lo[p->n++] = p->lo[i];
	for (i = 0; i <= p->n; i++) {
		p->ace[i] = VPNGW_ACE_NONE;
		p->next[i] = i;
	}
}

/* Earlier entries first; what they have taken, later ones do not get. */
static void paint_group(const struct builder *b, const struct draft *d, struct paint *p)
{
	struct vpngw_port_range r[VPNGW_PORT_RANGE_MAX];
	u32 i, j, n, at;

	paint_bounds(b, d, p);
	for (i = 0; i < d->n_key; i++) {
		const struct ace_key *key = &b->key[d->key + i];

		n = effective_ranges(key->a, d->g.kind, r);
		for (j = 0; j < n; j++) {
			at = next_unpainted(p, find_lo(p, r[j].lo));
			while (at < p->n && p->lo[at] <= r[j].hi) {
				p->ace[at] = key->ace;
				p->next[at] = at + 1;
				at = next_unpainted(p, at);
			}
		}
	}
}

/* Most bounds of ranges in a group; no two of its ranges begin at one port. */
static u32 range_room(const struct builder *b, const struct draft *d)
{
	struct vpngw_port_range r[VPNGW_PORT_RANGE_MAX];
	u32 i, room = 1;

	for (i = 0; i < d->n_key; i++)
		room += 2 * effective_ranges(b->key[d->key + i].a, d->g.kind, r);
	return room;
}

static void copy_ranges(struct builder *b, struct draft *d, const struct paint *p)
{
	struct vpngw_acl_range *range = b->index->range;
	u32 i;

	d->g.range = b->n_range;
	for (i = 0; i < p->n; i++) {
		if (i && p->ace[i] == p->ace[i - 1])
			continue;
		range[b->n_range].lo = p->lo[i];
		range[b->n_range].ace = p->ace[i];
		b->n_range++;
	}
	d->g.n_range = b->n_range - d->g.range;
}

static int make_ranges(struct builder *b)
{
	u32 i, room, largest = 0;
	struct paint p = {};
	size_t sum = 0;
	int err = -ENOMEM;

	for (i = 0; i < b->n_draft; i++) {
		if (b->draft[i].g.kind == VPNGW_ACL_ALONE)
			continue;
		room = range_room(b, &b->draft[i]);
		largest = max(largest, room);
		sum += min_t(u32, room, PORTS);
	}
	if (!sum)
		return 0;

	b->index->range = kvmalloc_array(sum, sizeof(*b->index->range), GFP_KERNEL_ACCOUNT);
	p.lo = kvmalloc_array(largest, sizeof(u32), GFP_KERNEL);
	p.ace = kvmalloc_array(largest + 1, sizeof(u32), GFP_KERNEL);
	p.next = kvmalloc_array(largest + 1, sizeof(u32), GFP_KERNEL);
	if (!b->index->range || !p.lo || !p.ace || !p.next)
		goto out;

	for (i = 0; i < b->n_draft; i++) {
		if (b->draft[i].g.kind == VPNGW_ACL_ALONE)
			continue;
		paint_group(b, &b->draft[i], &p);
		copy_ranges(b, &b->draft[i], &p);
		cond_resched();
	}
	b->index->size += sum * sizeof(*b->index->range);
	err = 0;
out:
	kvfree(p.lo);
	kvfree(p.ace);
	kvfree(p.next);
	return err;
}

static void fill_slot(struct builder *b, struct vpngw_acl_table *table, u32 i, u32 n)
{
	const struct bucket *bucket = &b->bucket[b->draft[i].bucket];
	struct vpngw_acl_slot *slot = table->slot + vpngw_acl_hash(bucket->key, table->shift);

	while (slot->n)
		if (++slot == table->end)
			slot = table->slot;
	*slot = (struct vpngw_acl_slot) {
		.key	= bucket->key,
		.group	= i,
		.n	= n,
	};
	table->best = min(table->best, b->draft[i].g.best);
}

/* So many slots, as a power of two, does a table get. */
static u32 slot_bits(const struct builder *b, u32 t)
{
	return order_base_2(2 * b->n_bucket[t]) ?: 1;
}

/* Groups and slots in their final places. */
static int lay_out(struct builder *b)
{
	struct vpngw_acl_index *index = b->index;
	size_t slots = 0;
	u32 t, i, n;

	for (t = 0; t < index->n_table; t++)
		slots += BIT(slot_bits(b, t));
	index->slot = kvcalloc(slots, sizeof(*index->slot), GFP_KERNEL_ACCOUNT);
	index->group = kvmalloc_array(b->n_draft, sizeof(*index->group), GFP_KERNEL_ACCOUNT);
	if (!index->slot || !index->group)
		return -ENOMEM;
	index->size += slots * sizeof(*index->slot) + b->n_draft * sizeof(*index->group);

	for (t = 0, slots = 0; t < index->n_table; t++) {
		index->table[t].best = VPNGW_ACE_NONE;
		index->table[t].shift = 64 - slot_bits(b, t);
		index->table[t].slot = index->slot + slots;
		slots += BIT(slot_bits(b, t));
		index->table[t].end = index->slot + slots;
	}
	sort(b->draft, b->n_draft, sizeof(*b->draft), compare_draft, NULL);
	for (i = 0; i < b->n_draft; i += n) {
		for (n = 0; i + n < b->n_draft; n++) {
			if (b->draft[i + n].bucket != b->draft[i].bucket)
				break;
			index->group[i + n] = b->draft[i + n].g;
		}
		fill_slot(b, &index->table[b->draft[i].table], i, n);
	}
	sort(index->table, index->n_table, sizeof(*index->table), compare_table, NULL);
	return 0;
}

/**
 * vpngw_acl_index_make() - make the index of a list
 * @ace: entries, with addresses under their masks
 * @n: how many, not 0
 *
 * Context: process, may sleep.
 * Return: the index, or NULL if memory is short.
 */
struct vpngw_acl_index *vpngw_acl_index_make(const struct vpngw_ace *ace, u32 n)
{
	struct builder b = { .ace = ace, .n = n };
	int err = -ENOMEM;

	b.bucket_bits = order_base_2(2 * (size_t)n);
	b.index = kzalloc(sizeof(*b.index), GFP_KERNEL_ACCOUNT);
	b.key = kvmalloc_array(n, sizeof(*b.key), GFP_KERNEL);
	b.draft = kvmalloc_array(n, sizeof(*b.draft), GFP_KERNEL);
	b.pair = kvmalloc_array(n, sizeof(*b.pair), GFP_KERNEL);
	b.bucket = kvcalloc(BIT(b.bucket_bits), sizeof(*b.bucket), GFP_KERNEL);
	if (!b.index || !b.key || !b.draft || !b.pair || !b.bucket)
		goto out;

	b.index->size = sizeof(*b.index);
	make_keys(&b);
	make_drafts(&b);
	assign_tables(&b);
	err = make_ranges(&b) ?: lay_out(&b);
out:
	kvfree(b.bucket);
	kvfree(b.pair);
	kvfree(b.draft);
	kvfree(b.key);
	if (err) {
		vpngw_acl_index_free(b.index);
		return NULL;
	}
	return b.index;
}
