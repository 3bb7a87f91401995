/* Writing, and what becomes of it: sent later, called back, not certain; and log-ins that can not be. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext } from 'playwright-core';
import { until } from '../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 180_000;

/** A red dot of ten by ten. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;
let alice: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({
    incoming: ['imap'],
    lab: { users: ['alice', 'bob'] },
    config: { unsure: { settle: '1h', retries: 1 } },
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
  await item.getByRole('button', { name: 'Send now' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-later');
  await item.getByRole('button', { name: 'Cancel sending' }).click();
  // "Cancel" alone could be taken for either.
  await page.getByRole('dialog').getByRole('button', { name: 'Keep sending' }).click();
  await item.getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByText('Called back: it is in Drafts again.').waitFor();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'For tomorrow' }).waitFor();
  expect(await copies('For tomorrow')).toBe(0);
});

test('who types on while the relay still looks for whom that could be writes to nobody else', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).click();
  const field = page.getByRole('combobox', { name: 'To' });
  const chips = page.locator('.recipients .chip');
  await field.pressSequentially('k');
  await page.getByRole('option', { name: /Katrin Vogel/ }).waitFor();
  await page.route('**/jmap/api*', (route) => (route.request().postData()?.includes('Contact/complete') ? undefined : route.continue()));
  await field.pressSequentially('arl@nowhere.test');
  await page.keyboard.press('Tab');
  expect(await chips.allTextContents()).toEqual(['karl@nowhere.test']);
  await page.unroute('**/jmap/api*');
  // Who is still offered is taken by the same key.
  await field.pressSequentially('katrin');
  await page.getByRole('option', { name: /Katrin Vogel/, selected: true }).waitFor();
  await page.keyboard.press('Tab');
  expect(await chips.allTextContents()).toEqual(['karl@nowhere.test', 'Katrin Vogel']);
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a name with a comma is one person, and who was written wrong can be mended', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).click();
  const field = page.getByRole('combobox', { name: 'To' });
  const chips = page.locator('.recipients .chip');
  await field.pressSequentially('Baker, Ben <ben@x.test>,');
  await expect.poll(() => chips.allTextContents()).toEqual(['Baker, Ben']);
  await field.pressSequentially('carl@x.');
  await page.keyboard.press('Enter');
  await page.locator('.chip.is-wrong').waitFor();
  await page.keyboard.press('Backspace');
  await page.keyboard.type('test;');
  await expect.poll(() => page.locator('.chip:not(.is-wrong)').allTextContents()).toEqual(['Baker, Ben', 'carl@x.test']);
  // What stands in the field is not lost.
  await page.keyboard.type('dora@x.test');
  await chips.first().getByText('Baker, Ben').dblclick();
  await expect.poll(() => field.inputValue()).toBe('"Baker, Ben" <ben@x.test>');
  expect(await chips.allTextContents()).toEqual(['carl@x.test', 'dora@x.test']);
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('what is typed and pasted comes to the field that one means, whatever way one goes to it', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).click();
  const field = page.getByRole('combobox', { name: 'To' });
  await field.fill('be');
  await field.selectText();
  await page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'anna@else.test, carl@else.test');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  })()`);
  await expect.poll(() => page.locator('.recipients .chip').allTextContents()).toEqual(['anna@else.test', 'carl@else.test']);
  await page.getByRole('button', { name: 'Add Cc or Bcc' }).click();
  await page.keyboard.type('copy@else.test');
  expect(await page.getByRole('combobox', { name: 'Cc', exact: true }).inputValue()).toBe('copy@else.test');
  // What is wrong with it is said until it is mended.
  await page.keyboard.type(' and');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const problem = page.getByRole('alert').getByText('is not a mail address');
  await problem.waitFor();
  await page.getByRole('button', { name: /^Remove .*and$/ }).click();
  await problem.waitFor({ state: 'detached' });
  await page.getByRole('textbox', { name: 'Subject' }).click();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Dear Anna');
  await expect.poll(() => page.getByRole('textbox', { name: 'Text' }).textContent()).toContain('Dear Anna');
  await page.locator('.composer-head h2').click();
  await page.keyboard.press('?');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await page.locator('.composer').waitFor({ state: 'detached' });
});

test('what is typed before the window for it is there is its text, and files nothing', { timeout: LIMIT_MS }, async () => {
  await using other = await slowDesk('**/assets/composer-*.js');
  const { page } = other.desk;
  await page.locator('.message-link').first().click();
  await page.locator('.message-title').waitFor();
  const list = await page.locator('.list-count').textContent();
  await page.keyboard.press('c');
  await page.keyboard.type('eve@else.test');
  await page.keyboard.press('Tab');
  await page.keyboard.type('v#');
  other.release();
  await page.getByRole('combobox', { name: 'To' }).waitFor();
  await expect.poll(() => page.getByRole('combobox', { name: 'To' }).inputValue()).toBe('eve@else.test, v#');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  expect(await page.locator('.list-count').textContent()).toBe(list);
});

test('what is typed before the window for an answer is there stands where one types on', { timeout: LIMIT_MS }, async () => {
  await using other = await slowDesk('**/assets/composer-*.js');
  const { page } = other.desk;
  await page.locator('.message-link').first().click();
  await page.locator('.message-title').waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('Dear E');
  other.release();
  const text = page.getByRole('textbox', { name: 'Text' });
  const value = (): Promise<string> => text.evaluate((area) => ('value' in area ? String(area.value) : area.innerText));
  await expect.poll(value).toMatch(/^Dear E/);
  await page.keyboard.type('ve, yes');
  await expect.poll(value).toMatch(/^Dear Eve, yes\n/);
});

test('what is typed before the window for it is there outlives Escape', { timeout: LIMIT_MS }, async () => {
  await using other = await slowDesk('**/assets/composer-*.js');
  const { page } = other.desk;
  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  expect(await page.locator('.composer-early').count()).toBe(0);
  await page.keyboard.press('c');
  await page.keyboard.type('eve@else.test');
  await page.keyboard.press('Escape');
  // Who can not leave the field by the Tab key leaves it so.
  await expect.poll(() => page.locator('.composer-early').evaluate((field) => field.matches(':focus'))).toBe(false);
  other.release();
  await expect.poll(() => page.getByRole('combobox', { name: 'To' }).inputValue()).toBe('eve@else.test');
  expect(await page.locator('.composer').count()).toBe(1);
});

test('so it does the end of another letter, and is a letter though what it answers is not there', { timeout: LIMIT_MS }, async () => {
  await using other = await slowDesk('**/nothing');
  const { page } = other.desk;
  await page.locator('.message-link').first().click();
  await page.locator('.message-title').waitFor();
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Minimise' }).click();
  const mayAnswer = Promise.withResolvers<void>();
  await page.route('**/jmap/api', async (route) => {
    if (route.request().postData()?.includes('e987654321') === true) await mayAnswer.promise;
    await route.continue();
  });
  await page.evaluate(`location.hash = location.hash.replace(/[^/]+$/, 'e987654321'); document.activeElement.blur()`);
  await page.locator('.message-title').waitFor({ state: 'detached' });
  await page.keyboard.press('r');
  await page.locator('.composer-early').waitFor();
  await page.keyboard.type('Dear Eve');
  await page.getByRole('button', { name: 'Save and close' }).click();
  await page.locator('.composer').waitFor({ state: 'detached' });
  mayAnswer.resolve();
  await expect.poll(() => page.getByRole('combobox', { name: 'To' }).inputValue()).toBe('Dear Eve');
});

test('a draft that is open is not opened once more from Drafts, and a double click writes one letter', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Write' }).dblclick();
  await page.getByRole('combobox', { name: 'To' }).waitFor();
  await page.getByRole('textbox', { name: 'Subject' }).fill('Open already');
  await page.getByText('Draft saved').waitFor();
  expect(await page.locator('.composer').count()).toBe(1);
  await page.getByRole('button', { name: 'Minimise' }).click();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'Open already' }).click();
  await page.getByRole('toolbar', { name: 'Message' }).getByRole('button', { name: 'Edit draft' }).click();
  await page.getByRole('textbox', { name: 'Subject' }).waitFor();
  expect(await page.locator('.composer').count()).toBe(1);
  // The second half of a double click was not meant for the question.
  await page.getByRole('button', { name: 'Discard draft' }).dblclick();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
  await page.locator('.composer').waitFor({ state: 'detached' });
});

test('what may have arrived is said so, and its choices do what they say', { timeout: 2 * LIMIT_MS }, async () => {
  const { page } = desk;
  await scene.lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 3 });
  await write('Arrived or not');
  await send();
  await write('Once more, please');
  await send();
  await write('Not again');
  await send();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = (subject: string) => page.locator('.outbox-item', { hasText: subject });
  for (const subject of ['Arrived or not', 'Once more, please', 'Not again'])
    await item(subject).getByText('We do not know whether this arrived').waitFor({ timeout: LIMIT_MS });
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('outbox-unsure');
  await item('Arrived or not').getByRole('button', { name: 'It arrived' }).click();
  await item('Arrived or not').locator('.state-delivered').waitFor();
  await item('Not again').getByRole('button', { name: 'Do not send it again' }).click();
  await item('Not again').locator('.state-cancelled').waitFor();
  await item('Once more, please').getByRole('button', { name: 'Send it again', exact: true }).click();
  await item('Once more, please').locator('.state-delivered').waitFor({ timeout: LIMIT_MS });
  await until('the second copy is there', async () => (await copies('Once more, please')) === 2, LIMIT_MS);
  expect([await copies('Arrived or not'), await copies('Not again')]).toEqual([1, 1]);
});

test('what leaves just then can not be cancelled, which is said, and is not sent again', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  // So slowly that its last bytes stay on the way.
  await scene.lab.edge.set('submission', { mode: 'slow', bytesPerSecond: 20_000 });
  await write('On its way');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles({ name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_000_000) });
  const attached = page.locator('.composer-attachments', { hasText: 'large.bin' });
  await attached.waitFor();
  await attached.getByRole('progressbar').waitFor({ state: 'detached' });
  await send();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = page.locator('.outbox-item', { hasText: 'On its way' });
  await item.getByText('Being sent now').waitFor();
  const [entry] = await scene.relay.json<{ id: string }[]>(['queue', 'list', '--state', 'leased']);
  const marked = async (): Promise<boolean> =>
    (await scene.relay.json<{ attempts: { markedAt: string | null }[] }>(['queue', 'show', entry?.id ?? ''])).attempts[0]?.markedAt != null;
  await until('its last bytes are given away', marked, LIMIT_MS);
  await item.getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel sending' }).click();
  await page.getByRole('status').getByText('What is leaving at this moment can not be stopped').waitFor();
  await scene.lab.edge.set('submission', { mode: 'pass' });
  await item.getByRole('button', { name: 'Do not send it again' }).click({ timeout: LIMIT_MS });
  await item.locator('.state-cancelled').waitFor();
  expect(await copies('On its way')).toBe(0);
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

test(
  'the key that sends sends once, however often it is pressed, and to the address that stands in the field',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    await write('By its key');
    const to = page.getByRole('combobox', { name: 'To' });
    await to.pressSequentially(alice);
    await page.keyboard.down('Control');
    // As it comes from a key that is held.
    for (let times = 1; times <= 4; times += 1) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.keyboard.up('Control');
    await page.getByText('Message accepted.').waitFor();
    const all = async (): Promise<readonly number[]> => [await copies('By its key', 'alice'), await copies('By its key')];
    await until('both have it', async () => (await all()).every((count) => count > 0), LIMIT_MS);
    expect(await all()).toEqual([1, 1]);
  },
);

test('on a device that is not one’s own a message waits in its window, and leaves from there', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await context.setOffline(true);
  await write('From a borrowed computer');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('your message waits in this window. Do not close it').waitFor();
  expect(await page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(0);
  await context.setOffline(false);
  await page.getByText('“From a borrowed computer” waited here').waitFor();
});

test('on a phone the step back closes a letter, which is a draft then, and moves nothing behind it', { timeout: LIMIT_MS }, async () => {
  await using theirs = await browser.context({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const phone = await openDesk(theirs, origin());
  await phone.logIn(alice, scene.lab.password('alice'));
  const { page } = phone;
  const rows = page.locator('.message-link');
  await rows.first().tap();
  await page.locator('.message-title').waitFor();
  const reading = page.url();
  const composer = page.locator('.composer');
  const write = async (subject: string): Promise<void> => {
    await page.getByRole('button', { name: 'Reply', exact: true }).tap();
    await page.getByLabel('Subject').fill(subject);
  };
  await write('Back with it');
  await page.goBack();
  await composer.waitFor({ state: 'detached' });
  expect(page.url()).toBe(reading);
  await page.locator('.message-title').waitFor();
  // Closed by its button it leaves no step behind.
  await write('And closed');
  await page.getByRole('button', { name: 'Save and close' }).tap();
  await composer.waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate('history.state')).toBe(null);
  await page.goBack();
  await rows.first().waitFor();
  await page.getByRole('button', { name: 'Folders' }).tap();
  await page.getByRole('link', { name: /^Drafts/ }).tap();
  for (const subject of ['Back with it', 'And closed']) await rows.filter({ hasText: subject }).waitFor();
  await expectNoFaults(phone);
});

test.each([
  ['en-GB', 'Write', 'Discard draft', 390],
  ['de-DE', 'Schreiben', 'Entwurf verwerfen', 390],
  ['de-DE', 'Schreiben', 'Entwurf verwerfen', 320],
])('on a phone (%s) one tap on the list begins a letter; its buttons stand in one line, large enough for a finger', async (...row) => {
  const [locale, label, last, width] = row;
  await using theirs = await browser.context({ viewport: { width, height: 700 }, isMobile: true, hasTouch: true, locale });
  const phone = await openDesk(theirs, origin());
  await phone.logIn(alice, scene.lab.password('alice'), false);
  const { page } = phone;
  await page.getByRole('button', { name: label }).tap();
  await page.locator('.composer-field input').first().waitFor();
  await page.locator('.composer-field input').last().fill('On the way');
  await page.locator('.saved-saved').waitFor();
  const foot = page.locator('.composer-foot');
  const isReached = async (): Promise<void> => {
    const boxes = await Promise.all((await foot.getByRole('button').all()).map((one) => one.boundingBox()));
    const middles = boxes.map((box) => Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2));
    expect(new Set(middles).size, middles.join()).toBe(1);
    for (const box of boxes) expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    expect(Math.max(...boxes.map((box) => (box?.x ?? 0) + (box?.width ?? 0)))).toBeLessThanOrEqual(width);
  };
  await isReached();
  // The button says then what it leads back to, which is longer.
  await foot.locator('.text-button').tap();
  await page.locator('dialog .primary-button').tap();
  await page.locator('textarea.composer-text').waitFor();
  await isReached();
  await phone.show(`phone-letter-${locale}-${width}`);
  await foot.getByRole('button', { name: last }).tap();
  await page.locator('dialog .primary-button').tap();
  await page.locator('.composer').waitFor({ state: 'detached' });
  await expectNoFaults(phone);
});

test('a log-out saves what is being written, and asks where that can not be', { timeout: LIMIT_MS }, async () => {
  await using theirs = await browser.context();
  const other = await openDesk(theirs, origin());
  const { page } = other;
  const writeAndLeave = async (subject: string): Promise<void> => {
    await other.logIn(alice, scene.lab.password('alice'), false);
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByLabel('Subject').pressSequentially(subject);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
  };
  await writeAndLeave('Half a letter');
  await page.locator('input[name=address]').waitFor();
  await page.route('**/jmap/api*', (route) => (route.request().postData()?.includes('Email/set') ? route.abort() : route.continue()));
  await writeAndLeave('Never saved');
  await page.getByText('One message has not left this window yet and would be lost. Log out?').waitFor();
  await page.unroute('**/jmap/api*');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'Half a letter' }).waitFor();
  await page.locator('.message-link', { hasText: 'Never saved' }).waitFor();
  await expectNoFaults(other);
});

test('who leaves from the question for the password loses no letter unasked', { timeout: LIMIT_MS }, async () => {
  await using theirs = await browser.context();
  const other = await openDesk(theirs, origin());
  const { page } = other;
  const writeUntilAsked = async (subject: string, isOwn: boolean): Promise<void> => {
    await other.logIn(alice, scene.lab.password('alice'), isOwn);
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByLabel('Subject').waitFor();
    await theirs.clearCookies();
    await page.getByLabel('Subject').pressSequentially(subject);
    await page.getByText('Please log in again').waitFor();
  };
  const leave = (): Promise<void> => page.getByRole('button', { name: 'Use another account' }).click();
  const question = page.getByText('One message has not left this window yet and would be lost. Log out?');
  await writeUntilAsked('In the window alone', false);
  await leave();
  await question.waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(scene.lab.password('alice'));
  await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click();
  const inDrafts = async (subject: string): Promise<void> => {
    await page.getByRole('link', { name: /^Drafts/ }).click();
    await page.locator('.message-link', { hasText: subject }).waitFor();
  };
  await inDrafts('In the window alone');
  await theirs.clearCookies();
  await page.reload();
  await writeUntilAsked('To be lost', false);
  await leave();
  await question.waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Use another account' }).last().click();
  await page.locator('input[name=address]:not([readonly])').waitFor();
  await writeUntilAsked('On my own device', true);
  await leave();
  await page.locator('input[name=address]:not([readonly])').waitFor();
  await other.logIn(alice, scene.lab.password('alice'), true);
  await inDrafts('On my own device');
  expect(await page.locator('.message-link', { hasText: 'To be lost' }).count()).toBe(0);
  await expectNoFaults(other);
});

test('an image stands in the text, in the draft that is taken up again, and at the recipient', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await write('With a picture');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Insert image' }).click();
  await (await chooser).setFiles({ name: 'plan.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
  await page.locator('.rich-text img[alt="plan.png"]').waitFor();
  // One that is pasted, as a picture of the screen is.
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    const bytes = Uint8Array.from(atob('${PIXEL}'), (one) => one.charCodeAt(0));
    clipboardData.items.add(new File([bytes], 'screen.png', { type: 'image/png' }));
    document.querySelector('.rich-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }`);
  await page.locator('.rich-text img[alt="screen.png"]').waitFor();
  await expect.poll(() => page.locator('.composer-attachments').count()).toBe(0);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('composer-image');
  await page.getByText('Draft saved').waitFor();
  await page.getByRole('button', { name: 'Save and close' }).click();
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.locator('.message-link', { hasText: 'With a picture' }).click();
  await page.getByRole('button', { name: 'Edit draft' }).click();
  const widths = () => page.evaluate<number[]>(`[...document.querySelectorAll('.rich-text img')].map((one) => one.naturalWidth)`);
  await expect.poll(widths).toEqual([10, 10]);
  // To look at it changes nothing.
  expect(await page.locator('.saved-mark').getAttribute('class')).toContain('saved-nothing');
  // Saved more than once: each time the draft of before is gone, and its parts with it.
  for (const more of ['Once.', 'Twice.']) {
    await page.getByRole('textbox', { name: 'Text' }).press('Control+End');
    await page.keyboard.type(more);
    await page.locator('.saved-waiting').waitFor({ state: 'attached' });
    await page.locator('.saved-saved').waitFor();
  }
  await send();
});

test('files that fall on a letter are attached, and what falls beside it leaves the page where it is', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await write('With files that fell on it');
  /** What the browser says while files are carried over a place, and let go there. */
  const drop = (place: string): Promise<boolean> =>
    page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      for (const name of ['prices.csv', 'plan.pdf']) dataTransfer.items.add(new File(['1,2,3'], name, { type: 'application/octet-stream' }));
      const place = document.querySelector('${place}');
      const say = (type) => place.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      say('dragenter');
      // True: the browser is to do what it does with files, which is to open them.
      return say('dragover') || say('drop');
    })()`);
  expect(await drop('.list-pane')).toBe(false);
  expect(await drop('.composer-head')).toBe(false);
  await page.locator('.composer-attachments', { hasText: 'prices.csv' }).getByText('plan.pdf').waitFor();
  await page.getByText('Draft saved').waitFor();
  await send();
});

test('on a slow line one sees how far a file has come, and the letter waits for it', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await write('With a slow file');
  const tools = await context.newCDPSession(page);
  const line = { offline: false, latency: 0, downloadThroughput: -1 };
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: 100_000 });
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles({ name: 'slow.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_500_000) });
  const bar = page.locator('.composer-attachments').getByRole('progressbar', { name: /^Uploading, \d+ %$/ });
  const share = async (): Promise<number> => Number(await bar.getAttribute('value'));
  await expect.poll(share).toBeGreaterThan(0.1);
  expect(await share()).toBeLessThan(1);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Please wait until all files are uploaded.').waitFor();
  await tools.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 });
  await bar.waitFor({ state: 'detached' });
  await send();
});

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

test('the signature is the same in every browser and for other programs', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Settings' }).click();
  const field = page.getByLabel('Signature');
  await field.fill('Alice Adler\n<Cologne>');
  // Out of the field, which is not left before the dialog is.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Write' }).click();
  await page.locator('.composer').getByText('<Cologne>').waitFor();
  await page.locator('.composer-head button').last().click();
  await page.locator('.composer').waitFor({ state: 'detached' });
  const elsewhere = await browser.context();
  const other = await openDesk(elsewhere, origin());
  await other.logIn(alice, scene.lab.password('alice'));
  await other.page.getByRole('button', { name: 'Write' }).click();
  await other.page.locator('.composer').getByText('<Cologne>').waitFor();
  await expectNoFaults(other);
  await elsewhere.close();
  // As another JMAP client has it.
  const post = (path: string, body: unknown, headers: Record<string, string>) =>
    fetch(`${origin()}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const authorization = `Basic ${Buffer.from(`${alice}:${scene.lab.password('alice')}`).toString('base64')}`;
  const session = (await (await fetch(`${origin()}/jmap/session`, { headers: { authorization } })).json()) as { primaryAccounts: object };
  const [accountId] = Object.values(session.primaryAccounts) as string[];
  const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:submission'];
  const asked = await post('/jmap/api', { using, methodCalls: [['Identity/get', { accountId, ids: null }, 'a']] }, { authorization });
  expect(await asked.json()).toMatchObject({
    methodResponses: [
      [
        'Identity/get',
        {
          list: [{ textSignature: 'Alice Adler\n<Cologne>', htmlSignature: '<div>Alice Adler</div><div>&lt;Cologne&gt;</div>' }],
        },
        'a',
      ],
    ],
  });
});

test('where nothing answers one writes all the same, without a signature', async () => {
  const silent = await browser.context();
  const other = await openDesk(silent, origin());
  await other.page.route('**/jmap/api', (route) =>
    route.request().postData()?.includes('Identity/get') === true ? new Promise<void>(() => undefined) : route.continue(),
  );
  await other.logIn(alice, scene.lab.password('alice'));
  await other.page.getByRole('button', { name: 'Write' }).click();
  await other.page.getByRole('textbox', { name: 'Text' }).waitFor();
  expect(await other.page.locator('.composer').getByText('<Cologne>').count()).toBe(0);
  await expectNoFaults(other);
  await silent.close();
});

test('who guesses too often, and whose provider can not be asked, is told so at the log-in', async () => {
  const stranger = await browser.context();
  const other = await openDesk(stranger, origin());
  // As the relay answers it, which `sessions.test.ts` of the API proves; how slow the provider is must not matter here.
  const tryToLogIn = async (status: number, problem: Readonly<Record<string, string>>, seconds: string): Promise<void> => {
    await other.page.route('**/api/session', (route) =>
      route.fulfill({
        status,
        contentType: 'application/problem+json',
        headers: { 'retry-after': seconds },
        body: JSON.stringify(problem),
      }),
    );
    await other.page.locator('input[name=address]').fill(scene.lab.address('bob'));
    await other.page.locator('input[name=password]').fill('a guess');
    await other.page.locator('.log-in-form button[type=submit]').click();
  };
  await tryToLogIn(429, { title: 'Too many failed log-ins' }, '91');
  await other.page.getByText('Too many attempts.').waitFor();
  await other.page.getByText('Try again in 2 minutes.').waitFor();
  expect.soft(await other.axe()).toEqual([]);
  await other.show('log-in-too-often');
  await tryToLogIn(503, { title: 'It can not be known now whether the password is right', reason: 'connect' }, '30');
  await other.page.getByText('Your password can not be checked at the moment.').waitFor();
  expect.soft(await other.axe()).toEqual([]);
  await other.show('log-in-not-known');
  await expectNoFaults(other);
  await stranger.close();
});

test('all of it is at bob’s, once, with its images', { timeout: LIMIT_MS }, async () => {
  for (const subject of ['After the session', 'By its key', 'From a borrowed computer', 'With a picture']) {
    await until(`bob has ${subject}`, async () => (await copies(subject)) > 0, LIMIT_MS);
    expect(await copies(subject)).toBe(1);
  }
  const [raw = ''] = (await scene.lab.inbox('bob')).map(String).filter((one) => one.includes('Subject: With a picture'));
  expect(raw).toMatch(/Content-Type: multipart\/related/i);
  const names = [...raw.matchAll(/^Content-ID:\s*<([^>]+)>/gim)].map(([, name]) => name);
  expect(names).toHaveLength(2);
  const html = raw.replaceAll(/=\r?\n/g, '');
  for (const name of names) expect(html).toContain(`cid:${name}`);
  expect(html).not.toContain('blob:');
  await expect.poll(() => desk.page.getByRole('link', { name: 'Outbox' }).locator('.folder-count').count()).toBe(0);
});

/** Alice at another browser, to which some pieces of the client come when they are let go. */
async function slowDesk(pieces: string): Promise<{ readonly desk: Desk; readonly release: () => void } & AsyncDisposable> {
  const theirs = await browser.context({ serviceWorkers: 'block' });
  const slow = await openDesk(theirs, origin());
  const held = Promise.withResolvers<void>();
  await slow.page.route(pieces, async (route) => {
    await held.promise;
    await route.continue();
  });
  await slow.logIn(alice, scene.lab.password('alice'));
  return { desk: slow, release: held.resolve, [Symbol.asyncDispose]: () => theirs.close() };
}

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

/** Of a message, at bob's or somebody else's. */
async function copies(subject: string, whose = 'bob'): Promise<number> {
  return (await scene.lab.inbox(whose)).filter((raw) => String(raw).includes(`Subject: ${subject}`)).length;
}
