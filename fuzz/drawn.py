"""Draws inputs of a fuzz target, each whole and in its format.

  drawn.py TARGET SEED COUNT MOST FOLDER
                     writes COUNT of up to MOST octets into FOLDER, the same for the
                     same SEED; none if it does not know TARGET
  drawn.py           tells the targets that it knows
"""
import pathlib
import random
import sys
from random import choice, randrange

from parts import (
    act, answer, body, frames, handed_request, interim, is_one_in, request, response,
    some, some_actions, some_kind, some_settings, spoken, weighed, word)
from shape import (
    ANSWER, ANSWER_TO_SAME, BREAK, HANDED, READ, READ_HOOK, SEND, SERVER, TAKE, TICK,
    WRITE, WRITE_HOOK)


# ---- one connection

def fuzz_server():
    return some_settings(some_kind()) + some_actions() + frames(1)


def fuzz_client():
    return some_settings(some_kind()) + some_actions() + frames(0)


def fuzz_server_handshake():
    kind = some_kind()
    head = handed_request() if kind & HANDED else request()
    return some_settings(kind) + some_actions() + head + frames(1)


def fuzz_client_handshake():
    return some_settings(some_kind()) + some_actions() + answer() + frames(0)


def fuzz_stage():
    kind, role = some_kind(), randrange(2)
    count, piece, takes = randrange(4), randrange(8), randrange(8)
    lines = b'f' if is_one_in(20) else b'l' * (count * takes)
    if role == 0:  # its request leaves when those that finish have done so
        todo = some_actions((0, TAKE, 255), (len(lines), TAKE, 255))
        head = lines + spoken(answer(), b'sbx')
    else:
        todo = some_actions()
        head = (handed_request() + lines if kind & HANDED
                else lines + spoken(request(), b'sbx'))
    end = some(1, word, b'fmoeb') + some(1, spoken, frames(role), b'fmoeb')
    return (bytes([role, count | piece << 2 | takes << 5]) + some_settings(kind) + todo +
            head + spoken(frames(role), b'sbx') + end)


def fuzz_lane():
    masked = randrange(2)
    return bytes([2 * randrange(128) + masked, randrange(256)]) + frames(masked)


# ---- a client and a server

def step(pace, sizes):
    what, argument = weighed(
        (30, (SEND, 8 * randrange(32) + choice(sizes))),
        (60, (choice((WRITE, WRITE_HOOK, READ, READ_HOOK)), pace)),
        (20, act()),
        (8, (TICK, choice((9, 18, 20, 30)))),
        (1, (BREAK, randrange(16))))
    return bytes([what + choice((0, SERVER)), argument])


def fuzz_pair():
    opened = bytes([WRITE, 255, SERVER | READ, 255, SERVER | WRITE, 255, READ, 255])
    # octets move as fast as messages come, or slower, or at once
    pace = choice((2, 10, 20, 40, 255))
    sizes = choice(((0,), (0, 1, 2), (5, 6, 7), range(8)))
    return (some_settings(some_kind()) + some_settings(some_kind()) +
            weighed((9, opened), (1, b'')) + some(230, step, pace, sizes))


# ---- in front of a server

def fuzz_tunnel():
    flags = randrange(256)
    proxy = b''
    if flags & 1:
        status = weighed((6, 200), (1, 204), (1, 299), (2, 407), (1, 403), (1, 101))
        proxy = (some(2, interim) + response(status) +
                 weighed((4, b''), (1, body())))
    return (bytes([flags, choice((0, 1, 3, 15, 60, 100, 255))]) + proxy +
            answer().replace(ANSWER, ANSWER_TO_SAME) + frames(0))


def address():
    return weighed(
        (1, bytes([10, 0, 0, 1]) + bytes(12)), (1, bytes([127, 0, 0, 1]) + bytes(12)),
        (1, bytes(10) + b'\xff\xff\x0a\x00\x00\x01'), (1, bytes(15) + b'\x01'),
        (1, bytes.fromhex('20010db8') + bytes(11) + b'\x01'), (1, random.randbytes(16)))


def entry():
    return choice((
        b'10.0.0.0/8', b'127.0.0.1', b'::1/128', b'2001:db8::/32', b'0.0.0.0/0', b'::/0',
        b'::ffff:10.0.0.0/104', b'1.2.3.4/33', b'*', b'https://a.example',
        b'http://*.b.example:80', b'null')) + choice((b', ', b' ', b',', b'\n'))


def element():
    return choice((
        b'for=192.0.2.1', b'For="[2001:db8::1]:80"', b'for=_x;proto=https;by=unknown',
        b'for="10.0.0.1:5";host="a:1"', b'192.0.2.1', b'[::1]:5', b'::ffff:1.2.3.4',
        b'a=b; c=d', b'x=%41&y=z%2', b'"q\\"x"', b';;', b'for=', b'proto=wss')
    ) + choice((b', ', b', ', b';', b'&', b']'))


def fuzz_front():
    entries = some(8, entry)[:255]
    elements = weighed((9, some(12, element)), (1, b'https://a.example'), (1, b'null'))
    return (bytes([randrange(4)]) + address() + bytes([randrange(256), len(entries)]) +
            entries + elements)


TARGETS = {target.__name__: target for target in (
    fuzz_server, fuzz_client, fuzz_server_handshake, fuzz_client_handshake,
    fuzz_stage, fuzz_lane, fuzz_pair, fuzz_tunnel, fuzz_front)}

if len(sys.argv) == 1:
    print(*TARGETS)
elif sys.argv[1] in TARGETS:
    name, seed, count, most, folder = sys.argv[1:]
    random.seed(f'{name} {seed}')
    for number in range(int(count)):
        octets = TARGETS[name]()[:int(most)]
        (pathlib.Path(folder) / f'{number:05}').write_bytes(octets)
