#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Attribute the instructions of a row to functions.

profile.py watch RUN	tell QEMU, by its monitor, to log each instruction
			while the guest asks for it with files in RUN
profile.py report RUN	read that log: instructions per packet by function, by
			module, and by function with all that it calls
"""
import bisect
import collections
import os
import select
import socket
import sys
import time

# packets at the beginning of the log are left out
WARM = 8
# pktgen hands each packet over with this
MARK = "netif_receive_skb"


class Monitor:
    """QEMU's monitor for people, spoken to line by line."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.until_prompt()

    def until_prompt(self):
        text = b""
        while not text.endswith(b"(qemu) "):
            data = self.sock.recv(4096)
            if not data:
                sys.exit("profile.py: the guest ended")
            text += data

    def say(self, line):
        self.sock.sendall(line.encode() + b"\n")
        self.until_prompt()

    def one_instruction_blocks(self, word):
        """It has had two names; the other one is an error that does no harm."""
        self.say("one-insn-per-tb " + word)
        self.say("singlestep " + word)

    def wait_for(self, path):
        """Until the guest has made a file; ends with the guest."""
        while not os.path.exists(path):
            if select.select([self.sock], [], [], 0.1)[0]:
                self.until_prompt()


def connect(path):
    for _ in range(600):
        if os.path.exists(path):
            return Monitor(path)
        time.sleep(0.1)
    return sys.exit("profile.py: QEMU has no monitor")


def watch(run):
    monitor = connect(run + "/monitor")
    monitor.wait_for(run + "/profile-ready")
    monitor.say("logfile " + os.environ["PROFILE_LOG"])
    monitor.one_instruction_blocks("on")
    monitor.say("log exec,nochain")
    with open(run + "/profile-go", "w", encoding="ascii"):
        pass
    monitor.wait_for(run + "/profile-end")
    monitor.say("log none")
    monitor.one_instruction_blocks("off")
    with open(run + "/profile-done", "w", encoding="ascii"):
        pass


def read_symbols(path):
    """Sorted addresses, and for each (name, module)."""
    symbols = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if words[1] not in "tTwW":
                continue
            module = words[3].strip("[]") if len(words) > 3 else "kernel"
            symbols[int(words[0], 16)] = (words[2], module)
    addresses = sorted(symbols)
    return addresses, [symbols[address] for address in addresses]


def read_log(path):
    """Addresses of instructions in the order in which they ran."""
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith("Trace"):
                yield int(line.split("/", 2)[1], 16)


def attribute(log, addresses, names):
    """Counters by function alone and by function with what it calls, packets."""
    alone, total = collections.Counter(), collections.Counter()
    where = {}
    stack, chain = [], ()
    packets = 0
    alone_here, stack_here = collections.Counter(), collections.Counter()
    for pc in read_log(log):
        index = where.get(pc)
        if index is None:
            index = where[pc] = bisect.bisect_right(addresses, pc) - 1
        name = names[index]
        if pc == addresses[index]:
            # a function begins: called, or jumped to as the last thing
            if name[0] == MARK:
                packets += 1
                if packets > WARM:
                    # only whole packets count
                    alone.update(alone_here)
                    for functions, n in stack_here.items():
                        for function in set(functions):
                            total[function] += n
                alone_here, stack_here = collections.Counter(), collections.Counter()
            stack = stack[-100:] + [name]
            chain = tuple(stack)
        elif not stack or stack[-1] != name:
            # back in a function, or in one that began before the log did
            if name in stack:
                while stack[-1] != name:
                    stack.pop()
            else:
                stack = [name]
            chain = tuple(stack)
        alone_here[name] += 1
        stack_here[chain] += 1
    return alone, total, packets - WARM


def show(title, counter, packets, label, limit=60):
    print(f"{title}\n")
    for key, n in counter.most_common(limit):
        print(f"{n / packets:10.1f}  {label(key)}")
    print()


def report(run):
    addresses, names = read_symbols(run + "/results/kallsyms")
    alone, total, packets = attribute(os.environ["PROFILE_LOG"], addresses, names)
    if packets < 1:
        sys.exit("profile.py: no whole packet in the log")
    modules = collections.Counter()
    for (_, module), n in alone.items():
        modules[module] += n
    print(f"{sum(alone.values()) / packets:.1f} instructions per packet, harness "
          f"included, {packets} packets\n")
    show("by module", modules, packets, str)
    show("by function", alone, packets, lambda key: f"{key[0]} [{key[1]}]", 70)
    show("by function, with all that it calls", total, packets,
         lambda key: f"{key[0]} [{key[1]}]", 90)


if __name__ == "__main__":
    {"watch": watch, "report": report}[sys.argv[1]](sys.argv[2])
