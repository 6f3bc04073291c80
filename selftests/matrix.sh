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

setup_deployment
require python3

export TRANSFORM ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT SPI_IN SPI_OUT
export GW_OUTER CLIENT_OUTER CLIENT_INNER

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

key()
{
	head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# the entry is for a tunnel or for the two ends
mode_config()
{
	if [[ $1 == transport* ]]; then
		config | sed "s/^access-list 102.*/access-list 102 permit ip host $GW_OUTER host $CLIENT_OUTER/"
	else
		config
	fi
}

# client_sas MODE
client_sas()
{
	local in out encap='' mode=${1%-udp} extra=
	[[ $1 != *udp ]] || encap="encap espinudp 4500 4500 0.0.0.0"
	in=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_IN" "$AUTH_KEY_IN" | tr '\n' ' ')
	out=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_OUT" "$AUTH_KEY_OUT" | tr '\n' ' ')
	extra="mode $mode replay-window 512 $encap"
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	ip -n "$CLIENT" -batch - <<-EOT || return 1
		xfrm state add src $CLIENT_OUTER dst $GW_OUTER proto esp spi $SPI_IN reqid 1 $extra $in
		xfrm state add src $GW_OUTER dst $CLIENT_OUTER proto esp spi $SPI_OUT reqid 1 $extra $out
	EOT
	if [[ $mode == transport ]]; then
		# not the ESP in UDP itself
		ip -n "$CLIENT" -batch - <<-EOT
			xfrm policy add src $CLIENT_OUTER dst $GW_OUTER proto udp sport 4500 dir out priority 1
			xfrm policy add src $CLIENT_OUTER dst $GW_OUTER dir out priority 2 tmpl proto esp reqid 1 mode transport
			xfrm policy add src $GW_OUTER dst $CLIENT_OUTER proto udp dport 4500 dir in priority 1
			xfrm policy add src $GW_OUTER dst $CLIENT_OUTER dir in priority 2 tmpl proto esp reqid 1 mode transport
		EOT
	else
		ip -n "$CLIENT" -batch - <<-EOT
			xfrm policy add src $CLIENT_INNER/32 dst 10.2.2.0/24 dir out tmpl src $CLIENT_OUTER dst $GW_OUTER proto esp reqid 1 mode tunnel
			xfrm policy add src 10.2.2.0/24 dst $CLIENT_INNER/32 dir in tmpl src $GW_OUTER dst $CLIENT_OUTER proto esp reqid 1 mode tunnel
		EOT
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
	local -a options=()
	TRANSFORM=$2
	ENC_KEY_IN=$(key "$3") ENC_KEY_OUT=$(key "$3")
	AUTH_KEY_IN=$(key "$4") AUTH_KEY_OUT=$(key "$4")
	[[ $mode != *udp ]] || options+=(--udp)
	if [[ $mode == transport* ]]; then
		options+=(--transport)
		from=$GW near=$GW_OUTER far=$CLIENT_OUTER
	fi
	check "load" load_config --force-static-aead <<< "$(mode_config "$mode")"
	gwctl clear crypto sa > /dev/null
	check "associations" gw python3 "$SELFTESTS/sa_new.py" "${options[@]}"
	gwctl clear drops > /dev/null
	check "client" client_sas "$mode"
	[[ ! $subtest_failed ]] || return

	sizes "$CLIENT" "$near"
	sizes "$from" "$far"
	for n in 1390 1420 1472 1500; do
		check_ping "$from" "$far" 1 -s "$n" -M dont
		check_ping "$CLIENT" "$near" 1 -s "$n" -M dont
	done
	tcp_start up "$CLIENT" "$from" "$near" 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$from" "$CLIENT" "$far" 7001 "$TMP/file"
	tcp_check down "$TMP/file" 40

	check_num "packets in" "$(sa_stat in packets)" -gt 80
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	check_eq "packets that xfrm refused" "$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)" ""
}

MODES=(tunnel-udp transport transport-udp)
CIPHERS=(esp-des:8 esp-3des:24 "esp-aes 128:16" "esp-aes 192:24" "esp-aes 256:32" esp-null:0)
AUTHENTICATORS=(esp-md5-hmac:16 esp-sha-hmac:20 esp-sha256-hmac:32 esp-sha384-hmac:48
		esp-sha512-hmac:64)
AEADS=("esp-gcm 128:20" "esp-gcm 192:28" "esp-gcm 256:36" "esp-gmac 128:20"
       esp-chacha20-poly1305:36)

# line NAME TRANSFORM ENC_OCTETS AUTH_OCTETS: of the table, in one mode or all
line()
{
	local m
	for m in "${!MODES[@]}"; do
		[[ ${VPNGW_FULL:-} || $m -eq $((lines % ${#MODES[@]})) ]] || continue
		eval "$1_$m() { one ${MODES[m]} '$2' $3 $4; }"
		echo "$1_$m $2, ${MODES[m]}"
	done
	lines=$((lines + 1))
}

transforms()
{
	local c a lines=0
	for c in "${!CIPHERS[@]}"; do
		for a in "${!AUTHENTICATORS[@]}"; do
			[[ ${VPNGW_FULL:-} || $a -eq $((c % ${#AUTHENTICATORS[@]})) ]] || continue
			line "pair_${c}_$a" "${CIPHERS[c]%:*} ${AUTHENTICATORS[a]%:*}" \
				"${CIPHERS[c]#*:}" "${AUTHENTICATORS[a]#*:}"
		done
	done
	for c in "${!AEADS[@]}"; do
		line "aead_$c" "${AEADS[c]%:*}" "${AEADS[c]#*:}" 0
	done
}

no_clear()
{
	check_no_clear
}

transforms > "$TMP/table"
run_tests "
	$(cat "$TMP/table")
	no_clear	nothing protected was in clear on the wire
"
