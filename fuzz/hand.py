"""Writes seeds made by hand, of what no peer sends, into fuzz/corpus."""
import pathlib

from shape import (
    ACCEPT, BODY, BREAK, CLOSE, CRLF, EOF, EXTRAS, FIXED, FREE, HANDED, KEEPALIVE,
    LATER, OPAQUE, OPTIONS, PAUSE, PING, PULLS, READ, READ_HOOK, REJECT, SEND, SERVER,
    STARVE, STARVES, STOP, STREAM, SWITCHING, TAKE, TICK, UPGRADE, WRITE, WRITE_HOOK,
    actions, dialogue, frame, handed, records, settings, with_header)

HEAD = handed(UPGRADE)


def write(target, name, *parts):
    place = pathlib.Path('fuzz/corpus') / target
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(b''.join(parts))


def frames(target, masked):
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


def server_handshake():
    target, wire = 'fuzz_server_handshake', dialogue(1)
    write(target, 'accepted', settings(), actions(), UPGRADE, wire)
    write(target, 'later', settings(LATER), actions((255, ACCEPT, 1)), UPGRADE, wire)
    write(target, 'rejected', settings(0, [(REJECT, 156)]), actions(), UPGRADE, wire)
    write(target, 'page', settings(0, [(BODY, 248)]), actions((40, TAKE, 100)),
          b'GET /page HTTP/1.1\r\nHost: h\r\n\r\n')
    write(target, 'head', settings(PULLS, [(REJECT, 152)]), actions(),
          b'HEAD / HTTP/1.0\r\n\r\n')
    write(target, 'cookies', settings(), actions(), UPGRADE[:-2],
          b'Origin: http://h\r\nCookie: a=b; c="d"\r\n\r\n')
    write(target, 'verdict-starved', settings(STARVES, [(STARVE, 16)]), actions(),
          UPGRADE, wire)
    write(target, 'eof-kept', settings(LATER | PULLS, [(0, 0), (EOF, 0)]),
          actions(cuts=1), UPGRADE, frame(0x88, b'', 1),
          frame(0x81, OPTIONS + b'x' * 700, 1))


def server_handed():
    target, wire = 'fuzz_server_handshake', dialogue(1)
    write(target, 'handed', settings(HANDED), actions(), HEAD, wire)
    write(target, 'handed-pulled', settings(HANDED | PULLS), actions(), HEAD, wire)
    write(target, 'handed-stream', settings(HANDED, flags=STREAM), actions(),
          HEAD.replace(b'GET', b'CONNECT'), wire)
    write(target, 'handed-page', settings(HANDED), actions(),
          b'GET /page\r\nHost: h\r\n\r\n')
    write(target, 'handed-full', settings(HANDED), actions(),
          with_header(HEAD, b'A', b'a' * 835), wire)


def client_handshake():
    target, wire = 'fuzz_client_handshake', dialogue(0)
    take = (0, TAKE, 255)
    write(target, 'accepted', settings(), actions(take), SWITCHING, wire)
    write(target, 'early', settings(EXTRAS, [(SEND, 1)]),
          actions((0, SEND, 0), take, (255, TAKE, 255)), SWITCHING, wire)
    write(target, 'interim', settings(), actions(take),
          b'HTTP/1.1 103 Early Hints\r\n\r\n', SWITCHING, wire)
    write(target, 'refused', settings(), actions(take),
          b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r"\r\n'
          b'Content-Length: 5\r\n\r\nsorry')
    write(target, 'until-eof', settings(), actions(take),
          b'HTTP/1.1 302 Found\r\nLocation: ws://h2/\r\n\r\nsee there')


def stages():
    target, server, client, first = 'fuzz_stage', b'\x01\x1c', b'\x00\x1c', b'\x01\x5e'
    upgrade, wire = records(UPGRADE), records(dialogue(1))
    write(target, 'server', server, settings(), actions(), upgrade, wire)
    write(target, 'pulled', server, settings(PULLS), actions((0, TAKE, 255)),
          records(UPGRADE + dialogue(1), 7), b'\x00e')
    write(target, 'client', client, settings(), actions((0, TAKE, 255)),
          records(SWITCHING), records(dialogue(0)))
    write(target, 'first', first, settings(), actions(), b'line', upgrade, b'\x00s',
          wire, b'\x00e')
    write(target, 'first-fails', first, settings(), actions(), b'f', upgrade)
    write(target, 'handed-too-much', server, settings(HANDED), actions(),
          with_header(HEAD, b'A', b'a' * 837), wire)
    write(target, 'handed', server, settings(HANDED), actions(), HEAD, wire)


def stages_that_end():
    target, server = 'fuzz_stage', b'\x01\x1c'
    upgrade, message = records(UPGRADE), records(3 * frame(0x81, OPTIONS, 1))
    for name, kind in ('fails', 0), ('fails-pulled', PULLS):
        write(target, name, server, settings(kind), actions(), upgrade, message,
              b'\x00f')
    write(target, 'fails-paused', server,
          settings(PULLS, [(0, 0), (0, 0), (PAUSE, 0)]), actions(), upgrade, message,
          b'\x00f')
    write(target, 'fails-closing', server, settings(PULLS, [(0, 0), (CLOSE, 129)]),
          actions(cuts=1), upgrade, message, b'\x00f')
    write(target, 'blocks-stopped', server,
          settings(0, [(0, 0), (0, 0), (STOP, 0)]), actions(cuts=1), upgrade,
          records(2 * frame(0x81, OPTIONS, 1) + frame(0x88, b'', 1)), b'\x00b')
    write(target, 'eof-in-record', server, settings(0, [(EOF, 0)]), actions(),
          records(UPGRADE + dialogue(1)))
    write(target, 'ends-in-verdict', server, settings(LATER | PULLS), actions(),
          upgrade, message, b'\x00e')
    write(target, 'output-fails', server, settings(0, [(SEND, 3)]), actions(),
          upgrade, b'\x00o', message)
    write(target, 'blocks', server, settings(0, [(SEND, 3)]),
          actions((255, TAKE, 40)), upgrade, b'\x00b', message, b'\x00b')


def pair():
    target, plain = 'fuzz_pair', settings()
    opened = bytes([WRITE, 255, SERVER | READ, 255, SERVER | WRITE, 255, READ, 255])
    hooks = bytes([WRITE_HOOK, 20, SERVER | READ_HOOK, 20]) * 9
    talk = bytes([SEND, 2, SERVER | SEND, 4, WRITE, 255, SERVER | READ_HOOK, 9,
                  SERVER | WRITE_HOOK, 255, READ, 30, SEND, 0, PING, 4,
                  SERVER | TICK, 9, WRITE_HOOK, 50, SERVER | READ, 90])
    write(target, 'talk', plain, plain, opened, talk)
    write(target, 'hooks', plain, plain, hooks, talk)
    write(target, 'opaque', settings(OPAQUE | PULLS, limits=4),
          settings(OPAQUE, [(SEND, 1), (SEND, 7)]), opened, talk)
    write(target, 'fixed', settings(FIXED), settings(FIXED | PULLS), opened, talk)
    write(target, 'closes', plain, plain, opened, talk,
          bytes([SERVER | CLOSE, 1, SEND, 0]), talk)
    write(target, 'expires', settings(KEEPALIVE), plain, opened,
          bytes([SEND, 2, WRITE, 1, SEND, 3, SEND, 1, TICK, 20, SEND, 1]), talk)
    write(target, 'starves', settings(STARVES), plain, opened, bytes([STARVE, 0]),
          talk)
    write(target, 'breaks', plain, plain, opened, bytes([BREAK, 1, WRITE_HOOK, 9]),
          talk)
    came = bytes([WRITE, 255, SERVER | READ_HOOK, 255])  # some is kept
    write(target, 'pauses', plain,
          settings(0, [(0, 0), (0, 0), (PAUSE, 0), (PAUSE, 0)]), opened,
          bytes([SEND, 0] * 3), came)
    write(target, 'keeps', settings(OPAQUE), settings(PULLS), opened,
          bytes([SEND, 0] * 24), came, bytes([SEND, 0, WRITE, 255, SERVER | READ, 255]))
    write(target, 'full', settings(limits=3), settings(limits=3), opened,
          bytes([SEND, 7, TAKE, 255] * 20))


frames('fuzz_server', 1)
frames('fuzz_client', 0)
server_handshake()
server_handed()
client_handshake()
stages()
stages_that_end()
pair()
