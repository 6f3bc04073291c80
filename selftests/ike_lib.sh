# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of vpnd share: the gateway with the configuration of the
# deployment, strongSwan as its client. Sourced after lib.sh, never run.
# vpnd negotiates only unless VPND_OPTIONS is empty.

VPND_OPTIONS=${VPND_OPTIONS---no-kernel}
PATH=$SELFTESTS/../tools/vpnd:$PATH
CHARON=/usr/sbin/charon-systemd

require_root
require ip socat swanctl "$CHARON" vpnd
setup_links || { diag "the network cannot be made"; exit 1; }
# mode configuration is what brings these
ip -n "$CLIENT" route del 10.2.2.0/24
ip -n "$CLIENT" addr del $CLIENT_INNER/32 dev lo

gateway_conf()
{
	cat <<-EOT
		service timestamps debug uptime
		hostname Router
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
		 crypto map intmap
		interface Serial1
		 ip address $GW_INNER 255.255.255.0
		 ip nat inside
		!
		ip local pool ourpool 10.2.1.1 10.2.1.254
		ip route 0.0.0.0 0.0.0.0 $ROUTER_ADDR
		end
	EOT
}

# start_vpnd [SED-SCRIPT...]: with the deployment's configuration, edited
start_vpnd()
{
	local edit
	bg_stop vpnd
	gateway_conf > "$TMP/ike.conf"
	for edit; do
		sed -i "$edit" "$TMP/ike.conf"
	done
	# shellcheck disable=SC2086	# a list of options
	bg vpnd ip netns exec "$GW" vpnd $VPND_OPTIONS -s "$TMP/vpnd.sock" -d all -f "$TMP/ike.conf"
	busywait 20 said vpnd "waits for peers" || fail "vpnd: $(cat "$TMP/vpnd.log")"
}

# start_charon: in the client's namespace, as it is after boot
start_charon()
{
	bg_stop charon
	rm -f "$TMP/vici" "$TMP/charon.out"
	cat > "$TMP/strongswan.conf" <<-EOT
		charon-systemd {
			load = openssl random nonce kdf kernel-netlink socket-default vici updown attr
			plugins {
				vici {
					socket = unix://$TMP/vici
				}
			}
			filelog {
				out {
					path = $TMP/charon.out
					default = 1
					ike = 2
					flush_line = yes
				}
			}
			retransmit_timeout = 2
		}
	EOT
	bg charon ip netns exec "$CLIENT" env STRONGSWAN_CONF="$TMP/strongswan.conf" "$CHARON"
	busywait 30 test -S "$TMP/vici" || fail "charon: $(cat "$TMP/charon.log")"
}

# ask COMMAND: of the control socket
ask()
{
	socat -t 5 - "UNIX-CONNECT:$TMP/vpnd.sock" <<< "$1"
}

swan()
{
	ip netns exec "$CLIENT" env STRONGSWAN_CONF="$TMP/strongswan.conf" \
		swanctl "$@" --uri "unix://$TMP/vici"
}

# connect IKE ESP PULL [SECRET]: configure the client so, and bring it up
connect()
{
	cat > "$TMP/swanctl.conf" <<-EOT
		connections {
			gw {
				version = 1
				proposals = $1
				vips = 0.0.0.0
				pull = $3
				unique = replace	# with that and an id of the gateway it sends INITIAL-CONTACT
				local_addrs = $CLIENT_OUTER
				remote_addrs = $GW_OUTER
				local {
					auth = psk
				}
				remote {
					auth = psk
					id = $GW_OUTER
				}
				children {
					net {
						esp_proposals = $2
						remote_ts = 10.2.2.0/24
					}
				}
			}
		}
		secrets {
			ike-gw {
				secret = ${4:-cisco123}
			}
		}
	EOT
	swan --load-all --file "$TMP/swanctl.conf" > "$TMP/swanctl.log" 2>&1 &&
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
	diag "charon: $(tail -n 25 "$TMP/charon.out")"
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
		"$(ip -n "$CLIENT" -4 addr show)" "inet ${2:-10.2.1.1}/32"
	check_match "$1, show crypto isakmp sa" "$(ask "show crypto isakmp sa")" \
		"^$GW_OUTER +$CLIENT_OUTER +QM_IDLE +[0-9]+ +0"
	check_match "$1, show crypto session" "$(ask "show crypto session")" \
		"Assigned address: ${2:-10.2.1.1}"
	spi_in=$((16#$(grep -oE 'spi-in=[0-9a-f]+' <<< "$sas" | tail -n 1 | cut -d = -f 2)))
	spi_out=$((16#$(grep -oE 'spi-out=[0-9a-f]+' <<< "$sas" | tail -n 1 | cut -d = -f 2)))
	busywait 5 said vpnd "($spi_in)" || fail "$1: vpnd does not know SPI $spi_in"
	check_match "$1, vpnd" "$(cat "$TMP/vpnd.log")" "sa_dest= $GW_OUTER.*\\($spi_out\\)"
	check_match "$1, vpnd" "$(cat "$TMP/vpnd.log")" "sa_dest= $CLIENT_OUTER.*\\($spi_in\\)"
}
