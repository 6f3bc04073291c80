#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [GROUP...]: measure all rows, or those of the groups named; print the
# table. Runs in the guest, see selftests/vm/run.sh.

# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bench/rows.sh
. "$BENCH/rows.sh"

subtest_failed=
groups=("$@")
[[ ${#groups[@]} -gt 0 ]] || mapfile -t groups < <(all_groups)
: > "$ROWS"

for module in vpngw pktgen dummy veth nf_tables nft_ct nft_nat nft_masq nft_chain_nat \
	nft_flow_offload nf_flow_table_inet esp4 xfrm_user aesni_intel sha1_ssse3 \
	chacha20poly1305 wireguard \
	act_mirred cls_matchall sch_ingress; do
	modprobe -q "$module" || [[ -d /sys/module/$module ]] || diag "no module $module"
done

for group in "${groups[@]}"; do
	diag "$group, at $(cut -d. -f1 /proc/uptime) s of the guest"
	"group_${group%%:*}" "${group#*:}" || fail "$group ended with code $?"
done
[[ ! ${BENCH_PROFILE:-} ]] || exit "${subtest_failed:-0}"
python3 "$BENCH/report.py" table "$ROWS" --json "${ROWS%.tsv}.json" || fail "no table"
[[ -z $subtest_failed ]]
