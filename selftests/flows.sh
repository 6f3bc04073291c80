#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A flow whose last packet has been decided is remembered: each packet of it counts
# where the first one did, and is decided anew as soon as anything changes that it
# was decided by. The peers run ping elsewhere; flows that are remembered have ports.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
# nobody refuses anything
udp_sink client-sink "$CLIENT" 6000
udp_sink outside-sink "$OUTSIDE" 6000

# udp DESTINATION SOURCE_PORT N [OPTION...]: packets of one flow
udp()
{
	local to=$1 port=$2 n=$3
	shift 3
	inside python3 "$SELFTESTS/traffic.py" send "$to" 6000 "$n" --sport "$port" \
		--interval 0.001 "$@" > "$TMP/udp.log" || fail "udp: $(cat "$TMP/udp.log")"
}

# sent_clear SOURCE DESTINATION [FILTER]: packets of these flows on the wire
sent_clear()
{
	captured wire "udp dst port 6000 and src $1 and dst $2${3:+ and $3}"
}

# what a packet of a protected flow counts
protected_figures()
{
	echo "$(ace_hits 101 10) $(ace_hits 101 20) $(ace_hits 102 10)" \
		"$(sa_stat out packets) $(nat_stat exempt) $(nat_stat hits) $(nat_stat misses)"
}

protected_counts()
{
	local -a before after
	local i
	read -ra before <<< "$(protected_figures)"
	udp $CLIENT_INNER 5001 40
	read -ra after <<< "$(protected_figures)"
	for i in "${!before[@]}"; do
		after[i]=$((after[i] - before[i]))
	done
	check_eq "deny, permit, crypto list; encrypted, exempt, hits, misses" \
		"${after[*]}" "40 0 40 40 40 0 0"
}

translated_counts()
{
	local hits misses permit
	hits=$(nat_stat hits)
	misses=$(nat_stat misses)
	permit=$(ace_hits 101 20)
	udp $OUTSIDE_ADDR 5002 40
	check_eq "hits" $(($(nat_stat hits) - hits)) 39
	check_eq "misses" $(($(nat_stat misses) - misses)) 1
	check_eq "packets that the permit line decided" $(($(ace_hits 101 20) - permit)) 1
	check_eq "translations" "$(xlates | grep -c ' 5002 ')" 1
	check_eq "packets on the wire with a source from the pool" \
		"$(sent_clear "net 201.70.32.144/28" $OUTSIDE_ADDR "src port 5002")" 40
}

# what is remembered goes with the translation
translation_goes()
{
	local misses id
	udp $OUTSIDE_ADDR 5003 3
	misses=$(nat_stat misses)
	for ((id = 0; id < 5; id++)); do
		check "clear" gwctl clear ip nat translation '*'
		check_eq "translations" "$(xlates | grep -c ' 5003 ')" 0
		udp $OUTSIDE_ADDR 5003 3
		check_eq "translations" "$(xlates | grep -c ' 5003 ')" 1
	done
	check_eq "misses" $(($(nat_stat misses) - misses)) 5
	check_eq "packets with an inside source on the wire" "$(sent_clear $INSIDE_ADDR $OUTSIDE_ADDR)" 0
}

association_goes()
{
	local before
	udp $CLIENT_INNER 5004 10
	before=$(drop_count no-sa)
	check "clear" gwctl clear crypto sa
	udp $CLIENT_INNER 5004 10
	check_eq "packets dropped for want of an association" $(($(drop_count no-sa) - before)) 10
	check "load" load_config <<< "$(config)"
	setup_client_sas
	before=$(sa_stat out packets)
	udp $CLIENT_INNER 5004 10
	check_eq "packets encrypted again" $(($(sa_stat out packets) - before)) 10
}

# with and without its exemption, to and fro
configuration_changes()
{
	local before clear i
	local translated
	translated="net 201.70.32.144/28 and ether dst $(mac_of "$OUTSIDE" eth0)"
	for i in 1 2 3; do
		udp $CLIENT_INNER 5005 5
		clear=$(sent_clear "$translated" $CLIENT_INNER)
		check "load" load_config <<< "$(config | sed '/^access-list 101 deny/d')"
		udp $CLIENT_INNER 5005 5
		check_eq "translated without the deny line" \
			$(($(sent_clear "$translated" $CLIENT_INNER) - clear)) 5
		check "load" load_config <<< "$(config)"
		before=$(sa_stat out packets)
		udp $CLIENT_INNER 5005 5
		check_eq "encrypted with it" $(($(sa_stat out packets) - before)) 5
	done
}

# A device that is gone and comes back has its roles again.
device_changes()
{
	local before
	udp $CLIENT_INNER 5006 5
	ip -n "$GW" link set Ethernet0 down
	ip -n "$GW" link set Ethernet0 name Ethernet9
	ip -n "$GW" link set Ethernet9 up
	ip -n "$GW" route replace default via $ROUTER_ADDR
	before=$(sa_stat out packets)
	udp $CLIENT_INNER 5006 5
	check_eq "encrypted under the new name" $(($(sa_stat out packets) - before)) 5
	ip -n "$GW" link set Ethernet9 down
	ip -n "$GW" link set Ethernet9 name Ethernet0
	ip -n "$GW" link set Ethernet0 up
	ip -n "$GW" route replace default via $ROUTER_ADDR
	before=$(sa_stat out packets)
	udp $CLIENT_INNER 5006 5
	check_eq "encrypted under the old one" $(($(sa_stat out packets) - before)) 5
}

# dscp TOS: a packet of the one flow with it
dscp()
{
	inside python3 -c '
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 5007))
sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, int(sys.argv[2]))
sock.sendto(b"0 dscp", (sys.argv[1], 6000))' $OUTSIDE_ADDR "$1"
}

# A list that looks at more than the tuple is asked about each packet.
more_than_tuple()
{
	local i
	check "load" load_config <<< "$(config |
		sed '/^access-list 101 permit/i access-list 101 deny udp any any dscp ef')"
	gwctl clear ip nat translation '*' > /dev/null
	for i in 1 2 3; do
		dscp 184
	done
	check_eq "exempt by its DSCP" "$(sent_clear $INSIDE_ADDR $OUTSIDE_ADDR "src port 5007")" 3
	dscp 0
	check_eq "translated without it" "$(xlates | grep -c ' 5007 ')" 1
	check "load" load_config <<< "$(config)"
}

no_clear()
{
	check_no_clear
}

run_tests "
	protected_counts	each packet of a protected flow counts where the first did
	translated_counts	each packet of a translated flow is a hit
	translation_goes	a translation that is gone is not used again
	association_goes	without its association the flow is dropped, with a new one not
	configuration_changes	a new configuration applies to the next packet
	device_changes		a device keeps its roles under another name
	more_than_tuple		packets of a flow are told apart by what a list asks for
	no_clear		nothing protected was in clear on the wire
"
