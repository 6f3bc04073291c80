#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The anti-replay window on the wire, at 0, the window, 2^31 and 2^32: what is new
# is delivered, what was there or is too old is not, each counted. bad_esp.py
# builds the packets, with 32 bits of sequence number and with 64.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
# so that no packet is answered by an ICMP error
udp_sink right "$INSIDE" 7777

export GW GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN SPI_OUT ENC_KEY_IN AUTH_KEY_IN
export VPNGW_SLOW WINDOW ESN
sent=0

# edges GROUP WINDOW [esn]: on a new association
edges()
{
	local output group=$1
	WINDOW=$2 ESN=${3:-}
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	output=$(
		if [[ $WINDOW == 0 ]]; then
			echo "crypto ipsec security-association replay disable"
		else
			echo "crypto ipsec security-association replay window-size $WINDOW"
		fi
		config | sed "s/^crypto ipsec transform-set.*/&${ESN:+\n esn}/"
	)
	check "load" load_config <<< "$output"
	check_eq "extended numbers" "$(sa_stat in esn)" "$([[ $ESN ]] && echo true || echo false)"
	output=$(STATE="$TMP/state-$1-$2-$ESN" outside python3 "$SELFTESTS/bad_esp.py" "$group" 2>&1) ||
		fail "$output"
	sent=$((sent + $(sed 's/.*, *\([0-9]*\).*/\1/' "$TMP/state-$1-$2-$ESN")))
	check_eq "packets of the association" "$(sa_stat in packets)" \
		"$(sed 's/.*, *\([0-9]*\).*/\1/' "$TMP/state-$1-$2-$ESN")"
	check_eq "integrity failures" "$(sa_stat in auth_errors)" "$(drop_count esp-auth)"
	check_eq "replays" "$(sa_stat in replay_errors)" "$(drop_count esp-replay)"
}

window_64()	{ edges edges 64; }
window_32()	{ edges edges 32; }
window_8192()	{ edges edges 8192; }
off()		{ edges off 0; }
esn_64()	{ edges edges 64 esn; }
esn_1024()	{ edges edges 1024 esn; }

delivered()
{
	check_num "packets that were right" "$sent" -gt 60
	check_eq "of which the inside host has had" \
		"$(captured inside "udp dst port 7777")" "$sent"
	check_eq "others that it has had" \
		"$(captured inside "ip and dst $INSIDE_ADDR and not udp dst port 7777")" 0
}

# the outside host's packets are in ESP
no_clear()
{
	check_no_clear
}

run_tests "
	window_64	the window of 64, at every edge
	window_32	the smallest
	window_8192	the largest
	off		no window
	esn_64		extended numbers, the window of 64
	esn_1024	extended numbers, a larger one
	delivered	the inside host has had what was new, and nothing else
	no_clear	nothing protected was in clear on the wire
"
