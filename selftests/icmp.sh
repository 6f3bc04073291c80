#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# ICMP errors quote the packets that they are about. What a tunnel protects must
# not be quoted outside of it, and forged quotes must not come in.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0

# quote NAMESPACE SRC DST QUOTED_SRC QUOTED_DST: send "port unreachable" about a
# UDP datagram
quote()
{
	ip netns exec "$1" python3 - "${@:2}" <<-'EOT'
		import socket, struct, sys

		def checksum(data):
		    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
		    while total >> 16:
		        total = (total & 0xffff) + (total >> 16)
		    return ~total & 0xffff

		def ip(src, dst, proto, payload):
		    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, 0, 64, proto, 0,
		                       socket.inet_aton(src), socket.inet_aton(dst))
		    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload

		src, dst, quoted_src, quoted_dst = sys.argv[1:]
		udp = struct.pack("!HHHH", 5000, 7000, 16, 0) + b"a secret"
		icmp = struct.pack("!BBHI", 3, 3, 0, 0) + ip(quoted_src, quoted_dst, 17, udp)
		icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
		raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
		raw.sendto(ip(src, dst, 1, icmp), (dst, 0))
	EOT
}

reasons()
{
	drops | tr '\n' ' '
}

# about a packet of the tunnel, to a host outside, in clear
outward()
{
	gwctl clear drops > /dev/null
	# an inside router, which the rules do not translate
	ip -n "$INSIDE" addr add 10.2.9.9/32 dev lo
	quote "$INSIDE" 10.2.9.9 $OUTSIDE_ADDR $CLIENT_INNER 10.2.2.77
	busywait 10 eval '[[ $(drop_count icmp-protected) == 1 ]]'
	check_eq "drops" "$(reasons)" "icmp-protected 1 "
	# one that quotes something else may leave
	quote "$INSIDE" 10.2.9.9 $OUTSIDE_ADDR $OUTSIDE_ADDR 10.2.9.9
	busywait 10 eval '[[ $(captured wire "icmp[0] == 3 and src 10.2.9.9") == 1 ]]'
	check_eq "errors on the wire" "$(captured wire "icmp[0] == 3 and src 10.2.9.9")" 1
	check_eq "drops" "$(reasons)" "icmp-protected 1 "
}

# about a packet that went into the tunnel, from somebody outside of it
inward()
{
	gwctl clear drops > /dev/null
	quote "$OUTSIDE" $ROUTER_ADDR $INSIDE_ADDR $INSIDE_ADDR $CLIENT_INNER
	busywait 10 eval '[[ $(drop_count icmp-protected) == 1 ]]'
	check_eq "drops" "$(reasons)" "icmp-protected 1 "
	quote "$OUTSIDE" $ROUTER_ADDR $INSIDE_ADDR $INSIDE_ADDR $OUTSIDE_ADDR
	busywait 10 eval '[[ $(captured inside "icmp[0] == 3 and src $ROUTER_ADDR") == 1 ]]'
	check_eq "errors at the inside host" \
		"$(captured inside "icmp[0] == 3 and src $ROUTER_ADDR")" 1
}

# through the tunnel both are in order
tunnel()
{
	gwctl clear drops > /dev/null
	quote "$CLIENT" $CLIENT_INNER $INSIDE_ADDR $INSIDE_ADDR $CLIENT_INNER
	quote "$INSIDE" $INSIDE_ADDR $CLIENT_INNER $CLIENT_INNER $INSIDE_ADDR
	busywait 10 eval '[[ $(captured inside "icmp[0] == 3 and src $CLIENT_INNER") == 1 ]]'
	check_eq "errors at the inside host" \
		"$(captured inside "icmp[0] == 3 and src $CLIENT_INNER")" 1
	busywait 10 eval '[[ $(sa_stat out packets) == 1 ]]'
	check_eq "packets into the tunnel" "$(sa_stat out packets)" 1
	check_eq "drops" "$(reasons)" ""
}

# The gateway's own error about a translated flow: its address, the peer's view.
own()
{
	local error g
	udp_sink sink "$OUTSIDE" 7000
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 1 --sport 5005 > /dev/null
	busywait 10 said sink "got 1" || fail "the outside host has seen nothing"
	bg_stop sink
	g=$(xlates | awk -v il="$INSIDE_ADDR" '$2 == il && $3 == 5005 { print $4 }')
	ip -n "$OUTSIDE" route add "$g" dev eth0 src $OUTSIDE_ADDR
	outside python3 "$SELFTESTS/traffic.py" send "$g" 5005 1 --sport 7000 --ttl 1 > /dev/null
	ip -n "$OUTSIDE" route del "$g"
	error="icmp[0] == 11 and src $GW_OUTER and dst $OUTSIDE_ADDR"
	busywait 10 eval '[[ $(captured wire "$error") -ge 1 ]]' ||
		fail "no 'time exceeded' from $GW_OUTER: $(tcpdump -n -r "$TMP/wire.pcap" icmp 2>&1)"
	check_eq "which quotes the global address" \
		"$(captured wire "$error and icmp[24:4] == $(printf '0x%02x%02x%02x%02x' ${g//./ })")" 1
	[[ ! $subtest_failed ]] || diag "$g: $(tcpdump -nv -r "$TMP/wire.pcap" "$error" 2>&1)"
}

# hop TTL FROM: what the client's traceroute to the inside host finds there
hop()
{
	local said
	said=$(client ping -n -c 1 -W $((2 * VPNGW_SLOW)) -t "$1" $INSIDE_ADDR 2>&1)
	check_match "hop $1" "$said" "$2"
}

# Each hop answers, through the tunnel in both directions; and the smallest link is told.
traceroute()
{
	local said
	gwctl clear drops > /dev/null
	hop 1 "From $GW_INNER .*Time to live exceeded"
	hop 2 "64 bytes from $INSIDE_ADDR"
	said=$(inside ping -n -c 1 -W 5 -t 1 $CLIENT_INNER 2>&1)
	check_match "hop 1 of the inside host" "$said" "From $GW_INNER .*Time to live exceeded"
	said=$(inside ping -n -c 1 -W 5 -t 1 $OUTSIDE_ADDR 2>&1)
	check_match "hop 1, translated" "$said" "From $GW_INNER .*Time to live exceeded"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -t 2
	ip -n "$GW" link set Serial1 mtu 1300
	said=$(client ping -n -c 1 -W 5 -M "do" -s 1300 $INSIDE_ADDR 2>&1)
	check_match "a link inside that is too small" "$said" "From $GW_INNER .*mtu = 1300"
	ip -n "$GW" link set Serial1 mtu 1500
	check_eq "drops" "$(reasons)" ""
}

no_clear()
{
	check_no_clear "not ether src $(mac_of "$OUTSIDE" eth0)"
}

run_tests "
	outward		a quote of the tunnel does not leave outside of it
	inward		a quote of the tunnel does not come in outside of it
	tunnel		inside the tunnel both pass
	own		the gateway's own errors have its address
	traceroute	each hop is found, and the smallest link, through tunnel and NAT
	no_clear	nothing protected was in clear on the wire
"
