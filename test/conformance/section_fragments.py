"""Messages in several frames, and what may stand between those."""

from book import Section
from frames import binary, cont, ping, pieces, pong, text
from steps import closes, echo, fails, falls, get, send

SECTION = Section("fragments", "RFC 6455 5.4")
case = SECTION.case


def wave(size):
    return bytes(97 + i % 26 for i in range(size))


# ---- messages come back whole

for make, what in (text, "text"), (binary, "binary"):
    case(f"{what} in two frames", echo(make("frag", fin=False), cont("ments")))
    case(f"{what} in two frames, one octet a write",
         echo(make("frag", fin=False), cont("ments"), cut=1))
    case(f"{what} in three frames, all empty",
         echo(make(fin=False), cont(fin=False), cont()))
    case(f"{what} in three frames, the middle one alone not empty",
         echo(make(fin=False), cont("middle", fin=False), cont()))
    case(f"{what} in three frames, the middle one empty",
         echo(make("be", fin=False), cont(fin=False), cont("low")))
    case(f"{what} of 256 octets, one a frame",
         echo(*pieces(make, wave(256), 1)), exact=True)
    for size, frames in (125, 255), (126, 255), (1300, 50), (65535, 1):
        case(f"{what}: {frames} frames of {size} octets, and one octet",
             echo(*pieces(make, wave(size * frames + 1), size)), exact=True)
case("a message in five frames, then one in one frame",
     *echo(*pieces(text, wave(50), 10)), *echo(text("whole")))
case("two messages in frames, all in one write",
     send(*pieces(text, b"number one", 3), *pieces(binary, b"number two", 4)),
     get(text("number one"), binary("number two")))
case("each frame when the last was sent",
     send(text("a", fin=False)), send(cont("b", fin=False)), send(cont("c")),
     get(text("abc")))

# ---- control frames may stand between, and are answered at once

case("a ping between two frames",
     send(text("a", fin=False), ping("between"), cont("b")),
     get(pong("between"), text("ab")))
case("a ping between two frames, answered before the second is sent",
     send(text("a", fin=False), ping("between")), get(pong("between")),
     send(cont("b")), get(text("ab")))
case("a ping between two frames, one octet a write",
     send(text("a", fin=False), ping("between"), cont("b"), cut=1),
     get(pong("between"), text("ab")))
case("a ping between any two of five frames",
     send(binary("1", fin=False)),
     *[step for i in "234" for step in
       (send(ping(i)), get(pong(i)), send(cont(i, fin=False)))],
     send(ping("5"), cont("5")), get(pong("5"), binary("12345")))
case("a pong between two frames",
     send(text("a", fin=False), pong("unasked"), cont("b")), get(text("ab")))
case("a Close between two frames: the message is never whole",
     send(text("a", fin=False)), closes())
case("the end of TCP between two frames",
     send(text("a", fin=False)), falls())

# ---- a continuation continues something (5.4)

case("a continuation first", send(cont("lost", fin=False)), fails(1002))
case("a final continuation first", send(cont("lost")), fails(1002))
case("a final continuation first, empty", send(cont()), fails(1002))
case("a continuation first, then a message",
     send(cont("lost", fin=False), text("a")), fails(1002))
case("a continuation behind a whole message",
     send(text("whole"), cont("lost")), get(text("whole")), fails(1002))
case("a continuation behind a message in two frames",
     send(text("a", fin=False), cont("b"), cont("lost")), get(text("ab")),
     fails(1002))
case("a continuation behind a ping", send(ping("ping"), cont("lost")),
     get(pong("ping")), fails(1002))

# ---- no other message begins before this one has ended (5.4)

for first in text, binary:
    for second in text, binary:
        name = f"{first.__name__} begun, then {second.__name__}"
        case(f"{name}, final", send(first("a", fin=False), second("b")),
             fails(1002))
        case(f"{name}, not final",
             send(first("a", fin=False), second("b", fin=False), cont("c")),
             fails(1002))
case("a message begun twice, with a ping between",
     send(text("a", fin=False), ping("between"), text("b")),
     get(pong("between")), fails(1002))

# ---- what we send can be cut into frames as well

for size in 0, 1, 1299, 1300, 1301, 2600, 2601, 65536:
    case(f"text of {size} octets comes back in frames of 1300",
         send(text(wave(size))), get(*pieces(text, wave(size), 1300)),
         options="pieces", exact=True)
case("binary of 65536 octets in frames of 1000 comes back in those of 1300",
     send(*pieces(binary, wave(65536), 1000)),
     get(*pieces(binary, wave(65536), 1300)), options="pieces", exact=True)
case("a ping is never cut, nor are its neighbours mixed",
     send(text(wave(2000)), ping(wave(125)), text(wave(1400))),
     get(*pieces(text, wave(2000), 1300), pong(wave(125)),
         *pieces(text, wave(1400), 1300)), options="pieces", exact=True)
