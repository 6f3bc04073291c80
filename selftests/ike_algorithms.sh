#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# strongSwan connects to vpnd with other algorithms than those of the deployment:
# every cipher, hash and group of either phase.
#
# timeout: 400

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

old()
{
	start_charon
	one "3DES, SHA-1, group 2" 3des-sha1-modp1024 3des-sha1 no \
		's/^ hash md5/ encr 3des\n hash sha\n group 2/' 's/esp-des esp-md5/esp-3des esp-sha/'
	one "AES-128, SHA-1, group 15" aes128-sha1-modp3072 aes128-sha1 no \
		's/^ hash md5/ encr aes\n hash sha\n group 15/' \
		's/esp-des esp-md5/esp-aes esp-sha/'
	one "AES-256, SHA-256, group 16" aes256-sha256-modp4096 aes256-sha256 yes \
		's/^ hash md5/ encr aes 256\n hash sha256\n group 16/' \
		's/esp-des esp-md5/esp-aes 256 esp-sha256/'
	one "AES-256, MD5 (key expanded), group 5" aes256-md5-modp1536 aes256-md5 no \
		's/^ hash md5/ encr aes 256\n hash md5\n group 5/' \
		's/esp-des esp-md5/esp-aes 256 esp-md5/'
}

new()
{
	one "AES-128, SHA-256, group 14" aes128-sha256-modp2048 aes128-sha256 yes \
		's/^ hash md5/ encr aes\n hash sha256\n group 14/' \
		's/esp-des esp-md5/esp-aes esp-sha256/'
	one "AES-256, SHA-384, group 20" aes256-sha384-ecp384 aes256-sha384 no \
		's/^ hash md5/ encr aes 256\n hash sha384\n group 20/' \
		's/esp-des esp-md5/esp-aes 256 esp-sha384/'
	one "AES-192, SHA-512, group 19" aes192-sha512-ecp256 aes192-sha512 no \
		's/^ hash md5/ encr aes 192\n hash sha512\n group 19/' \
		's/esp-des esp-md5/esp-aes 192 esp-sha512/'
	one "3DES, SHA-512, group 21" 3des-sha512-ecp521 3des-sha512 no \
		's/^ hash md5/ encr 3des\n hash sha512\n group 21/' \
		's/esp-des esp-md5/esp-3des esp-sha512/'
}

run_tests "
	old			groups 2, 5, 15 and 16
	new			groups 14, 19, 20 and 21
"
