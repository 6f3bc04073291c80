#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Packets that do not fit the tunnel: with don't-fragment the sender is told how
# much does, without it they are fragmented before they are encrypted; the
# client's fragments are whole again when they leave the tunnel.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
capture inside "$INSIDE" eth0

# longest inner packet of esp-des esp-md5-hmac for an outer MTU: outer header
# 20, ESP header 8, IV 8, ICV 12; then whole blocks, less 2 of trailer
inner_mtu()
{
	echo $((($1 - 20 - 8 - 8 - 12) / 8 * 8 - 2))
}

forget_mtu()
{
	ip -n "$INSIDE" route flush cache
}

# ping_df SIZE_OF_PACKET: one echo request with don't-fragment
ping_df()
{
	inside ping -n -c 1 -W 2 -M "do" -s $(($1 - 28)) $CLIENT_INNER 2>&1
}

# told OUTER_MTU: the sender of a longer packet is told the right figure
told()
{
	local mtu output before
	mtu=$(inner_mtu "$1")
	before=$(drop_count too-big)
	forget_mtu
	check_match "one octet too long" "$(ping_df $((mtu + 1)))" \
		"From $GW_INNER.*[Ff]rag needed.*mtu = $mtu\\)"
	check_eq "packets dropped as too big" $(($(drop_count too-big) - before)) 1
	forget_mtu
	output=$(ping_df "$mtu")
	check_match "the longest that fits" "$output" " 1 received"
	check_eq "packets dropped as too big" $(($(drop_count too-big) - before)) 1
}

df_told()
{
	told 1500
}

# Fragments are inside ESP, not ESP in fragments.
fragmented_before()
{
	local out size
	for size in 1447 1500 3000; do
		out=$(sa_stat out packets)
		forget_mtu
		check_ping "$INSIDE" $CLIENT_INNER 2 -M dont -s $((size - 28))
		check_eq "ESP packets for two of $size octets" $(($(sa_stat out packets) - out)) \
			$((2 * ((size - 20 + 1423) / 1424)))
	done
	check_eq "ESP packets in fragments" \
		"$(captured wire "esp and src $GW_OUTER and ip[6:2] & 0x3fff != 0")" 0
}

# What the client has cut, inside the tunnel or outside of it, the inside network
# sees as the client meant it. (bad_esp.py has fragments made by hand.)
client_fragments_whole()
{
	check_ping "$CLIENT" $INSIDE_ADDR 2 -M dont -s 1472
	check_num "echo requests of 1500 octets from the client" \
		"$(captured inside "icmp[0] == 8 and src $CLIENT_INNER and ip[2:2] == 1500")" -eq 2
	check_eq "fragments of 1500 octets or less that the inside host has had" \
		"$(captured inside "src $CLIENT_INNER and ip[6:2] & 0x3fff != 0 and ip[2:2] < 1000 and ip[6:2] & 0x1fff == 0")" 0
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
}

outer_mtu_change()
{
	ip -n "$GW" link set Ethernet0 mtu 1400
	told 1400
	ip -n "$GW" link set Ethernet0 mtu 1500
	told 1500
}

# too_big MTU SEQ_OFFSET: what a router sends that cannot forward the last ESP
# packet, or one so many numbers later
too_big()
{
	capture_sync wire
	outside python3 - "$TMP/wire.pcap" $ROUTER_ADDR $GW_OUTER "$1" "$2" <<-'EOT'
		import socket, struct, sys

		def checksum(data):
		    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
		    while total >> 16:
		        total = (total & 0xffff) + (total >> 16)
		    return ~total & 0xffff

		path, src, dst, mtu, later = sys.argv[1:]
		with open(path, "rb") as f:
		    f.read(24)
		    while len(head := f.read(16)) == 16:
		        data = f.read(struct.unpack("=IIII", head)[2])[14:]
		        if data[9] == 50 and data[12:16] == socket.inet_aton(dst):
		            quoted = data[:28]
		spi, seq = struct.unpack("!II", quoted[20:])
		quoted = quoted[:20] + struct.pack("!II", spi, seq + int(later))
		icmp = struct.pack("!BBHHH", 3, 4, 0, 0, int(mtu)) + quoted
		icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
		raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
		raw.sendto(icmp, (dst, 0))
	EOT
}


# A router on the way has a smaller MTU: believed if it has seen our packet.
learned()
{
	check_ping "$INSIDE" $CLIENT_INNER 2
	too_big 1200 1000
	too_big 68 1000
	told 1500
	too_big 1200 0
	busywait 5 eval 'ip -n "$GW" route get $CLIENT_OUTER | grep -q "mtu 1200"' ||
		fail "the routing table has not learned: $(ip -n "$GW" route get $CLIENT_OUTER)"
	told 1200
	# no router makes packets smaller than the floor
	too_big 68 0
	check_ping "$INSIDE" $CLIENT_INNER 2 -s 400
	told 552
	ip -n "$GW" link set Ethernet0 mtu 1400
	ip -n "$GW" link set Ethernet0 mtu 1500
	ip -n "$GW" route flush cache
	told 1500
}

# A router that has seen none of our packets asks for small ones, with quotes of what
# this host might send to the client: none is believed. One about what is translated is
# for the inside host, and one of TCP for those who know its numbers.
forged()
{
	local before kinds
	before=$(drop_count icmp-path-mtu)
	kinds=$(outside python3 - "$SELFTESTS" $ROUTER_ADDR $GW_OUTER $CLIENT_OUTER <<-'EOT'
		import struct, sys
		sys.path.insert(0, sys.argv[1])
		from packets import ICMP, TCP, UDP, checksum, ip, raw_socket, transport

		router, gw, client = sys.argv[2:]
		esp = struct.pack("!II", 0x12345678, 1)
		quotes = [(50, esp), (47, bytes(8)), (UDP, struct.pack("!HHHH", 4500, 4500, 100, 0) + esp)]
		quotes += [(UDP, transport((UDP, gw, sport, client, dport), b"x" * 20))
		           for sport, dport in ((500, 500), (4500, 4500), (53, 1024))]
		quotes.append((ICMP, transport((ICMP, gw, 7, client, 0), b"")))
		for proto, payload in quotes:
		    icmp = struct.pack("!BBHHH", 3, 4, 0, 0, 600) + ip(gw, client, proto, payload, 1)
		    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
		    raw_socket().sendto(ip(router, gw, ICMP, icmp, 2), (gw, 0))
		print(len(quotes))
	EOT
	)
	busywait 5 eval '[[ $(($(drop_count icmp-path-mtu) - before)) -ge $kinds ]]'
	check_eq "errors that were believed by nobody" $(($(drop_count icmp-path-mtu) - before)) "$kinds"
	check_no_match "the route to the client" "$(ip -n "$GW" route get $CLIENT_OUTER)" "mtu"
	told 1500
}

tcp_adapts()
{
	head -c 400k /dev/urandom > "$TMP/file"
	forget_mtu
	ip -n "$GW" link set Ethernet0 mtu 1300
	ip -n "$CLIENT" link set eth0 mtu 1500
	tcp_start down "$INSIDE" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_check down "$TMP/file" 40
	ip -n "$GW" link set Ethernet0 mtu 1500
}

# df_of OPTION DF: of the outer header for an inner packet with that bit
df_of()
{
	local mode=dont before
	[[ $2 == 1 ]] && mode="do"
	before=$(captured wire "esp and src $GW_OUTER and ip[6] & 0x40 != 0")
	check_ping "$INSIDE" $CLIENT_INNER 2 -M $mode -s 100
	echo $((($(captured wire "esp and src $GW_OUTER and ip[6] & 0x40 != 0") - before) / 2))
}

df_bit()
{
	local option
	for option in copy set clear; do
		gwctl clear crypto sa > /dev/null
		setup_client_sas
		{ echo "crypto ipsec df-bit $option"; config; } | load_config > "$TMP/load.log" 2>&1 ||
			fail "load: $(cat "$TMP/load.log")"
		case $option in
		copy)	check_eq "copy: outer bit for 0" "$(df_of copy 0)" 0
			check_eq "copy: outer bit for 1" "$(df_of copy 1)" 1 ;;
		set)	check_eq "set: outer bit for 0" "$(df_of set 0)" 1
			check_eq "set: outer bit for 1" "$(df_of set 1)" 1 ;;
		clear)	check_eq "clear: outer bit for 0" "$(df_of clear 0)" 0
			check_eq "clear: outer bit for 1" "$(df_of clear 1)" 0 ;;
		esac
	done
}

# A flow that is translated and then protected: its sender, not the address that
# it was given, is told.
translated_told()
{
	local mtu
	# the client's end begins to count anew, so ours has to as well
	gwctl clear crypto sa > /dev/null
	config | sed "
		/^access-list 101 deny/d
		s/^access-list 102.*/access-list 102 permit ip 201.70.32.144 0.0.0.31 host $CLIENT_INNER/" |
		load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	setup_client_sas
	ip -n "$CLIENT" -batch - <<-EOT
		xfrm policy add src $CLIENT_INNER/32 dst 201.70.32.144/27 dir out tmpl src $CLIENT_OUTER dst $GW_OUTER proto esp reqid 1 mode tunnel
		xfrm policy add src 201.70.32.144/27 dst $CLIENT_INNER/32 dir in tmpl src $GW_OUTER dst $CLIENT_OUTER proto esp reqid 1 mode tunnel
		route add 201.70.32.144/28 via $GW_OUTER src $CLIENT_INNER
		route add 201.70.32.160 via $GW_OUTER src $CLIENT_INNER
	EOT
	check_ping "$INSIDE" $CLIENT_INNER 2
	check_num "translations" "$(xlates | grep -c "^icmp $INSIDE_ADDR .* $CLIENT_INNER")" -ge 1
	mtu=$(inner_mtu 1500)
	forget_mtu
	check_match "one octet too long" "$(ping_df $((mtu + 1)))" \
		"From $GW_INNER.*[Ff]rag needed.*mtu = $mtu\\)"
	forget_mtu
	check_match "the longest that fits" "$(ping_df "$mtu")" " 1 received"
}

# ESP in two fragments with don't-fragment set within, and a link inside that is too
# small: the client is told, and nothing is cut.
outer_fragments()
{
	local out seen drops_before
	local small="src $CLIENT_INNER and (udp dst port 7777 or ip[6:2] & 0x1fff != 0)"
	gwctl clear crypto sa > /dev/null
	setup_client_sas
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	ip -n "$GW" link set Serial1 mtu 1300
	out=$(sa_stat out packets)
	drops_before=$(drops)
	seen=$(captured inside "$small")
	export GW GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN ENC_KEY_IN AUTH_KEY_IN
	STATE="$TMP/state" outside python3 - "$SELFTESTS" <<-'EOT'
		import sys
		sys.path.insert(0, sys.argv[1])
		from bad_esp import CLIENT_OUTER, GW_OUTER, esp, inner, ip, send, udp

		body = esp(inner(payload=udp(b"x" * 1352), frag=0x4000), 1)
		send(ip(CLIENT_OUTER, GW_OUTER, 50, body[:800], ident=77, frag=0x2000))
		send(ip(CLIENT_OUTER, GW_OUTER, 50, body[800:], ident=77, frag=100))
	EOT
	busywait 5 eval '[[ $(sa_stat in packets) == 1 ]]'
	check_eq "packets out of the tunnel" "$(sa_stat in packets)" 1
	busywait 5 eval '[[ $(sa_stat out packets) -gt $out ]]'
	check_eq "packets into the tunnel, which tell the client" "$(sa_stat out packets)" $((out + 1))
	check_eq "packets that the inside host has had" "$(captured inside "$small")" "$seen"
	check_eq "drops" "$(drops)" "$drops_before"
	ip -n "$GW" link set Serial1 mtu 1500
}

no_clear()
{
	check_no_clear
}

run_tests "
	df_told			with don't-fragment the sender is told what fits
	fragmented_before	without it packets are fragmented before encryption
	client_fragments_whole	the client's fragments are whole inside
	outer_mtu_change	a change of the outer MTU is seen
	learned			a router's MTU is learned, from an error that can be one
	forged			an error that nobody can prove is believed by nobody
	tcp_adapts		TCP adapts to what fits
	df_bit			crypto ipsec df-bit copy, set and clear
	translated_told		a sender who is translated, too
	outer_fragments		don't-fragment holds for what came in fragments of ESP
	no_clear		nothing protected was in clear on the wire
"
