"""Pings and pongs, reserved bits, reserved opcodes."""

from book import Section
from frames import (BINARY, CLOSE, NAMES, PING, PONG, TEXT, Frame, cont, ping,
                    pong, text)
from steps import echo, fails, fails_at_once, get, send

SECTION = Section("control", "RFC 6455 5.2, 5.5")
case = SECTION.case

# ---- a ping is answered by a pong of the same payload (5.5.2, 5.5.3)

for what, payload in (
        ("nothing", b""), ("one octet", b"p"), ("text", b"still there?"),
        ("octets that are not UTF-8", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
        ("124 octets", bytes(range(124))), ("125 octets", b"\xfe" * 125)):
    case(f"a ping with {what}", send(ping(payload)), get(pong(payload)))
    case(f"a ping with {what}, one octet a write", send(ping(payload), cut=1),
         get(pong(payload)))
case("ten pings, each when the last was answered",
     *[step for i in range(10) for step in
       (send(ping(f"ping {i}")), get(pong(f"ping {i}")))])
case("two pings in one write", send(ping("one"), ping("two")),
     get(pong("one"), pong("two")))
case("ten pings in one write",
     send(*[ping(f"ping {i}") for i in range(10)]),
     get(*[pong(f"ping {i}") for i in range(10)]))
case("ten pings, one octet a write",
     send(*[ping(f"ping {i}") for i in range(10)], cut=1),
     get(*[pong(f"ping {i}") for i in range(10)]))
case("a ping between two messages in one write",
     send(text("before"), ping("between"), text("after")),
     get(text("before"), pong("between"), text("after")))

# ---- a pong is never answered (5.5.3)

case("a pong nobody asked for", send(pong()), *echo(text("on")))
case("a pong with payload nobody asked for", send(pong("unasked")),
     *echo(text("on")))
case("a pong, then a ping", send(pong("unasked"), ping("asked")),
     get(pong("asked")))

# ---- at most 125 octets, and never fragmented (5.5)

for what, make in ("ping", ping), ("pong", pong):
    for size in 126, 65536:
        case(f"a {what} of {size} octets", send(make(bytes(size))), fails(1002))
    case(f"a {what} that announces 126 octets and brings none",
         send(make(more=126)), fails_at_once(1002))
    case(f"a {what} that is not final", send(make("a", fin=False)), fails(1002))
    case(f"an empty {what} that is not final", send(make(fin=False)),
         fails(1002))
    case(f"a {what} in two frames",
         send(make("a", fin=False), cont("b")), fails(1002))

# ---- RSV1 to RSV3 (5.2): there is no extension

for rsv in range(1, 8):
    for opcode in TEXT, BINARY, CLOSE, PING, PONG:
        case(f"RSV {rsv:03b} in a {NAMES[opcode]}",
             send(Frame(opcode, b"\x03\xe8", rsv=rsv)), fails(1002))
case("RSV1 in the middle of a message",
     send(text("a", fin=False), cont("b", rsv=4, fin=False), cont("c")),
     fails(1002))
case("RSV3 behind a good message, in one write",
     send(text("good"), text("bad", rsv=1)), get(text("good")), fails(1002))
case("RSV2 behind a good message and a ping, one octet a write",
     send(text("good"), ping("good"), text("bad", rsv=2), cut=1),
     get(text("good"), pong("good")), fails(1002))
case("RSV1 is seen in the first octet", send(b"\xc1"), fails_at_once(1002))

# ---- opcodes 3 to 7 and 11 to 15 (5.2)

for opcode in 3, 4, 5, 6, 7, 11, 12, 13, 14, 15:
    case(f"opcode {opcode} without payload", send(Frame(opcode)), fails(1002))
    case(f"opcode {opcode} with payload", send(Frame(opcode, "reserved")),
         fails(1002))
    case(f"opcode {opcode} behind a good message",
         send(text("good"), Frame(opcode)), get(text("good")), fails(1002))
for opcode in 3, 11:
    case(f"opcode {opcode} in the middle of a message",
         send(text("a", fin=False), Frame(opcode), cont("b")), fails(1002))
    case(f"opcode {opcode} is seen in the first octet",
         send(bytes([128 | opcode])), fails_at_once(1002))
