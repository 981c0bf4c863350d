"""Tries echo_server and echo_client with every case, on every line: both roles,
ws and wss, opaque and SIP payloads. See --help."""

import argparse
import random
import sys
import time

import peers
import section_close
import section_control
import section_fragments
import section_framing
import section_handshake
import section_limits
import section_sip
import section_utf8
from steps import Talk, Wrong
from wire import Ended, Late

SECTIONS = [section.SECTION for section in (
    section_handshake, section_framing, section_control, section_fragments,
    section_utf8, section_close, section_limits, section_sip)]


class Enough(Exception):
    """One failure was wanted, and it came."""


class Count:
    """Of one section, on all lines."""

    def __init__(self):
        self.cases, self.strict, self.failed, self.seconds = 0, 0, 0, 0.0


def try_case(case, line, peer):
    """None, or what was expected and what came."""
    wire = None
    try:
        wire = peer.connect()
        talk = Talk(line, wire, random.Random(case.name))
        case.opening.run(talk, peer.port)
        for step in case.steps_on(line):
            step.run(talk)
        wrong = None
    except (Wrong, Ended, Late, OSError) as error:
        wrong = f"{type(error).__name__}: {error}" \
            if not isinstance(error, Wrong) else str(error)
    finally:
        if wire is not None:
            wire.sock.close()
    return peer.after_case(case.says if wrong is None else None) or wrong


class Driver:
    def __init__(self, setup):
        self.setup, self.counts, self.failed = setup, {}, 0
        self.line = self.running = None

    def peer(self, options):
        """The program with these options, started when it is first needed."""
        if options not in self.running:
            kind = peers.Server if self.line.role == "server" else peers.Client
            self.running[options] = kind(self.line, options)
        return self.running[options]

    def fail(self, what, wrong):
        self.failed += 1
        print(f"not ok {self.line}: {what}\n  {wrong}", flush=True)
        if self.setup.first:
            raise Enough

    def try_section(self, section):
        count = self.counts.setdefault(section.name, Count())
        begin, tried, failed = time.monotonic(), 0, 0
        for number, case in enumerate(section.cases, 1):
            name = f"{section.name} {number}, {case.name}"
            if not (case.fits(self.line) and self.setup.wants(name, case)):
                continue
            wrong = try_case(case, self.line, self.peer(case.options))
            tried += 1
            count.cases += 1
            failed += wrong is not None
            count.strict += wrong is None
            count.failed += wrong is not None
            if wrong is not None:
                self.fail(name, wrong)
        count.seconds += time.monotonic() - begin
        if tried and not failed:
            print(f"ok {self.line}: {section.name}, {tried} cases", flush=True)

    def try_line(self, line):
        self.line, self.running = line, {}
        try:
            for section in SECTIONS:
                if not (self.setup.brief and line.transport == "wss"
                        and section.name == "utf8"):
                    self.try_section(section)
        finally:
            ends = [peer.stop() for peer in self.running.values()]
        for wrong in filter(None, ends):
            self.fail("the program's end", wrong)

    def table(self):
        """By section, over all lines."""
        print(f"{self.setup.role or 'both roles':<12}{'cases':>7}{'strict':>8}"
              f"{'failed':>8}{'s':>7}")
        for name, count in self.counts.items():
            print(f"{name:<12}{count.cases:>7}{count.strict:>8}"
                  f"{count.failed:>8}{count.seconds:>7.1f}")
        total = [sum(getattr(count, what) for count in self.counts.values())
                 for what in ("cases", "strict", "failed")]
        print(f"{'all':<12}{total[0]:>7}{total[1]:>8}{total[2]:>8}")
        return total[0]


def listed(lines):
    """Every case once, and where it is tried."""
    for section in SECTIONS:
        print(f"{section.name} ({section.about})")
        for number, case in enumerate(section.cases, 1):
            where = sum(case.fits(line) for line in lines)
            print(f"  {number:>3} {case.name}"
                  f" [{where} of {len(lines)} lines{', long' * case.long}]")


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--certs", metavar="DIR", help="ca.crt, server.crt, server.key: wss too")
    add("--role", choices=("server", "client"), help="of the program tried")
    add("--transport", choices=("ws", "wss"))
    add("--profile", choices=("opaque", "sip"))
    add("--long", action="store_true", help="also what takes seconds")
    add("--brief", action="store_true", help="over wss opaque payloads alone, "
        "and without section utf8")
    add("--only", metavar="TEXT", default="", help="cases with it in their name")
    add("--without", metavar="TEXT", help="no cases with it in their name")
    add("--first", action="store_true", help="stop at the first failure")
    add("--seconds", type=float, default=10, help="to wait for what must come")
    add("--list", action="store_true", help="print the cases, try nothing")
    add("--server", metavar="COMMAND", help="another program than echo_server")
    add("--client", metavar="COMMAND", help="another one than echo_client")
    add("--waits", action="store_true", help="it ends TCP when a Close went "
        "each way, also as client, also when it failed the connection")
    setup = parser.parse_args()
    setup.wants = lambda name, case: (
        setup.only in name and case.long <= setup.long
        and (setup.without is None or setup.without not in name))
    return setup


def main():
    setup = options()
    lines = [peers.Line(role, transport, profile, setup)
             for transport in ("ws", "wss") for profile in ("opaque", "sip")
             for role in ("server", "client")
             if setup.role in (None, role) and setup.profile in (None, profile)
             and setup.transport in (None, transport)
             and not (setup.brief and (transport, profile) == ("wss", "sip"))]
    if setup.list:
        return listed(lines)
    driver = Driver(setup)
    try:
        for line in lines:
            if line.transport == "ws" or setup.certs:
                driver.try_line(line)
    except Enough:
        return 1
    return 1 if driver.table() == 0 or driver.failed else 0


if __name__ == "__main__":
    sys.exit(main())
