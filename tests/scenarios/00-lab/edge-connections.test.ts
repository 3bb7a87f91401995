import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startLab, until } from '../../lab/index.ts';
import type { DoorName, Lab } from '../../lab/index.ts';
import { call } from './dial.ts';
import { copiesOf, letter, sendAsAlice } from './letters.ts';

/** Long enough for a healthy server to have answered many times over. */
const QUIET_MS = 300;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix', 'roundcube'] });
});
afterEach(() => lab.edge.set('all', { mode: 'pass' }));
afterAll(() => lab?.stop());

const doors: readonly (readonly [DoorName, RegExp])[] = [
  ['imap', /^\* OK .*\r\n/],
  ['imaps', /^\* OK .*\r\n/],
  ['pop3', /^\+OK .*\r\n/],
  ['pop3s', /^\+OK .*\r\n/],
  ['smtp', /^220 .*\r\n/],
  ['submission', /^220 .*\r\n/],
  ['smtps', /^220 .*\r\n/],
];

describe.each(doors)('the %s door', (door, banner) => {
  const isTls = door.endsWith('s');
  const dial = (patienceMs?: number): ReturnType<typeof call> =>
    call(lab.edge.ports[door], { isTls, hangUpAt: banner, ...(patienceMs === undefined ? {} : { patienceMs }) });

  test('passes the banner in good weather', async () => {
    expect((await dial()).text).toMatch(banner);
  });

  test('refuses, resets, closes or swallows in bad weather, and heals', async () => {
    await lab.edge.set(door, { mode: 'refuse' });
    expect(await dial()).toEqual({ text: '', end: 'refused' });
    await lab.edge.set(door, { mode: 'reset' });
    expect(await dial()).toEqual({ text: '', end: 'reset' });
    await lab.edge.set(door, { mode: 'close' });
    expect((await dial()).text).toBe('');
    await lab.edge.set(door, { mode: 'blackhole' });
    expect(await dial(QUIET_MS)).toEqual({ text: '', end: 'open' });
    await lab.edge.set(door, { mode: 'pass' });
    expect((await dial()).text).toMatch(banner);
  });

  test('says that it is unavailable, once, and then passes again', async () => {
    await lab.edge.set(door, { mode: 'banner', times: 1 });
    expect(await dial()).toMatchObject({ text: expect.stringMatching(/^(421|\* BYE|-ERR) .*\r\n$/), end: 'closed' });
    expect((await dial()).text).toMatch(banner);
    expect(lab.edge.state(door).struck).toBe(1);
  });

  test('says nothing after the banner', async () => {
    await lab.edge.set(door, { mode: 'silent' });
    const heard = await call(lab.edge.ports[door], { isTls, send: 'a NOOP\r\nNOOP\r\nCAPA\r\n', patienceMs: QUIET_MS });
    expect(heard.end).toBe('open');
    expect(heard.text).toMatch(new RegExp(`${banner.source}$`));
  });
});

test('a change of the weather resets the connections that are open', async () => {
  const waiting = call(lab.edge.ports.imap);
  await until('it is connected', () => lab.edge.state('imap').open === 1);
  await lab.edge.set('imap', { mode: 'pass' });
  expect((await waiting).end).toBe('reset');
});

test('the mail doors fail together while the webmail stays up', async () => {
  await lab.edge.set('mail', { mode: 'refuse' });
  for (const [door] of doors) expect((await call(lab.edge.ports[door])).end).toBe('refused');
  const page = await fetch(`http://127.0.0.1:${lab.edge.ports.roundcube}/`);
  expect(page.status).toBe(200);
});

test('cut lets exactly so many bytes of the client through', async () => {
  const command = 'a LOGIN alice secret-alice\r\n';
  await lab.edge.set('imaps', { mode: 'cut', after: command.length, times: 1 });
  const cut = await call(lab.edge.ports.imaps, { isTls: true, send: `${command}b NOOP\r\n` });
  expect(cut.end).toBe('reset');
  const whole = await call(lab.edge.ports.imaps, { isTls: true, send: `${command}b NOOP\r\n`, hangUpAt: /^b OK/m });
  expect(whole.text).toMatch(/^b OK/m);
});

test('cutserver lets exactly so many bytes of the server through', async () => {
  await lab.edge.set('pop3', { mode: 'cutserver', after: 5, times: 1 });
  expect(await call(lab.edge.ports.pop3)).toEqual({ text: '+OK D', end: 'reset' });
  expect((await call(lab.edge.ports.pop3, { hangUpAt: /\n/ })).text).toMatch(/^\+OK Dovecot.*\r\n/);
});

test('a message cut in the middle of DATA is not delivered', async () => {
  const raw = letter('cut-in-data', 60_000);
  await lab.edge.set('smtps', { mode: 'cut', after: 30_000, times: 1 });
  const mail = { to: ['bob@provider.test'], raw };
  await expect(sendAsAlice(lab, 'smtps', mail)).rejects.toMatchObject({ code: undefined });
  await sendAsAlice(lab, 'smtps', mail);
  await until('the second one arrives', async () => copiesOf(raw, await lab.inbox('bob')).length > 0);
  expect(copiesOf(raw, await lab.inbox('bob'))).toHaveLength(1);
});

test('slow passes so many bytes in a second', async () => {
  await lab.edge.set('pop3', { mode: 'slow', bytesPerSecond: 40 });
  const startedAt = performance.now();
  const heard = await call(lab.edge.ports.pop3, { hangUpAt: /\n/ });
  expect(heard.text).toMatch(/^\+OK .*\r\n/);
  expect(performance.now() - startedAt).toBeGreaterThan((heard.text.length / 40) * 1000 * 0.6);
});

test('IMAP commands are rejected with the client’s tag, as often as said', async () => {
  await lab.edge.set('imap', { mode: 'reject', replies: { LOGIN: '$tag NO [UNAVAILABLE] Down for maintenance' }, times: 1 });
  const heard = await call(lab.edge.ports.imap, {
    send: 'a1 LOGIN alice secret-alice\r\na2 NOOP\r\na3 LOGIN alice secret-alice\r\na4 LOGOUT\r\n',
    hangUpAt: /^a4 /m,
  });
  expect(heard.text).toMatch(/^a1 NO \[UNAVAILABLE\] Down for maintenance\r$/m);
  expect(heard.text).toMatch(/^a2 OK/m);
  expect(heard.text).toMatch(/^a3 OK/m);
});

test('what stands in an IMAP literal is no command', async () => {
  await lab.edge.set('imap', { mode: 'reject', replies: { CREATE: '$tag NO No' } });
  const body = 'Subject: x\r\n\r\nb CREATE Made\r\n';
  const heard = await call(lab.edge.ports.imap, {
    send: `a LOGIN carol secret-carol\r\nb APPEND INBOX {${body.length}+}\r\n${body}\r\nc CREATE Made\r\nd LOGOUT\r\n`,
    hangUpAt: /^d /m,
  });
  expect(heard.text).toMatch(/^b OK/m);
  expect(heard.text).toMatch(/^c NO No\r$/m);
  expect(await lab.inbox('carol')).toEqual([Buffer.from(body)]);
});

test.each(['smtps', 'submission'] as const)('SMTP commands inside the TLS of %s are rejected', async (door) => {
  await lab.edge.set(door, { mode: 'reject', replies: { 'RCPT TO:<bob@provider.test>': '450 4.2.1 Busy' } });
  const raw = letter(`rejected-${door}`);
  await expect(sendAsAlice(lab, door, { to: ['bob@provider.test'], raw })).rejects.toMatchObject({ stage: 'RCPT', code: 450 });
  await sendAsAlice(lab, door, { to: ['carol@provider.test'], raw });
});

test('rejections keep their place among pipelined replies', async () => {
  await lab.edge.set('smtp', { mode: 'reject', replies: { 'RCPT TO:<bob': '450 4.2.1 Busy' } });
  const lines = ['EHLO x', 'MAIL FROM:<x@outside.test>', 'RCPT TO:<carol@provider.test>', 'RCPT TO:<bob@provider.test>', 'RSET', 'QUIT'];
  const heard = await call(lab.edge.ports.smtp, { send: `${lines.join('\r\n')}\r\n` });
  const codes = heard.text.match(/^\d{3} /gm)?.map(Number);
  expect(codes).toEqual([220, 250, 250, 250, 450, 250, 221]);
});
