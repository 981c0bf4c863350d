"""proxy_edge.py PROGRAM: examples/proxy in front of another registrar (RFC 3327,
RFC 5626 section 5)."""
import re
import subprocess
import sys

from cases import case, program, routes, run, same, start
from phone import LIMIT, Agent, Phone, UdpPhone

FLOW = ';+sip.instance="<urn:uuid:1>";reg-id=1'
PATH = ["Supported: path, outbound"]


class Home:
    """A registrar that the script plays, and an edge in front of it."""

    def __init__(self):
        bound = start("--udp", "127.0.0.1:0")  # for a phone to be made with
        self.link = UdpPhone(bound)
        self.edge = start("--udp", "127.0.0.1:0", "--domain", "test.example",
                          "--registrar", f"127.0.0.1:{self.link.port}")
        self.link.proxy = ("127.0.0.1", self.edge.udp)

    def register(self, phone, contact="", headers=PATH):
        """A REGISTER as the registrar gets it, answered."""
        phone.send(phone.request("REGISTER", to=f"<{phone.aor}>", headers=[
            f"Contact: <{phone.contact}>{contact}", *headers]))
        register = self.link.receive()
        same(register.method, "REGISTER")
        self.link.send(Agent.answer(register, headers=[
            f"Path: {register.get('Path')}"]))
        same(phone.receive().status, 200)
        return register


@case
def a_registration_goes_on_with_path():
    home = Home()
    alice = Phone(home.edge, "alice")
    register = home.register(alice, FLOW)
    same((register.uri, register.get("To")),
         ("sip:test.example", f"<{alice.aor}>"))
    same(register.get("Contact"), f"<{alice.contact}>{FLOW}")
    assert re.fullmatch(rf"<sip:[\w-]{{30}}@127\.0\.0\.1:{home.edge.udp};"
                        "transport=udp;lr;ob>", register.get("Path"))
    same((len(register.all("Via")), register.get("Max-Forwards")), (2, "69"))
    same(register.all("Record-Route"), [])


@case
def path_leads_back_to_the_client():
    home = Home()
    alice = Phone(home.edge, "alice")
    path = home.register(alice).get("Path")
    alice.contact += ";gr=urn:uuid:1"
    home.link.send(home.link.request("INVITE", alice.contact,
                                     [f"Route: {path}"]))
    invite = alice.receive()
    same((invite.method, invite.uri, invite.all("Route")),
         ("INVITE", alice.contact, []))
    alice.send(alice.answer(invite))
    same(home.link.receive().status, 200)


@case
def a_path_that_leads_nowhere_is_refused():
    home = Home()
    alice = Phone(home.edge, "alice")
    path = home.register(alice).get("Path")
    token = path[5:35]
    forged = path.replace(token, ("B" if token[0] == "A" else "A") + token[1:])
    link = home.link
    same(link.ask("MESSAGE", alice.contact, [f"Route: {forged}"]).status, 403)
    # RFC 3261 16.3: nothing goes back to where it comes from.
    same(link.ask("MESSAGE", alice.contact).status, 404)
    assert alice.silent()
    alice.close()
    Phone(home.edge)
    same(link.ask("MESSAGE", alice.contact, [f"Route: {path}"]).status, 430)


@case
def ob_is_for_the_first_hop_of_a_connection():
    home = Home()
    below = "Via: SIP/2.0/WS below.invalid;branch=z9hG4bKx"
    path = home.register(Phone(home.edge), "", [*PATH, below]).get("Path")
    assert path.endswith(";transport=udp;lr>"), path
    path = home.register(UdpPhone(home.edge)).get("Path")
    assert path.endswith(";transport=udp;lr>"), path


@case
def a_client_without_path_is_told_421():
    home = Home()
    answer = Phone(home.edge, "alice").register(headers=["Supported: gruu"])
    same((answer.status, answer.get("Require")), (421, "path"))
    assert home.link.silent()


@case
def requests_go_to_the_registrar_as_they_are():
    home = Home()
    alice = Phone(home.edge, "alice")
    gruu = "sip:bob@other.example;gr=urn:uuid:2"
    own = f"<sip:127.0.0.1:{home.edge.port};transport=ws;lr>"
    alice.send(alice.request("INVITE", gruu, [
        f"Route: {own}, <sip:home.example;lr>", f"Contact: <{alice.aor};gr=1>"]))
    same(alice.receive().status, 100)
    invite = home.link.receive()
    same((invite.uri, invite.all("Route"), invite.get("Contact")),
         (gruu, ["<sip:home.example;lr>"], f"<{alice.aor};gr=1>"))
    same(len(invite.all("Record-Route")), 2)


@case
def edge_and_registrar_are_both_ours():
    home = start("--udp", "127.0.0.1:0", "--domain", "test.example")
    edge = start("--udp", "127.0.0.1:0", "--domain", "test.example",
                 "--registrar", f"127.0.0.1:{home.udp}")
    alice, bob = Phone(edge, "alice"), Phone(home, "bob")
    bob.register()
    answer = alice.register(f"<{alice.contact}>{FLOW}", PATH)
    same((answer.status, answer.get("Require")), (200, "outbound"))
    for caller, callee in ((alice, bob), (bob, alice)):
        caller.send(caller.request("INVITE", callee.aor, [
            f"Contact: <{caller.contact}>"], call_id="call"))
        same(caller.receive().status, 100)
        invite = callee.receive()
        same((invite.uri, len(invite.all("Record-Route"))), (callee.contact, 4))
        callee.send(callee.answer(invite, headers=[
            f"Contact: <{callee.contact}>"]))
        ok = caller.receive()
        same(ok.status, 200)
        for near, far, path in ((callee, caller, routes(invite)),
                                (caller, callee, routes(ok)[::-1])):
            near.send(near.request("BYE", far.contact, path))
            bye = far.receive()
            same((bye.method, bye.all("Route")), ("BYE", []))
            far.send(far.answer(bye))
            same(near.receive().status, 200)


@case
def there_is_no_edge_without_udp():
    ended = subprocess.run(
        [program, "--listen", "127.0.0.1:0", "--registrar", "127.0.0.1:5060"],
        timeout=LIMIT, stderr=subprocess.PIPE, text=True)
    same((ended.returncode, ended.stderr), (2, "--registrar needs --udp\n"))


sys.exit(run())
