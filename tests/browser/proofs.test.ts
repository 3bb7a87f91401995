/* What must hold beyond one person at one desk: two accounts in one browser, a session that is ended from elsewhere, news without a reload, and everybody's way to use it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../lab/index.ts';
import { letterTo, startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { screenPath, startChromium, type Browser } from './chromium.ts';
import { axeIn, buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';
import { expectFocus, expectForEverybody, tabTo } from './reach.ts';

const LIMIT_MS = 180_000;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({
    incoming: ['imap'],
    lab: { users: ['alice', 'bob', 'carol'], parts: ['dovecot', 'postfix'] },
    config: { unsure: { settle: '1h', retries: 1 } },
  });
  await fillInbox(await scene.door('alice'), scene.lab.address('alice'), 0);
  await (await scene.door('bob')).append(['INBOX'], { bytes: letterTo('bobs-own', { from: 'far@outside.test', to: ['bob'] }) });
  for (const user of ['alice', 'bob']) {
    await scene.add(user);
    await scene.untilEqual(user, { withFlags: false });
  }
  browser = await startChromium();
  context = await browser.context({ reducedMotion: 'reduce' });
  desk = await openDesk(context, origin());
  await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'), true);
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

test('a message that arrives while the list is open appears in it, and is counted, without a reload', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.evaluate('window.isSame = true');
  await scene.deliver('alice', letterTo('just-now', { from: 'far@outside.test', to: [scene.lab.address('alice')] }));
  await page.locator('.message-link', { hasText: 'about just-now' }).waitFor();
  await page.locator('.message-row.is-unread', { hasText: 'about just-now' }).waitFor();
  expect(await page.evaluate('window.isSame')).toBe(true);
});

test(
  'the session is ended from elsewhere in the middle of writing: nothing typed is lost, and the message leaves once',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'carol', 'Written across two sessions');
    await endAllSessions('alice');
    await page.keyboard.type(' - and some more of it');
    await page.getByRole('dialog').waitFor();
    // Whoever types at once types the password, and presses no button with it.
    expect(await focused(page)).toBe('password');
    await logInAgain(page, 'alice');
    await page.getByText('Draft saved').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const [raw = ''] = await arrived('carol', 'Written across two sessions');
    expect(raw).toContain('Dear reader - and some more of it');
    expect(raw).toMatch(new RegExp(`^From: .*${scene.lab.address('alice')}`, 'm'));
  },
);

test(
  'two accounts in one browser: each window stays with its own, asks for its password, and sends in its own name',
  { timeout: 2 * LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'carol', 'In the name of Alice');
    await page.getByText('Draft saved').waitFor();
    const other = await openDesk(context, origin());
    await other.page.locator('.message-link').first().waitFor();
    await other.page.getByRole('button', { name: 'Settings' }).click();
    await other.page.getByRole('button', { name: 'Log out', exact: true }).click();
    await other.logIn(scene.lab.address('bob'), scene.lab.password('bob'), true);
    await other.page.locator('.message-link', { hasText: 'about bobs-own' }).waitFor();
    // Alice's window knows nothing of that yet, and its cookie is Bob's.
    await page.bringToFront();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Another account is logged in').waitFor();
    expect(await focused(page)).toBe('password');
    expect(await page.locator('.message-link', { hasText: 'about bobs-own' }).count()).toBe(0);
    expect.soft(await desk.axe()).toEqual([]);
    await desk.show('another-account');
    expect(await arrivedNow('carol', 'In the name of Alice')).toEqual([]);
    await logInAgain(page, 'alice');
    const [raw = ''] = await arrived('carol', 'In the name of Alice');
    expect(raw).toMatch(new RegExp(`^From: .*${scene.lab.address('alice')}`, 'm'));
    expect(await keptFor(page)).toEqual([scene.lab.address('alice')]);
    // Now the other window is the one whose session is somebody else's: it goes on as who is logged in.
    await other.page.bringToFront();
    await other.page.getByText('Another account is logged in').waitFor();
    await other.page.getByRole('button', { name: 'Go on with that account' }).click();
    await other.page.locator('.message-link', { hasText: 'about just-now' }).waitFor();
    expect(await other.page.locator('.message-link', { hasText: 'about bobs-own' }).count()).toBe(0);
    await expectNoFaults(other);
    await other.page.close();
    await page.bringToFront();
  },
);

test(
  'the banner comes with the outage and goes with it, and a log-in that can not be checked says when to try again',
  { timeout: 2 * LIMIT_MS },
  async () => {
    const { page } = desk;
    await page.evaluate('window.isSame = true');
    await scene.lab.edge.set('all', { mode: 'refuse' });
    await page.locator('.banner', { hasText: 'answered since' }).first().waitFor({ timeout: LIMIT_MS });
    const stranger = await openDesk(await browser.context(), origin());
    await stranger.page.locator('input[name=address]').fill(scene.lab.address('carol'));
    await stranger.page.locator('input[name=password]').fill(scene.lab.password('carol'));
    await stranger.page.locator('.log-in-form button[type=submit]').click();
    await stranger.page.getByText('Your password can not be checked at the moment.').waitFor({ timeout: LIMIT_MS });
    await stranger.page.getByText('Try again in a minute.').waitFor();
    await expectNoFaults(stranger);
    await stranger.page.context().close();
    await scene.lab.edge.set('all', { mode: 'pass' });
    await page.locator('.banner').waitFor({ state: 'detached', timeout: LIMIT_MS });
    expect(await page.evaluate('window.isSame')).toBe(true);
  },
);

test('the public page is for everybody, in both languages, without a script, and small', { timeout: LIMIT_MS }, async () => {
  for (const locale of ['en-GB', 'de-DE']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const public_ = await browser.context({ locale, colorScheme });
      const page = await public_.newPage();
      const answer = await page.goto(`${origin()}/status`);
      expect((await answer?.body())?.length).toBeLessThan(15_000);
      expect(await page.locator('script').count()).toBe(0);
      await page.locator('li', { hasText: 'SMTP' }).first().waitFor();
      expect.soft(await axeIn(page), `${locale}, ${colorScheme}`).toEqual([]);
      await page.screenshot({ path: await screenPath(`status-${locale}-${colorScheme}`), fullPage: true });
      await page.setViewportSize({ width: 320, height: 640 });
      expect.soft(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      await public_.close();
    }
  }
});

test('every dialog is for everybody, opens with the focus inside, and gives it back where it was', { timeout: 6 * LIMIT_MS }, async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await open('Angebot');
  const button = (name: string | RegExp): Locator => page.getByRole('main').getByRole('button', { name }).first();
  const folder = page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'Projekte' });
  const dialogs: readonly (readonly [name: string, from: Locator, key: string])[] = [
    ['settings', page.getByRole('button', { name: 'Settings' }), 'Enter'],
    ['keys', page.getByRole('button', { name: 'Settings' }), '?'],
    ['move', button('Move'), 'Enter'],
    ['labels', button('Label'), 'Enter'],
    ['search form', page.getByRole('button', { name: 'Search form' }), 'Enter'],
    ['source', button('Show source'), 'Enter'],
    ['pdf', button(/^Open Angebot/), 'Enter'],
    ['new folder', page.getByRole('button', { name: 'New folder' }), 'Enter'],
    ['folder', folder, 'F2'],
    ['deleting a folder', folder, 'Delete'],
  ];
  for (const [name, from, key] of dialogs) {
    await from.focus();
    await page.keyboard.press(key);
    await dialog.getByRole('heading').first().waitFor();
    expect(await dialog.evaluate((one) => one.contains(one.ownerDocument.activeElement)), name).toBe(true);
    await expectForEverybody(desk, name);
    // What is pressed in the browser's own viewer is the viewer's, and the focus may have got there.
    if (name === 'pdf') await tabTo(page, '.pdf-foot button');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expectFocus(from);
  }
});

test('the settings of mail programs, reached from the settings, give the focus back to where it came from', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const from = page.getByRole('button', { name: 'Settings' });
  await from.focus();
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Set up your mail program' }).focus();
  await page.keyboard.press('Enter');
  await dialog.getByText('Incoming (IMAP)').first().waitFor();
  await expectForEverybody(desk, 'mail programs');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expectFocus(from);
});

test('lists and messages are for everybody', async () => {
  const { page } = desk;
  await expectForEverybody(desk, 'a message with a file');
  await open('Abschlagsrechnung');
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await expectForEverybody(desk, 'a message in HTML');
  await page.locator('.message-row', { hasText: 'Photos' }).getByRole('checkbox').check();
  await expectForEverybody(desk, 'a selection');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('.reader').getByText('Select a message to read it').waitFor();
  await expectForEverybody(desk, 'a list');
  await page.locator('.message-row', { hasText: 'Photos' }).getByRole('checkbox').check();
  await page.getByText('1 selected').waitFor();
  await expectForEverybody(desk, 'a selection and no message');
  await page.keyboard.press('Escape');
});

test('writing is for everybody, with its dialogs', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await write(page, 'carol', 'For everybody');
  await page.getByText('Draft saved').waitFor();
  await expectForEverybody(desk, 'composer');
  const text = page.getByRole('textbox', { name: 'Text' });
  for (const name of ['Link', 'Send later', 'Discard draft']) {
    const from = page.locator('.composer').getByRole('button', { name, exact: true });
    await from.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('heading').first().waitFor();
    await expectForEverybody(desk, name);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expectFocus(from);
  }
  await text.focus();
  await page.keyboard.press('Escape');
  await page.locator('.composer').waitFor({ state: 'detached' });
  await expectFocus(page.getByRole('button', { name: 'Write' }));
});

test('an outbox with a message that may have arrived is for everybody', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await scene.lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
  await write(page, 'carol', 'Arrived or not');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Message accepted.').waitFor();
  // What it says goes by itself, and lies over the screen until then.
  await page.getByRole('status').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = page.locator('.outbox-item', { hasText: 'Arrived or not' });
  await item.getByText('We do not know whether this arrived').waitFor({ timeout: LIMIT_MS });
  await expectForEverybody(desk, 'outbox');
  await item.getByRole('button', { name: 'It arrived' }).click();
  await item.locator('.state-delivered').waitFor();
  await page.getByRole('link', { name: /^Inbox/ }).click();
});

test('with the keyboard alone one logs in, finds, reads, answers, files, and takes it back', { timeout: LIMIT_MS }, async () => {
  const own = await openDesk(await browser.context({ reducedMotion: 'reduce' }), origin());
  const { page } = own;
  const { keyboard } = page;
  await page.locator('input[name=address]').waitFor();
  await tabTo(page, 'input[name=address]');
  await keyboard.type(scene.lab.address('alice'));
  await tabTo(page, 'input[name=password]');
  await keyboard.type(scene.lab.password('alice'));
  await keyboard.press('Enter');
  await page.locator('.message-link').first().waitFor();
  await keyboard.press('/');
  await keyboard.type('from:deniz');
  await keyboard.press('Enter');
  await page.getByText('1 message found').waitFor();
  await tabTo(page, '.message-link');
  await keyboard.press('Enter');
  await page.locator('.message-title', { hasText: 'Lieferung am Donnerstag' }).waitFor();
  await keyboard.press('r');
  await expectFocus(page.getByRole('textbox', { name: 'Text' }));
  await keyboard.type('By keyboard.');
  await page.getByText('Draft saved').waitFor();
  await keyboard.press('Control+Enter');
  await page.getByText('Message accepted.').waitFor();
  await page.locator('.composer').waitFor({ state: 'detached' });
  await keyboard.press('z');
  await page.getByText('Called back').waitFor();
  await keyboard.press('e');
  await page.getByText('Moved to Archive').waitFor();
  await keyboard.press('z');
  await page.getByText('Undone').waitFor();
  await page.locator('.message-title', { hasText: 'Lieferung am Donnerstag' }).or(page.locator('.message-row')).first().waitFor();
  await tabTo(page, '.message-link');
  await keyboard.press('Enter');
  await page.locator('.message-title', { hasText: 'Lieferung am Donnerstag' }).waitFor();
  await keyboard.press('v');
  await expectFocus(page.getByRole('dialog').getByRole('textbox'));
  await keyboard.type('projekte/neubau');
  await keyboard.press('Enter');
  await page.getByText('Moved to Neubau').waitFor();
  await keyboard.press('z');
  await page.getByText('Undone').waitFor();
  await expectNoFaults(own);
  // Who wants no motion gets none.
  await page.setViewportSize({ width: 680, height: 430 });
  const menu = page.getByRole('button', { name: 'Show folders' });
  await menu.press('Enter');
  await expectFocus(page.getByRole('navigation').getByRole('button', { name: 'Write' }));
  expect(await page.evaluate('document.getAnimations().filter((one) => one instanceof CSSTransition).length')).toBe(0);
  await expectForEverybody(own, 'folders');
  await page.setViewportSize({ width: 680, height: 430 });
  await keyboard.press('Escape');
  await expectFocus(menu);
  await page.context().close();
});

async function open(subject: string): Promise<void> {
  await desk.page.locator('.message-link', { hasText: subject }).first().click();
  await desk.page.locator('.message-title', { hasText: subject }).waitFor();
}

async function write(page: Page, to: string, subject: string): Promise<void> {
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address(to));
  await page.getByLabel('Subject').fill(subject);
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type('Dear reader');
}

async function logInAgain(page: Page, user: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(scene.lab.password(user));
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** The name of the field. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.name');
}

/** As from a browser at another place. */
async function endAllSessions(user: string): Promise<void> {
  const basic = Buffer.from(`${scene.lab.address(user)}:${scene.lab.password(user)}`).toString('base64');
  const { status } = await fetch(`${origin()}/api/sessions`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${basic}`, 'x-stopgap-request': '1', 'content-type': 'application/json' },
    body: '{}',
  });
  expect(status).toBe(204);
}

async function arrivedNow(user: string, subject: string): Promise<string[]> {
  return (await scene.lab.inbox(user)).map(String).filter((raw) => raw.includes(`Subject: ${subject}`));
}

/** They have it, and have it once. */
async function arrived(user: string, subject: string): Promise<string[]> {
  await until(`${user} has it`, async () => (await arrivedNow(user, subject)).length > 0, LIMIT_MS);
  const copies = await arrivedNow(user, subject);
  expect(copies).toHaveLength(1);
  return copies;
}

/** Whose mail is kept in this browser. */
function keptFor(page: Page): Promise<string[]> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('stopgap');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction('owner').objectStore('owner').getAll();
      asking.onsuccess = () => { opening.result.close(); resolve(asking.result.map(({ username }) => username)); };
    };
  })`);
}
