#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The deployment with much more in it: big_config.py ACES CLAUSES RULES SAS [VARIANT]

Reads the deployment and prints it with an access list of ACES entries in front of
the permit of list 101, a route-map of CLAUSES, RULES static translations, and SAS
associations by manual keys. Another VARIANT has another list of the same length.
None of it concerns the packets of the deployment.
"""

import sys

LIST = "access-list 101 permit"


def host(n, first):
    return f"{first}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def main():
    aces, clauses, rules, sas = map(int, sys.argv[1:5])
    variant = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    out = []
    for line in sys.stdin.read().splitlines():
        if line == "end":
            break
        if line.startswith(LIST):
            out += [f"access-list 101 deny ip 10.2.2.0 0.0.0.255 host "
                    f"{host((n * 7 + variant * 13) % 0xffff00, 172)}" for n in range(aces)]
        out.append(line)
    for n in range(clauses):
        out += [f"access-list {2000 + n % 500} permit tcp any host {host(n, 11)} eq {n + 1}"]
    for n in range(clauses):
        out += [f"route-map big permit {n + 1}", f" match ip address {2000 + n % 500}"]
    for n in range(rules):
        out.append(f"ip nat inside source static tcp 10.2.2.99 {n + 1} 201.70.32.200 {n + 1}")
    # both directions of an entry
    for n in range((sas + 1) // 2):
        out += [f"ip access-list extended big{n}", f" permit ip host {host(n, 12)} any"]
    for n in range((sas + 1) // 2):
        out += [f"crypto map intmap {n + 100} ipsec-manual", f" set peer {host(n + 1, 13)}",
                f" match address big{n}", " set transform-set trans1",
                f" set session-key inbound esp {100000 + n} cipher {n:08x}12345678 "
                f"authenticator {n:032x}",
                f" set session-key outbound esp {300000 + n} cipher 87654321{n:08x} "
                f"authenticator {n + 1:032x}"]
    print("\n".join(out + ["end"]))


main()
