#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 3600
#
# Access lists mean what IOS says: random lists and packets against a model written
# from its description, asked of the kernel by packet-tracer and sent for real.
#	ACL_LISTS	lists, 1000
#	ACL_PACKETS	packets under each, 20
#	ACL_REAL	lists under which they are sent as well, 100
#	ACL_SEED	1

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require_module
require python3 socat
setup_links || exit 1
# nobody answers: an answer, or an error of the gateway's own, would be counted, too
outside sysctl -qw net.ipv4.ip_forward=0
ip -n "$WIRE" link set br0 promisc on

everything()
{
	local output
	output=$(TMP=$TMP python3 "$SELFTESTS/acl_model.py" "$GW" "$INSIDE" "$WIRE" \
		"${ACL_SEED:-1}" "${ACL_LISTS:-1000}" "${ACL_PACKETS:-20}" "${ACL_REAL:-100}" 2>&1) ||
		fail "different"
	diag "$(tail -n 60 <<< "$output")"
}

run_tests "
	everything	verdicts and counters are those of the model
"
