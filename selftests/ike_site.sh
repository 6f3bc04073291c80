#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Site to site: a static entry with "set peer" beside the dynamic one, strongSwan
# as the other gateway. Begun by either side, renewed by volume.
#
# timeout: 300

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

SITE_ADDR=10.3.3.1
SITE=(
	"s/^crypto map intmap 10/crypto map intmap 5 ipsec-isakmp\n set peer $CLIENT_OUTER\n set transform-set trans1\n set security-association lifetime kilobytes 2560\n match address 103\n&/"
	"s/^access-list 101 deny .*/&\naccess-list 101 deny ip 10.2.2.0 0.0.0.255 10.3.3.0 0.0.0.255\naccess-list 103 permit ip 10.2.2.0 0.0.0.255 10.3.3.0 0.0.0.255/"
)
SITE_FILTER="net 10.3.3.0/24"

ip -n "$CLIENT" addr add $SITE_ADDR/24 dev lo
ip -n "$CLIENT" route add 10.2.2.0/24 via $GW_OUTER src $SITE_ADDR

# site_conf [LOCAL_TS]: strongSwan's side
site_conf()
{
	swan_conf site des-md5-modp768 "" net "
		esp_proposals = des-md5
		local_ts = ${1:-10.3.3.0/24}
		remote_ts = 10.2.2.0/24" || fail "swanctl: $(cat "$TMP/swanctl.log")"
}

created()
{
	grep -c "Creating IPSec SAs" "$TMP/vpnd.log"
}

capture wire "$WIRE" br0 || exit 1
configure "${SITE[@]}" || exit 1

# a packet from inside is what begins it; packets until then are dropped
begun_by_packet()
{
	start_charon
	site_conf
	start_vpnd "${SITE[@]}"
	in_ns "$INSIDE" ping -n -c 1 -W 1 $SITE_ADDR > /dev/null
	busywait 15 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "beginning Main Mode"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "beginning Quick Mode"
	check_no_match "vpnd" "$(cat "$TMP/vpnd.log")" "initiating peer config"
	check_ping "$INSIDE" $SITE_ADDR 5
	check_ping "$CLIENT" $INSIDE_ADDR 5 -I $SITE_ADDR
	check_eq "associations of the static entry" "$(sa_count)" 2
	[[ ! $subtest_failed ]] || show_logs
}

# more octets than 90 % of the limit: vpnd makes a successor before the end
rekey_by_volume()
{
	local before
	before=$(drop_count no-sa)
	head -c 2400000 /dev/urandom > "$TMP/file"
	tcp_start down "$INSIDE" "$CLIENT" $SITE_ADDR 5001 "$TMP/file" || return
	tcp_check down "$TMP/file" 60
	busywait 10 eval '[[ $(created) -eq 2 ]]' || fail "no successor"
	tcp_start more "$INSIDE" "$CLIENT" $SITE_ADDR 5002 "$TMP/file" || return
	tcp_check more "$TMP/file" 60
	check_ping "$CLIENT" $INSIDE_ADDR 3 -I $SITE_ADDR
	check_eq "packets without an association meanwhile" "$(drop_count no-sa)" "$before"
	[[ ! $subtest_failed ]] || show_logs
}

begun_by_peer()
{
	swan --terminate --ike site > /dev/null 2>&1
	busywait 10 eval '[[ $(sa_count) -eq 0 ]]' || fail "$(sa_count) associations are left"
	check "initiate" swan --initiate --child net --timeout $((20 * VPNGW_SLOW))
	busywait 5 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	check_no_match "vpnd" "$(cat "$TMP/vpnd.log")" "allocating address"
	check_ping "$INSIDE" $SITE_ADDR 3
	check_ping "$CLIENT" $INSIDE_ADDR 3 -I $SITE_ADDR
	[[ ! $subtest_failed ]] || show_logs
}

# the operator begins and ends it, and sees what it has carried
begun_by_operator()
{
	swan --terminate --ike site > /dev/null 2>&1
	busywait 10 eval '[[ $(sa_count) -eq 0 ]]' || fail "$(sa_count) associations are left"
	check_fails "connect elsewhere" gwctl --run-dir "$TMP" connect crypto session remote 10.9.9.9
	check "connect" gwctl --run-dir "$TMP" connect crypto session remote $CLIENT_OUTER
	busywait 15 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	# nothing that is there is touched when the configuration is loaded again
	check "load" gwctl --run-dir "$TMP" load "$TMP/ike.conf"
	busywait 5 said vpnd "configuration read again" || fail "vpnd was not told to read it"
	check_ping "$INSIDE" $SITE_ADDR 3
	check_ping "$CLIENT" $INSIDE_ADDR 2 -I $SITE_ADDR
	check_match "show crypto session" "$(gwctl --run-dir "$TMP" show crypto session)" \
		"Inbound: 5 packets, 420 bytes"
	check "clear" gwctl --run-dir "$TMP" clear crypto session remote $CLIENT_OUTER
	check_eq "associations" "$(sa_count)" 0
	busywait 5 eval '[[ ! $(swan --list-sas) ]]' || fail "the peer keeps $(swan --list-sas)"
	[[ ! $subtest_failed ]] || show_logs
}

# what the access list does not permit is not the peer's to ask for
wrong_network()
{
	swan --terminate --ike site > /dev/null 2>&1
	busywait 10 eval '[[ $(sa_count) -eq 0 ]]' || fail "$(sa_count) associations are left"
	site_conf 10.9.9.0/24
	check_fails "initiate" swan --initiate --child net --timeout $((5 * VPNGW_SLOW))
	check_eq "associations" "$(sa_count)" 0
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "quick mode refused"
	swan --terminate --ike site > /dev/null 2>&1
	[[ ! $subtest_failed ]] || show_logs
}

# cleared here: the next packet brings it back
cleared()
{
	site_conf
	check "clear" gwctl clear crypto sa
	in_ns "$INSIDE" ping -n -c 1 -W 1 $SITE_ADDR > /dev/null
	busywait 15 eval '[[ $(sa_count) -eq 2 ]]' || fail "$(sa_count) associations"
	check_ping "$INSIDE" $SITE_ADDR 3
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear
	check_eq "packets of the other site in clear on the wire" \
		"$(captured wire "$SITE_FILTER")" 0
}

run_tests "
	begun_by_packet		the first packet has an association made
	rekey_by_volume		a successor is made before the limit of octets
	begun_by_peer		the other gateway begins
	begun_by_operator	vpnctl begins and ends it
	wrong_network		a network that the access list does not permit
	cleared			cleared associations come back
	no_clear		nothing protected was in clear on the wire
"
