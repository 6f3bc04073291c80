#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# The limits of associations, in seconds, kilobytes and packets: those who listen are
# told of the soft one, then of the hard one, and the association is gone; its last
# sequence number is the last, and one that has a successor still opens.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
require python3
udp_sink sink-client "$CLIENT" 7000

# begin [OPTION...]: both ends anew, the gateway's by sa_new.py
begin()
{
	new_keys "$TRANSFORM" 8 16
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	check "client" setup_client_sas
	bg_stop monitor
	bg monitor ip netns exec "$GW" vpnctl monitor
	busywait 10 said monitor listening || fail "monitor: $(cat "$TMP/monitor.log")"
	check "associations" gw python3 "$SELFTESTS/sa_new.py" "$@"
}

# causes in|out: of the events of that association, in their order
causes()
{
	sed -n "s/.* sa $1bound .*: //p" "$TMP/monitor.log" | xargs
}

told()
{
	[[ $(causes "$1") == "$2" ]]
}

# event in|out CAUSE: its line
event()
{
	grep " sa $1bound .*: $2\$" "$TMP/monitor.log" | head -n 1
}

# packets in|out CAUSE: what the association had carried at that event
packets()
{
	event "$@" | sed 's/.* packets \([0-9]*\):.*/\1/'
}

# age in|out CAUSE: seconds from its beginning to that event
age()
{
	echo $(($(date -d "$(event "$@" | cut -d ' ' -f 1)" +%s) -
		$(date -d "$(event "$1" new | cut -d ' ' -f 1)" +%s)))
}

# both_end: both associations are told of twice, and are gone; nothing leaves in clear
both_end()
{
	local dir before
	for dir in in out; do
		busywait 30 told $dir "new soft-lifetime hard-lifetime" ||
			fail "events of $dir: $(causes $dir)"
	done
	check_eq "associations left" "$(sa_count)" 0
	check_eq "drops so far" "$(drops)" ""
	before=$(captured wire "esp and src $GW_OUTER")
	check_no_ping "$INSIDE" $CLIENT_INNER 3
	check_no_ping "$CLIENT" $INSIDE_ADDR 2
	check_eq "drops" "$(drops | xargs)" "esp-no-sa 2 no-sa 3"
	check_eq "ESP after that" $(($(captured wire "esp and src $GW_OUTER") - before)) 0
}

seconds()
{
	local soft=3 dir
	local hard=$((soft + 3 * VPNGW_SLOW))
	begin --limit soft-seconds=$soft --limit hard-seconds=$hard
	check_ping "$CLIENT" $INSIDE_ADDR 1
	both_end
	for dir in in out; do
		# whole seconds on either side
		check_num "age of $dir when the soft limit was told" "$(age $dir soft-lifetime)" -ge $((soft - 1))
		check_num "age of $dir when the hard limit was told" "$(age $dir hard-lifetime)" -ge $((hard - 1))
		check_num "age of $dir then" "$(age $dir hard-lifetime)" -le $((hard + 3 * VPNGW_SLOW))
	done
}

# Echo requests of 1024 octets and their answers
kilobytes()
{
	local dir
	begin --limit soft-kilobytes=6 --limit hard-kilobytes=12
	check_ping "$CLIENT" $INSIDE_ADDR 6 -s 996 -i 0.01
	for dir in in out; do
		busywait 10 told $dir "new soft-lifetime" || fail "events of $dir: $(causes $dir)"
		check_eq "packets at the soft limit of $dir" "$(packets $dir soft-lifetime)" 6
	done
	check_ping "$CLIENT" $INSIDE_ADDR 6 -s 996 -i 0.01
	both_end
	for dir in in out; do
		check_eq "packets at the hard limit of $dir" "$(packets $dir hard-lifetime)" 12
	done
}

packets_both()
{
	local dir
	begin --limit soft-packets=3 --limit hard-packets=6
	check_ping "$CLIENT" $INSIDE_ADDR 3 -i 0.01
	for dir in in out; do
		busywait 10 told $dir "new soft-lifetime" || fail "events of $dir: $(causes $dir)"
		check_eq "packets at the soft limit of $dir" "$(packets $dir soft-lifetime)" 3
	done
	check_ping "$CLIENT" $INSIDE_ADDR 3 -i 0.01
	both_end
	for dir in in out; do
		check_eq "packets at the hard limit of $dir" "$(packets $dir hard-lifetime)" 6
	done
}

# DESTINATION PORT COUNT MORE FILE: so many datagrams, and more once the file is there
BURST='
import os, socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def send(count):
    for n in range(int(count)):
        sock.sendto(b"%d x" % n, (sys.argv[1], int(sys.argv[2])))
send(sys.argv[3])
while not os.path.exists(sys.argv[5]):
    time.sleep(0.001)
send(sys.argv[4])
'

# More packets at once than are left. The limits are looked at once a second, so they
# go right after one of these looks.
packets_exact()
{
	local before
	before=$(captured wire "esp and src $GW_OUTER")
	begin --limit soft-packets=1 --limit hard-packets=5
	rm -f "$TMP/go"
	bg burst ip netns exec "$INSIDE" python3 -c "$BURST" $CLIENT_INNER 7000 1 7 "$TMP/go"
	busywait 20 told out "new soft-lifetime" || fail "events: $(causes out)"
	touch "$TMP/go"
	bg_wait burst 10
	busywait 10 told out "new soft-lifetime sequence-overflow hard-lifetime" ||
		fail "events: $(causes out)"
	check_eq "drops" "$(drops)" "seq-overflow 3"
	check_eq "ESP packets" $(($(captured wire "esp and src $GW_OUTER") - before)) 5
	check_eq "packets that it carried" "$(packets out hard-lifetime)" 5
	check_eq "associations left" "$(sas direction | xargs)" in
	check_no_ping "$INSIDE" $CLIENT_INNER 2
	check_eq "drops" "$(drops | xargs)" "no-sa 2 seq-overflow 3"
}

# Without extended numbers, the last is 2^32 - 1.
last_number()
{
	local before got
	local number=$(((1 << 32) - 6))
	before=$(captured wire "esp and src $GW_OUTER")
	begin --number $number
	check "client" setup_client_sas replay-seq $number replay-oseq $number
	inside python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER 7000 8 --interval 0 > /dev/null
	busywait 10 eval '[[ $(drop_count seq-overflow) -eq 3 ]]'
	capture_sync wire
	got=$(on_wire $GW_OUTER $CLIENT_OUTER | tail -n +$((before + 1)) | xargs)
	check_eq "numbers on the wire" "$got" "fffffffb fffffffc fffffffd fffffffe ffffffff"
	check_eq "packets that the client has had" "$(xfrm_packets $SPI_OUT)" 5
	inside python3 "$SELFTESTS/traffic.py" send $CLIENT_INNER 7000 100 --interval 0 > /dev/null
	busywait 10 eval '[[ $(drop_count seq-overflow) -eq 103 ]]'
	check_eq "drops" "$(drops)" "seq-overflow 103"
	check_eq "errors of the association" "$(sa_stat out errors)" 103
	check_eq "events" "$(causes out)" "new sequence-overflow"
	check_eq "ESP packets" $(($(captured wire "esp and src $GW_OUTER") - before)) 5

	# and in: the client has five left as well
	client python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR 7009 5 --interval 0 > /dev/null
	busywait 10 eval '[[ $(sa_stat in packets) -eq 5 ]]'
	check_eq "packets in" "$(sa_stat in packets)" 5
	check_eq "number in" "$(sa_stat in seq)" $(((1 << 32) - 1))
}

# inbound SPI: what that association has carried
inbound()
{
	sas spi direction packets | awk -F '\t' -v spi="$1" '$1 == spi && $2 == "in" { print $3 }'
}

# The client goes on with the old one for a while; the gateway takes the new one at once.
successor()
{
	local old_in=$SPI_IN old_out=$SPI_OUT
	local auth enc
	begin --limit hard-seconds=$((15 * VPNGW_SLOW))
	check_ping "$CLIENT" $INSIDE_ADDR 2 -i 0.01
	new_keys "$TRANSFORM" 8 16
	SPI_IN=$((old_in + 1)) SPI_OUT=$((old_out + 1))
	enc="enc cbc(des)" auth="auth-trunc hmac(md5)"
	ip -n "$CLIENT" xfrm state add src $GW_OUTER dst $CLIENT_OUTER proto esp spi $SPI_OUT reqid 1 \
		mode tunnel replay-window 512 $enc 0x"$ENC_KEY_OUT" $auth 0x"$AUTH_KEY_OUT" 96
	check "successors" gw python3 "$SELFTESTS/sa_new.py"
	check_ping "$CLIENT" $INSIDE_ADDR 3 -i 0.01
	check_eq "packets in by the old one" "$(inbound $old_in)" 5
	check_eq "packets in by the new one" "$(inbound $SPI_IN)" 0
	check_eq "packets out by the new one" "$(xfrm_packets $SPI_OUT)" 3

	ip -n "$CLIENT" xfrm state add src $CLIENT_OUTER dst $GW_OUTER proto esp spi $SPI_IN reqid 1 \
		mode tunnel replay-window 512 $enc 0x"$ENC_KEY_IN" $auth 0x"$AUTH_KEY_IN" 96
	ip -n "$CLIENT" xfrm state delete src $CLIENT_OUTER dst $GW_OUTER proto esp spi $old_in
	busywait 60 eval '[[ $(sa_count) -eq 2 ]]' || fail "the old ones stay"
	check_ping "$CLIENT" $INSIDE_ADDR 2 -i 0.01
	check_ping "$INSIDE" $CLIENT_INNER 2 -i 0.01
	check_eq "packets in by the new one" "$(inbound $SPI_IN)" 4
	check_eq "drops" "$(drops)" ""
	SPI_IN=$old_in SPI_OUT=$old_out
}

no_clear()
{
	check_no_clear
}

run_tests "
	seconds		soft and hard limit in seconds
	kilobytes	in kilobytes
	packets_both	in packets, both ways
	packets_exact	not one packet leaves beyond the hard limit
	last_number	the last sequence number is the last
	successor	an association opens until its end, whatever came after it
	no_clear	nothing protected was in clear on the wire
"
