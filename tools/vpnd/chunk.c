// SPDX-License-Identifier: GPL-2.0
/* Octets of our own, which may be secret. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ike.h"

/**
 * chunk_set - keep a copy of octets
 * @c: where; what was there is freed
 * @p: octets
 * @len: how many
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
int chunk_set(struct chunk *c, const void *p, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (!copy)
		return -ENOMEM;
	if (len)
		memcpy(copy, p, len);
	chunk_free(c);
	c->p = copy;
	c->len = len;
	return 0;
}

/**
 * chunk_free - forget octets; they may have been secret
 * @c: them
 */
void chunk_free(struct chunk *c)
{
	if (c->p)
		crypto_wipe(c->p, c->len);
	free(c->p);
	*c = (struct chunk){ 0 };
}

/**
 * chunk_blob - octets as an argument
 * @c: them
 *
 * Return: the same.
 */
struct blob chunk_blob(const struct chunk *c)
{
	return (struct blob){ c->p, c->len };
}
