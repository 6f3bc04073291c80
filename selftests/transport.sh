#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transport mode: the gateway itself and the client talk to each other, the
# client's end is the kernel's xfrm. Every length that padding can make, packets
# longer than the path, TCP streams; what else an entry protects has a tunnel.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment
require python3
CLIENT_MODE=transport

# between the two ends, in clear
BETWEEN="host $GW_OUTER and host $CLIENT_OUTER and not esp and not arp"

transport_config()
{
	config | sed "
		s/^crypto ipsec transform-set.*/&\\
 mode transport/
		s/^access-list 102.*/access-list 102 permit ip host $GW_OUTER host $CLIENT_OUTER/"
}

# What was in clear before the associations were there does not count.
begin()
{
	TRANSFORM=$1
	ENC_KEY_IN=$2 ENC_KEY_OUT=$3
	check "client" setup_client_sas
	check "load" load_config --force-static-aead <<< "$(transport_config)"
	gwctl clear drops > /dev/null
	before=$(captured wire "$BETWEEN")
}

end()
{
	check_eq "packets in clear between the ends" $(($(captured wire "$BETWEEN") - before)) 0
	check_eq "drops" "$(drops)" ""
}

# the others count from the load on: the client's association is new, too
counters_equal()
{
	check_eq "packets in" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	check_eq "packets out" "$(sa_stat out packets)" "$(xfrm_packets $SPI_OUT)"
}

# both directions, if the configuration was taken; UDP of each length that padding tells apart, and of some that
# leave in fragments
lengths()
{
	local n
	[[ ! $subtest_failed ]] || return
	udp_echo echo "$GW" 7000
	client python3 "$SELFTESTS/traffic.py" sizes $GW_OUTER 7000 {0..40} 1000 > "$TMP/sizes.log"
	check_eq "lengths that came back" "$(grep -c '^same' "$TMP/sizes.log")" 84
	bg_stop echo
	check_ping "$GW" $CLIENT_OUTER 3
	for n in 1400 1472 3000; do
		check_ping "$GW" $CLIENT_OUTER 1 -s "$n" -M dont
		check_ping "$CLIENT" $GW_OUTER 1 -s "$n" -M dont
	done
}

# With ESP a packet may be longer than an IP packet can say.
longest()
{
	check_ping "$GW" $CLIENT_OUTER 1 -s 65400 -M dont
	check_no_ping "$GW" $CLIENT_OUTER 1 -s 65507 -M dont
	check_eq "packets too long for ESP" "$(drops)" "esp-transport 1"
	gwctl clear drops > /dev/null
}

deployed()
{
	begin "esp-des esp-md5-hmac" 0123456789abcdef fedcba9876543210
	check_match "mode" "$(gwctl show crypto ipsec sa)" "in use settings =\{Transport, \}"
	lengths
	longest
	counters_equal
	check_num "ESP packets of the gateway" "$(captured wire "esp and src $GW_OUTER")" -gt 90
	end
}

gcm()
{
	begin "esp-gcm 128" 000102030405060708090a0b0c0d0e0f10111213 \
		f0e0d0c0b0a0908070605040302010001112131f
	lengths
	counters_equal
	end
}

null()
{
	AUTH_KEY_IN=000102030405060708090a0b0c0d0e0f10111213
	AUTH_KEY_OUT=f0e0d0c0b0a0908070605040302010001112131f
	begin "esp-null esp-sha-hmac" "" ""
	lengths
	counters_equal
	end
}

tcp_streams()
{
	before=$(captured wire "$BETWEEN")
	head -c 500k /dev/urandom > "$TMP/file"
	tcp_start up "$CLIENT" "$GW" $GW_OUTER 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_start down "$GW" "$CLIENT" $CLIENT_OUTER 7002 "$TMP/file"
	tcp_check down "$TMP/file" 40
	end
}

clear_refused()
{
	ip -n "$CLIENT" xfrm policy flush
	check_no_ping "$CLIENT" $GW_OUTER 3
	check_eq "drops" "$(drops)" "clear-protected 3"
	# the client's answer to what the gateway sends is in clear as well
	before=$(captured wire "src $GW_OUTER and not esp and ip")
	check_no_ping "$GW" $CLIENT_OUTER 2
	check_eq "clear packets of the gateway" \
		$(($(captured wire "src $GW_OUTER and not esp and ip") - before)) 0
}

# As in IOS, mode transport does not concern what is not between the two ends.
others_tunnel()
{
	TRANSFORM="esp-des esp-md5-hmac"
	ENC_KEY_IN=0123456789abcdef ENC_KEY_OUT=fedcba9876543210
	AUTH_KEY_IN=000102030405060708090a0b0c0d0e0f
	AUTH_KEY_OUT=f0e0d0c0b0a090807060504030201000
	CLIENT_MODE=tunnel
	setup_client_sas
	check "load" load_config <<< "$(config | sed 's/^crypto ipsec transform-set.*/&\n mode transport/')"
	check_match "mode" "$(gwctl show crypto ipsec sa)" "in use settings =\{Tunnel, \}"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $CLIENT_INNER 3
}

no_clear()
{
	check_no_clear
}

run_tests "
	deployed	DES and MD5, every padding, longer than the path
	gcm		AES-GCM
	null		no encryption
	tcp_streams	TCP both ways
	clear_refused	packets in clear between the ends are refused
	others_tunnel	what is not between the ends has a tunnel
	no_clear	nothing protected was in clear on the wire
"
