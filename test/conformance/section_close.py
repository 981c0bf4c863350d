"""The closing handshake, every code, and ends without one."""

from book import Section
from frames import close, cont, ping, pong, text
from steps import closes, echo, fails, falls, get, send

SECTION = Section("close", "RFC 6455 5.5.1, 7")
case = SECTION.case

case("the usual one", closes(close(1000)))
case("behind a message", echo(text("first")), closes(close(1000)))
case("without code: none comes back", closes(close()))
case("with a reason of one octet", closes(close(1000, "!")))
case("with a reason", closes(close(1000, "that was all")))
case("with a reason beyond ASCII", closes(close(1000, "schöne Grüße \U0001f44b")))
case("with a reason of 123 octets", closes(close(1000, "r" * 123)))
case("one octet a write", closes(close(1000, "slowly"), cut=1))

# ---- the payload's form (5.5.1)

case("a payload of one octet", send(close().with_payload(b"\x03")), fails(1002))
case("a payload of one octet, which a ping's could make two",
     send(ping(b"\x03\xe8")), get(pong(b"\x03\xe8")),
     send(close().with_payload(b"\x03")), fails(1002))
case("a reason of 124 octets", send(close(1000, "r" * 124)), fails(1002))
case("not final", send(close(1000, fin=False)), fails(1002))
case("empty, not final", send(close(fin=False)), fails(1002))
case("in two frames", send(close(1000, fin=False), cont("reason")), fails(1002))
for name, reason in (
        ("Latin-1", b"Gr\xfc\xdfe"), ("overlong", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"), ("past the last", b"\xf4\x90\x80\x80"),
        ("cut in a character", "Grüße €".encode()[:-1])):
    case(f"a reason that is not UTF-8: {name}", send(close(1000, reason)),
         fails(1007))

# ---- codes (7.4, and the registry of section 11.7)

DEFINED = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011)
REGISTERED_SINCE = (1012, 1013, 1014)
FREE = (3000, 3001, 3499, 3999, 4000, 4001, 4500, 4999)
GOOD = DEFINED + REGISTERED_SINCE + FREE
NEVER_SENT = (1005, 1006, 1015)
BAD = (0, 1, 255, 256, 999, 1004, *NEVER_SENT, 1016, 1017, 1099, 1100, 1999,
       2000, 2001, 2999, 5000, 5001, 9999, 10000, 32768, 65534, 65535)

for code in GOOD:
    case(f"code {code}", closes(close(code)))
    case(f"code {code} with a reason", closes(close(code, "because")))
for code in BAD:
    case(f"code {code} cannot be sent", send(close(code)), fails(1002))
    case(f"code {code} cannot be sent, with a reason",
         send(close(code, "because")), fails(1002))
for code in range(5120):  # all there are, and some more
    if code not in GOOD + BAD:
        case(f"each code: {code}", *([closes(close(code))] if 3000 <= code < 5000
                                     else [send(close(code)), fails(1002)]),
             long=True, profile="opaque", only=lambda line:
             line.role == "server" and line.transport == "ws")

# ---- what comes behind a Close is not looked at (5.5.1)

for what, late in (
        ("a text", text("late")), ("a ping", ping("late")),
        ("a pong", pong("late")), ("a continuation", cont("late")),
        ("another Close", close(1000)), ("a Close with another code", close(1001)),
        ("a broken frame", text("late", rsv=7)), ("octets", b"\x00\x11\x22")):
    case(f"{what} behind the Close, in one write", closes(then=[late]))
case("a ping in front of the Close is answered, in front of the answer",
     send(ping("before")), get(pong("before")), closes())
case("a Close behind a message, in one write",
     send(text("message")), get(text("message")), closes(close(1001)))
case("a Close behind the first frame of a message", send(text("a", fin=False)),
     closes(close(1001)))

# ---- no Close: the transport just ends (7.1.5)

case("the end of TCP, with nothing else", falls())
case("the end of TCP behind a message", echo(text("message")), falls())
case("the end of TCP in a frame", send(text("half", more=4)), falls())
case("the end of TCP in a frame's head", send(b"\x82"), falls())
case("the end of TCP in a Close", send(b"\x88"), falls())
