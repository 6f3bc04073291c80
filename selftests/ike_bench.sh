#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How fast clients get in, and what they cost: the same clients connect to vpnd with
# the module and to strongSwan with the kernel's xfrm, on this machine, with the same
# algorithms. A client is main mode with a pre-shared key and one quick mode, from an
# address of its own. Prints for each responder handshakes a second, CPU time of the
# daemon for one, and how much its memory grows for one.
#
# Environment:
#	IKE_BENCH_CLIENTS	for each responder and set of algorithms, default 200
#	IKE_BENCH_PROCESSES	that connect side by side, default 4
#
# timeout: 600

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

BENCH=$SELFTESTS/../tools/tests/build/bench_ike
require "$BENCH" getconf
CLIENTS=${IKE_BENCH_CLIENTS:-200}
PROCESSES=${IKE_BENCH_PROCESSES:-4}
# strongSwan is where the default router is, so that each has a host of its own
SWAN_AT=$ROUTER_ADDR

# all of 10.100.0.0/16 is one host
client ip route add local 10.100.0.0/16 dev lo
gw ip route add 10.100.0.0/16 via $CLIENT_OUTER
outside ip route add 10.100.0.0/16 via $CLIENT_OUTER

# no addresses are lent, since what costs time then is another story
BARE=(
	'/client configuration address/d;/^ip local pool/d'
	's/^ authentication pre-share/&\ncrypto isakmp policy 2\n encr aes\n hash sha256\n group 14\n authentication pre-share/'
)

responder_vpnd()
{
	configure "${BARE[@]}" || return 1
	start_vpnd "${BARE[@]}"
	bg_stop vpnd
	# without the lines of debugging, which strongSwan does not print either
	bg vpnd ip netns exec "$GW" vpnd -s "$TMP/vpnd.sock" -f "$TMP/ike.conf"
	busywait 20 test -S "$TMP/vpnd.sock" || fail "vpnd: $(cat "$TMP/vpnd.log")"
}

responder_strongswan()
{
	use_client swan "$OUTSIDE" $SWAN_AT
	cat > "$TMP/swan.conf" <<-EOT
		charon-systemd {
			load = openssl random nonce kdf kernel-netlink socket-default vici
			dos_protection = no
			init_limit_half_open = 0
			ikesa_table_size = 4096
			ikesa_table_segments = 16
			plugins {
				vici {
					socket = unix://$TMP/swan.vici
				}
			}
			syslog {
				daemon {
					default = -1
				}
			}
		}
	EOT
	bg swan ip netns exec "$OUTSIDE" env STRONGSWAN_CONF="$TMP/swan.conf" "$CHARON"
	busywait 30 test -S "$TMP/swan.vici" || fail "charon: $(cat "$TMP/swan.log")"
	cat > "$TMP/swanctl.conf" <<-EOT
		connections {
			clients {
				version = 1
				proposals = des-md5-modp768,aes128-sha256-modp2048
				local_addrs = $SWAN_AT
				unique = never
				local {
					auth = psk
					id = $SWAN_AT
				}
				remote {
					auth = psk
				}
				children {
					net {
						esp_proposals = des-md5
						local_ts = 10.2.2.0/24
					}
				}
			}
		}
		secrets {
			ike-all {
				secret = cisco123
			}
		}
	EOT
	check "swanctl" swan --load-all --file "$TMP/swanctl.conf"
}

# program NAME: the id of the daemon; ip netns exec becomes it
program()
{
	echo "${BG_PID[$1]}"
}

# cpu_ms PID: what it has used
cpu_ms()
{
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz }' \
		"/proc/$1/stat"
}

rss_kb()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# measure NAME GATEWAY ALGORITHMS FIRST
measure()
{
	local pid cpu rss output
	pid=$(program "$1")
	cpu=$(cpu_ms "$pid")
	rss=$(rss_kb "$pid")
	output=$(client "$BENCH" "$2" "$4" "$CLIENTS" "$PROCESSES" "$3" 2>&1) ||
		fail "$1, $3: $output"
	check_match "$1, $3" "$output" "^handshakes $CLIENTS failed 0 "
	# shellcheck disable=SC2086	# words
	set -- "$1" "$3" $output
	diag "$(awk -v who="$1" -v what="$2" -v n="$4" -v s="$8" -v cpu="$(cpu_ms "$pid")" \
		-v cpu0="$cpu" -v rss="$(rss_kb "$pid")" -v rss0="$rss" 'BEGIN {
			printf "%-10s %-4s %7.1f handshakes/s  %6.2f ms of CPU each  %6.2f kB each",
			       who, what, n / s, (cpu - cpu0) / n, (rss - rss0) / n }')"
}

vpnd_responds()
{
	responder_vpnd || { fail "no vpnd"; return; }
	measure vpnd $GW_OUTER des 10.100.0.1
	measure vpnd $GW_OUTER aes 10.100.100.1
	# the third message is on its way still
	busywait 10 eval '[[ $(sa_count) -eq $((4 * CLIENTS)) ]]' ||
		fail "$(sa_count) associations"
	bg_stop vpnd
}

strongswan_responds()
{
	responder_strongswan
	measure swan $SWAN_AT des 10.100.0.1
	measure swan $SWAN_AT aes 10.100.100.1
	busywait 10 eval '[[ $(outside ip xfrm state count | grep -oE "[0-9]+" | head -n 1) -eq $((4 * CLIENTS)) ]]' ||
		fail "$(outside ip xfrm state count)"
	[[ ! $subtest_failed ]] || diag "charon: $(tail -n 20 "$TMP/swan.log")"
	bg_stop swan
}

run_tests "
	vpnd_responds		clients connect to vpnd
	strongswan_responds	the same clients connect to strongSwan
"
