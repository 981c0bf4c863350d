"""The opening handshake, of both sides, to be altered line by line."""

import base64
import hashlib

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the one of RFC 6455 section 1.3


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def fields_of(head):
    """The first line of a head, and its header fields in their order."""
    lines = head.decode("latin-1").split("\r\n")[:-2]
    return lines[0], [tuple(line.split(": ", 1)) for line in lines[1:]]


def write(first, fields):
    """|fields|: names and values; a value None leaves the line out."""
    lines = [first] + [f"{name}: {value}" for name, value in fields
                       if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def altered(fields, changes):
    """The fields with others in place of those named in |changes|; a tuple
    there stands for as many lines, and what is new goes to the end."""
    names = [name for name, _ in fields]
    result = []
    for name, value in fields + [(n, None) for n in changes if n not in names]:
        value = changes.get(name, value)
        result += [(name, each) for each in
                   (value if isinstance(value, tuple) else (value,))]
    return result


def request(port, protocol, first="GET /any?path HTTP/1.1", **changes):
    """A client's. |changes|: as of altered, with _ for -."""
    fields = [("Host", f"127.0.0.1:{port}"), ("Upgrade", "websocket"),
              ("Connection", "Upgrade"), ("Sec-WebSocket-Key", KEY),
              ("Sec-WebSocket-Version", "13"),
              ("Sec-WebSocket-Protocol", protocol)]
    return write(first, altered(fields, named(changes)))


def answer(key, protocol, first="HTTP/1.1 101 Switching Protocols", **changes):
    """A server's, to the request with |key|."""
    fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"),
              ("Sec-WebSocket-Accept", accept_of(key)),
              ("Sec-WebSocket-Protocol", protocol)]
    return write(first, altered(fields, named(changes)))


def named(changes):
    return {name.replace("_", "-"): value for name, value in changes.items()}
