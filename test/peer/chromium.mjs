// chromium.mjs: Chromium for the drivers of pages in this folder, and what they
// do with examples/web. A driver's arguments begin with URL PROFILE.
import { createRequire } from 'node:module';
const { chromium } = createRequire(import.meta.url)('playwright-core');

export const [url, profile] = process.argv.slice(2);
export const wait = 30000; // ms for what must come

let failed = false;
let kind = '';

// Puts |word| in front of what is said from now on.
export function sayFirst(word) {
  kind = `${word} `;
}

// "ok …", or "not ok …" and the end.
export async function step(what, act) {
  try {
    await act();
    console.log(`ok ${kind}${what}`);
  } catch (error) {
    failed = true;
    console.log(`not ok ${kind}${what}`);
    console.log(String(error).split('\n').slice(0, 6).join('\n')
      .replace(/^/gm, '  '));
    throw error;
  }
}

// A browser with a camera and a microphone that are none.
export async function launch(...args) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    timeout: 60000,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
      '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...args,
    ],
  });
  context.setDefaultTimeout(wait);
  return context;
}

// Runs the steps that |drive| takes, then ends the program.
export async function run(context, drive) {
  try {
    await drive();
  } catch (error) {
    if (!failed) {
      failed = true;
      console.log(`not ok ${kind}the driver itself: ${error}`);
    }
  } finally {
    await context.close();
  }
  process.exit(failed ? 1 : 0);
}

const complaints = [];

// The page of |name|.
export async function open(context, name) {
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() === 'error') {
      complaints.push(`${name}: ${message.text()}`);
    }
  });
  page.on('pageerror', error => complaints.push(`${name}: ${error}`));
  await page.goto(`${url}#${name}`);
  return page;
}

export function noComplaints() {
  if (complaints.length > 0) {
    throw new Error(complaints.join('\n'));
  }
}

// Waits until the page shows |text| as its state, or in its log.
export const status = (page, text) => page.waitForFunction(
  wanted => document.getElementById('status').value === wanted, text,
  { timeout: wait, polling: 50 });
export const logged = (page, text, timeout = wait) =>
  page.locator('#log li', { hasText: text }).first().waitFor({ timeout });

export async function say(from, to, text) {
  await from.fill('#peer', to);
  await from.fill('#text', text);
  await from.click('#send');
}
