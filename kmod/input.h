/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VPNGW_INPUT_H
#define _VPNGW_INPUT_H

#include "pkt.h"

unsigned int vpngw_input(struct vpngw_pkt *pkt);

#endif /* _VPNGW_INPUT_H */
