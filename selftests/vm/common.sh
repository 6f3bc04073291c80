# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts beside it share; sourced, never run.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034	# for those that source this
TOP=$(cd "$VM_DIR/../.." && pwd)
CACHE=${VPNGW_CACHE:-/var/cache/vpngw}
KERNELS="6.1 6.12 7.2 debug uml"

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Progress goes to stderr: several scripts answer on stdout.
say()
{
	echo "# [$(printf '%(%H:%M:%S)T' -1)] $*" >&2
}

need_root()
{
	[[ $EUID -eq 0 ]] || die "needs root (debootstrap, chroot, mounts)"
}

# suite_of KERNEL: the Debian suite in whose root that kernel's run happens
suite_of()
{
	case $1 in
	6.1|debug|uml)	echo bookworm ;;
	6.12)		echo trixie ;;
	7.2)		echo sid ;;
	*)		die "unknown kernel '$1', one of: $KERNELS" ;;
	esac
}

# need_host PROGRAM PACKAGE: the only things ever installed on the host
need_host()
{
	command -v "$1" >/dev/null && return
	command -v apt-get >/dev/null || die "$1 is missing, please install it"
	say "installing $2 on this host"
	(
		flock 9
		export DEBIAN_FRONTEND=noninteractive
		apt-get install -qq -y --no-install-recommends "$2" ||
			{ apt-get update -qq &&
			  apt-get install -qq -y --no-install-recommends "$2"; }
	) 9>"$(lock_file host)" >&2 || die "cannot install $2"
}

lock_file()
{
	mkdir -p "$CACHE/lock"
	echo "$CACHE/lock/$1"
}

# in_root ROOT COMMAND...: run a command chrooted, as PID 1 of its own mount and
# PID namespaces: what it mounts and what it leaves running ends with it,
# however it ends, so no trap has to clean up.
# The caller may name directories in BIND=FROM:TO[:FROM:TO...] (TO in the root).
in_root()
{
	local root=$1
	shift
	# shellcheck disable=SC2016	# expanded by the inner shell
	BIND=${BIND:-} unshare --mount --pid --fork --kill-child sh -ec '
		root=$1
		shift
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/dev/shm"
		mount -t tmpfs tmpfs "$root/tmp"
		while [ -n "$BIND" ]; do
			from=${BIND%%:*} BIND=${BIND#*:}
			to=$root${BIND%%:*}
			mkdir -p "$to"
			mount --bind "$from" "$to"
			case $BIND in
			*:*)	BIND=${BIND#*:} ;;
			*)	BIND= ;;
			esac
		done
		unset BIND from to
		export HOME=/root LC_ALL=C.UTF-8 TMPDIR=/tmp
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin
		exec chroot "$root" "$@"
	' sh "$root" "$@"
}

# source_tree ROOT VERSION: unpack Debian's linux-source of that version in the
# root, once, with our patch to it if there is one; print where it is, seen from
# inside the root
source_tree()
{
	local root=$1 dir=/usr/src/linux-source-$2 patch=$VM_DIR/linux-source-$2.patch
	local tmp
	[[ -f $patch ]] || patch=/dev/null
	(
		flock 6
		cmp -s "$patch" "$root$dir/.vpngw-patch" && exit
		say "unpacking linux-source-$2"
		tmp=$(mktemp -d "$root/usr/src/tmp.XXXXXX")
		tar -C "$tmp" -xf "$root$dir.tar.xz"
		# the root's own patch: this machine may have none
		# shellcheck disable=SC2016	# expanded by the inner shell
		in_root "$root" sh -ec 'cd "$1"; busybox patch -p1' sh \
			"${tmp#"$root"}/linux-source-$2" < "$patch" >&2
		cp "$patch" "$tmp/linux-source-$2/.vpngw-patch"
		rm -rf "${root:?}$dir"
		mv "$tmp/linux-source-$2" "$root$dir"
		rmdir "$tmp"
	) 6>"$(lock_file "source-${root##*/}")" || die "no linux-source-$2"
	echo "$dir"
}
