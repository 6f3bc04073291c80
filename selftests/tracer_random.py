#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A random configuration: tracer_random.py SEED < DEPLOYMENT

The deployment comes on standard input; NAT rules, pools and access lists of the one
that is printed are others. The last line is a comment with the protocols to send.
"""

import random
import re
import sys

PORTS = ["22", "80", "443", "1024"]
REMOTES = ["any", "any", "host 10.2.1.1", "10.2.1.0 0.0.0.255", "host 198.51.100.7",
           "201.70.32.0 0.0.0.255"]
LOCALS = ["10.2.2.0 0.0.0.255", "10.2.2.0 0.0.0.255", "host 10.2.2.5", "host 10.2.2.6",
          "10.2.2.4 0.0.255.251"]


def entry(number, permit):
    proto = random.choice(["ip", "ip", "ip", "tcp", "udp", "icmp", "gre"])
    line = f"access-list {number} {permit} {proto} {random.choice(LOCALS)}"
    if proto in ("tcp", "udp") and random.random() < 0.3:
        line += f" eq {random.choice(['1024', '1025', '2000'])}"
    line += f" {random.choice(REMOTES)}"
    if proto in ("tcp", "udp") and random.random() < 0.6:
        line += f" {random.choice(['eq', 'neq', 'gt', 'lt'])} {random.choice(PORTS)}"
    return line


def access_list(number):
    lines = [entry(number, random.choice(["permit", "deny"])) for _ in range(random.randint(1, 5))]
    if random.random() < 0.7:
        lines.append(f"access-list {number} permit ip 10.2.2.0 0.0.0.255 any")
    return list(dict.fromkeys(lines))


def nat(overload):
    first, last = random.choice([("150", "160"), ("155", "155"), ("154", "156")])
    out = [f"ip nat pool outsidepool 201.70.32.{first} 201.70.32.{last} netmask 255.255.255.0"]
    if overload:
        target = random.choice(["interface Ethernet0 overload", "pool outsidepool overload"])
    else:
        target = "pool outsidepool"
    if target.startswith("interface"):
        out = []
    by = random.choice(["list 101", "route-map nonat"])
    out.append(f"ip nat inside source {by} {target}")
    if random.random() < 0.3:
        out.append("ip nat pool second 201.70.32.170 201.70.32.175 netmask 255.255.255.0")
        out.append("ip nat inside source list 103 pool second" + (" overload" if overload else ""))
        out += access_list(103)
    if random.random() < 0.3:
        out.append("ip nat inside source static tcp 10.2.2.6 80 201.70.32.190 8080")
    if random.random() < 0.3:
        out.append("ip nat inside source static 10.2.2.6 201.70.32.191")
    return out


def main():
    random.seed(int(sys.argv[1]))
    overload = random.random() < 0.4
    kept = [line for line in sys.stdin.read().splitlines()
            if not re.match(r"ip nat (pool|inside source)|access-list 101|end$", line)]
    if random.random() < 0.2:
        kept = [line for line in kept if line != " crypto map intmap"]
    elif random.random() < 0.3:
        at = next(i for i, line in enumerate(kept) if line.startswith("access-list 102"))
        kept.insert(at, f"access-list 102 deny udp any host 10.2.1.1 eq {random.choice(PORTS)}")
    print("\n".join(kept + nat(overload) + access_list(101) + ["end"]))
    # two hosts cannot share an address by a protocol without ports, and only the
    # second one to try finds out
    print("! tcp udp icmp" + ("" if overload else " gre"))


main()
