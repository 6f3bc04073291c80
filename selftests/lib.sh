# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the selftests share: KTAP, the network of the reference deployment made
# of namespaces, its configuration, captures, counters. Sourced, never run.
#
#                         +-------------------- $WIRE -------------------+
#                         | br0: every frame of the outside segment      |
#                         | passes here, a capture of it is always on    |
#                         +--+-----------------+-------------------+-----+
#                    client  |          gw     |           outside |
#  $CLIENT                   |   $GW           |     $OUTSIDE      |
#  +-------------------------+-+ +-------------+-----------+ +-----+-------------+
#  | eth0 201.70.32.82/24      | | Ethernet0               | | eth0              |
#  | lo   10.2.1.1/32          | |   201.70.32.101/24      | |   201.70.32.1/24  |
#  | the kernel's own xfrm:    | | vpngw                   | | lo 198.51.100.7/32|
#  | 10.2.1.1 <-> 10.2.2.0/24  | | Serial1 10.2.2.1/24     | | default router of |
#  | in ESP to 201.70.32.101   | +-------------+-----------+ | the gateway       |
#  +---------------------------+               |             +-------------------+
#                                              |
#                                  +-----------+-----------+
#                                  | $INSIDE eth0          |
#                                  |   10.2.2.5/24         |
#                                  +-----------------------+
#
# Environment:
#	VPNGW_SLOW	multiplies every deadline, default VPNGW_TIMEOUT_FACTOR or 1
#	VPNGW_KEEP	not empty: keep captures and logs, say where they are
#	VPNGW_ONLY	names of functions, with commas: of all subtests run these alone

set -uo pipefail

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VPNGW_SLOW=${VPNGW_SLOW:-${VPNGW_TIMEOUT_FACTOR:-1}}
export LC_ALL=C
[[ -x $SELFTESTS/../tools/vpnctl/vpnctl ]] && PATH=$SELFTESTS/../tools/vpnctl:$PATH

TMP=$(mktemp -d "${TMPDIR:-/tmp}/vpngw.XXXXXX")
NAMESPACES=()
declare -A BG_PID=()		# name of a background process -> its id
declare -A CAPTURE_MARKER=()	# name of a capture -> namespace that marks it

# the addresses of the deployment
CLIENT_OUTER=201.70.32.82
CLIENT_INNER=10.2.1.1
GW_OUTER=201.70.32.101
GW_INNER=10.2.2.1
INSIDE_ADDR=10.2.2.5
ROUTER_ADDR=201.70.32.1
OUTSIDE_ADDR=198.51.100.7
# the pool as a tcpdump filter for sources
# shellcheck disable=SC2034	# for those that source this
POOL_SRC='(ip[12:4] >= 0xc9462096 and ip[12:4] <= 0xc94620a0)'

# its security associations, named as the gateway sees them
SPI_IN=224008976
SPI_OUT=3210272310
ENC_KEY_IN=0123456789abcdef
ENC_KEY_OUT=fedcba9876543210
AUTH_KEY_IN=000102030405060708090a0b0c0d0e0f
AUTH_KEY_OUT=f0e0d0c0b0a090807060504030201000
TRANSFORM="esp-des esp-md5-hmac"
CLIENT_MODE=tunnel
# Set where streams run: with two emulated CPUs, packets overtake more than the
# usual 64 others when the machine beneath halts one of the two.
REPLAY_WINDOW=

#
# KTAP
#

diag()
{
	local line
	while IFS= read -r line; do
		echo "# $line"
	done <<< "$*"
}

# skip_all REASON: nothing here can run
skip_all()
{
	echo "KTAP version 1"
	echo "1..0 # SKIP $*"
	exit 4
}

# fail TEXT: the subtest has failed; it goes on
fail()
{
	subtest_failed=1
	diag "$*"
}

# skip REASON: the subtest cannot run here; return after it
skip()
{
	subtest_skip=$*
}

# run_tests TABLE: lines of "FUNCTION DESCRIPTION". Prints the plan, runs each
# function in this shell, exits.
run_tests()
{
	local -a functions=() names=()
	local function name failed=0 code begin
	local test_nr	# no name that a function, which sees it, would use
	while read -r function name; do
		[[ $function ]] || continue
		[[ ! ${VPNGW_ONLY:-} || ,$VPNGW_ONLY, == *,$function,* ]] || continue
		functions+=("$function")
		names+=("$name")
	done <<< "$1"

	echo "KTAP version 1"
	echo "1..${#functions[@]}"
	for test_nr in "${!functions[@]}"; do
		subtest_failed=
		subtest_skip=
		code=0
		begin=$SECONDS
		"${functions[test_nr]}" || code=$?
		[[ $((SECONDS - begin)) -lt 10 ]] || diag "took $((SECONDS - begin)) s"
		if [[ $code -ne 0 && -z $subtest_failed ]]; then
			fail "${functions[test_nr]} ended with code $code"
		fi
		if [[ $subtest_failed ]]; then
			failed=1
			echo "not ok $((test_nr + 1)) - ${names[test_nr]}"
		elif [[ $subtest_skip ]]; then
			echo "ok $((test_nr + 1)) - ${names[test_nr]} # SKIP $subtest_skip"
		else
			echo "ok $((test_nr + 1)) - ${names[test_nr]}"
		fi
	done
	exit "$failed"
}

# check_eq WHAT GOT WANTED
check_eq()
{
	[[ $2 == "$3" ]] || fail "$1: got '$2', wanted '$3'"
}

# check_num WHAT GOT -OPERATOR LIMIT: such as -gt 0
check_num()
{
	if ! [[ $2 =~ ^-?[0-9]+$ ]]; then
		fail "$1: '$2' is not a number"
	elif ! test "$2" "$3" "$4"; then
		fail "$1: $2 is not $3 $4"
	fi
}

# check WHAT COMMAND...: must end with 0; what it prints is shown otherwise
check()
{
	local what=$1 output code=0
	shift
	output=$("$@" 2>&1) || code=$?
	[[ $code -eq 0 ]] && return 0
	fail "$what: '$*' ended with $code"
	[[ -z $output ]] || diag "$output"
	return 0
}

# check_fails WHAT COMMAND...: must not end with 0
check_fails()
{
	local what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		fail "$what: '$*' should have failed"
	fi
}

# check_match WHAT TEXT REGEX: some line must match
check_match()
{
	if ! grep -qE -- "$3" <<< "$2"; then
		fail "$1: no line matches '$3' in:"
		diag "$2"
	fi
}

check_no_match()
{
	if grep -qE -- "$3" <<< "$2"; then
		fail "$1: a line matches '$3' in:"
		diag "$2"
	fi
}

#
# Waiting and processes
#

# busywait SECONDS COMMAND...: until the command succeeds or the time is over
busywait()
{
	local deadline
	deadline=$((${EPOCHREALTIME/./} + $1 * VPNGW_SLOW * 1000000))
	shift
	until "$@" > /dev/null 2>&1; do
		[[ ${EPOCHREALTIME/./} -lt $deadline ]] || return 1
		sleep 0.05
	done
}

# bg NAME COMMAND...: in the background, output into $TMP/NAME.log
bg()
{
	local name=$1
	shift
	# here, so that nobody waits for words of one that had the name before
	: > "$TMP/$name.log"
	"$@" > "$TMP/$name.log" 2>&1 < /dev/null &
	BG_PID[$name]=$!
}

bg_alive()
{
	[[ ${BG_PID[$1]:-} ]] && kill -0 "${BG_PID[$1]}" 2>/dev/null
}

# bg_wait NAME SECONDS: until it has ended by itself; returns its exit code
bg_wait()
{
	local pid=${BG_PID[$1]} code=0
	if ! busywait "$2" bg_ended "$1"; then
		diag "$1 does not end; so far: $(tail -n 5 "$TMP/$1.log")"
		bg_stop "$1"
		return 99
	fi
	wait "$pid" 2>/dev/null || code=$?
	unset "BG_PID[$1]"
	return "$code"
}

bg_ended()
{
	! bg_alive "$1"
}

# bg_stop NAME [SIGNAL]: end it and collect it
bg_stop()
{
	local pid=${BG_PID[$1]:-}
	[[ $pid ]] || return 0
	kill -s "${2:-TERM}" "$pid" 2>/dev/null
	busywait 5 bg_ended "$1" || kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	unset "BG_PID[$1]"
	return 0
}

# said NAME TEXT: the background process has printed that
said()
{
	grep -qF -- "$2" "$TMP/$1.log"
}

# shellcheck disable=SC2317	# run by the trap
cleanup()
{
	local name ns
	trap - EXIT INT TERM
	for name in "${!BG_PID[@]}"; do
		kill "${BG_PID[$name]}" 2>/dev/null
	done
	for name in "${!BG_PID[@]}"; do
		wait "${BG_PID[$name]}" 2>/dev/null
	done
	for ns in "${NAMESPACES[@]}"; do
		ip netns del "$ns" 2>/dev/null
	done
	if [[ ${VPNGW_KEEP:-} ]]; then
		diag "kept: $TMP"
	else
		rm -rf "$TMP"
	fi
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

#
# What a test needs
#

require_root()
{
	[[ $EUID -eq 0 ]] || skip_all "needs root"
}

# require PROGRAM...
require()
{
	local program
	for program in "$@"; do
		command -v "$program" > /dev/null || skip_all "needs $program"
	done
}

require_module()
{
	require_root
	[[ -d /sys/module/vpngw ]] || skip_all "vpngw is not loaded"
	require ip vpnctl jq
}

#
# The network
#

# new_ns VARIABLE...: make a namespace for each, with a random name
new_ns()
{
	local variable name
	for variable in "$@"; do
		name=$(tr '[:upper:]' '[:lower:]' <<< "$variable")-$(mktemp -u XXXXXX)
		ip netns add "$name" || return 1
		NAMESPACES+=("$name")
		ip netns exec "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
		ip -n "$name" link set lo up
		printf -v "$variable" %s "$name"
	done
}

# in_ns NAMESPACE COMMAND...; also client, gw, inside, outside, wire COMMAND...
in_ns()
{
	ip netns exec "$@"
}

client()
{
	ip netns exec "$CLIENT" "$@"
}

gw()
{
	ip netns exec "$GW" "$@"
}

gwctl()
{
	ip netns exec "$GW" vpnctl "$@"
}

inside()
{
	ip netns exec "$INSIDE" "$@"
}

outside()
{
	ip netns exec "$OUTSIDE" "$@"
}

setup_links()
{
	new_ns CLIENT GW INSIDE OUTSIDE WIRE || return 1
	ip -batch - <<-EOT || return 1
		link add br0 netns $WIRE type bridge forward_delay 0 mcast_snooping 0
		link add client netns $WIRE type veth peer name eth0 netns $CLIENT
		link add gw netns $WIRE type veth peer name Ethernet0 netns $GW
		link add outside netns $WIRE type veth peer name eth0 netns $OUTSIDE
		link add eth0 netns $INSIDE type veth peer name Serial1 netns $GW
	EOT
	ip -n "$WIRE" -batch - <<-EOT || return 1
		link set br0 up
		link set client master br0 up
		link set gw master br0 up
		link set outside master br0 up
	EOT
	ip -n "$CLIENT" -batch - <<-EOT || return 1
		addr add $CLIENT_OUTER/24 dev eth0
		addr add $CLIENT_INNER/32 dev lo
		link set eth0 up
		route add 10.2.2.0/24 via $GW_OUTER src $CLIENT_INNER
	EOT
	ip -n "$GW" -batch - <<-EOT || return 1
		addr add $GW_OUTER/24 dev Ethernet0
		addr add $GW_INNER/24 dev Serial1
		link set Ethernet0 up
		link set Serial1 up
		route add default via $ROUTER_ADDR
	EOT
	ip -n "$INSIDE" -batch - <<-EOT || return 1
		addr add $INSIDE_ADDR/24 dev eth0
		link set eth0 up
		route add default via $GW_INNER
	EOT
	ip -n "$OUTSIDE" -batch - <<-EOT || return 1
		addr add $ROUTER_ADDR/24 dev eth0
		addr add $OUTSIDE_ADDR/32 dev lo
		link set eth0 up
		route add 10.2.2.0/24 via $GW_OUTER
		route add 10.2.1.0/24 via $CLIENT_OUTER
	EOT
	gw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.Ethernet0.send_redirects=0
	outside sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.eth0.send_redirects=0
	busywait 10 links_up || { diag "links do not come up"; return 1; }
}

# forget_gateway: its outside device is another one and has another address, which
# the others would learn in up to 45 s
forget_gateway()
{
	ip -n "$OUTSIDE" neigh flush dev eth0
	ip -n "$CLIENT" neigh flush dev eth0
}

links_up()
{
	outside ping -c 1 -W 1 $GW_OUTER && client ping -c 1 -W 1 $GW_OUTER &&
		inside ping -c 1 -W 1 $GW_INNER
}

# xfrm_algo TRANSFORM ENC_KEY AUTH_KEY: the words of IOS as those of ip xfrm
xfrm_algo()
{
	local word enc_key=0x$2 auth_key=0x$3
	for word in $1; do
		case $word in
		esp-null)	echo "enc cipher_null \"\"" ;;
		esp-des)	echo "enc cbc(des) $enc_key" ;;
		esp-3des)	echo "enc cbc(des3_ede) $enc_key" ;;
		esp-aes)	echo "enc cbc(aes) $enc_key" ;;
		esp-gcm)	echo "aead rfc4106(gcm(aes)) $enc_key 128" ;;
		esp-gmac)	echo "aead rfc4543(gcm(aes)) $enc_key 128" ;;
		esp-chacha20-poly1305)
				echo "aead rfc7539esp(chacha20,poly1305) $enc_key 128" ;;
		esp-md5-hmac)	echo "auth-trunc hmac(md5) $auth_key 96" ;;
		esp-sha-hmac)	echo "auth-trunc hmac(sha1) $auth_key 96" ;;
		esp-sha256-hmac) echo "auth-trunc hmac(sha256) $auth_key 128" ;;
		esp-sha384-hmac) echo "auth-trunc hmac(sha384) $auth_key 192" ;;
		esp-sha512-hmac) echo "auth-trunc hmac(sha512) $auth_key 256" ;;
		128|192|256)	;;
		*)		diag "no xfrm name for $word" ; return 1 ;;
		esac
	done
}

# setup_client_sas [FLAG...]: the client's end of both associations, anew, in
# CLIENT_MODE
setup_client_sas()
{
	local in out
	in=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_IN" "$AUTH_KEY_IN" | tr '\n' ' ')
	out=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_OUT" "$AUTH_KEY_OUT" | tr '\n' ' ')
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	ip -n "$CLIENT" -batch - <<-EOT || return 1
		xfrm state add src $CLIENT_OUTER dst $GW_OUTER proto esp spi $SPI_IN reqid 1 mode $CLIENT_MODE replay-window 512 $* $in
		xfrm state add src $GW_OUTER dst $CLIENT_OUTER proto esp spi $SPI_OUT reqid 1 mode $CLIENT_MODE replay-window 512 $* $out
	EOT
	if [[ $CLIENT_MODE == transport ]]; then
		ip -n "$CLIENT" -batch - <<-EOT
			xfrm policy add src $CLIENT_OUTER dst $GW_OUTER dir out tmpl proto esp reqid 1 mode transport
			xfrm policy add src $GW_OUTER dst $CLIENT_OUTER dir in tmpl proto esp reqid 1 mode transport
		EOT
		return
	fi
	ip -n "$CLIENT" -batch - <<-EOT
		xfrm policy add src $CLIENT_INNER/32 dst 10.2.2.0/24 dir out tmpl src $CLIENT_OUTER dst $GW_OUTER proto esp reqid 1 mode tunnel
		xfrm policy add src 10.2.2.0/24 dst $CLIENT_INNER/32 dir in tmpl src $GW_OUTER dst $CLIENT_OUTER proto esp reqid 1 mode tunnel
	EOT
}

# config: the configuration of the deployment, keys by hand. Tests that want
# another one set the variables above or edit this with sed.
config()
{
	local auth_in="" auth_out=""
	if [[ $TRANSFORM == *-hmac* ]]; then
		auth_in=" authenticator $AUTH_KEY_IN"
		auth_out=" authenticator $AUTH_KEY_OUT"
	fi
	local cipher_in=" cipher $ENC_KEY_IN" cipher_out=" cipher $ENC_KEY_OUT"
	if [[ $TRANSFORM == esp-null* ]]; then
		cipher_in=
		cipher_out=
	fi
	cat <<-EOT
		hostname Router
		!
		${REPLAY_WINDOW:+crypto ipsec security-association replay window-size $REPLAY_WINDOW}
		crypto ipsec transform-set trans1 $TRANSFORM
		crypto map intmap 10 ipsec-manual
		 set peer $CLIENT_OUTER
		 match address 102
		 set transform-set trans1
		 set session-key inbound esp $SPI_IN$cipher_in$auth_in
		 set session-key outbound esp $SPI_OUT$cipher_out$auth_out
		!
		interface Ethernet0
		 ip address $GW_OUTER 255.255.255.0
		 no ip directed-broadcast
		 ip nat outside
		 no ip route-cache
		 no ip mroute-cache
		 crypto map intmap
		!
		interface Serial1
		 ip address $GW_INNER 255.255.255.0
		 no ip directed-broadcast
		 ip nat inside
		!
		ip nat pool outsidepool 201.70.32.150 201.70.32.160 netmask 255.255.255.0
		ip nat inside source route-map nonat pool outsidepool
		ip classless
		ip route 0.0.0.0 0.0.0.0 $ROUTER_ADDR
		!
		access-list 101 deny   ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255
		access-list 101 permit ip 10.2.2.0 0.0.0.255 any
		access-list 102 permit ip 10.2.2.0 0.0.0.255 host $CLIENT_INNER
		!
		route-map nonat permit 10
		 match ip address 101
		!
		end
	EOT
}

# load_config [OPTION...]: the configuration on standard input, into the gateway
load_config()
{
	cat > "$TMP/gateway.conf"
	gwctl load "$@" "$TMP/gateway.conf"
}

# setup_deployment: all of the above, loaded, with the wire being captured
setup_deployment()
{
	require_module
	require tcpdump ping socat
	setup_links || { diag "the network cannot be made"; exit 1; }
	capture wire "$WIRE" br0 || exit 1
	setup_client_sas || { diag "the client's xfrm refuses"; exit 1; }
	config | load_config > "$TMP/load.log" 2>&1 || {
		diag "vpnctl load: $(cat "$TMP/load.log")"
		exit 1
	}
}

#
# Captures
#

# capture NAME NAMESPACE DEVICE [FILTER...]: into $TMP/NAME.pcap until the end
capture()
{
	local name=$1 ns=$2 device=$3
	shift 3
	CAPTURE_MARKER[$name]=$ns
	[[ $ns != "${WIRE:-}" ]] || CAPTURE_MARKER[$name]=$OUTSIDE
	bg "tcpdump-$name" ip netns exec "$ns" tcpdump -i "$device" -n -p -U \
		--immediate-mode -s 4096 -B 65536 -Z root -w "$TMP/$name.pcap" "$@"
	if [[ $device == br0 ]]; then
		# a bridge hands up everything only when it is promiscuous
		ip -n "$ns" link set "$device" promisc on
	fi
	if ! busywait 20 said "tcpdump-$name" "listening on"; then
		diag "tcpdump on $device: $(cat "$TMP/tcpdump-$name.log")"
		return 1
	fi
}

# capture_sync NAME: wait until everything that has passed is in the file, by
# sending a marked frame after it (UDP port 9, never to be counted)
capture_sync()
{
	local mark
	mark=mark-$(mktemp -u XXXXXXXXXX)
	echo "$mark" | ip netns exec "${CAPTURE_MARKER[$1]}" socat -u - \
		UDP4-DATAGRAM:255.255.255.255:9,broadcast,so-bindtodevice=eth0 ||
		{ fail "cannot mark capture $1"; return 1; }
	busywait 10 grep -qaF "$mark" "$TMP/$1.pcap" ||
		{ fail "capture $1 lags behind"; return 1; }
}

# capture_stop NAME
capture_stop()
{
	capture_sync "$1"
	bg_stop "tcpdump-$1" INT
}

# pcap_count FILE FILTER...: -1 for a file that cannot be read
pcap_count()
{
	local file=$1
	shift
	tcpdump -n -r "$file" "not udp port 9 and ($*)" \
		> "$TMP/tcpdump-read" 2> "$TMP/tcpdump-read.log" || {
		diag "tcpdump: $(cat "$TMP/tcpdump-read.log")" >&2
		echo -1
		return
	}
	wc -l < "$TMP/tcpdump-read"
}

# captured NAME FILTER...: how many packets, once all have come in
captured()
{
	local name=$1
	shift
	if [[ ${BG_PID[tcpdump-$name]:-} ]] && ! capture_sync "$name" >&2; then
		echo -1
		return
	fi
	pcap_count "$TMP/$name.pcap" "$@"
}

CLEAR_FILTER="(src net 10.2.2.0/24 and dst net 10.2.1.0/24) or (src net 10.2.1.0/24 and dst net 10.2.2.0/24)"

# clear_packets FILE [FILTER]: packets in clear that should have been protected
clear_packets()
{
	pcap_count "$1" "($CLEAR_FILTER)${2:+ and ($2)}"
}

# check_no_clear [FILTER]: the last subtest of every test with the deployment:
# no packet between the protected networks was in clear on the wire. The filter
# leaves out what a test has itself put there.
check_no_clear()
{
	local n
	capture_sync wire || return
	# the capture itself must have worked
	check_num "packets in the capture of the wire" "$(pcap_count "$TMP/wire.pcap" ip)" -gt 0
	check_match "tcpdump of the wire" "$(bg_alive tcpdump-wire && echo alive)" alive
	n=$(clear_packets "$TMP/wire.pcap" "${1:-}")
	check_eq "clear packets between protected networks on the wire" "$n" 0
	[[ $n == 0 ]] || diag "$(tcpdump -n -r "$TMP/wire.pcap" -c 5 "$CLEAR_FILTER" 2>/dev/null)"
}

#
# Traffic
#

# check_ping NAMESPACE DESTINATION COUNT [OPTION...]: every one is answered
check_ping()
{
	local ns=$1 to=$2 n=$3 output
	shift 3
	output=$(ip netns exec "$ns" ping -n -c "$n" -i 0.2 -W $((3 * VPNGW_SLOW)) "$@" "$to" 2>&1)
	grep -q " $n received" <<< "$output" ||
		fail "ping $to: $(tail -n 4 <<< "$output" | tr '\n' ' ')"
}

# check_no_ping NAMESPACE DESTINATION COUNT [OPTION...]: none is
check_no_ping()
{
	local ns=$1 to=$2 n=$3 output
	shift 3
	output=$(ip netns exec "$ns" ping -n -c "$n" -i 0.2 -W 1 "$@" "$to" 2>&1)
	grep -q " 0 received" <<< "$output" ||
		fail "ping $to should not be answered: $(tail -n 4 <<< "$output" | tr '\n' ' ')"
}

listening()
{
	[[ $(ip netns exec "$1" ss -Hnl "$2" "sport = :$3") ]]
}

# tcp_start NAME FROM TO ADDRESS PORT FILE: send FILE from a namespace to
# another; the rest of the answer is tcp_check's
tcp_start()
{
	local name=$1 from=$2 to=$3 address=$4 port=$5 file=$6
	bg "$name-recv" ip netns exec "$to" socat -u "TCP4-LISTEN:$port,reuseaddr" \
		"CREATE:$TMP/$name.out"
	busywait 10 listening "$to" -t "$port" || { fail "$name: no listener"; return 1; }
	bg "$name-send" ip netns exec "$from" socat -u "OPEN:$file" \
		"TCP4:$address:$port,connect-timeout=$((20 * VPNGW_SLOW))"
}

# tcp_check NAME FILE SECONDS: it has ended well and both ends agree
tcp_check()
{
	local name=$1 file=$2 seconds=$3
	bg_wait "$name-send" "$seconds" || fail "$name: sender: $(tail -n 3 "$TMP/$name-send.log")"
	bg_wait "$name-recv" "$seconds" || fail "$name: receiver: $(tail -n 3 "$TMP/$name-recv.log")"
	check_eq "$name: sha256 at the receiver" \
		"$(sha256sum < "$TMP/$name.out")" "$(sha256sum < "$file")"
}

# udp_sink NAME NAMESPACE PORT: print every datagram's number until stopped
udp_sink()
{
	bg "$1" ip netns exec "$2" python3 "$SELFTESTS/traffic.py" sink "$3"
	busywait 20 said "$1" listening || fail "$1: $(cat "$TMP/$1.log")"
}

# udp_echo NAME NAMESPACE PORT: the same, and send each back
udp_echo()
{
	bg "$1" ip netns exec "$2" python3 "$SELFTESTS/traffic.py" echo "$3"
	busywait 20 said "$1" listening || fail "$1: $(cat "$TMP/$1.log")"
}

# numbers NAME: what a sink has seen so far, sorted
numbers()
{
	sed -n 's/^got \([0-9]*\) .*/\1/p' "$TMP/$1.log" | sort -n
}

# tshark_esp FILE OPTION...: read a capture with the keys of the deployment
tshark_esp()
{
	local file=$1
	shift
	tshark -n -r "$file" -o esp.enable_encryption_decode:TRUE \
		-o esp.enable_authentication_check:TRUE \
		-o "uat:esp_sa:\"IPv4\",\"*\",\"$GW_OUTER\",\"$(printf '0x%08x' $SPI_IN)\",\"DES-CBC [RFC2405]\",\"0x$ENC_KEY_IN\",\"HMAC-MD5-96 [RFC2403]\",\"0x$AUTH_KEY_IN\"" \
		-o "uat:esp_sa:\"IPv4\",\"*\",\"$CLIENT_OUTER\",\"$(printf '0x%08x' $SPI_OUT)\",\"DES-CBC [RFC2405]\",\"0x$ENC_KEY_OUT\",\"HMAC-MD5-96 [RFC2403]\",\"0x$AUTH_KEY_OUT\"" \
		"$@"
}

#
# What the two ends say
#

# xfrm_packets SPI: packets that the client's association has carried
xfrm_packets()
{
	ip -n "$CLIENT" -s xfrm state |
		awk -v spi="$(printf '0x%08x' "$1")" '
			/^src/ { found = 0; current = 0 }
			index($0, spi) { found = 1 }
			/lifetime current/ { current = 1; next }
			found && current && /packets/ {
				sub(/.*bytes\), /, ""); sub(/\(packets.*/, ""); print; exit }'
}

# Below, figures come from --json, wherever in it the objects are.

# sa_stat in|out KEY: of the only association of that direction
sa_stat()
{
	gwctl show crypto ipsec sa --json | jq -r --arg dir "$1" --arg key "$2" \
		'[.. | objects | select(has("spi") and .direction == $dir)] | .[0][$key]'
}

# sa_count: associations of the gateway
sa_count()
{
	gwctl show crypto ipsec sa --json |
		jq '[.. | objects | select(has("spi") and has("direction"))] | length'
}

# ace_hits LIST SEQUENCE_NUMBER
ace_hits()
{
	gwctl show access-lists --json | jq --arg name "$1" --argjson seq "$2" \
		'.. | objects | select(.name? == $name and has("entries")) | .entries[] |
		 select(.seq == $seq) | .hits'
}

# drop_count REASON
drop_count()
{
	gwctl show drops all --json | jq --arg name "$1" \
		'[.. | objects | select(.name? == $name and has("packets")) | .packets] | add // 0'
}

# drops: a line "REASON PACKETS" for each reason that has occurred
drops()
{
	gwctl show drops --json | jq -r '.. | objects |
		select(has("name") and has("packets") and .packets > 0) | "\(.name) \(.packets)"'
}

# nat_stat KEY
nat_stat()
{
	gwctl show ip nat statistics --json | jq --arg key "$1" \
		'[.. | objects | select(has("expired"))] | .[0][$key]'
}

# xlates: the translations, a line each:
# PROTOCOL INSIDE_LOCAL PORT INSIDE_GLOBAL PORT OUTSIDE_LOCAL PORT OUTSIDE_GLOBAL PORT
xlates()
{
	gwctl show ip nat translations --json | jq -r '.. | objects | select(has("inside_global")) |
		"\({"1": "icmp", "6": "tcp", "17": "udp"}[.proto | tostring] // .proto) " +
		"\(.inside_local) \(.inside_local_port) \(.inside_global) \(.inside_global_port) " +
		"\(.outside_local) \(.outside_local_port) \(.outside_global) \(.outside_global_port)"'
}

# mac_of NAMESPACE DEVICE
mac_of()
{
	ip -n "$1" -j link show "$2" | jq -r '.[0].address'
}
