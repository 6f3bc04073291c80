#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Clients on bad networks: whole negotiations while packets are lost, repeated,
# reordered and damaged on their way, both ways. The clients are ike_client.py,
# many at once, each asking twelve times at most; a tenth of all packets lost fails
# nobody, three tenths one in a hundred at most.
#
# Environment:
#	IKE_CLIENTS	how many at once, default 40; 100 where three tenths are lost
#
# timeout: 600

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat python3 tc
modprobe -q sch_netem
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

N=${IKE_CLIENTS:-40}

capture wire "$WIRE" br0 || exit 1

# netem WORD...: the network of both ends, as tc-netem(8) has it; nothing: a good one
netem()
{
	local ns device
	while read -r ns device; do
		ip netns exec "$ns" tc qdisc del dev "$device" root 2> /dev/null
		[[ $# -eq 0 ]] ||
			ip netns exec "$ns" tc qdisc add dev "$device" root netem "$@" || return 1
	done <<-EOT
		$CLIENT eth0
		$GW Ethernet0
	EOT
}

# together LEAST NETEM...: that many of N have a pair at both ends
together()
{
	local least=$1 connected
	shift
	start_vpnd
	netem "$@" || { fail "no such network: $*"; return; }
	ike_client many --tries 12 --wait 1 many $CLIENT_OUTER $GW_OUTER "$N"
	busywait 150 said many "addresses " || fail "the clients do not end"
	# third messages that were lost, too
	busywait 100 eval '[[ $(created) -ge $least ]]'
	netem
	connected=$(word many connected 2)
	associations=$(sa_count)
	routes=$(gw ip route show proto 96 | wc -l)
	diag "$connected of $N connected, $(created) pairs at the gateway"
	check_num "clients that have a pair" "$connected" -ge "$least"
	check_num "pairs at the gateway" "$(created)" -ge "$least"
	check_eq "different addresses" "$(word many addresses 2)" "$connected"
	[[ ! $subtest_failed ]] || diag "$(grep -E '^failed' "$TMP/many.log" | head -n 10)"
	bg_stop many
}

created()
{
	grep -c "Creating IPSec SAs" "$TMP/vpnd.log"
}

good()
{
	N=200 together 200
	check_eq "associations" "$associations" 400
	check_eq "host routes" "$routes" 200
}

lossy()
{
	together "$N" loss 10%
}

very_lossy()
{
	N=${IKE_CLIENTS:-100}
	together $((N * 99 / 100)) loss 30%
	N=${IKE_CLIENTS:-40}
}

repeated()
{
	together "$N" duplicate 50% delay 20ms 20ms
}

reordered()
{
	together "$N" delay 50ms reorder 50% 50%
}

damaged()
{
	together "$N" corrupt 10%
}

everything()
{
	together "$N" loss 10% duplicate 10% corrupt 5% delay 30ms 30ms
}

no_clear()
{
	check_no_clear
}

run_tests "
	good			200 clients at once
	lossy			a tenth is lost
	very_lossy		three tenths are lost
	repeated		half come twice, and late
	reordered		half come before others
	damaged			a tenth has a wrong bit
	everything		some of everything
	no_clear		nothing protected was in clear on the wire
"
