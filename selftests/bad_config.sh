#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Wrong configurations: vpnctl check and vpnctl load refuse them with file, line
# and reason, and what is in force stays in force.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment

# what must not change
state()
{
	gwctl show crypto map
	gwctl show access-lists
	gwctl show route-map
	gwctl show ip nat statistics | grep -v -i -E 'hits|expired'
	sa_count
	sa_stat out conn_id
}

BEFORE=$(state)

# refused EDIT LINE WORDS: after that sed script the configuration must be
# refused because of the first line that matches LINE, in these words
refused()
{
	local edit=$1 line=$2 words=$3 n output code verb
	config | sed -E "$edit" > "$TMP/bad.conf"
	if cmp -s <(config) "$TMP/bad.conf"; then
		fail "'$edit' changes nothing"
		return
	fi
	n=$(grep -nE -- "$line" "$TMP/bad.conf" | head -n 1 | cut -d : -f 1)
	for verb in check load; do
		code=0
		output=$(gwctl $verb "$TMP/bad.conf" 2>&1) || code=$?
		check_eq "'$edit': exit code of $verb" "$code" 1
		check_match "'$edit': $verb" "$output" "bad\\.conf:$n(:[0-9]+)?: .*($words)"
	done
}

commands()
{
	refused '/^hostname/i crypto ipsec transfrom-set x esp-des' 'transfrom' "unexpected word 'transfrom-set'"
	refused 's/^(access-list 101 permit) ip/\1 ipp/' '101 permit' "unexpected word 'ipp'"
	refused 's/ ip nat outside/ ip nat outsude/' 'outsude' "unexpected word 'outsude'"
	refused 's/^ set peer.*/ set peer 201.70.32/' 'set peer' 'unexpected word'
	refused 's/^ set peer.*/ set peer 201.70.32.300/' 'set peer' 'unexpected word'
	refused 's/^(ip nat inside source route-map nonat).*/\1/' '^ip nat inside' 'incomplete|pool'
	refused 's/ 201.70.32.101 255.255.255.0/ 201.70.32.101 255.0.255.0/' '255.0.255.0' 'mask'
	refused 's/(access-list 101 deny +ip 10.2.2.0) 0.0.0.255 10.2.1.0 0.0.0.255/\1/' '101 deny' 'incomplete'
}

transforms()
{
	refused 's/esp-des esp-md5-hmac/esp-des/' '^crypto ipsec' 'integrity|authenticator'
	refused 's/esp-des esp-md5-hmac/esp-md5-hmac/' '^crypto ipsec' 'cipher'
	refused 's/esp-des esp-md5-hmac/esp-des esp-3des esp-md5-hmac/' '^crypto ipsec' 'second'
	refused 's/esp-des esp-md5-hmac/esp-des esp-md5-hmac esp-sha-hmac/' '^crypto ipsec' 'second'
	refused 's/esp-des esp-md5-hmac/esp-gcm 128 esp-md5-hmac/' '^crypto ipsec' 'by itself|authenticat'
	refused 's/esp-des esp-md5-hmac/esp-aes 129 esp-md5-hmac/' '^crypto ipsec' '128, 192, 256|key length'
	refused 's/esp-des esp-md5-hmac/esp-rfc1829/' '^crypto ipsec' 'not supported'
	refused 's/^(crypto ipsec transform-set trans1).*/&\n\1 esp-3des esp-md5-hmac/' 'esp-3des' 'defined in line'
}

keys()
{
	refused 's/(inbound.*cipher) [0-9a-f]*/\1 0123456789abcd/' 'inbound' 'cipher.*8|7 octets|8 octets'
	refused 's/(inbound.*cipher) [0-9a-f]*/\1 0123456789abcdeg/' 'inbound' 'hex|invalid'
	refused 's/(outbound.*authenticator) [0-9a-f]*/\1 0011/' 'outbound' 'authenticator'
	refused 's/(inbound esp) [0-9]*/\1 255/' 'inbound' "unexpected word '255'"
	refused 's/(inbound.*) authenticator [0-9a-f]*/\1/' 'inbound' 'authenticator'
	refused '/set session-key inbound/d' '^crypto map' 'session-key inbound'
	refused '/set session-key outbound/d' '^crypto map' 'session-key outbound'
	refused 's/esp-des esp-md5-hmac/esp-null esp-md5-hmac/' 'inbound' 'cipher'
}

references()
{
	refused '/^access-list 102/d' ' match address' 'access list 102.*not defined'
	refused '/^crypto ipsec/d' ' set transform-set' 'transform set trans1.*not defined'
	refused '/^ip nat pool/d' '^ip nat inside' 'pool outsidepool.*not defined'
	refused '/^route-map/,/^ match ip/d' '^ip nat inside' 'route-map nonat.*not defined'
	refused 's/ crypto map intmap$/ crypto map other/' ' crypto map other' 'crypto map other.*not defined'
	refused '/ match address/d' '^crypto map' 'match address'
	refused '/ set peer/d' '^crypto map' 'set peer'
	refused '/ set transform-set/d' '^crypto map' 'set transform-set'
}

values()
{
	refused 's/201.70.32.150 201.70.32.160/201.70.32.160 201.70.32.150/' '^ip nat pool' 'ends before'
	refused 's/^(access-list 101 permit) ip.*/\1 tcp any eq 70000 any/' '101 permit' "unexpected word '70000'"
	refused 's/^(access-list 101 permit) ip.*/\1 ip any any eq 80/' '101 permit' "unexpected word 'eq'"
	refused 's/^(access-list 101 permit) ip.*/\1 udp any range 9 8 any/' '101 permit' 'range'
	refused 's/^(access-list 102 permit ip .*)/\1\naccess-list 102 permit ip any host 10.2.1.2/' \
		'host 10.2.1.2' 'second permit'
	refused 's/^access-list 102 permit/access-list 102 deny/' ' match address|102 deny' 'permits nothing'
	refused '/^hostname/i crypto ipsec security-association replay window-size 65' 'window-size' 'power of two'
	refused 's/^ip nat translation.*//; /^hostname/i ip nat translation icmp-timeout 0' 'icmp-timeout' "unexpected word '0'"
}

# What this version cannot do it refuses; it never loads half of it.
unsupported()
{
	refused 's/ipsec-manual/ipsec-isakmp/' 'set session-key' 'ipsec-manual'
	refused '/^hostname/i crypto isakmp profile p' 'isakmp' 'not supported'
	refused '/^hostname/i ip nat outside source static 198.51.100.9 10.2.2.9' 'outside source' 'not supported'
}

# vpnctl without a file, or with one that cannot be read
usage()
{
	local code=0
	gwctl load > /dev/null 2>&1 || code=$?
	check_eq "exit code without a file" "$code" 2
	code=0
	gwctl frobnicate > /dev/null 2>&1 || code=$?
	check_eq "exit code of an unknown command" "$code" 2
	check_fails "a file that is not there" gwctl load "$TMP/none.conf"
	check_fails "a directory" gwctl load "$TMP"
	head -c 4096 /dev/urandom > "$TMP/noise.conf"
	check_fails "noise" gwctl load "$TMP/noise.conf"
}

# An interface that no device answers to.
no_device()
{
	local output code=0
	config | sed 's/^interface Serial1/interface Serial7/; s/ip address 10.2.2.1/ip address 10.9.9.9/' \
		> "$TMP/bad.conf"
	output=$(gwctl load "$TMP/bad.conf" 2>&1) || code=$?
	check_eq "exit code" "$code" 1
	check_match "load" "$output" "bad\\.conf:$(grep -n '^interface Serial7' "$TMP/bad.conf" | cut -d : -f 1).*Serial7"
	check "the same, bound by hand" gwctl load "$TMP/bad.conf" --interface Serial7=Serial1
	config | load_config > /dev/null 2>&1 || fail "load"
}

# differs EDIT LINE WORDS: after that sed script check and load warn of LINE, in these
# words, and of nothing else
differs()
{
	local edit=$1 line=$2 words=$3 n output verb
	config | sed -E "$edit" > "$TMP/other.conf"
	n=$(grep -nE -- "$line" "$TMP/other.conf" | head -n 1 | cut -d : -f 1)
	for verb in check "load --dry-run"; do
		# shellcheck disable=SC2086	# a verb and its option
		output=$(gwctl $verb "$TMP/other.conf" 2>&1) || fail "$verb: $output"
		output=$(grep -E "warning: .*(device|address|route)" <<< "$output" | grep -v weak)
		check_eq "'$edit': $verb" "$output" "$TMP/other.conf:$n${words}"
	done
}

# what the host has otherwise than the configuration, with what would mend it
host_differs()
{
	local to=":1: warning: this host has"
	check_no_match "nothing differs" "$(config > "$TMP/same.conf"
		gwctl check "$TMP/same.conf" 2>&1)" 'this host|does not have|another device'
	differs 's/(ip address 201.70.32.10)1/\12/' '^ ip address 201' \
		":2: warning: device Ethernet0 does not have the address 201.70.32.102; add it with: ip address add 201.70.32.102/24 dev Ethernet0"
	differs 's/(ip address 10.2.2.1 255.255.255).0/\1.128/' '^ ip address 10' \
		":2: warning: device Serial1 has 10.2.2.1/24, not /25; change it with: ip address add 10.2.2.1/25 dev Serial1; ip address del 10.2.2.1/24 dev Serial1"
	differs 's/^ip route.*/ip route 0.0.0.0 0.0.0.0 201.70.32.9/' '^ip route' \
		"$to another route to 0.0.0.0/0; replace it with: ip route replace 0.0.0.0/0 via 201.70.32.9"
	differs 's/^ip route.*/&\nip route 10.7.0.0 255.255.0.0 Serial1 10.2.2.7 200/' 'route 10.7' \
		"$to no route to 10.7.0.0/16; add it with: ip route add 10.7.0.0/16 via 10.2.2.7 dev Serial1"
	differs 's/^ip route.*/&\nip route 10.8.0.0 255.255.0.0 Null0/' 'route 10.8' \
		"$to no route to 10.8.0.0/16; add it with: ip route add blackhole 10.8.0.0/16"
	gw ip route add 10.7.0.0/16 via 10.2.2.7 dev Serial1
	gw ip route add blackhole 10.8.0.0/16
	config | sed 's/^ip route.*/&\nip route 10.7.0.0 255.255.0.0 10.2.2.7\nip route 10.8.0.0 255.255.0.0 Null0/' \
		> "$TMP/same.conf"
	check_no_match "added" "$(gwctl check "$TMP/same.conf" 2>&1)" 'this host'
	gw ip route del 10.7.0.0/16
	gw ip route del blackhole 10.8.0.0/16
}

unchanged()
{
	check_eq "what is in force" "$(state)" "$BEFORE"
	check_ping "$CLIENT" $INSIDE_ADDR 2
	check_ping "$INSIDE" $OUTSIDE_ADDR 2
}

no_clear()
{
	check_no_clear
}

run_tests "
	commands	malformed commands
	transforms	transforms that are incomplete or contradict themselves
	keys		keys of the wrong length, or none
	references	names that nothing defines
	values		values out of range
	unsupported	what is not supported yet
	usage		files that cannot be read, commands that do not exist
	host_differs	addresses and routes that the host has otherwise
	unchanged	what was in force is in force, and works
	no_device	interfaces without a device
	no_clear	nothing protected was in clear on the wire
"
