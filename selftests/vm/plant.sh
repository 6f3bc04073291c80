#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# plant.sh [NUMBER...]: does the suite find what it is there to find? Each patch in
# selftests/plant plants one defect, and says which test must fail for it and what
# must be said then. One after the other, or those named, in copies of this checkout,
# on KERNEL=uml.

set -euo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

need_root
kernel=${KERNEL:-uml}
copy=$(mktemp -d /tmp/vpngw-plant.XXXXXX)
trap 'rm -rf "$copy"' EXIT

word()
{
	sed -n "s/^$1: //p" "$2"
}

# plant PATCH: 0 if the defect was caught
plant()
{
	local patch=$1 name test expect log run found='' output code=0
	name=$(basename "$patch" .patch)
	test=$(word Test "$patch")
	expect=$(word Expect "$patch")
	log=$copy/$name.log
	[[ $test && $expect ]] || die "$patch does not say what must happen"

	rm -rf "$copy/src"
	mkdir "$copy/src"
	git -C "$TOP" ls-files -co --exclude-standard -z |
		tar -C "$TOP" --null --ignore-failed-read -T - -cf - 2>/dev/null |
		tar -C "$copy/src" -xf -
	# from within this checkout, git would take no notice of the patch
	GIT_CEILING_DIRECTORIES=$copy git -C "$copy/src" apply "$patch" ||
		die "$patch does not apply any more"

	TIMEOUT=${TIMEOUT:-600} make -s -C "$copy/src" test KERNEL="$kernel" TESTS="$test" \
		> "$log" 2>&1 || code=$?
	run=$(sed -n 's/.*console, output and results: //p' "$log" | tail -n 1)
	for output in "$log" ${run:+"$run/console.log" "$run/output.log"}; do
		[[ -r $output ]] || continue
		found=$(tr -d '\r' < "$output" | grep -E -m 1 -- "$expect") && break
	done
	if [[ $code -ne 0 && $found ]]; then
		echo "ok - $name: $test: ${found#"${found%%[![:space:]]*}"}"
		rm -rf ${run:+"$run"}
		return 0
	fi
	tail -n 30 "$log" | sed 's/^/# /'
	if [[ $code -eq 0 ]]; then
		echo "not ok - $name: $test has passed"
	else
		echo "not ok - $name: $test has failed, but not with '$expect'; see ${run:-above}"
	fi
	return 1
}

failed=0
patches=()
if [[ $# -eq 0 ]]; then
	patches=("$TOP"/selftests/plant/*.patch)
else
	for number; do
		patches+=("$TOP"/selftests/plant/"$(printf '%02d' "$((10#$number))")"-*.patch)
	done
fi
for patch in "${patches[@]}"; do
	plant "$patch" || failed=$((failed + 1))
done
echo "$((${#patches[@]} - failed)) caught, $failed not"
[[ $failed -eq 0 ]]
