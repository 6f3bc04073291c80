#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Traffic between the inside network and the clients is exempt from translation
# because, and only as long as, access list 101 denies it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

deny_line_counts()
{
	local deny permit esp
	deny=$(ace_hits 101 10)
	permit=$(ace_hits 101 20)
	esp=$(sa_stat out packets)
	check_ping "$INSIDE" $CLIENT_INNER 5
	check_eq "packets that the deny line decided" $(($(ace_hits 101 10) - deny)) 5
	check_eq "packets that the permit line decided" $(($(ace_hits 101 20) - permit)) 0
	check_eq "packets encrypted" $(($(sa_stat out packets) - esp)) 5
	check_eq "translations" "$(xlates | wc -l)" 0
}

permit_line_counts()
{
	local deny permit
	deny=$(ace_hits 101 10)
	permit=$(ace_hits 101 20)
	check_ping "$INSIDE" $OUTSIDE_ADDR 5
	check_eq "packets that the deny line decided" $(($(ace_hits 101 10) - deny)) 0
	check_num "packets that the permit line decided" $(($(ace_hits 101 20) - permit)) -ge 1
	check_eq "translations" "$(xlates | wc -l)" 1
}

# As on the router: translated first, the packet no longer matches the crypto
# map and leaves by the default route.
without_it_translated()
{
	local esp seen
	esp=$(sa_stat out packets)
	config | sed '/^access-list 101 deny/d' | load_config > "$TMP/load.log" 2>&1 ||
		fail "load: $(cat "$TMP/load.log")"
	check_ping "$INSIDE" $CLIENT_INNER 5
	seen=$(captured wire "icmp[0] == 8 and dst $CLIENT_INNER and $POOL_SRC and ether dst $(mac_of "$OUTSIDE" eth0)")
	check_eq "echo requests seen with a source from the pool" "$seen" 5
	check_eq "packets encrypted" $(($(sa_stat out packets) - esp)) 0
	check_eq "translations to the client" "$(xlates | grep -c "$CLIENT_INNER")" 1
}

with_it_encrypted()
{
	local esp seen
	esp=$(sa_stat out packets)
	seen=$(captured wire "dst $CLIENT_INNER and $POOL_SRC")
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	check_ping "$INSIDE" $CLIENT_INNER 5
	check_eq "packets encrypted" $(($(sa_stat out packets) - esp)) 5
	check_eq "packets translated towards the client" \
		$(($(captured wire "dst $CLIENT_INNER and $POOL_SRC") - seen)) 0
}

# A network beside the clients' is not exempt.
neighbours_not_exempt()
{
	ip -n "$OUTSIDE" addr add 10.2.3.1/32 dev lo
	check_ping "$INSIDE" 10.2.3.1 3
	check_eq "echo requests seen with a source from the pool" \
		"$(captured wire "icmp[0] == 8 and dst 10.2.3.1 and $POOL_SRC")" 3
	check_eq "echo requests seen untranslated" \
		"$(captured wire "dst 10.2.3.1 and src $INSIDE_ADDR")" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	deny_line_counts	the deny line exempts and counts
	permit_line_counts	the permit line translates and counts
	without_it_translated	without the deny line the traffic is translated
	with_it_encrypted	with it again the traffic is encrypted
	neighbours_not_exempt	addresses beside the clients' are translated
	no_clear		nothing protected was in clear on the wire
"
