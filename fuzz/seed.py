"""Records what passes between WebSocket peers, and makes seeds of it.

  seed.py relay PORT FOLDER     listens on 127.0.0.1, prints "port N", passes all
                                on to PORT and writes each connection's octets
                                to FOLDER/N.up (client's) and FOLDER/N.down
  seed.py make NAME FOLDER      writes fuzz/corpus/fuzz_*/NAME-N from there
  seed.py hand                  writes those that no peer sends

A seed is what fuzz/open.h says: four octets of settings, their last one with the
count of turns, which follow; one with the count of actions, the actions, and the
wire. One of fuzz_stage has the role and the stages before that; one of fuzz_pair
both sides' settings and turns, then steps of two octets.
fuzz/seed.sh runs all of it.
"""
import asyncio
import pathlib
import re
import sys

LIMIT = 4096  # octets of a seed
PER_SOURCE = 8  # seeds of a source for each target
SETTINGS = bytes(4)
NO_ACTION = bytes([0])
TAKE_ALL = bytes([1, 0, 2, 255])  # one action, at once: its request leaves
# The fuzzers' clients have the key of RFC 6455 section 1.3, so this is the answer.
ACCEPT = rb'(?i)(sec-websocket-accept: *)\S+', rb'\1s3pPLMBiTxaQ9kYGzzhZRbK+xOo='


async def record(reader, writer, path):
    with open(path, 'wb', buffering=0) as log:
        while data := await reader.read(65536):
            log.write(data)
            writer.write(data)
            await writer.drain()
    writer.close()


async def relay(port, folder):
    count = 0

    async def pass_on(reader, writer):
        nonlocal count
        count += 1
        path = folder / f'{count:02}'
        to_reader, to_writer = await asyncio.open_connection('127.0.0.1', port)
        await asyncio.gather(record(reader, to_writer, f'{path}.up'),
                             record(to_reader, writer, f'{path}.down'),
                             return_exceptions=True)

    server = await asyncio.start_server(pass_on, '127.0.0.1', 0)
    print('port', server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def frame_len(octets):
    """Of the first frame."""
    size = 2 + {126: 2, 127: 8}.get(octets[1] & 127, 0)
    length = int.from_bytes(octets[2:size], 'big') if size > 2 else octets[1] & 127
    return size + (octets[1] >> 7) * 4 + length


def pieces(octets):
    """Rows of whole frames, as long as a seed may be."""
    row = b''
    while len(octets) > 1 and frame_len(octets) <= len(octets):
        frame, octets = octets[:frame_len(octets)], octets[frame_len(octets):]
        if row and len(row) + len(frame) > LIMIT - 8:
            yield row
            row = b''
        if len(frame) <= LIMIT - 8:
            row += frame
    if row:
        yield row


def make(name, folder):
    counts = {}

    def write(target, seed):
        count = counts[target] = counts.get(target, 0) + 1
        if count <= PER_SOURCE:
            place = pathlib.Path('fuzz/corpus') / target
            (place / f'{name}-{count}').write_bytes(seed[:LIMIT])

    for up_path in sorted(folder.glob('*.up')):
        up = up_path.read_bytes()
        down = up_path.with_suffix('.down').read_bytes()
        request, _, frames_up = up.partition(b'\r\n\r\n')
        answer, _, frames_down = down.partition(b'\r\n\r\n')
        if b'websocket' not in request.lower():
            continue  # the page
        answer = re.sub(*ACCEPT, answer) + b'\r\n\r\n'
        write('fuzz_server_handshake', SETTINGS + NO_ACTION + request +
              b'\r\n\r\n' + next(pieces(frames_up), b'')[:1024])
        write('fuzz_client_handshake', SETTINGS + TAKE_ALL + answer +
              next(pieces(frames_down), b'')[:1024])
        for row in pieces(frames_up):
            write('fuzz_server', SETTINGS + NO_ACTION + row)
        for row in pieces(frames_down):
            write('fuzz_client', SETTINGS + NO_ACTION + row)


# Numbers of side_act.c, of its settings and of fuzz_pair.c.
SEND, TAKE, TICK, PING, CRLF, PAUSE, STOP = 1, 2, 3, 4, 5, 7, 8
CLOSE, EOF = 9, 10
FREE, STARVE, ACCEPT_LATER, REJECT, BODY = 13, 15, 18, 19, 20
OPAQUE, PULLS, FIXED, KEEPALIVE, STARVES, LATER, HANDED = 1, 2, 4, 8, 16, 32, 128
STREAM = 64  # a flag
WRITE, WRITE_HOOK, READ, READ_HOOK, SERVER = 24, 25, 26, 27, 128

UPGRADE = (b'GET /ws?x=1 HTTP/1.1\r\nHost: h.example\r\nUpgrade: websocket\r\n'
           b'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
           b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
           b'Sec-WebSocket-Protocol: sip\r\n\r\n')
SWITCHING = (b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
             b'Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n'
             b'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n')
HEAD = UPGRADE.replace(b' HTTP/1.1', b'', 1)  # as it is handed over
OPTIONS = b'OPTIONS sip:a@h SIP/2.0\r\nCall-ID: 1\r\n\r\n'


def frame(first, payload, masked):
    size = (bytes([len(payload)]) if len(payload) < 126
            else b'\x7e' + len(payload).to_bytes(2, 'big'))
    return (bytes([first, size[0] | (128 if masked else 0)]) + size[1:] +
            bytes(4 if masked else 0) + payload)


def settings(kind=0, turns=(), limits=0, policy=0, flags=0):
    return (bytes([kind, limits, policy, len(turns) | flags]) +
            bytes(octet for turn in turns for octet in turn))


def actions(*rows):
    return bytes([len(rows)]) + bytes(octet for row in rows for octet in row)


def dialogue(masked):
    return (frame(0x81, OPTIONS, masked) + 2 * frame(0x89, b'ping', masked) +
            frame(0x01, OPTIONS[:20], masked) + frame(0x8a, b'', masked) +
            frame(0x80, OPTIONS[20:], masked) +
            frame(0x81, b'\r\n\r\n', masked) + frame(0x81, b'\r\n', masked) +
            frame(0x82, b'\xff' * 300, masked) +
            frame(0x88, b'\x03\xe8bye', masked))


def records(octets, most=200):
    """As fuzz/toy.h has them."""
    rows = [octets[at:at + most] for at in range(0, len(octets), most)]
    return b''.join(bytes([len(row)]) + bytes(octet ^ 0x5a for octet in row)
                    for row in rows)


def hand_stages(write):
    server, client, first = b'\x01\x1c', b'\x00\x1c', b'\x01\x5e'
    upgrade, wire = records(UPGRADE), records(dialogue(1))
    message = records(3 * frame(0x81, OPTIONS, 1))
    write('fuzz_stage', 'server', server, settings(), actions(), upgrade, wire)
    write('fuzz_stage', 'pulled', server, settings(PULLS), actions((0, TAKE, 255)),
          records(UPGRADE + dialogue(1), 7), b'\x00e')
    write('fuzz_stage', 'client', client, settings(), actions((0, TAKE, 255)),
          records(SWITCHING), records(dialogue(0)))
    write('fuzz_stage', 'first', first, settings(), actions(), b'line', upgrade,
          b'\x00s', wire, b'\x00e')
    write('fuzz_stage', 'first-fails', first, settings(), actions(), b'f', upgrade)
    for name, kind in ('fails', 0), ('fails-pulled', PULLS):
        write('fuzz_stage', name, server, settings(kind), actions(), upgrade,
              message, b'\x00f')
    write('fuzz_stage', 'fails-paused', server,
          settings(PULLS, [(0, 0), (0, 0), (PAUSE, 0)]), actions(), upgrade,
          message, b'\x00f')
    write('fuzz_stage', 'fails-closing', server,
          settings(PULLS, [(0, 0), (CLOSE, 129)]), b'\x10', upgrade, message,
          b'\x00f')  # with cuts of its own
    write('fuzz_stage', 'blocks-stopped', server,
          settings(0, [(0, 0), (0, 0), (STOP, 0)]), b'\x10', upgrade,
          records(2 * frame(0x81, OPTIONS, 1) + frame(0x88, b'', 1)), b'\x00b')
    write('fuzz_stage', 'eof-in-record', server, settings(0, [(EOF, 0)]),
          actions(), records(UPGRADE + dialogue(1)))
    write('fuzz_stage', 'ends-in-verdict', server, settings(LATER | PULLS),
          actions(), upgrade, message, b'\x00e')
    write('fuzz_stage', 'output-fails', server, settings(0, [(SEND, 3)]),
          actions(), upgrade, b'\x00o', message)
    write('fuzz_stage', 'blocks', server, settings(0, [(SEND, 3)]),
          actions((255, TAKE, 40)), upgrade, b'\x00b', message, b'\x00b')
    write('fuzz_stage', 'handed-too-much', server, settings(HANDED), actions(),
          HEAD.replace(b'\r\n\r\n', b'\r\nA: ' + b'a' * 837 + b'\r\n\r\n'), wire)
    write('fuzz_stage', 'handed', server, settings(HANDED), actions(), HEAD, wire)


def hand():
    def write(target, name, *parts):
        place = pathlib.Path('fuzz/corpus') / target
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b''.join(parts))

    for target, masked in (('fuzz_server', 1), ('fuzz_client', 0)):
        wire = dialogue(masked)
        write(target, 'plain', settings(), actions(), wire)
        write(target, 'opaque', settings(OPAQUE), actions(), wire)
        write(target, 'pulled', settings(PULLS, [(SEND, 2), (PAUSE, 0)]),
              actions((60, TAKE, 7)), wire)
        write(target, 'fixed', settings(FIXED, [(SEND, 4), (PING, 9)], 36),
              actions((0, SEND, 3), (70, TAKE, 255)), wire)
        write(target, 'starved', settings(STARVES), actions((0, STARVE, 1)), wire)
        write(target, 'keep-alive', settings(KEEPALIVE, policy=120),
              actions((0, TICK, 40), (50, TICK, 30), (9, TAKE, 255)), wire)
        write(target, 'freed', settings(0, [(SEND, 0), (FREE, 0)]), actions(), wire)
        write(target, 'closes', settings(0, [(CLOSE, 129)]),
              actions((0, CRLF, 0), (90, TAKE, 3)), wire)
        write(target, 'bad-utf8', settings(), actions(),
              frame(0x81, b'\xed\xa0\x80', masked))
        write(target, 'cut-utf8', settings(), actions(),
              frame(0x01, b'gr\xc3', masked), frame(0x80, b'n', masked))
        write(target, 'wrong-mask', settings(), actions(), dialogue(not masked))
        write(target, 'long-length', settings(), actions(),
              bytes([0x82, 127 + 128 * masked, 0, 0, 0, 0, 0xff, 0, 0, 0]))

    frames = dialogue(1)
    write('fuzz_server_handshake', 'accepted', settings(), actions(), UPGRADE, frames)
    write('fuzz_server_handshake', 'later', settings(LATER),
          actions((255, ACCEPT_LATER, 1)), UPGRADE, frames)
    write('fuzz_server_handshake', 'rejected', settings(0, [(REJECT, 156)]),
          actions(), UPGRADE, frames)
    write('fuzz_server_handshake', 'page', settings(0, [(BODY, 248)]),
          actions((40, TAKE, 100)), b'GET /page HTTP/1.1\r\nHost: h\r\n\r\n')
    write('fuzz_server_handshake', 'head', settings(PULLS, [(REJECT, 152)]),
          actions(), b'HEAD / HTTP/1.0\r\n\r\n')
    write('fuzz_server_handshake', 'cookies', settings(), actions(), UPGRADE[:-2],
          b'Origin: http://h\r\nCookie: a=b; c="d"\r\n\r\n')
    frames = dialogue(0)
    take = (0, TAKE, 255)
    write('fuzz_client_handshake', 'accepted', settings(), actions(take), SWITCHING,
          frames)
    write('fuzz_client_handshake', 'early', settings(128, [(SEND, 1)]),
          actions((0, SEND, 0), take, (255, TAKE, 255)), SWITCHING, frames)
    write('fuzz_client_handshake', 'interim', settings(), actions(take),
          b'HTTP/1.1 103 Early Hints\r\n\r\n', SWITCHING, frames)
    write('fuzz_client_handshake', 'refused', settings(), actions(take),
          b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r"\r\n'
          b'Content-Length: 5\r\n\r\nsorry')
    write('fuzz_client_handshake', 'until-eof', settings(), actions(take),
          b'HTTP/1.1 302 Found\r\nLocation: ws://h2/\r\n\r\nsee there')

    write('fuzz_server_handshake', 'handed', settings(HANDED), actions(), HEAD,
          dialogue(1))
    write('fuzz_server_handshake', 'handed-pulled', settings(HANDED | PULLS),
          actions(), HEAD, dialogue(1))
    write('fuzz_server_handshake', 'handed-stream', settings(HANDED, flags=STREAM),
          actions(), HEAD.replace(b'GET', b'CONNECT'), dialogue(1))
    write('fuzz_server_handshake', 'handed-page', settings(HANDED), actions(),
          b'GET /page\r\nHost: h\r\n\r\n')
    write('fuzz_server_handshake', 'handed-full', settings(HANDED), actions(),
          HEAD.replace(b'\r\n\r\n', b'\r\nA: ' + b'a' * 835 + b'\r\n\r\n'),
          dialogue(1))
    write('fuzz_server_handshake', 'verdict-starved', settings(STARVES, [(STARVE, 16)]),
          actions(), UPGRADE, dialogue(1))
    write('fuzz_server_handshake', 'eof-kept',
          settings(LATER | PULLS, [(0, 0), (EOF, 0)]), b'\x10',
          UPGRADE + frame(0x88, b'', 1) + frame(0x81, OPTIONS + b'x' * 700, 1))
    hand_stages(write)

    opened = bytes([WRITE, 255, SERVER | READ, 255, SERVER | WRITE, 255, READ, 255])
    hooks = bytes([WRITE_HOOK, 20, SERVER | READ_HOOK, 20]) * 9
    talk = bytes([SEND, 2, SERVER | SEND, 4, WRITE, 255, SERVER | READ_HOOK, 9,
                  SERVER | WRITE_HOOK, 255, READ, 30, SEND, 0, PING, 4,
                  SERVER | TICK, 9, WRITE_HOOK, 50, SERVER | READ, 90])
    write('fuzz_pair', 'talk', settings() * 2, opened, talk)
    write('fuzz_pair', 'hooks', settings() * 2, hooks, talk)
    write('fuzz_pair', 'opaque', settings(OPAQUE | PULLS, limits=4),
          settings(OPAQUE, [(SEND, 1), (SEND, 7)]), opened, talk)
    write('fuzz_pair', 'fixed', settings(FIXED), settings(FIXED | PULLS), opened, talk)
    write('fuzz_pair', 'closes', settings() * 2, opened, talk,
          bytes([SERVER | CLOSE, 1, SEND, 0]), talk)
    write('fuzz_pair', 'expires', settings(KEEPALIVE) + settings(), opened,
          bytes([SEND, 2, WRITE, 1, SEND, 3, SEND, 1, TICK, 20, SEND, 1]), talk)
    write('fuzz_pair', 'starves', settings(STARVES) + settings(), opened,
          bytes([STARVE, 0]), talk)
    write('fuzz_pair', 'breaks', settings() * 2, opened,
          bytes([28, 1, WRITE_HOOK, 9]), talk)
    came = bytes([WRITE, 255, SERVER | READ_HOOK, 255])  # some is kept
    write('fuzz_pair', 'pauses', settings(),
          settings(0, [(0, 0), (0, 0), (PAUSE, 0), (PAUSE, 0)]), opened,
          bytes([SEND, 0] * 3), came)
    write('fuzz_pair', 'keeps', settings(OPAQUE), settings(PULLS), opened,
          bytes([SEND, 0] * 24), came, bytes([SEND, 0, WRITE, 255, SERVER | READ, 255]))
    write('fuzz_pair', 'full', settings(limits=3) * 2, opened,
          bytes([SEND, 7, TAKE, 255] * 20))


if sys.argv[1] == 'relay':
    asyncio.run(relay(int(sys.argv[2]), pathlib.Path(sys.argv[3])))
elif sys.argv[1] == 'hand':
    hand()
else:
    make(sys.argv[2], pathlib.Path(sys.argv[3]))
