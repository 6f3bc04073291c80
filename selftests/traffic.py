#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Numbered UDP datagrams.

  traffic.py sink PORT             print "got N SRC SPORT LEN" for each datagram
  traffic.py echo PORT             the same, and send each back
  traffic.py encap PORT            hold a port at which the kernel takes ESP in UDP
  traffic.py sizes DST PORT SIZE... send datagrams of these sizes to an echo, each
                                   with don't-fragment set and not, and print
                                   "same SIZE" for each that comes back unchanged
  traffic.py send DST PORT COUNT   send numbers 1..COUNT, print "sent N" after each
      [--sport P] [--size S] [--interval SECONDS] [--first N] [--ttl T]
      [--replies SECONDS]          wait so long for the rest of the replies and
                                   print "reply N" for each
"""

import argparse
import os
import socket
import struct
import sys
import time


IP_PKTINFO, IP_MTU_DISCOVER = 8, 10
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
IP_PMTUDISC_DONT, IP_PMTUDISC_DO = 0, 2

SO_RCVBUFFORCE = 33


def say(*words):
    print(*words, flush=True)


def number(data):
    head = data.split(b" ", 1)[0]
    return int(head) if head.isdigit() else -1


def serve(port, answer):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # more than the system allows without force, or bursts are lost here
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    sock.bind(("0.0.0.0", port))
    say("listening")
    while True:
        data, ancillary, _, peer = sock.recvmsg(65535, 64)
        say("got", number(data), peer[0], peer[1], len(data))
        if answer:
            # from the address that it came to, by whatever device
            to = ancillary[0][2][4:8]
            sock.sendmsg([data], [(socket.IPPROTO_IP, IP_PKTINFO,
                                   struct.pack("=I4s4s", 0, to, to))], 0, peer)


def encap(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
    sock.bind(("0.0.0.0", port))
    say("listening")
    while True:
        sock.recv(65535)


def drain(sock, until):
    while True:
        left = until - time.monotonic()
        sock.settimeout(max(left, 0.0001))
        try:
            say("reply", number(sock.recv(65535)))
        except (socket.timeout, BlockingIOError):
            if left <= 0:
                return
        except OSError as error:
            say("error", error.strerror)


def sizes(args):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((args.dst, args.port))
    sock.settimeout(5)
    for mode in (IP_PMTUDISC_DONT, IP_PMTUDISC_DO):
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, mode)
        for size in args.size:
            data = os.urandom(size)
            for _ in range(3):
                try:
                    sock.send(data)
                    if sock.recv(65535) == data:
                        say("same", size)
                        break
                    say("error other data for", size)
                except OSError as error:
                    say("error", size, error)


def send(args):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((args.source, args.sport))
    sock.connect((args.dst, args.port))
    if args.ttl:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, args.ttl)
    for n in range(args.first, args.first + args.count):
        data = b"%d " % n
        data += b"x" * (args.size - len(data))
        try:
            sock.send(data)
            say("sent", n)
        except OSError as error:
            say("error", error.strerror)
        if args.replies:
            drain(sock, time.monotonic() + args.interval)
        else:
            time.sleep(args.interval)
    if args.replies:
        drain(sock, time.monotonic() + args.replies)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("sink", "echo", "encap"):
        commands.add_parser(name).add_argument("port", type=int)
    sizer = commands.add_parser("sizes")
    sizer.add_argument("dst")
    sizer.add_argument("port", type=int)
    sizer.add_argument("size", type=int, nargs="+")
    sender = commands.add_parser("send")
    sender.add_argument("dst")
    sender.add_argument("port", type=int)
    sender.add_argument("count", type=int)
    sender.add_argument("--source", default="0.0.0.0")
    sender.add_argument("--sport", type=int, default=0)
    sender.add_argument("--size", type=int, default=32)
    sender.add_argument("--interval", type=float, default=0.02)
    sender.add_argument("--first", type=int, default=1)
    sender.add_argument("--ttl", type=int, default=0)
    sender.add_argument("--replies", type=float, default=0)
    args = parser.parse_args()
    if args.command == "send":
        send(args)
    elif args.command == "sizes":
        sizes(args)
    elif args.command == "encap":
        encap(args.port)
    else:
        serve(args.port, args.command == "echo")
    return 0


if __name__ == "__main__":
    sys.exit(main())
