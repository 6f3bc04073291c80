#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 3000
#
# The transforms in the other modes: a tunnel in UDP, transport mode, transport mode
# in UDP (the tunnel by itself is transforms.sh). The kernel's own ESP is the other
# end; every length of padding, streams in large segments, both ways. Each transform
# in one of the modes.
#	VPNGW_FULL	not empty: every transform in every mode, and lengths up to 1500

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
require python3

SIZES="0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 100 1000 1360"
# 7 has no divisor with a block in common
[[ ! ${VPNGW_FULL:-} ]] || SIZES=$(echo {0..64} $(seq 71 7 1360))
read -ra SIZES <<< "$SIZES"
head -c "${VPNGW_TCP_KB:-128}k" /dev/urandom > "$TMP/file"

bg encap client python3 "$SELFTESTS/traffic.py" encap 4500
busywait 20 said encap listening || diag "no port for ESP in UDP: $(cat "$TMP/encap.log")"
for ns in "$CLIENT" "$INSIDE" "$GW"; do
	udp_echo "echo-$ns" "$ns" 7000
done

# the entry is for a tunnel or for the two ends
mode_config()
{
	if [[ $1 == transport* ]]; then
		config | sed "s/^access-list 102.*/access-list 102 permit ip host $GW_OUTER host $CLIENT_OUTER/"
	else
		config
	fi
}

# sizes NAMESPACE ADDRESS
sizes()
{
	local got
	got=$(ip netns exec "$1" python3 "$SELFTESTS/traffic.py" sizes "$2" 7000 "${SIZES[@]}" 2>&1)
	check_eq "echoes of ${#SIZES[@]} lengths, to $2" "$(grep -c ^same <<< "$got")" \
		$((2 * ${#SIZES[@]}))
	[[ $got != *error* ]] || diag "$(grep error <<< "$got")"
}

# one MODE TRANSFORM ENC_OCTETS AUTH_OCTETS
one()
{
	local mode=$1 from=$INSIDE near=$INSIDE_ADDR far=$CLIENT_INNER n
	local -a options=() encap=()
	shift
	new_keys "$@"
	# shellcheck disable=SC2034	# for setup_client_sas
	CLIENT_MODE=${mode%-udp}
	if [[ $mode == *udp ]]; then
		options+=(--udp)
		encap=(encap espinudp 4500 4500 0.0.0.0)
	fi
	if [[ $mode == transport* ]]; then
		options+=(--transport)
		from=$GW near=$GW_OUTER far=$CLIENT_OUTER
	fi
	check "load" load_config --force-static-aead <<< "$(mode_config "$mode")"
	gwctl clear crypto sa > /dev/null
	check "associations" gw python3 "$SELFTESTS/sa_new.py" "${options[@]}"
	gwctl clear drops > /dev/null
	check "client" setup_client_sas "${encap[@]}"
	[[ ! $subtest_failed ]] || return

	sizes "$CLIENT" "$near"
	sizes "$from" "$far"
	for n in 1390 1420 1472 1500; do
		check_ping "$from" "$far" 1 -s "$n" -M dont
		check_ping "$CLIENT" "$near" 1 -s "$n" -M dont
	done
	[[ $mode != tunnel-udp ]] || mtu_exact 28
	tcp_start up "$CLIENT" "$from" "$near" 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$from" "$CLIENT" "$far" 7001 "$TMP/file"
	tcp_check down "$TMP/file" 40

	check_num "packets in" "$(sa_stat in packets)" -gt 80
	counters_equal
}

MODES=(tunnel-udp transport transport-udp)
# tests: a line of the table for each transform, in one mode or in all
tests()
{
	local name transform enc auth m n=0
	while IFS=$'\t' read -r name transform enc auth; do
		for m in "${!MODES[@]}"; do
			[[ ${VPNGW_FULL:-} || $m -eq $((n % ${#MODES[@]})) ]] || continue
			eval "${name}_$m() { one ${MODES[m]} '$transform' $enc $auth; }"
			echo "${name}_$m $transform, ${MODES[m]}"
		done
		n=$((n + 1))
	done < <(each_transform)
}

no_clear()
{
	check_no_clear
}

tests > "$TMP/table"
run_tests "
	$(cat "$TMP/table")
	no_clear	nothing protected was in clear on the wire
"
