# SPDX-License-Identifier: GPL-2.0
"""What the tests that make packets share: sockets in other network namespaces, and
the checksum of RFC 1071."""

import ctypes
import socket
import struct

CLONE_NEWNET = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


def in_ns(ns, make):
    """What make() returns, called in that network namespace: a socket stays in the one
    where it was made."""
    with open("/proc/self/ns/net") as home, open(f"/run/netns/{ns}") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {ns}")
        try:
            return make()
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


def raw_socket():
    """For packets with their IP header."""
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def packet_socket(device, protocol=0x0800):
    """That hears what passes a device, from the IP header on, and does not wait."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
    sock.bind((device, protocol))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.setblocking(False)
    return sock


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
