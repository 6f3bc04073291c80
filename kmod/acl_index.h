/* SPDX-License-Identifier: GPL-2.0 */
/* Finding the first entry of a long access list that matches, without a scan. */
#ifndef _VPNGW_ACL_INDEX_H
#define _VPNGW_ACL_INDEX_H

#include <linux/types.h>

struct vpngw_ace;
struct vpngw_acl_index;
struct vpngw_fields;

/* "no entry": the implicit deny */
#define VPNGW_ACE_NONE	U32_MAX

struct vpngw_acl_index *vpngw_acl_index_make(const struct vpngw_ace *ace, u32 n);
void vpngw_acl_index_free(struct vpngw_acl_index *index);
u32 vpngw_acl_index_find(const struct vpngw_acl_index *index, const struct vpngw_ace *ace,
			 const struct vpngw_fields *f);
size_t vpngw_acl_index_size(const struct vpngw_acl_index *index);

#endif /* _VPNGW_ACL_INDEX_H */
