#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone
# timeout: 300
#
# Keys are in memory as long as their associations are, and nowhere afterwards: all
# memory of the machine is searched, that of the kernel, of vpnctl, and what was freed.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

setup_deployment
[[ -x $SELFTESTS/keys_in_memory ]] || skip_all "needs keys_in_memory"
[[ -r /proc/kcore ]] || skip_all "needs /proc/kcore"

# keys of each case, and the number of the case
KEYS=()
CASES=()

# found KEY...: how often each of them is there
found()
{
	"$SELFTESTS/keys_in_memory" "$@" 2> "$TMP/searched" | xargs
}

# used CASE TRANSFORM CIPHER_OCTETS AUTHENTICATOR_OCTETS: keys of the gateway alone, since
# the peer's end has others
used()
{
	local case=$1 key
	shift
	gwctl clear crypto sa > /dev/null
	new_keys "$@"
	for key in "$ENC_KEY_IN" "$ENC_KEY_OUT" "$AUTH_KEY_IN" "$AUTH_KEY_OUT"; do
		[[ $key ]] || continue
		KEYS+=("$key")
		CASES+=("$case")
	done
	config | load_config --force-static-aead > "$TMP/load.log" 2>&1 ||
		fail "load: $(cat "$TMP/load.log")"
	check_no_ping "$INSIDE" $CLIENT_INNER 2
	check_eq "packets sealed" "$(sa_stat out packets)" 2
}

while_used()
{
	local n
	used used "esp-aes 256 esp-sha256-hmac" 32 32
	n=$(found "$ENC_KEY_IN" "$ENC_KEY_OUT")
	diag "$(xargs < "$TMP/searched"): $n"
	# the first round key of AES is the key
	check_num "inbound" "${n% *}" -gt 0
	check_num "outbound" "${n#* }" -gt 0
}

# What leads to the end of an association, and requests that are refused.
afterwards()
{
	local key i
	local -a n
	used cleared "esp-aes 256 esp-sha256-hmac" 32 32
	gwctl clear crypto sa > /dev/null
	used replaced "esp-aes 256 esp-sha256-hmac" 32 32
	used unloaded "esp-gcm 256" 36 0
	check "unload" gwctl unload
	new_keys "esp-aes 256 esp-sha256-hmac" 32 32
	for key in "$ENC_KEY_IN" "$ENC_KEY_OUT" "$AUTH_KEY_IN" "$AUTH_KEY_OUT"; do
		KEYS+=("$key")
		CASES+=(refused)
	done
	config | sed "s/match address 102/match address 199/" |
		load_config > "$TMP/load.log" 2>&1
	check_match "the refusal" "$(cat "$TMP/load.log")" "199"
	read -ra n <<< "$(found "${KEYS[@]}")"
	check_eq "keys looked for" "${#n[@]}" ${#KEYS[@]}
	for i in "${!n[@]}"; do
		check_eq "key $i, ${CASES[i]}" "${n[i]}" 0
	done
}

run_tests "
	while_used	the keys of ciphers are found while they are used
	afterwards	no key is found when its association is gone
"
