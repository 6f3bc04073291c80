# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the selftests share: KTAP, processes, captures, traffic; with net_lib.sh, the
# network and configuration of the reference deployment, and state_lib.sh, counters.
# Sourced, never run.
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

# shellcheck source=selftests/net_lib.sh
. "$SELFTESTS/net_lib.sh"
# shellcheck source=selftests/state_lib.sh
. "$SELFTESTS/state_lib.sh"
