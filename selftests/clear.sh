#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vpnctl clear: what was meant goes, and nothing else does.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3

# send SPORT DPORT: a datagram to the outside host, which nobody answers
send()
{
	echo x | inside socat -u - "UDP4-SENDTO:$OUTSIDE_ADDR:$2,sourceport=$1"
}

# ends: of the translations, sorted
ends()
{
	xlates | awk '{ print $1, $3, $9 }' | sort | xargs
}

connections()
{
	local global
	send 6001 71
	send 6001 72
	send 6002 71
	check "translations" busywait 10 eval '[[ "$(ends)" == "udp 6001 71 udp 6001 72 udp 6002 71" ]]'
	global=$(xlates | awk 'NR == 1 { print $4 }')
	check "one connection" gwctl clear ip nat translation udp inside "$global" 6001 $INSIDE_ADDR \
		6001 outside $OUTSIDE_ADDR 72 $OUTSIDE_ADDR 72
	check_eq "left" "$(ends)" "udp 6001 71 udp 6002 71"
	check_fails "again" gwctl clear ip nat translation udp inside "$global" 6001 $INSIDE_ADDR \
		6001 outside $OUTSIDE_ADDR 72 $OUTSIDE_ADDR 72
	check "by ports" gwctl clear ip nat translation udp inside "$global" 6002 $INSIDE_ADDR 6002
	check_eq "left" "$(ends)" "udp 6001 71"
	check_fails "of another protocol" gwctl clear ip nat translation tcp inside "$global" \
		$INSIDE_ADDR
	check_fails "of another host" gwctl clear ip nat translation outside 203.0.113.9 203.0.113.9
	check_fails "outside addresses differ" gwctl clear ip nat translation outside 203.0.113.9 \
		$OUTSIDE_ADDR
	check_eq "left" "$(ends)" "udp 6001 71"
	check "to an outside host" gwctl clear ip nat translation outside $OUTSIDE_ADDR \
		$OUTSIDE_ADDR forced
	check_eq "left" "$(ends)" ""
	send 6003 71
	check "of a host" gwctl clear ip nat translation inside "$global" $INSIDE_ADDR outside \
		$OUTSIDE_ADDR $OUTSIDE_ADDR
	check_eq "left" "$(ends)" ""
}

# packets: of the associations, inbound first
packets()
{
	sas direction packets | sort | cut -f 2 | xargs
}

# what is shown begins anew; the life of a key and its numbers do not
counters()
{
	local octets
	check_ping "$CLIENT" $INSIDE_ADDR 5
	check_eq "counted" "$(packets)" "5 5"
	octets=$(sas spi bytes)
	check "clear" gwctl clear crypto sa counters
	check_eq "cleared" "$(packets)" "0 0"
	check_eq "in the view" "$(gwctl show crypto ipsec sa | grep -cE 'pkts (en|de)caps: 0, ')" 2
	check_eq "octets stay" "$(sas spi bytes)" "$octets"
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_eq "counted again" "$(packets)" "2 2"
	check_eq "numbers go on" "$(sas seq | xargs)" "7 7"
	check_eq "drops" "$(drops)" ""
}

association()
{
	check_fails "no such one" gwctl clear crypto sa entry $CLIENT_OUTER esp 4711
	check "one" gwctl clear crypto sa entry $CLIENT_OUTER esp $SPI_OUT
	check_eq "left" "$(sas spi)" "$SPI_IN"
	check_no_ping "$INSIDE" $CLIENT_INNER 1
}

no_clear()
{
	check_no_clear
}

run_tests "
	connections	clear ip nat translation, by its ends
	counters	clear crypto sa counters
	association	clear crypto sa entry
	no_clear	nothing protected was in clear on the wire
"
