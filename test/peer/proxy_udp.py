"""proxy_udp.py PROGRAM: what examples/proxy promises to phones on UDP, and to
those who talk with them."""
import re
import socket
import subprocess
import sys

from cases import (case, program, routes, run, same, start,
                   start_with_users)
from phone import LIMIT, Phone, UdpPhone, digest


def mixed(proxy=None):
    """A proxy, alice on WebSocket and bob on UDP, both registered."""
    proxy = proxy or start("--udp", "127.0.0.1:0")
    alice, bob = Phone(proxy, "alice"), UdpPhone(proxy, "bob")
    same(alice.register().status, 200)
    same(bob.register().status, 200)
    return proxy, alice, bob


def call(caller, callee):
    """INVITE and 200, as the other side got them."""
    caller.send(caller.request("INVITE", callee.aor, call_id="call",
                               headers=[f"Contact: <{caller.contact}>"]))
    if isinstance(caller, Phone):
        same(caller.receive().status, 100)
    invite = callee.receive()
    same((invite.method, invite.uri), ("INVITE", callee.contact))
    callee.send(callee.answer(invite, headers=[f"Contact: <{callee.contact}>"],
                              tag=f"f{callee.name}"))
    ok = caller.receive()
    same(ok.status, 200)
    return invite, ok


def sides(proxy, message):
    """Record-Route as "ws" and "udp", after a look at its values."""
    found = []
    for value in message.all("Record-Route"):
        side = re.search(";transport=(ws|udp);lr>$", value).group(1)
        port = proxy.port if side == "ws" else proxy.udp
        assert re.fullmatch(rf"<sip:[\w-]+@127\.0\.0\.1:{port};[^>]*>",
                            value), value
        found.append(side)
    return found


def talk(caller, callee, invite, ok):
    """ACK, and a BYE from either end, along the routes and without them left."""
    caller.send(caller.request("ACK", callee.contact, routes(ok)[::-1],
                               to=ok.get("To"), call_id="call", cseq=1))
    ack = callee.receive()
    same((ack.method, ack.uri, ack.all("Route")), ("ACK", callee.contact, []))
    for near, far, path in ((callee, caller, routes(invite)),
                            (caller, callee, routes(ok)[::-1])):
        near.send(near.request("BYE", far.contact, path, call_id="call",
                               to=f"<{far.aor}>;tag=f{far.name}"))
        bye = far.receive()
        same((bye.method, bye.uri, bye.all("Route")), ("BYE", far.contact, []))
        same(bye.get("Max-Forwards"), "69")
        far.send(far.answer(bye))
        answer = near.receive()
        same((answer.status, answer.get("CSeq")), (200, bye.get("CSeq")))
        same(len(answer.all("Via")), 1)


# ---------------------------------------------------------- a phone on UDP

@case
def a_phone_registers():
    phone = UdpPhone(start("--udp", "127.0.0.1:0"), "bob")
    answer = phone.register(expires=600)
    same((answer.status, answer.all("Contact")),
         (200, [f"<{phone.contact}>;expires=600"]))
    same(len(phone.register(contact="").all("Contact")), 1)
    same(phone.register(f"<{phone.contact}>;expires=0").all("Contact"), [])


@case
def outbound_needs_a_connection():
    phone = UdpPhone(start("--udp", "127.0.0.1:0"), "bob")
    contact = f'<{phone.contact}>;+sip.instance="<urn:uuid:1>";reg-id=1'
    same(phone.register(contact, ["Supported: path, outbound"]).status, 439)
    same(phone.register(contact).status, 200)


@case
def received_and_rport_tell_where_a_request_came_from():
    phone = UdpPhone(start("--udp", "127.0.0.1:0"))
    for sent, wanted in (
            ("", ";received=127.0.0.1"),
            (";rport", f";rport={phone.port};received=127.0.0.1"),
            (";received=192.0.2.1", ";received=127.0.0.1"),
            (";x=y;rport;keep", f";x=y;rport={phone.port};keep"
                                ";received=127.0.0.1")):
        phone.via_params = sent
        via = phone.ask("OPTIONS").get("Via")
        same(via.split(";branch=")[1].split(";", 1)[1], wanted[1:])
    phone.host = f"phone.invalid:{phone.port}"
    assert f" phone.invalid:{phone.port};" in phone.ask("OPTIONS").get("Via")


@case
def answers_go_to_the_port_of_sent_by_or_where_rport_asks():
    proxy = start("--udp", "127.0.0.1:0")
    phone, other = UdpPhone(proxy), UdpPhone(proxy)
    phone.host = f"phone.invalid:{other.port}"
    phone.send(phone.request("OPTIONS"))
    same(other.receive().status, 200)
    assert phone.silent()
    phone.via_params = ";rport"
    same(phone.ask("OPTIONS").status, 200)
    assert other.silent()


@case
def port_5060_is_meant_where_none_is_written():
    proxy = start("--udp", "127.0.0.1:0")
    phone = UdpPhone(proxy, host="127.0.0.9")
    listener = UdpPhone(proxy, host="127.0.0.9")
    listener.close()
    listener.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.link.bind(("127.0.0.9", 5060))
    phone.host = "phone.invalid"
    phone.send(phone.request("OPTIONS"))
    same(listener.receive().status, 200)
    listener.close()


@case
def registrations_are_challenged_there_too():
    proxy = start_with_users("--udp", "127.0.0.1:0")
    phone, thief = UdpPhone(proxy, "alice"), UdpPhone(proxy, "alice")
    challenge = phone.register().get("WWW-Authenticate")
    credentials = digest(challenge, "secret")
    same(phone.ask("MESSAGE", phone.aor).status, 403)
    same(thief.register(headers=[credentials]).status, 401)
    same(phone.register(headers=[credentials]).status, 200)
    same(thief.ask("MESSAGE", phone.aor).status, 403)
    phone.send(phone.request("MESSAGE", phone.aor))
    same(phone.receive().method, "MESSAGE")


@case
def what_is_no_sip_is_dropped():
    phone = UdpPhone(start("--udp", "127.0.0.1:0"))
    good = phone.request("OPTIONS")
    for junk in ("", "\r\n\r\n", "\0" * 4, "nonsense", "SIP/2.0", good[:60],
                 "x" * 65000, re.sub("Via: [^\r]*\r\n", "", good)):
        phone.send(junk)
    assert phone.silent()
    phone.send("\r\n\r\n" + good)
    same(phone.receive().status, 200)


@case
def a_datagram_ends_a_message():
    _, alice, bob = mixed()
    good = bob.request("MESSAGE", alice.aor, body="body")
    bob.send(good + "more")
    message = alice.receive()
    same((message.body, message.get("Content-Length")), ("body", "4"))
    bob.send(good.replace("Content-Length: 4\r\n", ""))
    same(alice.receive().body, "body")
    bob.send(good.replace("Content-Length: 4", "Content-Length: 5"))
    same(bob.receive().status, 400)
    asked = alice.silent()
    assert asked
    # A response cut short is dropped (RFC 3261 18.3).
    alice.send(alice.request("MESSAGE", bob.aor))
    answer = bob.answer(bob.receive())
    bob.send(answer.replace("Content-Length: 0", "Content-Length: 1"))
    assert alice.silent()
    bob.send(answer + "more")
    same(alice.receive().body, "")


# ------------------------------------------------------------------- calls

@case
def a_call_from_websocket_to_udp():
    proxy, alice, bob = mixed()
    invite, ok = call(alice, bob)
    # RFC 5658: the callee's side on top, the same in the answer.
    same(sides(proxy, invite), ["udp", "ws"])
    same(ok.all("Record-Route"), invite.all("Record-Route"))
    vias = invite.all("Via")
    same(len(vias), 2)
    assert re.fullmatch(rf"SIP/2\.0/UDP 127\.0\.0\.1:{proxy.udp};"
                        r"branch=z9hG4bK[0-9a-f]{32};flow=[\w-]+", vias[0])
    # RFC 7118 5.3: nothing tells from where it came.
    same(vias[1].split(";")[2:], [])
    same(bob.source, ("127.0.0.1", proxy.udp))
    talk(alice, bob, invite, ok)


@case
def a_call_from_udp_to_websocket():
    proxy, alice, bob = mixed()
    bob.via_params = ";rport"
    invite, ok = call(bob, alice)
    same(sides(proxy, invite), ["ws", "udp"])
    same(ok.all("Record-Route"), invite.all("Record-Route"))
    vias = invite.all("Via")
    assert vias[0].startswith(f"SIP/2.0/WS 127.0.0.1:{proxy.port};branch=z9")
    assert vias[1].endswith(f";rport={bob.port};received=127.0.0.1"), vias
    same(ok.all("Via"), vias[1:])
    talk(bob, alice, invite, ok)


@case
def a_call_from_udp_to_udp():
    proxy, _, bob = mixed()
    carol = UdpPhone(proxy, "carol")
    carol.register()
    invite, ok = call(bob, carol)
    same(sides(proxy, invite), ["udp", "udp"])
    talk(bob, carol, invite, ok)


@case
def a_registration_leads_where_it_came_from():
    """As behind a NAT: the Contact is no help."""
    proxy, alice, bob = mixed()
    bob.contact = "sip:bob@192.0.2.1:5060"
    bob.host = "192.0.2.1"
    bob.via_params = ";rport"
    bob.register("*", expires=0)
    bob.register()
    invite, ok = call(alice, bob)
    talk(alice, bob, invite, ok)


@case
def what_is_repeated_is_passed_on_the_same():
    _, alice, bob = mixed()
    invite = bob.request("INVITE", alice.aor)
    bob.send(invite)
    bob.send(invite)
    first = alice.receive()
    same(alice.receive(), first)
    for _ in range(2):
        alice.send(alice.answer(first))
        same(bob.receive().status, 200)
    alice.send(alice.request("MESSAGE", bob.aor, cseq=9, branch="z9hG4bKx"))
    alice.send(alice.request("MESSAGE", bob.aor, cseq=9, branch="z9hG4bKx"))
    same(bob.receive(), bob.receive())


@case
def a_100_goes_to_who_repeats():
    _, alice, bob = mixed()
    bob.send(bob.request("INVITE", alice.aor))
    invite = alice.receive()
    assert bob.silent()  # none of the proxy: nothing says that it arrived
    alice.send(alice.answer(invite, "100 Trying"))
    same(bob.receive().status, 100)
    alice.send(alice.request("INVITE", bob.aor))
    same(alice.receive().status, 100)
    bob.send(bob.answer(bob.receive(), "100 Trying"))
    assert alice.silent()


@case
def cancel_and_ack_get_the_branch_of_their_invite():
    _, alice, bob = mixed()
    for near, far in ((alice, bob), (bob, alice)):
        vias = set()
        for method in ("INVITE", "CANCEL", "ACK"):
            near.send(near.request(method, far.aor, cseq=3, branch="z9hG4bKy",
                                   call_id="c"))
            vias.add(far.receive().get("Via"))
        same(len(vias), 1)
        near.receive(0.2)


@case
def a_call_nobody_is_there_for_is_refused_at_once():
    _, alice, bob = mixed()
    same(bob.ask("INVITE", "sip:nobody@test.example").status, 404)
    bob.send(bob.request("ACK", "sip:nobody@test.example"))
    assert bob.silent()
    alice.close()
    same(bob.ask("OPTIONS").status, 200)
    same(bob.ask("INVITE", alice.aor).status, 480)


@case
def gruu_is_left_alone():
    _, alice, bob = mixed()
    alice.contact = "sip:alice@test.example;gr=urn:uuid:f81-7dec-14a06cf1;ob"
    invite, ok = call(alice, bob)
    same(invite.get("Contact"), f"<{alice.contact}>")
    talk(alice, bob, invite, ok)


@case
def names_are_those_given():
    proxy, alice, bob = mixed(start("--udp", "127.0.0.1:0", "--name",
                                    "proxy.example"))
    invite, ok = call(alice, bob)
    same([re.sub("sip:.*@", "", value) for value in invite.all("Record-Route")],
         [f"<proxy.example:{proxy.udp};transport=udp;lr>",
          "<proxy.example;transport=ws;lr>"])
    assert f"UDP proxy.example:{proxy.udp};" in invite.get("Via")
    talk(alice, bob, invite, ok)


@case
def addresses_may_be_ipv6():
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 0))
    except OSError:
        print("# no IPv6 here")
        return
    proxy = start("--udp", "[::1]:0")
    alice, bob = Phone(proxy, "alice"), UdpPhone(proxy, "bob", "::1")
    bob.via_params = ";rport"
    alice.register()
    answer = bob.register()
    assert answer.get("Via").endswith(f";rport={bob.port};received=::1"), answer
    invite, ok = call(alice, bob)
    assert f"@[::1]:{proxy.udp};transport=udp" in invite.get("Record-Route")
    talk(alice, bob, invite, ok)


# -------------------------------------------------------------- what is bad

@case
def a_token_of_another_address_is_told_403():
    """Nobody has the proxy send to whom it did not talk with."""
    proxy, alice, bob = mixed()
    invite, _ = call(alice, bob)
    user = re.match("<sip:(.*?)@", invite.get("Record-Route")).group(1)
    token, address = user[:30], user[30:]
    other = UdpPhone(proxy)
    same(address, "7f000001%04x" % bob.port)
    for forged in (token + "7f000001%04x" % other.port, token + address[:-1],
                   token + address.upper(), token + address + "00",
                   "A" * 30 + address, token[:-1] + address):
        if forged == user:
            continue
        route = f"Route: <sip:{forged}@127.0.0.1:{proxy.udp};transport=udp;lr>"
        same(alice.ask("BYE", bob.contact, [route]).status, 403)
    # Without the address it names a connection, and there is none.
    route = f"Route: <sip:{token}@127.0.0.1:{proxy.udp};transport=udp;lr>"
    same(alice.ask("BYE", bob.contact, [route]).status, 430)
    assert other.silent() and bob.silent()


@case
def a_route_alone_sends_nothing_to_strangers():
    proxy, alice, bob = mixed(start("--udp", "127.0.0.1:0", "--domain",
                                    "test.example"))
    stranger = UdpPhone(proxy)
    for port in (proxy.port, proxy.udp):
        for phone in (alice, bob):
            same(phone.ask("MESSAGE", stranger.contact, [
                f"Route: <sip:127.0.0.1:{port};transport=udp;lr>"]).status, 404)
    assert stranger.silent()


@case
def a_token_does_not_excuse_the_name_of_another():
    proxy = start_with_users("--udp", "127.0.0.1:0")
    alice, bob = Phone(proxy, "alice"), UdpPhone(proxy, "bob")
    for phone, password in ((alice, "secret"), (bob, "se:cret")):
        challenge = phone.register().get("WWW-Authenticate")
        same(phone.register(headers=[digest(challenge, password,
                                            user=phone.name)]).status, 200)
    invite, ok = call(alice, bob)
    talk(alice, bob, invite, ok)
    alice.aor = bob.aor
    same(alice.ask("INVITE", bob.contact, routes(ok)[::-1]).status, 403)
    assert bob.silent()


@case
def only_who_has_seen_the_request_can_answer():
    proxy, alice, bob = mixed()
    other = UdpPhone(proxy)
    alice.send(alice.request("MESSAGE", bob.aor))
    asked = bob.receive()
    good = bob.answer(asked)
    ours, below = asked.all("Via")
    branch = re.search("branch=z9hG4bK(.)", ours).group(0)
    forged = "e" if branch[-1] != "e" else "f"
    for bad in (good.replace(branch, branch[:-1] + forged),
                good.replace(f"Via: {ours}\r\n", ""),
                good.replace(f"Via: {below}\r\n", ""),
                good.replace(below, below + "x"),
                good.replace("flow=", "flaw=")):
        assert bad != good
        other.send(bad)
    alice.send(good)
    assert alice.silent()
    other.send(good)  # RFC 3261 18.2.2 lets a phone answer from any port
    same(alice.receive().status, 200)


@case
def an_answer_goes_to_who_asked_whatever_its_via_says():
    proxy, alice, bob = mixed()
    victim = UdpPhone(proxy)
    bob.via_params = ";rport"
    bob.send(bob.request("MESSAGE", alice.aor))
    asked = alice.receive()
    good = alice.answer(asked)
    own = f"rport={bob.port}"
    flow = re.search("flow=[^;\r]*", good).group(0)
    changed = flow[:-4] + "%04x" % victim.port
    alice.send(good.replace(flow, changed))
    assert victim.silent() and bob.silent()
    alice.send(good.replace(own, f"rport={victim.port}"))
    same(bob.receive().status, 200)
    assert victim.silent()


@case
def sips_never_goes_over_udp():
    _, alice, bob = mixed()
    _, ok = call(alice, bob)
    same(alice.ask("MESSAGE", "sips:bob@test.example").status, 480)
    same(alice.ask("BYE", "sips:bob@192.0.2.1", routes(ok)[::-1]).status, 416)
    assert bob.silent()


@case
def what_no_datagram_holds_is_told_513():
    _, alice, bob = mixed()
    alice.send(alice.request("MESSAGE", bob.aor, body="x" * 30000))
    same(bob.receive().body, "x" * 30000)
    empty = len(alice.request("MESSAGE", bob.aor, body="x" * 60000)) - 60000
    body = "x" * (65536 - empty)
    same(alice.ask("MESSAGE", bob.aor, body=body).status, 513)
    assert bob.silent()


@case
def an_address_is_taken_once():
    first = start("--udp", "127.0.0.1:0")
    second = subprocess.run([program, "--listen", "127.0.0.1:0", "--udp",
                             f"127.0.0.1:{first.udp}"], timeout=LIMIT,
                            stderr=subprocess.PIPE, text=True)
    same(second.returncode, 1)
    assert "cannot listen" in second.stderr, second.stderr


sys.exit(run())
