# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of vpnd share: the gateway with the configuration of the
# deployment, strongSwan as its client. Sourced after lib.sh, never run.
# vpnd negotiates only unless VPND_OPTIONS is empty.
#
# Where there are several clients, use_client says which one is meant.

SWAN=charon
SWAN_NS=
SWAN_ADDR=
SWAN_SEEN=
SWAN_PLUGINS=
SWAN_CHILD=
VPND_OPTIONS=${VPND_OPTIONS---no-kernel}
PATH=$SELFTESTS/../tools/vpnd:$PATH
CHARON=/usr/sbin/charon-systemd

require_root
require ip socat swanctl "$CHARON" vpnd
grep -qs "XAuth authentication of" /usr/lib/ipsec/libcharon.so.0 ||
	skip_all "this strongSwan has no IKEv1"
setup_links || { diag "the network cannot be made"; exit 1; }
# mode configuration is what brings these
ip -n "$CLIENT" route del 10.2.2.0/24
ip -n "$CLIENT" addr del $CLIENT_INNER/32 dev lo

# use_client NAME NAMESPACE ADDRESS [SEEN]: it is this one from now on; SEEN is
# its address for the gateway, if there is NAT between them
use_client()
{
	SWAN=$1
	SWAN_NS=$2
	SWAN_ADDR=$3
	SWAN_SEEN=${4:-$3}
}

use_client charon "$CLIENT" $CLIENT_OUTER

# gateway_conf: the reference configuration as it stands
gateway_conf()
{
	cat <<-EOT
		Current configuration:
		!
		service timestamps debug uptime
		service timestamps log uptime
		no service password-encryption
		hostname Router
		enable secret 5 \$1\$nothing
		enable password ww
		ip subnet-zero
		cns event-service server
		!--- the wildcard key of all clients
		crypto isakmp policy 1
		 hash md5
		 authentication pre-share
		crypto isakmp key cisco123 address 0.0.0.0
		crypto isakmp client configuration address-pool local ourpool
		!
		crypto ipsec transform-set trans1 esp-des esp-md5-hmac
		!
		crypto dynamic-map dynmap 10
		 set transform-set trans1
		crypto map intmap client configuration address initiate
		crypto map intmap client configuration address respond
		crypto map intmap 10 ipsec-isakmp dynamic dynmap
		!
		interface Ethernet0
		 ip address $GW_OUTER 255.255.255.0
		 no ip directed-broadcast
		 ip nat outside
		 no ip route-cache
		 no ip mroute-cache
		 crypto map intmap
		interface Serial1
		 ip address $GW_INNER 255.255.255.0
		 no ip directed-broadcast
		 ip nat inside
		!
		ip local pool ourpool 10.2.1.1 10.2.1.254
		ip nat pool outsidepool 201.70.32.150 201.70.32.160 netmask 255.255.255.0
		ip nat inside source route-map nonat pool outsidepool
		ip classless
		ip route 0.0.0.0 0.0.0.0 $ROUTER_ADDR
		no ip http server
		access-list 101 deny   ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255
		access-list 101 permit ip 10.2.2.0 0.0.0.255 any
		route-map nonat permit 10
		 match ip address 101
		line con 0
		 transport input none
		line aux 0
		line vty 0 4
		 password ww
		 login
		end
	EOT
}

# configure [SED-SCRIPT...]: the gateway with that configuration, edited
configure()
{
	local edit
	gateway_conf > "$TMP/ike.conf"
	for edit; do
		sed -i "$edit" "$TMP/ike.conf"
	done
	[[ ! $VPND_OPTIONS ]] || return 0
	gwctl load "$TMP/ike.conf" > "$TMP/load.log" 2>&1 && return
	diag "vpnctl load: $(cat "$TMP/load.log")"
	return 1
}

# start_vpnd [SED-SCRIPT...]: with that configuration, edited
start_vpnd()
{
	bg_stop vpnd
	configure "$@" || fail "the configuration is refused"
	run_vpnd
}

# run_vpnd: with the configuration of the one before
run_vpnd()
{
	# shellcheck disable=SC2086	# a list of options
	bg vpnd ip netns exec "$GW" vpnd $VPND_OPTIONS -s "$TMP/vpnd.sock" -d all -f "$TMP/ike.conf"
	busywait 20 said vpnd "waits for peers" || fail "vpnd: $(cat "$TMP/vpnd.log")"
}

# start_charon: in the client's namespace, as it is after boot
start_charon()
{
	bg_stop "$SWAN"
	rm -f "$TMP/$SWAN.vici" "$TMP/$SWAN.out"
	cat > "$TMP/$SWAN.conf" <<-EOT
		charon-systemd {
			load = openssl random nonce kdf kernel-netlink socket-default vici updown attr $SWAN_PLUGINS
			plugins {
				vici {
					socket = unix://$TMP/$SWAN.vici
				}
			}
			filelog {
				out {
					path = $TMP/$SWAN.out
					default = 1
					ike = 2
					flush_line = yes
				}
			}
			retransmit_timeout = 2
		}
	EOT
	bg "$SWAN" ip netns exec "$SWAN_NS" env STRONGSWAN_CONF="$TMP/$SWAN.conf" "$CHARON"
	busywait 30 test -S "$TMP/$SWAN.vici" || fail "charon: $(cat "$TMP/$SWAN.log")"
}

# ike_client NAME ARGUMENT...: the client in Python, in the background
ike_client()
{
	local name=$1
	shift
	bg "$name" ip netns exec "$CLIENT" python3 -B "$SELFTESTS/ike_client.py" "$@"
}

# word NAME KEY NUMBER: that word of the client's line that begins with KEY
word()
{
	awk -v key="$2" -v n="$3" '$1 == key { print $n; exit }' "$TMP/$1.log"
}

# ask COMMAND: of the control socket
ask()
{
	socat -t 5 - "UNIX-CONNECT:$TMP/vpnd.sock" <<< "$1"
}

swan()
{
	ip netns exec "$SWAN_NS" env STRONGSWAN_CONF="$TMP/$SWAN.conf" \
		swanctl "$@" --uri "unix://$TMP/$SWAN.vici"
}

# swan_conf NAME PROPOSALS SETTINGS CHILD CHILD_SETTINGS [SECRET]: what strongSwan is to
# do, as a connection of that name with one child; settings are lines
swan_conf()
{
	cat > "$TMP/swanctl.conf" <<-EOT
		connections {
			$1 {
				version = 1
				proposals = $2
				local_addrs = $SWAN_ADDR
				remote_addrs = $GW_OUTER
				$3
				local {
					auth = psk
				}
				remote {
					auth = psk
					id = $GW_OUTER
				}
				children {
					$4 {
						$5
					}
				}
			}
		}
		secrets {
			ike-$1 {
				secret = ${6:-cisco123}
			}
		}
	EOT
	swan --load-all --file "$TMP/swanctl.conf" > "$TMP/swanctl.log" 2>&1
}

# connect IKE ESP PULL [SECRET]: configure the client so, and bring it up
connect()
{
	# with "replace" and an id of the gateway it sends INITIAL-CONTACT
	swan_conf gw "$1" "
		vips = 0.0.0.0
		pull = $3
		unique = replace" net "
		esp_proposals = $2
		remote_ts = 10.2.2.0/24
		$SWAN_CHILD" "${4:-}" &&
		swan --initiate --child net --timeout $((20 * VPNGW_SLOW)) \
			>> "$TMP/swanctl.log" 2>&1
}

disconnect()
{
	swan --terminate --ike gw --timeout $((20 * VPNGW_SLOW)) > "$TMP/swanctl.log" 2>&1 ||
		fail "terminate: $(cat "$TMP/swanctl.log")"
}

show_logs()
{
	diag "swanctl: $(tail -n 15 "$TMP/swanctl.log")"
	diag "$SWAN: $(tail -n 25 "$TMP/$SWAN.out")"
	diag "vpnd: $(tail -n 40 "$TMP/vpnd.log")"
}

# up WHAT [ADDRESS]: the client has its address and both ends the same SPIs
up()
{
	local sas spi_in spi_out
	sas=$(swan --list-sas --raw 2>&1)
	check_match "$1, strongSwan" "$sas" "state=ESTABLISHED"
	check_match "$1, strongSwan" "$sas" "state=INSTALLED"
	check_match "$1, address of the client" \
		"$(ip -n "$SWAN_NS" -4 addr show)" "inet ${2:-10.2.1.1}/32"
	check_match "$1, show crypto isakmp sa" "$(ask "show crypto isakmp sa")" \
		"^$GW_OUTER +$SWAN_SEEN +QM_IDLE +[0-9]+ +0"
	check_match "$1, show crypto session" "$(ask "show crypto session")" \
		"Assigned address: ${2:-10.2.1.1}"
	spi_in=$((16#$(grep -oE 'spi-in=[0-9a-f]+' <<< "$sas" | tail -n 1 | cut -d = -f 2)))
	spi_out=$((16#$(grep -oE 'spi-out=[0-9a-f]+' <<< "$sas" | tail -n 1 | cut -d = -f 2)))
	busywait 5 said vpnd "($spi_in)" || fail "$1: vpnd does not know SPI $spi_in"
	check_match "$1, vpnd" "$(cat "$TMP/vpnd.log")" "sa_dest= $GW_OUTER.*\\($spi_out\\)"
	check_match "$1, vpnd" "$(cat "$TMP/vpnd.log")" "sa_dest= $SWAN_SEEN.*\\($spi_in\\)"
}

# one WHAT IKE ESP PULL [SED...]: the client connects, both ends agree, it leaves
one()
{
	local what=$1 ike=$2 esp=$3 pull=$4
	shift 4
	start_vpnd "$@"
	if connect "$ike" "$esp" "$pull"; then
		up "$what"
		disconnect
		busywait 5 said vpnd "returning address" || fail "$what: the lease was not returned"
	else
		fail "$what does not connect"
	fi
	[[ ! $subtest_failed ]] || show_logs
}
