/* On a bad line, on a train, while the relay is started anew: the client opens, what was read can be read, and what is written leaves once. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Request } from 'playwright-core';
import { asId } from '@stopgap/core';
import { listJmapSubmissions } from '@stopgap/store';
import { until } from '../lab/index.ts';
import { readStore, startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { keptIn } from './kept.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 180_000;

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
  await expect.poll(() => page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true);
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

test('on a device that is shared nothing of mail stays in the browser', async () => {
  expect(await databases()).toEqual([]);
  await desk.page.reload();
  await desk.page.locator('.message-link').first().waitFor();
  expect(await databases()).toEqual([]);
});

test('on a device of one’s own the lists and what was read open without a connection', async () => {
  const { page } = desk;
  await logOut();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await open('Lieferung am Donnerstag');
  await page.locator('.text-body', { hasText: 'Passt, wir sind um acht da.' }).waitFor();
  await open('Abschlagsrechnung');
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await expect.poll(() => keptAnswers()).toContain('message');
  // The relay itself is gone, which is worse than a line that is.
  await scene.end('SIGKILL');
  await page.reload();
  await page.getByText('No connection to this service.').waitFor();
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await open('Lieferung am Donnerstag');
  await page.locator('.text-body', { hasText: 'Passt, wir sind um acht da.' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('offline-reading');
  await scene.revive();
  await page.reload();
  await page.locator('.message-link').first().waitFor();
  await page.getByText('No connection to this service.').waitFor({ state: 'detached' });
});

test('the log-out takes what was kept with it', async () => {
  await logOut();
  expect(await keptAnswers()).toEqual([]);
  await desk.logIn(alice, scene.lab.password('alice'), true);
});

test('a session that was ended from elsewhere takes it, too', async () => {
  await expect.poll(() => keptAnswers()).toContain('mailboxes');
  await context.clearCookies();
  await desk.page.reload();
  await desk.page.locator('input[name=address]').waitFor();
  expect(await keptAnswers()).toEqual([]);
});

test('what is sent without a connection waits here, window or no window, and leaves once', { timeout: LIMIT_MS }, async () => {
  await desk.logIn(alice, scene.lab.password('alice'), true);
  await context.setOffline(true);
  await write('From the train', 'Written in a tunnel.');
  const chooser = desk.page.waitForEvent('filechooser');
  await desk.page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles({ name: 'ticket.txt', mimeType: 'text/plain', buffer: Buffer.from('coach 7\n') });
  await desk.page.getByText('waits for a connection').waitFor();
  await desk.page.getByRole('button', { name: 'Send', exact: true }).click();
  await desk.page.getByText('No connection: your message waits in this browser').waitFor();
  await desk.page.getByRole('link', { name: /^Outbox/ }).click();
  await desk.page.getByRole('heading', { name: 'From the train' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-offline');
  await desk.page.close();
  await context.setOffline(false);
  desk = await openDesk(context, origin());
  expect(await arrived('From the train')).toMatch(/filename="?ticket\.txt/);
  await desk.page.getByRole('link', { name: /^Sent/ }).click();
  await desk.page.locator('.message-link', { hasText: 'From the train' }).waitFor();
  await expectNoneWaits();
  await expectNoDraft();
  expect(await submissions()).toBe(1);
});

test('an answer that was lost, and a relay that fell over: it leaves once', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  let lost = 0;
  await page.route('**/jmap/api*', async (route) => {
    if (!isSubmission(route.request())) return route.continue();
    // The relay has it, and nobody here learns of it.
    await route.fetch();
    lost += 1;
    await route.abort();
  });
  await write('No answer', 'Did it arrive?');
  await page.getByText('Draft saved').waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this browser').waitFor();
  expect(lost).toBe(1);
  await page.close();
  await scene.end('SIGKILL');
  await scene.revive();
  desk = await openDesk(context, origin());
  await arrived('No answer');
  await expectNoneWaits();
  await expectNoDraft();
  expect(await submissions()).toBe(2);
});

test('a log-out asks what is to become of what waits, and it leaves after the next log-in', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.route('**/jmap/api*', (route) => (isSubmission(route.request()) ? route.abort() : route.continue()));
  await write('Left behind', 'See you later.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('No connection: your message waits in this browser').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  await page.getByText('One message has not left this browser yet.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out', exact: true }).last().click();
  await page.locator('input[name=address]').waitFor();
  await page.unroute('**/jmap/api*');
  expect(await copies('Left behind')).toHaveLength(0);
  // Not as one's own device: what waits is found all the same.
  await desk.logIn(alice, scene.lab.password('alice'), false);
  await arrived('Left behind');
  await expectNoneWaits();
  expect(await submissions()).toBe(3);
  await logOut();
  await desk.logIn(alice, scene.lab.password('alice'), true);
});

test('two windows come back at once, and one of them sends', { timeout: LIMIT_MS }, async () => {
  const other = await openDesk(context, origin());
  await other.page.locator('.message-link').first().waitFor();
  await context.setOffline(true);
  await desk.page.bringToFront();
  for (const subject of ['First of three', 'Second of three', 'Third of three']) {
    await write(subject, 'For two windows.');
    await desk.page.getByRole('button', { name: 'Send', exact: true }).click();
    await desk.page.locator('.composer').waitFor({ state: 'detached' });
  }
  await other.page.getByText('3 messages are waiting').waitFor({ state: 'attached' });
  await context.setOffline(false);
  for (const subject of ['First of three', 'Second of three', 'Third of three']) await arrived(subject);
  await expectNoneWaits();
  expect(await submissions()).toBe(6);
  await expectNoFaults(other);
  await other.page.close();
  await desk.page.bringToFront();
});

test('a draft that was typed without a connection is in Drafts afterwards', { timeout: LIMIT_MS }, async () => {
  await context.setOffline(true);
  await write('Half a thought', 'To be continued');
  const chooser = desk.page.waitForEvent('filechooser');
  await desk.page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles({ name: 'half.txt', mimeType: 'text/plain', buffer: Buffer.from('half of it\n') });
  await desk.page.getByText('Not saved yet; your text stays here.').waitFor();
  await desk.page.getByRole('button', { name: 'Save and close' }).click();
  await desk.page.getByText('No connection: the draft is kept in this browser').waitFor();
  await desk.page.getByRole('link', { name: /^Outbox/ }).click();
  await desk.page.getByRole('main').getByRole('heading', { name: 'Half a thought' }).waitFor();
  await desk.page.getByRole('main').getByRole('button', { name: 'Edit' }).click();
  await desk.page.getByRole('textbox', { name: 'Text' }).getByText('To be continued').waitFor();
  await desk.page.close();
  await context.setOffline(false);
  desk = await openDesk(context, origin());
  await desk.page.getByText('What you wrote without a connection is in Drafts now.').waitFor();
  await desk.page.getByRole('link', { name: /^Drafts/ }).click();
  await desk.page.locator('.message-link', { hasText: 'Half a thought' }).first().waitFor();
  await expect.poll(() => desk.page.locator('.message-link').allInnerTexts()).toEqual([expect.stringContaining('Half a thought')]);
  await desk.page.locator('.message-link', { hasText: 'Half a thought' }).click();
  await desk.page.locator('.attachment', { hasText: 'half.txt' }).waitFor();
});

async function write(subject: string, text: string): Promise<void> {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address('bob'));
  await page.getByLabel('Subject').fill(subject);
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type(text);
}

/** Bob has it, and has it once. */
async function arrived(subject: string): Promise<string> {
  const [raw = ''] = await until('bob has it', async () => ((await copies(subject)).length > 0 ? copies(subject) : undefined), LIMIT_MS);
  expect(await copies(subject)).toHaveLength(1);
  return raw;
}

async function copies(subject: string): Promise<string[]> {
  return (await scene.lab.inbox('bob')).map(String).filter((raw) => raw.includes(`Subject: ${subject}`));
}

function isSubmission(request: Request): boolean {
  return request.postData()?.includes('EmailSubmission/set') === true;
}

/** What the relay's outbox was ever given. */
async function submissions(): Promise<number> {
  return (await readStore(scene.relay.dataDir, (reader) => listJmapSubmissions(reader, asId.account(alice), 100))).length;
}

async function expectNoneWaits(): Promise<void> {
  await expect.poll(async () => (await keptIn(desk.page, 'letters')).length).toBe(0);
}

async function expectNoDraft(): Promise<void> {
  await desk.page.getByRole('link', { name: /^Drafts/ }).click();
  await desk.page.getByText('Nothing here').waitFor();
}

async function open(subject: string): Promise<void> {
  await desk.page.locator('.message-link', { hasText: subject }).first().click();
  await desk.page.locator('.message-title', { hasText: subject }).waitFor();
}

async function logOut(): Promise<void> {
  await desk.page.getByRole('button', { name: 'Settings' }).click();
  await desk.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await desk.page.locator('input[name=address]').waitFor();
}

function databases(): Promise<string[]> {
  return desk.page.evaluate('indexedDB.databases().then((all) => all.map(({ name }) => name))');
}

/** The kinds of what the browser has kept of mail. */
async function keptAnswers(): Promise<string[]> {
  const all = await keptIn<{ readonly kind: string }>(desk.page, 'answers');
  return [...new Set(all.map(({ kind }) => kind))].toSorted();
}
