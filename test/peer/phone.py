"""SIP phones for scripts, over WebSocket and over UDP: standard library only,
nothing done behind the script's back but pongs and Close answers."""
import hashlib
import os
import re
import socket
import struct
import subprocess
import time

LIMIT = 20  # seconds for what must come, however busy the machine


class Proxy:
    """examples/proxy on a free port."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, text=True)
        self.udp = None
        self.port = None
        while self.port is None:
            line = self.process.stdout.readline()
            kind, host, port = re.fullmatch(
                r"listening on (wss?://|udp )\[?([^]]*)\]?:(\d+)(?:/| too)\n",
                line).groups()
            if kind == "udp ":
                self.udp_host, self.udp = host, int(port)
            else:
                self.port = int(port)

    @classmethod
    def at(cls, port):
        """One that somebody else started."""
        proxy = cls.__new__(cls)
        proxy.port = port
        return proxy

    def http(self, request):
        """The answer to a plain request: head, body."""
        link = socket.create_connection(("127.0.0.1", self.port), LIMIT)
        link.sendall(request.encode())
        answer = b""
        while part := link.recv(65536):
            answer += part
        link.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.decode(), body

    def stop(self, signal):
        self.process.send_signal(signal)

    def wait(self):
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return "still running"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Message(str):
    """A SIP message, its headers by long or compact name."""

    @property
    def status(self):
        match = re.match(r"SIP/2\.0 (\d+)", self)
        return int(match.group(1)) if match else None

    @property
    def method(self):
        return None if self.status else self.split(" ", 1)[0]

    @property
    def uri(self):
        return self.split(" ", 2)[1]

    def all(self, name):
        head = self.split("\r\n\r\n", 1)[0]
        return re.findall(rf"(?mi)^{re.escape(name)}[ \t]*:[ \t]*([^\r\n]*)",
                          head)

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    @property
    def body(self):
        return self.split("\r\n\r\n", 1)[1]


class Agent:
    """What a phone says; how it says it is its kind's."""

    def __init__(self, name, transport, host):
        self.name = name
        self.aor = f"sip:{name}@test.example"
        self.transport = transport
        self.host = host
        self.contact = f"sip:{name}@{host};transport={transport.lower()}"
        self.via_params = ""
        self.cseq = 0
        self.call_id = os.urandom(8).hex()

    def silent(self):
        """Nothing comes, within a moment."""
        return self.receive(0.2) is None

    def request(self, method, uri=None, headers=(), body="", to=None,
                call_id=None, cseq=None, branch=None, hops="70"):
        """A request's text; |headers| are whole lines."""
        uri = uri or "sip:test.example"
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} {self.host};branch="
            f"{branch or 'z9hG4bK' + os.urandom(8).hex()}{self.via_params}",
            f"From: <{self.aor}>;tag=f{self.name}",
            f"To: {to or f'<{uri}>'}",
            f"Call-ID: {call_id or self.call_id}",
            f"CSeq: {cseq} {method}",
        ]
        if hops is not None:
            lines.append(f"Max-Forwards: {hops}")
        lines += headers
        lines.append(f"Content-Length: {len(body.encode())}")
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def ask(self, *args, **kwargs):
        """Sends a request; the answer."""
        self.send(self.request(*args, **kwargs))
        return self.receive() or Message("")

    def register(self, contact=None, headers=(), expires=None, **kwargs):
        lines = list(headers)
        if contact is None:
            contact = f"<{self.contact}>"
        if contact:
            lines.append(f"Contact: {contact}")
        if expires is not None:
            lines.append(f"Expires: {expires}")
        kwargs.setdefault("to", f"<{self.aor}>")
        return self.ask("REGISTER", headers=lines, **kwargs)

    @staticmethod
    def answer(request, status="200 OK", headers=(), tag="callee"):
        """The response's text to a request that came in."""
        lines = [f"SIP/2.0 {status}"]
        for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
            for value in request.all(name):
                if name == "To" and "tag=" not in value:
                    value += f";tag={tag}"
                lines.append(f"{name}: {value}")
        lines += headers
        return "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n"

UPGRADE = """\
GET / HTTP/1.1
Host: 127.0.0.1
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13
Sec-WebSocket-Protocol: sip

"""


class Phone(Agent):
    def __init__(self, proxy, name="nobody", tls=None, server="localhost",
                 upgrade=UPGRADE):
        super().__init__(name, "WSS" if tls else "WS",
                         f"{os.urandom(6).hex()}.invalid")
        self.contact = f"sip:{name}@{self.host};transport=ws"
        self.closed = None  # the code of the peer's Close
        self.mute = False  # answers no Close
        self.buffer = b""
        self.opcode = 0  # of the message received last
        self.link = socket.create_connection(("127.0.0.1", proxy.port), LIMIT)
        if tls:
            self.link = tls.wrap_socket(self.link, server_hostname=server)
        self.link.sendall(upgrade.replace("\n", "\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.link.recv(4096)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.head = head.decode()  # of the answer to the upgrade
        assert " 101 " in self.head, self.head

    # ------------------------------------------------------------- frames

    def frame(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.link.settimeout(LIMIT)
        self.link.sendall(head + mask + masked)

    def send(self, message):
        if isinstance(message, str):
            self.frame(1, message.encode())
        else:
            self.frame(2, message)

    def take(self):
        """One whole frame of the buffer, or None."""
        if len(self.buffer) < 2:
            return None
        size = self.buffer[1] & 127
        begin = 2
        if size >= 126:
            begin = 4 if size == 126 else 10
            if len(self.buffer) < begin:
                return None
            size = int.from_bytes(self.buffer[2:begin], "big")
        if len(self.buffer) < begin + size:
            return None
        opcode = self.buffer[0] & 15
        payload = self.buffer[begin:begin + size]
        self.buffer = self.buffer[begin + size:]
        return opcode, payload

    def receive(self, timeout=LIMIT):
        """The next data message; None when none comes or it was closed."""
        until = time.monotonic() + timeout
        while self.closed is None:
            frame = self.take()
            if frame is None:
                self.link.settimeout(max(until - time.monotonic(), 0.001))
                try:
                    part = self.link.recv(65536)
                except (TimeoutError, socket.timeout):
                    return None
                except ConnectionError:
                    part = b""
                if not part:
                    self.closed = 1006
                self.buffer += part
                continue
            self.opcode, payload = frame
            if self.opcode == 9:
                self.frame(10, payload)
            elif self.opcode == 8:
                self.closed = int.from_bytes(payload[:2], "big") or 1005
                if not self.mute:
                    self.frame(8, payload)
            elif self.opcode in (1, 2):
                return Message(payload.decode(
                    "utf-8" if self.opcode == 1 else "latin-1"))
        return None

    def close(self):
        self.link.close()


class UdpPhone(Agent):
    def __init__(self, proxy, name="nobody", host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.link = socket.socket(family, socket.SOCK_DGRAM)
        self.link.bind((host, 0))
        self.port = self.link.getsockname()[1]
        self.proxy = (proxy.udp_host, proxy.udp)
        self.source = None  # of the message received last
        if ":" in host:
            host = f"[{host}]"
        super().__init__(name, "UDP", f"{host}:{self.port}")

    def send(self, message):
        if isinstance(message, str):
            message = message.encode()
        self.link.sendto(message, self.proxy)

    def receive(self, timeout=LIMIT):
        """The next datagram; None when none comes."""
        self.link.settimeout(timeout)
        try:
            datagram, self.source = self.link.recvfrom(65536)
        except (TimeoutError, socket.timeout):
            return None
        return Message(datagram.decode("utf-8", "surrogateescape"))

    def close(self):
        self.link.close()


def digest(challenge, password, uri="sip:test.example", user="alice",
           qop="auth"):
    """The header that answers a challenge to REGISTER."""
    values = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
    name = values.get("algorithm", "MD5")
    hash_of = hashlib.md5 if name == "MD5" else hashlib.sha256

    def h(text):
        return hash_of(text.encode()).hexdigest()

    counted = [] if qop is None else ["00000001", "abc", qop]
    response = h(":".join((
        h(f"{user}:{values['realm']}:{password}"), values["nonce"], *counted,
        h(f"REGISTER:{uri}"))))
    if counted:
        counted = [', nc=00000001, cnonce="abc", qop=' + qop]
    return (f'Authorization: Digest username="{user}", '
            f'realm="{values["realm"]}", nonce="{values["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm={name}'
            f'{"".join(counted)}')
