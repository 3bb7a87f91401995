/* Mail that attacks: nothing of it runs, nothing loads from outside, nothing leaves its frame. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startCanary, type Canary } from './canary.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, openDesk, type Desk } from './desk.ts';
import { HOSTILE_SUBJECT, hostileLetters, type HostileLetter } from './hostile-letters.ts';
import { FILES, HOSTILE_FOLDER, HOSTILE_KEYWORD, hostileMail, MARKUP, SENDER_ADDRESS } from './hostile-mail.ts';
import { htmlLetter } from './letters.ts';

const TALLEST_PX = 30_000;
const STEP_PX = 400;
/** More than the list is tall. */
const LIST_PX = 3200;

let scene: MirrorScene;
let canary: Canary;
let browser: Browser;
let desk: Desk;
let letters: readonly HostileLetter[];

beforeAll(async () => {
  buildClient();
  canary = await startCanary();
  letters = hostileLetters(canary.url);
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'] } });
  const door = await scene.door('alice');
  const alice = scene.lab.address('alice');
  for (const [index, { name, html }] of letters.entries())
    await door.append(['INBOX'], { bytes: htmlLetter(name, html, alice), flags: [], receivedAtMs: Date.now() - (index + 1) * 60_000 });
  await door.append(['INBOX'], { bytes: htmlLetter(HOSTILE_SUBJECT, '<p>hello</p>', alice), flags: [], receivedAtMs: Date.now() });
  await door.createMailbox([HOSTILE_FOLDER]);
  for (const [subject, bytes] of hostileMail(alice, canary.url))
    await door.append(['INBOX'], { bytes, flags: subject === 'Party' ? [HOSTILE_KEYWORD] : [], receivedAtMs: Date.now() });
  await scene.add('alice');
  await scene.untilEqual('alice', { withFlags: false });
  browser = await startChromium();
  const context = await browser.context();
  desk = await openDesk(context, `http://127.0.0.1:${scene.relay.ports.http}`);
  await desk.page.evaluate('window.ran = 0; window.pwned = () => { window.ran += 1; }');
  await desk.logIn(alice, scene.lab.password('alice'));
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
  await canary?.[Symbol.asyncDispose]();
});

/** What an attack would have left behind. */
async function traces(): Promise<unknown> {
  return {
    ran: await desk.page.evaluate('window.ran'),
    faults: desk.faults,
    strangers: desk.strangers,
    asked: canary.asked,
    windows: desk.page.context().pages().length,
    place: new URL(desk.page.url()).origin === `http://127.0.0.1:${scene.relay.ports.http}`,
  };
}
const CLEAN = { ran: 0, faults: [], strangers: [], asked: [], windows: 1, place: true };

async function open(name: string): Promise<void> {
  const link = desk.page.locator('.message-link', { hasText: name }).first();
  let top = 0;
  // Of the list only those lines exist that can be seen.
  const look = async (): Promise<number> => {
    const count = await link.count();
    if (count === 0) await desk.page.evaluate(`document.querySelector('.list-scroller')?.scrollTo(0, ${top})`);
    top = (top + STEP_PX) % LIST_PX;
    return count;
  };
  await expect.poll(look).toBe(1);
  await link.click();
  // Where a list moves under it, it points at another line, which is then what is opened next, likely.
  await desk.page.mouse.move(0, 0);
  await desk.page.locator('.message-title', { hasText: name }).waitFor();
  const frame = desk.page.frameLocator('.mail-frame');
  await frame.locator('body > *, head > style').first().waitFor({ state: 'attached' });
}

test('the list shows a hostile subject as text', async () => {
  const subjects = await desk.page.locator('.message-subject').allTextContents();
  expect(subjects.some((one) => one.includes('<script>pwned()</script>') && !one.includes('\u202E'))).toBe(true);
  expect(await traces()).toEqual(CLEAN);
});

test('every one of them is opened, and nothing happens', async () => {
  for (const { name } of letters) {
    await open(name);
    // What a careless reader does next.
    await desk.page.frameLocator('.mail-frame').locator('body').hover({ force: true });
    const height = (await desk.page.locator('.mail-frame').boundingBox())?.height ?? 0;
    expect(height, name).toBeLessThanOrEqual(TALLEST_PX + 24);
    expect(await traces(), name).toEqual(CLEAN);
  }
});

test('who a stranger pretends to be is named, and no name turns the direction of writing', async () => {
  await open('From somebody else');
  const { page } = desk;
  const from = page.locator('.message-from');
  expect(await from.textContent()).toBe(`security@bank.test ${MARKUP} ${SENDER_ADDRESS}`);
  await page.getByText(`calls itself “security@bank.test”, but the address is ${SENDER_ADDRESS}.`).waitFor();
  expect(await page.locator('.message-row, .message-header').locator('img, svg:not(.icon)').count()).toBe(0);
  expect(await traces()).toEqual(CLEAN);
});

test('attached files have names that say what they are, and are opened as what they claim to be or not at all', async () => {
  await open('Files');
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  expect(await page.locator('.attachment-name').allTextContents()).toEqual(FILES.map(({ shown }) => shown));
  expect(await page.getByRole('button', { name: /^Open / }).allTextContents()).toEqual(['page.png', 'page.pdf', 'marked.pdf']);
  for (const { shown } of FILES) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Save ${shown}` }).click();
    expect((await download).suggestedFilename()).toBe(shown);
  }
  await page.getByRole('button', { name: 'Open page.png' }).click();
  await dialog.locator('.shown-image').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open page.pdf' }).click();
  await dialog.getByText('could not be loaded').waitFor();
  expect(await dialog.locator('iframe').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open marked.pdf' }).click();
  await expect.poll(() => page.frames().some((frame) => frame.url().startsWith('chrome-extension://'))).toBe(true);
  // By mouse: the viewer does not take the file for a PDF, offers to load the page anew, and takes the keyboard for that.
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await dialog.waitFor({ state: 'detached' });
  expect(await traces()).toEqual(CLEAN);
});

test('an invitation is text, whatever is written into it', async () => {
  await open('Party');
  const { page } = desk;
  const invitation = page.getByRole('region', { name: 'Invitation' });
  await invitation.getByRole('heading', { name: `${MARKUP} party` }).waitFor();
  await invitation.getByText('Description').click();
  await invitation.locator('.occasion-text p', { hasText: `<script>` }).waitFor();
  expect(await invitation.locator('a, img, script, svg:not(.icon)').count()).toBe(0);
  expect(await traces()).toEqual(CLEAN);
});

test('names of folders and labels are text wherever they stand', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await open('Party');
  await page.locator('.message-labels', { hasText: HOSTILE_KEYWORD }).waitFor();
  await page.keyboard.press('l');
  await dialog.getByRole('checkbox', { name: HOSTILE_KEYWORD }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('v');
  await dialog.getByRole('button', { name: HOSTILE_FOLDER }).click();
  await page.getByText(`Moved to ${HOSTILE_FOLDER}`).waitFor();
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: HOSTILE_FOLDER }).click();
  await page.getByRole('heading', { name: HOSTILE_FOLDER }).waitFor();
  await page.locator('.message-row', { hasText: HOSTILE_KEYWORD }).waitFor();
  await page.getByRole('button', { name: `Folder “${HOSTILE_FOLDER}”` }).click();
  expect(await dialog.getByLabel('Name of the folder').inputValue()).toBe(HOSTILE_FOLDER);
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: HOSTILE_KEYWORD }).click();
  await page.getByText('1 message found').waitFor();
  expect(await page.locator('img:not(.brand img)').count()).toBe(0);
  expect(await traces()).toEqual(CLEAN);
  await page.getByRole('link', { name: /^Inbox/ }).click();
});

test('ten megabytes of HTML open as far as they are shown, it is said that they are cut, and one goes on to the next', async () => {
  const { page } = desk;
  await open('Endless');
  await page.frameLocator('.mail-frame').getByText('It begins here.').waitFor();
  await page.getByText('only its beginning is shown').waitFor();
  expect((await page.locator('.mail-frame').boundingBox())?.height).toBeLessThanOrEqual(TALLEST_PX + 24);
  await page.keyboard.press('r');
  await page.locator('.rich-text', { hasText: 'It begins here.' }).waitFor();
  await page.locator('.composer-head button').last().click();
  await page.locator('.composer').waitFor({ state: 'detached' });
  await page.keyboard.press('j');
  await page.locator('.message-title', { hasText: 'Endless' }).waitFor({ state: 'detached' });
  expect(await traces()).toEqual(CLEAN);
});

test('links lead to pages of the web alone, in a window that knows nothing of this one', async () => {
  await open('popup');
  const links = desk.page.frameLocator('.mail-frame').locator('a[href]');
  expect(await links.count()).toBe(3);
  for (const link of await links.all()) {
    expect([await link.getAttribute('target'), await link.getAttribute('rel')]).toEqual(['_blank', 'noopener noreferrer nofollow']);
    expect(await link.getAttribute('ping')).toBeNull();
  }
  await open('urls');
  expect(await desk.page.frameLocator('.mail-frame').locator('a[href]').count()).toBe(0);
});

test('answered and forwarded, they harm nobody either', async () => {
  for (const name of ['handlers', 'mxss', 'images', 'style', 'svg', 'math']) {
    await open(name);
    await desk.page.keyboard.press('r');
    await desk.page.locator('.rich-text').waitFor();
    await desk.page.locator('.rich-text', { hasText: 'Stranger' }).waitFor();
    expect(await desk.page.locator('.rich-text').locator('img, style, svg, math, iframe, [style], [onerror]').count(), name).toBe(0);
    expect(await traces(), name).toEqual(CLEAN);
    await desk.page.locator('.composer-head button').last().click();
    await desk.page.locator('.composer').waitFor({ state: 'detached' });
  }
});

/** Frames that wait for a message. */
const SPARE = `[...document.querySelectorAll('body > [hidden] > iframe')]`;
const AHEAD = `${SPARE}.find((one) => one.contentDocument?.body?.innerHTML.trim() !== '')?.contentDocument`;
const SHOWN = `document.querySelector('.mail-frame').contentDocument`;

/** Each of them locked as it has to be; those that are filled, how often. */
async function spareFrames(): Promise<{ readonly locks: readonly unknown[]; readonly empty: number; readonly filled: number }> {
  const all = await desk.page.evaluate<[string, string, string, string][]>(
    `${SPARE}.map(({ sandbox, contentDocument: { readyState, URL: url, body } }) => [sandbox.value, readyState, new URL(url).pathname, body.innerHTML.trim()])`,
  );
  const empty = all.filter(([, , , body]) => body === '').length;
  return { locks: [...new Set(all.map((one) => one.slice(0, 3).join(' | ')))], empty, filled: all.length - empty };
}
const LOCKED = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox | complete | /mail-frame.html';

test('a frame that waits is as locked as the others, empty or filled with what comes next, and shows one message in its life', async () => {
  const { page } = desk;
  const isShown = (document: string): Promise<boolean> => page.evaluate<boolean>(`${SHOWN} === ${document}`);
  /** From above, so that `popup`, which is below it, is what comes next. */
  const openClobber = async (): Promise<void> => {
    await open('overlay');
    await open('clobber');
    await expect.poll(() => page.evaluate(`${AHEAD}?.body.innerHTML`)).toContain('href="https://evil.test/');
    await expect.poll(spareFrames).toEqual({ locks: [LOCKED], empty: 2, filled: 1 });
    await page.evaluate(`window.ahead = ${AHEAD}; window.waited = ${SPARE}.map((one) => one.contentDocument); window.before = ${SHOWN}`);
  };
  await openClobber();
  // Whatever is opened instead does not come into the same page.
  await open('attributes');
  expect(await page.evaluate(`window.waited.includes(${SHOWN})`)).toBe(true);
  expect([await isShown('window.ahead'), await isShown('window.before')]).toEqual([false, false]);
  await page.evaluate(`window.former = window.before`);
  await openClobber();
  expect(await isShown('window.former')).toBe(false);
  await page.keyboard.press('j');
  await page.locator('.message-title', { hasText: 'popup' }).waitFor();
  expect(await isShown('window.ahead')).toBe(true);
  expect(await traces()).toEqual(CLEAN);
});

test('filled before they are opened, and opened then, one after the other, they do no harm either', async () => {
  await open('handlers');
  for (const { name } of letters.slice(letters.findIndex((one) => one.name === 'handlers') + 1)) {
    // One of them is nothing, once it is clean.
    await expect.poll(async () => (await spareFrames()).locks).toEqual([LOCKED]);
    await desk.page.evaluate('new Promise((done) => requestIdleCallback(() => setTimeout(done)))');
    await desk.page.keyboard.press('j');
    await desk.page.locator('.message-title', { hasText: name }).waitFor();
    expect(await traces(), name).toEqual(CLEAN);
  }
});

test.each(['made for it', 'made before'])(
  'if the sanitiser let everything through, a frame %s would still run nothing and load nothing',
  async (when) => {
    await open('style');
    await expect.poll(async () => (await spareFrames()).empty).toBe(2);
    if (when === 'made for it') await desk.page.evaluate(`${SPARE}.forEach((one) => one.remove())`);
    await open('script');
    const attack = letters.map(({ html }) => html).join('');
    await desk.page.evaluate(`(() => {
    const page = document.querySelector('.mail-frame').contentDocument;
    page.body.innerHTML = ${JSON.stringify(attack)};
    // Of this page: some of the letters take the frame's own functions away.
    const script = document.createElement('script');
    script.textContent = '(parent.pwned || top.pwned)()';
    const body = Document.prototype.__lookupGetter__('body').call(page);
    body.append(script);
    const far = document.createElement('script');
    far.src = ${JSON.stringify(`${canary.url}/far.js`)};
    body.append(far);
  })()`);
    await desk.page.frameLocator('.mail-frame').locator('img').first().waitFor({ state: 'attached' });
    // As long as it takes to ask the relay something: what would have loaded would have been asked for by then.
    await desk.page.evaluate(`fetch('/mail-frame.html').then((r) => r.text())`);
    const { asked, ran } = (await traces()) as { asked: string[]; ran: number };
    expect({ asked, ran }).toEqual({ asked: [], ran: 0 });
  },
);

test('the attacks are real: where nothing stops them they run and load', async () => {
  // Of its own: what is on its way when the page closes still comes.
  await using own = await startCanary();
  const context = await browser.context();
  const page = await context.newPage();
  await page.evaluate('window.ran = 0; window.pwned = () => { window.ran += 1; }');
  const attack = hostileLetters(own.url)
    .filter(({ name }) => ['script', 'handlers', 'images', 'style'].includes(name))
    .map(({ html }) => html);
  await page.evaluate(`(() => {
    const frame = document.createElement('iframe');
    frame.srcdoc = ${JSON.stringify(attack.join(''))};
    document.body.append(frame);
  })()`);
  await expect.poll(() => page.evaluate('window.ran > 0'), { timeout: 30_000 }).toBe(true);
  await expect.poll(() => own.asked.length > 0, { timeout: 30_000 }).toBe(true);
  await context.close();
});

test('images from outside come when they are asked for, and only images', async () => {
  await desk.page.reload();
  await open('images');
  await desk.page.locator('.images-blocked button').click();
  await desk.page.frameLocator('.mail-frame').locator('img[src^="http"]').first().waitFor({ state: 'attached' });
  await expect.poll(() => canary.asked.includes('/img'), { timeout: 30_000 }).toBe(true);
  expect(canary.asked.filter((one) => !['/img', '/table', '/td'].includes(one))).toEqual([]);
});
