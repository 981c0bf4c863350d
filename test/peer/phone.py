"""A WebSocket client for scripts: standard library only, one SIP message a
frame, nothing done behind the script's back but pongs and Close answers."""
import base64
import os
import re
import socket
import struct
import subprocess
import time


class Proxy:
    """examples/proxy on a free port."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.port = int(re.fullmatch(
            r"listening on ws://127\.0\.0\.1:(\d+)/\n", line).group(1))

    @classmethod
    def at(cls, port):
        """One that somebody else started."""
        proxy = cls.__new__(cls)
        proxy.port = port
        return proxy

    def http(self, request):
        """The answer to a plain request: head, body."""
        link = socket.create_connection(("127.0.0.1", self.port), 5)
        link.sendall(request.encode())
        answer = b""
        while part := link.recv(65536):
            answer += part
        link.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.decode(), body

    def stop(self, signal):
        self.process.send_signal(signal)

    def wait(self, timeout=8):
        try:
            return self.process.wait(timeout)
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


class Phone:
    def __init__(self, proxy, name="nobody"):
        self.name = name
        self.aor = f"sip:{name}@test.example"
        self.host = f"{os.urandom(6).hex()}.invalid"
        self.contact = f"sip:{name}@{self.host};transport=ws"
        self.cseq = 0
        self.call_id = os.urandom(8).hex()
        self.closed = None  # the code of the peer's Close
        self.mute = False  # answers no Close
        self.buffer = b""
        self.opcode = 0  # of the message received last
        self.link = socket.create_connection(("127.0.0.1", proxy.port), 5)
        key = base64.b64encode(os.urandom(16)).decode()
        self.link.sendall((
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
        ).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.link.recv(4096)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        assert b" 101 " in head, head

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

    def receive(self, timeout=2.0):
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

    def silent(self):
        """Nothing comes, within a moment."""
        return self.receive(0.2) is None

    def close(self):
        self.link.close()

    # ---------------------------------------------------------------- SIP

    def request(self, method, uri=None, headers=(), body="", to=None,
                call_id=None, cseq=None, branch=None, hops="70"):
        """A request's text; |headers| are whole lines."""
        uri = uri or "sip:test.example"
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/WS {self.host};branch="
            f"{branch or 'z9hG4bK' + os.urandom(8).hex()}",
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
