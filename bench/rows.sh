# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The rows: each group sets its gateway up once and measures every size. Sourced.

TRANSFORMS=(null-sha1 des-md5 aes-sha1 gcm)

# GROUP[:ARGUMENT], in the order in which they run; the harness comes first
all_groups()
{
	local transform kind
	echo harness
	echo forward
	for kind in masquerade masquerade_flowtable vpngw_nat vpngw_exempt; do
		echo "$kind"
	done
	for transform in "${TRANSFORMS[@]}"; do
		for kind in aead vpngw xfrm xfrm_exempt xfrm_flowtable vpngw_in xfrm_in; do
			echo "$kind:$transform"
		done
	done
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

# aead SIZE ALG ENC_KEY AUTH_KEY IV ICV BLOCK open|seal
aead()
{
	local len=$((($1 - 14 + 2 + $7 - 1) / $7 * $7)) open=0
	[[ $8 == seal ]] || open=1
	insmod "$BENCH/vpngw_aead.ko" "alg=$2" "enc_key=$3" "auth_key=$4" "iv=$5" "icv=$6" \
		len=$len open=$open count=500 || return
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
