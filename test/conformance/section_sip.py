"""What is peculiar to SIP: keep-alives, and messages that are not SIP."""

from book import Section
from frames import binary, cont, ping, pong, text
from steps import echo, get, send, sip

SECTION = Section("sip", "RFC 7118 5 and 6, RFC 5626 3.5.1")


def case(name, *steps):
    SECTION.case(name, *steps, profile="sip")


CRLF = b"\r\n"
for make in text, binary:
    kind = make.__name__
    case(f"CRLFCRLF as {kind} is answered by CRLF as {kind}",
         send(make(CRLF * 2)), get(make(CRLF)))
    case(f"CRLF as {kind} is not answered",
         send(make(CRLF), make(sip(b"next"))), get(make(sip(b"next"))))
    case(f"six CRLFs as {kind} are not answered",
         send(make(CRLF * 6), make(sip(b"next"))), get(make(sip(b"next"))))
case("CRLFCRLF in two frames", send(text(CRLF, fin=False), cont(CRLF)),
     get(text(CRLF)))
case("CRLFCRLF in two frames with a ping between",
     send(text(CRLF, fin=False), ping("p"), cont(CRLF)),
     get(pong("p"), text(CRLF)))
case("CRLFCRLF between two messages",
     send(text(sip(b"one")), text(CRLF * 2), text(sip(b"two"))),
     get(text(sip(b"one")), text(CRLF), text(sip(b"two"))))
case("a message of CR alone is no keep-alive", echo(text(b"\r")))
case("octets behind the body are cut off",
     send(text(sip(b"body") + b"more")), get(text(sip(b"body"))))
case("a body shorter than it says comes as it is",
     echo(text(sip(b"body")[:-1])))
case("a body that is not UTF-8 travels as binary", echo(binary(sip(b"\xff\xfe"))))
case("what is not SIP comes back all the same", echo(text("hello")),
     echo(text("hello")), echo(text("hello")), echo(text("hello")))
