// A SIP phone in a page: registers at the server that served it, calls, answers
// and sends messages, with JsSIP.
import JsSIP from 'jssip';

const $ = id => document.getElementById(id);
const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
const server = `${scheme}://${location.host}/`;
const aor = name => `sip:${name}@${location.hostname}`;

let ua = null;
let session = null;

function log(text, kind = '') {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  line.className = kind;
  line.append(time, text);
  $('log').append(line);
  $('log').scrollTop = $('log').scrollHeight;
}

// What can be done follows from ua and session alone.
function show() {
  const registered = ua !== null && ua.isRegistered();
  const ringing = session !== null && session.direction === 'incoming' &&
    !session.isEstablished();
  const talking = session !== null && session.isEstablished();
  $('name').disabled = $('password').disabled = ua !== null;
  $('register').disabled = ua !== null;
  $('unregister').disabled = ua === null;
  $('call').disabled = !registered || session !== null;
  $('send').disabled = !registered;
  $('answer').disabled = !ringing;
  $('hangup').disabled = session === null;
  let state = ['off', 'not registered'];
  if (session !== null) {
    const name = session.remote_identity.uri.user;
    state = ['call', talking ? `talking with ${name}` :
      ringing ? `${name} is calling` : `calling ${name}`];
  } else if (registered) {
    state = ['on', `registered as ${ua.configuration.uri.user}`];
  } else if (ua !== null) {
    state = ['off', ua.isConnected() ? 'registering' : 'connecting'];
  }
  [$('status').dataset.state, $('status').value] = state;
}

// ---------------------------------------------------------------- register

function register() {
  ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(server)],
    uri: aor($('name').value),
    password: $('password').value,
    session_timers: false,
  });
  ua.on('connected', () => { log(`connected to ${server}`); show(); });
  ua.on('disconnected', () => { log('connection lost', 'bad'); show(); });
  ua.on('registered', () => { log('registered'); show(); });
  ua.on('unregistered', () => { log('no longer registered'); show(); });
  ua.on('registrationFailed', event => {
    log(`registration failed: ${reason(event)}`, 'bad');
    show();
  });
  ua.on('newMessage', event => {
    if (event.originator === 'remote') {
      log(`${event.message.remote_identity.uri.user} says: ${event.request.body}`);
    }
  });
  ua.on('newRTCSession', event => begin(event.session));
  ua.start();
  show();
}

function leave() {
  ua.stop(); // ends the call and the registration, then the connection
  ua = null;
  log('left');
  show();
}

function reason(event) {
  const status = event.response ?? event.message;
  return status?.status_code ?
    `${status.status_code} ${status.reason_phrase}` : event.cause;
}

// -------------------------------------------------------------------- call

function media() {
  return { audio: true, video: $('video').checked };
}

function begin(next) {
  const peer = next.remote_identity.uri.user;
  if (session !== null) {
    next.terminate({ status_code: 486 });
    log(`${peer} called meanwhile`);
    return;
  }
  session = next;
  log(next.direction === 'incoming' ? `${peer} is calling` : `calling ${peer}`);
  if (next.direction === 'incoming') {
    $('peer').value = peer;
  }
  next.on('progress', event => {
    if (event.originator === 'remote') {
      log(`${peer}: ringing`);
    }
  });
  next.on('accepted', () => { log(`call with ${peer} is up`); show(); });
  next.on('ended', event => end(`call ended by ${
    event.originator === 'remote' ? peer : 'you'}`));
  next.on('failed', event => end(`call failed: ${reason(event)}`, 'bad'));
  next.on('peerconnection', event => watch(event.peerconnection));
  if (next.connection) {
    watch(next.connection); // an outgoing call has it already
  }
  show();
}

function watch(connection) {
  connection.addEventListener('track', event => {
    $('remote').srcObject = event.streams[0];
    $('media').hidden = false;
    const own = connection.getSenders().map(sender => sender.track);
    $('local').srcObject = new MediaStream(own.filter(track => track !== null));
  });
}

function end(text, kind) {
  session = null;
  $('remote').srcObject = $('local').srcObject = null;
  $('media').hidden = true;
  log(text, kind);
  show();
}

function canTalk() {
  if (navigator.mediaDevices === undefined) {
    log('no microphone: a browser gives it on https and localhost only', 'bad');
    return false;
  }
  return true;
}

function call() {
  if (canTalk()) {
    ua.call(aor($('peer').value), { mediaConstraints: media() });
  }
}

function answer() {
  if (canTalk()) {
    session.answer({ mediaConstraints: media() });
  }
}

// ----------------------------------------------------------------- message

function send() {
  const text = $('text').value;
  const peer = $('peer').value;
  if (text === '' || !$('peer').reportValidity()) {
    return;
  }
  ua.sendMessage(aor(peer), text, {
    eventHandlers: {
      succeeded: () => log(`you to ${peer}: ${text}`),
      failed: event => log(`message to ${peer} failed: ${reason(event)}`, 'bad'),
    },
  });
  $('text').value = '';
}

// -------------------------------------------------------------------- page

$('who').addEventListener('submit', event => {
  event.preventDefault();
  register();
});
$('talk').addEventListener('submit', event => {
  event.preventDefault();
  call();
});
$('unregister').addEventListener('click', leave);
$('answer').addEventListener('click', answer);
$('hangup').addEventListener('click', () => session.terminate());
$('send').addEventListener('click', send);
$('text').addEventListener('keydown', event => {
  if (event.key === 'Enter') {
    event.preventDefault();
    if (!$('send').disabled) {
      send();
    }
  }
});
// A name to begin with, from the address (…/#alice) if it has one.
$('name').value = decodeURIComponent(location.hash.slice(1)) ||
  `guest${Math.floor(100 + 900 * Math.random())}`;
show();
