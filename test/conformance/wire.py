"""A TCP connection, or TLS on one, of which every step of the end is seen."""

import socket
import ssl
import time


class Ended(Exception):
    """The transport ended where octets were awaited; the text says how."""


class Late(Exception):
    """What was awaited did not come in time."""


class Wire:
    """|context| None: plain TCP. |name|: of the server, for a TLS client;
    None: we are the server."""

    def __init__(self, sock, seconds, context=None, name=None):
        self.sock, self.seconds, self.kept = sock, seconds, bytearray()
        self.fin = self.reset = self.notified = False
        self.tls = None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self.coming, self.going = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.coming, self.going,
                                        server_side=name is None,
                                        server_hostname=name)
            self.handshake()

    # ---- TLS

    def handshake(self):
        while True:
            try:
                self.tls.do_handshake()
                self.flush()
                return
            except ssl.SSLWantReadError:
                self.flush()
                if not self.pull():
                    raise Ended("the transport ended in the TLS handshake")

    def flush(self):
        self.push(self.going.read())

    def pull(self):
        """TLS records from the socket; False when it ended."""
        got = self.receive()
        if got:
            self.coming.write(got)
        return bool(got)

    # ---- octets

    def receive(self):
        """Some octets of the socket; none when it ended."""
        self.sock.settimeout(self.seconds)
        try:
            got = self.sock.recv(65536)
            self.fin = self.fin or not got
            return got
        except ConnectionResetError:
            self.reset = True
            return b""
        except TimeoutError:
            raise Late(f"nothing came for {self.seconds} s") from None

    def push(self, data):
        try:
            self.sock.settimeout(self.seconds)
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.reset = True
        except TimeoutError:
            raise Late(f"nothing was taken for {self.seconds} s") from None

    def write(self, data, cut=0):
        """All of |data|, in writes of |cut| octets (0: one)."""
        for at in range(0, len(data), cut or len(data) or 1):
            piece = data[at:at + cut] if cut else data
            if self.tls is None:
                self.push(piece)
            else:
                self.tls.write(piece)
                self.flush()
            if 0 < cut < 16:
                time.sleep(0.0002)  # so that they are read one by one

    def fill(self):
        """More octets into |kept|; False when no more will come."""
        if self.tls is None:
            got = self.receive()
            self.kept += got
            return bool(got)
        while not self.notified:
            try:
                got = self.tls.read(65536)
                self.notified = not got
                self.kept += got
                return bool(got)
            except ssl.SSLZeroReturnError:
                self.notified = True  # it answers ours
            except ssl.SSLWantReadError:
                if not self.pull():
                    return False
        return False

    def take(self, size):
        while len(self.kept) < size:
            if not self.fill():
                raise Ended(f"{self.story()} after {len(self.kept)} of "
                            f"{size} octets")
        taken = bytes(self.kept[:size])
        del self.kept[:size]
        return taken

    def take_head(self):
        """An HTTP head, to its empty line."""
        while b"\r\n\r\n" not in self.kept:
            if not self.fill():
                raise Ended(f"{self.story()} instead of a head, after "
                            f"{bytes(self.kept)}")
        return self.take(self.kept.index(b"\r\n\r\n") + 4)

    # ---- the end

    def story(self):
        """How the peer's side of the transport ended."""
        ends = ["close_notify"] if self.notified else []
        ends += ["FIN"] if self.fin else ["RST"] if self.reset else []
        return ", ".join(ends) or "open"

    def await_end(self, fin=True):
        """Waits until the peer ends TLS, if there is any, and TCP if |fin|.
        What came before that, which should be nothing."""
        while self.fill():
            pass
        while fin and not self.fin and not self.reset and self.receive():
            pass
        return bytes(self.kept)

    def is_quiet(self, seconds):
        """Nothing comes for so long, not even an end of TCP."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(1, socket.MSG_PEEK) is None
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False

    def end(self):
        """Ends our side in order: close_notify, if TLS, and FIN."""
        if self.tls is not None and not self.reset:
            try:
                self.tls.unwrap()
            except (ssl.SSLError, OSError):
                pass  # the peer's may be missing: a matter of await_end
            self.flush()
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
