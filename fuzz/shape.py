"""What inputs of the fuzz targets are made of.

One of fuzz_server, fuzz_client and the handshakes is what fuzz/open.h says: four
octets of settings, their last one with the count of turns, which follow; one with
the count of actions, the actions, and the wire. One of fuzz_stage has the role and
the stages before that; one of fuzz_pair both sides' settings and turns, then steps
of two octets.
"""

# By number, as in side_act.c: of turns, actions and steps.
(NOTHING, SEND, TAKE, TICK, PING, CRLF, LEND, PAUSE, STOP, CLOSE, EOF, LOST, ABORT,
 FREE, DRAIN, STARVE, FAIL_RANDOM, SET_TIMERS, ACCEPT, REJECT, BODY,
 ADD_HEADER) = range(22)
# Of steps alone, as in fuzz_pair.c; SERVER is added to those of the server.
WRITE, WRITE_HOOK, READ, READ_HOOK, BREAK = range(24, 29)
SERVER = 128
# Kinds of sides, as in side.h, and two flags beside the count of turns.
OPAQUE, PULLS, FIXED, KEEPALIVE, STARVES, LATER, ANY_NAME, EXTRAS = (
    1, 2, 4, 8, 16, 32, 64, 128)
HANDED = EXTRAS  # a server's
STREAM, TRIMS = 64, 128

# The fuzzers' clients have the key of RFC 6455 section 1.3, fuzz_tunnel's has one
# of fuzz_same; these are the answers.
ANSWER = b's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
ANSWER_TO_SAME = b'CdXSYUsvsaMthlEXWDNURGWA/1o='
UPGRADE = (b'GET /ws?x=1 HTTP/1.1\r\nHost: h.example\r\nUpgrade: websocket\r\n'
           b'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
           b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
           b'Sec-WebSocket-Protocol: sip\r\n\r\n')
SWITCHING = (b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
             b'Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n'
             b'Sec-WebSocket-Accept: ' + ANSWER + b'\r\n\r\n')
OPTIONS = b'OPTIONS sip:a@h SIP/2.0\r\nCall-ID: 1\r\n\r\n'


def handed(request):
    """As fuzz/handed.h has it: without a version."""
    return request.replace(b' HTTP/1.1', b'', 1)


def with_header(head, name, value):
    return head[:-2] + name + b': ' + value + b'\r\n\r\n'


def frame(first, payload, masked, key=bytes(4)):
    size = (bytes([len(payload)]) if len(payload) < 126
            else b'\x7e' + len(payload).to_bytes(2, 'big'))
    if not masked:
        return bytes([first]) + size + payload
    return (bytes([first, size[0] | 128]) + size[1:] + key +
            bytes(octet ^ key[at % 4] for at, octet in enumerate(payload)))


def settings(kind=0, turns=(), limits=0, policy=0, flags=0):
    return (bytes([kind, limits, policy, len(turns) | flags]) +
            bytes(octet for turn in turns for octet in turn))


def actions(*rows, cuts=0):
    """Each row: how many octets of the wire go before it, what, its argument."""
    return (bytes([len(rows) | cuts << 4]) +
            bytes(octet for row in rows for octet in row))


def dialogue(masked):
    return (frame(0x81, OPTIONS, masked) + 2 * frame(0x89, b'ping', masked) +
            frame(0x01, OPTIONS[:20], masked) + frame(0x8a, b'', masked) +
            frame(0x80, OPTIONS[20:], masked) +
            frame(0x81, b'\r\n\r\n', masked) + frame(0x81, b'\r\n', masked) +
            frame(0x82, b'\xff' * 300, masked) +
            frame(0x88, b'\x03\xe8bye', masked))


def record(octets):
    return bytes([len(octets)]) + bytes(octet ^ 0x5a for octet in octets)


def records(octets, most=200):
    """As fuzz/toy.h has them."""
    return b''.join(record(octets[at:at + most])
                    for at in range(0, len(octets), most))
