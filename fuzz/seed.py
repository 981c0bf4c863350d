"""Records what passes between WebSocket peers, and makes seeds of it.

  seed.py relay PORT FOLDER     listens on 127.0.0.1, prints "port N", passes all
                                on to PORT and writes each connection's octets
                                to FOLDER/N.up (client's) and FOLDER/N.down
  seed.py make NAME FOLDER      writes fuzz/corpus/fuzz_*/NAME-N from there

fuzz/seed.sh runs all of it.
"""
import asyncio
import pathlib
import re
import sys

from shape import ANSWER, TAKE, actions, settings

LIMIT = 4096  # octets of a seed
PER_SOURCE = 8  # seeds of a source for each target
PLAIN = settings() + actions()
TAKES = settings() + actions((0, TAKE, 255))  # at once: its request leaves
ACCEPT = rb'(?i)(sec-websocket-accept: *)\S+', rb'\1' + ANSWER


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
        write('fuzz_server_handshake', PLAIN + request +
              b'\r\n\r\n' + next(pieces(frames_up), b'')[:1024])
        write('fuzz_client_handshake', TAKES + answer +
              next(pieces(frames_down), b'')[:1024])
        for row in pieces(frames_up):
            write('fuzz_server', PLAIN + row)
        for row in pieces(frames_down):
            write('fuzz_client', PLAIN + row)


if sys.argv[1] == 'relay':
    asyncio.run(relay(int(sys.argv[2]), pathlib.Path(sys.argv[3])))
else:
    make(sys.argv[2], pathlib.Path(sys.argv[3]))
