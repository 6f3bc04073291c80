#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Ports of a global address that inside hosts share: a flow whose port is taken gets
# another one of the same class while there is one, however few are left, and is
# dropped under a name, not sent as it is, when there is none.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
OTHER_ADDR=10.2.2.6
GLOBAL=201.70.32.150
ip -n "$INSIDE" addr add $OTHER_ADDR/24 dev eth0

shared_config()
{
	config | sed -E "s/^(ip nat pool outsidepool) [^ ]+ [^ ]+/\1 $GLOBAL $GLOBAL/
		s/^ip nat inside source .*/& overload/"
}

# flows SOURCE FIRST N: a datagram to the outside host from each of N ports
flows()
{
	inside python3 - "$SELFTESTS" "$1" $OUTSIDE_ADDR "$2" "$3" <<-'EOT'
		import sys
		sys.path.insert(0, sys.argv[1])
		from packets import UDP, ip, raw_socket, transport
		src, dst, first, n = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
		sock = raw_socket()
		for port in range(first, first + n):
		    flow = (UDP, src, port, dst, 9)
		    sock.sendto(ip(src, dst, UDP, transport(flow, b"x"), port), (dst, 0))
	EOT
}

# used: global ports of flows to the outside host, one per line
used()
{
	gwctl show ip nat translations | awk '$1 == "udp" { sub(/.*:/, "", $2); print $2 }'
}

total()
{
	used | wc -l
}

# Where each flow asks for many ports, packets wait for those before them.
# all_there N [REFUSED]: so many flows there are, and since begin got no port
all_there()
{
	busywait 60 eval "[[ \$(total) -eq $1 && \$((\$(drop_count nat-pool-exhausted) - refused)) -eq ${2:-0} ]]"
	check_eq "flows" "$(total)" "$1"
	refusals "${2:-0}"
}

# place_of ADDRESS PORT: global address and port of a flow to the outside host
place_of()
{
	gwctl show ip nat translations | awk -v local="$1:$2" '$3 == local { print $2 }'
}

begin()
{
	gwctl clear ip nat translation '*' > /dev/null
	refused=$(drop_count nat-pool-exhausted)
}

# refusals N: flows that got no port since begin
refusals()
{
	check_eq "flows without a port" $(($(drop_count nat-pool-exhausted) - refused)) "$1"
}

# class LO HI: all of them go, to one host or to two; then there is none
class()
{
	local lo=$1 n=$(($2 - $1 + 1)) half
	half=$((n / 2))
	begin
	flows $INSIDE_ADDR "$lo" $half
	flows $OTHER_ADDR "$lo" $((n - half))
	check_eq "flows" "$(total)" $n
	refusals 0
	check_eq "ports, each of them once" "$(used | sort -nu | sed -n '1p;$p' | xargs)" "$lo $2"
	check_eq "ports, each of them" "$(used | sort -u | wc -l)" $n
	flows $OTHER_ADDR $(($2 - 2)) 3
	check_eq "flows when no port is left" "$(total)" $n
	refusals 3
}

# A port that ends is the one that the next flow gets.
last_port()
{
	local port
	begin
	flows $INSIDE_ADDR 512 512
	port=$((512 + RANDOM % 512))
	gwctl clear ip nat translation udp inside $GLOBAL $port $INSIDE_ADDR $port \
		outside $OUTSIDE_ADDR 9 $OUTSIDE_ADDR 9 > /dev/null
	check_eq "flows" "$(total)" 511
	flows $OTHER_ADDR 700 1
	refusals 0
	check_match "the flow that came last" "$(gwctl show ip nat translations)" \
		"$GLOBAL:$port +$OTHER_ADDR:700"
}

lowest_class()
{
	class 1 511
}

second_class()
{
	class 512 1023
}

# The first 61,275 ports stand in one row, and 19 of 20 are taken.
crowded()
{
	begin
	flows $INSIDE_ADDR 1024 61275
	check_eq "flows" "$(total)" 61275
	flows $OTHER_ADDR 2000 500
	refusals 0
	check_eq "flows" "$(total)" 61775
	check_eq "ports" "$(used | sort -u | wc -l)" 61775
	check_eq "ports of another class" "$(used | awk '$1 < 1024' | wc -l)" 0
}

# The rest of the ports, to the last one; one that ends then is found among 64,512.
to_the_last()
{
	local port
	flows $OTHER_ADDR 3000 $((64512 - 61775))
	all_there 64512
	flows $OTHER_ADDR 8000 3
	all_there 64512 3
	# while it is known that there is none, and when that has to be found out anew
	for port in $((1024 + RANDOM % 60000)) $((1024 + RANDOM % 60000)); do
		gwctl clear ip nat translation udp inside $GLOBAL "$port" $INSIDE_ADDR "$port" \
			outside $OUTSIDE_ADDR 9 $OUTSIDE_ADDR 9 > /dev/null
		check_eq "flows without one that has ended" "$(total)" 64511
		flows $OTHER_ADDR 9000 1
		all_there 64512 3
		check_eq "the flow that came last" "$(place_of $OTHER_ADDR 9000)" "$GLOBAL:$port"
		gwctl clear ip nat translation udp inside $GLOBAL "$port" $OTHER_ADDR 9000 \
			outside $OUTSIDE_ADDR 9 $OUTSIDE_ADDR 9 > /dev/null
		flows $INSIDE_ADDR "$port" 1
		all_there 64512 3
		sleep 2
	done
}

# Eighteen addresses with all their ports taken, and then one of them with a port: which
# of them that is does not matter.
many_addresses()
{
	local n address port
	local -a hosts=()
	for n in {40..57}; do
		echo "addr add 10.2.2.$n/24 dev eth0"
	done | ip -n "$INSIDE" -batch -
	for n in {40..57}; do
		hosts+=("10.2.2.$n")
	done
	check "load" load_config <<< "$(config | sed -E "s/^(ip nat pool outsidepool) [^ ]+ [^ ]+/\1 $GLOBAL 201.70.32.167/
		s/^ip nat inside source .*/& overload/")"
	begin
	for n in "${hosts[@]}"; do
		flows "$n" 1 511
	done
	check_eq "flows" "$(total)" $((18 * 511))
	flows $OTHER_ADDR 1 1
	refusals 1
	for address in 150 167 158; do
		port=$((1 + RANDOM % 511))
		n=$(xlates | awk -v ig=201.70.32.$address -v port=$port '$4 == ig && $5 == port { print $2, $3 }')
		gwctl clear ip nat translation udp inside 201.70.32.$address $port \
			"${n% *}" "${n#* }" outside $OUTSIDE_ADDR 9 $OUTSIDE_ADDR 9 > /dev/null
		# who finds none at as many addresses as one packet may ask sends another
		flows $OTHER_ADDR $address 1
		flows $OTHER_ADDR $address 1
		check_eq "the flow that came last" "$(place_of $OTHER_ADDR $address)" \
			201.70.32.$address:$port
	done
	check_eq "flows" "$(total)" $((18 * 511))
}

# The gateway shares the address with its hosts, and its own services stay where they are.
own_services()
{
	check "load" load_config <<< "$(config | sed "s/^ip nat inside source .*/ip nat inside source list 1 interface Ethernet0 overload/
		/^access-list 101 deny/i \\
access-list 1 permit any")"
	bg tcp ip netns exec "$GW" socat -u SYSTEM:"echo hello" TCP4-LISTEN:8022,reuseaddr
	busywait 10 listening "$GW" -t 8022 || fail "no listener"
	check_eq "what the outside host reads" \
		"$(outside socat -u -T 5 TCP4:$GW_OUTER:8022,connect-timeout=5 - 2>&1)" hello
	bg_stop tcp
	udp_echo udp "$GW" 7020
	outside python3 "$SELFTESTS/traffic.py" send $GW_OUTER 7020 2 --sport 6000 --replies 2 \
		> "$TMP/send.log"
	check_eq "replies" "$(grep -c ^reply "$TMP/send.log")" 2
	check_eq "from the port that was asked" \
		"$(captured wire "udp and src $GW_OUTER and src port 7020 and dst port 6000")" 2
	# which is no inside host's
	outside python3 "$SELFTESTS/traffic.py" sink 6001 > "$TMP/sink.log" 2>&1 &
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 6001 1 --sport 7020 > /dev/null
	kill $!
	wait $! 2> /dev/null
	check_match "an inside host with that port" "$(xlates)" "^udp $INSIDE_ADDR 7020 $GW_OUTER "
	check_no_match "an inside host with that port" "$(xlates)" \
		"^udp $INSIDE_ADDR 7020 $GW_OUTER 7020 "
	bg_stop udp
}

nothing_untranslated()
{
	check_eq "inside addresses on the wire" \
		"$(captured wire "udp and (src $INSIDE_ADDR or src $OTHER_ADDR)")" 0
	check_eq "other drops" "$(drops | grep -v '^nat-pool-exhausted ')" ""
}

shared_config | load_config > "$TMP/load.log" 2>&1 || diag "load: $(cat "$TMP/load.log")"

run_tests "
	lowest_class		each port below 512 is given away, and no other
	second_class		each port from 512 to 1023 is given away, and no other
	last_port		the only free port is found
	crowded			flows get ports while one in twenty is free
	to_the_last		the last of 64,512 ports is found, and no other
	many_addresses		a port is found at any of eighteen addresses
	own_services		the gateway's own services keep their ports
	nothing_untranslated	nothing left untranslated
"
