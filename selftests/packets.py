# SPDX-License-Identifier: GPL-2.0
"""What the tests that make packets share: sockets in other network namespaces, the
checksum of RFC 1071, and packets."""

import ctypes
import socket
import struct

CLONE_NEWNET = 0x40000000
ICMP, TCP, UDP = 1, 6, 17

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


def pseudo(src, dst, proto, length):
    return socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!HH", proto, length)


def ip(src, dst, proto, payload, number, fragment=0, ttl=64):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, fragment, ttl,
                       proto, 0, socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def transport(flow, data, flags=0x10, reply=False, no_sum=False):
    """The transport header of a packet of (proto, src, sport, dst, dport)"""
    proto, src, sport, dst, dport = flow
    if proto == ICMP:
        head = struct.pack("!BBHHH", 0 if reply else 8, 0, 0, sport, 1) + data
        return head[:2] + struct.pack("!H", checksum(head)) + head[4:]
    if proto == UDP:
        head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
        if no_sum:
            return head
        total = checksum(pseudo(src, dst, UDP, len(head)) + head) or 0xffff
        return head[:6] + struct.pack("!H", total) + head[8:]
    head = struct.pack("!HHIIBBHHH", sport, dport, 1, 1, 0x50, flags, 1000, 0, 0) + data
    total = checksum(pseudo(src, dst, TCP, len(head)) + head)
    return head[:16] + struct.pack("!H", total) + head[18:]
