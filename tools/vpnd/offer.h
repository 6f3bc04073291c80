/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_OFFER_H
#define VPND_OFFER_H

#include "conf.h"
#include "msg.h"

#define OFFERS_MAX	20

bool offer_ike(struct mbuf *b, const struct vpnd_conf *conf);
bool offer_esp(struct mbuf *b, const struct vpnd_conf *conf, const struct conf_entry *e,
	       uint32_t spi, uint16_t natt, bool ends);

#endif
