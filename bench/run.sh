#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [GROUP...]: measure all rows, or those of the groups named; print the table.
# run.sh --figures: the rows of figures.json; --check: and compare them with it.
# Runs in the guest, see selftests/vm/run.sh.

# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bench/rows.sh
. "$BENCH/rows.sh"

subtest_failed=
mode=table
groups=("$@")
case ${1:-} in
--check|--figures)
	mode=${1#--}
	# shellcheck disable=SC2034	# rows.sh reads it
	SIZES=(60 1400)
	mapfile -t groups < <(figures_groups)
	;;
"")	mapfile -t groups < <(all_groups) ;;
esac
: > "$ROWS"
: > "$FACTS"

# all of them now, see setup_gateway_vpngw()
for module in vpngw pktgen dummy veth nf_tables nft_ct nft_nat nft_masq nft_chain_nat \
	esp4 xfrm_user authenc authencesn echainiv seqiv cbc ecb gcm ctr crypto_null \
	des_generic md5 sha1_generic sha256_generic aesni_intel sha1_ssse3 \
	chacha20poly1305 wireguard \
	act_mirred cls_matchall sch_ingress; do
	modprobe -q "$module" || [[ -d /sys/module/$module ]] || diag "no module $module"
done

for group in "${groups[@]}"; do
	diag "$group, at $(cut -d. -f1 /proc/uptime) s of the guest"
	"group_${group%%:*}" "${group#*:}" || fail "$group ended with code $?"
done
[[ ! ${BENCH_PROFILE:-} ]] || exit "${subtest_failed:-0}"
json=${ROWS%.tsv}.json
# what a figure depends on beside the source
python3 "$BENCH/report.py" table "$ROWS" --facts "$FACTS" --json "$json" \
	--made "kernel=$(uname -r)" --made "compiler=$(gcc -dumpfullversion)" \
	--made "machine=$(< /sys/class/dmi/id/product_version)" || fail "no table"
if [[ $mode == check ]]; then
	# its closing line counts; what went wrong before is one more failure
	python3 "$BENCH/report.py" check "$BENCH/figures.json" "$json" \
		${subtest_failed:+--failed} || fail "see above"
fi
[[ -z $subtest_failed ]]
