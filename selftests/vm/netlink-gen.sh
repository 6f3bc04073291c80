#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# netlink-gen.sh [--check]: generate kmod/netlink-gen.[ch] and the uapi header
# from Documentation/netlink/specs/vpngw.yaml with the kernel's own generator,
# in a Debian root. --check writes nothing and fails if they would differ.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
need_root

root=$("$VM_DIR/root.sh" bookworm)
# in bookworm only where its security archive is configured
[[ -f $root/usr/src/linux-source-6.12.tar.xz ]] ||
	root=$("$VM_DIR/root.sh" trixie)

tools=/usr/src/ynl-6.12
(
	flock 6
	[[ -d $root$tools ]] && exit
	say "unpacking the generator from linux-source-6.12"
	tmp=$(mktemp -d "$root/usr/src/tmp.XXXXXX")
	tar -C "$tmp" --strip-components=1 -xf "$root/usr/src/linux-source-6.12.tar.xz" \
		--wildcards 'linux-source-6.12/tools/net/ynl' \
		'linux-source-6.12/Documentation/netlink/*.yaml'
	rm -rf "$tmp/Documentation/netlink/specs"
	# the generator climbs for this file, for ever if there is none
	touch "$tmp/MAINTAINERS"
	mv "$tmp" "$root$tools"
) 6>"$(lock_file "source-${root##*/}")"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
spec=Documentation/netlink/specs/vpngw.yaml
mkdir -p "$out/specs"
cp "$TOP/$spec" "$out/specs/"

# shellcheck disable=SC2016	# expanded by the inner shell
BIND=$out:/mnt/out in_root "$root" sh -ec '
	cp -a "$1" /tmp/ynl
	cd /tmp/ynl
	mkdir Documentation/netlink/specs
	cp /mnt/out/specs/vpngw.yaml "$2"
	generate()
	{
		python3 tools/net/ynl/ynl-gen-c.py --spec "$spec" "$@"
	}
	spec=$2
	generate --mode uapi --header -o /mnt/out/vpngw.h
	generate --mode kernel --header -o /mnt/out/netlink-gen.h
	generate --mode kernel --source -o /mnt/out/netlink-gen.c
' sh "$tools" "$spec"

status=0
while read -r new old; do
	if [[ ${1:-} == --check ]]; then
		diff -u "$TOP/$old" "$out/$new" || status=1
	elif ! cmp -s "$TOP/$old" "$out/$new"; then
		mkdir -p "$(dirname "$TOP/$old")"
		cp "$out/$new" "$TOP/$old"
		echo "$old"
	fi
done <<EOT
vpngw.h include/uapi/linux/vpngw.h
netlink-gen.h kmod/netlink-gen.h
netlink-gen.c kmod/netlink-gen.c
EOT
exit "$status"
