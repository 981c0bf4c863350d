// The npm package ws as echo server and echo client, with the options of
// echo_server and echo_client that run.py gives. Run beside node_modules:
//   node ws.mjs server [options]
//   node ws.mjs client [options] URL, again and again
import WebSocket, {WebSocketServer} from 'ws';

const [role, ...rest] = process.argv.slice(2);
const option = (name, fallback) => {
  const at = rest.indexOf(name);
  return at < 0 ? fallback : Number(rest[at + 1]);
};
const settings = {
  perMessageDeflate: false,
  maxPayload: option('--max-message', 65536),
  maxFragments: option('--max-fragments', 256),
};
const piece = option('--frame-size', 0);

function echo(socket) {
  socket.on('message', (data, binary) => {
    const size = piece || data.length || 1;
    let at = 0;
    do {
      const fin = at + size >= data.length;
      socket.send(data.subarray(at, at + size), {binary, fin});
      at += size;
    } while (at < data.length);
  });
  socket.on('error', () => {});
}

if (role === 'server') {
  const server = new WebSocketServer({...settings, host: '127.0.0.1', port: 0});
  server.on('connection', echo);
  server.on('listening', () =>
    console.log(`listening on ws://127.0.0.1:${server.address().port}/`));
  process.on('SIGTERM', () => process.exit(0));
} else {
  const dial = () => {
    const socket = new WebSocket(rest.at(-1), settings);
    echo(socket);
    socket.on('close', dial);
  };
  dial();
}
