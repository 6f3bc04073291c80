#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Crypto maps of many entries against a model: who protects what?

  spd_model.py GW SEED MAPS PACKETS

Makes MAPS crypto maps, few and many entries, each entry with an access list of its own
that permits and denies (acl_model.py), some with a dynamic one at the end, and asks
packet-tracer, that is the kernel, about PACKETS random packets under each. The model:
entries in the order of their numbers; the first list whose deciding entry permits; what
a list denies, or says nothing of, goes on to the next; nobody's is not protected.
Prints how many there were, and what differs.
"""

import random
import sys

import session
from acl_model import CAPTURE, CONFIGURATION, capture, decide, extended, random_packet


def crypto_list(name):
    """Its lines, and (sequence number, permit, match) of each"""
    lines, entries, seen = [f"ip access-list extended {name}"], [], set()
    count = random.choice([1, 1, 2, 4])
    while len(entries) < count:
        words, match = extended()
        permit = not entries or random.random() < 0.6
        if words in seen or words.startswith("ip any any"):
            continue
        seen.add(words)
        # the one that there must be is the last one read
        entries.insert(0, (10 * (count - len(entries)), permit, match))
        lines.insert(1, f" {entries[0][0]} {'permit' if permit else 'deny'} {words}")
    return lines, entries


def configuration():
    """Text, and (number, list) of each crypto map entry"""
    seqs = sorted(random.sample(range(1, 60000), random.choice([3, 16, 17, 40, 200])))
    text = ["crypto isakmp policy 1", " authentication pre-share",
            "crypto isakmp key secret-of-nobody address 0.0.0.0",
            "crypto ipsec transform-set t esp-aes esp-sha-hmac"]
    lists, model = [], []
    for seq in seqs:
        lines, entries = crypto_list(f"for{seq}")
        lists += lines
        model.append((seq, entries))
        text += [f"crypto map m {seq} ipsec-isakmp", " set peer 201.70.32.82",
                 " set transform-set t", f" match address for{seq}"]
    if random.random() < 0.5:
        lines, entries = crypto_list("fordynamic")
        lists += lines
        model.append((65535, entries))
        text += ["crypto dynamic-map d 1", " set transform-set t", " match address fordynamic",
                 "crypto map m 65535 ipsec-isakmp dynamic d"]
    text += ["interface Ethernet0", " ip address 201.70.32.101 255.255.255.0", " crypto map m",
             "interface Serial1", " ip address 10.2.2.1 255.255.255.0", *lists, "end", ""]
    return "\n".join(text), model


def main():
    gw = sys.argv[1]
    seed, maps, count = map(int, sys.argv[2:5])
    random.seed(seed)
    ctl = session.in_namespace(gw, "--pcap", CAPTURE)
    different = protected = entries = 0
    for _ in range(maps):
        text, model = configuration()
        entries += len(model)
        with open(CONFIGURATION, "w", encoding="ascii") as file:
            file.write(text)
        loaded = ctl.ask("load", CONFIGURATION)
        if not loaded or loaded["result"] != "loaded":
            raise SystemExit(f"load: {loaded}")
        packets = [random_packet(1 + i) for i in range(count)]
        with open(CAPTURE, "wb") as file:
            file.write(capture(packets))
        for packet, answer in zip(packets, ctl.ask("packet-tracer input Serial1")["packets"],
                                  strict=True):
            want = next((seq for seq, acl in model if decide(acl, packet)[1]), None)
            protected += want is not None
            if answer.get("map_seq") != want or (want is None) != (answer["result"] == "clear"):
                different += 1
                print(f"of {len(model)}: {packet}\n  model: {want}\n  kernel: {answer}")
    print(f"{maps} crypto maps with {entries} entries, {maps * count} packets "
          f"({protected} to be protected), {different} different")
    return different != 0


if __name__ == "__main__":
    sys.exit(main())
