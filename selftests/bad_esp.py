#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send packets that the gateway must refuse, and look what it counts.

  bad_esp.py GROUP     one of the functions test_GROUP below

Runs in the namespace of the outside host. An ESP implementation of its own
(keys from the environment, DES and AES-GCM from libcrypto) builds what a peer
with the right keys could send, in UDP if UDP is set. After every case the counters
of the gateway must have moved by exactly what the case says. Prints what is wrong;
exit code 1 then. STATE keeps the sequence number and how many packets should have
reached the inside host.
"""

import ctypes
import hashlib
import hmac
import json
import os
import socket
import struct
import subprocess
import sys
import time

from packets import checksum, in_ns, packet_socket, raw_socket

ENV = os.environ
SLOW = float(ENV.get("VPNGW_SLOW", "1"))
GW_OUTER, CLIENT_OUTER = ENV["GW_OUTER"], ENV["CLIENT_OUTER"]
CLIENT_INNER, INSIDE = ENV["CLIENT_INNER"], ENV["INSIDE_ADDR"]
SPI = int(ENV["SPI_IN"])
ENC_KEY = bytes.fromhex(ENV["ENC_KEY_IN"])
AUTH_KEY = bytes.fromhex(ENV["AUTH_KEY_IN"])
WINDOW = int(ENV.get("WINDOW", "64"))
ESN = bool(ENV.get("ESN"))	# extended sequence numbers
STEP = int(ENV.get("STEP", "1"))	# of all bits, one in so many is flipped
GCM = ENV.get("TRANSFORM", "").startswith("esp-gcm")
IV, ICV, BLOCK = (8, 16, 4) if GCM else (8, 12, 8)
UDP = bool(ENV.get("UDP"))
NATT = 4500
PORT = 7777			# inner packets that may arrive go there

failed = False


def complain(*words):
    global failed
    failed = True
    print("#", *words, flush=True)


#
# packets
#

def ip(src, dst, proto, payload, ttl=64, ident=0, frag=0, total=None, vihl=0x45,
       options=b"", good=True, tos=0):
    if total is None:
        total = 20 + len(options) + len(payload)
    head = struct.pack("!BBHHHBBH4s4s", vihl, tos, total, ident, frag, ttl, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    value = checksum(head)
    if not good:
        value ^= 0x5555
    return head[:10] + struct.pack("!H", value) + head[12:] + payload


def udp(data=b"x" * 20, sport=5000, dport=PORT, length=None):
    return struct.pack("!HHHH", sport, dport, 8 + len(data) if length is None else length,
                       0) + data


def inner(**kw):
    args = dict(src=CLIENT_INNER, dst=INSIDE, proto=17, payload=udp())
    args.update(kw)
    return ip(args.pop("src"), args.pop("dst"), args.pop("proto"), args.pop("payload"), **args)


def libcrypto():
    lib = ctypes.CDLL("libcrypto.so.3")
    lib.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
    lib.EVP_CIPHER_CTX_free.argtypes = [ctypes.c_void_p]
    for name in ("des_ede3_cbc", "aes_128_gcm", "aes_192_gcm", "aes_256_gcm"):
        getattr(lib, "EVP_" + name).restype = ctypes.c_void_p
    lib.EVP_EncryptInit_ex.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_char_p] * 2
    lib.EVP_CIPHER_CTX_set_padding.argtypes = [ctypes.c_void_p, ctypes.c_int]
    lib.EVP_EncryptUpdate.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p,
                                      ctypes.c_char_p, ctypes.c_int]
    lib.EVP_EncryptFinal_ex.argtypes = [ctypes.c_void_p] * 3
    lib.EVP_CIPHER_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int,
                                        ctypes.c_void_p]
    return lib


CRYPTO = libcrypto()
EVP_CTRL_AEAD_GET_TAG = 0x10


def des_cbc(key, iv, data):
    """Triple DES with one key three times is DES."""
    out = ctypes.create_string_buffer(len(data) + BLOCK)
    length = ctypes.c_int()
    ctx = CRYPTO.EVP_CIPHER_CTX_new()
    good = (CRYPTO.EVP_EncryptInit_ex(ctx, CRYPTO.EVP_des_ede3_cbc(), None, key * 3, iv) and
            CRYPTO.EVP_CIPHER_CTX_set_padding(ctx, 0) and
            CRYPTO.EVP_EncryptUpdate(ctx, out, ctypes.byref(length), data, len(data)))
    CRYPTO.EVP_CIPHER_CTX_free(ctx)
    if not good or length.value != len(data):
        raise ValueError("libcrypto refuses %d octets" % len(data))
    return out.raw[:len(data)]


def aes_gcm(key, nonce, header, data):
    """Encrypted, and the tag of both"""
    out = ctypes.create_string_buffer(len(data) + 16)
    tag = ctypes.create_string_buffer(ICV)
    length = ctypes.c_int()
    cipher = getattr(CRYPTO, "EVP_aes_%d_gcm" % (8 * len(key)))()
    ctx = CRYPTO.EVP_CIPHER_CTX_new()
    good = (CRYPTO.EVP_EncryptInit_ex(ctx, cipher, None, key, nonce) and
            CRYPTO.EVP_EncryptUpdate(ctx, None, ctypes.byref(length), header, len(header)) and
            CRYPTO.EVP_EncryptUpdate(ctx, out, ctypes.byref(length), data, len(data)) and
            CRYPTO.EVP_EncryptFinal_ex(ctx, tag, ctypes.byref(length)) and
            CRYPTO.EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ICV, tag))
    CRYPTO.EVP_CIPHER_CTX_free(ctx)
    if not good:
        raise ValueError("libcrypto refuses %d octets" % len(data))
    return out.raw[:len(data)] + tag.raw


def seal(header, plain, high):
    """What follows the header; the high half of the number is authenticated, not sent:
    behind the packet (RFC 4303 2.2.1), or before the low half (RFC 4106 5)"""
    iv = os.urandom(IV)
    if GCM:
        return iv + aes_gcm(ENC_KEY[:-4], ENC_KEY[-4:] + iv, header[:4] + high + header[4:], plain)
    body = iv + des_cbc(ENC_KEY, iv, plain)
    return body + hmac.new(AUTH_KEY, header + body + high, hashlib.md5).digest()[:ICV]


def esp(payload, seq, next_header=4, pad=None, pad_len=None, spi=SPI):
    """The octets after the outer IP header."""
    if pad is None:
        pad = bytes(range(1, 1 + -(len(payload) + 2) % BLOCK))
    if pad_len is None:
        pad_len = len(pad)
    plain = payload + pad + bytes([pad_len & 255, next_header])
    header = struct.pack("!II", spi, seq & 0xffffffff)
    return header + seal(header, plain, struct.pack("!I", seq >> 32) if ESN else b"")


def natt(data, length=None):
    """To the port for ESP in UDP"""
    return ip(CLIENT_OUTER, GW_OUTER, 17, udp(data, NATT, NATT, length))


def outer(body, src=CLIENT_OUTER, dst=GW_OUTER, proto=50, tos=0):
    if UDP:
        proto, body = 17, udp(body, NATT, NATT)
    return ip(src, dst, proto, body, tos=tos)


RAW = raw_socket()


def send(packet):
    RAW.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))


#
# state and counters
#

class State:
    def __init__(self):
        self.file = ENV["STATE"]
        self.seq, self.delivered = 1000, 0
        if os.path.exists(self.file):
            with open(self.file) as f:
                self.seq, self.delivered = json.load(f)

    def save(self):
        with open(self.file, "w") as f:
            json.dump([self.seq, self.delivered], f)

    def next(self):
        self.seq += 1
        return self.seq


STATE = State()


def drops():
    text = subprocess.run(["ip", "netns", "exec", ENV["GW"], "vpnctl", "show", "drops", "all", "--json"],
                          check=True, capture_output=True).stdout
    found = {}
    pending = [json.loads(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "name" in node and "packets" in node:
                found[node["name"]] = node["packets"]
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found


def number():
    """The highest sequence number that the inbound association has accepted"""
    text = subprocess.run(["ip", "netns", "exec", ENV["GW"], "vpnctl", "show", "crypto", "ipsec",
                           "sa", "--json"], check=True, capture_output=True).stdout
    pending = [json.loads(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.get("direction") == "in" and "seq" in node:
                return node["seq"]
            node = list(node.values())
        if isinstance(node, list):
            pending.extend(node)
    raise SystemExit("no inbound association")


def unmoved(highest):
    if number() != highest:
        complain("the window has moved from %d to %d" % (highest, number()))


def expect(what, packets, **reasons):
    """Send packets; the counters must move by exactly these reasons."""
    want = {name.replace("_", "-"): n for name, n in reasons.items() if n}
    before = drops()
    for packet in packets:
        send(packet)
    deadline = time.monotonic() + 5 * SLOW
    while True:
        after = drops()
        got = {n: after[n] - before[n] for n in after if after[n] != before[n]}
        if got == want or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    if got != want:
        complain("%s: dropped %s, wanted %s" % (what, got, want))


def good(what, payload=None, seq=None):
    """A packet that must be delivered: nothing is dropped."""
    STATE.delivered += 1
    if seq is None:
        seq = STATE.next()
    expect(what, [outer(esp(payload or inner(), seq))])


#
# groups
#

def test_control():
    good("valid packet")
    good("valid packet, 1000 octets", inner(payload=udp(b"y" * 1000)))
    good("valid packet with IP options", inner(vihl=0x46, options=b"\x01\x01\x01\0"))
    # RFC 4303 2.7: octets between the inner packet and the padding are legal
    good("valid packet with traffic flow confidentiality padding", inner() + bytes(40))
    # all lengths of padding up to 255 are legal (RFC 4303 2.4)
    payload = inner()
    pad = bytes(range(1, 1 + 248 + -(len(payload) + 2) % BLOCK))
    STATE.delivered += 1
    expect("valid packet with long padding", [outer(esp(payload, STATE.next(), pad=pad))])


    # fragments in the tunnel, in either order, are one packet outside of it
    whole = udp(b"z" * 1200)
    for first, second in ((0, 1), (1, 0)):
        cut = (inner(payload=whole[:800], ident=7 + first, frag=0x2000),
               inner(payload=whole[800:], ident=7 + first, frag=100))
        STATE.delivered += 1
        expect("two fragments", [outer(esp(cut[first], STATE.next())),
                                 outer(esp(cut[second], STATE.next()))])


def test_truncated():
    full = esp(inner(payload=udp(bytes(80))), STATE.next())
    highest = number()
    short, whole = [], []
    # in UDP, less than an SPI is for whoever listens there
    for n in range(4 if UDP else 0, len(full)):
        text = n - 8 - IV - ICV
        (whole if text >= BLOCK and text % BLOCK == 0 else short).append(outer(full[:n]))
    expect("not whole blocks, or no room for a trailer", short, esp_truncated=len(short))
    expect("whole blocks missing", whole, esp_auth=len(whole))
    # longer than it was
    expect("a block added", [outer(full + bytes(BLOCK))], esp_auth=1)
    expect("an octet added", [outer(full + b"\0")], esp_truncated=1)
    unmoved(highest)


def test_flipped():
    # far from all numbers already seen
    STATE.seq += 1000
    seq = STATE.next()
    good("valid packet before")
    top = STATE.seq
    full = bytearray(esp(inner(), seq))
    want = {}
    packets = []
    for octet in range(len(full)):
        for bit in range(octet % STEP, 8, STEP):
            full[octet] ^= 1 << bit
            number = struct.unpack("!I", full[4:8])[0]
            if octet < 4:
                reason = "esp_no_sa"
            elif number == 0 or number == top or number + WINDOW <= top:
                reason = "esp_replay"
            else:
                reason = "esp_auth"
            want[reason] = want.get(reason, 0) + 1
            packets.append(outer(bytes(full)))
            full[octet] ^= 1 << bit
    expect("one bit flipped, %d ways" % len(packets), packets, **want)
    unmoved(top)
    STATE.delivered += 1
    expect("the same packet, whole", [outer(bytes(full))])


def test_spi():
    body = esp(inner(), STATE.next())
    # in UDP, 0 says that it is not ESP
    for spi in (1 if UDP else 0, 255, 256, SPI - 1, SPI + 1, 0x7fffffff, 0xffffffff):
        expect("SPI %#x" % spi, [outer(struct.pack("!I", spi) + body[4:])], esp_no_sa=1)
    # an SPI belongs to a destination: the outbound association is not ours
    expect("SPI of the outbound association",
           [outer(struct.pack("!I", int(ENV["SPI_OUT"])) + body[4:])], esp_no_sa=1)


def test_replay():
    captured = []
    proto, at = (17, 28) if UDP else (50, 20)
    with open(ENV["PCAP"], "rb") as f:
        f.read(24)
        while True:
            head = f.read(16)
            if len(head) < 16:
                break
            data = f.read(struct.unpack("=IIII", head)[2])[14:]
            # what this program has sent has higher numbers
            if len(data) > at + 8 and data[9] == proto and data[16:20] == socket.inet_aton(GW_OUTER) \
                    and struct.unpack("!II", data[at:at + 8]) in [(SPI, n) for n in range(1, 11)]:
                captured.append(data)
    if len(captured) != 10:
        complain("only %d ESP packets in the capture" % len(captured))
    expect("%d captured packets" % len(captured), captured, esp_replay=len(captured))

    packet = outer(esp(inner(), STATE.next()))
    STATE.delivered += 1
    expect("a packet", [packet])
    expect("the same three times", [packet] * 3, esp_replay=3)

    top = STATE.seq = STATE.seq + 1000
    good("far ahead", seq=top)
    good("the oldest in the window", seq=top - WINDOW + 1)
    expect("just too old", [outer(esp(inner(), top - WINDOW))], esp_replay=1)
    expect("the oldest again", [outer(esp(inner(), top - WINDOW + 1))], esp_replay=1)
    # a forged packet must not move the window
    forged = bytearray(esp(inner(), top + 5000))
    forged[-1] ^= 1
    expect("far ahead, forged", [outer(bytes(forged))], esp_auth=1)
    good("still in the window", seq=top - 1)


def test_clear():
    packets = [
        inner(),
        inner(proto=1, payload=struct.pack("!BBHHH", 8, 0, checksum(struct.pack("!BBHHH", 8, 0, 0, 7, 1)), 7, 1)),
        inner(proto=6, payload=struct.pack("!HHIIHHHH", 5000, 22, 1, 0, 0x5002, 1000, 0, 0)),
        inner(proto=47, payload=bytes(24)),
        inner(dst="10.2.2.255"),
        inner(dst="10.2.2.1"),
    ]
    for n, packet in enumerate(packets):
        expect("clear packet %d" % n, [packet], clear_protected=1)
    # beside the selectors nothing is protected
    expect("another source", [inner(src="198.51.100.7", payload=udp(dport=PORT + 1))])


def test_padding():
    payload = inner()
    n = -(len(payload) + 2) % BLOCK
    right = bytes(range(1, n + 1 + BLOCK))
    for what, pad in (("zeros", bytes(len(right))), ("counts from 0", bytes(range(len(right)))),
                      ("last octet", right[:-1] + b"\xff"), ("first octet", b"\0" + right[1:])):
        expect("padding: " + what, [outer(esp(payload, STATE.next(), pad=pad))], esp_padding=1)
    for length in (255, len(payload) + len(right) + 1):
        expect("pad length %d" % length,
               [outer(esp(payload, STATE.next(), pad=right, pad_len=length))], esp_padding=1)


def test_next_header():
    payload = inner()
    for proto in (0, 1, 6, 17, 41, 50, 58, 255):
        expect("next header %d" % proto,
               [outer(esp(payload, STATE.next(), next_header=proto))], esp_next_header=1)


def test_inner():
    for what, payload in (
            ("version 6", inner(vihl=0x65)), ("version 0", inner(vihl=0x05)),
            ("header of 16 octets", inner(vihl=0x44)),
            ("header longer than the packet", inner(vihl=0x4f, payload=bytes(8))),
            ("total length over the end", inner(total=20 + 28 + 1)),
            ("total length 65535", inner(total=65535)),
            ("total length 19", inner(total=19)), ("total length 0", inner(total=0)),
            ("bad checksum", inner(good=False)),
            ("cut in the header", inner()[:19]), ("one octet", b"\x45"), ("nothing", b"")):
        expect("inner packet: " + what, [outer(esp(payload, STATE.next()))], esp_inner_header=1)


def test_selector():
    for src, dst in (("10.2.1.2", INSIDE), ("10.2.0.1", INSIDE), (INSIDE, INSIDE),
                     ("10.2.2.1", INSIDE), (CLIENT_OUTER, INSIDE), ("127.0.0.1", INSIDE),
                     (CLIENT_INNER, "10.2.3.5"), (CLIENT_INNER, "10.2.1.1"),
                     (CLIENT_INNER, GW_OUTER), (CLIENT_INNER, "198.51.100.7"),
                     (CLIENT_INNER, "201.70.32.150"), (INSIDE, CLIENT_INNER)):
        expect("selector %s > %s" % (src, dst),
               [outer(esp(inner(src=src, dst=dst), STATE.next()))], esp_selector=1)


def ears():
    """On the device of the inside host"""
    return in_ns(ENV["INSIDE"], lambda: packet_socket("eth0"))


def heard(sock, count=1):
    """What has come from the client since the last time: so many packets, and one more
    if there is"""
    found = []
    deadline = time.monotonic() + 2 * SLOW
    while time.monotonic() < deadline:
        try:
            data = sock.recv(65535)
        except BlockingIOError:
            if len(found) >= count:
                break
            time.sleep(0.01)
            continue
        if data[12:20] == socket.inet_aton(CLIENT_INNER) + socket.inet_aton(INSIDE):
            found.append(data)
    return found


# RFC 6040 figure 4: by the inner mark, then by the outer one; None is dropped
ECN = {0: (0, 0, 0, None), 1: (1, 1, 1, 3), 2: (2, 1, 2, 3), 3: (3, 3, 3, 3)}


def test_ecn():
    sock = ears()
    pairs = [(inside, outside) for inside in ECN for outside in ECN]
    for dropped in (False, True):
        chosen = [pair for pair in pairs if (ECN[pair[0]][pair[1]] is None) == dropped]
        packets = [outer(esp(inner(tos=0x28 | inside), STATE.next()), tos=0xb8 | outside)
                   for inside, outside in chosen]
        expect("marks, inner and outer: %s" % chosen, packets, esp_ecn=len(packets) * dropped)
        want = [] if dropped else [0x28 | ECN[inside][outside] for inside, outside in chosen]
        got = [data[1] for data in heard(sock, len(want))]
        STATE.delivered += len(want)
        if got != want:
            complain("marks %s: type of service %s, wanted %s" % (chosen, got, want))


def test_natt():
    """What comes to the port is ESP, or is for the socket there."""
    sock = in_ns(ENV["GW"], lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.bind(("0.0.0.0", NATT))
    body = esp(inner(), STATE.next())
    # keepalive, marker alone, key negotiation, less than an SPI
    others = [b"\xff", bytes(4), bytes(4) + os.urandom(100)]
    others += [body[:n] for n in range(4)] + [bytes(n) for n in range(1, 8)]
    expect("what is not ESP", [natt(data) for data in others])
    at_socket(sock, "what is not ESP", others)
    short = [body[:n] for n in range(4, 8)]
    expect("4 to 7 octets of ESP", [natt(data) for data in short], esp_truncated=4)
    expect("4 to 7 octets for nobody", [natt(b"\xee" * n) for n in range(4, 8)], esp_no_sa=4)
    # the stack cuts off what is too much, and refuses what is not there
    lengths = (8, 9, 12, 16, len(body) - 1)
    expect("longer than UDP says", [natt(body, n) for n in lengths])
    at_socket(sock, "longer than UDP says", [body[:n - 8] for n in lengths])
    expect("shorter than UDP says", [natt(body, n) for n in (0, 1, 7, len(body) + 9, 65535)])
    at_socket(sock, "shorter than UDP says", [])
    expect("the same, as it should be", [natt(body)])
    STATE.delivered += 1
    at_socket(sock, "all that was ESP", [])


def at_socket(sock, what, want):
    got = []
    sock.settimeout(2 * SLOW if want else 0.1)
    try:
        while len(got) <= len(want):
            got.append(sock.recv(65535))
            sock.settimeout(0.05)
    except (TimeoutError, socket.timeout):
        pass
    if got != want:
        complain("%s: the socket has had %.200s, wanted %.200s" % (what, got, want))


def test_other_form():
    """In UDP if the association is not, and the other way round"""
    body = esp(inner(), STATE.next())
    wrong = ip(CLIENT_OUTER, GW_OUTER, 50, body) if UDP else natt(body)
    expect("ESP in the other form", [wrong], esp_no_sa=1)
    expect("in the right one", [outer(body)])
    STATE.delivered += 1


def icmp(kind, code=0, data=b"", ident=7):
    head = struct.pack("!BBHHH", kind, code, 0, ident, 1) + data
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def test_ports():
    """The selectors are UDP from 5000 to PORT, and nothing else."""
    good("right ports")
    tcp = struct.pack("!HHIIHHHH", 5000, PORT, 1, 0, 0x5002, 1000, 0, 0)
    quote = ip(INSIDE, CLIENT_INNER, 17, udp(sport=PORT, dport=5000))
    for what, args in (
            ("another port here", dict(payload=udp(dport=PORT + 1))),
            ("another port there", dict(payload=udp(sport=5001))),
            ("ports the other way round", dict(payload=udp(sport=PORT, dport=5000))),
            ("TCP", dict(proto=6, payload=tcp)), ("UDP-Lite", dict(proto=136)),
            ("SCTP", dict(proto=132)), ("GRE", dict(proto=47)), ("ESP", dict(proto=50)),
            ("a protocol without ports", dict(proto=0)),
            ("echo request", dict(proto=1, payload=icmp(8))),
            ("an error about what is right", dict(proto=1, payload=icmp(3, 3, quote)))):
        expect(what, [outer(esp(inner(**args), STATE.next()))], esp_selector=1)
    for n in range(4):
        expect("%d octets of UDP" % n, [outer(esp(inner(payload=udp()[:n]), STATE.next()))],
               bad_header=1)
    # ports are known when the packet is whole
    whole = udp(b"z" * 1200)
    wrong = udp(b"z" * 1200, dport=PORT + 1)
    for ident, (data, reasons) in enumerate(((whole, {}), (wrong, dict(esp_selector=1)))):
        STATE.delivered += not reasons
        expect("two fragments", [
            outer(esp(inner(payload=data[:800], ident=100 + ident, frag=0x2000), STATE.next())),
            outer(esp(inner(payload=data[800:], ident=100 + ident, frag=100), STATE.next()))],
               **reasons)


def test_transport():
    """Transport mode with this gateway"""
    sock = in_ns(ENV["GW"], lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.bind(("0.0.0.0", PORT))
    expect("valid", [outer(esp(udp(b"right"), STATE.next(), next_header=17))])
    at_socket(sock, "valid", [b"right"])
    for n in (0, 1, 20, 100):
        expect("no next header, %d octets" % n,
               [outer(esp(bytes(n), STATE.next(), next_header=59))], esp_next_header=1)
    for src in ("201.70.32.1", "198.51.100.7", CLIENT_INNER, INSIDE):
        expect("from " + src, [outer(esp(udp(b"wrong"), STATE.next(), next_header=17), src=src)],
               esp_selector=1)
    for what, proto, payload in (
            ("TCP", 6, struct.pack("!HHIIH", 1, 1, 1, 1, 0x5002)[:13]), ("TCP, nothing", 6, b""),
            ("UDP", 17, udp()[:3]), ("ICMP", 1, icmp(8)[:7]), ("SCTP", 132, b"\0\1")):
        expect("cut in the header: " + what,
               [outer(esp(payload, STATE.next(), next_header=proto))], bad_header=1)
    expect("a packet of tunnel mode for the inside host", [outer(esp(inner(), STATE.next()))])
    at_socket(sock, "all that was wrong", [])


#
# fragments in the tunnel
#

def piece(data, first, last, ident, more=True):
    return inner(payload=data[first:last], ident=ident, frag=(0x2000 if more else 0) | first // 8)


def secret(*pieces):
    return [outer(esp(data, STATE.next())) for data in pieces]


def whole(sock, what, data):
    """That is what arrives, nothing if it is None; in fragments again, such as they were"""
    STATE.delivered += data is not None
    at_socket(sock, what, [data[8:]] if data else [])


def test_fragments():
    sock = in_ns(ENV["INSIDE"], lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.bind(("0.0.0.0", PORT))
    right, wrong = udp(b"right" * 240), udp(b"wrong" * 240)
    end = len(right)
    ident = 1000

    def parts(data=right, cut=(0, 400, 800, end)):
        return [piece(data, a, b, ident, b < end) for a, b in zip(cut, cut[1:])]

    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)):
        ident += 1
        expect("order %s" % (order,), secret(*[parts()[n] for n in order]))
        whole(sock, "order %s" % (order,), right)
    for order in ((0, 0, 1, 2), (0, 1, 1, 2), (2, 2, 0, 1)):
        ident += 1
        expect("one twice, %s" % (order,), secret(*[parts()[n] for n in order]), esp_fragment=1)
        whole(sock, "one twice", right)

    # an overlap is the end of all that was there (RFC 5722, for IPv4 as well)
    for what, lie in (("overlap in the middle", piece(wrong, 200, 600, ident + 1)),
                      ("overlap at the end", piece(wrong, 392, 800, ident + 2)),
                      ("what is around it", piece(wrong, 0, 800, ident + 3))):
        ident += 1
        first, second, third = parts()
        expect(what, secret(first, lie), esp_fragment=1)
        expect(what + ", the rest", secret(second, third))
        whole(sock, what, None)
    for what, lie in (("behind the end", [2000, 2400]), ("another end", [1300, 1400])):
        ident += 1
        long = right + bytes(2000)
        more = what == "behind the end"
        lie = inner(payload=long[lie[0] // 8 * 8:lie[1]], ident=ident,
                    frag=(0x2000 if more else 0) | lie[0] // 8)
        first, _, third = parts()
        expect(what, secret(first, third, lie), esp_fragment=1)
        whole(sock, what, None)

    # 47 pieces, the last of which ends at 65,800
    ident += 1
    long = udp(bytes(65792), length=0)
    expect("longer than a packet can be",
           secret(*[inner(payload=long[n * 1400:(n + 1) * 1400], ident=ident,
                          frag=(0x2000 if n < 46 else 0) | n * 175) for n in range(47)]),
           esp_fragment=1)
    whole(sock, "longer than a packet can be", None)

    ident += 1
    expect("the first is missing", secret(*parts()[1:]))
    whole(sock, "the first is missing", None)

    ident += 1
    expect("the last is missing", secret(parts()[0]))
    expect("the last is missing, for the gateway",
           secret(inner(dst="10.2.2.1", payload=right[:400], ident=ident, frag=0x2000)))

    # clear ones wait for others like them, or are dropped at once
    for kept in (0, 1, 2):
        ident += 1
        mixed = parts()
        lie = parts(wrong)[kept]
        rest = [data for n, data in enumerate(mixed) if n != kept]
        for packet in (lie, *secret(*rest), lie):
            send(packet)
        whole(sock, "a clear one among them", None)
        expect("and that one in the tunnel", secret(mixed[kept]))
        whole(sock, "and that one in the tunnel", right)
    ident += 1
    expect("one in the tunnel", secret(parts()[1]))
    expect("the others, and that one, in clear", parts(wrong), clear_protected=1)
    whole(sock, "the others in clear", None)


def repeated(what, seq):
    expect("%s, %#x once more" % (what, seq), [outer(esp(inner(), seq))], esp_replay=1)


def too_old(what, seq):
    """Below the window. With extended numbers it means one far ahead, which the
    integrity check knows it is not."""
    reason = "esp_auth" if ESN else "esp_replay"
    expect("%s, %#x below the window" % (what, seq), [outer(esp(inner(), seq))], **{reason: 1})


def around(base):
    """A number, those beside it, and both ends of the window when it is there."""
    what = "around %#x" % base
    for seq in (base - 1, base, base + 1):
        good(what, seq=seq)
    top = base + 1
    too_old(what, top - WINDOW)
    good(what, seq=top - WINDOW + 1)
    for seq in (top - WINDOW + 1, base - 1, base, top):
        repeated(what, seq)
    good(what, seq=base + WINDOW)
    too_old(what, base)
    repeated(what, base + 1)
    good(what, seq=base + 2)
    good(what, seq=base + 2 * WINDOW)
    too_old(what, base + WINDOW)
    good(what, seq=base + WINDOW + 1)


def test_edges():
    """A new association: the window from its beginning on"""
    expect("0 at the beginning", [outer(esp(inner(), 0))], esp_replay=1)
    good("1", seq=1)
    repeated("beginning", 1)
    good("the window", seq=WINDOW)
    repeated("beginning", 1)
    good("2", seq=2)
    good("the window and one", seq=WINDOW + 1)
    too_old("beginning", 0)
    repeated("beginning", 2)
    good("3", seq=3)
    around(1 << 31)
    good("before the end", seq=(1 << 32) - WINDOW)
    if ESN:
        around(1 << 32)
        edges_esn()
        return
    good("the last", seq=(1 << 32) - 1)
    for seq in (0, 1, WINDOW):
        expect("%d after the last" % seq, [outer(esp(inner(), seq))], esp_replay=1)
    too_old("end", (1 << 32) - 1 - WINDOW)
    repeated("end", (1 << 32) - WINDOW)
    good("in the last window", seq=(1 << 32) - WINDOW + 1)
    repeated("end", (1 << 32) - 1)


def edges_esn():
    top = (1 << 32) + 2 * WINDOW
    expect("right half, wrong whole", [outer(esp(inner(), top + 1 - (1 << 32))),
                                       outer(esp(inner(), top + 1 + (1 << 32)))], esp_auth=2)
    good("right whole", seq=top + 1)
    top += (1 << 32) - WINDOW + 1
    good("as far ahead as it can be", seq=top)
    # the same half as the oldest of the window
    expect("one further", [outer(esp(inner(), top + (1 << 32) - WINDOW + 1))], esp_auth=1)
    good("the oldest of the window", seq=top - WINDOW + 1)
    around(3 << 32)
    around((3 << 32) + (1 << 31))


def test_off():
    """Without a window every number is taken, as often as it comes"""
    for seq in (5, 5, 1, (1 << 32) - 1, 1, (1 << 31), 5):
        good("no window, %d" % seq, seq=seq)


if __name__ == "__main__":
    globals()["test_" + sys.argv[1].replace("-", "_")]()
    STATE.save()
    sys.exit(1 if failed else 0)
