"""proxy_clf.py PROGRAM: the log that examples/proxy writes with --clf."""
import re
import sys
import tempfile
import time

from cases import case, run, same, start
from clf import read_records
from phone import Phone, UdpPhone


class Log:
    """A proxy that logs, alice on WebSocket and bob on UDP."""

    def __init__(self, path):
        self.path = path
        self.proxy = start("--udp", "127.0.0.1:0", "--clf", path)
        self.alice = Phone(self.proxy, "alice")
        self.bob = UdpPhone(self.proxy, "bob")

    def next(self, skip=0):
        return read_records(self.path)[skip:]


def with_log(function):
    def run_it():
        with tempfile.TemporaryDirectory() as folder:
            function(Log(f"{folder}/log"))
    run_it.__name__ = function.__name__
    return run_it


def branch(message, index=0):
    return re.search("branch=([^;]*)", message.all("Via")[index]).group(1)


@case
@with_log
def a_registration_is_two_records(log):
    began = time.time()
    answer = log.alice.register()
    asked, answered = log.next()
    near, far = f"127.0.0.1:{log.proxy.port}", "127.0.0.1:%d" % (
        log.alice.link.getsockname()[1])
    tag = re.search("tag=(.*)", answer.get("To")).group(1)
    same(asked[1:], ("RSRWU", "1 REGISTER", "-", "sip:test.example", near, far,
                     log.alice.aor, "-", log.alice.aor, "falice",
                     log.alice.call_id, branch(answer), "-"))
    same(answered[1:], ("rSSWU", "1 REGISTER", "200", "-", far, near,
                        log.alice.aor, tag, log.alice.aor, "falice",
                        log.alice.call_id, branch(answer), "-"))
    assert began - 0.002 < float(asked.time) <= float(answered.time) \
        < time.time() + 0.002


@case
@with_log
def both_sides_of_a_relayed_message_are_joined(log):
    log.alice.register()
    log.bob.register()
    log.alice.send(log.alice.request("MESSAGE", log.bob.aor))
    message = log.bob.receive()
    log.bob.send(log.bob.answer(message))
    log.alice.receive()
    records = log.next(skip=4)
    theirs, ours = branch(message, 1), branch(message)
    same([(r.flags, r.status, r.server_txn, r.client_txn) for r in records],
         [("RSRWU", "-", theirs, "-"), ("RSSUU", "-", theirs, ours),
          ("rSRUU", "200", theirs, ours), ("rSSWU", "200", theirs, "-")])
    bob = f"127.0.0.1:{log.bob.port}"
    udp = f"127.0.0.1:{log.proxy.udp}"
    same((records[1].source, records[1].destination), (udp, bob))
    same((records[2].source, records[2].destination), (bob, udp))
    same((records[0].uri, records[1].uri), (log.bob.aor, log.bob.contact))


@case
@with_log
def each_message_has_one_record(log):
    """Broken ones as well, and those that lead nowhere; keep-alives and junk
    have none."""
    log.bob.register()
    log.bob.send(log.bob.request("ACK", "sip:nobody@test.example"))
    log.bob.send("\r\n\r\n")
    log.bob.send("junk")
    same(log.bob.ask("MESSAGE", "sip:nobody@test.example").status, 404)
    log.alice.send("\r\n\r\n")
    same(log.alice.receive(), "\r\n")
    broken = re.sub(r"To: [^\r]*\r\n", "", log.alice.request("OPTIONS"))
    log.alice.send(broken)
    same(log.alice.receive().status, 400)
    same([(r.flags[0::2], r.cseq.split()[1], r.status) for r in log.next()],
         [("RRU", "REGISTER", "-"), ("rSU", "REGISTER", "200"),
          ("RRU", "ACK", "-"), ("RRU", "MESSAGE", "-"),
          ("rSU", "MESSAGE", "404"), ("RRU", "OPTIONS", "-"),
          ("rSU", "OPTIONS", "400")])


@case
@with_log
def what_could_not_be_sent_is_not_logged_as_sent(log):
    log.alice.register()
    log.bob.register()
    log.alice.send(log.alice.request("MESSAGE", log.bob.aor, body="x" * 65150))
    same(log.alice.receive().status, 513)
    same([(r.flags, r.status) for r in log.next(skip=4)],
         [("RSRWU", "-"), ("rSSWU", "513")])


@case
def a_second_run_appends():
    with tempfile.TemporaryDirectory() as folder:
        for run_number in (1, 2):
            log = Log(f"{folder}/log")
            log.alice.register()
            same(len(log.next()), 2 * run_number)


@case
@with_log
def long_fields_are_cut_and_tabs_are_spaces(log):
    log.alice.send(log.alice.request(
        "OPTIONS", to=f"<sip:{'x' * 5000}@test.example>",
        call_id="a\tb", headers=["X: " + "y" * 9000]))
    log.alice.receive()
    asked, _ = log.next()
    same(len(asked.to), 4096)
    assert "\t" not in asked.call_id


sys.exit(run())
