/* A person reads and files: conversations, folders, labels, files, invitations, and what is looked for. */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Locator } from 'playwright-core';
import { letterTo, startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { expectFocus, tabTo } from './reach.ts';
import { fillMailboxes } from './reading-letters.ts';

const UNZIP = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps([archive.testzip()] + [[one.filename, one.file_size] for one in archive.infolist()]))
`;

let scene: MirrorScene;
let browser: Browser;
let context: BrowserContext;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  await fillMailboxes(await scene.door('alice'), scene.lab.address('alice'));
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  context = await browser.context();
  desk = await openDesk(context, origin());
  await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

function boxOf(selector: string): ReturnType<Locator['boundingBox']> {
  return desk.page.locator(selector).boundingBox();
}

function row(text: string): Locator {
  return desk.page.locator('.message-row', { hasText: text });
}

/** The subjects that the provider has in a mailbox. */
async function atProvider(...mailbox: string[]): Promise<string[]> {
  const messages = await (await scene.door('alice')).messages(mailbox);
  return messages.map(({ bytes }) => /^Subject: (.*)\r$/m.exec(bytes.toString())?.[1] ?? '').toSorted();
}

test('a conversation is one line, whatever folder its messages are in, and is read from its beginning to its end', async () => {
  const { page } = desk;
  await expect.poll(() => row('Sommerfest').count()).toBe(1);
  await row('Sommerfest').getByText('Anna Lindqvist, me, Ben Okafor').waitFor();
  await expect.poll(() => row('Sommerfest').getByText('Conversation of 4 messages').count()).toBe(1);
  expect(await row('Sommerfest').getAttribute('class')).toContain('is-unread');
  await desk.show('conversations');
  await row('Sommerfest').getByRole('link').click();
  await page.locator('.text-body', { hasText: 'dann fehlt nur noch das Wetter' }).waitFor();
  await expect.poll(() => page.locator('.folded-message').count()).toBe(3);
  await page.locator('.folded-message', { hasText: 'Ich bringe Salat mit.' }).click();
  await page.locator('.text-body', { hasText: 'Ich bringe Salat mit.' }).waitFor();
  await expect.poll(() => page.locator('.text-body').count()).toBe(2);
  await expect.poll(() => row('Sommerfest').getAttribute('class')).not.toContain('is-unread');
  expect(await row('Sommerfest').getAttribute('class')).toContain('is-open');
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('conversation');
  await page.getByRole('button', { name: 'Fold this message' }).first().click();
  await expect.poll(() => page.locator('.folded-message').count()).toBe(3);
  await page.keyboard.press('j');
  await page.locator('.message-title', { hasText: 'Car park' }).waitFor();
  await page.keyboard.press('k');
  await page.locator('.message-title', { hasText: 'Sommerfest' }).waitFor();
});

test('a conversation is filed as one, undone as one, and what lies elsewhere stays there', async () => {
  const { page } = desk;
  await page.keyboard.press('s');
  await page.getByText('3 messages changed').waitFor();
  await row('Sommerfest').locator('.mark-flag').waitFor();
  await page.keyboard.press('z');
  await row('Sommerfest').locator('.mark-flag').waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await page.getByText('3 messages moved to Archive').waitFor();
  await row('Sommerfest').waitFor({ state: 'detached' });
  await page.keyboard.press('z');
  await row('Sommerfest').getByText('Conversation of 4 messages').waitFor({ state: 'attached' });
  await row('Sommerfest').getByRole('checkbox').check();
  await page.getByText('1 selected').waitFor();
  await page.keyboard.press('u');
  await expect.poll(() => row('Sommerfest').getAttribute('class')).toContain('is-unread');
  await page.keyboard.press('#');
  await page.getByText('3 messages deleted').waitFor();
  await expect.poll(() => atProvider('Trash')).toEqual(['Re: Sommerfest', 'Re: Sommerfest', 'Sommerfest']);
  expect(await atProvider('Sent')).toEqual(['Re: Sommerfest']);
  await page.keyboard.press('z');
  await row('Sommerfest').waitFor();
  await expect.poll(() => atProvider('Trash')).toEqual([]);
});

test('who prefers messages one by one gets them so', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Messages of a conversation as one line').uncheck();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => row('Sommerfest').count()).toBe(3);
  await row('Sommerfest').last().getByRole('link').click();
  await page.getByRole('navigation', { name: 'Conversation of 4 messages' }).waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Messages of a conversation as one line').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => row('Sommerfest').count()).toBe(1);
});

function folder(name: string | RegExp): Locator {
  return desk.page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name });
}

test('folders are made, named, put into each other, and deleted into the trash with their mail; those with a role stay', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const door = await scene.door('alice');
  const names = (): Promise<readonly string[]> => door.mailboxes();
  await page.getByRole('button', { name: 'New folder' }).click();
  await dialog.getByLabel('Name of the folder').fill('Garten & Haus');
  for (const [name, problem] of [
    ['a/b', 'A name has no “/”'],
    ['  ', 'A name has no “/”'],
    ['projekte', 'There is a folder of this name already.'],
  ] as const) {
    await dialog.getByLabel('Name of the folder').fill(name);
    await page.keyboard.press('Enter');
    await dialog.getByText(problem).waitFor();
  }
  await dialog.getByLabel('Name of the folder').fill('Garten & Haus');
  await dialog.getByLabel('In folder').selectOption({ label: 'Projekte' });
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('folder');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Garten & Haus' }).waitFor();
  await expect.poll(names).toContain('Projekte/Garten & Haus');
  await folder('Garten & Haus').focus();
  await page.keyboard.press('F2');
  await dialog.getByLabel('Name of the folder').fill('Garten');
  await dialog.getByLabel('In folder').selectOption({ label: 'Projekte/Neubau' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect.poll(names).toContain('Projekte/Neubau/Garten');
  expect(await names()).not.toContain('Projekte/Garten & Haus');
  await folder('Projekte').focus();
  await page.keyboard.press('Delete');
  await dialog.getByText('It goes to the trash with its message').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('folder-delete');
  await dialog.getByRole('button', { name: 'Delete folder' }).click();
  await page.getByText('Folder “Projekte” deleted').waitFor();
  await expect.poll(names).toContain('Trash/Projekte/Neubau/Garten');
  expect(await atProvider('Trash', 'Projekte', 'Neubau')).toEqual(['Floor plan']);
  await page.keyboard.press('z');
  await expect.poll(names).toContain('Projekte/Neubau/Garten');
  expect(await atProvider('Projekte', 'Neubau')).toEqual(['Floor plan']);
  await scene.untilCarried('alice');
  await expect.poll(() => folder('Projekte').count()).toBe(1);
  await expect.poll(() => page.getByRole('button', { name: 'Folder “Trash”' }).count()).toBe(0);
  await folder(/^Inbox/).click();
  await row('Car park').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Car park' }).waitFor();
  await folder('Sent').focus();
  await page.keyboard.press('Delete');
  // Nor does it delete the message that is open.
  await expect.poll(() => dialog.count()).toBe(0);
  expect(await page.getByText('Message deleted').count()).toBe(0);
});

test('the address of a folder that is not there says so, and leads to the inbox', async () => {
  const { page } = desk;
  await page.evaluate(`location.hash = '#/mail/long-gone'`);
  await page.getByRole('heading', { name: 'There is no such folder.' }).waitFor();
  expect(await page.locator('.list-count').textContent()).toBe('');
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('folder-gone');
  await page.locator('.list-pane').getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  await row('Car park').waitFor();
});

test('in a small window a name is read in one line, and what is done with a selection is all to be seen', async () => {
  const { page } = desk;
  await row('Car park').getByRole('link').click();
  await row('Bicycle').getByRole('checkbox').check();
  for (const [width, height] of [
    [900, 600],
    [1280, 800],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    const [name, title, bar] = await Promise.all([boxOf('.message-from strong'), boxOf('.message-title'), boxOf('.reader-bar')]);
    expect.soft(name?.height ?? 0, `a name at ${width}`).toBeLessThan(40);
    expect.soft((title?.y ?? 0) - (bar?.y ?? 0) - (bar?.height ?? 0), `under the bar at ${width}`).toBeGreaterThan(0);
    if (width === 390) await page.getByRole('button', { name: 'Back' }).click();
    const [first, last] = await Promise.all([boxOf('.list-head button >> nth=0'), boxOf('.list-head button >> nth=-1')]);
    expect.soft(last?.y, `one line at ${width}`).toBe(first?.y);
    expect
      .soft((await page.locator('.list-head').evaluate((head) => head.scrollWidth - head.clientWidth)) <= 0, `all at ${width}`)
      .toBe(true);
  }
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.keyboard.press('Escape');
});

test('many recipients, or a long name of a folder, push nothing out of sight', async () => {
  const { page } = desk;
  const door = await scene.door('alice');
  const to = Array.from({ length: 8 }, (_, index) => `person.number.${index}@office.test`).join(', ');
  const letter = `From: alice@provider.test\r\nTo: ${to}\r\nSubject: To many people\r\n\r\nHello\r\n`;
  await door.append(['Sent'], { bytes: Buffer.from(letter), receivedAtMs: Date.now() });
  await door.createMailbox(['Rechnungen_der_Stadtwerke_und_anderer_Versorger']);
  await page.locator('.folder', { hasText: 'Versorger' }).waitFor();
  await page.locator('.folder', { hasText: 'Sent' }).click();
  const [list, time] = [page.locator('.list-pane'), row('To many people').locator('time')];
  const right = async (one: Locator): Promise<number> => {
    const { x, width } = (await one.boundingBox()) ?? { x: NaN, width: NaN };
    return x + width;
  };
  await time.waitFor();
  expect.soft(await right(time)).toBeLessThan(await right(list));
  for (const folder of await page.locator('.folder').all())
    expect.soft(await right(folder), (await folder.textContent()) ?? '').toBeLessThan(await right(page.locator('.sidebar')));
  await door.deleteMailbox(['Rechnungen_der_Stadtwerke_und_anderer_Versorger']);
  await page.locator('.folder', { hasText: 'Versorger' }).waitFor({ state: 'detached' });
  await page.locator('.folder', { hasText: 'Inbox' }).click();
});

test('a link to write to somebody fills in what it asks for', async () => {
  const { page } = desk;
  const link = 'mailto:leave@list.test?subject=unsubscribe%2042&amp;cc=owner@list.test&amp;body=Please%0D%0Ago';
  const html = `<p>Too much? <a href="${link}">Unsubscribe</a></p>`;
  const head = 'From: list@list.test\r\nSubject: News of the list\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n';
  await (await scene.door('alice')).append(['INBOX'], { bytes: Buffer.from(`${head}\r\n${html}\r\n`), receivedAtMs: Date.now() });
  await row('News of the list').getByRole('link').click();
  await page.frameLocator('.mail-frame').getByText('Unsubscribe').click();
  const letter = page.locator('.composer');
  await letter.getByText('Please').waitFor();
  expect(await letter.getByLabel('Subject').inputValue()).toBe('unsubscribe 42');
  await letter.getByText('leave@list.test').waitFor();
  await letter.getByText('owner@list.test').waitFor();
  await page.locator('.composer-head button').last().click();
  await letter.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
});

test('a message is dragged into a folder, and with it what is selected; it is undone by one key', async () => {
  const { page } = desk;
  await row('Bicycle')
    .getByRole('link')
    .dragTo(folder(/^Archive/));
  await page.getByText('Moved to Archive').waitFor();
  await row('Bicycle').waitFor({ state: 'detached' });
  await expect.poll(() => atProvider('Archive')).toContain('Bicycle');
  await page.keyboard.press('z');
  await row('Bicycle').waitFor();
  for (const subject of ['Bicycle', 'Car park']) await row(subject).getByRole('checkbox').check();
  await row('Car park').getByRole('link').dragTo(folder(/^Junk/));
  for (const subject of ['Bicycle', 'Car park']) await row(subject).waitFor({ state: 'detached' });
  await page.keyboard.press('z');
  for (const subject of ['Bicycle', 'Car park']) await row(subject).waitFor();
  await page.keyboard.press('Escape');
});

test('the buttons over a message are about that one, whatever is selected beside it', async () => {
  const { page } = desk;
  await row('Bicycle').getByRole('checkbox').check();
  await row('Car park').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Car park' }).waitFor();
  await page.getByRole('toolbar', { name: 'Message' }).getByRole('button', { name: 'Delete' }).click();
  await row('Car park').waitFor({ state: 'detached' });
  expect(await row('Bicycle').count()).toBe(1);
  await page.keyboard.press('z');
  await row('Car park').waitFor();
  // What was selected and is dragged away is selected no more.
  await row('Bicycle').getByRole('checkbox').check();
  await row('Bicycle')
    .getByRole('link')
    .dragTo(folder(/^Archive/));
  await row('Bicycle').waitFor({ state: 'detached' });
  expect(await page.getByText('1 selected').count()).toBe(0);
  await page.keyboard.press('z');
  await row('Bicycle').waitFor();
  await page.keyboard.press('Escape');
});

test('a key that is held files one message', async () => {
  const { page } = desk;
  await row('Car park').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Car park' }).waitFor();
  const count = Number(await page.locator('.list-count').textContent());
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.down('e');
  await page.keyboard.up('e');
  await row('Car park').waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('.list-count').textContent()).toBe(String(count - 1));
  await page.keyboard.press('z');
  await row('Car park').waitFor();
});

test('a dialog stays when its text is marked to beyond its edge', async () => {
  const { page } = desk;
  const field = page.getByRole('dialog').getByLabel('Name of the folder');
  await page.getByRole('button', { name: 'New folder' }).click();
  await field.fill('Half typed');
  const { x, y, width, height } = (await field.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(5, y, { steps: 5 });
  await page.mouse.up();
  expect(await field.inputValue()).toBe('Half typed');
  await page.mouse.click(5, 5);
  await field.waitFor({ state: 'detached' });
});

test('what is deleted in the trash goes for good', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const remove = async (question: string): Promise<void> => {
    await folder('Vereine').click({ button: 'right' });
    await dialog.getByRole('button', { name: 'Delete folder' }).click();
    await dialog.getByText(question).waitFor();
    await dialog.getByRole('button', { name: /^Delete/ }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await remove('It goes to the trash');
  await page.locator('.folder-depth-1', { hasText: 'Vereine' }).waitFor();
  await remove('for good? It is empty.');
  await folder('Vereine').waitFor({ state: 'detached' });
  await expect.poll(async () => (await scene.door('alice')).mailboxes()).not.toContain('Trash/Vereine');
});

test('of a folder that is deleted for good goes what was in it when it was asked about; with what came in meanwhile it stays', async () => {
  const { page } = desk;
  const door = await scene.door('alice');
  const letter = (name: string) => ({ bytes: letterTo(name, { from: 'far@outside.test', to: [scene.lab.address('alice')] }) });
  const dialog = page.getByRole('dialog');
  const ask = async (question: string): Promise<void> => {
    await folder('Leaving').click({ button: 'right' });
    await dialog.getByRole('button', { name: 'Delete folder' }).click();
    await dialog.getByText(question).waitFor();
  };
  await page.getByRole('button', { name: 'New folder' }).click();
  await dialog.getByLabel('Name of the folder').fill('Leaving');
  await dialog.getByLabel('In folder').selectOption('Trash');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => door.mailboxes()).toContain('Trash/Leaving');
  await door.append(['Trash', 'Leaving'], letter('was-there'));
  await folder('Leaving').click();
  await row('was-there').waitFor();
  await ask('Delete the folder “Leaving” and the message in it for good?');
  // A key too many destroys nothing.
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await ask('Delete the folder “Leaving” and the message in it for good?');
  await door.append(['Trash', 'Leaving'], letter('came-late'));
  await row('came-late').waitFor();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('The folder “Leaving” stays').waitFor();
  await row('was-there').waitFor({ state: 'detached' });
  await scene.untilCarried('alice');
  expect(await atProvider('Trash', 'Leaving')).toEqual(['about came-late']);
  await row('came-late').waitFor();
  await ask('Delete the folder “Leaving” and the message in it for good?');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await folder('Leaving').waitFor({ state: 'detached' });
  await expect.poll(async () => (await scene.door('alice')).mailboxes()).not.toContain('Trash/Leaving');
});

test('emptying the trash is asked about with a number, and takes what was there when it was asked', async () => {
  const { page } = desk;
  const door = await scene.door('alice');
  const letter = (name: string) => ({ bytes: letterTo(name, { from: 'far@outside.test', to: [scene.lab.address('alice')] }) });
  for (const name of ['first-rubbish', 'second-rubbish']) await door.append(['Trash'], letter(name));
  await folder('Trash').click();
  for (const name of ['first-rubbish', 'second-rubbish']) await row(name).waitFor();
  const dialog = page.getByRole('dialog');
  const { length: count } = await atProvider('Trash');
  await page.getByRole('button', { name: 'Empty folder' }).click();
  await dialog.getByText(`Delete ${count} messages for good?`).waitFor();
  await door.append(['Trash'], letter('late-rubbish'));
  await row('late-rubbish').waitFor();
  await dialog.getByRole('button', { name: 'Empty folder' }).click();
  await page.getByText(`${count} messages deleted`).waitFor();
  for (const name of ['first-rubbish', 'second-rubbish']) await row(name).waitFor({ state: 'detached' });
  await scene.untilCarried('alice');
  expect(await atProvider('Trash')).toEqual(['about late-rubbish']);
  // One is one.
  await page.getByRole('button', { name: 'Empty folder' }).click();
  await dialog.getByText('Delete this message for good?').waitFor();
  await dialog.getByRole('button', { name: 'Empty folder' }).click();
  await row('late-rubbish').waitFor({ state: 'detached' });
  await folder(/^Inbox/).click();
});

test('a search that is too long says so, and how long it may be', async () => {
  const { page } = desk;
  const field = page.getByRole('textbox', { name: 'Search' });
  for (const text of ['x'.repeat(3000), 'word '.repeat(40)]) {
    await field.fill(text);
    await field.press('Enter');
    await page.getByRole('alert').getByText('This search is too long.').waitFor();
    await page.getByRole('alert').getByText('500 characters and 30 words at most.').waitFor();
  }
  expect.soft(await desk.axe()).toEqual([]);
  await field.fill('x'.repeat(500));
  await field.press('Enter');
  await page.getByText('Nothing found').waitFor();
  await folder(/^Inbox/).click();
});

test('who goes elsewhere while something is deleted for good stays there', async () => {
  const { page } = desk;
  await row('Bicycle').getByRole('checkbox').check();
  await page.keyboard.press('#');
  await row('Bicycle').waitFor({ state: 'detached' });
  await scene.untilCarried('alice');
  await folder('Trash').click();
  await row('Bicycle').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Bicycle' }).waitFor();
  const held = Promise.withResolvers<void>();
  await page.route('**/jmap/api*', async (route) => {
    if (route.request().postData()?.includes('"destroy"') === true) await held.promise;
    await route.continue();
  });
  const deletion = page.waitForResponse((response) => response.request().postData()?.includes('"destroy"') === true);
  await page.keyboard.press('#');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await folder(/^Inbox/).click();
  await row('Car park').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Car park' }).waitFor();
  held.resolve();
  await deletion;
  await page.getByText('Message deleted').waitFor();
  await folder(/^Inbox/)
    .and(page.locator('[aria-current=page]'))
    .waitFor();
  expect(await page.locator('.message-title').textContent()).toBe('Car park');
  await page.unroute('**/jmap/api*');
});

test('who reads what is unread goes on by key, though what is read is found no more', async () => {
  const { page } = desk;
  for (const subject of ['Car park', 'Sommerfest']) {
    await folder(/^Inbox/).click();
    await row(subject).getByRole('link').click();
    await page.locator('.message-title', { hasText: subject }).waitFor();
    await page.keyboard.press('u');
    await expect.poll(() => row(subject).getAttribute('class')).toContain('is-unread');
  }
  await page.getByRole('textbox', { name: 'Search' }).fill('is:unread in:inbox');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('.message-row').count()).toBeGreaterThan(1);
  const lines = await page.locator('.message-row .message-subject').allTextContents();
  await page.locator('.message-link').first().click();
  await expect.poll(() => page.locator('.message-row').count()).toBe(lines.length - 1);
  await page.keyboard.press('j');
  await expect.poll(() => page.locator('.message-title').textContent()).toBe(lines[1]);
  await page.getByRole('textbox', { name: 'Search' }).fill('"');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing found').waitFor();
  await page.getByRole('button', { name: 'Clear search' }).click();
});

test('labels of other programs are shown, others are given by key, and what has one is found', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await folder('Inbox').click();
  await row('Minutes of the meeting').getByText('To do').waitFor();
  await row('Minutes of the meeting').getByText('foo=bar').waitFor();
  await row('Sommerfest').getByRole('link').click();
  await page.locator('.message-title', { hasText: 'Sommerfest' }).waitFor();
  await page.keyboard.press('l');
  await dialog.getByRole('textbox').fill('Größe & Form');
  await page.keyboard.press('Enter');
  await dialog.getByRole('checkbox', { name: 'größe & form' }).waitFor();
  await dialog.getByRole('checkbox', { name: 'Work' }).check();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('labels');
  await page.keyboard.press('Escape');
  await row('Sommerfest').getByText('größe & form').waitFor();
  await page.locator('.message-labels', { hasText: 'Work' }).waitFor();
  await expect
    .poll(
      async () =>
        (await (await scene.door('alice')).messages(['INBOX'])).filter(({ flags }) => flags.includes('gr=c3=b6=c3=9fe_&_form')).length,
    )
    .toBe(3);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('labelled');
  await folder('größe & form').click();
  await page.getByText('3 messages found').waitFor();
  await folder('Inbox').click();
  // What was found is there until the mailbox is.
  await expect.poll(() => row('Sommerfest').count()).toBe(1);
  await row('Sommerfest').getByRole('checkbox').check();
  await page.keyboard.press('l');
  await dialog.getByRole('checkbox', { name: 'größe & form' }).uncheck();
  await page.keyboard.press('Escape');
  await row('Sommerfest').getByText('größe & form').waitFor({ state: 'detached' });
  // Shown at once; undone can be what the relay has.
  await page.getByText('3 messages changed').waitFor();
  await page.keyboard.press('z');
  await row('Sommerfest').getByText('größe & form').waitFor();
  await row('Minutes of the meeting').getByText('foo=bar').waitFor();
  await page.keyboard.press('Escape');
});

test('all attachments are saved as one archive with names that can be, and a PDF is looked at in the viewer of the browser', async () => {
  const { page } = desk;
  await row('The offer, with scans').getByRole('link').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save all as one file (ZIP)' }).click();
  const archive = await download;
  expect(archive.suggestedFilename()).toBe('The offer, with scans.zip');
  // Another reader of the format than ours checks it, sums and all.
  const listed = spawnSync('python3', ['-c', UNZIP, await archive.path()], { encoding: 'utf8' });
  expect(listed.stderr).toBe('');
  expect(JSON.parse(listed.stdout)).toEqual([null, ['scan.png', 78], ['SCAN (2).png', 11], ['_.._offer.pdf', expect.any(Number)]]);
  await page.getByRole('button', { name: 'Open _.._offer.pdf' }).click();
  await expect.poll(() => page.frames().filter((frame) => frame.url().startsWith('chrome-extension://')).length).toBe(1);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('pdf');
  // Keys in the viewer are the viewer's: the Tab key goes into it, out of it, and round.
  await page.locator('.shown-pdf').click();
  await page.keyboard.press('Escape');
  await expectFocus(page.locator('.shown-pdf'));
  await tabTo(page, '.pdf-foot button');
  await tabTo(page, '.modal-head button');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Open scan.png', exact: true }).click();
  await page.locator('.shown-image').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('an invitation is told in the time of the reader, and so is that it is cancelled', async () => {
  const { page } = desk;
  await row('Topping-out').getByRole('link').click();
  const invitation = page.getByRole('region', { name: 'Invitation' });
  await invitation.getByText('Topping-out ceremony, with speeches').waitFor();
  // Berlin is where this browser is; New York is where it takes place.
  await invitation.getByText(/Tuesday,? 15 December 2026.*15:00.*16:30/).waitFor();
  await invitation.getByText('every year, 3 times').waitFor();
  await invitation.getByText(/^Wednesday,? 15 December 2027$/).waitFor();
  await invitation.getByText(/^Thursday,? 16 December 2027.*15:00/).waitFor();
  await invitation.getByText('Anna Lindqvist (accepted)').waitFor();
  await invitation.getByText('Description').click();
  await invitation.getByText('<b>bold</b>').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('invitation');
  await row('Site visit').getByRole('link').click();
  await page.getByRole('region', { name: 'Cancelled' }).getByText('Pier 4').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
});

test('a form writes the operators; what is found says where it is and why', async () => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Search form' }).click();
  await dialog.getByLabel('Words').fill('plan');
  await dialog.getByLabel('From').fill('Ben Okafor');
  await dialog.getByLabel('On or after').fill('2020-01-31');
  await dialog.getByLabel('In folder').selectOption('Projekte/Neubau');
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('search-form');
  await dialog.getByRole('button', { name: 'Search' }).click();
  await page.getByText('1 message found').waitFor();
  expect(await page.getByRole('textbox', { name: 'Search' }).inputValue()).toBe(
    'from:"Ben Okafor" after:2020-01-31 in:Projekte/Neubau plan',
  );
  await row('Floor plan').getByText('Projekte/Neubau').waitFor();
  await row('Floor plan').locator('.message-subject mark', { hasText: 'plan' }).waitFor();
  await row('Floor plan').locator('.message-preview mark', { hasText: 'plan' }).waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('search-found');
  await page.getByRole('button', { name: 'Search form' }).click();
  expect(await dialog.getByLabel('From').inputValue()).toBe('Ben Okafor');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Clear search' }).click();
  await page.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
});

test('what is written from right to left is shown so, and what is quoted is folded', async () => {
  const { page } = desk;
  await row('פגישה').getByRole('link').click();
  const frame = page.frameLocator('.mail-frame');
  await frame.getByText('נפגשים בעשר.').waitFor();
  expect(await page.evaluate(`getComputedStyle(document.querySelector('.mail-frame').contentDocument.body).direction`)).toBe('rtl');
  expect(await frame.getByText('מתי?').isVisible()).toBe(false);
  await frame.getByText('•••').click();
  await frame.getByText('מתי?').waitFor();
  await page.getByRole('button', { name: 'Plain text' }).click();
  await page.locator('.text-body', { hasText: 'שלום' }).waitFor();
  expect(await page.evaluate(`getComputedStyle(document.querySelector('.text-body')).direction`)).toBe('rtl');
  await expect.poll(() => page.locator('.text-quote').count()).toBe(1);
  await expect.poll(() => page.locator('.text-quote[open]').count()).toBe(0);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('right-to-left');
});

test('on paper there is the conversation and nothing else, dark on light', async () => {
  const { page } = desk;
  await row('Sommerfest').getByRole('link').click();
  await page.locator('.text-body', { hasText: 'Wetter' }).waitFor();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(`document.documentElement.dataset.theme = 'dark'`);
  for (const gone of ['.sidebar', '.list-pane', '.reader-bar', '.top-bar', '.message-tools'])
    expect(await page.locator(gone).first().isVisible()).toBe(false);
  expect(await page.locator('.text-body').last().isVisible()).toBe(true);
  expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
  await desk.show('print');
  await page.evaluate('delete document.documentElement.dataset.theme');
  await page.emulateMedia({ media: null, colorScheme: null });
});

test('on a phone, dark and in German', { timeout: 360_000 }, async () => {
  const phone = await browser.context({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    colorScheme: 'dark',
    locale: 'de-DE',
  });
  const small = await openDesk(phone, origin());
  const { page } = small;
  const dialog = page.getByRole('dialog');
  await small.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
  await small.show('phone-conversations');
  await page.locator('.message-link', { hasText: 'Topping-out' }).click();
  await page.getByRole('region', { name: 'Einladung' }).waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-invitation');
  await page.getByRole('button', { name: 'Zurück' }).click();
  await page.locator('.message-link', { hasText: 'Sommerfest' }).click();
  await page.locator('.text-body', { hasText: 'Wetter' }).waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-conversation');
  await page.getByRole('button', { name: 'Mehr', exact: true }).click();
  await page.getByRole('button', { name: 'Schlagwörter', exact: true }).click();
  await dialog.getByText('Zu erledigen').waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-labels');
  await dialog.getByRole('button', { name: 'Schließen' }).click();
  await page.getByRole('button', { name: 'Suchformular' }).click();
  await dialog.getByLabel('Betreff').waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-search-form');
  await dialog.getByRole('button', { name: 'Schließen' }).click();
  await page.getByRole('button', { name: 'Ordner anzeigen' }).click();
  await page.getByRole('button', { name: 'Ordner „Projekte“' }).click();
  await dialog.getByRole('button', { name: 'Ordner löschen' }).waitFor();
  expect.soft(await small.axe()).toEqual([]);
  await small.show('phone-folder');
  await expectNoFaults(small);
  await phone.close();
});
