"""msrp.py URL [CA]: MSRP over WebSocket (RFC 7977) and SIP on one port, at an
echo_server: an MSRP client and a SIP client, scripted, each with its own rule of
what a message is. Over TLS when there is a CA to trust."""
import os
import ssl
import sys
import traceback

from phone import Phone, Proxy, UPGRADE

url, *ca = sys.argv[1:]
server = Proxy.at(int(url.rstrip("/").rsplit(":", 1)[1]))
scheme = url.split(":")[0]
tls = ssl.create_default_context(cafile=ca[0]) if ca else None


def dial(protocol):
    return Phone(server, tls=tls,
                 upgrade=UPGRADE.replace("Protocol: sip",
                                         f"Protocol: {protocol}"))


def send(body, first=1, flag="$", total="*", content="text/plain"):
    """A SEND: one chunk, which begins at octet |first| of its message."""
    number = os.urandom(6).hex()
    head = (f"MSRP {number} SEND\r\n"
            "To-Path: msrps://alice.invalid:2855/s1;ws\r\n"
            "From-Path: msrps://bob.invalid:2855/s2;ws\r\n"
            "Message-ID: m1\r\n")
    if body is not None:
        head += (f"Byte-Range: {first}-{first + len(body) - 1}/{total}\r\n"
                 f"Content-Type: {content}\r\n\r\n")
        body += b"\r\n"
    return head.encode() + (body or b"") + f"-------{number}{flag}\r\n".encode()


def comes_back(phone, message, opcode):
    """As one message, of the same kind, octet for octet."""
    phone.frame(opcode, message)
    got = phone.receive()
    assert got is not None, f"nothing came; closed: {phone.closed}"
    assert phone.opcode == opcode, phone.opcode
    assert got.encode("utf-8" if opcode == 1 else "latin-1") == message, got


def chunks_come_back_one_a_message():
    phone = dial("msrp")
    comes_back(phone, send("gr\u00fc\u00dfe".encode()), 1)
    comes_back(phone, send(bytes(range(256)), content="image/png"), 2)
    first, last = b"x" * 2048, bytes([255]) * 100
    comes_back(phone, send(first, 1, "+", 2148), 1)
    comes_back(phone, send(last, 2049, "$", 2148), 2)
    comes_back(phone, send(b"never", 1, "#"), 1)


def a_send_without_a_body_is_taken():
    """RFC 7977 6: the keep-alive of clients that cannot ping."""
    comes_back(dial("msrp"), send(None), 1)


def chunks_in_a_row_stay_apart():
    phone = dial("msrp")
    chunks = [send(bytes([65 + i]) * 10, 1 + 10 * i, "+") for i in range(20)]
    for chunk in chunks:
        phone.frame(1, chunk)
    for chunk in chunks:
        assert phone.receive().encode() == chunk


def no_sip_rule_holds_there():
    phone = dial("msrp")
    for message in b"\r\n\r\n", b"\r\n", b"", b"not SIP", b"nor this", b"or this":
        comes_back(phone, message, 1)
    comes_back(phone, phone.request("OPTIONS", body="hello").replace(
        "Length: 5", "Length: 2").encode(), 1)


def sip_keeps_its_rules_on_the_same_port():
    phone = dial("sip")
    phone.frame(1, b"\r\n\r\n")
    assert phone.receive() == "\r\n", "no answer to the keep-alive"
    options = phone.request("OPTIONS")
    comes_back(phone, options.encode(), 1)
    long = phone.request("OPTIONS", body="hello").replace("Length: 5",
                                                          "Length: 2")
    phone.frame(1, long.encode())
    assert phone.receive() == long[:-3], "not cut at its Content-Length"


def both_at_once():
    msrp, sip = dial("msrp"), dial("sip")
    for _ in range(3):
        comes_back(msrp, send(b"\r\n\r\n"), 1)
        comes_back(sip, sip.request("OPTIONS").encode(), 1)


def the_first_offered_is_agreed():
    for offered, agreed in (("msrp", "msrp"), ("sip, msrp", "sip"),
                            ("msrp, sip", "msrp"), ("chat, msrp", "msrp")):
        head = dial(offered).head
        assert f"Sec-WebSocket-Protocol: {agreed}\r\n" in head + "\r\n", head


def others_are_refused():
    for offered in "MSRP", "chat", "msrps":
        try:
            dial(offered)
        except AssertionError as error:
            assert " 400 " in str(error), error
        else:
            raise AssertionError(f"{offered} was taken")


failed = 0
for case in (chunks_come_back_one_a_message, a_send_without_a_body_is_taken,
             chunks_in_a_row_stay_apart, no_sip_rule_holds_there,
             sip_keeps_its_rules_on_the_same_port, both_at_once,
             the_first_offered_is_agreed, others_are_refused):
    name = f"msrp over {scheme}: {case.__name__.replace('_', ' ')}"
    try:
        case()
        print(f"ok {name}", flush=True)
    except Exception:
        failed = 1
        print(f"not ok {name}\n{traceback.format_exc(limit=-2)}", flush=True)
sys.exit(failed)
