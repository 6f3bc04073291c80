#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transport mode negotiated: the gateway and another host, which is strongSwan with
# the kernel's xfrm, protect what they say to each other. Begun by either side; who
# wants a tunnel for it is refused.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat python3
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

ENDS=(
	"s/^crypto dynamic-map dynmap 10/crypto ipsec transform-set ends esp-aes esp-sha-hmac\n mode transport\n&/"
	"s/^crypto map intmap 10/crypto map intmap 5 ipsec-isakmp\n set peer $CLIENT_OUTER\n set transform-set ends\n match address 103\n&/"
	"s/^access-list 101 deny .*/&\naccess-list 103 permit ip host $GW_OUTER host $CLIENT_OUTER/"
)
# between the two ends, in clear
BETWEEN="host $GW_OUTER and host $CLIENT_OUTER and ip and not esp and not udp port 500"

# host_conf MODE: strongSwan's side
host_conf()
{
	swan_conf ends des-md5-modp768 "" ends "
		mode = $1
		esp_proposals = aes128-sha1" || fail "swanctl: $(cat "$TMP/swanctl.log")"
}

# ended: no association is left of what was before
ended()
{
	swan --terminate --ike ends > /dev/null 2>&1
	busywait 10 eval '[[ $(sa_count) -eq 0 ]]' || fail "$(sa_count) associations are left"
}

# both ends have a pair in transport mode, and packets of each length
works()
{
	check_eq "associations" "$(sa_count)" 2
	check_match "the gateway's mode" "$(gwctl show crypto ipsec sa)" \
		"in use settings =\{Transport, \}"
	check_eq "modes of the peer" \
		"$(ip -n "$CLIENT" xfrm state | grep -c 'mode transport')" 2
	check_ping "$GW" $CLIENT_OUTER 3
	check_ping "$CLIENT" $GW_OUTER 3
	check_ping "$CLIENT" $GW_OUTER 2 -s 3000 -M dont
	udp_echo echo "$GW" 7000
	client python3 "$SELFTESTS/traffic.py" sizes $GW_OUTER 7000 {0..20} 1000 > "$TMP/sizes.log"
	check_eq "lengths that came back" "$(grep -c '^same' "$TMP/sizes.log")" 44
	bg_stop echo
}

capture wire "$WIRE" br0 || exit 1
configure "${ENDS[@]}" || exit 1
before=$(captured wire "$BETWEEN")

begun_by_packet()
{
	start_charon
	host_conf transport
	start_vpnd "${ENDS[@]}"
	gw ping -n -c 1 -W 1 $CLIENT_OUTER > /dev/null
	busywait 15 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	works
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "beginning Quick Mode"
	[[ ! $subtest_failed ]] || show_logs
}

begun_by_peer()
{
	ended
	check "initiate" swan --initiate --child ends --timeout $((20 * VPNGW_SLOW))
	busywait 5 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "encaps is 2"
	works
	[[ ! $subtest_failed ]] || show_logs
}

rekey()
{
	check "rekey" swan --rekey --child ends
	busywait 10 eval '[[ $(sa_count) -eq 4 ]]' || fail "$(sa_count) associations after a rekey"
	check_ping "$GW" $CLIENT_OUTER 3
	check_ping "$CLIENT" $GW_OUTER 3
	check_eq "drops but for the first packet" "$(drops | grep -v ^no-sa)" ""
	[[ ! $subtest_failed ]] || show_logs
}

# strongSwan says what mode it wants and takes either; so the gateway decides
tunnel_refused()
{
	ended
	host_conf tunnel
	check_fails "initiate" swan --initiate --child ends --timeout $((5 * VPNGW_SLOW))
	check_eq "associations" "$(sa_count)" 0
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "transform set ends wants encaps 2, offered 1"
	ended
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear
	check_eq "packets between the ends in clear" $(($(captured wire "$BETWEEN") - before)) 0
	check_num "ESP" "$(captured wire esp)" -ge 100
}

run_tests "
	begun_by_packet		the gateway's first packet has an association made
	begun_by_peer		the other host begins
	rekey			a rekey
	tunnel_refused		a tunnel for the same traffic is refused
	no_clear		nothing between the ends was in clear on the wire
"
