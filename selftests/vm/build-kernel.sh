#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-kernel.sh debug|uml ROOT: print, as kernel.sh does, where that kernel
# is, building it from ROOT's linux-source-6.1 first if there is none of this
# source, compiler and configuration. Takes minutes; says that it goes on.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

kernel=${1:?usage: build-kernel.sh debug|uml ROOT}
root=${2:?usage: build-kernel.sh debug|uml ROOT}
need_root

case $kernel in
debug)	arch=x86 machine=qemu image=arch/x86/boot/bzImage target=bzImage ;;
uml)	arch=um machine=uml image=linux target=linux ;;
*)	die "not built here: $kernel" ;;
esac

# The wanted configuration: ours built in, so that a guest needs no modules.
fragments()
{
	local drop=^$
	[[ $kernel == uml ]] && drop='# not in uml'
	cat "$VM_DIR/kernel.config" "$VM_DIR/debug.config" "$VM_DIR/$machine.config" \
		"$TOP/selftests/config" "$TOP/kmod/vpngw.config" |
	grep '^CONFIG_' | grep -v "$drop" |
	sed -e 's/[[:space:]]*#.*//' -e 's/=m$/=y/' | sort -u
}

# An option that Kconfig silently dropped would be a check silently not made.
check_config()
{
	local line missing=
	while read -r line; do
		case $line in
		*=n)	grep -qx "${line%=n}=[ym]" "$1" && missing+=" $line" ;;
		*)	grep -qxF "$line" "$1" || missing+=" $line" ;;
		esac
	done < <(fragments)
	[[ -z $missing ]] || die "$kernel: the kernel's Kconfig dropped:$missing"
}

# make_kernel TREE TARGET...: in the root, TREE seen as /usr/src/linux; the
# module directory holds only what modprobe needs to know what is built in
make_kernel()
{
	local tree=$1
	shift
	# shellcheck disable=SC2016	# expanded by the inner shell
	BIND=$tree:/usr/src/linux in_root "$root" nice -n 10 bash -ec '
		arch=$1
		shift
		unset MAKEFLAGS MFLAGS MAKELEVEL
		export KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=vpngw KBUILD_BUILD_HOST=vpngw
		make -j"$(nproc)" -C /usr/src/linux-source-6.1 O=/usr/src/linux ARCH="$arch" "$@"
	' bash "$arch" "$@"
}

build()
{
	local tree=$1 release
	fragments > "$tree/fragments"
	make_kernel "$tree" KCONFIG_ALLCONFIG=/usr/src/linux/fragments allnoconfig
	check_config "$tree/.config"
	make_kernel "$tree" LOCALVERSION="-vpngw-$kernel" "$target" modules
	make_kernel "$tree" LOCALVERSION="-vpngw-$kernel" \
		INSTALL_MOD_PATH=/usr/src/linux/modules modules_install
	release=$(< "$tree/include/config/kernel.release")
	mv "$tree/modules/lib/modules/$release" "$tree/vpngw-modules"
	rm -rf "$tree/modules"
	rm -f "$tree/vpngw-modules/build" "$tree/vpngw-modules/source"
}

key=$({
	fragments
	in_root "$root" dpkg-query -W linux-source-6.1 gcc-12 binutils
	# which changes user-mode Linux only
	[[ $arch != um ]] || cat "$VM_DIR/linux-source-6.1.patch"
	sed -n '/^# make_kernel/,/^key=/p' "$0"
} | sha256sum | cut -c1-10)
tree=$CACHE/kernel/$kernel-$key

exec 9>"$(lock_file "kernel-$kernel")"
flock -n 9 || { say "another run is building the $kernel kernel, waiting"; flock 9; }
source_tree "$root" 6.1 > /dev/null
if [[ ! -d $tree ]]; then
	log=$CACHE/kernel-$kernel.log
	begin=$SECONDS
	say "building the $kernel kernel (log: $log)"
	mkdir -p "$CACHE/kernel"
	rm -rf "$CACHE/kernel/$kernel".tmp.*
	tmp=$(mktemp -d "$CACHE/kernel/$kernel.tmp.XXXXXX")
	build "$tmp" > "$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		if [[ $(((SECONDS - begin) % 30)) -eq 29 ]]; then
			say "still building: $((SECONDS - begin)) s," \
				"$(grep -c '^  [A-Z]* ' "$log") steps"
		fi
	done
	if ! wait "$pid"; then
		tail -n 40 "$log" >&2
		die "building the $kernel kernel failed, whole log: $log"
	fi
	mv "$tmp" "$tree"
	say "the $kernel kernel is built: $((SECONDS - begin)) s"
fi
touch "$tree"
# kernels of older configurations that no run has asked for in a week
find "$CACHE/kernel" -mindepth 1 -maxdepth 1 -name "$kernel-*" -mtime +7 \
	-exec rm -rf {} +
printf '%s\n' "arch=$arch" "release=$(< "$tree/include/config/kernel.release")" \
	"image=$tree/$image" "tree=$tree" kdir=/usr/src/linux
