"""The opening handshake as a step: the usual one, altered ones, refused ones."""

import base64
import binascii

import handshake
from handshake import KEY
from steps import Wrong
from wire import Ended

BREAKS = ("the peer broke a rule: close code 1006, the peer's handshake breaks "
          "a rule of RFC 6455")
SUBPROTOCOL = {"opaque": None, "sip": "sip"}
REASON = {400: "Bad Request", 405: "Method Not Allowed", 413: "Content Too Large",
          426: "Upgrade Required", 431: "Request Header Fields Too Large",
          505: "HTTP Version Not Supported"}
MORE = {405: [("Allow", "GET, HEAD")],
        426: [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]}


def refusal(status):
    """What echo_server answers, all of it."""
    upgrade = ", Upgrade" if status == 426 else ""
    fields = [("Content-Length", "0"), ("Connection", "close" + upgrade)]
    return handshake.write(f"HTTP/1.1 {status} {REASON[status]}",
                           fields + MORE.get(status, []))


class opens:
    """It succeeds. As client we send a request with |changes| and get a 101
    with |agreed| as subprotocol (default: the profile's); as server we answer
    with |changes|, |before| being sent ahead of the answer."""
    ends = False
    says = ""

    def __init__(self, agreed=..., before=b"", **changes):
        self.agreed, self.before, self.changes = agreed, before, changes

    def run(self, talk, port):
        protocol = SUBPROTOCOL[talk.line.profile]
        if talk.line.role == "server":
            self.ask(talk, port, protocol)
        else:
            self.answer(talk, port, protocol)

    def ask(self, talk, port, protocol):
        talk.wire.write(handshake.request(port, protocol, **self.changes))
        agreed = protocol if self.agreed is ... else self.agreed
        expect_head(talk, handshake.answer(KEY, agreed))

    def answer(self, talk, port, protocol):
        key = judge_request(talk, port, protocol)
        talk.wire.write(self.before
                        + handshake.answer(key, protocol, **self.changes))


class refuses(opens):
    """The server answers |status| and ends TCP; what we send afterwards is not
    looked at."""
    ends = True

    def __init__(self, status, **changes):
        super().__init__(**changes)
        self.status = status

    def ask(self, talk, port, protocol):
        talk.wire.write(handshake.request(port, protocol, **self.changes))
        expect_head(talk, refusal(self.status))
        talk.await_nothing_but_end(fin=True)
        talk.wire.push(b"later")
        talk.wire.end()
        talk.await_nothing_but_end(fin=True)


class rejects(opens):
    """The client takes our answer for none: it ends TCP without a frame."""
    ends = True

    def __init__(self, says=BREAKS, **changes):
        super().__init__(**changes)
        self.says = says

    def answer(self, talk, port, protocol):
        super().answer(talk, port, protocol)
        talk.await_nothing_but_end(fin=True)


def expect_head(talk, expected):
    """Compared line by line; a server may order its header fields."""
    try:
        came = talk.wire.take_head()
    except Ended as end:
        raise Wrong(expected, f"the end: {end}") from None
    first, fields = handshake.fields_of(came)
    wanted, wanted_fields = handshake.fields_of(expected)
    if first != wanted or sorted(fields) != sorted(wanted_fields):
        raise Wrong(expected, came)


def judge_request(talk, port, protocol):
    """A client's request, which is known but for its key; gives that."""
    came = talk.wire.take_head()
    fields = dict(handshake.fields_of(came)[1])
    key = fields.get("Sec-WebSocket-Key", "")
    host = "localhost" if talk.line.transport == "wss" else "127.0.0.1"
    expected = handshake.request(port, protocol, Sec_WebSocket_Key=key,
                                 Host=f"{host}:{port}")
    if sorted(came.split(b"\r\n")) != sorted(expected.split(b"\r\n")):
        raise Wrong(expected, came)
    try:
        fresh = len(base64.b64decode(key, validate=True)) == 16 and key != KEY
    except binascii.Error:
        fresh = False
    if not fresh:
        raise Wrong("a key of 16 random octets", key)
    return key


OPENS = opens()
