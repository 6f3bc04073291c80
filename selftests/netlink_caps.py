# SPDX-License-Identifier: GPL-2.0
"""What a transaction may hold: as much as it may is taken, one more is refused with a
text of its own. netlink_bad.py --caps runs this.

Left out are those limits that take a while to get to: access lists, their entries,
crypto map entries, associations of a namespace.
"""

import errno
import select
import socket
import struct
import subprocess

from netlink_bad import (E, NLM_F_REQUEST, NLMSG_ERROR, Netlink, RM_ENTRY, SA, addr, b, complain,
                         flag, iface, nest, policy, pool, pool_range, replaced, rm, rule, s, sa,
                         u32, verify, without)

NOSPC, TOO_BIG = errno.ENOSPC, errno.E2BIG
CHUNK = 64 << 10


def send_all(nl, cmd, payloads):
    """Without an answer to each: the errors of those that are refused"""
    chunk, errors = b"", []
    for payload in payloads:
        nl.seq += 1
        chunk += struct.pack("=IHHIIBBH", 20 + len(payload), Netlink.family, NLM_F_REQUEST,
                             nl.seq, 0, E["CMD_" + cmd], 1, 0) + payload
        if len(chunk) > CHUNK:
            nl.sock.send(chunk)
            chunk = b""
    if chunk:
        nl.sock.send(chunk)
    # they have come when the request has been sent
    while select.select([nl.sock], [], [], 0)[0]:
        data = nl.sock.recv(1 << 16)
        if struct.unpack_from("=H", data, 4)[0] == NLMSG_ERROR:
            errors.append(errno.errorcode[-struct.unpack_from("=i", data, 16)[0]])
    return errors


def devices(n):
    """Indices of so many devices, made here"""
    names = ["cap%d" % i for i in range(n)]
    subprocess.run(["ip", "-batch", "-"], check=True, text=True,
                   input="".join("link add %s type dummy\n" % name for name in names))
    return [socket.if_nametoindex(name) for name in names]


def in_pool(n):
    return pool(name=s("POOL_NAME", "p%d" % n),
                range=pool_range("192.%d.0.1" % (n & 255), "192.%d.0.9" % (n & 255)))


def in_map(n):
    return policy(map=s("POLICY_MAP", "m%d" % n))


def in_rule(n):
    return rule(index=u32("NAT_RULE_INDEX", n + 1))


def in_rm(n):
    return rm(without(RM_ENTRY), name="rm%d" % n)


DELETE_ALL = flag("ALL")

# (name, how many may be, command, what each of them is, errors, text)
OBJECTS = [
    ("pools", 256, "POOL_NEW", in_pool, NOSPC, "at most 256 pools"),
    ("crypto maps", 256, "POLICY_NEW", in_map, NOSPC, "at most 256 crypto maps"),
    ("rules", 1024, "NAT_RULE_NEW", in_rule, NOSPC, "at most 1,024 ip nat rules"),
    ("route-maps", 4096, "ROUTE_MAP_NEW", in_rm, NOSPC, "at most 4,096 route-maps"),
    ("deletions", 65536, "SA_DEL", lambda n: DELETE_ALL, NOSPC,
     "65,536 associations and deletions"),
]


# (name, command, object with so many parts, how many may be, text)
PARTS = [
    ("ranges of a pool", "POOL_NEW", lambda n: pool(range=b"".join(
        pool_range("192.0.%d.1" % i, "192.0.%d.9" % i) for i in range(n)), len=b("POOL_PREFIX_LEN", b"\x10")),
     16, "at most 16 ranges"),
    ("peers of a crypto map entry", "POLICY_NEW", lambda n: policy(peer=b"".join(
        addr("POLICY_PEER", "192.0.2.%d" % (i + 1)) for i in range(n))), 8, "at most eight peers"),
    ("sequences of a route-map", "ROUTE_MAP_NEW", lambda n: rm(*(
        replaced(RM_ENTRY, seq=u32("RM_ENTRY_SEQ", i + 1)) for i in range(n))),
     1024, "at most 1,024 sequences"),
    ("access lists of a sequence", "ROUTE_MAP_NEW", lambda n: rm(
        replaced(RM_ENTRY, acl=RM_ENTRY["acl"] * n)),
     8, "at most eight access lists"),
    ("interfaces of a sequence", "ROUTE_MAP_NEW", lambda n: rm(
        replaced(RM_ENTRY, acl=u32("RM_ENTRY_MATCH_IFINDEX", 1) * n)),
     8, "at most eight interfaces"),
]


def refuse(nl, name, cmd, payload, want, pattern):
    verify("one more of " + name, nl.do(cmd, payload), want, pattern)
    verify(name + ", commit", nl.do("CONFIG_COMMIT"), errno.ECANCELED, "was refused")


def up_to(name, cmd, payloads):
    """A transaction that has all of them"""
    nl = Netlink()
    verify(name + ", begin", nl.do("CONFIG_BEGIN"), 0, "")
    errors = send_all(nl, cmd, payloads)
    if errors:
        complain("%s: %d of as many as there may be refused, first %s" % (
            name, len(errors), errors[0]))
    return nl


def test_objects():
    for name, most, cmd, make, want, pattern in OBJECTS:
        nl = up_to(name, cmd, (make(n) for n in range(most)))
        if cmd == "SA_DEL":
            verify("association besides " + name, nl.do("SA_NEW", sa()), want, pattern)
        refuse(nl, name, cmd, make(most), want, pattern)
        nl.close()


def test_parts():
    for name, cmd, make, most, pattern in PARTS:
        nl = up_to(name, cmd, [make(most)])
        # the same name twice would be refused as such
        verify(name + ", abort", nl.do("CONFIG_ABORT"), 0, "")
        verify(name + ", begin", nl.do("CONFIG_BEGIN"), 0, "")
        refuse(nl, name, cmd, make(most + 1), TOO_BIG, pattern)
        nl.close()


def test_interfaces():
    objects = [iface(ifindex=u32("IFACE_IFINDEX", index), name=s("IFACE_NAME", "i%d" % index))
               for index in devices(257)]
    nl = up_to("interfaces", "IFACE_NEW", objects[:256])
    refuse(nl, "interfaces", "IFACE_NEW", objects[256], NOSPC, "at most 256 interfaces")
    nl.close()


def test_refusals():
    """The text of a commit lives as long as its socket, so there is a limit to them"""
    nl = Netlink()
    for n in range(66):
        verify("begin", nl.do("CONFIG_BEGIN"), 0, "")
        verify("object", nl.do("NAT_RULE_NEW", rule()), 0, "")
        verify("commit %d of a socket" % n, nl.do("CONFIG_COMMIT"), errno.ENOENT,
               "access list 150.*not defined" if n < 64 else "try again on a new socket")
    nl.close()
    nl = Netlink()
    verify("begin", nl.do("CONFIG_BEGIN"), 0, "")
    verify("object", nl.do("NAT_RULE_NEW", rule()), 0, "")
    verify("commit on a new socket", nl.do("CONFIG_COMMIT"), errno.ENOENT,
           "access list 150.*not defined")
    nl.close()


def test_deletions():
    """Of those that a transaction stages, exactly those go that they mean"""
    nl = Netlink()
    spis = range(0x71000000, 0x71000000 + 40)
    for spi in spis:
        verify("association", nl.do("SA_NEW", sa(spi=u32("SA_SPI", spi))), 0, "")
    nl.close()
    nl = Netlink()
    verify("begin", nl.do("CONFIG_BEGIN"), 0, "")
    for spi in spis[::2]:
        verify("deletion", nl.do("SA_DEL", nest("SA", u32("SA_SPI", spi), SA["daddr"])), 0, "")
    for what, more in (("source", addr("SA_SADDR", "192.0.2.77")), ("map", s("SA_MAP", "other"))):
        verify("deletion by another " + what,
               nl.do("SA_DEL", nest("SA", u32("SA_SPI", spis[1]), SA["daddr"], more)),
               errno.ENOENT, "no such association")
    # which broke it
    verify("commit", nl.do("CONFIG_COMMIT"), errno.ECANCELED, "was refused")
    for spi in spis:
        one = nest("SA", u32("SA_SPI", spi), SA["daddr"])
        verify("deletion of what is there", nl.do("SA_DEL", one), 0, "")
        verify("deletion of what was", nl.do("SA_DEL", one), errno.ENOENT, "no such association")
    nl.close()


TESTS = [
    (test_objects, "a transaction takes as many objects as it may, and no more"),
    (test_parts, "an object takes as many parts as it may, and no more"),
    (test_interfaces, "256 interfaces"),
    (test_refusals, "64 texts of refused commits for a socket"),
    (test_deletions, "deletions by SPI mean one association"),
]
