#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine that is suspended: its associations of counter mode ciphers are gone
# afterwards, since saved memory may be resumed more than once, and others are not.
# Needs CONFIG_PM_DEBUG, as in the stock kernels.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

[[ -w /sys/power/pm_test && -w /sys/power/state ]] || skip_all "needs CONFIG_PM_DEBUG"
setup_deployment
echo freezer > /sys/power/pm_test || skip_all "no test of suspending"
trap 'echo none > /sys/power/pm_test; cleanup' EXIT

suspend()
{
	local state
	for state in freeze mem; do
		grep -qw "$state" /sys/power/state && echo "$state" > /sys/power/state && return
	done
	fail "cannot suspend: $(cat /sys/power/state)"
}

others_stay()
{
	check_ping "$CLIENT" $INSIDE_ADDR 3
	suspend
	check_eq "associations" "$(sa_count)" 2
	check_ping "$CLIENT" $INSIDE_ADDR 3
}

counter_mode_goes()
{
	TRANSFORM="esp-gcm 128"
	ENC_KEY_IN=000102030405060708090a0b0c0d0e0f10111213
	ENC_KEY_OUT=f0e0d0c0b0a0908070605040302010001112131f
	check "client" setup_client_sas
	check "load" load_config --force-static-aead <<< "$(config)"
	check_ping "$CLIENT" $INSIDE_ADDR 3
	bg monitor gwctl monitor
	busywait 10 said monitor listening || fail "monitor: $(cat "$TMP/monitor.log")"
	suspend
	check_eq "associations" "$(sa_count)" 0
	busywait 5 said monitor suspend || fail "no event: $(cat "$TMP/monitor.log")"
	bg_stop monitor
	gwctl clear drops > /dev/null
	check_no_ping "$INSIDE" $CLIENT_INNER 2
	check_eq "drops" "$(drops)" "no-sa 2"
}

# From when they are removed until processes are frozen, and until all is awake again:
# hibernation writes out what is dirty meanwhile, which gives others time.
none_in_between()
{
	export TRANSFORM ENC_KEY_IN AUTH_KEY_IN="" SPI_IN CLIENT_OUTER CLIENT_INNER GW_OUTER
	bg adder gw python3 "$SELFTESTS/sa_new.py" --asleep "$TMP/awake"
	busywait 20 said adder adding || fail "adder: $(cat "$TMP/adder.log")"
	if grep -qw disk /sys/power/state; then
		dd if=/dev/zero of="$TMP/dirty" bs=1M count=8 2> "$TMP/dd.log"
		echo disk > /sys/power/state || fail "cannot hibernate"
	else
		suspend
	fi
	: > "$TMP/awake"
	bg_wait adder 30 || fail "associations: $(cat "$TMP/adder.log")"
	diag "$(tail -n 1 "$TMP/adder.log")"
	check_match "associations" "$(cat "$TMP/adder.log")" 'refused [1-9]'
}

no_clear()
{
	check_no_clear
}

run_tests "
	others_stay		associations of other ciphers outlive it
	counter_mode_goes	those of counter mode ciphers are gone, with an event
	none_in_between		and cannot be made before it is awake again
	no_clear		nothing protected was in clear on the wire
"
