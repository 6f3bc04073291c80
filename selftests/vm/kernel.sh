#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh KERNEL ROOT: print where that kernel is, as shell assignments:
#	arch=	for make, x86 or um
#	release=	uname -r of it
#	image=	what is booted: a bzImage, or the linux program of user-mode Linux
#	tree=	a kernel built here, to bind to /usr/src/linux; empty for a stock one
#	kdir=	where to build modules, seen from inside ROOT
# Stock kernels come with the root, debug and uml are built once and kept.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

kernel=${1:?usage: kernel.sh KERNEL ROOT}
root=${2:?usage: kernel.sh KERNEL ROOT}

case $kernel in
6.1|6.12|7.2)
	release=$(< "$root/boot/stock")
	[[ $release == "$kernel"[.-]* ]] ||
		say "asked for $kernel, this suite's kernel is $release"
	printf '%s\n' arch=x86 "release=$release" \
		"image=$root/boot/vmlinuz-$release" tree= \
		"kdir=/lib/modules/$release/build"
	;;
debug|uml)
	"$VM_DIR/build-kernel.sh" "$kernel" "$root"
	;;
*)
	die "unknown kernel '$kernel', one of: $KERNELS"
	;;
esac
