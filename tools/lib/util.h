/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_UTIL_H
#define VG_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Append a zeroed element to a growing array; NULL without memory. */
#define vg_push(v, n, cap) \
	((__typeof__(*(v)))vg_push_raw((void **)(v), (n), (cap), sizeof(**(v))))

/* The same for what holds keys. */
#define vg_push_secret(v, n, cap) \
	((__typeof__(*(v)))vg_push_secret_raw((void **)(v), (n), (cap), sizeof(**(v))))

void *vg_push_raw(void **v, size_t *n, size_t *cap, size_t size);
void *vg_push_secret_raw(void **v, size_t *n, size_t *cap, size_t size);

/**
 * struct vg_hash - names to array indices
 *
 * Indices, not pointers: the arrays they point into move when they grow.
 */
struct vg_hash {
	struct vg_hash_entry {
		const char *key;
		size_t value;
	} *v;
	size_t n, size;
};

int vg_hash_put(struct vg_hash *h, const char *key, size_t value);
bool vg_hash_get(const struct vg_hash *h, const char *key, size_t *value);
void vg_hash_free(struct vg_hash *h);

#define VG_ADDR_LEN 16
const char *vg_addr_str(uint32_t addr, char buf[VG_ADDR_LEN]);
bool vg_addr_parse(const char *s, size_t len, uint32_t *addr);
bool vg_mask_contiguous(uint32_t mask);
unsigned int vg_mask_len(uint32_t mask);
uint32_t vg_len_mask(unsigned int len);
int vg_hex_parse(const char *hex, uint8_t *out, size_t size);

#endif
