#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Packets that are cut, altered, forged, repeated or in clear: none of them is
# delivered, each is counted under its own name, exactly. What an attacker
# sends comes from the outside host; bad_esp.py builds it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
# so that no packet is answered by an ICMP error
udp_sink right "$INSIDE" 7777
udp_sink beside "$INSIDE" 7778

export GW GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT ENC_KEY_IN AUTH_KEY_IN
export VPNGW_SLOW STATE="$TMP/state" PCAP="$TMP/wire.pcap"

# what the client has really sent, to be sent again
client_talks()
{
	check_ping "$CLIENT" $INSIDE_ADDR 10
	capture_sync wire
}

bad()
{
	local output
	output=$(outside python3 "$SELFTESTS/bad_esp.py" "$1" 2>&1) || fail "$output"
}

control()	{ bad control; }
truncated()	{ bad truncated; }
flipped()	{ bad flipped; }
spi()		{ bad spi; }
replay()	{ bad replay; }
clear_in()	{ bad clear; }
padding()	{ bad padding; }
next_header()	{ bad next-header; }
inner()		{ bad inner; }
selector()	{ bad selector; }

# After all that the tunnel works, and the inside host has had nothing but what
# was right.
delivered()
{
	local expected others n
	expected=$(sed 's/.*, *\([0-9]*\).*/\1/' "$STATE")
	check_num "packets that were right" "$expected" -gt 5
	check_eq "of which the inside host has had" \
		"$(captured inside "udp dst port 7777")" "$expected"
	check_eq "of which were whole" "$(grep -c ^got "$TMP/right.log")" "$expected"
	others="ip and dst $INSIDE_ADDR and not udp dst port 7777 and not udp dst port 7778"
	others+=" and not (icmp and src $CLIENT_INNER and icmp[0] == 8)"
	# the second halves of datagrams that were sent in fragments; the sink
	# counts whole ones
	others+=" and not (src $CLIENT_INNER and ip[6:2] & 0x1fff == 100)"
	n=$(captured inside "$others")
	check_eq "others that it has had" "$n" 0
	[[ $n == 0 ]] || diag "$(tcpdump -n -v -r "$TMP/inside.pcap" "$others" 2>&1)"
	check_eq "pings that it has had" \
		"$(captured inside "icmp[0] == 8 and dst $INSIDE_ADDR")" 10
	check_eq "integrity failures of the association" "$(sa_stat in auth_errors)" \
		"$(drop_count esp-auth)"
	check_eq "replays of the association" "$(sa_stat in replay_errors)" \
		"$(drop_count esp-replay)"
}

# the outside host's own packets in clear are the attack
no_clear()
{
	check_no_clear "not ether src $(mac_of "$OUTSIDE" eth0)"
}

run_tests "
	client_talks	the client talks, and is recorded
	control		valid packets of another ESP implementation are delivered
	truncated	truncated ESP of every length
	flipped		ESP with one bit flipped, anywhere
	spi		ESP with an unknown SPI
	replay		ESP that was sent before, or is too old
	clear_in	packets in clear that should be protected
	padding		authentic ESP with wrong padding
	next_header	authentic ESP that carries no IPv4
	inner		authentic ESP with a malformed packet inside
	selector	authentic ESP with addresses outside the selectors
	delivered	the inside host has had the valid packets and no other
	no_clear	nothing protected was in clear on the wire
"
