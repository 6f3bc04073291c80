#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Every transform against the kernel's own ESP, both ways: all lengths of
# padding, long packets, don't-fragment set and not, a TCP stream in large
# segments. Both ends count the same. On the stock 6.1 a third of them: uml is of the
# same version and has them all.
#	VPNGW_FULL	not empty: every cipher with every authenticator, instead of
#			each of them once

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment

# payloads: one block's worth of lengths, for every remainder, and long ones
SIZES="0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 100 1000 1390"

udp_echo echo-inside "$INSIDE" 7000
udp_echo echo-client "$CLIENT" 7000
head -c "${VPNGW_TCP_KB:-128}k" /dev/urandom > "$TMP/file"

key()
{
	head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# use TRANSFORM ENC_OCTETS AUTH_OCTETS [OPTION...]: both ends anew
use()
{
	TRANSFORM=$1
	ENC_KEY_IN=$(key "$2")
	ENC_KEY_OUT=$(key "$2")
	AUTH_KEY_IN=$(key "$3")
	AUTH_KEY_OUT=$(key "$3")
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
	local from to address n got
	set -- $SIZES
	for from in "$CLIENT" "$INSIDE"; do
		address=$INSIDE_ADDR
		[[ $from == "$CLIENT" ]] || address=$CLIENT_INNER
		got=$(ip netns exec "$from" python3 "$SELFTESTS/traffic.py" sizes $address 7000 "$@" 2>&1)
		check_eq "echoes of $# lengths, to $address" "$(grep -c ^same <<< "$got")" $((2 * $#))
		[[ $got != *error* ]] || diag "$(grep error <<< "$got")"
	done
	to=$INSIDE
	tcp_start up "$CLIENT" "$to" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$to" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_check down "$TMP/file" 40

	check_num "packets in" "$(sa_stat in packets)" -gt 80
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	n=$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)
	check_eq "packets that xfrm refused" "$n" ""
}

one()
{
	use "$@" && exchange
}

# pair CIPHER AUTHENTICATOR: both words with octets of key, as "esp-des:8"
pair()
{
	one "${1%:*} ${2%:*}" "${1#*:}" "${2#*:}"
}

aead()
{
	one "${1%:*}" "${1#*:}" 0 --force-static-aead
}

CIPHERS=(esp-des:8 esp-3des:24 "esp-aes 128:16" "esp-aes 192:24" "esp-aes 256:32" esp-null:0)
AUTHENTICATORS=(esp-md5-hmac:16 esp-sha-hmac:20 esp-sha256-hmac:32 esp-sha384-hmac:48
		esp-sha512-hmac:64)
AEADS=("esp-gcm 128:20" "esp-gcm 192:28" "esp-gcm 256:36" "esp-gmac 128:20"
       esp-chacha20-poly1305:36)

# a line of the table for each transform
transforms()
{
	local c a name
	for c in "${!CIPHERS[@]}"; do
		for a in "${!AUTHENTICATORS[@]}"; do
			[[ ${VPNGW_FULL:-} || $a -eq $((c % ${#AUTHENTICATORS[@]})) ]] || continue
			name=pair_${c}_$a
			eval "$name() { pair '${CIPHERS[c]}' '${AUTHENTICATORS[a]}'; }"
			echo "$name ${CIPHERS[c]%:*} ${AUTHENTICATORS[a]%:*}"
		done
	done
	for c in "${!AEADS[@]}"; do
		eval "aead_$c() { aead '${AEADS[c]}'; }"
		echo "aead_$c ${AEADS[c]%:*}"
	done
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

no_clear()
{
	check_no_clear
}

transforms > "$TMP/table"
if [[ ${VPNGW_KERNEL:-} == 6.1 && ! ${VPNGW_FULL:-} ]]; then
	sed -i -n '1~3p' "$TMP/table"
fi
run_tests "
	$(cat "$TMP/table")
	unauthenticated_refused	no integrity, or a static counter mode key, is refused
	no_clear		nothing protected was in clear on the wire
"
