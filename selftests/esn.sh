#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Extended sequence numbers against the kernel's own ESP: both ends begin shortly
# before 2^32 and pass it, in both directions.
#	VPNGW_FULL	not empty: every cipher with every authenticator

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3

export TRANSFORM ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT SPI_IN SPI_OUT
export GW_OUTER CLIENT_OUTER CLIENT_INNER
head -c 64k /dev/urandom > "$TMP/file"
udp_echo echo-inside "$INSIDE" 7000

BEFORE=$(((1 << 32) - 6))

key()
{
	head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

esn_config()
{
	config | sed "s/^crypto ipsec transform-set.*/&\n esn/"
}

# client_at NUMBER: the client's end, both numbers there
client_at()
{
	local hi=$(($1 >> 32)) lo=$(($1 & 0xffffffff))
	setup_client_sas flag esn replay-seq "$lo" replay-oseq "$lo" \
		replay-seq-hi "$hi" replay-oseq-hi "$hi"
}

# on_wire FROM TO: sequence numbers, in their order
on_wire()
{
	tcpdump -n -r "$TMP/wire.pcap" "esp and src $1 and dst $2" 2> /dev/null |
		sed -n 's/.*,seq=0x\([0-9a-f]*\)).*/\1/p'
}

use()
{
	TRANSFORM=$1
	ENC_KEY_IN=$(key "$2") ENC_KEY_OUT=$(key "$2")
	AUTH_KEY_IN=$(key "$3") AUTH_KEY_OUT=$(key "$3")
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
}

counters_equal()
{
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	check_eq "packets that xfrm refused" "$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)" ""
}

# one TRANSFORM ENC_OCTETS AUTH_OCTETS
one()
{
	local got before_in before_out
	use "$@"
	check "client" client_at "$BEFORE"
	check "associations" gw python3 "$SELFTESTS/sa_new.py" --esn --number "$BEFORE"
	check_eq "number of the outbound one" "$(sa_stat out seq)" "$BEFORE"
	capture_sync wire
	before_in=$(on_wire $CLIENT_OUTER $GW_OUTER | wc -l)
	before_out=$(on_wire $GW_OUTER $CLIENT_OUTER | wc -l)

	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $CLIENT_INNER 3
	capture_sync wire
	got=$(on_wire $CLIENT_OUTER $GW_OUTER | tail -n +$((before_in + 1)) | head -n 6 | tr '\n' ' ')
	check_eq "numbers on the wire, in" "$got" \
		"fffffffb fffffffc fffffffd fffffffe ffffffff 0 "
	got=$(on_wire $GW_OUTER $CLIENT_OUTER | tail -n +$((before_out + 1)) | head -n 6 | tr '\n' ' ')
	check_eq "numbers on the wire, out" "$got" \
		"fffffffb fffffffc fffffffd fffffffe ffffffff 0 "

	got=$(client python3 "$SELFTESTS/traffic.py" sizes $INSIDE_ADDR 7000 {0..16} 100 1380)
	check_eq "lengths that came back" "$(grep -c '^same' <<< "$got")" 38
	tcp_start up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$INSIDE" "$CLIENT" $CLIENT_INNER 7002 "$TMP/file"
	tcp_check down "$TMP/file" 40
	check_num "number of the outbound one" "$(sa_stat out seq)" -gt $(((1 << 32) + 40))
	check_eq "numbers in, less those out of ESP" \
		"$(($(sa_stat in seq) - $(sa_stat in packets)))" "$BEFORE"
	counters_equal
}

# as the configuration makes them, from the beginning
configured()
{
	use "esp-aes 128 esp-sha256-hmac" 16 32
	check "client" client_at 0
	check "load" load_config <<< "$(esn_config)"
	check_eq "extended numbers" "$(sa_stat in esn) $(sa_stat out esn)" "true true"
	check_match "running configuration" "$(gwctl show running-config)" "^ esn$"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $CLIENT_INNER 3
	counters_equal
	# one end alone does not agree with the other, at numbers that are new
	setup_client_sas replay-oseq 100
	check_no_ping "$CLIENT" $INSIDE_ADDR 2
	check_eq "drops" "$(drops)" "esp-auth 2"
	gwctl clear drops > /dev/null
}

# the numbers go on across a reload with the same keys
reloaded()
{
	local before
	use "esp-des esp-md5-hmac" 8 16
	check "client" client_at "$BEFORE"
	check "associations" gw python3 "$SELFTESTS/sa_new.py" --esn --number "$BEFORE"
	check_ping "$CLIENT" $INSIDE_ADDR 10
	before=$(sa_stat out seq)
	check "load" load_config <<< "$(esn_config)"
	check_num "number of the outbound one" "$(sa_stat out seq)" -ge "$before"
	check_num "number of the inbound one" "$(sa_stat in seq)" -ge "$((BEFORE + 10))"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_eq "drops" "$(drops)" ""
}

no_clear()
{
	check_no_clear
}

CIPHERS=(esp-des:8 esp-3des:24 "esp-aes 128:16" "esp-aes 192:24" "esp-aes 256:32" esp-null:0)
AUTHENTICATORS=(esp-md5-hmac:16 esp-sha-hmac:20 esp-sha256-hmac:32 esp-sha384-hmac:48
		esp-sha512-hmac:64)
AEADS=("esp-gcm 128:20" "esp-gcm 192:28" "esp-gcm 256:36" "esp-gmac 128:20"
       esp-chacha20-poly1305:36)

transforms()
{
	local c a name
	for c in "${!CIPHERS[@]}"; do
		for a in "${!AUTHENTICATORS[@]}"; do
			[[ ${VPNGW_FULL:-} || $a -eq $((c % ${#AUTHENTICATORS[@]})) ]] || continue
			name=pair_${c}_$a
			eval "$name() { one '${CIPHERS[c]%:*} ${AUTHENTICATORS[a]%:*}' \
				${CIPHERS[c]#*:} ${AUTHENTICATORS[a]#*:}; }"
			echo "$name ${CIPHERS[c]%:*} ${AUTHENTICATORS[a]%:*} past 2^32"
		done
	done
	for c in "${!AEADS[@]}"; do
		eval "aead_$c() { one '${AEADS[c]%:*}' ${AEADS[c]#*:} 0; }"
		echo "aead_$c ${AEADS[c]%:*} past 2^32"
	done
}

transforms > "$TMP/table"
run_tests "
	configured	extended numbers by the configuration
	$(cat "$TMP/table")
	reloaded	a reload goes on with them
	no_clear	nothing protected was in clear on the wire
"
