#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
#
# What else a gateway has: a table of connections that is full, a program that
# holds packets, policy routing, a second provider. Tunnel and translations go on,
# and what was held is judged by what holds when it is let go.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require nft conntrack python3
export TRANSFORM ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT SPI_IN SPI_OUT
export GW_OUTER GW_INNER CLIENT_OUTER CLIENT_INNER

SECOND_GW=192.0.2.101
SECOND_ROUTER=192.0.2.1
SECOND_HOST=203.0.113.7

nft_queue()
{
	gw nft -f - <<-EOT
		table ip held {
			chain forward {
				type filter hook forward priority 0
				queue num 0
			}
		}
	EOT
}

# Established flows and tunnels are not harmed by new connections for which
# there is no room.
conntrack_full()
{
	local max=/proc/sys/net/netfilter/nf_conntrack_max before old_max
	gw nft "table ip stateful { chain forward { type filter hook forward priority 0
		ct state established,related,new accept; counter drop; }; }" ||
		{ skip "nft refuses"; return; }
	old_max=$(cat "$max")
	udp_echo inner "$INSIDE" 7000
	udp_echo outer "$OUTSIDE" 7000
	bg tunnel ip netns exec "$CLIENT" python3 "$SELFTESTS/traffic.py" send \
		$INSIDE_ADDR 7000 400 --interval 0.02 --replies 3
	bg nat ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
		$OUTSIDE_ADDR 7000 400 --interval 0.02 --replies 3
	busywait 20 both_assured || fail "no flow is established: $(gw conntrack -L 2>&1)"
	before=$(gw conntrack -C)
	# what is there keeps its place: the connections of the flood have had no
	# answer and are the first to go, or find no room
	echo 64 > "$max"
	outside python3 - 10.2.2.5 <<-'EOT'
		import socket, sys
		for port in range(20000, 21000):
		    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    sock.sendto(b"flood", (sys.argv[1], port))
		    sock.close()
	EOT
	check_num "connections before the flood" "$before" -lt 64
	check_num "connections, of 64" "$(gw conntrack -C)" -le 64
	check_num "packets that found no room" \
		"$(gw conntrack -S | sed 's/.* drop=\([0-9]*\).*early_drop=\([0-9]*\).*/\1 \2/' |
			awk '{ n += $1 + $2 } END { print n }')" -gt 100
	bg_wait tunnel 60
	bg_wait nat 60
	echo "$old_max" > "$max"
	check_eq "answers through the tunnel" "$(grep -c '^reply' "$TMP/tunnel.log")" 400
	check_eq "answers through NAT" "$(grep -c '^reply' "$TMP/nat.log")" 400
	bg_stop inner
	bg_stop outer
	gw nft delete table ip stateful
}

both_assured()
{
	[[ $(gw conntrack -L 2>/dev/null | grep -c ASSURED) -ge 2 ]]
}

held_a_while()
{
	bg queue ip netns exec "$GW" python3 "$SELFTESTS/nfqueue.py" delay 0.03
	busywait 20 said queue ready || fail "nfqueue.py: $(cat "$TMP/queue.log")"
	check "nft" nft_queue
	check_ping "$CLIENT" $INSIDE_ADDR 20 -i 0.01
	check_ping "$INSIDE" $CLIENT_INNER 20 -i 0.01
	check_ping "$INSIDE" $OUTSIDE_ADDR 20 -i 0.01
	head -c 200k /dev/urandom > "$TMP/file"
	tcp_start held "$INSIDE" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_check held "$TMP/file" 40
	check_num "packets held" "$(grep -c ^held "$TMP/queue.log")" -ge 120
	gw nft delete table ip held
	bg_stop queue
}

# parked CHAIN PRIORITY FUNCTION: what passes there is held for a while, in a lot
# that is let go the last first
parked()
{
	bg queue ip netns exec "$GW" python3 "$SELFTESTS/nfqueue.py" delay 0.03
	busywait 20 said queue ready || fail "nfqueue.py: $(cat "$TMP/queue.log")"
	check "nft" gw nft -f - <<-EOT
		table ip held {
			chain parked {
				type filter hook $1 priority $2
				queue num 0
			}
		}
	EOT
	$3
	diag "$1 $2: $(grep -c ^held "$TMP/queue.log") packets were held"
	check_num "packets held at $1 $2" "$(grep -c ^held "$TMP/queue.log")" -ge 10
	gw nft delete table ip held
	bg_stop queue
}

all_ways()
{
	check_ping "$CLIENT" $INSIDE_ADDR 5 -i 0.01
	check_ping "$INSIDE" $CLIENT_INNER 5 -i 0.01
	check_ping "$INSIDE" $CLIENT_INNER 2 -M dont -s 2900
	check_ping "$INSIDE" $OUTSIDE_ADDR 3 -i 0.01
}

# At OUTPUT and behind us at POSTROUTING it is ESP that is held, ahead of us at
# POSTROUTING the packet that will be in it, at PREROUTING the ESP, then the packet
# that was in it, before and after connection tracking has seen it.
held_anywhere()
{
	local before
	before=$(drops)
	parked output 0 all_ways
	parked postrouting 200 all_ways
	parked postrouting 50 all_ways
	parked prerouting -375 all_ways
	parked prerouting -325 all_ways
	parked prerouting -100 all_ways
	check_eq "drops" "$(drops)" "$before"
}

# The same in UDP, where ESP that is let go looks like key negotiation.
held_in_udp()
{
	local before
	gwctl clear crypto sa > /dev/null
	bg encap client python3 "$SELFTESTS/traffic.py" encap 4500
	busywait 20 said encap listening || fail "no port for ESP in UDP: $(cat "$TMP/encap.log")"
	check "client" setup_client_sas encap espinudp 4500 4500 0.0.0.0
	check "associations" gw python3 "$SELFTESTS/sa_new.py" --udp
	before=$(drops)
	parked output 0 all_ways
	parked postrouting 200 all_ways
	parked prerouting -375 all_ways
	parked prerouting -325 all_ways
	check_eq "drops" "$(drops)" "$before"
	bg_stop encap
	deployed
}

# both ends as they were
deployed()
{
	gwctl clear crypto sa > /dev/null
	setup_client_sas
	check "load" load_config <<< "$(config)"
}

no_answers()
{
	check_no_ping "$CLIENT" $INSIDE_ADDR 5 -i 0.01
}

# With an engine that takes its time, a packet passes PREROUTING once more when it is
# opened. Who is held ahead of us there, then, counts as clear, which nothing that is
# protected may be.
held_with_cryptd()
{
	local before aead='authenc(hmac(md5),cbc(des))'
	modprobe -q cryptd
	python3 "$SELFTESTS/cryptd.py" add cryptd "$aead" > "$TMP/cryptd.log" ||
		{ skip "no cryptd: $(cat "$TMP/cryptd.log")"; return 0; }
	deployed
	before=$(drops)
	parked output 0 all_ways
	parked postrouting 200 all_ways
	parked prerouting -325 all_ways
	check_eq "drops" "$(drops)" "$before"
	gwctl clear drops > /dev/null
	parked prerouting -375 no_answers
	check_eq "drops of what was held when it was opened" "$(drops)" "clear-protected 5"
	gwctl clear crypto sa > /dev/null
	ip -n "$CLIENT" xfrm state flush
	busywait 10 python3 "$SELFTESTS/cryptd.py" del cryptd "$aead" || fail "cryptd stays"
	deployed
	check_ping "$CLIENT" $INSIDE_ADDR 2
}

# The associations go while packets for the tunnel are held, and the rule of the
# translation while packets for outside are.
held_over_a_change()
{
	local no_sa
	check_ping "$INSIDE" $CLIENT_INNER 1
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	no_sa=$(drop_count no-sa)
	rm -f "$TMP/release"
	bg queue ip netns exec "$GW" python3 "$SELFTESTS/nfqueue.py" hold "$TMP/release"
	busywait 20 said queue ready || fail "nfqueue.py: $(cat "$TMP/queue.log")"
	check "nft" nft_queue
	bg to-client ip netns exec "$INSIDE" ping -n -i 0.05 -c 5 -W 1 $CLIENT_INNER
	bg to-outside ip netns exec "$INSIDE" ping -n -i 0.05 -c 5 -W 60 $OUTSIDE_ADDR
	busywait 20 said queue "held 10" || fail "held: $(tail -n 1 "$TMP/queue.log")"
	check "clear crypto sa" gwctl clear crypto sa
	touch "$TMP/release"
	busywait 20 said queue "released" || fail "nothing is released"
	bg_wait to-client 20
	bg_wait to-outside 40
	check_eq "drops for want of an association" $(($(drop_count no-sa) - no_sa)) 5
	check_match "pings to outside" "$(cat "$TMP/to-outside.log")" " 5 received"
	gw nft delete table ip held
	bg_stop queue
	setup_client_sas
	check "load" load_config <<< "$(config)"
	check_ping "$INSIDE" $CLIENT_INNER 2
}

# A packet without the rule that translated it leaves in no way.
policy_routing()
{
	local encaps
	encaps=$(sa_stat out packets)
	ip -n "$GW" -batch - <<-EOT
		route del default
		route add default via $ROUTER_ADDR table 100
		rule add iif Serial1 lookup 100 priority 100
	EOT
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_eq "packets into the tunnel" $(($(sa_stat out packets) - encaps)) 3
	ip -n "$GW" -batch - <<-EOT
		rule del iif Serial1 lookup 100 priority 100
		route flush table 100
		route add default via $ROUTER_ADDR
	EOT
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
}

# two providers, each with its own addresses: each flow gets that of its way out
second_provider()
{
	ip -batch - <<-EOT || fail "the second link cannot be made"
		link add Ethernet1 netns $GW type veth peer name eth1 netns $OUTSIDE
	EOT
	ip -n "$GW" -batch - <<-EOT
		addr add $SECOND_GW/24 dev Ethernet1
		link set Ethernet1 up
		route add 203.0.113.0/24 via $SECOND_ROUTER
	EOT
	ip -n "$OUTSIDE" -batch - <<-EOT
		addr add $SECOND_ROUTER/24 dev eth1
		addr add $SECOND_HOST/32 dev lo
		link set eth1 up
	EOT
	capture second "$OUTSIDE" eth1
	check "load" load_config <<< "$(config | sed "
		/^ip nat pool/d
		s/^ip nat inside source.*/ip nat inside source route-map nonat interface Ethernet0 overload\\
ip nat inside source route-map second interface Ethernet1 overload/
		s/^route-map nonat permit 10/route-map second permit 10\\
 match ip address 101\\
 match interface Ethernet1\\
!\\
route-map nonat permit 10\\
 match interface Ethernet0/
		s/^interface Serial1/interface Ethernet1\\
 ip address $SECOND_GW 255.255.255.0\\
 ip nat outside\\
!\\
&/")"
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_ping "$INSIDE" $SECOND_HOST 3
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_eq "from the address of the first provider" \
		"$(captured wire "icmp[0] == 8 and src $GW_OUTER and dst $OUTSIDE_ADDR")" 3
	check_eq "from the address of the second" \
		"$(pcap_count "$TMP/second.pcap" "icmp[0] == 8 and src $SECOND_GW and dst $SECOND_HOST")" 3
	check_eq "anything else with the second" \
		"$(pcap_count "$TMP/second.pcap" "ip and not host $SECOND_GW")" 0
}

# global_port PORT DESTINATION_PORT: one datagram of the inside host; prints the port
# from which it came outside
global_port()
{
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR "$2" 1 --sport "$1" > /dev/null
	busywait 10 eval "xlates | grep -q '^udp $INSIDE_ADDR $1 .* $OUTSIDE_ADDR $2\$'" ||
		fail "no translation of port $1"
	xlates | awk -v sport="$1" -v dport="$2" \
		'$1 == "udp" && $3 == sport && $7 == dport { print $5 }'
}

# What the gateway itself listens to is not given to a host behind it.
own_sockets()
{
	check "load" load_config <<< "$(config | sed "
		/^ip nat pool/d
		s/^ip nat inside source.*/ip nat inside source list 101 interface Ethernet0 overload/")"
	udp_sink own "$GW" 5555
	bg connected ip netns exec "$GW" socat -u UDP4:$OUTSIDE_ADDR:7000,sourceport=5556 STDOUT
	busywait 10 eval '[[ $(gw ss -Hun "sport = :5556") ]]' || fail "no connected socket"
	bg tcp-own ip netns exec "$GW" socat -u TCP4-LISTEN:5557 STDOUT
	busywait 10 listening "$GW" -t 5557 || fail "no listener"
	check_num "port instead of that of a socket" "$(global_port 5555 7000)" -ne 5555
	check_num "port instead of that of a connected one" "$(global_port 5556 7000)" -ne 5556
	check_num "its port to another destination" "$(global_port 5556 7001)" -eq 5556
	check_num "a port that TCP listens to, for UDP" "$(global_port 5557 7000)" -eq 5557
	inside timeout 1 socat -u /dev/null TCP4:$OUTSIDE_ADDR:9999,sourceport=5557 2> /dev/null
	check_num "TCP port instead of that of a listener" \
		"$(xlates | awk '$1 == "tcp" && $3 == 5557 { print $5 }')" -ne 5557
	bg_stop own
	bg_stop connected
	bg_stop tcp-own
}

no_clear()
{
	check_no_clear
}

run_tests "
	conntrack_full		a full table of connections harms no established flow
	held_a_while		a program may hold packets for a while
	held_anywhere		wherever that is
	held_in_udp		with ESP in UDP as well
	held_with_cryptd	with an engine that takes its time, it is dropped ahead of us
	held_over_a_change	what was held is judged when it is let go
	policy_routing		the route to outside may come from policy routing
	own_sockets		ports of the gateway's own sockets are not given away
	second_provider		two providers, a translation for each
	no_clear		nothing protected was in clear on the wire
"
