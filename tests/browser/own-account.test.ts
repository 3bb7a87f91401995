/* What belongs to a person and not to the browser: the name that recipients see, and the password, which may be another one at the provider now. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { until } from '../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 180_000;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  for (const user of ['alice', 'bob']) {
    await fillInbox(await scene.door(user), scene.lab.address(user), 0);
    await scene.add(user);
    await scene.untilEqual(user);
  }
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

async function send(page: Page, to: string, subject: string): Promise<void> {
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address(to));
  await page.getByLabel('Subject').fill(subject);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.composer').waitFor({ state: 'detached' });
}

/** The field From of the letter that has come. */
async function senderOf(user: string, subject: string): Promise<string> {
  const find = async (): Promise<string | undefined> =>
    (await scene.lab.inbox(user)).map((raw) => raw.toString()).find((raw) => raw.includes(`Subject: ${subject}`));
  const letter = await until(`${user} has ${subject}`, find, LIMIT_MS);
  return /^From: (.*)$/m.exec(letter)?.[1]?.trim() ?? '';
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  await page.locator('input[name=address]').waitFor();
}

test(
  'the name that recipients see is a person’s own, in every browser, and not that of who logs in next',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Your name, as recipients see it').fill('Alice Adler');
    await page.keyboard.press('Escape');
    await send(page, 'bob', 'With a name');
    expect(await senderOf('bob', 'With a name')).toBe('Alice Adler <alice@provider.test>');
    await logOut(page);
    await desk.logIn(scene.lab.address('bob'), scene.lab.password('bob'));
    await send(page, 'alice', 'From the next one');
    expect(await senderOf('alice', 'From the next one')).toBe('bob@provider.test');
    await logOut(page);
    const elsewhere = await browser.context();
    const other = await openDesk(elsewhere, origin());
    await other.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
    await send(other.page, 'bob', 'From elsewhere');
    expect(await senderOf('bob', 'From elsewhere')).toBe('Alice Adler <alice@provider.test>');
    await expectNoFaults(other);
    await elsewhere.close();
  },
);

test('that the provider refuses the password now is said, and the new one lets everything go on', { timeout: 2 * LIMIT_MS }, async () => {
  const { page } = desk;
  const { lab } = scene;
  await desk.logIn(lab.address('alice'), lab.password('alice'));
  await lab.setPassword('alice', 'changed at the provider');
  // Whoever is in must log in again; nothing fails.
  await lab.edge.set(['imaps', 'submission'], { mode: 'slow', bytesPerSecond: 1_000_000_000 });
  await page.getByText('Your provider refuses your password since').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('refused-password');
  await send(page, 'bob', 'Waits for the password');
  await logOut(page);
  await desk.logIn(lab.address('alice'), 'changed at the provider');
  expect(await senderOf('bob', 'Waits for the password')).toBe('Alice Adler <alice@provider.test>');
  await page.locator('.banner').waitFor({ state: 'detached', timeout: LIMIT_MS });
});
