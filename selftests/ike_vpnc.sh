#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vpnc as a client of a group: aggressive mode, login, configuration asked for,
# packets both ways; and that it gets nothing with a wrong key or password, or from
# a gateway that knows no groups. vpnc shares nothing with vpnd: its own
# cryptography, and ESP in user space over a TUN device.
#
# timeout: 240

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require vpnc tcpdump ping
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

GROUP_KEY=a-key-that-the-group-has
PASSWORD="look through it"
# what crypt(3) makes of "a hashed one"
HASHED=$(python3 -W ignore -c 'import crypt; print(crypt.crypt("a hashed one", "$1$vpngw$"))')
LEASE=10.2.1.200

modprobe -q tun
if [[ ! -c /dev/net/tun ]]; then
	mkdir -p /dev/net && mknod /dev/net/tun c 10 200
fi
[[ -c /dev/net/tun ]] || skip_all "needs a TUN device"

# the lines that make the deployment's gateway one with a group
group_lines()
{
	cat <<-EOT
		aaa new-model
		aaa authentication login users local
		aaa authorization network groups local
		username alice password 0 $PASSWORD
		username bob secret 5 $HASHED
		crypto isakmp client configuration group staff
		 key $GROUP_KEY
		 dns 10.2.2.5 10.2.2.6
		 wins 10.2.2.7
		 domain example.org
		 pool staffpool
		 acl 120
		 netmask 255.255.255.0
		 banner ^CWelcome, and be good.^C
		crypto map intmap client authentication list users
		crypto map intmap isakmp authorization list groups
		ip local pool staffpool $LEASE 10.2.1.203
		access-list 120 permit ip 10.2.2.0 0.0.0.255 any
	EOT
}

# start_groups [SED-SCRIPT...]: vpnd with the group
start_groups()
{
	group_lines > "$TMP/groups"
	start_vpnd 's/10.2.1.1 10.2.1.254/10.2.1.1 10.2.1.199/' \
		"/^ip classless/r $TMP/groups" "$@"
}

# what vpnc runs when it has an address, and when it gives it up
cat > "$TMP/script" <<-'EOT'
	#!/bin/sh
	env | grep -E '^(reason|INTERNAL|CISCO|TUNDEV)' | sort > "$0.$reason"
	[ "$reason" = connect ] || exit 0
	ip link set "$TUNDEV" mtu 1300 up
	ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
	ip route add "$CISCO_SPLIT_INC_0_ADDR/$CISCO_SPLIT_INC_0_MASKLEN" dev "$TUNDEV"
	: > "$0.done"
EOT
chmod 755 "$TMP/script"

# start_vpnc DH KEY USER PASSWORD [LINE...]
start_vpnc()
{
	rm -f "$TMP"/script.*
	cat > "$TMP/vpnc.conf" <<-EOT
		IPSec gateway $GW_OUTER
		IPSec ID staff
		IPSec secret $2
		Xauth username $3
		Xauth password $4
		IKE DH Group $1
		Perfect Forward Secrecy nopfs
		Enable weak encryption
		Enable weak authentication
		Local Port 500
		Script $TMP/script
		Pidfile $TMP/vpnc.pid
		Debug 1
		No Detach
	EOT
	shift 4
	[[ $# -eq 0 ]] || printf '%s\n' "$@" >> "$TMP/vpnc.conf"
	bg vpnc ip netns exec "$CLIENT" stdbuf -oL vpnc --non-inter "$TMP/vpnc.conf"
}

show_both()
{
	diag "vpnc: $(tail -n 25 "$TMP/vpnc.log")"
	diag "vpnd: $(tail -n 40 "$TMP/vpnd.log")"
}

# vpnc_up WHAT: it has its address and the route
vpnc_up()
{
	busywait 20 test -e "$TMP/script.done" && return 0
	fail "$1: vpnc does not connect"
	show_both
	return 1
}

# packets in|out: those of all associations of the client
packets()
{
	client_packets "$LEASE" "$1"
}

# nothing WHAT: no association of either kind
nothing()
{
	check_eq "$1: IPsec associations" "$(sa_count)" 0
	check_no_match "$1: ISAKMP associations" "$(ask "show crypto isakmp sa")" QM_IDLE
	check_eq "$1: route to a client" "$(ip -n "$GW" route show $LEASE)" ""
}

stop_vpnc()
{
	bg_stop vpnc
	busywait 10 said vpnd "returning address" || fail "$1: the lease was not returned"
	nothing "$1, after it has left"
}

# traffic WHAT: both ways through the tunnel, each packet counted once
traffic()
{
	check_ping "$CLIENT" $INSIDE_ADDR 7
	check_ping "$INSIDE" $LEASE 3
	check_eq "$1: packets from the client" "$(packets in)" 10
	check_eq "$1: packets to the client" "$(packets out)" 10
}

# attribute NAME VALUE
attribute()
{
	check_match "what vpnc was given" "$(cat "$TMP/script.connect")" "^$1=$2\$"
}

capture wire "$WIRE" br0 || exit 1

old()
{
	start_groups
	start_vpnc dh1 "$GROUP_KEY" alice "$PASSWORD"
	vpnc_up "DES, MD5, group 1" || return
	check_match "vpnc" "$(cat "$TMP/vpnc.log")" "IKE SA selected psk\+xauth-des-md5"
	busywait 10 said vpnc "IPSEC SA selected des-md5" || fail "other algorithms"
	attribute INTERNAL_IP4_ADDRESS $LEASE
	attribute INTERNAL_IP4_NETMASK 255.255.255.0
	attribute INTERNAL_IP4_DNS "10.2.2.5 10.2.2.6"
	attribute INTERNAL_IP4_NBNS 10.2.2.7
	attribute CISCO_DEF_DOMAIN example.org
	attribute CISCO_BANNER "Welcome, and be good."
	attribute CISCO_SPLIT_INC 1
	attribute CISCO_SPLIT_INC_0_ADDR 10.2.2.0
	attribute CISCO_SPLIT_INC_0_MASK 255.255.255.0
	check_match "show crypto isakmp sa" "$(ask "show crypto isakmp sa")" \
		"^$GW_OUTER +$CLIENT_OUTER +QM_IDLE"
	check_match "show crypto session" "$(ask "show crypto session")" "Phase1_id: alice@staff"
	traffic "DES, MD5, group 1"
	check_num "ESP on the wire" "$(captured wire "esp and host $CLIENT_OUTER")" -ge 20
	stop_vpnc "DES, MD5, group 1"
	check_no_match "vpnd's log" "$(cat "$TMP/vpnd.log")" "$GROUP_KEY|$PASSWORD"
}

new()
{
	start_groups 's/^ hash md5/ encr aes\n hash sha\n group 14/' \
		's/esp-des esp-md5/esp-aes esp-sha/'
	start_vpnc dh14 "$GROUP_KEY" bob "a hashed one"
	vpnc_up "AES, SHA-1, group 14" || return
	check_match "vpnc" "$(cat "$TMP/vpnc.log")" "IKE SA selected psk\+xauth-aes128-sha1"
	busywait 10 said vpnc "IPSEC SA selected aes128-sha1" || fail "other algorithms"
	traffic "AES, SHA-1, group 14"
	stop_vpnc "AES, SHA-1, group 14"
}

# it says that there is NAT where there is none: everything in UDP
udp()
{
	start_groups
	start_vpnc dh1 "$GROUP_KEY" alice "$PASSWORD" "NAT Traversal Mode force-natt"
	vpnc_up "ESP in UDP" || return
	traffic "ESP in UDP"
	check_num "UDP port 4500 on the wire" \
		"$(captured wire "udp port 4500 and host $CLIENT_OUTER")" -ge 20
	stop_vpnc "ESP in UDP"
}

wrong_key()
{
	start_groups
	start_vpnc dh1 another-key alice "$PASSWORD"
	bg_wait vpnc 30 && fail "vpnc is content with another key"
	check_match "vpnc" "$(cat "$TMP/vpnc.log")" "hash comparison failed"
	nothing "wrong key of the group"
	# a client that does not look at our hash
	check_match "show crypto isakmp sa" "$(ask "show crypto isakmp sa")" AG_INIT_EXCH
}

wrong_password()
{
	start_groups
	start_vpnc dh1 "$GROUP_KEY" alice "another one"
	bg_wait vpnc 30 && fail "vpnc has logged in with another password"
	busywait 5 said vpnd "a login from $CLIENT_OUTER has failed" ||
		fail "no failure: $(tail -n 20 "$TMP/vpnd.log")"
	nothing "wrong password"
	start_vpnc dh1 "$GROUP_KEY" nobody "$PASSWORD"
	bg_wait vpnc 30 && fail "vpnc has logged in as nobody"
	nothing "user that there is not"
	check_no_match "vpnd's log" "$(cat "$TMP/vpnd.log")" "another one|$PASSWORD"
}

# the deployment as it stands has no groups: it does not answer at all
not_configured()
{
	local before
	start_vpnd
	before=$(captured wire "src host $GW_OUTER and udp port 500")
	start_vpnc dh1 cisco123 alice "$PASSWORD"
	bg_wait vpnc 60 && fail "vpnc has connected"
	check_match "vpnc" "$(cat "$TMP/vpnc.log")" "no response from target"
	said vpnd "aggressive mode is not configured" || fail "vpnd does not say so"
	nothing "no groups"
	check_eq "answers" "$(captured wire "src host $GW_OUTER and udp port 500")" "$before"
}

run_tests "
	old			DES, MD5, group 1: attributes, packets, counters
	new			AES, SHA-1, group 14, a hashed password
	udp			ESP in UDP
	wrong_key		another key of the group
	wrong_password		another password, another user
	not_configured		no groups: no answer
	check_no_clear		nothing was in clear on the wire
"
