#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 14400
#
# What packet-tracer says comes true under random configurations: each packet is
# traced, then sent, and what happens to it is awaited.
#	TRACER_CONFIGS	configurations, 50
#	TRACER_PACKETS	packets under each, 50; 500 in a long run
#	TRACER_SEED	of the first configuration, 1; the next has the next

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
ip -n "$INSIDE" addr add 10.2.2.6/24 dev eth0
# packets for the pool arrive, also where no rule uses it and ARP is not answered
ip -n "$OUTSIDE" neigh replace 201.70.32.155 dev eth0 \
	lladdr "$(mac_of "$GW" Ethernet0)" nud permanent

everything()
{
	local seed first=${TRACER_SEED:-1} n=${TRACER_CONFIGS:-50} total=0 output failed=0
	for ((seed = first; seed < first + n; seed++)); do
		config | python3 "$SELFTESTS/tracer_random.py" "$seed" > "$TMP/random.conf"
		check "load of configuration $seed" gwctl load "$TMP/random.conf"
		gwctl clear ip nat translation all
		# shellcheck disable=SC2046	# a list of words
		if output=$(python3 "$SELFTESTS/tracer.py" "$GW" "$INSIDE" "$OUTSIDE" "$WIRE" \
				"$seed" "${TRACER_PACKETS:-50}" \
				$(sed -n 's/^! //p' "$TMP/random.conf" | tail -n 1) 2>&1); then
			total=$((total + ${TRACER_PACKETS:-50}))
		else
			fail "configuration $seed: $(tail -n 12 <<< "$output")"
			diag "$(grep -E '^ip nat|^access-list' "$TMP/random.conf")"
			failed=$((failed + 1))
		fi
		[[ $failed -lt 5 ]] || break
	done
	diag "$n configurations, $total packets as traced, $failed configurations with others"
}

run_tests "
	everything	what is traced comes true
"
