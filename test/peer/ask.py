"""ask.py PORT [--from ADDRESS] [--ca FILE] [--first TEXT] [HEADER…]: one request
for /ws to a server on loopback, over TLS when there is a CA to trust, and after
TEXT, in which \\r and \\n may stand; prints the status line, or "nothing" when
the connection ends without one."""
import argparse
import socket
import ssl

options = argparse.ArgumentParser()
options.add_argument("port", type=int)
options.add_argument("--from", dest="source", default="127.0.0.1")
options.add_argument("--ca")
options.add_argument("--first", default="")
options.add_argument("headers", nargs="*")
options = options.parse_intermixed_args()
link = socket.create_connection(("127.0.0.1", options.port), 20,
                                (options.source, 0))
if options.ca:
    link = ssl.create_default_context(cafile=options.ca).wrap_socket(
        link, server_hostname="localhost")
head = ["GET /ws HTTP/1.1", "Host: localhost", "Connection: close",
        *options.headers]
first = options.first.encode().decode("unicode_escape").encode("latin-1")
answer = b""
try:
    link.sendall(first + "\r\n".join(head).encode() + b"\r\n\r\n")
    while part := link.recv(65536):
        answer += part
except ConnectionError:
    pass
print(answer.split(b"\r\n")[0].decode() or "nothing")
