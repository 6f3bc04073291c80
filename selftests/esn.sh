#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Extended sequence numbers against the kernel's own ESP: both ends begin shortly
# before 2^32 and pass it, in both directions.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
require python3

head -c 64k /dev/urandom > "$TMP/file"
udp_echo echo-inside "$INSIDE" 7000

BEFORE=$(((1 << 32) - 6))

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

use()
{
	new_keys "$@"
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
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

transform_tests one "past 2^32" > "$TMP/table"
run_tests "
	configured	extended numbers by the configuration
	$(cat "$TMP/table")
	reloaded	a reload goes on with them
	no_clear	nothing protected was in clear on the wire
"
