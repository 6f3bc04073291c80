#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vpnctl load --system: the host gets the addresses and static routes that the
# configuration has, and nothing else of it changes.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

system_config()
{
	config | sed 's/^ip route .*/&\nip route 10.9.0.0 255.255.0.0 Null0\nip route 10.8.0.0 255.255.0.0 Serial1/'
}

# as a machine is before anybody has configured it
bare()
{
	gw sysctl -qw net.ipv4.ip_forward=0
	ip -n "$GW" route del default
	ip -n "$GW" addr del $GW_INNER/24 dev Serial1
	ip -n "$GW" addr add 10.99.0.1/24 dev Serial1
}

host()
{
	ip -n "$GW" -4 addr show
	ip -n "$GW" route
}

said_what_it_would_do()
{
	local before
	bare
	before=$(host)
	check_match "dry run" "$(load_config --system --dry-run <<< "$(system_config)")" \
		"^this host would get: ip address add $GW_INNER/24 dev Serial1\$"
	check_eq "the host" "$(host)" "$before"
	check_match "without --system" "$(load_config 2>&1 <<< "$(system_config)")" \
		"warning: device Serial1 does not have the address $GW_INNER"
	check_match "without --system" "$(gwctl check "$TMP/gateway.conf" 2>&1)" \
		"warning: this host does not forward packets"
	check_eq "the host" "$(host)" "$before"
	check_fails "with --rollback" load_config --system --rollback 60 <<< "$(system_config)"
	check_eq "the host" "$(host)" "$before"
}

done_to_the_host()
{
	local output
	output=$(load_config --system <<< "$(system_config)" 2>&1) || fail "load: $output"
	check_no_match "load" "$output" "warning: (device|this host)"
	check_match "address" "$(host)" "inet $GW_INNER/24 .*Serial1"
	check_match "the other address stays" "$(host)" "inet 10.99.0.1/24 .*Serial1"
	check_match "default route" "$(host)" "^default via $ROUTER_ADDR dev Ethernet0"
	check_match "discarded" "$(host)" "^blackhole 10.9.0.0/16"
	check_match "by device" "$(host)" "^10.8.0.0/16 dev Serial1"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_eq "again" "$(load_config --system <<< "$(system_config)" 2>&1 | grep 'this host')" ""
	check_eq "in JSON" "$(load_config --system --json <<< "$(system_config)" | jq -c .system)" "[]"
}

# another prefix length, another next hop
corrected()
{
	ip -n "$GW" addr del $GW_INNER/24 dev Serial1
	ip -n "$GW" addr add $GW_INNER/25 dev Serial1
	ip -n "$GW" route replace default via $CLIENT_OUTER
	# the kernel would take this one along
	ip -n "$GW" addr add 10.2.2.9/25 dev Serial1
	check_match "with a neighbour" "$(load_config --system 2>&1 <<< "$(system_config)")" \
		"warning: device Serial1 has $GW_INNER/25, not /24, and other addresses"
	check_match "the neighbour" "$(host)" "inet 10.2.2.9/25 .*Serial1"
	ip -n "$GW" addr del 10.2.2.9/25 dev Serial1
	check_match "load" "$(load_config --system <<< "$(system_config)")" \
		"^this host: ip address add $GW_INNER/24 dev Serial1; ip address del $GW_INNER/25 dev Serial1\$"
	check_match "address" "$(host)" "inet $GW_INNER/24 .*Serial1"
	check_no_match "address" "$(host)" "inet $GW_INNER/25"
	check_match "default route" "$(host)" "^default via $ROUTER_ADDR dev Ethernet0"
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

# what cannot be done is an error; the configuration is in force, and the rest is done
failing()
{
	local output
	ip -n "$GW" route del 10.8.0.0/16
	output=$(load_config --system <<< "$(system_config |
		sed 's/^ip route 0.*/&\nip route 10.7.0.0 255.255.0.0 192.0.2.1/')" 2>&1) &&
		fail "load succeeded: $output"
	check_match "load" "$output" \
		'gateway.conf:[0-9]+.*: error: ip route add 10.7.0.0/16 via 192.0.2.1: '
	check_match "the others" "$(host)" "^10.8.0.0/16 dev Serial1"
	check_match "in force" "$(gwctl show running-config)" "^ip route 10.7.0.0"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	# an address that another device has may be the one that the operator comes by
	ip -n "$GW" addr del $GW_INNER/24 dev Serial1
	ip -n "$GW" addr add $GW_INNER/32 dev lo
	output=$(load_config --system <<< "$(config)" 2>&1) || fail "load: $output"
	check_match "load" "$output" "address $GW_INNER is on another device than Serial1"
	check_match "it stays there" "$(host)" "inet $GW_INNER/32 .* lo$"
}

no_clear()
{
	check_no_clear
}

run_tests "
	said_what_it_would_do	a dry run says what the host would get
	done_to_the_host	addresses and routes are added, once
	corrected		other prefix lengths and next hops are replaced
	failing			what fails is said and stops nothing else
	no_clear		nothing protected was in clear on the wire
"
