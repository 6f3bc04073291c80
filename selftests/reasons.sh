#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
# alone
#
# Reasons to drop that need somebody else's doing: a packet cut short, no route to the
# peer, an engine that is busy, an interface without address, what NAT cannot tell
# apart. Each under its name, to the packet, and none in clear.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
udp_sink right "$INSIDE" 7777

export GW INSIDE GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT ENC_KEY_IN AUTH_KEY_IN
export VPNGW_SLOW STATE="$TMP/state"

# raw NAMESPACE SOURCE DESTINATION PROTOCOL [HEX]: one packet
raw()
{
	ip netns exec "$1" python3 - "$SELFTESTS" "${@:2}" <<-'EOT'
		import sys
		sys.path.insert(0, sys.argv[1])
		from packets import ip, raw_socket

		src, dst, proto = sys.argv[2:5]
		payload = bytes.fromhex("".join(sys.argv[5:]))
		raw_socket().sendto(ip(src, dst, int(proto), payload, 1), (dst, 0))
	EOT
}

# dropped REASON N WHAT: so many of that and nothing else; ESP and clear packets to the
# client are as many as before
dropped()
{
	busywait 10 eval "[[ \$(drop_count $1) -ge $2 ]]"
	check_eq "drops: $3" "$(drops)" "$1 $2"
	gwctl clear drops > /dev/null
}

# out of the inside network, and into the translation of replies
bad_header()
{
	local esp
	esp=$(sa_stat out packets)
	raw "$INSIDE" $INSIDE_ADDR $CLIENT_INNER 6 000102
	raw "$INSIDE" $INSIDE_ADDR $CLIENT_INNER 17 00
	raw "$INSIDE" $INSIDE_ADDR $CLIENT_INNER 1 0800
	raw "$INSIDE" $INSIDE_ADDR $OUTSIDE_ADDR 6 000102
	dropped bad-header 4 "cut in the header, outbound"
	check_eq "ESP" "$(sa_stat out packets)" "$esp"
	raw "$OUTSIDE" $OUTSIDE_ADDR 201.70.32.150 17 0001
	raw "$OUTSIDE" $OUTSIDE_ADDR 10.2.2.5 6 0001
	# an error that quotes nothing
	raw "$OUTSIDE" $OUTSIDE_ADDR 201.70.32.150 1 "0303fcfc00000000"
	dropped bad-header 3 "cut in the header, inbound"
}

no_route()
{
	local esp before
	esp=$(sa_stat out packets)
	before=$(sa_stat out errors)
	ip -n "$GW" route add unreachable $CLIENT_OUTER
	check_no_ping "$INSIDE" $CLIENT_INNER 3
	dropped no-route 3 "no route to the peer"
	check_eq "ESP" "$(sa_stat out packets)" "$esp"
	ip -n "$GW" route del unreachable $CLIENT_OUTER
	check_ping "$INSIDE" $CLIENT_INNER 2
	check_eq "drops" "$(drops)" ""
}

# A queue of a thousand, and more than that at once: fragments for a link of 120 octets
engine_busy()
{
	local aead='authenc(hmac(md5),cbc(des))' esp lost
	gwctl clear crypto sa > /dev/null
	# its crypto is there before, and finishes at once
	setup_client_sas
	modprobe -q cryptd
	python3 "$SELFTESTS/cryptd.py" add cryptd "$aead" > "$TMP/cryptd.log" ||
		{ skip "no cryptd: $(cat "$TMP/cryptd.log")"; return 0; }
	check "load" load_config <<< "$(config)"
	ip -n "$GW" link set Ethernet0 mtu 120
	check_no_ping "$INSIDE" $CLIENT_INNER 1 -s 65000 -M dont
	busywait 10 eval '[[ $(($(sa_stat out packets) + $(sa_stat out errors))) -eq 1355 ]]'
	esp=$(sa_stat out packets)
	lost=$(sa_stat out errors)
	check_eq "packets out and lost" $((esp + lost)) $(((65008 + 47) / 48))
	check_num "packets that the engine did not take" "$lost" -gt 200
	dropped esp-crypto "$lost" "engine busy"
	ip -n "$GW" link set Ethernet0 mtu 1500
	gwctl clear crypto sa > /dev/null
	busywait 10 python3 "$SELFTESTS/cryptd.py" del cryptd "$aead" || fail "cryptd stays"
	setup_client_sas
	check "load" load_config <<< "$(config)"
	check_ping "$INSIDE" $CLIENT_INNER 2
}

# overload by an interface that has no address
no_address()
{
	local before
	check "load" load_config <<< "$(config | sed "
		/^ip nat pool/d
		s/^ip nat inside source.*/ip nat inside source route-map nonat interface Ethernet0 overload/")"
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
	before=$(captured wire "ip and src net 10.2.2.0/24")
	ip -n "$GW" addr del $GW_OUTER/24 dev Ethernet0
	ip -n "$GW" route add $ROUTER_ADDR dev Ethernet0
	ip -n "$GW" route add default via $ROUTER_ADDR
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 3 -I $INSIDE_ADDR
	dropped nat-no-address 3 "no address"
	check_eq "packets that show the inside" $(($(captured wire "ip and src net 10.2.2.0/24") - before)) 0
	ip -n "$GW" route flush dev Ethernet0
	ip -n "$GW" addr add $GW_OUTER/24 dev Ethernet0
	ip -n "$GW" route add default via $ROUTER_ADDR
	check_ping "$INSIDE" $OUTSIDE_ADDR 1
}

# an error about a flow that nobody knows
untranslatable()
{
	local before quote
	before=$(captured wire "ip and src net 10.2.2.0/24")
	quote=4500001c000100004011000001020304"0a020205"0035003500080000
	raw "$INSIDE" $INSIDE_ADDR $OUTSIDE_ADDR 1 "0303000000000000$quote"
	dropped nat-untranslatable 1 "an error about nothing"
	check_eq "packets that show the inside" $(($(captured wire "ip and src net 10.2.2.0/24") - before)) 0
	check "load" load_config <<< "$(config)"
}

no_clear()
{
	check_no_clear "not ether src $(mac_of "$OUTSIDE" eth0)"
}

run_tests "
	bad_header	packets that are cut in the header
	no_route	no route to the peer
	engine_busy	the engine does not take all packets
	no_address	the interface of a rule has no address
	untranslatable	an error that cannot be translated
	no_clear	nothing protected was in clear on the wire
"
