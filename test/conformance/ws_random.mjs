// The npm package ws sends random messages to an echo, and has each come back
// as it was, in order. Run beside node_modules, in both roles:
//   node ws_random.mjs client URL        an echo server
//   node ws_random.mjs server COMMAND…   an echo client, to which our URL is given
// The SEED of the messages is printed; the environment can set it.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import WebSocket, {WebSocketServer} from 'ws';

const MESSAGES = 400;
const PIECES = ['a', 'Grüße ', '€', '\u{1f44b}', 'OPTIONS sip:a@b SIP/2.0\r\n', '\0'];
let state = Number(process.env.SEED ?? Date.now() % 1e9);
console.log(`# SEED=${state}`);

function below(limit) { // Marsaglia's xorshift, 32 bits
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

function make() { // small ones mostly
  const size = below([2, 126, 300, 4096, 65536][below(5)] + 1);
  const binary = below(2) === 1;
  if (binary) {
    return {binary, data: Buffer.from(Array.from({length: size}, () => below(256)))};
  }
  const pieces = Array.from({length: size / 8}, () => PIECES[below(6)]);
  return {binary, data: Buffer.from(pieces.join(''))};
}

function send(socket, {data, binary}) { // as one frame, or cut
  const cuts = below(4) === 0 ? Math.ceil(data.length / (1 + below(9))) || 1 : 0;
  let at = 0;
  do {
    const end = cuts ? Math.min(at + cuts, data.length) : data.length;
    socket.send(data.subarray(at, end), {binary, fin: end === data.length});
    at = end;
  } while (at < data.length);
}

async function converse(socket) {
  const messages = Array.from({length: MESSAGES}, make);
  let next = 0, pongs = 0, wrong = '';
  if (socket.extensions !== '') wrong = `agreed to ${socket.extensions}`;
  socket.on('pong', () => pongs++);
  const done = new Promise((resolve) => {
    socket.on('message', (data, binary) => {
      const sent = messages[next++];
      if (binary !== sent.binary || !data.equals(sent.data)) {
        wrong ||= `message ${next} came back otherwise`;
      }
      if (next === MESSAGES || wrong) resolve();
    });
    socket.on('error', (error) => { wrong ||= String(error); resolve(); });
    socket.on('close', (code) => { wrong ||= `closed with ${code}`; resolve(); });
  });
  let pings = 0;
  for (const message of messages) {
    send(socket, message);
    if (below(10) === 0) {
      socket.ping('still there?');
      pings++;
      await new Promise(setImmediate);
    }
  }
  await done;
  if (pongs === 0) wrong ||= 'no pong came';
  socket.removeAllListeners('close');
  socket.close(1000);
  const [code] = await once(socket, 'close');
  if (code !== 1000) wrong ||= `the Close came back with ${code}`;
  return wrong;
}

const [role, ...rest] = process.argv.slice(2);
let wrong;
if (role === 'client') {
  const socket = new WebSocket(rest[0], {perMessageDeflate: true});
  await once(socket, 'open');
  wrong = await converse(socket);
} else {
  const server = new WebSocketServer(
    {host: '127.0.0.1', port: 0, perMessageDeflate: true});
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const child = spawn(rest[0], [...rest.slice(1), url], {stdio: 'inherit'});
  const ended = once(child, 'exit');
  const [socket] = await once(server, 'connection');
  wrong = await converse(socket);
  const [status] = await ended;
  if (status !== 0) wrong ||= `the client ended with ${status}`;
  server.close();
}
console.log(wrong ? `# ${wrong}` : `# ${MESSAGES} messages came back`);
process.exitCode = wrong ? 1 : 0;
