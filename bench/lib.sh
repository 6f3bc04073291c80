# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the bench is made of: the gateway of the reference deployment, pktgen that
# hands packets to a device as if they had come from a wire, and observers that
# judge a copy of what leaves. Sourced, never run.
#
# Outbound, translation, forwarding:
#   pktgen > Serial1 [ $GW ] Ethernet0 (a dummy device: the packet is freed)
#                                 \..copy..> eth0 [ $CLIENT ]
# Inbound:
#   pktgen > in0 [ $CLIENT ] eth0 > Ethernet0 [ $GW ] Serial1 (a dummy device)
#                                                        \..copy..> eth0 [ $INSIDE ]
#
# Copies are made while the form of packets is judged, never while instructions
# are counted. The guest has one CPU on which an instruction takes a nanosecond,
# so pktgen's time is instructions.

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib.sh
. "$BENCH/../selftests/lib.sh"

INSTRUCTIONS=20000000		# about so many make a measurement
REPEAT=${BENCH_REPEAT:-3}	# measurements of a row
LEAVE=1				# packets that leave for each that is sent
WORKERS=			# they leave from other threads, whose time counts
JUDGED=64			# packets of which the form is judged
# shellcheck disable=SC2034	# for those that source this
read -ra SIZES <<< "${BENCH_SIZES:-60 512 1400}"	# of frames, without their FCS
ROWS=${VPNGW_RESULTS:-$TMP}/rows.tsv
FACTS=${VPNGW_RESULTS:-$TMP}/facts.tsv
UDP_PORT=6000
PKTGEN_MAGIC=0xbe9be955

# fixed, so that neighbours can be
MAC_INSIDE=02:00:00:00:02:05
MAC_SERIAL1=02:00:00:00:02:01
MAC_ETHERNET0=02:00:00:00:01:01
MAC_CLIENT=02:00:00:00:01:82

# keys TRANSFORM ENC_OCTETS AUTH_OCTETS: the same in each run
keys()
{
	local i
	TRANSFORM=$1 ENC_KEY_IN='' ENC_KEY_OUT='' AUTH_KEY_IN='' AUTH_KEY_OUT=''
	for ((i = 0; i < $2; i++)); do
		ENC_KEY_IN+=$(printf %02x $((17 * i + 1 & 255)))
		ENC_KEY_OUT+=$(printf %02x $((29 * i + 2 & 255)))
	done
	for ((i = 0; i < $3; i++)); do
		AUTH_KEY_IN+=$(printf %02x $((7 * i + 3 & 255)))
		AUTH_KEY_OUT+=$(printf %02x $((11 * i + 4 & 255)))
	done
}

# use_transform NAME
use_transform()
{
	case $1 in
	null-sha1)	keys "esp-null esp-sha-hmac" 0 20 ;;
	des-md5)	keys "esp-des esp-md5-hmac" 8 16 ;;
	aes-sha1)	keys "esp-aes 128 esp-sha-hmac" 16 20 ;;
	gcm)		keys "esp-gcm 128" 20 0 ;;
	chacha)		keys esp-chacha20-poly1305 36 0 ;;
	*)		diag "no transform $1"; return 1 ;;
	esac
}

declare -A AGENT_IN=() AGENT_OUT=()	# namespace -> descriptors of its agent

# at NAMESPACE COMMAND...: have its agent do it; prints the answer
at()
{
	local ns=$1 line command
	shift
	printf -v command ' %q' "$@"
	echo "$command" >&"${AGENT_IN[$ns]}"
	while IFS= read -r -u "${AGENT_OUT[$ns]}" line; do
		[[ $line != . ]] || return 0
		echo "$line"
	done
	return 1
}

start_agent()
{
	local in out
	mkfifo "$TMP/$1.in" "$TMP/$1.out"
	ip netns exec "$1" "$BENCH/agent.sh" < "$TMP/$1.in" > "$TMP/$1.out" &
	exec {in}> "$TMP/$1.in" {out}< "$TMP/$1.out"
	AGENT_IN[$1]=$in AGENT_OUT[$1]=$out
}

end_namespaces()
{
	local ns in out
	for ns in "${NAMESPACES[@]}"; do
		in=${AGENT_IN[$ns]} out=${AGENT_OUT[$ns]}
		exec {in}>&- {out}<&-
		ip netns del "$ns"
	done
	wait
	NAMESPACES=() AGENT_IN=() AGENT_OUT=()
}

# setup out|in: all namespaces anew, for packets in that direction
setup()
{
	local ns
	end_namespaces
	GW=gw-$RANDOM CLIENT=client-$RANDOM INSIDE=inside-$RANDOM
	NAMESPACES=("$GW" "$CLIENT" "$INSIDE")
	ip -batch - <<-EOT
		netns add $GW
		netns add $CLIENT
		netns add $INSIDE
	EOT
	for ns in "${NAMESPACES[@]}"; do
		start_agent "$ns"
		at "$ns" set_sysctl net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=1 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv4.conf.all.send_redirects=0
	done
	"setup_$1"
	ip -n "$CLIENT" -batch - <<-EOT
		link set eth0 address $MAC_CLIENT up
		addr add $CLIENT_OUTER/24 dev eth0
		route add 10.2.2.0/24 via $GW_OUTER
		neigh add $GW_OUTER lladdr $MAC_ETHERNET0 dev eth0 nud permanent
	EOT
	ip -n "$GW" -batch - <<-EOT
		link set Serial1 address $MAC_SERIAL1 up
		link set Ethernet0 address $MAC_ETHERNET0 up
		link set copy up
		addr add $GW_INNER/24 dev Serial1
		addr add $GW_OUTER/24 dev Ethernet0
		neigh add $CLIENT_OUTER lladdr $MAC_CLIENT dev Ethernet0 nud permanent
		neigh add $INSIDE_ADDR lladdr $MAC_INSIDE dev Serial1 nud permanent
		neigh add $ROUTER_ADDR lladdr $MAC_CLIENT dev Ethernet0 nud permanent
		route add default via $ROUTER_ADDR
	EOT
}

setup_out()
{
	SOURCE=$GW SOURCE_DEV=Serial1 SOURCE_MAC=$MAC_SERIAL1
	SINK=Ethernet0 OBSERVER=$CLIENT
	ip -batch - <<-EOT
		link add Serial1 netns $GW type dummy
		link add Ethernet0 netns $GW type dummy
		link add copy netns $GW type veth peer name eth0 netns $CLIENT
	EOT
}

setup_in()
{
	SOURCE=$CLIENT SOURCE_DEV=in0 SOURCE_MAC=$MAC_INSIDE
	SINK=Serial1 OBSERVER=$INSIDE
	ip -batch - <<-EOT
		link add in0 netns $CLIENT address $SOURCE_MAC type dummy
		link add eth0 netns $CLIENT type veth peer name Ethernet0 netns $GW
		link add Serial1 netns $GW type dummy
		link add copy netns $GW type veth peer name eth0 netns $INSIDE
	EOT
	ip -n "$CLIENT" link set in0 up
	ip -n "$CLIENT" route add 10.2.1.0/24 dev in0
	ip -n "$INSIDE" link set eth0 address $MAC_INSIDE up
}

# setup_gateway_xfrm: the kernel's own IPsec as the gateway
setup_gateway_xfrm()
{
	local in out
	in=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_IN" "$AUTH_KEY_IN" | tr '\n' ' ')
	out=$(xfrm_algo "$TRANSFORM" "$ENC_KEY_OUT" "$AUTH_KEY_OUT" | tr '\n' ' ')
	ip -n "$GW" -batch - <<-EOT
		xfrm state add src $CLIENT_OUTER dst $GW_OUTER proto esp spi $SPI_IN reqid 1 mode tunnel replay-window 64 $in
		xfrm state add src $GW_OUTER dst $CLIENT_OUTER proto esp spi $SPI_OUT reqid 1 mode tunnel replay-window 64 $out
		xfrm policy add src $CLIENT_INNER/32 dst 10.2.2.0/24 dir fwd tmpl src $CLIENT_OUTER dst $GW_OUTER proto esp reqid 1 mode tunnel
		xfrm policy add src 10.2.2.0/24 dst $CLIENT_INNER/32 dir out tmpl src $GW_OUTER dst $CLIENT_OUTER proto esp reqid 1 mode tunnel
	EOT
}

# setup_gateway_vpngw [OPTION...]: again if need be. While the host reads what modprobe
# is made of, the guest's clock runs ahead, and who waits for a transform gives up after
# a minute of that clock.
setup_gateway_vpngw()
{
	local i
	[[ $TRANSFORM == *-hmac ]] || set -- --force-static-aead "$@"
	for i in 1 2 3; do
		config | load_config "$@" > "$TMP/load.log" 2>&1 && return
	done
	diag "load: $(cat "$TMP/load.log")"
	return 1
}

# gw_nft: rules for the gateway on standard input
gw_nft()
{
	gw nft -f -
}

#
# Packets
#

# pktgen COUNT SIZE SOURCE DESTINATION [COMMAND...]: prints instructions and
# packets sent
pktgen()
{
	at "$SOURCE" pktgen "$SOURCE_DEV" "$SOURCE_MAC" "$UDP_PORT" "$@"
}

# threads N COUNT DESTINATION...: from so many CPUs; prints microseconds and packets
threads()
{
	local n=$1 count=$2
	shift 2
	at "$SOURCE" pktgen_threads "$n" "$SOURCE_DEV" "$SOURCE_MAC" "$UDP_PORT" "$count" 60 \
		"$INSIDE_ADDR" "$@"
}

# judge_by RULE: the observer counts as good what matches, in the words of nft,
# and carries pktgen's mark where it belongs; it starts from 0
judge_by()
{
	ip netns exec "$OBSERVER" nft -f - <<-EOT
		flush ruleset
		table ip judge {
			counter good {}
			counter bad {}
			chain pre {
				type filter hook prerouting priority raw
				ip protocol esp ip saddr $GW_OUTER ip daddr $CLIENT_OUTER accept
				udp dport 51820 ip saddr $GW_OUTER ip daddr $CLIENT_OUTER accept
				$1 udp dport $UDP_PORT @th,64,32 $PKTGEN_MAGIC counter name good drop
				counter name bad drop
			}
		}
	EOT
}

# judged COUNTER: packets
judged()
{
	local text
	text=$(ip netns exec "$OBSERVER" nft list counter ip judge "$1")
	[[ $text =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

sent()
{
	at "$GW" sent "$SINK"
}

all_judged()
{
	[[ $(judged good) -ge $JUDGED ]]
}

# choose_n NANOSECONDS PACKETS: how many packets make a measurement
choose_n()
{
	N=$((INSTRUCTIONS / (${1:-0} / ${2:-1} + 1)))
	[[ $N -le 4000 ]] || N=4000
	# WireGuard lets 1,024 wait for its threads, and drops the others
	[[ ! $WORKERS || $N -le 800 ]] || N=800
	[[ $N -ge 200 ]] || N=200
}

# row_judge NAME SIZE SOURCE DESTINATION [COMMAND...]: does each packet leave, and
# in the right form? Leaves the length of what left in FRAME.
row_judge()
{
	local name=$1 after before result
	shift
	gw tc qdisc add dev "$SINK" clsact
	gw tc filter add dev "$SINK" egress matchall action mirred egress mirror dev copy
	read -ra before <<< "$(sent)"
	read -ra result <<< "$(pktgen $JUDGED "$@")"
	read -ra after <<< "$(sent)"
	choose_n "${result[@]}"
	gw tc qdisc del dev "$SINK" clsact
	busywait 1 all_judged
	[[ ! $WORKERS ]] || read -ra after <<< "$(sent)"
	check_eq "$name: packets in the right form" "$(judged good)" $JUDGED
	check_eq "$name: packets in another form" "$(judged bad)" 0
	check_eq "$name: packets that left" $((after[0] - before[0])) $JUDGED
	FRAME=$(((after[1] - before[1]) / JUDGED))
}

all_sent()
{
	local packets
	read -r packets _ <<< "$(sent)"
	[[ $packets -ge $1 ]]
}

# row_measure NAME SIZE SOURCE DESTINATION [COMMAND...]: REPEAT lines of
# NAME, SIZE, instructions, packets
row_measure()
{
	local name=$1 size=$2 i before after result
	shift
	for ((i = 0; i < REPEAT; i++)); do
		read -ra before <<< "$(sent)"
		read -ra result <<< "$(pktgen "$N" "$@")"
		[[ ! $WORKERS ]] || busywait 5 all_sent $((before[0] + N * LEAVE))
		read -ra after <<< "$(sent)"
		check_eq "$name $size: packets sent" "${result[1]:-}" "$N"
		check_eq "$name $size: packets that left" $((after[0] - before[0])) $((N * LEAVE))
		check_eq "$name $size: octets that left" $((after[1] - before[1])) \
			$((N * LEAVE * FRAME))
		printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$size" \
			$((${result[0]:-0} + ${WORKERS:+${result[2]:-0} + }0)) \
			"${result[1]:-0}" "$FRAME" >> "$ROWS"
	done
}

# row NAME SIZE SOURCE DESTINATION [COMMAND...]
row()
{
	row_judge "$@"
	if [[ ${BENCH_PROFILE:-} ]]; then
		row_profile "$@"
	else
		row_measure "$@"
	fi
}

# row_profile: as row_judge; a few packets while the host logs instructions. All
# is prepared before the log begins, and pktgen waits for that.
row_profile()
{
	local run=$VPNGW_RESULTS/..
	shift
	cat /proc/kallsyms > "$VPNGW_RESULTS/kallsyms"
	at "$SOURCE" eval "PKTGEN_READY=$run/profile-ready PKTGEN_GO=$run/profile-go \
		PKTGEN_END=$run/profile-end"
	pktgen 40 "$@" > /dev/null
	busywait 100000 test -e "$run/profile-done"
}

# fact NAME FIGURE UNIT: what is no row
fact()
{
	printf '%s\t%s\t%s\n' "$@" >> "$FACTS"
}

# memory: octets that are left
memory()
{
	awk '/^MemAvailable/ { print $2 * 1024 }' /proc/meminfo
}

# each_takes WHAT N BEFORE: with all that the kernel needs beside
each_takes()
{
	fact "memory of each $1, of $2" $((($3 - $(memory)) / $2)) octets
}

# ingress_drop DEVICE: rules that end each packet that arrives at a device of the
# gateway; what it costs to get there is the harness
ingress_drop()
{
	gw nft -f - <<-EOT
		table netdev harness {
			chain pre {
				type filter hook ingress device $1 priority -500
				drop
			}
		}
	EOT
}

# row_harness NAME DEVICE SIZE SOURCE DESTINATION [COMMAND...]: packets that end
# as they arrive
row_harness()
{
	local name=$1 result
	ingress_drop "$2"
	shift 2
	local LEAVE=0
	FRAME=0
	read -ra result <<< "$(pktgen $JUDGED "$@")"
	choose_n "${result[@]}"
	row_measure "$name" "$@"
	gw nft delete table netdev harness
}
