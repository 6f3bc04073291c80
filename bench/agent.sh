#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# agent.sh: obey lines of bash on standard input, in the namespace it was started
# in, and end each answer with a line of one dot. Emulated programs start slowly;
# this one starts once for each namespace and does in itself what it can.

set -uo pipefail

# say FILE TEXT: to pktgen
say()
{
	echo "$2" > "/proc/net/pktgen/$1" || echo "pktgen refuses '$2'" >&2
}

# prepare CPU DEVICE MAC PORT COUNT SIZE SOURCE DESTINATION [COMMAND...]: UDP packets
# that this CPU will hand to the stack as if the device had received them
prepare()
{
	local cpu=$1 device=$2 mac=$3 port=$4 count=$5 size=$6 source=$7 destination=$8 command
	shift 8
	say "kpktgend_$cpu" "add_device $device"
	# without !SHARED packets would be cloned, and copied before encryption
	for command in "count $count" "clone_skb 0" "burst 1" "delay 0" "pkt_size $size" \
		"xmit_mode netif_receive" "dst_mac $mac" "src_mac 02:00:00:00:00:99" \
		"src_min $source" "src_max $source" \
		"dst_min $destination" "dst_max $destination" \
		"udp_src_min 5000" "udp_src_max 5000" \
		"udp_dst_min $port" "udp_dst_max $port" "flag !SHARED" "$@"; do
		say "$device" "$command"
	done
}

# pktgen DEVICE MAC PORT COUNT SIZE SOURCE DESTINATION [COMMAND...]: send them; print
# nanoseconds, packets, and the nanoseconds in which others ran
pktgen()
{
	local device=$1 line
	say pgctrl reset
	prepare 0 "$@"
	if [[ ${PKTGEN_GO:-} ]]; then
		# all is prepared: the log of instructions holds little else
		: > "$PKTGEN_READY"
		until [[ -e $PKTGEN_GO ]]; do
			read -rt 0.05 <> <(:) || true
		done
	fi
	say pgctrl start
	[[ ! ${PKTGEN_GO:-} ]] || : > "$PKTGEN_END"
	# Result: OK: 40276(c40270+d6) usec, 10000 (60byte,0frags)
	while read -r line; do
		if [[ $line =~ ^Result:\ OK:\ [0-9]+\(c([0-9]+)\+d([0-9]+)\)\ usec,\ ([0-9]+) ]]; then
			echo "${BASH_REMATCH[1]}000 ${BASH_REMATCH[3]} ${BASH_REMATCH[2]}000"
		fi
	done < "/proc/net/pktgen/$device"
}

# pktgen_threads THREADS DEVICE MAC PORT COUNT SIZE SOURCE DESTINATION...: the same on
# so many CPUs, each to a destination of its own; print the microseconds of the slowest
# and the packets of all
pktgen_threads()
{
	local threads=$1 device=$2 i line longest=0 packets=0
	local -a packet=("${@:3:5}")
	shift 7
	say pgctrl reset
	for ((i = 0; i < threads; i++)); do
		prepare "$i" "$device@$i" "${packet[@]}" "$1"
		shift
	done
	say pgctrl start
	for ((i = 0; i < threads; i++)); do
		while read -r line; do
			if [[ $line =~ ^Result:\ OK:\ ([0-9]+)\(.*\)\ usec,\ ([0-9]+) ]]; then
				[[ $longest -ge ${BASH_REMATCH[1]} ]] || longest=${BASH_REMATCH[1]}
				packets=$((packets + BASH_REMATCH[2]))
			fi
		done < "/proc/net/pktgen/$device@$i"
	done
	echo "$longest $packets"
}

# sent DEVICE: packets and octets
sent()
{
	echo "$(< "/sys/class/net/$1/statistics/tx_packets")" \
		"$(< "/sys/class/net/$1/statistics/tx_bytes")"
}

# set_sysctl NAME=VALUE...
set_sysctl()
{
	local setting name
	for setting in "$@"; do
		name=${setting%%=*}
		echo "${setting#*=}" > "/proc/sys/${name//.//}"
	done
}

while IFS= read -r line; do
	eval "$line"
	echo .
done
