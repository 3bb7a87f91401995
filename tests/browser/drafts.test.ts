/* What is written on a bad line, in more than one window: no text takes another one's place, and nothing is there twice. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 120_000;

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
  },
);

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

/** A letter or draft of this browser, as the Outbox shows it. */
function waiting(page: Page, subject: string) {
  return page.getByRole('main', { name: 'Outbox' }).locator('.outbox-item', { hasText: subject });
}

async function closeToast(page: Page): Promise<void> {
  await page.locator('.toast').getByRole('button', { name: 'Close' }).click();
}

async function expectDrafts(subjects: readonly string[]): Promise<void> {
  const { page } = desk;
  await page.getByRole('link', { name: /^Drafts/ }).click();
  const lines = async (): Promise<string[]> => page.locator('.message-link').allInnerTexts();
  await expect.poll(lines).toEqual(subjects.map((subject) => expect.stringContaining(subject)));
}
