#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What vpnctl show prints: the fields and words of IOS in their order, figures
# that agree with those of --json and with what has really passed; and the lines
# of vpnctl monitor.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

# in_order WHAT TEXT: each regular expression on standard input matches a line of
# the text, below the line that the one before it has matched
in_order()
{
	local what=$1 text=$2 regex at=0 n
	while IFS= read -r regex; do
		n=$(tail -n +$((at + 1)) <<< "$text" | grep -nE -m 1 -- "$regex" | cut -d : -f 1)
		if [[ -z $n ]]; then
			fail "$what: after line $at nothing matches '$regex' in:"
			diag "$text"
			return
		fi
		at=$((at + n))
	done
}

# traffic whose figures are known: seven pings each way through the tunnel, as
# the operator of the deployment had, and three through NAT
traffic()
{
	check_ping "$CLIENT" $INSIDE_ADDR 7
	check_ping "$INSIDE" $OUTSIDE_ADDR 3 -e 800
}

crypto_ipsec_sa()
{
	in_order "show crypto ipsec sa" "$(gwctl show crypto ipsec sa)" <<-'EOT'
		^interface: Ethernet0
		^ *Crypto map tag: intmap, local addr\.? 201\.70\.32\.101
		local  ?ident \(addr/mask/prot/port\): \(10\.2\.2\.0/255\.255\.255\.0/0/0\)
		remote ident \(addr/mask/prot/port\): \(10\.2\.1\.1/255\.255\.255\.255/0/0\)
		current_peer: 201\.70\.32\.82
		PERMIT, flags=\{.*\}
		#pkts encaps: 7, #pkts encrypt: 7, #pkts digest:? 7
		#pkts decaps: 7, #pkts decrypt: 7, #pkts verify:? 7
		#pkts compressed: 0, #pkts decompressed: 0
		#pkts not compressed: 0, #pkts compr\. failed: 0, #pkts decompress failed: 0
		#send errors 0, #recv errors 0
		local crypto endpt\.: 201\.70\.32\.101, remote crypto endpt\.: 201\.70\.32\.82
		path mtu 1500, media mtu 1500
		current outbound spi: (0x)?BF58DE36
		inbound esp sas:
		spi: 0xD5A1B10\(224008976\)
		transform: esp-des esp-md5-hmac ,
		in use settings ?= ?\{Tunnel, \}
		slot: 0, conn id: 2[0-9]{3}, flow_id: [0-9]+, crypto map: intmap
		sa timing
		IV size: 8 bytes
		replay detection support: Y
		inbound ah sas:
		inbound pcp sas:
		outbound esp sas:
		spi: 0xBF58DE36\(3210272310\)
		transform: esp-des esp-md5-hmac ,
		in use settings ?= ?\{Tunnel, \}
		slot: 0, conn id: 2[0-9]{3}, flow_id: [0-9]+, crypto map: intmap
		sa timing
		IV size: 8 bytes
		replay detection support: Y
		outbound ah sas:
		outbound pcp sas:
	EOT
	check_eq "packets in, of --json" "$(sa_stat in packets)" 7
	check_eq "packets out, of --json" "$(sa_stat out packets)" 7
	# 84 octets each
	check_eq "octets in, of --json" "$(sa_stat in bytes)" $((7 * 84))
}

crypto_map()
{
	in_order "show crypto map" "$(gwctl show crypto map)" <<-'EOT'
		Crypto [Mm]ap:? "intmap" 10 ipsec-manual
		Peer = 201\.70\.32\.82
		Extended IP access list 102
		access-list 102 permit
		Interfaces using crypto map intmap:
		Ethernet0
	EOT
}

ip_nat_translations()
{
	local global
	global=$(xlates | awk '$3 == 800 { print $4 }')
	in_order "show ip nat translations" "$(gwctl show ip nat translations)" <<-EOT
		^Pro +Inside global +Inside local +Outside local +Outside global
		^icmp +$global:800 +$INSIDE_ADDR:800 +$OUTSIDE_ADDR:800 +$OUTSIDE_ADDR:800
	EOT
	in_order "show ip nat translations verbose" "$(gwctl show ip nat translations verbose)" <<-EOT
		^icmp +$global:800 +$INSIDE_ADDR:800
		create .*use
		flags: extended
	EOT
	check_match "global address" "$global" '^201\.70\.32\.1(5[0-9]|60)$'
}

ip_nat_statistics()
{
	in_order "show ip nat statistics" "$(gwctl show ip nat statistics)" <<-'EOT'
		Total (active )?translations: 1 \(0 static, 1 dynamic; 1 extended\)
		Outside interfaces:
		Ethernet0
		Inside interfaces:
		Serial1
		Hits: [1-9][0-9]* +Misses: 1
		Expired translations: 0
		Dynamic mappings:
		-- Inside Source
		route-map nonat pool outsidepool refcount 1
		pool outsidepool: netmask 255\.255\.255\.0
		start 201\.70\.32\.150 end 201\.70\.32\.160
		type generic, total addresses 11, allocated 1 \(9%\), misses 0
	EOT
	check_eq "hits and misses, of --json" "$(nat_stat hits) $(nat_stat misses)" "5 1"
}

access_lists()
{
	local text
	text=$(gwctl show access-lists)
	in_order "show access-lists" "$text" <<-'EOT'
		^Extended IP access list 101
		deny +ip 10\.2\.2\.0 0\.0\.0\.255 10\.2\.1\.0 0\.0\.0\.255 \(7 matches\)
		permit +ip 10\.2\.2\.0 0\.0\.0\.255 any \(1 match(es)?\)
		^Extended IP access list 102
		permit +ip 10\.2\.2\.0 0\.0\.0\.255 host 10\.2\.1\.1 \([0-9]+ match
	EOT
	check_eq "matches of the deny line, of --json" "$(ace_hits 101 10)" 7
	text=$(gwctl show access-lists 102)
	check_no_match "show access-lists 102" "$text" "access list 101"
	check "clear" gwctl clear access-list counters
	check_eq "matches of the deny line, cleared" "$(ace_hits 101 10)" 0
}

route_map()
{
	in_order "show route-map" "$(gwctl show route-map)" <<-'EOT'
		^route-map nonat, permit, sequence 10
		Match clauses:
		ip address \(access-lists\): 101
		Set clauses:
		Policy routing matches: [0-9]+ packets
	EOT
}

show_drops()
{
	local before
	before=$(drop_count nat-no-translation)
	check_no_ping "$OUTSIDE" 201.70.32.157 2
	check_match "show drops" "$(gwctl show drops)" "nat-no-translation .*\\b$((before + 2))\\b|\\b$((before + 2))\\b.*nat-no-translation"
	check_eq "drops, of --json" "$(drop_count nat-no-translation)" $((before + 2))
	check "clear" gwctl clear drops
	check_eq "drops, cleared" "$(drops)" ""
}

interfaces()
{
	in_order "show interfaces" "$(gwctl show interfaces)" <<-'EOT'
		Ethernet0
		Serial1
	EOT
	check_match "show interfaces" "$(gwctl show interfaces)" "outside"
	check_match "show interfaces" "$(gwctl show interfaces)" "intmap"
}

# Commands may be abbreviated as long as they are unique.
abbreviations()
{
	check_eq "sh cry ips sa" "$(gwctl sh cry ips sa | head -n 5)" \
		"$(gwctl show crypto ipsec sa | head -n 5)"
	check_eq "sh ip na tr" "$(gwctl sh ip na tr)" "$(gwctl show ip nat translations)"
	check_fails "an ambiguous word" gwctl show ip nat t s
}

json_parses()
{
	local command
	for command in "crypto ipsec sa" "crypto map" "ip nat translations" "ip nat statistics" \
			access-lists "route-map" drops interfaces; do
		check "show $command --json" eval "gwctl show $command --json | jq -e 'type == \"object\"'"
	done
}

# Everything that changes is told, in both formats.
monitor()
{
	bg text ip netns exec "$GW" vpnctl monitor
	bg json ip netns exec "$GW" vpnctl monitor --json
	busywait 10 said text listening || fail "monitor: $(cat "$TMP/text.log")"
	busywait 10 said json listening || fail "monitor --json: $(cat "$TMP/json.log")"
	gwctl clear ip nat translation '*' > /dev/null
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -e 801
	gwctl clear ip nat translation '*' > /dev/null
	gwctl clear crypto sa > /dev/null
	config | load_config > /dev/null 2>&1
	busywait 10 said text "$INSIDE_ADDR:801" || fail "no translation in: $(cat "$TMP/text.log")"
	busywait 10 said json '"config"' ||
		busywait 1 said json generation || fail "no configuration in: $(cat "$TMP/json.log")"
	check_match "monitor" "$(cat "$TMP/text.log")" "xlate icmp $INSIDE_ADDR:801 -> .*$OUTSIDE_ADDR:801: new"
	check_match "monitor" "$(cat "$TMP/text.log")" "D5A1B10|224008976|0x0d5a1b10"
	check_match "monitor" "$(cat "$TMP/text.log")" "config"
	check "monitor --json" eval "grep -v listening $TMP/json.log | jq -es 'length >= 4'"
	bg_stop text
	bg_stop json
	# ends by itself
	bg count ip netns exec "$GW" vpnctl monitor --count 1
	busywait 10 said count listening || fail "monitor --count: $(cat "$TMP/count.log")"
	config | load_config > /dev/null 2>&1
	bg_wait count 10 || fail "monitor --count 1: $(cat "$TMP/count.log")"
}

unload()
{
	check "unload" gwctl unload
	check_eq "associations" "$(sa_count)" 0
	check_no_match "show access-lists" "$(gwctl show access-lists)" "101"
	check "unload, again" gwctl unload
}

# an operator who reads a reason finds it explained
reasons_documented()
{
	local doc=$SELFTESTS/../Documentation/counters.rst
	[[ -f $doc ]] || { skip "no $doc"; return 0; }
	check_eq "reasons of the kernel and of counters.rst" \
		"$(gwctl show drops all --json | jq -r '.. | objects | select(has("packets")) | .name' | sort | xargs)" \
		"$(sed -n 's/^\([a-z][a-z-]*\)$/\1/p' "$doc" | sort | xargs)"
}

no_clear()
{
	check_no_clear
}

run_tests "
	traffic			pings whose number is known
	crypto_ipsec_sa		show crypto ipsec sa
	crypto_map		show crypto map
	ip_nat_translations	show ip nat translations
	ip_nat_statistics	show ip nat statistics
	access_lists		show access-lists
	route_map		show route-map
	interfaces		show interfaces
	show_drops		show drops
	abbreviations		abbreviations
	json_parses		--json parses
	monitor			monitor
	reasons_documented	every reason for a drop is documented
	unload			unload
	no_clear		nothing protected was in clear on the wire
"
