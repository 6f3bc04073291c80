#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
#
# vpnctl debug: a line for each packet that was sent, with what became of it; a
# limit that is kept and owned up to, events that were lost are told of, and
# nothing is left behind in tracefs.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

TRACING=/sys/kernel/tracing
setup_deployment
[[ -d $TRACING/events ]] || mount -t tracefs tracefs $TRACING 2>/dev/null
[[ -d $TRACING/events/vpngw ]] || skip_all "no tracepoints in this kernel"

# debug_start NAME WORD...: in the background, until debug_stop NAME
debug_start()
{
	local name=$1
	shift
	bg "$name" ip netns exec "$GW" vpnctl "$@"
	busywait 20 grep -qE 'debugging is on|"listening"' "$TMP/$name.log" ||
		fail "$*: $(cat "$TMP/$name.log")"
}

# printed NAME COUNT REGEX: so many lines match
printed()
{
	[[ $(grep -cE -- "$3" "$TMP/$1.log") -ge $2 ]]
}

# debug_stop NAME COUNT REGEX: once so many lines match, which is what it waits for
debug_stop()
{
	busywait 20 printed "$@" || fail "$1: fewer than $2 lines '$3'"
	bg_stop "$1" INT
	check_eq "$1: lines '$3'" "$(grep -cE -- "$3" "$TMP/$1.log")" "$2"
}

# lines NAME: without their times, sorted
lines()
{
	sed -n 's/^[A-Z][a-z]* *[0-9]* [0-9:]*\.[0-9]*: //p' "$TMP/$1.log" | sort
}

# on_the_wire FILTER: "SOURCE DESTINATION ID" of each packet
on_the_wire()
{
	tcpdump -nn -v -r "$TMP/wire.pcap" "$1" 2> /dev/null | awk '
		/ ttl / { match($0, / id [0-9]+/); id = substr($0, RSTART + 4, RLENGTH - 4) }
		/^    [0-9.]+ > / { sub(/:$/, "", $3); print $1, $3, id }'
}

nat()
{
	debug_start nat debug ip nat
	check_ping "$INSIDE" $OUTSIDE_ADDR 5 -e 900
	check_ping "$CLIENT" $INSIDE_ADDR 2
	debug_stop nat 10 'NAT: s='
	capture_sync wire
	on_the_wire "icmp and host $OUTSIDE_ADDR" | awk -v il=$INSIDE_ADDR -v og=$OUTSIDE_ADDR '
		$2 == og { printf "NAT: s=%s->%s, d=%s [%s]\n", il, $1, og, $3 }
		$1 == og { printf "NAT: s=%s, d=%s->%s [%s]\n", og, $2, il, $3 }' |
		sort > "$TMP/wanted"
	check_eq "packets on the wire" "$(wc -l < "$TMP/wanted")" 10
	check_eq "lines" "$(lines nat)" "$(cat "$TMP/wanted")"
}

nat_detailed()
{
	local global
	gwctl clear ip nat translation all
	debug_start detailed debug ip nat detailed
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -e 901
	check_ping "$CLIENT" $INSIDE_ADDR 1 -e 902
	global=$(xlates | awk '$3 == 901 { print $4 }')
	gwctl clear ip nat translation all
	debug_stop detailed 1 'NAT: expiring'
	check_match "new" "$(lines detailed)" \
		"^NAT: Allocated Port for $INSIDE_ADDR -> $global: wanted 901 got 901\$"
	check_match "out" "$(lines detailed)" \
		"^NAT: i: icmp \($INSIDE_ADDR, 901\) -> \($OUTSIDE_ADDR, 901\) \[[0-9]+\]\$"
	check_match "in" "$(lines detailed)" \
		"^NAT: o: icmp \($OUTSIDE_ADDR, 901\) -> \($global, 901\) \[[0-9]+\]\$"
	check_match "exempt" "$(lines detailed)" \
		"^NAT: not translated: s=$INSIDE_ADDR, d=$CLIENT_INNER \[[0-9]+\], rule of line $(grep -n '^ip nat inside source' "$TMP/gateway.conf" | cut -d : -f 1), access list entry of line $(grep -n '^access-list 101 deny' "$TMP/gateway.conf" | cut -d : -f 1)\$"
	check_match "end" "$(lines detailed)" \
		"^NAT: expiring $global \($INSIDE_ADDR\) icmp 901 \(901\): "
}

exhausted()
{
	config | sed 's/201.70.32.150 201.70.32.160/201.70.32.155 201.70.32.155/' > "$TMP/small.conf"
	check "load" gwctl load "$TMP/small.conf"
	ip -n "$INSIDE" addr add 10.2.2.6/24 dev eth0
	check_ping "$INSIDE" $OUTSIDE_ADDR 1 -I $INSIDE_ADDR
	debug_start full debug ip nat
	check_no_ping "$INSIDE" $OUTSIDE_ADDR 2 -I 10.2.2.6
	debug_stop full 2 'NAT: failed to allocate address for 10\.2\.2\.6, list/map nonat$'
	ip -n "$INSIDE" addr del 10.2.2.6/24 dev eth0
	config | load_config > /dev/null 2>&1
}

packet()
{
	local before after
	before=$(drop_count nat-no-translation)
	debug_start packet debug ip packet
	check_no_ping "$OUTSIDE" 201.70.32.155 3
	gwctl clear crypto sa
	check_no_ping "$INSIDE" $CLIENT_INNER 2
	debug_stop packet 5 'dropped: '
	after=$(drop_count nat-no-translation)
	check_eq "counter" "$((after - before))" 3
	check_eq "lines" "$(lines packet | uniq -c | sed 's/^ *//')" "$(sort <<-EOT
		2 IP: s=$INSIDE_ADDR (Serial1), d=$CLIENT_INNER (Ethernet0), len 84, proto icmp $(ids packet $INSIDE_ADDR), dropped: no-sa
		3 IP: s=$ROUTER_ADDR (Ethernet0), d=201.70.32.155, len 84, proto icmp $(ids packet $ROUTER_ADDR), dropped: nat-no-translation
	EOT
	)"
	config | load_config > /dev/null 2>&1
}

# the identifier that ping took, twice as the tracepoint has it
ids()
{
	lines "$1" | sed -n "s/^IP: s=$2 .* proto icmp \([0-9]* [0-9]*\),.*/\1/p" | head -n 1
}

engine()
{
	local seq
	debug_start engine debug crypto engine
	# new ones, so that their numbers begin with 1
	gwctl clear crypto sa
	config | load_config > /dev/null 2>&1
	setup_client_sas
	check_ping "$CLIENT" $INSIDE_ADDR 4 -s 100
	gwctl clear crypto sa
	debug_stop engine 4 ': deleted$'
	check_eq "packets" "$(lines engine | grep -cE 'CRYPTO_ENGINE: (en|de)crypted packet')" 8
	for seq in 1 2 3 4; do
		check_match "in, $seq" "$(lines engine)" \
			"^CRYPTO_ENGINE: decrypted packet, conn id 2[0-9]+, spi 0xD5A1B10, seq $seq: s=$CLIENT_INNER, d=$INSIDE_ADDR, len 128\$"
		check_match "out, $seq" "$(lines engine)" \
			"^CRYPTO_ENGINE: encrypted packet, conn id 2[0-9]+, spi 0xBF58DE36, seq $seq: s=$INSIDE_ADDR, d=$CLIENT_INNER, len 128, peer $CLIENT_OUTER\$"
	done
	check_eq "associations made" "$(lines engine | grep -c ': new$')" 2
	check_no_match "keys" "$(tr '[:upper:]' '[:lower:]' < "$TMP/engine.log")" \
		"$ENC_KEY_IN|$ENC_KEY_OUT|$AUTH_KEY_IN|$AUTH_KEY_OUT"
	config | load_config > /dev/null 2>&1
	setup_client_sas
}

json()
{
	debug_start json debug ip nat --json
	check_ping "$INSIDE" $OUTSIDE_ADDR 3 -e 903
	debug_stop json 6 '"event":"nat_verdict"'
	check_eq "objects" "$(jq -r 'select(.event == "nat_verdict") |
		"\(.dir) \(.verdict) \(.local) \(.local_port) \(has("time"))"' "$TMP/json.log" |
		sort | uniq -c | sed 's/^ *//')" "$(printf '%s\n' \
		"3 in translate $INSIDE_ADDR 903 true" "3 out translate $INSIDE_ADDR 903 true")"
}

# Every event is printed or counted as suppressed.
limit()
{
	local n
	debug_start limit debug ip nat --rate 10
	inside ping -n -f -c 200 -W 2 $OUTSIDE_ADDR > /dev/null 2>&1
	busywait 20 all_told || fail "$(tail -n 3 "$TMP/limit.log")"
	bg_stop limit INT
	n=$(grep -c 'NAT: s=' "$TMP/limit.log")
	check_num "lines" "$n" -le 200
	check_num "lines" "$n" -ge 10
}

all_told()
{
	[[ $(awk '/NAT: s=/ { n++ } /^% [0-9]+ events? suppressed/ { n += $2 } END { print n }' \
		"$TMP/limit.log") -eq 400 ]]
}

lost()
{
	local pid
	debug_start lost debug ip nat --rate 100000
	pid=${BG_PID[lost]}
	echo 4 > "$TRACING/instances/vpnctl-$pid/buffer_size_kb"
	kill -STOP "$pid"
	inside ping -n -f -c 200 -W 2 $OUTSIDE_ADDR > /dev/null 2>&1
	kill -CONT "$pid"
	busywait 20 grep -qE '^% [0-9]+ events? lost' "$TMP/lost.log" ||
		fail "nobody tells of $(tail -n 3 "$TMP/lost.log")"
	bg_stop lost INT
}

# All instances of those that ended by a signal are gone; who is killed leaves one,
# and the next one removes it.
nothing_left()
{
	check_eq "instances" "$(ls $TRACING/instances)" ""
	debug_start killed debug ip packet
	bg_stop killed KILL
	check_match "instances" "$(ls $TRACING/instances)" '^vpnctl-'
	debug_start next debug ip packet
	bg_stop next
	check_eq "instances" "$(ls $TRACING/instances)" ""
}

no_clear()
{
	check_no_clear
}

run_tests "
	nat		debug ip nat: a line for each packet on the wire
	nat_detailed	debug ip nat detailed: new, exempt and ended ones, too
	exhausted	debug ip nat: no address left
	packet		debug ip packet: a line for each packet dropped
	engine		debug crypto engine: each packet of an association
	json		--json: the same as objects
	limit		--rate: what is not printed is counted
	lost		events that were lost are told of
	nothing_left	nothing is left in tracefs
	no_clear	nothing protected was in clear on the wire
"
