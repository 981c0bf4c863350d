"""rfc7118.py PROGRAM CERTIFICATE KEY CA: the message flows of RFC 7118 section
8, through examples/proxy over wss and UDP, each message checked field by field.

The messages are those of the RFC, but for this:
  - Bob is at 127.0.0.1 and a free port, and so is the proxy on UDP; its port is
    written in Via and Record-Route.
  - Record-Route of the UDP side has a token, too, and our Via the parameter
    flow: the proxy remembers nothing else of a call.
  - received is always there in what came over UDP (RFC 3261 18.2.1).
  - The registrar makes no GRUUs, and tells Require and Flow-Timer (RFC 5626).
F6 is sent with the comma that the RFC has behind its Route, which no grammar
has; erratum 5937 (reported, not verified) is about the routes of this call."""
import re
import ssl
import sys

from cases import case, run, same, start
from phone import Phone, UdpPhone

certificate, key, ca = sys.argv[2:5]

F1_GET = """\
GET / HTTP/1.1
Host: proxy.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Origin: https://www.example.com
Sec-WebSocket-Protocol: sip
Sec-WebSocket-Version: 13

"""

F2_SWITCHING = """\
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
Sec-WebSocket-Protocol: sip
"""

F3_REGISTER = """\
REGISTER sip:proxy.example.com SIP/2.0
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKasudf
From: sip:alice@example.com;tag=65bnmj.34asd
To: sip:alice@example.com
Call-ID: aiuy7k9njasd
CSeq: 1 REGISTER
Max-Forwards: 70
Supported: path, outbound, gruu
Contact: <sip:alice@df7jal23ls0d.invalid;transport=ws>
  ;reg-id=1
  ;+sip.instance="<urn:uuid:f81-7dec-14a06cf1>"
"""

F4_REGISTERED = """\
SIP/2.0 200 OK
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKasudf
From: sip:alice@example.com;tag=65bnmj.34asd
To: sip:alice@example.com;tag={registrar_tag}
Call-ID: aiuy7k9njasd
CSeq: 1 REGISTER
Supported: path, outbound
Require: outbound
Flow-Timer: 120
Contact: <sip:alice@df7jal23ls0d.invalid;transport=ws>
  ;expires=3600
  ;+sip.instance="<urn:uuid:f81-7dec-14a06cf1>"
  ;reg-id=1
Content-Length: 0
"""

REGISTER_BOB = """\
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP {bob};branch=z9hG4bKbob
From: sip:bob@example.com;tag=bob
To: sip:bob@example.com
Call-ID: bob
CSeq: 1 REGISTER
Max-Forwards: 70
Contact: <sip:bob@{bob}>
"""

F1_INVITE = """\
INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com
Call-ID: asidkj3ss
CSeq: 1 INVITE
Max-Forwards: 70
Supported: path, outbound, gruu
Route: <sip:proxy.example.com:443;transport=ws;lr>
Contact: <sip:alice@example.com
 ;gr=urn:uuid:f81-7dec-14a06cf1;ob>
Content-Type: application/sdp
"""

F2_TRYING = """\
SIP/2.0 100 Trying
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com
Call-ID: asidkj3ss
CSeq: 1 INVITE
Content-Length: 0
"""

F3_INVITE = """\
INVITE sip:bob@{bob} SIP/2.0
Via: SIP/2.0/UDP proxy.example.com:{udp};branch=z9hG4bK{f3};flow={alice_via}
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
Record-Route: <sip:{bob_flow}@proxy.example.com:{udp};transport=udp;lr>,
  <sip:{alice_flow}@proxy.example.com:443;transport=ws;lr>
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com
Call-ID: asidkj3ss
CSeq: 1 INVITE
Max-Forwards: 69
Supported: path, outbound, gruu
Contact: <sip:alice@example.com
  ;gr=urn:uuid:f81-7dec-14a06cf1;ob>
Content-Type: application/sdp
"""

F4_OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP proxy.example.com:{udp};branch=z9hG4bK{f3};flow={alice_via}
  ;received=127.0.0.1
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
Record-Route: <sip:{bob_flow}@proxy.example.com:{udp};transport=udp;lr>,
  <sip:{alice_flow}@proxy.example.com:443;transport=ws;lr>
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com;tag=bmqkjhsd
Call-ID: asidkj3ss
CSeq: 1 INVITE
Contact: <sip:bob@{bob};transport=udp>
Content-Type: application/sdp
"""

F5_OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks
Record-Route: <sip:{bob_flow}@proxy.example.com:{udp};transport=udp;lr>,
  <sip:{alice_flow}@proxy.example.com:443;transport=ws;lr>
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com;tag=bmqkjhsd
Call-ID: asidkj3ss
CSeq: 1 INVITE
Contact: <sip:bob@{bob};transport=udp>
Content-Type: application/sdp
"""

F6_ACK = """\
ACK sip:bob@{bob};transport=udp SIP/2.0
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKhgqqp090
Route: <sip:{alice_flow}@proxy.example.com:443;transport=ws;lr>,
  <sip:{bob_flow}@proxy.example.com:{udp};transport=udp;lr>,
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com;tag=bmqkjhsd
Call-ID: asidkj3ss
CSeq: 1 ACK
Max-Forwards: 70
"""

F7_ACK = """\
ACK sip:bob@{bob};transport=udp SIP/2.0
Via: SIP/2.0/UDP proxy.example.com:{udp};branch=z9hG4bK{f7};flow={alice_via}
Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKhgqqp090
From: sip:alice@example.com;tag=asdyka899
To: sip:bob@example.com;tag=bmqkjhsd
Call-ID: asidkj3ss
CSeq: 1 ACK
Max-Forwards: 69
"""

F8_BYE = """\
BYE sip:alice@example.com;gr=urn:uuid:f81-7dec-14a06cf1;ob SIP/2.0
Via: SIP/2.0/UDP {bob};branch=z9hG4bKbiuiansd001
Route: <sip:{bob_flow}@proxy.example.com:{udp};transport=udp;lr>,
  <sip:{alice_flow}@proxy.example.com:443;transport=ws;lr>
From: sip:bob@example.com;tag=bmqkjhsd
To: sip:alice@example.com;tag=asdyka899
Call-ID: asidkj3ss
CSeq: 1201 BYE
Max-Forwards: 70
"""

F9_BYE = """\
BYE sip:alice@example.com;gr=urn:uuid:f81-7dec-14a06cf1;ob SIP/2.0
Via: SIP/2.0/WSS proxy.example.com:443;branch=z9hG4bK{f9};flow={bob_via}
Via: SIP/2.0/UDP {bob};branch=z9hG4bKbiuiansd001;received=127.0.0.1
From: sip:bob@example.com;tag=bmqkjhsd
To: sip:alice@example.com;tag=asdyka899
Call-ID: asidkj3ss
CSeq: 1201 BYE
Max-Forwards: 69
"""

F10_OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/WSS proxy.example.com:443;branch=z9hG4bK{f9};flow={bob_via}
Via: SIP/2.0/UDP {bob};branch=z9hG4bKbiuiansd001;received=127.0.0.1
From: sip:bob@example.com;tag=bmqkjhsd
To: sip:alice@example.com;tag=asdyka899
Call-ID: asidkj3ss
CSeq: 1201 BYE
"""

F11_OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP {bob};branch=z9hG4bKbiuiansd001;received=127.0.0.1
From: sip:bob@example.com;tag=bmqkjhsd
To: sip:alice@example.com;tag=asdyka899
Call-ID: asidkj3ss
CSeq: 1201 BYE
"""


class Flow:
    """Alice, Bob and the proxy; what they found in place of {names} so far."""

    def __init__(self):
        self.proxy = start(
            "--udp", "127.0.0.1:0", "--name", "proxy.example.com:443",
            "--domain", "example.com", "--domain", "proxy.example.com",
            "--cert", certificate, "--key", key)
        self.alice = Phone(self.proxy, tls=ssl.create_default_context(
            cafile=ca), server="proxy.example.com", upgrade=F1_GET)
        self.bob = UdpPhone(self.proxy)
        self.found = {"bob": self.bob.host, "udp": str(self.proxy.udp)}

    def send(self, phone, template):
        text = template.format(**self.found) + "\n"
        phone.send(text.replace("\n", "\r\n"))

    def expect(self, phone, template):
        """The next message of |phone| is |template|: the same start line and
        header fields, with the same values in the same order."""
        message = phone.receive()
        assert message is not None, f"nothing came, not {template}"
        assert message.endswith("\r\n\r\n"), message
        got = fields(message.replace("\r\n", "\n")[:-1])
        wanted = fields(template)
        same(sorted(got), sorted(wanted))
        for name, value in wanted.items():
            self.compare(name, got[name], value)

    def compare(self, name, got, wanted):
        names = []

        def group(match):
            known = self.found.get(match.group(1))
            if known is not None:
                return re.escape(known)
            names.append(match.group(1))
            return r"([\w-]+)"
        pattern = re.sub(r"\\{(\w+)\\}", group, re.escape(wanted))
        match = re.fullmatch(pattern, got)
        assert match, f"{name}: {got}\nis not {wanted}\nwith {self.found}"
        self.found.update(zip(names, match.groups()))


def fields(text):
    """{name: values}, and the start line by "": lines unfolded and joined."""
    lines = re.sub(r"\s*\n[ \t]+", " ", text).strip("\n").split("\n")
    found = {"": lines[0]}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        value = re.sub(" *([;,]) *", r"\1", value.strip())
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


@case
def section_8_1_registration():
    flow = Flow()
    got, wanted = fields(flow.alice.head.replace("\r\n", "\n")), \
        fields(F2_SWITCHING)
    same({name: got.get(name) for name in wanted}, wanted)
    flow.send(flow.alice, F3_REGISTER)
    flow.expect(flow.alice, F4_REGISTERED)


@case
def section_8_2_invite_dialog_through_a_proxy():
    flow = Flow()
    alice, bob = flow.alice, flow.bob
    flow.send(alice, F3_REGISTER)
    same(alice.receive().status, 200)
    flow.send(bob, REGISTER_BOB)
    same(bob.receive().status, 200)
    flow.send(alice, F1_INVITE)
    flow.expect(alice, F2_TRYING)
    flow.expect(bob, F3_INVITE)
    flow.send(bob, F4_OK)
    flow.expect(alice, F5_OK)
    flow.send(alice, F6_ACK)
    flow.expect(bob, F7_ACK)
    flow.send(bob, F8_BYE)
    flow.expect(alice, F9_BYE)
    flow.send(alice, F10_OK)
    flow.expect(bob, F11_OK)
    # Names found are of that many things.
    branches = [flow.found[name] for name in ("f3", "f7", "f9")]
    same(len(set(branches)), 3)
    assert flow.found["alice_flow"] != flow.found["alice_via"]


sys.exit(run())
