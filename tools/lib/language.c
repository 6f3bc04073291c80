// SPDX-License-Identifier: GPL-2.0
/*
 * The language: every command of every mode, in one place. Parser, help and
 * documentation read these tables, so that they cannot drift apart.
 */
#include <stdlib.h>

#include "parser.h"

#define ADDR(p)									\
	"{any=" p "any|host=" p "host <" p ":addr>|<" p ":addr> <" p "wild:wild>}"
#define PORT(p, t)								\
	"[{eq=" p "-eq <" p ":" t ">+|neq=" p "-neq <" p ":" t ">+|"		\
	"lt=" p "-lt <" p ":" t ">|gt=" p "-gt <" p ":" t ">|"			\
	"range=" p "-range <" p ":" t "> <" p ":" t ">}]"
#define OPTIONS									\
	"[{fragments|log|log-input|precedence <prec:prec>|tos <tosval:tos>|"	\
	"dscp <dscpval:dscp>|time-range=unsupported <name:name>|"			\
	"reflect=unsupported <name:name>}]*"
/* Flags without a sign, as they were written before 12.3. */
#define TCP_OPTIONS								\
	"[{established|ack=flag-ack|fin=flag-fin|psh=flag-psh|rst=flag-rst|"		\
	"syn=flag-syn|urg=flag-urg|"							\
	"match-any <tcpflag:tcpflag>+|match-all <tcpflag:tcpflag>+|"	\
	"fragments|log|log-input|precedence <prec:prec>|tos <tosval:tos>|"		\
	"dscp <dscpval:dscp>|time-range=unsupported <name:name>|"			\
	"reflect=unsupported <name:name>}]*"
#define EXTENDED								\
	"{permit|deny} {"							\
	"tcp " ADDR("src") PORT("sport", "tport") ADDR("dst") PORT("dport", "tport") TCP_OPTIONS \
	"|udp " ADDR("src") PORT("sport", "uport") ADDR("dst") PORT("dport", "uport") OPTIONS \
	"|icmp " ADDR("src") ADDR("dst") "[<icmptype:icmp> [<icmpcode:octet>]] " OPTIONS \
	"|igmp " ADDR("src") ADDR("dst") "[<igmptype:igmp>] " OPTIONS			\
	"|ip " ADDR("src") ADDR("dst") OPTIONS					\
	"|<proto:proto> " ADDR("src") ADDR("dst") OPTIONS "}"
#define STANDARD	"{permit|deny} {any=srcany|host=srchost <src:addr>|<src:addr> " \
			"[<srcwild:wild>]} [log]"
#define IFACE		"{<if:ifname>|<if:iftype> <ifnum:ifnum>}"
#define TRANSFORM								\
	"{esp-null|esp-des|esp-3des|esp-aes [<bits:128-256>]|esp-gcm [<bits:128-256>]|"	\
	"esp-gmac [<bits:128-256>]|esp-chacha20-poly1305|esp-md5-hmac|esp-sha-hmac|"	\
	"esp-sha256-hmac|esp-sha384-hmac|esp-sha512-hmac|esp-seal|esp-rfc1829|"	\
	"ah-md5-hmac|ah-sha-hmac|ah-sha256-hmac|ah-sha384-hmac|ah-sha512-hmac|"	\
	"ah-rfc1828|comp-lzs}"
#define LIFETIME	"lifetime {seconds <s:120-86400>|kilobytes {<k:2560-536870912>|disable}}"
#define LIFETIME_NO	"lifetime {seconds|kilobytes}"
#define MAP_TYPE	"{ipsec-manual|ipsec-isakmp [dynamic <dyn:name> [discover]]}"
#define SECRET		"[{0=plain|6=encrypted}] <secret:word>"
#define REST		"<text:any>+"

#define C(pattern, handler, root, flags, help) { pattern, VG_FN(handler), root, flags, help }

static const struct vg_cmd global_cmds[] = {
	C("interface " IFACE " [{point-to-point|multipoint|type {ethernet|serial|tunnel}}]",
	  vg_cmd_interface, 1, VG_CMD_NO,
	  "configure an interface"),

	C("access-list <acl:1-99> " STANDARD, vg_cmd_acl_numbered, 1, VG_CMD_NO, "standard list"),
	C("access-list <acl:1300-1999> " STANDARD, vg_cmd_acl_numbered, 1, VG_CMD_NO, NULL),
	C("access-list <acl:100-199> " EXTENDED, vg_cmd_acl_numbered, 1, VG_CMD_NO,
	  "extended list"),
	C("access-list <acl:2000-2699> " EXTENDED, vg_cmd_acl_numbered, 1, VG_CMD_NO, NULL),
	C("access-list <acl:1-2699> remark [" REST "]", vg_cmd_acl_numbered_remark, 1, VG_CMD_NO,
	  "comment in a list"),
	C("access-list <acl:1-2699>", vg_cmd_acl_no, 1, VG_CMD_NO, "remove a list (no)"),
	/* Of other protocols than IP, and of the router itself. */
	C("access-list {<other:200-1299>|<other:2700-2999>} [" REST "]", vg_cmd_inert, 1,
	  VG_CMD_NO, NULL),
	C("access-list {compiled|rate-limit|dynamic-extended} [" REST "]", vg_cmd_inert, 1,
	  VG_CMD_NO, NULL),
	C("ip access-list {standard|extended} <acl:name>", vg_cmd_acl_named, 2, VG_CMD_NO,
	  "named list, with sequence numbers"),
	C("ip access-list resequence <acl:name> <start:1-2147483647> <step:1-2147483647>",
	  vg_cmd_acl_resequence, 2, 0, "renumber the entries of a list"),
	C("ip access-list {logging|log-update|helper} " REST, vg_cmd_inert, 2, VG_CMD_NO, NULL),

	C("route-map <name:name> [{permit|deny}] [<seq:1-65535>]", vg_cmd_route_map, 1,
	  VG_CMD_NO, "choose traffic for translation"),

	C("ip nat pool <name:name> <lo:addr> <hi:addr> {netmask <mask:mask>|"
	  "prefix-length <len:1-32>} [type {generic|match-host|rotary}] [add-route]",
	  vg_cmd_nat_pool, 2, VG_CMD_NO, "addresses for translation"),
	C("ip nat pool <name:name> {netmask <mask:mask>|prefix-length <len:1-32>} "
	  "[type {generic|match-host|rotary}]", vg_cmd_nat_pool, 2, VG_CMD_NO,
	  "the same, ranges follow as address lines"),
	C("ip nat inside source {list <aclname:name>|route-map <rmname:name>} "
	  "{pool <poolname:name>|interface " IFACE "} [overload]", vg_cmd_nat_source, 2, VG_CMD_NO,
	  "translate inside sources"),
	C("ip nat pool <name:name>", vg_cmd_nat_pool_no, 2, VG_CMD_NO, "remove a pool (no)"),
	C("ip nat inside source {list <aclname:name>|route-map <rmname:name>} "
	  "{pool <poolname:name>|interface " IFACE "} {reversible|vrf} [" REST "]",
	  vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat inside source static {<il:addr> {<ig:addr>|interface " IFACE "}|{tcp|udp} "
	  "<il:addr> <ilport:1-65535> {<ig:addr>|interface " IFACE "} <igport:1-65535>|"
	  "network <il:addr> <ig:addr> {<mask:mask>|<prefix:word>}|esp <il:addr> interface "
	  IFACE "} [{extendable|no-alias|no-payload|route-map <rmname:name>|"
	  "redundancy <group:name>|reversible|vrf <vrfname:name>}]*", vg_cmd_nat_static,
	  2, VG_CMD_NO, "one inside address or port, one place outside"),
	C("ip nat inside destination list <aclname:name> pool <poolname:name> "
	  "[redundancy <group:name>]", vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat outside source {list <aclname:name>|route-map <rmname:name>} pool "
	  "<poolname:name> [add-route]", vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat outside source static {<og:addr> <ol:addr>|{tcp|udp} <og:addr> "
	  "<ogport:0-65535> <ol:addr> <olport:0-65535>|network <og:addr> <ol:addr> "
	  "{<mask:mask>|<prefix:word>}} [{add-route|extendable|no-alias|no-payload}]*",
	  vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat translation {timeout|udp-timeout|dns-timeout|tcp-timeout|finrst-timeout|"
	  "syn-timeout|icmp-timeout} {<seconds:1-536870>|never}", vg_cmd_nat_timer, 2, VG_CMD_NO,
	  "how long translations live"),
	C("ip nat translation {timeout|udp-timeout|dns-timeout|tcp-timeout|finrst-timeout|"
	  "syn-timeout|icmp-timeout|max-entries}", vg_cmd_nat_timer, 2, VG_CMD_NO,
	  "back to the default (no)"),
	C("ip nat translation max-entries <entries:1-2147483647>", vg_cmd_nat_timer, 2,
	  VG_CMD_NO, "how many translations may live"),
	C("ip nat translation max-entries {all-host|host <haddr:addr>|list <aclname:name>} "
	  "[<entries:1-2147483647>]", vg_cmd_nat_host_limit, 2, VG_CMD_NO,
	  "of each host, of one, or of those on a list together"),
	C("ip nat translation port-timeout {tcp|udp} <port:1-65535> {<seconds:1-536870>|never}",
	  vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat translation max-entries {vrf <vrfname:name>|all-vrf} <entries:1-2147483647>",
	  vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip nat translation {pptp-timeout|arp-ping-timeout} " REST, vg_cmd_inert, 2, VG_CMD_NO,
	  NULL),
	C("ip nat {log|service|settings|switchover|portmap|create|allow-static-host} "
	  "[" REST "]", vg_cmd_inert, 2, VG_CMD_NO, NULL),
	C("ip nat source=virtual {list|route-map|static} " REST, vg_cmd_nat_unsupported, 2,
	  VG_CMD_NO, NULL),

	C("ip local pool <name:name> <lo:addr> [<hi:addr>] [group <group:name>] "
	  "[recycle delay <delay:0-2147483>] [cache-size <cache:0-2147483647>]",
	  vg_cmd_local_pool, 3, VG_CMD_NO, "addresses for clients"),
	C("ip local pool <name:name>", vg_cmd_local_pool, 3, VG_CMD_NO, "remove a pool (no)"),
	C("ip route vrf " REST, vg_cmd_inert, 2, VG_CMD_NO, NULL),
	C("ip route <dst:addr> <mask:mask> [" IFACE "] dhcp [<distance:1-255>]", vg_cmd_inert, 2,
	  VG_CMD_NO, NULL),
	C("ip route <dst:addr> <mask:mask> {<gateway:addr>|" IFACE " [<gateway:addr>]} "
	  "[<distance:1-255>] [{name <name:word>|permanent|tag <tag:0-4294967295>|"
	  "track <track:1-1000>}]*", vg_cmd_route, 2, VG_CMD_NO, "static route"),

	C("crypto ipsec transform-set <name:name> [" TRANSFORM "]*", vg_cmd_transform_set, 1,
	  VG_CMD_NO, "how packets are protected"),
	C("crypto ipsec security-association replay window-size <window:32-8192>",
	  vg_cmd_replay, 1, VG_CMD_NO, "anti-replay window in packets"),
	C("crypto ipsec security-association replay {disable|window-size}", vg_cmd_replay, 1,
	  VG_CMD_NO, "no anti-replay check"),
	C("crypto ipsec df-bit [{clear|set|copy}]", vg_cmd_df_bit, 1, VG_CMD_NO,
	  "don't-fragment bit of protected packets"),
	C("crypto ipsec security-association " LIFETIME, vg_cmd_lifetime, 1, VG_CMD_NO,
	  "how long keys live"),
	C("crypto ipsec security-association " LIFETIME_NO, vg_cmd_lifetime, 1, VG_CMD_NO,
	  "back to the default (no)"),
	C("crypto ipsec security-association idle-time [" REST "]", vg_cmd_inert, 1, VG_CMD_NO,
	  NULL),
	C("crypto ipsec nat-transparency udp-encapsulation", vg_cmd_nat_transparency, 1,
	  VG_CMD_NO, "packets of peers behind NAT in UDP"),
	C("crypto ipsec nat-transparency spi-matching", vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	C("crypto ipsec {fragmentation|optional} [" REST "]", vg_cmd_inert, 1, VG_CMD_NO, NULL),
	C("crypto ipsec profile " REST, vg_cmd_refuse, 1, 0, NULL),

	C("crypto map <mapname:name> <seq:1-65535> [" MAP_TYPE "]", vg_cmd_crypto_map, 1,
	  VG_CMD_NO, "entry of a crypto map"),
	C("crypto map <mapname:name>", vg_cmd_crypto_map_no, 1, VG_CMD_NO,
	  "remove a crypto map (no)"),
	C("crypto map <mapname:name> client configuration address {initiate|respond}",
	  vg_cmd_map_client, 1, VG_CMD_NO, "give addresses to clients"),
	C("crypto map <mapname:name> client authentication list [<listname:name>]",
	  vg_cmd_map_list, 1, VG_CMD_NO, "clients log in as users"),
	C("crypto map <mapname:name> isakmp authorization list [<listname:name>]",
	  vg_cmd_map_list, 1, VG_CMD_NO, "clients belong to groups"),
	C("crypto map <mapname:name> client accounting " REST, vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	C("crypto map <mapname:name> {isakmp-profile|redundancy|gdoi} " REST,
	  vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	C("crypto map <mapname:name> local-address " IFACE, vg_cmd_map_local, 1, VG_CMD_NO,
	  "interface whose address the peer knows"),
	C("crypto dynamic-map <mapname:name> <seq:1-65535>", vg_cmd_dynamic_map, 1,
	  VG_CMD_NO, "entry for peers at any address"),
	C("crypto dynamic-map <mapname:name>", vg_cmd_dynamic_map_no, 1, VG_CMD_NO,
	  "remove a dynamic map (no)"),

	C("crypto isakmp policy <prio:1-10000>", vg_cmd_isakmp_policy, 1, VG_CMD_NO,
	  "how peers may negotiate keys"),
	C("crypto isakmp key " SECRET " address <addr:addr> [<mask:mask>] [no-xauth]",
	  vg_cmd_isakmp_key, 1, VG_CMD_NO, "key shared with peers"),
	C("crypto isakmp key " SECRET " hostname <host:word>", vg_cmd_key_hostname, 1, VG_CMD_NO,
	  NULL),
	C("crypto isakmp client configuration address-pool local <pool:name>",
	  vg_cmd_client_pool, 1, VG_CMD_NO, "where addresses for clients come from"),
	C("crypto isakmp client configuration group <name:name>", vg_cmd_group, 1, VG_CMD_NO,
	  "clients that share a key and are given the same"),
	C("crypto isakmp keepalive <seconds:10-3600> [<retry:2-60>] [{periodic|on-demand}]",
	  vg_cmd_keepalive, 1, VG_CMD_NO, "ask silent peers whether they live"),
	C("crypto isakmp keepalive", vg_cmd_keepalive, 1, VG_CMD_NO, "do not ask (no)"),
	C("crypto isakmp nat keepalive [<seconds:5-3600>]", vg_cmd_nat_keepalive, 1, VG_CMD_NO,
	  "keep the mapping of a NAT on the way"),
	C("crypto isakmp enable", vg_cmd_isakmp_enable, 1, VG_CMD_NO, "negotiate keys"),
	C("crypto isakmp wireshark", vg_cmd_wireshark, 1, VG_CMD_NO,
	  "let root have the keys of sessions, to read captures"),
	C("crypto isakmp identity {address|hostname|dn}", vg_cmd_isakmp_identity, 1, VG_CMD_NO,
	  "what the gateway calls itself"),
	C("crypto isakmp aggressive-mode disable", vg_cmd_no_aggressive, 1, VG_CMD_NO,
	  "do not answer groups either"),
	C("crypto isakmp {fragmentation|invalid-spi-recovery|xauth|diagnose|ccm|"
	  "default} [" REST "]", vg_cmd_inert, 1, VG_CMD_NO, NULL),
	C("crypto isakmp {profile|peer} " REST, vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	C("crypto keyring <name:name>", vg_cmd_keyring, 1, VG_CMD_NO, "several shared keys"),
	C("crypto keyring <name:name> vrf <vrfname:name>", vg_cmd_nat_unsupported, 1, VG_CMD_NO,
	  NULL),
	C("crypto {ikev2|gdoi} " REST, vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	C("crypto {ca|pki} {certificate chain|import|export|server|authenticate|enroll|"
	  "trustpoint|token|profile|identity} " REST, vg_cmd_certificate, 1, VG_CMD_NO, NULL),
	C("crypto {key|engine|logging|call|mib|provisioning|wui} " REST, vg_cmd_inert, 1,
	  VG_CMD_NO, NULL),

	/* Most forms of these are for the router itself, and foreign. */
	C("aaa new-model", vg_cmd_aaa, 2, VG_CMD_NO, "lists of who may do what"),
	C("aaa authentication login <list:name> [{local|local-case=local|<method:word>}]*",
	  vg_cmd_aaa_list, 3, VG_CMD_NO, "where users are looked up"),
	C("aaa authorization network <list:name> [{local|<method:word>}]*", vg_cmd_aaa_list, 3,
	  VG_CMD_NO, "where groups are looked up"),
	C("username <user:name> [privilege <priv:0-15>] [{password|secret} "
	  "[{0=plain|5|6|7|8|9}] " REST "]", vg_cmd_username, 3, VG_CMD_NO, "user of a client"),

	C("banner " REST, vg_cmd_banner, 9, VG_CMD_NO, NULL),
	C("end", vg_cmd_end, 9, 0, NULL),
	C("exit", vg_cmd_end, 9, 0, NULL),
};

static const struct vg_cmd iface_cmds[] = {
	C("ip address <addr:addr> <mask:mask> [secondary]", vg_cmd_if_address, 2, VG_CMD_NO,
	  "address of the interface"),
	C("ip address", vg_cmd_if_address, 2, VG_CMD_NO, "no address (no)"),
	C("ip address {dhcp|negotiated} [" REST "]", vg_cmd_if_dynamic_address, 2, VG_CMD_NO,
	  "address learned by the device"),
	C("ip nat {inside|outside}", vg_cmd_if_nat, 2, VG_CMD_NO, "side of translation"),
	C("ip nat enable", vg_cmd_nat_unsupported, 2, VG_CMD_NO, NULL),
	C("ip tcp adjust-mss [<mss:500-1460>]", vg_cmd_if_adjust_mss, 3, VG_CMD_NO, NULL),
	C("crypto map [<mapname:name>]", vg_cmd_if_crypto_map, 2, VG_CMD_NO,
	  "protect what leaves here"),
	/* No free words here: "ip route 10.0.0.0 ..." abbreviates this, and is global. */
	C("ip route-cache [{cef|flow=text|policy=text|same-interface=text|distributed=text|"
	  "optimum=text|cbus=text|sse=text} [{input|output}]]", vg_cmd_if_route_cache, 2,
	  VG_CMD_NO, "take the fast path"),
	C("ip access-group " REST, vg_cmd_if_access_group, 2, VG_CMD_NO, NULL),
	C("crypto ipsec df-bit " REST, vg_cmd_refuse, 2, VG_CMD_NO, NULL),
};

static const struct vg_cmd acl_standard_cmds[] = {
	C("[<seq:1-2147483647>] " STANDARD, vg_cmd_acl_entry, 1, VG_CMD_NO, "entry"),
	C("[<seq:1-2147483647>] remark [" REST "]", vg_cmd_acl_remark, 1, VG_CMD_NO, "comment"),
	C("<seq:1-2147483647>", vg_cmd_acl_no_seq, 1, VG_CMD_NO, "remove an entry (no)"),
};

static const struct vg_cmd acl_extended_cmds[] = {
	C("[<seq:1-2147483647>] " EXTENDED, vg_cmd_acl_entry, 1, VG_CMD_NO, "entry"),
	C("[<seq:1-2147483647>] remark [" REST "]", vg_cmd_acl_remark, 1, VG_CMD_NO, "comment"),
	C("<seq:1-2147483647>", vg_cmd_acl_no_seq, 1, VG_CMD_NO, "remove an entry (no)"),
};

static const struct vg_cmd route_map_cmds[] = {
	C("match ip address [<list:name>]*", vg_cmd_rm_match_acl, 1, VG_CMD_NO, "access lists"),
	C("match interface [" IFACE "]*", vg_cmd_rm_match_iface, 1, VG_CMD_NO,
	  "egress interfaces"),
	C("match {as-path|clns|community|extcommunity|ipv6|length|local-preference|metric|"
	  "mpls-label|nlri|policy-list|protocol|route-type|source-protocol|tag} [" REST "]",
	  vg_cmd_rm_foreign, 1, VG_CMD_NO, NULL),
	C("match ip {next-hop|route-source|multicast|redistribution-source} [" REST "]",
	  vg_cmd_rm_foreign, 1, VG_CMD_NO, NULL),
	C("match ip address prefix-list <list:name>+", vg_cmd_rm_foreign, 1, VG_CMD_NO, NULL),
	C("continue [<seq:1-65535>]", vg_cmd_rm_foreign, 1, VG_CMD_NO, NULL),
	C("set " REST, vg_cmd_inert, 1, VG_CMD_NO, NULL),
	C("description " REST, vg_cmd_inert, 1, VG_CMD_NO, NULL),
};

static const struct vg_cmd pool_cmds[] = {
	C("address <lo:addr> <hi:addr>", vg_cmd_pool_address, 1, VG_CMD_NO, "range of the pool"),
};

static const struct vg_cmd transform_cmds[] = {
	C("mode {tunnel|transport} [require]", vg_cmd_transform_mode, 1, VG_CMD_NO,
	  "encapsulation"),
	C("esn", vg_cmd_transform_esn, 1, VG_CMD_NO, "sequence numbers of 64 bits"),
};

#define ENTRY_CMDS								\
	C("match address [<list:name>]", vg_cmd_map_acl, 1, VG_CMD_NO,			\
	  "what must be protected"),							\
	C("set transform-set [<name:name>]*", vg_cmd_map_transform, 1, VG_CMD_NO, "how"), \
	C("set pfs [<group:pfs>]", vg_cmd_map_pfs, 1, VG_CMD_NO,		\
	  "fresh keys by another exchange"),						\
	C("set security-association " LIFETIME, vg_cmd_map_lifetime, 1, VG_CMD_NO,	\
	  "how long keys live"),							\
	C("set security-association " LIFETIME_NO, vg_cmd_map_lifetime, 1, VG_CMD_NO,	\
	  "back to the default (no)"),							\
	C("set security-association {level|replay|dummy} " REST, vg_cmd_refuse, 1,	\
	  VG_CMD_NO, NULL),								\
	C("set security-association idle-time [" REST "]", vg_cmd_inert, 1, VG_CMD_NO, NULL), \
	C("set {identity|isakmp-profile|ikev2-profile|nat|ip|reverse-route} " REST,	\
	  vg_cmd_refuse, 1, VG_CMD_NO, NULL),						\
	C("reverse-route [static]", vg_cmd_map_reverse_route, 1, VG_CMD_NO,		\
	  "route to what the peer protects"),						\
	C("reverse-route {remote-peer|tag} [" REST "]", vg_cmd_refuse, 1, VG_CMD_NO, NULL), \
	C("qos pre-classify", vg_cmd_inert, 1, VG_CMD_NO, NULL),			\
	C("description " REST, vg_cmd_inert, 1, VG_CMD_NO, NULL)

static const struct vg_cmd map_cmds[] = {
	C("set peer <addr:addr> [default]", vg_cmd_map_peer, 1, VG_CMD_NO,
	  "address of the other gateway"),
	C("set session-key {inbound|outbound} esp <spi:256-4294967295> [cipher <cipherkey:hex>] "
	  "[authenticator <authkey:hex>]", vg_cmd_map_key, 1, VG_CMD_NO, "keys"),
	C("set session-key {inbound|outbound} ah " REST, vg_cmd_refuse, 1, VG_CMD_NO, NULL),
	ENTRY_CMDS,
};

static const struct vg_cmd dynamic_cmds[] = {
	C("set peer <addr:addr> [default]", vg_cmd_dynamic_peer, 1, VG_CMD_NO, NULL),
	ENTRY_CMDS,
};

static const struct vg_cmd policy_cmds[] = {
	C("encryption [{des|3des|aes [<bits:128-256>]}]", vg_cmd_policy_encr, 1, VG_CMD_NO,
	  "cipher of the negotiation"),
	C("hash [{md5|sha|sha256|sha384|sha512}]", vg_cmd_policy_hash, 1, VG_CMD_NO,
	  "hash of the negotiation"),
	C("authentication [{pre-share|rsa-sig|rsa-encr}]", vg_cmd_policy_auth, 1, VG_CMD_NO,
	  "how peers prove who they are"),
	C("group [<group:dh>]", vg_cmd_policy_group, 1, VG_CMD_NO, "Diffie-Hellman group"),
	C("lifetime [<seconds:60-86400>]", vg_cmd_policy_lifetime, 1, VG_CMD_NO,
	  "seconds after which peers negotiate anew"),
};

static const struct vg_cmd keyring_cmds[] = {
	C("pre-shared-key address <addr:addr> [<mask:mask>] key " SECRET, vg_cmd_keyring_key, 1,
	  VG_CMD_NO, "key shared with peers"),
	C("pre-shared-key hostname <host:word> key " SECRET, vg_cmd_key_hostname, 1, VG_CMD_NO,
	  NULL),
	C("local-address {<addr:addr>|" IFACE "} [<vrfname:name>]", vg_cmd_key_local, 1,
	  VG_CMD_NO, NULL),
	C("description " REST, vg_cmd_inert, 1, VG_CMD_NO, NULL),
};

static const struct vg_cmd group_cmds[] = {
	C("key [" SECRET "]", vg_cmd_group_key, 1, VG_CMD_NO, "key that the members share"),
	C("dns [<first:addr> [<second:addr>]]", vg_cmd_group_servers, 1, VG_CMD_NO,
	  "name servers"),
	C("wins [<first:addr> [<second:addr>]]", vg_cmd_group_servers, 1, VG_CMD_NO,
	  "NetBIOS name servers"),
	C("domain [<name:word>]", vg_cmd_group_domain, 1, VG_CMD_NO, "default domain"),
	C("split-dns [<name:word>]", vg_cmd_group_domain, 1, VG_CMD_NO,
	  "domain to ask the name servers for"),
	C("pool [<name:name>]", vg_cmd_group_pool, 1, VG_CMD_NO, "local pool of addresses"),
	C("acl [<list:name>]", vg_cmd_group_acl, 1, VG_CMD_NO,
	  "what goes through the tunnel, seen from here"),
	C("netmask [<mask:mask>]", vg_cmd_group_netmask, 1, VG_CMD_NO,
	  "netmask of the client's address"),
	C("save-password", vg_cmd_group_flag, 1, VG_CMD_NO, "clients may store passwords"),
	C("pfs", vg_cmd_group_flag, 1, VG_CMD_NO, "clients are to want fresh keys"),
	C("banner [" REST "]", vg_cmd_group_banner, 1, VG_CMD_NO, "text for users"),
	/* Not "crypto": that is what most global commands begin with. */
	C("{access-restrict|auto-update|backup-gateway|browser-proxy|firewall|group-lock|"
	  "include-local-lan|max-logins|max-users|"
	  "smartcard-removal-disconnect|user-idletime} [" REST "]", vg_cmd_refuse, 1,
	  VG_CMD_NO, NULL),
};

#define TABLE(name, cmds) { name, cmds, VG_ARRAY_SIZE(cmds) }

const struct vg_mode_table vg_modes[VG_MODES] = {
	[VG_MODE_GLOBAL] = TABLE("global", global_cmds),
	[VG_MODE_IFACE] = TABLE("interface", iface_cmds),
	[VG_MODE_ACL_STANDARD] = TABLE("ip access-list standard", acl_standard_cmds),
	[VG_MODE_ACL_EXTENDED] = TABLE("ip access-list extended", acl_extended_cmds),
	[VG_MODE_ROUTE_MAP] = TABLE("route-map", route_map_cmds),
	[VG_MODE_POOL] = TABLE("ip nat pool", pool_cmds),
	[VG_MODE_TRANSFORM] = TABLE("crypto ipsec transform-set", transform_cmds),
	[VG_MODE_MAP] = TABLE("crypto map", map_cmds),
	[VG_MODE_DYNAMIC] = TABLE("crypto dynamic-map", dynamic_cmds),
	[VG_MODE_POLICY] = TABLE("crypto isakmp policy", policy_cmds),
	[VG_MODE_KEYRING] = TABLE("crypto keyring", keyring_cmds),
	[VG_MODE_GROUP] = TABLE("crypto isakmp client configuration group", group_cmds),
};

/**
 * vg_language_pattern - enumerate the language
 * @mode: number of the mode, from 0
 * @index: number of the command in it, from 0
 * @mode_name: where the name of the mode goes, NULL when there is none left
 *
 * Return: the pattern, or NULL after the last command of the mode.
 */
const char *vg_language_pattern(size_t mode, size_t index, const char **mode_name)
{
	*mode_name = mode < VG_MODES ? vg_modes[mode].name : NULL;
	if (!*mode_name || index >= vg_modes[mode].n)
		return NULL;
	return vg_modes[mode].cmds[index].pattern;
}

/**
 * vg_language_new - compile the language
 *
 * Return: the language, or NULL without memory.
 */
struct vg_language *vg_language_new(void)
{
	struct vg_language *lang = calloc(1, sizeof(*lang));

	for (size_t i = 0; lang && i < VG_MODES; i++) {
		if (!vg_modes[i].n)
			continue;
		lang->mode[i] = vg_grammar_new(vg_modes[i].cmds, vg_modes[i].n);
		if (!lang->mode[i]) {
			vg_language_free(lang);
			lang = NULL;
		}
	}
	return lang;
}

/**
 * vg_language_free - free a compiled language
 * @lang: language or NULL
 */
void vg_language_free(struct vg_language *lang)
{
	if (!lang)
		return;
	for (size_t i = 0; i < VG_MODES; i++)
		vg_grammar_free(lang->mode[i]);
	free(lang);
}
