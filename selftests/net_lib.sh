# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The network of the reference deployment, made of namespaces, and its configuration.
# Sourced by lib.sh.
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

# setup_client_sas [WORD...]: the client's end of both associations, anew, in
# CLIENT_MODE; the words are for ip xfrm state add
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
		# all between the two ends, but not ESP in UDP itself
		ip -n "$CLIENT" -batch - <<-EOT
			xfrm policy add src $CLIENT_OUTER dst $GW_OUTER proto udp sport 4500 dir out priority 1
			xfrm policy add src $CLIENT_OUTER dst $GW_OUTER dir out priority 2 tmpl proto esp reqid 1 mode transport
			xfrm policy add src $GW_OUTER dst $CLIENT_OUTER proto udp dport 4500 dir in priority 1
			xfrm policy add src $GW_OUTER dst $CLIENT_OUTER dir in priority 2 tmpl proto esp reqid 1 mode transport
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
