/* SPDX-License-Identifier: GPL-2.0 */
/* Lines as they may be shown: with asterisks in place of keys and passwords. */
#ifndef VG_SECRETS_H
#define VG_SECRETS_H

void vg_mask_secrets(char *text);
void vg_mask_kept(char *text);

#endif
