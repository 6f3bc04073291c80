/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_TEXT_H
#define VG_TEXT_H

#include "model.h"

#define VG_ACE_TEXT 512

const char *vg_ace_text(const struct vg_ace *ace, bool standard, char buf[VG_ACE_TEXT]);
const char *vg_ike_encr_name(enum vg_ike_encr encr);
const char *vg_ike_hash_name(enum vg_ike_hash hash);
const char *vg_ike_auth_name(enum vg_ike_auth auth);
const char *vg_proto_name(int proto, char buf[12]);

#endif
