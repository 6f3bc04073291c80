#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two clients behind one NAT, which is the kernel's own masquerading in a
# namespace between them and the outside segment. ESP travels in UDP.
#
#  $HOME1 eth0 192.168.7.2 --+
#                            +-- $NAT 192.168.7.1 | eth0 201.70.32.90 -- segment
#  $HOME2 eth0 192.168.7.3 --+
#
# timeout: 400

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat nft conntrack
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

NAT_OUTER=201.70.32.90
NAT_OTHER=201.70.32.91

setup_nat()
{
	local i
	new_ns NAT HOME1 HOME2 || return 1
	ip -batch - <<-EOT || return 1
		link add nat netns $WIRE type veth peer name eth0 netns $NAT
		link add eth0 netns $HOME1 type veth peer name home1 netns $NAT
		link add eth0 netns $HOME2 type veth peer name home2 netns $NAT
	EOT
	ip -n "$WIRE" link set nat master br0 up
	ip -n "$NAT" -batch - <<-EOT || return 1
		link add home type bridge forward_delay 0
		link set home1 master home up
		link set home2 master home up
		link set home up
		addr add 192.168.7.1/24 dev home
		addr add $NAT_OUTER/24 dev eth0
		link set eth0 up
	EOT
	for i in 1 2; do
		local ns=HOME$i
		ip -n "${!ns}" -batch - <<-EOT || return 1
			addr add 192.168.7.$((i + 1))/24 dev eth0
			link set eth0 up
			route add default via 192.168.7.1
		EOT
	done
	in_ns "$NAT" sysctl -qw net.ipv4.ip_forward=1
	in_ns "$NAT" nft -f - <<-EOT || return 1
		table ip nat {
			chain post {
				type nat hook postrouting priority 100;
				oifname "eth0" masquerade
			}
		}
	EOT
	busywait 10 in_ns "$HOME1" ping -c 1 -W 1 $GW_OUTER &&
		busywait 10 in_ns "$HOME2" ping -c 1 -W 1 $GW_OUTER
}

# remap ACTION...: the NAT forgets everything, and does that from now on
remap()
{
	in_ns "$NAT" nft -f - <<-EOT
		flush chain ip nat post
		add rule ip nat post oifname "eth0" meta l4proto udp $*
		add rule ip nat post oifname "eth0" masquerade
	EOT
	check "conntrack" in_ns "$NAT" conntrack -F
}

# place NUMBER: where the gateway sends to that client
place()
{
	ask "show crypto session" | awk -v to="10.2.1.$1" '
		/^Peer:/ { peer = $2 " " $4 }
		$1 " " $2 == "Assigned address:" && $3 == to { print peer }' | sort -u
}

# use NUMBER: the client that is meant
use()
{
	local ns=HOME$1
	use_client "home$1" "${!ns}" "192.168.7.$(($1 + 1))" $NAT_OUTER
}

# packets NUMBER in|out: those of all associations of that client
packets()
{
	client_packets "10.2.1.$1" "$2"
}

capture wire "$WIRE" br0 || exit 1
configure || exit 1
setup_nat || { diag "no NAT"; exit 1; }

two_connect()
{
	local i
	start_vpnd
	for i in 1 2; do
		use "$i"
		start_charon
		connect des-md5-modp768 des-md5 no || { fail "no connection $i"; show_logs; return; }
		up "client $i" "10.2.1.$i"
	done
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "the remote node is behind NAT"
	check_eq "associations" "$(sa_count)" 4
	[[ ! $subtest_failed ]] || show_logs
}

data()
{
	local i
	local before
	for i in 1 2; do
		local ns=HOME$i
		before="$(packets "$i" in) $(packets "$i" out)"
		check_eq "packets before, client $i" "$before" "0 0"
		check_ping "${!ns}" $INSIDE_ADDR 4
		check_ping "$INSIDE" "10.2.1.$i" 3
		check_eq "packets after, client $i" "$(packets "$i" in) $(packets "$i" out)" "7 7"
	done
	capture_sync wire
	check_num "ESP in UDP on the wire" \
		"$(captured wire "udp port 4500 and src $GW_OUTER and udp[8:4] != 0")" -ge 14
	check_eq "ESP in IP on the wire" "$(captured wire esp)" 0
	[[ ! $subtest_failed ]] || show_logs
}

# what does not fit into one datagram, and TCP, which has to find out
large()
{
	head -c 300000 /dev/urandom > "$TMP/file"
	check_ping "$HOME1" $INSIDE_ADDR 2 -s 3000
	tcp_start down "$INSIDE" "$HOME2" 10.2.1.2 5001 "$TMP/file" || return
	tcp_check down "$TMP/file" 30
	tcp_start up "$HOME2" "$INSIDE" $INSIDE_ADDR 5002 "$TMP/file" || return
	tcp_check up "$TMP/file" 30
}

rekey()
{
	use 1
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(sa_count) -eq 6 ]]' || fail "$(sa_count) associations after a rekey"
	check_ping "$HOME1" $INSIDE_ADDR 3
	check_ping "$INSIDE" 10.2.1.2 3
	[[ ! $subtest_failed ]] || show_logs
}

# The NAT finds other ports. One client only has packets under its associations, of
# the other one a message is the first thing to come.
other_port()
{
	local before1 before2
	gwctl clear drops > /dev/null
	before1=$(place 1)
	before2=$(place 2)
	remap masquerade to :30000-30999
	busywait 20 in_ns "$HOME1" ping -c 1 -W 1 $INSIDE_ADDR || fail "client 1 is lost"
	check_match "client 1, who was at $before1" "$(place 1)" "^$NAT_OUTER 30[0-9]{3}$"
	check_eq "client 2, of whom nothing has come" "$(place 2)" "$before2"
	check_ping "$HOME1" $INSIDE_ADDR 3
	check_ping "$INSIDE" 10.2.1.1 3
	use 2
	check "rekey" swan --rekey --child net
	busywait 20 eval '[[ $(place 2) =~ ^$NAT_OUTER\ 30 ]]' || fail "client 2 is at $(place 2)"
	check_ping "$INSIDE" 10.2.1.2 3
	check_ping "$HOME2" $INSIDE_ADDR 3
	check_eq "times that a peer has moved" \
		"$(grep -c "peer has moved from $NAT_OUTER" "$TMP/vpnd.log")" 2
	check_eq "drops" "$(drops)" ""
	[[ ! $subtest_failed ]] || show_logs
}

# Another address: the associations have another destination, and stay what they are.
other_address()
{
	local before
	use 2
	before=$(sa_count)
	ip -n "$NAT" addr add $NAT_OTHER/24 dev eth0
	remap snat to $NAT_OTHER
	busywait 20 in_ns "$HOME2" ping -c 1 -W 1 $INSIDE_ADDR || fail "client 2 is lost"
	check_match "client 2" "$(place 2)" "^$NAT_OTHER "
	check_ping "$INSIDE" 10.2.1.2 3
	check_eq "associations" "$(sa_count)" "$before"
	check_match "the route" "$(gw ip route show 10.2.1.2)" "via $NAT_OTHER "
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(sa_count) -eq $((before + 2)) ]]' ||
		fail "$(sa_count) associations after a rekey"
	check_ping "$HOME2" $INSIDE_ADDR 3
	disconnect
	busywait 5 said vpnd "returning address 10.2.1.2" || fail "the lease was not returned"
	check_eq "associations at the end" "$(sa_count)" 0
	check_eq "the route at the end" "$(gw ip route show 10.2.1.2)" ""
	[[ ! $subtest_failed ]] || show_logs
}

# a client that comes back says INITIAL-CONTACT: for itself, not for its neighbour
restart()
{
	use 1
	bg_stop home1 KILL
	ip -n "$HOME1" xfrm state flush
	ip -n "$HOME1" xfrm policy flush
	ip -n "$HOME1" addr del 10.2.1.1/32 dev eth0 2>/dev/null
	start_charon
	connect des-md5-modp768 des-md5 no || { fail "no connection again"; show_logs; return; }
	up "after a restart" 10.2.1.1
	check_ping "$HOME1" $INSIDE_ADDR 3
	check_ping "$HOME2" $INSIDE_ADDR 3
	disconnect
	busywait 5 said vpnd "returning address 10.2.1.1" || fail "the lease was not returned"
	check_no_ping "$INSIDE" 10.2.1.1 1
	check_ping "$INSIDE" 10.2.1.2 2
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear
}

run_tests "
	two_connect		two clients behind one NAT
	data			packets of each under its own associations, in UDP
	large			large packets and TCP
	rekey			a rekey of one of them
	other_port		the NAT finds other ports for them
	restart			one restarts and leaves, the other stays
	other_address		the NAT finds another address
	no_clear		nothing protected was in clear on the wire
"
