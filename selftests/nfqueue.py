#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A program that nftables asks about packets (queue num 0).

  nfqueue.py delay SECONDS   accepts what comes in lots, after so long, the last
                             of a lot first
  nfqueue.py hold FILE       accepts nothing until that file is there, then all,
                             the last first, and from then on at once

Prints "ready", "held N" after each packet held, "released N". Speaks netlink by
itself: the module nfnetlink_queue is all it needs.
"""

import os
import select
import socket
import struct
import sys
import time

NETLINK_NETFILTER, NFNL_SUBSYS_QUEUE = 12, 3
MSG_PACKET, MSG_VERDICT, MSG_CONFIG = 0, 1, 2
NFQA_PACKET_HDR, NFQA_VERDICT_HDR = 1, 2
NFQA_CFG_CMD, NFQA_CFG_PARAMS = 1, 2
CMD_BIND, COPY_META, NF_ACCEPT = 1, 1, 1
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2


def say(*words):
    print(*words, flush=True)


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def send(sock, kind, flags, attributes):
    body = struct.pack("=BBH", socket.AF_UNSPEC, 0, 0) + attributes
    sock.send(struct.pack("=IHHII", 16 + len(body), NFNL_SUBSYS_QUEUE << 8 | kind,
                          NLM_F_REQUEST | flags, 0, 0) + body)


def configure(sock, attributes):
    send(sock, MSG_CONFIG, NLM_F_ACK, attributes)
    code = struct.unpack_from("=i", sock.recv(4096), 16)[0]
    if code:
        raise OSError(-code, os.strerror(-code))


def packet_ids(data):
    """The ids of the packets in what came from the kernel"""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        at = 20
        while kind == NFNL_SUBSYS_QUEUE << 8 | MSG_PACKET and at + 4 <= length:
            size, attr = struct.unpack_from("=HH", data, at)
            if attr & 0x3fff == NFQA_PACKET_HDR:
                yield struct.unpack_from(">I", data, at + 4)[0]
            at += (size + 3) & ~3
        data = data[(length + 3) & ~3:]


def accept(sock, packet_id):
    send(sock, MSG_VERDICT, 0,
         attribute(NFQA_VERDICT_HDR, struct.pack(">II", NF_ACCEPT, packet_id)))


def main():
    mode, arg = sys.argv[1:3]
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.bind((0, 0))
    configure(sock, attribute(NFQA_CFG_CMD, struct.pack(">BBH", CMD_BIND, 0, socket.AF_INET)))
    configure(sock, attribute(NFQA_CFG_PARAMS, struct.pack(">IB", 0, COPY_META)))
    say("ready")

    held, since = [], 0
    while True:
        if select.select([sock], [], [], 0.005)[0]:
            for packet_id in packet_ids(sock.recv(1 << 16)):
                since = since if held else time.monotonic()
                held.append(packet_id)
                say("held", len(held))
        if mode == "hold":
            release = os.path.exists(arg)
        else:
            release = time.monotonic() - since > float(arg)
        if held and release:
            for packet_id in reversed(held):
                accept(sock, packet_id)
            say("released", len(held))
            held = []


main()
