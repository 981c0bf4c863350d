"""relay.py PORT slow|cut: leads connections to a free port on, to PORT on
loopback, one after the other, and prints the free one.

slow: octet by octet, each in a segment of its own.
cut: until half of the first record of application data that PORT sends."""
import select
import socket
import sys

DATA = 23  # the type of a record of application data


def record_type(octets):
    """Of a record whose head is there, its type and length."""
    return octets[0], 5 + int.from_bytes(octets[3:5], "big")


def slowly(octets):
    return [octets[i:i + 1] for i in range(len(octets))], False


class Cutter:
    def __init__(self):
        self.kept = b""

    def __call__(self, octets):
        """Whole records; half of one that is data, and that is the end."""
        self.kept += octets
        pieces = []
        while len(self.kept) >= 5:
            kind, size = record_type(self.kept)
            if len(self.kept) < size:
                break
            if kind == DATA:
                return pieces + [self.kept[:size // 2]], True
            pieces.append(self.kept[:size])
            self.kept = self.kept[size:]
        return pieces, False


def whole(octets):
    return [octets], False


def relay(client, server, to_server, to_client):
    for link in (client, server):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ways = {client: (server, to_server), server: (client, to_client)}
    while True:
        for link in select.select(list(ways), [], [], 30)[0]:
            octets = link.recv(65536)
            other, cut = ways[link]
            pieces, is_end = cut(octets)
            for piece in pieces:
                other.sendall(piece)
            if is_end or not octets:
                return


port, manner = int(sys.argv[1]), sys.argv[2]
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        with listener.accept()[0] as one, \
                socket.create_connection(("127.0.0.1", port), 20) as two:
            try:
                relay(one, two, *((slowly, slowly) if manner == "slow"
                                  else (whole, Cutter())))
            except ConnectionError:
                pass  # who ended without reading all, as after an alert
