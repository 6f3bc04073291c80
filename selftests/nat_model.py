#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Random flows through the gateway's NAT, and a model of what NAT must do.

  nat_model.py KIND INSIDE OUTSIDE SEED STEPS [FIRST LAST [HOST|PORT]...]

INSIDE and OUTSIDE are network namespaces; the gateway between them has been
given the rules of KIND (nat_model.sh): extended, overload, interface, simple, or
ordered, which is several rules one after the other. Now and then the words of RELOAD
in the environment are run, which load the same text again; nothing may come of that.
FIRST and LAST are the last octets of the pool's addresses, HOST and PORT inside hosts
that the rules exempt, and ports of UDP.
Hosts are played by raw sockets: nothing answers but this program. The model is
written from what IOS does (a translation is by flow or by host, an address
belongs to one host, a port is kept where it is free), not from the module.
Each packet is awaited where the model says, compared octet by octet with its
checksums, and looked for where it must not be.

Prints, as JSON: packets, errors, the translations that there must be, and the
counters that the gateway must show. A translation comes with the timer that it must
have, which for TCP tells how far its connection is.
"""

import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

from packets import (ICMP, TCP, UDP, checksum, in_ns, ip, packet_socket, pseudo, raw_socket,
                     transport)

GATEWAY = "201.70.32.101"
HOSTS = ["10.2.2.%d" % n for n in range(20, 34)]
EXEMPT = "203.0.113.99"
OUTSIDERS = ["203.0.113.%d" % n for n in range(1, 5)]
# ordered: a host with two places outside, of which the first is that of its own flows;
# hosts with the number that they have inside; and all others, who share the pool
STATIC, PLACES = "10.2.2.20", ["201.70.32.170", "201.70.32.171"]
MATCHED = ["10.2.2.%d" % n for n in range(21, 25)]
PORTS = [53, 80, 443, 500, 5060]
NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}
PATIENCE = 20
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
# seconds, as nat_model.sh configures them
TIMERS = {"udp": 300, "dns": 200, "icmp": 400, "tcp": 9000, "finrst": 700, "syn": 800}


class Wrong(Exception):
    pass


class Connection:
    """How far a TCP connection is: opened when each end has acknowledged the other,
    closed when both have ended it or one has reset it"""
    def __init__(self):
        self.acknowledged, self.ended, self.reset = set(), set(), False

    def packet(self, side, flags):
        if flags & RST:
            self.reset = True
            return
        if flags & SYN and not flags & ACK and self.closed():
            self.__init__()
        if flags & ACK:
            self.acknowledged.add(side)
        if flags & FIN:
            self.ended.add(side)

    def closed(self):
        return self.reset or len(self.ended) == 2

    def timer(self):
        if self.closed():
            return TIMERS["finrst"]
        return TIMERS["tcp" if len(self.acknowledged) == 2 else "syn"]


def parse(data):
    """(flow, payload) of a whole packet whose checksums are right"""
    if checksum(data[:20]):
        raise Wrong("checksum of the IP header")
    proto = data[9]
    src, dst = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    body = data[20:struct.unpack("!H", data[2:4])[0]]
    if proto == ICMP:
        if checksum(body):
            raise Wrong("checksum of ICMP")
        number = struct.unpack("!H", body[4:6])[0]
        return (proto, src, number, dst, number), body[8:], body[0]
    sport, dport = struct.unpack("!HH", body[:4])
    if proto == UDP and body[6:8] == b"\0\0":
        return (proto, src, sport, dst, dport), body[8:], "no sum"
    if checksum(pseudo(src, dst, proto, len(body)) + body):
        raise Wrong("checksum of " + NAMES[proto])
    return (proto, src, sport, dst, dport), body[8 if proto == UDP else 20:], None


class Network:
    def __init__(self, inside, outside):
        self.send_sock = {"inside": in_ns(inside, raw_socket),
                          "outside": in_ns(outside, raw_socket)}
        self.listen_sock = {"inside": in_ns(inside, lambda: packet_socket("eth0")),
                            "outside": in_ns(outside, lambda: packet_socket("eth0"))}
        self.seen = {"inside": {}, "outside": {}}  # token: whole packets
        self.pieces = {}
        self.number = 0

    def token(self):
        self.number += 1
        return b"flow%08d" % self.number

    def send(self, side, src, dst, proto, body, split=0):
        number = 1 + self.number % 0xfffe
        parts = [(body, 0)]
        if split:
            parts = [(body[:split], 0x2000), (body[split:], split // 8)]
        for part, fragment in parts:
            self.send_sock[side].sendto(ip(src, dst, proto, part, number, fragment), (dst, 0))

    def collect(self, seconds):
        ready = select.select(list(self.listen_sock.values()), [], [], seconds)[0]
        for side, sock in self.listen_sock.items():
            while sock in ready:
                try:
                    data, where = sock.recvfrom(4096)
                except BlockingIOError:
                    break
                if where[2] != 4:  # not what this namespace sends itself
                    self.keep(side, data)

    def keep(self, side, data):
        fragment = struct.unpack("!H", data[6:8])[0]
        if fragment & 0x3fff:
            key = side, data[4:6], data[12:20]
            parts = self.pieces.setdefault(key, {})
            parts[fragment & 0x1fff] = data
            if len(parts) < 2:
                return
            del self.pieces[key]
            first, last = (parts[n] for n in sorted(parts))
            length = struct.unpack("!H", first[2:4])[0] + len(last) - 20
            head = first[:2] + struct.pack("!H", length) + first[4:6] + b"\0\0" + \
                first[8:10] + b"\0\0" + first[12:20]
            data = head[:10] + struct.pack("!H", checksum(head)) + head[12:] + \
                first[20:] + last[20:]
        at = data.rfind(b"flow")
        if at >= 0:
            self.seen[side].setdefault(data[at:at + 12], []).append(data)

    def wait(self, side, token):
        """The packet with the token at that side; once, and not at the other"""
        end = time.monotonic() + PATIENCE
        while token not in self.seen[side]:
            if time.monotonic() > end:
                raise Wrong("not delivered %s" % side)
            self.collect(0.5)
        return self.seen[side].pop(token)[0]


class Nat:
    """What the gateway must do"""
    def __init__(self, kind, pool, exempt):
        self.kind, self.pool, self.exempt = kind, pool, exempt
        self.order = []  # the flows, to choose from
        self.flows = {}  # (proto, host, port, outsider, port): global (address, port)
        self.globals = {}  # (proto, global, port, outsider, port): host, port
        self.hosts = {}  # host: global address
        self.connections = {}  # of TCP, by flow
        self.hits = self.misses = 0
        self.drops = {"nat-pool-exhausted": 0, "nat-no-translation": 0}

    def how(self, host):
        """The kind of rule that is for a host"""
        if self.kind != "ordered":
            return self.kind
        return "static" if host == STATIC else "matched" if host in MATCHED else "overload"

    def exempts(self, flow):
        proto, host, _, dst, dport = flow
        return self.how(host) != "static" and (
            dst == EXEMPT or host in self.exempt or
            proto == UDP and str(dport) in self.exempt)

    def expect_out(self, flow):
        """"same" for an exempt one, "drop", or the global place, with None for
        what the gateway may choose"""
        _, host, sport, dst, dport = flow
        how = self.how(host)
        if self.exempts(flow):
            return "same"
        if self.kind == "simple":
            known = self.hosts.get(host)
            self.hits, self.misses = self.hits + bool(known), self.misses + (not known)
            if known:
                return known, sport
        elif flow in self.flows:
            self.hits += 1
            return self.flows[flow]
        else:
            self.misses += 1
        if how == "static":
            return PLACES[0], sport
        if how == "matched":
            return "201.70.32." + host.rpartition(".")[2], sport
        if how == "overload":
            return None, self.port_if_free(flow, self.pool)
        if self.kind == "interface":
            return GATEWAY, self.port_if_free(flow, [GATEWAY])
        if host in self.hosts:
            return self.hosts[host], sport
        if len(self.hosts) == len(self.pool):
            self.drops["nat-pool-exhausted"] += 1
            return "drop"
        return None, sport

    def port_if_free(self, flow, addresses):
        """The own port, unless another flow to the same outsider has it"""
        proto, _, sport, dst, dport = flow
        if self.kind == "interface" and proto != ICMP and sport in (500, 4500):
            return None
        keys = [self.reverse(flow, (a, sport)) for a in addresses]
        return sport if not any(key in self.globals for key in keys) else None

    @staticmethod
    def reverse(flow, place):
        """What an answer to the flow is addressed to and comes from"""
        proto, _, _, dst, dport = flow
        return (proto, *place, dst, place[1] if proto == ICMP else dport)

    def learn(self, flow, wanted, place):
        """The gateway has chosen: that must be allowed"""
        proto, host, sport, _, _ = flow
        address, port = place
        if wanted[0] and address != wanted[0]:
            raise Wrong("global address %s, wanted %s" % (address, wanted[0]))
        if wanted[1] is not None and port != wanted[1]:
            raise Wrong("global port %d, wanted %d" % (port, wanted[1]))
        if not wanted[0] and address not in self.pool:
            raise Wrong("global address %s is none of the pool" % address)
        if proto != ICMP and not self.same_class(sport, port):
            raise Wrong("global port %d for %d" % (port, sport))
        if self.how(host) in ("extended", "simple"):
            if self.hosts.setdefault(host, address) != address:
                raise Wrong("%s has %s and %s" % (host, self.hosts[host], address))
            if list(self.hosts.values()).count(address) > 1:
                raise Wrong("two hosts have %s" % address)
        if self.kind != "simple" and flow not in self.flows:
            key = self.reverse(flow, place)
            if key in self.globals:
                raise Wrong("two flows have %s" % (key,))
            self.flows[flow] = place
            self.order.append(flow)
            self.globals[key] = host, sport

    def seen(self, flow, side, flags):
        """A packet of a translated flow passed"""
        if self.kind != "simple" and flow[0] == TCP:
            self.connections.setdefault(flow, Connection()).packet(side, flags)

    def timer(self, flow):
        if flow[0] == TCP:
            return self.connections[flow].timer()
        if flow[0] == ICMP:
            return TIMERS["icmp"]
        return TIMERS["dns" if flow[4] == 53 else "udp"]

    def ends(self, flow):
        return flow[0] == TCP and self.connections[flow].closed()

    @staticmethod
    def same_class(a, b):
        return (a < 512) == (b < 512) and (a < 1024) == (b < 1024)

    def entries(self):
        if self.kind == "simple":
            return [[address, host] for host, address in self.hosts.items()]
        return [[NAMES[f[0]], *place, f[1], f[2], f[3], place[1] if f[0] == ICMP else f[4],
                 self.timer(f), self.ends(f)]
                for f, place in self.flows.items()]


class Run:
    def __init__(self, kind, inside, outside, seed, pool, exempt):
        self.rng = random.Random(seed)
        self.nat = Nat(kind, pool, exempt)
        self.net = Network(inside, outside)
        self.packets = 0
        self.reload = os.environ.get("RELOAD", "").split()
        self.tried = set()  # flows
        self.silent = []  # tokens that must be seen nowhere

    def new_flow(self):
        rng = self.rng
        proto = rng.choice([ICMP, TCP, UDP, UDP])
        # few of them, so that they meet
        sport = rng.choice([rng.choice([200, 600, 500, 4500, 1024, 5000, 65535]),
                            rng.randrange(1, 1024), rng.randrange(1024, 65536)])
        dst = EXEMPT if rng.random() < 0.05 else rng.choice(OUTSIDERS)
        dport = sport if proto == ICMP else rng.choice(PORTS)
        return proto, rng.choice(HOSTS), sport, dst, dport

    def out(self, flow):
        rng, token = self.rng, self.net.token()
        proto, host, _, dst, _ = flow
        self.tried.add(flow)
        no_sum = proto == UDP and rng.random() < 0.1
        split = 64 if rng.random() < 0.1 else 0
        data = bytes(rng.randrange(100)) + (bytes(100) if split else b"") + token
        flags = rng.choice([SYN, SYN, ACK, PUSH | ACK, FIN | ACK, RST])
        wanted = self.nat.expect_out(flow)
        self.net.send("inside", host, dst, proto,
                      transport(flow, data, flags, no_sum=no_sum), split)
        if wanted == "drop":
            self.silent.append(token)
            return
        got, payload, extra = parse(self.net.wait("outside", token))
        if payload != data or (proto == UDP and (extra == "no sum") != no_sum):
            raise Wrong("the payload has changed")
        if wanted == "same":
            if got != flow:
                raise Wrong("an exempt packet became %s" % (got,))
            return
        place = got[1], got[2]
        if got != (proto, *place, dst, place[1] if proto == ICMP else flow[4]):
            raise Wrong("became %s" % (got,))
        self.nat.learn(flow, wanted, place)
        self.nat.seen(flow, "inside", flags)

    def back(self, flow, place):
        """An answer from outside, by the translation that there is"""
        proto, host, sport, dst, dport = flow
        token = self.net.token()
        answer = (proto, dst, place[1] if proto == ICMP else dport, *place)
        flags = self.rng.choice([SYN | ACK, ACK, PUSH | ACK, FIN | ACK, RST | ACK])
        self.net.send("outside", dst, place[0], proto,
                      transport(answer, token, flags, reply=True))
        self.nat.hits += 1
        self.nat.seen(flow, "outside", flags)
        got, payload, _ = parse(self.net.wait("inside", token))
        if got != (proto, dst, sport if proto == ICMP else dport, host, sport):
            raise Wrong("came in as %s" % (got,))
        if payload != token:
            raise Wrong("the payload has changed")

    def error(self, flow, place):
        """An ICMP error from outside about a packet of the flow"""
        proto, host, sport, dst, dport = flow
        token = self.net.token()
        sent = (proto, place[0], place[1], dst, dport)
        quoted = ip(place[0], dst, proto, transport(sent, token), 7, ttl=3)
        body = struct.pack("!BBHI", 3, 1, 0, 0) + quoted
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        router = "203.0.113.250"
        self.net.send("outside", router, place[0], ICMP, body)
        data = self.net.wait("inside", token)
        if checksum(data[:20]) or checksum(data[20:]):
            raise Wrong("checksums of an ICMP error")
        if (socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])) != (router, host):
            raise Wrong("an ICMP error with other addresses")
        got, _, _ = parse(data[28:])
        if got != (proto, host, sport, dst, sport if proto == ICMP else dport):
            raise Wrong("quotes %s" % (got,))

    def error_out(self, flow, place):
        """An ICMP error from the inside host about an answer that it has had"""
        proto, host, sport, dst, dport = flow
        token = self.net.token()
        far, near = (sport, place[1]) if proto == ICMP else (dport, dport)
        quoted = ip(dst, host, proto, transport((proto, dst, far, host, sport), token,
                                                reply=True), 7, ttl=3)
        body = struct.pack("!BBHI", 3, 3, 0, 0) + quoted
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        self.net.send("inside", host, dst, ICMP, body)
        data = self.net.wait("outside", token)
        if checksum(data[:20]) or checksum(data[20:]):
            raise Wrong("checksums of an ICMP error on its way out")
        if (socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])) != (place[0], dst):
            raise Wrong("an ICMP error on its way out with other addresses")
        got, _, _ = parse(data[28:])
        if got != (proto, dst, near, *place):
            raise Wrong("quotes %s on its way out" % (got,))

    def called(self):
        """A flow that an outsider opens to one of the places of the static host"""
        rng = self.rng
        proto, _, sport, _, dport = self.new_flow()
        dst, place = rng.choice(OUTSIDERS), (rng.choice(PLACES), sport)
        flow = (proto, STATIC, sport, dst, dport)
        if flow in self.nat.flows:
            self.back(flow, self.nat.flows[flow])
            return
        token = self.net.token()
        self.tried.add(flow)
        self.net.send("outside", dst, place[0], proto,
                      transport((proto, dst, dport, *place), token, SYN))
        self.nat.misses += 1
        got, payload, _ = parse(self.net.wait("inside", token))
        if got != (proto, dst, dport, STATIC, sport) or payload != token:
            raise Wrong("came in as %s" % (got,))
        self.nat.learn(flow, place, place)
        self.nat.seen(flow, "outside", SYN)

    def unsolicited(self):
        """From outside to a place that nobody has. An answer after it shows that
        it is over before a host may get that place."""
        known = self.known()
        if not known:
            return
        proto, _, sport, dst, dport = self.new_flow()
        address, token = self.rng.choice(self.nat.pool), self.net.token()
        if self.nat.kind == "simple":
            host = {a: h for h, a in self.nat.hosts.items()}.get(address)
            # what answers an exempt one would not be translated
            if host and not self.nat.exempts((proto, host, sport, dst, dport)):
                self.back((proto, host, sport, dst, dport), (address, sport))
                return
        elif (proto, address, sport, dst, dport) in self.nat.globals:
            return
        self.net.send("outside", dst, address, proto,
                      transport((proto, dst, dport, address, sport), token))
        self.nat.drops["nat-no-translation"] += 1
        self.silent.append(token)
        self.back(*known)

    def known(self):
        """A flow that there is, with its global place; or None"""
        if self.nat.kind != "simple":
            flow = self.rng.choice(self.nat.order) if self.nat.order else None
            return flow and (flow, self.nat.flows[flow])
        if not self.nat.hosts:
            return None
        host, address = self.rng.choice(list(self.nat.hosts.items()))
        while True:
            proto, _, sport, _, dport = self.new_flow()
            flow = (proto, host, sport, OUTSIDERS[0], dport)
            if not self.nat.exempts(flow):
                return flow, (address, sport)

    def step(self):
        self.packets += 1
        if self.reload and self.rng.random() < 0.03:
            subprocess.run(self.reload, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        if self.nat.kind == "ordered" and self.rng.random() < 0.1:
            self.called()
            return
        kind = self.rng.random()
        known = self.known() if kind < 0.4 else None
        if known and kind < 0.22:
            self.back(*known)
        elif known and kind < 0.25:
            self.error(*known)
        elif known and kind < 0.28:
            self.error_out(*known)
        elif known and kind < 0.4:
            self.out(known[0])
        elif kind < 0.45 and self.nat.kind != "interface":
            self.unsolicited()
        else:
            self.out(self.new_flow())

    def finish(self):
        self.net.collect(0.2)
        return [t.decode() for t in self.silent
                if any(t in seen for seen in self.net.seen.values())]


def main():
    kind, inside, outside, seed, steps = sys.argv[1:6]
    first, last, *exempt = sys.argv[6:] or (150, 160)
    pool = ["201.70.32.%d" % n for n in range(int(first), int(last) + 1)]
    run = Run(kind, inside, outside, int(seed), pool, exempt)
    errors = []
    for n in range(int(steps)):
        try:
            run.step()
        except Wrong as wrong:
            errors.append("step %d: %s" % (n, wrong))
            if len(errors) > 4:
                break
    errors += ["%s came through" % token for token in run.finish()]
    print(json.dumps({"packets": run.packets, "flows": len(run.tried), "errors": errors, "drops": run.nat.drops,
                      "hits": run.nat.hits, "misses": run.nat.misses,
                      "entries": sorted(run.nat.entries(), key=str)}))


main()
