"""flows.py PROGRAM: examples/ua with several servers, which are scripted here.
Its cases run side by side, for some have to wait."""
import base64
import concurrent.futures
import hashlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

from cases import case, cases, program, same
from phone import LIMIT, Phone

OUTBOUND = ["Require: outbound"]
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Edge(Phone):
    """The server's end of a connection whose request has come."""

    def __init__(self, link):
        self.link, self.buffer = link, b""
        self.closed, self.mute, self.opcode = None, False, 0
        link.settimeout(LIMIT)
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += link.recv(4096)
        # a client says no more before the answer
        self.head, self.buffer = self.buffer, b""

    def open(self):
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.head).group(1)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.link.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        return self

    def frame(self, opcode, payload):
        size = len(payload)
        assert size < 65536
        head = bytes([size]) if size < 126 else b"~" + size.to_bytes(2, "big")
        self.link.settimeout(LIMIT)
        self.link.sendall(bytes([0x80 | opcode]) + head + payload)

    def take(self):
        """One whole frame of the buffer, or None; a client's is masked."""
        size, begin = 0, 2
        if len(self.buffer) >= 4:
            size = self.buffer[1] & 127
            if size == 126:
                size, begin = int.from_bytes(self.buffer[2:4], "big"), 4
        if len(self.buffer) < begin + 4 + size:
            return None
        opcode, mask = self.buffer[0] & 15, self.buffer[begin:begin + 4]
        masked = self.buffer[begin + 4:begin + 4 + size]
        self.buffer = self.buffer[begin + 4 + size:]
        return opcode, bytes(b ^ mask[i % 4] for i, b in enumerate(masked))

    def register(self, status="200 OK", headers=()):
        """Answers the REGISTER that comes; the request."""
        request = self.receive()
        assert request and request.method == "REGISTER", request
        self.send(self.answer(request, status, headers))
        return request

    def unregister(self):
        """The registration is taken back, and the connection closed."""
        same(self.register().get("Expires"), "0")
        self.ends()

    def waits(self):
        """It says nothing yet, and stays."""
        assert self.silent() and self.closed is None, "it did not wait"

    def ends(self):
        """By a Close in order, and nothing before it."""
        same(self.receive(), None)
        same(self.closed, 1000)
        self.close()


class Server:
    def __init__(self, backlog=8):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = self.socket.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/"

    def accept(self, timeout=LIMIT):
        """The next connection; None when none comes."""
        self.socket.settimeout(timeout)
        try:
            return Edge(self.socket.accept()[0])
        except (TimeoutError, socket.timeout):
            return None


class Ua:
    """examples/ua, until the end of a with, of us, or of its time."""
    all = []

    def __init__(self, servers, *arguments):
        self.log = tempfile.NamedTemporaryFile()
        flows = [word for url in servers for word in ("--server", url)]
        self.process = subprocess.Popen(
            [program, *flows, "--aor", "sip:alice@test.example", "--quiet",
             "--retry", "1", "--for", "60", *arguments],
            stdout=self.log, stderr=subprocess.STDOUT)
        self.all.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def output(self):
        with open(self.log.name) as log:  # at an offset of its own
            return log.read()

    def delays(self, count):
        """After how many seconds flow 2 says that it is tried again."""
        self.says("flow 2: tried again in ", count)
        found = re.findall(r"flow 2: tried again in (\S+) s", self.output())
        return [float(seconds) for seconds in found]

    def says(self, text, count=1):
        """It has written that so often; what comes next needs it."""
        until = time.monotonic() + LIMIT
        while (output := self.output()).count(text) < count:
            assert time.monotonic() < until, (text, output)
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        return self.process.wait(LIMIT)


def flow_of(register):
    """Instance and reg-id of its Contact, and its Call-ID."""
    found = re.search(r'reg-id=(\d+);\+sip.instance="<(urn:uuid:[^>]*)>"',
                      register.get("Contact"))
    return found.group(2), found.group(1), register.get("Call-ID")


def pair(*arguments, headers=OUTBOUND):
    """A ua that listens, registered at two servers, and knows it; and its two
    ends there."""
    servers = Server(), Server()
    ua = Ua([server.url for server in servers], *arguments, "listen")
    edges = [server.accept().open() for server in servers]
    requests = [edge.register(headers=headers) for edge in edges]
    ua.says("registered ", 2)
    return ua, servers, edges, requests


# ------------------------------------------------------------- connections

@case
def one_connecting_at_a_time_to_an_address_by_whatever_name():
    server = Server()
    other = f"ws://localhost:{server.port}/"
    with Ua([server.url, other], "listen"):
        first = server.accept()
        assert server.accept(0.7) is None, "the second did not wait"
        first.open()
        second = server.accept()
        assert b"Host: localhost" in second.head, second.head


@case
def the_next_one_connects_when_the_one_before_failed():
    server = Server()
    with Ua([server.url, server.url], "listen"):
        server.accept().close()
        assert server.accept() is not None


@case
def other_addresses_are_connected_to_at_once():
    servers = Server(), Server()
    with Ua([server.url for server in servers], "listen"):
        assert servers[0].accept() and servers[1].accept()


@case
def a_server_that_lets_nobody_in_holds_up_no_other():
    full, server = Server(backlog=0), Server()
    waiting = [socket.socket() for _ in range(4)]
    for link in waiting:  # the kernel drops who comes after these
        link.setblocking(False)
        link.connect_ex(("127.0.0.1", full.port))
    with Ua([full.url, server.url], "listen") as ua:
        server.accept().open().register(headers=OUTBOUND)
        ua.says("registered ")
        before, _, _ = ua.output().partition("registered ")
        assert "cannot connect" not in before, before
    for link in waiting:
        link.close()


def edge_request(method, body=""):
    return (f"{method} sip:alice@a.invalid SIP/2.0\r\n"
            "Via: SIP/2.0/WS edge.example;branch=z9hG4bKe\r\n"
            "From: <sip:bob@test.example>;tag=b\r\n"
            "To: <sip:alice@test.example>\r\nCall-ID: e\r\n"
            f"CSeq: 1 {method}\r\nContent-Length: {len(body)}\r\n\r\n{body}")


# ------------------------------------------------------------ registrations

@case
def flows_have_one_instance_and_a_reg_id_each():
    ua, _, _, (first, second) = pair()
    with ua:
        one, two = flow_of(first), flow_of(second)
        same(one[0], two[0])
        same((one[1], two[1]), ("1", "2"))
        assert one[2] != two[2], "they have the same Call-ID"
        for request in first, second:
            same(request.get("Supported"), "path, outbound, gruu")
        same(ua.output().count("no outbound"), 0)


@case
def the_instance_is_kept_in_a_file():
    with tempfile.TemporaryDirectory() as folder:
        seen = []
        for state in "alice", "alice", "else":
            ua, _, _, (first, _) = pair("--state", f"{folder}/{state}")
            with ua:
                seen.append(flow_of(first)[0])
        same(seen[1], seen[0])
        assert seen[2] != seen[0], "another file, and the same instance"
        with open(f"{folder}/alice") as kept:
            same(kept.read(), seen[0] + "\n")


@case
def a_registrar_without_outbound_is_told_of():
    ua, _, edges, _ = pair(headers=[])
    with ua:
        same(ua.output().count("no outbound"), 2)


@case
def refused_for_now_is_asked_again_over_the_same_flow():
    servers = Server(), Server()
    with Ua([server.url for server in servers], "listen"):
        edges = [server.accept().open() for server in servers]
        edges[0].register(headers=OUTBOUND)
        begin = time.monotonic()
        first = edges[1].register("503 Busy", ["Retry-After: 3"])
        second = edges[1].register(headers=OUTBOUND)
        assert time.monotonic() - begin >= 3, "it did not wait"
        same(flow_of(second), flow_of(first))
        same((first.get("CSeq"), second.get("CSeq")),
             ("1 REGISTER", "2 REGISTER"))


@case
def refused_for_good_is_over_and_the_others_stay():
    servers = Server(), Server()
    with Ua([server.url for server in servers], "listen") as ua:
        edges = [server.accept().open() for server in servers]
        edges[0].register(headers=OUTBOUND)
        edges[1].register("403 Forbidden")
        same(edges[1].receive(), None)
        same(edges[1].closed, 1000)
        assert servers[1].accept(2) is None, "it came back"
        edges[0].send(edge_request("MESSAGE", "hello"))
        same(edges[0].receive().status, 200)
        ua.says("  hello\n")


@case
def a_flow_that_is_lost_registers_anew_with_its_reg_id():
    ua, servers, edges, requests = pair()
    with ua:
        edges[1].close()
        again = servers[1].accept().open().register()
        same(flow_of(again), flow_of(requests[1]))
        same(again.get("CSeq"), "2 REGISTER")
        assert 1 <= ua.delays(1)[0] <= 2, ua.output()
        assert servers[0].accept(0.1) is None, "the other came back, too"
        edges[0].send(edge_request("OPTIONS"))
        same(edges[0].receive().status, 200)


@case
def all_flows_lost_come_back():
    ua, servers, edges, _ = pair()
    with ua:
        for edge in edges:
            edge.close()
        for server in servers:
            server.accept().open().register(headers=OUTBOUND)


@case
def a_server_that_is_gone_is_tried_less_and_less_often():
    """RFC 5626 4.5: 50 to 100 % of base * 2^failures."""
    ua, servers, edges, _ = pair()
    with ua:
        servers[1].socket.close()
        edges[1].close()
        delays = ua.delays(3)
        bounds = (1, 2), (2, 4), (4, 8)
        assert len(delays) == 3 and all(
            least <= delay <= most
            for delay, (least, most) in zip(delays, bounds)), delays


@case
def unanswered_keepalives_fail_the_flow():
    """RFC 5626 4.4.1: 10 s; 4.5: a flow that was heard comes back at once."""
    begin = time.monotonic()
    ua, servers, edges, _ = pair(headers=[*OUTBOUND, "Flow-Timer: 1"])
    with ua:
        same(edges[1].receive(), "\r\n\r\n")
        edges[1].send("\r\n")
        same(edges[1].receive(), "\r\n\r\n")
        while edges[1].closed is None:  # the other one is answered
            same(edges[0].receive(), "\r\n\r\n")
            edges[0].send("\r\n")
            same(edges[1].receive(0.1), None)
        # Two times at least 0.8 s to a keep-alive, and the 10 s.
        assert time.monotonic() - begin >= 11.6, "it did not wait"
        assert edges[1].closed != 1006, "no Close"
        edges[1].close()
        assert servers[1].accept(), ua.output()
        assert ua.delays(1)[0] <= 1, ua.output()
        edges[0].send(edge_request("OPTIONS"))
        while (message := edges[0].receive()) == "\r\n\r\n":
            edges[0].send("\r\n")
        same(message.status, 200)


@case
def a_signal_unregisters_every_flow():
    ua, _, edges, _ = pair()
    with ua:
        ua.stop()
        for edge in edges:
            edge.unregister()
        same(ua.wait(), 0)


@case
def a_signal_before_the_answer_to_register_waits_for_it():
    """RFC 3261 10.2: no REGISTER before the response to the one before."""
    server = Server()
    with Ua([server.url], "listen") as ua:
        edge = server.accept().open()
        request = edge.receive()
        ua.stop()
        edge.waits()
        edge.send(edge.answer(request))
        edge.unregister()
        ua.wait()


@case
def a_signal_before_a_refusal_leaves_nothing_to_unregister():
    server = Server()
    with Ua([server.url], "listen") as ua:
        edge = server.accept().open()
        request = edge.receive()
        ua.stop()
        edge.waits()
        edge.send(edge.answer(request, "403 Forbidden"))
        edge.ends()
        ua.wait()


@case
def a_signal_before_a_refusal_to_refresh_unregisters():
    server = Server()
    with Ua([server.url], "--expires", "1", "listen") as ua:
        edge = server.accept().open()
        edge.register()
        refresh = edge.receive()
        same(refresh.get("Expires"), "1")
        ua.stop()
        edge.waits()
        edge.send(edge.answer(refresh, "500 Later"))
        edge.unregister()
        same(ua.wait(), 0)


# ----------------------------------------------------------------- requests

@case
def a_message_goes_over_another_flow_when_its_own_is_lost():
    servers = Server(), Server()
    with Ua([server.url for server in servers], "message",
            "sip:bob@test.example", "hello") as ua:
        edges = [server.accept().open() for server in servers]
        edges[0].register(headers=OUTBOUND)
        lost = edges[0].receive()
        same((lost.method, lost.body), ("MESSAGE", "hello"))
        edges[1].register(headers=OUTBOUND)
        edges[0].close()
        message = edges[1].receive()
        same((message.method, message.body), ("MESSAGE", "hello"))
        same(message.get("Call-ID"), lost.get("Call-ID"))
        assert message.get("Via") != lost.get("Via"), "the same branch"
        edges[1].send(edges[1].answer(message))
        edges[1].register()
        same(edges[1].receive(), None)
        edges[1].close()
        same(ua.wait(), 0)


@case
def register_succeeds_when_every_flow_does():
    servers = Server(), Server()
    for status, expected in ("200 OK", 0), ("403 Forbidden", 1):
        with Ua([server.url for server in servers], "register") as ua:
            edges = [server.accept().open() for server in servers]
            edges[0].register(headers=OUTBOUND)
            edges[1].register(status, OUTBOUND)
            for edge in edges:
                same(edge.receive(), None)
                edge.close()
            same(ua.wait(), expected)


def attempt(function):
    """What to say of it."""
    name = function.__name__.replace("_", " ")
    try:
        function()
        return f"ok {name}"
    except Exception:
        return f"not ok {name}\n{traceback.format_exc(limit=-2)}"


with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
    results = list(pool.map(attempt, cases))
for started in Ua.all:  # a case may have failed before its with
    started.kill()
print("\n".join(results))
sys.exit(any(result.startswith("not") for result in results))
