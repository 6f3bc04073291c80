#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Both associations of the deployment, as no configuration can say them, for a
gateway whose crypto map has none.

  sa_new.py [--esn] [--number N] [--udp] [--transport] [--rounds N] [--asleep FILE]
            [--limit NAME=N]... [--select NAME=N]...

With extended sequence numbers, at a number, in UDP, in transport mode; all deleted
and made anew so many times, each time right behind some packets, which a crypto engine
that puts them off then still has. Until FILE exists, more inbound ones without a break:
the machine is suspended meanwhile, and none that was made before that may be there
after it. With limits, such as hard-packets=5, and with more of a selector than
addresses, such as proto=17 and local-port=53. Transform, keys, SPIs and addresses are
in the environment.
"""

import argparse
import errno
import os
import socket
import struct
import sys
import time

from netlink_bad import E, Netlink, addr, attributes, b, flag, nest, s, u8, u16, u32, u64

ENV = os.environ
WORDS = {
    "esp-null": "ENCR_NULL", "esp-des": "ENCR_DES", "esp-3des": "ENCR_3DES",
    "esp-aes": "ENCR_AES_CBC", "esp-gcm": "ENCR_AES_GCM", "esp-gmac": "ENCR_AES_GMAC",
    "esp-chacha20-poly1305": "ENCR_CHACHA20_POLY1305",
    "esp-md5-hmac": "AUTH_HMAC_MD5", "esp-sha-hmac": "AUTH_HMAC_SHA1",
    "esp-sha256-hmac": "AUTH_HMAC_SHA256", "esp-sha384-hmac": "AUTH_HMAC_SHA384",
    "esp-sha512-hmac": "AUTH_HMAC_SHA512",
}


def named(text):
    """A word NAME=N of a command line, as of an attribute"""
    name, _, number = text.partition("=")
    return name.replace("-", "_").upper(), int(number)


def limits(args):
    return [(u64 if name.endswith("PACKETS") else u32)("SA_" + name, n) for name, n in args.limit]


def selector(local, mask, remote, args):
    return nest("SA_SELECTOR", addr("SELECTOR_LOCAL", local),
                addr("SELECTOR_LOCAL_MASK", mask), addr("SELECTOR_REMOTE", remote),
                *[(u8 if name == "PROTO" else u16)("SELECTOR_" + name, n)
                  for name, n in args.select])


def association(way, source, destination, args):
    names = [WORDS[w] for w in ENV["TRANSFORM"].split() if w in WORDS]
    keys = [b(kind, bytes.fromhex(ENV[name + "_KEY_" + way]))
            for kind, name in (("SA_ENC_KEY", "ENC"), ("SA_AUTH_KEY", "AUTH"))
            if ENV[name + "_KEY_" + way]]
    flags = E["SA_FLAG_MANUAL"] | E["SA_FLAG_DF_COPY"] | (E["SA_FLAG_ESN"] if args.esn else 0)
    if args.udp:
        keys += [u16("SA_ENCAP_SPORT", 4500), u16("SA_ENCAP_DPORT", 4500)]
    local, mask, remote = "10.2.2.0", "255.255.255.0", ENV["CLIENT_INNER"]
    if args.transport:
        local, mask, remote = ENV["GW_OUTER"], "255.255.255.255", ENV["CLIENT_OUTER"]
    return nest(
        "SA", u32("SA_SPI", int(ENV["SPI_" + way])), addr("SA_SADDR", source),
        addr("SA_DADDR", destination), u8("SA_DIR", E["DIRECTION_" + way]),
        s("SA_MAP", "intmap"), u32("SA_MAP_SEQ", 10), u8("SA_MODE", args.transport),
        u8("SA_ENCR", E[names[0]]), u8("SA_AUTH", E[names[1]] if names[1:] else E["AUTH_NONE"]),
        selector(local, mask, remote, args), u32("SA_FLAGS", flags),
        u32("SA_REPLAY_WINDOW", int(ENV.get("WINDOW", "1024"))), u64("SA_SEQ", args.number),
        *limits(args), *keys)


def make(nl, args):
    """How many of the two were refused"""
    bad = 0
    for way, ends in (("IN", ("CLIENT_OUTER", "GW_OUTER")), ("OUT", ("GW_OUTER", "CLIENT_OUTER"))):
        error, text = nl.do("SA_NEW", association(way, ENV[ends[0]], ENV[ends[1]], args))
        if error:
            print("%s: %s, %s" % (way, os.strerror(error), text))
            bad += 1
    return bad


def replace(nl, args):
    """How many requests of all rounds were refused"""
    bad = 0
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((ENV["GW_INNER"], 0))
    # what the engine does later, it does in a thread that may not come in between
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    for _ in range(args.rounds):
        for _ in range(8):
            out.sendto(b"under way", (ENV["CLIENT_INNER"], 9))
        error, text = nl.do("SA_DEL", flag("ALL"))
        if error:
            print("delete: %s, %s" % (os.strerror(error), text))
        bad += bool(error) + make(nl, args)
    return bad


def present(nl):
    """The SPIs of all associations"""
    return {struct.unpack("=I", value)[0] for message in nl.dump("SA_GET")
            for _, nested in attributes(message[4:]) for kind, value in attributes(nested)
            if kind == E["A_SA_SPI"]}


def through_sleep(nl, args):
    """How much was wrong"""
    spi, made, refused, when, slept = 0x60000000, [], 0, time.monotonic(), None
    # at once when the lock is free, between what the kernel does of itself
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("adding", flush=True)
    while not os.path.exists(args.asleep):
        if time.monotonic() - when > 4:
            slept = len(made)
        when = time.monotonic()
        spi += 1
        ENV["SPI_IN"] = str(spi)
        error, text = nl.do("SA_NEW", association("IN", ENV["CLIENT_OUTER"], ENV["GW_OUTER"], args))
        if error == errno.EBUSY and "being suspended" in text:
            refused += 1
        elif error:
            print("%s, %s" % (os.strerror(error), text))
            return 1
        else:
            made.append(spi)
        time.sleep(0.0003)
    left = present(nl).intersection(made[:slept])
    print("made %d, %s before the machine slept, refused %d" % (len(made), slept, refused))
    if left:
        print("%d that were made before it slept are there" % len(left))
    return len(left) + (not slept)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--esn", action="store_true")
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--transport", action="store_const", default=E["MODE_TUNNEL"],
                        const=E["MODE_TRANSPORT"])
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--asleep")
    parser.add_argument("--limit", type=named, action="append", default=[])
    parser.add_argument("--select", type=named, action="append", default=[])
    args = parser.parse_args()
    nl = Netlink()
    if args.asleep:
        return 1 if through_sleep(nl, args) else 0
    bad = make(nl, args)
    if args.rounds:
        bad += replace(nl, args)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
