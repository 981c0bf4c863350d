"""Whole messages of every length form, how octets are cut, and masking."""

from book import Section
from frames import binary, close, ping, text
from steps import echo, fails, fails_at_once, send

SECTION = Section("framing", "RFC 6455 5.1 to 5.3, 5.6")
case = SECTION.case

# ---- lengths: each side of where the form of the length changes (5.2)

EDGES = (0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 128, 254, 255, 256, 1023, 4096,
         16383, 16384, 16385, 32768, 65534, 65535, 65536)


def counted(size):
    """ASCII in which every place looks different from its neighbours."""
    return bytes(32 + (i * 7 + i // 95) % 95 for i in range(size))


def every_octet(size):
    return bytes((i * 5 + i // 256) & 255 for i in range(size))


for size in EDGES:
    case(f"text of {size} octets", echo(text(counted(size))), exact=True)
for size in EDGES:
    case(f"binary of {size} octets", echo(binary(every_octet(size))), exact=True)

# ---- cuts: a frame need not come in one read

for size in 0, 1, 125, 126, 300:
    case(f"binary of {size} octets, one octet a write",
         echo(binary(every_octet(size)), cut=1))
for cut in 997, 1400, 16384:
    case(f"text of 65536 octets, {cut} octets a write",
         echo(text(counted(65536)), cut=cut), exact=True)
case("three messages in one write",
     send(text("one"), binary(b"\x00\xff"), text("three")),
     *[step for one in (text("one"), binary(b"\x00\xff"), text("three"))
       for step in echo(one)[1:]])
case("a hundred messages, one after another",
     *[step for i in range(100) for step in echo(text(f"number {i}"))])

# ---- the shortest form alone (5.2)

for size, form in ((0, 2), (1, 2), (125, 2), (0, 8), (125, 8), (126, 8),
                   (65535, 8)):
    case(f"a length of {size} in {form} octets",
         send(binary(bytes(size), form=form)), fails(1002), exact=True)
for size in 0, 125:
    case(f"a ping with a length of {size} in 2 octets",
         send(ping(bytes(size), form=2)), fails(1002))
# 5.2: the top bit is 0; no octet of payload is awaited.
case("a length with its top bit set", send(text(form=8, more=2 ** 63)),
     fails_at_once(1002), profile="opaque")
case("a length of all ones", send(text(form=8, more=2 ** 64 - 1)),
     fails_at_once(1002), profile="opaque")

# ---- masking (5.1, 5.3)

for key in "00000000", "ffffffff", "00ff00ff", "01020304", "80000000":
    case(f"masked with {key}",
         echo(binary(every_octet(300), key=bytes.fromhex(key))),
         roles=("server",))
case("masked with the payload itself: zeros on the wire",
     echo(text(b"spam" * 50, key=b"spam")), roles=("server",))
for what, make in ("a text", text), ("a binary", binary), ("a ping", ping):
    for payload in b"", b"octets":
        case(f"{what} of {len(payload)} octets without mask",
             send(make(payload, masked=False)), fails(1002), roles=("server",))
        case(f"{what} of {len(payload)} octets with a mask",
             send(make(payload, masked=True)), fails(1002), roles=("client",))
case("a Close without mask", send(close(1000, masked=False)), fails(1002),
     roles=("server",))
case("a Close with a mask", send(close(1000, masked=True)), fails(1002),
     roles=("client",))
case("the first octets without mask, the rest never sent",
     send(b"\x81\x05"), fails_at_once(1002), roles=("server",))
case("the first octets with a mask, the rest never sent",
     send(b"\x81\x85"), fails_at_once(1002), roles=("client",))
