/* Filing without a connection, or on a bad one: it is shown at once, kept, and done once when the relay answers; what was done elsewhere meanwhile is respected. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Locator, Request } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { keptIn } from './kept.ts';
import { fillInbox, htmlLetter } from './letters.ts';

const LIMIT_MS = 90_000;
const WORDS = [
  'Amsel',
  'Buche',
  'Clown',
  'Dachs',
  'Eiche',
  'Falke',
  'Gabel',
  'Hafen',
  'Insel',
  'Jacke',
  'Kamel',
  'Lampe',
  'Mauer',
  'Nadel',
];

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'], parts: ['dovecot', 'postfix'] } });
  alice = scene.lab.address('alice');
  await fillInbox(await scene.door('bob'), scene.lab.address('bob'), 0);
  await fillInbox(await scene.door('alice'), alice, 0);
  const now = Date.now();
  for (const [index, word] of WORDS.entries())
    await (
      await scene.door('alice')
    ).append(['INBOX'], {
      bytes: htmlLetter(word, `<p>About ${word}.</p>`, alice),
      flags: index < 7 ? ['$seen'] : [],
      receivedAtMs: now - index * 60_000,
    });
  await scene.add('alice');
  await scene.add('bob');
  await scene.untilEqual('alice');
  browser = await startChromium();
  context = await browser.context();
  desk = await openDesk(context, origin());
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await untilControlled();
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

test(
  'what is done without a connection is shown at once, outlives the window, and is done when there is one',
  { timeout: LIMIT_MS },
  async () => {
    await go('Archive');
    await desk.page.getByText('Nothing here').waitFor();
    await go('Inbox');
    await untilKept('list');
    await context.setOffline(true);
    await press('Amsel', 'u');
    await press('Buche', 's');
    await press('Clown', 'e');
    await desk.page.getByText('Moved to Archive').waitFor();
    await press('Dachs', '#');
    await press('Eiche', '!');
    await press('Falke', 'l');
    await desk.page.getByRole('dialog').getByRole('textbox').fill('Vogel');
    await desk.page.keyboard.press('Enter');
    await desk.page.keyboard.press('Escape');
    await row('Hafen').getByRole('checkbox').check();
    await desk.page.getByRole('button', { name: 'Mark as read' }).click();
    await desk.page.keyboard.press('Escape');
    const expectShown = async (): Promise<void> => {
      await expect.poll(() => row('Amsel').getAttribute('class')).toContain('is-unread');
      await row('Buche').locator('.mark-flag').waitFor();
      await row('Falke').getByText('vogel').waitFor();
      await expect.poll(() => row('Hafen').getAttribute('class')).not.toContain('is-unread');
      for (const gone of ['Clown', 'Dachs', 'Eiche']) await row(gone).waitFor({ state: 'detached' });
    };
    await expectShown();
    await desk.page.getByText('7 changes to your mail wait here for a connection.').waitFor();
    expect.soft(await desk.axe()).toEqual([]);
    await desk.show('offline-filing');
    await desk.page.close();
    desk = await openDesk(context, origin());
    await expectShown();
    await go('Archive');
    await row('Clown').waitFor();
    await go('Outbox');
    await desk.page.getByRole('heading', { name: '7 changes to your mail' }).waitFor();
    expect.soft(await desk.axe()).toEqual([]);
    const asked = filingsAsked();
    await context.setOffline(false);
    await untilNoneWaits();
    // Each once, in the order in which it was done.
    expect(asked()).toHaveLength(7);
    expect(asked()[2]).toMatch(/"mailboxIds\/\w+":null,"mailboxIds\/\w+":true/);
    await desk.page.getByText('What you did with your mail without a connection is done.').waitFor();
    await go('Inbox');
    await expectShown();
    await expect.poll(() => atProvider('Trash')).toEqual(['Dachs']);
    await expect.poll(() => atProvider('Archive')).toEqual(['Clown']);
    await expect.poll(() => atProvider('Junk')).toEqual(['Eiche']);
    await expect.poll(() => flagsAtProvider('Amsel')).not.toContain('$seen');
    await expect.poll(() => flagsAtProvider('Buche')).toContain('$flagged');
    await expect.poll(() => flagsAtProvider('Falke')).toContain('vogel');
    await expect.poll(() => flagsAtProvider('Hafen')).toContain('$seen');
  },
);

test('what is undone before it left goes nowhere', async () => {
  await context.setOffline(true);
  await press('Gabel', 'e');
  await row('Gabel').waitFor({ state: 'detached' });
  await desk.page.getByText('One change to your mail waits here').waitFor();
  await desk.page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await row('Gabel').waitFor();
  await expect.poll(async () => (await keptIn(desk.page, 'filings')).length).toBe(0);
  const asked = filingsAsked();
  await context.setOffline(false);
  await desk.page.getByText('No connection to this service.').waitFor({ state: 'detached' });
  expect(asked()).toEqual([]);
});

test('on a shaky line nothing is lost and nothing is done twice', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  let broken = 0;
  await page.route('**/jmap/api*', async (route) => {
    if (!isFiling(route.request()) || broken > 1) return route.continue();
    broken += 1;
    // The first time the relay has it, and nobody here learns of it.
    if (broken === 1) await route.fetch();
    await route.abort();
  });
  await press('Gabel', 'e');
  await row('Gabel').waitFor({ state: 'detached' });
  await press('Insel', 's');
  await expect.poll(() => broken, { timeout: LIMIT_MS }).toBe(2);
  expect(await page.locator('.toast-failed').count()).toBe(0);
  await untilNoneWaits();
  await page.unroute('**/jmap/api*');
  await row('Insel').locator('.mark-flag').waitFor();
  await expect.poll(() => atProvider('Archive')).toEqual(['Clown', 'Gabel']);
  await expect.poll(() => flagsAtProvider('Insel')).toContain('$flagged');
});

test('what was done elsewhere meanwhile stays so, and is told', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await using elsewhere = await scene.desk('alice');
  await elsewhere.create('Ablage');
  await page.getByRole('link', { name: 'Ablage' }).waitFor();
  await untilKept('list');
  await context.setOffline(true);
  // One is put elsewhere, one is deleted, the folder of one goes, and one is read and labelled in two places.
  await press('Jacke', 'e');
  await press('Kamel', 's');
  await press('Lampe', 'v');
  await page.getByRole('dialog').getByRole('textbox').fill('Ablage');
  await page.keyboard.press('Enter');
  await row('Lampe').waitFor({ state: 'detached' });
  await press('Mauer', 's');
  await elsewhere.move('INBOX', 'Jacke', 'Projekte');
  await elsewhere.expunge('INBOX', ['Kamel']);
  await elsewhere.remove('Ablage');
  await elsewhere.flag('INBOX', 'Mauer', { add: ['$seen', 'wichtig'] });
  await context.setOffline(false);
  await page.getByText('was put into another folder meanwhile, and stays there.').waitFor();
  await page.getByText('was deleted elsewhere meanwhile.').waitFor();
  await page.getByText('The folder is not there any more: the message stays where it was.').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('offline-filing-refused');
  await untilNoneWaits();
  // The list is true again.
  await row('Lampe').waitFor();
  await row('Jacke').waitFor({ state: 'detached' });
  await row('Kamel').waitFor({ state: 'detached' });
  await row('Mauer').locator('.mark-flag').waitFor();
  await row('Mauer').getByText('wichtig').waitFor();
  await expect.poll(() => row('Mauer').getAttribute('class')).not.toContain('is-unread');
  await expect.poll(() => atProvider('Projekte')).toEqual(['Jacke']);
  expect(await atProvider('Archive')).toEqual(['Clown', 'Gabel']);
});

test('two windows come back at once, and it is done once', { timeout: LIMIT_MS }, async () => {
  const other = await openDesk(context, origin());
  await other.page.locator('.message-link').first().waitFor();
  await context.setOffline(true);
  await desk.page.bringToFront();
  for (const word of ['Lampe', 'Mauer', 'Nadel']) await press(word, 'e');
  await other.page.locator('.message-row', { hasText: 'Nadel' }).waitFor({ state: 'detached' });
  const asked = filingsAsked();
  await context.setOffline(false);
  await untilNoneWaits();
  await expect.poll(() => atProvider('Archive')).toEqual(['Clown', 'Gabel', 'Lampe', 'Mauer', 'Nadel']);
  expect(asked()).toHaveLength(3);
  await expectNoFaults(other);
  await other.page.close();
  await desk.page.bringToFront();
});

test('who clicks twice to log out, while what was filed is on its way, is asked once', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const [first, others] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  await page.route('**/jmap/api*', async (route) => {
    if (!isFiling(route.request())) return route.continue();
    count += 1;
    if (count === 1) await first.promise;
    else if (count > 2) await others.promise;
    await route.abort();
  });
  await press('Insel', 's');
  await expect.poll(() => count).toBe(1);
  await page.getByRole('button', { name: 'Settings' }).click();
  const logOut = page.getByRole('button', { name: 'Log out', exact: true });
  await logOut.click();
  await logOut.click();
  first.resolve();
  const question = page.getByText('Changes to your mail have not left this browser yet');
  await question.waitFor();
  await page.getByRole('dialog').last().getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  others.resolve();
  // What waits for the same turn has had it, and is to be seen.
  await page.evaluate(`navigator.locks.request('stopgap.filings ${alice}', () => undefined)`);
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
  expect(await question.count()).toBe(0);
  await page.unroute('**/jmap/api*');
  await page.keyboard.press('Escape');
  await untilNoneWaits();
});

test('somebody else who logs in here gets none of it', { timeout: LIMIT_MS }, async () => {
  await context.setOffline(true);
  await press('Insel', '#');
  await row('Insel').waitFor({ state: 'detached' });
  await desk.page.close();
  await context.setOffline(false);
  await context.clearCookies();
  desk = await openDesk(context, origin());
  const asked = filingsAsked();
  await desk.logIn(scene.lab.address('bob'), scene.lab.password('bob'), true);
  await row('Lieferung am Donnerstag').waitFor();
  await expect.poll(() => keptIn<{ address: string; lines: [] }>(desk.page, 'filings')).toMatchObject([{ address: alice, lines: [] }]);
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await desk.page.locator('input[name=address]').waitFor();
  expect(asked()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await untilNoneWaits();
  await expect.poll(() => atProvider('Trash')).toEqual(['Dachs', 'Insel']);
});

test('on a device that is shared it waits in the window, which warns before it is closed', { timeout: LIMIT_MS }, async () => {
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await desk.page.locator('input[name=address]').waitFor();
  await desk.logIn(alice, scene.lab.password('alice'), false);
  await context.setOffline(true);
  await press('Lieferung am Donnerstag', 'e');
  await row('Lieferung am Donnerstag').waitFor({ state: 'detached' });
  await desk.page.getByText('Do not close this window until then.').waitFor();
  await desk.page.close({ runBeforeUnload: true });
  await expect.poll(() => desk.faults).toEqual(['dialog: ']);
  desk.faults.length = 0;
  expect(await keptIn(desk.page, 'filings').catch(() => [])).toEqual([]);
  await context.setOffline(false);
  await desk.page.getByText('Do not close this window until then.').waitFor({ state: 'detached', timeout: LIMIT_MS });
  await expect.poll(async () => (await scene.lab.mailbox('alice', 'Archive')).map(String).join('')).toContain('Deniz Arslan');
});

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

function row(subject: string): Locator {
  return desk.page.locator('.message-row', { hasText: subject });
}

/** A key for one message, and for nothing else. */
async function press(subject: string, key: string): Promise<void> {
  await row(subject).getByRole('checkbox').check();
  await desk.page.getByText('1 selected').waitFor();
  await desk.page.keyboard.press(key);
  if (key === 's' || key === 'u') await desk.page.keyboard.press('Escape');
  if (key !== 'l' && key !== 'v') await desk.page.getByText('1 selected').waitFor({ state: 'detached' });
}

async function go(folder: string): Promise<void> {
  await desk.page.getByRole('link', { name: new RegExp(`^${folder}`) }).click();
  await desk.page.getByRole('heading', { name: folder, exact: true }).waitFor();
}

async function untilControlled(): Promise<void> {
  await desk.page.evaluate('navigator.serviceWorker.ready');
  await desk.page.waitForFunction('navigator.serviceWorker.controller !== null');
}

async function untilKept(kind: string): Promise<void> {
  await expect.poll(async () => (await keptIn<{ kind: string }>(desk.page, 'answers')).map((one) => one.kind)).toContain(kind);
}

async function untilNoneWaits(): Promise<void> {
  await expect.poll(async () => (await keptIn(desk.page, 'filings')).length, { timeout: LIMIT_MS }).toBe(0);
}

function isFiling(request: Request): boolean {
  return request.postData()?.includes('"Email/set"') === true;
}

/** What the relay is asked for from now on, by any window. */
function filingsAsked(): () => readonly string[] {
  const bodies: string[] = [];
  context.on('request', (request) => {
    if (isFiling(request)) bodies.push(request.postData() ?? '');
  });
  return () => [...bodies];
}

/** The subjects that the provider has in a mailbox. */
async function atProvider(mailbox: string): Promise<string[]> {
  return (await scene.lab.mailbox('alice', mailbox)).map((raw) => subjectOf(raw)).toSorted();
}

async function flagsAtProvider(subject: string): Promise<readonly string[]> {
  const messages = await (await scene.door('alice')).messages(['INBOX']);
  return messages.find(({ bytes }) => subjectOf(bytes) === subject)?.flags ?? [];
}

function subjectOf(raw: Buffer): string {
  return /^Subject: (.*?)\r?$/m.exec(raw.toString())?.[1] ?? '';
}
