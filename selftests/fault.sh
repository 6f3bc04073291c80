#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
# timeout: 900
#
# Memory fails: each allocation of a load, a reload, a rollback, the views and
# "clear" once, then many of those that packets make, then each of these by itself.
# A request that fails says so and has changed nothing, and the same request works
# afterwards; a packet is dropped under a name, and none leaves in clear or
# untranslated. For kernels with fault injection; KASAN, lockdep and kmemleak look on.
#	VPNGW_FAULT_STEP	1: each allocation of a request fails; n: each nth, 8

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
[[ -w /proc/self/fail-nth && -d /sys/kernel/debug/failslab ]] ||
	skip_all "needs a kernel with CONFIG_FAILSLAB and debugfs"
[[ -f $SELFTESTS/fail_nth.so ]] || skip_all "needs fail_nth.so (make -C selftests)"
setup_deployment
require python3

FAILSLAB=/sys/kernel/debug/failslab
STEP=${VPNGW_FAULT_STEP:-8}

slab_setting()
{
	echo "$2" > "$FAILSLAB/$1"
}

# requests may fail where they may sleep, packets cannot sleep
slab_setting verbose 0
slab_setting probability 0
slab_setting times -1
slab_setting interval 1
slab_setting ignore-gfp-wait N

# another configuration than the deployment's, with some of everything
other_config()
{
	config | sed "
		s/^access-list 101 permit/access-list 101 deny ip host 10.2.2.77 any\n&/
		s/^ match ip address 101/&\n match interface Ethernet0/
		s/^ip nat pool/ip nat inside source static 10.2.2.9 201.70.32.170\n&/
		s/^ip nat inside source route-map/ip nat translation udp-timeout 77\n&/
		s/^crypto map intmap 10/crypto ipsec df-bit set\n&/"
}

# state: all that the kernel holds and that no packet changes
state()
{
	local view
	for view in "crypto ipsec sa" access-lists; do
		# shellcheck disable=SC2086	# words of a command
		gwctl show $view 2>&1
	done
}

# each_fails WHAT BEFORE COMMAND...: the first, second... allocation fails in the
# command, which must fail with words and change nothing, or not need that memory;
# BEFORE brings the state back when it has succeeded, "true" if there is none
each_fails()
{
	local what=$1 before=$2 n refused=0 unharmed=0 code want="" text
	shift 2
	"$before" || return
	[[ $before == true ]] || want=$(state)
	for ((n = 1 + RANDOM % STEP; ; n += STEP)); do
		rm -f "$TMP/failed"
		text=$(FAIL_NTH=$n FAIL_NTH_DONE=$TMP/failed gw env \
			LD_PRELOAD="$SELFTESTS/fail_nth.so" "$@" 2>&1)
		code=$?
		if [[ ! -e $TMP/failed ]]; then
			check_eq "$what without a failure" "$code" 0
			[[ $code -eq 0 ]] || diag "$text"
			break
		fi
		if [[ $code -eq 0 ]]; then
			unharmed=$((unharmed + 1))
			"$before" || break
			[[ $before == true ]] || want=$(state)
			continue
		fi
		if [[ -s $TMP/failed || $text == *"answer was lost"* ]]; then
			# no memory for the answer, or to read it: it may have been yes
			[[ $text ]] || fail "$what, allocation $n: a lost answer without a word"
			"$before" || break
			[[ $before == true ]] || want=$(state)
			continue
		fi
		refused=$((refused + 1))
		[[ $text ]] || fail "$what, allocation $n: refused without a word"
		if [[ $want && $(state) != "$want" ]]; then
			fail "$what, allocation $n: '$text', and the state has changed:"
			diag "$(diff <(echo "$want") <(state) | head -n 12)"
			"$before" || break
			want=$(state)
		fi
	done
	diag "$what: about $n allocations, $refused refused, $unharmed not needed"
	check_num "$what: refused for want of memory" "$refused" -gt 0
}

idle()
{
	# not loaded is no error
	gwctl unload > /dev/null 2>&1 || ! gwctl show crypto map > /dev/null 2>&1
}

loaded()
{
	config | load_config > "$TMP/load.log" 2>&1 ||
		fail "load: $(cat "$TMP/load.log")"
}

load_fails()
{
	config > "$TMP/one.conf"
	each_fails "load" idle vpnctl load "$TMP/one.conf"
	loaded
	check_ping "$CLIENT" $INSIDE_ADDR 2
}

reload_fails()
{
	other_config > "$TMP/other.conf"
	each_fails "reload" loaded vpnctl load "$TMP/other.conf"
	check "load" gwctl load "$TMP/other.conf"
	loaded
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	loaded
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
}

views_fail()
{
	local view
	for view in "crypto ipsec sa" access-lists "ip nat translations" drops; do
		# shellcheck disable=SC2086	# words of a command
		each_fails "show $view" true vpnctl show $view
	done
	check_ping "$CLIENT" $INSIDE_ADDR 2
}

clear_fails()
{
	each_fails "clear crypto sa" loaded vpnctl clear crypto sa
	loaded
}

# Every kind of packet at once, while each tenth allocation in softirq fails.
packets_fail()
{
	local round before

	loaded
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	loaded
	gwctl clear drops > /dev/null
	head -c 200k /dev/urandom > "$TMP/file"
	udp_echo echo "$OUTSIDE" 7000
	slab_setting ignore-gfp-wait Y
	for ((round = 0; round < 40; round++)); do
		[[ $round -eq 0 ]] || slab_setting probability 10
		before=$(drop_count no-memory)
		bg p1 ip netns exec "$CLIENT" ping -n -q -c 20 -i 0.02 -W 1 $INSIDE_ADDR
		bg p2 ip netns exec "$INSIDE" ping -n -q -c 20 -i 0.02 -W 1 $CLIENT_INNER
		bg p3 ip netns exec "$INSIDE" ping -n -q -c 20 -i 0.02 -W 1 $OUTSIDE_ADDR
		bg p4 ip netns exec "$INSIDE" ping -n -q -c 5 -i 0.05 -W 1 -s 4000 -M dont $CLIENT_INNER
		bg p5 ip netns exec "$CLIENT" ping -n -q -c 5 -i 0.05 -W 1 -s 4000 $INSIDE_ADDR
		bg p6 ip netns exec "$INSIDE" ping -n -q -c 5 -i 0.05 -W 1 -s 1472 -M "do" $CLIENT_INNER
		bg p7 ip netns exec "$INSIDE" ping -n -q -c 5 -i 0.05 -W 1 -s 4000 -M dont $OUTSIDE_ADDR
		bg p8 ip netns exec "$INSIDE" ping -n -q -c 3 -i 0.05 -W 1 -t 1 $OUTSIDE_ADDR
		bg p9 ip netns exec "$OUTSIDE" ping -n -q -c 5 -i 0.05 -W 1 10.2.2.99
		bg pa ip netns exec "$OUTSIDE" ping -n -q -c 3 -i 0.05 -W 1 201.70.32.151
		bg u1 ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
			$OUTSIDE_ADDR 7000 20 --interval 0.01
		bg u2 ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
			$CLIENT_INNER 7009 20 --interval 0.01
		bg t1 ip netns exec "$INSIDE" timeout 2 socat -u "OPEN:$TMP/file" \
			"TCP4:$OUTSIDE_ADDR:7002,connect-timeout=1"
		for name in p1 p2 p3 p4 p5 p6 p7 p8 p9 pa u1 u2 t1; do
			busywait 20 bg_ended "$name" || diag "$name does not end"
			bg_stop "$name"
		done
		slab_setting probability 0
		[[ $(drop_count no-memory) -lt 50 ]] || break
	done
	bg_stop echo
	diag "$((round + 1)) rounds, drops: $(drops | tr '\n' ' ')"
	check_num "drops for want of memory" "$(drop_count no-memory)" -ge 50
	slab_setting ignore-gfp-wait N
	gwctl clear ip nat translation '*' > /dev/null
	ip -n "$OUTSIDE" neigh flush all
	ip -n "$CLIENT" neigh flush all
	check_ping "$CLIENT" $INSIDE_ADDR 3
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_eq "packets with an inside source on the wire" \
		"$(captured wire "src net 10.2.2.0/24")" 0
}

# Each allocation of each kind of packet, one at a time.
each_packet_fails()
{
	local n mac result=$TMP/fault_packets.json
	loaded
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	loaded
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
	# nobody asks for an address, and what is for others is not answered
	mac=$(mac_of "$GW" Ethernet0)
	ip -n "$OUTSIDE" route add blackhole 203.0.113.0/24
	for n in 101 {150..160}; do
		echo "neigh replace 201.70.32.$n lladdr $mac dev eth0 nud permanent"
	done | ip -n "$OUTSIDE" -batch -
	ip -n "$CLIENT" neigh replace $GW_OUTER lladdr "$mac" dev eth0 nud permanent
	ip -n "$INSIDE" neigh replace $GW_INNER lladdr "$(mac_of "$GW" Serial1)" dev eth0 nud permanent
	ip -n "$GW" -batch - <<-EOT
		neigh replace $CLIENT_OUTER lladdr $(mac_of "$CLIENT" eth0) dev Ethernet0 nud permanent
		neigh replace $ROUTER_ADDR lladdr $(mac_of "$OUTSIDE" eth0) dev Ethernet0 nud permanent
		neigh replace 10.2.2.20 lladdr $(mac_of "$INSIDE" eth0) dev Serial1 nud permanent
	EOT
	gw sysctl -qw net.ipv4.icmp_ratelimit=0
	python3 "$SELFTESTS/fault_packets.py" "$GW" "$INSIDE" "$OUTSIDE" "$CLIENT" "$mac" \
		> "$result" 2> "$TMP/fault_packets.log" || fail "$(tail -n 3 "$TMP/fault_packets.log")"
	slab_setting probability 0
	slab_setting ignore-gfp-wait N
	diag "$(jq -r '.[] | "\(.kind): \(.allocations) allocations, \(.left) not needed, \(.dropped) dropped, \(.refused) refused, \(.counted) counted by the stack, \(.lost) not counted"' "$result")"
	check_eq "errors" "$(jq -r '.[] | select(.errors != []) | "\(.kind): \(.errors)"' "$result")" ""
	check_eq "lost by the module without a word" \
		"$(jq -c '.[] | .kind as $kind | .lost_at[] | select(any(test("vpngw"))) | [$kind] + .' "$result")" ""
	check_num "kinds of packet" "$(jq length "$result")" -ge 20
	check_num "allocations" "$(jq 'map(.allocations) | add' "$result")" -ge 100
	check_eq "packets with an inside source on the wire" \
		"$(captured wire "src net 10.2.2.0/24")" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	load_fails	each allocation of a load fails
	reload_fails	each allocation of a reload fails
	views_fail	each allocation of the views fails
	clear_fails	each allocation of clear crypto sa fails
	packets_fail	allocations for packets fail
	each_packet_fails	each allocation of each kind of packet fails
	no_clear	nothing protected was in clear on the wire
"
