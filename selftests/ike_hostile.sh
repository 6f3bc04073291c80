#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Peers that lie, messages that are forged, floods, and a kernel that tells more
# than vpnd can hear: nothing is formed, nothing is lost, and who may connect does.
#
# timeout: 300

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping socat python3 nft
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

LIAR=201.70.32.83
FLOOD=10000

ip -n "$CLIENT" addr add $LIAR/24 dev eth0
capture wire "$WIRE" br0 "not src net 198.18.0.0/15 and not dst net 198.18.0.0/15" || exit 1
# octets of IKE in and out, whoever they are from
gw nft -f - <<-EOT || exit 1
	table inet watch {
		counter ike_in {
			packets 0 bytes 0
		}
		counter ike_out {
			packets 0 bytes 0
		}
		chain watch_in {
			type filter hook prerouting priority -300;
			udp dport 500 counter name ike_in
		}
		chain watch_out {
			type filter hook postrouting priority 300;
			udp sport 500 counter name ike_out
		}
	}

EOT

octets()
{
	gw nft list counter inet watch "$1" | awk '$1 == "packets" { print $4 }'
}

begin()
{
	start_vpnd
	ike_client client --xfrm deployment $CLIENT_OUTER $GW_OUTER
	busywait 30 said client up || { fail "no connection: $(cat "$TMP/client.log")"; return; }
	# the inbound half that the client has forgotten
	busywait 5 eval '[[ $(sa_count) -eq 3 ]]' || fail "$(sa_count) associations"
	check_ping "$CLIENT" $INSIDE_ADDR 2 -I 10.2.1.1
}

# wrong key, identity, addresses; the same key as everybody else has
liars()
{
	local word
	ike_client bad --tries 2 --wait $((2 * VPNGW_SLOW)) bad $LIAR $GW_OUTER 10.2.1.1
	busywait 90 said bad over || fail "the liar does not end: $(cat "$TMP/bad.log")"
	for word in key identity subnet-identity foreign-lease nobodys-address outer-address \
		    foreign-proxy everything-proxy reserved-spi; do
		check_match "a wrong $word" "$(cat "$TMP/bad.log")" "^bad $word refused"
	done
	check_no_match "the liar" "$(cat "$TMP/bad.log")" "accepted|^pair"
	check_eq "pairs made" "$(grep -c "Creating IPSec SAs" "$TMP/vpnd.log")" 1
	check_ping "$CLIENT" $INSIDE_ADDR 2 -I 10.2.1.1
	[[ ! $subtest_failed ]] || diag "vpnd: $(tail -n 30 "$TMP/vpnd.log")"
}

# deletes, INITIAL-CONTACT and more in the client's name, without its keys
forged()
{
	local -a cookies
	# the last of its sessions
	read -ra cookies <<< "$(grep ^cookies "$TMP/client.log" | tail -n 1)"
	# the forgotten quick mode ends before, or is still there after
	check "forgeries" client python3 -B "$SELFTESTS/ike_client.py" forge $CLIENT_OUTER $GW_OUTER \
		"${cookies[1]}" "${cookies[2]}" 3210272310
	check_match "the client's ISAKMP SA" "$(ask "show crypto isakmp sa")" \
		"$CLIENT_OUTER +QM_IDLE +5 "
	check_no_match "vpnd" "$(sed -n '/Creating IPSec/,$p' "$TMP/vpnd.log")" \
		"delete_sa|\(0:5\): deleting SA|SPI deleted"
	check_eq "associations of the client" "$(sa_of_client)" 2
	check_ping "$CLIENT" $INSIDE_ADDR 3 -I 10.2.1.1
}

# sa_of_client: those of its pair
sa_of_client()
{
	sas spi | grep -cx -e "$(word client pair 2)" -e 3210272310
}

flood()
{
	local in out before after
	gw nft reset counters > /dev/null
	before=$(memory)
	check "flood" client timeout $((120 * VPNGW_SLOW)) python3 -B "$SELFTESTS/ike_client.py" \
		flood $GW_OUTER $FLOOD
	# the daemon has answered what it will when it answers this
	ask "show crypto isakmp sa" > "$TMP/sas"
	in=$(octets ike_in)
	out=$(octets ike_out)
	after=$(memory)
	diag "octets in $in, out $out, memory of vpnd $before -> $after kB"
	check_num "octets that came" "$in" -gt $((FLOOD * 80))
	check_num "octets out of 1.5 in" "$out" -le $((in * 3 / 2))
	check_num "half-open SAs" "$(grep -c MM_SA_SETUP "$TMP/sas")" -le 1000
	check_num "more memory in kB" $((after - before)) -le 8192
	# a real one comes in while the table is full
	ike_client late many $LIAR $GW_OUTER 1
	busywait 20 said late "connected 1" || fail "no room for a client: $(cat "$TMP/late.log")"
	bg_stop late
	check_ping "$CLIENT" $INSIDE_ADDR 2 -I 10.2.1.1
}

memory()
{
	awk '/VmRSS/ { print $2 }' "/proc/$(vpnd_pid)/status"
}

vpnd_pid()
{
	ip netns pids "$GW" | while read -r pid; do
		[[ $(cat "/proc/$pid/comm") == vpnd ]] && echo "$pid"
	done
}

# SAs end while vpnd does not hear it: it finds out all the same
lost_events()
{
	local pid
	pid=$(vpnd_pid)
	kill -STOP "$pid"
	# more events than its socket has room for, the one that matters last
	check "events" gw python3 -B "$SELFTESTS/netlink_bad.py" --events
	check "clear" gwctl clear crypto sa
	kill -CONT "$pid"
	busywait 10 said vpnd "events were lost" || fail "no event was lost: a weak test"
	busywait 5 said vpnd "reason: gone" || fail "vpnd believes in its pair"
	check_eq "sessions" "$(ask "show crypto session")" ""
	[[ ! $subtest_failed ]] || diag "vpnd: $(tail -n 30 "$TMP/vpnd.log")"
}

no_clear()
{
	check_no_clear
}

run_tests "
	begin			a client that all of this is about
	liars			wrong keys, identities, proxies, leases
	forged			messages in the client's name
	flood			$FLOOD first messages from as many addresses
	lost_events		associations that end unheard
	no_clear		nothing protected was in clear on the wire
"
