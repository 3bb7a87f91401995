/* Somebody logs in while most of the mailbox is still at the provider: the newest mail is here first, and how far it has come is said. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterTo, startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk } from './desk.ts';
import { inEachLanguage } from './languages.ts';

const LIMIT_MS = 180_000;
const MESSAGES = 400;
const BODY = Buffer.from(`Hello\r\n${'x'.repeat(70)}\r\n`.repeat(250));
/** Nearly a minute for all of them. */
const SLOW = { mode: 'slow', bytesPerSecond: 150_000 } as const;

let scene: MirrorScene;
let browser: Browser;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  const door = await scene.door('alice');
  const firstMs = Date.now() - MESSAGES * 60_000;
  for (let number = 1; number <= MESSAGES; number += 1) {
    const bytes = letterTo(`letter ${number}.`, { from: 'far@outside.test', to: ['alice'], body: BODY });
    await door.append(['INBOX'], { bytes, receivedAtMs: firstMs + number * 60_000 });
  }
  browser = await startChromium();
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

test(
  'the newest is read while the rest comes, which is told as it goes on, and no longer when all is here',
  { timeout: LIMIT_MS },
  async () => {
    await scene.lab.edge.set('imaps', SLOW);
    await scene.add('alice');
    const desk = await openDesk(await browser.context({ reducedMotion: 'reduce' }), `http://127.0.0.1:${scene.relay.ports.http}`);
    const { page } = desk;
    await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
    const told = page.locator('#mirror-progress-text');
    await told.getByText(`of ${MESSAGES}, newest first`).waitFor();
    const here = async (): Promise<number> => Number(/(\d+) /.exec((await told.textContent()) ?? '')?.[1] ?? Number.NaN);
    const first = await here();
    expect(first).toBeLessThan(MESSAGES);
    await page.locator('.message-link', { hasText: `about letter ${MESSAGES}.` }).click();
    await page.locator('.text-body', { hasText: 'Hello' }).waitFor();
    await desk.show('first-mirror');
    await expect.poll(here, { timeout: LIMIT_MS }).toBeGreaterThan(first);
    await inEachLanguage(page, async (language) => {
      if (language === 'de') await told.getByText(`von ${MESSAGES}, die neuesten zuerst`).waitFor();
    });
    expect.soft(await desk.axe()).toEqual([]);
    await scene.lab.edge.set('imaps', { mode: 'pass' });
    await told.waitFor({ state: 'detached', timeout: LIMIT_MS });
    await page.locator('.list-count', { hasText: String(MESSAGES) }).waitFor();
    await expectNoFaults(desk);
  },
);
