"""The opening handshake, and extensions: none is agreed, whatever is offered."""

from book import Section
from frames import ping, pong, text
from handshake import KEY, accept_of
from openings import opens, refuses, rejects
from steps import echo, fails, get, send

SECTION = Section("handshake", "RFC 6455 4, 9, RFC 7692, RFC 7118 4")
SERVER, CLIENT = ("server",), ("client",)


def asked(name, opening, *steps, **how):
    """A request that a server gets."""
    SECTION.case("request: " + name, *steps, roles=SERVER, opening=opening, **how)


def answered(name, opening, *steps, **how):
    """An answer that a client gets."""
    SECTION.case("answer: " + name, *steps, roles=CLIENT, opening=opening, **how)


SECTION.case("the usual one", echo(text("hello")))

# ---- requests

asked("a path alone", opens(first="GET / HTTP/1.1"))
asked("a whole URL", opens(first="GET http://127.0.0.1/any HTTP/1.1"))
asked("tokens in other cases, among others",
      opens(Upgrade="foo, WebSocket", Connection="keep-alive, uPGRADE"))
asked("an Origin and lines that nobody knows",
      opens(Origin="http://example.com", X_Unknown="1, 2, 3"))
asked("an empty line in front", opens(first="\r\nGET / HTTP/1.1"))
asked("no Upgrade", refuses(400, Upgrade=None))
asked("another Upgrade", refuses(400, Upgrade="h2c"))
asked("no Connection", refuses(400, Connection=None))
asked("Connection without upgrade", refuses(400, Connection="keep-alive"))
asked("no key", refuses(400, Sec_WebSocket_Key=None))
asked("an empty key", refuses(400, Sec_WebSocket_Key=""))
asked("a key of 15 octets", refuses(400, Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2Rl"))
asked("a key that is not base64",
      refuses(400, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZ!=="))
asked("two keys", refuses(400, Sec_WebSocket_Key=(KEY, KEY)))
asked("no version", refuses(426, Sec_WebSocket_Version=None))
for version in "0", "8", "12", "14", "255":
    asked(f"version {version}", refuses(426, Sec_WebSocket_Version=version))
asked("two versions", refuses(400, Sec_WebSocket_Version=("13", "13")))
asked("no Host", refuses(400, Host=None))
asked("two Hosts", refuses(400, Host=("a.invalid", "b.invalid")))
asked("POST", refuses(405, first="POST / HTTP/1.1"))
asked("HTTP/1.0", refuses(426, first="GET / HTTP/1.0"))
asked("HTTP/2.0", refuses(505, first="GET / HTTP/2.0"))
asked("a body", refuses(413, Content_Length="5"))
asked("two lengths", refuses(400, Content_Length=("0", "5")))
asked("nonsense", refuses(400, first="nonsense"))
asked("a line folded", refuses(400, X_Folded="a\r\n b"))
asked("101 header lines", refuses(431, X_Line=("1",) * 101))

# ---- subprotocols (RFC 7118 section 4)

asked("any subprotocol", opens("chat", Sec_WebSocket_Protocol="chat, sip"),
      profile="opaque")
asked("sip among others", opens("sip", Sec_WebSocket_Protocol="chat, sip, foo"),
      profile="sip")
asked("sip in a second line",
      opens("sip", Sec_WebSocket_Protocol=("chat", "sip")), profile="sip")
asked("no subprotocol", refuses(400, Sec_WebSocket_Protocol=None),
      profile="sip")
asked("another subprotocol", refuses(400, Sec_WebSocket_Protocol="chat"),
      profile="sip")
asked("sip in capitals", refuses(400, Sec_WebSocket_Protocol="SIP"),
      profile="sip")
asked("an empty subprotocol", refuses(400, Sec_WebSocket_Protocol=""),
      profile="sip")
answered("no subprotocol", rejects(Sec_WebSocket_Protocol=None), profile="sip")
answered("another subprotocol", rejects(Sec_WebSocket_Protocol="chat"))
answered("sip in capitals", rejects(Sec_WebSocket_Protocol="SIP"),
         profile="sip")
answered("two subprotocols", rejects(Sec_WebSocket_Protocol="sip, sip"))

# ---- answers

answered("octets of a message behind the head",
         opens(), send(text("at once")), get(text("at once")))
answered("100 Continue in front", opens(before=b"HTTP/1.1 100 Continue\r\n\r\n"),
         echo(text("on")))
answered("tokens in other cases",
         opens(Upgrade="WebSocket", Connection="keep-alive, UPGRADE"),
         echo(text("on")))
answered("the accept of another key",
         rejects(Sec_WebSocket_Accept=accept_of(KEY)))
answered("no accept", rejects(Sec_WebSocket_Accept=None))
answered("no Upgrade", rejects(Upgrade=None))
answered("another Upgrade", rejects(Upgrade="h2c"))
answered("no Connection", rejects(Connection=None))
answered("Connection without upgrade", rejects(Connection="close"))
answered("nonsense", rejects(first="nonsense"))
answered("HTTP/1.0", rejects(first="HTTP/1.0 101 Switching Protocols"))
for status in 200, 401, 404, 500, 503:
    answered(f"status {status}",
             rejects(says=f"the handshake was refused: HTTP status {status}",
                     first=f"HTTP/1.1 {status} No", Content_Length="0"))

# ---- compression and other extensions: never agreed, so RSV1 stays reserved

COMPRESSED = b"\xf2\x48\xcd\xc9\xc9\x07\x00"  # "Hello", RFC 7692 7.2.3.1
for offer in ("permessage-deflate",
              "permessage-deflate; client_max_window_bits",
              "permessage-deflate; server_no_context_takeover; "
              "client_no_context_takeover",
              "permessage-deflate; server_max_window_bits=8, permessage-deflate",
              'permessage-deflate; client_max_window_bits="15"',
              "x-webkit-deflate-frame", "foo; bar=1, baz"):
    asked(f"offered: {offer}", opens(Sec_WebSocket_Extensions=offer),
          echo(text("plain")))
    asked(f"offered: {offer}; RSV1 all the same",
          opens(Sec_WebSocket_Extensions=offer),
          send(text(COMPRESSED, rsv=4)), fails(1002))
    answered(f"agreed: {offer}", rejects(Sec_WebSocket_Extensions=offer))
for offer in "foo=", ";", "foo bar", '"quoted"', "foo; =1":
    asked(f"offered what is none: {offer}",
          refuses(400, Sec_WebSocket_Extensions=offer))
asked("offered twice",
      opens(Sec_WebSocket_Extensions=("permessage-deflate", "foo")),
      send(ping("on")), get(pong("on")))
answered("an empty extension", rejects(Sec_WebSocket_Extensions=""))
