#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh KERNEL DIR: build this checkout, as it is now, for that kernel inside
# its Debian root, and put what a guest needs into DIR: src/, initrd, kernel
# (assignments, see kernel.sh) and modules/ of a kernel that was built here.
# The checkout itself is never written to. VPNGW_BENCH=1: with what is in bench/.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

kernel=${1:?usage: build.sh KERNEL DIR}
dir=${2:?usage: build.sh KERNEL DIR}

root=$("$VM_DIR/root.sh" "$(suite_of "$kernel")")
"$VM_DIR/kernel.sh" "$kernel" "$root" > "$dir/kernel"
echo "root=$root" >> "$dir/kernel"
arch='' release='' tree='' kdir=''
# shellcheck disable=SC1091	# just written
. "$dir/kernel"

src=/usr/src/vpngw-$kernel
exec 8>"$(lock_file "build-$kernel-${root##*/}")"
flock -n 8 || { say "another run is building for $kernel, waiting"; flock 8; }

"$VM_DIR/sync.sh" "$root$src" "$release $tree"

# the debug kernels run the module's own tests of pure functions at load; the
# stock ones run the module as it is installed
debug=''
[[ $kernel == debug || $kernel == uml ]] && debug=1

say "building for $release in ${root##*/}"
# shellcheck disable=SC2016	# expanded by the inner shell
if ! BIND=${tree:+$tree:/usr/src/linux} in_root "$root" nice -n 10 bash -ec '
	src=$1 arch=$2 release=$3 kdir=$4 debug=$5 bench=$6
	cd "$src"
	unset MAKEFLAGS MFLAGS MAKELEVEL
	j=-j$(nproc)
	if [[ -f Kbuild ]]; then
		make "$j" ARCH="$arch" KDIR="$kdir" W=1 KCFLAGS=-Werror \
			${debug:+VPNGW_DEBUG=$debug} \
			${bench:+VPNGW_BENCH=$bench} modules
	fi
	if [[ -f tools/Makefile ]]; then
		make "$j" tools
	fi
	make "$j" -C selftests all
	[[ -z $bench ]] || make -C bench
	selftests/vm/initramfs.sh "$release" initrd.vm
' bash "$src" "$arch" "$release" "$kdir" "$debug" "${VPNGW_BENCH:-}" \
	> "$dir/build.log" 2>&1; then
	tail -n 60 "$dir/build.log" >&2
	die "the build for $kernel failed, whole log: $dir/build.log"
fi

mv "$root$src/initrd.vm" "$dir/initrd"
cp -a --reflink=auto "$root$src" "$dir/src"
# a guest takes it into its memory
find "$dir/src" -name '*.o' -delete
if [[ $tree ]]; then
	cp -a "$tree/vpngw-modules" "$dir/modules"
fi
