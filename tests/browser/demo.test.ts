/* The two minutes of a visitor: `stopgap demo`, break the provider, write to the other account, see it leave by webmail and arrive, heal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';

const PROGRAM = resolve(import.meta.dirname, '../../apps/relay/src/stopgap.mjs');
const LIMIT_MS = 180_000;
const SUBJECT = 'The new drawings';
const LINES = [
  'Hello Ben,',
  '',
  'Thursday is fine: ten o’clock, at the blue door. My mail program is dead, this comes by Stopgap.',
  '',
  'Anna',
];

let temp: string;
let demo: ChildProcess;
let said = '';
let origin: string;
let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  temp = await mkdtemp(join(tmpdir(), 'stopgap-demo-visit-'));
  const config = join(temp, 'stopgap.yaml');
  const doors = ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s', 'http'];
  await writeFile(config, JSON.stringify({ listen: Object.fromEntries(doors.map((door) => [door, '127.0.0.1:0'])) }));
  demo = spawn(process.execPath, [PROGRAM, 'serve', '--demo', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temp },
  });
  demo.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  browser = await startChromium();
  origin = await until('the demo says where it is', address, LIMIT_MS);
  desk = await openDesk(await browser.context(), origin);
}, 2 * LIMIT_MS);

function address(): string | undefined {
  if (demo.exitCode !== null) throw new Error(`the demo ended: ${said}`);
  return /Open +(http:\S+)\/$/m.exec(said)?.[1];
}

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  const ended = new Promise((done) => demo.once('exit', done));
  if (demo.kill('SIGTERM')) await ended;
  await rm(temp, { recursive: true, force: true });
});

afterEach(() => expectNoFaults(desk));

test('the log-in screen offers both accounts, and one press opens the mailbox', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Anna Berger' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('demo-log-in');
  await page.getByRole('button', { name: 'Anna Berger' }).click();
  await page.locator('.message-link', { hasText: 'Angebot für die Fenster' }).waitFor();
  await page.getByText('The provider works.').waitFor();
  await page.locator('.message-link', { hasText: 'Harbour House: are we still on' }).click();
  await page.locator('.text-body', { hasText: 'I would bring the new drawings' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('demo-mailbox');
});

test('the provider is broken: the banner tells, and what is sent leaves by webmail', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Break the provider' }).click();
  await page.getByText('outgoing mail server has not answered').waitFor();
  await page.getByText('incoming mail server has not answered').waitFor();
  await page.getByText('follow your message in the Outbox').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('demo-outage');
  await page.getByRole('button', { name: 'Write to Ben' }).click();
  await page.getByLabel('Subject').fill(SUBJECT);
  await page.getByRole('textbox', { name: 'Text' }).click();
  for (const line of LINES) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
  }
  await desk.show('demo-composer');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Message accepted. It leaves in a moment, through your provider’s webmail.').waitFor();
  await page.getByRole('link', { name: 'Outbox' }).click();
  await page.locator('.outbox-item', { hasText: SUBJECT }).locator('.state-delivered', { hasText: 'its webmail' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('demo-outbox');
});

test('it has arrived at the other account, once, while the provider is still broken', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Ben’s mailbox' }).click();
  await page.locator('.message-link', { hasText: SUBJECT }).click();
  await page.frameLocator('.mail-frame').getByText('My mail program is dead').waitFor();
  await page.locator('.message-from', { hasText: 'Anna Berger' }).waitFor();
  await expect.poll(() => page.locator('.message-link', { hasText: SUBJECT }).count()).toBe(1);
  expect(said.split(`"${SUBJECT}" has reached ben@demo.test, by the webmail.`)).toHaveLength(2);
  await desk.show('demo-arrived');
});

test('everything is broken, which is told; the provider is healed, and the banner goes', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Break the webmail, too' }).click();
  await page.getByText('None of your provider’s servers has answered').waitFor();
  await page.getByText('Everything is dead.').waitFor();
  await desk.show('demo-all-dead');
  await page.getByRole('button', { name: 'Heal the provider' }).click();
  await page.locator('.banner').waitFor({ state: 'detached' });
  await page.getByText('The provider works.').waitFor();
  await desk.show('demo-healed');
});

test('on a phone, dark and in German it is the same', { timeout: LIMIT_MS }, async () => {
  const phone = await browser.context({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    locale: 'de-DE',
    colorScheme: 'dark',
    deviceScaleFactor: 2,
  });
  const small = await openDesk(phone, origin);
  await small.page.getByRole('button', { name: 'Ben Carter' }).click();
  await small.page.locator('.message-link', { hasText: SUBJECT }).waitFor();
  await small.page.getByRole('button', { name: 'Anbieter lahmlegen' }).click();
  await small.page.getByText('Postausgangsserver Ihres Anbieters antwortet seit').first().waitFor();
  await small.page.getByRole('button', { name: 'An Anna schreiben' }).waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('demo-phone');
  // The rest of what it says opens; who hears the page is told it all the time.
  const banner = small.page.locator('.banner');
  const height = async (): Promise<number> => (await banner.boundingBox())?.height ?? NaN;
  const folded = await height();
  expect(folded).toBeLessThan(90);
  expect(await banner.ariaSnapshot()).toContain('was Sie senden, geht über sein Webmail hinaus');
  await banner.getByRole('button', { name: 'Einzelheiten' }).tap();
  await small.page.getByText('Ausgang, SMTP: antwortet nicht').waitFor();
  expect(await height()).toBeGreaterThan(2 * folded);
  await small.show('demo-phone-details');
  await small.page.locator('.message-link', { hasText: SUBJECT }).tap();
  for (const width of [390, 320]) {
    await small.page.setViewportSize({ width, height: 700 });
    const more = small.page.getByRole('button', { name: 'Mehr' });
    for (const lines of [1, 2]) {
      const buttons = await small.page.locator('.reader-bar').getByRole('button').all();
      const boxes = await Promise.all(buttons.map((one) => one.boundingBox()));
      expect(new Set(boxes.map((box) => box?.y)).size, `lines at ${width}`).toBe(lines);
      for (const box of boxes) {
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
        expect((box?.x ?? NaN) + (box?.width ?? NaN)).toBeLessThanOrEqual(width);
      }
      await small.show(`demo-phone-bar-${width}-${lines}`);
      if (lines === 1) await more.tap();
    }
    for (const name of ['Markieren', 'Als ungelesen markieren', 'Drucken'])
      expect(await small.page.locator('.reader-bar').getByRole('button', { name, exact: true }).isVisible(), name).toBe(true);
    await more.tap();
  }
  await small.page.getByRole('button', { name: 'Zurück' }).tap();
  await small.page.setViewportSize({ width: 390, height: 844 });
  await small.page.getByRole('button', { name: 'Anbieter reparieren' }).click();
  await small.page.locator('.banner').waitFor({ state: 'detached' });
  await expectNoFaults(small);
  await phone.close();
});
