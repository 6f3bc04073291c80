/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_EXPORT_H
#define VPND_EXPORT_H

#include <stdio.h>

#include "ike.h"

void export_keep(struct child *c, const struct kernel_pair *pair);
void export_forget(struct child *c);
void export_keys(struct ike *ike, int pid, FILE *out);

#endif
