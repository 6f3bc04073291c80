#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Static translations: an inside host is reached at its place outside, by address,
# by port, by the address of an interface, as part of a network; it speaks from
# there, and ports and addresses that nobody fixed stay closed.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
ip -n "$INSIDE" -batch - <<-EOT
	addr add 10.2.2.6/24 dev eth0
	addr add 10.2.2.7/24 dev eth0
	addr add 10.2.2.33/24 dev eth0
EOT

# with STATIC before the rule of the deployment
static_config()
{
	config | sed "/^ip nat inside source/i \\
ip nat inside source static 10.2.2.6 201.70.32.170\\
ip nat inside source static tcp 10.2.2.7 80 201.70.32.171 8080 extendable\\
ip nat inside source static udp $INSIDE_ADDR 53 interface Ethernet0 5353\\
ip nat inside source static network 10.2.2.32 201.70.32.192 /28 no-alias"
}

load()
{
	check "load" load_config <<< "$(static_config)"
}

address()
{
	# from outside, at once: there is no entry yet
	check_ping "$OUTSIDE" 201.70.32.170 2
	check_num "pings that 10.2.2.6 has had" \
		"$(captured inside "icmp[0] == 8 and src $ROUTER_ADDR and dst 10.2.2.6")" -eq 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2 -I 10.2.2.6
	check_eq "pings from its global address" \
		"$(captured wire "icmp[0] == 8 and src 201.70.32.170 and dst $OUTSIDE_ADDR")" 2
	check_match "translations" "$(gwctl show ip nat translations)" \
		"^--- 201\.70\.32\.170 +10\.2\.2\.6 +--- +---$"
}

# serve NAME PORT: a TCP server inside that says its name and ends
serve()
{
	bg "$1" ip netns exec "$INSIDE" socat -u SYSTEM:"echo $1" "TCP4-LISTEN:$2,reuseaddr"
	busywait 10 listening "$INSIDE" -t "$2" || fail "no listener"
}

port()
{
	serve web 80
	check_eq "what the outside host reads" \
		"$(outside socat -u -T 5 TCP4:201.70.32.171:8080,connect-timeout=10 - 2>&1)" web
	bg_stop web
	check_eq "connections to 10.2.2.7 port 80" \
		"$(captured inside "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst 10.2.2.7 and dst port 80")" 1
	check_eq "the answer on the wire" \
		"$(captured wire "tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack) and src 201.70.32.171 and src port 8080")" 1
	check_match "translations" "$(gwctl show ip nat translations)" \
		"^tcp 201\.70\.32\.171:8080 +10\.2\.2\.7:80 +--- +---$"
	check_match "translations" "$(gwctl show ip nat translations)" \
		"^tcp 201\.70\.32\.171:8080 +10\.2\.2\.7:80 +201\.70\.32\.1:"
}

# Other ports of that address lead nowhere.
closed()
{
	local before
	before=$(drop_count nat-no-translation)
	serve web 80
	check_fails "a connection to another port" \
		outside socat -u TCP4:201.70.32.171:80,connect-timeout=2 -
	check_no_ping "$OUTSIDE" 201.70.32.171 1
	bg_stop web
	check_num "packets dropped for want of a translation" \
		$(($(drop_count nat-no-translation) - before)) -ge 2
}

interface()
{
	udp_echo dns "$INSIDE" 53
	outside python3 "$SELFTESTS/traffic.py" send $GW_OUTER 5353 3 --replies 2 > "$TMP/send.log"
	check_eq "replies" "$(grep -c ^reply "$TMP/send.log")" 3
	check_eq "from the interface's address" \
		"$(captured wire "udp src port 5353 and src $GW_OUTER")" 3
	bg_stop dns
	# all else of that address is the gateway itself
	check_ping "$OUTSIDE" $GW_OUTER 1
	check_match "translations" "$(gwctl show ip nat translations)" \
		"^udp 201\.70\.32\.101:5353 +10\.2\.2\.5:53 +--- +---$"
}

network()
{
	# nobody answers for it, see arp below
	ip -n "$OUTSIDE" neigh replace 201.70.32.193 dev eth0 \
		lladdr "$(mac_of "$GW" Ethernet0)" nud permanent
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.33
	check_eq "pings from the same host of the other network" \
		"$(captured wire "icmp[0] == 8 and src 201.70.32.193")" 1
	check_ping "$OUTSIDE" 201.70.32.193 1
	ip -n "$OUTSIDE" neigh del 201.70.32.193 dev eth0
}

arp()
{
	local mac
	mac=$(mac_of "$GW" Ethernet0)
	ip -n "$OUTSIDE" neigh flush dev eth0
	outside ping -n -c 1 -W 1 201.70.32.171 > /dev/null
	outside ping -n -c 1 -W 1 201.70.32.194 > /dev/null
	check_match "neighbour 201.70.32.171" \
		"$(ip -n "$OUTSIDE" neigh show 201.70.32.171)" "lladdr $mac"
	check_no_match "neighbour 201.70.32.194, no-alias" \
		"$(ip -n "$OUTSIDE" neigh show 201.70.32.194)" lladdr
}

# The pool serves the others as before.
others()
{
	check_ping "$INSIDE" $OUTSIDE_ADDR 2 -I $INSIDE_ADDR
	check_eq "pings from the pool" "$(captured wire "icmp[0] == 8 and $POOL_SRC")" 2
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_eq "static translations" "$(nat_stat static)" 4
}

# With a route-map, a static host is exempt where the route-map says deny.
route_map()
{
	check "load" load_config <<< "$(config | sed "/^ip nat inside source/i \\
ip nat inside source static $INSIDE_ADDR 201.70.32.172 route-map nonat")"
	check_ping "$INSIDE" $CLIENT_INNER 2
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$OUTSIDE" 201.70.32.172 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	check_eq "pings from its global address" \
		"$(captured wire "icmp[0] == 8 and src 201.70.32.172")" 2
}

# A flow over a reload: kept while the rule stays, ended when it goes.
reload()
{
	load
	check_ping "$OUTSIDE" 201.70.32.170 1 -e 4242
	check "load" load_config <<< "$(static_config | sed 's/^hostname.*/hostname Other/')"
	check_match "translations" "$(xlates)" "icmp 10.2.2.6 4242"
	check_ping "$OUTSIDE" 201.70.32.170 1 -e 4242
	check "load" load_config <<< "$(static_config | sed '/static 10.2.2.6/d')"
	check_no_ping "$OUTSIDE" 201.70.32.170 1 -e 4242
	check_no_match "translations" "$(xlates)" "icmp 10.2.2.6 4242"
}

# One place inside, two outside: each connection keeps the one that it was opened to,
# over a reload too, although one of the two comes first for who looks from inside.
extendable()
{
	local n
	rm -f "$TMP/go"
	check "load" load_config <<< "$(config | sed "/^ip nat inside source/i \\
ip nat inside source static tcp 10.2.2.7 80 201.70.32.171 80 extendable\\
ip nat inside source static tcp 10.2.2.7 80 201.70.32.172 80 extendable")"
	bg server ip netns exec "$INSIDE" python3 "$SELFTESTS/late.py" listen tcp 80 2 "$TMP/go"
	busywait 10 said server listening || fail "no server"
	for n in 1 2; do
		bg "client$n" ip netns exec "$OUTSIDE" python3 "$SELFTESTS/late.py" call tcp \
			201.70.32.17$n 80
	done
	busywait 20 said server "open 2" || fail "no connections: $(cat "$TMP"/client?.log)"
	check "load" gwctl load "$TMP/gateway.conf"
	touch "$TMP/go"
	for n in 1 2; do
		bg_wait "client$n" 30
		check_match "from 201.70.32.17$n after the reload" "$(cat "$TMP/client$n.log")" \
			"heard late"
	done
	bg_stop server
}

# A static address that lies in the pool is nobody else's.
in_the_pool()
{
	local n
	check "load" load_config <<< "$(config | sed "s/^\(ip nat pool outsidepool\) .* netmask/\1 201.70.32.150 201.70.32.151 netmask/
/^ip nat inside source/i \\
ip nat inside source static 10.2.2.6 201.70.32.150")"
	gwctl clear ip nat translation '*' > /dev/null
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.7
	check_match "the other address" "$(xlates)" "icmp 10.2.2.7 [0-9]+ 201.70.32.151"
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.33
	check_match "statistics" "$(gwctl show ip nat statistics)" \
		"total addresses 1, allocated 1 \(100%\), misses 1"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.6
	check_ping "$OUTSIDE" 201.70.32.150 1
	# who has it when it becomes static has it no more
	check "load" load_config <<< "$(config | sed "s/^\(ip nat pool outsidepool\) .* netmask/\1 201.70.32.150 201.70.32.151 netmask/
/^ip nat inside source/i \\
ip nat inside source static 10.2.2.6 201.70.32.151")"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.7
	check_match "the other address" "$(xlates)" "icmp 10.2.2.7 [0-9]+ 201.70.32.150"
	check_ping "$OUTSIDE" 201.70.32.151 1
	check_eq "who has it" "$(xlates | awk '$4 == "201.70.32.151" { print $2 }' | sort -u)" 10.2.2.6
	# with overload, the pool has all of the address but the port
	check "load" load_config <<< "$(config | sed "s/^\(ip nat pool outsidepool\) .* netmask/\1 201.70.32.150 201.70.32.150 netmask/
s/^ip nat inside source .*/& overload/
/^ip nat inside source/i \\
ip nat inside source static tcp 10.2.2.6 80 201.70.32.150 80")"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.7
	serve web 80
	check_eq "what the outside host reads" \
		"$(outside socat -u -T 5 TCP4:201.70.32.150:80,connect-timeout=10 - 2>&1)" web
	bg_stop web
}

refused()
{
	local output
	output=$(static_config | sed 's/201.70.32.192 .28/201.70.32.144 \/28/' |
		load_config 2>&1) && fail "addresses of the pool are taken"
	check_match "a static network that reaches into a pool" "$output" \
		"static inside global network has .* of pool outsidepool"
	output=$(static_config | sed 's/201.70.32.170/201.70.32.150/
		s/201.70.32.150 201.70.32.160/201.70.32.150 201.70.32.150/' | load_config 2>&1) &&
		fail "the only address of the pool is taken"
	check_match "a static address that is the pool" "$output" \
		"201\.70\.32\.150 .*pool outsidepool"
	output=$(static_config | sed '/static 10.2.2.6/p; s/static 10.2.2.6/static 10.2.2.9/' |
		load_config 2>&1) && fail "an address is taken twice"
	check_match "a static address twice" "$output" "same inside global address"
}

no_clear()
{
	check_no_clear
}

run_tests "
	load		the configuration loads
	address		an address, from either side
	port		a port, under another number
	closed		other ports of the address are closed
	interface	a port of an interface's address
	network		a network
	arp		ARP is answered, but not with no-alias
	others		pool and tunnel go on
	route_map	a route-map exempts
	reload		flows live as long as their rule
	extendable	connections to two places of one service live over a reload
	in_the_pool	a static address in the pool is given to nobody else
	refused		addresses that are somebody else's are refused
	no_clear	nothing protected was in clear on the wire
"
