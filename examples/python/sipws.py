"""sipws for Python, through ctypes: SIP messages as views, and connections on
asyncio streams, made of the memory calls and of events that are pulled."""

import asyncio
import ctypes
import time
from ctypes import (POINTER, Structure, byref, c_char_p, c_int, c_size_t,
                    c_uint16, c_uint32, c_uint64, c_void_p, sizeof)

WANT_SHUT = 4
EVENT_NONE, EVENT_MESSAGE, EVENT_CLOSED = 0, 4, 9
CAUSE_PEER_CLOSE, CAUSE_OUR_CLOSE = 1, 2


class Span(Structure):
    """A piece of a text."""
    _fields_ = [("off", c_uint32), ("len", c_uint32)]

    def of(self, text):
        return text[self.off:self.off + self.len]


def view_fields(numbers, spans):
    return ([("struct_size", c_size_t)] + [(n, c_uint32) for n in numbers] +
            [(s, Span) for s in spans])


class SipView(Structure):
    _fields_ = view_fields(
        "is_request status verdict has_length has_coding length cut".split(),
        "method uri reason headers body".split())


class UrlView(Structure):
    _fields_ = view_fields("secure port has_port".split(),
                           "host path query".split())


class UriView(Structure):
    _fields_ = view_fields(
        "scheme port transport has_transport".split(),
        "scheme_text user password host params headers".split())


PIECE = [c_char_p, c_size_t]  # octets and how many
CHECKED = {  # 0 or a negative number, which is raised
    "sipws_config_new": [c_void_p, c_void_p, POINTER(c_void_p)],
    "sipws_config_set_random": [c_void_p, c_void_p, c_void_p],
    "sipws_client_new": [c_void_p, *PIECE, c_void_p, c_uint64,
                         POINTER(c_void_p)],
    "sipws_conn_send": [c_void_p, *PIECE, c_uint32, c_uint64,
                        POINTER(c_uint64)],
    "sipws_conn_pending": [c_void_p, c_size_t, POINTER(c_void_p),
                           POINTER(c_size_t)],
    "sipws_conn_next_event": [c_void_p, POINTER(c_int)],
    "sipws_conn_event_message": [c_void_p, POINTER(c_int), POINTER(c_void_p),
                                 POINTER(c_size_t), POINTER(c_int)],
    "sipws_url_parse": [*PIECE, POINTER(UrlView)],
    "sipws_uri_parse": [c_char_p, POINTER(Span), POINTER(UriView)],
    "sipws_sip_parse": [*PIECE, POINTER(SipView)],
    "sipws_sip_respond": [*PIECE, c_int, *PIECE, *PIECE, *PIECE,
                          POINTER(c_size_t)],
    "sipws_sip_set_header": [*PIECE, *PIECE, *PIECE, *PIECE,
                             POINTER(c_size_t)],
    "sipws_random_host": [c_char_p, *PIECE, POINTER(c_size_t)],
    "sipws_via_build": [c_int, *PIECE, c_char_p, *PIECE, *PIECE,
                        POINTER(c_size_t)],
}
PLAIN = {  # what goes wrong in feed, taken and the like shows at the end
    "sipws_error_text": (c_char_p, [c_int]),
    "sipws_config_free": (None, [c_void_p]),
    "sipws_conn_free": (None, [c_void_p]),
    "sipws_conn_feed": (c_int, [c_void_p, *PIECE, c_uint64, POINTER(c_size_t)]),
    "sipws_conn_taken": (c_int, [c_void_p, c_size_t, c_uint64]),
    "sipws_conn_close": (c_int, [c_void_p, c_uint16, *PIECE, c_int, c_uint64]),
    "sipws_conn_eof": (c_int, [c_void_p, c_uint64]),
    "sipws_conn_tick": (c_int, [c_void_p, c_uint64]),
    "sipws_conn_deadline": (c_uint64, [c_void_p]),
    "sipws_conn_wants": (c_uint32, [c_void_p]),
    "sipws_conn_error": (c_int, [c_void_p]),
    "sipws_conn_cause": (c_int, [c_void_p]),
    "sipws_conn_http_status": (c_int, [c_void_p]),
    "sipws_sip_next_named": (c_int, [*PIECE, POINTER(SipView), *PIECE,
                                     POINTER(Span), POINTER(Span)]),
}


class Error(Exception):
    """A call of the library failed, or a connection did."""


def load(path):
    """The library at |path|, its calls declared."""
    lib = ctypes.CDLL(path)

    def check(result, function, _arguments):
        if result < 0:
            text = lib.sipws_error_text(result).decode()
            raise Error(f"{function.__name__}: {text}")

    for name, (result, arguments) in PLAIN.items():
        getattr(lib, name).restype = result
        getattr(lib, name).argtypes = arguments
    for name, arguments in CHECKED.items():
        getattr(lib, name).argtypes = arguments
        getattr(lib, name).errcheck = check
    return lib


def text_of(function, *arguments, room=256):
    """What a function of the library writes into a buffer."""
    out, out_len = ctypes.create_string_buffer(room), c_size_t()
    function(*arguments, out, room, byref(out_len))
    return out.raw[:out_len.value]


def uri_of(lib, text):
    """The parts of a SIP URI, by their names in sipws_uri."""
    view = UriView(struct_size=sizeof(UriView))
    lib.sipws_uri_parse(text, byref(Span(0, len(text))), byref(view))
    return lambda name: getattr(view, name).of(text)


class Message:
    """A SIP message as the library reads it."""

    def __init__(self, lib, text):
        self.lib, self.text = lib, text
        self.view = SipView(struct_size=sizeof(SipView))
        lib.sipws_sip_parse(text, len(text), byref(self.view))

    def part(self, name):
        """A part of the message, by its name in sipws_sip_view."""
        return getattr(self.view, name).of(self.text)

    def headers(self, name):
        """The values of all header lines of that name."""
        at, value, found = Span(), Span(), []
        while self.lib.sipws_sip_next_named(self.text, len(self.text),
                                            byref(self.view), name, len(name),
                                            byref(at), byref(value)) == 0:
            found.append(value.of(self.text))
        return found

    def response(self, status, reason, tag, name, header):
        """A response to this request, with one header of its own."""
        room = len(self.text) + 256
        text = text_of(self.lib.sipws_sip_respond, self.text, len(self.text),
                       status, reason, len(reason), tag, len(tag), room=room)
        return text_of(self.lib.sipws_sip_set_header, text, len(text), name,
                       len(name), header, len(header), room=room)


class Connection:
    """A client's connection. One task reads messages(); any may send."""

    @classmethod
    async def connect(cls, lib, url):
        """Dials |url| (octets, ws alone)."""
        view = UrlView(struct_size=sizeof(UrlView))
        lib.sipws_url_parse(url, len(url), byref(view))
        if view.secure:
            raise Error("no TLS here: write ws://")
        host = view.host.of(url).decode()
        streams = await asyncio.open_connection(host.strip("[]"), view.port)
        return cls(lib, url, *streams)

    def __init__(self, lib, url, reader, writer):
        self.lib, self.reader, self.writer = lib, reader, writer
        self.config, self.conn = c_void_p(), c_void_p()
        lib.sipws_config_new(None, None, byref(self.config))
        lib.sipws_config_set_random(
            self.config, ctypes.cast(lib.sipws_os_random, c_void_p), None)
        lib.sipws_client_new(self.config, url, len(url), None, self.now(),
                             byref(self.conn))

    def free(self):
        self.lib.sipws_conn_free(self.conn)
        self.lib.sipws_config_free(self.config)
        self.writer.close()

    @staticmethod
    def now():
        return time.monotonic_ns() // 1_000_000

    def send(self, text):
        self.lib.sipws_conn_send(self.conn, text, len(text), 0, self.now(),
                                 None)
        self.flush()

    def close(self, code=1000):
        self.lib.sipws_conn_close(self.conn, code, None, 0, 0, self.now())
        self.flush()

    def flush(self):
        """Gives the stream what is pending; it buffers, so all is taken."""
        data, size = c_void_p(), c_size_t()
        while True:
            self.lib.sipws_conn_pending(self.conn, 0, byref(data), byref(size))
            if size.value == 0:
                break
            self.writer.write(ctypes.string_at(data, size.value))
            self.lib.sipws_conn_taken(self.conn, size, self.now())
        if self.lib.sipws_conn_wants(self.conn) & WANT_SHUT:
            self.writer.write_eof()

    async def receive(self):
        """Octets from the peer; none at its end, or when a deadline came."""
        wait_ms = self.lib.sipws_conn_deadline(self.conn) - self.now()
        try:
            octets = await asyncio.wait_for(self.reader.read(65536),
                                            max(0, min(wait_ms, 60000)) / 1000)
        except asyncio.TimeoutError:
            self.lib.sipws_conn_tick(self.conn, self.now())
            return b""
        if not octets:
            self.lib.sipws_conn_eof(self.conn, self.now())
        return octets

    def feed(self, octets):
        """What was not taken."""
        taken = c_size_t()
        self.lib.sipws_conn_feed(self.conn, octets, len(octets), self.now(),
                                 byref(taken))
        return octets[taken.value:]

    def next_event(self):
        event = c_int()
        self.lib.sipws_conn_next_event(self.conn, byref(event))
        return event.value

    def event_message(self):
        kind, verdict, data, size = c_int(), c_int(), c_void_p(), c_size_t()
        self.lib.sipws_conn_event_message(self.conn, byref(kind), byref(data),
                                          byref(size), byref(verdict))
        return ctypes.string_at(data, size.value)

    async def messages(self):
        """The messages, as they come, until the connection is closed."""
        octets = b""
        while True:
            self.flush()
            await self.writer.drain()
            event = self.next_event()
            if event == EVENT_MESSAGE:
                yield self.event_message()
            elif event == EVENT_CLOSED:
                break
            elif event == EVENT_NONE and octets:
                octets = self.feed(octets)
            elif event == EVENT_NONE:
                octets = await self.receive()
        cause = self.lib.sipws_conn_cause(self.conn)
        if cause not in (CAUSE_PEER_CLOSE, CAUSE_OUR_CLOSE):
            error = self.lib.sipws_conn_error(self.conn)
            status = self.lib.sipws_conn_http_status(self.conn)
            text = self.lib.sipws_error_text(error).decode()
            raise Error(f"{text} (HTTP status {status})")
