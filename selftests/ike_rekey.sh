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
#	IKE_SECONDS	how long the client renews by itself, each 3 s, default 20
#
# timeout: 1800

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
RENEWAL=${IKE_SECONDS:-20}
ROUNDS=6

created()
{
	grep -c "Creating IPSec SAs" "$TMP/vpnd.log"
}

# all_once NAME COUNT: every number from 1 has come, once
all_once()
{
	local differ
	differ=$(diff <(seq 1 "$2") <(numbers "$1") | grep '^[<>]')
	check_eq "$1: numbers lost (<) or doubled (>) of $2" \
		"$(head -n 20 <<< "$differ" | tr '\n' ' ')" " "
	check_num "$1: numbers" "$2" -ge 20
}

# flow_start: numbers both ways, until flow_end
flow_start()
{
	udp_sink inside-sink "$INSIDE" 7001
	udp_sink client-sink "$CLIENT" 7002
	bg to-inside ip netns exec "$CLIENT" python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR \
		7001 100000 --interval 0.02
	bg to-client ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER \
		7002 100000 --interval 0.02
	busywait 5 said client-sink "got 5 " || fail "no packets at all"
}

# flow_goes_on WHEN: ten more have come
flow_goes_on()
{
	local n
	# a whole line, since the last one is being written
	n=$(tail -n 2 "$TMP/client-sink.log" | awk '/^got/ { print $2; exit }')
	busywait 10 said client-sink "got $((n + 10)) " || fail "no packets $1"
}

# flow_end: all that was sent has come
flow_end()
{
	local n sink sender
	bg_stop to-inside INT
	bg_stop to-client INT
	for sink in inside client; do
		sender=to-$sink
		n=$(grep -c ^sent "$TMP/$sender.log")
		busywait 5 said "$sink-sink" "got $n "
		all_once "$sink-sink" "$n"
		bg_stop "$sink-sink"
	done
}

capture wire "$WIRE" br0 || exit 1
configure || exit 1

rekey()
{
	local i
	start_charon
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	flow_start
	for ((i = 1; i <= REKEYS; i++)); do
		check "rekey $i" swan --rekey --child net
		busywait 10 eval '[[ $(created) -eq $((i + 1)) ]]' || fail "rekey $i: no SAs"
		flow_goes_on "after rekey $i"
	done
	flow_end
	check_eq "drops" "$(drops)" ""
	disconnect
	[[ ! $subtest_failed ]] || show_logs
}

# The client's own clock: a new pair each 3 s, the old one ends 6 s later. It tells
# us of both, so what there is at any time stays few.
renewal()
{
	local end n
	start_vpnd
	# shellcheck disable=SC2034	# of ike_lib.sh
	SWAN_CHILD="rekey_time = 3s
		rand_time = 0s
		life_time = 9s"
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	SWAN_CHILD=
	flow_start
	end=$((SECONDS + RENEWAL))
	while [[ $SECONDS -lt $end && ! $subtest_failed ]]; do
		n=$(created)
		busywait 10 eval '[[ $(created) -gt $n ]]' || fail "no renewal after $n pairs"
		flow_goes_on "after $n pairs"
		check_num "associations" "$(sa_count)" -le 16
	done
	flow_end
	n=$(created)
	diag "$n pairs in $RENEWAL s"
	check_num "pairs in $RENEWAL s" "$n" -ge $((RENEWAL / 6))
	check_eq "drops" "$(drops)" ""
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	check_eq "associations at the end" "$(sa_count)" 0
	[[ ! $subtest_failed ]] || show_logs
}

# vpnctl loads other configurations, and one that is wrong, while the client is there
reloaded()
{
	local i before
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	flow_start
	before=$(sas spi conn_id | sort)
	for ((i = 1; i <= 5; i++)); do
		sed -i "s/^access-list 101 permit/access-list 101 deny ip 10.2.2.0 0.0.0.255 10.2$i.0.0 0.0.255.255\n&/
			s/^crypto isakmp key/crypto isakmp policy 1$i\n hash md5\n authentication pre-share\n&/" \
			"$TMP/ike.conf"
		check "load $i" gwctl --run-dir "$TMP" load "$TMP/ike.conf"
		flow_goes_on "after load $i"
		check_match "policies" "$(ask "show crypto isakmp policy")" "priority 1$i"
		check_eq "entries" "$(gwctl show access-lists 101 --json | members seq | wc -l)" $((2 + i))
	done
	echo "access-list 101 permti ip any any" >> "$TMP/ike.conf"
	check_fails "a wrong one" gwctl --run-dir "$TMP" load "$TMP/ike.conf"
	flow_goes_on "after the wrong one"
	check_eq "associations" "$(sas spi conn_id | sort)" "$before"
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(created) -eq 2 ]]' || fail "rekey: no SAs"
	flow_goes_on "after the rekey"
	flow_end
	check_eq "drops" "$(drops)" ""
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	[[ ! $subtest_failed ]] || show_logs
}

# the daemon dies and comes back: packets go on, and so does phase 1
killed()
{
	local i before
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	flow_start
	for ((i = 1; i <= KILLS; i++)); do
		# each fifth time in the middle of a rekey
		[[ $((i % 5)) -ne 4 ]] || swan --rekey --child net > /dev/null 2>&1
		sleep "0.$((RANDOM % 500 + 100))"
		bg_stop vpnd KILL
		run_vpnd
		check_match "vpnd $i" "$(cat "$TMP/vpnd.log")" \
			"[1-9][0-9]* pairs of SAs of an earlier vpnd go on"
		flow_goes_on "after kill $i"
		[[ ! $subtest_failed ]] || break
	done
	before=$(created)
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(created) -gt '$((before))' ]]' || fail "rekey: no SAs"
	flow_goes_on "after the rekey"
	flow_end
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	# an inbound one that a kill left between two messages waits for its limit, or for
	# the daemon's end (see orphan() in state.c)
	check_eq "outbound associations" "$(sas direction spi | grep -c ^out)" 0
	check_num "associations" "$(sa_count)" -le $((1 + KILLS / 20))
	bg_stop vpnd TERM
	check_eq "associations after vpnd" "$(sa_count)" 0
	check_eq "its route" "$(gw ip route show 10.2.1.1)" ""
	[[ ! $subtest_failed ]] || show_logs
}

# a tenth of all packets of either side is lost, some come twice or late
bad_network()
{
	local i ok=0
	start_vpnd
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
	renewal			nor in $RENEWAL s of a client that renews each 3 s
	reloaded		nor when vpnctl loads another configuration
	killed			none either when vpnd is killed $KILLS times
	bad_network		connections on a network that loses a tenth
	no_clear		nothing protected was in clear on the wire
"
