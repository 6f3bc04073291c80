#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Subinterfaces: outside is VLAN 10 of one device and inside VLAN 20 of another. Frames
# come with their tag in the packet or beside it, streams in large segments.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat
setup_links || { diag "the network cannot be made"; exit 1; }

# tag NAMESPACE DEVICE ID ADDRESS: the address on a subinterface instead
tag()
{
	ip -n "$1" -batch - <<-EOT
		addr del $4 dev $2
		link add link $2 name $2.$3 type vlan id $3
		addr add $4 dev $2.$3
		link set $2.$3 up
	EOT
}

tag "$CLIENT" eth0 10 $CLIENT_OUTER/24
tag "$OUTSIDE" eth0 10 $ROUTER_ADDR/24
tag "$GW" Ethernet0 10 $GW_OUTER/24
tag "$GW" Serial1 20 $GW_INNER/24
tag "$INSIDE" eth0 20 $INSIDE_ADDR/24
ip -n "$CLIENT" route add 10.2.2.0/24 via $GW_OUTER src $CLIENT_INNER
ip -n "$OUTSIDE" route add 10.2.2.0/24 via $GW_OUTER
ip -n "$OUTSIDE" route add 10.2.1.0/24 via $CLIENT_OUTER
ip -n "$GW" route add default via $ROUTER_ADDR
ip -n "$INSIDE" route add default via $GW_INNER
gw sysctl -qw net/ipv4/conf/Ethernet0.10/send_redirects=0
outside sysctl -qw net/ipv4/conf/eth0.10/send_redirects=0
busywait 10 links_up || diag "links do not come up"

capture wire "$WIRE" br0 || exit 1
setup_client_sas || exit 1

configured()
{
	check "load" load_config <<< "$(config | sed 's/Ethernet0/&.10\n encapsulation dot1Q 10/;
		s/Serial1/&.20\n encapsulation dot1Q 20/')"
	check_match "running configuration" "$(gwctl show running-config)" "^interface Ethernet0.10\$"
}

tunnel()
{
	head -c 300k /dev/urandom > "$TMP/file"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$INSIDE" $CLIENT_INNER 2 -s 3000 -M dont
	tcp_start up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$INSIDE" "$CLIENT" $CLIENT_INNER 7002 "$TMP/file"
	tcp_check down "$TMP/file" 40
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_num "ESP in VLAN 10" "$(captured wire "vlan 10 and esp")" -gt 500
}

translated()
{
	outside ip neigh flush dev eth0.10
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_eq "pings from the pool" "$(captured wire "vlan 10 and icmp[0] == 8 and $POOL_SRC")" 3
	check_num "questions for a pool address" \
		"$(captured wire 'vlan 10 and arp[6:2] == 2 and arp[14:4] >= 0xc9462096 and arp[14:4] <= 0xc94620a0')" -ge 1
	tcp_start nat "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7003 "$TMP/file"
	tcp_check nat "$TMP/file" 40
}

nothing_else()
{
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	check_eq "untagged" "$(captured wire "ip and not udp port 9")" 0
}

no_clear()
{
	# the filter of the other tests does not look behind a tag
	check_num "packets in the capture of the wire" "$(captured wire "vlan and ip")" -gt 0
	check_match "tcpdump of the wire" "$(bg_alive tcpdump-wire && echo alive)" alive
	check_eq "clear packets in VLAN 10" "$(captured wire "vlan and ($CLEAR_FILTER)")" 0
	check_eq "clear packets without a tag" "$(captured wire "$CLEAR_FILTER")" 0
}

run_tests "
	configured	subinterfaces are found by their names
	tunnel		packets of all sizes and streams through the tunnel
	translated	translations, and ARP for their addresses
	nothing_else	nothing was dropped, and nothing left without a tag
	no_clear	nothing protected was in clear on the wire
"
