"""Limits: what is within them passes, however long; what is not is refused by
what its head announces. 16 MiB, and messages by the hundred."""

from book import Section
from frames import binary, cont, ping, pieces, pong, text
from steps import echo, fails, fails_at_once, get, send
from section_framing import counted, every_octet

SECTION = Section("limits", "RFC 6455 10.4, 5.4")
case = SECTION.case
KIB, MIB = 1024, 1024 * 1024
TEXT_MIB = counted(MIB)
OCTET_MIB = every_octet(MIB)

# ---- the usual limits: 65536 octets, 256 frames a message

case("one octet more than 65536", send(binary(bytes(65537))), fails(1009),
     exact=True)
case("65537 octets announced, none sent", send(binary(more=65537)),
     fails_at_once(1009), exact=True)
case("2^63 - 1 octets announced, none sent", send(binary(more=2 ** 63 - 1)),
     fails_at_once(1009), exact=True, profile="opaque")
case("the head says it in writes of one octet",
     send(binary(more=65537), cut=1), fails_at_once(1009), exact=True)
case("65536 octets, and one in a second frame",
     send(binary(bytes(65536), fin=False), cont("!")), fails(1009), exact=True)
case("65536 octets, and an empty second frame",
     echo(binary(every_octet(65536), fin=False), cont()), exact=True)
case("65000 octets, and as many announced in a second frame",
     send(text(counted(65000), fin=False), cont(more=65000)),
     fails_at_once(1009), exact=True)
case("257 frames", send(*pieces(text, counted(257), 1)), fails(1009),
     exact=True)
case("256 frames that are not final, and the head of another",
     send(*[text(fin=False)] + [cont(fin=False) for _ in range(255)]),
     send(cont("!", fin=False)), fails_at_once(1009), exact=True)
case("frames of other messages do not count",
     *[step for i in range(3) for step in
       echo(*pieces(binary, every_octet(200 + i), 1))], exact=True)
case("nor do pings between them",
     send(text("a", fin=False)),
     *[step for i in range(300) for step in
       (send(ping(str(i))), get(pong(str(i))))],
     send(cont("b")), get(text("ab")))
case("what is too long is refused behind what was not",
     send(text("good"), binary(more=65537)), get(text("good")),
     fails_at_once(1009), exact=True)

# ---- 64 KiB to 16 MiB

for size in 64, 256, 1024, 4096, 8192, 16384:
    long = size > 1024
    case(f"text of {size} KiB",
         echo(text((TEXT_MIB * 16)[:size * KIB])), options="large", exact=True,
         long=long)
    case(f"binary of {size} KiB",
         echo(binary((OCTET_MIB * 16)[:size * KIB])), options="large",
         exact=True, long=long)
case("one octet more than 16 MiB, announced",
     send(binary(more=16 * MIB + 1)), fails_at_once(1009), options="large",
     exact=True)
case("one octet more than 16 MiB, in frames of 1 MiB",
     send(*pieces(binary, OCTET_MIB * 16, MIB)[:-1],
          cont(OCTET_MIB, fin=False), cont(more=1)), fails_at_once(1009),
     options="large", exact=True, long=True)
for size in 64, 256, 1024, 4096, 16384, 65536, 262144, MIB, 4 * MIB:
    case(f"text of 4 MiB in frames of {size}",
         echo(*pieces(text, TEXT_MIB * 4, size)), options="large", exact=True,
         long=True)
    case(f"binary of 4 MiB in frames of {size}",
         echo(*pieces(binary, OCTET_MIB * 4, size)), options="large", exact=True,
         long=True)
case("65536 frames of one octet", echo(*pieces(text, counted(65536), 1)),
     options="large", exact=True, long=True)
case("65537 frames", send(*pieces(text, counted(65537), 1)), fails(1009),
     options="large", exact=True, long=True)
for cut in 128, 256, 512, 1024, 2048:
    case(f"text of 1 MiB in writes of {cut} octets",
         echo(text(TEXT_MIB), cut=cut), options="large", exact=True, long=True)
case("text of 16 MiB in characters of three octets",
     echo(text("." * 151 + "€" * 5592355)), options="large", exact=True,
     long=True)
case("a bad octet at the end of 8 MiB of text, noticed there",
     send(text(TEXT_MIB * 8 + b"\xff", more=4 * MIB)), fails_at_once(1007),
     options="large", exact=True, long=True)

# ---- by the hundred, each sent when the last came back

for size in 0, 16, 64, 256, 1024, 4096:
    for make in text, binary:
        case(f"500 {make.__name__} messages of {size} octets",
             *[step for _ in range(500) for step in
               echo(make(counted(size)))], exact=True, long=True)
