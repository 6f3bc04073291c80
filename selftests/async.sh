#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
# alone
#
# The same traffic with crypto that does not finish at once: cryptd and pcrypt
# are put above the transform, so that every packet is completed later, on
# another stack.
#	VPNGW_ROUNDS	times that both associations are replaced with packets at the engine,
#			500; see also VPNGW_ASYNC of lifecycle.sh

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

AEAD='authenc(hmac(md5),cbc(des))'
WRAPPED=()

unwrap()
{
	local template
	for template in "${WRAPPED[@]}"; do
		# what used it is freed after a grace period
		busywait 10 python3 "$SELFTESTS/cryptd.py" del "$template" "$AEAD" ||
			fail "$template stays"
	done
	WRAPPED=()
}

# shellcheck disable=SC2034	# for lib.sh
REPLAY_WINDOW=1024
setup_deployment
export GW INSIDE INSIDE_ADDR VPNGW_SLOW STATE="$TMP/state"
trap 'gwctl unload > /dev/null 2>&1; ip -n "$CLIENT" xfrm state flush; unwrap; cleanup' EXIT
head -c 512k /dev/urandom > "$TMP/file"

references()
{
	awk -v driver="$1" '$1 == "driver" { found = ($3 == driver) }
		found && $1 == "refcnt" { print $3; exit }' /proc/crypto
}

# too_old SPI: packets that the client's association found below its window
too_old()
{
	ip -n "$CLIENT" -s xfrm state |
		awk -v spi="$(printf '0x%08x' "$1")" '
			/^src/ { found = 0 }
			index($0, spi) { found = 1 }
			found && $1 == "replay-window" && $3 == "replay" { print $2; exit }'
}

# asynchronous TEMPLATE
asynchronous()
{
	local driver
	gwctl clear crypto sa > /dev/null
	modprobe -q "$1"
	driver=$(python3 "$SELFTESTS/cryptd.py" add "$1" "$AEAD") || {
		skip "no $1: $driver"
		return 0
	}
	WRAPPED+=("$1")
	# keys that nobody has used, so that counters begin anew
	new_keys "$TRANSFORM" 8 16
	setup_client_sas
	gwctl clear drops > /dev/null
	config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
	check_num "users of $driver" "$(references "$driver")" -ge 3

	check_ping "$CLIENT" $INSIDE_ADDR 5
	check_ping "$INSIDE" $CLIENT_INNER 5
	check_ping "$INSIDE" $CLIENT_INNER 2 -M dont -s 2900
	tcp_start up "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_start down "$INSIDE" "$CLIENT" $CLIENT_INNER 7002 "$TMP/file"
	tcp_check up "$TMP/file" 40
	tcp_check down "$TMP/file" 40
	check_eq "packets in, gateway and client" "$(sa_stat in packets)" "$(xfrm_packets $SPI_IN)"
	# two CPUs overtake each other by more than the client's window at times
	check_eq "packets out, gateway and client" "$(sa_stat out packets)" \
		$(($(xfrm_packets $SPI_OUT) + $(too_old $SPI_OUT)))
	check_eq "drops but for too long ones" "$(drops | grep -v '^too-big ')" ""
	options
}

# What the stack looks at in a packet that comes in, it looks at in one that comes back
# from the engine: an option that is longer than its header, a route that the sender
# asks for.
options()
{
	local output before
	before=$(drop_count esp-inner-header)
	check_ping "$CLIENT" $INSIDE_ADDR 2 -R
	export GW GW_OUTER CLIENT_OUTER CLIENT_INNER INSIDE_ADDR SPI_IN ENC_KEY_IN AUTH_KEY_IN
	output=$(STATE="$TMP/state" outside python3 - "$SELFTESTS" "$(sa_stat in seq)" <<-'EOT' 2>&1
		import socket, sys
		sys.path.insert(0, sys.argv[1])
		from bad_esp import GW_OUTER, INSIDE, esp, inner, outer, send

		seq = int(sys.argv[2])
		there = socket.inet_aton(INSIDE)
		for n, options in enumerate((b"\x07\x27\x04\x00", b"\x83\x07\x04" + there + b"\0")):
		    vihl = 0x45 + len(options) // 4
		    send(outer(esp(inner(vihl=vihl, options=options), seq + 1 + n)))
	EOT
	) || fail "$output"
	busywait 5 eval '[[ $(($(drop_count esp-inner-header) - before)) == 2 ]]'
	check_eq "packets with bad options" $(($(drop_count esp-inner-header) - before)) 2
}

cryptd()	{ asynchronous cryptd; }
pcrypt()	{ asynchronous pcrypt; }

# Fragments in the tunnel, which are put together in the completion; as fragments.sh has
# them without it.
fragments()
{
	local output
	[[ ${#WRAPPED[@]} -gt 0 ]] || { skip "nothing is asynchronous"; return 0; }
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	check "load" load_config <<< "$(config)"
	output=$(outside python3 "$SELFTESTS/bad_esp.py" fragments 2>&1) || fail "$output"
	gwctl clear crypto sa > /dev/null
	setup_client_sas
	check "load" load_config <<< "$(config)"
}

# Associations that go while their packets are with the engine.
removed_under_way()
{
	local n
	[[ ${#WRAPPED[@]} -gt 0 ]] || { skip "nothing is asynchronous"; return 0; }
	bg flood ip netns exec "$INSIDE" ping -n -q -f -w $((10 * VPNGW_SLOW)) $CLIENT_INNER
	for n in {1..10}; do
		gwctl clear crypto sa > /dev/null || fail "clear $n"
		config | load_config > "$TMP/load.log" 2>&1 || fail "load: $(cat "$TMP/load.log")"
		sleep 0.1
	done
	bg_stop flood INT
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	config | load_config > "$TMP/load.log" 2>&1
	check_ping "$INSIDE" $CLIENT_INNER 3
}

# The same by netlink alone, as fast as it goes.
replaced_under_way()
{
	local rounds=${VPNGW_ROUNDS:-500} n late
	[[ ${#WRAPPED[@]} -gt 0 ]] || { skip "nothing is asynchronous"; return 0; }
	gwctl clear crypto sa > /dev/null
	gwctl clear drops > /dev/null
	for n in 1 2 3; do
		bg "flood-$n" ip netns exec "$INSIDE" ping -n -q -f -w $((rounds / 10 + 30)) $CLIENT_INNER
		bg "flood-in-$n" ip netns exec "$CLIENT" ping -n -q -f -w $((rounds / 10 + 30)) $INSIDE_ADDR
	done
	check "rounds" gw python3 "$SELFTESTS/sa_new.py" --rounds "$rounds"
	for n in 1 2 3; do
		bg_stop "flood-$n" INT
		bg_stop "flood-in-$n" INT
	done
	# packets came back to associations that were gone meanwhile
	late=$(($(drop_count sa-expired) + $(drop_count esp-sa-expired)))
	diag "$late packets were under way in $rounds rounds"
	check_num "packets that were under way" "$late" -ge $((rounds / 10))
	setup_client_sas
	gwctl clear crypto sa > /dev/null
	config | load_config > "$TMP/load.log" 2>&1
	check_ping "$INSIDE" $CLIENT_INNER 3
}

# with the kernel's own choice again, which is all there is where nothing was above
no_clear()
{
	gwctl clear crypto sa > /dev/null
	ip -n "$CLIENT" xfrm state flush
	unwrap
	setup_client_sas
	check "load" load_config <<< "$(config)"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	# the clear fragments of the outside host are the attack
	check_no_clear "not ether src $(mac_of "$OUTSIDE" eth0)"
}

run_tests "
	cryptd			pings, fragments and TCP by way of cryptd
	pcrypt			pings, fragments and TCP by way of pcrypt
	fragments		fragments in the tunnel, and liars
	removed_under_way	associations go while packets are with the engine
	replaced_under_way	the same, ${VPNGW_ROUNDS:-500} times
	no_clear		nothing protected was in clear on the wire
"
