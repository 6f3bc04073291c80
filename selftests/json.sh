#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vpnctl --json: what each command answers is what Documentation/vpnctl.schema.json
# says, no key more and none less, with something in it.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
python3 -c 'import jsonschema' 2> /dev/null || skip_all "needs python3-jsonschema"
PATH=$SELFTESTS/../tools/vpnd:$PATH
SCHEMA=$SELFTESTS/../Documentation/vpnctl.schema.json

# valid COMMAND FILE
valid()
{
	check "$1" python3 "$SELFTESTS/json_check.py" "$SCHEMA" "$1" "$2"
}

# answers COMMAND JQ-EXPRESSION: as documented, and the expression is true of it
answers()
{
	# shellcheck disable=SC2086	# words of a command
	gwctl --json $1 > "$TMP/answer" 2> "$TMP/answer.err" || fail "$1: $(cat "$TMP/answer.err")"
	valid "$1" "$TMP/answer"
	check "$1: $2" jq -e "$2" "$TMP/answer"
}

every_command()
{
	vpnctl help > "$TMP/help"
	check "commands" python3 "$SELFTESTS/json_check.py" "$SCHEMA" --known "$TMP/help"
}

rich()
{
	config | sed '/^end/d'
	cat <<-EOT
		ip nat inside source static tcp 10.2.2.9 80 201.70.32.170 8080
		ip nat inside source static 10.2.2.8 201.70.32.171
		ip nat inside source list 7 interface Ethernet0 overload
		access-list 7 permit 10.2.3.0 0.0.0.255
		crypto isakmp policy 5
		 encryption aes 256
		 hash sha256
		 authentication pre-share
		 group 14
		crypto isakmp key cisco123 address 192.0.2.1
		crypto isakmp client configuration address-pool local ourpool
		ip local pool ourpool 10.2.1.1 10.2.1.9
		end
	EOT
}

shows()
{
	rich > "$TMP/rich.conf"
	check "load" gwctl load "$TMP/rich.conf"
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	check_no_ping "$OUTSIDE" 201.70.32.155 1
	answers "show running-config" '.running_config | contains("route-map nonat")'
	answers "show crypto ipsec sa" '.sas | length == 2 and all(.packets > 0)'
	answers "show crypto map" '(.entries | length == 1) and (.interfaces | length == 1)'
	answers "show crypto ipsec transform-set" '.transform_sets | length > 0'
	answers "show crypto dynamic-map" 'has("entries")'
	answers "show crypto engine connections active" '.connections | length == 2'
	answers "show crypto weak" '(.configured | length > 0) and (.in_use | length == 2)'
	answers "show crypto isakmp policy" '.policies | length == 1'
	answers "show crypto isakmp key" '.keys | length == 1 and all(has("key") | not)'
	answers "show ip nat translations" '.translations | any(.extended) and any(.configured and .prefix_len == 32)'
	answers "show ip nat statistics" '.rules | length == 4 and any(has("inside_local"))'
	answers "show access-lists" '.access_lists | length == 3'
	answers "show ip access-lists" '.access_lists | length == 3'
	answers "show route-map" '.route_maps | length == 1'
	answers "show drops" '.drops | length > 5'
	answers "show interfaces" '.interfaces | length == 2'
}

of_vpnd()
{
	sed -e '/^crypto map intmap 10 ipsec-manual/,/^!/d' -e '/^ crypto map intmap/d' \
		"$TMP/rich.conf" > "$TMP/ike.conf"
	bg vpnd ip netns exec "$GW" vpnd --no-kernel -f "$TMP/ike.conf" -d all
	busywait 20 said vpnd "waits for peers" || fail "vpnd: $(cat "$TMP/vpnd.log")"
	answers "show crypto isakmp statistics" ".login_accepted == 0"
	answers "show crypto isakmp sa" '.isakmp_sas | length == 0'
	answers "show crypto session" 'has("sessions")'
	answers "show ip local pool" '.local_pools | length == 1 and .[0].begin == "10.2.1.1"'
	bg_stop vpnd
}

others()
{
	local words
	gwctl --json check "$TMP/rich.conf" > "$TMP/answer"
	valid check "$TMP/answer"
	gwctl --json load "$TMP/rich.conf" > "$TMP/answer" 2> /dev/null
	valid load "$TMP/answer"
	gwctl --json load --dry-run "$TMP/gateway.conf" > "$TMP/answer" 2> /dev/null
	valid load "$TMP/answer"
	sed 's/^access-list 7 permit.*/access-list 7 permt any/' "$TMP/rich.conf" > "$TMP/bad.conf"
	gwctl --json load "$TMP/bad.conf" > "$TMP/answer" 2> /dev/null
	valid load "$TMP/answer"
	for words in "Serial1 tcp 10.2.2.5 1024 $OUTSIDE_ADDR 80" "Serial1 icmp 10.2.2.5 $CLIENT_INNER" \
			"Ethernet0 icmp $CLIENT_INNER 10.2.2.5" "Serial1 udp 10.2.2.5 1 $GW_INNER 9" \
			"Ethernet0 tcp $OUTSIDE_ADDR 1 201.70.32.170 8080"; do
		# shellcheck disable=SC2086	# a list of words
		gwctl --json packet-tracer input $words > "$TMP/answer"
		valid packet-tracer "$TMP/answer"
	done
	capture_sync wire
	tcpdump -r "$TMP/wire.pcap" -w "$TMP/some.pcap" -c 40 2> /dev/null
	gwctl --json packet-tracer input Ethernet0 --pcap "$TMP/some.pcap" > "$TMP/answer"
	valid "packet-tracer --pcap" "$TMP/answer"
	gwctl --json version > "$TMP/answer"
	valid version "$TMP/answer"
}

events()
{
	local kind
	bg monitor ip netns exec "$GW" vpnctl monitor --json
	busywait 20 said monitor listening || fail "monitor: $(cat "$TMP/monitor.log")"
	for kind in "ip nat detailed" "ip packet" "crypto engine"; do
		# shellcheck disable=SC2086	# a list of words
		bg "debug-${kind// /-}" ip netns exec "$GW" vpnctl debug $kind --json
		busywait 20 said "debug-${kind// /-}" listening ||
			skip "no tracepoints: $(cat "$TMP/debug-${kind// /-}.log")"
	done
	# new numbers at both ends
	gwctl clear crypto sa
	config | load_config > /dev/null 2>&1
	setup_client_sas
	check_ping "$CLIENT" $INSIDE_ADDR 1
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -e 910
	check_no_ping "$OUTSIDE" 201.70.32.155 1
	gwctl clear ip nat translation all
	gwctl clear crypto sa
	check_no_ping "$INSIDE" $CLIENT_INNER 1
	busywait 20 said monitor '"drop"' || fail "no drop: $(cat "$TMP/monitor.log")"
	busywait 20 said debug-ip-nat-detailed '"translation_end"' || fail "no end of a translation"
	busywait 20 said debug-ip-packet '"no-sa"' || fail "no drop"
	busywait 20 eval '[[ $(grep -c "\"deleted\"" "$TMP/debug-crypto-engine.log") -ge 4 ]]' || fail "no end of an association"
	for kind in monitor debug-ip-nat-detailed debug-ip-packet debug-crypto-engine; do
		bg_stop "$kind" INT
		valid "${kind%%-*}" "$TMP/$kind.log"
	done
	check_eq "events" "$(jq -r .event "$TMP"/monitor.log "$TMP"/debug-*.log | sort -u | xargs)" \
		"acquire config drop esp_input esp_output listening nat_verdict sa sa_state translation_end translation_new xlate"
}

unload()
{
	gwctl --json unload > "$TMP/answer"
	valid unload "$TMP/answer"
}

run_tests "
	every_command	every show command has a schema
	shows		show commands
	of_vpnd		show commands that vpnd answers
	others		load, check, packet-tracer, version
	events		monitor and debug
	unload		unload
"
