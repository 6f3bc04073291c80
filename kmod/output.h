/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VPNGW_OUTPUT_H
#define _VPNGW_OUTPUT_H

#include "pkt.h"

unsigned int vpngw_output(struct vpngw_pkt *pkt);

#endif /* _VPNGW_OUTPUT_H */
