/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_NET_H
#define VPND_NET_H

#include "ike.h"

int net_open(uint16_t port);
int net_receive(int fd, struct endpoint *local, struct endpoint *peer, void *data, size_t size);
int net_send(int fd, const struct endpoint *local, const struct endpoint *peer,
	     const void *data, size_t len);

#endif
