#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bad_packets.sh with AES-GCM, whose blocks are of four octets; then associations that
# carry certain ports only, and transport mode: what an authentic packet may not
# carry is dropped under its name.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
require python3
capture inside "$INSIDE" eth0
# so that no packet is answered by an ICMP error
udp_sink right "$INSIDE" 7777

export GW INSIDE INSIDE_ADDR VPNGW_SLOW STATE="$TMP/state" PCAP="$TMP/wire.pcap" STEP=5 WINDOW=64
sent=0

# use TRANSFORM ENC_OCTETS AUTH_OCTETS [OPTION...]: both ends anew, the gateway's by
# sa_new.py
use()
{
	new_keys "$1" "$2" "$3"
	shift 3
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	check "client" setup_client_sas
	check "associations" gw python3 "$SELFTESTS/sa_new.py" "$@"
	rm -f "$STATE"
}

bad()
{
	local output
	output=$(outside python3 "$SELFTESTS/bad_esp.py" "$1" 2>&1) || fail "$output"
}

# end: of packets for one association
end()
{
	sent=$((sent + $(sed 's/.*, *\([0-9]*\).*/\1/' "$STATE")))
	check_eq "integrity failures" "$(sa_stat in auth_errors)" "$(drop_count esp-auth)"
	check_eq "replays" "$(sa_stat in replay_errors)" "$(drop_count esp-replay)"
}

client_talks()
{
	use "esp-gcm 128" 20 0
	check_ping "$CLIENT" $INSIDE_ADDR 10
	check_eq "drops" "$(drops)" ""
	capture_sync wire
}

control()	{ bad control; }
truncated()	{ bad truncated; }
flipped()	{ bad flipped; }
replay()	{ bad replay; }
padding()	{ bad padding; }
next_header()	{ bad next-header; }
inner()		{ bad inner; end; }

long_key()
{
	use "esp-gcm 256" 36 0
	bad control
	end
}

extended()
{
	use "esp-gcm 192" 28 0 --esn --number $(((1 << 32) - 3))
	echo "[$(((1 << 32) - 3)), 0]" > "$STATE"
	ESN=1 bad control
	end
}

ports()
{
	use "esp-gcm 128" 20 0 --select proto=17 --select local-port=7777 --select remote-port=5000
	bad ports
	end
}

transport()
{
	local before
	before=$(captured inside "ip and dst $INSIDE_ADDR")
	check "load" load_config --force-static-aead <<< "$(config |
		sed "s/^access-list 102.*/access-list 102 permit ip host $GW_OUTER host $CLIENT_OUTER/")"
	use "esp-des esp-md5-hmac" 8 16 --transport
	bad transport
	end
	check_eq "packets that the inside host has had" \
		$(($(captured inside "ip and dst $INSIDE_ADDR") - before)) 0
}

delivered()
{
	check_num "packets that were right" "$sent" -gt 20
	check_eq "of which the inside host has had" "$(captured inside "udp dst port 7777")" "$sent"
	check_eq "others that it has had" "$(captured inside "ip and dst $INSIDE_ADDR and
		not udp dst port 7777 and not (src $CLIENT_INNER and icmp[0] == 8) and
		not (src $CLIENT_INNER and ip[6:2] & 0x1fff == 100)")" 0
}

no_clear()
{
	check_no_clear
}

run_tests "
	client_talks	the client talks with AES-GCM, and is recorded
	control		valid packets of another ESP implementation are delivered
	truncated	truncated ESP of every length
	flipped		ESP with one bit flipped
	replay		ESP that was sent before, or is too old
	padding		authentic ESP with wrong padding
	next_header	authentic ESP that carries no IPv4
	inner		authentic ESP with a malformed packet inside
	long_key	AES-GCM with 256 bits
	extended	AES-GCM with 192 bits and extended sequence numbers, past 2^32
	ports		authentic ESP with protocols and ports outside the selectors
	transport	authentic ESP in transport mode that lies
	delivered	the inside host has had the valid packets and no other
	no_clear	nothing protected was in clear on the wire
"
