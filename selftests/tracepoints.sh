#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
#
# events/vpngw/*: every path fires its tracepoint, with the packet, the line of
# the configuration that decided, the association and the reason.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

TRACING=/sys/kernel/tracing
setup_deployment
[[ -d $TRACING/events ]] || mount -t tracefs tracefs $TRACING 2>/dev/null
[[ -d $TRACING/events/vpngw ]] || skip_all "no tracepoints in this kernel"

INSTANCE=$TRACING/instances/vpngw-$$
mkdir "$INSTANCE" || skip_all "no trace instance"
trap 'echo 0 > "$INSTANCE/events/vpngw/enable"; rmdir "$INSTANCE"; cleanup' EXIT
echo 1 > "$INSTANCE/events/vpngw/enable"

NETNS=$(gw stat -L -c %i /proc/self/ns/net)
ETH=$(gw cat /sys/class/net/Ethernet0/ifindex 2>/dev/null ||
	ip -n "$GW" -j link show Ethernet0 | jq '.[0].ifindex')

# events NAME: those of our gateway since the last forget
events()
{
	grep " $1: netns=$NETNS " "$INSTANCE/trace"
}

forget()
{
	: > "$INSTANCE/trace"
}

# line_of REGEX: in the configuration
line_of()
{
	grep -n "$1" "$TMP/gateway.conf" | head -n 1 | cut -d : -f 1
}

spi_hex()
{
	printf '0x%08x' "$1"
}

esp_input()
{
	local n
	forget
	check_ping "$CLIENT" $INSIDE_ADDR 3 -s 100 -e 700
	n=$(events esp_input | wc -l)
	check_eq "events" "$n" 3
	check_match "event" "$(events esp_input)" \
		"ifindex=$ETH proto=1 $CLIENT_INNER:700 -> $INSIDE_ADDR:700 spi=$(spi_hex $SPI_IN) conn_id=[0-9]+ seq=1 len=128"
	check_match "event" "$(events esp_input)" "seq=3 "
}

esp_output()
{
	check_eq "events" "$(events esp_output | wc -l)" 3
	check_match "event" "$(events esp_output)" \
		"proto=1 $INSIDE_ADDR -> $CLIENT_INNER peer=$CLIENT_OUTER spi=$(spi_hex $SPI_OUT) conn_id=[0-9]+ seq=1 len=128"
}

nat_exempt()
{
	check_eq "events" "$(events nat_verdict | grep -c verdict=exempt)" 3
	check_match "event" "$(events nat_verdict)" \
		"ifindex=$ETH proto=1 $INSIDE_ADDR:700 -> $CLIENT_INNER:700 verdict=exempt id=0 global=0.0.0.0 rule_line=$(line_of "^ip nat inside source") rm_seq=[0-9]+ ace_line=$(line_of "^access-list 101 deny")"
}

spd_protect()
{
	check_match "event" "$(events spd_verdict)" \
		"ifindex=$ETH proto=1 $INSIDE_ADDR:700 -> $CLIENT_INNER:700 dir=out verdict=protect map_seq=10 ace_line=$(line_of "^access-list 102 permit") spi=$(spi_hex $SPI_OUT)"
}

nat_translate()
{
	local global
	forget
	check_ping "$INSIDE" $OUTSIDE_ADDR 3 -e 701
	global=$(xlates | awk '$3 == 701 { print $4 }')
	check_eq "events translation_new" "$(events translation_new | wc -l)" 1
	check_match "event" "$(events translation_new)" \
		"id=[0-9]+ proto=1 local=$INSIDE_ADDR:701 global=$global:701 outside=$OUTSIDE_ADDR:701"
	check_match "event" "$(events nat_verdict)" \
		"proto=1 $INSIDE_ADDR:701 -> $OUTSIDE_ADDR:701 verdict=translate id=[1-9][0-9]* global=$global rule_line=$(line_of "^ip nat inside source") rm_seq=10 ace_line=$(line_of "^access-list 101 permit")"
	check_match "event of a reply" "$(events nat_verdict)" \
		"proto=1 $OUTSIDE_ADDR:701 -> $global:701 verdict=translate"
	check_match "event" "$(events spd_verdict)" "dir=out verdict=bypass map_seq=0 ace_line=0 spi=0x00000000"
	check_match "event of a reply" "$(events spd_verdict)" "dir=in verdict=bypass"
}

translation_end()
{
	forget
	check "clear" gwctl clear ip nat translation '*'
	check_match "event" "$(events translation_end)" \
		"local=$INSIDE_ADDR:701 .*outside=$OUTSIDE_ADDR:701 cause=[a-z]"
}

drop()
{
	forget
	check_no_ping "$OUTSIDE" 201.70.32.155 2
	check_eq "events" "$(events drop | wc -l)" 2
	check_match "event" "$(events drop)" \
		"ifindex=$ETH proto=1 $ROUTER_ADDR:[0-9]+ -> 201.70.32.155:[0-9]+ reason=nat-no-translation"
}

sa_state()
{
	forget
	check "clear" gwctl clear crypto sa
	check_match "event" "$(events sa_state)" \
		"spi=$(spi_hex $SPI_IN) conn_id=[0-9]+ $CLIENT_OUTER -> $GW_OUTER state=deleted"
	check_match "event" "$(events sa_state)" \
		"spi=$(spi_hex $SPI_OUT) conn_id=[0-9]+ $GW_OUTER -> $CLIENT_OUTER state=deleted"
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	check_num "events of new associations" \
		"$(events sa_state | grep -vc state=deleted)" -ge 2
}

no_keys()
{
	check_no_match "trace" "$(tr '[:upper:]' '[:lower:]' < "$INSTANCE/trace")" \
		"$ENC_KEY_IN|$ENC_KEY_OUT|$AUTH_KEY_IN|$AUTH_KEY_OUT"
}

no_clear()
{
	check_no_clear
}

run_tests "
	esp_input	esp_input: what came out of the tunnel
	esp_output	esp_output: what went into it
	nat_exempt	nat_verdict: exempt, and by which line
	spd_protect	spd_verdict: protect, and by which line
	nat_translate	translation_new, nat_verdict, spd_verdict of a translated flow
	translation_end	translation_end: and why
	drop		drop: the packet and the reason
	sa_state	sa_state: what becomes of associations
	no_keys		no key in any of it
	no_clear	nothing protected was in clear on the wire
"
