/* Writing, and what becomes of it: sent later, called back, not certain; and log-ins that can not be. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext } from 'playwright-core';
import { until } from '../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 90_000;
/** Wrong log-ins before one has to pause. */
const GUESSES = 3;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({
    incoming: ['imap'],
    lab: { users: ['alice', 'bob', 'carol'] },
    config: { unsure: { settle: '1h', retries: 1 }, limits: { loginFailures: { perAccount: GUESSES } } },
  });
  alice = scene.lab.address('alice');
  await fillInbox(await scene.door('alice'), alice, 0);
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  context = await browser.context();
  desk = await openDesk(context, origin());
  await desk.logIn(alice, scene.lab.password('alice'));
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

test('a message leaves at a time that one chooses, and can be called back until then', async () => {
  const { page } = desk;
  await write('For tomorrow');
  await page.getByRole('button', { name: 'Send later' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Tomorrow morning/ })
    .waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('send-later');
  await page.getByRole('dialog').getByLabel('Or at this time').fill('2020-01-01T08:00');
  await page.getByRole('dialog').getByRole('button', { name: 'Send later' }).click();
  // The field itself says that it is past; nothing is sent.
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Tomorrow morning/ })
    .click();
  await page.getByText(/^It leaves .*08:00/).waitFor();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = page.locator('.outbox-item', { hasText: 'For tomorrow' });
  await item.getByText(/leaves .*08:00/).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-later');
  await item.getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByText('Called back: it is in Drafts again.').waitFor();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'For tomorrow' }).waitFor();
  expect(await copies('For tomorrow')).toBe(0);
});

test('what may have arrived is said so, and its two choices do what they say', { timeout: 2 * LIMIT_MS }, async () => {
  const { page } = desk;
  await scene.lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 2 });
  await write('Arrived or not');
  await send();
  await write('Once more, please');
  await send();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = (subject: string) => page.locator('.outbox-item', { hasText: subject });
  for (const subject of ['Arrived or not', 'Once more, please'])
    await item(subject).getByText('We do not know whether this arrived').waitFor({ timeout: LIMIT_MS });
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-unsure');
  await item('Arrived or not').getByRole('button', { name: 'It arrived' }).click();
  await item('Arrived or not').locator('.state-delivered').waitFor();
  await item('Once more, please').getByRole('button', { name: 'Send it again' }).click();
  await item('Once more, please').locator('.state-delivered').waitFor({ timeout: LIMIT_MS });
  await until('the second copy is there', async () => (await copies('Once more, please')) === 2, LIMIT_MS);
  expect(await copies('Arrived or not')).toBe(1);
});

test(
  'a session that ends while a message is being sent asks for the password, and the message leaves once',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write('After the session');
    await page.getByText('Draft saved').waitFor();
    await context.clearCookies();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Please log in again').waitFor();
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(scene.lab.password('alice'));
    await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click();
    await until('bob has it', async () => (await copies('After the session')) > 0, LIMIT_MS);
    expect(await copies('After the session')).toBe(1);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  },
);

test('one sees where one is logged in, and ends it there', async () => {
  const { page } = desk;
  const phone = await browser.context({ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1' });
  const lost = await openDesk(phone, origin());
  await lost.logIn(alice, scene.lab.password('alice'));
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('(this browser)').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await page.getByRole('button', { name: 'Log out there: Safari on iPhone' }).scrollIntoViewIfNeeded();
  await desk.show('log-in-places');
  await page.getByRole('button', { name: 'Log out there: Safari on iPhone' }).click();
  await page.getByText('Safari on iPhone').waitFor({ state: 'detached' });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await lost.page.reload();
  await lost.page.locator('input[name=address]').waitFor();
  await expectNoFaults(lost);
  await phone.close();
});

test('who guesses too often, and whose provider can not be asked, is told so at the log-in', { timeout: 2 * LIMIT_MS }, async () => {
  const stranger = await browser.context();
  const other = await openDesk(stranger, origin());
  const tryToLogIn = async (user: string, password: string): Promise<number> => {
    await other.page.locator('input[name=address]').fill(scene.lab.address(user));
    await other.page.locator('input[name=password]').fill(password);
    const answer = other.page.waitForResponse(`${origin()}/api/session`);
    await other.page.locator('.log-in-form button[type=submit]').click();
    return (await answer).status();
  };
  let guesses = 0;
  // A provider that was too slow to be asked is no wrong password.
  await until('it is too often', async () => (await tryToLogIn('bob', `guess ${(guesses += 1)}`)) === 429, LIMIT_MS);
  expect(guesses).toBeGreaterThan(GUESSES);
  await other.page.getByText('Too many attempts.').waitFor();
  await other.page.getByText(/^Try again in /).waitFor();
  expect.soft(await other.axe()).toEqual([]);
  await other.show('log-in-too-often');
  await scene.lab.edge.set('all', { mode: 'refuse' });
  expect(await tryToLogIn('carol', scene.lab.password('carol'))).toBe(503);
  await other.page.getByText('Your password can not be checked at the moment.').waitFor({ timeout: LIMIT_MS });
  expect.soft(await other.axe()).toEqual([]);
  await other.show('log-in-not-known');
  await scene.lab.edge.set('all', { mode: 'pass' });
  await expectNoFaults(other);
  await stranger.close();
});

async function write(subject: string): Promise<void> {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address('bob'));
  await page.getByLabel('Subject').fill(subject);
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type('Dear Bob');
}

async function send(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Send', exact: true }).click();
  await desk.page.getByText('Message accepted.').waitFor();
  await desk.page.getByRole('status').getByRole('button', { name: 'Close' }).click();
}

/** Of a message, at bob's. */
async function copies(subject: string): Promise<number> {
  return (await scene.lab.inbox('bob')).filter((raw) => String(raw).includes(`Subject: ${subject}`)).length;
}
