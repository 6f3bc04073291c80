#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Answers of vpnctl against Documentation/vpnctl.schema.json.

  json_check.py SCHEMA COMMAND FILE    the object in FILE, or one on each line
  json_check.py SCHEMA --known FILE    every show command of "vpnctl help" in FILE
                                       has a schema
"""

import json
import re
import sys

import jsonschema


def objects(path):
    with open(path) as f:
        text = f.read()
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def plain(pattern):
    """A command without its optional words and variables."""
    words = re.sub(r"\[[^]]*\]", "", pattern).split()
    return " ".join(w for w in words if not w.isupper())


def main():
    with open(sys.argv[1]) as f:
        schema = json.load(f)
    commands = schema["$defs"]["commands"]
    if sys.argv[2] == "--known":
        with open(sys.argv[3]) as f:
            shown = re.findall(r"^  (show .*?)  ", f.read(), re.M)
        unknown = [c for c in map(plain, shown) if c not in commands]
        print(f"{len(shown)} show commands, without schema: {unknown}")
        return bool(unknown) or len(shown) < 16
    validator = jsonschema.Draft202012Validator(
        {**commands[sys.argv[2]], "$defs": schema["$defs"]})
    wrong = 0
    found = objects(sys.argv[3])
    for obj in found:
        for e in validator.iter_errors(obj):
            wrong += 1
            for c in e.context or [e]:
                print(f"{'/'.join(map(str, c.absolute_path))}: {c.message[:300]}")
    print(f"{len(found)} objects, {wrong} not as documented")
    return bool(wrong) or not found


sys.exit(main())
