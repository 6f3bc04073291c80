#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# A configuration is loaded over the one in force: what the change does not
# concern goes on, and nothing that must not happen twice begins anew.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0

# Another copy of the DF bit is a change of both associations, not of their keys.
changed()
{
	config | sed 's/^crypto map intmap 10/crypto ipsec df-bit set\n&/'
}

# the sequence numbers that went out on the wire, in their order
sequence_out()
{
	capture_sync wire
	tcpdump -n -r "$TMP/wire.pcap" "esp and src $GW_OUTER" 2>/dev/null |
		sed -n 's/.*seq=0x\([0-9a-f]*\).*/\1/p' | while read -r hex; do
			echo $((16#$hex))
		done
}

numbers_go_on()
{
	local before conn
	check_ping "$CLIENT" $INSIDE_ADDR 5
	conn=$(sa_stat out conn_id)
	before=$(sequence_out | wc -l)
	check_eq "ESP packets out" "$before" 5
	check "load" load_config <<< "$(changed)"
	check_num "connection" "$(sa_stat out conn_id)" -ne "$conn"
	check_ping "$CLIENT" $INSIDE_ADDR 5
	check_eq "numbers used twice" "$(sequence_out | sort -n | uniq -d)" ""
	check_eq "numbers in their order" "$(sequence_out)" "$(sequence_out | sort -n)"
	check_eq "of them" "$(sequence_out | wc -l)" 10
}

# The peer's packets of before are known, under the new association too.
window_stays()
{
	local n
	gwctl clear drops > /dev/null
	capture_sync wire
	outside python3 - "$TMP/wire.pcap" $CLIENT_OUTER $GW_OUTER > "$TMP/again.log" 2>&1 <<-'EOT'
		import socket, struct, sys
		raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
		src, dst = map(socket.inet_aton, sys.argv[2:4])
		packets = []
		with open(sys.argv[1], "rb") as f:
		    f.read(24)
		    while len(head := f.read(16)) == 16:
		        data = f.read(struct.unpack("=IIII", head)[2])[14:]
		        if data[9] == 50 and data[12:16] == src and data[16:20] == dst:
		            packets.append(data)
		for data in packets:
		    raw.sendto(data, (sys.argv[3], 0))
		print(len(packets))
	EOT
	check_eq "packets sent again" "$(cat "$TMP/again.log")" 10
	busywait 10 eval '[[ $(drop_count esp-replay) -ge 10 ]]'
	check_eq "replays" "$(drop_count esp-replay)" 10
	n=$(captured inside "icmp[0] == 8 and src $CLIENT_INNER")
	check_eq "pings that the inside host has had" "$n" 10
}

# Other keys have had no numbers: they begin with the first.
other_keys()
{
	local enc_in=$ENC_KEY_IN enc_out=$ENC_KEY_OUT
	ENC_KEY_IN=1122334455667788 ENC_KEY_OUT=8877665544332211
	setup_client_sas
	check "load" load_config <<< "$(config)"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_eq "the last numbers out" "$(sequence_out | tail -n 3 | xargs)" "1 2 3"
	ENC_KEY_IN=$enc_in ENC_KEY_OUT=$enc_out
	gwctl clear crypto sa > /dev/null
	setup_client_sas
	check "load" load_config <<< "$(config)"
}

# A flow keeps its translation if the new rules would give it the same one.
translations_stay()
{
	local before
	udp_echo echo "$OUTSIDE" 7000
	bg send ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR \
		7000 200 --sport 5004 --interval 0.01 --replies 3
	busywait 10 eval '[[ $(xlates | grep -c "udp $INSIDE_ADDR 5004") == 1 ]]' ||
		fail "no translation"
	before=$(xlates | grep "udp $INSIDE_ADDR 5004")
	for _ in 1 2 3; do
		check "load" load_config <<< "$(config | sed "/^access-list 101 permit/i \
			access-list 101 deny ip 10.2.2.0 0.0.0.255 172.16.$((RANDOM % 256)).0 0.0.0.255")"
	done
	bg_wait send 30 || fail "$(tail -n 3 "$TMP/send.log")"
	bg_stop echo
	check_eq "translation" "$(xlates | grep "udp $INSIDE_ADDR 5004")" "$before"
	check_eq "datagrams that the outside host has had" \
		"$(grep -c '^got' "$TMP/echo.log")" 200
	check_eq "and answers" "$(grep -c '^reply' "$TMP/send.log")" 200
}

# by_rule LIST-LINE RULE: the deployment with this list 103, and this rule for its own
by_rule()
{
	config | sed "s/^ip nat inside source .*/$2/
		/^access-list 101 deny/i \\
access-list 103 $1"
}

# outside_first PROTO PORT [OPTION...]: a host calls, the same text is loaded again, and
# the outside host is the first to send after that
outside_first()
{
	local proto=$1 port=$2
	shift 2
	rm -f "$TMP/go"
	check "load" gwctl load "$TMP/gateway.conf"
	gwctl clear ip nat translation '*' > /dev/null
	bg server ip netns exec "$OUTSIDE" python3 "$SELFTESTS/late.py" listen "$proto" "$port" \
		1 "$TMP/go" --bind $OUTSIDE_ADDR
	busywait 10 said server listening || fail "no server"
	bg caller ip netns exec "$INSIDE" python3 "$SELFTESTS/late.py" call "$proto" \
		$OUTSIDE_ADDR "$port" "$@"
	busywait 20 said server "open 1" || fail "no connection: $(cat "$TMP/caller.log")"
	check "load" gwctl load "$TMP/gateway.conf"
	touch "$TMP/go"
	bg_wait caller 30
	check_match "what the inside host hears after the reload" "$(cat "$TMP/caller.log")" \
		"heard late"
	bg_stop server
}

# An entry for a host is judged by the packet in hand, which has a protocol.
simple_entry_stays()
{
	by_rule "permit tcp 10.2.2.0 0.0.0.255 any" \
		"ip nat inside source list 103 pool outsidepool" > "$TMP/gateway.conf"
	outside_first tcp 7010
	by_rule "permit udp 10.2.2.0 0.0.0.255 any eq 7010" \
		"ip nat inside source list 103 pool outsidepool" > "$TMP/gateway.conf"
	outside_first udp 7010
	by_rule "permit icmp 10.2.2.0 0.0.0.255 any echo" \
		"ip nat inside source list 103 pool outsidepool" > "$TMP/gateway.conf"
	check "load" gwctl load "$TMP/gateway.conf"
	gwctl clear ip nat translation '*' > /dev/null
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	check "load" gwctl load "$TMP/gateway.conf"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
}

# A packet that the rules exempt says nothing of the others of its host.
exempt_packet_first()
{
	local before
	check "load" load_config <<< "$(config | sed "s/^ip nat inside source .*/ip nat inside source list 103 pool outsidepool/
		/^access-list 101 deny/i \\
access-list 103 deny ip any host $OUTSIDE_ADDR\\
access-list 103 permit ip 10.2.2.0 0.0.0.255 any")"
	gwctl clear ip nat translation '*' > /dev/null
	check_ping "$INSIDE" $ROUTER_ADDR 1
	before=$(gwctl show ip nat translations --json | members inside_global id)
	check "load" gwctl load "$TMP/gateway.conf"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	check_eq "the entry, after an exempt packet" \
		"$(gwctl show ip nat translations --json | members inside_global id)" "$before"
	check_ping "$INSIDE" $ROUTER_ADDR 1
	check_eq "the entry" \
		"$(gwctl show ip nat translations --json | members inside_global id)" "$before"
	# when nobody makes such entries any more, the next packet ends it
	check "load" load_config <<< "$(config)"
	check_ping "$INSIDE" $CLIENT_INNER 1
	check_eq "entries" "$(xlates | wc -l)" 0
}

# What a list asks of TCP flags and type of service was true when the entry was made.
flags_of_then()
{
	by_rule "permit udp 10.2.2.0 0.0.0.255 any dscp ef" \
		"ip nat inside source list 103 pool outsidepool overload" > "$TMP/gateway.conf"
	outside_first udp 7011 --tos 184
	by_rule "permit tcp 10.2.2.0 0.0.0.255 any match-all +syn -ack" \
		"ip nat inside source list 103 pool outsidepool overload" > "$TMP/gateway.conf"
	outside_first tcp 7011
}

# An ICMP error is the first packet of a flow after the reload.
error_first()
{
	local g
	by_rule "permit udp 10.2.2.0 0.0.0.255 any" \
		"ip nat inside source list 103 pool outsidepool" > "$TMP/gateway.conf"
	check "load" gwctl load "$TMP/gateway.conf"
	gwctl clear ip nat translation '*' > /dev/null
	udp_sink sink "$OUTSIDE" 7012
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7012 1 --sport 5012 > /dev/null
	busywait 10 said sink "got 1" || fail "the outside host has seen nothing"
	g=$(xlates | awk -v il=$INSIDE_ADDR '$2 == il { print $4 }')
	check "load" gwctl load "$TMP/gateway.conf"
	outside python3 - "$SELFTESTS" $ROUTER_ADDR "$g" $OUTSIDE_ADDR <<-'EOT'
		import struct, sys
		sys.path.insert(0, sys.argv[1])
		from packets import ICMP, UDP, checksum, ip, raw_socket, transport
		router, place, outside = sys.argv[2:5]
		flow = (UDP, place, 5012, outside, 7012)
		quoted = ip(place, outside, UDP, transport(flow, b"x" * 16), 1)
		error = struct.pack("!BBHI", 3, 1, 0, 0) + quoted
		error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
		raw_socket().sendto(ip(router, place, ICMP, error, 2), (place, 0))
	EOT
	busywait 10 eval '[[ $(captured inside "icmp[0] == 3 and icmp[1] == 1 and dst $INSIDE_ADDR and icmp[28:2] == 5012") == 1 ]]' ||
		fail "the error has not come in"
	check_match "translation" "$(xlates)" " $INSIDE_ADDR .* $g "
	bg_stop sink
}

# DHCP and PPP give an interface another address: who shared the old one has the new.
address_changes()
{
	by_rule "permit ip 10.2.2.0 0.0.0.255 any" \
		"ip nat inside source list 103 interface Ethernet0 overload" > "$TMP/gateway.conf"
	check "load" gwctl load "$TMP/gateway.conf"
	gwctl clear ip nat translation '*' > /dev/null
	udp_echo echo "$OUTSIDE" 7013
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7013 1 --sport 5013 \
		--replies 1 > /dev/null
	check_match "translation" "$(xlates)" "udp $INSIDE_ADDR 5013 $GW_OUTER "
	ip -n "$GW" -batch - <<-EOT
		addr del $GW_OUTER/24 dev Ethernet0
		addr add 201.70.32.102/24 dev Ethernet0
		route replace default via $ROUTER_ADDR
	EOT
	busywait 10 eval '! xlates | grep -q " $GW_OUTER "' ||
		fail "entries for the old address: $(xlates)"
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7013 1 --sport 5013 \
		--replies 2 > "$TMP/send.log"
	check_match "the next packet of the flow" "$(cat "$TMP/send.log")" "^reply 1"
	check_match "translation" "$(xlates)" "udp $INSIDE_ADDR 5013 201.70.32.102 "
	bg_stop echo
	ip -n "$GW" -batch - <<-EOT
		addr del 201.70.32.102/24 dev Ethernet0
		addr add $GW_OUTER/24 dev Ethernet0
		route replace default via $ROUTER_ADDR
	EOT
	check "load" load_config <<< "$(config)"
}

# match interface means the interface, not the device that had its name first.
match_interface()
{
	check "load" load_config <<< "$(config | sed 's/^ match ip address 101/&\n match interface Ethernet0/')"
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	ip -n "$GW" link del Ethernet0
	ip link add gw netns "$WIRE" type veth peer name Ethernet0 netns "$GW"
	ip -n "$WIRE" link set gw master br0 up
	ip -n "$GW" -batch - <<-EOT
		addr add $GW_OUTER/24 dev Ethernet0
		link set Ethernet0 up
		route add default via $ROUTER_ADDR
	EOT
	forget_gateway
	busywait 20 links_up || fail "the new link does not come up"
	gwctl clear ip nat translation '*' > /dev/null
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	check_num "translations" "$(xlates | grep -c "icmp $INSIDE_ADDR")" -ge 1
	check_ping "$CLIENT" $INSIDE_ADDR 2
}

no_clear()
{
	check_no_clear
}

run_tests "
	numbers_go_on		sequence numbers go on under the same keys
	window_stays		so does the replay window
	other_keys		other keys begin with the first number
	translations_stay	a flow keeps its translation over a reload
	simple_entry_stays	an entry for a host stays, whoever sends first after a reload
	exempt_packet_first	an exempt packet after a reload does not end it
	flags_of_then		so does one made by a list that asks for flags or DSCP
	error_first		and one whose first packet is an ICMP error
	address_changes		who shares an interface's address follows it
	match_interface		match interface follows a device that is made anew
	no_clear		nothing protected was in clear on the wire
"
