#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A crypto map entry without associations: its traffic is dropped and counted,
# never sent in clear; those who listen are told; loading again restores it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

works_before()
{
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

clear_removes()
{
	bg monitor ip netns exec "$GW" vpnctl monitor
	busywait 10 said monitor listening || fail "monitor: $(cat "$TMP/monitor.log")"
	check "clear crypto sa" gwctl clear crypto sa
	check_eq "associations left" "$(sa_count)" 0
	busywait 10 said_twice monitor deleted ||
		fail "no word of two deleted associations: $(cat "$TMP/monitor.log")"
}

said_twice()
{
	[[ $(grep -c "$2" "$TMP/$1.log") -ge 2 ]]
}

outbound_dropped()
{
	local before esp
	before=$(drop_count no-sa)
	esp=$(captured wire esp)
	check_no_ping "$INSIDE" $CLIENT_INNER 5
	check_eq "packets dropped for want of an association" \
		$(($(drop_count no-sa) - before)) 5
	check_eq "ESP packets sent" $(($(captured wire esp) - esp)) 0
}

# one a second at the most
acquire_told()
{
	busywait 10 said monitor acquire || fail "no acquire: $(cat "$TMP/monitor.log")"
	check_match "monitor" "$(grep acquire "$TMP/monitor.log")" "intmap.*10"
	check_match "monitor" "$(grep acquire "$TMP/monitor.log")" "$INSIDE_ADDR.*$CLIENT_INNER"
	check_num "acquires for five packets" "$(grep -c acquire "$TMP/monitor.log")" -le 4
	bg_stop monitor
}

inbound_dropped()
{
	local before
	before=$(drop_count esp-no-sa)
	check_no_ping "$CLIENT" $INSIDE_ADDR 5
	check_eq "ESP packets dropped as unknown" $(($(drop_count esp-no-sa) - before)) 5
}

# from_ike_port DST N: datagrams of the gateway itself, from a port that anybody may have
from_ike_port()
{
	gw python3 "$SELFTESTS/traffic.py" send "$1" 4500 "$2" --source $GW_INNER \
		--sport 4500 > "$TMP/ike-port.log" || fail "$(cat "$TMP/ike-port.log")"
}

# Key negotiation passes the crypto map for the sake of the peer it is with; who is
# behind the tunnel of another is spoken to through that one.
ike_behind_dropped()
{
	local before
	before=$(drop_count no-sa)
	from_ike_port $CLIENT_INNER 3
	check_eq "packets dropped for want of an association" \
		$(($(drop_count no-sa) - before)) 3
}

ike_behind_protected()
{
	local before
	before=$(sa_stat out packets)
	udp_sink sink "$CLIENT" 4500
	from_ike_port $CLIENT_INNER 3
	check_eq "packets sealed" $(($(sa_stat out packets) - before)) 3
	busywait 10 three_arrived || fail "arrived: $(cat "$TMP/sink.log")"
	bg_stop sink
}

three_arrived()
{
	[[ $(numbers sink | wc -l) -eq 3 ]]
}

# An entry that protects all that goes to the peer itself: negotiation with it goes
# past, whether there is an association or not, and nothing else.
ike_with_peer()
{
	local before sealed
	config | sed -e "/^access-list 102/s/$CLIENT_INNER/$CLIENT_OUTER/" \
		-e "/^access-list 101 deny/s/10.2.1.0 0.0.0.255/host $CLIENT_OUTER/" |
		load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	# one that no one listens for is answered, and the next one not sent
	udp_sink sink "$CLIENT" 4500
	before=$(captured wire "udp and src $GW_INNER and dst port 4500")
	sealed=$(sa_stat out packets)
	from_ike_port $CLIENT_OUTER 3
	check_eq "packets on the wire" \
		$(($(captured wire "udp and src $GW_INNER and dst port 4500") - before)) 3
	check_eq "packets sealed" $(($(sa_stat out packets) - sealed)) 0
	gwctl clear crypto sa > /dev/null
	from_ike_port $CLIENT_OUTER 3
	check_eq "packets on the wire without an association" \
		$(($(captured wire "udp and src $GW_INNER and dst port 4500") - before)) 6
	before=$(drop_count no-sa)
	gw ping -n -q -c 2 -i 0.2 -W 1 -I $GW_INNER $CLIENT_OUTER > /dev/null
	check_eq "other packets dropped" $(($(drop_count no-sa) - before)) 2
	bg_stop sink
}

nat_goes_on()
{
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
}

load_restores()
{
	local before
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	# both ends begin to count anew
	setup_client_sas
	before=$(drop_count no-sa)
	check_eq "associations" "$(sa_count)" 2
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_eq "packets dropped" $(($(drop_count no-sa) - before)) 0
}

# An unchanged configuration keeps associations with their counters, so that
# the peer's replay window goes on.
reload_keeps()
{
	local in out conn
	in=$(sa_stat in packets)
	out=$(sa_stat out packets)
	conn=$(sa_stat out conn_id)
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	check_eq "packets in" "$(sa_stat in packets)" "$in"
	check_eq "packets out" "$(sa_stat out packets)" "$out"
	check_eq "connection identity" "$(sa_stat out conn_id)" "$conn"
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

no_clear()
{
	check_no_clear
}

run_tests "
	works_before		the tunnel works
	clear_removes		clear crypto sa removes both associations and says so
	outbound_dropped	protected traffic is dropped and counted
	acquire_told		listeners are told what is wanted, at a limited rate
	inbound_dropped		the peer's packets are dropped and counted
	ike_behind_dropped	negotiation with who is behind a tunnel is dropped without it
	nat_goes_on		other traffic goes on
	load_restores		loading again restores the tunnel
	reload_keeps		loading the same keeps associations and counters
	ike_behind_protected	negotiation with who is behind a tunnel goes through it
	ike_with_peer		negotiation with the peer itself goes past its entry
	no_clear		nothing protected was in clear on the wire
"
