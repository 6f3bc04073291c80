#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# The reference deployment carries packets: through the tunnel and through NAT
# at the same time; the client's kernel and tshark agree with the gateway on
# every packet.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# of each of three streams
TCP_KB=${VPNGW_TCP_KB:-1024}
# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment
require tshark sha256sum

ping_tunnel()
{
	check_ping "$CLIENT" $INSIDE_ADDR 5
	check_ping "$INSIDE" $CLIENT_INNER 5
	check_num "ESP to the gateway" "$(captured wire "esp and dst $GW_OUTER")" -eq 10
	check_num "ESP to the client" "$(captured wire "esp and dst $CLIENT_OUTER")" -eq 10
}

ping_nat()
{
	check_ping "$INSIDE" $OUTSIDE_ADDR 5
	check_num "echo requests from the pool" \
		"$(captured wire "icmp[0] == 8 and dst $OUTSIDE_ADDR and $POOL_SRC")" -eq 5
}

# UDP both ways and TCP both ways, tunnel and NAT, all at once.
everything_at_once()
{
	local to
	head -c "${TCP_KB}k" /dev/urandom > "$TMP/file"
	udp_echo echo-inside "$INSIDE" 7000
	udp_echo echo-outside "$OUTSIDE" 7000
	tcp_start tcp-down "$INSIDE" "$CLIENT" $CLIENT_INNER 7001 "$TMP/file"
	tcp_start tcp-up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7002 "$TMP/file"
	tcp_start tcp-nat "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7003 "$TMP/file"
	bg udp-tunnel ip netns exec "$CLIENT" python3 "$SELFTESTS/traffic.py" send \
		$INSIDE_ADDR 7000 100 --replies 2
	bg udp-nat ip netns exec "$INSIDE" python3 "$SELFTESTS/traffic.py" send \
		$OUTSIDE_ADDR 7000 100 --replies 2
	for to in tcp-down tcp-up tcp-nat; do
		tcp_check $to "$TMP/file" 60
	done
	for to in udp-tunnel udp-nat; do
		bg_wait $to 60 || fail "$to: $(tail -n 3 "$TMP/$to.log")"
		check_eq "$to: replies" "$(grep -c ^reply "$TMP/$to.log")" 100
	done
	check_eq "datagrams at the inside host" "$(numbers echo-inside | uniq | wc -l)" 100
	check_eq "datagrams at the outside host" "$(numbers echo-outside | uniq | wc -l)" 100
	bg_stop echo-inside
	bg_stop echo-outside
}

# Nothing is in flight any more, so the figures of both ends must be equal.
counters_agree()
{
	check_num "packets in" "$(sa_stat in packets)" -gt 100
	check_num "packets out" "$(sa_stat out packets)" -gt 100
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" \
		"$(xfrm_packets $SPI_IN)"
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" \
		"$(xfrm_packets $SPI_OUT)"
	check_eq "ESP on the wire to the gateway" \
		"$(captured wire "esp and dst $GW_OUTER")" "$(sa_stat in packets)"
	check_eq "ESP on the wire to the client" \
		"$(captured wire "esp and dst $CLIENT_OUTER")" "$(sa_stat out packets)"
	check_eq "packets that xfrm refused" \
		"$(client awk '$2 { print $1, $2 }' /proc/net/xfrm_stat)" ""
	# TCP finds out how much fits; nothing else may be lost
	check_eq "packets that vpngw dropped" "$(drops | grep -v '^too-big ')" ""
}

outside_sees_pool()
{
	local total pool
	total=$(captured wire "ip and dst $OUTSIDE_ADDR")
	pool=$(captured wire "ip and dst $OUTSIDE_ADDR and $POOL_SRC")
	check_num "packets to the outside host" "$total" -gt 100
	check_eq "of these from 201.70.32.150-160" "$pool" "$total"
	check_eq "packets of the inside network on the wire" \
		"$(captured wire "net 10.2.2.0/24")" 0
}

# A third opinion: with the keys, every ESP packet decrypts and verifies.
tshark_verifies()
{
	local n good bad inner
	capture_sync wire
	n=$(captured wire esp)
	tshark_esp "$TMP/wire.pcap" -Y esp -T fields -e esp.icv_good -e esp.icv_bad \
		-e ip.src > "$TMP/esp" 2> "$TMP/tshark.log" ||
		fail "tshark: $(cat "$TMP/tshark.log")"
	good=$(awk '$1 == "1" || $1 == "True"' "$TMP/esp" | wc -l)
	bad=$(awk '$2 == "1" || $2 == "True"' "$TMP/esp" | wc -l)
	inner=$(grep -cE '10\.2\.1\.1$|10\.2\.2\.5$' "$TMP/esp")
	check_num "ESP packets" "$n" -gt 0
	check_eq "with a good ICV" "$good" "$n"
	check_eq "with a bad ICV" "$bad" 0
	check_eq "with a readable inner packet" "$inner" "$n"
}

# The check that ends every test must itself be able to fail.
clear_check_can_fail()
{
	local good bad
	python3 "$SELFTESTS/pcap.py" "$TMP/clear.pcap" \
		201.70.32.82:201.70.32.101:50 10.2.2.5:10.2.1.1:1 \
		10.2.1.1:10.2.2.5:17 201.70.32.150:198.51.100.7:6
	good=$(pcap_count "$TMP/clear.pcap" ip)
	bad=$(clear_packets "$TMP/clear.pcap")
	check_eq "packets made" "$good" 4
	check_eq "of which in clear" "$bad" 2
	check_eq "of an unreadable file" "$(clear_packets /dev/null 2>/dev/null)" -1
}

no_clear()
{
	check_no_clear
}

run_tests "
	ping_tunnel		pings pass through the tunnel
	ping_nat		pings pass through NAT
	everything_at_once	UDP and TCP pass through tunnel and NAT at the same time
	counters_agree		gateway and client count the same packets
	outside_sees_pool	the outside host sees pool addresses only
	tshark_verifies		tshark decrypts and verifies every ESP packet
	clear_check_can_fail	the check for clear packets finds clear packets
	no_clear		nothing protected was in clear on the wire
"
