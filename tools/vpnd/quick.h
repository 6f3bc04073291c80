/* SPDX-License-Identifier: GPL-2.0 */
/* What both roles of quick mode share. */
#ifndef VPND_QUICK_H
#define VPND_QUICK_H

#include "ike.h"
#include "proposal.h"

struct blob qm_ni(const struct qm *qm);
struct blob qm_nr(const struct qm *qm);
void quick_fill_pair(const struct ike_sa *sa, const struct esp_choice *choice, struct qm *qm);
int quick_derive(const struct ike_sa *sa, const struct qm *qm, struct kernel_keys *keys,
		 uint32_t spi);
void quick_finish(struct exchange *ex);

/* quick_show.c */
void quick_show_request(const struct ike_sa *sa, const struct esp_choice *choice,
			const struct msg_id *ci, const struct msg_id *cr);
void quick_show_created(const struct ike_sa *sa, const struct qm *qm, unsigned int conn);

#endif
