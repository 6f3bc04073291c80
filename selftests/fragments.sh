#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fragments inside the tunnel: out of order, repeated, overlapping, too long, too few,
# and clear ones that pretend to be of them. bad_esp.py makes them.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
gw sysctl -qw net.ipv4.ipfrag_time=10

export GW INSIDE GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT ENC_KEY_IN AUTH_KEY_IN
export VPNGW_SLOW STATE="$TMP/state"

# snmp NAME: a counter of the gateway's stack, of /proc/net/snmp
snmp()
{
	gw awk -v name="$1" '$1 == "Ip:" && !n { n = split($0, field); next }
		$1 == "Ip:" { for (i = 1; i <= n; i++) if (field[i] == name) print $i }' /proc/net/snmp
}

joined()
{
	local output
	output=$(outside python3 "$SELFTESTS/bad_esp.py" fragments 2>&1) || fail "$output"
	check_eq "datagrams that the inside host has had" \
		"$(captured inside "src $CLIENT_INNER and udp dst port 7777")" \
		"$(sed 's/.*, *\([0-9]*\).*/\1/' "$STATE")"
	check_fails "something wrong" grep -qa wrongwrong "$TMP/inside.pcap"
}

# What waits in vain is forgotten, and nobody is told in clear.
forgotten()
{
	busywait 60 eval '[[ $(snmp ReasmTimeout) -ge 10 ]]' ||
		fail "queues that were given up: $(snmp ReasmTimeout)"
	check_eq "errors of the gateway in clear" \
		"$(captured wire "icmp[0] == 11 and ether src $(mac_of "$GW" Ethernet0)")" 0
}

no_clear()
{
	check_no_clear "not ether src $(mac_of "$OUTSIDE" eth0)"
}

run_tests "
	joined		what belongs together is joined, and nothing else
	forgotten	what waits in vain is forgotten
	no_clear	nothing protected was in clear on the wire
"
