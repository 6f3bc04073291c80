/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What would become of a packet that is not there. The functions that judge
 * real packets judge it, in the order of input.c and output.c; none of them
 * changes anything.
 */
#ifndef _VPNGW_TRACER_H
#define _VPNGW_TRACER_H

#include "natrule.h"
#include "pkt.h"
#include "spd.h"
#include "xlate.h"

/**
 * struct vpngw_tracer - the journey of a packet
 * @local: destination after translation of a packet from outside; 0 if it stays
 * @route: enum vpngw_trace_route
 * @out_ifindex: device by which it leaves
 * @gateway: next hop, 0 on a connected network
 * @nat: enum vpngw_trace_nat
 * @rules: what the rules say, if they were asked
 * @xlate: identity of the translation found, 0 if none
 * @preview: what a new translation would be, with VPNGW_TRACE_NAT_NEW
 * @global: inside global address, 0 if it is not known before the packet comes
 * @global_port: inside global port, with @global
 * @crypto: enum vpngw_trace_crypto
 * @spd: what the crypto map says
 * @mtu: longest inner packet that fits into the association, 0 if not protected
 * @reason: why the packet would be dropped, VPNGW_OK if it would not
 *
 * Pointers within are valid under the RCU read side of vpngw_tracer_run().
 */
struct vpngw_tracer {
	__be32				local;
	u8				route;
	int				out_ifindex;
	__be32				gateway;
	u8				nat;
	struct vpngw_rule_verdict	rules;
	u32				xlate;
	struct vpngw_xlate_preview	preview;
	__be32				global;
	__be16				global_port;
	u8				crypto;
	struct vpngw_spd_verdict	spd;
	unsigned int			mtu;
	enum vpngw_reason		reason;
};

void vpngw_tracer_run(struct vpngw_pkt *pkt, struct vpngw_tracer *t);

#endif /* _VPNGW_TRACER_H */
