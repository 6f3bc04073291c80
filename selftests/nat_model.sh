#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random flows through each kind of rule, compared packet by packet, entry by
# entry and counter by counter with an independent model (nat_model.py).
#	VPNGW_STEPS	packets for each kind, 500
#	VPNGW_SEED	of the random numbers

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3

STEPS=${VPNGW_STEPS:-500}
SEED=${VPNGW_SEED:-$RANDOM}
diag "VPNGW_SEED=$SEED"

# Hosts that only the model plays: what comes for them is seen and not answered.
ip -n "$OUTSIDE" route add blackhole 203.0.113.0/24
for n in {150..160}; do
	echo "neigh add 201.70.32.$n lladdr $(mac_of "$GW" Ethernet0) dev eth0 nud permanent"
done | ip -n "$OUTSIDE" -batch -
for n in {20..33}; do
	echo "neigh add 10.2.2.$n lladdr $(mac_of "$INSIDE" eth0) dev Serial1 nud permanent"
done | ip -n "$GW" -batch -

# with_rule LINE...: the deployment, with these in the place of its rule
with_rule()
{
	config | sed "/^ip nat inside source/d"
	printf '%s\n' "$@" \
		"ip nat translation udp-timeout 300" "ip nat translation dns-timeout 200" \
		"ip nat translation icmp-timeout 400" "ip nat translation tcp-timeout 9000" \
		"ip nat translation finrst-timeout 700" "ip nat translation syn-timeout 800" \
		"ip access-list extended 101" " 5 deny ip any host 203.0.113.99"
}

# what the gateway says, in the form of the model; seconds that an entry has left and
# those that it was idle are its timer
entries()
{
	gwctl show ip nat translations --json | jq -c '[.. | objects | select(has("inside_global")) |
		if .extended then
			[{"1": "icmp", "6": "tcp", "17": "udp"}[.proto | tostring],
			 .inside_global, .inside_global_port, .inside_local, .inside_local_port,
			 .outside_global, .outside_global_port,
			 ((.left + .idle + 50) / 100 | floor) * 100, .timing_out]
		else
			[.inside_global, .inside_local]
		end] | sort'
}

nat_counter()
{
	gwctl show ip nat statistics --json | jq "[.. | objects | .$1? // empty][0]"
}

# against_model KIND LINE...
against_model()
{
	local kind=$1 reason hits misses result
	shift
	check "load" load_config <<< "$(with_rule "$@")"
	gwctl clear ip nat translation '*' > /dev/null
	gwctl clear drops > /dev/null
	hits=$(nat_counter hits)
	misses=$(nat_counter misses)
	result=$TMP/model.json
	python3 "$SELFTESTS/nat_model.py" "$kind" "$INSIDE" "$OUTSIDE" "$SEED" "$STEPS" \
		> "$result" 2> "$TMP/model.log" || { fail "$(tail -n 3 "$TMP/model.log")"; return; }
	check_eq "errors" "$(jq -r '.errors[]' "$result")" ""
	check_eq "packets" "$(jq .packets "$result")" "$STEPS"
	check_num "translations" "$(jq '.entries | length' "$result")" -gt 10
	if [[ $(entries) != "$(jq -c '.entries | sort' "$result")" ]]; then
		fail "the translations are others than the model's:"
		diag "$(diff <(entries | jq -c '.[]') <(jq -c '.entries | sort | .[]' "$result") |
			head -n 10)"
	fi
	for reason in nat-pool-exhausted nat-no-translation; do
		check_eq "drops: $reason" "$(drop_count $reason)" "$(jq ".drops.\"$reason\"" "$result")"
	done
	check_eq "other drops" "$(drops | grep -vE '^nat-(pool-exhausted|no-translation) ')" ""
	check_eq "hits" $(($(nat_counter hits) - hits)) "$(jq .hits "$result")"
	check_eq "misses" $(($(nat_counter misses) - misses)) "$(jq .misses "$result")"
}

extended()
{
	against_model extended "ip nat inside source route-map nonat pool outsidepool"
	check_num "flows for which there was no address" "$(drop_count nat-pool-exhausted)" -gt 0
}

overload()
{
	against_model overload "ip nat inside source list 101 pool outsidepool overload"
}

interface()
{
	against_model interface "ip nat inside source list 101 interface Ethernet0 overload"
}

simple()
{
	against_model simple "ip nat inside source list 101 pool outsidepool"
	check_num "flows for which there was no address" "$(drop_count nat-pool-exhausted)" -gt 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	extended	a route-map and a pool
	overload	a list and a pool with overload
	interface	a list and the address of the interface
	simple		a list and a pool, an entry for each host
	no_clear	nothing protected was in clear on the wire
"
