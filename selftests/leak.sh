#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A flow that is translated and alive when crypto map and exemption are loaded
# is encrypted or dropped from its next packet on. (A gateway of nft and xfrm
# goes on sending it in clear.)

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

# Without these the same text is a plain NAT gateway.
plain_config()
{
	config | sed -e '/^crypto/,/^!/d' -e '/^ crypto map/d' -e '/^access-list 101 deny/d' \
		-e '/^access-list 102/d'
}

last_sent()
{
	sed -n 's/^sent //p' "$TMP/$1.log" | tail -n 1
}

# numbers of datagrams seen in clear between a pool address and the client
clear_numbers()
{
	capture_sync wire
	tcpdump -n -A -r "$TMP/wire.pcap" "udp port 7000 and host $CLIENT_INNER" 2>/dev/null |
		grep -oaE '[0-9]+ x{10}' | sed 's/ .*//' | sort -n | uniq
}

sink_past()
{
	[[ $(numbers sink | tail -n 1) -gt $1 ]]
}

# leak_udp SOURCE_PORT
leak_udp()
{
	local sport=$1 at_load clear esp
	plain_config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	gwctl clear crypto sa > /dev/null
	bg sender ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
		$CLIENT_INNER 7000 4000 --sport "$sport" --interval 0.01
	busywait 20 sink_past 20 || fail "the flow is not alive before the load"
	check_match "translations before" "$(xlates)" "$INSIDE_ADDR.*$CLIENT_INNER"
	esp=$(captured wire "esp and dst $CLIENT_OUTER")

	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	at_load=$(last_sent sender)

	busywait 20 sink_past $((at_load + 50)) || fail "the flow does not go on encrypted"
	bg_stop sender
	clear=$(clear_numbers | tail -n 1)
	check_num "last number sent when the load returned" "$at_load" -gt 20
	check_num "last number in clear" "${clear:-none}" -le "$at_load"
	check_num "numbers in clear before" "$(clear_numbers | wc -l)" -gt 10
	check_num "ESP packets after" $(($(captured wire "esp and dst $CLIENT_OUTER") - esp)) -gt 40
	check_eq "translations after" "$(xlates | grep -c "$CLIENT_INNER")" 0
}

live_flow_encrypted()
{
	udp_sink sink "$CLIENT" 7000
	leak_udp 5000
	bg_stop sink
}

# The same without associations: dropped, still never in clear.
live_flow_dropped()
{
	local at_load dropped
	udp_sink sink "$CLIENT" 7000
	plain_config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	gwctl clear crypto sa > /dev/null
	bg sender ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
		$CLIENT_INNER 7000 4000 --sport 5001 --interval 0.01 --first 10000
	busywait 20 sink_past 10020 || fail "the flow is not alive before the load"
	dropped=$(drop_count no-sa)
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	at_load=$(last_sent sender)
	gwctl clear crypto sa > /dev/null
	busywait 20 dropped_past $((dropped + 50)) || fail "no packets are dropped for no-sa"
	bg_stop sender
	check_num "last number in clear" "$(clear_numbers | tail -n 1)" -le "$at_load"
	check_num "last number received" "$(numbers sink | tail -n 1)" -lt "$(last_sent sender)"
	bg_stop sink
}

dropped_past()
{
	[[ $(drop_count no-sa) -gt $1 ]]
}

no_clear()
{
	check_no_clear
}

run_tests "
	live_flow_encrypted	a live translated flow is encrypted from the load on
	live_flow_dropped	without an association it is dropped from the load on
	no_clear		nothing protected was in clear on the wire
"
