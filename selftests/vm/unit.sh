#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# unit.sh: "make unit" on this checkout in the bookworm root, where its
# libraries are.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
need_root

root=$("$VM_DIR/root.sh" bookworm)
exec 8>"$(lock_file "build-unit-${root##*/}")"
flock -n 8 || { say "another run of the unit tests, waiting"; flock 8; }
src=/usr/src/vpngw-unit
"$VM_DIR/sync.sh" "$root$src" unit
# shellcheck disable=SC2016	# expanded by the inner shell
in_root "$root" nice -n 10 sh -ec '
	cd "$1"
	# the prompt is tested on a terminal
	mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	unset MAKEFLAGS MFLAGS MAKELEVEL
	exec make -j"$(nproc)" unit
' sh "$src"
