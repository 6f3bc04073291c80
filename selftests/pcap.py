#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write a capture of made-up packets: pcap.py FILE SRC:DST:PROTO..."""

import socket
import struct
import sys


def packet(src, dst, proto):
    payload = bytes(32)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64,
                     int(proto), 0, socket.inet_aton(src), socket.inet_aton(dst))
    return bytes(12) + b"\x08\x00" + ip + payload


with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for spec in sys.argv[2:]:
        data = packet(*spec.split(":"))
        out.write(struct.pack("=IIII", 0, 0, len(data), len(data)) + data)
