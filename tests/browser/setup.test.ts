/* A person who has just started a relay sets it up in the browser: from nothing to the inbox, and on to the settings of the mail program. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { openBackDoor, startLab, until, type Lab } from '../lab/index.ts';
import { letterTo, startRelay, type Relay } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { logInByImap, logInBySmtp } from './by-settings.ts';
import { expectFocus } from './reach.ts';
import { readQrCode } from './read-qr.ts';

/** Nobody answers there: what the DNS says of a domain that does not exist is not waited for. */
const NO_DNS = '127.0.0.1:9';
const PHONE = { viewport: { width: 390, height: 844 }, locale: 'de-DE' };

let lab: Lab;
let relay: Relay;
let browser: Browser;
/** On another machine, so to speak: by a name that is not of this one. */
let desk: Desk;
let code: string;
const desks: Desk[] = [];

beforeAll(async () => {
  buildClient();
  lab = await startLab({ users: ['alice'], parts: ['dovecot', 'postfix', 'roundcube'] });
  const door = await openBackDoor({ port: lab.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
  await door.append(['INBOX'], { bytes: letterTo('Welcome', { from: 'bob@outside.test', to: [lab.address('alice')] }) });
  await door.close();
  relay = await startRelay({
    config: { allowPrivateUpstreams: true, plaintextAuth: 'always', dns: { servers: [NO_DNS] } },
    env: { NODE_EXTRA_CA_CERTS: lab.caFile },
  });
  // The doors are open a moment before they are announced.
  await until(
    'the code is told',
    async () => {
      code = /asks for this code: ([a-z0-9-]+)/.exec(await relay.log())?.[1] ?? '';
      return code !== '';
    },
    30_000,
  );
  browser = await startChromium();
  desk = await open(await browser.context(), away());
}, 180_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await relay?.[Symbol.asyncDispose]();
  await lab?.stop();
});

afterEach(async () => {
  for (const one of desks) await expectNoFaults(one);
});

const here = (): string => `http://127.0.0.1:${relay.ports.http}`;
const away = (): string => `http://relay.test:${relay.ports.http}`;

async function open(context: Parameters<typeof openDesk>[0], origin: string): Promise<Desk> {
  const one = await openDesk(context, origin);
  desks.push(one);
  return one;
}

/** As they stand in a table of the page, by their names. */
async function settingsOf(page: Page, table: string): Promise<Readonly<Record<string, string>>> {
  const rows = await page.getByRole('table', { name: table }).getByRole('row').all();
  const settings = rows.map(async (row): Promise<[string, string]> => {
    const value = row.getByRole('cell').locator('span').first();
    return [(await row.getByRole('rowheader').textContent()) ?? '', (await value.textContent()) ?? ''];
  });
  return Object.fromEntries(await Promise.all(settings));
}

/** By the words of the page, in English. */
async function addWay(page: Page, direction: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const group = page.getByRole('group', { name: direction });
  await group.getByText('Add a way').click();
  for (const [label, value] of Object.entries(fields)) {
    const field = group.getByLabel(label, { exact: true });
    if (['Kind', 'Encryption'].includes(label)) await field.selectOption(value);
    else await field.fill(value);
  }
  await group.getByRole('button', { name: 'Add' }).click();
  await group.getByText('Add a way').click();
}

test('who comes from another machine needs the code of the terminal', async () => {
  const { page } = desk;
  await page.getByRole('heading', { name: 'The set-up code, please' }).waitFor();
  await expectFocus(page.getByRole('textbox', { name: 'Set-up code' }));
  expect.soft(await desk.axe()).toEqual([]);
  await page.getByRole('textbox', { name: 'Set-up code' }).fill('aaaaa-bbbbb-ccccc-ddddd');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('alert').getByText('This is not the code').waitFor();
  await expectFocus(page.getByRole('textbox', { name: 'Set-up code' }));
  await desk.show('setup-code');
  await page.getByRole('textbox', { name: 'Set-up code' }).fill(code);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Which mail account' }).waitFor();
  await page.getByRole('form', { name: 'Which mail account' }).waitFor();
  await expectFocus(page.getByLabel('Mail address'));
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('setup-provider');
});

test('on this machine nobody asks for it; on a phone, in German, it is the same', async () => {
  const phone = await open(await browser.context(PHONE), here());
  const { page } = phone;
  await page.getByRole('heading', { name: 'Welches E-Mail-Konto' }).waitFor();
  await page.getByLabel('E-Mail-Adresse').fill('erika@gmx.de');
  await page.getByRole('button', { name: 'Anbieter suchen' }).click();
  await page.getByRole('heading', { name: 'Wege zu gmx.de' }).waitFor();
  await expectFocus(page.getByRole('checkbox').first());
  await page.getByText('imap.gmx.net:993').waitFor();
  await page.getByText('müssen Mailprogramme erst erlaubt werden').waitFor();
  expect.soft(await phone.axe()).toEqual([]);
  await phone.show('setup-ways-phone-de');
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(PHONE.viewport.width);
  await page.getByRole('button', { name: 'Weiter' }).click();
  await expectFocus(page.getByLabel('Passwort'));
  // It comes from this very machine, so nobody is between.
  expect(await page.getByRole('note').count()).toBe(0);
  await page.close();
  desks.splice(desks.indexOf(phone), 1);
  await expectNoFaults(phone);
});

test('each way is asked as soon as it is known, and what came of it is shown', async () => {
  const { page } = desk;
  const { ports } = lab.edge;
  await page.getByLabel('Mail address').fill(lab.address('alice'));
  await page.getByRole('button', { name: 'Find the provider' }).click();
  await page.getByRole('heading', { name: `Ways to ${lab.domain}` }).waitFor();
  const webmail = { Kind: 'roundcube', 'Web address': `http://127.0.0.1:${ports.roundcube}/` };
  await addWay(page, 'Reading', { Kind: 'imap', Server: '127.0.0.1', Encryption: 'tls', Port: String(ports.imaps) });
  await addWay(page, 'Reading', webmail);
  await addWay(page, 'Sending', { Kind: 'smtp', Server: '127.0.0.1', Encryption: 'starttls', Port: String(ports.submission) });
  await addWay(page, 'Sending', webmail);
  await expect.poll(() => page.locator('.way-answer.is-good').count(), { timeout: 30_000 }).toBe(4);
  await expect.poll(() => page.locator('.way-answer .spinner').count(), { timeout: 30_000 }).toBe(0);
  // A guess that is wrong is not used.
  expect(await page.getByRole('checkbox', { name: 'IMAP imap.provider.test:993' }).isChecked()).toBe(false);
  expect(await page.getByRole('checkbox', { name: `IMAP 127.0.0.1:${ports.imaps}` }).isChecked()).toBe(true);
  expect.soft(await desk.axe()).toEqual([]);
  await page.evaluate('scrollTo(0, 0)');
  await desk.show('setup-ways');
  await page.getByRole('button', { name: 'Next' }).click();
});

test('a password that is wrong, or can not be checked now, changes nothing', async () => {
  const { page } = desk;
  const before = readFileSync(relay.configFile, 'utf8');
  await expectFocus(page.getByLabel('Password'));
  const warning = page.getByRole('note').filter({ hasText: 'This page came without encryption.' });
  await warning.getByText(`ssh -L 2080:localhost:${relay.ports.http} relay.test`).waitFor();
  expect(await page.getByLabel('Password').getAttribute('aria-describedby')).toBe(await warning.getAttribute('id'));
  await desk.show('setup-in-clear');
  await page.getByLabel('Password').fill('not this');
  expect(await page.getByLabel('Name or IP address of this machine').inputValue()).toBe('relay.test');
  await page.getByRole('button', { name: 'Check and finish' }).click();
  await page.getByText('Your provider refuses this password.').waitFor();
  await lab.edge.set('all', { mode: 'refuse' });
  await page.getByLabel('Password').fill(lab.password('alice'));
  await page.getByRole('button', { name: 'Check and finish' }).click();
  await page.getByText('No way could check the password now.').waitFor();
  await page.getByLabel('Keep the account, and check the password').waitFor();
  expect.soft(await desk.axe()).toEqual([]);
  await desk.show('setup-account');
  await lab.edge.set('all', { mode: 'pass' });
  expect(readFileSync(relay.configFile, 'utf8')).toBe(before);
  expect(await relay.json<unknown[]>(['account', 'list'])).toEqual([]);
});

test('then the relay goes on by itself, and shows what to write into mail programs', async () => {
  const { page } = desk;
  const { pid } = relay.process;
  await page.getByRole('button', { name: 'Check and finish' }).click();
  await page.getByRole('heading', { name: 'Stopgap is ready' }).waitFor();
  await expectFocus(page.getByRole('heading', { name: 'Stopgap is ready' }));
  const incoming = page.getByRole('table', { name: 'Incoming (IMAP)' });
  await incoming.getByRole('row', { name: `Port ${relay.ports.imaps}` }).waitFor();
  await incoming.getByRole('row', { name: 'Server relay.test' }).waitFor();
  await page.getByText('iPhone and iPad').click();
  const profile = await readQrCode(page.getByRole('img', { name: 'Scan it with the camera' }));
  expect(profile).toBe(`${away()}/apple.mobileconfig?email=${encodeURIComponent(lab.address('alice'))}`);
  expect.soft(await desk.axe()).toEqual([]);
  await page.evaluate('scrollTo(0, 0)');
  await desk.show('setup-ready');
  expect([relay.process.pid, relay.process.exitCode]).toEqual([pid, null]);
  expect(await relay.json(['account', 'list'])).toMatchObject([{ address: lab.address('alice'), state: 'active' }]);
});

test.each([
  ['Thunderbird', ['put in server, port and “Connection security”', 'Outgoing Server (SMTP)', '“Normal password”', '“Configure manually”']],
  ['Outlook', ['Classic Outlook: File, Account Settings', '“Require logon using SPA” stays off', '“My server requires authentication”']],
])('what %s has to be told stands there, to the letter', async (program, steps) => {
  const { page } = desk;
  await page.getByText(program, { exact: true }).click();
  for (const step of steps) await page.getByRole('listitem').filter({ hasText: step }).waitFor();
  const common = { Encryption: 'SSL/TLS', 'User name': lab.address('alice'), Password: 'as at your provider' };
  expect(await settingsOf(page, 'Incoming (IMAP)')).toEqual({ Server: 'relay.test', Port: String(relay.ports.imaps), ...common });
  expect(await settingsOf(page, 'Outgoing (SMTP)')).toEqual({ Server: 'relay.test', Port: String(relay.ports.submissions), ...common });
});

test('a mail program that is told just that is let in, for reading and for sending', async () => {
  const { page } = desk;
  const [incoming, outgoing] = [await settingsOf(page, 'Incoming (IMAP)'), await settingsOf(page, 'Outgoing (SMTP)')];
  expect(await logInByImap(incoming, lab.password('alice'))).toBe('OK');
  expect(await logInBySmtp(outgoing, lab.password('alice'))).toBe('235');
});

test('a phone that scans the code of the web address opens the web client', async () => {
  const { page } = desk;
  await page.getByText('In the browser', { exact: true }).click();
  const address = await readQrCode(page.getByRole('img', { name: 'Scan it with a phone' }));
  expect(address).toBe(`${away()}/`);
  const phone = await open(await browser.context({ ...PHONE, locale: 'en-GB' }), away());
  await phone.page.goto(address);
  await phone.page.getByRole('button', { name: 'Log in' }).waitFor();
  await phone.page.close();
});

test('and the inbox is there', async () => {
  const { page } = desk;
  await page.getByRole('link', { name: 'Open the mailbox' }).click();
  await page.locator('.message-link', { hasText: 'Welcome' }).waitFor();
});

test('what was there for setting up is gone, and mail programs are told', async () => {
  expect((await fetch(`${here()}/api/setup`, { headers: { 'x-stopgap-setup': code } })).status).toBe(404);
  const autoconfig = await fetch(`${here()}/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(lab.address('alice'))}`);
  expect(await autoconfig.text()).toContain(`<port>${relay.ports.imaps}</port>`);
});

test('the same settings are found later from the mailbox, on a phone too', async () => {
  const phone = await open(await browser.context(PHONE), here());
  const { page } = phone;
  await phone.logIn(lab.address('alice'), lab.password('alice'));
  await page.getByRole('button', { name: 'Einstellungen' }).click();
  await page.getByRole('button', { name: 'Mailprogramm einrichten' }).click();
  const dialog = page.getByRole('dialog', { name: 'Mailprogramm einrichten' });
  await dialog.getByRole('row', { name: 'Server relay.test' }).first().waitFor();
  await dialog.getByRole('button', { name: 'Kopieren: Postausgang (SMTP): Server' }).waitFor();
  await dialog.getByText('Android').click();
  expect.soft(await phone.axe()).toEqual([]);
  await phone.show('programs-phone-de');
});
