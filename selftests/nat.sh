#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 500
#
# ip nat inside source route-map ... pool: which addresses and ports flows get,
# how long they keep them, what happens when there are none, ICMP errors, ARP.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
capture inside "$INSIDE" eth0

# further inside hosts: 10.2.2.11 to 10.2.2.22
for n in {11..22}; do
	echo "addr add 10.2.2.$n/24 dev eth0"
done | ip -n "$INSIDE" -batch -
# a network behind the outside host
ip -n "$OUTSIDE" route add 203.0.113.0/24 via $CLIENT_OUTER

clear_xlates()
{
	gwctl clear ip nat translation '*' > /dev/null || fail "clear ip nat translation"
}

# global_of ADDRESS: every global address that an inside host has, once each
global_of()
{
	xlates | awk -v il="$1" '$2 == il { print $4 }' | sort -u
}

reload()
{
	{ echo "$1"; config; } | load_config > "$TMP/load.log" 2>&1 ||
		fail "load: $(cat "$TMP/load.log")"
}

no_xlates()
{
	[[ $(xlates | wc -l) -eq 0 ]]
}

ports_kept()
{
	local g
	udp_echo echo "$OUTSIDE" 7000
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 3 --sport 5001 \
		--replies 1 > "$TMP/send.log"
	check_eq "UDP replies" "$(grep -c ^reply "$TMP/send.log")" 3
	check_eq "UDP with its source port" \
		"$(captured wire "udp src port 5001 and dst $OUTSIDE_ADDR and $POOL_SRC")" 3
	check_ping "$INSIDE" $OUTSIDE_ADDR 3 -e 4660
	check_eq "ICMP with its identifier" \
		"$(captured wire "icmp[0] == 8 and icmp[4:2] == 4660 and $POOL_SRC")" 3
	g=$(global_of $INSIDE_ADDR)
	check_match "translations" "$(xlates)" \
		"^udp $INSIDE_ADDR 5001 $g 5001 $OUTSIDE_ADDR 7000 $OUTSIDE_ADDR 7000\$"
	check_match "translations" "$(xlates)" "^icmp $INSIDE_ADDR 4660 $g 4660 $OUTSIDE_ADDR"
	bg_stop echo
}

one_host_one_address()
{
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	check_ping "$INSIDE" $ROUTER_ADDR 1
	head -c 1000 /dev/zero > "$TMP/file"
	tcp_start tcp "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7001 "$TMP/file"
	tcp_check tcp "$TMP/file" 20
	check_num "flows" "$(xlates | grep -c " $INSIDE_ADDR ")" -ge 3
	check_eq "global addresses" "$(global_of $INSIDE_ADDR | wc -l)" 1
}

distinct_hosts()
{
	local n
	for n in 11 12 13; do
		check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
	done
	check_eq "global addresses of three hosts" \
		"$({ global_of 10.2.2.11; global_of 10.2.2.12; global_of 10.2.2.13; } | sort -u | wc -l)" 3
}

exhaustion()
{
	local n before seen
	clear_xlates
	for n in {11..21}; do
		check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
	done
	check_eq "global addresses in use" "$(xlates | awk '{ print $4 }' | sort -u | wc -l)" 11
	before=$(drop_count nat-pool-exhausted)
	seen=$(captured wire "ip and dst $OUTSIDE_ADDR")
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 3 -I 10.2.2.22
	check_eq "packets dropped for want of an address" \
		$(($(drop_count nat-pool-exhausted) - before)) 3
	check_eq "packets that the outside host has seen of it" \
		$(($(captured wire "ip and dst $OUTSIDE_ADDR") - seen)) 0
	check_match "statistics" "$(gwctl show ip nat statistics)" \
		"total addresses 11, allocated 11 \(100%\), misses 3"
	# those that have one go on
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.15
	# and protected traffic needs none
	check_ping "$INSIDE" $CLIENT_INNER 1 -I 10.2.2.22
}

clear_frees()
{
	clear_xlates
	check "translations all gone" no_xlates
	check_match "statistics" "$(gwctl show ip nat statistics)" "total addresses 11, allocated 0"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.22
	check_eq "untranslated packets outside" "$(captured wire "net 10.2.2.0/24")" 0
}

timers()
{
	local expired
	reload "ip nat translation icmp-timeout 2
ip nat translation finrst-timeout 2"
	clear_xlates
	expired=$(nat_stat expired)
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	check_eq "translations" "$(xlates | wc -l)" 1
	busywait 15 no_xlates || fail "the translation does not end: $(xlates)"
	check_eq "translations expired" $(($(nat_stat expired) - expired)) 1

	head -c 1000 /dev/zero > "$TMP/file"
	tcp_start tcp "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7001 "$TMP/file"
	tcp_check tcp "$TMP/file" 20
	busywait 15 no_xlates || fail "the closed connection's translation stays: $(xlates)"

	# the timers of others are not touched
	reload ""
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	sleep 3
	check_eq "translations after 3 s with the default timer" "$(xlates | wc -l)" 1
}

table_full()
{
	local n before
	reload "ip nat translation max-entries 3"
	clear_xlates
	for n in 11 12 13; do
		check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
	done
	before=$(drop_count nat-table-full)
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 2 -I 10.2.2.14
	check_eq "packets dropped for want of room" $(($(drop_count nat-table-full) - before)) 2
	reload ""
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.14
}

# match-host: the number of the inside host in the global address; several ranges, and
# hosts for whose number there is none.
match_host()
{
	local n before
	check "load" load_config <<< "$(config | sed "s/^ip nat pool outsidepool .*/ip nat pool outsidepool netmask 255.255.255.0 type match-host\\
 address 201.70.32.11 201.70.32.13\\
 address 201.70.32.16 201.70.32.17/")"
	clear_xlates
	for n in 12 16 11 17; do
		check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
		check_eq "global address of 10.2.2.$n" "$(global_of 10.2.2.$n)" 201.70.32.$n
		check_eq "pings from it" "$(captured wire "icmp[0] == 8 and src 201.70.32.$n")" 1
	done
	before=$(drop_count nat-pool-exhausted)
	for n in 14 18; do
		check_no_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
	done
	check_eq "packets dropped for want of an address" \
		$(($(drop_count nat-pool-exhausted) - before)) 2
	check_match "statistics" "$(gwctl show ip nat statistics)" \
		"type match-host, total addresses 5, allocated 4"
	# a generic pool of two ranges gives away the one after the other
	check "load" load_config <<< "$(config | sed "s/^ip nat pool outsidepool .*/ip nat pool outsidepool netmask 255.255.255.0\\
 address 201.70.32.158 201.70.32.159\\
 address 201.70.32.152 201.70.32.153/")"
	clear_xlates
	for n in 11 12 13 14; do
		check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.$n
	done
	check_eq "their addresses" "$(for n in 11 12 13 14; do global_of 10.2.2.$n; done | xargs)" \
		"201.70.32.158 201.70.32.159 201.70.32.152 201.70.32.153"
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 1 -I 10.2.2.15
	reload ""
}

# The timer of entries for hosts, which no packet's protocol shortens, and none at all.
simple_timers()
{
	by_list()
	{
		{ echo "ip nat translation timeout $1"
		  echo "ip nat translation icmp-timeout 2"
		  config | sed 's/source route-map nonat/source list 101/'; } | load_config \
			> "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
		clear_xlates
		check_ping "$INSIDE" $OUTSIDE_ADDR 1
		check_eq "entries" "$(xlates | wc -l)" 1
	}
	by_list $((12 * VPNGW_SLOW))
	sleep 3
	check_eq "entries that outlived the timer of ICMP" "$(xlates | wc -l)" 1
	busywait 30 no_xlates || fail "the entry does not end: $(xlates)"
	by_list never
	check_num "seconds left with never" \
		"$(gwctl show ip nat translations --json | members left | head -n 1)" -gt 86400
	sleep 4
	check_eq "entries" "$(xlates | wc -l)" 1
	reload ""
	clear_xlates
}

# host_limits LINE...: these limits, and none of before
host_limits()
{
	{ printf 'ip nat translation max-entries %s\n' "$@"
	  echo "access-list 7 permit 10.2.2.13"
	  echo "access-list 7 permit 10.2.2.14"
	  config; } | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
}

# flows ADDRESS FIRST N: pings with so many identifiers, and how many were answered
flows()
{
	local id n=0
	for ((id = $2; id < $2 + $3; id++)); do
		inside ping -n -c 1 -W 1 -e "$id" -I "$1" $OUTSIDE_ADDR > /dev/null 2>&1 && n=$((n + 1))
	done
	echo $n
}

# The limits of single hosts, and of those on a list together; what one host may not
# have does not concern another.
host_limit()
{
	local before
	clear_xlates
	host_limits "all-host 3" "host 10.2.2.12 5" "list 7 4"
	before=$(drop_count nat-host-limit)
	check_eq "flows of a host that may have three" "$(flows 10.2.2.11 100 4)" 3
	check_eq "flows of a host that may have five" "$(flows 10.2.2.12 100 6)" 5
	check_eq "flows of two hosts that may have four together" \
		"$(flows 10.2.2.13 100 3) $(flows 10.2.2.14 100 3)" "3 1"
	check_eq "packets dropped" $(($(drop_count nat-host-limit) - before)) 4
	check_eq "translations" "$(xlates | wc -l)" 12
	# a flow that there is goes on
	check_eq "the first of them" "$(flows 10.2.2.11 100 1)" 1
	check_match "statistics" "$(gwctl show ip nat statistics)" \
		"^max-entries list 7: max allowed 4, used 4$"
	# what is there counts under other limits, and no more when it has ended
	host_limits "all-host 4" "list 7 5"
	check_eq "one more" "$(flows 10.2.2.11 200 2) $(flows 10.2.2.12 200 2)" "1 0"
	check_eq "one more of the list" "$(flows 10.2.2.13 200 1) $(flows 10.2.2.14 200 1)" "1 0"
	clear_xlates
	check_eq "all again" "$(flows 10.2.2.12 300 5) $(flows 10.2.2.14 300 4)" "4 4"
	reload ""
	check_eq "without a limit" "$(flows 10.2.2.12 400 2)" 2
	clear_xlates
}

# An error about a translated packet comes back to the inside host, and what it
# quotes is what that host has sent: its socket gets the error.
errors_inward()
{
	local output
	clear_xlates
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7099 1 --sport 5002 \
		--replies 2 > "$TMP/send.log"
	check_match "socket" "$(cat "$TMP/send.log")" "error Connection refused"
	check_eq "port unreachable, quoting the inside address" \
		"$(captured inside "icmp[0] == 3 and icmp[1] == 3 and src $OUTSIDE_ADDR and dst $INSIDE_ADDR and icmp[20:4] == 0x0a020205 and icmp[24:4] == 0xc6336407 and icmp[28:2] == 5002")" 1
	output=$(inside ping -n -c 2 -i 0.2 -W 2 -t 2 203.0.113.1)
	check_match "ping of a hop too far" "$output" "From $ROUTER_ADDR.*Time to live exceeded"
	check_num "time exceeded, quoting the inside address" \
		"$(captured inside "icmp[0] == 11 and src $ROUTER_ADDR and dst $INSIDE_ADDR and icmp[20:4] == 0x0a020205")" -ge 1
	check_eq "with wrong checksums at the inside host" "$(bad_checksums inside)" ""
}

# bad_checksums CAPTURE: ICMP errors whose own or quoted IP checksum is wrong
bad_checksums()
{
	capture_sync "$1" >&2
	tcpdump -n -vv -r "$TMP/$1.pcap" "icmp[0] == 3 or icmp[0] == 11" 2>/dev/null |
		grep -E 'bad cksum|wrong icmp cksum'
}

# The other way: an inside host's error about a translated packet.
errors_outward()
{
	local g
	clear_xlates
	udp_sink sink "$OUTSIDE" 7000
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 1 --sport 5003 > /dev/null
	busywait 10 said sink "got 1" || fail "the outside host has seen nothing"
	bg_stop sink
	g=$(global_of $INSIDE_ADDR)
	ip -n "$OUTSIDE" route add "$g" dev eth0 src $OUTSIDE_ADDR
	outside python3 "$SELFTESTS/traffic.py" send "$g" 5003 1 --sport 7000 --replies 2 \
		> "$TMP/send.log"
	ip -n "$OUTSIDE" route del "$g"
	check_match "socket" "$(cat "$TMP/send.log")" "error Connection refused"
	check_eq "port unreachable on the wire, from $g, quoting it" \
		"$(captured wire "icmp[0] == 3 and icmp[1] == 3 and src $g and dst $OUTSIDE_ADDR and icmp[24:4] == $(hex_of "$g")")" 1
	check_eq "with wrong checksums on the wire" "$(bad_checksums wire)" ""
}

hex_of()
{
	local IFS=.
	# shellcheck disable=SC2086	# four words
	printf '0x%02x%02x%02x%02x' $1
}

outside_initiated()
{
	local before forwarded
	clear_xlates
	before=$(drop_count nat-no-translation)
	forwarded=$(captured inside "ip and src $ROUTER_ADDR")
	check_no_ping "$OUTSIDE" 201.70.32.155 3
	check_eq "packets dropped for want of a translation" \
		$(($(drop_count nat-no-translation) - before)) 3
	check_eq "packets that came in" \
		$(($(captured inside "ip and src $ROUTER_ADDR") - forwarded)) 0
	# extended entries: only for their own peer and port
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	before=$(drop_count nat-no-translation)
	check_no_ping "$OUTSIDE" "$(global_of $INSIDE_ADDR)" 2
	check_eq "packets to an address in use dropped" \
		$(($(drop_count nat-no-translation) - before)) 2
}

# An entry for a host lets everybody in, but for those to whom the rules exempt its
# answers: these would leave with its own address.
exempt_outsiders()
{
	local g before
	check "load" load_config <<< "$(config | sed "s/^ip nat inside source .*/ip nat inside source list 105 pool outsidepool/
		/^access-list 101 deny/i \\
access-list 105 deny ip any host $OUTSIDE_ADDR\\
access-list 105 permit ip 10.2.2.0 0.0.0.255 any")"
	clear_xlates
	check_ping "$INSIDE" $ROUTER_ADDR 1
	g=$(global_of $INSIDE_ADDR)
	check_ping "$OUTSIDE" "$g" 2
	before=$(drop_count nat-no-translation)
	check_no_ping "$OUTSIDE" "$g" 2 -I $OUTSIDE_ADDR
	check_eq "packets dropped for want of a translation" \
		$(($(drop_count nat-no-translation) - before)) 2
	check_eq "packets of it that came in" \
		"$(captured inside "icmp[0] == 8 and src $OUTSIDE_ADDR")" 0
	check_match "traced" \
		"$(gwctl packet-tracer input Ethernet0 icmp $OUTSIDE_ADDR "$g")" "nat-no-translation"
	check_eq "the translation" "$(global_of $INSIDE_ADDR)" "$g"
	reload ""
}

arp()
{
	local mac n
	mac=$(mac_of "$GW" Ethernet0)
	ip -n "$OUTSIDE" neigh flush dev eth0
	for n in 149 150 155 160 161; do
		outside ping -n -c 1 -W 1 201.70.32.$n > /dev/null
	done
	for n in 150 155 160; do
		check_match "neighbour 201.70.32.$n" \
			"$(ip -n "$OUTSIDE" neigh show 201.70.32.$n)" "lladdr $mac"
	done
	for n in 149 161; do
		check_no_match "neighbour 201.70.32.$n" \
			"$(ip -n "$OUTSIDE" neigh show 201.70.32.$n)" lladdr
	done
	# a pool is of the outside: the inside network is not told
	inside ping -n -c 1 -W 1 -I eth0 $GW_INNER > /dev/null
	ip -n "$INSIDE" route add 201.70.32.150 dev eth0
	inside ping -n -c 1 -W 1 201.70.32.150 > /dev/null
	check_no_match "neighbour on the inside" \
		"$(ip -n "$INSIDE" neigh show 201.70.32.150)" lladdr
	ip -n "$INSIDE" route del 201.70.32.150
}

# Datagrams larger than a frame, both ways.
fragments()
{
	udp_echo echo "$OUTSIDE" 7000
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 3 --size 3000 \
		--replies 2 > "$TMP/send.log"
	check_eq "replies of 3000 octets" "$(grep -c ^reply "$TMP/send.log")" 3
	check_num "fragments on the wire, from the pool" \
		"$(captured wire "ip[6:2] & 0x1fff != 0 and dst $OUTSIDE_ADDR and $POOL_SRC")" -ge 3
	bg_stop echo
}

nothing_untranslated()
{
	check_eq "packets of the inside network on the wire" "$(captured wire "net 10.2.2.0/24")" 0
	check_eq "packets to the outside host with another source" \
		"$(captured wire "ip and dst $OUTSIDE_ADDR and not $POOL_SRC and not src net 201.70.32.0/24")" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	ports_kept		ports and ICMP identifiers are kept
	one_host_one_address	an inside host keeps one global address
	distinct_hosts		distinct hosts have distinct addresses
	exhaustion		an exhausted pool drops and counts
	clear_frees		clear ip nat translation frees addresses
	timers			timers end translations
	table_full		max-entries is kept
	match_host		match-host keeps the number of a host, and ranges are used up in order
	simple_timers		the timer of entries for hosts, and never
	host_limit		so is max-entries for hosts and for a list of them
	errors_inward		ICMP errors reach the inside host
	errors_outward		ICMP errors of the inside host reach the outside one
	outside_initiated	nothing comes in without a translation
	exempt_outsiders	nor by one whose answers would be exempt
	arp			the gateway answers ARP for the pool and nothing else
	fragments		fragmented datagrams are translated
	nothing_untranslated	nothing has left untranslated
	no_clear		nothing protected was in clear on the wire
"
