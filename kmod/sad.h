/* SPDX-License-Identifier: GPL-2.0 */
/* The security association database of a namespace (RFC 4301 section 4.4.2). */
#ifndef _VPNGW_SAD_H
#define _VPNGW_SAD_H

#include "sa.h"

/* life cycle; process context, vn->lock held */
int vpngw_sad_init(struct vpngw_net *vn);
void vpngw_sad_wait(struct vpngw_net *vn);
void vpngw_sad_free(struct vpngw_net *vn);
void vpngw_sad_empty(struct vpngw_net *vn);
void vpngw_sad_forget(struct vpngw_net *vn, const char *cause);
void vpngw_sad_exit(struct vpngw_net *vn);

/* associations in it; process context, vn->lock held */
int vpngw_sad_insert(struct vpngw_net *vn, struct vpngw_sa *sa, struct netlink_ext_ack *extack);
void vpngw_sad_remove(struct vpngw_net *vn, struct vpngw_sa *sa, const char *cause);
void vpngw_sad_move(struct vpngw_net *vn, struct vpngw_sa *sa, const union nf_inet_addr *peer,
		    __be16 sport, __be16 dport);
struct vpngw_sa *vpngw_sad_find(const struct vpngw_net *vn, __be32 spi,
				const union nf_inet_addr *daddr, u8 family);
struct vpngw_sa *vpngw_sad_next(struct vpngw_net *vn, u32 conn_id);
struct list_head *vpngw_sad_list(struct vpngw_net *vn);

/* packet path */
struct vpngw_sa *vpngw_sad_lookup(const struct vpngw_net *vn, __be32 spi,
				  const union nf_inet_addr *daddr, u8 family);

#endif /* _VPNGW_SAD_H */
