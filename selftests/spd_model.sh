#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which entry of a crypto map protects a packet: random maps, of few entries, which are
# scanned, and of many, which have an index, against a model; and loading very many.
#	SPD_MAPS	crypto maps, 40
#	SPD_PACKETS	packets under each, 50
#	SPD_SEED	1

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require python3
setup_links || exit 1

model()
{
	local output
	output=$(TMP=$TMP python3 "$SELFTESTS/spd_model.py" "$GW" "${SPD_SEED:-1}" \
		"${SPD_MAPS:-40}" "${SPD_PACKETS:-50}" 2> "$TMP/model.log") ||
		fail "different: $(tail -n 3 "$TMP/model.log")"
	diag "$(tail -n 40 <<< "$output")"
}

# client_entries N: a map of as many entries, each for a client of its own
client_entries()
{
	cat <<-EOT
		crypto isakmp policy 1
		 authentication pre-share
		crypto isakmp key secret-of-nobody address 0.0.0.0
		crypto ipsec transform-set t esp-aes esp-sha-hmac
		interface Ethernet0
		 ip address $GW_OUTER 255.255.255.0
		 crypto map m
	EOT
	awk -v n="$1" -v peer="$CLIENT_OUTER" 'BEGIN { for (i = 1; i <= n; i++) printf \
		"crypto map m %d ipsec-isakmp\n set peer %s\n set transform-set t\n" \
		" match address client%d\nip access-list extended client%d\n" \
		" permit ip 10.2.2.0 0.0.0.255 host 10.9.%d.%d\n",
		i, peer, i, i, i / 250, i % 250 + 1 }'
}

# seconds of the second load, in which each list, entry and slot is looked for
load_seconds()
{
	local begin
	client_entries "$1" > "$TMP/entries.conf"
	check "load" gwctl load "$TMP/entries.conf"
	begin=$EPOCHREALTIME
	check "load again" gwctl load "$TMP/entries.conf"
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }'
}

# Eight times as many take about eight times as long, not sixty-four.
many()
{
	local few many last
	few=$(load_seconds 1000)
	many=$(load_seconds 8000)
	diag "1,000 entries in $few s, 8,000 in $many s"
	check_num "times as long" "$(awk -v a="$few" -v b="$many" 'BEGIN { printf "%d", b / a }')" \
		-le 24
	last=$(gwctl packet-tracer input Serial1 udp $INSIDE_ADDR 5000 10.9.32.1 5000 --json |
		members map_seq crypto)
	check_eq "the last entry" "$last" "$(printf '8000\tno-sa')"
	check_eq "behind it" "$(gwctl packet-tracer input Serial1 udp $INSIDE_ADDR 5000 10.9.32.2 5000 \
		--json | members crypto)" bypass
}

run_tests "
	model	the entry is that of the model
	many	eight times as many entries load in eight times as long
"
