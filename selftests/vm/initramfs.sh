#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh RELEASE FILE: write the initramfs for that kernel, made in the
# Debian root (chrooted): a static busybox, the modules that reach the root
# file system, and initramfs.init.

set -euo pipefail

release=$1
file=$2
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

mkdir -p "$dir"/{bin,dev,proc,modules}
cp /bin/busybox "$dir/bin/"
install -m 755 "$here/initramfs.init" "$dir/init"

# A kernel of our own has all of this built in and no modules.
n=0
for name in 9p 9pnet_virtio virtio_pci overlay; do
	modprobe -S "$release" --show-depends "$name" 2>/dev/null || true
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
while read -r module; do
	n=$((n + 1))
	out=$dir/modules/$(printf '%02d' "$n").ko
	case $module in
	*.xz)	xz -dc "$module" > "$out" ;;
	*.zst)	zstd -qdc "$module" > "$out" ;;
	*)	cp "$module" "$out" ;;
	esac
done

(cd "$dir" && find . | cpio --quiet -o -H newc) > "$file"
