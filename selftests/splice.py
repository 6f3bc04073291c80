#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send the pages of a file, without a copy of them.

  splice.py tcp FILE DST PORT        all of it, by sendfile()
  splice.py vmsplice FILE DST PORT   the same out of a mapping, by way of a pipe
  splice.py udp FILE DST PORT [SRC SPORT]
                                     a datagram out of each page
  splice.py tap DEVICE PCAP          capture what passes, until SIGTERM. Packets are
                                     clones until they are read: the rings of tcpdump
                                     have copies
  splice.py compare FILE PCAP PORT   is a capture of these datagrams what the file is?
  splice.py make-plain FILE COUNT    a file of so many random pages
  splice.py make-esp FILE COUNT      one with ESP in each, of which every fourth is
                                     damaged; see bad_esp.py

A page begins with the length of what is to be sent, in two octets.
"""

import ctypes
import mmap
import os
import random
import signal
import socket
import struct
import sys

PAGE = 4096


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


def sendfile(sock, fd, offset, length):
    while length:
        n = os.sendfile(sock.fileno(), fd, offset, length)
        offset += n
        length -= n


def tcp(path, dst, port):
    fd = os.open(path, os.O_RDONLY)
    with socket.create_connection((dst, int(port))) as sock:
        sendfile(sock, fd, 0, os.fstat(fd).st_size)


def vmsplice(path, dst, port):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int,
                          ctypes.c_int, ctypes.c_long]
    fd = os.open(path, os.O_RDONLY)
    size = os.fstat(fd).st_size
    base = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0)
    reader, writer = os.pipe()
    with socket.create_connection((dst, int(port))) as sock:
        done = 0
        while done < size:
            iov = Iovec(base + done, min(size - done, 8 * PAGE))
            n = libc.vmsplice(writer, ctypes.byref(iov), 1, 0)
            if n <= 0:
                raise OSError(ctypes.get_errno(), "vmsplice")
            done += n
            while n:
                n -= os.splice(reader, sock.fileno(), n)


def pages(path):
    """Where in the file there is something to be sent, and how much"""
    with open(path, "rb") as f:
        for offset in range(0, os.path.getsize(path), PAGE):
            yield offset + 2, struct.unpack("!H", os.pread(f.fileno(), 2, offset))[0]


def udp(path, dst, port, src="0.0.0.0", sport=0):
    fd = os.open(path, os.O_RDONLY)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((src, int(sport)))
    sock.connect((dst, int(port)))
    for offset, length in pages(path):
        sendfile(sock, fd, offset, length)


def tap(device, pcap):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((device, 3))
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
    sock.settimeout(0.2)
    with open(pcap, "wb") as out:
        out.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        print("listening", flush=True)
        while True:
            try:
                frame = sock.recv(1 << 16)
            except TimeoutError:
                if ended:
                    return
                continue
            out.write(struct.pack("=IIII", 0, 0, len(frame), len(frame)) + frame)


def frames(pcap):
    with open(pcap, "rb") as f:
        f.read(24)
        while True:
            head = f.read(16)
            if len(head) < 16:
                return
            yield f.read(struct.unpack("=IIII", head)[2])


def compare(path, pcap, port):
    """The datagrams of a capture, in their order, against the file"""
    want = []
    with open(path, "rb") as f:
        for offset, length in pages(path):
            want.append(os.pread(f.fileno(), length, offset))
    got = []
    for frame in frames(pcap):
        if frame[23] == 17 and struct.unpack("!H", frame[36:38])[0] == int(port):
            got.append(frame[42:14 + struct.unpack("!H", frame[16:18])[0]])
    if got != want:
        raise SystemExit("%d datagrams, %d in the file, %d the same" % (
            len(got), len(want), sum(a == b for a, b in zip(got, want))))


def make_plain(path, count):
    with open(path, "wb") as f:
        for _ in range(int(count)):
            page = struct.pack("!H", random.randrange(1, 1300))
            f.write(page + os.urandom(PAGE - len(page)))


def make_esp(path, count):
    import bad_esp
    with open(path, "wb") as f:
        for n in range(int(count)):
            payload = bad_esp.udp(b"%d " % (n + 1) + bytes(random.randrange(1, 1200)))
            packet = bytearray(bad_esp.esp(bad_esp.inner(payload=payload), n + 1))
            if n % 4 == 3:
                packet[-1] ^= 1
            f.write((struct.pack("!H", len(packet)) + packet).ljust(PAGE, b"\0"))


globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
