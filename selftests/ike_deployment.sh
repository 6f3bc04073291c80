#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The deployment's own client, which sends quick mode before it has an address:
# what the gateway says is ike_deployment.txt, line by line. The client's data
# path is the kernel's own xfrm, its IKE is ike_client.py.
#
# timeout: 240

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat python3 tshark
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

# seconds TEXT: when vpnd said that, one line each
seconds()
{
	grep -F -- "$1" "$TMP/vpnd.log" | awk -F : '{ print $1 * 3600 + $2 * 60 + $3 }'
}

# masked: vpnd's lines from the packets for the old SA on, as ike_deployment.txt
# has them; the ends of old SAs come when their time has come
masked()
{
	local set spi1 spi2
	set=$(word client set-id 2)
	spi1=$(word client discarded 2)
	spi2=$(word client pair 2)
	sed -n '/ISAKMP (4): received packet/,/deleting node -1078114754/p' "$TMP/vpnd.log" |
		grep -vE 'purging|delete connection|retransmitting' |
		sed -E -e 's/^[0-9]{2}:[0-9]{2}:[0-9]{2}: //' \
			-e "s/(message ID =|node) $set( |\$)/\\1 <set>\\2/" \
			-e "s/getting spi $spi1 /getting spi <spi 1> /" \
			-e "s/getting spi $spi2 /getting spi <spi 2> /" \
			-e "s/spi= 0x$(printf %X "$spi2")\\($spi2\\)/spi= <spi 2>/" \
			-e "s/has spi $((spi2 > 2147483647 ? spi2 - 4294967296 : spi2)) /has spi <spi 2> /" \
			-e 's/struct [0-9A-F]+ /struct <struct> /'
}

show_ends()
{
	diag "client: $(tail -n 15 "$TMP/client.log")"
	diag "vpnd: $(tail -n 40 "$TMP/vpnd.log")"
}

capture wire "$WIRE" br0 || exit 1

negotiation()
{
	start_vpnd
	bg debug ip netns exec "$GW" vpnctl --run-dir "$TMP" debug crypto all
	busywait 10 said debug "Crypto Engine debugging is on" ||
		fail "debug: $(cat "$TMP/debug.log")"
	ike_client client --xfrm deployment $CLIENT_OUTER $GW_OUTER
	busywait 30 said client up || { fail "no connection"; show_ends; return; }
	busywait 5 said vpnd "deleting node -1078114754" || { fail "no end"; show_ends; return; }
	masked > "$TMP/masked"
	diff -u <(grep -v '^#' "$SELFTESTS/ike_deployment.txt") "$TMP/masked" > "$TMP/diff" ||
		fail "vpnd's lines: $(cat "$TMP/diff")"
	check_eq "the client's address" "$(word client address 2)" 10.2.1.1
	# none was offered: RESPONDER-LIFETIME says them, type first
	check_eq "lifetimes" "$(grep ^lifetime "$TMP/client.log")" \
		"lifetime 1=1 2=3600 1=2 2=4608000"
	check_eq "host route" "$(gw ip -o route show 10.2.1.1 | wc -l)" 1
	[[ ! $subtest_failed ]] || show_ends
}

# the lines of vpnctl are those of vpnd; undebug ends it
followed()
{
	local n
	busywait 5 said debug "deleting node -1078114754" || fail "vpnctl lags behind"
	n=$(($(wc -l < "$TMP/debug.log") - 3))
	check_num "lines that vpnctl has printed" "$n" -gt 100
	diff <(tail -n +4 "$TMP/debug.log") <(grep -v "waits for peers" "$TMP/vpnd.log" |
		sed -n "/NEW SA/,\$ p" | head -n "$n") > "$TMP/diff" ||
		fail "vpnctl: $(cat "$TMP/diff")"
	check_match "undebug" "$(gwctl --run-dir "$TMP" undebug all 2>&1)" \
		"Crypto ISAKMP debugging is off"
	bg_wait debug 5
	check_eq "exit code of debug after undebug" $? 1
}

data()
{
	check_ping "$CLIENT" $INSIDE_ADDR 7 -I 10.2.1.1
	check_ping "$INSIDE" 10.2.1.1 7
	check_eq "packets in" "$(sa_packets in "$(word client pair 2)")" 14
	check_eq "packets out" "$(sa_packets out "$(word client pair 3)")" 14
	check_eq "packets that the client's xfrm received" "$(xfrm_packets 3210272310)" 14
}

# sa_packets in|out SPI
sa_packets()
{
	sas direction spi packets | awk -F '\t' -v dir="$1" -v spi="$2" '$1 == dir && $2 == spi { print $3 }'
}

# the answer to the quick mode that the client forgot: again after 15 s
retransmission()
{
	local sent first
	busywait 30 said vpnd "retransmitting phase 2 -617682048 ..." ||
		{ fail "no retransmission"; show_ends; return; }
	sent=$(seconds "getting spi $(word client discarded 2)")
	first=$(seconds "retransmitting phase 2 -617682048" | head -n 1)
	check_num "seconds until the retransmission" $((first - sent)) -ge 14
	check_num "seconds until the retransmission" $((first - sent)) -le $((15 + 3 * VPNGW_SLOW))
	# what is held for it: one inbound SA, for now
	check_eq "associations" "$(sa_count)" 3
}

# no goodbye, and back with the address from before: no SET, the old pair goes
restart()
{
	bg_stop client KILL
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	ike_client again --xfrm resume $CLIENT_OUTER $GW_OUTER 10.2.1.1
	busywait 30 said again up || { fail "no connection: $(cat "$TMP/again.log")"; return; }
	busywait 5 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "deleting SA, reason: INITIAL-CONTACT"
	check_eq "SETs" "$(grep -c "initiating peer config" "$TMP/vpnd.log")" 1
	check_ping "$CLIENT" $INSIDE_ADDR 3 -I 10.2.1.1
	check_ping "$INSIDE" 10.2.1.1 3
	bg_stop again
	[[ ! $subtest_failed ]] || diag "vpnd: $(tail -n 40 "$TMP/vpnd.log")"
}

# the third opinion: tshark reads both exchanges of keys and all packets with
# what vpnd hands out, once the configuration allows that
keys()
{
	local text
	local -a show
	bg_stop again
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	check_match "keys where they are not configured" \
		"$(gwctl --run-dir "$TMP" show crypto keys --wireshark "$TMP/keys" 2>&1)" \
		'only with "crypto isakmp wireshark"'
	check_fails "a directory for nothing" test -e "$TMP/keys"
	start_vpnd 's/^crypto isakmp key.*/&\ncrypto isakmp wireshark/'
	capture keys "$WIRE" br0 || return
	ike_client third --xfrm deployment $CLIENT_OUTER $GW_OUTER
	busywait 30 said third up || { fail "no connection: $(cat "$TMP/third.log")"; return; }
	check_ping "$CLIENT" $INSIDE_ADDR 3 -I 10.2.1.1
	check "keys" gwctl --run-dir "$TMP" show crypto keys --wireshark "$TMP/keys"
	check_eq "the same as JSON" "$(gwctl --json --run-dir "$TMP" show crypto keys \
		--wireshark "$TMP/keys" | jq -c '[.directory, .missing]')" "[\"$TMP/keys\",0]"
	check_eq "lines of tables that were written twice" "$(cat "$TMP/keys/"* | wc -l)" 3
	capture_stop keys
	check_eq "mode of the keys" "$(stat -c %a "$TMP/keys/esp_sa")" 600
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" \
		"the keys of 1 ISAKMP SAs and 1 pairs of IPsec SAs were handed to process"
	show=(env "WIRESHARK_CONFIG_DIR=$TMP/keys" tshark -n -r "$TMP/keys.pcap"
		-o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE)
	text=$("${show[@]}" -T fields -e icmp.type -Y "esp and icmp" 2> "$TMP/tshark.log")
	check_eq "echoes that tshark finds in ESP" "$(sort <<< "$text" | uniq -c | xargs)" "3 0 3 8"
	check_eq "packets whose ICV tshark finds right" "$("${show[@]}" -Y "esp.icv_good" \
		2>> "$TMP/tshark.log" | wc -l)" 6
	text=$("${show[@]}" -V -Y "isakmp.exchangetype == 32" 2>> "$TMP/tshark.log")
	check_match "quick mode as tshark reads it" "$text" "10\\.2\\.2\\.0"
	check_match "quick mode as tshark reads it" "$text" "RESPONDER-LIFETIME|Responder.Lifetime"
	text=$("${show[@]}" -V -Y "isakmp.exchangetype == 6" 2>> "$TMP/tshark.log")
	check_match "mode configuration as tshark reads it" "$text" "10\\.2\\.1\\.1"
	[[ ! $subtest_failed ]] || diag "tshark: $(cat "$TMP/tshark.log"; tail -n 60 <<< "$text")"
	bg_stop third
}

no_clear()
{
	check_no_clear
}

run_tests "
	negotiation		the gateway's lines are those of the deployment
	followed		vpnctl debug crypto prints the same lines
	data			seven pings each way
	retransmission		the forgotten quick mode is answered again after 15 s
	restart			the client comes back with its address
	keys			tshark reads it all with the keys handed out
	no_clear		nothing protected was in clear on the wire
"
