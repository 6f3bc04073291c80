#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keys that vpnd negotiated carry packets: strongSwan's kernel on one side, vpngw
# on the other, through rekeys and until the client leaves. The crypto map entry
# comes from a configuration with keys by hand, since vpnctl does not load dynamic
# entries yet; those keys belong to nobody here.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

capture wire "$WIRE" br0 || exit 1
config | load_config > "$TMP/load.log" 2>&1 || {
	diag "vpnctl load: $(cat "$TMP/load.log")"
	exit 1
}

data()
{
	start_charon
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	up connected
	check_match "host route" "$(gw ip route show 10.2.1.1)" "via $CLIENT_OUTER dev Ethernet0"
	check_ping "$CLIENT" $INSIDE_ADDR 7
	check_ping "$INSIDE" $CLIENT_INNER 7
	[[ ! $subtest_failed ]] || show_logs
}

rekeyed()
{
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(grep -c "Creating IPSec SAs" "$TMP/vpnd.log") -eq 2 ]]' ||
		fail "vpnd made no SAs"
	check_ping "$CLIENT" $INSIDE_ADDR 7
	check_ping "$INSIDE" $CLIENT_INNER 7
	[[ ! $subtest_failed ]] || show_logs
}

gone()
{
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	check_eq "host route" "$(gw ip route show 10.2.1.1)" ""
	check_no_ping "$INSIDE" $CLIENT_INNER 2
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear
}

run_tests "
	data			packets both ways under negotiated keys
	rekeyed			packets after a rekey
	gone			nothing after the client has left
	no_clear		nothing protected was in clear on the wire
"
