#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Every transform against the kernel's own ESP, both ways: all lengths of
# padding, long packets, don't-fragment set and not, the longest that fits, a TCP
# stream in large segments. Both ends count the same. On the stock 6.1 a third of them: uml is of the
# same version and has them all.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment

# payloads: one block's worth of lengths, for every remainder, and long ones
SIZES="0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 100 1000 1390"

udp_echo echo-inside "$INSIDE" 7000
udp_echo echo-client "$CLIENT" 7000
head -c "${VPNGW_TCP_KB:-128}k" /dev/urandom > "$TMP/file"

# use TRANSFORM ENC_OCTETS AUTH_OCTETS [OPTION...]: both ends anew
use()
{
	new_keys "$@"
	shift 3
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	setup_client_sas || { fail "xfrm refuses $TRANSFORM"; return 1; }
	config | load_config "$@" > "$TMP/load.log" 2>&1 ||
		{ fail "load: $(cat "$TMP/load.log")"; return 1; }
}

# exchange: everything both ways, then compare
exchange()
{
	local from to address got
	set -- $SIZES
	for from in "$CLIENT" "$INSIDE"; do
		address=$INSIDE_ADDR
		[[ $from == "$CLIENT" ]] || address=$CLIENT_INNER
		got=$(ip netns exec "$from" python3 "$SELFTESTS/traffic.py" sizes $address 7000 "$@" 2>&1)
		check_eq "echoes of $# lengths, to $address" "$(grep -c ^same <<< "$got")" $((2 * $#))
		[[ $got != *error* ]] || diag "$(grep error <<< "$got")"
	done
	mtu_exact 20
	to=$INSIDE
	tcp_start up "$CLIENT" "$to" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$to" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_check down "$TMP/file" 40

	check_num "packets in" "$(sa_stat in packets)" -gt 80
	counters_equal
}

# one TRANSFORM ENC_OCTETS AUTH_OCTETS
one()
{
	local -a options=()
	# those without an authenticator have a counter, which a static key repeats
	[[ $3 -ne 0 ]] || options=(--force-static-aead)
	use "$@" "${options[@]}" && exchange
}

# Without an authenticator there is no transform.
unauthenticated_refused()
{
	local before
	before=$(sa_count)
	TRANSFORM=esp-des
	check_fails "esp-des alone" eval 'config | load_config'
	TRANSFORM="esp-gcm 128"
	ENC_KEY_IN=$(key 20)
	ENC_KEY_OUT=$(key 20)
	check_fails "a static key for a counter mode cipher" eval 'config | load_config'
	check_eq "associations" "$(sa_count)" "$before"
}

# ivs_on_wire OCTETS SKIP: those of the gateway's packets, but for the first SKIP
ivs_on_wire()
{
	tcpdump -n -x -r "$TMP/wire.pcap" "esp and src $GW_OUTER and dst $CLIENT_OUTER" \
		2> /dev/null | awk -v size="$1" -v skip="$2" '
		function flush() { if (n > skip) print substr(hex, 2 * 28 + 1, 2 * size); hex = "" }
		/^\t/ { for (i = 2; i <= NF; i++) hex = hex $i; next }
		{ flush(); n++ }
		END { flush() }'
}

# ivs_differ TRANSFORM ENC_OCTETS AUTH_OCTETS IV_OCTETS: two associations, one after the
# other, with the same keys and the same numbers. No IV comes twice, nor do four octets
# of one at the same place, as they would if part of it were a counter or the same.
ivs_differ()
{
	local size=$4 before word
	capture_sync wire
	before=$(ivs_on_wire "$size" 0 | wc -l)
	new_keys "$1" "$2" "$3"
	for _ in 1 2; do
		gwctl clear crypto sa > /dev/null
		check "client" setup_client_sas
		check "load" load_config <<< "$(config)"
		check_eq "number of the association" "$(sa_stat out seq)" 0
		check_ping "$INSIDE" $CLIENT_INNER 30
	done
	capture_sync wire
	ivs_on_wire "$size" "$before" > "$TMP/ivs"
	check_eq "$1: packets" "$(wc -l < "$TMP/ivs")" 60
	for ((word = 0; word < size / 4; word++)); do
		check_eq "$1: values of word $word of the IV" \
			"$(cut -c $((8 * word + 1))-$((8 * word + 8)) "$TMP/ivs" | sort -u | wc -l)" 60
	done
}

ivs()
{
	ivs_differ "esp-aes 128 esp-sha-hmac" 16 20 16
	ivs_differ "esp-des esp-md5-hmac" 8 16 8
	ivs_differ "esp-3des esp-sha-hmac" 24 20 8
}

no_clear()
{
	check_no_clear
}

transform_tests one > "$TMP/table"
if [[ ${VPNGW_KERNEL:-} == 6.1 && ! ${VPNGW_FULL:-} ]]; then
	sed -i -n '1~3p' "$TMP/table"
fi
run_tests "
	$(cat "$TMP/table")
	ivs			no IV comes twice, not with the same key and number either
	unauthenticated_refused	no integrity, or a static counter mode key, is refused
	no_clear		nothing protected was in clear on the wire
"
