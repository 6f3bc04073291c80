#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Make the table and the JSON of the bench, and compare them.

report.py table ROWS.tsv [--json OUT]	net instructions per packet
report.py check FIGURES.json NOW.json	fail if a row of ours costs over 2 % more;
					the last line counts
report.py rst FIGURES.json		the table for Documentation/performance.rst
"""
import argparse
import json
import sys

# a run says nothing if its two best repetitions differ by more
SPREAD_MAX = 1.0
# a row fails if it costs so much more than the committed figure, and is worth a new
# one if it costs so much less
WORSE_MAX = 2.0
# what a row NAME-N may cost more than that with the least N
GROWTH_MAX = {
    "vpngw-out-sas": 3.0,
    "vpngw-in-sas": 3.0,
    "vpngw-out-entries": 3.0,
    "vpngw-out-entries-new": 10.0,
    "vpngw-acl": 3.0,
    "vpngw-acl-masks": 3.0,
    "vpngw-snat": 1.0,
    "vpngw-tunnel": 2.0,
    # with 95 in a hundred ports taken, 20 are tried
    "vpngw-new-ports": 150.0,
}


def read_rows(path):
    """{(name, size): [instructions per packet of each repetition]}"""
    rows = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, size, nanoseconds, packets, frame = line.split("\t")
            row = rows.setdefault((name, int(size)), {"gross": [], "frame": int(frame)})
            if int(packets):
                row["gross"].append(int(nanoseconds) / int(packets))
    return rows


def digest(rows):
    """Net figures: what the harness of a row costs is taken off. The least of the
    repetitions counts: what comes between, such as an interrupt, only ever adds.
    """
    result = []
    for (name, size), row in rows.items():
        if name.startswith("harness") or not any(row["gross"]):
            continue
        harness = rows.get(("harness-" + name, size)) or rows.get(("harness", size))
        if name.startswith("aead-"):
            harness = None
        base = min(harness["gross"]) if harness else 0
        gross, *others = sorted(row["gross"])
        result.append({
            "row": name,
            "size": size,
            "frame": row["frame"],
            "net": round(gross - base),
            "gross": round(gross),
            "harness": round(base),
            "spread": round(100 * (others[0] - gross) / gross, 2) if others else 0.0,
        })
    return result


def peers_of(name):
    """Rows of others that do what a row of ours does, by name."""
    if name.startswith("vpngw-out-"):
        transform = name[len("vpngw-out-"):]
        peers = [peer + "-out-" + transform
                 for peer in ("xfrm", "xfrm+nat", "xfrm+nat+flowtable")]
        return peers + ["wireguard-out"] * (transform == "chacha")
    if name.startswith("vpngw-in-"):
        transform = name[len("vpngw-in-"):]
        return ["xfrm-in-" + transform]
    if name == "vpngw-new-snat":
        return ["nft-new-snat"]
    if name == "vpngw-snat":
        return ["nft-snat", "nft-snat-flowtable"]
    return ["forward"]


def crypto_of(row, by_key):
    """Share of a row of ESP that is crypto which nobody can do without."""
    words = row["row"].split("-", 2)
    way = {"out": "seal", "in": "open"}.get(words[1] if len(words) == 3 else "")
    if way:
        alone = by_key.get((f"aead-{way}-{words[2]}", row["size"]))
        return alone["net"] if alone else None
    return None


def print_table(result):
    by_key = {(row["row"], row["size"]): row for row in result}
    print(f"{'row':<32}{'frame':>6}{'sent as':>8}{'net':>9}{'crypto':>9}{'rest':>8}{'spread':>8}  "
          "peers")
    for row in result:
        peers = []
        if row["row"].startswith("vpngw"):
            for peer in peers_of(row["row"]):
                other = by_key.get((peer, row["size"]))
                if other and row["net"] > 0:
                    peers.append(f"{peer} {other['net'] / row['net']:.2f}x")
        crypto = row.get("crypto")
        rest = "" if crypto is None else row["net"] - crypto
        print(f"{row['row']:<32}{row['size']:>6}{row['frame']:>8}{row['net']:>9}"
              f"{'' if crypto is None else crypto:>9}{rest:>8}{row['spread']:>7.2f}%  "
              f"{', '.join(peers)}")


def families(result):
    """{(name, size): [(N, row)]}, ascending, of rows that differ in a number only."""
    found = {}
    for row in result:
        name, _, number = row["row"].rpartition("-")
        if name in GROWTH_MAX and number.isdigit():
            found.setdefault((name, row["size"]), []).append((int(number), row))
    return {key: sorted(rows, key=lambda pair: pair[0])
            for key, rows in found.items() if len(rows) > 1}


def print_growth(result):
    """Say how flat rows stay as numbers grow; returns how many do not."""
    bad = 0
    for (name, size), rows in families(result).items():
        least, base = rows[0]
        for number, row in rows[1:]:
            change = 100 * (row["net"] - base["net"]) / base["net"]
            too_much = change > GROWTH_MAX[name]
            bad += too_much
            print(f"{name} {size}, {least:,} -> {number:,}: {base['net']:,} -> "
                  f"{row['net']:,} ({change:+.1f} %, "
                  f"{'over' if too_much else 'within'} {GROWTH_MAX[name]:+.0f} %)")
    return bad


def read_facts(path):
    facts = {}
    if path:
        with open(path, encoding="ascii") as lines:
            for line in lines:
                name, figure, unit = line.rstrip("\n").split("\t")
                facts[name] = {"figure": int(figure), "unit": unit}
    return facts


def table(args):
    result = digest(read_rows(args.rows))
    facts = read_facts(args.facts)
    if not result and not facts:
        sys.exit("report.py: nothing was measured")
    by_key = {(row["row"], row["size"]): row for row in result}
    for row in result:
        row["crypto"] = crypto_of(row, by_key)
    print_table(result)
    for name, fact in facts.items():
        print(f"{name}: {fact['figure']:,} {fact['unit']}")
    grown = print_growth(result)
    if args.json:
        with open(args.json, "w", encoding="ascii") as out:
            json.dump({"unit": "instructions per packet",
                       "made": dict(pair.split("=", 1) for pair in args.made),
                       "facts": facts, "rows": result}, out, indent=1)
            out.write("\n")
    wild = [row for row in result if row["spread"] > SPREAD_MAX]
    for row in wild:
        print(f"{row['row']} {row['size']}: repetitions differ by {row['spread']} %")
    return 1 if wild or grown else 0


def other_surroundings(figures, now):
    """What figures depend on beside the source, and what it is now where it differs."""
    was, here = figures.get("made", {}), now.get("made", {})
    return [f"{key} {was.get(key)}, here {here.get(key)}"
            for key in sorted(was.keys() | here.keys()) if was.get(key) != here.get(key)]


def check(args):
    """Rows of ours only: what the kernel's own cost is theirs to change."""
    with open(args.figures, encoding="ascii") as lines:
        figures = json.load(lines)
    with open(args.now, encoding="ascii") as lines:
        now = json.load(lines)
    was, here = ({(row["row"], row["size"]): row["net"] for row in data["rows"]
                  if row["row"].startswith("vpngw")} for data in (figures, now))
    others = other_surroundings(figures, now)
    good = bad = better = 0
    for key in sorted(was.keys() | here.keys()):
        name = f"{key[0]} {key[1]}"
        if key not in here or key not in was:
            print(f"not ok - {name}: " + ("no figure is committed" if key in here else
                                          "not measured"))
            bad += 1
            continue
        change = 100 * (here[key] - was[key]) / was[key]
        text = f"{name}: {was[key]} -> {here[key]} ({change:+.1f} %)"
        if others:
            print(f"# {text}")
        elif change > WORSE_MAX:
            print(f"not ok - {text}")
            bad += 1
        else:
            print(f"ok - {text}")
            good += 1
            better += change < -WORSE_MAX
    if others:
        print("# The figures are of " + "; ".join(others) + ": nothing can be said. "
              "If the change is meant, look at the rows above, then "
              "\"make bench-figures\" and commit bench/figures.json.")
    if better:
        print(f"# {better} rows cost over {WORSE_MAX:.0f} % less: \"make bench-figures\" and "
              "commit bench/figures.json, so that it stays so.")
    if args.failed:
        print("not ok - measuring: see above")
        bad += 1
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not was else 0


def rst(args):
    """Net figures by size; behind those of ESP, in brackets, what is not crypto."""
    with open(args.figures, encoding="ascii") as lines:
        rows = json.load(lines)["rows"]
    sizes = sorted({row["size"] for row in rows})
    by_key = {(row["row"], row["size"]): row for row in rows}
    names = list(dict.fromkeys(row["row"] for row in rows))
    rule = "=" * 32 + "  " + "  ".join("=" * 16 for _ in sizes)
    print(rule)
    print(f"{'row':<32}  " + "  ".join(f"{size:<16}" for size in sizes))
    print(rule)
    for name in names:
        cells = []
        for size in sizes:
            row = by_key.get((name, size))
            cell = f"{row['net']:,}" if row else "\\-"
            if row and row["crypto"] is not None:
                cell += f" ({row['net'] - row['crypto']:,})"
            cells.append(f"{cell:<16}")
        print(f"{'``' + name + '``':<32}  " + "  ".join(cells).rstrip())
    print(rule)
    return 0


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("table")
    command.add_argument("rows")
    command.add_argument("--json")
    command.add_argument("--facts")
    command.add_argument("--made", action="append", default=[], metavar="KEY=VALUE")
    command.set_defaults(run=table)
    command = commands.add_parser("check")
    command.add_argument("figures")
    command.add_argument("now")
    command.add_argument("--failed", action="store_true", help="measuring went wrong")
    command.set_defaults(run=check)
    command = commands.add_parser("rst")
    command.add_argument("figures")
    command.set_defaults(run=rst)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
