// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a translation alive: its packets, for as long as its protocol and
 * the state of its connection say.
 */
#include <net/tcp.h>

#include "xlate_table.h"

/* progress of a TCP connection */
#define TCP_ACK_OUT	BIT(0)
#define TCP_ACK_IN	BIT(1)
#define TCP_FIN_OUT	BIT(2)
#define TCP_FIN_IN	BIT(3)
#define TCP_RST		BIT(4)

#define TCP_ACK_BOTH	(TCP_ACK_OUT | TCP_ACK_IN)
#define TCP_FIN_BOTH	(TCP_FIN_OUT | TCP_FIN_IN)

static bool tcp_closing(u8 state)
{
	return (state & TCP_RST) || (state & TCP_FIN_BOTH) == TCP_FIN_BOTH;
}

static u8 tcp_next(u8 state, u8 flags, enum vpngw_xlate_dir dir)
{
	bool out = dir == VPNGW_XLATE_OUT;

	if (flags & TCPHDR_RST)
		return state | TCP_RST;
	/* the ports are used again by a new connection */
	if ((flags & TCPHDR_SYN) && !(flags & TCPHDR_ACK) && tcp_closing(state))
		state = 0;
	if (flags & TCPHDR_ACK)
		state |= out ? TCP_ACK_OUT : TCP_ACK_IN;
	if (flags & TCPHDR_FIN)
		state |= out ? TCP_FIN_OUT : TCP_FIN_IN;
	return state;
}

static bool xlate_is_tcp(const struct vpngw_xlate *x)
{
	return (READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED) &&
	       x->n[VPNGW_XLATE_OUT].tuple.proto == IPPROTO_TCP;
}

static u32 tcp_seconds(const struct vpngw_nat_timers *timers, u8 state)
{
	if (tcp_closing(state))
		return timers->finrst;
	/* each end has acknowledged the other: the handshake is complete */
	if ((state & TCP_ACK_BOTH) == TCP_ACK_BOTH)
		return timers->tcp;
	return timers->syn;
}

static unsigned long xlate_timeout(const struct vpngw_xlate *x,
				   const struct vpngw_nat_timers *timers)
{
	const struct vpngw_tuple *t = &x->n[VPNGW_XLATE_OUT].tuple;
	u32 seconds = timers->timeout;

	if (READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_EXTENDED) {
		switch (t->proto) {
		case IPPROTO_TCP:
			seconds = tcp_seconds(timers, READ_ONCE(x->tcp_state));
			break;
		case IPPROTO_UDP:
			seconds = t->dport == htons(53) ? timers->dns : timers->udp;
			break;
		case IPPROTO_ICMP:
			seconds = timers->icmp;
			break;
		}
	}
	return min_t(u64, (u64)seconds * HZ, MAX_JIFFY_OFFSET);
}

static void xlate_prolong(struct vpngw_xlate *x, unsigned long now)
{
	WRITE_ONCE(x->used, now);
	WRITE_ONCE(x->expires, now + READ_ONCE(x->timeout));
}

/**
 * vpngw_xlate_time_start() - start the timers of a translation
 * @x: translation, not in the table yet
 * @timers: NAT timers
 * @tcp_flags: flags of the packet for which it is made
 * @dir: direction of that packet
 *
 * Context: packet path.
 */
void vpngw_xlate_time_start(struct vpngw_xlate *x, const struct vpngw_nat_timers *timers,
			    u8 tcp_flags, enum vpngw_xlate_dir dir)
{
	if (xlate_is_tcp(x)) {
		x->tcp_state = tcp_next(0, tcp_flags, dir);
		if (tcp_closing(x->tcp_state))
			x->flags |= VPNGW_XLATE_FLAG_TIMING_OUT;
	}
	x->timeout = xlate_timeout(x, timers);
	x->created = jiffies;
	xlate_prolong(x, x->created);
}

/**
 * vpngw_xlate_time_reload() - let the timers of a new configuration apply
 * @x: translation
 * @timers: NAT timers
 *
 * Context: packet path, under RCU. They count from the next packet on.
 */
void vpngw_xlate_time_reload(struct vpngw_xlate *x, const struct vpngw_nat_timers *timers)
{
	WRITE_ONCE(x->timeout, xlate_timeout(x, timers));
}

/*
 * The few packets of a flow that change its state; serialised by the lock. By
 * themselves, so that all others save no registers for them.
 */
static noinline void xlate_advance(struct vpngw_pkt *pkt, struct vpngw_xlate *x,
				   enum vpngw_xlate_dir dir)
{
	struct vpngw_xlate_table *table = pkt->vn->xlates;
	u32 flags;

	spin_lock_bh(&table->lock);
	flags = x->flags;
	if (dir == VPNGW_XLATE_IN)
		flags |= VPNGW_XLATE_FLAG_SEEN_REPLY;
	if (xlate_is_tcp(x)) {
		WRITE_ONCE(x->tcp_state, tcp_next(x->tcp_state, pkt->f.tcp_flags, dir));
		if (tcp_closing(x->tcp_state))
			flags |= VPNGW_XLATE_FLAG_TIMING_OUT;
		else
			flags &= ~VPNGW_XLATE_FLAG_TIMING_OUT;
		WRITE_ONCE(x->timeout, xlate_timeout(x, &pkt->config->timers));
	}
	WRITE_ONCE(x->flags, flags);
	xlate_prolong(x, jiffies);
	spin_unlock_bh(&table->lock);
}

static bool changes_state(const struct vpngw_pkt *pkt, const struct vpngw_xlate *x,
			  enum vpngw_xlate_dir dir)
{
	u8 state;

	if (dir == VPNGW_XLATE_IN && !(READ_ONCE(x->flags) & VPNGW_XLATE_FLAG_SEEN_REPLY))
		return true;
	if (!xlate_is_tcp(x))
		return false;
	state = READ_ONCE(x->tcp_state);
	return tcp_next(state, pkt->f.tcp_flags, dir) != state;
}

/**
 * vpngw_xlate_touch() - account a packet that a translation applies to
 * @pkt: packet
 * @x: its translation, from vpngw_xlate_find()
 * @dir: direction of the packet
 *
 * Not for the packet for which vpngw_xlate_create() made the translation; that
 * is a miss and has been accounted. An ICMP error is a hit but prolongs nothing:
 * anybody on the way can send one.
 *
 * Context: packet path, under RCU. Takes the table's lock for the few packets
 * that change the state of the flow, and writes nothing shared but once a
 * second for all others.
 */
void vpngw_xlate_touch(struct vpngw_pkt *pkt, struct vpngw_xlate *x,
		       enum vpngw_xlate_dir dir)
{
	unsigned long now = jiffies;

	this_cpu_inc(pkt->vn->xlates->count->hits);
	if (unlikely(pkt->icmp_error))
		return;
	if (unlikely(changes_state(pkt, x, dir)))
		xlate_advance(pkt, x, dir);
	else if (now - READ_ONCE(x->used) >= HZ)
		xlate_prolong(x, now);
}
