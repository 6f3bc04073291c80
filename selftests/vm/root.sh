#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# root.sh SUITE: print the directory of a Debian root of that suite, making it
# first if there is none for the present package list. Holds everything but
# QEMU: compiler, kernel headers and image, checkers, test peers.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

suite=${1:?usage: root.sh SUITE}
need_root

# packages "" | packages "?" | packages "!": the required names of this suite, the
# optional ones, or those that are only unpacked
packages()
{
	sed -e 's/#.*//' "$VM_DIR/packages" |
	while read -r name suites; do
		[[ $name && ( -z $suites || " $suites " == *" $suite "* ) ]] || continue
		case $name in
		*[?!])	[[ $1 != "${name: -1}" ]] || echo "${name%?}" ;;
		*)	[[ $1 ]] || echo "$name" ;;
		esac
	done
}

# This machine's own Debian sources, as "suffix URI" (suffix "", "-updates",
# "-security"), so that a mirror or a proxy set up here is used for every suite.
host_sources()
{
	command -v apt-get >/dev/null || return 0
	# shellcheck disable=SC2016	# for apt to expand
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(RELEASE) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
	awk '$1 == "Debian" {
		base = $2; sub(/-.*/, "", base)
		suffix = substr($3, length(base) + 1)
		if (index($3, base) == 1 && !seen[suffix]++)
			print "suffix=" suffix, $4
	}'
}

write_sources()
{
	local root=$1 suffix uri
	host_sources | while read -r suffix uri; do
		suffix=${suffix#suffix=}
		# sid is one archive: nothing to update it from
		[[ -n $suffix && $suite == sid ]] && continue
		echo "deb $uri $suite$suffix main"
	done > "$root/etc/apt/sources.list.new"
	# without apt on this host the file that debootstrap wrote stays
	if [[ -s $root/etc/apt/sources.list.new ]]; then
		mv "$root/etc/apt/sources.list.new" "$root/etc/apt/sources.list"
	fi
	rm -f "$root/etc/apt/sources.list.new"
	if command -v apt-config >/dev/null; then
		apt-config dump 2>/dev/null |
			grep -E '^Acquire::(http|https|Check-|Retries|Languages)' \
			> "$root/etc/apt/apt.conf.d/10host" || true
	fi
}

# Nothing may start in the root, nothing needs its manuals, and a root that
# a crash spoils is never used: no fsync.
write_dpkg_settings()
{
	local root=$1
	mkdir -p "$root/etc/dpkg/dpkg.cfg.d" "$root/usr/sbin"
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	cat > "$root/etc/dpkg/dpkg.cfg.d/vpngw" <<-EOT
		force-unsafe-io
		path-exclude=/usr/share/man/*
		path-exclude=/usr/share/doc/*
		path-exclude=/usr/share/locale/*
		path-exclude=/usr/share/info/*
	EOT
}

apt_in()
{
	local root=$1
	shift
	BIND="$CACHE/debs/$suite:/var/cache/apt/archives" \
		in_root "$root" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o APT::Install-Suggests=0 \
		-o APT::Keep-Downloaded-Packages=1 "$@"
}

# The stock image that the headers are of, unpacked, not installed: installing
# would make an initramfs that nothing here boots.
unpack_stock_kernel()
{
	local root=$1 dir ver
	dir=$(cd "$root/usr/src" && echo linux-headers-*-amd64)
	ver=${dir#linux-headers-}
	apt_in "$root" --download-only install "linux-image-$ver"
	# one package, or three where it was split
	# shellcheck disable=SC2016	# expanded by the inner shell
	BIND="$CACHE/debs/$suite:/var/cache/apt/archives" in_root "$root" sh -ec '
		ver=$1
		for part in image binary modules; do
			deb=$(ls -t /var/cache/apt/archives/linux-"$part-$ver"_*.deb \
				2>/dev/null | head -n 1)
			[ -z "$deb" ] || dpkg-deb -x "$deb" /tmp/image
		done
		if [ -d /tmp/image/usr/lib/modules ]; then
			cp -a "/tmp/image/usr/lib/modules/$ver" /usr/lib/modules/
		else
			cp -a "/tmp/image/lib/modules/$ver" /usr/lib/modules/
		fi
		image=$(find /tmp/image -type f -name "vmlinuz*")
		cp "$image" "/boot/vmlinuz-$ver"
		depmod "$ver"
		echo "$ver" > /boot/stock
	' sh "$ver"
}

# A package that conflicts with an installed one, and what else would come with it
unpack_apart()
{
	local root=$1 name=$2
	apt_in "$root" --download-only install "$name"
	# shellcheck disable=SC2016	# expanded by the inner shell
	BIND="$CACHE/debs/$suite:/var/cache/apt/archives" in_root "$root" sh -ec '
		mkdir -p "/opt/$1"
		apt-get -s --no-install-recommends install "$1" > /tmp/plan
		for package in $(sed -n "s/^Inst \\([^ ]*\\).*/\\1/p" /tmp/plan); do
			deb=$(ls -t /var/cache/apt/archives/"$package"_*.deb | head -n 1)
			dpkg-deb -x "$deb" "/opt/$1"
		done
	' sh "$name"
}

make_root()
{
	local root=$1 mirror p
	local -a optional=()
	mirror=$(host_sources | awk '$1 == "suffix=" { print $2; exit }')
	mkdir -p "$CACHE/debs/$suite/partial"
	debootstrap --variant=minbase --cache-dir="$CACHE/debs/$suite" \
		--include=ca-certificates "$suite" "$root" ${mirror:+"$mirror"}
	write_sources "$root"
	write_dpkg_settings "$root"
	apt_in "$root" update
	for p in $(packages '?'); do
		in_root "$root" apt-cache show "$p" >/dev/null 2>&1 && optional+=("$p")
	done
	apt_in "$root" dist-upgrade
	# shellcheck disable=SC2046	# one word per package is meant
	apt_in "$root" install $(packages '') "${optional[@]}"
	unpack_stock_kernel "$root"
	for p in $(packages '!'); do
		unpack_apart "$root" "$p"
	done
}

# Roots of older package lists go when no run has used them for three days.
remove_old_roots()
{
	local old
	find "$CACHE/root" -mindepth 1 -maxdepth 1 -name "$suite-*" -mtime +3 \
		! -path "$1" | while read -r old; do
		say "removing ${old##*/}, unused for days"
		flock -n "$old" rm -rf --one-file-system "$old" || true
	done
}

hash=$({ packages ''; packages '?'; packages '!'; echo 1; } | sha256sum | cut -c1-10)
root=$CACHE/root/$suite-$hash

exec 8>"$(lock_file "root-$suite")"
flock -n 8 || { say "another run is making the $suite root, waiting"; flock 8; }
if [[ ! -d $root ]]; then
	need_host debootstrap debootstrap
	log=$CACHE/root-$suite.log
	say "making the $suite root (some minutes, log: $log)"
	mkdir -p "$CACHE/root"
	rm -rf --one-file-system "$CACHE"/root/tmp-"$suite".*
	tmp=$(mktemp -d "$CACHE/root/tmp-$suite.XXXXXX")
	chmod 755 "$tmp"
	# debootstrap mounts too: keep that to ourselves
	export -f make_root apt_in in_root host_sources write_sources packages \
		write_dpkg_settings unpack_stock_kernel unpack_apart say
	export suite CACHE VM_DIR
	# shellcheck disable=SC2016	# expanded by the inner shell
	if ! unshare --mount bash -c 'set -euo pipefail; make_root "$1"' bash "$tmp" \
		> "$log" 2>&1 < /dev/null; then
		tail -n 30 "$log" >&2
		rm -rf --one-file-system "$tmp"
		die "making the $suite root failed, whole log: $log"
	fi
	# renamed when whole: a half-made root is never taken for one
	mv "$tmp" "$root"
	say "the $suite root is made: $(du -sh "$root" | cut -f1)"
fi
touch "$root"
remove_old_roots "$root"
echo "$root"
