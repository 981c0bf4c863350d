"""proxy.py PROGRAM: what examples/proxy promises, one "ok" or "not ok" each."""
import os
import re
import signal
import sys
import tempfile

from cases import (case, program, routes, run, same, start,
                   start_with_users)
from phone import Phone, digest


def pair(proxy=None):
    """Two registered phones on one proxy."""
    proxy = proxy or start()
    alice, bob = Phone(proxy, "alice"), Phone(proxy, "bob")
    assert alice.register().status == 200
    assert bob.register().status == 200
    return proxy, alice, bob


def call(alice, bob, **kwargs):
    """INVITE and 200; both as the other side got them."""
    alice.send(alice.request("INVITE", bob.aor, call_id="call",
                             headers=[f"Contact: <{alice.contact}>"], **kwargs))
    same(alice.receive().status, 100)
    invite = bob.receive()
    same(invite.method, "INVITE")
    bob.send(bob.answer(invite, headers=[f"Contact: <{bob.contact}>"]))
    ok = alice.receive()
    same(ok.status, 200)
    return invite, ok


# --------------------------------------------------------------- registrar

@case
def a_registration_is_confirmed_with_its_contact():
    phone = Phone(start(), "alice")
    answer = phone.register(expires=600)
    same(answer.status, 200)
    assert "tag=" in answer.get("To")
    same(answer.all("Contact"), [f"<{phone.contact}>;expires=600"])
    same(answer.get("Require"), None)


@case
def what_is_granted_is_an_hour_at_most_and_by_default():
    phone = Phone(start(), "alice")
    for expires in ("99999999999", "junk", None):
        answer = phone.register(expires=expires)
        assert answer.get("Contact").endswith(";expires=3600"), answer


@case
def outbound_is_required_when_reg_id_is_offered():
    phone = Phone(start(), "alice")
    flow = ';+sip.instance="<urn:uuid:1>";reg-id=1'
    answer = phone.register(f"<{phone.contact}>{flow};expires=60",
                            ["Supported: path, outbound"])
    same(answer.get("Require"), "outbound")
    same(answer.get("Flow-Timer"), "120")
    assert '+sip.instance="<urn:uuid:1>"' in answer.get("Contact")
    assert "reg-id=1" in answer.get("Contact")
    answer = phone.register(f"<{phone.contact}>{flow}")
    same(answer.get("Require"), None)


@case
def a_first_hop_without_outbound_is_told_439():
    phone = Phone(start(), "alice")
    contact = f'<{phone.contact}>;+sip.instance="<urn:uuid:1>";reg-id=1'
    headers = ["Supported: outbound, path", "Via: SIP/2.0/WS below.invalid"]
    same(phone.register(contact, headers).status, 439)
    path = ["Path: <sip:hop.example;lr>"]
    same(phone.register(contact, headers + path).status, 439)
    path = ["Path: <sip:hop.example;lr;ob>"]
    answer = phone.register(contact, headers + path)
    same(answer.status, 200)
    same(answer.get("Path"), "<sip:hop.example;lr;ob>")


@case
def path_becomes_the_route_of_requests():
    proxy = start()
    phone, caller = Phone(proxy, "alice"), Phone(proxy)
    phone.register(headers=["Supported: path", "Path: <sip:h1.example;lr>",
                            "Path: <sip:h2.example;lr>"])
    caller.send(caller.request("MESSAGE", phone.aor))
    same(phone.receive().all("Route"),
         ["<sip:h1.example;lr>, <sip:h2.example;lr>"])


@case
def one_address_has_several_contacts():
    proxy = start()
    one, two = Phone(proxy, "alice"), Phone(proxy, "alice")
    one.register()
    answer = two.register()
    same({re.match("<(.*?)>", c).group(1) for c in answer.all("Contact")},
         {one.contact, two.contact})
    answer = one.register(f"<{one.contact}>;expires=0")
    same(len(answer.all("Contact")), 1)
    assert two.contact in answer.get("Contact")


@case
def a_query_lists_and_changes_nothing():
    phone = Phone(start(), "alice")
    phone.register()
    for _ in range(2):
        same(len(phone.register(contact="").all("Contact")), 1)


@case
def a_refresh_replaces_also_by_another_spelling():
    phone = Phone(start(), "alice")
    phone.register()
    phone.aor = "sip:%61lice@TEST.example"
    answer = phone.register(f"<{phone.contact.replace('alice', '%61lice')}>")
    same(len(answer.all("Contact")), 1)


@case
def a_star_removes_all_with_expires_0_alone():
    proxy = start()
    one, two = Phone(proxy, "alice"), Phone(proxy, "alice")
    one.register()
    two.register()
    same(one.register("*").status, 400)
    same(one.register("*", expires=60).status, 400)
    same(one.register(f"*, <{one.contact}>", expires=0).status, 400)
    same(len(one.register(contact="").all("Contact")), 2)
    answer = one.register("*", expires=0)
    same((answer.status, answer.all("Contact")), (200, []))
    same(two.ask("MESSAGE", one.aor).status, 404)


@case
def an_overtaken_register_changes_nothing():
    phone = Phone(start(), "alice")
    same(phone.register(cseq=5).status, 200)
    same(phone.register(cseq=5).status, 500)
    same(phone.register(f"<{phone.contact}>;expires=0", cseq=4).status, 500)
    same(len(phone.register(contact="", cseq=6).all("Contact")), 1)


@case
def a_binding_goes_with_its_connection():
    proxy, alice, bob = pair()
    bob.close()
    Phone(proxy)  # the proxy has noticed when it has answered this
    same(alice.ask("MESSAGE", bob.aor).status, 480)
    again = Phone(proxy, "bob")
    same(len(again.register(contact="").all("Contact")), 0)
    again.register()
    alice.send(alice.request("MESSAGE", bob.aor))
    same(again.receive().method, "MESSAGE")


@case
def a_binding_ends_with_its_time():
    _, alice, bob = pair()
    alice.send(alice.request("MESSAGE", bob.aor))
    same(bob.receive().method, "MESSAGE")
    assert bob.register(expires=1).get("Contact").endswith(";expires=1")
    assert alice.receive(1.2) is None
    same(alice.ask("MESSAGE", bob.aor).status, 404)


@case
def ten_contacts_an_address_are_enough():
    phone = Phone(start(), "alice")
    for i in range(10):
        same(phone.register(f"<sip:a{i}@a.invalid>").status, 200)
    same(phone.register("<sip:a10@a.invalid>").status, 503)
    same(phone.register("<sip:a9@a.invalid>;expires=60").status, 200)


@case
def bad_registrations_are_refused():
    phone = Phone(start("--domain", "test.example"), "alice")
    same(phone.register("<tel:+49123>").status, 400)
    same(phone.register("<sip:a@b>" + ", <sip:a@b>" * 10).status, 400)
    same(phone.register(f"<sip:{'a' * 600}@b>").status, 400)
    answer = phone.register(headers=["Require: gruu"])
    same((answer.status, answer.get("Unsupported")), (420, "gruu"))
    same(phone.register(uri="sip:other.example").status, 404)
    same(phone.register(to="<sip:alice@other.example>").status, 404)
    same(phone.register(uri="tel:+49123").status, 416)
    same(phone.register().status, 200)


# ------------------------------------------------------------------- relay

@case
def a_message_and_its_answer_pass():
    _, alice, bob = pair()
    alice.send(alice.request("MESSAGE", bob.aor, body="grüße"))
    message = bob.receive()
    same((message.method, message.uri), ("MESSAGE", bob.contact))
    same(message.get("Max-Forwards"), "69")
    same(message.body, "grüße")
    same(message.all("Record-Route"), [])
    vias = message.all("Via")
    same(len(vias), 2)
    assert vias[0].startswith("SIP/2.0/WS 127.0.0.1:"), vias
    # RFC 7118 5.3: nothing tells from where it came.
    assert "received" not in message and "rport" not in message
    bob.send(bob.answer(message))
    answer = alice.receive()
    same(answer.status, 200)
    same(answer.all("Via"), vias[1:])


@case
def octets_that_are_no_text_pass_too():
    _, alice, bob = pair()
    body = bytes(range(256))
    head = alice.request("MESSAGE", bob.aor).replace(
        "Content-Length: 0", "Content-Length: 256")
    alice.send(head.encode() + body)
    same(bob.receive().body.encode("latin-1"), body)
    same(bob.opcode, 2)


@case
def the_same_request_gets_the_same_branch():
    _, alice, bob = pair()
    branches = set()
    for cseq in (7, 7, 8):
        alice.send(alice.request("MESSAGE", bob.aor, cseq=cseq, branch="z9hG4bKx"))
        branches.add(bob.receive().get("Via"))
    same(len(branches), 2)


@case
def cancel_and_ack_get_the_branch_of_their_invite():
    _, alice, bob = pair()
    same_transaction = {"cseq": 3, "branch": "z9hG4bKy", "call_id": "c"}
    vias = []
    for method in ("INVITE", "CANCEL", "ACK"):
        alice.send(alice.request(method, bob.aor, **same_transaction))
        vias.append(bob.receive().get("Via"))
    same(len(set(vias)), 1)


@case
def a_dialog_finds_both_ends_by_its_routes():
    _, alice, bob = pair()
    invite, ok = call(alice, bob)
    same(len(invite.all("Record-Route")), 2)
    same(ok.all("Record-Route"), invite.all("Record-Route"))
    # The caller's route set is the reverse, the callee's as it stands.
    alice.send(alice.request("ACK", bob.contact, routes(ok)[::-1],
                             to=ok.get("To"), call_id="call"))
    ack = bob.receive()
    same((ack.method, ack.uri, ack.all("Route")), ("ACK", bob.contact, []))
    bob.send(bob.request("BYE", alice.contact, routes(invite),
                         to="<sip:x@y>;tag=falice", call_id="call"))
    bye = alice.receive()
    same((bye.method, bye.uri, bye.all("Route")), ("BYE", alice.contact, []))
    alice.send(alice.answer(bye))
    same(bob.receive().status, 200)


@case
def routes_on_one_line_and_of_others_are_kept_apart():
    _, alice, bob = pair()
    invite, _ = call(alice, bob)
    line = ", ".join(invite.all("Record-Route")[::-1] + ["<sip:far.example;lr>"])
    alice.send(alice.request("BYE", bob.contact, [f"Route: {line}"]))
    bye = bob.receive()
    same((bye.method, bye.all("Route")), ("BYE", ["<sip:far.example;lr>"]))


@case
def a_caller_who_came_back_keeps_the_dialog():
    proxy, alice, bob = pair()
    _, ok = call(alice, bob)
    alice.close()
    again = Phone(proxy, "alice")
    again.send(again.request("BYE", bob.contact, routes(ok)[::-1]))
    same(bob.receive().method, "BYE")


@case
def one_who_calls_himself_is_reached():
    _, alice, _ = pair()
    alice.send(alice.request("INVITE", alice.aor))
    first, second = alice.receive(), alice.receive()
    invite = first if first.method else second
    alice.send(alice.request("BYE", alice.contact, routes(invite)[::-1]))
    same(alice.receive().method, "BYE")


@case
def a_route_to_ourselves_alone_is_passed():
    proxy, alice, bob = pair()
    alice.send(alice.request("MESSAGE", bob.aor, [
        f"Route: <sip:127.0.0.1:{proxy.port};transport=ws;lr>"]))
    message = bob.receive()
    same((message.method, message.all("Route")), ("MESSAGE", []))
    invite, _ = call(alice, bob)
    own = routes(invite)[1]  # names the flow it comes on: tells nothing
    alice.send(alice.request("MESSAGE", bob.aor, [own]))
    same(bob.receive().uri, bob.contact)


@case
def a_dead_flow_is_told_430():
    proxy, alice, bob = pair()
    _, ok = call(alice, bob)
    bob.close()
    Phone(proxy)
    same(alice.ask("BYE", bob.contact, routes(ok)[::-1]).status, 430)


@case
def a_forged_token_is_told_403():
    proxy, alice, bob = pair()
    invite, ok = call(alice, bob)
    token = re.match("<sip:(.*?)@", ok.all("Record-Route")[0]).group(1)
    flow = re.search("flow=([^;]*)", invite.get("Via")).group(1)
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    for user in (changed, token[:-1], token + "A", "alice", flow):
        route = f"Route: <sip:{user}@127.0.0.1:{proxy.port};transport=ws;lr>"
        same(alice.ask("BYE", bob.contact, [route]).status, 403)
    assert bob.silent()


@case
def tokens_of_another_proxy_are_worth_nothing():
    _, alice, bob = pair()
    _, ok = call(alice, bob)
    other = Phone(start())
    same(other.ask("BYE", bob.contact, routes(ok)[:1]).status, 403)


@case
def hops_are_counted():
    _, alice, bob = pair()
    same(alice.ask("MESSAGE", bob.aor, hops="0").status, 483)
    same(alice.ask("MESSAGE", bob.aor, hops="many").status, 400)
    assert bob.silent()
    alice.send(alice.request("MESSAGE", bob.aor, hops=None))
    same(bob.receive().get("Max-Forwards"), "70")
    same(alice.ask("OPTIONS", "sip:test.example", hops="0").status, 200)


@case
def options_are_answered_or_relayed():
    _, alice, bob = pair()
    answer = alice.ask("OPTIONS", "sip:test.example")
    same((answer.status, answer.get("Supported")), (200, "path, outbound"))
    alice.send(alice.request("OPTIONS", bob.aor))
    same(bob.receive().method, "OPTIONS")


@case
def what_leads_nowhere_is_refused():
    _, alice, bob = pair(start("--domain", "test.example"))
    same(alice.ask("MESSAGE", "sip:nobody@test.example").status, 404)
    same(alice.ask("MESSAGE", "sip:bob@other.example").status, 404)
    same(alice.ask("MESSAGE", "sip:test.example").status, 404)
    same(alice.ask("MESSAGE", "tel:+49123").status, 416)
    same(alice.ask("MESSAGE", bob.aor,
                   ["Route: <sip:far.example;lr>"]).status, 403)
    same(alice.ask("MESSAGE", bob.aor, ["Route: nonsense"]).status, 400)
    answer = alice.ask("MESSAGE", bob.aor, ["Proxy-Require: x"])
    same((answer.status, answer.get("Unsupported")), (420, "x"))
    assert bob.silent()


@case
def an_ack_is_never_answered():
    _, alice, _ = pair()
    alice.send(alice.request("ACK", "sip:nobody@test.example"))
    assert alice.silent()


@case
def broken_requests_are_told_400_and_the_connection_stays():
    _, alice, bob = pair()
    good = alice.request("MESSAGE", bob.aor, body="x")
    for broken in (re.sub(r"To: [^\r]*\r\n", "", good),
                   re.sub(r"From: [^\r]*\r\n", "", good),
                   re.sub(r"Call-ID: [^\r]*\r\n", "", good),
                   re.sub(r"(CSeq: \d+) MESSAGE", r"\1 BYE", good),
                   good.replace("Content-Length: 1", "Content-Length: 2"),
                   good.replace("Content-Length: 1", "Content-Length: -1")):
        alice.send(broken)
        same(alice.receive().status, 400)
    alice.send(re.sub(r"Via: [^\r]*\r\n", "", good))
    assert alice.silent() and bob.silent()
    alice.send(good + "trailing")
    same(bob.receive().body, "x")


@case
def a_message_that_outgrew_the_limit_is_told_513():
    _, alice, bob = pair()
    small = len(alice.request("MESSAGE", bob.aor, body="x" * 60000))
    body = "x" * (60000 + 65536 - small)
    same(alice.ask("MESSAGE", bob.aor, body=body).status, 513)
    alice.send(alice.request("MESSAGE", bob.aor, body="x" * 60000))
    same(len(bob.receive().body), 60000)


# --------------------------------------------------------------- responses

@case
def only_who_was_asked_can_answer():
    proxy, alice, bob = pair()
    mallory = Phone(proxy, "mallory")
    mallory.register()
    alice.send(alice.request("MESSAGE", bob.aor))
    asked = bob.receive()
    mallory.send(mallory.answer(asked))
    assert alice.silent()
    bob.send(bob.answer(asked))
    same(alice.receive().status, 200)


@case
def an_answer_with_other_vias_is_dropped():
    proxy, alice, bob = pair()
    mallory = Phone(proxy, "mallory")
    mallory.register()
    alice.send(alice.request("MESSAGE", bob.aor))
    asked = bob.receive()
    mallory.send(mallory.request("MESSAGE", bob.aor))
    other = bob.receive()
    good = bob.answer(asked)
    ours, below = asked.all("Via")
    theirs = other.all("Via")[0]
    flow = re.search("flow=[^;]*", theirs).group(0)
    for bad in (good.replace(f"Via: {below}\r\n", ""),
                good.replace(f"Via: {ours}\r\n", ""),
                good.replace(ours, theirs),
                good.replace(re.search("flow=[^;]*", ours).group(0), flow),
                good.replace(below, below + "x"),
                good.replace(alice.host, mallory.host),
                good.replace(f"Call-ID: {alice.call_id}", "Call-ID: z"),
                good.replace("flow=", "flaw=")):
        assert bad != good
        bob.send(bad)
        assert alice.silent() and mallory.silent(), bad
    # What a peer may add to our Via does no harm.
    bob.send(good.replace(ours, f"{ours};received=192.0.2.1;rport=5060"))
    same(alice.receive().status, 200)


@case
def a_100_goes_one_hop():
    _, alice, bob = pair()
    alice.send(alice.request("INVITE", bob.aor))
    same(alice.receive().status, 100)
    invite = bob.receive()
    bob.send(bob.answer(invite, "100 Trying"))
    assert alice.silent()
    bob.send(bob.answer(invite, "180 Ringing"))
    same(alice.receive().status, 180)


@case
def an_answer_to_who_is_gone_is_lost():
    proxy, alice, bob = pair()
    alice.send(alice.request("MESSAGE", bob.aor))
    asked = bob.receive()
    alice.close()
    Phone(proxy, "alice").register()
    bob.send(bob.answer(asked))
    same(bob.ask("OPTIONS").status, 200)


# ------------------------------------------------------------------ digest

@case
def registrations_are_challenged_strongest_first():
    phone = Phone(start_with_users(), "alice")
    answer = phone.register()
    same(answer.status, 401)
    challenges = answer.all("WWW-Authenticate")
    same([re.search(r"algorithm=([\w-]+)", c).group(1) for c in challenges],
         ["SHA-256", "MD5"])
    for challenge in challenges:
        assert 'qop="auth"' in challenge and 'realm="test.example"' in challenge
        same(phone.register(headers=[digest(challenge, "secret")]).status, 200)


@case
def the_password_may_be_of_one_realm():
    proxy = start_with_users()
    bob, carol = Phone(proxy, "bob"), Phone(proxy, "carol")
    challenge = bob.register().get("WWW-Authenticate")
    same(bob.register(headers=[digest(challenge, "se:cret", user="bob")]).status,
         200)
    challenge = carol.register().get("WWW-Authenticate")
    same(carol.register(headers=[digest(challenge, "x", user="carol")]).status,
         401)


@case
def wrong_credentials_are_challenged_again():
    proxy = start_with_users()
    phone, other = Phone(proxy, "alice"), Phone(proxy, "alice")
    challenge = phone.register().get("WWW-Authenticate")
    good = digest(challenge, "secret")
    foreign = digest(other.register().get("WWW-Authenticate"), "secret")
    nonce = re.search('nonce="(.)', challenge).group(1)
    for bad in (digest(challenge, "wrong"),
                digest(challenge, "secret", qop="auth-int"),
                digest(challenge, "secret", qop=None),  # as in RFC 2069
                digest(challenge, "secret", uri="sip:other.example"),
                digest(challenge.replace(f'nonce="{nonce}', 'nonce="f'),
                       "secret"),
                good.replace("algorithm=SHA-256", "algorithm=SHA-512"),
                good.replace("Digest", "Basic"),
                foreign):
        answer = phone.register(headers=[bad])
        same((answer.status, "stale" in answer), (401, False))
    same(phone.register(headers=[good]).status, 200)


@case
def one_user_cannot_take_the_name_of_another():
    proxy = start_with_users()
    phone = Phone(proxy, "bob")
    challenge = phone.register().get("WWW-Authenticate")
    same(phone.register(headers=[digest(challenge, "secret")]).status, 403)
    alice = Phone(proxy, "alice")
    challenge = alice.register().get("WWW-Authenticate")
    alice.register(headers=[digest(challenge, "secret")])
    same(phone.ask("MESSAGE", alice.aor).status, 403)
    phone.aor = alice.aor
    same(phone.ask("MESSAGE", alice.aor).status, 403)
    alice.send(alice.request("MESSAGE", alice.aor))
    same(alice.receive().method, "MESSAGE")


@case
def a_bad_file_of_users_is_told():
    with tempfile.NamedTemporaryFile("w") as users:
        for text in ("nonsense\n", "", ":x\n", "a:" + "b" * 600 + "\n"):
            users.seek(0)
            users.truncate()
            users.write(text)
            users.flush()
            same(os.spawnl(os.P_WAIT, "/bin/sh", "sh", "-c",
                           f"{program} --listen 127.0.0.1:0 --users "
                           f"{users.name} 2>/dev/null"), 2)


# -------------------------------------------------------------------- HTTP

@case
def files_are_served():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/web")
        os.mkdir(f"{folder}/web/sub")
        page = "<p>" + "x" * 300000
        for name, text in (("web/index.html", page), ("web/sub/a.js", "1"),
                           ("web/.hidden", "no"), ("secret", "no"),
                           ("web/empty.css", "")):
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        proxy = start("--web", f"{folder}/web")

        def get(path, method="GET"):
            head, body = proxy.http(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n")
            return int(head.split(" ")[1]), head, body.decode()

        status, head, body = get("/")
        same((status, body), (200, page))
        assert "Content-Type: text/html; charset=utf-8" in head
        assert "X-Content-Type-Options: nosniff" in head
        assert "Content-Security-Policy:" in head
        status, head, body = get("/index.html?x=/../y", "HEAD")
        same((status, body), (200, ""))
        assert f"Content-Length: {len(page)}" in head
        status, head, body = get("/sub/a.js")
        same((status, body), (200, "1"))
        assert "Content-Type: text/javascript" in head
        same(get("/empty.css")[::2], (200, ""))
        for path in ("/../secret", "/sub/../../secret", "/%2e%2e/secret",
                     "/.hidden", "/sub", "/missing", "/sub/", "/./index.html",
                     "/" + "a" * 2000, "//etc/passwd/..", "/index.html%00"):
            status, head, body = get(path)
            same((path, status, "no" == body), (path, 404, False))


@case
def without_a_folder_there_is_no_page():
    head, _ = start().http("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert " 404 " in head


# --------------------------------------------------------------------- end

@case
def keep_alives_are_answered():
    phone = Phone(start())
    phone.send("\r\n\r\n")
    same(phone.receive(), "\r\n")
    phone.send("\r\n")
    assert phone.silent()


@case
def a_signal_drains():
    proxy, alice, bob = pair()
    proxy.stop(signal.SIGTERM)
    same(alice.receive(), None)
    same(bob.receive(), None)
    same((alice.closed, bob.closed), (1001, 1001))
    same(proxy.wait(), 0)


@case
def peers_that_do_not_answer_do_not_hold_it():
    proxy, alice, bob = pair()
    alice.mute = bob.mute = True
    proxy.stop(signal.SIGINT)
    same(proxy.wait(), 0)


@case
def a_second_signal_ends_it_at_once():
    proxy, _, _ = pair()
    # Stopped meanwhile, it takes both before it has waited for anybody.
    for one in "STOP", "INT", "TERM", "CONT":
        proxy.stop(signal.Signals["SIG" + one])
    same(proxy.wait(), 1)


sys.exit(run())
