/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_STATE_H
#define VPND_STATE_H

#include "ike.h"

#define STATE_TEXT_MAX	(64 << 20)

char *state_text(struct ike *ike, size_t *len);
int state_adopt(struct ike *ike, char *text, size_t len);

void state_end(struct ike *ike);
int state_save(struct ike *ike, const char *path);
int state_load(struct ike *ike, const char *path);

#endif
