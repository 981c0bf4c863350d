// browser.mjs URL PROFILE [KEY]: drives examples/web in two pages of Chromium and
// says "ok …" or "not ok …" for each thing that a person would notice. KEY, the
// SHA-256 of a public key in base64: a chain with it is to be trusted.
import * as chromium from './chromium.mjs';

const { logged, say, sayFirst, status, step, url, wait } = chromium;
const key = process.argv[4];
sayFirst(new URL(url).protocol);
const context = await chromium.launch(
  ...(key ? [`--ignore-certificate-errors-spki-list=${key}`] : []));

// Keeps the page's peer connections, to ask them what arrived.
await context.addInitScript(() => {
  const Original = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
    }
  };
});

const received = page => page.evaluate(async () => {
  let sum = 0;
  for (const connection of window.connections) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'inbound-rtp') {
        sum += report.bytesReceived;
      }
    }
  }
  return sum;
});

const soonLogged = (page, text) =>
  logged(page, text, 1000).then(() => true, () => false);

// Octets go on arriving: not one packet, but a stream.
async function flows(page) {
  const until = Date.now() + wait;
  let first = 0;
  while (Date.now() < until) {
    const octets = await received(page);
    if (first > 0 && octets > first) {
      return;
    }
    first = octets;
    await page.waitForTimeout(300);
  }
  throw new Error(`no stream of media: ${first} octets`);
}

await chromium.run(context, async () => {
  let alice, bob;
  await step('two pages load', async () => {
    alice = await chromium.open(context, 'alice');
    bob = await chromium.open(context, 'bob');
  });
  await step('a wrong password does not register', async () => {
    await alice.fill('#password', 'guessed');
    await alice.click('#register');
    await logged(alice, 'registration failed: 401');
    await alice.click('#unregister');
    await status(alice, 'not registered');
  });
  await step('both register', async () => {
    await alice.fill('#password', 'wonder');
    await bob.fill('#password', 'builder');
    await alice.click('#register');
    await bob.click('#register');
    await status(alice, 'registered as alice');
    await status(bob, 'registered as bob');
  });
  await step('messages pass both ways', async () => {
    await say(alice, 'bob', 'grüße, bob €');
    await logged(bob, 'alice says: grüße, bob €');
    await logged(alice, 'you to bob: grüße, bob €');
    await say(bob, 'alice', 'hello alice');
    await logged(alice, 'bob says: hello alice');
  });
  await step('a message to nobody fails with 404', async () => {
    await say(alice, 'nobody', 'hello?');
    await logged(alice, 'message to nobody failed: 404');
    await alice.fill('#peer', 'bob');
  });
  await step('a call rings and is cancelled', async () => {
    await alice.click('#call');
    await status(bob, 'alice is calling');
    await logged(alice, 'bob: ringing');
    await alice.click('#hangup');
    await status(bob, 'registered as bob');
    await logged(bob, 'call failed: Canceled');
    await status(alice, 'registered as alice');
  });
  await step('a call is answered', async () => {
    await alice.check('#video');
    await bob.check('#video');
    await alice.click('#call');
    await status(bob, 'alice is calling');
    await bob.click('#answer');
    await status(alice, 'talking with bob');
    await status(bob, 'talking with alice');
  });
  await step('media flows to both', async () => {
    await flows(alice);
    await flows(bob);
  });
  if (process.env.SCREENSHOT) {
    await alice.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
  }
  await step('the called page hangs up', async () => {
    await bob.click('#hangup');
    await logged(alice, 'call ended by bob');
    await status(alice, 'registered as alice');
    await status(bob, 'registered as bob');
  });
  await step('a call back, ended by its caller', async () => {
    await bob.click('#call');
    await status(alice, 'bob is calling');
    await alice.click('#answer');
    await status(bob, 'talking with alice');
    await flows(bob);
    await bob.click('#hangup');
    await logged(alice, 'call ended by bob');
  });
  await step('a page that closed is unavailable', async () => {
    await bob.close();
    // One that the proxy relayed before it knew is answered by nobody.
    const until = Date.now() + wait;
    do {
      await say(alice, 'bob', 'still there?');
    } while (!await soonLogged(alice, 'message to bob failed: 480') &&
             Date.now() < until);
    await logged(alice, 'message to bob failed: 480');
  });
  await step('the other leaves', async () => {
    await alice.click('#unregister');
    await status(alice, 'not registered');
  });
  await step('no page complained', async () => chromium.noComplaints());
});
