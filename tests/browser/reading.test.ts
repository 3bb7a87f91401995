/* A person reads and files: conversations, folders, labels, files, invitations, and what is looked for. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, Locator } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillMailboxes } from './reading-letters.ts';

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
  expect(await row('Sommerfest').getByText('Conversation of 4 messages').count()).toBe(1);
  expect(await row('Sommerfest').getAttribute('class')).toContain('is-unread');
  await desk.show('conversations');
  await row('Sommerfest').getByRole('link').click();
  await page.locator('.text-body', { hasText: 'dann fehlt nur noch das Wetter' }).waitFor();
  expect(await page.locator('.folded-message').count()).toBe(3);
  await page.locator('.folded-message', { hasText: 'Ich bringe Salat mit.' }).click();
  await page.locator('.text-body', { hasText: 'Ich bringe Salat mit.' }).waitFor();
  expect(await page.locator('.text-body').count()).toBe(2);
  await expect.poll(() => row('Sommerfest').getAttribute('class')).not.toContain('is-unread');
  expect(await row('Sommerfest').getAttribute('class')).toContain('is-open');
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('conversation');
  await page.getByRole('button', { name: 'Fold this message' }).first().click();
  expect(await page.locator('.folded-message').count()).toBe(3);
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
