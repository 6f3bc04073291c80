#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An nft flowtable on the gateway's devices carries flows past every hook. Those
# that vpngw protects or translates never get into it, not even if they were in
# it when the configuration was loaded.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require nft conntrack python3

gw nft -f - <<-EOT || skip_all "nft refuses a flowtable"
	table ip filter {
		flowtable ft {
			hook ingress priority 0
			devices = { Ethernet0, Serial1 }
		}
		chain forward {
			type filter hook forward priority 0
			ip protocol { tcp, udp } flow add @ft
			ip protocol { tcp, udp } counter
		}
	}
EOT

forwarded()
{
	gw nft list chain ip filter forward |
		awk '{ for (i = 2; i < NF; i++) if ($i == "packets") n += $(i + 1) } END { print n }'
}

# flows that the flowtable has, of this source port
offloaded()
{
	gw conntrack -L 2>/dev/null | grep "sport=$1 " | grep -c 'OFFLOAD'
}

last_sent()
{
	sed -n 's/^sent //p' "$TMP/$1.log" | tail -n 1
}

got_past()
{
	[[ $(numbers "$1" | tail -n 1) -gt $2 ]]
}

# Without this the rest would prove nothing.
flowtable_works()
{
	local before
	gwctl unload > /dev/null || fail "unload"
	udp_echo echo "$OUTSIDE" 7000
	before=$(forwarded)
	inside python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 50 --sport 5100 --replies 2 \
		> "$TMP/send.log"
	check_eq "replies" "$(grep -c ^reply "$TMP/send.log")" 50
	check_num "of 100 packets, those that were forwarded" $(($(forwarded) - before)) -lt 10
	check_eq "flows in the flowtable" "$(offloaded 5100)" 1
	bg_stop echo
}

# loaded EDIT PORT: a flow to the outside host is in the flowtable, then the
# configuration, edited, is loaded; sets at_load
loaded()
{
	gwctl unload > /dev/null || fail "unload"
	udp_echo echo "$OUTSIDE" 7000
	bg sender ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send $OUTSIDE_ADDR 7000 \
		2000 --sport "$2" --interval 0.01 --replies 1
	busywait 20 got_past echo 30 || fail "the flow is not alive before the load"
	busywait 20 eval "[[ \$(offloaded $2) == 1 ]]" || fail "nor in the flowtable"
	check "load" load_config <<< "$(config | sed "$1")"
	at_load=$(last_sent sender)
}

# numbers of datagrams with the inside host's own address on the wire
bare_numbers()
{
	capture_sync wire
	tcpdump -n -A -r "$TMP/wire.pcap" "udp and src $INSIDE_ADDR and src port $1" 2>/dev/null |
		grep -oaE '[0-9]+ x{10}' | sed 's/ .*//' | sort -n | uniq
}

live_flow_translated()
{
	local at_load
	loaded '' 5101
	busywait 20 eval '[[ $(last_sent sender) -gt $((at_load + 50)) ]]'
	bg_stop sender
	check_num "numbers untranslated before" "$(bare_numbers 5101 | wc -l)" -gt 10
	check_num "last number untranslated" "$(bare_numbers 5101 | tail -n 1)" -le "$at_load"
	check_num "datagrams from the pool" \
		"$(captured wire "udp src port 5101 and $POOL_SRC")" -gt 40
	check_eq "flows in the flowtable" "$(offloaded 5101)" 0
	bg_stop echo
}

# The crypto map wants the same flow, and has no association for it.
live_flow_protected()
{
	local at_load before
	before=$(drop_count no-sa)
	loaded "s/^access-list 102 permit.*/access-list 102 permit ip 10.2.2.0 0.0.0.255 host $OUTSIDE_ADDR/
		s/^access-list 101 deny.*/access-list 101 deny ip 10.2.2.0 0.0.0.255 host $OUTSIDE_ADDR/" 5102
	gwctl clear crypto sa > /dev/null
	busywait 20 eval "[[ \$(drop_count no-sa) -gt $((before + 50)) ]]" ||
		fail "no packets are dropped for no-sa"
	bg_stop sender
	check_num "numbers in clear before" "$(bare_numbers 5102 | wc -l)" -gt 10
	check_num "last number in clear" "$(bare_numbers 5102 | tail -n 1)" -le "$at_load"
	bg_stop echo
}

# Begun from either side of the tunnel.
tunnel()
{
	local before
	# the associations were deleted: with the same keys both ends begin anew
	setup_client_sas
	check "load" load_config <<< "$(config)"
	udp_echo echo-inside "$INSIDE" 7001
	udp_echo echo-client "$CLIENT" 7002
	before=$(forwarded)
	client python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR 7001 50 --sport 5103 --replies 2 \
		> "$TMP/send.log"
	check_eq "replies from inside" "$(grep -c ^reply "$TMP/send.log")" 50
	inside python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER 7002 50 --sport 5104 --replies 2 \
		> "$TMP/send.log"
	check_eq "replies from the client" "$(grep -c ^reply "$TMP/send.log")" 50
	check_eq "packets that were forwarded" $(($(forwarded) - before)) 200
	check_eq "flows in the flowtable" "$(($(offloaded 5103) + $(offloaded 5104)))" 0
	bg_stop echo-inside
	bg_stop echo-client
}

tcp()
{
	head -c 200k /dev/urandom > "$TMP/file"
	tcp_start up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7003 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start nat "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7004 "$TMP/file"
	tcp_check nat "$TMP/file" 40
	check_eq "TCP flows in the flowtable" \
		"$(gw conntrack -L -p tcp 2>/dev/null | grep -c OFFLOAD)" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	flowtable_works		the flowtable carries a flow that is nobody's business
	live_flow_translated	a flow in it is translated from the load on
	live_flow_protected	a flow in it is protected from the load on
	tunnel			flows through the tunnel never get into it
	tcp			nor do TCP connections through tunnel and NAT
	no_clear		nothing protected was in clear on the wire
"
