#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# libreswan as another gateway and as a client: main mode with addresses asked for
# and pushed, groups and users; the kernel's xfrm carries its packets. Its package
# conflicts with that of strongSwan, so it is below /opt and laid over /usr in a
# mount namespace of its own. Single DES and the groups 1 and 2 it does not know.
#
# timeout: 240

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require tcpdump ping nsenter
[[ -d /opt/libreswan/usr ]] || skip_all "needs libreswan below /opt"
# shellcheck disable=SC2034	# of ike_lib.sh
VPND_OPTIONS=
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

LIBEXEC=/usr/libexec/ipsec
SWAN_DIR=$TMP/libreswan
OLD=("s/^ hash md5/ encr 3des\n hash md5\n group 5/" "s/esp-des esp-md5/esp-3des esp-md5/")
NEW=("s/^ hash md5/ encr aes\n hash sha\n group 14/" "s/esp-des esp-md5/esp-aes esp-sha/")
SITE_ADDR=10.3.3.1
SITE=(
	"s/^crypto map intmap 10/crypto map intmap 5 ipsec-isakmp\n set peer $CLIENT_OUTER\n set transform-set trans1\n match address 103\n&/"
	"s/^access-list 101 deny .*/&\naccess-list 101 deny ip 10.2.2.0 0.0.0.255 10.3.3.0 0.0.0.255\naccess-list 103 permit ip 10.2.2.0 0.0.0.255 10.3.3.0 0.0.0.255/"
)
GROUP=(
	"/^ip classless/a aaa new-model\naaa authentication login users local\naaa authorization network groups local\nusername alice password 0 wonderland\ncrypto isakmp client configuration group staff\n key a-key-that-the-group-has\n dns 10.2.2.5\n domain example.org\ncrypto map intmap client authentication list users\ncrypto map intmap isakmp authorization list groups"
)

mkdir -p "$SWAN_DIR/run" "$SWAN_DIR/nss"

# before a command: where libreswan is, and in the client's namespace
# shellcheck disable=SC2016	# expanded by the inner shell
LIBRESWAN=(ip netns exec "$CLIENT" unshare --mount sh -ec '
	mount -t overlay -o ro,lowerdir=/opt/libreswan/usr:/usr overlay /usr
	exec "$@"
' sh)
WHACK=("${LIBRESWAN[@]}" "$LIBEXEC/whack" --rundir "$SWAN_DIR/run")

# start_libreswan SECRET LINE...: with one connection, "gw", of these lines
start_libreswan()
{
	local secret=$1
	shift
	bg_stop pluto
	rm -f "$TMP/pluto.log"
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	{
		printf 'config setup\n\tikev1-policy=accept\n\tnssdir=%s\n' "$SWAN_DIR/nss"
		printf 'conn gw\n\tauthby=secret\n\tikev2=no\n\tauto=add\n'
		printf '\tleft=%s\n\tright=%s\n' "$CLIENT_OUTER" "$GW_OUTER"
		printf '\trightsubnet=10.2.2.0/24\n'
		printf '\t%s\n' "$@"
	} > "$SWAN_DIR/ipsec.conf"
	echo ": PSK \"$secret\"" > "$SWAN_DIR/ipsec.secrets"
	bg pluto "${LIBRESWAN[@]}" $LIBEXEC/pluto --nofork --stderrlog --config "$SWAN_DIR/ipsec.conf" \
		--nssdir "$SWAN_DIR/nss" --rundir "$SWAN_DIR/run" \
		--secretsfile "$SWAN_DIR/ipsec.secrets"
	busywait 30 said pluto "loading secrets" || fail "pluto: $(tail "$TMP/pluto.log")"
	check "the connection" "${LIBRESWAN[@]}" $LIBEXEC/addconn --config "$SWAN_DIR/ipsec.conf" \
		--ctlsocket "$SWAN_DIR/run/pluto.ctl" gw
}

# connect_it WHAT [OPTION...]: by libreswan
connect_it()
{
	local what=$1
	shift
	bg whack "${WHACK[@]}" --initiate --name gw "$@"
	busywait 30 eval '[[ $(sa_count) -eq 2 ]]'
	if [[ $(sa_count) -ne 2 ]]; then
		fail "$what: $(sa_count) associations"
		diag "whack: $(tail -n 15 "$TMP/whack.log")"
		diag "pluto: $(tail -n 10 "$TMP/pluto.log")"
		diag "vpnd: $(tail -n 30 "$TMP/vpnd.log")"
		bg_stop whack
		return 1
	fi
	bg_wait whack 10 || fail "$what: whack: $(tail -n 5 "$TMP/whack.log")"
}

# traffic WHAT ADDRESS: both ways, each packet counted once
traffic()
{
	check_ping "$CLIENT" $INSIDE_ADDR 5 -I "$2"
	check_ping "$INSIDE" "$2" 3
	check_eq "$1: packets from the peer" "$(sa_stat in packets)" 8
	check_eq "$1: packets to the peer" "$(sa_stat out packets)" 8
}

# has_address: the client has put on what it was lent
has_address()
{
	ip -n "$CLIENT" -4 addr show | grep -qF "inet 10.2.1.1/32"
}

leave()
{
	"${WHACK[@]}" --terminate --name gw > /dev/null 2>&1
	busywait 10 eval '[[ $(sa_count) -eq 0 ]]' || fail "$1: $(sa_count) associations are left"
	ip -n "$CLIENT" addr del 10.2.1.1/32 dev lo 2>/dev/null
	ip -n "$CLIENT" addr del 10.2.1.1/32 dev eth0 2>/dev/null
	return 0
}

# client WHAT: it connects, has its address, sends
one_client()
{
	local what=$1
	shift
	connect_it "$what" "$@" || return
	busywait 10 has_address || fail "$what: no address: $(ip -n "$CLIENT" -4 -br addr)"
	traffic "$what" 10.2.1.1
}

"${LIBRESWAN[@]}" ipsec initnss --nssdir "$SWAN_DIR/nss" > "$TMP/nss.log" 2>&1 ||
	{ diag "initnss: $(cat "$TMP/nss.log")"; exit 1; }
capture wire "$WIRE" br0 || exit 1

site()
{
	ip -n "$CLIENT" addr add $SITE_ADDR/24 dev lo
	start_vpnd "${SITE[@]}" "${OLD[@]}"
	start_libreswan cisco123 "ike=3des-md5;modp1536" "esp=3des-md5" "pfs=no" \
		"leftsubnet=10.3.3.0/24" "leftsourceip=$SITE_ADDR"
	connect_it "3DES, MD5, group 5" || return
	traffic "3DES, MD5, group 5" $SITE_ADDR
	leave "3DES, MD5, group 5"
}

# a packet from inside begins it: vpnd calls
called()
{
	start_vpnd "${SITE[@]}" "${NEW[@]}" 's/^ match address 103/ set pfs group14\n&/'
	start_libreswan cisco123 "ike=aes128-sha1;modp2048" "esp=aes128-sha1" "pfs=yes" \
		"leftsubnet=10.3.3.0/24" "leftsourceip=$SITE_ADDR"
	ip -n "$CLIENT" route replace 10.2.2.0/24 via $GW_OUTER src $SITE_ADDR
	in_ns "$INSIDE" ping -n -c 1 -W 1 $SITE_ADDR > /dev/null
	busywait 15 eval '[[ $(sa_count) -eq 2 ]]' ||
		fail "$(sa_count) associations: $(tail -n 20 "$TMP/vpnd.log")"
	traffic "AES, SHA-1, group 14" $SITE_ADDR
	leave "AES, SHA-1, group 14"
	ip -n "$CLIENT" route del 10.2.2.0/24
	ip -n "$CLIENT" addr del $SITE_ADDR/24 dev lo
}

pull()
{
	start_vpnd "${OLD[@]}"
	start_libreswan cisco123 "ike=3des-md5;modp1536" "esp=3des-md5" "pfs=no" \
		"leftmodecfgclient=yes" "rightmodecfgserver=yes" "modecfgpull=yes"
	one_client "address asked for"
	leave "address asked for"
}

group()
{
	start_vpnd "${NEW[@]}" "${GROUP[@]}"
	start_libreswan a-key-that-the-group-has "ike=aes128-sha1;modp2048" "esp=aes128-sha1" \
		"pfs=no" "aggressive=yes" "leftid=@[staff]" "leftxauthclient=yes" \
		"rightxauthserver=yes" "leftmodecfgclient=yes" "rightmodecfgserver=yes" \
		"modecfgpull=yes"
	one_client "aggressive mode and login" --username alice --xauthpass wonderland
	check_match "show crypto session" "$(ask "show crypto session")" "Phase1_id: alice@staff"
	leave "aggressive mode and login"
}

main_login()
{
	start_vpnd "${OLD[@]}" "${GROUP[@]}"
	start_libreswan cisco123 "ike=3des-md5;modp1536" "esp=3des-md5" "pfs=no" \
		"leftxauthclient=yes" "rightxauthserver=yes" \
		"leftmodecfgclient=yes" "rightmodecfgserver=yes" "modecfgpull=yes"
	one_client "login in main mode" --username alice --xauthpass wonderland
	check_match "show crypto session" "$(ask "show crypto session")" "Phase1_id: alice\$"
	leave "login in main mode"
	# without a login there is nothing
	start_libreswan cisco123 "ike=3des-md5;modp1536" "esp=3des-md5" "pfs=no" \
		"leftmodecfgclient=yes" "rightmodecfgserver=yes" "modecfgpull=yes"
	bg whack "${WHACK[@]}" --initiate --name gw
	busywait 10 said vpnd "offered pre-share (1), policy 1 has XAUTHInitPreShared" ||
		fail "vpnd does not ask for a login"
	bg_stop whack
	check_eq "associations without a login" "$(sa_count)" 0
}

run_tests "
	site			another gateway, 3DES, MD5, group 5
	called			vpnd calls it: AES, SHA-1, group 14, PFS
	pull			a client asks for its address
	group			a client of a group, a user
	main_login		a user in main mode; nobody without a login
	check_no_clear		nothing was in clear on the wire
"
