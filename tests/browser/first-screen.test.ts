/* On a bad line: the log-in can be typed before the rest of the client has come, and behind it no trip is made that another one could go along with. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BrowserContext, BrowserContextOptions, Page, Request, Route } from 'playwright-core';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { fillInbox } from './letters.ts';

const REST = '**/assets/mailbox-*.js';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

let scene: MirrorScene;
let browser: Browser;
let alice: string;
let password: string;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  password = scene.lab.password('alice');
  await fillInbox(await scene.door('alice'), alice, 0);
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

function origin(): string {
  return `http://127.0.0.1:${scene.relay.ports.http}`;
}

/** Requests that match wait until they are let go. */
async function held(
  context: BrowserContext,
  pattern: string,
): Promise<{ readonly waiting: Route[]; readonly release: () => Promise<void> }> {
  const waiting: Route[] = [];
  let isOpen = false;
  await context.route(pattern, (route) => (isOpen ? route.continue() : void waiting.push(route)));
  return {
    waiting,
    async release() {
      isOpen = true;
      await Promise.all(waiting.map((route) => route.continue()));
    },
  };
}

async function type(page: Page): Promise<void> {
  await page.locator('input[name=address]').fill(alice);
  await page.locator('input[name=password]').fill(password);
}

const press = (page: Page): Promise<void> => page.locator('.log-in-form button[type=submit]').click();
const isTyped = async (page: Page): Promise<boolean> => (await page.locator('input[name=password]').inputValue()) === password;

test('what was typed while the rest comes stays, and nothing on the screen moves when it has come', async () => {
  const context = await browser.context();
  const rest = await held(context, '**/assets/mailbox-*');
  const desk = await openDesk(context, origin(), 'commit');
  const { page } = desk;
  await type(page);
  const place = () => page.evaluate<string>(`JSON.stringify(document.querySelector('.log-in-card').getBoundingClientRect())`);
  const before = await place();
  const shot = await page.screenshot();
  expect(rest.waiting.length).toBeGreaterThan(0);
  await rest.release();
  await expect.poll(() => page.evaluate(`document.querySelector('link[rel=stylesheet][href*=mailbox-]')?.sheet !== null`)).toBe(true);
  expect(await place()).toBe(before);
  expect((await page.screenshot()).equals(shot)).toBe(true);
  expect(await isTyped(page)).toBe(true);
  await press(page);
  await page.locator('.message-link').first().waitFor();
  await expectNoFaults(desk);
  await context.close();
});

test('whoever logs in before the rest has come is in as soon as it comes', async () => {
  const context = await browser.context();
  const rest = await held(context, REST);
  const desk = await openDesk(context, origin());
  const { page } = desk;
  await type(page);
  const answer = page.waitForResponse('**/api/session');
  await press(page);
  expect((await answer).status()).toBe(200);
  await page.getByRole('button', { name: 'Checking' }).waitFor();
  expect(await isTyped(page)).toBe(true);
  expect(await page.locator('.log-in-form button[type=submit]').isDisabled()).toBe(true);
  await rest.release();
  await page.locator('.message-link').first().waitFor();
  await expectNoFaults(desk);
  await context.close();
});

test('the rest did not come: it is asked for again by the log-in; if that fails, too, a sentence says so, and one can try again', async () => {
  const context = await browser.context();
  let asked = 0;
  let isBroken = true;
  await context.route(REST, (route) => {
    asked += 1;
    return isBroken ? route.abort() : route.continue();
  });
  const desk = await openDesk(context, origin());
  const { page } = desk;
  await page.waitForLoadState('networkidle');
  const early = asked;
  expect(early).toBeGreaterThan(0);
  await type(page);
  await press(page);
  await page.getByRole('alert').getByText('The rest of this page did not arrive.').waitFor();
  expect(asked).toBeGreaterThan(early);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('log-in-unfinished');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').getByText('The rest of this page did not arrive.').waitFor();
  await context.setOffline(false);
  isBroken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.message-link').first().waitFor();
  await expectNoFaults(desk);
  await context.close();
});

test('a page that came in clear over a network takes no password, and says where to go', async () => {
  const context = await browser.context();
  const desk = await openDesk(context, `http://relay.test:${scene.relay.ports.http}`);
  const { page } = desk;
  await page.getByRole('alert').getByText('This page is not encrypted.').waitFor();
  await type(page);
  await page.locator('input[name=password]').press('Enter');
  expect(await page.locator('.log-in-form button[type=submit]').isDisabled()).toBe(true);
  expect(await context.cookies()).toEqual([]);
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('log-in-in-clear');
  await context.close();
});

test('the log-in screen asks for nothing but itself; after the log-in the first lines are asked for at once', async () => {
  const context = await browser.context();
  const asked: string[] = [];
  const note = (request: Request): void => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/assets/') && pathname !== '/icon.svg') asked.push(`${request.method()} ${pathname}`);
  };
  context.on('request', note);
  const desk = await openDesk(context, origin());
  const { page } = desk;
  await type(page);
  await page.waitForLoadState('networkidle');
  expect(asked).toEqual(['GET /']);
  const mail = await held(context, '**/jmap/api');
  await press(page);
  const waiting = (method: string): number => mail.waiting.filter((route) => route.request().postData()?.includes(`["${method}"`)).length;
  // No answer has been given yet.
  await expect.poll(() => [waiting('Mailbox/get'), waiting('Email/query')]).toEqual([1, 1]);
  expect(asked.filter((one) => !one.includes('/jmap/'))).toEqual(['GET /', 'POST /api/session']);
  await mail.release();
  await page.locator('.message-link').first().waitFor();
  await expectNoFaults(desk);
  await context.close();
});

test('who is logged in sees no log-in screen, and is asked for none', async () => {
  const context = await browser.context();
  const desk = await openDesk(context, origin());
  await desk.logIn(alice, password);
  const { page } = desk;
  const session = await held(context, '**/.well-known/jmap');
  await page.reload({ waitUntil: 'commit' });
  await expect.poll(() => session.waiting.length).toBe(1);
  await page.getByRole('status').getByText('Loading').waitFor();
  expect(await page.locator('.log-in').count()).toBe(0);
  await session.release();
  await page.locator('.message-link').first().waitFor();
  await expectNoFaults(desk);
  await context.close();
});

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['desktop', {}],
  ['desktop-dark-de', { colorScheme: 'dark', locale: 'de-DE' }],
  ['phone-de', { ...PHONE, locale: 'de-DE' }],
  ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
];

test.each(LOOKS)('it looks the same on %s, and says what it is in the person’s language', async (name, options) => {
  const context = await browser.context(options);
  const desk: Desk = await openDesk(context, origin());
  const { page } = desk;
  const isGerman = options.locale === 'de-DE';
  await page.getByRole('heading', { name: isGerman ? 'Ihre E-Mails' : 'Your mail' }).waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe(isGerman ? 'de' : 'en');
  await page.waitForLoadState('networkidle');
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show(`log-in-${name}`);
  await expectNoFaults(desk);
  await context.close();
});
