/* An update of the client, with two real builds: an open window goes on as it was, the next one is new, and an update that is not all there changes nothing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';
import { buildOther, FIRST_BUILD, startFront, type Front } from './two-builds.ts';

const LIMIT_MS = 600_000;
/** For what browsers do in their own time: Chromium lets a worker that it takes for busy go on for five minutes before the next one takes over. */
const PATIENT = { timeout: 360_000 };

let scene: MirrorScene;
let browser: Browser;
let front: Front;
let otherBuild: string;
let context: BrowserContext;
let desks: Desk[];

beforeAll(async () => {
  buildClient();
  otherBuild = await mkdtemp(join(tmpdir(), 'stopgap-build-'));
  buildOther(otherBuild);
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  await fillInbox(await scene.door('alice'), scene.lab.address('alice'), 0);
  await scene.add('alice');
  await scene.untilEqual('alice');
  front = await startFront(scene.relay.ports.http);
  browser = await startChromium();
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await front?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
  await rm(otherBuild, { recursive: true, force: true });
});

/** Somebody has the first build in a window, on a device of their own. */
beforeEach(async () => {
  front.serve(FIRST_BUILD);
  context = await browser.context();
  desks = [];
  const desk = await open();
  await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'), true);
  await desk.page.evaluate('navigator.serviceWorker.ready');
  await desk.page.waitForFunction('navigator.serviceWorker.controller !== null');
});

afterEach(async () => {
  for (const desk of desks) await expectNoFaults(desk);
  await context.close();
});

test(
  'an open window goes on as it was, piece by piece; when it is closed the next one is new, without a connection, too',
  { timeout: LIMIT_MS },
  async () => {
    const [{ page: old }] = desks as [Desk];
    const [first] = await caches(old);
    front.serve(otherBuild);
    await old.evaluate('navigator.serviceWorker.getRegistration().then((one) => one.update())');
    await old.waitForFunction('navigator.serviceWorker.getRegistration().then((one) => one.waiting !== null)');
    await expectBuild(old, 'A');
    // Online it is the new one already, and neither takes anything from the other.
    const { page: fresh } = await open();
    await expectBuild(fresh, 'B');
    await old.getByRole('button', { name: 'Settings' }).waitFor();
    await old.keyboard.press('?');
    await old.getByRole('dialog').getByText('next / previous message').waitFor();
    expect(await caches(old)).toContain(first);
    await old.close();
    await fresh.close();
    const { page: next } = await open();
    await expectBuild(next, 'B');
    await expect.poll(() => caches(next), PATIENT).toHaveLength(1);
    expect(await caches(next)).not.toContain(first);
    await next.close();
    await context.setOffline(true);
    await expectBuild((await open()).page, 'B');
  },
);

test('a window of the new build is enough for it to be kept; nobody has to close it first', { timeout: LIMIT_MS }, async () => {
  const [{ page: old }] = desks as [Desk];
  const [first] = await caches(old);
  await old.close();
  front.serve(otherBuild);
  const { page } = await open();
  await expectBuild(page, 'B');
  await expect.poll(() => caches(page), PATIENT).not.toContain(first);
  await context.setOffline(true);
  await page.reload();
  await expectBuild(page, 'B');
});

test(
  'an update whose first piece is broken is not shown, and one whose later piece is broken is not kept',
  { timeout: LIMIT_MS },
  async () => {
    const [{ page: old }] = desks as [Desk];
    const [first] = await caches(old);
    front.serve(otherBuild, (path) => /assets\/first-.*\.js/.test(path));
    const { page } = await open();
    await expectBuild(page, 'A');
    front.serve(otherBuild, (path) => path.includes('settings-dialog'));
    await old.evaluate('navigator.serviceWorker.getRegistration().then((one) => one.update()).catch(() => undefined)');
    await old.waitForFunction('navigator.serviceWorker.getRegistration().then((one) => one.installing === null)');
    await expectBuild(old, 'A');
    await page.close();
    await old.close();
    await context.setOffline(true);
    const { page: offline } = await open();
    await expectBuild(offline, 'A');
    expect(await caches(offline)).toContain(first);
    // It is mended.
    await offline.close();
    await context.setOffline(false);
    front.serve(otherBuild);
    const { page: next } = await open();
    await expectBuild(next, 'B');
    await expect.poll(() => caches(next), PATIENT).not.toContain(first);
  },
);

async function open(): Promise<Desk> {
  const desk = await openDesk(context, front.origin);
  desks.push(desk);
  return desk;
}

/** All of a window is of one build: its first piece, one that is loaded late, and the page around mail. */
async function expectBuild(page: Page, build: 'A' | 'B'): Promise<void> {
  await page.locator('.message-link', { hasText: 'Abschlagsrechnung' }).click();
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page
    .getByRole('dialog')
    .getByRole('heading', { name: 'Settings', exact: build === 'A' })
    .waitFor();
  const seen = {
    first: (await page.getByRole('dialog').getByRole('heading').first().textContent())?.includes('of B'),
    late: (await page.locator('.settings-of-b').count()) === 1,
    frame: await page.evaluate<boolean>(`document.querySelector('.mail-frame').contentDocument.documentElement.hasAttribute('data-of-b')`),
  };
  const isB = build === 'B';
  expect(seen).toEqual({ first: isB, late: isB, frame: isB });
  await page.keyboard.press('Escape');
}

/** The names of what is kept of the client; of what could not be kept nothing is left but the name. */
function caches(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `(async () => { const names = await caches.keys(); const full = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length > 0)); return names.filter((_, index) => full[index]); })()`,
  );
}
