/* SPDX-License-Identifier: GPL-2.0 */
/* Keeping flowtables away from flows that must meet our hooks. */
#ifndef _VPNGW_OFFLOAD_H
#define _VPNGW_OFFLOAD_H

struct vpngw_net;

int vpngw_offload_init(void);
void vpngw_offload_exit(void);
int vpngw_offload_register(struct vpngw_net *vn);
void vpngw_offload_unregister(struct vpngw_net *vn);
void vpngw_offload_reconsider(const struct vpngw_net *vn);

#endif /* _VPNGW_OFFLOAD_H */
