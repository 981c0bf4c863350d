"""Draws parts of inputs, by Python's random numbers: most are well formed, so that
a dialogue comes far before it fails, and some break a rule each."""
import random
from random import choice, randrange

from shape import (
    ABORT, ACCEPT, ADD_HEADER, ANSWER, ANY_NAME, BODY, CLOSE, CRLF, DRAIN, EOF,
    EXTRAS, FAIL_RANDOM, FIXED, FREE, KEEPALIVE, LATER, LEND, LOST, NOTHING, OPAQUE,
    OPTIONS, PAUSE, PING, PULLS, REJECT, SEND, SET_TIMERS, STARVE, STARVES, STOP,
    STREAM, SWITCHING, TAKE, TICK, TRIMS, UPGRADE, actions, frame, handed, record,
    settings, with_header)


def weighed(*rows):
    """The value of one of the rows, each of which has its weight before it."""
    weights, values = zip(*rows)
    return random.choices(values, weights)[0]


def is_one_in(count):
    return randrange(count) == 0


def noise(most):
    return random.randbytes(randrange(most + 1))


def some(most, draw, *arguments):
    """Up to |most| of what |draw| draws."""
    return b''.join(draw(*arguments) for _ in range(randrange(most + 1)))


# ---- what a side is, and does

def act():
    """What, and its argument. What ends all is rare, and so is what leaves whole
    and cut runs without comparison."""
    what = weighed(
        (6, NOTHING),
        (12, choice((SEND, TAKE, TICK, PING, CRLF, LEND, PAUSE, STOP, SET_TIMERS))),
        (4, choice((ACCEPT, REJECT, BODY, ADD_HEADER))),
        (3, choice((CLOSE, DRAIN, EOF, LOST, ABORT, FREE, STARVE, FAIL_RANDOM))))
    return what, choice((0, 1, 2, 3, 7, 16, 129, 255, randrange(256)))


def some_kind():
    often = (OPAQUE, PULLS, FIXED, KEEPALIVE, LATER, ANY_NAME, EXTRAS)
    return (sum(bit for bit in often if is_one_in(3)) +
            (STARVES if is_one_in(8) else 0))


def some_settings(kind):
    message_size = weighed((3, 0), (1, 1), (1, 2), (4, 3))
    limits = message_size + 4 * randrange(64)
    policy = weighed((2, 0), (1, 120), (1, randrange(256)))
    turns = [act() for _ in range(choice((0, 1, 2, 3, 5, 8, 14)))]
    if kind & STARVES:
        turns.insert(randrange(len(turns) + 1), (STARVE, randrange(32)))
    return settings(kind, turns, limits, policy, choice((0, 0, STREAM, TRIMS)))


def some_actions(*rows):
    """|rows| first."""
    more = [(choice((0, 0, randrange(256))), *act())
            for _ in range(choice((0, 0, 1, 2, 4, 13)))]
    return actions(*rows, *more, cuts=randrange(16))


# ---- frames

def sip():
    body = b'x' * choice((0, 0, 10, 84, 85, 100, 250, 300, 800, 1600))
    start = choice((b'', b'', b'\r\n')) + OPTIONS
    length = len(body) + weighed((4, 0), (1, -1), (1, 1))
    if is_one_in(2):
        start = with_header(start, b'Content-Length', b'%d' % length)
    return start + body


def text():
    return choice((b'not sip', 'grüße €𐍈'.encode())) * randrange(60)


def message(masked, key):
    return frame(choice((0x81, 0x82)), choice((sip, sip, sip, text))(), masked, key)


def message_in_pieces(masked, key):
    """With control frames between them."""
    wire, first = b'', choice((0x01, 0x02))
    payload = choice((sip, text))()
    while len(payload) > 0 and not is_one_in(5):
        size = randrange(min(len(payload), 300) + 1)
        wire += frame(first, payload[:size], masked, key)
        wire += frame(0x89, noise(125), masked, key) if is_one_in(3) else b''
        payload, first = payload[size:], 0
    return wire + frame(first | 0x80, payload, masked, key)


def binary(masked, key):
    return frame(0x82, noise(600), masked, key)


def ping_or_pong(masked, key):
    return frame(choice((0x89, 0x8a)), noise(125), masked, key)


def crlf(masked, key):
    return frame(0x81, choice((b'\r\n\r\n', b'\r\n')), masked, key)


def close(masked, key):
    code = choice((1000, 1001, 1002, 1005, 1011, 1015, 2999, 3000, 4999, 5000))
    reason = weighed((3, b''), (3, b'bye'), (1, b'r' * 123), (1, b'gr\xc3'))
    payload = weighed((1, b''), (1, b'\x03'), (6, code.to_bytes(2, 'big') + reason))
    return frame(0x88, payload, masked, key)


def bad_frame(masked, key):
    """It breaks a rule of RFC 6455 section 5."""
    return choice((
        frame(0x81, b'gr\xc3', masked, key),
        frame(0x01, b'g', masked, key) + frame(0x80, b'r\xc3', masked, key),
        frame(0x01, b'gr\xc3', masked, key) + frame(0x80, b'n', masked, key),
        frame(choice((0x83, 0x8b, 0xc1, 0x91, 0xa2)), b'a', masked, key),
        frame(choice((0x09, 0x08, 0x0a)), b'a', masked, key),
        frame(0x89, bytes(126), masked, key),
        frame(0x80, b'a', masked, key),
        frame(0x01, b'a', masked, key) + frame(0x81, b'b', masked, key),
        frame(0x81, b'a', not masked, key),
        bytes([0x82, 127 | 128 * masked]) + noise(9),
        bytes([0x82, 126 | 128 * masked, 0, 9]) + key + bytes(9)))


def some_frame(masked):
    draw = weighed((8, message), (5, message_in_pieces), (2, binary),
                   (6, ping_or_pong), (3, crlf), (1, close), (1, bad_frame))
    return draw(masked, choice((bytes(4), random.randbytes(4))))


def frames(masked):
    wire = some(12, some_frame, masked)
    return wire[:randrange(len(wire) + 1)] if is_one_in(5) else wire


def spoken(octets, words):
    """In records of any size, with some of |words| between them, see toy.h."""
    wire = b''
    while len(octets) > 0:
        size = weighed((4, 200), (1, 255), (1, 50), (1, 7), (1, 1))
        wire += record(octets[:size])
        wire += word(words) if is_one_in(20) else b''
        octets = octets[size:]
    return wire


def word(words):
    return bytes([0, choice(words)])


# ---- heads

def request():
    return weighed(
        (6, UPGRADE),
        (1, UPGRADE.replace(b'Upgrade: websocket\r\n', b'')),
        (1, UPGRADE.replace(b'sip', choice((b'foo', b'foo, sip', b'SIP')))),
        (1, UPGRADE.replace(b': 13', b': 14')),
        (1, with_header(UPGRADE, b'Cookie', b'a=b; c="d"')),
        (1, with_header(UPGRADE, b'A', b'a' * randrange(1000))),
        (1, choice((b'GET', b'HEAD')) + b' /page HTTP/1.1\r\nHost: h\r\n\r\n'))


def handed_request():
    head = handed(request())
    return head.replace(b'GET', b'CONNECT', 1) if is_one_in(3) else head


def challenge():
    return choice((
        b'Basic realm="x"', b'Bearer', b'Digest nonce="n"',
        b'Digest realm="r", nonce="n"',
        b'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256',
        b'Digest realm="r\\"", nonce=n, qop="auth,auth-int", opaque="o"',
        b'Basic realm="a", Digest realm="r", nonce="n", algorithm=MD5'))


def response(status, *headers):
    """Other headers come before |headers|."""
    head = b'HTTP/1.1 %d X\r\n\r\n' % status
    for _ in range(randrange(4)):
        head = with_header(head, *choice((
            (b'Content-Length', b'%d' % choice((0, 5, 100))), (b'Connection', b'close'),
            (b'Transfer-Encoding', b'chunked'), (b'Set-Cookie', b'a=b; Path=/'),
            (b'WWW-Authenticate', challenge()), (b'Proxy-Authenticate', challenge()),
            (b'X', b'y' * randrange(1000)))))
    for header in headers:
        head = with_header(head, *header)
    return head


def interim():
    return response(choice((100, 102, 103)))


def body():
    return choice((b'', b'hello', b'5\r\nhello\r\n0\r\n\r\n', b'x' * randrange(900)))


def refusal():
    return weighed(
        (3, response(401, (b'WWW-Authenticate', challenge()))),
        (1, response(302, (b'Location', choice((b'/', b'ws://h2/'))))),
        (1, response(503, (b'Retry-After', b'5'))),
        (1, response(choice((200, 204, 404, 426))))) + body()


def answer():
    return some(1, interim) + weighed(
        (6, SWITCHING),
        (1, SWITCHING.replace(b'sip', choice((b'foo', b'SIP')))),
        (1, SWITCHING.replace(ANSWER, choice((b'', b'abc')))),
        (1, with_header(SWITCHING, b'A', b'a' * randrange(1000))),
        (6, refusal()))
