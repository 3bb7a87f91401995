/* Images and files of messages without a connection: what was looked at is here, what is not is told of and comes with the connection. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, FrameLocator, Locator } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';

const LIMIT_MS = 90_000;
/** A red dot. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';
/** As `keep-blobs.ts` has them. */
const MOST_BYTES = 50_000_000;
const LARGEST_BYTES = 10_000_000;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  for (const subject of ['Bilder', 'Skizze', 'Zeichnung'])
    await door.append(['INBOX'], { bytes: letterWithFiles(subject), flags: ['$seen'], receivedAtMs: Date.now() - 60_000 });
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  context = await browser.context();
  // Nothing comes before somebody asks for it.
  await context.addInitScript(`Object.defineProperty(navigator, 'connection', { value: { saveData: true } })`);
  desk = await openDesk(context, origin());
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await desk.page.evaluate('navigator.serviceWorker.ready');
  await desk.page.waitForFunction('navigator.serviceWorker.controller !== null');
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

test('what was looked at, opened or saved is there without a connection, and what was not says so', { timeout: LIMIT_MS }, async () => {
  await open('Bilder');
  await untilShown(inFrame().locator('img'));
  await showFile('lake.png');
  await saveFile('plan.txt');
  await expect.poll(() => keptSizes()).toHaveLength(3);
  await context.setOffline(true);
  await desk.page.reload();
  await open('Bilder');
  await untilShown(inFrame().locator('img'));
  await showFile('lake.png');
  expect(await saveFile('plan.txt')).toBe('plan of Bilder');
  await desk.page.getByRole('button', { name: 'Save other.txt' }).click();
  await desk.page.getByText('This file is not kept on this device.').waitFor();
  expect(await desk.page.locator('.toast-failed').count()).toBe(0);
  expect.soft(await desk.axe()).toEqual([]);
  await context.setOffline(false);
  await desk.page.getByText('No connection to this service.').waitFor({ state: 'detached' });
  expect(await saveFile('other.txt')).toBe('other of Bilder');
});

test('an image that is not here is told of, and comes with the connection', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.route('**/jmap/download/**', (route) => route.abort());
  await open('Skizze');
  await page.getByText('Images of this message are not kept on this device.').waitFor();
  await page.unroute('**/jmap/download/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await untilShown(inFrame().locator('img'));
  await page.getByText('Images of this message are not kept on this device.').waitFor({ state: 'detached' });
  // Read before, its images never seen.
  await page.route('**/jmap/download/**', (route) => route.abort());
  await open('Zeichnung');
  await inFrame().getByText('Text of Zeichnung').waitFor();
  await page.unroute('**/jmap/download/**');
  await context.setOffline(true);
  await page.reload();
  await page.getByText('No connection to this service.').waitFor();
  await open('Zeichnung');
  await page.getByText('Images of this message are not kept on this device.').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('offline-images');
  await page.getByRole('button', { name: 'Open lake.png' }).click();
  await page.getByRole('dialog').getByText('This file is not kept on this device.').waitFor();
  await context.setOffline(false);
  // By themselves, both.
  await untilShown(page.locator('.shown-image'));
  await page.keyboard.press('Escape');
  await untilShown(inFrame().locator('img'));
  await page.getByText('Images of this message are not kept on this device.').waitFor({ state: 'detached' });
});

test('more than may be kept is not: the oldest go, and what is too large is not kept at all', async () => {
  const { page } = desk;
  await page.evaluate(`new Promise((resolve) => {
    const opening = indexedDB.open('stopgap');
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('blobs', 'readwrite');
      for (let number = 0; number < 6; number += 1)
        transaction.objectStore('blobs').put({ key: 'old ' + number, atMs: number, sizeBytes: 9_000_000, type: '', bytes: new ArrayBuffer(9_000_000) });
      transaction.oncomplete = () => { opening.result.close(); resolve(undefined); };
    };
  })`);
  await saveFile('plan.txt');
  await expect.poll(() => keptSum()).toBeLessThanOrEqual(MOST_BYTES);
  const kept = await keptBlobs();
  expect(kept).toContainEqual(['old 5', 9_000_000]);
  expect(kept.map(([key]) => key)).not.toContain('old 0');
  await page.route('**/jmap/download/**', (route) => route.fulfill({ body: Buffer.alloc(LARGEST_BYTES + 1) }));
  const before = (await keptSizes()).length;
  await saveFile('other.txt');
  await page.unroute('**/jmap/download/**');
  // What comes after it is kept, it is not.
  await page.getByRole('button', { name: 'Show source' }).click();
  await expect.poll(async () => (await keptSizes()).length).toBe(before + 1);
  expect(Math.max(...(await keptSizes()))).toBeLessThanOrEqual(LARGEST_BYTES);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
});

test('it goes with the log-out, and on a device that is shared nothing is kept', async () => {
  const { page } = desk;
  await logOut();
  expect(await keptSizes()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), false);
  await open('Bilder');
  await untilShown(inFrame().locator('img'));
  expect(await saveFile('plan.txt')).toBe('plan of Bilder');
  await page.reload();
  await page.locator('.message-link').first().waitFor();
  expect(await keptSizes()).toEqual([]);
});

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

async function open(subject: string): Promise<void> {
  await desk.page.locator('.message-link', { hasText: subject }).first().click();
  await desk.page.locator('.message-title', { hasText: subject }).waitFor();
}

function inFrame(): FrameLocator {
  return desk.page.frameLocator('.mail-frame');
}

async function untilShown(image: Locator): Promise<void> {
  await image.waitFor();
  await expect.poll(() => image.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth)).toBe(10);
}

async function showFile(name: string): Promise<void> {
  await desk.page.getByRole('button', { name: `Open ${name}` }).click();
  await untilShown(desk.page.locator('.shown-image'));
  await desk.page.keyboard.press('Escape');
}

/** Gives what was saved. */
async function saveFile(name: string): Promise<string> {
  const download = desk.page.waitForEvent('download');
  await desk.page.getByRole('button', { name: `Save ${name}` }).click();
  return (await readFile(await (await download).path(), 'utf8')).trim();
}

async function logOut(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await desk.page.locator('input[name=address]').waitFor();
}

/** Keys and sizes of what is kept. */
function keptBlobs(): Promise<readonly (readonly [string, number])[]> {
  return desk.page.evaluate<readonly (readonly [string, number])[]>(`new Promise((resolve) => {
    const opening = indexedDB.open('stopgap');
    opening.onsuccess = () => {
      const asking = opening.result.transaction('blobs').objectStore('blobs').getAll();
      asking.onsuccess = () => { opening.result.close(); resolve(asking.result.map(({ key, bytes }) => [key, bytes.byteLength])); };
    };
  })`);
}

async function keptSizes(): Promise<number[]> {
  return (await keptBlobs()).map(([, size]) => size);
}

async function keptSum(): Promise<number> {
  return (await keptSizes()).reduce((sum, one) => sum + one, 0);
}

/** An image in the text, an image beside it, two files. */
function letterWithFiles(subject: string): Buffer {
  const name = (file: string): string => `Content-Disposition: attachment; filename="${file}"`;
  const parts = [
    ['Content-Type: text/html', `<p>Text of ${subject}</p><img src="cid:dot@letters.test" alt="dot">`],
    [
      'Content-Type: image/png\r\nContent-ID: <dot@letters.test>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64',
      PIXEL,
    ],
    [`Content-Type: image/png\r\n${name('lake.png')}\r\nContent-Transfer-Encoding: base64`, PIXEL],
    [`Content-Type: text/plain\r\n${name('plan.txt')}`, `plan of ${subject}`],
    [`Content-Type: text/plain\r\n${name('other.txt')}`, `other of ${subject}`],
  ];
  const body = parts.map(([head, text]) => `--part\r\n${head}\r\n\r\n${text}\r\n`).join('');
  const head = `From: Anna <anna@lindqvist.test>\r\nTo: <${alice}>\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@letters.test>\r\nMIME-Version: 1.0`;
  return Buffer.from(`${head}\r\nContent-Type: multipart/related; boundary="part"\r\n\r\n${body}--part--\r\n`);
}
