/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_CTL_H
#define VPND_CTL_H

#include <stdio.h>

#include "ike.h"

#define CTL_DIR "/run/vpngw"
#define CTL_PATH CTL_DIR "/vpnd.sock"
#define CTL_LINE_MAX 256

int ctl_open(const char *path);
void ctl_accept(struct ike *ike, int fd);
void ctl_answer(struct ike *ike, char *line, FILE *out);

#endif
