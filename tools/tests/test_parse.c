// SPDX-License-Identifier: GPL-2.0
/* Commands, good and bad: text -> what is made of it. */
#include <stdio.h>

#include "tests.h"
#include "text.h"

/* Entries of access lists, and how they are written back. */
static void access_list_entries(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "access-list 101 permit ip any any", NULL },
		{ "access-list 101 deny   ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255",
		  "deny ip 10.2.2.0 0.0.0.255 10.2.1.0 0.0.0.255" },
		{ "ACCESS-LIST 101 PERM IP HO 1.2.3.4 AN", "permit ip host 1.2.3.4 any" },
		{ "access-list 101 permit ip 1.2.3.4 0.0.0.0 0.0.0.0 255.255.255.255",
		  "permit ip host 1.2.3.4 any" },
		/* Ignored bits are written as zeros. */
		{ "access-list 101 permit ip 10.2.2.77 0.0.0.255 any",
		  "permit ip 10.2.2.0 0.0.0.255 any" },
		/* Wildcard bits need not be contiguous. */
		{ "access-list 2699 permit ip 10.0.2.0 0.255.0.255 any",
		  "permit ip 10.0.2.0 0.255.0.255 any" },
		{ "access-list 101 permit tcp any eq www any range ftp-data 25",
		  "permit tcp any eq www any range ftp-data smtp" },
		{ "access-list 101 permit tcp any host 1.2.3.4 eq 80 443 8080",
		  "permit tcp any host 1.2.3.4 eq www 443 8080" },
		{ "access-list 101 permit udp any neq domain 99 any gt 1023",
		  "permit udp any neq domain 99 any gt 1023" },
		{ "access-list 101 permit udp any lt 1024 any", "permit udp any lt 1024 any" },
		{ "access-list 101 permit tcp any any established",
		  "permit tcp any any established" },
		{ "access-list 101 permit tcp any any match-all +syn -ack -fin",
		  "permit tcp any any match-all -fin +syn -ack" },
		{ "access-list 101 permit tcp any any match-any +rst +ack",
		  "permit tcp any any match-any +rst +ack" },
		{ "access-list 101 permit icmp any any echo", NULL },
		{ "access-list 101 permit icmp any any 8", "permit icmp any any echo" },
		{ "access-list 101 permit icmp any any 3 4", "permit icmp any any packet-too-big" },
		{ "access-list 101 permit icmp any any 40 1", "permit icmp any any 40 1" },
		{ "access-list 101 permit icmp any any ttl-exceeded log",
		  "permit icmp any any ttl-exceeded log" },
		{ "access-list 101 permit gre any any", NULL },
		{ "access-list 101 permit 50 any any", "permit esp any any" },
		{ "access-list 101 permit 0 any any", "permit ip any any" },
		{ "access-list 101 permit 200 any any", "permit 200 any any" },
		{ "access-list 101 permit ahp any any", NULL },
		{ "access-list 101 deny ip any any fragments", NULL },
		{ "access-list 101 permit ip any any precedence critical tos 8",
		  "permit ip any any precedence critical tos min-delay" },
		{ "access-list 101 permit ip any any dscp ef log-input",
		  "permit ip any any dscp ef log" },
		{ "access-list 101 permit ip any any dscp 3", "permit ip any any dscp 3" },
		{ "access-list 5 permit 10.1.1.1", "permit 10.1.1.1" },
		{ "access-list 5 permit host 10.1.1.1", "permit 10.1.1.1" },
		{ "access-list 5 deny 10.1.0.0 0.0.255.255", NULL },
		{ "access-list 1300 permit any log", "permit any log" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		struct parsed p = parse_text(cases[i].text, NULL);
		const char *want = cases[i].canonical, *sp = strchr(cases[i].text, ' ');
		const char *name = "5";
		char text[VG_ACE_TEXT], again[600];

		assert_int_equal(p.diags.n, 0);
		assert_int_equal(p.cfg->acl.n, 1);
		vg_ace_text(&p.cfg->acl.v[0].ace[0], p.cfg->acl.v[0].standard, text);
		assert_string_equal(text, want ? want : strchr(sp + 1, ' ') + 1);
		parsed_free(&p);

		/* What was written is read as the same. */
		if (strstr(cases[i].text, "101"))
			name = "101";
		else if (strstr(cases[i].text, "2699"))
			name = "2699";
		snprintf(again, sizeof(again), "access-list %s %s", name, text);
		p = parse_text(again, NULL);
		assert_int_equal(p.diags.n, 0);
		vg_ace_text(&p.cfg->acl.v[0].ace[0], p.cfg->acl.v[0].standard, again);
		assert_string_equal(again, text);
		parsed_free(&p);
	}
}

/* A crypto map that is complete but for what a case changes. */
#define MAP(ts, keys)								\
	"crypto ipsec transform-set t " ts "\n"					\
	"crypto map m 10 ipsec-manual\n"					\
	" set peer 192.0.2.2\n"							\
	" match address 102\n"							\
	" set transform-set t\n" keys						\
	"access-list 102 permit ip host 10.0.0.1 host 10.0.0.2\n"

#define DES_KEYS								\
	" set session-key inbound esp 300 cipher 0123456789abcdef "		\
	"authenticator 00112233445566778899aabbccddeeff\n"			\
	" set session-key outbound esp 301 cipher 0123456789abcdef "		\
	"authenticator 00112233445566778899aabbccddeeff\n"

struct bad {
	const char *text, *errors;
};

static void expect_errors(const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct parsed p = parse_text(cases[i].text, NULL);
		char *text = diags_text(&p.diags, VG_ERROR);

		assert_string_equal(text, cases[i].errors);
		free(text);
		parsed_free(&p);
	}
}

static void bad_access_lists(void **state)
{
	static const struct bad cases[] = {
		{ "access-list", "1:12 incomplete command\n" },
		{ "access-list 101", "1:16 incomplete command\n" },
		{ "access-list 3000 permit ip any any", "1:13 unexpected word '3000'\n" },
		{ "access-list 101 allow ip any any", "1:17 unexpected word 'allow'\n" },
		{ "access-list 101 permit tpc any any", "1:24 unexpected word 'tpc'\n" },
		{ "access-list 101 permit ip any", "1:30 incomplete command\n" },
		{ "access-list 101 permit ip any 10.0.0.0", "1:39 incomplete command\n" },
		{ "access-list 101 permit ip any 10.0.0.300 0.0.0.255",
		  "1:31 unexpected word '10.0.0.300'\n" },
		{ "access-list 101 permit ip any eq 80 any", "1:31 unexpected word 'eq'\n" },
		{ "access-list 101 permit ip any any eq 80", "1:35 unexpected word 'eq'\n" },
		{ "access-list 101 permit tcp any eq any", "1:35 unexpected word 'any'\n" },
		{ "access-list 101 permit tcp any eq 65536 any", "1:35 unexpected word '65536'\n" },
		{ "access-list 101 permit udp any eq bgp any", "1:35 unexpected word 'bgp'\n" },
		{ "access-list 101 permit tcp any lt 0 any", "1:35 no port is less than 0\n" },
		{ "access-list 101 permit tcp any any gt 65535",
		  "1:39 no port is greater than 65535\n" },
		{ "access-list 101 permit tcp any any range 20 10",
		  "1:45 range ends before it begins\n" },
		{ "access-list 101 permit tcp any any eq 1 2 3 4 5 6 7 8 9 10 11",
		  "1:60 more than 10 ports\n" },
		{ "access-list 101 permit udp any any established",
		  "1:36 unexpected word 'established'\n" },
		{ "access-list 101 permit tcp any any match-all syn",
		  "1:46 unexpected word 'syn'\n" },
		{ "access-list 101 permit tcp any any match-all +syn -syn",
		  "1:51 flag given twice\n" },
		{ "access-list 101 permit icmp any any echo 1",
		  "1:42 a message given by name has no code\n" },
		{ "access-list 101 permit tcp any any eq 1 fragments",
		  "1:41 later fragments have no ports, flags or message types: the entry could "
		  "never match\n" },
		{ "access-list 101 permit ip any any dscp ef precedence 1",
		  "1:40 dscp excludes precedence and tos\n" },
		{ "access-list 101 permit ip any any time-range lunch",
		  "1:35 'time-range' is not supported: the entry would match at other times than "
		  "it says\n" },
		{ "access-list 5 permit 10.0.0.0 0.0.0.255 any", "1:41 unexpected word 'any'\n" },
		{ "access-list 5 permit ip any any", "1:22 unexpected word 'ip'\n" },
		{ "access-list 5 permit any\nip access-list extended 5",
		  "2:25 number is not one of an extended list\n" },
		{ "ip access-list standard x\n permit any\nip access-list extended x",
		  "3:25 access list x is a standard one, see line 1\n" },
		{ "ip access-list extended x\n 10 permit ip any any\n 10 deny ip any any",
		  "3:2 sequence number 10 is taken by line 2\n" },
		{ "ip access-list extended x\n pemit ip any any\n permit ip any any",
		  "2:2 unknown command in ip access-list extended\n" },
		{ "ip access-list extended x\n permit ip any any\n no 20", "3:5 no such entry\n" },
		{ "ip access-list extendedx y", "1:16 unexpected word 'extendedx'\n" },
		{ "ip access-list", "1:15 incomplete command\n" },
		{ "ip access-list resequence x 10 10",
		  "1:27 no such access list above this line\n" },
		{ "ip access-list extended "
		  "a123456789a123456789a123456789a123456789a123456789a123456789abcd",
		  "1:25 name is longer than 63 characters\n" },
	};

	expect_errors(cases, VG_ARRAY_SIZE(cases));
}

static void bad_nat(void **state)
{
	static const struct bad cases[] = {
		{ "ip nat", "1:7 incomplete command\n" },
		{ "ip nat pol", "1:8 unexpected word 'pol'\n" },
		{ "ip nat pool p 10.0.0.9 10.0.0.1 netmask 255.255.255.0",
		  "1:1 pool p has no addresses\n1:24 pool ends before it begins\n" },
		{ "ip nat pool p 10.0.0.1 10.0.0.9 netmask 255.0.255.0",
		  "1:41 not a netmask: its one bits must all be on the left\n" },
		{ "ip nat pool p 10.0.0.1 10.0.0.9 prefix-length 33",
		  "1:47 unexpected word '33'\n" },
		{ "ip nat pool p 10.0.0.0 10.0.0.0 prefix-length 24",
		  "1:15 pool p: all host parts in this range are zeros or ones, no address is "
		  "left\n" },
		{ "ip nat pool p 10.0.0.1 10.0.0.9 prefix-length 24 type rotary",
		  "1:55 pools of type rotary serve inside destination translation, which is not "
		  "supported yet\n" },
		{ "ip nat pool p 10.0.0.1 10.0.0.9 prefix-length 24\n"
		  "ip nat pool p 10.0.1.1 10.0.1.9 prefix-length 24",
		  "2:13 pool p is defined in line 1\n" },
		{ "ip nat inside source list 7 pool p",
		  "1:27 access list 7, used in line 1, is not defined\n"
		  "1:34 pool p, used in line 1, is not defined\n" },
		{ "ip nat inside source route-map r interface Ethernet0 overload",
		  "1:32 route-map r, used in line 1, is not defined\n"
		  "1:44 interface Ethernet0, used in line 1, is not defined\n" },
		{ "ip nat inside source list 7", "1:28 incomplete command\n" },
		{ "ip nat outside source list 7 pool p",
		  "1:8 outside source translation (for overlapping networks) is not supported "
		  "yet\n" },
		{ "ip nat translation udp-timeout", "1:31 incomplete command\n" },
		{ "ip nat translation udp-timeout 0", "1:32 unexpected word '0'\n" },
		{ "ip nat translation foo-timeout 5", "1:20 unexpected word 'foo-timeout'\n" },
		{ "route-map", "1:10 incomplete command\n" },
		{ "route-map r allow 10", "1:13 unexpected word 'allow'\n" },
		/* a word that may be a key is not shown */
		{ "ip nat pool 0123456789abcdef 0123456789abcdef0123",
		  "1:30 unexpected word '********************'\n" },
		{ "route-map r permit 10\n match tga 5", "2:8 unexpected word 'tga'\n" },
		{ "route-map r permit 10\n match ip address", "2:18 incomplete command\n" },
		{ "route-map r permit 10\n continue 20\nip nat pool p 10.0.0.1 10.0.0.9 netmask "
		  "255.255.255.0\nip nat inside source route-map r pool p",
		  "2:2 not supported in a route-map for translation: only 'match ip address' with "
		  "access lists and 'match interface' are\n" },
		{ "interface Ethernet0\n ip nat insde", "2:9 unexpected word 'insde'\n" },
		{ "interface Ethernet0\n ip nat inside\n ip nat outside",
		  "3:2 interface Ethernet0 is already on the other side of translation\n" },
		{ "interface Ethernet0\n ip address 10.0.0.1", "2:21 incomplete command\n" },
		{ "interface Ethernet0\n ip address 10.0.0.1 0.0.0.255",
		  "2:22 not a netmask: its one bits must all be on the left\n" },
		{ "interface Ethernet0\n ip address 224.0.0.1 255.255.255.0",
		  "2:13 not an address for an interface\n" },
		{ "interface", "1:10 incomplete command\n" },
		{ "ip route 10.0.0.1 255.255.255.0 10.1.1.1",
		  "1:10 destination has bits outside its mask\n" },
		{ "ip local pool p 10.0.0.9 10.0.0.1", "1:26 pool ends before it begins\n" },
		{ "ip local pool p 10.0.0.1 10.2.0.1", "1:26 more than 65536 addresses\n" },
		{ "ip local pool p 10.0.0.1 10.0.0.9\nip local pool q 10.0.0.9 10.0.0.12",
		  "2:17 range overlaps that of line 1\n" },
		{ "ip local pool p", "1:16 incomplete command\n" },
	};

	expect_errors(cases, VG_ARRAY_SIZE(cases));
}

static void bad_crypto(void **state)
{
	static const struct bad cases[] = {
		{ "crypto", "1:7 incomplete command\n" },
		{ "crypto ipsec transform-set t esp-des",
		  "1:1 esp-des without an authenticator: ESP without integrity is never "
		  "accepted\n" },
		{ "crypto ipsec transform-set t esp-sha-hmac",
		  "1:1 no cipher in transform set t; esp-null says that none is wanted\n" },
		{ "crypto ipsec transform-set t esp-des esp-3des esp-sha-hmac",
		  "1:38 a second cipher, after esp-des\n" },
		{ "crypto ipsec transform-set t esp-des esp-md5-hmac esp-sha-hmac",
		  "1:51 a second authenticator, after esp-md5-hmac\n" },
		{ "crypto ipsec transform-set t esp-gcm 128 esp-sha-hmac",
		  "1:1 esp-gcm authenticates by itself; take esp-sha-hmac away\n" },
		{ "crypto ipsec transform-set t esp-aes 129 esp-sha-hmac",
		  "1:38 no such key length\n" },
		{ "crypto ipsec transform-set t esp-sha esp-des", "1:30 ambiguous abbreviation\n" },
		{ "crypto ipsec transform-set t ah-md5-hmac esp-des",
		  "1:30 transform ah-md5-hmac is not supported; ESP transforms only\n" },
		{ "crypto ipsec transform-set t comp-lzs",
		  "1:30 transform comp-lzs is not supported; ESP transforms only\n" },
		{ "crypto ipsec transform-set t", "1:29 incomplete command\n" },
		{ "crypto ipsec transform-set t esp-des esp-md5-hmac\n mode tunel",
		  "2:7 unexpected word 'tunel'\n" },
		{ "crypto isakmp policy 0", "1:22 unexpected word '0'\n" },
		{ "crypto isakmp policy 1\n hash md4", "2:7 unexpected word 'md4'\n" },
		{ "crypto isakmp policy 1\n hash", "2:6 incomplete command\n" },
		{ "crypto isakmp policy 1\n encr aes 129", "2:11 no such key length\n" },
		{ "crypto isakmp policy 1\n encryption", "2:12 incomplete command\n" },
		{ "crypto isakmp policy 1\n group 3",
		  "2:8 group is not supported: 1, 2, 5, 14, 15, 16, 19, 20 and 21 are\n" },
		{ "crypto isakmp policy 1\n lifetime 59", "2:11 unexpected word '59'\n" },
		{ "crypto isakmp policy 1\n authentication psk", "2:17 unexpected word 'psk'\n" },
		{ "crypto isakmp policy 1\n hush md5",
		  "2:2 unknown command in crypto isakmp policy\n" },
		{ "crypto isakmp polcy 1", "1:15 unexpected word 'polcy'\n" },
		{ "crypto isakmp key secret123 addres", "1:35 incomplete command\n" },
		{ "crypto isakmp key secret123 1.2.3.4", "1:29 unexpected word '1.2.3.4'\n" },
		{ "crypto isakmp key 6 ABCDEF address 1.2.3.4",
		  "1:19 an encrypted key cannot be read; write it in clear and keep the file to "
		  "yourself\n" },
		{ "crypto isakmp key k hostname peer.example.org",
		  "1:1 keys are chosen by the address of a peer, not by its name; write "
		  "'address'\n" },
		{ "crypto isakmp identity hostname",
		  "1:24 the gateway identifies itself by its address\n" },
		{ "crypto isakmp client configuration address-pool local p",
		  "1:55 local pool p, used in line 1, is not defined\n" },
		{ "crypto isakmp client configuration group g",
		  "1:1 group g has no key\n" },
		{ "crypto isakmp profile p", "1:1 'crypto isakmp profile' is not supported yet\n" },
		{ "crypto keyring k\n pre-shared-key address 1.2.3.4",
		  "2:32 incomplete command\n" },
		{ "crypto dynamic-map d 10\n", "1:1 crypto dynamic-map d 10 has no 'set "
		  "transform-set'\n" },
		{ "crypto dynamic-map d 10\n set transform-set t",
		  "2:20 transform set t, used in line 2, is not defined\n" },
		{ "crypto dynamic-map d 10\n set peer 1.2.3.4", "1:1 crypto dynamic-map d 10 has no "
		  "'set transform-set'\n" },
		{ "crypto map m 10 ipsec-isakmp dynamic d",
		  "1:38 crypto dynamic-map d, used in line 1, is not defined\n" },
		{ "crypto map m 10 ipsec-isakmp",
		  "1:1 crypto map m 10 has no 'set peer'\n"
		  "1:1 crypto map m 10 has no 'match address'\n"
		  "1:1 crypto map m 10 has no 'set transform-set'\n" },
		{ "crypto map m 10 ipsec-isakmp dynamic d\n set peer 1.2.3.4",
		  "1:38 crypto dynamic-map d, used in line 1, is not defined\n"
		  "2:2 crypto map m 10 takes its lines from crypto dynamic-map d\n" },
		{ "crypto map m client configuration address initiate",
		  "1:1 crypto map m gives addresses to clients, and there is no 'crypto isakmp "
		  "client configuration address-pool local'\n" },
		{ "crypto map m client authentication list l",
		  "1:41 lists of aaa need 'aaa new-model'\n"
		  "1:41 there is no 'aaa authentication login l'\n" },
		{ "crypto map m 10", "1:1 crypto map m 10 is not defined above\n" },
		{ "crypto map m 0 ipsec-manual", "1:14 unexpected word '0'\n" },
		{ "crypto map m 10 ipsec-manual\n set pfs group2",
		  "1:1 crypto map m 10 has no 'set peer'\n"
		  "1:1 crypto map m 10 has no 'match address'\n"
		  "1:1 crypto map m 10 has no 'set transform-set'\n"
		  "2:2 nothing is negotiated for an entry of type ipsec-manual\n" },
		{ "crypto map m 10 ipsec-manual\n set peer 192.0.2.2",
		  "1:1 crypto map m 10 has no 'match address'\n"
		  "1:1 crypto map m 10 has no 'set transform-set'\n" },
		{ MAP("esp-des esp-md5-hmac", ""),
		  "2:1 crypto map m 10 has no 'set session-key inbound'\n"
		  "2:1 crypto map m 10 has no 'set session-key outbound'\n" },
		{ MAP("esp-des esp-sha-hmac", DES_KEYS),
		  "6:72 authenticator key has 16 octets, esp-sha-hmac needs 20 (40 hexadecimal "
		  "digits)\n"
		  "7:73 authenticator key has 16 octets, esp-sha-hmac needs 20 (40 hexadecimal "
		  "digits)\n" },
		{ MAP("esp-aes 256 esp-md5-hmac", DES_KEYS),
		  "6:41 cipher key has 8 octets, esp-aes needs 32 (64 hexadecimal digits)\n"
		  "7:42 cipher key has 8 octets, esp-aes needs 32 (64 hexadecimal digits)\n" },
		{ MAP("esp-null esp-md5-hmac", DES_KEYS),
		  "6:41 cipher key, but esp-null takes none\n"
		  "7:42 cipher key, but esp-null takes none\n" },
		{ MAP("esp-des esp-md5-hmac", " set session-key inbound esp 255 cipher 00\n"
					      DES_KEYS),
		  "6:30 unexpected word '255'\n" },
		{ MAP("esp-des esp-md5-hmac",
		      DES_KEYS " set session-key inbound esp 400 cipher 00\n"),
		  "8:2 session key for this direction is in line 6\n" },
		{ MAP("esp-des esp-md5-hmac", " set session-key inbound esp 400 cipher 0x00\n"
					      DES_KEYS),
		  "6:41 key is not hexadecimal\n" },
		{ MAP("esp-des esp-md5-hmac", " set session-key inbound esp 400 cipher 000\n"
					      DES_KEYS),
		  "6:41 key has an odd number of hexadecimal digits\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS " set peer 192.0.2.3\n"),
		  "8:11 a second peer: manual keys serve one peer\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS " set pfs group2\n"),
		  "8:2 nothing is negotiated for an entry of type ipsec-manual\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS " set session-key inbound ah 300 0011\n"),
		  "8:2 'set session-key inbound ah' is not supported yet\n" },
		{ MAP("esp-gcm 128", DES_KEYS),
		  "5:20 esp-gcm with manual keys is refused: after a restart the same key meets "
		  "the same nonces again, which gives the traffic and the authentication away; "
		  "use esp-aes with an authenticator, or --force-static-aead for a test\n"
		  "6:41 cipher key has 8 octets, esp-gcm needs 20 (40 hexadecimal digits)\n"
		  "6:72 authenticator key, but esp-gcm takes none\n"
		  "7:42 cipher key has 8 octets, esp-gcm needs 20 (40 hexadecimal digits)\n"
		  "7:73 authenticator key, but esp-gcm takes none\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS) "access-list 102 permit ip any any",
		  "9:1 access list 102 has a second permit entry after line 8, but ipsec-manual "
		  "protects the first one only and the rest would leave in clear; write one "
		  "crypto map entry for each\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS) "no access-list 102\n"
		  "access-list 102 deny ip any any",
		  "4:16 access list 102 permits nothing, so nothing would be protected\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS) "no access-list 102\n",
		  "4:16 access list 102, used in line 4, is not defined\n" },
		{ MAP("esp-des esp-md5-hmac", DES_KEYS) "no access-list 102\n"
		  "access-list 102 permit tcp any any range 1 2",
		  "10:1 an entry for a crypto map may name addresses, a protocol and single ports "
		  "(eq), nothing else\n" },
		{ "interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n crypto map m",
		  "3:13 crypto map m, used in line 3, is not defined\n" },
		{ "crypto ipsec security-association replay window-size 65",
		  "1:54 window is not a power of two\n" },
	};

	expect_errors(cases, VG_ARRAY_SIZE(cases));
}

/* Text as it comes: all of these say the same. */
static void text_as_it_comes(void **state)
{
	static const char * const texts[] = {
		"interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n ip nat inside\n",
		"Building configuration...\n\nCurrent configuration:\n!\ninterface Ethernet0\n"
		" ip address 10.0.0.1 255.255.255.0\n ip nat inside\n!\nend\n",
		"interface Ethernet0\r\n\tip address 10.0.0.1 255.255.255.0\r\n ip nat inside\r\n",
		"!--- x\ninterface Ethernet 0\nip address 10.0.0.1 255.255.255.0\n"
		"   !--- in between\nip nat inside",
		"   INT Ethernet0\n      ip addr 10.0.0.1 255.255.255.0\n   IP NAT INS   \nend\n\n",
		"Current configuration : 100 bytes\nversion 12.0\nservice timestamps debug uptime\n"
		"banner motd ^C\ncrypto isakmp policy 1\ninterface Foo\n ip nat outside\n^C\n"
		"crypto ca certificate chain x\n certificate 01\n 3082AC 01020304 A\n  quit\n"
		"interface Ethernet0\n description ip nat outside\n"
		" ip address 10.0.0.1 255.255.255.0\n no shutdown\n ip nat inside\n"
		"router ospf 1\n network 10.0.0.0 0.0.0.255 area 0\nline vty 0 4\n password ww\n",
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(texts); i++) {
		struct parsed p = parse_text(texts[i], NULL);
		const struct vg_iface *iface = vg_iface_find(p.cfg, "Ethernet0");

		assert_int_equal(p.diags.errors, 0);
		assert_int_equal(p.diags.warnings, 0);
		assert_int_equal(p.cfg->iface.n, 1);
		assert_non_null(iface);
		assert_int_equal(iface->addr, 0x0a000001);
		assert_int_equal(iface->mask, 0xffffff00);
		assert_int_equal(iface->flags, VPNGW_IFACE_FLAG_NAT_INSIDE);
		parsed_free(&p);
	}
}

static void kept_lines(void **state)
{
	static const struct vg_parse_options strict = { .strict = true };
	static const char text[] = "hostname Router\naccess-list 5 permit any\nline vty 0 4\n"
				   " password ww\n";
	struct parsed p = parse_text(text, NULL);
	char *notes = diags_text(&p.diags, VG_NOTE);

	assert_string_equal(notes, "0:0 3 lines kept without effect here: 1, 3-4\n");
	assert_int_equal(p.cfg->kept.n, 3);
	assert_string_equal(p.cfg->kept.v[2].text, " password ww");
	free(notes);
	parsed_free(&p);

	p = parse_text(text, &strict);
	assert_int_equal(p.diags.errors, 3);
	parsed_free(&p);

	/* What is printed above a configuration is no command. */
	p = parse_text("R1#show running-config\nBuilding configuration...\n\n"
		       "Current configuration : 1234 bytes\nUsing 1 out of 2 bytes\n"
		       "access-list 5 permit any\nend\n", &strict);
	assert_int_equal(p.diags.errors, 0);
	parsed_free(&p);
}

static void no_forms(void **state)
{
	static const char text[] =
		"interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n ip nat inside\n"
		" no ip nat inside\n no ip address\n no ip route-cache\n default ip route-cache\n"
		" no crypto map\n no ip directed-broadcast\n no ip mroute-cache\n"
		"ip nat translation udp-timeout 10\nno ip nat translation udp-timeout\n"
		"ip nat translation tcp-timeout never\nno crypto isakmp enable\n"
		"access-list 101 permit ip any any\nno access-list 101\n"
		"access-list 101 deny ip any any\n"
		"ip access-list extended x\n permit ip any any\n deny ip any any\n no 10\n"
		"crypto ipsec security-association replay disable\n";
	struct parsed p = parse_text(text, NULL);

	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(p.cfg->iface.v[0].flags, 0);
	assert_int_equal(p.cfg->iface.v[0].mask, 0);
	assert_int_equal(p.cfg->nat.udp_timeout, 0);
	assert_int_equal(p.cfg->nat.tcp_timeout, VG_TIMEOUT_NEVER);
	assert_int_equal(vg_acl_find(p.cfg, "101")->n, 1);
	assert_int_equal(vg_acl_find(p.cfg, "101")->ace[0].action, VPNGW_ACTION_DENY);
	assert_int_equal(vg_acl_find(p.cfg, "x")->n, 1);
	assert_int_equal(vg_acl_find(p.cfg, "x")->ace[0].seq, 20);
	assert_int_equal(p.cfg->replay_window, 0);
	parsed_free(&p);
}

/* Nothing in here may be quadratic: this takes a second under sanitizers. */
static void forty_thousand_lines(void **state)
{
	struct parsed p;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (unsigned int i = 0; i < 10000; i++) {
		fprintf(f, "access-list 101 permit tcp host 10.1.%u.%u any eq %u\n", i / 250,
			i % 250, i);
		fprintf(f, "ip access-list extended list%u\n permit ip any any\nsnmp-server x%u\n",
			i, i);
	}
	fclose(f);
	p = parse_text(text, NULL);
	assert_int_equal(p.diags.errors, 0);
	assert_int_equal(vg_acl_find(p.cfg, "101")->n, 10000);
	assert_int_equal(vg_acl_find(p.cfg, "101")->ace[9999].seq, 100000);
	assert_int_equal(p.cfg->acl.n, 10001);
	parsed_free(&p);
	free(text);
}

static void odd_text(void **state)
{
	static const char nul[] = "access-list 101 permit ip any any\nfoo\0bar\n";
	static const struct vg_parse_options opt;
	struct vg_config *cfg = vg_config_new();
	struct vg_diags diags = { 0 };
	struct parsed p = parse_text("", NULL);

	assert_int_equal(p.diags.n, 0);
	parsed_free(&p);
	assert_int_equal(vg_parse(cfg, nul, sizeof(nul) - 1, &opt, &diags), 0);
	assert_int_equal(diags.errors, 1);
	vg_config_free(cfg);
	vg_diags_free(&diags);
}

int group_parse(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_list_entries), cmocka_unit_test(bad_access_lists),
		cmocka_unit_test(bad_nat), cmocka_unit_test(bad_crypto),
		cmocka_unit_test(text_as_it_comes), cmocka_unit_test(kept_lines),
		cmocka_unit_test(no_forms), cmocka_unit_test(forty_thousand_lines),
		cmocka_unit_test(odd_text),
	};

	return RUN_GROUP(tests);
}
