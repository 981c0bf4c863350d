"""A WebSocket peer of its own, in plain Python, that tries the echo examples.

echo_peer.py client MODE URL       tries the echo server at URL
echo_peer.py server MODE COMMAND…  runs COMMAND… URL, an echo client, and tries
                                   that
MODE is raw, sip, burst (raw, with a message limit of 100 octets) or, of a
client, goodbye (raw; the server's process number follows URL).

One line "ok …" or "not ok …" a test; exits with 1 if any failed.
"""

import base64
import hashlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CONT, TEXT, BINARY, CLOSE = 0, 1, 2, 8
SIP = (b"OPTIONS sip:a.invalid SIP/2.0\r\nVia: SIP/2.0/WS b.invalid\r\n"
       b"Content-Length: 2\r\n\r\nhi")


class Peer:
    """Our end; |masks| is true of a client."""

    def __init__(self, sock, masks):
        self.sock, self.masks, self.kept = sock, masks, b""
        sock.settimeout(30)

    def read(self, size):
        while len(self.kept) < size:
            got = self.sock.recv(max(65536, size - len(self.kept)))
            if not got:
                raise EOFError("the peer ended")
            self.kept += got
        taken, self.kept = self.kept[:size], self.kept[size:]
        return taken

    def read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        lines = head.decode().split("\r\n")
        fields = (line.split(": ", 1) for line in lines[1:-2])
        return lines[0], {name.lower(): value for name, value in fields}

    def xor(self, payload, mask):
        pad = (mask * (len(payload) // 4 + 1))[:len(payload)]
        number = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
        return number.to_bytes(len(payload), "big")

    def frame(self, opcode, payload, final=True):
        size, bit = len(payload), 128 if self.masks else 0
        head = bytes([opcode | (128 if final else 0)])
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += struct.pack("!BH", bit | 126, size)
        else:
            head += struct.pack("!BQ", bit | 127, size)
        if self.masks:
            mask = os.urandom(4)
            head, payload = head + mask, self.xor(payload, mask)
        return head + payload

    def write(self, opcode, payload, final=True):
        self.sock.sendall(self.frame(opcode, payload, final))

    def read_frame(self):
        first, second = self.read(2)
        size = second & 127
        if size == 126:
            size, = struct.unpack("!H", self.read(2))
        elif size == 127:
            size, = struct.unpack("!Q", self.read(8))
        assert bool(second & 128) != self.masks, "masked wrongly"
        mask = self.read(4) if second & 128 else bytes(4)
        return first, self.xor(self.read(size), mask)

    def expect(self, opcode, payload):
        """One unfragmented message of just these octets."""
        first, got = self.read_frame()
        assert first == 128 | opcode, f"frame begins with {first:#x}"
        assert got == payload, f"{len(got)} octets: {got[:40]}"

    def echo(self, opcode, *pieces):
        for i, piece in enumerate(pieces):
            self.write(opcode if i == 0 else CONT, piece, i == len(pieces) - 1)
        self.expect(opcode, b"".join(pieces))

    def close(self):
        self.write(CLOSE, b"\x03\xe8")
        self.expect(CLOSE, b"\x03\xe8")


def accept_of(key):
    text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def dial(port, protocol):
    """A client's connection, on a path that nobody made."""
    peer = Peer(small(socket.create_connection(("127.0.0.1", port))), True)
    key = base64.b64encode(os.urandom(16)).decode()
    offer = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
    peer.sock.sendall(("GET /any/path?a=b HTTP/1.1\r\n"
                       f"Host: 127.0.0.1:{port}\r\n"
                       "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Key: {key}\r\n{offer}"
                       "Sec-WebSocket-Version: 13\r\n\r\n").encode())
    line, fields = peer.read_head()
    assert line == "HTTP/1.1 101 Switching Protocols", line
    assert fields["sec-websocket-accept"] == accept_of(key)
    chosen = protocol.split(",")[0] if protocol else None
    assert fields.get("sec-websocket-protocol") == chosen, fields
    return peer


def answer(sock):
    """A server's connection."""
    peer = Peer(small(sock), False)
    line, fields = peer.read_head()
    assert line.startswith("GET ") and fields["upgrade"] == "websocket", line
    protocol = fields.get("sec-websocket-protocol")
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
             "Connection: Upgrade",
             "Sec-WebSocket-Accept: " + accept_of(fields["sec-websocket-key"])]
    if protocol:
        lines.append("Sec-WebSocket-Protocol: " + protocol)
    peer.sock.sendall("\r\n".join(lines + ["", ""]).encode())
    return peer, protocol


def small(sock):
    """Small buffers, so that a peer which waits is soon felt."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    return sock


failed = False


def test(name, action, *arguments):
    global failed
    try:
        action(*arguments)
        print(f"ok {tried}: {name}", flush=True)
    except (AssertionError, OSError, EOFError, KeyError,
            subprocess.TimeoutExpired) as error:
        failed = True
        print(f"not ok {tried}: {name}: {error!r}", flush=True)


def try_kinds(peer):
    for payload in b"", b"a", "gr\u00fc\u00dfe \U0001f44b".encode():
        peer.echo(TEXT, payload)
    for size in 0, 1, 125, 126, 256, 65535, 65536:
        peer.echo(BINARY, bytes(i & 255 for i in range(size)))


def try_fragments(peer):
    peer.echo(TEXT, b"gr\xc3", b"", b"\xbc\xc3\x9f", b"e")
    peer.echo(BINARY, *[b"x"] * 256)


def try_flood(peer):
    """Nobody reads until the writer is stuck; then all must come."""
    count, sent = 1200, []

    def write():
        for i in range(count):
            peer.write(BINARY, i.to_bytes(4, "big") * 15000)
            sent.append(i)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    before = -1
    while before != len(sent):
        before = len(sent)
        time.sleep(0.5)
    assert before < count, "the peer took everything and never paused"
    for i in range(count):
        peer.expect(BINARY, i.to_bytes(4, "big") * 15000)
    writer.join()


def try_burst(peer):
    """What comes in one piece is more than one queue of echoes."""
    payloads = [bytes([i]) * 100 for i in range(128)]  # UTF-8
    peer.sock.sendall(b"".join(peer.frame(TEXT, p) for p in payloads))
    for payload in payloads:
        peer.expect(TEXT, payload)


def try_sip(peer):
    peer.echo(TEXT, SIP)
    peer.echo(BINARY, SIP)
    for _ in range(4):
        peer.echo(TEXT, b"not SIP")
    peer.write(TEXT, b"\r\n\r\n")
    peer.expect(TEXT, b"\r\n")


def try_limit(peer, opcode, *pieces):
    """Too much: closed with 1009."""
    for i, piece in enumerate(pieces):
        peer.write(opcode if i == 0 else CONT, piece, i == len(pieces) - 1)
    peer.expect(CLOSE, b"\x03\xf1")


def try_all(peer, mode):
    if mode == "sip":
        test("messages come back", try_sip, peer)
    elif mode == "burst":
        test("a burst comes back whole", try_burst, peer)
    else:
        test("all kinds come back", try_kinds, peer)
        test("fragments come back as one", try_fragments, peer)
        test("a flood comes back whole", try_flood, peer)
    test("closing handshake", peer.close)


def try_goodbye(peer, pid):
    """A server that ends tells its peers so."""
    peer.echo(TEXT, b"here")
    os.kill(pid, signal.SIGTERM)
    peer.expect(CLOSE, b"\x03\xe9")
    peer.write(CLOSE, b"\x03\xe9")
    assert peer.sock.recv(1) == b"", "more after the Close"


def as_client(mode, url, *pid):
    port = int(url.rstrip("/").rsplit(":", 1)[1])
    if mode == "goodbye":
        test("peers are told", try_goodbye, dial(port, None), int(*pid))
        return
    try_all(dial(port, "sip" if mode == "sip" else None), mode)
    if mode == "raw":
        test("any subprotocol", lambda: dial(port, "chat,foo").close())
        test("too long is refused", try_limit, dial(port, None), BINARY,
             bytes(65537))
        test("too many frames are refused", try_limit, dial(port, None),
             BINARY, *[b"x"] * 257)


def as_server(mode, command):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/any?path"
        child = subprocess.Popen([*command, url])
        try:
            peer, protocol = answer(listener.accept()[0])
            assert protocol == ("sip" if mode == "sip" else None), protocol
            try_all(peer, mode)
            peer.sock.close()
            test("exit status 0", check_exit, child)
        finally:
            child.kill()
            child.wait()


def check_exit(child):
    assert child.wait(30) == 0


role, mode, *rest = sys.argv[1:]
tried = f"echo_{'server' if role == 'client' else 'client'} {mode}"
if role == "client":
    as_client(mode, *rest)
else:
    as_server(mode, rest)
sys.exit(1 if failed else 0)
