#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make the kernel prefer asynchronous crypto: cryptd.py add|del TEMPLATE NAME

"add cryptd 'authenc(hmac(md5),cbc(des))'" instantiates cryptd(...) of it, whose
priority is above that of what it wraps; "del" takes it away again. Prints the
driver's name. Exit code 4: this kernel cannot.
"""

import re
import socket
import struct
import sys

CRYPTO_MSG_DELALG = 0x11
NETLINK_CRYPTO = 21


def drivers(name):
    """(driver, priority, asynchronous) of every algorithm of that name"""
    with open("/proc/crypto") as f:
        for block in f.read().split("\n\n"):
            fields = dict(re.findall(r"^(\w+)\s*: (.*)$", block, re.M))
            if fields.get("name") == name:
                yield fields["driver"], int(fields["priority"]), fields.get("async") == "yes"


def instantiate(name):
    """Make the kernel build an algorithm; False, and why, if it does not"""
    try:
        sock = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
        sock.bind(("aead", name))
    except OSError as error:
        print("%s: %s" % (name, error.strerror))
        return False
    return True


def best_driver(name):
    return max(drivers(name), key=lambda d: d[1])


def add(template, name):
    if not instantiate(name):
        return 4
    # an instance is looked up by the names that it gives itself, and it takes
    # the driver's
    if not instantiate("%s(%s)" % (template, best_driver(name)[0])):
        return 4
    best = best_driver(name)
    print(best[0])
    return 0 if best[0].startswith(template + "(") and best[2] else 4


def delete(template, name):
    for driver, _, _ in list(drivers(name)):
        if not driver.startswith(template + "("):
            continue
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_CRYPTO)
        sock.bind((0, 0))
        # struct crypto_user_alg
        body = struct.pack("=64s64s64sIIII", name.encode(), driver.encode(), b"", 0, 0, 0, 0)
        sock.send(struct.pack("=IHHII", 16 + len(body), CRYPTO_MSG_DELALG, 5, 1, 0) + body)
        error = struct.unpack("=i", sock.recv(4096)[16:20])[0]
        print(driver, error)
        if error:
            return 1
    return 0


sys.exit({"add": add, "del": delete}[sys.argv[1]](*sys.argv[2:4]))
