// browser_udp.mjs URL PROFILE FOLDER PORT UDP: alice, a page in Chromium, and
// bob, SIPp on UDP at PORT, call each other through the proxy at UDP.
import * as chromium from './chromium.mjs';
import { Sipp, steps } from './sipp.mjs';

const { logged, say, status, step } = chromium;
const [folder, port, udp] = process.argv.slice(4);
const bob = new Sipp(folder, Number(port), Number(udp));
const context = await chromium.launch();

// The page is through with the call.
const idle = page => status(page, 'registered as alice');
const ringing = page =>
  page.locator('#log li:last-child', { hasText: 'bob: ringing' }).waitFor();

await chromium.run(context, async () => {
  let alice;
  await step('the page registers', async () => {
    alice = await chromium.open(context, 'alice');
    await alice.click('#register');
    await idle(alice);
    await alice.fill('#peer', 'bob');
  });
  await step('SIPp registers', () => bob.run('register', steps.register));
  await step('a message reaches SIPp', async () => {
    const { ended } = await bob.start('message', steps.message);
    await say(alice, 'bob', 'grüße');
    await logged(alice, 'you to bob: grüße');
    await ended;
  });

  await step('the page calls SIPp, and hangs up', async () => {
    const { ended } = await bob.start('called', steps.invited, steps.accept,
      steps.ended);
    await alice.click('#call');
    await status(alice, 'talking with bob');
    await alice.click('#hangup');
    await ended;
    await idle(alice);
  });
  await step('the page calls SIPp, who hangs up', async () => {
    const { ended } = await bob.start('called-ends', steps.invited,
      steps.accept, steps.hangUp);
    await alice.click('#call');
    await ended;
    await logged(alice, 'call ended by bob');
    await idle(alice);
  });
  await step('SIPp calls the page, which hangs up', async () => {
    const { ended } = await bob.start('calls', steps.call, steps.accepted,
      steps.ended);
    await status(alice, 'bob is calling');
    await alice.click('#answer');
    await status(alice, 'talking with bob');
    await alice.click('#hangup');
    await ended;
    await idle(alice);
  });
  await step('SIPp calls the page, and hangs up', async () => {
    const { ended } = await bob.start('calls-ends', steps.call,
      steps.accepted, steps.hangUpCall);
    await status(alice, 'bob is calling');
    await alice.click('#answer');
    await ended;
    await idle(alice);
  });
  await step('the page learns that SIPp is busy', async () => {
    const { ended } = await bob.start('busy', steps.invited, steps.refuse);
    await alice.click('#call');
    await logged(alice, 'call failed: 486 Busy Here');
    await ended;
  });
  await step('the page thinks better of it', async () => {
    const { ended } = await bob.start('cancelled', steps.invited,
      steps.cancelled);
    await alice.click('#call');
    await ringing(alice);
    await alice.click('#hangup');
    await ended;
    await idle(alice);
  });
  await step('no page complained', async () => chromium.noComplaints());
});
