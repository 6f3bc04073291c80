#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 1800
#
# Large configurations: they load, as a whole, and what they do not concern loses
# no packet meanwhile and sends none in clear.
#	LOAD_SAS	associations by manual keys, 10000
#	LOAD_TIMES	times that a list of 10,000 entries is replaced, 10

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
SAS=${LOAD_SAS:-10000}

# big ACES CLAUSES RULES SAS [VARIANT]: the configuration
big()
{
	config | python3 "$SELFTESTS/big_config.py" "$@"
}

# timed FILE: load it and say how long that took
timed()
{
	local begin=$EPOCHREALTIME code=0
	gwctl load "$1" > "$TMP/load.log" 2>&1 || code=$?
	diag "$(wc -l < "$1") lines in $(awk -v a="$begin" -v b="$EPOCHREALTIME" \
		'BEGIN { printf "%.1f s", b - a }')"
	[[ $code -eq 0 ]] || fail "load: $(grep error "$TMP/load.log" | head -n 3) $(tail -n 3 "$TMP/load.log")"
}

everything()
{
	big 10000 1000 1000 "$SAS" > "$TMP/big.conf"
	timed "$TMP/big.conf"
	check_eq "entries" "$(gwctl --json show access-lists 101 |
		jq '[.access_lists[].entries | length] | add')" 10002
	check_eq "clauses" "$(gwctl --json show route-map big |
		jq '[.route_maps[].entries | length] | add')" 1000
	check_eq "rules" "$(gwctl --json show ip nat statistics | jq '.rules | length')" 1001
	check_eq "associations" "$(gwctl --json show crypto ipsec sa | jq '.sas | length')" \
		$((SAS + 2))
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
}

# The same again is no change: associations keep their numbers and counters.
again()
{
	local before
	before=$(gwctl --json show crypto ipsec sa | jq -c '[.sas[] | [.spi, .conn_id, .packets]] | sort')
	timed "$TMP/big.conf"
	check_eq "associations are the same" "$(gwctl --json show crypto ipsec sa |
		jq -c '[.sas[] | [.spi, .conn_id, .packets]] | sort' | md5sum)" "$(md5sum <<< "$before")"
}

# one association twice refuses all of it, also among thousands
refused()
{
	sed 's/ inbound esp 100009 / inbound esp 100007 /' "$TMP/big.conf" > "$TMP/twice.conf"
	check_fails "the same SPI twice" gwctl load "$TMP/twice.conf"
	check_eq "associations" "$(gwctl --json show crypto ipsec sa | jq '.sas | length')" \
		$((SAS + 2))
}

# missing NAME: what was sent and has not arrived
missing()
{
	comm -23 <(sed -n 's/^sent //p' "$TMP/send-$1.log" | sort) <(numbers "$1" | sort)
}

all_there()
{
	[[ -z $(missing "$1") ]]
}

# flow NAME: what was sent has arrived, all of it
flow()
{
	local sent
	bg_stop "send-$1" INT
	sent=$(grep -c '^sent ' "$TMP/send-$1.log")
	check_num "$1: sent" "$sent" -ge 100
	busywait 10 all_there "$1" || fail "$1: lost: $(missing "$1" | head -n 5 | xargs)"
	diag "$1: $sent packets, $(missing "$1" | wc -l) lost"
	bg_stop "$1"
}

# send NAME FROM TO ADDRESS PORT: numbered packets until flow NAME
send()
{
	udp_sink "$1" "$3" "$5"
	bg "send-$1" ip netns exec "$2" python3 "$SELFTESTS/traffic.py" send "$4" "$5" 100000 \
		--interval 0.01
	busywait 20 said "send-$1" "sent 10" || fail "$1: nothing is sent"
}

untouched()
{
	local n begin=$SECONDS
	config | load_config > /dev/null 2>&1
	for ((n = 0; n < 2; n++)); do
		big 10000 0 0 0 "$n" > "$TMP/list-$n.conf"
	done
	send into "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001
	send out "$INSIDE" "$CLIENT" $CLIENT_INNER 7002
	send translated "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7003
	for ((n = 0; n < ${LOAD_TIMES:-10}; n++)); do
		gwctl load "$TMP/list-$((n % 2)).conf" > "$TMP/load.log" 2>&1 ||
			fail "load: $(tail -n 3 "$TMP/load.log")"
	done
	diag "replaced ${LOAD_TIMES:-10} times in $((SECONDS - begin)) s"
	flow into
	flow out
	flow translated
	check_eq "drops" "$(drops)" ""
}

no_clear()
{
	check_no_clear
	# none of the translated flow kept its inside address either
	check_eq "inside addresses on the wire" \
		"$(pcap_count "$TMP/wire.pcap" "src net 10.2.2.0/24")" 0
}

run_tests "
	everything	10,000 entries, 1,000 clauses, 1,000 rules and the associations
	again		loaded again, nothing changes
	refused		one of them twice, and nothing changes
	untouched	flows lose nothing while a list of 10,000 is replaced
	no_clear	nothing protected was in clear on the wire
"
