#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The unit of vpnd, as systemd judges it: nothing in it is unknown, and it is
# exposed by 2.5 at most, of 10. Needs systemd's own tool, but no running systemd.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require systemd-analyze sed

UNIT=$TMP/vpnd.service
LIMIT=25	# tenths

# as it is installed, and with programs that are here
sed -E 's|^(Exec[A-Za-z]*=)/[^ ]*|\1/bin/true|' "$SELFTESTS/../tools/vpnd/vpnd.service" > "$UNIT"

exposure()
{
	systemd-analyze security --no-pager --offline=true --threshold="$1" "$2" \
		> "$TMP/security.log" 2>&1
}

verified()
{
	local said
	said=$(systemd-analyze verify --man=no "$UNIT" 2>&1) || fail "systemd-analyze verify fails"
	check_eq "what systemd says about lines of the unit" \
		"$(grep -F vpnd.service <<< "$said")" ""
}

exposed()
{
	exposure "$LIMIT" "$UNIT" ||
		fail "$(grep -v '✓' "$TMP/security.log" | tail -n 30)"
	check_match "systemd-analyze security" "$(cat "$TMP/security.log")" \
		"Overall exposure level for vpnd.service: [0-9.]+"
	diag "$(grep -o 'Overall exposure.*' "$TMP/security.log")"
}

# the same without one of its lines is worse: the judge looks at this unit
judged()
{
	sed '/^ProtectSystem\|^SystemCallFilter\|^CapabilityBoundingSet/d' "$UNIT" \
		> "$TMP/worse.service"
	exposure "$LIMIT" "$TMP/worse.service" && fail "a worse unit is as good"
	grep -q "Overall exposure" "$TMP/security.log" || fail "$(cat "$TMP/security.log")"
}

run_tests "
	verified	systemd knows every line
	exposed		exposure is at most 2.5
	judged		a unit with less protection is found to be worse
"
