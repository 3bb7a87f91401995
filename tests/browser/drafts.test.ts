/* What is written on a bad line, in more than one window: no text takes another one's place, and nothing is there twice. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { until } from '../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { keptIn } from './kept.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 120_000;
/** A red dot of ten by ten. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

const COUNT_WRITES = `
  window.written = { drafts: 0, bytes: 0 };
  const sizeOf = (value) => value instanceof Blob ? value.size : Object(value) !== value ? 0 : Object.values(value).reduce((sum, one) => sum + sizeOf(one), 0);
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, ...key) {
    if (this.name in window.written) window.written[this.name] += 1;
    window.written.bytes += sizeOf(value);
    return put.call(this, value, ...key);
  };
`;

/** A draft is open in some window. */
const IS_OPEN = `navigator.locks.query().then(({ held }) => held.some(({ name }) => name.startsWith('stopgap.open-draft')))`;

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
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await browser.context();
  await context.addInitScript(COUNT_WRITES);
  desk = await openDesk(context, origin());
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await desk.page.evaluate('navigator.serviceWorker.ready');
  await desk.page.waitForFunction('navigator.serviceWorker.controller !== null');
});

afterEach(async () => {
  await expectNoFaults(desk);
  await context.close();
});

test(
  'a draft that is kept here is open in one window at a time, and in the next one when that is closed',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    const other = await openDesk(context, origin());
    await other.page.locator('.message-link').first().waitFor();
    await page.bringToFront();
    await context.setOffline(true);
    await write(page, 'Two hands', 'By the one.');
    await page.getByText('Not saved yet; your text stays here.').waitFor();
    await other.page.getByRole('link', { name: /^Outbox/ }).click();
    // It has never been closed, and is here already for whatever window is left.
    await waiting(other.page, 'Two hands').getByRole('button', { name: 'Edit' }).click();
    await other.page.getByText('This draft is open already').waitFor();
    await closeToast(other.page);
    await waiting(other.page, 'Two hands').getByRole('button', { name: 'Discard' }).click();
    await other.page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await other.page.getByText('This draft is open already').waitFor();
    expect(await other.page.locator('.composer').count()).toBe(0);
    await page.close();
    await other.page.bringToFront();
    // The browser takes a moment to let go what a window had.
    await expect.poll(() => other.page.evaluate<boolean>(IS_OPEN)).toBe(false);
    await waiting(other.page, 'Two hands').getByRole('button', { name: 'Edit' }).click();
    await other.page.getByRole('textbox', { name: 'Text' }).getByText('By the one.').waitFor();
    await other.page.getByRole('textbox', { name: 'Text' }).press('Control+End');
    await other.page.keyboard.type('By the other.');
    await context.setOffline(false);
    await other.page.locator('.saved-saved').waitFor();
    await other.page.getByRole('button', { name: 'Save and close' }).click();
    desk = other;
    await expectDrafts(['Two hands']);
    await other.page.locator('.message-link', { hasText: 'Two hands' }).click();
    await other.page.frameLocator('.mail-frame').getByText('By the one.By the other.').waitFor();
    await emptyDrafts();
  },
);

test(
  'a picture that comes back into a draft, and one of two files of the same name, are what they were',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'With its files', 'Look: ');
    await choose('Insert image', { name: 'plan.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
    await page.locator('.rich-text img[alt="plan.png"]').waitFor();
    for (const text of ['of monday', 'of friday']) {
      const count = await page.locator('.composer-attachments li').count();
      await choose('Attach files', { name: 'report.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
      await expect.poll(() => page.locator('.composer-attachments li').count()).toBe(count + 1);
    }
    await saved();
    await page.getByRole('button', { name: 'Save and close' }).click();
    await page.getByRole('link', { name: /^Drafts/ }).click();
    await page.locator('.message-link', { hasText: 'With its files' }).click();
    await page.getByRole('button', { name: 'Edit draft' }).click();
    const width = () => page.evaluate<number | undefined>(`document.querySelector('.rich-text img')?.naturalWidth`);
    await expect.poll(width).toBe(10);
    const text = page.getByRole('textbox', { name: 'Text' });
    await text.press('Control+End');
    await page.keyboard.type('here.');
    await text.press('Control+a');
    await page.keyboard.press('Delete');
    await expect.poll(width).toBeUndefined();
    await saved();
    await text.press('Control+z');
    await expect.poll(width).toBe(10);
    await saved();
    await page
      .getByRole('button', { name: /^Remove report.txt/ })
      .first()
      .click();
    await saved();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Message accepted.').waitFor();
    const raw = await until('bob has it', async () => (await copies('With its files'))[0], LIMIT_MS);
    expect(raw).toContain(Buffer.from('of friday').toString('base64'));
    expect(raw).not.toContain(Buffer.from('of monday').toString('base64'));
    expect(raw).toMatch(/Content-ID:/i);
  },
);

test(
  'what is thrown away is in Drafts no more, though the answer to its last save was lost, or there is no connection',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'To be kept', 'Of another window.');
    await saved();
    await page.getByRole('button', { name: 'Save and close' }).click();
    let lost = 0;
    await page.route('**/jmap/api*', async (route) => {
      if (!asks(route.request(), /"Email\/set",.*"create"/)) return route.continue();
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    await write(page, 'Without an answer', 'Thrown away.');
    await page.locator('.saved-failed').waitFor();
    expect(lost).toBe(1);
    await discard();
    await page.unroute('**/jmap/api*');
    await expectDrafts(['To be kept']);
    await write(page, 'Without a connection', 'Thrown away.');
    await saved();
    await context.setOffline(true);
    await discard();
    await page.getByText('It goes from Drafts, too, as soon as there is a connection.').waitFor();
    expect(await keptIn(page, 'drafts')).toHaveLength(1);
    await page.getByRole('link', { name: /^Outbox/ }).click();
    expect(await waiting(page, 'Without a connection').count()).toBe(0);
    await context.setOffline(false);
    await expect.poll(() => keptIn(page, 'drafts')).toEqual([]);
    await expectDrafts(['To be kept']);
    await emptyDrafts();
  },
);

test('what was saved without an answer is known in Drafts by what it says, whatever that is', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  let lost = 0;
  await page.route('**/jmap/api*', async (route) => {
    if (!asks(route.request(), /"Email\/set",.*"create"/)) return route.continue();
    await route.fetch();
    lost += 1;
    await route.abort();
  });
  const subject = `Grüße aus „Köln“  & <日本> 😀 ${'und noch mehr '.repeat(12)}`;
  await write(page, subject, 'From here:  two  blanks,\t"quotes" & <marks>, ß, 日本, 😀. ');
  await choose('Insert image', { name: 'plän 1.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
  await page.locator('.rich-text img').waitFor();
  await choose('Attach files', { name: 'Übersicht "neu" (1).txt', mimeType: 'text/plain', buffer: Buffer.from('ä\r\nb\n') });
  // Of more than a megabyte the relay reckons the sizes.
  await choose('Attach files', { name: 'daten.bin', mimeType: '', buffer: Buffer.alloc(1_000_001, '\0\xff\r\n', 'latin1') });
  const door = await scene.door('alice');
  const isLaidWith = (what: string) =>
    until(
      `it was laid with ${what}`,
      async () => (await door.messages(['Drafts'])).some(({ bytes }) => bytes.includes(what)) || undefined,
      60_000,
    );
  await isLaidWith('daten.bin');
  await page.getByRole('combobox', { name: 'To' }).fill('"Vogel, K." <k.vogel@far.test>, nobody');
  await page.getByLabel('Subject').click();
  await isLaidWith('k.vogel@far.test');
  expect(lost).toBeGreaterThan(1);
  await page.unroute('**/jmap/api*');
  await discard();
  await expectDrafts([]);
});

test(
  'a letter that is taken back to be written on is one draft, though the one before could not be removed',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'Taken back', 'Once. ');
    await saved();
    await page.route('**/jmap/api*', (route) => (asks(route.request(), /"destroy"/) ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('No connection: your message waits in this browser').waitFor();
    await page.getByRole('link', { name: /^Outbox/ }).click();
    await waiting(page, 'Taken back').getByRole('button', { name: 'Edit' }).click();
    await page.unroute('**/jmap/api*');
    await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
    await page.keyboard.type('Twice.');
    await saved();
    await page.getByRole('button', { name: 'Save and close' }).click();
    await expectDrafts(['Taken back']);
    await emptyDrafts();
  },
);

test('a draft with which a letter waits is the letter when it is opened from Drafts: it leaves once', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await write(page, 'Waits and is edited', 'Once. ');
  await saved();
  await page.route('**/jmap/api*', (route) => (asks(route.request(), /"create"/) ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this browser').waitFor();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'Waits and is edited' }).click();
  await page.getByRole('toolbar').getByRole('button', { name: 'Edit draft' }).click();
  await page.getByRole('textbox', { name: 'Text' }).getByText('Once.').waitFor();
  // It leaves no more by itself, which its person is told.
  await page.getByText('Called back: it is in Drafts again.').waitFor();
  expect(await keptIn(page, 'letters')).toEqual([]);
  await page.unroute('**/jmap/api*');
  await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
  await page.keyboard.type('Twice.');
  await saved();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const raw = await until('bob has it', async () => (await copies('Waits and is edited'))[0], LIMIT_MS);
  expect(raw).toContain('Once. Twice.');
  await expect.poll(() => keptIn(page, 'letters')).toEqual([]);
  await expectDrafts([]);
  expect(await copies('Waits and is edited')).toHaveLength(1);
});

test(
  'what another program has made of the draft of a letter stays there when the letter is thrown away here',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'Changed elsewhere', 'As it is here.');
    await saved();
    await page.route('**/jmap/api*', (route) => (asks(route.request(), /"destroy"/) ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('No connection: your message waits in this browser').waitFor();
    await changeLaid('Changed elsewhere', 'Changed by another');
    await page.getByRole('link', { name: /^Outbox/ }).click();
    await page.unroute('**/jmap/api*');
    const item = waiting(page, 'Changed elsewhere');
    await item.getByText('It was in Drafts already, and is there no more').waitFor();
    await item.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => keptIn(page, 'drafts')).toEqual([]);
    await expectDrafts(['Changed by another']);
    await emptyDrafts();
  },
);

test(
  'what another program has made of it stays also if the letter was thrown away before that was known here',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write(page, 'Not known here', 'As it is here.');
    await saved();
    await page.route('**/jmap/api*', (route) => (asks(route.request(), /"destroy"/) ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('No connection: your message waits in this browser').waitFor();
    await page.getByRole('link', { name: /^Outbox/ }).click();
    await context.setOffline(true);
    await changeLaid('Not known here', 'Changed unseen');
    await scene.untilEqual('alice');
    await waiting(page, 'Not known here').getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => keptIn(page, 'drafts')).toHaveLength(1);
    await page.unroute('**/jmap/api*');
    await context.setOffline(false);
    await expect.poll(() => keptIn(page, 'drafts')).toEqual([]);
    await expectDrafts(['Changed unseen']);
    await emptyDrafts();
  },
);

test('on a full disk a letter leaves, or waits in its window, which says so', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.evaluate(`IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }`);
  await write(page, 'Leaves at once', 'There is no room here.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await until('bob has it', async () => (await copies('Leaves at once'))[0], LIMIT_MS);
  await page.locator('.composer').waitFor({ state: 'detached' });
  await context.setOffline(true);
  await write(page, 'Leaves later', 'Nor here.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this window.').waitFor();
  await context.setOffline(false);
  await until('bob has it', async () => (await copies('Leaves later'))[0], LIMIT_MS);
  expect([await keptIn(page, 'letters'), await keptIn(page, 'drafts')]).toEqual([[], []]);
  await expectDrafts([]);
});

test('what is on its way is no draft any more, though its window dies before an answer comes', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await context.setOffline(true);
  await write(page, 'On its way', 'Once.');
  await page.locator('.saved-failed').waitFor();
  await page.route('**/jmap/api*', () => new Promise<void>(() => undefined));
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect.poll(() => keptIn(page, 'letters')).toHaveLength(1);
  await page.close();
  desk = await openDesk(context, origin());
  await until('bob has it', async () => (await copies('On its way'))[0], LIMIT_MS);
  await expect.poll(() => keptIn(desk.page, 'letters')).toEqual([]);
  await expect.poll(() => keptIn(desk.page, 'drafts')).toEqual([]);
  await expectDrafts([]);
  expect(await copies('On its way')).toHaveLength(1);
});

test('a file that waits is written down once, however often its letter is, and goes with it', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const file = Buffer.alloc(3_000_000, 'a');
  await context.setOffline(true);
  await write(page, 'With a large file', 'One. ');
  await choose('Attach files', { name: 'large.txt', mimeType: 'text/plain', buffer: file });
  for (const text of ['Two. ', 'Three.']) {
    const before = await written();
    await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
    await page.keyboard.type(text);
    await expect.poll(async () => (await written()).drafts).toBeGreaterThan(before.drafts);
  }
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this browser').waitFor();
  expect((await written()).bytes).toBe(file.length);
  expect([await keptIn(page, 'files'), await keptIn(page, 'letters'), await keptIn(page, 'drafts')]).toMatchObject([[{}], [{}], []]);
  // Another window takes it from there.
  await page.close();
  await context.setOffline(false);
  desk = await openDesk(context, origin());
  const raw = await until('bob has it', async () => (await copies('With a large file'))[0], LIMIT_MS);
  expect(raw).toContain(
    Buffer.alloc(3 * 900, 'a')
      .toString('base64')
      .slice(0, 76),
  );
  expect(raw.length).toBeGreaterThan(file.length);
  await expect.poll(() => keptIn(desk.page, 'files')).toEqual([]);
});

test('a letter does not leave without a file that is refused while its person is asked about it', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const { length } = await scene.lab.inbox('bob');
  await page.route('**/jmap/upload/**', (route) => route.abort());
  await write(page, '', 'With a file.');
  await choose('Attach files', { name: 'refused.txt', mimeType: 'text/plain', buffer: Buffer.from('refused') });
  await page.getByText('waits for a connection').waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const question = page.getByRole('dialog').filter({ hasText: 'Send without a subject?' });
  await question.waitFor();
  await page.route('**/jmap/upload/**', (route) => route.fulfill({ status: 413, json: {} }));
  await page.locator('.attachment.is-failed').waitFor();
  await question.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('A file could not be uploaded.').waitFor();
  await saved();
  expect(await keptIn(page, 'letters')).toEqual([]);
  expect(await scene.lab.inbox('bob')).toHaveLength(length);
  await discard();
  await expectDrafts([]);
});

test('what is taken out and put back again is saved as it stands, though that is how it began', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await context.setOffline(true);
  await write(page, 'There and back', 'All of it.');
  await page.locator('.saved-failed').waitFor();
  await close();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  await waiting(page, 'There and back').getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
  await page.keyboard.press('Backspace');
  await page.locator('.saved-failed').waitFor();
  await page.keyboard.type('.');
  await context.setOffline(false);
  await page.locator('.saved-saved').waitFor();
  await close();
  await expectDrafts(['There and back']);
  await page.locator('.message-link').click();
  await page.frameLocator('.mail-frame').getByText('All of it.', { exact: true }).waitFor();
  await emptyDrafts();
});

test('on a line that gives nothing what is typed is kept all the time, and can be sent', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await hang(page);
  await write(page, 'Into nothing', 'One. ');
  const kept = async () => JSON.stringify(await keptIn(page, 'drafts'));
  await expect.poll(kept).toContain('One.');
  await page.keyboard.type('Two.');
  await expect.poll(kept).toContain('One. Two.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this browser').waitFor();
  expect([(await keptIn(page, 'letters')).length, await keptIn(page, 'drafts')]).toEqual([1, []]);
  await page.close();
  desk = await openDesk(context, origin());
  await until('bob has it', async () => (await copies('Into nothing'))[0], LIMIT_MS);
  await expect.poll(() => keptIn(desk.page, 'letters')).toEqual([]);
  await expectDrafts([]);
  expect(await copies('Into nothing')).toHaveLength(1);
});

test('on a line that gives nothing a draft can be closed, and thrown away', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await hang(page);
  await write(page, 'Closed', 'Kept.');
  await page.locator('.saved-saving').waitFor();
  await close();
  await page.getByText('the draft is kept in this browser').waitFor();
  await write(page, 'Thrown away', 'Gone.');
  await page.locator('.saved-saving').waitFor();
  await discard();
  await page.getByText('It goes from Drafts, too, as soon as there is a connection.').waitFor();
  await page.close();
  desk = await openDesk(context, origin());
  await expect.poll(() => keptIn(desk.page, 'drafts')).toEqual([]);
  await expectDrafts(['Closed']);
  await emptyDrafts();
});

test('what is typed is kept when its window goes out of sight, with a connection too', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await write(page, 'Put away', 'In a pocket.');
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
  await page.locator('.saved-saved').waitFor();
  expect((await written()).drafts).toBeGreaterThan(0);
  await expect.poll(() => keptIn(page, 'drafts')).toEqual([]);
  await close();
  await expectDrafts(['Put away']);
  await emptyDrafts();
});

test('a letter that is refused is kept as a draft again before it is a letter no more', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await context.setOffline(true);
  await write(page, 'Refused', 'Once.');
  await page.locator('.saved-failed').waitFor();
  const refusal = ['Email/set', { notCreated: { draft: { type: 'tooLarge' } } }, 'c0'];
  await page.route('**/jmap/api*', (route) =>
    asks(route.request(), /"Email\/set",.*"create"/) ? route.fulfill({ json: { methodResponses: [refusal] } }) : route.continue(),
  );
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.composer .problem').waitFor();
  expect([await keptIn(page, 'letters'), (await keptIn(page, 'drafts')).length]).toEqual([[], 1]);
  await page.unroute('**/jmap/api*');
  await discard();
  await expect.poll(() => keptIn(page, 'drafts')).toEqual([]);
  await expectDrafts([]);
});

test(
  'in a window whose store a newer build has taken over, what is sent is not, and its person is told why',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await takeOver(page);
    // What goes by the clock, by the line and by the other windows, goes on; what goes wrong in it unseen is a fault of this window.
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    const other = await openDesk(context, origin());
    await other.page.evaluate(`new BroadcastChannel('stopgap.post').postMessage('')`);
    await other.page.close();
    await page.bringToFront();
    await write(page, 'Of an older build', 'Stays.');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.composer .problem', { hasText: 'Load this window anew' }).waitFor();
    await page.locator('.saved-saved').waitFor();
    await close();
    await page.locator('.message-link').first().click();
    await page.keyboard.press('s');
    await page.locator('.toast', { hasText: 'Load this window anew' }).waitFor();
    await expectNoFaults(desk);
    await context.close();
    context = await browser.context();
    desk = await openDesk(context, origin());
    await desk.logIn(alice, scene.lab.password('alice'));
    await expectDrafts(['Of an older build']);
    await emptyDrafts();
  },
);

test('a log-out takes the mail along that a newer build has in its store', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await expect.poll(() => keptIn(page, 'answers')).not.toEqual([]);
  await takeOver(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  // What was done with messages can not be looked for here any more.
  await page.getByText('Changes to your mail have not left this browser yet').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out', exact: true }).last().click();
  await page.locator('input[name=address]').waitFor();
  expect(await Promise.all(['owner', 'answers', 'blobs'].map((name) => keptIn(page, name)))).toEqual([[], [], []]);
});

/** A newer build changes what is kept in this browser. */
function takeOver(page: Page): Promise<void> {
  return page.evaluate<void>(`new Promise((resolve) => {
    const opening = indexedDB.open('stopgap', 1000);
    opening.onsuccess = () => resolve(opening.result.close());
  })`);
}

test('what is thrown away while it is being laid into Drafts goes from there', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const mayGo = await layingHeld('Just being laid', 'Gone.');
  await waiting(page, 'Just being laid').getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Text' }).waitFor();
  await discard();
  await mayGo();
  desk = await openDesk(context, origin());
  await expectDrafts([]);
  expect(await keptIn(page, 'drafts')).toEqual([]);
});

test('what is written on while it is being laid into Drafts is there once, as it was written last', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const mayGo = await layingHeld('Being laid', 'Once. ');
  await waiting(page, 'Being laid').getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
  await page.keyboard.type('Twice.');
  const kept = async () => (await keptIn<{ readonly draft: { readonly html: string } }>(page, 'drafts')).map(({ draft }) => draft.html);
  await expect.poll(kept).toEqual([expect.stringContaining('Twice.')]);
  await mayGo();
  await page.close();
  desk = await openDesk(context, origin());
  await expect.poll(() => keptIn(desk.page, 'drafts')).toEqual([]);
  await expectDrafts(['Being laid']);
  await desk.page.locator('.message-link', { hasText: 'Being laid' }).click();
  await desk.page.frameLocator('.mail-frame').getByText('Once. Twice.').waitFor();
  await emptyDrafts();
});

test.for(['', ', and somebody writes on it'])(
  'a save that gets to the relay only after its window is gone and another one has laid the draft%s leaves no second one in Drafts',
  { timeout: 3 * LIMIT_MS },
  async (more) => {
    const { page } = desk;
    const held = Promise.withResolvers<Request>();
    await page.route('**/jmap/api*', (route) => {
      if (!asks(route.request(), /"Email\/set",.*"create"/)) return route.continue();
      held.resolve(route.request());
      return new Promise<void>(() => undefined);
    });
    await write(page, 'On its way', 'Once.');
    const request = await held.promise;
    await expect.poll(() => keptIn(page, 'drafts')).toHaveLength(1);
    const [url, body, { cookie: _, ...headers }] = [request.url(), request.postData() ?? '', await request.allHeaders()];
    await page.close();
    desk = await openDesk(context, origin());
    await expect.poll(() => keptIn(desk.page, 'drafts')).toEqual([]);
    await expectDrafts(['On its way']);
    if (more !== '') {
      await desk.page.locator('.message-link').click();
      await desk.page.getByRole('button', { name: 'Edit draft' }).click();
      await desk.page.getByRole('textbox', { name: 'Text' }).press('Control+End');
      await desk.page.keyboard.type(' Twice.');
      await saved();
      await close();
    }
    const late = await context.request.post(url, { headers: withoutPseudo(headers), data: body });
    expect(await late.text()).toMatch(/"created":\{"draft":/);
    await expectDrafts(['On its way', 'On its way']);
    await expect.poll(() => desk.page.locator('.message-link').count(), { timeout: 1.5 * LIMIT_MS }).toBe(1);
    await desk.page.locator('.message-link').click();
    await desk.page
      .frameLocator('.mail-frame')
      .getByText(more === '' ? 'Once.' : 'Once. Twice.', { exact: true })
      .waitFor();
    await emptyDrafts();
  },
);

function withoutPseudo(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && name !== 'content-length'));
}

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

async function write(page: Page, subject: string, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address('bob'));
  await page.getByLabel('Subject').fill(subject);
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type(text);
}

function asks(request: Request, what: RegExp): boolean {
  return what.test(request.postData() ?? '');
}

/** A draft that this window lays into Drafts from what it has kept, and of which nothing gets there yet. Gives what lets it go on, and waits for the answer. */
async function layingHeld(subject: string, text: string): Promise<() => Promise<void>> {
  const { page } = desk;
  const isCreation = (request: Request): boolean => asks(request, /"Email\/set",.*"create"/);
  await context.setOffline(true);
  await write(page, subject, text);
  await page.locator('.saved-failed').waitFor();
  await close();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const [isLaying, mayGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route('**/jmap/api*', async (route) => {
    if (isCreation(route.request())) {
      isLaying.resolve();
      await mayGo.promise;
    }
    await route.continue();
  });
  await context.setOffline(false);
  await isLaying.promise;
  return async () => {
    const isLaid = page.waitForResponse((response) => isCreation(response.request()));
    mayGo.resolve();
    await isLaid;
  };
}

/** No request that changes messages gets an answer. */
async function hang(page: Page): Promise<void> {
  await page.route('**/jmap/api*', (route) =>
    asks(route.request(), /"Email\/set"/) ? new Promise<void>(() => undefined) : route.continue(),
  );
}

async function close(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Save and close' }).click();
  await desk.page.locator('.composer').waitFor({ state: 'detached' });
}

async function discard(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Discard draft' }).click();
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await desk.page.locator('.composer').waitFor({ state: 'detached' });
}

/** Another program changes at the provider what was laid of the letter that waits, and leaves it the Message-ID, as programs do. */
async function changeLaid(subject: string, newSubject: string): Promise<void> {
  const [letter] = await keptIn<{ readonly draft: { readonly messageId: string } }>(desk.page, 'letters');
  const door = await scene.door('alice');
  const isOfLetter = (bytes: Buffer): boolean => bytes.toString('latin1').includes(letter?.draft.messageId ?? 'none');
  const laid = await until('the provider has what was laid', async () => {
    const messages = await door.messages(['Drafts']);
    const place = messages.findIndex(({ bytes }) => isOfLetter(bytes));
    return place < 0 ? undefined : { place, text: messages[place]?.bytes.toString('latin1') ?? '' };
  });
  const bytes = Buffer.from(laid.text.replace(subject, newSubject), 'latin1');
  await door.append(['Drafts'], { bytes, flags: ['$draft', '$seen'] });
  await door.expunge(['Drafts'], [laid.place]);
}

async function emptyDrafts(): Promise<void> {
  const { page } = desk;
  await page.locator('.message-link').first().click();
  await page.getByRole('button', { name: 'Edit draft' }).click();
  await discard();
  await expectDrafts([]);
}

/** A letter or draft of this browser, as the Outbox shows it. */
function waiting(page: Page, subject: string) {
  return page.getByRole('main', { name: 'Outbox' }).locator('.outbox-item', { hasText: subject });
}

/** All that was changed by now. */
async function saved(): Promise<void> {
  await desk.page.locator('.saved-waiting').waitFor({ state: 'attached' });
  await desk.page.locator('.saved-saved').waitFor();
}

async function choose(button: string, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  const chooser = desk.page.waitForEvent('filechooser');
  await desk.page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles(file);
}

async function copies(subject: string): Promise<string[]> {
  return (await scene.lab.inbox('bob')).map(String).filter((raw) => raw.includes(`Subject: ${subject}`));
}

/** How often this window has written a draft down, and how much of files. */
function written(): Promise<{ readonly drafts: number; readonly bytes: number }> {
  return desk.page.evaluate('window.written');
}

async function closeToast(page: Page): Promise<void> {
  await page.locator('.toast').getByRole('button', { name: 'Close' }).click();
}

async function expectDrafts(subjects: readonly string[]): Promise<void> {
  const { page } = desk;
  await page.getByRole('link', { name: /^Drafts/ }).click();
  // While it is fetched the list has no lines either.
  if (subjects.length === 0) await page.getByText('Nothing here').waitFor();
  const lines = async (): Promise<string[]> => page.locator('.message-link').allInnerTexts();
  await expect.poll(lines).toEqual(subjects.map((subject) => expect.stringContaining(subject)));
}
