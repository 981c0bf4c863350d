"""The programs that are tried: started, led to us, and seen to end."""

import os
import signal
import socket
import ssl
import subprocess

from wire import Late, Wire

# By the name of a case's |options|.
OPTIONS = {"plain": [], "large": ["--max-message", "16777216",
                                  "--max-fragments", "65536"],
           "pieces": ["--frame-size", "1300"]}
BIN = os.path.join(os.environ.get("BUILD", "build"), "examples")


class Line:
    """|role|: of the program tried. |waits|: it is one that ends TCP when a
    Close went each way, and not before, be it client or server."""

    def __init__(self, role, transport, profile, setup):
        self.role, self.transport, self.profile = role, transport, profile
        self.waits, self.setup = setup.waits, setup

    def __str__(self):
        return f"{self.role} {self.transport} {self.profile}"

    def command(self, options):
        """The program with its options."""
        setup = self.setup
        if self.role == "server":
            command = setup.server.split() if setup.server else \
                [os.path.join(BIN, "echo_server"), "--listen", "127.0.0.1:0"]
        else:
            command = setup.client.split() if setup.client else \
                [os.path.join(BIN, "echo_client")]
        if self.profile == "opaque":
            command.append("--raw")
        if self.transport == "wss":
            command += ["--ca", setup.certs + "/ca.crt"] \
                if self.role == "client" else \
                ["--cert", setup.certs + "/server.crt",
                 "--key", setup.certs + "/server.key"]
        return command + OPTIONS[options]


class Server:
    """A server that is tried: one process for all cases with its options."""

    def __init__(self, line, options):
        self.line, self.context = line, None
        if line.transport == "wss":
            self.context = ssl.create_default_context(
                cafile=line.setup.certs + "/ca.crt")
        self.process = subprocess.Popen(line.command(options), text=True,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        told = self.process.stdout.readline()
        if not told.startswith("listening on "):
            raise SystemExit("the server does not start: " + told
                             + self.process.stderr.read())
        self.port = int(told.strip().rstrip("/").rsplit(":", 1)[1])

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.port))
        return Wire(sock, self.line.setup.seconds, self.context, "localhost")

    def after_case(self, says):
        """Nothing: it lives on."""

    def stop(self):
        """What was wrong with its end, if anything."""
        self.process.send_signal(signal.SIGTERM)
        try:
            _, said = self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return "does not end on SIGTERM"
        status = self.process.returncode
        if self.line.setup.server or (status == 0 and said == ""):
            return None
        return f"ends with status {status}, and says {said!r}"


class Client:
    """A client that is tried: a process a case, led to our port. One that is
    not ours (--client) is started once and comes anew when it was closed."""

    def __init__(self, line, options):
        self.line, self.context, self.process = line, None, None
        self.is_ours = line.setup.client is None
        scheme, host = "ws", "127.0.0.1"
        if line.transport == "wss":
            scheme, host = "wss", "localhost"
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(line.setup.certs + "/server.crt",
                                         line.setup.certs + "/server.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(line.setup.seconds)
        self.port = self.listener.getsockname()[1]
        self.command = line.command(options) + [
            f"{scheme}://{host}:{self.port}/any?path"]

    def connect(self):
        if self.process is None:
            self.process = subprocess.Popen(self.command, text=True,
                                            stderr=subprocess.PIPE)
        try:
            sock, _ = self.listener.accept()
        except TimeoutError:
            raise Late("the client did not connect") from None
        return Wire(sock, self.line.setup.seconds, self.context)

    def after_case(self, says):
        """Waits for the process; |says|: None when the case has failed. What
        was wrong with its end, if anything."""
        if not self.is_ours or self.process is None:
            return None
        process, self.process = self.process, None
        try:
            _, said = process.communicate(
                timeout=0.1 if says is None else self.line.setup.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "the client does not end"
        expected = f"echo_client: {says}\n" if says else ""
        if says is None or (said == expected
                            and process.returncode == bool(says)):
            return None
        return (f"expected exit {int(bool(says))}, {expected!r}\n  came     exit "
                f"{process.returncode}, {said!r}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        self.listener.close()
