# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The rows: each group sets its gateway up once and measures every size. Sourced.

TRANSFORMS=(null-sha1 des-md5 aes-sha1 gcm chacha)

# GROUP[:ARGUMENT], in the order in which they run; the harness comes first
all_groups()
{
	local transform kind
	printf '%s\n' harness forward masquerade vpngw_nat vpngw_exempt nft_new vpngw_new
	for transform in "${TRANSFORMS[@]}"; do
		for kind in aead vpngw xfrm xfrm_exempt vpngw_in xfrm_in; do
			echo "$kind:$transform"
		done
	done
	echo wireguard
	# the kernel's flowtables, once there, are a hook for everybody
	echo masquerade_flowtable
	for transform in "${TRANSFORMS[@]}"; do
		echo "xfrm_flowtable:$transform"
	done
}

# By name only, such as "make bench GROUPS='harness vpngw_sas:100000'": vpngw_acl:N,
# vpngw_acl_masks:N, acl_first:N, vpngw_entries:N, vpngw_xlates:N, vpngw_sas:N,
# vpngw_sas_in:N, vpngw_ports:N, nat_added, two_cpus (make bench-cpus).

# what "make bench-check" watches over
figures_groups()
{
	printf '%s\n' harness vpngw_nat vpngw_exempt vpngw_new \
		vpngw:null-sha1 vpngw:gcm vpngw:des-md5 vpngw_in:gcm vpngw_in:des-md5
}

# what a packet of a size says of its own length
ip_length()
{
	echo "ip length $(($1 - 14))"
}

# each_size NAME FORM DESTINATION: rows of one gateway, outbound
each_size()
{
	local size
	for size in "${SIZES[@]}"; do
		judge_by "$2 $(ip_length "$size")"
		row "$1" "$size" "$INSIDE_ADDR" "$3"
	done
}

group_harness()
{
	local size
	setup out
	for size in "${SIZES[@]}"; do
		row_harness harness Serial1 "$size" "$INSIDE_ADDR" "$OUTSIDE_ADDR"
	done
}

FORM_CLEAR="ip saddr $INSIDE_ADDR ip daddr $OUTSIDE_ADDR"
FORM_POOL="ip saddr 201.70.32.150-201.70.32.160 ip daddr $OUTSIDE_ADDR"
FORM_TUNNEL="meta ipsec exists ip saddr $INSIDE_ADDR ip daddr $CLIENT_INNER"
FORM_OPENED="ip saddr $CLIENT_INNER ip daddr $INSIDE_ADDR"

group_forward()
{
	setup out
	each_size forward "$FORM_CLEAR" "$OUTSIDE_ADDR"
}

# the same translation that the deployment asks for, in the words of nft
nft_nat()
{
	gw_nft <<-EOT
		table ip n {
			chain post {
				type nat hook postrouting priority srcnat
				${1:-}
				ip saddr 10.2.2.0/24 oifname Ethernet0 snat to 201.70.32.150-201.70.32.160
			}
		}
	EOT
}

nft_flowtable()
{
	modprobe nft_flow_offload && modprobe nf_flow_table_inet || return
	gw_nft <<-EOT
		table ip n {
			flowtable f {
				hook ingress priority 0
				devices = { Serial1, Ethernet0 }
			}
			chain fw {
				type filter hook forward priority 0
				ip protocol udp flow add @f
			}
		}
	EOT
}

# a flow in the table says so
check_offloaded()
{
	check_num "$1: flows that the flowtable carries" \
		"$(gw grep -c OFFLOAD /proc/net/nf_conntrack)" -gt 0
}

group_masquerade()
{
	setup out
	nft_nat
	each_size nft-snat "$FORM_POOL" "$OUTSIDE_ADDR"
}

group_masquerade_flowtable()
{
	setup out
	nft_nat
	nft_flowtable
	each_size nft-snat-flowtable "$FORM_POOL" "$OUTSIDE_ADDR"
	check_offloaded nft-snat-flowtable
}

group_vpngw_nat()
{
	setup out
	use_transform des-md5
	setup_gateway_vpngw || return
	each_size vpngw-snat "$FORM_POOL" "$OUTSIDE_ADDR"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# neither translated nor protected: a client that is not there
group_vpngw_exempt()
{
	setup out
	use_transform des-md5
	setup_gateway_vpngw || return
	each_size vpngw-exempt "ip saddr $INSIDE_ADDR ip daddr 10.2.1.200" 10.2.1.200
}

group_vpngw()
{
	setup out
	use_transform "$1"
	setup_client_sas
	setup_gateway_vpngw || return
	each_size "vpngw-out-$1" "$FORM_TUNNEL" "$CLIENT_INNER"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

setup_xfrm()
{
	setup out
	use_transform "$1"
	setup_client_sas
	setup_gateway_xfrm
}

group_xfrm()
{
	setup_xfrm "$1"
	each_size "xfrm-out-$1" "$FORM_TUNNEL" "$CLIENT_INNER"
}

EXEMPT="ip saddr 10.2.2.0/24 ip daddr 10.2.1.0/24 accept"

group_xfrm_exempt()
{
	setup_xfrm "$1"
	nft_nat "$EXEMPT"
	each_size "xfrm+nat-out-$1" "$FORM_TUNNEL" "$CLIENT_INNER"
}

group_xfrm_flowtable()
{
	setup_xfrm "$1"
	nft_nat "$EXEMPT"
	nft_flowtable
	each_size "xfrm+nat+flowtable-out-$1" "$FORM_TUNNEL" "$CLIENT_INNER"
	check_offloaded "xfrm+nat+flowtable-out-$1"
}

# The client's own cost, and that of its link, is measured with packets that end
# as they arrive at the gateway.
each_size_in()
{
	local size
	for size in "${SIZES[@]}"; do
		judge_by "$FORM_OPENED $(ip_length "$size")"
		row_harness "harness-$1" Ethernet0 "$size" "$CLIENT_INNER" "$INSIDE_ADDR"
		row "$1" "$size" "$CLIENT_INNER" "$INSIDE_ADDR"
	done
}

setup_client_in()
{
	setup in
	use_transform "$1"
	setup_client_sas
}

group_vpngw_in()
{
	setup_client_in "$1"
	setup_gateway_vpngw || return
	each_size_in "vpngw-in-$1"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

group_xfrm_in()
{
	setup_client_in "$1"
	setup_gateway_xfrm
	each_size_in "xfrm-in-$1"
}

#
# WireGuard
#

WG_PORT=51820
WG_KEY_GW=c89f2c420e811c064dabd8feed5fbecd7e58a13bb2d9104e43be602f9b46b961
WG_PUB_GW=077ff00d07474d8a4a261025cfb1dfa3f6cfd80e0d90547aed8cb7ddb3ee046a
WG_KEY_CLIENT=1050c135c6ae25ef6f7f791d20bed8d33bdba8a3ed4eb8f89e23be6befb4c66b
WG_PUB_CLIENT=960d12a1063446405969261e9a979f8e1e8b841a142fccf0cc4316bca762ee3c

setup_wireguard()
{
	ip -n "$GW" link add wg0 mtu 1500 type wireguard
	ip -n "$CLIENT" link add wg0 mtu 1500 type wireguard
	gw "$BENCH/wg_set" wg0 $WG_KEY_GW $WG_PORT $WG_PUB_CLIENT "$CLIENT_OUTER" \
		"$CLIENT_INNER" 32 || return
	client "$BENCH/wg_set" wg0 $WG_KEY_CLIENT $WG_PORT $WG_PUB_GW "$GW_OUTER" \
		10.2.2.0 24 || return
	ip -n "$GW" link set wg0 up
	ip -n "$GW" route add "$CLIENT_INNER/32" dev wg0
	ip -n "$CLIENT" link set wg0 up
	ip -n "$CLIENT" addr add "$CLIENT_INNER/32" dev wg0
	ip -n "$CLIENT" route replace 10.2.2.0/24 dev wg0
}

shake_hands()
{
	busywait 20 client ping -c 1 -W 1 -I "$CLIENT_INNER" "$GW_INNER" ||
		{ diag "WireGuard's ends do not find each other"; return 1; }
}

# A dummy device brings no answers: the handshake takes the way of the copies.
group_wireguard()
{
	# its threads take what has come until they run: the least of many
	# shellcheck disable=SC2034	# lib.sh reads them
	local WORKERS=1 REPEAT=12
	setup out
	setup_wireguard || return
	ip -n "$GW" -batch - <<-EOT
		link set copy address $MAC_ETHERNET0
		neigh add $CLIENT_OUTER lladdr $MAC_CLIENT dev copy nud permanent
		route add $CLIENT_OUTER/32 dev copy
	EOT
	shake_hands || return
	ip -n "$GW" route del "$CLIENT_OUTER/32" dev copy
	each_size wireguard-out "iifname wg0 ip saddr $INSIDE_ADDR ip daddr $CLIENT_INNER" \
		"$CLIENT_INNER"
}

# aead SIZE ALG ENC_KEY AUTH_KEY IV ICV BLOCK open|seal
aead()
{
	local len=$((($1 - 14 + 2 + $7 - 1) / $7 * $7)) open=0
	[[ $8 == seal ]] || open=1
	insmod "$BENCH/vpngw_aead.ko" "alg=$2" "enc_key=$3" "auth_key=$4" "iv=$5" "icv=$6" \
		len=$len open=$open "frame=$1" count=500 || return
	echo "$(< /sys/module/vpngw_aead/parameters/ns)"
	rmmod vpngw_aead
}

group_aead()
{
	local size way ns alg
	case $1 in
	null-sha1)	alg="authenc(hmac(sha1),ecb(cipher_null)) 0 20 0 12 4" ;;
	des-md5)	alg="authenc(hmac(md5),cbc(des)) 8 16 8 12 8" ;;
	aes-sha1)	alg="authenc(hmac(sha1),cbc(aes)) 16 20 16 12 16" ;;
	gcm)		alg="rfc4106(gcm(aes)) 20 0 8 16 4" ;;
	chacha)		alg="rfc7539esp(chacha20,poly1305) 36 0 8 16 4" ;;
	*)		return 1 ;;
	esac
	for way in seal open; do
		for size in "${SIZES[@]}"; do
			# shellcheck disable=SC2086	# a list of words
			ns=$(aead "$size" $alg $way)
			check_num "aead-$way-$1" "${ns:-none}" -gt 0
			printf 'aead-%s-%s\t%s\t%s\t1\t0\n' $way "$1" "$size" \
				"${ns:-0}" >> "$ROWS"
		done
	done
}

#
# Does it stay flat?
#

# A flow for each packet: a port of its own, and a host for each repetition.
each_size_new()
{
	local size=${SIZES[0]} i source repeat=$REPEAT measure=row_measure
	[[ ! ${BENCH_PROFILE:-} ]] || measure=row_profile
	REPEAT=1
	for ((i = 0; i < repeat; i++)); do
		source=10.2.2.$((20 + i))
		judge_by "$FORM_POOL $(ip_length "$size")"
		row_judge "$1" "$size" "$source" "$OUTSIDE_ADDR" \
			"udp_src_min 10000" "udp_src_max 20000"
		"$measure" "$1" "$size" "$source" "$OUTSIDE_ADDR" \
			"udp_src_min 20000" "udp_src_max 30000"
		[[ ! ${BENCH_PROFILE:-} ]] || break
	done
	REPEAT=$repeat
}

group_nft_new()
{
	setup out
	nft_nat
	each_size_new nft-new-snat
}

group_vpngw_new()
{
	setup out
	use_transform des-md5
	setup_gateway_vpngw || return
	each_size_new vpngw-new-snat
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# long_list NAME ENTRIES: a list that exempts the client, behind as many entries, in
# $TMP/entries, none of which matches; each packet is held against them
long_list()
{
	local size=${SIZES[0]} before
	setup out
	use_transform gcm
	setup_client_sas
	config > "$TMP/short.conf"
	{
		grep -v '^access-list 101' "$TMP/short.conf" | sed '/^end$/d'
		cat "$TMP/entries"
		grep '^access-list 101' "$TMP/short.conf"
	} > "$TMP/long.conf"
	before=$(memory)
	gwctl load --force-static-aead "$TMP/long.conf" > "$TMP/load.log" 2>&1 ||
		{ diag "load: $(tail -n 3 "$TMP/load.log")"; return 1; }
	each_takes "access list entry" "$2" "$before"
	check_num "entries" "$(grep -c '^access-list 101' "$TMP/long.conf")" -gt "$2"
	judge_by "$FORM_TUNNEL $(ip_length "$size")"
	row "$1" "$size" "$INSIDE_ADDR" "$CLIENT_INNER"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

group_vpngw_acl()
{
	local i
	for ((i = 0; i < $1; i++)); do
		echo "access-list 101 deny udp host 10.3.$((i / 250 % 250)).$((i % 250)) 172.16.$((i / 997 % 250)).0 0.0.0.255 eq $((i % 5000 + 1))"
	done > "$TMP/entries"
	long_list "vpngw-acl-$1" "$1"
}

# 24 pairs of masks around the very addresses of the flow, none of which decides
group_vpngw_acl_masks()
{
	local i
	for ((i = 0; i < $1; i++)); do
		echo "access-list 101 deny udp 10.$((2 + (i & 1))).$((i / 24 % 256)).0 0.0.$((255 >> i % 6)).255 10.$((i % 7)).$((i / 7 % 256)).0 0.0.$((255 >> i % 4)).255 eq $((i % 5000 + 1))"
	done > "$TMP/entries"
	long_list "vpngw-acl-masks-$1" "$1"
}

# translations: packets that the gateway has a translation for
translations()
{
	gwctl show ip nat statistics | sed -n 's/^Total active translations: \([0-9]*\).*/\1/p'
}

# group_vpngw_xlates N: as vpngw-snat, with as many translations
group_vpngw_xlates()
{
	local size=${SIZES[0]} before
	setup out
	use_transform gcm
	setup_gateway_vpngw || return
	before=$(memory)
	# 17 has no common divisor with the number of ports
	pktgen "$1" "$size" "$INSIDE_ADDR" 198.51.100.1 "dst_max 198.51.100.17" \
		"udp_src_min 1024" "udp_src_max 65023" > /dev/null
	each_takes translation "$1" "$before"
	check_num "translations" "$(translations)" -ge "$1"
	judge_by "$FORM_POOL $(ip_length "$size")"
	row "vpngw-snat-$1" "$size" "$INSIDE_ADDR" "$OUTSIDE_ADDR"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# group_vpngw_ports N: the first packet of a flow whose port is taken, while N in a
# hundred of the ports that its address has for its destination are
group_vpngw_ports()
{
	local size=${SIZES[0]} n=$((645 * $1)) repeat=$REPEAT i
	local -a over=("dst_max 198.51.100.17")
	setup out
	use_transform gcm
	config | sed -E "s/^(ip nat pool outsidepool) [^ ]+ [^ ]+/\1 201.70.32.150 201.70.32.150/
		s/^ip nat inside source .*/& overload/" > "$TMP/ports.conf"
	gwctl load --force-static-aead "$TMP/ports.conf" > "$TMP/load.log" 2>&1 ||
		{ diag "load: $(tail -n 3 "$TMP/load.log")"; return 1; }
	# 17 has no common divisor with the number of ports
	pktgen $((17 * n)) "$size" "$INSIDE_ADDR" 198.51.100.1 "${over[@]}" \
		"udp_src_min 1024" "udp_src_max $((1024 + n))" > /dev/null
	check_num "translations" "$(translations)" -eq $((17 * n))
	judge_by "ip saddr 201.70.32.150 ip daddr 198.51.100.1-198.51.100.17 $(ip_length "$size")"
	row_judge "vpngw-new-ports-$1" "$size" 10.2.2.19 198.51.100.1 "${over[@]}" \
		"udp_src_min 2000" "udp_src_max 4000"
	REPEAT=1
	for ((i = 0; i < repeat; i++)); do
		row_measure "vpngw-new-ports-$1" "$size" "10.2.2.$((20 + i))" 198.51.100.1 \
			"${over[@]}" "udp_src_min 2000" "udp_src_max 4000"
	done
	REPEAT=$repeat
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# setup_sas out|in N: a dynamic entry with N associations, two of which are the
# client's
setup_sas()
{
	local before
	use_transform gcm
	# shellcheck disable=SC2034	# lib.sh reads them
	ENC_KEY_OUT=$ENC_KEY_IN
	# shellcheck disable=SC2034
	local SPI_IN=4096 SPI_OUT=4097
	setup "$1"
	setup_client_sas
	gwctl load "$BENCH/../Documentation/examples/gateway.conf" > "$TMP/load.log" 2>&1 ||
		{ diag "load: $(tail -n 3 "$TMP/load.log")"; return 1; }
	gw "$BENCH/fill_sas" "$SPI_IN" 1 "$GW_OUTER" "$CLIENT_OUTER" "$CLIENT_INNER" \
		"$ENC_KEY_IN" || return
	[[ $2 -gt 2 ]] || return 0
	before=$(memory)
	gw "$BENCH/fill_sas" 10000 $((($2 - 2) / 2)) "$GW_OUTER" 10.128.0.0 10.64.0.0 \
		"$ENC_KEY_IN" || return
	each_takes association "$2" "$before"
}

# group_acl_first N: a list of N entries, asked about packets one by one
group_acl_first()
{
	local kind median worst decided
	"$BENCH/acl_first" "$1" > "$TMP/first" || return
	while read -r kind median worst decided; do
		fact "list of $1 $kind, first packet, median" "$median" instructions
		fact "list of $1 $kind, first packet, worst" "$worst" instructions
		check_num "$kind: packets that an entry decides" "$decided" -gt 1000
	done < "$TMP/first"
}

# entries N: so many crypto map entries, each for a client and with a list of its own
entries()
{
	awk -v n="$1" 'BEGIN { for (i = 1; i < n; i++) printf \
		"crypto map intmap %d ipsec-isakmp\n set peer 172.%d.%d.%d\n" \
		" set transform-set trans1\n match address client%d\n" \
		"ip access-list extended client%d\n" \
		" permit ip 10.2.2.0 0.0.0.255 host 10.%d.%d.%d\n",
		i, 16 + i / 62500, i / 250 % 250, i % 250 + 1, i, i, 9 + i / 62500, i / 250 % 250, i % 250 + 1 }'
}

# group_vpngw_entries N: as vpngw-out-gcm, behind so many crypto map entries less one;
# and the same with a flow for each packet, for which the map is asked
group_vpngw_entries()
{
	local size=${SIZES[0]} repeat=$REPEAT i
	setup out
	use_transform gcm
	setup_client_sas
	{
		config | sed "s/^crypto map intmap 10 /crypto map intmap 65535 /;/^end$/d"
		entries "$1"
	} > "$TMP/entries.conf"
	gwctl load --force-static-aead "$TMP/entries.conf" > "$TMP/load.log" 2>&1 ||
		{ diag "load: $(tail -n 3 "$TMP/load.log")"; return 1; }
	judge_by "$FORM_TUNNEL $(ip_length "$size")"
	row "vpngw-out-entries-$1" "$size" "$INSIDE_ADDR" "$CLIENT_INNER"
	[[ ! ${BENCH_PROFILE:-} ]] || return 0
	REPEAT=1
	for ((i = 1; i <= repeat; i++)); do
		row_measure "vpngw-out-entries-new-$1" "$size" "$INSIDE_ADDR" "$CLIENT_INNER" \
			"udp_src_min $((i * 10000))" "udp_src_max $((i * 10000 + 9999))"
	done
	REPEAT=$repeat
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# A tunnel without NAT, then the rule and its exemption while it runs.
group_nat_added()
{
	local size
	setup out
	use_transform gcm
	setup_client_sas
	config | grep -v '^ *ip nat ' > "$TMP/alone.conf"
	gwctl load --force-static-aead "$TMP/alone.conf" > "$TMP/load.log" 2>&1 ||
		{ diag "load: $(tail -n 3 "$TMP/load.log")"; return 1; }
	each_size vpngw-tunnel-1 "$FORM_TUNNEL" "$CLIENT_INNER"
	setup_gateway_vpngw || return
	each_size vpngw-tunnel-2 "$FORM_TUNNEL" "$CLIENT_INNER"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# two_cpus WHAT DESTINATION DESTINATION: how much faster are two CPUs than one, with a
# flow each? In time, the best of REPEAT pairs, so that what else the machine does counts
# least. Leaves the percentage in BEST.
two_cpus()
{
	local what=$1 i one two ratio count=20000 before after
	local -a ratios=()
	shift
	[[ $(nproc) -ge 2 ]] || { diag "the guest has one CPU"; return 1; }
	BEST=0
	for ((i = 0; i < REPEAT * 2; i++)); do
		read -ra before <<< "$(sent)"
		one=$(threads 1 $count "$1")
		two=$(threads 2 $count "$@")
		read -ra after <<< "$(sent)"
		check_eq "packets that left" $((after[0] - before[0])) $((3 * count))
		check_eq "packets sent" "${one#* } ${two#* }" "$count $((2 * count))"
		# packets a second of two over those of one
		ratio=$((200 * ${one% *} / (${two% *} + 1)))
		diag "$what: one CPU: ${one% *} us; two: ${two% *} us; $ratio %"
		[[ $ratio -le $BEST ]] || BEST=$ratio
		ratios+=("$ratio")
	done
	fact "$what, two CPUs against one, of $i the best" "$BEST" "% of its packets"
	ratio=$(printf '%s\n' "${ratios[@]}" | sort -n | sed -n "$((i / 2))p")
	fact "$what, two CPUs against one, of $i the middle" "$ratio" "% of its packets"
}

# what the machine and the kernel give to plain forwarding
group_two_cpus_forward()
{
	setup out
	two_cpus forward "$OUTSIDE_ADDR" 198.51.100.8
}

# an association for each
group_two_cpus()
{
	setup_sas out 2 || return
	gw "$BENCH/fill_sas" 5000 1 "$GW_OUTER" 201.70.32.83 10.2.1.2 "$ENC_KEY_IN" || return
	ip -n "$GW" neigh add 201.70.32.83 lladdr "$MAC_CLIENT" dev Ethernet0 nud permanent
	two_cpus vpngw "$CLIENT_INNER" 10.2.1.2 || return
	check_num "two CPUs against one, in %" "$BEST" -ge 180
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

# group_vpngw_sas N: as vpngw-out-gcm, with so many associations and clients
group_vpngw_sas()
{
	local size=${SIZES[0]}
	setup_sas out "$1" || return
	judge_by "$FORM_TUNNEL $(ip_length "$size")"
	row "vpngw-out-sas-$1" "$size" "$INSIDE_ADDR" "$CLIENT_INNER"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}

group_vpngw_sas_in()
{
	local SIZES=("${SIZES[0]}")
	setup_sas in "$1" || return
	each_size_in "vpngw-in-sas-$1"
	check_eq "packets that vpngw dropped" "$(drops)" ""
}
