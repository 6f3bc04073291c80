#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Type of service: what the outer header of a tunnel has of the inner one's, and what
# the inner one learns of congestion on the way (RFC 6040, RFC 2983).

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
udp_sink right "$INSIDE" 7777

export GW INSIDE GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT ENC_KEY_IN AUTH_KEY_IN
export VPNGW_SLOW STATE="$TMP/state"

# tos NAME FILTER: of each packet in a capture, in hexadecimal
tos()
{
	capture_sync "$1"
	tcpdump -n -v -r "$TMP/$1.pcap" "$2" 2> /dev/null |
		sed -n 's/.*(tos 0x\([0-9a-f]*\),.*/\1/p' | xargs
}

# Copied as it is: DSCP (RFC 2983 section 3, uniform model), ECN in the normal mode.
outbound()
{
	local n all="0 1 2 3 28 2b b8 b9 ba bb e0 fc ff"
	for n in $all; do
		check_ping "$INSIDE" $CLIENT_INNER 1 -Q "0x$n"
	done
	check_eq "echo requests" "$(tos inside "icmp[0] == 8 and src $INSIDE_ADDR")" "$all"
	check_eq "ESP" "$(tos wire "esp and src $GW_OUTER")" "$all"
	check_eq "drops" "$(drops)" ""
}

inbound()
{
	local output
	# the numbers of the client's answers are below
	output=$(outside python3 "$SELFTESTS/bad_esp.py" ecn 2>&1) || fail "$output"
	check_eq "drops" "$(drops)" "esp-ecn 1"
	check_eq "errors of the association" "$(sa_stat in errors)" 1
	check_eq "packets that the inside host has had" "$(captured inside "udp dst port 7777")" 15
	check_eq "of which it was told of congestion" \
		"$(captured inside "udp dst port 7777 and ip[1] & 3 == 3")" 6
	check_eq "of which whole" "$(grep -c ^got "$TMP/right.log")" 15
}

no_clear()
{
	check_no_clear
}

run_tests "
	outbound	the outer header has the type of service of the inner one
	inbound		the inner mark becomes what RFC 6040 says, for all pairs
	no_clear	nothing protected was in clear on the wire
"
