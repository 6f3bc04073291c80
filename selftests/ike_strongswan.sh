#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# strongSwan connects to vpnd by itself, with the configuration of the deployment
# as it stands: main mode with the wildcard key, an address by mode configuration
# (pushed or asked for), quick mode; then with a group and users. What both ends
# derived is compared: the address, the SPIs.
#
# timeout: 300

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

push()
{
	start_charon
	one push des-md5-modp768 des-md5 no
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "peer accepted the address!"
}

pull()
{
	one pull des-md5-modp768 des-md5 yes
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "Config payload type: 1"
}

# SET leaves before the client can ask
crossing()
{
	one "respond only" des-md5-modp768 des-md5 yes '/address initiate/d'
	one "initiate only" des-md5-modp768 des-md5 no '/address respond/d'
}

pfs()
{
	one "PFS with group 2" des-md5-modp768 des-md5-modp1024 no \
		's/^ set transform-set trans1/&\n set pfs group2/'
	one "PFS with group 19, not asked for" des-md5-modp768 des-md5-ecp256 no
	start_vpnd 's/^ set transform-set trans1/&\n set pfs group2/'
	if connect des-md5-modp768 des-md5 no; then
		fail "quick mode without PFS was accepted"
	fi
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "wants group 2, offered 0"
	swan --terminate --ike gw > /dev/null 2>&1
}

# a group and a user, in aggressive and in main mode; what the group has comes too
group_client()
{
	local aggressive=$1 id=$2 key=$3
	cat > "$TMP/swanctl.conf" <<-EOT
		connections {
			gw {
				version = 1
				aggressive = $aggressive
				proposals = des-md5-modp768
				vips = 0.0.0.0
				pull = yes
				local_addrs = $SWAN_ADDR
				remote_addrs = $GW_OUTER
				local {
					auth = psk
					id = $id
				}
				local-user {
					auth = xauth
					xauth_id = alice
				}
				remote {
					auth = psk
					id = $GW_OUTER
				}
				children {
					net {
						esp_proposals = des-md5
						remote_ts = 10.2.2.0/24
					}
				}
			}
		}
		secrets {
			ike-gw {
				secret = $key
			}
			xauth-alice {
				id = alice
				secret = $4
			}
		}
	EOT
	swan --load-all --file "$TMP/swanctl.conf" > "$TMP/swanctl.log" 2>&1 &&
		swan --initiate --child net --timeout $((20 * VPNGW_SLOW)) \
			>> "$TMP/swanctl.log" 2>&1
}

groups_and_users()
{
	local lines="aaa new-model\naaa authentication login u local\naaa authorization network g local\nusername alice password 0 wonderland\ncrypto isakmp client configuration group staff\n key the-key-of-the-group\n acl 120\ncrypto map intmap client authentication list u\ncrypto map intmap isakmp authorization list g\naccess-list 120 permit ip 10.2.2.0 0.0.0.255 any"
	# shellcheck disable=SC2034	# of ike_lib.sh
	SWAN_PLUGINS="unity xauth-generic"
	start_charon
	start_vpnd "/^ip classless/a $lines"
	if group_client yes keyid:staff the-key-of-the-group wonderland; then
		up "aggressive mode"
		check_match "strongSwan" "$(cat "$TMP/$SWAN.out")" \
			"CPRP\(.*U_SPLITINC|processing UNITY_SPLIT_INCLUDE"
		disconnect
	else
		fail "aggressive mode does not connect"
	fi
	if group_client no $SWAN_ADDR cisco123 wonderland; then
		# alice of no group is somebody else, and an address that is free waits
		up "main mode" 10.2.1.2
		disconnect
	else
		fail "login in main mode does not connect"
	fi
	if group_client no $SWAN_ADDR cisco123 alice; then
		fail "a wrong password was accepted"
	fi
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "a login from $SWAN_ADDR has failed"
	check_match "show crypto isakmp statistics" "$(ask "show crypto isakmp statistics")" \
		"^login accepted +2"
	swan --terminate --ike gw > /dev/null 2>&1
	[[ ! $subtest_failed ]] || show_logs
}

run_tests "
	push			the address is pushed (pull=no)
	pull			the address is asked for (pull=yes)
	crossing		only one of initiate and respond is configured
	pfs			perfect forward secrecy
	groups_and_users	a group in aggressive mode, users
"
