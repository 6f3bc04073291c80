#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Random packets, and whether what packet-tracer says of each comes true.

  tracer.py GW INSIDE OUTSIDE WIRE SEED COUNT [PROTOCOL...]

The first four are network namespaces of the deployment. Each packet is first
traced, then sent, and what happens is awaited: ESP, the packet in clear, the
packet inside, or a drop of the reason that was named. Prints "N packets, K
different" and exits 0 if there is none.
"""

import random
import select
import socket
import struct
import sys
import time

import session
from packets import checksum, in_ns, packet_socket, raw_socket

GW_OUTER = "201.70.32.101"
SOURCES = ["10.2.2.5", "10.2.2.6"]
POOL_ADDR = "201.70.32.155"
DESTINATIONS = ["10.2.1.1", "10.2.1.9", "198.51.100.7", "201.70.32.1", "10.2.2.1"]
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "gre": 47}


def drops(ctl):
    return {d["name"]: d["packets"] for d in ctl.ask("show drops all")["drops"]}


def packet(p):
    src, dst = map(socket.inet_aton, (p["src"], p["dst"]))
    proto = PROTOCOLS[p["proto"]]
    if p["proto"] == "icmp":
        l4 = struct.pack("!BBHHH", 8, 0, 0, p["sport"], 1) + bytes(12)
        l4 = l4[:2] + struct.pack("!H", checksum(l4)) + l4[4:]
    elif p["proto"] == "tcp":
        l4 = struct.pack("!HHIIBBHHH", p["sport"], p["dport"], 1, 0, 0x50, 2, 100, 0, 0)
    elif p["proto"] == "udp":
        l4 = struct.pack("!HHHH", p["sport"], p["dport"], 20, 0) + bytes(12)
    else:
        l4 = bytes(20)
    if p["proto"] == "tcp":
        pseudo = src + dst + struct.pack("!HH", proto, len(l4))
        l4 = l4[:16] + struct.pack("!H", checksum(pseudo + l4)) + l4[18:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4), p["id"], 0, 64, proto, 0) + \
        src + dst + l4


def trace(ctl, p):
    words = [p["proto"], p["src"]]
    if p["proto"] in ("tcp", "udp"):
        words += [str(p["sport"]), p["dst"], str(p["dport"])]
    else:
        words.append(p["dst"])
    if p["proto"] == "icmp":
        words += ["id", str(p["sport"])]
    return ctl.ask("packet-tracer input", p["iface"], *words)


def frames(s):
    while True:
        try:
            yield s.recv(2000)
        except BlockingIOError:
            return


def seen(p, watch, sent):
    """What there is of a packet: where it is, and its addresses."""
    for place, s in watch.items():
        for data in frames(s):
            if len(data) < 20 or data[0] >> 4 != 4 or data == sent:
                continue
            src, dst = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
            if data[9] == 50 and src == GW_OUTER:
                return "encrypt", src, dst
            # its number is kept, and the time to live shows that it was routed
            if struct.unpack("!H", data[4:6])[0] == p["id"] and data[8] == 63:
                return place, src, dst
    return None


def happens(ctl, p, watch, sent, before, t):
    """What is delivered here leaves no trace: it has some time to show otherwise."""
    local = t["result"] == "local"
    end = time.monotonic() + (0.4 if local else 15)
    while True:
        found = seen(p, watch, sent)
        if found:
            return found
        late = time.monotonic() > end
        # they are asked for only where one is expected, or nothing else has happened
        now = drops(ctl) if late or t["result"] == "drop" else before
        for reason in now:
            if now[reason] != before[reason]:
                return "drop", reason, ""
        if late:
            return "local" if local else "nothing", "", ""
        select.select(list(watch.values()), [], [], 0.1)


def agrees(t, p, what):
    kind, a, b = what
    if t["result"] == "drop":
        return kind == "drop" and a == t["reason"]
    if t["result"] != "clear":
        return kind == t["result"]
    if p["iface"] == "Ethernet0":
        return kind == "inside" and b == t.get("local", p["dst"])
    if kind != "wire" or b != p["dst"]:
        return False
    if t["nat"] in ("found", "new"):
        return a == t["global"] if "global" in t else a.startswith("201.70.32.1")
    return a == p["src"]


def random_packet(number, live, protocols, own):
    p = {
        "proto": random.choice(protocols), "id": 20000 + number,
        "sport": random.choice([1024, 1025, 2000]), "dport": random.choice([22, 80, 443]),
    }
    if live and random.random() < 0.3:
        # an answer to something, or to nothing
        x = random.choice(live)
        p |= {"iface": "Ethernet0", "proto": x["proto"], "src": x["dst"], "dst": x["global"],
              "sport": x["dport"], "dport": random.choice([x["sport"], 3000])}
    elif random.random() < 0.2:
        p |= {"iface": "Ethernet0", "src": random.choice(["10.2.1.1", "198.51.100.7"]),
              "dst": random.choice([own, "10.2.2.5"])}
    else:
        p |= {"iface": "Serial1", "src": random.choice(SOURCES),
              "dst": random.choice(DESTINATIONS)}
    return p


def main():
    gw, inside, outside, wire = sys.argv[1:5]
    ctl = session.in_namespace(gw)
    random.seed(int(sys.argv[5]))
    send = {"Serial1": in_ns(inside, raw_socket), "Ethernet0": in_ns(outside, raw_socket)}
    watch = {"wire": in_ns(wire, lambda: packet_socket("br0")),
             "inside": in_ns(inside, lambda: packet_socket("eth0"))}
    live, different, kinds = [], 0, {}
    protocols = sys.argv[7:] or list(PROTOCOLS)
    # without the pool nobody answers for its addresses
    pools = [pool["name"] for pool in ctl.ask("show ip nat statistics")["pools"]]
    own = POOL_ADDR if "outsidepool" in pools else GW_OUTER
    before = drops(ctl)

    for number in range(int(sys.argv[6])):
        p = random_packet(number, live, protocols, own)
        t = trace(ctl, p)
        if t["result"] in ("drop", "local"):
            before = drops(ctl)
        for s in watch.values():
            list(frames(s))
        data = packet(p)
        send[p["iface"]].sendto(data, (p["dst"], 0))
        what = happens(ctl, p, watch, data, before, t)
        kinds[f"{t['result']} {t['nat']}"] = kinds.get(f"{t['result']} {t['nat']}", 0) + 1
        if not agrees(t, p, what):
            different += 1
            print(f"{p}\n  traced: {t}\n  happened: {what}")
        if what[0] == "wire" and p["proto"] in ("tcp", "udp") and what[1] != p["src"]:
            live.append(p | {"global": what[1]})
    print(", ".join(f"{k}: {n}" for k, n in sorted(kinds.items())))
    print(f"{number + 1} packets, {different} different")
    return different != 0


sys.exit(main())
