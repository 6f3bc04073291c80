// SPDX-License-Identifier: GPL-2.0
/* Message IDs of an SA: none is used twice, which is how replays are told. */
#include <stdlib.h>
#include <string.h>

#include "ike.h"

static size_t msgid_pos(const struct ike_sa *sa, uint32_t msgid)
{
	size_t lo = 0, hi = sa->n_seen;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sa->seen[mid] < msgid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * ike_sa_msgid_used - was a message ID used in this SA before
 * @sa: SA
 * @msgid: message ID
 *
 * Return: true if so: then it is a replay (RFC 2408 3.1: message IDs are unique).
 */
bool ike_sa_msgid_used(const struct ike_sa *sa, uint32_t msgid)
{
	size_t i = msgid_pos(sa, msgid);

	return i < sa->n_seen && sa->seen[i] == msgid;
}

/**
 * ike_sa_use_msgid - note a message ID
 * @sa: SA
 * @msgid: message ID of an exchange that has been verified, or that we begin
 *
 * Return: false if it was used before, or if no more fit: the SA has to be
 * replaced, since replays could not be told any more.
 */
bool ike_sa_use_msgid(struct ike_sa *sa, uint32_t msgid)
{
	size_t i = msgid_pos(sa, msgid);

	if (i < sa->n_seen && sa->seen[i] == msgid)
		return false;
	if (sa->n_seen == sa->cap_seen) {
		size_t cap = sa->cap_seen ? sa->cap_seen * 2 : 16;
		uint32_t *v;

		if (cap > IKE_MSGIDS_MAX)
			return false;
		v = reallocarray(sa->seen, cap, sizeof(*v));
		if (!v)
			return false;
		sa->seen = v;
		sa->cap_seen = cap;
	}
	memmove(sa->seen + i + 1, sa->seen + i, (sa->n_seen - i) * sizeof(*sa->seen));
	sa->seen[i] = msgid;
	sa->n_seen++;
	sa->ike->changed = true;
	return true;
}
