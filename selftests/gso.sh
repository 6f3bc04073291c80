#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Large packets: that they get to the module in one piece and leave it as ESP packets
# that fit, whatever they carry, and that streams do without them as well.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment
require python3 ethtool jq
udp_sink sink-client "$CLIENT" 7000
head -c 512k /dev/urandom > "$TMP/file"

# received: packets that the device towards the inside has had
received()
{
	ip -n "$GW" -s -j link show Serial1 | jq '.[0].stats64.rx.packets'
}

got()
{
	[[ $(grep -c ^got "$TMP/sink-client.log") -ge $1 ]]
}

# stream NAME: to the client; leaves the number of packets that came and of those that left
stream()
{
	esp=$(sa_stat out packets)
	large=$(received)
	tcp_start "$1" "$INSIDE" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_check "$1" "$TMP/file" 40
	esp=$(($(sa_stat out packets) - esp))
	large=$(($(received) - large))
	diag "$large packets came, $esp packets of ESP left"
	check_num "packets of ESP" "$esp" -gt 360
	check_eq "ESP in fragments" "$(captured wire "esp and ip[6:2] & 0x3fff != 0")" 0
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
}

tcp()
{
	local esp large
	stream with
	check_num "packets that came, twice" $((2 * large)) -lt "$esp"
}

without()
{
	local esp large
	check "ethtool" inside ethtool -K eth0 tso off gso off tx off
	check "ethtool" client ethtool -K eth0 tso off gso off tx off
	stream without
	check_num "packets that came" "$large" -ge "$esp"
	tcp_start up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_check up "$TMP/file" 40
	check "ethtool" inside ethtool -K eth0 tx on gso on tso on
	check "ethtool" client ethtool -K eth0 tx on gso on tso on
}

# segments SIZE COUNT DISCOVER: one packet of so many datagrams
segments()
{
	inside python3 - $CLIENT_INNER 7000 "$@" <<-'EOT'
		import socket, sys
		SOL_UDP, UDP_SEGMENT, IP_MTU_DISCOVER = 17, 103, 10
		size, count, discover = map(int, sys.argv[3:])
		sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		sock.setsockopt(SOL_UDP, UDP_SEGMENT, size)
		sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, discover)
		sock.sendto(b"".join(b"%d " % n + b"x" * (size - len(b"%d " % n)) for n in range(count)),
		            (sys.argv[1], int(sys.argv[2])))
	EOT
}

# udp SIZE ESP DISCOVER: ten datagrams in one packet, and the ESP that they make
udp()
{
	local esp large so_far
	so_far=$(grep -c ^got "$TMP/sink-client.log")
	esp=$(sa_stat out packets)
	large=$(received)
	ip -n "$INSIDE" route flush cache
	check "segments" segments "$1" 10 "$3"
	busywait 10 got $((so_far + 10)) ||
		fail "datagrams: $(($(grep -c ^got "$TMP/sink-client.log") - so_far)) of 10"
	check_eq "packets that came" $(($(received) - large)) 1
	check_eq "packets of ESP" $(($(sa_stat out packets) - esp)) "$2"
	check_eq "numbers" "$(sed -n 's/^got \([0-9]*\) .*/\1/p' "$TMP/sink-client.log" |
		tail -n 10 | sort -n | xargs)" "0 1 2 3 4 5 6 7 8 9"
}

udp_fits()
{
	gwctl clear drops > /dev/null
	udp 1000 10 2
	# the longest: 1446 octets with the headers of UDP and IP
	udp 1418 10 2
	check_eq "drops" "$(drops)" ""
}

# Each datagram in two fragments, each of these in ESP
udp_fragments()
{
	udp 1419 20 0
	udp 1472 20 0
	check_eq "ESP in fragments" "$(captured wire "esp and ip[6:2] & 0x3fff != 0")" 0
	check_eq "drops" "$(drops)" ""
}

# with don't-fragment, the whole is too big if a part is
udp_told()
{
	local esp
	esp=$(sa_stat out packets)
	check "segments" segments 1419 10 2
	busywait 10 eval '[[ $(drop_count too-big) -eq 1 ]]'
	check_eq "drops" "$(drops)" "too-big 1"
	check_eq "packets of ESP" $(($(sa_stat out packets) - esp)) 0
	gwctl clear drops > /dev/null
}

# A large packet that says TCP and is none, as a guest of a hypervisor can make it
lies()
{
	local esp output
	esp=$(sa_stat out packets)
	modprobe -q tun
	[[ -c /dev/net/tun ]] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
	output=$(gw python3 - "$SELFTESTS" 10.2.2.77 $CLIENT_INNER 2>&1 <<-'EOT'
		import fcntl, os, struct, subprocess, sys
		sys.path.insert(0, sys.argv[1])
		from packets import ip

		TUNSETIFF, TUN, NO_PI, VNET_HDR = 0x400454ca, 1, 0x1000, 0x4000
		NEEDS_CSUM, GSO_TCPV4 = 1, 1
		fd = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"guest0", TUN | NO_PI | VNET_HDR))
		subprocess.run(["ip", "link", "set", "guest0", "up"], check=True)
		tcp = struct.pack("!HHIIHHHH", 5000, 7001, 1, 1, 0x5010, 1000, 0, 0) + bytes(5000)
		for proto in (6, 253, 254):
		    os.write(fd, struct.pack("=BBHHHH", NEEDS_CSUM, GSO_TCPV4, 40, 1000, 20, 16) +
		             ip(*sys.argv[2:4], proto, tcp, 1))
	EOT
	) || { skip "no such packets: ${output##*$'\n'}"; return 0; }
	busywait 10 eval '[[ $(drop_count gso) -eq 2 ]]'
	check_eq "drops" "$(drops)" "gso 2"
	check_eq "errors of the association" "$(sa_stat out errors)" 2
	# those of the one that was TCP
	check_eq "packets of ESP" $(($(sa_stat out packets) - esp)) 5
	check_ping "$INSIDE" $CLIENT_INNER 2
}

no_clear()
{
	check_no_clear
}

run_tests "
	tcp		large segments of TCP leave as ESP packets that fit
	without		streams without any offload
	udp_fits	ten datagrams in one packet
	udp_fragments	ten that have to be fragmented
	udp_told	ten that may not be
	lies		what cannot be cut is dropped
	no_clear	nothing protected was in clear on the wire
"
