# SPDX-License-Identifier: GPL-2.0
"""DES (FIPS 46-3) in CBC mode, for a client that shares no code with the gateway."""

IP = (58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
      62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
      57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
      61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7)
P = (16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
     2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25)
PC1 = (57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11,
       3, 60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53,
       45, 37, 29, 21, 13, 5, 28, 20, 12, 4)
PC2 = (14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
       41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36,
       29, 32)
SHIFTS = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
# each row of 16 as hexadecimal digits
S = (
    ("e4d12fb83a6c5907", "0f74e2d1a6cb9538", "41e8d62bfc973a50", "fc8249175b3ea06d"),
    ("f18e6b34972dc05a", "3d47f28ec01a69b5", "0e7ba4d158c6932f", "d8a13f42b67c05e9"),
    ("a09e63f51dc7b428", "d709346a285ecbf1", "d6498f30b12c5ae7", "1ad069874fe3b52c"),
    ("7de3069a1285bc4f", "d8b56f03472c1ae9", "a690cb7df13e5284", "3f06a1d8945bc72e"),
    ("2c417ab6853fd0e9", "eb2c47d150fa3986", "421bad78f9c5630e", "b8c71e2d6f09a453"),
    ("c1af92680d34e75b", "af427c9561de0b38", "9ef528c3704a1db6", "432c95fabe17608d"),
    ("4b2ef08d3c975a61", "d0b7491ae35c2f86", "14bdc37eaf680592", "6bd814a7950fe23c"),
    ("d2846fb1a93e50c7", "1fd8a374c56b0e92", "7b419ce206adf358", "21e74a8dfc90356b"),
)


def permute(value, width, table):
    out = 0
    for bit in table:
        out = out << 1 | value >> (width - bit) & 1
    return out


def by_octet(width, table):
    """The same permutation as a sum over the octets of its argument."""
    return [[permute(v << 8 * i, width, table) for v in range(256)] for i in range(width // 8)]


FINAL = [IP.index(i) + 1 for i in range(1, 65)]
IP_TABLE, FINAL_TABLE = by_octet(64, IP), by_octet(64, FINAL)


def boxes():
    """What each S-box and the permutation behind it make of six bits."""
    result = []
    for i, rows in enumerate(S):
        result.append([permute(int(rows[v >> 4 & 2 | v & 1][v >> 1 & 15], 16) << 28 - 4 * i,
                               32, P) for v in range(64)])
    return result


SP = boxes()


def spread(value, table):
    return (table[0][value & 255] | table[1][value >> 8 & 255] | table[2][value >> 16 & 255] |
            table[3][value >> 24 & 255] | table[4][value >> 32 & 255] |
            table[5][value >> 40 & 255] | table[6][value >> 48 & 255] | table[7][value >> 56])


def schedule(key):
    cd = permute(int.from_bytes(key, "big"), 64, PC1)
    c, d = cd >> 28, cd & 0xfffffff
    keys = []
    for n in SHIFTS:
        c = (c << n | c >> 28 - n) & 0xfffffff
        d = (d << n | d >> 28 - n) & 0xfffffff
        k = permute(c << 28 | d, 56, PC2)
        keys.append([k >> 42 - 6 * i & 63 for i in range(8)])
    return keys


def block(value, keys):
    value = spread(value, IP_TABLE)
    left, right = value >> 32, value & 0xffffffff
    for k in keys:
        e = (right & 1) << 33 | right << 1 | right >> 31
        f = 0
        for i in range(8):
            f ^= SP[i][(e >> 28 - 4 * i & 63) ^ k[i]]
        left, right = right, left ^ f
    return spread(right << 32 | left, FINAL_TABLE)


class DesCbc:
    """One message: a key, and the block before it."""

    def __init__(self, key, iv):
        self.keys = schedule(key)
        self.iv = int.from_bytes(iv, "big")

    def encrypt(self, data):
        out = b""
        for i in range(0, len(data), 8):
            self.iv = block(int.from_bytes(data[i:i + 8], "big") ^ self.iv, self.keys)
            out += self.iv.to_bytes(8, "big")
        return out

    def decrypt(self, data):
        out, keys = b"", self.keys[::-1]
        for i in range(0, len(data) - 7, 8):
            value = int.from_bytes(data[i:i + 8], "big")
            out += (block(value, keys) ^ self.iv).to_bytes(8, "big")
            self.iv = value
        return out
