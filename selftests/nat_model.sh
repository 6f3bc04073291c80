#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random flows through each kind of rule with random pools and exemptions, compared
# packet by packet, entry by entry and counter by counter with an independent model
# (nat_model.py).
#	VPNGW_STEPS	packets for each configuration, 250
#	VPNGW_ROUNDS	configurations of each kind, 2
#	VPNGW_SEED	of the random numbers

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3

STEPS=${VPNGW_STEPS:-250}
ROUNDS=${VPNGW_ROUNDS:-2}
SEED=${VPNGW_SEED:-$RANDOM}
diag "VPNGW_SEED=$SEED"
FLOWS=0

# Hosts that only the model plays: what comes for them is seen and not answered.
ip -n "$OUTSIDE" route add blackhole 203.0.113.0/24
for n in {150..160} 170 171 {21..24}; do
	echo "neigh add 201.70.32.$n lladdr $(mac_of "$GW" Ethernet0) dev eth0 nud permanent"
done | ip -n "$OUTSIDE" -batch -
for n in {20..33}; do
	echo "neigh add 10.2.2.$n lladdr $(mac_of "$INSIDE" eth0) dev Serial1 nud permanent"
done | ip -n "$GW" -batch -

# with_rule FIRST LAST RULE [HOST|PORT]...: the deployment, with this in the place of
# its rule, a pool of these addresses, and exempt hosts and ports
with_rule()
{
	local first=$1 last=$2 rule=$3 what list
	shift 3
	config | sed -e "/^ip nat inside source/d" -e "/^ip nat pool/s/150/$first/;s/160/$last/"
	printf '%s\n' "$rule" \
		"ip nat translation udp-timeout 300" "ip nat translation dns-timeout 200" \
		"ip nat translation icmp-timeout 400" "ip nat translation tcp-timeout 9000" \
		"ip nat translation finrst-timeout 700" "ip nat translation syn-timeout 800"
	for list in 101 107; do
		[[ $list == 101 || $rule == *"access-list $list"* ]] || continue
		printf '%s\n' "ip access-list extended $list" " 5 deny ip any host 203.0.113.99"
		for what; do
			if [[ $what == *.* ]]; then
				echo " 6 deny ip host $what any"
			else
				echo " 7 deny udp any any eq $what"
			fi
		done
	done
}

# what the gateway says, in the form of the model; seconds that an entry has left and
# those that it was idle are its timer
entries()
{
	gwctl show ip nat translations --json | jq -c '[.. | objects | select(has("inside_global") and .configured == false) |
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

# against_model KIND RULE
against_model()
{
	local kind=$1 rule=$2 round
	for ((round = 0; round < ROUNDS; round++)); do
		once_against_model "$kind" "$rule" $((SEED + round))
		[[ ! $subtest_failed ]] || break
	done
}

once_against_model()
{
	local kind=$1 rule=$2 seed=$3 first last reason hits misses result
	local -a exempt=()
	RANDOM=$seed
	first=$((150 + RANDOM % 6)) last=$((first + 1 + RANDOM % (160 - first)))
	[[ $((RANDOM % 2)) -eq 0 ]] || exempt+=("10.2.2.$((20 + RANDOM % 14))")
	# an entry for a host is for all that comes for its address
	[[ $kind == simple || $((RANDOM % 2)) -eq 0 ]] || exempt+=(5060)
	check "load" load_config <<< "$(with_rule "$first" "$last" "$rule" "${exempt[@]}")"
	gwctl clear ip nat translation '*' > /dev/null
	gwctl clear drops > /dev/null
	hits=$(nat_counter hits)
	misses=$(nat_counter misses)
	result=$TMP/model.json
	RELOAD="ip netns exec $GW vpnctl load $TMP/gateway.conf" \
		python3 "$SELFTESTS/nat_model.py" "$kind" "$INSIDE" "$OUTSIDE" "$seed" "$STEPS" \
		"$first" "$last" "${exempt[@]}" > "$result" 2> "$TMP/model.log" ||
		{ fail "$(tail -n 3 "$TMP/model.log")"; return; }
	check_eq "errors" "$(jq -r '.errors[]' "$result")" ""
	check_eq "packets" "$(jq .packets "$result")" "$STEPS"
	check_num "translations" "$(jq '.entries | length' "$result")" -ge 2
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
	FLOWS=$((FLOWS + $(jq .flows "$result")))
	[[ ! $subtest_failed ]] ||
		diag "pool $first-$last, exempt: ${exempt[*]}; again: VPNGW_ROUNDS=1 VPNGW_SEED=$seed"
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

# Static rules, a rule whose pool keeps the number of the host, and one for all others.
ordered()
{
	against_model ordered "ip nat inside source static 10.2.2.20 201.70.32.170 extendable
ip nat inside source static 10.2.2.20 201.70.32.171 extendable
ip nat pool matched 201.70.32.21 201.70.32.24 netmask 255.255.255.0 type match-host
ip nat inside source route-map matched pool matched
ip nat inside source list 101 pool outsidepool overload
access-list 107 permit ip host 10.2.2.21 any
access-list 107 permit ip 10.2.2.22 0.0.0.1 any
access-list 107 permit ip host 10.2.2.24 any
route-map matched permit 10
 match ip address 107"
}

no_clear()
{
	check_no_clear
	diag "$FLOWS flows"
}

run_tests "
	extended	a route-map and a pool
	overload	a list and a pool with overload
	interface	a list and the address of the interface
	simple		a list and a pool, an entry for each host
	ordered		several rules, static ones among them
	no_clear	nothing protected was in clear on the wire
"
