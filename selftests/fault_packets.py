#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Each allocation that a packet makes fails once, for many kinds of packet.

  fault_packets.py GATEWAY INSIDE OUTSIDE CLIENT MAC

These are network namespaces, MAC is the gateway's on the outside segment; the shell
has given the neighbours their addresses (fault.sh). What may fail is what cannot
sleep, anywhere between the sender and the receiver: failslab's "space" lets so many
octets be had, and the next allocation fails, once. A packet is sent again and again
with more of them, until none fails. Then it must have left the gateway as it should,
or have been counted: by the module under a name, or by the stack where the
memory was the stack's. The same packet, sent again with memory, must get through.

Prints, as JSON, a row for each kind.
"""

import json
import os
import re
import socket
import struct
import sys
import time

from packets import ICMP, TCP, UDP, checksum, in_ns, ip, raw_socket, transport
from session import in_namespace

FAILSLAB = "/sys/kernel/debug/failslab/"
STEP = 32			# octets; little is smaller that a packet may need
PLENTY = 1 << 20
PATIENCE = 2.0			# seconds, for what must come
INSIDE, SINK = "10.2.2.20", 7009
CLIENT, FAR = "10.2.1.1", "203.0.113.1"
POOL_FREE = "201.70.32.159"
BAD = re.compile("Discards|Errors|Fails|Errs|NoRoutes|Xfrm")


def setting(name, value):
    with open(FAILSLAB + name, "w", encoding="ascii") as file:
        file.write(str(value))


def failslab_value(name):
    with open(FAILSLAB + name, encoding="ascii") as file:
        return int(file.read())


class Failure:
    """One allocation fails once so many octets have been had."""
    def __init__(self, space):
        self.space, self.failed, self.had = space, False, 0

    def __enter__(self):
        setting("space", self.space)
        setting("times", 1)
        setting("probability", 100)
        return self

    def __exit__(self, *_):
        setting("probability", 0)
        self.failed = failslab_value("times") == 0
        self.had = self.space - failslab_value("space")


class Counters:
    """What a namespace says of itself; an open file stays with its namespace."""
    def __init__(self, ns):
        names = ["dev", "snmp", "netstat", "xfrm_stat", "stat/nf_conntrack"]
        self.files = {name: in_ns(ns, lambda name=name: self.opened(name)) for name in names}

    @staticmethod
    def opened(name):
        try:
            return open("/proc/thread-self/net/" + name, encoding="ascii")
        except FileNotFoundError:
            return None

    def lines(self, name):
        file = self.files[name]
        if not file:
            return []
        file.seek(0)
        return file.read().splitlines()

    def devices(self):
        return {line.split(":")[0].strip(): [int(n) for n in line.split(":")[1].split()]
                for line in self.lines("dev")[2:]}

    def sent(self):
        return {name: values[9] for name, values in self.devices().items()}

    def lost(self):
        """All that the stack lost and has counted."""
        total = sum(v[2] + v[3] + v[10] + v[11] for v in self.devices().values())
        for name in ("snmp", "netstat"):
            lines = self.lines(name)
            for head, values in zip(lines[::2], lines[1::2]):
                total += sum(int(n) for key, n in zip(head.split()[1:], values.split()[1:])
                             if BAD.search(key))
        total += sum(int(line.split()[1]) for line in self.lines("xfrm_stat"))
        lines = self.lines("stat/nf_conntrack")
        for line in lines[1:]:
            values = dict(zip(lines[0].split(), line.split()))
            total += sum(int(values[key], 16) for key in ("insert_failed", "drop", "early_drop",
                                                          "error") if key in values)
        return total


class Bench:
    def __init__(self, gateway, inside, outside, client):
        self.gateway = Counters(gateway)
        self.all = [self.gateway] + [Counters(ns) for ns in (inside, outside, client)]
        self.vpnctl = in_namespace(gateway)
        self.drops_seen = self.drops()

    def drops(self):
        return sum(row["packets"] for row in self.vpnctl.ask("show", "drops")["drops"])

    def settled(self, before, device, count):
        """Whether so many packets have left by a device."""
        end = time.monotonic() + PATIENCE
        while self.gateway.sent()[device] - before < count:
            if time.monotonic() > end:
                return False
            time.sleep(0.0005)
        return True

    def outcome(self, send, device, count, space=PLENTY):
        """("left" or "dropped" or "counted" or "refused" or "lost", the failure)"""
        sent, lost = self.gateway.sent()[device], sum(c.lost() for c in self.all)
        failure = Failure(space)
        refused = False
        with failure:
            try:
                send()
            except OSError:
                refused = True
            # in this machine of one CPU all has happened, but for what a timer does
            end = time.monotonic() + 0.01
            while self.gateway.sent()[device] - sent < count and time.monotonic() < end:
                time.sleep(0.0005)
        left = self.gateway.sent()[device] - sent >= count
        if not left and not failure.failed:
            left = self.settled(sent, device, count)
        drops = self.drops()
        dropped, self.drops_seen = drops - self.drops_seen, drops
        if left:
            return "left", failure
        if dropped:
            return "dropped", failure
        if refused:
            return "refused", failure
        return "counted" if sum(c.lost() for c in self.all) > lost else "lost", failure

    def blame(self, send, space):
        """Where the allocation is that fails there: functions, innermost first"""
        with open("/dev/kmsg", encoding="ascii", errors="replace") as log:
            os.set_blocking(log.fileno(), False)
            os.lseek(log.fileno(), 0, os.SEEK_END)
            setting("verbose", 2)
            try:
                with Failure(space):
                    send()
                    time.sleep(0.01)
            except OSError:
                pass
            setting("verbose", 0)
            self.drops_seen = self.drops()
            text = b""
            while True:
                try:
                    text += os.read(log.fileno(), 8192)
                except BlockingIOError:
                    break
        return re.findall(r"([A-Za-z_0-9.]+)\+0x", text.decode(errors="replace"))

    def kind(self, name, send, device, count=1):
        row = {"kind": name, "allocations": 0, "left": 0, "dropped": 0, "refused": 0,
               "counted": 0, "lost": 0, "lost_at": [], "errors": []}
        usual, failure = self.outcome(send, device, count)
        if usual != "left":
            row["errors"].append(f"{usual} without a failure")
            return row
        seen, space = set(), 0
        while True:
            end, failure = self.outcome(send, device, count, space)
            if not failure.failed:
                break
            if failure.had not in seen:
                seen.add(failure.had)
                row["allocations"] += 1
                row[end] += 1
                if end == "lost":
                    where = self.blame(send, space)
                    row["lost_at"].append(where)
                again, _ = self.outcome(send, device, count)
                if again != "left":
                    row["errors"].append(f"allocation at {failure.had}: then {again}")
            space += STEP
            if space > PLENTY or len(row["errors"]) > 5:
                row["errors"].append("no end")
                break
        return row


def kinds(inside_ns, outside_ns, client_ns, gateway_ns, mac, bench):
    """(name, function that sends one, device it leaves by, packets)"""
    inside, outside, client = (in_ns(ns, raw_socket) for ns in (inside_ns, outside_ns, client_ns))
    own = in_ns(gateway_ns, raw_socket)
    sinks = [in_ns(client_ns, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))]
    sinks[0].bind(("", SINK))
    link = in_ns(outside_ns, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    link.bind(("eth0", 0))
    number = [0]

    def following():
        number[0] += 1
        return 1024 + number[0] % 60000

    def datagram(sock, proto, src, sport, dst, dport, size=64, **options):
        ttl = options.pop("ttl", 64)
        df = 0x4000 if options.pop("df", False) else 0
        body = transport((proto, src, sport, dst, dport), b"x" * size, **options)
        sock.sendto(ip(src, dst, proto, body, following(), df, ttl), (dst, 0))

    def fragmented(sock, src, sport, dst, dport):
        body = transport((UDP, src, sport, dst, dport), b"x" * 2800)
        ident = following()
        for at in range(0, len(body), 1400):
            more = 0x2000 if at + 1400 < len(body) else 0
            sock.sendto(ip(src, dst, UDP, body[at:at + 1400], ident, more | at // 8), (dst, 0))

    def error(sock, src, dst, quoted, code=(3, 3)):
        inner = ip(quoted[1], quoted[3], UDP, transport(quoted, b"quoted"), 1)
        body = struct.pack("!BBHI", *code, 0, 0) + inner
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        sock.sendto(ip(src, dst, ICMP, body, following()), (dst, 0))

    def arp_request():
        link.send(bytes.fromhex("ffffffffffff" + mac.replace(":", "")) + b"\x08\x06" +
                  struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + bytes.fromhex(mac.replace(":", "")) +
                  socket.inet_aton("201.70.32.1") + bytes(6) + socket.inet_aton(POOL_FREE))

    # a flow that is known, for what answers it
    datagram(inside, UDP, INSIDE, 4000, FAR, 5000)
    datagram(inside, ICMP, INSIDE, 4001, FAR, 0)
    time.sleep(0.2)
    entries = bench.vpnctl.ask("show", "ip", "nat", "translations")
    face = next(entry["inside_global"] for entry in rows(entries)
                if entry.get("inside_local") == INSIDE)
    known = (UDP, INSIDE, 4000, FAR, 5000)
    return [
        ("ICMP into the tunnel", lambda: datagram(inside, ICMP, INSIDE, following(), CLIENT, 0),
         "Ethernet0"),
        ("UDP into the tunnel", lambda: datagram(inside, UDP, INSIDE, 4002, CLIENT, SINK),
         "Ethernet0"),
        ("UDP of a new flow into the tunnel",
         lambda: datagram(inside, UDP, INSIDE, following(), CLIENT, SINK), "Ethernet0"),
        ("TCP into the tunnel",
         lambda: datagram(inside, TCP, INSIDE, following(), CLIENT, 9, flags=2), "Ethernet0"),
        ("a long packet into the tunnel, in fragments of its own",
         lambda: datagram(inside, UDP, INSIDE, 4002, CLIENT, SINK, 1472), "Ethernet0", 2),
        ("one that must not be fragmented, and is answered",
         lambda: datagram(inside, UDP, INSIDE, 4002, CLIENT, SINK, 1472, df=True), "Serial1"),
        ("fragments into the tunnel", lambda: fragmented(inside, INSIDE, 4002, CLIENT, SINK),
         "Ethernet0", 2),
        ("UDP, translated anew",
         lambda: datagram(inside, UDP, INSIDE, following(), FAR, 5001), "Ethernet0"),
        ("UDP, translated", lambda: datagram(inside, *known), "Ethernet0"),
        ("TCP, translated anew",
         lambda: datagram(inside, TCP, INSIDE, following(), FAR, 80, flags=2), "Ethernet0"),
        ("ICMP, translated anew",
         lambda: datagram(inside, ICMP, INSIDE, following(), FAR, 0), "Ethernet0"),
        ("fragments, translated", lambda: fragmented(inside, INSIDE, 4000, FAR, 5000),
         "Ethernet0", 2),
        ("one whose time ends, and is answered",
         lambda: datagram(inside, *known, ttl=1), "Serial1"),
        ("an error from inside about what was translated",
         lambda: error(inside, INSIDE, FAR, (UDP, FAR, 5000, INSIDE, 4000)), "Ethernet0"),
        ("an answer to a translated one",
         lambda: datagram(outside, UDP, FAR, 5000, face, 4000), "Serial1"),
        ("an answer to a translated ping",
         lambda: datagram(outside, ICMP, FAR, 4001, face, 0, reply=True), "Serial1"),
        ("an answer in fragments", lambda: fragmented(outside, FAR, 5000, face, 4000),
         "Serial1", 2),
        ("an error from outside about what was translated",
         lambda: error(outside, "201.70.32.1", face, (UDP, face, 4000, FAR, 5000), (11, 0)),
         "Serial1"),
        ("ARP for an address of the pool", arp_request, "Ethernet0"),
        ("UDP out of the tunnel", lambda: datagram(client, UDP, CLIENT, 4003, INSIDE, 4003),
         "Serial1"),
        ("a long packet out of the tunnel",
         lambda: datagram(client, UDP, CLIENT, 4003, INSIDE, 4003, 1380), "Serial1"),
        ("fragments out of the tunnel", lambda: fragmented(client, CLIENT, 4003, INSIDE, 4003),
         "Serial1", 2),
        ("ICMP from the tunnel for the gateway",
         lambda: datagram(client, ICMP, CLIENT, following(), "10.2.2.1", 0), "Ethernet0"),
        ("the gateway's own, into the tunnel",
         lambda: datagram(own, UDP, "10.2.2.1", 4004, CLIENT, SINK), "Ethernet0"),
        ("the gateway's own, translated",
         lambda: datagram(own, UDP, "10.2.2.1", following(), FAR, 5002), "Ethernet0"),
    ], sinks


def rows(found):
    """All objects within an answer."""
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from rows(value)
    elif isinstance(found, list):
        for value in found:
            yield from rows(value)


def main():
    gateway, inside, outside, client, mac = sys.argv[1:]
    setting("ignore-gfp-wait", "Y")
    setting("verbose_ratelimit_interval_ms", 0)
    bench = Bench(gateway, inside, outside, client)
    table, _sinks = kinds(inside, outside, client, gateway, mac, bench)
    print(json.dumps([bench.kind(*row) for row in table], indent=1))


if __name__ == "__main__":
    main()
