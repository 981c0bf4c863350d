"""edge.py PORT: two phones at examples/proxy, the edge of a registrar that
others wrote. "ok" or "not ok" for each thing that works."""
import sys

from phone import Phone, Proxy

failed = 0


def check(what, holds):
    global failed
    failed = failed or not holds
    print(f"{'ok' if holds else 'not ok'} {what}", flush=True)


edge = Proxy.at(int(sys.argv[1]))
alice, bob = Phone(edge, "alice"), Phone(edge, "bob")
for phone in (alice, bob):
    phone.aor = f"sip:{phone.name}@example.com"
    answer = phone.register(headers=["Supported: path"], uri="sip:example.com")
    check(f"the registrar keeps the Path of {phone.name}",
          answer.status == 200 and (answer.get("Path") or "").endswith(";ob>"))
answer = alice.register(uri="sip:example.com")
check("a client without path is told 421", answer.status == 421)

alice.send(alice.request("MESSAGE", bob.aor, body="grüße"))
message = bob.receive()
check("a message comes back along the Path",
      message is not None and message.body == "grüße")
check("with its own URI and no Route",
      message.uri == bob.contact and not message.all("Route"))
bob.send(bob.answer(message))
check("its answer as well", alice.receive().status == 200)

alice.send(alice.request("INVITE", bob.aor, [f"Contact: <{alice.contact}>"],
                         call_id="call"))
check("a caller hears 100 at once", alice.receive().status == 100)
invite = bob.receive()
check("a call comes back along the Path",
      invite is not None and invite.uri == bob.contact)
bob.send(bob.answer(invite, headers=[f"Contact: <{bob.contact}>"], tag="fbob"))
ok = alice.receive()
check("it is answered", ok.status == 200)


def end(near, far, values):
    near.send(near.request("BYE", far.contact, [f"Route: {v}" for v in values],
                           call_id="call", to=f"<{far.aor}>;tag=f{far.name}"))
    bye = far.receive()
    if bye is None or bye.uri != far.contact or bye.all("Route"):
        return False
    far.send(far.answer(bye))
    return near.receive().status == 200


check("its caller can end it", end(alice, bob, ok.all("Record-Route")[::-1]))
check("so can who was called", end(bob, alice, invite.all("Record-Route")))

bob.close()
Phone(edge)  # the edge has noticed when it has answered this
check("a dead flow is told 430",
      alice.ask("MESSAGE", bob.aor).status == 430)
sys.exit(failed)
