/* On a bad line, on a train, while the relay is started anew: the client opens, what was read can be read, and what is written leaves once. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  await fillInbox(await scene.door('alice'), alice, 0);
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  context = await browser.context();
  desk = await openDesk(context, origin());
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

test('the client opens without a connection, and keeps nothing of mail for it', async () => {
  const { page } = desk;
  await desk.logIn(alice, scene.lab.password('alice'));
  await page.evaluate('navigator.serviceWorker.ready');
  await page.waitForFunction('navigator.serviceWorker.controller !== null');
  const kept = await page.evaluate<string[]>(
    `(async () => { const [name, ...others] = await caches.keys(); const all = await (await caches.open(name)).keys(); return [...others, ...all.map(({ url }) => new URL(url).pathname)]; })()`,
  );
  expect(kept).toContain('/');
  expect(kept.filter((path) => !/^\/($|assets\/|[\w.-]+$)/.test(path))).toEqual([]);
  await context.setOffline(true);
  await page.reload();
  await page.getByText('This service does not answer.').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.message-link').first().waitFor();
});

test('on a device that is shared nothing of mail stays in the browser', async () => {
  expect(await databases()).toEqual([]);
  await desk.page.reload();
  await desk.page.locator('.message-link').first().waitFor();
  expect(await databases()).toEqual([]);
});

test('on a device of one’s own the lists and what was read open without a connection', async () => {
  const { page } = desk;
  await logOut();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await open('Lieferung am Donnerstag');
  await page.locator('.text-body', { hasText: 'Passt, wir sind um acht da.' }).waitFor();
  await open('Abschlagsrechnung');
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await expect.poll(() => keptAnswers()).toContain('message');
  // The relay itself is gone, which is worse than a line that is.
  await scene.end('SIGKILL');
  await page.reload();
  await page.getByText('No connection to this service.').waitFor();
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await open('Lieferung am Donnerstag');
  await page.locator('.text-body', { hasText: 'Passt, wir sind um acht da.' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('offline-reading');
  await scene.revive();
  await page.getByText('No connection to this service.').waitFor({ state: 'detached' });
});

test('the log-out takes what was kept with it', async () => {
  await logOut();
  expect(await keptAnswers()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), true);
});

test('a session that was ended from elsewhere takes it, too', async () => {
  await expect.poll(() => keptAnswers()).toContain('mailboxes');
  await context.clearCookies();
  await desk.page.reload();
  await desk.page.locator('input[name=address]').waitFor();
  expect(await keptAnswers()).toEqual([]);
});

async function open(subject: string): Promise<void> {
  await desk.page.locator('.message-link', { hasText: subject }).first().click();
  await desk.page.locator('.message-title', { hasText: subject }).waitFor();
}

async function logOut(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await desk.page.locator('input[name=address]').waitFor();
}

function databases(): Promise<string[]> {
  return desk.page.evaluate('indexedDB.databases().then((all) => all.map(({ name }) => name))');
}

/** The kinds of what the browser has kept of mail. */
function keptAnswers(): Promise<string[]> {
  return desk.page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('stopgap');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction('answers').objectStore('answers').getAll();
      asking.onsuccess = () => { opening.result.close(); resolve([...new Set(asking.result.map(({ kind }) => kind))].toSorted()); };
    };
  })`);
}
