#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh: build the reference deployment out of network namespaces and show it
# at work, step by step. Every packet shown was captured a moment before; the
# exit code is 0 only if every step happened.
# demo.sh --shell: build it and give a shell in it.

if [[ ${1:-} != "" && ${1:-} != --shell ]]; then
	echo "usage: demo.sh [--shell]" >&2
	exit 2
fi

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

DEMO_FAILED=
B=$'\033[1m' N=$'\033[0m'
if [[ ! -t 1 || ${NO_COLOR:-} ]]; then
	B='' N=''
fi

title()
{
	printf '\n%s%s%s\n' "$B" "$*" "$N"
	printf '%s\n\n' "${*//?/-}"
}

# text of a here-document, as it is
text()
{
	cat
}

# happened WHAT COMMAND...: a step of the demonstration is checked, not believed
happened()
{
	local what=$1
	shift
	if "$@" > "$TMP/happened" 2>&1; then
		echo "  => $what"
	else
		DEMO_FAILED=1
		echo "  => NOT SEEN: $what"
		sed 's/^/     /' "$TMP/happened"
	fi
}

# run WHO COMMAND...: show a command and what it prints
run()
{
	local who=$1
	shift
	echo "$B$who\$ $*$N"
	case $who in
	client)		client "$@" ;;
	gateway)	gw "$@" ;;
	inside)		inside "$@" ;;
	outside)	outside "$@" ;;
	esac 2>&1 | sed 's/^/  /'
	return "${PIPESTATUS[0]}"
}

# at_least N COMMAND...: what it prints is a number of at least N
at_least()
{
	local n=$1 got
	shift
	got=$("$@")
	echo "$got"
	[[ $got =~ ^[0-9]+$ && $got -ge $n ]]
}

# exactly N COMMAND...
exactly()
{
	local n=$1 got
	shift
	got=$("$@")
	echo "$got"
	[[ $got == "$n" ]]
}

# show_packets CAPTURE COUNT FILTER [OPTION...]
show_packets()
{
	local name=$1 count=$2 filter=$3
	shift 3
	tcpdump -n -t -c "$count" "$@" -r "$TMP/$name.pcap" "$filter" 2>/dev/null | sed 's/^/  /'
}

topology()
{
	text <<-EOT
		 VPN client                         gateway "Router"                    inside network
		 201.70.32.82 ---+            +--- Ethernet0      Serial1 ---+
		 has 10.2.1.1    |            |    201.70.32.101  10.2.2.1   |
		                 +-- outside -+                              +--- 10.2.2.5
		                 |   segment       vpngw: ESP and NAT
		 outside host ---+
		 201.70.32.1, the gateway's default router; also 198.51.100.7
	EOT
}

namespaces()
{
	text <<-EOT
		 client   $CLIENT
		 gateway  $GW
		 inside   $INSIDE
		 outside  $OUTSIDE
		 wire     $WIRE   (the segment itself: br0 sees every frame)
	EOT
}

# keys of the client's kernel, for tshark
learn_keys()
{
	local state
	state=$(ip -n "$CLIENT" xfrm state | tr '\n' ' ' | sed 's/src /\nsrc /g')
	field()
	{
		grep "^src $1 " <<< "$state" | sed -n "s/.*$2 0x\([0-9a-f]*\).*/\1/p"
	}
	SPI_IN=$((16#$(field "$CLIENT_OUTER" spi)))
	SPI_OUT=$((16#$(field "$GW_OUTER" spi)))
	ENC_KEY_IN=$(field "$CLIENT_OUTER" "enc cbc(des)")
	ENC_KEY_OUT=$(field "$GW_OUTER" "enc cbc(des)")
	AUTH_KEY_IN=$(field "$CLIENT_OUTER" "auth-trunc hmac(md5)")
	AUTH_KEY_OUT=$(field "$GW_OUTER" "auth-trunc hmac(md5)")
}

# gateway_up, client_up: vpnd with its configuration, strongSwan with an address
gateway_up()
{
	subtest_failed=
	start_vpnd
	[[ ! $subtest_failed ]]
}

client_up()
{
	subtest_failed=
	start_charon
	connect des-md5-modp768 des-md5 no || { cat "$TMP/swanctl.log"; return 1; }
	learn_keys
	[[ ! $subtest_failed ]]
}

demo()
{
	title "1. The network"
	topology
	text <<-EOT

		Every host is a network namespace of this machine. The client is strongSwan
		with the IPsec of the Linux kernel, so the gateway talks to an implementation
		that is not its own. A capture runs on the outside segment from the beginning.

	EOT
	namespaces

	title "2. The configuration of the gateway"
	text <<-EOT
		Cisco IOS text, as it was typed into a router: "vpnctl load" gives it to the
		kernel, and vpnd, which negotiates keys, reads the same file. Clients have one
		key, get an address of the pool, and access list 101 exempts what goes to
		them from translation.

	EOT
	happened "vpnd waits for clients" gateway_up
	sed 's/^/  /' "$TMP/ike.conf"
	echo
	run gateway vpnctl load "$TMP/ike.conf"
	happened "the gateway has taken the configuration" gwctl show crypto map

	title "3. The client connects"
	text <<-EOT
		Nobody has an address of the pool yet, so nothing goes there:

	EOT
	run inside ping -n -c 2 -i 0.3 -W 1 $CLIENT_INNER
	happened "the gateway has dropped it" at_least 2 drop_count no-sa
	echo
	text <<-EOT
		swanctl --initiate: DES, MD5 and group 1, as the old client. What the gateway
		says meanwhile, as IOS would with "debug crypto isakmp":

	EOT
	happened "the client is connected" client_up
	grep -E 'NEW SA|atts are|authenticated with|initiating peer config|accepted the address|static route|Creating IPSec' \
		"$TMP/vpnd.log" | sed 's/^/  /'
	happened "the client has the address 10.2.1.1" \
		at_least 1 eval 'ip -n "$CLIENT" -4 addr show | grep -c "inet 10.2.1.1/32"'
	echo
	run gateway vpnctl --run-dir "$TMP" show crypto isakmp sa
	run client swanctl --list-sas --uri "unix://$TMP/$SWAN.vici"

	title "4. A ping through the tunnel"
	run client ping -n -c 3 -i 0.3 -I $CLIENT_INNER $INSIDE_ADDR
	capture_sync wire
	happened "six ESP packets were on the outside segment" \
		exactly 6 captured wire esp
	happened "the gateway has decrypted three and encrypted three" \
		test "$(sa_stat in packets)$(sa_stat out packets)" = 33

	title "5. What an eavesdropper saw of it"
	show_packets wire 2 esp
	echo
	echo "The first of them, octet by octet: an IP header, SPI and sequence number,"
	echo "IV, cipher text, integrity check value. Neither 10.2.1.1 nor 10.2.2.5 is in it."
	echo
	show_packets wire 1 esp -x
	echo
	if command -v tshark > /dev/null; then
		echo "tshark, a third implementation, is given the keys and reads all of them:"
		echo
		tshark_esp "$TMP/wire.pcap" -Y esp -T fields -e ip.src -e ip.dst -e esp.spi \
			-e esp.icv_good 2>/dev/null > "$TMP/tshark"
		awk '{ print "  " $1 " > " $2 "  SPI " $3 "  ICV good: " $4 }' "$TMP/tshark"
		happened "every integrity check value is right" \
			exactly 6 awk '$4 == 1 || $4 == "True" { n++ } END { print n + 0 }' "$TMP/tshark"
	fi

	title "6. The inside host talks to the outside"
	text <<-EOT
		198.51.100.7 is not one of the clients, so the packet is translated: its
		source becomes an address of the pool 201.70.32.150-160.

	EOT
	run inside ping -n -c 3 -i 0.3 $OUTSIDE_ADDR
	echo
	echo "As the inside host sent it, and as the outside host saw it:"
	echo
	capture_sync outside
	capture_sync inside
	show_packets inside 1 "icmp[0] == 8 and dst $OUTSIDE_ADDR"
	show_packets outside 1 "icmp[0] == 8 and dst $OUTSIDE_ADDR"
	echo
	run gateway vpnctl show ip nat translations
	happened "three requests came from the pool" \
		exactly 3 captured outside "icmp[0] == 8 and dst $OUTSIDE_ADDR and $POOL_SRC"
	happened "the outside host has seen no inside address" \
		exactly 0 captured outside "net 10.2.2.0/24"

	title "7. The inside host talks to the client"
	text <<-EOT
		Here access list 101 says deny, which for translation means: leave it as it
		is. So the packet still matches the crypto map, and the client sees the inside
		host's own address.

	EOT
	run inside ping -n -c 3 -i 0.3 $CLIENT_INNER
	echo
	echo "As the client saw it, after decryption:"
	echo
	capture_sync client
	show_packets client 1 "icmp[0] == 8 and dst $CLIENT_INNER"
	echo
	run gateway vpnctl show access-lists
	happened "the client has seen $INSIDE_ADDR itself" \
		at_least 3 captured client "icmp[0] == 8 and src $INSIDE_ADDR and dst $CLIENT_INNER"
	happened "the deny line has counted it" at_least 3 ace_hits 101 10

	title "8. What the gateway says"
	for command in "crypto ipsec sa" "crypto map" "ip nat statistics" "route-map" interfaces drops; do
		# shellcheck disable=SC2086	# a list of words
		run gateway vpnctl show $command
		echo
	done
	happened "both ends have counted the same packets" \
		test "$(sa_stat in packets) $(sa_stat out packets)" = \
		"$(xfrm_packets $SPI_IN) $(xfrm_packets $SPI_OUT)"
	happened "nothing was dropped but what came before the client" \
		exactly "no-sa $(drop_count no-sa)" drops

	title "9. The client leaves"
	check_left()
	{
		subtest_failed=
		disconnect
		[[ ! $subtest_failed ]] && busywait 10 said vpnd "returning address" &&
			[[ $(sa_count) -eq 0 ]]
	}
	happened "its associations are gone and its address is free" check_left
	run inside ping -n -c 2 -i 0.3 -W 1 $CLIENT_INNER
	echo

	title "10. Nothing was in clear"
	capture_sync wire
	echo "Of $(captured wire ip) packets on the outside segment, from the beginning:"
	happened "none between 10.2.2.0/24 and 10.2.1.0/24 was in clear" \
		exactly 0 clear_packets "$TMP/wire.pcap"

	title "11. How to look further"
	text <<-EOT
		make shell                      a prompt in this network
		vpnctl monitor                  what happens, as it happens
		vpnctl show ... --json          the same figures for programs
		trace-cmd record -e vpngw       every packet with the line of the
		trace-cmd report                configuration that decided it
		make test                       the tests; selftests/ike_clients.sh is
		                                the one that does what you have just seen
	EOT
	echo
}

shell()
{
	cat > "$TMP/rc" <<-EOT
		client()  { ip netns exec $CLIENT "\$@"; }
		gateway() { ip netns exec $GW "\$@"; }
		gw()      { ip netns exec $GW "\$@"; }
		inside()  { ip netns exec $INSIDE "\$@"; }
		outside() { ip netns exec $OUTSIDE "\$@"; }
		wire()    { ip netns exec $WIRE "\$@"; }
		vpnctl()  { ip netns exec $GW vpnctl "\$@"; }
		help()    { cat $TMP/help; }
		PS1='vpngw# '
		cd $TMP
	EOT
	{
		topology
		text <<-EOT

			The network is up, $TMP/ike.conf is loaded, vpnd runs with it and
			strongSwan is connected. Here, "client",
			"gateway" (or "gw"), "inside", "outside" and "wire" run a command on a host:

			  client ping 10.2.2.5              through the tunnel
			  inside ping 198.51.100.7          through NAT
			  wire tcpdump -n -i br0            what passes outside
			  vpnctl show crypto ipsec sa       on the gateway, as "gateway vpnctl ..."
			  vpnctl show ip nat translations
			  vpnctl load ike.conf              after a change of it
			  trace-cmd record -e vpngw sleep 5; trace-cmd report

			"help" says this again, "exit" takes everything down.

		EOT
	} > "$TMP/help"
	cat "$TMP/help"
	export TMP
	bash --noprofile --rcfile "$TMP/rc" -i
}

if [[ ${1:-} == --shell ]]; then
	# nobody looks at the capture
	if ! gateway_up || ! client_up; then
		show_logs
	fi
	shell
	exit 0
fi

capture wire "$WIRE" br0 || exit 1
capture inside "$INSIDE" eth0 || exit 1
capture outside "$OUTSIDE" eth0 || exit 1
capture client "$CLIENT" eth0 || exit 1
demo
if [[ $DEMO_FAILED ]]; then
	echo "The demonstration has failed: see NOT SEEN above."
	exit 1
fi
echo "Everything above was seen to happen."
