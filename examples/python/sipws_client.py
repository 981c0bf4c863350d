#!/usr/bin/env python3
"""Registers at a proxy and exchanges MESSAGE requests, on asyncio.

Run, beside build/examples/proxy --listen 127.0.0.1:8080:
  python3 examples/python/sipws_client.py --lib build/libsipws.so --listen \\
    --server ws://127.0.0.1:8080/ --aor sip:carol@example.com
"""

import argparse
import asyncio
import os
import signal
import sys

import sipws


class Client:
    """A user agent without dialogs: awaits responses and answers requests."""

    def __init__(self, lib, connection, aor):
        self.lib, self.connection, self.aor = lib, connection, aor
        self.host = sipws.text_of(lib.sipws_random_host, os.urandom(12))
        self.waiting = {}  # a future for each Call-ID

    async def request(self, method, uri, to, *headers, body=b""):
        """Sends a request; returns its final status."""
        via = sipws.text_of(self.lib.sipws_via_build, 0, self.host,
                            len(self.host), os.urandom(16), None, 0)
        call_id = os.urandom(8).hex().encode()
        tag = os.urandom(4).hex().encode()
        self.waiting[call_id] = asyncio.get_running_loop().create_future()
        self.connection.send(b"\r\n".join([
            method + b" " + uri + b" SIP/2.0", b"Via: " + via,
            b"From: <" + self.aor + b">;tag=" + tag, b"To: <" + to + b">",
            b"Call-ID: " + call_id, b"CSeq: 1 " + method, b"Max-Forwards: 70",
            *headers, b"Content-Length: %d" % len(body), b"", body]))
        try:
            # RFC 3261 17.1.2.2: not answered after 32 s is never answered.
            return await asyncio.wait_for(self.waiting[call_id], 32)
        finally:
            del self.waiting[call_id]

    async def register(self):
        part = sipws.uri_of(self.lib, self.aor)
        contact = b"<sip:%b@%b;transport=ws>" % (part("user"), self.host)
        return await self.request(b"REGISTER", b"sip:" + part("host"), self.aor,
                                  b"Contact: " + contact, b"Expires: 600")

    async def say(self, to, text):
        return await self.request(b"MESSAGE", to, to,
                                  b"Content-Type: text/plain", body=text)

    def answer(self, message):
        """Answers a request; what a MESSAGE says is printed."""
        method = message.part("method")
        status, reason = 405, b"Method Not Allowed"
        if method == b"MESSAGE":
            status, reason = 200, b"OK"
            print("from", message.headers(b"From")[0].decode(), "came:",
                  message.part("body").decode(errors="replace"), flush=True)
        # Without a Via there is nowhere to send an answer.
        if method != b"ACK" and message.headers(b"Via"):
            tag = os.urandom(4).hex().encode()
            self.connection.send(message.response(status, reason, tag,
                                                  b"Allow", b"MESSAGE"))

    def take(self, text):
        """Takes one message; what is not SIP is passed over."""
        try:
            message = sipws.Message(self.lib, text)
        except sipws.Error:
            return
        future = self.waiting.get(b"".join(message.headers(b"Call-ID")))
        if message.view.is_request:
            self.answer(message)
        elif future and message.view.status >= 200 and not future.done():
            future.set_result(message.view.status)

    async def run(self):
        """Reads until the connection is closed; returns what went wrong."""
        failure = None
        try:
            async for text in self.connection.messages():
                self.take(text)
        except (sipws.Error, OSError) as error:
            failure = error
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(failure or sipws.Error("it was closed"))
        return failure


async def main(options):
    lib = sipws.load(options.lib)
    connection = await sipws.Connection.connect(lib, options.server.encode())
    client = Client(lib, connection, options.aor.encode())
    reading = asyncio.create_task(client.run())
    for number in signal.SIGINT, signal.SIGTERM:
        asyncio.get_running_loop().add_signal_handler(number, connection.close)
    try:
        status = await client.register()
        print("registered:", status, flush=True)
        if status == 200 and options.to:
            status = await client.say(options.to.encode(),
                                      options.text.encode())
            print("sent:", status, flush=True)
        if status == 200 and options.listen:
            await asyncio.wait([reading])  # until a signal or the proxy ends it
        connection.close()
        failure = await reading
    finally:
        reading.cancel()
        connection.free()
    if failure:
        raise failure
    return 0 if status == 200 else 1


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--lib", required=True, help="path of libsipws.so")
parser.add_argument("--server", required=True, help="ws://HOST:PORT/")
parser.add_argument("--aor", required=True, help="register this SIP URI")
parser.add_argument("--to", help="send a MESSAGE to this SIP URI")
parser.add_argument("--text", default="hello", help="what it says")
parser.add_argument("--listen", action="store_true",
                    help="then print what comes, until interrupted")
try:
    sys.exit(asyncio.run(main(parser.parse_args())))
except (sipws.Error, OSError, asyncio.TimeoutError) as error:
    sys.exit(f"sipws_client: {error or 'no answer'}")
