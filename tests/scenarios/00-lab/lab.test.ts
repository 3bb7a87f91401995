import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOpen, sendMail, SmtpFailure, startLab, until } from '../../lab/index.ts';
import type { Lab } from '../../lab/index.ts';
import { groupMembers } from '../../lab/processes.ts';
import { call } from './dial.ts';
import { copiesOf, letter, sendAsAlice } from './letters.ts';

describe('the provider', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ parts: ['dovecot', 'postfix'] });
  });
  afterAll(() => lab?.stop());

  test('carries a message byte for byte to a local mailbox and to the outside world', async () => {
    const raw = letter('both-ways');
    await sendAsAlice(lab, 'submission', { to: ['bob@provider.test', 'xenia@outside.test', 'yuri@outside.test'], raw });
    await until('bob has it', async () => copiesOf(raw, await lab.inbox('bob')).length === 1);
    const departed = await until('it left', async () => (await lab.outside()).find((each) => copiesOf(raw, [each.raw]).length === 1));
    expect(departed.from).toBe('alice@provider.test');
    expect(departed.to).toEqual(['xenia@outside.test', 'yuri@outside.test']);
  });

  test('carries a message of 50 MB', async () => {
    const raw = letter('huge', 50_000_000);
    await sendAsAlice(lab, 'submission', { to: ['bob@provider.test'], raw });
    await until('bob has it', async () => copiesOf(raw, await lab.inbox('bob')).length === 1, 60_000);
  });

  test('takes mail from outside at its MX without a log-in, for its own users only', async () => {
    const raw = letter('from-outside');
    const mail = { port: lab.ports.smtp, caFile: lab.caFile, security: 'none', from: 'xenia@outside.test', raw } as const;
    await sendMail({ ...mail, to: ['carol@provider.test'] });
    await until('carol has it', async () => copiesOf(raw, await lab.inbox('carol')).length === 1);
    await expect(sendMail({ ...mail, to: ['yuri@outside.test'] })).rejects.toMatchObject({ stage: 'RCPT', code: 554 });
  });

  test.each([
    ['nobody@provider.test', 550, '5.1.1'],
    ['nosuchuser@outside.test', 550, '5.1.1'],
    ['later@outside.test', 451, '4.3.2'],
    ['greylisted@outside.test', 450, '4.2.0'],
  ])('refuses %s with %i %s', async (recipient, code, enhanced) => {
    await expect(sendAsAlice(lab, 'submission', { to: [recipient], raw: letter('refused') })).rejects.toMatchObject({
      stage: 'RCPT',
      code,
      message: expect.stringContaining(enhanced),
    });
  });

  test('refuses more recipients when told so', async () => {
    await lab.refuse({ 'moved@outside.test': '551 5.1.6 Moved away' });
    const mail = { to: ['moved@outside.test'], raw: letter('moved') };
    await expect(sendAsAlice(lab, 'submission', mail)).rejects.toMatchObject({ stage: 'RCPT', code: 551 });
  });

  test('knows a changed password at once', async () => {
    const attempt = (password: string): Promise<string> =>
      sendAsAlice(lab, 'submission', { to: ['bob@provider.test'], raw: letter('password'), password });
    await lab.setPassword('alice', 'other');
    await expect(attempt('secret-alice')).rejects.toMatchObject({ stage: 'AUTH', code: 535 });
    await lab.setPassword('alice', 'secret-alice');
    await expect(attempt('other')).rejects.toMatchObject({ stage: 'AUTH', code: 535 });
    await attempt(lab.password('alice'));
  });

  test('queues while Dovecot is stopped, and delivers when it is back', async () => {
    const raw = letter('queued');
    await lab.stop('dovecot');
    const mail = { port: lab.ports.smtp, caFile: lab.caFile, security: 'none', from: 'xenia@outside.test', raw } as const;
    await sendMail({ ...mail, to: ['carol@provider.test'] });
    // 454 at AUTH from an smtpd that knew Dovecot, no banner at all from a younger one.
    await expect(sendAsAlice(lab, 'submission', { to: ['bob@provider.test'], raw })).rejects.toBeInstanceOf(SmtpFailure);
    expect(copiesOf(raw, await lab.inbox('carol'))).toHaveLength(0);
    await lab.start('dovecot');
    await lab.flushQueue();
    await until('carol has it', async () => copiesOf(raw, await lab.inbox('carol')).length === 1);
  });

  test('hangs while a part is frozen', async () => {
    const banner = { patienceMs: 10_000, hangUpAt: /OK/ };
    lab.freeze('dovecot');
    expect(await call(lab.ports.imap, { ...banner, patienceMs: 300 })).toEqual({ text: '', end: 'open' });
    lab.thaw('dovecot');
    expect((await call(lab.ports.imap, banner)).text).toContain('* OK');
  });

  test('obeys Postfix settings made while it runs', async () => {
    await lab.postconf({ smtpd_end_of_data_restrictions: 'check_client_access static:{451 4.3.0 Not now}' });
    const mail = { to: ['bob@provider.test'], raw: letter('after-dot') };
    await expect(sendAsAlice(lab, 'submission', mail)).rejects.toMatchObject({ stage: 'dot', code: 451 });
    await lab.postconf({ smtpd_end_of_data_restrictions: '' });
    await sendAsAlice(lab, 'submission', mail);
  });
});

test('two labs run side by side, and stopping leaves neither process nor port nor directory', async () => {
  await using first = await startLab({ parts: ['dovecot'], users: ['dave'] });
  const second = await startLab({ users: ['erin'], domain: 'second.test' });
  expect(second.ports.imap).not.toBe(first.ports.imap);
  const groups = second.groups();
  expect(groups).toHaveLength(4);
  for (const group of groups) expect(groupMembers(group)).not.toHaveLength(0);
  await second.stop();
  for (const group of groups) expect(groupMembers(group)).toHaveLength(0);
  for (const port of [...Object.values(second.ports), ...Object.values(second.edge.ports)]) expect(await isOpen(port)).toBe(false);
  expect(existsSync(second.dir)).toBe(false);
  expect(await isOpen(first.ports.imap)).toBe(true);
});
