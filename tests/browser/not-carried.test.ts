/* What the provider did not take of what was done here or sent, and what it has lost: all of it is told to whom the mailbox belongs. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { letterTo, startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { inEachLanguage } from './languages.ts';
import { fillInbox } from './letters.ts';

const LIMIT_MS = 180_000;
const MORE = 60;
const LOST = 50;
const REFUSED = { mode: 'reject', replies: { APPEND: '$tag NO [TOOBIG] Not of this size' }, times: 1 } as const;

let scene: MirrorScene;
let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({
    incoming: ['imap'],
    lab: { users: ['alice'], parts: ['dovecot', 'postfix'] },
    // What waits leaves when somebody says so.
    config: { retry: { first: '1h', longest: '1h' } },
  });
  await fillInbox(await scene.door('alice'), scene.lab.address('alice'), MORE);
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  desk = await openDesk(await browser.context({ reducedMotion: 'reduce' }), `http://127.0.0.1:${scene.relay.ports.http}`);
  await desk.logIn(scene.lab.address('alice'), scene.lab.password('alice'));
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

test('what the provider refuses is told once, with what, why and where it is now, and is found again', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await scene.lab.edge.set(['imaps'], REFUSED);
  await using here = await scene.desk('alice');
  await here.append('Drafts', letterTo('refused', { from: 'alice@provider.test', to: ['bob@x.test'] }), ['$draft']);
  const banner = page.locator('.banner', { hasText: '1 change could not be made at your provider.' });
  await banner.waitFor();
  await banner.getByRole('button').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Saving “about refused”').waitFor();
  await dialog.getByText(/Not of this size/).waitFor();
  await inEachLanguage(page, async (language) => {
    await dialog.getByText(language === 'en' ? 'Saving “about refused”' : '„about refused“ ablegen').waitFor();
    await desk.show(`not-carried-${language}`);
  });
  expect.soft(await desk.axe()).toEqual([]);
  await dialog.getByRole('link', { name: 'Recovered' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.message h1, .message h2', { hasText: 'about refused' }).first().waitFor();
  await banner.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  await page.getByRole('main').getByRole('button', { name: '1 change could not be made' }).click();
  await dialog.getByText('Saving “about refused”').waitFor();
  await page.keyboard.press('Escape');
  expect(await banner.count()).toBe(0);
});

test(
  'what is gone at the provider and kept here is told with its numbers, and no more when it was let go',
  { timeout: LIMIT_MS },
  async () => {
    const { page } = desk;
    const door = await scene.door('alice');
    await door.expunge(['INBOX'], [...Array(LOST).keys()]);
    const banner = page.locator('.banner', { hasText: `${LOST} messages are gone at your provider and kept here.` });
    await banner.waitFor();
    await banner.getByRole('button').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Inbox: ${LOST} of ${MORE + 7} messages, since `).waitFor();
    await dialog.getByText(/ask whoever runs this service/).waitFor();
    expect.soft(await desk.axe()).toEqual([]);
    await page.keyboard.press('Escape');
    for (const [width, name] of [
      [390, 'phone'],
      [320, 'small'],
    ] as const) {
      await page.setViewportSize({ width, height: 844 });
      await inEachLanguage(page, (language) => desk.show(`held-${name}-${language}`));
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1360, height: 860 });
    const { code } = await scene.relay.cli(['mirror', 'release', scene.lab.address('alice')]);
    expect(code).toBe(0);
    await banner.waitFor({ state: 'detached' });
  },
);

test('what comes of a try that somebody asks for is said', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  await scene.lab.edge.set('submission', { mode: 'reject', replies: { MAIL: '451 4.7.1 Come back later' }, times: 2 });
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('bob@outside.test');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Try me');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const item = page.locator('.outbox-item', { hasText: 'Try me' });
  await item.getByText('one try so far').waitFor();
  const told = page.locator('.toast');
  await item.getByRole('button', { name: 'Try now' }).click();
  await told.getByText('It is being tried now.').waitFor();
  await told.getByText(/^It could not leave yet, and is tried again by itself\..* Next try /).waitFor();
  await desk.show('tried');
  await item.getByRole('button', { name: 'Try now' }).click();
  await told.getByText('It has left.').waitFor();
});
