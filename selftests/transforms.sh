#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Every transform against the kernel's own ESP, both ways: all lengths of
# padding, long packets, don't-fragment set and not, a TCP stream in large
# segments. Both ends count the same.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

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

des_md5()	{ one "esp-des esp-md5-hmac" 8 16; }
des_sha()	{ one "esp-des esp-sha-hmac" 8 20; }
des_sha256()	{ one "esp-des esp-sha256-hmac" 8 32; }
des3_md5()	{ one "esp-3des esp-md5-hmac" 24 16; }
des3_sha()	{ one "esp-3des esp-sha-hmac" 24 20; }
aes128_sha()	{ one "esp-aes esp-sha-hmac" 16 20; }
aes128_sha256()	{ one "esp-aes 128 esp-sha256-hmac" 16 32; }
aes192_md5()	{ one "esp-aes 192 esp-md5-hmac" 24 16; }
aes256_sha256()	{ one "esp-aes 256 esp-sha256-hmac" 32 32; }
null_sha()	{ one "esp-null esp-sha-hmac" 0 20; }
null_sha256()	{ one "esp-null esp-sha256-hmac" 0 32; }
gcm128()	{ one "esp-gcm 128" 20 0 --force-static-aead; }
gcm256()	{ one "esp-gcm 256" 36 0 --force-static-aead; }

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

run_tests "
	des_md5			esp-des esp-md5-hmac
	des_sha			esp-des esp-sha-hmac
	des_sha256		esp-des esp-sha256-hmac
	des3_md5		esp-3des esp-md5-hmac
	des3_sha		esp-3des esp-sha-hmac
	aes128_sha		esp-aes esp-sha-hmac
	aes128_sha256		esp-aes 128 esp-sha256-hmac
	aes192_md5		esp-aes 192 esp-md5-hmac
	aes256_sha256		esp-aes 256 esp-sha256-hmac
	null_sha		esp-null esp-sha-hmac
	null_sha256		esp-null esp-sha256-hmac
	gcm128			esp-gcm 128
	gcm256			esp-gcm 256
	unauthenticated_refused	no integrity, or a static counter mode key, is refused
	no_clear		nothing protected was in clear on the wire
"
