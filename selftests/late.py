#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Flows in which the side that was called speaks next, when it is told to.

  late.py listen tcp|udp PORT COUNT GO [--bind ADDRESS]
                                         print "listening", then "open N" for each peer;
                                         when there are COUNT and the file GO is there,
                                         send "late" to all of them
  late.py call tcp|udp ADDRESS PORT [--sport P] [--tos T]
                                         call, print "called", wait for an answer and
                                         print "heard ANSWER" or "error WORDS"
"""

import argparse
import os
import socket
import sys
import time

PATIENCE = 60
SOCK = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def say(*words):
    print(*words, flush=True)


def listen(args):
    sock = socket.socket(socket.AF_INET, SOCK[args.proto])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((args.bind, args.port))
    if args.proto == "tcp":
        sock.listen()
    say("listening")
    peers = []
    while len(peers) < args.count:
        peers.append(sock.accept()[0] if args.proto == "tcp" else sock.recvfrom(100)[1])
        say("open", len(peers))
    end = time.monotonic() + PATIENCE
    while not os.path.exists(args.go) and time.monotonic() < end:
        time.sleep(0.05)
    for peer in peers:
        if args.proto == "tcp":
            peer.sendall(b"late")
        else:
            sock.sendto(b"late", peer)
    say("sent")
    time.sleep(args.linger)


def call(args):
    sock = socket.socket(socket.AF_INET, SOCK[args.proto])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, args.tos)
    sock.bind(("0.0.0.0", args.sport))
    sock.settimeout(args.patience)
    try:
        sock.connect((args.address, args.port))
        if args.proto == "udp":
            sock.send(b"early")
        say("called")
        say("heard", sock.recv(100).decode())
    except OSError as error:
        say("error", error)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    listener = commands.add_parser("listen")
    listener.add_argument("proto", choices=SOCK)
    listener.add_argument("port", type=int)
    listener.add_argument("count", type=int)
    listener.add_argument("go")
    listener.add_argument("--bind", default="0.0.0.0")
    listener.add_argument("--linger", type=float, default=10)
    caller = commands.add_parser("call")
    caller.add_argument("proto", choices=SOCK)
    caller.add_argument("address")
    caller.add_argument("port", type=int)
    caller.add_argument("--sport", type=int, default=0)
    caller.add_argument("--tos", type=int, default=0)
    caller.add_argument("--patience", type=float, default=10)
    args = parser.parse_args()
    (listen if args.command == "listen" else call)(args)


if __name__ == "__main__":
    sys.exit(main())
