#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: every check that does not run the module, on this checkout as it
# is, in the bookworm root. Ends with "N passed, N failed"; what was found
# stands above. The checks themselves are in checks.sh.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
need_root

root=$("$VM_DIR/root.sh" bookworm)
linux=$(source_tree "$root" 6.1)

say "netlink-gen"
generated=0
"$VM_DIR/netlink-gen.sh" --check || generated=1

exec 8>"$(lock_file "build-check-${root##*/}")"
flock -n 8 || { say "another check is running, waiting"; flock 8; }
src=/usr/src/vpngw-check
"$VM_DIR/sync.sh" "$root$src" check
in_root "$root" nice -n 10 "$src/selftests/vm/checks.sh" "$linux" "$generated"
