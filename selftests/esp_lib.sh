# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Every transform, with keys made up, for the tests that compare ours with the
# kernel's own ESP. Sourced after lib.sh.
#	VPNGW_FULL	not empty: every cipher with every authenticator, instead of
#			each of them once

export TRANSFORM ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT SPI_IN SPI_OUT
export GW_OUTER GW_INNER CLIENT_OUTER CLIENT_INNER

# the words of IOS, and octets of key
CIPHERS=(esp-des:8 esp-3des:24 "esp-aes 128:16" "esp-aes 192:24" "esp-aes 256:32" esp-null:0)
AUTHENTICATORS=(esp-md5-hmac:16 esp-sha-hmac:20 esp-sha256-hmac:32 esp-sha384-hmac:48
		esp-sha512-hmac:64)
AEADS=("esp-gcm 128:20" "esp-gcm 192:28" "esp-gcm 256:36" "esp-gmac 128:20"
       esp-chacha20-poly1305:36)

# key OCTETS
key()
{
	head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# new_keys TRANSFORM ENC_OCTETS AUTH_OCTETS: what both ends are to have
new_keys()
{
	TRANSFORM=$1
	ENC_KEY_IN=$(key "$2")
	ENC_KEY_OUT=$(key "$2")
	AUTH_KEY_IN=$(key "$3")
	AUTH_KEY_OUT=$(key "$3")
}

# each_transform: a line "NAME TRANSFORM ENC_OCTETS AUTH_OCTETS" for each, with tabs
each_transform()
{
	local c a
	for c in "${!CIPHERS[@]}"; do
		for a in "${!AUTHENTICATORS[@]}"; do
			[[ ${VPNGW_FULL:-} || $a -eq $((c % ${#AUTHENTICATORS[@]})) ]] || continue
			printf '%s\t%s\t%s\t%s\n' "pair_${c}_$a" \
				"${CIPHERS[c]%:*} ${AUTHENTICATORS[a]%:*}" \
				"${CIPHERS[c]#*:}" "${AUTHENTICATORS[a]#*:}"
		done
	done
	for c in "${!AEADS[@]}"; do
		printf '%s\t%s\t%s\t0\n' "aead_$c" "${AEADS[c]%:*}" "${AEADS[c]#*:}"
	done
}

# transform_tests FUNCTION [WORDS]: a line of the table for each, which runs FUNCTION
# with TRANSFORM ENC_OCTETS AUTH_OCTETS. Not in a subshell.
transform_tests()
{
	local name transform enc auth
	while IFS=$'\t' read -r name transform enc auth; do
		eval "$name() { $1 '$transform' $enc $auth; }"
		echo "$name $transform${2:+ $2}"
	done < <(each_transform)
}

# on_wire FROM TO: sequence numbers, in their order
on_wire()
{
	tcpdump -n -r "$TMP/wire.pcap" "esp and src $1 and dst $2" 2> /dev/null |
		sed -n 's/.*,seq=0x\([0-9a-f]*\)).*/\1/p'
}

# counters_equal: both ends have carried the same, and lost nothing
counters_equal()
{
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	check_eq "packets that xfrm refused" "$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)" ""
}
