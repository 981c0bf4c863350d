"""Text is UTF-8 (RFC 3629), and what is not is noticed at once."""

from book import Section
from frames import binary, cont, ping, pieces, pong, text
from steps import echo, fails, fails_at_once, get, send

SECTION = Section("utf8", "RFC 6455 8.1, RFC 3629")
case = SECTION.case

# ---- what is UTF-8

GOOD = {
    "ASCII": b"Hello, world!",
    "two octets a character": "Grüße".encode(),
    "three": "こんにちは、世界".encode(),
    "four": "\U0001f44b\U0001f3fd \U00010348".encode(),
    "all lengths": "κόσμε aé€\U0001d11e".encode(),
    "U+0000": b"\x00", "U+007F": b"\x7f",
    "U+0080, first of two octets": b"\xc2\x80",
    "U+07FF, last of two octets": b"\xdf\xbf",
    "U+0800, first of three": b"\xe0\xa0\x80",
    "U+0FFF": b"\xe0\xbf\xbf", "U+1000": b"\xe1\x80\x80",
    "U+D7FF, last before the surrogates": b"\xed\x9f\xbf",
    "U+E000, first after the surrogates": b"\xee\x80\x80",
    "U+FFFD": b"\xef\xbf\xbd",
    "U+FEFF, a byte order mark": b"\xef\xbb\xbfmark",
    "U+FFFF, last of three": b"\xef\xbf\xbf",
    "U+FDD0 to U+FDEF, noncharacters":
        "".join(map(chr, range(0xfdd0, 0xfdf0))).encode(),
    "U+10000, first of four": b"\xf0\x90\x80\x80",
    "U+3FFFF": b"\xf0\xbf\xbf\xbf", "U+40000": b"\xf1\x80\x80\x80",
    "U+FFFFF": b"\xf3\xbf\xbf\xbf", "U+100000": b"\xf4\x80\x80\x80",
    "U+10FFFF, the last of all": b"\xf4\x8f\xbf\xbf",
}
for plane in range(17):
    GOOD[f"the noncharacters of plane {plane}"] = \
        (chr(plane << 16 | 0xfffe) + chr(plane << 16 | 0xffff)).encode()

for name, octets in GOOD.items():
    octets.decode()
    case(f"good: {name}", echo(text(octets)))
    case(f"good: {name}, one octet a frame", echo(*pieces(text, octets, 1)))
    case(f"good: {name}, behind 61 octets, one octet a write",
         echo(text(b"A" * 61 + octets), cut=1))

# ---- what is not: the octet in front of "|" is the first that cannot stand

BAD = {
    "a continuation octet alone": "80|",
    "the last continuation octet alone": "bf|",
    "two of them": "80| bf", "all of them": "80| " + bytes(range(0x81, 0xc0)).hex(),
    "a continuation octet too many": "c3 a4 80|",
    "a lead of two, then a space": "c3 20|", "a lead of three, then one": "e0 20|",
    "a lead of four, then one": "f0 20|",
    "the second of three is missing": "e2 41| 82", "the third is": "e2 82 41|",
    "the fourth of four is": "f0 9f 91 41|",
    "a lead behind a lead": "c3 c3| a4", "leads of two in a row": "c2 df|",
    "a lead of four behind two of three": "e2 82 f0|",
    "overlong / in two octets": "c0| af", "in three": "e0 80| af",
    "in four": "f0 80| 80 af", "in five": "f8| 80 80 80 af",
    "in six": "fc| 80 80 80 80 af", "overlong NUL in two octets": "c0| 80",
    "NUL in three": "e0 80| 80", "NUL in four": "f0 80| 80 80",
    "overlong U+007F": "c1| bf", "overlong U+07FF": "e0 9f| bf",
    "overlong U+FFFF": "f0 8f| bf bf",
    "U+D800, first of the surrogates": "ed a0| 80", "U+DB7F": "ed ad| bf",
    "U+DB80": "ed ae| 80", "U+DBFF": "ed af| bf", "U+DC00": "ed b0| 80",
    "U+DFFF, the last": "ed bf| bf", "a pair of surrogates": "ed a0| 80 ed b0 80",
    "U+110000, one past the last": "f4 90| 80 80",
    "U+13FFFF": "f4 bf| bf bf", "U+140000": "f5| 80 80 80",
    "U+1FFFFF": "f7| bf bf bf", "five octets": "f8| 88 80 80 80",
    "five octets, the last": "fb| bf bf bf bf", "six octets": "fc| 84 80 80 80 80",
    "six octets, the last": "fd| bf bf bf bf bf",
    "FE": "fe|", "FF": "ff|", "FE FE FF FF": "fe| fe ff ff",
    "Latin-1": "47 72 fc| df 65", "UTF-16, its mark first": "fe| ff 00 41",
    "a good word, then a surrogate":
        "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0| 80 65",
    "a good word, then U+110000":
        "ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90| 80 80 65",
}

for name, digits in BAD.items():
    until = bytes.fromhex(digits.split("|")[0])
    octets = bytes.fromhex(digits.replace("|", ""))
    try:
        octets.decode()
        raise SystemExit(f"{name} is UTF-8")
    except UnicodeDecodeError:
        pass
    case(f"bad: {name}", send(text(octets)), fails(1007))
    case(f"bad: {name}, one octet a frame",
         send(*pieces(text, octets, 1)), fails(1007))
    case(f"bad: {name}, noticed in a frame that has not ended",
         send(text(b"A" * 61 + until, more=20)), fails_at_once(1007))
    case(f"bad: {name}, noticed in a message that has not ended",
         send(text(b"A" * 61, fin=False), cont(until, fin=False)),
         fails_at_once(1007))
    case(f"bad: {name}, in binary: nobody minds", echo(binary(octets)))

# ---- the end of the text, not that of a frame, ends a character

for name, octets in (("two", "é".encode()), ("three", "€".encode()),
                     ("four", "\U0001f44b".encode())):
    for cut in range(1, len(octets)):
        head, tail = octets[:cut], octets[cut:]
        case(f"a character of {name} octets, a frame's end behind {cut}",
             echo(text(b"x" + head, fin=False), cont(tail + b"y")))
        case(f"a character of {name} octets, a ping behind {cut}",
             send(text(head, fin=False), ping("p"), cont(tail)),
             get(pong("p"), text(octets)))
        case(f"a character of {name} octets, a frame's end and an empty frame "
             f"behind {cut}",
             echo(text(head, fin=False), cont(fin=False), cont(tail)))
        case(f"a text that ends behind {cut} of {name} octets",
             send(text(b"x" + head)), fails(1007))
        case(f"a text in frames that ends behind {cut} of {name} octets",
             send(text(b"x", fin=False), cont(head)), fails(1007))
        case(f"a text that ends so by an empty frame, behind {cut} of {name}",
             send(text(b"x" + head, fin=False), cont()), fails(1007))
case("what a text left open does not reach into the next",
     *echo(text(b"\xc3", fin=False), cont(b"\xa9")),
     send(text(b"\xa9")), fails(1007))
case("a good text, then a bad one, in one write",
     send(text("good"), text(b"\xff")), get(text("good")), fails(1007))
case("a bad octet at the end of 65000 good ones",
     send(text(b"A" * 65000 + b"\xff", more=100)), fails_at_once(1007),
     exact=True)
case("65536 octets of characters of three octets",
     echo(text("." * 151 + "€" * 21795)), exact=True)
