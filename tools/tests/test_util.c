// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>

#include "ifname.h"
#include "secrets.h"
#include "tests.h"
#include "transform.h"

static void addr_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t addr;
	} cases[] = {
		{ "10.2.1.1", true, 0x0a020101 }, { "255.255.255.255", true, 0xffffffff },
		{ "0.0.0.0", true, 0 }, { "1.2.3", false, 0 }, { "1.2.3.4.5", false, 0 },
		{ "1.2.3.256", false, 0 }, { "1..2.3", false, 0 }, { "1.2.3.", false, 0 },
		{ ".1.2.3", false, 0 }, { "1.2.3.4x", false, 0 }, { "", false, 0 },
		{ "0001.2.3.4", false, 0 }, { "1.2.3.-4", false, 0 },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		uint32_t addr = 0;

		assert_int_equal(vg_addr_parse(cases[i].text, strlen(cases[i].text), &addr),
				 cases[i].ok);
		if (cases[i].ok)
			assert_int_equal(addr, cases[i].addr);
	}
}

static void masks(void **state)
{
	assert_true(vg_mask_contiguous(0xffffff00));
	assert_true(vg_mask_contiguous(0));
	assert_true(vg_mask_contiguous(0xffffffff));
	assert_false(vg_mask_contiguous(0xff00ff00));
	assert_false(vg_mask_contiguous(0x000000ff));
	assert_int_equal(vg_mask_len(0xfffff000), 20);
	assert_int_equal(vg_len_mask(0), 0);
	assert_int_equal(vg_len_mask(32), 0xffffffff);
	assert_int_equal(vg_len_mask(1), 0x80000000);
}

static void hex(void **state)
{
	uint8_t out[4];

	assert_int_equal(vg_hex_parse("00fFa1", out, 4), 3);
	assert_int_equal(out[0], 0);
	assert_int_equal(out[1], 0xff);
	assert_int_equal(out[2], 0xa1);
	assert_int_equal(vg_hex_parse("0", out, 4), -EINVAL);
	assert_int_equal(vg_hex_parse("", out, 4), -EINVAL);
	assert_int_equal(vg_hex_parse("0g", out, 4), -EINVAL);
	/* "0x" is not a prefix here, and neither '@' nor '`' is a digit. */
	assert_int_equal(vg_hex_parse("0x12", out, 4), -EINVAL);
	assert_int_equal(vg_hex_parse("@`", out, 4), -EINVAL);
	assert_int_equal(vg_hex_parse("0011223344", out, 4), -EMSGSIZE);
}

static void hash(void **state)
{
	static char names[5000][8];
	struct vg_hash h = { 0 };
	size_t v;

	assert_false(vg_hash_get(&h, "a", &v));
	for (size_t i = 0; i < 5000; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		assert_int_equal(vg_hash_put(&h, names[i], i), 0);
	}
	assert_int_equal(vg_hash_put(&h, "n7", 12345), 0);
	assert_int_equal(h.n, 5000);
	for (size_t i = 0; i < 5000; i++) {
		assert_true(vg_hash_get(&h, names[i], &v));
		assert_int_equal(v, i == 7 ? 12345 : i);
	}
	assert_false(vg_hash_get(&h, "n5000", &v));
	vg_hash_free(&h);
}

static void mask_secrets(void **state)
{
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{ " set session-key inbound esp 300 cipher 0123 authenticator 4567",
		  " set session-key inbound esp 300 cipher **** authenticator ****" },
		{ "set session-key inbound esp 300 ciph 0123",
		  "set session-key inbound esp 300 ciph ****" },
		{ "crypto isakmp key cisco123 address 0.0.0.0",
		  "crypto isakmp key ******** address 0.0.0.0" },
		{ "enable secret 5 $1$abc", "enable secret * ******" },
		{ " password ww", " password **" },
		{ "junk 00112233445566778899aabb", "junk ************************" },
		{ "access-list 101 permit ip any any", "access-list 101 permit ip any any" },
		{ "interface Ethernet0", "interface Ethernet0" },
		/* of a router's other protocols */
		{ " ip ospf message-digest-key 1 md5 s3cr",
		  " ip ospf message-digest-key 1 md5 ****" },
		{ " ip ospf message-digest-key 1 md5 7 0822",
		  " ip ospf message-digest-key 1 md5 * ****" },
		{ " ip ospf authentication-key s3cr", " ip ospf authentication-key ****" },
		{ "ntp authentication-key 1 md5 0822 7", "ntp authentication-key 1 md5 **** 7" },
		{ "snmp-server host 10.0.0.1 publ", "snmp-server host 10.0.0.1 ****" },
		{ "snmp-server host 10.0.0.1 traps version 2c publ config",
		  "snmp-server host 10.0.0.1 traps version 2c **** config" },
		{ "snmp-server host 10.0.0.1 vrf v version 3 priv adm",
		  "snmp-server host 10.0.0.1 vrf v version 3 priv ***" },
		{ "snmp-server user u g v3 auth md5 abc priv des ab",
		  "snmp-server user u g v3 auth md5 *** priv des **" },
		{ "snmp-server user u g v3 auth sha abc priv aes 128 ab access 5",
		  "snmp-server user u g v3 auth sha *** priv aes 128 ** access 5" },
		{ "snmp-server community publ RO", "snmp-server community **** RO" },
		{ "no snmp-server host 10.0.0.1 publ", "no snmp-server host 10.0.0.1 ****" },
		{ " standby 1 authentication s3cr", " standby 1 authentication ****" },
		{ " standby authentication text s3cr", " standby authentication text ****" },
		{ " vrrp 1 authentication md5 key-string 7 0822 timeout 3",
		  " vrrp 1 authentication md5 key-string * **** timeout 3" },
		{ " glbp 1 authentication md5 key-chain abc",
		  " glbp 1 authentication md5 key-chain abc" },
		{ " vrrp 2 authentication abc", " vrrp 2 authentication ***" },
		{ "  pre-shared-key local abc", "  pre-shared-key local ***" },
		{ "  pre-shared-key address 10.0.0.1 key abc",
		  "  pre-shared-key address 10.0.0.1 key ***" },
		{ " hash md5", " hash md5" },
		{ "key chain abc", "key chain abc" },
		{ "no key chain abc", "no key chain abc" },
		{ " key-string abc", " key-string ***" },
		{ " key chain", " key *****" },
		{ " key 12345", " key *****" },
		{ "crypto key generate rsa", "crypto key generate rsa" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		char buf[128];

		snprintf(buf, sizeof(buf), "%s", cases[i].text);
		vg_mask_secrets(buf);
		assert_string_equal(buf, cases[i].masked);
	}
	/* In a chain of keys, which is none of ours. */
	for (size_t i = 0; i < 2; i++) {
		char buf[] = " key 12345";

		if (i)
			vg_mask_kept(buf);
		else
			vg_mask_secrets(buf);
		assert_string_equal(buf, i ? " key 12345" : " key *****");
	}
}

static void des_weak_keys(void **state)
{
	static const uint8_t weak[] = { 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01 };
	static const uint8_t semi[] = { 0x01, 0xfe, 0x01, 0xfe, 0x01, 0xfe, 0x01, 0xfe };
	static const uint8_t half[] = { 0x1f, 0x1f, 0x1f, 0x1f, 0x0e, 0x0e, 0x0e, 0x0e };
	static const uint8_t good[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

	assert_true(vg_des_key_weak(weak));
	assert_true(vg_des_key_weak(semi));
	assert_true(vg_des_key_weak(half));
	assert_false(vg_des_key_weak(good));
}

static void key_lengths(void **state)
{
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_NULL, 0), 0);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_DES, 64), 8);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_3DES, 192), 24);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_AES_CBC, 192), 24);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_AES_GCM, 256), 36);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_AES_GMAC, 128), 20);
	assert_int_equal(vg_cipher_key_len(VPNGW_ENCR_CHACHA20_POLY1305, 256), 36);
	/* Numbers of a later kernel do not crash. */
	assert_int_equal(vg_cipher_key_len(99, 256), 0);
	assert_null(vg_auth_info(99));
}

static void interface_names(void **state)
{
	static const struct {
		const char *written, *name, *key;
	} cases[] = {
		{ "Ethernet0", "Ethernet0", "ethernet0" },
		{ "e0", "Ethernet0", "ethernet0" },
		{ "ETH0/1", "Ethernet0/1", "ethernet0/1" },
		{ "eth0", "eth0", "ethernet0" },
		{ "fa0/0.10", "FastEthernet0/0.10", "fastethernet0/0.10" },
		{ "gi0/1", "GigabitEthernet0/1", "gigabitethernet0/1" },
		{ "se0/0:0", "Serial0/0:0", "serial0/0:0" },
		{ "lo0", "Loopback0", "loopback0" },
		{ "di1", "Dialer1", "dialer1" },
		{ "Tu7", "Tunnel7", "tunnel7" },
		{ "tun7", "tun7", "tunnel7" },
		{ "vlan10", "vlan10", "vlan10" },
		{ "VLAN10", "Vlan10", "vlan10" },
		{ "virtual-template1", "Virtual-Template1", "virtual-template1" },
		{ "te1/1", "TenGigabitEthernet1/1", "tengigabitethernet1/1" },
		/* Not of IOS, or not with a number. */
		{ "l0", "l0", "l0" },
		{ "br0", "br0", "br0" },
		{ "enp3s0", "enp3s0", "enp3s0" },
		{ "eth0@x", "eth0@x", "eth0@x" },
		{ "ethernet", "ethernet", "ethernet" },
		{ "", "", "" },
	};
	char name[VPNGW_NAME_MAX + 1], key[VPNGW_NAME_MAX + 1], longest[VPNGW_NAME_MAX + 1];

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		vg_ifname(cases[i].written, name);
		assert_string_equal(name, cases[i].name);
		vg_ifname_key(cases[i].written, key);
		assert_string_equal(key, cases[i].key);
		assert_true(vg_ifname_same(cases[i].written, cases[i].name));
	}
	assert_false(vg_ifname_same("e0", "e1"));
	/* What would not fit stays as it is. */
	memset(longest, '0', sizeof(longest));
	longest[0] = 'e';
	longest[VPNGW_NAME_MAX] = '\0';
	vg_ifname(longest, name);
	assert_string_equal(name, longest);
}

int group_util(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addr_parse), cmocka_unit_test(masks), cmocka_unit_test(hex),
		cmocka_unit_test(interface_names),
		cmocka_unit_test(hash), cmocka_unit_test(mask_secrets),
		cmocka_unit_test(des_weak_keys), cmocka_unit_test(key_lengths),
	};

	return RUN_GROUP(tests);
}
