#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Only root of the initial user namespace may speak to the gateway: neither
# another user nor root of a user namespace, not even to read.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3 setpriv unshare

state_before=$(gwctl show crypto map)

root_may()
{
	check "vpnctl show" gwctl show drops
	check "every multicast group" gw python3 "$SELFTESTS/netlink_bad.py" --join
}

other_user()
{
	check "every command" gw setpriv --reuid 65534 --regid 65534 --clear-groups \
		python3 "$SELFTESTS/netlink_bad.py" --eperm
}

user_namespace()
{
	unshare -U true 2>/dev/null || { skip "no user namespaces"; return 0; }
	check "every command, same network namespace" gw unshare -U -r \
		python3 "$SELFTESTS/netlink_bad.py" --eperm
	check "every command, network namespace of its own" unshare -U -r -n \
		python3 "$SELFTESTS/netlink_bad.py" --eperm
}

# They tell about traffic, keys and peers.
no_groups()
{
	check "another user" gw setpriv --reuid 65534 --regid 65534 --clear-groups \
		python3 "$SELFTESTS/netlink_bad.py" --no-join
	unshare -U true 2>/dev/null || { diag "no user namespaces"; return 0; }
	check "root of a user namespace" gw unshare -U -r \
		python3 "$SELFTESTS/netlink_bad.py" --no-join
}

vpnctl_says_so()
{
	local output
	output=$(gw setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v vpnctl)" show drops 2>&1) && fail "vpnctl show drops has worked"
	check_match "vpnctl" "$output" "[Pp]ermi|[Pp]rivileg|root|CAP_NET_ADMIN"
	check_eq "crypto map" "$(gwctl show crypto map)" "$state_before"
}

run_tests "
	root_may	root may
	other_user	another user may not
	user_namespace	root of a user namespace may not
	no_groups	neither may listen to events
	vpnctl_says_so	vpnctl says why
"
