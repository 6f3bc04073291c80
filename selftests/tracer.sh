#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# vpnctl packet-tracer: what it says of a packet comes true, it changes nothing,
# and it names the line that decided.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
ip -n "$INSIDE" addr add 10.2.2.6/24 dev eth0
ip -n "$OUTSIDE" route replace 10.2.2.0/24 via $GW_OUTER
# packets for the pool arrive, also where no rule uses it and ARP is not answered
ip -n "$OUTSIDE" neigh replace 201.70.32.155 dev eth0 \
	lladdr "$(mac_of "$GW" Ethernet0)" nud permanent
COUNT=${TRACER_COUNT:-25}

all_counters()
{
	gwctl show access-lists
	gwctl show route-map
	gwctl show ip nat statistics
	gwctl show ip nat translations
	gwctl show drops
	gwctl show crypto map
	gwctl --json show crypto ipsec sa | grep -vE '"(age|idle|mtu)"'
}

changes_nothing()
{
	local before i
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	check_ping "$CLIENT" $INSIDE_ADDR 1
	before=$(all_counters)
	for i in 1 2 3; do
		gwctl packet-tracer input Serial1 tcp 10.2.2.5 $((1000 + i)) $OUTSIDE_ADDR 80
		gwctl packet-tracer input Serial1 udp 10.2.2.5 $((1000 + i)) $CLIENT_INNER 80
		gwctl packet-tracer input Serial1 icmp 10.2.2.6 10.2.1.77
		gwctl packet-tracer input Ethernet0 tcp $OUTSIDE_ADDR 80 201.70.32.155 $((1000 + i))
		gwctl packet-tracer input Ethernet0 icmp $CLIENT_INNER 10.2.2.5
	done > "$TMP/traces.log" 2>&1
	check_eq "what there is" "$(all_counters)" "$before"
}

lines()
{
	local text
	text=$(gwctl packet-tracer input Serial1 tcp 10.2.2.5 1024 $OUTSIDE_ADDR 80)
	check_match "translated" "$text" 'NAT +source becomes 201\.70\.32\.1[56][0-9]'
	check_match "translated: rule" "$text" 'line [0-9]+: ip nat inside source route-map nonat'
	check_match "translated: entry" "$text" 'line [0-9]+: access-list 101 permit'
	check_match "translated: result" "$text" 'Result: forwarded, in clear'
	text=$(gwctl packet-tracer input Serial1 tcp 10.2.2.5 1024 $CLIENT_INNER 80 length 1000)
	check_match "exempt" "$text" 'NAT +exempt'
	check_match "exempt: entry" "$text" 'line [0-9]+: access-list 101 deny'
	check_match "exempt: crypto" "$text" 'protected: spi 0xBF58DE36, .*, to 201\.70\.32\.82'
	check_match "exempt: crypto entry" "$text" 'line [0-9]+: access-list 102 permit'
	check_match "exempt: result" "$text" 'Result: forwarded, encrypted'
	text=$(gwctl packet-tracer input Serial1 tcp 10.2.2.5 1024 $CLIENT_INNER 80 length 1500 df)
	check_match "too big" "$text" 'Result: dropped, '
	text=$(gwctl packet-tracer input Ethernet0 tcp $CLIENT_INNER 1024 10.2.2.5 80)
	check_match "clear text" "$text" 'Result: dropped, clear-protected'
	check_fails "an ICMP error" gwctl packet-tracer input Serial1 icmp 10.2.2.5 3 1 $OUTSIDE_ADDR
	check_fails "no such interface" gwctl packet-tracer input Serial7 icmp 10.2.2.5 $OUTSIDE_ADDR
}

# What is dropped for want of an address, and what no rule is asked about.
without_nat()
{
	local text
	check "load" load_config <<< "$(config | sed 's/201.70.32.150 201.70.32.160/201.70.32.155 201.70.32.155/')"
	gwctl clear ip nat translation all
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.6
	text=$(gwctl packet-tracer input Serial1 tcp 10.2.2.5 1024 $OUTSIDE_ADDR 80)
	check_match "pool exhausted" "$text" 'NAT +no address left in pool outsidepool'
	check_match "pool exhausted: rule" "$text" 'line [0-9]+: ip nat inside source'
	check_match "pool exhausted: result" "$text" 'Result: dropped, nat-pool-exhausted'
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.5
	check_eq "and so it is" "$(drop_count nat-pool-exhausted)" 1
	# from outside to outside
	text=$(gwctl packet-tracer input Ethernet0 tcp $ROUTER_ADDR 1024 $OUTSIDE_ADDR 80)
	check_match "not a candidate" "$text" 'NAT +not from an inside to an outside interface'
	check_match "not a candidate: result" "$text" 'Result: forwarded, in clear'
	check "load" load_config <<< "$(config)"
}

# Each packet of a capture, as if it had been described by hand.
of_a_capture()
{
	local text n words
	capture serial "$GW" Serial1 -Q in || { fail "no capture"; return; }
	CAPTURE_MARKER[serial]=$INSIDE
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	check_ping "$INSIDE" $CLIENT_INNER 2
	check_ping "$INSIDE" $GW_INNER 1
	echo x | inside socat -u - UDP4-SENDTO:$OUTSIDE_ADDR:7,sourceport=5000
	capture_stop serial
	tcpdump -r "$TMP/serial.pcap" -w "$TMP/ip.pcap" 'ip and not udp port 9' 2> /dev/null
	gwctl packet-tracer input Serial1 --pcap "$TMP/ip.pcap" > "$TMP/traced"
	check_eq "summary" "$(tail -n 1 "$TMP/traced")" \
		"6 packets: 3 in clear, 2 encrypted, 1 delivered here, 0 dropped, 0 not traced"
	check_match "one of them" "$(cat "$TMP/traced")" \
		"^Packet 6: udp $INSIDE_ADDR 5000 $OUTSIDE_ADDR 7\$"
	gwctl --json packet-tracer input Serial1 --pcap "$TMP/ip.pcap" > "$TMP/traced.json"
	n=$(jq '.packets | length' "$TMP/traced.json")
	check_eq "packets" "$n" 6
	while IFS=$'\t' read -r text words; do
		# shellcheck disable=SC2086	# a list of words
		check_eq "$words" "$(gwctl --json packet-tracer input Serial1 $words |
			jq -Sc 'del(.translation, .global_port)')" "$text"
	done < <(jq -r '.packets[] | [(del(.number, .proto, .src, .dst, .sport, .dport, .id,
		.translation, .global_port) | tojson),
		if .proto == 17 then "udp \(.src) \(.sport) \(.dst) \(.dport)"
		else "icmp \(.src) \(.dst) id \(.id)" end] | @tsv' "$TMP/traced.json" |
		while IFS=$'\t' read -r text words; do
			printf '%s\t%s\n' "$(jq -Sc . <<< "$text")" "$words"
		done)
	# what is in clear from outside, and what cannot be traced
	capture_sync wire
	tcpdump -r "$TMP/wire.pcap" -w "$TMP/odd.pcap" -c 4 'arp or proto 50' 2> /dev/null
	check_eq "ARP and ESP" "$(gwctl packet-tracer input Ethernet0 --pcap "$TMP/odd.pcap" |
		tail -n 1)" \
		"4 packets: 0 in clear, 0 encrypted, 0 delivered here, 0 dropped, 4 not traced"
	check_fails "no capture" gwctl packet-tracer input Serial1 --pcap "$TMP/gateway.conf"
	check_fails "packet and capture" gwctl packet-tracer input Serial1 icmp $INSIDE_ADDR \
		$OUTSIDE_ADDR --pcap "$TMP/ip.pcap"
	check_fails "neither" gwctl packet-tracer input Serial1
}

# comes_true SEED SED-SCRIPT [PROTOCOL...]: under that edit of the deployment. Not at
# the end of a pipe: what fails there is not heard of.
comes_true()
{
	local seed=$1
	config | sed "$2" > "$TMP/edited.conf"
	shift 2
	check "load" gwctl load "$TMP/edited.conf"
	gwctl clear ip nat translation all
	check "packets" python3 "$SELFTESTS/tracer.py" "$GW" "$INSIDE" "$OUTSIDE" "$WIRE" "$seed" \
		"$COUNT" "$@"
}

deployment()
{
	comes_true 1 ''
}

no_exemption()
{
	comes_true 2 '/^access-list 101 deny/d'
}

small_pool()
{
	comes_true 3 's/201.70.32.150 201.70.32.160/201.70.32.155 201.70.32.155/'
}

by_list()
{
	comes_true 4 's/source route-map nonat/source list 101/
		s/^access-list 101 permit.*/access-list 101 permit tcp 10.2.2.0 0.0.0.255 any eq www/'
}

# Two hosts cannot share an address by a protocol without ports, which is not
# known before the second one tries: nat-clash.
overload()
{
	comes_true 5 's/^\(ip nat inside source\).*/\1 list 101 interface Ethernet0 overload/' \
		tcp udp icmp
}

no_association()
{
	config > "$TMP/edited.conf"
	check "load" gwctl load "$TMP/edited.conf"
	gwctl clear crypto sa
	check "packets" python3 "$SELFTESTS/tracer.py" "$GW" "$INSIDE" "$OUTSIDE" "$WIRE" 6 "$COUNT"
}

run_tests "
	changes_nothing	tracing changes no counter and no state
	lines		the lines that decided
	without_nat	an exhausted pool, and no candidate for translation
	of_a_capture	--pcap: each packet of a capture
	deployment	random packets, the deployment
	no_exemption	random packets, without the exemption
	small_pool	random packets, a pool of one address
	by_list		random packets, simple translations of one port
	overload	random packets, overload on the interface
	no_association	random packets, no association
"
