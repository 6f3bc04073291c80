#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sync.sh DIR KEY: make the sources in DIR those of this checkout (everything
# git does not ignore, committed or not) and leave objects alone. A file is
# written only if its content differs, so its time says when it changed *there*:
# make is right about objects even when two checkouts of any age take turns.
# When KEY (what the objects were built against) changes, all objects go.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

dir=${1:?usage: sync.sh DIR KEY}
key=${2:?usage: sync.sh DIR KEY}

list_files()
{
	if [[ -e $TOP/.git ]] && command -v git >/dev/null; then
		git -c safe.directory='*' -C "$TOP" ls-files -z --cached --others \
			--exclude-standard
	else
		(cd "$TOP" && find . -type f -printf '%P\0')
	fi | sort -zu
}

if [[ ! -f $dir/.synced-key || $(< "$dir/.synced-key") != "$key" ]]; then
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir"
	echo "$key" > "$dir/.synced-key"
fi

new=$(mktemp "$dir/.synced.XXXXXX")
list_files | while IFS= read -r -d '' file; do
	# still in git's index, already removed from the checkout
	[[ -f $TOP/$file || -L $TOP/$file ]] || continue
	printf '%s\0' "$file" >> "$new"
	if ! cmp -s "$TOP/$file" "$dir/$file"; then
		mkdir -p "$(dirname "$dir/$file")"
		cp --remove-destination -P --preserve=mode "$TOP/$file" "$dir/$file"
	elif [[ -x $TOP/$file && ! -x $dir/$file ]]; then
		chmod +x "$dir/$file"
	fi
done
if [[ -f $dir/.synced ]]; then
	comm -z -23 "$dir/.synced" "$new" | (cd "$dir" && xargs -0r rm -f --)
fi
mv "$new" "$dir/.synced"
