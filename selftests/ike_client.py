#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An IKEv1 initiator as old as the deployment: main mode with a shared key, DES,
MD5, group 1, no NAT traversal, no dead peer detection, no lifetimes. It shares
nothing with vpnd, not even libcrypto.

  ike_client.py deployment LOCAL GATEWAY
      four short sessions, then the one of the deployment: quick mode first, SET
      in between, ACK, quick mode again with the address. Stays until TERM.
  ike_client.py resume LOCAL GATEWAY ADDRESS
      after a restart: quick mode with the address from before; stays
  ike_client.py many LOCAL GATEWAY COUNT
      so many clients at once, each with a name and a port of its own
  ike_client.py bad LOCAL GATEWAY VICTIM
      a peer that lies, also about whose address VICTIM is; says what it got away with
  ike_client.py forge LOCAL GATEWAY COOKIE COOKIE SPI
      messages of somebody without keys in the name of a client that is connected
  ike_client.py flood GATEWAY COUNT
      first messages from invented addresses

Options: --xfrm installs what is agreed on, --tries N and --wait SECONDS say how
often and how long to ask for an answer.
"""

import argparse
import asyncio
import hashlib
import hmac
import ipaddress
import os
import signal
import struct
import subprocess
import sys

from ike_des import DesCbc
from packets import checksum, raw_socket

SA, KE, ID, HASH, NONCE, NOTIFY, DELETE, VID, ATTR = 1, 4, 5, 8, 10, 11, 12, 13, 14
MAIN, INFO, TRANSACTION, QUICK = 2, 5, 6, 32
ID_ADDR, ID_FQDN, ID_SUBNET = 1, 2, 4
SET, ACK = 3, 4
INITIAL_CONTACT, RESPONDER_LIFETIME = 24578, 24576
PROTO_ISAKMP, PROTO_ESP = 1, 3

GROUP_1 = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
              "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
              "4FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF", 16)
GROUP_1_LEN = 96

# message IDs and the SPI that the operator saw
FIRST_QUICK, SECOND_QUICK = 0xDB2EEB80, 0xBFBD463E
CLIENT_SPI = 0xBF58DE36
INSIDE = "10.2.2.0/24"


class Failed(Exception):
    pass


class Refused(Failed):
    """The gateway said so."""


def say(*words):
    print(*words, flush=True)


def md5(*parts):
    return hashlib.md5(b"".join(parts)).digest()


def prf(key, *parts):
    return hmac.new(key, b"".join(parts), "md5").digest()


def attribute(kind, value):
    return struct.pack(">HH", 0x8000 | kind, value)


def payload_body(items):
    """Payloads (type, body) as octets, each naming the next one."""
    out = b""
    for i, (_, body) in enumerate(items):
        after = items[i + 1][0] if i + 1 < len(items) else 0
        out += struct.pack(">BBH", after, 0, len(body) + 4) + body
    return out


def offer(protocol, spi, transform, attributes):
    """The body of an SA payload with one proposal of one transform."""
    t = struct.pack(">BBHBBH", 0, 0, 8 + len(attributes), 1, transform, 0) + attributes
    p = struct.pack(">BBHBBBB", 0, 0, 8 + len(spi) + len(t), 1, protocol, len(spi), 1)
    return struct.pack(">II", 1, 1) + p + spi + t


def read_payloads(kind, data):
    items = []
    while kind:
        if len(data) < 4:
            raise Failed("payloads are cut off")
        after, _, length = struct.unpack(">BBH", data[:4])
        if length < 4 or length > len(data):
            raise Failed("a payload of length %d" % length)
        items.append((kind, data[4:length]))
        kind, data = after, data[length:]
    return items


def first(items, kind):
    return next((body for k, body in items if k == kind), None)


def ident(kind, data, protocol=0, port=0):
    return struct.pack(">BBH", kind, protocol, port) + data


def host(address):
    return ident(ID_ADDR, ipaddress.IPv4Address(address).packed)


def network(prefix):
    net = ipaddress.IPv4Network(prefix)
    return ident(ID_SUBNET, net.network_address.packed + net.netmask.packed)


IKE_ATTRIBUTES = attribute(1, 1) + attribute(2, 1) + attribute(4, 1) + attribute(3, 1)
ESP_ATTRIBUTES = attribute(5, 1) + attribute(4, 1)


class Chain:
    """The CBC chain of one exchange; moves only with what was verified."""

    def __init__(self, vector):
        self.iv = vector


class Session(asyncio.DatagramProtocol):
    """One ISAKMP SA."""

    def __init__(self, args, port=500, name=None, psk=b"cisco123"):
        self.args, self.port, self.name, self.psk = args, port, name, psk
        self.gateway = (args.gateway, 500)
        self.cky_i, self.cky_r = os.urandom(8), bytes(8)
        self.inbox = asyncio.Queue()
        self.answered = {}
        self.ignored = set()
        self.chains = {}
        self.transport = None
        self.address = None
        self.installed = []

    async def open(self):
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.args.local, self.port))

    async def close(self):
        """Its datagrams leave first, and its port is free after it."""
        await asyncio.sleep(0.1)
        self.transport.close()
        await asyncio.sleep(0.1)

    # datagrams

    def datagram_received(self, data, _):
        digest = md5(data)
        if digest in self.answered:
            self.put(self.answered[digest])
        elif digest not in self.ignored:
            self.inbox.put_nowait(data)

    def error_received(self, _):
        pass

    def put(self, data):
        self.transport.sendto(data, self.gateway)

    def message(self, exchange, msgid, items, encrypt=None):
        """Octets of a message; encrypt: key and chain."""
        body = payload_body(items)
        if encrypt:
            body += bytes(-len(body) % 8)
            body = encrypt.encrypt(body)
        return struct.pack(">8s8sBBBBII", self.cky_i, self.cky_r, items[0][0], 0x10, exchange,
                           1 if encrypt else 0, msgid, 28 + len(body)) + body

    async def ask(self, data, accept):
        """Send until something comes that accept() takes; its result. None: just wait."""
        wait = self.args.wait
        for _ in range(self.args.tries):
            if data:
                self.put(data)
            result = await self.take(accept, wait)
            if result is not None:
                return result
            wait = min(wait * 2, 8)
        raise Failed("no answer")

    async def take(self, accept, seconds):
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            try:
                data = await asyncio.wait_for(self.inbox.get(), max(until - loop.time(), 0.001))
            except asyncio.TimeoutError:
                return None
            try:
                result = self.read(data, accept)
            except Refused:
                raise
            except (Failed, struct.error):
                continue
            if result is not None:
                return result

    def read(self, data, accept):
        cky_i, cky_r, kind, _, exchange, flags, msgid, length = \
            struct.unpack(">8s8sBBBBII", data[:28])
        if cky_i != self.cky_i or length != len(data):
            return None
        if self.cky_r != bytes(8) and cky_r != self.cky_r:
            return None
        return accept(data, kind, exchange, flags & 1, msgid)

    # phase 1

    def clear(self, want):
        def accept(data, kind, exchange, encrypted, _):
            if exchange == INFO:
                note = first(read_payloads(kind, data[28:]), NOTIFY)
                raise Refused("notify %d" % struct.unpack(">H", note[6:8]))
            if exchange != MAIN or encrypted:
                return None
            items = read_payloads(kind, data[28:])
            return (data[8:16], items) if first(items, want) else None
        return accept

    async def main_mode(self, claim=None, contact=True):
        """Messages 1 to 6; claim: another identity."""
        sai = offer(PROTO_ISAKMP, b"", 1, IKE_ATTRIBUTES)
        self.cky_r, _ = await self.ask(self.message(MAIN, 0, [(SA, sai)]), self.clear(SA))
        secret = int.from_bytes(os.urandom(32), "big")
        ke_i = pow(2, secret, GROUP_1).to_bytes(GROUP_1_LEN, "big")
        ni = os.urandom(20)
        data = self.message(MAIN, 0, [(KE, ke_i), (NONCE, ni), (VID, b"an old client's "),
                                      (VID, b"second word, too")])
        _, items = await self.ask(data, self.clear(KE))
        ke_r, nr = first(items, KE), first(items, NONCE)
        shared = pow(int.from_bytes(ke_r, "big"), secret, GROUP_1).to_bytes(GROUP_1_LEN, "big")
        self.derive(shared, ni, nr)
        self.iv = md5(ke_i, ke_r)[:8]
        address = ipaddress.IPv4Address(self.args.local).packed
        idii = claim or (ident(ID_FQDN, self.name) if self.name else
                         ident(ID_ADDR, address, 17, 500))
        hash_i = prf(self.skeyid, ke_i, ke_r, self.cky_i, self.cky_r, sai, idii)
        items = [(ID, idii), (HASH, hash_i)]
        if contact:
            items.append((NOTIFY, struct.pack(">IBBH", 1, PROTO_ISAKMP, 0, INITIAL_CONTACT)))
        chain = DesCbc(self.key, self.iv)
        data = self.message(MAIN, 0, items, chain)
        after = data[-8:]

        def accept(data, kind, exchange, encrypted, _):
            if exchange != MAIN or not encrypted:
                return None
            items = read_payloads(kind, DesCbc(self.key, after).decrypt(data[28:]))
            idir, got = first(items, ID), first(items, HASH)
            if got != prf(self.skeyid, ke_r, ke_i, self.cky_r, self.cky_i, sai, idir):
                raise Failed("HASH_R is wrong")
            self.iv = data[-8:]
            return idir

        idir = await self.ask(data, accept)
        if idir != ident(ID_ADDR, ipaddress.IPv4Address(self.args.gateway).packed, 17, 500):
            raise Failed("the gateway says it is %s" % idir.hex())
        say("cookies", self.cky_i.hex(), self.cky_r.hex())

    def derive(self, shared, ni, nr):
        self.skeyid = prf(self.psk, ni, nr)
        cookies = self.cky_i + self.cky_r
        self.d = prf(self.skeyid, shared, cookies, b"\0")
        self.a = prf(self.skeyid, self.d, shared, cookies, b"\1")
        self.key = prf(self.skeyid, self.a, shared, cookies, b"\2")[:8]

    # phase 2

    def chain(self, msgid):
        iv = self.chains.get(msgid) or md5(self.iv, struct.pack(">I", msgid))[:8]
        return DesCbc(self.key, iv)

    def seal(self, exchange, msgid, items, *extra):
        """A message of an exchange, HASH in front: over what follows, or over extra."""
        number = struct.pack(">I", msgid)
        digest = prf(self.a, *extra) if extra else prf(self.a, number, payload_body(items))
        data = self.message(exchange, msgid, [(HASH, digest)] + items, self.chain(msgid))
        self.chains[msgid] = data[-8:]
        return data

    def sealed(self, want, number=None, nonce=b""):
        """Takes an encrypted message with a right HASH of that exchange."""
        def accept(data, kind, exchange, encrypted, msgid):
            told = exchange == INFO
            if not encrypted or (not told and (exchange != want or number not in (None, msgid))):
                return None
            plain = self.chain(msgid).decrypt(data[28:])
            items = read_payloads(kind, plain)
            length = sum(4 + len(body) for _, body in items)
            digest = prf(self.a, struct.pack(">I", msgid), b"" if told else nonce,
                         plain[20:length])
            if items[0] != (HASH, digest):
                raise Failed("HASH is wrong")
            if told:
                return self.told(items)
            self.chains[msgid] = data[-8:]
            return data, msgid, items
        return accept

    @staticmethod
    def told(items):
        note = first(items, NOTIFY)
        if note and struct.unpack(">H", note[6:8])[0] < 16384:
            raise Refused("notify %d" % struct.unpack(">H", note[6:8]))
        if first(items, DELETE):
            raise Refused("deleted")

    def quick_1(self, source, msgid, spi):
        """Message 1; what is needed to go on, the octets first."""
        nonce = os.urandom(20)
        items = [(SA, offer(PROTO_ESP, struct.pack(">I", spi), 2, ESP_ATTRIBUTES)),
                 (NONCE, nonce), (ID, source), (ID, network(INSIDE))]
        return self.seal(QUICK, msgid, items), nonce, msgid, spi

    async def quick_rest(self, begun):
        data, ni, msgid, spi = begun
        answer, _, items = await self.ask(data, self.sealed(QUICK, msgid, ni))
        sa, nr = first(items, SA), first(items, NONCE)
        theirs = struct.unpack(">I", sa[16:20])[0]
        for kind, body in items:
            if kind == NOTIFY and struct.unpack(">H", body[6:8])[0] == RESPONDER_LIFETIME:
                self.show_lifetime(body, theirs)
        third = self.seal(QUICK, msgid, [], b"\0", struct.pack(">I", msgid), ni, nr)
        # whenever it comes again, the third message was lost
        self.answered[md5(answer)] = third
        self.put(third)
        if self.args.xfrm:
            self.install(theirs, spi, ni, nr)
        say("pair", theirs, spi)
        return theirs

    @staticmethod
    def show_lifetime(body, spi):
        if struct.unpack(">I", body[8:12])[0] != spi:
            raise Failed("RESPONDER-LIFETIME for another SPI")
        words, data = [], body[12:]
        while data:
            kind, value = struct.unpack(">HH", data[:4])
            data = data[4:]
            if kind & 0x8000:
                words.append("%d=%d" % (kind & 0x7fff, value))
            else:
                words.append("%d=%d" % (kind, int.from_bytes(data[:value], "big")))
                data = data[value:]
        say("lifetime", *words)

    def keymat(self, spi, ni, nr):
        seed = bytes([PROTO_ESP]) + struct.pack(">I", spi) + ni + nr
        one = prf(self.d, seed)
        return (one + prf(self.d, one, seed))[:24]

    def install(self, theirs, ours, ni, nr):
        """The pair for the kernel's own xfrm: DES and MD5, in a tunnel."""
        local, gateway = self.args.local, self.args.gateway
        self.ip("addr", "replace", self.address + "/32", "dev", "lo")
        for src, dst, spi in ((local, gateway, theirs), (gateway, local, ours)):
            key = self.keymat(spi, ni, nr)
            self.ip("xfrm", "state", "add", "src", src, "dst", dst, "proto", "esp", "spi",
                    str(spi), "reqid", str(self.port), "mode", "tunnel", "replay-window", "32",
                    "enc", "cbc(des)", "0x" + key[:8].hex(),
                    "auth-trunc", "hmac(md5)", "0x" + key[8:].hex(), "96")
        for a, b, c, d, way in ((self.address + "/32", INSIDE, local, gateway, "out"),
                                (INSIDE, self.address + "/32", gateway, local, "in")):
            self.ip("xfrm", "policy", "update", "src", a, "dst", b, "dir", way, "tmpl",
                    "src", c, "dst", d, "proto", "esp", "reqid", str(self.port), "mode", "tunnel")
        self.ip("route", "replace", INSIDE, "via", gateway, "src", self.address)

    @staticmethod
    def ip(*words):
        subprocess.run(("ip",) + words, check=True)

    async def configured(self, begun=None):
        """The gateway's SET, answered; begun: asked for with a quick mode."""
        data, msgid, items = await self.ask(begun and begun[0], self.sealed(TRANSACTION))
        body = first(items, ATTR)
        kind, _, number = struct.unpack(">BBH", body[:4])
        attr, length = struct.unpack(">HH", body[4:8])
        if kind != SET or attr != 1 or length != 4:
            raise Failed("no SET of an address: %s" % body.hex())
        self.address = str(ipaddress.IPv4Address(body[8:12]))
        # the attributes that are accepted come back without their values
        reply = self.seal(TRANSACTION, msgid,
                          [(ATTR, struct.pack(">BBHHH", ACK, 0, number, 1, 0))])
        self.answered[md5(data)] = reply
        self.put(reply)
        say("address", self.address)
        say("set-id", struct.unpack(">i", struct.pack(">I", msgid))[0])

    async def discarded(self, begun):
        """The answer to a quick mode that is of no interest any more."""
        data, _, items = await self.ask(None, self.sealed(QUICK, begun[2], begun[1]))
        self.ignored.add(md5(data))
        say("discarded", struct.unpack(">I", first(items, SA)[16:20])[0])

    def delete(self, esp=None):
        if esp:
            body = struct.pack(">IBBHI", 1, PROTO_ESP, 4, 1, esp)
        else:
            body = struct.pack(">IBBH", 1, PROTO_ISAKMP, 16, 1) + self.cky_i + self.cky_r
        msgid = struct.unpack(">I", os.urandom(4))[0] | 1
        self.put(self.seal(INFO, msgid, [(DELETE, body)]))
        say("deleted")


async def until_told():
    loop = asyncio.get_running_loop()
    end = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, end.set_result, None)
    await end


async def deployment(args):
    for _ in range(4):
        old = Session(args)
        await old.open()
        await old.main_mode(contact=False)
        old.delete()
        await old.close()
    say("old sessions")
    client = Session(args)
    await client.open()
    # what was on its way when the last one ended
    for _ in range(2):
        client.put(old.seal(INFO, 77, [(NOTIFY, struct.pack(">IBBH", 1, 1, 0, 1))]))
    await asyncio.sleep(0.1)
    await client.main_mode()
    held = client.quick_1(host(args.local), FIRST_QUICK, CLIENT_SPI + 1)
    await client.configured(held)
    await client.discarded(held)
    await client.quick_rest(client.quick_1(host(client.address), SECOND_QUICK, CLIENT_SPI))
    say("up")
    await until_told()
    client.delete(CLIENT_SPI)
    client.delete()
    await asyncio.sleep(0.2)


async def resume(args):
    client = Session(args)
    await client.open()
    await client.main_mode()
    client.address = args.address
    await client.quick_rest(client.quick_1(host(args.address), FIRST_QUICK, CLIENT_SPI + 2))
    say("up")
    await until_told()


async def one_of_many(args, number):
    client = Session(args, port=10000 + number, name=b"client%d.example" % number)
    await client.open()
    try:
        await client.main_mode()
        await client.configured(None)
        await client.quick_rest(client.quick_1(host(client.address), FIRST_QUICK,
                                               0x10000000 + number))
    except Failed as error:
        say("failed", number, error)
        return None
    return client


async def many(args):
    tasks = [one_of_many(args, n) for n in range(args.count)]
    clients = [c for c in await asyncio.gather(*tasks) if c]
    say("connected", len(clients))
    say("addresses", len({c.address for c in clients}))
    await until_told()


async def attempt(name, coroutine):
    """Nothing of this may lead to a pair."""
    try:
        await coroutine
        say("bad", name, "accepted")
    except Failed as error:
        say("bad", name, "refused:", error)


async def liar(args, psk=b"cisco123", claim=None, source=None, spi=0x2222):
    client = Session(args, psk=psk, name=b"liar.example")
    await client.open()
    try:
        await client.main_mode(claim=claim)
        await client.configured(None)
        await client.quick_rest(client.quick_1(source or host(client.address), FIRST_QUICK, spi))
    finally:
        await client.close()


async def bad(args):
    address = ipaddress.IPv4Address(args.local)
    await attempt("key", liar(args, psk=b"cisco124"))
    await attempt("identity", liar(args, claim=ident(ID_ADDR, (address + 1).packed, 17, 500)))
    await attempt("subnet-identity", liar(args, claim=network("201.70.32.0/24")))
    await attempt("foreign-lease", liar(args, source=host(args.victim)))
    await attempt("nobodys-address", liar(args, source=host("10.2.1.200")))
    await attempt("outer-address", liar(args, source=host(args.local)))
    await attempt("foreign-proxy", liar(args, source=network("10.2.0.0/16")))
    await attempt("everything-proxy", liar(args, source=network("0.0.0.0/0")))
    await attempt("reserved-spi", liar(args, source=None, spi=255))
    say("over")


def send_raw(raw, source, gateway, number, ike):
    """A datagram in anybody's name; its length."""
    udp = struct.pack(">HHHH", 500, 500, 8 + len(ike), 0) + ike
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xffff, 0, 64, 17, 0,
                       source.packed, ipaddress.IPv4Address(gateway).packed)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    raw.sendto(head + udp, (gateway, 0))
    return len(head + udp)


def forge(args):
    """Each kind of exchange, in clear and as if encrypted, with what would do harm."""
    raw = raw_socket()
    source = ipaddress.IPv4Address(args.local)
    cky_i, cky_r = bytes.fromhex(args.cky_i), bytes.fromhex(args.cky_r)
    gone = struct.pack(">IBBH", 1, PROTO_ISAKMP, 16, 1) + cky_i + cky_r
    pair = struct.pack(">IBBHI", 1, PROTO_ESP, 4, 1, args.spi)
    contact = struct.pack(">IBBH", 1, PROTO_ISAKMP, 16, INITIAL_CONTACT) + cky_i + cky_r
    bodies = [[(DELETE, gone)], [(DELETE, pair)], [(NOTIFY, contact)],
              [(HASH, bytes(16)), (DELETE, gone)], [(HASH, bytes(16)), (DELETE, pair)],
              [(HASH, os.urandom(16)), (NOTIFY, contact)], [(SA, bytes(8))],
              [(SA, offer(PROTO_ISAKMP, b"", 1, IKE_ATTRIBUTES))],
              [(KE, os.urandom(96)), (NONCE, os.urandom(20))],
              [(ID, host(args.local)), (HASH, os.urandom(16))],
              [(HASH, os.urandom(16)), (ATTR, struct.pack(">BBHHH4s", SET, 0, 1, 1, 4, bytes(4)))]]
    number = 0
    for exchange in (MAIN, 4, INFO, TRANSACTION, QUICK, 33, 34):
        for items in bodies:
            for flags in range(8):
                for msgid in (0, 0x01020304, SECOND_QUICK):
                    for theirs in (cky_r, bytes(8)):
                        body = payload_body(items)
                        body += bytes(-len(body) % 8)
                        ike = struct.pack(">8s8sBBBBII", cky_i, theirs, items[0][0], 0x10,
                                          exchange, flags, msgid, 28 + len(body)) + body
                        send_raw(raw, source, args.gateway, number, ike)
                        number += 1
    say("sent", number)


def flood(args):
    """From as many addresses, half of the offers fit."""
    raw = raw_socket()
    strong = attribute(1, 7) + attribute(14, 256) + attribute(2, 4) + attribute(4, 14) + \
        attribute(3, 1)
    total = 0
    for i in range(args.count):
        sa = offer(PROTO_ISAKMP, b"", 1, strong if i & 1 else IKE_ATTRIBUTES)
        body = payload_body([(SA, sa)])
        ike = struct.pack(">8s8sBBBBII", os.urandom(8), bytes(8), SA, 0x10, MAIN, 0, 0,
                          28 + len(body)) + body
        total += send_raw(raw, ipaddress.IPv4Address("198.18.0.0") + i, args.gateway, i, ike)
    say("sent", args.count, total)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--xfrm", action="store_true")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--wait", type=float, default=2)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("deployment", "resume", "many", "bad", "forge", "flood"):
        command = commands.add_parser(name)
        if name != "flood":
            command.add_argument("local")
        command.add_argument("gateway")
        if name == "resume":
            command.add_argument("address")
        if name == "bad":
            command.add_argument("victim")
        if name == "forge":
            command.add_argument("cky_i")
            command.add_argument("cky_r")
            command.add_argument("spi", type=int)
        if name in ("many", "flood"):
            command.add_argument("count", type=int)
    args = parser.parse_args()
    try:
        if args.command in ("flood", "forge"):
            globals()[args.command](args)
        else:
            asyncio.run(globals()[args.command](args))
    except Failed as error:
        say("failed", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
