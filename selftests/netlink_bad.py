#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Bad requests to the netlink family "vpngw": each must be refused with the
right error and a text of its own, and change nothing.

  netlink_bad.py           the table below, KTAP
  netlink_bad.py --caps    more than a transaction may hold (netlink_caps.py), KTAP
  netlink_bad.py --churn   dumps while all comes and goes (netlink_churn.py), KTAP; leaves
                           another configuration
  netlink_bad.py --all     these three, as one
  netlink_bad.py --eperm   every command must be refused with EPERM
  netlink_bad.py --join    every multicast group can be joined
  netlink_bad.py --no-join  none can, EPERM
  netlink_bad.py --events  not bad at all: 400 associations come and go, more than
                           fits the buffer of whoever listens and does not read

Runs in a namespace with a configuration; speaks netlink by itself, so that no
library is between the request and the kernel. Names of attributes and commands
are those of include/uapi/linux/vpngw.h.
"""

import errno
import importlib
import os
import re
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "../include/uapi/linux/vpngw.h")

NETLINK_GENERIC, SOL_NETLINK = 16, 270
NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 10, 11, 12
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 1, 2, 4, 0x300
NLM_F_ACK_TLVS = 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLMSGERR_ATTR_MSG = 1
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7
CTRL_ATTR_MCAST_GRP_ID, NETLINK_ADD_MEMBERSHIP = 2, 1
NLA_F_NESTED = 0x8000


def read_enums():
    """The values of all enumerators of the header, without VPNGW_"""
    with open(HEADER) as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    values = {}
    for body in re.findall(r"enum(?:\s+\w+)?\s*\{(.*?)\}", text, re.S):
        n = 0
        for entry in body.split(","):
            name, _, value = (part.strip() for part in entry.partition("="))
            if not name or name.startswith("__"):
                n += bool(name)
                continue
            if value:
                if not value.lstrip("-").isdigit():
                    continue
                n = int(value)
            values[name.replace("VPNGW_", "", 1)] = n
            n += 1
    return values


E = read_enums()


#
# attributes
#

def raw(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def b(name, data):
    return raw(E["A_" + name], data)


def u8(name, n):
    return b(name, struct.pack("=B", n))


def u16(name, n):
    return b(name, struct.pack("=H", n))


def u32(name, n):
    return b(name, struct.pack("=I", n))


def u64(name, n):
    return b(name, struct.pack("=Q", n))


def s(name, text):
    return b(name, text.encode("latin-1") + b"\0")


def addr(name, text):
    return b(name, socket.inet_aton(text))


def flag(name):
    return b(name, b"")


def nest(name, *parts):
    return raw(E["A_" + name] | NLA_F_NESTED, b"".join(parts))


#
# the socket
#

class Netlink:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(10)
        for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = 0
        if not hasattr(Netlink, "family"):
            Netlink.family = self.resolve()

    def close(self):
        self.sock.close()

    def resolve(self):
        name = raw(CTRL_ATTR_FAMILY_NAME, b"vpngw\0")
        _, messages = self.talk(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name, version=2)
        for kind, data in attributes(messages[0][4:]):
            if kind == CTRL_ATTR_FAMILY_ID:
                return struct.unpack("=H", data)[0]
        raise SystemExit("no family")

    def send(self, family, cmd, payload, flags=NLM_F_REQUEST | NLM_F_ACK, version=1, reserved=0):
        self.seq += 1
        body = struct.pack("=BBH", cmd, version, reserved) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), family, flags, self.seq, 0) + body)

    def talk(self, family, cmd, payload, **kw):
        """((errno, text), replies)"""
        self.send(family, cmd, payload, **kw)
        replies = []
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                length, kind, flags, seq = struct.unpack("=IHHI", data[:12])
                message, data = data[16:length], data[(length + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind == NLMSG_DONE or kind == NLMSG_ERROR:
                    error = -struct.unpack("=i", message[:4])[0] if len(message) >= 4 else 0
                    text = ""
                    if flags & NLM_F_ACK_TLVS:
                        tlvs = message[4 + 16:] if kind == NLMSG_ERROR else message[4:]
                        for attr, value in attributes(tlvs):
                            if attr == NLMSGERR_ATTR_MSG:
                                text = value.rstrip(b"\0").decode()
                    return (error, text), replies
                replies.append(message)

    def do(self, cmd, payload=b"", **kw):
        return self.talk(Netlink.family, E["CMD_" + cmd], payload, **kw)[0]

    def dump(self, cmd):
        result, messages = self.talk(Netlink.family, E["CMD_" + cmd], b"",
                                     flags=NLM_F_REQUEST | NLM_F_DUMP)
        if result[0]:
            raise SystemExit("dump %s: %s" % (cmd, result))
        return messages


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack("=HH", data[:4])
        if length < 4:
            return
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


DUMPS = ("ACL_GET", "ROUTE_MAP_GET", "POOL_GET", "NAT_RULE_GET", "POLICY_GET", "IFACE_GET",
         "SA_GET", "XLATE_GET")
VOLATILE = {E["A_SA_AGE"], E["A_SA_IDLE"]}


def state():
    """Everything that a request could have changed"""
    nl = Netlink()
    out = []
    for cmd in DUMPS:
        for message in nl.dump(cmd):
            for kind, data in attributes(message[4:]):
                inner = [(k, d) for k, d in attributes(data)
                         if cmd != "SA_GET" or k not in VOLATILE]
                out.append((cmd, kind, inner))
    _, replies = nl.talk(Netlink.family, E["CMD_CONFIG_GET"], b"")
    out.append(("generation", replies[0][4:]))
    _, replies = nl.talk(Netlink.family, E["CMD_NAT_GET"], b"")
    out.append(("timers", [a for a in attributes(replies[0][8:])][:8]))
    nl.close()
    return out


#
# good objects, to be spoiled
#

def without(parts, *names):
    return b"".join(v for k, v in parts.items() if k not in names)


def replaced(parts, **new):
    out = dict(parts)
    out.update(new)
    return b"".join(out.values())


ACE = {"seq": u32("ACE_SEQ", 10), "action": u8("ACE_ACTION", 1),
       "src": addr("ACE_SRC", "10.0.0.0"), "src_wild": addr("ACE_SRC_WILD", "0.0.0.255")}


def acl(*aces, name="150", more=b""):
    return nest("ACL", s("ACL_NAME", name), more, *(nest("ACL_ACE", ace) for ace in aces))


def ace(**new):
    return acl(replaced(ACE, **new))


def ports(name, lo, hi):
    return nest(name, u16("PORT_RANGE_LO", lo), u16("PORT_RANGE_HI", hi))


UDP = u8("ACE_PROTO", 17)
TCP = u8("ACE_PROTO", 6)
ICMP = u8("ACE_PROTO", 1)

SA = {"spi": u32("SA_SPI", 0x1234), "daddr": addr("SA_DADDR", "201.70.32.101"),
      "saddr": addr("SA_SADDR", "201.70.32.82"), "dir": u8("SA_DIR", 0),
      "map": s("SA_MAP", "intmap"), "seq": u32("SA_MAP_SEQ", 10), "mode": u8("SA_MODE", 0),
      "encr": u8("SA_ENCR", 1), "auth": u8("SA_AUTH", 1),
      "enc_key": b("SA_ENC_KEY", bytes(range(8))), "auth_key": b("SA_AUTH_KEY", bytes(range(16))),
      "selector": nest("SA_SELECTOR", addr("SELECTOR_LOCAL", "10.2.2.0"),
                       addr("SELECTOR_LOCAL_MASK", "255.255.255.0"),
                       addr("SELECTOR_REMOTE", "10.2.1.1"),
                       addr("SELECTOR_REMOTE_MASK", "255.255.255.255")),
      "flags": u32("SA_FLAGS", 1)}


def sa(**new):
    return nest("SA", replaced(SA, **new))


def sa_without(*names):
    return nest("SA", without(SA, *names))


POOL = {"name": s("POOL_NAME", "p"), "range": nest("POOL_RANGE", addr("POOL_RANGE_START", "192.0.2.1"),
                                                  addr("POOL_RANGE_END", "192.0.2.9")),
        "len": u8("POOL_PREFIX_LEN", 24), "type": u8("POOL_TYPE", 0)}


def pool(**new):
    return nest("POOL", replaced(POOL, **new))


def pool_range(start, end):
    return nest("POOL_RANGE", addr("POOL_RANGE_START", start), addr("POOL_RANGE_END", end))


RM_ENTRY = {"seq": u32("RM_ENTRY_SEQ", 10), "action": u8("RM_ENTRY_ACTION", 1),
            "acl": b("RM_ENTRY_MATCH_ACL", b"101")}


def rm(*entries, name="rm"):
    return nest("ROUTE_MAP", s("ROUTE_MAP_NAME", name),
                *(nest("ROUTE_MAP_ENTRY", entry) for entry in entries))


RULE = {"index": u32("NAT_RULE_INDEX", 1), "acl": s("NAT_RULE_ACL", "150"),
        "pool": s("NAT_RULE_POOL", "p")}


def rule(*drop, **new):
    parts = dict(RULE)
    parts.update(new)
    return nest("NAT_RULE", without(parts, *drop))


POLICY = {"map": s("POLICY_MAP", "m"), "seq": u32("POLICY_SEQ", 10), "type": u8("POLICY_TYPE", 0),
          "acl": s("POLICY_ACL", "150"), "peer": addr("POLICY_PEER", "192.0.2.1")}


def policy(*drop, **new):
    parts = dict(POLICY)
    parts.update(new)
    return nest("POLICY", without(parts, *drop))


def clients(*ends, kind=2):
    parts = [addr("CLIENT_POOL_" + name, end) for name, end in zip(("START", "END"), ends) if end]
    return policy("acl", "peer", type=u8("POLICY_TYPE", kind), acl_=b"" if kind == 2 else POLICY["acl"],
                  pool=nest("POLICY_CLIENT_POOL", *parts))


IFACE = {"ifindex": u32("IFACE_IFINDEX", 1), "name": s("IFACE_NAME", "Loopback0"),
         "flags": u32("IFACE_FLAGS", 1)}


def iface(*drop, **new):
    parts = dict(IFACE)
    parts.update(new)
    return nest("IFACE", without(parts, *drop))


#
# the table
#

INVAL, EXIST, NOENT, PERM = errno.EINVAL, errno.EEXIST, errno.ENOENT, errno.EPERM
RANGE, AF, NOTSUP = errno.ERANGE, errno.EAFNOSUPPORT, errno.EOPNOTSUPP
# The kernel's own words about lengths and ranges. It says them before the family
# sees the request, so these do not break a transaction.
POLICY_TEXT = r"^."

# (name, requests that must pass, command, payload, errors, text)
IN_TRANSACTION = [
    ("a peer moves within a transaction", [], "SA_MOVE",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101"), u16("SA_ENCAP_SPORT", 4500),
          u16("SA_ENCAP_DPORT", 4500)), INVAL, "not moved within a transaction"),
    # access lists
    ("request without an object", [], "ACL_NEW", b"", INVAL, "carries no object"),
    ("access list without a name", [], "ACL_NEW", nest("ACL", nest("ACL_ACE", without(ACE))), INVAL,
     "needs a number or name"),
    ("access list with an empty name", [], "ACL_NEW", acl(name=""), INVAL, "must not be empty"),
    ("access list with a blank in its name", [], "ACL_NEW", acl(name="a b"), INVAL, "blanks"),
    ("access list with a name of 64 octets", [], "ACL_NEW", acl(name="x" * 64), (RANGE, INVAL), POLICY_TEXT),
    ("access list with a name without its zero", [], "ACL_NEW", nest("ACL", b("ACL_NAME", b"150")), INVAL, POLICY_TEXT),
    ("entry without a sequence number", [], "ACL_NEW", acl(without(ACE, "seq")), INVAL,
     "needs a sequence number"),
    ("entry with sequence number 0", [], "ACL_NEW", ace(seq=u32("ACE_SEQ", 0)), (RANGE, INVAL), POLICY_TEXT),
    ("entry without permit or deny", [], "ACL_NEW", acl(without(ACE, "action")), INVAL, "permit or deny"),
    ("entry with action 2", [], "ACL_NEW", ace(action=u8("ACE_ACTION", 2)), (RANGE, INVAL), POLICY_TEXT),
    ("entry whose sequence number is two octets long", [], "ACL_NEW",
     ace(seq=u16("ACE_SEQ", 1)), (RANGE, INVAL), POLICY_TEXT),
    ("entry with an IPv6 address", [], "ACL_NEW", ace(src=b("ACE_SRC", bytes(16))), AF, "IPv6"),
    ("entry with an address of three octets", [], "ACL_NEW", ace(src=b("ACE_SRC", bytes(3))), INVAL, "four octets"),
    ("entry with a wildcard but no address", [], "ACL_NEW", acl(without(ACE, "src")), INVAL, "wildcard needs an address"),
    ("entry with an unknown flag", [], "ACL_NEW", ace(flags=u32("ACE_FLAGS", 1 << 20)), (RANGE, INVAL), POLICY_TEXT),
    ("entry with a counter", [], "ACL_NEW", ace(hits=u64("ACE_HITS", 7)), INVAL, "counters cannot be set"),
    ("entry with an unknown attribute", [], "ACL_NEW", ace(x=raw(60, bytes(4))), INVAL, POLICY_TEXT),
    ("entry with ports of no protocol", [], "ACL_NEW", ace(p=ports("ACE_DST_PORT", 1, 2)), INVAL, "ports need a protocol"),
    ("entry with ports of icmp", [], "ACL_NEW", ace(q=ICMP, p=ports("ACE_DST_PORT", 1, 2)), INVAL, "ports need a protocol"),
    ("entry with a range upside down", [], "ACL_NEW", ace(q=UDP, p=ports("ACE_DST_PORT", 2, 1)), INVAL, "above its highest"),
    ("entry with a range without a low end", [], "ACL_NEW",
     ace(q=UDP, p=nest("ACE_DST_PORT", u16("PORT_RANGE_HI", 1))), INVAL, "needs its lowest port"),
    ("entry with eleven ranges", [], "ACL_NEW",
     ace(q=UDP, p=b"".join(ports("ACE_DST_PORT", n, n) for n in range(11))), (INVAL, errno.ENOSPC, errno.E2BIG), "at most ten"),
    ("entry with neq but no port", [], "ACL_NEW", ace(q=UDP, flags=u32("ACE_FLAGS", 8)), INVAL, "neq needs a port"),
    ("entry with ports and fragments", [], "ACL_NEW",
     ace(q=UDP, p=ports("ACE_DST_PORT", 1, 1), flags=u32("ACE_FLAGS", 2)), INVAL, "exclude each other"),
    ("entry with an ICMP type of TCP", [], "ACL_NEW", ace(q=TCP, t=u8("ACE_ICMP_TYPE", 8)), INVAL, "needs protocol icmp"),
    ("entry with an ICMP code but no type", [], "ACL_NEW", ace(q=ICMP, t=u8("ACE_ICMP_CODE", 0)), INVAL, "needs an ICMP type"),
    ("entry with established of UDP", [], "ACL_NEW", ace(q=UDP, flags=u32("ACE_FLAGS", 1)), INVAL, "need protocol tcp"),
    ("entry with a TCP flag outside the mask", [], "ACL_NEW",
     ace(q=TCP, m=u8("ACE_TCP_MASK", 2), v=u8("ACE_TCP_VALUE", 16)), INVAL, "TCP flag.*not in the mask"),
    ("entry with match-any but no flags", [], "ACL_NEW", ace(q=TCP, flags=u32("ACE_FLAGS", 32)), INVAL, "match-any needs"),
    ("entry with a service outside the mask", [], "ACL_NEW",
     ace(t=u8("ACE_TOS", 4), m=u8("ACE_TOS_MASK", 8)), INVAL, "type of service"),
    ("entry with a sequence number that there is", [], "ACL_NEW", acl(without(ACE), without(ACE)), EXIST, "has an entry of this"),
    ("entry out of order", [], "ACL_NEW",
     acl(without(ACE), replaced(ACE, seq=u32("ACE_SEQ", 5))), INVAL, "below that of the entry before"),
    ("standard list with a destination", [], "ACL_NEW",
     acl(replaced(ACE, dst=addr("ACE_DST", "10.0.0.1")), more=flag("ACL_STANDARD")), INVAL, "source only"),
    ("extended list that goes on as standard", [("ACL_NEW", acl(without(ACE)))], "ACL_NEW",
     acl(replaced(ACE, seq=u32("ACE_SEQ", 20)), more=flag("ACL_STANDARD")), INVAL, "either standard or extended"),

    # associations
    ("association without an SPI", [], "SA_NEW", sa_without("spi"), INVAL, "needs an SPI"),
    ("association in UDP with one port", [], "SA_NEW", sa(p=u16("SA_ENCAP_SPORT", 4500)), INVAL, "ports of both ends"),
    ("association in UDP with port 0", [], "SA_NEW", sa(p=u16("SA_ENCAP_SPORT", 4500), q=u16("SA_ENCAP_DPORT", 0)), (RANGE, INVAL), POLICY_TEXT),
    ("association with SPI 255", [], "SA_NEW", sa(spi=u32("SA_SPI", 255)), (RANGE, INVAL), POLICY_TEXT),
    ("association without a destination", [], "SA_NEW", sa_without("daddr"), INVAL, "outer destination address"),
    ("association without a source", [], "SA_NEW", sa_without("saddr"), INVAL, "outer source address"),
    ("association without a direction", [], "SA_NEW", sa_without("dir"), INVAL, "needs a direction"),
    ("association without a crypto map", [], "SA_NEW", sa_without("map"), INVAL, "needs the crypto map that"),
    ("association with direction 2", [], "SA_NEW", sa(dir=u8("SA_DIR", 2)), (RANGE, INVAL), POLICY_TEXT),
    ("association with an IPv6 destination", [], "SA_NEW", sa(daddr=b("SA_DADDR", bytes(16))), AF, "IPv6"),
    ("association with a source of five octets", [], "SA_NEW", sa(saddr=b("SA_SADDR", bytes(5))), INVAL, "four octets"),
    ("association in transport mode between networks", [], "SA_NEW", sa(mode=u8("SA_MODE", 1)), INVAL, "its two ends"),
    ("association with extended sequence numbers and no window", [], "SA_NEW",
     sa(flags=u32("SA_FLAGS", 3), window=u32("SA_REPLAY_WINDOW", 0)), INVAL, "need a replay window"),
    ("association that begins beyond its sequence numbers", [], "SA_NEW",
     sa(number=u64("SA_SEQ", 1 << 32)), RANGE, "beyond what the association can have"),
    ("association that begins beyond extended ones", [], "SA_NEW",
     sa(flags=u32("SA_FLAGS", 3), number=u64("SA_SEQ", 1 << 62)), RANGE, "beyond what"),
    ("association with a packet limit of 2^32", [], "SA_NEW",
     sa(limit=u64("SA_HARD_PACKETS", 1 << 32)), RANGE, "packet limit beyond"),
    ("association with an unknown flag", [], "SA_NEW", sa(flags=u32("SA_FLAGS", 1 << 10)), (RANGE, INVAL), POLICY_TEXT),
    ("association that says itself that it is weak", [], "SA_NEW", sa(flags=u32("SA_FLAGS", 5)), INVAL, "weak cannot be set"),
    ("association with DES and no authenticator", [], "SA_NEW",
     nest("SA", without(dict(SA, auth=u8("SA_AUTH", 0)), "auth_key")), (INVAL, NOTSUP), "no such transform"),
    ("association with a cipher of 7", [], "SA_NEW", sa(encr=u8("SA_ENCR", 7)), (RANGE, INVAL), POLICY_TEXT),
    ("association with a DES key of 7 octets", [], "SA_NEW", sa(enc_key=b("SA_ENC_KEY", bytes(7))), INVAL,
     "cipher key does not have the length"),
    ("association with an MD5 key of 17 octets", [], "SA_NEW", sa(auth_key=b("SA_AUTH_KEY", bytes(17))), INVAL,
     "authenticator key does not have the length"),
    ("association with GCM and no salt", [], "SA_NEW",
     nest("SA", without(dict(SA, encr=u8("SA_ENCR", 4), auth=u8("SA_AUTH", 0),
                             enc_key=b("SA_ENC_KEY", bytes(16))), "auth_key")), INVAL,
     "cipher key does not have the length"),
    ("association with a window of 31", [], "SA_NEW", sa(w=u32("SA_REPLAY_WINDOW", 31)), (RANGE, INVAL), "replay window"),
    ("association with a window of 8193", [], "SA_NEW", sa(w=u32("SA_REPLAY_WINDOW", 8193)), (RANGE, INVAL), POLICY_TEXT),
    ("association with a counter", [], "SA_NEW", sa(p=u64("SA_PACKETS", 1)), INVAL, "state of an association cannot be set"),
    ("association with an empty key", [], "SA_NEW", sa(enc_key=b("SA_ENC_KEY", b"")), INVAL, "cipher key does not have the length"),
    ("association with a key of 100 octets", [], "SA_NEW", sa(enc_key=b("SA_ENC_KEY", bytes(100))), (INVAL, RANGE), "at most 64 octets"),

    ("association without a cipher", [], "SA_NEW", sa_without("encr"), INVAL, "needs a cipher"),
    ("association without an authenticator", [], "SA_NEW", sa_without("auth"), INVAL, "needs an authenticator"),
    ("association without a crypto map entry", [], "SA_NEW", sa_without("seq"), INVAL, "crypto map entry that it serves"),
    ("association with a soft limit above the hard one", [], "SA_NEW",
     sa(a=u32("SA_SOFT_SECONDS", 9), c=u32("SA_HARD_SECONDS", 8)), INVAL, "soft limit"),
    ("association that copies and sets don't-fragment", [], "SA_NEW", sa(flags=u32("SA_FLAGS", 25)), INVAL, "don't-fragment"),
    ("association with a selector's mask but no address", [], "SA_NEW",
     sa(selector=nest("SA_SELECTOR", addr("SELECTOR_LOCAL_MASK", "255.0.0.0"))), INVAL, "mask of a selector"),
    ("association with a selector's port but no protocol", [], "SA_NEW",
     sa(selector=nest("SA_SELECTOR", u16("SELECTOR_LOCAL_PORT", 80))), INVAL, "ports of a selector"),
    ("association that there is in the transaction", [("SA_NEW", sa())], "SA_NEW", sa(), EXIST, "of this SPI and destination"),

    # pools
    ("pool without a name", [], "POOL_NEW", nest("POOL", without(POOL, "name")), INVAL, "a pool needs a name"),
    ("pool without a range", [], "POOL_NEW", nest("POOL", without(POOL, "range")), INVAL, "needs a range of addresses"),
    ("pool that ends before it begins", [], "POOL_NEW", pool(range=pool_range("192.0.2.9", "192.0.2.1")), INVAL, "above its last"),
    ("pool with an IPv6 range", [], "POOL_NEW",
     pool(range=nest("POOL_RANGE", b("POOL_RANGE_START", bytes(16)), b("POOL_RANGE_END", bytes(16)))), AF, "IPv6"),
    ("pool with a range without an end", [], "POOL_NEW",
     pool(range=nest("POOL_RANGE", addr("POOL_RANGE_START", "192.0.2.1"))), INVAL, "needs its last address"),
    ("pool with ranges that overlap", [], "POOL_NEW",
     pool(x=pool_range("192.0.2.5", "192.0.2.20")), (INVAL, EXIST), "overlap"),
    ("pool with a prefix of 33", [], "POOL_NEW", pool(len=u8("POOL_PREFIX_LEN", 33)), (INVAL, RANGE), "at most 32 bits"),
    ("pool with type 3", [], "POOL_NEW", pool(type=u8("POOL_TYPE", 3)), (RANGE, INVAL), POLICY_TEXT),
    ("pool of a million addresses", [], "POOL_NEW", pool(range=pool_range("11.0.0.1", "11.15.255.1"), len=u8("POOL_PREFIX_LEN", 8)),
     (INVAL, errno.ENOSPC, errno.E2BIG, RANGE), "at most 65,536 addresses"),
    ("pool that there is", [("POOL_NEW", pool())], "POOL_NEW", pool(), EXIST, "has a pool of this name"),

    # route-maps
    ("route-map without a name", [], "ROUTE_MAP_NEW", nest("ROUTE_MAP", nest("ROUTE_MAP_ENTRY", without(RM_ENTRY))), INVAL, "a route-map needs a name"),
    ("sequence without a number", [], "ROUTE_MAP_NEW", rm(without(RM_ENTRY, "seq")), INVAL, "sequence needs a sequence number"),
    ("sequence without permit or deny", [], "ROUTE_MAP_NEW", rm(without(RM_ENTRY, "action")), INVAL, "sequence must permit or deny"),
    ("sequence that there is", [], "ROUTE_MAP_NEW", rm(without(RM_ENTRY), without(RM_ENTRY)), (INVAL, EXIST), "has a sequence of this number"),
    ("sequence out of order", [], "ROUTE_MAP_NEW",
     rm(without(RM_ENTRY), replaced(RM_ENTRY, seq=u32("RM_ENTRY_SEQ", 5))), INVAL, "below that of the sequence before"),
    ("route-map that there is", [("ROUTE_MAP_NEW", rm(without(RM_ENTRY)))], "ROUTE_MAP_NEW", rm(without(RM_ENTRY)),
     (EXIST, INVAL), "has a route-map of this name"),

    # NAT rules and timers
    ("rule without an index", [], "NAT_RULE_NEW", rule("index"), INVAL, "rule needs an index"),
    ("rule that chooses nothing", [], "NAT_RULE_NEW", rule("acl"), INVAL, "either an access list or a route-map"),
    ("rule that chooses twice", [], "NAT_RULE_NEW", rule(rm=s("NAT_RULE_ROUTE_MAP", "rm")), INVAL, "either an access list or a route-map"),
    ("rule without a pool", [], "NAT_RULE_NEW", rule("pool"), INVAL, "either a pool or the address"),
    ("rule that there is", [("NAT_RULE_NEW", rule())], "NAT_RULE_NEW", rule(), EXIST, "rule of this index"),
    ("rule with an unknown flag", [], "NAT_RULE_NEW", rule(f=u32("NAT_RULE_FLAGS", 64)), (RANGE, INVAL), POLICY_TEXT),
    ("timer of 0 seconds", [], "NAT_NEW", nest("NAT", u32("NAT_UDP_TIMEOUT", 0)), (RANGE, INVAL), POLICY_TEXT),
    ("timers with a counter", [], "NAT_NEW", nest("NAT", u64("NAT_HITS", 1)), INVAL, "statistics cannot be set"),

    ("host limit without a number", [], "NAT_NEW",
     nest("NAT", nest("NAT_HOST_LIMIT", addr("HOST_LIMIT_ADDRESS", "10.1.1.1"))), INVAL, "needs the number of translations"),
    ("host limit of 0", [], "NAT_NEW", nest("NAT", nest("NAT_HOST_LIMIT", u32("HOST_LIMIT_ENTRIES", 0))), (RANGE, INVAL), POLICY_TEXT),
    ("host limit of a host and a list", [], "NAT_NEW",
     nest("NAT", nest("NAT_HOST_LIMIT", addr("HOST_LIMIT_ADDRESS", "10.1.1.1"), s("HOST_LIMIT_ACL", "150"), u32("HOST_LIMIT_ENTRIES", 1))),
     INVAL, "for a host or for an access list"),
    ("host limit of no host", [], "NAT_NEW",
     nest("NAT", nest("NAT_HOST_LIMIT", addr("HOST_LIMIT_ADDRESS", "0.0.0.0"), u32("HOST_LIMIT_ENTRIES", 1))), INVAL, "no host has"),
    ("host limit with a count", [], "NAT_NEW",
     nest("NAT", nest("NAT_HOST_LIMIT", u32("HOST_LIMIT_COUNT", 1), u32("HOST_LIMIT_ENTRIES", 1))), INVAL, "how many translations there are"),
    ("host limit twice", [], "NAT_NEW",
     nest("NAT", nest("NAT_HOST_LIMIT", u32("HOST_LIMIT_ENTRIES", 1)), nest("NAT_HOST_LIMIT", u32("HOST_LIMIT_ENTRIES", 2))), EXIST,
     "limit for the same hosts"),
    ("33 host limits", [], "NAT_NEW",
     nest("NAT", *(nest("NAT_HOST_LIMIT", addr("HOST_LIMIT_ADDRESS", "10.1.1.%d" % n), u32("HOST_LIMIT_ENTRIES", 1)) for n in range(1, 34))),
     errno.ENOSPC, "at most 32 hosts and lists"),
    ("timers that are there", [("NAT_NEW", nest("NAT", u32("NAT_UDP_TIMEOUT", 9)))], "NAT_NEW",
     nest("NAT", u32("NAT_UDP_TIMEOUT", 8)), (EXIST, INVAL), "NAT timers already"),
    ("rule with a pool and an interface", [], "NAT_RULE_NEW",
     rule(i=u32("NAT_RULE_IFINDEX", 1), f=u32("NAT_RULE_FLAGS", 2)), INVAL, "either a pool or"),
    ("rule with an interface but not the flag", [], "NAT_RULE_NEW",
     rule("pool", i=u32("NAT_RULE_IFINDEX", 1)), INVAL, "either a pool or the address"),
    ("rule with a pool, an interface and not the flag", [], "NAT_RULE_NEW",
     rule(i=u32("NAT_RULE_IFINDEX", 1)), INVAL, "goes with the flag interface"),

    # crypto map entries
    ("crypto map entry without a map", [], "POLICY_NEW", policy("map"), INVAL, "needs the name of its crypto map"),
    ("crypto map entry without a number", [], "POLICY_NEW", policy("seq"), INVAL, "crypto map entry needs a sequence number"),
    ("crypto map entry with number 65536", [], "POLICY_NEW", policy(seq=u32("POLICY_SEQ", 65536)), (RANGE, INVAL), POLICY_TEXT),
    ("crypto map entry without an access list", [], "POLICY_NEW", policy("acl"), INVAL, "must match an access list"),
    ("crypto map entry with an IPv6 peer", [], "POLICY_NEW", policy(peer=b("POLICY_PEER", bytes(16))), AF, "IPv6"),
    ("crypto map entry with type 9", [], "POLICY_NEW", policy(type=u8("POLICY_TYPE", 9)), (RANGE, INVAL), POLICY_TEXT),
    ("static crypto map entry with clients", [], "POLICY_NEW", clients("10.2.1.1", "10.2.1.9", kind=1), INVAL, "only a dynamic"),
    ("clients from higher to lower", [], "POLICY_NEW", clients("10.2.1.9", "10.2.1.1"), INVAL, "before the first"),
    ("clients without a first address", [], "POLICY_NEW", clients("", "10.2.1.1"), INVAL, "need a first"),
    ("clients without a last address", [], "POLICY_NEW", clients("10.2.1.1"), INVAL, "need a last"),
    ("crypto map entry with a number of clients", [], "POLICY_NEW", policy(n=u32("POLICY_CLIENTS", 1)), INVAL, "cannot be set"),
    ("crypto map entry with nine ranges of clients", [], "POLICY_NEW",
     policy("acl", "peer", type=u8("POLICY_TYPE", 2), pool=b"".join(
         nest("POLICY_CLIENT_POOL", addr("CLIENT_POOL_START", "10.9.%d.0" % n),
              addr("CLIENT_POOL_END", "10.9.%d.9" % n)) for n in range(9))), errno.E2BIG, "at most eight ranges"),
    ("crypto map entry that there is", [("POLICY_NEW", policy())], "POLICY_NEW", policy(), EXIST, "has an entry of this sequence number"),

    # interfaces
    ("interface without a device", [], "IFACE_NEW", iface("ifindex"), INVAL, "needs the index"),
    ("interface with device 0", [], "IFACE_NEW", iface(ifindex=u32("IFACE_IFINDEX", 0)), errno.ENODEV, "no network device"),
    ("interface whose device does not exist", [], "IFACE_NEW", iface(ifindex=u32("IFACE_IFINDEX", 99999)),
     (errno.ENODEV, NOENT), "no network device"),
    ("interface without a name", [], "IFACE_NEW", iface("name"), INVAL, "interface needs a name"),
    ("interface named by its device", [], "IFACE_NEW", iface(d=s("IFACE_DEVICE", "lo")), INVAL, "by its index"),
    ("interface that is inside and outside", [], "IFACE_NEW", iface(flags=u32("IFACE_FLAGS", 3)), INVAL, "either ip nat inside or"),
    ("interface that there is", [("IFACE_NEW", iface())], "IFACE_NEW", iface(), EXIST, "has an interface of this name|has given roles"),
]

# names that nothing defines are found at commit
AT_COMMIT = [
    ("crypto map with an unknown access list", [("POLICY_NEW", policy())], NOENT, "access list 150.*not defined"),
    ("host limit with an unknown access list",
     [("NAT_NEW", nest("NAT", nest("NAT_HOST_LIMIT", s("HOST_LIMIT_ACL", "150"), u32("HOST_LIMIT_ENTRIES", 1))))], NOENT,
     "max-entries uses access list 150.*not defined"),
    ("rule with an unknown access list", [("POOL_NEW", pool()), ("NAT_RULE_NEW", rule())], NOENT,
     "access list 150.*not defined"),
    ("rule with an unknown pool", [("ACL_NEW", acl(without(ACE))), ("NAT_RULE_NEW", rule())], NOENT,
     "pool p.*not defined"),
    ("rule with an unknown route-map",
     [("POOL_NEW", pool()), ("NAT_RULE_NEW", rule("acl", rm=s("NAT_RULE_ROUTE_MAP", "none")))], NOENT,
     "route-map none.*not defined"),
    ("interface with an unknown crypto map", [("IFACE_NEW", iface(m=s("IFACE_CRYPTO_MAP", "none")))], NOENT,
     "crypto map none.*not defined"),
    ("association of an unknown crypto map", [("SA_NEW", sa(map=s("SA_MAP", "none")))], NOENT,
     "0x00001234.*crypto map none"),
    ("association of a dynamic entry", [("POLICY_NEW", clients("10.2.1.1", "10.2.1.9")),
                                        ("SA_NEW", sa(map=s("SA_MAP", "m")))], INVAL, "negotiates keys, security association 0x00001234"),
]

OUTSIDE = [
    ("object without a transaction", "ACL_NEW", acl(without(ACE)), PERM, "begin one first"),
    ("commit without a transaction", "CONFIG_COMMIT", b"", PERM, "begin one first"),
    ("abort without a transaction", "CONFIG_ABORT", b"", PERM, "no transaction"),
    ("begin for another generation", "CONFIG_BEGIN", u32("GENERATION", 4711), errno.ESTALE, "another generation"),
    ("deletion of nothing in particular", "SA_DEL", b"", INVAL, "say which associations"),
    ("deletion of an association that is not there", "SA_DEL",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101")), (NOENT, errno.ESRCH), "no such association"),
    ("deletion of an association and of all", "SA_DEL",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101")) + flag("ALL"), INVAL, "say which associations"),
    ("clearing of no association in particular", "SA_CLEAR", b"", INVAL, "say which associations"),
    ("clearing of an association that is not there", "SA_CLEAR",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101")), NOENT, "no such association"),
    ("clearing of an association by its transform", "SA_CLEAR", nest("SA", u8("SA_ENCR", 1)), INVAL,
     "selected by SPI, addresses and crypto map"),
    ("association that there is, with another key", "SA_NEW",
     sa(spi=u32("SA_SPI", int(os.environ.get("SPI_IN", "224008976"))), enc_key=b("SA_ENC_KEY", b"otherkey")),
     EXIST, "exists"),
    ("association for a crypto map that is not there", "SA_NEW", sa(map=s("SA_MAP", "none")), NOENT, "crypto map entry that does not exist"),
    ("a peer of no association moves", "SA_MOVE", b"", INVAL, "carries no association"),
    ("a peer of an association without SPI moves", "SA_MOVE", nest("SA", addr("SA_DADDR", "201.70.32.101")), INVAL,
     "say which association by its SPI"),
    ("a peer moves without ports", "SA_MOVE",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101")), INVAL, "ports of both ends"),
    ("a peer moves with another key", "SA_MOVE", nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101"),
                                                      b("SA_ENC_KEY", bytes(8))), INVAL, "only the ports and the address"),
    ("the peer of an association that is not there moves", "SA_MOVE",
     nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101"), u16("SA_ENCAP_SPORT", 4500),
          u16("SA_ENCAP_DPORT", 4500)), NOENT, "there is no such association"),
    ("the peer of an association without UDP moves", "SA_MOVE",
     nest("SA", u32("SA_SPI", int(os.environ.get("SPI_IN", "224008976"))), addr("SA_DADDR", "201.70.32.101"),
          u16("SA_ENCAP_SPORT", 4500), u16("SA_ENCAP_DPORT", 4500)), INVAL, "does not travel in UDP"),
    ("clearing of no translation in particular", "XLATE_DEL", b"", INVAL, "say which translations"),
    ("clearing of no access list in particular", "ACL_CLEAR", b"", INVAL, "name an access list, or all"),
    ("clearing of an unknown access list", "ACL_CLEAR", acl(name="199"), NOENT, "no such access list"),
    ("clearing of an entry", "ACL_CLEAR", acl(without(ACE), name="101"), INVAL, "whole list"),
    ("an attribute of another command", "CONFIG_GET", acl(), INVAL, POLICY_TEXT),
    ("an attribute that does not exist", "CONFIG_GET", raw(77, bytes(4)), INVAL, POLICY_TEXT),
    ("a generation of eight octets", "CONFIG_GET", b("GENERATION", bytes(8)), (INVAL, RANGE), POLICY_TEXT),
    ("a nest that does not say so", "ACL_CLEAR", raw(E["A_ACL"], s("ACL_NAME", "101")), INVAL, POLICY_TEXT),
    ("an attribute cut short", "CONFIG_GET", u32("GENERATION", 1)[:-1], INVAL, POLICY_TEXT),
    ("an attribute longer than the message", "CONFIG_GET", struct.pack("=HHI", 400, E["A_GENERATION"], 1), INVAL, POLICY_TEXT),
    ("an attribute shorter than its header", "CONFIG_GET", struct.pack("=HHI", 2, E["A_GENERATION"], 1), INVAL, POLICY_TEXT),
    ("a nest that is cut short", "ACL_CLEAR", raw(E["A_ACL"] | NLA_F_NESTED, s("ACL_NAME", "101")[:-2]), INVAL, POLICY_TEXT),
]


#
# running it
#

results = []
texts = {}
complaints = []


def complain(text):
    complaints.append(text)
    print("#", text)


def verify(name, result, want, pattern):
    want = want if isinstance(want, tuple) else (want,)
    error, text = result
    if error not in want:
        complain("%s: error %s %r, wanted %s" % (
            name, errno.errorcode.get(error, error), text,
            " or ".join(str(errno.errorcode.get(w, w)) for w in want)))
    if not re.search(pattern, text):
        complain("%s: text %r, wanted /%s/" % (name, text, pattern))
    if pattern is not POLICY_TEXT:
        texts.setdefault(text, []).append(name)


def transaction(name, before, finish):
    nl = Netlink()
    result = nl.do("CONFIG_BEGIN")
    if result[0]:
        complain("%s: begin: %s" % (name, result))
    for cmd, payload in before:
        result = nl.do(cmd, payload)
        if result[0]:
            complain("%s: %s before: %s" % (name, cmd, result))
    finish(nl)
    nl.close()


def one_bad_object(case):
    name, before, cmd, payload, want, pattern = case

    def finish(nl):
        verify(name, nl.do(cmd, payload), want, pattern)
        if pattern is POLICY_TEXT:
            verify(name + ", abort", nl.do("CONFIG_ABORT"), 0, "")
        else:
            verify(name + ", commit", nl.do("CONFIG_COMMIT"), errno.ECANCELED, "was refused")

    transaction(name, before, finish)


def test_objects():
    for case in IN_TRANSACTION:
        one_bad_object(case)


def test_commit():
    for name, before, want, pattern in AT_COMMIT:
        transaction(name, before, lambda nl, n=name, w=want, p=pattern:
                    verify(n, nl.do("CONFIG_COMMIT"), w, p))


def test_outside():
    for name, cmd, payload, want, pattern in OUTSIDE:
        nl = Netlink()
        verify(name, nl.do(cmd, payload), want, pattern)
        nl.close()


def test_two_sockets():
    first, second = Netlink(), Netlink()
    verify("first begin", first.do("CONFIG_BEGIN"), 0, "")
    verify("second begin, same socket", first.do("CONFIG_BEGIN"), errno.EBUSY, "this socket has")
    verify("second begin, other socket", second.do("CONFIG_BEGIN"), errno.EBUSY, "another program")
    verify("object on the other socket", second.do("POOL_NEW", pool()), PERM, "no transaction")
    verify("commit on the other socket", second.do("CONFIG_COMMIT"), PERM, "no transaction")
    verify("object on the first", first.do("POOL_NEW", pool()), 0, "")
    # closing the socket aborts
    first.close()
    verify("begin after the close", second.do("CONFIG_BEGIN"), 0, "")
    verify("abort", second.do("CONFIG_ABORT"), 0, "")
    second.close()


def test_dumps():
    nl = Netlink()
    for cmd in DUMPS:
        result, _ = nl.talk(Netlink.family, E["CMD_" + cmd], raw(77, bytes(4)),
                            flags=NLM_F_REQUEST | NLM_F_DUMP)
        if result[0] != INVAL:
            complain("%s with an unknown attribute: %s" % (cmd, result))
    # what is only a dump is no do, and the other way
    for cmd, flags in (("SA_GET", NLM_F_REQUEST | NLM_F_ACK), ("CONFIG_GET", NLM_F_REQUEST | NLM_F_DUMP),
                       ("SA_NEW", NLM_F_REQUEST | NLM_F_DUMP)):
        result, _ = nl.talk(Netlink.family, E["CMD_" + cmd], b"", flags=flags)
        if result[0] != NOTSUP:
            complain("%s with flags %#x: %s" % (cmd, flags, result))
    nl.close()


def test_headers():
    nl = Netlink()
    result, _ = nl.talk(Netlink.family, 200, b"")
    if result[0] != NOTSUP:
        complain("command 200: %s" % (result,))
    result = nl.do("CONFIG_GET", reserved=7)
    if result[0] != INVAL:
        complain("reserved octets of the header: %s" % (result,))
    # no answer is wanted to these, only survival
    nl.sock.send(struct.pack("=IHHII", 17, Netlink.family, 1, 9999, 0) + b"\1")
    nl.sock.send(struct.pack("=IHHII", 16, Netlink.family, 1, 9999, 0))
    verify("sane request after that", Netlink().do("CONFIG_GET"), 0, "")
    nl.close()


def test_keys_write_only():
    nl = Netlink()
    keys = [bytes.fromhex(os.environ[k]) for k in
            ("ENC_KEY_IN", "ENC_KEY_OUT", "AUTH_KEY_IN", "AUTH_KEY_OUT")]
    for cmd in DUMPS:
        for message in nl.dump(cmd):
            if any(key in message for key in keys):
                complain("%s holds a key" % cmd)
    nl.close()
    # however it may be spaced
    log = subprocess.run(["dmesg"], check=True, capture_output=True).stdout
    log = re.sub(rb"[\s:,-]", b"", log).lower()
    if any(key.hex().encode() in log for key in keys):
        complain("the kernel's log holds a key")


def test_keys_wiped():
    """A refusal that sends the request back sends it without keys: all of them, of an
    association that another one overrides, too"""
    nl = Netlink()
    nl.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 0)
    keys = [bytes(range(n, n + 16)) for n in (0x80, 0x90, 0xa0, 0xb0)]
    first = nest("SA", u32("SA_SPI", 4711), addr("SA_DADDR", "201.70.32.101"),
                 b("SA_AUTH_KEY", keys[0]), b("SA_AUTH_KEY", keys[1]))
    second = sa(map=s("SA_MAP", "none"), enc_key=b("SA_ENC_KEY", keys[2]),
                auth_key=b("SA_AUTH_KEY", keys[3]), encr=u8("SA_ENCR", E["ENCR_AES_CBC"]))
    for cmd in ("SA_NEW", "SA_DEL", "SA_CLEAR", "SA_MOVE"):
        nl.send(Netlink.family, E["CMD_" + cmd], first + second)
        data = nl.sock.recv(1 << 20)
        error = -struct.unpack("=i", data[16:20])[0]
        # what comes back is the request
        if not error or struct.pack("=I", 4711) not in data:
            complain("%s of two associations: error %d, %d octets" % (cmd, error, len(data)))
        for key in keys:
            if key in data:
                complain("%s: key %02x... is in the answer" % (cmd, key[0]))
    nl.close()


def test_own_texts():
    """Different mistakes must not be told in the same words"""
    # what is the same mistake, though with another object
    shared = ("begin one first", "beyond what", "no transaction", "IPv6", "four octets",
              "ports need a protocol", "was refused", "cipher key does not have",
              "counters cannot", "either a", "say which associations", "access list 150",
              "needs protocol", "ports of both ends", "no network device", "no such association",
              "65,536 associations and deletions", "try again on a new socket")
    for text, names in texts.items():
        if text and len(names) > 1 and not any(t in text for t in shared):
            complain("%r for: %s" % (text, "; ".join(names)))


TESTS = [
    (test_objects, "bad objects break their transaction"),
    (test_commit, "names that nothing defines are refused at commit"),
    (test_outside, "bad requests without a transaction"),
    (test_two_sockets, "a transaction belongs to its socket"),
    (test_dumps, "bad dump requests"),
    (test_headers, "bad headers"),
    (test_keys_write_only, "no dump and no log holds a key"),
    (test_keys_wiped, "all keys of a request are wiped"),
]


def run(test):
    begin = time.monotonic()
    test()
    if time.monotonic() - begin > 5:
        print("# took %d s" % (time.monotonic() - begin))


def main(groups):
    tests, churn = [], []
    if "bad" in groups:
        tests += TESTS
    if "caps" in groups:
        tests += importlib.import_module("netlink_caps").TESTS
    if "churn" in groups:
        churn = importlib.import_module("netlink_churn").TESTS
    failed = 0
    print("KTAP version 1\n1..%d" % (len(tests) + 1 + len(churn)), flush=True)
    before = state()
    for n, (test, name) in enumerate(tests, 1):
        complaints.clear()
        run(test)
        after = state()
        if after != before:
            complain("the state has changed")
            for a, c in zip(before, after):
                if a != c:
                    print("# before %r\n# after  %r" % (a, c))
            before = after
        failed += bool(complaints)
        print("%sok %d - %s" % ("not " if complaints else "", n, name), flush=True)
    complaints.clear()
    test_own_texts()
    if len(before) < 8:
        complain("only %d objects in the state that is compared" % len(before))
    failed += bool(complaints)
    print("%sok %d - each mistake has words of its own, and the state that was compared is not empty" % (
        "not " if complaints else "", len(tests) + 1), flush=True)
    for n, (test, name) in enumerate(churn, len(tests) + 2):
        complaints.clear()
        run(test)
        failed += bool(complaints)
        print("%sok %d - %s" % ("not " if complaints else "", n, name), flush=True)
    return 1 if failed else 0


def eperm():
    nl = Netlink()
    commands = sorted(k for k in E if k.startswith("CMD_") and k != "CMD_MAX" and not k.endswith("_NTF"))
    bad = 0
    for name in commands:
        flags = NLM_F_REQUEST | (NLM_F_DUMP if name[4:] in DUMPS else NLM_F_ACK)
        result, replies = nl.talk(Netlink.family, E[name], b"", flags=flags)
        if result[0] == NOTSUP:
            continue		# a notification, not a command
        if result[0] != PERM or replies:
            print("%s: %s" % (name, result))
            bad += 1
    print("%d commands" % len(commands))
    return 1 if bad or len(commands) < 20 else 0


def events():
    nl = Netlink()
    bad = 0
    for spi in range(0x70000000, 0x70000000 + 400):
        for command, what in (("CMD_SA_NEW", sa(spi=u32("SA_SPI", spi))),
                              ("CMD_SA_DEL", nest("SA", u32("SA_SPI", spi), SA["daddr"]))):
            result, _ = nl.talk(Netlink.family, E[command], what)
            bad += bool(result[0])
            if result[0]:
                print(command, result)
    return 1 if bad else 0


def join(want):
    """Each group by a socket of its own"""
    nl = Netlink()
    _, messages = nl.talk(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, raw(CTRL_ATTR_FAMILY_NAME, b"vpngw\0"),
                          version=2)
    groups = [struct.unpack("=I", value)[0]
              for kind, data in attributes(messages[0][4:]) if kind == CTRL_ATTR_MCAST_GROUPS
              for _, group in attributes(data)
              for attr, value in attributes(group) if attr == CTRL_ATTR_MCAST_GRP_ID]
    bad = 0
    for group in groups:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        sock.bind((0, 0))
        error = 0
        try:
            sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        except OSError as e:
            error = e.errno
        if error != want:
            print("group %d: %s" % (group, os.strerror(error)))
            bad += 1
        sock.close()
    print("%d groups" % len(groups))
    return 1 if bad or len(groups) < 5 else 0


MODES = {
    "--eperm": eperm,
    "--join": lambda: join(0),
    "--no-join": lambda: join(PERM),
    "--events": events,
    "--caps": lambda: main(["caps"]),
    "--churn": lambda: main(["churn"]),
    "--all": lambda: main(["bad", "caps", "churn"]),
}

if __name__ == "__main__":
    # what imports this one shall have its complaints
    sys.modules["netlink_bad"] = sys.modules["__main__"]
    sys.exit(MODES[sys.argv[1]]() if sys.argv[1:] else main(["bad"]))
