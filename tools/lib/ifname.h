/* SPDX-License-Identifier: GPL-2.0 */
/* Names of interfaces, which IOS knows in any case and abbreviated. */
#ifndef VG_IFNAME_H
#define VG_IFNAME_H

#include <stdbool.h>

#include <linux/vpngw.h>

void vg_ifname(const char *written, char name[VPNGW_NAME_MAX + 1]);
void vg_ifname_key(const char *written, char key[VPNGW_NAME_MAX + 1]);
bool vg_ifname_same(const char *a, const char *b);

#endif
