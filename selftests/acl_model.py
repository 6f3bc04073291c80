#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Access lists against a model of what IOS says they mean.

  acl_model.py GW INSIDE WIRE SEED LISTS PACKETS REAL
  acl_model.py --ask PROGRAM SEED LISTS PACKETS

Makes LISTS random lists, each the list of a NAT rule, and asks packet-tracer, that
is the kernel, about PACKETS random packets under each: the entry that decides and
its verdict must be those of the model. Under the first REAL of them the packets are
sent as well, some in fragments: who is translated, and what each entry has counted.

With --ask, PROGRAM is given the configuration as its argument and packets as lines, and
prints the number of the entry that decides (tools/tests/acl_ask.c): there are later
fragments among these.

The model knows nothing of the project's code. An entry is made of functions from packets
to bool, beside the text that means it. Rules it follows: the first match
decides; nothing matches means deny; one bits of a wildcard are not compared; neq is
none of the values; established is ACK or RST; an entry with ports or flags matches no
other protocol; "fragments" means later fragments and nothing else; of those, an entry
that looks behind the addresses matches all when it permits, none when it denies.
The gateway puts datagrams together before a list sees them, so that really sent
fragments are judged as the whole.
"""

import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

import session
from packets import checksum, in_ns, packet_socket, raw_socket

HOSTS = [f"10.2.2.{n}" for n in (2, 5, 6, 9, 33, 64, 130, 200)]
REMOTES = ["198.51.100.1", "198.51.100.9", "198.51.100.77", "203.0.113.1", "203.0.113.130",
           "192.0.2.200"]
PORTS = [1, 20, 22, 23, 53, 80, 443, 1023, 1024, 5000, 65535]
NAMES = {22: "22", 23: "telnet", 53: "domain", 80: "www"}
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "gre": 47, "ospf": 89, "pim": 103, "eigrp": 88}
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}

CAPTURE = os.path.join(os.environ.get("TMP", "/tmp"), "acl_model.pcap")
CONFIGURATION = os.path.join(os.environ.get("TMP", "/tmp"), "acl_model.conf")


def number(addr):
    return struct.unpack("!I", socket.inet_aton(addr))[0]


def quad(n):
    return socket.inet_ntoa(struct.pack("!I", n))


def address(key, choices):
    """Words for an address and its wildcard, and what they mean."""
    kind = random.random()
    base = number(random.choice(choices))
    if kind < 0.25:
        return "any", lambda p: True
    if kind < 0.45:
        return f"host {quad(base)}", lambda p: number(p[key]) == base
    if kind < 0.75:
        wild = (1 << random.choice([1, 3, 7, 8, 16])) - 1
    else:
        wild = 0            # anything, such as all odd ones
        for _ in range(random.randint(1, 12)):
            wild |= 1 << random.randint(0, 31)
    return (f"{quad(base)} {quad(wild)}",
            lambda p: not (number(p[key]) ^ base) & ~wild & 0xffffffff)


def name(port, proto):
    if random.random() < 0.3 and port in NAMES and (proto == "tcp") == (port != 53):
        return NAMES[port]
    return str(port)


def ports(key, proto):
    kind = random.choice(["eq", "eq", "neq", "lt", "gt", "range"])
    if kind in ("eq", "neq"):
        values = random.sample(PORTS, random.choice([1, 1, 2, 5, 10]))
        words = f" {kind} " + " ".join(name(v, proto) for v in values)
        return words, lambda p: (p[key] in values) == (kind == "eq")
    if kind == "range":
        lo, hi = sorted(random.sample(PORTS, 2))
        return f" range {lo} {hi}", lambda p: lo <= p[key] <= hi
    value = random.choice(PORTS[1:-1])
    if kind == "lt":
        return f" lt {value}", lambda p: p[key] < value
    return f" gt {value}", lambda p: p[key] > value


def tcp_flags():
    if random.random() < 0.5:
        return " established", lambda p: bool(p["flags"] & (FLAGS["ack"] | FLAGS["rst"]))
    chosen = random.sample(list(FLAGS), random.randint(1, 3))
    want = [(FLAGS[f], random.choice("+-")) for f in chosen]
    words = " ".join(s + f for f, (_, s) in zip(chosen, want))
    each = [lambda p, bit=bit, s=s: bool(p["flags"] & bit) == (s == "+") for bit, s in want]
    kind = random.choice([("all", all), ("any", any)])
    return f" match-{kind[0]} {words}", lambda p: kind[1](e(p) for e in each)


def service():
    kind = random.choice(["dscp", "precedence", "tos"])
    if kind == "dscp":
        word, value = random.choice([("ef", 46), ("af21", 18), ("0", 0), ("10", 10)])
        return f" dscp {word}", lambda p: p["tos"] >> 2 == value
    if kind == "precedence":
        word, value = random.choice([("critical", 5), ("5", 5), ("routine", 0)])
        return f" precedence {word}", lambda p: p["tos"] >> 5 == value
    value = random.choice([0, 4, 8])
    return f" tos {value}", lambda p: p["tos"] >> 1 & 15 == value


def extended():
    """The words behind permit or deny, and what they mean."""
    proto = random.choice(["ip", "ip", "tcp", "tcp", "udp", "udp", "icmp", "gre", "47", "89"])
    value = PROTOCOLS.get(proto) or (int(proto) if proto.isdigit() else None)
    l3 = [lambda p: value is None or p["proto"] == value]
    l4 = []
    src, match = address("src", HOSTS)
    l3.append(match)
    words = f"{proto} {src}"
    fragments = random.random() < 0.08
    with_ports = proto in ("tcp", "udp") and not fragments
    if with_ports and random.random() < 0.4:
        more, match = ports("sport", proto)
        words += more
        l4.append(match)
    dst, match = address("dst", REMOTES)
    words += f" {dst}"
    l3.append(match)
    if with_ports and random.random() < 0.6:
        more, match = ports("dport", proto)
        words += more
        l4.append(match)
    if proto == "icmp" and not fragments and random.random() < 0.5:
        kind, code, word = random.choice([(8, 0, "echo"), (0, 0, "echo-reply"), (13, 0, "13"),
                                          (8, 0, "8 0"), (8, 1, "8 1")])
        words += f" {word}"
        exact = " " in word
        l4.append(lambda p: p["type"] == kind and (not exact or p["code"] == code))
    if proto == "tcp" and not fragments and random.random() < 0.3:
        more, match = tcp_flags()
        words += more
        l4.append(match)
    if random.random() < 0.15:
        more, match = service()
        words += more
        l3.append(match)
    if fragments:
        words += " fragments"
    if random.random() < 0.1:
        words += " log"


    def matches(p, permit):
        if not all(c(p) for c in l3):
            return False
        if fragments:
            return p["later"]
        if p["later"]:
            return permit or not l4
        return all(c(p) for c in l4)
    return words, matches


def standard():
    words, match = address("src", HOSTS)
    return words, lambda p, permit: match(p)


def random_list():
    """The number of a list, its lines, and (sequence number, permit, match) of each."""
    plain = random.random() < 0.15
    which = random.randint(1, 99) if plain else random.randint(100, 199)
    lines, entries, seen = [], [], set()
    for _ in range(random.randint(1, 24)):
        words, match = standard() if plain else extended()
        permit = random.random() < 0.55
        if words in seen:   # the same twice is an error
            continue
        seen.add(words)
        lines.append(f"access-list {which} {'permit' if permit else 'deny'} {words}")
        entries.append((10 * len(lines), permit, match))
    return which, lines, entries


def decide(entries, p):
    for seq, permit, match in entries:
        if match(p, permit):
            return seq, permit
    return None, False


def random_packet(ident):
    proto = random.choice(["tcp", "tcp", "tcp", "udp", "udp", "udp", "icmp", "gre", "ospf",
                           "pim"])
    return {
        "id": ident, "proto": PROTOCOLS[proto], "src": random.choice(HOSTS),
        "dst": random.choice(REMOTES), "sport": random.choice(PORTS + [random.randint(1, 65535)]),
        "dport": random.choice(PORTS + [random.randint(1, 65535)]),
        "flags": random.choice([2, 16, 18, 4, 17, 24, 0, 41]),
        "type": random.choice([8, 8, 0, 13]), "code": random.choice([0, 0, 1]),
        "tos": random.choice([0, 0, 0, 46 << 2, 18 << 2, 5 << 5, 4 << 1, 8 << 1]),
        "fragments": proto == "udp" and random.random() < 0.3, "later": False,
    }


def payload(p):
    if p["proto"] == 6:
        return struct.pack("!HHIIBBHHH", p["sport"], p["dport"], 1, 1, 0x50, p["flags"], 100, 0, 0)
    if p["proto"] == 17:
        return struct.pack("!HHHH", p["sport"], p["dport"], 40, 0) + bytes(32)
    if p["proto"] == 1:
        return struct.pack("!BBHHH", p["type"], p["code"], 0, 7, 1) + bytes(16)
    return bytes(24)


def ip(p, l4, field=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, p["tos"], 20 + len(l4), p["id"], field, 64,
                       p["proto"], 0, socket.inet_aton(p["src"]), socket.inet_aton(p["dst"]))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + l4


def pieces(p):
    l4 = payload(p)
    if not p["fragments"]:
        return [ip(p, l4)]
    return [ip(p, l4[:24], 0x2000), ip(p, l4[24:], 3)]


def capture(packets):
    out = struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for p in packets:
        data = ip(p, payload(p))
        out += struct.pack("=IIII", 0, 0, len(data), len(data)) + data
    return out


def configuration(which, lines):
    return "\n".join([
        "interface Ethernet0", " ip address 201.70.32.101 255.255.255.0", " ip nat outside",
        "interface Serial1", " ip address 10.2.2.1 255.255.255.0", " ip nat inside",
        "ip nat pool outsidepool 201.70.32.150 201.70.32.160 netmask 255.255.255.0",
        f"ip nat inside source list {which} pool outsidepool", *lines, "end", ""])


def trace(ctl, which, entries, packets):
    """How many answers differ."""
    with open(CAPTURE, "wb") as f:
        f.write(capture(packets))
    answers = ctl.ask("packet-tracer input Serial1")["packets"]
    different = 0
    if len(answers) != len(packets):
        print(f"{len(answers)} answers to {len(packets)} questions")
        return len(packets)
    for p, a in zip(packets, answers):
        seq, permit = decide(entries, p)
        want = ("new" if permit else "exempt", seq, str(which))
        got = (a.get("nat"), a.get("ace_seq"), a.get("acl"))
        if got != want:
            different += 1
            print(f"list {which}: {p}\n  model: {want}\n  kernel: {got}")
    return different


def watch(s, packets):
    """The source of each packet on the wire, by identification."""
    sources = {}
    end = time.monotonic() + 30
    while len(sources) < len(packets) and time.monotonic() < end:
        try:
            data = s.recv(2000)
        except socket.timeout:
            continue
        ident, field = struct.unpack("!HH", data[4:8])
        if data[8] == 63 and not field & 0x1fff:
            sources[ident] = socket.inet_ntoa(data[12:16])
    return sources


def send(ctl, sockets, which, lines, entries, packets):
    """Really: who is translated, and what was counted."""
    out, wire = sockets
    ctl.ask("clear ip nat translation all")
    ctl.ask("clear access-list counters")
    hits, hosts, different = {}, set(), 0
    for p in packets:
        for data in pieces(p):
            out.sendto(data, (p["dst"], 0))
    sources = watch(wire, packets)
    for p in packets:
        seq, permit = decide(entries, p)
        # what has a translation already asks, but counts no permit again
        if seq and not (permit and p["src"] in hosts):
            hits[seq] = hits.get(seq, 0) + 1
        if permit:
            hosts.add(p["src"])
        got = sources.get(p["id"], "nothing")
        translated = got.startswith("201.70.32.1")
        if permit != translated or (not permit and got != p["src"]):
            different += 1
            print(f"list {which}: sent {p}\n  model: {'translated' if permit else 'as it is'}, "
                  f"entry {seq}\n  on the wire: {got}")
    for acl in ctl.ask("show access-lists", str(which))["access_lists"]:
        for e in acl["entries"]:
            if e["hits"] != hits.get(e["seq"], 0):
                different += 1
                print(f"{lines[e['seq'] // 10 - 1]}\n  model: {hits.get(e['seq'], 0)} packets, "
                      f"counted: {e['hits']}")
    return different


def ask(program, which, lines, entries, packets):
    """How many answers of a program differ."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write(configuration(which, lines))
        f.flush()
        questions = "".join(
            f"{number(p['src'])} {number(p['dst'])} {p['proto']} {p['tos']} {int(p['later'])} "
            f"{p['sport']} {p['dport']} {p['flags']} {p['type']} {p['code']}\n" for p in packets)
        out = subprocess.run([program, f.name, str(which)], input=questions.encode(),
                             stdout=subprocess.PIPE, check=True).stdout.decode().split()
    different = abs(len(out) - len(packets))
    for p, got in zip(packets, out):
        want = str(decide(entries, p)[0] or 0)
        if got != want:
            different += 1
            print(f"list {which}: {p}\n  model: {want}\n  {program}: {got}")
    return different


def ask_all(program, seed, lists, count):
    random.seed(seed)
    different = later = 0
    for _ in range(lists):
        which, lines, entries = random_list()
        packets = [random_packet(1 + i) for i in range(count)]
        for p in packets:
            p["later"] = random.random() < 0.25
            later += p["later"]
        wrong = ask(program, which, lines, entries, packets)
        if wrong:
            print("\n".join(lines))
        different += wrong
    print(f"{lists} access lists, {lists * count} packets ({later} later fragments), "
          f"{different} other than the model")
    return different != 0


def main():
    if sys.argv[1] == "--ask":
        return ask_all(sys.argv[2], *map(int, sys.argv[3:6]))
    gw, inside, wire = sys.argv[1:4]
    seed, lists, count, real = map(int, sys.argv[4:8])
    random.seed(seed)
    ctl = session.in_namespace(gw, "--pcap", CAPTURE)
    sockets = (in_ns(inside, raw_socket), in_ns(wire, lambda: packet_socket("br0")))
    sockets[1].settimeout(1)
    different = traced = sent = permits = 0
    for n in range(lists):
        which, lines, entries = random_list()
        with open(CONFIGURATION, "w") as f:
            f.write(configuration(which, lines))
        loaded = ctl.ask("load", CONFIGURATION)
        if not loaded or loaded["result"] != "loaded":
            raise SystemExit(f"load: {loaded}")
        # those of the list before would be found again
        ctl.ask("clear ip nat translation all")
        packets = [random_packet(1 + i) for i in range(count)]
        wrong = trace(ctl, which, entries, packets)
        permits += sum(decide(entries, p)[1] for p in packets)
        traced += count
        if n < real:
            wrong += send(ctl, sockets, which, lines, entries, packets)
            sent += count
        if wrong:
            print("\n".join(lines))
        different += wrong
    print(f"{lists} lists, {traced} packets traced ({permits} permitted), {sent} sent, "
          f"{different} different")
    return different != 0


if __name__ == "__main__":
    sys.exit(main())
