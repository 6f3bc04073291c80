#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A transaction that grows: netlink_memory.py KIND N DIRECTORY

Begins one and says "ready"; when DIRECTORY/go exists, sends N objects and says "grown";
when DIRECTORY/end exists, goes without a commit. KIND is sas, acls or pools. Ends with 3
if the kernel has no memory for an object, and 1 if it refuses one for another reason.
"""

import errno
import os
import sys
import time

from netlink_bad import ACE, Netlink, acl, pool, pool_range, replaced, s, sa, u8, u32

KINDS = {
    "sas": ("SA_NEW", lambda n: sa(spi=u32("SA_SPI", 0x74000000 + n))),
    "acls": ("ACL_NEW", lambda n: acl(*(replaced(ACE, seq=u32("ACE_SEQ", i + 1))
                                        for i in range(100)), name="grown%d" % n)),
    "pools": ("POOL_NEW", lambda n: pool(name=s("POOL_NAME", "grown%d" % n),
                                         range=pool_range("10.%d.0.0" % n, "10.%d.255.255" % n),
                                         len=u8("POOL_PREFIX_LEN", 8))),
}


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.02)


def main():
    kind, n, directory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    command, make = KINDS[kind]
    nl = Netlink()
    error, text = nl.do("CONFIG_BEGIN")
    print("ready" if not error else text, flush=True)
    wait_for(directory + "/go")
    for i in range(n):
        error, text = nl.do(command, make(i))
        if error:
            print("object %d: %s %s" % (i, os.strerror(error), text), flush=True)
            return 3 if error == errno.ENOMEM else 1
    print("grown", flush=True)
    wait_for(directory + "/end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
