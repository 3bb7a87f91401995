import { asId } from '@stopgap/core';
import { changeFlags, type Mailboxes } from '@stopgap/mailbox';
import { expect, test } from 'vitest';
import { TestServer } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { ALICE, TestSession } from './test-session.ts';

const LETTER = 'Subject: one\r\n\r\nHello world\r\n';

/** Just before the next write of a connection, when it has looked and not written yet. */
function beforeNextWrite(mailboxes: Mailboxes, job: Parameters<Mailboxes['write']>[1]): void {
  const write = mailboxes.write.bind(mailboxes);
  mailboxes.write = async (account, its) => {
    mailboxes.write = write;
    await write(account, job);
    return await write(account, its);
  };
}

test.each([
  ['', ['* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen))']],
  ['CONDSTORE', ['* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen) MODSEQ (6))', '* 2 FETCH (UID 2 MODSEQ (6))']],
])('a silent STORE tells of what another program changed in the same message at this moment (%s)', async (enabled, told) => {
  await using at = await TestSession.open();
  await using server = await TestServer.start({ openSession: (who) => openMailboxSession(who, at.deps) });
  await at.arrive([LETTER, LETTER]);
  const talk = await server.logIn('INBOX');
  if (enabled !== '') await talk.command(`ENABLE ${enabled}`);
  beforeNextWrite(at.mailboxes, (mail) => changeFlags(mail, [asId.message(1)], { add: ['$flagged'], remove: [] }, 'upstream'));
  expect(await talk.command(String.raw`STORE 1:2 +FLAGS.SILENT (\Seen)`)).toEqual([...told, 'OK Done']);
  expect(at.mailboxes.lastChange(ALICE)).toBe(6);
});

test('a mailbox that somebody has renamed can be deleted by who has it open, who then goes on', async () => {
  await using at = await TestSession.open();
  await using server = await TestServer.start({ openSession: (who) => openMailboxSession(who, at.deps) });
  await at.arrive([LETTER], { name: 'Old' });
  const talk = await server.logIn('Old');
  await at.session.rename('Old', 'New');
  await at.session.create('Old', undefined);
  expect(await talk.command('DELETE Old')).toEqual(['OK Deleted']);
  expect(await talk.command('UID SEARCH ALL')).toEqual(['* SEARCH 1', 'OK Done']);
  expect(await talk.command('DELETE New')).toEqual(['* OK [CLOSED] Closed', 'OK Deleted']);
  expect(await talk.command('NOOP')).toEqual(['OK Done']);
});
