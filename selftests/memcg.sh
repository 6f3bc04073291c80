#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# The memory of a configuration is on the account of who loads it: in a memory cgroup
# with little left, a transaction ends, with its process or with an error, nothing is
# left of it and nothing has changed. Needs the memory controller of cgroup v2, which
# the kernels made here do not have.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3

CGROUP=$TMP/cgroup/vpngw-test.$$
mkdir "$TMP/cgroup"
mount -t cgroup2 none "$TMP/cgroup" 2>/dev/null || skip_all "needs cgroup v2"
trap 'rmdir "$CGROUP" 2>/dev/null; umount "$TMP/cgroup"; cleanup' EXIT
grep -qw memory "$TMP/cgroup/cgroup.controllers" || skip_all "no memory controller in cgroup v2"
echo +memory > "$TMP/cgroup/cgroup.subtree_control" || skip_all "cannot limit memory"

# begin KIND N: a transaction of so many objects in a new cgroup, ready to grow
begin()
{
	rm -f "$TMP/go" "$TMP/end"
	mkdir "$CGROUP" || { fail "no cgroup"; return 1; }
	# shellcheck disable=SC2016	# for the inner shell
	bg grow bash -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$CGROUP" \
		ip netns exec "$GW" python3 -B "$SELFTESTS/netlink_memory.py" "$@" "$TMP"
	busywait 60 said grow ready || fail "transaction: $(cat "$TMP/grow.log")"
}

stat_of()
{
	awk -v key="$1" '$1 == key { print $2 }' "$CGROUP/memory.stat"
}

# nothing per CPU is left, and so nothing of an association or a list
all_freed()
{
	[[ $(stat_of percpu) -eq 0 ]]
}

end()
{
	check "what the transaction took is given back" busywait 20 all_freed
	busywait 10 rmdir "$CGROUP" || fail "cgroup in use: $(cat "$CGROUP/cgroup.procs")"
}

# what is in force
state()
{
	gwctl --secrets show running-config
	gwctl show access-lists | sed 's/ ([0-9]* match.*//'
	sas spi conn_id
}

# little KIND N: half a MB more than it has is too little for N objects
little()
{
	local before code=0
	before=$(state)
	begin "$@" || return
	echo $(($(< "$CGROUP/memory.current") + (1 << 19))) > "$CGROUP/memory.max"
	: > "$TMP/go"
	bg_wait grow 150 || code=$?
	# by the kernel, or told
	[[ $code -eq 137 || $code -eq 3 ]] || fail "ended with $code: $(cat "$TMP/grow.log")"
	check_no_match "transaction" "$(cat "$TMP/grow.log")" grown
	check_eq "what is in force" "$(state)" "$before"
	check_ping "$CLIENT" $INSIDE_ADDR 2
	end
	# it is not in the way
	check "load" load_config <<< "$(config)"
	check_eq "what is in force" "$(state)" "$before"
}

associations()
{
	little sas 20000
}

access_lists()
{
	little acls 2000
}

pools()
{
	little pools 250
}

# For each CPU, 48 octets of counters, a route of 40 and a pointer. The account has the
# same twice over: a pointer to itself for each four octets that can be allocated.
per_cpu()
{
	local before n=200 grown cpus
	cpus=$(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1))
	begin sas $n || return
	before=$(stat_of percpu)
	: > "$TMP/go"
	busywait 60 said grow grown || fail "transaction: $(cat "$TMP/grow.log")"
	# it is counted in lumps
	sleep 3
	grown=$(($(stat_of percpu) - before))
	grown=$((grown / n / (cpus + 2)))
	diag "an association takes $grown octets per CPU"
	check_num "octets per CPU of an association" $grown -ge 90
	: > "$TMP/end"
	bg_wait grow 20 || fail "ended with $?"
	end
}

no_clear()
{
	check_no_clear
}

run_tests "
	per_cpu		counters of associations are counted
	associations	too many associations
	access_lists	too many access list entries
	pools		too large pools
	no_clear	nothing protected was in clear on the wire
"
