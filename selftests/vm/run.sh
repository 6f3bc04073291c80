#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh test|demo|shell|bench KERNEL [TEST...]: build this checkout for that
# kernel and boot it with the build inside: run the selftests (or those named),
# the demonstration, a shell on this terminal, or the bench (the groups named),
# which leaves its results in RESULTS=. SIZES: of the packets of the bench.
# PROFILE=1: count the instructions of one group by function instead.
# Kernel messages go to console.log in the run's directory, which is kept and
# named when something fails (KEEP=1: always). TIMEOUT: seconds for the guest.
# APPEND: more words for the kernel's command line. TEST_ENV: words NAME=VALUE for
# the environment of the tests. CPUS: of the guest, if it is not user-mode Linux.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

mode=${1:?usage: run.sh test|demo|shell|bench KERNEL [TEST...]}
kernel=${2:?usage: run.sh test|demo|shell|bench KERNEL [TEST...]}
shift 2
need_root

case $kernel in
debug)	factor=10 limit=5400 ;;
uml)	factor=2 limit=4200 ;;
*)	factor=1 limit=4200 ;;
esac
[[ $mode == shell ]] && limit=86400
limit=${TIMEOUT:-$limit}

mkdir -p "$CACHE/run"
find "$CACHE/run" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
run=$(mktemp -d "$CACHE/run/$kernel-$mode-$(date +%m%d-%H%M%S).XXX")
chmod 755 "$run"
mkdir "$run/results"

if [[ $mode == bench ]]; then
	export VPNGW_BENCH=1
fi
"$VM_DIR/build.sh" "$kernel" "$run" || die "nothing was run, see above or $run"
root='' release='' image='' tree='' arch=''
# shellcheck disable=SC1091	# written by build.sh
. "$run/kernel"
# a root in use is not removed, see root.sh
exec 7<"$root"
flock -s 7

rows=24 cols=80
if [[ -t 0 ]]; then
	read -r rows cols < <(stty size) || true
fi
# some terminals do not know
[[ $rows -gt 0 && $cols -gt 0 ]] || rows=24 cols=80
cat > "$run/params" <<EOT
MODE=$mode
KERNEL=$kernel
TESTS=$(printf '%q' "$*")
FACTOR=$factor
ROWS=$rows
COLS=$cols
PROFILE=${PROFILE:-}
SIZES=$(printf '%q' "${SIZES:-}")
TEST_ENV=$(printf '%q' "${TEST_ENV:-}")
NO_COLOR=$([[ -t 1 && -z ${NO_COLOR:-} ]] || echo 1)
EOT

# Everything that should stop the guest stops it at once: a WARN is a failure.
append="panic=-1 panic_on_warn=1 oops=panic softlockup_panic=1 hung_task_panic=1"
# Emulated CPUs on a busy machine are slow, not stuck.
append+=" watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60"
append+=" printk.time=1 loglevel=7 log_buf_len=4M vpngw.src=/usr/src/vpngw-$kernel"
append+=" ${APPEND:-}"

run_qemu()
{
	local accel=tcg,thread=multi stdio=off
	local -a cpu=()
	local mitigations=off cpus=1 memory=2G
	need_host qemu-system-x86_64 qemu-system-x86
	# Emulated CPUs wait for each other more than they work: two take more than
	# twice the time of one for the same tests. Races are for the debug kernel.
	[[ $kernel != debug ]] || cpus=2
	# /dev/kvm may exist and still not run a stock kernel
	if grep -qwE 'vmx|svm' /proc/cpuinfo && [[ -w /dev/kvm ]]; then
		accel=kvm
		cpus=2
	fi
	cpu+=(-smp "${CPUS:-$cpus}")
	# one CPU, one instruction a nanosecond: time repeats itself; several CPUs are
	# measured by the time that they take here, one against two
	if [[ $mode == bench ]]; then
		if [[ ${CPUS:-1} -eq 1 ]]; then
			accel=tcg,thread=single
			cpu=(-smp 1 -icount "shift=0,sleep=off")
		fi
		mitigations=auto
		# a million translations
		memory=4G
	fi
	[[ ! ${PROFILE:-} ]] || cpu+=(-monitor "unix:$run/monitor,server=on,wait=off")
	[[ $mode == shell ]] || stdio=on
	set -- qemu-system-x86_64 -machine q35 -accel "$accel" "${cpu[@]}" -cpu max -m "$memory" \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$image" -initrd "$run/initrd" \
		-append "console=ttyS0 mitigations=$mitigations vpngw.fs=9p vpngw.root=root vpngw.run=run $append" \
		-chardev "file,id=console,path=$run/console.log" -serial chardev:console \
		-chardev "stdio,id=out,signal=$stdio" -serial chardev:out \
		-device virtio-rng-pci \
		-virtfs "local,path=$root,mount_tag=root,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$run,mount_tag=run,security_model=none,multidevs=remap"
	guest "$@"
}

# The whole of user-mode Linux is one program: run it inside the root, where its
# libraries are, and let it see that root and the run's directory over hostfs.
# Console 0 is the kernel's, console 1 ours.
run_uml()
{
	local memory=1536M
	# shellcheck disable=SC2016,SC2086	# inner shell; $append is a list of words
	guest env BIND="$run:/mnt/run:$tree:/usr/src/linux" \
		bash -c '. "$0"; in_root "$@"' "$VM_DIR/common.sh" "$root" \
		sh -ec '
			exec 3<&0 4>&1 5>> /mnt/run/console.log >&5 2>&1 < /dev/null
			"$@"
			exit $?
		' sh /usr/src/linux/linux "mem=$memory" uml_dir=/tmp con0=null,fd:5 con1=fd:3,fd:4 \
		con=null initrd=/mnt/run/initrd vpngw.fs=hostfs vpngw.root=/ \
		vpngw.run=/mnt/run $append
}

# guest COMMAND...: in a PID namespace, so that no part of it outlives this, and
# with an end to it; unshare does not heed TERM, its end is KILL
guest()
{
	# shellcheck disable=SC2016	# expanded by the inner shell
	exec timeout --foreground -k 1 "$limit" \
		unshare --pid --fork --kill-child sh -c '"$@"; exit $?' sh "$@"
}

# profile watch|report: bench/profile.py, in the root because it is Python
profile()
{
	BIND="$run:/mnt/run" in_root "$root" \
		/mnt/run/src/bench/profile.py "$1" /mnt/run
}

# fail REASON: the console's tail is what a person wants to see first
fail()
{
	{
		echo
		echo "---- the console's last lines ----"
		tail -n 60 "$run/console.log" | tr -d '\r'
		echo "---- $kernel: $*"
		echo "---- console, output and results: $run"
	} >&2
	rm -rf "$run/src" "$run/initrd"
	exit 1
}

machine=qemu
[[ $arch == um ]] && machine=uml

say "booting $release"
begin=$SECONDS
: > "$run/console.log"
status=0
if [[ $mode == shell ]]; then
	"run_$machine" <&0 &
else
	# the serial line ends lines with CR LF before it is set up
	exec 4> >(stdbuf -oL tr -d '\r' | tee "$run/output.log")
	sink=$!
	"run_$machine" < /dev/null 2> "$run/$machine.log" >&4 4>&- &
fi
guest=$!
if [[ ${PROFILE:-} ]]; then
	PROFILE_LOG=$run/exec.log profile watch 2> "$run/profile.log" &
fi
# whoever ends this script ends the guest
trap 'kill "$guest" 2>/dev/null || true' EXIT
trap 'exit 143' HUP INT TERM
wait "$guest" || status=$?
trap - EXIT
if [[ $mode != shell ]]; then
	exec 4>&-
	wait "$sink" || true
	cat "$run/$machine.log" >&2
fi

if [[ ${RESULTS:-} ]]; then
	mkdir -p "$RESULTS"
	cp -r "$run/results/." "$RESULTS/"
fi
[[ $status -ne 124 && $status -ne 137 ]] || fail "the guest was stopped after $limit s"
# lockdep and kmemleak complain without a WARN
bad='WARNING: |BUG: |Oops|Kernel panic|UBSAN: |KASAN: |INFO: (possible|rcu_|task )|refcount_t: |unreferenced object|DEBUG_LOCKS_WARN'
if grep -qE "$bad" "$run/console.log"; then
	grep -nE -m 5 "$bad" "$run/console.log" >&2
	fail "the kernel complained"
fi
[[ -f $run/result ]] || fail "the guest ended without a result"
code=$(sed -n 's/^exit=//p' "$run/result")
[[ $code == 0 || $mode == shell ]] || fail "exit code $code in the guest"
if [[ $mode == test ]] &&
   ! tail -n 1 "$run/output.log" | grep -qE '^[1-9][0-9]* passed, 0 failed$'; then
	fail "no closing line '... passed, 0 failed'"
fi
if [[ ${PROFILE:-} ]]; then
	PROFILE_LOG=/mnt/run/exec.log profile report
fi
say "$kernel: $((SECONDS - begin)) s in the guest"
if [[ ${KEEP:-} ]]; then
	say "kept: $run"
	rm -rf "$run/src" "$run/initrd"
else
	rm -rf "$run"
fi
