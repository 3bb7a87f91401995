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
