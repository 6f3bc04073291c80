/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VPNGW_PORT_H
#define _VPNGW_PORT_H

/*
 * The ports of a global address that several inside hosts share.
 */

#include <linux/jiffies.h>

#include "natrule.h"
#include "pkt.h"

/* Searches that are remembered, each of an address towards one place outside */
#define VPNGW_SWEEPS		256
/* Ports that ended since, of those */
#define VPNGW_SWEEP_FREED	8

/**
 * struct vpngw_sweep - what came of trying all ports of a large class
 * @until: jiffies up to which that is believed
 * @global: address
 * @outside: address of the outside host
 * @outside_port: its port
 * @proto: protocol
 * @more: there may be free ports beside @freed
 * @n_freed: entries of @freed
 * @freed: ports whose translations ended since then
 */
struct vpngw_sweep {
	unsigned long	until;
	__be32		global;
	__be32		outside;
	__be16		outside_port;
	u8		proto;
	bool		more;
	u8		n_freed;
	u16		freed[VPNGW_SWEEP_FREED];
};

/**
 * struct vpngw_sweeps - the sweeps of a namespace; under the translation table's lock
 * @until: none of them is believed any more after this
 * @at: by what they are for, one in each place
 *
 * They keep a crowded address from costing as many look-ups for each new flow as a
 * class has ports: of one that has none left, no more than one sweep a second, and of
 * one where ports come and go, none for a port that is known to have ended.
 */
struct vpngw_sweeps {
	unsigned long		until;
	struct vpngw_sweep	at[VPNGW_SWEEPS];
};

struct vpngw_sweep *vpngw_sweep_place(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in);
bool vpngw_sweep_known(const struct vpngw_sweep *sweep, const struct vpngw_tuple *in);
bool vpngw_sweep_busy(const struct vpngw_sweep *sweep);
void vpngw_sweep_set(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in, bool more);
void vpngw_sweep_freed(struct vpngw_sweeps *sweeps, const struct vpngw_tuple *in);
bool vpngw_port_usable(const struct vpngw_pkt *pkt, const struct vpngw_rule *rule,
		       const struct vpngw_tuple *in);
bool vpngw_port_rewritable(u8 proto);
void vpngw_port_class(u8 proto, u16 port, u16 *lo, u16 *hi);

#endif /* _VPNGW_PORT_H */
