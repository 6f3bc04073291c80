#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Numbered packets both ways while the client renews its associations again and
# again, and while vpnd is killed at random moments, in the middle of that, too:
# none is lost, none comes twice, none is in clear. Then the same client on a
# network that loses, repeats and reorders packets: it connects all the same.
#
# Environment:
#	IKE_KILLS	how often vpnd is killed, default 8
#
# timeout: 900

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat tc
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

REKEYS=8
KILLS=${IKE_KILLS:-8}
ROUNDS=6

created()
{
	grep -c "Creating IPSec SAs" "$TMP/vpnd.log"
}

# all_once NAME COUNT: every number from 1 has come, once
all_once()
{
	check_eq "$1: numbers that came" "$(numbers "$1" | tr '\n' ' ')" \
		"$(seq 1 "$2" | tr '\n' ' ')"
}

capture wire "$WIRE" br0 || exit 1
configure || exit 1

rekey()
{
	local i n
	start_charon
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	udp_sink inside-sink "$INSIDE" 7001
	udp_sink client-sink "$CLIENT" 7002
	bg to-inside ip netns exec "$CLIENT" python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR \
		7001 100000 --interval 0.02
	bg to-client ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER \
		7002 100000 --interval 0.02
	busywait 5 said client-sink "got 5 "
	for ((i = 1; i <= REKEYS; i++)); do
		check "rekey $i" swan --rekey --child net
		busywait 10 eval '[[ $(created) -eq $((i + 1)) ]]' || fail "rekey $i: no SAs"
		n=$(numbers client-sink | tail -n 1)
		busywait 10 said client-sink "got $((n + 10)) " || fail "no packets after rekey $i"
	done
	bg_stop to-inside INT
	bg_stop to-client INT
	n=$(grep -c ^sent "$TMP/to-inside.log")
	busywait 5 said inside-sink "got $n "
	all_once inside-sink "$n"
	n=$(grep -c ^sent "$TMP/to-client.log")
	busywait 5 said client-sink "got $n "
	all_once client-sink "$n"
	bg_stop inside-sink
	bg_stop client-sink
	check_eq "drops" "$(drops)" ""
	disconnect
	[[ ! $subtest_failed ]] || show_logs
}

# the daemon dies and comes back: packets go on, and so does phase 1
killed()
{
	local i n before
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	udp_sink inside-sink "$INSIDE" 7001
	udp_sink client-sink "$CLIENT" 7002
	bg to-inside ip netns exec "$CLIENT" python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR \
		7001 100000 --interval 0.02
	bg to-client ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER \
		7002 100000 --interval 0.02
	busywait 5 said client-sink "got 5 "
	for ((i = 1; i <= KILLS; i++)); do
		# each fifth time in the middle of a rekey
		[[ $((i % 5)) -ne 4 ]] || swan --rekey --child net > /dev/null 2>&1
		sleep "0.$((RANDOM % 900 + 100))"
		bg_stop vpnd KILL
		start_vpnd
		check_match "vpnd $i" "$(cat "$TMP/vpnd.log")" \
			"[1-9][0-9]* pairs of SAs of an earlier vpnd go on"
		n=$(numbers client-sink | tail -n 1)
		busywait 10 said client-sink "got $((n + 10)) " || fail "no packets after kill $i"
		[[ ! $subtest_failed ]] || break
	done
	before=$(created)
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(created) -gt '$((before))' ]]' || fail "rekey: no SAs"
	n=$(numbers client-sink | tail -n 1)
	busywait 10 said client-sink "got $((n + 10)) " || fail "no packets after the rekey"
	bg_stop to-inside INT
	bg_stop to-client INT
	n=$(grep -c ^sent "$TMP/to-inside.log")
	busywait 5 said inside-sink "got $n "
	all_once inside-sink "$n"
	n=$(grep -c ^sent "$TMP/to-client.log")
	busywait 5 said client-sink "got $n "
	all_once client-sink "$n"
	bg_stop inside-sink
	bg_stop client-sink
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	check_eq "associations" "$(sa_count)" 0
	check_eq "its route" "$(gw ip route show 10.2.1.1)" ""
	[[ ! $subtest_failed ]] || show_logs
}

# a tenth of all packets of either side is lost, some come twice or late
bad_network()
{
	local i ok=0
	ip netns exec "$CLIENT" tc qdisc add dev eth0 root netem loss 10% duplicate 5% \
		delay 20ms 10ms
	ip netns exec "$GW" tc qdisc add dev Ethernet0 root netem loss 10% duplicate 5% \
		delay 20ms 10ms
	for ((i = 1; i <= ROUNDS; i++)); do
		connect des-md5-modp768 des-md5 no && ok=$((ok + 1))
		swan --terminate --ike gw > /dev/null 2>&1
	done
	ip netns exec "$CLIENT" tc qdisc del dev eth0 root
	ip netns exec "$GW" tc qdisc del dev Ethernet0 root
	check_eq "connections of $ROUNDS" "$ok" "$ROUNDS"
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear
}

run_tests "
	rekey			no packet is lost in $REKEYS rekeys
	killed			none either when vpnd is killed $KILLS times
	bad_network		connections on a network that loses a tenth
	no_clear		nothing protected was in clear on the wire
"
