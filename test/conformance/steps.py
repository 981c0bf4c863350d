"""What a case does, step by step. Every step knows what must come, octet for
octet; there is nothing between right and wrong."""

from frames import (BINARY, CONT, TEXT, Frame, Reader, close, octets, ping,
                    text)
from wire import Ended


class Wrong(Exception):
    """Something else came than was expected."""

    def __init__(self, expected, came):
        super().__init__(f"expected {expected}\n  came     {came}")


class Talk:
    """A connection in a case: |line| tells role, transport and profile."""

    def __init__(self, line, wire, random):
        self.line, self.wire, self.random = line, wire, random
        self.reader = Reader(wire, masked=line.role == "client")
        self.keys = set()

    def encode(self, items):
        """Frames as our role sends them, and octets as they are."""
        masks = self.line.role == "server"  # then we are the client
        return b"".join(
            item.encode(self.random.randbytes(4) if masks else None)
            if isinstance(item, Frame) else octets(item) for item in items)

    def get(self, expected):
        """The next frame is |expected|: all but a client's mask key is given
        (RFC 6455 5.3: and that is never used twice)."""
        try:
            came, raw, key = self.reader.read()
        except Ended as end:
            raise Wrong(expected, f"the end: {end}") from None
        if raw != expected.encode(key if self.line.role == "client" else None):
            raise Wrong(expected, f"{came}, head {raw[:14].hex(' ')}")
        if key is not None and (key in self.keys or key == bytes(4)):
            raise Wrong("a fresh mask key", f"{key.hex()} again")
        self.keys.add(key)

    def await_nothing_but_end(self, fin):
        """No octet more, and the peer's end of TLS and, if |fin|, of TCP."""
        secure = self.line.transport == "wss"
        if not fin and not secure:
            return
        left = self.wire.await_end(fin)
        if left:
            raise Wrong("the end", f"{len(left)} octets: {left[:32].hex(' ')}")
        expected = (["close_notify"] if secure else []) + (["FIN"] if fin else [])
        if self.wire.story() != ", ".join(expected):
            raise Wrong(f"the end by {', '.join(expected)}", self.wire.story())


# What echo_client says on stderr when the connection fails for a Close code.
SAYS = {code: "the peer broke a rule: close code 1006, " + what for code, what
        in ((1002, "the peer broke the framing of RFC 6455"),
            (1007, "a text message is not UTF-8"),
            (1009, "the peer's message passes a limit"))}


class Step:
    ends = False  # the step ends the connection
    says = ""     # what echo_client says then; nothing: all is well
    frames = ()   # what the SIP profile wraps

    def with_frames(self, frames):
        return self


class send(Step):
    """Frames or octets; |cut|: in writes of so many octets."""

    def __init__(self, *items, cut=0):
        self.frames, self.cut = items, cut

    def with_frames(self, frames):
        return send(*frames, cut=self.cut)

    def run(self, talk):
        talk.wire.write(talk.encode(self.frames), self.cut)


class get(Step):
    """These frames come next."""

    def __init__(self, *frames):
        self.frames = frames

    def with_frames(self, frames):
        return get(*frames)

    def run(self, talk):
        for frame in self.frames:
            talk.get(frame)


def whole(frames):
    """The message that |frames| make: one frame."""
    return Frame(frames[0].opcode,
                 b"".join(frame.payload for frame in frames if frame.is_data()))


def echo(*frames, cut=0):
    """Two steps: a message, and how it comes back: in one frame."""
    return [send(*frames, cut=cut), get(whole(frames))]


class closes(Step):
    """The closing handshake, begun by us with |frame|: the same code comes
    back, without reason, or none for none (RFC 6455 5.5.1). A server then ends
    TCP at once, a client waits for it (7.1.1)."""
    ends = True

    def __init__(self, frame=None, then=(), cut=0):
        self.frame = frame or close(1000)
        self.answer = self.frame.with_payload(self.frame.payload[:2])
        self.then, self.cut = then, cut

    def run(self, talk):
        talk.wire.write(talk.encode([self.frame, *self.then]), self.cut)
        talk.get(self.answer)
        is_server = talk.line.role == "server"
        talk.await_nothing_but_end(fin=is_server)
        if not (is_server or talk.line.waits or talk.wire.is_quiet(0.002)):
            raise Wrong("a client that waits for us to end TCP", "its end")
        talk.wire.end()
        talk.await_nothing_but_end(fin=True)


class fails(Step):
    """The peer fails the connection (RFC 6455 7.1.7): it sends a Close of this
    code without reason, ends its side of TCP, and answers nothing any more,
    be it sent right |after| or later."""
    ends = True

    def __init__(self, code, after=(text("late"), ping("late"))):
        self.code, self.after, self.says = code, after, SAYS[code]

    def run(self, talk):
        talk.wire.write(talk.encode(self.after))
        talk.get(close(self.code))
        if talk.line.waits:
            talk.wire.write(talk.encode([close(self.code)]))
        talk.await_nothing_but_end(fin=True)
        if not talk.line.waits:
            # Who only ended its side still reads: no RST comes for this.
            talk.wire.push(b"later")
            talk.wire.end()
            talk.await_nothing_but_end(fin=True)


def fails_at_once(code):
    """The peer does so though what was begun has not ended."""
    return fails(code, after=())


class falls(Step):
    """We end TLS and TCP without a Close: nothing comes but the same end."""
    ends = True
    says = ("the transport ended without a closing handshake: close code 1006, "
            "the transport ended")

    def run(self, talk):
        talk.wire.end()
        talk.await_nothing_but_end(fin=True)


# ------------------------------------------------------------ profile SIP

START = (b"MESSAGE sip:b@a.invalid SIP/2.0\r\nVia: SIP/2.0/WS c.invalid\r\n"
         b"Content-Length: %08d\r\n\r\n")
HEAD = len(START % 0)


def sip(body):
    return START % len(body) + body


def wrapped(steps, exact):
    """The same steps with every message as the body of a SIP message; |exact|:
    of the same length, so what is shorter than a SIP head stays as it is."""
    frames = [frame for step in steps for frame in step.frames]
    made, message = {}, []
    for frame in frames:
        if not isinstance(frame, Frame) or not frame.is_data():
            continue
        if message and frame.opcode != CONT:
            break  # interleaved on purpose: what follows is not looked at
        if message or frame.opcode in (TEXT, BINARY):
            message.append(frame)
        if frame.fin:
            wrap(message, exact, made)
            message = []
    wrap(message, exact, made)
    return [step.with_frames([made.get(id(frame), frame)
                              for frame in step.frames]) for step in steps]


def wrap(message, exact, made):
    """Notes in |made| what stands for each frame of |message|."""
    if not message:
        return
    sizes = [len(frame.payload) for frame in message]
    body = b"".join(frame.payload for frame in message)
    size = len(body) + message[-1].more
    if not exact:
        made[id(message[0])] = message[0].with_payload(
            START % size + message[0].payload)
    elif len(body) >= HEAD:
        body = START % (size - HEAD) + body[HEAD:]
        for frame, length in zip(message, sizes):
            made[id(frame)] = frame.with_payload(body[:length])
            body = body[length:]
