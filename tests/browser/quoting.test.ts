/* What mail programs quote is folded, so that the answer is read; what was passed on is not, as it is what the message is about. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Locator } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { htmlLetter } from './letters.ts';
import { QUOTED } from './quoting-letters.ts';

const LIMIT_MS = 180_000;
const TEXT = 'My answer\r\n\r\nVon: Kim <kim@x.test>\r\nGesendet: heute\r\nAn: alice\r\nBetreff: Angebot\r\n\r\nThe offer itself\r\n';
const PLAIN = ['AW: Angebot', 'WG: Angebot'];

let scene: MirrorScene;
let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  const alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  for (const [name, , html] of QUOTED) await door.append(['INBOX'], { bytes: htmlLetter(name, html, alice) });
  const head = `From: far@outside.test\r\nTo: ${alice}\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  for (const subject of PLAIN) await door.append(['INBOX'], { bytes: Buffer.from(`${head}Subject: ${subject}\r\n\r\n${TEXT}`) });
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  desk = await openDesk(await browser.context(), `http://127.0.0.1:${scene.relay.ports.http}`);
  await desk.logIn(alice, scene.lab.password('alice'));
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

function row(text: string): Locator {
  return desk.page.locator('.message-row').filter({ has: desk.page.getByText(text, { exact: true }) });
}

test('in HTML, whatever program wrote it', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const frame = page.frameLocator('.mail-frame');
  for (const [name, isFolded] of QUOTED) {
    await row(name).getByRole('link').click();
    await page.locator('.message-title').getByText(name, { exact: true }).waitFor();
    const offer = frame.getByText('The offer itself');
    await offer.waitFor({ state: 'attached' });
    // What is passed on is there from the first moment on, or opens when it is seen.
    await expect.poll(() => offer.isVisible(), { message: name }).toBe(!isFolded);
    if (name.startsWith('Re:')) expect.soft(await frame.getByText(/My answer|Meine Antwort/).isVisible(), name).toBe(true);
    if (!isFolded) continue;
    expect.soft(await frame.getByText('Kim Berg').filter({ visible: true }).count(), name).toBe(0);
    expect.soft(await frame.locator('hr').filter({ visible: true }).count(), name).toBe(0);
    await desk.show(`quoted-${name.slice(4).replaceAll(' ', '-')}`);
    await frame.getByText('•••').first().click();
    await offer.waitFor();
  }
});

test('in plain text, where an address is one to write to', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  for (const subject of PLAIN) {
    await row(subject).getByRole('link').click();
    await page.locator('.message-title').getByText(subject, { exact: true }).waitFor();
    await page.locator('.text-own', { hasText: 'My answer' }).waitFor();
    expect.soft(await page.locator('.text-quote[open]').count(), subject).toBe(subject.startsWith('WG') ? 1 : 0);
  }
  await desk.show('quoted-plain');
  expect.soft(await desk.axe()).toEqual([]);
  await page.locator('.text-body a', { hasText: 'kim@x.test' }).click();
  await expect.poll(() => page.locator('.recipients .chip').allTextContents()).toEqual(['kim@x.test']);
});
