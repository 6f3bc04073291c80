#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The running configuration: what is printed is in force when loaded again, a dry
# run changes nothing and says what would change, and a load that nobody confirms
# is taken back.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

more()
{
	config
	echo "access-list 101 deny ip 10.2.3.0 0.0.0.255 any"
}

# what the kernel has
lists()
{
	gwctl show access-lists | sed 's/ ([0-9]* match.*//'
}

# what has happened is not part of it
state()
{
	lists
	gwctl show route-map | grep -v 'matches:'
	gwctl show crypto map
	gwctl show interfaces
	gwctl --json show crypto ipsec sa | grep -E '"(spi|conn_id|src|dst)"'
}

loaded_again()
{
	local before
	before=$(state)
	gwctl --secrets show running-config > "$TMP/running.conf"
	check "load what was printed" gwctl load "$TMP/running.conf"
	check_eq "what the kernel has" "$(state)" "$before"
	check_eq "printed again" "$(gwctl --secrets show running-config)" "$(cat "$TMP/running.conf")"
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

secrets_masked()
{
	local masked
	masked=$(gwctl show running-config)
	check_no_match "masked" "$masked" "$ENC_KEY_IN|$AUTH_KEY_OUT"
	check_match "masked" "$masked" 'session-key inbound esp [0-9]+ cipher \*+'
	echo "$masked" > "$TMP/masked.conf"
	check_fails "load of a masked configuration" gwctl load "$TMP/masked.conf"
}

dry_run()
{
	local before output
	before=$(state)
	more > "$TMP/more.conf"
	output=$(gwctl load --dry-run "$TMP/more.conf" 2> "$TMP/err.log")
	check_eq "difference" "$output" "+access-list 101 deny ip 10.2.3.0 0.0.0.255 any"
	output=$(config | gwctl load --dry-run - 2> "$TMP/err.log")
	check_eq "no difference" "$output" "No difference."
	check_eq "what the kernel has" "$(state)" "$before"
	# refused by the kernel alone: nothing there to begin a transaction twice
	sed 's/^interface Serial1/interface Serial9/; s/10\.2\.2\.1 /10.9.9.9 /' "$TMP/more.conf" \
		> "$TMP/wrong.conf"
	check_fails "dry run of a wrong configuration" gwctl load --dry-run "$TMP/wrong.conf"
}

# the process that waits
waits()
{
	pgrep -f "vpnctl load --rollback" > /dev/null
}

confirmed()
{
	more > "$TMP/more.conf"
	check "load" gwctl load --rollback 600 "$TMP/more.conf"
	check "someone waits" waits
	check_fails "another one" gwctl load --rollback 600 "$TMP/more.conf"
	check "confirm" gwctl confirm
	check "nobody waits any more" busywait 10 eval '! waits'
	check_match "lists" "$(lists)" '10\.2\.3\.0'
	check_fails "nothing to confirm" gwctl confirm
}

taken_back()
{
	local before
	config | load_config > /dev/null 2>&1
	before=$(state)
	more > "$TMP/more.conf"
	check "load" gwctl load --rollback 3 "$TMP/more.conf"
	check_match "lists" "$(lists)" '10\.2\.3\.0'
	check "taken back" busywait 30 eval '! lists | grep -q 10.2.3.0'
	check "the process ends" busywait 10 eval '! waits'
	check_eq "what the kernel has" "$(state)" "$before"
	check_no_match "running-config" "$(gwctl show running-config)" '10\.2\.3\.0'
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

refused_is_not_taken_back()
{
	sed 's/^interface Serial1/interface Serial9/; s/10\.2\.2\.1 /10.9.9.9 /' "$TMP/more.conf" \
		> "$TMP/wrong.conf"
	check_fails "load" gwctl load --rollback 600 "$TMP/wrong.conf"
	check_fails "someone waits" waits
	check_fails "nothing to confirm" gwctl confirm
}

# Each network namespace has its running configuration, and its own load to confirm.
two_namespaces()
{
	config | load_config > /dev/null 2>&1
	new_ns OTHER
	echo "access-list 7 permit any" > "$TMP/other.conf"
	more > "$TMP/more.conf"
	check "load" gwctl load --rollback 600 "$TMP/more.conf"
	check "load in another namespace" in_ns "$OTHER" vpnctl load --rollback 600 "$TMP/other.conf"
	check_match "running-config" "$(gwctl show running-config)" 'access-list 101'
	check_no_match "running-config" "$(gwctl show running-config)" 'access-list 7'
	check_match "running-config of the other" "$(in_ns "$OTHER" vpnctl show running-config)" \
		'^access-list 7 permit any'
	check "confirm" gwctl confirm
	check_fails "twice" gwctl confirm
	check "confirm in the other" in_ns "$OTHER" vpnctl confirm
	check "unload the other" in_ns "$OTHER" vpnctl unload
	check_ping "$CLIENT" $INSIDE_ADDR 1
	config | load_config > /dev/null 2>&1
}

run_tests "
	loaded_again	show running-config, loaded again, changes nothing
	secrets_masked	keys are masked, and a masked configuration is refused
	dry_run		load --dry-run says what would change
	confirmed	load --rollback, confirmed
	taken_back	load --rollback, not confirmed
	two_namespaces	network namespaces do not meet in /run/vpngw
	refused_is_not_taken_back	a refused load leaves nothing behind
"
