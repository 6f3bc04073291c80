#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
# timeout: 300
#
# The module comes and goes, with and without a configuration in use; network
# namespaces come, are configured and go, while packets flow. Afterwards nothing
# is left. Runs on the debug kernels in full:
#	VPNGW_CYCLES		times that the module is loaded and unloaded
#	VPNGW_NAMESPACES	namespaces made and deleted
#	VPNGW_ASYNC		crypto template, such as cryptd, that puts packets off: what goes
#				then goes with packets at the crypto engine
#	VPNGW_CHANGES		times that devices go down, and change MTU and address

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

case ${VPNGW_KERNEL:-} in
debug|uml)	CYCLES=${VPNGW_CYCLES:-20} SPACES=${VPNGW_NAMESPACES:-50} CHANGES=${VPNGW_CHANGES:-5} ;;
*)		CYCLES=${VPNGW_CYCLES:-3} SPACES=${VPNGW_NAMESPACES:-6} CHANGES=${VPNGW_CHANGES:-3} ;;
esac

VPNGW_KO=${VPNGW_KO:-$SELFTESTS/../vpngw.ko}

insert()
{
	if [[ -f $VPNGW_KO ]]; then
		insmod "$VPNGW_KO"
	else
		modprobe vpngw
	fi
}

references()
{
	awk '$1 == "vpngw" { print $3 }' /proc/modules
}

if [[ ${VPNGW_ASYNC:-} ]]; then
	AEAD='authenc(hmac(md5),cbc(des))'
	modprobe -q "$VPNGW_ASYNC"
	python3 "$SELFTESTS/cryptd.py" add "$VPNGW_ASYNC" "$AEAD" > /dev/null ||
		skip_all "no $VPNGW_ASYNC"
fi
setup_deployment

unload_idle()
{
	local n
	check "vpnctl unload" gwctl unload
	for ((n = 0; n < CYCLES; n++)); do
		check "rmmod $n" rmmod vpngw
		[[ ! -d /sys/module/vpngw ]] || fail "still loaded after rmmod $n"
		check "insmod $n" insert
	done
}

# With a configuration, associations, translations, and packets on their way.
unload_in_use()
{
	local n
	bg flood-tunnel ip netns exec "$CLIENT" ping -n -q -i 0.01 $INSIDE_ADDR
	bg flood-nat ip netns exec "$INSIDE" ping -n -q -i 0.01 $OUTSIDE_ADDR
	for ((n = 0; n < CYCLES; n++)); do
		config | load_config > "$TMP/load.log" 2>&1 ||
			{ fail "load $n: $(cat "$TMP/load.log")"; break; }
		busywait 10 carries || fail "no packets in cycle $n"
		check "rmmod $n" rmmod vpngw
		check "insmod $n" insert
	done
	bg_stop flood-tunnel
	bg_stop flood-nat
}

carries()
{
	[[ $(xlates | wc -l) -gt 0 && $(sa_stat in packets) -gt 0 ]]
}

# pair N: two gateways back to back, each the other's peer
pair()
{
	local a=left-$1-$$ b=right-$1-$$
	NAMESPACES+=("$a" "$b")
	ip netns add "$a" && ip netns add "$b" || return 1
	ip link add Ethernet0 netns "$a" type veth peer name Ethernet0 netns "$b" || return 1
	ip -n "$a" -batch - <<-EOT
		link set lo up
		addr add $GW_OUTER/24 dev Ethernet0
		addr add $INSIDE_ADDR/32 dev lo
		link add Serial1 type dummy
		addr add $GW_INNER/24 dev Serial1
		link set Serial1 up
		link set Ethernet0 up
		route add 10.2.1.0/24 via $CLIENT_OUTER src $INSIDE_ADDR
	EOT
	ip -n "$b" -batch - <<-EOT
		link set lo up
		addr add $CLIENT_OUTER/24 dev Ethernet0
		addr add $CLIENT_INNER/32 dev lo
		link set Ethernet0 up
		route add 10.2.2.0/24 via $GW_OUTER src $CLIENT_INNER
	EOT
	config > "$TMP/left.conf"
	ip netns exec "$a" vpnctl load "$TMP/left.conf" > "$TMP/load.log" 2>&1 &&
		ip netns exec "$b" vpnctl load "$TMP/right.conf" >> "$TMP/load.log" 2>&1
}

right_config()
{
	cat <<-EOT
		crypto ipsec transform-set trans1 $TRANSFORM
		crypto map intmap 10 ipsec-manual
		 set peer $GW_OUTER
		 match address 102
		 set transform-set trans1
		 set session-key inbound esp $SPI_OUT cipher $ENC_KEY_OUT authenticator $AUTH_KEY_OUT
		 set session-key outbound esp $SPI_IN cipher $ENC_KEY_IN authenticator $AUTH_KEY_IN
		interface Ethernet0
		 ip address $CLIENT_OUTER 255.255.255.0
		 crypto map intmap
		access-list 102 permit ip host $CLIENT_INNER 10.2.2.0 0.0.0.255
	EOT
}

namespaces_come_and_go()
{
	local n
	right_config > "$TMP/right.conf"
	for ((n = 0; n < SPACES / 2; n++)); do
		pair "$n" || { fail "pair $n: $(cat "$TMP/load.log")"; break; }
		bg "ping-$n" ip netns exec "right-$n-$$" ping -n -q -i 0.002 $INSIDE_ADDR
		# the older ones go while the younger ones are busy
		if [[ $n -ge 3 ]]; then
			drop_pair $((n - 3))
		fi
	done
	for ((n = n < 3 ? 0 : n - 3; n < SPACES / 2; n++)); do
		drop_pair "$n"
	done
	check_eq "namespaces left" "$(ip netns list | grep -c -- "-$$")" 0
}

# The left one has no process in it: it goes while packets arrive.
drop_pair()
{
	local left=left-$1-$$ right=right-$1-$$
	ip netns exec "$right" vpnctl show crypto ipsec sa --json > "$TMP/sa.json" 2>/dev/null
	check_num "packets in pair $1" "$(members packets < "$TMP/sa.json" | sort -n | tail -n 1)" -gt 0
	ip netns del "$left"
	bg_stop "ping-$1" INT
	ip netns del "$right"
}

# Devices go under a configuration that names them, and come back.
devices_come_and_go()
{
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	bg flood ip netns exec "$CLIENT" ping -n -q -i 0.01 $INSIDE_ADDR
	ip -n "$GW" link del Serial1
	ip -n "$GW" link del Ethernet0
	ip -batch - <<-EOT
		link add gw netns $WIRE type veth peer name Ethernet0 netns $GW
		link add eth0 netns $INSIDE type veth peer name Serial1 netns $GW
	EOT
	ip -n "$WIRE" link set gw master br0 up
	ip -n "$GW" -batch - <<-EOT
		addr add $GW_OUTER/24 dev Ethernet0
		addr add $GW_INNER/24 dev Serial1
		link set Ethernet0 up
		link set Serial1 up
		route add default via $ROUTER_ADDR
	EOT
	ip -n "$INSIDE" -batch - <<-EOT
		addr add $INSIDE_ADDR/24 dev eth0
		link set eth0 up
		route add default via $GW_INNER
	EOT
	forget_gateway
	busywait 20 links_up || fail "the new links do not come up"
	bg_stop flood INT
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
}

# Under traffic both ways devices go down and up, have MTUs from the smallest to the
# largest, and lose and get back their addresses, with the routes.
devices_change()
{
	local n mtu out
	bg flood-in ip netns exec "$CLIENT" ping -n -q -i 0.005 -s 1400 $INSIDE_ADDR
	bg flood-out ip netns exec "$INSIDE" ping -n -q -i 0.005 -s 1400 $CLIENT_INNER
	bg flood-nat ip netns exec "$INSIDE" ping -n -q -i 0.005 $OUTSIDE_ADDR
	for ((n = 0; n < CHANGES; n++)); do
		check "down" ip -n "$GW" link set Ethernet0 down
		check "up" ip -n "$GW" link set Ethernet0 up
		check "route" ip -n "$GW" route replace default via $ROUTER_ADDR
		for mtu in 576 577 1000 1400 1500 4000 9000; do
			check "MTU $mtu" ip -n "$GW" link set Ethernet0 mtu "$mtu"
			check "inside MTU $mtu" ip -n "$GW" link set Serial1 mtu $((9576 - mtu))
			sleep 0.02
		done
		check "address" ip -n "$GW" addr del $GW_OUTER/24 dev Ethernet0
		check "no address" ip -n "$GW" link set Serial1 down
		check "inside up" ip -n "$GW" link set Serial1 up
		check "address" ip -n "$GW" addr add $GW_OUTER/24 dev Ethernet0
		check "route" ip -n "$GW" route replace default via $ROUTER_ADDR
	done
	check "MTU" ip -n "$GW" link set Ethernet0 mtu 1500
	check "inside MTU" ip -n "$GW" link set Serial1 mtu 1500
	bg_stop flood-in INT
	bg_stop flood-out INT
	bg_stop flood-nat INT
	out=$(sa_stat out packets)
	busywait 20 links_up || fail "the links do not come up"
	check_ping "$INSIDE" $CLIENT_INNER 3
	check_ping "$CLIENT" $INSIDE_ADDR 3 -s 1400
	check_ping "$INSIDE" $OUTSIDE_ADDR 3
	check_num "packets out" "$(sa_stat out packets)" -ge $((out + 6))
}

# Lengths beyond 1500, where the path takes them: nothing is cut.
jumbo()
{
	local link n
	for link in "$WIRE br0" "$WIRE client" "$WIRE gw" "$WIRE outside" "$CLIENT eth0" "$OUTSIDE eth0" \
			"$INSIDE eth0" "$GW Ethernet0" "$GW Serial1"; do
		check "$link" ip -n "${link% *}" link set "${link#* }" mtu 9000
	done
	# each has learned what fitted before
	for n in "$GW" "$CLIENT" "$INSIDE" "$OUTSIDE"; do
		ip -n "$n" route flush cache
	done
	for n in 1500 4000 8000 8880; do
		check_ping "$INSIDE" $CLIENT_INNER 2 -M "do" -s "$n"
		check_ping "$CLIENT" $INSIDE_ADDR 2 -M "do" -s "$n"
		check_ping "$INSIDE" $OUTSIDE_ADDR 2 -M "do" -s "$n"
	done
	check_num "longest ESP on the wire" "$(captured wire "esp and greater 8900")" -gt 3
	for link in "$CLIENT eth0" "$OUTSIDE eth0" "$INSIDE eth0" "$GW Ethernet0" "$GW Serial1"; do
		check "$link" ip -n "${link% *}" link set "${link#* }" mtu 1500
	done
}

nothing_left()
{
	check "vpnctl unload" gwctl unload
	check_eq "references to the module" "$(references)" 0
	check "rmmod" rmmod vpngw
	check_eq "/proc/modules" "$(references)" ""
	check "insmod" insert
}

run_tests "
	unload_idle		the module is unloaded and loaded, $CYCLES times
	unload_in_use		the same while it carries packets
	namespaces_come_and_go	$SPACES namespaces are configured and deleted under traffic
	devices_come_and_go	devices are deleted and made again under traffic
	devices_change		devices go down, change MTU and address under traffic, $CHANGES times
	jumbo			jumbo frames
	nothing_left		nothing holds the module
"
