# SPDX-License-Identifier: GPL-2.0
"""Dumps in small pieces while what they show comes and goes: whatever is there all the
time is there once, and nothing is there twice. netlink_bad.py --churn runs this, in a
namespace with the deployment, whose configuration it replaces.

Each part makes DUMPS dumps, or as many as it can in its time.
"""

import collections
import multiprocessing
import os
import random
import socket
import struct
import time

from netlink_bad import (ACE, E, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, Netlink, SA,
                         acl, addr, attributes, complain, iface, nest, pool, pool_range, replaced,
                         rule, s, sa, u16, u32, u8)
from packets import UDP, ip, raw_socket, transport

NLM_F_DUMP_INTR = 0x10
BUFFER = 4096
DUMPS = 200
# below which nothing was tried
DUMPS_LEAST, CHANGES_LEAST = 10, 3


def small_dump(nl, cmd, progress=None):
    """What comes, without headers, how many pieces it came in, and whether the kernel says
    that it may not fit together; progress(message) with the last one of each piece"""
    nl.send(Netlink.family, E["CMD_" + cmd], b"", flags=NLM_F_REQUEST | NLM_F_DUMP)
    messages, pieces, interrupted = [], 0, False
    while True:
        data, at = nl.sock.recv(BUFFER), 0
        pieces += 1
        while at < len(data):
            length, kind, flags = struct.unpack_from("=IHH", data, at)
            if kind == NLMSG_ERROR or at + length > len(data):
                raise RuntimeError("%s: type %d, %d octets at %d of %d" % (
                    cmd, kind, length, at, len(data)))
            interrupted |= bool(flags & NLM_F_DUMP_INTR)
            if kind == NLMSG_DONE:
                if struct.unpack_from("=i", data, at + 16)[0]:
                    raise RuntimeError("%s: %d" % (cmd, struct.unpack_from("=i", data, at + 16)[0]))
                return messages, pieces, interrupted
            messages.append(data[at + 20:at + length])
            at += (length + 3) & ~3
        if progress and messages:
            progress(messages[-1])


class Churn:
    """Calls a function again and again in a process of its own, which waits neither for
    this one's interpreter nor for its turn, with how far all dumps are, 0 to 1, and the
    last message of the one that is under way"""

    def __init__(self, step):
        fork = multiprocessing.get_context("fork")
        self.progress, self.steps = fork.RawValue("d", 0), fork.RawValue("i", 0)
        self.last = fork.RawArray("c", 64)
        self.process = fork.Process(target=self.run, args=(step,), daemon=True)
        self.process.start()

    def run(self, step):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        while self.progress.value < 2:
            begin = time.monotonic()
            step(self.progress.value, self.last.raw)
            self.steps.value += 1
            # as much for the dumps
            time.sleep(max(0.004, time.monotonic() - begin))

    def end(self):
        """Whether it went well"""
        self.progress.value = 2
        self.process.join()
        return self.process.exitcode == 0


def dump_while(cmd, seconds, step, check):
    """check(messages, interrupted) each dump while step(progress, last) runs"""
    nl = Netlink()
    begin, pieces, dumps = time.monotonic(), 0, 0
    churn = Churn(step)

    def progress(message):
        churn.last[:] = message[:64].ljust(64, b"\0")

    while dumps < DUMPS and time.monotonic() - begin < seconds:
        messages, n, interrupted = small_dump(nl, cmd, progress)
        pieces += n
        dumps += 1
        churn.progress.value = max(dumps / DUMPS, (time.monotonic() - begin) / seconds)
        if not check(messages, interrupted):
            break
    if not churn.end():
        complain("%s: what comes and goes has failed" % cmd)
    nl.close()
    print("# %s: %d dumps in %d pieces, %d changes, %.1f s" % (
        cmd, dumps, pieces, churn.steps.value, time.monotonic() - begin))
    if dumps < DUMPS_LEAST or pieces < 5 * dumps or churn.steps.value < CHANGES_LEAST:
        complain("%s: that is too little" % cmd)


def must(nl, cmd, payload=b""):
    error, text = nl.do(cmd, payload)
    if error:
        raise RuntimeError("%s: %s %s" % (cmd, os.strerror(error), text))


def each_once(what, seen, stable):
    """Nothing twice, and all that was there the whole time"""
    count = collections.Counter(seen)
    twice = [k for k, n in count.items() if n > 1]
    missing = [k for k in stable if k not in count]
    if twice or missing:
        complain("%s: %d twice, such as %s; %d of %d missing, such as %s" % (
            what, len(twice), twice[:1], len(missing), len(stable), missing[:1]))
    return not twice and not missing


#
# associations: 1,000 that stay, 250 among them that go, and others that come and go
#

def named(spi):
    return nest("SA", u32("SA_SPI", spi), SA["daddr"])


def spi_of(message):
    # the first attribute of the nest
    kind, spi = struct.unpack_from("=HI", message, 6)
    if kind != E["A_SA_SPI"]:
        raise RuntimeError("an association begins with attribute %d" % kind)
    return spi


def test_associations():
    nl, random_of = Netlink(), random.Random(1)
    stable, among, others = [], [], []
    for n in range(1250):
        must(nl, "SA_NEW", sa(spi=u32("SA_SPI", 0x72000000 + n)))
        (among if n % 5 == 1 else stable).append(0x72000000 + n)
    total = len(among)

    def step(progress, last):
        # those that the dump is at: what it has made and not given out yet is as much again
        at = spi_of(last) if any(last) else 0
        for spi in [spi for spi in among if at < spi < at + 40]:
            if len(among) > total * (1 - progress):
                among.remove(spi)
                must(nl, "SA_DEL", named(spi))
        others.append(0x73000000 + step.n)
        step.n += 1
        must(nl, "SA_NEW", sa(spi=u32("SA_SPI", others[-1])))
        if len(others) > 30:
            must(nl, "SA_DEL", named(others.pop(random_of.randrange(len(others)))))

    step.n = 0
    dump_while("SA_GET", 7, step, lambda messages, interrupted: each_once(
        "associations", map(spi_of, messages), stable))
    must(nl, "SA_DEL", nest("SA", SA["map"], SA["seq"]))
    left = small_dump(nl, "SA_GET")[0]
    if left:
        complain("%d associations of a crypto map are left after their deletion" % len(left))
    nl.close()


#
# access lists: whole ones of one configuration, or the kernel says otherwise
#

LISTS, ENTRIES = 20, 30


def load(nl, *objects):
    must(nl, "CONFIG_BEGIN")
    for cmd, payload in objects:
        must(nl, cmd, payload)
    must(nl, "CONFIG_COMMIT")


def lists(version):
    """Each entry says by its line of which configuration it is"""
    return [("ACL_NEW", acl(*(replaced(ACE, seq=u32("ACE_SEQ", i + 1), line=u32("ACE_LINE", version))
                              for i in range(ENTRIES)), name="list%d" % n))
            for n in range(LISTS)]


def entries_of(message):
    """(list, sequence number, line) of each entry in a message"""
    (_, nested), = attributes(message)
    name = b""
    for kind, data in attributes(nested):
        if kind == E["A_ACL_NAME"]:
            name = data
        elif kind == E["A_ACL_ACE"]:
            entry = dict(attributes(data))
            yield (name, struct.unpack("=I", entry[E["A_ACE_SEQ"]])[0],
                   struct.unpack("=I", entry[E["A_ACE_LINE"]])[0])


def test_access_lists():
    nl, random_of, outcome = Netlink(), random.Random(2), collections.Counter()
    load(nl, *lists(1))

    def step(progress, last):
        load(nl, *lists(2 + step.n % 2))
        step.n += 1
        time.sleep(random_of.random() / 20)

    def check(messages, interrupted):
        entries = [e for m in messages for e in entries_of(m)]
        outcome["interrupted" if interrupted else "whole"] += 1
        if interrupted:
            # what there is is still of one configuration, in order
            return each_once("interrupted access lists", [e[:2] for e in entries], [])
        versions = {e[2] for e in entries}
        if len(versions) > 1 or len(entries) != LISTS * ENTRIES:
            complain("access lists: %d entries of configurations %s, not interrupted" % (
                len(entries), sorted(versions)))
            return False
        return each_once("access lists", [e[:2] for e in entries], [])

    step.n = 0
    dump_while("ACL_GET", 4, step, check)
    print("# %s" % dict(outcome))
    if not outcome["interrupted"] or not outcome["whole"]:
        complain("access lists: both should have happened")
    nl.close()


#
# translations: 300 that stay, and others that packets make and requests end
#

INSIDE, OUTSIDE = "10.2.2.1", "198.51.100.7"


def port_of(message):
    (_, nested), = attributes(message)
    for kind, data in attributes(nested):
        if kind == E["A_XLATE_INSIDE_LOCAL_PORT"]:
            return struct.unpack("=H", data)[0]
    raise RuntimeError("a translation without a port")


def test_translations():
    nl, sock = Netlink(), raw_socket()
    overload = u32("NAT_RULE_FLAGS", E["RULE_FLAG_OVERLOAD"])
    load(nl, ("ACL_NEW", acl(replaced(ACE, src=addr("ACE_SRC", "10.2.2.0")))),
         ("POOL_NEW", pool(range=pool_range("201.70.32.150", "201.70.32.160"))),
         ("NAT_RULE_NEW", rule(flags=overload)),
         ("NAT_NEW", nest("NAT", u32("NAT_DNS_TIMEOUT", 1))),
         *(("IFACE_NEW", iface(ifindex=u32("IFACE_IFINDEX", socket.if_nametoindex(name)),
                               name=s("IFACE_NAME", name), flags=u32("IFACE_FLAGS", E[role])))
           for name, role in (("Ethernet0", "IFACE_FLAG_NAT_OUTSIDE"),
                              ("Serial1", "IFACE_FLAG_NAT_INSIDE"))))

    def make(port, to):
        flow = (UDP, INSIDE, port, OUTSIDE, to)
        sock.sendto(ip(INSIDE, OUTSIDE, UDP, transport(flow, b"x"), port), (OUTSIDE, 0))

    # of those among them, a third ends when its second is over and the others by two
    # requests, which look at every bucket
    stable = []
    for port in range(20000, 20360):
        outside = {1: 53, 5: 1001, 9: 1002}.get(port % 12, 9)
        make(port, outside)
        if outside == 9:
            stable.append(port)
    requests = [(0.6, 1002), (0.3, 1001)]

    def step(progress, last):
        if requests and progress > requests[-1][0]:
            must(nl, "XLATE_DEL", nest("XLATE", u8("XLATE_PROTO", UDP),
                                       u16("XLATE_OUTSIDE_GLOBAL_PORT", requests.pop()[1])))
        make(30000 + step.n % 20000, 53)
        step.n += 1

    step.n = 0
    dump_while("XLATE_GET", 4, step, lambda messages, interrupted: each_once(
        "translations", map(port_of, messages), stable))
    nl.close()


TESTS = [
    (test_associations, "dumps of associations while others come and go"),
    (test_access_lists, "dumps of access lists while they are replaced"),
    (test_translations, "dumps of translations while others come and go"),
]
