#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Types in the transcript of a document: howto.py DOCUMENT DIR RECORD PROMPT=NS...

Lines "    gateway# COMMAND" are run in the network namespace of that prompt, in DIR, and
what they print must be the lines below, "..." being anything. An indented block after
a paragraph that names ``FILE.conf`` last, with no prompt in it, is put into that file.
What was really printed is written to RECORD as the document that it would be.
"""

import re
import subprocess
import sys


def run(ns, command, where):
    out = subprocess.run(["ip", "netns", "exec", ns, "bash", "-c", command], cwd=where,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=300)
    return out.stdout.decode().rstrip("\n").split("\n") if out.stdout.strip() else []


def same(want, got):
    return re.fullmatch(".*".join(map(re.escape, want.split("..."))), got) is not None


def agree(want, got):
    return len(want) == len(got) and all(map(same, want, got))


def blocks(lines):
    """(is a block, lines): text and indented blocks in turn."""
    out, i = [], 0
    while i < len(lines):
        block = lines[i].startswith("    ")
        j = i
        while j < len(lines) and (lines[j].startswith("    ") if block else
                                  not lines[j].startswith("    ")):
            j += 1
            # an empty line within what a command has printed
            while block and j + 1 < len(lines) and not lines[j] and \
                    lines[j + 1].startswith("    "):
                j += 1
        out.append((block, lines[i:j]))
        i = j
    return out


def main():
    document, where, record = sys.argv[1:4]
    prompts = dict(a.split("=") for a in sys.argv[4:])
    prompt = re.compile(rf"    ({'|'.join(prompts)})([#$]) (.*)")
    with open(document) as f:
        lines = f.read().split("\n")
    written, last, commands, different = [], None, 0, 0
    for block, text in blocks(lines):
        if not block:
            names = re.findall(r"``([a-z]+\.conf)``", "\n".join(text))
            last = names[-1] if names else None
            written += text
            continue
        if not prompt.match(text[0]):
            with open(f"{where}/{last}", "w") as f:
                f.write("\n".join(line[4:] for line in text) + "\n")
            written += text
            continue
        at = [i for i, line in enumerate(text) if prompt.match(line)] + [len(text)]
        for begin, end in zip(at, at[1:]):
            ns, _, command = prompt.match(text[begin]).groups()
            want = [line[4:] for line in text[begin + 1:end]]
            got = run(prompts[ns], command, where)
            commands += 1
            written.append(text[begin])
            if agree(want, got):
                written += text[begin + 1:end]
                continue
            different += 1
            written += [f"    {line}".rstrip() for line in got]
            print(f"{command}\n  the document: {want}\n  printed: {got}")
    with open(record, "w") as f:
        f.write("\n".join(written))
    print(f"{commands} commands, {different} different")
    return different != 0 or not commands


sys.exit(main())
