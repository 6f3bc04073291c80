#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Documentation/howto: the transcripts are what really happens. When one differs, what
# it should be is in the results of the run (RESULTS=DIR keeps them).

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

HOWTO=$SELFTESTS/../Documentation/howto
AUTH_KEY_IN=00112233445566778899aabbccddeeff
AUTH_KEY_OUT=ffeeddccbbaa99887766554433221100
setup_deployment
require python3

# a third device with its network, and the client's end of what goes there
second_network()
{
	local in out
	new_ns SECOND
	ip link add eth0 netns "$SECOND" type veth peer name Serial2 netns "$GW"
	ip -n "$GW" addr add 10.2.3.1/24 dev Serial2
	ip -n "$GW" link set Serial2 up
	ip -n "$SECOND" -batch - <<-EOT
		addr add 10.2.3.5/24 dev eth0
		link set eth0 up
		route add default via 10.2.3.1
	EOT
	in=$(xfrm_algo "$TRANSFORM" 1122334455667788 0123456789abcdef0123456789abcdef | tr '\n' ' ')
	out=$(xfrm_algo "$TRANSFORM" 8877665544332211 fedcba9876543210fedcba9876543210 | tr '\n' ' ')
	ip -n "$CLIENT" -batch - <<-EOT
		route add 10.2.3.0/24 via $GW_OUTER src $CLIENT_INNER
		xfrm state add src $CLIENT_OUTER dst $GW_OUTER proto esp spi 1001 reqid 2 mode tunnel replay-window 512 $in
		xfrm state add src $GW_OUTER dst $CLIENT_OUTER proto esp spi 1002 reqid 2 mode tunnel replay-window 512 $out
		xfrm policy add src $CLIENT_INNER/32 dst 10.2.3.0/24 dir out tmpl src $CLIENT_OUTER dst $GW_OUTER proto esp reqid 2 mode tunnel
		xfrm policy add src 10.2.3.0/24 dst $CLIENT_INNER/32 dir in tmpl src $GW_OUTER dst $CLIENT_OUTER proto esp reqid 2 mode tunnel
	EOT
	# the internet knows no way to it
	ip -n "$OUTSIDE" route del 10.2.1.0/24
	busywait 10 in_ns "$SECOND" ping -c 1 -W 1 10.2.3.1 || fail "the second network is not there"
}

second_inside_network()
{
	local output record=${VPNGW_RESULTS:-$TMP}/second-network.rst
	second_network
	mkdir "$TMP/howto"
	cp "$HOWTO/../examples/gateway-manual.conf" "$TMP/howto/gateway.conf"
	check "the example" gwctl load "$TMP/howto/gateway.conf"
	output=$(python3 "$SELFTESTS/howto.py" "$HOWTO/second-network.rst" "$TMP/howto" "$record" \
		"gateway=$GW" "second=$SECOND" 2>&1) || fail "$output"
}

run_tests "
	second_inside_network	a second inside network, its exemption forgotten, found, mended
"
