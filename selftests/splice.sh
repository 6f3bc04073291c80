#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Files that are sent without a copy: packets hold the very pages of a file that
# nobody may write to, and neither sealing nor opening must write there. What a tap
# has cloned stays as it was, too.
#	VPNGW_SPLICE	packets of ESP, 400

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
require python3 sha256sum
COUNT=${VPNGW_SPLICE:-400}

export GW INSIDE_ADDR VPNGW_SLOW STATE="$TMP/state"

# taps on both sides of the gateway
tap()
{
	bg "$1" ip netns exec "$GW" python3 "$SELFTESTS/splice.py" tap "$2" "$TMP/$1.pcap"
	busywait 20 said "$1" listening || diag "no tap: $(cat "$TMP/$1.log")"
}

tap tap Ethernet0
tap tap-inside Serial1
udp_sink sink-client "$CLIENT" 7003
udp_sink sink-inside "$INSIDE" 7777

python3 "$SELFTESTS/splice.py" make-plain "$TMP/plain" 256
chmod 444 "$TMP/plain"
PLAIN=$(sha256sum < "$TMP/plain")

unchanged()
{
	check_eq "sha256 of the file" "$(sha256sum < "$TMP/plain")" "$PLAIN"
}

# stream KIND: out of the inside host into the tunnel, that is to be sealed
stream()
{
	bg "recv-$1" client socat -u TCP4-LISTEN:7001,reuseaddr "CREATE:$TMP/$1.out"
	busywait 10 listening "$CLIENT" -t 7001 || fail "no listener"
	check "$1" inside python3 "$SELFTESTS/splice.py" "$1" "$TMP/plain" $CLIENT_INNER 7001
	bg_wait "recv-$1" 30 || fail "receiver"
	check_eq "sha256 at the receiver" "$(sha256sum < "$TMP/$1.out")" "$PLAIN"
	check_num "packets out" "$(sa_stat out packets)" -gt 100
	unchanged
}

sendfile_tcp()	{ stream tcp; }
vmsplice_tcp()	{ stream vmsplice; }

got()
{
	[[ $(grep -c ^got "$TMP/$1.log") -eq $2 ]]
}

sendfile_udp()
{
	check "udp" inside python3 "$SELFTESTS/splice.py" udp "$TMP/plain" $CLIENT_INNER 7003
	busywait 20 got sink-client 256 ||
		fail "of 256 datagrams $(grep -c ^got "$TMP/sink-client.log") came"
	unchanged
}

# ESP in UDP, straight out of a file: to be opened, or found damaged
opened()
{
	local before good=$((COUNT - COUNT / 4))
	gwctl clear crypto sa > /dev/null
	check "associations" gw python3 "$SELFTESTS/sa_new.py" --udp
	check "file" python3 "$SELFTESTS/splice.py" make-esp "$TMP/esp" "$COUNT"
	chmod 444 "$TMP/esp"
	before=$(sha256sum < "$TMP/esp")
	check "esp" client python3 "$SELFTESTS/splice.py" udp "$TMP/esp" $GW_OUTER 4500 $CLIENT_OUTER 4500
	busywait 20 got sink-inside $good ||
		fail "of $good packets $(grep -c ^got "$TMP/sink-inside.log") came"
	check_eq "damaged" "$(drop_count esp-auth)" $((COUNT / 4))
	check_eq "sha256 of the file" "$(sha256sum < "$TMP/esp")" "$before"
}

# What a tap has seen is what was on the wire: a clone shares its data.
taps()
{
	local filter
	capture_sync wire
	bg_stop tap TERM
	bg_stop tap-inside TERM
	filter="(esp or udp port 4500) and dst $GW_OUTER"
	check_num "packets of a tap" "$(pcap_count "$TMP/tap.pcap" "$filter")" -gt "$COUNT"
	check_eq "difference of tap and wire" "$(diff <(frames wire "$filter") <(frames tap "$filter") | head -n 3)" ""
	# what was to be sealed is still in clear there, and nothing is damaged
	filter="src $INSIDE_ADDR and dst $CLIENT_INNER"
	check_num "packets of the inside tap" "$(pcap_count "$TMP/tap-inside.pcap" "$filter and tcp")" -gt 20
	check "inside tap" python3 "$SELFTESTS/splice.py" compare "$TMP/plain" "$TMP/tap-inside.pcap" 7003
}

# frames NAME FILTER: each in hexadecimal
frames()
{
	tcpdump -n -t -xx -r "$TMP/$1.pcap" "$2" 2> /dev/null | grep -P '^\t0x'
}

no_clear()
{
	check_no_clear
}

run_tests "
	sendfile_tcp	sendfile over TCP into the tunnel
	vmsplice_tcp	vmsplice over TCP
	sendfile_udp	sendfile over UDP
	opened		$COUNT packets of ESP in UDP out of a file
	taps		what taps have cloned is what was on the wire
	no_clear	nothing protected was in clear on the wire
"
