// sipp.mjs: SIPp as bob, a phone on UDP, who does what a scenario says. No media
// flows, for SIPp has no DTLS; its SDP satisfies a browser all the same.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';

const host = '127.0.0.1'; // and our domain
const limit = 60; // seconds for a scenario
const bob = `<sip:bob@${host}>`;
const alice = `<sip:alice@${host}>`;

// ---------------------------------------------------------------- messages

// What Chromium wants to see: a line of audio with ICE, DTLS and a codec.
const description = setup => `Content-Type: application/sdp
Content-Length: [len]

v=0
o=bob 1 1 IN IP4 ${host}
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 0
c=IN IP4 ${host}
a=rtpmap:0 PCMU/8000
a=mid:0
a=sendrecv
a=rtcp-mux
a=ice-ufrag:bobs
a=ice-pwd:0123456789abcdef01234567
a=fingerprint:sha-256 ${Array(32).fill('5A').join(':')}
a=setup:${setup}
`;
const nothing = 'Content-Length: 0\n';

const request = (method, uri, from, to, cseq, rest) => send(
  `${method} ${uri} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=[branch]
From: ${from}
To: ${to}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Max-Forwards: 70
${rest}`);

const answer = (status, tag = '', rest = nothing, cseq = '[last_CSeq:]') =>
  send(`SIP/2.0 ${status}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]${tag}
[last_Call-ID:]
${cseq}
${contact}
${rest}`);

const contact = 'Contact: <sip:bob@[local_ip]:[local_port]>';
const tag = ';tag=bobs[call_number]';

// ------------------------------------------------------------------- steps

const send = text => `<send><![CDATA[\n${text}\n]]></send>\n`;
const receive = (what, inside = '') => `<recv ${what}>${inside}</recv>\n`;
const keep = (header, name) => `<ereg regexp="[^ ].*" search_in="hdr"
  header="${header}:" assign_to="${name}"/>`;
const may = status => receive(`response="${status}" optional="true"`);

export const steps = {
  register: request('REGISTER', `sip:${host}`, bob + tag, bob, 1,
    `${contact}\nExpires: 600\n${nothing}`) + receive('response="200"'),

  // Bob is called.
  invited: receive('request="INVITE" rrs="true"',
    `<action>${keep('From', 'caller')}${keep('To', 'called')}
      ${keep('CSeq', 'cseq')}</action>`) +
    answer('180 Ringing', tag),
  accept: answer('200 OK', tag, description('active')) +
    receive('request="ACK"'),
  refuse: answer('486 Busy Here', tag) + receive('request="ACK"'),
  cancelled: receive('request="CANCEL"') + answer('200 OK', tag) +
    answer('487 Request Terminated', tag, nothing, 'CSeq: [$cseq]') +
    receive('request="ACK"'),
  hangUp: request('BYE', '[next_url]', `[$called]${tag}`, '[$caller]', 1,
    `[routes]\n${nothing}`) + receive('response="200"'),

  // Bob calls.
  call: request('INVITE', `sip:alice@${host}`, bob + tag, alice, 1,
    `${contact}\n${description('actpass')}`) + may(100) + may(180),
  accepted: receive('response="200" rrs="true"') +
    request('ACK', '[next_url]', bob + tag, `${alice}[peer_tag_param]`, 1,
      `[routes]\n${nothing}`),
  hangUpCall: request('BYE', '[next_url]', bob + tag,
    `${alice}[peer_tag_param]`, 2, `[routes]\n${nothing}`) +
    receive('response="200"'),

  // The other one ends it.
  ended: receive('request="BYE"') + answer('200 OK'),
  message: receive('request="MESSAGE"') + answer('200 OK', tag),
};

// --------------------------------------------------------------------- run

// Somebody has this port on UDP.
const isBound = port => readFileSync('/proc/net/udp', 'latin1')
  .includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `);

export class Sipp {
  constructor(folder, port, proxy) {
    Object.assign(this, { folder, port, proxy });
  }

  // Starts a scenario of |steps| and returns when it is ready for messages, with
  // a promise of its end.
  async start(name, ...list) {
    const file = `${this.folder}/${name}`;
    const text = list.join('');
    // SIPp does not bear variables that nobody reads.
    const idle = [...text.matchAll(/assign_to="(\w+)"/g)].map(([, name]) => name)
      .filter(name => !text.includes(`[$${name}]`));
    const reference = idle.length > 0 ?
      `<Reference variables="${idle.join(',')}"/>` : '';
    writeFileSync(`${file}.xml`, '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<scenario name="${name}">\n${text}${reference}</scenario>\n`);
    const child = spawn('sipp', [`${host}:${this.proxy}`, '-sf', `${file}.xml`,
      '-i', host, '-p', `${this.port}`, '-m', '1', '-nostdin',
      '-timeout', `${limit}s`, '-timeout_error',
      '-trace_err', '-error_file', `${file}.err`,
      '-trace_msg', '-message_file', `${file}.log`],
    { stdio: 'ignore', timeout: (limit + 5) * 1000, killSignal: 'SIGKILL' });
    process.once('exit', () => child.kill('SIGKILL')); // if it still runs
    const ended = once(child, 'exit').then(([status]) => {
      if (status !== 0) {
        throw new Error(`SIPp ended with status ${status}\n` +
          ['err', 'log'].map(kind => read(`${file}.${kind}`)).join('\n'));
      }
    });
    ended.catch(() => {}); // told to who waits for it
    while (child.exitCode === null && !isBound(this.port)) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    if (child.exitCode !== null) {
      await ended;
    }
    return { ended };
  }

  async run(name, ...list) {
    await (await this.start(name, ...list)).ended;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return `(no ${file})`;
  }
}
