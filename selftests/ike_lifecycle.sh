#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How connections to vpnd go on and end, with strongSwan as the client: rekey,
# restart with INITIAL-CONTACT, dead peers, what is refused.
#
# timeout: 300

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

rekey()
{
	local i
	start_charon
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	for i in 1 2 3; do
		check "rekey $i" swan --rekey --child net
		busywait 10 eval '[[ $(grep -c "Creating IPSec SAs" "$TMP/vpnd.log") -eq '$((i + 1))' ]]' ||
			fail "rekey $i: vpnd made no SAs"
	done
	# strongSwan keeps the old pairs until they expire, and so do we
	check_no_match "vpnd" "$(cat "$TMP/vpnd.log")" "delete_sa"
	up "after three rekeys"
	disconnect
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	[[ ! $subtest_failed ]] || show_logs
}

# the client loses all state: the same address again, the old SAs gone
restart()
{
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	bg_stop charon KILL
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	ip -n "$CLIENT" addr del 10.2.1.1/32 dev eth0 2>/dev/null
	start_charon
	connect des-md5-modp768 des-md5 no || { fail "no connection again"; show_logs; return; }
	up "after a restart" 10.2.1.1
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "deleting SA, reason: INITIAL-CONTACT"
	disconnect
	[[ ! $subtest_failed ]] || show_logs
}

# the configuration is read again while a client is connected, and refused when it
# is wrong: the client stays in any case
reread()
{
	local conn
	start_vpnd
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	conn=$(ask "show crypto isakmp sa")
	sed -i 's/^crypto isakmp key .*/crypto isakmp policy 5\n encr aes\n hash sha256\n group 14\n authentication pre-share\n&/' \
		"$TMP/ike.conf"
	kill -HUP "${BG_PID[vpnd]}"
	busywait 5 said vpnd "configuration read again" || fail "not read again"
	check_match "policies" "$(ask "show crypto isakmp policy")" "priority 5"
	echo "crypto isakmp polycy 7" >> "$TMP/ike.conf"
	kill -HUP "${BG_PID[vpnd]}"
	busywait 5 said vpnd "the configuration stays as it was" || fail "an error was taken"
	check_match "policies" "$(ask "show crypto isakmp policy")" "priority 5"
	check_eq "negotiations" "$(ask "show crypto isakmp sa")" "$conn"
	check "rekey" swan --rekey --child net
	busywait 10 eval '[[ $(grep -c "Creating IPSec SAs" "$TMP/vpnd.log") -eq 2 ]]' ||
		fail "no SAs after the configuration was read"
	up "after that"
	disconnect
	connect aes128-sha256-modp2048 des-md5 no || fail "the new policy does not do"
	disconnect
	[[ ! $subtest_failed ]] || show_logs
}

dead_peer()
{
	start_vpnd 's/^crypto isakmp key.*/&\ncrypto isakmp keepalive 10 2/'
	connect des-md5-modp768 des-md5 no || { fail "no connection"; show_logs; return; }
	busywait 20 said vpnd "NOTIFY payload 36137" || fail "no R-U-THERE-ACK"
	bg_stop charon KILL
	ip -n "$CLIENT" xfrm state flush
	ip -n "$CLIENT" xfrm policy flush
	busywait 40 said vpnd "peer does not answer keepalives" || fail "the dead peer lives on"
	busywait 5 said vpnd "returning address" || fail "the lease was not returned"
	[[ ! $subtest_failed ]] || show_logs
	start_charon
}

wrong_key()
{
	start_vpnd
	if connect des-md5-modp768 des-md5 no another-secret; then
		fail "a wrong key was accepted"
	fi
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" "failed its sanity check|HASH_I is wrong"
	check_no_match "vpnd" "$(cat "$TMP/vpnd.log")" "has been authenticated|allocating"
	swan --terminate --ike gw > /dev/null 2>&1
	if connect aes128-sha1-modp2048 des-md5 no; then
		fail "a policy that is not configured was accepted"
	fi
	check_match "strongSwan" "$(cat "$TMP/charon.out")" "NO_PROPOSAL_CHOSEN"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" \
		"Encryption algorithm offered does not match policy! offered AES-CBC"
	check_match "vpnd" "$(cat "$TMP/vpnd.log")" \
		"Diffie-Hellman group offered does not match policy! offered 14"
}

run_tests "
	rekey			rekey of phase 2
	restart			client restart with INITIAL-CONTACT
	reread			the configuration is read again
	dead_peer		dead peer detection
	wrong_key		wrong key, wrong policy
"
