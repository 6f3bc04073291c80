#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Several clients at once on the one dynamic entry of the deployment: each has
# its own associations, and its own address stays out of the clear before it
# comes, while it is there and after it has left.
#
# timeout: 240

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

N=3
NAMES=()

# new_client NUMBER: one more host on the outside segment
new_client()
{
	local ns=CLIENT$1
	new_ns "$ns" || return 1
	ip link add "client$1" netns "$WIRE" type veth peer name eth0 netns "${!ns}" &&
		ip -n "$WIRE" link set "client$1" master br0 up &&
		ip -n "${!ns}" addr add "201.70.32.$((82 + $1))/24" dev eth0 &&
		ip -n "${!ns}" link set eth0 up
}

NAMES[1]=$CLIENT
for ((i = 2; i <= N; i++)); do
	new_client "$i" || { diag "no client $i"; exit 1; }
	name=CLIENT$i
	NAMES[i]=${!name}
done

# use NUMBER: the client that is meant
use()
{
	if [[ $1 -eq 1 ]]; then
		use_client charon "$CLIENT" $CLIENT_OUTER
	else
		use_client "charon$1" "${NAMES[$1]}" "201.70.32.$((82 + $1))"
	fi
}

# packets NUMBER in|out: those of all associations of that client
packets()
{
	client_packets "10.2.1.$1" "$2"
}

capture wire "$WIRE" br0 || exit 1
configure || exit 1

# nobody is there: the address of a client that could be is not in the clear
before()
{
	local before
	before=$(drop_count no-sa)
	check_no_ping "$INSIDE" 10.2.1.2 2
	check_no_ping "$GW" 10.2.1.3 1
	check_eq "packets dropped for want of an association" "$(drop_count no-sa)" \
		"$((before + 3))"
	before=$(drop_count clear-protected)
	ip -n "$OUTSIDE" addr add 10.2.1.77/32 dev lo
	check_no_ping "$OUTSIDE" $INSIDE_ADDR 2 -I 10.2.1.77
	check_eq "clear packets from such an address" "$(drop_count clear-protected)" \
		"$((before + 2))"
	ip -n "$OUTSIDE" addr del 10.2.1.77/32 dev lo
}

all_connect()
{
	local i
	start_vpnd
	for ((i = 1; i <= N; i++)); do
		use "$i"
		start_charon
		connect des-md5-modp768 des-md5 no || { fail "no connection $i"; show_logs; return; }
		up "client $i" "10.2.1.$i"
	done
	check_eq "associations" "$(sa_count)" $((2 * N))
	[[ ! $subtest_failed ]] || show_logs
}

data()
{
	local i
	local -a in out
	for ((i = 1; i <= N; i++)); do
		in[i]=$(packets "$i" in)
		out[i]=$(packets "$i" out)
	done
	for ((i = 1; i <= N; i++)); do
		check_ping "${NAMES[i]}" $INSIDE_ADDR $((2 * i))
		check_ping "$INSIDE" "10.2.1.$i" 1
	done
	for ((i = 1; i <= N; i++)); do
		check_eq "packets from client $i" "$(packets "$i" in)" $((in[i] + 2 * i + 1))
		check_eq "packets to client $i" "$(packets "$i" out)" $((out[i] + 2 * i + 1))
	done
}

# rekeying one is nothing to the others
rekey()
{
	local i
	local -a out
	for i in 1 3; do
		out[i]=$(packets "$i" out)
	done
	use 2
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(sa_count) -eq 8 ]]' || fail "$(sa_count) associations after a rekey"
	check_ping "${NAMES[2]}" $INSIDE_ADDR 3
	check_ping "$INSIDE" 10.2.1.2 3
	check_eq "packets to client 1" "$(packets 1 out)" "${out[1]}"
	check_eq "packets to client 3" "$(packets 3 out)" "${out[3]}"
	[[ ! $subtest_failed ]] || show_logs
}

one_leaves()
{
	use 2
	disconnect
	busywait 5 said vpnd "returning address 10.2.1.2" || fail "the lease was not returned"
	check_eq "associations" "$(sa_count)" 4
	check_eq "its route" "$(gw ip route show 10.2.1.2)" ""
	check_no_ping "$INSIDE" 10.2.1.2 2
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "${NAMES[3]}" $INSIDE_ADDR 2
	check_ping "$INSIDE" 10.2.1.3 2
	[[ ! $subtest_failed ]] || show_logs
}

# vpnctl takes the associations away: vpnd ends the pair, the client hears of it
cleared()
{
	check "clear" gwctl clear crypto sa peer 201.70.32.85
	check_eq "associations" "$(sa_count)" 2
	busywait 5 eval '! ip -n "${NAMES[3]}" xfrm state | grep -q "spi"' ||
		fail "the client keeps its associations: $(ip -n "${NAMES[3]}" xfrm state)"
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_no_ping "$INSIDE" 10.2.1.3 1
	[[ ! $subtest_failed ]] || show_logs
}

no_clear()
{
	check_no_clear "not host 10.2.1.77"
}

run_tests "
	before			addresses of clients are not in the clear before they come
	all_connect		$N clients at once
	data			packets of each under its own associations
	rekey			a rekey of one of them
	one_leaves		the others stay when one leaves
	cleared			associations that vpnctl clears are gone at both ends
	no_clear		nothing protected was in clear on the wire
"
