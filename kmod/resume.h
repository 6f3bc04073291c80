/* SPDX-License-Identifier: GPL-2.0 */
/* What a machine must forget that is saved, or copied. */
#ifndef _VPNGW_RESUME_H
#define _VPNGW_RESUME_H

#include <linux/types.h>

struct vpngw_sa;

bool vpngw_resume_refuses(const struct vpngw_sa *sa);
int vpngw_resume_init(void);
void vpngw_resume_exit(void);

#endif /* _VPNGW_RESUME_H */
