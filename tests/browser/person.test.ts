/* A person whose mail program is dead works in a browser: reads, searches, writes, files - and sees what becomes of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Locator, Request } from 'playwright-core';
import { until } from '../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 180_000;
const MANY = 120;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  await fillInbox(await scene.door('alice'), alice, MANY);
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

async function open(subject: string): Promise<void> {
  await desk.page.locator('.message-link', { hasText: subject }).first().click();
  await desk.page.locator('.message-title', { hasText: subject }).waitFor();
}

/** What the provider has in a mailbox. */
async function atProvider(user: string, mailbox: string): Promise<string[]> {
  return (await scene.lab.mailbox(user, mailbox)).map((raw) => raw.toString());
}

test('a wrong password is told in plain words, the right one opens the mailbox', async () => {
  const { page } = desk;
  await page.locator('input[name=address]').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('log-in');
  await page.locator('input[name=address]').fill(alice);
  await page.locator('input[name=password]').fill('not this');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('Address or password is wrong.').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('log-in-wrong');
  await desk.logIn(alice, scene.lab.password('alice'));
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  expect(await page.title()).toMatch(/^\(\d+\) Inbox – Stopgap$/);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('inbox');
});

test('messages are read by keyboard and by mouse: text, quotation, attachment, HTML, source', async () => {
  const { page } = desk;
  await open('Angebot für die Fenster');
  await page.locator('.text-body', { hasText: 'anbei das überarbeitete Angebot' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('message');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save Angebot Fenster.pdf' }).click();
  expect((await download).suggestedFilename()).toBe('Angebot Fenster.pdf');
  await page.keyboard.press('j');
  await page.locator('.message-title', { hasText: 'Lieferung am Donnerstag' }).waitFor();
  await page.locator('.text-quote summary').click();
  await page.locator('.text-quote[open]', { hasText: 'Vor neun wäre gut.' }).waitFor();
  await open('Abschlagsrechnung');
  await page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  await page.getByText('Images from the internet are not shown').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('html-message');
  await page.getByRole('button', { name: 'Plain text' }).click();
  await page.locator('.text-body', { hasText: 'Ihre Rechnung liegt bereit.' }).waitFor();
  await page.getByRole('button', { name: 'Show source' }).click();
  await page.locator('.source', { hasText: 'Message-ID: ' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await open('Photos from the weekend');
  await page.getByRole('button', { name: 'Open lake.png' }).click();
  await page.locator('.shown-image').waitFor();
  await page.keyboard.press('Escape');
  // What was read here is read at the provider, too.
  const door = await scene.door('alice');
  await until(
    'it is marked there',
    async () => (await door.messages(['INBOX'])).some(({ bytes, flags }) => bytes.includes('Angebot%20Fenster') || flags.includes('$seen')),
    LIMIT_MS,
  );
});

test('what comes next in the list is at hand before it is opened, and unread until then', async () => {
  const { page } = desk;
  const link = (place: number): Locator => page.locator(`.message-place[aria-posinset="${place}"] .message-link`);
  const idAt = async (place: number): Promise<string> => /[^/]+$/.exec((await link(place).getAttribute('href')) ?? '')?.[0] ?? '';
  // Nothing is at hand yet of what the tests before have opened.
  await page.keyboard.press('Escape');
  await page.reload();
  await link(1).waitFor();
  const brought: string[] = [];
  const isText = (request: Request): boolean => request.postData()?.includes('bodyValues') === true;
  page.on('requestfinished', (request) => void (isText(request) && brought.push(request.postData() ?? '')));
  const [opened, next, last] = [8, 9, 10];
  const ids = await Promise.all([opened, next, last].map(idAt));
  const unread = page.locator('.message-row.is-unread', { has: page.locator(`[href$="/${ids[1]}"]`) });
  await page.locator(`.message-place[aria-posinset="${next}"] input`).check();
  await page.keyboard.press('u');
  await page.keyboard.press('Escape');
  await link(opened).click();
  for (const id of ids) await expect.poll(() => brought.filter((one) => one.includes(`"${id}"`)).length).toBe(1);
  await unread.waitFor();
  const subject = (await link(next).locator('.message-subject').textContent()) ?? '';
  await page.route('**/jmap/api*', (route) => (isText(route.request()) ? route.abort() : route.continue()));
  await page.keyboard.press('j');
  await page.locator('.message-title', { hasText: subject }).waitFor();
  await page.locator('.reader .text-body').waitFor();
  await unread.waitFor({ state: 'detached' });
  await page.unroute('**/jmap/api*');
});

test('a line that the pointer stays on, or that has the keyboard, is at hand before it is opened', async () => {
  const { page } = desk;
  await page.keyboard.press('Escape');
  await page.reload();
  const link = (place: number): Locator => page.locator(`.message-place[aria-posinset="${place}"] .message-link`);
  await link(1).waitFor();
  const brought: string[] = [];
  page.on('requestfinished', (request) => void brought.push(request.postData() ?? ''));
  const isAtHand = async (place: number): Promise<boolean> => {
    const id = /[^/]+$/.exec((await link(place).getAttribute('href')) ?? '')?.[0] ?? '';
    return brought.some((one) => one.includes('bodyValues') && one.includes(`"${id}"`));
  };
  expect([await isAtHand(5), await isAtHand(7)]).toEqual([false, false]);
  await link(5).hover();
  await expect.poll(() => isAtHand(5)).toBe(true);
  await link(7).focus();
  await expect.poll(() => isAtHand(7)).toBe(true);
  expect(await page.locator('.message-title').count()).toBe(0);
});

test('a long list scrolls to its end', async () => {
  const { page } = desk;
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 1e9)`);
  await page
    .locator('.message-subject', { hasText: ` ${MANY}` })
    .first()
    .waitFor();
  await expect.poll(() => page.locator('.message-row').count()).toBeLessThan(60);
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 0)`);
  await page.locator('.message-place[aria-posinset="1"] .message-link').waitFor();
});

test('what is selected stays so however far one scrolls from it, and all of it is filed', async () => {
  const { page } = desk;
  const lines = page.locator('.message-row:not(.is-loading)');
  const first = (await lines.first().locator('.message-subject').textContent()) ?? '';
  await lines.first().getByRole('checkbox').check();
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 1e9)`);
  const last = page.locator('.message-row', { hasText: new RegExp(` ${MANY}\\b`) }).first();
  await last.getByRole('checkbox').check();
  await page.getByText('2 selected').waitFor();
  await page.keyboard.press('e');
  await page.getByText('2 messages moved to Archive').waitFor();
  await page.keyboard.press('z');
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 0)`);
  await page.locator('.message-subject', { hasText: first }).first().waitFor();
  await expect.poll(() => page.getByText('Undone').count()).toBe(1);
});

test('what comes in above leaves the lines where they are that one looks at', async () => {
  const { page } = desk;
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 78 * 30 + 20)`);
  const subject = page.locator('.message-row:not(.is-loading) .message-subject', { hasText: /\d/ }).nth(12);
  await expect.poll(() => subject.count()).toBe(1);
  const text = (await subject.textContent()) ?? '';
  const line = page.locator('.message-subject').getByText(text, { exact: true });
  const { y } = (await line.boundingBox()) ?? { y: 0 };
  const count = Number(await page.locator('.list-count').textContent());
  const bytes = Buffer.from(`From: Zoe <zoe@else.test>\r\nTo: ${alice}\r\nSubject: News from above\r\n\r\nHello\r\n`);
  await (await scene.door('alice')).append(['INBOX'], { bytes, receivedAtMs: Date.now() });
  await expect.poll(() => page.locator('.list-count').textContent(), { timeout: LIMIT_MS }).toBe(String(count + 1));
  await expect.poll(async () => (await line.boundingBox())?.y).toBe(y);
  await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, 0)`);
  await page.locator('.message-subject', { hasText: 'News from above' }).waitFor();
});

test('search finds by operators', async () => {
  const { page } = desk;
  await page.keyboard.press('/');
  await page.keyboard.type('from:anna has:attachment');
  await page.keyboard.press('Enter');
  await page.getByText('1 message found').waitFor();
  await page.locator('.message-link', { hasText: 'Photos from the weekend' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('search');
  await page.getByRole('button', { name: 'Clear search' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

test('filing is undone with a key, and carried to the provider', async () => {
  const { page } = desk;
  await page.locator('.message-row', { hasText: 'Nightly build 2214' }).getByRole('checkbox').check();
  await page.locator('.message-row', { hasText: 'Erinnerung' }).getByRole('checkbox').check();
  await page.getByText('2 selected').waitFor();
  await desk.show('selection');
  await page.keyboard.press('e');
  await page.getByText('2 messages moved to Archive').waitFor();
  await page.locator('.message-row', { hasText: 'Nightly build 2214' }).waitFor({ state: 'detached' });
  await page.keyboard.press('z');
  await page.locator('.message-row', { hasText: 'Nightly build 2214' }).waitFor();
  await page.locator('.message-row', { hasText: 'Nightly build 2214' }).getByRole('checkbox').check();
  await page.keyboard.press('#');
  await page.getByText('Message deleted').waitFor();
  await until(
    'it is in the trash there',
    async () => (await atProvider('alice', 'Trash')).some((raw) => raw.includes('Nightly')),
    LIMIT_MS,
  );
});

test('two windows of one browser show the same', async () => {
  const other = await openDesk(context, origin());
  await other.page.locator('.message-link').first().waitFor();
  const row = (one: Desk) => one.page.locator('.message-row', { hasText: 'Photos from the weekend' });
  await row(desk).getByRole('checkbox').check();
  await desk.page.keyboard.press('s');
  await row(other).locator('.mark-flag').waitFor();
  await desk.page.keyboard.press('Escape');
  await expectNoFaults(other);
  await other.page.close();
  await desk.page.bringToFront();
});

test('the line breaks while one writes: it is said, and saved when the line is back', async () => {
  const { page } = desk;
  await page.keyboard.press('c');
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address('bob'));
  await page.keyboard.press('Tab');
  await context.setOffline(true);
  await page.getByLabel('Subject').fill('Through a tunnel');
  await page.getByText('Not saved yet; your text stays here.').waitFor();
  await page.getByText('No connection to this service.').waitFor();
  await desk.show('offline');
  await context.setOffline(false);
  await page.getByText('Draft saved').waitFor();
  await page.getByText('No connection to this service.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await page.locator('.composer').waitFor({ state: 'detached' });
});

test('in the outage one writes with an attachment, and sees it leave by another way', { timeout: 240_000 }, async () => {
  const { page } = desk;
  await scene.lab.edge.set('submission', { mode: 'refuse' });
  await page.getByText('outgoing mail server has not answered').waitFor({ timeout: LIMIT_MS });
  expect.soft(await desk.axe()).toEqual([]);
  await page.getByRole('button', { name: 'Details' }).first().click();
  await desk.show('outage');
  await page.getByRole('button', { name: 'Hide details' }).click();
  await page.keyboard.press('c');
  await page.getByRole('combobox', { name: 'To' }).fill(`Bob <${scene.lab.address('bob')}>`);
  await page.keyboard.press('Tab');
  await page.getByLabel('Subject').fill('Written in the outage');
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type('Dear Bob,');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Bold' }).click();
  await page.keyboard.type('it works.');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('the plan of it all\n') });
  await page.locator('.composer .attachment-size').waitFor();
  await page.getByText('Draft saved').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('composer');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Message accepted.').waitFor();
  await page.getByRole('link', { name: 'Outbox' }).click();
  await page.getByRole('heading', { name: 'Written in the outage' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-waiting');
  await page.locator('.state-delivered', { hasText: 'its webmail' }).waitFor({ timeout: LIMIT_MS });
  await desk.show('outbox-left');
  const [raw = ''] = await until('bob has it', async () => {
    const inbox = (await scene.lab.inbox('bob')).map(String);
    return inbox.length > 0 ? inbox : undefined;
  });
  expect(raw).toMatch(/^Subject: Written in the outage\r$/m);
  expect(raw).toContain('it works.');
  expect(raw).toContain('filename="plan.txt"');
  expect(raw).not.toMatch(/^Bcc:/im);
  expect(await scene.lab.inbox('bob')).toHaveLength(1);
  const copies = async (mailbox: string): Promise<number> =>
    (await atProvider('alice', mailbox)).filter((one) => one.includes('Written in the outage')).length;
  await until('it is in Sent there, and no draft', async () => (await copies('Sent')) > 0 && (await copies('Drafts')) === 0, LIMIT_MS);
});

test('a sending is called back while it waits', async () => {
  const { page } = desk;
  await page.keyboard.press('c');
  await page.getByRole('combobox', { name: 'To' }).fill(scene.lab.address('bob'));
  await page.getByLabel('Subject').fill('Too early');
  await page.getByRole('textbox', { name: 'Text' }).click();
  await page.keyboard.type('not yet');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Message accepted.').waitFor();
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Called back').waitFor();
  await page.locator('.state-cancelled').first().waitFor();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'Too early' }).waitFor();
});

test('whom one has mail from is offered as one types, and the signature stands under what one writes', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Signature').fill('Alice Example\nRoom 4');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('c');
  const to = page.getByRole('combobox', { name: 'To' });
  await to.pressSequentially('arsl');
  const offered = page.getByRole('option', { name: 'Deniz Arslan deniz@arslan-logistik.test' });
  await offered.waitFor();
  expect(await offered.getAttribute('aria-selected')).toBe('true');
  expect.soft(await desk.axe()).toEqual([]);
  await page.keyboard.press('Enter');
  await page.locator('.chip', { hasText: 'Deniz Arslan' }).waitFor();
  await to.pressSequentially('who is this;');
  await page.locator('.chip.is-wrong', { hasText: 'who is this' }).waitFor();
  // Back into the field, to be mended.
  await page.keyboard.press('Backspace');
  await expect.poll(() => to.inputValue()).toBe('who is this');
  await to.fill('');
  await expect.poll(() => page.locator('.chip').count()).toBe(1);
  await page.locator('.composer', { hasText: 'Room 4' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.composer').waitFor({ state: 'detached' });
});

test('the session ends in the middle of writing, and nothing typed is lost', async () => {
  const { page } = desk;
  await page.getByRole('link', { name: /^Inbox/ }).click();
  await open('Lieferung am Donnerstag');
  await page.keyboard.press('r');
  await page.getByRole('textbox', { name: 'Text' }).waitFor();
  expect(await page.getByRole('textbox', { name: 'Text' }).inputValue()).toContain('> Passt, wir sind um acht da.');
  await context.clearCookies();
  await page.keyboard.type('Sehr gut, bis dann!');
  await page.getByText('Please log in again').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('log-in-again');
  await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(scene.lab.password('alice'));
  await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Draft saved').waitFor();
  expect(await page.getByRole('textbox', { name: 'Text' }).inputValue()).toMatch(/^Sehr gut, bis dann!/);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Message accepted.').waitFor();
  await page.locator('.mark-reply').first().waitFor();
});

test('the provider is back: the banner goes', async () => {
  await scene.lab.edge.set('submission', { mode: 'pass' });
  await desk.page.locator('.banner').waitFor({ state: 'detached', timeout: LIMIT_MS });
});

test('on a phone, dark and in German', { timeout: 2 * LIMIT_MS }, async () => {
  const phone = await browser.context({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    colorScheme: 'dark',
    locale: 'de-DE',
    deviceScaleFactor: 2,
  });
  const small = await openDesk(phone, origin());
  await small.page.getByText('Ihre E-Mails, während Ihr Anbieter gestört ist').waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-log-in');
  await small.logIn(alice, scene.lab.password('alice'));
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-inbox');
  await small.page.getByRole('button', { name: 'Ordner anzeigen' }).click();
  await small.page.getByRole('link', { name: /^Entwürfe/ }).waitFor();
  await small.show('phone-folders');
  await small.page.getByRole('navigation').getByRole('button', { name: 'Schreiben' }).click();
  await small.page.getByRole('combobox', { name: 'An' }).waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-composer');
  await small.page.getByRole('button', { name: 'Speichern und schließen' }).click();
  await small.page.locator('.message-link', { hasText: 'Abschlagsrechnung' }).click();
  await small.page.frameLocator('.mail-frame').getByText('84,00').waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-message');
  await small.page.getByRole('button', { name: 'Zurück' }).click();
  await small.page.getByRole('heading', { name: 'Posteingang' }).waitFor();
  await small.page.getByRole('button', { name: 'Einstellungen' }).click();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-settings');
  await expectNoFaults(small);
  await phone.close();
});

test('log out everywhere ends this session, too', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Settings' }).click();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('settings');
  await page.getByRole('button', { name: 'Log out everywhere' }).click();
  await page.locator('input[name=address]').waitFor();
  expect((await context.cookies()).filter(({ value }) => value !== '')).toEqual([]);
});
