#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [TEST...]: run the selftests (or those named) as root on this machine,
# loading vpngw.ko first if it is not loaded, and count their KTAP results.
# Ends with "N passed, N failed" alone on the last line; skips are not passed.
# run.sh --load: only load the module.
#	VPNGW_KO		the module, ../vpngw.ko
#	VPNGW_RESULTS		where logs and captures go, a new directory in /tmp
#	VPNGW_TIMEOUT_FACTOR	multiplies every time limit, 1
#	VPNGW_JOBS		how many tests run at once, 1; with more than one, what
#				a test prints is shown when it is over
# A test gets 240 s, or what a line "# timeout: SECONDS" in it says. One with the
# line "# alone" changes what others would notice, and runs after those without.

set -uo pipefail

cd "$(dirname "$0")" || exit 1
export VPNGW_KO=${VPNGW_KO:-$PWD/../vpngw.ko}
export VPNGW_TIMEOUT_FACTOR=${VPNGW_TIMEOUT_FACTOR:-1}
export VPNGW_RESULTS=${VPNGW_RESULTS:-$(mktemp -d /tmp/vpngw-selftests.XXXXXX)}
JOBS=${VPNGW_JOBS:-1}
PATH=$PWD/../tools/vpnctl:$PATH

passed=0
failed=0
skipped=()

# what a kernel says when something is wrong, a WARN or not
complaints='WARNING: |BUG: |Oops|UBSAN: |KASAN: |INFO: (possible|rcu_|task )|refcount_t: |unreferenced object'

load_module()
{
	local depends
	[[ -d /sys/module/vpngw ]] && return 0
	if [[ ! -f $VPNGW_KO ]]; then
		echo "# no $VPNGW_KO and vpngw is not loaded"
		return 1
	fi
	depends=$(modinfo -F depends "$VPNGW_KO" | tr , ' ')
	# shellcheck disable=SC2086	# a list of words
	[[ -z $depends ]] || modprobe -a $depends || return 1
	insmod "$VPNGW_KO"
}

# Marks the kernel log, so that what comes after it is known to be ours.
mark_dmesg()
{
	mark="vpngw selftest: $1 $$.$SECONDS.$RANDOM"
	echo "$mark" 2>/dev/null > /dev/kmsg || mark=
}

dmesg_complaints()
{
	[[ $mark ]] || return 1
	dmesg | grep -F -A 1000000 "$mark" | grep -E "$complaints"
}

# follow PROGRAM LOG LIMIT: run it, showing what it writes into the log
follow()
{
	local name=$1 log=$2 limit=$3 pid
	# Not a pipe: a process that a test leaves behind would hold it open.
	: > "$log"
	timeout -k 10 "$limit" "./$name" > "$log" 2>&1 < /dev/null &
	pid=$!
	tail -n +1 -s 0.2 -f ---disable-inotify --pid="$pid" "$log"
	wait "$pid"
}

# run_one PROGRAM: and leave "PASSED FAILED SKIPPED..." in its .count file
run_one()
{
	local name=$1 limit log code planned results ok not_ok skip begin why=
	local -a skips=()
	limit=$(sed -n 's/^# timeout: \([0-9]*\).*/\1/p' "$name" | head -n 1)
	limit=$((${limit:-240} * VPNGW_TIMEOUT_FACTOR * JOBS))
	log=$VPNGW_RESULTS/${name%.sh}.log
	begin=$EPOCHREALTIME

	echo "# running $name"
	mark_dmesg "$name"
	follow "$name" "$log" "$limit"
	code=$?

	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | head -n 1)
	ok=$(grep -cE '^ok\b' "$log")
	skip=$(grep -cE '^ok\b.*# SKIP' "$log")
	not_ok=$(grep -cE '^not ok\b' "$log")
	results=$((ok + not_ok))

	if [[ $code -eq 4 || $planned == 0 ]] && [[ $not_ok -eq 0 ]]; then
		skips+=("$name")
	elif [[ $code -eq 124 || $code -eq 137 ]]; then
		why="no end after $limit s"
	elif [[ -z $planned ]]; then
		why="no plan"
	elif [[ $results -ne $planned ]]; then
		why="$results results, $planned planned"
	elif [[ $code -ne 0 && $not_ok -eq 0 ]]; then
		why="exit code $code"
	fi
	if [[ $why ]]; then
		echo "not ok - $name: $why"
		not_ok=$((not_ok + 1))
	fi
	if dmesg_complaints; then
		echo "not ok - $name: the kernel complained"
		not_ok=$((not_ok + 1))
	fi
	while [[ $skip -gt 0 ]]; do
		skips+=("$name($(grep -E '^ok\b.*# SKIP' "$log" |
			sed -n "${skip}s/^ok *\([0-9]*\).*/\1/p"))")
		skip=$((skip - 1))
		ok=$((ok - 1))
	done
	echo "$ok $not_ok ${skips[*]}" > "$VPNGW_RESULTS/$name.count"
	printf '# %s took %.1f s\n' "$name" \
		"$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}

# collect PROGRAM: add what it has left
collect()
{
	local p=0 f=1 rest=
	if [[ -f $VPNGW_RESULTS/$1.out ]]; then
		cat "$VPNGW_RESULTS/$1.out"
		rm -f "$VPNGW_RESULTS/$1.out"
	fi
	read -r p f rest < "$VPNGW_RESULTS/$1.count" || echo "not ok - $1: no count"
	rm -f "$VPNGW_RESULTS/$1.count"
	passed=$((passed + p))
	failed=$((failed + f))
	[[ ! $rest ]] || skipped+=("$rest")
}

# run_at_once PROGRAM...: as many at a time as may be
run_at_once()
{
	local -A running=()
	local name pid
	for name; do
		(run_one "$name" > "$VPNGW_RESULTS/$name.out" 2>&1) &
		running[$!]=$name
		while [[ ${#running[@]} -ge $JOBS ]]; do
			wait -n -p pid "${!running[@]}"
			collect "${running[$pid]}"
			unset "running[$pid]"
		done
	done
	for pid in "${!running[@]}"; do
		wait "$pid"
		collect "${running[$pid]}"
	done
}

# After everything, and the module gone: what it has not freed is a leak.
check_kmemleak()
{
	local file=/sys/kernel/debug/kmemleak found
	[[ -w $file ]] || return 0
	echo "# kmemleak: unloading vpngw, scanning"
	if ! rmmod vpngw; then
		echo "not ok - kmemleak: vpngw cannot be unloaded"
		failed=$((failed + 1))
		return
	fi
	# an object must stay unreferenced over two scans and 5 s
	echo scan > "$file"
	sleep 6
	echo scan > "$file"
	found=$(cat "$file")
	if [[ $found ]]; then
		echo "$found" | tee "$VPNGW_RESULTS/kmemleak.log"
		echo "not ok - kmemleak: memory leaked"
		failed=$((failed + 1))
	else
		echo "ok - kmemleak: nothing leaked"
		passed=$((passed + 1))
	fi
}

if [[ $EUID -ne 0 ]]; then
	echo "# needs root"
	exit 1
fi
if [[ ${1:-} == --load ]]; then
	load_module
	exit
fi
if [[ $# -eq 0 ]]; then
	mapfile -t tests < <(make -s list)
else
	tests=("$@")
fi
loaded_here=
[[ -d /sys/module/vpngw ]] || loaded_here=1
if load_module; then
	together=() alone=()
	for name in "${tests[@]}"; do
		[[ $name ]] || continue
		if [[ ! -x $name ]]; then
			echo "not ok - $name: no such program"
			failed=$((failed + 1))
		elif [[ $JOBS -gt 1 ]] && ! grep -q '^# alone$' "$name"; then
			together+=("$name")
		else
			alone+=("$name")
		fi
	done
	run_at_once "${together[@]}"
	for name in "${alone[@]}"; do
		# the one before may have unloaded it
		load_module
		run_one "$name"
		collect "$name"
	done
	[[ -z $loaded_here ]] || check_kmemleak
else
	echo "not ok - vpngw.ko cannot be loaded"
	failed=$((failed + 1))
fi
if [[ ${#skipped[@]} -gt 0 ]]; then
	echo "# ${#skipped[@]} skipped: ${skipped[*]}"
fi
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
