"""Frames of RFC 6455 section 5, right ones and wrong ones, for tests alone."""

import struct

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NAMES = {CONT: "continuation", TEXT: "text", BINARY: "binary", CLOSE: "Close",
         PING: "ping", PONG: "pong"}
LENGTH = {2: 126, 8: 127}  # the code for a length in so many octets


def octets(value):
    return value.encode() if isinstance(value, str) else bytes(value)


def mask(payload, key):
    """RFC 6455 5.3, for long payloads too."""
    pad = (key * (len(payload) // 4 + 1))[:len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return number.to_bytes(len(payload), "big")


class Frame:
    """One frame. What a rule of the RFC leaves no choice in can be set all the
    same: |form|, the octets of an extended length (0, 2, 8; None: the
    shortest); |masked| (None: as the sender's role wants it); |more|, octets
    that the length announces and that do not follow."""

    def __init__(self, opcode, payload=b"", fin=True, rsv=0, masked=None,
                 key=None, form=None, more=0):
        self.opcode, self.payload, self.fin = opcode, octets(payload), fin
        self.rsv, self.masked, self.key = rsv, masked, key
        self.form, self.more = form, more

    def with_payload(self, payload):
        return Frame(self.opcode, payload, self.fin, self.rsv, self.masked,
                     self.key, self.form, self.more)

    def encode(self, key):
        """The octets; |key| masks them, None: it is a server's frame."""
        size = len(self.payload) + self.more
        form = self.form
        if form is None:
            form = 0 if size < 126 else 2 if size < 65536 else 8
        if self.masked is not None:
            key = (key or b"\x11\x22\x33\x44") if self.masked else None
        if key is not None and self.key is not None:
            key = self.key
        first = self.fin << 7 | self.rsv << 4 | self.opcode
        head = bytes([first, (key is not None) << 7 | LENGTH.get(form, size)])
        head += size.to_bytes(form, "big") if form else b""
        if key is None:
            return head + self.payload
        return head + key + mask(self.payload, key)

    def is_data(self):
        return self.opcode < CLOSE

    def __str__(self):
        """For a person: what it is, and how it begins."""
        name = NAMES.get(self.opcode, f"opcode {self.opcode}")
        if self.opcode == CLOSE and len(self.payload) >= 2:
            code, = struct.unpack("!H", self.payload[:2])
            name, rest = f"Close {code}", self.payload[2:]
        else:
            rest = self.payload
        shown = rest[:32].hex(" ") + (" …" if len(rest) > 32 else "")
        return (name + ("" if self.fin else ", not final")
                + (f", RSV {self.rsv}" if self.rsv else "")
                + f", {len(self.payload)} octets" + (f": {shown}" if rest else ""))


def text(payload=b"", **how):
    return Frame(TEXT, payload, **how)


def binary(payload=b"", **how):
    return Frame(BINARY, payload, **how)


def cont(payload=b"", **how):
    return Frame(CONT, payload, **how)


def ping(payload=b"", **how):
    return Frame(PING, payload, **how)


def pong(payload=b"", **how):
    return Frame(PONG, payload, **how)


def close(code=None, reason=b"", **how):
    head = b"" if code is None else struct.pack("!H", code)
    return Frame(CLOSE, head + octets(reason), **how)


def pieces(make, payload, size):
    """A message in frames of |size| octets; |make| is text or binary."""
    parts = [payload[i:i + size] for i in range(0, len(payload), size)] or [b""]
    last = len(parts) - 1
    return [(make if i == 0 else cont)(part, fin=i == last)
            for i, part in enumerate(parts)]


class Reader:
    """Frames as they come from |wire|; |masked|: those of a client."""

    def __init__(self, wire, masked):
        self.wire, self.masked = wire, masked

    def read(self):
        """The next frame, what it stood for in octets, and its key."""
        head = self.wire.take(2)
        form = {126: 2, 127: 8}.get(head[1] & 127, 0)
        extended = self.wire.take(form)
        size = int.from_bytes(extended, "big") if form else head[1] & 127
        key = self.wire.take(4) if head[1] & 128 else None
        payload = self.wire.take(size)
        raw = head + extended + (key or b"") + payload
        frame = Frame(head[0] & 15, mask(payload, key) if key else payload,
                      fin=bool(head[0] & 128), rsv=head[0] >> 4 & 7)
        return frame, raw, key
