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
AEADS=("esp-gcm 128:20" "esp-gcm 192:28" "esp-gcm 256:36" "esp-gmac 128:20" "esp-gmac 192:28"
       "esp-gmac 256:36" esp-chacha20-poly1305:36)
# octets: those of a cipher's IV and block, of an integrity check value, and all three
declare -A ESP_IV_BLOCK=([esp-des]="8 8" [esp-3des]="8 8" [esp-aes]="16 16" [esp-null]="0 4")
declare -A ESP_ICV=([esp-md5-hmac]=12 [esp-sha-hmac]=12 [esp-sha256-hmac]=16 [esp-sha384-hmac]=24
		    [esp-sha512-hmac]=32)
declare -A ESP_AEAD=([esp-gcm]="8 4 16" [esp-gmac]="8 4 16" [esp-chacha20-poly1305]="8 4 16")

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

# esp_inner_mtu MTU HEADERS: the longest packet that TRANSFORM makes to fit, with so many
# octets of headers in front of ESP, whose own header has 8 and its trailer 2 and padding
esp_inner_mtu()
{
	local word iv=0 block=4 icv=0
	for word in $TRANSFORM; do
		if [[ ${ESP_AEAD[$word]:-} ]]; then
			read -r iv block icv <<< "${ESP_AEAD[$word]}"
		elif [[ ${ESP_IV_BLOCK[$word]:-} ]]; then
			read -r iv block <<< "${ESP_IV_BLOCK[$word]}"
		elif [[ ${ESP_ICV[$word]:-} ]]; then
			icv=${ESP_ICV[$word]}
		fi
	done
	echo $((($1 - $2 - 8 - iv - icv) / block * block - 2))
}

# mtu_exact HEADERS: the inside host gets that length through the tunnel, and is told of it
# when it is one octet more
mtu_exact()
{
	local mtu
	mtu=$(esp_inner_mtu 1500 "$1")
	ip -n "$INSIDE" route flush cache
	check_match "ping of $mtu octets and one" \
		"$(inside ping -n -c 1 -W 2 -M "do" -s $((mtu + 1 - 28)) $CLIENT_INNER 2>&1)" \
		"From $GW_INNER.*[Ff]rag needed.*mtu = $mtu\\)"
	ip -n "$INSIDE" route flush cache
	check_ping "$INSIDE" $CLIENT_INNER 1 -M "do" -s $((mtu - 28))
}

# xfrm_bytes SPI: octets that the client's association has carried: those of IP packets,
# in transport mode without their headers
xfrm_bytes()
{
	ip -n "$CLIENT" -s xfrm state |
		awk -v spi="$(printf '0x%08x' "$1")" '
			/^src/ { found = 0; current = 0 }
			index($0, spi) { found = 1 }
			/lifetime current/ { current = 1; next }
			found && current && /packets/ { print $1 + 0; exit }'
}

# octets in|out: those of the gateway's association, as xfrm_bytes
octets()
{
	local header=0
	[[ $CLIENT_MODE == tunnel ]] || header=20
	echo $(($(sa_stat "$1" bytes) - header * $(sa_stat "$1" packets)))
}

# counters_equal: both ends have carried the same, and lost nothing
counters_equal()
{
	check_eq "octets in, gateway and client" "$(octets in)" "$(xfrm_bytes $SPI_IN)"
	check_eq "octets out, gateway and client" "$(octets out)" "$(xfrm_bytes $SPI_OUT)"
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	check_eq "packets that xfrm refused" "$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)" ""
}
