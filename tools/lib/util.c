// SPDX-License-Identifier: GPL-2.0
/* Growing arrays, the name hash, addresses as text, hexadecimal keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/**
 * vg_push_raw - append a zeroed element to a growing array
 * @v: array
 * @n: elements in use
 * @cap: elements allocated
 * @size: size of one element
 *
 * Return: the element or NULL without memory.
 */
void *vg_push_raw(void **v, size_t *n, size_t *cap, size_t size)
{
	if (*n == *cap) {
		size_t want = *cap ? *cap * 2 : 8;
		void *grown = reallocarray(*v, want, size);

		if (!grown)
			return NULL;
		*v = grown;
		*cap = want;
	}
	return memset((char *)*v + (*n)++ * size, 0, size);
}

/**
 * vg_push_secret_raw - vg_push_raw() that leaves no copy behind when it moves
 * @v: array
 * @n: elements in use
 * @cap: elements allocated
 * @size: size of one element
 *
 * Return: the element or NULL without memory.
 */
void *vg_push_secret_raw(void **v, size_t *n, size_t *cap, size_t size)
{
	if (*n == *cap) {
		size_t want = *cap ? *cap * 2 : 8;
		void *grown = calloc(want, size);

		if (!grown)
			return NULL;
		if (*n) {
			memcpy(grown, *v, *n * size);
			explicit_bzero(*v, *n * size);
		}
		free(*v);
		*v = grown;
		*cap = want;
	}
	return memset((char *)*v + (*n)++ * size, 0, size);
}

static size_t hash_str(const char *s)
{
	uint64_t h = 0xcbf29ce484222325ULL;	/* FNV-1a */

	while (*s)
		h = (h ^ (unsigned char)*s++) * 0x100000001b3ULL;
	return h ^ (h >> 32);
}

static struct vg_hash_entry *hash_slot(const struct vg_hash *h, const char *key)
{
	size_t i = hash_str(key) & (h->size - 1);

	while (h->v[i].key && strcmp(h->v[i].key, key))
		i = (i + 1) & (h->size - 1);
	return &h->v[i];
}

static int hash_grow(struct vg_hash *h)
{
	struct vg_hash bigger = { .n = h->n, .size = h->size ? h->size * 2 : 64 };

	bigger.v = calloc(bigger.size, sizeof(*bigger.v));
	if (!bigger.v)
		return -ENOMEM;
	for (size_t i = 0; i < h->size; i++) {
		if (h->v[i].key)
			*hash_slot(&bigger, h->v[i].key) = h->v[i];
	}
	free(h->v);
	*h = bigger;
	return 0;
}

/**
 * vg_hash_put - add or replace a name
 * @h: hash
 * @key: name; must outlive the hash
 * @value: index
 *
 * Return: 0 or -ENOMEM.
 */
int vg_hash_put(struct vg_hash *h, const char *key, size_t value)
{
	struct vg_hash_entry *e;

	if (2 * (h->n + 1) > h->size && hash_grow(h))
		return -ENOMEM;
	e = hash_slot(h, key);
	if (!e->key)
		h->n++;
	e->key = key;
	e->value = value;
	return 0;
}

/**
 * vg_hash_get - look a name up
 * @h: hash
 * @key: name
 * @value: where the index goes
 *
 * Return: true if found.
 */
bool vg_hash_get(const struct vg_hash *h, const char *key, size_t *value)
{
	struct vg_hash_entry *e;

	if (!h->size)
		return false;
	e = hash_slot(h, key);
	if (e->key)
		*value = e->value;
	return e->key;
}

/**
 * vg_hash_free - forget all names
 * @h: hash
 */
void vg_hash_free(struct vg_hash *h)
{
	free(h->v);
	memset(h, 0, sizeof(*h));
}

/**
 * vg_addr_str - dotted quad of an address
 * @addr: address in host byte order
 * @buf: where to write it
 *
 * Return: @buf.
 */
const char *vg_addr_str(uint32_t addr, char buf[VG_ADDR_LEN])
{
	snprintf(buf, VG_ADDR_LEN, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		 addr & 255);
	return buf;
}

/**
 * vg_addr_parse - read a dotted quad
 * @s: text
 * @len: its length
 * @addr: where the address goes, host byte order
 *
 * Return: true if @s is four decimal numbers below 256 and nothing else.
 */
bool vg_addr_parse(const char *s, size_t len, uint32_t *addr)
{
	unsigned int octet = 0, digits = 0, dots = 0;
	uint32_t value = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (!digits || ++dots > 3)
				return false;
			value = value << 8 | octet;
			octet = 0;
			digits = 0;
		} else if (s[i] >= '0' && s[i] <= '9' && digits < 3) {
			octet = octet * 10 + (s[i] - '0');
			digits++;
			if (octet > 255)
				return false;
		} else {
			return false;
		}
	}
	if (dots != 3 || !digits)
		return false;
	*addr = value << 8 | octet;
	return true;
}

/**
 * vg_mask_contiguous - is this a netmask
 * @mask: mask in host byte order
 *
 * Return: true if its one bits are all on the left.
 */
bool vg_mask_contiguous(uint32_t mask)
{
	uint32_t host = ~mask;

	return !(host & (host + 1));
}

/**
 * vg_mask_len - prefix length of a netmask
 * @mask: contiguous mask
 *
 * Return: number of one bits.
 */
unsigned int vg_mask_len(uint32_t mask)
{
	return __builtin_popcount(mask);
}

/**
 * vg_len_mask - netmask of a prefix length
 * @len: 0 to 32; more, which a kernel of another version may say, is as 32
 *
 * Return: the mask in host byte order.
 */
uint32_t vg_len_mask(unsigned int len)
{
	return !len ? 0 : len < 32 ? ~0U << (32 - len) : ~0U;
}

/**
 * vg_hex_parse - read hexadecimal octets
 * @hex: digits, an even number of them
 * @out: where the octets go
 * @size: room in @out
 *
 * Return: number of octets, -EINVAL if @hex is not such, -EMSGSIZE if @out is
 * too small.
 */
int vg_hex_parse(const char *hex, uint8_t *out, size_t size)
{
	size_t len = strlen(hex);

	if (!len || len % 2)
		return -EINVAL;
	if (len / 2 > size)
		return -EMSGSIZE;
	for (size_t i = 0; i < len; i++) {
		char c = hex[i] | 0x20;
		int digit;

		if (hex[i] >= '0' && hex[i] <= '9')
			digit = hex[i] - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else
			return -EINVAL;
		out[i / 2] = i % 2 ? out[i / 2] | digit : digit << 4;
	}
	return len / 2;
}
