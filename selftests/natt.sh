#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# ESP in UDP (RFC 3948): what is cut, altered, forged or repeated is dropped under its
# name, and what is not ESP at all is for the socket at port 4500. bad_esp.py builds it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
# so that no packet is answered by an ICMP error
udp_sink right "$INSIDE" 7777
bg encap client python3 "$SELFTESTS/traffic.py" encap 4500
busywait 20 said encap listening || diag "no port for ESP in UDP: $(cat "$TMP/encap.log")"

export GW INSIDE GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT
export TRANSFORM ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT GW_INNER
export VPNGW_SLOW STATE="$TMP/state" PCAP="$TMP/wire.pcap" UDP=1 STEP=5
sent=0

bad()
{
	local output
	output=$(outside python3 "$SELFTESTS/bad_esp.py" "$1" 2>&1) || fail "$output"
	sent=$(sed 's/.*, *\([0-9]*\).*/\1/' "$STATE")
}

# what the client has really sent, to be sent again
client_talks()
{
	gwctl clear crypto sa > /dev/null
	check "client" setup_client_sas encap espinudp 4500 4500 0.0.0.0
	WINDOW=64 check "associations" gw python3 "$SELFTESTS/sa_new.py" --udp
	check_ping "$CLIENT" $INSIDE_ADDR 10
	check_ping "$INSIDE" $CLIENT_INNER 2
	check_eq "ESP that is in UDP" "$(captured wire "udp port 4500")" 24
	check_eq "ESP that is not" "$(captured wire esp)" 0
}

control()	{ bad control; }
truncated()	{ bad truncated; }
flipped()	{ bad flipped; }
spi()		{ bad spi; }
replay()	{ bad replay; }
selector()	{ bad selector; }
port()		{ bad natt; }
other_form()	{ bad other-form; }

# an association that is not in UDP
without_udp()
{
	gwctl clear crypto sa > /dev/null
	WINDOW=64 check "associations" gw python3 "$SELFTESTS/sa_new.py"
	UDP='' bad other-form
}

delivered()
{
	check_num "packets that were right" "$sent" -gt 10
	check_eq "of which the inside host has had" "$(captured inside "udp dst port 7777")" "$sent"
	check_eq "others that it has had" "$(captured inside "ip and dst $INSIDE_ADDR and
		not udp dst port 7777 and not (src $CLIENT_INNER and icmp) and
		not (src $CLIENT_INNER and ip[6:2] & 0x1fff == 100)")" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	client_talks	the client talks, and is recorded
	control		valid packets of another ESP implementation are delivered
	truncated	truncated ESP of every length
	flipped		ESP with one bit flipped
	spi		ESP with an unknown SPI
	replay		ESP that was sent before, or is too old
	selector	authentic ESP with addresses outside the selectors
	port		what is not ESP is for the socket, whatever it is
	other_form	ESP without UDP is not for an association with it
	without_udp	nor the other way round
	delivered	the inside host has had the valid packets and no other
	no_clear	nothing protected was in clear on the wire
"
