#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draw the JSON of the bench: chart.py NOW.json > performance.svg

Bars of instructions per packet, ours and those of the kernel's own ways that do
the same; the dark part is crypto that nobody can do without.
"""
import json
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, BAR, GAP = 860, 300, 14, 22
SCALE_WIDTH = WIDTH - LEFT - 90

# title, rows as (name in the JSON, label)
GROUPS = [
    ("source NAT, a flow that is known", [
        ("vpngw-snat", "vpngw"),
        ("nft-snat", "nft"),
        ("nft-snat-flowtable", "nft behind a flowtable"),
    ]),
    ("source NAT, first packet of a flow", [
        ("vpngw-new-snat", "vpngw"),
        ("nft-new-snat", "nft"),
    ]),
]
for transform, text in (("null-sha1", "ESP without encryption, HMAC-SHA-1"),
                        ("gcm", "ESP with AES-128-GCM"),
                        ("chacha", "ESP with ChaCha20-Poly1305"),
                        ("aes-sha1", "ESP with AES-128-CBC and HMAC-SHA-1"),
                        ("des-md5", "ESP with DES and HMAC-MD5 (the deployment)")):
    GROUPS.append((text + ", out, exempt from NAT", [
        ("vpngw-out-" + transform, "vpngw"),
        ("xfrm-out-" + transform, "xfrm, without NAT"),
        ("xfrm+nat-out-" + transform, "xfrm and nft"),
        ("xfrm+nat+flowtable-out-" + transform, "the same behind a flowtable"),
    ] + [("wireguard-out", "WireGuard, without NAT")] * (transform == "chacha")))
    GROUPS.append((text + ", in", [
        ("vpngw-in-" + transform, "vpngw"),
        ("xfrm-in-" + transform, "xfrm"),
    ]))


def text_at(x, y, text, more=""):
    return f'<text x="{x}" y="{y}" {more}>{escape(text)}</text>'


def draw_group(out, title, bars, y):
    """One group with a scale of its own; returns where the next begins."""
    largest = max(row["net"] for _, row in bars)
    out.append(text_at(10, y, title, 'font-weight="bold"'))
    y += 8
    for label, row in bars:
        width = SCALE_WIDTH * row["net"] / largest
        crypto = SCALE_WIDTH * min(row.get("crypto") or 0, row["net"]) / largest
        color = "#2a6fb0" if label == "vpngw" else "#a8a8a8"
        out.append(text_at(LEFT - 8, y + BAR - 3, label, 'text-anchor="end"'))
        out.append(f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" '
                   f'fill="{color}"/>')
        out.append(f'<rect x="{LEFT}" y="{y}" width="{crypto:.1f}" height="{BAR}" '
                   'fill="#000" fill-opacity="0.35"/>')
        out.append(text_at(LEFT + width + 6, y + BAR - 3, f"{row['net']:,}"))
        y += BAR + 4
    return y + GAP


def main():
    with open(sys.argv[1], encoding="ascii") as lines:
        rows = {(row["row"], row["size"]): row for row in json.load(lines)["rows"]}
    out = []
    y = 24
    for title, names in GROUPS:
        for size in (60, 1400):
            bars = [(label, rows[name, size]) for name, label in names
                    if (name, size) in rows]
            if len(bars) > 1:
                y = draw_group(out, f"{title}: frames of {size} octets", bars, y)
    if not out:
        sys.exit("chart.py: no rows to compare")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
          f'viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12">')
    print('<title>Instructions per packet, dark: crypto</title>')
    print(f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>')
    print("\n".join(out))
    print("</svg>")


if __name__ == "__main__":
    main()
